//! Connection of a request.

use web_sys::{AbortSignal, ReadableStreamDefaultReader, Request};

use super::facade::{Handle, Observer};

/// Connection that is closed when dropped.
pub struct Connection {
    handle: Handle,
    is_open: bool,
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

    /// Keeps the request reachable: Node's `fetch` ignores an abort after the request has been garbage collected
    /// (<https://github.com/nodejs/undici/issues/3644>).
    pub fn keep(&self, request: &Request) {
        self.handle.set_request(request);
    }

    /// Registers the body reader, which is closed together with the connection.
    pub fn hold(&self, reader: &ReadableStreamDefaultReader) {
        self.handle.hold(reader);
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
