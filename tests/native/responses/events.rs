//! Answers of the Responses API: what they mean, and how they end.

use crate::support::responses::{Answer, Seen, read, read_from};
use crate::support::{Keep, cases, cut_at, encode, noise, sample, samples_in, some_cuts, two_chunks};
use azure_image_client::decode::stream::Limits;
use azure_image_client::errors::{Billed, Code};
use azure_image_client::models::usage::{ResponseUsage, TokenDetails, Usage};
use azure_image_client::responses::events::{ImageDetails, Progress, ResponseReader};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use proptest::prelude::*;
use serde_json::{Value, json};

const ID: &str = "resp_0f1e2d3c4b5a69788796a5b4c3d2e1f0";

fn tiny(name: &str) -> Vec<u8> {
    let images: Value = serde_json::from_slice(&sample("images/tiny-images.json")).unwrap();
    STANDARD.decode(images[name].as_str().unwrap()).unwrap()
}

fn final_image() -> Vec<u8> {
    tiny("final_png_2x2")
}

fn read_sample(name: &str) -> Answer {
    read(&sample(&format!("responses/{name}")))
}

fn status(text: &str) -> Seen {
    Seen::Status(text.into())
}

fn call(text: &str) -> Seen {
    Seen::Call(0, text.into())
}

/// What begins every sample of a stream.
fn begun() -> Vec<Seen> {
    vec![status("in_progress"), call("in_progress")]
}

fn partial_images(count: usize) -> impl Iterator<Item = Seen> {
    (0..count).map(|index| Seen::Partial(index as u64, tiny(&format!("partial_{index}_png_2x2"))))
}

fn drawn(count: usize) -> Vec<Seen> {
    let mut seen = begun();
    seen.push(call("generating"));
    seen.extend(partial_images(count));
    seen.extend([call("completed"), Seen::Image(0, final_image())]);
    seen
}

/// `seen` and what comes behind.
fn and(mut seen: Vec<Seen>, rest: impl IntoIterator<Item = Seen>) -> Vec<Seen> {
    seen.extend(rest);
    seen
}

fn spoken() -> [Seen; 3] {
    [Seen::Text("Here is ".into()), Seen::Text("your picture.".into()), status("completed")]
}

/// How an answer ended: its status and what stands against it, or why it has no end.
type End<'a> = Result<(&'a str, Option<Code>), Code>;

fn end(answer: &Answer) -> End<'_> {
    match &answer.result {
        Ok(summary) => Ok((&summary.status, summary.failure.as_ref().map(|failure| failure.code))),
        Err(failure) => Err(failure.code),
    }
}

/// Each streamed sample: what is reported, how it ends, and the number of its last event.
fn streams() -> Vec<(&'static str, Vec<Seen>, End<'static>, u64)> {
    let generating = || and(begun(), [call("generating")]);
    let queued = || vec![status("queued"), status("in_progress"), call("in_progress")];
    vec![
        (
            "stream.background.resumed-starting_after-5.sse",
            and(partial_images(1).collect(), [call("completed"), Seen::Image(0, final_image()), status("completed")]),
            Ok(("completed", None)),
            9,
        ),
        (
            "stream.background.sse",
            and(queued(), and(drawn(1), [status("completed")]).split_off(2)),
            Ok(("completed", None)),
            9,
        ),
        (
            "stream.call-failed.sse",
            and(
                generating(),
                [Seen::Failed(0, Code::Service), Seen::Refusal("I cannot help with that.".into()), status("completed")],
            ),
            Ok(("completed", None)),
            11,
        ),
        ("stream.completed.azure-narrow-partials.sse", and(drawn(2), spoken()), Ok(("completed", None)), 16),
        ("stream.completed.foundry-v1.sse", and(drawn(0), spoken()), Ok(("completed", None)), 14),
        ("stream.completed.sse", and(drawn(2), spoken()), Ok(("completed", None)), 16),
        ("stream.error.sse", begun(), Err(Code::Service), 4),
        ("stream.error.wrapped.sse", vec![status("in_progress")], Err(Code::RateLimit), 1),
        ("stream.failed.sse", and(generating(), [status("failed")]), Ok(("failed", Some(Code::Service))), 5),
        (
            "stream.incomplete.sse",
            and(drawn(2), [status("incomplete")]),
            Ok(("incomplete", Some(Code::ContentFilter))),
            9,
        ),
    ]
}

#[test]
fn every_streamed_sample_is_reported_once_and_ends_as_it_says() {
    let streams = streams();
    assert_eq!(samples_in("responses", ".sse").len(), streams.len());
    for (name, seen, expected, last) in &streams {
        let answer = read_sample(name);
        assert_eq!(answer.seen, *seen, "{name}");
        assert_eq!(end(&answer), *expected, "{name}");
        assert_eq!(answer.progress.last_sequence_number(), Some(*last), "{name}");
        assert_eq!(answer.progress.id(), Some(ID), "{name}");
        let has_image = !answer.images().is_empty();
        let failure = answer.result.as_ref().map_or_else(Some, |summary| summary.failure.as_ref());
        if let Some(failure) = failure {
            assert_eq!(failure.billed, if has_image { Billed::Yes } else { Billed::Unknown }, "{name}");
        }
        if let Ok(summary) = &answer.result {
            assert_eq!((summary.id.as_deref(), summary.model.as_deref()), (Some(ID), Some("gpt-4.1")), "{name}");
            assert_eq!(
                (summary.created_at, summary.last_sequence_number),
                (Some(1_779_321_600), Some(*last)),
                "{name}"
            );
            assert!(summary.is_final());
        }
    }
}

