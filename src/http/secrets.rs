//! What signs requests, and texts of a service without it.

use std::cell::OnceCell;

use crate::http::endpoint::encode;

/// By these words in its name, a header or query parameter of the page's own is known to hold a secret.
const NAMES: [&str; 12] =
    ["key", "auth", "token", "secret", "cookie", "code", "sig", "pass", "pwd", "jwt", "session", "credential"];

/// Much of a secret is a secret too: a text may be cut within it, or repeat it in another form but for a letter.
const TELLING_BYTES: usize = 12;

/// What is shorter is no secret, and would take words apart.
const SHORTEST_BYTES: usize = 8;

/// Secrets, none of which is to be told to anybody.
#[derive(Default)]
pub struct Secrets {
    texts: Vec<String>,
    /// What tells one of them, in order. Made when it is asked for: most calls tell nothing that could hold a secret.
    parts: OnceCell<Vec<Part>>,
}

/// As many bytes as tell, or a secret that is shorter than that, with its length.
type Part = (usize, [u8; TELLING_BYTES]);

impl Secrets {
    /// One more. What has fewer than eight bytes is none.
    pub fn add(&mut self, secret: &str) {
        if secret.len() >= SHORTEST_BYTES && !self.texts.iter().any(|other| other == secret) {
            self.texts.push(secret.into());
            self.parts.take();
        }
    }

    /// What is not to be told of a header or query parameter of the page's own: if its name says that it holds a secret, its value, as
    /// it stands in a URL too, and what a service may repeat without the rest: what stands behind a scheme such as `Bearer`, the
    /// values of cookies.
    pub fn add_value(&mut self, name: &str, value: &str) {
        let name = name.to_ascii_lowercase();
        if NAMES.iter().any(|word| name.contains(word)) {
            self.add(value);
            self.add(&encode(value));
            for part in value.split([' ', ';', ',', '=', '"']) {
                self.add(part);
            }
        }
    }

    /// A text without secrets, and without any twelve bytes of one, which tell it. Takes time in proportion to the text, whatever a
    /// service that knows the secrets puts into it.
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
        // Up to where the parts go that were found, where one was.
        let mut end: Option<usize> = None;
        for (place, byte) in text.iter().enumerate() {
            if let Some(length) = part_at(place) {
                if end.is_none_or(|end| end < place) {
                    redacted.extend_from_slice(b"[redacted]");
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
        *to = *from;
    }
    (part.len(), bytes)
}

impl std::fmt::Debug for Secrets {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Secrets").finish_non_exhaustive()
    }
}

/// Whether a text holds as many letters and digits in a row as keys and tokens do.
pub(crate) fn may_hold_secret(text: &str) -> bool {
    text.split(|character: char| !character.is_ascii_alphanumeric()).any(|run| run.len() > 24)
}
