//! JSON that arrives in pieces.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

mod support;

use azure_image_client::protocol::json::{Error, Limits, Parser, Path, Route, Strings, UNDECIDED_BYTES, Value};
use proptest::prelude::*;
use support::{cases, cut_at, some_cuts, three_chunks, two_chunks};

const LIMITS: Limits = Limits { max_kept_bytes: 16 * 1024 * 1024, max_depth: 100 };

/// Streams the strings that a function asks for, and remembers their text.
struct Streams<F> {
    route: F,
    open: Vec<u8>,
    complete: Vec<String>,
}

impl<F: FnMut(Path<'_>) -> Route> Strings for Streams<F> {
    fn route(&mut self, path: Path<'_>) -> Route {
        assert!(self.open.is_empty(), "a string within a string");
        (self.route)(path)
    }

    fn piece(&mut self, bytes: &[u8]) {
        self.open.extend_from_slice(bytes);
    }

    fn end(&mut self) -> usize {
        self.complete.push(String::from_utf8_lossy(&std::mem::take(&mut self.open)).into_owned());
        self.complete.len() - 1
    }
}

type Parsed = Result<(Value, Vec<String>), Error>;

fn parse_with<'a>(
    chunks: impl IntoIterator<Item = &'a [u8]>,
    limits: Limits,
    route: impl FnMut(Path<'_>) -> Route,
) -> Parsed {
    let mut strings = Streams { route, open: Vec::new(), complete: Vec::new() };
    let mut parser = Parser::new(limits);
    for chunk in chunks {
        parser.push(chunk, &mut strings)?;
    }
    Ok((parser.finish()?, strings.complete))
}

fn parse<'a>(chunks: impl IntoIterator<Item = &'a [u8]>) -> Result<Value, Error> {
    parse_with(chunks, LIMITS, |_| Route::Keep).map(|(value, _)| value)
}

/// The value as the reference implementation has it.
fn to_serde(value: &Value) -> serde_json::Value {
    match value {
        Value::Null => serde_json::Value::Null,
        Value::Bool(value) => (*value).into(),
        Value::Number(text) => serde_json::from_str(text).unwrap(),
        Value::String(text) => text.as_str().into(),
        Value::Array(elements) => elements.iter().map(to_serde).collect(),
        // Of members with one name, the map keeps the last as well.
        Value::Object(members) => members.iter().map(|(name, value)| (name.clone(), to_serde(value))).collect(),
        Value::Streamed(_) => panic!("nothing was streamed"),
    }
}

/// What `serde_json` makes of a text, with our leniences: `None` where it stumbles over one of them.
fn reference(text: &[u8]) -> Option<Result<serde_json::Value, String>> {
    match serde_json::from_str(&String::from_utf8_lossy(text)) {
        Ok(value) => Some(Ok(value)),
        Err(error) => {
            let error = error.to_string();
            let lenient = ["lone leading surrogate", "unexpected end of hex escape", "number out of range"];
            (!lenient.iter().any(|known| error.starts_with(known))).then_some(Err(error))
        }
    }
}

fn agrees_with_serde_json(text: &[u8], chunks: Vec<&[u8]>) {
    let shown = String::from_utf8_lossy(text);
    match (reference(text), parse(chunks)) {
        (None, _) | (Some(Err(_)), Err(Error::Incomplete)) => {}
        (Some(Ok(expected)), Ok(value)) => assert_eq!(to_serde(&value), expected, "{shown}"),
        (Some(Err(_)), Err(Error::Syntax(offset))) => assert!(offset <= text.len(), "{shown}"),
        (Some(expected), got) => panic!("{shown}\nserde_json: {expected:?}\nthis one: {got:?}"),
    }
}

#[test]
fn a_text_that_ends_within_a_number_of_an_object_is_incomplete() {
    for number in ["-", "1.", "1e", "1e-", "0"] {
        for text in [format!("[{number}"), format!("{{\"a\":{number}"), format!("[1,{number}")] {
            assert_eq!(parse(vec![text.as_bytes()]), Err(Error::Incomplete), "{text}");
        }
    }
}

