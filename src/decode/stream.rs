//! From the bytes of an answer to its JSON documents, with the images in them already decoded.
//!
//! Puts the parsers together: SSE framing → JSON → base64 → pieces. An answer that is one JSON document, streamed or
//! not, takes the same way without the framing. Which of the two it is, the first character decides: `content-type` is
//! wrong too often, and no event stream begins with `{`.

#![deny(clippy::arithmetic_side_effects)]

use std::collections::VecDeque;

use crate::decode::assembler::{self, Assembler, Sink};
use crate::decode::json::{self, Path, Route, Strings, Value};
use crate::decode::sse;
use crate::errors::{Code, Failure};

/// What an answer may cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Most memory for one JSON document, its images not counted, in bytes.
    pub max_event_bytes: usize,
    /// Largest image, in bytes.
    pub max_image_bytes: u64,
    /// Deepest nesting in a document; Azure's own stay below ten.
    pub max_nesting: usize,
}

impl Default for Limits {
    /// 1 MiB, 128 MiB for an image, and 64 levels. The largest image that Azure makes has 32 MiB of pixels.
    fn default() -> Self {
        Self { max_event_bytes: 1024 * 1024, max_image_bytes: 128 * 1024 * 1024, max_nesting: 64 }
    }
}

/// Most images and partial images in one answer. Each is a Blob and an event to the page, so without a limit they could keep it
/// busy for ever. So many have a thousand calls of the image tool, which nobody makes, with three partial images each.
pub const MAX_IMAGES: usize = 4000;

/// Most that [`Limits::max_nesting`] may be: a value is let go of level by level, for which a browser's stack has to do.
pub const MOST_NESTING: usize = 1000;

/// A JSON document of the answer: an event of a stream, or all of an answer that is not one.
#[derive(Debug)]
pub struct Document<P> {
    /// The name of the event; empty where it has none.
    pub name: String,
    /// Everything but the images.
    pub value: Value,
    /// The images.
    pub images: DecodedImages<P>,
}

/// The images of a document, each to be taken once.
#[derive(Debug)]
pub struct DecodedImages<P>(Vec<Option<Result<P, assembler::Error>>>);

impl<P> DecodedImages<P> {
    /// The image whose base64 text stood at `place`; `None` where there is no text, where the image was there already, or
    /// where it was taken before.
    ///
    /// # Errors
    /// The text was no base64, empty, or too large.
    pub fn take(&mut self, place: Option<&Value>) -> Option<Result<P, assembler::Error>> {
        let Some(Value::Streamed(index)) = place else { return None };
        self.0.get_mut(*index)?.take()
    }
}

/// The state of one answer between its chunks.
#[derive(Debug)]
pub struct Decoder<S: Sink> {
    framing: Framing,
    reader: Reader<S>,
}

#[derive(Debug)]
enum Framing {
    /// Nothing but white space so far.
    Unknown,
    EventStream(sse::Parser),
    Json,
    /// Behind the one document, so many bytes from its beginning.
    JsonEnd(usize),
}

impl<S: Sink> Decoder<S> {
    /// A decoder at the start of an answer.
    pub fn new(sink: S, limits: Limits) -> Self {
        Self { framing: Framing::Unknown, reader: Reader::new(sink, limits) }
    }

    /// Takes the next chunk of the answer.
    ///
    /// # Errors
    /// The answer is not what the protocol says, or breaks a limit. The decoder must not be used after it.
    pub fn push(&mut self, chunk: &[u8]) -> Result<(), Failure> {
        let mut chunk = chunk;
        if matches!(self.framing, Framing::Unknown) {
            // White space and a byte order mark mean nothing at the start of either.
            let Some(start) = chunk.iter().position(|byte| !b" \t\r\n\xEF\xBB\xBF".contains(byte)) else {
                return Ok(());
            };
            chunk = chunk.get(start..).unwrap_or_default();
            self.framing = match chunk.first() {
                Some(b'{' | b'[') => Framing::Json,
                Some(b'<') => return Err(web_page()),
                _ => Framing::EventStream(sse::Parser::default()),
            };
        }
        match &mut self.framing {
            Framing::EventStream(parser) => parser.push(chunk, &mut self.reader),
            Framing::Json | Framing::Unknown => {
                let read = self.reader.json(chunk);
                // Not only at the end of the answer, which a server may leave open.
                if self.reader.parser.is_complete() {
                    let offset = self.reader.parser.offset();
                    self.reader.document("")?;
                    self.framing = Framing::JsonEnd(offset);
                }
                read
            }
            Framing::JsonEnd(offset) => {
                let fault = chunk.iter().position(|byte| !b" \t\r\n".contains(byte));
                *offset = offset.saturating_add(fault.unwrap_or(chunk.len()));
                if fault.is_some() { Err(self.reader.failure(json::Error::Syntax(*offset))) } else { Ok(()) }
            }
        }
    }

