//! Token cache and token expiration.

use crate::errors::{Code, Failure};
use crate::http::credential::check_secret;

/// A Microsoft Entra token. Times are in milliseconds since 1970.
#[derive(Clone, PartialEq, Eq)]
pub struct Token {
    value: String,
    expires_at: Option<u64>,
    /// Time from which a new token is requested, although this one is still valid.
    refresh_at: u64,
}

impl std::fmt::Debug for Token {
    /// Omits the token value.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Token").field("expires_at", &self.expires_at).finish_non_exhaustive()
    }
}

/// Time before expiration at which a token is replaced, and time after which a queued request asks for its token again,
/// in milliseconds. A queued request must not arrive with an expired token.
pub(crate) const EARLY_MS: u64 = 2 * 60 * 1000;

/// Expiration times that are plausible in seconds (2001 to 5138) but not in milliseconds (early 1970s).
const SECONDS: std::ops::Range<u64> = 1_000_000_000..100_000_000_000;

/// The last token of a credential, and the last token rejected by the service.
#[derive(Debug, Default)]
pub struct TokenCache {
    token: Option<Token>,
    refused: String,
}

impl TokenCache {
    /// Returns the token, unless a new one is due. `now` is in milliseconds since 1970.
    #[must_use]
    pub fn fresh(&self, now: u64) -> Option<&str> {
        self.token.as_ref().filter(|token| token.is_fresh(now)).map(Token::value)
    }

    /// Returns the token if it has not expired, as a fallback when no new token is available.
    #[must_use]
    pub fn fallback(&self, now: u64) -> Option<&str> {
        self.token.as_ref().filter(|token| token.is_alive(now) && token.value() != self.refused).map(Token::value)
    }

    /// Stores a new token, unless the service has rejected it.
    pub fn keep(&mut self, token: Token) {
        if token.value() != self.refused {
            self.token = Some(token);
        }
    }

    /// Marks a token as rejected by the service.
    pub fn refuse(&mut self, token: &str) {
        token.clone_into(&mut self.refused);
        self.token.take_if(|kept| kept.value() == token);
    }
}

impl Token {
    /// Creates the token that a credential returned at the time `now`. A token without `expires_at` is not cached.
    /// `refresh_after` is the time from which the credential wants to be called again, if specified.
    ///
    /// # Errors
    /// The token is empty, is not a valid header value, or has expired, or its expiration time is in seconds.
    pub fn new(value: &str, expires_at: Option<u64>, refresh_after: Option<u64>, now: u64) -> Result<Self, Failure> {
        let value = value.trim();
        if value.is_empty() {
            return Err(Failure::new(
                Code::Authentication,
                "The credential returned no token. Return a string, or an object with token and expiresOnTimestamp. \
                 The user may need to sign in first.",
            ));
        }
        check_secret("access token", value)?;
        if let Some(end) = expires_at.filter(|end| SECONDS.contains(end)) {
            return Err(Failure::new(
                Code::Authentication,
                format!(
                    "The token expiration time {end} must be in milliseconds since 1970. Multiply seconds by 1000."
                ),
            ));
        }
        if let Some(seconds) = expires_at.and_then(|end| now.checked_sub(end)).map(|age| age / 1000) {
            return Err(Failure::new(
                Code::Authentication,
                format!(
                    "The credential returned a token that expired {seconds} seconds ago, according to the device \
                     clock. Check the clock, and check that the credential does not cache expired tokens. The user may \
                     need to sign in again."
                ),
            ));
        }
        let early = expires_at.unwrap_or(now).saturating_sub(EARLY_MS);
        Ok(Self { value: value.into(), expires_at, refresh_at: refresh_after.map_or(early, |after| after.min(early)) })
    }

    /// Returns the token value.
    #[must_use]
    pub fn value(&self) -> &str {
        &self.value
    }

    /// Returns `true` if a new token is not yet due.
    #[must_use]
    pub fn is_fresh(&self, now: u64) -> bool {
        self.expires_at.is_some() && now < self.refresh_at
    }

    /// Returns `true` if the token has not expired and can serve as a fallback.
    #[must_use]
    pub fn is_alive(&self, now: u64) -> bool {
        self.expires_at.is_some_and(|end| now < end)
    }
}
