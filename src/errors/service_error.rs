//! Azure's error answers: what they hold, and what they mean.
//!
//! The shapes come from specifications and from dumps of real traffic: wrapped in `error`, bare, with `inner_error` or
//! `innererror`, with a code that is a string of digits, or no JSON at all.

use std::fmt::Write as _;

use crate::decode::json::{Limits, Value};
use crate::errors::content_filter::ContentFilter;
use crate::errors::{Billed, Code, Failure, beginning};
use crate::http::retry;

impl Failure {
    /// An answer with a status other than 2xx.
    #[must_use]
    pub fn from_answer(status: u16, body: &[u8], headers: retry::Headers<'_>) -> Self {
        let answer = Value::parse(body.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(body), ERROR_LIMITS).ok();
        let read = |answer| ServiceError::find(answer).unwrap_or_else(|| ServiceError::read(answer));
        let error = answer.as_ref().map(read).unwrap_or_default();
        let wrapped = error.wrapped();
        let error = error.unwrapped(wrapped.as_ref());
        let message = error.message;
        let mut failure = error.judge(Some(status));
        failure.retry_after_in_ms = retry::after(headers, message).filter(|_| failure.may_name_a_wait());
        failure
    }

    /// An error object in an answer whose status was 2xx: as the event `name` of a stream, or instead of the images.
    /// `None` where `value` holds none.
    #[must_use]
    pub fn from_event(name: &str, value: &Value) -> Option<Self> {
        let error = ServiceError::find(value).or_else(|| (name == "error").then(|| ServiceError::read(value)))?;
        let wrapped = error.wrapped();
        let error = error.unwrapped(wrapped.as_ref());
        let message = error.message;
        let mut failure = error.judge(None);
        let refused_at_once =
            failure.content_filter.as_ref().is_some_and(|filter| filter.stage.as_deref() == Some("input"));
        // The work had begun when it failed, unless the service says otherwise.
        failure.billed = if refused_at_once { Billed::No } else { Billed::Unknown };
        failure.retry_after_in_ms =
            retry::after(retry::Headers::default(), message).filter(|_| failure.may_name_a_wait());
        Some(failure)
    }
}

impl Failure {
    /// A refused prompt may say «please retry» too.
    fn may_name_a_wait(&self) -> bool {
        matches!(self.code, Code::RateLimit | Code::Service | Code::Timeout)
    }
}

/// For the body of an error: far more than any that was ever seen.
const ERROR_LIMITS: Limits = Limits { max_kept_bytes: 1024 * 1024, max_depth: 32 };

/// Where a response is not found.
const RESPONSE_ADVICE: &str =
    "A response is kept for 30 days, only by the endpoint that made it, and not if it was made with store: false.";

/// Sent with 429 as well, but no wait helps.
const BUDGET_CODES: [&str; 2] = ["insufficient_quota", "project_spend_limit_exceeded"];

/// Images of the input that the Responses API could not use.
const INPUT_PICTURE_CODES: [&str; 13] = [
    "invalid_image",
    "invalid_image_format",
    "invalid_base64_image",
    "invalid_image_url",
    "invalid_image_mode",
    "image_too_large",
    "image_too_small",
    "image_parse_error",
    "image_file_too_large",
    "image_file_not_found",
    "unsupported_image_media_type",
    "empty_image_file",
    "failed_to_download_image",
];

/// The error object of an answer.
#[derive(Debug, Default)]
struct ServiceError<'a> {
    /// As text; some services send a number.
    code: &'a str,
    message: &'a str,
    param: Option<&'a str>,
    request_id: Option<&'a str>,
    content_filter: Option<ContentFilter>,
}

impl<'a> ServiceError<'a> {
    fn find(answer: &'a Value) -> Option<Self> {
        let error = match answer.get("error") {
            Some(error @ (Value::Object(_) | Value::String(_))) => error,
            // `{"statusCode":401,"message":…}` of the gateway, and `{"type":"error","code":…,"message":…}` in a stream.
            _ if answer.get("statusCode").is_some() || answer.text("type") == Some("error") => answer,
            _ => return None,
        };
        Some(Self::read(error))
    }

    fn read(error: &'a Value) -> Self {
        let message = error.as_str().or_else(|| error.text("message")).unwrap_or_default();
        Self {
            code: match error.get("code") {
                Some(Value::String(code)) => code,
                Some(Value::Number(code)) => code,
                _ => "",
            },
            message,
            param: error.text("param").filter(|param| !param.is_empty()),
            request_id: error
                .get("additionalInfo")
                .and_then(|info| info.text("request_id"))
                .filter(|id| !id.is_empty())
                .or_else(|| request_id_in(message)),
            content_filter: ContentFilter::of_error(error),
        }
    }

    /// The service's own answer, where a gateway put it into its message.
    fn wrapped(&self) -> Option<Value> {
        Value::parse(self.message.as_bytes(), ERROR_LIMITS).ok()
    }

    fn unwrapped(self, wrapped: Option<&'a Value>) -> Self {
        let Some(inner) = wrapped.and_then(ServiceError::find) else { return self };
        ServiceError { request_id: inner.request_id.or(self.request_id), ..inner }
    }

