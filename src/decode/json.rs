//! JSON ([RFC 8259]) that arrives in pieces, with the long strings streamed out.
//!
//! A push parser that builds a [`Value`] of everything except the strings that its [`Strings`] asks for: their characters
//! are handed on as they arrive, with the escapes undone, and the value keeps only a number in their place
//! ([`Value::Streamed`]). Which string is meant is decided by where it stands ([`Path`]), never by what the text looks like.
//!
//! Strict about the grammar, with two leniences of the web platform: bytes that are not UTF-8 and surrogates without a
//! partner become U+FFFD. The memory of everything kept and the depth of nesting have limits. Numbers stay text, because
//! nothing here computes with fractions and reading them would cost more code than all the rest.
//!
//! The small [`Value::write`] is the way back, for request bodies.
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
    /// The text of a number, valid by the grammar.
    Number(Box<str>),
    /// A string that was kept.
    String(String),
    /// An array.
    Array(Vec<Value>),
    /// An object, in the order of the text. Of members with one name, the last one counts.
    Object(Vec<(String, Value)>),
    /// A string that was streamed out: what [`Strings::end`] returned for it.
    Streamed(usize),
}

impl Value {
    /// Reads a whole text.
    ///
    /// # Errors
    /// The text is not JSON or breaks a limit.
    pub fn parse(text: &[u8], limits: Limits) -> Result<Self, Error> {
        let mut parser = Parser::new(limits);
        parser.push(text, &mut KeepAll)?;
        parser.finish()
    }

    /// The member `name` of an object.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Value> {
        member(self.as_object()?, name)
    }

    /// The member `name` of an object, where it is a string.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        self.get(name)?.as_str()
    }

    /// The same as [`Value::get`], to be changed.
    pub fn get_mut(&mut self, name: &str) -> Option<&mut Value> {
        let Self::Object(members) = self else { return None };
        members.iter_mut().rev().find(|(key, _)| key == name).map(|(_, value)| value)
    }

    /// The members of an object.
    #[must_use]
    pub fn as_object(&self) -> Option<&[(String, Value)]> {
        if let Self::Object(members) = self { Some(members) } else { None }
    }

    /// The elements of an array.
    #[must_use]
    pub fn as_array(&self) -> Option<&[Value]> {
        if let Self::Array(elements) = self { Some(elements) } else { None }
    }

    /// The text of a string.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        if let Self::String(text) = self { Some(text) } else { None }
    }

    /// A number without sign, fraction and exponent, up to 2⁵³ − 1: beyond it JavaScript has no whole numbers.
    #[must_use]
    pub fn as_u64(&self) -> Option<u64> {
        const MAX_SAFE_INTEGER: u64 = (1 << 53) - 1;
        if let Self::Number(text) = self {
            text.parse().ok().filter(|number| *number <= MAX_SAFE_INTEGER)
        } else {
            None
        }
    }

    /// The truth value.
    #[must_use]
    pub fn as_bool(&self) -> Option<bool> {
        if let Self::Bool(value) = self { Some(*value) } else { None }
    }

    /// The value as JSON text; see [`Value::write`].
    #[must_use]
    pub fn to_json(&self) -> String {
        let mut text = String::new();
        self.write(&mut text);
        text
    }

    /// Appends the value as JSON text. A streamed string has no text any more and becomes `null`.
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

fn write_string(text: &str, out: &mut String) {
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

/// What a text may cost.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Most memory for everything that is kept, in bytes, roughly: text as it is, and a fixed amount for each value.
    pub max_kept_bytes: usize,
    /// Most arrays and objects within each other.
    pub max_depth: usize,
}

/// Why a text was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Error {
    /// Not JSON. The offset, in bytes, of the first byte that does not fit.
    Syntax(usize),
    /// The text ended within a value.
    Incomplete,
    /// More to keep than [`Limits::max_kept_bytes`].
    TooLarge,
    /// Deeper than [`Limits::max_depth`].
    TooDeep,
}

