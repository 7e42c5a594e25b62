//! What an answer with a failure means.

use crate::support::{sample, samples_in, secrets};
use azure_image_client::decode::json::{Limits, Value};
use azure_image_client::errors::Billed::{No, Unknown};
use azure_image_client::errors::Code::{
    Authentication, ContentFilter, DeploymentNotFound, InvalidRequest, NotFound, Permission, RateLimit, Service,
    Timeout,
};
use azure_image_client::errors::billing::Effect;
use azure_image_client::errors::content_filter::{self, FilteredCategory};
use azure_image_client::errors::{Billed, Code, Failure, TimeLimit};
use azure_image_client::http::retry::Headers;
use azure_image_client::models::service;
use serde_json::json;

/// What becomes of each sample, beside what the table of the samples itself says (status, retry).
#[derive(Clone, Copy)]
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
            None if file == "502-not-json.html" => {
                assert!(failure.message.contains("502 Bad Gateway"), "{}", failure.message);
                continue;
            }
            None => assert!(failure.message.contains("without an error message"), "{file}: {}", failure.message),
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
        let filter = failure.content_filter.as_ref().unwrap();
        let read: Vec<_> =
            filter.categories.iter().map(|category| (category.name.as_str(), category.severity.as_deref())).collect();
        assert_eq!((filter.source, &read[..]), (source, categories), "{file}");
    }
    let unknown = from_body(
        400,
        r#"{"error":{"code":"moderation_blocked","message":"x","moderation_details":{"moderation_stage":"unknown"}}}"#,
    );
    assert_eq!((unknown.content_filter.as_ref().unwrap().source, unknown.billed), ("unknown", Unknown));
    let input = from_body(
        400,
        r#"{"error":{"code":"moderation_blocked","message":"x","moderation_details":{"moderation_stage":"input","categories":["sexual","hate"]}}}"#,
    );
    assert_eq!((input.billed, input.content_filter.as_ref().unwrap().categories.len()), (No, 2));
    let several = from_body(
        400,
        r#"{"error":{"code":"content_filter","innererror":{"content_filter_result":{"jailbreak":{"filtered":true,"detected":true},"hate":{"filtered":true,"severity":"low"},"sexual":{"filtered":false},"x":null}}}}"#,
    );
    let names: Vec<_> =
        several.content_filter.as_ref().unwrap().categories.clone().into_iter().map(|category| category.name).collect();
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
    let within = event("", r#"{"error":{"code":"content_filter","message":"Please retry after 5 seconds."}}"#).unwrap();
    assert_eq!((within.code, within.retryable, within.retry_after_in_ms), (ContentFilter, false, None));
}

#[test]
fn a_status_alone_is_enough() {
    let cases = [
        (301, NotFound, false),
        (307, NotFound, false),
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
            assert_eq!((failure.status, failure.service_code.clone()), (Some(status), None), "{status} {body}");
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
        let message = from_body(400, body).message.clone();
        assert!(message.contains(": The words. ") || message.ends_with(": The words."), "{body}: {message}");
    }
}

#[test]
fn a_body_within_a_message_is_the_one_that_counts() {
    let wrapped = r#"{"error":{"code":"500","message":"{\"error\":{\"code\":\"moderation_blocked\",\"message\":\"No.\",\"param\":\"prompt\"}}"}}"#;
    let failure = from_body(400, wrapped);
    assert_eq!((failure.code, failure.service_code.as_deref()), (ContentFilter, Some("moderation_blocked")));
    assert_eq!(failure.param.as_deref(), Some("prompt"));
    for (inner, expected) in [("No.", "outer"), ("No. [Request ID: inner]", "inner"), ("No. [Request ID: ]", "outer")] {
        let body = format!(
            r#"{{"error":{{"message":"{{\"error\":{{\"message\":\"{inner}\"}}}}","additionalInfo":{{"request_id":"outer"}}}}}}"#
        );
        assert_eq!(from_body(400, &body).request_id.as_deref(), Some(expected), "{body}");
    }
    for message in ["{not json", "{}", "[1]", "12", "{\\\"a\\\":1}"] {
        let failure = from_body(400, &format!("{{\"error\":{{\"code\":\"c\",\"message\":\"{message}\"}}}}"));
        assert_eq!(failure.service_code.as_deref(), Some("c"), "{message}");
        assert!(failure.message.contains(&message.replace('\\', "")), "{}", failure.message);
    }
}

