//! What a client was told: the endpoint, the credential and the options, checked.

use std::cell::RefCell;

use js_sys::{Array, Function, Reflect};
use wasm_bindgen::prelude::*;
use web_sys::Url;

use super::convert::{Options, describe};
use super::credential::Credential;
use super::platform::Platform;
use crate::protocol::catalogue::Catalogue;
use crate::protocol::credential::{check_header, check_key_use, check_transport};
use crate::protocol::endpoint::{ApiVersion, Endpoint};
use crate::protocol::error::Failure;
use crate::protocol::estimate::Rates;
use crate::protocol::json::{self, Value};
use crate::protocol::retry::Policy;
use crate::protocol::secrets::Secrets;
use crate::protocol::stream::{Limits, MOST_NESTING};

/// The settings of a client.
pub struct Settings {
    pub endpoint: Endpoint,
    pub credential: Credential,
    pub deployment: Option<String>,
    /// The deployment of the image model with which a text model or an agent draws.
    pub image_deployment: Option<String>,
    /// The model behind the deployment.
    pub model: Option<String>,
    pub catalogue: Catalogue,
    pub validation: Validation,
    pub rates: Rates,
    pub timeouts: Timeouts,
    pub retries: Policy,
    /// How many requests of a call run at the same time.
    pub max_parallel_requests: u32,
    pub fetch: Option<Function>,
    pub extra_headers: Vec<(String, String)>,
    pub extra_query: Vec<(String, String)>,
    pub limits: Limits,
    pub platform: Platform,
    /// The text models and agents whose responses the service refused to stream.
    unstreamed: RefCell<Vec<String>>,
}

/// How long to wait, in milliseconds; 0: for ever.
#[derive(Debug, Clone, Copy)]
pub struct Timeouts {
    /// For the token, and for the answer to begin.
    pub answer: u32,
    /// For more of the answer.
    pub idle: u32,
}

/// The longest that a service was seen to take is 394 seconds; a call that is given up may be billed all the same.
const TIMEOUT_MS: u32 = 600_000;
/// A browser's timers take no more than 2³¹ − 1 milliseconds.
const LONGEST_WAIT_MS: u32 = 2_000_000_000;
/// Browsers open six connections to a host over HTTP/1.1; others may need some too.
const MAX_PARALLEL_REQUESTS: u32 = 4;

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
    /// Whether the service may stream the responses of this text model or agent.
    pub fn may_stream(&self, answerer: &str) -> bool {
        !self.unstreamed.borrow().iter().any(|other| other == answerer)
    }

    /// The service refused it.
    pub fn remember_unstreamed(&self, answerer: &str) {
        self.unstreamed.borrow_mut().push(answerer.into());
    }

    /// What the page's own headers and query parameters hold that is not to be repeated.
    pub fn secrets(&self) -> Secrets {
        let mut secrets = Secrets::default();
        for (name, value) in self.extra_headers.iter().chain(&self.extra_query) {
            secrets.add_value(name, value);
        }
        secrets
    }

    pub fn read(
        endpoint: &JsValue,
        credential: &JsValue,
        options: &JsValue,
        platform: Platform,
    ) -> Result<Self, Failure> {
        let options = Options::new(options);
        let page_origin = page_origin();
        let endpoint = read_endpoint(endpoint, options.api_version("apiVersion"), page_origin.as_deref())?;
        let scopes = options.texts("scopes").unwrap_or_else(|| Array::of1(&endpoint.default_scope().into()));
        let may_use_key = options.flag("dangerouslyAllowApiKeyInBrowser").unwrap_or_default();
        // Of a whole call, and so for the facade to keep.
        options.whole("totalTimeout");
        let defaults = Limits::default();
        let settings = Self {
            credential: Credential::read(credential, &scopes, &platform)?,
            deployment: options.text("deployment"),
            image_deployment: options.text("imageDeployment"),
            model: options.text("model"),
            catalogue: read_catalogue(options.text("catalogue"))?,
            validation: read_validation(options.text("validation").as_deref())?,
            rates: read_rates(&options),
            timeouts: Timeouts {
                answer: options.whole("timeout").unwrap_or(TIMEOUT_MS),
                idle: options.whole("idleTimeout").unwrap_or(TIMEOUT_MS),
            },
            retries: read_retries(&options),
            max_parallel_requests: options.whole("maxParallelRequests").unwrap_or(MAX_PARALLEL_REQUESTS).max(1),
            endpoint,
            fetch: options.function("fetch"),
            extra_headers: options.pairs("extraHeaders"),
            extra_query: options.pairs("extraQuery"),
            limits: Limits {
                max_event_bytes: options
                    .whole("maxEventBytes")
                    .map_or(defaults.max_event_bytes, |bytes| bytes as usize),
                max_nesting: options.whole("maxNesting").map_or(defaults.max_nesting, |levels| levels as usize),
                max_picture_bytes: options.whole("maxPictureBytes").map_or(defaults.max_picture_bytes, u64::from),
            },
            platform,
            unstreamed: RefCell::default(),
        };
        options.check()?;
        settings.check(may_use_key, page_origin.as_deref())?;
        Ok(settings)
    }

    /// Whether the credential may go where it is to go, and stands in one place.
    fn check(&self, may_use_key: bool, page_origin: Option<&str>) -> Result<(), Failure> {
        check_transport(&self.endpoint, page_origin)?;
        if self.limits.max_nesting > MOST_NESTING {
            return Err(Failure::invalid("maxNesting", format!("maxNesting must be {MOST_NESTING} at most.")));
        }
        for (name, value) in &self.extra_headers {
            check_header(name, value)?;
        }
        if self.extra_query.iter().any(|(name, _)| name.eq_ignore_ascii_case("api-version")) {
            return Err(Failure::invalid("extraQuery", "extraQuery has \"api-version\". Pass it as apiVersion."));
        }
        let signs = |wanted: &str| self.extra_headers.iter().any(|(name, _)| name.eq_ignore_ascii_case(wanted));
        if !matches!(self.credential, Credential::None) && (signs("api-key") || signs("authorization")) {
            return Err(Failure::invalid(
                "extraHeaders",
                "extraHeaders has a header that signs requests, and so does the credential. Pass one of them; null as the \
                 credential leaves it to extraHeaders.",
            ));
        }
        if matches!(self.credential, Credential::Key(_)) || signs("api-key") {
            check_key_use(&self.endpoint, page_origin, may_use_key)?;
        }
        Ok(())
    }
}