    /// Passes over the image of this image call wherever it comes, since it is there already. A decoder does so by itself
    /// once it has decoded one from an item of its own, which a response that ends a stream repeats.
    pub fn omit(&mut self, item_id: &str) {
        self.reader.images.omit(item_id.into());
    }

    /// Counts images of so many bytes, which came over another connection, towards what all may have together.
    pub fn count(&mut self, bytes: u64) {
        self.reader.images.assembler.count(bytes);
    }

    /// The bytes of all images so far, with those that were counted.
    #[must_use]
    pub fn image_bytes(&self) -> u64 {
        self.reader.images.assembler.counted()
    }

    /// The next complete document.
    pub fn next_document(&mut self) -> Option<Document<S::Image>> {
        self.reader.documents.pop_front()
    }

    /// The answer has ended; a last document may have become complete.
    ///
    /// # Errors
    /// It ended within a document.
    pub fn finish(&mut self) -> Result<(), Failure> {
        match std::mem::replace(&mut self.framing, Framing::Unknown) {
            Framing::EventStream(parser) => parser.finish(&mut self.reader),
            Framing::Json => self.reader.document(""),
            Framing::Unknown | Framing::JsonEnd(_) => Ok(()),
        }
    }
}

/// Ends a stream of OpenAI's, as data of its own that is no JSON; Azure's images do without.
const DONE: &[u8] = b"[DONE]";

/// Reads documents, one after the other.
#[derive(Debug)]
struct Reader<S: Sink> {
    limits: json::Limits,
    parser: json::Parser,
    images: Images<S>,
    /// How much of [`DONE`] the data of the event has been so far, as long as it has been nothing else.
    done: Option<usize>,
    /// How many images there were.
    decoded: usize,
    documents: VecDeque<Document<S::Image>>,
}

impl<S: Sink> Reader<S> {
    fn new(sink: S, limits: Limits) -> Self {
        let images = Images {
            assembler: Assembler::new(sink, limits.max_image_bytes),
            complete: Vec::new(),
            known: Vec::new(),
            omitted: false,
            item: None,
        };
        let limits = json::Limits { max_kept_bytes: limits.max_event_bytes, max_depth: limits.max_nesting };
        Self {
            limits,
            parser: json::Parser::new(limits),
            images,
            done: Some(0),
            decoded: 0,
            documents: VecDeque::new(),
        }
    }

    fn json(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        let result = self.parser.push(bytes, &mut self.images);
        result.map_err(|error| self.failure(error))
    }

    /// The document is complete.
    fn document(&mut self, name: &str) -> Result<(), Failure> {
        let parser = std::mem::replace(&mut self.parser, json::Parser::new(self.limits));
        if parser.is_untouched() {
            // Data of nothing but white space keeps a connection alive.
            return Ok(());
        }
        let mut value = parser.finish().map_err(|error| self.failure(error))?;
        self.images.decode_late(&mut value);
        let images = DecodedImages(std::mem::take(&mut self.images.complete));
        self.decoded = self.decoded.saturating_add(images.0.iter().flatten().count());
        if self.decoded > MAX_IMAGES {
            return Err(Failure::new(
                Code::TooLarge,
                format!(
                    "The answer holds more than {MAX_IMAGES} images, which no answer of Azure does. Check that the \
                     endpoint is Azure's."
                ),
            ));
        }
        self.documents.push_back(Document { name: name.into(), value, images });
        Ok(())
    }

    fn failure(&self, error: json::Error) -> Failure {
        match error {
            json::Error::Incomplete => Failure::truncated(),
            json::Error::Syntax(offset) => Failure::new(
                Code::StreamMalformed,
                format!(
                    "The answer holds text that is not JSON (byte {offset} of a document). Something between the page \
                     and Azure may have changed it; try again, without a proxy if there is one."
                ),
            ),
            json::Error::TooLarge => Failure::new(
                Code::TooLarge,
                format!(
                    "The answer holds a document of more than {} bytes beside its images. Raise maxEventBytes if that \
                     is right.",
                    self.limits.max_kept_bytes
                ),
            ),
            json::Error::TooDeep => Failure::new(
                Code::TooLarge,
                format!(
                    "The answer nests its values more than {} deep, which no answer of Azure does. Raise maxNesting if that is right.",
                    self.limits.max_depth
                ),
            ),
        }
    }
}

impl<S: Sink> sse::Handler for Reader<S> {
    type Error = Failure;

    fn data(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        let Some(seen) = self.done else { return self.json(bytes) };
        let begun = DONE.get(..seen).unwrap_or_default();
        let missing = DONE.get(seen..).unwrap_or_default();
        if missing.starts_with(bytes) || bytes.starts_with(missing) {
            // What stands behind the marker does not matter.
            self.done = Some(seen.saturating_add(bytes.len()).min(DONE.len()));
            return Ok(());
        }
        self.done = None;
        self.json(begun)?;
        self.json(bytes)
    }

