//! One call, from the credential to the last byte of its answer, and again where its work allows it.

use std::cell::RefCell;
use std::future::Future;
use std::pin::Pin;

use gloo_net::http::{Method, Response};
use js_sys::{Date, Math, Object, Promise, Reflect};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortSignal, RequestMode};

use super::body::Body;
use super::credential::Authorization;
use super::failure::Thrown;
use super::fetch::{self, Outgoing};
use super::platform::Attempt;
use super::settings::Settings;
use crate::protocol::error::{Billed, Code, Failure, TimeLimit};
use crate::protocol::retry::{self, Effect};
use crate::protocol::secrets::Secrets;

/// Far more than the body of any error.
pub const MAX_ERROR_BYTES: usize = 256 * 1024;

#[wasm_bindgen]
extern "C" {
    /// Whom the facade lets know what happens. None of its functions throws.
    #[derive(Debug)]
    pub type Observer;

    /// A record of something that came with the answer, such as a picture that is complete; or the failure of a picture among
    /// others.
    #[wasm_bindgen(method)]
    pub fn event(this: &Observer, record: &JsValue);

    /// The id of the response, as soon as it is known.
    #[wasm_bindgen(method)]
    pub fn identify(this: &Observer, id: &str);

    /// A stage begins.
    #[wasm_bindgen(method)]
    fn enter(this: &Observer, stage: &str);

    /// More of the answer came: so many bytes of it have by now.
    #[wasm_bindgen(method)]
    fn receive(this: &Observer, bytes: f64);

    /// What failed will be tried again, for the how-manieth time. Resolves after so many milliseconds; rejects when the call is
    /// aborted.
    #[wasm_bindgen(method)]
    fn retry(this: &Observer, failure: &JsValue, milliseconds: u32, retries: u32) -> Promise;

    /// Resolves after so many milliseconds; rejects when the call is aborted.
    #[wasm_bindgen(method)]
    fn wait(this: &Observer, milliseconds: u32) -> Promise;
}

/// What a call does: what it sends, how it reads the answer, and what it makes of a failure.
pub trait Work {
    /// What is sent next.
    fn sending(&self) -> Result<Sending, Thrown>;

    /// What it means to send that twice.
    fn effect(&self) -> Effect;

    /// How long to wait for an answer to begin, in milliseconds; 0: for ever.
    fn answer_limit(&self, settings: &Settings) -> u32 {
        settings.timeouts.answer
    }

    /// Reads an answer whose status says success.
    fn receive<'a>(&'a self, call: &'a Call<'_>, answer: Answer<'a>) -> Receiving<'a>;

    /// How long to wait before [`Work::sending`] is asked again, in milliseconds; `None`: it is given up. `retries`: how often it was
    /// already.
    fn again(&self, call: &Call<'_>, failure: &Failure, retries: u32, chance: u32) -> Option<u32> {
        call.settings.retries.wait(failure, self.effect(), retries, chance)
    }

    /// Adds to a failure that is given up what is to be said about it.
    fn explain(&self, call: &Call<'_>, failure: &mut Failure, retries: u32) {
        call.settings.retries.explain(failure, self.effect(), retries);
    }
}

/// Something to be sent.
pub struct Sending {
    pub method: Method,
    pub url: String,
    /// Beside those that sign the request and name its type.
    pub headers: Vec<(&'static str, String)>,
    /// A JSON text or a Blob of one, or a form, whose type the browser writes, since only it knows the boundary.
    pub body: Option<JsValue>,
    pub is_json: bool,
}

impl Sending {
    /// A request that says everything with its method and URL.
    pub fn bare(method: Method, url: String) -> Self {
        Self { method, url, headers: Vec::new(), body: None, is_json: false }
    }
}

/// An answer whose status says success.
pub struct Answer<'a> {
    pub body: Body<'a>,
    pub attempt: &'a Attempt,
    /// The service's name for the request, where the browser may see it.
    pub request_id: Option<String>,
}

/// The reading of an answer.
pub type Receiving<'a> = Pin<Box<dyn Future<Output = Result<Outcome, Thrown>> + 'a>>;

/// What an answer comes to.
pub enum Outcome {
    /// The record of what is known at the end.
    Done(JsValue),
    /// Something else is to be sent, after so many milliseconds.
    Again(u32),
}

