//! Answers of the Responses API: what the documents mean, whether they are the events of a stream or one response.
//!
//! A stream has ended only with an event that holds the whole response (`response.completed`, `.failed`, `.incomplete`), or
//! with an error. An image comes on the event that ends its call (`response.output_item.done`), and again in the whole
//! response; it is reported once. How the response ended is in the [`Summary`]: a failed one is no broken answer, and its text,
//! its cost and its images count all the same.
//!
//! Events that are not known pass by: the sources disagree about many of their names.

use serde::Serialize;

use crate::decode::assembler::{self, Sink};
use crate::decode::json::Value;
use crate::decode::stream::{DecodedImages, Decoder, Document, IMAGE_CALL, Limits};
use crate::errors::content_filter::ContentFilter;
use crate::errors::{Billed, Code, Failure, beginning};
use crate::models::usage::{ResponseUsage, Usage};
use crate::responses::image_tool;

/// Something that happened while an answer arrived.
#[derive(Debug)]
pub enum Event<P> {
    /// The response has another status: `queued`, `in_progress`, `completed`, `failed`, `incomplete`, `cancelled`.
    Status(String),
    /// The next words of the model. Only streams have them.
    TextDelta(String),
    /// The next words with which the model refuses. Only streams have them.
    Refusal(String),
    /// A call of the image tool has another status.
    CallStatus {
        /// The id of the call; empty where the service gives none.
        item_id: String,
        /// Its place among everything that the response brings, from 0.
        output_index: u64,
        /// `in_progress`, `generating`, `completed`. The image is there only with [`Event::Image`].
        status: String,
    },
    /// A partial image: a rougher image of what is being made.
    PartialImage {
        /// Counts the partial images of the call, from 0.
        index: u64,
        /// The id of the call.
        item_id: String,
        /// Its place in the response.
        output_index: u64,
        /// The partial image.
        image: P,
    },
    /// A finished image.
    Image {
        /// The id of the call.
        item_id: String,
        /// Its place in the response.
        output_index: u64,
        /// The image.
        image: P,
        /// What the service says about it.
        details: ImageDetails,
        /// It came with an event before those that were asked for ([`Progress::of`]), and only the whole response repeats it.
        is_earlier: bool,
    },
    /// A call brings no image, and why.
    CallFailed {
        /// The id of the call.
        item_id: String,
        /// Its place in the response.
        output_index: u64,
        /// Why.
        failure: Failure,
    },
}

impl<P> Event<P> {
    /// The bytes of its ids, statuses and descriptions. What the model says is counted elsewhere.
    fn named_bytes(&self) -> usize {
        match self {
            Self::TextDelta(_) | Self::Refusal(_) => 0,
            Self::Status(status) => status.len(),
            Self::CallStatus { item_id, status, .. } => item_id.len().saturating_add(status.len()),
            Self::PartialImage { item_id, .. } => item_id.len(),
            Self::CallFailed { item_id, failure, .. } => item_id.len().saturating_add(failure.bytes()),
            Self::Image { item_id, details, .. } => item_id.len().saturating_add(details.bytes()),
        }
    }
}

/// What the service says about an image. Most of it only newer services say; the bytes are the better witness.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ImageDetails {
    /// `generate` or `edit`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub action: Option<String>,
    /// The prompt that the text model wrote.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub revised_prompt: Option<String>,
    /// The size, such as `1024x1024`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub size: Option<String>,
    /// The quality.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quality: Option<String>,
    /// The background.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub background: Option<String>,
    /// The format.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub output_format: Option<String>,
}

impl ImageDetails {
    /// The bytes of its texts.
    fn bytes(&self) -> usize {
        let Self { action, revised_prompt, size, quality, background, output_format } = self;
        [action, revised_prompt, size, quality, background, output_format].into_iter().flatten().map(String::len).sum()
    }
}

