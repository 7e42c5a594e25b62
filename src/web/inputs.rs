//! The pictures of an edit, as the facade has made them ready, and the form that they are sent in. Their bytes stay where
//! they are: only headers are ever read into WebAssembly.

use js_sys::Array;
use wasm_bindgen::prelude::*;
use web_sys::{Blob, FormData};

use super::convert::Options;
use super::failure::Thrown;
use crate::protocol::error::Code;
use crate::protocol::files::{self, Input};

/// The pictures of an edit, each with what its header says.
pub struct Inputs {
    images: Vec<(Blob, Input)>,
    mask: Option<(Blob, Input)>,
}

impl Inputs {
    /// Reads the facade's record; `None` where the call has no pictures.
    pub fn read(record: &JsValue) -> Option<Self> {
        let members = Options::new(record);
        let images = Array::from(&members.value("images")?).iter().filter_map(|record| read(&record)).collect();
        Some(Self { images, mask: members.value("mask").and_then(|record| read(&record)) })
    }

    /// What is known of the pictures.
    pub fn images(&self) -> Vec<Input> {
        self.images.iter().map(|(_, input)| *input).collect()
    }

    /// What is known of the mask.
    pub fn mask(&self) -> Option<Input> {
        self.mask.as_ref().map(|(_, input)| *input)
    }

    /// The form with the pictures and the other fields.
    pub fn form(&self, fields: &[(String, String)]) -> Result<JsValue, Thrown> {
        let form = form_of(fields)?;
        let files = files::parts(&self.images(), self.mask());
        let blobs = self.images.iter().chain(&self.mask).map(|(blob, _)| blob);
        for (part, blob) in files.iter().zip(blobs) {
            form.append_with_blob_and_filename(part.field, blob, &part.file_name).map_err(refused)?;
        }
        Ok(form.into())
    }
}

/// A form with texts.
pub fn form_of(fields: &[(String, String)]) -> Result<FormData, Thrown> {
    let form = FormData::new().map_err(refused)?;
    for (name, value) in fields {
        form.append_with_str(name, value).map_err(refused)?;
    }
    Ok(form)
}

/// The browser does not take something into a form.
pub fn refused(cause: JsValue) -> Thrown {
    Thrown::new(Code::InvalidRequest, "The browser refused to make the form.", cause)
}

/// A picture, and what is known of it.
pub fn read(record: &JsValue) -> Option<(Blob, Input)> {
    let members = Options::new(record);
    let blob: Blob = members.value("blob")?.dyn_into().ok()?;
    let media_type = members.text("mediaType").and_then(|text| files::media_type(&text));
    let input = Input {
        media_type,
        width: members.whole("width"),
        height: members.whole("height"),
        has_alpha: members.flag("hasAlpha").unwrap_or_default(),
        byte_length: blob.size() as u64,
    };
    Some((blob, input))
}
