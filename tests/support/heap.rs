//! What is on the heap.

// An allocator that counts is unsafe to write.
#![allow(unsafe_code)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

use azure_image_client::decode::assembler::Sink;
use azure_image_client::decode::image_header::Header;

thread_local! {
    /// Bytes that this thread has on the heap, and the most it had since the last reset.
    static HEAP: (Cell<isize>, Cell<isize>) = const { (Cell::new(0), Cell::new(0)) };
    /// Bytes that it ever asked for.
    static ASKED: Cell<usize> = const { Cell::new(0) };
}

/// An allocator, for `#[global_allocator]`.
#[derive(Debug)]
pub struct Counting;

fn count(change: isize) {
    ASKED.with(|asked| asked.set(asked.get() + change.max(0).cast_unsigned()));
    HEAP.with(|(now, most)| {
        now.set(now.get() + change);
        most.set(most.get().max(now.get()));
    });
}

// SAFETY: everything is handed on to the system's allocator as it came.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size().cast_signed());
        // SAFETY: as above.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        count(-layout.size().cast_signed());
        // SAFETY: as above.
        unsafe { System.dealloc(memory, layout) }
    }

    unsafe fn realloc(&self, memory: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // Old and new may be there at once.
        count(size.cast_signed());
        count(-layout.size().cast_signed());
        // SAFETY: as above.
        unsafe { System.realloc(memory, layout, size) }
    }
}

/// The most that the heap grew while `work` ran.
pub fn growth<T>(work: impl FnOnce() -> T) -> (usize, T) {
    let before = HEAP.with(|(now, most)| {
        most.set(now.get());
        now.get()
    });
    let result = work();
    (HEAP.with(|(_, most)| most.get() - before).cast_unsigned(), result)
}

/// The bytes that `work` asks of the heap, whether it gives them back or not: a measure of what it copies.
pub fn asked(work: impl FnOnce()) -> usize {
    let before = ASKED.get();
    work();
    ASKED.get() - before
}

/// Counts instead of keeping.
#[derive(Debug, Default)]
pub struct Count {
    pub bytes: u64,
    /// Order matters to it.
    pub sum: u64,
    pub largest_piece: usize,
}

impl Sink for Count {
    type Image = Self;

    fn piece(&mut self, bytes: &[u8]) {
        self.bytes += bytes.len() as u64;
        self.sum = bytes.iter().fold(self.sum, |sum, byte| (sum ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01B3));
        self.largest_piece = self.largest_piece.max(bytes.len());
    }

    fn finish(&mut self, rest: &[u8], _: Option<Header>, byte_length: u64) -> Option<Self> {
        self.piece(rest);
        assert_eq!(self.bytes, byte_length);
        Some(std::mem::take(self))
    }

    fn discard(&mut self) {
        *self = Self::default();
    }
}
