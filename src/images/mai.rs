//! Requests for MAI models: JSON for generations, form fields for edits. The service returns one PNG per request. It
//! refuses most parameters of the Images API and ignores the others, so none of them is sent.

use crate::decode::json::Value;
use crate::errors::Failure;
use crate::http::endpoint::Operation;
use crate::http::message::{Body, HttpRequest};
use crate::images::request::{ImageRequest, Target, form_fields, merge, present, refuse_images};

pub(super) fn request(
    request: &ImageRequest,
    operation: Operation,
    target: &Target<'_>,
) -> Result<HttpRequest, Failure> {
    let has_size = operation == Operation::Generations || target.model.rule("editSizes") != Some(&Value::Bool(false));
    let size = request.pixel_size(target.model)?.filter(|_| has_size);
    // The service documents no value such as "auto".
    let background = request.background.as_deref().filter(|background| {
        *background != "auto" && target.model.values("backgrounds").any(|value| value == "transparent")
    });
    let members = vec![
        ("model", Some(Value::from(target.deployment))),
        ("prompt", Some(Value::from(request.prompt.as_str()))),
        ("width", size.map(|size| Value::from(size.width))),
        ("height", size.map(|size| Value::from(size.height))),
        ("background", background.map(Value::from)),
    ];
    let mut members = present(members);
    members.extend(request.supported_options(target.model));
    if let Some(extra) = &request.extra_body {
        merge(&mut members, extra, "extraBody")?;
    }
    refuse_images(&members, "image")?;
    let body = match operation {
        Operation::Generations => Body::Json(Value::Object(members).to_json()),
        // Several images have the same name.
        Operation::Edits => Body::Edit { fields: form_fields(members), image_field: "image" },
    };
    let url = target.endpoint.mai_url(operation, target.extra_query);
    Ok(HttpRequest::post(url, body))
}

/// Builds a generation without a prompt, and with a size that the service refuses in any case.
pub(super) fn without_prompt(target: &Target<'_>) -> HttpRequest {
    let members = vec![
        ("model", Some(Value::from(target.deployment))),
        ("width", Some(Value::from(1))),
        ("height", Some(Value::from(1))),
    ];
    let body = Body::Json(Value::Object(present(members)).to_json());
    let url = target.endpoint.mai_url(Operation::Generations, target.extra_query);
    HttpRequest::post(url, body)
}
