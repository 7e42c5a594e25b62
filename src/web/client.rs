//! A client: where requests go, how they are signed, and the calls.

use std::rc::Rc;

use gloo_net::http::Response;
use js_sys::{Array, Function, Object, Reflect};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::future_to_promise;
use web_sys::{AbortSignal, Url};

use super::blob::{BlobSink, Picture};
use super::body::Body;
use super::convert::{self, Options};
use super::credential::Credential;
use super::failure::Thrown;
use super::fetch::{self, Outgoing};
use crate::protocol::credential::{check_header, check_key_use, check_transport};
use crate::protocol::endpoint::{ApiVersion, Endpoint};
use crate::protocol::error::{Billed, Code, Failure};
use crate::protocol::images::{AnswerReader, Event, Image};
use crate::protocol::request::{GenerateRequest, Prepared};
use crate::protocol::retry;
use crate::protocol::stream::Limits;

/// Far more than the body of any error.
const MAX_ERROR_BYTES: usize = 256 * 1024;
/// The audience that Azure's pages name for a resource.
const RESOURCE_SCOPE: &str = "https://cognitiveservices.azure.com/.default";

/// What the facade's `AzureImageClient` stands on.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Client {
    settings: Rc<Settings>,
}

struct Settings {
    endpoint: Endpoint,
    credential: Credential,
    deployment: Option<String>,
    scopes: Array,
    fetch: Option<Function>,
    extra_headers: Vec<(String, String)>,
    extra_query: Vec<(String, String)>,
    limits: Limits,
    pause: Function,
}

impl std::fmt::Debug for Settings {
    /// Only what is no secret.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Settings").field("endpoint", &self.endpoint).finish_non_exhaustive()
    }
}

#[wasm_bindgen]
impl Client {
    /// `pause`: a function that returns a promise of the moment when the page has done what it had to do.
    ///
    /// # Errors
    /// An option that cannot be right, as a plain record.
    #[wasm_bindgen(constructor)]
    pub fn new(
        endpoint: &JsValue,
        credential: &JsValue,
        options: &JsValue,
        pause: Function,
    ) -> Result<Client, JsValue> {
        Settings::read(endpoint, credential, &Options(options), pause)
            .map(|settings| Client { settings: Rc::new(settings) })
            .map_err(|failure| Thrown::from(failure).into())
    }

    /// Makes pictures. Calls `on_image` with a record for each preview and picture as it is complete, and `on_progress`
    /// with a stage and the bytes received so far. The promise is for what is known at the end, or rejects with a record.
    pub fn generate(
        &self,
        request: JsValue,
        streamed: bool,
        signal: AbortSignal,
        on_image: Function,
        on_progress: Option<Function>,
    ) -> js_sys::Promise {
        let settings = Rc::clone(&self.settings);
        future_to_promise(async move {
            let request = read_request(&Options(&request)).map_err(Thrown::from)?;
            let call = Call { settings: &settings, signal: &signal, on_image, on_progress };
            Ok(call.generate(&request, streamed).await?)
        })
    }
}

impl Settings {
    fn read(endpoint: &JsValue, credential: &JsValue, options: &Options<'_>, pause: Function) -> Result<Self, Failure> {
        let page_origin = page_origin();
        let endpoint = read_endpoint(endpoint, options.api_version("apiVersion")?, page_origin.as_deref())?;
        let credential = Credential::read(credential)?;
        check_transport(&endpoint, page_origin.as_deref())?;
        if matches!(credential, Credential::Key(_)) {
            check_key_use(&endpoint, page_origin.as_deref(), options.flag("dangerouslyAllowApiKeyInBrowser")?)?;
        }
        let extra_headers = options.pairs("extraHeaders")?;
        for (name, value) in &extra_headers {
            check_header(name, value)?;
        }
        let defaults = Limits::default();
        Ok(Self {
            endpoint,
            credential,
            deployment: options.text("deployment")?,
            scopes: options.texts("scopes")?.unwrap_or_else(|| Array::of1(&JsValue::from_str(RESOURCE_SCOPE))),
            fetch: options.function("fetch")?,
            extra_headers,
            extra_query: options.pairs("extraQuery")?,
            limits: Limits {
                max_event_bytes: options
                    .whole("maxEventBytes")?
                    .map_or(defaults.max_event_bytes, |bytes| bytes as usize),
                max_picture_bytes: options.whole("maxPictureBytes")?.map_or(defaults.max_picture_bytes, u64::from),
            },
            pause,
        })
    }
}

/// One call, with what it reports to.
struct Call<'a> {
    settings: &'a Settings,
    signal: &'a AbortSignal,
    on_image: Function,
    on_progress: Option<Function>,
}

