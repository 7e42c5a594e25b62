//! Plain objects for events and results, which are passed to the facade.

use std::cell::RefCell;

use wasm_bindgen::prelude::*;

use super::blob::BlobImage;
use super::convert::{Record, to_js};
use crate::errors::Failure;
use crate::images::response::{Image, Source};
use crate::images::result::ImageFailure;
use crate::operation::{Event, Failed, FinishedImage, Output, Retry};

/// JavaScript values that caused errors. An operation refers to them by index.
#[derive(Default)]
pub struct Causes(RefCell<Vec<JsValue>>);

impl Causes {
    /// Stores the cause and returns `failure` with its index.
    pub fn add(&self, failure: Failure, cause: JsValue) -> Failure {
        let mut causes = self.0.borrow_mut();
        causes.push(cause);
        failure.with(|details| details.cause = Some(causes.len() - 1))
    }

    /// Returns the plain object from which the facade creates an error.
    pub fn record(&self, failure: &Failure) -> JsValue {
        let record = Record::from(to_js(failure));
        let causes = self.0.borrow();
        record.set_some("cause", failure.cause.and_then(|cause| causes.get(cause)).cloned());
        record.into()
    }
}

/// Functions of a kind of call that convert events and results to records.
pub struct Records {
    /// Returns the record of an event. Progress and response ids have no record.
    pub event: fn(&Event<BlobImage>, &Causes) -> Option<JsValue>,
    /// Returns the record of a result.
    pub output: fn(Output<BlobImage>, &Causes) -> JsValue,
    /// Returns the error record of a failed call.
    pub failed: fn(&Failed<BlobImage>, &Causes) -> JsValue,
}

/// The records of calls of the Images API.
pub const IMAGES: Records = Records { event, output, failed };

/// Returns the record of an event. Progress and response ids have no record.
fn event(event: &Event<BlobImage>, _causes: &Causes) -> Option<JsValue> {
    let record = Record::default();
    match event {
        Event::Progress(_) | Event::ResponseId(_) | Event::Response { .. } => return None,
        Event::PartialImage { image_index, index, image } => {
            record.set("type", "partialImage");
            record.set("imageIndex", *image_index);
            record.set("index", *index);
            write_image(&record, image);
        }
        Event::Image(image) => {
            record.set("type", "image");
            write_finished(&record, image);
        }
    }
    Some(record.into())
}

/// Returns the record of a result.
fn output(output: Output<BlobImage>, causes: &Causes) -> JsValue {
    match output {
        Output::Images { images, result } => {
            let record = Record::from(to_js(&result.summary));
            record.set_some("requestId", result.request_id);
            record.set("images", finished(&images));
            let failure = |failure: &ImageFailure| {
                let record = Record::default();
                record.set("imageIndex", failure.image_index);
                record.set("error", causes.record(&failure.error));
                JsValue::from(record)
            };
            record.set("failures", result.failures.iter().map(failure).collect::<Vec<_>>());
            record.set("warnings", to_js(&result.warnings));
            record.into()
        }
        _ => JsValue::UNDEFINED,
    }
}

/// Returns the error record of a failed call.
pub fn failed(failed: &Failed<BlobImage>, causes: &Causes) -> JsValue {
    let record = Record::from(causes.record(&failed.failure));
    if !failed.images.is_empty() {
        record.set("images", finished(&failed.images));
    }
    record.into()
}

/// Returns the record of a pending retry.
pub fn retry(retry: &Retry, causes: &Causes) -> JsValue {
    let record = Record::default();
    record.set("id", retry.id);
    record.set("retries", retry.retries);
    record.set("waitInMs", retry.wait_ms);
    record.set("error", causes.record(&retry.failure));
    record.into()
}

fn finished(images: &[FinishedImage<BlobImage>]) -> Vec<JsValue> {
    let record = |image| {
        let record = Record::default();
        write_finished(&record, image);
        JsValue::from(record)
    };
    images.iter().map(record).collect()
}

fn write_finished(record: &Record, finished: &FinishedImage<BlobImage>) {
    record.set("imageIndex", finished.image_index);
    write_image(record, &finished.image);
    record.set_some("usage", finished.usage.as_ref().map(to_js));
    record.set_some("requestId", finished.request_id.as_deref());
}

fn write_image(record: &Record, image: &Image<BlobImage>) {
    match &image.source {
        Source::Bytes(image) => image.write(record),
        Source::Url(url) => record.set("url", url.as_str()),
    }
    record.set_some("contentFilter", image.content_filter.as_ref().map(to_js));
    record.set_some("revisedPrompt", image.revised_prompt.as_deref());
}
