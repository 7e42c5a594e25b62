//! Image generation and editing: splits a call for `n` images into requests and merges their results.

use std::rc::Rc;

use crate::decode::assembler::Sink;
use crate::errors::billing::Effect;
use crate::errors::billing::merge_failures;
use crate::errors::billing::{Interruption, Standing};
use crate::errors::{Code, Failure};
use crate::http::endpoint::Operation as Route;
use crate::http::message::HttpRequest;
use crate::images::prepare::{check_route, prepare};
use crate::images::request::{ImageRequest, Target, deployment, split};
use crate::images::response::{Event as ImageEvent, Image, ImagesReader, Summary};
use crate::images::result::{GenerateResult, ImageFailure};
use crate::models::catalog::Model;
use crate::models::cost::{Estimate, Rates, estimate, priced};
use crate::models::service::Service;
use crate::models::validate::{ImageParameters, Severity, ValidationProblem, validate};
use crate::operation::{Attempt, Capability, Context, Event, Failed, FinishedImage, Next, Outcome, Output};
use crate::settings::Settings;

/// Maximum number of images per request, according to Azure's specifications.
const MAX_PER_REQUEST: u32 = 10;

/// A call of the Images API.
#[derive(Debug, Clone)]
pub struct ImagesCall {
    /// Generation or edit.
    pub route: Route,
    /// The parameters.
    pub request: ImageRequest,
    /// True to stream the response with partial images.
    pub is_streamed: bool,
    /// The images and the mask of an edit.
    pub inputs: Option<Rc<dyn Inputs>>,
    /// The date in UTC, such as `2026-11-21`.
    pub today: String,
}

/// Input files of an edit. A generation has none, and does not need the code that checks them.
pub trait Inputs: std::fmt::Debug {
    /// Returns the number of images.
    fn count(&self) -> usize;

    /// Returns true if there is a mask.
    fn has_mask(&self) -> bool;

    /// Returns the known sizes of the images, in pixels.
    fn sizes(&self) -> Vec<(u32, u32)>;

    /// Returns every problem of the files.
    fn problems(&self, model: &Model<'_>) -> Vec<ValidationProblem>;

    /// Checks that every file is an image that can be sent. Unlike the other rules, this one cannot be turned off.
    ///
    /// # Errors
    /// A file is empty or not an image, or it could not be converted.
    fn check(&self) -> Result<(), Failure>;
}

impl ImagesCall {
    fn count(&self) -> usize {
        self.inputs.as_ref().map_or(0, |inputs| inputs.count())
    }

    fn has_mask(&self) -> bool {
        self.inputs.as_ref().is_some_and(|inputs| inputs.has_mask())
    }

    /// Returns every problem found with the model catalog and the image headers.
    #[must_use]
    pub fn problems(&self, settings: &Settings) -> Vec<ValidationProblem> {
        let model = self.model(settings);
        // `n` is limited per request, and a call can consist of several requests.
        let asked = ImageParameters { n: None, inputs: self.count(), mask: self.has_mask(), ..self.request.asked() };
        let mut problems = validate(&asked, self.route, self.is_streamed, &model, &self.today);
        let mut add = |param: &'static str, failure: &Failure| {
            let message = failure.message.clone();
            problems.push(ValidationProblem {
                param: param.into(),
                message,
                severity: Severity::Error,
                suggestion: None,
            });
        };
        if let Err(failure) = split(self.request.n.unwrap_or(1), 1) {
            add("n", &failure);
        }
        if let Err(failure) = check_route(&model) {
            add("model", &failure);
        }
        problems.extend(self.inputs.iter().flat_map(|inputs| inputs.problems(&model)));
        if model.service() != Service::OpenAi
            && let Some(host) = settings.endpoint.host_without_other_services()
        {
            problems.push(ValidationProblem {
                param: "endpoint".into(),
                message: format!(
                    "{host} may not serve this model. Microsoft documents https://my-resource.services.ai.azure.com for \
                     MAI and FLUX models."
                ),
                severity: Severity::Warning,
                suggestion: None,
            });
        }
        problems
    }

