//! Responses of the Images API: parsing, and conditions for success.
//!
//! A streamed response succeeds only with its completed event. A partial image (`…partial_image`) is a separate event
//! and never counts as the final image.

use serde::Serialize;

use crate::decode::assembler::{self, LARGEST_IMAGES, Sink};
use crate::decode::json::Value;
use crate::decode::stream::{DecodedImages, Decoder, Document, Limits};
use crate::errors::content_filter::ContentFilter;
use crate::errors::foreign::Task;
use crate::errors::judge::{Judge, PlainJudge, reports_error};
use crate::errors::{Billed, Code, Failure};
use crate::models::usage::Usage;

/// Image with its metadata.
#[derive(Debug)]
pub struct Image<P> {
    /// The image data.
    pub source: Source<P>,
    /// The prompt as revised by the model, if reported.
    pub revised_prompt: Option<String>,
    /// The content filter results of the image, if reported.
    pub content_filter: Option<ContentFilter>,
}

/// Data of an image.
#[derive(Debug)]
pub enum Source<P> {
    /// The image bytes.
    Bytes(P),
    /// A temporary URL. Only DALL·E models return one, if image bytes were not requested.
    Url(String),
}

/// Event while reading a response.
#[derive(Debug)]
pub enum Event<P> {
    /// A partial image: an intermediate version of the image.
    PartialImage {
        /// The index of the partial image, starting at 0.
        index: u64,
        /// The partial image.
        image: Image<P>,
    },
    /// A complete image.
    Image(Image<P>),
    /// A complete image in a document that is cut. The call fails, and its error contains the image.
    ImageBeforeCut(Image<P>),
    /// The error of a missing image. Reported at most as often as images are expected.
    Withheld(Failure),
}

/// Metadata of a complete response.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Summary {
    /// Creation time of the images, in seconds since 1970.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created: Option<u64>,
    /// The size that the service used, such as `1024x1024`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub size: Option<String>,
    /// The quality that the service used.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quality: Option<String>,
    /// The background that the service used.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub background: Option<String>,
    /// The format that the service reports. The image bytes are more reliable.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub output_format: Option<String>,
    /// The token usage.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub usage: Option<Usage>,
}

/// Reader for the response to a generation or an edit, streamed or not.
#[derive(Debug)]
pub struct ImagesReader<S: Sink> {
    decoder: Decoder<S>,
    expected: u32,
    finished: u32,
    /// True for a JSON response, which contains all images.
    whole: bool,
    /// True if an event or document of an image service has arrived.
    is_recognized: bool,
    /// The task that the response contains instead of an image.
    task: Option<Task>,
    summary: Option<Summary>,
    judge: Option<&'static dyn Judge>,
    /// The document that waits for the judge.
    held: Option<Document<S::Image>>,
    /// The error of the decoder, until the documents before it are read.
    fault: Option<Failure>,
}

impl<S: Sink> ImagesReader<S> {
    /// Creates a reader for a response with the expected number of images. Without a judge, it stops at the first document
    /// that needs one.
    pub fn new(sink: S, limits: Limits, expected: u32) -> Self {
        Self {
            decoder: Decoder::new(sink, limits),
            expected,
            finished: 0,
            whole: false,
            is_recognized: false,
            task: None,
            summary: None,
            judge: None,
            held: None,
            fault: None,
        }
    }

    /// Sets the judge of errors. The next call of [`ImagesReader::push`] or [`ImagesReader::finish`] reads the document that
    /// has waited for it.
    pub fn set_judge(&mut self, judge: Option<&'static dyn Judge>) {
        self.judge = judge;
    }

    /// Returns true while a document waits for the judge.
    #[must_use]
    pub fn needs_judge(&self) -> bool {
        self.held.is_some()
    }

