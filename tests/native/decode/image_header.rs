//! What the first bytes of an image say.

use crate::support::{cases, sample};
use azure_image_client::decode::image_header::{Header, HeaderReader, header};
use proptest::prelude::*;

/// Files of real encoders (libvips; those of the protocol's samples are 2 × 2).
const FILES: &[(&str, &str)] = &[
    ("40x25.png", "image/png"),
    ("40x25.baseline.jpg", "image/jpeg"),
    ("40x25.progressive.jpg", "image/jpeg"),
    ("40x25.exif.jpg", "image/jpeg"),
    ("40x25.lossy.webp", "image/webp"),
    ("40x25.lossless.webp", "image/webp"),
    ("40x25.alpha.webp", "image/webp"),
    ("40x25.gif", "image/gif"),
];

fn image(name: &str) -> Vec<u8> {
    sample(&format!("image-files/{name}"))
}

#[test]
fn files_of_real_encoders_are_known_with_their_size() {
    for (name, media_type) in FILES {
        assert_eq!(header(&image(name)), Some(Header { media_type, width: 40, height: 25 }), "{name}");
    }
}

#[test]
fn a_beginning_says_the_same_as_the_file_or_nothing() {
    for (name, _) in FILES {
        let bytes = image(name);
        let whole = header(&bytes);
        let known_from = (0..=bytes.len()).find(|length| header(&bytes[..*length]).is_some()).unwrap();
        for length in 0..=bytes.len() {
            assert_eq!(header(&bytes[..length]), whole.filter(|_| length >= known_from), "{name}, {length} bytes");
        }
    }
}

#[test]
fn large_sizes_are_read_whole() {
    let mut png = image("40x25.png");
    png[16..24].copy_from_slice(&[0x01, 0x02, 0x03, 0x04, 0x00, 0x00, 0x0F, 0x00]);
    assert_eq!(header(&png), Some(Header { media_type: "image/png", width: 0x0102_0304, height: 3840 }));

    let mut jpeg = image("40x25.baseline.jpg");
    let frame = jpeg.windows(2).position(|marker| marker == [0xFF, 0xC0]).unwrap();
    jpeg[frame + 5..frame + 9].copy_from_slice(&[0x0F, 0x00, 0xFF, 0xFF]);
    assert_eq!(header(&jpeg), Some(Header { media_type: "image/jpeg", width: 65_535, height: 3840 }));

    let mut lossy = image("40x25.lossy.webp");
    // The two highest bits are a scale, and no part of the size.
    lossy[26..30].copy_from_slice(&[0xFF, 0x7F, 0x00, 0xCF]);
    assert_eq!(header(&lossy), Some(Header { media_type: "image/webp", width: 16_383, height: 3840 }));

    let mut lossless = image("40x25.lossless.webp");
    lossless[21..25].copy_from_slice(&(0xEFF_u32 | 0x3FFF << 14 | 0b1010 << 28).to_le_bytes());
    assert_eq!(header(&lossless), Some(Header { media_type: "image/webp", width: 3840, height: 16_384 }));

    let mut extended = image("40x25.alpha.webp");
    extended[24..30].copy_from_slice(&[0xFF, 0xFF, 0xFF, 0xFF, 0x0E, 0x00]);
    assert_eq!(header(&extended), Some(Header { media_type: "image/webp", width: 1 << 24, height: 3840 }));
}

#[test]
fn metadata_before_the_size_of_a_jpeg_is_passed_over() {
    let jpeg = image("40x25.baseline.jpg");
    let segment = [&[0xFF, 0xEB, 0xFF, 0xFF][..], &vec![0xFF; 0xFFFD]].concat();
    let with_metadata = [&jpeg[..2], &segment.repeat(5), &[0xFF, 0xFF, 0xFF], &jpeg[2..]].concat();
    assert_eq!(header(&with_metadata), header(&jpeg));
    // These have no segment, and so no length.
    for marker in [0x01, 0xD0, 0xD7] {
        assert_eq!(header(&[&jpeg[..2], &[0xFF, marker], &jpeg[2..]].concat()), header(&jpeg), "{marker:X}");
    }
}

#[test]
fn a_file_in_pieces_says_the_same_as_the_whole() {
    let jpeg = image("40x25.baseline.jpg");
    let segment = [&[0xFF, 0xEB, 0x01, 0x00][..], &[0xFF; 0xFE]].concat();
    let late = [&jpeg[..2], &segment.repeat(5), &[0xFF; 300], &jpeg[2..]].concat();
    for bytes in FILES.iter().map(|(name, _)| image(name)).chain([late, b"FF".repeat(50), vec![0xFF; 500]]) {
        for length in [1, 2, 7, 100, 1000] {
            let mut reader = HeaderReader::default();
            bytes.chunks(length).for_each(|piece| reader.read(piece));
            assert_eq!(reader.header(), header(&bytes), "pieces of {length} bytes");
        }
    }
}

#[test]
fn other_files_are_not_known() {
    let files: &[&[u8]] = &[
        b"",
        b"<svg xmlns=\"http://www.w3.org/2000/svg\"/>",
        b"BM6\0\0\0",
        b"\0\0\0\x1Cftypavif\0\0\0\0avif",
        b"RIFF\x24\0\0\0WAVEfmt \x10\0\0\0\x01\0\x02\0\x44\xAC\0\0",
        b"RIFF\x24\0\0\0WEBPVP9 \x10\0\0\0\x01\0\x02\0\x44\xAC\0\0",
        b"GIF90a\x01\0\x01\0",
        b"\x89PNG\r\n\x1A\n\0\0\0\rCgBI\0\0\0\x01\0\0\0\x01",
        b"\x89PNG\n\x1A\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01",
        b"\xFF\xD8\xFF\xE0\0\0\xFF\xE0\0\0",
        b"\xFF\xD8\xFF\xE0\0\x01\xFF\xC0",
        b"\xFF\xD8\xFF\xFF\xFF\xFF",
        b"\xFF\xD8\xFF\xC4\0\x0B\x08\0\x19\0\x28\x03\x01\x22\0",
        b"iVBORw0KGgoAAAANSUhEUgAAAAIAAAACCAIAAAD91JpzAAAADklEQVR42mM4AQYMEAoAQa4JYR7P07UAAAAASUVORK5CYII=",
    ];
    for file in files {
        assert_eq!(header(file), None, "{}", file.escape_ascii());
    }
}

proptest! {
    #![proptest_config(cases(256))]

    #[test]
    fn damaged_files_are_read_without_a_panic(
        file in prop::sample::select(FILES),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
        length in any::<prop::sample::Index>(),
    ) {
        let mut bytes = image(file.0);
        for (place, byte) in changes {
            let place = place.index(bytes.len().min(64));
            bytes[place] = byte;
        }
        let _ = header(&bytes[..length.index(bytes.len())]);
        let _ = header(&bytes);
    }
}
