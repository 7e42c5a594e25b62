//! Request bodies of the Images API.

use super::endpoint::{Endpoint, Operation, Routes};
use super::error::Failure;
use super::json::{Limits, Value};

/// Pictures to be made from a prompt. What is `None` is left out of the body, and the service's default holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GenerateRequest {
    /// What to draw.
    pub prompt: String,
    /// The name of the deployment of an image model.
    pub deployment: Option<String>,
    /// How many pictures, 1 to 10.
    pub n: Option<u32>,
    /// `1024x1024` and the like, or `auto`.
    pub size: Option<String>,
    /// `low`, `medium`, `high`, `auto`, and what newer models know.
    pub quality: Option<String>,
    /// `transparent`, `opaque` or `auto`.
    pub background: Option<String>,
    /// `png`, `jpeg`, and on some services `webp`.
    pub output_format: Option<String>,
    /// 0 to 100, for JPEG and WebP.
    pub output_compression: Option<u32>,
    /// `auto` or `low`.
    pub moderation: Option<String>,
    /// Names the end user to Azure's abuse monitoring.
    pub user: Option<String>,
    /// How many previews, 0 to 3. Only for a streamed answer.
    pub partial_images: Option<u32>,
    /// More members of the body, as the text of a JSON object. They win over the ones above.
    pub extra_body: Option<String>,
}

/// A request, ready to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prepared {
    /// Where to.
    pub url: String,
    /// JSON.
    pub body: String,
    /// How many pictures the answer should bring.
    pub expected: u32,
}

/// For `extraBody`: what a page writes is its own business.
const EXTRA_BODY_LIMITS: Limits = Limits { max_kept_bytes: 64 * 1024 * 1024, max_depth: 64 };

impl GenerateRequest {
    /// Builds the URL and body for a deployment at an endpoint.
    ///
    /// # Errors
    /// Something that the service needs is missing, or cannot be right.
    pub fn prepare(
        &self,
        endpoint: &Endpoint,
        default_deployment: Option<&str>,
        extra_query: &[(String, String)],
        streamed: bool,
    ) -> Result<Prepared, Failure> {
        if self.prompt.trim().is_empty() {
            return Err(Failure::invalid("prompt", "prompt is empty. Say what to draw."));
        }
        let deployment = self.deployment(endpoint, default_deployment)?;
        let expected = self.n.unwrap_or(1);
        if streamed && expected != 1 {
            return Err(Failure::invalid(
                "n",
                format!(
                    "n is {expected}, but a streamed answer holds one picture. Leave n out, and stream several calls side by side."
                ),
            ));
        }
        let text = |value: &Option<String>| value.as_deref().map(Value::from);
        let number = |value: Option<u32>| value.map(Value::from);
        let in_body = matches!(endpoint.routes(), Routes::V1 { .. });
        let members = [
            ("model", in_body.then(|| Value::from(deployment))),
            ("prompt", Some(Value::from(self.prompt.as_str()))),
            ("n", number(self.n)),
            ("size", text(&self.size)),
            ("quality", text(&self.quality)),
            ("background", text(&self.background)),
            ("output_format", text(&self.output_format)),
            ("output_compression", number(self.output_compression)),
            ("moderation", text(&self.moderation)),
            ("user", text(&self.user)),
            ("stream", streamed.then(|| Value::from(true))),
            ("partial_images", number(self.partial_images.filter(|_| streamed))),
        ];
        let mut members: Vec<(String, Value)> =
            members.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect();
        if let Some(extra) = &self.extra_body {
            merge(&mut members, extra)?;
        }
        let mut body = String::new();
        Value::Object(members).write(&mut body);
        Ok(Prepared { url: endpoint.url(Operation::Generations, deployment, extra_query), body, expected })
    }

    fn deployment<'a>(&'a self, endpoint: &'a Endpoint, default: Option<&'a str>) -> Result<&'a str, Failure> {
        let in_endpoint = match endpoint.routes() {
            Routes::Classic { deployment, .. } => deployment.as_deref(),
            Routes::V1 { .. } => None,
        };
        match self.deployment.as_deref().or(default).or(in_endpoint).map(str::trim).unwrap_or_default() {
            "" => Err(Failure::invalid(
                "deployment",
                "No deployment was named. Pass deployment, the name that an image model was given in the Azure portal, to \
                 the client or with the request.",
            )),
            // Within a path they would lead elsewhere, even percent-encoded.
            name @ ("." | "..") => Err(Failure::invalid(
                "deployment",
                format!("deployment is \"{name}\", which is no name of a deployment."),
            )),
            name => Ok(name),
        }
    }
}

fn merge(members: &mut Vec<(String, Value)>, extra: &str) -> Result<(), Failure> {
    let invalid = || Failure::invalid("extraBody", "extraBody must be an object that JSON can hold.");
    let Ok(Value::Object(extra)) = Value::parse(extra.as_bytes(), EXTRA_BODY_LIMITS) else { return Err(invalid()) };
    for (name, value) in extra {
        match members.iter_mut().find(|(known, _)| *known == name) {
            Some((_, known)) => *known = value,
            None => members.push((name, value)),
        }
    }
    Ok(())
}
