//! Retrieval of the current state of a response, or its cancellation.

use std::rc::Rc;

use super::create::complete;
use super::result::{CallFailure, ResponseResult};
use crate::decode::assembler::Sink;
use crate::errors::Failure;
use crate::errors::billing::Effect;
use crate::errors::billing::Standing;
use crate::http::endpoint::Resource;
use crate::http::message::{HttpRequest, Method};
use crate::operation::{Attempt, Capability, Context, Event, Next, Outcome, Output};
use crate::responses::events::{Event as ResponseEvent, ResponseReader};
use crate::settings::Settings;

/// Retrieves or cancels a response.
pub struct RetrieveResponse<S: Sink> {
    settings: Rc<Settings>,
    id: String,
    cancels: bool,
    reader: Option<ResponseReader<S>>,
    failures: Vec<CallFailure>,
    outcome: Option<Result<ResponseResult, Failure>>,
    make_sink: fn() -> S,
}

impl<S: Sink> std::fmt::Debug for RetrieveResponse<S> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("RetrieveResponse").field("id", &self.id).finish_non_exhaustive()
    }
}

impl<S: Sink> RetrieveResponse<S> {
    /// Creates the call. `cancels` is true to cancel the response.
    pub fn new(settings: Rc<Settings>, id: String, cancels: bool, make_sink: fn() -> S) -> Self {
        Self { settings, id, cancels, reader: None, failures: Vec::new(), outcome: None, make_sink }
    }
}

impl<S: Sink> Capability<S> for RetrieveResponse<S> {
    fn request(&mut self, _index: usize) -> Result<HttpRequest, Failure> {
        let (method, resource) = if self.cancels {
            (Method::Post, Resource::ResponseCancel(&self.id))
        } else {
            (Method::Get, Resource::Response(&self.id))
        };
        let url = self.settings.endpoint.resource_url(resource, &[], &self.settings.extra_query)?;
        Ok(HttpRequest::new(method, url))
    }

    fn effect(&self) -> Effect {
        // Cancellation is idempotent.
        Effect::Read
    }

    fn begin(&mut self, _index: usize, _now: u64) {
        self.failures.clear();
        self.reader = Some(ResponseReader::new((self.make_sink)(), self.settings.limits));
    }

    fn read(&mut self, _index: usize, bytes: &[u8], context: &mut Context<'_, S::Image>) -> Result<bool, Failure> {
        let Some(mut reader) = self.reader.take() else { return Ok(true) };
        let failures = &mut self.failures;
        reader.push(bytes, &mut |number, event| report(failures, context, number, event))?;
        let is_complete = reader.is_complete();
        self.reader = Some(reader);
        Ok(is_complete)
    }

    fn end(&mut self, _index: usize, context: &mut Context<'_, S::Image>) -> Result<Next, Failure> {
        let Some(mut reader) = self.reader.take() else { return Ok(Next::Done) };
        let failures = &mut self.failures;
        let mut summary = reader.finish(&mut |number, event| report(failures, context, number, event))?;
        complete(&mut summary, &self.settings, context);
        let failures = std::mem::take(&mut self.failures);
        let request_id = context.request_id.map(Into::into);
        self.outcome = Some(Ok(ResponseResult { summary, failures, warnings: Vec::new(), request_id }));
        Ok(Next::Done)
    }

    fn retry(&mut self, _index: usize, failure: &mut Failure, attempt: Attempt<'_>) -> Option<u32> {
        attempt.policy.wait(failure, Effect::Read, attempt.retries, attempt.chance)
    }

    fn fail(&mut self, _index: usize, failure: Failure) -> bool {
        self.outcome = Some(Err(failure));
        true
    }

    fn finish(&mut self) -> Outcome<S::Image> {
        let outcome = self.outcome.take().unwrap_or_else(|| Err(Failure::truncated()));
        Ok(Output::Response(Box::new(outcome?)))
    }

    fn standing(&self) -> Standing<'_> {
        Standing::Reads
    }
}

fn report<P>(
    failures: &mut Vec<CallFailure>,
    context: &mut Context<'_, P>,
    sequence_number: Option<u64>,
    mut event: ResponseEvent<P>,
) {
    match &mut event {
        ResponseEvent::Image { .. } => *context.images = context.images.saturating_add(1),
        ResponseEvent::CallFailed { item_id, output_index, failure } => {
            *failure = context.failure(failure.clone());
            let failure = failure.clone();
            failures.push(CallFailure { item_id: item_id.clone(), output_index: *output_index, failure });
        }
        _ => {}
    }
    context.emit(Event::Response { sequence_number, event });
}
