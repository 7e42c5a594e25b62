//! Sending of a request.

use gloo_net::http::{Method as GlooMethod, RequestBuilder};
use js_sys::{Function, Promise};
use wasm_bindgen::prelude::*;
use web_sys::{AbortSignal, RequestCache, RequestMode, RequestRedirect};

use super::connection::Connection;
use crate::errors::{Code, Failure};
use crate::http::message::{HttpRequest, Method};

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_name = fetch, catch)]
    fn global_fetch(request: &web_sys::Request) -> Result<JsValue, JsValue>;
}

/// Result of a `fetch` call: the promise, or the thrown value.
pub type Fetched = Result<Promise, JsValue>;

/// Sends a request with the custom `fetch` function, or with the global one.
///
/// # Errors
/// The browser refuses to construct the request.
pub fn fetch(
    request: &HttpRequest,
    body: Option<&JsValue>,
    connection: &Connection,
    fetch: Option<&Function>,
) -> Result<Fetched, Failure> {
    let signal = &connection.signal();
    // Cloudflare Workers refuse `redirect: "error"` and, before the compatibility date 2024-11-11, every value of
    // `cache`. With `manual`, a redirect is a 3xx response, which is an error.
    let built = build(request, body, signal, RequestRedirect::Error, true)
        .or_else(|_| build(request, body, signal, RequestRedirect::Manual, false));
    let built = built.map_err(|error| {
        Failure::new(Code::InvalidRequest, format!("The browser refused to create the request: {error}"))
    })?;
    // gloo's `send` panics on a rejection that is not an `Error`, such as a custom abort reason.
    let built = web_sys::Request::from(built);
    connection.keep(&built);
    let promise = match fetch {
        Some(fetch) => fetch.call1(&JsValue::UNDEFINED, &built),
        None => global_fetch(&built),
    };
    Ok(promise.map(|promise| Promise::resolve(&promise)))
}

/// Builds a request. `redirect` is ignored for opaque requests: they are unsigned and their response is not read.
fn build(
    request: &HttpRequest,
    body: Option<&JsValue>,
    signal: &AbortSignal,
    redirect: RequestRedirect,
    sets_cache: bool,
) -> Result<gloo_net::http::Request, gloo_net::Error> {
    let (mode, redirect) = if request.is_opaque {
        (RequestMode::NoCors, RequestRedirect::Follow)
    } else {
        // A key must not follow a redirect to another host.
        (RequestMode::Cors, redirect)
    };
    let method = match request.method {
        Method::Get => GlooMethod::GET,
        Method::Post => GlooMethod::POST,
        Method::Delete => GlooMethod::DELETE,
    };
    let mut builder =
        RequestBuilder::new(&request.url).method(method).mode(mode).redirect(redirect).abort_signal(Some(signal));
    // The state of a response must be current, and its images must not be cached on disk. POST responses are not
    // cached, and `NoStore` would cause an extra preflight for each POST.
    if sets_cache && request.method == Method::Get {
        builder = builder.cache(RequestCache::NoStore);
    }
    for (name, value) in &request.headers {
        builder = builder.header(name, value);
    }
    match body {
        Some(body) => builder.body(body),
        None => builder.build(),
    }
}