/// A call, with what it reports to.
pub struct Call<'a> {
    pub settings: &'a Settings,
    signal: &'a AbortSignal,
    pub observer: Observer,
    /// What signed its requests.
    secrets: RefCell<Secrets>,
}

/// A token that the service did not take, and what it said of it.
struct Refused {
    token: String,
    thrown: Thrown,
}

impl<'a> Call<'a> {
    pub fn new(settings: &'a Settings, signal: &'a AbortSignal, observer: Observer) -> Self {
        let secrets = RefCell::new(settings.secrets());
        Self { settings, signal, observer, secrets }
    }

    /// Sends, again where the work allows it, and gives the record of what is known at the end.
    pub async fn run(&self, work: &dyn Work) -> Result<JsValue, Thrown> {
        let mut retries = 0;
        let mut refused: Option<Refused> = None;
        let mut refreshed = false;
        let mut may_be_billed = false;
        loop {
            let attempt = Attempt::new(&self.settings.platform, self.signal);
            let give_up = |mut thrown: Thrown, may_be_billed, retries| {
                work.explain(self, &mut thrown.failure, retries);
                // What explains it may repeat an id of the service.
                self.redact(&mut thrown.failure);
                thrown.after_others(may_be_billed)
            };
            let authorization = match self.authorize(&attempt, refused.take()).await {
                Ok(authorization) => authorization,
                Err(thrown) => return Err(give_up(thrown, may_be_billed, 0)),
            };
            let exchanged = self.exchange(&attempt, work, authorization.as_ref()).await;
            // What is left of it is closed before anything else is begun.
            drop(attempt);
            let mut thrown = match exchanged {
                Ok(Outcome::Done(record)) => return Ok(record),
                Ok(Outcome::Again(wait)) => {
                    (retries, refreshed) = (0, false);
                    JsFuture::from(self.observer.wait(wait)).await.map_err(cancelled)?;
                    continue;
                }
                Err(thrown) => thrown,
            };
            self.redact(&mut thrown.failure);
            let record = JsValue::from(thrown.clone());
            let costs = thrown.failure.billed != Billed::No;
            // An answer that was accepted and then broke off had a good token.
            refreshed &= thrown.failure.status.is_some();
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
                    let Some(wait) = work.again(self, &thrown.failure, retries, chance) else {
                        return Err(give_up(thrown, may_be_billed, retries));
                    };
                    retries += 1;
                    wait
                }
            };
            may_be_billed |= costs;
            JsFuture::from(self.observer.retry(&record, wait, retries)).await.map_err(cancelled)?;
        }
    }

    /// No secret of the call is repeated, not that of an earlier try either.
    pub fn redact(&self, failure: &mut Failure) {
        failure.redact(&self.secrets.borrow());
    }

    /// Tells the id that the service gives the response.
    pub fn identify(&self, id: &str) {
        self.observer.identify(&self.id(id));
    }

    /// An id that the service gave, as it is told: errors name the response by it, and have no secret.
    pub fn id(&self, id: &str) -> String {
        self.secrets.borrow().redact(id)
    }

    async fn authorize(&self, attempt: &Attempt, refused: Option<Refused>) -> Result<Option<Authorization>, Thrown> {
        self.observer.enter("authenticating");
        attempt.begin(TimeLimit::Credential, self.settings.timeouts.answer);
        let token = refused.as_ref().map(|refused| refused.token.as_str());
        let authorization = self.settings.credential.authorize(attempt, token).await;
        if let Ok(Some(Authorization { secret, .. })) = &authorization {
            self.secrets.borrow_mut().add(secret);
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
                thrown.failure.name_request(refused.thrown.failure.request_id.as_deref());
                Err(thrown)
            }
            (authorization, _) => authorization,
        }
    }

    async fn exchange(
        &self,
        attempt: &Attempt,
        work: &dyn Work,
        authorization: Option<&Authorization>,
    ) -> Result<Outcome, Thrown> {
        let settings = self.settings;
        let sending = work.sending()?;
        if let Some(over) = attempt.over(0) {
            return Err(over.into());
        }
        attempt.begin(TimeLimit::Answer, work.answer_limit(settings));
        let mut headers = request_headers(settings, authorization, sending.is_json);
        headers.extend(sending.headers.into_iter().map(|(name, value)| (name.to_owned(), value)));
        let outgoing = Outgoing {
            method: sending.method,
            url: &sending.url,
            headers: &headers,
            body: sending.body,
            mode: RequestMode::Cors,
        };
        let response = fetch::send(outgoing, settings.fetch.as_ref(), attempt, || self.observer.enter("waiting")).await;
        let response = response.map_err(|thrown| thrown.of(work.effect()))?;
        attempt.begin(TimeLimit::Idle, settings.timeouts.idle);
        let request_id = request_id(&response);
        match self.receive(&response, attempt, work, request_id.clone()).await {
            Ok(outcome) => {
                if let (Outcome::Done(record), Some(id)) = (&outcome, &request_id) {
                    Record::from(record.clone()).set("requestId", id);
                }
                attempt.drain();
                Ok(outcome)
            }
            Err(thrown) => {
                let mut thrown = thrown.of(work.effect());
                thrown.failure.name_request(request_id.as_deref());
                Err(thrown)
            }
        }
    }

    async fn receive(
        &self,
        response: &Response,
        attempt: &Attempt,
        work: &dyn Work,
        request_id: Option<String>,
    ) -> Result<Outcome, Thrown> {
        let body = Body::new(response, attempt, &self.settings.platform)?;
        if !response.ok() {
            // The status says what happened, even where the text does not come.
            let text = body.read_all(MAX_ERROR_BYTES).await;
            return Err(failure_of(response, &text).into());
        }
        self.observer.enter("receiving");
        work.receive(self, Answer { body, attempt, request_id }).await
    }

    /// Tells how many bytes of the answer have come.
    pub fn received(&self, bytes: u64) {
        self.observer.receive(bytes as f64);
    }

    /// A picture that is missing among others, as a record.
    pub fn withheld(&self, mut failure: Failure, request_id: Option<&str>) -> JsValue {
        failure.name_request(request_id);
        self.redact(&mut failure);
        Thrown::from(failure).into()
    }
}

