//! Request bodies.

#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod support;

use azure_image_client::protocol::endpoint::{ApiVersion, Endpoint};
use azure_image_client::protocol::error::{Billed, Code, Failure};
use azure_image_client::protocol::request::{GenerateRequest, Prepared};
use proptest::prelude::*;
use serde_json::json;
use support::cases;

fn v1() -> Endpoint {
    Endpoint::parse("https://r.openai.azure.com", ApiVersion::Default).unwrap()
}

fn classic() -> Endpoint {
    Endpoint::parse("https://r.openai.azure.com/openai/deployments/in-url", ApiVersion::Default).unwrap()
}

fn request() -> GenerateRequest {
    GenerateRequest { prompt: "a lighthouse".into(), deployment: Some("d".into()), ..GenerateRequest::default() }
}

fn body(prepared: &Prepared) -> serde_json::Value {
    serde_json::from_str(&prepared.body).unwrap()
}

fn refused(request: &GenerateRequest, endpoint: &Endpoint, default: Option<&str>, streamed: bool) -> Failure {
    let failure = request.prepare(endpoint, default, &[], streamed).unwrap_err();
    assert_eq!((failure.code, failure.billed, failure.retryable), (Code::InvalidRequest, Billed::No, false));
    failure
}

#[test]
fn what_is_not_set_stays_out_of_the_body() {
    let prepared = request().prepare(&v1(), None, &[], false).unwrap();
    assert_eq!(body(&prepared), json!({"model": "d", "prompt": "a lighthouse"}));
    assert_eq!(prepared.url, "https://r.openai.azure.com/openai/v1/images/generations?api-version=preview");
    assert_eq!(prepared.expected, 1);
}

#[test]
fn everything_that_is_set_is_sent_under_the_services_name() {
    let text = |text: &str| Some(text.to_owned());
    let request = GenerateRequest {
        n: Some(1),
        size: text("1024x1536"),
        quality: text("high"),
        background: text("transparent"),
        output_format: text("webp"),
        output_compression: Some(0),
        moderation: text("low"),
        user: text("u-1"),
        partial_images: Some(2),
        ..request()
    };
    let expected = json!({
        "model": "d", "prompt": "a lighthouse", "n": 1, "size": "1024x1536", "quality": "high", "background": "transparent",
        "output_format": "webp", "output_compression": 0, "moderation": "low", "user": "u-1", "stream": true, "partial_images": 2,
    });
    assert_eq!(body(&request.prepare(&v1(), None, &[], true).unwrap()), expected);

    let mut not_streamed = expected;
    let members = not_streamed.as_object_mut().unwrap();
    assert!(members.remove("stream").is_some() && members.remove("partial_images").is_some());
    assert_eq!(body(&request.prepare(&v1(), None, &[], false).unwrap()), not_streamed);
}

#[test]
fn the_deployment_is_in_the_body_on_v1_and_in_the_path_on_classic_routes() {
    let prepared = request().prepare(&v1(), None, &[], false).unwrap();
    assert_eq!(body(&prepared)["model"], "d");
    assert!(!prepared.url.contains("/d/"));
    let prepared = request().prepare(&classic(), None, &[], false).unwrap();
    assert_eq!(body(&prepared), json!({"prompt": "a lighthouse"}));
    assert!(prepared.url.contains("/openai/deployments/d/images/generations?"), "{}", prepared.url);
}

#[test]
fn the_nearest_deployment_counts() {
    let of = |own: Option<&str>, default, endpoint: &Endpoint| {
        let request = GenerateRequest { deployment: own.map(Into::into), ..request() };
        let prepared = request.prepare(endpoint, default, &[], false).unwrap();
        match body(&prepared).get("model") {
            Some(model) => model.as_str().unwrap().to_owned(),
            None => prepared.url.split('/').nth(5).unwrap().to_owned(),
        }
    };
    assert_eq!(of(Some("own"), Some("default"), &v1()), "own");
    assert_eq!(of(None, Some("default"), &v1()), "default");
    assert_eq!(of(Some("own"), Some("default"), &classic()), "own");
    assert_eq!(of(None, Some("default"), &classic()), "default");
    assert_eq!(of(None, None, &classic()), "in-url");
    let without = GenerateRequest { deployment: None, ..request() };
    for failure in [refused(&without, &v1(), None, false), refused(&without, &v1(), Some(" "), true)] {
        assert_eq!(failure.param.as_deref(), Some("deployment"));
    }
}

