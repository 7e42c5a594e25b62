//! The images that go with an edit.

use std::borrow::Cow;

use azure_image_client::decode::file_format::{file_format, format_named};
use azure_image_client::decode::image_header::PixelFormat;
use azure_image_client::images::input::{
    Conversion, Coverage, FileInspector, Input, Inspection, Purpose, Treatment, check_files, media_type, parts,
    pixel_format, problems, response_problems,
};
use azure_image_client::models::catalog::Catalog;
use azure_image_client::models::validate::Severity;

use crate::support::png;

fn found(images: &[Input], mask: Option<Input>) -> Vec<(Cow<'static, str>, Severity, Option<String>)> {
    problems(images, mask, &Catalog::default().model(None))
        .into_iter()
        .map(|problem| (problem.param, problem.severity, problem.suggestion))
        .collect()
}

/// Header data of a file, and the number of bytes read in pieces of this length.
fn inspect_in(file: &[u8], length: usize, purpose: Purpose, is_masked: bool) -> (Inspection, usize) {
    let (mut inspector, mut place, mut read) = (FileInspector::default(), 0, 0);
    while let Some(rest) = file.get(place..).filter(|rest| !rest.is_empty()) {
        let piece = &rest[..length.min(rest.len())];
        read += piece.len();
        let Some(skipped) = inspector.read(piece) else { break };
        place += piece.len() + usize::try_from(skipped).unwrap();
    }
    (inspector.finish(purpose, is_masked), read)
}

fn inspect(file: &[u8], purpose: Purpose, is_masked: bool) -> Inspection {
    inspect_in(file, 1 << 16, purpose, is_masked).0
}

/// A file of this format that is not a PNG, JPEG, WebP or GIF.
fn of_format(name: &str, conversion: Conversion) -> Input {
    Input { media_type: None, format: Some(format_named(name).unwrap()), conversion, ..png(9, 9) }
}

fn messages(images: &[Input], mask: Option<Input>) -> Vec<(Severity, String)> {
    problems(images, mask, &Catalog::default().model(None))
        .into_iter()
        .map(|problem| (problem.severity, problem.message))
        .collect()
}

#[test]
fn pictures_that_the_service_takes_are_no_problem() {
    let jpeg = Input { media_type: Some("image/jpeg"), has_alpha: false, byte_length: 49_999_999, ..png(9, 9) };
    assert_eq!(found(&[png(40, 25), jpeg], Some(png(40, 25))), []);
    assert_eq!(found(&[jpeg], None), []);
}

#[test]
fn what_the_headers_tell_is_refused() {
    let image = ("image".into(), Severity::Error, None);
    let mask = ("mask".into(), Severity::Error, None);
    for bad in [
        Input { media_type: None, width: None, height: None, ..png(1, 1) },
        Input { media_type: Some("image/gif"), ..png(1, 1) },
        Input { media_type: Some("image/webp"), ..png(1, 1) },
        Input { byte_length: 50 * 1024 * 1024, ..png(1, 1) },
    ] {
        assert_eq!(found(&[png(1, 1), bad], None), std::slice::from_ref(&image), "{bad:?}");
    }
    assert_eq!(
        found(&[png(1, 1)], Some(Input { media_type: Some("image/jpeg"), has_alpha: false, ..png(1, 1) })),
        std::slice::from_ref(&mask)
    );
    assert_eq!(found(&[png(1, 1)], Some(Input { has_alpha: false, ..png(1, 1) })), std::slice::from_ref(&mask));
    assert_eq!(found(&[png(1, 1)], Some(Input { byte_length: 50 * 1024 * 1024, ..png(1, 1) })), [mask]);
    assert_eq!(
        found(&[png(40, 25), png(1, 1)], Some(png(25, 40))),
        [("mask".into(), Severity::Error, Some("40x25".to_owned()))]
    );
    let small = Input { byte_length: 4 * 1024 * 1024 - 1, ..png(1, 1) };
    assert_eq!(found(&[png(1, 1)], Some(small)), []);
    let large = Input { byte_length: 4 * 1024 * 1024, ..png(1, 1) };
    assert_eq!(found(&[png(1, 1)], Some(large)), [("mask".into(), Severity::Warning, None)]);
}

