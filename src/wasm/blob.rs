//! Images as Blobs: the browser stores their bytes outside the JavaScript and WebAssembly heaps.

use js_sys::{Array, Object};
use wasm_bindgen::prelude::*;
use web_sys::{Blob, BlobPropertyBag};

use super::convert::Record;
use crate::decode::assembler::Sink;
use crate::decode::image_header::Header;

#[wasm_bindgen]
extern "C" {
    /// Adds `bytes` to `array` as a view of WebAssembly memory. The view is valid until that memory grows. The next
    /// call copies it before that.
    #[wasm_bindgen(js_namespace = ["Array", "prototype", "push"], js_name = call)]
    fn push_view(array: &Array, bytes: &[u8]);
}

/// Copies bytes into a Blob.
///
/// # Errors
/// The browser has no storage left.
pub fn of_bytes(bytes: &[u8]) -> Result<Blob, JsValue> {
    let parts = Array::new();
    push_view(&parts, bytes);
    Blob::new_with_u8_array_sequence(&parts)
}

/// Returns the options of a Blob.
pub fn options(media_type: &str) -> BlobPropertyBag {
    // Inherits nothing: browsers also read the properties that a page adds to `Object.prototype`.
    let options: BlobPropertyBag = Object::<JsValue>::create(JsValue::NULL.unchecked_ref()).unchecked_into();
    options.set_type(media_type);
    options
}

/// Complete image as a Blob.
#[derive(Debug)]
pub struct BlobImage {
    pub blob: Blob,
    pub media_type: &'static str,
    /// The image header, for known formats only.
    pub header: Option<Header>,
    pub byte_length: u64,
}

impl BlobImage {
    /// Writes the image into the record of an event.
    pub fn write(&self, record: &Record) {
        record.set("blob", self.blob.clone());
        record.set("mediaType", self.media_type);
        record.set("byteLength", self.byte_length as f64);
        if let Some(header) = self.header {
            record.set("width", header.width);
            record.set("height", header.height);
        }
    }
}

/// Sink that collects the chunks of the current image.
#[derive(Debug, Default)]
pub struct BlobSink {
    pieces: Array,
    /// True if the browser refused a chunk because its storage is full.
    refused: bool,
}

impl Sink for BlobSink {
    type Image = BlobImage;

    fn piece(&mut self, bytes: &[u8]) {
        match of_bytes(bytes) {
            Ok(piece) => drop(self.pieces.push(&piece)),
            Err(_) => self.refused = true,
        }
    }

    fn finish(&mut self, rest: &[u8], header: Option<Header>, byte_length: u64) -> Option<BlobImage> {
        let media_type = header.map_or("application/octet-stream", |header| header.media_type);
        let options = self::options(media_type);
        push_view(&self.pieces, rest);
        let blob = Blob::new_with_blob_sequence_and_options(&self.pieces, &options);
        let refused = std::mem::take(self).refused;
        blob.ok().filter(|_| !refused).map(|blob| BlobImage { blob, media_type, header, byte_length })
    }

    fn discard(&mut self) {
        *self = Self::default();
    }
}
