//! Answers of the Images API: what they mean, and when they are a success.

use crate::support::{
    Answer, Keep, cases, cut_at, encode, noise, read_answer, sample, samples_in, some_cuts, three_chunks, two_chunks,
};
use azure_image_client::decode::stream::Limits;
use azure_image_client::errors::judge::ServiceJudge;
use azure_image_client::errors::{Billed, Code, Failure};
use azure_image_client::images::response::{Event, ImagesReader, Source, Summary};
use azure_image_client::models::usage::{TokenDetails, Usage};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use proptest::prelude::*;

fn tiny(name: &str) -> Vec<u8> {
    let images: serde_json::Value = serde_json::from_slice(&sample("images/tiny-images.json")).unwrap();
    STANDARD.decode(images[name].as_str().unwrap()).unwrap()
}

fn summary(created: u64, output_tokens: u64) -> Summary {
    Summary {
        created: Some(created),
        size: Some("1024x1024".into()),
        quality: Some("medium".into()),
        background: Some("opaque".into()),
        output_format: Some("png".into()),
        usage: Some(Usage {
            input_tokens: 17,
            output_tokens,
            total_tokens: 17 + output_tokens,
            input_tokens_details: Some(TokenDetails { text_tokens: 17, image_tokens: 0 }),
            output_tokens_details: None,
            ..Usage::default()
        }),
    }
}

fn read(answer: &str) -> Answer {
    read_answer([answer.as_bytes()], 1)
}

/// The code of the failure, and how many images were reported before it.
fn failed(answer: &str) -> (Code, usize) {
    let answer = read(answer);
    (answer.result.unwrap_err().code, answer.images.len())
}

/// Each streamed sample: how many partial images, whether it has the image, and what becomes of it.
const STREAMS: &[(&str, usize, Result<(), Code>)] = &[
    ("images/edits.stream.sse", 2, Ok(())),
    ("images/generations.stream.crlf-comments.sse", 1, Ok(())),
    ("images/generations.stream.data-only.sse", 1, Ok(())),
    ("images/generations.stream.done-marker.sse", 1, Ok(())),
    ("images/generations.stream.error-typed.sse", 1, Err(Code::Service)),
    ("images/generations.stream.error-wrapped.sse", 1, Err(Code::ContentFilter)),
    ("images/generations.stream.no-partials.sse", 0, Ok(())),
    ("images/generations.stream.sse", 2, Ok(())),
    ("images/generations.stream.truncated.sse", 1, Err(Code::StreamTruncated)),
];

#[test]
fn every_streamed_sample_gives_its_previews_and_its_image_or_its_error() {
    assert_eq!(samples_in("images", ".sse").len(), STREAMS.len());
    for (path, partial_images, outcome) in STREAMS {
        let answer = read_answer([&sample(path)[..]], 1);
        let expected: Vec<_> =
            (0..*partial_images).map(|index| (index as u64, tiny(&format!("partial_{index}_png_2x2")))).collect();
        assert_eq!(answer.partial_images, expected, "{path}");
        let images = outcome.map(|()| (tiny("final_png_2x2"), None)).into_iter().collect::<Vec<_>>();
        assert_eq!(answer.images, images, "{path}");
        assert_eq!(answer.result.as_ref().map(|_| ()).map_err(|failure| failure.code), *outcome, "{path}");
        if let Ok(summary) = answer.result {
            assert!(summary.created >= Some(1_779_321_600) && summary.usage.is_some(), "{path}: {summary:?}");
        }
    }
}

#[test]
fn a_completed_event_says_what_it_cost() {
    let answer = read_answer([&sample("images/generations.stream.no-partials.sse")[..]], 1);
    let details = Some(TokenDetails { text_tokens: 0, image_tokens: 1056 });
    let expected = summary(1_779_321_609, 1056);
    let usage = expected.usage.map(|usage| Usage { output_tokens_details: details, ..usage });
    assert_eq!(answer.result, Ok(Summary { usage, ..expected }));
}

#[test]
fn every_streamed_sample_means_the_same_in_every_two_chunks() {
    for (path, ..) in STREAMS {
        let body = sample(path);
        let expected = read_answer([&body[..]], 1);
        for chunks in two_chunks(&body) {
            assert!(read_answer(chunks, 1) == expected, "{path}: {:?}", chunks.map(<[u8]>::len));
        }
        for chunks in some_cuts(&body) {
            assert!(read_answer(chunks, 1) == expected, "{path}");
        }
    }
}

