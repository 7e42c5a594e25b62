//! What is known of each model.

use crate::support::{cases, catalog_with};
use azure_image_client::decode::json::{Limits, Value};
use azure_image_client::errors::Code;
use azure_image_client::models::catalog::{Catalog, Model, Standing};
use azure_image_client::models::size::{FreeSizes, Size};
use proptest::prelude::*;

/// Current models first.
const EVERY_NAME: [&str; 26] = [
    "gpt-image-2.5-*",
    "gpt-image-2.5-flare",
    "gpt-image-2.5-sunburst",
    "gpt-image-2.6-*",
    "gpt-image-2",
    "gpt-image-1.5",
    "gpt-image-1-mini",
    "mai-image*",
    "MAI-Image-2.7",
    "MAI-Image-2.7-Flash",
    "MAI-Image-2.6",
    "MAI-Image-2.6-Flash",
    "MAI-Image-2.5",
    "MAI-Image-2.5-Flash",
    "MAI-Image-2.5-Pro",
    "MAI-Image-2",
    "MAI-Image-2e",
    "flux*",
    "FLUX.2-pro",
    "FLUX.2-flex",
    "FLUX.1-Kontext-pro",
    "FLUX-1.1-pro",
    "gpt-image-1",
    "chatgpt-image-latest",
    "dall-e-3",
    "dall-e-2",
];

const CHOICES: [&str; 9] = [
    "operations",
    "sizes",
    "qualities",
    "outputFormats",
    "backgrounds",
    "moderations",
    "inputFidelities",
    "styles",
    "responseFormats",
];

fn json(text: &str) -> Value {
    Value::parse(text.as_bytes(), Limits { max_kept_bytes: 100_000, max_depth: 10 }).unwrap()
}

fn text(value: Option<&Value>) -> String {
    let mut text = String::new();
    if let Some(value) = value {
        value.write(&mut text);
    }
    text
}

/// Values that work, and behind them with a `?` those in doubt; `-` without the parameter, nothing without a rule.
fn choice(model: &Model<'_>, name: &str) -> String {
    match model.rule(name) {
        None => String::new(),
        Some(Value::Bool(false)) => "-".into(),
        Some(rule) => {
            let members = rule.as_object().unwrap();
            let shown = members.iter().map(|(value, works)| match works {
                Value::Bool(true) => value.clone(),
                Value::String(_) => format!("{value}?"),
                other => unreachable!("{value}: {other:?}"),
            });
            shown.collect::<Vec<_>>().join(" ")
        }
    }
}

#[test]
fn the_data_is_there_and_well_formed() {
    let catalog = Catalog::default();
    let names = catalog.names();
    assert_eq!(names, EVERY_NAME);
    for name in names {
        let model = catalog.model(Some(name));
        assert!(model.is_known(), "{name}");
        for name in CHOICES {
            choice(&model, name);
        }
        for (date, length) in [("retires", 10), ("pricesAsOf", 7)] {
            let date = model.rule(date).map(|date| date.as_str().unwrap().len());
            assert!(date.is_none_or(|found| found == length), "{name}");
        }
        for table in ["tokens", "prices"] {
            let tables = model.rule(table).map(|table| table.as_object().unwrap()).unwrap_or_default();
            for (quality, sizes) in tables {
                assert_eq!(model.standing("qualities", quality), Standing::Works, "{name}: {quality}");
                for (size, number) in sizes.as_object().unwrap() {
                    let free = model.rule("freeSizes").map(FreeSizes::read);
                    let is_free = free.is_some_and(|free| free.allow(Size::parse(size).unwrap()));
                    assert!(is_free || model.standing("sizes", size) == Standing::Works, "{name}: {size}");
                    assert!(number.as_u64().is_some_and(|number| number > 100), "{name}: {quality} {size}");
                }
            }
        }
        let successor = model.rule("successor").map(|successor| successor.as_str().unwrap().to_owned());
        assert!(successor.is_none_or(|name| catalog.model(Some(&name)).is_known()), "{name}");
    }
}

