//! Images as Blobs: the browser stores their bytes outside the JavaScript and WebAssembly heaps.

use wasm_bindgen::prelude::*;
use web_sys::Blob;

use super::convert::Record;
use crate::decode::assembler::Sink;
use crate::decode::image_header::Header;

#[wasm_bindgen(raw_module = "../core/own.js")]
extern "C" {
    /// Copies strings and other Blobs, followed by bytes, into a Blob.
    ///
    /// # Errors
    /// The browser has no storage left.
    #[wasm_bindgen(catch, js_name = newBlob)]
    pub fn new_blob(parts: Vec<JsValue>, bytes: &[u8], media_type: &str) -> Result<Blob, JsValue>;
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
        record.set("byteLength", self.byte_length);
        if let Some(header) = self.header {
            record.set("width", header.width);
            record.set("height", header.height);
        }
    }
}

/// Sink that collects the chunks of the current image.
#[derive(Debug, Default)]
pub struct BlobSink {
    pieces: Vec<JsValue>,
    /// True if the browser refused a chunk because its storage is full.
    refused: bool,
}

impl Sink for BlobSink {
    type Image = BlobImage;

    fn piece(&mut self, bytes: &[u8]) {
        match new_blob(Vec::new(), bytes, "") {
            Ok(piece) => self.pieces.push(piece.into()),
            Err(_) => self.refused = true,
        }
    }

    fn finish(&mut self, rest: &[u8], header: Option<Header>, byte_length: u64) -> Option<BlobImage> {
        let media_type = header.map_or("application/octet-stream", |header| header.media_type);
        let Self { pieces, refused } = std::mem::take(self);
        let blob = new_blob(pieces, rest, media_type);
        blob.ok().filter(|_| !refused).map(|blob| BlobImage { blob, media_type, header, byte_length })
    }

    fn discard(&mut self) {
        *self = Self::default();
    }
}
