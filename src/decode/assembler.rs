//! Decodes base64 images in pieces and passes the bytes to a sink, so memory use does not grow with the image size.

#![deny(clippy::arithmetic_side_effects)]

use std::cell::Cell;

use memchr::memchr2;

use crate::decode::base64;
use crate::decode::image_header::{Header, HeaderReader};

/// Piece size, in bytes. Most images fit into one piece and large ones take a few, and a single piece is small enough
/// to hold and copy at once.
pub const PIECE_BYTES: usize = 2048 * 1024;

/// Piece size, in bytes, while another image holds the large buffer.
pub const SMALL_PIECE_BYTES: usize = 128 * 1024;

/// Limit on the total size of all images and partial images of a response, as a multiple of the maximum image size. An
/// Images API response has up to ten images with three partial images each.
pub const LARGEST_IMAGES: u64 = 64;

/// Maximum base64 input decoded per step, in bytes.
const SLICE_BYTES: usize = 64 * 1024;
/// Maximum output per step, in bytes, including a quad left over from the previous step. A piece exceeds its nominal
/// size by less than this.
const DECODED_BYTES: usize = (SLICE_BYTES / 4 + 1) * 3;

/// Receives the decoded bytes, one image after another.
pub trait Sink {
    /// A finished image.
    type Image: std::fmt::Debug;

    /// Receives the next bytes of the image: at least [`PIECE_BYTES`], or at least [`SMALL_PIECE_BYTES`] while another
    /// image on the same thread holds the large buffer.
    fn piece(&mut self, bytes: &[u8]);

    /// Completes the image with its remaining bytes, which may be empty. `header` is `None` for an unknown format.
    /// Returns `None` if no storage is left.
    fn finish(&mut self, rest: &[u8], header: Option<Header>, byte_length: u64) -> Option<Self::Image>;

    /// Discards the bytes of an image that will not be completed.
    fn discard(&mut self);
}

/// Reason a string could not be decoded into an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Error {
    /// Invalid base64, or truncated within a quad.
    Malformed,
    /// Empty string.
    Empty,
    /// Image larger than the size limit.
    TooLarge,
    /// Image larger than the remainder of the total limit; see [`LARGEST_IMAGES`].
    TooLargeTogether,
    /// The sink has no storage left.
    NoStorage,
}

impl From<base64::Error> for Error {
    fn from(_: base64::Error) -> Self {
        Self::Malformed
    }
}

/// Decodes base64 strings into images in a sink.
#[derive(Debug)]
pub struct Assembler<S: Sink> {
    sink: S,
    max_bytes: u64,
    /// Total bytes of the completed images.
    counted: u64,
    decoder: base64::Decoder,
    /// Decoded bytes not yet passed to the sink.
    buffer: Buffer,
    header: HeaderReader,
    handed_on: u64,
    /// Number of base64 characters received so far.
    characters: u64,
    error: Option<Error>,
}

impl<S: Sink> Assembler<S> {
    /// Creates an assembler. Each image is limited to `max_bytes`, and all images together to [`LARGEST_IMAGES`] times
    /// that.
    pub fn new(sink: S, max_bytes: u64) -> Self {
        Self {
            sink,
            max_bytes,
            counted: 0,
            decoder: base64::Decoder::default(),
            buffer: Buffer::default(),
            header: HeaderReader::default(),
            handed_on: 0,
            characters: 0,
            error: None,
        }
    }

    /// Decodes the next characters of the current image. Errors are deferred to [`Assembler::finish`], because only the
    /// complete document shows whether the string is an image.
    pub fn push(&mut self, text: &[u8]) {
        let mut text = text;
        // MIME encoders break base64 into lines.
        while let Some((line, rest)) = memchr2(b'\r', b'\n', text).and_then(|end| text.split_at_checked(end)) {
            self.push_line(line);
            text = rest.get(1..).unwrap_or_default();
        }
        self.push_line(text);
    }

    fn push_line(&mut self, text: &[u8]) {
        self.characters = self.characters.saturating_add(text.len() as u64);
        for slice in text.chunks(SLICE_BYTES) {
            if self.error.is_none()
                && let Err(error) = self.decode(slice)
            {
                self.error = Some(error);
                self.sink.discard();
                self.buffer = Buffer::default();
            }
        }
    }

