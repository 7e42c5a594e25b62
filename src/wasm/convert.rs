//! Values from and to JavaScript.

use std::cell::OnceCell;

use js_sys::{Array, Function, Object, Reflect};
use serde::Serialize;
use wasm_bindgen::prelude::*;

use crate::errors::Failure;
use crate::http::endpoint::ApiVersion;

/// A plain object or value.
pub fn to_js(value: &impl Serialize) -> JsValue {
    // What is handed in has names for keys and, by `Value::as_u64`, no number beyond 2⁵³; nothing else can fail.
    serde_wasm_bindgen::to_value(value).unwrap_or(JsValue::UNDEFINED)
}

/// The members of an options object. What is missing, `undefined` or `null` is `None`, and so is what is of another type:
/// the first of these is kept for [`Options::check`].
pub struct Options<'a> {
    object: &'a JsValue,
    wrong: OnceCell<Failure>,
}

impl<'a> Options<'a> {
    pub fn new(object: &'a JsValue) -> Self {
        Self { object, wrong: OnceCell::new() }
    }

    /// To be asked once the members are read.
    ///
    /// # Errors
    /// A member was of the wrong type: names it, and what it is.
    pub fn check(self) -> Result<(), Failure> {
        self.wrong.into_inner().map_or(Ok(()), Err)
    }

    /// The member as it is.
    pub fn value(&self, name: &str) -> Option<JsValue> {
        let value = Reflect::get(self.object, &JsValue::from_str(name)).ok()?;
        (!value.is_undefined() && !value.is_null()).then_some(value)
    }

    pub fn text(&self, name: &str) -> Option<String> {
        self.typed(name, "a string", JsValue::as_string)
    }

    /// A whole number from 0 to 2³² − 1.
    pub fn whole(&self, name: &str) -> Option<u32> {
        self.typed(name, "a whole number, 0 or more", |value| {
            let number = value.as_f64()?;
            // The cast saturates, so only what it leaves unchanged is in range and whole.
            #[expect(clippy::float_cmp, reason = "only the very same number will do")]
            (f64::from(number as u32) == number).then_some(number as u32)
        })
    }

    pub fn flag(&self, name: &str) -> Option<bool> {
        self.typed(name, "true or false", JsValue::as_bool)
    }

    pub fn function(&self, name: &str) -> Option<Function> {
        self.typed(name, "a function", |value| value.dyn_ref::<Function>().cloned())
    }

    /// A string, or an array of strings.
    pub fn texts(&self, name: &str) -> Option<Array> {
        self.typed(name, "a string or an array of strings", |value| {
            let texts = if value.is_string() { Array::of1(value) } else { value.dyn_ref::<Array>()?.clone() };
            texts.iter().all(|text| text.is_string()).then_some(texts)
        })
    }

    /// Pairs of texts, as an array of arrays: the facade has made them of whatever form the page had them in.
    pub fn pairs(&self, name: &str) -> Vec<(String, String)> {
        let pairs = self.typed(name, "an object with strings", |value| {
            let text = |pair: &Array, index| pair.get(index).as_string();
            let read = |pair: JsValue| {
                let pair = pair.dyn_ref::<Array>()?;
                Some((text(pair, 0)?, text(pair, 1)?))
            };
            value.dyn_ref::<Array>()?.iter().map(read).collect()
        });
        pairs.unwrap_or_default()
    }

    /// What stands in an object of its own; what is wrong with a member of it is said of `name.member`.
    pub fn group<T>(&self, name: &str, read: impl FnOnce(&Options<'_>) -> T) -> Option<T> {
        let object = self.typed(name, "an object", |value| value.is_object().then(|| value.clone()))?;
        let members = Options::new(&object);
        let group = read(&members);
        self.keep_of_group(name, members);
        Some(group)
    }

    fn keep_of_group(&self, name: &str, members: Options<'_>) {
        if let Err(failure) = members.check() {
            self.keep(failure.with(|details| {
                details.message = format!("{name}.{}", details.message);
                details.param = details.param.as_ref().map(|member| format!("{name}.{member}"));
            }));
        }
    }

    /// `null` means that none is sent, which is something else than not set.
    pub fn api_version(&self, name: &str) -> ApiVersion {
        if Reflect::get(self.object, &JsValue::from_str(name)).is_ok_and(|value| value.is_null()) {
            return ApiVersion::None;
        }
        match self.text(name) {
            None => ApiVersion::Default,
            Some(version) if version.is_empty() => ApiVersion::None,
            Some(version) => ApiVersion::Is(version),
        }
    }

    fn typed<T>(&self, name: &str, expected: &str, read: impl FnOnce(&JsValue) -> Option<T>) -> Option<T> {
        let value = self.value(name)?;
        let read = read(&value);
        if read.is_none() {
            self.keep_wrong(name, expected, &value);
        }
        read
    }

    fn keep_wrong(&self, name: &str, expected: &str, value: &JsValue) {
        self.keep(Failure::invalid(name, format!("{name} must be {expected}; it is {}.", describe(value))));
    }

    fn keep(&self, failure: Failure) {
        // Only the first one.
        let _ = self.wrong.set(failure);
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

/// A plain object whose members are set one by one.
#[derive(Debug, Default)]
pub struct Record(Object);

impl Record {
    pub fn set(&self, name: &str, value: impl Into<JsValue>) {
        // To set a member of a plain object cannot fail.
        let _ = Reflect::set(&self.0, &name.into(), &value.into());
    }

    /// Sets a member that has a value.
    pub fn set_some(&self, name: &str, value: Option<impl Into<JsValue>>) {
        if let Some(value) = value {
            self.set(name, value);
        }
    }
}

impl From<JsValue> for Record {
    /// Goes on with an object that was begun elsewhere.
    fn from(record: JsValue) -> Self {
        Self(record.unchecked_into())
    }
}

impl From<Record> for JsValue {
    fn from(record: Record) -> Self {
        record.0.into()
    }
}
