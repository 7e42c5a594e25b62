//! Lifecycle of a response: the next request, and the next step after an error or an incomplete response.
//!
//! A background response is independent of the connection. If its stream breaks, the client resumes after the last
//! event. If the service does not stream it, the client polls its state with increasing delays. Neither is billed. The
//! request that creates the response is retried only according to [`RetryPolicy`].

use crate::errors::billing::{Effect, still_running};
use crate::errors::{Billed, Code, Failure};
use crate::http::retry::RetryPolicy;
use crate::models::validate::{Severity, ValidationProblem};
use crate::responses::events::Progress;

/// Delivery mode of a response.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delivery {
    /// One JSON document when the response is complete.
    Whole,
    /// Events over a single connection.
    Streamed,
    /// Background response: events if the service supports them, over several connections if needed.
    Background,
}

/// Next request to the service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ask<'a> {
    /// Creates the response.
    Make {
        /// True to stream its events.
        streamed: bool,
    },
    /// Streams the events of the response after a sequence number.
    Events {
        /// The response id.
        id: &'a str,
        /// The sequence number. `None` starts with the first event.
        after: Option<u64>,
    },
    /// Retrieves the current state of the response.
    State {
        /// The response id.
        id: &'a str,
    },
}

/// Maximum time without data on the stream of a background response, in milliseconds. A dead connection looks like a
/// reasoning model, and reconnecting is free.
pub const SILENCE_MS: u32 = 90_000;

/// Number of consecutive streams without new events before the client polls instead. A proxy may buffer streams.
const MAX_SILENT_STREAMS: u32 = 3;
/// First and maximum polling delay, in milliseconds. Each delay is 1.5 times the previous one.
const POLL_MS: (u32, u32) = (1000, 10_000);
/// First and maximum delay before a broken stream is resumed, in milliseconds. Each delay is twice the previous one.
const RESUME_MS: (u32, u32) = (200, 30_000);

/// Receiving state of an HTTP response.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Answer {
    #[default]
    Awaited,
    /// Only the status has arrived.
    Begun,
    Heard,
}

/// Time after which a connection that still receives data counts as healthy, in milliseconds.
const ALIVE_MS: u64 = 5000;

/// Response in progress.
#[derive(Debug, Clone)]
pub struct Job {
    delivery: Delivery,
    /// True unless the service is known not to stream the response.
    streams: bool,
    /// True if this call created the response. False if it only follows it.
    is_own: bool,
    progress: Progress,
    /// Number of errors since the last new event.
    failures: u32,
    /// Number of consecutive streams without new events.
    silent_streams: u32,
    /// Receiving state of the current HTTP response.
    answer: Answer,
    /// Start of the current HTTP response, in milliseconds.
    begun_at: u64,
    /// Number of polls that found the response in progress.
    polls: u32,
    /// Time of the last new event, in milliseconds. Any clock will do.
    news_at: u64,
}

impl Job {
    /// Creates the job of a response that does not exist yet. `streams` is true if the service can stream it.
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

    /// Creates the job of a background response whose events up to `after` have been received. `is_own` is true if the
    /// same call created the response.
    #[must_use]
    pub fn resume(id: &str, after: Option<u64>, is_own: bool, now: u64) -> Self {
        Self { is_own, progress: Progress::of(id, after), ..Self::new(Delivery::Background, true, now) }
    }

    /// Returns the next request.
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

    /// Returns the effect of the next request.
    #[must_use]
    pub fn effect(&self) -> Effect {
        if self.is_followed() { Effect::Follow } else { Effect::Generate }
    }

    /// Returns true if the service generates the response independently of the connection.
    #[must_use]
    pub fn is_followed(&self) -> bool {
        !matches!(self.ask(), Ask::Make { .. })
    }

    /// Returns the progress of the response.
    #[must_use]
    pub fn progress(&self) -> &Progress {
        &self.progress
    }

    /// Records the start of an HTTP response.
    pub fn begun(&mut self, now: u64) {
        self.begun_at = now;
        self.answer = Answer::Begun;
    }

