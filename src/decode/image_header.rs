//! Detects the media type and dimensions of an image from the first bytes of the file.
//!
//! Only the bytes count, never a declared type: servers label images incorrectly, and a page that trusts the label
//! saves a JPEG as `.png`.

#![deny(clippy::arithmetic_side_effects)]

/// Image properties that are available without decoding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Header {
    /// Media type, for example `image/png`.
    pub media_type: &'static str,
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
}

/// Reads the header of a PNG, JPEG, WebP or GIF from the start of the file. A JPEG can have hundreds of kilobytes of
/// metadata before its dimensions, so pass as many bytes as possible. Returns `None` for other formats, or if the
/// dimensions are beyond the given bytes.
#[must_use]
pub fn header(beginning: &[u8]) -> Option<Header> {
    let mut reader = HeaderReader::default();
    reader.read(beginning);
    reader.header()
}

/// Reads the header of a file that arrives in pieces. Each byte is read once.
#[derive(Debug, Default)]
pub struct HeaderReader {
    state: State,
    /// Incomplete data from the previous piece, shorter than [`ENOUGH_BYTES`].
    held: Vec<u8>,
}

#[derive(Debug, Default)]
enum State {
    /// The format is not known yet.
    #[default]
    Beginning,
    /// A JPEG, with the number of bytes before the next marker.
    Jpeg(u64),
    /// Finished; no more input is needed.
    Done(Option<Header>),
}

/// Bytes needed to detect a format and read its dimensions. For a JPEG, the bytes needed after a marker.
const ENOUGH_BYTES: usize = 32;

impl HeaderReader {
    /// Reads the next piece of the file.
    pub fn read(&mut self, bytes: &[u8]) {
        let mut bytes = bytes;
        if !self.held.is_empty() {
            let next = bytes.get(..ENOUGH_BYTES).unwrap_or(bytes);
            self.held.extend_from_slice(next);
            let joined = std::mem::take(&mut self.held);
            let rest = self.state.read(&joined);
            // If the rest is longer than `next`, the input is still too short.
            let Some(place) = next.len().checked_sub(rest.len()) else {
                self.held = rest.to_vec();
                return;
            };
            bytes = bytes.get(place..).unwrap_or_default();
        }
        self.held = self.state.read(bytes).to_vec();
    }

    /// Returns the header, if found.
    #[must_use]
    pub fn header(&self) -> Option<Header> {
        if let State::Done(header) = self.state { header } else { None }
    }
}

impl State {
    /// Reads the next bytes and returns the incomplete rest.
    fn read<'bytes>(&mut self, bytes: &'bytes [u8]) -> &'bytes [u8] {
        let mut bytes = bytes;
        loop {
            match self {
                Self::Beginning => {
                    *self = match png(bytes).or_else(|| webp(bytes)).or_else(|| gif(bytes)) {
                        None if bytes.starts_with(b"\xFF\xD8") => Self::Jpeg(2),
                        None if bytes.len() < ENOUGH_BYTES => return bytes,
                        known => Self::Done(known),
                    }
                }
                Self::Jpeg(skip) => {
                    let place = usize::try_from(*skip).unwrap_or(usize::MAX).min(bytes.len());
                    bytes = bytes.get(place..).unwrap_or_default();
                    *skip = skip.saturating_sub(place as u64);
                    if bytes.is_empty() {
                        return bytes;
                    }
                    match Marker::read(bytes) {
                        Marker::Cut => return bytes,
                        Marker::Other(length) => *skip = length,
                        Marker::Frame(header) => *self = Self::Done(Some(header)),
                        Marker::None => *self = Self::Done(None),
                    }
                }
                Self::Done(_) => return &[],
            }
        }
    }
}

/// Reads a PNG header. The `IHDR` chunk comes first ([PNG, section 11.2.1](https://www.w3.org/TR/png-3/#11IHDR)).
fn png(bytes: &[u8]) -> Option<Header> {
    let rest = bytes.strip_prefix(b"\x89PNG\r\n\x1A\n")?.get(4..)?.strip_prefix(b"IHDR")?;
    Some(Header { media_type: "image/png", width: big_endian(rest.get(..4)?), height: big_endian(rest.get(4..8)?) })
}

