//! From the bytes of an answer to its documents.

use crate::support::{
    Keep, Tree, cases, cut_at, encode, noise, read_documents, read_documents_within, samples_in, some_cuts,
    three_chunks, two_chunks,
};
use azure_image_client::decode::assembler;
use azure_image_client::decode::json::UNDECIDED_BYTES;
use azure_image_client::decode::stream::{Decoder, Limits, MAX_IMAGES};
use azure_image_client::errors::{Billed, Code};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use proptest::prelude::*;

/// The only document of an answer.
fn document(answer: &[u8]) -> Tree {
    let mut documents = read_documents([answer]).unwrap();
    assert_eq!(documents.len(), 1);
    documents.remove(0).1
}

/// Whether a document is what `serde_json` makes of its text, with the samples' images decoded.
fn same(tree: &Tree, expected: &serde_json::Value) -> bool {
    match (tree, expected) {
        (Tree::Image(bytes), serde_json::Value::String(text)) => {
            text.starts_with("iVBORw0KGgo") && STANDARD.decode(text).as_ref() == Ok(bytes)
        }
        // The response at the end repeats the image of an item.
        (Tree::Omitted, serde_json::Value::String(text)) => text.starts_with("iVBORw0KGgo"),
        (Tree::Text(text), serde_json::Value::String(expected)) => text == expected && !text.starts_with("iVBORw0KGgo"),
        (Tree::Number(text), serde_json::Value::Number(expected)) => expected.to_string() == *text,
        (Tree::Other(text), expected) => {
            serde_json::from_str(text).is_ok_and(|value: serde_json::Value| value == *expected)
        }
        (Tree::Array(elements), serde_json::Value::Array(expected)) => {
            elements.len() == expected.len()
                && elements.iter().zip(expected).all(|(element, expected)| same(element, expected))
        }
        (Tree::Object(members), serde_json::Value::Object(expected)) => {
            members.len() == expected.len()
                && members.iter().all(|(name, value)| expected.get(name).is_some_and(|expected| same(value, expected)))
        }
        _ => false,
    }
}

/// The documents of a sample, as `serde_json` reads its lines.
fn expected_documents(body: &[u8]) -> Vec<(String, serde_json::Value)> {
    let (mut name, mut documents) = ("", Vec::new());
    for line in std::str::from_utf8(body).unwrap().lines() {
        if let Some(value) = line.strip_prefix("event: ") {
            name = value;
        } else if let Some(data) = line.strip_prefix("data: ")
            && data != "[DONE]"
        {
            documents.push((std::mem::take(&mut name).to_owned(), serde_json::from_str(data).unwrap()));
        }
    }
    documents
}

#[test]
fn every_event_of_every_sample_is_what_serde_json_reads_with_the_pictures_decoded() {
    for (path, body) in samples_in("images", ".sse").into_iter().chain(samples_in("responses", ".sse")) {
        let expected = expected_documents(&body);
        assert!(!expected.is_empty(), "{path}");
        let documents = read_documents([&body[..]]).unwrap();
        assert_eq!(documents.len(), expected.len(), "{path}");
        for ((name, tree), (expected_name, expected)) in documents.iter().zip(&expected) {
            assert_eq!(name, expected_name, "{path}");
            assert!(same(tree, expected), "{path}: {tree:?}\n{expected}");
        }
    }
}

#[test]
fn every_sample_of_the_images_api_means_the_same_in_every_two_chunks() {
    for (path, body) in samples_in("images", ".sse") {
        let expected = read_documents([&body[..]]).unwrap();
        for chunks in two_chunks(&body) {
            assert!(read_documents(chunks).as_ref() == Ok(&expected), "{path}: {:?}", chunks.map(<[u8]>::len));
        }
        for chunks in some_cuts(&body) {
            assert!(read_documents(chunks).as_ref() == Ok(&expected), "{path}");
        }
    }
}