    /// Records data of an HTTP response, with the progress so far.
    pub fn heard(&mut self, progress: &Progress, now: u64) {
        self.answer = Answer::Heard;
        let is_further = progress.last_sequence_number() > self.progress.last_sequence_number();
        let is_news = is_further || progress.id() != self.progress.id();
        self.progress.follow(progress);
        // Each creation is billed, so progress must not reset the number of errors.
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

    /// Takes the final progress of an HTTP response. The next request continues from it.
    pub fn read(&mut self, progress: Progress) {
        self.progress = progress;
    }

    /// Records that the response is still in progress. Returns the delay before the next poll, in milliseconds.
    pub fn in_work(&mut self, now: u64) -> u32 {
        self.streams = false;
        self.failures = 0;
        self.news_at = now;
        let (first, longest) = POLL_MS;
        let wait = (0..self.polls.min(32)).fold(first, |wait, _| longest.min(wait + wait / 2));
        self.polls = self.polls.saturating_add(1);
        wait
    }

    /// Records a failed request. Returns the delay before the next request of [`Job::ask`], in milliseconds, or `None`
    /// to give up. `idle_limit` is the maximum time without a new event of a followed response, in milliseconds; 0
    /// disables it. `chance` is the same as for [`RetryPolicy::wait`].
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
                // The retry creates a new response, whose events start from the beginning.
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
                // A delay in an event applies to the generation, not to the requests of the client.
                let asked = failure.retry_after_in_ms.filter(|asked| *asked > 0 && failure.status.is_some());
                let failing = |asked| {
                    failure.clone().with(|details| {
                        details.retryable = true;
                        details.retry_after_in_ms = asked;
                    })
                };
                let wait = own.wait(&failing(None), Effect::Follow, failures, chance)?;
                // The backoff also grows if the service requests a shorter delay.
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
        // A buffering proxy looks like a silent stream, or like a 408 or 504. A failed connection does not buffer.
        let was_silent = match failure.status {
            Some(status) => matches!(status, 408 | 504),
            None => answer != Answer::Heard && (answer == Answer::Begun || failure.code != Code::Connection),
        };
        if answer == Answer::Heard {
            self.silent_streams = 0;
        } else if self.is_followed() && self.streams && was_silent {
            self.silent_streams = self.silent_streams.saturating_add(1);
            // Polling is the last resort: a polled response may lack its images.
            self.streams = self.silent_streams < MAX_SILENT_STREAMS;
        }
        self.failures = failures.saturating_add(1);
        Some(wait)
    }

    /// Returns true if the client requests events.
    #[must_use]
    pub fn streams(&self) -> bool {
        self.streams
    }

    /// Adds the state of the response to the message of a final error.
    pub fn explain(&self, failure: &mut Failure) {
        let Some(id) = self.progress.id().filter(|_| self.is_followed()) else { return };
        if failure.code == Code::NotFound {
            // The message of the 404 may already contain this advice.
            if !failure.message.contains("30 days") {
                failure.message.push_str(" Azure stores responses for 30 days, and not with store: false.");
            }
            // This call created the response, so it exists although the service did not find it.
            if self.is_own && failure.billed == Billed::No {
                failure.billed = Billed::Unknown;
                failure.message.push_str(&format!(
                    " The response was created and may still be generated and billed. Keep its id, \"{id}\", and \
                     check for a proxy that blocks GET requests."
                ));
            }
            return;
        }
        // The content filter has ended the response.
        if failure.code == Code::ContentFilter {
            return;
        }
        failure.message.push_str(&still_running(id));
        if failure.billed == Billed::No {
            failure.billed = Billed::Unknown;
        }
    }

    /// Returns a warning if events were requested and the service sent none.
    #[must_use]
    pub fn warning(&self) -> Option<ValidationProblem> {
        let has_events = self.streams || self.progress.last_sequence_number().is_some();
        (self.delivery != Delivery::Whole && !has_events).then(|| ValidationProblem {
            param: "stream".into(),
            message: "The service does not stream this response. There were no partial images or text deltas.".into(),
            severity: Severity::Warning,
            suggestion: None,
        })
    }
}

/// Returns true if the service refused to stream a response with the image tool, as some models do.
#[must_use]
pub fn refuses_streaming(failure: &Failure) -> bool {
    let said = failure.service_message.as_deref().unwrap_or_default().to_ascii_lowercase();
    failure.status == Some(400) && said.contains("not supported in streaming")
}

/// Returns true if the service cannot stream the response. The response may still exist, which the next poll shows.
fn has_no_stream(failure: &Failure) -> bool {
    matches!(failure.status, Some(400 | 404 | 405 | 406 | 422 | 501))
}

/// Returns true if the error is an event of the stream, which may continue after it. If it does not, polling shows the
/// state of the response, but possibly without its images.
fn is_event(failure: &Failure) -> bool {
    failure.status.is_none()
        && failure.retryable
        && (failure.service_code.is_some() || failure.service_message.is_some())
}

/// Returns true if a retry may succeed. An unknown document, or one that is not JSON, may come from a proxy.
fn may_pass(failure: &Failure, failures: u32, policy: &RetryPolicy) -> bool {
    let is_foreign = matches!(failure.code, Code::StreamMalformed | Code::NoImage);
    failure.retryable || (is_foreign && failures < policy.max_retries)
}
