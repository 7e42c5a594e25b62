//! JSON that arrives in pieces.

use crate::support::json::{LIMITS, Streams, agrees_with_serde_json, parse, parse_with, reference};
use crate::support::{cases, cut_at, some_cuts, three_chunks, two_chunks};
use azure_image_client::decode::json::{Error, Limits, NEAR, Parser, Path, Route, UNDECIDED_BYTES, Value};
use proptest::prelude::*;

#[test]
fn a_text_that_ends_within_a_number_of_an_object_is_incomplete() {
    for number in ["-", "1.", "1e", "1e-", "0"] {
        for text in [format!("[{number}"), format!("{{\"a\":{number}"), format!("[1,{number}")] {
            assert_eq!(parse(vec![text.as_bytes()]), Err(Error::Incomplete), "{text}");
        }
    }
}

/// A text, and how what it says is written; or why it says nothing.
type Case = (&'static str, Result<&'static str, Error>);

/// The text ends too soon.
const CUT: Result<&str, Error> = Err(Error::Incomplete);

/// The first byte that does not fit; of a number, its first.
const fn fault(offset: usize) -> Result<&'static str, Error> {
    Err(Error::Syntax(offset))
}

/// The grammar of RFC 8259 and its edges, by its sections: the facts that public test suites collect (`JSONTestSuite`, `JSON_checker`).
const CASES: &[Case] = &[
    // Section 2: six structural characters, four of white space, three names.
    ("null", Ok("null")),
    ("true", Ok("true")),
    ("false", Ok("false")),
    (" null ", Ok("null")),
    ("\t\r\n 1\r\n", Ok("1")),
    ("[]", Ok("[]")),
    ("[ ]", Ok("[]")),
    ("[[]  ]", Ok("[[]]")),
    ("{}", Ok("{}")),
    ("{ }", Ok("{}")),
    (" [ 1 , 2 ] ", Ok("[1,2]")),
    ("[1\n]", Ok("[1]")),
    ("\n[\n]\n", Ok("[]")),
    ("{\n\"a\"\n:\n1\n}", Ok(r#"{"a":1}"#)),
    ("[null,true,false]", Ok("[null,true,false]")),
    (r#"{"a" : 1 , "b" : [ ] }"#, Ok(r#"{"a":1,"b":[]}"#)),
    ("", CUT),
    (" ", CUT),
    ("\t\r\n", CUT),
    ("n", CUT),
    ("t", CUT),
    ("nul", CUT),
    ("[nul]", fault(4)),
    ("[tru]", fault(4)),
    ("[fals]", fault(5)),
    ("nulll", fault(4)),
    ("null null", fault(5)),
    ("nullnull", fault(4)),
    ("[nullnull]", fault(5)),
    ("[truefalse]", fault(5)),
    (r#"{"a":tru}"#, fault(8)),
    (r#"{"a":truefalse}"#, fault(9)),
    ("[truth]", fault(4)),
    ("True", fault(0)),
    ("[True]", fault(1)),
    ("NULL", fault(0)),
    ("tru e", fault(3)),
    ("a", fault(0)),
    ("ab", fault(0)),
    ("undefined", fault(0)),
    ("*", fault(0)),
    ("[*]", fault(1)),
    ("<null>", fault(0)),
    ("[<null>]", fault(1)),
    ("\u{B}1", fault(0)),
    ("\u{C}1", fault(0)),
    ("[\u{C}]", fault(1)),
    ("[\u{B}\"a\"]", fault(1)),
    ("\u{A0}1", fault(0)),
    ("\u{2028}1", fault(0)),
    ("[\u{2060}]", fault(1)),
    ("\u{2060}", fault(0)),
    ("\u{E9}", fault(0)),
    ("[\u{E9}]", fault(1)),
    ("a\u{E9}", fault(0)),
    ("1\0", fault(1)),
    ("\0", fault(0)),
    ("[\0]", fault(1)),
    ("123\0", fault(3)),
    // Section 4: objects.
    (r#"{"a":1,"a":2}"#, Ok(r#"{"a":1,"a":2}"#)),
    (r#"{"a":1,"a":1}"#, Ok(r#"{"a":1,"a":1}"#)),
    (r#"{"":0}"#, Ok(r#"{"":0}"#)),
    (r#"{"a":{"b":[{"c":null}]}}"#, Ok(r#"{"a":{"b":[{"c":null}]}}"#)),
    (r#"{"a\nb":1}"#, Ok(r#"{"a\nb":1}"#)),
    (r#"{"a\u0000b":1}"#, Ok(r#"{"a\u0000b":1}"#)),
    ("{\"\u{20AC}\":\"\u{1F680}\"}", Ok("{\"\u{20AC}\":\"\u{1F680}\"}")),
    (r#"{"a":[],"b":{}}"#, Ok(r#"{"a":[],"b":{}}"#)),
    ("{", CUT),
    ("}", fault(0)),
    ("{]", fault(1)),
    ("{[", fault(1)),
    ("{,", fault(1)),
    ("{,}", fault(1)),
    (r#"{"a"#, CUT),
    (r#"{"a""#, CUT),
    (r#"{"a":"#, CUT),
    (r#"{"a":1"#, CUT),
    (r#"{"a":1,"#, CUT),
    (r#"{"a":"b""#, CUT),
    (r#"{"a"}"#, fault(4)),
    (r#"{"a":}"#, fault(5)),
    ("{:1}", fault(1)),
    (r#"{"a" 1}"#, fault(5)),
    (r#"{"a" "b"}"#, fault(5)),
    (r#"{"a" b}"#, fault(5)),
    (r#"{"a",1}"#, fault(4)),
    (r#"{"a"::1}"#, fault(5)),
    (r#"{"a":1:2}"#, fault(6)),
    (r#"{"a":1,}"#, fault(7)),
    (r#"{"a":1,,}"#, fault(7)),
    (r#"{"a":1,,"b":2}"#, fault(7)),
    (r#"{"a":1 "b":2}"#, fault(7)),
    (r#"{"a":1,"b"}"#, fault(10)),
    (r#"{"a":1 2}"#, fault(7)),
    ("{a:1}", fault(1)),
    ("{1:1}", fault(1)),
    ("{1e9:1}", fault(1)),
    ("{null:1}", fault(1)),
    ("{true:1}", fault(1)),
    ("{[]:1}", fault(1)),
    ("{'a':1}", fault(1)),
    ("{'a'", fault(1)),
    (r#"{"a":a}"#, fault(5)),
    ("{\"a\nb\":1}", fault(3)),
    ("{\"a\tb\":1}", fault(3)),
    ("{\u{1F680}}", fault(1)),
    (r#"{"a":1]"#, fault(6)),
    (r#"{"a":1}}"#, fault(7)),
    ("{}}", fault(2)),
    ("{}{}", fault(2)),
    (r#"{"k":"v"}garbage"#, fault(9)),
    (r#"{"a":1}"b""#, fault(7)),
    // Section 5: arrays.
    ("[1,2]", Ok("[1,2]")),
    (r#"[""]"#, Ok(r#"[""]"#)),
    ("[\"a\"]\n", Ok(r#"["a"]"#)),
    (" [1]", Ok("[1]")),
    ("[1] ", Ok("[1]")),
    (r#"[null,1,"1",{},[]]"#, Ok(r#"[null,1,"1",{},[]]"#)),
    ("[[[[[]]]],[[]]]", Ok("[[[[[]]]],[[]]]")),
    ("[1,null,null,2]", Ok("[1,null,null,2]")),
    ("[", CUT),
    ("]", fault(0)),
    ("[1", CUT),
    ("[1,", CUT),
    ("[[[[[]]],[[]]]", CUT),
    (r#"["a"#, CUT),
    (r#"["a""#, CUT),
    ("[{", CUT),
    ("[{}", CUT),
    ("[[]", CUT),
    ("[,", fault(1)),
    ("[,]", fault(1)),
    ("[,1]", fault(1)),
    ("[ ,1]", fault(2)),
    ("[1,]", fault(3)),
    ("[1,,]", fault(3)),
    ("[1,,2]", fault(3)),
    (r#"["a",,]"#, fault(5)),
    ("[1 2]", fault(3)),
    ("[1 true]", fault(3)),
    ("[1true]", fault(2)),
    (r#"["a"1]"#, fault(4)),
    (r#"[1"a"]"#, fault(2)),
    (r#"["a" "b"]"#, fault(5)),
    ("[1;2]", fault(2)),
    ("[1:2]", fault(2)),
    (r#"["a":1]"#, fault(4)),
    ("[[1][2]]", fault(4)),
    ("[3[4]]", fault(2)),
    ("[}", fault(1)),
    ("[1}", fault(2)),
    ("[]]", fault(2)),
    ("[1]]", fault(3)),
    ("1]", fault(1)),
    ("[][]", fault(2)),
    ("[1]x", fault(3)),
    ("[1],", fault(3)),
    ("[1]\n[2]", fault(4)),
    ("[\"a\",\n1\n,2,", CUT),
    ("[ true, fals", CUT),
    ("[ false, nul", CUT),
    ("[a", fault(1)),
    (r#"["a]"#, CUT),
    // Section 6: numbers.
    ("0", Ok("0")),
    ("-0", Ok("-0")),
    ("1", Ok("1")),
    ("-1", Ok("-1")),
    ("10", Ok("10")),
    ("123", Ok("123")),
    ("0.0", Ok("0.0")),
    ("-0.0", Ok("-0.0")),
    ("1.0", Ok("1.0")),
    ("0.1", Ok("0.1")),
    ("1.5e+10", Ok("1.5e+10")),
    ("1e1", Ok("1e1")),
    ("1E1", Ok("1E1")),
    ("1e+1", Ok("1e+1")),
    ("1E+1", Ok("1E+1")),
    ("1e-1", Ok("1e-1")),
    ("1E-1", Ok("1E-1")),
    ("0e0", Ok("0e0")),
    ("0e+1", Ok("0e+1")),
    ("0E-1", Ok("0E-1")),
    ("20e1", Ok("20e1")),
    ("1.25E2", Ok("1.25E2")),
    ("-1.5e-3", Ok("-1.5e-3")),
    ("123.456789", Ok("123.456789")),
    ("[ 4]", Ok("[4]")),
    ("[1e2,2]", Ok("[1e2,2]")),
    ("18446744073709551615", Ok("18446744073709551615")),
    ("18446744073709551616", Ok("18446744073709551616")),
    ("-9223372036854775809", Ok("-9223372036854775809")),
    ("123456789012345678901234567890", Ok("123456789012345678901234567890")),
    ("0.00000000000000000000000000000000000000001", Ok("0.00000000000000000000000000000000000000001")),
    ("1e400", Ok("1e400")),
    ("-1e400", Ok("-1e400")),
    ("1e-400", Ok("1e-400")),
    ("1e9999999999", Ok("1e9999999999")),
    ("-1e+9999999999", Ok("-1e+9999999999")),
    ("0e9999999999", Ok("0e9999999999")),
    ("9007199254740993", Ok("9007199254740993")),
    ("-", fault(0)),
    ("+", fault(0)),
    ("+1", fault(0)),
    ("++1", fault(0)),
    ("--1", fault(0)),
    ("-+1", fault(0)),
    ("- 1", fault(0)),
    ("01", fault(0)),
    ("-01", fault(0)),
    ("00", fault(0)),
    ("-00", fault(0)),
    ("012", fault(0)),
    ("0.1.2", fault(0)),
    ("1.", fault(0)),
    ("-1.", fault(0)),
    ("1.e1", fault(0)),
    ("1.e+1", fault(0)),
    (".5", fault(0)),
    ("-.5", fault(0)),
    (".", fault(0)),
    (".-1", fault(0)),
    (".e1", fault(0)),
    ("1e", fault(0)),
    ("1E", fault(0)),
    ("1e+", fault(0)),
    ("1e-", fault(0)),
    ("1.0e", fault(0)),
    ("1.0e+", fault(0)),
    ("0e", fault(0)),
    ("0e+", fault(0)),
    ("1ee1", fault(0)),
    ("1eE1", fault(0)),
    ("1e1.5", fault(0)),
    ("1e+-1", fault(0)),
    ("1e1e1", fault(0)),
    ("1-", fault(0)),
    ("1-1", fault(0)),
    ("1+1", fault(0)),
    ("1 2", fault(2)),
    ("1 000", fault(2)),
    ("1_0", fault(1)),
    ("1,0", fault(1)),
    ("0x1", fault(1)),
    ("0X1F", fault(1)),
    ("0b1", fault(1)),
    ("1a", fault(1)),
    ("-1a", fault(2)),
    ("1.2a", fault(3)),
    ("1ea", fault(0)),
    ("2@", fault(1)),
    ("1f", fault(1)),
    ("Infinity", fault(0)),
    ("-Infinity", fault(0)),
    ("+Infinity", fault(0)),
    ("Inf", fault(0)),
    ("NaN", fault(0)),
    ("-NaN", fault(0)),
    ("-a", fault(0)),
    ("\u{FF11}", fault(0)),
    ("1\u{E9}", fault(1)),
    ("1e\u{E9}", fault(0)),
    ("0\u{E9}", fault(1)),
    ("1\u{301}", fault(1)),
    ("[-]", fault(1)),
    ("[1.]", fault(1)),
    ("[1e]", fault(1)),
    ("[01]", fault(1)),
    ("[+1]", fault(1)),
    ("[.5]", fault(1)),
    ("[1.0.]", fault(1)),
    ("[-", CUT),
    ("[1.", CUT),
    ("[1e-", CUT),
    // Section 7: strings.
    (r#""""#, Ok(r#""""#)),
    (r#""a""#, Ok(r#""a""#)),
    (r#"" ""#, Ok(r#"" ""#)),
    (r#""\"\\\/\b\f\n\r\t""#, Ok(r#""\"\\/\u0008\u000c\n\r\t""#)),
    (r#""\u0041\u00e9\u00E9\u2028""#, Ok("\"A\u{E9}\u{E9}\u{2028}\"")),
    (r#""\u0000""#, Ok(r#""\u0000""#)),
    (r#""\u0012""#, Ok(r#""\u0012""#)),
    (r#""\u002c\u005C\u0022""#, Ok(r#"",\\\"""#)),
    (r#""\\u0000""#, Ok(r#""\\u0000""#)),
    (r#""\\n""#, Ok(r#""\\n""#)),
    (r#""\\a""#, Ok(r#""\\a""#)),
    (r#""a/*b*/c//d""#, Ok(r#""a/*b*/c//d""#)),
    (r#""\u0060\u012a\u12AB""#, Ok("\"`\u{12A}\u{12AB}\"")),
    (r#""\uFFFF\uFFFE\uFDD0""#, Ok("\"\u{FFFF}\u{FFFE}\u{FDD0}\"")),
    (r#""\ud83d\ude80""#, Ok("\"\u{1F680}\"")),
    (r#""\uD83D\uDE80!""#, Ok("\"\u{1F680}!\"")),
    (r#""\ud800\udc00\uDBFF\uDFFF""#, Ok("\"\u{10000}\u{10FFFF}\"")),
    (r#""\ud83d\ude80\ud83d\ude80""#, Ok("\"\u{1F680}\u{1F680}\"")),
    ("\"\u{7F}\u{80}\u{FFFF}\u{1F680}\"", Ok("\"\u{7F}\u{80}\u{FFFF}\u{1F680}\"")),
    ("\"\u{2028}\u{2029}\u{200B}\u{2064}\"", Ok("\"\u{2028}\u{2029}\u{200B}\u{2064}\"")),
    ("\"\u{FFFE}\u{FDD0}\u{1FFFE}\u{10FFFF}\"", Ok("\"\u{FFFE}\u{FDD0}\u{1FFFE}\u{10FFFF}\"")),
    ("\"\u{3C0}\u{20AC}\u{1D11E}\"", Ok("\"\u{3C0}\u{20AC}\u{1D11E}\"")),
    (r#""[{:,}]""#, Ok(r#""[{:,}]""#)),
    (r#""\\""#, Ok(r#""\\""#)),
    (r#"""#, CUT),
    (r#""a"#, CUT),
    (r#"a""#, fault(0)),
    ("'", fault(0)),
    ("'a'", fault(0)),
    ("['a']", fault(1)),
    ("[a]", fault(1)),
    (r#""a"b"#, fault(3)),
    (r#"""x"#, fault(2)),
    (r#""a" "b""#, fault(4)),
    (r#""\"#, CUT),
    (r#""\""#, CUT),
    (r#"["\"#, CUT),
    (r#"["\"]"#, CUT),
    (r#"["\\\"]"#, CUT),
    (r#""\a""#, fault(2)),
    (r#""\v""#, fault(2)),
    (r#""\0""#, fault(2)),
    (r#""\'""#, fault(2)),
    (r#""\x00""#, fault(2)),
    (r#""\U0041""#, fault(2)),
    (r#""\N""#, fault(2)),
    (r#""\ ""#, fault(2)),
    ("\"\\\u{E9}\"", fault(2)),
    ("\"\\\u{1F680}\"", fault(2)),
    ("\"\\\n\"", fault(2)),
    ("\"\\\t\"", fault(2)),
    ("\"\\\0\"", fault(2)),
    (r#""\u"#, CUT),
    (r#""\u""#, fault(3)),
    (r#""\u1""#, fault(4)),
    (r#""\u12""#, fault(5)),
    (r#""\u123""#, fault(6)),
    (r#""\u123g""#, fault(6)),
    (r#""\uqqqq""#, fault(3)),
    (r#""\u00 1""#, fault(5)),
    (r#""\u+041""#, fault(3)),
    (r#""\u-041""#, fault(3)),
    (r#""\u{41}""#, fault(3)),
    ("\"\\u00\u{E9}\"", fault(5)),
    (r#""\ud800\""#, CUT),
    (r#""\ud800\u""#, fault(9)),
    (r#""\ud800\u1""#, fault(10)),
    (r#""\ud834\udd""#, fault(11)),
    (r#""\ud800\ud800\x""#, fault(14)),
    ("\"a\nb\"", fault(2)),
    ("\"a\rb\"", fault(2)),
    ("\"a\tb\"", fault(2)),
    ("\"\0\"", fault(1)),
    ("\"a\0a\"", fault(2)),
    ("\"\u{1F}\"", fault(1)),
    (r"[\n]", fault(1)),
    (r"\u0031", fault(0)),
    (r#"[\u0020"a"]"#, fault(1)),
    (r#"[\u000A""]"#, fault(1)),
    (r#"["\{["\{"#, fault(3)),
    // Section 8: no byte order mark, and UTF-8 only.
    ("\u{FEFF}", fault(0)),
    ("\u{FEFF}1", fault(0)),
    ("\u{FEFF}{}", fault(0)),
    ("1\u{FEFF}", fault(1)),
    ("[\0\"\0a\0\"\0]\0", fault(1)),
    ("\0[\0]", fault(0)),
    // Section 9: no extensions.
    ("// c\n1", fault(0)),
    ("/* c */1", fault(0)),
    ("1//", fault(1)),
    ("1/", fault(1)),
    ("[1,2,3] // c", fault(8)),
    (r#"{"a":/* c */1}"#, fault(5)),
    (r#"{"a":1}/**/"#, fault(7)),
    (r#"{"a":1}//"#, fault(7)),
    (r#"{"a":1}/"#, fault(7)),
    ("# c\n1", fault(0)),
    ("1#", fault(1)),
    (r#"{"a":1}#{}"#, fault(7)),
    ("[1,2,...]", fault(5)),
    ("`a`", fault(0)),
    (r#""a"+"b""#, fault(3)),
    ("1;", fault(1)),
    ("(1)", fault(0)),
    ("<a>", fault(0)),
];

#[test]
fn every_case_of_the_specification_is_read_right_in_every_two_and_three_chunks() {
    for (text, expected) in CASES {
        let bytes = text.as_bytes();
        agrees_with_serde_json(bytes, [bytes]);
        for chunks in two_chunks(bytes) {
            assert_eq!(parse(chunks).map(|value| value.to_json()).as_deref(), expected.as_deref(), "{text}");
        }
        for chunks in three_chunks(bytes, usize::MAX) {
            assert_eq!(parse(chunks).map(|value| value.to_json()).as_deref(), expected.as_deref(), "{text}");
        }
    }
}

#[test]
fn bytes_that_are_no_utf_8_are_refused_outside_of_strings() {
    let cases: &[(&[u8], usize)] = &[
        (b"\xE5", 0),
        (b"[\xFF]", 1),
        (b"[1\xE5]", 2),
        (b"[1e1\xE5]", 4),
        (b"[tru\xE9]", 4),
        (b"\xEF\xBB{}", 0),
        (b"\xEF\xBB\xBF{}", 0),
        (b"\xFF\xFE[\0]\0", 0),
        (b"[\"\\\xE5\"]", 3),
        (b"[\"\\u\xE5\"]", 4),
        (b"{\"\xB9\":0,}", 7),
    ];
    for (text, offset) in cases {
        for chunks in two_chunks(text) {
            assert_eq!(parse(chunks), Err(Error::Syntax(*offset)), "{}", text.escape_ascii());
        }
        assert_eq!(reference(text), None);
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
        (br#""\ude80\ud83d""#, "\u{FFFD}\u{FFFD}"),
        (br#""\ud83d\u1234""#, "\u{FFFD}\u{1234}"),
        (br#""\ud83dude80""#, "\u{FFFD}ude80"),
        (b"\"\xE9\"", "\u{FFFD}"),
        (b"\"\x81x\"", "\u{FFFD}x"),
        (b"\"\xE0\xFF\"", "\u{FFFD}\u{FFFD}"),
        // Too many bytes for a character, and a character beyond the last.
        (b"\"\xC0\xAF\"", "\u{FFFD}\u{FFFD}"),
        (b"\"\xFC\x80\"", "\u{FFFD}\u{FFFD}"),
        (b"\"\xF4\xBF\xBF\xBF\"", "\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}"),
        ("\"\u{20AC}\"".as_bytes(), "\u{20AC}"),
    ];
    for (text, expected) in cases {
        for chunks in three_chunks(text, usize::MAX) {
            assert_eq!(parse(chunks).as_ref().map(Value::as_str), Ok(Some(*expected)), "{}", text.escape_ascii());
        }
        assert_eq!(reference(text), Some(Value::from(*expected)), "the expectation itself");
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
    let mut strings = Streams::new(|_: Path<'_>| Route::Keep);
    parser.push(b" \t\r\n", &mut strings).unwrap();
    assert!(parser.is_untouched());
    parser.push(b"{", &mut strings).unwrap();
    assert!(!parser.is_untouched());
}

#[test]
fn a_streamed_string_arrives_while_it_is_read_with_its_escapes_undone() {
    let mut strings = Streams::new(|_: Path<'_>| Route::Stream);
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

#[test]
fn a_route_sees_only_the_last_members_before_it_so_that_thousands_cost_no_more() {
    for (between, sees) in [(0, true), (NEAR - 1, true), (NEAR, false), (10_000, false)] {
        let text = format!("{{\"type\":\"a\",{}\"s\":\"\"}}", "\"b\":0,".repeat(between));
        let mut seen = Vec::new();
        parse_with([text.as_bytes()], LIMITS, |path| {
            seen.push(path.sibling("type").is_some());
            Route::Keep
        })
        .unwrap();
        assert_eq!(seen, [false, sees], "{between} members between");
    }
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
                    let (value, streamed) =
                        parse_with(chunks, LIMITS, |_| Route::StreamIfLong(UNDECIDED_BYTES)).unwrap();
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
        let parsed = parse_with(chunks, limits, |_| Route::StreamIfLong(UNDECIDED_BYTES));
        assert_eq!(parsed.map(|(value, _)| value.get("r").cloned()), Ok(Some(Value::Streamed(0))));
    }
    let text = format!("{{\"r\":\"{}\"}}", "A".repeat(UNDECIDED_BYTES));
    for chunks in some_cuts(text.as_bytes()) {
        assert_eq!(
            parse_with(chunks, limits, |_| Route::StreamIfLong(UNDECIDED_BYTES)),
            Err(Error::TooLarge),
            "kept after all"
        );
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
fn of_two_faults_the_first_one_is_named_however_the_text_is_cut() {
    let limits = Limits { max_kept_bytes: 10_000, max_depth: 1 };
    let long = |length| "x".repeat(length);
    let cases = [
        (format!("\"{}\n\"", long(10_001)), Error::TooLarge),
        (format!("\"{}\n{}\"", long(9_999), long(10_001)), Error::Syntax(10_000)),
        (format!("{{\"{}\n\":1}}", long(10_001)), Error::TooLarge),
        (format!("[{}[", "1,".repeat(1000)), Error::TooLarge),
        (format!("[[{}", "1,".repeat(1000)), Error::TooDeep),
        (format!("[\"\u{1}{}\"", long(10_001)), Error::Syntax(2)),
    ];
    for (text, error) in cases {
        for chunks in some_cuts(text.as_bytes()) {
            assert_eq!(parse_with(chunks, limits, |_| Route::Keep), Err(error), "{text:.40}");
        }
    }
}

#[test]
fn a_control_character_in_an_undecided_string_is_a_fault_up_to_the_border_however_it_is_cut() {
    for place in [0, 1000, UNDECIDED_BYTES, UNDECIDED_BYTES + 1, UNDECIDED_BYTES + 1000] {
        let text = format!("[\"{}\n{}\"]", "A".repeat(place), "A".repeat(2 * UNDECIDED_BYTES - place));
        for chunks in some_cuts(text.as_bytes()) {
            let parsed = parse_with(chunks, LIMITS, |_| Route::StreamIfLong(UNDECIDED_BYTES)).map(|(value, _)| value);
            if place <= UNDECIDED_BYTES {
                assert_eq!(parsed, Err(Error::Syntax(place + 2)));
            } else {
                assert_eq!(parsed, Ok(Value::Array(vec![Value::Streamed(0)])));
            }
        }
    }
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
        let read = parse(cut_at(text.as_bytes(), &places)).unwrap();
        prop_assert_eq!(reference(text.as_bytes()), Some(read.clone()));
        prop_assert_eq!(parse(text.as_bytes().chunks(1)).unwrap(), read);
    }

    #[test]
    fn what_is_written_reads_back_as_the_same(value in any_json()) {
        let read = parse([value.to_string().as_bytes()]).unwrap();
        let mut written = String::new();
        read.write(&mut written);
        prop_assert_eq!(reference(written.as_bytes()), Some(read));
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