fn read_catalogue(text: Option<String>) -> Result<Catalogue, Failure> {
    let Some(text) = text else { return Ok(Catalogue::default()) };
    let limits = json::Limits { max_kept_bytes: 4 * 1024 * 1024, max_depth: 16 };
    let extra = Value::parse(text.as_bytes(), limits)
        .map_err(|_| Failure::invalid("catalogue", "catalogue must be an object that JSON can hold."))?;
    Catalogue::with(&extra)
}

fn read_validation(text: Option<&str>) -> Result<Validation, Failure> {
    Ok(match text {
        None | Some("error") => Validation::Error,
        Some("warn") => Validation::Warn,
        Some("off") => Validation::Off,
        Some(other) => {
            let other = describe(&other.into());
            let message = format!("validation must be \"error\", \"warn\" or \"off\"; it is {other}.");
            return Err(Failure::invalid("validation", message));
        }
    })
}

/// Millionths of a dollar, as the facade has made them.
fn read_rates(options: &Options<'_>) -> Rates {
    let rates = options.group("rates", |rates| Rates {
        text_input: rates.whole("textInput").map(u64::from),
        image_input: rates.whole("imageInput").map(u64::from),
        output: rates.whole("output").map(u64::from),
        text_output: rates.whole("textOutput").map(u64::from),
    });
    rates.unwrap_or_default()
}

fn read_retries(options: &Options<'_>) -> Policy {
    let defaults = Policy::default();
    let policy = options.group("retryOptions", |retries| Policy {
        max_retries: retries.whole("maxRetries").unwrap_or(defaults.max_retries),
        retry_delay_ms: retries.whole("retryDelayInMs").unwrap_or(defaults.retry_delay_ms),
        max_retry_delay_ms: retries
            .whole("maxRetryDelayInMs")
            .unwrap_or(defaults.max_retry_delay_ms)
            .min(LONGEST_WAIT_MS),
        retry_unknown_outcome: retries.flag("retryUnknownOutcome").unwrap_or_default(),
    });
    policy.unwrap_or_default()
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
