//! Responses of the Responses API: parsing of stream events and of JSON responses.
//!
//! A stream ends with an event that contains the whole response (`response.completed`, `.failed`, `.incomplete`), or
//! with an error. An image arrives in the event that ends its call (`response.output_item.done`), and again in the
//! whole response. It is reported once. The [`Summary`] contains the final status: a failed response is still a valid
//! HTTP response, with text, cost and images.
//!
//! Unknown events are ignored, because the sources disagree about many event names.

use serde::Serialize;

use crate::decode::assembler::{self, Sink};
use crate::decode::json::Value;
use crate::decode::stream::{DecodedImages, Decoder, Document, IMAGE_CALL, Limits};
use crate::errors::billing::still_running;
use crate::errors::content_filter::ContentFilter;
use crate::errors::foreign::Task;
use crate::errors::{Billed, Code, Failure, beginning};
use crate::models::usage::{ResponseUsage, Usage};
use crate::responses::image_tool;
use crate::responses::tool_items::{self, Kind, ToolItems};
use crate::responses::tools;

/// Event while reading a response.
#[derive(Debug)]
pub enum Event<P> {
    /// New status of the response: `queued`, `in_progress`, `completed`, `failed`, `incomplete`, `cancelled`.
    Status(String),
    /// The next part of the model output. Streams only.
    TextDelta(String),
    /// The next part of a refusal. Streams only.
    Refusal(String),
    /// New status of a call of the image generation tool.
    CallStatus {
        /// The id of the call. Empty if the service sends none.
        item_id: String,
        /// The index in the output of the response, starting at 0.
        output_index: u64,
        /// `in_progress`, `generating`, `completed`. The image arrives with [`Event::Image`].
        status: String,
    },
    /// A partial image: an intermediate version of the image.
    PartialImage {
        /// The index of the partial image within the call, starting at 0.
        index: u64,
        /// The id of the call.
        item_id: String,
        /// The index in the output of the response.
        output_index: u64,
        /// The partial image.
        image: P,
    },
    /// A complete image.
    Image {
        /// The id of the call.
        item_id: String,
        /// The index in the output of the response.
        output_index: u64,
        /// The image.
        image: P,
        /// The metadata of the image.
        details: ImageDetails,
        /// True if the image belongs to an event before the requested ones ([`Progress::of`]), and arrived only with
        /// the whole response.
        is_earlier: bool,
    },
    /// A call that returned no image.
    CallFailed {
        /// The id of the call.
        item_id: String,
        /// The index in the output of the response.
        output_index: u64,
        /// The error.
        failure: Failure,
    },
    /// The next part of the arguments, the input or the code of a call of another tool. Streams only.
    ToolCallDelta {
        /// The id of the call.
        item_id: String,
        /// The index in the output of the response.
        output_index: u64,
        /// The name of the function, if known.
        name: Option<String>,
        /// The part.
        delta: String,
    },
    /// A complete call of another tool.
    ToolCall {
        /// The index in the output of the response.
        output_index: u64,
        /// The item of the service as JSON, without its images.
        item: String,
        /// The images of its outputs.
        images: Vec<P>,
        /// See [`Event::Image`].
        is_earlier: bool,
    },
    /// A request to approve a call.
    ApprovalRequest {
        /// The index in the output of the response.
        output_index: u64,
        /// The item of the service as JSON.
        item: String,
        /// See [`Event::Image`].
        is_earlier: bool,
    },
    /// A citation in a message of the model.
    Citation {
        /// The index in the output of the response.
        output_index: u64,
        /// The citation of the service as JSON.
        citation: String,
        /// See [`Event::Image`].
        is_earlier: bool,
    },
}

