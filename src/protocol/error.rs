//! Why a call failed, in words for the program (a code) and for the person (a message that ends in what to do).

use std::ops::{Deref, DerefMut};

use serde::Serialize;

use super::content_filter::ContentFilter;

/// What kind of failure it is. The names that JavaScript sees are in `snake_case`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Code {
    /// The request cannot work as it is; `param` names what is wrong, where that is known.
    InvalidRequest,
    /// No credential, a wrong one, or one that is not accepted here.
    Authentication,
    /// The credential is good, but may not do this.
    Permission,
    /// Nothing is at this address.
    NotFound,
    /// The resource has no deployment of this name.
    DeploymentNotFound,
    /// The prompt or the picture was refused by the content filter.
    ContentFilter,
    /// Too many requests or tokens for now.
    RateLimit,
    /// It took too long.
    Timeout,
    /// No answer could be read: offline, DNS, TLS, a dropped connection or CORS. A browser does not tell which.
    Connection,
    /// The answer stopped before the picture was complete.
    StreamTruncated,
    /// The answer is not what the protocol says.
    StreamMalformed,
    /// The answer is larger than a limit of this client.
    TooLarge,
    /// The service answered, without a picture.
    NoImage,
    /// The service, or something in front of it, failed.
    Service,
    /// The caller aborted.
    Cancelled,
    /// A defect of this library.
    Internal,
}

/// Whether the request costs money.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Billed {
    /// No picture can have been made.
    No,
    /// A picture was made.
    Yes,
    /// It cannot be told from here.
    Unknown,
}

/// A failed call. Behind a pointer, since most functions may return one, and each would have to make room for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Failure(Box<Details>);

/// What is known of a failed call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Details {
    /// What kind of failure it is.
    pub code: Code,
    /// What happened, why, and what to do.
    pub message: String,
    /// Whether the request costs money.
    pub billed: Billed,
    /// Whether the same call may succeed later.
    pub retryable: bool,
    /// The HTTP status of the answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// The service's own words, which are within the message.
    #[serde(skip)]
    pub service_message: Option<String>,
    /// The service's own code, such as `DeploymentNotFound`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service_code: Option<String>,
    /// The parameter at fault.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub param: Option<String>,
    /// The service's name for the request, to quote to its support.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// How long the service asks to wait, in milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_after_in_ms: Option<u32>,
    /// What the content filter objected to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content_filter: Option<ContentFilter>,
}

impl Deref for Failure {
    type Target = Details;

    fn deref(&self) -> &Details {
        &self.0
    }
}

impl DerefMut for Failure {
    fn deref_mut(&mut self) -> &mut Details {
        &mut self.0
    }
}

