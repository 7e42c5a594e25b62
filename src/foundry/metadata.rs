//! Metadata: name-value pairs of a response, an agent or a conversation.

use crate::decode::json::{Limits, Value};
use crate::errors::Failure;

/// JSON limits of metadata. They are far above the allowed sizes, so that the error can report the actual problem.
const LIMITS: Limits = Limits { max_kept_bytes: 1024 * 1024, max_depth: 8 };

/// Maximum number of pairs.
const MAX_PAIRS: usize = 16;
/// Maximum length of a name, in characters.
const MAX_NAME: usize = 64;
/// Maximum length of a value, in characters.
const MAX_VALUE: usize = 512;

/// Checks the limits of the service.
///
/// # Errors
/// There are too many pairs, or a name or value is too long.
pub(crate) fn check<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<(), Failure> {
    let mut count = 0_usize;
    for (name, value) in pairs {
        count = count.saturating_add(1);
        let (name_length, value_length) = (name.chars().count(), value.chars().count());
        if name_length > MAX_NAME {
            let start: String = name.chars().take(MAX_NAME).collect();
            return Err(invalid(format!(
                "The metadata name \"{start}\u{2026}\" has {name_length} characters. At most {MAX_NAME} are \
                 allowed. Shorten it."
            )));
        }
        if value_length > MAX_VALUE {
            return Err(invalid(format!(
                "The metadata value of \"{name}\" has {value_length} characters. At most {MAX_VALUE} are allowed. \
                 Shorten it, or store it elsewhere and pass an id."
            )));
        }
    }
    if count > MAX_PAIRS {
        return Err(invalid(format!(
            "metadata has {count} pairs. At most {MAX_PAIRS} are allowed. Combine several values into one."
        )));
    }
    Ok(())
}

/// Checks metadata that is passed as a JSON string.
///
/// # Errors
/// The JSON is not an object of strings, or the service would refuse it.
pub fn check_text(text: &str) -> Result<(), Failure> {
    match Value::parse(text.as_bytes(), LIMITS) {
        Ok(metadata) => check_value(Some(&metadata)),
        Err(_) => Err(invalid("metadata is too large or too deeply nested. Use strings of at most 512 characters.")),
    }
}

/// Checks metadata that is passed as a JSON value.
pub(crate) fn check_value(metadata: Option<&Value>) -> Result<(), Failure> {
    let pairs = match metadata {
        None | Some(Value::Null) => return Ok(()),
        Some(Value::Object(pairs)) => pairs,
        Some(_) => return Err(invalid("metadata must be an object with string values.")),
    };
    let mut strings = Vec::with_capacity(pairs.len());
    for (name, value) in pairs {
        let Some(value) = value.as_str() else {
            return Err(invalid(format!("The metadata value of \"{name}\" is not a string. Convert it to a string.")));
        };
        strings.push((name.as_str(), value));
    }
    check(strings)
}

/// Creates the error of invalid metadata.
pub(crate) fn invalid(message: impl Into<String>) -> Failure {
    Failure::invalid("metadata", message)
}
