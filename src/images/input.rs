//! Input images of edits and responses: validation of their headers, and their names in the form.

use std::borrow::Cow;

use serde::Serialize;

use crate::decode::file_format::{FileFormat, file_format};
use crate::decode::image_header::{HeaderReader, PixelFormat};
use crate::errors::Failure;
use crate::images::generate::Inputs;
use crate::models::catalog::Model;
use crate::models::validate::{Severity, ValidationProblem};

/// Header data of an input image.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Input {
    /// The media type, detected from the bytes. `None` unless they are a PNG, JPEG, WebP or GIF with dimensions.
    pub media_type: Option<&'static str>,
    /// Displayed width in pixels.
    pub width: Option<u32>,
    /// Displayed height in pixels.
    pub height: Option<u32>,
    /// True if the file declares transparency.
    pub has_alpha: bool,
    /// True if the image has more than one frame.
    pub is_animated: bool,
    /// The pixel format.
    pub pixel_format: PixelFormat,
    /// Size in bytes.
    pub byte_length: u64,
    /// The format of the file as given by the page, if known.
    pub format: Option<&'static FileFormat>,
    /// The conversion of the file.
    pub conversion: Conversion,
    /// The transparency of the pixels of a mask, if they have been read and it is extreme.
    pub coverage: Option<Coverage>,
    /// True for the image that the mask of a response applies to.
    pub is_masked: bool,
}

/// Conversion of a file to PNG or JPEG.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Conversion {
    /// Not needed.
    #[default]
    None,
    /// Converted from another format.
    Done,
    /// Rotated by its Exif orientation.
    Rotated,
    /// The browser cannot decode the file.
    Failed,
    /// There is no browser.
    Unavailable,
    /// The image has too many pixels.
    TooLarge,
}

/// Extreme masks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Coverage {
    /// No pixel is transparent.
    Opaque,
    /// Every pixel is transparent.
    Transparent,
}

/// Use of an image. The accepted formats depend on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// An image of an edit.
    Edit,
    /// An image in the input of a response.
    Response,
    /// A mask.
    Mask,
}

/// Preparation of an image before it is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Treatment {
    /// Conversion to PNG or JPEG.
    Conversion,
    /// Rotation by its Exif orientation.
    Rotation,
}

/// Header data of a file, and its preparation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Inspection {
    /// For example `image/png`. `None` unless the file is a PNG, JPEG, WebP or GIF with dimensions.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub media_type: Option<&'static str>,
    /// The name of the format, for example `a PNG`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub format: Option<&'static str>,
    /// The media type that a browser needs to display the file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub display_type: Option<&'static str>,
    /// Displayed width in pixels.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub width: Option<u32>,
    /// Displayed height in pixels.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub height: Option<u32>,
    /// True if the file declares transparency.
    pub has_alpha: bool,
    /// True if a decoded pixel can be transparent.
    pub may_have_alpha: bool,
    /// True if the image has more than one frame.
    pub is_animated: bool,
    /// `cmyk`, `palette` or `deep`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pixel_format: Option<&'static str>,
    /// The preparation that the image needs before it is sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub treatment: Option<Treatment>,
    /// Maximum size of the file, in bytes.
    pub max_bytes: u64,
}

/// Reads the header of a file in pieces, of which some can be omitted.
#[derive(Debug, Default)]
pub struct FileInspector {
    reader: HeaderReader,
    format: Option<&'static FileFormat>,
    has_begun: bool,
}

impl FileInspector {
    /// Reads the next piece. The first should have at least 64 KiB, if the file is long enough. Returns the number of
    /// bytes to omit before the next piece, or `None` if no more is needed.
    pub fn read(&mut self, piece: &[u8]) -> Option<u64> {
        if !self.has_begun {
            self.has_begun = true;
            self.format = file_format(piece);
        }
        self.reader.read(piece);
        let skippable = self.reader.skippable();
        self.reader.pass();
        (!self.reader.is_done()).then_some(skippable)
    }