/// Texts at the edges of the grammar.
const TEXTS: &[&str] = &[
    "null",
    "true",
    "false",
    " null ",
    "nul",
    "nulll",
    "null null",
    "True",
    "tru e",
    "n",
    "t",
    "",
    " ",
    "\t\r\n 1\r\n",
    "\u{B}1",
    "\u{FEFF}1",
    "1",
    "0",
    "-0",
    "-",
    "+1",
    "01",
    "-01",
    "00",
    "1.",
    "1.0",
    ".5",
    "-.5",
    "1.e1",
    "1e",
    "1e1",
    "1E+1",
    "1e-1",
    "1e+",
    "1e1.5",
    "1.5e+10",
    "1ee1",
    "--1",
    "1-1",
    "1-",
    "1+1",
    "0e0",
    "0.0",
    "0x1",
    "1_0",
    "1 2",
    "Infinity",
    "NaN",
    "18446744073709551615",
    "18446744073709551616",
    "-9223372036854775809",
    "0.1",
    "123456789012345678901234567890",
    "\"\"",
    "\"",
    "\"a",
    "a\"",
    "'a'",
    "\"a\" \"b\"",
    r#""\"\\\/\b\f\n\r\t""#,
    r#""\a""#,
    r#""\u0041\u00e9\u00E9\u2028""#,
    r#""\u""#,
    r#""\u1""#,
    r#""\u123""#,
    r#""\u123g""#,
    r#""\U0041""#,
    r#""\u00 1""#,
    r#""\u+041""#,
    r#""\ud83d\ude80""#,
    r#""\uD83D\uDE80!""#,
    r#""\u0000""#,
    r#""\"#,
    r#""\""#,
    r#""\\""#,
    "\"\u{7F}\u{80}\u{FFFF}\u{1F680}\"",
    "\"a\nb\"",
    "\"a\tb\"",
    "\"\0\"",
    "\"\u{1F}\"",
    "\"\u{20}\"",
    "[]",
    "[ ]",
    "[",
    "]",
    "[1",
    "[1,",
    "[1,]",
    "[,]",
    "[,1]",
    "[1 2]",
    "[1,,2]",
    "[1,2]",
    " [ 1 , 2 ] ",
    "[]]",
    "[[]",
    "[}",
    "[1}",
    "[[[[[]]]],[[]]]",
    "[1]x",
    "[1]\n[2]",
    "{}",
    "{ }",
    "{",
    "}",
    "{]",
    "{\"a\"}",
    "{\"a\":}",
    "{\"a\":1",
    "{\"a\":1,",
    "{\"a\":1,}",
    "{,}",
    "{\"a\":1,,\"b\":2}",
    "{\"a\" : 1 , \"b\" : [ ] }",
    "{a:1}",
    "{1:1}",
    "{\"a\":1 \"b\":2}",
    "{\"a\"::1}",
    "{\"a\",1}",
    "{\"a\":1}}",
    "{\"a\":1]",
    "{null:1}",
    "{\"a\":1,\"a\":2}",
    "{\"\":0}",
    "{\"a\\nb\":1}",
    "{\"a\nb\":1}",
    "{\"a\":{\"b\":[{\"c\":null}]}}",
    "{\"k\":\"v\"}garbage",
    "// c\n1",
    "/* c */1",
    "[1,2,3] // c",
    "{\"a\":tru}",
    "{\"a\":truefalse}",
    "[truefalse]",
    "[nullnull]",
    "[1true]",
    "[\"a\"1]",
    "[1\"a\"]",
    "{\"a\":1:2}",
    "undefined",
    "\\u0031",
    "1\0",
    "\0",
];

#[test]
fn the_edges_of_the_grammar_are_where_serde_json_has_them_in_every_two_and_three_chunks() {
    for text in TEXTS {
        let bytes = text.as_bytes();
        assert!(reference(bytes).is_some(), "{text} tells nothing");
        for chunks in two_chunks(bytes) {
            agrees_with_serde_json(bytes, chunks.to_vec());
        }
        for chunks in three_chunks(bytes, usize::MAX) {
            agrees_with_serde_json(bytes, chunks.to_vec());
        }
    }
}

