//! What `src/protocol` promises, natively. In one program, which links faster than one for each of its parts.

#![allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

#[path = "../support/mod.rs"]
mod support;

mod agents;
mod b64;
mod catalogue;
mod credential;
mod endpoint;
mod error;
mod estimate;
mod files;
mod image;
mod images;
mod job;
mod json;
mod operation;
mod picture;
mod probe;
mod request;
mod response_events;
mod responses;
mod retry;
mod secrets;
mod sse;
mod stream;
mod token;
mod usage;
mod validate;
