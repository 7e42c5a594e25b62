//! Reading of error bodies: finds the code, the message and the details in the body of any service or gateway.
//!
//! Azure's bodies have an `error` object. Gateways and proxies answer with other JSON, with an event stream, a web page or
//! plain text, and some embed the original body in their own message, as JSON or as a Python dictionary.

use crate::decode::json::{Limits, Parser, Value};
use crate::decode::sse;
use crate::errors::beginning;
use crate::errors::content_filter::ContentFilter;
use crate::errors::foreign::says_error;
use crate::errors::judge::{place_of_error, reports_error};

/// Limits for the JSON of an error response. All known error bodies are far smaller.
const LIMITS: Limits = Limits { max_kept_bytes: 1024 * 1024, max_depth: 32 };

/// Maximum length of a quote from a body without a known form, in characters.
const QUOTE_CHARACTERS: usize = 300;

/// Maximum number of messages that are unwrapped, one inside the other.
const MAX_LEVELS: u32 = 3;

/// Maximum number of braces in a message at which embedded JSON is looked for.
const MAX_BRACES: usize = 16;

/// Names of the message in an error object, the most specific ones first.
const MESSAGE_NAMES: [&str; 13] = [
    "message",
    "detail",
    "error_description",
    "error_message",
    "errorMessage",
    "error_msg",
    "msg",
    "Message",
    "faultstring",
    "reason",
    "description",
    "title",
    "err",
];

/// Error in the body of a response.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct ErrorBody {
    /// The code as a string. Some services send a number.
    pub code: String,
    /// The message, truncated to the length that may be quoted.
    pub message: String,
    /// The invalid parameter.
    pub param: Option<String>,
    /// The request id of the service.
    pub request_id: Option<String>,
    /// Details of a content filter refusal.
    pub content_filter: Option<ContentFilter>,
}

impl ErrorBody {
    /// Reads the body of a response with a status other than 2xx.
    pub fn read(body: &[u8]) -> Self {
        let body = body.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(body).trim_ascii();
        if let Ok(document) = Value::parse(body, LIMITS) {
            let error = Self::of_document(&document, MAX_LEVELS, false);
            // Words in an unknown form are quoted as they are.
            let is_empty = is_empty(&document);
            return if error.is_silent() && !is_empty { Self { message: quote(body), ..error } } else { error };
        }
        error_of_events(body).unwrap_or_else(|| Self::of_plain(body))
    }

    /// Reads the error in a 2xx response: the event `name`, or a JSON body. Returns `None` if the document contains no error.
    pub fn find(name: &str, document: &Value) -> Option<Self> {
        reports_error(name, document).then(|| Self::of_document(place_of_error(document), MAX_LEVELS, true))
    }

    /// Reads the words of a document that contains neither an image nor an error object. Returns `None` without words.
    pub fn words_of(document: &Value) -> Option<Self> {
        let error = Self::of_document(document, MAX_LEVELS, false);
        Some(error).filter(|error| !error.message.is_empty() || error.content_filter.is_some())
    }

    fn is_silent(&self) -> bool {
        self.message.is_empty() && self.code.is_empty() && self.content_filter.is_none()
    }

    /// Reads a document. `is_known`: in the form of Azure, whose messages may be long.
    fn of_document(document: &Value, levels: u32, is_known: bool) -> Self {
        match document {
            Value::Object(_) => Self::of_object(document, levels, is_known),
            Value::Array(elements) => {
                elements.first().map(|first| Self::of_document(first, levels, is_known)).unwrap_or_default()
            }
            Value::String(text) => Self::of_text(text, levels),
            _ => Self::default(),
        }
    }

