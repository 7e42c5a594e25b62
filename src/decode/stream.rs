//! Decodes a response body into JSON documents, with the images already decoded.
//!
//! Combines the parsers: SSE framing → JSON → base64 → pieces. A response that consists of one JSON document skips the
//! framing. The first character selects the format: `content-type` is often wrong, and an event stream never begins
//! with `{`.

#![deny(clippy::arithmetic_side_effects)]

use std::collections::VecDeque;

use crate::decode::assembler::{self, Assembler, Sink};
use crate::decode::json::{self, Path, Route, Strings, UNDECIDED_BYTES, Value};
use crate::decode::sse;
use crate::errors::error_body::{MARKUP_BYTES, quote, title};
use crate::errors::foreign::says_error;
use crate::errors::{Code, Failure};

/// Limits for a response.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Maximum memory for one JSON document without its images, in bytes.
    pub max_event_bytes: usize,
    /// Maximum image size, in bytes.
    pub max_image_bytes: u64,
    /// Maximum JSON nesting depth. Azure's documents have fewer than ten levels.
    pub max_nesting: usize,
}

impl Default for Limits {
    /// 1 MiB per document, 128 MiB per image, and 64 levels. The largest Azure image has 32 MiB of pixel data.
    fn default() -> Self {
        Self { max_event_bytes: 1024 * 1024, max_image_bytes: 128 * 1024 * 1024, max_nesting: 64 }
    }
}

/// Maximum number of images and partial images in one response. Each becomes a Blob and an event on the page, so an
/// unlimited number could keep the page busy indefinitely. The limit allows for a thousand image tool calls with three
/// partial images each, more than any real response has.
pub const MAX_IMAGES: usize = 4000;

/// Upper bound of [`Limits::max_nesting`]: values are dropped recursively, which must fit into a browser's stack.
pub const MOST_NESTING: usize = 1000;

/// A JSON document of the response: an event of a stream, or the complete body of a response that is not streamed.
#[derive(Debug)]
pub struct Document<P> {
    /// Event name, or empty.
    pub name: String,
    /// The document without its images.
    pub value: Value,
    /// The decoded images.
    pub images: DecodedImages<P>,
    /// True if the document is incomplete. `value` contains the properties before its end or its first fault.
    pub is_cut: bool,
}

/// Images of a document. Each can be taken once.
#[derive(Debug)]
pub struct DecodedImages<P>(Vec<Option<Result<P, assembler::Error>>>);

impl<P> DecodedImages<P> {
    /// Takes the image referenced by `place`. Returns `None` if `place` is not an image, or if the image was omitted or
    /// already taken.
    ///
    /// # Errors
    /// The image string is empty, too large, or not base64, or no storage is left.
    pub fn take(&mut self, place: Option<&Value>) -> Option<Result<P, assembler::Error>> {
        let Some(Value::Streamed(index)) = place else { return None };
        self.0.get_mut(*index)?.take()
    }

    /// Returns true if `place` references an image that is not damaged.
    #[must_use]
    pub fn has(&self, place: Option<&Value>) -> bool {
        let Some(Value::Streamed(index)) = place else { return false };
        matches!(self.0.get(*index), Some(Some(Ok(_))))
    }
}

/// Decoder state between two chunks of a response.
#[derive(Debug)]
pub struct Decoder<S: Sink> {
    framing: Framing,
    reader: Reader<S>,
    /// The start of the response, at most [`START_BYTES`].
    start: Vec<u8>,
    /// True after the end of a response that was neither an event stream nor cut.
    is_foreign: bool,
}

/// Number of bytes of the response, or of the data of an event, that are kept to quote them.
const START_BYTES: usize = 1024;

#[derive(Debug)]
enum Framing {
    /// Only whitespace so far.
    Unknown,
    EventStream(sse::Parser),
    Json,
    /// After the single document, with the offset from its start, in bytes.
    JsonEnd(usize),
    /// A web page or an XML document, of which only the start is kept.
    Markup(Vec<u8>),
}

impl<S: Sink> Decoder<S> {
    /// Creates a decoder at the start of a response.
    pub fn new(sink: S, limits: Limits) -> Self {
        Self { framing: Framing::Unknown, reader: Reader::new(sink, limits), start: Vec::new(), is_foreign: false }
    }

