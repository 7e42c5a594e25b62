//! Parameters of the image requests of all services.

use crate::decode::json::{Limits, Value};
use crate::errors::Failure;
use crate::http::endpoint::Endpoint;
use crate::models::catalog::Model;
use crate::models::options::{ServiceOption, ServiceOptions};
use crate::models::service::Service;
use crate::models::size::{FreeSizes, Size};
use crate::models::validate::ImageParameters;

/// Parameters of a generation or an edit. `None` uses the default of the service.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ImageRequest {
    /// Description of the image.
    pub prompt: String,
    /// Deployment name of an image model.
    pub deployment: Option<String>,
    /// The model of the deployment. Never sent.
    pub model: Option<String>,
    /// The service of the deployment, which overrides that of the model.
    pub service: Option<Service>,
    /// Number of images, 1 to 10.
    pub n: Option<u32>,
    /// A size such as `1024x1024`, or `auto`.
    pub size: Option<String>,
    /// `low`, `medium`, `high`, `auto`, or a quality of another model.
    pub quality: Option<String>,
    /// `transparent`, `opaque` or `auto`.
    pub background: Option<String>,
    /// `png`, `jpeg` or, on some services, `webp`.
    pub output_format: Option<String>,
    /// 0 to 100, for JPEG and WebP.
    pub output_compression: Option<u32>,
    /// `auto` or `low`.
    pub moderation: Option<String>,
    /// End-user identifier for Azure abuse monitoring.
    pub user: Option<String>,
    /// Number of partial images, 0 to 3. Streaming only.
    pub partial_images: Option<u32>,
    /// `b64_json` or `url`. DALL·E only.
    pub response_format: Option<String>,
    /// `vivid` or `natural`. DALL·E 3 only.
    pub style: Option<String>,
    /// `high` or `low`. Edits only.
    pub input_fidelity: Option<String>,
    /// Options that only some services have.
    pub options: ServiceOptions,
    /// Additional body properties as a JSON object string. They override the properties above.
    pub extra_body: Option<String>,
}

/// Recipient of a request.
#[derive(Debug, Clone, Copy)]
pub struct Target<'a> {
    /// The endpoint.
    pub endpoint: &'a Endpoint,
    /// Deployment name of an image model.
    pub deployment: &'a str,
    /// The model of the deployment, which decides the service.
    pub model: &'a Model<'a>,
    /// Additional query parameters.
    pub extra_query: &'a [(String, String)],
}

/// JSON limits of `extraBody`. They are generous, because the caller controls its content.
const EXTRA_BODY_LIMITS: Limits = Limits { max_kept_bytes: 64 * 1024 * 1024, max_depth: 64 };

impl ImageRequest {
    /// Returns the size in pixels that the service uses. `None` without a size, or if the service chooses it.
    ///
    /// # Errors
    /// The size is invalid. The service would ignore it.
    pub(crate) fn pixel_size(&self, model: &Model<'_>) -> Result<Option<Size>, Failure> {
        let Some(text) = self.size.as_deref().filter(|size| *size != "auto") else { return Ok(None) };
        let Some(size) = Size::parse(text) else {
            let message = format!("size \"{text}\" is invalid. Use a width and height such as \"1024x1024\".");
            return Err(Failure::invalid("size", message));
        };
        Ok(Some(model.rule("freeSizes").map_or(size, |rules| FreeSizes::read(rules).rounded(size))))
    }

    /// Returns the body properties of the options that the model supports.
    pub(crate) fn supported_options(&self, model: &Model<'_>) -> Vec<(String, Value)> {
        let options = model.rule("options");
        let is_supported = |option: &ServiceOption| options.is_some_and(|rules| rules.get(option.param).is_some());
        let members = self.options.set().filter(is_supported);
        members.map(|option| (option.member.to_owned(), option.value.to_json())).collect()
    }