    /// Parses the next chunk of the response and reports its events.
    ///
    /// # Errors
    /// The service reports an error, or the response violates the protocol. The reader must not be used after an error.
    pub fn push(&mut self, chunk: &[u8], report: &mut dyn FnMut(Event<S::Image>)) -> Result<(), Failure> {
        if self.fault.is_none() {
            self.fault = self.decoder.push(chunk).err();
        }
        // Images that were complete before the error are still reported.
        self.read_documents(report)?;
        self.check()
    }

    /// Returns the error of the decoder unless an earlier document makes it irrelevant.
    fn check(&mut self) -> Result<(), Failure> {
        if self.needs_judge() || self.is_complete() { Ok(()) } else { self.fault.take().map_or(Ok(()), Err) }
    }

    /// Returns true if all images have arrived. The rest of the response is not needed.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.whole || (self.summary.is_some() && self.finished >= self.expected)
    }

    /// Ends the response and returns its summary, or `None` if a document waits for the judge.
    ///
    /// # Errors
    /// The response ended before an image was complete, or contains none.
    pub fn finish(&mut self, report: &mut dyn FnMut(Event<S::Image>)) -> Result<Option<Summary>, Failure> {
        if !self.is_complete() {
            if self.fault.is_none() {
                self.fault = self.decoder.finish().err();
            }
            self.read_documents(report)?;
            self.check()?;
            if self.needs_judge() {
                return Ok(None);
            }
        }
        let without_result =
            || Failure::without_result(self.is_recognized, self.task.as_ref(), self.decoder.foreign_start());
        self.summary.take().ok_or_else(without_result).map(Some)
    }

    fn read_documents(&mut self, report: &mut dyn FnMut(Event<S::Image>)) -> Result<(), Failure> {
        // Invalid data after the last image must not discard it.
        while !self.is_complete()
            && let Some(document) = self.held.take().or_else(|| self.decoder.next_document())
        {
            let judge = match self.judge {
                Some(judge) => judge,
                None if needs_judge(&document) => {
                    self.held = Some(document);
                    break;
                }
                None => &PlainJudge,
            };
            self.read_document(document, judge, report)?;
        }
        Ok(())
    }

    fn read_document(
        &mut self,
        document: Document<S::Image>,
        judge: &dyn Judge,
        report: &mut dyn FnMut(Event<S::Image>),
    ) -> Result<(), Failure> {
        let form = Form::of(&document);
        let Document { name, value, mut images, is_cut } = document;
        // Of an error that is cut, only its message counts.
        let mut error = judge.document(&name, &value).filter(|error| !is_cut || error.service_message.is_some());
        match form {
            Form::PartialImage => {
                self.is_recognized = true;
                let index = value.get("partial_image_index").and_then(Value::as_u64).unwrap_or_default();
                // An invalid partial image must not fail the call. Its metadata is dropped to save memory, because
                // thousands of events may be queued.
                if let Some(Ok(image)) = images.take(value.get("b64_json")).filter(|_| !is_cut) {
                    let image = Image { source: Source::Bytes(image), revised_prompt: None, content_filter: None };
                    report(Event::PartialImage { index, image });
                }
            }
            Form::Entries => {
                self.read_entries(&value, &mut images, error.take().as_ref(), is_cut, judge, report)?;
            }
            Form::Completed => {
                self.is_recognized = true;
                // An image that is present is delivered, even beside an error.
                match take_image(&value, &mut images) {
                    Ok(Some(image)) => {
                        error = None;
                        self.image(image, is_cut, report);
                        if !is_cut {
                            self.summary = Some(summary(&value));
                        }
                    }
                    _ if is_cut => {}
                    Ok(None) => return Err(error.unwrap_or_else(|| missing(&value, judge))),
                    Err(damaged) => return Err(error.unwrap_or(damaged)),
                }
            }
            Form::Other => {
                self.task = self.task.take().or_else(|| Task::find(&value));
            }
        }
        error.map_or(Ok(()), Err)
    }

    /// Reads the images of a JSON response. `error` is the error beside them.
    fn read_entries(
        &mut self,
        value: &Value,
        images: &mut DecodedImages<S::Image>,
        error: Option<&Failure>,
        is_cut: bool,
        judge: &dyn Judge,
        report: &mut dyn FnMut(Event<S::Image>),
    ) -> Result<(), Failure> {
        let mut withheld = None;
        let mut missing_images = 0;
        let of_response = || error.cloned().unwrap_or_else(|| judge.without_image(value));
        let of_maker = entry_of_maker(value);
        for entry in entries(value).iter().chain(&of_maker) {
            let missing = match take_image(entry, images) {
                Ok(Some(image)) => {
                    self.image(image, is_cut, report);
                    continue;
                }
                // The image may be the part that is missing.
                _ if is_cut => continue,
                Ok(None) => missing(entry, judge),
                Err(damaged) => judge.withheld(entry).unwrap_or(damaged),
            };
            let has_reason = !missing.is_without_reason();
            let missing = if has_reason { missing } else { of_response() };
            withheld = withheld.or_else(|| has_reason.then(|| missing.clone()));
            if missing_images < self.expected {
                missing_images += 1;
                report(Event::Withheld(missing));
            }
        }
        if is_cut {
            return Ok(());
        }
        self.is_recognized = true;
        if self.finished == 0 {
            let task = || Task::find(value).as_ref().map(Failure::of_task);
            return Err(error.cloned().or(withheld).or_else(task).unwrap_or_else(of_response));
        }
        let rest = self.expected.saturating_sub(self.finished).saturating_sub(missing_images);
        for failure in error.into_iter().flat_map(|error| std::iter::repeat_n(error, rest as usize)) {
            report(Event::Withheld(failure.clone()));
        }
        self.whole = true;
        self.summary = Some(summary(value));
        Ok(())
    }

    fn image(&mut self, image: Image<S::Image>, is_cut: bool, report: &mut dyn FnMut(Event<S::Image>)) {
        self.finished = self.finished.saturating_add(1);
        report(if is_cut { Event::ImageBeforeCut(image) } else { Event::Image(image) });
    }
}