/// What to do with a string value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Route {
    /// It becomes a [`Value::String`].
    Keep,
    /// Its characters are streamed out.
    Stream,
    /// It is streamed out once it is longer than [`UNDECIDED_BYTES`], and kept otherwise.
    StreamIfLong,
}

/// Longest string that [`Route::StreamIfLong`] keeps, in bytes. No name or message comes near it, and no image of use
/// stays below it.
pub const UNDECIDED_BYTES: usize = 64 * 1024;

/// Decides about strings, and takes those that are streamed out.
pub trait Strings {
    /// A string value begins at `path`.
    fn route(&mut self, path: Path<'_>) -> Route;
    /// The next bytes of the string, escapes undone.
    fn piece(&mut self, bytes: &[u8]);
    /// The string is complete; the number stands for it in the value.
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

/// How far back a member is looked for while its object is read. No object of Azure with an image has half as many; a hostile one
/// may have thousands of images, each of which would be looked for among all that stands before it.
pub const NEAR: usize = 64;

/// Where in the text a value stands.
#[derive(Debug, Clone, Copy)]
pub struct Path<'a>(&'a [Container]);

impl Path<'_> {
    /// Whether this is the place named by `steps`, from the root on: a member's name, or `"*"` for any element of an array.
    #[must_use]
    pub fn is(&self, steps: &[&str]) -> bool {
        self.0.len() == steps.len()
            && self.0.iter().zip(steps).all(|(container, step)| match container {
                Container::Array(_) => *step == "*",
                Container::Object(_, name) => name.as_str() == *step,
            })
    }

    /// A member that the object around the value has had so far, among the last [`NEAR`] of them.
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
    /// The members so far, and the name of the one that is being read.
    Object(Vec<(String, Value)>, String),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Before a value. `or_close`: a `]` may stand here instead.
    Value {
        or_close: bool,
    },
    /// Before a member's name. `or_close`: a `}` may stand here instead.
    Name {
        or_close: bool,
    },
    Colon,
    /// Behind a value within an array or object.
    Separator,
    /// Within `true`, `false` or `null`, of which so many bytes have been seen.
    Literal(&'static [u8], usize),
    Number,
    String(Escape),
    /// Behind the outermost value.
    End,
}

/// What becomes of the string that is being read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Name,
    Kept,
    Streamed,
    Undecided,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Escape {
    None,
    /// Behind a backslash.
    Begun,
    /// Within `\uXXXX`: digits seen, and their value.
    Unicode(u8, u16),
}

/// What each kept value costs beside its text, in bytes: its place as a member, and as much again for the places that a
/// vector keeps free.
const VALUE_BYTES: usize = 2 * size_of::<(String, Value)>();

/// The state of one text between its pieces.
#[derive(Debug)]
pub struct Parser {
    limits: Limits,
    state: State,
    /// Of the string that is being read.
    fate: Fate,
    /// The arrays and objects around the current place, outermost first.
    open: Vec<Container>,
    /// The text of the kept string or number that is being read.
    text: Vec<u8>,
    /// A first half of a surrogate pair that waits for its second.
    high_surrogate: Option<u16>,
    /// The outermost value, once complete.
    root: Option<Value>,
    /// Counts towards [`Limits::max_kept_bytes`].
    kept: usize,
    /// Bytes of the text so far.
    offset: usize,
}

impl Parser {
    /// A parser at the start of a text.
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

    /// Whether the outermost value is complete.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.root.is_some()
    }

    /// Whether nothing but white space has been seen.
    #[must_use]
    pub fn is_untouched(&self) -> bool {
        self.open.is_empty() && self.state == State::Value { or_close: false }
    }

    /// How many bytes of the text have been taken.
    #[must_use]
    pub fn offset(&self) -> usize {
        self.offset
    }

    /// Takes the next bytes of the text.
    ///
    /// # Errors
    /// The text is not JSON or breaks a limit. The parser must not be used after it.
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

