//! Validates a request before it is sent. Reports all problems at once, each with a fix.
//!
//! The rules come from the [`catalog`](crate::models::catalog). For an unknown model, only the rules for all models
//! apply. An **error** means that the request cannot succeed, as far as is known. A **warning** means that it may fail:
//! the value is not in the catalog, the sources disagree about it, or the model is close to retirement.
//!
//! Not checked: the image bytes, the deployment, and parameters other than the typed ones.

use std::borrow::Cow;
use std::cell::OnceCell;

use serde::Serialize;

use crate::decode::json::Value;
use crate::http::endpoint::Operation;
use crate::models::catalog::{Model, Standing, day};
use crate::models::options::{OptionValue, ServiceOptions};
use crate::models::service::Service;
use crate::models::size::{AspectRatio, AspectRatios, FreeSizes, Size};

/// Parameters of an image request, independent of the API it is sent to. `None` if omitted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ImageParameters<'a> {
    /// Description of the image or the edit.
    pub prompt: &'a str,
    /// Number of images.
    pub n: Option<u32>,
    /// Size, such as `1024x1024`, or `auto`.
    pub size: Option<&'a str>,
    /// Quality, such as `low`.
    pub quality: Option<&'a str>,
    /// Background: `transparent`, `opaque` or `auto`.
    pub background: Option<&'a str>,
    /// Output format, such as `png`.
    pub output_format: Option<&'a str>,
    /// Output compression, 0 to 100.
    pub output_compression: Option<u32>,
    /// Moderation: `auto` or `low`.
    pub moderation: Option<&'a str>,
    /// Style: `vivid` or `natural`.
    pub style: Option<&'a str>,
    /// Response format: `b64_json` or `url`.
    pub response_format: Option<&'a str>,
    /// Input fidelity: `high` or `low`.
    pub input_fidelity: Option<&'a str>,
    /// Number of partial images.
    pub partial_images: Option<u32>,
    /// End-user identifier.
    pub user: Option<&'a str>,
    /// Options that only some services have.
    pub options: Option<&'a ServiceOptions>,
    /// Number of input images of an edit.
    pub inputs: usize,
    /// `true` if the request has a mask.
    pub mask: bool,
}

/// Severity of a problem.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The request cannot succeed.
    Error,
    /// The request may succeed.
    Warning,
}

/// A problem that may cause the service to reject the request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ValidationProblem {
    /// JavaScript name of the parameter.
    pub param: Cow<'static, str>,
    /// Description of the problem, and how to fix it.
    pub message: String,
    /// Severity.
    pub severity: Severity,
    /// Supported value close to the requested one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub suggestion: Option<String>,
}

/// Number of days before its retirement from which a model causes a warning.
pub const RETIRES_SOON_DAYS: u32 = 60;

/// Validates a request and returns all problems. `today` is a date such as `2026-11-21`; for any other string, the
/// retirement of the model is not checked.
#[must_use]
pub fn validate(
    asked: &ImageParameters<'_>,
    operation: Operation,
    streamed: bool,
    model: &Model<'_>,
    today: &str,
) -> Vec<ValidationProblem> {
    let who = model.name().filter(|_| model.is_known()).unwrap_or("the service");
    let mut check = Check { model, who, today, alternatives: OnceCell::new(), problems: Vec::new() };
    check.model(operation, streamed);
    check.prompt(asked.prompt);
    check.inputs(asked, operation);
    check.n(asked.n);
    check.size(asked.size, operation);
    check.aspect_ratio(asked);
    check.options(asked, operation);
    check.user(asked.user);
    check.choice("quality", "qualities", asked.quality);
    check.format(asked);
    check.choice("background", "backgrounds", asked.background);
    check.moderation(asked.moderation, operation);
    check.choice("style", "styles", asked.style);
    check.choice("responseFormat", "responseFormats", asked.response_format);
    check.input_fidelity(asked.input_fidelity, operation);
    check.partial_images(asked.partial_images, streamed);
    check.problems
}

