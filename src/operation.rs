//! The state machine of one call: authorization, requests, retries, deadlines, progress and billing.
//!
//! It has no I/O, no clock and no randomness. The driver asks for the next [`Step`] of each lane, executes it, and reports what
//! happened. A lane sends one request at a time; a call with several requests has several lanes. What a call sends, and how it
//! reads the responses, is its [`Capability`].
//!
//! Times are in milliseconds of any monotonic clock.

#![deny(clippy::arithmetic_side_effects)]

use std::collections::VecDeque;
use std::rc::Rc;

use serde::Serialize;

use crate::decode::assembler::Sink;
use crate::errors::billing::{Effect, Interruption, Standing, interrupted};
use crate::errors::{Billed, Code, Failure, TimeLimit};
use crate::http::message::{Authorization, Body, Head, HttpRequest};
use crate::http::retry::{self, RetryPolicy};
use crate::http::secrets::Secrets;
use crate::images::generate::GenerateResult;
use crate::images::response::Image;
use crate::models::usage::Usage;
use crate::probe::report::Report;
use crate::responses::create::ResponseResult;
use crate::responses::events;
use crate::settings::{Settings, Timeouts};

/// Maximum size of an error body, in bytes. Longer ones are cut.
const MAX_ERROR_BYTES: usize = 256 * 1024;
/// How often a wait before a retry reports progress, in milliseconds.
const COUNT_DOWN_MS: u64 = 1000;

/// What the driver does next in a lane.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Ask the credential, then call [`Operation::on_token`]. `refused`: the token that the service refused, which must not be
    /// used again.
    Authorize {
        /// The refused token.
        refused: Option<String>,
    },
    /// Send the request. Call [`Operation::on_sent`] when it is on its way, then [`Operation::on_headers`] or
    /// [`Operation::on_error`].
    Send(HttpRequest),
    /// Read a chunk of the body, then call [`Operation::on_chunk`], [`Operation::on_end`] or [`Operation::on_error`].
    Read,
    /// Wait for so many milliseconds.
    Wait(u32),
    /// The lane has nothing more to do.
    Stop,
}

/// Whether the body of a response is needed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reading {
    /// More of it is.
    Continue,
    /// All that matters has arrived. The rest, which is short, should be read so that the connection can be reused.
    Complete,
    /// It is not; the connection should be closed.
    Stop,
}

/// What a call reports while it runs.
#[derive(Debug)]
pub enum Event<P> {
    /// The progress of the call.
    Progress(Progress),
    /// A partial image of the Images API.
    PartialImage {
        /// The number of the image among those that were asked for, from 0.
        image_index: u32,
        /// The number of the partial image, from 0.
        index: u64,
        /// The partial image.
        image: Image<P>,
    },
    /// A finished image of the Images API.
    Image(FinishedImage<P>),
    /// An event of the Responses API.
    Response {
        /// The service's number of the event.
        sequence_number: Option<u64>,
        /// The event.
        event: events::Event<P>,
    },
    /// The id of the response.
    ResponseId(String),
}

/// A finished image of the Images API.
#[derive(Debug)]
pub struct FinishedImage<P> {
    /// The number of the image among those that were asked for, from 0.
    pub image_index: u32,
    /// The image.
    pub image: Image<P>,
    /// The usage of the request that brought it.
    pub usage: Option<Usage>,
    /// The service's id of the request that brought it.
    pub request_id: Option<String>,
}

/// The stage of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Stage {
    /// The credential was asked for a token.
    Authenticating,
    /// The request was sent; there is no response yet.
    Waiting,
    /// The response is arriving.
    Receiving,
    /// A request failed and will be sent again.
    Retrying,
    /// The call has ended.
    Completed,
}

/// The progress of a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Progress {
    /// The stage of the request that has got furthest.
    pub stage: Stage,
    /// Received bytes of all requests.
    pub received_bytes: u64,
    /// Partial images so far.
    pub partial_images: u32,
    /// Finished images so far.
    pub images: u32,
    /// Time since the start of the call, in milliseconds.
    pub elapsed_ms: u64,
    /// The next retry.
    pub retry: Option<Retry>,
}