    /// Decodes the next chunk of the response.
    ///
    /// # Errors
    /// The response violates the protocol or exceeds a limit. Do not use the decoder after an error.
    pub fn push(&mut self, chunk: &[u8]) -> Result<(), Failure> {
        let mut chunk = chunk;
        if matches!(self.framing, Framing::Unknown) {
            // Leading whitespace and a byte order mark have no meaning in either format.
            let Some(start) = chunk.iter().position(|byte| !b" \t\r\n\xEF\xBB\xBF".contains(byte)) else {
                return Ok(());
            };
            chunk = chunk.get(start..).unwrap_or_default();
            self.framing = match chunk.first() {
                Some(b'{' | b'[') => Framing::Json,
                Some(b'<') => Framing::Markup(Vec::new()),
                _ => Framing::EventStream(sse::Parser::default()),
            };
        }
        keep_start(&mut self.start, chunk);
        match &mut self.framing {
            Framing::EventStream(parser) => parser.push(chunk, &mut self.reader),
            Framing::Json | Framing::Unknown => {
                let read = self.reader.json(chunk);
                // Emits the document immediately, because a server may leave the response open.
                if self.reader.parser.is_complete() {
                    let offset = self.reader.parser.offset();
                    self.reader.document("")?;
                    self.framing = Framing::JsonEnd(offset);
                } else if read.is_err() {
                    self.reader.cut_document("");
                }
                read
            }
            Framing::Markup(page) => {
                page.extend(chunk.iter().take(MARKUP_BYTES.saturating_sub(page.len())));
                let title = title(page);
                if title.is_some() || page.len() >= MARKUP_BYTES { Err(web_page(title)) } else { Ok(()) }
            }
            Framing::JsonEnd(offset) => {
                let fault = chunk.iter().position(|byte| !b" \t\r\n".contains(byte));
                *offset = offset.saturating_add(fault.unwrap_or(chunk.len()));
                if fault.is_some() { Err(self.reader.failure(json::Error::Syntax(*offset))) } else { Ok(()) }
            }
        }
    }

    /// Omits the image of this image call from all later documents, because it has already been received. The decoder
    /// also does this after it decodes the image of a single item, because the final response of a stream repeats it.
    pub fn omit(&mut self, item_id: &str) {
        self.reader.images.omit(item_id.into());
    }

    /// Adds the size of images received over another connection, in bytes, to the total.
    pub fn count(&mut self, bytes: u64) {
        self.reader.images.assembler.count(bytes);
    }

    /// Returns the total bytes of all images so far, including those added with [`Decoder::count`].
    #[must_use]
    pub fn image_bytes(&self) -> u64 {
        self.reader.images.assembler.counted()
    }

    /// Returns the next complete document.
    pub fn next_document(&mut self) -> Option<Document<S::Image>> {
        self.reader.documents.pop_front()
    }

    /// Ends the response. The last document may become complete.
    ///
    /// # Errors
    /// The response ended within a document.
    pub fn finish(&mut self) -> Result<(), Failure> {
        match std::mem::replace(&mut self.framing, Framing::Unknown) {
            Framing::EventStream(parser) => {
                self.is_foreign = !sse::is_event_stream(&self.start);
                parser.finish(&mut self.reader)?;
                match self.reader.fault.take() {
                    None => Ok(()),
                    Some(Fault::Malformed(failure)) => Err(failure),
                    Some(Fault::Words(words)) => {
                        let error = Value::Object(vec![("message".into(), Value::String(words))]);
                        self.reader.emit("error", error, false)
                    }
                }
            }
            Framing::Json => self.reader.document(""),
            Framing::Markup(page) => Err(web_page(title(&page))),
            Framing::Unknown => Ok(()),
            Framing::JsonEnd(_) => {
                self.is_foreign = true;
                Ok(())
            }
        }
    }

    /// Returns the start of the response after its end if it was neither an event stream nor cut: a complete JSON
    /// document, or plain text.
    #[must_use]
    pub fn foreign_start(&self) -> Option<&[u8]> {
        Some(self.start.as_slice()).filter(|start| !start.is_empty() && self.is_foreign)
    }
}

/// Data that ends an OpenAI stream and is not JSON. Azure's image streams do not send it.
const DONE: &[u8] = b"[DONE]";

