//! JSON: as a client reads it, and as `serde_json` does.

use std::fmt;

use azure_image_client::decode::json::{Error, Limits, Parser, Path, Route, Strings, Value};
use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

pub const LIMITS: Limits = Limits { max_kept_bytes: 16 * 1024 * 1024, max_depth: 100 };

/// Streams the strings that a function asks for, and remembers their text.
pub struct Streams<F> {
    pub route: F,
    /// Of the string that is being read.
    pub open: Vec<u8>,
    pub complete: Vec<String>,
}

impl<F> Streams<F> {
    pub fn new(route: F) -> Self {
        Self { route, open: Vec::new(), complete: Vec::new() }
    }
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

/// A value, and the strings that were streamed out of it.
pub type Parsed = Result<(Value, Vec<String>), Error>;

pub fn parse_with<'a>(
    chunks: impl IntoIterator<Item = &'a [u8]>,
    limits: Limits,
    route: impl FnMut(Path<'_>) -> Route,
) -> Parsed {
    let mut strings = Streams::new(route);
    let mut parser = Parser::new(limits);
    for chunk in chunks {
        parser.push(chunk, &mut strings)?;
    }
    Ok((parser.finish()?, strings.complete))
}

pub fn parse<'a>(chunks: impl IntoIterator<Item = &'a [u8]>) -> Result<Value, Error> {
    parse_with(chunks, LIMITS, |_| Route::Keep).map(|(value, _)| value)
}

/// What `serde_json` makes of a text, and `None` where it refuses it: the value with its members and numbers as they were written.
/// Ours differs in two things on purpose, which are done to the text before: what is no UTF-8, and a surrogate without a partner,
/// become U+FFFD. Ours has limits besides, and here there are none.
pub fn reference(text: &[u8]) -> Option<Value> {
    let text = replace_lone_surrogates(&String::from_utf8_lossy(text));
    serde_json::from_str(&text).ok().map(value)
}

fn value(raw: &RawValue) -> Value {
    let text = raw.get();
    match text.as_bytes()[0] {
        b'n' => Value::Null,
        b't' | b'f' => Value::Bool(text == "true"),
        b'"' => Value::String(serde_json::from_str(text).unwrap()),
        b'[' => {
            let elements: Vec<&RawValue> = serde_json::from_str(text).unwrap();
            Value::Array(elements.into_iter().map(value).collect())
        }
        b'{' => {
            let Members(members) = serde_json::from_str(text).unwrap();
            Value::Object(members.into_iter().map(|(name, raw)| (name, value(raw))).collect())
        }
        _ => Value::Number(text.into()),
    }
}

/// The members of an object as they were written; a map would drop those with one name.
struct Members<'a>(Vec<(String, &'a RawValue)>);

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct AsWritten;
        impl<'de> Visitor<'de> for AsWritten {
            type Value = Members<'de>;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members<'de>, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(AsWritten)
    }
}

fn replace_lone_surrogates(text: &str) -> String {
    let unit = |escape: &str| {
        let digits = escape.strip_prefix("\\u")?.get(..4)?;
        digits.bytes().all(|digit| digit.is_ascii_hexdigit()).then(|| u16::from_str_radix(digits, 16).unwrap())
    };
    let (mut replaced, mut rest) = (String::new(), text);
    while let Some(start) = rest.find('\\') {
        replaced.push_str(&rest[..start]);
        rest = &rest[start..];
        let length = match (unit(rest), rest.get(6..).and_then(unit)) {
            (Some(0xD800..=0xDBFF), Some(0xDC00..=0xDFFF)) => 12,
            (Some(0xD800..=0xDFFF), _) => {
                replaced.push_str("\\ufffd");
                rest = &rest[6..];
                continue;
            }
            _ => rest.chars().take(2).map(char::len_utf8).sum(),
        };
        replaced.push_str(&rest[..length]);
        rest = &rest[length..];
    }
    replaced.push_str(rest);
    replaced
}

/// Ours refuses and accepts what `serde_json` does, with the same value.
pub fn agrees_with_serde_json<'a>(text: &[u8], chunks: impl IntoIterator<Item = &'a [u8]>) {
    let shown = text.escape_ascii();
    match (reference(text), parse(chunks)) {
        (Some(expected), Ok(value)) => assert_eq!(value, expected, "{shown}"),
        (None, Err(Error::Syntax(offset))) => assert!(offset < text.len(), "{shown}: {offset}"),
        (None, Err(Error::Incomplete)) => {}
        (expected, got) => panic!("{shown}\nserde_json: {expected:?}\nthis one: {got:?}"),
    }
}