/// The same stream with other images and fewer members, so that there are fewer ways to cut it.
fn condense(body: &[u8]) -> Vec<u8> {
    let mut text = String::from_utf8(body.to_vec()).unwrap();
    for (name, short) in [("partial_0_png_2x2", "UDA="), ("partial_1_png_2x2", "UDE="), ("final_png_2x2", "RklO")] {
        text = text.replace(&encode(&tiny(name)), short);
    }
    for dropped in [
        "\"size\":\"1024x1024\",\"quality\":\"medium\",\"background\":\"opaque\",\"output_format\":\"png\"",
        ",\"input_tokens_details\":{\"image_tokens\":0,\"text_tokens\":17},\"output_tokens\":1056,\"total_tokens\":1073",
        "If you believe this is an error, contact us at help.openai.com and include the request ID req_0000.",
        "\"type\":\"image_generation.partial_image\",",
    ] {
        text = text.replace(dropped, if dropped.starts_with("\"size") { "\"size\":\"\"" } else { "" });
    }
    text.into_bytes()
}

#[test]
fn every_condensed_sample_means_the_same_in_every_three_chunks() {
    for (path, partial_images, outcome) in STREAMS {
        let body = condense(&sample(path));
        let expected = read_answer([&body[..]], 1);
        assert_eq!(expected.result.as_ref().map(|_| ()).map_err(|failure| failure.code), *outcome, "{path}");
        // Without its type, the partial image of a stream without names is nothing.
        assert_eq!(
            expected.partial_images.len(),
            if path.contains("data-only") { 0 } else { *partial_images },
            "{path}"
        );
        for chunks in three_chunks(&body, if body.len() < 350 { usize::MAX } else { 12 }) {
            assert!(read_answer(chunks, 1) == expected, "{path}: {:?}", chunks.map(<[u8]>::len));
        }
    }
}

#[test]
fn a_stream_that_ends_anywhere_is_a_success_only_with_its_completed_event() {
    for (path, ..) in STREAMS {
        let body = sample(path);
        // Where each document is whole: at the end of its line.
        let text = std::str::from_utf8(&body).unwrap();
        let mut end_of_line = 0;
        let documents: Vec<(usize, &str)> = text
            .split_inclusive('\n')
            .filter_map(|line| {
                end_of_line += line.len();
                let data = line.strip_prefix("data: ")?.strip_suffix('\n')?;
                Some((end_of_line - (line.len() - line.trim_end().len()), data))
            })
            .collect();
        let whole_at = |what: &str| documents.iter().find(|(_, data)| data.contains(what)).map(|(end, _)| *end);
        let completed = whole_at(".completed\"");
        let error = whole_at("error");
        for length in 0..=body.len() {
            let answer = read_answer([&body[..length]], 1);
            let partial_images =
                documents.iter().filter(|(end, data)| data.contains(".partial_image\"") && *end <= length).count();
            assert_eq!(
                answer.partial_images.len(),
                partial_images,
                "{path}, {length} bytes: each partial_image that was whole is reported"
            );
            let is_complete = completed.is_some_and(|end| end <= length);
            assert_eq!(answer.result.is_ok(), is_complete, "{path}, {length} bytes: {:?}", answer.result);
            // A cut event can contain the whole image, which comes with the error.
            let begins = completed.map_or(body.len(), |end| text[..end].rfind("data: ").unwrap());
            let image = begins + text[begins..].find("\"b64_json\":").map_or(body.len(), |start| start + 12);
            let end_of_image = text.get(image..).and_then(|rest| Some(image + 2 + rest.get(1..)?.find('"')?));
            let has_image = end_of_image.is_some_and(|end| end <= length && completed.is_some());
            assert_eq!(answer.images.len(), usize::from(has_image), "{path}, {length} bytes");
            if let Err(failure) = answer.result {
                let is_error = error.is_some_and(|end| end <= length);
                let has_words = text[..length]
                    .rfind("\"message\"")
                    .is_some_and(|at| text.get(at + 10..length).is_some_and(|rest| rest.matches('"').count() > 1));
                assert_eq!(
                    failure.code == Code::StreamTruncated,
                    !is_error && !has_words,
                    "{path}, {length} bytes: {failure:?}"
                );
                assert_ne!(failure.billed, Billed::No, "{path}: the work had begun");
            }
        }
    }
}

