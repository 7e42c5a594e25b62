//! Options of the image generation tool, for a response or an agent.

use crate::decode::json::Value;
use crate::errors::Failure;
use crate::http::endpoint::Operation;
use crate::images::request::{merge, present};
use crate::models::catalog::Model;
use crate::models::service::Service;
use crate::models::validate::{ImageParameters, Severity, ValidationProblem, validate};

/// The `type` of the tool.
pub const TYPE: &str = "image_generation";

/// Options of the image generation tool. `None` uses the default of the service.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ImageTool {
    /// The image model. Azure's v1 specification lists its values, which deployment names are not part of. On Azure, the
    /// deployment in the request header takes precedence.
    pub model: Option<String>,
    /// `low`, `medium`, `high`, `auto`, or a quality of another model.
    pub quality: Option<String>,
    /// A size such as `1024x1024`, or `auto`.
    pub size: Option<String>,
    /// `png`, `jpeg` or `webp`.
    pub output_format: Option<String>,
    /// 0 to 100, for JPEG and WebP.
    pub output_compression: Option<u32>,
    /// `auto` or `low`.
    pub moderation: Option<String>,
    /// `transparent`, `opaque` or `auto`.
    pub background: Option<String>,
    /// Fidelity to the input images: `high` or `low`.
    pub input_fidelity: Option<String>,
    /// Mask for the first input image. Its transparent areas are edited.
    pub input_image_mask: Option<Mask>,
    /// Number of partial images, 0 to 3. Streaming only.
    pub partial_images: Option<u32>,
    /// `generate`, `edit` or `auto`.
    pub action: Option<String>,
    /// Additional properties as a JSON object string. They override the properties above.
    pub extra: Option<String>,
}

/// Mask. Exactly one of the fields is set.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Mask {
    /// A data URL: `data:image/png;base64,…`
    pub image_url: Option<String>,
    /// The id of an uploaded file.
    pub file_id: Option<String>,
}

/// Placeholder for the prompt, which the text model writes.
const WRITTEN_BY_MODEL: &str = "-";

impl ImageTool {
    /// Returns the tool as an element of `tools`.
    ///
    /// # Errors
    /// `partial_images` is set without streaming, the mask is invalid, or `extra` is not a JSON object.
    pub fn value(&self, streamed: bool) -> Result<Value, Failure> {
        let text = |value: &Option<String>| value.as_deref().map(Value::from);
        let number = |value: Option<u32>| value.map(Value::from);
        if !streamed && self.partial_images.is_some_and(|count| count > 0) {
            return Err(Failure::invalid(
                "tool.partialImages",
                "Partial images require streaming. Use responses.stream, or remove partialImages.",
            ));
        }
        let mask = self.input_image_mask.as_ref().map(Mask::value).transpose()?;
        let members = vec![
            ("type", Some(Value::from(TYPE))),
            ("model", text(&self.model)),
            ("quality", text(&self.quality)),
            ("size", text(&self.size)),
            ("output_format", text(&self.output_format)),
            ("output_compression", number(self.output_compression)),
            ("moderation", text(&self.moderation)),
            ("background", text(&self.background)),
            ("input_fidelity", text(&self.input_fidelity)),
            ("input_image_mask", mask),
            ("partial_images", number(self.partial_images.filter(|_| streamed))),
            ("action", text(&self.action)),
        ];
        let mut members = present(members);
        if let Some(extra) = &self.extra {
            merge(&mut members, extra, "tool.extra")?;
        }
        Ok(Value::Object(members))
    }

    /// Returns every option problem for the image model. `today` is the date, as for [`validate`].
    #[must_use]
    pub fn problems(&self, streamed: bool, model: &Model<'_>, today: &str) -> Vec<ValidationProblem> {
        if model.service() != Service::OpenAi {
            return vec![ValidationProblem {
                param: "imageDeployment".into(),
                message: format!(
                    "{} cannot be used with the image generation tool. Set imageDeployment to a deployment of a \
                     gpt-image model, or call generate() or edit() with this model.",
                    model.name().unwrap_or("This model")
                ),
                severity: Severity::Error,
                suggestion: None,
            }];
        }
        let asked = ImageParameters {
            prompt: WRITTEN_BY_MODEL,
            size: self.size.as_deref(),
            quality: self.quality.as_deref(),
            background: self.background.as_deref(),
            output_format: self.output_format.as_deref(),
            output_compression: self.output_compression,
            moderation: self.moderation.as_deref(),
            partial_images: self.partial_images,
            ..ImageParameters::default()
        };
        let mut problems = validate(&asked, Operation::Generations, streamed, model, today);
        if let Some(fidelity) = self.input_fidelity.as_deref() {
            // This option exists only for edits. The tool can generate and edit.
            let asked = ImageParameters {
                prompt: WRITTEN_BY_MODEL,
                input_fidelity: Some(fidelity),
                inputs: 1,
                ..ImageParameters::default()
            };
            let of_edits = validate(&asked, Operation::Edits, streamed, model, today);
            problems.extend(of_edits.into_iter().filter(|problem| problem.param == "inputFidelity"));
        }
        for problem in &mut problems {
            problem.param = format!("tool.{}", problem.param).into();
        }
        problems
    }
}

impl Mask {
    fn value(&self) -> Result<Value, Failure> {
        let (name, text) = match (self.image_url.as_deref(), self.file_id.as_deref()) {
            (Some(url), None) if !url.is_empty() => ("image_url", url),
            (None, Some(id)) if !id.is_empty() => ("file_id", id),
            _ => {
                return Err(Failure::invalid(
                    "tool.inputImageMask",
                    "inputImageMask must contain either imageUrl (a data URL of a PNG) or fileId.",
                ));
            }
        };
        Ok(Value::Object(vec![(name.into(), text.into())]))
    }
}
