//! What is left to do when the library has a defect after all.

use js_sys::Function;
use wasm_bindgen::prelude::*;

/// Calls `handler` with the place and text of a panic, before the instance becomes unusable. Without it the promises in
/// flight would never settle, since a panic in WebAssembly unwinds nothing.
#[wasm_bindgen(js_name = onPanic)]
pub fn on_panic(handler: Function) {
    std::panic::set_hook(Box::new(move |info| {
        // A handler that throws leaves nothing better to do.
        let _ = handler.call1(&JsValue::UNDEFINED, &JsValue::from_str(&info.to_string()));
    }));
}
