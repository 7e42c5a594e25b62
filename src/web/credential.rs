//! Credentials in the forms that a page has them.

use js_sys::{Array, Function, Object, Promise, Reflect};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::AbortSignal;

use super::convert::Options;
use super::failure::Thrown;
use crate::protocol::credential::check_secret;
use crate::protocol::error::{Code, Failure};

/// How requests are signed.
pub enum Credential {
    /// Not at all: a proxy does it.
    None,
    /// With an API key.
    Key(String),
    /// With what a function returns.
    TokenFunction(Function),
    /// With what `getToken` of an object returns, such as those of `@azure/identity`.
    TokenSource {
        /// The object.
        object: JsValue,
        /// Its method.
        get_token: Function,
    },
}

impl Credential {
    /// Tells the forms apart by what they have.
    pub fn read(value: &JsValue) -> Result<Self, Failure> {
        if value.is_null() {
            return Ok(Self::None);
        }
        if let Some(function) = value.dyn_ref::<Function>() {
            return Ok(Self::TokenFunction(function.clone()));
        }
        if value.is_object() {
            let members = Options(value);
            // What is of the wrong type may be a secret in the wrong place, and is not repeated.
            if let Ok(Some(get_token)) = members.function("getToken") {
                return Ok(Self::TokenSource { object: value.clone(), get_token });
            }
            if let Ok(Some(key)) = members.text("key") {
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

    /// The header that signs a request: its name and value.
    pub async fn header(&self, scopes: &Array, signal: &AbortSignal) -> Result<Option<(&'static str, String)>, Thrown> {
        let token = match self {
            Self::None => return Ok(None),
            Self::Key(key) => return Ok(Some(("api-key", key.clone()))),
            Self::TokenFunction(function) => settle(function.call0(&JsValue::UNDEFINED)).await?,
            Self::TokenSource { object, get_token } => {
                let options = Object::new();
                let _ = Reflect::set(&options, &JsValue::from_str("abortSignal"), signal);
                settle(get_token.call2(object, scopes, &options)).await?
            }
        };
        let token = token.as_string().or_else(|| Options(&token).text("token").ok()?).unwrap_or_default();
        let token = token.trim();
        check_secret("access token", token)?;
        Ok(Some(("authorization", format!("Bearer {token}"))))
    }
}

/// What the page's code returned, once it is there.
async fn settle(returned: Result<JsValue, JsValue>) -> Result<JsValue, Thrown> {
    let settled = match returned {
        Ok(value) => JsFuture::from(Promise::resolve(&value)).await,
        Err(thrown) => Err(thrown),
    };
    settled.map_err(|cause| {
        Thrown::new(
            Code::Authentication,
            "The credential did not give a token; the cause of this error says why. The user may have to sign in again.",
            cause,
        )
    })
}
