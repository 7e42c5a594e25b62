//! JavaScript bindings: execution of an operation with browser APIs.
//!
//! The exports are only for the facade in `js/`.

// JavaScript numbers are f64, and casts saturate. Code that depends on exact values checks them.
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
mod facade;
mod fetch;
mod other_calls;
mod other_records;
mod panic;
mod records;
mod serialize;
mod settings;
mod timer;
