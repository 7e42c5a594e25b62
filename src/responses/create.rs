//! Creation of a response, or following of a background response.

use std::rc::Rc;

use crate::decode::assembler::Sink;
use crate::errors::billing::Effect;
use crate::errors::billing::merge_failures;
use crate::errors::billing::{Interruption, Standing};
use crate::errors::{Billed, Failure};
use crate::http::endpoint::Resource;
use crate::http::message::{Body, HttpRequest, Method};
use crate::http::retry::RetryPolicy;
use crate::http::secrets::Secrets;
use crate::images::input::{self, Input};
use crate::models::catalog::Model;
use crate::models::cost::priced;
use crate::models::service::Service;
use crate::models::validate::ValidationProblem;
use crate::operation::{Attempt, Capability, Context, Event, Failed, Next, Outcome, Output};
use crate::responses::events::{Event as ResponseEvent, Progress, ResponseReader, Summary};
use crate::responses::job::{Ask, Delivery, Job, SILENCE_MS};
use crate::responses::request::{AgentReference, ImageToolUse, ResponseRequest, retrieval};
use crate::responses::result::{CallFailure, ResponseResult};
use crate::responses::tools;
use crate::settings::{Settings, Timeouts};

/// Call that creates a response.
#[derive(Debug, Clone)]
pub struct ResponseCall {
    /// The parameters.
    pub request: ResponseRequest,
    /// The deployment of the image generation tool.
    pub image_deployment: Option<String>,
    /// The delivery mode.
    pub delivery: Delivery,
    /// The images of the input, each with its parameter name.
    pub images: Vec<(String, Input)>,
    /// The date in UTC, such as `2026-11-21`.
    pub today: String,
}

/// Creates a response, or follows a background response.
pub struct CreateResponse<S: Sink> {
    settings: Rc<Settings>,
    /// `None` if an existing response is followed.
    request: Option<ResponseRequest>,
    image_deployment: Option<String>,
    delivery: Delivery,
    /// The model or agent, in the format of [`Settings::not_streaming`].
    author: String,
    warnings: Vec<ValidationProblem>,
    job: Job,
    reader: Option<ResponseReader<S>>,
    /// True if data of the current response body has arrived.
    has_received: bool,
    /// Number of complete images.
    images: usize,
    /// Number of calls of other tools, and of requests to approve one.
    tool_calls: usize,
    failures: Vec<CallFailure>,
    result: Option<(Summary, Option<String>)>,
    failure: Option<Failure>,
    make_sink: fn() -> S,
}

impl<S: Sink> std::fmt::Debug for CreateResponse<S> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("CreateResponse").field("job", &self.job).finish_non_exhaustive()
    }
}

impl<S: Sink> CreateResponse<S> {
    /// Validates the parameters. `make_sink` creates the sink for the bytes of an image.
    ///
    /// # Errors
    /// The call is invalid.
    pub fn new(settings: Rc<Settings>, call: ResponseCall, now: u64, make_sink: fn() -> S) -> Result<Self, Failure> {
        let ResponseCall { mut request, image_deployment, delivery, images, today } = call;
        request.background = delivery == Delivery::Background;
        let warnings = settings.check(|| {
            let inputs: Vec<(&str, Input)> = images.iter().map(|(param, input)| (param.as_str(), *input)).collect();
            let tool = request.image_tool.options();
            let named = tool.and_then(|tool| tool.model.as_deref());
            let model = tool_model(&settings, named, image_deployment.as_deref());
            let of_tool = tool.map(|tool| tool.problems(delivery != Delivery::Whole, &model, &today));
            [input::response_problems(&inputs), of_tool.unwrap_or_default()].concat()
        })?;
        input::check_files(images.iter().map(|(param, input)| (param.as_str(), input)))?;
        let author = match &request.agent {
            Some(AgentReference { name, version }) => {
                format!("agent {name} {}", version.as_deref().unwrap_or_default())
            }
            None => format!("model {}", request.model.as_deref().unwrap_or_default()),
        };
        let default = settings.image_deployment.as_ref().or(settings.deployment.as_ref());
        let image_deployment = image_deployment.or_else(|| default.cloned());
        let streams = !settings.not_streaming.borrow().contains(&author);
        let job = Job::new(delivery, streams, now);
        Ok(Self { image_deployment, delivery, author, warnings, ..Self::of(settings, Some(request), job, make_sink) })
    }

