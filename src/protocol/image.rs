//! What the first bytes of a file say about a picture: its media type and its size.
//!
//! The bytes decide, never a field beside them: servers label pictures wrongly, and a page that saves a JPEG as `.png`
//! has believed one of them.

#![deny(clippy::arithmetic_side_effects)]

/// What is known of a picture without decoding it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Header {
    /// For example `image/png`.
    pub media_type: &'static str,
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
}

/// Reads the header of a PNG, JPEG, WebP or GIF from the beginning of the file. A JPEG may carry metadata of some hundred
/// kilobytes before its size, so more is better. `None` for anything else, and where the size lies behind what was given.
#[must_use]
pub fn header(beginning: &[u8]) -> Option<Header> {
    png(beginning).or_else(|| jpeg(beginning)).or_else(|| webp(beginning)).or_else(|| gif(beginning))
}

/// [PNG, section 11.2.1](https://www.w3.org/TR/png-3/#11IHDR): the chunk `IHDR` comes first.
fn png(bytes: &[u8]) -> Option<Header> {
    let rest = bytes.strip_prefix(b"\x89PNG\r\n\x1A\n")?.get(4..)?.strip_prefix(b"IHDR")?;
    Some(Header { media_type: "image/png", width: big_endian(rest.get(..4)?), height: big_endian(rest.get(4..8)?) })
}

/// Whether a PNG has an alpha channel: by its [colour type](https://www.w3.org/TR/png-3/#11IHDR), or by a chunk `tRNS`, which
/// stands before the pixels. `false` for anything else.
#[must_use]
pub fn png_has_alpha(beginning: &[u8]) -> bool {
    const COLOUR_TYPE: usize = 25;
    const FIRST_CHUNK: usize = 8;
    let has_channel = matches!(beginning.get(COLOUR_TYPE), Some(4 | 6));
    png(beginning).is_some()
        && (has_channel || png_has_chunk(beginning.get(FIRST_CHUNK..).unwrap_or_default(), b"tRNS"))
}

/// Whether a chunk stands before the pixels. Each is a length, a name, so many bytes, and a checksum.
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

/// ITU T.81: segments up to the first start of frame, which holds the size.
fn jpeg(bytes: &[u8]) -> Option<Header> {
    let mut rest = bytes.strip_prefix(b"\xFF\xD8")?;
    loop {
        rest = rest.strip_prefix(b"\xFF")?;
        let (marker, segment) = rest.split_first()?;
        match marker {
            // Fill bytes before a marker.
            0xFF => {}
            // Markers without a segment.
            0x01 | 0xD0..=0xD7 => rest = segment,
            // Start of frame; C4, C8 and CC mean other things.
            0xC0..=0xCF if !matches!(marker, 0xC4 | 0xC8 | 0xCC) => {
                return Some(Header {
                    media_type: "image/jpeg",
                    height: big_endian(segment.get(3..5)?),
                    width: big_endian(segment.get(5..7)?),
                });
            }
            _ => rest = segment.get(usize::try_from(big_endian(segment.get(..2)?)).ok()?..)?,
        }
    }
}

/// [The WebP container](https://developers.google.com/speed/webp/docs/riff_container) in its three forms.
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

/// Of at most four bytes.
fn big_endian(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0, |number, byte| (number << 8) | u32::from(*byte))
}

/// Of at most four bytes.
fn little_endian(bytes: &[u8]) -> u32 {
    bytes.iter().rev().fold(0, |number, byte| (number << 8) | u32::from(*byte))
}
