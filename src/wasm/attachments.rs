//! Blobs of a request, which never enter WebAssembly memory.

use js_sys::Array;
use wasm_bindgen::prelude::*;
use web_sys::{Blob, FormData};

use super::blob::new_blob;
use super::convert::Options;
use crate::decode::file_format::format_named;
use crate::errors::{Billed, Code, Failure};
use crate::http::message::Body;
use crate::images::input::{self, Conversion, Coverage, EditInputs, Input};

/// Blobs of a request.
pub trait Attachments {
    /// Creates the body of a request.
    ///
    /// # Errors
    /// The browser refuses to create the body. The second value is the cause.
    fn body(&self, body: &Body) -> Result<Option<JsValue>, (Failure, JsValue)>;
}

/// The images and the mask of an edit.
pub struct EditFiles {
    images: Vec<(Blob, Input)>,
    /// The images as base64, if the service embeds them in JSON.
    base64: Vec<Blob>,
    mask: Option<(Blob, Input)>,
}

impl EditFiles {
    /// Reads the images and the mask of a call. A generation has none.
    pub fn read(call: &Options<'_>) -> Option<Self> {
        let inputs = call.value("inputs")?;
        let inputs = Options::new(&inputs);
        let images = inputs.value("images").map(|images| Array::from(&images)).unwrap_or_default();
        let base64 = |record: JsValue| Options::new(&record).value("base64")?.dyn_into().ok();
        Some(Self {
            base64: images.iter().filter_map(base64).collect(),
            images: images.iter().filter_map(|record| read(&record)).collect(),
            mask: inputs.value("mask").and_then(|record| read(&record)),
        })
    }

    /// Returns the header data of the files.
    pub fn inputs(&self) -> EditInputs {
        let images = self.images.iter().map(|(_, input)| *input).collect();
        EditInputs { images, mask: self.mask.as_ref().map(|(_, input)| *input) }
    }

    fn form(&self, fields: &[(String, String)], image_field: &'static str) -> Result<FormData, JsValue> {
        let form = form(fields)?;
        let EditInputs { images, mask } = self.inputs();
        let blobs = self.images.iter().chain(&self.mask).map(|(blob, _)| blob);
        for (part, blob) in input::parts(image_field, &images, mask).iter().zip(blobs) {
            form.append_with_blob_and_filename(part.field, blob, &part.file_name)?;
        }
        Ok(form)
    }
}

impl Attachments for EditFiles {
    fn body(&self, body: &Body) -> Result<Option<JsValue>, (Failure, JsValue)> {
        match body {
            Body::JsonWithImages(texts) => {
                let mut parts = Vec::new();
                for (index, text) in texts.iter().enumerate() {
                    parts.push(text.into());
                    parts.extend(self.base64.get(index).map(JsValue::from));
                }
                json_blob(parts).map(Some)
            }
            Body::Edit { fields, image_field } => {
                self.form(fields, image_field).map(|form| Some(form.into())).map_err(refused_form)
            }
            other => Ok(json(other)),
        }
    }
}

/// The images in the input of a response.
pub struct EmbeddedImages(pub Vec<EmbeddedImage>);

/// Image embedded in a JSON document.
pub struct EmbeddedImage {
    /// The parameter of the image.
    pub param: String,
    pub input: Input,
    /// The placeholder for the base64 data in the document.
    marker: String,
    base64: Blob,
}

impl EmbeddedImages {
    /// Reads the images of a call.
    pub fn read(call: &Options<'_>) -> Self {
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
        Self(images.iter().filter_map(read).collect())
    }
}

impl Attachments for EmbeddedImages {
    fn body(&self, body: &Body) -> Result<Option<JsValue>, (Failure, JsValue)> {
        match body {
            Body::Json(text) if !self.0.is_empty() => embed(text, &self.0).map(Some),
            other => Ok(json(other)),
        }
    }
}

/// The file of an upload.
pub struct Upload {
    file: Option<Blob>,
    name: String,
}

impl Upload {
    /// Reads the file of a call.
    pub fn read(call: &Options<'_>) -> Self {
        let file = call.value("file").and_then(|file| file.dyn_into::<Blob>().ok());
        Self { file, name: call.text("fileName").unwrap_or_default() }
    }

    fn form(&self, fields: &[(String, String)]) -> Result<FormData, JsValue> {
        let form = form(fields)?;
        if let Some(file) = &self.file {
            form.append_with_blob_and_filename("file", file, &self.name)?;
        }
        Ok(form)
    }
}

impl Attachments for Upload {
    fn body(&self, body: &Body) -> Result<Option<JsValue>, (Failure, JsValue)> {
        match body {
            Body::Form(fields) => self.form(fields).map(|form| Some(form.into())).map_err(refused_form),
            other => Ok(json(other)),
        }
    }
}

/// Returns the body of a request without attachments.
pub fn json(body: &Body) -> Option<JsValue> {
    match body {
        Body::Json(text) => Some(text.into()),
        _ => None,
    }
}

fn form(fields: &[(String, String)]) -> Result<FormData, JsValue> {
    let form = FormData::new()?;
    for (name, value) in fields {
        form.append_with_str(name, value)?;
    }
    Ok(form)
}

/// Inserts the images into the JSON document. The result is a Blob, because the base64 data is too long for a string.
fn embed(text: &str, images: &[EmbeddedImage]) -> Result<JsValue, (Failure, JsValue)> {
    let mut parts = Vec::new();
    let mut rest = text;
    // Placeholders are replaced in document order.
    while let Some((start, image)) =
        images.iter().filter_map(|image| Some((rest.find(&image.marker)?, image))).min_by_key(|(start, _)| *start)
    {
        let (before, after) = rest.split_at(start);
        parts.push(before.into());
        parts.push(image.base64.clone().into());
        rest = after.strip_prefix(image.marker.as_str()).unwrap_or_default();
    }
    parts.push(rest.into());
    json_blob(parts)
}

fn refused_form(cause: JsValue) -> (Failure, JsValue) {
    (Failure::new(Code::InvalidRequest, "The browser refused to create the form."), cause)
}

/// Creates the Blob of a JSON document.
fn json_blob(parts: Vec<JsValue>) -> Result<JsValue, (Failure, JsValue)> {
    let blob = new_blob(parts, &[], "application/json");
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