/// Reads one document after another.
#[derive(Debug)]
struct Reader<S: Sink> {
    limits: json::Limits,
    parser: json::Parser,
    images: Images<S>,
    /// Matched length of [`DONE`] in the current event's data. `None` once the data differs.
    done: Option<usize>,
    /// The start of the current event's data, at most [`START_BYTES`].
    event: Vec<u8>,
    /// The first error in the current event's data, the rest of which is skipped.
    event_error: Option<json::Error>,
    /// The first event that is not JSON, unless it is a keep-alive. Reported only if the stream ends without its images.
    fault: Option<Fault>,
    /// Number of images so far.
    decoded: usize,
    documents: VecDeque<Document<S::Image>>,
}

/// An event that is not JSON.
#[derive(Debug)]
enum Fault {
    /// Damaged JSON.
    Malformed(Failure),
    /// Words that report an error. Becomes the document of an event `error`.
    Words(String),
}

impl<S: Sink> Reader<S> {
    fn new(sink: S, limits: Limits) -> Self {
        let images = Images {
            assembler: Assembler::new(sink, limits.max_image_bytes),
            complete: Vec::new(),
            known: Vec::new(),
            omitted: false,
            item: None,
            prefix: Some(Vec::new()),
        };
        let limits = json::Limits { max_kept_bytes: limits.max_event_bytes, max_depth: limits.max_nesting };
        Self {
            limits,
            parser: json::Parser::new(limits),
            images,
            done: Some(0),
            event: Vec::new(),
            event_error: None,
            fault: None,
            decoded: 0,
            documents: VecDeque::new(),
        }
    }

    fn json(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        let result = self.parser.push(bytes, &mut self.images);
        result.map_err(|error| self.failure(error))
    }

    /// Completes the current document.
    fn document(&mut self, name: &str) -> Result<(), Failure> {
        if self.parser.is_untouched() {
            // Data that contains only whitespace is a keep-alive.
            self.parser = json::Parser::new(self.limits);
            return Ok(());
        }
        if !self.parser.is_whole() {
            self.cut_document(name);
            return Err(self.failure(json::Error::Incomplete));
        }
        let parser = std::mem::replace(&mut self.parser, json::Parser::new(self.limits));
        let value = parser.finish().map_err(|error| self.failure(error))?;
        self.emit(name, value, false)
    }

    /// Emits the part of the current document that has been read.
    fn cut_document(&mut self, name: &str) {
        let parser = std::mem::replace(&mut self.parser, json::Parser::new(self.limits));
        self.images.abandon();
        // The caller reports the error of the cut.
        drop(self.emit(name, parser.partial(), true));
    }

    fn emit(&mut self, name: &str, mut value: Value, is_cut: bool) -> Result<(), Failure> {
        self.images.decode_late(&mut value);
        let images = DecodedImages(std::mem::take(&mut self.images.complete));
        self.decoded = self.decoded.saturating_add(images.0.iter().flatten().count());
        if self.decoded > MAX_IMAGES {
            return Err(Failure::new(
                Code::TooLarge,
                format!(
                    "The response contains more than {MAX_IMAGES} images, which Azure never sends. Check that the \
                     endpoint belongs to Azure."
                ),
            ));
        }
        self.documents.push_back(Document { name: name.into(), value, images, is_cut });
        Ok(())
    }

    /// Reads the data of an event. A syntax error skips the rest of the event, because a proxy may insert events, and a
    /// later event may still contain the image.
    fn event_data(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        keep_start(&mut self.event, bytes);
        if self.event_error.is_some() {
            return Ok(());
        }
        match self.parser.push(bytes, &mut self.images) {
            Ok(()) => Ok(()),
            Err(error @ json::Error::Syntax(_)) => {
                self.event_error = Some(error);
                Ok(())
            }
            Err(error) => {
                self.cut_document("");
                Err(self.failure(error))
            }
        }
    }

