//! What an answer with a failure means.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

mod support;

use azure_image_client::protocol::error::Billed::{No, Unknown};
use azure_image_client::protocol::error::Code::{
    Authentication, ContentFilter, DeploymentNotFound, InvalidRequest, NotFound, Permission, RateLimit, Service,
    Timeout,
};
use azure_image_client::protocol::error::{Billed, Code, Failure};
use azure_image_client::protocol::json::{Limits, Value};
use azure_image_client::protocol::retry::Headers;
use support::{sample, samples_in};

/// What becomes of each sample, beside what the table of the samples itself says (status, retry).
struct Expected {
    file: &'static str,
    code: Code,
    billed: Billed,
    param: Option<&'static str>,
    request_id: Option<&'static str>,
    retry_after_in_ms: Option<u32>,
}

const fn row(file: &'static str, code: Code, billed: Billed) -> Expected {
    Expected { file, code, billed, param: None, request_id: None, retry_after_in_ms: None }
}

const fn param(param: &'static str, row: Expected) -> Expected {
    Expected { param: Some(param), ..row }
}

const fn wait(milliseconds: u32, row: Expected) -> Expected {
    Expected { retry_after_in_ms: Some(milliseconds), ..row }
}

const fn from_foundry(row: Expected) -> Expected {
    Expected { request_id: Some("7eb620aba99679e1848200adaf7f69c0"), ..row }
}

const SAMPLES: &[Expected] = &[
    param("agent", from_foundry(row("400-agent-deprecated.json", InvalidRequest, No))),
    row("400-api-version-unsupported.json", InvalidRequest, No),
    row("400-cancel-not-background.json", InvalidRequest, No),
    param("prompt", row("400-content-filter-responses.json", ContentFilter, No)),
    row("400-content-policy-violation.json", ContentFilter, No),
    row("400-contentFilter-output.json", ContentFilter, Unknown),
    row("400-contentFilter-prompt.json", ContentFilter, No),
    param("/", from_foundry(row("400-foundry-schema.json", InvalidRequest, No))),
    row("400-generic-inputs.json", InvalidRequest, No),
    param("stream", row("400-imagegen-streaming-unsupported.json", InvalidRequest, No)),
    param("input_fidelity", row("400-invalid-input-fidelity-model.json", InvalidRequest, No)),
    param("size", row("400-invalid-size-enum.json", InvalidRequest, No)),
    param("size", row("400-invalid-size.json", InvalidRequest, No)),
    param("tools", row("400-missing-image-deployment.json", InvalidRequest, No)),
    param("model", row("400-model-does-not-exist.json", InvalidRequest, No)),
    row("400-moderation-blocked.json", ContentFilter, Unknown),
    param("tools", from_foundry(row("400-not-allowed-with-agent.json", InvalidRequest, No))),
    param("model", row("400-unknown-model.json", InvalidRequest, No)),
    param("response_format", row("400-unknown-parameter.json", InvalidRequest, No)),
    row("400-unsupported-content-type.json", InvalidRequest, No),
    param("image", row("400-unsupported-mimetype.json", InvalidRequest, No)),
    row("401-invalid-key.json", Authentication, No),
    row("401-permission-denied-foundry.json", Permission, No),
    row("401-permission-denied.json", Permission, No),
    row("401-token-audience.json", Authentication, No),
    row("403-account-blocked.json", Permission, No),
    row("403-key-auth-disabled.json", Authentication, No),
    row("403-network.json", Permission, No),
    row("403-vnet-endpoint.json", Permission, No),
    from_foundry(row("404-agent-not-found.json", NotFound, No)),
    row("404-deployment-not-found.json", DeploymentNotFound, No),
    row("404-resource-not-found.json", NotFound, No),
    param("response_id", row("404-response-not-found.json", NotFound, No)),
    row("408-timeout.json", Timeout, Unknown),
    Expected { request_id: Some("97eed38ed44d9f9d0031f1b283f7f000"), ..row("409-conflict.json", Service, No) },
    row("413-too-large.json", InvalidRequest, No),
    wait(18_000, row("429-rate-limit-classic.json", RateLimit, No)),
    wait(42_000, row("429-rate-limit-reached.json", RateLimit, No)),
    wait(5_000, row("429-too-many-requests.json", RateLimit, No)),
    row("500-internal.json", Service, Unknown),
    row("502-not-json.html", Service, Unknown),
    wait(10_000, row("503-busy.json", Service, Unknown)),
    row("504-empty.txt", Service, Unknown),
];

fn from_body(status: u16, body: &str) -> Failure {
    Failure::from_answer(status, body.as_bytes(), Headers::default())
}

