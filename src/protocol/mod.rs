//! What Azure sends and expects, without a browser: pure functions and push parsers.
//!
//! No I/O, no clock, no randomness and no crate of WebAssembly, so that everything here runs under plain `cargo test`.

#![forbid(unsafe_code)]

// What Azure expects.
pub mod agents;
pub mod catalogue;
pub mod credential;
pub mod endpoint;
pub mod files;
pub mod image_tool;
pub mod metadata;
pub mod request;
pub mod responses;
pub mod size;
pub mod validate;

// From bytes to events; each knows nothing of the next, and `stream` puts them together.
pub mod b64;
pub mod image;
pub mod json;
pub mod picture;
pub mod sse;
pub mod stream;

// What the events mean.
pub mod estimate;
pub mod images;
pub mod response_events;
pub mod usage;

// Judgement.
pub mod content_filter;
pub mod error;
pub mod job;
pub mod probe;
pub mod retry;
pub mod secrets;
mod service_error;
pub mod token;
