//! Nothing grows with an image, and what a server can make grow has a limit.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

mod support;

use azure_image_client::decode::assembler::{Assembler, PIECE_BYTES, SMALL_PIECE_BYTES, Sink as _};
use azure_image_client::decode::json::{Error, Limits, Value};
use azure_image_client::decode::stream::{self, Decoder};
use azure_image_client::errors::Code;
use azure_image_client::errors::judge::ServiceJudge;
use azure_image_client::images::response::{Event, ImagesReader, Source};
use azure_image_client::responses::events::{self, ResponseReader};
use azure_image_client::responses::job::{Delivery, Job};
use support::heap::{Count, Counting, growth};
use support::{encode, noise};

#[global_allocator]
static ALLOCATOR: Counting = Counting;

const MEBIBYTE: usize = 1024 * 1024;
/// A piece that is being filled, and whatever else.
const ENOUGH: usize = 2 * MEBIBYTE + MEBIBYTE / 2;

/// Feeds `before`, then `repeat` so many times, then `after`, in chunks of 16 KiB, to a reader of answers.
fn read(before: &str, repeat: &str, times: usize, after: &str) -> (usize, Vec<Count>) {
    growth(|| {
        let mut reader = ImagesReader::new(Count::default(), stream::Limits::default(), 10);
        reader.set_judge(Some(&ServiceJudge));
        let mut images = Vec::with_capacity(16);
        let mut report = |event: Event<Count>| match event {
            Event::PartialImage { image, .. } | Event::Image(image) | Event::ImageBeforeCut(image) => {
                match image.source {
                    Source::Bytes(count) => images.push(count),
                    Source::Url(url) => panic!("{url} has no bytes"),
                }
            }
            Event::Withheld(failure) => panic!("{failure:?}"),
        };
        for part in [before].into_iter().chain(std::iter::repeat_n(repeat, times)).chain([after]) {
            for chunk in part.as_bytes().chunks(16 * 1024) {
                reader.push(chunk, &mut report).unwrap();
            }
        }
        reader.finish(&mut report).unwrap().unwrap();
        images
    })
}

#[test]
fn an_image_of_24_megabytes_streams_through_two_and_a_half() {
    let block = noise(MEBIBYTE / 2 * 3);
    let (text, times) = (encode(&block), 16);
    let expected = (0..times).fold(Count::default(), |mut expected, _| {
        expected.piece(&block);
        expected
    });
    let completed = "\",\"type\":\"image_generation.completed\"}\n\n";
    for (before, after) in [
        ("event: image_generation.completed\ndata: {\"b64_json\":\"", completed),
        ("{\"created\":1,\"data\":[{\"b64_json\":\"", "\"}]}"),
    ] {
        let (growth, images) = read(before, &text, times, after);
        assert_eq!(images.len(), 1);
        assert_eq!((images[0].bytes, images[0].sum), (expected.bytes, expected.sum));
        assert!((PIECE_BYTES..PIECE_BYTES + 64 * 1024).contains(&images[0].largest_piece));
        assert!(growth < ENOUGH, "{growth} bytes");
    }
}

#[test]
fn the_image_of_a_response_streams_through_the_same_and_is_passed_over_the_second_time() {
    let block = noise(MEBIBYTE / 2 * 3);
    let (text, times) = (encode(&block), 16);
    let item = "{\"id\":\"ig_1\",\"type\":\"image_generation_call\",\"status\":\"completed\",\"result\":\"";
    let parts = [
        format!("data: {{\"type\":\"response.output_item.done\",\"output_index\":0,\"item\":{item}"),
        format!(
            "\"}}}}\n\ndata: {{\"type\":\"response.completed\",\"response\":{{\"status\":\"completed\",\"output\":[{item}"
        ),
        "\"}]}}\n\n".to_owned(),
    ];
    let (growth, images) = growth(|| {
        let mut reader = ResponseReader::new(Count::default(), stream::Limits::default());
        let mut images = Vec::with_capacity(16);
        let mut report = |_, event: events::Event<Count>| {
            if let events::Event::Image { image, .. } = event {
                images.push(image);
            }
        };
        let [before, between, after] = &parts;
        let image = || std::iter::repeat_n(&text, times);
        let answer = [before].into_iter().chain(image()).chain([between]).chain(image()).chain([after]);
        for chunk in answer.flat_map(|part| part.as_bytes().chunks(16 * 1024)) {
            reader.push(chunk, &mut report).unwrap();
        }
        reader.finish(&mut report).unwrap();
        images
    });
    assert_eq!(images.len(), 1);
    assert_eq!(images[0].bytes, (block.len() * times) as u64);
    assert!(growth < ENOUGH, "{growth} bytes");
}

