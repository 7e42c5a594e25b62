//! The tokens that a call cost.

use azure_image_client::decode::json::{Limits, Value};
use azure_image_client::models::usage::{ResponseUsage, TokenDetails, Usage};

fn read(answer: &str) -> Option<Usage> {
    Usage::read(&Value::parse(answer.as_bytes(), Limits { max_kept_bytes: 100_000, max_depth: 10 }).unwrap())
}

#[test]
fn tokens_are_read_with_or_without_details() {
    let plain = Usage { input_tokens: 17, output_tokens: 1056, total_tokens: 1073, ..Usage::default() };
    assert_eq!(read(r#"{"usage":{"input_tokens":17,"output_tokens":1056,"total_tokens":1073}}"#), Some(plain));
    let detailed = r#"{"usage":{"total_tokens":1073,"output_tokens":1056,"input_tokens":17,"svg_usage":{},
        "input_tokens_details":{"text_tokens":10,"image_tokens":7,"cached_tokens":3},"output_tokens_details":{"image_tokens":1056}}}"#;
    let expected = Usage {
        input_tokens_details: Some(TokenDetails { text_tokens: 10, image_tokens: 7 }),
        output_tokens_details: Some(TokenDetails { text_tokens: 0, image_tokens: 1056 }),
        ..plain
    };
    assert_eq!(read(detailed), Some(expected));
}

#[test]
fn what_is_no_number_of_tokens_counts_as_none() {
    for answer in ["{}", "null", "[]", r#"{"usage":null}"#, r#"{"usage":7}"#, r#"{"usage":[]}"#] {
        assert_eq!(read(answer), None, "{answer}");
    }
    let odd = r#"{"usage":{"input_tokens":-1,"output_tokens":"5","total_tokens":1.5,"input_tokens_details":null,"output_tokens_details":[]}}"#;
    assert_eq!(read(odd), Some(Usage::default()));
}

#[test]
fn javascript_sees_no_details_where_there_are_none() {
    let record =
        serde_json::to_value(read(r#"{"usage":{"input_tokens":1,"input_tokens_details":{"text_tokens":1}}}"#)).unwrap();
    let expected = serde_json::json!({
        "inputTokens": 1, "outputTokens": 0, "totalTokens": 0, "inputTokensDetails": {"textTokens": 1, "imageTokens": 0},
    });
    assert_eq!(record, expected);
}

#[test]
fn a_response_counts_its_text_and_its_pictures_apart() {
    let read = |response: &str| {
        let response = Value::parse(response.as_bytes(), Limits { max_kept_bytes: 100_000, max_depth: 10 }).unwrap();
        (ResponseUsage::read(&response), Usage::of_image_tool(&response))
    };
    let plain = ResponseUsage { input_tokens: 1, output_tokens: 2, total_tokens: 3, ..ResponseUsage::default() };
    assert_eq!(read(r#"{"usage":{"input_tokens":1,"output_tokens":2,"total_tokens":3}}"#), (Some(plain), None));
    let detailed = r#"{"usage":{"input_tokens":1,"output_tokens":2,"total_tokens":3,"input_tokens_details":{"cached_tokens":1},
        "output_tokens_details":{"reasoning_tokens":2}},"tool_usage":{"image_gen":{"output_tokens":5}}}"#;
    let expected = ResponseUsage { cached_tokens: Some(1), reasoning_tokens: Some(2), ..plain };
    assert_eq!(read(detailed), (Some(expected), Some(Usage { output_tokens: 5, ..Usage::default() })));
    for response in ["{}", r#"{"usage":null,"tool_usage":null}"#, r#"{"tool_usage":{"image_gen":null}}"#, "[]"] {
        assert_eq!(read(response), (None, None), "{response}");
    }
}