/// A retry that is waited for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Retry {
    /// Numbers the retries of the call, from 1.
    pub id: u32,
    /// The number of retries of the request, this one included.
    pub retries: u32,
    /// Remaining time, in milliseconds.
    pub wait_ms: u64,
    /// Why the request is sent again.
    pub failure: Failure,
}

/// The result of a call.
#[derive(Debug)]
pub enum Output<P> {
    /// Of the Images API.
    Images {
        /// What was not reported by an event: the images of the request that ended last.
        images: Vec<FinishedImage<P>>,
        /// Everything else.
        result: GenerateResult,
    },
    /// Of the Responses API.
    Response(Box<ResponseResult>),
    /// A document.
    Document {
        /// Its bytes.
        body: P,
        /// The service's id of the request.
        request_id: Option<String>,
    },
    /// What a probe found.
    Report(Report),
}

/// A failed call.
#[derive(Debug)]
pub struct Failed<P> {
    /// Why it failed.
    pub failure: Failure,
    /// Finished images that were not reported by an event.
    pub images: Vec<FinishedImage<P>>,
    /// What is known of the response.
    pub response: Option<Box<ResponseResult>>,
}

/// How a call has ended.
pub type Outcome<P> = Result<Output<P>, Failed<P>>;

impl<P> From<Failure> for Failed<P> {
    fn from(failure: Failure) -> Self {
        Self { failure, images: Vec::new(), response: None }
    }
}

/// What follows a complete response.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// The request is done.
    Done,
    /// Another request follows after so many milliseconds.
    Request(u32),
}

/// What a call does: which requests it sends, and how it reads the responses. Requests have indexes from 0.
pub trait Capability<S: Sink> {
    /// The number of requests.
    fn requests(&self) -> usize {
        1
    }

    /// Whether the next request is signed.
    fn is_signed(&self) -> bool {
        true
    }

    /// Builds the next request.
    ///
    /// # Errors
    /// The request cannot work.
    fn request(&mut self, index: usize) -> Result<HttpRequest, Failure>;

    /// What it means to send the request twice.
    fn effect(&self) -> Effect;

    /// The timeouts of the request, where the client has `timeouts`.
    fn timeouts(&self, timeouts: Timeouts) -> Timeouts {
        timeouts
    }

    /// A successful response begins.
    fn begin(&mut self, index: usize, now: u64);