    fn of_object(object: &Value, levels: u32, is_known: bool) -> Self {
        let texts = MESSAGE_NAMES.into_iter().filter_map(|name| object.text(name)).map(str::trim);
        let numbers = || MESSAGE_NAMES.into_iter().find_map(|name| number(object, name));
        let message = texts.clone().find(|text| !text.is_empty()).or_else(numbers);
        let word = object.text("error").map(str::trim).filter(|word| !word.is_empty());
        let word = word.or_else(|| number(object, "error"));
        let code = match object.get("code").or_else(|| object.get("Code")) {
            Some(Value::String(code)) => code.as_str(),
            Some(Value::Number(code)) => code,
            // `{"error":"Forbidden","message":…}`
            _ if message.is_some() => word.unwrap_or_default(),
            _ => "",
        };
        let message = message.or(word).unwrap_or_default();
        let is_known = is_known || object.get("statusCode").is_some();
        let own = Self {
            code: beginning(code).into(),
            message: if is_known { beginning(message).into() } else { quote(message.as_bytes()) },
            param: param(object),
            request_id: object
                .get("additionalInfo")
                .and_then(|info| info.text("request_id"))
                .filter(|id| !id.is_empty())
                .or_else(|| request_id_in(message))
                .map(Into::into),
            content_filter: ContentFilter::of_error(object),
        };
        let is_container = |value: &&Value| matches!(value, Value::Object(_) | Value::Array(_)) && !is_empty(value);
        // `details` explains the message of Azure, and replaces only a missing one.
        let details = Some("details").filter(|_| message.is_empty());
        let container = ["error", "Error", "errors", "detail", "message", "fault", "body"].into_iter().chain(details);
        let container = container.into_iter().find_map(|name| Some((name, object.get(name).filter(is_container)?)));
        if let Some((name, container)) = container {
            return Self::of_container(name, container, levels, message.is_empty()).within(own);
        }
        let raw = object.get("metadata").and_then(|metadata| metadata.text("raw"));
        let texts = [Some(message), word, object.text("body"), raw].into_iter().flatten();
        let embedded = texts.filter(|_| levels > 0).find_map(embedded);
        match embedded {
            Some(embedded) => Self::of_document(&embedded, levels.saturating_sub(1), is_known).within(own),
            None => own,
        }
    }

    /// Reads the object or list that contains the errors. `is_only`: there is no message beside it.
    fn of_container(name: &str, container: &Value, levels: u32, is_only: bool) -> Self {
        let error = Self::of_document(container, levels, name == "error");
        let first = container.as_object().filter(|_| error.is_silent()).and_then(<[_]>::first);
        let words = |value: &Value| value.as_array().map_or(Some(value), <[Value]>::first)?.as_str().map(quote_text);
        match first.and_then(|(member, value)| Some((member, words(value)?))) {
            // `{"size":["The size is invalid."]}` of ASP.NET.
            Some((member, message)) if name == "errors" => Self { message, param: Some(member.clone()), ..error },
            // `{"en":"The size is invalid."}`
            Some((_, message)) if name == "message" && is_only => Self { message, ..error },
            _ => error,
        }
    }

    /// Completes an inner error with the details of the outer one.
    fn within(self, outer: Self) -> Self {
        Self {
            code: if self.code.is_empty() { outer.code } else { self.code },
            message: if self.message.is_empty() { outer.message } else { self.message },
            param: self.param.or(outer.param),
            request_id: self.request_id.or(outer.request_id),
            content_filter: self.content_filter.or(outer.content_filter),
        }
    }

    /// Reads a body that is not JSON.
    fn of_plain(body: &[u8]) -> Self {
        let text = String::from_utf8_lossy(body);
        if text.starts_with('<') {
            return Self { message: title(body).unwrap_or_else(|| page_words(body)), ..Self::default() };
        }
        if is_binary(&text) { Self::default() } else { Self::of_text(&text, MAX_LEVELS) }
    }

    fn of_text(text: &str, levels: u32) -> Self {
        match embedded(text).filter(|_| levels > 0) {
            Some(embedded) => Self::of_document(&embedded, levels.saturating_sub(1), false),
            None => Self {
                message: quote(text.as_bytes()),
                request_id: request_id_in(text).map(Into::into),
                ..Self::default()
            },
        }
    }
}

/// Returns a number in the place of a message or an error.
fn number<'a>(object: &'a Value, name: &str) -> Option<&'a str> {
    match object.get(name)? {
        Value::Number(number) if number.as_ref() != "0" => Some(number),
        _ => None,
    }
}

/// Returns true if the start of a string consists of binary data. Single such characters come from another encoding, from a
/// cut, or from a terminal.
fn is_binary(text: &str) -> bool {
    let is_strange =
        |character: &char| *character == '\u{FFFD}' || (character.is_control() && !character.is_whitespace());
    let start = || text.chars().take(QUOTE_CHARACTERS);
    start().filter(is_strange).count().saturating_mul(8) > start().count()
}

/// Returns the parameter that an error names: `param`, or the last step of `loc` of a Python gateway.
fn param(object: &Value) -> Option<String> {
    // LiteLLM sends the name of Python's null.
    let named = object.text("param").filter(|param| !param.is_empty() && *param != "None");
    let place = || object.get("loc").and_then(Value::as_array)?.last()?.as_str();
    named.or_else(place).map(Into::into)
}