impl Call<'_> {
    async fn generate(&self, request: &GenerateRequest, streamed: bool) -> Result<JsValue, Thrown> {
        let settings = self.settings;
        let prepared =
            request.prepare(&settings.endpoint, settings.deployment.as_deref(), &settings.extra_query, streamed)?;
        let response = self.send(&prepared).await?;
        let request_id = request_id(&response);
        let summary = self.receive(&response, &prepared).await;
        let named = |record: JsValue| {
            if let Some(id) = &request_id {
                let _ = Reflect::set(&record, &JsValue::from_str("requestId"), &JsValue::from_str(id));
            }
            record
        };
        match summary {
            Ok(summary) => Ok(named(summary)),
            Err(mut thrown) => {
                thrown.failure.request_id = thrown.failure.request_id.or(request_id);
                Err(thrown)
            }
        }
    }

    async fn send(&self, prepared: &Prepared) -> Result<Response, Thrown> {
        let settings = self.settings;
        let mut headers = vec![("content-type".to_owned(), "application/json".to_owned())];
        self.progress("authenticating", 0);
        if let Some((name, value)) = settings.credential.header(&settings.scopes, self.signal).await? {
            headers.push((name.into(), value));
        }
        headers.extend(settings.extra_headers.iter().cloned());
        if self.signal.aborted() {
            let nothing_sent = Failure { billed: Billed::No, ..cancelled() };
            return Err(nothing_sent.into());
        }
        self.progress("waiting", 0);
        let outgoing = Outgoing { url: &prepared.url, headers: &headers, body: &prepared.body };
        fetch::send(outgoing, settings.fetch.as_ref(), self.signal).await
    }

    async fn receive(&self, response: &Response, prepared: &Prepared) -> Result<JsValue, Thrown> {
        let mut body = Body::new(response, self.signal, &self.settings.pause)?;
        if !response.ok() {
            let text = body.read_all(MAX_ERROR_BYTES).await.unwrap_or_default();
            let headers = response.headers();
            let (retry_after_ms, retry_after) = (headers.get("retry-after-ms"), headers.get("retry-after"));
            let headers =
                retry::Headers { retry_after_ms: retry_after_ms.as_deref(), retry_after: retry_after.as_deref() };
            return Err(Failure::from_answer(response.status(), &text, headers).into());
        }
        let mut reader = AnswerReader::new(BlobSink::default(), self.settings.limits, prepared.expected);
        let mut storage_full = false;
        let mut report = |event: Event<Option<Picture>>| {
            let (kind, index, Image { picture, revised_prompt }) = match event {
                Event::PartialImage { index, image } => ("partialImage", Some(index), image),
                Event::Image(image) => ("image", None, image),
            };
            match picture {
                Some(picture) => self.image(kind, index, &picture, revised_prompt.as_deref()),
                None => storage_full = true,
            }
        };
        self.progress("receiving", 0);
        while let Some(bytes) = body.next().await? {
            reader.push(bytes, &mut report)?;
            self.progress("receiving", body.received());
            if reader.is_complete() {
                break;
            }
        }
        let summary = reader.finish(&mut report)?;
        body.finish();
        if storage_full {
            return Err(Failure::new(
                Code::TooLarge,
                "The browser has no room left for the picture. Free some: dispose of pictures that are not shown any more.",
            )
            .into());
        }
        Ok(convert::to_js(&summary))
    }

    fn progress(&self, stage: &str, received: u64) {
        if let Some(on_progress) = &self.on_progress {
            // The facade's function does not throw.
            let _ =
                on_progress.call2(&JsValue::UNDEFINED, &JsValue::from_str(stage), &JsValue::from_f64(received as f64));
        }
    }

    fn image(&self, kind: &str, index: Option<u64>, picture: &Picture, revised_prompt: Option<&str>) {
        let record = Object::new();
        let set = |name: &str, value: JsValue| {
            // Setting a member of a plain object cannot fail.
            let _ = Reflect::set(&record, &JsValue::from_str(name), &value);
        };
        set("kind", kind.into());
        if let Some(index) = index {
            set("index", JsValue::from_f64(index as f64));
        }
        set("blob", picture.blob.clone().into());
        set("mediaType", picture.media_type.into());
        set("byteLength", JsValue::from_f64(picture.byte_length as f64));
        if let Some(header) = picture.header {
            set("width", header.width.into());
            set("height", header.height.into());
        }
        if let Some(revised_prompt) = revised_prompt {
            set("revisedPrompt", revised_prompt.into());
        }
        // The facade's function does not throw.
        let _ = self.on_image.call1(&JsValue::UNDEFINED, &record);
    }
}

fn cancelled() -> Failure {
    Failure::new(Code::Cancelled, "The call was cancelled.")
}

/// The service's name for a request, where the browser may see it.
fn request_id(response: &Response) -> Option<String> {
    let headers = response.headers();
    ["apim-request-id", "x-request-id", "x-ms-request-id"].iter().find_map(|name| headers.get(name))
}

fn read_request(options: &Options<'_>) -> Result<GenerateRequest, Failure> {
    if !options.0.is_object() {
        return Err(Failure::invalid(
            "request",
            "The request must be an object, such as { prompt: \"a lighthouse at dawn\" }.",
        ));
    }
    Ok(GenerateRequest {
        prompt: options.text("prompt")?.unwrap_or_default(),
        deployment: options.text("deployment")?,
        n: options.whole("n")?,
        size: options.text("size")?,
        quality: options.text("quality")?,
        background: options.text("background")?,
        output_format: options.text("outputFormat")?,
        output_compression: options.whole("outputCompression")?,
        moderation: options.text("moderation")?,
        user: options.text("user")?,
        partial_images: options.whole("partialImages")?,
        extra_body: options.json("extraBody")?,
    })
}

/// Makes the endpoint absolute, and its spelling the browser's.
fn read_endpoint(endpoint: &JsValue, api_version: ApiVersion, page_origin: Option<&str>) -> Result<Endpoint, Failure> {
    let text = endpoint.as_string().unwrap_or_default();
    let text = text.trim();
    let absolute = match page_origin {
        Some(origin) if text.starts_with('/') && !text.starts_with("//") => format!("{origin}{text}"),
        _ => text.to_owned(),
    };
    let url = Url::new(&absolute).map_err(|_| Endpoint::unreadable(text))?;
    Endpoint::parse(&url.href(), api_version)
}

/// Where the page or worker comes from; `None` outside of a browser.
fn page_origin() -> Option<String> {
    let location = Reflect::get(&js_sys::global(), &JsValue::from_str("location")).ok()?;
    Reflect::get(&location, &JsValue::from_str("origin")).ok()?.as_string()
}
