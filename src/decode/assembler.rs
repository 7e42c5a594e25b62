//! An image on its way from base64 to a sink, in pieces, so that nothing here grows with it.

#![deny(clippy::arithmetic_side_effects)]

use std::cell::Cell;

use crate::decode::base64;
use crate::decode::image_header::{Header, HeaderReader};

/// Size of a piece, in bytes. Large enough that most images are one and a big one is a few, small enough to hold and copy at
/// once.
pub const PIECE_BYTES: usize = 2048 * 1024;

/// Size of a piece while the memory for a large one is taken by another image, in bytes.
pub const SMALL_PIECE_BYTES: usize = 128 * 1024;

/// How many images of the largest size those of one answer may have the bytes of, together with the partial images. An answer of the
/// Images API has ten images, with three partial images each.
pub const LARGEST_IMAGES: u64 = 64;

/// How much text is decoded at once, in bytes.
const SLICE_BYTES: usize = 64 * 1024;
/// What comes of it, and of a quad that was begun before, in bytes: a piece exceeds its size by less than this.
const DECODED_BYTES: usize = (SLICE_BYTES / 4 + 1) * 3;

/// Where the bytes of images go, one image after the other.
pub trait Sink {
    /// A finished image.
    type Image: std::fmt::Debug;

    /// The next bytes of the image: [`PIECE_BYTES`] or a little more, or [`SMALL_PIECE_BYTES`], where another image of the same
    /// thread has the memory for a large piece.
    fn piece(&mut self, bytes: &[u8]);

    /// The image is complete with the rest of its bytes, which may be none. `header`: what its first bytes say, when they are
    /// those of a known format. `None`: there is no storage left for it.
    fn finish(&mut self, rest: &[u8], header: Option<Header>, byte_length: u64) -> Option<Self::Image>;

    /// The image will not be completed: what came of it is of no use.
    fn discard(&mut self);
}

/// Why a text did not become an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Error {
    /// No base64, or cut within a quad.
    Malformed,
    /// Nothing in it.
    Empty,
    /// More bytes than the limit.
    TooLarge,
    /// More bytes than the images before it leave of [`LARGEST_IMAGES`].
    TooLargeTogether,
    /// The sink has no storage left.
    NoStorage,
}

impl From<base64::Error> for Error {
    fn from(_: base64::Error) -> Self {
        Self::Malformed
    }
}

/// Turns base64 text into images in a sink.
#[derive(Debug)]
pub struct Assembler<S: Sink> {
    sink: S,
    max_bytes: u64,
    /// The bytes of the images that are complete.
    counted: u64,
    decoder: base64::Decoder,
    /// Decoded and not yet handed on.
    buffer: Buffer,
    header: HeaderReader,
    handed_on: u64,
    /// Length of the text so far.
    characters: u64,
    error: Option<Error>,
}

impl<S: Sink> Assembler<S> {
    /// An assembler before its first image, of which none may be larger than `max_bytes`, nor all together than
    /// [`LARGEST_IMAGES`] times that.
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

    /// The next characters of the current image. An error is kept for [`Assembler::finish`]: whether the text was
    /// meant to be an image is known only once everything around it is.
    pub fn push(&mut self, text: &[u8]) {
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

    /// The text of the current image is complete. The next one may begin.
    ///
    /// # Errors
    /// The first thing that was wrong with it.
    pub fn finish(&mut self) -> Result<S::Image, Error> {
        let result = self.complete();
        if result.is_err() && self.error.is_none() {
            self.sink.discard();
        }
        self.reset();
        result
    }

    fn complete(&mut self) -> Result<S::Image, Error> {
        // Whatever else is wrong with it: what is found first depends on how the text is cut.
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

    fn reset(&mut self) {
        self.decoder = base64::Decoder::default();
        self.buffer = Buffer::default();
        self.header = HeaderReader::default();
        self.handed_on = 0;
        self.characters = 0;
        self.error = None;
    }

    /// Counts so many bytes towards what all images may have together.
    pub fn count(&mut self, bytes: u64) {
        self.counted = self.counted.saturating_add(bytes);
    }

    /// The bytes of all images so far.
    #[must_use]
    pub fn counted(&self) -> u64 {
        self.counted
    }

    /// The most that the current image may have.
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
    /// The memory for a large piece, while nobody uses it. There is one, so that many images at once do not take much: what
    /// WebAssembly has once taken of the page's memory it never gives back.
    static LARGE: Cell<Option<Vec<u8>>> = const { Cell::new(Some(Vec::new())) };
}

/// Where a piece is put together.
#[derive(Debug, Default)]
struct Buffer {
    bytes: Vec<u8>,
    /// It has the memory for a large piece.
    is_large: bool,
}

impl Buffer {
    /// Before anything is decoded into it.
    fn make_room(&mut self) {
        if self.bytes.capacity() == 0
            && let Some(bytes) = LARGE.take()
        {
            *self = Self { bytes, is_large: true };
        }
        // One allocation for all: growing by doubling would leave as much again behind.
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
