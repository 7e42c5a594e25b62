//! The body of a response, read in small slices with pauses in between, so that the page stays responsive.

use std::cell::RefCell;

use js_sys::{Reflect, Uint8Array};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::ReadableStreamDefaultReader;

use super::client::Platform;
use super::connection::Connection;
use crate::errors::{Billed, Failure};

/// Maximum number of bytes that are copied into WebAssembly at once. A chunk of the browser may be as large as the whole body.
const SLICE_BYTES: u32 = 64 * 1024;
/// Maximum time of work without a pause, in milliseconds. A Blob may take four more, and a frame at 60 Hz leaves room for both.
const BUSY_MS: f64 = 2.5;
/// A shorter wait may have been none, in milliseconds.
const AT_ONCE_MS: f64 = 1.0;

#[wasm_bindgen]
extern "C" {
    /// What `read` resolves with. Typed getters need no string for the name of the property, which matters for thousands of chunks.
    /// A stream of the page may resolve with anything.
    type Read;

    #[wasm_bindgen(method, getter, catch)]
    fn done(this: &Read) -> Result<bool, JsValue>;

    #[wasm_bindgen(method, getter, catch)]
    fn value(this: &Read) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(js_namespace = performance)]
    fn now() -> f64;
}

/// Why no more bytes can be read.
pub enum Broken {
    /// The connection has failed, with this cause.
    Lost(JsValue),
    /// The page's `fetch` function returned a response of no use.
    Unusable(Failure),
}

/// The body of a response.
pub struct Body<'a> {
    /// `None`: there is no body, or it has ended.
    reader: Option<ReadableStreamDefaultReader>,
    platform: &'a Platform,
    chunk: Uint8Array,
    /// How much of the chunk has been copied.
    copied: u32,
    /// When the work on the last bytes began, and for how long the page has not had a turn.
    resumed_at: f64,
    busy_ms: f64,
}

impl<'a> Body<'a> {
    pub fn new(response: &web_sys::Response, connection: &Connection, platform: &'a Platform) -> Result<Self, Broken> {
        let reader: Option<ReadableStreamDefaultReader> = match response.body() {
            None => None,
            Some(body) if body.locked() => {
                let message = "fetch returned a Response whose body was read already. Return a clone.";
                return Err(Broken::Unusable(unusable(message)));
            }
            Some(body) => Some(body.get_reader().unchecked_into()),
        };
        if let Some(reader) = &reader {
            connection.hold(reader);
        }
        Ok(Self { reader, platform, chunk: Uint8Array::new_with_length(0), copied: 0, resumed_at: now(), busy_ms: 0.0 })
    }

    /// The next bytes, for [`read`]; `None` at the end.
    pub async fn next(&mut self) -> Result<Option<Uint8Array>, Broken> {
        loop {
            let mut asked_at = now();
            self.busy_ms += asked_at - self.resumed_at;
            if self.busy_ms > BUSY_MS {
                // If the pause fails, the work goes on without it.
                let _ = JsFuture::from(self.platform.pause()).await;
                self.busy_ms = 0.0;
                asked_at = now();
            }
            self.resumed_at = asked_at;
            if self.copied < self.chunk.length() {
                break;
            }
            let Some(reader) = &self.reader else { return Ok(None) };
            match JsFuture::from(reader.read()).await.map(Read::unchecked_from_js) {
                Ok(read) if read.done().unwrap_or_default() => self.reader = None,
                Ok(read) => {
                    self.chunk = chunk(read.value().unwrap_or_default())?;
                    self.copied = 0;
                }
                Err(cause) => return Err(Broken::Lost(cause)),
            }
            self.resumed_at = now();
            // A chunk that comes at once was there before, and gave the page no turn.
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
    /// Where bytes are read, for all bodies: the memory of WebAssembly never shrinks.
    static BUFFER: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// Copies bytes into WebAssembly and reads them.
pub fn read<T>(slice: &Uint8Array, work: impl FnOnce(&[u8]) -> T) -> T {
    // Taken, since a listener of the page may run meanwhile.
    let mut buffer = BUFFER.take();
    let length = slice.length() as usize;
    if buffer.len() < length {
        // At its full size at once: to grow a vector is slow.
        buffer = vec![0; length.max(SLICE_BYTES as usize)];
    }
    let bytes = buffer.get_mut(..length).unwrap_or_default();
    slice.copy_to(bytes);
    let result = work(bytes);
    BUFFER.set(buffer);
    result
}

/// The bytes that `read` has given.
fn chunk(chunk: JsValue) -> Result<Uint8Array, Broken> {
    let chunk = match chunk.dyn_into::<Uint8Array>() {
        Ok(bytes) => return Ok(bytes),
        Err(chunk) => chunk,
    };
    // By its properties: the chunks of a response of another realm have another class.
    let property = |name: &str| Reflect::get(&chunk, &JsValue::from_str(name)).unwrap_or_default();
    if !property("subarray").is_function() || property("BYTES_PER_ELEMENT").as_f64() != Some(1.0) {
        return Err(Broken::Unusable(unusable("fetch returned a Response whose body does not hold bytes.")));
    }
    Ok(chunk.unchecked_into())
}

/// The page's `fetch` function returned something of no use. Whether it has sent the request is unknown.
pub fn unusable(message: &str) -> Failure {
    Failure::invalid("fetch", message).with(|details| details.billed = Billed::Unknown)
}