    /// Follows a response to its end. `after` is the sequence number of the last event already received.
    pub fn follow(settings: Rc<Settings>, id: &str, after: Option<u64>, now: u64, make_sink: fn() -> S) -> Self {
        Self::of(settings, None, Job::resume(id, after, false, now), make_sink)
    }

    fn of(settings: Rc<Settings>, request: Option<ResponseRequest>, job: Job, make_sink: fn() -> S) -> Self {
        Self {
            settings,
            request,
            image_deployment: None,
            delivery: Delivery::Background,
            author: String::new(),
            warnings: Vec::new(),
            job,
            reader: None,
            has_received: false,
            images: 0,
            tool_calls: 0,
            failures: Vec::new(),
            result: None,
            failure: None,
            make_sink,
        }
    }

    fn create(&self, is_streamed: bool) -> Result<HttpRequest, Failure> {
        let mut request = self.request.clone().unwrap_or_default();
        request.stream = is_streamed;
        if let ImageToolUse::With(tool) = &mut request.image_tool
            && !is_streamed
            && self.delivery != Delivery::Whole
        {
            tool.partial_images = None;
        }
        let image_deployment = self.image_deployment.as_deref();
        let prepared = request.prepare(&self.settings.endpoint, image_deployment, &self.settings.extra_query)?;
        let headers = prepared.headers.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        let body = Body::Json(prepared.body);
        Ok(HttpRequest { headers, body, ..HttpRequest::new(Method::Post, prepared.url) })
    }

    fn retrieve(&self, id: &str, query: &[(String, String)]) -> Result<HttpRequest, Failure> {
        let url = self.settings.endpoint.resource_url(Resource::Response(id), query, &self.settings.extra_query)?;
        Ok(HttpRequest::new(Method::Get, url))
    }

    /// Returns the progress of the reader to the job.
    fn put_back(&mut self) {
        if let Some(reader) = self.reader.take() {
            self.job.read(reader.into_progress());
        }
    }

    /// Updates the progress, and reports the response id when it becomes known.
    fn follow_progress(&mut self, context: &mut Context<'_, S::Image>) {
        let Some(reader) = &self.reader else { return };
        let progress = reader.progress();
        let was_known = self.job.progress().id() == progress.id();
        self.job.heard(progress, context.now);
        if let Some(id) = progress.id().filter(|_| !was_known) {
            let id = context.id(id);
            context.emit(Event::ResponseId(id));
        }
    }

    /// Reports an event, and updates the state of the call.
    fn report(
        &mut self,
        context: &mut Context<'_, S::Image>,
        sequence_number: Option<u64>,
        mut event: ResponseEvent<S::Image>,
    ) {
        match &mut event {
            ResponseEvent::PartialImage { .. } => *context.partial_images = context.partial_images.saturating_add(1),
            ResponseEvent::Image { .. } => {
                *context.images = context.images.saturating_add(1);
                self.images = self.images.saturating_add(1);
            }
            ResponseEvent::CallFailed { item_id, output_index, failure } => {
                *failure = context.failure(failure.clone());
                let failure = failure.clone();
                self.failures.push(CallFailure { item_id: item_id.clone(), output_index: *output_index, failure });
            }
            ResponseEvent::ToolCall { .. } | ResponseEvent::ApprovalRequest { .. } => {
                self.tool_calls = self.tool_calls.saturating_add(1);
            }
            _ => {}
        }
        context.emit(Event::Response { sequence_number, event });
    }

    fn has_images(&self) -> bool {
        self.images > 0
    }

    /// Marks the error as billed if an image has arrived.
    fn bill(&self, failure: &mut Failure) {
        if self.has_images() {
            failure.billed = Billed::Yes;
        }
    }

    /// Completes the error of a response that ended early. Its images are complete and billed.
    fn after_images(&self, failure: Failure) -> Failure {
        // A followed response goes on over another connection.
        if self.has_images() && !self.job.is_followed() { failure.after_images(self.images) } else { failure }
    }

