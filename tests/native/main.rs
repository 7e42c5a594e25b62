//! The engine, natively. One program, which links faster than one for each part.

#![allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

#[path = "../support/mod.rs"]
mod support;

mod decode {
    mod assembler;
    mod base64;
    pub mod image_header;
    mod json;
    mod sse;
    mod stream;
}
mod answers;
mod models {
    mod catalog;
    mod cost;
    mod usage;
    mod validate;
}
mod http {
    mod credential;
    mod endpoint;
    mod retry;
    mod secrets;
    mod token;
}
mod errors {
    mod judge;
    mod service_error;
}
mod images {
    mod input;
    mod request;
    mod response;
    mod services;
}
mod responses {
    mod events;
    mod job;
    mod request;
    mod tool_items;
    mod tools;
}
mod foundry {
    mod agents;
}
mod operation;
mod probe;
mod queue;
