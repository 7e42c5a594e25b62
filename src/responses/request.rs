//! Request bodies of the Responses API, in which a text model or an agent uses the image generation tool.
//!
//! Azure differs from OpenAI in two ways: the deployment of the image model is sent in a header, and a request with an
//! agent must not set parameters that the agent version defines.

use crate::decode::json::{self, Limits, Path, Route, Strings, Value};
use crate::errors::Failure;
use crate::foundry::metadata;
use crate::http::endpoint::{Endpoint, Resource};
use crate::images::request::{merge, present};
use crate::responses::image_tool::ImageTool;
use crate::responses::tools::{self, is_image_tool};

/// Header with the deployment of the image model.
pub const IMAGE_DEPLOYMENT_HEADER: &str = "x-ms-oai-image-generation-deployment";

/// Maximum length of an agent name, in characters.
const MAX_AGENT_NAME: usize = 256;

/// Parameters of a response. `None` uses the default of the service.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ResponseRequest {
    /// The deployment of a text model. Mutually exclusive with `agent`.
    pub model: Option<String>,
    /// The agent that creates the response.
    pub agent: Option<AgentReference>,
    /// The input: a string or a list of items, as JSON. Sent unchanged, because its images can make it large.
    pub input: String,
    /// The instructions for the model.
    pub instructions: Option<String>,
    /// The image generation tool. An agent defines its own.
    pub image_tool: ImageToolUse,
    /// The other tools as a JSON array, with property names in camelCase or in the spelling of the service.
    pub tools: Option<String>,
    /// `auto`, `none`, `required`, or the required tool: the name of a function, the label of an MCP server, the type of
    /// another tool, or a JSON object.
    pub tool_choice: Option<String>,
    /// True to allow several function calls at once, which is the default of the service.
    pub parallel_tool_calls: Option<bool>,
    /// The id of the previous response. Mutually exclusive with `conversation`.
    pub previous_response_id: Option<String>,
    /// The id of the conversation.
    pub conversation: Option<String>,
    /// Metadata of the response: at most 16 pairs, names of at most 64 characters, values of at most 512.
    pub metadata: Vec<(String, String)>,
    /// True to store the response, which is the default of the service.
    pub store: Option<bool>,
    /// True to generate the response in the background, independently of the connection.
    pub background: bool,
    /// True to stream the response as events.
    pub stream: bool,
    /// Additional body properties as a JSON object string. They override the properties above.
    pub extra_body: Option<String>,
}

/// Use of the image generation tool.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum ImageToolUse {
    /// With the default options, unless the other tools contain it.
    #[default]
    Default,
    /// With these options.
    With(Box<ImageTool>),
    /// Without the tool.
    Without,
}

impl ImageToolUse {
    /// Returns the tool with these options.
    #[must_use]
    pub fn with(options: ImageTool) -> Self {
        Self::With(Box::new(options))
    }

    /// Returns the options of the page.
    #[must_use]
    pub fn options(&self) -> Option<&ImageTool> {
        if let Self::With(options) = self { Some(options) } else { None }
    }
}

/// Reference to an agent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AgentReference {
    /// The name of the agent.
    pub name: String,
    /// The version. The default is the latest version.
    pub version: Option<String>,
}

/// Request for a response that is ready to send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prepared {
    /// The request URL.
    pub url: String,
    /// Additional headers, with names in lower case.
    pub headers: Vec<(&'static str, String)>,
    /// The JSON body.
    pub body: String,
}

/// Body properties that the agent version defines, with their parameters. The service refuses them next to an agent.
const DECIDED_BY_AGENT: [(&str, &str); 4] = [
    ("tools", "tools"),
    ("text", "extraBody"),
    ("tool_choice", "toolChoice"),
    ("parallel_tool_calls", "parallelToolCalls"),
];

