//! Requests for responses.

use crate::support::sample;
use azure_image_client::errors::{Billed, Code};
use azure_image_client::http::endpoint::{ApiVersion, Endpoint};
use azure_image_client::models::catalog::Catalog;
use azure_image_client::responses::image_tool::{ImageTool, Mask};
use azure_image_client::responses::request::{AgentReference, ImageToolUse, Prepared, ResponseRequest, retrieval};
use serde_json::{Value, json};

const PROJECT: &str = "https://r.services.ai.azure.com/api/projects/p";

fn endpoint(url: &str) -> Endpoint {
    Endpoint::parse(url, ApiVersion::Default).unwrap()
}

fn resource() -> Endpoint {
    endpoint("https://r.openai.azure.com")
}

fn project() -> Endpoint {
    endpoint(PROJECT)
}

fn text(text: &str) -> Option<String> {
    Some(text.into())
}

fn with_model() -> ResponseRequest {
    ResponseRequest { model: text("gpt-4.1"), input: "\"a lighthouse\"".into(), ..ResponseRequest::default() }
}

fn agent(name: &str, version: Option<&str>) -> Option<AgentReference> {
    Some(AgentReference { name: name.into(), version: version.map(Into::into) })
}

fn with_agent() -> ResponseRequest {
    ResponseRequest { model: None, agent: agent("image-agent", None), ..with_model() }
}

fn prepare(request: &ResponseRequest, endpoint: &Endpoint) -> Prepared {
    request.prepare(endpoint, Some("img"), &[]).unwrap()
}

fn body(prepared: &Prepared) -> Value {
    serde_json::from_str(&prepared.body).unwrap()
}

/// Refused on the resource for a model, and on the project for an agent. The message.
fn refused(request: &ResponseRequest, param: &str) -> String {
    let endpoint = if request.agent.is_some() { project() } else { resource() };
    let failure = request.prepare(&endpoint, Some("img"), &[]).unwrap_err();
    assert_eq!((failure.code, failure.billed, failure.retryable), (Code::InvalidRequest, Billed::No, false));
    assert_eq!(failure.param.as_deref(), Some(param), "{}", failure.message);
    failure.message.clone()
}

fn sample_tool() -> ImageTool {
    ImageTool {
        model: text("gpt-image-1.5"),
        quality: text("medium"),
        size: text("1024x1024"),
        output_format: text("png"),
        output_compression: Some(100),
        moderation: text("auto"),
        background: text("auto"),
        partial_images: Some(2),
        ..ImageTool::default()
    }
}

/// What a sample's `input` is, as text.
fn input_of(sample: &Value) -> String {
    sample["input"].to_string()
}

