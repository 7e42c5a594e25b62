//! Answers of services, gateways and proxies as people have met them, each with its outcome.

use std::rc::Rc;

use azure_image_client::errors::Billed::{No, Unknown, Yes};
use azure_image_client::errors::Code::{
    Connection, ContentFilter, InvalidRequest, NoImage, Permission, Service, StreamMalformed, StreamTruncated, Timeout,
};
use azure_image_client::errors::{Billed, Code, Failure};
use azure_image_client::http::endpoint::Operation as Route;
use azure_image_client::images::generate::{GenerateImages, ImagesCall};
use azure_image_client::images::request::ImageRequest;
use azure_image_client::images::response::Source;
use azure_image_client::operation::{FinishedImage, Output};
use azure_image_client::responses::create::{CreateResponse, ResponseCall};
use azure_image_client::responses::job::Delivery;
use azure_image_client::responses::request::ResponseRequest;
use azure_image_client::settings::{Settings, Timeouts};
use serde_json::{Value, json};

use crate::support::driver::{Part, Reply, Run, Script, run, settings};
use crate::support::{Kept, encode, noise};

const IMAGE: &[u8] = b"an image";

fn base64() -> String {
    encode(IMAGE)
}

fn client() -> Rc<Settings> {
    Rc::new(Settings { timeouts: Timeouts { answer: 1000, idle: 1000, total: 0 }, ..settings() })
}

fn generate(n: u32, is_streamed: bool, reply: Reply) -> Run {
    let settings = client();
    let call = ImagesCall {
        route: Route::Generations,
        request: ImageRequest { prompt: "a lighthouse".into(), n: Some(n), ..ImageRequest::default() },
        is_streamed,
        inputs: None,
        today: "2026-11-30".into(),
    };
    let call = GenerateImages::new(Rc::clone(&settings), call, Default::default).unwrap();
    run(&settings, Box::new(call), Script::replies(vec![reply]))
}

fn respond(delivery: Delivery, reply: Reply) -> Run {
    let settings = client();
    let request =
        ResponseRequest { model: Some("gpt-5.5".into()), input: "\"draw\"".into(), ..ResponseRequest::default() };
    let image_deployment = Some("gpt-image-2".into());
    let call = ResponseCall { request, image_deployment, delivery, images: Vec::new(), today: "2026-11-30".into() };
    let call = CreateResponse::new(Rc::clone(&settings), call, 0, Default::default).unwrap();
    run(&settings, Box::new(call), Script::replies(vec![reply]))
}

/// The complete images of a call of the Images API, whether it succeeded or not.
fn images(run: &Run) -> &[FinishedImage<Kept>] {
    match &run.outcome {
        Ok(Output::Images { images, .. }) => images,
        Err(failed) => &failed.images,
        Ok(other) => panic!("{other:?}"),
    }
}

fn bytes(image: &FinishedImage<Kept>) -> Vec<u8> {
    match &image.image.source {
        Source::Bytes(kept) => kept.bytes.clone(),
        Source::Url(url) => url.clone().into_bytes(),
    }
}

/// An outcome: the code, whether it is billed, and whether a later call may succeed.
type Outcome = (Code, Billed, bool);

#[track_caller]
fn ends(run: &Run, expected: Outcome, words: &[&str]) {
    let failure = run.failure();
    assert_eq!((failure.code, failure.billed, failure.retryable), expected, "{failure:?}");
    for word in words {
        assert!(failure.message.contains(word), "{word:?} is missing: {}", failure.message);
    }
    assert_eq!(run.sent.len(), 1, "sent once: {}", failure.message);
    assert!(failure.message.chars().count() < 1200, "{}", failure.message);
}

fn sse(name: &str, data: &str) -> String {
    format!("event: {name}\ndata: {data}\n\n")
}

fn completed(members: &str) -> String {
    let kind = "image_generation.completed";
    sse(kind, &format!("{{\"type\":\"{kind}\"{members}}}"))
}

fn partial() -> String {
    let kind = "image_generation.partial_image";
    sse(kind, &format!("{{\"type\":\"{kind}\",\"partial_image_index\":0,\"b64_json\":\"{}\"}}", base64()))
}

// The content filter.

fn filtered(source_type: &str) -> Value {
    json!({
        "message": "The response was filtered.",
        "type": "invalid_request_error",
        "code": "content_filter",
        "content_filters": [
            {"blocked": false, "source_type": "prompt", "content_filter_results": {"hate": {"filtered": false, "severity": "safe"}}},
            {"blocked": true, "source_type": source_type, "content_filter_raw": [], "content_filter_results": {
                "jailbreak": {"detected": true, "filtered": true},
                "violence": {"filtered": true, "severity": "medium"},
                "hate": {"filtered": false, "severity": "safe"},
            }},
        ],
        "innererror": {"code": "ContentFiltered"},
    })
}

