//! Result of a call to the Images API.

use crate::errors::Failure;
use crate::images::response::Summary;
use crate::models::validate::ValidationProblem;

/// The result of a call, without its images.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GenerateResult {
    /// The summary of the first response.
    pub summary: Summary,
    /// The request id of the first response.
    pub request_id: Option<String>,
    /// The errors of missing images.
    pub failures: Vec<ImageFailure>,
    /// The validation warnings for the request.
    pub warnings: Vec<ValidationProblem>,
}

/// Error of a missing image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImageFailure {
    /// The index of the image among all requested images, starting at 0.
    pub image_index: u32,
    /// The error.
    pub error: Failure,
}
