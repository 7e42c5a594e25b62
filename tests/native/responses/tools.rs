//! Tools beside the image generation tool, in the body of a request.

use azure_image_client::errors::Failure;
use azure_image_client::http::endpoint::{ApiVersion, Endpoint};
use azure_image_client::responses::image_tool::ImageTool;
use azure_image_client::responses::request::{AgentReference, ImageToolUse, ResponseRequest};
use serde_json::{Value, json};

fn request() -> ResponseRequest {
    ResponseRequest { model: Some("gpt-5.5".into()), input: "\"draw\"".into(), ..ResponseRequest::default() }
}

fn prepare(request: &ResponseRequest) -> Result<Value, Failure> {
    let endpoint = Endpoint::parse("https://r.services.ai.azure.com/api/projects/p", ApiVersion::Default).unwrap();
    let prepared = request.prepare(&endpoint, Some("img"), &[])?;
    Ok(serde_json::from_str(&prepared.body).unwrap())
}

fn with(tools: &Value) -> ResponseRequest {
    ResponseRequest { tools: Some(tools.to_string()), ..request() }
}

/// The other tools as they are sent.
fn sent(tool: &Value) -> Value {
    prepare(&with(&json!([tool]))).unwrap()["tools"][1].clone()
}

fn refused(request: &ResponseRequest) -> (String, String) {
    let failure = prepare(request).unwrap_err();
    (failure.param.clone().unwrap_or_default(), failure.message.clone())
}

#[test]
fn the_tools_of_a_request_stand_beside_the_image_tool() {
    let function = json!({"type": "function", "name": "f"});
    let image = json!({"type": "image_generation"});
    let low = json!({"type": "image_generation", "quality": "low"});
    let with_low = ImageToolUse::with(ImageTool { quality: Some("low".into()), ..ImageTool::default() });
    let tools = |tools: Value, image_tool: &ImageToolUse| {
        prepare(&ResponseRequest { image_tool: image_tool.clone(), ..with(&tools) }).unwrap()["tools"].clone()
    };
    assert_eq!(tools(json!([function]), &ImageToolUse::Default), json!([image, function]));
    assert_eq!(tools(json!([function]), &with_low), json!([low, function]));
    assert_eq!(tools(json!([function]), &ImageToolUse::Without), json!([function]));
    assert_eq!(tools(json!([]), &ImageToolUse::Without), Value::Null);
    assert_eq!(tools(json!([function, low]), &ImageToolUse::Default), json!([function, low]));
    for image_tool in [with_low, ImageToolUse::Without] {
        let (param, message) = refused(&ResponseRequest { image_tool, ..with(&json!([function, image])) });
        assert_eq!(param, "tools[1]");
        assert!(message.contains("Remove one of them"), "{message}");
    }
}

#[test]
fn only_the_image_tool_is_added_to_the_tools_of_extra_body() {
    let extra_body = Some(json!({"tools": [{"type": "web_search"}]}).to_string());
    let body = prepare(&ResponseRequest { extra_body, ..with(&json!([{"type": "function", "name": "f"}])) }).unwrap();
    assert_eq!(body["tools"], json!([{"type": "web_search"}, {"type": "image_generation"}]));
}

#[test]
fn without_the_image_tool_no_image_deployment_is_needed_or_sent() {
    let endpoint = Endpoint::parse("https://r.openai.azure.com", ApiVersion::Default).unwrap();
    let request = ResponseRequest { image_tool: ImageToolUse::Without, ..request() };
    for deployment in [None, Some("img")] {
        let prepared = request.prepare(&endpoint, deployment, &[]).unwrap();
        assert_eq!(prepared.headers, []);
    }
}

