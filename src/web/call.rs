//! One request to the Images API, from the credential to the last byte of its answer, and again where the policy allows it.

use std::cell::{Cell, RefCell};

use gloo_net::http::{Method, Response};
use js_sys::{Date, Math, Object, Promise, Reflect};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortSignal, RequestMode};

use super::blob::{BlobSink, Picture};
use super::body::Body;
use super::convert;
use super::credential::Authorization;
use super::failure::Thrown;
use super::fetch::{self, Outgoing};
use super::inputs::Inputs;
use super::platform::Attempt;
use super::settings::Settings;
use crate::protocol::error::{Billed, Code, Failure, TimeLimit};
use crate::protocol::estimate::{Rates, cost};
use crate::protocol::images::{AnswerReader, Event, Image, Source};
use crate::protocol::request::{self, Prepared};
use crate::protocol::retry::{self, Effect};

/// Far more than the body of any error.
pub const MAX_ERROR_BYTES: usize = 256 * 1024;

#[wasm_bindgen]
extern "C" {
    /// Whom the facade lets know what happens. None of its functions throws.
    #[derive(Debug)]
    pub type Observer;

    /// A record of a preview or picture that is complete, or the failure of a picture among others.
    #[wasm_bindgen(method)]
    fn image(this: &Observer, record: &JsValue);

    /// A stage, and the bytes received so far.
    #[wasm_bindgen(method)]
    fn progress(this: &Observer, stage: &str, received: f64);

    /// The request will be repeated because of a failure, for the how-manieth time. Resolves after so many milliseconds;
    /// rejects when the call is aborted.
    #[wasm_bindgen(method)]
    fn retry(this: &Observer, failure: &JsValue, milliseconds: u32, retries: u32) -> Promise;
}

/// A request, with what it reports to.
pub struct Call<'a> {
    pub settings: &'a Settings,
    pub signal: &'a AbortSignal,
    pub observer: Observer,
    /// The finished pictures that were handed over.
    images: Cell<u32>,
    /// What signed its requests.
    secrets: RefCell<Vec<String>>,
}

/// A token that the service did not take, and what it said of it.
struct Refused {
    token: String,
    thrown: Thrown,
}

impl<'a> Call<'a> {
    pub fn new(settings: &'a Settings, signal: &'a AbortSignal, observer: Observer) -> Self {
        let secrets = RefCell::new(settings.secrets().map(Into::into).collect());
        Self { settings, signal, observer, images: Cell::new(0), secrets }
    }

    /// Sends, again where the policy allows it, and gives the record of what is known at the end.
    pub async fn run(&self, prepared: &Prepared, inputs: Option<&Inputs>, rates: Rates) -> Result<JsValue, Thrown> {
        let policy = self.settings.retries;
        let mut retries = 0;
        let mut refused: Option<Refused> = None;
        let mut refreshed = false;
        let mut may_be_billed = false;
        loop {
            let attempt = Attempt::new(&self.settings.platform, self.signal);
            let authorization = match self.authorize(&attempt, refused.take()).await {
                Ok(authorization) => authorization,
                Err(thrown) => return Err(thrown.after_others(may_be_billed)),
            };
            let exchanged = self.exchange(&attempt, prepared, inputs, rates, authorization.as_ref()).await;
            // What is left of it is closed before anything else is begun.
            drop(attempt);
            let mut thrown = match exchanged {
                Ok(record) => return Ok(record),
                Err(thrown) => thrown,
            };
            self.redact(&mut thrown.failure);
            let record = JsValue::from(thrown.clone());
            let costs = thrown.failure.billed != Billed::No;
            let wait = match authorization {
                // A role that is missing is not to be had with another token.
                Some(Authorization { secret: token, .. })
                    if (thrown.failure.code, thrown.failure.status) == (Code::Authentication, Some(401))
                        && self.settings.credential.refuse(&token)
                        && !refreshed =>
                {
                    refreshed = true;
                    refused = Some(Refused { token, thrown });
                    0
                }
                _ => {
                    let chance = (Math::random() * f64::from(u32::MAX)) as u32;
                    if self.images.get() > 0 {
                        // A picture that came is paid for, and would be made again.
                        return Err(thrown);
                    }
                    let Some(wait) = policy.wait(&thrown.failure, Effect::Picture, retries, chance) else {
                        policy.explain(&mut thrown.failure, Effect::Picture, retries);
                        return Err(thrown.after_others(may_be_billed));
                    };
                    retries += 1;
                    wait
                }
            };
            may_be_billed |= costs;
            JsFuture::from(self.observer.retry(&record, wait, retries)).await.map_err(|cause| {
                // The caller has been told already, by the facade.
                Thrown::new(Code::Cancelled, "The call was cancelled.", cause)
            })?;
        }
    }

    /// No secret of the call is repeated, not that of an earlier try either.
    fn redact(&self, failure: &mut Failure) {
        for secret in self.secrets.borrow().iter() {
            failure.redact(secret);
        }
    }

