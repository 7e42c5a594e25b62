//! Input images of edits and responses: validation of their headers, and their names in the form.

use std::borrow::Cow;

use serde::Serialize;

use crate::decode::image_header;
use crate::models::catalog::Model;
use crate::models::validate::{Severity, ValidationProblem};

/// Header data of an input image.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Input {
    /// The media type, detected from the bytes. `None` if they are not an image.
    pub media_type: Option<&'static str>,
    /// Width in pixels.
    pub width: Option<u32>,
    /// Height in pixels.
    pub height: Option<u32>,
    /// True if the image is a PNG with transparency.
    pub has_alpha: bool,
    /// Size in bytes.
    pub byte_length: u64,
}

/// Header data of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Inspection {
    /// For example `image/png`. `None` if the file is not an image, or if its header needs more bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub media_type: Option<&'static str>,
    /// Width in pixels.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub width: Option<u32>,
    /// Height in pixels.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub height: Option<u32>,
    /// True if the image is a PNG with transparency.
    pub has_alpha: bool,
    /// True if the image must be converted to PNG first. Azure's documentation lists only PNG and JPEG, although an
    /// error message of the service also mentions WebP.
    pub needs_conversion: bool,
}

/// Reads the header at the start of a file. 64 KiB are enough for almost every image.
#[must_use]
pub fn inspect(beginning: &[u8]) -> Inspection {
    let header = image_header::header(beginning);
    Inspection {
        media_type: header.map(|header| header.media_type),
        width: header.map(|header| header.width),
        height: header.map(|header| header.height),
        has_alpha: image_header::png_has_alpha(beginning),
        needs_conversion: header.is_some_and(|header| header.media_type == "image/webp"),
    }
}

/// Size limit of an input image of an edit, in bytes. Images must be smaller than 50 MB.
const MAX_INPUT_BYTES: u64 = 50 * 1024 * 1024;
/// Size limit of a mask in Microsoft's older specification, in bytes. The current documentation does not mention it.
const MASK_BYTES_OF_OLD: u64 = 4 * 1024 * 1024;

/// Maximum length of an image URL in the input of a response, in characters, according to OpenAI's specification.
const MAX_URL_CHARACTERS: u64 = 20_971_520;

fn error(param: impl Into<Cow<'static, str>>, message: impl Into<String>) -> ValidationProblem {
    ValidationProblem { param: param.into(), message: message.into(), severity: Severity::Error, suggestion: None }
}

/// Returns every problem of the images in the input of a response, which are sent as data URLs. `images` contains the
/// parameter name of each image, such as `input[1].image`.
#[must_use]
pub fn response_problems(images: &[(&str, Input)]) -> Vec<ValidationProblem> {
    let mut problems = Vec::new();
    for (param, input) in images {
        let Some(media_type @ ("image/png" | "image/jpeg")) = input.media_type else {
            let found = input.media_type.unwrap_or(UNKNOWN_IMAGE);
            problems.push(error((*param).to_owned(), format!("{param} is {found}. Use a PNG or JPEG.")));
            continue;
        };
        let prefix = format!("data:{media_type};base64,");
        let base64 = input.byte_length.div_ceil(3).saturating_mul(4);
        if base64.saturating_add(prefix.len() as u64) > MAX_URL_CHARACTERS {
            problems.push(error(
                (*param).to_owned(),
                format!(
                    "{param} has {} bytes. Images in the input of a response can have at most 15.7 MB. Reduce the \
                     size, or save the image as a JPEG.",
                    input.byte_length
                ),
            ));
        }
    }
    problems
}

/// Returns every problem of the images and the mask of an edit.
#[must_use]
pub fn problems(images: &[Input], mask: Option<Input>, model: &Model<'_>) -> Vec<ValidationProblem> {
    let mut problems = Vec::new();
    let doubtful_bytes = model.number("maxInputBytes").unwrap_or(u64::MAX);
    for (index, input) in images.iter().enumerate() {
        let number = index.saturating_add(1);
        if !matches!(input.media_type, Some("image/png" | "image/jpeg")) {
            let found = input.media_type.unwrap_or(UNKNOWN_IMAGE);
            problems.push(error("image", format!("Image {number} is {found}. Use a PNG or JPEG.")));
        }
        if input.byte_length >= MAX_INPUT_BYTES {
            problems.push(error(
                "image",
                format!("Image {number} has {} bytes. It must be smaller than 50 MB.", input.byte_length),
            ));
        } else if input.byte_length > doubtful_bytes {
            let message = format!(
                "Image {number} has {} bytes. The maker of the model documents a limit of {doubtful_bytes} bytes.",
                input.byte_length
            );
            problems.push(ValidationProblem { severity: Severity::Warning, ..error("image", message) });
        }
    }
    let Some(mask) = mask else { return problems };
    if mask.media_type != Some("image/png") {
        problems.push(error("mask", format!("The mask is {}. Use a PNG.", mask.media_type.unwrap_or(UNKNOWN_IMAGE))));
    } else if !mask.has_alpha {
        let message = "The mask has no alpha channel. Save it as a PNG with transparency in the areas to edit.";
        problems.push(error("mask", message));
    }
    let size = |input: &Input| input.width.zip(input.height);
    if let (Some(first), Some(of_mask)) = (images.first().and_then(size), size(&mask))
        && first != of_mask
    {
        let ((width, height), (mask_width, mask_height)) = (first, of_mask);
        problems.push(ValidationProblem {
            suggestion: Some(format!("{width}x{height}")),
            ..error("mask", format!(
                "The mask is {mask_width}x{mask_height}. It must have the size of the first image, {width}x{height}."
            ))
        });
    }
    if mask.byte_length >= MAX_INPUT_BYTES {
        problems
            .push(error("mask", format!("The mask has {} bytes. It must be smaller than 50 MB.", mask.byte_length)));
    } else if mask.byte_length >= MASK_BYTES_OF_OLD {
        let message = "The mask has 4 MB or more. Some versions of the service refuse it. Reduce its size.";
        problems.push(ValidationProblem { severity: Severity::Warning, ..error("mask", message) });
    }
    problems
}

/// Description of a file that is not a known image.
const UNKNOWN_IMAGE: &str = "not a supported image";

/// Known image media types.
const MEDIA_TYPES: [&str; 4] = ["image/png", "image/jpeg", "image/webp", "image/gif"];

/// Returns the media type as a static string if it is known.
#[must_use]
pub fn media_type(name: &str) -> Option<&'static str> {
    MEDIA_TYPES.into_iter().find(|known| *known == name)
}

/// File of a form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// The field name.
    pub field: &'static str,
    /// The file name. The service uses its extension, which comes from the bytes. The original name stays private.
    pub file_name: String,
}

/// Returns the files of the form: the images in order, each in the field `field`, then the mask.
#[must_use]
pub fn parts(field: &'static str, images: &[Input], mask: Option<Input>) -> Vec<Part> {
    let images = images.iter().enumerate().map(|(index, input)| Part {
        field,
        file_name: format!("image-{}.{}", index.saturating_add(1), extension(input)),
    });
    let mut parts: Vec<Part> = images.collect();
    parts.extend(mask.map(|input| Part { field: "mask", file_name: format!("mask.{}", extension(&input)) }));
    parts
}

fn extension(input: &Input) -> &'static str {
    match input.media_type {
        Some("image/jpeg") => "jpg",
        Some("image/webp") => "webp",
        Some("image/gif") => "gif",
        _ => "png",
    }
}
