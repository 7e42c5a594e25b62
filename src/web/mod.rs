//! The boundary to JavaScript: the only half that knows a browser, and as thin as it can be.
//!
//! What it exports is for the facade in `js/` alone. Every method that takes time is synchronous up to its `Promise`, since
//! an exported `async fn` would borrow its object for as long as it runs.

// A number of JavaScript is an f64, and a cast to and from it saturates: what it changes is looked for where it matters.
#![allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss)]

mod blob;
mod body;
mod call;
mod client;
mod convert;
mod credential;
#[cfg(feature = "drill")]
mod drill;
mod failure;
mod fetch;
mod images;
mod inputs;
mod manage;
mod panic;
mod platform;
mod probe;
mod responses;
mod settings;
