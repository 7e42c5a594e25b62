//! What a request will cost, and what it has cost.

use crate::support::{cases, catalog_with};
use azure_image_client::models::catalog::Catalog;
use azure_image_client::models::cost::{Estimate, Range, Rates, cost, estimate};
use azure_image_client::models::usage::{TokenDetails, Usage};
use azure_image_client::models::validate::ImageParameters;
use proptest::prelude::*;

fn of(asked: &ImageParameters<'_>, streamed: bool, model: Option<&str>, own: Rates) -> Estimate {
    estimate(asked, &[], streamed, &Catalog::default().model(model), own)
}

fn asked<'a>(quality: &'a str, size: &'a str) -> ImageParameters<'a> {
    let some = |text: &'a str| Some(text).filter(|text| !text.is_empty());
    ImageParameters { prompt: "a lighthouse", quality: some(quality), size: some(size), ..ImageParameters::default() }
}

/// `tokens $micro-dollars`, with `-` within ranges and `?` for what is not known.
fn short(estimate: &Estimate) -> String {
    let range = |range: Option<Range>| match range {
        None => "?".to_owned(),
        Some(Range { min, max }) if min == max => min.to_string(),
        Some(Range { min, max }) => format!("{min}-{max}"),
    };
    assert!(estimate.is_estimate);
    assert_eq!(estimate.as_of.is_some(), estimate.micro_dollars.is_some());
    format!("{} ${}", range(estimate.output_tokens), range(estimate.micro_dollars))
}

