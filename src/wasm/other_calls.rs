//! Exports for everything but generations: edits, responses, agents, conversations, files, the probe, and the questions about a request.
//!
//! `xtask` moves the code that only these exports reach into a second module, which the facade loads before it calls one of them.

use std::rc::Rc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use js_sys::Reflect;
use wasm_bindgen::prelude::*;
use web_sys::Blob;

use super::attachments::{Attachments, EditFiles, EmbeddedImages, Upload, no_storage};
use super::blob::{BlobSink, new_blob};
use super::client::{Client, read_images_call, to_record};
use super::convert::{Options, to_js};
use super::driver::{CallHandle, Work};
use super::facade::Observer;
use super::other_records::OTHERS;
use super::records;
use super::timer::now;
use crate::errors::Failure;
use crate::errors::judge::ServiceJudge;
use crate::foundry::resource::{ResourceCall, ResourceRequest};
use crate::images::generate::{GenerateImages, ImagesCall, Inputs};
use crate::images::input::{FileInspector, Purpose};
use crate::operation::Capability;
use crate::probe::Probe;
use crate::responses::create::{CreateResponse, ResponseCall};
use crate::responses::image_tool::{ImageTool, Mask};
use crate::responses::job::Delivery;
use crate::responses::request::{AgentReference, ImageToolUse, ResponseRequest};
use crate::responses::retrieve::RetrieveResponse;

#[wasm_bindgen]
impl Client {
    /// Returns the parsed endpoint.
    #[wasm_bindgen(js_name = describeEndpoint)]
    pub fn describe_endpoint(&self) -> JsValue {
        to_js(&self.settings.endpoint.describe())
    }

    /// Lets the calls of this client judge errors.
    #[wasm_bindgen(js_name = provideJudge)]
    pub fn provide_judge(&self) {
        self.settings.judge.set(Some(&ServiceJudge));
    }

    /// Creates a reader of the header of a file.
    #[expect(clippy::unused_self, reason = "the facade reaches the engine through this object only")]
    pub fn inspector(&self) -> Inspector {
        Inspector(FileInspector::default())
    }

    /// Encodes bytes as base64.
    ///
    /// # Errors
    /// The browser has no storage left. The error is a plain object.
    #[expect(clippy::unused_self, reason = "the facade reaches the engine through this object only")]
    #[wasm_bindgen(js_name = encodeBase64)]
    pub fn encode_base64(&self, bytes: &[u8]) -> Result<Blob, JsValue> {
        new_blob(Vec::new(), STANDARD.encode(bytes).as_bytes(), "").map_err(|_| to_record(no_storage()))
    }

    /// Returns the problems of a request to the Images API.
    ///
    /// # Errors
    /// An option has the wrong type. The error is a plain object.
    pub fn validate(&self, call: &JsValue) -> Result<JsValue, JsValue> {
        let (call, _) = read_call(&Options::new(call)).map_err(to_record)?;
        Ok(to_js(&call.problems(&self.settings)))
    }

    /// Returns the estimated cost of a request to the Images API, in millionths of a dollar.
    ///
    /// # Errors
    /// An option has the wrong type. The error is a plain object.
    pub fn estimate(&self, call: &JsValue) -> Result<JsValue, JsValue> {
        let (call, _) = read_call(&Options::new(call)).map_err(to_record)?;
        Ok(to_js(&call.estimate(&self.settings)))
    }

    /// Returns true if the request contains the input images as base64, which the facade has to prepare.
    ///
    /// # Errors
    /// The call is invalid. The error is a plain object.
    #[wasm_bindgen(js_name = embedsImages)]
    pub fn embeds_images(&self, call: &JsValue) -> Result<bool, JsValue> {
        let (call, _) = read_call(&Options::new(call)).map_err(to_record)?;
        let embeds_images = call.embeds_images(&self.settings);
        if embeds_images {
            // An invalid call must not encode its images first.
            self.settings.check(|| call.problems(&self.settings)).map_err(to_record)?;
        }
        Ok(embeds_images)
    }

    /// Starts any other call. `kind` is `edit`, `response`, `follow`, `retrieve`, `resource` or `probe`.
    /// `options`: the timeouts of the call, which override those of the client.
    ///
    /// # Errors
    /// The call is invalid. The error is a plain object.
    pub fn start(
        &self,
        kind: &str,
        call: &JsValue,
        options: &JsValue,
        observer: Observer,
    ) -> Result<CallHandle, JsValue> {
        self.provide_judge();
        let (capability, work) = self.capability(kind, &Options::new(call)).map_err(to_record)?;
        self.begin(capability, work, options, observer)
    }
}

/// Reader of the header of a file.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Inspector(FileInspector);

#[wasm_bindgen]
impl Inspector {
    /// Reads the next piece. Returns the number of bytes to omit before the next one, or `undefined` if no more is
    /// needed.
    pub fn read(&mut self, piece: &[u8]) -> Option<f64> {
        self.0.read(piece).map(|bytes| bytes as f64)
    }

    /// Returns the header data. `purpose` is `edit`, `response` or `mask`.
    pub fn finish(&self, purpose: &str, is_masked: bool) -> JsValue {
        let purpose = match purpose {
            "response" => Purpose::Response,
            "mask" => Purpose::Mask,
            _ => Purpose::Edit,
        };
        to_js(&self.0.finish(purpose, is_masked))
    }
}

