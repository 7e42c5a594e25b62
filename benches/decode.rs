//! How fast the engine reads what Azure sends: each of its parts alone and the whole, cut into chunks of several sizes.
//!
//! Beside them stand the limits: what only searches each byte (`memchr`), and what only copies it (`copy`), as the engine
//! does both at least once. That a longer chunk is not faster is as much a result as the figures are.
//!
//! Compiled as what ships is, for size but for one crate (`Cargo.toml`). Base64 is not what ships: the vector instructions that
//! decode it are those of WebAssembly, and natively it is about a tenth as fast. `npm run bench` says what a page has.

#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

#[path = "../tests/support/mod.rs"]
mod support;

use std::convert::Infallible;
use std::hint::black_box;
use std::slice::Chunks;
use std::time::Duration;

use azure_image_client::decode::assembler::Sink;
use azure_image_client::decode::base64;
use azure_image_client::decode::image_header::Header;
use azure_image_client::decode::json::{self, Path, Route, Strings};
use azure_image_client::decode::sse;
use azure_image_client::decode::stream::Limits;
use azure_image_client::images::response::{Event, ImagesReader, Source};
use azure_image_client::responses::events::{self, ResponseReader};
use criterion::{BenchmarkId, Criterion, Throughput};
use support::{encode, noise, sample};

/// Bytes in a chunk. One is as no buffer is, so that it ends anywhere in a quad of base64.
const CHUNKS: [usize; 5] = [1024, 4096, 10_007, 16 * 1024, LARGEST_CHUNK];
const LARGEST_CHUNK: usize = 64 * 1024;

const SMALL_PICTURE: usize = 200_000;
const PICTURE: usize = 6_000_000;

fn main() {
    // Enough to tell a tenth from nothing, and all of it in a minute.
    let mut criterion = Criterion::default()
        .sample_size(15)
        .warm_up_time(Duration::from_millis(200))
        .measurement_time(Duration::from_secs(1))
        .nresamples(10_000)
        .without_plots()
        .configure_from_args();
    let stream = enlarged("images/generations.stream.no-partials.sse", PICTURE);
    limits(&mut criterion, &stream);
    parts(&mut criterion, &stream);
    whole(&mut criterion, &stream);
    criterion.final_summary();
}

fn limits(criterion: &mut Criterion, stream: &str) {
    let mut copy = vec![0; LARGEST_CHUNK];
    in_chunks(criterion, "copy", stream, |chunks| {
        for chunk in chunks {
            copy[..chunk.len()].copy_from_slice(chunk);
            black_box(&mut copy);
        }
    });
    in_chunks(criterion, "memchr", stream, |mut chunks| {
        assert!(chunks.all(|chunk| memchr::memchr(0, chunk).is_none()));
    });
}

fn parts(criterion: &mut Criterion, stream: &str) {
    let document = stream.split_once("data: ").unwrap().1.trim_end();
    in_chunks(criterion, "framing", stream, |chunks| {
        let (mut parser, mut data) = (sse::Parser::default(), Count::default());
        for chunk in chunks {
            parser.push(chunk, &mut data).unwrap();
        }
        parser.finish(&mut data).unwrap();
        assert_eq!(data.bytes, document.len());
    });
    in_chunks(criterion, "json", document, |chunks| {
        let Limits { max_event_bytes: max_kept_bytes, max_nesting: max_depth, .. } = Limits::default();
        let (mut parser, mut text) = (json::Parser::new(json::Limits { max_kept_bytes, max_depth }), Count::default());
        for chunk in chunks {
            parser.push(chunk, &mut text).unwrap();
        }
        parser.finish().unwrap();
        assert_eq!(text.bytes, PICTURE / 3 * 4);
    });
    let mut decoded = Vec::with_capacity(LARGEST_CHUNK);
    in_chunks(criterion, "base64", &encode(&noise(PICTURE)), |chunks| {
        let (mut decoder, mut bytes) = (base64::Decoder::default(), 0);
        for chunk in chunks {
            decoder.push(chunk, &mut decoded).unwrap();
            bytes += decoded.len();
            decoded.clear();
        }
        decoder.finish(&mut decoded).unwrap();
        bytes += decoded.len();
        decoded.clear();
        assert_eq!(bytes, PICTURE);
    });
}