    /// Reads a chunk of the response. Returns whether the rest does not matter.
    ///
    /// # Errors
    /// The response reports an error, or is not valid.
    fn read(&mut self, index: usize, bytes: &[u8], context: &mut Context<'_, S::Image>) -> Result<bool, Failure>;

    /// The response has ended.
    ///
    /// # Errors
    /// The response is not complete.
    fn end(&mut self, index: usize, context: &mut Context<'_, S::Image>) -> Result<Next, Failure>;

    /// Returns the wait before the request is repeated, in milliseconds; `None` ends the request.
    fn retry(&mut self, index: usize, failure: &mut Failure, attempt: Attempt<'_>) -> Option<u32>;

    /// Whether the call goes on without a credential. `refused`: the service's error about an earlier token.
    fn goes_on_without_credential(&mut self, _failure: &Failure, _refused: Option<&Failure>) -> bool {
        false
    }

    /// Completes the message of a failure that ends a request.
    fn explain(&self, _index: usize, failure: &mut Failure, retries: u32, policy: &RetryPolicy) {
        policy.explain(failure, self.effect(), retries);
    }

    /// A request has ended with success. `is_last`: no other request is open.
    fn complete(&mut self, _index: usize, _is_last: bool, _context: &mut Context<'_, S::Image>) {}

    /// A request has ended with a failure. Returns whether the requests that are not sent yet would fail as well.
    fn fail(&mut self, index: usize, failure: Failure) -> bool;

    /// The result, when all requests have ended.
    ///
    /// # Errors
    /// The call has failed.
    fn finish(&mut self) -> Outcome<S::Image>;

    /// What the call stands for, if it ends now.
    fn standing(&self) -> Standing<'_>;

    /// Adds what has arrived to a failure that ends the call early.
    fn interrupt(&mut self, failure: Failure, _interruption: Interruption) -> Failed<S::Image> {
        failure.into()
    }
}

/// What is known of a failed attempt.
#[derive(Debug, Clone, Copy)]
pub struct Attempt<'a> {
    /// The number of retries so far.
    pub retries: u32,
    /// The caller's policy.
    pub policy: &'a RetryPolicy,
    /// The timeouts of the client.
    pub timeouts: Timeouts,
    /// The present time.
    pub now: u64,
    /// A random number.
    pub chance: u32,
}

/// What a capability reports to while it reads.
#[derive(Debug)]
pub struct Context<'a, P> {
    events: &'a mut VecDeque<Event<P>>,
    secrets: &'a Secrets,
    /// Partial images so far.
    pub partial_images: &'a mut u32,
    /// Finished images so far.
    pub images: &'a mut u32,
    /// The service's id of the request.
    pub request_id: Option<&'a str>,
    /// The present time.
    pub now: u64,
}

impl<P> Context<'_, P> {
    /// Reports an event.
    pub fn emit(&mut self, event: Event<P>) {
        self.events.push_back(event);
    }

    /// An id of the service without secrets.
    #[must_use]
    pub fn id(&self, id: &str) -> String {
        self.secrets.redact(id)
    }

    /// A failure that does not end the request, such as that of one image among others.
    #[must_use]
    pub fn failure(&self, mut failure: Failure) -> Failure {
        failure.name_request(self.request_id);
        failure.redact(self.secrets);
        failure
    }
}

/// One call.
pub struct Operation<S: Sink> {
    settings: Rc<Settings>,
    timeouts: Timeouts,
    capability: Box<dyn Capability<S>>,
    /// Those that were begun, by index.
    exchanges: Vec<Exchange>,
    /// The request of each lane.
    lanes: Vec<Option<usize>>,
    /// The next request to begin.
    next_request: usize,
    /// Requests that have not ended.
    open_requests: usize,
    events: VecDeque<Event<S::Image>>,
    secrets: Secrets,
    reports_progress: bool,
    started_at: u64,
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

/// How a call is observed.
#[derive(Debug, Clone, Copy)]
pub struct Start {
    /// The timeouts of its requests.
    pub timeouts: Timeouts,
    /// Whether progress is reported.
    pub reports_progress: bool,
    /// When the call began.
    pub started_at: u64,
    /// The seed of the random part of waits.
    pub seed: u64,
}

/// A request of a call, with its retries.
#[derive(Debug)]
struct Exchange {
    state: State,
    stage: Stage,
    received_bytes: u64,
    deadline: Option<Deadline>,
    authorization: Option<Authorization>,
    head: Head,
    retries: u32,
    retry: Option<(u32, Failure)>,
    refused: Option<Refused>,
    has_refreshed: bool,
    sent: Sent,
    /// An earlier attempt may have been billed.
    may_be_billed: bool,
}

/// Whether a request was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sent {
    No,
    /// It was, and nothing says yet that it was not billed.
    Out,
    /// It was, and has failed.
    Failed,
}

#[derive(Debug)]
enum State {
    /// The credential is to be asked.
    Authorize,
    Authorizing,
    /// The request is to be sent.
    Send,
    Sending,
    Reading,
    /// An error body is being read.
    ReadingError(Vec<u8>),
    Waiting {
        until: u64,
        /// When the remaining time is reported next.
        report_at: u64,
    },
    Over,
}

/// A token that the service refused, and the service's error.
#[derive(Debug)]
struct Refused {
    token: String,
    failure: Failure,
}

/// When a step takes too long.
#[derive(Debug)]
struct Deadline {
    limit: TimeLimit,
    milliseconds: u32,
    touched_at: u64,
    due_at: u64,
    /// The page has had a last chance to hand over what arrived while it was busy.
    is_extended: bool,
}

/// A page that was busy has kept the response waiting too. It has so many milliseconds to hand it over after a deadline.
const TURN_MS: u64 = 20;
/// For how long after a deadline a busy page has another turn, in milliseconds. The timers of a hidden page are late as well, and
/// must end.
const GRACE_MS: u64 = 2000;

impl Deadline {
    fn new(limit: TimeLimit, milliseconds: u32, now: u64) -> Option<Self> {
        let due_at = now.saturating_add(milliseconds.into());
        (milliseconds > 0).then_some(Self { limit, milliseconds, touched_at: now, due_at, is_extended: false })
    }

