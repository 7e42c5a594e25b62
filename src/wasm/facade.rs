//! Objects that the JavaScript facade implements for the engine.

use js_sys::{Array, Function, Promise};
use wasm_bindgen::prelude::*;
use web_sys::AbortSignal;

#[wasm_bindgen]
extern "C" {
    /// Functions that the facade provides to the engine.
    #[derive(Debug, Clone)]
    pub type Platform;

    /// Deduplicates concurrent calls of `get_token` of `credential`, with `scopes` if set.
    #[wasm_bindgen(method)]
    pub fn share(this: &Platform, get_token: &Function, credential: &JsValue, scopes: Option<&Array>) -> SingleFlight;

    #[derive(Debug)]
    pub type SingleFlight;

    /// Returns a promise for the token. It rejects if `signal` is aborted.
    #[wasm_bindgen(method)]
    pub fn ask(this: &SingleFlight, signal: &AbortSignal, force_refresh: bool) -> Promise;

    /// Observer of a call, implemented by the facade. Its functions do not throw.
    pub type Observer;

    #[wasm_bindgen(method, getter, js_name = reportsProgress)]
    pub fn reports_progress(this: &Observer) -> bool;

    #[wasm_bindgen(method, getter, js_name = startedAt)]
    pub fn started_at(this: &Observer) -> f64;

    #[wasm_bindgen(method)]
    pub fn event(this: &Observer, record: &JsValue);

    #[wasm_bindgen(method)]
    pub fn identify(this: &Observer, id: &str);

    /// Reports progress. `retry` is the pending retry or `undefined`.
    #[wasm_bindgen(method)]
    pub fn progress(
        this: &Observer,
        stage: &JsValue,
        received_bytes: f64,
        partial_images: u32,
        images: u32,
        elapsed_ms: f64,
        retry: &JsValue,
    );

    #[wasm_bindgen(method)]
    pub fn succeed(this: &Observer, record: &JsValue);

    #[wasm_bindgen(method)]
    pub fn fail(this: &Observer, record: &JsValue);

    #[wasm_bindgen(method)]
    pub fn connect(this: &Observer, may_be_billed: bool) -> Handle;

    /// Loads the judge of errors and calls [`Client::provide_judge`](super::client::Client). Returns a promise that rejects if
    /// it cannot be loaded.
    #[wasm_bindgen(method, js_name = loadJudge)]
    pub fn load_judge(this: &Observer) -> Promise;

    /// Sets the only timer of the call, which calls `CallHandle::on_timer` after a delay.
    #[wasm_bindgen(method, js_name = setTimer)]
    pub fn set_timer(this: &Observer, milliseconds: f64);

    /// Connection handle of the facade, which can close the connection even after an engine crash.
    pub type Handle;

    #[wasm_bindgen(method, getter)]
    pub fn signal(this: &Handle) -> AbortSignal;

    /// Creates the request. `body` may be undefined.
    #[wasm_bindgen(method, catch)]
    pub fn prepare(
        this: &Handle,
        method: &str,
        url: &str,
        headers: &JsValue,
        body: &JsValue,
        is_opaque: bool,
    ) -> Result<(), JsValue>;

    /// Sends the request. Resolves with a string of five lines: the status and the values of `retry-after-ms`,
    /// `retry-after`, the request id and `content-type`. Rejects with `{ unusable }` if `fetch` returned no usable response.
    #[wasm_bindgen(method)]
    pub fn send(this: &Handle, fetch: Option<&Function>) -> Promise;

    /// Copies the next bytes of the body into `bytes`. Returns their number, 0 at the end, -1 if `CallHandle::wake` will
    /// be called when there are more, or -2 after an error.
    #[wasm_bindgen(method)]
    pub fn read(this: &Handle, bytes: &mut [u8]) -> i32;

    /// The error of reading.
    #[wasm_bindgen(method, getter)]
    pub fn cause(this: &Handle) -> JsValue;

    #[wasm_bindgen(method)]
    pub fn close(this: &Handle, may_be_billed: bool);

    #[wasm_bindgen(method)]
    pub fn end(this: &Handle, may_be_billed: bool);
}