#[test]
fn what_is_no_character_becomes_the_replacement_character() {
    let cases: &[(&[u8], &str)] = &[
        (br#""\ud800""#, "\u{FFFD}"),
        (br#""\ud800x""#, "\u{FFFD}x"),
        (br#""\udc00""#, "\u{FFFD}"),
        (br#""\udc00\ud800""#, "\u{FFFD}\u{FFFD}"),
        (br#""\ud800\ud800\udc00""#, "\u{FFFD}\u{10000}"),
        (br#""\ud800\n""#, "\u{FFFD}\n"),
        (br#""\ud800\u0041""#, "\u{FFFD}A"),
        (br#""\ud83d\"\ude80""#, "\u{FFFD}\"\u{FFFD}"),
        (b"\"\xFF\"", "\u{FFFD}"),
        (b"\"a\xE2\x82\"", "a\u{FFFD}"),
        (b"\"\xED\xA0\x80\"", "\u{FFFD}\u{FFFD}\u{FFFD}"),
        (b"\"\xC3\\u0080\"", "\u{FFFD}\u{80}"),
        ("\"\u{20AC}\"".as_bytes(), "\u{20AC}"),
    ];
    for (text, expected) in cases {
        for chunks in three_chunks(text, usize::MAX) {
            assert_eq!(parse(chunks).as_ref().map(Value::as_str), Ok(Some(*expected)), "{}", text.escape_ascii());
        }
        let object = [b"{", *text, b":1}"].concat();
        assert_eq!(parse([&object[..]]).unwrap().get(expected).and_then(Value::as_u64), Some(1), "the same in a name");
    }
}

#[test]
fn of_members_with_one_name_the_last_one_counts() {
    let value = parse([&br#"{"a":1,"b":2,"a":"x"}"#[..]]).unwrap();
    assert_eq!(value.get("a").and_then(Value::as_str), Some("x"));
    assert_eq!(value.get("b").and_then(Value::as_u64), Some(2));
    assert_eq!(value.get("c"), None);
}

#[test]
fn numbers_are_read_as_whole_ones_only_where_they_are() {
    let cases = [
        ("0", Some(0)),
        ("9007199254740991", Some(9_007_199_254_740_991)),
        ("9007199254740992", None),
        ("18446744073709551616", None),
        ("-1", None),
        ("-0", None),
        ("1.0", None),
        ("1e2", None),
    ];
    for (text, expected) in cases {
        assert_eq!(parse([text.as_bytes()]).unwrap().as_u64(), expected, "{text}");
    }
}

#[test]
fn a_fault_is_named_by_its_offset() {
    let cases = [
        ("x", 0),
        ("  x", 2),
        ("[1,x]", 3),
        ("{\"a\":tru}", 8),
        ("[1,01]", 3),
        ("\"ab\ncd\"", 3),
        ("{} {", 3),
        ("\"\\q\"", 2),
    ];
    for (text, offset) in cases {
        for chunks in two_chunks(text.as_bytes()) {
            assert_eq!(parse(chunks), Err(Error::Syntax(offset)), "{text}");
        }
    }
}

#[test]
fn a_parser_is_untouched_until_something_other_than_white_space_comes() {
    let mut parser = Parser::new(LIMITS);
    let mut strings = Streams { route: |_: Path<'_>| Route::Keep, open: Vec::new(), complete: Vec::new() };
    parser.push(b" \t\r\n", &mut strings).unwrap();
    assert!(parser.is_untouched());
    parser.push(b"{", &mut strings).unwrap();
    assert!(!parser.is_untouched());
}

#[test]
fn a_streamed_string_arrives_while_it_is_read_with_its_escapes_undone() {
    let mut strings = Streams { route: |_: Path<'_>| Route::Stream, open: Vec::new(), complete: Vec::new() };
    let mut parser = Parser::new(LIMITS);
    parser.push(br#"["ab\/c\u002B"#, &mut strings).unwrap();
    assert_eq!(strings.open, b"ab/c+");
    parser.push(br#"\u003d"]"#, &mut strings).unwrap();
    assert_eq!(strings.complete, ["ab/c+="]);
    assert_eq!(parser.finish(), Ok(Value::Array(vec![Value::Streamed(0)])));
}

#[test]
fn strings_are_told_apart_by_where_they_stand_and_never_by_their_text() {
    let text = br#" { "x" : "\"b64_json\":\"no\"" , "b64_json":"yes 0", "deep":{"b64_json":"no"}, "list":[{"b64_json":"no"},"no"],
        "data":[ {"b64_json":"yes 1","o":{"b64_json":"no"}}, {"k":[{"b64_json":"no"}],"b64_json":"yes 2"}, ["no"], "no" ],
        "b64_json\u0000":"no", "b64\u005fjson":"yes 3", "b64_json":{"b64_json":"no"}, "b64_json":["no"], "b64_json":null } "#;
    for chunks in some_cuts(text) {
        let (value, streamed) = parse_with(chunks, LIMITS, |path| {
            if path.is(&["b64_json"]) || path.is(&["data", "*", "b64_json"]) { Route::Stream } else { Route::Keep }
        })
        .unwrap();
        assert_eq!(streamed, ["yes 0", "yes 1", "yes 2", "yes 3"]);
        assert_eq!(value.get("b64_json"), Some(&Value::Null));
        assert_eq!(value.get("x").and_then(Value::as_str), Some("\"b64_json\":\"no\""));
        let entries = value.get("data").and_then(Value::as_array).unwrap();
        assert_eq!(entries[0].get("b64_json"), Some(&Value::Streamed(1)));
        assert_eq!(entries[1].get("b64_json"), Some(&Value::Streamed(2)));
        let mut kept = String::new();
        value.write(&mut kept);
        assert!(!kept.contains("yes"));
        assert_eq!(kept.matches("no\"").count(), 10);
    }
}

#[test]
fn a_route_sees_the_members_that_came_before_it_in_the_same_object() {
    let mut seen = Vec::new();
    let text = br#"{"type":"outer","a":{"type":"first","type":"inner","s":""},"list":["s"],"s":""}"#;
    parse_with([&text[..]], LIMITS, |path| {
        seen.push(path.sibling("type").and_then(Value::as_str).map(str::to_owned));
        Route::Keep
    })
    .unwrap();
    let seen: Vec<_> = seen.iter().map(Option::as_deref).collect();
    assert_eq!(seen, [None, None, Some("first"), Some("inner"), None, Some("outer")]);
}

/// Units of a string's text, and what they stand for.
const UNITS: &[(&str, &str)] = &[
    ("a", "a"),
    (r"\/", "/"),
    (r"\n", "\n"),
    (r"\u0041", "A"),
    ("\u{20AC}", "\u{20AC}"),
    (r"\u20ac", "\u{20AC}"),
    (r"\ud83d\ude80", "\u{1F680}"),
    (r"\ud83d", "\u{FFFD}"),
];

#[test]
fn an_undecided_string_is_kept_up_to_the_border_and_streamed_beyond_it_however_it_is_cut() {
    for (unit, meaning) in UNITS {
        let fitting = UNDECIDED_BYTES / meaning.len();
        for count in [fitting, fitting + 1] {
            for padding in ["", "x"] {
                let text = format!("{{\"r\":\"{padding}{}\"}}", unit.repeat(count));
                let expected = format!("{padding}{}", meaning.repeat(count));
                let border = text.len() - 14;
                let cuts = [vec![text.len()], vec![5, border], vec![border, border + 1], vec![border + 3, border + 8]];
                for cut in cuts {
                    let mut start = 0;
                    let mut chunks = Vec::new();
                    for end in cut.into_iter().chain([text.len()]) {
                        chunks.push(&text.as_bytes()[start..end]);
                        start = end;
                    }
                    let (value, streamed) = parse_with(chunks, LIMITS, |_| Route::StreamIfLong).unwrap();
                    if expected.len() > UNDECIDED_BYTES {
                        assert_eq!(value.get("r"), Some(&Value::Streamed(0)), "{unit} × {count}");
                        assert!(streamed == [expected.clone()], "{unit} × {count}");
                    } else {
                        assert!(value.get("r").and_then(Value::as_str) == Some(&expected), "{unit} × {count}");
                        assert!(streamed.is_empty(), "{unit} × {count}");
                    }
                }
            }
        }
    }
}

#[test]
fn a_long_undecided_string_counts_towards_no_limit_however_it_is_cut() {
    let limits = Limits { max_kept_bytes: 10_000, max_depth: 2 };
    let text = format!("{{\"r\":\"{}\"}}", "A".repeat(3 * UNDECIDED_BYTES));
    for chunks in some_cuts(text.as_bytes()) {
        let parsed = parse_with(chunks, limits, |_| Route::StreamIfLong);
        assert_eq!(parsed.map(|(value, _)| value.get("r").cloned()), Ok(Some(Value::Streamed(0))));
    }
    let text = format!("{{\"r\":\"{}\"}}", "A".repeat(UNDECIDED_BYTES));
    for chunks in some_cuts(text.as_bytes()) {
        assert_eq!(parse_with(chunks, limits, |_| Route::StreamIfLong), Err(Error::TooLarge), "kept after all");
    }
}

#[test]
fn what_is_kept_has_a_limit_wherever_it_stands() {
    let limits = Limits { max_kept_bytes: 10_000, max_depth: 10 };
    let long = "x".repeat(10_001);
    let many = |element: &str| format!("[{}1]", element.repeat(10_001));
    let texts = [
        format!("\"{long}\""),
        format!("{{\"{long}\":1}}"),
        "1".repeat(10_001),
        many("1,"),
        many("\"\","),
        many("null,"),
        many("[],"),
        many("{},"),
        format!("{{{}\"\":1}}", "\"\":1,".repeat(10_001)),
        format!("[{}]", vec![format!("\"{}\"", "x".repeat(1000)); 10].join(",")),
    ];
    for text in texts {
        for chunks in some_cuts(text.as_bytes()) {
            assert_eq!(parse_with(chunks, limits, |_| Route::Keep), Err(Error::TooLarge), "{text:.40}");
        }
    }
    let fitting = format!("\"{}\"", "x".repeat(9_000));
    assert!(Value::parse(fitting.as_bytes(), limits).is_ok());
}

#[test]
fn streamed_strings_count_towards_no_limit_but_their_number_does() {
    let limits = Limits { max_kept_bytes: 10_000, max_depth: 10 };
    let text = format!("[\"{}\"]", "A".repeat(1_000_000));
    assert!(parse_with([text.as_bytes()], limits, |_| Route::Stream).is_ok());
    let text = format!("[{}\"\"]", "\"\",".repeat(10_001));
    assert_eq!(parse_with([text.as_bytes()], limits, |_| Route::Stream), Err(Error::TooLarge));
}

#[test]
fn nesting_has_a_limit() {
    for (open, close) in [("[", "]"), ("{\"a\":", "}"), ("[{\"a\":", "}]")] {
        let each = if open.len() > 5 { 2 } else { 1 };
        let text = |depth: usize| format!("{}1{}", open.repeat(depth / each), close.repeat(depth / each));
        let limits = Limits { max_kept_bytes: 1_000_000, max_depth: 64 };
        assert!(Value::parse(text(64).as_bytes(), limits).is_ok());
        assert_eq!(Value::parse(text(66).as_bytes(), limits), Err(Error::TooDeep));
        assert_eq!(Value::parse(open.repeat(1_000_000).as_bytes(), limits), Err(Error::TooDeep), "a bomb");
    }
    let flat = Limits { max_kept_bytes: 1_000_000, max_depth: 0 };
    assert!(Value::parse(b"1", flat).is_ok());
    assert_eq!(Value::parse(b"[]", flat), Err(Error::TooDeep));
}

#[test]
fn a_deep_value_is_a_limit_on_what_is_open_and_not_on_what_was() {
    let text = format!("[{}1]", "[[[]]],".repeat(1000));
    assert!(Value::parse(text.as_bytes(), Limits { max_kept_bytes: 1_000_000, max_depth: 4 }).is_ok());
}

fn any_json() -> impl Strategy<Value = serde_json::Value> {
    let text = prop_oneof![any::<String>(), "[a-z\\\\\"/\u{0}-\u{1F}\u{1F680}\u{20AC}]{0,8}"];
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(Into::into),
        any::<i64>().prop_map(Into::into),
        any::<u64>().prop_map(Into::into),
        prop::num::f64::NORMAL.prop_map(Into::into),
        text.clone().prop_map(Into::into),
    ];
    leaf.prop_recursive(6, 64, 8, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..8).prop_map(Into::into),
            prop::collection::vec((text.clone(), inner), 0..8)
                .prop_map(|members| serde_json::Value::Object(members.into_iter().collect())),
        ]
    })
}

/// Any other way to write the same text: escapes, white space.
fn dress_up(text: &str, seed: u64) -> String {
    let mut state = seed | 1;
    let mut chance = move |of: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33).is_multiple_of(of)
    };
    let (mut dressed, mut in_string, mut verbatim) = (String::new(), false, 0_usize);
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        if verbatim > 0 {
            verbatim -= 1;
        } else if in_string && !matches!(character, '"' | '\\') && chance(4) {
            for unit in character.encode_utf16(&mut [0; 2]) {
                dressed.push_str(&if chance(2) { format!("\\u{unit:04x}") } else { format!("\\u{unit:04X}") });
            }
            continue;
        } else if in_string && character == '\\' {
            // The rest of an escape.
            verbatim = if characters.peek() == Some(&'u') { 5 } else { 1 };
        } else if character == '"' {
            in_string = !in_string;
        } else if !in_string && matches!(character, ',' | ':' | '[' | ']' | '{' | '}') {
            for space in [' ', '\n', '\t', '\r'] {
                if chance(3) {
                    dressed.push(space);
                }
            }
        }
        dressed.push(character);
    }
    dressed
}

proptest! {
    #![proptest_config(cases(192))]

    #[test]
    fn random_values_in_random_chunks_are_what_serde_json_reads(
        value in any_json(),
        seed in any::<u64>(),
        places in prop::collection::vec(any::<prop::sample::Index>(), 0..6),
    ) {
        let text = dress_up(&value.to_string(), seed);
        let expected: serde_json::Value = serde_json::from_str(&text).unwrap();
        let read = parse(cut_at(text.as_bytes(), &places)).unwrap();
        prop_assert_eq!(to_serde(&read), expected);
        prop_assert_eq!(parse(text.as_bytes().chunks(1)).unwrap(), read);
    }

    #[test]
    fn what_is_written_reads_back_as_the_same(value in any_json()) {
        let read = parse([value.to_string().as_bytes()]).unwrap();
        let mut written = String::new();
        read.write(&mut written);
        prop_assert_eq!(parse([written.as_bytes()]).unwrap(), read.clone());
        prop_assert_eq!(serde_json::from_str::<serde_json::Value>(&written).unwrap(), to_serde(&read));
    }

    #[test]
    fn damaged_texts_are_refused_exactly_where_serde_json_refuses_them(
        value in any_json(),
        at in any::<prop::sample::Index>(),
        removed in 0..4_usize,
        added in prop::collection::vec(prop::sample::select(b"{}[],:\"\\ u0e+-.1tn\n\x00\xFF".to_vec()), 0..4),
        places in prop::collection::vec(any::<prop::sample::Index>(), 0..4),
    ) {
        let mut text = value.to_string().into_bytes();
        let at = at.index(text.len() + 1);
        text.splice(at..(at + removed).min(text.len()), added);
        agrees_with_serde_json(&text, cut_at(&text, &places));
    }

    #[test]
    fn random_tokens_are_refused_exactly_where_serde_json_refuses_them(
        tokens in prop::collection::vec(prop::sample::select(TOKENS), 0..12),
        places in prop::collection::vec(any::<prop::sample::Index>(), 0..4),
    ) {
        let text = tokens.concat();
        agrees_with_serde_json(text.as_bytes(), cut_at(text.as_bytes(), &places));
    }
}

const TOKENS: &[&str] = &[
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "\"a\"",
    "\"b\":",
    "\"",
    "\\",
    "\\n",
    "\\u00",
    "41",
    "1",
    "-",
    "0",
    ".5",
    "e9",
    "true",
    "null",
    "fal",
    "se",
    " ",
    "\n",
    "\\ud83d",
    "\\ude80",
    "\u{1F680}",
];
