//! Foundry agents: validation of names, and request bodies to create and change agents. The responses are small and
//! contain no images, so the TypeScript API parses them.
//!
//! A **version** of an agent is an immutable definition: a model, instructions, and the image generation tool with its
//! options. Creating a version also creates the agent if it does not exist.

use crate::decode::json::{Limits, Value};
use crate::errors::Failure;
use crate::foundry::metadata;
use crate::responses::tools;

/// Maximum length of an agent name, in characters.
const MAX_NAME: usize = 63;

/// JSON limits of an agent. Instructions and tool descriptions can be several pages long.
const LIMITS: Limits = Limits { max_kept_bytes: 16 * 1024 * 1024, max_depth: 64 };

/// Body properties that are not part of the definition.
const BESIDE_DEFINITION: [&str; 5] = ["description", "metadata", "blueprint_reference", "digital_worker_type", "draft"];

/// Validates the name of a new agent: at most 63 letters, digits and hyphens, without a hyphen at either end.
///
/// # Errors
/// The name is invalid. The message suggests a similar valid name.
pub fn check_name(name: &str) -> Result<(), Failure> {
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    let has_hyphen_at_end = name.starts_with('-') || name.ends_with('-');
    if !name.is_empty() && name.len() <= MAX_NAME && name.bytes().all(is_allowed) && !has_hyphen_at_end {
        return Ok(());
    }
    let shown: String = name.chars().take(MAX_NAME).collect();
    let what = match name.chars().count() {
        0 => "The agent name is empty".into(),
        length if length > MAX_NAME => format!("The agent name has {length} characters (\"{shown}\u{2026}\")"),
        _ => format!("The agent name \"{shown}\" contains invalid characters"),
    };
    Err(Failure::invalid(
        "name",
        format!(
            "{what}. Use 1 to {MAX_NAME} letters (a to z), digits and hyphens, without a hyphen at either end. For \
             example: {}.",
            nearest(name)
        ),
    ))
}

/// Returns a similar valid agent name.
fn nearest(name: &str) -> String {
    let mut nearest = String::new();
    for character in name.chars() {
        if nearest.len() == MAX_NAME {
            break;
        }
        match character {
            'a'..='z' | 'A'..='Z' | '0'..='9' => nearest.push(character),
            _ if nearest.is_empty() || nearest.ends_with('-') => {}
            _ => nearest.push('-'),
        }
    }
    match nearest.trim_end_matches('-') {
        "" => "my-agent".into(),
        nearest => nearest.into(),
    }
}

/// Returns the body to create a version of an agent. Changing an agent creates a version if anything differs.
///
/// `text` is a JSON object with the property names of the service. With a `definition` property it is sent unchanged.
/// Without one, its properties become the definition, except for `description`, `metadata` and the like
/// (`{"model": …, "instructions": …, "tools": […]}`), and its tools may have names in camelCase. The default `kind`
/// is `prompt`.
///
/// # Errors
/// `text` is not a JSON object, or the service would refuse it.
pub fn version_body(text: &str) -> Result<String, Failure> {
    let Ok(Value::Object(members)) = Value::parse(text.as_bytes(), LIMITS) else {
        return Err(Failure::invalid("definition", "The agent must be a JSON-serializable object."));
    };
    let members = if members.iter().any(|(name, _)| name == "definition") { members } else { wrapped(members) };
    let body = Value::Object(members);
    let Some(definition @ Value::Object(_)) = body.get("definition") else {
        return Err(Failure::invalid(
            "definition",
            "definition must be an object, such as { kind: \"prompt\", model }.",
        ));
    };
    check_definition(definition)?;
    metadata::check_value(body.get("metadata"))?;
    if body.get("name").is_some() {
        return Err(Failure::invalid("name", "The agent name is part of the URL. Remove name from the body."));
    }
    Ok(body.to_json())
}

/// Moves the definition properties into a `definition` object.
fn wrapped(members: Vec<(String, Value)>) -> Vec<(String, Value)> {
    let is_beside = |name: &str| name == "name" || BESIDE_DEFINITION.contains(&name);
    let (mut beside, mut definition): (Vec<_>, Vec<_>) = members.into_iter().partition(|(name, _)| is_beside(name));
    if let Some((_, Value::Array(tools))) = definition.iter_mut().find(|(name, _)| name == "tools") {
        *tools = std::mem::take(tools).into_iter().map(tools::wire).collect();
    }
    if !definition.iter().any(|(name, _)| name == "kind") {
        definition.insert(0, ("kind".into(), "prompt".into()));
    }
    beside.push(("definition".into(), Value::Object(definition)));
    beside
}

fn check_definition(definition: &Value) -> Result<(), Failure> {
    let text = |name| definition.text(name).unwrap_or_default().trim();
    if text("kind") == "prompt" && text("model").is_empty() {
        return Err(Failure::invalid(
            "model",
            "No model is set. Pass model, the deployment name of a text model such as gpt-4.1, which calls the image \
             model. For the image model, use imageDeployment.",
        ));
    }
    let has_type = |tool: &Value| tool.text("type").is_some_and(|kind| !kind.is_empty());
    match definition.get("tools") {
        None | Some(Value::Null) => Ok(()),
        Some(Value::Array(tools)) if tools.iter().all(has_type) => Ok(()),
        Some(_) => Err(Failure::invalid(
            "tools",
            "tools must be a list of objects with a type, such as [{ type: \"image_generation\", quality: \"low\" }].",
        )),
    }
}
