//! Calls from their start to their end, with a fake clock and a scripted service.

use std::rc::Rc;

use azure_image_client::errors::billing::Interruption;
use azure_image_client::errors::{Billed, Code, Failure};
use azure_image_client::foundry::resource::{ResourceCall, ResourceRequest};
use azure_image_client::http::endpoint::Operation as Route;
use azure_image_client::http::message::{Head, HttpRequest};
use azure_image_client::http::retry::RetryPolicy;
use azure_image_client::images::generate::{GenerateImages, ImagesCall};
use azure_image_client::images::request::ImageRequest;
use azure_image_client::images::result::GenerateResult;
use azure_image_client::operation::{Capability, Output, Stage};
use azure_image_client::probe::Probe;
use azure_image_client::probe::report::Status;
use azure_image_client::queue::Queue;
use azure_image_client::responses::create::{CreateResponse, ResponseCall};
use azure_image_client::responses::job::Delivery;
use azure_image_client::responses::request::ResponseRequest;
use azure_image_client::responses::retrieve::RetrieveResponse;
use azure_image_client::settings::{Settings, Timeouts};

use crate::support::driver::{Part, Reply, Run, Script, authorization, no_token, run, settings, settings_of};
use crate::support::{Keep, encode};

type Work = Box<dyn Capability<Keep>>;

fn images(settings: &Rc<Settings>, n: Option<u32>, is_streamed: bool) -> Work {
    let call = ImagesCall {
        route: Route::Generations,
        request: ImageRequest { prompt: "a lighthouse".into(), n, ..ImageRequest::default() },
        is_streamed,
        inputs: None,
        today: "2026-11-29".into(),
    };
    Box::new(GenerateImages::new(Rc::clone(settings), call, Keep::default).unwrap())
}

fn response(settings: &Rc<Settings>, delivery: Delivery) -> Work {
    let request =
        ResponseRequest { model: Some("gpt-4.1".into()), input: "\"draw\"".into(), ..ResponseRequest::default() };
    let call = ResponseCall {
        request,
        image_deployment: Some("gpt-image-1".into()),
        delivery,
        images: Vec::new(),
        today: "2026-11-29".into(),
    };
    Box::new(CreateResponse::new(Rc::clone(settings), call, 0, Keep::default).unwrap())
}

fn resource(settings: &Rc<Settings>, operation: &str) -> Work {
    let call =
        ResourceCall { operation: operation.into(), id: "file_1".into(), body: "{}".into(), ..Default::default() };
    Box::new(ResourceRequest::new(settings, call, Keep::default).unwrap())
}

/// The settings of a project, which has agents.
fn project() -> Rc<Settings> {
    Rc::new(settings_of("https://my-resource.services.ai.azure.com/api/projects/mine"))
}

fn default() -> Rc<Settings> {
    Rc::new(settings())
}

fn with(change: impl FnOnce(&mut Settings)) -> Rc<Settings> {
    let mut settings = settings();
    change(&mut settings);
    Rc::new(settings)
}

fn image_body(count: usize) -> String {
    let image = format!("{{\"b64_json\":\"{}\"}}", encode(b"an image"));
    let usage = "{\"input_tokens\":1,\"output_tokens\":10,\"total_tokens\":11}";
    format!("{{\"created\":5,\"data\":[{}],\"usage\":{usage}}}", vec![image; count].join(","))
}

fn event(kind: &str, members: &str) -> Part {
    Part::Bytes(format!("event: {kind}\ndata: {{\"type\":\"{kind}\"{members}}}\n\n").into_bytes())
}

fn partial_image(index: u32) -> Part {
    let image = encode(b"rough");
    event("image_generation.partial_image", &format!(",\"partial_image_index\":{index},\"b64_json\":\"{image}\""))
}

fn final_image() -> Part {
    event("image_generation.completed", &format!(",\"b64_json\":\"{}\"", encode(b"an image")))
}

