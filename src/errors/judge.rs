//! Judgement of errors that a service reports. Its code is needed only after an error, so a page loads it then.

use crate::decode::json::Value;
use crate::errors::error_body::{is_empty, quote};
use crate::errors::{Billed, Code, Failure};
use crate::http::message::Head;
use crate::http::retry;
use crate::models::service::Service;

/// Judges the errors that a service reports.
pub trait Judge: std::fmt::Debug {
    /// Creates the error of a response with a status other than 2xx.
    fn response(&self, service: Service, head: &Head, body: &[u8]) -> Failure;

    /// Creates the error in a document of a 2xx response: of the event `name`, or of a JSON body. Returns `None` if the
    /// document contains no error.
    fn document(&self, name: &str, value: &Value) -> Option<Failure>;

    /// Creates the error of an image that the content filter withheld. Returns `None` if it did not.
    fn withheld(&self, entry: &Value) -> Option<Failure>;

    /// Creates the error of a response without an image, with the words of the response about it if there are any.
    fn without_image(&self, response: &Value) -> Failure;
}

/// The judge of all services.
#[derive(Debug, Clone, Copy)]
pub struct ServiceJudge;

impl Judge for ServiceJudge {
    fn response(&self, service: Service, head: &Head, body: &[u8]) -> Failure {
        Failure::from_answer_of(service, head.status, body, waits(head))
    }

    fn document(&self, name: &str, value: &Value) -> Option<Failure> {
        Failure::from_event(name, value)
    }

    fn withheld(&self, entry: &Value) -> Option<Failure> {
        Failure::withheld(entry)
    }

    fn without_image(&self, response: &Value) -> Failure {
        Failure::without_image(response)
    }
}

/// The judge if the code of the other one cannot be loaded. It knows the status, and quotes the service.
#[derive(Debug, Clone, Copy)]
pub struct PlainJudge;

impl Judge for PlainJudge {
    fn response(&self, _service: Service, head: &Head, body: &[u8]) -> Failure {
        let code = match head.status {
            401 => Code::Authentication,
            403 => Code::Permission,
            404 => Code::NotFound,
            408 => Code::Timeout,
            429 => Code::RateLimit,
            // Statuses of proxies: failed dependency, too early, client closed request.
            424 | 425 | 499 => Code::Service,
            400..=499 => Code::InvalidRequest,
            _ => Code::Service,
        };
        plain(code, &format!(" ({})", head.status), body).with(|details| {
            details.status = Some(head.status);
            // The content filter may have withheld an image.
            if head.status == 400 {
                details.billed = Billed::Unknown;
            }
            if code == Code::RateLimit {
                details.retry_after_in_ms = retry::after(waits(head), "");
            }
        })
    }

    fn document(&self, name: &str, value: &Value) -> Option<Failure> {
        let place = place_of_error(value);
        let error = place.get("error").unwrap_or(place);
        let message = error.text("message").or(error.as_str()).unwrap_or_default();
        reports_error(name, value)
            .then(|| plain(Code::Service, "", message.as_bytes()).with(|details| details.billed = Billed::Unknown))
    }

    fn withheld(&self, _entry: &Value) -> Option<Failure> {
        None
    }

    fn without_image(&self, _response: &Value) -> Failure {
        Failure::no_image()
    }
}

fn waits(head: &Head) -> retry::Headers<'_> {
    retry::Headers { retry_after_ms: head.retry_after_ms.as_deref(), retry_after: head.retry_after.as_deref() }
}

fn plain(code: Code, status: &str, words: &[u8]) -> Failure {
    let words = Some(quote(words)).filter(|words| !words.is_empty());
    let said = words.as_ref().map_or_else(|| ".".to_owned(), |words| format!(": {words}"));
    let message = format!(
        "The service reported an error{status}{said} (The code that explains it, azure_image_client_more.wasm, could not \
         be loaded.)"
    );
    Failure::new(code, message).with(|details| details.service_message = words)
}

/// Returns the part of a document that can report an error: some gateways send a list.
pub(crate) fn place_of_error(document: &Value) -> &Value {
    document.as_array().and_then(<[Value]>::first).unwrap_or(document)
}

/// Returns true if a document of a 2xx response reports an error: the event `name`, or a JSON body.
pub(crate) fn reports_error(name: &str, document: &Value) -> bool {
    let place = place_of_error(document);
    let has_error = place.get("error").is_some_and(|error| !is_empty(error) && error.as_bool().is_none());
    // `{"statusCode":401,"message":…}` of the gateway, and `{"type":"error","code":…,"message":…}` in a stream.
    let is_failed = |status: &Value| status.as_u64().is_none_or(|status| status >= 400);
    let has_status = place.get("statusCode").is_some_and(is_failed);
    name == "error" || has_error || has_status || place.text("type") == Some("error")
}
