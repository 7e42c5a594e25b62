//! Tools that a model can call beside the image generation tool, and the choice among them.
//!
//! A page writes their properties in camelCase or in the spelling of the service.

use crate::decode::json::{Limits, Value};
use crate::errors::Failure;
use crate::http::secrets::{REDACTED, Secrets};
use crate::responses::image_tool;

/// JSON limits of the tools. The schemas of many functions are far smaller.
const LIMITS: Limits = Limits { max_kept_bytes: 16 * 1024 * 1024, max_depth: 64 };

/// Types of tools whose properties are renamed. Tools of other types are sent unchanged.
const KNOWN: [&str; 15] = [
    image_tool::TYPE,
    "apply_patch",
    "code_interpreter",
    "computer",
    "computer_use_preview",
    "custom",
    "file_search",
    "function",
    "local_shell",
    "mcp",
    "shell",
    "tool_search",
    "web_search",
    "web_search_preview",
    "web_search_preview_2025_03_11",
];

/// Types of tools that the service runs, which `tool_choice` names by their type.
const HOSTED: [&str; 12] = [
    image_tool::TYPE,
    "apply_patch",
    "code_interpreter",
    "computer",
    "computer_use",
    "computer_use_preview",
    "file_search",
    "mcp",
    "shell",
    "web_search",
    "web_search_preview",
    "web_search_preview_2025_03_11",
];

/// Properties whose content belongs to the page, such as a JSON schema. Names in it are not renamed.
const OPAQUE: [&str; 3] = ["parameters", "output_schema", "headers"];

/// Maximum length of the name of a function, in characters.
const MAX_NAME: usize = 128;

/// Reads a list of tools. `text` is its JSON.
///
/// # Errors
/// A tool has no type, or lacks a property without which the service refuses it.
pub fn read(text: &str) -> Result<Vec<Value>, Failure> {
    let Ok(Value::Array(tools)) = Value::parse(text.as_bytes(), LIMITS) else {
        return Err(Failure::invalid("tools", "tools must be a JSON-serializable list of tools."));
    };
    let tools: Vec<Value> = tools.into_iter().map(wire).collect();
    for (index, tool) in tools.iter().enumerate() {
        check(tool, &format!("tools[{index}]"))?;
        let name = callable(tool);
        if name.is_some() && tools.iter().take(index).any(|other| callable(other) == name) {
            let name = name.unwrap_or_default();
            return Err(Failure::invalid(
                &format!("tools[{index}].name"),
                format!("tools contains two functions with the name \"{name}\". Rename one of them."),
            ));
        }
    }
    Ok(tools)
}

/// Returns a tool in the form of the service. Tools of unknown types stay as they are.
#[must_use]
pub fn wire(tool: Value) -> Value {
    if !tool.text("type").is_some_and(|kind| KNOWN.contains(&kind)) {
        return tool;
    }
    let Value::Object(mut members) = renamed(tool) else { return Value::Null };
    if members.iter().any(|(name, value)| name == "type" && value.as_str() == Some("code_interpreter")) {
        automatic_container(&mut members);
    }
    Value::Object(members)
}

/// Fills in the container, which the service requires: a new one, which it creates.
fn automatic_container(members: &mut Vec<(String, Value)>) {
    let auto = || ("type".to_owned(), Value::from("auto"));
    match members.iter_mut().find(|(name, _)| name == "container") {
        Some((_, Value::Object(container))) if !container.iter().any(|(name, _)| name == "type") => {
            container.insert(0, auto());
        }
        Some((_, container @ Value::Null)) => *container = Value::Object(vec![auto()]),
        Some(_) => {}
        None => members.push(("container".into(), Value::Object(vec![auto()]))),
    }
}

/// Renames the properties of a value at every level.
fn renamed(value: Value) -> Value {
    match value {
        Value::Array(elements) => Value::Array(elements.into_iter().map(renamed).collect()),
        Value::Object(members) => Value::Object(
            members
                .into_iter()
                .map(|(name, value)| {
                    let name = snake_case(&name);
                    let value = if OPAQUE.contains(&name.as_str()) { value } else { renamed(value) };
                    (name, value)
                })
                .collect(),
        ),
        value => value,
    }
}