impl<P> Event<P> {
    /// Returns the total size of its ids, statuses, descriptions and tool items, in bytes. The text of the model is counted
    /// separately.
    fn named_bytes(&self) -> usize {
        match self {
            Self::TextDelta(_) | Self::Refusal(_) => 0,
            Self::Status(status) => status.len(),
            Self::CallStatus { item_id, status, .. } => item_id.len().saturating_add(status.len()),
            Self::PartialImage { item_id, .. } => item_id.len(),
            Self::CallFailed { item_id, failure, .. } => item_id.len().saturating_add(failure.bytes()),
            Self::Image { item_id, details, .. } => item_id.len().saturating_add(details.bytes()),
            Self::ToolCallDelta { item_id, name, delta, .. } => {
                let name = name.as_ref().map_or(0, String::len);
                item_id.len().saturating_add(name).saturating_add(delta.len())
            }
            Self::ToolCall { item, .. } | Self::ApprovalRequest { item, .. } => item.len(),
            Self::Citation { citation, .. } => citation.len(),
        }
    }
}

/// Metadata of an image, as reported by newer services. The image bytes are more reliable.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ImageDetails {
    /// `generate` or `edit`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub action: Option<String>,
    /// The prompt written by the text model.
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
    /// Returns the total size of its strings, in bytes.
    fn bytes(&self) -> usize {
        let Self { action, revised_prompt, size, quality, background, output_format } = self;
        [action, revised_prompt, size, quality, background, output_format].into_iter().flatten().map(String::len).sum()
    }
}

/// Summary of a complete response.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Summary {
    /// The response id, for retrieval, cancellation and follow-up responses.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// `completed`, `failed`, `incomplete` or `cancelled`. For a background response also `queued` or `in_progress`.
    pub status: String,
    /// The text model.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// The image model or its deployment, from the tool in the response.
    #[serde(skip)]
    pub image_model: Option<String>,
    /// Creation time of the response, in seconds since 1970.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_at: Option<u64>,
    /// The id of the conversation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub conversation: Option<String>,
    /// The text of the model. May be empty.
    pub text: String,
    /// The refusal of the model, if any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refusal: Option<String>,
    /// Token usage of the text model.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub usage: Option<ResponseUsage>,
    /// Token usage of the images, if reported.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image_usage: Option<Usage>,
    /// The error of a response that did not complete. Failed calls are not included: the model can continue.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failure: Option<Failure>,
    /// The sequence number of the last event.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_sequence_number: Option<u64>,
    /// The received response without its images, which [`Value::write`] writes as `null`.
    #[serde(skip)]
    pub response: Value,
}

impl Summary {
    /// Returns true if the status of the response is final.
    #[must_use]
    pub fn is_final(&self) -> bool {
        !IN_WORK.contains(&self.status.as_str())
    }

    /// Sets the error of a response that should be complete but is still in progress.
    pub fn fail_in_work(&mut self) {
        let Self { id, status, .. } = self;
        let rest = match id {
            Some(id) => still_running(id),
            None => " It has no id to follow it with. Check for a proxy that modifies responses.".into(),
        };
        let message = format!(
            "The service returned an incomplete response with the status {status}, as for a background \
             response.{rest} For background responses, use responses.start()."
        );
        self.failure = Some(Failure::new(Code::StreamMalformed, message));
    }
}

/// Statuses of a response in progress.
const IN_WORK: [&str; 2] = ["queued", "in_progress"];

/// Maximum number of tool calls in a response. Every event of a call searches the list of calls.
const MAX_CALLS: usize = 1000;

/// Maximum number of reported events of a response. Events are queued until the page consumes them. The longest texts
/// have half as many tokens.
const MAX_EVENTS: usize = 250_000;

/// Maximum total size of the ids, statuses and descriptions of all queued events, as a multiple of `max_event_bytes`.
const MAX_NAMED_TEXTS: usize = 16;

/// Maximum length of an id or a status, in bytes. They are stored per call. All known values are far shorter.
const MAX_ID_BYTES: usize = 2048;

/// Progress of a stream, from which another stream can resume.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Progress {
    id: Option<String>,
    status: String,
    last_sequence_number: Option<u64>,
    /// Calls of the image generation tool, ordered by output index.
    calls: Vec<Call>,
    /// Items of other tools.
    tools: ToolItems,
    /// The text so far, in case the final response does not repeat it.
    text: String,
    refusal: String,
    /// Number of reported events.
    events: usize,
    /// Total size of their ids, statuses and descriptions, in bytes.
    named_bytes: usize,
    /// Total size of their images, in bytes.
    image_bytes: u64,
    /// True if the events before `last_sequence_number` were received earlier, for example before a page reload.
    is_partial: bool,
}

