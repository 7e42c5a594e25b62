//! Says before a request is sent what the service would refuse: every problem at once, each with what to do.
//!
//! The rules are those of the [`catalog`](crate::models::catalog). Where the model is not known, only those count that hold for
//! every model. An **error** cannot work, as far as is known; a **warning** may: a value that the catalog has not heard of,
//! one on which the sources disagree, a model near its end.
//!
//! Not looked at here: the bytes of the images, the deployment, and what is passed beside the typed parameters.

use std::borrow::Cow;

use serde::Serialize;

use crate::decode::json::Value;
use crate::http::endpoint::Operation;
use crate::models::catalog::{Model, Standing, day};
use crate::models::size::{FreeSizes, Size};

/// What a request asks for, however it will be sent. `None`: left out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ImageParameters<'a> {
    /// What to draw or to change.
    pub prompt: &'a str,
    /// How many images.
    pub n: Option<u32>,
    /// `1024x1024` and the like, or `auto`.
    pub size: Option<&'a str>,
    /// `low` and so on.
    pub quality: Option<&'a str>,
    /// `transparent`, `opaque` or `auto`.
    pub background: Option<&'a str>,
    /// `png` and so on.
    pub output_format: Option<&'a str>,
    /// 0 to 100.
    pub output_compression: Option<u32>,
    /// `auto` or `low`.
    pub moderation: Option<&'a str>,
    /// `vivid` or `natural`.
    pub style: Option<&'a str>,
    /// `b64_json` or `url`.
    pub response_format: Option<&'a str>,
    /// `high` or `low`.
    pub input_fidelity: Option<&'a str>,
    /// How many partial images.
    pub partial_images: Option<u32>,
    /// How many images are given to an edit.
    pub inputs: usize,
    /// Whether a mask is given.
    pub mask: bool,
}

/// How bad a problem is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The request cannot work.
    Error,
    /// The request may work.
    Warning,
}

/// Something about a request that the service may refuse.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ValidationProblem {
    /// The parameter, by its name in JavaScript.
    pub param: Cow<'static, str>,
    /// What is wrong, and what to do.
    pub message: String,
    /// How bad it is.
    pub severity: Severity,
    /// A value for the parameter that works and is near to what was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub suggestion: Option<String>,
}

/// From so many days before a model retires, each use of it is warned about.
pub const RETIRES_SOON_DAYS: u32 = 60;

/// Finds every problem of a request. `today`: `2026-11-21`; with anything else, nothing is said about the model's life.
#[must_use]
pub fn validate(
    asked: &ImageParameters<'_>,
    operation: Operation,
    streamed: bool,
    model: &Model<'_>,
    today: &str,
) -> Vec<ValidationProblem> {
    let who = model.name().filter(|_| model.is_known()).unwrap_or("the service");
    let mut check = Check { model, who, problems: Vec::new() };
    check.model(operation, streamed, today);
    check.prompt(asked.prompt);
    check.inputs(asked, operation);
    check.n(asked.n);
    check.size(asked.size);
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
    /// In the place of the model's name.
    who: &'a str,
    problems: Vec<ValidationProblem>,
}

