//! State machine of a call: authorization, requests, retries, deadlines, progress and billing.
//!
//! It has no I/O, no clock and no randomness. The driver requests the next [`Step`] of each lane, executes it, and
//! reports the result. A lane sends one request at a time. A call with several requests has several lanes. The
//! [`Capability`] of the call builds the requests and parses the responses.
//!
//! Times are in milliseconds of any monotonic clock.

#![deny(clippy::arithmetic_side_effects)]

use std::collections::VecDeque;
use std::rc::Rc;
use std::task::Waker;

use serde::Serialize;

use crate::decode::assembler::Sink;
use crate::errors::billing::{Effect, Interruption, Standing, interrupted};
use crate::errors::judge::{Judge, PlainJudge};
use crate::errors::{Billed, Code, Failure, TimeLimit};
use crate::http::message::{Authorization, Body, Head, HttpRequest};
use crate::http::retry::RetryPolicy;
use crate::http::secrets::Secrets;
use crate::http::token::EARLY_MS;
use crate::images::response::Image;
use crate::images::result::GenerateResult;
use crate::models::service::Service;
use crate::models::usage::Usage;
use crate::probe::report::Report;
use crate::queue::Place;
use crate::responses::events;
use crate::responses::result::ResponseResult;
use crate::settings::{Settings, Timeouts};

/// Maximum size of an error body, in bytes. Longer bodies are truncated.
const MAX_ERROR_BYTES: usize = 256 * 1024;
/// Interval of progress events during a retry delay, in milliseconds.
const COUNT_DOWN_MS: u64 = 1000;

/// Next step of the driver in a lane.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Request a token from the credential, then call [`Operation::on_token`].
    Authorize {
        /// The token that the service rejected. It must not be used again.
        refused: Option<String>,
    },
    /// Wait until [`Operation::is_queued`] returns false. Only other requests of the client can end this wait.
    Queue,
    /// Send the request. Call [`Operation::on_sent`] after sending, then [`Operation::on_headers`] or
    /// [`Operation::on_error`].
    Send(HttpRequest),
    /// Read a chunk of the body, then call [`Operation::on_chunk`], [`Operation::on_end`] or [`Operation::on_error`].
    Read,
    /// Wait for the given time, in milliseconds.
    Wait(u32),
    /// Load the judge of errors, then call [`Operation::on_judge`].
    LoadJudge,
    /// Stop: the lane has no more work.
    Stop,
}

/// Next step while reading a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reading {
    /// Read on.
    Continue,
    /// All needed data has arrived. The rest is short and should be read, so that the connection can be reused.
    Complete,
    /// Stop reading and close the connection.
    Stop,
}

/// Event of a running call.
#[derive(Debug)]
pub enum Event<P> {
    /// The progress of the call.
    Progress(Progress),
    /// A partial image of the Images API.
    PartialImage {
        /// The index of the image among all requested images, starting at 0.
        image_index: u32,
        /// The index of the partial image, starting at 0.
        index: u64,
        /// The partial image.
        image: Image<P>,
    },
    /// A complete image of the Images API.
    Image(FinishedImage<P>),
    /// An event of the Responses API.
    Response {
        /// The sequence number of the event.
        sequence_number: Option<u64>,
        /// The event.
        event: events::Event<P>,
    },
    /// The id of the response.
    ResponseId(String),
}

/// Complete image of the Images API.
#[derive(Debug)]
pub struct FinishedImage<P> {
    /// The index of the image among all requested images, starting at 0.
    pub image_index: u32,
    /// The image.
    pub image: Image<P>,
    /// The usage of its request.
    pub usage: Option<Usage>,
    /// The request id of the service.
    pub request_id: Option<String>,
}

/// Stage of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Stage {
    /// Waiting for a token of the credential.
    Authenticating,
    /// Waiting for the end of other requests of the client.
    Queued,
    /// The request was sent. The response has not started.
    Waiting,
    /// The response is arriving.
    Receiving,
    /// A request failed and will be retried.
    Retrying,
    /// The call has ended.
    Completed,
}

/// Progress of a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Progress {
    /// The stage of the most advanced request.
    pub stage: Stage,
    /// Number of received bytes of all requests.
    pub received_bytes: u64,
    /// Number of partial images so far.
    pub partial_images: u32,
    /// Number of complete images so far.
    pub images: u32,
    /// Time since the start of the call, in milliseconds.
    pub elapsed_ms: u64,
    /// The next retry.
    pub retry: Option<Retry>,
}

/// Pending retry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Retry {
    /// The number of the retry within the call, starting at 1.
    pub id: u32,
    /// The number of retries of the request, including this one.
    pub retries: u32,
    /// Remaining time, in milliseconds.
    pub wait_ms: u64,
    /// The error that caused the retry.
    pub failure: Failure,
}

/// Result of a call.
#[derive(Debug)]
pub enum Output<P> {
    /// Result of the Images API.
    Images {
        /// The images of the last request, which no event has reported.
        images: Vec<FinishedImage<P>>,
        /// The result without images.
        result: GenerateResult,
    },
    /// Result of the Responses API.
    Response(Box<ResponseResult>),
    /// A document.
    Document {
        /// The bytes of the document.
        body: P,
        /// Its media type as the service sent it.
        content_type: Option<String>,
        /// The request id of the service.
        request_id: Option<String>,
    },
    /// Report of a probe.
    Report(Report),
}

