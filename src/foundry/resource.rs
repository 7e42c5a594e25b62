//! Management of agents, conversations, files and stored responses: small JSON documents without images.

use std::rc::Rc;

use crate::decode::assembler::Sink;
use crate::errors::billing::Effect;
use crate::errors::billing::Standing;
use crate::errors::{Code, Failure};
use crate::foundry::agents;
use crate::foundry::metadata;
use crate::http::endpoint::Resource;
use crate::http::message::{Body, HttpRequest, Method};
use crate::http::secrets::Secrets;
use crate::operation::{Attempt, Capability, Context, Next, Outcome, Output};
use crate::responses::tools;
use crate::settings::Settings;

/// Maximum size of a document, in bytes.
const MAX_DOCUMENT_BYTES: u64 = 16 * 1024 * 1024;
/// Maximum size of the content of a file, in bytes. Azure's limit for an upload is 512 MB.
const MAX_CONTENT_BYTES: u64 = 512 * 1024 * 1024;
/// Size of the chunks that are moved out of WebAssembly memory, in bytes. That memory never shrinks.
const PIECE_BYTES: usize = 64 * 1024;

/// Operation on a resource.
#[derive(Debug, Clone, Default)]
pub struct ResourceCall {
    /// The name of the operation, such as `getAgent`.
    pub operation: String,
    /// The name or id of the resource.
    pub id: String,
    /// The version of an agent.
    pub version: String,
    /// The id of the container of a file.
    pub container_id: Option<String>,
    /// The JSON body.
    pub body: String,
    /// The metadata to check, as a JSON string.
    pub metadata: Option<String>,
    /// The query parameters.
    pub query: Vec<(String, String)>,
    /// The form fields, without the file.
    pub fields: Vec<(String, String)>,
}

/// Request for a resource.
pub struct ResourceRequest<S: Sink> {
    request: HttpRequest,
    max_bytes: u64,
    sink: Option<S>,
    piece: Vec<u8>,
    received: u64,
    make_sink: fn() -> S,
    outcome: Option<Outcome<S::Image>>,
}

impl<S: Sink> std::fmt::Debug for ResourceRequest<S> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("ResourceRequest").field("request", &self.request).finish_non_exhaustive()
    }
}

impl<S: Sink> ResourceRequest<S> {
    /// Validates the call and builds its request. `make_sink` creates the sink for the bytes of the document.
    ///
    /// # Errors
    /// The call is invalid.
    pub fn new(settings: &Rc<Settings>, call: ResourceCall, make_sink: fn() -> S) -> Result<Self, Failure> {
        let ResourceCall { operation, id, version, container_id, body, metadata, query, fields } = call;
        if let Some(metadata) = metadata {
            metadata::check_text(&metadata)?;
        }
        let (method, resource, body) = match operation.as_str() {
            "createAgentVersion" => {
                agents::check_name(&id)?;
                (Method::Post, Resource::AgentVersions(&id), Body::Json(agents::version_body(&body)?))
            }
            "getAgent" => (Method::Get, Resource::Agent(&id), Body::None),
            "listAgents" => (Method::Get, Resource::Agents, Body::None),
            "deleteAgent" => (Method::Delete, Resource::Agent(&id), Body::None),
            "getAgentVersion" => (Method::Get, Resource::AgentVersion(&id, &version), Body::None),
            "listAgentVersions" => (Method::Get, Resource::AgentVersions(&id), Body::None),
            "deleteAgentVersion" => (Method::Delete, Resource::AgentVersion(&id, &version), Body::None),
            "createConversation" => (Method::Post, Resource::Conversations, Body::Json(body)),
            "getConversation" => (Method::Get, Resource::Conversation(&id), Body::None),
            "deleteConversation" => (Method::Delete, Resource::Conversation(&id), Body::None),
            "uploadFile" => (Method::Post, Resource::Files, Body::Form(fields)),
            "getFile" => (Method::Get, Resource::File(&id), Body::None),
            "listFiles" => (Method::Get, Resource::Files, Body::None),
            "getFileContent" => {
                let of_container = |container| Resource::ContainerFileContent(container, &id);
                let resource = container_id.as_deref().map_or(Resource::FileContent(&id), of_container);
                (Method::Get, resource, Body::None)
            }
            "deleteFile" => (Method::Delete, Resource::File(&id), Body::None),
            "deleteResponse" => (Method::Delete, Resource::Response(&id), Body::None),
            _ => return Err(Failure::invalid("operation", format!("Unknown operation {operation}."))),
        };
        let url = settings.endpoint.resource_url(resource, &query, &settings.extra_query)?;
        let request = HttpRequest { body, ..HttpRequest::new(method, url) };
        let is_content = matches!(resource, Resource::FileContent(_) | Resource::ContainerFileContent(..));
        let max_bytes = if is_content { MAX_CONTENT_BYTES } else { MAX_DOCUMENT_BYTES };
        Ok(Self { request, max_bytes, sink: None, piece: Vec::new(), received: 0, make_sink, outcome: None })
    }
}

