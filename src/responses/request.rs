//! Request bodies of the Responses API, in which a text model, or an agent made of one, draws with the image tool.
//!
//! What is special about Azure: the deployment of the image model travels in a header, and next to an agent nothing may stand
//! that its version has already decided.

use crate::decode::json::{self, Limits, Path, Route, Strings, Value};
use crate::errors::Failure;
use crate::foundry::metadata;
use crate::http::endpoint::{Endpoint, Resource};
use crate::images::request::{merge, present};
use crate::responses::image_tool::{self, ImageTool};

/// The header that names the deployment of the image model.
pub const IMAGE_DEPLOYMENT_HEADER: &str = "x-ms-oai-image-generation-deployment";

/// Longest name by which an agent is referred to, in characters.
const MAX_AGENT_NAME: usize = 256;

/// A response to be made. What is `None` is left out, and the service's default holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ResponseRequest {
    /// The deployment of a text model. Either this or an agent.
    pub model: Option<String>,
    /// The agent that answers.
    pub agent: Option<AgentReference>,
    /// What is said to it: the JSON text of a string or of a list of items. Sent as it is, since its images may make it long.
    pub input: String,
    /// How it is to behave.
    pub instructions: Option<String>,
    /// The options of the image tool. A model gets the tool in any case; an agent has its own.
    pub image_tool: Option<ImageTool>,
    /// `auto`, `none`, `required`, or the name of a tool that must be used, such as `image_generation`.
    pub tool_choice: Option<String>,
    /// The id of the response that this one goes on from. Either this or a conversation.
    pub previous_response_id: Option<String>,
    /// The id of the conversation that this belongs to.
    pub conversation: Option<String>,
    /// Names and values to find the response by: at most 16, names of at most 64 characters, values of at most 512.
    pub metadata: Vec<(String, String)>,
    /// Whether the service keeps the response, which it does unless told not to.
    pub store: Option<bool>,
    /// Whether the service works on when the connection ends.
    pub background: bool,
    /// Whether the answer is a stream of events.
    pub stream: bool,
    /// More members of the body, as the text of a JSON object. They win over the ones above.
    pub extra_body: Option<String>,
}

/// An agent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AgentReference {
    /// Its name.
    pub name: String,
    /// The version; the latest if it is left out.
    pub version: Option<String>,
}

/// A request for a response, ready to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prepared {
    /// Where to.
    pub url: String,
    /// Headers that it needs beside the usual ones, names in lower case.
    pub headers: Vec<(&'static str, String)>,
    /// A JSON text.
    pub body: String,
}

/// What the version of an agent has decided; next to one the service refuses it.
const DECIDED_BY_AGENT: [(&str, &str); 4] =
    [("tools", "tool"), ("text", "extraBody"), ("tool_choice", "toolChoice"), ("parallel_tool_calls", "extraBody")];

impl ResponseRequest {
    /// Builds the URL, headers and body. `image_deployment`: the deployment of the image model.
    ///
    /// # Errors
    /// Something that the service needs is missing, or cannot be right.
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
        let headers = image_deployment.map(header).transpose()?.into_iter().collect();
        let mut members = self.members(endpoint, image_deployment)?;
        if let Some(extra) = &self.extra_body {
            merge(&mut members, extra, "extraBody")?;
        }
        let members = Value::Object(members);
        check_together(&members, self.background)?;
        if image_deployment.is_none() && endpoint.is_azure() && has_image_tool(&members) {
            return Err(Failure::invalid(
                "imageDeployment",
                "No image deployment was named. Pass imageDeployment, the name that the deployment of an image model (not that of the \
                 text model) was given in the Azure portal, to the client or with the request.",
            ));
        }
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
                    "The name of the agent has {length} characters; it must have 1 to {MAX_AGENT_NAME}. Pass that of an agent of \
                         the project."
                ),
            ));
        }
        if self.model.is_some() {
            return Err(Failure::invalid(
                "model",
                "The version of an agent has its model already. Pass either model or agent.",
            ));
        }
        if self.image_tool.is_some() {
            return Err(decided_by_agent("tools", "tool"));
        }
        Ok(())
    }

    /// The body without the input.
    fn members(&self, endpoint: &Endpoint, image_deployment: Option<&str>) -> Result<Vec<(String, Value)>, Failure> {
        let text = |value: &Option<String>| value.as_deref().map(Value::from);
        let tools = match (&self.image_tool, &self.agent) {
            (_, Some(_)) => None,
            // Without the tool the model could only speak.
            (None, None) => Some(ImageTool::default().value(image_deployment, self.stream)?),
            (Some(tool), None) => Some(tool.value(image_deployment, self.stream)?),
        };
        let agent = self.agent.as_ref().map(AgentReference::value);
        let agent_key = if endpoint.takes_agent_reference() { "agent_reference" } else { "agent" };
        let metadata = self.metadata.iter().map(|(name, value)| (name.clone(), Value::from(value.as_str())));
        let members = vec![
            ("model", self.model.as_deref().map(str::trim).map(Value::from)),
            (agent_key, agent),
            ("instructions", text(&self.instructions)),
            ("tools", tools.map(|tool| Value::Array(vec![tool]))),
            ("tool_choice", self.tool_choice.as_deref().map(tool_choice)),
            ("previous_response_id", text(&self.previous_response_id)),
            ("conversation", text(&self.conversation)),
            ("metadata", Some(Value::Object(metadata.collect())).filter(|_| !self.metadata.is_empty())),
            ("store", self.store.map(Value::from)),
            ("background", self.background.then(|| Value::from(true))),
            ("stream", self.stream.then(|| Value::from(true))),
        ];
        Ok(present(members))
    }

    /// The whole body. The input is not taken apart and put together again, since it may be long.
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
        // There are others: who names no model and no agent was refused.
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

