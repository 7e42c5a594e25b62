//! Sending of a request.

use gloo_net::http::{Headers, Method as GlooMethod};
use js_sys::Function;
use wasm_bindgen::prelude::*;

use super::connection::{Connection, Sending};
use crate::http::message::{HttpRequest, Method};

/// Sends a request with the custom `fetch` function, or with the global one.
///
/// # Errors
/// The browser refuses to construct the request.
pub fn fetch(
    request: &HttpRequest,
    body: Option<&JsValue>,
    connection: &Connection,
    fetch: Option<&Function>,
) -> Result<Sending, JsValue> {
    let method = match request.method {
        Method::Get => GlooMethod::GET,
        Method::Post => GlooMethod::POST,
        Method::Delete => GlooMethod::DELETE,
    };
    let headers = Headers::new();
    for (name, value) in &request.headers {
        headers.append(name, value);
    }
    let body = body.cloned().unwrap_or_default();
    // The facade creates the request, because the browser also reads options that a page adds to `Object.prototype`.
    connection.prepare(method.as_str(), &request.url, &headers.into_raw(), &body, request.is_opaque)?;
    Ok(connection.send(fetch))
}
