//! Sending of a request.

use js_sys::{Array, Function};
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
        Method::Get => "GET",
        Method::Post => "POST",
        Method::Delete => "DELETE",
    };
    let headers: Array = request.headers.iter().map(|(name, value)| Array::of2(&name.into(), &value.into())).collect();
    let body = body.cloned().unwrap_or_default();
    connection.prepare(method, &request.url, &headers, &body, request.is_opaque)?;
    Ok(connection.send(fetch))
}