    async fn authorize(&self, attempt: &Attempt, refused: Option<Refused>) -> Result<Option<Authorization>, Thrown> {
        self.progress("authenticating", 0);
        attempt.begin(TimeLimit::Credential, self.settings.timeouts.answer);
        let token = refused.as_ref().map(|refused| refused.token.as_str());
        let authorization = self.settings.credential.authorize(attempt, token).await;
        if let Ok(Some(Authorization { secret, .. })) = &authorization {
            self.secrets.borrow_mut().push(secret.clone());
        }
        match (authorization, refused) {
            (Ok(Some(Authorization { secret, .. })), Some(Refused { token, mut thrown })) if secret == token => {
                thrown
                    .failure
                    .message
                    .push_str(" The credential was asked for another token, and gave the same again.");
                Err(thrown)
            }
            (Err(mut thrown), Some(refused)) => {
                thrown.failure.message.push_str(" It was asked because the service had refused the token before.");
                thrown.failure.request_id = refused.thrown.failure.request_id;
                Err(thrown)
            }
            (authorization, _) => authorization,
        }
    }

    async fn exchange(
        &self,
        attempt: &Attempt,
        prepared: &Prepared,
        inputs: Option<&Inputs>,
        rates: Rates,
        authorization: Option<&Authorization>,
    ) -> Result<JsValue, Thrown> {
        let settings = self.settings;
        let (body, is_json) = match &prepared.body {
            request::Body::Json(text) => (JsValue::from_str(text), true),
            // The browser writes the content type of a form, since only it knows the boundary.
            request::Body::Form(fields) => (inputs.map_or(Ok(JsValue::NULL), |inputs| inputs.form(fields))?, false),
        };
        if let Some(over) = attempt.over(0) {
            return Err(over.into());
        }
        attempt.begin(TimeLimit::Answer, settings.timeouts.answer);
        let outgoing = Outgoing {
            method: Method::POST,
            url: &prepared.url,
            headers: &request_headers(settings, authorization, is_json),
            body: Some(body),
            mode: RequestMode::Cors,
        };
        let response = fetch::send(outgoing, settings.fetch.as_ref(), attempt, || self.progress("waiting", 0)).await?;
        attempt.begin(TimeLimit::Idle, settings.timeouts.idle);
        let request_id = request_id(&response);
        match self.receive(&response, attempt, prepared, rates, request_id.as_deref()).await {
            Ok(summary) => {
                if let Some(id) = &request_id {
                    // Setting a member of a plain object cannot fail.
                    let _ = Reflect::set(&summary, &"requestId".into(), &id.into());
                }
                attempt.drain();
                Ok(summary)
            }
            Err(mut thrown) => {
                thrown.failure.request_id = thrown.failure.request_id.or(request_id);
                Err(thrown)
            }
        }
    }

    async fn receive(
        &self,
        response: &Response,
        attempt: &Attempt,
        prepared: &Prepared,
        rates: Rates,
        request_id: Option<&str>,
    ) -> Result<JsValue, Thrown> {
        let mut body = Body::new(response, attempt, &self.settings.platform)?;
        if !response.ok() {
            // The status says what happened, even where the text does not come.
            let text = body.read_all(MAX_ERROR_BYTES).await;
            return Err(failure_of(response, &text).into());
        }
        let mut reader = AnswerReader::new(BlobSink::default(), self.settings.limits, prepared.expected);
        let mut storage_full = false;
        let mut report = |event: Event<Option<Picture>>| {
            let (kind, index, image) = match event {
                Event::PartialImage { index, image } => ("partialImage", Some(index), image),
                Event::Image(image) => ("image", None, image),
                Event::Withheld(failure) => return self.withheld(failure, request_id),
            };
            storage_full |= matches!(image.source, Source::Bytes(None));
            if kind == "image" {
                self.images.set(self.images.get().saturating_add(1));
            }
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
        self.observer.progress(stage, received as f64);
    }

    /// A picture that is missing among others: its failure takes the place of a record.
    fn withheld(&self, failure: Failure, request_id: Option<&str>) {
        let mut failure = Failure { request_id: failure.request_id.or(request_id.map(Into::into)), ..failure };
        self.redact(&mut failure);
        let record: JsValue = Thrown::from(failure).into();
        self.observer.image(&record);
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
        self.observer.image(&record);
    }
}

/// The headers of a request, and no others: each one more is one more that a CORS preflight must allow.
pub fn request_headers(
    settings: &Settings,
    authorization: Option<&Authorization>,
    is_json: bool,
) -> Vec<(String, String)> {
    let own = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let signed = authorization.map(|Authorization { header, value, .. }| own(header, value));
    let json = is_json.then(|| own("content-type", "application/json"));
    signed.into_iter().chain(json).chain(settings.extra_headers.iter().cloned()).collect()
}

/// What an answer with a status other than 2xx means.
pub fn failure_of(response: &Response, text: &[u8]) -> Failure {
    let headers = response.headers();
    let retry_after = headers.get("retry-after");
    // It may be a date, which only a clock can make a wait of.
    let date = retry_after.as_deref().filter(|text| text.contains(':'));
    let until = date.map(|text| Date::parse(text) - Date::now()).filter(|wait| *wait > 0.0);
    let retry_after_ms = headers.get("retry-after-ms").or_else(|| until.map(|wait| format!("{wait:.0}")));
    let waits = retry::Headers { retry_after_ms: retry_after_ms.as_deref(), retry_after: retry_after.as_deref() };
    Failure::from_answer(response.status(), text, waits)
}

/// The service's name for a request, where the browser may see it.
fn request_id(response: &Response) -> Option<String> {
    let headers = response.headers();
    ["apim-request-id", "x-request-id", "x-ms-request-id"].iter().find_map(|name| headers.get(name))
}
