//! What the facade's `AzureImageClient` stands on.

use std::cell::Cell;
use std::rc::Rc;

use gloo_net::http::Method;
use js_sys::Promise;
use serde::Serialize;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::future_to_promise;
use web_sys::AbortSignal;

use super::call::{Call, Observer};
use super::convert::{self, Options};
use super::failure::Thrown;
use super::images::Pictures;
use super::inputs::Inputs;
use super::manage::Managing;
use super::platform::{Platform, now};
use super::probe::probe;
use super::responses::{Fetching, Making};
use super::settings::{Settings, Validation};
use crate::protocol::catalogue::Model;
use crate::protocol::endpoint::{Operation, Resource};
use crate::protocol::error::Failure;
use crate::protocol::estimate::{Estimate, Rates, estimate};
use crate::protocol::files;
use crate::protocol::job::Job;
use crate::protocol::request::{ImageRequest, split};
use crate::protocol::validate::{Asked, Problem, Severity, validate};

/// A client: where requests go, how they are signed, and the calls.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Client {
    settings: Rc<Settings>,
}

#[wasm_bindgen]
impl Client {
    /// `platform`: what the facade lends the engine.
    ///
    /// # Errors
    /// An option that cannot be right, as a plain record.
    #[wasm_bindgen(constructor)]
    pub fn new(
        endpoint: &JsValue,
        credential: &JsValue,
        options: &JsValue,
        platform: Platform,
    ) -> Result<Client, JsValue> {
        Ok(Self { settings: Rc::new(Settings::read(endpoint, credential, options, platform).map_err(Thrown::from)?) })
    }

    /// How the endpoint was understood.
    #[wasm_bindgen(js_name = describeEndpoint)]
    pub fn describe_endpoint(&self) -> JsValue {
        convert::to_js(&self.settings.endpoint.describe())
    }

    /// What the beginning of a file says of the picture in it.
    #[expect(clippy::unused_self, reason = "the facade reaches the engine through this object only")]
    pub fn inspect(&self, beginning: &[u8]) -> JsValue {
        convert::to_js(&files::inspect(beginning))
    }

    /// What the catalogue and the headers of the pictures tell of a request: records of problems.
    ///
    /// # Errors
    /// An option of the wrong type, as a plain record.
    pub fn validate(&self, question: &JsValue) -> Result<JsValue, JsValue> {
        Ok(convert::to_js(&Question::read(&self.settings, question)?.problems()))
    }

    /// How a call is divided into requests, and what is to be said about it.
    ///
    /// # Errors
    /// The request cannot work, as a plain record.
    pub fn plan(&self, question: &JsValue) -> Result<JsValue, JsValue> {
        let plan = Question::read(&self.settings, question)?.plan().map_err(Thrown::from)?;
        Ok(convert::to_js(&plan))
    }

    /// What a request will cost, in millionths of a dollar.
    ///
    /// # Errors
    /// An option of the wrong type, as a plain record.
    pub fn estimate(&self, question: &JsValue) -> Result<JsValue, JsValue> {
        Ok(convert::to_js(&Question::read(&self.settings, question)?.estimate()))
    }

    /// Sends one request for `n` pictures. The promise is for what is known at the end, or rejects with a record.
    pub fn send(&self, question: JsValue, n: u32, signal: AbortSignal, observer: Observer) -> Promise {
        let settings = Rc::clone(&self.settings);
        future_to_promise(async move {
            let Question { operation, mut request, streamed, inputs, .. } = Question::read(&settings, &question)?;
            request.n = request.n.map(|_| n);
            request.settle_response_format(&settings.model_of(request.model.as_deref()));
            let prepared = request
                .prepare(operation, &settings.endpoint, settings.deployment.as_deref(), &settings.extra_query, streamed)
                .map_err(Thrown::from)?;
            let rates = settings.rates_of(request.model.as_deref());
            let work = Pictures { prepared, inputs, rates, delivered: Cell::default() };
            Ok(Call::new(&settings, &signal, observer).run(&work).await?)
        })
    }

