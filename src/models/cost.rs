//! Cost estimates for requests, and the actual cost of responses.
//!
//! Amounts are whole millionths of a US dollar. Before a call, the cost is estimated from tables in the
//! [`catalog`](crate::models::catalog). An estimate covers the images and partial images. It excludes the prompt and
//! the input images of an edit, because only the service counts their tokens. Azure's prices differ by region and
//! contract, so callers can set rates.

#![deny(clippy::arithmetic_side_effects)]

use serde::{Deserialize, Serialize};

use crate::decode::json::Value;
use crate::models::catalog::Model;
use crate::models::size::{FreeSizes, Size};
use crate::models::usage::{Dollars, TokenDetails, Usage};
use crate::models::validate::ImageParameters;

/// Token prices, in millionths of a dollar per million tokens ($5 is 5,000,000). `None` if unknown.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Rates {
    /// Rate of the prompt.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text_input: Option<u64>,
    /// Rate of the input images of an edit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image_input: Option<u64>,
    /// Rate of the generated images.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub output: Option<u64>,
    /// Rate of generated text. If unknown, the rate of generated images applies.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text_output: Option<u64>,
}

impl Rates {
    /// Returns the catalog's rates for a model.
    #[must_use]
    pub fn of(model: &Model<'_>) -> Self {
        let rate = |name| model.rule("rates").and_then(|rates| rates.get(name)).and_then(Value::as_u64);
        Self {
            text_input: rate("textInput"),
            image_input: rate("imageInput"),
            output: rate("output"),
            text_output: rate("textOutput"),
        }
    }

    /// Fills in missing rates from `others`.
    #[must_use]
    pub fn or(self, others: Self) -> Self {
        Self {
            text_input: self.text_input.or(others.text_input),
            image_input: self.image_input.or(others.image_input),
            output: self.output.or(others.output),
            text_output: self.text_output.or(others.text_output),
        }
    }
}

/// Inclusive range.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Range {
    /// Minimum.
    pub min: u64,
    /// Maximum.
    pub max: u64,
}

impl Range {
    fn exactly(number: u64) -> Self {
        Self { min: number, max: number }
    }

    fn including(self, other: Self) -> Self {
        Self { min: self.min.min(other.min), max: self.max.max(other.max) }
    }

    fn plus(self, more: u64) -> Self {
        Self { min: self.min.saturating_add(more), max: self.max.saturating_add(more) }
    }

    fn times(self, factor: u64) -> Self {
        Self { min: self.min.saturating_mul(factor), max: self.max.saturating_mul(factor) }
    }
}

/// Estimated cost of a request, without the prompt and the input images of an edit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Estimate {
    /// Always `true`. Only the service's bill is authoritative; the `usage` of the response is the next best source.
    pub is_estimate: bool,
    /// Number of images.
    pub images: u32,
    /// Output tokens of all images and partial images, if a table lists them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub output_tokens: Option<Range>,
    /// Cost in millionths of a dollar, if known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub micro_dollars: Option<Range>,
    /// Month of the prices, such as `2026-11`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub as_of: Option<String>,
}

/// Tokens and price of one image.
#[derive(Debug, Clone, Copy)]
struct Image {
    tokens: Option<Range>,
    micro_dollars: Option<Range>,
}

/// Estimates the cost of a request. `inputs` contains the known sizes of the input images, which only FLUX models charge
/// by size. `own` contains the caller's rates, which override those of the catalog.
///
/// If the service chooses the quality or size, the result is a range over the possible values.
#[must_use]
pub fn estimate(
    asked: &ImageParameters<'_>,
    inputs: &[(u32, u32)],
    streamed: bool,
    model: &Model<'_>,
    own: Rates,
) -> Estimate {
    let images = asked.n.unwrap_or(1);
    let partial_images = asked.partial_images.filter(|_| streamed).unwrap_or_default();
    let rates = own.or(Rates::of(model));
    let of_each = by_pixels(asked, inputs, model, own).or_else(|| one_image(asked, model, own));
    let partial_image_tokens =
        u64::from(partial_images).saturating_mul(model.number("partialImageTokens").unwrap_or_default());
    let partial_image_cost = if partial_image_tokens == 0 {
        Some(0)
    } else {
        rates.output.map(|rate| price(&[(partial_image_tokens, rate)]))
    };
    let of_all = |range: Range, more| range.plus(more).times(images.into());
    let micro_dollars = of_each.and_then(|each| Some(of_all(each.micro_dollars?, partial_image_cost?)));
    Estimate {
        is_estimate: true,
        images,
        output_tokens: of_each.and_then(|each| Some(of_all(each.tokens?, partial_image_tokens))),
        micro_dollars,
        as_of: micro_dollars.and_then(|_| model.text("pricesAsOf")).map(Into::into),
    }
}

