//! The tool with which a text model draws: its options, as they go into a request for a response or into an agent.

use crate::decode::json::Value;
use crate::errors::Failure;
use crate::http::endpoint::Operation;
use crate::images::request::{merge, present};
use crate::models::catalog::Model;
use crate::models::validate::{ImageParameters, ValidationProblem, validate};

/// The `type` of the tool.
pub const TYPE: &str = "image_generation";

/// What the tool is asked for. What is `None` is left out, and the service's default holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ImageTool {
    /// The image model. On Azure the deployment that the request's header names decides.
    pub model: Option<String>,
    /// `low`, `medium`, `high`, `auto`, and what other models know.
    pub quality: Option<String>,
    /// `1024x1024` and the like, or `auto`.
    pub size: Option<String>,
    /// `png`, `jpeg` or `webp`.
    pub output_format: Option<String>,
    /// 0 to 100, for JPEG and WebP.
    pub output_compression: Option<u32>,
    /// `auto` or `low`.
    pub moderation: Option<String>,
    /// `transparent`, `opaque` or `auto`.
    pub background: Option<String>,
    /// `high` or `low`: how closely the images of the input are kept to.
    pub input_fidelity: Option<String>,
    /// Where the input's first image may change: where this is transparent.
    pub input_image_mask: Option<Mask>,
    /// How many partial images, 0 to 3. Only for a streamed answer.
    pub partial_images: Option<u32>,
    /// `generate`, `edit` or `auto`.
    pub action: Option<String>,
    /// More members, as the text of a JSON object. They win over the ones above.
    pub extra: Option<String>,
}

/// A mask, by one of the two.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Mask {
    /// `data:image/png;base64,…`
    pub image_url: Option<String>,
    /// The id of an uploaded file.
    pub file_id: Option<String>,
}

/// In the place of a prompt, which the text model writes.
const WRITTEN_BY_MODEL: &str = "-";

impl ImageTool {
    /// The tool as a member of `tools`. `image_deployment`: stands in for a model that is not named.
    ///
    /// # Errors
    /// Partial images of an answer that is not streamed, a mask that is none, extra members that are no object.
    pub fn value(&self, image_deployment: Option<&str>, streamed: bool) -> Result<Value, Failure> {
        let text = |value: &Option<String>| value.as_deref().map(Value::from);
        let number = |value: Option<u32>| value.map(Value::from);
        if !streamed && self.partial_images.is_some_and(|count| count > 0) {
            return Err(Failure::invalid(
                "tool.partialImages",
                "Partial images come only with a streamed answer. Stream it (responses.stream), or leave partialImages out.",
            ));
        }
        let mask = self.input_image_mask.as_ref().map(Mask::value).transpose()?;
        let members = vec![
            ("type", Some(Value::from(TYPE))),
            ("model", self.model.as_deref().or(image_deployment).map(Value::from)),
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

    /// Everything that the image model would refuse about the options. `today`: as for [`validate`].
    #[must_use]
    pub fn problems(&self, streamed: bool, model: &Model<'_>, today: &str) -> Vec<ValidationProblem> {
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
            // The one option that only an edit has; the tool makes both.
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
                    "inputImageMask must have either imageUrl, a data URL of a PNG, or fileId.",
                ));
            }
        };
        Ok(Value::Object(vec![(name.into(), text.into())]))
    }
}
