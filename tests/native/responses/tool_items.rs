//! Calls of other tools, requests for approval, and citations in the answers of the Responses API.

use crate::support::responses::{Answer, Seen, read, read_from};
use crate::support::{encode, noise, three_chunks};
use azure_image_client::responses::events::Progress;
use serde_json::{Value, json};

/// The events of a stream, numbered.
fn stream(events: &[Value]) -> String {
    let mut text = String::new();
    for (number, event) in events.iter().enumerate() {
        let mut event = event.clone();
        event["sequence_number"] = json!(number);
        text.push_str(&format!("event: {}\ndata: {event}\n\n", event["type"].as_str().unwrap()));
    }
    text
}

fn added(index: usize, item: &Value) -> Value {
    json!({"type": "response.output_item.added", "output_index": index, "item": item})
}

fn done(index: usize, item: &Value) -> Value {
    json!({"type": "response.output_item.done", "output_index": index, "item": item})
}

fn delta(kind: &str, id: &str, index: usize, delta: &str) -> Value {
    json!({"type": format!("response.{kind}"), "item_id": id, "output_index": index, "delta": delta})
}

fn created() -> Value {
    json!({"type": "response.created", "response": {"id": "resp_1", "status": "in_progress", "output": []}})
}

fn response(output: &[Value]) -> Value {
    json!({"id": "resp_1", "object": "response", "status": "completed", "output": output})
}

fn completed(output: &[Value]) -> Value {
    json!({"type": "response.completed", "response": response(output)})
}

fn function(arguments: &str, status: &str) -> Value {
    json!({"type": "function_call", "id": "fc_1", "call_id": "call_1", "name": "get_weather", "arguments": arguments,
        "status": status})
}

fn approval() -> Value {
    json!({"type": "mcp_approval_request", "id": "mcpr_1", "server_label": "docs", "name": "search", "arguments": "{}"})
}

fn image(bytes: &[u8]) -> Value {
    json!({"type": "image_generation_call", "id": "ig_1", "status": "completed", "result": encode(bytes)})
}

fn message(annotations: &Value) -> Value {
    json!({"type": "message", "id": "msg_1", "status": "completed", "role": "assistant",
        "content": [{"type": "output_text", "text": "See it.", "annotations": annotations}]})
}

/// Returns the events of tools and images.
fn tools(answer: &Answer) -> Vec<Seen> {
    let is_other = |seen: &&Seen| !matches!(seen, Seen::Status(_) | Seen::Text(_) | Seen::Call(..));
    answer.seen.iter().filter(is_other).cloned().collect()
}

fn tool(item: &Value) -> Seen {
    Seen::Tool(item.clone(), Vec::new(), false)
}

#[test]
fn a_call_is_reported_once_when_it_is_complete_with_its_arguments_before_it() {
    let whole = function("{\"city\":\"Oslo\"}", "completed");
    let events = [
        created(),
        added(0, &function("", "in_progress")),
        delta("function_call_arguments.delta", "fc_1", 0, "{\"city\":"),
        delta("function_call_arguments.delta", "fc_1", 0, ""),
        delta("function_call_arguments.delta", "fc_1", 0, "\"Oslo\"}"),
        json!({"type": "response.function_call_arguments.done", "item_id": "fc_1", "output_index": 0,
            "arguments": "{\"city\":\"Oslo\"}"}),
        done(0, &whole),
        completed(std::slice::from_ref(&whole)),
    ];
    let part = |text: &str| Seen::ToolDelta(Some("get_weather".into()), text.into());
    let expected = [part("{\"city\":"), part("\"Oslo\"}"), tool(&whole)];
    let body = stream(&events);
    for chunks in three_chunks(body.as_bytes(), 97) {
        let answer = read_from(chunks, Progress::default());
        assert!(answer.result.is_ok());
        assert_eq!(tools(&answer), expected);
    }
}

#[test]
fn a_response_that_is_not_streamed_has_its_calls_too() {
    let items = [function("{}", "completed"), approval(), image(&noise(100))];
    let answer = read(response(&items).to_string().as_bytes());
    assert_eq!(tools(&answer), [tool(&items[0]), Seen::Approval(approval(), false), Seen::Image(2, noise(100))]);
}

