//! What the facade lends the engine: timers, listeners and promises cost less there, and are easier to let go of.

use std::cell::Cell;

use js_sys::{Array, Function, Promise};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortSignal, ReadableStreamDefaultReader};

use crate::protocol::error::{Code, Failure, TimeLimit};

#[wasm_bindgen]
extern "C" {
    /// The facade's side of the engine.
    #[derive(Debug, Clone)]
    pub type Platform;

    /// Resolves when the page has done what it had to do.
    #[wasm_bindgen(method)]
    pub fn pause(this: &Platform) -> Promise;

    #[wasm_bindgen(method)]
    fn attempt(this: &Platform, signal: &AbortSignal) -> AttemptHandle;

    /// Makes one question of many that are asked at the same time: `get_token` of `credential` for `scopes`, if there are any.
    #[wasm_bindgen(method)]
    pub fn share(this: &Platform, get_token: &Function, credential: &JsValue, scopes: Option<&Array>)
    -> SharedQuestion;

    #[derive(Debug)]
    pub type SharedQuestion;

    /// The answer; its promise rejects where `signal` is aborted before.
    #[wasm_bindgen(method)]
    pub fn ask(this: &SharedQuestion, signal: &AbortSignal, force_refresh: bool) -> Promise;

    #[derive(Debug)]
    type AttemptHandle;

    #[wasm_bindgen(method, getter)]
    fn signal(this: &AttemptHandle) -> AbortSignal;

    #[wasm_bindgen(method, getter, js_name = isOver)]
    fn is_over(this: &AttemptHandle) -> bool;

    #[wasm_bindgen(method, getter)]
    fn expired(this: &AttemptHandle) -> bool;

    #[wasm_bindgen(method)]
    fn limit(this: &AttemptHandle, milliseconds: u32);

    #[wasm_bindgen(method)]
    fn touch(this: &AttemptHandle, at: f64);

    #[wasm_bindgen(method)]
    fn race(this: &AttemptHandle, promise: &Promise) -> Promise;

    #[wasm_bindgen(method)]
    fn hold(this: &AttemptHandle, reader: &ReadableStreamDefaultReader);

    #[wasm_bindgen(method)]
    fn drain(this: &AttemptHandle);

    #[wasm_bindgen(method)]
    fn end(this: &AttemptHandle);

    #[wasm_bindgen(js_namespace = performance, js_name = now)]
    pub fn now() -> f64;
}

/// One attempt of a request. It is over when the call is aborted, when one of its steps takes too long, or when it is
/// dropped, which closes its connection.
#[derive(Debug)]
pub struct Attempt {
    handle: AttemptHandle,
    /// What is waited for, and for how long at most.
    step: Cell<(TimeLimit, u32)>,
}

impl Attempt {
    pub fn new(platform: &Platform, signal: &AbortSignal) -> Self {
        Self { handle: platform.attempt(signal), step: Cell::new((TimeLimit::Credential, 0)) }
    }

    /// Begins a step that may take so many milliseconds; 0: as long as it likes.
    pub fn begin(&self, step: TimeLimit, milliseconds: u32) {
        self.step.set((step, milliseconds));
        self.handle.limit(milliseconds);
    }

    /// Something came: the step may take its time anew from now on.
    pub fn touch(&self, now: f64) {
        self.handle.touch(now);
    }

    /// Aborted when the attempt is over.
    pub fn signal(&self) -> AbortSignal {
        self.handle.signal()
    }

    /// A promise of the page's, which may not follow the signal; rejects when the attempt is over.
    pub fn race(&self, promise: &Promise) -> JsFuture {
        JsFuture::from(self.handle.race(promise))
    }

    /// Closes a body with the attempt.
    pub fn hold(&self, reader: &ReadableStreamDefaultReader) {
        self.handle.hold(reader);
    }

    /// Everything of use has come. The rest of the body, which is near, is read behind the caller's back: a connection that is
    /// closed before could not serve again, and a log on the way would call a success aborted.
    pub fn drain(&self) {
        self.handle.drain();
    }

    /// Why the attempt is over, unless it goes on. `received`: how many bytes of the answer had come.
    pub fn over(&self, received: u64) -> Option<Failure> {
        if !self.handle.is_over() {
            return None;
        }
        if self.handle.expired() {
            let (step, milliseconds) = self.step.get();
            return Some(Failure::timed_out(step, milliseconds, received));
        }
        // The caller has been told already, by the facade.
        Some(Failure::new(Code::Cancelled, "The call was cancelled."))
    }
}

impl Drop for Attempt {
    fn drop(&mut self) {
        self.handle.end();
    }
}
