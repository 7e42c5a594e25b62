//! The body of an answer, read in small pieces that leave the page time to live.

use gloo_net::http::Response;
use js_sys::{Function, Promise, Reflect, Uint8Array};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{AbortSignal, ReadableStreamDefaultReader};

use super::failure::Thrown;
use super::fetch;
use crate::protocol::error::{Code, Failure};

/// Most bytes that are copied into WebAssembly at once. A chunk of the browser may be as large as the whole body.
const SLICE_BYTES: u32 = 64 * 1024;
/// Longest time to work on without a pause, in milliseconds: a frame at 60 Hz leaves room for this much.
const BUSY_MS: f64 = 4.0;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = performance, js_name = now)]
    fn now() -> f64;
}

/// A body on its way. Dropping it closes the connection.
pub struct Body<'a> {
    /// `None` where the answer has no body.
    reader: Option<ReadableStreamDefaultReader>,
    signal: &'a AbortSignal,
    chunk: Uint8Array,
    /// How much of the chunk has been copied.
    copied: u32,
    slice: Vec<u8>,
    /// Waits until the page has done what it had to do.
    pause: &'a Function,
    /// When the work since the last pause began to count, and how much it was before.
    resumed_at: f64,
    busy: f64,
}

impl<'a> Body<'a> {
    pub fn new(response: &Response, signal: &'a AbortSignal, pause: &'a Function) -> Result<Self, Failure> {
        let reader = match response.body() {
            None => None,
            Some(body) if body.locked() => {
                return Err(Failure::invalid(
                    "fetch",
                    "fetch returned a Response whose body was read already. Return a clone.",
                ));
            }
            Some(body) => Some(body.get_reader().unchecked_into()),
        };
        Ok(Self {
            reader,
            signal,
            chunk: Uint8Array::new_with_length(0),
            copied: 0,
            slice: Vec::new(),
            pause,
            resumed_at: now(),
            busy: 0.0,
        })
    }

    /// The next bytes; `None` at the end.
    pub async fn next(&mut self) -> Result<Option<&[u8]>, Thrown> {
        self.busy += now() - self.resumed_at;
        if self.busy > BUSY_MS {
            self.busy = 0.0;
            let pause = self.pause.call0(&JsValue::UNDEFINED).map(|promise| Promise::resolve(&promise));
            if let Ok(pause) = pause {
                // The pause is the page's; should it fail, the work goes on without.
                let _ = JsFuture::from(pause).await;
            }
        }
        while self.copied >= self.chunk.length() {
            let Some(reader) = &self.reader else { return Ok(None) };
            let read = JsFuture::from(reader.read()).await.map_err(|cause| {
                // What failed needs no closing.
                self.reader = None;
                fetch::lost(self.signal, cause)
            })?;
            let member = |name| Reflect::get(&read, &JsValue::from_str(name)).unwrap_or_default();
            if member("done").is_truthy() {
                self.reader = None;
                return Ok(None);
            }
            self.chunk = member("value")
                .dyn_into()
                .map_err(|_| Failure::invalid("fetch", "fetch returned a Response whose body does not hold bytes."))?;
            self.copied = 0;
        }
        if self.signal.aborted() {
            return Err(Failure::new(Code::Cancelled, "The call was cancelled.").into());
        }
        self.resumed_at = now();
        let end = self.chunk.length().min(self.copied.saturating_add(SLICE_BYTES));
        let slice = self.chunk.subarray(self.copied, end);
        self.copied = end;
        self.slice.resize(slice.length() as usize, 0);
        slice.copy_to(&mut self.slice);
        Ok(Some(&self.slice))
    }

    /// All of it, or as much as `limit` allows.
    pub async fn read_all(mut self, limit: usize) -> Result<Vec<u8>, Thrown> {
        let mut bytes = Vec::new();
        while let Some(slice) = self.next().await? {
            bytes.extend_from_slice(slice);
            if bytes.len() >= limit {
                break;
            }
        }
        Ok(bytes)
    }
}

impl Drop for Body<'_> {
    fn drop(&mut self) {
        if let Some(reader) = self.reader.take() {
            let closed = reader.cancel();
            // Nobody waits for it, but a rejection that nobody handles would be reported to the page.
            spawn_local(async move {
                let _ = JsFuture::from(closed).await;
            });
        }
    }
}