    /// Handles an event whose data is not JSON.
    fn skip_event(&mut self, name: &str, error: json::Error) {
        if error == json::Error::Incomplete || self.event.trim_ascii_start().starts_with(b"{") {
            self.fault = self.fault.take().or_else(|| Some(Fault::Malformed(self.failure(error))));
            self.cut_document(name);
        } else {
            let words = quote(&self.event);
            let is_error = name == "error" || says_error(&words);
            self.fault = self.fault.take().or_else(|| is_error.then_some(Fault::Words(words)));
            self.images.abandon();
            self.parser = json::Parser::new(self.limits);
        }
    }

    fn failure(&self, error: json::Error) -> Failure {
        match error {
            json::Error::Incomplete => Failure::truncated(),
            json::Error::Syntax(offset) => Failure::new(
                Code::StreamMalformed,
                format!(
                    "The response contains data that is not JSON (byte {offset} of a document). A proxy may have \
                     changed the response. Try again, without a proxy if possible."
                ),
            ),
            json::Error::TooLarge => Failure::new(
                Code::TooLarge,
                format!(
                    "The response contains a document of more than {} bytes, not counting its images. Increase \
                     maxEventBytes if this is expected.",
                    self.limits.max_kept_bytes
                ),
            ),
            json::Error::TooDeep => Failure::new(
                Code::TooLarge,
                format!(
                    "The response is nested more than {} levels deep, which Azure never sends. Increase maxNesting if \
                     this is expected.",
                    self.limits.max_depth
                ),
            ),
        }
    }
}

impl<S: Sink> sse::Handler for Reader<S> {
    type Error = Failure;

    fn data(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        let Some(seen) = self.done else { return self.event_data(bytes) };
        let begun = DONE.get(..seen).unwrap_or_default();
        let missing = DONE.get(seen..).unwrap_or_default();
        if missing.starts_with(bytes) || bytes.starts_with(missing) {
            // Data after the marker is ignored.
            self.done = Some(seen.saturating_add(bytes.len()).min(DONE.len()));
            return Ok(());
        }
        self.done = None;
        self.event_data(begun)?;
        self.event_data(bytes)
    }

    fn dispatch(&mut self, name: &[u8]) -> Result<(), Failure> {
        match self.done.replace(0) {
            Some(0) | None => {}
            // Only the start of the marker is text.
            Some(_) => return Ok(()),
        }
        let name = String::from_utf8_lossy(name);
        let is_cut = !self.parser.is_untouched() && !self.parser.is_whole();
        match self.event_error.take().or(is_cut.then_some(json::Error::Incomplete)) {
            Some(error) => self.skip_event(&name, error),
            None => self.document(&name)?,
        }
        self.event.clear();
        Ok(())
    }
}

/// Images of the current document.
#[derive(Debug)]
struct Images<S: Sink> {
    assembler: Assembler<S>,
    /// `None` for an omitted image.
    complete: Vec<Option<Result<S::Image, assembler::Error>>>,
    /// IDs of the most recent image calls whose images have already been received.
    known: Vec<String>,
    /// `true` if the current image is omitted.
    omitted: bool,
    /// ID of the image call if the current image is that of a single item.
    item: Option<String>,
    /// The start of the current string, until it is known whether it is a `data:` URL. `None` after that.
    prefix: Option<Vec<u8>>,
}

/// Start of a `data:` URL, in lower case. No base64 string contains a colon.
const DATA_SCHEME: &[u8] = b"data:";
/// Starts of the `data:` URLs that can contain an image, in lower case.
const IMAGE_SCHEMES: [&[u8]; 3] = [b"data:image/", b"data:;", b"data:application/octet-stream;"];
/// Maximum length of the `https:` URL of an image, in bytes. A longer URL can only be a `data:` URL.
const MAX_URL_BYTES: usize = 8192;
/// Maximum length of the part of a `data:` URL before its data, in bytes.
const MAX_PREFIX_BYTES: usize = 256;

/// Part of the memory that is left for a document, as a divisor, which a single output of a tool may take.
const BULK_SHARE: usize = 8;

/// Maximum number of remembered image calls. Each new image is compared with all of them. The image of a forgotten call
/// is decoded again.
const MAX_KNOWN: usize = 100;

impl<S: Sink> Images<S> {
    fn omit(&mut self, id: String) {
        if self.known.len() == MAX_KNOWN {
            self.known.remove(0);
        }
        self.known.push(id);
    }

    /// Discards the current image, whose document is incomplete.
    fn abandon(&mut self) {
        self.assembler.abandon();
        (self.omitted, self.item, self.prefix) = (false, None, Some(Vec::new()));
    }