#[test]
fn a_json_answer_that_ends_anywhere_is_a_success_only_when_it_is_whole() {
    for path in ["images/generations.response.n2.json", "images/generations.response.minimal.json"] {
        let body = sample(path);
        let body = body.trim_ascii_end();
        for length in 0..=body.len() {
            let answer = read_answer([&body[..length]], 2);
            if length < body.len() {
                assert_eq!(
                    answer.result.map_err(|failure| failure.code),
                    Err(Code::StreamTruncated),
                    "{path}, {length}"
                );
                // The images whose strings have ended are there.
                let text = std::str::from_utf8(&body[..length]).unwrap();
                let ended = text.split("\"b64_json\"").skip(1).filter(|rest| rest.matches('"').count() >= 2).count();
                assert_eq!(answer.images.len(), ended, "{path}, {length}");
            } else {
                assert!(answer.result.is_ok());
            }
        }
    }
}

#[test]
fn every_json_sample_gives_its_pictures_however_it_is_cut() {
    let first = || (tiny("final_png_2x2"), None);
    let second = || (tiny("final2_png_2x2"), None);
    let dalle: serde_json::Value =
        serde_json::from_slice(&sample("images/generations.response.dalle3-url.json")).unwrap();
    let dalle_text = |name: &str| dalle["data"][0][name].as_str().unwrap().to_owned();
    let (dalle_url, dalle_prompt) = (dalle_text("url").into_bytes(), Some(dalle_text("revised_prompt")));
    let cases: [(_, Result<_, Code>); 7] = [
        ("images/edits.response.json", Ok(vec![first()])),
        ("images/generations.response.azure-full.json", Ok(vec![first()])),
        ("images/generations.response.minimal.json", Ok(vec![first()])),
        ("images/generations.response.n2.json", Ok(vec![first(), second()])),
        ("images/generations.response.partially-filtered.json", Ok(vec![first()])),
        ("images/generations.response.usage-details.json", Ok(vec![first()])),
        ("images/generations.response.dalle3-url.json", Ok(vec![(dalle_url, dalle_prompt)])),
    ];
    assert_eq!(samples_in("images", "response.json").len() + samples_in("images", ".json").len() - 2, cases.len());
    for (path, expected) in cases {
        let body = sample(path);
        for chunks in some_cuts(&body) {
            let answer = read_answer(chunks, 2);
            assert_eq!(answer.result.map(|_| answer.images).map_err(|failure| failure.code), expected, "{path}");
            assert!(answer.partial_images.is_empty());
        }
    }
}

#[test]
fn a_json_answer_says_what_the_service_used() {
    let result = |path| read_answer([&sample(path)[..]], 1).result.unwrap();
    assert_eq!(result("images/generations.response.azure-full.json"), summary(1_779_321_600, 1056));
    assert_eq!(
        result("images/generations.response.minimal.json"),
        Summary { created: Some(1_698_116_662), ..Summary::default() }
    );
    let details = result("images/generations.response.usage-details.json").usage.unwrap().output_tokens_details;
    assert_eq!(details, Some(TokenDetails { text_tokens: 0, image_tokens: 1056 }));
}

#[test]
fn a_revised_prompt_goes_with_its_image() {
    let answer = read(
        r#"{"created":1,"data":[{"revised_prompt":"a \u00e9","b64_json":"AAAA"},{"b64_json":"AAAB","revised_prompt":null}]}"#,
    );
    assert_eq!(answer.images, [(vec![0, 0, 0], Some("a \u{e9}".into())), (vec![0, 0, 1], None)]);
}

