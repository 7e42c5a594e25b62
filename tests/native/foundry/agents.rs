//! Names of agents, and the bodies that make them.

use crate::support::{cases, sample};
use azure_image_client::errors::{Billed, Code, Failure};
use azure_image_client::foundry::agents::{check_name, version_body};
use azure_image_client::foundry::metadata::check_text;
use proptest::prelude::*;
use serde_json::{Value, json};

fn read(body: Result<String, Failure>) -> Value {
    serde_json::from_str(&body.unwrap()).unwrap()
}

fn refused<T: std::fmt::Debug>(result: Result<T, Failure>, param: &str) -> String {
    let failure = result.unwrap_err();
    assert_eq!((failure.code, failure.billed, failure.retryable), (Code::InvalidRequest, Billed::No, false));
    assert_eq!(failure.param.as_deref(), Some(param), "{}", failure.message);
    failure.message.clone()
}

#[test]
fn a_name_has_letters_digits_and_hyphens_between_them() {
    let longest = "a".repeat(63);
    for name in ["a", "7", "painter", "My-Agent-2", "a--b", &longest] {
        assert_eq!(check_name(name), Ok(()), "{name}");
    }
}

#[test]
fn a_name_that_cannot_be_is_refused_with_one_that_can() {
    let too_long = "a".repeat(64);
    let (longest, with_blank) = ("a".repeat(63), format!("{} b", "a".repeat(63)));
    let cases = [
        ("", "my-agent"),
        ("-", "my-agent"),
        ("\u{E9}", "my-agent"),
        ("my agent", "my-agent"),
        ("my_agent", "my-agent"),
        ("-a", "a"),
        ("a-", "a"),
        ("a.b/c", "a-b-c"),
        ("  caf\u{E9} noir! ", "caf-noir"),
        (&too_long, &longest),
        (&with_blank, &longest),
    ];
    for (name, nearest) in cases {
        let message = refused(check_name(name), "name");
        assert!(message.ends_with(&format!("For example: {nearest}.")), "{name}: {message}");
        assert_eq!(check_name(nearest), Ok(()));
        assert!(message.chars().count() < 400);
    }
}

#[test]
fn a_name_that_cannot_be_is_told_why() {
    let (longest, too_long) = ("\u{E9}".repeat(63), "\u{E9}".repeat(64));
    for (name, expected) in [
        ("", "The agent name is empty. Use".to_owned()),
        ("my agent", "The agent name \"my agent\" contains invalid characters. Use".into()),
        (&longest, format!("The agent name \"{longest}\" contains invalid characters. Use")),
        (&too_long, format!("The agent name has 64 characters (\"{longest}\u{2026}\"). Use")),
    ] {
        let message = refused(check_name(name), "name");
        assert!(message.starts_with(&expected), "{name}: {message}");
    }
}

proptest! {
    #![proptest_config(cases(256))]

    #[test]
    fn whatever_is_advised_as_a_name_is_one(name in any::<String>()) {
        if let Err(failure) = check_name(&name) {
            let (_, advised) = failure.message.rsplit_once("For example: ").unwrap();
            prop_assert_eq!(check_name(advised.trim_end_matches('.')), Ok(()));
        }
    }
}

#[test]
fn a_definition_with_what_belongs_beside_it_becomes_the_body_that_the_service_wants() {
    let definition = json!({
        "kind": "prompt", "model": "gpt-4.1",
        "instructions": "You are a creative assistant that generates images when requested.",
        "tools": [{"type": "image_generation", "quality": "low", "size": "1024x1024"}],
    });
    let description = "Test agent for image generation capabilities";
    let flat = json!({
        "description": description, "metadata": {"app": "studio"}, "model": "gpt-4.1",
        "instructions": definition["instructions"], "tools": definition["tools"],
    });
    let nested = json!({"description": description, "metadata": {"app": "studio"}, "definition": definition});
    let expected: Value = serde_json::from_slice(&sample("agents/version.create.request.json")).unwrap();
    for given in [&flat, &nested, &expected] {
        assert_eq!(read(version_body(&given.to_string())), expected);
    }
    let mut expected: Value = serde_json::from_slice(&sample("agents/agent.create.request.json")).unwrap();
    expected.as_object_mut().unwrap().remove("name");
    let mut without = flat;
    without.as_object_mut().unwrap().remove("metadata");
    assert_eq!(read(version_body(&without.to_string())), expected);
}

