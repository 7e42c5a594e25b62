//! Whether a failed request may be repeated, and when.
//!
//! An image costs, and Azure's operations that make one are not idempotent: a second request is a second bill. So only what
//! cannot have made an image is repeated, unless the caller says that it may.

use crate::errors::billing::Effect;
use crate::errors::{Billed, Code, Failure};

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

/// Numbers with units, such as «90 s» or «1m30s», at the beginning of a text.
fn leading_wait(text: &str) -> Option<u32> {
    let mut text = text.trim_start();
    let mut total: Option<u32> = None;
    while let Some((wait, rest)) = leading_part(text) {
        total = Some(total.unwrap_or_default().saturating_add(wait));
        text = rest.trim_start();
    }
    total
}

/// A number with a unit, and what follows it.
fn leading_part(text: &str) -> Option<(u32, &str)> {
    let is_in_number = |character: char| character.is_ascii_digit() || character == '.';
    let (number, rest) = text.split_at(text.find(|character| !is_in_number(character))?);
    let rest = rest.trim_start();
    let (unit, rest) =
        rest.split_at(rest.find(|character: char| !character.is_ascii_alphabetic()).unwrap_or(rest.len()));
    let scale = match unit {
        "ms" | "millisecond" | "milliseconds" => 1,
        "s" | "sec" | "second" | "seconds" => 1000,
        "m" | "min" | "minute" | "minutes" => 60_000,
        "h" | "hr" | "hour" | "hours" => 3_600_000,
        "d" | "day" | "days" => 86_400_000,
        _ => return None,
    };
    Some((milliseconds(number, scale)?, rest))
}

/// A decimal number of units of `scale` milliseconds, rounded up; as much as fits, where it is too large. Without floating
/// point, which would be most of the code.
fn milliseconds(number: &str, scale: u64) -> Option<u32> {
    let (whole, fraction) = number.split_once('.').unwrap_or((number, "0"));
    let is_number = |digits: &str| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    if !is_number(whole) || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let millionths: u64 = format!("{fraction:0<6.6}").parse().ok()?;
    // Digits that are no number of 64 bits are too many.
    let whole = whole.parse::<u64>().unwrap_or(u64::MAX).saturating_mul(scale);
    let wait = whole.saturating_add(millionths.saturating_mul(scale).div_ceil(1_000_000));
    Some(u32::try_from(wait).unwrap_or(u32::MAX))
}

/// What the caller allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RetryPolicy {
    /// How often a request is repeated at most.
    pub max_retries: u32,
    /// The first wait where the service names none, in milliseconds; each further one is twice as long.
    pub retry_delay_ms: u32,
    /// The longest wait, in milliseconds. A service that asks for more is not waited for.
    pub max_retry_delay_ms: u32,
    /// Repeats what may have made an image too, and may thus be billed twice.
    pub retry_unknown_outcome: bool,
}

impl Default for RetryPolicy {
    /// 3 retries, from 1 second on, never more than 2 minutes; nothing that may have made an image.
    fn default() -> Self {
        Self { max_retries: 3, retry_delay_ms: 1000, max_retry_delay_ms: 120_000, retry_unknown_outcome: false }
    }
}

impl RetryPolicy {
    /// How long to wait before the request is repeated, in milliseconds; `None`: it is not. `retries`: how often it was already.
    /// `chance`: any number, so that clients that failed together do not come back together.
    #[must_use]
    pub fn wait(&self, failure: &Failure, effect: Effect, retries: u32, chance: u32) -> Option<u32> {
        if retries >= self.max_retries || !self.allows(failure, effect) {
            return None;
        }
        match failure.retry_after_in_ms {
            // Never earlier than asked, and up to a tenth of a second later.
            Some(asked) if asked > 0 => {
                (asked <= self.max_retry_delay_ms).then(|| asked.saturating_add(share(100, chance)))
            }
            _ => {
                let doubled = self.retry_delay_ms.saturating_mul(2u32.saturating_pow(retries));
                let longest = doubled.min(self.max_retry_delay_ms);
                Some(longest / 2 + share(longest - longest / 2, chance))
            }
        }
    }

    /// Adds to a failure that is given up what was done about it, and what was not.
    pub fn explain(&self, failure: &mut Failure, effect: Effect, retries: u32) {
        if retries > 0 {
            failure.message.push_str(&format!(" It was tried {} times.", u64::from(retries) + 1));
        }
        let is_long = failure.retry_after_in_ms.is_some_and(|asked| asked > self.max_retry_delay_ms);
        // What is followed is asked for as often as it takes.
        let is_used_up = effect != Effect::Follow && retries >= self.max_retries;
        if is_long && !is_used_up && self.allows(failure, effect) {
            failure.message.push_str(
                " It was not tried again by itself, since that wait is longer than retryOptions.maxRetryDelayInMs allows.",
            );
        }
    }

    fn allows(&self, failure: &Failure, effect: Effect) -> bool {
        if !failure.retryable {
            return false;
        }
        match (effect, failure.code) {
            (Effect::Read | Effect::Follow, _) => true,
            (_, Code::RateLimit) if failure.billed == Billed::No => true,
            (Effect::Manage, _) if failure.status == Some(409) => true,
            _ => failure.billed == Billed::Unknown && self.retry_unknown_outcome,
        }
    }
}

/// Between 0 and `most`, as `chance` is between 0 and the largest number.
fn share(most: u32, chance: u32) -> u32 {
    let share = u64::from(most) * u64::from(chance) / u64::from(u32::MAX);
    u32::try_from(share).unwrap_or(most)
}
