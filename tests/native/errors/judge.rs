//! When the judge of errors is needed, and what becomes of an error without it.

use std::rc::Rc;

use azure_image_client::errors::billing::Interruption;
use azure_image_client::errors::judge::ServiceJudge;
use azure_image_client::errors::{Billed, Code};
use azure_image_client::http::endpoint::Operation as Route;
use azure_image_client::http::message::Head;
use azure_image_client::images::generate::{GenerateImages, ImagesCall};
use azure_image_client::images::request::ImageRequest;
use azure_image_client::operation::{Operation, Output, Start, Step};
use azure_image_client::settings::{Settings, Timeouts};

use crate::support::Keep;
use crate::support::driver::{Part, Reply, Run, Script, authorization, run, settings};

/// A generation of two images.
fn generation(settings: &Rc<Settings>) -> Box<GenerateImages<Keep>> {
    let call = ImagesCall {
        route: Route::Generations,
        request: ImageRequest { prompt: "a lighthouse".into(), n: Some(2), ..ImageRequest::default() },
        is_streamed: false,
        inputs: None,
        today: "2026-12-01".into(),
    };
    Box::new(GenerateImages::new(Rc::clone(settings), call, Default::default).unwrap())
}

/// Runs a generation of two images. Returns true if the judge was loaded.
fn generate(replies: Vec<Reply>, has_judge: bool, loads_judge: bool) -> (Run, bool) {
    let settings = Rc::new(Settings { deployment: Some("gpt-image-1".into()), ..settings() });
    settings.judge.set(if has_judge { Some(&ServiceJudge) } else { None });
    let run = run(&settings, generation(&settings), Script { loads_judge, ..Script::replies(replies) });
    let was_loaded = settings.judge.get().is_some();
    (run, was_loaded)
}

fn operation(settings: &Rc<Settings>) -> Operation<Keep> {
    let start = Start { timeouts: settings.timeouts, reports_progress: false, started_at: 0, seed: 1 };
    Operation::new(Rc::clone(settings), generation(settings), start)
}

/// Sends the request of a call. The head of the response arrives.
fn send(call: &mut Operation<Keep>, status: u16) {
    assert!(matches!(call.next(0, 0), Step::Authorize { .. }));
    call.on_token(0, Ok(Some(authorization("a-key-of-a-test", false))), 0);
    assert!(matches!(call.next(0, 0), Step::Send(_)));
    call.on_sent(0, 0);
    call.on_headers(0, Head { status, ..Head::default() }, 1);
}

fn with_retry_after(reply: Reply) -> Reply {
    reply.with_head(|head| head.retry_after = Some("7".into()))
}

const IMAGES: &str = r#"{"created":1,"data":[{"b64_json":"AAAA"},{"b64_json":"AAAB"}]}"#;

#[test]
fn an_answer_with_its_images_needs_no_judge() {
    for body in [
        IMAGES,
        r#"{"data":[{"url":"https://a.example/1"},{"url":"http://a.example/2"}]}"#,
        r#"{"data":[{"b64_json":"","url":"data:image/png;base64,AAAA"},{"b64_json":"AAAB"}]}"#,
        r#"{"created":1,"error":null,"data":[{"b64_json":"AAAA"},{"b64_json":"AAAB","error":{}}]}"#,
        r#"{"data":{"b64_json":"AAAA"}}"#,
        r#"{"id":"1","status":"Ready","result":{"sample":"https://a.example/1"}}"#,
        "data: {\"type\":\"image_generation.partial_image\",\"b64_json\":\"AAAA\"}\n\n\
         data: {\"type\":\"keepalive\"}\n\n\
         data: {\"type\":\"image_generation.completed\",\"b64_json\":\"AAAB\"}\n\n",
    ] {
        let (run, was_loaded) = generate(vec![Reply::ok(body)], false, true);
        assert!(!was_loaded, "{body}");
        assert!(matches!(run.outcome, Ok(Output::Images { .. })), "{body}: {:?}", run.outcome);
    }
}

