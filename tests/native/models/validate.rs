//! What is wrong with a request.

use std::sync::LazyLock;

use crate::support::{cases, catalog_with};
use azure_image_client::decode::json::Value;
use azure_image_client::http::endpoint::Operation::{self, Edits, Generations};
use azure_image_client::models::catalog::Catalog;
use azure_image_client::models::options::ServiceOptions;
use azure_image_client::models::size::{FreeSizes, Size};
use azure_image_client::models::validate::{ImageParameters, Severity, ValidationProblem, validate};
use proptest::prelude::*;

/// On which no model is about to retire but those that have.
const TODAY: &str = "2026-04-22";

const MODELS: [&str; 9] = [
    "dall-e-2",
    "dall-e-3",
    "gpt-image-1",
    "gpt-image-1-mini",
    "gpt-image-1.5",
    "gpt-image-2",
    "gpt-image-2.5-flare",
    "gpt-image-2.6-sunburst",
    "chatgpt-image-latest",
];

fn asked() -> ImageParameters<'static> {
    ImageParameters { prompt: "a lighthouse", ..ImageParameters::default() }
}

fn edit() -> ImageParameters<'static> {
    ImageParameters { inputs: 1, ..asked() }
}

fn problems(
    asked: &ImageParameters<'_>,
    operation: Operation,
    streamed: bool,
    model: Option<&str>,
) -> Vec<ValidationProblem> {
    static CATALOG: LazyLock<Catalog> = LazyLock::new(Catalog::default);
    validate(asked, operation, streamed, &CATALOG.model(model), TODAY)
}

/// `error param` or `warning param`, with ` -> suggestion`; without what is said about the model itself.
fn short(problems: &[ValidationProblem]) -> Vec<String> {
    let shown = problems.iter().filter(|problem| problem.param != "model").map(|problem| {
        assert!(problem.message.ends_with('.') && problem.message.len() > 20, "{}", problem.message);
        let severity = if problem.severity == Severity::Error { "error" } else { "warning" };
        let suggestion = problem.suggestion.as_ref().map(|text| format!(" -> {text}")).unwrap_or_default();
        format!("{severity} {}{suggestion}", problem.param)
    });
    shown.collect()
}

fn generation(asked: &ImageParameters<'_>, model: &str) -> String {
    short(&problems(asked, Generations, false, Some(model))).join("; ")
}

#[test]
fn nothing_is_wrong_with_a_prompt_alone() {
    for model in MODELS.into_iter().map(Some).chain([None]) {
        assert_eq!(short(&problems(&asked(), Generations, false, model)), [""; 0], "{model:?}");
        if model != Some("dall-e-3") {
            let found = problems(&edit(), Edits, false, model);
            assert!(found.iter().all(|problem| problem.severity == Severity::Warning), "{model:?}: {found:?}");
        }
    }
}

