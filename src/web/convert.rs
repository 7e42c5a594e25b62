//! Values from and to JavaScript.

use js_sys::{Array, Function, Object, Reflect};
use serde::Serialize;
use wasm_bindgen::prelude::*;

use crate::protocol::endpoint::ApiVersion;
use crate::protocol::error::Failure;

/// A plain object or value.
pub fn to_js(value: &impl Serialize) -> JsValue {
    // What is handed in has names for keys and, by `Value::as_u64`, no number beyond 2⁵³; nothing else can fail.
    serde_wasm_bindgen::to_value(value).unwrap_or(JsValue::UNDEFINED)
}

/// The members of an options object. What is missing, `undefined` or `null` is `None`; what is of another type is an error
/// that names the member and what it is.
pub struct Options<'a>(pub &'a JsValue);

impl Options<'_> {
    /// The member as it is.
    pub fn value(&self, name: &str) -> Option<JsValue> {
        let value = Reflect::get(self.0, &JsValue::from_str(name)).ok()?;
        (!value.is_undefined() && !value.is_null()).then_some(value)
    }

    pub fn text(&self, name: &str) -> Result<Option<String>, Failure> {
        self.typed(name, "a string", |value| value.as_string())
    }

    /// A whole number from 0 to 2³² − 1.
    pub fn whole(&self, name: &str) -> Result<Option<u32>, Failure> {
        self.typed(name, "a whole number, 0 or more", |value| {
            let number = value.as_f64()?;
            // The cast saturates, so only what it leaves unchanged is in range and whole.
            (f64::from(number as u32) == number).then_some(number as u32)
        })
    }

    pub fn flag(&self, name: &str) -> Result<bool, Failure> {
        Ok(self.typed(name, "true or false", |value| value.as_bool())?.unwrap_or_default())
    }

    pub fn function(&self, name: &str) -> Result<Option<Function>, Failure> {
        self.typed(name, "a function", |value| value.dyn_ref::<Function>().cloned())
    }

    /// A string, or an array of strings.
    pub fn texts(&self, name: &str) -> Result<Option<Array>, Failure> {
        self.typed(name, "a string or an array of strings", |value| {
            let texts = if value.is_string() { Array::of1(value) } else { value.dyn_ref::<Array>()?.clone() };
            texts.iter().all(|text| text.is_string()).then_some(texts)
        })
    }

    /// Pairs of texts, as an array of arrays: the facade has made them of whatever form the page had them in.
    pub fn pairs(&self, name: &str) -> Result<Vec<(String, String)>, Failure> {
        let pairs = self.typed(name, "an object with strings", |value| {
            let text = |pair: &Array, index| pair.get(index).as_string();
            Array::from(value)
                .iter()
                .map(|pair| Array::from(&pair))
                .map(|pair| Some((text(&pair, 0)?, text(&pair, 1)?)))
                .collect()
        })?;
        Ok(pairs.unwrap_or_default())
    }

    /// What stands in an object of its own; what is wrong with a member of it is said of `name.member`.
    pub fn group<T: Default>(
        &self,
        name: &str,
        read: impl FnOnce(&Options<'_>) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        let Some(value) = self.typed(name, "an object", |value| value.is_object().then(|| value.clone()))? else {
            return Ok(T::default());
        };
        read(&Options(&value)).map_err(|failure| Failure {
            message: format!("{name}.{}", failure.message),
            param: failure.param.map(|member| format!("{name}.{member}")),
            ..failure
        })
    }

    /// `null` means that none is sent, which is something else than not set.
    pub fn api_version(&self, name: &str) -> Result<ApiVersion, Failure> {
        if Reflect::get(self.0, &JsValue::from_str(name)).is_ok_and(|value| value.is_null()) {
            return Ok(ApiVersion::None);
        }
        Ok(match self.text(name)? {
            None => ApiVersion::Default,
            Some(version) if version.is_empty() => ApiVersion::None,
            Some(version) => ApiVersion::Is(version),
        })
    }

    fn typed<T>(
        &self,
        name: &str,
        expected: &str,
        read: impl FnOnce(&JsValue) -> Option<T>,
    ) -> Result<Option<T>, Failure> {
        let Some(value) = self.value(name) else { return Ok(None) };
        let read = read(&value)
            .ok_or_else(|| Failure::invalid(name, format!("{name} must be {expected}; it is {}.", describe(&value))))?;
        Ok(Some(read))
    }
}

/// What a value is, in words. A text is shown only where it is too short for a secret that stands in the wrong place.
pub fn describe(value: &JsValue) -> String {
    if let Some(text) = value.as_string() {
        return if text.len() <= 24 { format!("the string \"{text}\"") } else { "a long string".into() };
    }
    let kind = value.js_typeof().as_string().unwrap_or_default();
    match kind.as_str() {
        "number" | "boolean" | "bigint" => {
            format!("the {kind} {}", String::from(Object::from(value.clone()).to_string()))
        }
        "object" => "an object".into(),
        _ => format!("a {kind}"),
    }
}
