//! Images on their way from base64 to a sink.

use crate::support::{Keep, Kept, encode, noise, sample};
use azure_image_client::decode::assembler::{Assembler, Error, LARGEST_IMAGES, PIECE_BYTES, Sink};
use azure_image_client::decode::image_header::{Header, header};

fn assemble(assembler: &mut Assembler<impl Sink<Image = Kept>>, text: &[u8], chunk: usize) -> Result<Kept, Error> {
    text.chunks(chunk).for_each(|chunk| assembler.push(chunk));
    assembler.finish()
}

/// As a server makes them: a header, and so many bytes in all.
fn png(length: usize) -> Vec<u8> {
    let mut bytes = sample("image-files/40x25.png");
    bytes.extend(noise(length - bytes.len()));
    bytes
}

#[test]
fn an_image_comes_out_whole_in_pieces_and_a_rest() {
    for length in [153, PIECE_BYTES - 1, PIECE_BYTES, PIECE_BYTES + 1, 3 * PIECE_BYTES + 77] {
        let bytes = png(length);
        let text = encode(&bytes);
        for chunk in [1000, 16 * 1024, usize::MAX] {
            let mut assembler = Assembler::new(Keep::default(), u64::MAX);
            let image = assemble(&mut assembler, text.as_bytes(), chunk).unwrap();
            assert!(image.bytes == bytes, "{length} in chunks of {chunk}");
            assert_eq!(image.header, Some(Header { media_type: "image/png", width: 40, height: 25 }));
            let (last, others) = image.pieces.split_last().unwrap();
            assert!(others.iter().chain([last]).all(|piece| *piece <= PIECE_BYTES + 64 * 1024), "{:?}", image.pieces);
            assert!(others.iter().all(|piece| *piece >= PIECE_BYTES), "{:?}", image.pieces);
            assert!(*last > 0);
        }
    }
}

#[test]
fn a_header_behind_long_metadata_is_found() {
    let jpeg = sample("image-files/40x25.baseline.jpg");
    let segment = [&[0xFF, 0xEB, 0xFF, 0xFF][..], &vec![0; 0xFFFD]].concat();
    // Before the end of a piece, across it, and behind several.
    let across = PIECE_BYTES / 65_537;
    for segments in [14, across, across + 1, 100] {
        let bytes = [&jpeg[..2], &segment.repeat(segments), &jpeg[2..], &noise(PIECE_BYTES)].concat();
        let mut assembler = Assembler::new(Keep::default(), u64::MAX);
        let image = assemble(&mut assembler, encode(&bytes).as_bytes(), 1000).unwrap();
        assert_eq!(image.header, header(&jpeg));
        assert!(image.pieces.len() > 1);
    }
}

#[test]
fn the_memory_for_a_large_piece_is_free_again_behind_an_error() {
    let mut failing = Assembler::new(Keep::default(), u64::MAX);
    failing.push(b"AAAA");
    failing.push(b"****");
    let mut assembler = Assembler::new(Keep::default(), u64::MAX);
    let image = assemble(&mut assembler, encode(&noise(PIECE_BYTES - 1)).as_bytes(), 1000).unwrap();
    assert_eq!(image.pieces, [PIECE_BYTES - 1]);
    assert!(failing.finish().is_err());
}

#[test]
fn bytes_of_no_known_format_are_an_image_without_a_header() {
    let mut assembler = Assembler::new(Keep::default(), u64::MAX);
    let image = assemble(&mut assembler, b"AAAA", 1).unwrap();
    assert_eq!(image, Kept { bytes: vec![0, 0, 0], pieces: vec![3], header: None });
}

#[test]
fn a_limit_is_the_largest_size_that_passes() {
    for length in [1, 3, 4, 1000, 70_000, PIECE_BYTES + 1] {
        let text = encode(&noise(length));
        for chunk in [1000, usize::MAX] {
            for (limit, fits) in [(length as u64, true), (length as u64 - 1, false)] {
                let mut assembler = Assembler::new(Keep::default(), limit);
                let result = assemble(&mut assembler, text.as_bytes(), chunk);
                assert_eq!(result.map(|image| image.bytes.len()).ok(), fits.then_some(length), "{length}, {limit}");
            }
        }
    }
}