#[test]
fn an_empty_prompt_is_refused() {
    for prompt in ["", " ", "\n\t"] {
        let request = GenerateRequest { prompt: prompt.into(), ..request() };
        assert_eq!(refused(&request, &v1(), None, false).param.as_deref(), Some("prompt"));
    }
}

#[test]
fn a_stream_has_one_picture() {
    for n in [0, 2, 10] {
        let request = GenerateRequest { n: Some(n), ..request() };
        assert_eq!(refused(&request, &v1(), None, true).param.as_deref(), Some("n"));
        let prepared = request.prepare(&v1(), None, &[], false).unwrap();
        assert_eq!((prepared.expected, &body(&prepared)["n"]), (n, &json!(n)));
    }
    let one = GenerateRequest { n: Some(1), ..request() };
    assert_eq!(one.prepare(&v1(), None, &[], true).unwrap().expected, 1);
}

#[test]
fn extra_members_win_and_keep_every_digit() {
    let extra = r#" {"prompt":"mine","quality":null,"new":{"a":[1,2.50,-1e400,12345678901234567890,"\u00e9\n"]},"stream":"True","new":true} "#;
    let request = GenerateRequest { quality: Some("high".into()), extra_body: Some(extra.into()), ..request() };
    let prepared = request.prepare(&v1(), None, &[], true).unwrap();
    assert_eq!(
        prepared.body,
        "{\"model\":\"d\",\"prompt\":\"mine\",\"quality\":null,\"stream\":\"True\",\"new\":true}"
    );
    let kept = GenerateRequest {
        extra_body: Some(r#"{"a":[1,2.50,-1e400,12345678901234567890,"\u00e9\n"]}"#.into()),
        ..request
    };
    let prepared = kept.prepare(&classic(), None, &[], false).unwrap();
    assert!(prepared.body.ends_with(",\"a\":[1,2.50,-1e400,12345678901234567890,\"\u{E9}\\n\"]}"), "{}", prepared.body);
}

#[test]
fn extra_members_must_be_an_object() {
    for extra in ["", "null", "[]", "1", "\"x\"", "{", "{}{}", "{\"a\":undefined}"] {
        let request = GenerateRequest { extra_body: Some(extra.into()), ..request() };
        assert_eq!(refused(&request, &v1(), None, false).param.as_deref(), Some("extraBody"), "{extra}");
    }
    let empty = GenerateRequest { extra_body: Some("{}".into()), ..request() };
    assert_eq!(empty.prepare(&v1(), None, &[], false), request().prepare(&v1(), None, &[], false));
}

#[test]
fn extra_query_parameters_go_behind_the_version() {
    let prepared = request().prepare(&v1(), None, &[("a".into(), "b c".into())], false).unwrap();
    assert!(prepared.url.ends_with("?api-version=preview&a=b%20c"), "{}", prepared.url);
}

#[test]
fn every_character_of_a_prompt_arrives() {
    let every_ascii: String = (0..=0x7F_u8).map(char::from).collect();
    for prompt in [
        &every_ascii,
        "\u{80}\u{9F}\u{2028}\u{2029}\u{FEFF}\u{FFFD}\u{FFFF}\u{1F680}\u{10FFFF}",
        "\"},{\"model\":\"x",
        "\\u0041",
        "</script>",
    ] {
        let request = GenerateRequest { prompt: prompt.into(), ..request() };
        assert_eq!(body(&request.prepare(&v1(), None, &[], false).unwrap())["prompt"], prompt);
    }
}

proptest! {
    #![proptest_config(cases(128))]

    #[test]
    fn any_text_arrives_as_it_was_given(prompt in "\\PC.{0,40}", deployment in "\\PC{1,20}x", user in any::<String>()) {
        let request = GenerateRequest {
            prompt: format!("{prompt}x"),
            deployment: Some(deployment.clone()),
            user: Some(user.clone()),
            ..GenerateRequest::default()
        };
        let prepared = request.prepare(&v1(), None, &[], true).unwrap();
        let expected = json!({"model": deployment, "prompt": format!("{prompt}x"), "user": user, "stream": true});
        prop_assert_eq!(body(&prepared), expected);
        let prepared = request.prepare(&classic(), None, &[], true).unwrap();
        prop_assert!(prepared.url.bytes().all(|byte| byte.is_ascii_graphic()), "{}", prepared.url);
    }
}

#[test]
fn a_deployment_that_would_lead_to_another_path_is_refused() {
    for name in [".", "..", " .. "] {
        let request = GenerateRequest { deployment: Some(name.into()), ..request() };
        for endpoint in [v1(), classic()] {
            assert_eq!(refused(&request, &endpoint, None, false).param.as_deref(), Some("deployment"));
        }
    }
}
