//! Runs an operation without a browser: a fake clock, and a service that a test scripts.

use std::rc::Rc;

use azure_image_client::errors::billing::Interruption;
use azure_image_client::errors::judge::ServiceJudge;
use azure_image_client::errors::{Code, Failure};
use azure_image_client::http::endpoint::{ApiVersion, Endpoint};
use azure_image_client::http::message::{Authorization, Head, HttpRequest};
use azure_image_client::images::response::Source;
use azure_image_client::operation::{Capability, Event, Failed, Operation, Output, Progress, Reading, Start, Step};
use azure_image_client::responses::events::Event as ResponseEvent;
use azure_image_client::settings::Settings;

use super::{Keep, Kept};

/// What the service does with a request.
#[derive(Debug, Clone)]
pub enum Reply {
    /// A response. The parts of its body arrive one after the other.
    Response(Head, Vec<Part>),
    /// The connection fails before the headers.
    Lost,
    /// Nothing happens.
    Silence,
}

/// A part of a body.
#[derive(Debug, Clone)]
pub enum Part {
    Bytes(Vec<u8>),
    /// So many milliseconds without data.
    Pause(u64),
    /// The connection breaks.
    Break,
    /// No more data comes, and the connection stays open.
    Hang,
}

impl Reply {
    pub fn status(status: u16, body: &str) -> Self {
        Self::Response(Head { status, ..Head::default() }, vec![Part::Bytes(body.into())])
    }

    pub fn ok(body: impl Into<Vec<u8>>) -> Self {
        Self::Response(Head { status: 200, ..Head::default() }, vec![Part::Bytes(body.into())])
    }

    pub fn parts(parts: Vec<Part>) -> Self {
        Self::Response(Head { status: 200, ..Head::default() }, parts)
    }

    pub fn with_head(self, change: impl FnOnce(&mut Head)) -> Self {
        match self {
            Self::Response(mut head, parts) => {
                change(&mut head);
                Self::Response(head, parts)
            }
            other => other,
        }
    }
}

/// A request, as the service sees it.
#[derive(Debug, Clone)]
pub struct Sent {
    pub at: u64,
    pub request: HttpRequest,
}

/// What became of a call.
#[derive(Debug)]
pub struct Run {
    pub sent: Vec<Sent>,
    /// In short words, such as `partialImage 0.1`.
    pub events: Vec<String>,
    pub progress: Vec<Progress>,
    pub ended_at: u64,
    pub outcome: Result<Output<Kept>, Failed<Kept>>,
    /// Maximum number of open connections.
    pub parallel: usize,
}

impl Run {
    /// The times between the requests.
    pub fn waits(&self) -> Vec<u64> {
        self.sent.windows(2).map(|pair| pair[1].at - pair[0].at).collect()
    }

    pub fn failure(&self) -> &Failure {
        match &self.outcome {
            Err(failed) => &failed.failure,
            Ok(output) => panic!("{output:?}"),
        }
    }

    /// `Method path?query` of each request, without the version.
    pub fn urls(&self) -> Vec<String> {
        self.sent
            .iter()
            .map(|sent| {
                let url = &sent.request.url;
                let path = url.split_once("//").map_or(url.as_str(), |(_, rest)| rest);
                let path = path.find('/').map_or("", |start| &path[start..]).replace("api-version=preview", "");
                format!("{:?} {}", sent.request.method, path.replace("?&", "?").trim_end_matches('?'))
            })
            .collect()
    }
}

/// The credential of a test: what it answers the nth time, and after how many milliseconds.
pub type Credential<'a> = Box<dyn FnMut(Option<&str>) -> (u64, Result<Option<Authorization>, Failure>) + 'a>;

/// The service of a test: how it answers the nth request, from 0.
pub type Service<'a> = Box<dyn FnMut(&HttpRequest, usize) -> Reply + 'a>;

/// How a call is run.
pub struct Script<'a> {
    pub credential: Credential<'a>,
    pub service: Service<'a>,
    /// When the call is ended, and why.
    pub interrupt: Option<(u64, Interruption)>,
    /// Timers fire so many milliseconds late.
    pub timer_delay: u64,
    /// True if the judge of errors can be loaded.
    pub loads_judge: bool,
}

impl<'a> Script<'a> {
    /// With a key; `service`: answers the nth request, from 0.
    pub fn new(service: impl FnMut(&HttpRequest, usize) -> Reply + 'a) -> Self {
        let key = || (0, Ok(Some(authorization("a-key-of-a-test", false))));
        Self {
            credential: Box::new(move |_| key()),
            service: Box::new(service),
            interrupt: None,
            timer_delay: 0,
            loads_judge: true,
        }
    }

