//! Token usage.

use serde::Serialize;

use crate::decimal::scaled;
use crate::decode::json::Value;

/// Token counts by type.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TokenDetails {
    /// Text tokens.
    pub text_tokens: u64,
    /// Image tokens.
    pub image_tokens: u64,
}

/// Token usage of a call, as counted by the service.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Usage {
    /// Tokens of the prompt and the input images.
    pub input_tokens: u64,
    /// Tokens of the generated images, including partial images.
    pub output_tokens: u64,
    /// Sum of input and output tokens.
    pub total_tokens: u64,
    /// Input tokens by type.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub input_tokens_details: Option<TokenDetails>,
    /// Output tokens by type. Only newer services return them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub output_tokens_details: Option<TokenDetails>,
    /// Megapixels that the service charges instead of tokens.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub megapixels: Option<Megapixels>,
    /// Cost, if the prices are known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cost: Option<Dollars>,
}

/// Charged megapixels, in hundredths. Serialized as numbers of megapixels.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Hundredths(pub u32);

/// Megapixels of the images of a call, as charged by the service.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Megapixels {
    /// Of the input images.
    pub input: Hundredths,
    /// Of the generated images.
    pub output: Hundredths,
}

impl Serialize for Hundredths {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(f64::from(self.0) / 100.0)
    }
}

/// Amount of money in millionths of a US dollar. Serialized as a number of dollars.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dollars(pub u64);

impl Serialize for Dollars {
    #[expect(clippy::cast_precision_loss, reason = "no amount comes near 2^53 millionths")]
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(self.0 as f64 / 1e6)
    }
}

impl TokenDetails {
    /// Reads the counts by type. One of them may be missing.
    fn read(details: &Value, total: u64) -> Option<Self> {
        let number = |name| details.get(name).and_then(Value::as_u64);
        let (text, image) = (number("text_tokens"), number("image_tokens"));
        let rest = |known: Option<u64>| total.checked_sub(known?);
        Some(Self { text_tokens: text.or_else(|| rest(image))?, image_tokens: image.or_else(|| rest(text))? })
    }

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

impl Megapixels {
    fn add(one: Option<Self>, other: Option<Self>) -> Option<Self> {
        let sum = |one: Hundredths, other: Hundredths| Hundredths(one.0.saturating_add(other.0));
        match (one, other) {
            (Some(one), Some(other)) => {
                Some(Self { input: sum(one.input, other.input), output: sum(one.output, other.output) })
            }
            (one, other) => one.or(other),
        }
    }
}

impl Usage {
    /// Returns the combined usage of two requests. The cost is known if both costs are known.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self {
            input_tokens: self.input_tokens.saturating_add(other.input_tokens),
            output_tokens: self.output_tokens.saturating_add(other.output_tokens),
            total_tokens: self.total_tokens.saturating_add(other.total_tokens),
            input_tokens_details: TokenDetails::add(self.input_tokens_details, other.input_tokens_details),
            output_tokens_details: TokenDetails::add(self.output_tokens_details, other.output_tokens_details),
            megapixels: Megapixels::add(self.megapixels, other.megapixels),
            cost: self.cost.zip(other.cost).map(|(one, other)| Dollars(one.0.saturating_add(other.0))),
        }
    }

    /// Reads the usage in a response or event of an image service: `usage`, in the form of Azure OpenAI or MAI, or
    /// `request_meta` of FLUX.
    #[must_use]
    pub fn read(answer: &Value) -> Option<Self> {
        let usage = answer.get("usage").filter(|usage| usage.as_object().is_some());
        let of_mai = || Self::of_mai(usage.unwrap_or(answer));
        of_mai().or_else(|| Self::of(answer.get("usage")?)).or_else(|| Self::of_flux(answer.get("request_meta")?))
    }

    fn of_mai(usage: &Value) -> Option<Self> {
        let number = |name| usage.get(name).and_then(Value::as_u64);
        let output_tokens = number("num_output_tokens")?;
        let input = TokenDetails {
            // The older models report only the output.
            text_tokens: number("num_input_text_tokens").unwrap_or_default(),
            image_tokens: number("num_input_image_tokens").unwrap_or_default(),
        };
        let input_tokens = input.text_tokens.saturating_add(input.image_tokens);
        Some(Self {
            input_tokens,
            output_tokens,
            total_tokens: input_tokens.saturating_add(output_tokens),
            input_tokens_details: Some(input),
            ..Self::default()
        })
    }

    fn of_flux(meta: &Value) -> Option<Self> {
        meta.as_object()?;
        let number = |name, scale| match meta.get(name) {
            Some(Value::Number(text)) => scaled(text, scale),
            _ => None,
        };
        let megapixels = |name| number(name, 100).map(Hundredths);
        // Generations have no input images.
        let input = megapixels("input_mp").unwrap_or_default();
        let megapixels = megapixels("output_mp").map(|output| Megapixels { input, output });
        // The service reports US cents.
        let cost = number("cost", 10_000).map(|cost| Dollars(cost.into()));
        megapixels.map(drop).or(cost.map(drop))?;
        Some(Self { megapixels, cost, ..Self::default() })
    }

    /// Reads the usage of the image tool, which is not part of the response's own usage. Only newer services return it.
    #[must_use]
    pub fn of_image_tool(response: &Value) -> Option<Self> {
        Self::of(response.get("tool_usage")?.get("image_gen")?)
    }

    fn of(usage: &Value) -> Option<Self> {
        let Tokens { input, output, total } = Tokens::read(usage)?;
        let details = |name, total| TokenDetails::read(usage.get(name)?, total);
        Some(Self {
            input_tokens: input,
            output_tokens: output,
            total_tokens: total,
            input_tokens_details: details("input_tokens_details", input),
            output_tokens_details: details("output_tokens_details", output),
            megapixels: None,
            cost: None,
        })
    }
}