    /// Starts an image that has this sibling `id`. `is_item`: the image is that of a single item.
    fn begin(&mut self, id: Option<&str>, is_item: bool) {
        // An image without an ID cannot be recognized later.
        let id = id.filter(|id| !id.is_empty());
        self.omitted = id.is_some_and(|id| self.known.iter().any(|known| known == id));
        self.item = id.filter(|_| is_item && !self.omitted).map(Into::into);
    }

    /// Passes on the characters of an image. Skips the part of a `data:` URL before its data.
    fn characters(&mut self, bytes: &[u8]) {
        let Some(mut prefix) = self.prefix.take() else { return self.assembler.push(bytes) };
        prefix.extend_from_slice(bytes);
        let is_url = prefix.iter().zip(DATA_SCHEME).all(|(byte, letter)| byte.eq_ignore_ascii_case(letter));
        let comma = prefix.iter().take(MAX_PREFIX_BYTES).position(|byte| *byte == b',');
        match comma {
            Some(comma) if is_url => {
                let (before, data) = prefix.split_at(comma);
                // Other data is not base64, because of the colon.
                self.assembler.push(if is_image_url(before) { data.get(1..).unwrap_or_default() } else { before });
            }
            None if is_url && prefix.len() < MAX_PREFIX_BYTES => self.prefix = Some(prefix),
            _ => self.assembler.push(&prefix),
        }
    }

    /// Decodes a short string that was kept.
    fn decode_kept(&mut self, text: &str) -> Value {
        self.piece(text.as_bytes());
        Value::Streamed(self.end())
    }

    /// Decodes the `data:` URL of an image.
    fn decode_late_url(&mut self, entry: &mut Value, name: &str) {
        let Some(url) = entry.get_mut(name) else { return };
        if let Value::String(text) = &url
            && text.split_once(',').is_some_and(|(before, _)| is_image_url(before.as_bytes()))
        {
            self.begin(None, false);
            *url = self.decode_kept(text);
        }
    }

    /// Decodes images that were kept as strings because they are short: `data:` URLs, and image call results that
    /// precede their `type`.
    fn decode_late(&mut self, document: &mut Value) {
        self.decode_late_url(document, "url");
        if let Some(result) = document.get_mut("result") {
            self.decode_late_url(result, "sample");
        }
        match document.get_mut("data") {
            Some(Value::Array(entries)) => entries.iter_mut().for_each(|entry| self.decode_late_url(entry, "url")),
            Some(entry) => self.decode_late_url(entry, "url"),
            None => {}
        }
        if let Some(item) = document.get_mut("item") {
            self.decode_late_result(item, true);
        }
        self.decode_late_output(document);
        if let Some(response) = document.get_mut("response") {
            self.decode_late_output(response);
        }
    }

    fn decode_late_output(&mut self, response: &mut Value) {
        if let Some(Value::Array(items)) = response.get_mut("output") {
            for item in items {
                self.decode_late_result(item, false);
            }
        }
    }

    fn decode_late_result(&mut self, item: &mut Value, is_item: bool) {
        if item.text("type") != Some(IMAGE_CALL) {
            if let Some(Value::Array(outputs)) = item.get_mut("outputs") {
                for output in outputs {
                    self.decode_late_url(output, "url");
                }
            }
            return;
        }
        self.begin(item.text("id"), is_item);
        if let Some(result @ Value::String(_)) = item.get_mut("result") {
            *result = self.decode_kept(result.as_str().unwrap_or_default());
        }
    }
}

impl<S: Sink> Strings for Images<S> {
    fn route(&mut self, path: Path<'_>) -> Route {
        if is_echo(path) || is_bulk(path) {
            (self.omitted, self.item) = (true, None);
            // Many of them must leave room for the rest of the document.
            return Route::StreamIfLong(UNDECIDED_BYTES.min(path.remaining_bytes() / BULK_SHARE));
        }
        let route = route(path);
        if route != Route::Keep {
            // Only a `result` has the `id` of a call beside it.
            self.begin(path.sibling("id").and_then(Value::as_str), path.is(&["item", "result"]));
        }
        route
    }

