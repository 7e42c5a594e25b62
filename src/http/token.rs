//! How long a token is good for.

use crate::errors::{Code, Failure};
use crate::http::credential::check_secret;

/// A token of Microsoft Entra. Times are milliseconds since 1970.
#[derive(Clone, PartialEq, Eq)]
pub struct Token {
    value: String,
    expires_at: Option<u64>,
    /// From when on a new one is asked for, although this one still works.
    refresh_at: u64,
}

impl std::fmt::Debug for Token {
    /// Without the token itself.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Token").field("expires_at", &self.expires_at).finish_non_exhaustive()
    }
}

/// How long before its end a token is replaced, in milliseconds: a request that waits in a queue must not arrive with a dead one.
const EARLY_MS: u64 = 2 * 60 * 1000;

/// Ends that make sense in seconds, from 2001 to 5138, and not in milliseconds, of the early seventies.
const SECONDS: std::ops::Range<u64> = 1_000_000_000..100_000_000_000;

/// The last token of a credential, and the last one that the service refused.
#[derive(Debug, Default)]
pub struct TokenCache {
    token: Option<Token>,
    refused: String,
}

impl TokenCache {
    /// The token, unless a new one is due. `now`: milliseconds since 1970.
    #[must_use]
    pub fn fresh(&self, now: u64) -> Option<&str> {
        self.token.as_ref().filter(|token| token.is_fresh(now)).map(Token::value)
    }

    /// The token, if it has not expired: a fallback if a new one is not available.
    #[must_use]
    pub fn fallback(&self, now: u64) -> Option<&str> {
        self.token.as_ref().filter(|token| token.is_alive(now) && token.value() != self.refused).map(Token::value)
    }

    /// Keeps a new token. One that the service has refused is not kept.
    pub fn keep(&mut self, token: Token) {
        if token.value() != self.refused {
            self.token = Some(token);
        }
    }

    /// The service has refused a token.
    pub fn refuse(&mut self, token: &str) {
        token.clone_into(&mut self.refused);
        self.token.take_if(|kept| kept.value() == token);
    }
}

impl Token {
    /// What a credential gave, at the time `now`. `expires_at`: not known for a token without one, which is then not kept.
    /// `refresh_after`: when its giver wants to be asked again, if it says so.
    ///
    /// # Errors
    /// It is empty, cannot stand in a header, or has expired; or its end is in seconds.
    pub fn new(value: &str, expires_at: Option<u64>, refresh_after: Option<u64>, now: u64) -> Result<Self, Failure> {
        let value = value.trim();
        if value.is_empty() {
            return Err(Failure::new(
                Code::Authentication,
                "The credential gave no token. Return a string, or an object with token and expiresOnTimestamp; the user may \
                 have to sign in first.",
            ));
        }
        check_secret("access token", value)?;
        if let Some(end) = expires_at.filter(|end| SECONDS.contains(end)) {
            return Err(Failure::new(
                Code::Authentication,
                format!("The end of the token, {end}, must be in milliseconds since 1970. Multiply seconds by 1000."),
            ));
        }
        if let Some(seconds) = expires_at.and_then(|end| now.checked_sub(end)).map(|age| age / 1000) {
            return Err(Failure::new(
                Code::Authentication,
                format!(
                    "The credential gave a token that expired {seconds} seconds ago, by the clock of this device. Check that \
                     the clock is right, and that the credential does not keep old tokens; the user may have to sign in again."
                ),
            ));
        }
        let early = expires_at.unwrap_or(now).saturating_sub(EARLY_MS);
        Ok(Self { value: value.into(), expires_at, refresh_at: refresh_after.map_or(early, |after| after.min(early)) })
    }

    /// The token itself.
    #[must_use]
    pub fn value(&self) -> &str {
        &self.value
    }

    /// Whether there is no reason yet to ask for another one.
    #[must_use]
    pub fn is_fresh(&self, now: u64) -> bool {
        self.expires_at.is_some() && now < self.refresh_at
    }

    /// Whether it still works, so that it can help out where no new one is to be had.
    #[must_use]
    pub fn is_alive(&self, now: u64) -> bool {
        self.expires_at.is_some_and(|end| now < end)
    }
}
