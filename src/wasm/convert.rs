//! Conversion of values from and to JavaScript.

use std::cell::{OnceCell, RefCell};

use js_sys::{Array, Function, Object};
use serde::Serialize;
use wasm_bindgen::prelude::*;
use web_sys::Blob;

use super::serialize::ToJs;
use crate::decode::json::write_string;
use crate::errors::Failure;
use crate::http::endpoint::ApiVersion;

#[wasm_bindgen(raw_module = "../core/own.js")]
extern "C" {
    /// Returns a property of an object itself or of its class, or `None` for `undefined` and `null`. A property that a
    /// page adds to `Object.prototype` is not an option.
    #[wasm_bindgen(catch)]
    fn member(object: &JsValue, name: &str) -> Result<Option<Object>, JsValue>;

    /// Returns the names of the properties that are set, separated by commas.
    #[wasm_bindgen(js_name = setNames)]
    fn set_names(object: &JsValue) -> String;

    /// Returns an object with the properties of `base`, those of a JSON object, and others. Each of the names ends with
    /// a comma.
    #[wasm_bindgen(js_name = record)]
    fn new_record(base: &JsValue, json: &str, names: &str, values: Vec<JsValue>) -> JsValue;
}

/// Converts a value to a plain JavaScript object or value.
pub fn to_js(value: &impl Serialize) -> JsValue {
    // Cannot fail: the types of the engine need nothing that is not supported.
    value.serialize(ToJs).unwrap_or_default()
}

/// Properties of an options object. A missing, `undefined` or `null` property is `None`, as is a property of the wrong
/// type. [`Options::check`] returns the first type error.
pub struct Options<'a> {
    object: &'a JsValue,
    /// The names of the properties, separated by commas. `None` if they are not known.
    names: Option<String>,
    wrong: OnceCell<Failure>,
}

impl<'a> Options<'a> {
    pub fn new(object: &'a JsValue) -> Self {
        Self { object, names: None, wrong: OnceCell::new() }
    }

    /// Reads a record of the facade, which inherits nothing. Only properties that are set cost a call of JavaScript.
    pub fn of_record(object: &'a JsValue) -> Self {
        Self { names: Some(set_names(object)), ..Self::new(object) }
    }

    /// Checks the types of all properties read so far.
    ///
    /// # Errors
    /// A property has the wrong type. The message contains its name and its actual type.
    pub fn check(self) -> Result<(), Failure> {
        self.wrong.into_inner().map_or(Ok(()), Err)
    }

    /// Returns the unconverted property.
    pub fn value(&self, name: &str) -> Option<JsValue> {
        if self.names.as_ref().is_some_and(|names| !names.split(',').any(|set| set == name)) {
            return None;
        }
        member(self.object, name).ok().flatten().map(JsValue::from)
    }

    pub fn text(&self, name: &str) -> Option<String> {
        self.typed(name, "a string", JsValue::as_string)
    }

    /// Returns a whole number from 0 to 2³² − 1.
    pub fn whole(&self, name: &str) -> Option<u32> {
        self.typed(name, "a whole number, 0 or more", |value| {
            let number = value.as_f64()?;
            // The cast saturates, so it preserves only whole numbers in range.
            #[expect(clippy::float_cmp, reason = "requires exact equality")]
            (f64::from(number as u32) == number).then_some(number as u32)
        })
    }

    /// Returns a number from 0 to 4,294,967, in thousandths.
    pub fn thousandths(&self, name: &str) -> Option<u32> {
        self.typed(name, "a number, 0 or more", |value| {
            let thousandths = (value.as_f64()? * 1000.0).round();
            (0.0..=f64::from(u32::MAX)).contains(&thousandths).then_some(thousandths as u32)
        })
    }

    pub fn flag(&self, name: &str) -> Option<bool> {
        self.typed(name, "true or false", JsValue::as_bool)
    }

