//! Base64 ([RFC 4648, section 4]) that arrives in pieces.
//!
//! Strict: the standard alphabet, canonical padding, no white space, no bits lost in the tail; what breaks a rule is an
//! error and never a guess. In WebAssembly whole blocks are decoded by vector instructions, after Wojciech Muła's [method];
//! everything else goes through the crate `base64`.
//!
//! [RFC 4648, section 4]: https://www.rfc-editor.org/rfc/rfc4648#section-4
//! [method]: http://0x80.pl/notesen/2016-01-17-sse-base64-decoding.html

#![deny(clippy::arithmetic_side_effects)]

#[cfg(target_feature = "simd128")]
mod simd128;

use base64::Engine;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

/// For everything before the last quad: a `=` there is an error.
const INNER: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::RequireNone),
);
/// For the last quad.
const LAST: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, GeneralPurposeConfig::new());
const QUAD: usize = 4;
/// How much text is decoded at once, in characters: whole quads, and little enough for the stack.
const PART_CHARACTERS: usize = 4096;

/// The text is not base64, or stops within a quad.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Error;

/// A decoder between two pieces of text.
#[derive(Debug, Default)]
pub struct Decoder {
    /// The beginning of a quad, or a whole one with padding, which must be the last.
    held: [u8; QUAD],
    held_length: usize,
}

impl Decoder {
    /// Takes the next characters and appends what they decode to.
    ///
    /// # Errors
    /// A character outside the alphabet, or padding before the end. The decoder must not be used after it.
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

    /// The text is complete.
    ///
    /// # Errors
    /// The last quad is cut short or not canonical.
    pub fn finish(self, out: &mut Vec<u8>) -> Result<(), Error> {
        let last = self.held.get(..self.held_length).ok_or(Error)?;
        LAST.decode_vec(last, out).map_err(|_| Error)
    }

    /// Fills the held quad from the front of `text`, and gives back the rest of it.
    fn hold<'text>(&mut self, text: &'text [u8]) -> &'text [u8] {
        let (taken, rest) = text.split_at(text.len().min(QUAD.saturating_sub(self.held_length)));
        for (slot, byte) in self.held.iter_mut().skip(self.held_length).zip(taken) {
            *slot = *byte;
        }
        self.held_length = self.held_length.saturating_add(taken.len());
        rest
    }
}

/// Appends what whole quads without padding decode to.
fn decode(quads: &[u8], out: &mut Vec<u8>) -> Result<(), Error> {
    // By way of the stack: a vector that is made longer is first filled with zeros, byte by byte where the compiler saves space.
    let mut bytes = [0; PART_CHARACTERS / QUAD * 3];
    for part in quads.chunks(PART_CHARACTERS) {
        let length = decode_part(part, &mut bytes)?;
        out.extend_from_slice(bytes.get(..length).ok_or(Error)?);
    }
    Ok(())
}

/// Gives the number of bytes.
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

/// Gives the number of bytes.
#[cfg(not(target_feature = "simd128"))]
fn decode_part(text: &[u8], out: &mut [u8]) -> Result<usize, Error> {
    INNER.decode_slice(text, out).map_err(|_| Error)
}
