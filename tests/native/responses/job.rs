//! How a response is followed to its end: what is asked, what is asked next, and how long the waits are.

use crate::support::{cases, sample};
use azure_image_client::decode::json::{Limits, Value};
use azure_image_client::errors::billing::Effect;
use azure_image_client::errors::{Billed, Code, Failure, TimeLimit};
use azure_image_client::http::retry::{Headers, RetryPolicy};
use azure_image_client::models::service::Service;
use azure_image_client::models::validate::Severity;
use azure_image_client::responses::events::Progress;
use azure_image_client::responses::job::{Ask, Delivery, Job, refuses_streaming};
use proptest::prelude::*;

const DELIVERIES: [Delivery; 3] = [Delivery::Whole, Delivery::Streamed, Delivery::Background];
const MAKE_STREAMED: Ask<'_> = Ask::Make { streamed: true };
const MAKE_WHOLE: Ask<'_> = Ask::Make { streamed: false };
const STATE: Ask<'_> = Ask::State { id: "resp_1" };
/// The chance that makes a wait the longest.
const LONGEST: u32 = u32::MAX;

fn events(after: impl Into<Option<u64>>) -> Ask<'static> {
    Ask::Events { id: "resp_1", after: after.into() }
}

fn up_to(number: impl Into<Option<u64>>) -> Progress {
    Progress::of("resp_1", number.into())
}

/// A response whose events up to this one were read.
fn followed(number: u64) -> Job {
    let mut job = Job::new(Delivery::Background, true, 0);
    job.heard(&up_to(number), 0);
    job
}

/// A response whose state is asked for.
fn polled() -> Job {
    let mut job = followed(5);
    job.in_work(0);
    assert_eq!(job.ask(), STATE);
    job
}

fn answered(status: u16, body: &str) -> Failure {
    Failure::from_answer(status, body.as_bytes(), Headers::default())
}

fn within_the_stream(data: &str) -> Failure {
    let value = Value::parse(data.as_bytes(), Limits { max_kept_bytes: 10_000, max_depth: 10 }).unwrap();
    Failure::from_event("error", &value).unwrap()
}

fn cut() -> Failure {
    Failure::new(Code::StreamTruncated, "x")
}

fn silent() -> Failure {
    Failure::timed_out(Service::OpenAi, TimeLimit::Idle, 90_000, 0)
}

fn asking(wait: u32) -> Failure {
    answered(503, "").with(|details| details.retry_after_in_ms = Some(wait))
}

/// With what the caller allows unless he says otherwise, and no limit on the time without news.
fn fail(job: &mut Job, failure: &Failure) -> Option<u32> {
    job.failed(failure, &RetryPolicy::default(), 0, 0, LONGEST)
}

#[test]
fn a_response_is_made_first_and_one_that_is_known_is_followed() {
    let table = [
        (Delivery::Whole, false, MAKE_WHOLE),
        (Delivery::Whole, true, MAKE_WHOLE),
        (Delivery::Streamed, false, MAKE_WHOLE),
        (Delivery::Streamed, true, MAKE_STREAMED),
        (Delivery::Background, false, MAKE_WHOLE),
        (Delivery::Background, true, MAKE_STREAMED),
    ];
    for (delivery, streams, expected) in table {
        let job = Job::new(delivery, streams, 7);
        assert_eq!((job.ask(), job.effect(), job.is_followed()), (expected, Effect::Generate, false), "{delivery:?}");
        assert_eq!(job.streams(), expected == MAKE_STREAMED, "{delivery:?} {streams}");
        assert_eq!(job.progress(), &Progress::default());
    }
    for after in [None, Some(0), Some(41)] {
        let job = Job::resume("resp_1", after, false, 7);
        assert_eq!((job.ask(), job.effect(), job.is_followed()), (events(after), Effect::Follow, true));
        assert_eq!(job.warning(), None);
    }
}

#[test]
fn only_what_is_made_in_the_background_is_followed_once_its_id_is_known() {
    for delivery in DELIVERIES {
        for streams in [false, true] {
            let mut job = Job::new(delivery, streams, 0);
            let first = job.clone();
            job.heard(&up_to(3), 0);
            let expected = match (delivery, streams) {
                (Delivery::Background, true) => events(3),
                (Delivery::Background, false) => STATE,
                _ => first.ask(),
            };
            assert_eq!(job.ask(), expected, "{delivery:?} {streams}");
            assert_eq!(job.is_followed(), delivery == Delivery::Background);
            assert_eq!(job.progress(), &up_to(3));
        }
    }
    let mut job = Job::new(Delivery::Background, true, 0);
    job.heard(&Progress::default(), 0);
    assert_eq!(job.ask(), MAKE_STREAMED, "nothing was said yet");
}

