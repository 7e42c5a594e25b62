//! Blobs of a request, which never enter WebAssembly memory.

use js_sys::Array;
use wasm_bindgen::prelude::*;
use web_sys::{Blob, FormData};

use super::blob;
use super::convert::Options;
use crate::decode::file_format::format_named;
use crate::errors::{Billed, Code, Failure};
use crate::http::message::Body;
use crate::images::input::{self, Conversion, Coverage, Input};

/// Blobs of a request.
pub enum Attachments {
    None,
    /// The images and the mask of an edit.
    Edit {
        images: Vec<(Blob, Input)>,
        /// The images as base64, if the service embeds them in JSON.
        base64: Vec<Blob>,
        mask: Option<(Blob, Input)>,
    },
    /// Images embedded in a JSON document.
    Embedded(Vec<EmbeddedImage>),
    /// A file to upload.
    File {
        file: Blob,
        name: String,
    },
}

/// Image embedded in a JSON document.
pub struct EmbeddedImage {
    /// The parameter of the image.
    pub param: String,
    pub input: Input,
    /// The placeholder for the base64 data in the document.
    marker: String,
    base64: Blob,
}

impl Attachments {
    /// Reads the images of an edit. A generation has none.
    pub fn edit(call: &Options<'_>) -> Self {
        let Some(inputs) = call.value("inputs") else { return Self::None };
        let inputs = Options::new(&inputs);
        let images = inputs.value("images").map(|images| Array::from(&images)).unwrap_or_default();
        let base64 = |record: JsValue| Options::new(&record).value("base64")?.dyn_into().ok();
        Self::Edit {
            base64: images.iter().filter_map(base64).collect(),
            images: images.iter().filter_map(|record| read(&record)).collect(),
            mask: inputs.value("mask").and_then(|record| read(&record)),
        }
    }

    /// Reads the images in the input of a response.
    pub fn embedded(call: &Options<'_>) -> Self {
        let images = call.value("images").map(|images| Array::from(&images)).unwrap_or_default();
        let read = |record: JsValue| {
            let options = Options::new(&record);
            let (_, input) = read(&record)?;
            Some(EmbeddedImage {
                param: options.text("param")?,
                input,
                marker: options.text("marker")?,
                base64: options.value("base64")?.dyn_into().ok()?,
            })
        };
        Self::Embedded(images.iter().filter_map(read).collect())
    }

    /// Reads the file of an upload.
    pub fn file(call: &Options<'_>) -> Self {
        let file = call.value("file").and_then(|file| file.dyn_into::<Blob>().ok());
        file.map_or(Self::None, |file| Self::File { file, name: call.text("fileName").unwrap_or_default() })
    }

    /// Returns the header data of the images of an edit.
    pub fn inputs(&self) -> (Vec<Input>, Option<Input>) {
        let Self::Edit { images, mask, .. } = self else { return (Vec::new(), None) };
        (images.iter().map(|(_, input)| *input).collect(), mask.as_ref().map(|(_, input)| *input))
    }

    /// Creates the body of a request.
    ///
    /// # Errors
    /// The browser refuses to create the body. The second value is the cause.
    pub fn body(&self, body: &Body) -> Result<Option<JsValue>, (Failure, JsValue)> {
        match body {
            Body::None => Ok(None),
            Body::Json(text) => match self {
                Self::Embedded(images) if !images.is_empty() => embed(text, images).map(Some),
                _ => Ok(Some(text.into())),
            },
            Body::JsonWithImages(texts) => {
                let Self::Edit { base64, .. } = self else { return Ok(None) };
                let parts = Array::new();
                for (index, text) in texts.iter().enumerate() {
                    parts.push(&text.into());
                    if let Some(image) = base64.get(index) {
                        parts.push(image);
                    }
                }
                json_blob(&parts).map(Some)
            }
            Body::Form(fields) => self.form(fields, "").map(|form| Some(form.into())).map_err(refused_form),
            Body::Edit { fields, image_field } => {
                self.form(fields, image_field).map(|form| Some(form.into())).map_err(refused_form)
            }
        }
    }

