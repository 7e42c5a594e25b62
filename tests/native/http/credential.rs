//! Where credentials may go, and what they may be.

use azure_image_client::errors::{Billed, Code};
use azure_image_client::http::credential::{check_header, check_key_use, check_secret, check_transport};
use azure_image_client::http::endpoint::{ApiVersion, Endpoint};

fn endpoint(url: &str) -> Endpoint {
    Endpoint::parse(url, ApiVersion::Default).unwrap()
}

#[test]
fn plain_http_is_for_this_machine_and_the_pages_own_origin() {
    let table = [
        ("https://r.openai.azure.com", None, true),
        ("https://r.openai.azure.com", Some("http://app.example"), true),
        ("http://r.openai.azure.com", None, false),
        ("http://r.openai.azure.com", Some("https://app.example"), false),
        ("http://localhost:8080", None, true),
        ("http://127.0.0.1:8080/x", Some("https://app.example"), true),
        ("http://app.example/api", Some("http://app.example"), true),
        ("http://app.example:81/api", Some("http://app.example"), false),
        ("http://app.example/api", Some("https://app.example"), false),
        ("http://app.example.evil.com", Some("http://app.example"), false),
    ];
    for (url, page, allowed) in table {
        let checked = check_transport(&endpoint(url), page);
        assert_eq!(checked.is_ok(), allowed, "{url} {page:?}");
        if let Err(failure) = checked {
            assert_eq!((failure.code, failure.param.as_deref()), (Code::InvalidRequest, Some("endpoint")));
        }
    }
}

#[test]
fn a_key_in_a_page_needs_the_pages_own_origin_or_this_machine_or_insistence() {
    let table = [
        ("https://r.openai.azure.com", None, false, true),
        ("https://r.openai.azure.com", Some("https://app.example"), false, false),
        ("https://r.openai.azure.com", Some("https://app.example"), true, true),
        ("https://app.example/api", Some("https://app.example"), false, true),
        ("https://app.example/api", Some("https://app.example:444"), false, false),
        ("https://app.example/api", Some("http://app.example"), false, false),
        ("https://app.example/api", Some("null"), false, false),
        ("http://localhost:8080", Some("https://app.example"), false, true),
        ("http://[::1]:8080", Some("http://localhost:5173"), false, true),
    ];
    for (url, page, insisted, allowed) in table {
        let checked = check_key_use(&endpoint(url), page, insisted);
        assert_eq!(checked.is_ok(), allowed, "{url} {page:?} {insisted}");
        if let Err(failure) = checked {
            assert_eq!((failure.code, failure.billed), (Code::Authentication, Billed::No));
            assert!(failure.message.contains("dangerouslyAllowApiKeyInBrowser"));
        }
    }
}

#[test]
fn a_secret_that_no_header_can_hold_is_refused_and_not_repeated() {
    for value in ["0123456789abcdef", "eyJ0.eyJh-_.c2ln", "a+/=~!"] {
        assert_eq!(check_secret("API key", value), Ok(()));
    }
    for value in [
        "",
        "sesame open",
        "sesame\n",
        "\tsesame",
        "sesame\r\nx: y",
        "sesame\0",
        "sesam\u{E9}",
        "\u{201C}sesame\u{201D}",
        "sesame\u{200B}",
        "sesame\u{7F}",
    ] {
        let failure = check_secret("API key", value).unwrap_err();
        assert_eq!((failure.code, failure.billed), (Code::Authentication, Billed::No), "{value:?}");
        assert!(failure.message.contains("API key") && !failure.message.contains("sesam"), "{}", failure.message);
    }
}

#[test]
fn a_header_that_a_browser_would_throw_on_is_named() {
    for (name, value) in [("x-trace", "1"), ("X_!#$%&'*+.^`|~9", ""), ("a", "b c; d=\"e\""), ("a", "caf\u{E9}\u{FF}")] {
        assert_eq!(check_header(name, value), Ok(()), "{name}");
    }
    let cases = [
        ("", "x", "name"),
        ("a b", "x", "name"),
        ("a:", "x", "name"),
        ("a\n", "x", "name"),
        ("caf\u{E9}", "x", "name"),
        ("a", "b\r\nc: d", "value"),
        ("a", "b\0", "value"),
        ("a", "\u{20AC}", "value"),
        ("a", "\u{1F680}", "value"),
    ];
    for (name, value, fault) in cases {
        let failure = check_header(name, value).unwrap_err();
        assert_eq!((failure.code, failure.param.as_deref()), (Code::InvalidRequest, Some("extraHeaders")));
        assert!(failure.message.contains(fault), "{name:?} {value:?}: {}", failure.message);
    }
    assert!(!check_header("authorization", "sesame\n").unwrap_err().message.contains("sesame"));
    let swapped = check_header("Bearer abcdefghijklmnopqrstuvwxyz", "authorization").unwrap_err();
    assert_eq!(swapped.message, "The header has a name that HTTP does not allow.");
}
