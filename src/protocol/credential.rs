//! Rules about credentials and where they may go.

use super::endpoint::{Endpoint, encode};
use super::error::{Code, Failure};

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
        Failure::invalid("extraHeaders", format!("The header \"{name}\" has a {what} that HTTP does not allow."))
    };
    if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)) {
        return Err(invalid("name"));
    }
    if value.chars().any(|character| character.is_control() || character > '\u{FF}') {
        return Err(invalid("value"));
    }
    Ok(())
}

/// By these words in its name, a header or query parameter of the page's own is known to hold a secret.
const SECRET_NAMES: [&str; 12] =
    ["key", "auth", "token", "secret", "cookie", "code", "sig", "pass", "pwd", "jwt", "session", "credential"];

/// What is not to be repeated of a header or query parameter of the page's own: if its name says that it holds a secret, its
/// value, as it stands in a URL too, and what a service may repeat without the rest: what stands behind a scheme such as `Bearer`, the
/// values of cookies.
pub fn secrets(name: &str, value: &str) -> impl Iterator<Item = String> {
    let name = name.to_ascii_lowercase();
    let is_secret = SECRET_NAMES.iter().any(|word| name.contains(word));
    let parts = value.split([' ', ';', ',', '=', '"']).filter(|part| !part.is_empty());
    let forms = [value.to_owned(), encode(value)].into_iter().chain(parts.map(str::to_owned));
    forms.filter(move |_| is_secret)
}
