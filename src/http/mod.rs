//! Requests and responses, where they go, how they are signed, and when they are repeated.

pub mod credential;
pub mod endpoint;
pub mod message;
pub mod retry;
pub mod secrets;
pub mod token;