struct Check<'a> {
    model: &'a Model<'a>,
    /// Model name in messages, or a substitute for an unknown model.
    who: &'a str,
    today: &'a str,
    /// Models to name in messages.
    alternatives: OnceCell<Vec<Model<'a>>>,
    problems: Vec<ValidationProblem>,
}

impl Check<'_> {
    fn error(&mut self, param: &'static str, message: String, suggestion: Option<String>) {
        self.problems.push(ValidationProblem { param: param.into(), message, severity: Severity::Error, suggestion });
    }

    fn warning(&mut self, param: &'static str, message: String, suggestion: Option<String>) {
        self.problems.push(ValidationProblem { param: param.into(), message, severity: Severity::Warning, suggestion });
    }

    fn model(&mut self, operation: Operation, streamed: bool) {
        let (model, who, today) = (self.model, self.who, self.today);
        let successor = model.text("successor").map(str::to_owned);
        if let Some(name) = model.name().filter(|_| !model.is_known()) {
            self.warning(
                "model",
                format!("Model \"{name}\" is not in the catalog. Only the rules for all models were checked."),
                None,
            );
        }
        if model.rule("unconfirmed").and_then(Value::as_bool) == Some(true) {
            self.warning(
                "model",
                format!("No source confirms that Azure offers {who}. The catalog data for this model may be wrong."),
                None,
            );
        }
        let name = name_of(operation);
        if model.rule("operations").is_some() && model.listed("operations", name).is_none() {
            let supports = |model: &Model<'_>| model.listed("operations", name).is_some();
            let message = format!("{who} does not support {name}. Use a deployment of another model.");
            self.error("model", self.with_alternatives(message, supports), successor.clone());
        }
        if streamed && model.streams() == Some(false) {
            let message = format!("{who} does not support streaming. The images arrive without partial images.");
            self.warning("stream", message, None);
        }
        let Some(now) = day(today) else { return };
        let advice = successor.as_deref().map(|model| format!(" Use {model}.")).unwrap_or_default();
        let is_soon = |date: &&str| day(date).is_some_and(|end| end.saturating_sub(now) <= RETIRES_SOON_DAYS);
        if let Some(date) = model.text("retires").filter(is_soon) {
            let message = if day(date).is_some_and(|end| now >= end) {
                format!("{who} was scheduled for retirement on {date}. Requests to it may fail.{advice}")
            } else {
                format!("{who} will be retired on {date}.{advice}")
            };
            self.warning("model", message, successor);
        } else if let Some(date) = model.text("mayRetire").filter(is_soon) {
            let message = format!("{who} may be retired on {date}: sources disagree about the date.{advice}");
            self.warning("model", message, successor);
        }
    }

    fn prompt(&mut self, prompt: &str) {
        if prompt.trim().is_empty() {
            return self.error("prompt", "prompt is empty. Describe the image to generate.".into(), None);
        }
        let Some(most) = self.model.number("maxPromptCharacters") else { return };
        // Counts characters only if the prompt may be too long: a string never has more characters than bytes.
        let length = Some(prompt.len()).filter(|bytes| exceeds(*bytes, most)).map(|_| prompt.chars().count());
        if let Some(length) = length.filter(|length| exceeds(*length, most)) {
            let message =
                format!("prompt has {length} characters, but {} accepts at most {most}. Shorten the prompt.", self.who);
            self.error("prompt", message, None);
        }
    }

    fn inputs(&mut self, asked: &ImageParameters<'_>, operation: Operation) {
        let count = asked.inputs;
        if operation == Operation::Edits && count == 0 {
            self.error("image", "No image was passed. Pass the image to edit.".into(), None);
        }
        if asked.mask && count == 0 {
            let message = "A mask requires an image. Pass the image to edit, or omit the mask.";
            self.error("mask", message.into(), None);
        }
        if asked.mask && self.is_denied("masks") {
            let message =
                format!("mask is not supported by {}. Omit it, and describe the area in the prompt.", self.who);
            let supports = |model: &Model<'_>| model.service() == Service::OpenAi;
            self.error("mask", self.with_alternatives(message, supports), None);
        }
        if let Some(most) = self.model.number("maxInputs").filter(|most| exceeds(count, *most)) {
            let message =
                format!("{count} images were passed, but {} accepts at most {most}. Pass fewer images.", self.who);
            self.error("image", message, None);
        } else if count > 1
            && let Some(why) = self.model.text("maxInputsDoubt")
        {
            self.warning("image", format!("{count} images may not be supported. {why}."), None);
        }
    }

    /// Returns true if the catalog denies a feature.
    fn is_denied(&self, rule: &str) -> bool {
        self.model.rule(rule).and_then(Value::as_bool) == Some(false)
    }

    /// Adds the names of models that support what this model does not.
    fn with_alternatives(&self, mut message: String, supports: impl Fn(&Model<'_>) -> bool) -> String {
        let models = self.alternatives.get_or_init(|| self.model.alternatives(self.today));
        let names: Vec<&str> = models.iter().filter(|model| supports(model)).filter_map(Model::name).take(3).collect();
        if !names.is_empty() {
            message.push_str(" Models that support it: ");
            message.push_str(&names.join(", "));
            message.push('.');
        }
        message
    }

    fn options(&mut self, asked: &ImageParameters<'_>, operation: Operation) {
        for option in asked.options.into_iter().flat_map(ServiceOptions::set) {
            let (param, who) = (option.param, self.who);
            let rules = |model: &Model<'_>| model.rule("options").and_then(|options| options.get(param)).cloned();
            let Some(rule) = rules(self.model) else {
                let message = format!("{param} is not supported by {who}. Omit it.");
                self.error(param, self.with_alternatives(message, |model| rules(model).is_some()), None);
                continue;
            };
            let operations = rule.get("operations").and_then(Value::as_array).unwrap_or_default();
            if !operations.is_empty() && !operations.iter().any(|known| known.as_str() == Some(name_of(operation))) {
                self.error(
                    param,
                    format!("{param} is not supported by {who} for {}. Omit it.", name_of(operation)),
                    None,
                );
            } else if let Some(nearest) = option.value.outside(&rule) {
                let value = option.value.to_json().to_json();
                let message =
                    format!("{param} is {value}, which {who} does not support. The nearest value is {nearest}.");
                self.error(param, message, Some(nearest));
            } else if let Some(why) = rule.text("doubt")
                && option.value != OptionValue::Flag(false)
            {
                self.warning(param, format!("{param} may cause problems with {who}. {why}."), None);
            } else if (param, option.value) == ("autoAspectRatio", OptionValue::Flag(true)) && asked.size.is_some() {
                let message = "Both size and autoAspectRatio are set. Microsoft does not document which one applies.";
                self.warning(param, message.into(), None);
            }
        }
    }

    fn user(&mut self, user: Option<&str>) {
        if user.is_some() && self.is_denied("user") {
            let message = format!("user is not supported by {}. Omit it.", self.who);
            let supports = |model: &Model<'_>| model.service() == Service::OpenAi;
            self.error("user", self.with_alternatives(message, supports), None);
        }
    }

    fn aspect_ratio(&mut self, asked: &ImageParameters<'_>) {
        let Some(text) = asked.options.and_then(|options| options.aspect_ratio.as_deref()) else { return };
        let (param, who) = ("aspectRatio", self.who);
        let Some(ratio) = AspectRatio::parse(text) else {
            return self.error(
                param,
                format!("aspectRatio \"{text}\" is invalid. Use a ratio such as \"16:9\"."),
                None,
            );
        };
        if asked.size.is_some_and(|size| size != "auto") {
            return self.error(param, "Both size and aspectRatio are set. Pass only one of them.".into(), None);
        }
        match self.model.rule("aspectRatios").and_then(AspectRatios::read) {
            Some(limits) if limits.allow(ratio) => {}
            Some(limits) => {
                let (nearest, most) = (limits.nearest(ratio).to_string(), limits.max_ratio);
                let message = format!(
                    "aspectRatio {ratio} is not supported by {who}. It must be from {} to {most}. The nearest value is \
                     {nearest}.",
                    most.inverse()
                );
                self.error(param, message, Some(nearest));
            }
            None => {
                let suggestion = self.nearest(Some(ratio.to_size()), self.model.rule("freeSizes").map(FreeSizes::read));
                let message = format!("aspectRatio is not supported by {who}. Use size.");
                self.error(param, advised(message, suggestion.as_deref()), suggestion);
            }
        }
    }

    /// Numbers above the limit per request are split into several requests, so only the limit for all models applies.
    fn n(&mut self, n: Option<u32>) {
        let Some(n) = n else { return };
        let most = self.model.limit_of_all("maxN").unwrap_or(u64::MAX);
        if n == 0 || u64::from(n) > most {
            let nearest = if n == 0 { 1 } else { most };
            self.error("n", format!("n is {n}. It must be between 1 and {most}."), Some(nearest.to_string()));
        }
    }

    fn size(&mut self, size: Option<&str>, operation: Operation) {
        let Some(text) = size else { return };
        if text != "auto" && operation == Operation::Edits {
            match self.model.rule("editSizes") {
                Some(Value::Bool(false)) => {
                    let message =
                        format!("size is not supported by {} for edits. Omit it: the image keeps its shape.", self.who);
                    return self.error("size", message, None);
                }
                Some(Value::String(why)) => {
                    self.warning("size", format!("size may not be supported for edits. {why}."), None);
                }
                _ => {}
            }
        }
        let aspect_ratios = self.model.rule("aspectRatios").and_then(AspectRatios::read);
        let free = self.model.rule("freeSizes").map(FreeSizes::read);
        let has_rule = free.is_some() || self.model.rule("sizes").is_some();
        match self.model.listed("sizes", text) {
            Some(Standing::InDoubt(why)) => return self.in_doubt("size", text, why),
            Some(_) => return,
            // Services other than Azure OpenAI have no such value: it is sent as no size.
            None if text == "auto" && (!has_rule || self.model.service() != Service::OpenAi) => return,
            None => {}
        }
        let Some(size) = Size::parse(text) else {
            let suggestion = if text.trim().eq_ignore_ascii_case("auto") {
                self.nearest(None, free)
            } else {
                self.nearest(Some(Size::guess(text)), free)
            };
            let message = match text {
                "auto" => format!("size \"auto\" is not supported by {}.", self.who),
                _ => format!("size \"{text}\" is invalid. Use \"auto\", or a width and height such as \"1024x1024\"."),
            };
            return self.error("size", advised(message, suggestion.as_deref()), suggestion);
        };
        if let Some(limits) = aspect_ratios {
            return self.size_as_ratio(size, limits);
        }
        if !has_rule {
            return;
        }
        let Some(free) = free else {
            let suggestion = self.nearest(Some(size), None);
            let message =
                format!("size {size} is not supported by {}. Supported values: {}.", self.who, self.list("sizes"));
            return self.error("size", advised(message, suggestion.as_deref()), suggestion);
        };
        let rounded = free.rounded(size);
        let broken = free.broken_by(rounded);
        let doubt = |name| self.model.rule("freeSizes").and_then(|rules| rules.text(name));
        if !broken.is_empty() {
            let suggestion = self.nearest(Some(size), Some(free));
            let message = format!("size {size} is not supported by {}: {}.", self.who, broken.join(", "));
            self.error("size", advised(message, suggestion.as_deref()), suggestion);
            return;
        }
        if rounded != size {
            let message = format!(
                "size {size} is sent as {rounded}, because {} rounds width and height down to multiples of {}.",
                self.who, free.multiple
            );
            self.warning("size", message, Some(rounded.to_string()));
        }
        if free.is_experimental(rounded) {
            let message = match doubt("experimentalReason") {
                Some(why) => format!("size {rounded} may not be supported. {why}."),
                None => format!(
                    "size {size} is experimental: images of more than {} pixels take longer and may have lower quality.",
                    free.experimental_pixels
                ),
            };
            self.warning("size", message, None);
        } else if let Some(why) = doubt("maxEdgeDoubt")
            && free.is_longest(size)
        {
            self.in_doubt("size", text, why);
        }
    }

    /// Checks a size for a model that takes an aspect ratio instead.
    fn size_as_ratio(&mut self, size: Size, limits: AspectRatios) {
        let (who, ratio) = (self.who, limits.of(size));
        if limits.allow(ratio) {
            let message = format!(
                "size {size} is sent as aspect ratio {ratio}, because {who} chooses the number of pixels, about {}.",
                limits.pixels
            );
            return self.warning("size", message, None);
        }
        let nearest = limits.nearest(ratio);
        let message = format!(
            "size {size} is not supported by {who}: its aspect ratio must be from {} to {}.",
            limits.max_ratio.inverse(),
            limits.max_ratio
        );
        let suggestion = nearest.to_size().to_string();
        self.error("size", advised(message, Some(&suggestion)), Some(suggestion));
    }

    /// Returns the supported size nearest to `wanted`. Without `wanted`, returns `auto` or a common size.
    fn nearest(&self, wanted: Option<Size>, free: Option<FreeSizes>) -> Option<String> {
        let listed = || self.model.values("sizes");
        let has_rule = free.is_some() || self.model.rule("sizes").is_some();
        let Some(wanted) = wanted else {
            let automatic = !has_rule || listed().any(|size| size == "auto");
            return if automatic { Some("auto".into()) } else { listed().next().map(Into::into) };
        };
        let within = free.and_then(|free| if free.allow(wanted) { Some(wanted) } else { free.nearest(wanted) });
        let nearest = match within {
            None if has_rule => wanted.nearest_of(listed().filter_map(Size::parse)),
            None => Some(wanted),
            within => within,
        };
        nearest.map(|size| size.to_string())
    }

    fn format(&mut self, asked: &ImageParameters<'_>) {
        self.choice("outputFormat", "outputFormats", asked.output_format);
        let is_jpeg = asked.output_format.is_some_and(|format| matches!(format, "jpeg" | "jpg"));
        if is_jpeg && asked.background == Some("transparent") {
            let message =
                "JPEG does not support transparency, but background is \"transparent\". Use outputFormat \"png\".";
            self.error("outputFormat", message.into(), Some("png".into()));
        }
        let Some(compression) = asked.output_compression else { return };
        let who = self.who;
        if self.is_denied("compression") {
            return self.error(
                "outputCompression",
                format!("outputCompression is not supported by {who}. Omit it."),
                None,
            );
        }
        if let Some(most) = self.model.number("maxCompression").filter(|most| u64::from(compression) > *most) {
            let message = format!("outputCompression is {compression}. It must be between 0 and {most}.");
            return self.error("outputCompression", message, Some(most.to_string()));
        }
        if matches!(asked.output_format, None | Some("png")) && compression != 100 {
            let message = "outputCompression applies only to JPEG and WebP, but the image will be a PNG. Omit it, or \
                           use outputFormat \"jpeg\".";
            self.warning("outputCompression", message.into(), None);
        }
    }

    fn moderation(&mut self, moderation: Option<&str>, operation: Operation) {
        let before = self.problems.len();
        self.choice("moderation", "moderations", moderation);
        if moderation.is_some() && operation == Operation::Edits && self.problems.len() == before {
            let message = "moderation is documented only for generations. The service may reject it for an edit.";
            self.warning("moderation", message.into(), None);
        }
    }

    fn input_fidelity(&mut self, fidelity: Option<&str>, operation: Operation) {
        if fidelity.is_some() && operation == Operation::Generations {
            let message = "inputFidelity applies only to edits, but this request generates a new image. Omit it.";
            return self.error("inputFidelity", message.into(), None);
        }
        self.choice("inputFidelity", "inputFidelities", fidelity);
    }

    fn partial_images(&mut self, count: Option<u32>, streamed: bool) {
        let Some(count) = count else { return };
        if let Some(most) = self.model.number("maxPartialImages").filter(|most| u64::from(count) > *most) {
            let message = format!("partialImages is {count}. It must be between 0 and {most}.");
            return self.error("partialImages", message, Some(most.to_string()));
        }
        if !streamed && count > 0 {
            let message =
                "partialImages has no effect without streaming. Stream the response to receive partial images.";
            self.warning("partialImages", message.into(), None);
        }
    }

    /// Checks a parameter that has a list of values.
    fn choice(&mut self, param: &'static str, rule: &str, value: Option<&str>) {
        let Some(value) = value else { return };
        let (model, who) = (self.model, self.who);
        match model.standing(rule, value) {
            Standing::NoRule | Standing::Works => {}
            Standing::InDoubt(why) => self.in_doubt(param, value, why),
            Standing::NoParameter => {
                let message = format!("{param} is not supported by {who}. Omit it.");
                let works = |model: &Model<'_>| model.standing(rule, value) == Standing::Works;
                self.error(param, self.with_alternatives(message, works), None);
            }
            Standing::OfOthers => {
                let message =
                    format!("{param} \"{value}\" is not supported by {who}. Supported values: {}.", self.list(rule));
                let works = |model: &Model<'_>| model.standing(rule, value) == Standing::Works;
                let message = self.with_alternatives(message, works);
                let suggestion = self.similar(rule, value).or_else(|| self.only(rule));
                self.error(param, message, suggestion);
            }
            Standing::Unknown => {
                let message = format!(
                    "{param} \"{value}\" is not known for {who} and is sent unchanged. Known values: {}.",
                    self.list(rule)
                );
                let suggestion = self.similar(rule, value);
                self.warning(param, message, suggestion);
            }
        }
    }

    fn in_doubt(&mut self, param: &'static str, value: &str, why: &str) {
        self.warning(param, format!("{param} \"{value}\" may not be supported. {why}."), None);
    }

    fn list(&self, rule: &str) -> String {
        let mut list = String::new();
        for value in self.model.values(rule) {
            if !list.is_empty() {
                list.push_str(", ");
            }
            list.push_str(value);
        }
        list
    }

    /// Returns the value that was most likely intended.
    fn similar(&self, rule: &str, value: &str) -> Option<String> {
        let value = if value.eq_ignore_ascii_case("jpg") { "jpeg" } else { value.trim() };
        let values = || self.model.values(rule);
        let same = values().find(|known| known.eq_ignore_ascii_case(value));
        let near = || {
            let level = level(value)?;
            let distance = |known: &str| self::level(known).map(|known| known.abs_diff(level));
            values().filter(|known| distance(known).is_some()).min_by_key(|known| distance(known))
        };
        same.or_else(near).map(Into::into)
    }

    fn only(&self, rule: &str) -> Option<String> {
        let mut values = self.model.values(rule);
        values.next().filter(|_| values.next().is_none()).map(Into::into)
    }
}

fn name_of(operation: Operation) -> &'static str {
    match operation {
        Operation::Generations => "generations",
        Operation::Edits => "edits",
    }
}

/// Returns the rank of a quality across the names used by different model families.
fn level(quality: &str) -> Option<u8> {
    Some(match quality {
        "low" => 1,
        "medium" | "standard" => 2,
        "high" | "hd" => 3,
        "xhigh" => 4,
        "max" => 5,
        _ => return None,
    })
}

fn exceeds(count: usize, most: u64) -> bool {
    u64::try_from(count).is_ok_and(|count| count > most)
}

fn advised(mut message: String, suggestion: Option<&str>) -> String {
    if let Some(suggestion) = suggestion {
        message.push_str(" The nearest supported size is \"");
        message.push_str(suggestion);
        message.push_str("\".");
    }
    message
}