    /// Returns the model behind the deployment.
    fn model<'a>(&self, settings: &'a Settings) -> Model<'a> {
        let ImageRequest { model, deployment, service, .. } = &self.request;
        settings.model_behind(model.as_deref(), deployment.as_deref(), *service)
    }

    /// Returns true if the request contains the input images as base64.
    #[must_use]
    pub fn embeds_images(&self, settings: &Settings) -> bool {
        self.model(settings).service() == Service::Flux
    }

    /// Returns true if the response is streamed. A model without streaming returns only the images.
    fn streams(&self, model: &Model<'_>) -> bool {
        self.is_streamed && model.streams() != Some(false)
    }

    /// Returns the estimated cost.
    #[must_use]
    pub fn estimate(&self, settings: &Settings) -> Estimate {
        let model = self.model(settings);
        let asked = ImageParameters { inputs: self.count(), ..self.request.asked() };
        let sizes = self.inputs.as_ref().map(|inputs| inputs.sizes()).unwrap_or_default();
        estimate(&asked, &sizes, self.streams(&model), &model, settings.rates)
    }

    /// Returns the number of images of each request.
    fn split(&self, settings: &Settings) -> Result<Vec<u32>, Failure> {
        let model = self.model(settings);
        let most = match model.max_n() {
            // A streamed response contains only one image.
            _ if self.streams(&model) => 1,
            Some(most) => u32::try_from(most).unwrap_or(MAX_PER_REQUEST).min(MAX_PER_REQUEST),
            None => MAX_PER_REQUEST,
        };
        split(self.request.n.unwrap_or(1), most)
    }
}

/// Errors of missing images, ordered by image index.
#[derive(Debug, Default)]
struct Failures(Vec<ImageFailure>);

impl Failures {
    /// Adds the error of an image, unless it already has one.
    fn add(&mut self, image_index: u32, error: &Failure) {
        let place = self.0.partition_point(|failure| failure.image_index < image_index);
        if self.0.get(place).is_none_or(|failure| failure.image_index != image_index) {
            self.0.insert(place, ImageFailure { image_index, error: error.clone() });
        }
    }
}

/// Requests of a call and their results.
pub struct GenerateImages<S: Sink> {
    settings: Rc<Settings>,
    call: ImagesCall,
    service: Service,
    requests: Vec<Request<S>>,
    warnings: Vec<ValidationProblem>,
    failures: Failures,
    /// The error because of which the remaining requests were not sent.
    refusal: Option<Failure>,
    /// The error of the first response that ended early, after its first image.
    cut: Option<Failure>,
    make_sink: fn() -> S,
}

/// Request for a part of the images.
struct Request<S: Sink> {
    /// The index of its first image.
    offset: u32,
    count: u32,
    reader: Option<ImagesReader<S>>,
    /// The number of images that have arrived or are missing.
    position: u32,
    /// The images that have not been reported yet.
    images: Vec<(u32, Image<S::Image>)>,
    has_images: bool,
    /// True if an image has arrived in a complete event or document, so that the request counts as a success.
    has_result: bool,
    done: Option<(Summary, Option<String>)>,
}

impl<S: Sink> Request<S> {
    /// Completes the error of a response that ended early. Its images are complete and billed.
    fn after_images(&self, failure: Failure) -> Failure {
        if self.has_images { failure.after_images(self.images.len()) } else { failure }
    }
}

impl<S: Sink> std::fmt::Debug for GenerateImages<S> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("GenerateImages").field("call", &self.call).finish_non_exhaustive()
    }
}

impl<S: Sink> GenerateImages<S> {
    /// Validates the call and splits it into requests. `make_sink` creates the sink for the bytes of an image.
    ///
    /// # Errors
    /// The call is invalid.
    pub fn new(settings: Rc<Settings>, call: ImagesCall, make_sink: fn() -> S) -> Result<Self, Failure> {
        let warnings = settings.check(|| call.problems(&settings))?;
        call.inputs.iter().try_for_each(|inputs| inputs.check())?;
        let service = call.model(&settings).service();
        if call.has_mask() && service != Service::OpenAi {
            // Without validation, the whole image would be changed, and billed.
            return Err(Failure::invalid("mask", "mask is supported only by models of Azure OpenAI. Omit it."));
        }
        let mut offset = 0;
        let request = |count| {
            let request = Request {
                offset,
                count,
                reader: None,
                position: 0,
                images: Vec::new(),
                has_images: false,
                has_result: false,
                done: None,
            };
            offset += count;
            request
        };
        let requests = call.split(&settings)?.into_iter().map(request).collect();
        Ok(Self {
            settings,
            call,
            service,
            requests,
            warnings,
            failures: Failures::default(),
            refusal: None,
            cut: None,
            make_sink,
        })
    }

    fn has_images(&self) -> bool {
        self.requests.iter().any(|request| request.has_images)
    }

    /// Records an error for every image of a request that has not arrived.
    fn fill(&mut self, index: usize, failure: impl Fn() -> Failure) {
        let Some(Request { offset, count, position, .. }) = self.requests.get(index) else { return };
        for image_index in offset.saturating_add(*position)..offset.saturating_add(*count) {
            self.failures.add(image_index, &failure());
        }
    }