impl Client {
    fn capability(&self, kind: &str, call: &Options<'_>) -> Result<(Box<dyn Capability<BlobSink>>, Work), Failure> {
        let others = |attachments| Work { attachments, records: OTHERS };
        let settings = Rc::clone(&self.settings);
        let sink = BlobSink::default;
        Ok(match kind {
            "edit" => {
                let (call, files) = read_call(call)?;
                let attachments = files.map(|files| -> Box<dyn Attachments> { Box::new(files) });
                (Box::new(GenerateImages::new(settings, call, sink)?), Work { attachments, records: records::IMAGES })
            }
            "response" => {
                let images = EmbeddedImages::read(call);
                let call = read_response_call(call, &images)?;
                (Box::new(CreateResponse::new(settings, call, now(), sink)?), others(Some(Box::new(images))))
            }
            "follow" => {
                let id = call.text("id").unwrap_or_default();
                let after = call.value("startingAfter").and_then(|number| number.as_f64()).map(|number| number as u64);
                (Box::new(CreateResponse::follow(settings, &id, after, now(), sink)), others(None))
            }
            "retrieve" => {
                let id = call.text("id").unwrap_or_default();
                let cancels = call.flag("cancels").unwrap_or_default();
                (Box::new(RetrieveResponse::new(settings, id, cancels, sink)), others(None))
            }
            "resource" => {
                let upload = Upload::read(call);
                let request = ResourceRequest::new(&settings, read_resource_call(call), sink)?;
                (Box::new(request), others(Some(Box::new(upload))))
            }
            _ => (Box::new(Probe::new(settings, is_online())), others(None)),
        })
    }
}

/// Returns the network state that the device reports. The default is online.
fn is_online() -> bool {
    let navigator = Reflect::get(&js_sys::global(), &JsValue::from_str("navigator")).unwrap_or_default();
    Reflect::get(&navigator, &JsValue::from_str("onLine")).ok().and_then(|online| online.as_bool()).unwrap_or(true)
}

/// Reads a call of the Images API with its files.
fn read_call(call: &Options<'_>) -> Result<(ImagesCall, Option<EditFiles>), Failure> {
    let files = EditFiles::read(call);
    let inputs = files.as_ref().map(|files| -> Rc<dyn Inputs> { Rc::new(files.inputs()) });
    // As an argument, the type of the files would become part of the first module.
    Ok((ImagesCall { inputs, ..read_images_call(call)? }, files))
}

fn read_response_call(call: &Options<'_>, images: &EmbeddedImages) -> Result<ResponseCall, Failure> {
    let images = images.0.iter().map(|image| (image.param.clone(), image.input)).collect();
    let delivery = match call.text("delivery").as_deref() {
        Some("streamed") => Delivery::Streamed,
        Some("background") => Delivery::Background,
        _ => Delivery::Whole,
    };
    let request = call.value("request").unwrap_or_default();
    let options = Options::new(&request);
    let request = ResponseRequest {
        model: options.text("model"),
        agent: options.group("agent", |agent| AgentReference {
            name: agent.text("name").unwrap_or_default(),
            version: agent.text("version"),
        }),
        input: options.text("input").unwrap_or_default(),
        instructions: options.text("instructions"),
        image_tool: read_image_tool(&options),
        tools: options.text("tools"),
        tool_choice: options.text("toolChoice"),
        parallel_tool_calls: options.flag("parallelToolCalls"),
        previous_response_id: options.text("previousResponseId"),
        conversation: options.text("conversation"),
        metadata: options.pairs("metadata"),
        store: options.flag("store"),
        background: false,
        stream: false,
        extra_body: options.text("extraBody"),
    };
    let image_deployment = options.text("imageDeployment");
    options.check()?;
    let today = call.text("today").unwrap_or_default();
    Ok(ResponseCall { request, image_deployment, delivery, images, today })
}

/// Reads the image generation tool: its options, or `false` for a request without it.
fn read_image_tool(options: &Options<'_>) -> ImageToolUse {
    if options.value("tool").is_some_and(|tool| tool.as_bool() == Some(false)) {
        return ImageToolUse::Without;
    }
    options.group("tool", read_tool).map_or(ImageToolUse::Default, ImageToolUse::with)
}

fn read_tool(tool: &Options<'_>) -> ImageTool {
    ImageTool {
        model: tool.text("model"),
        quality: tool.text("quality"),
        size: tool.text("size"),
        output_format: tool.text("outputFormat"),
        output_compression: tool.whole("outputCompression"),
        moderation: tool.text("moderation"),
        background: tool.text("background"),
        input_fidelity: tool.text("inputFidelity"),
        input_image_mask: tool
            .group("inputImageMask", |mask| Mask { image_url: mask.text("imageUrl"), file_id: mask.text("fileId") }),
        partial_images: tool.whole("partialImages"),
        action: tool.text("action"),
        extra: tool.text("extra"),
    }
}

fn read_resource_call(call: &Options<'_>) -> ResourceCall {
    ResourceCall {
        operation: call.text("operation").unwrap_or_default(),
        id: call.text("id").unwrap_or_default(),
        version: call.text("version").unwrap_or_default(),
        container_id: call.text("containerId"),
        body: call.text("body").unwrap_or_default(),
        metadata: call.text("metadata"),
        query: call.pairs("query"),
        fields: call.pairs("fields"),
    }
}