#[test]
fn the_tables_count() {
    let table = [
        // Tokens at the rate.
        ("gpt-image-1", "low", "1024x1024", "272 $10880"),
        ("gpt-image-1", "low", "1024x1536", "408 $16320"),
        ("gpt-image-1", "low", "1536x1024", "400 $16000"),
        ("gpt-image-1", "medium", "1024x1024", "1056 $42240"),
        ("gpt-image-1", "medium", "1024x1536", "1584 $63360"),
        ("gpt-image-1", "medium", "1536x1024", "1568 $62720"),
        ("gpt-image-1", "high", "1024x1024", "4160 $166400"),
        ("gpt-image-1", "high", "1024x1536", "6240 $249600"),
        ("gpt-image-1", "high", "1536x1024", "6208 $248320"),
        ("gpt-image-1.5", "low", "1024x1024", "272 $8704-15300"),
        ("gpt-image-1.5", "medium", "1024x1024", "1056 $33792-47100"),
        ("gpt-image-1.5", "high", "1024x1024", "4160 $133120-146300"),
        ("gpt-image-1.5-2025-12-16", "high", "1024x1536", "6240 $199680"),
        // Listed prices that lie above what the tokens come to.
        ("gpt-image-1-mini", "low", "1024x1024", "272 $2176-5000"),
        ("gpt-image-1-mini", "medium", "1536x1024", "1568 $12544-15000"),
        ("gpt-image-1-mini", "high", "1024x1024", "4160 $33280-36000"),
        ("gpt-image-1-mini", "high", "1024x1536", "6240 $49920"),
        // Points, and prices where there is none.
        ("gpt-image-2", "low", "1024x1024", "196 $5880"),
        ("gpt-image-2", "low", "1024x1536", "? $5000"),
        ("gpt-image-2", "medium", "1024x1024", "1756 $52680"),
        ("gpt-image-2", "high", "1024x1024", "7024 $210720"),
        ("gpt-image-2", "high", "1536x1024", "5488 $164640"),
        ("gpt-image-2", "high", "1024x1536", "? $165000"),
        ("gpt-image-2", "high", "1792x1024", "5063 $151890"),
        ("gpt-image-2", "high", "3584x2048", "12329 $369870"),
        ("gpt-image-2", "high", "1024x1792", "? $?"),
        ("gpt-image-2", "low", "2048x2048", "? $?"),
        ("gpt-image-2.5-flare", "low", "1024x1024", "196 $5880"),
        ("gpt-image-2.5-flare", "medium", "1024x1024", "439 $13170"),
        ("gpt-image-2.5-sunburst", "high", "1024x1024", "1756 $52680"),
        ("gpt-image-2.5-sunburst-2026-09-08", "xhigh", "1024x1024", "3122 $93660"),
        ("gpt-image-2.5-flare", "max", "1024x1024", "7024 $210720"),
        ("gpt-image-2.5-flare", "auto", "1024x1024", "196-7024 $5880-210720"),
        // Tokens by the number of pixels, after rounding.
        ("MAI-Image-2.6", "", "1024x1024", "1024 $38912"),
        ("MAI-Image-2.6", "", "", "1024 $38912"),
        ("MAI-Image-2.6", "", "auto", "1024 $38912"),
        ("MAI-Image-2.6", "", "768x768", "576 $21888"),
        ("MAI-Image-2.6", "", "1366x768", "1020 $38760"),
        ("MAI-Image-2.6-Flash", "", "1536x1536", "2304 $43776"),
        ("MAI-Image-2.5-Pro", "", "1024x1024", "1024 $108544"),
        ("MAI-Image-2.7", "", "2048x2048", "4096 $139264"),
        ("MAI-Image-2.7-Flash", "", "1024x1024", "1024 $10240"),
        ("MAI-Image-9", "", "1024x1024", "1024 $?"),
        // Started megapixels, or each image.
        ("FLUX.2-pro", "", "", "? $30000"),
        ("FLUX.2-pro", "", "1024x1024", "? $30000"),
        ("FLUX.2-pro", "", "1040x1024", "? $45000"),
        ("FLUX.2-pro", "", "2048x2048", "? $75000"),
        ("FLUX.2-flex", "", "1536x1024", "? $100000"),
        ("FLUX.1-Kontext-pro", "", "", "? $40000"),
        ("FLUX-1.1-pro", "", "512x512", "? $40000"),
        // No tokens.
        ("dall-e-3", "standard", "1024x1024", "? $40000"),
        ("dall-e-3", "hd", "1792x1024", "? $120000"),
        ("dall-e-3", "", "", "? $40000"),
        ("dall-e-3", "hd", "", "? $80000"),
        ("dall-e-2", "", "256x256", "? $16000"),
        // Ranges.
        ("gpt-image-1", "auto", "1024x1024", "272-4160 $10880-166400"),
        ("gpt-image-1", "", "1024x1024", "272-4160 $10880-166400"),
        ("gpt-image-1", "high", "auto", "4160-6240 $166400-249600"),
        ("gpt-image-1", "high", "", "4160-6240 $166400-249600"),
        ("gpt-image-1", "", "", "272-6240 $10880-249600"),
        ("gpt-image-1-mini", "low", "auto", "272-408 $2176-6000"),
        ("gpt-image-2", "low", "auto", "? $5000-5880"),
        ("gpt-image-2", "", "1536x1024", "? $5000-164640"),
        ("gpt-image-2", "auto", "auto", "? $5000-210720"),
        ("gpt-image-2", "auto", "1792x1024", "? $?"),
        ("dall-e-3", "auto", "1024x1792", "? $80000-120000"),
        // Nothing known.
        ("gpt-image-1", "ultra", "1024x1024", "? $?"),
        ("gpt-image-1", "low", "2048x2048", "? $?"),
        ("gpt-image-1", "ultra", "auto", "? $?"),
        ("gpt-image-2.5-flare", "low", "1536x1024", "? $?"),
        ("gpt-image-2.6-flare", "", "", "? $?"),
        ("chatgpt-image-latest", "low", "1024x1024", "? $?"),
        ("unheard-of", "low", "1024x1024", "? $?"),
    ];
    for (model, quality, size, expected) in table {
        let found = of(&asked(quality, size), false, Some(model), Rates::default());
        assert_eq!((short(&found).as_str(), found.images), (expected, 1), "{model} {quality} {size}");
    }
    assert_eq!(short(&of(&asked("low", "1024x1024"), false, None, Rates::default())), "? $?");
}

#[test]
fn pictures_and_previews_are_counted() {
    let low = asked("low", "1024x1024");
    let partial_images =
        |n, partial_images| ImageParameters { n: Some(n), partial_images: Some(partial_images), ..low };
    let streamed = |asked: &ImageParameters<'_>, model| short(&of(asked, true, Some(model), Rates::default()));
    assert_eq!(streamed(&partial_images(1, 0), "gpt-image-1"), "272 $10880");
    assert_eq!(streamed(&partial_images(1, 3), "gpt-image-1"), "572 $22880");
    assert_eq!(streamed(&partial_images(4, 2), "gpt-image-1"), "1888 $75520");
    assert_eq!(streamed(&partial_images(2, 1), "gpt-image-1-mini"), "744 $5952-11600");
    assert_eq!(streamed(&partial_images(1, 1), "gpt-image-2"), "296 $8880");
    // Without a stream there are none.
    assert_eq!(short(&of(&partial_images(4, 2), false, Some("gpt-image-1"), Rates::default())), "1088 $43520");
    assert_eq!(of(&partial_images(4, 2), false, None, Rates::default()).images, 4);
}

