//! Parsing of client settings: the endpoint, the credential and the options.

use js_sys::{Array, Function, Reflect};
use wasm_bindgen::prelude::*;
use web_sys::Url;

use super::convert::{Options, describe};
use super::credential::Credential;
use super::facade::Platform;
use crate::decode::json::{self, Value};
use crate::decode::stream::{Limits, MOST_NESTING};
use crate::errors::Failure;
use crate::http::credential::{check_header, check_key_use, check_transport};
use crate::http::endpoint::{ApiVersion, Endpoint};
use crate::http::retry::RetryPolicy;
use crate::models::catalog::Catalog;
use crate::models::cost::Rates;
use crate::models::service::Service;
use crate::queue::Queue;
use crate::settings::{Settings, Timeouts, Validation};

/// Settings of a client that are JavaScript values.
pub struct Browser {
    pub credential: Credential,
    pub fetch: Option<Function>,
}

/// Maximum delay, in milliseconds. Browser timers support at most 2³¹ − 1.
const LONGEST_WAIT_MS: u32 = 2_000_000_000;

/// Reads the settings and the browser objects.
///
/// # Errors
/// An option is invalid.
pub fn read(
    endpoint: &JsValue,
    credential: &JsValue,
    options: &JsValue,
    platform: &Platform,
) -> Result<(Settings, Browser), Failure> {
    let options = Options::new(options);
    let page_origin = page_origin();
    let endpoint = read_endpoint(endpoint, options.api_version("apiVersion"), page_origin.as_deref())?;
    let scopes = options.texts("scopes").unwrap_or_else(|| Array::of1(&endpoint.default_scope().into()));
    let may_use_key = options.flag("dangerouslyAllowApiKeyInBrowser").unwrap_or_default();
    let browser =
        Browser { credential: Credential::read(credential, &scopes, platform)?, fetch: options.function("fetch") };
    let defaults = Settings::new(endpoint);
    let settings = Settings {
        deployment: options.text("deployment"),
        image_deployment: options.text("imageDeployment"),
        model: options.text("model"),
        service: read_service(&options)?,
        catalog: read_catalog(options.text("catalog"))?,
        validation: read_validation(options.text("validation").as_deref())?,
        rates: read_rates(&options),
        timeouts: timeouts(&options, defaults.timeouts),
        retries: read_retries(&options),
        queue: options.whole("maxParallelRequests").map_or(defaults.queue, Queue::new),
        extra_headers: options.pairs("extraHeaders"),
        extra_query: options.pairs("extraQuery"),
        limits: read_limits(&options),
        ..defaults
    };
    options.check()?;
    check(&settings, &browser.credential, may_use_key, page_origin.as_deref())?;
    Ok((settings, browser))
}

/// Checks that the credential is allowed for the endpoint and not also set in `extraHeaders`.
fn check(
    settings: &Settings,
    credential: &Credential,
    may_use_key: bool,
    page_origin: Option<&str>,
) -> Result<(), Failure> {
    check_transport(&settings.endpoint, page_origin)?;
    if settings.limits.max_nesting > MOST_NESTING {
        return Err(Failure::invalid("maxNesting", format!("maxNesting must be at most {MOST_NESTING}.")));
    }
    for (name, value) in &settings.extra_headers {
        check_header(name, value)?;
    }
    if settings.extra_query.iter().any(|(name, _)| name.eq_ignore_ascii_case("api-version")) {
        return Err(Failure::invalid("extraQuery", "extraQuery contains \"api-version\". Use apiVersion instead."));
    }
    let signs = |wanted: &str| settings.extra_headers.iter().any(|(name, _)| name.eq_ignore_ascii_case(wanted));
    if !matches!(credential, Credential::None) && (signs("api-key") || signs("authorization")) {
        return Err(Failure::invalid(
            "extraHeaders",
            "Both extraHeaders and credential sign requests. Pass only one of them. To sign with extraHeaders, pass \
             null as the credential.",
        ));
    }
    if matches!(credential, Credential::Key(_)) || signs("api-key") {
        check_key_use(&settings.endpoint, page_origin, may_use_key)?;
    }
    Ok(())
}

/// Reads the timeouts of a call.
///
/// # Errors
/// A timeout is not a whole number.
pub fn read_timeouts(options: Options<'_>, defaults: Timeouts) -> Result<Timeouts, Failure> {
    let timeouts = timeouts(&options, defaults);
    options.check()?;
    Ok(timeouts)
}

fn timeouts(options: &Options<'_>, defaults: Timeouts) -> Timeouts {
    Timeouts {
        answer: options.whole("timeoutInMs").unwrap_or(defaults.answer),
        idle: options.whole("idleTimeoutInMs").unwrap_or(defaults.idle),
        total: options.whole("totalTimeoutInMs").unwrap_or(defaults.total),
    }
}

fn read_limits(options: &Options<'_>) -> Limits {
    let defaults = Limits::default();
    Limits {
        max_event_bytes: options.whole("maxEventBytes").map_or(defaults.max_event_bytes, |bytes| bytes as usize),
        max_nesting: options.whole("maxNesting").map_or(defaults.max_nesting, |levels| levels as usize),
        max_image_bytes: options.whole("maxImageBytes").map_or(defaults.max_image_bytes, u64::from),
    }
}

fn read_catalog(text: Option<String>) -> Result<Catalog, Failure> {
    let Some(text) = text else { return Ok(Catalog::default()) };
    let limits = json::Limits { max_kept_bytes: 4 * 1024 * 1024, max_depth: 16 };
    let extra = Value::parse(text.as_bytes(), limits)
        .map_err(|_| Failure::invalid("catalog", "catalog must be a JSON-serializable object."))?;
    Catalog::with(&extra)
}

/// Reads the service of a client or a request.
///
/// # Errors
/// The service is unknown.
pub fn read_service(options: &Options<'_>) -> Result<Option<Service>, Failure> {
    let Some(text) = options.text("service") else { return Ok(None) };
    Service::named(&text).map(Some).ok_or_else(|| {
        let other = describe(&text.into());
        Failure::invalid("service", format!("service must be \"openai\", \"mai\" or \"flux\", not {other}."))
    })
}

fn read_validation(text: Option<&str>) -> Result<Validation, Failure> {
    Ok(match text {
        None | Some("error") => Validation::Error,
        Some("warn") => Validation::Warn,
        Some("off") => Validation::Off,
        Some(other) => {
            let other = describe(&other.into());
            let message = format!("validation must be \"error\", \"warn\" or \"off\", not {other}.");
            return Err(Failure::invalid("validation", message));
        }
    })
}

/// Reads the prices, which the facade passes in millionths of a dollar.
fn read_rates(options: &Options<'_>) -> Rates {
    let rates = options.group("rates", |rates| Rates {
        text_input: rates.whole("textInput").map(u64::from),
        image_input: rates.whole("imageInput").map(u64::from),
        output: rates.whole("output").map(u64::from),
        text_output: rates.whole("textOutput").map(u64::from),
    });
    rates.unwrap_or_default()
}

fn read_retries(options: &Options<'_>) -> RetryPolicy {
    let defaults = RetryPolicy::default();
    let policy = options.group("retryOptions", |retries| RetryPolicy {
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

/// Resolves and normalizes the endpoint URL.
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

/// Returns the origin of the page or worker, or `None` outside a browser.
fn page_origin() -> Option<String> {
    let location = Reflect::get(&js_sys::global(), &JsValue::from_str("location")).ok()?;
    Reflect::get(&location, &JsValue::from_str("origin")).ok()?.as_string()
}
