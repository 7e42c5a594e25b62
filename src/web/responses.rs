//! The work of making, following and fetching responses.

use std::cell::{Cell, RefCell};

use gloo_net::http::Method;
use js_sys::{Array, JSON};
use wasm_bindgen::prelude::*;
use web_sys::{Blob, BlobPropertyBag};

use super::blob::{BlobSink, Picture};
use super::call::{Answer, Call, Outcome, Receiving, Record, Sending, Work};
use super::convert::{self, Options};
use super::failure::Thrown;
use super::images::set_cost;
use super::inputs;
use super::platform::now;
use super::settings::Settings;
use crate::protocol::endpoint::Resource;
use crate::protocol::error::{Billed, Code, Failure, TimeLimit};
use crate::protocol::files::{self, Input};
use crate::protocol::image_tool::{ImageTool, Mask};
use crate::protocol::job::{Ask, Delivery, Job, SILENCE_MS};
use crate::protocol::response_events::{Event, ImageDetails, Progress, ResponseReader, Summary};
use crate::protocol::responses::{AgentReference, ResponseRequest, retrieval};
use crate::protocol::retry::Effect;
use crate::protocol::validate::Problem;

/// A response to be made, or to be followed to its end.
pub struct Making<'a> {
    pub settings: &'a Settings,
    /// `None` where it is followed only.
    pub request: Option<ResponseRequest>,
    pub image_deployment: Option<String>,
    pictures: Vec<InputPicture>,
    pub job: RefCell<Job>,
    pub delivery: Delivery,
    /// Who is remembered, should the service not stream.
    pub answerer: String,
    /// What is to be said about the request.
    pub warnings: Vec<Problem>,
    /// Whether a finished picture was handed over.
    pub delivered: Cell<bool>,
}

impl<'a> Making<'a> {
    /// Reads the facade's record.
    pub fn read(settings: &'a Settings, question: &Options<'_>) -> Result<Self, Thrown> {
        let delivery = match question.text("delivery").as_deref() {
            Some("streamed") => Delivery::Streamed,
            Some("background") => Delivery::Background,
            _ => Delivery::Whole,
        };
        let request = question.value("request").unwrap_or_default();
        let options = Options::new(&request);
        let request = ResponseRequest {
            model: options.text("model"),
            agent: options.group("agent", read_agent),
            input: options.text("input").unwrap_or_default(),
            instructions: options.text("instructions"),
            image_tool: options.group("tool", read_tool),
            tool_choice: options.text("toolChoice"),
            previous_response_id: options.text("previousResponseId"),
            conversation: options.text("conversation"),
            metadata: options.pairs("metadata"),
            store: options.flag("store"),
            background: delivery == Delivery::Background,
            stream: false,
            extra_body: options.text("extraBody"),
        };
        let image_deployment = options.text("imageDeployment");
        options.check()?;
        let image_model = request.image_tool.as_ref().and_then(|tool| tool.model.clone());
        let model = settings.model_of(image_model.as_deref());
        let today = question.text("today").unwrap_or_default();
        let streamed = delivery != Delivery::Whole;
        let pictures = read_pictures(question);
        let problems = || {
            let inputs: Vec<(&str, Input)> =
                pictures.iter().map(|picture| (picture.param.as_str(), picture.input)).collect();
            let of_tool = request.image_tool.as_ref().map(|tool| tool.problems(streamed, &model, &today));
            [files::response_problems(&inputs), of_tool.unwrap_or_default()].concat()
        };
        let warnings = settings.judge(&problems)?;
        let answerer = match &request.agent {
            Some(AgentReference { name, version }) => {
                format!("agent {name} {}", version.as_deref().unwrap_or_default())
            }
            None => format!("model {}", request.model.as_deref().unwrap_or_default()),
        };
        let defaults = settings.image_deployment.as_ref().or(settings.deployment.as_ref());
        Ok(Self {
            settings,
            image_deployment: image_deployment.or_else(|| defaults.cloned()),
            pictures,
            job: RefCell::new(Job::new(delivery, settings.may_stream(&answerer), now() as u64)),
            request: Some(request),
            delivery,
            answerer,
            warnings,
            delivered: Cell::default(),
        })
    }

