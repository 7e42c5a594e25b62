//! Building of requests for the service of a model.

use crate::errors::Failure;
use crate::http::endpoint::Operation;
use crate::http::message::HttpRequest;
use crate::images::request::{ImageRequest, Target};
use crate::images::{flux, mai, openai};
use crate::models::catalog::Model;
use crate::models::service::Service;

/// Builds a request. `inputs` is the number of input images of an edit, which the driver adds.
///
/// # Errors
/// A required parameter is missing, or a parameter is invalid.
pub fn prepare(
    request: &ImageRequest,
    operation: Operation,
    target: &Target<'_>,
    streamed: bool,
    inputs: usize,
) -> Result<HttpRequest, Failure> {
    if request.prompt.trim().is_empty() {
        return Err(Failure::invalid("prompt", "prompt is empty. Describe the image to generate."));
    }
    match target.model.service() {
        Service::OpenAi => openai::request(request, operation, target, streamed, inputs),
        Service::Mai => mai::request(request, operation, target),
        Service::Flux => flux::request(request, target, inputs),
    }
}

/// Checks that the route of a model is known.
///
/// # Errors
/// The route is unknown.
pub fn check_route(model: &Model<'_>) -> Result<(), Failure> {
    if model.service() == Service::Flux { flux::path(model).map(drop) } else { Ok(()) }
}

/// Builds a generation without a prompt. It checks a deployment without generating an image.
///
/// # Errors
/// The route of the model is unknown.
pub fn without_prompt(target: &Target<'_>) -> Result<HttpRequest, Failure> {
    match target.model.service() {
        Service::OpenAi => Ok(openai::without_prompt(target)),
        Service::Mai => Ok(mai::without_prompt(target)),
        Service::Flux => flux::without_prompt(target),
    }
}
