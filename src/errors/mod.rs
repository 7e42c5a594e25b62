//! Errors of a call: a code for the program, and a message for the user that ends with what to do.

pub mod billing;
pub mod content_filter;
pub(crate) mod error_body;
pub(crate) mod foreign;
pub mod judge;
mod service_error;

use std::ops::{Deref, DerefMut};

use serde::Serialize;

use crate::decimal::of_thousandths;
use crate::errors::content_filter::ContentFilter;
use crate::http::secrets::Secrets;
use crate::models::service::Service;

/// Error code. JavaScript sees the names in `snake_case`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Code {
    /// The request is invalid. `param` names the invalid parameter if it is known.
    InvalidRequest,
    /// The credential is missing, wrong or not accepted by this resource.
    Authentication,
    /// The credential is valid but lacks the required permission.
    Permission,
    /// The URL or the object does not exist.
    NotFound,
    /// The resource has no deployment with this name.
    DeploymentNotFound,
    /// The content filter refused the prompt or the image.
    ContentFilter,
    /// A rate limit or quota was exceeded.
    RateLimit,
    /// A time limit was exceeded.
    Timeout,
    /// No readable response: offline, DNS, TLS, a dropped connection or CORS. Browsers do not report which.
    Connection,
    /// The response ended before the image was complete.
    StreamTruncated,
    /// The response violates the protocol.
    StreamMalformed,
    /// The response exceeds a size limit of this client.
    TooLarge,
    /// The response contains no image.
    NoImage,
    /// The service or a proxy in front of it failed.
    Service,
    /// The caller aborted the call.
    Cancelled,
    /// A bug in this library.
    Internal,
}

/// Billing status of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Billed {
    /// No image was generated.
    No,
    /// An image was generated.
    Yes,
    /// An image may have been generated.
    Unknown,
}

/// Error of a call. Boxed to keep the `Result` types small.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Failure(Box<Details>);

