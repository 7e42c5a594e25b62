//! What several of the native tests need.

// `tests/native`, the tests of memory and fuzzing, and the fuzz targets (which have no proptest) each use another part of this.
#![allow(dead_code, clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

#[cfg(test)]
pub mod driver;
pub mod heap;
pub mod json;
pub mod responses;
pub mod sse;

use std::path::PathBuf;

use azure_image_client::decode::assembler::Sink;
use azure_image_client::decode::image_header::Header;
use azure_image_client::decode::json::{Limits as JsonLimits, Value};
use azure_image_client::decode::stream::{Decoder, Document, Limits};
use azure_image_client::errors::Failure;
use azure_image_client::errors::judge::ServiceJudge;
use azure_image_client::http::secrets::Secrets;
use azure_image_client::images::input::Input;
use azure_image_client::images::response::{Event, ImagesReader, Source, Summary};
use azure_image_client::models::catalog::Catalog;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// A file of `tests/samples`.
pub fn sample(path: &str) -> Vec<u8> {
    std::fs::read(samples().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The files of a folder of `tests/samples` whose names end so: the path of each, and what it holds.
pub fn samples_in(folder: &str, ending: &str) -> Vec<(String, Vec<u8>)> {
    let mut names: Vec<String> = std::fs::read_dir(samples().join(folder))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.ends_with(ending))
        .collect();
    names.sort();
    assert!(!names.is_empty(), "no sample {folder}/*{ending}");
    names
        .into_iter()
        .map(|name| {
            let path = format!("{folder}/{name}");
            let bytes = sample(&path);
            (path, bytes)
        })
        .collect()
}

fn samples() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/samples")
}

/// The tables with further models, told as `models` of `catalog`.
pub fn catalog_with(models: &str) -> Catalog {
    let text = format!("{{\"models\":{models}}}");
    Catalog::with(&Value::parse(text.as_bytes(), JsonLimits { max_kept_bytes: 100_000, max_depth: 10 }).unwrap())
        .unwrap()
}

/// So many random cases, without a file of those that failed: they belong into a test of their own.
#[cfg(test)]
pub fn cases(cases: u32) -> proptest::test_runner::Config {
    proptest::test_runner::Config { cases, failure_persistence: None, ..Default::default() }
}

pub fn secrets<const NUMBER: usize>(texts: [&str; NUMBER]) -> Secrets {
    let mut secrets = Secrets::default();
    for text in texts {
        secrets.add(text);
    }
    secrets
}

/// Header data of a PNG with transparency.
pub fn png(width: u32, height: u32) -> Input {
    Input {
        media_type: Some("image/png"),
        width: Some(width),
        height: Some(height),
        has_alpha: true,
        byte_length: 1000,
        ..Input::default()
    }
}

pub fn encode(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// Bytes without a pattern, always the same.
pub fn noise(length: usize) -> Vec<u8> {
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    (0..length)
        .map(|_| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state.to_be_bytes()[0]
        })
        .collect()
}

/// A text whole, in single bytes, and in chunks of some other lengths.
pub fn some_cuts(bytes: &[u8]) -> Vec<Vec<&[u8]>> {
    [usize::MAX, 1, 2, 3, 5, 7, 64, 1000].into_iter().map(|length| bytes.chunks(length).collect()).collect()
}

/// Every way to cut a text into two chunks.
pub fn two_chunks(bytes: &[u8]) -> impl Iterator<Item = [&[u8]; 2]> {
    (0..=bytes.len()).map(|cut| {
        let (first, second) = bytes.split_at(cut);
        [first, second]
    })
}

/// Every way to cut a text into three chunks, of which the one in the middle has at most so many bytes.
pub fn three_chunks(bytes: &[u8], middle: usize) -> impl Iterator<Item = [&[u8]; 3]> {
    (0..=bytes.len()).flat_map(move |start| {
        (start..=bytes.len().min(start.saturating_add(middle)))
            .map(move |end| [&bytes[..start], &bytes[start..end], &bytes[end..]])
    })
}

/// A text cut at the given places, in any order.
#[cfg(test)]
pub fn cut_at<'a>(bytes: &'a [u8], places: &[proptest::sample::Index]) -> Vec<&'a [u8]> {
    let mut places: Vec<usize> = places.iter().map(|place| place.index(bytes.len() + 1)).collect();
    places.sort_unstable();
    let mut start = 0;
    let mut chunks = Vec::new();
    for end in places.into_iter().chain([bytes.len()]) {
        chunks.push(&bytes[start..end]);
        start = end;
    }
    chunks
}

/// Keeps the images.
#[derive(Debug, Default)]
pub struct Keep {
    pieces: Vec<Vec<u8>>,
    pub discarded: usize,
}

/// An image that was kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    pub bytes: Vec<u8>,
    /// The lengths of the pieces in which it came.
    pub pieces: Vec<usize>,
    pub header: Option<Header>,
}

impl Sink for Keep {
    type Image = Kept;

    fn piece(&mut self, bytes: &[u8]) {
        self.pieces.push(bytes.to_vec());
    }

