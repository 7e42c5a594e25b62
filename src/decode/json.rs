//! Incremental JSON parser ([RFC 8259]) that streams long strings.
//!
//! A push parser that builds a [`Value`] from everything except the strings selected by [`Strings`]. It passes the
//! unescaped bytes of those strings on as they arrive, and the value keeps only a number in their place
//! ([`Value::Streamed`]). The selection depends on the position of a string ([`Path`]), never on its content.
//!
//! The grammar is strict, with two exceptions from the web platform: bytes that are not UTF-8 and unpaired surrogates
//! become U+FFFD. Kept memory and nesting depth are limited. Numbers remain strings, because no caller computes with
//! fractions and parsing them would take more code than the rest of this module.
//!
//! [`Value::write`] serializes request bodies.
//!
//! [RFC 8259]: https://www.rfc-editor.org/rfc/rfc8259

#![deny(clippy::arithmetic_side_effects)]

use memchr::memchr2;

/// Any JSON value.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Value {
    /// `null`
    #[default]
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A number as written, valid per the grammar.
    Number(Box<str>),
    /// A kept string.
    String(String),
    /// An array.
    Array(Vec<Value>),
    /// An object, in document order. If a name is repeated, the last value wins.
    Object(Vec<(String, Value)>),
    /// A streamed string, with the number that [`Strings::end`] returned for it.
    Streamed(usize),
}

impl Value {
    /// Parses a complete JSON document.
    ///
    /// # Errors
    /// The input is not JSON or exceeds a limit.
    pub fn parse(text: &[u8], limits: Limits) -> Result<Self, Error> {
        let mut parser = Parser::new(limits);
        parser.push_kept(text)?;
        parser.finish()
    }

    /// Returns the property `name` of an object.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Value> {
        member(self.as_object()?, name)
    }

    /// Returns the property `name` of an object if it is a string.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        self.get(name)?.as_str()
    }

    /// Mutable version of [`Value::get`].
    pub fn get_mut(&mut self, name: &str) -> Option<&mut Value> {
        let Self::Object(members) = self else { return None };
        members.iter_mut().rev().find(|(key, _)| key == name).map(|(_, value)| value)
    }

    /// Returns the properties of an object.
    #[must_use]
    pub fn as_object(&self) -> Option<&[(String, Value)]> {
        if let Self::Object(members) = self { Some(members) } else { None }
    }

    /// Returns the elements of an array.
    #[must_use]
    pub fn as_array(&self) -> Option<&[Value]> {
        if let Self::Array(elements) = self { Some(elements) } else { None }
    }

    /// Returns true for `null`.
    #[must_use]
    pub fn is_null(&self) -> bool {
        *self == Self::Null
    }

    /// Returns the content of a string.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        if let Self::String(text) = self { Some(text) } else { None }
    }

    /// Returns a number without sign, fraction or exponent, from 0 to 2⁵³ − 1, the largest safe integer in JavaScript.
    #[must_use]
    pub fn as_u64(&self) -> Option<u64> {
        const MAX_SAFE_INTEGER: u64 = (1 << 53) - 1;
        if let Self::Number(text) = self {
            text.parse().ok().filter(|number| *number <= MAX_SAFE_INTEGER)
        } else {
            None
        }
    }

    /// Returns the Boolean value.
    #[must_use]
    pub fn as_bool(&self) -> Option<bool> {
        if let Self::Bool(value) = self { Some(*value) } else { None }
    }

    /// Serializes the value as JSON; see [`Value::write`].
    #[must_use]
    pub fn to_json(&self) -> String {
        let mut text = String::new();
        self.write(&mut text);
        text
    }

    /// Appends the value as JSON. The content of a streamed string is not kept, so it becomes `null`.
    pub fn write(&self, out: &mut String) {
        match self {
            Self::Null | Self::Streamed(_) => out.push_str("null"),
            Self::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
            Self::Number(text) => out.push_str(text),
            Self::String(text) => write_string(text, out),
            Self::Array(elements) => {
                out.push('[');
                for (index, element) in elements.iter().enumerate() {
                    if index > 0 {
                        out.push(',');
                    }
                    element.write(out);
                }
                out.push(']');
            }
            Self::Object(members) => {
                out.push('{');
                for (index, (name, value)) in members.iter().enumerate() {
                    if index > 0 {
                        out.push(',');
                    }
                    write_string(name, out);
                    out.push(':');
                    value.write(out);
                }
                out.push('}');
            }
        }
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::String(text.into())
    }
}

