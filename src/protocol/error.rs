//! Why a call failed, in words for the program (a code) and for the person (a message that ends in what to do).
//!
//! The shapes of Azure's error bodies come from its specifications and from dumps of real traffic: wrapped in `error`,
//! bare, with `inner_error` or `innererror`, with a code that is a string of digits, or no JSON at all.

use std::fmt::Write as _;

use serde::Serialize;

use super::json::{Limits, Value};
use super::retry;

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

/// What the content filter objected to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ContentFilter {
    /// What was refused: `prompt`, `image`, or `unknown` where the service does not say.
    pub source: &'static str,
    /// The categories that led to the refusal, or were looked for in a picture that was not refused; may be empty.
    pub categories: Vec<FilteredCategory>,
}

impl ContentFilter {
    /// What was found in a picture that came.
    #[must_use]
    pub fn of_image(entry: &Value) -> Option<Self> {
        let results = entry.get("content_filter_results")?.as_object()?;
        Some(Self { source: "image", categories: results.iter().map(FilteredCategory::read).collect() })
    }
}

impl FilteredCategory {
    fn read((name, result): &(String, Value)) -> Self {
        Self { name: name.clone(), severity: result.get("severity").and_then(Value::as_str).map(Into::into) }
    }

    /// Of results by category, those that led to a refusal.
    fn filtered(results: Option<&Value>) -> Vec<Self> {
        let results = results.and_then(Value::as_object).unwrap_or_default();
        let is_filtered =
            |(_, result): &&(String, Value)| result.get("filtered").and_then(Value::as_bool) == Some(true);
        results.iter().filter(is_filtered).map(Self::read).collect()
    }
}

/// A category of the content filter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct FilteredCategory {
    /// For example `violence`, `sexual`, `hate`, `self_harm`, `jailbreak`.
    pub name: String,
    /// For example `low`, `medium`, `high`, where the service says it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub severity: Option<String>,
}

/// A failed call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Failure {
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
        Self {
            code,
            message: message.into(),
            billed,
            retryable,
            status: None,
            service_code: None,
            param: None,
            request_id: None,
            retry_after_in_ms: None,
            content_filter: None,
        }
    }

    /// A request that cannot work, refused before it was sent.
    #[must_use]
    pub fn invalid(param: &str, message: impl Into<String>) -> Self {
        Self { param: Some(param.into()), ..Self::new(Code::InvalidRequest, message) }
    }

    /// An answer with a status other than 2xx.
    #[must_use]
    pub fn from_answer(status: u16, body: &[u8], headers: retry::Headers<'_>) -> Self {
        let answer = Value::parse(body.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(body), ERROR_LIMITS).ok();
        let read = |answer| ServiceError::find(answer).unwrap_or_else(|| ServiceError::read(answer));
        let error = answer.as_ref().map(read).unwrap_or_default();
        // A gateway may have wrapped the service's own answer in its message.
        let wrapped = Value::parse(error.message.as_bytes(), ERROR_LIMITS).ok();
        let error = wrapped.as_ref().and_then(ServiceError::find).unwrap_or(error);
        let mut failure = error.judge(Some(status));
        failure.retry_after_in_ms = match failure.code {
            Code::RateLimit | Code::Service | Code::Timeout => retry::after(headers, error.message),
            _ => None,
        };
        failure
    }

    /// A picture that is missing from an answer, by what its entry says of the content filter.
    #[must_use]
    pub fn withheld(entry: &Value) -> Option<Self> {
        let of = |name| FilteredCategory::filtered(entry.get(name));
        let (source, categories) = match (of("content_filter_results"), of("prompt_filter_results")) {
            (image, _) if !image.is_empty() => ("image", image),
            (_, prompt) if !prompt.is_empty() => ("prompt", prompt),
            _ => return None,
        };
        let names: Vec<&str> = categories.iter().map(|category| category.name.as_str()).collect();
        let message = format!("Azure's content filter withheld a picture ({}). Change the prompt.", names.join(", "));
        Some(Self {
            content_filter: Some(ContentFilter { source, categories }),
            ..Self::new(Code::ContentFilter, message)
        })
    }

    /// An error object in an answer whose status was 2xx: as the event `name` of a stream, or instead of the pictures.
    /// `None` where `value` holds none.
    #[must_use]
    pub fn from_event(name: &str, value: &Value) -> Option<Self> {
        let error = ServiceError::find(value).or_else(|| (name == "error").then(|| ServiceError::read(value)))?;
        let failure = error.judge(None);
        Some(Self {
            // The work had begun when it failed.
            billed: if failure.code == Code::ContentFilter { failure.billed } else { Billed::Unknown },
            retry_after_in_ms: retry::after(retry::Headers::default(), error.message),
            ..failure
        })
    }
}

