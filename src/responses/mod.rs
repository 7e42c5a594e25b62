//! The Responses API, in which a text model or an agent generates images.

pub mod create;
pub mod events;
pub mod image_tool;
pub mod job;
pub mod request;
pub mod result;
pub mod retrieve;
pub mod tool_items;
pub mod tools;
