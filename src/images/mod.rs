//! Image generation and editing with all services.

mod flux;
pub mod generate;
pub mod input;
mod mai;
mod openai;
pub mod prepare;
pub mod request;
pub mod response;
pub mod result;