    fn decode(&mut self, text: &[u8]) -> Result<(), Error> {
        self.buffer.make_room();
        self.decoder.push(text, &mut self.buffer.bytes)?;
        if self.length() > self.limit() {
            return Err(self.too_large());
        }
        if self.buffer.bytes.len() >= self.buffer.piece_bytes() {
            self.header.read(&self.buffer.bytes);
            self.sink.piece(&self.buffer.bytes);
            self.handed_on = self.length();
            self.buffer.bytes.clear();
        }
        Ok(())
    }

    /// Completes the current image. The next call to [`Assembler::push`] starts a new one.
    ///
    /// # Errors
    /// The reason the string is not a valid image.
    pub fn finish(&mut self) -> Result<S::Image, Error> {
        let result = self.complete();
        if result.is_err() && self.error.is_none() {
            self.sink.discard();
        }
        self.reset();
        result
    }

    fn complete(&mut self) -> Result<S::Image, Error> {
        // Size errors take precedence: the order in which other errors are found depends on the chunk boundaries.
        for (limit, error) in [(self.max_bytes, Error::TooLarge), (self.limit(), self.too_large())] {
            if self.characters > limit.div_ceil(3).saturating_mul(4) {
                return Err(error);
            }
        }
        if let Some(error) = self.error {
            return Err(error);
        }
        std::mem::take(&mut self.decoder).finish(&mut self.buffer.bytes)?;
        match self.length() {
            0 => return Err(Error::Empty),
            length if length > self.limit() => return Err(self.too_large()),
            length => self.count(length),
        }
        self.header.read(&self.buffer.bytes);
        self.sink.finish(&self.buffer.bytes, self.header.header(), self.length()).ok_or(Error::NoStorage)
    }

    /// Discards the current image, whose string is incomplete.
    pub fn abandon(&mut self) {
        self.sink.discard();
        self.reset();
    }

    fn reset(&mut self) {
        self.decoder = base64::Decoder::default();
        self.buffer = Buffer::default();
        self.header = HeaderReader::default();
        self.handed_on = 0;
        self.characters = 0;
        self.error = None;
    }

    /// Adds bytes to the total that [`LARGEST_IMAGES`] limits.
    pub fn count(&mut self, bytes: u64) {
        self.counted = self.counted.saturating_add(bytes);
    }

    /// Returns the total bytes of all images so far.
    #[must_use]
    pub fn counted(&self) -> u64 {
        self.counted
    }

    /// Returns the maximum size of the current image, in bytes.
    fn limit(&self) -> u64 {
        self.max_bytes.min(self.max_bytes.saturating_mul(LARGEST_IMAGES).saturating_sub(self.counted))
    }

    fn too_large(&self) -> Error {
        if self.limit() < self.max_bytes { Error::TooLargeTogether } else { Error::TooLarge }
    }

    fn length(&self) -> u64 {
        self.handed_on.saturating_add(self.buffer.bytes.len() as u64)
    }
}

thread_local! {
    /// The large buffer while it is not in use. There is only one, to limit the memory of concurrent images:
    /// WebAssembly memory grows but never shrinks.
    static LARGE: Cell<Option<Vec<u8>>> = const { Cell::new(Some(Vec::new())) };
}

/// Buffer that collects one piece.
#[derive(Debug, Default)]
struct Buffer {
    bytes: Vec<u8>,
    /// `true` for the large buffer.
    is_large: bool,
}

impl Buffer {
    /// Reserves space for the next decoding step.
    fn make_room(&mut self) {
        if self.bytes.capacity() == 0
            && let Some(bytes) = LARGE.take()
        {
            *self = Self { bytes, is_large: true };
        }
        // A single allocation: growing by doubling would leave freed blocks of the same total size behind.
        let to_piece = self.piece_bytes().saturating_sub(self.bytes.len());
        self.bytes.reserve_exact(to_piece.saturating_add(DECODED_BYTES));
    }

    fn piece_bytes(&self) -> usize {
        if self.is_large { PIECE_BYTES } else { SMALL_PIECE_BYTES }
    }
}

impl Drop for Buffer {
    fn drop(&mut self) {
        if self.is_large {
            self.bytes.clear();
            LARGE.set(Some(std::mem::take(&mut self.bytes)));
        }
    }
}