#[track_caller]
fn is_filter(failure: &Failure, source: &str, billed: Billed, categories: &[&str]) {
    assert_eq!((failure.code, failure.billed, failure.retryable), (ContentFilter, billed, false), "{failure:?}");
    let filter = failure.content_filter.as_ref().unwrap();
    let names: Vec<&str> = filter.categories.iter().map(|category| category.name.as_str()).collect();
    assert_eq!((filter.source, &names[..]), (source, categories), "{failure:?}");
}

#[test]
fn the_content_filter_of_the_responses_api_names_its_categories_and_its_source() {
    for (source_type, source, billed) in
        [("prompt", "prompt", No), ("completion", "image", Unknown), ("tool", "unknown", Unknown)]
    {
        let body = json!({ "error": filtered(source_type) }).to_string();
        for run in [
            generate(1, false, Reply::status(400, &body)),
            respond(Delivery::Whole, Reply::status(400, &body)),
            respond(Delivery::Streamed, Reply::ok(sse("error", &body))),
        ] {
            is_filter(run.failure(), source, billed, &["jailbreak", "violence"]);
            assert!(run.failure().message.contains("(jailbreak, violence: medium)"), "{}", run.failure().message);
        }
        let response = json!({
            "id": "resp_1", "object": "response", "status": "incomplete", "output": [],
            "incomplete_details": {"reason": "content_filter"},
            "content_filters": filtered(source_type)["content_filters"],
        });
        let event = json!({"type": "response.incomplete", "response": response}).to_string();
        for run in [
            respond(Delivery::Whole, Reply::ok(response.to_string())),
            respond(Delivery::Streamed, Reply::ok(sse("response.incomplete", &event))),
        ] {
            is_filter(run.failure(), source, billed, &["jailbreak", "violence"]);
        }
    }
}

#[test]
fn an_inner_error_alone_does_not_blame_the_prompt() {
    for inner in ["innererror", "inner_error"] {
        let mut body = json!({"error": {"code": "content_filter", "message": "The response was filtered."}});
        body["error"][inner] =
            json!({"code": "ResponsibleAIPolicyViolation", "content_filter_result": {"hate": {"filtered": true}}});
        is_filter(generate(1, false, Reply::status(400, &body.to_string())).failure(), "unknown", Unknown, &["hate"]);
        body["error"]["param"] = json!("prompt");
        is_filter(generate(1, false, Reply::status(400, &body.to_string())).failure(), "prompt", No, &["hate"]);
    }
}

#[test]
fn every_spelling_of_a_refusal_is_one() {
    for code in [
        "content_filter",
        "contentFilter",
        "ContentFiltered",
        "content_policy_violation",
        "ContentPolicyViolationError",
        "content_safety_violation",
        "image_content_policy_violation",
        "moderation_blocked",
        "ResponsibleAIPolicyViolation",
    ] {
        let body = json!({"error": {"code": code, "message": "no"}}).to_string();
        for status in [400, 403, 451, 500] {
            assert_eq!(
                generate(1, false, Reply::status(status, &body)).failure().code,
                ContentFilter,
                "{code} {status}"
            );
        }
    }
    for near in ["content_filter_disabled", "filter", "moderation"] {
        let body = json!({"error": {"code": near, "message": "no"}}).to_string();
        assert_eq!(generate(1, false, Reply::status(400, &body)).failure().code, InvalidRequest, "{near}");
    }
}

// A paid image that is present is delivered.

