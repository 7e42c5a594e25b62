//! The Responses API.

pub mod create;
pub mod retrieve;
