//! What the fuzz targets check (`tests/fuzz/checks.rs`), on the inputs that were found to reach something new, and on some that are made
//! of them.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

#[path = "fuzz/checks.rs"]
mod checks;
mod support;

use std::fs;
use std::path::PathBuf;

use proptest::prelude::*;
use proptest::sample::Index;
use proptest::test_runner::{RngSeed, TestRunner};
use support::cases;
use support::heap::Counting;

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// A test for each target, with so many inputs beside those of its corpus.
macro_rules! targets {
    ($($target:ident: $count:literal,)*) => {
        $(
            #[test]
            fn $target() {
                run(stringify!($target), $count, checks::$target);
            }
        )*
    };
}

targets! {
    sse: 20_000,
    json: 5_000,
    base64: 20_000,
    stream: 4_000,
    responses: 4_000,
    errors: 20_000,
    endpoint: 20_000,
    image: 20_000,
}

fn run(target: &str, count: u32, check: fn(&[u8])) {
    let corpus = corpus(target);
    for (path, input) in &corpus {
        // A test shows what it printed only where it fails.
        println!("{}", path.display());
        check(input);
    }
    let inputs: Vec<Vec<u8>> = corpus.into_iter().map(|(_, input)| input).collect();
    // Always the same ones: what fails on one machine fails on another.
    let config = ProptestConfig { rng_seed: RngSeed::Fixed(1), ..cases(count) };
    let checked = TestRunner::new(config).run(&altered(inputs), |input| {
        check(&input);
        Ok(())
    });
    checked.unwrap_or_else(|error| panic!("{error}"));
}

/// The inputs of a target.
fn corpus(target: &str) -> Vec<(PathBuf, Vec<u8>)> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fuzz/corpus").join(target);
    let mut paths: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    assert!(!paths.is_empty());
    paths.into_iter().map(|path| (path.clone(), fs::read(path).unwrap())).collect()
}

/// Inputs that have, in some places, other bytes or a part of another input.
fn altered(inputs: Vec<Vec<u8>>) -> impl Strategy<Value = Vec<u8>> {
    let input = prop::sample::select(inputs);
    let part = (input.clone(), any::<Index>(), any::<Index>()).prop_map(|(input, start, length)| {
        let start = start.index(input.len() + 1);
        let length = length.index(input.len() - start + 1);
        input[start..start + length].to_vec()
    });
    let bytes = prop_oneof![prop::collection::vec(any::<u8>(), 0..4), part];
    let changes = prop::collection::vec((any::<Index>(), 0..8_usize, bytes), 1..4);
    (input, changes).prop_map(|(mut input, changes)| {
        for (start, removed, bytes) in changes {
            let start = start.index(input.len() + 1);
            input.splice(start..(start + removed).min(input.len()), bytes);
        }
        input
    })
}