#[test]
fn every_event_of_the_responses_api_means_the_same_in_every_two_chunks() {
    for (path, body) in samples_in("responses", ".sse") {
        let expected = read_documents([&body[..]]).unwrap();
        for chunks in some_cuts(&body) {
            assert!(read_documents(chunks).as_ref() == Ok(&expected), "{path}");
        }
        // Nothing but the ids of its images is left of an event once it is complete, so each is cut by itself: fewer ways,
        // and no less.
        let events: Vec<&str> = std::str::from_utf8(&body).unwrap().split_inclusive("\n\n").collect();
        assert_eq!(events.len(), expected.len(), "{path}");
        for event in events {
            let expected = read_documents([event.as_bytes()]).unwrap();
            for chunks in two_chunks(event.as_bytes()) {
                assert!(read_documents(chunks).unwrap() == expected, "{path}: {chunks:?}");
            }
        }
    }
}

#[test]
fn every_json_sample_is_what_serde_json_reads_in_every_two_chunks() {
    for (path, body) in samples_in("images", ".json").into_iter().chain(samples_in("responses", ".json")) {
        if path.ends_with("tiny-images.json") {
            continue;
        }
        let expected = serde_json::from_slice(&body).unwrap();
        let tree = document(&body);
        assert!(same(&tree, &expected), "{path}: {tree:?}");
        for chunks in two_chunks(&body) {
            assert!(read_documents(chunks).unwrap() == [(String::new(), tree.clone())], "{path}");
        }
    }
}

/// All that can be cut wrongly, in few bytes.
const DENSE: &str = concat!(
    "\u{FEFF}: x\r\nevent: p\r\ndata: {\"b64_json\":\"QU\\/\\u002BD\",\"k\":\"\\ud83d\\ude80\"}\r\n\r\n",
    "event:q\rid: 1\rdata:{\"partial_image_b64\"\rdata: :\"QUJDRA==\",\"n\":-1.5e3}\r\r",
    "data: [DONE]\n\ndata: [1,\ndata\ndata: \"\u{20AC}\"]\n\n",
    "event: z\ndata: {\"response\":{\"output\":[{\"result\":\"QQ==\"}]}}",
);

#[test]
fn a_dense_stream_means_the_same_in_every_three_chunks() {
    let text = |text: &str| Tree::Text(text.into());
    let object = |members: &[(&str, Tree)]| {
        Tree::Object(members.iter().map(|(name, value)| ((*name).into(), value.clone())).collect())
    };
    let result = object(&[("result", text("QQ=="))]);
    let expected = vec![
        ("p".into(), object(&[("b64_json", Tree::Image(b"AO\xFE\x0F".to_vec())), ("k", text("\u{1F680}"))])),
        (
            "q".into(),
            object(&[("partial_image_b64", Tree::Image(b"ABCD".to_vec())), ("n", Tree::Number("-1.5e3".into()))]),
        ),
        (String::new(), Tree::Array(vec![Tree::Number("1".into()), text("\u{20AC}")])),
        ("z".into(), object(&[("response", object(&[("output", Tree::Array(vec![result]))]))])),
    ];
    let dense = DENSE.replace("QU\\/\\u002BD", "QU\\/\\u002BDw==");
    assert_eq!(read_documents([dense.as_bytes()]), Ok(expected.clone()));
    for chunks in three_chunks(dense.as_bytes(), usize::MAX) {
        assert!(read_documents(chunks).as_ref() == Ok(&expected), "{:?}", chunks.map(<[u8]>::len));
    }
}