    /// The same replies in order; the last one for all further requests.
    pub fn replies(replies: Vec<Reply>) -> Self {
        Self::new(move |_, index| replies[index.min(replies.len() - 1)].clone())
    }
}

pub fn authorization(secret: &str, can_refresh: bool) -> Authorization {
    let (header, value) =
        if can_refresh { ("authorization", format!("Bearer {secret}")) } else { ("api-key", secret.to_owned()) };
    Authorization { header, value, secret: secret.into(), can_refresh }
}

pub fn settings() -> Settings {
    settings_of("https://my-resource.openai.azure.com")
}

pub fn settings_of(endpoint: &str) -> Settings {
    let endpoint = Endpoint::parse(endpoint, ApiVersion::Default).unwrap();
    Settings { deployment: Some("gpt-image-1".into()), ..Settings::new(endpoint) }
}

/// What a lane waits for.
enum Activity {
    Idle,
    Stopped,
    /// The credential answers at this time.
    Token(u64, Result<Option<Authorization>, Failure>),
    /// The headers arrive, or the connection fails.
    Headers(u64, Reply),
    Body {
        at: u64,
        parts: std::vec::IntoIter<Part>,
    },
    Wait(u64),
    Never,
}

/// Runs a call to its end.
pub fn run(settings: &Rc<Settings>, capability: Box<dyn Capability<Keep>>, script: Script<'_>) -> Run {
    let start = Start { timeouts: settings.timeouts, reports_progress: true, started_at: 0, seed: 1 };
    let mut driver = Driver {
        settings: Rc::clone(settings),
        operation: Operation::new(Rc::clone(settings), capability, start),
        script,
        now: 0,
        run: (Vec::new(), Vec::new(), Vec::new()),
        parallel: 0,
    };
    let outcome = driver.drive();
    let (sent, events, progress) = driver.run;
    Run { sent, events, progress, ended_at: driver.now, outcome, parallel: driver.parallel }
}

struct Driver<'a> {
    settings: Rc<Settings>,
    operation: Operation<Keep>,
    script: Script<'a>,
    now: u64,
    run: (Vec<Sent>, Vec<String>, Vec<Progress>),
    parallel: usize,
}