    /// Returns the result. `is_masked`: the call has a mask, which applies to the displayed pixels.
    #[must_use]
    pub fn finish(&self, purpose: Purpose, is_masked: bool) -> Inspection {
        let header = self.reader.header();
        let media_type = header.map(|header| header.media_type);
        let size = header.map(|header| (header.width, header.height)).or_else(|| self.reader.coded_size());
        let traits = self.reader.traits();
        let is_accepted = match (media_type, purpose) {
            // A mask needs transparency, which a JPEG cannot have, so converting one would not help. OpenAI documents
            // WebP and GIF for responses. Azure documents only PNG and JPEG for edits, although an error message of the
            // service also mentions WebP.
            (Some("image/png" | "image/jpeg"), _) | (Some("image/webp"), Purpose::Response) => true,
            (Some("image/gif"), Purpose::Response) => !traits.is_animated,
            _ => false,
        };
        let is_jpeg = media_type == Some("image/jpeg");
        let rotates = traits.orientation != 1 && is_masked && !(is_jpeg && purpose == Purpose::Mask);
        // Unknown formats are left to the browser.
        let is_displayable = self.format.is_none_or(|format| format.media_type.is_some());
        Inspection {
            media_type,
            format: self.format.map(|format| format.name),
            display_type: self.format.and_then(|format| format.media_type),
            width: size.map(|(width, _)| width),
            height: size.map(|(_, height)| height),
            has_alpha: traits.has_alpha,
            may_have_alpha: match media_type {
                Some("image/jpeg") => false,
                Some("image/png" | "image/webp") => traits.has_alpha,
                _ => true,
            },
            is_animated: traits.is_animated,
            pixel_format: pixel_format_name(traits.pixel_format),
            treatment: if is_accepted {
                rotates.then_some(Treatment::Rotation)
            } else {
                (self.has_begun && is_displayable).then_some(Treatment::Conversion)
            },
            max_bytes: match purpose {
                Purpose::Response => MAX_EMBEDDED_BYTES,
                Purpose::Edit | Purpose::Mask => MAX_INPUT_BYTES,
            },
        }
    }
}

/// Size limit of an input image of an edit, in bytes. Azure documents 50 MB and the service may mean either unit, so
/// files between both get a warning.
const MAX_INPUT_BYTES: u64 = 50 * 1024 * 1024;
/// The smaller meaning of the limit.
const DOUBTFUL_INPUT_BYTES: u64 = 50_000_000;
/// Size limit of a mask in Microsoft's older specification, in bytes. The current documentation does not mention it.
const MASK_BYTES_OF_OLD: u64 = 4 * 1024 * 1024;

/// Maximum length of an image URL in the input of a response, in characters, according to OpenAI's specification.
const MAX_URL_CHARACTERS: u64 = 20_971_520;
/// Maximum size of an image in the input of a response that fits every media type, in bytes.
const MAX_EMBEDDED_BYTES: u64 = 15_728_619;

/// The parameter of the mask of a response.
const MASK_OF_RESPONSE: &str = "tool.inputImageMask";

fn error(param: impl Into<Cow<'static, str>>, message: impl Into<String>) -> ValidationProblem {
    ValidationProblem { param: param.into(), message: message.into(), severity: Severity::Error, suggestion: None }
}

fn warning(param: impl Into<Cow<'static, str>>, message: impl Into<String>) -> ValidationProblem {
    ValidationProblem { severity: Severity::Warning, ..error(param, message) }
}

/// Returns a size as people read it, such as `52.4 MB`.
fn megabytes(bytes: u64) -> String {
    let tenths = bytes.saturating_add(50_000) / 100_000;
    format!("{}.{} MB", tenths / 10, tenths % 10)
}