#[test]
fn the_pictures_of_a_responses_input_are_png_or_jpeg_and_fit_into_their_urls() {
    // With what stands before it, 15,728,622 bytes of base64 are 20,971,518 characters of a PNG and one more of a JPEG.
    const LONGEST: u64 = 15_728_622;
    let jpeg = Input { media_type: Some("image/jpeg"), has_alpha: false, ..png(1, 1) };
    let long = |input: Input, byte_length| Input { byte_length, ..input };
    let webp = Input { media_type: Some("image/webp"), ..png(1, 1) };
    let gif = Input { media_type: Some("image/gif"), ..png(1, 1) };
    for good in [png(1, 1), jpeg, webp, gif, long(png(1, 1), LONGEST), long(jpeg, LONGEST)] {
        assert_eq!(response_problems(&[("input[0].image", good)]), [], "{good:?}");
    }
    let table = [
        (Input { media_type: None, width: None, height: None, ..png(1, 1) }, "is a file of an unknown format"),
        (Input { media_type: Some("image/gif"), is_animated: true, ..png(1, 1) }, "is an animated GIF"),
        (of_format("a PDF", Conversion::None), "is a PDF, not a supported image. Use a PNG or JPEG."),
        (long(png(1, 1), LONGEST + 1), "has 15.7 MB (15728623 bytes)"),
        (long(jpeg, LONGEST + 1), "has 15.7 MB (15728623 bytes)"),
        (long(jpeg, u64::MAX), "at most 15.7 MB"),
    ];
    for (bad, words) in table {
        let images = [("input[0].image", bad), ("input[1].image", png(1, 1)), ("input[12].image", bad)];
        let problems = response_problems(&images);
        let params: Vec<&str> = problems.iter().map(|problem| &*problem.param).collect();
        assert_eq!(params, ["input[0].image", "input[12].image"], "{bad:?}");
        for problem in problems {
            assert_eq!((problem.severity, problem.suggestion), (Severity::Error, None));
            assert!(problem.message.starts_with(&*problem.param), "{}", problem.message);
            assert!(problem.message.contains(words), "{}", problem.message);
        }
    }
    assert_eq!(response_problems(&[]), []);
}

#[test]
fn the_files_of_a_form_are_named_by_their_bytes() {
    let jpeg = Input { media_type: Some("image/jpeg"), ..png(1, 1) };
    let named = |images: &[Input], mask| -> Vec<(&str, String)> {
        parts("image[]", images, mask).into_iter().map(|part| (part.field, part.file_name)).collect()
    };
    assert_eq!(named(&[jpeg], Some(png(1, 1))), [("image[]", "image-1.jpg".into()), ("mask", "mask.png".into())]);
    let of = |media_type| Input { media_type, ..png(1, 1) };
    let all = [png(1, 1), jpeg, of(Some("image/webp")), of(Some("image/gif")), of(Some("image/bmp")), of(None)];
    assert_eq!(
        named(&all, None),
        ["image-1.png", "image-2.jpg", "image-3.webp", "image-4.gif", "image-5.png", "image-6.png"]
            .map(|name| ("image[]", name.to_owned()))
    );
}

#[test]
fn the_limit_of_50_mb_has_two_meanings() {
    for (bytes, severity, words) in [
        (49_999_999, None, ""),
        (50_000_000, Some(Severity::Warning), "has 50.0 MB (50000000 bytes)"),
        (52_428_799, Some(Severity::Warning), "has 52.4 MB"),
        (52_428_800, Some(Severity::Error), "has 52.4 MB (52428800 bytes). It must be smaller than 50 MB."),
    ] {
        let long = Input { byte_length: bytes, ..png(1, 1) };
        let found: Vec<_> = messages(&[long], None).into_iter().chain(messages(&[png(1, 1)], Some(long))).collect();
        let long_mask = found.iter().filter(|(_, message)| !message.contains("4 MB or more"));
        let found: Vec<_> = long_mask.collect();
        assert_eq!(found.len(), if severity.is_some() { 2 } else { 0 }, "{bytes}: {found:?}");
        for (is, message) in found {
            assert_eq!(Some(*is), severity, "{bytes}");
            assert!(message.contains(words), "{message}");
        }
    }
}

