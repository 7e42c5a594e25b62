//! How long tokens are kept.

use azure_image_client::errors::{Billed, Code};
use azure_image_client::http::token::Token;

const SECOND: u64 = 1000;
const MINUTE: u64 = 60 * SECOND;
const HOUR: u64 = 60 * MINUTE;
const NOW: u64 = 1_790_000_000_000;

/// From when on, counted from now, a token is no longer fresh, and no longer alive. Both 0: it is not kept at all.
#[test]
fn a_token_is_replaced_before_it_ends_and_works_until_then() {
    let table = [
        (None, None, 0, 0),
        (None, Some(HOUR), 0, 0),
        (Some(HOUR), None, HOUR - 2 * MINUTE, HOUR),
        (Some(24 * HOUR), None, 24 * HOUR - 2 * MINUTE, 24 * HOUR),
        (Some(2 * MINUTE + 1), None, 1, 2 * MINUTE + 1),
        (Some(2 * MINUTE), None, 0, 2 * MINUTE),
        (Some(MINUTE), None, 0, MINUTE),
        (Some(1), None, 0, 1),
        (Some(HOUR), Some(HOUR / 2), HOUR / 2, HOUR),
        (Some(HOUR), Some(1), 1, HOUR),
        (Some(HOUR), Some(0), 0, HOUR),
        (Some(HOUR), Some(HOUR - 2 * MINUTE), HOUR - 2 * MINUTE, HOUR),
        (Some(HOUR), Some(HOUR - MINUTE), HOUR - 2 * MINUTE, HOUR),
        (Some(HOUR), Some(2 * HOUR), HOUR - 2 * MINUTE, HOUR),
        (Some(MINUTE), Some(HOUR), 0, MINUTE),
    ];
    for (expires, refresh, stale, dead) in table {
        let later = |time: u64| NOW + time;
        let token = Token::new("t", expires.map(later), refresh.map(later), NOW).unwrap();
        let shown = format!("{expires:?} {refresh:?}");
        for (time, fresh, alive) in [
            (0, stale > 0, dead > 0),
            (stale.saturating_sub(1), stale > 0, dead > 0),
            (stale, false, stale < dead),
            (dead.saturating_sub(1), dead > 0 && dead - 1 < stale, dead > 0),
            (dead, false, false),
            (dead + 1, false, false),
            (100 * HOUR, false, false),
        ] {
            assert_eq!((token.is_fresh(later(time)), token.is_alive(later(time))), (fresh, alive), "{shown} {time}");
        }
    }
}

#[test]
fn no_time_is_too_early_or_too_late_to_count() {
    let endless = Token::new("t", Some(u64::MAX), None, u64::MAX - 1).unwrap();
    assert_eq!((endless.is_fresh(0), endless.is_fresh(u64::MAX), endless.is_alive(u64::MAX)), (true, false, false));
    let first = Token::new("t", Some(1), Some(0), 0).unwrap();
    assert_eq!((first.is_fresh(0), first.is_alive(0), first.is_alive(1)), (false, true, false));
    let without_an_end = Token::new("t", None, None, NOW).unwrap();
    assert!(!without_an_end.is_fresh(0) && !without_an_end.is_alive(0));
    let refresh_long_ago = Token::new("t", Some(NOW + HOUR), Some(0), NOW).unwrap();
    assert_eq!((refresh_long_ago.is_fresh(NOW), refresh_long_ago.is_alive(NOW)), (false, true));
}

#[test]
fn a_token_that_has_expired_is_refused_with_its_age() {
    for (expires_at, now, age) in [
        (NOW, NOW, "0 seconds"),
        (NOW - 1, NOW, "0 seconds"),
        (NOW - 1999, NOW, "1 seconds"),
        (NOW - HOUR, NOW, "3600 seconds"),
        (0, NOW, "1790000000 seconds"),
        (0, 0, "0 seconds"),
    ] {
        for refresh_after in [None, Some(NOW + HOUR)] {
            let failure = Token::new("sesame-open", Some(expires_at), refresh_after, now).unwrap_err();
            assert_eq!(
                (failure.code, failure.billed, failure.retryable),
                (Code::Authentication, Billed::No, false),
                "{expires_at} {now}"
            );
            for words in [&format!("expired {age} ago"), "clock", "sign in"] {
                assert!(failure.message.contains(words), "{expires_at} {now}: {}", failure.message);
            }
            assert!(!failure.message.contains("sesame"), "{}", failure.message);
        }
    }
}

#[test]
fn blanks_around_a_token_are_taken_off() {
    for value in ["eyJ0.eyJh-_.c2ln", " eyJ0.eyJh-_.c2ln", "eyJ0.eyJh-_.c2ln\n", "\r\n\teyJ0.eyJh-_.c2ln \u{A0}"] {
        assert_eq!(Token::new(value, None, None, NOW).unwrap().value(), "eyJ0.eyJh-_.c2ln", "{value:?}");
    }
}

#[test]
fn nothing_is_no_token() {
    for value in ["", " ", "\r\n\t", "\u{A0}"] {
        for expires_at in [None, Some(NOW + HOUR), Some(0)] {
            let failure = Token::new(value, expires_at, None, NOW).unwrap_err();
            assert_eq!((failure.code, failure.billed, failure.retryable), (Code::Authentication, Billed::No, false));
            for words in ["returned no token", "expiresOnTimestamp", "sign in"] {
                assert!(failure.message.contains(words), "{value:?}: {}", failure.message);
            }
        }
    }
}

#[test]
fn what_no_header_can_hold_is_refused_and_not_repeated() {
    for value in [
        "Bearer sesame",
        "sesame open",
        "sesame\nopen",
        "sesame\r\nx: y",
        "sesame\0",
        "sesam\u{E9}",
        "\u{201C}sesame\u{201D}",
        "sesame\u{200B}",
        "{ \"token\": \"sesame\" }",
    ] {
        for expires_at in [None, Some(NOW + HOUR), Some(0)] {
            let failure = Token::new(value, expires_at, None, NOW).unwrap_err();
            assert_eq!((failure.code, failure.billed, failure.retryable), (Code::Authentication, Billed::No, false));
            assert!(failure.message.contains("access token"), "{value:?}: {}", failure.message);
            assert!(!failure.message.contains("sesam"), "{value:?}: {}", failure.message);
        }
    }
}

#[test]
fn no_log_shows_a_token() {
    let token = Token::new("sesame-open", Some(NOW + HOUR), Some(NOW), NOW).unwrap();
    for shown in [format!("{token:?}"), format!("{token:#?}"), format!("{:?}", Some(&token))] {
        assert!(!shown.contains("sesame") && shown.contains(&(NOW + HOUR).to_string()), "{shown}");
    }
}

#[test]
fn an_end_in_seconds_is_told_as_what_it_is() {
    for end in [1_000_000_000, NOW / 1000, 99_999_999_999] {
        let failure = Token::new("t", Some(end), None, NOW).unwrap_err();
        assert!(failure.message.contains("must be in milliseconds since 1970"), "{}", failure.message);
    }
    for end in [0, 999_999_999, 100_000_000_000] {
        assert!(Token::new("t", Some(end), None, NOW).unwrap_err().message.contains("expired"), "{end}");
    }
}
