//! Classification of the errors that a service reports, and the advice for each.

use std::fmt::Write as _;

use crate::decode::json::Value;
use crate::errors::content_filter::ContentFilter;
use crate::errors::error_body::ErrorBody;
use crate::errors::{Billed, Code, Failure, beginning, sentence};
use crate::http::retry;
use crate::models::service::Service;

impl Failure {
    /// Creates the error of a response of Azure OpenAI with a status other than 2xx.
    #[must_use]
    pub fn from_answer(status: u16, body: &[u8], headers: retry::Headers<'_>) -> Self {
        Self::from_answer_of(Service::OpenAi, status, body, headers)
    }

    /// Creates the error of a response with a status other than 2xx.
    #[must_use]
    pub fn from_answer_of(service: Service, status: u16, body: &[u8], headers: retry::Headers<'_>) -> Self {
        let error = ErrorBody::read(body);
        let mut failure = ServiceError { service, error: &error }.judge(Some(status));
        failure.retry_after_in_ms = retry::after(headers, &error.message).filter(|_| failure.may_name_a_wait());
        failure
    }

    /// Creates the error of an error object in a 2xx response: the event `name` of a stream, or a JSON body. Returns
    /// `None` if `value` contains no error.
    #[must_use]
    pub fn from_event(name: &str, value: &Value) -> Option<Self> {
        let error = ErrorBody::find(name, value)?;
        let mut failure = Self::of_words(&error);
        // Generation had started, unless the service reports that it refused the input.
        let refused_at_once = failure.content_filter.as_ref().is_some_and(ContentFilter::refused_input);
        failure.billed = if refused_at_once { Billed::No } else { Billed::Unknown };
        failure.retry_after_in_ms =
            retry::after(retry::Headers::default(), &error.message).filter(|_| failure.may_name_a_wait());
        Some(failure)
    }

    /// Creates the error of an error that a 2xx response reports.
    pub(super) fn of_words(error: &ErrorBody) -> Self {
        ServiceError { service: Service::default(), error }.judge(None)
    }
}

impl Failure {
    /// Only these errors have a retry delay: a refused prompt can also contain "please retry".
    fn may_name_a_wait(&self) -> bool {
        matches!(self.code, Code::RateLimit | Code::Service | Code::Timeout)
    }
}

/// Advice for a response that was not found.
const RESPONSE_ADVICE: &str = "Check the id and the endpoint. Azure stores a response for 30 days, only at \
     the endpoint that created it, and not with store: false.";

/// Codes of exhausted budgets. The status is 429, but waiting does not help.
const BUDGET_CODES: [&str; 2] = ["insufficient_quota", "project_spend_limit_exceeded"];

/// Codes of the Responses API for unusable input images.
const INPUT_IMAGE_CODES: [&str; 13] = [
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

/// An error that a service reports.
#[derive(Debug)]
struct ServiceError<'a> {
    service: Service,
    error: &'a ErrorBody,
}