    fn piece(&mut self, bytes: &[u8]) {
        if !self.omitted {
            self.characters(bytes);
        }
    }

    fn end(&mut self) -> usize {
        let index = self.complete.len();
        if let Some(prefix) = self.prefix.replace(Vec::new()) {
            self.assembler.push(&prefix);
        }
        let image = (!self.omitted).then(|| self.assembler.finish());
        if let (Some(Ok(_)), Some(id)) = (&image, self.item.take()) {
            self.omit(id);
        }
        self.complete.push(image);
        index
    }
}

/// `type` of a response item that contains an image.
pub(crate) const IMAGE_CALL: &str = "image_generation_call";

/// Returns the route of a string. Selects the image properties of the Images API (events and responses) and of tool
/// calls in the Responses API (events, single items, and items of a response, on its own or within an event).
fn route(path: Path<'_>) -> Route {
    if path.is(&["partial_image_b64"]) || is_of_entry(path, "b64_json") {
        return Route::Stream;
    }
    // Gateways send images as `data:` URLs.
    if path.is(&["result", "sample"]) || is_of_entry(path, "url") {
        return Route::StreamIfLong(MAX_URL_BYTES);
    }
    let Some(in_item) = in_item(path) else { return Route::Keep };
    if in_item.is(&["result"]) {
        // Other items also have a `result`, which is text.
        return match path.sibling("type").and_then(Value::as_str) {
            Some(IMAGE_CALL) => Route::Stream,
            Some(_) => Route::Keep,
            None => Route::StreamIfLong(UNDECIDED_BYTES),
        };
    }
    // Images that the code interpreter has made.
    if in_item.is(&["outputs", "*", "url"]) { Route::StreamIfLong(MAX_URL_BYTES) } else { Route::Keep }
}

/// Returns the rest of a path within an output item.
fn in_item(path: Path<'_>) -> Option<Path<'_>> {
    path.after(&["item"]).or_else(|| path.after(&["output", "*"])).or_else(|| path.after(&["response", "output", "*"]))
}

/// Returns `true` for the output of a tool, of any length. The model has read it, and the page rarely needs it, so it must
/// not cost the images of the response.
fn is_bulk(path: Path<'_>) -> bool {
    in_item(path).is_some_and(|in_item| {
        in_item.is(&["output"]) || in_item.is(&["outputs", "*", "logs"]) || in_item.is(&["results", "*", "text"])
    })
}

/// Returns true for the property `name` of an image. Gateways send a single image without an array.
fn is_of_entry(path: Path<'_>, name: &str) -> bool {
    path.is(&[name]) || path.is(&["data", "*", name]) || path.is(&["data", name])
}

/// Returns `true` if the response repeats an image of its request here. It may be larger than the rest of the response.
fn is_echo(path: Path<'_>) -> bool {
    path.is(&["tools", "*", "input_image_mask", "image_url"])
        || path.is(&["response", "tools", "*", "input_image_mask", "image_url"])
}

/// Returns true if the part of a URL before its comma announces an image as base64.
fn is_image_url(before: &[u8]) -> bool {
    let before = before.to_ascii_lowercase();
    before.ends_with(b";base64") && IMAGE_SCHEMES.into_iter().any(|scheme| before.starts_with(scheme))
}

/// Appends bytes to a start, up to [`START_BYTES`].
fn keep_start(start: &mut Vec<u8>, bytes: &[u8]) {
    start.extend(bytes.iter().take(START_BYTES.saturating_sub(start.len())));
}

fn web_page(title: Option<String>) -> Failure {
    let title = title.map(|title| format!(" (\"{title}\")")).unwrap_or_default();
    let failure = Failure::new(
        Code::Service,
        format!(
            "The response is a web page{title}, not an API response. The endpoint may not belong to an Azure OpenAI \
             resource, or a proxy or sign-in page may have intercepted the request. Check the endpoint URL in a browser \
             tab."
        ),
    );
    failure.with(|details| details.retryable = false)
}

impl Failure {
    /// Creates the error for a response that ended before its image was complete.
    #[must_use]
    pub fn truncated() -> Self {
        Self::new(
            Code::StreamTruncated,
            "The response ended before the image was complete. Try again. If this happens often, check for a proxy \
             that cuts off long responses.",
        )
    }
}
