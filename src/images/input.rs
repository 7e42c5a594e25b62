//! The images that go with an edit: what their headers say, and how they are named in the form.

use std::borrow::Cow;

use serde::Serialize;

use crate::decode::image_header;
use crate::models::validate::{Severity, ValidationProblem};

/// An image of an edit, as far as its header says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Input {
    /// From its bytes; `None` for what is no image.
    pub media_type: Option<&'static str>,
    /// Width in pixels.
    pub width: Option<u32>,
    /// Height in pixels.
    pub height: Option<u32>,
    /// Whether it is a PNG that can be transparent.
    pub has_alpha: bool,
    /// Size in bytes.
    pub byte_length: u64,
}

/// What the beginning of a file says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Inspection {
    /// For example `image/png`; missing for what is no image, and where its header needs more bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub media_type: Option<&'static str>,
    /// Width in pixels.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub width: Option<u32>,
    /// Height in pixels.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub height: Option<u32>,
    /// Whether it is a PNG that can be transparent.
    pub has_alpha: bool,
    /// Whether it should be sent as PNG instead: Azure's pages list PNG and JPEG, although an error text of the service
    /// names WebP as well.
    pub needs_conversion: bool,
}

/// Looks at the beginning of a file: 64 KiB say it of almost every image.
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

/// Largest image of an edit, in bytes: each must be smaller than 50 MB.
const MAX_INPUT_BYTES: u64 = 50 * 1024 * 1024;
/// Microsoft's older specification allows a mask less than this, in bytes; its pages do not repeat it.
const MASK_BYTES_OF_OLD: u64 = 4 * 1024 * 1024;

/// Most characters of an image's URL in the input of a response, by OpenAI's specification.
const MAX_URL_CHARACTERS: u64 = 20_971_520;

fn error(param: impl Into<Cow<'static, str>>, message: impl Into<String>) -> ValidationProblem {
    ValidationProblem { param: param.into(), message: message.into(), severity: Severity::Error, suggestion: None }
}

/// Everything that the headers of the images in a response's input tell to be wrong with them. `images`: each with its
/// place, such as `input[1].image`. They are sent as data URLs.
#[must_use]
pub fn response_problems(images: &[(&str, Input)]) -> Vec<ValidationProblem> {
    let mut problems = Vec::new();
    for (param, input) in images {
        let Some(media_type @ ("image/png" | "image/jpeg")) = input.media_type else {
            let found = input.media_type.unwrap_or("no image that is known here");
            problems.push(error((*param).to_owned(), format!("{param} is {found}. Give a PNG or a JPEG.")));
            continue;
        };
        let prefix = format!("data:{media_type};base64,");
        let base64 = input.byte_length.div_ceil(3).saturating_mul(4);
        if base64.saturating_add(prefix.len() as u64) > MAX_URL_CHARACTERS {
            problems.push(error(
                (*param).to_owned(),
                format!(
                    "{param} has {} bytes; the input of a response takes images of at most 15.7 MB. Make it smaller, or save it as a \
                     JPEG.",
                    input.byte_length
                ),
            ));
        }
    }
    problems
}

/// Everything that the headers of the images tell to be wrong with them.
#[must_use]
pub fn problems(images: &[Input], mask: Option<Input>) -> Vec<ValidationProblem> {
    let mut problems = Vec::new();
    for (index, input) in images.iter().enumerate() {
        let number = index.saturating_add(1);
        if !matches!(input.media_type, Some("image/png" | "image/jpeg")) {
            let found = input.media_type.unwrap_or("no image that is known here");
            problems.push(error("image", format!("Image {number} is {found}. Give a PNG or a JPEG.")));
        }
        if input.byte_length >= MAX_INPUT_BYTES {
            problems.push(error(
                "image",
                format!("Image {number} has {} bytes; it must be less than 50 MB.", input.byte_length),
            ));
        }
    }
    let Some(mask) = mask else { return problems };
    if mask.media_type != Some("image/png") {
        problems.push(error(
            "mask",
            format!("The mask is {}; it must be a PNG.", mask.media_type.unwrap_or("no image that is known here")),
        ));
    } else if !mask.has_alpha {
        let message = "The mask has no alpha channel. Save it as a PNG that is transparent where the image may change.";
        problems.push(error("mask", message));
    }
    let size = |input: &Input| input.width.zip(input.height);
    if let (Some(first), Some(of_mask)) = (images.first().and_then(size), size(&mask))
        && first != of_mask
    {
        let ((width, height), (mask_width, mask_height)) = (first, of_mask);
        problems.push(ValidationProblem {
            suggestion: Some(format!("{width}x{height}")),
            ..error("mask", format!("The mask is {mask_width}x{mask_height}; it must have the size of the first image, {width}x{height}."))
        });
    }
    if mask.byte_length >= MAX_INPUT_BYTES {
        problems.push(error("mask", format!("The mask has {} bytes; it must be less than 50 MB.", mask.byte_length)));
    } else if mask.byte_length >= MASK_BYTES_OF_OLD {
        let message = "The mask has 4 MB or more, which some versions of the service refuse.";
        problems.push(ValidationProblem { severity: Severity::Warning, ..error("mask", message) });
    }
    problems
}

/// The media types of images that are known here.
const MEDIA_TYPES: [&str; 4] = ["image/png", "image/jpeg", "image/webp", "image/gif"];

/// The media type of this name, if it is one that is known here.
#[must_use]
pub fn media_type(name: &str) -> Option<&'static str> {
    MEDIA_TYPES.into_iter().find(|known| *known == name)
}

/// A file of the form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// The name of its field.
    pub field: &'static str,
    /// Its file name: from its bytes, since the service goes by it, and without what the user calls it, which is nobody's
    /// business.
    pub file_name: String,
}

/// The files of the form, in order: the images, then the mask. One image goes into the field `image`; several go into
/// fields of the one name `image[]`.
#[must_use]
pub fn parts(images: &[Input], mask: Option<Input>) -> Vec<Part> {
    let field = if images.len() == 1 { "image" } else { "image[]" };
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
