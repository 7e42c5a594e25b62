//! What the answers to a probe are taken to mean.

use crate::support::{sample, samples_in};
use azure_image_client::errors::{Code, Failure, TimeLimit};
use azure_image_client::http::retry::Headers;
use azure_image_client::models::service::Service;
use azure_image_client::probe::report::Status::{Failed, Ok, Unknown};
use azure_image_client::probe::report::{Answer, Findings, ProbeFinding, Report, Status};
use serde_json::json;

const NOTHING: Findings = Findings {
    credential: None,
    deployment: None,
    generation: Answer::NotAsked,
    models: Answer::NotAsked,
    answers: None,
    is_origin_readable: false,
    online: true,
    is_gateway: false,
};

/// The failure of a sample, whose name begins with its status.
fn refusal(file: &str) -> Failure {
    let (status, _) = file.split_once('-').unwrap();
    Failure::from_answer(status.parse().unwrap(), &sample(&format!("errors/{file}")), Headers::default())
}

fn answered(status: u16, body: &str) -> Failure {
    Failure::from_answer(status, body.as_bytes(), Headers::default())
}

/// What `Findings::deployment` holds where none is named.
fn no_deployment() -> Failure {
    Failure::invalid("deployment", "No deployment is named. Set deployment to the name of one.")
}

fn generation(answer: Answer) -> Report {
    Findings { generation: answer, ..NOTHING }.report()
}

