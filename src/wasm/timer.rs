//! Timer of a lane.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::task::Waker;

use wasm_bindgen::prelude::*;

use super::facade::{Alarm, Observer};

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = performance, js_name = now)]
    fn performance_now() -> f64;
}

/// Returns the monotonic time, in milliseconds.
pub fn now() -> u64 {
    performance_now() as u64
}

/// Timer that wakes a lane. It is cleared when dropped.
pub struct Timer<'a> {
    observer: &'a Observer,
    alarm: Option<(Alarm, Closure<dyn FnMut()>)>,
    /// The time at which it fires, in milliseconds. `None` if it is not set.
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

    /// Sets the timer to wake `waker` at a time.
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

    /// Returns true if the timer fires at the given time or earlier. Resetting an early timer costs more than letting
    /// it fire.
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