    /// The text is complete.
    ///
    /// # Errors
    /// [`Error::Incomplete`] where a value has begun and not ended, or never begun.
    pub fn finish(mut self) -> Result<Value, Error> {
        // Within an array or object more was to come, of the number as well.
        if self.state == State::Number && self.open.is_empty() {
            self.number()?;
        }
        self.root.ok_or(Error::Incomplete)
    }

    /// A byte between values that is not white space.
    fn structure(&mut self, byte: u8, strings: &mut dyn Strings) -> Result<(), Error> {
        match (self.state, byte) {
            (State::Value { or_close: true }, b']')
            | (State::Name { or_close: true }, b'}')
            | (State::Separator, b']' | b'}') => self.close(byte),
            (State::Value { .. }, b'"') => {
                self.fate = match strings.route(Path(&self.open)) {
                    Route::Keep => Fate::Kept,
                    Route::Stream => Fate::Streamed,
                    Route::StreamIfLong => Fate::Undecided,
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

    /// A value is complete: it goes into the container around it.
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

    /// Within a string, outside an escape. Gives back what follows the bytes it used.
    fn string<'a>(&mut self, bytes: &'a [u8], strings: &mut dyn Strings) -> Result<&'a [u8], Error> {
        let end = memchr2(b'"', b'\\', bytes).unwrap_or(bytes.len());
        let (plain, rest) = bytes.split_at(end);
        if !plain.is_empty() {
            self.lone_surrogate(strings)?;
            let control = plain.iter().take(self.without_control()).position(|byte| *byte < 0x20);
            let (plain, fault) = plain.split_at(control.unwrap_or(plain.len()));
            // What stands before a fault may be one too: which of them is named must not depend on how the text is cut.
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

    /// In how many of the next bytes of the string a control character is a fault. In a streamed one it is no letter of base64, so
    /// its reader refuses it.
    fn without_control(&self) -> usize {
        match self.fate {
            Fate::Streamed => 0,
            // The byte that decides about the string is still one of an undecided one.
            Fate::Undecided => UNDECIDED_BYTES.saturating_add(1).saturating_sub(self.text.len()),
            Fate::Name | Fate::Kept => usize::MAX,
        }
    }

    fn string_end(&mut self, strings: &mut dyn Strings) -> Result<(), Error> {
        match self.fate {
            Fate::Streamed => {
                let streamed = strings.end();
                self.value(Value::Streamed(streamed))
            }
            Fate::Kept | Fate::Undecided => {
                if self.fate == Fate::Undecided {
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

    /// Characters of a string, escapes undone.
    fn characters(&mut self, bytes: &[u8], strings: &mut dyn Strings) -> Result<(), Error> {
        match self.fate {
            Fate::Streamed => strings.piece(bytes),
            Fate::Undecided if self.text.len().saturating_add(bytes.len()) > UNDECIDED_BYTES => {
                self.fate = Fate::Streamed;
                strings.piece(&std::mem::take(&mut self.text));
                strings.piece(bytes);
            }
            // Short enough to count only once it is sure to be kept: that must not depend on how the text is cut.
            Fate::Undecided => self.text.extend_from_slice(bytes),
            Fate::Name | Fate::Kept => {
                self.keep(bytes.len())?;
                self.text.extend_from_slice(bytes);
            }
        }
        Ok(())
    }

    /// The byte behind a backslash.
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

    /// Something other than the second half follows: the first half stands alone.
    fn lone_surrogate(&mut self, strings: &mut dyn Strings) -> Result<(), Error> {
        if self.high_surrogate.take().is_some() { self.character(0xFFFD, strings) } else { Ok(()) }
    }

    fn take_text(&mut self) -> String {
        String::from_utf8(std::mem::take(&mut self.text))
            .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
    }
}

/// `-? (0 | [1-9][0-9]*) (. [0-9]+)? ([eE] [+-]? [0-9]+)?`
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
