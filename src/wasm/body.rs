//! Reading of a response body in small slices, with pauses to keep the page responsive.

use std::cell::RefCell;

use js_sys::Uint8Array;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

use super::connection::{Broken, Connection, Reader};
use super::facade::Platform;

/// Maximum number of bytes to copy into WebAssembly at once. A browser chunk can be as large as the whole body.
const SLICE_BYTES: u32 = 64 * 1024;
/// Maximum time of work without a pause, in milliseconds. A Blob can take 4 ms more. Both fit into a frame at 60 Hz.
const BUSY_MS: f64 = 2.5;
/// Minimum time that counts as waiting, in milliseconds.
const AT_ONCE_MS: f64 = 1.0;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = performance)]
    fn now() -> f64;
}

/// Body of a response.
pub struct Body<'a> {
    reader: Reader,
    platform: &'a Platform,
    chunk: Uint8Array,
    /// Number of bytes of the chunk that were copied.
    copied: u32,
    /// Start of the work on the last bytes, in milliseconds.
    resumed_at: f64,
    /// Time of work since the last pause, in milliseconds.
    busy_ms: f64,
}

impl<'a> Body<'a> {
    pub fn new(connection: &Connection, platform: &'a Platform) -> Self {
        let chunk = Uint8Array::new_with_length(0);
        Self { reader: connection.body(), platform, chunk, copied: 0, resumed_at: now(), busy_ms: 0.0 }
    }

    /// Returns the next bytes for [`read`], or `None` at the end.
    pub async fn next(&mut self) -> Result<Option<Uint8Array>, Broken> {
        loop {
            let mut asked_at = now();
            self.busy_ms += asked_at - self.resumed_at;
            if self.busy_ms > BUSY_MS {
                // A failed pause is not an error.
                let _ = JsFuture::from(self.platform.pause()).await;
                self.busy_ms = 0.0;
                asked_at = now();
            }
            self.resumed_at = asked_at;
            if self.copied < self.chunk.length() {
                break;
            }
            let Some(chunk) = self.reader.read().await? else { return Ok(None) };
            (self.chunk, self.copied) = (chunk, 0);
            self.resumed_at = now();
            // A chunk that arrives immediately was already buffered, so the page was not idle.
            let waited = self.resumed_at - asked_at;
            if waited < AT_ONCE_MS {
                self.busy_ms += waited;
            }
        }
        let end = self.chunk.length().min(self.copied.saturating_add(SLICE_BYTES));
        let slice = self.chunk.subarray(self.copied, end);
        self.copied = end;
        Ok(Some(slice))
    }
}

thread_local! {
    /// Shared buffer for all bodies, because WebAssembly memory never shrinks.
    static BUFFER: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// Copies bytes into WebAssembly and reads them.
pub fn read<T>(slice: &Uint8Array, work: impl FnOnce(&[u8]) -> T) -> T {
    // Taken, because `work` can run a listener of the page, which may read another body.
    let mut buffer = BUFFER.take();
    let length = slice.length() as usize;
    if buffer.len() < length {
        // Allocated in full, because growing a vector is slow.
        buffer = vec![0; length.max(SLICE_BYTES as usize)];
    }
    let bytes = buffer.get_mut(..length).unwrap_or_default();
    slice.copy_to(bytes);
    let result = work(bytes);
    BUFFER.set(buffer);
    result
}