/// Failed call.
#[derive(Debug)]
pub struct Failed<P> {
    /// The error.
    pub failure: Failure,
    /// Complete images that no event has reported.
    pub images: Vec<FinishedImage<P>>,
    /// The partial response.
    pub response: Option<Box<ResponseResult>>,
}

/// Outcome of a call.
pub type Outcome<P> = Result<Output<P>, Failed<P>>;

impl<P> From<Failure> for Failed<P> {
    fn from(failure: Failure) -> Self {
        Self { failure, images: Vec::new(), response: None }
    }
}

/// Next step after a complete response.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// The request is done.
    Done,
    /// Another request follows after a delay, in milliseconds.
    Request(u32),
}

/// Capability of the client: builds the requests of a call and parses their responses. Request indexes start at 0.
pub trait Capability<S: Sink> {
    /// Returns the number of requests.
    fn requests(&self) -> usize {
        1
    }

    /// Returns true if the next request is signed.
    fn is_signed(&self) -> bool {
        true
    }

    /// Adds the credentials in the requests, which no error may quote.
    fn add_secrets(&self, _secrets: &mut Secrets) {}

    /// Builds the next request.
    ///
    /// # Errors
    /// The request is invalid.
    fn request(&mut self, index: usize) -> Result<HttpRequest, Failure>;

    /// Returns the effect of the request.
    fn effect(&self) -> Effect;

    /// Returns the service that receives the request.
    fn service(&self) -> Service {
        Service::OpenAi
    }

    /// Returns the timeouts of the request, based on the `timeouts` of the client.
    fn timeouts(&self, timeouts: Timeouts) -> Timeouts {
        timeouts
    }

    /// Called when a successful response starts.
    fn begin(&mut self, index: usize, now: u64);

    /// Parses a chunk of the response. Returns true if the rest is not needed.
    ///
    /// # Errors
    /// The response contains an error, or is invalid.
    fn read(&mut self, index: usize, bytes: &[u8], context: &mut Context<'_, S::Image>) -> Result<bool, Failure>;

    /// Called when the response has ended.
    ///
    /// # Errors
    /// The response is incomplete.
    fn end(&mut self, index: usize, context: &mut Context<'_, S::Image>) -> Result<Next, Failure>;

    /// Returns true if the last call of `read`, `end` or `cut` has stopped because it needs the judge of errors. It will be
    /// repeated with the judge, `read` without bytes.
    fn needs_judge(&self, _index: usize) -> bool {
        false
    }

    /// Called when the connection has failed or stalled within the response. A response whose last event has arrived may be
    /// complete all the same.
    ///
    /// # Errors
    /// The response is incomplete: `failure`, or the error that it reports.
    fn cut(&mut self, _index: usize, failure: Failure, _context: &mut Context<'_, S::Image>) -> Result<Next, Failure> {
        Err(failure)
    }

    /// Returns the delay before a retry, in milliseconds, or `None` to end the request.
    fn retry(&mut self, index: usize, failure: &mut Failure, attempt: Attempt<'_>) -> Option<u32>;

    /// Returns true if the call continues without a credential. `refused` is the error of the service about an earlier
    /// token.
    fn goes_on_without_credential(&mut self, _failure: &Failure, _refused: Option<&Failure>) -> bool {
        false
    }

    /// Completes the message of a final error.
    fn explain(&self, _index: usize, failure: &mut Failure, retries: u32, policy: &RetryPolicy) {
        policy.explain(failure, self.effect(), retries);
    }

    /// Called when a request has succeeded. `is_last` is true if no other request is open.
    fn complete(&mut self, _index: usize, _is_last: bool, _context: &mut Context<'_, S::Image>) {}

    /// Called when a request has failed. Returns true if the requests that were not sent yet would fail as well.
    fn fail(&mut self, index: usize, failure: Failure) -> bool;

    /// Returns the result after all requests have ended.
    ///
    /// # Errors
    /// The call has failed.
    fn finish(&mut self) -> Outcome<S::Image>;

    /// Returns the state of the call, for the error if it ends now.
    fn standing(&self) -> Standing<'_>;

    /// Adds the received data to the error of a call that ends early.
    fn interrupt(&mut self, failure: Failure, _interruption: Interruption) -> Failed<S::Image> {
        failure.into()
    }
}

/// Details of a failed attempt.
#[derive(Debug, Clone, Copy)]
pub struct Attempt<'a> {
    /// The number of retries so far.
    pub retries: u32,
    /// The retry policy.
    pub policy: &'a RetryPolicy,
    /// The timeouts of the client.
    pub timeouts: Timeouts,
    /// The current time, in milliseconds.
    pub now: u64,
    /// A random number.
    pub chance: u32,
}

/// Context of a capability while it reads a response.
#[derive(Debug)]
pub struct Context<'a, P> {
    events: &'a mut VecDeque<Event<P>>,
    secrets: &'a Secrets,
    /// The judge of errors, once it is loaded.
    pub judge: Option<&'static dyn Judge>,
    /// Number of partial images so far.
    pub partial_images: &'a mut u32,
    /// Number of complete images so far.
    pub images: &'a mut u32,
    /// Status code of the response; 0 if the browser hides it.
    pub status: u16,
    /// The request id of the service.
    pub request_id: Option<&'a str>,
    /// `content-type` of the response.
    pub content_type: Option<&'a str>,
    /// The current time, in milliseconds.
    pub now: u64,
}

impl<P> Context<'_, P> {
    /// Reports an event.
    pub fn emit(&mut self, event: Event<P>) {
        self.events.push_back(event);
    }

    /// Redacts secrets in an id of the service.
    #[must_use]
    pub fn id(&self, id: &str) -> String {
        self.secrets.redact(id)
    }

    /// Redacts secrets in an error that does not end the request, such as the error of one of several images.
    #[must_use]
    pub fn failure(&self, mut failure: Failure) -> Failure {
        failure.name_request(self.request_id);
        failure.redact(self.secrets);
        failure
    }
}

/// State machine of a call.
pub struct Operation<S: Sink> {
    settings: Rc<Settings>,
    timeouts: Timeouts,
    capability: Box<dyn Capability<S>>,
    /// The started requests, by index.
    exchanges: Vec<Exchange>,
    /// The index of the current request of each lane.
    lanes: Vec<Option<usize>>,
    /// The index of the next request to start.
    next_request: usize,
    /// Number of requests that have not ended.
    open_requests: usize,
    events: VecDeque<Event<S::Image>>,
    secrets: Secrets,
    /// True if the judge of errors could not be loaded.
    lacks_judge: bool,
    reports_progress: bool,
    started_at: u64,
    /// The deadline of the whole call.
    deadline: Option<Deadline>,
    partial_images: u32,
    images: u32,
    retries: u32,
    random: u64,
    outcome: Option<Outcome<S::Image>>,
    is_over: bool,
}

impl<S: Sink> std::fmt::Debug for Operation<S> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Operation").field("exchanges", &self.exchanges).finish_non_exhaustive()
    }
}

