//! The work of reading and changing agents, conversations and files: small documents without pictures.

use gloo_net::http::Method;
use js_sys::{Array, JsString, Uint8Array};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::Blob;

use super::call::{Answer, Call, Outcome, Receiving, Record, Sending, Work};
use super::convert::Options;
use super::failure::Thrown;
use super::inputs::{form_of, refused};
use super::settings::Settings;
use crate::protocol::agents;
use crate::protocol::endpoint::Resource;
use crate::protocol::error::{Code, Failure};
use crate::protocol::metadata;
use crate::protocol::retry::Effect;

/// Far more than any agent or page of a list that was ever seen.
const MAX_ANSWER_BYTES: u64 = 16 * 1024 * 1024;

/// So much of it is collected before it leaves WebAssembly, in bytes: chunks may be of one byte each.
const PIECE_BYTES: usize = 64 * 1024;

#[wasm_bindgen]
extern "C" {
    /// Of a text that stays outside of WebAssembly.
    #[wasm_bindgen(catch, js_namespace = JSON, js_name = parse)]
    fn parse_json(text: &JsString) -> Result<JsValue, JsValue>;
}

/// Something to be read, changed or deleted.
pub struct Managing {
    method: Method,
    url: String,
    body: Option<JsValue>,
    is_json: bool,
}

impl Managing {
    /// Reads the facade's record.
    pub fn read(settings: &Settings, question: &Options<'_>) -> Result<Self, Thrown> {
        let operation = question.text("operation").unwrap_or_default();
        let id = question.text("id").unwrap_or_default();
        let version = question.text("version").unwrap_or_default();
        let body = || question.text("body").unwrap_or_default();
        let json = |text: String| Some(JsValue::from(text));
        let (method, resource, body) = match operation.as_str() {
            "createAgentVersion" => {
                agents::check_name(&id)?;
                (Method::POST, Resource::AgentVersions(&id), json(agents::version_body(&body())?))
            }
            "getAgent" => (Method::GET, Resource::Agent(&id), None),
            "listAgents" => (Method::GET, Resource::Agents, None),
            "deleteAgent" => (Method::DELETE, Resource::Agent(&id), None),
            "getAgentVersion" => (Method::GET, Resource::AgentVersion(&id, &version), None),
            "listAgentVersions" => (Method::GET, Resource::AgentVersions(&id), None),
            "deleteAgentVersion" => (Method::DELETE, Resource::AgentVersion(&id, &version), None),
            "createConversation" => {
                if let Some(text) = question.text("metadata") {
                    metadata::check_text(&text)?;
                }
                (Method::POST, Resource::Conversations, json(body()))
            }
            "getConversation" => (Method::GET, Resource::Conversation(&id), None),
            "deleteConversation" => (Method::DELETE, Resource::Conversation(&id), None),
            "uploadFile" => (Method::POST, Resource::Files, Some(form(question)?)),
            "getFile" => (Method::GET, Resource::File(&id), None),
            "listFiles" => (Method::GET, Resource::Files, None),
            "deleteFile" => (Method::DELETE, Resource::File(&id), None),
            "deleteResponse" => (Method::DELETE, Resource::Response(&id), None),
            _ => return Err(Failure::invalid("operation", format!("There is no operation {operation}.")).into()),
        };
        let url = settings.endpoint.resource_url(resource, &question.pairs("query"), &settings.extra_query)?;
        Ok(Self { is_json: body.as_ref().is_some_and(JsValue::is_string), method, url, body })
    }
}

/// The form with a file and the other fields.
fn form(question: &Options<'_>) -> Result<JsValue, Thrown> {
    let form = form_of(&question.pairs("fields"))?;
    let file = question.value("file").unwrap_or_default();
    let name = question.text("fileName").unwrap_or_default();
    let file = file.dyn_ref::<Blob>().ok_or_else(|| Failure::invalid("file", "file is no Blob."))?;
    form.append_with_blob_and_filename("file", file, &name).map_err(refused)?;
    Ok(form.into())
}

impl Work for Managing {
    fn sending(&self) -> Result<Sending, Thrown> {
        let (method, url, body) = (self.method.clone(), self.url.clone(), self.body.clone());
        Ok(Sending { method, url, headers: Vec::new(), body, is_json: self.is_json })
    }

    fn effect(&self) -> Effect {
        if self.method == Method::GET { Effect::Read } else { Effect::Manage }
    }

    fn receive<'a>(&'a self, _: &'a Call<'_>, answer: Answer<'a>) -> Receiving<'a> {
        Box::pin(async move {
            let mut body = answer.body;
            // In the page's own memory, which shrinks again: that of WebAssembly never does.
            let pieces = Array::new();
            let mut piece = Vec::new();
            while let Some(slice) = body.next().await? {
                piece.extend_from_slice(slice);
                if piece.len() >= PIECE_BYTES {
                    pieces.push(&Uint8Array::from(piece.as_slice()));
                    piece.clear();
                }
                if body.received() > MAX_ANSWER_BYTES {
                    let message = "The answer has more than 16 MB. Of a list, ask for less at once (pageSize).";
                    return Err(Failure::new(Code::TooLarge, message).into());
                }
            }
            pieces.push(&Uint8Array::from(piece.as_slice()));
            let no_room = |cause| {
                let message = "The browser has no room left for the answer. Close what else needs memory, or ask for less at once.";
                Thrown::new(Code::TooLarge, message, cause)
            };
            let text = read_text(&pieces).await.map_err(no_room)?.trim();
            let answer = if text.length() == 0 && self.method == Method::DELETE {
                // What was deleted needs no words.
                Some(Record::default().into())
            } else {
                // Without the cause, which quotes the answer.
                parse_json(&text).ok().filter(|answer| answer.is_object() && !Array::is_array(answer))
            };
            let answer = answer.ok_or_else(|| {
                let message = "The answer is not a JSON object. Check that the endpoint is Azure's.";
                Failure::new(Code::StreamMalformed, message)
            })?;
            Ok(Outcome::Done(answer))
        })
    }
}

/// The text of which these are the bytes. Fails where the browser has no room for it.
async fn read_text(pieces: &Array) -> Result<JsString, JsValue> {
    let text = JsFuture::from(Blob::new_with_u8_array_sequence(pieces)?.text()).await?;
    Ok(text.unchecked_into())
}