/// For the body of an error: far more than any that was ever seen.
const ERROR_LIMITS: Limits = Limits { max_kept_bytes: 1024 * 1024, max_depth: 32 };

/// Longest text of the service that is repeated in a message, in characters.
const MAX_MESSAGE_CHARACTERS: usize = 2000;

/// Sent with 429 as well, but no wait helps.
const BUDGET_CODES: [&str; 2] = ["insufficient_quota", "project_spend_limit_exceeded"];

/// The error object of an answer.
#[derive(Debug, Default)]
struct ServiceError<'a> {
    /// As text; some services send a number.
    code: &'a str,
    message: &'a str,
    param: Option<&'a str>,
    request_id: Option<&'a str>,
    details: Option<&'a Value>,
}

impl<'a> ServiceError<'a> {
    fn find(answer: &'a Value) -> Option<Self> {
        let text = |value: &'a Value, name| value.get(name).and_then(Value::as_str);
        let error = match answer.get("error") {
            Some(error @ (Value::Object(_) | Value::String(_))) => error,
            // `{"statusCode":401,"message":…}` of the gateway, and `{"type":"error","code":…,"message":…}` in a stream.
            _ if answer.get("statusCode").is_some() || text(answer, "type") == Some("error") => answer,
            _ => return None,
        };
        Some(Self::read(error))
    }

    fn read(error: &'a Value) -> Self {
        let text = |value: &'a Value, name| value.get(name).and_then(Value::as_str);
        Self {
            code: match error.get("code") {
                Some(Value::String(code)) => code,
                Some(Value::Number(code)) => code,
                _ => "",
            },
            message: error.as_str().or_else(|| text(error, "message")).unwrap_or_default(),
            param: text(error, "param").filter(|param| !param.is_empty()),
            request_id: error.get("additionalInfo").and_then(|info| text(info, "request_id")),
            details: Some(error),
        }
    }

    /// What the error means. `status`: that of the answer, unless it was 2xx.
    fn judge(&self, status: Option<u16>) -> Failure {
        let content_filter = self.content_filter();
        let says = |text: &str| self.message.contains(text);
        let (code, advice) = match (status, self.code) {
            _ if content_filter.is_some() => (
                Code::ContentFilter,
                "Change the prompt; the same one will be refused again. What is filtered, and how to adjust it: \
                 https://learn.microsoft.com/azure/ai-foundry/openai/concepts/content-filter",
            ),
            (Some(401), "PermissionDenied") => (
                Code::Permission,
                "Give the signed-in principal a role that may call the model, such as Cognitive Services OpenAI User \
                 (on a Foundry project: Azure AI User). A new role takes some minutes to count.",
            ),
            (Some(401), _) if says("Access token") => (
                Code::Authentication,
                "The token is missing, expired or made for another audience. Ask for the scope that the message names, \
                 with /.default at its end.",
            ),
            (Some(401), _) => (
                Code::Authentication,
                "Check that the key or token belongs to this resource, and that the endpoint is the resource's own.",
            ),
            (Some(403), "AuthenticationTypeDisabled") => {
                (Code::Authentication, "The resource takes no keys: use a Microsoft Entra token.")
            }
            (Some(403), _) => {
                (Code::Permission, "Check the resource's network rules and its state in the Azure portal.")
            }
            (Some(404), "DeploymentNotFound") => (
                Code::DeploymentNotFound,
                "Check the name of the deployment (it is not the name of the model) in the Azure portal. A new one may need \
                 five minutes.",
            ),
            (Some(404), _) => (
                Code::NotFound,
                "Check the endpoint and apiVersion: this path, or this operation of that version, does not exist there.",
            ),
            (Some(408), _) => (
                Code::Timeout,
                "Azure ends a call without streaming after about two minutes. Stream it (generateStream with partialImages: 1), \
                 or ask for a lower quality or a smaller size.",
            ),
            (Some(409), _) => (Code::Service, "Something else was changing it at the same time, or the name is taken."),
            (Some(413), _) => (Code::InvalidRequest, "Send less: smaller or fewer pictures."),
            (Some(429), code) if BUDGET_CODES.contains(&code) => {
                (Code::RateLimit, "Waiting does not help: raise the limit on what may be spent.")
            }
            (Some(429), _) => (Code::RateLimit, "Wait, or raise the quota of the deployment."),
            (Some(400..=499), _) => (Code::InvalidRequest, ""),
            // Without a status: an error within a stream.
            (None, "rate_limit_exceeded" | "429" | "RateLimitReached" | "too_many_requests") => {
                (Code::RateLimit, "Wait.")
            }
            (None, "invalid_value" | "invalid_request_error" | "unknown_parameter") => (Code::InvalidRequest, ""),
            _ => (
                Code::Service,
                "This is the service's own trouble. Whether a picture was made, and billed, cannot be told; try again later.",
            ),
        };
        let mut failure = Failure::new(code, self.message_for(status, advice));
        failure.status = status;
        failure.service_code = Some(self.code).filter(|code| !code.is_empty()).map(Into::into);
        failure.param = self.param.map(Into::into);
        failure.request_id = self.request_id.map(Into::into);
        failure.retryable &= !BUDGET_CODES.contains(&self.code);
        if status == Some(409) {
            failure.billed = Billed::No;
        }
        if let Some(filter) = content_filter {
            failure.billed = if filter.source == "prompt" { Billed::No } else { Billed::Unknown };
            failure.content_filter = Some(filter);
        }
        failure
    }

