//! The timer of a lane.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::task::Waker;

use wasm_bindgen::prelude::*;

use super::driver::Observer;

#[wasm_bindgen]
extern "C" {
    /// A timer of the facade, which clears it at the end of the call, even if the engine has crashed.
    pub type Alarm;

    #[wasm_bindgen(method)]
    fn set(this: &Alarm, milliseconds: f64);

    #[wasm_bindgen(method)]
    fn clear(this: &Alarm);

    #[wasm_bindgen(js_namespace = performance, js_name = now)]
    fn performance_now() -> f64;
}

/// The monotonic time, in milliseconds.
pub fn now() -> u64 {
    performance_now() as u64
}

/// Wakes a lane. Cleared when it is dropped.
pub struct Timer<'a> {
    observer: &'a Observer,
    alarm: Option<(Alarm, Closure<dyn FnMut()>)>,
    /// When it fires; `None`: never.
    at: Option<u64>,
    shared: Rc<Shared>,
}

#[derive(Default)]
struct Shared {
    has_fired: Cell<bool>,
    waker: RefCell<Option<Waker>>,
}

impl<'a> Timer<'a> {
    pub fn new(observer: &'a Observer) -> Self {
        Self { observer, alarm: None, at: None, shared: Rc::default() }
    }

    /// Wakes `waker` at this time.
    pub fn set(&mut self, at: u64, waker: &Waker) {
        self.shared.has_fired.set(false);
        *self.shared.waker.borrow_mut() = Some(waker.clone());
        let (alarm, _) = self.alarm.get_or_insert_with(|| {
            let shared = Rc::clone(&self.shared);
            let handler = Closure::new(move || {
                shared.has_fired.set(true);
                if let Some(waker) = shared.waker.borrow_mut().take() {
                    waker.wake();
                }
            });
            (self.observer.alarm(handler.as_ref()), handler)
        });
        alarm.set((at as f64 - performance_now()).max(0.0));
        self.at = Some(at);
    }

    /// Whether it will fire at this time or earlier. An early one is cheaper to let fire than to set anew.
    pub fn is_set(&self, at: u64) -> bool {
        self.at.is_some_and(|set| set <= at) && !self.shared.has_fired.get()
    }

    pub fn clear(&mut self) {
        if let Some((alarm, _)) = self.alarm.as_ref().filter(|_| self.at.take().is_some()) {
            alarm.clear();
        }
    }
}

impl Drop for Timer<'_> {
    fn drop(&mut self) {
        self.clear();
    }
}
