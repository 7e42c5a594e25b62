//! Objects that the JavaScript facade implements for the engine.

use js_sys::{Array, Function, Promise};
use wasm_bindgen::prelude::*;
use web_sys::AbortSignal;

#[wasm_bindgen]
extern "C" {
    /// Functions that the facade provides to the engine.
    #[derive(Debug, Clone)]
    pub type Platform;

    /// Returns a promise that resolves after pending tasks of the page have run.
    #[wasm_bindgen(method)]
    pub fn pause(this: &Platform) -> Promise;

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

    #[wasm_bindgen(method)]
    pub fn alarm(this: &Observer, handler: &JsValue) -> Alarm;

    /// Connection handle of the facade, which can close the connection even after an engine crash.
    #[derive(Clone)]
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

    /// Sends the request. Resolves with the status and the values of `retry-after-ms`, `retry-after`, the request id
    /// and `content-type`. Rejects with `{ unusable }` if `fetch` returned no usable response.
    #[wasm_bindgen(method)]
    pub fn send(this: &Handle, fetch: Option<&Function>) -> Promise;

    /// Reads the next chunk of the body. Resolves with a `Uint8Array`, or with `undefined` at the end.
    #[wasm_bindgen(method)]
    pub fn read(this: &Handle) -> Promise;

    #[wasm_bindgen(method)]
    pub fn close(this: &Handle, may_be_billed: bool);

    #[wasm_bindgen(method)]
    pub fn end(this: &Handle, may_be_billed: bool);

    /// Timer of the facade, which clears it when the call ends, even after an engine crash.
    pub type Alarm;

    #[wasm_bindgen(method)]
    pub fn set(this: &Alarm, milliseconds: f64);

    #[wasm_bindgen(method)]
    pub fn clear(this: &Alarm);
}