#[test]
fn several_pictures_take_no_more_than_one() {
    let text = encode(&noise(MEBIBYTE / 2 * 3));
    let image = format!("{{\"b64_json\":\"{text}\"}}");
    let one = read("{\"data\":[", &image, 1, "]}").0;
    let (growth, images) = read("{\"data\":[", &format!("{image},"), 9, &format!("{image}]}}"));
    assert_eq!(images.len(), 10);
    assert!(growth < one + 64 * 1024, "{growth} bytes, and {one} for one");
}

#[test]
fn many_pictures_at_once_share_the_memory_of_one_large_piece() {
    const PICTURES: usize = 64;
    let png = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\0\x28\0\0\0\x19".to_vec();
    // What a JPEG says of its size may come late, and another format says nothing.
    let metadata = [&b"\xFF\xEB\xFF\xFF"[..], &vec![0; 0xFFFD]].concat();
    let jpeg = [&b"\xFF\xD8"[..], &metadata.repeat(20), b"\xFF\xC0\0\x11\x08\0\x19\0\x28"].concat();
    for start in [png, jpeg, b"\xFF\xD8".to_vec(), Vec::new()] {
        let text = encode(&[&start, noise(3 * MEBIBYTE).as_slice()].concat());
        let (growth, sums) = growth(|| {
            let mut all: Vec<_> = (0..PICTURES).map(|_| Assembler::new(Count::default(), u64::MAX)).collect();
            for chunk in text.as_bytes().chunks(16 * 1024) {
                for assembler in &mut all {
                    assembler.push(chunk);
                }
            }
            all.iter_mut().map(|assembler| assembler.finish().unwrap().sum).collect::<Vec<_>>()
        });
        assert!(sums.iter().all(|sum| *sum == sums[0]));
        assert!(growth < PIECE_BYTES + PICTURES * (SMALL_PIECE_BYTES + 64 * 1024), "{growth} bytes");
    }
}

#[test]
fn a_long_result_of_a_call_that_is_named_only_later_is_not_kept() {
    let (text, times) = (encode(&noise(MEBIBYTE / 2 * 3)), 8);
    let (growth, images) = growth(|| {
        let mut decoder = Decoder::new(Count::default(), stream::Limits::default());
        decoder.push(b"data: {\"item\":{\"result\":\"").unwrap();
        for _ in 0..times {
            text.as_bytes().chunks(16 * 1024).for_each(|chunk| decoder.push(chunk).unwrap());
        }
        decoder.push(b"\",\"type\":\"image_generation_call\"}}\n\n").unwrap();
        let mut document = decoder.next_document().unwrap();
        document.images.take(document.value.get("item").unwrap().get("result")).unwrap().unwrap().bytes
    });
    assert_eq!(images, 8 * 3 * MEBIBYTE as u64 / 2);
    assert!(growth < ENOUGH, "{growth} bytes");
}

#[test]
fn what_has_no_meaning_is_not_kept() {
    let completed = "\n\ndata: {\"b64_json\":\"AAAA\",\"type\":\"image_edit.completed\"}\n\n";
    let noise = encode(&noise(MEBIBYTE));
    for before in [": ", "unknown: ", "id: ", "retry: ", "event: ", "", "unknown\n\nid: 1\nevent: "] {
        let (growth, images) = read(before, &noise, 8, completed);
        assert_eq!(images.len(), 1);
        assert!(growth < ENOUGH, "{before}: {growth} bytes");
    }
    for lines in
        ["\n", "data:\n\n", "event: a\n", ": x\r\n", "data: \n\n", "data: {}\n\n", "event: a\ndata: [DONE]\n\n"]
    {
        let (growth, images) = read(": \n", &lines.repeat(MEBIBYTE / 4 / lines.len()), 4, completed);
        assert_eq!(images.len(), 1);
        assert!(growth < 2 * ENOUGH, "{lines}: {growth} bytes");
    }
}