/// Returns true if the value says nothing, such as `null`, `""`, `{}` or `{"message":"","code":null}`.
pub(super) fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => true,
        Value::Bool(true) | Value::Streamed(_) => false,
        Value::Number(number) => number.as_ref() == "0",
        Value::String(text) => text.trim().is_empty(),
        Value::Array(elements) => elements.iter().all(is_empty),
        Value::Object(members) => members.iter().all(|(_, value)| is_empty(value)),
    }
}

fn quote_text(text: &str) -> String {
    quote(text.as_bytes())
}

/// Quotes the start of a string in one line.
pub(crate) fn quote(text: &[u8]) -> String {
    let text = text.get(..QUOTE_CHARACTERS * 8).unwrap_or(text);
    let text = String::from_utf8_lossy(text);
    let words: Vec<&str> = text.split(|character: char| character.is_whitespace() || character.is_control()).collect();
    let line = words.into_iter().filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(QUOTE_CHARACTERS) {
        Some((end, _)) => format!("{}…", line.get(..end).unwrap_or_default()),
        None => line,
    }
}

/// Returns the error object inside a string, as JSON or as a Python dictionary.
fn embedded(text: &str) -> Option<Value> {
    let says = |value: &Value| {
        value.as_object().is_some()
            && ["error", "message", "detail", "errors"].iter().any(|name| value.get(name).is_some())
    };
    text.match_indices('{').take(MAX_BRACES).find_map(|(start, _)| {
        let rest = text.get(start..)?;
        let python = || leading_json(python_to_json(rest).as_bytes());
        let escaped = || leading_json(unescape(rest)?.as_bytes());
        leading_json(rest.as_bytes()).or_else(python).or_else(escaped).filter(says)
    })
}

/// Parses the JSON document at the start of a string.
fn leading_json(text: &[u8]) -> Option<Value> {
    let mut parser = Parser::new(LIMITS);
    for part in text.split_inclusive(|byte| *byte == b'}') {
        parser.push_kept(part).ok()?;
        if parser.is_complete() {
            return parser.finish().ok();
        }
    }
    None
}

/// Removes one level of escapes from JSON that was printed as a string: `{\"error\":…}`, or Python's `b'{\n "error":…}'`.
fn unescape(text: &str) -> Option<String> {
    text.strip_prefix('{')?.trim_start().strip_prefix('\\')?;
    let mut json = String::new();
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        match (character, if character == '\\' { characters.next() } else { None }) {
            ('\\', Some('n' | 'r' | 't')) => json.push(' '),
            ('\\', Some(escaped @ ('"' | '\\' | '/' | '\''))) => json.push(escaped),
            ('\\', Some(other)) => json.extend(['\\', other]),
            ('\\', None) => {}
            (other, _) => json.push(other),
        }
    }
    Some(json)
}

/// Converts a printed Python dictionary to JSON, up to the end of the dictionary.
fn python_to_json(text: &str) -> String {
    let mut json = String::new();
    let mut quote = None;
    let mut characters = text.chars();
    let mut depth = 0_usize;
    while let Some(character) = characters.next() {
        match (quote, character) {
            (Some(_), '\\') => match characters.next() {
                Some('\'') => json.push('\''),
                Some('x') => json.push_str("\\u00"),
                Some(escaped) => json.extend(['\\', escaped]),
                None => {}
            },
            (Some(open), _) if open == character => {
                quote = None;
                json.push('"');
            }
            (Some(_), '"') => json.push_str("\\\""),
            (Some(_), _) => json.push(character),
            (None, '\'' | '"') => {
                quote = Some(character);
                json.push('"');
            }
            (None, 'N' | 'T' | 'F') => {
                let (word, skipped) = match character {
                    'N' => ("null", 3),
                    'T' => ("true", 3),
                    _ => ("false", 4),
                };
                json.push_str(word);
                characters.by_ref().take(skipped).for_each(drop);
            }
            (None, _) => {
                json.push(character);
                match character {
                    '{' => depth = depth.saturating_add(1),
                    '}' if depth <= 1 => return json,
                    '}' => depth = depth.saturating_sub(1),
                    _ => {}
                }
            }
        }
    }
    json
}

/// Reads the error of an event stream: the first event with an error object, or else the first words, preferably those
/// that report an error. Returns `None` if the body is none or says nothing.
fn error_of_events(body: &[u8]) -> Option<ErrorBody> {
    if !sse::is_event_stream(body) {
        return None;
    }
    let mut events = Events::default();
    let mut parser = sse::Parser::default();
    if parser.push(body, &mut events).is_ok() {
        // An error means that the error object was found.
        drop(parser.finish(&mut events));
    }
    events.error
}