/// `serverLabel` → `server_label`. Names in the spelling of the service stay.
fn snake_case(name: &str) -> String {
    let mut snake = String::with_capacity(name.len());
    for letter in name.chars() {
        if letter.is_ascii_uppercase() && !snake.is_empty() {
            snake.push('_');
        }
        snake.push(letter.to_ascii_lowercase());
    }
    snake
}

/// Checks the required properties of a tool.
fn check(tool: &Value, param: &str) -> Result<(), Failure> {
    let invalid = |name: &str, message: String| Err(Failure::invalid(&format!("{param}{name}"), message));
    let kind = tool.text("type").unwrap_or_default();
    let has = |name: &str| tool.get(name).is_some_and(|value| !value.is_null() && value.as_str() != Some(""));
    match kind {
        "" => invalid(
            "",
            format!(
                "{param} must be an object with a type, such as {{ type: \"function\", name: \"get_weather\", \
                 parameters }} or {{ type: \"code_interpreter\" }}."
            ),
        ),
        "function" if tool.get("function").is_some() => invalid(
            ".function",
            format!(
                "{param}.function is the form of the Chat Completions API. Write name, description, parameters and \
                 strict in the tool itself."
            ),
        ),
        "function" | "custom" => {
            check_name(tool, param)?;
            match tool.get("parameters") {
                None | Some(Value::Null | Value::Object(_)) => Ok(()),
                Some(_) => invalid(
                    ".parameters",
                    format!(
                        "{param}.parameters must be a JSON schema, such as {{ type: \"object\", properties: {{ city: \
                         {{ type: \"string\" }} }} }}."
                    ),
                ),
            }
        }
        "mcp" if !has("server_label") => invalid(
            ".serverLabel",
            format!("{param}.serverLabel is missing. Set a short name for the MCP server, such as \"docs\"."),
        ),
        "mcp" if !["server_url", "connector_id", "tunnel_id", "project_connection_id"].into_iter().any(has) => invalid(
            ".serverUrl",
            format!("{param}.serverUrl is missing. Set the URL of the MCP server, or connectorId for a connector."),
        ),
        "file_search" => match tool.get("vector_store_ids").and_then(Value::as_array) {
            Some([_, ..]) => Ok(()),
            _ => invalid(
                ".vectorStoreIds",
                format!("{param}.vectorStoreIds must be a list with the id of at least one vector store."),
            ),
        },
        "computer_use_preview" => {
            let needed = [
                ("environment", "environment"),
                ("display_width", "displayWidth"),
                ("display_height", "displayHeight"),
            ];
            match needed.into_iter().find(|(name, _)| !has(name)) {
                None => Ok(()),
                Some((_, name)) => invalid(
                    &format!(".{name}"),
                    format!(
                        "{param}.{name} is missing. Set environment, displayWidth and displayHeight, such as \
                         {{ environment: \"browser\", displayWidth: 1024, displayHeight: 768 }}."
                    ),
                ),
            }
        }
        _ => Ok(()),
    }
}

fn check_name(tool: &Value, param: &str) -> Result<(), Failure> {
    let name = tool.text("name").unwrap_or_default();
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    if (1..=MAX_NAME).contains(&name.len()) && name.bytes().all(is_allowed) {
        return Ok(());
    }
    let shown: String = name.chars().take(MAX_NAME).collect();
    let fault = if name.is_empty() { "is missing".into() } else { format!("\"{shown}\" is not allowed") };
    Err(Failure::invalid(
        &format!("{param}.name"),
        format!("{param}.name {fault}. Use 1 to {MAX_NAME} letters (a to z), digits, hyphens and underscores."),
    ))
}

/// Returns the name of a tool that the page runs.
fn callable(tool: &Value) -> Option<&str> {
    matches!(tool.text("type"), Some("function" | "custom")).then(|| tool.text("name")).flatten()
}

