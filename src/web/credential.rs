//! Credentials in the forms that a page has them.

use std::cell::RefCell;

use js_sys::{Array, Date, Function};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

use super::convert::Options;
use super::failure::Thrown;
use super::platform::{Attempt, Platform, SharedQuestion};
use crate::protocol::credential::check_secret;
use crate::protocol::error::{Code, Failure};
use crate::protocol::token::Token;

/// How requests are signed.
pub enum Credential {
    /// Not at all: a proxy does it.
    None,
    /// With an API key.
    Key(String),
    /// With a token that the page's code gets.
    Tokens(Tokens),
}

/// Where tokens come from, and the last one.
pub struct Tokens {
    question: SharedQuestion,
    kept: RefCell<Option<Token>>,
    /// The last one that the service did not take; empty where it took all.
    refused: RefCell<String>,
}

/// What signs a request.
pub struct Authorization {
    pub header: &'static str,
    pub value: String,
    /// What must be repeated nowhere.
    pub secret: String,
}

impl Credential {
    /// Tells the forms apart by what they have.
    pub fn read(value: &JsValue, scopes: &Array, platform: &Platform) -> Result<Self, Failure> {
        let tokens = |get_token: &Function, scopes| {
            let question = platform.share(get_token, value, scopes);
            Self::Tokens(Tokens { question, kept: RefCell::new(None), refused: RefCell::new(String::new()) })
        };
        if value.is_null() {
            return Ok(Self::None);
        }
        if let Some(function) = value.dyn_ref::<Function>() {
            return Ok(tokens(function, None));
        }
        if value.is_object() {
            let members = Options::new(value);
            // What is of the wrong type may be a secret in the wrong place, and is not repeated.
            if let Some(get_token) = members.function("getToken") {
                return Ok(tokens(&get_token, Some(scopes)));
            }
            if let Some(key) = members.text("key") {
                let key = key.trim();
                check_secret("API key", key)?;
                return Ok(Self::Key(key.into()));
            }
        }
        Err(Failure::new(
            Code::Authentication,
            "credential must be a TokenCredential, a function that returns a token, { key: … }, or null where a proxy signs \
             the requests.",
        ))
    }

    /// What signs the next request. `refused`: a token that the service did not take, and that is thus of no use.
    pub async fn authorize(&self, attempt: &Attempt, refused: Option<&str>) -> Result<Option<Authorization>, Thrown> {
        match self {
            Self::None => Ok(None),
            Self::Key(key) => Ok(Some(Authorization { header: "api-key", value: key.clone(), secret: key.clone() })),
            Self::Tokens(tokens) => {
                let secret = tokens.get(attempt, refused).await?;
                Ok(Some(Authorization { header: "authorization", value: format!("Bearer {secret}"), secret }))
            }
        }
    }

    /// The service did not take this token: nobody is given it again out of what is kept. Whether another one may be had.
    pub fn refuse(&self, token: &str) -> bool {
        let Self::Tokens(tokens) = self else { return false };
        tokens.refused.replace(token.into());
        tokens.kept.borrow_mut().take_if(|kept| kept.value() == token);
        true
    }
}

impl Tokens {
    async fn get(&self, attempt: &Attempt, refused: Option<&str>) -> Result<String, Thrown> {
        let kept = self.kept.borrow().clone();
        if let Some(token) = kept.as_ref().filter(|token| token.is_fresh(milliseconds_now())) {
            return Ok(token.value().into());
        }
        let answer = JsFuture::from(self.question.ask(&attempt.signal(), refused.is_some())).await;
        let token = match answer {
            Ok(answer) => read(&answer).map_err(Thrown::from),
            Err(cause) => Err(match attempt.over(0) {
                Some(failure) => return Err(Thrown { failure, cause: Some(cause) }),
                None => Thrown::new(
                    Code::Authentication,
                    "The credential did not give a token. The user may have to sign in again; the cause of this error says more.",
                    cause,
                ),
            }),
        };
        match (token, kept) {
            (Ok(token), _) => {
                let value = token.value().to_owned();
                if *self.refused.borrow() != value {
                    self.kept.replace(Some(token));
                }
                Ok(value)
            }
            // It was only to be replaced in time.
            (Err(_), Some(token)) if token.is_alive(milliseconds_now()) && *self.refused.borrow() != token.value() => {
                Ok(token.value().into())
            }
            (Err(thrown), _) => Err(thrown),
        }
    }
}

/// Reads what the page's code gave: a text, an `AccessToken` of the Azure SDK, or an `AuthenticationResult` of MSAL.
fn read(answer: &JsValue) -> Result<Token, Failure> {
    let members = Options::new(answer);
    // A number, or a date of whatever realm. By what can be caught: conversions that the page's values make may throw.
    let moment = |name| {
        let value = members.value(name)?;
        let date = || Options::new(&value).function("getTime")?.call0(&value).ok()?.as_f64();
        value.as_f64().or_else(date).filter(|end| end.is_finite()).map(|end| end as u64)
    };
    let value = answer
        .as_string()
        .or_else(|| members.text("token"))
        .or_else(|| members.text("accessToken"))
        .unwrap_or_default();
    let expires_at = moment("expiresOnTimestamp").or_else(|| moment("expiresOn"));
    Token::new(&value, expires_at, moment("refreshAfterTimestamp"), milliseconds_now())
}

/// Since 1970.
fn milliseconds_now() -> u64 {
    Date::now() as u64
}
