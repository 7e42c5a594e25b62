//! Rules about credentials and where they may go.

use crate::errors::{Code, Failure};
use crate::http::endpoint::Endpoint;
use crate::http::secrets::may_hold_secret;

/// Refuses an endpoint on which what is sent could be read by others. `page_origin`: where the page comes from, `None`
/// outside of a browser.
///
/// # Errors
/// Plain HTTP to another machine than this one. The page's own origin is taken, since the page came the same way.
pub fn check_transport(endpoint: &Endpoint, page_origin: Option<&str>) -> Result<(), Failure> {
    if !endpoint.is_plain_http() || endpoint.is_loopback() || page_origin == Some(endpoint.origin()) {
        return Ok(());
    }
    Err(Failure::invalid(
        "endpoint",
        format!(
            "The endpoint {} is plain http, over which prompts and credentials could be read. Use https.",
            endpoint.origin()
        ),
    ))
}

/// Refuses an API key in a web page unless the page's author insists: whoever opens the page can take it.
///
/// # Errors
/// A key, in a browser, for a foreign endpoint, not insisted on.
pub fn check_key_use(endpoint: &Endpoint, page_origin: Option<&str>, insisted: bool) -> Result<(), Failure> {
    match page_origin {
        Some(origin) if !insisted && origin != endpoint.origin() && !endpoint.is_loopback() => Err(Failure::new(
            Code::Authentication,
            "An API key in a web page can be taken by everyone who opens the page, so it is refused. Pass a function that \
             gets a Microsoft Entra token, or put a proxy that adds the key on the page's origin. If every user of the page \
             brings a key of their own, set dangerouslyAllowApiKeyInBrowser.",
        )),
        _ => Ok(()),
    }
}

/// Refuses what cannot be the value of a header: a browser would throw, without a word on which header it was.
///
/// # Errors
/// Empty, or a character outside of visible ASCII. The value is not repeated in the message.
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
            "The {name} holds a character that no {name} has, such as a blank, a line break or a letter with an accent. \
             Copy it again, without what stands around it."
        ),
    ))
}

/// Refuses a header that a browser would throw on.
///
/// # Errors
/// A name that is no [token](https://www.rfc-editor.org/rfc/rfc9110#section-5.6.2), or a value with a control character or
/// one beyond Latin-1.
pub fn check_header(name: &str, value: &str) -> Result<(), Failure> {
    let invalid = |what| {
        // A key or a token in the wrong place.
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
