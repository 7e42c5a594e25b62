//! Connection report of an endpoint, without generating an image.
//!
//! The probe sends at most 3 requests, none of which is billed:
//! 1. A generation without a prompt, and for MAI and FLUX with an invalid size. Every model refuses it, but only after
//!    the service has validated the credential, the version and the deployment.
//! 2. The list of models, if the first response is unreadable or no deployment is set.
//! 3. A request to the origin, if the browser blocks both responses, to see if any server responds.

use serde::Serialize;

use crate::errors::{Code, Failure, beginning};

/// Result of a check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// The request was not sent.
    NotAsked,
    /// The request succeeded.
    Success,
    /// The request succeeded, but the response is not from Azure.
    Foreign,
    /// The request failed with a readable response.
    Failure(Failure),
    /// The browser blocked the response or received none, without a reason.
    Unreadable,
}

impl Answer {
    /// Classifies a successful response by its start. Azure responds with a JSON object, not a web page.
    #[must_use]
    pub fn of_success(text: &[u8]) -> Self {
        if text.trim_ascii_start().starts_with(b"{") { Self::Success } else { Self::Foreign }
    }

    /// Returns true if the page could read the response.
    #[must_use]
    pub fn is_readable(&self) -> bool {
        matches!(self, Self::Success | Self::Foreign | Self::Failure(_))
    }
}

/// Results of all checks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Findings {
    /// The error of the credential, if it returned no token.
    pub credential: Option<Failure>,
    /// The error of a missing or invalid deployment name, or of an unknown model.
    pub deployment: Option<Failure>,
    /// The result of the generation without a prompt.
    pub generation: Answer,
    /// The result of the list of models.
    pub models: Answer,
    /// True if any server responds at the origin, even unreadably. `None` if this was not checked.
    pub answers: Option<bool>,
    /// True if the response to the request without a credential can be read.
    pub is_origin_readable: bool,
    /// The network state that the device reports.
    pub online: bool,
    /// True if the endpoint is not known to be Azure. A gateway may check a request in another order, and answer with
    /// another status.
    pub is_gateway: bool,
}

/// Status of a part of the connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// The part works.
    Ok,
    /// The part does not work.
    Failed,
    /// The part could not be checked.
    Unknown,
}

/// Status of a part of the connection, with an explanation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ProbeFinding {
    /// The status.
    pub status: Status,
    /// The reason and what to do.
    pub message: String,
}

/// Status of every part of the connection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// True if every part works.
    pub ok: bool,
    /// Network access to the service.
    pub reachable: ProbeFinding,
    /// CORS permission of this page to read the responses.
    pub cors: ProbeFinding,
    /// The key or token.
    pub credential: ProbeFinding,
    /// The deployment.
    pub deployment: ProbeFinding,
    /// The routes and the API version.
    pub api_version: ProbeFinding,
}

fn ok(message: &str) -> ProbeFinding {
    ProbeFinding { status: Status::Ok, message: message.into() }
}

fn failed(message: impl Into<String>) -> ProbeFinding {
    ProbeFinding { status: Status::Failed, message: message.into() }
}

fn unknown(message: &str) -> ProbeFinding {
    ProbeFinding { status: Status::Unknown, message: message.into() }
}

const NOT_ASKED: &str = "Not checked. Fix the failed checks first.";

impl Findings {
    /// Creates the report of the findings.
    #[must_use]
    pub fn report(&self) -> Report {
        let mut report = match (&self.generation, &self.models) {
            (generation, _) if generation.is_readable() => readable(generation, true, self.is_gateway),
            (_, models) if models.is_readable() => Report {
                deployment: unknown(
                    "The response about the deployment is unreadable or exceeded timeoutInMs, but other responses are \
                     readable. Check the deployment name: Azure can omit the CORS header if a deployment does not \
                     exist.",
                ),
                ..readable(&self.models, false, self.is_gateway)
            },
            _ => self.unreadable(),
        };
        if let Some(failure) = &self.credential {
            report.credential = failed(&failure.message);
        }
        if let Some(failure) = &self.deployment {
            report.deployment = failed(&failure.message);
        }
        let parts = [&report.reachable, &report.cors, &report.credential, &report.deployment, &report.api_version];
        report.ok = parts.iter().all(|part| part.status == Status::Ok);
        report
    }