/// The same stream with responses that repeat less, so that there are fewer ways to cut it.
fn condense(body: &[u8]) -> Vec<u8> {
    let mut text = String::new();
    for line in std::str::from_utf8(body).unwrap().lines() {
        let data = line.strip_prefix("data: ").map(|data| serde_json::from_str::<Value>(data).unwrap());
        match data {
            Some(mut event) => {
                if let Some(Value::Object(response)) = event.get_mut("response") {
                    let kept =
                        ["id", "status", "model", "output", "usage", "error", "incomplete_details", "created_at"];
                    response.retain(|name, _| kept.contains(&name.as_str()));
                }
                text += &format!("data: {event}\n");
            }
            None => text += &format!("{line}\n"),
        }
    }
    text.into_bytes()
}

#[test]
fn every_streamed_sample_means_the_same_however_it_is_cut() {
    for (name, ..) in streams() {
        let body = sample(&format!("responses/{name}"));
        let expected = read(&body);
        for chunks in some_cuts(&body) {
            assert!(read_from(chunks, Progress::default()) == expected, "{name}");
        }
        let body = condense(&body);
        let expected = read(&body);
        for chunks in two_chunks(&body) {
            assert!(read_from(chunks, Progress::default()) == expected, "{name}: {:?}", chunks.map(<[u8]>::len));
        }
    }
}

proptest! {
    #![proptest_config(cases(200))]

    #[test]
    fn chunks_of_any_length_mean_the_same(
        which in 0..10_usize,
        places in prop::collection::vec(any::<prop::sample::Index>(), 0..40),
    ) {
        let body = sample(&format!("responses/{}", streams()[which].0));
        prop_assert!(read_from(cut_at(&body, &places), Progress::default()) == read(&body));
    }
}

/// Where each event of a stream is whole, with its text and what that is.
fn events(body: &[u8]) -> Vec<(usize, &str, Value)> {
    let mut end_of_line = 0;
    let lines = std::str::from_utf8(body).unwrap().split_inclusive('\n');
    lines
        .filter_map(|line| {
            end_of_line += line.len();
            let data = line.strip_prefix("data: ")?;
            let end = end_of_line - (line.len() - line.trim_end().len());
            Some((end, data.trim_end(), serde_json::from_str(data).unwrap()))
        })
        .collect()
}

#[test]
fn a_stream_that_ends_anywhere_has_an_end_only_with_the_event_that_is_one_and_can_be_gone_on_with() {
    for (name, seen, _, _) in streams() {
        let body = condense(&sample(&format!("responses/{name}")));
        let events = events(&body);
        let whole = read(&body);
        let (last, ..) = events[events.len() - 1];
        for length in 0..=body.len() {
            let cut = read(&body[..length]);
            if length >= last {
                assert_eq!((&cut.seen, end(&cut)), (&whole.seen, end(&whole)), "{name}, {length} bytes");
                continue;
            }
            // The message of a cut error is its words all the same.
            let is_error = matches!(cut.result, Err(ref failure) if failure.service_message.is_some());
            assert!(is_error || end(&cut) == Err(Code::StreamTruncated), "{name}, {length} bytes");
            assert_eq!(is_error, is_error && name.contains("error"), "{name}, {length} bytes");
            assert!(seen.starts_with(&cut.seen), "{name}, {length} bytes");
            let numbers = events.iter().take_while(|(end, ..)| *end <= length);
            let number = numbers.filter_map(|(_, _, event)| event["sequence_number"].as_u64()).max();
            assert_eq!(cut.progress.last_sequence_number(), number, "{name}, {length} bytes");
            let billed = cut.result.as_ref().unwrap_err().billed;
            assert_eq!(billed, if cut.images().is_empty() { Billed::Unknown } else { Billed::Yes });

            // Only whole events count from here on.
            if length > 0 && !events.iter().any(|(end, ..)| length.abs_diff(*end) < 3) {
                continue;
            }
            // What the service sends behind `starting_after`, and all of it again.
            let is_behind =
                |event: &Value| event["sequence_number"].as_u64().is_none_or(|it| number.is_none_or(|n| it > n));
            let rest: String = events
                .iter()
                .filter(|(_, _, event)| is_behind(event))
                .map(|(_, text, _)| format!("data: {text}\n\n"))
                .collect();
            for again in [rest.as_bytes(), &body] {
                // Without a type, the name of the event is needed.
                if name == "stream.error.wrapped.sse" && again != body {
                    continue;
                }
                let resumed = read_from([again], cut.progress.clone());
                assert_eq!(and(cut.seen.clone(), resumed.seen.clone()), seen, "{name}, {length} bytes");
                assert_eq!(resumed.result, whole.result, "{name}, {length} bytes");
            }
        }
    }
}