/// The tokens that a credential gives; the replies; the tokens that are sent; the code of the failure.
type TokenCase<'a> = (&'a [&'a str], Vec<Reply>, &'a [&'a str], Option<Code>);

fn images_of(run: &Run) -> (&Vec<u32>, &GenerateResult) {
    static NONE: Vec<u32> = Vec::new();
    match &run.outcome {
        Ok(Output::Images { result, .. }) => (&NONE, result),
        other => panic!("{other:?}"),
    }
}

fn delivered(run: &Run) -> Vec<u32> {
    match &run.outcome {
        Ok(Output::Images { images, .. }) => images.iter().map(|image| image.image_index).collect(),
        Err(failed) => failed.images.iter().map(|image| image.image_index).collect(),
        Ok(other) => panic!("{other:?}"),
    }
}

// Retries.

#[test]
fn a_request_is_repeated_only_if_it_cannot_have_made_an_image() {
    let lost_in_body = || Reply::parts(vec![Part::Bytes(b"{\"created\":5,".to_vec()), Part::Break]);
    let cut = || Reply::ok("{\"created\":5,");
    let quota = "{\"error\":{\"code\":\"insufficient_quota\",\"message\":\"You exceeded your current quota.\"}}";
    let filter = "{\"error\":{\"code\":\"content_filter\",\"message\":\"x\",\"inner_error\":{}}}";
    // The reply; the requests with 3 retries, and with `retryUnknownOutcome`; the code; whether it is billed.
    let cases = [
        (Reply::status(429, "{}"), 4, 4, Code::RateLimit, Billed::No),
        (Reply::status(429, quota), 1, 1, Code::RateLimit, Billed::No),
        (Reply::status(400, "{}"), 1, 1, Code::InvalidRequest, Billed::No),
        (Reply::status(400, filter), 1, 1, Code::ContentFilter, Billed::Unknown),
        (Reply::status(401, "{}"), 1, 1, Code::Authentication, Billed::No),
        (Reply::status(403, "{}"), 1, 1, Code::Permission, Billed::No),
        (Reply::status(404, "{}"), 1, 1, Code::NotFound, Billed::No),
        (Reply::status(408, ""), 1, 4, Code::Timeout, Billed::Unknown),
        (Reply::status(500, "{}"), 1, 4, Code::Service, Billed::Unknown),
        (Reply::status(503, ""), 1, 4, Code::Service, Billed::Unknown),
        (Reply::Lost, 1, 4, Code::Connection, Billed::Unknown),
        (lost_in_body(), 1, 4, Code::Connection, Billed::Unknown),
        (cut(), 1, 4, Code::StreamTruncated, Billed::Unknown),
        (Reply::ok("<html>"), 1, 1, Code::Service, Billed::Unknown),
        (Reply::ok("{\"created\":5,\"data\":[]}"), 1, 1, Code::NoImage, Billed::Unknown),
    ];
    for is_streamed in [false, true] {
        for retry_unknown_outcome in [false, true] {
            for (reply, requests, if_unknown, code, billed) in cases.clone() {
                let settings =
                    with(|settings| settings.retries = RetryPolicy { retry_unknown_outcome, ..RetryPolicy::default() });
                let run = run(&settings, images(&settings, None, is_streamed), Script::replies(vec![reply.clone()]));
                let expected = if retry_unknown_outcome { if_unknown } else { requests };
                let failure = run.failure();
                let seen = (run.sent.len(), failure.code, failure.billed);
                assert_eq!(seen, (expected, code, billed), "{reply:?} {is_streamed} {retry_unknown_outcome}");
            }
        }
    }
}

#[test]
fn a_reading_request_is_repeated_after_every_temporary_failure_and_is_free() {
    let project = project();
    for reply in [Reply::status(500, ""), Reply::Lost, Reply::status(429, "{}")] {
        let run = run(&project, resource(&project, "getFile"), Script::replies(vec![reply.clone()]));
        assert_eq!((run.sent.len(), run.failure().billed), (4, Billed::No), "{reply:?}");
    }
    // To create something twice is not the same, except after a conflict.
    for (status, requests) in [(500, 1), (409, 4), (429, 4)] {
        let settings = Rc::clone(&project);
        let run = run(
            &settings,
            resource(&settings, "createConversation"),
            Script::replies(vec![Reply::status(status, "{}")]),
        );
        assert_eq!((run.sent.len(), run.failure().billed), (requests, Billed::No), "{status}");
    }
}

#[test]
fn waits_are_as_asked_or_grow_and_are_bounded() {
    let busy = |name: &'static str, value: &'static str| {
        Reply::status(429, "{}").with_head(|head| match name {
            "retry-after" => head.retry_after = Some(value.into()),
            _ => head.retry_after_ms = Some(value.into()),
        })
    };
    // The reply; the range of each wait.
    let cases: [(Reply, &[std::ops::RangeInclusive<u64>]); 5] = [
        (Reply::status(429, "{}"), &[500..=1000, 1000..=2000, 2000..=4000]),
        (busy("retry-after", "3"), &[3000..=3100, 3000..=3100, 3000..=3100]),
        (busy("retry-after-ms", "250"), &[250..=350, 250..=350, 250..=350]),
        // Longer than `maxRetryDelayInMs`.
        (busy("retry-after", "121"), &[]),
        (busy("retry-after", "120"), &[120_000..=120_100, 120_000..=120_100, 120_000..=120_100]),
    ];
    for (reply, waits) in cases {
        let settings = default();
        let run = run(&settings, images(&settings, None, false), Script::replies(vec![reply.clone()]));
        assert_eq!(run.waits().len(), waits.len(), "{reply:?}");
        for (wait, range) in run.waits().iter().zip(waits) {
            assert!(range.contains(wait), "{wait} of {range:?} after {reply:?}");
        }
    }
}

#[test]
fn a_retry_that_succeeds_leaves_no_trace() {
    let settings = default();
    let replies = vec![Reply::status(429, "{}"), Reply::ok(image_body(1))];
    let run = run(&settings, images(&settings, None, false), Script::replies(replies));
    assert_eq!((run.sent.len(), delivered(&run)), (2, vec![0]));
    assert_eq!(images_of(&run).1.failures, []);
}

#[test]
fn an_earlier_attempt_that_may_be_billed_is_mentioned() {
    let settings = with(|settings| settings.retries.retry_unknown_outcome = true);
    let replies = vec![Reply::Lost, Reply::status(400, "{}")];
    let run = run(&settings, images(&settings, None, false), Script::replies(replies));
    let failure = run.failure();
    assert_eq!((run.sent.len(), failure.code, failure.billed), (2, Code::InvalidRequest, Billed::Unknown));
    assert!(failure.message.contains("An earlier attempt of this call may have been billed."), "{}", failure.message);
}

#[test]
fn an_image_that_has_arrived_is_never_requested_again() {
    let settings = with(|settings| settings.retries.retry_unknown_outcome = true);
    let image = format!("{{\"b64_json\":\"{}\"}}", encode(b"an image"));
    // One image is complete, and the second is cut.
    let body = format!("{{\"created\":5,\"data\":[{image},{{\"error\":{{\"code\":\"server_error\"}}}}]}}");
    let run = run(&settings, images(&settings, Some(2), false), Script::replies(vec![Reply::ok(body)]));
    let (_, result) = images_of(&run);
    assert_eq!((run.sent.len(), delivered(&run)), (1, vec![0]));
    assert_eq!(result.failures.iter().map(|failure| failure.image_index).collect::<Vec<_>>(), [1]);
}

// Tokens.

#[test]
fn a_refused_token_is_replaced_once() {
    let settings = default();
    let unauthorized = Reply::status(401, "{\"error\":{\"code\":\"401\",\"message\":\"expired\"}}");
    let cases: [TokenCase<'_>; 4] = [
        (
            &["old-token-1", "new-token-2"],
            vec![unauthorized.clone(), Reply::ok(image_body(1))],
            &["old-token-1", "new-token-2"],
            None,
        ),
        (
            &["old-token-1", "new-token-2"],
            vec![unauthorized.clone()],
            &["old-token-1", "new-token-2"],
            Some(Code::Authentication),
        ),
        (&["old-token-1", "old-token-1"], vec![unauthorized.clone()], &["old-token-1"], Some(Code::Authentication)),
        // A role that is missing is not to be had with another token.
        (&["old-token-1"], vec![Reply::status(403, "{}")], &["old-token-1"], Some(Code::Permission)),
    ];
    for (tokens, replies, sent, code) in cases {
        let mut asked = Vec::new();
        let mut script = Script::replies(replies);
        script.credential = Box::new(|refused| {
            asked.push(refused.map(ToOwned::to_owned));
            (0, Ok(Some(authorization(tokens[(asked.len() - 1).min(tokens.len() - 1)], true))))
        });
        let run = run(&settings, images(&settings, None, false), script);
        let bearer = |sent: &crate::support::driver::Sent| sent.request.headers[0].1.replace("Bearer ", "");
        assert_eq!(run.sent.iter().map(bearer).collect::<Vec<_>>(), sent);
        assert_eq!(run.outcome.as_ref().err().map(|failed| failed.failure.code), code);
        if asked.len() > 1 {
            assert_eq!(asked[1].as_deref(), Some("old-token-1"), "the credential learns what was refused");
        }
        if let Err(failed) = &run.outcome {
            assert!(!failed.failure.message.contains("old-token-1"));
        }
    }
}

#[test]
fn a_credential_without_a_token_ends_the_call_before_anything_is_sent() {
    let settings = default();
    let mut script = Script::replies(vec![Reply::Lost]);
    script.credential = Box::new(|_| (0, Err(no_token())));
    let run = run(&settings, images(&settings, Some(3), true), script);
    assert_eq!((run.sent.len(), run.failure().code, run.failure().billed), (0, Code::Authentication, Billed::No));
}

#[test]
fn a_key_is_not_refreshed() {
    let settings = default();
    let run = run(&settings, images(&settings, None, false), Script::replies(vec![Reply::status(401, "{}")]));
    assert_eq!(run.sent.len(), 1);
    assert_eq!(run.sent[0].request.headers[0], ("api-key".into(), "a-key-of-a-test".into()));
}

// Deadlines.

#[test]
fn each_step_has_its_deadline() {
    let slow = |pause| {
        Reply::parts(vec![partial_image(0), Part::Pause(pause), partial_image(1), Part::Pause(pause), final_image()])
    };
    let mut silent_credential = Script::replies(vec![Reply::Silence]);
    silent_credential.credential = Box::new(|_| (u64::MAX, Ok(None)));
    let hangs = Reply::parts(vec![partial_image(0), Part::Hang]);
    // The script; when it ends at the earliest and at the latest; the words of the failure, and whether it is billed.
    let cases = [
        (
            silent_credential,
            1000..=1100,
            Some(("The credential returned no token within 1 s (timeoutInMs).", Billed::No)),
        ),
        (
            Script::replies(vec![Reply::Silence]),
            1000..=1100,
            Some(("The response did not start within 1 s (timeoutInMs).", Billed::Unknown)),
        ),
        (Script::replies(vec![hangs]), 3000..=3100, Some(("no data for 3 s (idleTimeoutInMs)", Billed::Unknown))),
        // Each chunk begins the idle timeout anew.
        (Script::replies(vec![slow(2900)]), 5800..=5800, None),
        (Script::replies(vec![slow(3200)]), 3000..=3100, Some(("no data for 3 s (idleTimeoutInMs)", Billed::Unknown))),
    ];
    for (script, ends, words) in cases {
        let settings = with(|settings| settings.timeouts = Timeouts { answer: 1000, idle: 3000, total: 0 });
        let run = run(&settings, images(&settings, None, true), script);
        assert!(ends.contains(&run.ended_at), "{} of {ends:?}", run.ended_at);
        match words {
            None => assert_eq!(delivered(&run), [0]),
            Some((words, billed)) => {
                assert!(run.failure().message.contains(words), "{}", run.failure().message);
                assert_eq!((run.failure().code, run.failure().billed), (Code::Timeout, billed));
            }
        }
    }
}

#[test]
fn no_deadline_means_no_deadline() {
    let settings = with(|settings| settings.timeouts = Timeouts { answer: 0, idle: 0, total: 0 });
    let day = 86_400_000;
    let reply = Reply::parts(vec![partial_image(0), Part::Pause(day), final_image()]);
    let run = run(&settings, images(&settings, None, true), Script::replies(vec![reply]));
    assert_eq!((run.ended_at, delivered(&run)), (day, vec![0]));
}

#[test]
fn a_busy_page_does_not_lose_what_arrived_in_time_and_a_hidden_one_ends() {
    let settings = with(|settings| settings.timeouts = Timeouts { answer: 1000, idle: 1000, total: 0 });
    // The data arrives a little after the deadline that a busy page looks at late.
    let late = Reply::parts(vec![partial_image(0), Part::Pause(1300), final_image()]);
    let mut script = Script::replies(vec![late]);
    script.timer_delay = 250;
    assert_eq!(delivered(&run(&settings, images(&settings, None, true), script)), [0]);
    // A hidden page has slow timers as well, and nothing arrives.
    let mut script = Script::replies(vec![Reply::Silence]);
    script.timer_delay = 1000;
    let run = run(&settings, images(&settings, None, true), script);
    assert_eq!(run.failure().code, Code::Timeout);
    assert!(run.ended_at < 6000, "{}", run.ended_at);
}

// Several images.

#[test]
fn many_images_are_divided_into_requests_that_run_side_by_side() {
    // The number of images, whether they are streamed; the requests, and how many run at the same time.
    for (n, is_streamed, requests, parallel) in
        [(25, false, 3, 3), (6, true, 6, 5), (100, false, 10, 5), (1, true, 1, 1)]
    {
        let settings = default();
        let script = Script::new(|request: &HttpRequest, _| {
            if is_streamed {
                Reply::parts(vec![partial_image(0), final_image()])
            } else {
                Reply::ok(image_body(count(request)))
            }
        });
        let run = run(&settings, images(&settings, Some(n), is_streamed), script);
        let reported = run.events.iter().filter(|event| event.starts_with("image ")).count();
        assert_eq!((run.sent.len(), run.parallel), (requests, parallel), "{n}");
        assert_eq!(reported + delivered(&run).len(), n as usize);
        assert!(!delivered(&run).is_empty(), "the last request reports with the result");
    }
}

/// `n` of a request.
fn count(request: &HttpRequest) -> usize {
    let azure_image_client::http::message::Body::Json(text) = &request.body else { panic!("{request:?}") };
    let body: serde_json::Value = serde_json::from_str(text).unwrap();
    usize::try_from(body["n"].as_u64().unwrap_or(1)).unwrap()
}

#[test]
fn the_usage_of_all_requests_is_added_up_and_priced() {
    let settings = with(|settings| {
        settings.model = Some("gpt-image-1-mini".into());
        settings.rates.output = Some(1_000_000);
        settings.rates.text_input = Some(1_000_000);
    });
    let script = Script::new(|request: &HttpRequest, _| Reply::ok(image_body(count(request))));
    let run = run(&settings, images(&settings, Some(20), false), script);
    let usage = images_of(&run).1.summary.usage.unwrap();
    assert_eq!((usage.input_tokens, usage.output_tokens, usage.total_tokens), (2, 20, 22));
    assert_eq!(usage.cost.map(|cost| cost.0), Some(22));
}

#[test]
fn images_that_are_missing_are_told_with_their_reason() {
    let settings = with(|settings| settings.queue = Queue::new(1));
    let replies = vec![Reply::parts(vec![final_image()]), Reply::status(500, "{}"), Reply::parts(vec![final_image()])];
    let run = run(&settings, images(&settings, Some(3), true), Script::replies(replies));
    let failures: Vec<(u32, Code)> =
        images_of(&run).1.failures.iter().map(|failure| (failure.image_index, failure.error.code)).collect();
    assert_eq!(failures, [(1, Code::Service)]);
    assert_eq!(delivered(&run), [2]);
}

#[test]
fn what_would_fail_for_all_is_not_sent_for_all() {
    for (reply, sent) in [
        (Reply::status(404, "{\"error\":{\"code\":\"DeploymentNotFound\"}}"), 1),
        (Reply::status(403, "{}"), 1),
        (Reply::status(500, "{}"), 5),
    ] {
        let settings = with(|settings| settings.queue = Queue::new(1));
        let run = run(&settings, images(&settings, Some(5), true), Script::replies(vec![reply]));
        assert_eq!(run.sent.len(), sent);
    }
}

#[test]
fn the_failure_of_several_requests_has_the_worst_bill() {
    let settings = with(|settings| settings.queue = Queue::new(1));
    let replies = vec![Reply::status(429, "{\"error\":{\"code\":\"insufficient_quota\"}}"), Reply::Lost];
    let run = run(&settings, images(&settings, Some(2), true), Script::replies(replies));
    assert_eq!((run.failure().code, run.failure().billed), (Code::RateLimit, Billed::Unknown));
    assert!(run.failure().message.ends_with("Another request of this call may have been billed."));
}

// Progress.

#[test]
fn progress_goes_through_the_stages_and_counts_down_the_wait() {
    let settings = default();
    let busy = Reply::status(429, "{}").with_head(|head| head.retry_after_ms = Some("2500".into()));
    let replies = vec![busy, Reply::parts(vec![partial_image(0), Part::Pause(10), final_image()])];
    let run = run(&settings, images(&settings, None, true), Script::replies(replies));
    let mut stages: Vec<Stage> = run.progress.iter().map(|progress| progress.stage).collect();
    stages.dedup();
    let (authenticating, waiting) = (Stage::Authenticating, Stage::Waiting);
    let expected =
        [authenticating, waiting, Stage::Retrying, authenticating, waiting, Stage::Receiving, Stage::Completed];
    assert_eq!(stages, expected);
    let waits: Vec<u64> = run.progress.iter().filter_map(|progress| Some(progress.retry.as_ref()?.wait_ms)).collect();
    assert_eq!(waits.len(), 3, "{waits:?}");
    assert!((2500..=2600).contains(&waits[0]) && waits[0] - waits[1] == 1000 && waits[1] - waits[2] == 1000);
    let ids: Vec<(u32, u32)> = run
        .progress
        .iter()
        .filter_map(|progress| progress.retry.as_ref().map(|retry| (retry.id, retry.retries)))
        .collect();
    assert_eq!(ids, [(1, 1); 3]);
    let last = run.progress.last().unwrap();
    assert_eq!((last.partial_images, last.images, last.elapsed_ms), (1, 1, run.ended_at));
}

// The end before the end.

#[test]
fn a_call_that_ends_early_says_what_it_costs() {
    let abort = Interruption::Abort;
    let hangs = || Reply::parts(vec![partial_image(0), Part::Hang]);
    let busy = || Reply::status(429, "{}").with_head(|head| head.retry_after = Some("100".into()));
    let work = |kind: &str, settings: &Rc<Settings>| match kind {
        "images" => images(settings, None, true),
        "resource" => resource(settings, "createConversation"),
        "retrieve" => {
            Box::new(RetrieveResponse::new(Rc::clone(settings), "resp_1".into(), false, Keep::default)) as Work
        }
        _ => Box::new(Probe::new(Rc::clone(settings), true)),
    };
    let cases = [
        ("images", Reply::Silence, Billed::Unknown, "The image may still have been generated and billed."),
        ("images", hangs(), Billed::Unknown, "image may still have been generated"),
        ("images", busy(), Billed::No, "Nothing was billed."),
        (
            "resource",
            Reply::Silence,
            Billed::No,
            "after the request was sent. The service may still have carried it out. The call is not billed.",
        ),
        ("retrieve", Reply::Silence, Billed::No, "Nothing was billed."),
        ("probe", Reply::Silence, Billed::No, "The probe was cancelled."),
    ];
    for (kind, reply, billed, words) in cases {
        let settings = project();
        let mut script = Script::replies(vec![reply.clone()]);
        script.interrupt = Some((50, abort));
        let run = run(&settings, work(kind, &settings), script);
        let failure = run.failure();
        assert_eq!((failure.code, failure.billed), (Code::Cancelled, billed), "{kind} {reply:?}");
        assert!(failure.message.contains(words), "{}", failure.message);
    }
}

#[test]
fn a_call_that_ends_before_anything_was_sent_is_free() {
    for (interruption, code) in
        [(Interruption::Abort, Code::Cancelled), (Interruption::TotalTimeout(1500), Code::Timeout)]
    {
        let settings = default();
        let mut script = Script::replies(vec![Reply::Silence]);
        script.credential = Box::new(|_| (u64::MAX, Ok(None)));
        script.interrupt = Some((50, interruption));
        let run = run(&settings, images(&settings, None, true), script);
        assert_eq!((run.failure().code, run.failure().billed), (code, Billed::No));
        assert!(run.failure().message.contains(" before anything was sent."), "{}", run.failure().message);
    }
}

#[test]
fn images_that_have_arrived_are_kept_and_billed_when_the_call_ends_early() {
    let settings = default();
    let mut script = Script::new(
        |_: &HttpRequest, index| {
            if index == 0 { Reply::parts(vec![final_image()]) } else { Reply::Silence }
        },
    );
    script.interrupt = Some((50, Interruption::TotalTimeout(50)));
    let run = run(&settings, images(&settings, Some(2), true), script);
    assert_eq!((run.failure().code, run.failure().billed, run.failure().retryable), (Code::Timeout, Billed::Yes, true));
    assert!(run.failure().message.contains("images that arrived are billed"), "{}", run.failure().message);
    assert_eq!(run.events.iter().filter(|event| event.starts_with("image 0")).count(), 1);
}

// Responses.

const CREATED: &str = r#"{"type":"response.created","sequence_number":0,"response":{"id":"resp_1","object":"response","status":"in_progress"}}"#;
const DELTA: &str = r#"{"type":"response.output_text.delta","sequence_number":1,"delta":"Here"}"#;

fn data(json: &str) -> Part {
    Part::Bytes(format!("data: {json}\n\n").into_bytes())
}

fn done(sequence_number: u32) -> Part {
    data(&format!(
        r#"{{"type":"response.output_item.done","sequence_number":{sequence_number},"output_index":0,"item":{}}}"#,
        image_item()
    ))
}

fn image_item() -> String {
    format!(r#"{{"id":"ig_1","type":"image_generation_call","status":"completed","result":"{}"}}"#, encode(b"an image"))
}

fn whole(status: &str, output: &str) -> String {
    format!(r#"{{"id":"resp_1","object":"response","status":"{status}","output":[{output}]}}"#)
}

fn completed(sequence_number: u32) -> Part {
    data(&format!(
        r#"{{"type":"response.completed","sequence_number":{sequence_number},"response":{}}}"#,
        whole("completed", &image_item())
    ))
}

#[test]
fn a_background_response_goes_on_after_the_last_event() {
    let settings = default();
    let replies = vec![
        Reply::parts(vec![data(CREATED), data(DELTA), Part::Break]),
        Reply::Lost,
        Reply::parts(vec![done(5), Part::Break]),
        Reply::parts(vec![completed(9)]),
    ];
    let run = run(&settings, response(&settings, Delivery::Background), Script::replies(replies));
    assert_eq!(
        run.urls(),
        [
            "Post /openai/v1/responses",
            "Get /openai/v1/responses/resp_1?stream=true&starting_after=1",
            "Get /openai/v1/responses/resp_1?stream=true&starting_after=1",
            "Get /openai/v1/responses/resp_1?stream=true&starting_after=5",
        ]
    );
    assert_eq!(run.events, ["status in_progress", "id resp_1", "text Here", "image", "status completed"]);
    assert!(matches!(&run.outcome, Ok(Output::Response(result)) if result.summary.last_sequence_number == Some(9)));
}

#[test]
fn a_response_without_a_stream_is_polled_with_growing_waits() {
    let settings = default();
    let in_work = Reply::ok(whole("in_progress", ""));
    let replies = [vec![in_work; 10], vec![Reply::ok(whole("completed", &image_item()))]].concat();
    let run = run(&settings, response(&settings, Delivery::Background), Script::replies(replies));
    assert_eq!(run.waits(), [1000, 1500, 2250, 3375, 5062, 7593, 10_000, 10_000, 10_000, 10_000]);
    assert_eq!(run.urls()[10], "Get /openai/v1/responses/resp_1");
    assert_eq!(run.events, ["status in_progress", "id resp_1", "image", "status completed"]);
}

#[test]
fn failures_between_the_questions_do_not_make_them_rarer() {
    let settings = default();
    let (in_work, busy) = (Reply::ok(whole("in_progress", "")), Reply::status(503, "{}"));
    let done = Reply::ok(whole("completed", &image_item()));
    let replies = vec![in_work.clone(), in_work.clone(), busy.clone(), Reply::Lost, busy, in_work, done];
    let run = run(&settings, response(&settings, Delivery::Background), Script::replies(replies));
    let waits = run.waits();
    assert_eq!([waits[0], waits[1], waits[5]], [1000, 1500, 2250]);
    for (wait, longest) in waits[2..5].iter().zip([200, 400, 800]) {
        assert!((longest / 2..=longest).contains(wait), "{waits:?}");
    }
}

#[test]
fn a_broken_stream_that_is_not_in_the_background_is_an_error_with_what_came() {
    let settings = default();
    let replies = vec![Reply::parts(vec![data(CREATED), data(DELTA), Part::Break])];
    let run = run(&settings, response(&settings, Delivery::Streamed), Script::replies(replies));
    let Err(failed) = &run.outcome else { panic!("{run:?}") };
    let summary = &failed.response.as_ref().unwrap().summary;
    assert_eq!((run.sent.len(), failed.failure.code, failed.failure.billed), (1, Code::Connection, Billed::Unknown));
    assert_eq!(
        (summary.id.as_deref(), summary.text.as_str(), summary.last_sequence_number),
        (Some("resp_1"), "Here", Some(1))
    );
}

#[test]
fn an_image_before_the_break_is_billed_and_not_requested_again() {
    let settings = with(|settings| settings.retries.retry_unknown_outcome = true);
    let replies = vec![Reply::parts(vec![data(CREATED), done(3), Part::Break])];
    let run = run(&settings, response(&settings, Delivery::Streamed), Script::replies(replies));
    assert_eq!((run.sent.len(), run.failure().billed), (1, Billed::Yes));
}

#[test]
fn a_model_that_does_not_stream_is_asked_without_and_remembered() {
    let settings = default();
    let refusal = r#"{"error":{"message":"Image generation tool is not supported in streaming mode."}}"#;
    let replies = vec![Reply::status(400, refusal), Reply::ok(whole("completed", &image_item()))];
    let first = run(&settings, response(&settings, Delivery::Streamed), Script::replies(replies));
    assert_eq!(first.sent.len(), 2);
    let Ok(Output::Response(result)) = &first.outcome else { panic!("{first:?}") };
    assert_eq!(result.warnings.len(), 1);
    let replies = vec![Reply::ok(whole("completed", &image_item()))];
    assert_eq!(run(&settings, response(&settings, Delivery::Streamed), Script::replies(replies)).sent.len(), 1);
}

#[test]
fn a_followed_response_that_ends_early_says_how_to_go_on() {
    for (interruption, words) in [
        (Interruption::Abort, "responses.resume(\"resp_1\")"),
        (Interruption::TotalTimeout(50), "responses.resume(\"resp_1\")"),
        (Interruption::ResponseCancelled, "image may still have been generated"),
    ] {
        let settings = default();
        let mut script = Script::replies(vec![Reply::parts(vec![data(CREATED), Part::Hang])]);
        script.interrupt = Some((50, interruption));
        let run = run(&settings, response(&settings, Delivery::Background), script);
        let Err(failed) = &run.outcome else { panic!("{run:?}") };
        assert_eq!(failed.failure.billed, Billed::Unknown);
        assert!(failed.failure.message.contains(words), "{}", failed.failure.message);
        let status = &failed.response.as_ref().unwrap().summary.status;
        let expected = if interruption == Interruption::ResponseCancelled { "cancelled" } else { "in_progress" };
        assert_eq!(status, expected);
    }
}

#[test]
fn a_followed_response_is_asked_for_again_after_90_silent_seconds() {
    let settings = default();
    let replies = vec![Reply::parts(vec![data(CREATED), Part::Hang]), Reply::parts(vec![completed(9)])];
    let run = run(&settings, response(&settings, Delivery::Background), Script::replies(replies));
    assert!(run.outcome.is_ok());
    assert!((90_000..91_000).contains(&run.waits()[0]), "{:?}", run.waits());
}

#[test]
fn a_response_that_ends_as_failed_is_an_error_with_the_response() {
    let settings = default();
    for status in ["failed", "incomplete", "cancelled"] {
        let run =
            run(&settings, response(&settings, Delivery::Whole), Script::replies(vec![Reply::ok(whole(status, ""))]));
        let Err(failed) = &run.outcome else { panic!("{run:?}") };
        assert_eq!(failed.response.as_ref().unwrap().summary.status, status);
    }
}

#[test]
fn a_retrieved_response_is_a_success_whatever_its_status() {
    let settings = default();
    for status in ["queued", "in_progress", "failed", "completed"] {
        let work = Box::new(RetrieveResponse::new(Rc::clone(&settings), "resp_1".into(), false, Keep::default));
        let run = run(&settings, work, Script::replies(vec![Reply::ok(whole(status, ""))]));
        assert!(matches!(&run.outcome, Ok(Output::Response(result)) if result.summary.status == status));
    }
}

// Resources.

#[test]
fn a_document_is_collected_and_its_size_is_limited() {
    let project = project();
    let head = |reply: Reply| reply.with_head(|head| head.request_id = Some("req-1".into()));
    let reply = head(Reply::parts(vec![Part::Bytes(b"{\"id\":".to_vec()), Part::Bytes(b"\"file_1\"}".to_vec())]));
    let small = run(&project, resource(&project, "getFile"), Script::replies(vec![reply]));
    let Ok(Output::Document { body, request_id, .. }) = small.outcome else { panic!("{small:?}") };
    assert_eq!((body.bytes.as_slice(), request_id.as_deref()), (&b"{\"id\":\"file_1\"}"[..], Some("req-1")));
    let large = Reply::parts(vec![Part::Bytes(vec![b' '; 1024 * 1024]); 17]);
    let large = run(&project, resource(&project, "listFiles"), Script::replies(vec![large]));
    assert_eq!((large.failure().code, large.failure().billed), (Code::TooLarge, Billed::No));
}

// Probe.

#[test]
fn a_probe_asks_as_little_as_it_can() {
    let no_prompt =
        r#"{"error":{"code":"invalid_request","message":"Missing required parameter: 'prompt'.","param":"prompt"}}"#;
    let opaque = Reply::Response(Head::default(), Vec::new());
    // The replies; the requests; what the parts are: reachable, cors, credential, deployment, version.
    let cases: [(Vec<Reply>, usize, [Status; 5]); 6] = [
        (vec![Reply::status(400, no_prompt)], 1, [Status::Ok; 5]),
        (vec![Reply::status(401, "{}")], 1, [Status::Ok, Status::Ok, Status::Failed, Status::Unknown, Status::Unknown]),
        (
            vec![Reply::Lost, Reply::Lost, opaque],
            3,
            [Status::Ok, Status::Failed, Status::Unknown, Status::Unknown, Status::Unknown],
        ),
        // The response can be read on the page's origin and outside browsers. CORS cannot be the cause then.
        (
            vec![Reply::Lost, Reply::Lost, Reply::ok("<html>")],
            3,
            [Status::Ok, Status::Unknown, Status::Unknown, Status::Unknown, Status::Unknown],
        ),
        (
            vec![Reply::Lost, Reply::Lost, Reply::status(404, "{}")],
            3,
            [Status::Ok, Status::Unknown, Status::Unknown, Status::Unknown, Status::Unknown],
        ),
        (vec![Reply::Lost], 3, [Status::Failed, Status::Unknown, Status::Unknown, Status::Unknown, Status::Unknown]),
    ];
    for (replies, requests, parts) in cases {
        let settings = default();
        let run = run(&settings, Box::new(Probe::new(Rc::clone(&settings), true)), Script::replies(replies.clone()));
        let Ok(Output::Report(report)) = &run.outcome else { panic!("{run:?}") };
        let seen = [&report.reachable, &report.cors, &report.credential, &report.deployment, &report.api_version];
        assert_eq!((run.sent.len(), seen.map(|finding| finding.status)), (requests, parts), "{replies:?}");
    }
}

#[test]
fn a_hidden_response_is_a_lost_connection() {
    for (retry_unknown_outcome, requests) in [(false, 1), (true, 4)] {
        let hidden = Reply::Response(Head::default(), vec![Part::Bytes(b"{}".to_vec())]);
        let settings =
            with(|settings| settings.retries = RetryPolicy { retry_unknown_outcome, ..RetryPolicy::default() });
        let run = run(&settings, images(&settings, None, false), Script::replies(vec![hidden]));
        assert_eq!((run.failure().code, run.failure().status, run.sent.len()), (Code::Connection, None, requests));
    }
}

#[test]
fn a_probe_without_a_credential_asks_only_whether_anything_answers() {
    let settings = default();
    let opaque = Reply::Response(Head::default(), Vec::new());
    let mut script = Script::replies(vec![opaque]);
    script.credential = Box::new(|_| {
        let failure: Failure = no_token().with(|details| details.service_message = Some("Sign in first".into()));
        (0, Err(failure))
    });
    let run = run(&settings, Box::new(Probe::new(Rc::clone(&settings), true)), script);
    let Ok(Output::Report(report)) = &run.outcome else { panic!("{run:?}") };
    assert!(run.sent[0].request.is_opaque && run.sent[0].request.headers.is_empty());
    assert!(
        report.credential.message.contains("Message of the credential: \"Sign in first\"."),
        "{}",
        report.credential.message
    );
}