#[test]
fn the_memory_of_what_is_kept_is_about_what_its_limit_says() {
    let limits = Limits { max_kept_bytes: MEBIBYTE, max_depth: 64 };
    let bombs = [
        ("[", "0,"),
        ("[", "\"\","),
        ("[", "\"x\","),
        ("[", "null,"),
        ("[", "[],"),
        ("[", "[0],"),
        ("[", "{},"),
        ("[", "{\"\":0},"),
        ("[", "[[[[[[[[0]]]]]]]],"),
        ("{", "\"\":0,"),
        ("{", "\"a\":\"b\","),
        ("{", "\"a\":{\"b\":[]},"),
        ("{", "\"a long name of a member\":null,"),
        ("\"", "a long text "),
        ("\"", "\\u20ac"),
        ("\"", "\\ud83d\\ude80"),
        ("[\"", "text\",\""),
        ("", "1"),
        ("{\"", "name"),
    ];
    for (open, repeat) in bombs {
        let text = format!("{open}{}", repeat.repeat(4 * MEBIBYTE / repeat.len()));
        let (growth, value) = growth(|| Value::parse(text.as_bytes(), limits));
        assert_eq!(value, Err(Error::TooLarge), "{open}{repeat}");
        assert!(growth < 3 * MEBIBYTE, "{open}{repeat}: {growth} bytes");
    }
}

#[test]
fn a_million_empty_pictures_are_too_many() {
    let text = format!("{{\"data\":[{}", "{\"b64_json\":\"\"},".repeat(1_000_000));
    let (growth, failed) = growth(|| {
        let mut decoder = Decoder::new(Count::default(), stream::Limits::default());
        text.as_bytes().chunks(16 * 1024).any(|chunk| decoder.push(chunk).is_err())
    });
    assert!(failed);
    assert!(growth < 2 * ENOUGH, "{growth} bytes");
}

#[test]
fn the_pictures_that_are_there_already_are_not_remembered_without_end() {
    let long = "0".repeat(1024);
    let item = |id: usize| {
        format!(
            "data: {{\"item\":{{\"id\":\"ig_{id}_{long}\",\"type\":\"image_generation_call\",\"result\":\"AAAA\"}}}}\n\n"
        )
    };
    let (growth, images) = growth(|| {
        let mut decoder = Decoder::new(Count::default(), stream::Limits::default());
        let mut came = |id: usize| decoder.push(item(id).as_bytes()).is_ok() && decoder.next_document().is_some();
        (0..stream::MAX_IMAGES).filter(|id| came(*id)).count()
    });
    assert_eq!(images, stream::MAX_IMAGES);
    assert!(growth < ENOUGH, "{growth} bytes");
}

fn text_delta(length: usize) -> String {
    format!("data: {{\"type\":\"response.output_text.delta\",\"delta\":\"{}\"}}\n\n", "t".repeat(length))
}