impl ResponseRequest {
    /// Builds the URL, headers and body. `image_deployment` is the deployment of the image model.
    ///
    /// # Errors
    /// A required parameter is missing, or a parameter is invalid.
    pub fn prepare(
        &self,
        endpoint: &Endpoint,
        image_deployment: Option<&str>,
        extra_query: &[(String, String)],
    ) -> Result<Prepared, Failure> {
        check_input(&self.input)?;
        self.check_target(endpoint)?;
        metadata::check(self.metadata.iter().map(|(name, value)| (name.as_str(), value.as_str())))?;
        let image_deployment = image_deployment.map(str::trim).filter(|name| !name.is_empty());
        let mut members = self.members(endpoint)?;
        if let Some(extra) = &self.extra_body {
            let tools = members.iter().find(|(name, _)| name == "tools").map(|(_, tools)| tools.clone());
            merge(&mut members, extra, "extraBody")?;
            self.keep_image_tool(&mut members, tools)?;
        }
        self.choose_tool(&mut members);
        let members = Value::Object(members);
        check_together(&members, self.background)?;
        let has_image_tool = has_image_tool(&members);
        if image_deployment.is_none() && endpoint.is_azure() && has_image_tool {
            return Err(Failure::invalid(
                "imageDeployment",
                "No image deployment is set. Pass imageDeployment, the deployment name of an image model (not of the \
                 text model) from the Azure portal, to the client or with the request.",
            ));
        }
        // An agent may have the tool.
        let needs_deployment = has_image_tool || self.agent.is_some();
        let headers = image_deployment.filter(|_| needs_deployment).map(header).transpose()?.into_iter().collect();
        Ok(Prepared {
            url: endpoint.resource_url(Resource::Responses, &[], extra_query)?,
            headers,
            body: self.write(&members),
        })
    }

    fn check_target(&self, endpoint: &Endpoint) -> Result<(), Failure> {
        let Some(agent) = &self.agent else { return Ok(()) };
        endpoint.check_agents()?;
        let length = agent.name.trim().chars().count();
        if !(1..=MAX_AGENT_NAME).contains(&length) {
            return Err(Failure::invalid(
                "agent",
                format!(
                    "The agent name has {length} characters. It must have 1 to {MAX_AGENT_NAME}. Pass the name of an \
                     agent in the project."
                ),
            ));
        }
        if self.model.is_some() {
            return Err(Failure::invalid(
                "model",
                "The agent version already defines a model. Pass either model or agent.",
            ));
        }
        if self.image_tool != ImageToolUse::Default {
            return Err(decided_by_agent("tools", "tool"));
        }
        Ok(())
    }

    /// Adds the image tool to the `tools` of `extraBody`, which would replace it. An empty list means no tools at all.
    /// `own`: the `tools` of the request.
    fn keep_image_tool(&self, members: &mut [(String, Value)], own: Option<Value>) -> Result<(), Failure> {
        let tools = members.iter_mut().find(|(name, _)| name == "tools").map(|(_, tools)| tools);
        let (Some(tools), Some(Value::Array(own))) = (tools, own) else { return Ok(()) };
        match tools {
            Value::Array(given) if *given == own || given.is_empty() => {}
            // Two configurations of the same tool.
            Value::Array(given) if given.iter().any(is_image_tool) && self.image_tool.options().is_some() => {
                let message = "extraBody.tools contains the image generation tool, which tool configures as well. Remove \
                               one of them.";
                return Err(Failure::invalid("extraBody", message));
            }
            Value::Array(given) if !given.iter().any(is_image_tool) => {
                given.extend(own.into_iter().filter(is_image_tool));
            }
            Value::Null => *tools = Value::Array(own),
            _ => {}
        }
        Ok(())
    }

    /// Turns the name in `tool_choice` into the form of the service, which depends on the tools.
    fn choose_tool(&self, members: &mut [(String, Value)]) {
        let Some(choice) = self.tool_choice.as_deref() else { return };
        let tools = members.iter().rfind(|(name, _)| name == "tools").and_then(|(_, tools)| tools.as_array());
        let chosen = tools::choice(choice, tools.unwrap_or_default());
        let member = members.iter_mut().find(|(name, value)| name == "tool_choice" && value.as_str() == Some(choice));
        if let Some((_, member)) = member {
            *member = chosen;
        }
    }

