//! Model catalog, and the validation and pricing based on it.

pub mod catalog;
pub mod cost;
pub mod options;
pub mod service;
pub mod size;
pub mod usage;
pub mod validate;