#[test]
fn an_image_is_found_wherever_its_member_stands_in_the_object() {
    let image = Tree::Image(noise(1000));
    let base64 = encode(&noise(1000));
    let slashes = base64.replace('/', "\\/");
    let hexadecimal: String = base64.bytes().map(|byte| format!("\\u{byte:04X}")).collect();
    for value in [&base64, &slashes, &hexadecimal] {
        let documents = [
            format!("{{\"b64_json\":\"{value}\",\"type\":\"x\",\"size\":\"1x1\"}}"),
            format!("{{\"type\":\"x\",\"b64_json\":\"{value}\",\"size\":\"1x1\"}}"),
            format!("{{\"type\":\"x\",\"size\":\"1x1\",\"b64_json\":\"{value}\"}}"),
            format!("\n {{\n\t\"type\" : \"x\" ,\n \"b64\\u005fjson\" \n:\t\"{value}\" , \"size\" : \"1x1\" }} \n"),
            format!("{{\"b64_json\":null,\"type\":\"x\",\"b64_json\":\"{value}\"}}"),
            format!("{{\"b64_json\":\"!\",\"b64_json\":\"{value}\"}}"),
        ];
        for text in documents {
            for answer in [text.clone(), format!("data: {}\n\n", text.replace('\n', "\ndata: "))] {
                for chunks in some_cuts(answer.as_bytes()) {
                    let documents = read_documents(chunks).unwrap();
                    assert_eq!(documents[0].1.get("b64_json"), Some(&image), "{answer}");
                }
            }
        }
    }
}

#[test]
fn a_decoy_is_no_image() {
    let base64 = encode(b"no image");
    for text in [
        format!("{{\"prompt\":\"\\\"b64_json\\\":\\\"{base64}\\\"\"}}"),
        format!("{{\"usage\":{{\"b64_json\":\"{base64}\"}}}}"),
        format!("{{\"data\":[{{\"inner\":{{\"b64_json\":\"{base64}\"}}}}]}}"),
        format!("{{\"data\":[[{{\"b64_json\":\"{base64}\"}}]]}}"),
        format!("{{\"b64_json\":[\"{base64}\"]}}"),
        format!("{{\"b64_json\":{{\"b64_json\":\"{base64}\"}}}}"),
        format!("[{{\"b64_json\":\"{base64}\"}}]"),
        format!("{{\"b64_json \":\"{base64}\"}}"),
        format!("{{\"B64_JSON\":\"{base64}\"}}"),
        format!("{{\"{base64}\":\"b64_json\"}}"),
        format!("{{\"response\":{{\"partial_image_b64\":\"{base64}\"}}}}"),
        format!("{{\"result\":\"{base64}\",\"type\":\"image_generation_call\"}}"),
        format!("{{\"item\":{{\"type\":\"mcp_call\",\"result\":\"{base64}\"}}}}"),
        format!("{{\"item\":{{\"result\":\"{base64}\",\"type\":\"mcp_call\"}}}}"),
        format!("{{\"item\":{{\"result\":\"{base64}\"}}}}"),
        format!("{{\"item\":{{\"type\":\"image_generation_call\",\"item\":{{\"result\":\"{base64}\"}}}}}}"),
    ] {
        for chunks in some_cuts(text.as_bytes()) {
            let documents = read_documents(chunks).unwrap();
            let shown = format!("{:?}", documents[0].1);
            assert!(!shown.contains("Image"), "{text}: {shown}");
        }
    }
}

#[test]
fn the_result_of_an_image_call_is_an_image_whichever_of_type_and_result_comes_first() {
    for length in
        [1, 1000, UNDECIDED_BYTES / 4 * 3 - 3, UNDECIDED_BYTES / 4 * 3, UNDECIDED_BYTES / 4 * 3 + 3, UNDECIDED_BYTES]
    {
        let image = Tree::Image(noise(length));
        let base64 = encode(&noise(length));
        for item in [
            format!("{{\"type\":\"image_generation_call\",\"result\":\"{base64}\"}}"),
            format!("{{\"result\":\"{base64}\",\"type\":\"image_generation_call\"}}"),
            format!("{{\"result\":\"{}\",\"type\":\"image_generation_call\"}}", base64.replace('/', "\\/")),
            format!("{{\"type\":\"x\",\"result\":\"{base64}\",\"type\":\"image_generation_call\"}}"),
        ] {
            let read = |answer: String, steps: &dyn Fn(&Tree) -> Option<&Tree>| {
                for length in [usize::MAX, 1000] {
                    let documents = read_documents(answer.as_bytes().chunks(length)).unwrap();
                    assert!(steps(&documents[0].1) == Some(&image), "{length} {answer:.200}");
                }
            };
            let in_output = |output: Option<&'_ Tree>| match output {
                Some(Tree::Array(items)) => items[1].get("result").cloned(),
                _ => None,
            };
            read(format!("data: {{\"item\":{item}}}\n\n"), &|tree| tree.get("item")?.get("result"));
            let answer = format!("{{\"output\":[{{\"type\":\"message\"}},{item}]}}");
            assert!(in_output(document(answer.as_bytes()).get("output")).as_ref() == Some(&image), "{answer:.200}");
            let answer = format!("data: {{\"response\":{answer}}}\n\n");
            let tree = document(answer.as_bytes());
            assert!(in_output(tree.get("response").unwrap().get("output")).as_ref() == Some(&image), "{answer:.200}");
        }
    }
}

