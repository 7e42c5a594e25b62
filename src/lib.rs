//! Engine of the npm package `azure-image-client`.
//!
//! All modules except `wasm` are pure: no I/O, no clock, no randomness and no WebAssembly crates. Native tests can
//! cover them completely. [`operation`] is the state machine of a call. A capability ([`images`], [`responses`],
//! [`foundry`], [`probe`]) defines the requests and parses the responses. `wasm` executes the steps with browser APIs.
//! No other module imports it.
//!
//! The lints forbid code that can panic: after a panic in WebAssembly, pending promises never settle.

#![cfg_attr(not(target_arch = "wasm32"), forbid(unsafe_code))]

pub mod decimal;
pub mod decode;
pub mod errors;
pub mod foundry;
pub mod http;
pub mod images;
pub mod models;
pub mod operation;
pub mod probe;
pub mod queue;
pub mod responses;
pub mod settings;
#[cfg(target_arch = "wasm32")]
mod wasm;