#[test]
fn a_streamed_request_may_be_answered_in_json_and_the_other_way_round() {
    let json = sample("images/generations.response.minimal.json");
    let as_event = format!("data: {}\n\n", std::str::from_utf8(&json).unwrap().trim_end().replace('\n', "\ndata: "));
    for body in [&json[..], as_event.as_bytes(), &sample("images/generations.stream.sse")] {
        for expected in [1, 2] {
            let answer = read_answer([body], expected);
            assert!(answer.result.is_ok());
            assert_eq!(answer.images, [(tiny("final_png_2x2"), None)]);
        }
    }
    let completed = read(r#"{"type":"image_generation.completed","created_at":7,"b64_json":"AAAA"}"#);
    assert_eq!(completed.result.unwrap().created, Some(7));
}

#[test]
fn the_type_of_an_event_counts_more_than_its_name_and_either_is_enough() {
    let completed = "image_generation.completed";
    let partial_image = "image_generation.partial_image";
    let cases = [
        (format!("event: {completed}\ndata: {{\"b64_json\":\"AAAA\"}}\n\n"), 0, true),
        (format!("data: {{\"b64_json\":\"AAAA\",\"type\":\"{completed}\"}}\n\n"), 0, true),
        (format!("event: message\ndata: {{\"b64_json\":\"AAAA\",\"type\":\"{completed}\"}}\n\n"), 0, true),
        (format!("event: {completed}\ndata: {{\"b64_json\":\"AAAA\",\"type\":\"{partial_image}\"}}\n\n"), 1, false),
        (format!("event: {partial_image}\ndata: {{\"b64_json\":\"AAAA\",\"type\":\"{completed}\"}}\n\n"), 0, true),
        (format!("event: {partial_image}\ndata: {{\"b64_json\":\"AAAA\"}}\n\n"), 1, false),
        ("data: {\"b64_json\":\"AAAA\"}\n\n".into(), 0, false),
    ];
    for (answer, partial_images, is_ok) in cases {
        let read = read(&answer);
        assert_eq!((read.partial_images.len(), read.result.is_ok()), (partial_images, is_ok), "{answer}");
    }
}

#[test]
fn a_preview_is_never_the_image() {
    let partial_image =
        "event: image_generation.partial_image\ndata: {\"b64_json\":\"AAAA\",\"partial_image_index\":INDEX}\n\n";
    for (index, expected) in [("0", 0), ("2", 2), ("null", 0), ("\"1\"", 0), ("18446744073709551616", 0)] {
        let answer = read(&partial_image.replace("INDEX", index));
        assert_eq!(answer.partial_images, [(expected, vec![0, 0, 0])]);
        assert!(answer.images.is_empty());
        assert_eq!(answer.result.unwrap_err().code, Code::StreamTruncated);
    }
}

#[test]
fn events_that_are_not_known_pass_by() {
    let completed = "data: {\"type\":\"image_generation.completed\",\"b64_json\":\"AAAA\"}\n\n";
    for event in [
        "event: ping\ndata: {}\n\n",
        "event: ping\ndata: {\"created\":1}\n\n",
        "data: {\"type\":\"image_generation.in_progress\",\"created\":1,\"created_at\":2}\n\n",
        "data: {\"type\":\"image_generation.queued\",\"data\":[]}\n\n",
        "event: image_generation.started\ndata: {\"inner\":{\"b64_json\":\"AAAA\"}}\n\n",
        "data: 1\n\n",
        "data: null\n\n",
        "data: \"x\"\n\n",
        "data: [1]\n\n",
        "data: [DONE]\n\n",
        "data: {\"error\":null}\n\n",
        "data: {\"type\":\"new\",\"error\":null,\"code\":null}\n\n",
        "data: {\"type\":\"image_generation.partial_image\"}\n\n",
        "data: {\"type\":\"image_generation.partial_image\",\"b64_json\":null}\n\n",
    ] {
        let answer = read(&format!("{event}{completed}"));
        assert!(answer.result.is_ok(), "{event}: {:?}", answer.result);
        assert_eq!(answer.images, [(vec![0, 0, 0], None)], "{event}");
        assert!(answer.partial_images.is_empty(), "{event}");
        assert_eq!(failed(event), (Code::StreamTruncated, 0), "{event} alone");
    }
}

#[test]
fn a_completed_event_or_answer_without_an_image_is_named_as_that() {
    for place in [
        "",
        "\"b64_json\":null,",
        "\"b64_json\":1,",
        "\"b64_json\":\"\",",
        "\"b64_json\":{},",
        "\"b64_json\":\"AAAA\",\"b64_json\":null,",
    ] {
        let event = format!("data: {{{place}\"type\":\"image_generation.completed\"}}\n\n");
        assert_eq!(failed(&event), (Code::NoImage, 0), "{event}");
        let answer = format!("{{\"data\":[{{{place}\"x\":1}}],\"created\":1}}");
        assert_eq!(failed(&answer), (Code::NoImage, 0), "{answer}");
    }
    for answer in [
        "{\"created\":1}",
        "{\"created\":1,\"data\":[]}",
        "{\"data\":null}",
        "{\"data\":{}}",
        "{\"data\":[null,1,\"x\"]}",
    ] {
        assert_eq!(failed(answer), (Code::NoImage, 0), "{answer}");
    }
    assert_eq!(failed("event: image_edit.completed\ndata: null\n\n"), (Code::NoImage, 0));
}

#[test]
fn an_image_that_is_damaged_or_too_large_is_lost_without_the_others() {
    let answer =
        |second: &str| format!("{{\"created\":1,\"data\":[{{\"b64_json\":\"AAAA\"}},{{\"b64_json\":\"{second}\"}}]}}");
    for damaged in ["AA", "A*=="] {
        let Answer { images, withheld, result, .. } = read(&answer(damaged));
        assert_eq!((images.len(), withheld[0].code), (1, Code::StreamMalformed));
        assert!(result.is_ok());
    }
    assert_eq!(
        failed("data: {\"type\":\"image_generation.completed\",\"b64_json\":\"AAA\"}\n\n"),
        (Code::StreamMalformed, 0)
    );
    assert_eq!(failed("{\"created\":1,\"data\":[{\"b64_json\":\"A\"}]}"), (Code::StreamMalformed, 0));

    let limits = Limits { max_image_bytes: 5, ..Limits::default() };
    let mut reader = ImagesReader::new(Keep::default(), limits, 2);
    reader.set_judge(Some(&ServiceJudge));
    let mut codes = Vec::new();
    let mut report = |event| {
        codes.push(match event {
            Event::Withheld(failure) => Some((failure.code, failure.message.contains("maxImageBytes"))),
            _ => None,
        });
    };
    reader.push(answer("AAAAAAAA").as_bytes(), &mut report).unwrap();
    reader.finish(&mut report).unwrap().unwrap();
    assert_eq!(codes, [None, Some((Code::TooLarge, true))]);
}

#[test]
fn no_more_pictures_are_missed_than_were_expected() {
    let entries = ["{}"; 1000].join(",");
    let Answer { images, withheld, result, .. } =
        read_answer([format!("{{\"created\":1,\"data\":[{entries},{{\"b64_json\":\"AAAA\"}}]}}").as_bytes()], 3);
    assert_eq!((images.len(), withheld.len()), (1, 3));
    assert!(result.is_ok());
}

#[test]
fn a_preview_is_its_bytes_and_nothing_else() {
    let partial_image = |members: &str| format!("data: {{\"type\":\"image_generation.partial_image\",{members}}}\n\n");
    let text = [
        partial_image("\"url\":\"https://a.example/b.png\""),
        partial_image("\"b64_json\":\"AAAA\",\"revised_prompt\":\"p\",\"content_filter_results\":{\"a\":{}}"),
        "data: {\"type\":\"image_generation.completed\",\"b64_json\":\"AAAA\"}\n\n".to_owned(),
    ];
    let mut reader = ImagesReader::new(Keep::default(), Limits::default(), 1);
    reader.set_judge(Some(&ServiceJudge));
    let mut partial_images = Vec::new();
    let mut report = |event| {
        if let Event::PartialImage { image, .. } = event {
            partial_images.push((matches!(image.source, Source::Bytes(_)), image.revised_prompt, image.content_filter));
        }
    };
    reader.push(text.concat().as_bytes(), &mut report).unwrap();
    assert_eq!(partial_images, [(true, None, None)]);
}

#[test]
fn pictures_that_are_too_large_together_name_the_limit() {
    let entries = ["{\"b64_json\":\"AAAA\"}"; 65].join(",");
    let limits = Limits { max_image_bytes: 3, ..Limits::default() };
    let mut reader = ImagesReader::new(Keep::default(), limits, 65);
    reader.set_judge(Some(&ServiceJudge));
    let (mut images, mut withheld) = (0, Vec::new());
    let mut report = |event| match event {
        Event::Withheld(failure) => withheld.push(failure),
        _ => images += 1,
    };
    reader.push(format!("{{\"created\":1,\"data\":[{entries}]}}").as_bytes(), &mut report).unwrap();
    reader.finish(&mut report).unwrap().unwrap();
    assert_eq!((images, withheld.len(), withheld[0].code), (64, 1, Code::TooLarge));
    assert!(withheld[0].message.contains("larger than 64 times maxImageBytes"), "{}", withheld[0].message);
}

#[test]
fn an_image_that_the_content_filter_withheld_is_named_and_the_others_come() {
    let body = sample("images/generations.response.partially-filtered.json");
    let Answer { images, withheld, result, .. } = read_answer([&body[..]], 2);
    assert!(result.is_ok());
    assert_eq!(images.len(), 1);
    let filter = withheld[0].content_filter.as_ref().unwrap();
    let categories: Vec<_> = filter.categories.iter().map(|it| (it.name.as_str(), it.severity.as_deref())).collect();
    assert_eq!(
        (withheld[0].code, filter.source, categories),
        (Code::ContentFilter, "image", vec![("violence", Some("medium"))])
    );
}

#[test]
fn what_the_content_filter_says_of_an_image_is_there_whether_it_came_or_not() {
    let found = |results: &str| {
        let mut filters = Vec::new();
        let mut report = |event| match event {
            Event::Image(image) => filters.push(image.content_filter),
            other => panic!("{other:?}"),
        };
        let mut reader = ImagesReader::new(Keep::default(), Limits::default(), 1);
        reader.set_judge(Some(&ServiceJudge));
        reader.push(format!("{{\"data\":[{{\"b64_json\":\"AAAA\"{results}}}]}}").as_bytes(), &mut report).unwrap();
        let filter = filters.swap_remove(0);
        filter.map(|filter| (filter.source, filter.stage, filter.categories.len(), filter.categories[0].name.clone()))
    };
    assert_eq!(found(""), None);
    let results =
        r#","content_filter_results":{"hate":{"filtered":false,"severity":"low"},"violence":{"filtered":false}}"#;
    assert_eq!(found(results), Some(("image", None, 2, "hate".into())));
    let of_prompt = r#"{"data":[{"prompt_filter_results":{"jailbreak":{"filtered":true},"hate":{"filtered":false}}}]}"#;
    let filter = read(of_prompt).withheld[0].content_filter.clone().unwrap();
    assert_eq!(
        (filter.source, filter.categories.len(), filter.categories[0].name.as_str()),
        ("prompt", 1, "jailbreak")
    );
}

#[test]
fn an_answer_that_is_one_document_is_complete_with_it() {
    let body = b"{\"created\":1,\"data\":[{\"b64_json\":\"AAAA\"}]}";
    for behind in ["", " \n", "{", "garbage", "{\"error\":{}}"] {
        let mut reader = ImagesReader::new(Keep::default(), Limits::default(), 2);
        reader.set_judge(Some(&ServiceJudge));
        reader.push(&[body, behind.as_bytes()].concat(), &mut |_| {}).unwrap();
        assert!(reader.is_complete());
        assert!(reader.finish(&mut |_| {}).unwrap().is_some());
    }
}

#[test]
fn what_stands_behind_the_last_image_costs_nothing_however_it_is_cut() {
    let completed = "data: {\"type\":\"image_generation.completed\",\"b64_json\":\"AAAA\"}\n\n";
    for behind in [
        "event: error\ndata: {\"error\":{}}\n\n",
        "data: oops\n\n",
        "data: {\"type\":\"image_generation.completed\",\"b64_json\":\"A\"}\n\n",
        "data: {\"type\":\"image_generation.completed\"}\n\n",
    ] {
        let body = format!("{completed}{behind}");
        for cut in 0..=body.len() {
            let (first, second) = body.as_bytes().split_at(cut);
            let answer = read_answer([first, second], 1);
            assert!(answer.result.is_ok(), "{behind} {cut}");
            assert_eq!(answer.images.len(), 1);
        }
    }
}

#[test]
fn a_damaged_preview_is_passed_over() {
    let body = "data: {\"type\":\"image_generation.partial_image\",\"b64_json\":\"A\"}\n\n\
        data: {\"type\":\"image_generation.completed\",\"b64_json\":\"AAAA\"}\n\n";
    let Answer { partial_images, images, result, .. } = read(body);
    assert_eq!((partial_images.len(), images.len(), result.is_ok()), (0, 1, true));
}

#[test]
fn fewer_pictures_than_asked_for_are_a_success_and_more_are_reported() {
    let body = "{\"created\":1,\"data\":[{\"b64_json\":\"AAAA\"},{\"b64_json\":\"AAAB\"}]}";
    for expected in [0, 1, 2, 3, 10, u32::MAX] {
        let answer = read_answer([body.as_bytes()], expected);
        assert!(answer.result.is_ok(), "{expected}");
        assert_eq!(answer.images.len(), 2);
    }
    for chunks in two_chunks(body.as_bytes()) {
        assert_eq!(read_answer(chunks, 0).images.len(), 2, "not before anything has come");
    }
}

#[test]
fn nothing_behind_the_completed_event_matters() {
    let completed = "data: {\"type\":\"image_generation.completed\",\"b64_json\":\"AAAA\"}\n\n";
    for after in ["data: {", "data: x\n\n", "event: error\ndata: {\"message\":\"late\"}\n\n", "<html>"] {
        let body = format!("{completed}{after}");
        let answer = read_answer([completed.as_bytes(), after.as_bytes()], 1);
        assert!(answer.result.is_ok(), "{body}");
        assert_eq!(answer.images.len(), 1);
    }
}

#[test]
fn an_image_is_delivered_beside_an_error_which_counts_for_the_images_that_are_missing() {
    for answer in [
        "{\"created\":1,\"error\":{\"code\":\"contentFilter\",\"message\":\"no\"},\"data\":[{\"b64_json\":\"AAAA\"}]}",
        "{\"data\":[{\"b64_json\":\"AAAA\"}],\"error\":{\"code\":\"contentFilter\",\"message\":\"no\"}}",
    ] {
        let Answer { images, withheld, result, .. } = read_answer([answer.as_bytes()], 2);
        assert!(result.is_ok(), "{answer}");
        assert_eq!((images.len(), withheld[0].code), (1, Code::ContentFilter), "{answer}");
    }
    for answer in [
        "{\"error\":{},\"data\":[{\"b64_json\":\"AAAA\"}]}",
        "{\"error\":\"\",\"data\":[{\"b64_json\":\"AAAA\"}]}",
        "{\"error\":{\"message\":\"\",\"code\":null},\"data\":[{\"b64_json\":\"AAAA\"}]}",
        "data: {\"type\":\"image_edit.completed\",\"b64_json\":\"AAAA\",\"error\":{\"message\":\"W\"}}\n\n",
        "{\"error\":null,\"data\":[{\"b64_json\":\"AAAA\"}]}",
        "{\"created\":1,\"error\":false,\"data\":[{\"b64_json\":\"AAAA\"}]}",
    ] {
        assert!(read(answer).result.is_ok(), "{answer}");
    }
}

#[test]
fn every_form_of_an_error_in_a_stream_is_one_with_the_services_words() {
    let cases = [
        (
            "event: error\ndata: {\"type\":\"error\",\"code\":\"server_error\",\"message\":\"W\",\"param\":null}\n\n",
            Code::Service,
        ),
        ("data: {\"type\":\"error\",\"code\":\"rate_limit_exceeded\",\"message\":\"W\"}\n\n", Code::RateLimit),
        ("event: error\ndata: {\"code\":\"x\",\"message\":\"W\"}\n\n", Code::Service),
        ("event: error\ndata: {\"message\":\"W\"}\n\n", Code::Service),
        ("event: error\ndata: \"W\"\n\n", Code::Service),
        ("event: error\ndata: {\"error\":{\"message\":\"W\",\"code\":\"invalid_value\"}}\n\n", Code::InvalidRequest),
        ("data: {\"error\":{\"message\":\"W\",\"code\":429}}\n\n", Code::RateLimit),
        ("data: {\"error\":\"W\"}\n\n", Code::Service),
        ("event: image_generation.completed\ndata: {\"error\":{\"message\":\"W\"}}\n\n", Code::Service),
        ("{\"statusCode\":500,\"message\":\"W\"}", Code::Service),
        ("{\"error\":{\"message\":\"W\",\"code\":\"moderation_blocked\"}}", Code::ContentFilter),
    ];
    for (answer, code) in cases {
        let Answer { images, result, .. } = read(answer);
        let failure: Failure = result.unwrap_err();
        assert_eq!(failure.code, code, "{answer}");
        assert!(failure.message.contains(": W."), "{answer}: {}", failure.message);
        assert_ne!(failure.billed, Billed::No, "{answer}");
        assert!(images.is_empty());
    }
}

#[test]
fn previews_before_a_fault_in_the_same_chunk_are_reported() {
    let partial_image =
        "data: {\"type\":\"image_edit.partial_image\",\"b64_json\":\"AAAA\",\"partial_image_index\":0}\n\n";
    for fault in [
        "event: error\ndata: {\"message\":\"x\"}\n\n",
        "data: {\"type\":\"image_edit.completed\",\"b64_json\":\"?\"}\n\n",
    ] {
        let mut reader = ImagesReader::new(Keep::default(), Limits::default(), 1);
        reader.set_judge(Some(&ServiceJudge));
        let mut partial_images = 0;
        let mut report =
            |event: Event<_>| partial_images += usize::from(matches!(event, Event::PartialImage { index: 0, .. }));
        assert!(reader.push(format!("{partial_image}{fault}").as_bytes(), &mut report).is_err(), "{fault}");
        assert_eq!(partial_images, 1, "{fault}");
    }
}

#[test]
fn an_answer_is_complete_with_its_last_image() {
    let completed = b"data: {\"type\":\"image_generation.completed\",\"b64_json\":\"AAAA\"}\n\n";
    let mut reader = ImagesReader::new(Keep::default(), Limits::default(), 1);
    reader.set_judge(Some(&ServiceJudge));
    let mut report = |_: Event<_>| {};
    reader.push(&completed[..completed.len() - 1], &mut report).unwrap();
    assert!(!reader.is_complete());
    reader.push(b"\n", &mut report).unwrap();
    assert!(reader.is_complete());
}

proptest! {
    #![proptest_config(cases(48))]

    #[test]
    fn random_streams_in_random_chunks_end_as_they_were_meant(
        partial_images in 0..4_usize,
        length in 1..3000_usize,
        keep_alive in prop::sample::select(&["", ": ping\n\n", "event: ping\ndata: {}\n\n", "\n"][..]),
        end in 0..3_usize,
        places in prop::collection::vec(any::<prop::sample::Index>(), 0..10),
    ) {
        let base64 = encode(&noise(length));
        let mut body = String::new();
        for index in 0..partial_images {
            body += &format!("{keep_alive}event: image_generation.partial_image\ndata: {{\"partial_image_index\":{index},\"b64_json\":\"{base64}\"}}\n\n");
        }
        body += &[
            format!("event: image_generation.completed\ndata: {{\"b64_json\":\"{base64}\",\"created_at\":5}}\n\n"),
            "event: error\ndata: {\"error\":{\"code\":\"moderation_blocked\",\"message\":\"x\"}}\n\n".into(),
            format!("event: image_generation.completed\ndata: {{\"b64_json\":\"{base64}\",\"created_at\":5"),
        ][end];
        let answer = read_answer(cut_at(body.as_bytes(), &places), 1);
        prop_assert_eq!(answer.partial_images.len(), partial_images);
        prop_assert!(answer.partial_images.iter().all(|(_, bytes)| *bytes == noise(length)));
        match (end, answer.result) {
            (0, Ok(summary)) => {
                prop_assert_eq!(summary.created, Some(5));
                prop_assert_eq!(answer.images, vec![(noise(length), None)]);
            }
            (1, Err(failure)) => prop_assert_eq!(failure.code, Code::ContentFilter),
            (2, Err(failure)) => prop_assert_eq!(failure.code, Code::StreamTruncated),
            (_, other) => panic!("{end}: {other:?}"),
        }
    }
}

#[test]
fn a_url_that_is_a_script_is_no_image() {
    for url in ["javascript:alert(1)", "data:text/html,x", ""] {
        let answer = read(&format!(r#"{{"created":1,"data":[{{"url":"{url}"}}]}}"#));
        assert_eq!(answer.result.unwrap_err().code, Code::NoImage, "{url}");
    }
}
