//! What a client was told: the endpoint, the credential and the options, checked.

use js_sys::{Array, Function, Reflect};
use wasm_bindgen::prelude::*;
use web_sys::Url;

use super::convert::Options;
use super::credential::Credential;
use crate::protocol::catalogue::Catalogue;
use crate::protocol::credential::{check_header, check_key_use, check_transport};
use crate::protocol::endpoint::{ApiVersion, Endpoint};
use crate::protocol::error::Failure;
use crate::protocol::estimate::Rates;
use crate::protocol::json::{self, Value};
use crate::protocol::stream::Limits;

/// The settings of a client.
pub struct Settings {
    pub endpoint: Endpoint,
    pub credential: Credential,
    pub deployment: Option<String>,
    /// The model behind the deployment.
    pub model: Option<String>,
    pub catalogue: Catalogue,
    pub validation: Validation,
    pub rates: Rates,
    pub scopes: Array,
    pub fetch: Option<Function>,
    pub extra_headers: Vec<(String, String)>,
    pub extra_query: Vec<(String, String)>,
    pub limits: Limits,
    /// Waits until the page has done what it had to do.
    pub pause: Function,
}

/// What becomes of a request that cannot work by the catalogue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Validation {
    Error,
    Warn,
    Off,
}

impl std::fmt::Debug for Settings {
    /// Only what is no secret.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Settings").field("endpoint", &self.endpoint).finish_non_exhaustive()
    }
}

impl Settings {
    pub fn read(endpoint: &JsValue, credential: &JsValue, options: &JsValue, pause: Function) -> Result<Self, Failure> {
        let options = Options(options);
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
        let extra_query = options.pairs("extraQuery")?;
        if extra_query.iter().any(|(name, _)| name.eq_ignore_ascii_case("api-version")) {
            return Err(Failure::invalid("extraQuery", "extraQuery has \"api-version\". Pass it as apiVersion."));
        }
        let defaults = Limits::default();
        Ok(Self {
            credential,
            deployment: options.text("deployment")?,
            model: options.text("model")?,
            catalogue: read_catalogue(options.text("catalogue")?)?,
            validation: match options.text("validation")?.as_deref() {
                None | Some("error") => Validation::Error,
                Some("warn") => Validation::Warn,
                Some("off") => Validation::Off,
                Some(other) => {
                    let message = format!("validation must be \"error\", \"warn\" or \"off\"; it is \"{other}\".");
                    return Err(Failure::invalid("validation", message));
                }
            },
            rates: read_rates(&options)?,
            scopes: options.texts("scopes")?.unwrap_or_else(|| Array::of1(&endpoint.default_scope().into())),
            endpoint,
            fetch: options.function("fetch")?,
            extra_headers,
            extra_query,
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

fn read_catalogue(text: Option<String>) -> Result<Catalogue, Failure> {
    let Some(text) = text else { return Ok(Catalogue::default()) };
    let limits = json::Limits { max_kept_bytes: 4 * 1024 * 1024, max_depth: 16 };
    let extra = Value::parse(text.as_bytes(), limits)
        .map_err(|_| Failure::invalid("catalogue", "catalogue must be an object that JSON can hold."))?;
    Catalogue::with(&extra)
}

/// Millionths of a dollar, as the facade has made them.
fn read_rates(options: &Options<'_>) -> Result<Rates, Failure> {
    let Some(rates) = options.value("rates") else { return Ok(Rates::default()) };
    let rates = Options(&rates);
    Ok(Rates {
        text_input: rates.whole("textInput")?.map(u64::from),
        image_input: rates.whole("imageInput")?.map(u64::from),
        output: rates.whole("output")?.map(u64::from),
        text_output: rates.whole("textOutput")?.map(u64::from),
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
