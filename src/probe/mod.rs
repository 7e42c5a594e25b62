//! Checks every step of the connection without generating an image.

pub mod report;

use std::rc::Rc;

use crate::decode::assembler::Sink;
use crate::errors::billing::Effect;
use crate::errors::billing::Standing;
use crate::errors::{Code, Failure};
use crate::http::message::{HttpRequest, Method};
use crate::images::prepare::without_prompt;
use crate::images::request::{Target, deployment};
use crate::models::service::Service;
use crate::operation::{Attempt, Capability, Context, Next, Outcome, Output};
use crate::probe::report::{Answer, Findings};
use crate::settings::{Settings, Timeouts};

/// Timeout of a check, in milliseconds. No check generates an image, so none takes long.
const TIMEOUT_MS: u32 = 30_000;
/// Maximum number of response bytes to read. The start of a response is enough to classify it.
const MAX_BYTES: usize = 256 * 1024;

/// A check of the probe.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Question {
    /// Generation without a prompt.
    Generation,
    /// Request for the list of models.
    Models,
    /// Request to the origin, to see if any server responds. Unsigned, because the server is unknown.
    Origin,
}

/// Runs the checks one after another.
#[derive(Debug)]
pub struct Probe {
    settings: Rc<Settings>,
    question: Option<Question>,
    body: Vec<u8>,
    findings: Findings,
    /// Error of the probe itself, for example if a custom `fetch` function returns no response.
    failure: Option<Failure>,
}

impl Probe {
    /// Creates a probe. `online` is the network state that the device reports.
    #[must_use]
    pub fn new(settings: Rc<Settings>, online: bool) -> Self {
        let findings = Findings {
            credential: None,
            deployment: None,
            generation: Answer::NotAsked,
            models: Answer::NotAsked,
            answers: None,
            is_origin_readable: false,
            online,
            is_gateway: !settings.endpoint.is_azure(),
        };
        let mut probe = Self { settings, question: None, body: Vec::new(), findings, failure: None };
        probe.findings.deployment = probe.generation().err();
        probe.question = probe.next_question();
        probe
    }

    /// Builds the generation without a prompt.
    fn generation(&self) -> Result<HttpRequest, Failure> {
        let Settings { endpoint, extra_query, .. } = &*self.settings;
        let model = &self.settings.model_behind(None, None, None);
        let deployment = deployment(endpoint, [self.settings.deployment.as_deref(), None])?;
        without_prompt(&Target { endpoint, deployment, model, extra_query })
    }

    fn next_question(&self) -> Option<Question> {
        let Findings { credential, deployment, generation, models, answers, .. } = &self.findings;
        let may_ask = credential.is_none();
        if may_ask && deployment.is_none() && *generation == Answer::NotAsked {
            Some(Question::Generation)
        } else if may_ask && !generation.is_readable() && *models == Answer::NotAsked {
            Some(Question::Models)
        } else if !generation.is_readable() && !models.is_readable() && answers.is_none() {
            Some(Question::Origin)
        } else {
            None
        }
    }

    /// Records the result of a check. Returns true if another check follows.
    fn note(&mut self, answer: Answer) -> bool {
        match self.question {
            Some(Question::Generation) => self.findings.generation = answer,
            Some(Question::Models) => self.findings.models = answer,
            Some(Question::Origin) => self.findings.answers = Some(answer != Answer::Unreadable),
            None => {}
        }
        self.question = self.next_question();
        self.question.is_some()
    }
}

impl<S: Sink> Capability<S> for Probe {
    fn is_signed(&self) -> bool {
        self.question != Some(Question::Origin)
    }

    fn request(&mut self, _index: usize) -> Result<HttpRequest, Failure> {
        let Settings { endpoint, extra_query, .. } = &*self.settings;
        Ok(match self.question {
            Some(Question::Generation) => self.generation()?,
            Some(Question::Models) => HttpRequest::new(Method::Get, endpoint.models_url(extra_query)),
            _ => HttpRequest { is_opaque: true, ..HttpRequest::new(Method::Get, endpoint.origin().into()) },
        })
    }

    fn effect(&self) -> Effect {
        Effect::Read
    }

    fn service(&self) -> Service {
        match self.question {
            Some(Question::Generation) => self.settings.model_behind(None, None, None).service(),
            _ => Service::OpenAi,
        }
    }

    fn timeouts(&self, timeouts: Timeouts) -> Timeouts {
        let answer = if timeouts.answer == 0 { TIMEOUT_MS } else { timeouts.answer.min(TIMEOUT_MS) };
        Timeouts { answer, ..timeouts }
    }

    fn begin(&mut self, _index: usize, _now: u64) {
        self.body.clear();
    }

    fn read(&mut self, _index: usize, bytes: &[u8], _context: &mut Context<'_, S::Image>) -> Result<bool, Failure> {
        self.body.extend_from_slice(bytes);
        Ok(self.body.len() >= MAX_BYTES)
    }

    fn end(&mut self, _index: usize, context: &mut Context<'_, S::Image>) -> Result<Next, Failure> {
        let answer = match self.question {
            Some(Question::Origin) => {
                self.findings.is_origin_readable = context.status != 0;
                Answer::Success
            }
            _ => Answer::of_success(&self.body),
        };
        Ok(if self.note(answer) { Next::Request(0) } else { Next::Done })
    }

    fn retry(&mut self, _index: usize, failure: &mut Failure, _attempt: Attempt<'_>) -> Option<u32> {
        let answer = match failure.status {
            Some(_) => Answer::Failure(failure.clone()),
            None if matches!(failure.code, Code::Connection | Code::Timeout) => Answer::Unreadable,
            None => return None,
        };
        self.note(answer).then_some(0)
    }

    fn goes_on_without_credential(&mut self, failure: &Failure, refused: Option<&Failure>) -> bool {
        if let Some(refused) = refused {
            self.note(Answer::Failure(refused.clone()));
        }
        if failure.status.is_some() {
            // The credential returned the rejected token again.
            return self.question.is_some();
        }
        let reason = failure.service_message.clone();
        self.findings.credential = Some(failure.clone().with(|details| {
            if let Some(reason) = reason {
                details.message.push_str(&format!(" Message of the credential: \"{reason}\"."));
            }
        }));
        self.question = self.next_question();
        self.question.is_some()
    }

    fn fail(&mut self, _index: usize, failure: Failure) -> bool {
        // Without a remaining check, the error is already recorded as a finding.
        self.failure = self.question.is_some().then_some(failure);
        true
    }

    fn finish(&mut self) -> Outcome<S::Image> {
        match self.failure.take() {
            Some(failure) => Err(failure.into()),
            None => Ok(Output::Report(self.findings.report())),
        }
    }

    fn standing(&self) -> Standing<'_> {
        Standing::Probe
    }
}