    fn dispatch(&mut self, name: &[u8]) -> Result<(), Failure> {
        match self.done.replace(0) {
            Some(0) | None => {}
            Some(seen) if seen == DONE.len() => return Ok(()),
            Some(_) => return Err(Failure::truncated()),
        }
        self.document(&String::from_utf8_lossy(name))
    }
}

/// The images of the document that is being read.
#[derive(Debug)]
struct Images<S: Sink> {
    assembler: Assembler<S>,
    /// `None` for one that was passed over.
    complete: Vec<Option<Result<S::Image, assembler::Error>>>,
    /// The ids of the image calls whose images are there already: the last of them.
    known: Vec<String>,
    /// Whether the image that is being read is one of these.
    omitted: bool,
    /// The image call whose item the image that is being read stands in.
    item: Option<String>,
}

/// How many image calls are remembered. Each image is looked up among them; one that was forgotten is only decoded again.
const MAX_KNOWN: usize = 100;

impl<S: Sink> Images<S> {
    fn omit(&mut self, id: String) {
        if self.known.len() == MAX_KNOWN {
            self.known.remove(0);
        }
        self.known.push(id);
    }

    /// An image begins, with this id beside it. `is_item`: in an item of its own.
    fn begin(&mut self, id: Option<&str>, is_item: bool) {
        // What has no name cannot be known again.
        let id = id.filter(|id| !id.is_empty());
        self.omitted = id.is_some_and(|id| self.known.iter().any(|known| known == id));
        self.item = id.filter(|_| is_item && !self.omitted).map(Into::into);
    }

    /// Decodes the results of image calls that were kept as text, since they are short and their `type` came only behind.
    fn decode_late(&mut self, document: &mut Value) {
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
            return;
        }
        self.begin(item.text("id"), is_item);
        if let Some(result @ Value::String(_)) = item.get_mut("result") {
            self.piece(result.as_str().unwrap_or_default().as_bytes());
            *result = Value::Streamed(self.end());
        }
    }
}

impl<S: Sink> Strings for Images<S> {
    fn route(&mut self, path: Path<'_>) -> Route {
        if is_echo(path) {
            (self.omitted, self.item) = (true, None);
            return Route::StreamIfLong;
        }
        let route = route(path);
        if route != Route::Keep {
            // Only a result has an id beside it.
            self.begin(path.sibling("id").and_then(Value::as_str), path.is(&["item", "result"]));
        }
        route
    }

    fn piece(&mut self, bytes: &[u8]) {
        if !self.omitted {
            self.assembler.push(bytes);
        }
    }

    fn end(&mut self) -> usize {
        let index = self.complete.len();
        let image = (!self.omitted).then(|| self.assembler.finish());
        if let (Some(Ok(_)), Some(id)) = (&image, self.item.take()) {
            self.omit(id);
        }
        self.complete.push(image);
        index
    }
}

/// The `type` of an item of a response that holds an image.
pub(crate) const IMAGE_CALL: &str = "image_generation_call";

/// Where images stand in the documents of Azure: those of the Images API (events, answers), and those of an image
/// generation call in the Responses API (events, an item of its own, items of a response within an event and alone).
fn route(path: Path<'_>) -> Route {
    if path.is(&["b64_json"]) || path.is(&["data", "*", "b64_json"]) || path.is(&["partial_image_b64"]) {
        return Route::Stream;
    }
    if path.is(&["item", "result"])
        || path.is(&["output", "*", "result"])
        || path.is(&["response", "output", "*", "result"])
    {
        // Other items have results too, which are text.
        return match path.sibling("type").and_then(Value::as_str) {
            Some(IMAGE_CALL) => Route::Stream,
            Some(_) => Route::Keep,
            None => Route::StreamIfLong,
        };
    }
    Route::Keep
}

/// Where a response repeats an image of its request, which may be longer than all the rest.
fn is_echo(path: Path<'_>) -> bool {
    path.is(&["tools", "*", "input_image_mask", "image_url"])
        || path.is(&["response", "tools", "*", "input_image_mask", "image_url"])
}

fn web_page() -> Failure {
    let failure = Failure::new(
        Code::Service,
        "A web page came instead of an answer. Probably the endpoint is not that of an Azure OpenAI resource, or a proxy \
         or sign-in page stands in between: open the endpoint's address in a browser tab, and check it.",
    );
    failure.with(|details| details.retryable = false)
}

impl Failure {
    /// The answer ended before its image was complete.
    #[must_use]
    pub fn truncated() -> Self {
        Self::new(
            Code::StreamTruncated,
            "The answer ended before the image was complete. Try again; if it happens often, look for a proxy that cuts long answers off.",
        )
    }
}
