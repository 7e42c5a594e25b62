//! What can be learned of an endpoint without making an image.
//!
//! Three questions at most, none of which can cost: a generation without a prompt, which every model refuses and only after
//! the credential, the version and the deployment were found good; a list of models, where that cannot be read or there is no
//! deployment to ask about; and, where a browser withholds even that, whether anything at all answers at the address.

use serde::Serialize;

use crate::errors::{Code, Failure, beginning};

/// What became of a question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// It was not asked.
    NotAsked,
    /// It was answered with success.
    Success,
    /// It was answered with success, but not by Azure.
    Foreign,
    /// It was answered with a failure that the page could read.
    Failure(Failure),
    /// The browser gave nothing to read, and no reason.
    Unreadable,
}

impl Answer {
    /// What an answer with success means, by its beginning. A web page is no list of models.
    #[must_use]
    pub fn of_success(text: &[u8]) -> Self {
        if text.trim_ascii_start().starts_with(b"{") { Self::Success } else { Self::Foreign }
    }

    /// Whether the page could read it.
    #[must_use]
    pub fn is_readable(&self) -> bool {
        matches!(self, Self::Success | Self::Foreign | Self::Failure(_))
    }
}

/// What the questions brought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Findings {
    /// Why there is nothing to sign a request with.
    pub credential: Option<Failure>,
    /// Why there is no deployment to ask about.
    pub deployment: Option<Failure>,
    /// A generation without a prompt.
    pub generation: Answer,
    /// The list of models.
    pub models: Answer,
    /// Whether anything answers at the address, be it readable or not; `None` where that was not asked.
    pub answers: Option<bool>,
    /// What the device says of itself.
    pub online: bool,
}

/// How a part of the way is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// It works.
    Ok,
    /// It does not.
    Failed,
    /// It could not be found out.
    Unknown,
}

/// What was found about a part of the way, and what to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ProbeFinding {
    /// How it is.
    pub status: Status,
    /// Why, and what to do.
    pub message: String,
}

/// Each part of the way to an image.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// Whether every part works.
    pub ok: bool,
    /// The service, over the network.
    pub reachable: ProbeFinding,
    /// Its permission to this page to read what it answers.
    pub cors: ProbeFinding,
    /// The key or token.
    pub credential: ProbeFinding,
    /// The deployment.
    pub deployment: ProbeFinding,
    /// The routes and their version.
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

const NOT_ASKED: &str = "It could not be asked: first mend what failed.";

impl Findings {
    /// What the findings mean, part by part.
    #[must_use]
    pub fn report(&self) -> Report {
        let mut report = match (&self.generation, &self.models) {
            (generation, _) if generation.is_readable() => readable(generation, true),
            (_, models) if models.is_readable() => Report {
                deployment: unknown(
                    "The answer about the deployment cannot be read, or did not come within timeoutInMs, though others can. Azure was seen \
                     to leave the CORS header out where a deployment does not exist: check its name.",
                ),
                ..readable(&self.models, false)
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
            Some(true) if self.asked() => (
                ok("Something answers at the address."),
                failed(
                    "The page may not read the answers, for one of these reasons, which a browser does not tell apart (its console \
                     may): the service does not allow this page's origin; the answer was an error, from which Azure was seen to \
                     leave the CORS header out; it was a redirect; it took longer than timeoutInMs. Put a proxy on the page's own origin and use its path as endpoint.",
                ),
            ),
            Some(true) => (ok("Something answers at the address."), nothing()),
            Some(false) | None if !self.online => {
                (failed("The device is offline. Connect it, and try again."), nothing())
            }
            Some(false) => (
                failed(
                    "Nothing answers at the address, for one of these reasons, which a browser does not tell apart (its console may): \
                     the host is spelled wrong; it takes longer than timeoutInMs; its certificate is not trusted; a firewall, extension or private network is in \
                     between; the page's content security policy lacks the host in connect-src.",
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

/// What an answer tells that the page could read. `deployment`: whether the question was about one.
fn readable(answer: &Answer, deployment: bool) -> Report {
    let works = Report {
        ok: false,
        reachable: ok("The service answers."),
        cors: ok("The page may read what the service answers."),
        credential: ok("The service accepts the credential."),
        deployment: ok("The deployment is there."),
        api_version: ok("The service knows the routes and their version."),
    };
    let open = || unknown("The service did not get as far as looking at it.");
    let failure = match answer {
        Answer::Failure(failure) => failure,
        Answer::Success if !deployment => return works,
        // A generation without a prompt cannot succeed.
        _ => {
            return Report {
                credential: open(),
                deployment: open(),
                api_version: failed(
                    "Something answers, but not as Azure does: with success where it had to refuse, or with something else than JSON. \
                     Check the endpoint, and what the proxy passes on where there is one.",
                ),
                ..works
            };
        }
    };
    let message = failure.message.as_str();
    // In the service's own words: the advice behind them speaks of models and prompts too.
    let words = failure.service_message.as_deref().unwrap_or_default().to_ascii_lowercase();
    let is_letter = |character: char| character.is_ascii_alphanumeric() || "-_".contains(character);
    let is_about = |param: &str| {
        failure.param.as_deref() == Some(param)
            || words.split(|character| !is_letter(character)).any(|word| word == param)
    };
    match (failure.code, failure.status) {
        // A 403 comes from the network's rules or the resource's state, before anybody looks at the credential.
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
            // Not every service has a list of models.
            api_version: if deployment { failed(message) } else { open() },
            ..works
        },
        // A busy deployment is there; one whose budget is spent makes no images.
        (Code::RateLimit, _) if failure.retryable && !words.is_empty() => works,
        (Code::RateLimit, _) if !failure.retryable => Report { deployment: failed(message), ..works },
        (Code::InvalidRequest, _) if words.contains("api version") || is_about("api-version") => {
            Report { deployment: open(), api_version: failed(message), ..works }
        }
        // What was to be expected: everything else was looked at before.
        (Code::InvalidRequest, Some(400 | 422)) if is_about("prompt") => works,
        (Code::InvalidRequest, Some(400 | 422)) if is_about("model") => Report { deployment: failed(message), ..works },
        (Code::ContentFilter, _) => works,
        // A refusal of the service's own, for a reason that does not tell.
        (Code::InvalidRequest, Some(400 | 422)) if failure.service_code.is_some() || !words.is_empty() => {
            Report { deployment: unknown(message), api_version: open(), ..works }
        }
        (_, Some(status)) => Report {
            reachable: failed(format!(
                "Something on the way answers with an error ({status}): the service itself, or a proxy before it. {}Try again later; \
                 if it stays, look at the endpoint and at what is in between.",
                failure
                    .service_message
                    .as_ref()
                    .map(|words| format!("It says: {} ", beginning(words)))
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
