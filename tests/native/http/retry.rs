//! Which failures are repeated, and how long the wait is.

use crate::support::cases;
use azure_image_client::decode::json::{Limits, Value};
use azure_image_client::errors::billing::Effect;
use azure_image_client::errors::{Billed, Code, Failure, TimeLimit};
use azure_image_client::http::retry::{Headers, RetryPolicy, after};
use azure_image_client::models::service::Service;
use proptest::prelude::*;

fn in_text(message: &str) -> Option<u32> {
    after(Headers::default(), message)
}

#[test]
fn a_wait_is_read_from_the_text_of_a_message() {
    let cases = [
        ("Please retry after 18 seconds. Please go here: https://aka.ms/x", Some(18_000)),
        ("Please retry after 1 second.", Some(1_000)),
        ("PLEASE RETRY AFTER 2 SECONDS", Some(2_000)),
        ("Please try again in 12s.", Some(12_000)),
        ("Please try again in 1.5s.", Some(1_500)),
        ("Please try again in 0.0251s", Some(26)),
        ("Please try again in 20ms.", Some(20)),
        ("Try again in 20 milliseconds", Some(20)),
        ("try again in 0.5ms", Some(1)),
        ("try again in 2 minutes", Some(120_000)),
        ("try again in 1m.", Some(60_000)),
        ("Please retry after    7   sec", Some(7_000)),
        ("Please retry after\n3 seconds", Some(3_000)),
        ("retry after 0 seconds", Some(0)),
        ("retry after 86400 seconds", Some(86_400_000)),
        ("Retry after a while; retry after 5 seconds.", Some(5_000)),
        ("Do not try again in a hurry. Try again in 4 s.", Some(4_000)),
        ("retry after some time, or try again in 6 seconds", Some(6_000)),
        ("\u{C9}t\u{E9}: retry after 9 seconds \u{1F680}", Some(9_000)),
        ("retry after 18", None),
        ("retry after 18.", None),
        ("retry after 18 apples", None),
        ("retry after 2 hours", Some(7_200_000)),
        ("retry after 1 day", Some(86_400_000)),
        ("try again in 1m30s", Some(90_000)),
        ("try again in 1h2m3.5s. Or later.", Some(3_723_500)),
        ("try again in 1d 2h", Some(93_600_000)),
        ("retry after 2 weeks", None),
        ("retry after seconds", None),
        ("retry after -5 seconds", None),
        ("retry after .5 seconds", None),
        ("retry after 1.2.3 seconds", None),
        ("retry after 5000000 seconds", Some(u32::MAX)),
        ("retry after 99999999999999999999 seconds", Some(u32::MAX)),
        ("retry after", None),
        ("retry after ", None),
        ("18 seconds", None),
        ("", None),
    ];
    for (message, expected) in cases {
        assert_eq!(in_text(message), expected, "{message:?}");
    }
}

#[test]
fn headers_count_more_than_the_text_and_milliseconds_more_than_seconds() {
    let text = "retry after 9 seconds";
    let cases = [
        (Some("250"), Some("3"), Some(250)),
        (Some(" 250 "), None, Some(250)),
        (Some("0"), Some("3"), Some(0)),
        (Some("12.5"), None, Some(13)),
        (None, Some("3"), Some(3_000)),
        (None, Some(" 3 "), Some(3_000)),
        (None, Some("0.25"), Some(250)),
        (Some("soon"), Some("3"), Some(3_000)),
        (Some(""), Some("3"), Some(3_000)),
        (Some("-1"), Some("3"), Some(3_000)),
        (Some("+1"), Some("+2"), Some(9_000)),
        (None, Some("1.+5"), Some(9_000)),
        (None, Some("Wed, 21 Oct 2026 07:28:00 GMT"), Some(9_000)),
        (None, Some("-1"), Some(9_000)),
        (None, Some("1e3"), Some(9_000)),
        (None, Some("1.\u{E9}\u{E9}"), Some(9_000)),
        (None, Some("5000000"), Some(u32::MAX)),
        (None, None, Some(9_000)),
    ];
    for (retry_after_ms, retry_after, expected) in cases {
        assert_eq!(
            after(Headers { retry_after_ms, retry_after }, text),
            expected,
            "{retry_after_ms:?} {retry_after:?}"
        );
    }
}

