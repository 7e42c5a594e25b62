//! Crash handling.

use js_sys::Function;
use wasm_bindgen::prelude::*;

/// Calls `handler` with the location and message of a panic, before the instance becomes unusable. The handler rejects
/// pending promises, which would never settle, because a panic in WebAssembly does not unwind.
#[wasm_bindgen(js_name = onPanic)]
pub fn on_panic(handler: Function) {
    std::panic::set_hook(Box::new(move |info| {
        // An error of the handler cannot be handled here.
        let _ = handler.call1(&JsValue::UNDEFINED, &JsValue::from_str(&info.to_string()));
    }));
}