fn parts(report: &Report) -> [(&'static str, &ProbeFinding); 5] {
    [
        ("reachable", &report.reachable),
        ("cors", &report.cors),
        ("credential", &report.credential),
        ("deployment", &report.deployment),
        ("api_version", &report.api_version),
    ]
}

fn statuses(report: &Report) -> [Status; 5] {
    parts(report).map(|(_, part)| part.status)
}

fn assert_words(part: &ProbeFinding, words: &[&str]) {
    for words in words {
        assert!(part.message.contains(words), "{words}: {}", part.message);
    }
}

/// What is said of a part by what an answer makes of it: the service's own words where they are about it.
fn assert_explained(name: &str, part: &ProbeFinding, failure: &Failure) {
    match part.status {
        Ok => assert!(!part.message.contains("Azure"), "{name}: {}", part.message),
        Failed if name == "reachable" && failure.status != Some(403) => {
            let status = failure.status.unwrap();
            assert_words(part, &[&format!("failed ({status})"), "Try again later", "endpoint"]);
        }
        Failed => assert_eq!(part.message, failure.message, "{name}"),
        Unknown => assert!(
            part.message.contains("Not checked") || (name == "deployment" && part.message == failure.message),
            "{name}: {}",
            part.message
        ),
    }
}

const ALL_WELL: [Status; 5] = [Ok; 5];
const UNREACHABLE: [Status; 5] = [Failed, Ok, Unknown, Unknown, Unknown];
const WRONG_CREDENTIAL: [Status; 5] = [Ok, Ok, Failed, Unknown, Unknown];
const WRONG_DEPLOYMENT: [Status; 5] = [Ok, Ok, Ok, Failed, Unknown];
const UNKNOWN_MODEL: [Status; 5] = [Ok, Ok, Ok, Failed, Ok];
const WRONG_VERSION: [Status; 5] = [Ok, Ok, Ok, Unknown, Failed];
const WRONG_ROUTE: [Status; 5] = [Ok, Ok, Unknown, Unknown, Failed];
const OTHER_REFUSAL: [Status; 5] = [Ok, Ok, Ok, Unknown, Unknown];

/// What a generation without a prompt was answered with, and how that makes the service, CORS, the credential, the deployment
/// and the version.
const REFUSALS: &[(&str, [Status; 5])] = &[
    ("400-agent-deprecated.json", OTHER_REFUSAL),
    ("400-api-version-unsupported.json", WRONG_VERSION),
    ("400-cancel-not-background.json", OTHER_REFUSAL),
    ("400-content-filter-responses.json", ALL_WELL),
    ("400-content-policy-violation.json", ALL_WELL),
    ("400-contentFilter-output.json", ALL_WELL),
    ("400-contentFilter-prompt.json", ALL_WELL),
    ("400-foundry-schema.json", OTHER_REFUSAL),
    ("400-generic-inputs.json", OTHER_REFUSAL),
    ("400-imagegen-streaming-unsupported.json", OTHER_REFUSAL),
    ("400-invalid-input-fidelity-model.json", UNKNOWN_MODEL),
    ("400-invalid-size-enum.json", OTHER_REFUSAL),
    ("400-invalid-size.json", OTHER_REFUSAL),
    ("400-missing-image-deployment.json", OTHER_REFUSAL),
    ("400-model-does-not-exist.json", UNKNOWN_MODEL),
    ("400-moderation-blocked.json", ALL_WELL),
    ("400-not-allowed-with-agent.json", OTHER_REFUSAL),
    ("400-unknown-model.json", UNKNOWN_MODEL),
    ("400-unknown-parameter.json", OTHER_REFUSAL),
    ("400-unsupported-content-type.json", OTHER_REFUSAL),
    ("400-unsupported-mimetype.json", OTHER_REFUSAL),
    ("401-invalid-key.json", WRONG_CREDENTIAL),
    ("401-permission-denied-foundry.json", WRONG_CREDENTIAL),
    ("401-permission-denied.json", WRONG_CREDENTIAL),
    ("401-token-audience.json", WRONG_CREDENTIAL),
    ("403-account-blocked.json", UNREACHABLE),
    ("403-key-auth-disabled.json", WRONG_CREDENTIAL),
    ("403-network.json", UNREACHABLE),
    ("403-vnet-endpoint.json", UNREACHABLE),
    ("404-agent-not-found.json", WRONG_ROUTE),
    ("404-deployment-not-found.json", WRONG_DEPLOYMENT),
    ("404-resource-not-found.json", WRONG_ROUTE),
    ("404-response-not-found.json", WRONG_ROUTE),
    ("408-timeout.json", UNREACHABLE),
    ("409-conflict.json", UNREACHABLE),
    ("413-too-large.json", UNREACHABLE),
    ("429-rate-limit-classic.json", ALL_WELL),
    ("429-rate-limit-reached.json", ALL_WELL),
    ("429-too-many-requests.json", ALL_WELL),
    ("500-internal.json", UNREACHABLE),
    ("502-not-json.html", UNREACHABLE),
    ("503-busy.json", UNREACHABLE),
    ("504-empty.txt", UNREACHABLE),
];

#[test]
fn a_generation_that_is_refused_tells_how_far_it_came() {
    let sampled: Vec<String> = samples_in("errors", "").into_iter().map(|(path, _)| path).collect();
    let sampled: Vec<&str> = sampled.iter().map(String::as_str).filter(|path| *path != "errors/index.json").collect();
    let tested: Vec<String> = REFUSALS.iter().map(|(file, _)| format!("errors/{file}")).collect();
    assert_eq!(sampled, tested);
    for (file, expected) in REFUSALS {
        let failure = refusal(file);
        let report = generation(Answer::Failure(failure.clone()));
        assert_eq!(statuses(&report), *expected, "{file}");
        assert_eq!(report.ok, *expected == ALL_WELL, "{file}");
        for (name, part) in parts(&report) {
            assert_explained(name, part, &failure);
        }
        if *expected == OTHER_REFUSAL {
            assert_eq!(report.deployment.message, failure.message, "{file}");
        }
    }
}

/// What every model says to a generation without a prompt.
const PROMPT: &str = r#"{"error":{"code":"missing_required_parameter","message":"Missing required parameter: 'prompt'.","param":"prompt"}}"#;

/// Answers that are not of the images API, or not about what was asked of it.
#[test]
fn only_what_the_images_api_itself_complains_about_is_well() {
    let table = [
        (400, PROMPT, ALL_WELL),
        (422, PROMPT, ALL_WELL),
        (400, "", UNREACHABLE),
        (400, "<html>", UNREACHABLE),
        (400, "{}", UNREACHABLE),
        (400, "null", UNREACHABLE),
        (400, r#"{"error":{"code":"x"}}"#, OTHER_REFUSAL),
        (400, r#"{"error":{"code":"x","message":"Invalid size.","param":"size"}}"#, OTHER_REFUSAL),
        (401, "", WRONG_CREDENTIAL),
        (402, "", UNREACHABLE),
        (402, PROMPT, UNREACHABLE),
        (403, "", UNREACHABLE),
        (404, "", WRONG_ROUTE),
        (404, "<html>", WRONG_ROUTE),
        (405, "", WRONG_ROUTE),
        (405, "<html>", WRONG_ROUTE),
        (405, PROMPT, WRONG_ROUTE),
        (407, "", UNREACHABLE),
        (410, "", UNREACHABLE),
        (413, "", UNREACHABLE),
        (413, PROMPT, UNREACHABLE),
        (415, "", WRONG_ROUTE),
        (422, "", UNREACHABLE),
        (422, "<html>", UNREACHABLE),
        (429, "", UNREACHABLE),
        (429, r#"{"error":{"code":"429","message":"Please retry after 5 seconds."}}"#, ALL_WELL),
        (451, "", UNREACHABLE),
        (500, PROMPT, UNREACHABLE),
        (511, "<html>", UNREACHABLE),
    ];
    for (status, body, expected) in table {
        let failure = answered(status, body);
        let report = generation(Answer::Failure(failure.clone()));
        assert_eq!((statuses(&report), report.ok), (expected, expected == ALL_WELL), "{status} {body}");
        for (name, part) in parts(&report) {
            assert_explained(name, part, &failure);
        }
    }
}

#[test]
fn behind_a_gateway_only_what_it_says_clearly_is_judged() {
    let cases = [
        // LiteLLM: a wrong key, and a wrong deployment.
        (
            json!({"error": {"message": "Authentication Error, Invalid proxy server token passed.", "type": "auth_error", "param": "None", "code": "400"}}),
            [Ok, Ok, Unknown, Unknown, Unknown],
        ),
        (
            json!({"error": {"message": "/images/generations: Invalid model name passed in model=x. Call `/v1/models`", "type": "None", "param": "None", "code": "400"}}),
            [Ok, Ok, Unknown, Unknown, Unknown],
        ),
        (json!({"detail": "no"}), [Ok, Ok, Unknown, Unknown, Unknown]),
        (json!({}), [Ok, Ok, Unknown, Unknown, Unknown]),
        (
            json!({"error": {"message": "The model 'x' does not exist.", "param": "model", "code": "invalid_value"}}),
            [Ok, Ok, Ok, Failed, Ok],
        ),
        (
            json!({"error": {"message": "Missing required parameter: 'prompt'.", "param": "prompt", "code": "x"}}),
            ALL_WELL,
        ),
    ];
    for (body, expected) in cases {
        for status in [400, 422] {
            let failure = answered(status, &body.to_string());
            let report =
                Findings { is_gateway: true, generation: Answer::Failure(failure.clone()), ..NOTHING }.report();
            assert_eq!(statuses(&report), expected, "{body}");
            assert!(report.deployment.status != Unknown || report.deployment.message == failure.message, "{body}");
        }
    }
    let failure = answered(404, r#"{"error":{"code":"DeploymentNotFound","message":"x"}}"#);
    let report = Findings { is_gateway: true, generation: Answer::Failure(failure), ..NOTHING }.report();
    assert_eq!(statuses(&report), WRONG_DEPLOYMENT);
}

#[test]
fn a_deployment_that_cannot_make_an_image_is_not_well() {
    for (status, body, expected) in [
        (429, r#"{"error":{"code":"insufficient_quota","message":"x"}}"#, UNKNOWN_MODEL),
        (429, r#"{"error":{"code":"project_spend_limit_exceeded","message":"x"}}"#, UNKNOWN_MODEL),
        (
            400,
            r#"{"error":{"code":"OperationNotSupported","message":"The generations operation does not work with the specified model, gpt-4o."}}"#,
            UNKNOWN_MODEL,
        ),
        (400, r#"{"error":{"code":null,"message":"Unknown model: x"}}"#, UNKNOWN_MODEL),
        (400, r#"{"error":{"code":"x","message":"No.","param":"model"}}"#, UNKNOWN_MODEL),
        (404, r#"{"error":{"code":"DeploymentNotFound","message":"x"}}"#, WRONG_DEPLOYMENT),
    ] {
        let failure = answered(status, body);
        let report = generation(Answer::Failure(failure.clone()));
        assert_eq!((statuses(&report), report.ok), (expected, false), "{body}");
        assert_eq!(report.deployment.message, failure.message, "{body}");
    }
}

#[test]
fn a_version_that_the_service_does_not_know_is_not_well() {
    for body in [
        r#"{"error":{"code":"BadRequest","message":"API version not supported"}}"#,
        r#"{"error":{"code":null,"message":"Unsupported api-version 'x' for this model and prompt."}}"#,
        r#"{"error":{"code":"BadRequest","message":"api-version query parameter is not allowed when using /v1 path"}}"#,
        r#"{"error":{"code":"invalid_value","message":"No.","param":"api-version"}}"#,
    ] {
        let failure = answered(400, body);
        let report = generation(Answer::Failure(failure.clone()));
        assert_eq!((statuses(&report), report.ok), (WRONG_VERSION, false), "{body}");
        assert_eq!(report.api_version.message, failure.message, "{body}");
    }
}

/// The words of the advice are not the service's: it speaks of models, prompts and versions whatever was refused.
#[test]
fn a_refusal_is_about_what_the_service_says_and_not_about_what_it_is_advised() {
    for message in [
        "There was an issue with your request. Please check your inputs and try again",
        "imagegen deployment must be provided",
        "Cannot cancel a synchronous response.",
    ] {
        for code in ["null", "\"x\""] {
            let failure = answered(400, &format!("{{\"error\":{{\"code\":{code},\"message\":\"{message}\"}}}}"));
            let report = generation(Answer::Failure(failure.clone()));
            assert_eq!(statuses(&report), OTHER_REFUSAL, "{code} {message}");
            assert_eq!(report.deployment.message, failure.message, "{code} {message}");
        }
    }
}

#[test]
fn a_failure_without_a_status_tells_of_nothing_behind_the_network() {
    for code in [Code::Timeout, Code::Connection, Code::TooLarge, Code::Internal] {
        let report = generation(Answer::Failure(Failure::new(code, "x")));
        assert_eq!((statuses(&report), report.ok), ([Ok, Ok, Unknown, Unknown, Unknown], false), "{code:?}");
    }
}

#[test]
fn a_missing_prompt_is_what_a_good_endpoint_complains_about() {
    for body in [
        PROMPT,
        r#"{"error":{"code":"invalid_value","message":"'prompt' is a required property"}}"#,
        r#"{"error":{"code":null,"message":"Invalid prompt","param":null}}"#,
        r#"{"error":{"code":null,"message":"The model 'x' needs a prompt.","param":null}}"#,
        r#"{"error":{"code":"x","message":"No.","param":"prompt"}}"#,
    ] {
        let report = generation(Answer::Failure(answered(400, body)));
        assert_eq!((statuses(&report), report.ok), (ALL_WELL, true), "{body}");
    }
    let report = generation(Answer::Failure(answered(400, PROMPT)));
    for ((_, part), words) in parts(&report).into_iter().zip([
        "The service responds",
        "can read",
        "accepts the credential",
        "The deployment exists",
        "supports the routes",
    ]) {
        assert_words(part, &[words]);
    }
}

/// The beginning of an answer with success, and what it is taken for.
#[test]
fn a_web_page_is_no_answer_of_azure() {
    for (text, expected) in [
        (r#"{"data":[]}"#, Answer::Success),
        ("{", Answer::Success),
        (" \r\n\t{}", Answer::Success),
        ("", Answer::Foreign),
        (" ", Answer::Foreign),
        ("<!doctype html>", Answer::Foreign),
        ("[]", Answer::Foreign),
        ("null", Answer::Foreign),
        ("data: {}", Answer::Foreign),
    ] {
        assert_eq!(Answer::of_success(text.as_bytes()), expected, "{text}");
    }
    assert_eq!(Answer::of_success(b"\xFF\xFE{"), Answer::Foreign);
}

/// A generation without a prompt cannot succeed, and a list of models is JSON.
#[test]
fn success_where_azure_had_to_refuse_is_not_well() {
    for generation in [Answer::Success, Answer::Foreign] {
        for models in [Answer::NotAsked, Answer::Success, Answer::Unreadable] {
            let shown = format!("{generation:?} {models:?}");
            let report = Findings { generation: generation.clone(), models, ..NOTHING }.report();
            assert_eq!((statuses(&report), report.ok), (WRONG_ROUTE, false), "{shown}");
            assert_words(&report.api_version, &["not like Azure", "endpoint", "proxy"]);
        }
    }
    let report = Findings { generation: Answer::Unreadable, models: Answer::Foreign, ..NOTHING }.report();
    assert_eq!((statuses(&report), report.ok), (WRONG_ROUTE, false));
    assert_words(&report.deployment, &["unreadable", "Check the deployment name"]);
}

#[test]
fn the_generation_counts_before_all_else() {
    for file in ["401-invalid-key.json", "404-deployment-not-found.json", "500-internal.json"] {
        let failure = Answer::Failure(refusal(file));
        let expected = generation(failure.clone());
        for models in [Answer::NotAsked, Answer::Success, Answer::Unreadable, Answer::Failure(answered(403, ""))] {
            for answers in [None, Some(false), Some(true)] {
                for online in [false, true] {
                    let findings =
                        Findings { generation: failure.clone(), models: models.clone(), answers, online, ..NOTHING };
                    assert_eq!(findings.report(), expected, "{file} {models:?} {answers:?} {online}");
                }
            }
        }
    }
}

/// What the list of models was answered with, where the generation cannot be read, and how that makes the service, CORS, the
/// credential and the version.
#[test]
fn a_list_of_models_tells_what_the_generation_does_not() {
    let failure = |file| Answer::Failure(refusal(file));
    let bare = |status, body| Answer::Failure(answered(status, body));
    let table = [
        (Answer::Success, [Ok, Ok, Ok, Ok]),
        (Answer::Foreign, [Ok, Ok, Unknown, Failed]),
        (failure("400-api-version-unsupported.json"), [Ok, Ok, Ok, Failed]),
        (failure("400-foundry-schema.json"), [Ok, Ok, Ok, Unknown]),
        (failure("400-model-does-not-exist.json"), [Ok, Ok, Ok, Ok]),
        (bare(400, "<html>"), [Failed, Ok, Unknown, Unknown]),
        (failure("401-invalid-key.json"), [Ok, Ok, Failed, Unknown]),
        (failure("401-permission-denied.json"), [Ok, Ok, Failed, Unknown]),
        (failure("401-token-audience.json"), [Ok, Ok, Failed, Unknown]),
        (failure("403-key-auth-disabled.json"), [Ok, Ok, Failed, Unknown]),
        (failure("403-network.json"), [Failed, Ok, Unknown, Unknown]),
        // Not every service has a list of models.
        (failure("404-resource-not-found.json"), [Ok, Ok, Unknown, Unknown]),
        (bare(405, ""), [Ok, Ok, Unknown, Unknown]),
        (bare(415, ""), [Ok, Ok, Unknown, Unknown]),
        (failure("429-rate-limit-classic.json"), [Ok, Ok, Ok, Ok]),
        (bare(429, r#"{"error":{"code":"insufficient_quota","message":"x"}}"#), [Ok, Ok, Ok, Ok]),
        (failure("500-internal.json"), [Failed, Ok, Unknown, Unknown]),
        (failure("502-not-json.html"), [Failed, Ok, Unknown, Unknown]),
    ];
    for (models, [reachable, cors, credential, api_version]) in table {
        for (generation, missing, status, words) in [
            (Answer::Unreadable, None, Unknown, ["unreadable", "Check the deployment name"]),
            (Answer::NotAsked, Some(no_deployment()), Failed, ["No deployment is named", "Set deployment"]),
        ] {
            let shown = format!("{generation:?} {models:?}");
            let report = Findings { deployment: missing, generation, models: models.clone(), ..NOTHING }.report();
            assert_eq!(statuses(&report), [reachable, cors, credential, status, api_version], "{shown}");
            assert!(!report.ok, "{shown}");
            assert_words(&report.deployment, &words);
            if let Answer::Failure(failure) = &models {
                let apart = |(name, _): &(&str, &ProbeFinding)| *name != "deployment";
                for (name, part) in parts(&report).into_iter().filter(apart) {
                    assert_explained(name, part, failure);
                }
            }
        }
    }
}

/// Whether anything answers, whether the device is online, and what that makes of an endpoint of which nothing can be read.
#[test]
fn what_cannot_be_read_is_told_from_what_does_not_answer() {
    let withheld: &[&str] = &["origin", "CORS header", "redirect", "proxy"];
    let silent: &[&str] = &["spelling", "timeout", "certificate", "firewall", "content security policy", "connect-src"];
    let offline: &[&str] = &["offline"];
    let table = [
        (Some(true), true, [Ok, Failed], ["A server responds"].as_slice(), withheld),
        (Some(true), false, [Ok, Failed], &["A server responds"], withheld),
        (Some(false), true, [Failed, Unknown], silent, &["Not checked"]),
        (Some(false), false, [Failed, Unknown], offline, &["Not checked"]),
        (None, false, [Failed, Unknown], offline, &["Not checked"]),
        (None, true, [Unknown, Unknown], &[], &[]),
    ];
    for (answers, online, [reachable, cors], about_service, about_cors) in table {
        for (generation, missing, deployment, about_deployment) in [
            (Answer::Unreadable, None, Unknown, "Not checked"),
            (Answer::NotAsked, Some(no_deployment()), Failed, "No deployment is named"),
        ] {
            let shown = format!("{generation:?} {answers:?} {online}");
            let models = Answer::Unreadable;
            let report = Findings { deployment: missing, generation, models, answers, online, ..NOTHING }.report();
            assert_eq!(statuses(&report), [reachable, cors, Unknown, deployment, Unknown], "{shown}");
            assert!(!report.ok, "{shown}");
            assert_words(&report.deployment, &[about_deployment]);
            assert_words(&report.reachable, about_service);
            assert_words(&report.cors, about_cors);
        }
    }
}

#[test]
fn without_a_credential_nothing_else_is_judged_but_whether_anything_answers() {
    let failures = [
        Failure::new(Code::Authentication, "The credential gave no token."),
        Failure::timed_out(Service::OpenAi, TimeLimit::Credential, 5000, 0),
    ];
    for failure in failures {
        for (answers, online, reachable) in [
            (Some(true), true, Ok),
            (Some(true), false, Ok),
            (Some(false), true, Failed),
            (Some(false), false, Failed),
            (None, true, Unknown),
            (None, false, Failed),
        ] {
            let report = Findings { credential: Some(failure.clone()), answers, online, ..NOTHING }.report();
            let expected = [reachable, Unknown, Failed, Unknown, Unknown];
            assert_eq!((statuses(&report), report.ok), (expected, false), "{answers:?} {online}");
            assert_eq!(report.credential.message, failure.message);
        }
    }
}

#[test]
fn all_is_well_only_where_every_part_is() {
    let mut answers = vec![Answer::NotAsked, Answer::Success, Answer::Foreign, Answer::Unreadable];
    answers.extend(REFUSALS.iter().map(|(file, _)| Answer::Failure(refusal(file))));
    answers.push(Answer::Failure(Failure::timed_out(Service::OpenAi, TimeLimit::Answer, 1000, 0)));
    let reasons = [
        (None, None),
        (Some(Failure::new(Code::Authentication, "x")), None),
        (None, Some(no_deployment())),
        (Some(Failure::new(Code::Authentication, "x")), Some(no_deployment())),
    ];
    let mut well = 0;
    for generation in &answers {
        for models in &answers {
            for reaches in [None, Some(false), Some(true)] {
                for (credential, deployment) in &reasons {
                    let findings = Findings {
                        credential: credential.clone(),
                        deployment: deployment.clone(),
                        generation: generation.clone(),
                        models: models.clone(),
                        answers: reaches,
                        is_origin_readable: false,
                        online: true,
                        is_gateway: false,
                    };
                    let report = findings.report();
                    assert_eq!(report.ok, statuses(&report) == ALL_WELL, "{findings:?}");
                    assert!(parts(&report).iter().all(|(_, part)| !part.message.is_empty()), "{findings:?}");
                    for (reason, part) in [(credential, &report.credential), (deployment, &report.deployment)] {
                        if let Some(failure) = reason {
                            assert_eq!((part.status, &part.message), (Failed, &failure.message), "{findings:?}");
                        }
                    }
                    well += usize::from(report.ok);
                }
            }
        }
    }
    let good = REFUSALS.iter().filter(|(_, expected)| *expected == ALL_WELL).count();
    assert_eq!(well, good * answers.len() * 3);
}

#[test]
fn javascript_sees_names_in_its_own_style() {
    let report = generation(Answer::Failure(refusal("404-deployment-not-found.json")));
    let part = |status: &str, finding: &ProbeFinding| json!({"status": status, "message": finding.message});
    assert_eq!(
        serde_json::to_value(&report).unwrap(),
        json!({
            "ok": false,
            "reachable": part("ok", &report.reachable),
            "cors": part("ok", &report.cors),
            "credential": part("ok", &report.credential),
            "deployment": part("failed", &report.deployment),
            "apiVersion": part("unknown", &report.api_version),
        })
    );
    let well = generation(Answer::Failure(answered(400, PROMPT)));
    assert_eq!(serde_json::to_value(well).unwrap()["ok"], true);
}