    fn form(&self, fields: &[(String, String)], image_field: &'static str) -> Result<FormData, JsValue> {
        let form = FormData::new()?;
        for (name, value) in fields {
            form.append_with_str(name, value)?;
        }
        match self {
            Self::Edit { images, mask, .. } => {
                let (inputs, mask_input) = self.inputs();
                let blobs = images.iter().chain(mask).map(|(blob, _)| blob);
                for (part, blob) in input::parts(image_field, &inputs, mask_input).iter().zip(blobs) {
                    form.append_with_blob_and_filename(part.field, blob, &part.file_name)?;
                }
            }
            Self::File { file, name } => form.append_with_blob_and_filename("file", file, name)?,
            Self::None | Self::Embedded(_) => {}
        }
        Ok(form)
    }
}

/// Inserts the images into the JSON document. The result is a Blob, because the base64 data is too long for a string.
fn embed(text: &str, images: &[EmbeddedImage]) -> Result<JsValue, (Failure, JsValue)> {
    let parts = Array::new();
    let mut rest = text;
    // Placeholders are replaced in document order.
    while let Some((start, image)) =
        images.iter().filter_map(|image| Some((rest.find(&image.marker)?, image))).min_by_key(|(start, _)| *start)
    {
        let (before, after) = rest.split_at(start);
        parts.push(&before.into());
        parts.push(&image.base64);
        rest = after.strip_prefix(image.marker.as_str()).unwrap_or_default();
    }
    parts.push(&rest.into());
    json_blob(&parts)
}

fn refused_form(cause: JsValue) -> (Failure, JsValue) {
    (Failure::new(Code::InvalidRequest, "The browser refused to create the form."), cause)
}

/// Creates the Blob of a JSON document.
fn json_blob(parts: &Array) -> Result<JsValue, (Failure, JsValue)> {
    let options = blob::options("application/json");
    let blob = Blob::new_with_blob_sequence_and_options(parts, &options);
    blob.map(JsValue::from).map_err(|cause| (no_storage(), cause))
}

/// Returns the error of a request for which the browser has no storage left.
pub fn no_storage() -> Failure {
    let message = "The browser has no storage left for the images of the request. Send fewer or smaller images.";
    Failure::new(Code::TooLarge, message).with(|details| details.billed = Billed::No)
}

/// Reads a Blob and its header data.
fn read(record: &JsValue) -> Option<(Blob, Input)> {
    let options = Options::new(record);
    let blob: Blob = options.value("blob")?.dyn_into().ok()?;
    let input = Input {
        media_type: options.text("mediaType").and_then(|text| input::media_type(&text)),
        width: options.whole("width"),
        height: options.whole("height"),
        has_alpha: options.flag("hasAlpha").unwrap_or_default(),
        is_animated: options.flag("isAnimated").unwrap_or_default(),
        pixel_format: options.text("pixelFormat").map(|name| input::pixel_format(&name)).unwrap_or_default(),
        byte_length: blob.size() as u64,
        format: options.text("format").and_then(|name| format_named(&name)),
        conversion: match options.text("conversion").as_deref() {
            Some("done") => Conversion::Done,
            Some("rotated") => Conversion::Rotated,
            Some("failed") => Conversion::Failed,
            Some("unavailable") => Conversion::Unavailable,
            Some("tooLarge") => Conversion::TooLarge,
            _ => Conversion::None,
        },
        coverage: match options.text("coverage").as_deref() {
            Some("opaque") => Some(Coverage::Opaque),
            Some("transparent") => Some(Coverage::Transparent),
            _ => None,
        },
        is_masked: options.flag("isMasked").unwrap_or_default(),
    };
    Some((blob, input))
}