impl Progress {
    /// Creates the progress of a response from its id and the sequence number of the last received event.
    #[must_use]
    pub fn of(id: &str, last_sequence_number: Option<u64>) -> Self {
        let is_partial = last_sequence_number.is_some();
        Self { id: Some(id.into()), last_sequence_number, is_partial, ..Self::default() }
    }

    /// Returns the response id if it is known.
    #[must_use]
    pub fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    /// Returns the sequence number of the last event, for `starting_after`.
    #[must_use]
    pub fn last_sequence_number(&self) -> Option<u64> {
        self.last_sequence_number
    }

    /// Returns the partial response.
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

    /// Copies the position of another progress, without its text and calls, which can be large.
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

    /// Inserts a call at the position of its output index.
    fn put_call(&mut self, call: Call) {
        let position = self.calls.partition_point(|other| other.output_index <= call.output_index);
        self.calls.insert(position, call);
    }
}

/// Call of the image generation tool.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Call {
    item_id: String,
    output_index: u64,
    /// The last reported status. Initially empty.
    status: String,
    outcome: Outcome,
    /// The error of an invalid image. The final response may contain a valid copy.
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

/// Reader for a created or retrieved response, streamed or not.
#[derive(Debug)]
pub struct ResponseReader<S: Sink> {
    decoder: Decoder<S>,
    progress: Progress,
    /// The last sequence number that an earlier reader has received.
    seen: Option<u64>,
    /// Maximum size of the model output, in bytes. The final event repeats the output and has the same limit.
    max_text_bytes: usize,
    /// True if an event or document of the Responses API has arrived.
    is_recognized: bool,
    /// The task that the response contains instead of an image.
    task: Option<Task>,
    summary: Option<Summary>,
}

impl<S: Sink> ResponseReader<S> {
    /// Creates a reader.
    pub fn new(sink: S, limits: Limits) -> Self {
        Self::resume(sink, limits, Progress::default())
    }

    /// Creates a reader that resumes from the progress of an earlier reader. Events that were already received are
    /// skipped, except for missing images.
    pub fn resume(sink: S, limits: Limits, progress: Progress) -> Self {
        let mut decoder = Decoder::new(sink, limits);
        decoder.count(progress.image_bytes);
        for call in progress.calls.iter().filter(|call| call.outcome == Outcome::Delivered) {
            decoder.omit(&call.item_id);
        }
        let max_text_bytes = limits.max_event_bytes;
        Self {
            decoder,
            seen: progress.last_sequence_number,
            progress,
            max_text_bytes,
            is_recognized: false,
            task: None,
            summary: None,
        }
    }

    /// Parses the next chunk of the response and reports its events with their sequence numbers.
    ///
    /// # Errors
    /// The service reports an error, or the response violates the protocol. Do not push more chunks after it.
    pub fn push(&mut self, chunk: &[u8], report: &mut dyn FnMut(Option<u64>, Event<S::Image>)) -> Result<(), Failure> {
        let pushed = self.decoder.push(chunk);
        // Events that were complete before the error are still reported.
        self.read_documents(report)?;
        if self.is_complete() { Ok(()) } else { pushed.map_err(|failure| self.billed(failure)) }
    }

