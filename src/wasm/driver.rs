//! Driver: executes the steps of an operation.

use std::cell::{Cell, RefCell};
use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::task::{Poll, Waker};

use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, spawn_local};

use super::attachments::{self, Attachments};
use super::blob::{BlobImage, BlobSink};
use super::body;
use super::connection::{Broken, Connection};
use super::convert::{Options, to_js};
use super::credential::{self, Credential};
use super::facade::Observer;
use super::fetch::fetch;
use super::records::{self, Causes, Records};
use super::settings::Browser;
use super::timer::{Timer, now};
use crate::errors::billing::Interruption;
use crate::errors::{Code, Failure};
use crate::http::message::{Authorization, Head, HttpRequest};
use crate::operation::{Event, Operation, Outcome, Reading, Step};
use crate::settings::Settings;

/// Maximum number of bytes to parse before the events are reported.
const PART_BYTES: usize = 16 * 1024;

type Lane = Pin<Box<dyn Future<Output = ()>>>;

/// Connection mode of a call.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    Running,
    /// Connections are closed until the call is resumed.
    Suspended,
    /// Connections are closed and reopened.
    Restarting,
}

/// Call in progress.
pub struct Driver {
    operation: RefCell<Operation<BlobSink>>,
    settings: Rc<Settings>,
    browser: Rc<Browser>,
    attachments: Option<Box<dyn Attachments>>,
    records: Records,
    observer: Observer,
    causes: Causes,
    waker: RefCell<Option<Waker>>,
    timer: Timer,
    /// The time of the present poll, in milliseconds.
    now: Cell<u64>,
    mode: Cell<Mode>,
}

/// The parts of a call that depend on its kind.
pub struct Work {
    pub attachments: Option<Box<dyn Attachments>>,
    pub records: Records,
}

/// Handle of a call in progress, for the facade.
#[wasm_bindgen]
pub struct CallHandle {
    driver: Rc<Driver>,
}

impl std::fmt::Debug for CallHandle {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("CallHandle").finish_non_exhaustive()
    }
}

#[wasm_bindgen]
impl CallHandle {
    /// Aborts the call. Returns the record of its error, or `undefined` if the call has already ended.
    pub fn abort(&self) -> JsValue {
        self.driver.interrupt(Interruption::Abort)
    }

    /// Ends the call because its response was cancelled.
    #[wasm_bindgen(js_name = responseCancelled)]
    pub fn response_cancelled(&self) -> JsValue {
        self.driver.interrupt(Interruption::ResponseCancelled)
    }

    /// Closes the connections until the call is resumed.
    pub fn suspend(&self) {
        self.driver.enter(Mode::Suspended);
    }

    /// Resumes the call after `suspend`.
    pub fn resume(&self) {
        self.driver.enter(Mode::Restarting);
    }

    /// Continues the call after bytes of a body have arrived.
    pub fn wake(&self) {
        self.driver.wake();
    }

    /// Continues the call after its timer has fired.
    #[wasm_bindgen(js_name = onTimer)]
    pub fn on_timer(&self) {
        self.driver.timer.on_fired();
        self.driver.wake();
    }
}

/// Starts a call.
pub fn start(
    operation: Operation<BlobSink>,
    settings: Rc<Settings>,
    browser: Rc<Browser>,
    work: Work,
    observer: Observer,
) -> CallHandle {
    let Work { attachments, records } = work;
    let driver = Rc::new(Driver {
        operation: RefCell::new(operation),
        settings,
        browser,
        attachments,
        records,
        observer,
        causes: Causes::default(),
        waker: RefCell::default(),
        timer: Timer::default(),
        now: Cell::default(),
        mode: Cell::new(Mode::Running),
    });
    spawn_local(drive(Rc::clone(&driver)));
    CallHandle { driver }
}