#[test]
fn names_are_written_in_either_spelling_but_schemas_are_not_changed() {
    let parameters =
        json!({"type": "object", "properties": {"cityName": {"type": "string"}}, "additionalProperties": false});
    for (tool, expected) in [
        (
            json!({"type": "function", "name": "f", "parameters": parameters, "outputSchema": {"aB": 1}, "strict": true}),
            json!({"type": "function", "name": "f", "parameters": parameters, "output_schema": {"aB": 1}, "strict": true}),
        ),
        (
            json!({"type": "mcp", "serverLabel": "docs", "serverUrl": "https://e.example", "requireApproval":
                {"never": {"toolNames": ["readAll"]}}, "allowedTools": {"readOnly": true}, "headers": {"X-apiKey": "k"}}),
            json!({"type": "mcp", "server_label": "docs", "server_url": "https://e.example", "require_approval":
                {"never": {"tool_names": ["readAll"]}}, "allowed_tools": {"read_only": true}, "headers": {"X-apiKey": "k"}}),
        ),
        (
            json!({"type": "file_search", "vectorStoreIds": ["vs_1"], "maxNumResults": 3, "rankingOptions": {"scoreThreshold": 0.5}}),
            json!({"type": "file_search", "vector_store_ids": ["vs_1"], "max_num_results": 3, "ranking_options": {"score_threshold": 0.5}}),
        ),
        (
            json!({"type": "computer_use_preview", "environment": "browser", "displayWidth": 1024, "display_height": 768}),
            json!({"type": "computer_use_preview", "environment": "browser", "display_width": 1024, "display_height": 768}),
        ),
        (json!({"type": "computer"}), json!({"type": "computer"})),
        (
            json!({"type": "web_search", "userLocation": {"type": "approximate"}, "searchContextSize": "low"}),
            json!({"type": "web_search", "user_location": {"type": "approximate"}, "search_context_size": "low"}),
        ),
        (json!({"type": "code_interpreter"}), json!({"type": "code_interpreter", "container": {"type": "auto"}})),
        (
            json!({"type": "code_interpreter", "container": null}),
            json!({"type": "code_interpreter", "container": {"type": "auto"}}),
        ),
        (
            json!({"type": "code_interpreter", "container": {"fileIds": ["file-1"]}}),
            json!({"type": "code_interpreter", "container": {"type": "auto", "file_ids": ["file-1"]}}),
        ),
        (
            json!({"type": "code_interpreter", "container": "cntr_1"}),
            json!({"type": "code_interpreter", "container": "cntr_1"}),
        ),
        (json!({"type": "custom", "name": "c"}), json!({"type": "custom", "name": "c"})),
        // A tool of a later version, or of Foundry.
        (
            json!({"type": "next_tool", "anyName": {"oneMore": 1}}),
            json!({"type": "next_tool", "anyName": {"oneMore": 1}}),
        ),
    ] {
        assert_eq!(sent(&tool), expected);
    }
}

#[test]
fn outputs_that_the_service_omits_are_asked_for() {
    let included = |tools: &Value| prepare(&with(tools)).unwrap()["include"].clone();
    let file_search = json!({"type": "file_search", "vectorStoreIds": ["vs_1"]});
    assert_eq!(included(&json!([{"type": "web_search"}])), Value::Null);
    assert_eq!(included(&json!([{"type": "code_interpreter"}])), json!(["code_interpreter_call.outputs"]));
    assert_eq!(
        included(&json!([file_search, {"type": "code_interpreter"}])),
        json!(["code_interpreter_call.outputs", "file_search_call.results"])
    );
    let extra_body = Some(json!({"include": []}).to_string());
    let request = ResponseRequest { extra_body, ..with(&json!([file_search])) };
    assert_eq!(prepare(&request).unwrap()["include"], json!([]));
}

#[test]
fn a_tool_without_what_the_service_requires_is_refused_with_its_place() {
    let long = "n".repeat(129);
    for (tools, param, said) in [
        (json!({}), "tools", "list of tools"),
        (json!("function"), "tools", "list of tools"),
        (json!(["function"]), "tools[0]", "object with a type"),
        (json!([null]), "tools[0]", "object with a type"),
        (json!([{}]), "tools[0]", "object with a type"),
        (json!([{"type": ""}]), "tools[0]", "object with a type"),
        (json!([{"type": 5}]), "tools[0]", "object with a type"),
        (json!([{"type": "function"}]), "tools[0].name", "is missing"),
        (json!([{"type": "function", "name": "get weather"}]), "tools[0].name", "\"get weather\" is not allowed"),
        (json!([{"type": "function", "name": long}]), "tools[0].name", "1 to 128 letters"),
        (json!([{"type": "custom", "name": "wétter"}]), "tools[0].name", "\"wétter\" is not allowed"),
        (json!([{"type": "function", "function": {"name": "f"}}]), "tools[0].function", "Chat Completions"),
        (json!([{"type": "function", "name": "f", "parameters": "{}"}]), "tools[0].parameters", "JSON schema"),
        (
            json!([{"type": "function", "name": "f"}, {"type": "custom", "name": "f"}]),
            "tools[1].name",
            "two functions with the name \"f\"",
        ),
        (json!([{"type": "computer"}, {"type": "mcp"}]), "tools[1].serverLabel", "serverLabel is missing"),
        (json!([{"type": "mcp", "serverLabel": "a"}]), "tools[0].serverUrl", "or connectorId"),
        (json!([{"type": "file_search"}]), "tools[0].vectorStoreIds", "at least one vector store"),
        (json!([{"type": "file_search", "vector_store_ids": []}]), "tools[0].vectorStoreIds", "at least one"),
        (json!([{"type": "computer_use_preview"}]), "tools[0].environment", "environment is missing"),
        (
            json!([{"type": "computer_use_preview", "environment": "mac", "displayWidth": 1}]),
            "tools[0].displayHeight",
            "displayHeight is missing",
        ),
    ] {
        let (found, message) = refused(&with(&tools));
        assert_eq!(found, param, "{tools}");
        assert!(message.contains(said), "{tools}: {message}");
    }
}