    /// Returns true if the whole response has arrived. Any remaining data is not needed.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.summary.is_some()
    }

    /// Returns the progress.
    #[must_use]
    pub fn progress(&self) -> &Progress {
        &self.progress
    }

    /// Consumes the reader and returns the progress, for [`ResponseReader::resume`].
    #[must_use]
    pub fn into_progress(self) -> Progress {
        Progress { image_bytes: self.decoder.image_bytes(), ..self.progress }
    }

    /// Ends the response and returns its summary. Call it once.
    ///
    /// # Errors
    /// The data ended before the response was complete.
    pub fn finish(&mut self, report: &mut dyn FnMut(Option<u64>, Event<S::Image>)) -> Result<Summary, Failure> {
        if !self.is_complete() {
            let ended = self.decoder.finish();
            self.read_documents(report)?;
            if !self.is_complete() {
                ended.map_err(|failure| self.billed(failure))?;
            }
        }
        self.summary.take().ok_or_else(|| {
            let start = self.decoder.foreign_start();
            self.billed(Failure::without_result(self.is_recognized, self.task.as_ref(), start))
        })
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
        let Document { name, mut value, mut images, is_cut } = document;
        // Some services send the event type only in the `event` field, others only in the JSON.
        let kind = value.text("type").unwrap_or(&name).to_owned();
        self.check_size(&kind, &value)?;
        let is_new = number.zip(self.seen).is_none_or(|(number, seen)| number > seen);
        if !is_cut {
            self.progress.last_sequence_number = self.progress.last_sequence_number.max(number);
        }
        let is_response = is_response(&value);
        let is_whole = value.get("response").is_some_and(|response| response.as_object().is_some());
        // An `error` property of a response or of a call does not end the stream.
        let is_of_call = kind.starts_with("response.") && (kind.contains("_call") || kind.contains("mcp_"));
        let has_error_of_its_own = is_response || is_whole || is_of_call;
        if (!has_error_of_its_own || kind == "error")
            && let Some(failure) = Failure::from_event(&name, &value)
            // Of an error that is cut, only its message counts.
            && (!is_cut || failure.service_message.is_some())
        {
            return Err(failure);
        }
        if is_cut {
            self.cut_document(&value, &mut images, report);
            return Ok(());
        }
        let is_event = kind.starts_with("response.") || value.get("item").is_some();
        self.is_recognized |= is_response || is_event;
        if is_response {
            self.whole_response(value, "", &mut images, report);
            return Ok(());
        }
        if !is_event {
            self.task = self.task.take().or_else(|| Task::find(&value));
        }
        if let Some(item) = value.get("item") {
            if kind.ends_with("output_item.added") {
                self.progress.tools.begin(item, index_of(&value));
            } else {
                self.tool_item(item, index_of(&value), false, &mut images, report);
            }
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
                // `created` is not a status.
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
            "output_text.annotation.added" => self.annotation(&value, report),
            _ => {
                if let Some(status) = event.strip_prefix("image_generation_call.") {
                    self.call_event(status, &value, &mut images, report);
                } else if tool_items::is_delta(event) {
                    self.tool_call_delta(&value, report);
                }
            }
        }
        Ok(())
    }

    /// Checks the limits for data that is kept in memory.
    fn check_size(&self, kind: &str, event: &Value) -> Result<(), Failure> {
        const ADVICE: &str = "Azure's limits are far lower. Check that the endpoint belongs to Azure.";
        let Progress { calls, tools, text, refusal, events, named_bytes, .. } = &self.progress;
        let length = |value: Option<&Value>, name| value.and_then(|value| value.text(name)).map_or(0, str::len);
        // The ids of other items are not kept.
        let is_call = |item: &&Value| item.text("type") == Some(IMAGE_CALL) || tool_items::Kind::of(item).is_some();
        let item = event.get("item").filter(is_call);
        let item_id = Some(event).filter(|_| kind.starts_with("response.image_generation_call."));
        let response = event.get("response");
        let of_item = ["id", "status", "name", "call_id"].map(|name| length(item, name));
        let of_response = |value| [length(value, "id"), length(value, "status")];
        let mut ids = [length(item_id, "item_id"), kind.len()]
            .into_iter()
            .chain(of_item)
            .chain([response, Some(event)].into_iter().flat_map(of_response));
        let said = text.len().saturating_add(refusal.len());
        let message = if calls.len() > MAX_CALLS || tools.count() > MAX_CALLS {
            format!("The response has more than {MAX_CALLS} calls of tools. {ADVICE}")
        } else if ids.any(|length| length > MAX_ID_BYTES) {
            format!("The response has an id, a name or a status of more than {MAX_ID_BYTES} bytes. {ADVICE}")
        } else if *events > MAX_EVENTS {
            format!("The response has more than {MAX_EVENTS} events. {ADVICE}")
        } else if *named_bytes > self.max_text_bytes.saturating_mul(MAX_NAMED_TEXTS) {
            format!(
                "The ids and descriptions in the response have more than {MAX_NAMED_TEXTS} times maxEventBytes. Raise \
                 maxEventBytes if this is expected."
            )
        } else if said > self.max_text_bytes {
            format!(
                "The text of the response has more than {} bytes. Raise maxEventBytes if this is expected.",
                self.max_text_bytes
            )
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

    /// Handles an event of a call that does not contain the output item.
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
            // An invalid partial image must not fail the call.
            if let Some(Ok(image)) = images.take(value.get("partial_image_b64")) {
                // The call must have an outcome, even if no other event reports it.
                let call = self.progress.take_call(&item_id, output_index);
                self.progress.put_call(call);
                report(Event::PartialImage { index, item_id, output_index, image });
            }
            return;
        }
        let mut call = self.progress.take_call(&item_id, output_index);
        call.change_status(event, report);
        self.progress.put_call(call);
    }

    /// Handles an output item: an image, a failed call, or another item.
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
                // The final response may contain a valid copy of the image.
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

    /// Handles the part of a call of another tool.
    fn tool_call_delta(&mut self, value: &Value, report: &mut dyn FnMut(Event<S::Image>)) {
        let Some(delta) = text(value, "delta").filter(|delta| !delta.is_empty()) else { return };
        let item_id = text(value, "item_id").unwrap_or_default();
        let output_index = index_of(value);
        let name = self.progress.tools.name(&item_id, output_index).map(Into::into);
        report(Event::ToolCallDelta { item_id, output_index, name, delta });
    }

    /// Handles the event of a citation.
    fn annotation(&mut self, value: &Value, report: &mut dyn FnMut(Event<S::Image>)) {
        let index = |name| value.get(name).and_then(Value::as_u64).unwrap_or_default();
        let place = (index_of(value), index("content_index"), index("annotation_index"));
        if let Some(citation) = value.get("annotation").filter(|citation| citation.as_object().is_some())
            && self.progress.tools.cite(place)
        {
            report(Event::Citation { output_index: place.0, citation: citation.to_json(), is_earlier: false });
        }
    }

    /// Handles a complete output item of another tool, and the citations of a message.
    fn tool_item(
        &mut self,
        item: &Value,
        output_index: u64,
        is_earlier: bool,
        images: &mut DecodedImages<S::Image>,
        report: &mut dyn FnMut(Event<S::Image>),
    ) {
        let tools = &mut self.progress.tools;
        match tools.complete(item, output_index) {
            Some(Kind::Call) => {
                let outputs = item.get("outputs").and_then(Value::as_array).unwrap_or_default();
                let images = outputs.iter().filter_map(|output| images.take(output.get("url"))?.ok()).collect();
                report(Event::ToolCall { output_index, item: item.to_json(), images, is_earlier });
            }
            Some(Kind::ApprovalRequest) => {
                report(Event::ApprovalRequest { output_index, item: item.to_json(), is_earlier });
            }
            None => {}
        }
        for (place, citation) in tool_items::citations(item, output_index) {
            if tools.cite(place) {
                report(Event::Citation { output_index, citation: citation.to_json(), is_earlier });
            }
        }
    }

    /// Reports the complete images in a document that is cut.
    fn cut_document(
        &mut self,
        value: &Value,
        images: &mut DecodedImages<S::Image>,
        report: &mut dyn FnMut(Event<S::Image>),
    ) {
        let output = value.get("response").unwrap_or(value).get("output").and_then(Value::as_array);
        let items = output.unwrap_or_default().iter().zip(0_u64..);
        let single = value.get("item").map(|item| (item, index_of(value)));
        for (item, output_index) in items.chain(single) {
            // Anything else may be incomplete.
            if let Some(Value::Streamed(_)) = item.get("result") {
                self.item(item, output_index, false, images, report);
            }
        }
    }

    /// Handles an output item from before the requested events. Only its image is reported: the earlier reader has
    /// already reported errors.
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

    /// Handles a whole response: the end of a stream, or a retrieved response. `event` is the status if the response
    /// contains none.
    fn whole_response(
        &mut self,
        mut response: Value,
        event: &str,
        images: &mut DecodedImages<S::Image>,
        report: &mut dyn FnMut(Event<S::Image>),
    ) {
        let output = response.get("output").and_then(Value::as_array).unwrap_or_default();
        for (item, index) in output.iter().zip(0_u64..) {
            let id = item.text("id").unwrap_or_default();
            let is_known = self.progress.calls.iter().any(|call| call.is(id, index));
            let may_be_earlier = self.progress.is_partial && !event.is_empty();
            if may_be_earlier && !is_known {
                Self::earlier_item(item, index, images, report);
            } else {
                self.item(item, index, true, images, report);
            }
            let is_earlier = may_be_earlier && !self.progress.tools.knows(item, index);
            self.tool_item(item, index, is_earlier, images, report);
        }
        let status = text(&response, "status").unwrap_or_else(|| event.into());
        for call in self.progress.calls.iter_mut().filter(|call| call.outcome == Outcome::Open) {
            let is_expected = status == "completed" || call.status == "completed" || call.damage.is_some();
            if is_expected && !IN_WORK.contains(&status.as_str()) {
                let failure = call.damage.take().unwrap_or_else(|| unavailable(!event.is_empty()));
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
        tools::redact_credentials(&mut response);
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

    /// Marks the error as billed if an image was delivered.
    fn billed(&self, failure: Failure) -> Failure {
        let has_image = self.progress.calls.iter().any(|call| call.outcome == Outcome::Delivered);
        failure.with(|details| {
            if has_image {
                details.billed = Billed::Yes;
            }
        })
    }
}

/// Returns true if a document is a response and not an event.
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

/// Returns the concatenated text of all message parts of one kind, or `None` if there are none.
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

/// Returns the error of a response that did not complete.
fn failure(response: &Value, status: &str) -> Option<Failure> {
    match status {
        "completed" | "queued" | "in_progress" => None,
        "cancelled" => Some(Failure::new(
            Code::Cancelled,
            "The response was cancelled before it was complete. Create a new response if needed.",
        )),
        "incomplete" => Some(incomplete(response)),
        _ => Some(Failure::from_event("", response).unwrap_or_else(|| {
            Failure::new(
                Code::Service,
                format!(
                    "The response ended with the status \"{}\" and without an error message. Try again later. The \
                     image may still have been generated and billed.",
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
            let unknown = || ContentFilter { source: "unknown", stage: None, categories: Vec::new() };
            let filter = ContentFilter::of_blocked(response).unwrap_or_else(unknown);
            let message =
                format!("Azure's content filter stopped the response before it was complete. {}", filter.advice());
            Failure::new(Code::ContentFilter, message).with(|details| {
                details.billed = filter.billed();
                details.content_filter = Some(filter);
            })
        }
        Some("max_output_tokens") => Failure::invalid(
            "max_output_tokens",
            "The response exceeded the output token limit (max_output_tokens). Raise or remove max_output_tokens \
             (extraBody).",
        )
        // The model has already generated output.
        .with(|details| details.billed = Billed::Unknown),
        _ => Failure::new(
            Code::Service,
            "The response stopped early. Try again. The image may still have been generated and billed.",
        ),
    };
    failure.with(|details| details.service_code = reason.map(Into::into))
}

fn call_failed() -> Failure {
    Failure::new(
        Code::Service,
        "The image generation failed without an error message. Check the text of the response. Try again, or change \
         the prompt.",
    )
}

/// Returns the error of an image that was generated but is missing from the response.
fn unavailable(is_streamed: bool) -> Failure {
    let message = if is_streamed {
        "The response completed without the image of a call, although the image was generated. Retrieve the response with \
         responses.get(), which may contain the image, and check for a proxy that modifies responses."
    } else {
        "The image was generated but is no longer available. Azure often returns images only while the response is \
         generated, not when it is retrieved later. Generate the image again, and keep images as they arrive."
    };
    Failure::new(Code::NoImage, message).with(|details| details.billed = Billed::Yes)
}