/// What is known once an answer is complete.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Summary {
    /// By which the response can be fetched, cancelled and gone on from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// `completed`, `failed`, `incomplete` or `cancelled`; of a response that was made in the background also `queued` or
    /// `in_progress`.
    pub status: String,
    /// The text model.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// The image model, or what stands for it, as the response's own tool names it.
    #[serde(skip)]
    pub image_model: Option<String>,
    /// When the response was begun, in seconds since 1970.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_at: Option<u64>,
    /// The conversation that it belongs to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub conversation: Option<String>,
    /// Everything that the model said; may be empty.
    pub text: String,
    /// With which words it refused, if it did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refusal: Option<String>,
    /// What the text model cost.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub usage: Option<ResponseUsage>,
    /// What the images cost, where the service says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image_usage: Option<Usage>,
    /// Why the response did not complete. Calls that failed are no reason: the model may have gone on without them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failure: Option<Failure>,
    /// The last event of the stream.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_sequence_number: Option<u64>,
    /// The response as it came, without its images ([`Value::write`] puts `null` in their places).
    #[serde(skip)]
    pub response: Value,
}

impl Summary {
    /// Whether nothing more will come of the response.
    #[must_use]
    pub fn is_final(&self) -> bool {
        !IN_WORK.contains(&self.status.as_str())
    }

    /// Says that the response was to be complete by now, and is not.
    pub fn fail_in_work(&mut self) {
        let Self { id, status, .. } = self;
        let rest = match id {
            Some(id) => format!("What is being made goes on at Azure: responses.resume(\"{id}\") follows it."),
            None => "It has no id by which it could be followed; look for a proxy that changes answers.".into(),
        };
        let message = format!(
            "The service answered with a response that is not complete, but {status}, as one in the background is. {rest} \
             responses.start() makes a response in the background."
        );
        self.failure = Some(Failure::new(Code::StreamMalformed, message));
    }
}

/// The statuses of a response that is being worked on.
const IN_WORK: [&str; 2] = ["queued", "in_progress"];

/// Most calls of the image tool in a response. Each is looked up among the others with each of its events.
const MAX_CALLS: usize = 1000;

/// Most events of a response that are told. Each waits until the page asks for it, which it may never do. The longest texts have half as
/// many tokens.
const MAX_EVENTS: usize = 250_000;

/// How many times as much as an event may have, all events may tell of ids, statuses and descriptions, which wait as they do.
const MAX_NAMED_TEXTS: usize = 16;

/// Longest id or status, in bytes: far more than any that was seen. They are kept for each call.
const MAX_ID_BYTES: usize = 2048;

/// How far a stream was read, so that another can go on where it broke off.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Progress {
    id: Option<String>,
    status: String,
    last_sequence_number: Option<u64>,
    /// By their places in the response.
    calls: Vec<Call>,
    /// What the events said so far, for a response that does not repeat it at its end.
    text: String,
    refusal: String,
    /// How many events were told, how many bytes of names and descriptions with them, and how many the images among them had.
    events: usize,
    named_bytes: usize,
    image_bytes: u64,
    /// Earlier events were read by somebody else, of whom nothing but a number is known.
    is_partial: bool,
}

impl Progress {
    /// Of a response of which nothing but the number of the last event is known, as behind a reload of the page.
    #[must_use]
    pub fn of(id: &str, last_sequence_number: Option<u64>) -> Self {
        let is_partial = last_sequence_number.is_some();
        Self { id: Some(id.into()), last_sequence_number, is_partial, ..Self::default() }
    }

    /// The id of the response, once it is known.
    #[must_use]
    pub fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    /// The number of the last event that was read: what `starting_after` wants.
    #[must_use]
    pub fn last_sequence_number(&self) -> Option<u64> {
        self.last_sequence_number
    }

    /// The response as far as it is known.
    #[must_use]
    pub fn partial(&self) -> Summary {
        let status = if self.status.is_empty() { "queued" } else { &self.status };
        Summary {
            id: self.id.clone(),
            status: status.into(),
            model: None,
            image_model: None,
            created_at: None,
            conversation: None,
            text: self.text.clone(),
            refusal: Some(self.refusal.clone()).filter(|refusal| !refusal.is_empty()),
            usage: None,
            image_usage: None,
            failure: None,
            last_sequence_number: self.last_sequence_number,
            response: Value::Null,
        }
    }