    fn partial(&self) -> ResponseResult {
        let progress: &Progress = self.reader.as_ref().map_or(self.job.progress(), ResponseReader::progress);
        ResponseResult {
            summary: progress.partial(),
            failures: self.failures.clone(),
            warnings: Vec::new(),
            request_id: None,
        }
    }

    /// Returns the partial response if anything of it has arrived.
    fn partial_if_known(&self) -> Option<Box<ResponseResult>> {
        let partial = Box::new(self.partial());
        (partial.summary.id.is_some() || self.has_images()).then_some(partial)
    }
}

impl<S: Sink> Capability<S> for CreateResponse<S> {
    fn add_secrets(&self, secrets: &mut Secrets) {
        let request = self.request.iter();
        for tools in request.flat_map(|request| [&request.tools, &request.extra_body]).flatten() {
            tools::add_credentials(tools, secrets);
        }
    }

    fn request(&mut self, _index: usize) -> Result<HttpRequest, Failure> {
        self.put_back();
        match self.job.ask() {
            Ask::Make { streamed } => self.create(streamed),
            Ask::Events { id, after } => self.retrieve(id, &retrieval(true, after)),
            Ask::State { id } => self.retrieve(id, &[]),
        }
    }

    fn effect(&self) -> Effect {
        self.job.effect()
    }

    fn timeouts(&self, timeouts: Timeouts) -> Timeouts {
        if !self.job.is_followed() {
            return timeouts;
        }
        // A lost connection looks like a slow one, and reconnecting is free.
        let shorten = |limit: u32| if limit == 0 { SILENCE_MS } else { limit.min(SILENCE_MS) };
        Timeouts { answer: shorten(timeouts.answer), idle: shorten(timeouts.idle), ..timeouts }
    }

    fn begin(&mut self, _index: usize, now: u64) {
        self.job.begun(now);
        let progress = self.job.progress().clone();
        self.reader = Some(ResponseReader::resume((self.make_sink)(), self.settings.limits, progress));
        self.has_received = false;
    }

    fn read(&mut self, _index: usize, bytes: &[u8], context: &mut Context<'_, S::Image>) -> Result<bool, Failure> {
        self.has_received = true;
        let Some(mut reader) = self.reader.take() else { return Ok(true) };
        let pushed = reader.push(bytes, &mut |number, event| self.report(context, number, event));
        let is_complete = reader.is_complete();
        self.reader = Some(reader);
        self.follow_progress(context);
        pushed.map_err(|failure| self.after_images(failure))?;
        Ok(is_complete)
    }

    fn end(&mut self, _index: usize, context: &mut Context<'_, S::Image>) -> Result<Next, Failure> {
        let Some(mut reader) = self.reader.take() else { return Ok(Next::Done) };
        let ended = reader.finish(&mut |number, event| self.report(context, number, event));
        self.reader = Some(reader);
        if self.has_received {
            self.follow_progress(context);
        }
        let mut summary = ended.map_err(|failure| match self.images {
            0 => failure.by_success_status(context.status),
            _ => self.after_images(failure),
        })?;
        self.put_back();
        if !summary.is_final() {
            if self.job.is_followed() {
                return Ok(Next::Request(self.job.in_work(context.now)));
            }
            summary.fail_in_work();
        }
        // The deployment is not part of the body, so the response may not name it.
        summary.image_model = summary.image_model.or_else(|| self.image_deployment.clone());
        complete(&mut summary, &self.settings, context);
        self.result = Some((summary, context.request_id.map(Into::into)));
        Ok(Next::Done)
    }

    fn cut(&mut self, index: usize, failure: Failure, context: &mut Context<'_, S::Image>) -> Result<Next, Failure> {
        self.end(index, context).map_err(|ended| if ended.is_of_service() { ended } else { self.after_images(failure) })
    }

