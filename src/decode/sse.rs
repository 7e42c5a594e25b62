//! Parser for `text/event-stream`, following the [WHATWG rules].
//!
//! A push parser without I/O. It accepts the body in chunks of any size and passes the bytes of each `data` value on
//! *as they arrive*, so a line of many megabytes is never buffered. Each byte is read a constant number of times,
//! regardless of the chunk boundaries.
//!
//! It differs from a browser's `EventSource` in two ways, because the body is the response to a billed request. The
//! `id` and `retry` fields are ignored, since they only control reconnection, which must not happen. An event without
//! its final blank line is dispatched at the end of the body, as in every client of this protocol.
//!
//! [WHATWG rules]: https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation

#![deny(clippy::arithmetic_side_effects)]

use memchr::memchr2;

/// Maximum length of an event name, in bytes. Longer names are truncated.
const MAX_NAME_BYTES: usize = 128;
/// Length of the longest recognized field name, in bytes.
const MAX_FIELD_BYTES: usize = "event".len();
const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// Returns true if the first line of a body is a field of an event stream.
#[must_use]
pub fn is_event_stream(start: &[u8]) -> bool {
    const FIELDS: [&[u8]; 5] = [b"", b"data", b"event", b"id", b"retry"];
    match start.iter().position(|byte| b":\r\n".contains(byte)) {
        Some(end) => FIELDS.into_iter().any(|field| Some(field) == start.get(..end)),
        // The body may have ended within the name.
        None => FIELDS.into_iter().any(|field| field.starts_with(start)),
    }
}

/// Receives the events of a [`Parser`] in body order.
pub trait Handler {
    /// Error that stops the parser.
    type Error;

    /// Receives the next bytes of the current event's data. Multiple `data` lines are joined with `\n`.
    ///
    /// # Errors
    /// An error from the handler stops the parser and is returned to its caller.
    fn data(&mut self, bytes: &[u8]) -> Result<(), Self::Error>;

    /// Completes the current event. `name` is the value of its `event` field, or empty. Never called for an event
    /// without a `data` line.
    ///
    /// # Errors
    /// An error from the handler stops the parser and is returned to its caller.
    fn dispatch(&mut self, name: &[u8]) -> Result<(), Self::Error>;
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Field {
    Data,
    Event,
    /// Comments, `id`, `retry` and unknown fields.
    Ignored,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// At the start of the body, with the number of byte order mark bytes seen.
    ByteOrderMark(usize),
    /// At the start of a line or within its field name.
    FieldName,
    /// After the colon, where one space is skipped.
    Colon(Field),
    Value(Field),
}

/// Parser state between two chunks of a body.
#[derive(Debug)]
pub struct Parser {
    state: State,
    /// Field name so far; at most one byte longer than the longest recognized name.
    field: Vec<u8>,
    /// Value of the current event's `event` field.
    name: Vec<u8>,
    /// `true` if the current event has a `data` line.
    has_data: bool,
    /// `true` if the last byte was a CR. A following LF belongs to the same line ending.
    after_cr: bool,
}

impl Default for Parser {
    /// Returns a parser at the start of a body.
    fn default() -> Self {
        Self { state: State::ByteOrderMark(0), field: Vec::new(), name: Vec::new(), has_data: false, after_cr: false }
    }
}

impl Parser {
    /// Parses the next chunk of the body.
    ///
    /// # Errors
    /// The first error returned by `handler`. Do not use the parser after an error.
    pub fn push<H: Handler>(&mut self, chunk: &[u8], handler: &mut H) -> Result<(), H::Error> {
        let mut rest = chunk;
        if self.after_cr && !rest.is_empty() {
            self.after_cr = false;
            rest = rest.strip_prefix(b"\n").unwrap_or(rest);
        }
        while let State::ByteOrderMark(seen) = self.state {
            let Some((byte, tail)) = rest.split_first() else { return Ok(()) };
            if BYTE_ORDER_MARK.get(seen) == Some(byte) {
                rest = tail;
                let seen = seen.saturating_add(1);
                let is_whole = seen == BYTE_ORDER_MARK.len();
                self.state = if is_whole { State::FieldName } else { State::ByteOrderMark(seen) };
            } else {
                // Not a byte order mark: the bytes seen so far begin the first field name.
                self.field.extend(BYTE_ORDER_MARK.iter().take(seen));
                self.state = State::FieldName;
            }
        }
        while !rest.is_empty() {
            // Line content is either truncated or passed on at once, so a single search for the line ending is enough.
            let end = memchr2(b'\r', b'\n', rest);
            let (line, tail) = rest.split_at(end.unwrap_or(rest.len()));
            self.line_part(line, handler)?;
            let Some((terminator, mut tail)) = tail.split_first() else { return Ok(()) };
            self.line_end(handler)?;
            if *terminator == b'\r' {
                match tail.split_first() {
                    Some((b'\n', after)) => tail = after,
                    Some(_) => {}
                    None => self.after_cr = true,
                }
            }
            rest = tail;
        }
        Ok(())
    }

