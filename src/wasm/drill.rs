//! Panics when told to, for the tests of what happens then. Only in their build, never in the package.

#![expect(clippy::panic, reason = "what it is for")]

use js_sys::Promise;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

/// Panics before it returns.
#[wasm_bindgen(js_name = panicAtOnce)]
pub fn panic_at_once() {
    panic!("told to, at once");
}

/// Panics behind a wait, where nobody called it.
///
/// # Errors
/// Never: the promise that it returns does not settle.
#[wasm_bindgen(js_name = panicBehindAWait)]
pub async fn panic_behind_a_wait() -> Result<(), JsValue> {
    JsFuture::from(Promise::resolve(&JsValue::UNDEFINED)).await?;
    panic!("told to, behind a wait");
}