/// Returns the tokens and price of an image whose price depends only on the number of pixels, or is constant.
fn by_pixels(asked: &ImageParameters<'_>, inputs: &[(u32, u32)], model: &Model<'_>, own: Rates) -> Option<Image> {
    let exactly = |micro_dollars| Image { tokens: None, micro_dollars: Some(Range::exactly(micro_dollars)) };
    if let Some(price) = model.number("imagePrice") {
        return Some(exactly(price));
    }
    let free = model.rule("freeSizes").map(FreeSizes::read);
    let size = match (asked.size.filter(|size| *size != "auto"), inputs.first()) {
        (Some(asked), _) => Size::parse(asked)?,
        // FLUX keeps the size of the first input image. MAI generates about the default number of pixels.
        (None, Some((width, height))) if model.rule("megapixelPrices").is_some() => {
            Size { width: *width, height: *height }
        }
        _ => Size::parse(model.text("defaultSize")?)?,
    };
    let size = free.map_or(size, |free| free.rounded(size));
    let most = free.map_or(u64::MAX, |free| free.max_pixels);
    let pixels = u64::from(size.width).saturating_mul(size.height.into()).min(most);
    if let Some(per_token) = model.number("pixelsPerToken") {
        let tokens = pixels.div_ceil(per_token.max(1));
        let rate = own.output.or(Rates::of(model).output);
        let micro_dollars = rate.map(|rate| Range::exactly(price(&[(tokens, rate)])));
        return Some(Image { tokens: Some(Range::exactly(tokens)), micro_dollars });
    }
    let prices = model.rule("megapixelPrices")?;
    let price = |name| prices.get(name).and_then(Value::as_u64).unwrap_or_default();
    let megapixels = |pixels: u64| pixels.div_ceil(MEGAPIXEL).max(1);
    let output =
        price("firstOutput").saturating_add(price("output").saturating_mul(megapixels(pixels).saturating_sub(1)));
    let input = inputs.iter().fold(0_u64, |sum, (width, height)| {
        sum.saturating_add(megapixels(u64::from(*width).saturating_mul((*height).into())))
    });
    Some(exactly(output.saturating_add(price("input").saturating_mul(input))))
}

/// Number of pixels that FLUX models charge as a megapixel. 1024x1024 is one.
const MEGAPIXEL: u64 = 1 << 20;

/// Returns the range over all possible qualities and sizes. If a table lacks one of them, the result is unknown.
fn one_image(asked: &ImageParameters<'_>, model: &Model<'_>, own: Rates) -> Option<Image> {
    let chosen = |asked: Option<&str>, default| {
        let chosen = asked.map(str::to_owned).or_else(|| model.text(default).map(Into::into));
        chosen.filter(|chosen| chosen != "auto")
    };
    let qualities = match chosen(asked.quality, "defaultQuality") {
        Some(quality) => vec![quality],
        None => model.values("qualities").filter(|quality| *quality != "auto").map(Into::into).collect(),
    };
    let size = chosen(asked.size, "defaultSize");
    let mut whole: Option<Image> = None;
    for quality in &qualities {
        let sizes = match &size {
            Some(size) => vec![size.as_str()],
            None => common_sizes(model, quality),
        };
        if sizes.is_empty() {
            return None;
        }
        for size in sizes {
            let one = cell(model, own, quality, size);
            let both = |one: Option<Range>, other: Option<Range>| Some(one?.including(other?));
            whole = Some(whole.map_or(one, |whole| Image {
                tokens: both(whole.tokens, one.tokens),
                micro_dollars: both(whole.micro_dollars, one.micro_dollars),
            }));
        }
    }
    whole
}

