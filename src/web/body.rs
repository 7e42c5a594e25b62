//! The body of an answer, read in small pieces that leave the page time to live.

use gloo_net::http::Response;
use js_sys::{Reflect, Uint8Array};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::ReadableStreamDefaultReader;

use super::failure::Thrown;
use super::fetch;
use super::platform::{Attempt, Platform, now};

/// Most bytes that are copied into WebAssembly at once. A chunk of the browser may be as large as the whole body.
const SLICE_BYTES: u32 = 64 * 1024;
/// Longest time to work on without a pause, in milliseconds. A Blob may take four more, and a frame at 60 Hz leaves room for both.
const BUSY_MS: f64 = 2.5;
/// Shorter waits may have been none, in milliseconds.
const AT_ONCE_MS: f64 = 1.0;

#[wasm_bindgen]
extern "C" {
    /// What `read` resolves with. Its getters need no name made of text, which thousands of chunks would notice. What a page's own
    /// stream resolves with may be anything.
    type Read;

    #[wasm_bindgen(method, getter, catch)]
    fn done(this: &Read) -> Result<bool, JsValue>;

    #[wasm_bindgen(method, getter, catch)]
    fn value(this: &Read) -> Result<JsValue, JsValue>;
}

/// A body on its way. Its attempt closes it.
pub struct Body<'a> {
    /// `None` where the answer has no body, or it has ended.
    reader: Option<ReadableStreamDefaultReader>,
    attempt: &'a Attempt,
    platform: &'a Platform,
    /// Bytes handed over so far.
    received: u64,
    chunk: Uint8Array,
    /// How much of the chunk has been copied.
    copied: u32,
    slice: Vec<u8>,
    /// When the work on the last bytes began, and for how long the page has not had its turn.
    resumed_at: f64,
    busy_ms: f64,
}

impl<'a> Body<'a> {
    pub fn new(response: &Response, attempt: &'a Attempt, platform: &'a Platform) -> Result<Self, Thrown> {
        let reader: Option<ReadableStreamDefaultReader> = match response.body() {
            None => None,
            Some(body) if body.locked() => {
                return Err(fetch::unusable("fetch returned a Response whose body was read already. Return a clone."));
            }
            Some(body) => Some(body.get_reader().unchecked_into()),
        };
        if let Some(reader) = &reader {
            attempt.hold(reader);
        }
        Ok(Self {
            reader,
            attempt,
            platform,
            received: 0,
            chunk: Uint8Array::new_with_length(0),
            copied: 0,
            slice: Vec::new(),
            resumed_at: now(),
            busy_ms: 0.0,
        })
    }

    /// Bytes handed over so far.
    pub fn received(&self) -> u64 {
        self.received
    }

    /// The next bytes; `None` at the end.
    pub async fn next(&mut self) -> Result<Option<&[u8]>, Thrown> {
        loop {
            let mut asked_at = now();
            self.busy_ms += asked_at - self.resumed_at;
            if self.busy_ms > BUSY_MS {
                // The pause is the page's; should it fail, the work goes on without.
                let _ = JsFuture::from(self.platform.pause()).await;
                self.busy_ms = 0.0;
                asked_at = now();
            }
            self.resumed_at = asked_at;
            // Behind every wait: a body that was closed for the attempt's sake looks as if it had ended well.
            if let Some(failure) = self.attempt.over(self.received) {
                return Err(failure.into());
            }
            if self.copied < self.chunk.length() {
                // It has come, however long the page takes over its own work in between.
                self.attempt.touch(asked_at);
                break;
            }
            let Some(reader) = &self.reader else { return Ok(None) };
            match JsFuture::from(reader.read()).await.map(Read::unchecked_from_js) {
                Ok(read) if read.done().unwrap_or_default() => self.reader = None,
                Ok(read) => {
                    self.chunk = chunk(read.value().unwrap_or_default())?;
                    self.copied = 0;
                }
                Err(cause) => return Err(fetch::lost(self.attempt, Some(self.received), cause)),
            }
            self.resumed_at = now();
            self.attempt.touch(self.resumed_at);
            // What comes at once was there before, and gave the page no turn.
            let waited = self.resumed_at - asked_at;
            if waited < AT_ONCE_MS {
                self.busy_ms += waited;
            }
        }
        let end = self.chunk.length().min(self.copied.saturating_add(SLICE_BYTES));
        let slice = self.chunk.subarray(self.copied, end);
        self.copied = end;
        let length = slice.length() as usize;
        if self.slice.len() < length {
            // At its largest at once: to make a vector longer is slow.
            self.slice = vec![0; SLICE_BYTES as usize];
        }
        let bytes = self.slice.get_mut(..length).unwrap_or_default();
        slice.copy_to(bytes);
        self.received = self.received.saturating_add(u64::from(slice.length()));
        Ok(Some(bytes))
    }

    /// As much of it as comes and `limit` allows.
    pub async fn read_all(mut self, limit: usize) -> Vec<u8> {
        let mut bytes = Vec::new();
        while bytes.len() < limit
            && let Ok(Some(slice)) = self.next().await
        {
            bytes.extend_from_slice(slice);
        }
        bytes
    }
}

/// The bytes that `read` gave.
fn chunk(chunk: JsValue) -> Result<Uint8Array, Thrown> {
    let chunk = match chunk.dyn_into::<Uint8Array>() {
        Ok(bytes) => return Ok(bytes),
        Err(chunk) => chunk,
    };
    // By what it can do, since an answer of another realm has chunks of another class.
    if !member(&chunk, "subarray").is_function() || member(&chunk, "BYTES_PER_ELEMENT").as_f64() != Some(1.0) {
        return Err(fetch::unusable("fetch returned a Response whose body does not hold bytes."));
    }
    Ok(chunk.unchecked_into())
}

fn member(object: &JsValue, name: &str) -> JsValue {
    Reflect::get(object, &JsValue::from_str(name)).unwrap_or_default()
}