impl From<u32> for Value {
    fn from(number: u32) -> Self {
        Self::Number(number.to_string().into())
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

fn member<'a>(members: &'a [(String, Value)], name: &str) -> Option<&'a Value> {
    members.iter().rev().find(|(key, _)| key == name).map(|(_, value)| value)
}

pub(crate) fn write_string(text: &str, out: &mut String) {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    out.push('"');
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            control @ '\0'..='\u{1F}' => {
                let code = control as usize;
                out.push_str("\\u00");
                for digit in [code >> 4, code & 15] {
                    out.push(HEX.get(digit).copied().unwrap_or(b'0').into());
                }
            }
            other => out.push(other),
        }
    }
    out.push('"');
}

/// Limits for a JSON document.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Maximum memory for kept values, in bytes (approximate): the strings plus a fixed amount per value.
    pub max_kept_bytes: usize,
    /// Maximum nesting depth of arrays and objects.
    pub max_depth: usize,
}

/// Reason a document was rejected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Error {
    /// Not JSON, with the offset of the first unexpected byte.
    Syntax(usize),
    /// The input ended within a value.
    Incomplete,
    /// Kept values exceed [`Limits::max_kept_bytes`].
    TooLarge,
    /// Nesting exceeds [`Limits::max_depth`].
    TooDeep,
}

/// Handling of a string value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Route {
    /// Keep it as a [`Value::String`].
    Keep,
    /// Stream its content.
    Stream,
    /// Stream it if it is longer than this number of bytes; otherwise keep it.
    StreamIfLong(usize),
}

/// Maximum length of a kept string that may be an image, in bytes. Names and messages are shorter than this, and useful
/// images are longer.
pub const UNDECIDED_BYTES: usize = 64 * 1024;

/// Selects the strings to stream and receives their content.
pub trait Strings {
    /// Returns the route of the string value that begins at `path`.
    fn route(&mut self, path: Path<'_>) -> Route;
    /// Receives the next unescaped bytes of the string.
    fn piece(&mut self, bytes: &[u8]);
    /// Completes the string. Returns the number that represents it in the value.
    fn end(&mut self) -> usize;
}

struct KeepAll;

impl Strings for KeepAll {
    fn route(&mut self, _: Path<'_>) -> Route {
        Route::Keep
    }
    fn piece(&mut self, _: &[u8]) {}
    fn end(&mut self) -> usize {
        0
    }
}

/// Number of preceding properties that [`Path::sibling`] searches. Azure objects with an image have fewer than half as
/// many. The limit prevents quadratic time for a hostile object with thousands of images.
pub const NEAR: usize = 64;

/// Position of a value in the document, and the number of bytes that the rest of the document may still keep.
#[derive(Debug, Clone, Copy)]
pub struct Path<'a>(&'a [Container], usize);

impl<'a> Path<'a> {
    /// Returns `true` if this is the path `steps` from the root. A step is a property name, or `"*"` for any array
    /// element.
    #[must_use]
    pub fn is(&self, steps: &[&str]) -> bool {
        self.after(steps).is_some_and(|rest| rest.0.is_empty())
    }