/// Start parameters of a call.
#[derive(Debug, Clone, Copy)]
pub struct Start {
    /// The timeouts of its requests.
    pub timeouts: Timeouts,
    /// True to report progress.
    pub reports_progress: bool,
    /// Start time of the call, in milliseconds.
    pub started_at: u64,
    /// Random seed for the jitter of retry delays.
    pub seed: u64,
}

/// Request of a call, including its retries.
#[derive(Debug)]
struct Exchange {
    state: State,
    stage: Stage,
    received_bytes: u64,
    /// The place in the queue of the client. Dropped while no connection is needed.
    place: Option<Place>,
    /// The meaning of the deadline.
    limit: TimeLimit,
    deadline: Option<Deadline>,
    authorization: Option<Authorization>,
    authorized_at: u64,
    head: Head,
    /// True if the body of the response is not read.
    is_opaque: bool,
    retries: u32,
    retry: Option<(u32, Failure)>,
    refused: Option<Refused>,
    has_refreshed: bool,
    sent: Sent,
    /// True if an earlier attempt may have been billed.
    may_be_billed: bool,
    /// The work that waits for the judge, and since when.
    pending: Option<(Pending, u64)>,
}

/// Work that waits for the judge of errors.
#[derive(Debug)]
enum Pending {
    /// Reading of received data.
    Read,
    /// The end of the response.
    End,
    /// The failure of the connection.
    Error(Failure),
}

/// Sending state of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sent {
    No,
    /// Sent, and possibly billed.
    Out,
    /// Sent and failed.
    Failed,
}

#[derive(Debug)]
enum State {
    /// Next: request a token. This comes before the queue, because a sign-in window must follow the action of the user.
    Authorize,
    Authorizing,
    /// Next: wait for other requests of the client.
    Queue,
    /// Next: send the request.
    Send,
    Sending,
    Reading,
    /// Reading an error body.
    ReadingError(Vec<u8>),
    Waiting {
        until: u64,
        /// The time of the next progress event, in milliseconds.
        report_at: u64,
    },
    Over,
}

/// Token that the service rejected, with the error of the service.
#[derive(Debug)]
struct Refused {
    token: String,
    failure: Failure,
}

/// Deadline of a step or of the whole call.
#[derive(Debug)]
struct Deadline {
    milliseconds: u32,
    touched_at: u64,
    due_at: u64,
    /// The time at which the driver noticed that the deadline has passed.
    noticed_at: Option<u64>,
    /// True if data has arrived since the last check.
    has_news: bool,
}

/// Extension of a deadline, in milliseconds. A busy page delays received data as well as timers.
const TURN_MS: u64 = 20;
/// Maximum total extension for a busy page, and extension after a suspended one, in milliseconds. The timers of a
/// hidden page are also late, so the extension must be limited.
const GRACE_MS: u64 = 2000;

impl Deadline {
    fn new(milliseconds: u32, now: u64) -> Option<Self> {
        let due_at = now.saturating_add(milliseconds.into());
        (milliseconds > 0).then_some(Self { milliseconds, touched_at: now, due_at, noticed_at: None, has_news: false })
    }

    /// Returns true if the deadline has passed. Otherwise sets the next time to check, to let the page deliver data
    /// that has already arrived.
    fn is_over(&mut self, now: u64) -> bool {
        let end = self.touched_at.saturating_add(self.milliseconds.into());
        let has_news = std::mem::take(&mut self.has_news);
        if now < end {
            (self.due_at, self.noticed_at) = (end, None);
            return false;
        }
        let late = now.saturating_sub(self.due_at);
        let extension = match self.noticed_at {
            // The page or the device was suspended.
            None if late > GRACE_MS => GRACE_MS,
            None => TURN_MS,
            Some(noticed_at) if now.saturating_sub(noticed_at) < GRACE_MS && (late > TURN_MS || has_news) => TURN_MS,
            Some(_) => return true,
        };
        self.noticed_at.get_or_insert(now);
        self.due_at = now.saturating_add(extension);
        false
    }
}

