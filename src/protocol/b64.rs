//! Base64 ([RFC 4648, section 4]) that arrives in pieces.
//!
//! Whole quads go through the engine of the crate `base64`. The last one is held back until the end, because only
//! there padding is right. Strict: the standard alphabet, canonical padding, no white space, no bits lost in the tail;
//! what breaks a rule is an error and never a guess.
//!
//! [RFC 4648, section 4]: https://www.rfc-editor.org/rfc/rfc4648#section-4

#![deny(clippy::arithmetic_side_effects)]

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

/// The text is not base64, or stops within a quad.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Error;

/// A decoder between two pieces of text.
#[derive(Debug, Default)]
pub struct Decoder {
    /// Up to one quad that may turn out to be the last one.
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
            if text.is_empty() {
                return Ok(());
            }
            // More follows, so the quad in hand is not the last one.
            INNER.decode_vec(self.held, out).map_err(|_| Error)?;
        }
        // What is left is at least one character: hold back its last quad, or the part of a quad behind the last whole one.
        let tail = match text.len() % QUAD {
            0 => QUAD.min(text.len()),
            partial => partial,
        };
        let (inner, tail) = text.split_at(text.len().saturating_sub(tail));
        INNER.decode_vec(inner, out).map_err(|_| Error)?;
        self.held_length = 0;
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
