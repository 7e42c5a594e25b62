//! The Images API: generations and edits.

pub mod generate;
pub mod input;
pub mod request;
pub mod response;
pub mod result;