#[test]
fn calls_of_every_tool_are_reported_also_of_unknown_ones() {
    for item in [
        json!({"type": "function_call", "call_id": "c", "name": "f", "arguments": "{}"}),
        json!({"type": "custom_tool_call", "id": "i", "call_id": "c", "name": "f", "input": "x"}),
        json!({"type": "mcp_call", "id": "i", "server_label": "docs", "name": "f", "arguments": "{}", "output": "o"}),
        json!({"type": "mcp_call", "id": "i", "status": "failed", "error": {"message": "no"}}),
        json!({"type": "code_interpreter_call", "id": "i", "status": "completed", "code": "1", "outputs": null}),
        json!({"type": "file_search_call", "id": "i", "status": "completed", "queries": ["q"], "results": null}),
        json!({"type": "computer_call", "id": "i", "call_id": "c", "status": "completed",
            "action": {"type": "screenshot"}, "pending_safety_checks": []}),
        json!({"type": "web_search_call", "id": "i", "status": "completed"}),
        json!({"type": "bing_grounding_call", "id": "i", "status": "completed", "arguments": "{}"}),
    ] {
        let events = [created(), done(0, &item), completed(std::slice::from_ref(&item))];
        assert_eq!(tools(&read(stream(&events).as_bytes())), [tool(&item)]);
        // Some services send no events of the item, others no output at the end.
        assert_eq!(
            tools(&read(stream(&[created(), completed(std::slice::from_ref(&item))]).as_bytes())),
            [tool(&item)]
        );
        assert_eq!(tools(&read(stream(&[created(), done(0, &item), completed(&[])]).as_bytes())), [tool(&item)]);
    }
}

#[test]
fn items_that_are_no_calls_and_calls_that_are_not_complete_are_not_reported() {
    for item in [
        json!({"type": "reasoning", "id": "i", "summary": []}),
        json!({"type": "mcp_list_tools", "id": "i", "server_label": "docs", "tools": []}),
        json!({"type": "function_call_output", "id": "i", "call_id": "c", "output": "o"}),
        function("{\"city\":\"Os", "incomplete"),
        function("", "in_progress"),
        json!({"type": "file_search_call", "id": "i", "status": "searching"}),
        json!({"type": "_call_"}),
        json!({}),
        json!(null),
    ] {
        let events = [created(), done(0, &item), completed(&[item])];
        assert_eq!(tools(&read(stream(&events).as_bytes())), []);
    }
}

#[test]
fn parts_of_a_call_are_recognized_in_every_spelling() {
    for kind in [
        "function_call_arguments.delta",
        "mcp_call_arguments.delta",
        "mcp_call.arguments_delta",
        "custom_tool_call_input.delta",
        "code_interpreter_call_code.delta",
        "code_interpreter_call.code.delta",
    ] {
        let events = [created(), delta(kind, "i", 0, "x"), completed(&[])];
        assert_eq!(tools(&read(stream(&events).as_bytes())), [Seen::ToolDelta(None, "x".into())], "{kind}");
    }
    let others = ["output_text.annotation.delta", "reasoning_summary_text.delta", "audio.delta"];
    for kind in others {
        let events = [created(), delta(kind, "i", 0, "x"), completed(&[])];
        assert_eq!(tools(&read(stream(&events).as_bytes())), [], "{kind}");
    }
}

#[test]
fn a_failed_call_does_not_end_the_response() {
    let item =
        json!({"type": "mcp_call", "id": "m", "status": "failed", "error": {"message": "timed out", "code": 408}});
    let events = [
        created(),
        json!({"type": "response.mcp_call.failed", "item_id": "m", "output_index": 0, "error": {"message": "timed out"}}),
        json!({"type": "response.mcp_list_tools.failed", "item_id": "l", "output_index": 0, "error": "timed out"}),
        done(0, &item),
        done(1, &image(&noise(100))),
        completed(&[item.clone(), image(&noise(100))]),
    ];
    let answer = read(stream(&events).as_bytes());
    assert!(answer.result.is_ok());
    assert_eq!(tools(&answer), [tool(&item), Seen::Image(1, noise(100))]);
}

