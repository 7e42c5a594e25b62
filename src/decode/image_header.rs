//! Detects the media type, the displayed size and other properties of an image from the bytes of the file.
//!
//! Only the bytes count, never a declared type: servers label images incorrectly, and a page that trusts the label
//! saves a JPEG as `.png`. Orientation follows Chromium: the first Exif segment of a JPEG before its scan, and the
//! first `eXIf` chunk of a PNG before its pixel data. Chromium ignores the Exif data of a WebP.

#![deny(clippy::arithmetic_side_effects)]

/// Image properties that are available without decoding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Header {
    /// Media type, for example `image/png`.
    pub media_type: &'static str,
    /// Displayed width in pixels.
    pub width: u32,
    /// Displayed height in pixels.
    pub height: u32,
}

/// Pixel formats that an image service may refuse.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum PixelFormat {
    /// RGB, RGBA or grayscale with 8 bits.
    #[default]
    Common,
    /// Four inks instead of RGB.
    Cmyk,
    /// Indexes of a palette.
    Palette,
    /// 16 bits per channel.
    Deep,
}

/// Properties of the pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Traits {
    /// Exif orientation from 1 (not rotated) to 8.
    pub orientation: u8,
    /// True if the file declares an alpha channel or a transparent color.
    pub has_alpha: bool,
    /// True if the image has more than one frame.
    pub is_animated: bool,
    /// The pixel format.
    pub pixel_format: PixelFormat,
}

impl Default for Traits {
    fn default() -> Self {
        Self { orientation: 1, has_alpha: false, is_animated: false, pixel_format: PixelFormat::Common }
    }
}

/// Reads the header of a PNG, JPEG, WebP or GIF from the start of the file. A JPEG can have megabytes of metadata before
/// its dimensions, so pass as many bytes as possible. Returns `None` for other formats, or if the dimensions are beyond
/// the given bytes.
#[must_use]
pub fn header(beginning: &[u8]) -> Option<Header> {
    let mut reader = HeaderReader::default();
    reader.read(beginning);
    reader.header()
}

/// Reads the header of a file that arrives in pieces. Each byte is read at most once.
#[derive(Debug)]
pub struct HeaderReader {
    state: State,
    /// Number of bytes before the next part of interest.
    skip: u64,
    /// Length of that part.
    need: usize,
    /// The beginning of that part, from previous pieces.
    held: Vec<u8>,
    media_type: Option<&'static str>,
    /// Width and height before rotation.
    size: Option<(u32, u32)>,
    traits: Traits,
    /// True after the first Exif data, which counts.
    has_exif: bool,
    /// True after the first frame of a GIF.
    has_frame: bool,
}

/// Bytes needed to tell a JPEG from the other formats.
const JPEG_SIGNATURE: &[u8] = b"\xFF\xD8\xFF";
/// Bytes needed to detect the other formats.
const SIGNATURE_BYTES: usize = 12;
/// Maximum length of an `eXIf` chunk that is read. A JPEG segment has at most 64 KiB.
const MAX_EXIF_BYTES: u32 = 1 << 16;

impl Default for HeaderReader {
    fn default() -> Self {
        Self {
            state: State::Signature,
            skip: 0,
            need: JPEG_SIGNATURE.len(),
            held: Vec::new(),
            media_type: None,
            size: None,
            traits: Traits::default(),
            has_exif: false,
            has_frame: false,
        }
    }
}

/// The part of the file that the reader reads next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Signature,
    /// A byte between segments of a JPEG. True after `FF`.
    Jpeg(bool),
    /// The length of a JPEG segment with this marker.
    JpegLength(u8),
    /// A start-of-frame segment, and its remaining length.
    JpegFrame(u64),
    /// The identifier of an APP1 segment, and its remaining length.
    JpegApp1(u64),
    /// TIFF data of an Exif segment.
    JpegExif,
    /// The length and name of a PNG chunk.
    PngChunk,
    PngHeader,
    PngExif,
    /// The first chunk of a WebP.
    Webp,
    /// The rest of the header of a BMP.
    Bmp,
    /// The size and name of a box of an AVIF or HEIC.
    IsoBox,
    /// The dimensions of an item of an AVIF or HEIC, and the remaining length of their box.
    IsoSize(u64),
    /// The type of a GIF block.
    GifBlock,
    /// The label of a GIF extension.
    GifExtension,
    GifControl,
    GifFrame,
    /// The length of a sub-block of a GIF.
    GifSubBlock,
    Done,
}