#[test]
fn a_choice_of_a_tool_is_a_word_or_names_one() {
    let tools = json!([
        {"type": "function", "name": "get_weather"},
        {"type": "function", "name": "shell"},
        {"type": "custom", "name": "draw"},
        {"type": "mcp", "serverLabel": "docs", "serverUrl": "https://e.example"},
        {"type": "web_search"},
    ]);
    for (choice, expected) in [
        ("auto", json!("auto")),
        ("none", json!("none")),
        ("required", json!("required")),
        ("image_generation", json!({"type": "image_generation"})),
        ("web_search", json!({"type": "web_search"})),
        ("code_interpreter", json!({"type": "code_interpreter"})),
        ("file_search", json!({"type": "file_search"})),
        ("computer_use_preview", json!({"type": "computer_use_preview"})),
        ("web_search_preview_2025_03_11", json!({"type": "web_search_preview_2025_03_11"})),
        ("get_weather", json!({"type": "function", "name": "get_weather"})),
        ("draw", json!({"type": "custom", "name": "draw"})),
        ("docs", json!({"type": "mcp", "server_label": "docs"})),
        // The name of a function of the page comes before a tool of the service.
        ("shell", json!({"type": "function", "name": "shell"})),
        (
            r#"{"type":"mcp","serverLabel":"docs","name":"read"}"#,
            json!({"type": "mcp", "server_label": "docs", "name": "read"}),
        ),
        (
            r#"{"type":"allowed_tools","mode":"auto","tools":[{"type":"mcp","serverLabel":"docs"}]}"#,
            json!({"type": "allowed_tools", "mode": "auto", "tools": [{"type": "mcp", "server_label": "docs"}]}),
        ),
    ] {
        let request = ResponseRequest { tool_choice: Some(choice.into()), ..with(&tools) };
        assert_eq!(prepare(&request).unwrap()["tool_choice"], expected);
    }
    let extra_body = Some(json!({"tools": [{"type": "function", "name": "f"}]}).to_string());
    let by_extra_body = ResponseRequest { tool_choice: Some("f".into()), extra_body, ..request() };
    assert_eq!(prepare(&by_extra_body).unwrap()["tool_choice"], json!({"type": "function", "name": "f"}));
}

#[test]
fn a_choice_of_a_tool_that_is_not_there_is_refused() {
    let functions = with(&json!([{"type": "function", "name": "f"}, {"type": "function", "name": "g"}]));
    let choosing = |choice: &str, of: &ResponseRequest| {
        refused(&ResponseRequest { tool_choice: Some(choice.into()), ..of.clone() })
    };
    let (param, message) = choosing("h", &functions);
    assert_eq!(param, "toolChoice");
    assert!(message.contains("\"h\", but tools contains f, g"), "{message}");
    let (_, message) = choosing("h", &request());
    assert!(message.contains("tools contains no function"), "{message}");
    let (_, message) = choosing(r#"{"type":"custom","name":"f"}"#, &functions);
    assert!(message.contains("toolChoice is \"f\""), "{message}");
    let without = ResponseRequest { image_tool: ImageToolUse::Without, ..functions };
    let (_, message) = choosing("image_generation", &without);
    assert!(message.contains("Remove tool: false"), "{message}");
}

#[test]
fn functions_can_be_limited_to_one_at_a_time() {
    let body = prepare(&ResponseRequest { parallel_tool_calls: Some(false), ..request() }).unwrap();
    assert_eq!(body["parallel_tool_calls"], json!(false));
}

#[test]
fn an_agent_has_its_own_tools() {
    let of_agent = || ResponseRequest {
        model: None,
        agent: Some(AgentReference { name: "a".into(), version: None }),
        ..request()
    };
    let tools = Some(json!([{"type": "web_search"}]).to_string());
    for (request, param) in [
        (ResponseRequest { tools, ..of_agent() }, "tools"),
        (ResponseRequest { image_tool: ImageToolUse::Without, ..of_agent() }, "tool"),
        (ResponseRequest { parallel_tool_calls: Some(true), ..of_agent() }, "parallelToolCalls"),
    ] {
        let (found, message) = refused(&request);
        assert_eq!(found, param);
        assert!(message.contains("agents.createVersion"), "{message}");
    }
}