#[test]
fn a_file_that_cannot_be_sent_is_named_with_a_remedy() {
    let jpeg = Input {
        media_type: Some("image/jpeg"),
        format: format_named("a JPEG"),
        conversion: Conversion::Unavailable,
        ..png(9, 9)
    };
    let unknown = Input { media_type: None, conversion: Conversion::Failed, ..png(9, 9) };
    let table = [
        (Input { byte_length: 0, media_type: None, ..png(1, 1) }, "image is empty (0 bytes). Check that"),
        (
            of_format("a TIFF", Conversion::Failed),
            "image is a TIFF, which this browser cannot decode. Convert it to PNG or JPEG.",
        ),
        (
            of_format("a WebP", Conversion::Failed),
            "image is a WebP that cannot be decoded. It may be damaged or cut off.",
        ),
        (
            of_format("a WebP", Conversion::Unavailable),
            "image is a WebP, which must be converted to PNG or JPEG first. Only a browser",
        ),
        (of_format("a BMP", Conversion::TooLarge), "image is a BMP of 9x9 pixels, too large to convert in a browser."),
        (of_format("a PDF", Conversion::None), "image is a PDF, not a supported image. Use a PNG or JPEG."),
        (jpeg, "image is a JPEG with an Exif rotation, which a mask does not allow."),
        (unknown, "image is a file of an unknown format, which this browser cannot decode. Use a PNG or JPEG."),
    ];
    for (input, words) in table {
        let found = messages(&[input], None);
        assert!(matches!(&*found, [(Severity::Error, message)] if message.starts_with(words)), "{found:?}");
        let failure = check_files([("image", &input)]).unwrap_err();
        assert!(failure.message.starts_with(words), "{}", failure.message);
        let [(Severity::Error, message), ..] = &*messages(&[png(1, 1), input], None) else { panic!() };
        assert!(message.starts_with("image[1] is"), "{message}");
    }
    assert!(check_files([("image", &png(1, 1))]).is_ok());
}

#[test]
fn a_file_of_a_common_format_that_cannot_be_decoded_may_be_damaged() {
    for name in ["a PNG", "a JPEG", "a WebP", "a GIF", "an AVIF", "a BMP", "an ICO", "a CUR"] {
        let input = Input { media_type: None, ..of_format(name, Conversion::Failed) };
        let message = format!(
            "image is {name} that cannot be decoded. It may be damaged or cut off. Save it again as PNG or JPEG."
        );
        assert_eq!(check_files([("image", &input)]).unwrap_err().message, message);
    }
    for name in ["a HEIC", "a TIFF", "a JPEG XL", "a JPEG 2000", "an SVG"] {
        let message = format!("image is {name}, which this browser cannot decode. Convert it to PNG or JPEG.");
        assert_eq!(check_files([("image", &of_format(name, Conversion::Failed))]).unwrap_err().message, message);
    }
}

#[test]
fn a_conversion_and_an_unusual_pixel_format_are_warnings() {
    let done = |name: &str, media_type, conversion| Input {
        media_type: Some(media_type),
        format: format_named(name),
        conversion,
        ..png(9, 9)
    };
    let gif = Input { is_animated: true, ..done("a GIF", "image/png", Conversion::Done) };
    let of = |pixel_format| Input { pixel_format, ..png(9, 9) };
    let table = [
        (done("a WebP", "image/jpeg", Conversion::Done), "image was converted from WebP to JPEG, because"),
        (done("an AVIF", "image/png", Conversion::Done), "image was converted from AVIF to PNG, because"),
        (gif, "image was converted from an animated GIF to PNG. Only its first frame is sent."),
        (
            done("a JPEG", "image/jpeg", Conversion::Rotated),
            "image was rotated by its Exif orientation and saved as JPEG",
        ),
        (of(PixelFormat::Cmyk), "image is a JPEG with four color channels (CMYK)"),
        (of(PixelFormat::Palette), "image is a PNG with a palette"),
        (of(PixelFormat::Deep), "image is a PNG with 16 bits per channel"),
    ];
    for (input, words) in table {
        let found = messages(&[input], None);
        assert!(matches!(&*found, [(Severity::Warning, message)] if message.starts_with(words)), "{found:?}");
        let response = response_problems(&[("input[0].image", input)]);
        assert!(matches!(&*response, [problem] if problem.severity == Severity::Warning), "{response:?}");
    }
}

