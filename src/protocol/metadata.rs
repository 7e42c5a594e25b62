//! The pairs of names and values that a caller may attach to a response or an agent.

use super::error::Failure;

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
pub(super) fn check<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<(), Failure> {
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

/// A metadata that cannot be sent.
pub(super) fn invalid(message: impl Into<String>) -> Failure {
    Failure::invalid("metadata", message)
}