    /// Returns the tools of the request: the image generation tool and the others.
    fn tools(&self) -> Result<Option<Vec<Value>>, Failure> {
        let others = self.tools.as_deref().map(tools::read).transpose()?;
        if self.agent.is_some() {
            return Ok(others);
        }
        let mut tools = others.unwrap_or_default();
        let place = tools.iter().position(is_image_tool);
        match (&self.image_tool, place) {
            (ImageToolUse::Default, Some(_)) | (ImageToolUse::Without, None) => {}
            // Without the tool the model could only return text.
            (ImageToolUse::Default, None) => tools.insert(0, ImageTool::default().value(self.stream)?),
            (ImageToolUse::With(options), None) => tools.insert(0, options.value(self.stream)?),
            (ImageToolUse::With(_) | ImageToolUse::Without, Some(place)) => {
                return Err(Failure::invalid(
                    &format!("tools[{place}]"),
                    "tools contains the image generation tool, which tool configures as well. Remove one of them.",
                ));
            }
        }
        Ok((!tools.is_empty()).then_some(tools))
    }

    /// Returns the body properties without the input.
    fn members(&self, endpoint: &Endpoint) -> Result<Vec<(String, Value)>, Failure> {
        let text = |value: &Option<String>| value.as_deref().map(Value::from);
        let tools = self.tools()?;
        let agent = self.agent.as_ref().map(AgentReference::value);
        let agent_key = if endpoint.takes_agent_reference() { "agent_reference" } else { "agent" };
        let metadata = self.metadata.iter().map(|(name, value)| (name.clone(), Value::from(value.as_str())));
        let members = vec![
            ("model", self.model.as_deref().map(str::trim).map(Value::from)),
            (agent_key, agent),
            ("instructions", text(&self.instructions)),
            ("include", tools.as_deref().and_then(tools::include)),
            ("tools", tools.map(Value::Array)),
            ("tool_choice", text(&self.tool_choice)),
            ("parallel_tool_calls", self.parallel_tool_calls.map(Value::from)),
            ("previous_response_id", text(&self.previous_response_id)),
            ("conversation", text(&self.conversation)),
            ("metadata", Some(Value::Object(metadata.collect())).filter(|_| !self.metadata.is_empty())),
            ("store", self.store.map(Value::from)),
            ("background", self.background.then(|| Value::from(true))),
            ("stream", self.stream.then(|| Value::from(true))),
        ];
        Ok(present(members))
    }

    /// Returns the complete body. The input is copied without parsing, because it can be large.
    fn write(&self, members: &Value) -> String {
        let mut rest = String::new();
        members.write(&mut rest);
        if members.get("input").is_some() {
            return rest;
        }
        let input = self.input.trim();
        let mut body = String::with_capacity(input.len().saturating_add(rest.len()).saturating_add(16));
        body.push_str("{\"input\":");
        body.push_str(input);
        // `rest` is never empty: a request without a model or an agent was refused earlier.
        body.push(',');
        body.push_str(rest.strip_prefix('{').unwrap_or(&rest));
        body
    }
}

impl AgentReference {
    fn value(&self) -> Value {
        Value::Object(present(vec![
            ("type", Some("agent_reference".into())),
            ("name", Some(self.name.trim().into())),
            ("version", self.version.as_deref().map(Value::from)),
        ]))
    }
}

/// Returns the query parameters to retrieve a stored response: as a whole, or as a stream of the events after
/// `starting_after`. Streaming requires a background response that was created with `stream: true`.
#[must_use]
pub fn retrieval(streamed: bool, starting_after: Option<u64>) -> Vec<(String, String)> {
    let mut query = Vec::new();
    if streamed {
        query.push(("stream".into(), "true".into()));
        query.extend(starting_after.map(|number| ("starting_after".into(), number.to_string())));
    }
    query
}