#[test]
fn numbers_count_as_codes_and_empty_members_as_none() {
    let failure = from_body(429, r#"{"error":{"code":429,"message":"x","param":""}}"#);
    assert_eq!((failure.code, failure.service_code.as_deref(), failure.param.clone()), (RateLimit, Some("429"), None));
    let failure = from_body(400, r#"{"error":{"code":"","message":"x","param":1,"additionalInfo":{"request_id":7}}}"#);
    assert_eq!((failure.service_code.clone(), failure.param.clone(), failure.request_id.clone()), (None, None, None));
}

#[test]
fn what_is_refused_about_responses_and_agents_says_what_to_do() {
    for (file, status, advice) in [
        ("400-agent-deprecated.json", 400, "Set apiVersion to null"),
        ("400-not-allowed-with-agent.json", 400, "agents.createVersion"),
        ("400-cancel-not-background.json", 400, "Abort the call"),
        ("400-missing-image-deployment.json", 400, "imageDeployment"),
        ("404-agent-not-found.json", 404, "name and version of the agent"),
        ("404-response-not-found.json", 404, "30 days"),
        ("404-resource-not-found.json", 404, "Check endpoint and apiVersion"),
    ] {
        let body = String::from_utf8(sample(&format!("errors/{file}"))).unwrap();
        has(&from_body(status, &body), &[advice]);
    }
    let missing = [
        ("No such File object: file-1", "Upload the file again"),
        ("Conversation with id 'c' not found.", "endpoint that created the conversation"),
        ("Response with id 'resp_1' not found.", "30 days"),
    ];
    for (message, advice) in missing {
        let failure = from_body(404, &format!("{{\"error\":{{\"message\":\"{message}\"}}}}"));
        assert_eq!(failure.code, NotFound);
        has(&failure, &[advice]);
    }
    let previous = from_body(400, r#"{"error":{"code":"previous_response_not_found","message":"x"}}"#);
    assert_eq!((previous.code, previous.billed), (NotFound, No));
    has(&previous, &["30 days"]);
    let prompt = from_body(400, r#"{"error":{"code":"invalid_prompt","message":"x","param":"input"}}"#);
    has(&prompt, &["(400 invalid_prompt)", "Change the prompt"]);
    let image = from_body(400, r#"{"error":{"code":"image_too_small","message":"x","param":"input"}}"#);
    assert_eq!((image.code, image.billed), (InvalidRequest, No));
    has(&image, &["input image"]);
    let missing =
        r#"{"error":{"code":"image_file_not_found","message":"No such File object: file-1","param":"input"}}"#;
    for failure in [from_body(400, missing), event("", missing).unwrap()] {
        assert_eq!(failure.code, InvalidRequest);
        has(&failure, &["Upload it again", "pass the image itself ({ image: file })"]);
    }
    let refused = r#"{"error":{"code":"invalid_value","message":"Images can't be uploaded as a file and then referenced as input.","param":"input[0]"}}"#;
    has(&from_body(400, refused), &["Pass the image itself ({ image: file })"]);
}

#[test]
fn a_used_up_budget_is_no_rate_limit_that_passes() {
    for code in ["insufficient_quota", "project_spend_limit_exceeded"] {
        let failure = from_body(
            429,
            &format!("{{\"error\":{{\"code\":\"{code}\",\"message\":\"You exceeded your current quota.\"}}}}"),
        );
        assert_eq!((failure.code, failure.retryable, failure.billed), (RateLimit, false, No), "{code}");
        has(&failure, &["Waiting does not help"]);
        let within = event("", &format!("{{\"error\":{{\"code\":\"{code}\",\"message\":\"x\"}}}}")).unwrap();
        assert_eq!((within.code, within.retryable, within.billed), (RateLimit, false, Unknown), "{code}");
        has(&within, &["Waiting does not help"]);
        assert!(!within.message.contains("try again"), "{}", within.message);
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
    for (code, expected) in [
        ("rate_limit_exceeded", Some(7000)),
        ("server_error", Some(7000)),
        ("invalid_value", None),
        ("content_filter", None),
        ("moderation_blocked", None),
    ] {
        let data = format!("{{\"error\":{{\"code\":\"{code}\",\"message\":\"Please retry after 7 seconds.\"}}}}");
        assert_eq!(event("error", &data).unwrap().retry_after_in_ms, expected, "{code}");
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
        ("insufficient_quota", RateLimit),
        ("project_spend_limit_exceeded", RateLimit),
        ("invalid_value", InvalidRequest),
        ("invalid_payload", InvalidRequest),
        ("invalid_prompt", InvalidRequest),
        ("image_too_large", InvalidRequest),
        ("image_content_policy_violation", ContentFilter),
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

/// The message of a request that makes images.
fn has(failure: &Failure, words: &[&str]) {
    let failure = failure.clone().of(Effect::Generate);
    for words in words {
        assert!(failure.message.contains(words), "{words}: {}", failure.message);
    }
}

#[test]
fn a_step_that_takes_too_long_names_the_option_that_limits_it() {
    let table = [
        (TimeLimit::Credential, No, "timeoutInMs", &["no token", "sign-in", "token server", "Raise timeoutInMs"][..]),
        (
            TimeLimit::Answer,
            Unknown,
            "timeoutInMs",
            &["response did not start", "billed", "streaming", "raise timeoutInMs"],
        ),
        (
            TimeLimit::Idle,
            Unknown,
            "idleTimeoutInMs",
            &["after the first 70001 bytes", "billed", "partialImages", "proxy", "raise idleTimeoutInMs"],
        ),
    ];
    let times = [
        (0, "0"),
        (1, "0.001"),
        (10, "0.01"),
        (999, "0.999"),
        (1000, "1"),
        (1050, "1.05"),
        (1500, "1.5"),
        (10_000, "10"),
        (100_100, "100.1"),
        (300_000, "300"),
        (u32::MAX, "4294967.295"),
    ];
    for (limit, billed, option, words) in table {
        for (milliseconds, seconds) in times {
            let failure = Failure::timed_out(service::Service::OpenAi, limit, milliseconds, 70_001);
            assert_eq!(failure, Failure::new(Timeout, failure.message.clone()).with(|details| details.billed = billed));
            assert!(failure.retryable);
            has(&failure, words);
            has(&failure, &[&format!(" {seconds} s ({option})")]);
        }
    }
}

#[test]
fn a_lost_connection_says_what_to_check() {
    let unanswered = Failure::lost(None);
    has(&unanswered, &["online", "host", "CORS", "proxy", "redirects", "probe()", "billed"]);
    let mut failures = vec![unanswered];
    for received in [0, 1, 70_001, u64::MAX] {
        let failure = Failure::lost(Some(received));
        has(&failure, &[&format!("after {received} bytes"), "billed", "Try again", "proxy"]);
        failures.push(failure);
    }
    for failure in failures {
        assert_eq!(failure, Failure::new(Code::Connection, failure.message.clone()));
        assert_eq!((failure.billed, failure.retryable), (Unknown, true));
    }
}

/// A secret, a text that the service sent, and what is left of it.
#[test]
fn a_secret_that_the_service_repeats_is_taken_out() {
    let key = "0123456789abcdef";
    let table = [
        (key, "The key 0123456789abcdef is wrong", "The key [redacted] is wrong"),
        (key, "0123456789abcdef", "[redacted]"),
        (key, "0123456789abcdef or 0123456789abcdef0123456789abcdef", "[redacted] or [redacted]"),
        (key, "\u{E9}0123456789abcdef\u{1F680}", "\u{E9}[redacted]\u{1F680}"),
        (key, "0123456789ABCDEF", "[redacted]"),
        (key, "It begins with 0123456789abcde", "It begins with [redacted]"),
        (key, "0123456789ab", "[redacted]"),
        (key, "0123456789a", "0123456789a"),
        (key, "0123456789ab...cdef", "[redacted]...cdef"),
        (key, "0123456789abcd\u{E9}", "[redacted]\u{E9}"),
        (key, "0123456789ab0123456789abcdef", "[redacted]"),
        (key, "0123456789ab 456789abcdef", "[redacted] [redacted]"),
        (key, "0123456789abcdefgh", "[redacted]gh"),
        (key, "123456789abcdef", "[redacted]"),
        (key, "...456789abcdef...", "...[redacted]..."),
        (key, "56789abcdef", "56789abcdef"),
        ("abc/def+0123456789==", "?code=abc%2Fdef%2B0123456789%3D%3D", "?code=abc%2Fdef%2B0123456789%3D%3D"),
        ("abc/def+0123456789abc==", "?code=abc%2Fdef%2B0123456789abc%3D%3D", "?code=abc%2Fdef%2B[redacted]%3D%3D"),
        ("schl\u{FC}ssel-schl\u{FC}ssel", "ein \u{FC}ssel-schl\u{FC}ssel", "ein [redacted]"),
        ("0123456789ab", "0123456789abcdef", "[redacted]cdef"),
        ("0123456789a", "0123456789abcdef 0123456789", "[redacted]bcdef 0123456789"),
        (key, "nothing of it", "nothing of it"),
        ("password", "The password is password", "The [redacted] is [redacted]"),
        ("request", "The request of the request", "The request of the request"),
        ("e", "The request", "The request"),
        ("", "The request", "The request"),
    ];
    for (secret, text, expected) in table {
        let all = |text: &str| {
            Failure::new(Authentication, text).with(|details| {
                details.service_code = Some(text.into());
                details.param = Some(text.into());
                details.request_id = Some(text.into());
                details.status = Some(401);
                details.retry_after_in_ms = Some(5);
                details.content_filter = Some(content_filter::ContentFilter {
                    source: "unknown",
                    stage: Some(text.into()),
                    categories: vec![
                        FilteredCategory { name: text.into(), severity: None },
                        FilteredCategory { name: "hate".into(), severity: Some(text.into()) },
                    ],
                });
            })
        };
        let mut failure = all(text);
        failure.redact(&secrets([secret]));
        assert_eq!(failure, all(expected), "{secret}");
        let mut message = Failure::new(Authentication, text);
        message.redact(&secrets([secret]));
        assert_eq!(message, Failure::new(Authentication, expected), "{secret}");
    }
}

#[test]
fn a_secret_is_taken_out_of_what_an_answer_became() {
    let body = r#"{"error":{"code":"sesame-open","message":"No sesame-open [Request ID: sesame-open]","param":"sesame-open","innererror":{"code":"x"}}}"#;
    for status in [400, 401, 403, 404, 429, 500] {
        let mut failure = from_body(status, body);
        failure.redact(&secrets(["sesame-open"]));
        let shown = format!("{failure:?}{}", serde_json::to_string(&failure).unwrap());
        assert!(!shown.contains("sesame") && shown.contains("[redacted]"), "{shown}");
    }
}

#[test]
fn a_secret_is_taken_out_of_what_the_content_filter_says() {
    let details = r#""moderation_details":{"moderation_stage":"sesame-open","categories":["hate","sesame-open"]}"#;
    let results = r#""content_filter_results":{"sesame-open":{"filtered":true,"severity":"sesame-open"}}"#;
    for members in [details, results] {
        let body = format!(r#"{{"error":{{"code":"moderation_blocked","message":"x",{members}}}}}"#);
        for mut failure in [from_body(400, &body), event("error", &body).unwrap()] {
            failure.redact(&secrets(["sesame-open"]));
            let shown = format!("{failure:?}{}", serde_json::to_string(&failure).unwrap());
            assert!(!shown.contains("sesame") && shown.contains("[redacted]"), "{shown}");
            assert_eq!(failure.code, ContentFilter, "{shown}");
        }
    }
}

/// How much of a secret is left before the cut of a long message, and whether that tells.
#[test]
fn a_secret_that_the_cut_of_a_long_message_divides_is_taken_out() {
    let token = format!("eyJ{}", "x".repeat(2200));
    for (left, tells) in [(2000, true), (1999, true), (100, true), (12, true), (11, false), (3, false)] {
        let body = format!(r#"{{"error":{{"message":"{}{token}"}}}}"#, "-".repeat(2000 - left));
        let mut failure = from_body(401, &body);
        let before = failure.message.clone();
        assert!(before.contains(&token[..left]) && !before.contains(&token[..=left]), "{left}");
        failure.redact(&secrets([token.as_str()]));
        assert_eq!(failure.message.contains("[redacted]. "), tells, "{left}: {}", failure.message);
        assert_eq!(failure.message == before, !tells, "{left}: {}", failure.message);
        assert!(!failure.message.contains("xxxxxxxxx"), "{left}: {}", failure.message);
    }
}

#[test]
fn the_name_of_a_request_is_added_and_not_replaced() {
    let mut failure = Failure::new(Code::Service, "x");
    failure.name_request(None);
    assert_eq!(failure.request_id, None);
    failure.name_request(Some("r-1"));
    failure.name_request(Some("r-2"));
    assert_eq!(failure.request_id.as_deref(), Some("r-1"));
}

#[test]
fn the_id_of_a_request_is_found_in_a_message_as_well() {
    let table = [
        ("[Request ID: 7eb6]", Some("7eb6")),
        ("Not found. [Request ID: 7eb6] Sorry.", Some("7eb6")),
        ("[Request ID: a-b_c.d] [Request ID: other]", Some("a-b_c.d")),
        ("\u{E9} [Request ID: 7eb6]\u{1F680}", Some("7eb6")),
        ("x [Request ID: ]", None),
        ("[Request ID: 7eb6", None),
        ("[request id: 7eb6]", None),
        ("Request ID: 7eb6", None),
        ("", None),
    ];
    for (message, expected) in table {
        let failure = from_body(400, &format!("{{\"error\":{{\"message\":\"{message}\"}}}}"));
        assert_eq!(failure.request_id.as_deref(), expected, "{message}");
        let failure = from_body(400, &format!("{{\"error\":\"{message}\"}}"));
        assert_eq!(failure.request_id.as_deref(), expected, "{message}");
        let failure = event("error", &format!("{{\"error\":{{\"message\":\"{message}\"}}}}")).unwrap();
        assert_eq!(failure.request_id.as_deref(), expected, "{message}");
    }
    let both = r#"{"error":{"message":"x [Request ID: text]","additionalInfo":{"request_id":"member"}}}"#;
    assert_eq!(from_body(404, both).request_id.as_deref(), Some("member"));
    for info in ["null", "{}", "[]", "1", r#"{"request_id":null}"#, r#"{"request_id":7}"#, r#"{"request_id":""}"#] {
        let body = format!("{{\"error\":{{\"message\":\"x [Request ID: text]\",\"additionalInfo\":{info}}}}}");
        assert_eq!(from_body(404, &body).request_id.as_deref(), Some("text"), "{info}");
    }
}

/// The service's words, and what the advice must speak of.
#[test]
fn a_refused_request_is_answered_with_what_to_change() {
    let table = [
        ("API version not supported", &["apiVersion", "\"preview\"", "null", "\"2025-04-01-preview\""][..]),
        ("Missing required parameter: 'prompt'.", &["Add the parameter."]),
        ("The model 'my-deployment' does not exist.", &["deployment", "v1", "name", "classic", "extraBody"]),
        ("Unknown model: gpt-image-2", &["deployment", "apiVersion"]),
        ("Unknown parameter: 'response_format'.", &["Remove the parameter", "apiVersion"]),
        (
            "imagegen deployment must be provided through header: x-ms-oai-image-generation-deployment",
            &["Set imageDeployment"],
        ),
        ("ImageGen as a tool is not supported in streaming mode.", &["without streaming"]),
        (
            "Images can't be uploaded as a file and then referenced as input. Use 'image_url' with a data URL instead.",
            &["Pass the image itself ({ image: file })", "instead of a file id"],
        ),
        (
            "There was an issue with your request. Please check your inputs and try again",
            &["does not report the reason", "size", "quality"],
        ),
        ("Invalid size '4096x4096'.", &["Change the request", "refused again"]),
    ];
    for (message, words) in table {
        let body = format!("{{\"error\":{{\"message\":\"{message}\"}}}}");
        for status in [400, 405, 415, 422] {
            let failure = from_body(status, &body);
            let advice = failure.message.split_once(message).unwrap().1;
            assert_eq!((failure.code, failure.billed), (InvalidRequest, No), "{message}");
            assert!(words.iter().all(|words| advice.contains(words)), "{status} {message}: {advice}");
        }
        let within = event("error", &format!("{{\"code\":\"invalid_value\",\"message\":\"{message}\"}}")).unwrap();
        assert_eq!((within.code, within.billed), (InvalidRequest, Unknown), "{message}");
        has(&within, words);
    }
}

#[test]
fn the_parameter_at_fault_is_named_in_the_advice() {
    for (message, param, words) in [
        ("Invalid size '4096x4096'.", "\"size\"", &["Change or remove size", "refused again"][..]),
        ("No.", "\"tools[0].type\"", &["Change or remove tools[0].type"]),
        ("No.", "\"/\"", &["Change the request"]),
        ("No.", "\"\"", &["Change the request"]),
        ("No.", "null", &["Change the request"]),
        ("Unknown parameter: 'style'.", "\"style\"", &["Remove the parameter", "apiVersion"]),
    ] {
        let body = format!("{{\"error\":{{\"code\":\"invalid_value\",\"message\":\"{message}\",\"param\":{param}}}}}");
        has(&from_body(400, &body), words);
        has(&event("error", &body).unwrap(), words);
    }
}

/// The service's words, the parameter at fault, and what the advice must not speak of.
#[test]
fn advice_that_does_not_fit_is_not_given() {
    for (message, param, words, absent) in [
        ("Missing required parameter: 'prompt'.", "prompt", "Add the parameter.", "or remove"),
        ("The file 'file-1' does not exist.", "input", "Change or remove input", "deployment"),
        ("The response 'resp_1' does not exist.", "previous_response_id", "remove previous_response_id", "deployment"),
    ] {
        let body = format!(r#"{{"error":{{"code":"invalid_value","message":"{message}","param":"{param}"}}}}"#);
        for failure in [from_body(400, &body), event("error", &body).unwrap()] {
            has(&failure, &[words]);
            assert!(!failure.message.contains(absent), "{}", failure.message);
        }
    }
}

#[test]
fn a_token_for_another_audience_is_answered_with_the_scope_to_ask_for() {
    let message = |audience: &str| {
        let text = format!(
            "Unauthorized. Access token is missing, invalid, audience is incorrect{audience}, or have expired."
        );
        from_body(401, &format!("{{\"statusCode\":401,\"message\":\"{text}\"}}"))
    };
    for (audience, scope) in [
        (" (https://cognitiveservices.azure.com)", Some("https://cognitiveservices.azure.com/.default")),
        (" (https://cognitiveservices.azure.com/)", Some("https://cognitiveservices.azure.com/.default")),
        (" (https://ai.azure.com)", Some("https://ai.azure.com/.default")),
        (" (https://cognitiveservices.azure.us)", Some("https://cognitiveservices.azure.us/.default")),
        (" (aud) (https://ai.azure.com)", Some("https://ai.azure.com/.default")),
        (" (aud)", None),
        (" ()", None),
        ("", None),
    ] {
        let failure = message(audience);
        assert_eq!((failure.code, failure.billed, failure.retryable), (Authentication, No, false), "{audience}");
        has(&failure, &["another audience", "scopes"]);
        match scope {
            Some(scope) => has(&failure, &[&format!("the scope {scope} ")]),
            None => assert!(!failure.message.contains(".default"), "{}", failure.message),
        }
    }
}

/// A sample of a refusal that is about the caller, and what its advice must speak of.
#[test]
fn who_may_not_call_is_told_whom_to_ask() {
    let table = [
        ("401-invalid-key.json", Authentication, &["key or token", "the endpoint does too"][..]),
        ("401-permission-denied.json", Permission, &["role", "Cognitive Services OpenAI User", "a few minutes"]),
        ("401-permission-denied-foundry.json", Permission, &["role", "Azure AI User"]),
        ("401-token-audience.json", Authentication, &["https://cognitiveservices.azure.com/.default", "scopes"]),
        ("403-key-auth-disabled.json", Authentication, &["Key authentication is disabled", "Microsoft Entra token"]),
        ("403-account-blocked.json", Permission, &["Stop sending", "Contact Azure support"]),
        ("403-network.json", Permission, &["this network", "Networking"]),
        ("403-vnet-endpoint.json", Permission, &["Networking", "custom subdomain of the resource"]),
    ];
    for (file, code, words) in table {
        let status = file.split_once('-').unwrap().0.parse().unwrap();
        let failure = Failure::from_answer(status, &sample(&format!("errors/{file}")), Headers::default());
        assert_eq!((failure.code, failure.billed, failure.retryable), (code, No, false), "{file}");
        has(&failure, words);
    }
    has(&from_body(403, ""), &["network rules", "state"]);
}

#[test]
fn other_refusals_come_with_what_to_do_too() {
    for (status, body, words) in [
        (404, r#"{"error":{"code":"DeploymentNotFound"}}"#, &["deployment name", "5 minutes"][..]),
        (404, "", &["endpoint", "apiVersion"]),
        (408, "", &["Stream with", "generateStream", "responses.stream", "lower quality"]),
        (409, "", &["being changed by another request", "taken"]),
        (413, "", &["fewer or smaller"]),
        (429, "", &["Wait", "quota"]),
        (429, r#"{"error":{"code":"insufficient_quota"}}"#, &["Waiting does not help", "limit"]),
        (500, "", &["server-side error", "billed", "Try again later"]),
        (502, "<html>", &["server-side error", "billed", "Try again later"]),
        (504, "", &["gateway", "billed", "Stream with", "responses.stream", "lower quality"]),
    ] {
        has(&from_body(status, body), words);
    }
}

#[test]
fn every_audience_of_a_refused_token_is_named() {
    let said = |audience: &str| {
        let message = format!(
            "Unauthorized. Access token is missing, invalid, audience is incorrect {audience}, or have expired."
        );
        from_body(401, &json!({"statusCode": 401, "message": message}).to_string()).message.clone()
    };
    let (one, two) = ("https://cognitiveservices.azure.com/.default", "https://ai.azure.com/.default");
    for audience in [
        "(https://cognitiveservices.azure.com)",
        "(https://cognitiveservices.azure.com/)",
        "https://cognitiveservices.azure.com",
    ] {
        assert!(said(audience).contains(&format!("the scope {one} (option")), "{}", said(audience));
    }
    for audience in [
        "(https://cognitiveservices.azure.com or https://ai.azure.com)",
        "(https://cognitiveservices.azure.com/, https://ai.azure.com/)",
        "('https://cognitiveservices.azure.com' or 'https://ai.azure.com')",
        "(https://cognitiveservices.azure.com;https://ai.azure.com)",
    ] {
        assert!(said(audience).contains(&format!("the scope {one} or {two} (option")), "{}", said(audience));
    }
    assert!(said("(api://x)").contains("Check the scopes option"));
}

#[test]
fn a_refused_body_names_the_limit_of_the_proxy() {
    let page = "<html><head><title>413 Request Entity Too Large</title></head></html>";
    for body in ["", page, r#"{"error":{"code":"413","message":"Request body too large"}}"#] {
        has(&from_body(413, body), &["fewer or smaller", "client_max_body_size"]);
    }
    has(&from_body(421, ""), &["does not serve this host"]);
}

#[test]
fn a_long_message_is_cut_between_characters() {
    for (character, length, kept) in
        [("x", 1999, 1999), ("x", 2000, 2000), ("x", 2001, 2000), ("\u{E9}", 5000, 2000), ("\u{1F680}", 5000, 2000)]
    {
        let body = format!("{{\"error\":{{\"message\":\"{}\"}}}}", character.repeat(length));
        assert_eq!(from_body(422, &body).message.matches(character).count(), kept, "{character} {length}");
    }
}

const RESULTS: &str = r#"{"violence":{"filtered":true,"severity":"high"},"hate":{"filtered":false,"severity":"safe"},"jailbreak":{"filtered":true,"detected":true}}"#;

/// Where the results of the content filter stand, and whether that says that the prompt was at fault.
#[test]
fn whatever_the_service_repeats_the_message_does_not_become_endless() {
    let long = "x".repeat(100_000);
    for body in [
        json!({ "error": { "code": long } }),
        json!({ "error": { "message": long } }),
        json!({ "error": { "param": long } }),
        json!({ "error": { "message": format!("Access token has the wrong audience (https://{long})") } }),
        json!({ "error": { "code": "content_filter", "content_filter_result": { &long: { "filtered": true } } } }),
        json!({ "error": { "code": "content_filter", "content_filter_result": { "x": { "filtered": true, "severity": long } } } }),
        json!({ "error": { "code": "content_filter", "moderation_details": { "categories": vec!["violence"; 20_000] } } }),
    ] {
        for status in [400, 401] {
            let length = from_body(status, &body.to_string()).message.len();
            assert!(length < 7000, "{length}");
        }
    }
}

#[test]
fn the_results_of_the_content_filter_are_found_wherever_they_stand() {
    for (place, source, billed) in [
        ("RESULTS", "unknown", Unknown),
        (r#""inner_error":{RESULTS}"#, "unknown", Unknown),
        (r#""innererror":{RESULTS}"#, "unknown", Unknown),
        (r#""inner_error":{"code":"ResponsibleAIPolicyViolation",RESULTS,"revised_prompt":"x"}"#, "unknown", Unknown),
        (r#""inner_error":{"code":"ResponsibleAIPolicyViolation"},RESULTS"#, "unknown", Unknown),
        (r#""inner_error":null,"innererror":{RESULTS}"#, "unknown", Unknown),
        (r#""inner_error":null,RESULTS"#, "unknown", Unknown),
        (r#""param":"prompt","innererror":{RESULTS}"#, "prompt", No),
        (r#""innererror":null,RESULTS"#, "unknown", Unknown),
    ] {
        for name in ["content_filter_results", "content_filter_result"] {
            let place = place.replace("RESULTS", &format!("\"{name}\":{RESULTS}"));
            for code in ["content_filter", "content_policy_violation"] {
                let body = format!("{{\"error\":{{\"code\":\"{code}\",\"message\":\"x\",{place}}}}}");
                let failure = from_body(400, &body);
                let filter = failure.content_filter.clone().unwrap();
                let read: Vec<_> = filter
                    .categories
                    .iter()
                    .map(|category| (category.name.as_str(), category.severity.as_deref()))
                    .collect();
                assert_eq!(read, [("violence", Some("high")), ("jailbreak", None)], "{body}");
                assert_eq!((filter.source, filter.stage, failure.billed), (source, None, billed), "{body}");
                has(&failure, &["(violence: high, jailbreak)", "learn.microsoft.com"]);
            }
        }
    }
}

#[test]
fn a_refusal_tells_the_stage_and_whether_an_image_was_made() {
    let moderated = |stage: &str| {
        format!(
            r#"{{"error":{{"code":"moderation_blocked","message":"x","moderation_details":{{"moderation_stage":{stage},"categories":["sexual","violence"]}}}}}}"#
        )
    };
    let table = [
        (moderated("\"input\""), "prompt", Some("input"), No),
        (moderated("\"output\""), "image", Some("output"), Unknown),
        (moderated("\"unknown\""), "unknown", Some("unknown"), Unknown),
        (moderated("\"new\""), "unknown", Some("new"), Unknown),
        (moderated("null"), "unknown", None, Unknown),
        (moderated("1"), "unknown", None, Unknown),
        // The service's own word counts more than what else speaks for the prompt.
        (
            moderated("\"unknown\"").replace("\"x\"", "\"x\",\"param\":\"prompt\",\"inner_error\":{}"),
            "unknown",
            Some("unknown"),
            Unknown,
        ),
        (
            moderated("\"output\"").replace("\"x\"", "\"x\",\"param\":\"prompt\",\"inner_error\":{}"),
            "image",
            Some("output"),
            Unknown,
        ),
    ];
    for (body, source, stage, billed) in table {
        let within = event("error", &body).unwrap();
        for failure in [from_body(400, &body), within] {
            let filter = failure.content_filter.clone().unwrap();
            assert_eq!((failure.code, failure.retryable, failure.billed), (ContentFilter, false, billed), "{body}");
            assert_eq!((filter.source, filter.stage.as_deref()), (source, stage), "{body}");
            let words = match source {
                "prompt" => ["The prompt was refused (sexual, violence)", "Change the prompt"],
                "image" => ["generated image was withheld (sexual, violence)", "Change the prompt"],
                _ => ["The prompt or the image was refused (sexual, violence)", "Change the prompt"],
            };
            has(&failure, &words);
            let record = serde_json::to_value(&failure).unwrap();
            assert_eq!(record["contentFilter"]["stage"].as_str(), stage, "{body}");
            assert_eq!(record["contentFilter"]["categories"][0], serde_json::json!({"name": "sexual"}), "{body}");
        }
    }
}

#[test]
fn a_refusal_without_details_is_read_by_its_words() {
    for (members, source, billed) in [
        (r#""code":"contentFilter","message":"Your task failed as a result of our safety system.""#, "prompt", No),
        (
            r#""code":"contentFilter","message":"Generated image was filtered as a result of our safety system.""#,
            "image",
            Unknown,
        ),
        (r#""code":"content_filter","param":"prompt","message":"x""#, "prompt", No),
        (r#""code":"content_filter","param":null,"message":"x""#, "unknown", Unknown),
        (r#""code":"moderation_blocked""#, "unknown", Unknown),
        (r#""code":"moderation_blocked","inner_error":{}"#, "unknown", Unknown),
        (r#""code":"moderation_blocked","inner_error":null"#, "unknown", Unknown),
        (r#""code":"moderation_blocked","innererror":null"#, "unknown", Unknown),
        (r#""code":"moderation_blocked","innererror":[]"#, "unknown", Unknown),
        (r#""code":"moderation_blocked","inner_error":"x","innererror":{}"#, "unknown", Unknown),
        (r#""code":"image_content_policy_violation","message":"x""#, "unknown", Unknown),
    ] {
        let failure = from_body(400, &format!("{{\"error\":{{{members}}}}}"));
        let filter = failure.content_filter.clone().unwrap();
        assert_eq!((filter.source, filter.categories.len(), failure.billed), (source, 0, billed), "{members}");
        assert!(!failure.message.contains("()") && !failure.message.contains("refused ("), "{members}");
    }
}

#[test]
fn what_a_proxy_gave_up_may_be_billed() {
    for status in [424, 425, 499] {
        let failure = from_body(status, "");
        assert_eq!((failure.code, failure.billed, failure.retryable), (Service, Unknown, true), "{status}");
    }
}

#[test]
fn a_missing_role_and_a_missing_model_are_told_as_such_under_other_codes_too() {
    let role = from_body(403, r#"{"error":{"message":"The principal `x` lacks the required data action `y`."}}"#);
    assert_eq!(role.code, Permission);
    has(&role, &["Cognitive Services OpenAI User"]);
    let model = from_body(404, r#"{"error":{"code":"model_not_found","message":"No such model."}}"#);
    assert_eq!(model.code, DeploymentNotFound);
}

#[test]
fn a_refusal_that_a_gateway_wrapped_is_read_within_a_stream_too() {
    let inner =
        r#"{"error":{"code":"moderation_blocked","message":"x","moderation_details":{"moderation_stage":"output"}}}"#;
    let data = format!("{{\"error\":{{\"code\":\"500\",\"message\":{}}}}}", serde_json::to_string(inner).unwrap());
    let failure = event("error", &data).unwrap();
    assert_eq!((failure.code, failure.billed, failure.retryable), (ContentFilter, Unknown, false));
}

#[test]
fn a_refusal_within_an_answer_is_free_only_where_the_service_says_so() {
    for (details, billed) in [
        (r#","moderation_details":{"moderation_stage":"input"}"#, No),
        (r#","moderation_details":{"moderation_stage":"output"}"#, Unknown),
        (r#","inner_error":{"code":"ResponsibleAIPolicyViolation"}"#, Unknown),
        ("", Unknown),
    ] {
        let data = format!(
            "{{\"error\":{{\"code\":\"content_policy_violation\",\"message\":\"Your task failed.\"{details}}}}}"
        );
        assert_eq!(event("error", &data).unwrap().billed, billed, "{details}");
    }
}