impl ServiceError<'_> {
    /// Converts the service error into the error of the call. `status` is the HTTP status unless it was 2xx.
    fn judge(self, status: Option<u16>) -> Failure {
        let ErrorBody { code: service_code, message, param, request_id, content_filter } = self.error;
        let (code, advice) = match content_filter {
            Some(filter) => (Code::ContentFilter, filter.advice()),
            None => self.meaning(status),
        };
        let mut failure = Failure::new(code, self.message_for(status, &advice));
        failure.status = status;
        failure.service_message = Some(message.trim()).filter(|message| !message.is_empty()).map(Into::into);
        failure.service_code = Some(service_code.clone()).filter(|code| !code.is_empty());
        failure.param.clone_from(param);
        failure.request_id.clone_from(request_id);
        failure.retryable &= !BUDGET_CODES.contains(&service_code.as_str());
        // The service did not process the request.
        if matches!(status, Some(409 | 421)) {
            failure.billed = Billed::No;
        }
        if let Some(filter) = content_filter {
            failure.billed = filter.billed();
            failure.content_filter = Some(filter.clone());
        }
        failure
    }

    /// Returns the error code and the advice.
    fn meaning(&self, status: Option<u16>) -> (Code, String) {
        let error = self.error;
        let says = |text: &str| error.message.contains(text);
        let (code, advice) = match (status, error.code.as_str()) {
            (Some(404), _) if self.service == Service::Flux => (
                if says("deployment") || error.code == "DeploymentNotFound" {
                    Code::DeploymentNotFound
                } else {
                    Code::NotFound
                },
                "Check the deployment name, and that model is the model behind the deployment: each FLUX model has its \
                 own route. Use the endpoint of the resource, such as https://my-resource.services.ai.azure.com.",
            ),
            (Some(408), _) | (Some(504), "Timeout") if self.service == Service::Flux => {
                (Code::Timeout, "Azure ends a request after about 2 minutes. Request a smaller size.")
            }
            (Some(408), _) | (Some(504), "Timeout") if self.service == Service::Mai => (
                Code::Timeout,
                "Azure ends a request to a MAI model after about 2 minutes. Turn off webGrounding, or request a smaller \
                 size.",
            ),
            (Some(404), code) if self.service == Service::Mai && code != "DeploymentNotFound" => (
                if says("deployment") { Code::DeploymentNotFound } else { Code::NotFound },
                "Check the deployment name, and that it is a deployment of a MAI model. Use the endpoint of the resource, \
                 such as https://my-resource.services.ai.azure.com.",
            ),
            (Some(504), _) if self.service != Service::OpenAi => {
                (Code::Service, "A gateway timed out. Request a smaller size, or raise the time limit of the gateway.")
            }
            (Some(401 | 403), code) if code == "PermissionDenied" || says("lacks the required data action") => (
                Code::Permission,
                "Assign the signed-in principal a role that can call the model, such as Cognitive Services OpenAI User \
                 (on a Foundry project: Azure AI User). Role assignments can take a few minutes to take effect.",
            ),
            (Some(401), _) if says("Access token") => return (Code::Authentication, self.token_advice()),
            (Some(401), _) => (
                Code::Authentication,
                "Check that the key or token belongs to this resource, and that the endpoint does too.",
            ),
            (Some(403), "AuthenticationTypeDisabled") => (
                Code::Authentication,
                "Key authentication is disabled. Pass a credential that returns Microsoft Entra tokens.",
            ),
            (Some(403), _) if says("temporarily blocked") => (
                Code::Permission,
                "Stop sending requests. The whole resource is blocked. Contact Azure support to lift the block.",
            ),
            (Some(403), _) if says("Virtual Network") => (
                Code::Permission,
                "The resource does not allow this network. Allow it under Networking of the resource in the Azure \
                 portal, or use the endpoint with the custom subdomain of the resource.",
            ),
            (Some(403), _) => {
                (Code::Permission, "Check the network rules, quota and state of the resource in the Azure portal.")
            }
            (Some(404), "DeploymentNotFound" | "model_not_found") => (
                Code::DeploymentNotFound,
                "Check the deployment name in the Azure portal. It can differ from the model name. A new deployment \
                 can take 5 minutes to become available.",
            ),
            (Some(404), _) if says("Agent ") && says("not found") => (
                Code::NotFound,
                "Check the name and version of the agent, and that the endpoint is the project that contains it.",
            ),
            (Some(400), "previous_response_not_found") => (Code::NotFound, RESPONSE_ADVICE),
            (Some(404), _) if error.param.as_deref() == Some("response_id") || says("Response with id") => {
                (Code::NotFound, RESPONSE_ADVICE)
            }
            (Some(404), _) if says("No such File") => {
                (Code::NotFound, "Upload the file again: it may have expired, or belong to a different endpoint.")
            }
            (Some(404), _) if says("Conversation with id") => {
                (Code::NotFound, "Use the endpoint that created the conversation.")
            }
            // Browsers reject redirects in fetch. Cloudflare Workers do not support `redirect: "error"`.
            (Some(300..=399), _) => (
                Code::NotFound,
                "The endpoint redirects. The client does not follow redirects, to keep the credential from other \
                 hosts. Use the redirect target as the endpoint.",
            ),
            (Some(404), _) => (
                Code::NotFound,
                "Check endpoint and apiVersion: the path, or the operation in this API version, does not exist.",
            ),
            // A proxy may change the status 408, after which browsers repeat a request.
            (Some(408), _) | (Some(504), "Timeout") => (
                Code::Timeout,
                "Azure ends a request after about 2 minutes without data. Stream with partial images (generateStream, \
                 editStream or responses.stream, partialImages: 1), or request a lower quality or a smaller size.",
            ),
            (Some(409), _) => {
                (Code::Service, "The resource was being changed by another request, or its name is taken. Try again.")
            }
            (Some(413), _) => (
                Code::InvalidRequest,
                "Send fewer or smaller images. If a proxy refused the request, raise its limit for request bodies \
                 (nginx: client_max_body_size).",
            ),
            (Some(421), _) => (
                Code::Service,
                "The server does not serve this host over the connection. Check the host of the endpoint, and the TLS \
                 settings and connection reuse of any proxy.",
            ),
            (Some(429) | None, code) if BUDGET_CODES.contains(&code) => {
                (Code::RateLimit, "Raise the spending limit. Waiting does not help.")
            }
            (Some(429), _) => (Code::RateLimit, "Wait and try again, or raise the quota of the deployment."),
            // Statuses of proxies: failed dependency, too early, client closed request.
            (Some(424 | 425 | 499), _) => (Code::Service, "Try again later."),
            (Some(400..=499), _) => return (Code::InvalidRequest, self.request_advice()),
            // An error event in a stream has no status.
            (None, "rate_limit_exceeded" | "429" | "RateLimitReached" | "too_many_requests") => {
                (Code::RateLimit, "Wait and try again.")
            }
            (
                None,
                "invalid_value" | "invalid_request_error" | "invalid_payload" | "invalid_prompt" | "unknown_parameter",
            ) => {
                return (Code::InvalidRequest, self.request_advice());
            }
            (None, code) if INPUT_IMAGE_CODES.contains(&code) => {
                return (Code::InvalidRequest, self.request_advice());
            }
            (Some(504), _) => (
                Code::Service,
                "A gateway timed out. Stream with partial images (generateStream, editStream or responses.stream, \
                 partialImages: 1) to keep the connection active, or request a lower quality or a smaller size.",
            ),
            _ => (Code::Service, "This is a server-side error. Try again later."),
        };
        (code, advice.into())
    }

    /// Returns the advice for a rejected token. The service message contains the expected audiences.
    fn token_advice(&self) -> String {
        let is_separator = |character: char| character.is_whitespace() || "(),;\"'`<>[]".contains(character);
        let words = self.error.message.split(is_separator).filter(|word| word.starts_with("https://"));
        let mut scopes: Vec<String> = words
            .take(2)
            .map(|word| word.strip_suffix("/.default").unwrap_or(word).trim_end_matches(['/', '.']))
            .map(|audience| format!("{audience}/.default"))
            .collect();
        scopes.dedup();
        if scopes.is_empty() {
            return "The token is missing, expired or issued for another audience. Check the scopes option.".into();
        }
        format!(
            "The token is missing, expired or issued for another audience. Request it with the scope {} (option scopes).",
            scopes.join(" or ")
        )
    }

    /// Returns the advice for a refused request.
    fn request_advice(&self) -> String {
        const ADVICE: [(&str, &str); 14] = [
            ("Missing required parameter", "Add the parameter."),
            (
                "API version not supported",
                "Set apiVersion to \"preview\" or null for the v1 routes, or to a date that supports the operation, \
                 such as \"2025-04-01-preview\".",
            ),
            (
                "Unknown model",
                "The endpoint does not support this model. Check the deployment, and try another apiVersion.",
            ),
            (
                "Unknown parameter",
                "Remove the parameter, or try another apiVersion: the supported parameters depend on it.",
            ),
            ("Invalid parameters:", "Remove these parameters (size is sent as width and height)."),
            ("total pixel count", "Request a smaller size."),
            ("aspect ratio is out of range", "Use an aspectRatio from 3:7 to 7:3."),
            ("imagegen deployment must be provided", "Set imageDeployment to the deployment name of the image model."),
            ("uploaded as a file", "Pass the image itself ({ image: file }) instead of a file id."),
            ("not supported in streaming mode", "Repeat the call without streaming."),
            (
                "Not allowed when agent is specified",
                "The agent version sets this parameter. Remove it from the request, and create an agent version that \
                 sets it (agents.createVersion).",
            ),
            (
                "'agent' property is deprecated",
                "Set apiVersion to null: the routes with a dated version use a different name for the agent property.",
            ),
            (
                "Cannot cancel a synchronous response",
                "Only background responses can be cancelled by id. Abort the call instead.",
            ),
            (
                "Please check your inputs",
                "The service does not report the reason. Check the size, quality and images against the model's \
                 documentation, and try a minimal request.",
            ),
        ];
        let ErrorBody { code, message, param, .. } = self.error;
        let names_model = param.as_deref() == Some("model") || message.contains("The model '");
        if names_model && message.contains("does not exist") {
            return "Check the deployment. The v1 routes expect the deployment name, not the model name. On the classic \
                    routes, extraBody must not contain a model."
                .into();
        }
        match code.as_str() {
            "image_file_not_found" => {
                return "The file of the input image does not exist. Upload it again and pass the new id, or pass the \
                        image itself ({ image: file })."
                    .into();
            }
            "invalid_prompt" => return "Change the prompt. The same prompt will be refused again.".into(),
            code if INPUT_IMAGE_CODES.contains(&code) => {
                return "An input image could not be used. Pass a PNG or JPEG of less than 50 MB as bytes, not as a URL."
                    .into();
            }
            _ => {}
        }
        let known = ADVICE.iter().find(|(text, _)| message.contains(text));
        match (known, param.as_deref()) {
            (Some((_, advice)), _) => (*advice).into(),
            (None, Some(param)) if param != "/" => {
                format!("Change or remove {param}. The same request will be refused again.")
            }
            _ => "Change the request. The same request will be refused again.".into(),
        }
    }

    fn message_for(&self, status: Option<u16>, advice: &str) -> String {
        let failed = matches!(status, None | Some(408 | 500..));
        let mut message = String::from(if failed { "Azure failed" } else { "Azure refused the request" });
        match (status, self.error.code.as_str()) {
            (Some(status), "") => drop(write!(message, " ({status})")),
            (Some(status), code) if code == status.to_string() => drop(write!(message, " ({status})")),
            (Some(status), code) => drop(write!(message, " ({status} {})", beginning(code))),
            (None, "") => {}
            (None, code) => drop(write!(message, " ({})", beginning(code))),
        }
        match self.error.message.trim() {
            "" => message.push_str(" without an error message."),
            text => {
                message.push_str(": ");
                message.push_str(&sentence(beginning(text)));
            }
        }
        if !advice.is_empty() {
            message.push(' ');
            // The advice can quote the service, so it is truncated as well.
            message.push_str(beginning(advice));
        }
        message
    }
}
