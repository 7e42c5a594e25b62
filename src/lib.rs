//! The engine of the npm package `azure-image-client`, which makes and edits images on Azure from a web page.
//!
//! Two halves. [`protocol`] is pure Rust: what Azure expects, how its answers become events while they arrive, and what they
//! mean; it runs natively under `cargo test`. `web` is the thin boundary to the browser, compiled for WebAssembly only:
//! `fetch`, Blobs, credentials. Imports go from `web` to `protocol` and never back: the crates of WebAssembly are not even
//! dependencies of the native build.
//!
//! The lints forbid what could panic, since a panic in WebAssembly leaves promises that never settle.

pub mod protocol;
#[cfg(target_arch = "wasm32")]
mod web;