impl Failure {
    /// A failure that the service took no part in: nothing was sent, or nothing is known of what became of it.
    #[must_use]
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        let (billed, retryable) = match code {
            Code::InvalidRequest
            | Code::Authentication
            | Code::Permission
            | Code::NotFound
            | Code::DeploymentNotFound => (Billed::No, false),
            Code::RateLimit => (Billed::No, true),
            Code::Timeout | Code::Connection | Code::StreamTruncated | Code::Service => (Billed::Unknown, true),
            Code::ContentFilter
            | Code::StreamMalformed
            | Code::TooLarge
            | Code::NoImage
            | Code::Cancelled
            | Code::Internal => (Billed::Unknown, false),
        };
        Self(Box::new(Details {
            code,
            message: message.into(),
            billed,
            retryable,
            status: None,
            service_message: None,
            service_code: None,
            param: None,
            request_id: None,
            retry_after_in_ms: None,
            content_filter: None,
        }))
    }

    /// The same failure, where more is known.
    #[must_use]
    pub fn with(mut self, tell: impl FnOnce(&mut Details)) -> Self {
        tell(&mut self);
        self
    }

    /// A request that cannot work, refused before it was sent.
    #[must_use]
    pub fn invalid(param: &str, message: impl Into<String>) -> Self {
        Self::new(Code::InvalidRequest, message).with(|details| details.param = Some(param.into()))
    }

    /// A step that took longer than the caller allows. `received`: how many bytes of the answer had come.
    #[must_use]
    pub fn timed_out(limit: TimeLimit, milliseconds: u32, received: u64) -> Self {
        let after = format!("{}.{:03}", milliseconds / 1000, milliseconds % 1000);
        let after = after.trim_end_matches('0').trim_end_matches('.');
        let (message, billed) = match limit {
            TimeLimit::Credential => (
                format!(
                    "The credential gave no token within {after} s (timeout). See what it waits for: a \
                     sign-in window that is hidden or blocked, or a server of yours. Raise timeout if it may take longer."
                ),
                Billed::No,
            ),
            TimeLimit::Answer => (
                format!(
                    "No answer began within {after} s (timeout). A stream begins to answer at once; else ask for a lower quality or a \
                     smaller size; or raise timeout."
                ),
                Billed::Unknown,
            ),
            TimeLimit::Idle => (
                format!(
                    "The answer stopped: nothing came for {after} s (idleTimeout) after its first {received} bytes. Ask a stream for \
                     previews (partialImages), which come in between; look for a proxy that holds answers back; or raise idleTimeout."
                ),
                Billed::Unknown,
            ),
        };
        Self::new(Code::Timeout, message).with(|details| details.billed = billed)
    }

    /// The connection failed, before or within an answer of which so many bytes had come.
    #[must_use]
    pub fn lost(received: Option<u64>) -> Self {
        let message = match received {
            None => "No answer could be read. A browser does not say why; check, in this order: that the device is online; that the \
                     endpoint's host is spelled right; that the service allows this page's origin (CORS; the console of the browser \
                     says so), or put a proxy on the page's own origin; that nothing redirects the request. probe() asks some of it \
                     for you."
                .into(),
            Some(received) => format!(
                "The connection broke after {received} bytes of the answer. Try again; if it happens often, look for a proxy that cuts long \
                 answers off."
            ),
        };
        Self::new(Code::Connection, message)
    }

    /// Adds the service's name for the request where the failure has none.
    pub fn name_request(&mut self, request_id: Option<&str>) {
        if self.request_id.is_none() {
            self.request_id = request_id.map(Into::into);
        }
    }

    /// Takes secrets out of everything that the service may have repeated them in.
    pub fn redact(&mut self, secrets: &[impl AsRef<str>]) {
        let details = &mut **self;
        let mut redact = |text: &mut String| *text = redacted(text, secrets);
        redact(&mut details.message);
        let texts =
            [&mut details.service_message, &mut details.service_code, &mut details.param, &mut details.request_id];
        texts.into_iter().flatten().for_each(&mut redact);
        if let Some(filter) = &mut details.content_filter {
            filter.stage.iter_mut().for_each(&mut redact);
            for category in &mut filter.categories {
                redact(&mut category.name);
                category.severity.iter_mut().for_each(&mut redact);
            }
        }
    }
}

/// So much of a text of the service as a message repeats.
pub(super) fn beginning(text: &str) -> &str {
    const CHARACTERS: usize = 2000;
    text.char_indices().nth(CHARACTERS).and_then(|(end, _)| text.get(..end)).unwrap_or(text)
}

/// Much of a secret is a secret too: a text may be cut within it, or repeat it in another form but for a letter.
const TELLING_BYTES: usize = 12;

/// What is shorter is no secret, and would take words apart.
const SHORTEST_SECRET_BYTES: usize = 8;

/// A text without secrets, and without any part of one that is long enough to tell.
#[must_use]
pub fn redacted(text: &str, secrets: &[impl AsRef<str>]) -> String {
    let text = text.as_bytes();
    // Each, and how long its parts are.
    let secrets = || {
        let secrets = secrets.iter().map(|secret| secret.as_ref().as_bytes());
        secrets
            .map(|secret| (secret, secret.len().min(TELLING_BYTES)))
            .filter(|(_, part)| *part >= SHORTEST_SECRET_BYTES)
    };
    // A token has thousands of parts: most places of a text are ruled out by four of their bytes.
    let mut beginnings = vec![false; 1 << 16];
    let beginning = |part: &[u8]| {
        let first = part.first_chunk().copied().unwrap_or_default();
        (u32::from_le_bytes(first).wrapping_mul(0x9E37_79B1) >> 16) as usize
    };
    for part in secrets().flat_map(|(secret, length)| secret.windows(length)) {
        if let Some(is_one) = beginnings.get_mut(beginning(part)) {
            *is_one = true;
        }
    }
    let part_at = |place: usize| {
        let rest = text.get(place..).filter(|rest| beginnings.get(beginning(rest)) == Some(&true))?;
        let is_one = |secret: &[u8], length| {
            rest.get(..length).is_some_and(|part| secret.windows(length).any(|other| other == part))
        };
        secrets().filter(|(secret, length)| is_one(secret, *length)).map(|(_, length)| length).max()
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

/// What a call may wait for only so long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TimeLimit {
    /// The token.
    Credential,
    /// The beginning of the answer.
    Answer,
    /// More of the answer.
    Idle,
}
