//! What the first bytes of an image say.

use crate::support::{cases, sample};
use azure_image_client::decode::image_header::{Header, HeaderReader, PixelFormat, header};
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

/// A segment of a JPEG.
fn segment(marker: u8, data: &[u8]) -> Vec<u8> {
    let length = u16::try_from(data.len() + 2).unwrap().to_be_bytes();
    [&[0xFF, marker][..], &length, data].concat()
}

/// An entry of a TIFF directory: tag, type, count and value.
type Entry = (u16, u16, u32, u16);

/// TIFF data with one directory.
fn tiff(is_big_endian: bool, entries: &[Entry]) -> Vec<u8> {
    let two = |number: u16| if is_big_endian { number.to_be_bytes() } else { number.to_le_bytes() };
    let four = |number: u32| if is_big_endian { number.to_be_bytes() } else { number.to_le_bytes() };
    let mut tiff = if is_big_endian { b"MM".to_vec() } else { b"II".to_vec() };
    tiff.extend(two(42));
    tiff.extend(four(8));
    tiff.extend(two(u16::try_from(entries.len()).unwrap()));
    for (tag, kind, count, value) in entries {
        tiff.extend([&two(*tag)[..], &two(*kind), &four(*count), &two(*value), &[0, 0]].concat());
    }
    tiff
}

fn oriented(orientation: u16) -> Vec<u8> {
    tiff(false, &[(274, 3, 1, orientation)])
}

fn exif(tiff: &[u8]) -> Vec<u8> {
    segment(0xE1, &[b"Exif\0\0", tiff].concat())
}

/// A JPEG with this Exif orientation.
pub fn with_exif(jpeg: &[u8], orientation: u16) -> Vec<u8> {
    [&jpeg[..2], &exif(&oriented(orientation)), &jpeg[2..]].concat()
}

/// A PNG with chunks before its pixel data.
fn with_chunks(png: &[u8], chunks: &[(&[u8; 4], Vec<u8>)]) -> Vec<u8> {
    const HEADER: usize = 33;
    let mut file = png[..HEADER].to_vec();
    for (name, data) in chunks {
        file.extend([&u32::try_from(data.len()).unwrap().to_be_bytes()[..], *name, data, &[0; 4]].concat());
    }
    file.extend(&png[HEADER..]);
    file
}

/// The displayed size in words, also of the file in pieces.
fn displayed(file: &[u8]) -> (u32, u32) {
    let whole = header(file).unwrap();
    for length in [1, 7, 1000] {
        let mut reader = HeaderReader::default();
        file.chunks(length).for_each(|piece| reader.read(piece));
        assert_eq!(reader.header(), Some(whole), "pieces of {length} bytes");
    }
    (whole.width, whole.height)
}

