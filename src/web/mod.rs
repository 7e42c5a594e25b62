//! The boundary to JavaScript: the only half that knows a browser, and as thin as it can be.
//!
//! What it exports is for the facade in `js/` alone. Every method that takes time is synchronous up to its `Promise`, since
//! an exported `async fn` would borrow its object for as long as it runs.

mod blob;
mod body;
mod call;
mod client;
mod convert;
mod credential;
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
