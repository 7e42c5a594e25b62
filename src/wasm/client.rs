//! Engine part of `AzureImageClient`.

use std::rc::Rc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use js_sys::{Math, Reflect};
use wasm_bindgen::prelude::*;
use web_sys::Blob;

use super::attachments::{Attachments, no_storage};
use super::blob::{self, BlobSink};
use super::convert::{Options, to_js};
use super::driver::{self, CallHandle};
use super::facade::{Observer, Platform};
use super::settings::{self, Browser};
use super::timer::now;
use crate::errors::Failure;
use crate::foundry::resource::{ResourceCall, ResourceRequest};
use crate::http::endpoint::Operation as Route;
use crate::images::generate::{GenerateImages, ImagesCall};
use crate::images::input::{FileInspector, Purpose};
use crate::images::request::ImageRequest;
use crate::models::options::ServiceOptions;
use crate::operation::{Capability, Operation, Start};
use crate::probe::Probe;
use crate::responses::create::{CreateResponse, ResponseCall};
use crate::responses::image_tool::{ImageTool, Mask};
use crate::responses::job::Delivery;
use crate::responses::request::{AgentReference, ImageToolUse, ResponseRequest};
use crate::responses::retrieve::RetrieveResponse;
use crate::settings::Settings;

/// Client.
#[wasm_bindgen]
pub struct Client {
    settings: Rc<Settings>,
    browser: Rc<Browser>,
}

impl std::fmt::Debug for Client {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Client").finish_non_exhaustive()
    }
}

#[wasm_bindgen]
impl Client {
    /// Creates a client. `platform` provides functions of the facade.
    ///
    /// # Errors
    /// An option is invalid. The error is a plain object.
    #[wasm_bindgen(constructor)]
    pub fn new(
        endpoint: &JsValue,
        credential: &JsValue,
        options: &JsValue,
        platform: Platform,
    ) -> Result<Client, JsValue> {
        let (settings, browser) = settings::read(endpoint, credential, options, platform).map_err(to_record)?;
        Ok(Self { settings: Rc::new(settings), browser: Rc::new(browser) })
    }

    /// Returns the parsed endpoint.
    #[wasm_bindgen(js_name = describeEndpoint)]
    pub fn describe_endpoint(&self) -> JsValue {
        to_js(&self.settings.endpoint.describe())
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
        blob::of_bytes(STANDARD.encode(bytes).as_bytes()).map_err(|_| to_record(no_storage()))
    }

    /// Returns the problems of a request to the Images API.
    ///
    /// # Errors
    /// An option has the wrong type. The error is a plain object.
    pub fn validate(&self, call: &JsValue) -> Result<JsValue, JsValue> {
        let (call, _) = read_images_call(&Options::new(call)).map_err(to_record)?;
        Ok(to_js(&call.problems(&self.settings)))
    }

    /// Returns the estimated cost of a request to the Images API, in millionths of a dollar.
    ///
    /// # Errors
    /// An option has the wrong type. The error is a plain object.
    pub fn estimate(&self, call: &JsValue) -> Result<JsValue, JsValue> {
        let (call, _) = read_images_call(&Options::new(call)).map_err(to_record)?;
        Ok(to_js(&call.estimate(&self.settings)))
    }

    /// Returns true if the request contains the input images as base64, which the facade has to prepare.
    ///
    /// # Errors
    /// The call is invalid. The error is a plain object.
    #[wasm_bindgen(js_name = embedsImages)]
    pub fn embeds_images(&self, call: &JsValue) -> Result<bool, JsValue> {
        let (call, _) = read_images_call(&Options::new(call)).map_err(to_record)?;
        let embeds_images = call.embeds_images(&self.settings);
        if embeds_images {
            // An invalid call must not encode its images first.
            self.settings.check(|| call.problems(&self.settings)).map_err(to_record)?;
        }
        Ok(embeds_images)
    }