// Each case is what Chromium 156 displays.
#[test]
fn the_size_is_the_displayed_one() {
    let jpeg = image("40x25.baseline.jpg");
    let (flat, upright) = ((40, 25), (25, 40));
    for orientation in 0..=9 {
        let size = if (5..=8).contains(&orientation) { upright } else { flat };
        assert_eq!(displayed(&with_exif(&jpeg, orientation)), size, "{orientation}");
        let big_endian = exif(&tiff(true, &[(271, 2, 4, 0), (274, 3, 1, orientation)]));
        assert_eq!(displayed(&[&jpeg[..2], &big_endian, &jpeg[2..]].concat()), size, "{orientation}, big-endian");
        let png = with_chunks(&image("40x25.png"), &[(b"eXIf", oriented(orientation))]);
        assert_eq!(displayed(&png), size, "{orientation}, PNG");
    }
    let right = oriented(6);
    let padded = |byte: u8| segment(0xE1, &[b"Exif\0", &[byte][..], &right].concat());
    let xmp = segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0<x:xmpmeta/>");
    let mut too_many = right.clone();
    too_many[8] = 200;
    let table: &[(&str, Vec<u8>, (u32, u32))] = &[
        ("padding of FF", padded(0xFF), upright),
        ("padding of A", padded(b'A'), upright),
        ("XMP before", [xmp.clone(), exif(&right)].concat(), upright),
        ("XMP after", [exif(&right), xmp].concat(), upright),
        ("several, the first counts", [exif(&right), exif(&oriented(1))].concat(), upright),
        ("several, the first is upright", [exif(&oriented(1)), exif(&right)].concat(), flat),
        ("several, the first has none", [exif(&tiff(false, &[])), exif(&right)].concat(), flat),
        ("several, the first is broken", [exif(b"II*\0\xFF\xFF\xFF\x7F"), exif(&right)].concat(), flat),
        ("more entries announced", exif(&too_many), upright),
        ("cut in the entry", exif(&right[..right.len() - 2]), flat),
        ("another type", exif(&tiff(false, &[(274, 4, 1, 6)])), flat),
        ("two values", exif(&tiff(false, &[(274, 3, 2, 6)])), flat),
        ("two tags, the first counts", exif(&tiff(false, &[(274, 3, 1, 6), (274, 3, 1, 3)])), upright),
        ("no TIFF", exif(b"XX*\0\x08\0\0\0"), flat),
        ("empty", exif(b""), flat),
        ("shorter than its name", segment(0xE1, b"Exif"), flat),
        ("another segment", segment(0xE2, &[b"Exif\0\0", &right[..]].concat()), flat),
    ];
    for (name, segments, size) in table {
        assert_eq!(displayed(&[&jpeg[..2], segments, &jpeg[2..]].concat()), *size, "{name}");
    }
    // Between the dimensions and the scan.
    let scan = jpeg.windows(2).position(|marker| marker == [0xFF, 0xDA]).unwrap();
    assert_eq!(displayed(&[&jpeg[..scan], &exif(&right), &jpeg[scan..]].concat()), upright);
    assert_eq!(displayed(&[&jpeg[..], &exif(&right)].concat()), flat);

    let png = image("40x25.png");
    let chunk = |data: &[u8]| (b"eXIf", data.to_vec());
    assert_eq!(displayed(&with_chunks(&png, &[chunk(&right), chunk(&oriented(1))])), upright);
    assert_eq!(displayed(&with_chunks(&png, &[chunk(&[b"Exif\0\0", &right[..]].concat())])), flat);
    assert_eq!(displayed(&with_chunks(&png, &[(b"iTXt", vec![7; 100_000]), chunk(&right)])), upright);
    assert_eq!(displayed(&[&png[..], b"\0\0\0\x16eXIf", &right].concat()), flat);
}

#[test]
fn bytes_between_the_segments_of_a_jpeg_are_skipped() {
    let jpeg = image("40x25.baseline.jpg");
    let right = exif(&oriented(6));
    for stray in [&b"\0"[..], b"\0\x01\x02", b"\0\xFF\0\x03", b"\xFF\xFF", b"text", &[0; 5000]] {
        assert_eq!(displayed(&[&jpeg[..2], &right, stray, &jpeg[2..]].concat()), (25, 40), "{}", stray.escape_ascii());
    }
    // A length of zero or one counts as two.
    assert_eq!(displayed(&[&jpeg[..2], &[0xFF, 0xE5, 0, 0], &right, &jpeg[2..]].concat()), (25, 40));
}

