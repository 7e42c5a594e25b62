//! The Images API: generations and edits.

pub mod generate;