#[test]
fn own_rates_replace_those_of_the_catalog() {
    let own = Rates { output: Some(20_000_000), ..Rates::default() };
    let with_own = |model, quality, size| short(&of(&asked(quality, size), false, Some(model), own));
    assert_eq!(with_own("gpt-image-1", "high", "1024x1024"), "4160 $83200");
    // Listed prices follow: half of 5000 at 8 dollars is 2.5 times as much at 20.
    assert_eq!(with_own("gpt-image-1-mini", "low", "1024x1024"), "272 $5440-12500");
    assert_eq!(with_own("gpt-image-2", "medium", "1536x1024"), "? $27333");
    assert_eq!(with_own("MAI-Image-2.6", "", "1024x1024"), "1024 $20480");
    // These are not priced by tokens.
    assert_eq!(with_own("dall-e-3", "hd", "1024x1024"), "? $80000");
    let free = Rates { output: Some(0), ..Rates::default() };
    assert_eq!(short(&of(&asked("low", "1024x1024"), false, Some("gpt-image-1-mini"), free)), "272 $0");
    let input_only = Rates { text_input: Some(1), ..Rates::default() };
    assert_eq!(short(&of(&asked("low", "1024x1024"), false, Some("gpt-image-1"), input_only)), "272 $10880");
}

#[test]
fn own_tables_count_too() {
    let catalog = catalog_with(
        r#"{
        "gpt-image-2.6-*": {"pricesAsOf": "2027-01", "tokens": {"low": {"1024x1024": 150}, "medium": {"1024x1024": 700}, "high": {"1024x1024": 3000}}},
        "studio": {"extends": "gpt-image-2", "pricesAsOf": "ours", "prices": {"high": {"2048x2048": 90000}}},
        "odd": {"tokens": 7, "prices": {"low": []}, "rates": true, "partialImageTokens": "many"}
    }"#,
    );
    let find = |model, quality, size| {
        estimate(&asked(quality, size), &[], false, &catalog.model(Some(model)), Rates::default())
    };
    let flare = find("gpt-image-2.6-flare", "low", "");
    assert_eq!((short(&flare).as_str(), flare.as_of.as_deref()), ("150 $4500", Some("2027-01")));
    let studio = find("studio", "high", "2048x2048");
    assert_eq!((short(&studio).as_str(), studio.as_of.as_deref()), ("? $90000", Some("ours")));
    assert_eq!(short(&find("odd", "low", "1024x1024")), "? $?");
    assert_eq!(short(&find("odd", "low", "")), "? $?");
}