#[test]
fn what_is_not_known_passes_through() {
    let given = json!({
        "kind": "prompt", "model": "m", "harness": {"a": [1, null, 1.5e3]}, "draft": true, "digital_worker_type": "x",
        "blueprint_reference": {"b": 1},
    });
    let body = read(version_body(&given.to_string()));
    let definition = json!({"kind": "prompt", "model": "m", "harness": {"a": [1, null, 1.5e3]}});
    assert_eq!(
        body,
        json!({"draft": true, "digital_worker_type": "x", "blueprint_reference": {"b": 1}, "definition": definition})
    );
    let workflow = json!({"definition": {"kind": "workflow", "x": 1}, "later": 2});
    assert_eq!(read(version_body(&workflow.to_string())), workflow, "another kind needs no model");
}

#[test]
fn what_the_service_would_refuse_is_refused_before() {
    for text in ["", "null", "[]", "\"x\"", "{", "{} {}"] {
        refused(version_body(text), "definition");
    }
    for definition in ["null", "[]", "1"] {
        refused(version_body(&format!("{{\"definition\":{definition}}}")), "definition");
    }
    for model in ["", "\"model\":null", "\"model\":\" \"", "\"model\":7"] {
        assert!(refused(version_body(&format!("{{{model}}}")), "model").contains("imageDeployment"));
    }
    for tools in ["{}", "[1]", "[{}]", "[{\"type\":\"\"}]", "\"image_generation\""] {
        refused(version_body(&format!("{{\"model\":\"m\",\"tools\":{tools}}}")), "tools");
    }
    for tools in ["null", "[]", "[{\"type\":\"image_generation\"}]"] {
        version_body(&format!("{{\"model\":\"m\",\"tools\":{tools}}}")).unwrap();
    }
    assert!(refused(version_body("{\"model\":\"m\",\"name\":\"a\"}"), "name").contains("Remove name"));
}

#[test]
fn a_definition_has_pages_of_text_and_an_end() {
    let with = |length: usize| version_body(&json!({"model": "m", "instructions": "i".repeat(length)}).to_string());
    with(15 * 1024 * 1024).unwrap();
    refused(with(16 * 1024 * 1024), "definition");
}

#[test]
fn metadata_alone_has_the_same_limits() {
    let most = (0..16).map(|index| (index.to_string(), json!("v".repeat(512)))).collect::<Value>().to_string();
    for fine in ["null", "{}", r#"{"a":"b"}"#, &most] {
        assert_eq!(check_text(fine), Ok(()), "{fine}");
    }
    let far_too_much = format!("{{\"a\":\"{}\"}}", "v".repeat(100_000));
    assert!(refused(check_text(&far_too_much), "metadata").contains("100000"));
    let (long, deep) = ("v".repeat(513), "[".repeat(100));
    for wrong in ["", "[]", r#"{"a":1}"#, &format!(r#"{{"a":"{long}"}}"#), &deep] {
        refused(check_text(wrong), "metadata");
    }
}

#[test]
fn metadata_has_limits() {
    let with = |metadata: Value| version_body(&json!({"model": "m", "metadata": metadata}).to_string());
    for metadata in [json!([]), json!("x"), json!({"a": 1}), json!({"a": null})] {
        refused(with(metadata), "metadata");
    }
    let pairs = |count: usize| (0..count).map(|index| (index.to_string(), json!("v"))).collect::<Value>();
    with(pairs(16)).unwrap();
    assert!(refused(with(pairs(17)), "metadata").contains("17"));
    with(json!(null)).unwrap();
    with(json!({"\u{E9}".repeat(64): "\u{E9}".repeat(512)})).unwrap();
    assert!(refused(with(json!({"a".repeat(65): "v"})), "metadata").contains("65"));
    assert!(refused(with(json!({"a": "v".repeat(513)})), "metadata").contains("513"));
}