fn header(image_deployment: &str) -> Result<(&'static str, String), Failure> {
    if image_deployment.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Ok((IMAGE_DEPLOYMENT_HEADER, image_deployment.into()));
    }
    Err(Failure::invalid(
        "imageDeployment",
        "imageDeployment contains invalid characters, such as spaces or accented letters. Copy the name from the \
         Azure portal.",
    ))
}

/// Checks combinations of body properties. `followed` is true if the client follows a background response.
fn check_together(body: &Value, followed: bool) -> Result<(), Failure> {
    let given = |name: &str| body.get(name).filter(|value| **value != Value::Null);
    let text = |name: &str| given(name).and_then(Value::as_str).unwrap_or_default();
    let has_agent = given("agent_reference").or(given("agent")).is_some();
    if has_agent {
        for (name, param) in DECIDED_BY_AGENT {
            if given(name).is_some() {
                return Err(decided_by_agent(name, param));
            }
        }
    } else if text("model").is_empty() {
        return Err(Failure::invalid(
            "model",
            "No model is set. Pass model, the deployment name of a text model such as gpt-4.1, or agent, the name of \
             an agent. For the image model, use imageDeployment.",
        ));
    }
    if !has_agent && let Some(choice) = given("tool_choice") {
        tools::check_choice(choice, given("tools").and_then(Value::as_array).unwrap_or_default())?;
    }
    if given("previous_response_id").is_some() && given("conversation").is_some() {
        return Err(Failure::invalid(
            "conversation",
            "previousResponseId and conversation are mutually exclusive. Pass only one of them. A conversation \
             already contains the earlier responses.",
        ));
    }
    let is = |name, value| given(name).and_then(Value::as_bool) == Some(value);
    if is("background", true) && !followed {
        return Err(Failure::invalid(
            "extraBody",
            "extraBody contains background, which ends the request before the images are generated. Use \
             responses.start instead, which follows the response.",
        ));
    }
    if is("background", true) && is("store", false) {
        return Err(Failure::invalid("store", "A background response must be stored. Remove store or background."));
    }
    Ok(())
}

fn decided_by_agent(name: &str, param: &str) -> Failure {
    Failure::invalid(
        param,
        format!(
            "The service refuses {name} next to an agent, because the agent version defines it. Remove it, and \
             create an agent version that sets it (agents.createVersion)."
        ),
    )
}

fn has_image_tool(body: &Value) -> bool {
    let tools = body.get("tools").and_then(Value::as_array).unwrap_or_default();
    tools.iter().any(is_image_tool)
}

/// Refuses an empty or invalid input. Images in the input are not copied.
fn check_input(input: &str) -> Result<(), Failure> {
    let mut parser = json::Parser::new(INPUT_LIMITS);
    let read = parser.push(input.as_bytes(), &mut DropLong).and_then(|()| parser.finish());
    match read {
        Ok(Value::String(text)) if text.trim().is_empty() => {}
        Ok(Value::Array(items)) if items.is_empty() => {}
        Ok(Value::String(_) | Value::Streamed(_) | Value::Array(_)) => return Ok(()),
        _ => {
            return Err(Failure::invalid("input", "input must be a string or a JSON-serializable list of items."));
        }
    }
    Err(Failure::invalid("input", "input is empty. Describe the image to generate."))
}

/// JSON limits of the input. Long strings are not kept and do not count.
const INPUT_LIMITS: Limits = Limits { max_kept_bytes: 64 * 1024 * 1024, max_depth: 64 };

/// Keeps short strings only.
struct DropLong;

impl Strings for DropLong {
    fn route(&mut self, _: Path<'_>) -> Route {
        Route::StreamIfLong(json::UNDECIDED_BYTES)
    }

    fn piece(&mut self, _: &[u8]) {}

    fn end(&mut self) -> usize {
        0
    }
}
