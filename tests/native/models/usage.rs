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
fn usage_without_its_token_counts_is_unknown_and_not_zero() {
    for answer in [
        "{}",
        "null",
        "[]",
        r#"{"usage":null}"#,
        r#"{"usage":7}"#,
        r#"{"usage":[]}"#,
        r#"{"usage":{}}"#,
        r#"{"usage":{"prompt_tokens":17,"completion_tokens":1056,"total_tokens":1073}}"#,
        r#"{"usage":{"input_tokens":"17","output_tokens":"1056","total_tokens":"1073"}}"#,
        r#"{"usage":{"input_tokens":17.5,"output_tokens":1056.0,"total_tokens":1073.5}}"#,
        r#"{"usage":{"input_tokens":-1,"output_tokens":"5","total_tokens":1.5,"input_tokens_details":null}}"#,
        r#"{"usage":{"input_tokens":17}}"#,
        r#"{"usage":{"output_tokens":1056}}"#,
        r#"{"usage":{"total_tokens":1073}}"#,
        r#"{"usage":{"input_tokens":20,"total_tokens":10}}"#,
        r#"{"request_meta":{}}"#,
        r#"{"request_meta":{"cost":null,"input_mp":0}}"#,
    ] {
        assert_eq!(read(answer), None, "{answer}");
    }
}

#[test]
fn a_missing_count_follows_from_the_others() {
    let plain = Usage { input_tokens: 17, output_tokens: 1056, total_tokens: 1073, ..Usage::default() };
    for answer in [
        r#"{"usage":{"input_tokens":17,"output_tokens":1056}}"#,
        r#"{"usage":{"output_tokens":1056,"total_tokens":1073}}"#,
        r#"{"usage":{"input_tokens":17,"total_tokens":1073}}"#,
        r#"{"usage":{"input_tokens":17,"total_tokens":1073,"input_tokens_details":{},"output_tokens_details":[]}}"#,
    ] {
        assert_eq!(read(answer), Some(plain), "{answer}");
    }
}

#[test]
fn javascript_sees_no_details_where_there_are_none() {
    let usage = r#"{"usage":{"input_tokens":3,"output_tokens":1,"input_tokens_details":{"text_tokens":1}}}"#;
    let record = serde_json::to_value(read(usage)).unwrap();
    let expected = serde_json::json!({
        "inputTokens": 3, "outputTokens": 1, "totalTokens": 4, "inputTokensDetails": {"textTokens": 1, "imageTokens": 2},
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
        "output_tokens_details":{"reasoning_tokens":2}},"tool_usage":{"image_gen":{"input_tokens":1,"output_tokens":5}}}"#;
    let expected = ResponseUsage { cached_tokens: Some(1), reasoning_tokens: Some(2), ..plain };
    assert_eq!(
        read(detailed),
        (Some(expected), Some(Usage { input_tokens: 1, output_tokens: 5, total_tokens: 6, ..Usage::default() }))
    );
    for response in
        ["{}", r#"{"usage":null,"tool_usage":null}"#, r#"{"tool_usage":{"image_gen":null}}"#, r#"{"usage":{}}"#, "[]"]
    {
        assert_eq!(read(response), (None, None), "{response}");
    }
}
