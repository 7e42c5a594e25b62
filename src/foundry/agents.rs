//! Foundry agents: what one may be called, and the bodies that make and change one. What the service answers is small and
//! holds no images, so it is read where it is used.
//!
//! A **version** of an agent is a definition that does not change: a model, instructions, and the image tool with its options.
//! Making a version makes the agent as well, if there is none of that name.

use crate::decode::json::{Limits, Value};
use crate::errors::Failure;
use crate::foundry::metadata;

/// Longest name of an agent, in characters.
const MAX_NAME: usize = 63;

/// For what a page writes: instructions and the descriptions of tools are some pages of text.
const LIMITS: Limits = Limits { max_kept_bytes: 16 * 1024 * 1024, max_depth: 64 };

/// The members of a body that do not belong to the definition.
const BESIDE_DEFINITION: [&str; 5] = ["description", "metadata", "blueprint_reference", "digital_worker_type", "draft"];

/// Refuses what cannot be the name of a new agent: letters, digits and hyphens, no hyphen at either end, at most 63.
///
/// # Errors
/// It cannot; the message holds the nearest name that can.
pub fn check_name(name: &str) -> Result<(), Failure> {
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    let has_hyphen_at_end = name.starts_with('-') || name.ends_with('-');
    if !name.is_empty() && name.len() <= MAX_NAME && name.bytes().all(is_allowed) && !has_hyphen_at_end {
        return Ok(());
    }
    let shown: String = name.chars().take(MAX_NAME).collect();
    let what = match name.chars().count() {
        0 => "The name of the agent is empty".into(),
        length if length > MAX_NAME => format!("The name of the agent has {length} characters (\"{shown}\u{2026}\")"),
        _ => format!("The name of the agent, \"{shown}\", holds what no name may"),
    };
    Err(Failure::invalid(
        "name",
        format!(
            "{what}. A name has letters from a to z, digits, and hyphens between them, at most {MAX_NAME} in all. Call it, for \
             example, {}.",
            nearest(name)
        ),
    ))
}

/// The nearest name that an agent may have.
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

/// The body that makes a version of an agent, or changes an agent (which makes one if anything differs).
///
/// `text`: a JSON object in the service's own names. Either it has the member `definition`, and is sent as it is, or it is
/// the definition with `description`, `metadata` and the like beside it (`{"model": …, "instructions": …, "tools": […]}`), and
/// the kind `prompt` is meant.
///
/// # Errors
/// No such object, or one that the service would refuse.
pub fn version_body(text: &str) -> Result<String, Failure> {
    let Ok(Value::Object(members)) = Value::parse(text.as_bytes(), LIMITS) else {
        return Err(Failure::invalid("definition", "The agent must be an object that JSON can hold."));
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
        return Err(Failure::invalid(
            "name",
            "The name of the agent stands in the address. Leave name out of the body.",
        ));
    }
    Ok(body.to_json())
}

/// Puts what belongs into the definition into one.
fn wrapped(members: Vec<(String, Value)>) -> Vec<(String, Value)> {
    let is_beside = |name: &str| name == "name" || BESIDE_DEFINITION.contains(&name);
    let (mut beside, mut definition): (Vec<_>, Vec<_>) = members.into_iter().partition(|(name, _)| is_beside(name));
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
            "No model was named. Pass model, the name of the deployment of a text model (such as one of gpt-4.1), which decides when \
             to draw. The image model's own deployment is imageDeployment.",
        ));
    }
    let has_type = |tool: &Value| tool.text("type").is_some_and(|kind| !kind.is_empty());
    match definition.get("tools") {
        None | Some(Value::Null) => Ok(()),
        Some(Value::Array(tools)) if tools.iter().all(has_type) => Ok(()),
        Some(_) => Err(Failure::invalid(
            "tools",
            "tools must be a list of objects with a type each, such as [{ type: \"image_generation\", quality: \"low\" }].",
        )),
    }
}