    /// What is only followed.
    pub fn follow(settings: &'a Settings, job: Job) -> Self {
        Self {
            settings,
            request: None,
            image_deployment: None,
            pictures: Vec::new(),
            job: RefCell::new(job),
            delivery: Delivery::Background,
            answerer: String::new(),
            warnings: Vec::new(),
            delivered: Cell::new(false),
        }
    }
}

impl Work for Making<'_> {
    fn sending(&self) -> Result<Sending, Thrown> {
        let job = self.job.borrow();
        match job.ask() {
            Ask::Make { streamed } => self.make(streamed),
            Ask::Events { id, after } => self.get(id, &retrieval(true, after)),
            Ask::State { id } => self.get(id, &[]),
        }
    }

    fn effect(&self) -> Effect {
        self.job.borrow().effect()
    }

    fn answer_limit(&self, settings: &Settings) -> u32 {
        let limit = settings.timeouts.answer;
        if self.job.borrow().is_followed() { patience(limit) } else { limit }
    }

    fn receive<'a>(&'a self, call: &'a Call<'_>, answer: Answer<'a>) -> Receiving<'a> {
        Box::pin(self.read_answer(call, answer))
    }

    fn again(&self, call: &Call<'_>, failure: &Failure, _: u32, chance: u32) -> Option<u32> {
        let mut job = self.job.borrow_mut();
        // A picture that came is paid for, and would be made again.
        if self.delivered.get() && !job.is_followed() {
            return None;
        }
        let streamed = job.streams();
        let wait = job.failed(failure, &call.settings.retries, call.settings.timeouts.idle, now() as u64, chance);
        if streamed && !job.streams() && !job.is_followed() {
            call.settings.remember_unstreamed(&self.answerer);
        }
        wait
    }

    fn explain(&self, call: &Call<'_>, failure: &mut Failure, retries: u32) {
        let job = self.job.borrow();
        call.settings.retries.explain(failure, job.effect(), retries);
        job.explain(failure);
        self.bill(failure);
    }
}

impl Making<'_> {
    /// A picture that was handed over is paid for, whatever comes behind it.
    fn bill(&self, failure: &mut Failure) {
        if self.delivered.get() {
            failure.billed = Billed::Yes;
        }
    }

    fn make(&self, streamed: bool) -> Result<Sending, Thrown> {
        let mut request = self.request.clone().unwrap_or_default();
        request.stream = streamed;
        if let Some(tool) = request.image_tool.as_mut().filter(|_| !streamed && self.delivery != Delivery::Whole) {
            tool.partial_images = None;
        }
        let image_deployment = self.image_deployment.as_deref();
        let prepared = request.prepare(&self.settings.endpoint, image_deployment, &self.settings.extra_query)?;
        let body = body(&prepared.body, &self.pictures)?;
        Ok(Sending {
            method: Method::POST,
            url: prepared.url,
            headers: prepared.headers,
            body: Some(body),
            is_json: true,
        })
    }

    fn get(&self, id: &str, query: &[(String, String)]) -> Result<Sending, Thrown> {
        let url = self.settings.endpoint.resource_url(Resource::Response(id), query, &self.settings.extra_query)?;
        Ok(Sending::bare(Method::GET, url))
    }

    async fn read_answer(&self, call: &Call<'_>, answer: Answer<'_>) -> Result<Outcome, Thrown> {
        self.job.borrow_mut().begun(now() as u64);
        let from = self.job.borrow().progress().clone();
        let attempt = answer.attempt;
        let request_id = answer.request_id.clone();
        let heard = |progress: &Progress| {
            let mut job = self.job.borrow_mut();
            let was_followed = job.is_followed();
            let was_known = job.progress().id() == progress.id();
            job.heard(progress, now() as u64);
            if let Some(id) = progress.id().filter(|_| !was_known) {
                call.identify(id);
            }
            if job.is_followed() && !was_followed {
                attempt.begin(TimeLimit::Idle, patience(call.settings.timeouts.idle));
            }
        };
        if self.job.borrow().is_followed() {
            attempt.begin(TimeLimit::Idle, patience(call.settings.timeouts.idle));
        }
        let mut reader = ResponseReader::resume(BlobSink::default(), call.settings.limits, from);
        let summary = read(call, answer, &mut reader, &self.delivered, &heard).await;
        self.job.borrow_mut().read(reader.into_progress());
        let mut summary = summary.map_err(|mut thrown| {
            self.bill(&mut thrown.failure);
            thrown
        })?;
        if !summary.is_final() {
            if self.job.borrow().is_followed() {
                return Ok(Outcome::Again(self.job.borrow_mut().in_work(now() as u64)));
            }
            summary.fail_in_work();
        }
        // Who only follows has asked for no events.
        let warning = self.request.as_ref().and(self.job.borrow().warning());
        let warnings: Vec<&Problem> = self.warnings.iter().chain(&warning).collect();
        let record = record(call, &summary, request_id.as_deref());
        record.set("warnings", convert::to_js(&warnings));
        Ok(Outcome::Done(record.into()))
    }
}

