//! What a failed call costs. Every rule and text about billing is here.

use super::{Billed, Code, Failure};

/// What a request does, as far as repeating it is concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// It reads: a second one changes nothing.
    Read,
    /// It changes an agent or the like, which costs nothing; a conflict says that it did not happen.
    Manage,
    /// It reads on what is being made in the background: a second one changes nothing, but what is being made costs.
    Follow,
    /// It makes images, which cost.
    Generate,
}

impl Failure {
    /// What it means where a request of this effect failed: only what makes an image is billed, and may have been all the same.
    #[must_use]
    pub fn of(mut self, effect: Effect) -> Self {
        let may_have_been_made =
            matches!(self.code, Code::Timeout | Code::Connection | Code::StreamTruncated | Code::Service)
                && self.billed == Billed::Unknown;
        match effect {
            Effect::Read | Effect::Manage => self.billed = Billed::No,
            Effect::Generate if may_have_been_made => {
                self.message.push_str(" Whether an image was made, and billed, cannot be told from here.");
            }
            Effect::Follow | Effect::Generate => {}
        }
        self
    }

    /// An earlier attempt of the same call may have been billed.
    pub fn mention_earlier_attempt(&mut self) {
        if self.billed == Billed::No {
            self.billed = Billed::Unknown;
            self.message.push_str(" An earlier try of the same call may have been billed.");
        }
    }
}

/// The first of several failures, with the worst bill of all.
pub fn merge_failures<'a>(failures: &(impl Iterator<Item = &'a Failure> + Clone)) -> Option<Failure> {
    let first = failures.clone().next()?.clone();
    let is_billed = |wanted| failures.clone().any(|failure| failure.billed == wanted);
    let worst = [Billed::Yes, Billed::Unknown, Billed::No].into_iter().find(|billed| is_billed(*billed))?;
    if worst == first.billed {
        return Some(first);
    }
    let was = if worst == Billed::Yes { "was" } else { "may have been" };
    Some(first.with(|details| {
        details.billed = worst;
        details.message.push_str(&format!(" Another request of the same call {was} billed."));
    }))
}

/// What a call has come to, for the message and the bill of one that ends early.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing<'a> {
    /// It checks the connection.
    Probe,
    /// It manages a resource, which is not billed.
    Resource,
    /// It reads or cancels a response, which is not billed.
    Reads,
    /// It generates images.
    Generates {
        /// Whether finished images have arrived.
        has_images: bool,
        /// The id of a response that Azure goes on with.
        background_id: Option<&'a str>,
        /// Whether the service has begun, as it has said.
        has_begun: bool,
    },
}

/// Why a call ends early.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Interruption {
    /// The caller aborted it.
    Abort,
    /// It took longer than the total timeout, in milliseconds.
    TotalTimeout(u32),
    /// The caller cancelled the response itself.
    ResponseCancelled,
}

/// The failure of a call that ends early.
pub(crate) fn interrupted(
    interruption: Interruption,
    standing: Standing<'_>,
    was_sent: bool,
    may_be_billed: bool,
) -> Failure {
    let (code, what) = match interruption {
        Interruption::Abort => (Code::Cancelled, "The call was cancelled".to_owned()),
        Interruption::ResponseCancelled => (Code::Cancelled, "The response was cancelled".to_owned()),
        Interruption::TotalTimeout(milliseconds) => (
            Code::Timeout,
            format!(
                "The call took longer than {} s (totalTimeoutInMs). Raise totalTimeoutInMs, or ask for less. It was ended",
                seconds(milliseconds)
            ),
        ),
    };
    let unsent = " before anything was sent.";
    let (billed, rest) = match standing {
        Standing::Probe if code == Code::Cancelled => {
            return Failure::new(code, "The probe was cancelled.").with(|details| details.billed = Billed::No);
        }
        _ if !was_sent => (Billed::No, unsent.to_owned()),
        Standing::Probe => (Billed::No, ".".to_owned()),
        Standing::Resource => (
            Billed::No,
            " when it had been sent, so the service may have carried it out all the same. It costs nothing.".to_owned(),
        ),
        Standing::Reads => (Billed::No, " while nothing was under way that costs.".to_owned()),
        Standing::Generates { has_images, background_id, has_begun } => {
            let id = background_id.filter(|_| interruption != Interruption::ResponseCancelled);
            let goes_on = id.map(|id| {
                format!(" What is being made goes on at Azure: responses.resume(\"{id}\") follows it again.")
            });
            match (has_images, goes_on) {
                (true, goes_on) => {
                    (Billed::Yes, format!(" when images had come, which are billed.{}", goes_on.unwrap_or_default()))
                }
                (false, Some(goes_on)) => (Billed::Unknown, format!(".{goes_on}")),
                (false, None) if may_be_billed || has_begun => {
                    (Billed::Unknown, ". Whether an image was made, and billed, cannot be told from here.".to_owned())
                }
                (false, None) => (Billed::No, " while nothing was under way that costs.".to_owned()),
            }
        }
    };
    Failure::new(code, what + &rest).with(|details| {
        details.billed = billed;
        details.retryable = code == Code::Timeout;
    })
}

/// Milliseconds as seconds, such as `1.5`.
#[must_use]
pub fn seconds(milliseconds: u32) -> String {
    let text = format!("{}.{:03}", milliseconds / 1000, milliseconds % 1000);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}