#[test]
fn an_image_that_came_with_its_item_is_not_decoded_again() {
    for length in [3, UNDECIDED_BYTES / 4 * 3 + 3] {
        let base64 = encode(&noise(length));
        let item = |id: &str, order: usize| {
            let mut members = [
                format!("\"id\":\"{id}\""),
                format!("\"result\":\"{base64}\""),
                "\"type\":\"image_generation_call\"".into(),
            ];
            members.rotate_left(order);
            format!("{{{}}}", members.join(","))
        };
        let event = |item: &str| format!("data: {{\"item\":{item}}}\n\n");
        let end = |items: &str| format!("data: {{\"response\":{{\"output\":[{items}]}}}}\n\n");
        for order in 0..3 {
            let stream = [
                event(&item("a", order)),
                event(&item("a", order)),
                end(&[item("a", order), item("b", order)].join(",")),
                event(&item("b", order)),
            ]
            .concat();
            for chunk in [usize::MAX, 1000] {
                let documents = read_documents(stream.as_bytes().chunks(chunk)).unwrap();
                let result = |index: usize| documents[index].1.get("item").unwrap().get("result").unwrap().clone();
                let image = Tree::Image(noise(length));
                // Where the id comes behind a long text, it comes too late.
                let is_late = order == 1 && length > UNDECIDED_BYTES / 4 * 3;
                let again = if is_late { image.clone() } else { Tree::Omitted };
                assert!(result(0) == image, "{length} {order}");
                assert!(result(1) == again, "{length} {order}");
                assert!(result(3) == image, "a response is no item of its own");
                let Some(Tree::Array(output)) = documents[2].1.get("response").unwrap().get("output") else { panic!() };
                assert!(output[0].get("result") == Some(&again) && output[1].get("result") == Some(&image));
            }
        }
        // What was damaged is not there.
        let damaged = "{\"id\":\"a\",\"type\":\"image_generation_call\",\"result\":\"AAA\"}";
        let documents = read_documents([(event(damaged) + &event(&item("a", 0))).as_bytes()]).unwrap();
        assert!(documents[1].1.get("item").unwrap().get("result") == Some(&Tree::Image(noise(length))));
    }
}

#[test]
fn the_mask_of_a_request_is_passed_over_where_a_response_repeats_it() {
    let mask = format!("data:image/png;base64,{}", encode(&noise(2 << 20)));
    let response = format!("{{\"tools\":[{{\"input_image_mask\":{{\"image_url\":\"{mask}\"}}}}]}}");
    for answer in [response.clone(), format!("data: {{\"response\":{response}}}\n\n")] {
        let shown = format!("{:?}", read_documents(answer.as_bytes().chunks(1 << 16)).unwrap());
        assert!(shown.contains("Omitted") && shown.len() < 300, "{shown:.500}");
    }
}

#[test]
fn a_result_without_a_text_is_no_image() {
    for result in ["null", "1", "[]", "{}", "true"] {
        let tree =
            document(format!("{{\"item\":{{\"result\":{result},\"type\":\"image_generation_call\"}}}}").as_bytes());
        assert!(!format!("{tree:?}").contains("Image"));
    }
}

