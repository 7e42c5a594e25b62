//! One request to the Images API, from the credential to the last byte of its answer.

use gloo_net::http::Response;
use js_sys::{Function, Object, Reflect};
use wasm_bindgen::prelude::*;
use web_sys::AbortSignal;

use super::blob::{BlobSink, Picture};
use super::body::Body;
use super::convert;
use super::failure::Thrown;
use super::fetch::{self, Outgoing};
use super::inputs::Inputs;
use super::settings::Settings;
use crate::protocol::error::{Billed, Code, Failure};
use crate::protocol::estimate::{Rates, cost};
use crate::protocol::images::{AnswerReader, Event, Image, Source};
use crate::protocol::request::{self, Prepared};
use crate::protocol::retry;

/// Far more than the body of any error.
const MAX_ERROR_BYTES: usize = 256 * 1024;

/// A request, with what it reports to.
pub struct Call<'a> {
    pub settings: &'a Settings,
    pub signal: &'a AbortSignal,
    /// Is given a record for each preview and picture as it is complete.
    pub on_image: Function,
    /// Is given a stage and the bytes received so far.
    pub on_progress: Function,
}

impl Call<'_> {
    /// The record of what is known at the end.
    pub async fn run(&self, prepared: &Prepared, inputs: Option<&Inputs>, rates: Rates) -> Result<JsValue, Thrown> {
        let response = self.send(prepared, inputs).await?;
        let request_id = request_id(&response);
        match self.receive(&response, prepared, rates).await {
            Ok(summary) => {
                if let Some(id) = &request_id {
                    // Setting a member of a plain object cannot fail.
                    let _ = Reflect::set(&summary, &"requestId".into(), &id.into());
                }
                Ok(summary)
            }
            Err(mut thrown) => {
                thrown.failure.request_id = thrown.failure.request_id.or(request_id);
                Err(thrown)
            }
        }
    }

    async fn send(&self, prepared: &Prepared, inputs: Option<&Inputs>) -> Result<Response, Thrown> {
        let settings = self.settings;
        self.progress("authenticating", 0);
        let mut headers = Vec::new();
        if let Some((name, value)) = settings.credential.header(&settings.scopes, self.signal).await? {
            headers.push((name.into(), value));
        }
        let body = match &prepared.body {
            request::Body::Json(text) => {
                headers.push(("content-type".to_owned(), "application/json".to_owned()));
                JsValue::from_str(text)
            }
            // The browser writes the content type of a form, since only it knows the boundary.
            request::Body::Form(fields) => inputs.map_or(Ok(JsValue::NULL), |inputs| inputs.form(fields))?,
        };
        headers.extend(settings.extra_headers.iter().cloned());
        if self.signal.aborted() {
            let cancelled = Failure::new(Code::Cancelled, "The call was cancelled before anything was sent.");
            return Err(Failure { billed: Billed::No, ..cancelled }.into());
        }
        self.progress("waiting", 0);
        fetch::send(Outgoing { url: &prepared.url, headers: &headers, body }, settings.fetch.as_ref(), self.signal)
            .await
    }

    async fn receive(&self, response: &Response, prepared: &Prepared, rates: Rates) -> Result<JsValue, Thrown> {
        let mut body = Body::new(response, self.signal, &self.settings.pause)?;
        if !response.ok() {
            let text = body.read_all(MAX_ERROR_BYTES).await.unwrap_or_default();
            let headers = response.headers();
            let (retry_after_ms, retry_after) = (headers.get("retry-after-ms"), headers.get("retry-after"));
            let headers =
                retry::Headers { retry_after_ms: retry_after_ms.as_deref(), retry_after: retry_after.as_deref() };
            return Err(Failure::from_answer(response.status(), &text, headers).into());
        }
        let mut reader = AnswerReader::new(BlobSink::default(), self.settings.limits, prepared.expected);
        let mut storage_full = false;
        let mut report = |event: Event<Option<Picture>>| {
            let (kind, index, image) = match event {
                Event::PartialImage { index, image } => ("partialImage", Some(index), image),
                Event::Image(image) => ("image", None, image),
                Event::Withheld(failure) => return self.withheld(failure),
            };
            storage_full |= matches!(image.source, Source::Bytes(None));
            self.image(kind, index, &image);
        };
        self.progress("receiving", 0);
        while let Some(bytes) = body.next().await? {
            reader.push(bytes, &mut report)?;
            self.progress("receiving", body.received());
            if reader.is_complete() {
                break;
            }
        }
        let summary = reader.finish(&mut report)?;
        body.finish();
        if storage_full {
            let failure = Failure::new(
                Code::TooLarge,
                "The browser has no room left for the picture. Free some: dispose of pictures that are not shown any more.",
            );
            return Err(Failure { billed: Billed::Yes, ..failure }.into());
        }
        let record = convert::to_js(&summary);
        if let Some(micro_dollars) = summary.usage.and_then(|usage| cost(&usage, rates)) {
            let usage = Reflect::get(&record, &"usage".into()).unwrap_or_default();
            let _ = Reflect::set(&usage, &"cost".into(), &JsValue::from_f64(micro_dollars as f64 / 1e6));
        }
        Ok(record)
    }

    fn progress(&self, stage: &str, received: u64) {
        // The facade's function does not throw.
        let _ = self.on_progress.call2(&JsValue::UNDEFINED, &stage.into(), &JsValue::from_f64(received as f64));
    }

    /// A picture that is missing among others: its failure takes the place of a record.
    fn withheld(&self, failure: Failure) {
        let record: JsValue = Thrown::from(failure).into();
        let _ = self.on_image.call1(&JsValue::UNDEFINED, &record);
    }

    fn image(&self, kind: &str, index: Option<u64>, image: &Image<Option<Picture>>) {
        let record = Object::new();
        let set = |name: &str, value: JsValue| {
            // Setting a member of a plain object cannot fail.
            let _ = Reflect::set(&record, &name.into(), &value);
        };
        set("kind", kind.into());
        if let Some(index) = index {
            set("index", JsValue::from_f64(index as f64));
        }
        match &image.source {
            Source::Bytes(Some(picture)) => {
                set("blob", picture.blob.clone().into());
                set("mediaType", picture.media_type.into());
                set("byteLength", JsValue::from_f64(picture.byte_length as f64));
                if let Some(header) = picture.header {
                    set("width", header.width.into());
                    set("height", header.height.into());
                }
            }
            // There is nothing to show, and the call is about to say so.
            Source::Bytes(None) => return,
            Source::Url(url) => set("url", url.into()),
        }
        if let Some(content_filter) = &image.content_filter {
            set("contentFilter", convert::to_js(content_filter));
        }
        if let Some(revised_prompt) = &image.revised_prompt {
            set("revisedPrompt", revised_prompt.into());
        }
        // The facade's function does not throw.
        let _ = self.on_image.call1(&JsValue::UNDEFINED, &record);
    }
}

/// The service's name for a request, where the browser may see it.
fn request_id(response: &Response) -> Option<String> {
    let headers = response.headers();
    ["apim-request-id", "x-request-id", "x-ms-request-id"].iter().find_map(|name| headers.get(name))
}