    /// Takes over where another one stands, but not what was said and drawn until there, which may be much.
    pub(crate) fn follow(&mut self, other: &Self) {
        if self.id != other.id {
            self.id.clone_from(&other.id);
        }
        self.last_sequence_number = other.last_sequence_number;
        self.is_partial = other.is_partial;
    }

    fn take_call(&mut self, item_id: &str, output_index: u64) -> Call {
        match self.calls.iter().position(|call| call.is(item_id, output_index)) {
            Some(position) => self.calls.remove(position),
            None => Call { item_id: item_id.into(), output_index, ..Call::default() },
        }
    }

    /// Puts a call where it belongs by its place in the response.
    fn put_call(&mut self, call: Call) {
        let position = self.calls.partition_point(|other| other.output_index <= call.output_index);
        self.calls.insert(position, call);
    }
}

/// A call of the image tool.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Call {
    item_id: String,
    output_index: u64,
    /// The last that was reported; empty before.
    status: String,
    outcome: Outcome,
    /// What was wrong with its image. The whole response may hold it better.
    damage: Option<Failure>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Outcome {
    #[default]
    Open,
    Delivered,
    Failed,
}

impl Call {
    fn is(&self, item_id: &str, output_index: u64) -> bool {
        if self.item_id.is_empty() || item_id.is_empty() {
            self.output_index == output_index
        } else {
            self.item_id == item_id
        }
    }

    fn change_status<P>(&mut self, status: &str, report: &mut dyn FnMut(Event<P>)) {
        if self.outcome == Outcome::Open && !status.is_empty() && self.status != status {
            self.status = status.into();
            report(Event::CallStatus {
                item_id: self.item_id.clone(),
                output_index: self.output_index,
                status: status.into(),
            });
        }
    }

    fn fail<P>(&mut self, failure: Failure, report: &mut dyn FnMut(Event<P>)) {
        self.outcome = Outcome::Failed;
        report(Event::CallFailed { item_id: self.item_id.clone(), output_index: self.output_index, failure });
    }
}

/// Reads the answer to a request for a response, or for one that is stored, streamed or not.
#[derive(Debug)]
pub struct ResponseReader<S: Sink> {
    decoder: Decoder<S>,
    progress: Progress,
    /// Events up to this number were read by another reader.
    seen: Option<u64>,
    /// Most that the events may say, in bytes: the event that ends them repeats it.
    max_text_bytes: usize,
    summary: Option<Summary>,
}

impl<S: Sink> ResponseReader<S> {
    /// A reader at the start of an answer.
    pub fn new(sink: S, limits: Limits) -> Self {
        Self::resume(sink, limits, Progress::default())
    }

    /// A reader of the stream with which another one's is gone on. Events that the other has read are passed over, but for
    /// images that it had not got.
    pub fn resume(sink: S, limits: Limits, progress: Progress) -> Self {
        let mut decoder = Decoder::new(sink, limits);
        decoder.count(progress.image_bytes);
        for call in progress.calls.iter().filter(|call| call.outcome == Outcome::Delivered) {
            decoder.omit(&call.item_id);
        }
        let max_text_bytes = limits.max_event_bytes;
        Self { decoder, seen: progress.last_sequence_number, progress, max_text_bytes, summary: None }
    }

    /// Takes the next chunk of the answer, and reports what it brought, with the number of the event that brought it.
    ///
    /// # Errors
    /// The service reports an error, or the answer is not what the protocol says. No more chunks may be pushed after it.
    pub fn push(&mut self, chunk: &[u8], report: &mut dyn FnMut(Option<u64>, Event<S::Image>)) -> Result<(), Failure> {
        let pushed = self.decoder.push(chunk);
        // What was complete before a fault still counts.
        self.read_documents(report)?;
        if self.is_complete() { Ok(()) } else { pushed.map_err(|failure| self.billed(failure)) }
    }