const CODES: [Code; 16] = [
    Code::InvalidRequest,
    Code::Authentication,
    Code::Permission,
    Code::NotFound,
    Code::DeploymentNotFound,
    Code::ContentFilter,
    Code::RateLimit,
    Code::Timeout,
    Code::Connection,
    Code::StreamTruncated,
    Code::StreamMalformed,
    Code::TooLarge,
    Code::NoImage,
    Code::Service,
    Code::Cancelled,
    Code::Internal,
];
const PASSING: [Code; 5] = [Code::RateLimit, Code::Timeout, Code::Connection, Code::StreamTruncated, Code::Service];
const EFFECTS: [Effect; 4] = [Effect::Read, Effect::Manage, Effect::Follow, Effect::Generate];
const BILLED: [Billed; 3] = [Billed::No, Billed::Yes, Billed::Unknown];

fn policy(retry_unknown_outcome: bool) -> RetryPolicy {
    RetryPolicy { retry_unknown_outcome, ..RetryPolicy::default() }
}

fn answered(status: u16, body: &str) -> Failure {
    Failure::from_answer(status, body.as_bytes(), Headers::default())
}

fn streamed(data: &str) -> Failure {
    let value = Value::parse(data.as_bytes(), Limits { max_kept_bytes: 10_000, max_depth: 10 }).unwrap();
    Failure::from_event("error", &value).unwrap()
}

fn asking(retry_after_in_ms: Option<u32>) -> Failure {
    Failure::new(Code::RateLimit, "x").with(|details| details.retry_after_in_ms = retry_after_in_ms)
}

fn is_repeated(failure: &Failure, effect: Effect, retry_unknown_outcome: bool) -> bool {
    policy(retry_unknown_outcome).wait(failure, effect, 0, 0).is_some()
}

#[test]
fn the_defaults_are_those_of_the_documentation() {
    let RetryPolicy { max_retries, retry_delay_ms, max_retry_delay_ms, retry_unknown_outcome } = RetryPolicy::default();
    assert_eq!((max_retries, retry_delay_ms, max_retry_delay_ms, retry_unknown_outcome), (3, 1000, 120_000, false));
}

/// For failures that may pass: what the effect is, whether it was billed, what the caller allows, and the codes that are repeated.
#[test]
fn only_what_cannot_cost_twice_is_repeated_unless_the_caller_allows_it() {
    use Billed::{No, Unknown, Yes};
    use Effect::{Follow, Generate, Manage, Read};
    const ONLY_RATE_LIMIT: &[Code] = &[Code::RateLimit];
    let table = [
        (Read, No, false, &PASSING[..]),
        (Read, No, true, &PASSING),
        (Read, Yes, false, &PASSING),
        (Read, Yes, true, &PASSING),
        (Read, Unknown, false, &PASSING),
        (Read, Unknown, true, &PASSING),
        (Follow, No, false, &PASSING),
        (Follow, No, true, &PASSING),
        (Follow, Yes, false, &PASSING),
        (Follow, Yes, true, &PASSING),
        (Follow, Unknown, false, &PASSING),
        (Follow, Unknown, true, &PASSING),
        (Manage, No, false, ONLY_RATE_LIMIT),
        (Manage, No, true, ONLY_RATE_LIMIT),
        (Manage, Yes, false, &[]),
        (Manage, Yes, true, &[]),
        (Manage, Unknown, false, &[]),
        (Manage, Unknown, true, &PASSING),
        (Generate, No, false, ONLY_RATE_LIMIT),
        (Generate, No, true, ONLY_RATE_LIMIT),
        (Generate, Yes, false, &[]),
        (Generate, Yes, true, &[]),
        (Generate, Unknown, false, &[]),
        (Generate, Unknown, true, &PASSING),
    ];
    assert_eq!(table.len(), EFFECTS.len() * BILLED.len() * 2);
    for (effect, billed, allowed, repeated) in table {
        for code in CODES {
            let failure = Failure::new(code, "x").with(|details| details.billed = billed);
            let expected = repeated.contains(&code);
            assert_eq!(is_repeated(&failure, effect, allowed), expected, "{effect:?} {code:?} {billed:?} {allowed}");
            let hopeless = failure.clone().with(|details| details.retryable = false);
            assert!(!is_repeated(&hopeless, effect, allowed), "{effect:?} {code:?} {billed:?} {allowed}");
        }
    }
}