    /// Starts a call. `kind` is `images`, `response`, `follow`, `retrieve`, `resource` or `probe`.
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
        let (capability, attachments) = self.capability(kind, &Options::new(call)).map_err(to_record)?;
        let timeouts = settings::read_timeouts(Options::new(options), self.settings.timeouts).map_err(to_record)?;
        let start = Start {
            timeouts,
            reports_progress: observer.reports_progress(),
            started_at: observer.started_at() as u64,
            seed: (Math::random() * 9e15) as u64,
        };
        let operation = Operation::new(Rc::clone(&self.settings), capability, start);
        Ok(driver::start(operation, Rc::clone(&self.settings), Rc::clone(&self.browser), attachments, observer))
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

type Work = (Box<dyn Capability<BlobSink>>, Attachments);

impl Client {
    fn capability(&self, kind: &str, call: &Options<'_>) -> Result<Work, Failure> {
        let settings = Rc::clone(&self.settings);
        let sink = BlobSink::default;
        Ok(match kind {
            "images" => {
                let (call, attachments) = read_images_call(call)?;
                (Box::new(GenerateImages::new(settings, call, sink)?), attachments)
            }
            "response" => {
                let (call, attachments) = read_response_call(call)?;
                (Box::new(CreateResponse::new(settings, call, now(), sink)?), attachments)
            }
            "follow" => {
                let id = call.text("id").unwrap_or_default();
                let after = call.value("startingAfter").and_then(|number| number.as_f64()).map(|number| number as u64);
                (Box::new(CreateResponse::follow(settings, &id, after, now(), sink)), Attachments::None)
            }
            "retrieve" => {
                let id = call.text("id").unwrap_or_default();
                let cancels = call.flag("cancels").unwrap_or_default();
                (Box::new(RetrieveResponse::new(settings, id, cancels, sink)), Attachments::None)
            }
            "resource" => {
                let attachments = Attachments::file(call);
                (Box::new(ResourceRequest::new(&settings, read_resource_call(call), sink)?), attachments)
            }
            _ => (Box::new(Probe::new(settings, is_online())), Attachments::None),
        })
    }
}

#[expect(clippy::needless_pass_by_value, reason = "for map_err")]
fn to_record(failure: Failure) -> JsValue {
    to_js(&failure)
}

/// Returns the network state that the device reports. The default is online.
fn is_online() -> bool {
    let navigator = Reflect::get(&js_sys::global(), &JsValue::from_str("navigator")).unwrap_or_default();
    Reflect::get(&navigator, &JsValue::from_str("onLine")).ok().and_then(|online| online.as_bool()).unwrap_or(true)
}

fn read_images_call(call: &Options<'_>) -> Result<(ImagesCall, Attachments), Failure> {
    let attachments = Attachments::edit(call);
    let (images, mask) = attachments.inputs();
    let is_edit = call.text("operation").as_deref() == Some("edits");
    let request = call.value("request").unwrap_or_default();
    let images_call = ImagesCall {
        route: if is_edit { Route::Edits } else { Route::Generations },
        request: read_image_request(Options::new(&request))?,
        is_streamed: call.flag("streamed").unwrap_or_default(),
        images,
        mask,
        today: call.text("today").unwrap_or_default(),
    };
    Ok((images_call, attachments))
}

fn read_image_request(options: Options<'_>) -> Result<ImageRequest, Failure> {
    let request = ImageRequest {
        prompt: options.text("prompt").unwrap_or_default(),
        deployment: options.text("deployment"),
        model: options.text("model"),
        service: settings::read_service(&options)?,
        n: options.whole("n"),
        size: options.text("size"),
        quality: options.text("quality"),
        background: options.text("background"),
        output_format: options.text("outputFormat"),
        output_compression: options.whole("outputCompression"),
        moderation: options.text("moderation"),
        response_format: options.text("responseFormat"),
        style: options.text("style"),
        input_fidelity: options.text("inputFidelity"),
        user: options.text("user"),
        partial_images: options.whole("partialImages"),
        options: ServiceOptions {
            aspect_ratio: options.text("aspectRatio"),
            auto_aspect_ratio: options.flag("autoAspectRatio"),
            guidance: options.thousandths("guidance"),
            prompt_upsampling: options.flag("promptUpsampling"),
            safety_tolerance: options.whole("safetyTolerance"),
            seed: options.whole("seed"),
            steps: options.whole("steps"),
            web_grounding: options.flag("webGrounding"),
        },
        extra_body: options.text("extraBody"),
    };
    options.check()?;
    Ok(request)
}

fn read_response_call(call: &Options<'_>) -> Result<(ResponseCall, Attachments), Failure> {
    let attachments = Attachments::embedded(call);
    let images = match &attachments {
        Attachments::Embedded(images) => images.iter().map(|image| (image.param.clone(), image.input)).collect(),
        _ => Vec::new(),
    };
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
    Ok((ResponseCall { request, image_deployment, delivery, images, today }, attachments))
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