#[test]
fn every_sample_of_a_request_can_be_made() {
    let v1 = project();
    let dated = Endpoint::parse(PROJECT, ApiVersion::Is("2025-11-15-preview".into())).unwrap();
    let mask =
        serde_json::from_slice::<Value>(&sample("responses/create.request.all-tool-options.json")).unwrap()["tools"][0]
            ["input_image_mask"]["image_url"]
            .as_str()
            .map(Into::into);
    let plain_tool = ImageToolUse::with(ImageTool { model: None, ..ImageTool::default() });
    let table = [
        (
            "direct",
            ResponseRequest {
                image_tool: ImageToolUse::with(ImageTool {
                    extra: text(r#"{"partial_images":2}"#),
                    partial_images: None,
                    ..sample_tool()
                }),
                tool_choice: text("image_generation"),
                ..with_model()
            },
            &v1,
        ),
        (
            "all-tool-options",
            ResponseRequest {
                model: text("gpt-5"),
                instructions: text("You are an illustrator."),
                image_tool: ImageToolUse::with(ImageTool {
                    input_fidelity: text("high"),
                    input_image_mask: Some(Mask { image_url: mask, file_id: None }),
                    action: text("edit"),
                    ..sample_tool()
                }),
                tool_choice: text("required"),
                metadata: vec![("app".into(), "studio".into())],
                store: Some(true),
                stream: true,
                extra_body: text(r#"{"parallel_tool_calls":true,"user":"user-1"}"#),
                ..with_model()
            },
            &v1,
        ),
        (
            "background-stream",
            ResponseRequest {
                image_tool: ImageToolUse::with(sample_tool()),
                background: true,
                store: Some(true),
                stream: true,
                ..with_model()
            },
            &v1,
        ),
        (
            "followup",
            ResponseRequest {
                image_tool: plain_tool.clone(),
                previous_response_id: text("resp_0f1e2d3c4b5a69788796a5b4c3d2e1f0"),
                ..with_model()
            },
            &v1,
        ),
        ("image-item-reference", ResponseRequest { image_tool: plain_tool, ..with_model() }, &v1),
        (
            "agent_reference.v1",
            ResponseRequest { agent: agent("image-agent", Some("3")), stream: true, ..with_agent() },
            &v1,
        ),
        (
            "agent.2025-11-15-preview",
            ResponseRequest {
                agent: agent("image-agent", Some("3")),
                metadata: vec![
                    ("test_response".into(), "image_generation_enabled".into()),
                    ("test_scenario".into(), "basic_imagegen".into()),
                ],
                background: true,
                extra_body: text(r#"{"stream":false}"#),
                ..with_agent()
            },
            &dated,
        ),
        ("conversation", ResponseRequest { conversation: text("conv_0123456789abcdef"), ..with_agent() }, &v1),
    ];
    assert_eq!(
        crate::support::samples_in("responses", ".json").iter().filter(|(path, _)| path.contains("create")).count(),
        table.len()
    );
    for (name, request, endpoint) in table {
        let expected: Value =
            serde_json::from_slice(&sample(&format!("responses/create.request.{name}.json"))).unwrap();
        let request = ResponseRequest { input: input_of(&expected), ..request };
        // A tool without a model gets the deployment's name, which these samples do not have.
        let mut made = body(&prepare(&request, endpoint));
        if let Some(tool) = made.pointer_mut("/tools/0").filter(|tool| tool["model"] == "img") {
            tool.as_object_mut().unwrap().remove("model");
        }
        assert_eq!(made, expected, "{name}");
    }
}

#[test]
fn the_url_and_the_header_go_with_the_body() {
    let prepared = prepare(&with_model(), &resource());
    assert_eq!(prepared.url, "https://r.openai.azure.com/openai/v1/responses?api-version=preview");
    assert_eq!(prepared.headers, [("x-ms-oai-image-generation-deployment", "img".to_owned())]);
    // The deployment is in the header alone.
    let tools = json!([{"type": "image_generation"}]);
    assert_eq!(body(&prepared), json!({"model": "gpt-4.1", "input": "a lighthouse", "tools": tools}));
    let extra = [("subscription-key".to_owned(), "k".to_owned())];
    let prepared = with_agent().prepare(&project(), Some(" img "), &extra).unwrap();
    assert_eq!(prepared.url, format!("{PROJECT}/openai/v1/responses?subscription-key=k"));
    assert_eq!(prepared.headers[0].1, "img");
    let reference = json!({"type": "agent_reference", "name": "image-agent"});
    assert_eq!(body(&prepared), json!({"input": "a lighthouse", "agent_reference": reference}));
}

#[test]
fn an_agent_is_named_as_its_routes_want_it() {
    for (version, key) in [
        (ApiVersion::Default, "agent_reference"),
        (ApiVersion::None, "agent_reference"),
        (ApiVersion::Is("v1".into()), "agent_reference"),
        (ApiVersion::Is("2025-11-15-preview".into()), "agent"),
    ] {
        let endpoint = Endpoint::parse(PROJECT, version).unwrap();
        let request = ResponseRequest { agent: agent("a", Some("2")), ..with_agent() };
        let body = body(&prepare(&request, &endpoint));
        assert_eq!(body[key], json!({"type": "agent_reference", "name": "a", "version": "2"}));
        assert_eq!(body.as_object().unwrap().len(), 2, "{body}");
    }
}

#[test]
fn where_the_image_deployment_is_needed_its_absence_is_named() {
    let prepare = |request: &ResponseRequest, url: &str, deployment: Option<&str>| {
        request.prepare(&endpoint(url), deployment, &[]).map(|prepared| prepared.headers.len())
    };
    for url in ["https://r.openai.azure.com", PROJECT, "http://localhost:8080/api/projects/p"] {
        for deployment in [None, Some(""), Some(" ")] {
            let failure = prepare(&with_model(), url, deployment).unwrap_err();
            assert_eq!(failure.param.as_deref(), Some("imageDeployment"), "{url}");
        }
    }
    // Something else than Azure may not want one, a proxy may add it, and whether an agent draws is not known here.
    for url in ["https://app.example/api/azure", "http://localhost:8080"] {
        assert_eq!(prepare(&with_model(), url, None), Ok(0));
        assert_eq!(prepare(&with_model(), url, Some("d")), Ok(1));
    }
    assert_eq!(prepare(&with_agent(), PROJECT, None), Ok(0));
    let without_tool = ResponseRequest { extra_body: text(r#"{"tools":[]}"#), ..with_model() };
    assert_eq!(prepare(&without_tool, "https://r.openai.azure.com", None), Ok(0));
    for name in ["a b", "a\nb", "caf\u{E9}"] {
        let failure = prepare(&with_model(), PROJECT, Some(name)).unwrap_err();
        assert_eq!(failure.param.as_deref(), Some("imageDeployment"));
    }
}

#[test]
fn either_a_model_or_an_agent_answers() {
    for model in [None, text(""), text("  ")] {
        assert!(refused(&ResponseRequest { model, ..with_model() }, "model").contains("imageDeployment"));
    }
    refused(&ResponseRequest { model: text("gpt-4.1"), ..with_agent() }, "model");
    for name in ["", " ", &"a".repeat(257)] {
        refused(&ResponseRequest { agent: agent(name, None), ..with_agent() }, "agent");
    }
    assert!(refused(&ResponseRequest { agent: agent("  ", None), ..with_agent() }, "agent").contains("0 characters"));
    let in_extra = ResponseRequest { model: None, extra_body: text(r#"{"model":"m"}"#), ..with_model() };
    assert_eq!(body(&prepare(&in_extra, &resource()))["model"], "m");
    for url in ["https://r.openai.azure.com", "https://app.example/api"] {
        let failure = with_agent().prepare(&endpoint(url), Some("img"), &[]).unwrap_err();
        assert_eq!(failure.param.as_deref(), Some("endpoint"));
        assert!(failure.message.contains("/api/projects/"), "{}", failure.message);
    }
}

#[test]
fn nothing_stands_next_to_an_agent_that_its_version_decides() {
    let with = |extra: &str| ResponseRequest { extra_body: text(extra), ..with_agent() };
    let cases = [
        (ResponseRequest { image_tool: ImageToolUse::with(ImageTool::default()), ..with_agent() }, "tool"),
        (ResponseRequest { tool_choice: text("required"), ..with_agent() }, "toolChoice"),
        (with(r#"{"tools":[]}"#), "tools"),
        (with(r#"{"tool_choice":"auto"}"#), "toolChoice"),
        (with(r#"{"text":{}}"#), "extraBody"),
        (with(r#"{"parallel_tool_calls":false}"#), "parallelToolCalls"),
    ];
    for (request, param) in cases {
        assert!(refused(&request, param).contains("agents.createVersion"));
    }
    for extra in [r#"{"tools":null}"#, r#"{"temperature":1,"structured_inputs":{}}"#] {
        prepare(&with(extra), &project());
    }
    let agent_in_extra = ResponseRequest { model: None, extra_body: text(r#"{"agent_reference":{}}"#), ..with_model() };
    refused(&agent_in_extra, "tools");
}

#[test]
fn what_excludes_each_other_is_refused() {
    let chained =
        ResponseRequest { previous_response_id: text("resp_1"), conversation: text("conv_1"), ..with_model() };
    assert!(refused(&chained, "conversation").contains("previousResponseId"));
    let chained = ResponseRequest {
        previous_response_id: text("resp_1"),
        extra_body: text(r#"{"conversation":{"id":"c"}}"#),
        ..with_model()
    };
    refused(&chained, "conversation");
    let unstored = ResponseRequest { background: true, store: Some(false), ..with_model() };
    refused(&unstored, "store");
    let unfollowed = ResponseRequest { extra_body: text(r#"{"background":true}"#), ..with_model() };
    assert!(refused(&unfollowed, "extraBody").contains("responses.start"));
    for request in [
        ResponseRequest { background: true, store: None, ..with_model() },
        ResponseRequest { background: true, store: Some(true), ..with_model() },
        ResponseRequest { store: Some(false), previous_response_id: text("resp_1"), ..with_model() },
    ] {
        prepare(&request, &resource());
    }
}

#[test]
fn previews_come_only_with_a_stream() {
    let with = |partial_images, stream| ResponseRequest {
        image_tool: ImageToolUse::with(ImageTool { partial_images, ..ImageTool::default() }),
        stream,
        ..with_model()
    };
    refused(&with(Some(1), false), "tool.partialImages");
    let sent = |partial_images, stream| {
        body(&prepare(&with(partial_images, stream), &resource()))["tools"][0].get("partial_images").cloned()
    };
    assert_eq!(sent(Some(0), false), None);
    assert_eq!(sent(None, true), None);
    assert_eq!(sent(Some(0), true), Some(json!(0)));
    assert_eq!(sent(Some(3), true), Some(json!(3)));
}

#[test]
fn a_mask_is_a_url_or_a_file() {
    let with = |image_url: Option<&str>, file_id: Option<&str>| ResponseRequest {
        image_tool: ImageToolUse::with(ImageTool {
            input_image_mask: Some(Mask { image_url: image_url.map(Into::into), file_id: file_id.map(Into::into) }),
            ..ImageTool::default()
        }),
        ..with_model()
    };
    for (url, file) in [(None, None), (Some("u"), Some("f")), (Some(""), None), (None, Some(""))] {
        refused(&with(url, file), "tool.inputImageMask");
    }
    let mask = |request| body(&prepare(&request, &resource()))["tools"][0]["input_image_mask"].clone();
    assert_eq!(mask(with(Some("data:,x"), None)), json!({"image_url": "data:,x"}));
    assert_eq!(mask(with(None, Some("file-1"))), json!({"file_id": "file-1"}));
}

#[test]
fn metadata_has_limits() {
    let with = |metadata: Vec<(String, String)>| ResponseRequest { metadata, ..with_model() };
    let pairs = |count: usize| (0..count).map(|index| (index.to_string(), String::new())).collect();
    prepare(&with(pairs(16)), &resource());
    refused(&with(pairs(17)), "metadata");
    refused(&with(vec![("a".repeat(65), String::new())]), "metadata");
    refused(&with(vec![("a".into(), "v".repeat(513))]), "metadata");
    assert_eq!(body(&prepare(&with(pairs(0)), &resource())).get("metadata"), None);
}

#[test]
fn the_input_is_sent_as_it_is_and_refused_where_it_is_none() {
    let with = |input: &str| ResponseRequest { input: input.into(), ..with_model() };
    for input in ["\"\"", "\" \\n\"", "[]", " [ ] "] {
        assert!(refused(&with(input), "input").contains("empty"), "{input}");
    }
    for input in ["", "null", "1", "{}", "x", "\"a", "[1", "\"a\",\"tools\":[]", "[]]"] {
        assert!(refused(&with(input), "input").contains("JSON"), "{input}");
    }
    // Longer than what is kept of a text.
    let long = format!("\"data:image/png;base64,{}\"", "A".repeat(1 << 20));
    for input in ["\"a \\u00e9\\n\"", " [ {\"a\": 1.50} ]\n", &long, &format!("[{{\"image_url\":{long}}}]")] {
        let prepared = prepare(&with(input), &resource());
        assert!(prepared.body.starts_with(&format!("{{\"input\":{}", input.trim())));
        assert_eq!(body(&prepared)["input"], serde_json::from_str::<Value>(input).unwrap());
    }
    // Many short texts, megabytes in all.
    let items = format!("[{}]", vec![r#"{"a":"0123456789"}"#; 100_000].join(","));
    prepare(&with(&items), &resource());
    let replaced = ResponseRequest { extra_body: text(r#"{"input":"other"}"#), ..with_model() };
    let prepared = prepare(&replaced, &resource());
    assert_eq!(prepared.body.matches("\"input\"").count(), 1);
    assert_eq!(body(&prepared)["input"], "other");
}

#[test]
fn extra_members_cannot_take_the_model_away() {
    let extra = |extra: &str, request: ResponseRequest| ResponseRequest { extra_body: text(extra), ..request };
    refused(&extra(r#"{"model":null}"#, with_model()), "model");
    refused(&extra(r#"{"agent_reference":null,"agent":null}"#, with_agent()), "model");
}

#[test]
fn extra_members_win_over_the_typed_ones() {
    let request = ResponseRequest {
        instructions: text("typed"),
        image_tool: ImageToolUse::with(ImageTool {
            size: text("typed"),
            extra: text(r#"{"size":"extra","new":[1]}"#),
            ..ImageTool::default()
        }),
        extra_body: text(r#"{"instructions":"extra","include":["x"]}"#),
        ..with_model()
    };
    let made = body(&prepare(&request, &resource()));
    assert_eq!((&made["instructions"], &made["include"]), (&json!("extra"), &json!(["x"])));
    assert_eq!(made["tools"][0], json!({"type": "image_generation", "size": "extra", "new": [1]}));
    for extra in ["", "[]", "x", "1"] {
        refused(&ResponseRequest { extra_body: text(extra), ..with_model() }, "extraBody");
        let tool = ImageTool { extra: text(extra), ..ImageTool::default() };
        refused(&ResponseRequest { image_tool: ImageToolUse::with(tool), ..with_model() }, "tool.extra");
    }
}

#[test]
fn tools_of_the_page_stand_beside_the_image_tool() {
    let function = json!({"type": "function", "name": "f"});
    let own = json!({"type": "image_generation", "quality": "low"});
    let tools = |extra: serde_json::Value, tool: ImageToolUse| {
        let extra_body = Some(json!({ "tools": extra }).to_string());
        let request = ResponseRequest { extra_body, image_tool: tool, ..with_model() };
        request
            .prepare(&resource(), Some("img"), &[])
            .map(|prepared| serde_json::from_str::<serde_json::Value>(&prepared.body).unwrap()["tools"].clone())
    };
    let low = || ImageToolUse::with(ImageTool { quality: text("low"), ..ImageTool::default() });
    assert_eq!(
        tools(json!([function]), ImageToolUse::Default).unwrap(),
        json!([function, {"type": "image_generation"}])
    );
    assert_eq!(tools(json!([function]), low()).unwrap(), json!([function, own]));
    assert_eq!(tools(json!([]), ImageToolUse::Default).unwrap(), json!([]));
    assert_eq!(tools(json!(null), low()).unwrap(), json!([own]));
    assert_eq!(tools(json!([function, own]), ImageToolUse::Default).unwrap(), json!([function, own]));
    let failure = tools(json!([{"type": "image_generation"}, function]), low()).unwrap_err();
    assert_eq!(failure.param.as_deref(), Some("extraBody"));
    assert!(failure.message.contains("Remove one of them"), "{}", failure.message);
}

#[test]
fn a_stored_response_is_read_whole_or_from_an_event_on() {
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    assert_eq!(retrieval(false, None), []);
    assert_eq!(retrieval(false, Some(5)), []);
    assert_eq!(retrieval(true, None), [pair("stream", "true")]);
    assert_eq!(retrieval(true, Some(0)), [pair("stream", "true"), pair("starting_after", "0")]);
}

#[test]
fn the_options_of_the_tool_are_checked_by_the_catalog() {
    let catalog = Catalog::default();
    let params = |tool: ImageTool, model: &str| -> Vec<String> {
        let problems = tool.problems(true, &catalog.model(Some(model)), "2026-11-21");
        problems.into_iter().map(|problem| problem.param.into_owned()).filter(|param| param != "tool.model").collect()
    };
    assert_eq!(params(ImageTool::default(), "gpt-image-2"), Vec::<String>::new());
    let wrong = ImageTool { size: text("4096x4096"), partial_images: Some(9), ..ImageTool::default() };
    assert_eq!(params(wrong, "gpt-image-2"), ["tool.size", "tool.partialImages"]);
    let all_wrong = ImageTool {
        quality: text("ultra"),
        background: text("striped"),
        output_format: text("tiff"),
        output_compression: Some(101),
        moderation: text("none"),
        ..ImageTool::default()
    };
    assert_eq!(
        params(all_wrong, "gpt-image-2"),
        ["tool.quality", "tool.outputFormat", "tool.outputCompression", "tool.background", "tool.moderation"]
    );
    let fidelity = ImageTool { input_fidelity: text("high"), ..ImageTool::default() };
    assert_eq!(params(fidelity.clone(), "gpt-image-1.5"), Vec::<String>::new());
    assert_eq!(params(fidelity, "gpt-image-2"), ["tool.inputFidelity"]);
}