fn whole(criterion: &mut Criterion, stream: &str) {
    let small = enlarged("images/generations.stream.sse", SMALL_PICTURE);
    let (partial_image, _) = small.split_once("\n\n").unwrap();
    let small = format!("{partial_image}\n\n{small}");
    for (name, stream, bytes) in
        [("images 1 × 6 MB", stream, PICTURE), ("images 4 × 0.2 MB", &small, 4 * SMALL_PICTURE)]
    {
        in_chunks(criterion, name, stream, |chunks| {
            let (mut reader, mut images) = (ImagesReader::new(Count::default(), Limits::default(), 1), 0);
            let mut report = |event| {
                if let Event::PartialImage { image, .. } | Event::Image(image) = event
                    && let Source::Bytes(bytes) = image.source
                {
                    images += bytes;
                }
            };
            for chunk in chunks {
                reader.push(chunk, &mut report).unwrap();
            }
            reader.finish(&mut report).unwrap().unwrap();
            assert_eq!(images, bytes);
        });
    }
    let twice = enlarged("responses/stream.completed.foundry-v1.sse", PICTURE);
    in_chunks(criterion, "responses 1 × 6 MB twice", &twice, |chunks| {
        let (mut reader, mut images) = (ResponseReader::new(Count::default(), Limits::default()), 0);
        let mut report = |_, event| {
            if let events::Event::Image { image, .. } = event {
                images += image;
            }
        };
        for chunk in chunks {
            reader.push(chunk, &mut report).unwrap();
        }
        reader.finish(&mut report).unwrap();
        assert_eq!(images, PICTURE);
    });
}

/// Has `read` go through the text in chunks of each size.
fn in_chunks(criterion: &mut Criterion, name: &str, text: &str, mut read: impl FnMut(Chunks<'_, u8>)) {
    let mut group = criterion.benchmark_group(name);
    group.throughput(Throughput::Bytes(text.len() as u64));
    for size in CHUNKS {
        let id = BenchmarkId::from_parameter(size);
        group.bench_function(id, |bencher| bencher.iter(|| read(black_box(text.as_bytes()).chunks(size))));
    }
    group.finish();
}

/// A stream of `tests/samples` with images of so many bytes in place of its own.
fn enlarged(path: &str, bytes: usize) -> String {
    let image = encode(&noise(bytes));
    let stream = String::from_utf8(sample(path)).unwrap();
    // Each of its images is a PNG, and none of its other strings begins as one does.
    let strings = stream.split('"').map(|string| if string.starts_with("iVBORw0KGgo") { &image } else { string });
    strings.collect::<Vec<_>>().join("\"")
}

/// Stands behind a parser, or behind all of them: counts, and does nothing else.
#[derive(Debug, Default)]
struct Count {
    bytes: usize,
}

impl sse::Handler for Count {
    type Error = Infallible;

    fn data(&mut self, bytes: &[u8]) -> Result<(), Infallible> {
        self.bytes += bytes.len();
        Ok(())
    }

    fn dispatch(&mut self, _: &[u8]) -> Result<(), Infallible> {
        Ok(())
    }
}

impl Strings for Count {
    fn route(&mut self, path: Path<'_>) -> Route {
        if path.is(&["b64_json"]) { Route::Stream } else { Route::Keep }
    }

    fn piece(&mut self, bytes: &[u8]) {
        self.bytes += bytes.len();
    }

    fn end(&mut self) -> usize {
        0
    }
}

impl Sink for Count {
    type Image = usize;

    fn piece(&mut self, bytes: &[u8]) {
        self.bytes += black_box(bytes).len();
    }

    fn finish(&mut self, rest: &[u8], _: Option<Header>, _: u64) -> Option<usize> {
        Sink::piece(self, rest);
        Some(std::mem::take(&mut self.bytes))
    }

    fn discard(&mut self) {
        self.bytes = 0;
    }
}
