//! One request, up to the head of its answer.

use gloo_net::http::{Method, RequestBuilder, Response};
use js_sys::{Function, Promise};
use wasm_bindgen::prelude::*;
use web_sys::{AbortSignal, RequestCache, RequestMode, RequestRedirect};

use super::convert::Options;
use super::failure::Thrown;
use super::platform::Attempt;
use crate::protocol::error::{Billed, Code, Failure};

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_name = fetch, catch)]
    fn global_fetch(request: &web_sys::Request) -> Result<JsValue, JsValue>;
}

/// A request to be sent.
pub struct Outgoing<'a> {
    pub method: Method,
    pub url: &'a str,
    /// Valid by the rules of `protocol::credential`.
    pub headers: &'a [(String, String)],
    pub body: Option<JsValue>,
    /// `NoCors` for an answer that is not to be read.
    pub mode: RequestMode,
}

/// Sends with the page's own `fetch` function, or the browser's. Calls `sent` when that is done and the answer is waited for.
pub async fn send(
    outgoing: Outgoing<'_>,
    fetch: Option<&Function>,
    attempt: &Attempt,
    sent: impl FnOnce(),
) -> Result<Response, Thrown> {
    let signal = attempt.signal();
    // Cloudflare Workers refuse `redirect: "error"` and, before the compatibility date 2024-11-11, every value of `cache`.
    // A redirect that a Worker does not follow is a response with a status of 3xx, and an error.
    let request = build(&outgoing, &signal, RequestRedirect::Error, true)
        .or_else(|_| build(&outgoing, &signal, RequestRedirect::Manual, false));
    let request = request.map_err(|error| {
        Failure::new(Code::InvalidRequest, format!("The browser refused to make the request: {error}"))
    })?;
    // Not gloo's own `send`: it panics where a rejection is not an `Error`, which a page's abort reason need not be.
    let request = web_sys::Request::from(request);
    let promise = match fetch {
        Some(fetch) => fetch.call1(&JsValue::UNDEFINED, &request),
        None => global_fetch(&request),
    };
    sent();
    let answer = match promise {
        Ok(promise) => attempt.race(&Promise::resolve(&promise)).await,
        Err(thrown) => Err(thrown),
    };
    let answer = answer.map_err(|cause| rejected(attempt, cause))?;
    // The facade has made sure that the page's own function returned one.
    Ok(Response::from(answer.unchecked_into::<web_sys::Response>()))
}

/// Builds the request. `redirect`: for a response that is read; one that is not read can disclose nothing.
fn build(
    outgoing: &Outgoing<'_>,
    signal: &AbortSignal,
    redirect: RequestRedirect,
    sets_cache: bool,
) -> Result<gloo_net::http::Request, gloo_net::Error> {
    let mut builder = RequestBuilder::new(outgoing.url)
        .method(outgoing.method.clone())
        .mode(outgoing.mode)
        .abort_signal(Some(signal));
    // A key must not follow a redirect to another host.
    builder = builder.redirect(if outgoing.mode == RequestMode::NoCors { RequestRedirect::Follow } else { redirect });
    // The state of a response must be current, and its images must not stay on a disk. No cache answers a POST, and with
    // `NoStore` a browser would send another preflight for each.
    if sets_cache && outgoing.method == Method::GET {
        builder = builder.cache(RequestCache::NoStore);
    }
    for (name, value) in outgoing.headers {
        builder = builder.header(name, value);
    }
    match &outgoing.body {
        Some(body) => builder.body(body),
        None => builder.build(),
    }
}

/// The page's own `fetch` returned something of no use. Whatever it sent was sent.
pub fn unusable(message: &str) -> Thrown {
    Failure::invalid("fetch", message).with(|details| details.billed = Billed::Unknown).into()
}

/// The facade rejects with a record of its own where it had to refuse what the page's function returned.
fn rejected(attempt: &Attempt, cause: JsValue) -> Thrown {
    match Options::new(&cause).text("unusable") {
        Some(message) => unusable(&message),
        None => lost(attempt, None, cause),
    }
}

/// The connection failed, before or within an answer of which so many bytes had come; or the attempt was over.
pub fn lost(attempt: &Attempt, received: Option<u64>, cause: JsValue) -> Thrown {
    match attempt.over(received.unwrap_or_default()) {
        Some(failure) => Thrown { failure, cause: Some(cause) },
        None => Thrown { failure: Failure::lost(received), cause: Some(cause) },
    }
}