#[test]
fn what_is_wrong_with_an_image_is_said_in_its_place() {
    let limits = Limits { max_image_bytes: 10, ..Limits::default() };
    let answer = format!(
        r#"{{"data":[{{"b64_json":""}},{{"b64_json":"AAAA"}},{{"b64_json":"A"}},{{"b64_json":"AA\tAA"}},{{"b64_json":"{}"}},{{"b64_json":"{}"}}]}}"#,
        encode(&noise(11)),
        encode(&noise(10)),
    );
    let documents = read_documents_within([answer.as_bytes()], limits).unwrap();
    let Some(Tree::Array(entries)) = documents[0].1.get("data") else { panic!("no array") };
    let images: Vec<_> = entries.iter().map(|entry| entry.get("b64_json").unwrap().clone()).collect();
    let expected = [
        Tree::NoImage(assembler::Error::Empty),
        Tree::Image(vec![0; 3]),
        Tree::NoImage(assembler::Error::Malformed),
        Tree::NoImage(assembler::Error::Malformed),
        Tree::NoImage(assembler::Error::TooLarge),
        Tree::Image(noise(10)),
    ];
    assert_eq!(images, expected);
}

#[test]
fn an_image_is_taken_once() {
    let mut decoder = Decoder::new(Keep::default(), Limits::default());
    decoder.push(b"data: {\"b64_json\":\"AAAA\"}\n\n").unwrap();
    let mut document = decoder.next_document().unwrap();
    let place = document.value.get("b64_json").cloned();
    assert!(document.images.take(place.as_ref()).unwrap().is_ok());
    assert!(document.images.take(place.as_ref()).is_none());
    assert!(document.images.take(None).is_none());
    assert!(decoder.next_document().is_none());
}

#[test]
fn documents_are_there_as_soon_as_their_event_is_complete() {
    let mut decoder = Decoder::new(Keep::default(), Limits::default());
    decoder.push(b"event: a\ndata: {}\n").unwrap();
    assert!(decoder.next_document().is_none());
    decoder.push(b"\nevent: b\nda").unwrap();
    assert_eq!(decoder.next_document().map(|document| document.name).as_deref(), Some("a"));
    assert!(decoder.next_document().is_none());
}

#[test]
fn the_first_character_decides_between_json_and_an_event_stream() {
    let json = br#"{"a":1}"#;
    let stream = b"data: {\"a\":1}\n\n";
    for before in ["", " ", "\n", "\r\n\t ", "\u{FEFF}", "\u{FEFF} \n"] {
        for body in [
            &json[..],
            &stream[..],
            b": hi\n\ndata: {\"a\":1}",
            b"event: \ndata: {\"a\":1}\n",
            b"id: 1\ndata:{\"a\":1}",
        ] {
            let answer = [before.as_bytes(), body].concat();
            for chunks in two_chunks(&answer) {
                let documents = read_documents(chunks).unwrap();
                assert_eq!(documents.len(), 1, "{answer:?}");
                assert_eq!(documents[0].1.get("a"), Some(&Tree::Number("1".into())));
            }
        }
    }
}

#[test]
fn an_answer_without_documents_has_none() {
    for answer in [
        "",
        " \n",
        "\u{FEFF}",
        ": ping\n\n: ping\n\n",
        "event: a\n\n",
        "data:\n\n",
        "data:  \ndata:\n\n",
        "Not found",
        "data: [DONE]\n\n",
    ] {
        for chunks in two_chunks(answer.as_bytes()) {
            assert_eq!(read_documents(chunks), Ok(vec![]), "{answer}");
        }
    }
}

#[test]
fn a_done_marker_is_passed_over_with_whatever_stands_behind_it() {
    for marker in ["[DONE]", "[DONE] ", "[DONE]\ndata:", "[DONE]\ndata: {}", "[DONE]x"] {
        let answer = format!("data: 1\n\ndata: {marker}\n\ndata: 2\n\ndata: {marker}");
        for chunks in three_chunks(answer.as_bytes(), 3) {
            let values: Vec<_> = read_documents(chunks).unwrap().into_iter().map(|(_, value)| value).collect();
            assert_eq!(values, [Tree::Number("1".into()), Tree::Number("2".into())], "{answer}");
        }
    }
}