#[test]
fn a_citation_is_reported_once_wherever_it_comes() {
    let file = json!({"type": "file_citation", "file_id": "file-1", "filename": "a.txt", "index": 4});
    let container =
        json!({"type": "container_file_citation", "container_id": "c", "file_id": "f", "filename": "a.csv"});
    let event = |index: usize, annotation: &Value| {
        json!({"type": "response.output_text.annotation.added", "item_id": "msg_1", "output_index": 0,
            "content_index": 0, "annotation_index": index, "annotation": annotation})
    };
    let whole = message(&json!([file, container]));
    let expected = [Seen::Citation(file.clone(), false), Seen::Citation(container.clone(), false)];
    for events in [
        vec![
            created(),
            event(0, &file),
            event(1, &container),
            done(0, &whole),
            completed(std::slice::from_ref(&whole)),
        ],
        vec![created(), event(0, &file), done(0, &whole), completed(std::slice::from_ref(&whole))],
        vec![created(), done(0, &whole), completed(&[])],
        vec![created(), completed(std::slice::from_ref(&whole))],
    ] {
        assert_eq!(tools(&read(stream(&events).as_bytes())), expected);
    }
    assert_eq!(tools(&read(response(&[whole]).to_string().as_bytes())), expected);
}

#[test]
fn an_image_of_the_code_interpreter_is_no_string() {
    for length in [10, 9000, 300_000] {
        let bytes = noise(length);
        let url = format!("data:image/png;base64,{}", encode(&bytes));
        let item = |url: &Value| {
            json!({"type": "code_interpreter_call", "id": "ci", "status": "completed", "outputs":
                [{"type": "logs", "logs": "1"}, {"type": "image", "url": url}, {"type": "image", "url": "https://e.example"}]})
        };
        let expected = Seen::Tool(item(&Value::Null), vec![bytes], false);
        let item = item(&json!(url));
        for body in [
            stream(&[created(), done(0, &item), completed(std::slice::from_ref(&item))]),
            stream(&[created(), completed(std::slice::from_ref(&item))]),
            response(&[item]).to_string(),
        ] {
            assert_eq!(tools(&read(body.as_bytes())), std::slice::from_ref(&expected), "{length}");
        }
    }
}

#[test]
fn the_output_of_a_tool_of_any_length_does_not_cost_the_image() {
    let long = "x".repeat(3_000_000);
    for (item, kept) in [
        (
            json!({"type": "mcp_call", "id": "m", "output": long}),
            json!({"type": "mcp_call", "id": "m", "output": null}),
        ),
        (
            json!({"type": "file_search_call", "id": "m", "results": [{"file_id": "f", "text": long}]}),
            json!({"type": "file_search_call", "id": "m", "results": [{"file_id": "f", "text": null}]}),
        ),
        (
            json!({"type": "code_interpreter_call", "id": "m", "outputs": [{"type": "logs", "logs": long}]}),
            json!({"type": "code_interpreter_call", "id": "m", "outputs": [{"type": "logs", "logs": null}]}),
        ),
    ] {
        let items = [item, image(&noise(100))];
        let events = [created(), done(0, &items[0]), done(1, &items[1]), completed(&items)];
        for body in [stream(&events), response(&items).to_string()] {
            let answer = read(body.as_bytes());
            assert!(answer.result.is_ok());
            assert_eq!(tools(&answer), [tool(&kept), Seen::Image(1, noise(100))]);
        }
    }
}

#[test]
fn a_resumed_stream_does_not_repeat_calls() {
    let whole = function("{}", "completed");
    let cited = message(&json!([{"type": "url_citation", "url": "https://e.example"}]));
    let items = [whole.clone(), approval(), cited];
    let events = [created(), done(0, &items[0]), done(1, &items[1]), done(2, &items[2]), completed(&items)];
    let body = stream(&events);
    let citation = json!({"type": "url_citation", "url": "https://e.example"});
    let all = [tool(&whole), Seen::Approval(approval(), false), Seen::Citation(citation.clone(), false)];
    let blocks: Vec<&str> = body.split_inclusive("\n\n").collect();
    for cut in 1..blocks.len() {
        let first = read(blocks[..cut].concat().as_bytes());
        let rest = read_from([blocks[cut..].concat().as_bytes()], first.progress.clone());
        assert!(rest.result.is_ok());
        assert_eq!([tools(&first), tools(&rest)].concat(), all, "{cut}");
    }
    // After a reload of the page, earlier items are only in the result.
    let rest = read_from([blocks[4..].concat().as_bytes()], Progress::of("resp_1", Some(3)));
    assert_eq!(
        tools(&rest),
        [Seen::Tool(whole, Vec::new(), true), Seen::Approval(approval(), true), Seen::Citation(citation, true)]
    );
}