    /// Takes the images of a request that have not been reported yet.
    fn take_images(&mut self, index: usize) -> Vec<FinishedImage<S::Image>> {
        let Some(request) = self.requests.get_mut(index) else { return Vec::new() };
        let (usage, request_id) = match &request.done {
            Some((summary, request_id)) => (summary.usage, request_id.clone()),
            None => (None, None),
        };
        let finished =
            |(image_index, image)| FinishedImage { image_index, image, usage, request_id: request_id.clone() };
        std::mem::take(&mut request.images).into_iter().map(finished).collect()
    }

    fn take_all_images(&mut self) -> Vec<FinishedImage<S::Image>> {
        (0..self.requests.len()).flat_map(|index| self.take_images(index)).collect()
    }
}

impl<S: Sink> Capability<S> for GenerateImages<S> {
    fn requests(&self) -> usize {
        self.requests.len()
    }

    fn request(&mut self, index: usize) -> Result<HttpRequest, Failure> {
        let settings = &self.settings;
        let mut request = self.call.request.clone();
        request.n = request.n.and(self.requests.get(index).map(|request| request.count));
        let model = &self.call.model(settings);
        let target = Target {
            endpoint: &settings.endpoint,
            deployment: deployment(
                &settings.endpoint,
                [request.deployment.as_deref(), settings.deployment.as_deref()],
            )?,
            model,
            extra_query: &settings.extra_query,
        };
        prepare(&request, self.call.route, &target, self.call.streams(model), self.call.count())
    }

    fn service(&self) -> Service {
        self.service
    }

    fn effect(&self) -> Effect {
        Effect::Generate
    }

    fn begin(&mut self, index: usize, _now: u64) {
        let limits = self.settings.limits;
        let sink = (self.make_sink)();
        let Some(request) = self.requests.get_mut(index) else { return };
        request.reader = Some(ImagesReader::new(sink, limits, request.count));
        if !request.has_images {
            // The errors may come from an earlier attempt.
            let Request { offset, count, .. } = *request;
            self.failures.0.retain(|failure| !(offset..offset.saturating_add(count)).contains(&failure.image_index));
            request.position = 0;
        }
    }

    fn read(&mut self, index: usize, bytes: &[u8], context: &mut Context<'_, S::Image>) -> Result<bool, Failure> {
        let service = self.service;
        let Some(request) = self.requests.get_mut(index) else { return Ok(true) };
        let Some(mut reader) = request.reader.take() else { return Ok(true) };
        reader.set_judge(context.judge);
        let failures = &mut self.failures;
        let pushed = reader.push(bytes, &mut |event| report(request, failures, context, service, event));
        pushed.map_err(|failure| request.after_images(failure))?;
        let is_complete = reader.is_complete();
        request.reader = Some(reader);
        Ok(is_complete)
    }

    fn end(&mut self, index: usize, context: &mut Context<'_, S::Image>) -> Result<Next, Failure> {
        let rates = self.settings.rates.or(Rates::of(&self.call.model(&self.settings)));
        let service = self.service;
        let Some(request) = self.requests.get_mut(index) else { return Ok(Next::Done) };
        let Some(mut reader) = request.reader.take() else { return Ok(Next::Done) };
        reader.set_judge(context.judge);
        let failures = &mut self.failures;
        let finished = reader.finish(&mut |event| report(request, failures, context, service, event));
        let finished = finished.map_err(|failure| request.after_images(failure.by_success_status(context.status)))?;
        let Some(mut summary) = finished else {
            request.reader = Some(reader);
            return Ok(Next::Done);
        };
        summary.usage = summary.usage.map(|usage| priced(usage, rates));
        request.done = Some((summary, context.request_id.map(Into::into)));
        Ok(Next::Done)
    }

    fn cut(&mut self, index: usize, failure: Failure, context: &mut Context<'_, S::Image>) -> Result<Next, Failure> {
        self.end(index, context).map_err(|ended| match self.requests.get(index) {
            Some(request) if !ended.is_of_service() => request.after_images(failure),
            _ => ended,
        })
    }

    fn needs_judge(&self, index: usize) -> bool {
        let reader = self.requests.get(index).and_then(|request| request.reader.as_ref());
        reader.is_some_and(ImagesReader::needs_judge)
    }