/// The data once more, as it comes out of all inheritance: model, choices in the order of [`CHOICES`].
#[test]
fn every_model_has_its_values() {
    let fixed = "1024x1024 1536x1024 1024x1536 auto";
    let formats = "png jpeg webp?";
    let standard = ["low medium high auto", formats, "transparent opaque auto", "auto low"];
    let new = ["low medium high auto xhigh max", formats, "transparent opaque auto", "auto low"];
    let both = "generations edits";
    let delivery = "b64_json url";
    let table = [
        ("dall-e-2", [both, "1024x1024 512x512 256x256", "standard auto?", "-", "-", "-", "-", "-", delivery]),
        (
            "dall-e-3",
            [
                "generations",
                "1024x1024 1792x1024 1024x1792",
                "standard auto? hd",
                "-",
                "-",
                "-",
                "-",
                "vivid natural",
                delivery,
            ],
        ),
        ("gpt-image-1", [both, fixed, standard[0], standard[1], standard[2], standard[3], "low high", "-", "-"]),
        ("gpt-image-1-mini", [both, fixed, standard[0], standard[1], standard[2], standard[3], "low", "-", "-"]),
        ("gpt-image-1.5", [both, fixed, standard[0], standard[1], standard[2], standard[3], "low high", "-", "-"]),
        (
            "gpt-image-2",
            [both, fixed, standard[0], standard[1], "transparent? opaque auto", standard[3], "-", "-", "-"],
        ),
        ("gpt-image-2.5-flare", [both, fixed, new[0], new[1], new[2], new[3], "-", "-", "-"]),
        ("gpt-image-2.6-sunburst", [both, fixed, new[0], new[1], new[2], new[3], "-", "-", "-"]),
        ("MAI-Image-2.7", [both, "", "-", "png", "opaque auto transparent", "-", "-", "-", "-"]),
        ("MAI-Image-2.6-Flash", [both, "", "-", "png", "opaque auto", "-", "-", "-", "-"]),
        ("MAI-Image-2", ["generations", "", "-", "png", "opaque auto", "-", "-", "-", "-"]),
        ("FLUX.2-pro", [both, "", "-", "png jpeg", "opaque auto", "-", "-", "-", "-"]),
        ("FLUX-1.1-pro", ["generations", "", "-", "png jpeg", "opaque auto", "-", "-", "-", "-"]),
        ("chatgpt-image-latest", [both, "", standard[0], standard[1], standard[2], standard[3], "", "-", "-"]),
    ];
    let catalog = Catalog::default();
    for (name, expected) in table {
        let model = catalog.model(Some(name));
        assert_eq!(CHOICES.map(|name| choice(&model, name)), expected, "{name}");
    }
}

#[test]
fn every_model_has_its_limits() {
    // maxN, partial images, prompt, inputs, streaming, compression, free sizes, retires, unconfirmed, rate of output.
    let table = [
        ("dall-e-2", "1 of 10: 1000 1 false false false \"2026-05-12\"  "),
        ("dall-e-3", "1 of 1: 4000 1 false false false \"2026-03-04\"  "),
        ("gpt-image-1", "1 of 10: 32000 16 true true false \"2026-10-23\"  40000000"),
        ("gpt-image-1-mini", "1 of 10: 32000 16 true true false \"2027-04-07\"  8000000"),
        ("gpt-image-1.5", "1 of 10: 32000 16 true true false \"2027-06-16\"  32000000"),
        ("gpt-image-2", "1 of 10: 32000 16 true true true \"2027-10-21\"  30000000"),
        ("gpt-image-2.5-flare", "1 of 10: 32000 16 true true true \"2027-09-08\"  30000000"),
        ("gpt-image-2.6-flare", "1 of 10: 32000 16 true true true  true 30000000"),
        ("MAI-Image-2.7", "1 of 1:  5 false false true  true 34000000"),
        ("MAI-Image-2.6", "1 of 1:  5 false false true   38000000"),
        ("MAI-Image-2.5-Flash", "1 of 1:  5 false false true \"2026-10-01\"  19500000"),
        ("MAI-Image-2e", "1 of 1:  5 false false true \"2026-08-15\"  19500000"),
        ("MAI-Image-3", "1 of 1:  5 false false true   "),
        ("FLUX.2-pro", "1 of 1:  8 false false true   "),
        ("FLUX.2-flex", "1 of 1:  10 false false true   "),
        ("FLUX.1-Kontext-pro", "1 of 1:  1 false false false   "),
        ("chatgpt-image-latest", "1 of 10: 32000 16 true true false  true "),
        ("unheard-of", "1 of 10: 32000 16   false   "),
    ];
    let catalog = Catalog::default();
    for (name, expected) in table {
        let model = catalog.model(Some(name));
        let rule = |name| text(model.rule(name));
        let found = format!(
            "1 of {}: {} {} {} {} {} {} {} {}",
            model.max_n().unwrap(),
            rule("maxPromptCharacters"),
            rule("maxInputs"),
            rule("streaming"),
            rule("compression"),
            model.rule("freeSizes").is_some(),
            rule("retires"),
            rule("unconfirmed"),
            text(model.rule("rates").and_then(|rates| rates.get("output"))),
        );
        assert_eq!(found, expected, "{name}");
        assert_eq!((rule("maxPartialImages").as_str(), rule("maxCompression").as_str()), ("3", "100"), "{name}");
    }
}