/// Returns `true` if a PNG has an alpha channel, according to its [color type](https://www.w3.org/TR/png-3/#11IHDR) or
/// a `tRNS` chunk before the pixel data. Returns `false` for other formats.
#[must_use]
pub fn png_has_alpha(beginning: &[u8]) -> bool {
    const COLOR_TYPE: usize = 25;
    const FIRST_CHUNK: usize = 8;
    let has_channel = matches!(beginning.get(COLOR_TYPE), Some(4 | 6));
    png(beginning).is_some()
        && (has_channel || png_has_chunk(beginning.get(FIRST_CHUNK..).unwrap_or_default(), b"tRNS"))
}

/// Returns `true` if the chunk occurs before the pixel data. A chunk consists of its length, name, data, and checksum.
fn png_has_chunk(chunks: &[u8], wanted: &[u8]) -> bool {
    let mut rest = chunks;
    while let Some((name, length)) = rest.get(4..8).zip(rest.get(..4).map(big_endian)) {
        if name == wanted {
            return true;
        }
        let next = usize::try_from(length).unwrap_or(usize::MAX).saturating_add(12);
        match rest.get(next..) {
            Some(chunk) if name != b"IDAT" => rest = chunk,
            _ => return false,
        }
    }
    false
}

/// Result of reading a marker as defined by ITU T.81.
enum Marker {
    /// Truncated; more bytes are needed.
    Cut,
    /// A marker without dimensions, with its length including the segment, in bytes.
    Other(u64),
    /// The first start-of-frame marker, which contains the dimensions.
    Frame(Header),
    /// Not a marker.
    None,
}

impl Marker {
    fn read(bytes: &[u8]) -> Self {
        match bytes {
            // A fill byte before a marker.
            [0xFF, 0xFF, ..] => Self::Other(1),
            // Markers without a segment.
            [0xFF, 0x01 | 0xD0..=0xD7, ..] => Self::Other(2),
            // Start of frame. C4, C8 and CC have other meanings.
            [0xFF, 0xC0..=0xC3 | 0xC5..=0xC7 | 0xC9..=0xCB | 0xCD..=0xCF, segment @ ..] => match segment {
                [_, _, _, height_0, height_1, width_0, width_1, ..] => Self::Frame(Header {
                    media_type: "image/jpeg",
                    height: big_endian(&[*height_0, *height_1]),
                    width: big_endian(&[*width_0, *width_1]),
                }),
                _ => Self::Cut,
            },
            [0xFF, _, length_0, length_1, ..] => {
                Self::Other(u64::from(big_endian(&[*length_0, *length_1])).saturating_add(2))
            }
            [0xFF, ..] => Self::Cut,
            _ => Self::None,
        }
    }
}

/// Reads any of the three forms of the [WebP container](https://developers.google.com/speed/webp/docs/riff_container).
fn webp(bytes: &[u8]) -> Option<Header> {
    let chunk = bytes.strip_prefix(b"RIFF")?.get(4..)?.strip_prefix(b"WEBP")?;
    let data = chunk.get(8..)?;
    let one_more = |number: u32| number.saturating_add(1);
    let (width, height) = match chunk.get(..4)? {
        b"VP8 " => {
            let frame = data.get(3..)?.strip_prefix(b"\x9D\x01\x2A")?;
            (little_endian(frame.get(..2)?) & 0x3FFF, little_endian(frame.get(2..4)?) & 0x3FFF)
        }
        b"VP8L" => {
            let bits = little_endian(data.strip_prefix(b"\x2F")?.get(..4)?);
            (one_more(bits & 0x3FFF), one_more((bits >> 14) & 0x3FFF))
        }
        b"VP8X" => (one_more(little_endian(data.get(4..7)?)), one_more(little_endian(data.get(7..10)?))),
        _ => return None,
    };
    Some(Header { media_type: "image/webp", width, height })
}

fn gif(bytes: &[u8]) -> Option<Header> {
    let screen = bytes.strip_prefix(b"GIF87a").or_else(|| bytes.strip_prefix(b"GIF89a"))?;
    Some(Header {
        media_type: "image/gif",
        width: little_endian(screen.get(..2)?),
        height: little_endian(screen.get(2..4)?),
    })
}

/// Converts at most four big-endian bytes.
fn big_endian(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0, |number, byte| (number << 8) | u32::from(*byte))
}

/// Converts at most four little-endian bytes.
fn little_endian(bytes: &[u8]) -> u32 {
    bytes.iter().rev().fold(0, |number, byte| (number << 8) | u32::from(*byte))
}
