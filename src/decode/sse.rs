//! Framing of `text/event-stream` over bytes, by the [WHATWG rules].
//!
//! A push parser without I/O: it is given the body in whatever chunks arrive, and hands on the bytes of each `data`
//! value *while they arrive*, so that a line of many megabytes is never held. Each byte is looked at a constant number
//! of times, however the body is cut.
//!
//! Two things differ from a browser's `EventSource`, both because a body here is the answer to a request that costs
//! money: the fields `id` and `retry` are passed over, since they only steer a reconnection that must not happen, and an
//! event that the end of the body leaves without its blank line is dispatched, as every client of this protocol does.
//!
//! [WHATWG rules]: https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation

#![deny(clippy::arithmetic_side_effects)]

use memchr::memchr2;

/// Longest event name that is kept, in bytes; the rest of a longer one is cut off.
const MAX_NAME_BYTES: usize = 128;
/// Longest field name with a meaning here.
const MAX_FIELD_BYTES: usize = "event".len();
const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// What a [`Parser`] reports, in the order of the body.
pub trait Handler {
    /// Why the handler wants the parsing to stop.
    type Error;

    /// The next bytes of the current event's data. Several `data` lines arrive joined by `\n`.
    ///
    /// # Errors
    /// Whatever the handler returns ends the push and is handed to its caller.
    fn data(&mut self, bytes: &[u8]) -> Result<(), Self::Error>;

    /// The current event is complete. `name` is the value of its `event` field, empty when it had none. Never called
    /// for an event without a `data` line.
    ///
    /// # Errors
    /// Whatever the handler returns ends the push and is handed to its caller.
    fn dispatch(&mut self, name: &[u8]) -> Result<(), Self::Error>;
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Field {
    Data,
    Event,
    /// Comments, `id`, `retry` and everything unknown.
    Ignored,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// At the very start, with this many bytes of a byte order mark seen.
    ByteOrderMark(usize),
    /// At the start of a line or within its field name.
    FieldName,
    /// Behind the colon, where one space is dropped.
    Colon(Field),
    Value(Field),
}

/// The state of one body between its chunks.
#[derive(Debug)]
pub struct Parser {
    state: State,
    /// The field name so far; at most one byte longer than the longest name with a meaning.
    field: Vec<u8>,
    /// Value of the current event's `event` field.
    name: Vec<u8>,
    /// Whether the current event has had a `data` line.
    has_data: bool,
    /// The last byte was a CR: an LF that follows belongs to it.
    after_cr: bool,
}

impl Default for Parser {
    /// A parser at the start of a body.
    fn default() -> Self {
        Self { state: State::ByteOrderMark(0), field: Vec::new(), name: Vec::new(), has_data: false, after_cr: false }
    }
}

impl Parser {
    /// Takes the next chunk of the body.
    ///
    /// # Errors
    /// The first error of `handler`. The parser must not be used after it.
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
                // Not a mark after all: what was taken for one begins the first field name.
                self.field.extend(BYTE_ORDER_MARK.iter().take(seen));
                self.state = State::FieldName;
            }
        }
        while !rest.is_empty() {
            // All that a line holds is either kept short or handed on at once, so one search for its end is enough.
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

    /// The body has ended. Dispatches an event that lacks only its blank line.
    ///
    /// # Errors
    /// The first error of `handler`.
    pub fn finish<H: Handler>(mut self, handler: &mut H) -> Result<(), H::Error> {
        if !self.field.is_empty() || self.state != State::FieldName {
            self.line_end(handler)?;
        }
        self.blank_line(handler)
    }

    /// Part of a line, without its terminator.
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