    /// Returns the rest of the path if it begins with `steps`.
    #[must_use]
    pub fn after(&self, steps: &[&str]) -> Option<Path<'a>> {
        let (first, rest) = self.0.split_at_checked(steps.len())?;
        let is_step = |(container, step): (&Container, &&str)| match container {
            Container::Array(_) => *step == "*",
            Container::Object(_, name) => name.as_str() == *step,
        };
        first.iter().zip(steps).all(is_step).then_some(Path(rest, self.1))
    }

    /// Returns the number of bytes that the rest of the document may keep; see [`Limits::max_kept_bytes`].
    #[must_use]
    pub fn remaining_bytes(&self) -> usize {
        self.1
    }

    /// Returns a preceding property of the enclosing object, among the last [`NEAR`] properties.
    #[must_use]
    pub fn sibling(&self, name: &str) -> Option<&Value> {
        match self.0.last()? {
            Container::Array(_) => None,
            Container::Object(members, _) => member(members.get(members.len().saturating_sub(NEAR)..)?, name),
        }
    }
}

#[derive(Debug)]
enum Container {
    Array(Vec<Value>),
    /// The properties so far, and the name of the current one.
    Object(Vec<(String, Value)>, String),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Before a value. `or_close`: a `]` is also allowed.
    Value {
        or_close: bool,
    },
    /// Before a property name. `or_close`: a `}` is also allowed.
    Name {
        or_close: bool,
    },
    Colon,
    /// After a value in an array or object.
    Separator,
    /// Within `true`, `false` or `null`, with the number of bytes seen.
    Literal(&'static [u8], usize),
    Number,
    String(Escape),
    /// After the outermost value.
    End,
}

/// Destination of a string.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Name,
    Kept,
    Streamed,
    /// Streamed if it becomes longer than this number of bytes.
    Undecided(usize),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Escape {
    None,
    /// After a backslash.
    Begun,
    /// Within `\uXXXX`, with the number of digits seen and their value.
    Unicode(u8, u16),
}

/// Memory overhead of each kept value, in bytes: its slot in the container, doubled for the spare capacity of a vector.
const VALUE_BYTES: usize = 2 * size_of::<(String, Value)>();

/// Parser state between two pieces of a document.
#[derive(Debug)]
pub struct Parser {
    limits: Limits,
    state: State,
    /// Destination of the current string.
    fate: Fate,
    /// Open arrays and objects, outermost first.
    open: Vec<Container>,
    /// Content of the current kept string or number.
    text: Vec<u8>,
    /// High surrogate waiting for its low surrogate.
    high_surrogate: Option<u16>,
    /// The outermost value, once complete.
    root: Option<Value>,
    /// Bytes counted toward [`Limits::max_kept_bytes`].
    kept: usize,
    /// Number of bytes read so far.
    offset: usize,
}

impl Parser {
    /// Creates a parser at the start of a document.
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        Self {
            limits,
            state: State::Value { or_close: false },
            fate: Fate::Kept,
            open: Vec::new(),
            text: Vec::new(),
            high_surrogate: None,
            root: None,
            kept: 0,
            offset: 0,
        }
    }