    fn unreadable(&self) -> Report {
        let nothing = || unknown(NOT_ASKED);
        let (reachable, cors) = match self.answers {
            Some(true) if self.asked() && self.is_origin_readable => (
                ok("A server responds at the endpoint."),
                unknown(
                    "The page can read other responses of this server, so CORS is probably not the cause. The connection \
                     broke, the response was a redirect, or it exceeded timeoutInMs.",
                ),
            ),
            Some(true) if self.asked() => (
                ok("A server responds at the endpoint."),
                failed(
                    "The page cannot read the responses. Browsers do not report the reason, but the console may. \
                     Possible reasons: the service does not allow this page's origin; the response was an error, for \
                     which Azure can omit the CORS header; the response was a redirect; the response exceeded \
                     timeoutInMs. Set up a proxy on the page's own origin and use its path as the endpoint.",
                ),
            ),
            Some(true) => (ok("A server responds at the endpoint."), nothing()),
            Some(false) | None if !self.online => {
                (failed("The device is offline. Connect to the network and try again."), nothing())
            }
            Some(false) => (
                failed(
                    "No server responds at the endpoint. Browsers do not report the reason, but the console may. \
                     Check the spelling of the host, the response time (timeoutInMs), the certificate, any firewall, \
                     browser extension or private network, and that connect-src in the page's content security policy \
                     includes the host.",
                ),
                nothing(),
            ),
            None => (nothing(), nothing()),
        };
        Report { ok: false, reachable, cors, credential: nothing(), deployment: nothing(), api_version: nothing() }
    }

    fn asked(&self) -> bool {
        (&self.generation, &self.models) != (&Answer::NotAsked, &Answer::NotAsked)
    }
}

/// Creates the report of a readable response. `deployment` is true if the request named a deployment.
fn readable(answer: &Answer, deployment: bool, is_gateway: bool) -> Report {
    let works = Report {
        ok: false,
        reachable: ok("The service responds."),
        cors: ok("The page can read the responses."),
        credential: ok("The service accepts the credential."),
        deployment: ok("The deployment exists."),
        api_version: ok("The service supports the routes and the API version."),
    };
    let open = || unknown("Not checked. The service refused the request before this check.");
    let failure = match answer {
        Answer::Failure(failure) => failure,
        Answer::Success if !deployment => return works,
        // Azure cannot accept a generation without a prompt.
        _ => {
            return Report {
                credential: open(),
                deployment: open(),
                api_version: failed(
                    "A server responds, but not like Azure: it accepted an invalid request, or the response is not \
                     JSON. Check the endpoint and any proxy.",
                ),
                ..works
            };
        }
    };
    let message = failure.message.as_str();
    // Only the service message is searched: the advice after it can also mention models and prompts.
    let words = failure.service_message.as_deref().unwrap_or_default().to_ascii_lowercase();
    let is_letter = |character: char| character.is_ascii_alphanumeric() || "-_".contains(character);
    let is_about = |param: &str| {
        failure.param.as_deref() == Some(param)
            || words.split(|character| !is_letter(character)).any(|word| word == param)
    };
    match (failure.code, failure.status) {
        // A 403 comes from the network rules or the state of the resource, before the credential is checked.
        (Code::Permission, Some(403)) => {
            Report { reachable: failed(message), credential: open(), deployment: open(), api_version: open(), ..works }
        }
        (Code::Authentication | Code::Permission, _) => {
            Report { credential: failed(message), deployment: open(), api_version: open(), ..works }
        }
        (Code::DeploymentNotFound, _) => Report { deployment: failed(message), api_version: open(), ..works },
        (Code::NotFound, _) | (_, Some(405 | 415)) => Report {
            credential: open(),
            deployment: open(),
            // Not every service can list its models.
            api_version: if deployment { failed(message) } else { open() },
            ..works
        },
        // A rate-limited deployment works. A deployment with an exhausted budget does not.
        (Code::RateLimit, _) if failure.retryable && !words.is_empty() => works,
        (Code::RateLimit, _) if !failure.retryable => Report { deployment: failed(message), ..works },
        (Code::InvalidRequest, _) if words.contains("api version") || is_about("api-version") => {
            Report { deployment: open(), api_version: failed(message), ..works }
        }
        // The expected error: the service checks everything else first.
        (Code::InvalidRequest, Some(400 | 422)) if ["prompt", "width", "height"].into_iter().any(is_about) => works,
        // LiteLLM sends the same status for a wrong key and for a wrong deployment.
        (Code::InvalidRequest, Some(400 | 422)) if is_gateway && failure.param.as_deref() != Some("model") => Report {
            credential: unknown(
                "The gateway refused the request with a status that does not show whether it accepts the credential. See \
                 its message under deployment.",
            ),
            deployment: unknown(message),
            api_version: open(),
            ..works
        },
        (Code::InvalidRequest, Some(400 | 422)) if is_about("model") => Report { deployment: failed(message), ..works },
        (Code::ContentFilter, _) => works,
        // Another refusal by the service itself, which says nothing about the deployment.
        (Code::InvalidRequest, Some(400 | 422)) if failure.service_code.is_some() || !words.is_empty() => {
            Report { deployment: unknown(message), api_version: open(), ..works }
        }
        (_, Some(status)) => Report {
            reachable: failed(format!(
                "The service, or a proxy in front of it, failed ({status}). {}Try again later. If the error persists, \
                 check the endpoint and any proxy.",
                failure
                    .service_message
                    .as_ref()
                    .map(|words| format!("Message: {} ", beginning(words)))
                    .unwrap_or_default()
            )),
            credential: open(),
            deployment: open(),
            api_version: open(),
            ..works
        },
        (_, None) => Report { credential: open(), deployment: open(), api_version: open(), ..works },
    }
}
