//! The engine of the npm package `azure-image-client`, which makes and edits images on Azure from a web page.
//!
//! Two halves. [`protocol`] is pure Rust: what Azure expects, how its answers become events while they arrive, and what they
//! mean; it runs natively under `cargo test`. `wasm` is the thin boundary to the browser, compiled for WebAssembly only:
//! `fetch`, Blobs, credentials. Imports go from `wasm` to `protocol` and never back: the crates of WebAssembly are not even
//! dependencies of the native build.
//!
//! The lints forbid what could panic, since a panic in WebAssembly leaves promises that never settle.

pub mod foundry;
pub mod http;
pub mod images;
pub mod operation;
pub mod probe;
pub mod protocol;
pub mod responses;
pub mod settings;
#[cfg(target_arch = "wasm32")]
mod wasm;
