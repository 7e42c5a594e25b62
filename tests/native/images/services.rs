//! Requests to the three image services, and their responses.

use std::rc::Rc;

use azure_image_client::errors::{Billed, Code};
use azure_image_client::http::endpoint::Operation as Route;
use azure_image_client::http::message::Body;
use azure_image_client::http::retry::RetryPolicy;
use azure_image_client::images::generate::{GenerateImages, ImagesCall, Inputs};
use azure_image_client::images::input::{EditInputs, Input};
use azure_image_client::images::request::ImageRequest;
use azure_image_client::models::options::ServiceOptions;
use azure_image_client::models::service::Service;
use azure_image_client::models::usage::{Dollars, Hundredths, Megapixels};
use azure_image_client::operation::{Capability, Output};
use azure_image_client::probe::Probe;
use azure_image_client::probe::report::Status;
use azure_image_client::responses::create::{CreateResponse, ResponseCall};
use azure_image_client::responses::image_tool::ImageTool;
use azure_image_client::responses::job::Delivery;
use azure_image_client::responses::request::{ImageToolUse, ResponseRequest};
use azure_image_client::settings::{Settings, Validation};
use serde_json::{Value, json};

use crate::support::driver::{Part, Reply, Run, Script, run, settings_of};
use crate::support::{Keep, catalog_with, encode, png};

const RESOURCE: &str = "https://my-resource.services.ai.azure.com";
const GENERATIONS: &str = "Post /openai/v1/images/generations";
const MAI: &str = "Post /mai/v1/images/generations";
const FLUX_PRO: &str = "Post /providers/blackforestlabs/v1/flux-2-pro";

fn client(change: impl FnOnce(&mut Settings)) -> Rc<Settings> {
    let mut settings = Settings { deployment: None, ..settings_of(RESOURCE) };
    change(&mut settings);
    Rc::new(settings)
}

/// A client of one deployment with the name of its model.
fn client_of(deployment: &str) -> Rc<Settings> {
    client(|settings| settings.deployment = Some(deployment.into()))
}

fn request() -> ImageRequest {
    ImageRequest { prompt: "a lighthouse".into(), ..ImageRequest::default() }
}

fn some(text: &str) -> Option<String> {
    Some(text.into())
}

/// A generation, or an edit of `inputs` images.
fn call(request: ImageRequest, inputs: usize, is_streamed: bool) -> ImagesCall {
    ImagesCall {
        route: if inputs > 0 { Route::Edits } else { Route::Generations },
        request,
        is_streamed,
        inputs: files(vec![png(1024, 1024); inputs], None),
        today: "2026-11-01".into(),
    }
}

fn files(images: Vec<Input>, mask: Option<Input>) -> Option<Rc<dyn Inputs>> {
    Some(Rc::new(EditInputs { images, mask }))
}

/// The files of an edit with a mask.
fn with_mask() -> Option<Rc<dyn Inputs>> {
    files(vec![png(1024, 1024)], Some(png(1024, 1024)))
}

fn answer(members: &str) -> Reply {
    Reply::ok(format!("{{\"data\":[{{\"b64_json\":\"{}\"}}]{members}}}", encode(b"an image")))
}

fn run_call(settings: &Rc<Settings>, call: ImagesCall, replies: Vec<Reply>) -> Run {
    run(
        settings,
        Box::new(GenerateImages::new(Rc::clone(settings), call, Keep::default).unwrap()),
        Script::replies(replies),
    )
}

fn generate(settings: &Rc<Settings>, request: ImageRequest) -> Run {
    run_call(settings, call(request, 0, false), vec![answer("")])
}

/// The JSON body of the first request. Each image of an edit is the string `<1>`, `<2>`, …
fn sent(run: &Run) -> Value {
    let text = match &run.sent[0].request.body {
        Body::Json(text) => text.clone(),
        Body::JsonWithImages(parts) => {
            let numbered = parts.iter().enumerate().map(|(index, part)| match index {
                0 => part.clone(),
                number => format!("<{number}>{part}"),
            });
            numbered.collect()
        }
        other => panic!("{other:?}"),
    };
    serde_json::from_str(&text).unwrap()
}

/// `param: message` of each error and warning.
fn problems(settings: &Rc<Settings>, call: &ImagesCall) -> Vec<String> {
    let shown = call.problems(settings).into_iter().map(|problem| {
        let kind =
            if problem.severity == azure_image_client::models::validate::Severity::Error { "error" } else { "warning" };
        let suggestion = problem.suggestion.map(|suggestion| format!(" -> {suggestion}")).unwrap_or_default();
        format!("{kind} {}{suggestion}", problem.param)
    });
    shown.collect()
}