#[test]
fn the_traits_of_the_pixels_are_read() {
    let traits = |file: &[u8]| {
        let mut reader = HeaderReader::default();
        reader.read(file);
        reader.traits()
    };
    for (name, has_alpha) in FILES.iter().map(|(name, _)| (*name, name.contains("alpha"))) {
        if name != "40x25.gif" && name != "40x25.png" {
            assert_eq!(traits(&image(name)).has_alpha, has_alpha, "{name}");
        }
    }
    let mut cmyk = image("40x25.baseline.jpg");
    let frame = cmyk.windows(2).position(|marker| marker == [0xFF, 0xC0]).unwrap();
    cmyk[frame + 9] = 4;
    assert_eq!(traits(&cmyk).pixel_format, PixelFormat::Cmyk);
    let mut png = image("40x25.png");
    for (depth, color_type, format) in
        [(8, 2, PixelFormat::Common), (16, 6, PixelFormat::Deep), (8, 3, PixelFormat::Palette)]
    {
        png[24..26].copy_from_slice(&[depth, color_type]);
        assert_eq!(traits(&png).pixel_format, format);
    }
    assert!(traits(&with_chunks(&image("40x25.png"), &[(b"acTL", vec![0; 8])])).is_animated);

    let lossless = image("40x25.lossless.webp");
    assert!(!traits(&lossless).has_alpha);
    let mut with_alpha = lossless;
    with_alpha[24] |= 0x10;
    assert!(traits(&with_alpha).has_alpha);

    // A screen with a table of two colors, and frames with their own.
    let screen = b"GIF89a\x28\0\x19\0\x80\0\0ABCDEF";
    let control = |flags: u8| [&[0x21, 0xF9, 4, flags][..], &[0; 4]].concat();
    let frame = b"\x2C\0\0\0\0\x28\0\x19\0\x80ABCDEF\x02\x03abc\x01a\0";
    let comment = b"\x21\xFE\x02\x2C\x2C\0";
    for (blocks, has_alpha, is_animated) in [
        (vec![&frame[..]], false, false),
        (vec![&control(1), &frame[..]], true, false),
        (vec![&control(4), &frame[..], comment], false, false),
        (vec![&control(4), &frame[..], comment, &control(1), &frame[..]], true, true),
        (vec![&frame[..], b"\x3B", &frame[..]], false, false),
    ] {
        let traits = traits(&[&screen[..], &blocks.concat()].concat());
        assert_eq!((traits.has_alpha, traits.is_animated), (has_alpha, is_animated), "{blocks:?}");
    }
}

#[test]
fn the_coded_size_of_avif_and_bmp_is_an_upper_bound() {
    let size = |file: &[u8]| {
        let mut reader = HeaderReader::default();
        file.chunks(5).for_each(|piece| reader.read(piece));
        assert_eq!(reader.header(), None);
        reader.coded_size()
    };
    let iso_box =
        |name: &[u8; 4], data: &[u8]| [&u32::try_from(data.len() + 8).unwrap().to_be_bytes()[..], name, data].concat();
    let ispe =
        |width: u32, height: u32| iso_box(b"ispe", &[[0; 4], width.to_be_bytes(), height.to_be_bytes()].concat());
    let ipco = iso_box(b"ipco", &[ispe(16, 16), iso_box(b"pixi", &[0; 9]), ispe(400, 250), ispe(40, 25)].concat());
    let meta = iso_box(b"meta", &[&[0; 4][..], &iso_box(b"hdlr", &[0; 20]), &iso_box(b"iprp", &ipco)].concat());
    let ftyp = iso_box(b"ftyp", b"avif\0\0\0\0avifmif1");
    assert_eq!(size(&[&ftyp[..], &meta].concat()), Some((400, 250)));
    assert_eq!(size(&[&ftyp[..], &iso_box(b"mdat", &[7; 99]), &meta].concat()), Some((400, 250)));
    assert_eq!(size(&[&ftyp[..], &[0, 0, 0, 0], b"meta", &[0; 40]].concat()), None);

    let bmp = |second: &[u8]| [b"BM\x36\0\0\0\0\0\0\0\x36\0\0\0", second].concat();
    assert_eq!(size(&bmp(b"\x28\0\0\0\x28\0\0\0\xE7\xFF\xFF\xFF")), Some((40, 25)));
    assert_eq!(size(&bmp(b"\x0C\0\0\0\x28\0\x19\0\x01\0\x18\0")), Some((40, 25)));
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
        b"\xFF\xD8\0\xFF\xC0\0\x0B\x08\0\x19\0\x28\x03\x01\x22\0",
        b"\xFF\xD8\xFF\xD9\xFF\xC0\0\x0B\x08\0\x19\0\x28\x03\x01\x22\0",
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
