//! Responses of the Images API: parsing, and conditions for success.
//!
//! A streamed response succeeds only with its completed event. A partial image (`…partial_image`) is a separate event
//! and never counts as the final image.

use serde::Serialize;

use crate::decode::assembler::{self, LARGEST_IMAGES, Sink};
use crate::decode::json::Value;
use crate::decode::stream::{DecodedImages, Decoder, Document, Limits};
use crate::errors::content_filter::ContentFilter;
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
    summary: Option<Summary>,
}

impl<S: Sink> ImagesReader<S> {
    /// Creates a reader for a response with the expected number of images.
    pub fn new(sink: S, limits: Limits, expected: u32) -> Self {
        Self { decoder: Decoder::new(sink, limits), expected, finished: 0, whole: false, summary: None }
    }

    /// Parses the next chunk of the response and reports its events.
    ///
    /// # Errors
    /// The service reports an error, or the response violates the protocol. The reader must not be used after an error.
    pub fn push(&mut self, chunk: &[u8], report: &mut dyn FnMut(Event<S::Image>)) -> Result<(), Failure> {
        let pushed = self.decoder.push(chunk);
        // Images that were complete before the error are still reported.
        self.read_documents(report)?;
        if self.is_complete() { Ok(()) } else { pushed }
    }

    /// Returns true if all images have arrived. The rest of the response is not needed.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.whole || (self.summary.is_some() && self.finished >= self.expected)
    }

    /// Ends the response and returns its summary.
    ///
    /// # Errors
    /// The response ended before an image was complete.
    pub fn finish(mut self, report: &mut dyn FnMut(Event<S::Image>)) -> Result<Summary, Failure> {
        if !self.is_complete() {
            let ended = self.decoder.finish();
            self.read_documents(report)?;
            ended?;
        }
        self.summary.ok_or_else(Failure::truncated)
    }

    fn read_documents(&mut self, report: &mut dyn FnMut(Event<S::Image>)) -> Result<(), Failure> {
        // Invalid data after the last image must not discard it.
        while !self.is_complete()
            && let Some(document) = self.decoder.next_document()
        {
            self.read_document(document, report)?;
        }
        Ok(())
    }

    fn read_document(
        &mut self,
        document: Document<S::Image>,
        report: &mut dyn FnMut(Event<S::Image>),
    ) -> Result<(), Failure> {
        let Document { name, value, mut images } = document;
        if let Some(failure) = Failure::from_event(&name, &value) {
            return Err(failure);
        }
        // Some services send the event type only in the `event` field, others only in the JSON.
        match value.text("type").unwrap_or(&name) {
            "image_generation.partial_image" | "image_edit.partial_image" => {
                let index = value.get("partial_image_index").and_then(Value::as_u64).unwrap_or_default();
                // An invalid partial image must not fail the call. Its metadata is dropped to save memory, because
                // thousands of events may be queued.
                if let Some(Ok(image)) = images.take(value.get("b64_json")) {
                    let image = Image { source: Source::Bytes(image), revised_prompt: None, content_filter: None };
                    report(Event::PartialImage { index, image });
                }
            }
            "image_generation.completed" | "image_edit.completed" => {
                let image = take_image(&value, &mut images)?.ok_or_else(no_image)?;
                self.image(image, report);
                self.summary = Some(summary(&value));
            }
            // A JSON response has no event type.
            "" if ["data", "created", "request_meta", "result"].iter().any(|name| value.get(name).is_some()) => {
                let mut withheld = None;
                let mut missing_images = 0;
                // FLUX may return a URL in the form of its maker.
                let of_maker = value.get("result").and_then(|result| result.text("sample"));
                let of_maker = of_maker.map(|url| Value::Object(vec![("url".into(), Value::from(url))]));
                let entries = value.get("data").and_then(Value::as_array).unwrap_or_default();
                for entry in entries.iter().chain(&of_maker) {
                    let missing = match take_image(entry, &mut images) {
                        Ok(Some(image)) => {
                            self.image(image, report);
                            continue;
                        }
                        Ok(None) => {
                            Failure::withheld(entry).or_else(|| Failure::from_event("", entry)).unwrap_or_else(no_image)
                        }
                        Err(damaged) => Failure::withheld(entry).unwrap_or(damaged),
                    };
                    withheld.get_or_insert_with(|| missing.clone());
                    if missing_images < self.expected {
                        missing_images += 1;
                        report(Event::Withheld(missing));
                    }
                }
                if self.finished == 0 {
                    return Err(withheld.unwrap_or_else(no_image));
                }
                self.whole = true;
                self.summary = Some(summary(&value));
            }
            // Unknown events are ignored.
            _ => {}
        }
        Ok(())
    }

    fn image(&mut self, image: Image<S::Image>, report: &mut dyn FnMut(Event<S::Image>)) {
        self.finished = self.finished.saturating_add(1);
        report(Event::Image(image));
    }
}

fn take_image<P>(entry: &Value, images: &mut DecodedImages<P>) -> Result<Option<Image<P>>, Failure> {
    let source = match (images.take(entry.get("b64_json")), entry.text("url")) {
        (Some(image), _) => Source::Bytes(image?),
        // A page may use the URL in a link, so `javascript:` URLs must not pass.
        (None, Some(url)) if url.starts_with("https://") || url.starts_with("http://") => Source::Url(url.into()),
        (None, _) => return Ok(None),
    };
    Ok(Some(Image {
        source,
        revised_prompt: text(entry, "revised_prompt"),
        content_filter: ContentFilter::of_image(entry),
    }))
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

fn no_image() -> Failure {
    Failure::new(
        Code::NoImage,
        "The response contains no image. Try again, or change the prompt: the content filter may have removed it.",
    )
}

impl From<assembler::Error> for Failure {
    fn from(error: assembler::Error) -> Self {
        match error {
            assembler::Error::Malformed => Self::new(
                Code::StreamMalformed,
                "The image in the response is not valid base64. Try again, without a proxy if possible: it may have \
                 modified the response.",
            ),
            assembler::Error::Empty => no_image(),
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
