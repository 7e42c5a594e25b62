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

/// Error codes of a content filter refusal, in lower case and without punctuation.
const CODES: [&str; 8] = [
    "contentfilter",
    "contentfiltered",
    "contentpolicyviolation",
    "contentpolicyviolationerror",
    "contentsafetyviolation",
    "imagecontentpolicyviolation",
    "moderationblocked",
    "responsibleaipolicyviolation",
];

/// Returns true if the code means a content filter refusal. Services spell the codes differently.
fn is_refusal(code: &str) -> bool {
    let letters = code.chars().filter(char::is_ascii_alphanumeric).map(|letter| letter.to_ascii_lowercase());
    CODES.contains(&letters.take(40).collect::<String>().as_str())
}

/// Returns the stage of an entry of `content_filters`, in the words of `moderation_stage`.
fn stage_of(entry: &Value) -> &'static str {
    match entry.text("source_type") {
        Some("prompt" | "input" | "user_input") => "input",
        Some("completion" | "output" | "response") => "output",
        _ => "unknown",
    }
}

impl ContentFilter {
    /// Returns the filter details of an error object, or `None` if the error has another cause.
    pub(crate) fn of_error(error: &Value) -> Option<Self> {
        let text = |name| error.text(name).unwrap_or_default();
        let object = |place: &Value, name: &str| place.get(name).filter(|value| value.as_object().is_some()).cloned();
        let either = |place: &Value, one, other| object(place, one).or_else(|| object(place, other));
        let inner_of = |place: &Value| either(place, "inner_error", "innererror");
        // LiteLLM moves the properties that it does not know.
        let moved = error.get("provider_specific_fields");
        let inner = inner_of(error).or_else(|| moved.and_then(inner_of));
        let inner_code = inner.as_ref().and_then(|inner| inner.text("code")).unwrap_or_default();
        let mut places = [Some(error), moved].into_iter().flatten();
        let blocked = places.find_map(Self::of_blocked);
        let message = text("message");
        // FLUX and LiteLLM report some refusals only in the message.
        let is_said = message.contains("Request Moderated") || message.contains("ContentPolicyViolationError");
        let is_refused =
            [text("code"), text("type"), inner_code].into_iter().any(is_refusal) || is_said || blocked.is_some();
        let mut results = [inner.as_ref(), Some(error), moved].into_iter().flatten();
        let results = results.find_map(|place| either(place, "content_filter_results", "content_filter_result"));
        let mut categories = FilteredCategory::filtered(results.as_ref());
        if !is_refused && categories.is_empty() {
            return None;
        }
        let moderation = error.get("moderation_details");
        let named = moderation.and_then(|details| details.get("categories")).and_then(Value::as_array);
        let named = named.unwrap_or_default().iter().filter_map(Value::as_str);
        categories
            .extend(named.take(MAX_CATEGORIES).map(|name| FilteredCategory { name: name.into(), severity: None }));
        let stage = moderation.and_then(|details| details.text("moderation_stage"));
        let (stage, blocked) = match blocked {
            Some(blocked) => (stage.map(Into::into).or(blocked.stage), blocked.categories),
            None => (stage.map(Into::into), Vec::new()),
        };
        if categories.is_empty() {
            categories = blocked;
        }
        let source = match stage.as_deref() {
            Some("input") => "prompt",
            Some("output") => "image",
            Some("unknown") => "unknown",
            // Microsoft's documentation shows two errors that differ only in their messages.
            _ if message.starts_with("Generated image was filtered") => "image",
            // The messages of MAI and FLUX.
            _ if message.starts_with("Response content blocked") => "image",
            _ if message.contains("_Prompt)") || message.starts_with("Your task failed") => "prompt",
            _ if text("param") == "prompt" || says_prompt(message) => "prompt",
            _ => "unknown",
        };
        Some(Self { source, stage, categories })
    }

    /// Returns the refusal in the `content_filters` of an error or a response. An output that was refused decides.
    pub(crate) fn of_blocked(place: &Value) -> Option<Self> {
        let entries = place.get("content_filters").and_then(Value::as_array)?;
        let categories = |entry: &Value| FilteredCategory::filtered(entry.get("content_filter_results"));
        let is_blocked = |entry: &&Value| match entry.get("blocked").and_then(Value::as_bool) {
            Some(blocked) => blocked,
            None => !categories(entry).is_empty(),
        };
        let blocked = || entries.iter().take(MAX_CATEGORIES).filter(is_blocked);
        let stages: Vec<&str> = blocked().map(stage_of).collect();
        let stage = ["output", "input", "unknown"].into_iter().find(|stage| stages.contains(stage))?;
        let source = match stage {
            "output" => "image",
            "input" => "prompt",
            _ => "unknown",
        };
        let categories = blocked().flat_map(categories).take(MAX_CATEGORIES).collect();
        Some(Self { source, stage: Some(stage.into()), categories })
    }

    /// Returns true if the service reports that it refused the prompt, so that no image was generated.
    pub(crate) fn refused_input(&self) -> bool {
        self.stage.as_deref() == Some("input")
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

/// Returns true if the message blames the prompt. "Change your prompt" alone does not.
fn says_prompt(message: &str) -> bool {
    ["our prompt may contain", "due to the prompt", "The prompt"].into_iter().any(|words| message.contains(words))
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
