//! The tokens that a call cost.

use serde::Serialize;

use crate::decode::json::Value;

/// Tokens by kind.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TokenDetails {
    /// Tokens of text.
    pub text_tokens: u64,
    /// Tokens of images.
    pub image_tokens: u64,
}

/// The tokens that a call cost, as the service counted them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Usage {
    /// Tokens of the prompt and of the images given with it.
    pub input_tokens: u64,
    /// Tokens of the images that were made; each partial image counts some.
    pub output_tokens: u64,
    /// Both together.
    pub total_tokens: u64,
    /// What the input tokens were.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub input_tokens_details: Option<TokenDetails>,
    /// What the output tokens were; only newer services say it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub output_tokens_details: Option<TokenDetails>,
    /// The cost, if the prices are known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cost: Option<Dollars>,
}

/// An amount of money, in millionths of a US dollar. Serialized as a number of dollars.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dollars(pub u64);

impl Serialize for Dollars {
    #[expect(clippy::cast_precision_loss, reason = "no amount comes near 2^53 millionths")]
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(self.0 as f64 / 1e6)
    }
}

impl TokenDetails {
    fn add(one: Option<Self>, other: Option<Self>) -> Option<Self> {
        match (one, other) {
            (Some(one), Some(other)) => Some(Self {
                text_tokens: one.text_tokens.saturating_add(other.text_tokens),
                image_tokens: one.image_tokens.saturating_add(other.image_tokens),
            }),
            (one, other) => one.or(other),
        }
    }
}

impl Usage {
    /// The usage of two requests together. The cost is known if both are.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self {
            input_tokens: self.input_tokens.saturating_add(other.input_tokens),
            output_tokens: self.output_tokens.saturating_add(other.output_tokens),
            total_tokens: self.total_tokens.saturating_add(other.total_tokens),
            input_tokens_details: TokenDetails::add(self.input_tokens_details, other.input_tokens_details),
            output_tokens_details: TokenDetails::add(self.output_tokens_details, other.output_tokens_details),
            cost: self.cost.zip(other.cost).map(|(one, other)| Dollars(one.0.saturating_add(other.0))),
        }
    }

    /// Adds the cost, if the prices are known.
    #[must_use]
    pub fn priced(self, rates: crate::models::cost::Rates) -> Self {
        Self { cost: crate::models::cost::cost(&self, rates).map(Dollars), ..self }
    }

    /// Reads the member `usage` of an answer or event.
    #[must_use]
    pub fn read(answer: &Value) -> Option<Self> {
        Self::of(answer.get("usage")?)
    }

    /// Reads what the image tool of a response cost, which is no part of the response's own usage: only newer services say it.
    #[must_use]
    pub fn of_image_tool(response: &Value) -> Option<Self> {
        Self::of(response.get("tool_usage")?.get("image_gen")?)
    }

    fn of(usage: &Value) -> Option<Self> {
        usage.as_object()?;
        let number = |value: &Value, name| value.get(name).and_then(Value::as_u64).unwrap_or_default();
        let details = |name| {
            usage.get(name).filter(|details| details.as_object().is_some()).map(|details| TokenDetails {
                text_tokens: number(details, "text_tokens"),
                image_tokens: number(details, "image_tokens"),
            })
        };
        Some(Self {
            input_tokens: number(usage, "input_tokens"),
            output_tokens: number(usage, "output_tokens"),
            total_tokens: number(usage, "total_tokens"),
            input_tokens_details: details("input_tokens_details"),
            output_tokens_details: details("output_tokens_details"),
            cost: None,
        })
    }
}

/// The tokens that a response cost, as the service counted them: those of the text model, without the images.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ResponseUsage {
    /// Tokens of everything that the model was given, earlier turns included.
    pub input_tokens: u64,
    /// Of these, how many the service still had from before, which cost less.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cached_tokens: Option<u64>,
    /// Tokens that the model wrote.
    pub output_tokens: u64,
    /// Of these, how many it only thought.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reasoning_tokens: Option<u64>,
    /// Input and output together.
    pub total_tokens: u64,
}

impl ResponseUsage {
    /// Reads the member `usage` of a response.
    #[must_use]
    pub fn read(response: &Value) -> Option<Self> {
        let usage = response.get("usage").filter(|usage| usage.as_object().is_some())?;
        let number = |name| usage.get(name).and_then(Value::as_u64).unwrap_or_default();
        let detail = |of, name| usage.get(of).and_then(|details| details.get(name)).and_then(Value::as_u64);
        Some(Self {
            input_tokens: number("input_tokens"),
            cached_tokens: detail("input_tokens_details", "cached_tokens"),
            output_tokens: number("output_tokens"),
            reasoning_tokens: detail("output_tokens_details", "reasoning_tokens"),
            total_tokens: number("total_tokens"),
        })
    }
}