#[test]
fn all_pictures_of_an_answer_together_have_a_limit_too() {
    let text = encode(&noise(100));
    for chunk in [7, usize::MAX] {
        let mut assembler = Assembler::new(Keep::default(), 100);
        for _ in 0..LARGEST_IMAGES - 1 {
            assert!(assemble(&mut assembler, text.as_bytes(), chunk).is_ok());
        }
        // What was refused takes nothing of it.
        assert_eq!(assemble(&mut assembler, encode(&noise(101)).as_bytes(), chunk), Err(Error::TooLarge));
        assert!(assemble(&mut assembler, encode(&noise(60)).as_bytes(), chunk).is_ok());
        assert_eq!(assemble(&mut assembler, encode(&noise(41)).as_bytes(), chunk), Err(Error::TooLargeTogether));
        assert_eq!(assemble(&mut assembler, encode(&noise(103)).as_bytes(), chunk), Err(Error::TooLarge));
        assert_eq!(assemble(&mut assembler, b"*", chunk), Err(Error::Malformed));
        assert!(assemble(&mut assembler, encode(&noise(40)).as_bytes(), chunk).is_ok());
        assert_eq!(assemble(&mut assembler, b"AAAA", chunk), Err(Error::TooLargeTogether));
        assert_eq!(assemble(&mut assembler, b"", chunk), Err(Error::Empty));
    }
}

#[test]
fn of_two_faults_the_same_one_is_named_in_chunks_of_every_size() {
    let fits = encode(&noise(64));
    for (limit, text, error) in [
        (64, format!("{fits}AAA*"), Error::TooLarge),
        (64, format!("*{fits}AAAA"), Error::TooLarge),
        (64, fits.replace('=', "*"), Error::Malformed),
        (64, "A".repeat(88), Error::TooLarge),
        (64, format!("{}*", "A".repeat(87)), Error::Malformed),
        (0, "A".into(), Error::TooLarge),
        (0, String::new(), Error::Empty),
        (1, "A".into(), Error::Malformed),
    ] {
        for chunk in 1..100 {
            let mut assembler = Assembler::new(Keep::default(), limit);
            assert_eq!(assemble(&mut assembler, text.as_bytes(), chunk), Err(error), "{text} in chunks of {chunk}");
        }
    }
}

#[test]
fn what_is_no_image_is_an_error_and_the_next_one_is_none_the_worse() {
    /// How often something was thrown away, shared with the sink.
    #[derive(Default)]
    struct Watched(Keep, std::rc::Rc<std::cell::Cell<usize>>);
    impl Sink for Watched {
        type Image = Kept;
        fn piece(&mut self, bytes: &[u8]) {
            self.0.piece(bytes);
        }
        fn finish(&mut self, rest: &[u8], header: Option<Header>, byte_length: u64) -> Option<Kept> {
            self.0.finish(rest, header, byte_length)
        }
        fn discard(&mut self) {
            self.0.discard();
            self.1.set(self.0.discarded);
        }
    }
    let discarded = std::rc::Rc::default();
    let limit = 2 * PIECE_BYTES as u64;
    let mut assembler = Assembler::new(Watched(Keep::default(), std::rc::Rc::clone(&discarded)), limit);
    let large = encode(&noise(2 * PIECE_BYTES + 10));
    let late = [&large.as_bytes()[..PIECE_BYTES * 2], b"*AAA"].concat();
    let cases: &[(&[u8], Error)] = &[
        (b"", Error::Empty),
        (b"*", Error::Malformed),
        (b"AAA", Error::Malformed),
        (b"AA==AA==", Error::Malformed),
        (b"AAAA\t", Error::Malformed),
        (&late, Error::Malformed),
        (&late[..late.len() - 1], Error::Malformed),
        (large.as_bytes(), Error::TooLarge),
    ];
    for (index, (text, error)) in cases.iter().enumerate() {
        assert_eq!(assemble(&mut assembler, text, 1000).as_ref(), Err(error));
        assert_eq!(discarded.get(), index + 1, "what came of it is discarded, once");
        let next = png(PIECE_BYTES + 500);
        let image = assemble(&mut assembler, encode(&next).as_bytes(), 1000).unwrap();
        assert!(image.bytes == next);
        assert!(image.header.is_some());
    }
}