/// Returns the sizes in the price table, or else in the token table.
fn common_sizes<'a>(model: &'a Model<'_>, quality: &str) -> Vec<&'a str> {
    let of = |table| model.rule(table).and_then(|table| table.get(quality)).and_then(Value::as_object);
    let sizes = of("prices").or_else(|| of("tokens")).unwrap_or_default();
    sizes.iter().map(|(size, _)| size.as_str()).collect()
}

fn cell(model: &Model<'_>, own: Rates, quality: &str, size: &str) -> Image {
    let entry = |table| model.rule(table)?.get(quality)?.get(size)?.as_u64();
    let tokens = entry("tokens");
    let known = Rates::of(model).output;
    let rate = own.output.or(known);
    let from_tokens = tokens.zip(rate).map(|(tokens, rate)| price(&[(tokens, rate)]));
    // Listed image prices are based on the catalog's rate, so they scale with the caller's rate.
    let listed = entry("prices").map(|listed| match (own.output, known) {
        (Some(own), Some(known)) => listed.saturating_mul(own).checked_div(known).unwrap_or(listed),
        _ => listed,
    });
    let micro_dollars = match (from_tokens, listed) {
        (Some(tokens), Some(listed)) if is_clearly_above(listed, tokens) => Some(Range { min: tokens, max: listed }),
        (Some(one), _) | (None, Some(one)) => Some(Range::exactly(one)),
        (None, None) => None,
    };
    Image { tokens: tokens.map(Range::exactly), micro_dollars }
}

/// Returns `true` if the difference is more than rounding, since listed prices have one to three digits. For
/// gpt-image-1-mini, the listed prices are up to twice the price of its tokens.
fn is_clearly_above(listed: u64, from_tokens: u64) -> bool {
    listed.saturating_sub(from_tokens) > from_tokens.checked_div(20).unwrap_or_default()
}

/// Adds the cost to a usage, if the prices are known.
#[must_use]
pub fn priced(usage: Usage, rates: Rates) -> Usage {
    // FLUX models report their cost, and no tokens.
    let by_tokens = || cost(&usage, rates).filter(|_| usage.megapixels.is_none()).map(Dollars);
    Usage { cost: usage.cost.or_else(by_tokens), ..usage }
}

/// Returns the cost of a response in millionths of a dollar, with separate rates for image and text tokens. Returns
/// `None` if the rate is missing for tokens that were used.
///
/// Without token details, all output counts as images (the Images API generates nothing else) and all input counts as
/// text (services that accept images send details).
#[must_use]
pub fn cost(usage: &Usage, rates: Rates) -> Option<u64> {
    let details = |details: Option<TokenDetails>, total: u64| {
        let TokenDetails { text_tokens, image_tokens } = details.unwrap_or_default();
        (text_tokens, image_tokens, total.saturating_sub(text_tokens).saturating_sub(image_tokens))
    };
    let (text_in, image_in, other_in) = details(usage.input_tokens_details, usage.input_tokens);
    let (text_out, image_out, other_out) = details(usage.output_tokens_details, usage.output_tokens);
    let parts = [
        (text_in.saturating_add(other_in), rates.text_input),
        (image_in, rates.image_input),
        (text_out, rates.text_output.or(rates.output)),
        (image_out.saturating_add(other_out), rates.output),
    ];
    let mut priced = Vec::new();
    for (tokens, rate) in parts.into_iter().filter(|(tokens, _)| *tokens > 0) {
        priced.push((tokens, rate?));
    }
    Some(price(&priced))
}

/// Returns the price of tokens at their rates, rounded to the nearest millionth of a dollar.
fn price(parts: &[(u64, u64)]) -> u64 {
    let sum = parts.iter().fold(0_u64, |sum, (tokens, rate)| sum.saturating_add(tokens.saturating_mul(*rate)));
    sum.saturating_add(500_000) / 1_000_000
}