    /// What the error means. `status`: that of the answer, unless it was 2xx.
    fn judge(self, status: Option<u16>) -> Failure {
        let (code, advice) = match &self.content_filter {
            Some(filter) => (Code::ContentFilter, filter.advice()),
            None => self.meaning(status),
        };
        let mut failure = Failure::new(code, self.message_for(status, &advice));
        failure.status = status;
        failure.service_message = Some(self.message.trim()).filter(|message| !message.is_empty()).map(Into::into);
        failure.service_code = Some(self.code).filter(|code| !code.is_empty()).map(Into::into);
        failure.param = self.param.map(Into::into);
        failure.request_id = self.request_id.map(Into::into);
        failure.retryable &= !BUDGET_CODES.contains(&self.code);
        if status == Some(409) {
            failure.billed = Billed::No;
        }
        if let Some(filter) = self.content_filter {
            failure.billed = filter.billed();
            failure.content_filter = Some(filter);
        }
        failure
    }

    /// What kind of failure it is, and what to do.
    fn meaning(&self, status: Option<u16>) -> (Code, String) {
        let says = |text: &str| self.message.contains(text);
        let (code, advice) = match (status, self.code) {
            (Some(401 | 403), code) if code == "PermissionDenied" || says("lacks the required data action") => (
                Code::Permission,
                "Give the signed-in principal a role that may call the model, such as Cognitive Services OpenAI User \
                 (on a Foundry project: Azure AI User). A new role takes some minutes to count.",
            ),
            (Some(401), _) if says("Access token") => return (Code::Authentication, self.token_advice()),
            (Some(401), _) => (
                Code::Authentication,
                "Check that the key or token belongs to this resource, and that the endpoint is the resource's own.",
            ),
            (Some(403), "AuthenticationTypeDisabled") => (
                Code::Authentication,
                "The resource takes no keys: pass a credential that gets a Microsoft Entra token.",
            ),
            (Some(403), _) if says("temporarily blocked") => (
                Code::Permission,
                "Stop sending: the whole resource is blocked, whatever the prompt. Ask Azure's support to lift the block.",
            ),
            (Some(403), _) if says("Virtual Network") => (
                Code::Permission,
                "The resource takes no calls from this network. Allow it under Networking of the resource in the Azure portal, \
                 or use the endpoint with the resource's own name.",
            ),
            (Some(403), _) => {
                (Code::Permission, "Check the resource's network rules, quota and state in the Azure portal.")
            }
            (Some(404), "DeploymentNotFound" | "model_not_found") => (
                Code::DeploymentNotFound,
                "Check the name of the deployment (it is not the name of the model) in the Azure portal. A new one may need \
                 five minutes.",
            ),
            (Some(404), _) if says("Agent ") && says("not found") => (
                Code::NotFound,
                "Check the name of the agent and its version, and that the endpoint is the project that has it.",
            ),
            (Some(400), "previous_response_not_found") => (Code::NotFound, RESPONSE_ADVICE),
            (Some(404), _) if self.param == Some("response_id") || says("Response with id") => {
                (Code::NotFound, RESPONSE_ADVICE)
            }
            (Some(404), _) if says("No such File") => {
                (Code::NotFound, "A file is known only to the endpoint that it was uploaded to, and until it expires.")
            }
            (Some(404), _) if says("Conversation with id") => {
                (Code::NotFound, "A conversation is known only to the endpoint that it was begun at.")
            }
            // Cloudflare Workers cannot refuse a redirect as browsers do.
            (Some(300..=399), _) => (
                Code::NotFound,
                "The endpoint redirects, and the client does not follow, so that no credential reaches another host. Use \
                 the URL to which it redirects as the endpoint.",
            ),
            (Some(404), _) => (
                Code::NotFound,
                "Check the endpoint and apiVersion: this path, or this operation of that version, does not exist there.",
            ),
            (Some(408), _) => (
                Code::Timeout,
                "Azure ends a call that sends nothing for about two minutes. Stream it with partial images (generateStream, editStream or \
                 responses.stream, partialImages: 1), or ask for a lower quality or a smaller size.",
            ),
            (Some(409), _) => {
                (Code::Service, "Something else was changing the same thing, or its name is taken. Try again.")
            }
            (Some(413), _) => (Code::InvalidRequest, "Send less: smaller or fewer images."),
            (Some(429) | None, code) if BUDGET_CODES.contains(&code) => {
                (Code::RateLimit, "Waiting does not help: raise the limit on what may be spent.")
            }
            (Some(429), _) => (Code::RateLimit, "Wait, or raise the quota of the deployment."),
            // Of proxies: what they wait for failed, came too early or was given up.
            (Some(424 | 425 | 499), _) => (Code::Service, "Try again later."),
            (Some(400..=499), _) => return (Code::InvalidRequest, self.request_advice()),
            // Without a status: an error within a stream.
            (None, "rate_limit_exceeded" | "429" | "RateLimitReached" | "too_many_requests") => {
                (Code::RateLimit, "Wait.")
            }
            (
                None,
                "invalid_value" | "invalid_request_error" | "invalid_payload" | "invalid_prompt" | "unknown_parameter",
            ) => {
                return (Code::InvalidRequest, self.request_advice());
            }
            (None, code) if INPUT_PICTURE_CODES.contains(&code) => {
                return (Code::InvalidRequest, self.request_advice());
            }
            (Some(504), _) => (
                Code::Service,
                "A gateway gave up waiting. Stream it with partial images \
                 (generateStream, editStream or responses.stream, partialImages: 1), so that something comes before, or ask for a lower quality or a smaller size.",
            ),
            _ => (Code::Service, "This is the service's own trouble. Try again later."),
        };
        (code, advice.into())
    }

