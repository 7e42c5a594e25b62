//! Failures on their way to JavaScript.

use js_sys::Reflect;
use wasm_bindgen::prelude::*;

use super::convert::{self, Options};
use crate::protocol::error::{Billed, Code, Failure};
use crate::protocol::retry::Effect;

/// A failure, with the JavaScript value that caused it.
#[derive(Debug, Clone)]
pub struct Thrown {
    pub failure: Failure,
    pub cause: Option<JsValue>,
}

impl Thrown {
    pub fn new(code: Code, message: &str, cause: JsValue) -> Self {
        Self { failure: Failure::new(code, message), cause: Some(cause) }
    }
}

impl Thrown {
    /// The failure alone, with what the page's own code said of it in its message.
    pub fn with_reason(self) -> Failure {
        let reason = self.cause.as_ref().and_then(|cause| Options::new(cause).text("message"));
        let reason = reason.filter(|_| self.failure.code == Code::Authentication);
        self.failure.with(|details| {
            if let Some(reason) = reason {
                details.message.push_str(&format!(" It says: \"{reason}\"."));
            }
        })
    }

    /// As [`Failure::of`].
    pub fn of(self, effect: Effect) -> Self {
        Self { failure: self.failure.of(effect), ..self }
    }

    /// The end of a call of which other requests were sent before.
    pub fn after_others(mut self, may_be_billed: bool) -> Self {
        if may_be_billed && self.failure.billed == Billed::No {
            self.failure.billed = Billed::Unknown;
            self.failure.message.push_str(" An earlier try of the same call may have been billed.");
        }
        self
    }
}

impl From<Failure> for Thrown {
    fn from(failure: Failure) -> Self {
        Self { failure, cause: None }
    }
}

/// The plain record from which the facade makes its error.
impl From<Thrown> for JsValue {
    fn from(thrown: Thrown) -> Self {
        let record = convert::to_js(&thrown.failure);
        if let Some(cause) = thrown.cause {
            // Setting a member of a plain object cannot fail.
            let _ = Reflect::set(&record, &JsValue::from_str("cause"), &cause);
        }
        record
    }
}