/// The next part to read.
struct Next {
    state: State,
    skip: u64,
    need: usize,
}

impl Next {
    const DONE: Self = Self::at(State::Done, 0, 0);

    const fn at(state: State, skip: u64, need: usize) -> Self {
        Self { state, skip, need }
    }
}

/// The part after a JPEG segment or between segments.
const fn jpeg_marker(skip: u64) -> Next {
    Next::at(State::Jpeg(false), skip, 1)
}

const fn png_chunk(skip: u64) -> Next {
    Next::at(State::PngChunk, skip, 8)
}

const fn iso_box(skip: u64) -> Next {
    Next::at(State::IsoBox, skip, 8)
}

const fn gif_block(skip: u64) -> Next {
    Next::at(State::GifBlock, skip, 1)
}

const fn gif_sub_block(skip: u64) -> Next {
    Next::at(State::GifSubBlock, skip, 1)
}

impl HeaderReader {
    /// Reads the next piece of the file.
    pub fn read(&mut self, piece: &[u8]) {
        let mut rest = piece;
        while self.state != State::Done {
            let skipped = usize::try_from(self.skip).unwrap_or(usize::MAX).min(rest.len());
            rest = rest.get(skipped..).unwrap_or_default();
            self.skip = self.skip.saturating_sub(skipped as u64);
            let missing = self.need.saturating_sub(self.held.len());
            let (taken, after) = rest.split_at_checked(missing).unwrap_or((rest, &[]));
            self.held.extend_from_slice(taken);
            rest = after;
            if self.skip > 0 || self.held.len() < self.need {
                return;
            }
            let mut held = std::mem::take(&mut self.held);
            // Otherwise more bytes of the same part are needed.
            if let Some(Next { state, skip, need }) = self.step(&held) {
                (self.state, self.skip, self.need) = (state, skip, need);
                held.clear();
            }
            self.held = held;
        }
    }

    /// Returns the number of bytes at the start of the next piece that are not needed. They may be omitted after a call
    /// of [`Self::pass`].
    #[must_use]
    pub fn skippable(&self) -> u64 {
        if self.state == State::Done { 0 } else { self.skip }
    }

    /// Omits the bytes of [`Self::skippable`].
    pub fn pass(&mut self) {
        self.skip = 0;
    }

    /// Returns true if no more input is needed.
    #[must_use]
    pub fn is_done(&self) -> bool {
        self.state == State::Done
    }