    fn retry(&mut self, index: usize, failure: &mut Failure, attempt: Attempt<'_>) -> Option<u32> {
        // A retry would generate the images that have already arrived, and are billed, again.
        if self.requests.get(index).is_none_or(|request| request.has_images) {
            return None;
        }
        failure.retryable |= is_worth_repeating(self.service, failure);
        attempt.policy.wait(failure, Effect::Generate, attempt.retries, attempt.chance)
    }

    fn complete(&mut self, index: usize, is_last: bool, context: &mut Context<'_, S::Image>) {
        self.fill(index, fewer_images);
        if !is_last {
            self.take_images(index).into_iter().for_each(|image| context.emit(Event::Image(image)));
        }
    }

    fn fail(&mut self, index: usize, failure: Failure) -> bool {
        self.fill(index, || failure.clone());
        if self.requests.get(index).is_some_and(|request| request.has_images) {
            self.cut.get_or_insert_with(|| failure.clone());
        }
        let concerns_all = concerns_all(&failure);
        if concerns_all {
            self.refusal = Some(failure);
        }
        concerns_all
    }

    fn finish(&mut self) -> Outcome<S::Image> {
        if let Some(refusal) = self.refusal.take() {
            for index in 0..self.requests.len() {
                self.fill(index, || refusal.clone());
            }
        }
        let images = self.take_all_images();
        if !self.requests.iter().any(|request| request.has_result)
            && let Some(failure) =
                merge_failures(&self.cut.iter().chain(self.failures.0.iter().map(|failure| &failure.error)))
        {
            return Err(Failed { failure, images, response: None });
        }
        let summaries = self.requests.iter_mut().filter_map(|request| request.done.take());
        let (summary, request_id) = merge(summaries);
        let failures = std::mem::take(&mut self.failures).0;
        let warnings = std::mem::take(&mut self.warnings);
        Ok(Output::Images { images, result: GenerateResult { summary, request_id, failures, warnings } })
    }

    fn standing(&self) -> Standing<'_> {
        Standing::Generates { has_images: self.has_images(), background_id: None, has_begun: false }
    }

    fn interrupt(&mut self, failure: Failure, _interruption: Interruption) -> Failed<S::Image> {
        Failed { failure, images: self.take_all_images(), response: None }
    }
}

fn report<S: Sink>(
    request: &mut Request<S>,
    failures: &mut Failures,
    context: &mut Context<'_, S::Image>,
    service: Service,
    event: ImageEvent<S::Image>,
) {
    // More images than requested would overwrite the images of another request.
    if request.position >= request.count {
        return;
    }
    let image_index = request.offset.saturating_add(request.position);
    let is_whole = matches!(event, ImageEvent::Image(_));
    match event {
        ImageEvent::PartialImage { index, image } => {
            *context.partial_images = context.partial_images.saturating_add(1);
            context.emit(Event::PartialImage { image_index: request.offset, index, image });
        }
        ImageEvent::Image(image) | ImageEvent::ImageBeforeCut(image) => {
            request.has_result |= is_whole;
            *context.images = context.images.saturating_add(1);
            request.has_images = true;
            request.position = request.position.saturating_add(1);
            request.images.push((image_index, image));
        }
        ImageEvent::Withheld(mut failure) => {
            failure.retryable |= is_worth_repeating(service, &failure);
            request.position = request.position.saturating_add(1);
            failures.add(image_index, &context.failure(failure));
        }
    }
}

/// Returns true if the same request may return an image the next time. FLUX sometimes returns none without a reason.
fn is_worth_repeating(service: Service, failure: &Failure) -> bool {
    service == Service::Flux && failure.is_without_reason()
}

/// Returns true if the other requests of the call would fail for the same reason.
fn concerns_all(failure: &Failure) -> bool {
    matches!(
        failure.code,
        Code::InvalidRequest | Code::Authentication | Code::Permission | Code::NotFound | Code::DeploymentNotFound
    ) || failure.content_filter.as_ref().is_some_and(|filter| filter.source == "prompt")
}

/// Merges the summaries of several responses. The usage is added up, unless one of them is unknown. Everything else comes
/// from the first one.
fn merge(summaries: impl Iterator<Item = (Summary, Option<String>)>) -> (Summary, Option<String>) {
    let mut summaries = summaries;
    let Some((mut summary, request_id)) = summaries.next() else { return Default::default() };
    for (other, _) in summaries {
        summary.usage = summary.usage.zip(other.usage).map(|(one, other)| one.plus(other));
    }
    (summary, request_id)
}

fn fewer_images() -> Failure {
    let message = "Azure returned fewer images than requested, without an error. Request the missing images again.";
    Failure::new(Code::NoImage, message).with(|details| details.retryable = true)
}
