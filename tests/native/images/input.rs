//! The images that go with an edit.

use std::borrow::Cow;

use azure_image_client::images::input::{Input, inspect, media_type, parts, problems, response_problems};
use azure_image_client::models::catalog::Catalog;
use azure_image_client::models::validate::Severity;

use crate::support::png;

fn found(images: &[Input], mask: Option<Input>) -> Vec<(Cow<'static, str>, Severity, Option<String>)> {
    problems(images, mask, &Catalog::default().model(None))
        .into_iter()
        .map(|problem| (problem.param, problem.severity, problem.suggestion))
        .collect()
}

#[test]
fn pictures_that_the_service_takes_are_no_problem() {
    let jpeg =
        Input { media_type: Some("image/jpeg"), has_alpha: false, byte_length: 50 * 1024 * 1024 - 1, ..png(9, 9) };
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
    for good in [png(1, 1), jpeg, long(png(1, 1), LONGEST), long(jpeg, LONGEST)] {
        assert_eq!(response_problems(&[("input[0].image", good)]), [], "{good:?}");
    }
    let table = [
        (Input { media_type: None, width: None, height: None, ..png(1, 1) }, "is not a supported image"),
        (Input { media_type: Some("image/gif"), ..png(1, 1) }, "is image/gif"),
        (Input { media_type: Some("image/webp"), ..png(1, 1) }, "is image/webp"),
        (long(png(1, 1), LONGEST + 1), "has 15728623 bytes"),
        (long(jpeg, LONGEST + 1), "has 15728623 bytes"),
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
    let too_late = [chunk(b"IDAT", &[0]), chunk(b"tRNS", &[0])].concat();
    for (color_type, rest, has_alpha) in [
        (6, Vec::new(), true),
        (4, Vec::new(), true),
        (2, Vec::new(), false),
        (3, chunk(b"PLTE", &[1, 2, 3]), false),
        (3, transparency, true),
        (2, too_late, false),
        (2, vec![0xFF; 40], false),
    ] {
        let it = inspect(&header(color_type, &rest));
        assert_eq!(
            (it.media_type, it.width, it.height, it.has_alpha),
            (Some("image/png"), Some(40), Some(25), has_alpha)
        );
        assert!(!it.needs_conversion);
    }
    let webp = inspect(b"RIFF\0\0\0\0WEBPVP8X\x0A\0\0\0\0\0\0\0\x27\0\0\x18\0\0");
    assert_eq!((webp.media_type, webp.needs_conversion, webp.has_alpha), (Some("image/webp"), true, false));
    assert_eq!(inspect(b"no image").media_type, None);
    assert_eq!((media_type("image/png"), media_type("text/plain")), (Some("image/png"), None));
}
