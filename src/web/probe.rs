//! Asks the questions of `protocol::probe`.

use gloo_net::http::Method;
use js_sys::Reflect;
use wasm_bindgen::prelude::*;
use web_sys::{AbortSignal, RequestMode};

use super::body::Body;
use super::call::{MAX_ERROR_BYTES, failure_of, request_headers};
use super::convert;
use super::credential::Authorization;
use super::failure::Thrown;
use super::fetch::{self, Outgoing};
use super::platform::Attempt;
use super::settings::Settings;
use crate::protocol::endpoint::Operation;
use crate::protocol::error::{Code, TimeLimit};
use crate::protocol::probe::{Answer, Findings};
use crate::protocol::request::{deployment, without_prompt};
use crate::protocol::secrets::Secrets;

/// How long a question waits for its answer at most, in milliseconds: nothing is made, so nothing takes long.
const ANSWER_MS: u32 = 30_000;

/// Finds out what can be found out, and gives the report as a record.
pub async fn probe(settings: &Settings, signal: &AbortSignal) -> Result<JsValue, Thrown> {
    let mut findings = Findings {
        credential: None,
        deployment: None,
        generation: Answer::NotAsked,
        models: Answer::NotAsked,
        answers: None,
        online: is_online(),
    };
    let mut refused: Option<String> = None;
    let mut secrets = settings.secrets();
    loop {
        let authorization = match authorize(settings, signal, refused.as_deref()).await {
            Err(thrown) if thrown.failure.code == Code::Cancelled => return Err(thrown),
            Err(thrown) => {
                let mut failure = thrown.with_reason();
                // It may name the token that was refused.
                failure.redact(&secrets);
                findings.credential = Some(failure);
                break;
            }
            Ok(authorization) => authorization,
        };
        let secret = authorization.as_ref().map(|authorization| authorization.secret.clone());
        if secret.is_some() && secret == refused {
            break;
        }
        if let Some(secret) = &secret {
            secrets.add(secret);
        }
        let unauthorized = ask_signed(settings, signal, authorization.as_ref(), &secrets, &mut findings).await?;
        match secret.filter(|secret| unauthorized && settings.credential.refuse(secret)) {
            // As a call does.
            Some(secret) if refused.is_none() => refused = Some(secret),
            _ => break,
        }
    }
    if !findings.generation.is_readable() && !findings.models.is_readable() {
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

async fn authorize(
    settings: &Settings,
    signal: &AbortSignal,
    refused: Option<&str>,
) -> Result<Option<Authorization>, Thrown> {
    let attempt = Attempt::new(&settings.platform, signal);
    attempt.begin(TimeLimit::Credential, settings.timeouts.answer);
    settings.credential.authorize(&attempt, refused).await
}

/// Asks what needs the credential. Whether that was refused.
async fn ask_signed(
    settings: &Settings,
    signal: &AbortSignal,
    authorization: Option<&Authorization>,
    secrets: &Secrets,
    findings: &mut Findings,
) -> Result<bool, Thrown> {
    let ask = async |url: String, body: Option<String>| {
        let outgoing = Outgoing {
            method: if body.is_some() { Method::POST } else { Method::GET },
            url: &url,
            headers: &request_headers(settings, authorization, body.is_some()),
            body: body.map(JsValue::from),
            mode: RequestMode::Cors,
        };
        let mut answer = ask(settings, signal, outgoing).await?;
        if let Answer::Failure(failure) = &mut answer {
            failure.redact(secrets);
        }
        Ok::<_, Thrown>(answer)
    };
    let endpoint = &settings.endpoint;
    match deployment(endpoint, [settings.deployment.as_deref(), None]) {
        Ok(name) => {
            let url = endpoint.url(Operation::Generations, name, &settings.extra_query);
            findings.generation = ask(url, Some(without_prompt(endpoint, name))).await?;
        }
        Err(failure) => findings.deployment = Some(failure),
    }
    if matches!(findings.generation, Answer::NotAsked | Answer::Unreadable) {
        findings.models = ask(endpoint.models_url(&settings.extra_query), None).await?;
    }
    let is_unauthorized =
        |answer: &Answer| matches!(answer, Answer::Failure(failure) if failure.code == Code::Authentication);
    Ok(is_unauthorized(&findings.generation) || is_unauthorized(&findings.models))
}

async fn ask(settings: &Settings, signal: &AbortSignal, outgoing: Outgoing<'_>) -> Result<Answer, Thrown> {
    let attempt = Attempt::new(&settings.platform, signal);
    let limit = match settings.timeouts.answer {
        0 => ANSWER_MS,
        limit => limit.min(ANSWER_MS),
    };
    attempt.begin(TimeLimit::Answer, limit);
    let opaque = outgoing.mode == RequestMode::NoCors;
    let response = match fetch::send(outgoing, settings.fetch.as_ref(), &attempt, || {}).await {
        Ok(response) => response,
        Err(thrown) if matches!(thrown.failure.code, Code::Connection | Code::Timeout) => {
            return Ok(Answer::Unreadable);
        }
        Err(thrown) => return Err(thrown),
    };
    if opaque {
        return Ok(Answer::Success);
    }
    attempt.begin(TimeLimit::Idle, settings.timeouts.idle);
    let text = Body::new(&response, &attempt, &settings.platform)?.read_all(MAX_ERROR_BYTES).await;
    Ok(if response.ok() { Answer::of_success(&text) } else { Answer::Failure(failure_of(&response, &text)) })
}

/// What the device says; a worker or server without the question counts as online.
fn is_online() -> bool {
    let navigator = Reflect::get(&js_sys::global(), &JsValue::from_str("navigator")).unwrap_or_default();
    Reflect::get(&navigator, &JsValue::from_str("onLine")).ok().and_then(|online| online.as_bool()).unwrap_or(true)
}
