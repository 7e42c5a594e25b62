//! One request, up to the head of its answer.

use gloo_net::http::{Method, RequestBuilder, Response};
use js_sys::{Function, Promise};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortSignal, RequestRedirect};

use super::convert::Options;
use super::failure::Thrown;
use crate::protocol::error::{Billed, Code, Failure};

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_name = fetch, catch)]
    fn global_fetch(request: &web_sys::Request) -> Result<JsValue, JsValue>;
}

/// A request to be sent.
pub struct Outgoing<'a> {
    pub url: &'a str,
    /// Valid by the rules of `protocol::credential`.
    pub headers: &'a [(String, String)],
    pub body: JsValue,
}

/// Sends with the page's own `fetch` function, or the browser's.
pub async fn send(outgoing: Outgoing<'_>, fetch: Option<&Function>, signal: &AbortSignal) -> Result<Response, Thrown> {
    let mut builder = RequestBuilder::new(outgoing.url)
        .method(Method::POST)
        // A key must not follow a redirect to another host.
        .redirect(RequestRedirect::Error)
        .abort_signal(Some(signal));
    for (name, value) in outgoing.headers {
        builder = builder.header(name, value);
    }
    let request = builder.body(outgoing.body).map_err(|error| {
        Failure::new(Code::InvalidRequest, format!("The browser refused to make the request: {error}"))
    })?;
    // Not gloo's own `send`: it panics where a rejection is not an `Error`, which a page's abort reason need not be.
    let request = web_sys::Request::from(request);
    let promise = match fetch {
        Some(fetch) => fetch.call1(&JsValue::UNDEFINED, &request),
        None => global_fetch(&request),
    };
    let answer = match promise {
        Ok(promise) => JsFuture::from(Promise::resolve(&promise)).await,
        Err(thrown) => Err(thrown),
    };
    let answer = answer.map_err(|cause| rejected(signal, cause))?;
    // The facade has made sure that the page's own function returned one.
    Ok(Response::from(answer.unchecked_into::<web_sys::Response>()))
}

/// The page's own `fetch` returned something of no use. Whatever it sent was sent.
pub fn unusable(message: &str) -> Thrown {
    Failure { billed: Billed::Unknown, ..Failure::invalid("fetch", message) }.into()
}

/// The facade rejects with a record of its own where it had to refuse what the page's function returned.
fn rejected(signal: &AbortSignal, cause: JsValue) -> Thrown {
    match Options(&cause).text("unusable") {
        Ok(Some(message)) => unusable(&message),
        _ => lost(signal, None, cause),
    }
}

/// The connection failed, before or within an answer of which so many bytes had come; or the caller ended it.
pub fn lost(signal: &AbortSignal, received: Option<u64>, cause: JsValue) -> Thrown {
    if signal.aborted() {
        return Thrown::new(Code::Cancelled, "The call was cancelled.", cause);
    }
    let message = match received {
        None => {
            "No answer could be read. A browser does not say why; check, in this order: that the device is online; that the \
             endpoint's host is spelled right; that the service allows this page's origin (CORS; the console of the browser \
             says so), or put a proxy on the page's own origin; that nothing redirects the request. Whether the request \
             arrived, and was billed, cannot be told from here."
                .into()
        }
        Some(received) => format!(
            "The connection broke after {received} bytes of the answer. Whether the picture was billed cannot be told from \
             here. Try again; if it happens often, look for a proxy that cuts long answers off."
        ),
    };
    Thrown::new(Code::Connection, &message, cause)
}