#[test]
fn every_sample_is_judged_as_the_table_says() {
    let index: serde_json::Value = serde_json::from_slice(&sample("errors/index.json")).unwrap();
    let index = index.as_array().unwrap();
    assert_eq!((index.len(), samples_in("errors", "").len() - 1), (SAMPLES.len(), SAMPLES.len()));
    for expected in SAMPLES {
        let entry = index.iter().find(|entry| entry["file"] == expected.file).unwrap();
        let body = sample(&format!("errors/{}", expected.file));
        let status = u16::try_from(entry["status"].as_u64().unwrap()).unwrap();
        let headers = Headers {
            retry_after_ms: entry["headers"]["retry-after-ms"].as_str(),
            retry_after: entry["headers"]["retry-after"].as_str(),
        };
        let failure = Failure::from_answer(status, &body, headers);
        let file = expected.file;
        assert_eq!((failure.code, failure.billed), (expected.code, expected.billed), "{file}");
        assert_eq!(failure.status, Some(status), "{file}");
        assert_eq!(failure.param.as_deref(), expected.param, "{file}");
        assert_eq!(failure.request_id.as_deref(), expected.request_id, "{file}");
        assert_eq!(failure.retry_after_in_ms, expected.retry_after_in_ms, "{file}");
        assert_eq!(Some(failure.retryable), entry["retry"].as_bool(), "{file}");
        assert_eq!(failure.content_filter.is_some(), failure.code == ContentFilter, "{file}");

        assert!(failure.message.contains(&status.to_string()), "{file}: {}", failure.message);
        let body: serde_json::Value = serde_json::from_slice(&body).unwrap_or_default();
        let error = body.get("error").unwrap_or(&body);
        match error["message"].as_str() {
            Some(text) => assert!(failure.message.contains(text), "{file}: {}", failure.message),
            None => assert!(failure.message.contains("without saying why"), "{file}: {}", failure.message),
        }
        assert!(!failure.message.contains('<') && !failure.message.contains(".."), "{file}: {}", failure.message);
        assert_eq!(failure.service_code.as_deref(), error["code"].as_str(), "{file}");
        assert_eq!(failure.message.matches(&status.to_string()).count(), 1, "{file}: {}", failure.message);
    }
}