    /// Makes a response. The promise is for what is known at the end, or rejects with a record.
    pub fn respond(&self, question: JsValue, signal: AbortSignal, observer: Observer) -> Promise {
        let settings = Rc::clone(&self.settings);
        future_to_promise(async move {
            let work = Making::read(&settings, &Options::new(&question))?;
            Ok(Call::new(&settings, &signal, observer).run(&work).await?)
        })
    }

    /// Follows a response that is made in the background to its end, from the event behind `starting_after` on. `is_own`: the same
    /// call has begun it.
    pub fn follow(
        &self,
        id: String,
        starting_after: Option<f64>,
        is_own: bool,
        signal: AbortSignal,
        observer: Observer,
    ) -> Promise {
        let settings = Rc::clone(&self.settings);
        future_to_promise(async move {
            let job = Job::resume(&id, starting_after.map(|number| number as u64), is_own, now() as u64);
            observer.identify(&id);
            let work = Making::follow(&settings, job);
            Ok(Call::new(&settings, &signal, observer).run(&work).await?)
        })
    }

    /// Fetches a response as it is now, or cancels it.
    pub fn fetch(&self, id: String, cancels: bool, signal: AbortSignal, observer: Observer) -> Promise {
        let settings = Rc::clone(&self.settings);
        future_to_promise(async move {
            let (method, resource) = if cancels {
                (Method::POST, Resource::ResponseCancel(&id))
            } else {
                (Method::GET, Resource::Response(&id))
            };
            let url = settings.endpoint.resource_url(resource, &[], &settings.extra_query).map_err(Thrown::from)?;
            let work = Fetching { method, url };
            Ok(Call::new(&settings, &signal, observer).run(&work).await?)
        })
    }

    /// Reads or changes an agent, a conversation or a file, or deletes a response. The promise is for what the service says.
    pub fn manage(&self, question: JsValue, signal: AbortSignal, observer: Observer) -> Promise {
        let settings = Rc::clone(&self.settings);
        future_to_promise(async move {
            let work = Managing::read(&settings, &Options::new(&question))?;
            Ok(Call::new(&settings, &signal, observer).run(&work).await?)
        })
    }

    /// Finds out, without making a picture, what works of the way to one. The promise is for a record.
    pub fn probe(&self, signal: AbortSignal) -> Promise {
        let settings = Rc::clone(&self.settings);
        future_to_promise(async move { Ok(probe(&settings, &signal).await?) })
    }
}

/// A request that is asked about.
struct Question<'a> {
    settings: &'a Settings,
    operation: Operation,
    request: ImageRequest,
    streamed: bool,
    inputs: Option<Inputs>,
    /// The date in UTC, as the catalogue writes it.
    today: String,
}

/// How a call is divided, and what is to be said about it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Plan {
    /// The number of pictures of each request.
    requests: Vec<u32>,
    problems: Vec<Problem>,
    max_parallel_requests: u32,
}

impl<'a> Question<'a> {
    /// Reads the facade's record.
    fn read(settings: &'a Settings, question: &JsValue) -> Result<Self, Thrown> {
        let members = Options::new(question);
        let operation = members.text("operation");
        let question = Self {
            settings,
            operation: if operation.as_deref() == Some("edits") { Operation::Edits } else { Operation::Generations },
            request: read_request(&members)?,
            streamed: members.flag("streamed").unwrap_or_default(),
            inputs: members.value("inputs").as_ref().and_then(Inputs::read),
            today: members.text("today").unwrap_or_default(),
        };
        members.check()?;
        Ok(question)
    }

