//! Requests of the Azure OpenAI Images API: JSON for generations, form fields for edits.

use crate::decode::json::Value;
use crate::errors::Failure;
use crate::http::endpoint::{Operation, Routes};
use crate::http::message::{Body, HttpRequest};
use crate::images::request::{ImageRequest, Target, form_fields, merge, present};

pub(super) fn request(
    request: &ImageRequest,
    operation: Operation,
    target: &Target<'_>,
    streamed: bool,
    inputs: usize,
) -> Result<HttpRequest, Failure> {
    let text = |value: Option<&str>| value.map(Value::from);
    let number = |value: Option<u32>| value.map(Value::from);
    let members = vec![
        ("model", model_member(target)),
        ("prompt", text(Some(&request.prompt))),
        ("n", number(request.n)),
        ("size", text(request.size.as_deref())),
        ("quality", text(request.quality.as_deref())),
        ("background", text(request.background.as_deref())),
        ("output_format", text(request.output_format.as_deref())),
        ("output_compression", number(request.output_compression)),
        ("moderation", text(request.moderation.as_deref())),
        ("response_format", text(response_format(request, target))),
        ("style", text(request.style.as_deref())),
        ("input_fidelity", text(request.input_fidelity.as_deref())),
        ("user", text(request.user.as_deref())),
        ("stream", streamed.then(|| Value::from(true))),
        ("partial_images", number(request.partial_images.filter(|_| streamed))),
    ];
    let mut members = present(members);
    if let Some(extra) = &request.extra_body {
        merge(&mut members, extra, "extraBody")?;
    }
    let body = match operation {
        Operation::Generations => Body::Json(Value::Object(members).to_json()),
        Operation::Edits => {
            Body::Edit { fields: form_fields(members), image_field: if inputs == 1 { "image" } else { "image[]" } }
        }
    };
    let url = target.endpoint.url(operation, target.deployment, target.extra_query);
    Ok(HttpRequest::post(url, body))
}

/// Builds a generation without a prompt.
pub(super) fn without_prompt(target: &Target<'_>) -> HttpRequest {
    let body = Body::Json(Value::Object(present(vec![("model", model_member(target))])).to_json());
    let url = target.endpoint.url(Operation::Generations, target.deployment, target.extra_query);
    HttpRequest::post(url, body)
}

/// The classic routes have the deployment in the path, and refuse it in the body.
fn model_member(target: &Target<'_>) -> Option<Value> {
    matches!(target.endpoint.routes(), Routes::V1 { .. }).then(|| Value::from(target.deployment))
}

/// Requests image bytes from DALL·E models, whose default is a URL that a page cannot read, unless the caller set the
/// format. Omits the option for models that refuse it.
fn response_format<'a>(request: &'a ImageRequest, target: &Target<'_>) -> Option<&'a str> {
    let asked = request.response_format.as_deref();
    match target.model.rule("responseFormats") {
        Some(Value::Bool(false)) => None,
        Some(_) if target.model.values("responseFormats").any(|format| format == "b64_json") => {
            asked.or(Some("b64_json"))
        }
        _ => asked,
    }
}