/// For how long a connection may bring nothing before the response is asked for on another, in milliseconds, where
/// others may for as long as `limit` (0: for ever).
fn patience(limit: u32) -> u32 {
    match limit {
        0 => SILENCE_MS,
        limit => limit.min(SILENCE_MS),
    }
}

/// A response as it is now: fetched, or cancelled.
pub struct Fetching {
    pub method: Method,
    pub url: String,
}

impl Work for Fetching {
    fn sending(&self) -> Result<Sending, Thrown> {
        Ok(Sending::bare(self.method.clone(), self.url.clone()))
    }

    fn effect(&self) -> Effect {
        // Cancelling twice is cancelling once.
        Effect::Read
    }

    fn receive<'a>(&'a self, call: &'a Call<'_>, answer: Answer<'a>) -> Receiving<'a> {
        Box::pin(async move {
            let request_id = answer.request_id.clone();
            let mut reader = ResponseReader::new(BlobSink::default(), call.settings.limits);
            let summary = read(call, answer, &mut reader, &Cell::new(false), &|_| {}).await?;
            Ok(Outcome::Done(record(call, &summary, request_id.as_deref()).into()))
        })
    }
}

/// Reads an answer, tells what it brings, and gives what is known at its end.
async fn read(
    call: &Call<'_>,
    answer: Answer<'_>,
    reader: &mut ResponseReader<BlobSink>,
    delivered: &Cell<bool>,
    heard: &dyn Fn(&Progress),
) -> Result<Summary, Thrown> {
    let Answer { mut body, request_id, .. } = answer;
    let mut storage_full = false;
    let mut report = |number: Option<u64>, event: Event<Option<Picture>>| {
        let record = Record::default();
        if let Some(number) = number {
            record.set("sequenceNumber", number as f64);
        }
        let call_of = |record: &Record, item_id: &str, output_index: u64| {
            record.set("itemId", item_id);
            record.set("outputIndex", output_index as f64);
        };
        match event {
            Event::Status(status) => {
                record.set("type", "status");
                record.set("status", status);
            }
            Event::TextDelta(delta) => {
                record.set("type", "textDelta");
                record.set("delta", delta);
            }
            Event::Refusal(delta) => {
                record.set("type", "refusalDelta");
                record.set("delta", delta);
            }
            Event::CallStatus { item_id, output_index, status } => {
                record.set("type", "callStatus");
                call_of(&record, &item_id, output_index);
                record.set("status", status);
            }
            Event::PartialImage { index, item_id, output_index, image } => {
                record.set("type", "partialImage");
                call_of(&record, &item_id, output_index);
                record.set("index", index as f64);
                let Some(picture) = image else { return };
                picture.write(&record);
            }
            Event::Image { item_id, output_index, image, details, is_earlier } => {
                delivered.set(true);
                record.set("type", "image");
                call_of(&record, &item_id, output_index);
                write_details(&record, &details);
                record.set("isEarlier", is_earlier);
                let Some(picture) = image else {
                    storage_full = true;
                    return;
                };
                picture.write(&record);
            }
            Event::CallFailed { item_id, output_index, failure } => {
                record.set("type", "callFailed");
                call_of(&record, &item_id, output_index);
                record.set("failure", call.withheld(failure, request_id.as_deref()));
            }
        }
        call.observer.event(record.as_ref());
    };
    while let Some(bytes) = body.next().await? {
        let pushed = reader.push(bytes, &mut report);
        heard(reader.progress());
        pushed?;
        call.received(body.received());
        if reader.is_complete() {
            break;
        }
    }
    let summary = reader.finish(&mut report);
    if body.received() > 0 {
        heard(reader.progress());
    }
    let summary = summary?;
    if storage_full { Err(Picture::no_room().into()) } else { Ok(summary) }
}