    fn message_for(&self, status: Option<u16>, advice: &str) -> String {
        let failed = matches!(status, None | Some(408 | 500..));
        let mut message = String::from(if failed { "Azure failed" } else { "Azure refused the request" });
        match (status, self.code) {
            (Some(status), "") => drop(write!(message, " ({status})")),
            (Some(status), code) if code == status.to_string() => drop(write!(message, " ({status})")),
            (Some(status), code) => drop(write!(message, " ({status} {code})")),
            (None, "") => {}
            (None, code) => drop(write!(message, " ({code})")),
        }
        match self.message.trim() {
            "" => message.push_str(" without saying why."),
            text => {
                message.push_str(": ");
                message.extend(text.chars().take(MAX_MESSAGE_CHARACTERS));
                if !text.ends_with(['.', '!', '?']) {
                    message.push('.');
                }
            }
        }
        if !advice.is_empty() {
            message.push(' ');
            message.push_str(advice);
        }
        message
    }

    fn content_filter(&self) -> Option<ContentFilter> {
        const CODES: [&str; 6] = [
            "content_policy_violation",
            "contentFilter",
            "content_filter",
            "moderation_blocked",
            "ResponsibleAIPolicyViolation",
            "image_content_policy_violation",
        ];
        let inner = self.details.and_then(|error| error.get("inner_error").or_else(|| error.get("innererror")));
        let inner_code = inner.and_then(|inner| inner.get("code")).and_then(Value::as_str).unwrap_or_default();
        if !CODES.contains(&self.code) && !CODES.contains(&inner_code) {
            return None;
        }
        let results =
            inner.and_then(|inner| inner.get("content_filter_results").or_else(|| inner.get("content_filter_result")));
        let mut categories = FilteredCategory::filtered(results);
        let moderation = self.details.and_then(|error| error.get("moderation_details"));
        let named = moderation.and_then(|details| details.get("categories")).and_then(Value::as_array);
        categories.extend(
            named
                .unwrap_or_default()
                .iter()
                .filter_map(Value::as_str)
                .map(|name| FilteredCategory { name: name.into(), severity: None }),
        );
        let stage = moderation.and_then(|details| details.get("moderation_stage")).and_then(Value::as_str);
        let source = match stage {
            Some("input") => "prompt",
            Some("output") => "image",
            _ if self.message.starts_with("Generated image was filtered") => "image",
            _ if inner.is_some() || self.param == Some("prompt") || self.message.starts_with("Your task failed") => {
                "prompt"
            }
            _ => "unknown",
        };
        Some(ContentFilter { source, categories })
    }
}
