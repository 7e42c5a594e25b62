//! Credential types.

use js_sys::{Array, Date, Function};
use wasm_bindgen::prelude::*;

use super::convert::Options;
use super::facade::{Platform, SingleFlight};
use crate::errors::{Code, Failure};
use crate::http::credential::check_secret;
use crate::http::message::Authorization;
use crate::http::token::Token;

/// Credential for signing requests.
pub enum Credential {
    /// No credential: a proxy signs the requests.
    None,
    /// An API key.
    Key(String),
    /// A token provider of the page.
    Tokens(SingleFlight),
}

impl Credential {
    /// Detects the credential type by its properties.
    pub fn read(value: &JsValue, scopes: &Array, platform: &Platform) -> Result<Self, Failure> {
        if value.is_null() {
            return Ok(Self::None);
        }
        if let Some(function) = value.dyn_ref::<Function>() {
            return Ok(Self::Tokens(platform.share(function, value, None)));
        }
        if value.is_object() {
            let members = Options::new(value);
            // A property of the wrong type may contain a secret, so the message does not quote it.
            if let Some(get_token) = members.function("getToken") {
                return Ok(Self::Tokens(platform.share(&get_token, value, Some(scopes))));
            }
            if let Some(key) = members.text("key") {
                let key = key.trim();
                check_secret("API key", key)?;
                return Ok(Self::Key(key.into()));
            }
        }
        Err(Failure::new(
            Code::Authentication,
            "credential must be a TokenCredential, a function that returns a token, { key: … }, or null if a proxy \
             signs the requests.",
        ))
    }
}

/// Returns the authorization for an API key.
pub fn of_key(key: &str) -> Authorization {
    Authorization { header: "api-key", value: key.into(), secret: key.into(), can_refresh: false }
}

/// Returns the authorization for a token.
pub fn of_token(token: &str) -> Authorization {
    Authorization { header: "authorization", value: format!("Bearer {token}"), secret: token.into(), can_refresh: true }
}

/// Reads the result of a token provider: a string, an `AccessToken` of the Azure SDK, or an `AuthenticationResult` of
/// MSAL.
///
/// # Errors
/// The result contains no valid token.
pub fn read_token(answer: &JsValue) -> Result<Token, Failure> {
    let members = Options::new(answer);
    // A number, or a Date of any realm. Custom conversions may throw.
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

/// Creates the error of a credential that threw.
pub fn failed(cause: &JsValue) -> Failure {
    let message =
        "The credential did not return a token. The user may have to sign in again. See the cause of this error.";
    Failure::new(Code::Authentication, message)
        .with(|details| details.service_message = Options::new(cause).text("message"))
}

/// Returns the current time, in milliseconds since 1970.
pub fn milliseconds_now() -> u64 {
    Date::now() as u64
}