    /// Returns the parameters for validation and cost estimation, without the images of an edit.
    #[must_use]
    pub fn asked(&self) -> ImageParameters<'_> {
        ImageParameters {
            prompt: &self.prompt,
            n: self.n,
            size: self.size.as_deref(),
            quality: self.quality.as_deref(),
            background: self.background.as_deref(),
            output_format: self.output_format.as_deref(),
            output_compression: self.output_compression,
            moderation: self.moderation.as_deref(),
            style: self.style.as_deref(),
            response_format: self.response_format.as_deref(),
            input_fidelity: self.input_fidelity.as_deref(),
            partial_images: self.partial_images,
            user: self.user.as_deref(),
            options: Some(&self.options),
            inputs: 0,
            mask: false,
        }
    }
}

/// Returns the deployment of a request: the first non-empty name, or the deployment in the endpoint.
///
/// # Errors
/// The deployment is missing or invalid.
pub fn deployment<'a>(endpoint: &'a Endpoint, named: [Option<&'a str>; 2]) -> Result<&'a str, Failure> {
    let [first, second] = named;
    let mut names = [first, second, endpoint.deployment()].into_iter().flatten().map(str::trim);
    match names.find(|name| !name.is_empty()).unwrap_or_default() {
        "" => Err(Failure::invalid(
            "deployment",
            "No deployment is set. Pass deployment, the deployment name of an image model from the Azure portal, to \
             the client or with the request.",
        )),
        // In a URL path these change the directory, even if percent-encoded.
        name @ ("." | "..") => Err(Failure::invalid(
            "deployment",
            format!("deployment \"{name}\" is not a valid deployment name. Copy the name from the Azure portal."),
        )),
        name => Ok(name),
    }
}

/// Maximum number of images per call, as protection against an expensive typo.
pub const MAX_IMAGES: u32 = 100;

/// Splits a call for `n` images into requests for at most `most` images each.
///
/// # Errors
/// `n` is 0 or greater than [`MAX_IMAGES`].
pub fn split(n: u32, most: u32) -> Result<Vec<u32>, Failure> {
    if n == 0 || n > MAX_IMAGES {
        return Err(Failure::invalid("n", format!("n is {n}. It must be from 1 to {MAX_IMAGES}.")));
    }
    let most = most.max(1);
    let mut counts = vec![most; (n / most) as usize];
    counts.extend(Some(n % most).filter(|rest| *rest > 0));
    Ok(counts)
}

/// Converts body properties to form fields. Omits properties that are `null`.
pub(crate) fn form_fields(members: Vec<(String, Value)>) -> Vec<(String, String)> {
    let field = |(name, value): (String, Value)| {
        let text = match value {
            Value::Null => return None,
            Value::String(text) => text,
            // Azure parses forms with Python and does not accept `true` as a boolean.
            Value::Bool(value) => if value { "True" } else { "False" }.into(),
            other => other.to_json(),
        };
        Some((name, text))
    };
    members.into_iter().filter_map(field).collect()
}

/// Returns the body properties that are set.
pub(crate) fn present(members: Vec<(&str, Option<Value>)>) -> Vec<(String, Value)> {
    members.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect()
}

/// Merges a JSON object string into an object. Its properties override existing ones. `param` is the parameter name for
/// error messages.
///
/// # Errors
/// The string is not a JSON object.
pub(crate) fn merge(members: &mut Vec<(String, Value)>, extra: &str, param: &str) -> Result<(), Failure> {
    let invalid = || Failure::invalid(param, format!("{param} must be a JSON-serializable object."));
    let Ok(Value::Object(extra)) = Value::parse(extra.as_bytes(), EXTRA_BODY_LIMITS) else { return Err(invalid()) };
    for (name, value) in extra {
        match members.iter_mut().find(|(known, _)| *known == name) {
            Some((_, known)) => *known = value,
            None => members.push((name, value)),
        }
    }
    Ok(())
}

/// Refuses input images in `extraBody`, which would be sent beside those of the request. `name` is the name of the first
/// one.
///
/// # Errors
/// `extraBody` contains an input image.
pub(crate) fn refuse_images(members: &[(String, Value)], name: &str) -> Result<(), Failure> {
    match members.iter().find(|(member, _)| member.starts_with(name)) {
        None => Ok(()),
        Some((member, _)) => {
            let message = format!("extraBody contains \"{member}\". Pass input images as image to edit().");
            Err(Failure::invalid("extraBody", message))
        }
    }
}