    /// Returns the format, if it is a PNG, JPEG, WebP or GIF.
    #[must_use]
    pub fn media_type(&self) -> Option<&'static str> {
        self.media_type
    }

    /// Returns the header, as far as the file has been read: the orientation can follow the dimensions.
    #[must_use]
    pub fn header(&self) -> Option<Header> {
        let (width, height) = self.size?;
        let (width, height) = if self.traits.orientation > 4 { (height, width) } else { (width, height) };
        Some(Header { media_type: self.media_type?, width, height })
    }

    /// Returns the properties of the pixels, as far as the file has been read.
    #[must_use]
    pub fn traits(&self) -> Traits {
        self.traits
    }

    /// Returns the dimensions before rotation. Unlike the header, they are also known for BMP, and as an upper bound
    /// for AVIF and HEIC.
    #[must_use]
    pub fn coded_size(&self) -> Option<(u32, u32)> {
        self.size
    }

    /// Reads a part of the file. Returns `None` after an increase of `need`.
    fn step(&mut self, part: &[u8]) -> Option<Next> {
        Some(match self.state {
            State::Signature => return self.signature(part),
            State::Webp => return self.webp(part),
            State::Jpeg(_) | State::JpegLength(_) | State::JpegFrame(_) | State::JpegApp1(_) | State::JpegExif => {
                self.jpeg(part)
            }
            State::PngChunk | State::PngHeader | State::PngExif => self.png(part),
            State::IsoBox | State::IsoSize(_) => self.iso(part),
            State::Bmp => {
                self.size = bmp_size(part);
                Next::DONE
            }
            _ => self.gif(part),
        })
    }

    fn signature(&mut self, part: &[u8]) -> Option<Next> {
        if part.starts_with(JPEG_SIGNATURE) {
            self.media_type = Some("image/jpeg");
            return Some(Next::at(State::Jpeg(true), 0, 1));
        }
        if part.len() < SIGNATURE_BYTES {
            self.need = SIGNATURE_BYTES;
            return None;
        }
        Some(match part {
            // The length of the first chunk is not checked, as in Chromium.
            [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1A, b'\n', ..] => Next::at(State::PngHeader, 0, 17),
            [b'R', b'I', b'F', b'F', .., b'W', b'E', b'B', b'P'] => Next::at(State::Webp, 0, 13),
            [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', width_0, width_1, height_0, height_1, flags, _] => {
                self.media_type = Some("image/gif");
                self.size = Some((little_endian(&[*width_0, *width_1]), little_endian(&[*height_0, *height_1])));
                gif_block(color_table_bytes(*flags).saturating_add(1))
            }
            [b'B', b'M', ..] => Next::at(State::Bmp, 0, 14),
            [size @ .., b'f', b't', b'y', b'p', _, _, _, _] => {
                iso_box(u64::from(big_endian(size)).saturating_sub(SIGNATURE_BYTES as u64))
            }
            _ => Next::DONE,
        })
    }

    /// Reads a part of a JPEG (ITU T.81, annex B) as libjpeg does.
    fn jpeg(&mut self, part: &[u8]) -> Next {
        match (self.state, part) {
            (State::Jpeg(_), [0xFF]) => Next::at(State::Jpeg(true), 0, 1),
            // Start of scan and end of image.
            (State::Jpeg(true), [0xDA | 0xD9]) => Next::DONE,
            // Bytes between segments, which some encoders leave, and markers without a segment.
            (State::Jpeg(false), _) | (State::Jpeg(true), [0x00 | 0x01 | 0xD0..=0xD8]) => jpeg_marker(0),
            (State::Jpeg(true), [marker]) => Next::at(State::JpegLength(*marker), 0, 2),
            (State::JpegLength(marker), length) => {
                let length = u64::from(big_endian(length)).saturating_sub(2);
                match marker {
                    // Start of frame. C4, C8 and CC have other meanings. The first frame counts.
                    0xC0..=0xC3 | 0xC5..=0xC7 | 0xC9..=0xCB | 0xCD..=0xCF if length >= 6 && self.size.is_none() => {
                        Next::at(State::JpegFrame(length.saturating_sub(6)), 0, 6)
                    }
                    0xE1 if length >= 6 && !self.has_exif => Next::at(State::JpegApp1(length.saturating_sub(6)), 0, 6),
                    _ => jpeg_marker(length),
                }
            }
            (State::JpegFrame(rest), [_, height_0, height_1, width_0, width_1, components]) => {
                self.size = Some((big_endian(&[*width_0, *width_1]), big_endian(&[*height_0, *height_1])));
                if *components == 4 {
                    self.traits.pixel_format = PixelFormat::Cmyk;
                }
                jpeg_marker(rest)
            }
            // The byte after the zero is padding.
            (State::JpegApp1(rest), [b'E', b'x', b'i', b'f', 0, _]) => {
                Next::at(State::JpegExif, 0, usize::try_from(rest).unwrap_or_default())
            }
            (State::JpegApp1(rest), _) => jpeg_marker(rest),
            _ => {
                self.exif(part);
                jpeg_marker(0)
            }
        }
    }

    /// Reads a part of a PNG. The `IHDR` chunk comes first ([PNG, section 11.2.1](https://www.w3.org/TR/png-3/#11IHDR)).
    fn png(&mut self, part: &[u8]) -> Next {
        const CHECKSUM_BYTES: u64 = 4;
        match (self.state, part) {
            (State::PngHeader, [b'I', b'H', b'D', b'R', size @ .., depth, color_type, _, _, _]) => {
                self.media_type = Some("image/png");
                self.size = size.split_at_checked(4).map(|(width, height)| (big_endian(width), big_endian(height)));
                self.traits.has_alpha = matches!(color_type, 4 | 6);
                self.traits.pixel_format = match (depth, color_type) {
                    (_, 3) => PixelFormat::Palette,
                    (16, _) => PixelFormat::Deep,
                    _ => PixelFormat::Common,
                };
                png_chunk(CHECKSUM_BYTES)
            }
            (State::PngChunk, [length @ .., name_0, name_1, name_2, name_3]) => {
                let length = big_endian(length);
                let rest = u64::from(length).saturating_add(CHECKSUM_BYTES);
                match &[*name_0, *name_1, *name_2, *name_3] {
                    b"IDAT" | b"IEND" => return Next::DONE,
                    b"tRNS" => self.traits.has_alpha = true,
                    b"acTL" => self.traits.is_animated = true,
                    b"eXIf" if length <= MAX_EXIF_BYTES && !self.has_exif => {
                        return Next::at(State::PngExif, 0, usize::try_from(length).unwrap_or_default());
                    }
                    _ => {}
                }
                png_chunk(rest)
            }
            (State::PngExif, tiff) => {
                self.exif(tiff);
                png_chunk(CHECKSUM_BYTES)
            }
            _ => Next::DONE,
        }
    }

    /// Reads any of the three forms of the [WebP container](https://developers.google.com/speed/webp/docs/riff_container).
    fn webp(&mut self, chunk: &[u8]) -> Option<Next> {
        let (name, data) = (chunk.get(..4)?, chunk.get(8..)?);
        let one_more = |number: u32| number.saturating_add(1);
        let size = match (name, data) {
            (b"VP8L", [0x2F, bits @ ..]) => {
                let bits = little_endian(bits);
                self.traits.has_alpha = bits & 1 << 28 != 0;
                Some((one_more(bits & 0x3FFF), one_more((bits >> 14) & 0x3FFF)))
            }
            (b"VP8 " | b"VP8X", data) if data.len() < 10 => {
                self.need = 18;
                return None;
            }
            (b"VP8 ", [_, _, _, 0x9D, 0x01, 0x2A, width_0, width_1, height_0, height_1]) => {
                let pixels = |low: &u8, high: &u8| little_endian(&[*low, *high]) & 0x3FFF;
                Some((pixels(width_0, width_1), pixels(height_0, height_1)))
            }
            (b"VP8X", [flags, _, _, _, size @ ..]) => {
                self.traits.has_alpha = flags & 0x10 != 0;
                self.traits.is_animated = flags & 0x02 != 0;
                size.split_at_checked(3)
                    .map(|(width, height)| (one_more(little_endian(width)), one_more(little_endian(height))))
            }
            _ => None,
        };
        self.media_type = size.map(|_| "image/webp");
        self.size = size;
        Some(Next::DONE)
    }

    /// Reads a part of a GIF until its second frame.
    fn gif(&mut self, part: &[u8]) -> Next {
        match (self.state, part) {
            (State::GifBlock, [0x21]) => Next::at(State::GifExtension, 0, 1),
            (State::GifBlock, [0x2C]) if !self.has_frame => Next::at(State::GifFrame, 0, 9),
            (State::GifBlock, [0x2C]) => {
                self.traits.is_animated = true;
                Next::DONE
            }
            (State::GifExtension, [0xF9]) => Next::at(State::GifControl, 0, 2),
            (State::GifExtension, _) => gif_sub_block(0),
            (State::GifControl, [length, flags]) => {
                self.traits.has_alpha |= flags & 1 != 0;
                gif_sub_block(u64::from(*length).saturating_sub(1))
            }
            (State::GifFrame, [.., flags]) => {
                self.has_frame = true;
                gif_sub_block(color_table_bytes(*flags).saturating_add(1))
            }
            (State::GifSubBlock, [0]) => gif_block(0),
            (State::GifSubBlock, [length]) => gif_sub_block(u64::from(*length)),
            _ => Next::DONE,
        }
    }

    /// Reads a part of an AVIF or HEIC ([ISO/IEC 14496-12](https://www.iso.org/standard/83102.html)). The dimensions of
    /// the largest item are an upper bound.
    fn iso(&mut self, part: &[u8]) -> Next {
        if let State::IsoSize(rest) = self.state {
            let size = part.get(4..8).zip(part.get(8..)).map(|(width, height)| (big_endian(width), big_endian(height)));
            let area = |(width, height): &(u32, u32)| u64::from(*width).saturating_mul(u64::from(*height));
            self.size = self.size.into_iter().chain(size).max_by_key(area);
            return iso_box(rest);
        }
        let (length, name) = part.split_at_checked(4).unwrap_or_default();
        let rest = u64::from(big_endian(length)).saturating_sub(8);
        match name {
            // Boxes that contain boxes. `meta` starts with a version.
            b"meta" => iso_box(4),
            b"iprp" | b"ipco" => iso_box(0),
            b"ispe" => Next::at(State::IsoSize(rest.saturating_sub(12)), 0, 12),
            // A box up to the end of the file, or of more than 4 GB.
            _ if rest == 0 => Next::DONE,
            _ => iso_box(rest),
        }
    }

    /// Reads the orientation from TIFF data. The first data counts, even if it has no orientation.
    fn exif(&mut self, tiff: &[u8]) {
        self.has_exif = true;
        self.traits.orientation = orientation(tiff).unwrap_or(1);
    }
}

