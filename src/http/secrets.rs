//! Redaction of secrets in strings from a service.

use std::cell::OnceCell;

use crate::http::percent;

/// Words in the name of a caller's header or query parameter that mark its value as a secret.
const WORDS: [&str; 18] = [
    "key",
    "apikey",
    "auth",
    "authorization",
    "bearer",
    "token",
    "secret",
    "cookie",
    "sig",
    "signature",
    "pass",
    "password",
    "passwd",
    "passphrase",
    "pwd",
    "jwt",
    "session",
    "credential",
];

/// Ends of such words that are written as one, such as `accesstoken`.
const ENDS: [&str; 7] = ["apikey", "accesskey", "subscriptionkey", "token", "secret", "password", "sessionid"];

/// Last words of names whose value describes a secret but is none, such as `x-auth-provider`.
const DESCRIPTIONS: [&str; 21] = [
    "app", "audience", "endpoint", "format", "host", "limit", "location", "method", "mode", "model", "name", "policy",
    "provider", "region", "scheme", "scope", "service", "source", "through", "type", "version",
];

/// Returns true if the value of a header or query parameter with this name is a secret.
fn names_secret(name: &str) -> bool {
    // Splits words at punctuation and before capital letters.
    let mut words = vec![String::new()];
    let mut was_lower = false;
    for character in name.chars() {
        if !character.is_ascii_alphanumeric() || (was_lower && character.is_ascii_uppercase()) {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut().filter(|_| character.is_ascii_alphanumeric()) {
            word.push(character.to_ascii_lowercase());
        }
        was_lower = character.is_ascii_lowercase();
    }
    let is_secret = |word: &String| {
        let word = word.strip_suffix('s').filter(|word| *word != "pas").unwrap_or(word);
        WORDS.contains(&word) || ENDS.iter().any(|end| word.ends_with(end))
    };
    // Azure Functions have a key in the parameter `code`.
    let is_code = name.eq_ignore_ascii_case("code");
    is_code || (words.iter().any(is_secret) && !words.last().is_some_and(|word| DESCRIPTIONS.contains(&word.as_str())))
}

/// Length of the parts of a secret that are redacted, in bytes. A string may contain a truncated secret, or one that
/// differs in a single character.
const TELLING_BYTES: usize = 12;

/// Minimum length of a secret, in bytes. Redacting shorter strings would break up ordinary words.
const SHORTEST_BYTES: usize = 8;

/// Placeholder for a secret.
pub(crate) const REDACTED: &str = "[redacted]";

/// Set of secrets to redact.
#[derive(Default)]
pub struct Secrets {
    texts: Vec<String>,
    /// Sorted parts of the secrets. Computed on demand: most calls report nothing that could contain a secret.
    parts: OnceCell<Vec<Part>>,
}

/// [`TELLING_BYTES`] of a secret in lower case, or all of a shorter one, with the length.
type Part = (usize, [u8; TELLING_BYTES]);

impl Secrets {
    /// Adds a secret. Strings shorter than 8 bytes are ignored.
    pub fn add(&mut self, secret: &str) {
        if secret.len() >= SHORTEST_BYTES && !self.texts.iter().any(|other| other == secret) {
            self.texts.push(secret.into());
            self.parts.take();
        }
    }

    /// Adds the value of a caller's header or query parameter if its name suggests a secret.
    pub fn add_value(&mut self, name: &str, value: &str) {
        if names_secret(name) {
            self.add_credential(value);
        }
    }

    /// Adds a credential, its URL-encoded form, and the parts that a service may repeat on their own: the token after a
    /// scheme such as `Bearer`, and the values of cookies.
    pub fn add_credential(&mut self, value: &str) {
        self.add(value);
        self.add(&percent::encode(value));
        // The scheme, such as `Bearer`, is no secret.
        let is_scheme = |word: &str| word.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '-');
        let parts = value.trim().split_once(' ').filter(|(scheme, _)| is_scheme(scheme));
        let credentials = parts.map_or(value, |(_, credentials)| credentials);
        for part in credentials.split([' ', ';', ',', '=', '"']) {
            self.add(part);
        }
    }

    /// Returns the string with all secrets redacted, including every 12-byte part of one, in upper or lower case. Runs in linear time, even for
    /// strings from a service that knows the secrets.
    #[must_use]
    pub fn redact(&self, text: &str) -> String {
        let text = text.as_bytes();
        let parts = self.parts.get_or_init(|| self.parts());
        let part_at = |place: usize| {
            let rest = text.get(place..)?;
            let mut lengths = (SHORTEST_BYTES..=TELLING_BYTES).rev();
            lengths.find(|length| rest.get(..*length).is_some_and(|part| parts.binary_search(&padded(part)).is_ok()))
        };
        let mut redacted = Vec::with_capacity(text.len());
        // End of the secret parts found so far.
        let mut end: Option<usize> = None;
        for (place, byte) in text.iter().enumerate() {
            if let Some(length) = part_at(place) {
                if end.is_none_or(|end| end < place) {
                    redacted.extend_from_slice(REDACTED.as_bytes());
                }
                end = end.max(Some(place.saturating_add(length)));
            }
            if end.is_none_or(|end| end <= place) {
                redacted.push(*byte);
            }
        }
        String::from_utf8_lossy(&redacted).into_owned()
    }

    fn parts(&self) -> Vec<Part> {
        let windows = self.texts.iter().flat_map(|secret| secret.as_bytes().windows(secret.len().min(TELLING_BYTES)));
        let mut parts: Vec<Part> = windows.map(padded).collect();
        parts.sort_unstable();
        parts.dedup();
        parts
    }
}

fn padded(part: &[u8]) -> Part {
    let mut bytes = [0; TELLING_BYTES];
    for (to, from) in bytes.iter_mut().zip(part) {
        *to = from.to_ascii_lowercase();
    }
    (part.len(), bytes)
}

impl std::fmt::Debug for Secrets {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Secrets").finish_non_exhaustive()
    }
}

/// Returns `true` if the string has more than 24 letters and digits in a row, as keys and tokens do.
pub(crate) fn may_hold_secret(text: &str) -> bool {
    text.split(|character: char| !character.is_ascii_alphanumeric()).any(|run| run.len() > 24)
}