    /// Whether the whole response has come, so that the rest of the answer does not matter.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.summary.is_some()
    }

    /// How far the answer was read.
    #[must_use]
    pub fn progress(&self) -> &Progress {
        &self.progress
    }

    /// The same, once nothing more is to be read: after a fault, what [`ResponseReader::resume`] wants.
    #[must_use]
    pub fn into_progress(self) -> Progress {
        Progress { image_bytes: self.decoder.image_bytes(), ..self.progress }
    }

    /// The answer has ended. The summary is given once.
    ///
    /// # Errors
    /// It ended before the response did.
    pub fn finish(&mut self, report: &mut dyn FnMut(Option<u64>, Event<S::Image>)) -> Result<Summary, Failure> {
        if !self.is_complete() {
            let ended = self.decoder.finish();
            self.read_documents(report)?;
            if !self.is_complete() {
                ended.map_err(|failure| self.billed(failure))?;
            }
        }
        self.summary.take().ok_or_else(|| self.billed(Failure::truncated()))
    }

    fn read_documents(&mut self, report: &mut dyn FnMut(Option<u64>, Event<S::Image>)) -> Result<(), Failure> {
        while !self.is_complete()
            && let Some(document) = self.decoder.next_document()
        {
            let number = document.value.get("sequence_number").and_then(Value::as_u64);
            let Progress { mut events, mut named_bytes, .. } = self.progress;
            let mut report = |event: Event<_>| {
                events = events.saturating_add(1);
                named_bytes = named_bytes.saturating_add(event.named_bytes());
                report(number, event);
            };
            let read = self.read_document(document, number, &mut report);
            (self.progress.events, self.progress.named_bytes) = (events, named_bytes);
            read.map_err(|failure| self.billed(failure))?;
        }
        Ok(())
    }

    fn read_document(
        &mut self,
        document: Document<S::Image>,
        number: Option<u64>,
        report: &mut dyn FnMut(Event<S::Image>),
    ) -> Result<(), Failure> {
        let Document { name, mut value, mut images } = document;
        // Most streams name the event twice, some only here or only there.
        let kind = value.text("type").unwrap_or(&name).to_owned();
        self.check_size(&kind, &value)?;
        let is_new = number.zip(self.seen).is_none_or(|(number, seen)| number > seen);
        self.progress.last_sequence_number = self.progress.last_sequence_number.max(number);
        let is_response = is_response(&value);
        let is_whole = value.get("response").is_some_and(|response| response.as_object().is_some());
        // An `error` within a response belongs to it, and one beside a call to that.
        let has_error_of_its_own = is_response || is_whole || kind.starts_with("response.image_generation_call.");
        if (!has_error_of_its_own || kind == "error")
            && let Some(failure) = Failure::from_event(&name, &value)
        {
            return Err(failure);
        }
        if is_response {
            self.whole_response(value, "", &mut images, report);
            return Ok(());
        }
        if let Some(item) = value.get("item") {
            self.item(item, index_of(&value), is_new, &mut images, report);
        }
        let Some(event) = kind.strip_prefix("response.") else { return Ok(()) };
        match event {
            "completed" | "failed" | "incomplete" | "cancelled" => {
                let place = value.get_mut("response");
                let response = place.map(std::mem::take).unwrap_or_default();
                self.whole_response(response, event, &mut images, report);
            }
            _ if !is_new => {}
            "created" | "queued" | "in_progress" => {
                if let Some(id) = value.get("response").and_then(|response| text(response, "id")) {
                    self.progress.id = Some(id);
                }
                let status = value.get("response").and_then(|response| text(response, "status"));
                // A response that was created has a status of its own.
                let of_event = Some(event).filter(|event| *event != "created").map(Into::into);
                self.status(status.or(of_event), report);
            }
            "output_text.delta" => {
                if let Some(delta) = text(&value, "delta").filter(|delta| !delta.is_empty()) {
                    self.progress.text.push_str(&delta);
                    report(Event::TextDelta(delta));
                }
            }
            "refusal.delta" => {
                if let Some(delta) = text(&value, "delta").filter(|delta| !delta.is_empty()) {
                    self.progress.refusal.push_str(&delta);
                    report(Event::Refusal(delta));
                }
            }
            _ => {
                if let Some(status) = event.strip_prefix("image_generation_call.") {
                    self.call_event(status, &value, &mut images, report);
                }
            }
        }
        Ok(())
    }

    /// Refuses what would be kept beyond all measure.
    fn check_size(&self, kind: &str, event: &Value) -> Result<(), Failure> {
        const ADVICE: &str = "Check that the endpoint is Azure's.";
        let Progress { calls, text, refusal, events, named_bytes, .. } = &self.progress;
        let length = |value: Option<&Value>, name| value.and_then(|value| value.text(name)).map_or(0, str::len);
        // Those of other items are not kept.
        let item = event.get("item").filter(|item| item.text("type") == Some(IMAGE_CALL));
        let item_id = Some(event).filter(|_| kind.starts_with("response.image_generation_call."));
        let response = event.get("response");
        let mut ids =
            [length(item, "id"), length(item, "status"), length(item_id, "item_id"), kind.len()].into_iter().chain(
                [response, Some(event)].into_iter().flat_map(|value| [length(value, "id"), length(value, "status")]),
            );
        let said = text.len().saturating_add(refusal.len());
        let message = if calls.len() > MAX_CALLS {
            format!(
                "The response has more than {MAX_CALLS} calls of the image tool, which none of Azure's has. {ADVICE}"
            )
        } else if ids.any(|length| length > MAX_ID_BYTES) {
            format!(
                "The response has an id or a status of more than {MAX_ID_BYTES} bytes, which none of Azure's has. {ADVICE}"
            )
        } else if *events > MAX_EVENTS {
            format!("The response has more than {MAX_EVENTS} events, which none of Azure's has. {ADVICE}")
        } else if *named_bytes > self.max_text_bytes.saturating_mul(MAX_NAMED_TEXTS) {
            format!(
                "The response names and describes what it makes with more than {MAX_NAMED_TEXTS} times maxEventBytes. Raise maxEventBytes \
                 if that is right."
            )
        } else if said > self.max_text_bytes {
            format!("The response says more than {} bytes. Raise maxEventBytes if that is right.", self.max_text_bytes)
        } else {
            return Ok(());
        };
        Err(Failure::new(Code::TooLarge, message))
    }

    fn status(&mut self, status: Option<String>, report: &mut dyn FnMut(Event<S::Image>)) {
        if let Some(status) = status.filter(|status| *status != self.progress.status) {
            self.progress.status.clone_from(&status);
            report(Event::Status(status));
        }
    }

    /// An event about a call that does not hold its item.
    fn call_event(
        &mut self,
        event: &str,
        value: &Value,
        images: &mut DecodedImages<S::Image>,
        report: &mut dyn FnMut(Event<S::Image>),
    ) {
        let item_id = text(value, "item_id").unwrap_or_default();
        let output_index = index_of(value);
        if event == "partial_image" {
            let index = value.get("partial_image_index").and_then(Value::as_u64).unwrap_or_default();
            // A damaged partial image is no reason to lose the image.
            if let Some(Ok(image)) = images.take(value.get("partial_image_b64")) {
                report(Event::PartialImage { index, item_id, output_index, image });
            }
            return;
        }
        let mut call = self.progress.take_call(&item_id, output_index);
        call.change_status(event, report);
        self.progress.put_call(call);
    }

    /// What the response brings at one place: an image, or what became of it, or something else.
    fn item(
        &mut self,
        item: &Value,
        output_index: u64,
        is_new: bool,
        images: &mut DecodedImages<S::Image>,
        report: &mut dyn FnMut(Event<S::Image>),
    ) {
        if item.text("type") != Some(IMAGE_CALL) {
            return;
        }
        let item_id = text(item, "id").unwrap_or_default();
        let mut call = self.progress.take_call(&item_id, output_index);
        if call.outcome == Outcome::Open {
            let status = item.text("status").unwrap_or_default();
            match images.take(item.get("result")) {
                Some(Ok(image)) => {
                    call.outcome = Outcome::Delivered;
                    report(Event::Image { item_id, output_index, image, details: details(item), is_earlier: false });
                }
                // Whether this is all that comes of it, the whole response says.
                Some(Err(error)) if error != assembler::Error::Empty => call.damage = Some(error.into()),
                _ => match Failure::from_event("", item) {
                    Some(failure) => call.fail(failure, report),
                    None if status == "failed" => call.fail(call_failed(), report),
                    None if is_new => call.change_status(status, report),
                    None => {}
                },
            }
        }
        self.progress.put_call(call);
    }

    /// What the response brought before the events that were asked for. Whether anything came of it, their reader knows.
    fn earlier_item(
        item: &Value,
        output_index: u64,
        images: &mut DecodedImages<S::Image>,
        report: &mut dyn FnMut(Event<S::Image>),
    ) {
        if item.text("type") == Some(IMAGE_CALL)
            && let Some(Ok(image)) = images.take(item.get("result"))
        {
            let item_id = text(item, "id").unwrap_or_default();
            report(Event::Image { item_id, output_index, image, details: details(item), is_earlier: true });
        }
    }

    /// The response, as it ends a stream, or as it is fetched. `event`: the kind of end, for one that does not say it.
    fn whole_response(
        &mut self,
        response: Value,
        event: &str,
        images: &mut DecodedImages<S::Image>,
        report: &mut dyn FnMut(Event<S::Image>),
    ) {
        let output = response.get("output").and_then(Value::as_array).unwrap_or_default();
        for (item, index) in output.iter().zip(0_u64..) {
            let id = item.text("id").unwrap_or_default();
            let is_known = self.progress.calls.iter().any(|call| call.is(id, index));
            if self.progress.is_partial && !event.is_empty() && !is_known {
                Self::earlier_item(item, index, images, report);
            } else {
                self.item(item, index, true, images, report);
            }
        }
        let status = text(&response, "status").unwrap_or_else(|| event.into());
        for call in self.progress.calls.iter_mut().filter(|call| call.outcome == Outcome::Open) {
            let is_expected = status == "completed" || call.status == "completed" || call.damage.is_some();
            if is_expected && !IN_WORK.contains(&status.as_str()) {
                let failure = call.damage.take().unwrap_or_else(unavailable);
                call.fail(failure, report);
            }
        }
        let said = |kind, member| said(output, kind, member);
        let spoken = said("output_text", "text").unwrap_or_else(|| std::mem::take(&mut self.progress.text));
        let refused = || Some(std::mem::take(&mut self.progress.refusal)).filter(|words| !words.is_empty());
        let refusal = said("refusal", "refusal").or_else(refused);
        let id = text(&response, "id").or_else(|| self.progress.id.clone());
        self.progress.id.clone_from(&id);
        self.status(Some(status.clone()), report);
        let conversation = response.get("conversation");
        self.summary = Some(Summary {
            id,
            model: text(&response, "model"),
            image_model: image_model(&response),
            created_at: response.get("created_at").and_then(Value::as_u64),
            conversation: conversation.and_then(|it| it.as_str().map(Into::into).or_else(|| text(it, "id"))),
            text: spoken,
            refusal,
            usage: ResponseUsage::read(&response),
            image_usage: Usage::of_image_tool(&response),
            failure: failure(&response, &status).map(|failure| self.billed(failure)),
            last_sequence_number: self.progress.last_sequence_number,
            status,
            response,
        });
    }

    /// A failure of an answer that may have brought images before.
    fn billed(&self, failure: Failure) -> Failure {
        let has_image = self.progress.calls.iter().any(|call| call.outcome == Outcome::Delivered);
        failure.with(|details| {
            if has_image {
                details.billed = Billed::Yes;
            }
        })
    }
}

