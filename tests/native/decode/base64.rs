//! Base64 that arrives in pieces.

use crate::support::{cases, cut_at, encode, noise, three_chunks};
use azure_image_client::decode::base64::{Decoder, Error};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use proptest::prelude::*;

fn decode<'a>(chunks: impl IntoIterator<Item = &'a [u8]>) -> Result<Vec<u8>, Error> {
    let (mut decoder, mut out) = (Decoder::default(), Vec::new());
    for chunk in chunks {
        decoder.push(chunk, &mut out)?;
    }
    decoder.finish(&mut out)?;
    Ok(out)
}

#[test]
fn every_length_decodes_in_every_three_chunks() {
    for length in 0..=12 {
        let bytes = noise(length);
        let text = encode(&bytes);
        for chunks in three_chunks(text.as_bytes(), usize::MAX) {
            assert_eq!(decode(chunks).as_ref(), Ok(&bytes), "{chunks:?}");
        }
        assert_eq!(decode(text.as_bytes().chunks(1)).as_ref(), Ok(&bytes));
    }
}

#[test]
fn what_is_no_base64_is_an_error_in_every_three_chunks() {
    let texts = [
        "A",
        "AA",
        "AAA",
        "AAAAA",
        "AAAAAA",
        "AAAAAAA",
        "=",
        "==",
        "===",
        "====",
        "A===",
        "A=",
        "A==",
        "AA=",
        "AA=A",
        "AA==A",
        "AA==AAAA",
        "AAA=AAAA",
        "AAA=A",
        "AAAA=",
        "AAAA==",
        "AAAA====",
        "AA===",
        "AAA==",
        "AB==",
        "AAB=",
        "AAAAAB==",
        "AA-_",
        "AA A",
        " AAAA",
        "AAAA ",
        "AAAA\n",
        "AA\nAA",
        "AAAA\r\nAAAA",
        "AA\0A",
        "AAA\u{E9}",
        "%41AA",
        "data:image/png;base64,AAAA",
        "\"AAAA\"",
        "=AAA",
    ];
    for text in texts {
        assert!(STANDARD.decode(text).is_err(), "{text}: the expectation itself");
        for chunks in three_chunks(text.as_bytes(), usize::MAX) {
            assert_eq!(decode(chunks), Err(Error), "{chunks:?}");
        }
    }
}

#[test]
fn every_quad_is_decoded_as_soon_as_it_is_there() {
    let text = encode(&noise(3000));
    let (mut decoder, mut out) = (Decoder::default(), Vec::new());
    for (given, chunk) in (1..).zip(text.as_bytes().chunks(1)) {
        decoder.push(chunk, &mut out).unwrap();
        assert_eq!(out.len(), given / 4 * 3);
    }
}

#[test]
fn every_byte_at_every_place_is_judged_as_the_crate_judges_it() {
    // Longer than the blocks that are decoded together, with some more behind them.
    let text = encode(&noise(75));
    for place in 0..text.len() {
        for byte in 0..=u8::MAX {
            let mut text = text.clone().into_bytes();
            text[place] = byte;
            assert_eq!(decode([text.as_slice()]), STANDARD.decode(&text).map_err(|_| Error), "{byte} at {place}");
        }
    }
}

#[test]
fn long_texts_decode_in_chunks_of_every_size() {
    // Around what is decoded at once.
    for length in [3070, 3071, 3072, 3073, 9000] {
        let bytes = noise(length);
        let text = encode(&bytes);
        for size in (1..80).chain([1023, 4095, 4096, 4097, 65_536]) {
            assert_eq!(decode(text.as_bytes().chunks(size)).as_ref(), Ok(&bytes), "{length} bytes in chunks of {size}");
        }
    }
}

proptest! {
    #![proptest_config(cases(256))]

    #[test]
    fn random_bytes_in_random_chunks_come_back(
        bytes in prop::collection::vec(any::<u8>(), 0..300),
        places in prop::collection::vec(any::<prop::sample::Index>(), 0..8),
    ) {
        let text = encode(&bytes);
        prop_assert_eq!(decode(cut_at(text.as_bytes(), &places)), Ok(bytes));
    }

    #[test]
    fn damaged_text_is_an_error_exactly_where_the_crate_says_so(
        bytes in prop::collection::vec(any::<u8>(), 0..40),
        at in any::<prop::sample::Index>(),
        removed in 0..3_usize,
        added in prop::collection::vec(prop::sample::select(b"AQgw9+/=-_ \n\xC3".to_vec()), 0..3),
        places in prop::collection::vec(any::<prop::sample::Index>(), 0..6),
    ) {
        let mut text = encode(&bytes).into_bytes();
        let at = at.index(text.len() + 1);
        text.splice(at..(at + removed).min(text.len()), added);
        prop_assert_eq!(decode(cut_at(&text, &places)), STANDARD.decode(&text).map_err(|_| Error));
    }

    #[test]
    fn random_letters_are_an_error_exactly_where_the_crate_says_so(
        text in prop::collection::vec(prop::sample::select(b"AQgw=\n".to_vec()), 0..14),
        places in prop::collection::vec(any::<prop::sample::Index>(), 0..6),
    ) {
        prop_assert_eq!(decode(cut_at(&text, &places)), STANDARD.decode(&text).map_err(|_| Error));
    }
}
