//! How long the service asks to wait.

/// The headers of an answer that speak of waiting. A browser hides them unless the service exposes them, which Azure
/// does not; a proxy of the page's own origin may.
#[derive(Debug, Clone, Copy, Default)]
pub struct Headers<'a> {
    /// `retry-after-ms`: milliseconds.
    pub retry_after_ms: Option<&'a str>,
    /// `retry-after`: seconds. (Its other form, a date, needs a clock and has not been seen on Azure.)
    pub retry_after: Option<&'a str>,
}

/// The wait in milliseconds, from the headers or else from the text of the message, such as «Please retry after 18
/// seconds.» or «Please try again in 20ms.».
#[must_use]
pub fn after(headers: Headers<'_>, message: &str) -> Option<u32> {
    headers
        .retry_after_ms
        .and_then(|value| milliseconds(value.trim(), 1))
        .or_else(|| headers.retry_after.and_then(|value| milliseconds(value.trim(), 1000)))
        .or_else(|| in_text(message))
}

fn in_text(message: &str) -> Option<u32> {
    let message = message.to_ascii_lowercase();
    ["retry after", "try again in"].iter().find_map(|phrase| message.split(phrase).skip(1).find_map(leading_wait))
}

/// A number with a unit, at the beginning of a text.
fn leading_wait(text: &str) -> Option<u32> {
    let text = text.trim_start();
    let is_in_number = |character: char| character.is_ascii_digit() || character == '.';
    let (number, rest) = text.split_at(text.find(|character| !is_in_number(character))?);
    let rest = rest.trim_start();
    let unit = rest.find(|character: char| !character.is_ascii_alphabetic()).map_or(rest, |end| rest.split_at(end).0);
    let scale = match unit {
        "ms" | "millisecond" | "milliseconds" => 1,
        "s" | "sec" | "second" | "seconds" => 1000,
        "m" | "min" | "minute" | "minutes" => 60_000,
        _ => return None,
    };
    milliseconds(number, scale)
}

/// A decimal number of units of `scale` milliseconds, rounded up. Without floating point, which would be most of the code.
fn milliseconds(number: &str, scale: u64) -> Option<u32> {
    if number.starts_with('+') {
        return None;
    }
    let (whole, fraction) = number.split_once('.').unwrap_or((number, "0"));
    if !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let millionths: u64 = format!("{fraction:0<6.6}").parse().ok()?;
    let whole = whole.parse::<u64>().ok()?.checked_mul(scale)?;
    u32::try_from(whole.checked_add(millionths.checked_mul(scale)?.div_ceil(1_000_000))?).ok()
}
