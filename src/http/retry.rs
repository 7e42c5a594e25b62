//! Retry policy for failed requests.
//!
//! Images are billed, and Azure's image operations are not idempotent: a second request is billed again. Therefore only
//! requests that cannot have generated an image are retried, unless the caller opts in.

use crate::decimal::scaled;
use crate::errors::billing::Effect;
use crate::errors::{Billed, Code, Failure};

/// Response headers with a retry delay. A browser hides them unless the service exposes them. Azure does not expose
/// them, but a same-origin proxy may.
#[derive(Debug, Clone, Copy, Default)]
pub struct Headers<'a> {
    /// `retry-after-ms`, in milliseconds.
    pub retry_after_ms: Option<&'a str>,
    /// `retry-after`, in seconds. The date format requires a clock and has not been observed on Azure, so it is not
    /// supported.
    pub retry_after: Option<&'a str>,
}

/// Returns the delay in milliseconds, from the headers or else from the message, such as "Please retry after 18
/// seconds." or "Please try again in 20ms.".
#[must_use]
pub fn after(headers: Headers<'_>, message: &str) -> Option<u32> {
    headers
        .retry_after_ms
        .and_then(|value| scaled(value.trim(), 1))
        .or_else(|| headers.retry_after.and_then(|value| scaled(value.trim(), 1000)))
        .or_else(|| in_text(message))
}

fn in_text(message: &str) -> Option<u32> {
    let message = message.to_ascii_lowercase();
    ["retry after", "try again in"].iter().find_map(|phrase| message.split(phrase).skip(1).find_map(leading_wait))
}

/// Parses a duration such as "90 s" or "1m30s" at the start of a string.
fn leading_wait(text: &str) -> Option<u32> {
    let mut text = text.trim_start();
    let mut total: Option<u32> = None;
    while let Some((wait, rest)) = leading_part(text) {
        total = Some(total.unwrap_or_default().saturating_add(wait));
        text = rest.trim_start();
    }
    total
}

/// Parses one number with its unit, and returns the rest of the string.
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
    Some((scaled(number, scale)?, rest))
}

/// Text of a 429 that names no delay. The limit applies per minute.
const WITHOUT_HINT: &str = "have exceeded rate limit";
/// Maximum first delay after such an error, in milliseconds. The jitter subtracts up to half of it.
const FIRST_DELAY_MS: u32 = 40_000;
/// One minute, in milliseconds.
const MINUTE_MS: u32 = 60_000;

/// Retry policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RetryPolicy {
    /// Maximum number of retries per request.
    pub max_retries: u32,
    /// First delay if the service does not specify one, in milliseconds. It doubles with each retry.
    pub retry_delay_ms: u32,
    /// Maximum delay, in milliseconds. If the service asks for a longer delay, the request is not retried.
    pub max_retry_delay_ms: u32,
    /// Also retries requests that may have generated an image, and may therefore be billed twice.
    pub retry_unknown_outcome: bool,
}

impl Default for RetryPolicy {
    /// 3 retries, with a first delay of 1 second and a maximum delay of 2 minutes. Requests that may have generated an
    /// image are not retried.
    fn default() -> Self {
        Self { max_retries: 3, retry_delay_ms: 1000, max_retry_delay_ms: 120_000, retry_unknown_outcome: false }
    }
}

impl RetryPolicy {
    /// Returns the delay before the next retry in milliseconds, or `None` if the request is not retried. `retries` is
    /// the number of retries so far. `chance` is a random number for jitter, so that clients that failed together do
    /// not retry together.
    #[must_use]
    pub fn wait(&self, failure: &Failure, effect: Effect, retries: u32, chance: u32) -> Option<u32> {
        if retries >= self.max_retries || !self.allows(failure, effect) {
            return None;
        }
        match failure.retry_after_in_ms {
            // Never earlier than requested, plus up to 100 ms of jitter.
            Some(asked) if asked > 0 => {
                (asked <= self.max_retry_delay_ms).then(|| asked.saturating_add(share(100, chance)))
            }
            _ => {
                let doubled = |delay: u32| delay.saturating_mul(2u32.saturating_pow(retries));
                let is_by_minute = failure.service_message.as_deref().is_some_and(|text| text.contains(WITHOUT_HINT));
                let least = if is_by_minute { doubled(FIRST_DELAY_MS).min(MINUTE_MS) } else { 0 };
                let longest = doubled(self.retry_delay_ms).max(least).min(self.max_retry_delay_ms);
                Some(longest / 2 + share(longest - longest / 2, chance))
            }
        }
    }

    /// Appends the retry history to the message of a final error.
    pub fn explain(&self, failure: &mut Failure, effect: Effect, retries: u32) {
        if retries > 0 {
            failure.message.push_str(&format!(" The request was sent {} times.", u64::from(retries) + 1));
        }
        let is_long = failure.retry_after_in_ms.is_some_and(|asked| asked > self.max_retry_delay_ms);
        // Following a job has no retry limit.
        let is_used_up = effect != Effect::Follow && retries >= self.max_retries;
        if is_long && !is_used_up && self.allows(failure, effect) {
            failure.message.push_str(
                " The request was not retried because the requested delay exceeds retryOptions.maxRetryDelayInMs.",
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

/// Scales `chance` from the `u32` range to a number from 0 to `most`.
fn share(most: u32, chance: u32) -> u32 {
    let share = u64::from(most) * u64::from(chance) / u64::from(u32::MAX);
    u32::try_from(share).unwrap_or(most)
}
