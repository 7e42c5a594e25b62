//! The limit of a client's parallel long requests, and the deadline of a whole call.

use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Wake, Waker};

use azure_image_client::errors::billing::Interruption;
use azure_image_client::errors::{Billed, Code, Failure};
use azure_image_client::foundry::resource::{ResourceCall, ResourceRequest};
use azure_image_client::http::endpoint::Operation as Route;
use azure_image_client::http::message::Head;
use azure_image_client::images::generate::{GenerateImages, ImagesCall};
use azure_image_client::images::request::ImageRequest;
use azure_image_client::operation::{Capability, Event, Operation, Reading, Stage, Start, Step};
use azure_image_client::queue::{Place, Queue};
use azure_image_client::responses::create::CreateResponse;
use azure_image_client::responses::retrieve::RetrieveResponse;
use azure_image_client::settings::{Settings, Timeouts};
use proptest::prelude::*;

use crate::support::driver::{authorization, settings};
use crate::support::{Keep, encode};

/// Counts how often a request was woken.
#[derive(Default)]
struct Bell(AtomicUsize);

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

fn bell() -> (Arc<Bell>, Waker) {
    let bell = Arc::<Bell>::default();
    (Arc::clone(&bell), Waker::from(bell))
}

fn rings(bell: &Bell) -> usize {
    bell.0.load(Ordering::Relaxed)
}

fn client(limit: u32) -> Rc<Settings> {
    Rc::new(Settings { queue: Queue::new(limit), ..settings() })
}

fn start(settings: &Rc<Settings>, capability: Box<dyn Capability<Keep>>) -> Operation<Keep> {
    let start = Start { timeouts: settings.timeouts, reports_progress: true, started_at: 0, seed: 1 };
    Operation::new(Rc::clone(settings), capability, start)
}

fn generation(settings: &Rc<Settings>, n: u32) -> Operation<Keep> {
    let call = ImagesCall {
        route: Route::Generations,
        request: ImageRequest { prompt: "a lighthouse".into(), n: Some(n), ..ImageRequest::default() },
        is_streamed: true,
        inputs: None,
        today: "2026-11-29".into(),
    };
    start(settings, Box::new(GenerateImages::new(Rc::clone(settings), call, Keep::default).unwrap()))
}

/// Signs the request of a lane.
fn sign(operation: &mut Operation<Keep>, lane: usize, now: u64) {
    assert_eq!(operation.next(lane, now), Step::Authorize { refused: None });
    operation.on_token(lane, Ok(Some(authorization("a-key-of-a-test", false))), now);
}

/// Signs the request of a lane, which has to wait.
fn queue(operation: &mut Operation<Keep>, lane: usize, now: u64) {
    sign(operation, lane, now);
    assert_eq!(operation.next(lane, now), Step::Queue);
}

/// Sends the signed request of a lane.
fn send_signed(operation: &mut Operation<Keep>, lane: usize, now: u64) {
    assert!(matches!(operation.next(lane, now), Step::Send(_)));
    operation.on_sent(lane, now);
}

/// Signs the request of a lane and sends it.
fn send(operation: &mut Operation<Keep>, lane: usize, now: u64) {
    sign(operation, lane, now);
    send_signed(operation, lane, now);
}

fn respond(operation: &mut Operation<Keep>, lane: usize, now: u64) {
    let head = Head { status: 200, ..Head::default() };
    assert_eq!(operation.on_headers(lane, head, now), Reading::Continue);
    let image = format!("{{\"data\":[{{\"b64_json\":\"{}\"}}]}}", encode(b"an image"));
    operation.on_chunk(lane, image.as_bytes(), now);
    operation.on_end(lane, now);
}

fn stages(operation: &mut Operation<Keep>) -> Vec<Stage> {
    std::iter::from_fn(|| operation.next_event())
        .filter_map(|event| if let Event::Progress(progress) = event { Some(progress.stage) } else { None })
        .collect()
}

#[test]
fn the_calls_of_a_client_share_its_limit_in_the_order_of_their_requests() {
    let settings = client(2);
    let mut calls: Vec<_> = (0..4).map(|_| generation(&settings, 1)).collect();
    send(&mut calls[0], 0, 0);
    send(&mut calls[1], 0, 0);
    let bells: Vec<_> = (2..4)
        .map(|call| {
            let (bell, waker) = bell();
            queue(&mut calls[call], 0, 0);
            assert!(calls[call].is_queued(0, &waker));
            assert_eq!(calls[call].deadline(0), None, "waiting uses up no timeout");
            assert_eq!(stages(&mut calls[call]), [Stage::Authenticating, Stage::Queued]);
            bell
        })
        .collect();
    respond(&mut calls[1], 0, 100_000);
    assert_eq!(bells.iter().map(|bell| rings(bell)).collect::<Vec<_>>(), [1, 0]);
    assert!(calls[3].is_queued(0, Waker::noop()));
    assert!(!calls[2].is_queued(0, Waker::noop()));
    send_signed(&mut calls[2], 0, 100_000);
    assert_eq!(calls[2].deadline(0), Some(100_000 + u64::from(settings.timeouts.answer)));
    assert_eq!(stages(&mut calls[2]), [Stage::Waiting]);
}