impl Exchange {
    fn new() -> Self {
        Self {
            state: State::Authorize,
            stage: Stage::Authenticating,
            received_bytes: 0,
            place: None,
            limit: TimeLimit::Credential,
            deadline: None,
            authorization: None,
            authorized_at: 0,
            head: Head::default(),
            is_opaque: false,
            retries: 0,
            retry: None,
            refused: None,
            has_refreshed: false,
            sent: Sent::No,
            may_be_billed: false,
            pending: None,
        }
    }

    fn enter(&mut self, stage: Stage) {
        self.stage = stage;
        self.received_bytes = 0;
        self.retry = None;
    }

    fn settle(&mut self) {
        if self.sent == Sent::Out {
            self.sent = Sent::Failed;
        }
    }

    fn is_over(&self) -> bool {
        matches!(self.state, State::Over)
    }

    fn authorize(&mut self, authorization: Option<Authorization>, now: u64) {
        self.state = State::Queue;
        (self.authorization, self.authorized_at) = (authorization, now);
    }

    fn limit(&mut self, limit: TimeLimit, milliseconds: u32, now: u64) {
        (self.limit, self.deadline) = (limit, Deadline::new(milliseconds, now));
    }
}

impl<S: Sink> Operation<S> {
    /// Creates a call.
    pub fn new(settings: Rc<Settings>, capability: Box<dyn Capability<S>>, start: Start) -> Self {
        let open_requests = capability.requests();
        let lanes = open_requests.min(settings.queue.limit());
        let mut secrets = settings.secrets();
        capability.add_secrets(&mut secrets);
        Self {
            secrets,
            settings,
            timeouts: start.timeouts,
            capability,
            exchanges: Vec::new(),
            lanes: vec![None; lanes],
            next_request: 0,
            open_requests,
            events: VecDeque::new(),
            lacks_judge: false,
            reports_progress: start.reports_progress,
            started_at: start.started_at,
            deadline: Deadline::new(start.timeouts.total, start.started_at),
            partial_images: 0,
            images: 0,
            retries: 0,
            random: start.seed | 1,
            outcome: None,
            is_over: false,
        }
    }

    /// Returns the number of lanes.
    #[must_use]
    pub fn lanes(&self) -> usize {
        self.lanes.len()
    }

    /// Takes the next event. The driver takes all events after each step.
    pub fn next_event(&mut self) -> Option<Event<S::Image>> {
        self.events.pop_front()
    }

    /// Takes the result of the call.
    pub fn take_outcome(&mut self) -> Option<Outcome<S::Image>> {
        self.outcome.take()
    }