#[test]
fn a_model_is_found_by_its_name_without_the_date_and_by_its_beginning() {
    let catalog = catalog_with(
        r#"{"gpt-image-2.5-sunburst":null,"gpt-image-2.5-s*":{"maxN":7},"My-Own":{"maxN":8},"my-own-2026-01-01":{"maxN":9}}"#,
    );
    let found = |name| {
        let model = catalog.model(Some(name));
        model.is_known().then(|| format!("{} {}", model.max_n().unwrap(), text(model.rule("retires"))))
    };
    let table = [
        ("gpt-image-2", Some("10 \"2027-10-21\"")),
        ("gpt-image-2-2026-04-21", Some("10 \"2027-10-21\"")),
        (" GPT-Image-2 ", Some("10 \"2027-10-21\"")),
        ("gpt-image-1-mini-2025-10-06", Some("10 \"2027-04-07\"")),
        ("gpt-image-1.5-2025-12-16", Some("10 \"2027-06-16\"")),
        ("gpt-image-2.5-flare", Some("10 \"2027-09-08\"")),
        ("gpt-image-2.5-flare-2026-09-08", Some("10 \"2027-09-08\"")),
        ("gpt-image-2.5-sunburst", Some("7 ")),
        ("GPT-IMAGE-2.5-SUNBURST-2026-09-08", Some("7 ")),
        ("my-own", Some("8 ")),
        ("my-own-2026-01-02", Some("8 ")),
        ("my-own-2026-01-01", Some("9 ")),
        ("gpt-image-2.5", None),
        ("gpt-image-2-turbo", None),
        ("gpt-image-2-2026-04-31x", None),
        ("gpt-image-2-2026-13-21", None),
        ("gpt-image-2-2026-00-21", None),
        ("gpt-image-2-2026-04-32", None),
        ("gpt-image-2_2026-04-21", None),
        ("gpt-image-2-0000-04-21", None),
        ("gpt-image", None),
        ("*", None),
        ("2026-04-21", None),
        ("-2026-04-21", None),
        ("gpt-image-2.5\u{E9}", None),
        ("\u{E9}", None),
        ("", None),
    ];
    for (name, expected) in table {
        assert_eq!(found(name).as_deref(), expected, "{name}");
    }
    for nothing in [None, Some(""), Some("  ")] {
        assert_eq!(catalog.model(nothing).name(), None);
    }
    assert_eq!(catalog.model(Some(" GPT-Image-2 ")).name(), Some("GPT-Image-2"));
}