proptest! {
    #![proptest_config(cases(500))]

    #[test]
    fn what_was_changed_on_the_way_is_read_or_refused_without_a_panic(
        which in 0..10_usize,
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
        resumed in prop::option::of(0..20_u64),
    ) {
        let mut body = condense(&sample(&format!("responses/{}", streams()[which].0)));
        for (place, byte) in changes {
            let place = place.index(body.len());
            body[place] = byte;
        }
        let answer = read_from(body.chunks(100), Progress::of("resp_1", resumed));
        prop_assert!(answer.images().len() <= 2);
    }
}

#[test]
fn behind_a_reload_the_pictures_come_although_their_events_were_seen() {
    for (name, ..) in streams().into_iter().filter(|(name, ..)| name.contains("completed")) {
        let body = sample(&format!("responses/{name}"));
        let last = read(&body).progress.last_sequence_number();
        // The server sends what was asked for, or everything again.
        let answer = read_from([&body[..]], Progress::of("resp_1", last));
        assert_eq!(answer.seen, [Seen::Image(0, final_image()), status("completed")], "{name}");
        let text = answer.result.unwrap().text;
        assert_eq!(text, "Here is your picture.", "{name}");
        let events = events(&body);
        let only_last = format!("data: {}\n\n", events[events.len() - 1].1);
        let answer = read_from([only_last.as_bytes()], Progress::of("resp_1", last));
        assert_eq!(answer.images(), [final_image()], "{name}");
    }
}

#[test]
fn numbers_that_say_nothing_drop_nothing() {
    for number in ["0", "null", "\"x\""] {
        let delta = |text: &str| {
            format!(
                "data: {{\"type\":\"response.output_text.delta\",\"delta\":\"{text}\",\"sequence_number\":{number}}}\n\n"
            )
        };
        let stream = delta("a")
            + &delta("b")
            + "data: {\"type\":\"response.completed\",\"response\":{\"status\":\"completed\"}}\n\n";
        assert_eq!(read(stream.as_bytes()).result.unwrap().text, "ab", "{number}");
    }
}

/// Each response in one document: what is reported, and how it ends.
fn documents() -> Vec<(&'static str, Vec<Seen>, End<'static>)> {
    let image = |index| Seen::Image(index, if index == 0 { final_image() } else { tiny("final2_png_2x2") });
    let completed = || Ok(("completed", None));
    let drawn = || vec![image(0), status("completed")];
    vec![
        ("response.cancelled.json", vec![status("cancelled")], Ok(("cancelled", Some(Code::Cancelled)))),
        (
            "response.completed.call-failed.json",
            vec![Seen::Failed(0, Code::ContentFilter), status("completed")],
            completed(),
        ),
        ("response.completed.foundry-2025-11-15-preview.json", drawn(), completed()),
        ("response.completed.foundry-v1.json", drawn(), completed()),
        ("response.completed.json", drawn(), completed()),
        ("response.completed.no-image.json", vec![status("completed")], completed()),
        (
            "response.completed.retrieved-result-null.json",
            vec![call("completed"), Seen::Failed(0, Code::NoImage), status("completed")],
            completed(),
        ),
        ("response.completed.two-images.json", vec![image(0), image(1), status("completed")], completed()),
        ("response.failed.image-policy.json", vec![status("failed")], Ok(("failed", Some(Code::ContentFilter)))),
        ("response.failed.json", vec![status("failed")], Ok(("failed", Some(Code::Service)))),
        ("response.failed.rate-limit.json", vec![status("failed")], Ok(("failed", Some(Code::RateLimit)))),
        ("response.in_progress.json", vec![status("in_progress")], Ok(("in_progress", None))),
        (
            "response.incomplete.content-filter.json",
            vec![status("incomplete")],
            Ok(("incomplete", Some(Code::ContentFilter))),
        ),
        (
            "response.incomplete.json",
            vec![image(0), status("incomplete")],
            Ok(("incomplete", Some(Code::InvalidRequest))),
        ),
        ("response.queued.json", vec![status("queued")], Ok(("queued", None))),
    ]
}