#[test]
fn more_calls_than_any_response_has_are_refused() {
    let items: Vec<Value> =
        (0..1002).map(|index| json!({"type": "web_search_call", "id": format!("w{index}")})).collect();
    let events: Vec<Value> = items.iter().enumerate().map(|(index, item)| done(index, item)).collect();
    let failure = read(stream(&events).as_bytes()).result.unwrap_err();
    assert!(failure.message.contains("more than 1000 calls"), "{}", failure.message);
}

#[test]
fn many_outputs_of_tools_do_not_cost_the_image() {
    let output = "x".repeat(60_000);
    let mut items: Vec<Value> = (0..100)
        .map(|index| json!({"type": "mcp_call", "id": format!("m{index}"), "status": "completed", "output": output}))
        .collect();
    items.push(image(&noise(100)));
    let answer = read(response(&items).to_string().as_bytes());
    assert!(answer.result.is_ok());
    let seen = tools(&answer);
    assert_eq!(seen.len(), 101);
    assert_eq!(seen[0], tool(&items[0]));
    assert_eq!(seen[100], Seen::Image(100, noise(100)));
}

#[test]
fn a_call_is_recognized_by_its_call_id() {
    let copy = |id: &Value, call_id: &str, status: &str| json!({"type": "function_call", "id": id, "call_id": call_id, "name": "f", "arguments": "{}", "status": status});
    // A gateway encrypts the ids, so that each event has another one.
    let events = [
        created(),
        added(1, &copy(&json!("a"), "call_1", "in_progress")),
        done(1, &copy(&json!("b"), "call_1", "completed")),
        completed(&[copy(&json!("c"), "call_1", "completed")]),
    ];
    assert_eq!(tools(&read(stream(&events).as_bytes())), [tool(&copy(&json!("b"), "call_1", "completed"))]);
    // Others send no ids and no indexes, or the same id for all items.
    for id in [json!(null), json!("msg_1")] {
        let items = [copy(&id, "call_1", "completed"), copy(&id, "call_2", "completed")];
        let events = [created(), done(0, &items[0]), done(0, &items[1]), done(0, &items[1]), completed(&[])];
        assert_eq!(tools(&read(stream(&events).as_bytes())), items.each_ref().map(tool));
    }
}

#[test]
fn citations_are_objects_and_may_be_many() {
    let citation = json!({"type": "url_citation", "url": "https://e.example"});
    let mut annotations = vec![citation.clone(); 2000];
    annotations.extend([json!(null), json!("x"), json!([])]);
    let whole = message(&json!(annotations));
    let event = json!({"type": "response.output_text.annotation.added", "output_index": 5, "annotation": null});
    let items = [whole, image(&noise(100))];
    let events = [created(), event, done(0, &items[0]), done(1, &items[1]), completed(&items)];
    let answer = read(stream(&events).as_bytes());
    assert!(answer.result.is_ok());
    let expected = [vec![Seen::Citation(citation, false); 2000], vec![Seen::Image(1, noise(100))]].concat();
    assert_eq!(tools(&answer), expected);
}

#[test]
fn a_response_does_not_repeat_credentials() {
    let mut response = response(&[function("{}", "completed")]);
    response["tools"] = json!([
        {"type": "mcp", "server_label": "docs", "authorization": "token", "headers": {"x-key": "key", "a": null}},
        {"type": "mcp", "server_label": "docs", "authorization": null, "headers": null},
        {"type": "function", "name": "f", "parameters": {"authorization": "kept"}},
    ]);
    let raw = read(response.to_string().as_bytes()).result.unwrap().response.to_json();
    let raw: Value = serde_json::from_str(&raw).unwrap();
    let redacted = "[redacted]";
    assert_eq!(
        raw["tools"],
        json!([
            {"type": "mcp", "server_label": "docs", "authorization": redacted, "headers": {"x-key": redacted, "a": redacted}},
            {"type": "mcp", "server_label": "docs", "authorization": null, "headers": null},
            {"type": "function", "name": "f", "parameters": {"authorization": "kept"}},
        ])
    );
}