/// The caller has been told already, by the facade.
fn cancelled(cause: JsValue) -> Thrown {
    Thrown::new(Code::Cancelled, "The call was cancelled.", cause)
}

/// A record of which members are set one by one.
#[derive(Debug, Default)]
pub struct Record(Object);

impl Record {
    pub fn set(&self, name: &str, value: impl Into<JsValue>) {
        // Setting a member of a plain object cannot fail.
        let _ = Reflect::set(&self.0, &name.into(), &value.into());
    }
}

impl From<JsValue> for Record {
    /// Goes on with a record that was begun elsewhere.
    fn from(record: JsValue) -> Self {
        Self(record.unchecked_into())
    }
}

impl From<Record> for JsValue {
    fn from(record: Record) -> Self {
        record.0.into()
    }
}

impl AsRef<JsValue> for Record {
    fn as_ref(&self) -> &JsValue {
        &self.0
    }
}

/// The headers of a request, and no others: each one more is one more that a CORS preflight must allow.
pub fn request_headers(
    settings: &Settings,
    authorization: Option<&Authorization>,
    is_json: bool,
) -> Vec<(String, String)> {
    let mut headers: Vec<(String, String)> = Vec::new();
    if let Some(Authorization { header, value, .. }) = authorization {
        headers.push(((*header).into(), value.clone()));
    }
    if is_json {
        headers.push(("content-type".into(), "application/json".into()));
    }
    headers.extend_from_slice(&settings.extra_headers);
    headers
}

/// What an answer with a status other than 2xx means.
pub fn failure_of(response: &Response, text: &[u8]) -> Failure {
    let headers = response.headers();
    let retry_after = headers.get("retry-after");
    // It may be a date, which only a clock can make a wait of.
    let date = retry_after.as_deref().filter(|text| text.contains(':'));
    let until = date.map(|text| Date::parse(text) - Date::now()).filter(|wait| *wait > 0.0);
    let retry_after_ms = headers.get("retry-after-ms").or_else(|| until.map(|wait| (wait as u32).to_string()));
    let waits = retry::Headers { retry_after_ms: retry_after_ms.as_deref(), retry_after: retry_after.as_deref() };
    Failure::from_answer(response.status(), text, waits)
}

/// The service's name for a request, where the browser may see it.
fn request_id(response: &Response) -> Option<String> {
    let headers = response.headers();
    ["apim-request-id", "x-request-id", "x-ms-request-id"].iter().find_map(|name| headers.get(name))
}