#[test]
fn what_only_begins_like_a_done_marker_is_json_or_text() {
    for (data, expected) in
        [("[]", Some(0)), ("[1]", Some(1)), ("[DONE", None), ("[D]", None), ("[DONe]", None), ("DONE", None)]
    {
        let answer = format!("data: {data}\n\n");
        for chunks in two_chunks(answer.as_bytes()) {
            let elements = match &read_documents(chunks).unwrap()[..] {
                [(_, Tree::Array(elements))] => Some(elements.len()),
                [] => None,
                other => panic!("{other:?}"),
            };
            assert_eq!(elements, expected, "{data}");
        }
    }
}

#[test]
fn what_is_no_json_is_malformed_and_what_stops_within_is_truncated() {
    let malformed: &[&[u8]] = &[
        b"{\"a\":1}{\"a\":2}",
        b"{\"a\":1} x",
        b"{\"a\":1}\ndata: {}\n\n",
        b"{a}",
        b"[1,]",
        b"data: {\"a\":1} x\n\n",
        b"data: {\"a\":1}\ndata: {\"a\":2}\n\n",
        b"data: {\"a\":\"x\ndata: y\"}\n\n",
        b"data: {\"a\":1}\n\ndata: {]\n\n",
    ];
    for answer in malformed {
        let whole = read_documents([*answer]).unwrap_err();
        for chunks in two_chunks(answer) {
            let failure = read_documents(chunks).unwrap_err();
            assert_eq!(failure, whole, "with the same offset");
            assert_eq!((failure.code, failure.retryable), (Code::StreamMalformed, false), "{}", answer.escape_ascii());
            assert_eq!(failure.billed, Billed::Unknown);
        }
    }
    for answer in [
        &b"{"[..],
        b"{\"b64_json\":\"AAAA",
        b"{\"b64_json\":\"AAAA\"",
        b"[",
        b"data: {\"a\"",
        b"data: {\"a\":1,\n",
        b"data: tru",
    ] {
        for chunks in two_chunks(answer) {
            let failure = read_documents(chunks).unwrap_err();
            assert_eq!((failure.code, failure.retryable), (Code::StreamTruncated, true), "{}", answer.escape_ascii());
            assert_eq!(failure.billed, Billed::Unknown);
        }
    }
}

#[test]
fn an_event_with_plain_text_is_skipped_and_an_error_in_it_is_kept_for_the_end() {
    for (text, error) in [
        ("event: keepalive\ndata: keepalive", None),
        ("data: oops", None),
        ("data: still working on it", None),
        ("data: [PING]", None),
        ("data: \u{FEFF}{}", None),
        ("data: error: CUDA out of memory", Some("error: CUDA out of memory")),
        ("data: Failed to generate", Some("Failed to generate")),
        ("event: error\ndata: Internal Server Error", Some("Internal Server Error")),
        ("event: error\ndata: no", Some("no")),
    ] {
        let answer = format!("data: {{\"a\":1}}\n\n{text}\n\ndata: {{\"b\":2}}\n\n");
        for chunks in two_chunks(answer.as_bytes()) {
            let mut decoder = Decoder::new(Keep::default(), Limits::default());
            for chunk in chunks {
                decoder.push(chunk).unwrap();
            }
            let documents = std::iter::from_fn(|| decoder.next_document());
            assert_eq!(documents.filter(|document| !document.is_cut).count(), 2, "{text}");
            let end = match decoder.finish() {
                Ok(()) => decoder.next_document().map(|document| {
                    assert_eq!(document.name, "error", "{text}");
                    document.value.text("message").unwrap().to_owned()
                }),
                Err(failure) => Some(format!("{:?}", failure.code)),
            };
            assert_eq!(end.as_deref(), error, "{text}");
        }
    }
}

