//! Engine part of `AzureImageClient`.

use std::rc::Rc;

use js_sys::Math;
use wasm_bindgen::prelude::*;

use super::blob::BlobSink;
use super::convert::{Options, to_js};
use super::driver::{self, CallHandle, Work};
use super::facade::{Observer, Platform};
use super::records;
use super::settings::{self, Browser};
use crate::errors::Failure;
use crate::http::endpoint::Operation as Route;
use crate::images::generate::{GenerateImages, ImagesCall};
use crate::images::request::ImageRequest;
use crate::models::options::ServiceOptions;
use crate::operation::{Capability, Operation, Start};
use crate::settings::Settings;

/// Client.
#[wasm_bindgen]
pub struct Client {
    pub(super) settings: Rc<Settings>,
    pub(super) browser: Rc<Browser>,
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
        platform: &Platform,
    ) -> Result<Client, JsValue> {
        let (settings, browser) = settings::read(endpoint, credential, options, platform).map_err(to_record)?;
        Ok(Self { settings: Rc::new(settings), browser: Rc::new(browser) })
    }

    /// Starts a generation. `options`: the timeouts of the call, which override those of the client.
    ///
    /// # Errors
    /// The call is invalid. The error is a plain object.
    pub fn generate(&self, call: &JsValue, options: &JsValue, observer: Observer) -> Result<CallHandle, JsValue> {
        let call = read_images_call(&Options::of_record(call)).map_err(to_record)?;
        let capability = GenerateImages::new(Rc::clone(&self.settings), call, BlobSink::default).map_err(to_record)?;
        self.begin(Box::new(capability), Work { attachments: None, records: records::IMAGES }, options, observer)
    }
}

impl Client {
    /// Starts a call.
    ///
    /// # Errors
    /// A timeout is invalid. The error is a plain object.
    pub(super) fn begin(
        &self,
        capability: Box<dyn Capability<BlobSink>>,
        work: Work,
        options: &JsValue,
        observer: Observer,
    ) -> Result<CallHandle, JsValue> {
        let timeouts =
            settings::read_timeouts(Options::of_record(options), self.settings.timeouts).map_err(to_record)?;
        let start = Start {
            timeouts,
            reports_progress: observer.reports_progress(),
            started_at: observer.started_at() as u64,
            seed: (Math::random() * 9e15) as u64,
        };
        let operation = Operation::new(Rc::clone(&self.settings), capability, start);
        Ok(driver::start(operation, Rc::clone(&self.settings), Rc::clone(&self.browser), work, observer))
    }
}

/// Returns the record of an error.
#[expect(clippy::needless_pass_by_value, reason = "for map_err")]
pub fn to_record(failure: Failure) -> JsValue {
    to_js(&failure)
}

/// Reads a call of the Images API, without input files.
///
/// # Errors
/// An option has the wrong type.
pub fn read_images_call(call: &Options<'_>) -> Result<ImagesCall, Failure> {
    let is_edit = call.text("operation").as_deref() == Some("edits");
    let request = call.value("request").unwrap_or_default();
    Ok(ImagesCall {
        route: if is_edit { Route::Edits } else { Route::Generations },
        request: read_image_request(Options::of_record(&request))?,
        is_streamed: call.flag("streamed").unwrap_or_default(),
        inputs: None,
        today: call.text("today").unwrap_or_default(),
    })
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
