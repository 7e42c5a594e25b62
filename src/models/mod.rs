//! What is known of each model, and the checks and prices that follow from it.

pub mod catalog;
pub mod cost;
pub mod size;
pub mod usage;
pub mod validate;