    pub fn function(&self, name: &str) -> Option<Function> {
        self.typed(name, "a function", |value| value.dyn_ref::<Function>().cloned())
    }

    /// Returns a string or an array of strings as an array.
    pub fn texts(&self, name: &str) -> Option<Array> {
        self.typed(name, "a string or an array of strings", |value| {
            let texts = if value.is_string() { Array::of1(value) } else { value.dyn_ref::<Array>()?.clone() };
            texts.iter().all(|text| text.is_string()).then_some(texts)
        })
    }

    /// Returns name-value pairs. The facade passes every supported form as an array of arrays.
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

    /// Reads a nested object. Errors refer to its properties as `name.property`.
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

    /// Returns the API version. An empty string means no version, unlike a missing property.
    pub fn api_version(&self, name: &str) -> ApiVersion {
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
        self.keep(Failure::invalid(name, format!("{name} must be {expected}, not {}.", describe(value))));
    }

    fn keep(&self, failure: Failure) {
        // Fails if an earlier error is set, which takes precedence.
        let _ = self.wrong.set(failure);
    }
}

/// Describes a value for error messages. Strings of more than 24 bytes are omitted, because they may contain a secret.
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

/// Builder for a plain object, which JavaScript creates at once.
#[derive(Debug, Default)]
pub struct Record {
    base: JsValue,
    /// The members of a JSON object, each behind a comma. Strings and numbers reach JavaScript faster as JSON than one
    /// by one.
    json: RefCell<String>,
    names: RefCell<String>,
    values: RefCell<Vec<JsValue>>,
}

impl Record {
    pub fn set(&self, name: &str, value: impl Into<Part>) {
        self.add(name, value.into());
    }

    fn add(&self, name: &str, value: Part) {
        match value {
            Part::Json(json) => {
                *self.json.borrow_mut() += &[",\"", name, "\":", &json].concat();
            }
            Part::Value(value) => {
                let mut names = self.names.borrow_mut();
                names.push_str(name);
                names.push(',');
                self.values.borrow_mut().push(value);
            }
        }
    }

    /// Sets a property unless the value is `None`.
    pub fn set_some(&self, name: &str, value: Option<impl Into<Part>>) {
        if let Some(value) = value {
            self.set(name, value);
        }
    }
}

impl From<JsValue> for Record {
    /// Continues an existing object.
    fn from(base: JsValue) -> Self {
        Self { base, ..Self::default() }
    }
}

impl From<Record> for JsValue {
    fn from(record: Record) -> Self {
        let json = ["{", record.json.take().trim_start_matches(','), "}"].concat();
        new_record(&record.base, &json, &record.names.take(), record.values.take())
    }
}

/// Property of a record.
#[derive(Debug)]
pub enum Part {
    Json(String),
    Value(JsValue),
}

impl From<&str> for Part {
    fn from(text: &str) -> Self {
        let mut json = String::new();
        write_string(text, &mut json);
        Self::Json(json)
    }
}

impl From<String> for Part {
    fn from(text: String) -> Self {
        Self::from(text.as_str())
    }
}

impl From<u64> for Part {
    fn from(number: u64) -> Self {
        Self::Json(number.to_string())
    }
}

impl From<u32> for Part {
    fn from(number: u32) -> Self {
        Self::from(u64::from(number))
    }
}

impl From<bool> for Part {
    fn from(flag: bool) -> Self {
        Self::Value(flag.into())
    }
}

impl From<Record> for Part {
    fn from(record: Record) -> Self {
        Self::Value(record.into())
    }
}

impl From<JsValue> for Part {
    fn from(value: JsValue) -> Self {
        Self::Value(value)
    }
}

impl From<Vec<JsValue>> for Part {
    fn from(values: Vec<JsValue>) -> Self {
        Self::Value(values.into())
    }
}

impl From<Blob> for Part {
    fn from(blob: Blob) -> Self {
        Self::Value(blob.into())
    }
}
