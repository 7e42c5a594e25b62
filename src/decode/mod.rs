//! Decodes response bytes into JSON documents with decoded images. The modules are independent of each other, and
//! `stream` combines them.

pub mod assembler;
pub mod base64;
pub mod file_format;
pub mod image_header;
pub mod json;
pub mod sse;
pub mod stream;