/// Returns true if a document cannot be read without a judge: it may report an error, or lacks an image.
fn needs_judge<P>(document: &Document<P>) -> bool {
    let Document { name, value, images, .. } = document;
    let has_image =
        |entry: &Value| images.has(entry.get("b64_json")) || images.has(entry.get("url")) || web_url(entry).is_some();
    let is_whole = match Form::of(document) {
        Form::PartialImage | Form::Other => true,
        Form::Completed => has_image(value),
        Form::Entries => {
            let of_maker = entry_of_maker(value);
            let mut entries = entries(value).iter().chain(&of_maker).peekable();
            entries.peek().is_some() && entries.all(has_image)
        }
    };
    reports_error(name, value) || !is_whole
}

/// Form of a document, which decides where its image is.
#[derive(Clone, Copy)]
enum Form {
    /// The event of a partial image.
    PartialImage,
    /// The event of a complete image.
    Completed,
    /// A JSON response. Gateways also send it as an event.
    Entries,
    /// An event that is ignored.
    Other,
}

impl Form {
    fn of<P>(Document { name, value, .. }: &Document<P>) -> Self {
        // Some services send the event type only in the `event` field, others only in the JSON. `message` is the name of an
        // event without a name.
        let kind = value.text("type").unwrap_or(if name == "message" { "" } else { name });
        match kind {
            "image_generation.partial_image" | "image_edit.partial_image" => Self::PartialImage,
            _ if has_entries(value) && (kind.is_empty() || (!kind.contains("partial") && holds_image(value))) => {
                Self::Entries
            }
            "image_generation.completed" | "image_edit.completed" => Self::Completed,
            _ => Self::Other,
        }
    }
}

/// Returns the image in the form of FLUX's maker.
fn sample(value: &Value) -> Option<&Value> {
    value.get("result")?.get("sample").filter(|sample| !sample.is_null())
}

/// Returns the image in the form of FLUX's maker as an entry.
fn entry_of_maker(value: &Value) -> Option<Value> {
    sample(value).map(|url| Value::Object(vec![("url".into(), url.clone())]))
}