impl Check<'_> {
    fn error(&mut self, param: &'static str, message: String, suggestion: Option<String>) {
        self.problems.push(ValidationProblem { param: param.into(), message, severity: Severity::Error, suggestion });
    }

    fn warning(&mut self, param: &'static str, message: String, suggestion: Option<String>) {
        self.problems.push(ValidationProblem { param: param.into(), message, severity: Severity::Warning, suggestion });
    }

    fn model(&mut self, operation: Operation, streamed: bool, today: &str) {
        let (model, who) = (self.model, self.who);
        let successor = model.text("successor").map(str::to_owned);
        if let Some(name) = model.name().filter(|_| !model.is_known()) {
            self.warning(
                "model",
                format!(
                    "The catalog does not hold the model \"{name}\", so only what holds for every model is checked."
                ),
                None,
            );
        }
        if model.rule("unconfirmed").and_then(Value::as_bool) == Some(true) {
            self.warning(
                "model",
                format!(
                    "No source says that Azure has {who}. If your deployment is one, what is known of it may be wrong."
                ),
                None,
            );
        }
        let name = match operation {
            Operation::Generations => "generations",
            Operation::Edits => "edits",
        };
        if model.rule("operations").is_some() && model.listed("operations", name).is_none() {
            self.error(
                "model",
                format!("{who} makes no {name}. Use a deployment of another model."),
                successor.clone(),
            );
        }
        if streamed && model.streams() == Some(false) {
            self.error("stream", format!("{who} does not stream. Ask for the whole answer at once."), None);
        }
        let Some(date) = model.text("retires") else { return };
        let Some((end, now)) = day(date).zip(day(today)) else { return };
        let advice = successor.as_deref().map(|model| format!(" Use {model}.")).unwrap_or_default();
        if now >= end {
            let message = format!("The last day of {who} was to be {date}: calls to it may fail.{advice}");
            self.warning("model", message, successor);
        } else if end.saturating_sub(now) <= RETIRES_SOON_DAYS {
            self.warning("model", format!("{who} is to be retired on {date}.{advice}"), successor);
        }
    }

    fn prompt(&mut self, prompt: &str) {
        if prompt.trim().is_empty() {
            return self.error("prompt", "prompt is empty. Say what to draw.".into(), None);
        }
        let Some(most) = self.model.number("maxPromptCharacters") else { return };
        // Counted only where it may be too long: no text has more characters than bytes.
        let length = Some(prompt.len()).filter(|bytes| exceeds(*bytes, most)).map(|_| prompt.chars().count());
        if let Some(length) = length.filter(|length| exceeds(*length, most)) {
            let message = format!("prompt has {length} characters; {} takes at most {most}. Shorten it.", self.who);
            self.error("prompt", message, None);
        }
    }

    fn inputs(&mut self, asked: &ImageParameters<'_>, operation: Operation) {
        let count = asked.inputs;
        if operation == Operation::Edits && count == 0 {
            self.error("image", "No image was given. Pass the image to be edited.".into(), None);
        }
        if asked.mask && count == 0 {
            let message = "A mask says which part of an image to edit, but there is no image. Pass the image, or leave \
                           the mask out.";
            self.error("mask", message.into(), None);
        }
        if let Some(most) = self.model.number("maxInputs").filter(|most| exceeds(count, *most)) {
            let message = format!("{count} images were given; {} takes at most {most}.", self.who);
            self.error("image", message, None);
        }
    }

    /// More than one request brings become several requests, so that only the limit of all models counts.
    fn n(&mut self, n: Option<u32>) {
        let Some(n) = n else { return };
        let most = self.model.limit_of_all("maxN").unwrap_or(u64::MAX);
        if n == 0 || u64::from(n) > most {
            let nearest = if n == 0 { 1 } else { most };
            self.error("n", format!("n is {n}. It can be 1 to {most}."), Some(nearest.to_string()));
        }
    }

    fn size(&mut self, size: Option<&str>) {
        let Some(text) = size else { return };
        let free = self.model.rule("freeSizes").map(FreeSizes::read);
        let has_rule = free.is_some() || self.model.rule("sizes").is_some();
        match self.model.listed("sizes", text) {
            Some(Standing::InDoubt(why)) => return self.in_doubt("size", text, why),
            Some(_) => return,
            None if text == "auto" && !has_rule => return,
            None => {}
        }
        let Some(size) = Size::parse(text) else {
            let suggestion = if text.trim().eq_ignore_ascii_case("auto") {
                self.nearest(None, free)
            } else {
                self.nearest(Some(Size::guess(text)), free)
            };
            let message = match text {
                "auto" => format!("size is \"auto\", which {} does not take.", self.who),
                _ => format!("size is \"{text}\". It must be \"auto\", or width and height like \"1024x1024\"."),
            };
            return self.error("size", advised(message, suggestion.as_deref()), suggestion);
        };
        if !has_rule {
            return;
        }
        let Some(free) = free else {
            let suggestion = self.nearest(Some(size), None);
            let message = format!("size is {size}. {} takes {}.", self.who, self.list("sizes"));
            return self.error("size", advised(message, suggestion.as_deref()), suggestion);
        };
        let broken = free.broken_by(size);
        if !broken.is_empty() {
            let suggestion = self.nearest(Some(size), Some(free));
            let message = format!("size is {size}, which {} does not take: {}.", self.who, broken.join(", "));
            self.error("size", advised(message, suggestion.as_deref()), suggestion);
        } else if free.is_experimental(size) {
            let message = format!(
                "size is {size}. More than {} pixels are experimental: they take longer, and the image may be worse.",
                free.experimental_pixels
            );
            self.warning("size", message, None);
        }
    }

    /// The legal size nearest to another. Without one: `auto`, or a common size.
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
                "A JPEG has no transparency, but background is \"transparent\". Ask for outputFormat \"png\".";
            self.error("outputFormat", message.into(), Some("png".into()));
        }
        let Some(compression) = asked.output_compression else { return };
        let who = self.who;
        if self.model.rule("compression").and_then(Value::as_bool) == Some(false) {
            return self.error("outputCompression", format!("{who} takes no outputCompression. Leave it out."), None);
        }
        if let Some(most) = self.model.number("maxCompression").filter(|most| u64::from(compression) > *most) {
            let message = format!("outputCompression is {compression}. It can be 0 to {most}.");
            return self.error("outputCompression", message, Some(most.to_string()));
        }
        if matches!(asked.output_format, None | Some("png")) && compression != 100 {
            let message = "outputCompression is for JPEG and WebP, but the image will be a PNG. Leave it out, or ask for \
                           outputFormat \"jpeg\".";
            self.warning("outputCompression", message.into(), None);
        }
    }

    fn moderation(&mut self, moderation: Option<&str>, operation: Operation) {
        let before = self.problems.len();
        self.choice("moderation", "moderations", moderation);
        if moderation.is_some() && operation == Operation::Edits && self.problems.len() == before {
            let message = "moderation is documented for generations only; the service may refuse it with an edit.";
            self.warning("moderation", message.into(), None);
        }
    }

    fn input_fidelity(&mut self, fidelity: Option<&str>, operation: Operation) {
        if fidelity.is_some() && operation == Operation::Generations {
            let message =
                "inputFidelity is about the images given to an edit, and this makes a new image. Leave it out.";
            return self.error("inputFidelity", message.into(), None);
        }
        self.choice("inputFidelity", "inputFidelities", fidelity);
    }

    fn partial_images(&mut self, count: Option<u32>, streamed: bool) {
        let Some(count) = count else { return };
        let who = self.who;
        if self.model.streams() == Some(false) {
            return self.error(
                "partialImages",
                format!("{who} makes no partial images. Leave partialImages out."),
                None,
            );
        }
        if let Some(most) = self.model.number("maxPartialImages").filter(|most| u64::from(count) > *most) {
            let message = format!("partialImages is {count}. It can be 0 to {most}.");
            return self.error("partialImages", message, Some(most.to_string()));
        }
        if !streamed && count > 0 {
            let message =
                "partialImages has no effect on an answer that is not streamed. Stream it to see partial images.";
            self.warning("partialImages", message.into(), None);
        }
    }

    /// A parameter whose values are listed.
    fn choice(&mut self, param: &'static str, rule: &str, value: Option<&str>) {
        let Some(value) = value else { return };
        let (model, who) = (self.model, self.who);
        match model.standing(rule, value) {
            Standing::NoRule | Standing::Works => {}
            Standing::InDoubt(why) => self.in_doubt(param, value, why),
            Standing::NoParameter => {
                self.error(param, format!("{who} takes no {param}. Leave it out."), None);
            }
            Standing::OfOthers => {
                let message =
                    format!("{param} is \"{value}\", which {who} does not take. It takes {}.", self.list(rule));
                let suggestion = self.similar(rule, value).or_else(|| self.only(rule));
                self.error(param, message, suggestion);
            }
            Standing::Unknown => {
                let message = format!(
                    "{param} is \"{value}\", which is not known of {who} and is sent as it is. Known are {}.",
                    self.list(rule)
                );
                let suggestion = self.similar(rule, value);
                self.warning(param, message, suggestion);
            }
        }
    }

    fn in_doubt(&mut self, param: &'static str, value: &str, why: &str) {
        self.warning(param, format!("{param} is \"{value}\". {why}."), None);
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

    /// The value that was most likely meant.
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

/// How good a quality is, across the families' names for it.
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
        message.push_str(" Nearest is \"");
        message.push_str(suggestion);
        message.push_str("\".");
    }
    message
}