/// Replies that need the judge.
fn errors() -> Vec<(&'static str, Vec<Reply>)> {
    let refused = r#"{"error":{"code":"content_policy_violation","message":"Your request was rejected."}}"#;
    let filtered = r#"{"data":[{"b64_json":"AAAA"},{"content_filter_results":{"violence":{"filtered":true}}}]}"#;
    let half = &IMAGES.as_bytes()[..40];
    vec![
        ("a status", vec![Reply::status(400, refused)]),
        ("a long body", vec![Reply::status(500, &"x".repeat(300_000))]),
        (
            "a wait",
            vec![with_retry_after(Reply::status(429, r#"{"error":{"message":"Slow down."}}"#)), Reply::ok(IMAGES)],
        ),
        (
            "a cut error",
            vec![Reply::Response(
                Head { status: 503, ..Head::default() },
                vec![Part::Bytes(br#"{"error":{"message":"Over"#.to_vec()), Part::Break],
            )],
        ),
        ("an error in a document", vec![Reply::ok(refused)]),
        ("a withheld image", vec![Reply::ok(filtered)]),
        (
            "an image and an error before a cut",
            vec![Reply::parts(vec![
                Part::Bytes(half.to_vec()),
                Part::Bytes(b",{\"error\":{\"message\":\"No capacity.\"}}".to_vec()),
                Part::Break,
            ])],
        ),
        ("damaged base64", vec![Reply::ok(r#"{"data":[{"b64_json":"A*AA"},{"b64_json":"AAAA"}]}"#)]),
        ("no image", vec![Reply::ok(r#"{"data":[],"message":"The model is busy."}"#)]),
        ("words in a stream", vec![Reply::ok("data: error: out of memory\n\n")]),
        (
            "an error event, and more data",
            vec![Reply::parts(vec![
                Part::Bytes(format!("event: error\ndata: {refused}\n\n").into_bytes()),
                Part::Bytes(b"data: [DONE]\n\n".to_vec()),
            ])],
        ),
    ]
}

#[test]
fn an_error_is_judged_as_well_after_the_judge_is_loaded() {
    for (name, replies) in errors() {
        let (early, _) = generate(replies.clone(), true, true);
        let (late, was_loaded) = generate(replies, false, true);
        assert!(was_loaded, "{name}");
        assert_eq!(format!("{:?}", early.outcome), format!("{:?}", late.outcome), "{name}");
        assert_eq!((early.waits(), early.events), (late.waits(), late.events), "{name}");
    }
}

#[test]
fn without_the_judge_an_error_has_its_status_and_the_words_of_the_service() {
    for (status, body, code, billed) in [
        (401, r#"{"error":{"message":"Access denied."}}"#, Code::Authentication, Billed::No),
        (404, "", Code::NotFound, Billed::No),
        (429, "Slow down.", Code::RateLimit, Billed::No),
        (422, "<p>", Code::InvalidRequest, Billed::No),
        (502, "Bad gateway", Code::Service, Billed::Unknown),
    ] {
        let (run, _) = generate(vec![Reply::status(status, body)], false, false);
        let failure = run.failure();
        assert_eq!((failure.code, failure.billed, failure.status), (code, billed, Some(status)), "{failure:?}");
        assert!(failure.message.contains(body) && failure.message.contains(&status.to_string()), "{failure:?}");
        assert!(failure.message.contains("azure_image_client_more.wasm"), "{failure:?}");
    }
    for (name, replies) in errors() {
        let (run, was_loaded) = generate(replies, false, false);
        assert!(!was_loaded, "{name}");
        match run.outcome {
            Err(failed) => assert!(!failed.failure.message.is_empty(), "{name}"),
            Ok(Output::Images { images, .. }) => assert!(!images.is_empty(), "{name}"),
            Ok(output) => panic!("{name}: {output:?}"),
        }
    }
}

#[test]
fn images_that_arrived_are_delivered_without_the_judge() {
    let body = r#"{"data":[{"b64_json":"AAAA"},{"content_filter_results":{"violence":{"filtered":true}}}]}"#;
    let (run, _) = generate(vec![Reply::ok(body)], false, false);
    let Ok(Output::Images { images, result }) = &run.outcome else { panic!("{:?}", run.outcome) };
    assert_eq!((images.len(), result.failures.len()), (1, 1));
    assert_eq!(result.failures[0].error.code, Code::NoImage);
}

#[test]
fn an_image_is_delivered_if_the_call_ends_while_the_judge_loads() {
    let body = r#"{"data":[{"b64_json":"AAAA"},{"content_filter_results":{"violence":{"filtered":true}}}]}"#;
    for interruption in [Interruption::Abort, Interruption::TotalTimeout(1000)] {
        let settings = Rc::new(settings());
        let mut call = operation(&settings);
        send(&mut call, 200);
        call.on_chunk(0, body.as_bytes(), 2);
        assert!(call.needs_judge(0));
        assert!(call.interrupt(interruption).is_none(), "the call has ended with its image");
        let Some(Ok(Output::Images { images, result })) = call.take_outcome() else { panic!("no image") };
        assert_eq!((images.len(), result.failures.len()), (1, 1));
    }
    let settings = Rc::new(Settings { timeouts: Timeouts { total: 1000, ..settings().timeouts }, ..settings() });
    let mut call = operation(&settings);
    send(&mut call, 200);
    call.on_chunk(0, body.as_bytes(), 2);
    for now in [1000, 3000, 3020, 3040] {
        call.on_call_deadline(now);
    }
    assert!(matches!(call.take_outcome(), Some(Ok(_))));
}

#[test]
fn a_refusal_that_has_arrived_decides_the_billing_of_a_call_that_ends() {
    let settings = Rc::new(settings());
    let mut call = operation(&settings);
    send(&mut call, 401);
    call.on_end(0, 2);
    assert!(call.interrupt(Interruption::Abort).is_none());
    let Some(Err(failed)) = call.take_outcome() else { panic!("no error") };
    assert_eq!((failed.failure.code, failed.failure.billed), (Code::Authentication, Billed::No));
}

#[test]
fn without_the_judge_a_wait_is_kept_and_an_error_without_words_is_a_sentence() {
    let (run, _) = generate(vec![with_retry_after(Reply::status(429, "")), Reply::ok(IMAGES)], false, false);
    assert!(run.waits()[0] >= 7000, "{:?}", run.waits());
    let (run, _) = generate(vec![Reply::status(499, "")], false, false);
    let failure = run.failure();
    assert_eq!((failure.code, failure.billed), (Code::Service, Billed::Unknown));
    assert!(failure.message.starts_with("The service reported an error (499). (The code"), "{failure:?}");
}
