//! How a response comes to its end: what is asked of the service, and what is asked next where that failed or the response is
//! not complete yet.
//!
//! A response that is made in the background outlives every connection. Its events are read on where a stream broke off, and
//! where there is no stream its state is asked for, again and again, with growing waits. Neither makes anything, so neither
//! costs; the request that makes the response is repeated only where [`RetryPolicy`] says so.

use crate::errors::billing::Effect;
use crate::errors::{Billed, Code, Failure};
use crate::http::retry::RetryPolicy;
use crate::models::validate::{Severity, ValidationProblem};
use crate::responses::events::Progress;

/// How a response is to be delivered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delivery {
    /// In one document, when it is complete.
    Whole,
    /// As events, over one connection.
    Streamed,
    /// As events where the service can, over as many connections as it takes.
    Background,
}

/// What is asked of the service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ask<'a> {
    /// To make the response.
    Make {
        /// And to answer with its events.
        streamed: bool,
    },
    /// The events of the response behind the one of this number.
    Events {
        /// Of the response.
        id: &'a str,
        /// `None`: from the first one on.
        after: Option<u64>,
    },
    /// The response as it is now.
    State {
        /// Of the response.
        id: &'a str,
    },
}

/// Longest silence of a stream that is read on elsewhere, in milliseconds: a connection that has died looks the same as a
/// model that thinks, and asking costs nothing.
pub const SILENCE_MS: u32 = 90_000;

/// After so many streams in a row that brought nothing new, the state is asked for instead: a proxy may hold streams back.
const MAX_SILENT_STREAMS: u32 = 3;
/// The first and the longest wait between two questions for the state, in milliseconds; each is half as long again as the last.
const POLL_MS: (u32, u32) = (1000, 10_000);
/// The first and the longest wait before a stream that broke is read on, in milliseconds; each is twice the last.
const RESUME_MS: (u32, u32) = (200, 30_000);

/// How much of an answer has come.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Answer {
    #[default]
    Awaited,
    /// Nothing but its status.
    Begun,
    Heard,
}

/// An answer that something came of for so long is that of a service that works, in milliseconds.
const ALIVE_MS: u64 = 5000;

/// A response on its way.
#[derive(Debug, Clone)]
pub struct Job {
    delivery: Delivery,
    /// Whether the service is thought to stream it.
    streams: bool,
    /// Whether it is made for the caller, who pays for it, and not only looked at.
    is_own: bool,
    progress: Progress,
    /// Failures since something new came.
    failures: u32,
    /// Streams in a row that brought nothing new.
    silent_streams: u32,
    /// To the present question.
    answer: Answer,
    /// When it began.
    begun_at: u64,
    /// Questions for the state that found it in work.
    polls: u32,
    /// When something new came, in milliseconds of any clock.
    news_at: u64,
}

impl Job {
    /// A response that is not made yet. `streams`: whether the service can be asked for events.
    #[must_use]
    pub fn new(delivery: Delivery, streams: bool, now: u64) -> Self {
        let streams = streams && delivery != Delivery::Whole;
        let progress = Progress::default();
        Self {
            delivery,
            streams,
            is_own: true,
            progress,
            failures: 0,
            silent_streams: 0,
            answer: Answer::Awaited,
            begun_at: now,
            polls: 0,
            news_at: now,
        }
    }

    /// A response that is being made in the background, of which the events up to `after` are known. `is_own`: the same call has
    /// begun it.
    #[must_use]
    pub fn resume(id: &str, after: Option<u64>, is_own: bool, now: u64) -> Self {
        Self { is_own, progress: Progress::of(id, after), ..Self::new(Delivery::Background, true, now) }
    }

