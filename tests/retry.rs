//! How long the service asks to wait.

use azure_image_client::protocol::retry::{Headers, after};

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
        ("retry after 2 hours", None),
        ("retry after seconds", None),
        ("retry after -5 seconds", None),
        ("retry after .5 seconds", None),
        ("retry after 1.2.3 seconds", None),
        ("retry after 5000000 seconds", None),
        ("retry after 99999999999999999999 seconds", None),
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
        (None, Some("5000000"), Some(9_000)),
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