impl Driver<'_> {
    fn drive(&mut self) -> Result<Output<Kept>, Failed<Kept>> {
        let mut lanes: Vec<Activity> = (0..self.operation.lanes()).map(|_| Activity::Idle).collect();
        // When each lane had its last turn.
        let mut turns = vec![0; lanes.len()];
        for turn in 1..1_000_000 {
            if let Some(outcome) = self.operation.take_outcome() {
                self.take_events();
                return outcome;
            }
            if let Some(lane) = lanes.iter().position(|activity| matches!(activity, Activity::Idle)) {
                lanes[lane] = self.begin(lane);
                self.take_events();
                let is_open = |activity: &&Activity| matches!(activity, Activity::Headers(..) | Activity::Body { .. });
                self.parallel = self.parallel.max(lanes.iter().filter(is_open).count());
                continue;
            }
            // The next thing that happens in any lane.
            let due = |lane: usize, activity: &Activity| {
                let done = match activity {
                    Activity::Token(at, _)
                    | Activity::Headers(at, _)
                    | Activity::Body { at, .. }
                    | Activity::Wait(at) => Some(*at),
                    _ => None,
                };
                let deadline = self.operation.deadline(lane).filter(|_| !matches!(activity, Activity::Stopped));
                let deadline = deadline.map(|at| (at.max(self.now) + self.script.timer_delay, true));
                [done.map(|at| (at, false)), deadline].into_iter().flatten().min()
            };
            let next = lanes.iter().enumerate().filter_map(|(lane, activity)| {
                let (at, is_deadline) = due(lane, activity)?;
                Some((at, turns[lane], lane, is_deadline))
            });
            let (at, _, lane, is_deadline) = next.min().unwrap_or((u64::MAX, 0, 0, false));
            if let Some((end, why)) = self.script.interrupt
                && end <= at
            {
                self.now = end;
                return Err(self.operation.interrupt(why).unwrap());
            }
            assert!(at < u64::MAX, "the call waits for nothing");
            self.now = self.now.max(at);
            turns[lane] = turn;
            if is_deadline {
                if self.operation.on_deadline(lane, self.now) {
                    lanes[lane] = Activity::Idle;
                }
            } else {
                let activity = std::mem::replace(&mut lanes[lane], Activity::Idle);
                lanes[lane] = self.go_on(lane, activity);
            }
            self.take_events();
        }
        panic!("the call does not end");
    }

    fn begin(&mut self, lane: usize) -> Activity {
        match self.operation.next(lane, self.now) {
            Step::Authorize { refused } => {
                let (delay, answer) = (self.script.credential)(refused.as_deref());
                if delay == u64::MAX { Activity::Never } else { Activity::Token(self.now + delay, answer) }
            }
            Step::Send(request) => {
                let reply = (self.script.service)(&request, self.run.0.len());
                self.run.0.push(Sent { at: self.now, request });
                self.operation.on_sent(lane, self.now);
                match reply {
                    Reply::Silence => Activity::Never,
                    reply => Activity::Headers(self.now, reply),
                }
            }
            Step::LoadJudge => {
                self.judge(lane);
                Activity::Idle
            }
            Step::Wait(milliseconds) => Activity::Wait(self.now + u64::from(milliseconds)),
            // Nothing else runs in the client.
            Step::Queue | Step::Read | Step::Stop => Activity::Stopped,
        }
    }

    fn go_on(&mut self, lane: usize, activity: Activity) -> Activity {
        match activity {
            Activity::Token(_, answer) => self.operation.on_token(lane, answer, self.now),
            Activity::Headers(_, Reply::Response(head, parts)) => {
                if self.operation.on_headers(lane, head, self.now) == Reading::Continue {
                    return Activity::Body { at: self.now, parts: parts.into_iter() };
                }
            }
            Activity::Headers(..) => self.operation.on_error(lane, Failure::lost(None), self.now),
            Activity::Body { mut parts, .. } => match parts.next() {
                None => self.operation.on_end(lane, self.now),
                Some(Part::Break) => self.operation.on_error(lane, Failure::lost(Some(1)), self.now),
                Some(Part::Hang) => return Activity::Never,
                Some(Part::Pause(milliseconds)) => return Activity::Body { at: self.now + milliseconds, parts },
                Some(Part::Bytes(bytes)) => {
                    let mut reading = self.operation.on_chunk(lane, &bytes, self.now);
                    if self.operation.needs_judge(lane) {
                        reading = self.judge(lane);
                    }
                    if reading == Reading::Continue {
                        self.operation.report(self.now);
                        return Activity::Body { at: self.now, parts };
                    }
                }
            },
            Activity::Wait(_) | Activity::Idle | Activity::Stopped | Activity::Never => {}
        }
        Activity::Idle
    }

    fn judge(&mut self, lane: usize) -> Reading {
        if self.script.loads_judge {
            self.settings.judge.set(Some(&ServiceJudge));
        }
        self.operation.on_judge(lane, self.now)
    }

    fn take_events(&mut self) {
        while let Some(event) = self.operation.next_event() {
            let words = match event {
                Event::Progress(progress) => {
                    self.run.2.push(progress);
                    continue;
                }
                Event::PartialImage { image_index, index, .. } => format!("partialImage {image_index}.{index}"),
                Event::Image(image) => format!("image {} {}", image.image_index, length(&image.image.source)),
                Event::ResponseId(id) => format!("id {id}"),
                Event::Response { event, .. } => match event {
                    ResponseEvent::Status(status) => format!("status {status}"),
                    ResponseEvent::TextDelta(text) => format!("text {text}"),
                    ResponseEvent::Refusal(text) => format!("refusal {text}"),
                    ResponseEvent::CallStatus { status, .. } => format!("call {status}"),
                    ResponseEvent::PartialImage { index, .. } => format!("partialImage {index}"),
                    ResponseEvent::Image { is_earlier: true, .. } => "earlier image".into(),
                    ResponseEvent::Image { .. } => "image".into(),
                    ResponseEvent::CallFailed { failure, .. } => format!("failed {:?}", failure.code),
                    ResponseEvent::ToolCallDelta { delta, .. } => format!("tool delta {delta}"),
                    ResponseEvent::ToolCall { .. } => "tool call".into(),
                    ResponseEvent::ApprovalRequest { .. } => "approval request".into(),
                    ResponseEvent::Citation { .. } => "citation".into(),
                },
            };
            self.run.1.push(words);
        }
    }
}

fn length(source: &Source<Kept>) -> usize {
    match source {
        Source::Bytes(kept) => kept.bytes.len(),
        Source::Url(url) => url.len(),
    }
}

/// A failure of a credential.
pub fn no_token() -> Failure {
    Failure::new(Code::Authentication, "No token.")
}