fn write_details(record: &Record, details: &ImageDetails) {
    let texts = [
        ("action", &details.action),
        ("revisedPrompt", &details.revised_prompt),
        ("size", &details.size),
        ("quality", &details.quality),
        ("background", &details.background),
        ("outputFormat", &details.output_format),
    ];
    for (name, text) in texts {
        if let Some(text) = text {
            record.set(name, text);
        }
    }
}

fn record(call: &Call<'_>, summary: &Summary, request_id: Option<&str>) -> Record {
    let value = convert::to_js(summary);
    let rates = call.settings.rates_of_answer(summary.image_model.as_deref());
    set_cost(&value, "imageUsage", summary.image_usage.as_ref(), rates);
    let record = Record::from(value);
    if let Some(id) = &summary.id {
        record.set("id", call.id(id));
    }
    if let Some(failure) = &summary.failure {
        record.set("failure", call.withheld(failure.clone(), request_id));
    }
    // What was read as JSON can be read as JSON again.
    record.set("response", JSON::parse(&summary.response.to_json()).unwrap_or_default());
    record
}

/// The body with its pictures in their places. As a Blob, since their base64 would be too much for a text.
fn body(text: &str, pictures: &[InputPicture]) -> Result<JsValue, Thrown> {
    if pictures.is_empty() {
        return Ok(text.into());
    }
    let parts = Array::new();
    let mut rest = text;
    // In the order in which they stand in the text, whatever that is.
    while let Some((start, picture)) = pictures
        .iter()
        .filter_map(|picture| Some((rest.find(&picture.marker)?, picture)))
        .min_by_key(|(start, _)| *start)
    {
        let (before, after) = rest.split_at(start);
        parts.push(&before.into());
        parts.push(&picture.base64);
        rest = after.strip_prefix(picture.marker.as_str()).unwrap_or_default();
    }
    parts.push(&rest.into());
    let options = BlobPropertyBag::new();
    options.set_type("application/json");
    let blob = Blob::new_with_blob_sequence_and_options(&parts, &options);
    let no_room = |cause| {
        let message = "The browser has no room left for the pictures of the request. Send fewer, or smaller ones.";
        let failure = Failure::new(Code::TooLarge, message).with(|details| details.billed = Billed::No);
        Thrown { failure, cause: Some(cause) }
    };
    Ok(blob.map_err(no_room)?.into())
}

fn read_agent(agent: &Options<'_>) -> AgentReference {
    AgentReference { name: agent.text("name").unwrap_or_default(), version: agent.text("version") }
}

fn read_tool(tool: &Options<'_>) -> ImageTool {
    ImageTool {
        model: tool.text("model"),
        quality: tool.text("quality"),
        size: tool.text("size"),
        output_format: tool.text("outputFormat"),
        output_compression: tool.whole("outputCompression"),
        moderation: tool.text("moderation"),
        background: tool.text("background"),
        input_fidelity: tool.text("inputFidelity"),
        input_image_mask: tool.group("inputImageMask", read_mask),
        partial_images: tool.whole("partialImages"),
        action: tool.text("action"),
        extra: tool.text("extra"),
    }
}

fn read_mask(mask: &Options<'_>) -> Mask {
    Mask { image_url: mask.text("imageUrl"), file_id: mask.text("fileId") }
}

/// A picture that the request holds.
struct InputPicture {
    /// Where it stands in what the page handed over.
    param: String,
    input: Input,
    /// What stands in the request for its base64.
    marker: String,
    base64: Blob,
}

fn read_pictures(question: &Options<'_>) -> Vec<InputPicture> {
    let records = question.value("pictures").map(|pictures| Array::from(&pictures)).unwrap_or_default();
    let read = |record: JsValue| {
        let members = Options::new(&record);
        let (_, input) = inputs::read(&record)?;
        Some(InputPicture {
            param: members.text("param")?,
            input,
            marker: members.text("marker")?,
            base64: members.value("base64")?.dyn_into().ok()?,
        })
    };
    records.iter().filter_map(read).collect()
}
