//! The boundary to JavaScript: executes the steps of an operation with the browser's APIs.
//!
//! Its exports are for the facade in `js/` only.

// A JavaScript number is an f64, and casts to and from it saturate. Where that matters, it is checked.
#![allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss)]

mod attachments;
mod blob;
mod body;
mod client;
mod connection;
mod convert;
mod credential;
#[cfg(feature = "drill")]
mod drill;
mod driver;
mod fetch;
mod panic;
mod records;
mod settings;
mod timer;