#[test]
fn a_token_that_has_waited_long_is_requested_again_before_it_is_sent() {
    let settings = client(1);
    let mut first = generation(&settings, 1);
    send(&mut first, 0, 0);
    let mut second = generation(&settings, 1);
    queue(&mut second, 0, 0);
    respond(&mut first, 0, 120_000);
    send(&mut second, 0, 120_000);
    // It keeps its place in the meantime.
    let mut third = generation(&settings, 1);
    queue(&mut third, 0, 120_000);
}

#[test]
fn a_request_that_does_not_wait_is_never_reported_as_queued() {
    let mut call = generation(&client(1), 1);
    send(&mut call, 0, 0);
    respond(&mut call, 0, 5);
    assert!(!stages(&mut call).contains(&Stage::Queued));
}

#[test]
fn short_requests_do_not_wait() {
    let settings = client(1);
    let mut call = generation(&settings, 1);
    send(&mut call, 0, 0);
    let resource = ResourceCall { operation: "getFile".into(), id: "file_1".into(), ..Default::default() };
    let resource = ResourceRequest::new(&settings, resource, Keep::default).unwrap();
    let retrieve = RetrieveResponse::new(Rc::clone(&settings), "resp_1".into(), true, Keep::default);
    let probe = azure_image_client::probe::Probe::new(Rc::clone(&settings), true);
    let short: [Box<dyn Capability<Keep>>; 3] = [Box::new(resource), Box::new(retrieve), Box::new(probe)];
    for capability in short {
        send(&mut start(&settings, capability), 0, 0);
    }
    let follow = CreateResponse::follow(Rc::clone(&settings), "resp_1", None, 0, Keep::default);
    queue(&mut start(&settings, Box::new(follow)), 0, 0);
}

#[test]
fn every_ending_lets_the_next_request_run() {
    type Ending = fn(&mut Option<Operation<Keep>>);
    let endings: [(&str, Ending); 9] = [
        ("success", |call| respond(call.as_mut().unwrap(), 0, 1)),
        ("failure", |call| call.as_mut().unwrap().on_error(0, Failure::new(Code::InvalidRequest, "No."), 1)),
        ("delay before a retry", |call| {
            let call = call.as_mut().unwrap();
            call.on_headers(0, Head { status: 429, retry_after: Some("60".into()), ..Head::default() }, 1);
            call.on_end(0, 1);
            assert_eq!(call.next(0, 1), Step::LoadJudge);
            call.on_judge(0, 1);
            assert!(matches!(call.next(0, 1), Step::Wait(_)));
        }),
        ("no token", |call| {
            let call = call.as_mut().unwrap();
            call.disconnect();
            call.next(0, 1);
            call.on_token(0, Err(Failure::new(Code::Authentication, "No token.")), 1);
        }),
        ("timeout", |call| while !call.as_mut().unwrap().on_deadline(0, 900_000) {}),
        ("abort", |call| drop(call.as_mut().unwrap().interrupt(Interruption::Abort))),
        ("timeout of the call", |call| {
            let call = call.as_mut().unwrap();
            for now in [5_000_000, 5_002_000, 5_002_020, 5_002_040] {
                call.on_call_deadline(now);
            }
            assert!(call.is_over());
        }),
        ("suspended connections", |call| call.as_mut().unwrap().disconnect()),
        ("dropped call", |call| *call = None),
    ];
    for (name, end) in endings {
        let mut settings = Settings { queue: Queue::new(1), ..settings() };
        settings.timeouts.total = 1_000_000;
        let settings = Rc::new(settings);
        let mut first = Some(generation(&settings, 1));
        send(first.as_mut().unwrap(), 0, 0);
        let mut second = generation(&settings, 1);
        queue(&mut second, 0, 0);
        let (bell, waker) = bell();
        assert!(second.is_queued(0, &waker));
        end(&mut first);
        assert_eq!(rings(&bell), 1, "{name}");
        assert!(!second.is_queued(0, &waker), "{name}");
        send_signed(&mut second, 0, 1);
    }
}