    fn finish(&mut self, rest: &[u8], header: Option<Header>, byte_length: u64) -> Option<Kept> {
        if !rest.is_empty() {
            self.piece(rest);
        }
        let pieces = std::mem::take(&mut self.pieces);
        let bytes = pieces.concat();
        assert_eq!(bytes.len() as u64, byte_length);
        Some(Kept { bytes, pieces: pieces.iter().map(Vec::len).collect(), header })
    }

    fn discard(&mut self) {
        self.pieces.clear();
        self.discarded += 1;
    }
}

/// What an [`ImagesReader`] reported and returned.
#[derive(Debug, PartialEq)]
pub struct Answer {
    pub partial_images: Vec<(u64, Vec<u8>)>,
    pub images: Vec<(Vec<u8>, Option<String>)>,
    pub withheld: Vec<Failure>,
    pub result: Result<Summary, Failure>,
}

/// The bytes of an image, or of its URL.
fn bytes(source: Source<Kept>) -> Vec<u8> {
    match source {
        Source::Bytes(kept) => kept.bytes,
        Source::Url(url) => url.into_bytes(),
    }
}

/// Reads an answer as a client does.
pub fn read_answer<'a>(chunks: impl IntoIterator<Item = &'a [u8]>, expected: u32) -> Answer {
    let (mut partial_images, mut images, mut withheld) = (Vec::new(), Vec::new(), Vec::new());
    let mut report = |event: Event<Kept>| match event {
        Event::PartialImage { index, image } => partial_images.push((index, bytes(image.source))),
        Event::Image(image) | Event::ImageBeforeCut(image) => images.push((bytes(image.source), image.revised_prompt)),
        Event::Withheld(failure) => withheld.push(failure),
    };
    let mut reader = ImagesReader::new(Keep::default(), Limits::default(), expected);
    reader.set_judge(Some(&ServiceJudge));
    let mut failed = None;
    for chunk in chunks {
        if let Err(failure) = reader.push(chunk, &mut report) {
            failed = Some(failure);
            break;
        }
        if reader.is_complete() {
            break;
        }
    }
    let result = match failed {
        Some(failure) => Err(failure),
        None => reader.finish(&mut report).map(Option::unwrap),
    };
    Answer { partial_images, images, withheld, result }
}

/// A document with its images back in their places.
#[derive(Debug, Clone, PartialEq)]
pub enum Tree {
    Text(String),
    Number(String),
    Image(Vec<u8>),
    NoImage(azure_image_client::decode::assembler::Error),
    /// Passed over.
    Omitted,
    Array(Vec<Tree>),
    Object(Vec<(String, Tree)>),
    Other(String),
}

impl Tree {
    pub fn read(document: &mut Document<Kept>) -> Self {
        fn read(value: &Value, document: &mut dyn FnMut(&Value) -> Tree) -> Tree {
            match value {
                Value::String(text) => Tree::Text(text.clone()),
                Value::Number(text) => Tree::Number(text.to_string()),
                Value::Array(elements) => Tree::Array(elements.iter().map(|element| read(element, document)).collect()),
                Value::Object(members) => {
                    Tree::Object(members.iter().map(|(name, value)| (name.clone(), read(value, document))).collect())
                }
                Value::Streamed(_) => document(value),
                Value::Null | Value::Bool(_) => {
                    let mut text = String::new();
                    value.write(&mut text);
                    Tree::Other(text)
                }
            }
        }
        let images = &mut document.images;
        read(&document.value, &mut |place| match images.take(Some(place)) {
            Some(Ok(image)) => Tree::Image(image.bytes),
            Some(Err(error)) => Tree::NoImage(error),
            None => Tree::Omitted,
        })
    }

    /// The member of an object.
    pub fn get(&self, name: &str) -> Option<&Tree> {
        match self {
            Tree::Object(members) => members.iter().rev().find(|(key, _)| key == name).map(|(_, value)| value),
            _ => None,
        }
    }
}

/// The documents of an answer, with the names of their events.
pub fn read_documents<'a>(chunks: impl IntoIterator<Item = &'a [u8]>) -> Result<Vec<(String, Tree)>, Failure> {
    read_documents_within(chunks, Limits::default())
}

pub fn read_documents_within<'a>(
    chunks: impl IntoIterator<Item = &'a [u8]>,
    limits: Limits,
) -> Result<Vec<(String, Tree)>, Failure> {
    let (documents, end) = documents_and_end(chunks, limits);
    end.map(|()| documents)
}

/// The documents of an answer that came before it failed, if it did.
pub fn documents_and_end<'a>(
    chunks: impl IntoIterator<Item = &'a [u8]>,
    limits: Limits,
) -> (Vec<(String, Tree)>, Result<(), Failure>) {
    let mut decoder = Decoder::new(Keep::default(), limits);
    let mut end = Ok(());
    for chunk in chunks {
        end = decoder.push(chunk);
        if end.is_err() {
            break;
        }
    }
    let end = end.and_then(|()| decoder.finish());
    let mut documents = Vec::new();
    while let Some(mut document) = decoder.next_document() {
        documents.push((document.name.clone(), Tree::read(&mut document)));
    }
    (documents, end)
}
