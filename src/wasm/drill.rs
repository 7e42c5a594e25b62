//! Functions that panic, for tests of crash handling. Included only in the test build, never in the package.

#![expect(clippy::panic, reason = "intentional")]

use js_sys::Promise;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

/// Panics synchronously.
#[wasm_bindgen(js_name = panicAtOnce)]
pub fn panic_at_once() {
    panic!("intentional panic, synchronous");
}

/// Panics asynchronously, without a JavaScript caller.
///
/// # Errors
/// Never. The returned promise does not settle.
#[wasm_bindgen(js_name = panicBehindAWait)]
pub async fn panic_behind_a_wait() -> Result<(), JsValue> {
    JsFuture::from(Promise::resolve(&JsValue::UNDEFINED)).await?;
    panic!("intentional panic, asynchronous");
}