/// Details of an error.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Details {
    /// The error code.
    pub code: Code,
    /// The message: what happened and what to do.
    pub message: String,
    /// The billing status of the request.
    pub billed: Billed,
    /// True if the same call may succeed later.
    pub retryable: bool,
    /// The HTTP status of the response.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// The error message of the service, which `message` also contains.
    #[serde(skip)]
    pub service_message: Option<String>,
    /// The error code of the service, such as `DeploymentNotFound`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service_code: Option<String>,
    /// The invalid parameter.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub param: Option<String>,
    /// The request id of the service, to include in support requests.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// The retry delay that the service requests, in milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_after_in_ms: Option<u32>,
    /// Details of a content filter refusal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content_filter: Option<ContentFilter>,
    /// Index of the driver value that caused the error.
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
    /// Creates an error without service details, with the default `billed` and `retryable` of its code.
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

    /// Returns the error with changed details.
    #[must_use]
    pub fn with(mut self, change: impl FnOnce(&mut Details)) -> Self {
        change(&mut self);
        self
    }

    /// Creates the error of an invalid request that was not sent.
    #[must_use]
    pub fn invalid(param: &str, message: impl Into<String>) -> Self {
        Self::new(Code::InvalidRequest, message).with(|details| details.param = Some(param.into()))
    }

    /// Creates the error of an exceeded time limit of a request to a service. `received` is the number of response bytes received.
    #[must_use]
    pub fn timed_out(service: Service, limit: TimeLimit, milliseconds: u32, received: u64) -> Self {
        let after = of_thousandths(milliseconds);
        let (message, billed) = match limit {
            TimeLimit::Credential => (
                format!(
                    "The credential returned no token within {after} s (timeoutInMs). Check for a hidden or blocked \
                     sign-in window, or a slow token server. Raise timeoutInMs if the sign-in takes longer."
                ),
                Billed::No,
            ),
            TimeLimit::Answer if service != Service::OpenAi => (
                format!(
                    "The response did not start within {after} s (timeoutInMs). Request a smaller size, or raise \
                     timeoutInMs."
                ),
                Billed::Unknown,
            ),
            TimeLimit::Idle if service != Service::OpenAi => (
                format!(
                    "The response stalled: no data for {after} s (idleTimeoutInMs) after the first {received} bytes. \
                     Check for a proxy that buffers responses, or raise idleTimeoutInMs."
                ),
                Billed::Unknown,
            ),
            TimeLimit::Answer => (
                format!(
                    "The response did not start within {after} s (timeoutInMs). Use streaming, which starts the \
                     response immediately, request a lower quality or a smaller size, or raise timeoutInMs."
                ),
                Billed::Unknown,
            ),
            TimeLimit::Idle => (
                format!(
                    "The response stalled: no data for {after} s (idleTimeoutInMs) after the first {received} bytes. \
                     Stream with partialImages for more frequent data, check for a proxy that buffers responses, or \
                     raise idleTimeoutInMs."
                ),
                Billed::Unknown,
            ),
        };
        Self::new(Code::Timeout, message).with(|details| details.billed = billed)
    }

    /// Creates the error of a failed connection. `received` is the number of response bytes received, or `None` if the
    /// response did not start.
    #[must_use]
    pub fn lost(received: Option<u64>) -> Self {
        let message = match received {
            None => {
                "No response could be read. Browsers do not report the reason. Check, in this order: the device is \
                     online; the endpoint's host is spelled correctly; the service allows this page's origin (CORS, \
                     reported in the browser console), or a proxy on the page's own origin is in place; no server \
                     redirects the request. probe() runs some of these checks."
                    .into()
            }
            Some(received) => format!(
                "The connection broke after {received} bytes of the response. Try again. If it happens often, check \
                 for a proxy that cuts off long responses."
            ),
        };
        Self::new(Code::Connection, message)
    }

    /// Returns true if the error contains the words of the service.
    pub(crate) fn is_of_service(&self) -> bool {
        self.service_message.is_some() || self.service_code.is_some() || self.content_filter.is_some()
    }

    /// Sets the request id unless the error already has one.
    pub fn name_request(&mut self, request_id: Option<&str>) {
        if self.request_id.is_none() {
            self.request_id = request_id.map(Into::into);
        }
    }

    /// Returns the total size of its strings, in bytes.
    pub(crate) fn bytes(&self) -> usize {
        let Details { message, service_message, service_code, param, request_id, content_filter, .. } = &**self;
        let strings = [service_message, service_code, param, request_id].into_iter().flatten().chain([message]);
        let filter = content_filter.as_ref().map_or(0, ContentFilter::bytes);
        strings.map(String::len).sum::<usize>().saturating_add(filter)
    }

    /// Redacts secrets in every string that may come from the service, and truncates those strings to the length that
    /// a message may quote.
    pub fn redact(&mut self, secrets: &Secrets) {
        let details = &mut **self;
        details.message = secrets.redact(&details.message);
        let redact = |text: &mut String| *text = secrets.redact(beginning(text));
        let strings =
            [&mut details.service_message, &mut details.service_code, &mut details.param, &mut details.request_id];
        strings.into_iter().flatten().for_each(redact);
        if let Some(filter) = &mut details.content_filter {
            filter.stage.iter_mut().for_each(redact);
            for category in &mut filter.categories {
                redact(&mut category.name);
                category.severity.iter_mut().for_each(redact);
            }
        }
    }
}

/// Truncates a service string to 2000 characters, the most that a message quotes.
pub(crate) fn beginning(text: &str) -> &str {
    const CHARACTERS: usize = 2000;
    text.char_indices().nth(CHARACTERS).and_then(|(end, _)| text.get(..end)).unwrap_or(text)
}

/// Returns a string with a period at its end.
pub(crate) fn sentence(text: &str) -> String {
    if text.ends_with(['.', '!', '?', '…']) { text.into() } else { format!("{text}.") }
}

/// Time limit of a step of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TimeLimit {
    /// Time until the credential returns a token.
    Credential,
    /// Time until the response starts.
    Answer,
    /// Time between chunks of the response.
    Idle,
}
