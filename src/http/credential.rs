//! Rules for credentials and the endpoints that may receive them.

use crate::errors::{Code, Failure};
use crate::http::endpoint::Endpoint;
use crate::http::secrets::may_hold_secret;

/// Rejects an endpoint that would send requests unencrypted. `page_origin` is the origin of the page, or `None` outside
/// a browser.
///
/// # Errors
/// Plain HTTP to another machine. The page's own origin is allowed, because the page was loaded the same way.
pub fn check_transport(endpoint: &Endpoint, page_origin: Option<&str>) -> Result<(), Failure> {
    if !endpoint.is_plain_http() || endpoint.is_loopback() || page_origin == Some(endpoint.origin()) {
        return Ok(());
    }
    Err(Failure::invalid(
        "endpoint",
        format!(
            "The endpoint {} uses plain HTTP, which would expose prompts and credentials. Use https.",
            endpoint.origin()
        ),
    ))
}

/// Rejects an API key in a web page unless the developer opts in: every visitor can read the key.
///
/// # Errors
/// An API key in a browser for a cross-origin endpoint, without the opt-in.
pub fn check_key_use(endpoint: &Endpoint, page_origin: Option<&str>, insisted: bool) -> Result<(), Failure> {
    match page_origin {
        Some(origin) if !insisted && origin != endpoint.origin() && !endpoint.is_loopback() => Err(Failure::new(
            Code::Authentication,
            "An API key in a web page can be read by everyone who opens the page. Pass a function that gets a \
             Microsoft Entra token, or use a proxy on the page's origin that adds the key. If every user provides \
             their own key, set dangerouslyAllowApiKeyInBrowser.",
        )),
        _ => Ok(()),
    }
}

/// Rejects an invalid header value. A browser would throw without naming the header.
///
/// # Errors
/// An empty value, or a character outside visible ASCII. The message does not contain the value.
pub fn check_secret(name: &str, value: &str) -> Result<(), Failure> {
    if value.is_empty() {
        return Err(Failure::new(Code::Authentication, format!("The {name} is empty.")));
    }
    if value.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Ok(());
    }
    Err(Failure::new(
        Code::Authentication,
        format!(
            "The {name} contains an invalid character, such as a space, a line break or an accented letter. Copy it \
             again, without surrounding characters."
        ),
    ))
}

/// Rejects a header for which a browser would throw.
///
/// # Errors
/// A name that is not a [token](https://www.rfc-editor.org/rfc/rfc9110#section-5.6.2), or a value with a control
/// character or a character outside Latin-1.
pub fn check_header(name: &str, value: &str) -> Result<(), Failure> {
    let invalid = |what| {
        // The name may be a misplaced key or token.
        let name = if may_hold_secret(name) { String::new() } else { format!(" \"{name}\"") };
        Failure::invalid("extraHeaders", format!("The header{name} has a {what} that HTTP does not allow."))
    };
    if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)) {
        return Err(invalid("name"));
    }
    if value.chars().any(|character| character.is_control() || character > '\u{FF}') {
        return Err(invalid("value"));
    }
    Ok(())
}