#[test]
fn every_response_in_one_document_is_read_however_it_is_cut() {
    let documents = documents();
    let samples = samples_in("responses", ".json");
    assert_eq!(samples.iter().filter(|(path, _)| path.contains("/response.")).count(), documents.len());
    for (name, seen, expected) in documents {
        let body = sample(&format!("responses/{name}"));
        let answer = read(&body);
        // The two images may stand with a message between them.
        let order = |seen: &[Seen]| -> Vec<Seen> {
            let images = seen.iter().filter_map(|it| if let Seen::Image(_, bytes) = it { Some(bytes) } else { None });
            let images = images.enumerate().map(|(index, bytes)| Seen::Image(index as u64, bytes.clone()));
            images.chain(seen.iter().filter(|it| !matches!(it, Seen::Image(..))).cloned()).collect()
        };
        assert_eq!(order(&answer.seen), seen, "{name}");
        assert_eq!(end(&answer), expected, "{name}");
        let summary = answer.result.as_ref().unwrap();
        assert_eq!(summary.is_final(), !name.contains("queued") && !name.contains("in_progress"), "{name}");
        assert_eq!((summary.id.as_deref(), summary.last_sequence_number), (Some(ID), None), "{name}");
        for chunks in some_cuts(&body).into_iter().chain(two_chunks(&body).map(|chunks| chunks.to_vec())) {
            assert!(read_from(chunks, Progress::default()) == answer, "{name}");
        }
        let whole = body.trim_ascii_end();
        for length in (0..whole.len()).step_by(5) {
            let cut = read(&whole[..length]);
            assert_eq!(end(&cut), Err(Code::StreamTruncated), "{name}, {length} bytes");
            // Only images that have arrived completely.
            assert!(cut.seen.iter().all(|it| matches!(it, Seen::Image(..))), "{name}, {length} bytes");
            assert!(cut.seen.len() <= answer.images().len(), "{name}, {length} bytes");
        }
    }
}

#[test]
fn who_asked_for_a_whole_response_hears_that_it_is_still_in_work_and_how_to_follow_it() {
    for (name, status) in [("response.queued.json", "queued"), ("response.in_progress.json", "in_progress")] {
        let mut summary = read_sample(name).result.unwrap();
        summary.fail_in_work();
        let failure = summary.failure.clone().unwrap();
        assert_eq!((failure.code, failure.billed, failure.retryable), (Code::StreamMalformed, Billed::Unknown, false));
        assert!(
            failure.message.contains(&format!("incomplete response with the status {status}")),
            "{}",
            failure.message
        );
        assert!(failure.message.contains(&format!("responses.resume(\"{ID}\") to follow it.")), "{}", failure.message);
        summary.id = None;
        summary.fail_in_work();
        assert!(summary.failure.unwrap().message.contains("no id"));
    }
}