#[test]
fn what_a_response_says_and_names_has_an_end() {
    let call = |id: &str, index: usize| {
        format!(
            "data: {{\"type\":\"response.image_generation_call.in_progress\",\"item_id\":\"{id}\",\"output_index\":{index}}}\n\n"
        )
    };
    let (long, longest) = ("i".repeat(900_000), "i".repeat(2040));
    let events: [(&str, &dyn Fn(usize) -> String); 6] = [
        ("a text of", &|_| text_delta(900_000)),
        ("a text of", &|_| text_delta(100)),
        ("a refusal of", &|_| text_delta(900_000).replace("output_text", "refusal")),
        ("an id of", &|index| call(&long, index)),
        ("ids of the longest, of", &|index| call(&format!("{longest}{index}"), index)),
        ("a status of", &|index| call("a", index).replace("in_progress", &long)),
    ];
    for (what, event) in events {
        let (growth, failure) = growth(|| {
            let mut reader = ResponseReader::new(Count::default(), stream::Limits::default());
            let refused = |index| reader.push(event(index).as_bytes(), &mut |_, _| {}).err();
            (0..100_000).find_map(refused).unwrap()
        });
        assert_eq!(failure.code, Code::TooLarge, "{what}: {}", failure.message);
        assert!(growth < 8 * MEBIBYTE, "{what} {growth} bytes");
    }
}

#[test]
fn what_waits_for_the_page_has_an_end() {
    let long = "i".repeat(2000);
    let status = |index: usize| {
        let status = format!("{long}{}", index % 2);
        format!(
            "data: {{\"type\":\"response.image_generation_call.{status}\",\"item_id\":\"{long}\"}}\n\n\
             data: {{\"type\":\"response.in_progress\",\"response\":{{\"status\":\"{status}\"}}}}\n\n"
        )
    };
    let text = "p".repeat(900_000);
    let image = |name: &str, index: usize| {
        format!(
            "data: {{\"type\":\"response.output_item.done\",\"output_index\":{index},\"item\":{{\"type\":\"image_generation_call\",\
             \"id\":\"ig_{index}\",\"{name}\":\"{text}\",\"result\":\"AAAA\"}}}}\n\n"
        )
    };
    let results: Vec<String> = (0..100)
        .map(|name| format!("\"{name:0>1999}\":{{\"filtered\":true,\"severity\":\"{}\"}}", "s".repeat(1999)))
        .collect();
    let failed = |index: usize| {
        format!(
            "data: {{\"type\":\"response.output_item.done\",\"output_index\":{index},\"item\":{{\"type\":\"image_generation_call\",\
             \"id\":\"ig_{index}\",\"status\":\"failed\",\"error\":{{\"code\":\"content_filter\",\"message\":\"Blocked.\",\
             \"content_filter_results\":{{{}}}}}}}}}\n\n",
            results.join(",")
        )
    };
    let details = ["action", "revised_prompt", "size", "quality", "background", "output_format"];
    for what in ["status", "failed"].into_iter().chain(details) {
        let event = |index| match what {
            "status" => status(index),
            "failed" => failed(index),
            detail => image(detail, index),
        };
        let (growth, failure) = growth(|| {
            let mut reader = ResponseReader::new(Count::default(), stream::Limits::default());
            let mut waiting = Vec::new();
            let refused = |index| reader.push(event(index).as_bytes(), &mut |_, event| waiting.push(event)).err();
            (0..100_000).find_map(refused).unwrap()
        });
        assert_eq!(failure.code, Code::TooLarge, "{what}: {}", failure.message);
        assert!(failure.message.contains("16 times maxEventBytes"), "{what}: {}", failure.message);
        assert!(growth < 24 * MEBIBYTE, "{what}: {growth} bytes");
    }
}

#[test]
fn what_was_said_is_not_copied_with_each_piece_of_an_answer() {
    let mut reader = ResponseReader::new(Count::default(), stream::Limits::default());
    reader.push(text_delta(900_000).as_bytes(), &mut |_, _| {}).unwrap();
    let mut job = Job::new(Delivery::Streamed, true, 0);
    let (growth, ()) = growth(|| job.heard(reader.progress(), 0));
    assert!(growth < 1024, "{growth} bytes");
    job.read(reader.into_progress());
    let mut reader = ResponseReader::resume(Count::default(), stream::Limits::default(), job.progress().clone());
    let end = "data: {\"type\":\"response.completed\",\"response\":{\"id\":\"r\",\"output\":[]}}\n\n";
    reader.push(end.as_bytes(), &mut |_, _| {}).unwrap();
    assert_eq!(reader.finish(&mut |_, _| {}).unwrap().text.len(), 900_000, "but it is there in the end");
}