/// An answer, and whether it is repeated: reading (and following, which is the same), managing, making an image; and the last two where the caller allows more.
#[test]
fn answers_are_repeated_by_what_they_mean() {
    let table = [
        (400, "", [false; 5]),
        (401, "", [false; 5]),
        (402, "", [false; 5]),
        (403, "", [false; 5]),
        (404, "", [false; 5]),
        (404, r#"{"error":{"code":"DeploymentNotFound","message":"x"}}"#, [false; 5]),
        (408, "", [true, false, false, true, true]),
        (409, "", [true, true, false, true, false]),
        (409, r#"{"error":{"code":"conflict","message":"Please retry."}}"#, [true, true, false, true, false]),
        (413, "", [false; 5]),
        (422, "", [false; 5]),
        (429, "", [true; 5]),
        (429, r#"{"error":{"code":"429","message":"Please retry after 18 seconds."}}"#, [true; 5]),
        (429, r#"{"error":{"code":"too_many_requests","message":"Too Many Requests"}}"#, [true; 5]),
        (429, r#"{"error":{"code":"insufficient_quota","message":"Please retry after 1 second."}}"#, [false; 5]),
        (429, r#"{"error":{"code":"project_spend_limit_exceeded","message":"x"}}"#, [false; 5]),
        (429, r#"{"error":{"code":"content_filter","message":"Please retry after 1 second."}}"#, [false; 5]),
        (500, "", [true, false, false, true, true]),
        (500, r#"{"error":{"code":"content_policy_violation","message":"x"}}"#, [false; 5]),
        (502, "<html>", [true, false, false, true, true]),
        (503, r#"{"error":{"message":"Please retry after 10 seconds."}}"#, [true, false, false, true, true]),
        (504, "", [true, false, false, true, true]),
    ];
    for (status, body, expected) in table {
        let failure = answered(status, body);
        for allowed in [false, true] {
            assert_eq!(is_repeated(&failure, Effect::Follow, allowed), expected[0], "{status} {body}");
        }
        assert_eq!(
            [
                is_repeated(&failure, Effect::Read, false),
                is_repeated(&failure, Effect::Manage, false),
                is_repeated(&failure, Effect::Generate, false),
                is_repeated(&failure, Effect::Manage, true),
                is_repeated(&failure, Effect::Generate, true),
            ],
            expected,
            "{status} {body}"
        );
    }
}

#[test]
fn what_breaks_off_on_the_way_to_an_image_is_repeated_only_where_the_caller_allows_it() {
    for failure in [
        Failure::lost(None),
        Failure::lost(Some(70_000)),
        Failure::timed_out(Service::OpenAi, TimeLimit::Answer, 1000, 0),
        Failure::timed_out(Service::OpenAi, TimeLimit::Idle, 1000, 70_000),
        Failure::new(Code::StreamTruncated, "x"),
        streamed(r#"{"error":{"code":"server_error","message":"x"}}"#),
        streamed(r#"{"error":{"code":"rate_limit_exceeded","message":"Please try again in 1s."}}"#),
        streamed(r#"{"type":"error","code":"RateLimitReached","message":"x"}"#),
        streamed(r#"{"error":{"code":"429","message":"x"}}"#),
        streamed(r#"{"error":{"code":"too_many_requests","message":"x"}}"#),
    ] {
        assert_eq!(failure.billed, Billed::Unknown, "{failure:?}");
        for (effect, allowed, expected) in [
            (Effect::Generate, false, false),
            (Effect::Generate, true, true),
            (Effect::Manage, false, false),
            (Effect::Manage, true, true),
            (Effect::Read, false, true),
            (Effect::Follow, false, true),
        ] {
            assert_eq!(is_repeated(&failure, effect, allowed), expected, "{effect:?} {allowed} {failure:?}");
        }
    }
}

#[test]
fn what_will_fail_again_is_repeated_by_nobody() {
    for failure in [
        streamed(r#"{"error":{"code":"moderation_blocked","message":"Please try again in 1s."}}"#),
        streamed(r#"{"error":{"code":"content_filter","message":"x"}}"#),
        streamed(r#"{"error":{"code":"invalid_value","message":"x"}}"#),
        streamed(r#"{"error":{"code":"insufficient_quota","message":"Please try again in 1s."}}"#),
        streamed(r#"{"error":{"code":"project_spend_limit_exceeded","message":"x"}}"#),
    ] {
        for effect in EFFECTS {
            for allowed in [false, true] {
                assert!(!is_repeated(&failure, effect, allowed), "{effect:?} {allowed} {failure:?}");
            }
        }
    }
}

#[test]
fn a_request_is_repeated_so_often_and_no_more() {
    for (max_retries, retries, expected) in [
        (0, 0, false),
        (0, u32::MAX, false),
        (1, 0, true),
        (1, 1, false),
        (1, 2, false),
        (3, 2, true),
        (3, 3, false),
        (3, 4, false),
        (u32::MAX, u32::MAX - 1, true),
        (u32::MAX, u32::MAX, false),
    ] {
        let policy = RetryPolicy { max_retries, ..RetryPolicy::default() };
        for failure in [asking(None), asking(Some(5))] {
            for effect in EFFECTS {
                let wait = policy.wait(&failure, effect, retries, 0);
                assert_eq!(wait.is_some(), expected, "{max_retries} {retries} {effect:?}");
            }
        }
    }
}

/// What the service asks for, the longest wait, and how long it is waited at the least and at the most.
#[test]
fn a_wait_that_is_asked_for_is_kept_to_and_at_most_a_tenth_of_a_second_longer() {
    let table = [
        (1, 120_000, Some((1, 101))),
        (999, 1000, Some((999, 1099))),
        (1000, 1000, Some((1000, 1100))),
        (1001, 1000, None),
        (18_000, 120_000, Some((18_000, 18_100))),
        (120_000, 120_000, Some((120_000, 120_100))),
        (120_001, 120_000, None),
        (1, 0, None),
        (u32::MAX, 120_000, None),
        (u32::MAX, u32::MAX, Some((u32::MAX, u32::MAX))),
        (u32::MAX - 50, u32::MAX, Some((u32::MAX - 50, u32::MAX))),
    ];
    for (asked, max_retry_delay_ms, expected) in table {
        for (retries, retry_delay_ms) in [(0, 0), (0, 1000), (2, 1000), (2, u32::MAX)] {
            let policy = RetryPolicy { retry_delay_ms, max_retry_delay_ms, ..RetryPolicy::default() };
            let wait = |chance| policy.wait(&asking(Some(asked)), Effect::Generate, retries, chance);
            assert_eq!(wait(0).zip(wait(u32::MAX)), expected, "{asked} {max_retry_delay_ms} {retries}");
        }
    }
}

/// The first wait, the longest, how often it was repeated, and how long it is waited at the least and at the most.
#[test]
fn a_wait_that_nobody_asks_for_doubles_up_to_the_longest() {
    let table = [
        (1000, 120_000, 0, (500, 1000)),
        (1000, 120_000, 1, (1000, 2000)),
        (1000, 120_000, 2, (2000, 4000)),
        (1000, 120_000, 6, (32_000, 64_000)),
        (1000, 120_000, 7, (60_000, 120_000)),
        (1000, 120_000, 8, (60_000, 120_000)),
        (1000, 120_000, 31, (60_000, 120_000)),
        (1000, 120_000, 32, (60_000, 120_000)),
        (1000, 120_000, u32::MAX - 1, (60_000, 120_000)),
        (1000, 400, 0, (200, 400)),
        (1, 120_000, 0, (0, 1)),
        (3, 120_000, 0, (1, 3)),
        (7, 120_000, 3, (28, 56)),
        (0, 120_000, 5, (0, 0)),
        (0, 120_000, u32::MAX - 1, (0, 0)),
        (1000, 0, 5, (0, 0)),
        (1, u32::MAX, 31, (1 << 30, 1 << 31)),
        (1, u32::MAX, 32, (u32::MAX / 2, u32::MAX)),
        (u32::MAX, u32::MAX, 0, (u32::MAX / 2, u32::MAX)),
        (u32::MAX, u32::MAX, u32::MAX - 1, (u32::MAX / 2, u32::MAX)),
        (u32::MAX, 120_000, 0, (60_000, 120_000)),
    ];
    for (retry_delay_ms, max_retry_delay_ms, retries, expected) in table {
        let policy =
            RetryPolicy { max_retries: u32::MAX, retry_delay_ms, max_retry_delay_ms, ..RetryPolicy::default() };
        for failure in [asking(None), asking(Some(0))] {
            let wait = |chance| policy.wait(&failure, Effect::Generate, retries, chance).unwrap();
            assert_eq!((wait(0), wait(u32::MAX)), expected, "{policy:?} {retries}");
        }
    }
}

#[test]
fn chance_spreads_clients_evenly() {
    let wait = |asked, chance| policy(false).wait(&asking(asked), Effect::Generate, 0, chance).unwrap();
    for (chance, backoff, asked) in
        [(0, 500, 7000), (u32::MAX / 4, 624, 7024), (u32::MAX / 2, 749, 7049), (u32::MAX, 1000, 7100)]
    {
        assert_eq!((wait(None, chance), wait(Some(7000), chance)), (backoff, asked), "{chance}");
    }
}

proptest! {
    #![proptest_config(cases(512))]

    #[test]
    fn no_wait_leaves_its_bounds(
        retry_delay_ms in some_number(),
        max_retry_delay_ms in some_number(),
        asked in prop::option::of(some_number()),
        retries in some_number(),
        chance in some_number(),
    ) {
        let policy = RetryPolicy { max_retries: u32::MAX, retry_delay_ms, max_retry_delay_ms, ..RetryPolicy::default() };
        let wait = |retries, chance| policy.wait(&asking(asked), Effect::Generate, retries, chance);
        let waited = wait(retries, chance);
        if retries == u32::MAX {
            prop_assert_eq!(waited, None);
        } else if let Some(asked) = asked.filter(|asked| *asked > 0) {
            prop_assert_eq!(waited.is_some(), asked <= max_retry_delay_ms);
            prop_assert!(waited.is_none_or(|wait| wait >= asked && wait <= asked.saturating_add(100)));
        } else {
            let waited = waited.unwrap();
            prop_assert!(waited <= max_retry_delay_ms);
            prop_assert!(waited >= retry_delay_ms.min(max_retry_delay_ms) / 2);
            if retries < u32::MAX - 1 {
                prop_assert!(waited <= wait(retries + 1, chance).unwrap());
            }
        }
        prop_assert!(waited.is_none_or(|wait| wait <= max_retry_delay_ms.saturating_add(100)));
        prop_assert!(wait(retries, 0) <= waited && waited <= wait(retries, u32::MAX));
    }
}

/// Small ones, any, and the largest.
fn some_number() -> impl Strategy<Value = u32> {
    prop_oneof![0..40_u32, any::<u32>(), u32::MAX - 2..=u32::MAX]
}

#[test]
fn what_is_given_up_says_what_was_tried() {
    for (retries, times) in [(1, "2"), (3, "4"), (u32::MAX, "4294967296")] {
        let mut failure = asking(Some(7));
        policy(false).explain(&mut failure, Effect::Generate, retries);
        assert_eq!(
            failure,
            asking(Some(7)).with(|details| details.message = format!("x The request was sent {times} times."))
        );
    }
}

#[test]
fn a_wait_that_is_too_long_is_given_as_the_reason() {
    let mut failure = answered(429, r#"{"error":{"code":"429","message":"Please retry after 121 seconds."}}"#);
    let before = failure.clone();
    policy(false).explain(&mut failure, Effect::Generate, 0);
    let added = failure.message.strip_prefix(&before.message).unwrap();
    assert!(added.starts_with(" The request was not retried") && added.ends_with('.'), "{added}");
    assert!(added.contains("retryOptions.maxRetryDelayInMs"), "{added}");
    assert_eq!(failure.clone().with(|details| details.message = before.message.clone()), before);
}

/// A failure that asks for a long wait, what it was, how often it may be repeated and how often it was, whether the caller allows
/// more, and whether the length of the wait is the reason that it is not repeated again.
#[test]
fn the_length_of_the_wait_is_the_reason_only_where_else_it_would_have_been_tried_again() {
    use Effect::{Follow, Generate, Manage, Read};
    let busy = || answered(429, r#"{"error":{"message":"Please retry after 300 seconds."}}"#);
    let failed = || answered(503, r#"{"error":{"message":"Please retry after 300 seconds."}}"#);
    let conflict = || answered(409, r#"{"error":{"message":"Please retry after 300 seconds."}}"#);
    let within = || streamed(r#"{"error":{"code":"rate_limit_exceeded","message":"Please try again in 300s."}}"#);
    let spent =
        || answered(429, r#"{"error":{"code":"insufficient_quota","message":"Please retry after 300 seconds."}}"#);
    let table = [
        (busy(), Generate, 3, 0, false, true),
        (busy(), Generate, 3, 2, false, true),
        (busy(), Generate, 3, 3, false, false),
        (busy(), Generate, 0, 0, false, false),
        (busy(), Manage, 3, 1, false, true),
        (busy(), Read, 3, 1, false, true),
        (within(), Generate, 3, 0, false, false),
        (within(), Generate, 3, 0, true, true),
        (within(), Manage, 3, 0, false, false),
        (within(), Read, 3, 0, false, true),
        (failed(), Generate, 3, 0, false, false),
        (failed(), Generate, 3, 1, true, true),
        (failed(), Read, 3, 0, false, true),
        (conflict(), Manage, 3, 0, false, true),
        (conflict(), Generate, 3, 0, false, false),
        (spent(), Generate, 3, 0, true, false),
        (spent(), Read, 3, 0, true, false),
        (busy(), Follow, 3, 0, false, true),
        // What is followed is not counted.
        (busy(), Follow, 3, 3, false, true),
        (failed(), Follow, 0, 0, false, true),
        (failed(), Follow, 0, 70, false, true),
        (spent(), Follow, 3, 0, true, false),
    ];
    for (failure, effect, max_retries, retries, retry_unknown_outcome, expected) in table {
        let policy = RetryPolicy { max_retries, retry_unknown_outcome, ..RetryPolicy::default() };
        let shown = format!("{policy:?} {effect:?} {retries} {failure:?}");
        assert_eq!(policy.wait(&failure, effect, retries, 0), None, "{shown}");
        let mut explained = failure.clone();
        policy.explain(&mut explained, effect, retries);
        let added = explained.message.strip_prefix(&failure.message).unwrap();
        assert_eq!(added.contains("maxRetryDelayInMs"), expected, "{shown}: {added}");
        let tried = format!(" The request was sent {} times.", retries + 1);
        assert_eq!(added.starts_with(&tried), retries > 0, "{shown}: {added}");
        assert_eq!(added.is_empty(), !expected && retries == 0, "{shown}: {added}");
    }
}

#[test]
fn nothing_is_added_where_nothing_was_done() {
    for failure in [
        asking(None),
        asking(Some(0)),
        asking(Some(120_000)),
        asking(Some(120_001)).with(|details| details.retryable = false),
        Failure::new(Code::InvalidRequest, "x").with(|details| details.retry_after_in_ms = Some(120_001)),
        Failure::new(Code::ContentFilter, "x"),
        Failure::lost(None),
        answered(500, ""),
        answered(429, r#"{"error":{"code":"insufficient_quota","message":"Please retry after 121 seconds."}}"#),
    ] {
        let mut explained = failure.clone();
        policy(false).explain(&mut explained, Effect::Generate, 0);
        assert_eq!(explained, failure);
    }
}

/// For each effect: whether the bill is left as it was, and whether it is said of what may have been made that nobody knows.
#[test]
fn only_what_makes_an_image_is_billed_for_it_and_says_where_nobody_knows() {
    const UNSURE: [Code; 4] = [Code::Timeout, Code::Connection, Code::StreamTruncated, Code::Service];
    let table = [
        (Effect::Read, false, false),
        (Effect::Manage, false, false),
        (Effect::Follow, true, false),
        (Effect::Generate, true, true),
    ];
    assert_eq!(table.map(|(effect, ..)| effect), EFFECTS);
    for (effect, may_be_billed, says_so) in table {
        for code in CODES {
            for billed in BILLED {
                let before = Failure::new(code, "It failed.").with(|details| details.billed = billed);
                let failure = before.clone().of(effect);
                let shown = format!("{effect:?} {code:?} {billed:?}");
                assert_eq!(failure.billed, if may_be_billed { billed } else { Billed::No }, "{shown}");
                let is_unsure = says_so && billed == Billed::Unknown && UNSURE.contains(&code);
                let added = " The image may still have been generated and billed.";
                let message = format!("It failed.{}", if is_unsure { added } else { "" });
                assert_eq!(failure.message, message, "{shown}");
                assert_eq!(
                    failure.clone().with(|details| {
                        details.billed = billed;
                        details.message = before.message.clone();
                    }),
                    before,
                    "{shown}"
                );
            }
        }
    }
}
