//! What is taken out of texts, so that no secret is told.

use azure_image_client::errors::{Code, Failure};
use azure_image_client::http::secrets::Secrets;

use crate::support::secrets;

#[test]
fn of_secrets_with_parts_in_common_nothing_is_left() {
    let secrets = secrets(["a-token-0123456789", "a-forced-token-0123456789", "short", "eightbyt"]);
    for (text, expected) in [
        ("had a-token-0123456789, has a-forced-token-0123456789.", "had [redacted], has [redacted]."),
        ("a-forced-token-0123456789a-token-0123456789", "[redacted]"),
        ("short, eightbyt", "short, [redacted]"),
    ] {
        assert_eq!(secrets.redact(text), expected);
        assert_eq!(Secrets::default().redact(text), text);
    }
}

/// A header or parameter of the page's own, texts that tell it, and texts that do not.
#[test]
fn a_header_or_parameter_is_secret_by_its_name_and_so_are_its_parts() {
    let table: [(&str, &str, &[&str], &[&str]); 9] = [
        ("Ocp-Apim-Subscription-Key", "abcdefgh", &["abcdefgh"], &["abcdefg"]),
        ("authorization", "Bearer abc.defg", &["Bearer abc.defg", "Bearer%20abc.defg", "abc.defg"], &["Bearer"]),
        (
            "X-Auth",
            "Basic YTpiYTpi==",
            &["Basic YTpiYTpi", "Basic%20YTpiYTpi%3D%3D", "YTpiYTpi"],
            &["Basic", "Basic%20"],
        ),
        ("Cookie", "first=12345678; b=\"abcdefgh\"", &["12345678", "abcdefgh", "12345678%3B%20"], &["first"]),
        ("code", "12345678", &["12345678"], &[]),
        ("X-Password", "12345678", &["12345678"], &[]),
        ("code", "abc/de+fgh==", &["abc/de+fgh", "abc%2Fde%2Bfgh%3D%3D"], &["abc/de"]),
        ("sig", "", &[], &["", "anything"]),
        ("x-request-source", "a page of mine", &[], &["a page of mine"]),
    ];
    for (name, value, telling, other) in table {
        let mut secrets = Secrets::default();
        secrets.add_value(name, value);
        for text in telling {
            let redacted = secrets.redact(&format!("<{text}>"));
            assert_eq!(redacted, "<[redacted]>", "{name}: {value}: {text}");
        }
        for text in other {
            assert_eq!(secrets.redact(text), *text, "{name}: {value}");
        }
    }
}

#[test]
fn a_name_that_only_contains_such_a_word_is_not_secret() {
    for name in [
        "x-portkey-provider",
        "x-portkey-virtual",
        "x-auth-provider",
        "x-auth-type",
        "x-token-limit",
        "x-turkey",
        "monkey",
        "x-pass-through",
        "x-country-code",
        "x-design",
        "x-signal",
        "x-author",
        "x-keyboard",
        "x-passenger",
        "x-codec",
        "x-tokenizer-version",
        "x-key-name",
        "keepalive",
        "x-cookiecutter",
    ] {
        let mut secrets = Secrets::default();
        secrets.add_value(name, "azure-openai");
        assert_eq!(secrets.redact("no azure-openai here"), "no azure-openai here", "{name}");
    }
    for name in [
        "x-portkey-api-key",
        "api-key",
        "apiKey",
        "x-apikey",
        "accessToken",
        "ACCESS_TOKEN",
        "x-amz-security-token",
        "proxy-authorization",
        "cookies",
        "x-client-secret",
        "clientSecret",
        "helicone-auth",
        "x-jwt-assertion",
        "sig",
        "x-session-id",
        "credentials",
        "x-user-password",
        "subscriptionKey",
        "x-functions-key",
        "code",
        "X-Code-Key",
    ] {
        let mut secrets = Secrets::default();
        secrets.add_value(name, "azure-openai");
        assert_eq!(secrets.redact("no azure-openai here"), "no [redacted] here", "{name}");
    }
}

#[test]
fn a_secret_is_taken_out_in_upper_and_lower_case() {
    let secrets = secrets(["Bearer-AbCdEf-0123456789", "Straße-Kennwort"]);
    for text in ["BEARER-ABCDEF-0123456789", "bearer-abcdef-0123456789", "bEaReR-aBcDeF-0123456789", "straße-kennwort"]
    {
        assert_eq!(secrets.redact(&format!("<{text}>")), "<[redacted]>");
    }
    assert_eq!(secrets.redact("Other Words Keep Their Case"), "Other Words Keep Their Case");
}

#[test]
fn one_that_comes_later_is_taken_out_too() {
    let mut secrets = secrets(["the-first-token"]);
    assert_eq!(secrets.redact("the-first-token the-other-one"), "[redacted] the-other-one");
    secrets.add("the-other-one");
    assert_eq!(secrets.redact("the-first-token the-other-one"), "[redacted] [redacted]");
    assert_eq!(format!("{secrets:?}"), "Secrets { .. }");
}

/// Who knows a token can put its parts, but for a letter, into a text again and again. Searching the token for each of them would take
/// minutes.
#[test]
fn what_almost_tells_takes_no_longer_than_what_does_not() {
    let letters =
        (0..2000_u32).map(|place| char::from(b"abcdefghijklmnopqrstuvwxyz"[(place * place / 16 % 26) as usize]));
    let token: String = letters.collect();
    let almost: Vec<&str> = (0..1980).map(|place| &token[place..place + 11]).collect();
    let text = almost.join(".").repeat(50);
    assert!(text.len() > 1_000_000);
    assert_eq!(secrets([token.as_str()]).redact(&text), text);
}

/// What a service says beside its message is told as far as a message would repeat it.
#[test]
fn texts_without_end_are_cut() {
    let long = "x".repeat(100_000);
    let mut failure = Failure::new(Code::Service, "What to do.").with(|details| {
        details.service_message = Some(long.clone());
        details.service_code = Some(long.clone());
        details.param = Some(long.clone());
        details.request_id = Some(long.clone());
    });
    failure.redact(&Secrets::default());
    assert_eq!(failure.message, "What to do.");
    for text in [&failure.service_message, &failure.service_code, &failure.param, &failure.request_id] {
        assert_eq!(text.as_deref(), Some(&long[..2000]));
    }
}
