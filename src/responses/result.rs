//! Result of a call to the Responses API.

use crate::errors::Failure;
use crate::models::validate::ValidationProblem;
use crate::responses::events::Summary;

/// Result of a response call, without its images.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResponseResult {
    /// The summary of the response.
    pub summary: Summary,
    /// The tool calls that returned no image.
    pub failures: Vec<CallFailure>,
    /// The validation warnings for the request.
    pub warnings: Vec<ValidationProblem>,
    /// The request id of the service.
    pub request_id: Option<String>,
}

/// Tool call that returned no image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallFailure {
    /// The id of the tool call.
    pub item_id: String,
    /// The index in the output of the response.
    pub output_index: u64,
    /// The error.
    pub failure: Failure,
}
