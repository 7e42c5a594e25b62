//! Errors of successful responses without an image: tasks of gateways, plain text, and other documents.

use crate::decode::json::Value;
use crate::errors::error_body::{ErrorBody, quote};
use crate::errors::{Code, Failure, beginning, sentence};

/// Message of a missing image for which the service gives no reason.
const WITHOUT_REASON: &str =
    "The response contains no image. Try again, or change the prompt: the content filter may have removed it.";

/// Statuses of a task that has not ended.
const UNFINISHED: [&str; 15] = [
    "accepted",
    "created",
    "in_progress",
    "in_queue",
    "notrunning",
    "not_started",
    "pending",
    "processing",
    "queued",
    "running",
    "scheduled",
    "started",
    "starting",
    "submitted",
    "waiting",
];

/// Words of a string that reports an error.
const ERROR_WORDS: [&str; 28] = [
    "error",
    "fail",
    "exception",
    "traceback",
    "denied",
    "invalid",
    "exceeded",
    "unavailable",
    "refused",
    "out of memory",
    "abort",
    "blocked",
    "busy",
    "cannot",
    "forbidden",
    "insufficient",
    "limit",
    "not allowed",
    "not found",
    "overload",
    "quota",
    "reject",
    "timed out",
    "timeout",
    "too many",
    "unable",
    "unauthorized",
    "violat",
];

/// Returns true if a string without a known form reports an error.
pub(crate) fn says_error(words: &str) -> bool {
    let lower = words.to_ascii_lowercase();
    ERROR_WORDS.iter().any(|word| lower.contains(word))
}

/// Task that a gateway created instead of an image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Task {
    id: String,
    status: Option<String>,
}

impl Task {
    /// Returns the task in a document: in the document itself, or in the first entry of its data.
    pub(crate) fn find(document: &Value) -> Option<Self> {
        let first = |value| Value::as_array(value).map_or(Some(value), <[Value]>::first);
        let data = ["data", "output", "result", "task"].into_iter().filter_map(|name| document.get(name));
        Self::read(document).or_else(|| data.filter_map(first).find_map(Self::read))
    }

    fn read(value: &Value) -> Option<Self> {
        let text = |name| value.text(name).filter(|text| !text.is_empty());
        let status = ["status", "state", "task_status"].into_iter().find_map(text);
        let is_unfinished = status.is_some_and(|status| UNFINISHED.contains(&status.to_ascii_lowercase().as_str()));
        let names_task = ["task_id", "taskId", "job_id", "jobId"].into_iter().find_map(text);
        let kind = ["object", "type"].into_iter().find_map(text).unwrap_or_default();
        let follows = ["polling_url", "status_url", "response_url"].into_iter().any(|name| text(name).is_some());
        let is_task = is_unfinished || names_task.is_some() || follows || kind.contains("task") || kind.contains("job");
        let id = names_task.or_else(|| ["id", "request_id", "requestId"].into_iter().find_map(text))?;
        is_task.then(|| Self { id: beginning(id).into(), status: status.map(|status| beginning(status).into()) })
    }
}

impl Failure {
    /// Creates the error of a missing image for which the service gives no reason.
    pub(crate) fn no_image() -> Self {
        Self::new(Code::NoImage, WITHOUT_REASON)
    }

    /// Returns true for [`Failure::no_image`].
    pub(crate) fn is_without_reason(&self) -> bool {
        self.code == Code::NoImage && self.message == WITHOUT_REASON
    }

    /// Creates the error of a missing image, with the words of the response about it if there are any.
    pub(crate) fn without_image(response: &Value) -> Self {
        let Some(error) = ErrorBody::words_of(response) else { return Self::no_image() };
        if error.content_filter.is_some() {
            return Self::of_words(&error);
        }
        let code = if error.code.is_empty() { String::new() } else { format!(" ({})", error.code) };
        let message = format!(
            "The response contains no image{code}. It says: {} The image may still have been generated and billed.",
            sentence(&error.message)
        );
        Self::new(Code::NoImage, message).with(|details| {
            details.service_code = Some(error.code).filter(|code| !code.is_empty());
            details.service_message = Some(error.message);
        })
    }

    /// Creates the error of a task that the response contains instead of an image.
    pub(crate) fn of_task(Task { id, status }: &Task) -> Self {
        let status = status.as_ref().map(|status| format!(", status {status}")).unwrap_or_default();
        Self::new(
            Code::NoImage,
            format!(
                "The response contains a task instead of an image ({id}{status}), which this client does not follow. \
                 Fetch the result of the task from the service or gateway that created it. A second request creates a \
                 second task, which is billed as well."
            ),
        )
    }

    /// Creates the error of a complete response that is not from an image service. `start` is the start of its body.
    pub(crate) fn foreign(start: &[u8]) -> Self {
        let start = quote(start);
        let words = if start.is_empty() { "It is empty.".into() } else { format!("It starts with: {start}") };
        Self::new(
            Code::NoImage,
            format!(
                "The response is complete but contains no image. {words} Check that the endpoint is that of an image \
                 service, and check any gateway in front of it. The image may still have been generated and billed."
            ),
        )
    }

    /// Creates the error of a response that has ended without a result. `start` is the start of its body if it is complete
    /// but neither an event stream nor a document of an image service.
    pub(crate) fn without_result(is_recognized: bool, task: Option<&Task>, start: Option<&[u8]>) -> Self {
        match (task, start) {
            _ if is_recognized => Self::truncated(),
            (Some(task), _) => Self::of_task(task),
            (None, Some(start)) => Self::foreign(start),
            (None, None) => Self::truncated(),
        }
    }

    /// Corrects the error of an ended response by its status: some statuses mean that there is no image, not that the
    /// response was cut.
    pub(crate) fn by_success_status(self, status: u16) -> Self {
        let is_empty = self.code == Code::StreamTruncated && matches!(status, 202 | 204 | 205);
        if is_empty { Self::foreign(&[]) } else { self }
    }
}