#[test]
fn the_image_model_is_the_one_that_the_responses_own_tool_names() {
    for (tools, expected) in [
        ("[]", None),
        (r#"[{"type":"web_search","model":"other"}]"#, None),
        (r#"[{"type":"image_generation"}]"#, None),
        (
            r#"[{"type":"web_search","model":"other"},{"type":"image_generation","model":"gpt-image-1"}]"#,
            Some("gpt-image-1"),
        ),
    ] {
        let body = format!("{{\"object\":\"response\",\"status\":\"completed\",\"output\":[],\"tools\":{tools}}}");
        assert_eq!(read(body.as_bytes()).result.unwrap().image_model.as_deref(), expected, "{tools}");
    }
}

#[test]
fn the_response_is_there_as_it_came_without_its_images() {
    for (name, ..) in documents() {
        let body = sample(&format!("responses/{name}"));
        let mut expected: Value = serde_json::from_slice(&body).unwrap();
        for item in expected["output"].as_array_mut().unwrap() {
            if item.get("result").is_some() {
                item["result"] = Value::Null;
            }
        }
        let written = |answer: Answer| {
            let mut text = String::new();
            answer.result.unwrap().response.write(&mut text);
            serde_json::from_str::<Value>(&text).unwrap()
        };
        assert_eq!(written(read(&body)), expected, "{name}");
        let event = format!(
            "data: {{\"type\":\"response.completed\",\"response\":{}}}\n\n",
            String::from_utf8(body).unwrap().replace('\n', " ")
        );
        assert_eq!(written(read(event.as_bytes())), expected, "{name} as an event");
    }
}

#[test]
fn a_summary_says_what_was_said_and_what_it_cost() {
    let summary = read_sample("response.completed.json").result.unwrap();
    let usage = ResponseUsage {
        input_tokens: 2291,
        cached_tokens: Some(0),
        output_tokens: 56,
        reasoning_tokens: Some(0),
        total_tokens: 2347,
    };
    assert_eq!((summary.usage, summary.image_usage), (Some(usage), None));
    assert_eq!((summary.text.as_str(), summary.refusal), ("Here is your picture.", None));
    let in_conversation = read_sample("response.completed.foundry-v1.json").result.unwrap();
    assert_eq!(in_conversation.conversation.as_deref(), Some("conv_0123456789abcdef"));
    assert_eq!(read_sample("response.queued.json").result.unwrap().usage, None);
    let said = |name| read_sample(name).result.unwrap();
    assert_eq!(said("response.completed.no-image.json").text, "I cannot create that image.");
    // The end of this stream does not repeat what was said.
    let refused = said("stream.call-failed.sse");
    assert_eq!((refused.text.as_str(), refused.refusal.as_deref()), ("", Some("I cannot help with that.")));
}

#[test]
fn what_the_pictures_cost_stands_apart() {
    let response = json!({
        "object": "response", "status": "completed", "output": [],
        "usage": {"input_tokens": 43792, "output_tokens": 1005, "total_tokens": 44797},
        "tool_usage": {"web_search": {"num_requests": 0}, "image_gen": {
            "input_tokens": 7918, "input_tokens_details": {"image_tokens": 7620, "text_tokens": 298},
            "output_tokens": 186, "output_tokens_details": {"image_tokens": 186, "text_tokens": 0}, "total_tokens": 8104,
        }},
    });
    let expected = Usage {
        input_tokens: 7918,
        output_tokens: 186,
        total_tokens: 8104,
        input_tokens_details: Some(TokenDetails { text_tokens: 298, image_tokens: 7620 }),
        output_tokens_details: Some(TokenDetails { text_tokens: 0, image_tokens: 186 }),
        ..Usage::default()
    };
    let summary = read(response.to_string().as_bytes()).result.unwrap();
    assert_eq!((summary.image_usage, summary.usage.unwrap().cached_tokens), (Some(expected), None));
}

#[test]
fn javascript_sees_a_summary_without_the_response_and_without_what_is_not_known() {
    let record =
        serde_json::to_value(read(br#"{"object":"response","status":"queued","id":"r"}"#).result.unwrap()).unwrap();
    assert_eq!(record, json!({"id": "r", "status": "queued", "text": ""}));
    let record = serde_json::to_value(read_sample("stream.incomplete.sse").result.unwrap()).unwrap();
    assert_eq!((&record["createdAt"], &record["lastSequenceNumber"]), (&json!(1_779_321_600), &json!(9)));
    assert_eq!(record["usage"]["cachedTokens"], 0);
    assert_eq!((&record["failure"]["code"], &record["failure"]["billed"]), (&json!("content_filter"), &json!("yes")));
}

#[test]
fn an_image_comes_with_what_the_service_says_about_it() {
    let text = |text: &str| Some(text.to_owned());
    let details = ImageDetails {
        action: None,
        revised_prompt: text("A grey tabby cat hugging an otter wearing an orange scarf"),
        size: text("1024x1024"),
        quality: text("medium"),
        background: text("opaque"),
        output_format: text("png"),
    };
    for name in ["stream.completed.sse", "response.completed.json"] {
        assert_eq!(read_sample(name).details, std::slice::from_ref(&details), "{name}");
    }
    let edit = r#"{"status":"completed","output":[{"type":"image_generation_call","id":"a","result":"AAAA","action":"edit"}]}"#;
    assert_eq!(read(edit.as_bytes()).details, [ImageDetails { action: text("edit"), ..ImageDetails::default() }]);
}

#[test]
fn why_a_call_failed_is_told() {
    let failed = read_sample("response.completed.call-failed.json");
    let filter = failed.failures[0].content_filter.as_ref().unwrap();
    assert_eq!((filter.source, filter.categories[0].name.as_str()), ("image", "violence"));
    let gone = read_sample("response.completed.retrieved-result-null.json");
    assert_eq!((gone.failures[0].billed, gone.failures[0].retryable), (Billed::Yes, false));
    assert!(gone.failures[0].message.contains("no longer available"));
    assert!(read_sample("stream.call-failed.sse").failures[0].message.contains("without an error message"));
}

fn item(members: &str) -> String {
    format!("{{\"type\":\"image_generation_call\",{members}}}")
}

fn done(index: u64, members: &str) -> String {
    format!("data: {{\"type\":\"response.output_item.done\",\"output_index\":{index},\"item\":{}}}\n\n", item(members))
}

fn completed(items: &[String]) -> String {
    format!(
        "data: {{\"type\":\"response.completed\",\"response\":{{\"status\":\"completed\",\"output\":[{}]}}}}\n\n",
        items.join(",")
    )
}

#[test]
fn an_image_that_stands_in_two_places_is_delivered_once() {
    let image = |bytes: [u8; 3]| format!("\"status\":\"completed\",\"result\":\"{}\"", encode(&bytes));
    let with_id = |id: &str, bytes| format!("\"id\":\"{id}\",{}", image(bytes));
    let (a, b) = ([0, 0, 1], [0, 0, 2]);
    let null = |id: &str| format!("\"id\":\"{id}\",\"status\":\"completed\",\"result\":null");
    let cases = [
        // Of both; only of the items; only of the end; of one here and of the other there.
        (done(0, &with_id("a", a)) + &done(1, &with_id("b", b)), vec![item(&with_id("a", a)), item(&with_id("b", b))]),
        (done(0, &with_id("a", a)) + &done(1, &with_id("b", b)), vec![]),
        (done(0, &with_id("a", a)) + &done(1, &with_id("b", b)), vec![item(&null("a")), item(&null("b"))]),
        (String::new(), vec![item(&with_id("a", a)), item(&with_id("b", b))]),
        (done(0, &null("a")) + &done(1, &null("b")), vec![item(&with_id("a", a)), item(&with_id("b", b))]),
        (done(0, &with_id("a", a)), vec![item(&with_id("a", a)), item(&with_id("b", b))]),
        // Twice the same event; without ids; in another order at the end.
        (done(0, &with_id("a", a)).repeat(2) + &done(1, &with_id("b", b)), vec![item(&with_id("a", a))]),
        (done(0, &image(a)) + &done(1, &image(b)), vec![item(&image(a)), item(&image(b))]),
        (done(0, &with_id("", a)) + &done(1, &with_id("", b)), vec![item(&with_id("", a)), item(&with_id("", b))]),
        (done(0, &with_id("a", a)) + &done(1, &with_id("b", b)), vec![item(&with_id("b", b)), item(&with_id("a", a))]),
        // Damaged the first time.
        (done(0, "\"id\":\"a\",\"result\":\"A\"") + &done(1, &with_id("b", b)), vec![item(&with_id("a", a))]),
    ];
    for (events, items) in cases {
        let stream = events + &completed(&items);
        for chunks in [vec![stream.as_bytes()], stream.as_bytes().chunks(1).collect()] {
            let answer = read_from(chunks, Progress::default());
            let mut images = answer.images();
            images.sort();
            assert_eq!(images, [a, b], "{stream}");
            assert!(answer.failures.is_empty() && end(&answer) == Ok(("completed", None)), "{stream}: {answer:?}");
        }
    }
}

#[test]
fn a_stream_that_is_gone_on_with_brings_what_is_missing_also_where_calls_have_no_id() {
    for id in ["\"id\":\"\",", ""] {
        let image = |byte| format!("{id}\"result\":\"{}\"", encode(&[0, 0, byte]));
        let cut = read(done(0, &image(1)).as_bytes());
        assert_eq!((cut.images().len(), end(&cut)), (1, Err(Code::StreamTruncated)));
        let rest = completed(&[item(&image(1)), item(&image(2))]);
        assert_eq!(read_from([rest.as_bytes()], cut.progress).images(), [[0, 0, 2]]);
    }
}

#[test]
fn two_calls_keep_their_order_and_one_may_fail_beside_the_other() {
    let stream = done(0, "\"id\":\"a\",\"status\":\"failed\",\"result\":null")
        + &done(2, "\"id\":\"c\",\"status\":\"completed\",\"result\":null")
        + &done(1, "\"id\":\"b\",\"status\":\"completed\",\"result\":\"A\"")
        + &done(3, "\"id\":\"d\",\"status\":\"completed\",\"result\":\"AAAA\"")
        + &completed(&[]);
    let answer = read(stream.as_bytes());
    let expected = [
        Seen::Failed(0, Code::Service),
        Seen::Call(2, "completed".into()),
        Seen::Image(3, vec![0, 0, 0]),
        Seen::Failed(1, Code::StreamMalformed),
        Seen::Failed(2, Code::NoImage),
        status("completed"),
    ];
    assert_eq!(answer.seen, expected);
}

#[test]
fn a_call_without_an_end_fails_only_where_the_response_ended_well() {
    let response = |status: &str, item_status: &str| {
        let item = item(&format!("\"id\":\"a\",\"status\":\"{item_status}\",\"result\":null"));
        format!("{{\"object\":\"response\",\"status\":\"{status}\",\"output\":[{item}]}}")
    };
    for (of_response, of_call, fails) in [
        ("completed", "in_progress", true),
        ("completed", "completed", true),
        ("in_progress", "in_progress", false),
        ("in_progress", "completed", false),
        ("queued", "", false),
        ("cancelled", "generating", false),
        ("incomplete", "generating", false),
        ("incomplete", "completed", true),
        ("failed", "in_progress", false),
    ] {
        let answer = read(response(of_response, of_call).as_bytes());
        assert_eq!(answer.failures.len(), usize::from(fails), "{of_response} {of_call}");
    }
}

#[test]
fn a_response_with_more_calls_than_any_has_is_refused() {
    let call = |index: u64| done(index, &format!("\"id\":\"ig_{index}\",\"result\":\"{}\"", encode(b"x")));
    let body: String = (0..2000).map(call).collect();
    let answer = read(body.as_bytes());
    assert_eq!((answer.images().len(), end(&answer)), (1001, Err(Code::TooLarge)));
    assert_eq!(answer.result.unwrap_err().billed, Billed::Yes);
}

#[test]
fn a_response_with_more_events_than_any_has_is_refused_and_those_that_say_nothing_are_none() {
    let delta = |delta: &str| format!("data: {{\"type\":\"response.output_text.delta\",\"delta\":\"{delta}\"}}\n\n");
    let end = "data: {\"type\":\"response.completed\",\"response\":{\"status\":\"completed\",\"output\":[]}}\n\n";
    let answer = read(format!("{}{}{end}", delta("").repeat(300_000), delta("a").repeat(250_000)).as_bytes());
    assert_eq!(answer.result.unwrap().text.len(), 250_000);
    assert_eq!(answer.seen.len(), 250_001, "the texts, and the status");
    let answer = read(format!("{}{end}", delta("a").repeat(250_002)).as_bytes());
    assert_eq!(answer.result.unwrap_err().code, Code::TooLarge);
    // Over another connection they count on.
    let first = read(delta("a").repeat(200_000).as_bytes()).progress;
    let answer = read_from([delta("a").repeat(50_002).as_bytes()], first);
    assert_eq!(answer.result.unwrap_err().code, Code::TooLarge);
}

#[test]
fn what_the_events_name_and_describe_has_its_limit_together() {
    let limits = Limits { max_event_bytes: 1000, ..Limits::default() };
    let event = |index: usize| {
        let status = format!("{:0>500}", index % 2);
        format!("data: {{\"type\":\"response.in_progress\",\"response\":{{\"status\":\"{status}\"}}}}\n\n")
    };
    let mut reader = ResponseReader::new(Keep::default(), limits);
    let mut refused = |index| reader.push(event(index).as_bytes(), &mut |_, _| {}).err();
    // What is beyond it is noticed before the next one is read.
    assert_eq!((0..33).find_map(&mut refused), None, "16 times the limit of an event, and one more");
    let failure = refused(33).unwrap();
    assert_eq!(failure.code, Code::TooLarge);
    assert!(failure.message.contains("16 times maxEventBytes"), "{}", failure.message);
}

#[test]
fn the_pictures_of_all_connections_have_their_limit_together() {
    let limits = Limits { max_image_bytes: 3, ..Limits::default() };
    let partial_image =
        "data: {\"type\":\"response.image_generation_call.partial_image\",\"partial_image_b64\":\"AAAA\"}\n\n";
    let mut progress = Progress::default();
    let mut partial_images = 0;
    for _ in 0..3 {
        let mut reader = ResponseReader::resume(Keep::default(), limits, progress);
        reader.push(partial_image.repeat(30).as_bytes(), &mut |_, _| partial_images += 1).unwrap();
        progress = reader.into_progress();
    }
    assert_eq!(partial_images, 64);
}

#[test]
fn the_code_says_why_a_response_failed() {
    let failed = |code: &str| {
        let response =
            json!({"object": "response", "status": "failed", "error": {"code": code, "message": "Try again in 2s."}});
        read(response.to_string().as_bytes()).result.unwrap().failure.unwrap()
    };
    for (code, expected) in [
        ("server_error", Code::Service),
        ("vector_store_timeout", Code::Service),
        ("what_comes_next", Code::Service),
        ("rate_limit_exceeded", Code::RateLimit),
        ("image_content_policy_violation", Code::ContentFilter),
        ("invalid_prompt", Code::InvalidRequest),
        ("invalid_image", Code::InvalidRequest),
        ("invalid_image_format", Code::InvalidRequest),
        ("invalid_base64_image", Code::InvalidRequest),
        ("invalid_image_url", Code::InvalidRequest),
        ("invalid_image_mode", Code::InvalidRequest),
        ("image_too_large", Code::InvalidRequest),
        ("image_too_small", Code::InvalidRequest),
        ("image_parse_error", Code::InvalidRequest),
        ("image_file_too_large", Code::InvalidRequest),
        ("image_file_not_found", Code::InvalidRequest),
        ("unsupported_image_media_type", Code::InvalidRequest),
        ("empty_image_file", Code::InvalidRequest),
        ("failed_to_download_image", Code::InvalidRequest),
    ] {
        let failure = failed(code);
        assert_eq!((failure.code, failure.service_code.as_deref()), (expected, Some(code)));
        assert_eq!(failure.message.contains("input image"), code.contains("image") && expected == Code::InvalidRequest);
        let waits = matches!(expected, Code::RateLimit | Code::Service);
        assert_eq!(failure.retry_after_in_ms, waits.then_some(2000), "{code}");
    }
    assert_eq!(
        read_sample("response.failed.rate-limit.json").result.unwrap().failure.unwrap().retry_after_in_ms,
        Some(12_000)
    );
}

#[test]
fn a_response_that_did_not_complete_says_what_to_do() {
    let ended = |rest: Value| {
        let mut response = json!({"object": "response", "output": []});
        response.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
        read(response.to_string().as_bytes()).result.unwrap().failure.unwrap()
    };
    let limit = ended(json!({"status": "incomplete", "incomplete_details": {"reason": "max_output_tokens"}}));
    assert_eq!(
        (limit.code, limit.billed, limit.param.as_deref()),
        (Code::InvalidRequest, Billed::Unknown, Some("max_output_tokens"))
    );
    let filter = ended(json!({"status": "incomplete", "incomplete_details": {"reason": "content_filter"}}));
    assert_eq!((filter.code, filter.retryable), (Code::ContentFilter, false));
    assert!(filter.content_filter.is_some() && filter.message.contains("Change the prompt"));
    for rest in [
        json!({"status": "incomplete", "incomplete_details": null}),
        json!({"status": "incomplete", "incomplete_details": {"reason": "new"}}),
        json!({"status": "failed", "error": null}),
        json!({"status": "expired"}),
    ] {
        assert_eq!(ended(rest.clone()).code, Code::Service, "{rest}");
    }
}

#[test]
fn an_error_instead_of_a_response_is_one_in_every_shape() {
    for (answer, code) in [
        (r#"{"error":{"code":"rate_limit_exceeded","message":"x"}}"#, Code::RateLimit),
        ("event: error\ndata: {\"code\":\"invalid_value\",\"message\":\"x\"}\n\n", Code::InvalidRequest),
        ("data: {\"type\":\"error\",\"code\":\"moderation_blocked\",\"message\":\"x\"}\n\n", Code::ContentFilter),
        ("event: error\ndata: {\"error\":{\"code\":\"server_error\"},\"response\":{}}\n\n", Code::Service),
        ("data: {\"type\":\"response.failed\",\"error\":{\"code\":\"429\",\"message\":\"x\"}}\n\n", Code::RateLimit),
        ("<html>", Code::Service),
        ("data: {\n\n", Code::StreamTruncated),
        ("data: {,}\n\n", Code::StreamMalformed),
        ("", Code::StreamTruncated),
        ("{\"object\":\"response\",\"id\":\"r\",\"deleted\":true}", Code::NoImage),
    ] {
        let read = read(answer.as_bytes());
        assert_eq!((end(&read), read.seen.len()), (Err(code), 0), "{answer}");
    }
    let after_image = done(0, "\"id\":\"a\",\"result\":\"AAAA\"") + "data: {,}\n\n";
    assert_eq!(read(after_image.as_bytes()).result.unwrap_err().billed, Billed::Yes);
}

#[test]
fn what_stands_behind_the_end_does_not_matter() {
    for behind in ["data: {,}\n\n", "data: [DONE]\n\n", "data: {\"type\":\"error\",\"code\":\"x\"}\n\n", "<html>"] {
        let answer = read((completed(&[]) + behind).as_bytes());
        assert_eq!(end(&answer), Ok(("completed", None)), "{behind}");
    }
}

#[test]
fn events_that_are_not_known_pass_by() {
    for event in [
        "data: {}\n\n",
        "data: 1\n\n",
        "data: null\n\n",
        "data: [1]\n\n",
        ": ping\n\n",
        "data: [DONE]\n\n",
        "event: ping\ndata: {}\n\n",
        "data: {\"type\":\"response.output_text.annotation.added\",\"item\":null}\n\n",
        "data: {\"type\":\"response.reasoning_summary_text.delta\",\"delta\":\"x\"}\n\n",
        "data: {\"type\":\"response.output_item.done\",\"item\":{\"type\":\"mcp_list_tools\",\"result\":\"AAAA\"}}\n\n",
        "data: {\"type\":\"response.image_generation_call.partial_image\"}\n\n",
        "data: {\"type\":\"response.image_generation_call.partial_image\",\"partial_image_b64\":\"A\"}\n\n",
        "data: {\"type\":\"responses\",\"response\":{\"id\":7}}\n\n",
    ] {
        let answer = read((event.to_owned() + &completed(&[])).as_bytes());
        assert_eq!(
            (answer.seen.as_slice(), end(&answer)),
            (&[status("completed")][..], Ok(("completed", None))),
            "{event}"
        );
        assert_eq!(end(&read(event.as_bytes())), Err(Code::StreamTruncated), "{event} alone");
    }
}

#[test]
fn the_name_of_an_event_is_enough_where_it_has_no_type() {
    let body = String::from_utf8(sample("responses/stream.completed.sse")).unwrap();
    let expected = read(body.as_bytes());
    let without_names: String =
        body.lines().filter(|line| !line.starts_with("event:")).map(|line| format!("{line}\n")).collect();
    assert!(read(without_names.as_bytes()) == expected);
    let mut without_types = body;
    for (_, _, event) in events(&sample("responses/stream.completed.sse")) {
        without_types = without_types.replace(&format!("{{\"type\":\"{}\",", event["type"].as_str().unwrap()), "{");
    }
    assert!(!without_types.contains("\"type\":\"response."));
    assert!(read(without_types.as_bytes()) == expected);
}

#[test]
fn a_preview_is_never_the_image() {
    let partial_image = "data: {\"type\":\"response.image_generation_call.partial_image\",\"item_id\":\"a\",\"output_index\":0,\
                   \"partial_image_index\":1,\"partial_image_b64\":\"AAAA\"}\n\n";
    let answer = read((partial_image.to_owned() + &completed(&[])).as_bytes());
    assert_eq!((answer.partial_images(), answer.images().len()), (1, 0));
    let answer = read(partial_image.as_bytes());
    assert_eq!((answer.partial_images(), end(&answer)), (1, Err(Code::StreamTruncated)));
}

#[test]
fn a_large_image_passes_through_in_pieces() {
    let bytes = noise(3 << 20);
    let members = format!("\"id\":\"a\",\"status\":\"completed\",\"result\":\"{}\"", encode(&bytes));
    let stream = done(0, &members) + &completed(&[item(&members)]);
    let answer = read_from(stream.as_bytes().chunks(64 * 1024), Progress::default());
    assert!(answer.images() == [bytes]);
    assert_eq!(end(&answer), Ok(("completed", None)));
}