/// The query that reads a stored response: whole, or as a stream of its events from the one behind `starting_after` on, which
/// is for a response that was made in the background and streamed.
#[must_use]
pub fn retrieval(streamed: bool, starting_after: Option<u64>) -> Vec<(String, String)> {
    let mut query = Vec::new();
    if streamed {
        query.push(("stream".into(), "true".into()));
        query.extend(starting_after.map(|number| ("starting_after".into(), number.to_string())));
    }
    query
}

fn tool_choice(choice: &str) -> Value {
    match choice {
        "auto" | "none" | "required" => choice.into(),
        tool => Value::Object(vec![("type".into(), tool.into())]),
    }
}

fn header(image_deployment: &str) -> Result<(&'static str, String), Failure> {
    if image_deployment.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Ok((IMAGE_DEPLOYMENT_HEADER, image_deployment.into()));
    }
    Err(Failure::invalid(
        "imageDeployment",
        "imageDeployment holds a character that no name of a deployment has, such as a blank or a letter with an accent. Copy the \
         name from the Azure portal.",
    ))
}

/// What the members of a body say together. `followed`: whether the response is, where it is made in the background.
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
            "No model was named. Pass model, the name of the deployment of a text model (such as one of gpt-4.1), or agent, the name of \
             an agent. The image model's own deployment is imageDeployment.",
        ));
    }
    if given("previous_response_id").is_some() && given("conversation").is_some() {
        return Err(Failure::invalid(
            "conversation",
            "A response goes on either from previousResponseId or within a conversation, which holds the earlier ones. Leave one of \
             them out.",
        ));
    }
    let is = |name, value| given(name).and_then(Value::as_bool) == Some(value);
    if is("background", true) && !followed {
        return Err(Failure::invalid(
            "extraBody",
            "extraBody has background, with which the answer comes before the images do. Start the response with responses.start, \
             which follows it.",
        ));
    }
    if is("background", true) && is("store", false) {
        return Err(Failure::invalid(
            "store",
            "A response that is made in the background is fetched from where it is stored. Leave store out, or background.",
        ));
    }
    Ok(())
}

fn decided_by_agent(name: &str, param: &str) -> Failure {
    Failure::invalid(
        param,
        format!(
            "Next to an agent the service refuses {name}: the version of the agent decides it. Leave it out, and make a version of \
             the agent that has it (agents.createVersion)."
        ),
    )
}

fn has_image_tool(body: &Value) -> bool {
    let tools = body.get("tools").and_then(Value::as_array).unwrap_or_default();
    tools.iter().any(|tool| tool.text("type") == Some(image_tool::TYPE))
}

/// Refuses an input that is empty or not what it should be, without a copy of the images in it.
fn check_input(input: &str) -> Result<(), Failure> {
    let mut parser = json::Parser::new(INPUT_LIMITS);
    let read = parser.push(input.as_bytes(), &mut DropLong).and_then(|()| parser.finish());
    match read {
        Ok(Value::String(text)) if text.trim().is_empty() => {}
        Ok(Value::Array(items)) if items.is_empty() => {}
        Ok(Value::String(_) | Value::Streamed(_) | Value::Array(_)) => return Ok(()),
        _ => {
            return Err(Failure::invalid("input", "input must be a text or a list of items that JSON can hold."));
        }
    }
    Err(Failure::invalid("input", "input is empty. Say what to draw."))
}

/// Long texts do not count.
const INPUT_LIMITS: Limits = Limits { max_kept_bytes: 64 * 1024 * 1024, max_depth: 64 };

/// Keeps short strings only.
struct DropLong;

impl Strings for DropLong {
    fn route(&mut self, _: Path<'_>) -> Route {
        Route::StreamIfLong
    }

    fn piece(&mut self, _: &[u8]) {}

    fn end(&mut self) -> usize {
        0
    }
}
