//! The connection of a request.

use wasm_bindgen::prelude::*;
use web_sys::{AbortSignal, ReadableStreamDefaultReader};

use super::driver::Observer;

#[wasm_bindgen]
extern "C" {
    /// What the facade keeps of a connection, so that it can be closed even if the engine has crashed.
    pub type Handle;

    #[wasm_bindgen(method, getter)]
    fn signal(this: &Handle) -> AbortSignal;

    #[wasm_bindgen(method)]
    fn hold(this: &Handle, reader: &ReadableStreamDefaultReader);

    #[wasm_bindgen(method)]
    fn close(this: &Handle, may_be_billed: bool);

    #[wasm_bindgen(method)]
    fn end(this: &Handle, may_be_billed: bool);
}

/// Closes a connection when it is dropped.
pub struct Connection {
    handle: Handle,
    is_open: bool,
}

impl Connection {
    /// `may_be_billed`: whether what is sent costs money.
    pub fn open(observer: &Observer, may_be_billed: bool) -> Self {
        Self { handle: observer.connect(may_be_billed), is_open: true }
    }

    /// Aborted when the connection is closed.
    pub fn signal(&self) -> AbortSignal {
        self.handle.signal()
    }

    /// Closes a body with the connection.
    pub fn hold(&self, reader: &ReadableStreamDefaultReader) {
        self.handle.hold(reader);
    }

    /// All that matters has arrived. The facade reads the rest of the body, so that the connection can be reused and no log calls a
    /// successful request aborted.
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
