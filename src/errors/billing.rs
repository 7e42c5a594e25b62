//! Billing of failed calls: every billing rule and message is defined here.

use super::{Billed, Code, Failure};
use crate::decimal::of_thousandths;

/// Effect of a request, which decides whether it is safe to retry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// Reads data. Safe to repeat.
    Read,
    /// Changes a resource such as an agent. Not billed. A 409 means that the change was not made.
    Manage,
    /// Follows a background response. Safe to repeat, but the response itself is billed.
    Follow,
    /// Generates images, which are billed.
    Generate,
}

impl Failure {
    /// Sets `billed` for a failed request with this effect. A failed generation may still have been billed.
    #[must_use]
    pub fn of(mut self, effect: Effect) -> Self {
        let may_be_billed =
            matches!(self.code, Code::Timeout | Code::Connection | Code::StreamTruncated | Code::Service)
                && self.billed == Billed::Unknown;
        match effect {
            Effect::Read | Effect::Manage => self.billed = Billed::No,
            Effect::Generate if may_be_billed => {
                self.message.push_str(" The image may still have been generated and billed.");
            }
            Effect::Follow | Effect::Generate => {}
        }
        self
    }

    /// Completes the error of a response that ended early, after some images. These are complete and billed.
    #[must_use]
    pub(crate) fn after_images(mut self, images: usize) -> Self {
        let images = if images == 1 { "1 image".to_owned() } else { format!("{images} images") };
        match self.code {
            Code::StreamTruncated => "The response ended before it was complete.".clone_into(&mut self.message),
            Code::Connection => "The connection broke before the response was complete.".clone_into(&mut self.message),
            _ => {}
        }
        self.message.push_str(&format!(" {images} arrived completely and will be billed. The error contains them."));
        self.billed = Billed::Yes;
        self
    }

    /// Adds to the message that an earlier attempt of the call may have been billed.
    pub fn mention_earlier_attempt(&mut self) {
        if self.billed == Billed::No {
            self.billed = Billed::Unknown;
            self.message.push_str(" An earlier attempt of this call may have been billed.");
        }
    }
}

/// Returns the first of several errors, with the highest billing status of all of them.
pub fn merge_failures<'a>(failures: &(impl Iterator<Item = &'a Failure> + Clone)) -> Option<Failure> {
    let first = failures.clone().next()?.clone();
    let is_billed = |wanted| failures.clone().any(|failure| failure.billed == wanted);
    let highest = [Billed::Yes, Billed::Unknown, Billed::No].into_iter().find(|billed| is_billed(*billed))?;
    if highest == first.billed {
        return Some(first);
    }
    let was = if highest == Billed::Yes { "was" } else { "may have been" };
    Some(first.with(|details| {
        details.billed = highest;
        details.message.push_str(&format!(" Another request of this call {was} billed."));
    }))
}

/// State of a call, which decides the message and the billing status if the call ends early.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing<'a> {
    /// Checks the connection.
    Probe,
    /// Manages a resource. Not billed.
    Resource,
    /// Reads or cancels a response. Not billed.
    Reads,
    /// Generates images.
    Generates {
        /// True if complete images have arrived.
        has_images: bool,
        /// The id of a background response that is still running.
        background_id: Option<&'a str>,
        /// True if the service has reported that it started.
        has_begun: bool,
    },
}

/// Reason for ending a call early.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Interruption {
    /// The caller aborted it.
    Abort,
    /// The call exceeded the total timeout, in milliseconds.
    TotalTimeout(u32),
    /// The caller cancelled the response on the service.
    ResponseCancelled,
}

/// Returns the error of a call that ends early.
pub(crate) fn interrupted(
    interruption: Interruption,
    standing: Standing<'_>,
    was_sent: bool,
    may_be_billed: bool,
) -> Failure {
    let (code, what, advice) = match interruption {
        Interruption::Abort => (Code::Cancelled, "The call was cancelled".to_owned(), ""),
        Interruption::ResponseCancelled => (Code::Cancelled, "The response was cancelled".to_owned(), ""),
        Interruption::TotalTimeout(milliseconds) => (
            Code::Timeout,
            format!("The call took longer than {} s (totalTimeoutInMs)", of_thousandths(milliseconds)),
            " Raise totalTimeoutInMs, or request a lower quality, a smaller size or fewer images.",
        ),
    };
    let not_billed = ". Nothing was billed.";
    let unknown = ". The image may still have been generated and billed.";
    let unsent = " before anything was sent.";
    let (billed, rest) = match standing {
        Standing::Probe if code == Code::Cancelled => {
            return Failure::new(code, "The probe was cancelled.").with(|details| details.billed = Billed::No);
        }
        _ if !was_sent => (Billed::No, unsent.to_owned()),
        Standing::Probe => (Billed::No, ".".to_owned()),
        Standing::Resource => (
            Billed::No,
            " after the request was sent. The service may still have carried it out. The call is not billed."
                .to_owned(),
        ),
        Standing::Reads => (Billed::No, not_billed.to_owned()),
        Standing::Generates { has_images, background_id, has_begun } => {
            let id = background_id.filter(|_| interruption != Interruption::ResponseCancelled);
            let running = id.map(still_running);
            match (has_images, running) {
                (true, running) => {
                    (Billed::Yes, format!(". The images that arrived are billed.{}", running.unwrap_or_default()))
                }
                (false, Some(running)) => (Billed::Unknown, format!(".{running}")),
                (false, None) if may_be_billed || has_begun => (Billed::Unknown, unknown.to_owned()),
                (false, None) => (Billed::No, not_billed.to_owned()),
            }
        }
    };
    Failure::new(code, what + &rest + advice).with(|details| {
        details.billed = billed;
        details.retryable = code == Code::Timeout;
    })
}

/// Returns the sentence, with a leading space, that tells the caller how to follow a background response.
pub(crate) fn still_running(id: &str) -> String {
    format!(" The response is still running on Azure. Call responses.resume(\"{id}\") to follow it.")
}
