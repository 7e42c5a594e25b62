//! From the bytes of a response to JSON documents whose images are decoded: each part knows nothing of the next, and `stream`
//! puts them together.

pub mod assembler;
pub mod base64;
pub mod image_header;
pub mod json;
pub mod sse;
pub mod stream;