/// Search for the error of an event stream.
#[derive(Default)]
struct Events {
    /// The data of the current event.
    data: Vec<u8>,
    error: Option<ErrorBody>,
    /// True if the words report an error.
    is_sure: bool,
}

/// The error was found.
struct Found;

impl sse::Handler for Events {
    type Error = Found;

    fn data(&mut self, bytes: &[u8]) -> Result<(), Found> {
        self.data.extend_from_slice(bytes);
        Ok(())
    }

    fn dispatch(&mut self, name: &[u8]) -> Result<(), Found> {
        let data = std::mem::take(&mut self.data);
        let document = Value::parse(&data, LIMITS).ok();
        let of_document = document.as_ref().map(|document| ErrorBody::of_document(document, MAX_LEVELS, false));
        let error = of_document.unwrap_or_else(|| ErrorBody::of_plain(&data));
        if error.is_silent() {
            return Ok(());
        }
        if let Some(Value::Object(_) | Value::Array(_)) = document {
            self.error = Some(error);
            return Err(Found);
        }
        let is_sure = name == b"error" || says_error(&error.message);
        if self.error.is_none() || (is_sure && !self.is_sure) {
            (self.error, self.is_sure) = (Some(error), is_sure);
        }
        Ok(())
    }
}

/// Number of bytes of a web page in which its title is looked for.
pub(crate) const MARKUP_BYTES: usize = 4096;

/// Returns the title of a web page, or the message of an XML document.
pub(crate) fn title(markup: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(markup.get(..MARKUP_BYTES).unwrap_or(markup));
    let words = ["title", "message", "h1"].into_iter().find_map(|name| element(&text, name));
    words.map(|words| quote(words.as_bytes())).filter(|words| !words.is_empty())
}

/// Returns the first words of a web page or an XML document without a title.
fn page_words(markup: &[u8]) -> String {
    const HIDDEN: [(&str, &str); 3] = [("!--", "--"), ("style", "</style"), ("script", "</script")];
    let text = String::from_utf8_lossy(markup.get(..4 * MARKUP_BYTES).unwrap_or(markup));
    // ASCII lower case keeps the positions.
    let lower = text.to_ascii_lowercase();
    let mut words = String::new();
    let mut place = 0_usize;
    while let Some(rest) = lower.get(place..) {
        let length = rest.find('<').unwrap_or(rest.len());
        let end = place.saturating_add(length);
        words.push_str(text.get(place..end).unwrap_or_default());
        words.push(' ');
        let tag = lower.get(end..).unwrap_or_default().strip_prefix('<').unwrap_or_default();
        let hidden = HIDDEN.into_iter().find(|(start, _)| tag.starts_with(start));
        let Some(skipped) =
            hidden.map_or(Some(0), |(start, end)| Some(tag.get(start.len()..)?.find(end)?.saturating_add(start.len())))
        else {
            break;
        };
        let Some(close) = tag.get(skipped..).and_then(|rest| rest.find('>')) else { break };
        place = end.saturating_add(2).saturating_add(skipped).saturating_add(close);
    }
    quote(without_entities(&words).as_bytes())
}

/// Returns the content of the first element with this name in a web page or an XML document.
fn element(text: &str, name: &str) -> Option<String> {
    // ASCII lower case keeps the positions.
    let lower = text.to_ascii_lowercase();
    let starts = lower.match_indices('<').map(|(start, _)| start.saturating_add(1));
    for start in starts {
        let Some(tag) = lower.get(start..).and_then(|rest| rest.strip_prefix(name)) else { continue };
        if !tag.starts_with(['>', ' ', '\t', '\n', '\r']) {
            continue;
        }
        let begin = start.saturating_add(name.len()).saturating_add(tag.find('>')?).saturating_add(1);
        let end = begin.saturating_add(lower.get(begin..)?.find("</")?);
        let words = text.get(begin..end)?.trim();
        return Some(without_entities(words)).filter(|words| !words.is_empty());
    }
    None
}

fn without_entities(text: &str) -> String {
    const ENTITIES: [(&str, &str); 7] = [
        ("&nbsp;", " "),
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#39;", "'"),
        ("&mdash;", "—"),
        ("&amp;", "&"),
    ];
    ENTITIES.iter().fold(text.to_owned(), |text, (entity, character)| text.replace(entity, character))
}

/// Returns the request id that Foundry puts into the message: `[Request ID: 7eb6…]`.
fn request_id_in(message: &str) -> Option<&str> {
    let (_, rest) = message.split_once("[Request ID: ")?;
    rest.split_once(']').map(|(id, _)| id).filter(|id| !id.is_empty())
}