    fn problems(&self) -> Vec<Problem> {
        let model = self.settings.model_of(self.request.model.as_deref());
        let images = self.inputs.as_ref().map(Inputs::images).unwrap_or_default();
        let mask = self.inputs.as_ref().and_then(Inputs::mask);
        // How many there may be is a matter of the call, which becomes several requests.
        let asked = Asked { n: None, inputs: images.len(), mask: mask.is_some(), ..self.request.asked() };
        let mut problems = validate(&asked, self.operation, self.streamed, &model, &self.today);
        if let Err(failure) = split(self.request.n.unwrap_or(1), 1) {
            problems.push(Problem {
                param: "n".into(),
                message: failure.message.clone(),
                severity: Severity::Error,
                suggestion: None,
            });
        }
        problems.extend(files::problems(&images, mask));
        problems
    }

    fn plan(&self) -> Result<Plan, Failure> {
        let problems = self.settings.judge(&|| self.problems())?;
        let most = match self.settings.model_of(self.request.model.as_deref()).max_n() {
            _ if self.streamed => 1,
            Some(most) => u32::try_from(most).unwrap_or(MAX_PER_REQUEST).min(MAX_PER_REQUEST),
            None => MAX_PER_REQUEST,
        };
        Ok(Plan {
            requests: split(self.request.n.unwrap_or(1), most)?,
            problems,
            max_parallel_requests: self.settings.max_parallel_requests,
        })
    }

    fn estimate(&self) -> Estimate {
        let model = self.settings.model_of(self.request.model.as_deref());
        estimate(&self.request.asked(), self.streamed, &model, self.settings.rates)
    }
}

/// Most pictures of one request, by Azure's specifications.
const MAX_PER_REQUEST: u32 = 10;

impl Settings {
    /// `named`: the model that the request names.
    pub fn model_of(&self, named: Option<&str>) -> Model<'_> {
        self.catalogue.model(named.or(self.model.as_deref()))
    }

    pub fn rates_of(&self, named: Option<&str>) -> Rates {
        self.rates.or(Rates::of(&self.model_of(named)))
    }

    /// Of the pictures of a response, which names the model, or the deployment that stands for it.
    pub fn rates_of_answer(&self, named: Option<&str>) -> Rates {
        self.rates_of(named.filter(|name| self.catalogue.model(Some(name)).is_known()))
    }

    /// Refuses what cannot work, and gives what else is to be said about a request.
    pub fn judge(&self, problems: &dyn Fn() -> Vec<Problem>) -> Result<Vec<Problem>, Failure> {
        let mut problems = match self.validation {
            Validation::Off => Vec::new(),
            Validation::Error | Validation::Warn => problems(),
        };
        let mut errors = problems.iter().filter(|problem| problem.severity == Severity::Error).peekable();
        if self.validation == Validation::Error
            && let Some(first) = errors.peek()
        {
            let param = first.param.clone();
            let messages: Vec<&str> = errors.map(|problem| problem.message.as_str()).collect();
            return Err(Failure::invalid(&param, messages.join(" ")));
        }
        for problem in &mut problems {
            problem.severity = Severity::Warning;
        }
        Ok(problems)
    }
}

fn read_request(question: &Options<'_>) -> Result<ImageRequest, Failure> {
    let request = question.value("request").unwrap_or_default();
    let options = Options::new(&request);
    let request = ImageRequest {
        prompt: options.text("prompt").unwrap_or_default(),
        deployment: options.text("deployment"),
        model: options.text("model"),
        n: options.whole("n"),
        size: options.text("size"),
        quality: options.text("quality"),
        background: options.text("background"),
        output_format: options.text("outputFormat"),
        output_compression: options.whole("outputCompression"),
        moderation: options.text("moderation"),
        response_format: options.text("responseFormat"),
        style: options.text("style"),
        input_fidelity: options.text("inputFidelity"),
        user: options.text("user"),
        partial_images: options.whole("partialImages"),
        extra_body: options.text("extraBody"),
    };
    options.check()?;
    Ok(request)
}