#[test]
fn the_mask_of_a_response_is_checked_like_that_of_an_edit() {
    let jpeg = Input { media_type: Some("image/jpeg"), has_alpha: false, ..png(40, 25) };
    let opaque = Input { has_alpha: false, ..png(40, 25) };
    let covered = |coverage| Input { coverage: Some(coverage), ..png(40, 25) };
    let image = Input { is_masked: true, ..png(40, 25) };
    for (mask, severity, words) in [
        (png(40, 25), None, ""),
        (jpeg, Some(Severity::Error), "The mask is a JPEG, which cannot be transparent."),
        (opaque, Some(Severity::Error), "The mask has no alpha channel."),
        (png(25, 40), Some(Severity::Error), "The mask is 25x40. It must have the size of the first image, 40x25."),
        (of_format("a PDF", Conversion::None), Some(Severity::Error), "The mask is a PDF, not a supported image."),
        (covered(Coverage::Opaque), Some(Severity::Warning), "The mask has no transparent pixel"),
        (covered(Coverage::Transparent), Some(Severity::Warning), "The mask is fully transparent"),
    ] {
        let of_edit = messages(&[image], Some(mask));
        let of_response = response_problems(&[("input[0].image", image), ("tool.inputImageMask", mask)]);
        assert!(of_response.iter().all(|problem| problem.param == "tool.inputImageMask"));
        let of_response: Vec<_> = of_response
            .into_iter()
            .map(|problem| (problem.severity, problem.message.replace("tool.inputImageMask", "The mask")))
            .collect();
        assert_eq!(of_edit, of_response);
        assert_eq!(of_edit.first().map(|(severity, _)| *severity), severity);
        assert!(of_edit.iter().all(|(_, message)| message.starts_with(words)), "{of_edit:?}");
    }
    // Without the image that it applies to, the size of a mask is not checked.
    assert_eq!(response_problems(&[("input[0].image", png(1, 1)), ("tool.inputImageMask", png(40, 25))]), []);
}

#[test]
fn the_first_bytes_say_what_a_file_is() {
    /// A PNG header with this color type, and what follows it.
    fn header(color_type: u8, rest: &[u8]) -> Vec<u8> {
        let mut png = b"\x89PNG\r\n\x1A\n\0\0\0\rIHDR\0\0\0\x28\0\0\0\x19\x08".to_vec();
        png.extend([color_type, 0, 0, 0, 1, 2, 3, 4]);
        png.extend(rest);
        png
    }
    let chunk = |name: &[u8; 4], data: &[u8]| {
        [&u32::try_from(data.len()).unwrap().to_be_bytes()[..], name, data, &[0; 4]].concat()
    };
    let transparency = [chunk(b"PLTE", &[1, 2, 3]), chunk(b"tRNS", &[0])].concat();
    let far = [chunk(b"iCCP", &vec![7; 200_000]), chunk(b"tRNS", &[0])].concat();
    let too_late = [chunk(b"IDAT", &[0]), chunk(b"tRNS", &[0])].concat();
    for (color_type, rest, has_alpha) in [
        (6, Vec::new(), true),
        (4, Vec::new(), true),
        (2, Vec::new(), false),
        (3, chunk(b"PLTE", &[1, 2, 3]), false),
        (3, transparency, true),
        (2, far, true),
        (2, too_late, false),
        (2, vec![0xFF; 40], false),
    ] {
        let it = inspect(&header(color_type, &rest), Purpose::Edit, false);
        assert_eq!(
            (it.media_type, it.width, it.height, it.has_alpha),
            (Some("image/png"), Some(40), Some(25), has_alpha)
        );
        assert_eq!(it.pixel_format, (color_type == 3).then_some("palette"));
        assert_eq!(it.treatment, None);
    }
    assert_eq!((media_type("image/png"), media_type("text/plain")), (Some("image/png"), None));
    for (name, format) in [("cmyk", PixelFormat::Cmyk), ("palette", PixelFormat::Palette), ("x", PixelFormat::Common)] {
        assert_eq!(pixel_format(name), format);
    }
}

#[test]
fn what_has_to_happen_to_a_file_follows_from_its_format_and_purpose() {
    let sample = |name: &str| crate::support::sample(&format!("image-files/{name}"));
    let turned = crate::decode::image_header::with_exif(&sample("40x25.baseline.jpg"), 6);
    let (webp, gif, pdf) = (sample("40x25.alpha.webp"), sample("40x25.gif"), b"%PDF-1.7".to_vec());
    let bmp = b"BM\x36\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0\x28\0\0\0\xE7\xFF\xFF\xFF\x01\0\x18\0".to_vec();
    let (edit, response, mask) = (Purpose::Edit, Purpose::Response, Purpose::Mask);
    let (conversion, rotation) = (Some(Treatment::Conversion), Some(Treatment::Rotation));
    for (file, purpose, is_masked, treatment) in [
        (&turned, edit, false, None),
        (&turned, edit, true, rotation),
        (&turned, response, false, None),
        (&turned, response, true, rotation),
        (&turned, mask, true, None),
        (&webp, edit, false, conversion),
        (&webp, response, false, None),
        (&webp, mask, true, conversion),
        (&gif, edit, false, conversion),
        (&gif, response, false, None),
        (&bmp, response, false, conversion),
        (&pdf, edit, false, None),
        (&b"unknown".to_vec(), edit, false, None),
        (&b"\x07\x01unknown".to_vec(), edit, false, conversion),
        (&Vec::new(), edit, false, None),
    ] {
        let it = inspect(file, purpose, is_masked);
        assert_eq!(it.treatment, treatment, "{:?} {purpose:?}", it.format);
    }
    let it = inspect(&turned, edit, true);
    assert_eq!((it.width, it.height), (Some(25), Some(40)));
    let it = inspect(&bmp, edit, false);
    assert_eq!((it.media_type, it.width, it.height, it.may_have_alpha), (None, Some(40), Some(25), true));
}