#[test]
fn a_web_page_is_named_as_what_it_is() {
    for page in ["<!DOCTYPE html><title>Sign in</title>", "\r\n<html>", "\u{FEFF}<?xml version=\"1.0\"?><Error/>"] {
        for chunks in two_chunks(page.as_bytes()) {
            let failure = read_documents(chunks).unwrap_err();
            assert_eq!((failure.code, failure.retryable), (Code::Service, false));
            assert!(failure.message.contains("web page"));
        }
    }
}

#[test]
fn a_document_has_limits_and_the_next_one_has_them_anew() {
    let limits = Limits { max_event_bytes: 10_000, max_image_bytes: 100, ..Limits::default() };
    let large = |length: usize| format!("data: {{\"text\":\"{}\"}}\n\n", "x".repeat(length));
    let code = |answer: String| read_documents_within([answer.as_bytes()], limits).map_err(|failure| failure.code);
    assert_eq!(code(large(10_001)), Err(Code::TooLarge));
    assert_eq!(code(large(9_000).repeat(20)).map(|documents| documents.len()), Ok(20));
    assert_eq!(code("[".repeat(100)), Err(Code::TooLarge));
    assert_eq!(code(format!("data: {}\n\n", "{\"a\":".repeat(100))), Err(Code::TooLarge));
    let failure = read_documents_within([large(10_001).as_bytes()], limits).unwrap_err();
    assert!(failure.message.contains("maxEventBytes") && failure.message.contains("10000"), "{}", failure.message);
    assert_eq!((failure.billed, failure.retryable), (Billed::Unknown, false));
}

#[test]
fn an_image_counts_towards_no_limit_on_its_document() {
    let limits = Limits { max_event_bytes: 10_000, ..Limits::default() };
    let base64 = encode(&noise(300_000));
    for answer in [
        format!("data: {{\"b64_json\":\"{base64}\"}}\n\n"),
        format!("{{\"data\":[{{\"b64_json\":\"{base64}\"}}]}}"),
        format!("{{\"output\":[{{\"result\":\"{base64}\",\"type\":\"image_generation_call\"}}]}}"),
    ] {
        assert_eq!(
            read_documents_within(answer.as_bytes().chunks(1000), limits).map(|documents| documents.len()),
            Ok(1)
        );
    }
}

#[test]
fn more_pictures_than_any_answer_has_are_too_many() {
    let partial_image = "data: {\"type\":\"image_generation.partial_image\",\"b64_json\":\"AAAA\"}\n\n";
    let mut decoder = Decoder::new(Keep::default(), Limits::default());
    decoder.push(partial_image.repeat(MAX_IMAGES).as_bytes()).unwrap();
    let failure = decoder.push(partial_image.as_bytes()).unwrap_err();
    assert_eq!(failure.code, Code::TooLarge);
    assert!(failure.message.contains("more than 4000 images"), "{}", failure.message);
}

proptest! {
    #![proptest_config(cases(96))]

    #[test]
    fn random_pictures_come_back_from_random_documents_in_random_chunks(
        images in prop::collection::vec(prop::collection::vec(any::<u8>(), 1..200), 1..4),
        line_end in prop::sample::select(&["\n", "\r\n", "\r"][..]),
        escape in any::<bool>(),
        places in prop::collection::vec(any::<prop::sample::Index>(), 0..8),
    ) {
        let mut answer = String::new();
        for image in &images {
            let mut text = encode(image);
            if escape {
                text = text.replace('/', "\\/").replace('+', "\\u002b").replace('=', "\\u003D");
            }
            answer += &format!(": ping{line_end}data: {{\"b64_json\":{line_end}data:\"{text}\"}}{line_end}{line_end}");
        }
        let documents = read_documents(cut_at(answer.as_bytes(), &places)).unwrap();
        let read: Vec<_> = documents.iter().map(|(_, tree)| tree.get("b64_json").cloned().unwrap()).collect();
        let expected: Vec<_> = images.into_iter().map(Tree::Image).collect();
        prop_assert_eq!(read, expected);
    }
}