/// Returns the reason why a file cannot be sent. `name` is the subject of the message, `accepted` lists media types.
fn refusal(name: &str, input: &Input, accepted: &[&str]) -> Option<String> {
    let format = input.format.map_or("a file of an unknown format", |format| format.name);
    Some(match input.conversion {
        _ if input.byte_length == 0 => {
            format!("{name} is empty (0 bytes). Check that the file was written or downloaded completely.")
        }
        Conversion::TooLarge => {
            let (width, height) = (input.width.unwrap_or_default(), input.height.unwrap_or_default());
            format!(
                "{name} is {format} of {width}x{height} pixels, too large to convert in a browser. Scale it down, or \
                 save it as PNG or JPEG."
            )
        }
        Conversion::Unavailable if input.media_type.is_some_and(|media_type| accepted.contains(&media_type)) => {
            format!(
                "{name} is {format} with an Exif rotation, which a mask does not allow. Only a browser can apply it. \
             Rotate the pixels before the call."
            )
        }
        Conversion::Unavailable => format!(
            "{name} is {format}, which must be converted to PNG or JPEG first. Only a browser can do that. Convert it \
             before the call."
        ),
        Conversion::Failed if input.format.is_none() => {
            format!("{name} is {format}, which this browser cannot decode. Use a PNG or JPEG.")
        }
        Conversion::Failed
            if DISPLAYED_TYPES.iter().any(|known| input.format.and_then(|format| format.media_type) == Some(known)) =>
        {
            format!(
                "{name} is {format} that cannot be decoded. It may be damaged or cut off. Save it again as PNG or JPEG."
            )
        }
        Conversion::Failed => {
            format!("{name} is {format}, which this browser cannot decode. Convert it to PNG or JPEG.")
        }
        _ if input.media_type.is_some_and(|media_type| accepted.contains(&media_type)) => return None,
        _ => format!("{name} is {format}, not a supported image. Use a PNG or JPEG."),
    })
}

/// Returns the warnings about a valid image.
fn doubts(param: &str, name: &str, input: &Input) -> Vec<ValidationProblem> {
    let kind = input
        .media_type
        .and_then(|media_type| media_type.strip_prefix("image/"))
        .unwrap_or_default()
        .to_ascii_uppercase();
    let from = input.format.and_then(|format| format.name.split_once(' ')).map_or("another format", |(_, name)| name);
    let conversion = match input.conversion {
        Conversion::Done if from == "GIF" && input.is_animated => {
            Some(format!("{name} was converted from an animated GIF to {kind}. Only its first frame is sent."))
        }
        Conversion::Done => Some(format!(
            "{name} was converted from {from} to {kind}, because Azure documents only PNG and JPEG as input formats."
        )),
        Conversion::Rotated => Some(format!(
            "{name} was rotated by its Exif orientation and saved as {kind}, because a mask applies to the displayed \
             image."
        )),
        _ => None,
    };
    let pixels = match input.pixel_format {
        PixelFormat::Common => None,
        PixelFormat::Cmyk => Some("a JPEG with four color channels (CMYK). Save it as RGB"),
        PixelFormat::Palette => Some("a PNG with a palette. Save it as RGB or RGBA with 8 bits per channel"),
        PixelFormat::Deep => Some("a PNG with 16 bits per channel. Save it with 8 bits"),
    };
    let pixels = pixels.map(|advice| format!("{name} is {advice} if the service refuses it."));
    conversion.into_iter().chain(pixels).map(|message| warning(param.to_owned(), message)).collect()
}