/// Returns true if a JSON document is the response of an image service.
fn has_entries(value: &Value) -> bool {
    ["data", "request_meta"].into_iter().any(|name| value.get(name).is_some()) || sample(value).is_some()
}

/// Returns the entries of a JSON response. Some gateways send a single one.
fn entries(value: &Value) -> &[Value] {
    let entries = value.get("data").map(|data| data.as_array().unwrap_or(std::slice::from_ref(data)));
    entries.unwrap_or_default()
}

/// Returns true if an entry of a document contains an image.
fn holds_image(value: &Value) -> bool {
    let is_image =
        |entry: &Value| ["b64_json", "url"].iter().any(|name| matches!(entry.get(name), Some(Value::Streamed(_))));
    entries(value).iter().any(is_image)
}

/// Returns the error of an entry without an image.
fn missing(entry: &Value, judge: &dyn Judge) -> Failure {
    let task = || Task::find(entry).as_ref().map(Failure::of_task);
    let reason = judge.withheld(entry).or_else(|| judge.document("", entry)).or_else(task);
    reason.unwrap_or_else(Failure::no_image)
}

fn take_image<P>(entry: &Value, images: &mut DecodedImages<P>) -> Result<Option<Image<P>>, Failure> {
    // Gateways send an empty string beside a URL, and images as `data:` URLs.
    let strings = [images.take(entry.get("b64_json")), images.take(entry.get("url"))];
    let mut damaged = None;
    let mut source = None;
    for image in strings.into_iter().flatten() {
        match image {
            Ok(image) => source = source.or(Some(Source::Bytes(image))),
            Err(assembler::Error::Empty) => {}
            Err(error) => damaged = damaged.or(Some(error)),
        }
    }
    let url = || web_url(entry).map(|url| Source::Url(url.into()));
    let Some(source) = source.or_else(url) else { return damaged.map_or(Ok(None), |error| Err(error.into())) };
    Ok(Some(Image {
        source,
        revised_prompt: text(entry, "revised_prompt"),
        content_filter: ContentFilter::of_image(entry),
    }))
}

/// Returns the URL of an image. A page may use it in a link, so `javascript:` URLs must not pass.
fn web_url(entry: &Value) -> Option<&str> {
    let is_web = |url: &&str| {
        let scheme = url.split_once("://").map(|(scheme, _)| scheme.to_ascii_lowercase());
        scheme.is_some_and(|scheme| scheme == "https" || scheme == "http")
    };
    entry.text("url").map(str::trim).filter(is_web)
}

fn summary(answer: &Value) -> Summary {
    Summary {
        created: answer.get("created").or_else(|| answer.get("created_at")).and_then(Value::as_u64),
        size: text(answer, "size"),
        quality: text(answer, "quality"),
        background: text(answer, "background"),
        output_format: text(answer, "output_format"),
        usage: Usage::read(answer),
    }
}

fn text(value: &Value, name: &str) -> Option<String> {
    value.text(name).map(Into::into)
}

impl From<assembler::Error> for Failure {
    fn from(error: assembler::Error) -> Self {
        match error {
            assembler::Error::Malformed => Self::new(
                Code::StreamMalformed,
                "The image in the response is not valid base64. Try again, without a proxy if possible: it may have \
                 modified the response.",
            ),
            assembler::Error::Empty => Self::no_image(),
            assembler::Error::TooLarge => Self::new(
                Code::TooLarge,
                "The image is larger than maxImageBytes. Raise maxImageBytes, or request a smaller image.",
            ),
            assembler::Error::NoStorage => Self::new(
                Code::TooLarge,
                "The browser has no storage left for the image. Dispose of images that are no longer shown.",
            )
            .with(|details| details.billed = Billed::Yes),
            assembler::Error::TooLargeTogether => Self::new(
                Code::TooLarge,
                format!(
                    "The images and partial images of the response are together larger than {LARGEST_IMAGES} times \
                     maxImageBytes. Raise maxImageBytes, or request fewer or smaller images."
                ),
            ),
        }
    }
}