#[test]
fn who_is_refused_a_stream_asks_again_at_once_without() {
    let text = sample("errors/400-imagegen-streaming-unsupported.json");
    let refusal = Failure::from_answer(400, &text, Headers::default());
    assert!(refuses_streaming(&refusal));
    let never = RetryPolicy { max_retries: 0, ..RetryPolicy::default() };
    for delivery in [Delivery::Streamed, Delivery::Background] {
        let mut job = Job::new(delivery, true, 0);
        assert_eq!(job.warning(), None);
        assert_eq!(job.failed(&refusal, &never, 1, 100_000, LONGEST), Some(0), "{delivery:?}");
        assert_eq!((job.ask(), job.streams()), (MAKE_WHOLE, false));
        let warning = job.warning().unwrap();
        assert_eq!((&*warning.param, warning.severity, warning.suggestion), ("stream", Severity::Warning, None));
        assert!(warning.message.contains("does not stream"), "{}", warning.message);
        assert_eq!(job.failed(&refusal, &never, 0, 0, LONGEST), None, "once");
    }
    let mut whole = Job::new(Delivery::Whole, true, 0);
    assert_eq!((fail(&mut whole, &refusal), whole.warning()), (None, None), "it has not asked for a stream");

    let other = |status, message: &str| answered(status, &format!("{{\"error\":{{\"message\":\"{message}\"}}}}"));
    let same = "ImageGen as a tool is not supported in streaming mode.";
    for failure in [other(400, "x"), other(404, same), other(500, same), within_the_stream("{}"), Failure::lost(None)] {
        assert!(!refuses_streaming(&failure), "{failure:?}");
        let mut job = Job::new(Delivery::Streamed, true, 0);
        fail(&mut job, &failure);
        assert_eq!(job.ask(), MAKE_STREAMED, "{failure:?}");
    }
}