#[test]
fn the_content_filter_is_read_in_every_shape() {
    let cases = [
        ("400-content-filter-responses.json", "prompt", &[("violence", Some("high"))][..]),
        ("400-content-policy-violation.json", "prompt", &[("violence", Some("medium"))]),
        ("400-contentFilter-output.json", "image", &[]),
        ("400-contentFilter-prompt.json", "prompt", &[]),
        ("400-moderation-blocked.json", "image", &[("violence", None)]),
    ];
    for (file, source, categories) in cases {
        let failure = Failure::from_answer(400, &sample(&format!("errors/{file}")), Headers::default());
        let filter = failure.content_filter.unwrap();
        let read: Vec<_> =
            filter.categories.iter().map(|category| (category.name.as_str(), category.severity.as_deref())).collect();
        assert_eq!((filter.source, &read[..]), (source, categories), "{file}");
    }
    let unknown = from_body(
        400,
        r#"{"error":{"code":"moderation_blocked","message":"x","moderation_details":{"moderation_stage":"unknown"}}}"#,
    );
    assert_eq!((unknown.content_filter.unwrap().source, unknown.billed), ("unknown", Unknown));
    let input = from_body(
        400,
        r#"{"error":{"code":"moderation_blocked","message":"x","moderation_details":{"moderation_stage":"input","categories":["sexual","hate"]}}}"#,
    );
    assert_eq!((input.billed, input.content_filter.unwrap().categories.len()), (No, 2));
    let several = from_body(
        400,
        r#"{"error":{"code":"content_filter","innererror":{"content_filter_result":{"jailbreak":{"filtered":true,"detected":true},"hate":{"filtered":true,"severity":"low"},"sexual":{"filtered":false},"x":null}}}}"#,
    );
    let names: Vec<_> = several.content_filter.unwrap().categories.into_iter().map(|category| category.name).collect();
    assert_eq!(names, ["jailbreak", "hate"]);
    for code in [
        "content_policy_violation",
        "contentFilter",
        "content_filter",
        "moderation_blocked",
        "ResponsibleAIPolicyViolation",
        "image_content_policy_violation",
    ] {
        assert_eq!(from_body(400, &format!("{{\"error\":{{\"code\":\"{code}\"}}}}")).code, ContentFilter);
        assert_eq!(
            from_body(400, &format!("{{\"error\":{{\"inner_error\":{{\"code\":\"{code}\"}}}}}}")).code,
            ContentFilter
        );
    }
    for status in [400, 403, 429, 500] {
        let failure =
            from_body(status, r#"{"error":{"code":"content_filter","message":"Please retry after 5 seconds."}}"#);
        assert_eq!(
            (failure.code, failure.retryable, failure.retry_after_in_ms),
            (ContentFilter, false, None),
            "{status}"
        );
    }
}

#[test]
fn a_status_alone_is_enough() {
    let cases = [
        (400, InvalidRequest, false),
        (401, Authentication, false),
        (402, InvalidRequest, false),
        (403, Permission, false),
        (404, NotFound, false),
        (405, InvalidRequest, false),
        (408, Timeout, true),
        (409, Service, true),
        (413, InvalidRequest, false),
        (415, InvalidRequest, false),
        (422, InvalidRequest, false),
        (429, RateLimit, true),
        (500, Service, true),
        (502, Service, true),
        (503, Service, true),
        (504, Service, true),
        (599, Service, true),
    ];
    for (status, code, retryable) in cases {
        for body in [
            "",
            "{}",
            "[]",
            "null",
            "<html>",
            "oops",
            "{\"error\":null}",
            "{\"error\":{}}",
            "{\"error\":[]}",
            "{\"error\":{\"message\":null,\"code\":null}}",
            "{\"error\":{\"mess",
        ] {
            let failure = from_body(status, body);
            assert_eq!((failure.code, failure.retryable), (code, retryable), "{status} {body}");
            assert_eq!((failure.status, failure.service_code), (Some(status), None), "{status} {body}");
            assert!(failure.message.contains(&format!("({status})")), "{}", failure.message);
        }
    }
}

#[test]
fn the_services_words_are_found_in_every_shape() {
    let bodies = [
        r#"{"error":{"message":"The words","code":"x"}}"#,
        r#"{"error":{"message":"The words"}}"#,
        r#"{"error":"The words"}"#,
        r#"{"statusCode":404,"message":"The words"}"#,
        r#"{"message":"The words"}"#,
        r#"{"code":"x","message":"The words"}"#,
        "\"The words\"",
        "\u{FEFF}{\"error\":{\"message\":\"The words\"}}",
        "\r\n {\"error\":{\"message\":\" The words \"}} \n",
        r#"{"error":{"message":"{\"error\":{\"message\":\"The words\"}}"}}"#,
        r#"{"error":{"code":"502","message":"{\"statusCode\":401,\"message\":\"The words\"}"}}"#,
    ];
    for body in bodies {
        let message = from_body(400, body).message;
        assert!(message.contains(": The words. ") || message.ends_with(": The words."), "{body}: {message}");
    }
}

#[test]
fn a_body_within_a_message_is_the_one_that_counts() {
    let wrapped = r#"{"error":{"code":"500","message":"{\"error\":{\"code\":\"moderation_blocked\",\"message\":\"No.\",\"param\":\"prompt\"}}"}}"#;
    let failure = from_body(400, wrapped);
    assert_eq!((failure.code, failure.service_code.as_deref()), (ContentFilter, Some("moderation_blocked")));
    assert_eq!(failure.param.as_deref(), Some("prompt"));
    for message in ["{not json", "{}", "[1]", "12", "{\\\"a\\\":1}"] {
        let failure = from_body(400, &format!("{{\"error\":{{\"code\":\"c\",\"message\":\"{message}\"}}}}"));
        assert_eq!(failure.service_code.as_deref(), Some("c"), "{message}");
        assert!(failure.message.contains(&message.replace('\\', "")), "{}", failure.message);
    }
}

#[test]
fn numbers_count_as_codes_and_empty_members_as_none() {
    let failure = from_body(429, r#"{"error":{"code":429,"message":"x","param":""}}"#);
    assert_eq!((failure.code, failure.service_code.as_deref(), failure.param), (RateLimit, Some("429"), None));
    let failure = from_body(400, r#"{"error":{"code":"","message":"x","param":1,"additionalInfo":{"request_id":7}}}"#);
    assert_eq!((failure.service_code, failure.param, failure.request_id), (None, None, None));
}

#[test]
fn a_used_up_budget_is_no_rate_limit_that_passes() {
    for code in ["insufficient_quota", "project_spend_limit_exceeded"] {
        let failure = from_body(
            429,
            &format!("{{\"error\":{{\"code\":\"{code}\",\"message\":\"You exceeded your current quota.\"}}}}"),
        );
        assert_eq!((failure.code, failure.retryable, failure.billed), (RateLimit, false, No), "{code}");
    }
}

#[test]
fn a_wait_is_only_told_where_waiting_helps() {
    let body = r#"{"error":{"message":"Please retry after 7 seconds."}}"#;
    for (status, expected) in [
        (400, None),
        (401, None),
        (404, None),
        (408, Some(7000)),
        (429, Some(7000)),
        (500, Some(7000)),
        (503, Some(7000)),
    ] {
        assert_eq!(from_body(status, body).retry_after_in_ms, expected, "{status}");
    }
    let headers = Headers { retry_after_ms: Some("250"), retry_after: Some("3") };
    assert_eq!(Failure::from_answer(429, body.as_bytes(), headers).retry_after_in_ms, Some(250));
    assert_eq!(
        Failure::from_answer(429, b"", Headers { retry_after_ms: None, ..headers }).retry_after_in_ms,
        Some(3000)
    );
}

fn event(name: &str, data: &str) -> Option<Failure> {
    Failure::from_event(
        name,
        &Value::parse(data.as_bytes(), Limits { max_kept_bytes: 100_000, max_depth: 10 }).unwrap(),
    )
}

#[test]
fn an_error_within_a_stream_is_judged_by_its_code() {
    let cases = [
        ("rate_limit_exceeded", RateLimit),
        ("429", RateLimit),
        ("RateLimitReached", RateLimit),
        ("too_many_requests", RateLimit),
        ("invalid_value", InvalidRequest),
        ("invalid_request_error", InvalidRequest),
        ("unknown_parameter", InvalidRequest),
        ("moderation_blocked", ContentFilter),
        ("server_error", Service),
        ("what_comes_next", Service),
    ];
    for (code, expected) in cases {
        let failure = event("", &format!("{{\"error\":{{\"code\":\"{code}\",\"message\":\"x\"}}}}")).unwrap();
        assert_eq!((failure.code, failure.billed), (expected, Unknown), "{code}");
        assert_eq!((failure.status, failure.service_code.as_deref()), (None, Some(code)));
    }
    let failure = event("error", r#"{"code":"rate_limit_exceeded","message":"Please try again in 1.5s."}"#).unwrap();
    assert_eq!(failure.retry_after_in_ms, Some(1500));
}

#[test]
fn what_holds_no_error_is_none() {
    for data in [
        "{}",
        "null",
        "1",
        "{\"error\":null}",
        "{\"error\":false}",
        "{\"type\":\"errors\"}",
        "{\"data\":{\"error\":{}}}",
        "{\"message\":\"x\"}",
        "[{\"error\":{}}]",
    ] {
        assert_eq!(event("", data), None, "{data}");
        assert_eq!(event("image_generation.completed", data), None, "{data}");
    }
    assert!(event("error", "{}").is_some(), "the name alone says it");
    assert!(event("error", "null").is_some());
}

#[test]
fn javascript_sees_names_in_its_own_style() {
    let failure = Failure::from_answer(400, &sample("errors/400-content-policy-violation.json"), Headers::default());
    let record = serde_json::to_value(&failure).unwrap();
    assert_eq!(record["code"], "content_filter");
    assert_eq!(record["billed"], "no");
    assert_eq!(record["retryable"], false);
    assert_eq!(record["serviceCode"], "content_policy_violation");
    assert_eq!(record["contentFilter"]["source"], "prompt");
    assert_eq!(record["contentFilter"]["categories"][0]["severity"], "medium");
    assert!(
        record.get("requestId").is_none() && record.get("retryAfterInMs").is_none() && record.get("param").is_none()
    );
    let codes = [
        (Code::DeploymentNotFound, "deployment_not_found"),
        (Code::StreamTruncated, "stream_truncated"),
        (Code::NoImage, "no_image"),
    ];
    for (code, name) in codes {
        assert_eq!(serde_json::to_value(Failure::new(code, "x")).unwrap()["code"], name);
    }
}

#[test]
fn a_failure_of_our_own_says_whether_it_may_have_cost_something() {
    let cases = [
        (Code::InvalidRequest, No, false),
        (Code::Authentication, No, false),
        (Code::Permission, No, false),
        (Code::NotFound, No, false),
        (Code::DeploymentNotFound, No, false),
        (Code::RateLimit, No, true),
        (Code::Timeout, Unknown, true),
        (Code::Connection, Unknown, true),
        (Code::StreamTruncated, Unknown, true),
        (Code::Service, Unknown, true),
        (Code::ContentFilter, Unknown, false),
        (Code::StreamMalformed, Unknown, false),
        (Code::TooLarge, Unknown, false),
        (Code::NoImage, Unknown, false),
        (Code::Cancelled, Unknown, false),
        (Code::Internal, Unknown, false),
    ];
    for (code, billed, retryable) in cases {
        let failure = Failure::new(code, "x");
        assert_eq!((failure.billed, failure.retryable), (billed, retryable), "{code:?}");
    }
}