/// Token counts of a usage. Usage in an unknown form must not look like no usage.
struct Tokens {
    input: u64,
    output: u64,
    total: u64,
}

impl Tokens {
    /// Reads the counts. One of the three may be missing.
    fn read(usage: &Value) -> Option<Self> {
        let number = |name| usage.get(name).and_then(Value::as_u64);
        let (input, output, total) = (number("input_tokens"), number("output_tokens"), number("total_tokens"));
        let input = input.or_else(|| total?.checked_sub(output?))?;
        let output = output.or_else(|| total?.checked_sub(input))?;
        Some(Self { input, output, total: total.unwrap_or_else(|| input.saturating_add(output)) })
    }
}

/// Token usage of a response, as counted by the service: the tokens of the text model, without the images.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ResponseUsage {
    /// Tokens of the complete model input, including earlier turns.
    pub input_tokens: u64,
    /// Cached tokens among the input tokens. They cost less.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cached_tokens: Option<u64>,
    /// Tokens generated by the model.
    pub output_tokens: u64,
    /// Reasoning tokens among the output tokens.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reasoning_tokens: Option<u64>,
    /// Sum of input and output tokens.
    pub total_tokens: u64,
}

impl ResponseUsage {
    /// Reads the `usage` property of a response.
    #[must_use]
    pub fn read(response: &Value) -> Option<Self> {
        let usage = response.get("usage").filter(|usage| usage.as_object().is_some())?;
        let Tokens { input, output, total } = Tokens::read(usage)?;
        let detail = |of, name| usage.get(of).and_then(|details| details.get(name)).and_then(Value::as_u64);
        Some(Self {
            input_tokens: input,
            cached_tokens: detail("input_tokens_details", "cached_tokens"),
            output_tokens: output,
            reasoning_tokens: detail("output_tokens_details", "reasoning_tokens"),
            total_tokens: total,
        })
    }
}
