//! Connection of a request.

use js_sys::{Date, Function};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::AbortSignal;

use super::convert::Options;
use super::facade::{Handle, Observer};
use crate::errors::{Billed, Failure};
use crate::http::message::Head;

/// Connection that is closed when dropped.
pub struct Connection {
    handle: Handle,
    is_open: bool,
}

/// Result of a read.
pub enum Arrival {
    /// The facade wakes the driver when there is more.
    Pending,
    Bytes(usize),
    End,
    Broken(Broken),
}

/// Error of sending or reading.
pub enum Broken {
    /// The connection failed. Contains the cause.
    Lost(JsValue),
    /// The `fetch` function returned an unusable response.
    Unusable(Failure),
}

impl From<JsValue> for Broken {
    fn from(cause: JsValue) -> Self {
        let Some(message) = Options::new(&cause).text("unusable") else { return Self::Lost(cause) };
        // The request may have been sent.
        Self::Unusable(Failure::invalid("fetch", message).with(|details| details.billed = Billed::Unknown))
    }
}

/// Request that was sent.
pub struct Sending(JsFuture);

impl Sending {
    /// Waits for the head of the response.
    ///
    /// # Errors
    /// No usable response arrives.
    pub async fn head(self) -> Result<Head, Broken> {
        Ok(head(&self.0.await?.as_string().unwrap_or_default()))
    }
}

impl Connection {
    /// Opens a connection. `may_be_billed` is true if the request can be billed.
    pub fn open(observer: &Observer, may_be_billed: bool) -> Self {
        Self { handle: observer.connect(may_be_billed), is_open: true }
    }

    /// Returns the signal that is aborted when the connection is closed.
    pub fn signal(&self) -> AbortSignal {
        self.handle.signal()
    }

    /// Creates the request. `body` may be undefined.
    ///
    /// # Errors
    /// The browser refuses to create it.
    pub fn prepare(
        &self,
        method: &str,
        url: &str,
        headers: &JsValue,
        body: &JsValue,
        is_opaque: bool,
    ) -> Result<(), JsValue> {
        self.handle.prepare(method, url, headers, body, is_opaque)
    }

    /// Sends the request.
    pub fn send(&self, fetch: Option<&Function>) -> Sending {
        // Attached at once, before a listener can abort, to avoid an unhandled rejection.
        Sending(JsFuture::from(self.handle.send(fetch)))
    }

    /// Reads the next bytes of the body into `bytes`.
    pub fn read(&self, bytes: &mut [u8]) -> Arrival {
        match self.handle.read(bytes) {
            -2 => Arrival::Broken(self.handle.cause().into()),
            -1 => Arrival::Pending,
            0 => Arrival::End,
            length => Arrival::Bytes(usize::try_from(length).unwrap_or_default()),
        }
    }

    /// Ends a successful request. The facade reads the rest of the body, so that the connection can be reused and logs
    /// do not show the request as aborted.
    pub fn end(mut self, may_be_billed: bool) {
        self.is_open = false;
        self.handle.end(may_be_billed);
    }

    /// Closes the connection.
    pub fn close(mut self, may_be_billed: bool) {
        self.is_open = false;
        self.handle.close(may_be_billed);
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        if self.is_open {
            self.handle.close(true);
        }
    }
}

/// Reads the head of a response, of one value per line. Converts a `retry-after` date to a delay.
fn head(lines: &str) -> Head {
    let mut lines = lines.split('\n');
    let status = lines.next().and_then(|status| status.parse().ok()).unwrap_or_default();
    let mut text = || lines.next().filter(|text| !text.is_empty()).map(String::from);
    let (retry_after_ms, retry_after, request_id, content_type) = (text(), text(), text(), text());
    let date = retry_after.as_deref().filter(|text| text.contains(':'));
    let until = date.map(|text| Date::parse(text) - Date::now()).filter(|wait| *wait > 0.0);
    Head {
        status,
        retry_after_ms: retry_after_ms.or_else(|| until.map(|wait| (wait as u32).to_string())),
        retry_after,
        request_id,
        content_type,
    }
}