    /// The message names the audience that it wanted.
    fn token_advice(&self) -> String {
        let audience = self.message.split(['(', ')']).find(|text| text.starts_with("https://"));
        match audience.map(|audience| audience.trim_end_matches('/')) {
            Some(audience) => format!(
                "The token is missing, expired or made for another audience. Ask for it with the scope {audience}/.default \
                 (the option scopes)."
            ),
            None => "The token is missing, expired or made for another audience. Check the option scopes.".into(),
        }
    }

    /// What to change about a request that was refused.
    fn request_advice(&self) -> String {
        const ADVICE: [(&str, &str); 11] = [
            ("Missing required parameter", "Pass it."),
            (
                "API version not supported",
                "Set apiVersion to \"preview\" or null for the v1 routes, or to a date that has the operation, such as \
                 \"2025-04-01-preview\".",
            ),
            (
                "Unknown model",
                "The service does not know the model here. Check the deployment, and try another apiVersion.",
            ),
            ("Unknown parameter", "Leave it out, or try another apiVersion: which parameters there are depends on it."),
            (
                "imagegen deployment must be provided",
                "Set imageDeployment to the name of the image model's deployment.",
            ),
            ("uploaded as a file", "Pass the image itself ({ image: file }) instead of the id of its file."),
            ("not supported in streaming mode", "Make the call without streaming."),
            (
                "Not allowed when agent is specified",
                "The version of the agent decides it. Leave it out, and make a version that has it (agents.createVersion).",
            ),
            (
                "'agent' property is deprecated",
                "Set apiVersion to null: the routes of a date want another name of the agent.",
            ),
            (
                "Cannot cancel a synchronous response",
                "Only a response that was started in the background can be cancelled by its id; abort the call of any other.",
            ),
            (
                "Please check your inputs",
                "The service does not say what is wrong. Check the size, quality and images against the model's page, and try \
                 the shortest request that makes sense.",
            ),
        ];
        let names_model = self.param == Some("model") || self.message.contains("The model '");
        if names_model && self.message.contains("does not exist") {
            return "Check the deployment: on the v1 routes it is the name of the deployment, never that of the model behind it; on the \
                    classic ones extraBody must not hold a model."
                .into();
        }
        match self.code {
            "image_file_not_found" => {
                return "The image of the input is a file that is not there. Upload it again and pass its new id, or pass the image itself \
                        ({ image: file })."
                    .into();
            }
            "invalid_prompt" => return "Change the prompt; the same one will be refused again.".into(),
            code if INPUT_PICTURE_CODES.contains(&code) => {
                return "An image of the input could not be used. Give a PNG or JPEG of less than 50 MB, as bytes and not by its URL."
                    .into();
            }
            _ => {}
        }
        let known = ADVICE.iter().find(|(text, _)| self.message.contains(text));
        match (known, self.param) {
            (Some((_, advice)), _) => (*advice).into(),
            (None, Some(param)) if param != "/" => {
                format!("Change or leave out {param}; the same request will be refused again.")
            }
            _ => "Change the request; the same one will be refused again.".into(),
        }
    }

    fn message_for(&self, status: Option<u16>, advice: &str) -> String {
        let failed = matches!(status, None | Some(408 | 500..));
        let mut message = String::from(if failed { "Azure failed" } else { "Azure refused the request" });
        match (status, self.code) {
            (Some(status), "") => drop(write!(message, " ({status})")),
            (Some(status), code) if code == status.to_string() => drop(write!(message, " ({status})")),
            (Some(status), code) => drop(write!(message, " ({status} {})", beginning(code))),
            (None, "") => {}
            (None, code) => drop(write!(message, " ({})", beginning(code))),
        }
        match self.message.trim() {
            "" => message.push_str(" without saying why."),
            text => {
                message.push_str(": ");
                message.push_str(beginning(text));
                if !text.ends_with(['.', '!', '?']) {
                    message.push('.');
                }
            }
        }
        if !advice.is_empty() {
            message.push(' ');
            // Words of the service are in it too.
            message.push_str(beginning(advice));
        }
        message
    }
}

/// Foundry writes it into the text: «[Request ID: 7eb6…]».
fn request_id_in(message: &str) -> Option<&str> {
    let (_, rest) = message.split_once("[Request ID: ")?;
    rest.split_once(']').map(|(id, _)| id).filter(|id| !id.is_empty())
}
