//! Reading of error bodies: finds the code, the message and the details in the body of any service or gateway.
//!
//! Azure's bodies have an `error` object. Gateways and proxies answer with other JSON, with an event stream, a web page or
//! plain text, and some embed the original body in their own message, as JSON or as a Python dictionary.

use crate::decode::json::{Limits, Parser, Value};
use crate::decode::sse;
use crate::errors::beginning;
use crate::errors::content_filter::ContentFilter;

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
        match first_event(body) {
            Some(data) => Self::read_text(&data, MAX_LEVELS),
            None => Self::read_text(body, MAX_LEVELS),
        }
    }

    /// Reads the error in a 2xx response: an event or a JSON body. Returns `None` if the document contains no error.
    pub fn find(document: &Value) -> Option<Self> {
        let place = document.as_array().and_then(<[Value]>::first).unwrap_or(document);
        let has_error = place.get("error").is_some_and(|error| !is_empty(error) && error.as_bool().is_none());
        // `{"statusCode":401,"message":…}` of the gateway, and `{"type":"error","code":…,"message":…}` in a stream.
        let is_error = has_error || place.get("statusCode").is_some() || place.text("type") == Some("error");
        is_error.then(|| Self::of_document(place, MAX_LEVELS, true))
    }

    /// Reads the document of an event that is known to be an error.
    pub fn of_event(document: &Value) -> Self {
        Self::of_document(document, MAX_LEVELS, true)
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
        let message = texts.clone().find(|text| !text.is_empty());
        let word = object.text("error").map(str::trim).filter(|word| !word.is_empty());
        let code = match object.get("code") {
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
        let container = ["error", "errors", "detail", "message", "fault", "body"];
        let container = container.into_iter().find_map(|name| Some((name, object.get(name).filter(is_container)?)));
        if let Some((name, container)) = container {
            return Self::of_container(container, levels, name == "error").within(own);
        }
        let raw = object.get("metadata").and_then(|metadata| metadata.text("raw"));
        let texts = [Some(message), word, object.text("body"), raw].into_iter().flatten();
        let embedded = texts.filter(|_| levels > 0).find_map(embedded);
        match embedded {
            Some(embedded) => Self::of_document(&embedded, levels.saturating_sub(1), is_known).within(own),
            None => own,
        }
    }

    /// Reads the object or list that contains the errors.
    fn of_container(container: &Value, levels: u32, is_known: bool) -> Self {
        let error = Self::of_document(container, levels, is_known);
        let Some([(name, first), ..]) = container.as_object().filter(|_| error.is_silent()) else { return error };
        // `{"size":["The size is invalid."]}` of ASP.NET.
        let error = Self::of_document(first, levels, is_known);
        Self { param: error.param.or_else(|| Some(name.clone())), ..error }
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
    fn read_text(body: &[u8], levels: u32) -> Self {
        if let Ok(document) = Value::parse(body, LIMITS) {
            return Self::of_document(&document, levels, false);
        }
        let text = String::from_utf8_lossy(body);
        let is_binary =
            |character: char| character == '\u{FFFD}' || (character.is_control() && !character.is_whitespace());
        if text.starts_with('<') {
            return Self { message: title(body).unwrap_or_default(), ..Self::default() };
        }
        if text.contains(is_binary) { Self::default() } else { Self::of_text(&text, levels) }
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
        leading_json(rest.as_bytes()).or_else(|| leading_json(python_to_json(rest).as_bytes())).filter(says)
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

/// Returns the data of the first event if the body is an event stream.
fn first_event(body: &[u8]) -> Option<Vec<u8>> {
    let is_stream = [&b"data:"[..], b"event:", b"id:", b"retry:", b":"].iter().any(|start| body.starts_with(start));
    if !is_stream {
        return None;
    }
    let mut event = FirstEvent::default();
    let mut parser = sse::Parser::default();
    if parser.push(body, &mut event).is_ok() {
        // An error means that the event is complete.
        drop(parser.finish(&mut event));
    }
    Some(event.0).filter(|data| !data.trim_ascii().is_empty())
}

/// Data of the first event.
#[derive(Default)]
struct FirstEvent(Vec<u8>);

/// The first event is complete.
struct Complete;

impl sse::Handler for FirstEvent {
    type Error = Complete;

    fn data(&mut self, bytes: &[u8]) -> Result<(), Complete> {
        self.0.extend_from_slice(bytes);
        Ok(())
    }

    fn dispatch(&mut self, _: &[u8]) -> Result<(), Complete> {
        Err(Complete)
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
