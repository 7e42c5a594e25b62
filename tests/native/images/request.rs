//! Request bodies.

use crate::support::{cases, catalog_with};
use azure_image_client::errors::{Billed, Code, Failure};
use azure_image_client::http::endpoint::{ApiVersion, Endpoint, Operation};
use azure_image_client::http::message::{Body, HttpRequest};
use azure_image_client::images::prepare::{prepare, without_prompt};
use azure_image_client::images::request::{ImageRequest, Target, deployment, split};
use azure_image_client::models::catalog::Catalog;
use azure_image_client::models::options::ServiceOptions;
use azure_image_client::models::validate::ImageParameters;
use proptest::prelude::*;
use serde_json::json;

fn v1() -> Endpoint {
    Endpoint::parse("https://r.openai.azure.com", ApiVersion::Default).unwrap()
}

fn classic() -> Endpoint {
    Endpoint::parse("https://r.openai.azure.com/openai/deployments/in-url", ApiVersion::Default).unwrap()
}

fn request() -> ImageRequest {
    ImageRequest { prompt: "a lighthouse".into(), deployment: Some("d".into()), ..ImageRequest::default() }
}

fn text(prepared: &HttpRequest) -> &str {
    match &prepared.body {
        Body::Json(text) => text,
        body => panic!("{body:?} is no JSON"),
    }
}

fn body(prepared: &HttpRequest) -> serde_json::Value {
    serde_json::from_str(text(prepared)).unwrap()
}

/// Builds the request for a model that the catalog does not know. Edits have two images.
fn built(
    request: &ImageRequest,
    operation: Operation,
    endpoint: &Endpoint,
    default: Option<&str>,
    extra_query: &[(String, String)],
    streamed: bool,
) -> Result<HttpRequest, Failure> {
    let catalog = Catalog::default();
    let target = Target {
        endpoint,
        deployment: deployment(endpoint, [request.deployment.as_deref(), default])?,
        model: &catalog.model(None),
        extra_query,
    };
    let inputs = if operation == Operation::Edits { 2 } else { 0 };
    prepare(request, operation, &target, streamed, inputs)
}

fn refused(request: &ImageRequest, endpoint: &Endpoint, default: Option<&str>, streamed: bool) -> Failure {
    let failure = built(request, Operation::Generations, endpoint, default, &[], streamed).unwrap_err();
    assert_eq!((failure.code, failure.billed, failure.retryable), (Code::InvalidRequest, Billed::No, false));
    failure
}

#[test]
fn what_is_not_set_stays_out_of_the_body() {
    let prepared = built(&request(), Operation::Generations, &v1(), None, &[], false).unwrap();
    assert_eq!(body(&prepared), json!({"model": "d", "prompt": "a lighthouse"}));
    assert_eq!(prepared.url, "https://r.openai.azure.com/openai/v1/images/generations?api-version=preview");
}

#[test]
fn everything_that_is_set_is_sent_under_the_services_name() {
    let text = |text: &str| Some(text.to_owned());
    let request = ImageRequest {
        n: Some(1),
        size: text("1024x1536"),
        quality: text("high"),
        background: text("transparent"),
        output_format: text("webp"),
        output_compression: Some(0),
        moderation: text("low"),
        user: text("u-1"),
        partial_images: Some(2),
        ..request()
    };
    let expected = json!({
        "model": "d", "prompt": "a lighthouse", "n": 1, "size": "1024x1536", "quality": "high", "background": "transparent",
        "output_format": "webp", "output_compression": 0, "moderation": "low", "user": "u-1", "stream": true, "partial_images": 2,
    });
    assert_eq!(body(&built(&request, Operation::Generations, &v1(), None, &[], true).unwrap()), expected);

    let mut not_streamed = expected;
    let members = not_streamed.as_object_mut().unwrap();
    assert!(members.remove("stream").is_some() && members.remove("partial_images").is_some());
    assert_eq!(body(&built(&request, Operation::Generations, &v1(), None, &[], false).unwrap()), not_streamed);
}