/// Whether a document is a response itself, and no event about one.
fn is_response(value: &Value) -> bool {
    let is_object = value.text("object") == Some("response");
    let has_output = value.get("output").is_some_and(|output| output.as_array().is_some());
    (is_object || has_output) && value.get("status").is_some() && value.get("type").is_none()
}

fn index_of(event: &Value) -> u64 {
    event.get("output_index").and_then(Value::as_u64).unwrap_or_default()
}

fn details(item: &Value) -> ImageDetails {
    ImageDetails {
        action: text(item, "action"),
        revised_prompt: text(item, "revised_prompt"),
        size: text(item, "size"),
        quality: text(item, "quality"),
        background: text(item, "background"),
        output_format: text(item, "output_format"),
    }
}

fn image_model(response: &Value) -> Option<String> {
    let tools = response.get("tools").and_then(Value::as_array).unwrap_or_default();
    text(tools.iter().find(|tool| tool.text("type") == Some(image_tool::TYPE))?, "model")
}

/// Everything of one kind that the messages hold; `None` where there is none of it.
fn said(output: &[Value], kind: &str, member: &str) -> Option<String> {
    let is = |value: &Value, kind| value.text("type") == Some(kind);
    let parts = output.iter().filter(|item| is(item, "message"));
    let parts = parts.flat_map(|item| item.get("content").and_then(Value::as_array).unwrap_or_default());
    let mut texts = parts.filter(|part| is(part, kind)).filter_map(|part| part.get(member)?.as_str()).peekable();
    texts.peek().is_some().then(|| texts.collect())
}