#[test]
fn javascript_sees_plain_records() {
    let found = of(&ImageParameters { n: Some(2), ..asked("low", "") }, false, Some("gpt-image-1"), Rates::default());
    assert_eq!(
        serde_json::to_value(found).unwrap(),
        serde_json::json!({
            "isEstimate": true, "images": 2, "outputTokens": {"min": 544, "max": 816},
            "microDollars": {"min": 21760, "max": 32640}, "asOf": "2026-11",
        })
    );
    let nothing = of(&asked("", ""), false, None, Rates::default());
    assert_eq!(serde_json::to_value(nothing).unwrap(), serde_json::json!({"isEstimate": true, "images": 1}));
    let rates: Rates = serde_json::from_str(r#"{"textInput":5000000,"output":30000000}"#).unwrap();
    assert_eq!(rates, Rates { text_input: Some(5_000_000), output: Some(30_000_000), ..Rates::default() });
    assert_eq!(serde_json::to_value(rates).unwrap(), serde_json::json!({"textInput": 5_000_000, "output": 30_000_000}));
}

fn usage(input: (u64, u64), output: (u64, u64)) -> Usage {
    let details = |(text_tokens, image_tokens)| Some(TokenDetails { text_tokens, image_tokens });
    Usage {
        input_tokens: input.0 + input.1,
        output_tokens: output.0 + output.1,
        total_tokens: input.0 + input.1 + output.0 + output.1,
        input_tokens_details: details(input),
        output_tokens_details: details(output),
        ..Usage::default()
    }
}

#[test]
fn each_kind_of_token_has_its_price() {
    let catalog = Catalog::default();
    let rates = |model| Rates::of(&catalog.model(Some(model)));
    // A million of each: text 5, images 8 in; text 10, images 30 out.
    let million = 1_000_000;
    let two = rates("gpt-image-2");
    assert_eq!(cost(&usage((million, 0), (0, 0)), two), Some(5_000_000));
    assert_eq!(cost(&usage((0, million), (0, 0)), two), Some(8_000_000));
    assert_eq!(cost(&usage((0, 0), (million, 0)), two), Some(10_000_000));
    assert_eq!(cost(&usage((0, 0), (0, million)), two), Some(30_000_000));
    assert_eq!(cost(&usage((17, 323), (40, 7024)), two), Some(85 + 2584 + 400 + 210_720));
    // Rounded once, at the end: 0.5 + 0.5 is 1.
    let half = Rates { text_input: Some(500_000), image_input: Some(500_000), ..Rates::default() };
    assert_eq!(cost(&usage((1, 1), (0, 0)), half), Some(1));
    assert_eq!(cost(&usage((1, 0), (0, 0)), half), Some(1));
    // Where text has no price of its own, that of images counts.
    assert_eq!(cost(&usage((0, 0), (million, 0)), rates("gpt-image-1")), Some(40_000_000));
}

#[test]
fn tokens_without_details_are_text_in_and_pictures_out() {
    let two = Rates::of(&Catalog::default().model(Some("gpt-image-2")));
    let plain = Usage { input_tokens: 17, output_tokens: 1056, total_tokens: 1073, ..Usage::default() };
    assert_eq!(cost(&plain, two), Some(85 + 31_680));
    // Details that say less than the sum.
    let partial = Usage {
        input_tokens_details: Some(TokenDetails { text_tokens: 2, image_tokens: 10 }),
        output_tokens_details: Some(TokenDetails { text_tokens: 56, image_tokens: 0 }),
        ..plain
    };
    assert_eq!(cost(&partial, two), Some((2 + 5) * 5 + 80 + 560 + 30_000));
    // And more.
    let more = Usage { input_tokens_details: Some(TokenDetails { text_tokens: 20, image_tokens: 0 }), ..plain };
    assert_eq!(cost(&more, two), Some(100 + 31_680));
}

#[test]
fn without_a_rate_there_is_no_cost() {
    let used = usage((1, 1), (1, 1));
    let all = Rates { text_input: Some(1), image_input: Some(1), output: Some(1), text_output: Some(1) };
    assert_eq!(cost(&used, all), Some(0));
    assert_eq!(cost(&used, Rates { text_output: None, ..all }), Some(0));
    for missing in
        [Rates { text_input: None, ..all }, Rates { image_input: None, ..all }, Rates { output: None, ..all }]
    {
        assert_eq!(cost(&used, missing), None);
        assert_eq!(cost(&used, missing.or(all)), Some(0));
        assert_eq!(cost(&Usage::default(), missing), Some(0));
    }
    // A rate that is missing for tokens that were not used.
    assert_eq!(cost(&usage((1, 0), (0, 1)), Rates { image_input: None, ..all }), Some(0));
}

#[test]
fn an_estimate_comes_to_what_the_usage_will_cost() {
    let catalog = Catalog::default();
    for model in ["gpt-image-1", "gpt-image-1-mini", "gpt-image-1.5"] {
        let model = catalog.model(Some(model));
        for quality in ["low", "medium", "high"] {
            for size in ["1024x1024", "1024x1536", "1536x1024"] {
                let found = estimate(&asked(quality, size), &[], false, &model, Rates::default());
                let used = usage((0, 0), (0, found.output_tokens.unwrap().max));
                assert_eq!(cost(&used, Rates::of(&model)), Some(found.micro_dollars.unwrap().min));
                // The listed price is the same within its rounding, or the upper end.
                let listed = model.rule("prices").unwrap().get(quality).unwrap().get(size).unwrap().as_u64().unwrap();
                let Range { min, max } = found.micro_dollars.unwrap();
                assert!(listed == max || listed.abs_diff(min) * 20 <= min, "{quality} {size}: {listed} {min} {max}");
            }
        }
    }
}

proptest! {
    #![proptest_config(cases(256))]

    #[test]
    fn no_number_is_too_large(numbers in proptest::array::uniform9(any::<u64>()), n in any::<u32>(), partial_images in any::<u32>()) {
        let [a, b, c, d, e, f, g, h, i] = numbers;
        let rates = Rates { text_input: Some(a), image_input: Some(b), output: Some(c), text_output: Some(d) };
        let used = Usage {
            input_tokens: e,
            output_tokens: f,
            total_tokens: 0,
            input_tokens_details: Some(TokenDetails { text_tokens: g, image_tokens: h }),
            output_tokens_details: Some(TokenDetails { text_tokens: i, image_tokens: e }),
            ..Usage::default()
        };
        prop_assert!(cost(&used, rates).is_some());
        for model in ["gpt-image-1-mini", "gpt-image-2", "dall-e-3", "MAI-Image-2.6", "FLUX.2-pro"] {
            let asked = ImageParameters { n: Some(n), partial_images: Some(partial_images), ..asked("auto", "auto") };
            let found = of(&asked, true, Some(model), rates);
            let range = found.micro_dollars.unwrap_or(Range { min: 0, max: 0 });
            prop_assert!(range.min <= range.max);
        }
    }
}
