//! The pairs of names and values that a caller may attach to a response, an agent or a conversation.

use crate::decode::json::{Limits, Value};
use crate::errors::Failure;

/// For a text of metadata: so far beyond what is allowed that the refusal can say what is wrong.
const LIMITS: Limits = Limits { max_kept_bytes: 1024 * 1024, max_depth: 8 };

/// Most pairs.
const MAX_PAIRS: usize = 16;
/// Longest name, in characters.
const MAX_NAME: usize = 64;
/// Longest value, in characters.
const MAX_VALUE: usize = 512;

/// Refuses what the service would.
///
/// # Errors
/// Too many pairs, or one that is too long.
pub(crate) fn check<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<(), Failure> {
    let mut count = 0_usize;
    for (name, value) in pairs {
        count = count.saturating_add(1);
        let (name_length, value_length) = (name.chars().count(), value.chars().count());
        if name_length > MAX_NAME {
            let start: String = name.chars().take(MAX_NAME).collect();
            return Err(invalid(format!(
                "metadata has a name of {name_length} characters, which begins with \"{start}\"; at most {MAX_NAME} are allowed. \
                 Shorten it."
            )));
        }
        if value_length > MAX_VALUE {
            return Err(invalid(format!(
                "The value of \"{name}\" in metadata has {value_length} characters; at most {MAX_VALUE} are allowed. Shorten it, or \
                 keep it elsewhere under an id."
            )));
        }
    }
    if count > MAX_PAIRS {
        return Err(invalid(format!(
            "metadata has {count} pairs; at most {MAX_PAIRS} are allowed. Put several into one value."
        )));
    }
    Ok(())
}

/// As `check`, for the text of a JSON object.
///
/// # Errors
/// No object of texts, or one that the service would refuse.
pub fn check_text(text: &str) -> Result<(), Failure> {
    match Value::parse(text.as_bytes(), LIMITS) {
        Ok(metadata) => check_value(Some(&metadata)),
        Err(_) => Err(invalid("metadata is too large or too deep. Give texts of at most 512 characters.")),
    }
}

/// The same for a JSON value.
pub(crate) fn check_value(metadata: Option<&Value>) -> Result<(), Failure> {
    let pairs = match metadata {
        None | Some(Value::Null) => return Ok(()),
        Some(Value::Object(pairs)) => pairs,
        Some(_) => return Err(invalid("metadata must be an object whose values are texts.")),
    };
    let mut texts = Vec::with_capacity(pairs.len());
    for (name, value) in pairs {
        let Some(value) = value.as_str() else {
            return Err(invalid(format!("The value of \"{name}\" in metadata is no text. Make it one.")));
        };
        texts.push((name.as_str(), value));
    }
    check(texts)
}

/// A metadata that cannot be sent.
pub(crate) fn invalid(message: impl Into<String>) -> Failure {
    Failure::invalid("metadata", message)
}