/// Returns every problem of the images in the input of a response and of the mask of its tool, which are sent as data
/// URLs. `images` contains the parameter name of each image, such as `input[1].image`.
#[must_use]
pub fn response_problems(images: &[(&str, Input)]) -> Vec<ValidationProblem> {
    let masked = images.iter().find_map(|(_, input)| input.is_masked.then_some(input));
    let mut problems = Vec::new();
    for (param, input) in images {
        let is_mask = *param == MASK_OF_RESPONSE;
        let accepted: &[&str] = if is_mask { &["image/png"] } else { &HEADER_TYPES };
        let is_film =
            input.is_animated && input.media_type == Some("image/gif") && input.conversion == Conversion::None;
        if is_film {
            problems.push(error((*param).to_owned(), format!("{param} is an animated GIF. Use a PNG or JPEG.")));
            continue;
        }
        if is_mask {
            problems.extend(mask_problems(MASK_OF_RESPONSE, input, masked));
        } else if let Some(message) = refusal(param, input, accepted) {
            problems.push(error((*param).to_owned(), message));
            continue;
        } else {
            problems.extend(doubts(param, param, input));
        }
        let prefix = format!("data:{};base64,", input.media_type.unwrap_or_default());
        let base64 = input.byte_length.div_ceil(3).saturating_mul(4);
        if base64.saturating_add(prefix.len() as u64) > MAX_URL_CHARACTERS {
            let size = megabytes(input.byte_length);
            let message = format!(
                "{param} has {size} ({} bytes). Images in the input of a response can have at most 15.7 MB. Reduce the \
                 size, or save the image as a JPEG.",
                input.byte_length
            );
            problems.push(error((*param).to_owned(), message));
        }
    }
    problems
}

/// Checks that every file is an image that can be sent. Unlike the other rules, this one cannot be turned off.
///
/// # Errors
/// A file is empty or not an image, or it could not be converted.
pub fn check_files<'a>(files: impl IntoIterator<Item = (&'a str, &'a Input)>) -> Result<(), Failure> {
    let refused = files.into_iter().find_map(|(param, input)| Some((param, refusal(param, input, &HEADER_TYPES)?)));
    refused.map_or(Ok(()), |(param, message)| Err(Failure::invalid(param, message)))
}

/// The images and the mask of an edit.
#[derive(Debug, Clone, Default)]
pub struct EditInputs {
    /// The images.
    pub images: Vec<Input>,
    /// The mask.
    pub mask: Option<Input>,
}

impl Inputs for EditInputs {
    fn count(&self) -> usize {
        self.images.len()
    }

    fn has_mask(&self) -> bool {
        self.mask.is_some()
    }

    fn sizes(&self) -> Vec<(u32, u32)> {
        self.images.iter().filter_map(|image| image.width.zip(image.height)).collect()
    }

    fn problems(&self, model: &Model<'_>) -> Vec<ValidationProblem> {
        problems(&self.images, self.mask, model)
    }

    fn check(&self) -> Result<(), Failure> {
        let images = self.images.iter().map(|image| ("image", image));
        check_files(images.chain(self.mask.iter().map(|mask| ("mask", mask))))
    }
}

/// Returns every problem of the images and the mask of an edit.
#[must_use]
pub fn problems(images: &[Input], mask: Option<Input>, model: &Model<'_>) -> Vec<ValidationProblem> {
    let mut problems = Vec::new();
    let doubtful_bytes = model.number("maxInputBytes").unwrap_or(u64::MAX);
    for (index, input) in images.iter().enumerate() {
        let name = if images.len() == 1 { "image".to_owned() } else { format!("image[{index}]") };
        match refusal(&name, input, &["image/png", "image/jpeg"]) {
            Some(message) => problems.push(error("image", message)),
            None => problems.extend(doubts("image", &name, input)),
        }
        problems.extend(length_problem("image", &name, input));
        if input.byte_length > doubtful_bytes && input.byte_length < DOUBTFUL_INPUT_BYTES {
            let (size, limit) = (megabytes(input.byte_length), megabytes(doubtful_bytes));
            let message = format!("{name} has {size}. The maker of the model documents a limit of {limit}.");
            problems.push(warning("image", message));
        }
    }
    let Some(mask) = mask else { return problems };
    problems.extend(mask_problems("mask", &mask, images.first()));
    match length_problem("mask", "The mask", &mask) {
        None if mask.byte_length >= MASK_BYTES_OF_OLD => {
            let message = "The mask has 4 MB or more. Some versions of the service refuse it. Reduce its size.";
            problems.push(warning("mask", message));
        }
        problem => problems.extend(problem),
    }
    problems
}

