//! Requests for FLUX models: JSON for generations and edits, which share a route. An edit contains its input images as
//! base64. The service returns one image per request. It ignores unknown parameters without an error, so only its own
//! are sent.

use crate::decode::json::Value;
use crate::errors::Failure;
use crate::http::message::{Body, HttpRequest};
use crate::images::request::{ImageRequest, Target, merge, present, refuse_images};
use crate::models::catalog::Model;
use crate::models::size::AspectRatios;

/// Format of an image if none is requested. The service documents no default, so the format is always sent.
const DEFAULT_FORMAT: &str = "png";

pub(super) fn request(request: &ImageRequest, target: &Target<'_>, inputs: usize) -> Result<HttpRequest, Failure> {
    let url = url(target)?;
    let ratios = target.model.rule("aspectRatios").and_then(AspectRatios::read);
    let size = request.pixel_size(target.model)?;
    let aspect_ratio = ratios.and_then(|ratios| {
        request.options.aspect_ratio.clone().or_else(|| size.map(|size| ratios.of(size).to_string()))
    });
    let size = size.filter(|_| ratios.is_none());
    let members = vec![
        ("model", Some(Value::from(target.deployment))),
        ("prompt", Some(Value::from(request.prompt.as_str()))),
        // Some deployments fail without it.
        ("n", Some(Value::from(1))),
        ("width", size.map(|size| Value::from(size.width))),
        ("height", size.map(|size| Value::from(size.height))),
        ("aspect_ratio", aspect_ratio.as_deref().map(Value::from)),
        ("output_format", Some(Value::from(request.output_format.as_deref().unwrap_or(DEFAULT_FORMAT)))),
    ];
    let mut members = present(members);
    members.extend(request.supported_options(target.model));
    if let Some(extra) = &request.extra_body {
        merge(&mut members, extra, "extraBody")?;
    }
    refuse_images(&members, "input_image")?;
    let body = with_images(&Value::Object(members).to_json(), inputs);
    Ok(HttpRequest::post(url, body))
}

/// Builds a generation without a prompt, and with a size that the service refuses in any case.
pub(super) fn without_prompt(target: &Target<'_>) -> Result<HttpRequest, Failure> {
    let members = vec![
        ("model", Some(Value::from(target.deployment))),
        ("n", Some(Value::from(1))),
        ("width", Some(Value::from(1))),
        ("height", Some(Value::from(1))),
        ("aspect_ratio", Some(Value::from("100:1"))),
    ];
    let body = Body::Json(Value::Object(present(members)).to_json());
    Ok(HttpRequest::post(url(target)?, body))
}

fn url(target: &Target<'_>) -> Result<String, Failure> {
    Ok(target.endpoint.flux_url(path(target.model)?, target.extra_query))
}

/// Returns the last segment of the route of a model.
///
/// # Errors
/// The route is unknown.
pub(super) fn path<'a>(model: &'a Model<'_>) -> Result<&'a str, Failure> {
    model.rule("path").and_then(Value::as_str).ok_or_else(|| {
        Failure::invalid(
            "model",
            "The route of a FLUX model depends on the model, which is unknown. Pass model with the name of the model \
             behind the deployment, such as FLUX.2-pro. For a model that is missing from the catalog, add an entry with \
             its path to the catalog option.",
        )
    })
}

/// Adds the members of the input images to a JSON object, without their base64 data.
fn with_images(object: &str, inputs: usize) -> Body {
    let Some(open) = object.strip_suffix('}').filter(|_| inputs > 0) else { return Body::Json(object.into()) };
    let mut parts = Vec::new();
    let mut text = open.to_owned();
    for number in 1..=inputs {
        let name = if number == 1 { "input_image".into() } else { format!("input_image_{number}") };
        text.push_str(&format!(",\"{name}\":\""));
        parts.push(std::mem::take(&mut text));
        text.push('"');
    }
    text.push('}');
    parts.push(text);
    Body::JsonWithImages(parts)
}