#[test]
fn an_image_is_delivered_in_whatever_form_it_came() {
    let url = |kind: &str| format!("{kind}{}", base64());
    let with_comma = url("data:image/png;base64,");
    let lines =
        |end: &str| base64().as_bytes().chunks(7).map(|line| String::from_utf8_lossy(line) + end).collect::<String>();
    let entries = [
        json!({"b64_json": base64()}),
        json!({"b64_json": "", "url": with_comma}),
        json!({"b64_json": null, "url": with_comma}),
        json!({"url": with_comma}),
        json!({"url": url("DATA:image/webp;BASE64,")}),
        json!({"url": url("data:image/jpeg;charset=utf-8;base64,")}),
        json!({"url": url("data:;base64,")}),
        json!({"url": url("data:application/octet-stream;base64,")}),
        // Gateways also put the URL into the property for base64.
        json!({"b64_json": with_comma}),
        json!({"b64_json": "not base64", "url": with_comma}),
        // MIME encoders break base64 into lines.
        json!({"b64_json": lines("\n")}),
        json!({"b64_json": lines("\r\n")}),
        json!({"url": format!("data:image/png;base64,{}", lines("\r\n"))}),
    ];
    for entry in entries {
        for run in [
            generate(1, false, Reply::ok(json!({"data": [entry]}).to_string())),
            generate(1, false, Reply::ok(json!({"data": entry}).to_string())),
            generate(1, true, Reply::ok(json!({"created": 1, "data": [entry]}).to_string())),
            generate(1, true, Reply::ok(completed(&format!(",{}", entry.to_string().trim_matches(['{', '}']))))),
        ] {
            assert!(run.outcome.is_ok(), "{entry}: {:?}", run.outcome);
            assert_eq!(images(&run).iter().map(bytes).collect::<Vec<_>>(), [IMAGE], "{entry}");
        }
    }
    for link in ["https://x.example/a.png?sig=1", "HTTPS://x.example/a.png", "http://x.example/a.png"] {
        for entry in
            [json!({"b64_json": "", "url": link}), json!({"b64_json": null, "url": link}), json!({"url": link})]
        {
            for run in [
                generate(1, false, Reply::ok(json!({"data": [entry]}).to_string())),
                generate(1, true, Reply::ok(completed(&format!(",{}", entry.to_string().trim_matches(['{', '}']))))),
            ] {
                assert_eq!(images(&run).iter().map(bytes).collect::<Vec<_>>(), [link.as_bytes()], "{entry}");
            }
        }
    }
}

#[test]
fn a_data_url_of_any_size_is_decoded_in_any_chunks() {
    for length in [1, 48 * 1024, 49 * 1024, 300_000, 3_000_000] {
        let image = noise(length);
        let body = format!("{{\"data\":[{{\"url\":\"data:image/png;base64,{}\"}}]}}", encode(&image));
        for size in [7, 1024, body.len()] {
            if size == 7 && length > 300_000 {
                continue;
            }
            let parts = body.as_bytes().chunks(size).map(|chunk| Part::Bytes(chunk.to_vec())).collect();
            let run = generate(1, false, Reply::parts(parts));
            assert!(bytes(&images(&run)[0]) == image, "{length} bytes in chunks of {size}");
        }
    }
}

#[test]
fn data_that_is_no_image_is_not_delivered() {
    for entry in [
        json!({"url": "data:text/html;base64,PGI+"}),
        json!({"url": "data:text/html,x"}),
        json!({"url": "javascript:alert(1)"}),
        json!({"url": "", "b64_json": ""}),
        json!({"url": "file:///etc/passwd"}),
        json!({}),
    ] {
        ends(&generate(1, false, Reply::ok(json!({"data": [entry]}).to_string())), (NoImage, Unknown, false), &[]);
    }
}

#[test]
fn an_empty_error_beside_an_image_is_none_and_a_real_one_does_not_take_the_image_away() {
    for error in [
        json!(null),
        json!({}),
        json!(""),
        json!(false),
        json!([]),
        json!({"message": "", "code": null}),
        json!({"message": null, "type": "", "code": 0}),
        json!({"message": "One image was lost.", "code": "x"}),
    ] {
        let body = json!({"data": [{"b64_json": base64()}], "error": error}).to_string();
        let event = completed(&format!(",\"b64_json\":\"{}\",\"error\":{error}", base64()));
        for run in [generate(1, false, Reply::ok(body)), generate(1, true, Reply::ok(event))] {
            assert_eq!(images(&run).len(), 1, "{error}");
            assert!(run.outcome.is_ok(), "{error}");
        }
    }
    // It is the error of the images that are missing.
    let body = json!({"data": [{"b64_json": base64()}], "error": {"message": "One image was lost.", "code": "x"}});
    let run = generate(3, false, Reply::ok(body.to_string()));
    let Ok(Output::Images { result, .. }) = &run.outcome else { panic!("{run:?}") };
    let lost: Vec<_> =
        result.failures.iter().map(|it| (it.image_index, it.error.message.contains("was lost"))).collect();
    assert_eq!(lost, [(1, true), (2, true)]);
}

// An error keeps the service's words.

