//! The framing of event streams, by the rules of the WHATWG.

use crate::support::sse::{Event, MAX_NAME_BYTES, Recorder, by_the_book, record};
use crate::support::{cases, cut_at, samples_in, some_cuts, three_chunks, two_chunks};
use azure_image_client::decode::sse::{Handler, Parser};
use proptest::prelude::*;

fn events<'a>(chunks: impl IntoIterator<Item = &'a [u8]>) -> Vec<Event> {
    record(chunks).events
}

/// A title, a body, and the names and the data of its events.
type Case = (&'static str, &'static [u8], &'static [(&'static str, &'static str)]);

const CASES: &[Case] = &[
    ("nothing", b"", &[]),
    ("blank lines alone", b"\n\r\n\r\r\n\n", &[]),
    ("an event", b"event: tick\ndata: 1\n\n", &[("tick", "1")]),
    ("an event without a name", b"data: 1\n\n", &[("", "1")]),
    ("LF", b"data: cow\ndata: moo\n\ndata: horse\n\n", &[("", "cow\nmoo"), ("", "horse")]),
    ("CR", b"data: dog\rdata: bark\r\rdata: cat\r\r", &[("", "dog\nbark"), ("", "cat")]),
    ("CRLF", b"data: sheep\r\ndata: bleat\r\n\r\ndata: pig\r\n\r\n", &[("", "sheep\nbleat"), ("", "pig")]),
    (
        "line ends mixed",
        b"event: a\rdata: 1\r\ndata: 2\n\r\ndata: 3\r\n\ndata: 4\n\r",
        &[("a", "1\n2"), ("", "3"), ("", "4")],
    ),
    ("CR LF CR is two line ends", b"data: 1\r\n\rdata: 2\r\n\r", &[("", "1"), ("", "2")]),
    ("LF CR is two line ends", b"data: 1\n\rdata: 2\n\r", &[("", "1"), ("", "2")]),
    ("several data lines", b"event: stock\ndata: YHOO\ndata: +2\ndata: 10\n\n", &[("stock", "YHOO\n+2\n10")]),
    ("empty data lines between", b"data:\ndata: x\ndata\ndata:\n\n", &[("", "\nx\n\n")]),
    ("no space after the colon", b"event:a\ndata:test\n\n", &[("a", "test")]),
    ("one space is dropped, no more", b"event:  a\ndata:  x \n\n", &[(" a", " x ")]),
    ("a tab is no space", b"data:\tx\n\n", &[("", "\tx")]),
    ("a value of one space", b"data: \n\n", &[("", "")]),
    ("a value of two spaces", b"data:  \n\n", &[("", " ")]),
    ("empty data is an event", b"data:\n\n", &[("", "")]),
    ("a data field without a colon", b"data\n\n", &[("", "")]),
    ("two data fields without a colon", b"data\ndata\n\n", &[("", "\n")]),
    ("colons within the value", b"data: a: b:c\n\n", &[("", "a: b:c")]),
    ("a name without data is no event", b"event: lost\n\n", &[]),
    ("a name does not outlive its event", b"event: a\ndata: 1\n\ndata: 2\n\n", &[("a", "1"), ("", "2")]),
    ("a name without data does not outlive its blank line", b"event: a\n\ndata: 2\n\n", &[("", "2")]),
    ("the last name counts", b"event: a\nevent: b\ndata: 1\n\n", &[("b", "1")]),
    ("an empty name takes a name back", b"event: a\nevent:\ndata: 1\n\n", &[("", "1")]),
    ("a name field without a colon takes a name back", b"event: a\nevent\ndata: 1\n\n", &[("", "1")]),
    ("a name behind the data", b"data: 1\nevent: a\n\n", &[("a", "1")]),
    ("comments", b": hi\n:\ndata: 1\n:data: no\n\n: \xE2\x99\xA5\n\n", &[("", "1")]),
    ("a comment within an event", b"event: a\n: ping\ndata: 1\n:\ndata: 2\n\n", &[("a", "1\n2")]),
    ("id and retry", b"id: 7\nretry: 50\nevent: a\ndata: 1\nid\nretry: x\n\n", &[("a", "1")]),
    ("a NUL in id", b"id: 1\0 2\ndata: 1\n\n", &[("", "1")]),
    ("a NUL in data", b"data: 1\0 2\n\n", &[("", "1\0 2")]),
    ("unknown fields", b"foo: 1\nbar\ndata: 1\nbaz:\n\n", &[("", "1")]),
    (
        "fields that only begin like known ones",
        b"dat: 0\ndatas: 1\neventual: b\nevents: c\nda ta: 2\ndata: 3\n\n",
        &[("", "3")],
    ),
    ("fields in other letters", b"DATA: 1\nData: 2\nEVENT: a\ndata: 3\n\n", &[("", "3")]),
    ("a field with a space before it", b" data: 1\ndata: 2\n\n", &[("", "2")]),
    ("a field with a space behind it", b"data : 1\ndata: 2\n\n", &[("", "2")]),
    ("a byte order mark", b"\xEF\xBB\xBFdata: 1\n\n", &[("", "1")]),
    ("a byte order mark before a blank line", b"\xEF\xBB\xBF\ndata: 1\n\n", &[("", "1")]),
    ("a byte order mark later on", b"data: 1\n\n\xEF\xBB\xBFdata: 2\n\ndata: 3\n\n", &[("", "1"), ("", "3")]),
    ("two byte order marks", b"\xEF\xBB\xBF\xEF\xBB\xBFdata: 1\n\ndata: 2\n\n", &[("", "2")]),
    ("a byte order mark within data", b"data: \xEF\xBB\xBFx\n\n", &[("", "\u{FEFF}x")]),
    ("half a byte order mark", b"\xEF\xBBdata: 1\n\ndata: 2\n\n", &[("", "2")]),
    ("nothing but half a byte order mark", b"\xEF\xBB", &[]),
    ("nothing but a byte order mark", b"\xEF\xBB\xBF", &[]),
    (
        "characters of several bytes",
        "event: f\u{e9}\ndata: \u{6211}\u{1F680}\n\n".as_bytes(),
        &[("f\u{e9}", "\u{6211}\u{1F680}")],
    ),
    (
        "other line ends of Unicode are none",
        "data: a\u{2028}b\u{85}c\u{0B}d\n\n".as_bytes(),
        &[("", "a\u{2028}b\u{85}c\u{0B}d")],
    ),
    ("a last event without its blank line", b"event: a\ndata: 1\n", &[("a", "1")]),
    ("a last event without the end of its line", b"event: a\ndata: 1", &[("a", "1")]),
    ("a last event that ends with a CR", b"event: a\ndata: 1\r", &[("a", "1")]),
    ("a last line of a field without a colon", b"data: 1\ndata", &[("", "1\n")]),
    ("a last line of half a field", b"data: 1\n\ndat", &[("", "1")]),
    ("a last line of a field and colon", b"data:", &[("", "")]),
    ("a last name without data", b"data: 1\n\nevent: done", &[("", "1")]),
];

fn owned(events: &[(&str, &str)]) -> Vec<Event> {
    events.iter().map(|(name, data)| ((*name).into(), (*data).into())).collect()
}

#[test]
fn every_case_of_the_specification_is_read_right_in_every_two_and_three_chunks() {
    for (title, body, expected) in CASES {
        let expected = owned(expected);
        assert_eq!(by_the_book(body), expected, "{title}: the expectation itself");
        for chunks in two_chunks(body) {
            assert_eq!(events(chunks), expected, "{title}: {chunks:?}");
        }
        for chunks in three_chunks(body, usize::MAX) {
            assert_eq!(events(chunks), expected, "{title}: {chunks:?}");
        }
    }
}

#[test]
fn every_small_sample_means_the_same_in_every_two_and_three_chunks() {
    for (path, body) in samples_in("images", ".sse") {
        let expected = by_the_book(&body);
        assert!(!expected.is_empty(), "{path}");
        // All of a line's value goes the same way, so of long lines only the first bytes and the last ones differ.
        let body = shorten(&body);
        let expected_short = by_the_book(&body);
        assert_eq!(expected.len(), expected_short.len(), "{path}");
        for chunks in three_chunks(&body, usize::MAX) {
            assert!(events(chunks) == expected_short, "{path}: {:?}", chunks.map(<[u8]>::len));
        }
    }
}

#[test]
fn every_sample_means_the_same_in_every_two_chunks() {
    for (path, body) in samples_in("images", ".sse").into_iter().chain(samples_in("responses", ".sse")) {
        let expected = by_the_book(&body);
        assert_eq!(events([&body[..]]), expected, "{path}");
        for chunks in two_chunks(&body) {
            assert!(events(chunks) == expected, "{path}: {:?}", chunks.map(<[u8]>::len));
        }
    }
}

/// Takes bytes out of the middle of long lines.
fn shorten(body: &[u8]) -> Vec<u8> {
    let lines = body.split_inclusive(|byte| *byte == b'\n');
    lines
        .flat_map(|line| {
            let middle = if line.len() > 60 { 30..line.len() - 30 } else { 0..0 };
            [&line[..middle.start], &line[middle.end..]].concat()
        })
        .collect()
}

#[test]
fn each_byte_of_data_is_handed_on_once_however_the_body_is_cut() {
    let data = crate::support::encode(&crate::support::noise(200_000));
    let body = format!("event: a\ndata: {data}\ndata: {data}\n\n: {data}\nfield{data}: {data}\nevent: {data}\n\n");
    for chunks in some_cuts(body.as_bytes()) {
        let recorder = record(chunks);
        assert_eq!(recorder.handed_on, 2 * data.len() + "\n".len());
        assert_eq!(recorder.events.len(), 1);
        assert!(recorder.events[0].1 == format!("{data}\n{data}").into_bytes());
    }
}

#[test]
fn data_is_handed_on_before_its_line_ends() {
    let (mut parser, mut recorder) = (Parser::default(), Recorder::default());
    parser.push(b"data: as it ", &mut recorder).unwrap();
    assert_eq!(recorder.data, b"as it ");
    parser.push(b"arrives", &mut recorder).unwrap();
    assert_eq!(recorder.data, b"as it arrives");
    assert!(recorder.events.is_empty());
}

#[test]
fn a_very_long_name_is_cut_off_and_not_kept() {
    let name = "n".repeat(100_000);
    let body = format!("event: {name}\ndata: 1\n\n");
    for chunks in some_cuts(body.as_bytes()) {
        let events = events(chunks);
        assert_eq!(events, [(name.as_bytes()[..MAX_NAME_BYTES].to_vec(), b"1".to_vec())]);
    }
}

#[test]
fn the_first_error_of_the_handler_ends_the_push() {
    struct Refuse(usize);
    impl Handler for Refuse {
        type Error = &'static str;
        fn data(&mut self, _: &[u8]) -> Result<(), Self::Error> {
            self.0 += 1;
            if self.0 == 2 { Err("enough") } else { Ok(()) }
        }
        fn dispatch(&mut self, _: &[u8]) -> Result<(), Self::Error> {
            Ok(())
        }
    }
    let mut handler = Refuse(0);
    assert_eq!(Parser::default().push(b"data: 1\n\ndata: 2\n\ndata: 3\n\n", &mut handler), Err("enough"));
    assert_eq!(handler.0, 2, "nothing is handed on after it");
}

proptest! {
    #![proptest_config(cases(512))]

    #[test]
    fn random_bodies_in_random_chunks_mean_what_the_specification_says(
        tokens in prop::collection::vec(prop::sample::select(TOKENS), 0..40),
        places in prop::collection::vec(any::<prop::sample::Index>(), 0..6),
    ) {
        let body = tokens.concat();
        let expected = by_the_book(&body);
        prop_assert_eq!(&events(cut_at(&body, &places)), &expected);
        prop_assert_eq!(&events(body.chunks(1)), &expected);
    }
}

const TOKENS: &[&[u8]] = &[
    b"data",
    b"event",
    b"id",
    b"retry",
    b"dat",
    b"a",
    b"event: x",
    b"data: y",
    b"data:{\"a\":1}",
    b":",
    b": ",
    b" ",
    b"\n",
    b"\r",
    b"\r\n",
    b"\n\n",
    b"\r\n\r\n",
    b"\xEF\xBB\xBF",
    b"\xEF",
    b"\xBB",
    b"\0",
    b"\xF0\x9F\x9A\x80",
    b"\xFF",
];