fn text(value: &Value, name: &str) -> Option<String> {
    value.text(name).map(Into::into)
}

/// Why a response did not complete.
fn failure(response: &Value, status: &str) -> Option<Failure> {
    match status {
        "completed" | "queued" | "in_progress" => None,
        "cancelled" => Some(Failure::new(
            Code::Cancelled,
            "The response was cancelled before it was complete. Make it again if it is still wanted.",
        )),
        "incomplete" => Some(incomplete(response)),
        _ => Some(Failure::from_event("", response).unwrap_or_else(|| {
            Failure::new(
                Code::Service,
                format!(
                    "The response ended as \"{}\", and Azure does not say why. Whether an image was made, and billed, cannot be \
                     told; try again later.",
                    beginning(status)
                ),
            )
        })),
    }
}

fn incomplete(response: &Value) -> Failure {
    let reason = response.get("incomplete_details").and_then(|details| details.get("reason")).and_then(Value::as_str);
    let failure = match reason {
        Some("content_filter") => {
            let filter = ContentFilter { source: "unknown", stage: None, categories: Vec::new() };
            let message =
                format!("Azure's content filter stopped the response before it was complete. {}", filter.advice());
            Failure::new(Code::ContentFilter, message).with(|details| details.content_filter = Some(filter))
        }
        Some("max_output_tokens") => Failure::invalid(
            "max_output_tokens",
            "The response stopped at the limit on what the model may write (max_output_tokens). Raise it or leave it out \
             (extraBody).",
        )
        // The model has worked.
        .with(|details| details.billed = Billed::Unknown),
        _ => Failure::new(
            Code::Service,
            "The response stopped before it was complete. Whether an image was made, and billed, cannot be told; try again.",
        ),
    };
    failure.with(|details| details.service_code = reason.map(Into::into))
}

fn call_failed() -> Failure {
    Failure::new(
        Code::Service,
        "The image was not made, and Azure does not say why. What the model wrote may tell; try again, or change the prompt.",
    )
}

/// An image that was made and is not there.
fn unavailable() -> Failure {
    let failure = Failure::new(
        Code::NoImage,
        "The image was made, but it can no longer be fetched: Azure hands it out while the response is made, and often not when the \
         response is fetched later. Keep images when they come. To have this one, make it again.",
    );
    failure.with(|details| details.billed = Billed::Yes)
}