    /// Whether the step has taken too long, or else another time to look.
    fn is_over(&mut self, now: u64) -> bool {
        let end = self.touched_at.saturating_add(self.milliseconds.into());
        if now < end {
            (self.due_at, self.is_extended) = (end, false);
            return false;
        }
        let was_busy = now.saturating_sub(self.due_at) > TURN_MS;
        if !self.is_extended || (was_busy && now.saturating_sub(end) < GRACE_MS) {
            (self.due_at, self.is_extended) = (now.saturating_add(TURN_MS), true);
            return false;
        }
        true
    }
}

impl Exchange {
    fn new() -> Self {
        Self {
            state: State::Authorize,
            stage: Stage::Authenticating,
            received_bytes: 0,
            deadline: None,
            authorization: None,
            head: Head::default(),
            retries: 0,
            retry: None,
            refused: None,
            has_refreshed: false,
            sent: Sent::No,
            may_be_billed: false,
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
}

impl<S: Sink> Operation<S> {
    /// A call that has not sent anything.
    pub fn new(settings: Rc<Settings>, capability: Box<dyn Capability<S>>, start: Start) -> Self {
        let open_requests = capability.requests();
        let lanes = open_requests.min(settings.max_parallel_requests.max(1) as usize);
        Self {
            secrets: settings.secrets(),
            settings,
            timeouts: start.timeouts,
            capability,
            exchanges: Vec::new(),
            lanes: vec![None; lanes],
            next_request: 0,
            open_requests,
            events: VecDeque::new(),
            reports_progress: start.reports_progress,
            started_at: start.started_at,
            partial_images: 0,
            images: 0,
            retries: 0,
            random: start.seed | 1,
            outcome: None,
            is_over: false,
        }
    }

    /// The number of lanes.
    #[must_use]
    pub fn lanes(&self) -> usize {
        self.lanes.len()
    }

    /// The next event. The driver takes all of them after each step.
    pub fn next_event(&mut self) -> Option<Event<S::Image>> {
        self.events.pop_front()
    }

    /// The result, once.
    pub fn take_outcome(&mut self) -> Option<Outcome<S::Image>> {
        self.outcome.take()
    }

    /// Whether the call has ended.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.is_over
    }

    /// What the driver does next in a lane.
    pub fn next(&mut self, lane: usize, now: u64) -> Step {
        loop {
            if self.is_over {
                return Step::Stop;
            }
            let Some(index) = self.request_of(lane) else { return Step::Stop };
            let Some(exchange) = self.exchanges.get_mut(index) else { return Step::Stop };
            match &exchange.state {
                State::Authorize if !self.capability.is_signed() => exchange.state = State::Send,
                State::Authorize => {
                    exchange.state = State::Authorizing;
                    exchange.enter(Stage::Authenticating);
                    let timeouts = self.timeouts;
                    exchange.deadline = Deadline::new(TimeLimit::Credential, timeouts.answer, now);
                    let refused = exchange.refused.as_ref().map(|refused| refused.token.clone());
                    self.report(now);
                    return Step::Authorize { refused };
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
                // A driver that has not reported what became of the step before.
                State::Authorizing | State::Sending | State::Over => return Step::Stop,
            }
        }
    }

    /// The request of a lane that has work.
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
        exchange.deadline = Deadline::new(TimeLimit::Answer, timeouts.answer, now);
        if request.is_opaque {
            return request;
        }
        // No others: each header is one more that a CORS preflight must allow.
        let mut headers = Vec::new();
        if let Some(Authorization { header, value, .. }) = &exchange.authorization {
            headers.push(((*header).to_owned(), value.clone()));
        }
        if matches!(request.body, Body::Json(_)) {
            headers.push(("content-type".into(), "application/json".into()));
        }
        headers.extend_from_slice(&self.settings.extra_headers);
        headers.extend(request.headers);
        HttpRequest { headers, ..request }
    }

    /// The credential has answered. `None`: requests are not signed.
    pub fn on_token(&mut self, lane: usize, authorization: Result<Option<Authorization>, Failure>, now: u64) {
        let Some((index, exchange)) = self.exchange(lane) else { return };
        let refused = exchange.refused.take();
        let authorization = match (authorization, &refused) {
            (Ok(Some(authorization)), Some(refused)) if authorization.secret == refused.token => {
                Err(refused.failure.clone().with(|details| {
                    details.message.push_str(" The credential was asked for another token, and gave the same again.");
                }))
            }
            (Err(failure), Some(refused)) => Err(failure.with(|details| {
                details.message.push_str(" It was asked because the service had refused the token before.");
                if details.request_id.is_none() {
                    details.request_id.clone_from(&refused.failure.request_id);
                }
            })),
            (authorization, _) => authorization,
        };
        match authorization {
            Ok(authorization) => {
                exchange.state = State::Send;
                exchange.authorization.clone_from(&authorization);
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

    /// The request is on its way.
    pub fn on_sent(&mut self, lane: usize, now: u64) {
        let Some((_, exchange)) = self.exchange(lane) else { return };
        exchange.enter(Stage::Waiting);
        exchange.sent = Sent::Out;
        self.report(now);
    }

    /// The head of a response has arrived.
    pub fn on_headers(&mut self, lane: usize, head: Head, now: u64) {
        let timeouts = self.capability.timeouts(self.timeouts);
        let Some((index, exchange)) = self.exchange(lane) else { return };
        let is_opaque = head.status == 0;
        let is_success = (200..300).contains(&head.status);
        exchange.head = head;
        exchange.deadline = Deadline::new(TimeLimit::Idle, timeouts.idle, now);
        if is_success || is_opaque {
            exchange.state = State::Reading;
            exchange.enter(Stage::Receiving);
            self.capability.begin(index, now);
            self.follow_timeouts(index, now);
            self.report(now);
            if is_opaque {
                self.on_end(lane, now);
            }
        } else {
            exchange.state = State::ReadingError(Vec::new());
        }
    }

    /// A chunk of the body has arrived. The driver takes the events before the next one, so that they stay few.
    pub fn on_chunk(&mut self, lane: usize, bytes: &[u8], now: u64) -> Reading {
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
            State::Reading => {
                let read = self.with_context(index, now, |capability, context| capability.read(index, bytes, context));
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
            _ => Reading::Stop,
        }
    }

    /// The body has ended.
    pub fn on_end(&mut self, lane: usize, now: u64) {
        let Some((index, exchange)) = self.exchange(lane) else { return };
        if let State::ReadingError(body) = &exchange.state {
            let failure = failure_of(&exchange.head, body);
            self.fail_response(index, failure, now);
        } else {
            self.end(index, now);
        }
    }

    /// The connection or the driver has failed. `failure`: as of [`Failure::lost`], or why the request could not be sent.
    pub fn on_error(&mut self, lane: usize, failure: Failure, now: u64) {
        let Some((index, exchange)) = self.exchange(lane) else { return };
        if let State::ReadingError(body) = &exchange.state {
            // The status says what happened, even if the body is cut.
            let failure = failure_of(&exchange.head, body);
            self.fail_response(index, failure, now);
        } else {
            self.fail_response(index, failure, now);
        }
    }

    /// When [`Operation::on_deadline`] is to be called.
    #[must_use]
    pub fn deadline(&self, lane: usize) -> Option<u64> {
        let index = self.lanes.get(lane).copied().flatten()?;
        let exchange = self.exchanges.get(index)?;
        let has_step =
            matches!(exchange.state, State::Authorizing | State::Sending | State::Reading | State::ReadingError(_));
        exchange.deadline.as_ref().filter(|_| has_step).map(|deadline| deadline.due_at)
    }

    /// The time is up. Returns whether the present step is over; otherwise there is a later deadline.
    pub fn on_deadline(&mut self, lane: usize, now: u64) -> bool {
        let Some((_, exchange)) = self.exchange(lane) else { return true };
        let received = exchange.received_bytes;
        let Some(deadline) = &mut exchange.deadline else { return false };
        if !deadline.is_over(now) {
            return false;
        }
        let failure = Failure::timed_out(deadline.limit, deadline.milliseconds, received);
        let is_credential = deadline.limit == TimeLimit::Credential;
        if is_credential {
            self.on_token(lane, Err(failure), now);
        } else {
            self.on_error(lane, failure, now);
        }
        true
    }

    /// Starts over after the driver has closed all connections: each open request is sent again.
    pub fn reconnect(&mut self) {
        for exchange in self.exchanges.iter_mut().filter(|exchange| !exchange.is_over()) {
            exchange.state = State::Authorize;
        }
    }

    /// Ends the call before its time. The driver closes all connections. `None`: it has ended before.
    pub fn interrupt(&mut self, interruption: Interruption) -> Option<Failed<S::Image>> {
        if self.is_over {
            return None;
        }
        self.is_over = true;
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

    /// Whether anything that was sent may be billed.
    #[must_use]
    pub fn may_be_billed(&self) -> bool {
        self.exchanges.iter().any(|exchange| exchange.sent == Sent::Out || exchange.may_be_billed)
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
        let request_id = self.exchanges.get(index).and_then(|exchange| exchange.head.request_id.as_deref());
        let mut context = Context {
            events: &mut self.events,
            secrets: &self.secrets,
            partial_images: &mut self.partial_images,
            images: &mut self.images,
            request_id,
            now,
        };
        work(&mut *self.capability, &mut context)
    }

    /// The response of a request that goes on without its connection has another idle timeout.
    fn follow_timeouts(&mut self, index: usize, now: u64) {
        let idle = self.capability.timeouts(self.timeouts).idle;
        let Some(exchange) = self.exchanges.get_mut(index) else { return };
        if exchange.deadline.as_ref().is_none_or(|deadline| deadline.milliseconds != idle) {
            exchange.deadline = Deadline::new(TimeLimit::Idle, idle, now);
        }
    }

    /// The response is complete, or should be. Returns whether it was.
    fn end(&mut self, index: usize, now: u64) -> bool {
        let ended = self.with_context(index, now, |capability, context| capability.end(index, context));
        match ended {
            Ok(Next::Request(wait)) => {
                let Some(exchange) = self.exchanges.get_mut(index) else { return true };
                (exchange.retries, exchange.has_refreshed) = (0, false);
                exchange.state = State::Waiting { until: now.saturating_add(wait.into()), report_at: now };
                true
            }
            Ok(Next::Done) => {
                self.open_requests = self.open_requests.saturating_sub(1);
                let is_last = self.open_requests == 0;
                if let Some(exchange) = self.exchanges.get_mut(index) {
                    exchange.state = State::Over;
                    exchange.stage = Stage::Completed;
                    exchange.retry = None;
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

    /// A request that was sent has failed.
    fn fail_response(&mut self, index: usize, failure: Failure, now: u64) {
        let mut failure = failure.of(self.capability.effect());
        let request_id = self.exchanges.get(index).and_then(|exchange| exchange.head.request_id.as_deref());
        failure.name_request(request_id);
        self.fail(index, failure, now);
    }

    /// A request has failed: it is repeated, or ends.
    fn fail(&mut self, index: usize, mut failure: Failure, now: u64) {
        failure.redact(&self.secrets);
        let chance = self.random();
        let Some(exchange) = self.exchanges.get_mut(index) else { return };
        exchange.settle();
        exchange.head = Head::default();
        // A response that was accepted and then broke had a valid token.
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

    /// A request ends with a failure.
    fn give_up(&mut self, index: usize, mut failure: Failure, retries: u32, now: u64) {
        self.capability.explain(index, &mut failure, retries, &self.settings.retries);
        // The explanation may repeat an id of the service.
        failure.redact(&self.secrets);
        let Some(exchange) = self.exchanges.get_mut(index) else { return };
        if exchange.may_be_billed {
            failure.mention_earlier_attempt();
        }
        exchange.may_be_billed |= failure.billed != Billed::No;
        (exchange.state, exchange.retry) = (State::Over, None);
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

    /// Reports the progress, as after each chunk of the browser.
    pub fn report(&mut self, now: u64) {
        if self.reports_progress {
            let progress = self.progress(now);
            self.events.push_back(Event::Progress(progress));
        }
    }

    /// The progress of all requests together.
    fn progress(&self, now: u64) -> Progress {
        let stages = [Stage::Receiving, Stage::Waiting, Stage::Retrying, Stage::Authenticating];
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

    /// The next random number (xorshift64).
    fn random(&mut self) -> u32 {
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        u32::try_from(self.random >> 32).unwrap_or_default()
    }
}

/// What a response with a status other than 2xx means.
fn failure_of(head: &Head, body: &[u8]) -> Failure {
    let waits =
        retry::Headers { retry_after_ms: head.retry_after_ms.as_deref(), retry_after: head.retry_after.as_deref() };
    Failure::from_answer(head.status, body, waits)
}