#[test]
fn an_extension_overrides_member_by_member() {
    let catalog = catalog_with(
        r#"{
            "gpt-image-2": {"retires": null, "outputFormats": {"webp": true, "avif": "New"}, "rates": {"output": 1}},
            "gpt-image-1": {"qualities": ["low", "ultra"], "tokens": null},
            "studio": {"extends": "gpt-image-2", "maxN": 4, "sizes": {"auto": null}},
            "*": {"maxInputs": 20, "maxN": 12}
        }"#,
    );
    let two = catalog.model(Some("gpt-image-2"));
    assert_eq!(text(two.rule("retires")), "", "removed, not inherited from gpt-image-1");
    assert_eq!(choice(&two, "outputFormats"), "png jpeg webp avif?");
    assert_eq!(
        text(two.rule("rates")),
        r#"{"textInput":5000000,"imageInput":8000000,"output":1,"textOutput":10000000}"#
    );
    assert_eq!(text(two.rule("freeSizes").unwrap().get("maxEdge")), "3840", "the rest stays");
    assert_eq!((text(two.rule("maxInputs")).as_str(), two.max_n()), ("20", Some(12)), "what is for all");

    let one = catalog.model(Some("gpt-image-1"));
    assert_eq!(one.values("qualities").collect::<Vec<_>>(), ["low", "ultra"], "a list replaces");
    assert_eq!(text(one.rule("tokens")), "");
    let mini = catalog.model(Some("gpt-image-1-mini"));
    assert_eq!(mini.values("qualities").collect::<Vec<_>>(), ["low", "ultra"], "heirs follow");

    let studio = catalog.model(Some("studio"));
    assert_eq!((choice(&studio, "outputFormats").as_str(), studio.max_n()), ("png jpeg webp avif?", Some(4)));
    assert_eq!(choice(&studio, "sizes"), "1024x1024 1536x1024 1024x1536");
    assert_eq!(catalog.names().last(), Some(&"studio"));

    // What the package itself knows stays as it was.
    assert_eq!(Catalog::with(&json(r#"{"models":{}}"#)).unwrap().names(), Catalog::default().names());
}

#[test]
fn what_a_model_had_removed_does_not_come_back_with_an_extension() {
    let catalog = catalog_with(
        r#"{"gpt-image-1":{"tokens":{"low":{"1024x1536":9}}},"gpt-image-2.6-*":{"tokens":{"low":{"1024x1024":150}}}}"#,
    );
    let tokens = |name| text(catalog.model(Some(name)).rule("tokens"));
    assert!(tokens("gpt-image-2").starts_with(r#"{"low":{"1024x1024":196},"#), "{}", tokens("gpt-image-2"));
    assert_eq!(tokens("gpt-image-2.6-flare"), r#"{"low":{"1024x1024":150}}"#);
}

#[test]
fn a_model_can_be_forgotten_and_made_anew() {
    let forgotten = catalog_with(r#"{"dall-e-2":null}"#);
    assert!(!forgotten.model(Some("dall-e-2")).is_known() && !forgotten.names().contains(&"dall-e-2"));
    // The heir stands without what it had inherited.
    assert_eq!(choice(&forgotten.model(Some("dall-e-3")), "responseFormats"), "");
    assert_eq!(choice(&forgotten.model(Some("dall-e-3")), "qualities"), "hd");
}

#[test]
fn what_is_no_catalog_is_refused() {
    let bad = [
        ("null", "models"),
        ("[]", "models"),
        ("{}", "models"),
        (r#"{"models":[]}"#, "models"),
        (r#"{"gpt-image-2":{}}"#, "models"),
        (r#"{"models":{"a":true}}"#, "models[\"a\"]"),
        (r#"{"models":{"a":[]}}"#, "models[\"a\"]"),
        (r#"{"models":{"a":{"extends":"gpt-image-3"}}}"#, "models[\"a\"].extends"),
        (r#"{"models":{"a":{"extends":7}}}"#, "models[\"a\"].extends"),
        (r#"{"models":{"a":{"extends":"dall-e-2"},"dall-e-2":null}}"#, "models[\"a\"].extends"),
    ];
    for (extra, place) in bad {
        let failure = Catalog::with(&json(extra)).unwrap_err();
        assert_eq!((failure.code, failure.param.as_deref()), (Code::InvalidRequest, Some("catalog")), "{extra}");
        assert!(failure.message.contains(place), "{extra}: {}", failure.message);
    }
}

#[test]
fn models_that_extend_each_other_end() {
    let catalog =
        catalog_with(r#"{"a":{"extends":"b","maxN":3},"b":{"extends":"a","maxInputs":2},"c":{"extends":"c"}}"#);
    let a = catalog.model(Some("a"));
    assert_eq!((a.max_n(), text(a.rule("maxInputs")).as_str()), (Some(3), "2"));
    assert!(catalog.model(Some("c")).is_known());
    let own = catalog_with(r#"{"*":{"extends":"gpt-image-2"}}"#);
    assert_eq!(own.model(None).rule("freeSizes"), None, "what holds for all inherits nothing");
}

#[test]
fn rules_of_the_wrong_type_are_no_rules() {
    let catalog =
        catalog_with(r#"{"gpt-image-1":{"qualities":7,"streaming":"yes","maxN":-1,"sizes":{"auto":false,"1x1":7}}}"#);
    let model = catalog.model(Some("gpt-image-1"));
    assert_eq!((model.streams(), model.max_n(), model.values("qualities").count()), (None, None, 0));
    assert_eq!(model.standing("sizes", "1x1"), Standing::Works);
    assert_eq!(model.standing("sizes", "auto"), Standing::OfOthers);
    assert_eq!(model.standing("sizes", "2x2"), Standing::Unknown);
}

#[test]
fn what_is_said_of_a_value() {
    let catalog = Catalog::default();
    let standing = |name, choice: &str, value: &str| match catalog.model(name).standing(choice, value) {
        Standing::NoRule => "no rule",
        Standing::Works => "works",
        Standing::InDoubt(why) => {
            assert!(why.len() > 10 && !why.ends_with('.'), "{why}");
            "in doubt"
        }
        Standing::NoParameter => "no parameter",
        Standing::OfOthers => "of others",
        Standing::Unknown => "unknown",
    };
    let table = [
        (None, "qualities", "low", "no rule"),
        (Some("unheard-of"), "qualities", "low", "no rule"),
        (Some("gpt-image-2"), "qualities", "low", "works"),
        (Some("gpt-image-2"), "qualities", "hd", "of others"),
        (Some("gpt-image-2"), "qualities", "xhigh", "of others"),
        (Some("gpt-image-2.5-flare"), "qualities", "xhigh", "works"),
        (Some("gpt-image-2"), "qualities", "ultra", "unknown"),
        (Some("gpt-image-2"), "qualities", "", "unknown"),
        (Some("gpt-image-2"), "styles", "vivid", "no parameter"),
        (Some("gpt-image-1-mini"), "inputFidelities", "high", "of others"),
        (Some("gpt-image-2.5-flare"), "inputFidelities", "high", "no parameter"),
        (Some("MAI-Image-2.6"), "qualities", "high", "no parameter"),
        (Some("MAI-Image-2.6"), "backgrounds", "transparent", "of others"),
        (Some("MAI-Image-2.7"), "backgrounds", "transparent", "works"),
        (Some("FLUX.2-pro"), "outputFormats", "webp", "of others"),
        (Some("gpt-image-2"), "backgrounds", "transparent", "in doubt"),
        (Some("gpt-image-1"), "outputFormats", "webp", "in doubt"),
        (Some("gpt-image-1"), "outputFormats", "gif", "unknown"),
        (Some("dall-e-3"), "operations", "edits", "of others"),
    ];
    for (name, choice, value, expected) in table {
        assert_eq!(standing(name, choice, value), expected, "{name:?} {choice} {value}");
    }
}

proptest! {
    #![proptest_config(cases(64))]

    #[test]
    fn any_name_may_be_asked_for(name in any::<String>(), tail in "\\PC{0,12}") {
        let catalog = Catalog::default();
        for name in [name, format!("gpt-image-2.5-{tail}"), format!("gpt-image-2{tail}")] {
            let model = catalog.model(Some(&name));
            prop_assert_eq!(model.max_n().is_some(), true);
            let _ = model.standing("qualities", &tail);
        }
    }
}
