//! The engine of the npm package `azure-image-client`.

pub mod protocol;
#[cfg(target_arch = "wasm32")]
mod web;