fn warnings(run: &Run) -> Vec<&str> {
    match &run.outcome {
        Ok(Output::Images { result, .. }) => result.warnings.iter().map(|warning| warning.message.as_str()).collect(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_model_or_the_deployment_or_the_service_decides_who_is_called() {
    // Client: deployment, model, service. Request: deployment, model, service.
    let table = [
        (["images", "", ""], ["", "", ""], GENERATIONS),
        (["images", "gpt-image-2.5-flare", ""], ["", "", ""], GENERATIONS),
        (["images", "MAI-Image-2.6", ""], ["", "", ""], MAI),
        (["images", "mai-image-2.6-2026-07-31", ""], ["", "", ""], MAI),
        (["images", "FLUX.2-pro", ""], ["", "", ""], FLUX_PRO),
        (["images", "flux.2-flex", ""], ["", "", ""], "Post /providers/blackforestlabs/v1/flux-2-flex"),
        (["images", "FLUX.1-Kontext-pro", ""], ["", "", ""], "Post /providers/blackforestlabs/v1/flux-kontext-pro"),
        (["images", "FLUX-1.1-pro", ""], ["", "", ""], "Post /providers/blackforestlabs/v1/flux-pro-1.1"),
        // The name of a deployment is often that of its model.
        (["MAI-Image-2.6-Flash", "", ""], ["", "", ""], MAI),
        (["FLUX.2-pro", "", ""], ["", "", ""], FLUX_PRO),
        (["gpt-image-2", "", ""], ["", "", ""], GENERATIONS),
        (["mai-image-of-my-team", "", ""], ["", "", ""], MAI),
        (["my-mai-image", "", ""], ["", "", ""], GENERATIONS),
        // A request can go elsewhere.
        (["images", "", ""], ["MAI-Image-2.6", "", ""], MAI),
        (["images", "gpt-image-2", ""], ["MAI-Image-2.6", "", ""], MAI),
        (["images", "MAI-Image-2.6", ""], ["gpt-image-2", "", ""], GENERATIONS),
        (["images", "MAI-Image-2.6", ""], ["other", "", ""], MAI),
        (["images", "FLUX.2-flex", ""], ["FLUX.2-pro", "", ""], FLUX_PRO),
        (["images", "MAI-Image-2.6", ""], ["other", "gpt-image-2", ""], GENERATIONS),
        (["MAI-Image-2.6", "", ""], ["images", "", ""], GENERATIONS),
        (["images", "gpt-image-2", ""], ["", "FLUX.2-pro", ""], FLUX_PRO),
        // The name of a deployment is less than the model of the client, unless it is exactly that of another model.
        (["flux-prod", "FLUX.2-pro", ""], ["flux-prod", "", ""], FLUX_PRO),
        (["flux-prod", "FLUX.2-pro", ""], ["flux-staging", "", ""], FLUX_PRO),
        (["mai-image-prod", "MAI-Image-2.5", ""], ["mai-image-prod", "", ""], MAI),
        (["images", "FLUX.2-pro", ""], ["mai-image-prod", "", ""], MAI),
        // The service of the client counts less than a name in the request.
        (["images", "", "mai"], ["gpt", "gpt-image-2", ""], GENERATIONS),
        (["images", "", "mai"], ["FLUX.2-pro", "", ""], FLUX_PRO),
        (["images", "", "mai"], ["x", "FLUX.2-pro", ""], FLUX_PRO),
        (["images", "", "mai"], ["x", "", ""], MAI),
        // The service overrides both.
        (["images", "", "mai"], ["", "", ""], MAI),
        (["MAI-Image-2.6", "", "openai"], ["", "", ""], GENERATIONS),
        (["images", "", "mai"], ["", "", "openai"], GENERATIONS),
        (["images", "gpt-image-2", ""], ["", "", "mai"], MAI),
        (["images", "of-tomorrow", ""], ["", "", "mai"], MAI),
    ];
    let text = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    for (of_client, of_request, expected) in table {
        let settings = client(|settings| {
            settings.deployment = text(of_client[0]);
            settings.model = text(of_client[1]);
            settings.service = Service::named(of_client[2]);
        });
        let request = ImageRequest {
            deployment: text(of_request[0]),
            model: text(of_request[1]),
            service: Service::named(of_request[2]),
            ..request()
        };
        let run = generate(&settings, request);
        assert_eq!(run.urls(), [expected], "{of_client:?} {of_request:?}");
        let deployment = if of_request[0].is_empty() { of_client[0] } else { of_request[0] };
        assert_eq!(sent(&run)["model"], deployment, "{of_client:?} {of_request:?}");
    }
}

#[test]
fn one_host_root_serves_all_whatever_was_pasted() {
    let flare = "/openai/v1/images/generations?api-version=preview";
    let mai = "/mai/v1/images/generations";
    let flux = "/providers/blackforestlabs/v1/flux-2-pro?api-version=preview";
    for (path, base) in [
        ("", ""),
        ("/", ""),
        ("/openai/v1", ""),
        ("/openai/v1/images/generations", ""),
        ("/mai/v1/images/edits", ""),
        ("/mai/v1", ""),
        ("/providers/blackforestlabs/v1/flux-2-flex", ""),
        ("/providers/blackforestlabs", ""),
        ("/api/projects/my-project", ""),
        ("/api/projects/my-project/mai/v1/images/generations", ""),
        ("/api/projects/my-project/providers/blackforestlabs/v1/flux-2-pro", ""),
        ("/mai", ""),
        ("/providers", ""),
        ("/openai/deployments/d/images/generations?api-version=2025-04-01-preview", ""),
    ] {
        for (model, expected) in [("MAI-Image-2.6", mai), ("FLUX.2-pro", flux), ("gpt-image-2.5-flare", flare)] {
            let settings = Settings { model: some(model), ..settings_of(&format!("{RESOURCE}{path}")) };
            let run = generate(&Rc::new(settings), request());
            let url = &run.sent[0].request.url;
            if !path.contains("deployments") || model.starts_with(['M', 'F']) {
                assert_eq!(url, &format!("{RESOURCE}{base}{expected}"), "{path}");
            }
        }
    }
    // The deployment in an endpoint decides as well.
    for (name, expected) in [("FLUX.2-pro", flux), ("MAI-Image-2.6", mai)] {
        let pasted = format!("{RESOURCE}/openai/deployments/{name}/images/generations?api-version=2025-04-01-preview");
        let run = generate(&Rc::new(Settings { deployment: None, ..settings_of(&pasted) }), request());
        assert_eq!(run.sent[0].request.url, format!("{RESOURCE}{expected}"));
        assert_eq!(sent(&run)["model"], name);
    }
    // Versions of the v1 routes belong to Azure OpenAI.
    for version in ["v1", "latest"] {
        for (model, expected) in [("FLUX.2-pro", flux), ("MAI-Image-2.6", mai)] {
            let endpoint = format!("{RESOURCE}/openai/v1?api-version={version}");
            let run = generate(&Rc::new(Settings { model: some(model), ..settings_of(&endpoint) }), request());
            assert_eq!(run.sent[0].request.url, format!("{RESOURCE}{expected}"));
        }
    }
    // Empty names count as missing.
    let empty = Settings { model: some(""), deployment: some("MAI-Image-2.6"), ..settings_of(RESOURCE) };
    let run = generate(&Rc::new(empty), ImageRequest { deployment: some(" "), model: some(""), ..request() });
    assert_eq!(run.urls(), [MAI]);
    let proxy = Settings { model: some("MAI-Image-2.6"), ..settings_of("https://app.example/api/azure/mai/v1") };
    let run = generate(&Rc::new(proxy), request());
    assert_eq!(run.sent[0].request.url, "https://app.example/api/azure/mai/v1/images/generations");
    let asked = format!("{RESOURCE}/mai/v1?api-version=preview");
    let asked = Settings { model: some("MAI-Image-2.6"), ..settings_of(&asked) };
    let run = generate(&Rc::new(asked), request());
    assert_eq!(run.sent[0].request.url, format!("{RESOURCE}/mai/v1/images/generations?api-version=preview"));
}

#[test]
fn mai_gets_what_it_knows_and_nothing_else() {
    let nothing = json!({"model": "d", "prompt": "a lighthouse"});
    let with = |members: Value| {
        let mut all = nothing.clone();
        all.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
        all
    };
    let options = |options: ServiceOptions| ImageRequest { options, ..request() };
    let table = [
        (request(), "MAI-Image-2.6", nothing.clone()),
        (
            ImageRequest { size: some("1360x768"), ..request() },
            "MAI-Image-2.6",
            with(json!({"width": 1360, "height": 768})),
        ),
        (
            ImageRequest { size: some("1366x775"), ..request() },
            "MAI-Image-2.6",
            with(json!({"width": 1360, "height": 768})),
        ),
        (ImageRequest { size: some("auto"), ..request() }, "MAI-Image-2.6", nothing.clone()),
        (ImageRequest { n: Some(1), ..request() }, "MAI-Image-2.6", nothing.clone()),
        (ImageRequest { output_format: some("png"), ..request() }, "MAI-Image-2.6", nothing.clone()),
        (ImageRequest { background: some("opaque"), ..request() }, "MAI-Image-2.6", nothing.clone()),
        (ImageRequest { background: some("auto"), ..request() }, "MAI-Image-2.7", nothing.clone()),
        (
            ImageRequest { background: some("opaque"), ..request() },
            "MAI-Image-2.7",
            with(json!({"background": "opaque"})),
        ),
        (
            ImageRequest { background: some("transparent"), ..request() },
            "MAI-Image-2.7",
            with(json!({"background": "transparent"})),
        ),
        (
            options(ServiceOptions { web_grounding: Some(true), auto_aspect_ratio: Some(false), ..Default::default() }),
            "MAI-Image-2.6",
            with(json!({"web_grounding": true, "auto_aspect_ratio": false})),
        ),
        (ImageRequest { extra_body: some(r#"{"new":1}"#), ..request() }, "MAI-Image-2.6", with(json!({"new": 1}))),
    ];
    for (request, model, expected) in table {
        let settings = client(|settings| (settings.deployment, settings.model) = (some("d"), some(model)));
        assert_eq!(sent(&generate(&settings, request.clone())), expected, "{model} {request:?}");
    }
}

#[test]
fn an_edit_with_mai_is_a_form_with_repeated_images() {
    let settings = client_of("MAI-Image-2.6");
    let run = run_call(&settings, call(request(), 3, false), vec![answer("")]);
    assert_eq!(run.urls(), ["Post /mai/v1/images/edits"]);
    let fields =
        [("model", "MAI-Image-2.6"), ("prompt", "a lighthouse")].map(|(name, value)| (name.into(), value.into()));
    assert_eq!(run.sent[0].request.body, Body::Edit { fields: fields.to_vec(), image_field: "image" });
    let sized = ImageRequest { size: some("1024x1024"), ..request() };
    let run = run_call(&settings, call(sized.clone(), 1, false), vec![answer("")]);
    assert!(warnings(&run)[0].starts_with("size may not be supported for edits."), "{:?}", warnings(&run));
    let Body::Edit { fields, .. } = &run.sent[0].request.body else { panic!() };
    assert!(fields.contains(&("width".into(), "1024".into())) && fields.contains(&("height".into(), "1024".into())));
    let old = client_of("MAI-Image-2.5");
    assert!(problems(&old, &call(sized, 1, false)).contains(&"error size".into()));
}

#[test]
fn flux_gets_what_it_knows_and_nothing_else() {
    let nothing = json!({"model": "d", "prompt": "a lighthouse", "n": 1, "output_format": "png"});
    let with = |members: Value| {
        let mut all = nothing.clone();
        all.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
        all
    };
    let options = |options: ServiceOptions| ImageRequest { options, ..request() };
    let all_of_flex = ServiceOptions {
        guidance: Some(4500),
        prompt_upsampling: Some(true),
        safety_tolerance: Some(5),
        seed: Some(4_294_967_295),
        steps: Some(50),
        ..ServiceOptions::default()
    };
    let sent_of_flex = json!({
        "guidance": 4.5, "prompt_upsampling": true, "safety_tolerance": 5, "seed": 4_294_967_295_u32, "steps": 50,
    });
    let table = [
        (request(), "FLUX.2-pro", nothing.clone()),
        (
            ImageRequest { size: some("1008x752"), ..request() },
            "FLUX.2-pro",
            with(json!({"width": 1008, "height": 752})),
        ),
        (
            ImageRequest { size: some("1020x767"), ..request() },
            "FLUX.2-pro",
            with(json!({"width": 1008, "height": 752})),
        ),
        (
            ImageRequest { output_format: some("jpeg"), ..request() },
            "FLUX-1.1-pro",
            with(json!({"output_format": "jpeg"})),
        ),
        (options(all_of_flex), "FLUX.2-flex", with(sent_of_flex)),
        // A model that takes a shape.
        (request(), "FLUX.1-Kontext-pro", nothing.clone()),
        (
            ImageRequest { size: some("1024x1024"), ..request() },
            "FLUX.1-Kontext-pro",
            with(json!({"aspect_ratio": "1:1"})),
        ),
        (
            ImageRequest { size: some("1360x768"), ..request() },
            "FLUX.1-Kontext-pro",
            with(json!({"aspect_ratio": "16:9"})),
        ),
        (
            ImageRequest { size: some("1024x1536"), ..request() },
            "FLUX.1-Kontext-pro",
            with(json!({"aspect_ratio": "2:3"})),
        ),
        (
            ImageRequest { size: some("1000x900"), ..request() },
            "FLUX.1-Kontext-pro",
            with(json!({"aspect_ratio": "10:9"})),
        ),
        (ImageRequest { size: some("auto"), ..request() }, "FLUX.1-Kontext-pro", nothing.clone()),
        (
            options(ServiceOptions { aspect_ratio: some("7:4"), ..ServiceOptions::default() }),
            "FLUX.1-Kontext-pro",
            with(json!({"aspect_ratio": "7:4"})),
        ),
        (ImageRequest { extra_body: some(r#"{"n":2}"#), ..request() }, "FLUX.2-pro", with(json!({"n": 2}))),
    ];
    for (request, model, expected) in table {
        let settings = client(|settings| (settings.deployment, settings.model) = (some("d"), some(model)));
        assert_eq!(sent(&generate(&settings, request.clone())), expected, "{model} {request:?}");
    }
}

#[test]
fn an_edit_with_flux_contains_its_images() {
    let settings = client_of("FLUX.2-pro");
    let run = run_call(&settings, call(request(), 3, false), vec![answer("")]);
    assert_eq!(run.urls(), [FLUX_PRO]);
    let expected = json!({
        "model": "FLUX.2-pro", "prompt": "a lighthouse", "n": 1, "output_format": "png",
        "input_image": "<1>", "input_image_2": "<2>", "input_image_3": "<3>",
    });
    assert_eq!(sent(&run), expected);
    let headers: Vec<_> = run.sent[0].request.headers.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(headers, ["api-key", "content-type"]);
    assert!(call(request(), 1, false).embeds_images(&settings));
    assert!(!call(request(), 1, false).embeds_images(&client_of("MAI-Image-2.6")));
}

#[test]
fn a_flux_model_without_a_known_route_is_refused() {
    for (settings, route) in [
        (client_of("flux-of-my-team"), None),
        (client(|settings| (settings.deployment, settings.service) = (some("d"), Some(Service::Flux))), None),
        (
            client(|settings| {
                settings.deployment = some("FLUX.3-pro");
                settings.catalog = catalog_with(r#"{"FLUX.3-pro":{"extends":"flux*","path":"flux-3-pro"}}"#);
            }),
            Some("Post /providers/blackforestlabs/v1/flux-3-pro"),
        ),
    ] {
        match GenerateImages::new(Rc::clone(&settings), call(request(), 0, false), Keep::default) {
            Ok(_) => assert_eq!(Some(generate(&settings, request()).urls()[0].as_str()), route),
            Err(failure) => {
                assert_eq!((failure.code, failure.param.as_deref()), (Code::InvalidRequest, Some("model")));
                assert!(failure.message.contains("FLUX.2-pro") && route.is_none(), "{}", failure.message);
            }
        }
    }
}

#[test]
fn what_a_model_cannot_do_is_refused_with_an_alternative() {
    let options = |options: ServiceOptions| ImageRequest { options, ..request() };
    let seed = || options(ServiceOptions { seed: Some(1), ..ServiceOptions::default() });
    let guidance = |guidance| options(ServiceOptions { guidance: Some(guidance), ..ServiceOptions::default() });
    let steps = |steps| options(ServiceOptions { steps: Some(steps), ..ServiceOptions::default() });
    let tolerance = |level| options(ServiceOptions { safety_tolerance: Some(level), ..ServiceOptions::default() });
    let grounding = || options(ServiceOptions { web_grounding: Some(true), ..ServiceOptions::default() });
    let auto = || options(ServiceOptions { auto_aspect_ratio: Some(true), ..ServiceOptions::default() });
    let ratio = |ratio| options(ServiceOptions { aspect_ratio: some(ratio), ..ServiceOptions::default() });
    let sized = |size| ImageRequest { size: some(size), ..request() };
    let table: Vec<(&str, ImageRequest, usize, &str)> = vec![
        ("MAI-Image-2.6", ImageRequest { quality: some("high"), ..request() }, 0, "error quality"),
        ("MAI-Image-2.6", ImageRequest { background: some("transparent"), ..request() }, 0, "error background"),
        ("MAI-Image-2.6", ImageRequest { output_format: some("webp"), ..request() }, 0, "error outputFormat -> png"),
        ("MAI-Image-2.6", ImageRequest { output_format: some("jpeg"), ..request() }, 0, "error outputFormat -> png"),
        ("MAI-Image-2.6", ImageRequest { output_compression: Some(50), ..request() }, 0, "error outputCompression"),
        ("MAI-Image-2.6", ImageRequest { moderation: some("low"), ..request() }, 0, "error moderation"),
        ("MAI-Image-2.6", ImageRequest { user: some("me"), ..request() }, 0, "error user"),
        ("MAI-Image-2.6", ImageRequest { style: some("vivid"), ..request() }, 0, "error style"),
        ("MAI-Image-2.6", ImageRequest { n: Some(7), ..request() }, 0, ""),
        ("MAI-Image-2.6", seed(), 0, "error seed"),
        ("MAI-Image-2.6", auto(), 0, ""),
        ("MAI-Image-2.6", ImageRequest { size: some("1024x1024"), ..auto() }, 0, "warning autoAspectRatio"),
        ("MAI-Image-2.6", sized("1537x1537"), 0, "warning size -> 1536x1536; warning size"),
        ("MAI-Image-2.5", sized("1376x768"), 0, "warning model -> MAI-Image-2.6; warning size"),
        ("MAI-Image-2.6", auto(), 1, "error autoAspectRatio"),
        ("MAI-Image-2.6", grounding(), 0, "warning webGrounding"),
        ("MAI-Image-2.6", grounding(), 1, "warning webGrounding"),
        ("MAI-Image-2.5", grounding(), 0, "warning model -> MAI-Image-2.6; error webGrounding"),
        ("MAI-Image-2", request(), 1, "error model -> MAI-Image-2.6; warning model -> MAI-Image-2.6"),
        ("MAI-Image-2.6", request(), 5, ""),
        ("MAI-Image-2.6", request(), 6, "error image"),
        ("MAI-Image-2.5", request(), 2, "warning model -> MAI-Image-2.6; warning image"),
        ("MAI-Image-2.6", ratio("16:9"), 0, "error aspectRatio -> 1360x768"),
        ("MAI-Image-2.6", sized("512x512"), 0, "error size -> 768x768"),
        ("MAI-Image-2.6", sized("1366x768"), 0, "warning size -> 1360x768"),
        ("MAI-Image-2.6", sized("1536x1536"), 0, "warning size"),
        ("MAI-Image-2.6", sized("2048x2048"), 0, "error size -> 1536x1536"),
        ("MAI-Image-2.7", sized("2048x2048"), 0, "warning model"),
        ("MAI-Image-2.7", sized("2064x2048"), 0, "warning model; error size -> 2048x2032"),
        ("MAI-Image-2.6", sized("auto"), 0, ""),
        ("MAI-Image-2.6", sized("1000000x1"), 0, "error size -> 3072x768"),
        ("FLUX.2-pro", ImageRequest { output_format: some("webp"), ..request() }, 0, "error outputFormat"),
        ("FLUX.2-pro", ImageRequest { background: some("transparent"), ..request() }, 0, "error background"),
        ("FLUX.2-pro", seed(), 0, "warning seed"),
        ("FLUX.2-flex", seed(), 0, ""),
        ("FLUX.2-flex", guidance(1500), 0, ""),
        ("FLUX.2-flex", guidance(1499), 0, "error guidance -> 1.5"),
        ("FLUX.2-flex", guidance(10_001), 0, "error guidance -> 10"),
        ("FLUX.2-pro", guidance(4500), 0, "warning guidance"),
        ("FLUX-1.1-pro", guidance(4500), 0, "error guidance"),
        ("FLUX.2-flex", steps(0), 0, "error steps -> 1"),
        ("FLUX.2-flex", steps(51), 0, "error steps -> 50"),
        ("FLUX.2-pro", steps(50), 0, "error steps"),
        ("FLUX.2-pro", tolerance(6), 0, "error safetyTolerance -> 5"),
        ("FLUX.1-Kontext-pro", tolerance(6), 0, ""),
        ("FLUX.1-Kontext-pro", tolerance(7), 0, "error safetyTolerance -> 6"),
        ("FLUX.1-Kontext-pro", ratio("7:3"), 0, ""),
        ("FLUX.1-Kontext-pro", ratio("3:1"), 0, "error aspectRatio -> 7:3"),
        ("FLUX.1-Kontext-pro", ratio("1:3"), 0, "error aspectRatio -> 3:7"),
        ("FLUX.1-Kontext-pro", ratio("wide"), 0, "error aspectRatio"),
        ("FLUX.1-Kontext-pro", sized("1536x1024"), 0, "warning size"),
        ("FLUX.1-Kontext-pro", sized("3000x1000"), 0, "error size -> 1568x672"),
        ("FLUX.1-Kontext-pro", request(), 2, "error image"),
        ("FLUX.2-pro", request(), 8, ""),
        ("FLUX.2-pro", request(), 9, "error image"),
        ("FLUX.2-flex", request(), 10, ""),
        ("FLUX-1.1-pro", request(), 1, "error model"),
        ("FLUX-1.1-pro", sized("1008x1024"), 0, "warning size -> 992x1024"),
        ("FLUX.2-pro", sized("4096x1024"), 0, ""),
        ("FLUX.2-pro", sized("240x1024"), 0, "error size -> 256x1088"),
        ("gpt-image-2.5-flare", ImageRequest { quality: some("xhigh"), ..request() }, 0, ""),
        ("gpt-image-2.5-flare", sized("3840x2160"), 0, "warning size"),
        ("gpt-image-2", ImageRequest { quality: some("max"), ..request() }, 0, "error quality -> high"),
        ("gpt-image-2", seed(), 0, "error seed"),
    ];
    for (model, request, inputs, expected) in table {
        let settings = client(|settings| (settings.deployment, settings.model) = (some("d"), some(model)));
        let found = problems(&settings, &call(request.clone(), inputs, false)).join("; ");
        assert_eq!(found, expected, "{model} {inputs} {request:?}");
    }
    // The alternative is in the message.
    let message = |model: &str, call: &ImagesCall| {
        let settings = client(|settings| settings.model = some(model));
        call.problems(&settings).remove(0).message
    };
    let masked = ImagesCall { inputs: with_mask(), ..call(request(), 1, false) };
    let transparent = ImageRequest { background: some("transparent"), ..request() };
    for (model, call, expected) in [
        (
            "MAI-Image-2.6",
            masked.clone(),
            "describe the area in the prompt. Models that support it: gpt-image-2.5-flare,",
        ),
        ("FLUX.2-pro", masked, "Models that support it: gpt-image-2.5-flare,"),
        ("FLUX.2-pro", call(transparent, 0, false), "Models that support it: gpt-image-2.5-flare,"),
        ("MAI-Image-2.6", call(seed(), 0, false), "Models that support it: FLUX.2-pro, FLUX.2-flex"),
        ("FLUX-1.1-pro", call(request(), 1, false), "Models that support it: gpt-image-2.5-flare,"),
        (
            "MAI-Image-2.6",
            call(ImageRequest { quality: some("xhigh"), ..request() }, 0, false),
            "Models that support it: gpt-image-2.5-flare,",
        ),
        (
            "MAI-Image-2.6",
            call(sized("15x15"), 0, false),
            "size 15x15 is not supported by MAI-Image-2.6: width and height must be at least 768. The nearest",
        ),
    ] {
        let found = message(model, &call);
        assert!(found.contains(expected), "{model}: {found}");
    }
}

#[test]
fn several_images_take_several_requests() {
    for (model, requests) in [("MAI-Image-2.6", 5), ("FLUX.2-pro", 5), ("gpt-image-2.5-flare", 1)] {
        let settings = client_of(model);
        let run = run_call(&settings, call(ImageRequest { n: Some(5), ..request() }, 0, false), vec![answer("")]);
        assert_eq!(run.sent.len(), requests, "{model}");
    }
}

#[test]
fn a_model_that_does_not_stream_returns_the_image_alone() {
    for model in ["MAI-Image-2.6", "FLUX.2-pro", "dall-e-3"] {
        let settings = client(|settings| (settings.deployment, settings.model) = (some("d"), some(model)));
        let streamed = ImageRequest { partial_images: Some(2), n: Some(2), ..request() };
        let run = run_call(&settings, call(streamed, 0, true), vec![answer("")]);
        assert_eq!(run.events, ["image 0 8"], "{model}");
        let warnings = warnings(&run).join(" ");
        assert!(
            warnings.contains("does not support streaming. The images arrive without partial images."),
            "{warnings}"
        );
        let body = sent(&run);
        assert!(body.get("stream").is_none() && body.get("partial_images").is_none(), "{body}");
    }
}

#[test]
fn usage_and_cost_have_one_form() {
    let usage = |model: &str, members: &str| {
        let run = run_call(&client_of(model), call(request(), 0, false), vec![answer(members)]);
        match run.outcome {
            Ok(Output::Images { result, .. }) => result.summary.usage,
            other => panic!("{other:?}"),
        }
    };
    let mai = r#","usage":{"num_input_text_tokens":18,"num_input_image_tokens":1024,"num_output_tokens":1020}"#;
    let found = usage("MAI-Image-2.6", mai).unwrap();
    assert_eq!((found.input_tokens, found.output_tokens, found.total_tokens), (1042, 1020, 2062));
    let details = found.input_tokens_details.unwrap();
    assert_eq!((details.text_tokens, details.image_tokens), (18, 1024));
    // 18 at $5, 1024 at $8, 1020 at $38 per million.
    assert_eq!(found.cost, Some(Dollars(90 + 8192 + 38_760)));
    let old = usage("MAI-Image-2", r#","num_output_tokens":1024"#).unwrap();
    assert_eq!((old.output_tokens, old.cost), (1024, Some(Dollars(33_792))));
    assert_eq!(usage("MAI-Image-2e", ""), None);

    let flux = r#","request_meta":{"cost":4.5,"input_mp":0,"output_mp":1.5}"#;
    let found = usage("FLUX.2-pro", flux).unwrap();
    assert_eq!((found.total_tokens, found.cost), (0, Some(Dollars(45_000))));
    assert_eq!(found.megapixels, Some(Megapixels { input: Hundredths(0), output: Hundredths(150) }));
    let js = serde_json::to_value(found.plus(found)).unwrap();
    assert_eq!(js["megapixels"], json!({"input": 0.0, "output": 3.0}));
    assert_eq!(js["cost"], 0.09);
    assert_eq!(usage("FLUX.2-pro", r#","request_meta":{"output_mp":1}"#).unwrap().cost, None);
    assert_eq!(usage("FLUX.2-pro", r#","request_meta":{"input_mp":1}"#), None);
    assert_eq!(usage("FLUX.2-pro", r#","request_meta":{"cost":"free"}"#), None);
}

#[test]
fn an_estimate_of_flux_counts_the_input_images() {
    let estimate = |model: &str, inputs| {
        let call = call(ImageRequest { n: Some(2), size: some("2048x1024"), ..request() }, inputs, false);
        call.estimate(&client_of(model)).micro_dollars.map(|range| (range.min, range.max))
    };
    assert_eq!(estimate("FLUX.2-pro", 0), Some((90_000, 90_000)));
    // Without a size, an edit has the size of the first image.
    let mut edit = call(request(), 1, false);
    edit.inputs = files(vec![png(2048, 2048)], None);
    let found = edit.estimate(&client_of("FLUX.2-pro")).micro_dollars.map(|range| range.max);
    assert_eq!(found, Some(75_000 + 60_000));
    assert_eq!(estimate("FLUX.2-pro", 2), Some((150_000, 150_000)));
    assert_eq!(estimate("FLUX.2-flex", 1), Some((300_000, 300_000)));
    assert_eq!(estimate("FLUX-1.1-pro", 0), Some((80_000, 80_000)));
    assert_eq!(estimate("MAI-Image-2.6", 3), Some((155_648, 155_648)));
}

#[test]
fn a_response_without_an_image_gives_the_reason() {
    let empty = r#"{"data":[],"request_meta":{"cost":3}}"#;
    let filtered = r#"{"data":[{"finish_reason":"content_filter"}]}"#;
    let category = r#"{"data":[{"content_filter_results":{"violence":{"filtered":true,"severity":"high"}}}]}"#;
    let settings = client_of("FLUX.2-pro");
    let failure = |body: &str| {
        let run = run_call(&settings, call(request(), 0, false), vec![Reply::ok(body)]);
        assert_eq!(run.sent.len(), 1, "it may be billed");
        run.failure().clone()
    };
    let found = failure(empty);
    assert_eq!((found.code, found.billed, found.retryable), (Code::NoImage, Billed::Unknown, true));
    for body in [filtered, category] {
        let found = failure(body);
        assert_eq!((found.code, found.retryable), (Code::ContentFilter, false), "{body}");
        assert_eq!(found.content_filter.as_ref().unwrap().source, "image");
        assert!(found.message.contains("Change the prompt"), "{}", found.message);
    }
    assert_eq!(failure(r#"{"request_meta":{"cost":3}}"#).code, Code::NoImage);
    assert!(failure(r#"{"data":[{}]}"#).retryable);
    for body in [r#"{"data":[{"b64_json":"","finish_reason":"content_filter"}]}"#, r#"{"data":[{"filtered":true}]}"#] {
        assert_eq!(failure(body).code, Code::ContentFilter, "{body}");
    }
    let url = r#"{"result":{"sample":"https://images.example/1.png"}}"#;
    assert!(run_call(&settings, call(request(), 0, false), vec![Reply::ok(url)]).outcome.is_ok());
    // Whoever accepts a second bill gets the image.
    let again = client(|settings| {
        settings.deployment = some("FLUX.2-pro");
        settings.retries = RetryPolicy { retry_unknown_outcome: true, ..RetryPolicy::default() };
    });
    let run = run_call(&again, call(request(), 0, false), vec![Reply::ok(empty), answer("")]);
    assert!(run.outcome.is_ok() && run.sent.len() == 2);
}

#[test]
fn errors_say_what_to_do() {
    let error = |code: &str, message: &str| format!("{{\"error\":{{\"code\":\"{code}\",\"message\":\"{message}\"}}}}");
    let violation = "content_safety_violation";
    let blocked = "Response content blocked by label 'MultiSeverity_ViolenceScore'.";
    let listed = "Content violated RAI policy blocking criteria (BingBlockList_Prompt).";
    let small = "Model does not support request parameter value supplied: 'width' must be at least 768 pixels.";
    let large = "Invalid dimensions 1033x1024: total pixel count (1057792) exceeds the maximum of 1056768";
    let table = [
        (
            "MAI-Image-2.6",
            400,
            error(violation, blocked),
            Code::ContentFilter,
            Billed::Unknown,
            "The generated image was withheld",
        ),
        ("FLUX.2-pro", 400, error(violation, listed), Code::ContentFilter, Billed::No, "The prompt was refused"),
        ("FLUX.2-pro", 400, error("", "Request Moderated"), Code::ContentFilter, Billed::Unknown, "Change the prompt"),
        (
            "MAI-Image-2.6",
            400,
            error("unsupported_request_value", small),
            Code::InvalidRequest,
            Billed::No,
            "Change the request",
        ),
        ("MAI-Image-2.6", 400, error("", large), Code::InvalidRequest, Billed::No, "Request a smaller size."),
        (
            "MAI-Image-2.6",
            400,
            error("", "Invalid parameters: seed"),
            Code::InvalidRequest,
            Billed::No,
            "Remove these parameters (size is sent as width and height).",
        ),
        (
            "FLUX.1-Kontext-pro",
            400,
            error("", "aspect ratio is out of range"),
            Code::InvalidRequest,
            Billed::No,
            "from 3:7 to 7:3",
        ),
        (
            "MAI-Image-2.6",
            404,
            error("DeploymentNotFound", "x"),
            Code::DeploymentNotFound,
            Billed::No,
            "Check the deployment name",
        ),
        ("MAI-Image-2.6", 404, String::new(), Code::NotFound, Billed::No, "https://my-resource.services.ai.azure.com"),
        (
            "FLUX.2-pro",
            404,
            error("DeploymentNotFound", "x"),
            Code::DeploymentNotFound,
            Billed::No,
            "each FLUX model has its own route",
        ),
        (
            "FLUX.2-pro",
            404,
            error("404", "Resource not found"),
            Code::NotFound,
            Billed::No,
            "each FLUX model has its own route",
        ),
        (
            "MAI-Image-2.6",
            408,
            error("Timeout", "The operation was timeout."),
            Code::Timeout,
            Billed::Unknown,
            "Turn off webGrounding",
        ),
        (
            "gpt-image-2",
            408,
            error("Timeout", "The operation was timeout."),
            Code::Timeout,
            Billed::Unknown,
            "Stream with partial images",
        ),
        ("FLUX.2-pro", 504, String::new(), Code::Service, Billed::Unknown, "Request a smaller size"),
    ];
    for (model, status, body, code, billed, advice) in table {
        let run = run_call(&client_of(model), call(request(), 0, false), vec![Reply::status(status, &body)]);
        let failure = run.failure();
        assert_eq!((failure.code, failure.billed, run.sent.len()), (code, billed, 1), "{model} {body}");
        assert!(failure.message.contains(advice), "{model} {status}: {}", failure.message);
        let is_streaming_advised = failure.message.contains("generateStream");
        assert_eq!(is_streaming_advised, model == "gpt-image-2", "{}", failure.message);
    }
}

#[test]
fn a_rate_limit_without_a_hint_waits_about_a_minute() {
    let limit = r#"{"error":{"code":"429","message":"Your requests to MAI-Image-2.6 for d in westcentralus have exceeded rate limit."}}"#;
    let replies = vec![Reply::status(429, limit), Reply::status(429, limit), Reply::status(429, limit), answer("")];
    let run = run_call(&client_of("MAI-Image-2.6"), call(request(), 0, false), replies);
    assert!(run.outcome.is_ok());
    for (wait, range) in run.waits().into_iter().zip([20_000..=40_000, 30_000..=60_000, 30_000..=60_000]) {
        assert!(range.contains(&wait), "{wait}");
    }
    // A hint counts, and so does the limit of the caller.
    let hint =
        r#"{"error":{"code":"429","message":"Your requests have exceeded rate limit. Please retry after 3 seconds."}}"#;
    let run =
        run_call(&client_of("MAI-Image-2.6"), call(request(), 0, false), vec![Reply::status(429, hint), answer("")]);
    assert!((3000..3200).contains(&run.waits()[0]), "{:?}", run.waits());
    let hasty = client(|settings| {
        settings.deployment = some("MAI-Image-2.6");
        settings.retries = RetryPolicy { max_retry_delay_ms: 100, ..RetryPolicy::default() };
    });
    let run = run_call(&hasty, call(request(), 0, false), vec![Reply::status(429, limit), answer("")]);
    assert!(run.waits()[0] <= 100, "{:?}", run.waits());
}

#[test]
fn a_host_that_may_not_serve_a_model_causes_a_warning() {
    for (endpoint, expected) in [
        (RESOURCE, ""),
        ("https://r.cognitiveservices.azure.com", ""),
        ("https://proxy.example", ""),
        ("https://r.openai.azure.com", "warning endpoint"),
    ] {
        for model in ["MAI-Image-2.6", "gpt-image-2"] {
            let settings = Rc::new(Settings { model: some(model), ..settings_of(endpoint) });
            let expected = if model == "gpt-image-2" { "" } else { expected };
            assert_eq!(problems(&settings, &call(request(), 0, false)).join("; "), expected, "{endpoint} {model}");
        }
    }
}

#[test]
fn a_large_image_for_flux_causes_a_warning() {
    let mut large = call(request(), 1, false);
    for (bytes, expected) in [(20 << 20, ""), ((20 << 20) + 1, "warning image"), (50 << 20, "error image")] {
        large.inputs = files(vec![Input { byte_length: bytes, ..png(1024, 1024) }], None);
        assert_eq!(problems(&client_of("FLUX.2-pro"), &large).join("; "), expected, "{bytes}");
    }
}

#[test]
fn a_probe_asks_the_service_of_the_model() {
    let probe = |settings: &Rc<Settings>, reply: Reply| {
        let run = run(settings, Box::new(Probe::new(Rc::clone(settings), true)), Script::replies(vec![reply]));
        let urls = run.urls();
        match run.outcome {
            Ok(Output::Report(report)) => (urls, run.sent[0].request.body.clone(), report),
            other => panic!("{other:?}"),
        }
    };
    let missing = r#"{"error":{"code":"unsupported_request_value","message":"prompt is required"}}"#;
    let (urls, body, report) = probe(&client_of("MAI-Image-2.6"), Reply::status(400, missing));
    assert_eq!(urls, [MAI]);
    assert_eq!(body, Body::Json(r#"{"model":"MAI-Image-2.6","width":1,"height":1}"#.into()));
    assert!(report.ok, "{report:?}");
    let (urls, body, report) = probe(&client_of("FLUX.2-pro"), Reply::status(422, r#"{"error":{"message":"width"}}"#));
    assert_eq!(urls, [FLUX_PRO]);
    assert_eq!(body, Body::Json(r#"{"model":"FLUX.2-pro","n":1,"width":1,"height":1,"aspect_ratio":"100:1"}"#.into()));
    assert!(report.ok, "{report:?}");
    let unknown =
        r#"{"error":{"code":"DeploymentNotFound","message":"The API deployment for this resource does not exist."}}"#;
    let (_, _, report) = probe(&client_of("FLUX.2-pro"), Reply::status(404, unknown));
    assert_eq!((report.ok, report.deployment.status), (false, Status::Failed));
    // Without the model the route is unknown.
    let settings = client_of("flux-of-my-team");
    let run = run(
        &settings,
        Box::new(Probe::new(Rc::clone(&settings), true)),
        Script::replies(vec![Reply::ok("{\"data\":[]}")]),
    );
    let Ok(Output::Report(report)) = run.outcome else { panic!() };
    assert!(report.deployment.message.contains("Pass model"), "{report:?}");
}

#[test]
fn the_image_tool_refuses_models_of_other_services() {
    let create = |settings: &Rc<Settings>, tool_model: Option<&str>, image_deployment: Option<&str>| {
        let tool = ImageTool { model: tool_model.map(Into::into), quality: some("high"), ..ImageTool::default() };
        let request = ResponseRequest {
            model: some("gpt-5.5"),
            input: "\"draw\"".into(),
            image_tool: ImageToolUse::with(tool),
            ..Default::default()
        };
        let call = ResponseCall {
            request,
            image_deployment: image_deployment.map(Into::into),
            delivery: Delivery::Whole,
            images: Vec::new(),
            today: "2026-11-01".into(),
        };
        let capability = CreateResponse::new(Rc::clone(settings), call, 0, Keep::default);
        capability
            .map(|capability| Capability::<Keep>::requests(&capability))
            .map_err(|failure| failure.message.clone())
    };
    let mai = client_of("MAI-Image-2.6");
    let custom = client(|settings| (settings.deployment, settings.model) = (some("d"), some("FLUX.2-pro")));
    let plain = client_of("images");
    for (settings, tool, deployment, refused) in [
        (&mai, None, None, Some("MAI-Image-2.6 cannot be used")),
        (&mai, None, Some("images"), None),
        (&mai, Some("gpt-image-2.5-flare"), None, Some("MAI-Image-2.6 cannot be used")),
        (&mai, Some("gpt-image-2.5-flare"), Some("images"), None),
        (&plain, Some("gpt-image-2.5-flare"), Some("FLUX.2-pro"), Some("FLUX.2-pro cannot be used")),
        (&custom, None, None, Some("FLUX.2-pro cannot be used")),
        (&custom, None, Some("images"), None),
        (&plain, None, None, None),
        (&plain, Some("MAI-Image-2.6"), None, Some("MAI-Image-2.6 cannot be used")),
        (&plain, None, Some("FLUX.2-pro"), Some("FLUX.2-pro cannot be used")),
    ] {
        let found = create(settings, tool, deployment);
        match refused {
            None => assert_eq!(found, Ok(1), "{tool:?} {deployment:?}"),
            Some(text) => assert!(found.as_ref().is_err_and(|message| message.contains(text)), "{found:?}"),
        }
    }
    let off = client(|settings| (settings.deployment, settings.validation) = (some("MAI-Image-2.6"), Validation::Off));
    assert!(create(&off, None, None).is_ok());
}

#[test]
fn without_validation_nothing_is_sent_that_the_service_ignores() {
    let unchecked = |model: &str| {
        client(|settings| {
            (settings.deployment, settings.model) = (some("d"), some(model));
            settings.validation = Validation::Off;
        })
    };
    let options =
        ServiceOptions { seed: Some(1), steps: Some(9), web_grounding: Some(true), ..ServiceOptions::default() };
    let request = ImageRequest { quality: some("high"), user: some("me"), options, ..request() };
    let body = sent(&generate(&unchecked("MAI-Image-2.6"), request.clone()));
    assert_eq!(body, json!({"model": "d", "prompt": "a lighthouse", "web_grounding": true}));
    let body = sent(&generate(&unchecked("FLUX.2-pro"), request.clone()));
    assert_eq!(body, json!({"model": "d", "prompt": "a lighthouse", "n": 1, "output_format": "png", "seed": 1}));
    // Parameters that would change the result cause an error.
    let masked = ImagesCall { inputs: with_mask(), ..call(request.clone(), 1, false) };
    let mislabeled = ImageRequest { size: some("1536X1536"), ..request.clone() };
    let doubled = ImageRequest { extra_body: some(r#"{"input_image":"AAAA"}"#), ..request.clone() };
    let doubled_in_form = ImageRequest { extra_body: some(r#"{"image":"AAAA"}"#), ..request.clone() };
    for (model, call, param) in [
        ("FLUX.2-pro", masked.clone(), "mask"),
        ("MAI-Image-2.6", masked, "mask"),
        ("MAI-Image-2.6", call(mislabeled.clone(), 0, false), "size"),
        ("FLUX.2-pro", call(mislabeled, 0, false), "size"),
        ("FLUX.2-pro", call(doubled, 1, false), "extraBody"),
        ("MAI-Image-2.6", call(doubled_in_form, 1, false), "extraBody"),
    ] {
        let settings = unchecked(model);
        let failure = match GenerateImages::new(Rc::clone(&settings), call, Keep::default) {
            Err(failure) => failure,
            Ok(capability) => run(&settings, Box::new(capability), Script::replies(vec![answer("")])).failure().clone(),
        };
        assert_eq!((failure.code, failure.param.as_deref()), (Code::InvalidRequest, Some(param)), "{model}");
    }
    // An old model takes no size for an edit, and a size in an aspect ratio counts only where the model has one.
    let sized = ImageRequest { size: some("1024x1024"), ..request.clone() };
    let run = run_call(&unchecked("MAI-Image-2.5"), call(sized.clone(), 1, false), vec![answer("")]);
    let Body::Edit { fields, .. } = &run.sent[0].request.body else { panic!() };
    assert!(!fields.iter().any(|(name, _)| name == "width"), "{fields:?}");
    let ratio = ServiceOptions { aspect_ratio: some("16:9"), ..ServiceOptions::default() };
    let body = sent(&generate(&unchecked("FLUX.2-pro"), ImageRequest { options: ratio, ..sized }));
    assert_eq!((&body["width"], &body["aspect_ratio"]), (&json!(1024), &Value::Null));
}

#[test]
fn limits_of_time_advise_what_the_service_can_do() {
    for (model, streams) in [("MAI-Image-2.6", false), ("FLUX.2-pro", false), ("gpt-image-2", true)] {
        for reply in [Reply::Silence, Reply::parts(vec![Part::Bytes(b"{".to_vec()), Part::Hang])] {
            let run = run_call(&client_of(model), call(request(), 0, false), vec![reply]);
            let message = &run.failure().message;
            assert_eq!(run.failure().code, Code::Timeout);
            assert_eq!(message.to_lowercase().contains("stream"), streams, "{model}: {message}");
        }
    }
    let timeout = r#"{"error":{"code":"Timeout","message":"The operation was timeout."}}"#;
    for status in [408, 504] {
        let run = run_call(&client_of("FLUX.2-pro"), call(request(), 0, false), vec![Reply::status(status, timeout)]);
        assert_eq!(run.failure().code, Code::Timeout);
        assert!(!run.failure().message.contains("generateStream"), "{}", run.failure().message);
        let run =
            run_call(&client_of("MAI-Image-2.6"), call(request(), 0, false), vec![Reply::status(status, timeout)]);
        assert!(run.failure().message.contains("Turn off webGrounding"), "{}", run.failure().message);
    }
}

#[test]
fn images_of_a_response_do_not_have_the_prices_of_another_service() {
    let settings = client(|settings| (settings.deployment, settings.model) = (some("m"), some("MAI-Image-2.6")));
    assert_eq!(settings.rates_of_response(Some("gpt-img")).output, None);
    assert_eq!(settings.rates_of_response(Some("gpt-image-2.5-flare")).output, Some(30_000_000));
    let settings = client(|settings| settings.model = some("gpt-image-1.5"));
    assert_eq!(settings.rates_of_response(Some("gpt-img")).output, Some(32_000_000));
}

#[test]
fn a_probe_advises_by_service() {
    let not_found = r#"{"error":{"code":"404","message":"Resource not found"}}"#;
    let missing = r#"{"error":{"message":"The API deployment for this resource does not exist."}}"#;
    for (body, part) in [(not_found, "api_version"), (missing, "deployment")] {
        let settings = client_of("FLUX.2-pro");
        let probe = Box::new(Probe::new(Rc::clone(&settings), true));
        let run = run(&settings, probe, Script::replies(vec![Reply::status(404, body)]));
        let Ok(Output::Report(report)) = run.outcome else { panic!() };
        let finding = if part == "deployment" { report.deployment } else { report.api_version };
        assert_eq!(finding.status, Status::Failed, "{part}");
        assert!(finding.message.contains("each FLUX model has its own route"), "{}", finding.message);
    }
}

#[test]
fn validation_knows_that_a_route_is_missing() {
    assert_eq!(problems(&client_of("flux-of-my-team"), &call(request(), 0, false)), ["error model"]);
}