/// Returns the problem of a file of 50 MB or more.
fn length_problem(param: &'static str, name: &str, input: &Input) -> Option<ValidationProblem> {
    let (bytes, size) = (input.byte_length, megabytes(input.byte_length));
    if bytes >= MAX_INPUT_BYTES {
        let message = format!(
            "{name} has {size} ({bytes} bytes). It must be smaller than 50 MB. Scale it down, or save it as a JPEG."
        );
        return Some(error(param, message));
    }
    let message = format!("{name} has {size} ({bytes} bytes). Azure's limit is 50 MB, so it may be refused.");
    (bytes >= DOUBTFUL_INPUT_BYTES).then(|| warning(param, message))
}

/// Returns the problems of a mask. `image`: the image that it applies to, if known.
fn mask_problems(param: &'static str, mask: &Input, image: Option<&Input>) -> Vec<ValidationProblem> {
    const ADVICE: &str = "Save it as a PNG with transparency in the areas to edit.";
    let name = if param == MASK_OF_RESPONSE { param } else { "The mask" };
    if mask.media_type == Some("image/jpeg") {
        return vec![error(param, format!("{name} is a JPEG, which cannot be transparent. {ADVICE}"))];
    }
    if let Some(message) = refusal(name, mask, &["image/png"]) {
        return vec![error(param, message)];
    }
    let mut problems = Vec::new();
    if mask.has_alpha {
        problems.extend(doubts(param, name, mask));
        let message = match mask.coverage {
            Some(Coverage::Opaque) => Some("has no transparent pixel, so nothing of the image may change"),
            Some(Coverage::Transparent) => Some("is fully transparent, so the whole image may change"),
            None => None,
        };
        problems.extend(message.map(|message| {
            warning(param, format!("{name} {message}. Make the areas to edit transparent and the others opaque."))
        }));
    } else {
        problems.push(error(param, format!("{name} has no alpha channel. {ADVICE}")));
    }
    let size = |input: &Input| input.width.zip(input.height);
    if let (Some(first), Some(of_mask)) = (image.and_then(size), size(mask))
        && first != of_mask
    {
        let ((width, height), (mask_width, mask_height)) = (first, of_mask);
        problems.push(ValidationProblem {
            suggestion: Some(format!("{width}x{height}")),
            ..error(
                param,
                format!(
                    "{name} is {mask_width}x{mask_height}. It must have the size of the first image, {width}x{height}."
                ),
            )
        });
    }
    problems
}

/// Media types whose dimensions are known from the header.
const HEADER_TYPES: [&str; 4] = ["image/png", "image/jpeg", "image/webp", "image/gif"];

/// Media types that current browsers display. If such a file cannot be decoded, it is probably damaged.
const DISPLAYED_TYPES: [&str; 7] =
    ["image/png", "image/jpeg", "image/webp", "image/gif", "image/avif", "image/bmp", "image/x-icon"];

/// Returns the media type as a static string if it is known.
#[must_use]
pub fn media_type(name: &str) -> Option<&'static str> {
    HEADER_TYPES.into_iter().find(|known| *known == name)
}

/// Returns the name of a pixel format in records, unless it is common.
fn pixel_format_name(format: PixelFormat) -> Option<&'static str> {
    PIXEL_FORMATS.iter().find_map(|(name, known)| (*known == format).then_some(*name))
}

/// Returns the pixel format with this name in records.
#[must_use]
pub fn pixel_format(name: &str) -> PixelFormat {
    PIXEL_FORMATS.iter().find_map(|(known, format)| (*known == name).then_some(*format)).unwrap_or_default()
}

const PIXEL_FORMATS: [(&str, PixelFormat); 3] =
    [("cmyk", PixelFormat::Cmyk), ("palette", PixelFormat::Palette), ("deep", PixelFormat::Deep)];

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