/// What failed before the id was known, and the wait: as it is, and where the caller allows what may be billed twice.
#[test]
fn a_response_is_made_again_only_where_the_policy_says_so() {
    let table = [
        (answered(400, ""), None, None),
        (answered(401, ""), None, None),
        (answered(404, ""), None, None),
        (answered(408, ""), None, Some(1000)),
        (answered(409, ""), None, None),
        (answered(429, ""), Some(1000), Some(1000)),
        (answered(429, "").with(|details| details.retry_after_in_ms = Some(18_000)), Some(18_100), Some(18_100)),
        (answered(429, "").with(|details| details.retry_after_in_ms = Some(120_001)), None, None),
        (answered(500, ""), None, Some(1000)),
        (answered(503, ""), None, Some(1000)),
        (Failure::lost(None), None, Some(1000)),
        (Failure::lost(Some(70_000)), None, Some(1000)),
        (cut(), None, Some(1000)),
        (silent(), None, Some(1000)),
        (within_the_stream(r#"{"error":{"code":"server_error","message":"x"}}"#), None, Some(1000)),
        (within_the_stream(r#"{"error":{"code":"content_filter","message":"x"}}"#), None, None),
    ];
    for (failure, wait, wait_where_allowed) in table {
        for delivery in DELIVERIES {
            for (retry_unknown_outcome, expected) in [(false, wait), (true, wait_where_allowed)] {
                let policy = RetryPolicy { retry_unknown_outcome, ..RetryPolicy::default() };
                let mut job = Job::new(delivery, true, 0);
                let first = job.clone();
                // For making it, the time without news is no limit.
                let waited = job.failed(&failure, &policy, 1, 1_000_000, LONGEST);
                assert_eq!(waited, expected, "{delivery:?} {retry_unknown_outcome} {failure:?}");
                assert_eq!(job.ask(), first.ask(), "{failure:?}");
            }
        }
    }
}

#[test]
fn a_response_is_made_so_often_and_no_more_however_far_each_one_came() {
    for (delivery, number, max_retries) in
        [(Delivery::Whole, 1, 3), (Delivery::Streamed, 9, 3), (Delivery::Streamed, 9, 0)]
    {
        let policy = RetryPolicy { retry_unknown_outcome: true, max_retries, ..RetryPolicy::default() };
        let mut job = Job::new(delivery, true, 0);
        let mut waits = Vec::new();
        for attempt in 0..10 {
            // A later one may come further.
            job.heard(&Progress::of(&format!("resp_{attempt}"), Some(number + attempt)), 0);
            let Some(wait) = job.failed(&cut(), &policy, 0, 0, LONGEST) else { break };
            waits.push(wait);
            assert_eq!(job.progress(), &Progress::default(), "the events of another response count from the first one");
        }
        assert_eq!(waits, [1000, 2000, 4000].into_iter().take(max_retries as usize).collect::<Vec<_>>());
    }
}

#[test]
fn a_stream_that_breaks_off_is_read_on_behind_its_last_event() {
    for failure in [Failure::lost(Some(9)), cut(), silent()] {
        let mut job = Job::new(Delivery::Background, true, 0);
        for number in [0, 4, 5, 300] {
            job.heard(&up_to(number), 0);
            assert_eq!(fail(&mut job, &failure), Some(200), "news was heard: {failure:?}");
            assert_eq!((job.ask(), job.effect()), (events(number), Effect::Follow));
        }
        assert_eq!(job.warning(), None);
    }
    let mut job = Job::new(Delivery::Background, true, 0);
    job.heard(&up_to(None), 0);
    fail(&mut job, &Failure::lost(Some(9)));
    assert_eq!(job.ask(), events(None), "an id without a number: from the first event on");
}

#[test]
fn where_there_is_no_stream_the_state_is_asked_for_at_once() {
    for status in [400, 404, 405, 406, 422, 501] {
        let mut job = Job::resume("resp_1", None, false, 0);
        let failure = answered(status, "").with(|details| details.retry_after_in_ms = Some(5000));
        assert_eq!(job.failed(&failure, &RetryPolicy::default(), 1, 100_000, LONGEST), Some(0), "{status}");
        assert_eq!((job.ask(), job.effect()), (STATE, Effect::Follow), "{status}");
        assert!(job.warning().is_some());
        assert_eq!(fail(&mut job, &answered(404, "")), None, "nor the response");
    }
    for status in [401, 403, 413] {
        assert_eq!(fail(&mut followed(5), &answered(status, "")), None, "{status}");
    }
    let mut job = followed(5);
    assert_eq!(fail(&mut job, &answered(429, "")), Some(200));
    assert_eq!((job.ask(), job.warning()), (events(5), None));
}

#[test]
fn behind_an_error_among_the_events_the_stream_is_asked_for_once_more_and_then_the_state() {
    for data in [
        r#"{"error":{"code":"server_error","message":"x"}}"#,
        r#"{"type":"error","code":"rate_limit_exceeded","message":"Please try again in 300s."}"#,
        r#"{"error":{"message":"Something went wrong"}}"#,
    ] {
        let mut job = followed(5);
        assert_eq!(fail(&mut job, &within_the_stream(data)), Some(200), "{data}");
        assert_eq!(job.ask(), events(5), "it may go on");
        assert_eq!(fail(&mut job, &within_the_stream(data)), Some(0), "{data}");
        assert_eq!((job.ask(), job.warning()), (STATE, None), "there were events");
    }
    let filtered = within_the_stream(r#"{"error":{"code":"content_filter"}}"#);
    assert_eq!(fail(&mut followed(5), &filtered), None, "which says more than the state would");
}

#[test]
fn after_three_streams_that_brought_nothing_the_state_is_asked_for() {
    for failure in [silent(), Failure::lost(Some(0)), cut(), answered(408, ""), answered(504, "")] {
        let is_answered = failure.status.is_none();
        let mut job = followed(5);
        assert!(fail(&mut job, &failure).is_some());
        for _ in 0..3 {
            assert_eq!(job.ask(), events(5), "{failure:?}");
            if is_answered {
                job.begun(0);
            }
            assert!(fail(&mut job, &failure).is_some());
        }
        assert_eq!(job.ask(), STATE, "{failure:?}");
        assert_eq!(job.warning(), None, "there were events");
    }
    let mut job = followed(5);
    for number in 6..40 {
        assert_eq!(fail(&mut job, &silent()), Some(200));
        assert!(fail(&mut job, &silent()).is_some());
        job.begun(0);
        job.heard(&up_to(number), 0);
        assert_eq!(job.ask(), events(number), "news count anew");
    }
    let mut unheard = Job::resume("resp_1", None, false, 0);
    for expected in [events(None), events(None), STATE] {
        fail(&mut unheard, &silent());
        assert_eq!(unheard.ask(), expected);
    }
    assert!(unheard.warning().is_some());
}

#[test]
fn who_is_cut_off_or_cannot_be_reached_goes_on_with_the_stream() {
    for failure in [Failure::lost(None), answered(503, ""), answered(429, "")] {
        let mut job = followed(5);
        for _ in 0..20 {
            assert!(fail(&mut job, &failure).is_some());
            assert_eq!(job.ask(), events(5), "{failure:?}");
        }
    }
    let mut job = followed(5);
    for _ in 0..20 {
        job.begun(0);
        // The beginning of an event: as a whole, the response might come without its image.
        job.heard(&up_to(5), 0);
        assert!(fail(&mut job, &cut()).is_some());
        assert_eq!(job.ask(), events(5));
    }
}

#[test]
fn questions_for_the_state_become_rarer_up_to_a_bound() {
    let mut job = Job::new(Delivery::Background, false, 0);
    job.heard(&up_to(None), 0);
    let waits: Vec<u32> = (0..8).map(|now| job.in_work(now)).collect();
    assert_eq!(waits, [1000, 1500, 2250, 3375, 5062, 7593, 10_000, 10_000]);
    assert!((0..5000).all(|now| job.in_work(now) == 10_000 && job.ask() == STATE));
    assert_eq!(fail(&mut job, &Failure::lost(None)), Some(200), "a failure has waits of its own");
    assert_eq!(job.in_work(0), 10_000);
    assert_eq!(fail(&mut job, &Failure::lost(None)), Some(200), "which begin anew where it was answered");
}

#[test]
fn failures_wait_twice_as_long_each_time_up_to_a_bound_and_news_begin_anew() {
    // Neither how often something is made, nor how long is waited for that, is a matter of what is followed.
    let policy = RetryPolicy { max_retries: 0, retry_delay_ms: 0, max_retry_delay_ms: 0, retry_unknown_outcome: false };
    for mut job in [followed(5), polled()] {
        let longest = [200, 400, 800, 1600, 3200, 6400, 12_800, 25_600, 30_000, 30_000];
        for expected in longest {
            assert_eq!(job.clone().failed(&Failure::lost(None), &policy, 0, 0, 0), Some(expected / 2));
            assert_eq!(job.failed(&Failure::lost(None), &policy, 0, 0, LONGEST), Some(expected));
        }
        for _ in 0..5000 {
            assert_eq!(job.failed(&answered(429, ""), &policy, 0, 0, LONGEST), Some(30_000));
        }
        job.heard(&up_to(5), 0);
        assert_eq!(fail(&mut job, &Failure::lost(None)), Some(30_000), "no news");
        job.heard(&up_to(6), 0);
        assert_eq!(fail(&mut job, &Failure::lost(None)), Some(200));
    }
}

/// What failed, for how long nothing new may come, for how long nothing came, and the wait, with which it must not be too long.
#[test]
fn what_brings_nothing_new_for_too_long_is_given_up() {
    const START: u64 = 1_800_000_000_000;
    let table = [
        (Failure::lost(None), 600_000, 0, Some(200)),
        (Failure::lost(None), 600_000, 599_800, Some(200)),
        (Failure::lost(None), 600_000, 599_801, None),
        (answered(503, ""), 600_000, 599_800, Some(200)),
        (answered(503, ""), 600_000, u64::MAX - START, None),
        (asking(1000), 600_000, 598_900, Some(1100)),
        (asking(1000), 600_000, 598_901, None),
        (asking(1000), 1099, 0, None),
        (silent(), u32::MAX, u64::from(u32::MAX) - 200, Some(200)),
        (silent(), u32::MAX, u64::from(u32::MAX) - 199, None),
        (Failure::lost(None), 1, 0, None),
        // 0: for ever.
        (Failure::lost(None), 0, 1, Some(200)),
        (asking(1000), 0, u64::MAX - START, Some(1100)),
    ];
    for (failure, limit, passed, expected) in table {
        let now = START + passed;
        let wait = |mut job: Job| job.failed(&failure, &RetryPolicy::default(), limit, now, LONGEST);
        assert_eq!(wait(Job::resume("resp_1", None, false, START)), expected, "{limit} {passed}");
        let mut streamed = Job::resume("resp_1", Some(5), false, 0);
        streamed.heard(&up_to(6), START);
        assert_eq!(wait(streamed.clone()), expected, "{limit} {passed}");
        let mut short = streamed.clone();
        short.begun(now);
        short.heard(&up_to(6), now);
        assert_eq!(wait(short), expected, "the same is no news");
        let mut long = streamed.clone();
        long.begun(now - 6000);
        long.heard(&up_to(6), now);
        assert_eq!(wait(long).is_some(), limit == 0 || limit > 1100, "but whoever speaks for long is there: {limit}");
        streamed.begun(now);
        streamed.heard(&up_to(7), now);
        assert_eq!(wait(streamed).is_some(), limit == 0 || limit > 1100, "{limit}");
        let mut state = Job::resume("resp_1", Some(5), false, 0);
        state.in_work(START);
        assert_eq!(wait(state), expected, "{limit} {passed}");
    }
    let mut later = Job::resume("resp_1", None, false, START);
    let wait = later.failed(&Failure::lost(None), &RetryPolicy::default(), 200, 0, LONGEST);
    assert_eq!(wait, Some(200), "a clock that went back");
}

/// The wait that is asked for, the longest that the caller allows, and what becomes of it.
#[test]
fn the_service_is_waited_for_as_it_asks_unless_that_is_too_long() {
    let table = [
        // Never sooner than by itself.
        (1, 120_000, Some(200)),
        (45_000, 120_000, Some(45_100)),
        (120_000, 120_000, Some(120_100)),
        (120_001, 120_000, None),
        (1001, 1000, None),
        (u32::MAX, u32::MAX, Some(u32::MAX)),
        // No wait at all would be no end of questions.
        (0, 120_000, Some(200)),
        (0, 0, Some(200)),
    ];
    for (asked, max_retry_delay_ms, expected) in table {
        for retry_delay_ms in [0, 1000] {
            for mut job in [followed(5), polled()] {
                let policy =
                    RetryPolicy { max_retries: 0, retry_delay_ms, max_retry_delay_ms, ..RetryPolicy::default() };
                assert_eq!(
                    job.failed(&asking(asked), &policy, 0, 0, LONGEST),
                    expected,
                    "{asked} {max_retry_delay_ms}"
                );
            }
        }
    }
}

#[test]
fn who_asks_for_little_is_asked_less_and_less_often_all_the_same() {
    for mut job in [followed(5), polled()] {
        let waits: Vec<_> = (0..6).map(|_| fail(&mut job, &asking(500))).collect();
        assert_eq!(waits, [600, 600, 800, 1600, 3200, 6400].map(Some));
    }
}

#[test]
fn what_will_fail_again_is_given_up() {
    for failure in [
        answered(401, ""),
        answered(403, ""),
        Failure::new(Code::Cancelled, "x"),
        Failure::new(Code::Internal, "x"),
        Failure::new(Code::TooLarge, "x"),
        Failure::lost(None).with(|details| details.retryable = false),
    ] {
        assert_eq!(fail(&mut followed(5), &failure), None, "{failure:?}");
        assert_eq!(fail(&mut polled(), &failure), None, "{failure:?}");
    }
    for mut job in [followed(5), polled()] {
        let page = Failure::new(Code::StreamMalformed, "x");
        let waits: Vec<_> = (0..4).map(|_| fail(&mut job, &page)).collect();
        assert_eq!(waits, [Some(200), Some(400), Some(800), None], "what is in between may pass");
    }
    assert_eq!(fail(&mut polled(), &answered(404, "")), None);
    assert_eq!(fail(&mut polled(), &answered(400, "")), None);
}

#[test]
fn what_is_given_up_says_what_becomes_of_the_response() {
    for (billed, expected) in
        [(Billed::No, Billed::Unknown), (Billed::Unknown, Billed::Unknown), (Billed::Yes, Billed::Yes)]
    {
        for job in [followed(5), polled(), Job::resume("resp_1", None, false, 0)] {
            let mut failure = Failure::new(Code::RateLimit, "It failed.").with(|details| details.billed = billed);
            job.explain(&mut failure);
            let message =
                "It failed. The response is still running on Azure. Call responses.resume(\"resp_1\") to follow it.";
            assert_eq!((failure.message.as_str(), failure.billed), (message, expected));
        }
    }
    let mut made = Job::new(Delivery::Background, true, 0);
    let mut streamed = Job::new(Delivery::Streamed, true, 0);
    streamed.heard(&up_to(5), 0);
    for job in [&mut made, &mut streamed] {
        let before = answered(429, "");
        let mut failure = before.clone();
        job.explain(&mut failure);
        assert_eq!(failure, before, "nothing goes on");
    }
    let unknown = sample("errors/404-response-not-found.json");
    for before in [answered(404, ""), Failure::from_answer(404, &unknown, Headers::default())] {
        let mut failure = before.clone();
        Job::resume("resp_1", None, false, 0).explain(&mut failure);
        assert_eq!((failure.code, failure.billed), (Code::NotFound, Billed::No));
        assert_eq!(failure.message.matches("30 days").count(), 1, "{}", failure.message);
        assert!(!failure.message.contains("still running"), "{}", failure.message);
        for own in [polled(), followed(5), Job::resume("resp_1", None, true, 0)] {
            let mut failure = before.clone();
            own.explain(&mut failure);
            assert_eq!((failure.code, failure.billed), (Code::NotFound, Billed::Unknown), "it was begun");
            assert!(failure.message.contains("Keep its id, \"resp_1\""), "{}", failure.message);
        }
    }
    let filtered = Failure::new(Code::ContentFilter, "Blocked.");
    let mut failure = filtered.clone();
    polled().explain(&mut failure);
    assert_eq!(failure, filtered, "the filter has ended it");
}

#[derive(Debug, Clone)]
enum Step {
    Heard(Option<u64>),
    InWork,
    Failed(Failure),
}

fn step() -> impl Strategy<Value = Step> {
    let failure = prop_oneof![
        prop::sample::select(vec![400, 401, 404, 408, 409, 429, 500, 501, 503, 504])
            .prop_map(|status| answered(status, "")),
        prop::sample::select(vec![cut(), silent(), Failure::lost(None), Failure::new(Code::StreamMalformed, "x")]),
        Just(within_the_stream(r#"{"error":{"code":"server_error","message":"x"}}"#)),
        Just(answered(400, r#"{"error":{"message":"x is not supported in streaming mode."}}"#)),
        prop_oneof![0..200_000_u32, any::<u32>()].prop_map(asking),
    ];
    prop_oneof![prop::option::of(0..50_u64).prop_map(Step::Heard), Just(Step::InWork), failure.prop_map(Step::Failed)]
}

proptest! {
    #![proptest_config(cases(512))]

    #[test]
    fn whatever_comes_waits_are_bounded_and_what_is_followed_stays_so(
        delivery in prop::sample::select(&DELIVERIES[..]),
        streams in any::<bool>(),
        steps in prop::collection::vec((step(), 0..u64::MAX / 100, any::<u32>()), 0..60),
        max_retries in 0..5_u32,
        max_retry_delay_ms in prop_oneof![0..200_000_u32, any::<u32>()],
        retry_unknown_outcome in any::<bool>(),
        idle_limit in prop_oneof![Just(0), any::<u32>()],
    ) {
        let policy = RetryPolicy { max_retries, max_retry_delay_ms, retry_unknown_outcome, ..RetryPolicy::default() };
        let mut job = Job::new(delivery, streams, 0);
        let (mut was_followed, mut made_again, mut now) = (false, 0, 0);
        for (step, passed, chance) in steps {
            now += passed;
            let makes = matches!(job.ask(), Ask::Make { .. });
            let streamed = job.streams();
            match step {
                Step::Heard(number) => job.heard(&up_to(number.max(job.progress().last_sequence_number())), now),
                Step::InWork if job.is_followed() => {
                    let wait = job.in_work(now);
                    prop_assert!((1000..=10_000).contains(&wait));
                    prop_assert_eq!(job.ask(), STATE);
                }
                Step::InWork => {}
                Step::Failed(failure) => {
                    let wait = job.failed(&failure, &policy, idle_limit, now, chance);
                    let Some(wait) = wait else { return Ok(()) };
                    let asked = failure.retry_after_in_ms.unwrap_or_default();
                    prop_assert!(asked == 0 || wait == 0 || wait >= asked);
                    prop_assert!(wait <= policy.max_retry_delay_ms.max(30_000).saturating_add(100));
                    // Without a wait, something else is asked for.
                    prop_assert!(wait > 0 || makes && max_retry_delay_ms <= 1 || streamed && !job.streams());
                    if makes && streamed == job.streams() {
                        made_again += 1;
                        prop_assert!(made_again <= max_retries);
                    }
                }
            }
            prop_assert!(job.is_followed() || !was_followed);
            was_followed = job.is_followed();
            prop_assert!(!was_followed || delivery == Delivery::Background);
            prop_assert_eq!(job.effect(), if was_followed { Effect::Follow } else { Effect::Generate });
            prop_assert!(streamed || !job.streams(), "who does not stream never begins to");
            prop_assert!(delivery != Delivery::Whole || job.warning().is_none());
        }
    }
}
