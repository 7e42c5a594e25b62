//! Asks the questions of `protocol::probe`.

use gloo_net::http::Method;
use js_sys::Reflect;
use wasm_bindgen::prelude::*;
use web_sys::{AbortSignal, RequestMode};

use super::body::Body;
use super::call::{MAX_ERROR_BYTES, failure_of, request_headers};
use super::convert;
use super::failure::Thrown;
use super::fetch::{self, Outgoing};
use super::platform::Attempt;
use super::settings::Settings;
use crate::protocol::endpoint::Operation;
use crate::protocol::error::{Code, TimeLimit};
use crate::protocol::probe::{Answer, Findings};
use crate::protocol::request::{deployment, without_prompt};

/// Finds out what can be found out, and gives the report as a record.
pub async fn probe(settings: &Settings, signal: &AbortSignal) -> Result<JsValue, Thrown> {
    let mut findings = Findings {
        credential: None,
        generation: Answer::NotAsked,
        models: Answer::NotAsked,
        answers: None,
        online: is_online(),
    };
    let attempt = Attempt::new(&settings.platform, signal);
    attempt.begin(TimeLimit::Credential, settings.timeouts.answer);
    let authorization = settings.credential.authorize(&attempt, None).await;
    drop(attempt);
    match authorization {
        Err(thrown) if thrown.failure.code == Code::Cancelled => return Err(thrown),
        Err(thrown) => findings.credential = Some(thrown.failure),
        Ok(authorization) => {
            let ask = async |url: String, body: Option<String>| {
                let outgoing = Outgoing {
                    method: if body.is_some() { Method::POST } else { Method::GET },
                    url: &url,
                    headers: &request_headers(settings, authorization.as_ref(), body.is_some()),
                    body: body.map(JsValue::from),
                    mode: RequestMode::Cors,
                };
                let mut answer = ask(settings, signal, outgoing).await?;
                if let (Answer::Failure(failure), Some(authorization)) = (&mut answer, &authorization) {
                    failure.redact(&authorization.secret);
                }
                Ok::<_, Thrown>(answer)
            };
            let endpoint = &settings.endpoint;
            if let Ok(name) = deployment(endpoint, [settings.deployment.as_deref(), None]) {
                let url = endpoint.url(Operation::Generations, name, &settings.extra_query);
                findings.generation = ask(url, Some(without_prompt(endpoint, name))).await?;
            }
            if matches!(findings.generation, Answer::NotAsked | Answer::Unreadable) {
                findings.models = ask(endpoint.models_url(&settings.extra_query), None).await?;
            }
        }
    }
    let is_known = |answer: &Answer| matches!(answer, Answer::Success | Answer::Failure(_));
    if !is_known(&findings.generation) && !is_known(&findings.models) {
        // Without the credential: whatever is there is not to be trusted with it.
        let outgoing = Outgoing {
            method: Method::GET,
            url: settings.endpoint.origin(),
            headers: &[],
            body: None,
            mode: RequestMode::NoCors,
        };
        findings.answers = Some(ask(settings, signal, outgoing).await? != Answer::Unreadable);
    }
    Ok(convert::to_js(&findings.report()))
}

async fn ask(settings: &Settings, signal: &AbortSignal, outgoing: Outgoing<'_>) -> Result<Answer, Thrown> {
    let attempt = Attempt::new(&settings.platform, signal);
    attempt.begin(TimeLimit::Answer, settings.timeouts.answer);
    let opaque = outgoing.mode == RequestMode::NoCors;
    let response = match fetch::send(outgoing, settings.fetch.as_ref(), &attempt).await {
        Ok(response) => response,
        Err(thrown) if thrown.failure.code == Code::Connection => return Ok(Answer::Unreadable),
        Err(thrown) if thrown.failure.code == Code::Timeout => return Ok(Answer::Failure(thrown.failure)),
        Err(thrown) => return Err(thrown),
    };
    if opaque || response.ok() {
        return Ok(Answer::Success);
    }
    attempt.begin(TimeLimit::Idle, settings.timeouts.idle);
    let text = Body::new(&response, &attempt, &settings.platform)?.read_all(MAX_ERROR_BYTES).await.unwrap_or_default();
    Ok(Answer::Failure(failure_of(&response, &text)))
}

/// What the device says; a worker or server without the question counts as online.
fn is_online() -> bool {
    let navigator = Reflect::get(&js_sys::global(), &JsValue::from_str("navigator")).unwrap_or_default();
    Reflect::get(&navigator, &JsValue::from_str("onLine")).ok().and_then(|online| online.as_bool()).unwrap_or(true)
}
