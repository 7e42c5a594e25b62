//! Timer of a call.

use std::cell::Cell;

use wasm_bindgen::prelude::*;

use super::facade::Observer;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = performance, js_name = now)]
    fn performance_now() -> f64;
}

/// Returns the monotonic time, in milliseconds.
pub fn now() -> u64 {
    performance_now() as u64
}

/// Timer of a call, which all lanes share. The facade clears it when the call ends.
#[derive(Debug, Default)]
pub struct Timer {
    /// The time at which it fires, in milliseconds. `None` if it is not set.
    at: Cell<Option<u64>>,
}

impl Timer {
    /// Returns true if the time `at` has passed. Otherwise the timer fires then, or earlier.
    pub fn has_passed(&self, at: u64, now: u64, observer: &Observer) -> bool {
        // Resetting an early timer costs more than letting it fire.
        if now < at && self.at.get().is_none_or(|set| at < set) {
            observer.set_timer((at - now) as f64);
            self.at.set(Some(at));
        }
        now >= at
    }

    /// Called when the timer has fired.
    pub fn on_fired(&self) {
        self.at.set(None);
    }
}
