//! Content filter results, in every form found in Azure's documentation, specifications and recorded traffic.

use serde::Serialize;

use crate::decode::json::Value;
use crate::errors::{Billed, Code, Failure, beginning};

/// Details of a content filter refusal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ContentFilter {
    /// The refused content: `prompt`, `image`, or `unknown` if the service does not say.
    pub source: &'static str,
    /// The stage of the refusal as reported by the service: `input`, `output` or `unknown`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stage: Option<String>,
    /// The categories that caused the refusal or, for an accepted image, all checked categories. May be empty.
    pub categories: Vec<FilteredCategory>,
}

impl ContentFilter {
    /// Returns the filter results of an accepted image.
    #[must_use]
    pub fn of_image(entry: &Value) -> Option<Self> {
        let results = entry.get("content_filter_results")?.as_object()?;
        Some(Self { source: "image", stage: None, categories: FilteredCategory::read_all(results.iter()) })
    }

    /// Returns the total size of its strings, in bytes.
    pub(crate) fn bytes(&self) -> usize {
        let length = |text: &Option<String>| text.as_ref().map_or(0, String::len);
        let categories =
            self.categories.iter().map(|category| category.name.len().saturating_add(length(&category.severity)));
        categories.sum::<usize>().saturating_add(length(&self.stage))
    }
}

impl FilteredCategory {
    fn read((name, result): &(String, Value)) -> Self {
        Self { name: name.clone(), severity: result.text("severity").map(Into::into) }
    }

    fn read_all<'a>(results: impl Iterator<Item = &'a (String, Value)>) -> Vec<Self> {
        results.take(MAX_CATEGORIES).map(Self::read).collect()
    }

    /// Returns the categories that caused a refusal.
    fn filtered(results: Option<&Value>) -> Vec<Self> {
        let results = results.and_then(Value::as_object).unwrap_or_default();
        let is_filtered =
            |(_, result): &&(String, Value)| result.get("filtered").and_then(Value::as_bool) == Some(true);
        Self::read_all(results.iter().filter(is_filtered))
    }
}

/// A category of the content filter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct FilteredCategory {
    /// For example `violence`, `sexual`, `hate`, `self_harm`, `jailbreak`.
    pub name: String,
    /// For example `low`, `medium`, `high`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub severity: Option<String>,
}

/// Maximum number of categories to keep. Azure has about 10.
const MAX_CATEGORIES: usize = 100;

/// Error codes of a content filter refusal.
const CODES: [&str; 7] = [
    "content_policy_violation",
    "contentFilter",
    "content_filter",
    "content_safety_violation",
    "moderation_blocked",
    "ResponsibleAIPolicyViolation",
    "image_content_policy_violation",
];

impl ContentFilter {
    /// Returns the filter details of an error object, or `None` if the error has another cause.
    pub(crate) fn of_error(error: &Value) -> Option<Self> {
        let text = |name| error.text(name).unwrap_or_default();
        let object = |place: &Value, name: &str| place.get(name).filter(|value| value.as_object().is_some()).cloned();
        let either = |place: &Value, one, other| object(place, one).or_else(|| object(place, other));
        let inner = either(error, "inner_error", "innererror");
        let inner_code = inner.as_ref().and_then(|inner| inner.get("code")).and_then(Value::as_str).unwrap_or_default();
        // FLUX reports some refusals only in the message.
        let is_moderated = text("message").contains("Request Moderated");
        if !CODES.contains(&text("code")) && !CODES.contains(&inner_code) && !is_moderated {
            return None;
        }
        let mut results = [inner.as_ref(), Some(error)].into_iter().flatten();
        let results = results.find_map(|place| either(place, "content_filter_results", "content_filter_result"));
        let mut categories = FilteredCategory::filtered(results.as_ref());
        let moderation = error.get("moderation_details");
        let named = moderation.and_then(|details| details.get("categories")).and_then(Value::as_array);
        let named = named.unwrap_or_default().iter().filter_map(Value::as_str);
        categories
            .extend(named.take(MAX_CATEGORIES).map(|name| FilteredCategory { name: name.into(), severity: None }));
        let stage = moderation.and_then(|details| details.get("moderation_stage")).and_then(Value::as_str);
        let source = match stage {
            Some("input") => "prompt",
            Some("output") => "image",
            Some("unknown") => "unknown",
            // Microsoft's documentation shows two errors that differ only in their messages.
            _ if text("message").starts_with("Generated image was filtered") => "image",
            // The texts of MAI and FLUX.
            _ if text("message").starts_with("Response content blocked") => "image",
            _ if text("message").contains("_Prompt)") => "prompt",
            _ if inner.is_some() || text("param") == "prompt" || text("message").starts_with("Your task failed") => {
                "prompt"
            }
            _ => "unknown",
        };
        Some(Self { source, stage: stage.map(Into::into), categories })
    }

    /// Returns whether the refusal is billed. A refused prompt never generates an image.
    pub(crate) fn billed(&self) -> Billed {
        if self.source == "prompt" { Billed::No } else { Billed::Unknown }
    }

    /// Returns the part of the message that explains the refusal and what to do.
    pub(crate) fn advice(&self) -> String {
        let mut advice = String::from(match self.source {
            "prompt" => "The prompt was refused",
            "image" => "The generated image was withheld",
            _ => "The prompt or the image was refused",
        });
        if !self.categories.is_empty() {
            advice.push_str(" (");
            advice.push_str(beginning(&self.reasons()));
            advice.push(')');
        }
        advice.push_str(match self.source {
            "prompt" => ". Change the prompt. The same prompt will be refused again.",
            _ => ". Change the prompt so that it produces a different image.",
        });
        advice.push_str(
            " For filter categories and configuration, see \
             https://learn.microsoft.com/azure/ai-foundry/openai/concepts/content-filter",
        );
        advice
    }

    /// Returns the categories with their severities, separated by commas.
    fn reasons(&self) -> String {
        let reason = |category: &FilteredCategory| match &category.severity {
            Some(severity) => format!("{}: {severity}", category.name),
            None => category.name.clone(),
        };
        self.categories.iter().map(reason).collect::<Vec<_>>().join(", ")
    }
}

impl Failure {
    /// Returns the error of an image that the response omits because of the content filter.
    #[must_use]
    pub fn withheld(entry: &Value) -> Option<Self> {
        let of = |name| FilteredCategory::filtered(entry.get(name));
        let (source, categories) = match (of("content_filter_results"), of("prompt_filter_results")) {
            (image, _) if !image.is_empty() => ("image", image),
            (_, prompt) if !prompt.is_empty() => ("prompt", prompt),
            // FLUX names no category.
            _ if entry.text("finish_reason") == Some("content_filter")
                || entry.get("filtered").and_then(Value::as_bool) == Some(true) =>
            {
                ("image", Vec::new())
            }
            _ => return None,
        };
        let filter = ContentFilter { source, stage: None, categories };
        let reasons = filter.reasons();
        let reasons = if reasons.is_empty() { String::new() } else { format!(" ({})", beginning(&reasons)) };
        let message = format!("Azure's content filter withheld an image{reasons}. Change the prompt.");
        Some(Self::new(Code::ContentFilter, message).with(|details| details.content_filter = Some(filter)))
    }
}
