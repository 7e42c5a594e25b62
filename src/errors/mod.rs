//! Why a call failed, in words for the program (a code) and for the person (a message that ends in what to do).

pub mod billing;
pub mod content_filter;
mod service_error;

use std::ops::{Deref, DerefMut};

use serde::Serialize;

use crate::errors::content_filter::ContentFilter;
use crate::http::secrets::Secrets;

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
    /// The prompt or the image was refused by the content filter.
    ContentFilter,
    /// Too many requests or tokens for now.
    RateLimit,
    /// It took too long.
    Timeout,
    /// No answer could be read: offline, DNS, TLS, a dropped connection or CORS. A browser does not tell which.
    Connection,
    /// The answer stopped before the image was complete.
    StreamTruncated,
    /// The answer is not what the protocol says.
    StreamMalformed,
    /// The answer is larger than a limit of this client.
    TooLarge,
    /// The service answered, without an image.
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
    /// No image can have been made.
    No,
    /// An image was made.
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
    /// The number of the driver's value that caused it.
    #[serde(skip)]
    pub cause: Option<usize>,
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
            cause: None,
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
                    "The credential gave no token within {after} s (timeoutInMs). See what it waits for: a \
                     sign-in window that is hidden or blocked, or a server of yours. Raise timeoutInMs if it may take longer."
                ),
                Billed::No,
            ),
            TimeLimit::Answer => (
                format!(
                    "No answer began within {after} s (timeoutInMs). A stream begins to answer at once; else ask for a lower quality or a \
                     smaller size; or raise timeoutInMs."
                ),
                Billed::Unknown,
            ),
            TimeLimit::Idle => (
                format!(
                    "The answer stopped: nothing came for {after} s (idleTimeoutInMs) after its first {received} bytes. Ask a stream for \
                     partial images (partialImages), which come in between; look for a proxy that holds answers back; or raise idleTimeoutInMs."
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

    /// The bytes of its texts.
    pub(crate) fn bytes(&self) -> usize {
        let Details { message, service_message, service_code, param, request_id, content_filter, .. } = &**self;
        let texts = [service_message, service_code, param, request_id].into_iter().flatten().chain([message]);
        let filter = content_filter.as_ref().map_or(0, ContentFilter::bytes);
        texts.map(String::len).sum::<usize>().saturating_add(filter)
    }

    /// Takes secrets out of everything that the service may have repeated them in, and cuts its own texts to what a message would
    /// repeat of them.
    pub fn redact(&mut self, secrets: &Secrets) {
        let details = &mut **self;
        details.message = secrets.redact(&details.message);
        let redact = |text: &mut String| *text = secrets.redact(beginning(text));
        let texts =
            [&mut details.service_message, &mut details.service_code, &mut details.param, &mut details.request_id];
        texts.into_iter().flatten().for_each(redact);
        if let Some(filter) = &mut details.content_filter {
            filter.stage.iter_mut().for_each(redact);
            for category in &mut filter.categories {
                redact(&mut category.name);
                category.severity.iter_mut().for_each(redact);
            }
        }
    }
}

/// So much of a text of the service as a message repeats.
pub(crate) fn beginning(text: &str) -> &str {
    const CHARACTERS: usize = 2000;
    text.char_indices().nth(CHARACTERS).and_then(|(end, _)| text.get(..end)).unwrap_or(text)
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