/// Adds the credentials for MCP servers to `secrets`. `text` is the JSON of tools, or of an object that contains them.
pub fn add_credentials(text: &str, secrets: &mut Secrets) {
    let mut value = Value::parse(text.as_bytes(), LIMITS).unwrap_or_default();
    for_each_credential(&mut value, &mut |credential| {
        if let Some(text) = credential.as_str() {
            secrets.add_credential(text);
        }
    });
}

/// Redacts the credentials for MCP servers in a response, which repeats the tools of its request.
pub fn redact_credentials(response: &mut Value) {
    if let Some(tools) = response.get_mut("tools") {
        for_each_credential(tools, &mut |credential| *credential = REDACTED.into());
    }
}

fn for_each_credential(value: &mut Value, found: &mut dyn FnMut(&mut Value)) {
    let is_mcp = value.text("type") == Some("mcp");
    match value {
        Value::Array(elements) => {
            for element in elements {
                for_each_credential(element, found);
            }
        }
        Value::Object(members) => {
            for (name, value) in members {
                match value {
                    Value::String(_) if is_mcp && name == "authorization" => found(value),
                    Value::Object(headers) if is_mcp && name == "headers" => {
                        for (_, value) in headers {
                            found(value);
                        }
                    }
                    value => for_each_credential(value, found),
                }
            }
        }
        _ => {}
    }
}

/// Returns true for the image generation tool.
#[must_use]
pub fn is_image_tool(tool: &Value) -> bool {
    tool.text("type") == Some(image_tool::TYPE)
}

/// Returns the `include` values for outputs that the service omits by default.
#[must_use]
pub fn include(tools: &[Value]) -> Option<Value> {
    let outputs = [("code_interpreter", "code_interpreter_call.outputs"), ("file_search", "file_search_call.results")];
    let has = |kind: &str| tools.iter().any(|tool| tool.text("type") == Some(kind));
    let included: Vec<Value> = outputs.into_iter().filter(|(kind, _)| has(kind)).map(|(_, name)| name.into()).collect();
    (!included.is_empty()).then_some(Value::Array(included))
}

/// Returns `tool_choice` in the form of the service. `choice` is `auto`, `none`, `required`, the name of a function, the
/// label of an MCP server, the type of a tool, or a JSON object in the form of the service.
#[must_use]
pub fn choice(choice: &str, tools: &[Value]) -> Value {
    if choice.starts_with('{')
        && let Ok(object) = Value::parse(choice.as_bytes(), LIMITS)
    {
        return renamed(object);
    }
    let object = |kind: &str, name: &str, value: &str| {
        Value::Object(vec![("type".into(), kind.into()), (name.into(), value.into())])
    };
    let of = |kind: &str, name: &str| {
        tools.iter().any(|tool| tool.text("type") == Some(kind) && tool.text(name) == Some(choice))
    };
    match choice {
        "auto" | "none" | "required" => choice.into(),
        name if of("function", "name") => object("function", "name", name),
        name if of("custom", "name") => object("custom", "name", name),
        label if of("mcp", "server_label") => object("mcp", "server_label", label),
        kind if HOSTED.contains(&kind) => Value::Object(vec![("type".into(), kind.into())]),
        name => object("function", "name", name),
    }
}

/// Checks that `tools` contains the tool that must be called.
///
/// # Errors
/// It does not, so the service would refuse the request.
pub fn check_choice(choice: &Value, tools: &[Value]) -> Result<(), Failure> {
    let Some(kind @ ("function" | "custom" | image_tool::TYPE)) = choice.text("type") else { return Ok(()) };
    let name = choice.text("name");
    if tools
        .iter()
        .any(|tool| tool.text("type") == Some(kind) && (kind == image_tool::TYPE || tool.text("name") == name))
    {
        return Ok(());
    }
    let message = match name {
        Some(name) if kind != image_tool::TYPE => {
            let names: Vec<&str> = tools.iter().filter_map(callable).collect();
            let known = if names.is_empty() { "no function".into() } else { names.join(", ") };
            format!("toolChoice is \"{name}\", but tools contains {known}. Add the tool, or choose another one.")
        }
        _ => "toolChoice is the image generation tool, but the request is without it. Remove tool: false, or choose \
              another tool."
            .into(),
    };
    Err(Failure::invalid("toolChoice", message))
}
