//! The forms of a credential.

use js_sys::{Array, Date, Function};
use wasm_bindgen::prelude::*;

use super::client::{Platform, SingleFlight};
use super::convert::Options;
use crate::errors::{Code, Failure};
use crate::http::credential::check_secret;
use crate::http::message::Authorization;
use crate::http::token::Token;

/// How requests are signed.
pub enum Credential {
    /// Not at all: a proxy does it.
    None,
    /// With an API key.
    Key(String),
    /// With a token from the page's code.
    Tokens(SingleFlight),
}

impl Credential {
    /// Tells the forms apart by their members.
    pub fn read(value: &JsValue, scopes: &Array, platform: &Platform) -> Result<Self, Failure> {
        if value.is_null() {
            return Ok(Self::None);
        }
        if let Some(function) = value.dyn_ref::<Function>() {
            return Ok(Self::Tokens(platform.share(function, value, None)));
        }
        if value.is_object() {
            let members = Options::new(value);
            // A member of the wrong type may be a secret in the wrong place, and is not repeated.
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
            "credential must be a TokenCredential, a function that returns a token, { key: … }, or null where a proxy signs \
             the requests.",
        ))
    }
}

/// The authorization with an API key.
pub fn of_key(key: &str) -> Authorization {
    Authorization { header: "api-key", value: key.into(), secret: key.into(), can_refresh: false }
}

/// The authorization with a token.
pub fn of_token(token: &str) -> Authorization {
    Authorization { header: "authorization", value: format!("Bearer {token}"), secret: token.into(), can_refresh: true }
}

/// Reads what the page's code has returned: a string, an `AccessToken` of the Azure SDK, or an `AuthenticationResult` of MSAL.
///
/// # Errors
/// It is not a valid token.
pub fn read_token(answer: &JsValue) -> Result<Token, Failure> {
    let members = Options::new(answer);
    // A number, or a Date of whatever realm. Conversions that the page's values make may throw.
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

/// The failure of a credential that has thrown.
pub fn failed(cause: &JsValue) -> Failure {
    let message =
        "The credential did not give a token. The user may have to sign in again; the cause of this error says more.";
    Failure::new(Code::Authentication, message)
        .with(|details| details.service_message = Options::new(cause).text("message"))
}

/// Since 1970.
pub fn milliseconds_now() -> u64 {
    Date::now() as u64
}
