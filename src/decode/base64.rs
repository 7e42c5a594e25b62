//! Incremental base64 decoder ([RFC 4648, section 4]).
//!
//! Strict: only the standard alphabet, canonical padding, no whitespace, and no discarded bits in the last quad. Any
//! violation is an error. In WebAssembly, whole blocks are decoded with SIMD instructions, following Wojciech Muła's
//! [method]. Everything else uses the `base64` crate.
//!
//! [RFC 4648, section 4]: https://www.rfc-editor.org/rfc/rfc4648#section-4
//! [method]: http://0x80.pl/notesen/2016-01-17-sse-base64-decoding.html

#![deny(clippy::arithmetic_side_effects)]

#[cfg(target_feature = "simd128")]
mod simd128;

use base64::Engine;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

/// Engine for everything before the last quad, where `=` is an error.
const INNER: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::RequireNone),
);
/// Engine for the last quad, which may be padded.
const LAST: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, GeneralPurposeConfig::new());
const QUAD: usize = 4;
/// Number of characters decoded per step: whole quads, and few enough for a stack buffer.
const PART_CHARACTERS: usize = 4096;

/// The input is not valid base64, or ends within a quad.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Error;

/// Decoder state between two pieces of input.
#[derive(Debug, Default)]
pub struct Decoder {
    /// An incomplete quad, or a complete padded quad, which must be the last one.
    held: [u8; QUAD],
    held_length: usize,
}

impl Decoder {
    /// Decodes the next characters and appends the bytes to `out`.
    ///
    /// # Errors
    /// A character outside the alphabet, or padding before the end. Do not use the decoder after an error.
    pub fn push(&mut self, text: &[u8], out: &mut Vec<u8>) -> Result<(), Error> {
        let mut text = text;
        if self.held_length > 0 {
            text = self.hold(text);
            if self.held_length < QUAD || (text.is_empty() && self.held.contains(&b'=')) {
                return Ok(());
            }
            decode(&self.held, out)?;
            self.held_length = 0;
        }
        let tail = match text.len() % QUAD {
            0 if text.last() == Some(&b'=') => QUAD,
            partial => partial,
        };
        let (quads, tail) = text.split_at(text.len().saturating_sub(tail));
        decode(quads, out)?;
        self.hold(tail);
        Ok(())
    }

    /// Decodes the last quad.
    ///
    /// # Errors
    /// The last quad is incomplete or not canonical.
    pub fn finish(self, out: &mut Vec<u8>) -> Result<(), Error> {
        let last = self.held.get(..self.held_length).ok_or(Error)?;
        LAST.decode_vec(last, out).map_err(|_| Error)
    }

    /// Fills the held quad from the start of `text` and returns the rest.
    fn hold<'text>(&mut self, text: &'text [u8]) -> &'text [u8] {
        let (taken, rest) = text.split_at(text.len().min(QUAD.saturating_sub(self.held_length)));
        for (slot, byte) in self.held.iter_mut().skip(self.held_length).zip(taken) {
            *slot = *byte;
        }
        self.held_length = self.held_length.saturating_add(taken.len());
        rest
    }
}

/// Decodes whole quads without padding and appends the bytes to `out`.
fn decode(quads: &[u8], out: &mut Vec<u8>) -> Result<(), Error> {
    // Decodes into a stack buffer first: extending the vector in place would fill it with zeros, byte by byte in a
    // size-optimized build.
    let mut bytes = [0; PART_CHARACTERS / QUAD * 3];
    for part in quads.chunks(PART_CHARACTERS) {
        let length = decode_part(part, &mut bytes)?;
        out.extend_from_slice(bytes.get(..length).ok_or(Error)?);
    }
    Ok(())
}

/// Returns the number of decoded bytes.
#[cfg(target_feature = "simd128")]
fn decode_part(text: &[u8], out: &mut [u8]) -> Result<usize, Error> {
    let (blocks, rest) = text.as_chunks();
    simd128::decode(blocks, out.as_chunks_mut().0)?;
    let decoded = blocks.len().saturating_mul(simd128::BYTES);
    if rest.is_empty() {
        return Ok(decoded);
    }
    let out = out.get_mut(decoded..).ok_or(Error)?;
    let length = INNER.decode_slice(rest, out).map_err(|_| Error)?;
    Ok(decoded.saturating_add(length))
}

/// Returns the number of decoded bytes.
#[cfg(not(target_feature = "simd128"))]
fn decode_part(text: &[u8], out: &mut [u8]) -> Result<usize, Error> {
    INNER.decode_slice(text, out).map_err(|_| Error)
}