/// Runs all lanes until the call ends. Dropping a lane closes its connection.
async fn drive(driver: Rc<Driver>) {
    let driver = &driver;
    let mut lanes = lanes(driver);
    poll_fn(move |context| {
        *driver.waker.borrow_mut() = Some(context.waker().clone());
        driver.now.set(now());
        let mode = driver.mode.get();
        if mode != Mode::Running {
            lanes.clear();
            driver.operation.borrow_mut().disconnect();
        }
        if mode == Mode::Restarting {
            lanes.extend(self::lanes(driver));
            driver.mode.set(Mode::Running);
        }
        lanes.retain_mut(|lane| lane.as_mut().poll(context).is_pending());
        driver.check_call_deadline();
        driver.flush();
        if driver.is_over() { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
}

fn lanes(driver: &Rc<Driver>) -> Vec<Lane> {
    let run = |lane| -> Lane { Box::pin(run(Rc::clone(driver), lane)) };
    let count = driver.operation.borrow().lanes();
    (0..count).map(run).collect()
}

/// Executes the steps of a lane.
async fn run(driver: Rc<Driver>, lane: usize) {
    loop {
        let step = driver.operation.borrow_mut().next(lane, driver.now.get());
        driver.flush();
        if driver.is_over() {
            return;
        }
        match step {
            Step::Stop | Step::Read => return,
            Step::Queue => driver.queue(lane).await,
            Step::LoadJudge => {
                driver.load_judge(lane).await;
            }
            Step::Wait(milliseconds) => driver.sleep(milliseconds).await,
            Step::Authorize { refused } => driver.authorize(lane, refused.is_some()).await,
            Step::Send(request) => driver.exchange(lane, &request).await,
        }
    }
}

impl Driver {
    fn is_over(&self) -> bool {
        self.operation.borrow().is_over()
    }

    fn enter(&self, mode: Mode) {
        self.mode.set(mode);
        self.wake();
    }

    fn wake(&self) {
        if let Some(waker) = self.waker.borrow_mut().take() {
            waker.wake();
        }
    }

    fn interrupt(&self, interruption: Interruption) -> JsValue {
        let failed = self.operation.borrow_mut().interrupt(interruption);
        self.wake();
        failed.map_or(JsValue::UNDEFINED, |failed| (self.records.failed)(&failed, &self.causes))
    }

    /// Reports all events and the result. A listener of the page may end the call in the process.
    fn flush(&self) {
        while let Some(event) = self.next_event() {
            match &event {
                Event::Progress(progress) => {
                    let retry = progress.retry.as_ref().map(|retry| records::retry(retry, &self.causes));
                    self.observer.progress(
                        &to_js(&progress.stage),
                        progress.received_bytes as f64,
                        progress.partial_images,
                        progress.images,
                        progress.elapsed_ms as f64,
                        &retry.unwrap_or_default(),
                    );
                }
                Event::ResponseId(id) => self.observer.identify(id),
                event => {
                    if let Some(record) = (self.records.event)(event, &self.causes) {
                        self.observer.event(&record);
                    }
                }
            }
        }
        match self.take_outcome() {
            None => {}
            Some(Ok(output)) => self.observer.succeed(&(self.records.output)(output, &self.causes)),
            Some(Err(failed)) => self.observer.fail(&(self.records.failed)(&failed, &self.causes)),
        }
    }

    fn next_event(&self) -> Option<Event<BlobImage>> {
        self.operation.borrow_mut().next_event()
    }

    fn take_outcome(&self) -> Option<Outcome<BlobImage>> {
        self.operation.borrow_mut().take_outcome()
    }

    async fn sleep(&self, milliseconds: u32) {
        let end = self.now.get().saturating_add(milliseconds.into());
        poll_fn(|_| self.passed(end).map_or(Poll::Pending, |_| Poll::Ready(()))).await;
    }

    /// Returns the current time if the time `at` has passed. Otherwise the driver is polled then.
    fn passed(&self, at: u64) -> Option<u64> {
        let now = self.now.get();
        self.timer.has_passed(at, now, &self.observer).then_some(now)
    }

    /// Waits for other requests of the client.
    async fn queue(&self, lane: usize) {
        poll_fn(|context| {
            let is_queued = self.operation.borrow_mut().is_queued(lane, context.waker());
            if is_queued { Poll::Pending } else { Poll::Ready(()) }
        })
        .await;
    }

    /// Ends the call if its deadline has passed. Otherwise sets the timer.
    fn check_call_deadline(&self) {
        loop {
            let Some(at) = self.operation.borrow().call_deadline() else { return };
            let Some(now) = self.passed(at) else { return };
            self.operation.borrow_mut().on_call_deadline(now);
        }
    }

    /// Waits for a future. Returns `None` if the deadline of the lane passes first.
    async fn within<F: Future>(&self, lane: usize, future: F) -> Option<F::Output> {
        let mut future = pin!(future);
        poll_fn(|context| {
            if let Poll::Ready(value) = future.as_mut().poll(context) {
                return Poll::Ready(Some(value));
            }
            loop {
                let Some(at) = self.operation.borrow().deadline(lane) else { return Poll::Pending };
                let Some(now) = self.passed(at) else { return Poll::Pending };
                if self.operation.borrow_mut().on_deadline(lane, now) {
                    return Poll::Ready(None);
                }
            }
        })
        .await
    }

    /// Requests the authorization for the next request.
    async fn authorize(&self, lane: usize, force_refresh: bool) {
        let authorization = match &self.browser.credential {
            Credential::None => Ok(None),
            Credential::Key(key) => Ok(Some(credential::of_key(key))),
            Credential::Tokens(question) => {
                let tokens = &self.settings.tokens;
                let fresh = tokens.borrow().fresh(credential::milliseconds_now()).map(credential::of_token);
                if fresh.is_some() {
                    Ok(fresh)
                } else {
                    let connection = Connection::open(&self.observer, false);
                    let question = JsFuture::from(question.ask(&connection.signal(), force_refresh));
                    let Some(answer) = self.within(lane, question).await else {
                        return self.close(connection);
                    };
                    self.end(connection);
                    self.read_token(answer).map(Some)
                }
            }
        };
        self.operation.borrow_mut().on_token(lane, authorization, self.now.get());
    }

    fn read_token(&self, answer: Result<JsValue, JsValue>) -> Result<Authorization, Failure> {
        let token = match answer {
            Ok(answer) => credential::read_token(&answer),
            Err(cause) => Err(self.causes.add(credential::failed(&cause), cause)),
        };
        let mut tokens = self.settings.tokens.borrow_mut();
        match token {
            Ok(token) => {
                let authorization = credential::of_token(token.value());
                tokens.keep(token);
                Ok(authorization)
            }
            // A cached token that is due for refresh is still valid.
            Err(failure) => match tokens.fallback(credential::milliseconds_now()) {
                Some(token) => Ok(credential::of_token(token)),
                None => Err(failure),
            },
        }
    }

    /// Sends a request and reads its response.
    async fn exchange(&self, lane: usize, request: &HttpRequest) {
        let body = match &self.attachments {
            None => Ok(attachments::json(&request.body)),
            Some(attachments) => attachments.body(&request.body),
        };
        let body = match body {
            Ok(body) => body,
            Err((failure, cause)) => return self.fail(lane, self.causes.add(failure, cause)),
        };
        let connection = Connection::open(&self.observer, true);
        let sending = match fetch(request, body.as_ref(), &connection, self.browser.fetch.as_ref()) {
            Ok(sending) => sending,
            Err(cause) => {
                self.end(connection);
                return self.fail(lane, self.causes.add(refused(&cause), cause));
            }
        };
        self.operation.borrow_mut().on_sent(lane, self.now.get());
        self.flush();
        if self.is_over() {
            return;
        }
        match self.within(lane, sending.head()).await {
            None => {}
            Some(Err(broken)) => self.break_off(lane, None, broken),
            Some(Ok(head)) => return self.receive(lane, head, connection).await,
        }
        self.close(connection);
    }

    /// Reads a response.
    async fn receive(&self, lane: usize, head: Head, connection: Connection) {
        if self.operation.borrow_mut().on_headers(lane, head, self.now.get()) != Reading::Continue {
            return self.close(connection);
        }
        self.flush();
        let is_complete = self.read_body(lane, &connection).await;
        // Before the connection reports the billing state.
        if self.operation.borrow().needs_judge(lane) {
            self.load_judge(lane).await;
        }
        if is_complete { self.end(connection) } else { self.close(connection) }
    }

    /// Reads a body. Returns true if the response has ended, or the rest of it is not needed.
    async fn read_body(&self, lane: usize, connection: &Connection) -> bool {
        let received = Cell::new(0_u64);
        let read = |bytes: &[u8]| {
            received.set(received.get().saturating_add(bytes.len() as u64));
            self.read(lane, bytes)
        };
        while !self.is_over() {
            match self.within(lane, body::read(connection, read)).await {
                None => return false,
                Some(Ok(Some(reading))) => {
                    let waits = reading == Reading::Continue && self.operation.borrow().needs_judge(lane);
                    match if waits { self.load_judge(lane).await } else { reading } {
                        Reading::Continue => {}
                        Reading::Complete => return true,
                        Reading::Stop => return false,
                    }
                }
                Some(Ok(None)) => {
                    self.operation.borrow_mut().on_end(lane, self.now.get());
                    return true;
                }
                Some(Err(broken)) => {
                    self.break_off(lane, Some(received.get()), broken);
                    return false;
                }
            }
        }
        false
    }

    /// Loads the judge of errors, and continues with the work that waits for it. The facade limits the time.
    async fn load_judge(&self, lane: usize) -> Reading {
        // Without the judge, the operation uses the plain one.
        let _ = JsFuture::from(self.observer.load_judge()).await;
        let reading = self.operation.borrow_mut().on_judge(lane, self.now.get());
        self.flush();
        reading
    }

    /// Parses bytes in parts, to keep the event queue short.
    fn read(&self, lane: usize, bytes: &[u8]) -> Reading {
        let now = self.now.get();
        for part in bytes.chunks(PART_BYTES) {
            let reading = self.operation.borrow_mut().on_chunk(lane, part, now);
            self.flush();
            if reading != Reading::Continue {
                return reading;
            }
        }
        self.operation.borrow_mut().report(now);
        self.flush();
        Reading::Continue
    }

    fn break_off(&self, lane: usize, received: Option<u64>, broken: Broken) {
        let failure = match broken {
            Broken::Lost(cause) => self.causes.add(Failure::lost(received), cause),
            Broken::Unusable(failure) => failure,
        };
        self.fail(lane, failure);
    }

    fn fail(&self, lane: usize, failure: Failure) {
        self.operation.borrow_mut().on_error(lane, failure, self.now.get());
    }

    /// Ends a connection after a success. The facade keeps the billing state of the whole call, for engine crashes.
    fn end(&self, connection: Connection) {
        connection.end(self.operation.borrow().may_be_billed());
    }

    /// Closes a connection, see [`Driver::end`] for the billing state.
    fn close(&self, connection: Connection) {
        connection.close(self.operation.borrow().may_be_billed());
    }
}

/// Creates the error of a request that the browser refuses to create.
fn refused(cause: &JsValue) -> Failure {
    let reason = Options::new(cause).text("message").map(|message| format!(": {message}")).unwrap_or_default();
    Failure::new(Code::InvalidRequest, format!("The browser refused to create the request{reason}."))
}