#[test]
fn what_is_asked_for_is_what_the_rules_are_asked_about() {
    let text = |text: &str| Some(text.to_owned());
    let request = ImageRequest {
        n: Some(2),
        size: text("1024x1536"),
        quality: text("high"),
        background: text("transparent"),
        output_format: text("webp"),
        output_compression: Some(80),
        moderation: text("low"),
        style: text("vivid"),
        response_format: text("url"),
        input_fidelity: text("low"),
        partial_images: Some(3),
        ..request()
    };
    let asked = ImageParameters {
        prompt: "a lighthouse",
        n: Some(2),
        size: Some("1024x1536"),
        quality: Some("high"),
        background: Some("transparent"),
        output_format: Some("webp"),
        output_compression: Some(80),
        moderation: Some("low"),
        style: Some("vivid"),
        response_format: Some("url"),
        input_fidelity: Some("low"),
        partial_images: Some(3),
        user: None,
        options: Some(&ServiceOptions::default()),
        inputs: 0,
        mask: false,
    };
    assert_eq!(request.asked(), asked);
}

#[test]
fn a_dall_e_is_asked_for_bytes_unless_an_address_is_wanted_and_others_are_not_asked() {
    let catalog = Catalog::default();
    for (model, given, sent) in [
        (Some("dall-e-2"), None, Some("b64_json")),
        (Some("dall-e-3"), None, Some("b64_json")),
        (Some("dall-e-3"), Some("url"), Some("url")),
        (Some("gpt-image-1"), None, None),
        (Some("gpt-image-2"), Some("b64_json"), None),
        (Some("of-tomorrow"), None, None),
        (Some("of-tomorrow"), Some("url"), Some("url")),
        (None, Some("b64_json"), Some("b64_json")),
    ] {
        let request = ImageRequest { response_format: given.map(Into::into), ..request() };
        assert_eq!(format_sent(&request, &catalog, model).as_deref(), sent, "{model:?} {given:?}");
    }
    let catalog = catalog_with(r#"{"only-url":{"responseFormats":{"url":true}}}"#);
    assert_eq!(format_sent(&request(), &catalog, Some("only-url")), None, "there are no bytes to ask for");
}

fn format_sent(request: &ImageRequest, catalog: &Catalog, model: Option<&str>) -> Option<String> {
    let target = Target { endpoint: &v1(), deployment: "d", model: &catalog.model(model), extra_query: &[] };
    let prepared = prepare(request, Operation::Generations, &target, false, 0).unwrap();
    body(&prepared)["response_format"].as_str().map(Into::into)
}

#[test]
fn the_deployment_is_in_the_body_on_v1_and_in_the_path_on_classic_routes() {
    let prepared = built(&request(), Operation::Generations, &v1(), None, &[], false).unwrap();
    assert_eq!(body(&prepared)["model"], "d");
    assert!(!prepared.url.contains("/d/"));
    let prepared = built(&request(), Operation::Generations, &classic(), None, &[], false).unwrap();
    assert_eq!(body(&prepared), json!({"prompt": "a lighthouse"}));
    assert!(prepared.url.contains("/openai/deployments/d/images/generations?"), "{}", prepared.url);
}

#[test]
fn the_nearest_deployment_counts() {
    let of = |own: Option<&str>, default, endpoint: &Endpoint| {
        let request = ImageRequest { deployment: own.map(Into::into), ..request() };
        let prepared = built(&request, Operation::Generations, endpoint, default, &[], false).unwrap();
        match body(&prepared).get("model") {
            Some(model) => model.as_str().unwrap().to_owned(),
            None => prepared.url.split('/').nth(5).unwrap().to_owned(),
        }
    };
    assert_eq!(of(Some("own"), Some("default"), &v1()), "own");
    assert_eq!(of(None, Some("default"), &v1()), "default");
    assert_eq!(of(Some("own"), Some("default"), &classic()), "own");
    assert_eq!(of(None, Some("default"), &classic()), "default");
    assert_eq!(of(None, None, &classic()), "in-url");
    let without = ImageRequest { deployment: None, ..request() };
    for failure in [refused(&without, &v1(), None, false), refused(&without, &v1(), Some(" "), true)] {
        assert_eq!(failure.param.as_deref(), Some("deployment"));
    }
}

#[test]
fn an_empty_prompt_is_refused() {
    for prompt in ["", " ", "\n\t"] {
        let request = ImageRequest { prompt: prompt.into(), ..request() };
        assert_eq!(refused(&request, &v1(), None, false).param.as_deref(), Some("prompt"));
    }
}

#[test]
fn the_number_of_images_is_sent() {
    for n in [2, 10] {
        let request = ImageRequest { n: Some(n), ..request() };
        let prepared = built(&request, Operation::Generations, &v1(), None, &[], false).unwrap();
        assert_eq!(body(&prepared)["n"], n);
    }
}

#[test]
fn an_edit_is_a_form_whose_truth_values_are_written_as_azure_reads_them() {
    let edit = ImageRequest {
        n: Some(2),
        input_fidelity: Some("high".into()),
        partial_images: Some(1),
        extra_body: Some(r#"{"user":null,"new":{"a":[1,true]},"flag":false,"text":"é\n"}"#.into()),
        user: Some("dropped".into()),
        ..request()
    };
    let expected = |model: &[(&str, &str)]| {
        let rest = [
            ("prompt", "a lighthouse"),
            ("n", "2"),
            ("input_fidelity", "high"),
            ("stream", "True"),
            ("partial_images", "1"),
            ("new", r#"{"a":[1,true]}"#),
            ("flag", "False"),
            ("text", "é\n"),
        ];
        let fields = model.iter().chain(&rest).map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Body::Edit { fields: fields.collect(), image_field: "image[]" }
    };
    let prepared = built(&edit, Operation::Edits, &v1(), None, &[], true).unwrap();
    assert_eq!(prepared.url, "https://r.openai.azure.com/openai/v1/images/edits?api-version=preview");
    assert_eq!(prepared.body, expected(&[("model", "d")]));
    let prepared = built(&edit, Operation::Edits, &classic(), None, &[], true).unwrap();
    assert_eq!(
        prepared.url,
        "https://r.openai.azure.com/openai/deployments/d/images/edits?api-version=2025-04-01-preview"
    );
    assert_eq!(prepared.body, expected(&[]));
}

#[test]
fn extra_members_win_and_keep_every_digit() {
    let extra = r#" {"prompt":"mine","quality":null,"new":{"a":[1,2.50,-1e400,12345678901234567890,"\u00e9\n"]},"stream":"True","new":true} "#;
    let request = ImageRequest { quality: Some("high".into()), extra_body: Some(extra.into()), ..request() };
    let prepared = built(&request, Operation::Generations, &v1(), None, &[], true).unwrap();
    assert_eq!(
        text(&prepared),
        "{\"model\":\"d\",\"prompt\":\"mine\",\"quality\":null,\"stream\":\"True\",\"new\":true}"
    );
    let kept =
        ImageRequest { extra_body: Some(r#"{"a":[1,2.50,-1e400,12345678901234567890,"\u00e9\n"]}"#.into()), ..request };
    let prepared = built(&kept, Operation::Generations, &classic(), None, &[], false).unwrap();
    assert!(
        text(&prepared).ends_with(",\"a\":[1,2.50,-1e400,12345678901234567890,\"\u{E9}\\n\"]}"),
        "{}",
        text(&prepared)
    );
}

#[test]
fn extra_members_must_be_an_object() {
    for extra in ["", "null", "[]", "1", "\"x\"", "{", "{}{}", "{\"a\":undefined}"] {
        let request = ImageRequest { extra_body: Some(extra.into()), ..request() };
        assert_eq!(refused(&request, &v1(), None, false).param.as_deref(), Some("extraBody"), "{extra}");
    }
    let long = "x".repeat(2 * 1024 * 1024);
    let extra_body = Some(format!("{{\"a\":\"{long}\"}}"));
    let large =
        built(&ImageRequest { extra_body, ..request() }, Operation::Generations, &v1(), None, &[], false).unwrap();
    assert_eq!(body(&large)["a"], long.as_str());
    let empty = ImageRequest { extra_body: Some("{}".into()), ..request() };
    assert_eq!(
        built(&empty, Operation::Generations, &v1(), None, &[], false),
        built(&request(), Operation::Generations, &v1(), None, &[], false)
    );
}

#[test]
fn extra_query_parameters_go_behind_the_version() {
    let prepared =
        built(&request(), Operation::Generations, &v1(), None, &[("a".into(), "b c".into())], false).unwrap();
    assert!(prepared.url.ends_with("?api-version=preview&a=b%20c"), "{}", prepared.url);
}

#[test]
fn every_character_of_a_prompt_arrives() {
    let every_ascii: String = (0..=0x7F_u8).map(char::from).collect();
    for prompt in [
        &every_ascii,
        "\u{80}\u{9F}\u{2028}\u{2029}\u{FEFF}\u{FFFD}\u{FFFF}\u{1F680}\u{10FFFF}",
        "\"},{\"model\":\"x",
        "\\u0041",
        "</script>",
    ] {
        let request = ImageRequest { prompt: prompt.into(), ..request() };
        assert_eq!(body(&built(&request, Operation::Generations, &v1(), None, &[], false).unwrap())["prompt"], prompt);
    }
}

proptest! {
    #![proptest_config(cases(128))]

    #[test]
    fn any_text_arrives_as_it_was_given(prompt in "\\PC.{0,40}", deployment in "\\PC{1,20}x", user in any::<String>()) {
        let request = ImageRequest {
            prompt: format!("{prompt}x"),
            deployment: Some(deployment.clone()),
            user: Some(user.clone()),
            ..ImageRequest::default()
        };
        let prepared = built(&request, Operation::Generations, &v1(), None, &[], true).unwrap();
        let expected = json!({"model": deployment.trim(), "prompt": format!("{prompt}x"), "user": user, "stream": true});
        prop_assert_eq!(body(&prepared), expected);
        let prepared = built(&request, Operation::Generations, &classic(), None, &[], true).unwrap();
        prop_assert!(prepared.url.bytes().all(|byte| byte.is_ascii_graphic()), "{}", prepared.url);
    }
}

#[test]
fn a_deployment_that_would_lead_to_another_path_is_refused() {
    for name in [".", "..", " .. "] {
        let request = ImageRequest { deployment: Some(name.into()), ..request() };
        for endpoint in [v1(), classic()] {
            assert_eq!(refused(&request, &endpoint, None, false).param.as_deref(), Some("deployment"));
        }
    }
}

#[test]
fn a_call_for_many_pictures_is_divided_without_losing_one() {
    for (n, most, expected) in [
        (1, 10, vec![1]),
        (10, 10, vec![10]),
        (11, 10, vec![10, 1]),
        (25, 10, vec![10, 10, 5]),
        (3, 1, vec![1; 3]),
        (2, 0, vec![1; 2]),
    ] {
        assert_eq!(split(n, most).unwrap(), expected);
    }
    assert_eq!(split(100, 1).unwrap().len(), 100);
    for n in [0, 101, u32::MAX] {
        let failure = split(n, 10).unwrap_err();
        assert_eq!((failure.code, failure.param.as_deref()), (Code::InvalidRequest, Some("n")));
    }
}

/// What the request names, what the client names, and where it goes with an endpoint that names none, and one that does.
#[test]
fn the_first_name_that_is_not_blank_is_the_deployment() {
    let table = [
        (Some("own"), Some("client"), Some("own"), Some("own")),
        (Some("own"), None, Some("own"), Some("own")),
        (Some(" own\n"), Some("client"), Some("own"), Some("own")),
        (Some("a b/c"), None, Some("a b/c"), Some("a b/c")),
        (Some(""), Some("client"), Some("client"), Some("client")),
        (Some(" \t"), Some(" client "), Some("client"), Some("client")),
        (None, Some("client"), Some("client"), Some("client")),
        (None, Some(""), None, Some("in-url")),
        (Some(" "), Some(" "), None, Some("in-url")),
        (None, None, None, Some("in-url")),
    ];
    let dated = Endpoint::parse("https://r.openai.azure.com", ApiVersion::Is("2024-02-01".into())).unwrap();
    let blank = Endpoint::parse("https://r.openai.azure.com/openai/deployments/%20", ApiVersion::Default).unwrap();
    for (own, client, without, within) in table {
        for (endpoint, expected) in
            [(v1(), without), (dated.clone(), without), (blank.clone(), without), (classic(), within)]
        {
            let named = deployment(&endpoint, [own, client]);
            assert_eq!(named.as_deref().ok(), expected.as_ref().copied(), "{own:?} {client:?} {endpoint:?}");
            if let Err(failure) = named {
                assert_eq!((failure.code, failure.billed), (Code::InvalidRequest, Billed::No));
                assert_eq!(failure.param.as_deref(), Some("deployment"));
                assert!(failure.message.contains("No deployment is set"), "{}", failure.message);
            }
        }
    }
}

#[test]
fn a_name_that_leads_to_another_path_is_refused_and_not_passed_over() {
    let within = |name| {
        let url = format!("https://r.openai.azure.com/openai/deployments/{name}/images/generations");
        Endpoint::parse(&url, ApiVersion::Default).unwrap()
    };
    for (endpoint, named, shown) in [
        (v1(), [Some("."), Some("client")], "\".\""),
        (classic(), [Some(".."), Some("client")], "\"..\""),
        (classic(), [Some(" .. "), None], "\"..\""),
        (v1(), [Some(" "), Some("..")], "\"..\""),
        (within("%2E"), [None, None], "\".\""),
        (within("%2e%2E"), [Some(""), None], "\"..\""),
    ] {
        let failure = deployment(&endpoint, named).unwrap_err();
        assert_eq!((failure.code, failure.param.as_deref()), (Code::InvalidRequest, Some("deployment")), "{named:?}");
        assert!(failure.message.contains(shown), "{}", failure.message);
    }
    for name in ["...", ".a", "a.", "..a", ". ."] {
        assert_eq!(deployment(&classic(), [Some(name), None]).unwrap(), name);
    }
}

#[test]
fn a_generation_without_a_prompt_names_at_most_the_deployment() {
    let text_for = |endpoint: &Endpoint, name: &str| {
        let catalog = Catalog::default();
        let model = &catalog.model(None);
        text(&without_prompt(&Target { endpoint, deployment: name, model, extra_query: &[] }).unwrap()).to_owned()
    };
    for name in ["d", "a \"b\"\\c\n", "\u{E9}\u{1F680}"] {
        let body: serde_json::Value = serde_json::from_str(&text_for(&v1(), name)).unwrap();
        assert_eq!(body, json!({"model": name}));
        assert_eq!(text_for(&classic(), name), "{}");
    }
    let gateway = Endpoint::parse("https://gateway.example/v1", ApiVersion::None).unwrap();
    assert_eq!(text_for(&gateway, "d"), "{\"model\":\"d\"}");
    let dated = Endpoint::parse("https://r.openai.azure.com", ApiVersion::Is("2024-02-01".into())).unwrap();
    assert_eq!(text_for(&dated, "d"), "{}");
}