    /// Returns `true` if the outermost value is complete.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.root.is_some()
    }

    /// Returns `true` if the document may end here: the outermost value is complete, or is a number.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.is_complete() || (self.state == State::Number && self.open.is_empty())
    }

    /// Returns `true` if only whitespace has been read.
    #[must_use]
    pub fn is_untouched(&self) -> bool {
        self.open.is_empty() && self.state == State::Value { or_close: false }
    }

    /// Returns the number of bytes read.
    #[must_use]
    pub fn offset(&self) -> usize {
        self.offset
    }

    /// Parses the next bytes of the document.
    ///
    /// # Errors
    /// The input is not JSON or exceeds a limit. Do not use the parser after an error.
    pub fn push(&mut self, bytes: &[u8], strings: &mut dyn Strings) -> Result<(), Error> {
        let mut rest = bytes;
        while let Some((byte, tail)) = rest.split_first() {
            let before = rest.len();
            rest = match self.state {
                State::String(Escape::None) => self.string(rest, strings)?,
                State::String(Escape::Begun) => {
                    self.escape(*byte, strings)?;
                    tail
                }
                State::String(Escape::Unicode(digits, value)) => {
                    self.unicode_escape(digits, value, *byte, strings)?;
                    tail
                }
                State::Literal(word, seen) => {
                    self.literal(word, seen, *byte)?;
                    tail
                }
                State::Number => {
                    if matches!(byte, b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E') {
                        self.keep(1)?;
                        self.text.push(*byte);
                        tail
                    } else {
                        self.number()?;
                        rest
                    }
                }
                _ => {
                    if !matches!(byte, b' ' | b'\t' | b'\n' | b'\r') {
                        self.structure(*byte, strings)?;
                    }
                    tail
                }
            };
            self.offset = self.offset.saturating_add(before.saturating_sub(rest.len()));
        }
        Ok(())
    }

    /// Parses the next bytes and keeps all strings.
    ///
    /// # Errors
    /// The input is not JSON or exceeds a limit. Do not use the parser after an error.
    pub fn push_kept(&mut self, bytes: &[u8]) -> Result<(), Error> {
        self.push(bytes, &mut KeepAll)
    }

    /// Ends the document and returns its value.
    ///
    /// # Errors
    /// [`Error::Incomplete`] if the outermost value has not started or not ended.
    pub fn finish(mut self) -> Result<Value, Error> {
        // Only a top-level number can end with the input. Within an array or object, the document is incomplete.
        if self.state == State::Number && self.open.is_empty() {
            self.number()?;
        }
        self.root.ok_or(Error::Incomplete)
    }

    /// Returns the part of a document that has been read, without the value that is incomplete. May be used after an
    /// error.
    #[must_use]
    pub fn partial(self) -> Value {
        let within = |inner: Option<Value>, container| {
            Some(match container {
                Container::Array(mut elements) => {
                    elements.extend(inner);
                    Value::Array(elements)
                }
                Container::Object(mut members, name) => {
                    members.extend(inner.map(|inner| (name, inner)));
                    Value::Object(members)
                }
            })
        };
        self.open.into_iter().rev().fold(self.root, within).unwrap_or_default()
    }

    /// Handles a non-whitespace byte between values.
    fn structure(&mut self, byte: u8, strings: &mut dyn Strings) -> Result<(), Error> {
        match (self.state, byte) {
            (State::Value { or_close: true }, b']')
            | (State::Name { or_close: true }, b'}')
            | (State::Separator, b']' | b'}') => self.close(byte),
            (State::Value { .. }, b'"') => {
                let remaining = self.limits.max_kept_bytes.saturating_sub(self.kept);
                self.fate = match strings.route(Path(&self.open, remaining)) {
                    Route::Keep => Fate::Kept,
                    Route::Stream => Fate::Streamed,
                    Route::StreamIfLong(limit) => Fate::Undecided(limit),
                };
                self.begin(State::String(Escape::None))
            }
            (State::Value { .. }, b'[') => self.open(Container::Array(Vec::new()), State::Value { or_close: true }),
            (State::Value { .. }, b'{') => {
                self.open(Container::Object(Vec::new(), String::new()), State::Name { or_close: true })
            }
            (State::Value { .. }, b't') => self.begin(State::Literal(b"true", 1)),
            (State::Value { .. }, b'f') => self.begin(State::Literal(b"false", 1)),
            (State::Value { .. }, b'n') => self.begin(State::Literal(b"null", 1)),
            (State::Value { .. }, b'-' | b'0'..=b'9') => {
                self.keep(1)?;
                self.text.push(byte);
                self.begin(State::Number)
            }
            (State::Name { .. }, b'"') => {
                self.fate = Fate::Name;
                self.begin(State::String(Escape::None))
            }
            (State::Colon, b':') => self.begin(State::Value { or_close: false }),
            (State::Separator, b',') => self.begin(match self.open.last() {
                Some(Container::Object(..)) => State::Name { or_close: false },
                _ => State::Value { or_close: false },
            }),
            _ => Err(Error::Syntax(self.offset)),
        }
    }

    fn begin(&mut self, state: State) -> Result<(), Error> {
        self.state = state;
        Ok(())
    }

    fn open(&mut self, container: Container, state: State) -> Result<(), Error> {
        if self.open.len() >= self.limits.max_depth {
            return Err(Error::TooDeep);
        }
        self.open.push(container);
        self.begin(state)
    }

    fn close(&mut self, bracket: u8) -> Result<(), Error> {
        match (self.open.pop(), bracket) {
            (Some(Container::Array(elements)), b']') => self.value(Value::Array(elements)),
            (Some(Container::Object(members, _)), b'}') => self.value(Value::Object(members)),
            _ => Err(Error::Syntax(self.offset)),
        }
    }

    /// Adds a completed value to its container.
    fn value(&mut self, value: Value) -> Result<(), Error> {
        self.keep(VALUE_BYTES)?;
        self.state = State::Separator;
        match self.open.last_mut() {
            Some(Container::Array(elements)) => elements.push(value),
            Some(Container::Object(members, name)) => members.push((std::mem::take(name), value)),
            None => {
                self.root = Some(value);
                self.state = State::End;
            }
        }
        Ok(())
    }

    fn keep(&mut self, bytes: usize) -> Result<(), Error> {
        self.kept = self.kept.saturating_add(bytes);
        if self.kept > self.limits.max_kept_bytes { Err(Error::TooLarge) } else { Ok(()) }
    }

    fn literal(&mut self, word: &'static [u8], seen: usize, byte: u8) -> Result<(), Error> {
        if word.get(seen) != Some(&byte) {
            return Err(Error::Syntax(self.offset));
        }
        let seen = seen.saturating_add(1);
        if seen < word.len() {
            return self.begin(State::Literal(word, seen));
        }
        self.value(match word.first() {
            Some(b't') => Value::Bool(true),
            Some(b'f') => Value::Bool(false),
            _ => Value::Null,
        })
    }

    fn number(&mut self) -> Result<(), Error> {
        let text = self.take_text();
        if !is_number(text.as_bytes()) {
            return Err(Error::Syntax(self.offset.saturating_sub(text.len())));
        }
        self.value(Value::Number(text.into()))
    }

    /// Reads string content outside an escape. Returns the unread bytes.
    fn string<'a>(&mut self, bytes: &'a [u8], strings: &mut dyn Strings) -> Result<&'a [u8], Error> {
        let end = memchr2(b'"', b'\\', bytes).unwrap_or(bytes.len());
        let (plain, rest) = bytes.split_at(end);
        if !plain.is_empty() {
            self.lone_surrogate(strings)?;
            let control = plain.iter().take(self.without_control()).position(|byte| *byte < 0x20);
            let (plain, fault) = plain.split_at(control.unwrap_or(plain.len()));
            // The content before a control character may also cause an error. It is handled first, so the reported
            // error does not depend on the chunk boundaries.
            self.characters(plain, strings)?;
            if !fault.is_empty() {
                return Err(Error::Syntax(self.offset.saturating_add(plain.len())));
            }
        }
        let Some((stop, tail)) = rest.split_first() else { return Ok(rest) };
        if *stop == b'\\' {
            self.state = State::String(Escape::Begun);
        } else {
            self.lone_surrogate(strings)?;
            self.string_end(strings)?;
        }
        Ok(tail)
    }

    /// Returns the number of next bytes in which a control character is an error. In a streamed string, the
    /// base64 decoder skips line breaks and rejects the others.
    fn without_control(&self) -> usize {
        match self.fate {
            Fate::Streamed => 0,
            // Includes the byte that makes an undecided string too long to keep.
            Fate::Undecided(limit) => limit.saturating_add(1).saturating_sub(self.text.len()),
            Fate::Name | Fate::Kept => usize::MAX,
        }
    }

    fn string_end(&mut self, strings: &mut dyn Strings) -> Result<(), Error> {
        match self.fate {
            Fate::Streamed => {
                let streamed = strings.end();
                self.value(Value::Streamed(streamed))
            }
            Fate::Kept | Fate::Undecided(_) => {
                if let Fate::Undecided(_) = self.fate {
                    self.keep(self.text.len())?;
                }
                let string = self.take_text();
                self.value(Value::String(string))
            }
            Fate::Name => {
                let string = self.take_text();
                if let Some(Container::Object(_, name)) = self.open.last_mut() {
                    *name = string;
                }
                self.begin(State::Colon)
            }
        }
    }

    /// Handles unescaped bytes of a string.
    fn characters(&mut self, bytes: &[u8], strings: &mut dyn Strings) -> Result<(), Error> {
        match self.fate {
            Fate::Streamed => strings.piece(bytes),
            Fate::Undecided(limit) if self.text.len().saturating_add(bytes.len()) > limit => {
                self.fate = Fate::Streamed;
                strings.piece(&std::mem::take(&mut self.text));
                strings.piece(bytes);
            }
            // Counted toward the limit only when the string is kept, so the result does not depend on the chunk
            // boundaries.
            Fate::Undecided(_) => self.text.extend_from_slice(bytes),
            Fate::Name | Fate::Kept => {
                self.keep(bytes.len())?;
                self.text.extend_from_slice(bytes);
            }
        }
        Ok(())
    }

    /// Handles the byte after a backslash.
    fn escape(&mut self, byte: u8, strings: &mut dyn Strings) -> Result<(), Error> {
        let character = match byte {
            b'"' | b'\\' | b'/' => byte,
            b'b' => 0x08,
            b'f' => 0x0C,
            b'n' => b'\n',
            b'r' => b'\r',
            b't' => b'\t',
            b'u' => return self.begin(State::String(Escape::Unicode(0, 0))),
            _ => return Err(Error::Syntax(self.offset)),
        };
        self.state = State::String(Escape::None);
        self.lone_surrogate(strings)?;
        self.characters(&[character], strings)
    }

    fn unicode_escape(&mut self, digits: u8, value: u16, byte: u8, strings: &mut dyn Strings) -> Result<(), Error> {
        let digit = char::from(byte).to_digit(16).and_then(|digit| u16::try_from(digit).ok());
        let value = (value << 4) | digit.ok_or(Error::Syntax(self.offset))?;
        if digits < 3 {
            return self.begin(State::String(Escape::Unicode(digits.saturating_add(1), value)));
        }
        self.state = State::String(Escape::None);
        if let (Some(high), 0xDC00..=0xDFFF) = (self.high_surrogate, value) {
            self.high_surrogate = None;
            let pair = char::decode_utf16([high, value]).find_map(Result::ok);
            return self.character(pair.map_or(0xFFFD, u32::from), strings);
        }
        self.lone_surrogate(strings)?;
        if let 0xD800..=0xDBFF = value {
            self.high_surrogate = Some(value);
            return Ok(());
        }
        self.character(u32::from(value), strings)
    }

    fn character(&mut self, code: u32, strings: &mut dyn Strings) -> Result<(), Error> {
        let character = char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER);
        self.characters(character.encode_utf8(&mut [0; 4]).as_bytes(), strings)
    }

    /// Replaces a high surrogate that has no low surrogate.
    fn lone_surrogate(&mut self, strings: &mut dyn Strings) -> Result<(), Error> {
        if self.high_surrogate.take().is_some() { self.character(0xFFFD, strings) } else { Ok(()) }
    }

    fn take_text(&mut self) -> String {
        String::from_utf8(std::mem::take(&mut self.text))
            .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
    }
}

/// Matches `-? (0 | [1-9][0-9]*) (. [0-9]+)? ([eE] [+-]? [0-9]+)?`.
fn is_number(text: &[u8]) -> bool {
    let digits = |text: &[u8]| text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let text = text.strip_prefix(b"-").unwrap_or(text);
    let (whole, mut text) = text.split_at(digits(text));
    if whole.is_empty() || (whole.len() > 1 && whole.first() == Some(&b'0')) {
        return false;
    }
    if let Some(fraction) = text.strip_prefix(b".") {
        let length = digits(fraction);
        if length == 0 {
            return false;
        }
        text = fraction.get(length..).unwrap_or_default();
    }
    if let [b'e' | b'E', exponent @ ..] = text {
        let exponent = exponent.strip_prefix(b"+").or_else(|| exponent.strip_prefix(b"-")).unwrap_or(exponent);
        return !exponent.is_empty() && digits(exponent) == exponent.len();
    }
    text.is_empty()
}
