//! The engine of the npm package `azure-image-client`.
//!
//! Everything outside `wasm` is pure: no I/O, no clock, no randomness, and no WebAssembly crate, so `cargo test` reaches all of
//! it. [`operation`] is the state machine of one call; a capability ([`images`], [`responses`], [`foundry`], [`probe`]) says what
//! it sends and how it reads. `wasm` executes the steps with the browser's APIs. Nothing outside `wasm` imports it.
//!
//! The lints forbid what could panic: a panic in WebAssembly leaves promises that never settle.

#![cfg_attr(not(target_arch = "wasm32"), forbid(unsafe_code))]

pub mod decode;
pub mod errors;
pub mod foundry;
pub mod http;
pub mod images;
pub mod models;
pub mod operation;
pub mod probe;
pub mod responses;
pub mod settings;
#[cfg(target_arch = "wasm32")]
mod wasm;