    fn retry(&mut self, _index: usize, failure: &mut Failure, attempt: Attempt<'_>) -> Option<u32> {
        self.put_back();
        self.bill(failure);
        // A retry would generate the images that have already arrived, and are billed, again, and repeat the calls that
        // the page may already run.
        if (self.has_images() || self.tool_calls > 0) && !self.job.is_followed() {
            return None;
        }
        let streamed = self.job.streams();
        let Attempt { policy, timeouts, now, chance, .. } = attempt;
        let wait = self.job.failed(failure, policy, timeouts.idle, now, chance);
        if streamed && !self.job.streams() && !self.job.is_followed() {
            self.settings.not_streaming.borrow_mut().push(self.author.clone());
        }
        if wait.is_some() && !self.job.is_followed() {
            // The retry creates a new response.
            self.failures.clear();
        }
        wait
    }

    fn explain(&self, _index: usize, failure: &mut Failure, retries: u32, policy: &RetryPolicy) {
        policy.explain(failure, self.job.effect(), retries);
        self.job.explain(failure);
        self.bill(failure);
    }

    fn fail(&mut self, _index: usize, failure: Failure) -> bool {
        self.put_back();
        self.failure = Some(failure);
        true
    }

    fn finish(&mut self) -> Outcome<S::Image> {
        if let Some(failure) = self.failure.take() {
            return Err(Failed { response: self.partial_if_known(), ..failure.into() });
        }
        let Some((mut summary, request_id)) = self.result.take() else { return Err(Failure::truncated().into()) };
        let mut warnings = std::mem::take(&mut self.warnings);
        // A followed response has no streaming request that could have been refused.
        warnings.extend(self.request.as_ref().and(self.job.warning()));
        let failures = std::mem::take(&mut self.failures);
        let of_calls = || merge_failures(&failures.iter().map(|call| &call.failure)).filter(|_| !self.has_images());
        match summary.failure.take().or_else(of_calls) {
            Some(failure) => {
                let failure_of_response = failure.clone();
                summary.failure = Some(failure);
                let result = ResponseResult { summary, failures, warnings, request_id };
                Err(Failed { response: Some(Box::new(result)), ..failure_of_response.into() })
            }
            None => Ok(Output::Response(Box::new(ResponseResult { summary, failures, warnings, request_id }))),
        }
    }

    fn standing(&self) -> Standing<'_> {
        let progress = self.reader.as_ref().map_or(self.job.progress(), ResponseReader::progress);
        Standing::Generates {
            has_images: self.has_images(),
            background_id: progress.id().filter(|_| self.delivery == Delivery::Background),
            has_begun: progress.id().is_some(),
        }
    }

    fn interrupt(&mut self, failure: Failure, interruption: Interruption) -> Failed<S::Image> {
        let mut response = self.partial_if_known();
        if let Some(response) = response.as_mut().filter(|_| interruption == Interruption::ResponseCancelled) {
            response.summary.status = "cancelled".into();
        }
        Failed { response, ..failure.into() }
    }
}

/// Returns the model of the image generation tool. `named` is the model of the tool, and `image_deployment` that of the
/// request. A deployment of another service counts in any case, because the tool cannot use it.
fn tool_model<'a>(settings: &'a Settings, named: Option<&str>, image_deployment: Option<&str>) -> Model<'a> {
    let catalog = &settings.catalog;
    let of_client = settings.model_behind(None, None, None);
    let deployment = image_deployment.or(settings.image_deployment.as_deref());
    let deployed = deployment.map(|name| catalog.model(Some(name)));
    let is_other = |model: &Model<'_>| model.service() != Service::OpenAi;
    match (deployed, named) {
        (Some(deployed), _) if is_other(&deployed) => deployed,
        (None, _) if is_other(&of_client) => of_client,
        (_, Some(name)) => catalog.model(Some(name)),
        // The model of the client is that of another deployment.
        (Some(_), None) if is_other(&of_client) => catalog.model(None),
        _ => of_client,
    }
}

/// Adds prices, the id and the error details to the summary of a complete response.
pub(super) fn complete<P>(summary: &mut Summary, settings: &Settings, context: &Context<'_, P>) {
    let rates = settings.rates_of_response(summary.image_model.as_deref());
    summary.image_usage = summary.image_usage.map(|usage| priced(usage, rates));
    summary.id = summary.id.as_ref().map(|id| context.id(id));
    summary.failure = summary.failure.take().map(|failure| context.failure(failure));
}