#[test]
fn the_words_of_an_error_are_quoted_in_whatever_form_they_came() {
    let page = "<!DOCTYPE html><html><head>\n<title>502 Bad\n Gateway &amp; more</title></head><body>x</body></html>";
    let cases = [
        (json!({"detail": "Unsupported parameter: background"}).to_string(), "Unsupported parameter: background"),
        (
            json!({"detail": [{"loc": ["body", "size"], "msg": "field required", "type": "missing"}]}).to_string(),
            "field required",
        ),
        (json!({"detail": {"error": {"message": "Wrapped detail"}}}).to_string(), "Wrapped detail"),
        ("upstream connect error or disconnect/reset before headers".into(), "disconnect/reset before headers"),
        ("no healthy upstream".into(), "no healthy upstream"),
        ("  no\r\n  healthy\tupstream \n".into(), "no healthy upstream"),
        ("\u{FEFF}no healthy upstream".into(), "no healthy upstream"),
        (
            json!({"success": false, "errors": [{"code": 7001, "message": "Gateway not found"}]}).to_string(),
            "(STATUS 7001): Gateway not found",
        ),
        (json!({"errors": ["Too many images"]}).to_string(), "Too many images"),
        (
            json!({"title": "One or more validation errors occurred.", "errors": {"size": ["The size is wrong."]}})
                .to_string(),
            "The size is wrong.",
        ),
        (json!([{"error": {"code": 400, "message": "In a list"}}]).to_string(), "In a list"),
        (json!({"type": "about:blank", "title": "Payload too big", "status": 413}).to_string(), "Payload too big"),
        (json!({"type": "https://x/y", "title": "Bad Request", "detail": "n is 20"}).to_string(), "n is 20"),
        (
            json!({"error": "invalid_client", "error_description": "AADSTS7000215: Invalid secret"}).to_string(),
            "(STATUS invalid_client): AADSTS7000215",
        ),
        (json!({"error": true, "message": "Flagged"}).to_string(), "Flagged"),
        (json!({"message": "Not here"}).to_string(), "Not here"),
        (json!({"Message": "An error has occurred."}).to_string(), "An error has occurred."),
        (json!({"fault": {"faultstring": "Quota violated"}}).to_string(), "Quota violated"),
        (json!({"statusCode": 429, "body": "{\"message\":\"In a body\"}"}).to_string(), "In a body"),
        (json!({"status": "failed", "hint": "unknown form"}).to_string(), "\"hint\":\"unknown form\""),
        (json!("Just a string").to_string(), "Just a string"),
        (page.into(), "502 Bad Gateway & more"),
        ("<?xml version=\"1.0\"?><Error><Code>X</Code><Message>From XML</Message></Error>".into(), "From XML"),
        (sse("error", &json!({"error": {"code": "x", "message": "In an event"}}).to_string()), "In an event"),
        ("data: {\"detail\":\"In an event\"}".into(), "In an event"),
        (": ping\n\ndata: plain words\n\n".into(), "plain words"),
    ];
    for (body, words) in &cases {
        for status in [400, 404, 422, 500, 502, 503] {
            let run = generate(1, false, Reply::status(status, body));
            let message = &run.failure().message;
            assert!(message.contains(&words.replace("STATUS", &status.to_string())), "{status} {body}: {message}");
            assert!(!message.contains("without an error message"), "{status} {body}: {message}");
            assert_eq!(run.sent.len(), 1);
        }
    }
    let param = |body: &str| generate(1, false, Reply::status(422, body)).failure().param.clone();
    assert_eq!(param(&cases[1].0).as_deref(), Some("size"));
    assert_eq!(param(&cases[9].0).as_deref(), Some("size"));
    // Nothing that could be quoted.
    for body in ["", "  ", "{}", "null", "[]", "\0\u{1}\u{2}", "\u{FFFD}PNG", "<html></html>", "{\"error\":{}}"] {
        let run = generate(1, false, Reply::status(502, body));
        assert!(run.failure().message.contains("without an error message"), "{body:?}: {}", run.failure().message);
    }
}

#[test]
fn a_quote_is_bounded_and_holds_no_secret() {
    let secret = "A-Key-Of-A-Test";
    for body in [
        format!("{secret} {}", "x".repeat(100_000)),
        json!({"detail": format!("{secret} {}", "x".repeat(100_000))}).to_string(),
        json!({"unknown": format!("{secret} {}", "x".repeat(100_000))}).to_string(),
        format!("<title>{secret} {}</title>", "x".repeat(10_000)),
    ] {
        for run in [generate(1, false, Reply::status(502, &body)), generate(1, false, Reply::ok(body.clone()))] {
            let message = &run.failure().message;
            assert!(message.chars().filter(|letter| *letter == 'x').count() <= 310, "{message}");
            assert!(!message.to_lowercase().contains("key-of-a"), "{message}");
        }
    }
}

