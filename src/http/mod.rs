//! HTTP requests and responses: endpoints, authorization and retries.

pub mod credential;
pub mod endpoint;
pub mod message;
pub(crate) mod percent;
pub mod retry;
pub mod secrets;
pub mod token;