    /// Ends the body. Dispatches a last event that lacks its blank line.
    ///
    /// # Errors
    /// The first error returned by `handler`.
    pub fn finish<H: Handler>(mut self, handler: &mut H) -> Result<(), H::Error> {
        if !self.field.is_empty() || self.state != State::FieldName {
            self.line_end(handler)?;
        }
        self.blank_line(handler)
    }

    /// Handles part of a line, without its terminator.
    fn line_part<H: Handler>(&mut self, part: &[u8], handler: &mut H) -> Result<(), H::Error> {
        let mut rest = part;
        while !rest.is_empty() {
            match self.state {
                State::ByteOrderMark(_) | State::FieldName => {
                    let colon = rest.iter().take(MAX_FIELD_BYTES + 1).position(|byte| *byte == b':');
                    let kept = rest.get(..colon.unwrap_or(rest.len()).min(MAX_FIELD_BYTES + 1));
                    self.field.extend_from_slice(kept.unwrap_or_default());
                    if self.field.len() > MAX_FIELD_BYTES {
                        self.state = State::Value(Field::Ignored);
                    } else if let Some(colon) = colon {
                        rest = rest.get(colon.saturating_add(1)..).unwrap_or_default();
                        let field = self.field();
                        self.begin_value(field, handler)?;
                        self.state = State::Colon(field);
                    } else {
                        return Ok(());
                    }
                }
                State::Colon(field) => {
                    rest = rest.strip_prefix(b" ").unwrap_or(rest);
                    self.state = State::Value(field);
                }
                State::Value(Field::Data) => return handler.data(rest),
                State::Value(Field::Event) => {
                    let room = MAX_NAME_BYTES.saturating_sub(self.name.len());
                    self.name.extend(rest.iter().take(room));
                    return Ok(());
                }
                State::Value(Field::Ignored) => return Ok(()),
            }
        }
        Ok(())
    }

    fn line_end<H: Handler>(&mut self, handler: &mut H) -> Result<(), H::Error> {
        let blank = matches!(self.state, State::ByteOrderMark(_) | State::FieldName) && self.field.is_empty();
        if self.state == State::FieldName && !blank {
            // A line without a colon is a field with an empty value.
            let field = self.field();
            self.begin_value(field, handler)?;
        }
        self.field.clear();
        self.state = State::FieldName;
        if blank { self.blank_line(handler) } else { Ok(()) }
    }

    fn begin_value<H: Handler>(&mut self, field: Field, handler: &mut H) -> Result<(), H::Error> {
        match field {
            Field::Data if self.has_data => handler.data(b"\n")?,
            Field::Data => self.has_data = true,
            Field::Event => self.name.clear(),
            Field::Ignored => {}
        }
        Ok(())
    }

    fn blank_line<H: Handler>(&mut self, handler: &mut H) -> Result<(), H::Error> {
        let name = std::mem::take(&mut self.name);
        if std::mem::take(&mut self.has_data) { handler.dispatch(&name) } else { Ok(()) }
    }

    fn field(&self) -> Field {
        match self.field.as_slice() {
            b"data" => Field::Data,
            b"event" => Field::Event,
            _ => Field::Ignored,
        }
    }
}