impl<S: Sink> Capability<S> for ResourceRequest<S> {
    fn add_secrets(&self, secrets: &mut Secrets) {
        // An agent with tools.
        if let Body::Json(body) = &self.request.body {
            tools::add_credentials(body, secrets);
        }
    }

    fn request(&mut self, _index: usize) -> Result<HttpRequest, Failure> {
        Ok(self.request.clone())
    }

    fn effect(&self) -> Effect {
        if self.request.method == Method::Get { Effect::Read } else { Effect::Manage }
    }

    fn begin(&mut self, _index: usize, _now: u64) {
        self.sink = Some((self.make_sink)());
        self.piece.clear();
        self.received = 0;
    }

    fn read(&mut self, _index: usize, bytes: &[u8], _context: &mut Context<'_, S::Image>) -> Result<bool, Failure> {
        self.received = self.received.saturating_add(bytes.len() as u64);
        if self.received > self.max_bytes {
            let message = if self.max_bytes == MAX_CONTENT_BYTES {
                "The file has more than 512 MB, the limit of Azure. Check that the endpoint belongs to Azure."
            } else {
                "The response has more than 16 MB. Fetch a list in smaller pages: byPage({ maxPageSize })."
            };
            return Err(Failure::new(Code::TooLarge, message));
        }
        self.piece.extend_from_slice(bytes);
        if self.piece.len() >= PIECE_BYTES
            && let Some(sink) = &mut self.sink
        {
            sink.piece(&self.piece);
            self.piece.clear();
        }
        Ok(false)
    }

    fn end(&mut self, _index: usize, context: &mut Context<'_, S::Image>) -> Result<Next, Failure> {
        let sink = self.sink.take();
        let body = sink.and_then(|mut sink| sink.finish(&self.piece, None, self.received));
        self.piece = Vec::new();
        let body = body.ok_or_else(|| {
            let message =
                "The browser has no storage left for the response. Free memory, or request smaller pages (pageSize).";
            Failure::new(Code::TooLarge, message)
        })?;
        self.outcome = Some(Ok(Output::Document {
            body,
            content_type: context.content_type.map(Into::into),
            request_id: context.request_id.map(Into::into),
        }));
        Ok(Next::Done)
    }

    fn retry(&mut self, _index: usize, failure: &mut Failure, attempt: Attempt<'_>) -> Option<u32> {
        attempt.policy.wait(failure, self.effect(), attempt.retries, attempt.chance)
    }

    fn fail(&mut self, _index: usize, failure: Failure) -> bool {
        self.outcome = Some(Err(failure.into()));
        true
    }

    fn finish(&mut self) -> Outcome<S::Image> {
        self.outcome.take().unwrap_or_else(|| Err(Failure::truncated().into()))
    }

    fn standing(&self) -> Standing<'_> {
        Standing::Resource
    }
}