#[test]
fn only_the_needed_parts_of_a_file_are_read() {
    let jpeg = crate::support::sample("image-files/40x25.baseline.jpg");
    let segment = [&[0xFF, 0xE2, 0xFF, 0xFF][..], &vec![0; 0xFFFD]].concat();
    let file = [&jpeg[..2], &segment.repeat(100), &jpeg[2..]].concat();
    let (it, read) = inspect_in(&file, 4096, Purpose::Edit, false);
    assert_eq!((it.media_type, it.width, it.height), (Some("image/jpeg"), Some(40), Some(25)));
    assert!(read < file.len() / 10, "{read} of {} bytes", file.len());
}

#[test]
fn formats_are_named_by_their_bytes() {
    let table: &[(&[u8], Option<&str>)] = &[
        (b"", None),
        (b"\x01\x02\x03", None),
        (b"RIFF\0\0\0\0WEBPVP8 ", Some("a WebP")),
        (b"RIFF\0\0\0\0AVI LIST", Some("an AVI video")),
        (b"RIFF\0\0\0\0WAVEfmt ", Some("a WAV file")),
        (b"\0\0\0\x1Cftypavif\0\0\0\0avif", Some("an AVIF")),
        (b"\0\0\0\x1Cftypmif1\0\0\0\0mif1avifmiaf", Some("an AVIF")),
        (b"\0\0\0\x1Cftypmif1\0\0\0\0mif1heic", Some("a HEIC")),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", Some("a HEIC")),
        (b"\0\0\0\x14ftypqt  \0\0\0\0qt  ", Some("a QuickTime video")),
        (b"\0\0\0\x18ftypisom\0\0\x02\0isom", Some("an MP4 video")),
        (b"\0\0\0\x18ftypcrx \0\0\x02\0crx ", Some("a camera raw file")),
        (b"\0\0\x01\0\x01\0", Some("an ICO")),
        (b"\0\0\x02\0\x01\0", Some("a CUR")),
        (b"BM6\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0", Some("a BMP")),
        (b"BMW is a brand of cars.", Some("a text file")),
        (b"II*\0\x08\0\0\0", Some("a TIFF")),
        (b"II*\0\x10\0\0\0CR\x02\0", Some("a camera raw file")),
        (b"MM\0*\0\0\0\x08", Some("a TIFF")),
        (b"\xFF\x0A\xFA\x1F", Some("a JPEG XL")),
        (b"\0\0\0\x0CjP  \r\n\x87\n", Some("a JPEG 2000")),
        (b"8BPS\0\x01", Some("a Photoshop file")),
        (b"%PDF-1.7\n", Some("a PDF")),
        (b"PK\x03\x04", Some("a ZIP archive or an Office document")),
        (b"\x1A\x45\xDF\xA3", Some("a WebM or Matroska video")),
        (b"\x1F\x8B\x08", Some("a gzip archive")),
        (b"<svg/>", Some("an SVG")),
        (b"\xEF\xBB\xBF <?xml version=\"1.0\"?><!-- a > b --><!DOCTYPE svg [<!ENTITY a \"<b>\">]>\n<svg:svg xmlns:svg=\"\">", Some("an SVG")),
        (b"<!DOCTYPE svg PUBLIC \"-//W3C//DTD SVG 1.1//EN\" \"\"><svg>", Some("an SVG")),
        (b"<!doctype HTML><svg>", Some("an HTML page")),
        (b"<html><svg>", Some("an HTML page")),
        (b"<Error><Code>AccessDenied</Code></Error>", Some("an XML document")),
        (b"<?xml", Some("an XML document")),
        (b"<", Some("an XML document")),
        (b"{\"error\":1}", Some("a JSON document")),
        (b"data:image/png;base64,iVBORw0KGgo=", Some("a text file")),
    ];
    for (bytes, name) in table {
        let format = file_format(bytes);
        assert_eq!(format.map(|format| format.name), *name, "{}", bytes.escape_ascii());
        assert_eq!(name.and_then(format_named), format);
    }
}