    /// Returns true if the call has ended.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.is_over
    }

    /// Returns the next step of a lane.
    pub fn next(&mut self, lane: usize, now: u64) -> Step {
        loop {
            if self.is_over {
                return Step::Stop;
            }
            let Some(index) = self.request_of(lane) else { return Step::Stop };
            let Some(exchange) = self.exchanges.get_mut(index) else { return Step::Stop };
            if exchange.pending.is_some() {
                return Step::LoadJudge;
            }
            match &exchange.state {
                State::Authorize if !self.capability.is_signed() => exchange.authorize(None, now),
                State::Authorize => {
                    exchange.state = State::Authorizing;
                    exchange.enter(Stage::Authenticating);
                    let timeouts = self.timeouts;
                    exchange.limit(TimeLimit::Credential, timeouts.answer, now);
                    let refused = exchange.refused.as_ref().map(|refused| refused.token.clone());
                    self.report(now);
                    return Step::Authorize { refused };
                }
                State::Queue => {
                    // Short requests run at once.
                    let is_long = matches!(self.capability.effect(), Effect::Generate | Effect::Follow);
                    if is_long && !exchange.place.get_or_insert_with(|| self.settings.queue.join()).is_first() {
                        exchange.enter(Stage::Queued);
                        self.report(now);
                        return Step::Queue;
                    }
                    let is_due = now.saturating_sub(exchange.authorized_at) >= EARLY_MS;
                    exchange.state = if is_due { State::Authorize } else { State::Send };
                }
                State::Send => match self.capability.request(index) {
                    Ok(request) => return Step::Send(self.signed(index, request, now)),
                    Err(failure) => self.fail(index, failure, now),
                },
                State::Waiting { until, report_at } => {
                    let (until, report_at) = (*until, *report_at);
                    let mut end = until;
                    if now >= until {
                        exchange.state = State::Authorize;
                        continue;
                    }
                    if exchange.retry.is_some() && self.reports_progress {
                        let is_due = now >= report_at;
                        let next = if is_due { now.saturating_add(COUNT_DOWN_MS) } else { report_at };
                        exchange.state = State::Waiting { until, report_at: next };
                        end = until.min(next);
                        if is_due {
                            self.report(now);
                        }
                    }
                    return Step::Wait(end.saturating_sub(now).try_into().unwrap_or(u32::MAX));
                }
                State::Reading | State::ReadingError(_) => return Step::Read,
                // The driver has not reported the result of the previous step.
                State::Authorizing | State::Sending | State::Over => return Step::Stop,
            }
        }
    }

    /// Returns the request of a lane, or starts the next request.
    fn request_of(&mut self, lane: usize) -> Option<usize> {
        let place = self.lanes.get_mut(lane)?;
        if let Some(index) = *place
            && !self.exchanges.get(index)?.is_over()
        {
            return Some(index);
        }
        if self.next_request >= self.capability.requests() {
            return None;
        }
        *place = Some(self.next_request);
        self.next_request = self.next_request.saturating_add(1);
        self.exchanges.push(Exchange::new());
        *place
    }

    fn signed(&mut self, index: usize, request: HttpRequest, now: u64) -> HttpRequest {
        let timeouts = self.capability.timeouts(self.timeouts);
        let Some(exchange) = self.exchanges.get_mut(index) else { return request };
        exchange.state = State::Sending;
        exchange.limit(TimeLimit::Answer, timeouts.answer, now);
        exchange.is_opaque = request.is_opaque;
        if request.is_opaque {
            return request;
        }
        // Only required headers: the CORS configuration of the server must allow each of them.
        let mut headers = Vec::new();
        if let Some(Authorization { header, value, .. }) = &exchange.authorization {
            headers.push(((*header).to_owned(), value.clone()));
        }
        if matches!(request.body, Body::Json(_) | Body::JsonWithImages(_)) {
            headers.push(("content-type".into(), "application/json".into()));
        }
        headers.extend_from_slice(&self.settings.extra_headers);
        headers.extend(request.headers);
        HttpRequest { headers, ..request }
    }

    /// Called with the result of the credential. `None` means that requests are not signed.
    pub fn on_token(&mut self, lane: usize, authorization: Result<Option<Authorization>, Failure>, now: u64) {
        let Some((index, exchange)) = self.exchange(lane) else { return };
        let refused = exchange.refused.take();
        let authorization = match (authorization, &refused) {
            (Ok(Some(authorization)), Some(refused)) if authorization.secret == refused.token => {
                Err(refused.failure.clone().with(|details| {
                    details.message.push_str(" The credential returned the same token again after a refresh.");
                }))
            }
            (Err(failure), Some(refused)) => Err(failure.with(|details| {
                details.message.push_str(" A new token was requested because the service rejected the previous one.");
                if details.request_id.is_none() {
                    details.request_id.clone_from(&refused.failure.request_id);
                }
            })),
            (authorization, _) => authorization,
        };
        match authorization {
            Ok(authorization) => {
                exchange.authorize(authorization.clone(), now);
                if let Some(Authorization { secret, .. }) = &authorization {
                    self.secrets.add(secret);
                }
            }
            Err(mut failure) => {
                failure.redact(&self.secrets);
                let refused = refused.as_ref().map(|refused| &refused.failure);
                if self.capability.goes_on_without_credential(&failure, refused) {
                    if let Some((_, exchange)) = self.exchange(lane) {
                        exchange.state = State::Authorize;
                    }
                } else {
                    self.give_up(index, failure, 0, now);
                }
            }
        }
    }

    /// Called after the request was sent.
    pub fn on_sent(&mut self, lane: usize, now: u64) {
        let Some((_, exchange)) = self.exchange(lane) else { return };
        exchange.enter(Stage::Waiting);
        exchange.sent = Sent::Out;
        self.report(now);
    }

    /// Called with the head of a response. The driver reads the body only if this returns [`Reading::Continue`].
    pub fn on_headers(&mut self, lane: usize, head: Head, now: u64) -> Reading {
        let timeouts = self.capability.timeouts(self.timeouts);
        self.note_news();
        let Some((index, exchange)) = self.exchange(lane) else { return Reading::Stop };
        let is_opaque = exchange.is_opaque;
        if head.status == 0 && !is_opaque {
            // A custom `fetch` function returned an opaque response, or `Response.error()`.
            self.on_error(lane, Failure::lost(None), now);
            return Reading::Stop;
        }
        let is_success = (200..300).contains(&head.status);
        exchange.head = head;
        exchange.limit(TimeLimit::Idle, timeouts.idle, now);
        if is_success || is_opaque {
            exchange.state = State::Reading;
            exchange.enter(Stage::Receiving);
            self.capability.begin(index, now);
            self.follow_timeouts(index, now);
            self.report(now);
            if is_opaque {
                self.on_end(lane, now);
                return Reading::Stop;
            }
        } else {
            exchange.state = State::ReadingError(Vec::new());
        }
        Reading::Continue
    }

    /// Called with a chunk of the body. The driver takes all events before the next chunk, to keep the queue short.
    pub fn on_chunk(&mut self, lane: usize, bytes: &[u8], now: u64) -> Reading {
        self.note_news();
        let Some((index, exchange)) = self.exchange(lane) else { return Reading::Stop };
        exchange.received_bytes = exchange.received_bytes.saturating_add(bytes.len() as u64);
        if let Some(deadline) = &mut exchange.deadline {
            deadline.touched_at = now;
        }
        match &mut exchange.state {
            State::ReadingError(body) => {
                body.extend_from_slice(bytes);
                if body.len() < MAX_ERROR_BYTES {
                    return Reading::Continue;
                }
                self.on_end(lane, now);
                Reading::Stop
            }
            State::Reading => self.read(index, bytes, now),
            _ => Reading::Stop,
        }
    }

    fn read(&mut self, index: usize, bytes: &[u8], now: u64) -> Reading {
        let read = self.with_context(index, now, |capability, context| capability.read(index, bytes, context));
        if self.waits(index, Pending::Read, now) {
            return Reading::Continue;
        }
        match read {
            Ok(false) => {
                self.follow_timeouts(index, now);
                Reading::Continue
            }
            Ok(true) => {
                self.report(now);
                if self.end(index, now) { Reading::Complete } else { Reading::Stop }
            }
            Err(failure) => {
                self.fail_response(index, failure, now);
                Reading::Stop
            }
        }
    }

    /// Returns true if the work on a response waits for the judge, and keeps the work.
    fn waits(&mut self, index: usize, work: Pending, now: u64) -> bool {
        if self.judge().is_some() || !self.capability.needs_judge(index) {
            return false;
        }
        if let Some(exchange) = self.exchanges.get_mut(index) {
            exchange.pending = Some((work, now));
        }
        true
    }

    fn judge(&self) -> Option<&'static dyn Judge> {
        let plain: Option<&'static dyn Judge> = if self.lacks_judge { Some(&PlainJudge) } else { None };
        self.settings.judge.get().or(plain)
    }

    /// Returns true if the response of a lane waits for the judge. The driver loads it before the next chunk.
    #[must_use]
    pub fn needs_judge(&self, lane: usize) -> bool {
        let exchange = self.lanes.get(lane).copied().flatten().and_then(|index| self.exchanges.get(index));
        exchange.is_some_and(|exchange| exchange.pending.is_some()) && !self.is_over
    }

    /// Called when the judge is in the settings, or could not be loaded. The driver reads on only if this returns
    /// [`Reading::Continue`].
    pub fn on_judge(&mut self, lane: usize, now: u64) -> Reading {
        self.lacks_judge |= self.settings.judge.get().is_none();
        let Some((index, exchange)) = self.exchange(lane) else { return Reading::Stop };
        match exchange.pending.take() {
            Some((Pending::Read, _)) => return self.read(index, &[], now),
            Some((Pending::End, _)) => self.on_end(lane, now),
            Some((Pending::Error(failure), _)) => self.on_error(lane, failure, now),
            None => {}
        }
        Reading::Stop
    }

    /// Called at the end of the body.
    pub fn on_end(&mut self, lane: usize, now: u64) {
        let Some((index, exchange)) = self.exchange(lane) else { return };
        if matches!(exchange.state, State::ReadingError(_)) {
            self.refuse(index, now);
        } else {
            self.end(index, now);
        }
    }

    /// Handles the end of a response with a status other than 2xx.
    fn refuse(&mut self, index: usize, now: u64) {
        let service = self.capability.service();
        let judge = self.judge();
        let Some(exchange) = self.exchanges.get_mut(index) else { return };
        let State::ReadingError(body) = &exchange.state else { return };
        let Some(judge) = judge else {
            exchange.pending = Some((Pending::End, now));
            return;
        };
        let failure = judge.response(service, &exchange.head, body);
        self.fail_response(index, failure, now);
    }

    /// Called when the connection or the driver has failed. `failure` is [`Failure::lost`] or an error of sending.
    pub fn on_error(&mut self, lane: usize, failure: Failure, now: u64) {
        let Some((index, exchange)) = self.exchange(lane) else { return };
        match &exchange.state {
            // The status identifies the error, even if the body is truncated.
            State::ReadingError(_) => self.refuse(index, now),
            State::Reading => {
                let cut = failure.clone();
                let ended = self.with_context(index, now, |capability, context| capability.cut(index, cut, context));
                if !self.waits(index, Pending::Error(failure), now) {
                    self.ended(index, ended, now);
                }
            }
            _ => self.fail_response(index, failure, now),
        }
    }

    /// Returns the time to call [`Operation::on_deadline`], in milliseconds.
    #[must_use]
    pub fn deadline(&self, lane: usize) -> Option<u64> {
        let index = self.lanes.get(lane).copied().flatten()?;
        let exchange = self.exchanges.get(index)?;
        let has_step =
            matches!(exchange.state, State::Authorizing | State::Sending | State::Reading | State::ReadingError(_));
        let is_active = has_step && exchange.pending.is_none();
        exchange.deadline.as_ref().filter(|_| is_active).map(|deadline| deadline.due_at)
    }

    /// Called at the deadline. Returns true if the current step has ended, or false if the deadline was extended.
    pub fn on_deadline(&mut self, lane: usize, now: u64) -> bool {
        let service = self.capability.service();
        let Some((_, exchange)) = self.exchange(lane) else { return true };
        let received = exchange.received_bytes;
        let Some(deadline) = &mut exchange.deadline else { return false };
        if !deadline.is_over(now) {
            return false;
        }
        let failure = Failure::timed_out(service, exchange.limit, deadline.milliseconds, received);
        if exchange.limit == TimeLimit::Credential {
            self.on_token(lane, Err(failure), now);
        } else {
            self.on_error(lane, failure, now);
        }
        true
    }

    /// Returns the time to call [`Operation::on_call_deadline`], in milliseconds.
    #[must_use]
    pub fn call_deadline(&self) -> Option<u64> {
        self.deadline.as_ref().filter(|_| !self.is_over).map(|deadline| deadline.due_at)
    }

    /// Called at the deadline of the call, which ends it or extends the deadline.
    pub fn on_call_deadline(&mut self, now: u64) {
        let Some(deadline) = &mut self.deadline else { return };
        if deadline.is_over(now) {
            let interruption = Interruption::TotalTimeout(deadline.milliseconds);
            if let Some(failed) = self.interrupt(interruption) {
                self.outcome = Some(Err(failed));
            }
        }
    }

    /// Returns true while the request of a lane waits for other requests of the client. Wakes `waker` afterwards.
    pub fn is_queued(&mut self, lane: usize, waker: &Waker) -> bool {
        let Some((_, exchange)) = self.exchange(lane) else { return false };
        let Some(place) = exchange.place.as_ref().filter(|place| !place.is_first()) else { return false };
        place.wake_with(waker);
        true
    }

    /// Called after the driver has closed all connections. The open requests start again with the next step.
    pub fn disconnect(&mut self) {
        for exchange in self.exchanges.iter_mut().filter(|exchange| !exchange.is_over()) {
            (exchange.state, exchange.place, exchange.pending) = (State::Authorize, None, None);
        }
    }

    /// Ends the call early. The driver closes all connections. Returns `None` if the call has already ended.
    pub fn interrupt(&mut self, interruption: Interruption) -> Option<Failed<S::Image>> {
        self.judge_plainly();
        if self.is_over {
            return None;
        }
        self.is_over = true;
        for exchange in &mut self.exchanges {
            exchange.place = None;
        }
        let mut unreported = Vec::new();
        while let Some(event) = self.events.pop_front() {
            if let Event::Image(image) = event {
                unreported.push(image);
            }
        }
        let was_sent = self.exchanges.iter().any(|exchange| exchange.sent != Sent::No);
        let may_be_billed = self.may_be_billed();
        let mut failure = interrupted(interruption, self.capability.standing(), was_sent, may_be_billed);
        failure.redact(&self.secrets);
        let mut failed = self.capability.interrupt(failure, interruption);
        self.redact(&mut failed);
        failed.images.extend(unreported);
        Some(failed)
    }

    /// Completes the work that waits for the judge without it, so that an image that has arrived is not lost.
    fn judge_plainly(&mut self) {
        for lane in 0..self.lanes.len() {
            let exchange = self.exchange(lane).map(|(_, exchange)| exchange);
            if let Some(since) = exchange.and_then(|exchange| exchange.pending.as_ref()).map(|(_, since)| *since) {
                self.on_judge(lane, since);
            }
        }
    }

    /// Returns true if any sent request may be billed.
    #[must_use]
    pub fn may_be_billed(&self) -> bool {
        self.exchanges.iter().any(|exchange| exchange.sent == Sent::Out || exchange.may_be_billed)
    }

    /// Notes that data has arrived, which a passed deadline of the call takes into account.
    fn note_news(&mut self) {
        if let Some(deadline) = &mut self.deadline {
            deadline.has_news = true;
        }
    }

    fn exchange(&mut self, lane: usize) -> Option<(usize, &mut Exchange)> {
        if self.is_over {
            return None;
        }
        let index = self.lanes.get(lane).copied().flatten()?;
        Some((index, self.exchanges.get_mut(index)?))
    }

    fn with_context<T>(
        &mut self,
        index: usize,
        now: u64,
        work: impl FnOnce(&mut dyn Capability<S>, &mut Context<'_, S::Image>) -> T,
    ) -> T {
        let judge = self.judge();
        let head = self.exchanges.get(index).map(|exchange| &exchange.head);
        let mut context = Context {
            judge,
            events: &mut self.events,
            secrets: &self.secrets,
            partial_images: &mut self.partial_images,
            images: &mut self.images,
            status: head.map_or(0, |head| head.status),
            request_id: head.and_then(|head| head.request_id.as_deref()),
            content_type: head.and_then(|head| head.content_type.as_deref()),
            now,
        };
        work(&mut *self.capability, &mut context)
    }

    /// Updates the idle timeout, which changes when a response becomes independent of its connection.
    fn follow_timeouts(&mut self, index: usize, now: u64) {
        let idle = self.capability.timeouts(self.timeouts).idle;
        let Some(exchange) = self.exchanges.get_mut(index) else { return };
        if exchange.deadline.as_ref().is_none_or(|deadline| deadline.milliseconds != idle) {
            exchange.limit(TimeLimit::Idle, idle, now);
        }
    }

    /// Handles the end of a response. Returns true if the response was complete.
    fn end(&mut self, index: usize, now: u64) -> bool {
        let ended = self.with_context(index, now, |capability, context| capability.end(index, context));
        // The connection is done, even if the judge is still missing.
        self.waits(index, Pending::End, now) || self.ended(index, ended, now)
    }

    fn ended(&mut self, index: usize, ended: Result<Next, Failure>, now: u64) -> bool {
        match ended {
            Ok(Next::Request(wait)) => {
                let Some(exchange) = self.exchanges.get_mut(index) else { return true };
                (exchange.retries, exchange.has_refreshed, exchange.place) = (0, false, None);
                exchange.state = State::Waiting { until: now.saturating_add(wait.into()), report_at: now };
                true
            }
            Ok(Next::Done) => {
                self.open_requests = self.open_requests.saturating_sub(1);
                let is_last = self.open_requests == 0;
                if let Some(exchange) = self.exchanges.get_mut(index) {
                    exchange.state = State::Over;
                    exchange.stage = Stage::Completed;
                    (exchange.retry, exchange.place) = (None, None);
                }
                self.with_context(index, now, |capability, context| capability.complete(index, is_last, context));
                self.finish_if_done(now);
                true
            }
            Err(failure) => {
                self.fail_response(index, failure, now);
                false
            }
        }
    }

    /// Handles the error of a sent request.
    fn fail_response(&mut self, index: usize, failure: Failure, now: u64) {
        let mut failure = failure.of(self.capability.effect());
        let request_id = self.exchanges.get(index).and_then(|exchange| exchange.head.request_id.as_deref());
        failure.name_request(request_id);
        self.fail(index, failure, now);
    }

    /// Handles a failed request: schedules a retry or ends the request.
    fn fail(&mut self, index: usize, mut failure: Failure, now: u64) {
        failure.redact(&self.secrets);
        let chance = self.random();
        let Some(exchange) = self.exchanges.get_mut(index) else { return };
        exchange.settle();
        exchange.place = None;
        exchange.head = Head::default();
        // An error without a status comes after the token was accepted, so a later 401 may refresh it again.
        exchange.has_refreshed &= failure.status.is_some();
        let is_unauthorized = (failure.code, failure.status) == (Code::Authentication, Some(401));
        let refreshable =
            exchange.authorization.take().filter(|authorization| is_unauthorized && authorization.can_refresh);
        if let Some(Authorization { secret, .. }) = &refreshable {
            self.settings.tokens.borrow_mut().refuse(secret);
        }
        let wait = match refreshable {
            Some(Authorization { secret: token, .. }) if !exchange.has_refreshed => {
                exchange.has_refreshed = true;
                exchange.refused = Some(Refused { token, failure: failure.clone() });
                0
            }
            _ => {
                let attempt = Attempt {
                    retries: exchange.retries,
                    policy: &self.settings.retries,
                    timeouts: self.timeouts,
                    now,
                    chance,
                };
                let Some(wait) = self.capability.retry(index, &mut failure, attempt) else {
                    let retries = exchange.retries;
                    return self.give_up(index, failure, retries, now);
                };
                exchange.retries = exchange.retries.saturating_add(1);
                wait
            }
        };
        self.retries = self.retries.saturating_add(1);
        exchange.may_be_billed |= failure.billed != Billed::No;
        exchange.enter(Stage::Retrying);
        exchange.retry = Some((self.retries, failure));
        let report_at = now.saturating_add(COUNT_DOWN_MS);
        exchange.state = State::Waiting { until: now.saturating_add(wait.into()), report_at };
        self.report(now);
    }

    /// Ends a request with an error.
    fn give_up(&mut self, index: usize, mut failure: Failure, retries: u32, now: u64) {
        self.capability.explain(index, &mut failure, retries, &self.settings.retries);
        // The explanation can contain an id of the service.
        failure.redact(&self.secrets);
        let Some(exchange) = self.exchanges.get_mut(index) else { return };
        if exchange.may_be_billed {
            failure.mention_earlier_attempt();
        }
        exchange.may_be_billed |= failure.billed != Billed::No;
        (exchange.state, exchange.retry, exchange.place) = (State::Over, None, None);
        exchange.settle();
        exchange.stage = Stage::Completed;
        self.open_requests = self.open_requests.saturating_sub(1);
        if self.capability.fail(index, failure) {
            let skipped = self.capability.requests().saturating_sub(self.next_request);
            self.open_requests = self.open_requests.saturating_sub(skipped);
            self.next_request = self.capability.requests();
        }
        self.finish_if_done(now);
    }

    fn finish_if_done(&mut self, now: u64) {
        if self.open_requests > 0 || self.is_over {
            return;
        }
        let outcome = self.capability.finish();
        if outcome.is_ok() {
            self.report(now);
        }
        self.is_over = true;
        self.outcome = Some(outcome.map_err(|mut failed| {
            self.redact(&mut failed);
            failed
        }));
    }

    fn redact(&self, failed: &mut Failed<S::Image>) {
        failed.failure.redact(&self.secrets);
        if let Some(id) = failed.response.as_mut().and_then(|response| response.summary.id.as_mut()) {
            *id = self.secrets.redact(id);
        }
    }

    /// Reports the progress. The driver also calls it after each browser chunk.
    pub fn report(&mut self, now: u64) {
        if self.reports_progress {
            let progress = self.progress(now);
            self.events.push_back(Event::Progress(progress));
        }
    }

    /// Returns the combined progress of all requests.
    fn progress(&self, now: u64) -> Progress {
        let stages = [Stage::Receiving, Stage::Waiting, Stage::Retrying, Stage::Queued, Stage::Authenticating];
        let is_at = |stage: &Stage| self.exchanges.iter().any(|exchange| exchange.stage == *stage);
        let retry = |exchange: &Exchange| {
            let State::Waiting { until, .. } = exchange.state else { return None };
            let (id, failure) = exchange.retry.clone()?;
            Some(Retry { id, retries: exchange.retries, wait_ms: until.saturating_sub(now), failure })
        };
        Progress {
            stage: stages.into_iter().find(is_at).unwrap_or(Stage::Completed),
            received_bytes: self.exchanges.iter().map(|exchange| exchange.received_bytes).sum(),
            partial_images: self.partial_images,
            images: self.images,
            elapsed_ms: now.saturating_sub(self.started_at),
            retry: self.exchanges.iter().filter_map(retry).min_by_key(|retry| retry.wait_ms),
        }
    }

    /// Returns the next random number (xorshift64).
    fn random(&mut self) -> u32 {
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        u32::try_from(self.random >> 32).unwrap_or_default()
    }
}