#[test]
fn without_a_model_only_what_holds_for_all_is_refused() {
    let long = "x".repeat(32_001);
    let table: [(ImageParameters<'_>, Operation, &str); 33] = [
        (ImageParameters { prompt: "", ..asked() }, Generations, "error prompt"),
        (ImageParameters { prompt: " \n", ..asked() }, Generations, "error prompt"),
        (ImageParameters { prompt: &long, ..asked() }, Generations, "error prompt"),
        (ImageParameters { prompt: &long[1..], ..asked() }, Generations, ""),
        (ImageParameters { n: Some(0), ..asked() }, Generations, "error n -> 1"),
        (ImageParameters { n: Some(11), ..asked() }, Generations, "error n -> 10"),
        (ImageParameters { n: Some(10), ..asked() }, Generations, ""),
        (ImageParameters { output_compression: Some(101), ..asked() }, Generations, "error outputCompression -> 100"),
        (ImageParameters { output_compression: Some(100), ..asked() }, Generations, ""),
        (ImageParameters { output_compression: Some(0), output_format: Some("jpeg"), ..asked() }, Generations, ""),
        (ImageParameters { output_compression: Some(50), ..asked() }, Generations, "warning outputCompression"),
        (ImageParameters { partial_images: Some(4), ..asked() }, Generations, "error partialImages -> 3"),
        (ImageParameters { partial_images: Some(3), ..asked() }, Generations, "warning partialImages"),
        (ImageParameters { partial_images: Some(0), ..asked() }, Generations, ""),
        (
            ImageParameters { background: Some("transparent"), output_format: Some("jpeg"), ..asked() },
            Generations,
            "error outputFormat -> png",
        ),
        (ImageParameters { background: Some("transparent"), output_format: Some("webp"), ..asked() }, Generations, ""),
        (ImageParameters { background: Some("transparent"), ..asked() }, Generations, ""),
        (ImageParameters { size: Some("auto"), ..asked() }, Generations, ""),
        (ImageParameters { size: Some("1000x7"), ..asked() }, Generations, ""),
        (ImageParameters { size: Some("1024*1024"), ..asked() }, Generations, "error size -> 1024x1024"),
        (ImageParameters { size: Some("big"), ..asked() }, Generations, "error size -> 1024x1024"),
        (ImageParameters { size: Some("AUTO"), ..asked() }, Generations, "error size -> auto"),
        (ImageParameters { size: Some(""), ..asked() }, Generations, "error size -> 1024x1024"),
        (ImageParameters { quality: Some("splendid"), style: Some("mine"), ..asked() }, Generations, ""),
        (ImageParameters { response_format: Some("url"), moderation: Some("low"), ..asked() }, Generations, ""),
        (ImageParameters { input_fidelity: Some("high"), ..asked() }, Generations, "error inputFidelity"),
        (ImageParameters { mask: true, ..asked() }, Generations, "error mask"),
        (ImageParameters { mask: true, ..asked() }, Edits, "error image; error mask"),
        (ImageParameters { inputs: 17, ..asked() }, Edits, "error image"),
        (ImageParameters { inputs: 16, mask: true, input_fidelity: Some("high"), ..asked() }, Edits, ""),
        (ImageParameters { moderation: Some("low"), ..edit() }, Edits, "warning moderation"),
        (ImageParameters { style: Some("vivid"), ..edit() }, Edits, ""),
        (edit(), Edits, ""),
    ];
    for (asked, operation, expected) in table {
        let found = problems(&asked, operation, false, None);
        assert_eq!(short(&found).join("; "), expected, "{asked:.80?}");
        // An unknown model is no different, but for a word about it.
        let unknown = problems(&asked, operation, false, Some("gpt-image-9"));
        assert_eq!((&*unknown[0].param, unknown[0].severity), ("model", Severity::Warning));
        assert_eq!(unknown[1..], found);
    }
    let streamed = ImageParameters { n: Some(4), partial_images: Some(3), ..asked() };
    assert_eq!(problems(&streamed, Generations, true, None), []);
}

#[test]
fn characters_of_a_prompt_are_counted_and_not_bytes() {
    let table = [("dall-e-2", 1000), ("dall-e-3", 4000), ("gpt-image-1", 32_000), ("gpt-image-2", 32_000)];
    for (model, most) in table {
        for character in ["x", "\u{E9}", "\u{1F680}"] {
            let prompt = character.repeat(most);
            assert_eq!(generation(&ImageParameters { prompt: &prompt, ..asked() }, model), "", "{model}");
            let prompt = character.repeat(most + 1);
            assert_eq!(generation(&ImageParameters { prompt: &prompt, ..asked() }, model), "error prompt", "{model}");
        }
    }
}

#[test]
fn every_problem_is_named_at_once() {
    let asked = ImageParameters {
        prompt: " ",
        n: Some(99),
        size: Some("huge"),
        quality: Some("hd"),
        background: Some("transparent"),
        output_format: Some("jpeg"),
        output_compression: Some(200),
        moderation: Some("none"),
        style: Some("vivid"),
        response_format: Some("url"),
        input_fidelity: Some("high"),
        partial_images: Some(9),
        user: None,
        options: None,
        inputs: 20,
        mask: true,
    };
    let found = short(&problems(&asked, Edits, false, Some("gpt-image-2")));
    let expected = [
        "error prompt",
        "error image",
        "error n -> 10",
        "error size -> 1024x1024",
        "error quality -> high",
        "error outputFormat -> png",
        "error outputCompression -> 100",
        "warning background",
        "warning moderation",
        "error style",
        "error responseFormat",
        "error inputFidelity",
        "error partialImages -> 3",
    ];
    assert_eq!(found, expected);
}

/// Model by model: what becomes of a value. Nothing: it is fine.
#[test]
fn values_are_judged_by_the_model() {
    let quality = |value| ImageParameters { quality: Some(value), ..asked() };
    let format = |value| ImageParameters { output_format: Some(value), ..asked() };
    let background = |value| ImageParameters { background: Some(value), ..asked() };
    let moderation = |value| ImageParameters { moderation: Some(value), ..asked() };
    let style = |value| ImageParameters { style: Some(value), ..asked() };
    let delivery = |value| ImageParameters { response_format: Some(value), ..asked() };
    let compressed = ImageParameters { output_compression: Some(80), output_format: Some("jpeg"), ..asked() };
    // Columns: dall-e-2, dall-e-3, gpt-image-1 and 1-mini and 1.5, gpt-image-2, 2.5 and 2.6.
    let table = [
        (quality("low"), ["error quality -> standard", "error quality -> standard", "", "", ""]),
        (quality("medium"), ["error quality -> standard", "error quality -> standard", "", "", ""]),
        (quality("high"), ["error quality -> standard", "error quality -> hd", "", "", ""]),
        (
            quality("xhigh"),
            ["error quality -> standard", "error quality -> hd", "error quality -> high", "error quality -> high", ""],
        ),
        (
            quality("max"),
            ["error quality -> standard", "error quality -> hd", "error quality -> high", "error quality -> high", ""],
        ),
        (
            quality("standard"),
            ["", "", "error quality -> medium", "error quality -> medium", "error quality -> medium"],
        ),
        (
            quality("hd"),
            [
                "error quality -> standard",
                "",
                "error quality -> high",
                "error quality -> high",
                "error quality -> high",
            ],
        ),
        (quality("auto"), ["warning quality", "warning quality", "", "", ""]),
        (quality("ultra"), ["warning quality"; 5]),
        (
            quality("Standard"),
            [
                "warning quality -> standard",
                "warning quality -> standard",
                "warning quality",
                "warning quality",
                "warning quality",
            ],
        ),
        (format("png"), ["error outputFormat", "error outputFormat", "", "", ""]),
        (format("jpeg"), ["error outputFormat", "error outputFormat", "", "", ""]),
        (
            format("webp"),
            [
                "error outputFormat",
                "error outputFormat",
                "warning outputFormat",
                "warning outputFormat",
                "warning outputFormat",
            ],
        ),
        (
            format("JPG"),
            [
                "error outputFormat",
                "error outputFormat",
                "warning outputFormat -> jpeg",
                "warning outputFormat -> jpeg",
                "warning outputFormat -> jpeg",
            ],
        ),
        (
            format("svg"),
            [
                "error outputFormat",
                "error outputFormat",
                "warning outputFormat",
                "warning outputFormat",
                "warning outputFormat",
            ],
        ),
        (background("opaque"), ["error background", "error background", "", "", ""]),
        (background("transparent"), ["error background", "error background", "", "warning background", ""]),
        (
            background("blue"),
            ["error background", "error background", "warning background", "warning background", "warning background"],
        ),
        (moderation("low"), ["error moderation", "error moderation", "", "", ""]),
        (moderation("auto"), ["error moderation", "error moderation", "", "", ""]),
        (style("vivid"), ["error style", "", "error style", "error style", "error style"]),
        (style("Natural"), ["error style", "warning style -> natural", "error style", "error style", "error style"]),
        (delivery("url"), ["", "", "error responseFormat", "error responseFormat", "error responseFormat"]),
        (delivery("b64_json"), ["", "", "error responseFormat", "error responseFormat", "error responseFormat"]),
        (
            compressed,
            ["error outputFormat; error outputCompression", "error outputFormat; error outputCompression", "", "", ""],
        ),
    ];
    let columns: [&[&str]; 5] = [
        &["dall-e-2"],
        &["dall-e-3"],
        &["gpt-image-1", "gpt-image-1-mini", "gpt-image-1.5"],
        &["gpt-image-2", "gpt-image-2-2026-04-21"],
        &["gpt-image-2.5-sunburst-2026-09-08", "gpt-image-2.6-flare"],
    ];
    for (asked, expected) in table {
        for (models, expected) in columns.into_iter().zip(expected) {
            for model in models {
                assert_eq!(generation(&asked, model), expected, "{model}: {asked:?}");
            }
        }
    }
}

#[test]
fn input_fidelity_is_judged_by_the_model() {
    let table = [
        ("gpt-image-1", "", ""),
        ("gpt-image-1.5", "", ""),
        ("gpt-image-1-mini", "", "error inputFidelity -> low"),
        ("gpt-image-2", "error inputFidelity", "error inputFidelity"),
        ("gpt-image-2.5-flare", "error inputFidelity", "error inputFidelity"),
        ("dall-e-2", "error inputFidelity", "error inputFidelity"),
    ];
    for (model, low, high) in table {
        for (value, expected) in [("low", low), ("high", high)] {
            let asked = ImageParameters { input_fidelity: Some(value), ..edit() };
            assert_eq!(short(&problems(&asked, Edits, false, Some(model))).join("; "), expected, "{model} {value}");
            let found = generation(&ImageParameters { inputs: 0, ..asked }, model);
            assert_eq!(found, "error inputFidelity", "{model} {value}");
        }
    }
}

#[test]
fn edits_are_refused_where_the_model_makes_none() {
    let found = problems(&edit(), Edits, false, Some("dall-e-3"));
    let refusal = found.iter().find(|problem| problem.severity == Severity::Error).unwrap();
    assert_eq!((&*refusal.param, refusal.suggestion.as_deref()), ("model", Some("gpt-image-2")));
    assert!(refusal.message.contains("dall-e-3 does not support edits"), "{}", refusal.message);
    for (model, most) in [("dall-e-2", 1), ("gpt-image-1", 16), ("gpt-image-2", 16)] {
        for (inputs, expected) in [(most, ""), (most + 1, "error image")] {
            let found = short(&problems(&ImageParameters { inputs, ..asked() }, Edits, false, Some(model))).join("; ");
            assert_eq!(found, expected, "{model}");
        }
    }
}

#[test]
fn only_some_models_stream() {
    let partial_images = |count| ImageParameters { partial_images: Some(count), ..asked() };
    for model in ["dall-e-2", "dall-e-3", "MAI-Image-2.6", "FLUX.2-pro"] {
        let streamed = |asked| short(&problems(&asked, Generations, true, Some(model))).join("; ");
        assert_eq!(streamed(asked()), "warning stream", "{model}");
        assert_eq!(streamed(partial_images(1)), "warning stream", "{model}");
        assert_eq!(generation(&partial_images(1), model), "warning partialImages", "{model}");
    }
    for model in &MODELS[2..] {
        for (count, expected) in [(0, ""), (3, ""), (4, "error partialImages -> 3")] {
            let found = short(&problems(&partial_images(count), Generations, true, Some(model))).join("; ");
            assert_eq!(found, expected, "{model} {count}");
        }
        assert_eq!(generation(&partial_images(2), model), "warning partialImages", "{model}");
    }
}

#[test]
fn more_pictures_than_a_request_brings_are_no_problem() {
    for model in MODELS {
        for (n, expected) in [(1, ""), (10, ""), (0, "error n -> 1"), (11, "error n -> 10")] {
            assert_eq!(generation(&ImageParameters { n: Some(n), ..asked() }, model), expected, "{model} {n}");
        }
    }
}

#[test]
fn an_illegal_size_leads_to_the_nearest_legal_one() {
    let table = [
        // Lists.
        ("dall-e-2", "1024x1024", ""),
        ("dall-e-2", "256x256", ""),
        ("dall-e-2", "300x300", "error size -> 256x256"),
        ("dall-e-2", "1024x1536", "error size -> 1024x1024"),
        ("dall-e-2", "auto", "error size -> 1024x1024"),
        ("dall-e-3", "1792x1024", ""),
        ("dall-e-3", "1536x1024", "error size -> 1792x1024"),
        ("dall-e-3", "1024x1536", "error size -> 1024x1792"),
        ("dall-e-3", "512x512", "error size -> 1024x1024"),
        ("dall-e-3", "auto", "error size -> 1024x1024"),
        ("gpt-image-1", "1536x1024", ""),
        ("gpt-image-1", "auto", ""),
        ("gpt-image-1", "1792x1024", "error size -> 1536x1024"),
        ("gpt-image-1", "1024x1792", "error size -> 1024x1536"),
        ("gpt-image-1", "2048x2048", "error size -> 1024x1024"),
        ("gpt-image-1", "9x4000000000", "error size -> 1024x1536"),
        ("gpt-image-1", "landscape", "error size -> 1536x1024"),
        ("gpt-image-1", "portrait", "error size -> 1024x1536"),
        ("gpt-image-1", "striped", "error size -> 1024x1024"),
        ("gpt-image-1", "0x1024", "error size -> 1024x1024"),
        ("gpt-image-1", "0:3:2", "error size -> 1536x1024"),
        ("gpt-image-1", "1920 X 1080", "error size -> 1536x1024"),
        ("gpt-image-1", "Auto", "error size -> auto"),
        // The free ones.
        ("gpt-image-2", "1024x1024", ""),
        ("gpt-image-2", "auto", ""),
        ("gpt-image-2", "1536x864", ""),
        ("gpt-image-2", "2048x1152", ""),
        ("gpt-image-2", "1024x640", ""),
        ("gpt-image-2", "1408x480", ""),
        ("gpt-image-2", "2560x1440", ""),
        ("gpt-image-2", "2560x1456", "warning size"),
        ("gpt-image-2", "3840x2160", "warning size"),
        ("gpt-image-2", "2160x3840", "warning size"),
        ("gpt-image-2", "1000x1000", "error size -> 992x992"),
        ("gpt-image-2", "1920x1080", "error size -> 1920x1088"),
        ("gpt-image-2", "1792x936", "error size -> 1792x944"),
        ("gpt-image-2", "512x512", "error size -> 816x816"),
        ("gpt-image-2", "4096x4096", "error size -> 2880x2880"),
        ("gpt-image-2", "7680x4320", "error size -> 3840x2160"),
        ("gpt-image-2", "3840x2176", "error size -> 3824x2160"),
        ("gpt-image-2", "1024x624", "error size -> 1040x640"),
        ("gpt-image-2", "3072x512", "error size -> 1536x512"),
        ("gpt-image-2", "1x1", "error size -> 816x816"),
        ("gpt-image-2", "4294967295x1", "error size -> 1408x480"),
        ("gpt-image-2", "0x0", "error size -> 1024x1024"),
        ("gpt-image-2", "1024X1024", "error size -> 1024x1024"),
        ("gpt-image-2", " 1024x1024", "error size -> 1024x1024"),
        ("gpt-image-2", "01024x1024", "error size -> 1024x1024"),
        ("gpt-image-2", "+1024x1024", "error size -> 1024x1024"),
        ("gpt-image-2", "1000*1000", "error size -> 992x992"),
        ("gpt-image-2", "1280 \u{D7} 720 px", "error size -> 1280x720"),
        ("gpt-image-2", "16:9", "error size -> 1536x1024"),
        ("gpt-image-2", "9:16", "error size -> 1024x1536"),
        ("gpt-image-2", "63:2", "error size -> 1536x1024"),
        ("gpt-image-2", "64:32", "error size -> 1152x576"),
        ("gpt-image-2", "4294967295x2147483648", "error size -> 3840x1920"),
        ("gpt-image-2", "2147483648x4294967295", "error size -> 1920x3840"),
        ("gpt-image-2", "2000", "error size -> 2000x2000"),
        ("gpt-image-2", "99999999999x1", "error size -> 1024x1024"),
        ("gpt-image-2.5-flare", "1000x1000", "error size -> 992x992"),
        // No rule.
        ("chatgpt-image-latest", "1000x1000", ""),
        ("chatgpt-image-latest", "auto", ""),
        ("chatgpt-image-latest", "1000", "error size -> 1000x1000"),
    ];
    for (model, size, expected) in table {
        assert_eq!(generation(&ImageParameters { size: Some(size), ..asked() }, model), expected, "{model} {size}");
    }
}

#[test]
fn every_rule_that_a_size_breaks_is_named() {
    let asked = ImageParameters { size: Some("4097x1000"), ..asked() };
    let found = problems(&asked, Generations, false, Some("gpt-image-2"));
    assert_eq!(
        found[0].message,
        "size 4097x1000 is not supported by gpt-image-2: width and height must be multiples of 16, the longest edge \
         must be at most 3840, the long edge must be at most 3 times the short one. The nearest supported size is \
         \"3008x1008\"."
    );
    let auto = problems(&ImageParameters { size: Some("auto"), ..asked }, Generations, false, Some("dall-e-2"));
    let about_size = auto.iter().find(|problem| problem.param == "size").unwrap();
    assert!(about_size.message.starts_with("size \"auto\" is not supported by dall-e-2."), "{}", about_size.message);
    let listed =
        problems(&ImageParameters { size: Some("2048x2048"), ..asked }, Generations, false, Some("gpt-image-1.5"));
    assert_eq!(
        listed[0].message,
        "size 2048x2048 is not supported by gpt-image-1.5. Supported values: 1024x1024, 1536x1024, 1024x1536, auto. \
         The nearest supported size is \"1024x1024\"."
    );
}

#[test]
fn a_model_near_its_end_is_warned_about() {
    let catalog = Catalog::default();
    let about = |model: &str, today: &str| {
        let found = validate(&asked(), Generations, false, &catalog.model(Some(model)), today);
        assert!(found.iter().all(|problem| problem.param == "model" && problem.severity == Severity::Warning));
        found.into_iter().map(|problem| (problem.message, problem.suggestion)).collect::<Vec<_>>()
    };
    for (model, today, expected) in [
        ("gpt-image-1", "2026-08-23", None),
        ("gpt-image-1", "2026-08-24", Some("will be retired on 2026-10-23")),
        ("gpt-image-1", "2026-10-22", Some("will be retired on 2026-10-23")),
        ("gpt-image-1", "2026-10-23", Some("was scheduled for retirement on 2026-10-23")),
        ("gpt-image-1", "2030-01-01", Some("was scheduled for retirement on 2026-10-23")),
        ("gpt-image-1.5", "2026-11-21", Some("may be retired on 2026-12-16: sources disagree")),
        ("gpt-image-1.5", "2027-05-01", Some("will be retired on 2027-06-16")),
        (
            "MAI-Image-2.5",
            "2026-11-21",
            Some("was scheduled for retirement on 2026-10-01. Requests to it may fail. Use MAI-Image-2.6"),
        ),
        ("MAI-Image-2.6", "2026-11-21", None),
        ("FLUX.2-pro", "2026-12-21", Some("may be retired on 2027-01-20")),
        ("MAI-Image-2.7", "2026-11-21", Some("No source confirms")),
        ("gpt-image-1.5-2025-12-16", "2026-10-16", None),
        ("gpt-image-1.5", "2026-10-17", Some("may be retired")),
        ("gpt-image-1-mini", "2026-11-21", None),
        ("gpt-image-1-mini", "2027-02-06", Some("will be retired on 2027-04-07")),
        ("gpt-image-1-mini", "2027-02-05", None),
        ("dall-e-3", "2026-11-21", Some("was scheduled for retirement on 2026-03-04")),
        ("dall-e-2", "2026-11-21", Some("was scheduled for retirement on 2026-05-12")),
        ("gpt-image-2", "2026-11-21", None),
        ("gpt-image-2", "2027-04-21", Some("may be retired on 2027-04-21")),
        ("gpt-image-2", "2027-10-21", Some("was scheduled for retirement on 2027-10-21")),
        ("gpt-image-2.5-flare", "2026-11-21", None),
        ("gpt-image-2.6-flare", "2026-11-21", Some("No source confirms")),
        ("chatgpt-image-latest", "2026-11-21", Some("No source confirms")),
        ("gpt-image-1", "", None),
        ("gpt-image-1", "2026-11-2", None),
        ("gpt-image-1", "21.11.2026", None),
        ("gpt-image-1", "2026-11-21T00:00", None),
    ] {
        let found = about(model, today);
        match expected {
            Some(text) => assert!(found.len() == 1 && found[0].0.contains(text), "{model} {today}: {found:?}"),
            None => assert_eq!(found, [], "{model} {today}"),
        }
    }
    assert_eq!(about("gpt-image-1", "2026-11-21")[0].1.as_deref(), Some("gpt-image-2"));
    assert_eq!(about("gpt-image-2", "2027-05-01")[0].1, None);
}

/// A catalog in which the model `m` is retired on a day.
fn retiring(day: &str) -> Catalog {
    catalog_with(&format!("{{\"m\":{{\"retires\":\"{day}\"}}}}"))
}

#[test]
fn the_warning_comes_60_days_before_the_end_whatever_months_lie_between() {
    // A calendar of its own, day by day, over years of 366 days, of 365, and one that only looks like 366.
    let length = |year: u32, month: u32| match month {
        2 if year.is_multiple_of(400) || (year.is_multiple_of(4) && !year.is_multiple_of(100)) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    };
    let days = |years: std::ops::RangeInclusive<u32>| -> Vec<String> {
        years
            .flat_map(|year| (1..=12).map(move |month| (year, month)))
            .flat_map(|(year, month)| {
                (1..=length(year, month)).map(move |day| format!("{year:04}-{month:02}-{day:02}"))
            })
            .collect()
    };
    let asked = asked();
    for days in [days(1..=1), days(1999..=2001), days(2027..=2028), days(2099..=2100), days(9999..=9999)] {
        for (today, end) in days.iter().zip(&days[61..]).step_by(5) {
            let catalog = retiring(end);
            let found = |today: &str| validate(&asked, Generations, false, &catalog.model(Some("m")), today).len();
            let tomorrow = &days[days.iter().position(|day| day == today).unwrap() + 1];
            assert_eq!((found(today), found(tomorrow)), (0, 1), "{today} {end}");
        }
    }
}

#[test]
fn what_is_no_date_ends_nothing() {
    for day in
        ["0000-01-01", "2026-00-10", "2026-13-10", "2026-10-00", "2026-10-32", "2026/10-23", "2026-10/23", "2026-1a-23"]
    {
        let catalog = retiring(day);
        assert_eq!(validate(&asked(), Generations, false, &catalog.model(Some("m")), "2026-10-23"), [], "{day}");
    }
}

#[test]
fn where_one_value_alone_is_taken_it_is_the_one_to_use() {
    let background = Some("transparent");
    for (values, suggestion) in [
        (r#"{"opaque":true,"transparent":false}"#, Some("opaque")),
        (r#"{"opaque":true,"auto":true,"transparent":false}"#, None),
    ] {
        let catalog = catalog_with(&format!("{{\"m\":{{\"backgrounds\":{values}}}}}"));
        let found =
            validate(&ImageParameters { background, ..asked() }, Generations, false, &catalog.model(Some("m")), TODAY);
        assert_eq!(found[0].suggestion.as_deref(), suggestion, "{found:?}");
    }
}

#[test]
fn an_extension_of_the_catalog_is_obeyed() {
    let catalog = catalog_with(
        r#"{
        "*": {"maxN": 20},
        "gpt-image-2": {"outputFormats": {"webp": true}, "backgrounds": {"transparent": true}, "freeSizes": {"maxEdge": 4096}},
        "gpt-image-1": {"sizes": {"2048x2048": true, "512x512": "Some say that it works"}},
        "studio": {"extends": "gpt-image-2", "inputFidelities": {"high": true}}
    }"#,
    );
    let find = |asked: &ImageParameters<'_>, operation, model| {
        short(&validate(asked, operation, false, &catalog.model(Some(model)), TODAY)).join("; ")
    };
    let open = ImageParameters {
        n: Some(20),
        size: Some("4096x1600"),
        output_format: Some("webp"),
        background: Some("transparent"),
        ..asked()
    };
    assert_eq!(find(&open, Generations, "gpt-image-2"), "warning size");
    assert_eq!(find(&ImageParameters { size: Some("2048x2048"), ..asked() }, Generations, "gpt-image-1"), "");
    assert_eq!(find(&ImageParameters { size: Some("512x512"), ..asked() }, Generations, "gpt-image-1"), "warning size");
    assert_eq!(find(&ImageParameters { input_fidelity: Some("high"), ..edit() }, Edits, "studio"), "");
}

#[test]
fn javascript_sees_plain_records() {
    let asked = ImageParameters {
        output_format: Some("jpeg"),
        background: Some("transparent"),
        partial_images: Some(1),
        ..asked()
    };
    let found = serde_json::to_value(problems(&asked, Generations, false, None)).unwrap();
    assert_eq!(
        found,
        serde_json::json!([
            {
                "param": "outputFormat", "severity": "error", "suggestion": "png",
                "message": "JPEG does not support transparency, but background is \"transparent\". Use outputFormat \"png\".",
            },
            {
                "param": "partialImages", "severity": "warning",
                "message": "partialImages has no effect without streaming. Stream the response to receive partial images.",
            },
        ])
    );
}

#[test]
fn sizes_are_read_and_written() {
    for (text, expected) in
        [("1x1", Some((1, 1))), ("4294967295x16", Some((u32::MAX, 16))), ("1536x1024", Some((1536, 1024)))]
    {
        let size = Size::parse(text);
        assert_eq!(size.map(|size| (size.width, size.height)), expected);
        assert_eq!(size.unwrap().to_string(), text);
    }
    for text in
        ["", "x", "1x", "x1", "1x1x1", "0x1", "1x0", "-1x1", "1.5x1", "4294967296x1", "1 x1", "1X1", "\u{661}x1"]
    {
        assert_eq!(Size::parse(text), None, "{text}");
    }
}

fn gpt_image_2() -> FreeSizes {
    FreeSizes {
        multiple: 16,
        rounds: false,
        min_edge: 1,
        max_edge: 3840,
        max_ratio: 3,
        min_pixels: 655_360,
        max_pixels: 8_294_400,
        experimental_pixels: 3_686_400,
    }
}

#[test]
fn what_the_catalog_says_of_free_sizes_is_what_the_documents_say() {
    let catalog = Catalog::default();
    for model in ["gpt-image-2", "gpt-image-2.5-flare", "gpt-image-2.6-flare"] {
        let free = FreeSizes::read(catalog.model(Some(model)).rule("freeSizes").unwrap());
        assert_eq!(free, gpt_image_2(), "{model}");
    }
}

#[test]
fn limits_that_leave_no_size_suggest_none() {
    let none = FreeSizes { min_pixels: 100, max_pixels: 99, ..gpt_image_2() };
    assert_eq!(none.nearest(Size { width: 1000, height: 1000 }), None);
    let none = FreeSizes { multiple: 5000, ..gpt_image_2() };
    assert_eq!(none.nearest(Size { width: 1000, height: 1000 }), None);
    // Without limits every size is legal.
    let free = FreeSizes::read(&Value::Null);
    assert!(free.allow(Size { width: 1, height: 65_535 }));
}

fn edge() -> impl Strategy<Value = u32> {
    prop_oneof![
        1_u32..5000,
        1_u32..100,
        (1_u32..300).prop_map(|count| count * 16),
        any::<u32>().prop_map(|edge| edge.max(1))
    ]
}

proptest! {
    #![proptest_config(cases(512))]

    #[test]
    fn a_suggestion_is_always_legal_and_a_legal_size_suggests_nothing(width in edge(), height in edge()) {
        let size = Size { width, height };
        let text = size.to_string();
        prop_assert_eq!(Size::parse(&text), Some(size));
        for model in MODELS {
            let sizes = |text: &str| {
                let asked = ImageParameters { size: Some(text), ..asked() };
                let mut found = problems(&asked, Generations, false, Some(model));
                found.retain(|problem| problem.param == "size");
                found
            };
            let found = sizes(&text);
            prop_assert!(found.len() <= 1);
            let Some(problem) = found.into_iter().next() else { continue };
            if problem.severity == Severity::Warning {
                prop_assert_eq!(problem.suggestion, None);
                continue;
            }
            let suggestion = problem.suggestion.unwrap();
            prop_assert_ne!(&suggestion, &text);
            prop_assert!(sizes(&suggestion).iter().all(|problem| problem.severity == Severity::Warning), "{}", suggestion);
        }
    }

    #[test]
    fn the_nearest_size_keeps_the_shape(width in 64_u32..6000, height in 64_u32..6000) {
        prop_assume!(width <= 3 * height && height <= 3 * width);
        let free = gpt_image_2();
        let wanted = Size { width, height };
        let nearest = free.nearest(wanted).unwrap();
        prop_assert!(free.allow(nearest));
        let shape = |size: Size| f64::from(size.width) / f64::from(size.height);
        let distortion = shape(nearest) / shape(wanted);
        prop_assert!((0.96..1.04).contains(&distortion), "{} for {}: {}", nearest, wanted, distortion);
        // Within the limits, only the multiples next to it.
        let pixels = u64::from(width) * u64::from(height);
        if width.max(height) <= 3824 && (700_000..8_200_000).contains(&pixels) {
            prop_assert!(nearest.width.abs_diff(width) < 32 && nearest.height.abs_diff(height) < 32, "{} for {}", nearest, wanted);
        }
        if free.allow(wanted) {
            prop_assert_eq!(nearest, wanted);
        }
    }

    #[test]
    fn no_rules_and_no_size_make_it_panic(
        multiple in any::<u64>(), edge in any::<u64>(), ratio in any::<u64>(), min in any::<u64>(), max in any::<u64>(),
        small in 1_u64..200, width in 1_u32.., height in 1_u32.., rounds in any::<bool>(), least in any::<u64>(),
    ) {
        let size = Size { width, height };
        for free in [
            FreeSizes { multiple: multiple.max(1), rounds, min_edge: least, max_edge: edge, max_ratio: ratio, min_pixels: min, max_pixels: max, experimental_pixels: 0 },
            FreeSizes { multiple: small, rounds, min_edge: small * least.min(40), max_edge: small * 50, max_ratio: small, min_pixels: small, max_pixels: small * 10_000, experimental_pixels: 0 },
        ] {
            let nearest = free.nearest(size);
            prop_assert!(nearest.is_none_or(|nearest| free.allow(nearest)));
            prop_assert_eq!(free.broken_by(size).is_empty(), free.allow(size));
        }
    }

    #[test]
    fn any_text_may_be_asked_for(text in any::<String>(), number in any::<u32>(), inputs in any::<usize>(), today in any::<String>()) {
        let value = Some(text.as_str());
        let flag = Some(number % 3 == 0);
        let options = ServiceOptions {
            aspect_ratio: Some(text.clone()), auto_aspect_ratio: flag, guidance: Some(number), prompt_upsampling: flag,
            safety_tolerance: Some(number), seed: Some(number), steps: Some(number), web_grounding: flag,
        };
        let asked = ImageParameters {
            prompt: &text, n: Some(number), size: value, quality: value, background: value, output_format: value,
            output_compression: Some(number), moderation: value, style: value, response_format: value,
            input_fidelity: value, partial_images: Some(number), user: value, options: Some(&options), inputs, mask: true,
        };
        let catalog = Catalog::default();
        for model in MODELS.into_iter().map(Some).chain([None, value]) {
            for operation in [Generations, Edits] {
                let _ = validate(&asked, operation, number % 2 == 0, &catalog.model(model), &today);
            }
        }
    }
}