#[test]
fn a_call_that_ends_in_the_queue_is_free_and_leaves_it() {
    let mut settings = Settings { queue: Queue::new(1), ..settings() };
    settings.timeouts.total = 1000;
    let settings = Rc::new(settings);
    let mut first = generation(&settings, 1);
    send(&mut first, 0, 0);
    let mut calls: Vec<_> = (0..3).map(|_| generation(&settings, 1)).collect();
    for call in &mut calls {
        queue(call, 0, 0);
    }
    let failed = calls[0].interrupt(Interruption::Abort).unwrap();
    assert_eq!((failed.failure.code, failed.failure.billed), (Code::Cancelled, Billed::No));
    assert!(failed.failure.message.contains("before anything was sent"));
    for now in [1000, 1020, 1041] {
        calls[1].on_call_deadline(now);
    }
    let failed = calls[1].take_outcome().unwrap().unwrap_err();
    assert_eq!((failed.failure.code, failed.failure.billed), (Code::Timeout, Billed::No));
    assert!(failed.failure.message.contains("before anything was sent"));
    respond(&mut first, 0, 5);
    send_signed(&mut calls[2], 0, 5);
}

#[test]
fn the_requests_of_one_call_wait_in_the_same_queue() {
    let settings = client(2);
    let mut one = generation(&settings, 3);
    assert_eq!(one.lanes(), 2);
    send(&mut one, 0, 0);
    let mut other = generation(&settings, 1);
    send(&mut other, 0, 0);
    queue(&mut one, 1, 0);
    respond(&mut one, 0, 1);
    // The third request follows the second one.
    queue(&mut one, 0, 1);
    assert!(!one.is_queued(1, Waker::noop()));
    assert!(one.is_queued(0, Waker::noop()));
}

proptest! {
    #[test]
    fn never_more_than_the_limit_run_and_no_place_is_lost(limit in 1_u32..5, steps in prop::collection::vec(any::<(bool, u8)>(), 0..100)) {
        let queue = Queue::new(limit);
        let mut places: Vec<(Place, Arc<Bell>)> = Vec::new();
        for (joins, pick) in steps {
            if joins || places.is_empty() {
                let (bell, waker) = bell();
                let place = queue.join();
                if !place.is_first() {
                    place.wake_with(&waker);
                }
                places.push((place, bell));
            } else {
                places.remove(usize::from(pick) % places.len());
            }
            for (index, (place, bell)) in places.iter().enumerate() {
                let runs = index < limit as usize;
                prop_assert_eq!(place.is_first(), runs);
                prop_assert!(rings(bell) <= usize::from(runs));
            }
        }
    }
}

#[test]
fn data_that_arrived_while_the_page_was_suspended_wins_over_the_timeout_of_the_call() {
    let mut settings = settings();
    settings.timeouts = Timeouts { total: 1000, ..settings.timeouts };
    let settings = Rc::new(settings);
    let hour = 3_600_000;
    let mut call = generation(&settings, 1);
    send(&mut call, 0, 0);
    // The timer fires first.
    call.on_call_deadline(hour);
    assert!(!call.is_over());
    assert_eq!(call.call_deadline(), Some(hour + 2000));
    respond(&mut call, 0, hour + 1500);
    assert!(call.take_outcome().unwrap().is_ok());
    assert_eq!(call.call_deadline(), None);
}

#[test]
fn the_timeout_of_the_call_is_extended_while_received_data_is_delivered_but_not_for_ever() {
    let mut settings = settings();
    settings.timeouts = Timeouts { total: 1000, ..settings.timeouts };
    let settings = Rc::new(settings);
    let mut call = generation(&settings, 1);
    send(&mut call, 0, 0);
    call.on_headers(0, Head { status: 200, ..Head::default() }, 900);
    let mut now = 1000;
    while !call.is_over() {
        call.on_call_deadline(now);
        now = call.call_deadline().unwrap_or(now);
        call.on_chunk(0, b" ", now);
    }
    assert!((3000..3100).contains(&now), "{now}");
    let failed = call.take_outcome().unwrap().unwrap_err();
    assert_eq!((failed.failure.code, failed.failure.billed), (Code::Timeout, Billed::Unknown));
    assert!(failed.failure.message.contains("1 s (totalTimeoutInMs)"), "{}", failed.failure.message);
}

#[test]
fn without_data_the_call_ends_shortly_after_its_timeout() {
    let mut settings = settings();
    settings.timeouts = Timeouts { total: 1000, ..settings.timeouts };
    let mut call = generation(&Rc::new(settings), 1);
    send(&mut call, 0, 0);
    assert_eq!(call.call_deadline(), Some(1000));
    call.on_call_deadline(1000);
    assert_eq!(call.call_deadline(), Some(1020));
    call.on_call_deadline(1020);
    assert!(call.is_over());
}
