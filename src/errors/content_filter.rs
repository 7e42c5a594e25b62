//! What the content filter says, in each of the forms that Azure's pages, specifications and dumps show.

use serde::Serialize;

use crate::decode::json::Value;
use crate::errors::{Billed, Code, Failure, beginning};

/// What the content filter objected to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ContentFilter {
    /// What was refused: `prompt`, `image`, or `unknown` where the service does not say.
    pub source: &'static str,
    /// When it was refused, in the service's own word: `input`, `output` or `unknown`, where it says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stage: Option<String>,
    /// The categories that led to the refusal, or were looked for in an image that was not refused; may be empty.
    pub categories: Vec<FilteredCategory>,
}

impl ContentFilter {
    /// What was found in an image that came.
    #[must_use]
    pub fn of_image(entry: &Value) -> Option<Self> {
        let results = entry.get("content_filter_results")?.as_object()?;
        Some(Self { source: "image", stage: None, categories: FilteredCategory::read_all(results.iter()) })
    }

    /// The bytes of its texts.
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

    /// Of results by category, those that led to a refusal.
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
    /// For example `low`, `medium`, `high`, where the service says it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub severity: Option<String>,
}

/// Most categories that are told: Azure has about ten.
const MAX_CATEGORIES: usize = 100;

/// The codes of a refusal by the content filter.
const CODES: [&str; 6] = [
    "content_policy_violation",
    "contentFilter",
    "content_filter",
    "moderation_blocked",
    "ResponsibleAIPolicyViolation",
    "image_content_policy_violation",
];

impl ContentFilter {
    /// What an error object says of the filter; `None` where it speaks of something else.
    pub(crate) fn of_error(error: &Value) -> Option<Self> {
        let text = |name| error.text(name).unwrap_or_default();
        let object = |place: &Value, name: &str| place.get(name).filter(|value| value.as_object().is_some()).cloned();
        let either = |place: &Value, one, other| object(place, one).or_else(|| object(place, other));
        let inner = either(error, "inner_error", "innererror");
        let inner_code = inner.as_ref().and_then(|inner| inner.get("code")).and_then(Value::as_str).unwrap_or_default();
        if !CODES.contains(&text("code")) && !CODES.contains(&inner_code) {
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
            // Two messages of Microsoft's page, which differ in nothing else.
            _ if text("message").starts_with("Generated image was filtered") => "image",
            _ if inner.is_some() || text("param") == "prompt" || text("message").starts_with("Your task failed") => {
                "prompt"
            }
            _ => "unknown",
        };
        Some(Self { source, stage: stage.map(Into::into), categories })
    }

    /// Whether a refusal of this kind costs: a refused prompt never led to an image.
    pub(crate) fn billed(&self) -> Billed {
        if self.source == "prompt" { Billed::No } else { Billed::Unknown }
    }

    /// What was refused and why, and what to do.
    pub(crate) fn advice(&self) -> String {
        let mut advice = String::from(match self.source {
            "prompt" => "The prompt was refused",
            "image" => "The image was made and then withheld",
            _ => "Something about the prompt or the image was refused",
        });
        if !self.categories.is_empty() {
            advice.push_str(" (");
            advice.push_str(beginning(&self.reasons()));
            advice.push(')');
        }
        advice.push_str(match self.source {
            "prompt" => ". Change it; the same one will be refused again.",
            _ => ". Change the prompt, so that it leads to another image.",
        });
        advice.push_str(
            " What is filtered, and how to adjust it: https://learn.microsoft.com/azure/ai-foundry/openai/concepts/content-filter",
        );
        advice
    }

    /// The categories, each with its severity.
    fn reasons(&self) -> String {
        let reason = |category: &FilteredCategory| match &category.severity {
            Some(severity) => format!("{}: {severity}", category.name),
            None => category.name.clone(),
        };
        self.categories.iter().map(reason).collect::<Vec<_>>().join(", ")
    }
}

impl Failure {
    /// An image that is missing from an answer, by what its entry says of the content filter.
    #[must_use]
    pub fn withheld(entry: &Value) -> Option<Self> {
        let of = |name| FilteredCategory::filtered(entry.get(name));
        let (source, categories) = match (of("content_filter_results"), of("prompt_filter_results")) {
            (image, _) if !image.is_empty() => ("image", image),
            (_, prompt) if !prompt.is_empty() => ("prompt", prompt),
            _ => return None,
        };
        let filter = ContentFilter { source, stage: None, categories };
        let message =
            format!("Azure's content filter withheld an image ({}). Change the prompt.", beginning(&filter.reasons()));
        Some(Self::new(Code::ContentFilter, message).with(|details| details.content_filter = Some(filter)))
    }
}