#[test]
fn plain_words_in_a_stream_are_its_error_only_if_no_image_comes() {
    let words = "data: error: CUDA out of memory\n\n";
    ends(
        &generate(1, true, Reply::ok(words)),
        (Service, Unknown, true),
        &["CUDA out of memory", "may still have been"],
    );
    ends(&respond(Delivery::Streamed, Reply::ok(words)), (Service, Unknown, true), &["CUDA out of memory"]);
    let run = generate(1, true, Reply::ok(words.to_owned() + &completed(&format!(",\"b64_json\":\"{}\"", base64()))));
    assert_eq!((run.outcome.is_ok(), images(&run).len()), (true, 1));
    let broken = "data: {\"type\":\"image_generation.partial_image\",}\n\n";
    ends(&generate(1, true, Reply::ok(broken)), (StreamMalformed, Unknown, false), &[]);
    let run = generate(1, true, Reply::ok(broken.to_owned() + &completed(&format!(",\"b64_json\":\"{}\"", base64()))));
    assert_eq!((run.outcome.is_ok(), images(&run).len()), (true, 1));
}

// Errors inside errors.

#[test]
fn an_error_inside_an_error_is_unwrapped() {
    let text = |value: &Value| Value::String(value.to_string());
    let inner = json!({"error": {"code": "moderation_blocked", "message": "Blocked.", "param": null,
        "moderation_details": {"moderation_stage": "output", "categories": ["sexual"]}}});
    let python = "{'error': {'code': 'moderation_blocked', 'message': \"It's blocked.\", 'param': None, \
                  'moderation_details': {'moderation_stage': 'output', 'categories': ['sexual']}}}";
    let wrap = |message: Value| json!({"error": {"message": message, "type": null, "param": "None", "code": "400"}});
    let twice = wrap(text(&wrap(text(&inner))));
    let thrice = wrap(text(&twice));
    for body in [
        wrap(text(&inner)),
        twice,
        thrice,
        wrap(format!("litellm.BadRequestError: AzureException - {inner}\n\nmodel group=x. Fallbacks=None").into()),
        wrap(format!("Error code: 400 - {python}").into()),
        json!({"error": "BadRequest", "message": inner.to_string()}),
        json!({"error": {"message": "Provider returned error", "code": 400, "metadata": {"raw": inner.to_string()}}}),
        json!({"detail": inner.to_string()}),
        json!({"detail": inner}),
        json!({"message": inner}),
        json!({"statusCode": 400, "body": inner.to_string()}),
        json!([wrap(text(&inner))]),
    ] {
        for status in [400, 500] {
            let run = generate(1, false, Reply::status(status, &body.to_string()));
            is_filter(run.failure(), "image", Unknown, &["sexual"]);
            assert_eq!(run.failure().service_code.as_deref(), Some("moderation_blocked"), "{body}");
        }
        let run = generate(1, true, Reply::ok(sse("error", &body.to_string())));
        is_filter(run.failure(), "image", Unknown, &["sexual"]);
    }
    let lite = json!({"error": {"message": "litellm.ContentPolicyViolationError: no", "code": "400",
        "provider_specific_fields": {"innererror": {"content_filter_result": {"hate": {"filtered": true, "severity": "high"}}}}}});
    is_filter(generate(1, false, Reply::status(400, &lite.to_string())).failure(), "unknown", Unknown, &["hate"]);

    let blocked = json!({"error": {"code": "Forbidden", "message": "Your resource has been temporarily blocked because we detected behavior that may violate our content policy."}});
    let body = json!({"error": "Forbidden", "message": blocked.to_string()}).to_string();
    ends(
        &generate(1, false, Reply::status(403, &body)),
        (Permission, No, false),
        &["temporarily blocked", "Contact Azure support"],
    );
}

#[test]
fn braces_in_a_message_are_left_as_they_are() {
    for message in ["Use {\"size\": \"auto\"} instead", "{}", "{{{{{", "{'a':", "a { b } c", &"{".repeat(5000)] {
        let body = json!({"error": {"code": "x", "message": message}}).to_string();
        let run = generate(1, false, Reply::status(400, &body));
        assert!(run.failure().message.contains(&message[..message.len().min(1000)]), "{}", run.failure().message);
    }
}

// Not an image, and not cut.

