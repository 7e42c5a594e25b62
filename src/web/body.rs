//! The body of an answer, read in small pieces that leave the page time to live.

use gloo_net::http::Response;
use js_sys::{Array, Function, Promise, Reflect, Uint8Array};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{AbortSignal, ReadableStreamDefaultReader};

use super::failure::Thrown;
use super::fetch;
use crate::protocol::error::{Code, Failure};

/// Most bytes that are copied into WebAssembly at once. A chunk of the browser may be as large as the whole body.
const SLICE_BYTES: u32 = 64 * 1024;
/// How long an answer whose pictures have all come may take to end, in milliseconds.
const END_MS: u32 = 1000;
/// Longest time to work on without a pause, in milliseconds: a frame at 60 Hz leaves room for this much.
const BUSY_MS: f64 = 4.0;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = performance, js_name = now)]
    fn now() -> f64;
    #[wasm_bindgen(js_name = setTimeout)]
    fn set_timeout(callback: &Function, milliseconds: u32) -> JsValue;
    #[wasm_bindgen(js_name = clearTimeout)]
    fn clear_timeout(timer: &JsValue);
}

/// A body on its way. Dropping it closes the connection.
pub struct Body<'a> {
    /// `None` where the answer has no body.
    reader: Option<ReadableStreamDefaultReader>,
    /// Closes the body when the call is aborted.
    on_abort: Option<Closure<dyn FnMut()>>,
    signal: &'a AbortSignal,
    /// Bytes handed over so far.
    received: u64,
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
    pub fn new(response: &Response, signal: &'a AbortSignal, pause: &'a Function) -> Result<Self, Thrown> {
        let reader: Option<ReadableStreamDefaultReader> = match response.body() {
            None => None,
            Some(body) if body.locked() => {
                return Err(fetch::unusable("fetch returned a Response whose body was read already. Return a clone."));
            }
            Some(body) => Some(body.get_reader().unchecked_into()),
        };
        // A `fetch` of the page that does not follow the signal would leave a read waiting.
        let on_abort = reader.clone().map(|reader| Closure::once(move || close(&reader)));
        if let Some(on_abort) = &on_abort {
            // Fails for no listener that is a function.
            let _ = signal.add_event_listener_with_callback("abort", on_abort.as_ref().unchecked_ref());
        }
        Ok(Self {
            reader,
            on_abort,
            signal,
            received: 0,
            chunk: Uint8Array::new_with_length(0),
            copied: 0,
            slice: Vec::new(),
            pause,
            resumed_at: now(),
            busy: 0.0,
        })
    }

    /// Bytes handed over so far.
    pub fn received(&self) -> u64 {
        self.received
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
            if self.signal.aborted() {
                break;
            }
            let read = JsFuture::from(reader.read()).await.map_err(|cause| {
                // What failed needs no closing.
                self.reader = None;
                fetch::lost(self.signal, Some(self.received), cause)
            })?;
            if self.signal.aborted() {
                break;
            }
            if done(&read) {
                self.reader = None;
                return Ok(None);
            }
            let chunk = member(&read, "value");
            // By what it can do, since an answer of another realm has chunks of another class.
            if !member(&chunk, "subarray").is_function() || member(&chunk, "BYTES_PER_ELEMENT").as_f64() != Some(1.0) {
                return Err(fetch::unusable("fetch returned a Response whose body does not hold bytes."));
            }
            self.chunk = chunk.unchecked_into();
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
        self.received = self.received.saturating_add(u64::from(slice.length()));
        Ok(Some(&self.slice))
    }

    /// Everything of use has come. Reads to the end, which is near, behind the caller's back: a connection that is closed
    /// before could not serve again, and a log on the way would call a success aborted. What does not end is closed.
    pub fn finish(mut self) {
        let Some(reader) = self.reader.take() else { return };
        spawn_local(async move {
            let mut timer = JsValue::UNDEFINED;
            let timeout = Promise::new(&mut |resolve, _| timer = set_timeout(&resolve, END_MS));
            let ended = loop {
                let read = Promise::race(&Array::of2(&reader.read(), &timeout));
                match JsFuture::from(read).await {
                    Ok(read) if read.is_undefined() => break false,
                    Ok(read) if done(&read) => break true,
                    Ok(_) => {}
                    Err(_) => break true,
                }
            };
            clear_timeout(&timer);
            if !ended {
                close(&reader);
            }
        });
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
        if let Some(on_abort) = &self.on_abort {
            let _ = self.signal.remove_event_listener_with_callback("abort", on_abort.as_ref().unchecked_ref());
        }
        if let Some(reader) = self.reader.take() {
            close(&reader);
        }
    }
}

/// Gives the rest of a body up.
fn close(reader: &ReadableStreamDefaultReader) {
    let closed = reader.cancel();
    // Nobody waits for it, but a rejection that nobody handles would be reported to the page.
    spawn_local(async move {
        let _ = JsFuture::from(closed).await;
    });
}

/// Whether a result of `read` says that the body has ended.
fn done(read: &JsValue) -> bool {
    member(read, "done").is_truthy()
}

fn member(object: &JsValue, name: &str) -> JsValue {
    Reflect::get(object, &JsValue::from_str(name)).unwrap_or_default()
}