    /// What is to be asked now.
    #[must_use]
    pub fn ask(&self) -> Ask<'_> {
        match self.progress.id() {
            Some(id) if self.delivery == Delivery::Background => {
                if self.streams {
                    Ask::Events { id, after: self.progress.last_sequence_number() }
                } else {
                    Ask::State { id }
                }
            }
            _ => Ask::Make { streamed: self.streams },
        }
    }

    /// What it means to ask that twice.
    #[must_use]
    pub fn effect(&self) -> Effect {
        if self.is_followed() { Effect::Follow } else { Effect::Generate }
    }

    /// Whether the response is made whatever becomes of the connection.
    #[must_use]
    pub fn is_followed(&self) -> bool {
        !matches!(self.ask(), Ask::Make { .. })
    }

    /// How far its events were read.
    #[must_use]
    pub fn progress(&self) -> &Progress {
        &self.progress
    }

    /// An answer has begun.
    pub fn begun(&mut self, now: u64) {
        self.begun_at = now;
        self.answer = Answer::Begun;
    }

    /// Something of an answer was read, up to here.
    pub fn heard(&mut self, progress: &Progress, now: u64) {
        self.answer = Answer::Heard;
        let is_further = progress.last_sequence_number() > self.progress.last_sequence_number();
        let is_news = is_further || progress.id() != self.progress.id();
        self.progress.follow(progress);
        // To make it costs each time, however far the last one came.
        if !self.is_followed() {
            return;
        }
        if is_news {
            self.failures = 0;
        }
        if is_news || now.saturating_sub(self.begun_at) > ALIVE_MS {
            self.news_at = now;
        }
    }

    /// No more of an answer is read: what it brought is gone on from.
    pub fn read(&mut self, progress: Progress) {
        self.progress = progress;
    }

    /// The answer was the response, which is still in work. How long to wait before its state is asked for, in milliseconds.
    pub fn in_work(&mut self, now: u64) -> u32 {
        self.streams = false;
        self.failures = 0;
        self.news_at = now;
        let (first, longest) = POLL_MS;
        let wait = (0..self.polls.min(32)).fold(first, |wait, _| longest.min(wait + wait / 2));
        self.polls = self.polls.saturating_add(1);
        wait
    }

    /// What was asked failed. How long to wait before [`Job::ask`] says what comes next, in milliseconds; `None`: it is given
    /// up. `idle_limit`: how long a followed response may bring nothing new, in milliseconds; 0: for ever. `chance`: as for
    /// [`RetryPolicy::wait`].
    pub fn failed(
        &mut self,
        failure: &Failure,
        policy: &RetryPolicy,
        idle_limit: u32,
        now: u64,
        chance: u32,
    ) -> Option<u32> {
        let failures = self.failures;
        let answer = std::mem::take(&mut self.answer);
        let wait = match self.ask() {
            Ask::Make { streamed: true } if refuses_streaming(failure) => {
                self.streams = false;
                return Some(0);
            }
            Ask::Make { .. } => {
                let wait = policy.wait(failure, Effect::Generate, failures, chance)?;
                // It will be another response, whose events count from the first one on.
                self.progress = Progress::default();
                wait
            }
            Ask::Events { .. } if has_no_stream(failure) || (is_event(failure) && failures > 0) => {
                self.streams = false;
                return Some(0);
            }
            Ask::Events { .. } | Ask::State { .. } if !may_pass(failure, failures, policy) => return None,
            Ask::Events { .. } | Ask::State { .. } => {
                let (first, longest) = RESUME_MS;
                let patient = RetryPolicy { max_retries: u32::MAX, ..*policy };
                let own = RetryPolicy { retry_delay_ms: first, max_retry_delay_ms: longest, ..patient };
                // An event that speaks of waiting means the work, and not the asking.
                let asked = failure.retry_after_in_ms.filter(|asked| *asked > 0 && failure.status.is_some());
                let failing = |asked| {
                    failure.clone().with(|details| {
                        details.retryable = true;
                        details.retry_after_in_ms = asked;
                    })
                };
                let wait = own.wait(&failing(None), Effect::Follow, failures, chance)?;
                // Who asks for less is asked less and less often all the same.
                let wait = match asked {
                    Some(_) => wait.max(patient.wait(&failing(asked), Effect::Follow, failures, chance)?),
                    None => wait,
                };
                let silence = now.saturating_sub(self.news_at).saturating_add(u64::from(wait));
                if idle_limit > 0 && silence > u64::from(idle_limit) {
                    return None;
                }
                wait
            }
        };
        // What stands between may hold streams back, until it gives up by itself. Who could not be reached holds nothing back.
        let was_silent = match failure.status {
            Some(status) => matches!(status, 408 | 504),
            None => answer != Answer::Heard && (answer == Answer::Begun || failure.code != Code::Connection),
        };
        if answer == Answer::Heard {
            self.silent_streams = 0;
        } else if self.is_followed() && self.streams && was_silent {
            self.silent_streams = self.silent_streams.saturating_add(1);
            // Only now: asked for as a whole, the response may come without its images.
            self.streams = self.silent_streams < MAX_SILENT_STREAMS;
        }
        self.failures = failures.saturating_add(1);
        Some(wait)
    }

    /// Whether events are asked for.
    #[must_use]
    pub fn streams(&self) -> bool {
        self.streams
    }

    /// Adds to a failure that is given up what becomes of the response.
    pub fn explain(&self, failure: &mut Failure) {
        let Some(id) = self.progress.id().filter(|_| self.is_followed()) else { return };
        if failure.code == Code::NotFound {
            // The judgement of the answer may have said so.
            if !failure.message.contains("30 days") {
                failure.message.push_str(" Responses are kept for 30 days, and only where store is not false.");
            }
            // It was begun, whoever does not find it.
            if self.is_own && failure.billed == Billed::No {
                failure.billed = Billed::Unknown;
                failure.message.push_str(&format!(
                    " It was begun all the same, and may be made and billed: keep its id, \"{id}\", and look for something on the way \
                     that lets no GET through."
                ));
            }
            return;
        }
        // The filter has ended it.
        if failure.code == Code::ContentFilter {
            return;
        }
        failure
            .message
            .push_str(&format!(" What is being made goes on at Azure: responses.resume(\"{id}\") follows it again."));
        if failure.billed == Billed::No {
            failure.billed = Billed::Unknown;
        }
    }

    /// What is to be said where events were asked for and the service had none.
    #[must_use]
    pub fn warning(&self) -> Option<ValidationProblem> {
        let has_events = self.streams || self.progress.last_sequence_number().is_some();
        (self.delivery != Delivery::Whole && !has_events).then(|| ValidationProblem {
            param: "stream".into(),
            message:
                "The service does not stream this response, so there were no partial images and no words while it was made."
                    .into(),
            severity: Severity::Warning,
            suggestion: None,
        })
    }
}

/// Whether the service refused to stream a response with the image tool, as some models do.
#[must_use]
pub fn refuses_streaming(failure: &Failure) -> bool {
    let said = failure.service_message.as_deref().unwrap_or_default().to_ascii_lowercase();
    failure.status == Some(400) && said.contains("not supported in streaming")
}

/// Whether the service has no stream of the response. It may know the response all the same; if not, it will say so.
fn has_no_stream(failure: &Failure) -> bool {
    matches!(failure.status, Some(400 | 404 | 405 | 406 | 422 | 501))
}

/// Whether the failure is an event of the stream, which may go on behind it. Where it does not, the state says what became of
/// the response; but that may come without its images.
fn is_event(failure: &Failure) -> bool {
    failure.status.is_none()
        && failure.retryable
        && (failure.service_code.is_some() || failure.service_message.is_some())
}

/// Whether asking again may help. An answer that is no JSON may be that of something in between.
fn may_pass(failure: &Failure, failures: u32, policy: &RetryPolicy) -> bool {
    failure.retryable || (failure.code == Code::StreamMalformed && failures < policy.max_retries)
}
