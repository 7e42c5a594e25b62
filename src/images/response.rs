//! Answers of the Images API: what the documents mean, and when an answer is a success.
//!
//! A streamed answer succeeds only with its completed event. A partial image (`…partial_image`) is an event of its own kind and
//! can never stand in for the image.

use serde::Serialize;

use crate::decode::assembler::{self, LARGEST_IMAGES, Sink};
use crate::decode::json::Value;
use crate::decode::stream::{DecodedImages, Decoder, Document, Limits};
use crate::errors::content_filter::ContentFilter;
use crate::errors::{Billed, Code, Failure};
use crate::models::usage::Usage;

/// An image, and what the service says about it.
#[derive(Debug)]
pub struct Image<P> {
    /// The image itself.
    pub source: Source<P>,
    /// The prompt that the model made of the one given, where it says so.
    pub revised_prompt: Option<String>,
    /// What the content filter found in it, where the service says so.
    pub content_filter: Option<ContentFilter>,
}

/// What there is of an image.
#[derive(Debug)]
pub enum Source<P> {
    /// Its bytes.
    Bytes(P),
    /// Where it can be had for a while, which only DALL·E says, and only where it was not asked for the bytes.
    Url(String),
}

/// Something that happened while an answer arrived.
#[derive(Debug)]
pub enum Event<P> {
    /// A partial image: a rougher image of what is being made.
    PartialImage {
        /// Counts the partial images, from 0.
        index: u64,
        /// The partial image.
        image: Image<P>,
    },
    /// A finished image.
    Image(Image<P>),
    /// In an answer that may hold others, this image is missing, and why. Told of as many as were expected.
    Withheld(Failure),
}

/// What is known once an answer is complete.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Summary {
    /// When the service made the images, in seconds since 1970.
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
    /// The format that the service says it used; the bytes of an image are the better witness.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub output_format: Option<String>,
    /// The tokens that it cost.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub usage: Option<Usage>,
}

/// Reads the answer to a generation or edit, streamed or not.
#[derive(Debug)]
pub struct ImagesReader<S: Sink> {
    decoder: Decoder<S>,
    expected: u32,
    finished: u32,
    /// The answer is one document, behind which nothing can come.
    whole: bool,
    summary: Option<Summary>,
}

impl<S: Sink> ImagesReader<S> {
    /// A reader at the start of an answer that should bring so many images.
    pub fn new(sink: S, limits: Limits, expected: u32) -> Self {
        Self { decoder: Decoder::new(sink, limits), expected, finished: 0, whole: false, summary: None }
    }

    /// Takes the next chunk of the answer, and reports what it brought.
    ///
    /// # Errors
    /// The service reports a failure, or the answer is not what the protocol says. The reader must not be used after it.
    pub fn push(&mut self, chunk: &[u8], report: &mut dyn FnMut(Event<S::Image>)) -> Result<(), Failure> {
        let pushed = self.decoder.push(chunk);
        // What was complete before a fault still counts: the last partial image among it, and most of all the images.
        self.read_documents(report)?;
        if self.is_complete() { Ok(()) } else { pushed }
    }

    /// Whether all images have come, so that the rest of the answer does not matter.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.whole || (self.summary.is_some() && self.finished >= self.expected)
    }

    /// The answer has ended.
    ///
    /// # Errors
    /// It ended before an image was complete.
    pub fn finish(mut self, report: &mut dyn FnMut(Event<S::Image>)) -> Result<Summary, Failure> {
        if !self.is_complete() {
            let ended = self.decoder.finish();
            self.read_documents(report)?;
            ended?;
        }
        self.summary.ok_or_else(Failure::truncated)
    }

    fn read_documents(&mut self, report: &mut dyn FnMut(Event<S::Image>)) -> Result<(), Failure> {
        // Whatever stands behind the last image is no reason to lose it.
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
        // Most streams name the event twice, some only here or only there.
        match value.text("type").unwrap_or(&name) {
            "image_generation.partial_image" | "image_edit.partial_image" => {
                let index = value.get("partial_image_index").and_then(Value::as_u64).unwrap_or_default();
                // A damaged partial image is no reason to lose the image. Nor is it told what else comes with one, which would wait with
                // thousands of others.
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
            // An answer that is no stream has neither.
            "" if value.get("data").is_some() || value.get("created").is_some() => {
                let mut withheld = None;
                let mut missing_images = 0;
                for entry in value.get("data").and_then(Value::as_array).unwrap_or_default() {
                    let missing = match take_image(entry, &mut images) {
                        Ok(Some(image)) => {
                            self.image(image, report);
                            continue;
                        }
                        Ok(None) => {
                            Failure::withheld(entry).or_else(|| Failure::from_event("", entry)).unwrap_or_else(no_image)
                        }
                        Err(damaged) => damaged,
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
            // Events that are not known yet pass by.
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
        // A page may put it into a link, so it must not be a script.
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
        "Azure answered without an image. Try again, or change the prompt; it may have been filtered without saying so.",
    )
}

impl From<assembler::Error> for Failure {
    fn from(error: assembler::Error) -> Self {
        match error {
            assembler::Error::Malformed => Self::new(
                Code::StreamMalformed,
                "The image in the answer is not valid base64. Something between the page and Azure may have changed it; \
                 try again, without a proxy if there is one.",
            ),
            assembler::Error::Empty => no_image(),
            assembler::Error::TooLarge => Self::new(
                Code::TooLarge,
                "The image is larger than maxImageBytes. Raise that limit, or ask for a smaller image.",
            ),
            assembler::Error::NoStorage => Self::new(
                Code::TooLarge,
                "The browser has no room left for the image. Free some: dispose of images that are not shown any more.",
            )
            .with(|details| details.billed = Billed::Yes),
            assembler::Error::TooLargeTogether => Self::new(
                Code::TooLarge,
                format!(
                    "The images and partial images of the answer are together larger than {LARGEST_IMAGES} times maxImageBytes. Raise that \
                     limit, or ask for fewer or smaller images."
                ),
            ),
        }
    }
}