#[test]
fn a_complete_answer_without_an_image_is_not_repeated_and_is_quoted() {
    let task = json!({"id": "task_1", "object": "generation.task", "status": "queued"}).to_string();
    let polling = json!({"id": "abc", "polling_url": "https://x.example/poll"}).to_string();
    let in_data = json!({"data": [{"status": "submitted", "task_id": "task_1"}]}).to_string();
    let in_output = json!({"output": {"task_id": "task_1", "task_status": "PENDING"}, "request_id": "r"}).to_string();
    for (status, body, words) in [
        (200, task.as_str(), "task_1, status queued"),
        (202, &task, "task_1, status queued"),
        (200, &sse("", &task), "task_1, status queued"),
        (200, &polling, "(abc)"),
        (200, &in_data, "task_1, status submitted"),
        (200, &in_output, "task_1, status PENDING"),
        (200, "{}", "It starts with: {}"),
        (200, "[]", "It starts with: []"),
        (200, "{\"ok\":true}", "It starts with: {\"ok\":true}"),
        (200, "OK, done", "It starts with: OK, done"),
        (200, "\"accepted\"", "It starts with: \"accepted\""),
        (202, "", "It is empty"),
        (204, "", "It is empty"),
    ] {
        for run in [
            generate(1, false, Reply::status(status, body)),
            generate(1, true, Reply::status(status, body)),
            respond(Delivery::Whole, Reply::status(status, body)),
            respond(Delivery::Streamed, Reply::status(status, body)),
        ] {
            if body == in_output && !run.urls()[0].contains("images") {
                continue;
            }
            let words = if body == in_data && !run.urls()[0].contains("images") { "task_1" } else { words };
            ends(&run, (NoImage, Unknown, false), &[words]);
        }
    }
    // A cut answer is still one.
    for body in ["", "{\"created\":5", "data: {\"type\":\"image_generation.partial_image\"}\n\n", "event: image"] {
        ends(&generate(1, true, Reply::ok(body)), (StreamTruncated, Unknown, true), &[]);
    }
}

// Keep-alive events.

#[test]
fn keep_alive_events_are_skipped() {
    for keep_alive in [
        "event: keepalive\ndata: keepalive\n\n",
        "data: ping\n\n",
        "data: [HEARTBEAT]\n\n",
        ": ping\n\n",
        "data: 0\n\n",
        "event: ping\ndata: {}\n\n",
        "data:\n\n",
        "data: keep alive, please wait\n\n",
    ] {
        let body =
            format!("{keep_alive}{}{keep_alive}{}", partial(), completed(&format!(",\"b64_json\":\"{}\"", base64())));
        let run = generate(1, true, Reply::ok(body));
        assert_eq!((run.outcome.is_ok(), images(&run).len()), (true, 1), "{keep_alive}");
        ends(&generate(1, true, Reply::ok(keep_alive.repeat(3))), (StreamTruncated, Unknown, true), &[]);
    }
}

// Images that arrived before the end was lost.

#[test]
fn an_image_whose_event_has_arrived_counts_although_the_connection_breaks_or_stalls() {
    let event = completed(&format!(",\"b64_json\":\"{}\"", base64()));
    let json = json!({"created": 1, "data": [{"b64_json": base64()}]}).to_string();
    for body in [event.trim_end(), event.trim_end_matches('\n'), &event[..event.len() - 1], &json] {
        for end in [Part::Break, Part::Hang] {
            let run = generate(1, true, Reply::parts(vec![Part::Bytes(body.into()), end.clone()]));
            assert_eq!((run.outcome.is_ok(), images(&run).len()), (true, 1), "{end:?} after {body}");
        }
    }
    // A partial image never does.
    for end in [Part::Break, Part::Hang] {
        let run = generate(1, true, Reply::parts(vec![Part::Bytes(partial().trim_end().into()), end]));
        assert_eq!((images(&run).len(), run.failure().billed), (0, Unknown));
    }
}

#[test]
fn an_answer_that_is_cut_after_an_image_brings_it_with_the_error() {
    let second = "{\"b64_json\":\"iVBORw0KGgo";
    let cuts = [
        (2, format!("{{\"created\":1,\"data\":[{{\"b64_json\":\"{}\"}},{second}", base64())),
        (1, format!("{{\"created\":1,\"data\":[{{\"b64_json\":\"{}\"", base64())),
        (1, format!("{{\"created\":1,\"data\":[{{\"url\":\"data:image/png;base64,{}\"", base64())),
        (
            1,
            completed(&format!(",\"b64_json\":\"{}\",\"usage\":{{", base64())).trim_end_matches(['}', '\n']).to_owned(),
        ),
    ];
    for (n, body) in cuts {
        for (end, code) in [(None, StreamTruncated), (Some(Part::Break), Connection), (Some(Part::Hang), Timeout)] {
            let parts = std::iter::once(Part::Bytes(body.clone().into_bytes())).chain(end).collect();
            let run = generate(n, n == 1, Reply::parts(parts));
            assert_eq!(images(&run).iter().map(bytes).collect::<Vec<_>>(), [IMAGE], "{body}");
            ends(&run, (code, Yes, true), &["1 image arrived completely and will be billed"]);
            assert!(!run.failure().message.contains("may still have been"), "{}", run.failure().message);
        }
    }
    // An image of an event that is complete is a success, beside the failure of the other one.
    let whole = completed(&format!(",\"b64_json\":\"{}\"", base64()));
    let run = generate(2, false, Reply::ok(format!("{whole}data: {{\"type\":\"image_gen")));
    let Ok(Output::Images { result, .. }) = &run.outcome else { panic!("{run:?}") };
    assert_eq!((images(&run).len(), result.failures[0].error.code), (1, StreamTruncated));
    // A fault in the rest does not take it away either.
    let run = generate(2, false, Reply::ok(format!("{{\"data\":[{{\"b64_json\":\"{}\"}},oops", base64())));
    assert_eq!(images(&run).len(), 1);
    ends(&run, (StreamMalformed, Yes, false), &["1 image arrived"]);
}