/// Reads the orientation of the first directory of TIFF data: tag 274, one `SHORT`.
fn orientation(tiff: &[u8]) -> Option<u8> {
    const ENTRY_BYTES: usize = 12;
    let number: fn(&[u8]) -> u32 = match tiff.get(..4)? {
        b"II*\0" => little_endian,
        b"MM\0*" => big_endian,
        _ => return None,
    };
    let directory = tiff.get(usize::try_from(number(tiff.get(4..8)?)).ok()?..)?;
    let count = usize::try_from(number(directory.get(..2)?)).ok()?;
    let mut entries = directory.get(2..)?.chunks_exact(ENTRY_BYTES).take(count);
    let value = entries.find_map(|entry| {
        let (tag, kind, length) = (entry.get(..2)?, entry.get(2..4)?, entry.get(4..8)?);
        ((number(tag), number(kind), number(length)) == (274, 3, 1)).then_some(number(entry.get(8..10)?))
    })?;
    u8::try_from(value).ok().filter(|value| (1..=8).contains(value))
}

/// Reads the dimensions of a BMP from its bytes 12 to 25. The height is negative if the rows go from top to bottom.
fn bmp_size(part: &[u8]) -> Option<(u32, u32)> {
    let sides = part.get(6..)?;
    if part.get(2..6) == Some(&[12, 0, 0, 0]) {
        return Some((little_endian(sides.get(..2)?), little_endian(sides.get(2..4)?)));
    }
    Some((little_endian(sides.get(..4)?), little_endian(sides.get(4..8)?).cast_signed().unsigned_abs()))
}

/// Returns the length of the color table of a GIF.
fn color_table_bytes(flags: u8) -> u64 {
    if flags & 0x80 == 0 { 0 } else { 6 << (flags & 7) }
}

/// Converts at most four big-endian bytes.
fn big_endian(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0, |number, byte| (number << 8) | u32::from(*byte))
}

/// Converts at most four little-endian bytes.
fn little_endian(bytes: &[u8]) -> u32 {
    bytes.iter().rev().fold(0, |number, byte| (number << 8) | u32::from(*byte))
}
