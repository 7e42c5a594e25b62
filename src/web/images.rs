//! The work of a request to the Images API.

use std::cell::Cell;

use gloo_net::http::Method;
use js_sys::Reflect;
use wasm_bindgen::prelude::*;

use super::blob::{BlobSink, Picture};
use super::call::{Answer, Call, Outcome, Receiving, Record, Sending, Work};
use super::convert;
use super::failure::Thrown;
use super::inputs::Inputs;
use crate::protocol::error::Failure;
use crate::protocol::estimate::{Rates, cost};
use crate::protocol::images::{AnswerReader, Event, Image, Source};
use crate::protocol::request::{Body, Prepared};
use crate::protocol::retry::Effect;
use crate::protocol::usage::Usage;

/// Pictures to be made.
pub struct Pictures {
    pub prepared: Prepared,
    pub inputs: Option<Inputs>,
    pub rates: Rates,
    /// Whether a finished picture was handed over.
    pub delivered: Cell<bool>,
}

impl Work for Pictures {
    fn sending(&self) -> Result<Sending, Thrown> {
        let (body, is_json) = match &self.prepared.body {
            Body::Json(text) => (JsValue::from_str(text), true),
            Body::Form(fields) => {
                (self.inputs.as_ref().map_or(Ok(JsValue::NULL), |inputs| inputs.form(fields))?, false)
            }
        };
        let url = self.prepared.url.clone();
        Ok(Sending { method: Method::POST, url, headers: Vec::new(), body: Some(body), is_json })
    }

    fn effect(&self) -> Effect {
        Effect::Picture
    }

    fn receive<'a>(&'a self, call: &'a Call<'_>, answer: Answer<'a>) -> Receiving<'a> {
        Box::pin(self.read(call, answer))
    }

    fn again(&self, call: &Call<'_>, failure: &Failure, retries: u32, chance: u32) -> Option<u32> {
        // A picture that came is paid for, and would be made again.
        if self.delivered.get() {
            return None;
        }
        call.settings.retries.wait(failure, Effect::Picture, retries, chance)
    }
}

impl Pictures {
    async fn read(&self, call: &Call<'_>, answer: Answer<'_>) -> Result<Outcome, Thrown> {
        let Answer { mut body, request_id, .. } = answer;
        let mut reader = AnswerReader::new(BlobSink::default(), call.settings.limits, self.prepared.expected);
        let mut storage_full = false;
        let mut report = |event: Event<Option<Picture>>| {
            let (kind, index, image) = match event {
                Event::PartialImage { index, image } => ("partialImage", Some(index), image),
                Event::Image(image) => ("image", None, image),
                Event::Withheld(failure) => {
                    return call.observer.event(&call.withheld(failure, request_id.as_deref()));
                }
            };
            if kind == "image" {
                self.delivered.set(true);
            }
            match record(kind, index, &image) {
                Some(record) => call.observer.event(record.as_ref()),
                None => storage_full = true,
            }
        };
        while let Some(bytes) = body.next().await? {
            reader.push(bytes, &mut report)?;
            call.received(body.received());
            if reader.is_complete() {
                break;
            }
        }
        let summary = reader.finish(&mut report)?;
        if storage_full {
            return Err(Picture::no_room().into());
        }
        let record = convert::to_js(&summary);
        set_cost(&record, "usage", summary.usage.as_ref(), self.rates);
        Ok(Outcome::Done(record))
    }
}

/// Adds to a usage within a record what it costs, in dollars, where that is known.
pub fn set_cost(record: &JsValue, name: &str, usage: Option<&Usage>, rates: Rates) {
    if let Some(micro_dollars) = usage.and_then(|usage| cost(usage, rates)) {
        let usage = Reflect::get(record, &name.into()).unwrap_or_default();
        Record::from(usage).set("cost", micro_dollars as f64 / 1e6);
    }
}

/// The record of a picture; `None` where the browser had no room for it.
fn record(kind: &str, index: Option<u64>, image: &Image<Option<Picture>>) -> Option<Record> {
    let record = Record::default();
    record.set("kind", kind);
    if let Some(index) = index {
        record.set("index", index as f64);
    }
    match &image.source {
        Source::Bytes(picture) => picture.as_ref()?.write(&record),
        Source::Url(url) => record.set("url", url),
    }
    if let Some(content_filter) = &image.content_filter {
        record.set("contentFilter", convert::to_js(content_filter));
    }
    if let Some(revised_prompt) = &image.revised_prompt {
        record.set("revisedPrompt", revised_prompt);
    }
    Some(record)
}
