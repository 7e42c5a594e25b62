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
    ["retry after", "try again in"].iter().find_map(|phrase| {
        let (_, rest) = message.split_once(phrase)?;
        let rest = rest.trim_start();
        let number = rest.find(|character: char| !character.is_ascii_digit() && character != '.').unwrap_or(rest.len());
        let (number, rest) = rest.split_at(number);
        let unit = rest.trim_start();
        let unit =
            unit.find(|character: char| !character.is_ascii_alphabetic()).map_or(unit, |end| unit.split_at(end).0);
        let scale = match unit {
            "ms" | "millisecond" | "milliseconds" => 1,
            "s" | "sec" | "second" | "seconds" => 1000,
            "m" | "min" | "minute" | "minutes" => 60_000,
            _ => return None,
        };
        milliseconds(number.trim_end_matches('.'), scale)
    })
}

/// A decimal number of units of `scale` milliseconds, rounded up. Without floating point, which would be most of the code.
fn milliseconds(number: &str, scale: u32) -> Option<u32> {
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let thousandths = match fraction.get(..3).unwrap_or(fraction) {
        "" => 0,
        digits => digits.parse::<u32>().ok()? * 10_u32.pow(3_u32.saturating_sub(u32::try_from(digits.len()).ok()?)),
    };
    let whole = whole.parse::<u32>().ok()?.checked_mul(scale)?;
    whole.checked_add(thousandths.checked_mul(scale)?.div_ceil(1000))
}