// The Responses API.

fn done() -> String {
    let item = json!({"type": "image_generation_call", "id": "ig_1", "status": "completed", "result": base64()});
    let event = json!({"type": "response.output_item.done", "output_index": 0, "item": item});
    sse("response.output_item.done", &event.to_string())
}

fn created() -> String {
    sse(
        "response.created",
        &json!({"type": "response.created", "response": {"id": "resp_1", "status": "in_progress"}}).to_string(),
    )
}

#[test]
fn a_response_that_lost_its_end_after_the_image_does_not_say_that_the_image_is_incomplete() {
    let whole = created() + &done();
    let in_item = whole.trim_end().trim_end_matches('}').to_owned();
    for body in [whole, in_item] {
        for (end, code) in [(None, StreamTruncated), (Some(Part::Break), Connection), (Some(Part::Hang), Timeout)] {
            let parts = std::iter::once(Part::Bytes(body.clone().into_bytes())).chain(end).collect();
            let run = respond(Delivery::Streamed, Reply::parts(parts));
            assert_eq!(run.events.iter().filter(|event| *event == "image").count(), 1, "{body}");
            ends(&run, (code, Yes, true), &["1 image arrived completely and will be billed"]);
            let message = &run.failure().message;
            assert!(!message.contains("before the image was complete") && !message.contains("may still"), "{message}");
        }
    }
}

#[test]
fn a_response_with_only_partial_images_has_no_image() {
    let partial = json!({"type": "response.image_generation_call.partial_image", "item_id": "ig_1", "output_index": 0,
        "partial_image_index": 0, "partial_image_b64": base64()});
    let end = json!({"type": "response.completed", "response": {"id": "resp_1", "object": "response", "status": "completed", "output": []}});
    let body = created()
        + &sse("response.image_generation_call.partial_image", &partial.to_string())
        + &sse("response.completed", &end.to_string());
    let run = respond(Delivery::Streamed, Reply::ok(body));
    ends(&run, (NoImage, Yes, false), &["without the image", "responses.get()"]);
}

// Other members of the same kinds.

#[test]
fn an_image_in_the_form_of_a_json_response_counts_in_any_event() {
    let data = format!("\"data\":[{{\"b64_json\":\"{}\"}}]", base64());
    for event in [
        sse("message", &format!("{{{data}}}")),
        sse("image_generation.completed", &format!("{{{data}}}")),
        completed(&format!(",{data}")),
        sse("", &format!("{{\"type\":\"image\",{data}}}")),
    ] {
        let run = generate(1, true, Reply::ok(event.clone()));
        assert_eq!(images(&run).iter().map(bytes).collect::<Vec<_>>(), [IMAGE], "{event}");
        assert!(run.outcome.is_ok(), "{event}");
    }
    let run = generate(1, true, Reply::ok(sse("", &format!("{{\"type\":\"image.partial\",{data}}}"))));
    assert_eq!(images(&run).len(), 0);
}

#[test]
fn an_event_that_is_cut_does_not_take_away_the_image_after_it() {
    let image = completed(&format!(",\"url\":\"data:image/png;base64,{}\"", base64()));
    let cut = |text: &str| format!("data: {text}\n\n");
    let url = format!("{{\"data\":[{{\"b64_json\":\"data:image/png;base64,{}", base64());
    for event in [
        cut("{"),
        cut("\""),
        cut("tru"),
        cut("{\"type\":\"ping\""),
        cut(&url),
        cut("{\"b64_json\":\"data:im"),
        cut("{\"b64_json\":\"AAAA\\q"),
        cut("{\"statusCode\":200}"),
    ] {
        for name in ["", "event: ping\n"] {
            let run = generate(1, true, Reply::ok(format!("{name}{event}{image}")));
            let received: Vec<_> = images(&run).iter().map(bytes).collect();
            assert_eq!(received.last().map(Vec::as_slice), Some(IMAGE), "{event}: {:?}", run.outcome);
        }
    }
}

#[test]
fn the_words_of_an_error_survive_unusual_forms() {
    let inner = "{\"error\":{\"code\":\"moderation_blocked\",\"message\":\"It is blocked\"}}";
    let escaped = inner.replace('"', "\\\"");
    let cases = [
        (
            json!({"fault": {"faultstring": "Quota violation", "detail": {"errorcode": "policies.x"}}}).to_string(),
            "Quota violation",
        ),
        (json!({"error": {"code": "x", "details": [{"message": "In details"}]}}).to_string(), "In details"),
        (
            json!({"error": {"code": "x", "message": "Outer", "details": [{"message": "In details"}]}}).to_string(),
            "Outer",
        ),
        (json!({"error": {"code": "x", "message": 12345}}).to_string(), "12345"),
        (json!({"Error": {"Code": "X", "Message": "In capitals"}}).to_string(), "(400 X): In capitals"),
        (json!({"error": {"message": {"en": "Localized"}}}).to_string(), "Localized"),
        (
            json!({"error": {"message": "", "type": "x"}, "message": "Outside"}).to_string(),
            "Outside. Change the request",
        ),
        (sse("ping", "{}") + &sse("error", &json!({"error": {"message": "Second event"}}).to_string()), "Second event"),
        (sse("", "keepalive") + &sse("", &json!({"detail": "Second event"}).to_string()), "Second event"),
        (sse("", "keepalive") + &sse("error", "Plain words"), "Plain words"),
        ("<html><style>p{}</style><!-- <p>x</p> --><p>Blocked &amp; logged</p></html>".into(), "Blocked & logged"),
        ("<title></title><h2>Not available</h2>".into(), "Not available"),
        ("<error><description>From XML</description></error>".into(), "From XML"),
        ("\u{1b}[31mError: CUDA out of memory\u{1b}[0m".into(), "CUDA out of memory"),
        ("x".to_owned() + &"\u{e9}".repeat(200_000), "x\u{e9}\u{e9}\u{e9}"),
        (
            format!("AzureException - b'{}'", "{\\n  \"error\": {\\n  \"message\": \"It\\'s blocked\" } }"),
            ": It's blocked",
        ),
        (format!("upstream said \"{escaped}\""), "moderation_blocked): It is blocked"),
        (
            json!({"error": {"message": format!("upstream said \"{escaped}\"")}}).to_string(),
            "moderation_blocked): It is blocked",
        ),
        ("Error code: 400 - {'error': {'message': 'caf\\xe9 is blocked'}}".into(), ": caf\u{e9} is blocked"),
    ];
    for (body, words) in &cases {
        let run = generate(1, false, Reply::status(400, body));
        assert!(run.failure().message.contains(words), "{body:.200}: {}", run.failure().message);
    }
    let latin = b"Zugriff verweigert: Schl\xfcssel ung\xfcltig".to_vec();
    let run = generate(1, false, Reply::ok(latin).with_head(|head| head.status = 403));
    assert!(run.failure().message.contains("Zugriff verweigert"), "{}", run.failure().message);
    let typed = json!({"error": {"message": "no", "type": "content_policy_violation"}}).to_string();
    assert_eq!(generate(1, false, Reply::status(400, &typed)).failure().code, ContentFilter);
}

#[test]
fn a_complete_answer_without_data_keeps_its_words() {
    for body in [
        json!({"code": 500, "msg": "Insufficient balance", "data": null}),
        json!({"code": "X", "message": "Insufficient balance", "data": []}),
        json!({"success": false, "errors": [{"code": 1, "message": "Insufficient balance"}], "data": []}),
    ] {
        for is_streamed in [false, true] {
            let run = generate(1, is_streamed, Reply::ok(body.to_string()));
            ends(&run, (NoImage, Unknown, false), &["It says: Insufficient balance."]);
        }
    }
    let body = json!({"data": [{}], "error": {"message": "Out of memory", "code": "x"}}).to_string();
    ends(&generate(1, false, Reply::ok(body)), (Service, Unknown, true), &["Out of memory"]);
    let body = json!({"code": "content_policy_violation", "message": "no", "data": []}).to_string();
    assert_eq!(generate(1, false, Reply::ok(body)).failure().code, ContentFilter);
    for words in ["Service busy", "Rate limit reached", "Insufficient quota", "Upstream timed out"] {
        ends(&generate(1, true, Reply::ok(sse("", words))), (Service, Unknown, true), &[words]);
    }
}

#[test]
fn nested_errors_take_linear_time() {
    // A time that grows with the power of the depth would not end.
    for (status, depth) in [(400, 31), (200, 62)] {
        for name in ["error", "errors", "detail", "message"] {
            let body = format!("{}{{\"x\":1}}{}", format!("{{\"{name}\":").repeat(depth), "}".repeat(depth));
            let run = generate(1, false, Reply::status(status, &body));
            assert_eq!(run.sent.len(), 1);
        }
    }
}
