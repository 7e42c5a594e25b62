//! Model catalog: the parameters, lifecycle and prices of each model, as data.
//!
//! The data is in `catalog.json`. Callers can extend or override it ([`Catalog::with`]) for models newer than this
//! package or for newly supported values. The lists are not closed: models and values missing from the data are
//! accepted.
//!
//! `models` contains the rules of each model by name. `"gpt-image-2.5-*"` matches every model name with that prefix,
//! and `"*"` matches every model, known or not. Each entry extends the entry named by `extends`, or `"*"` by default.
//! Its properties override those of the base recursively, and `null` removes a property ([RFC 7396]). A caller's
//! extension is merged the same way.
//!
//! | property | meaning |
//! |---|---|
//! | `service` | `mai` or `flux`. Default: `openai` |
//! | `path` | last segment of the route of a FLUX model |
//! | `operations` | choice of `generations`, `edits` |
//! | `sizes`, `qualities`, `outputFormats`, `backgrounds`, `moderations`, `inputFidelities`, `styles`, `responseFormats` | choices of parameter values |
//! | `freeSizes` | any size within `multiple`, `minEdge`, `maxEdge`, `maxRatio` (long to short edge), `minPixels`, `maxPixels`; sizes above `experimentalPixels` cause a warning, with `experimentalReason`; so does `maxEdge` itself, with `maxEdgeDoubt` |
//! | `freeSizes.rounds` | `true` if the service rounds edges down to the multiple without an error |
//! | `aspectRatios` | the model takes an aspect ratio instead of a size: up to `maxRatio`, with about `pixels` pixels |
//! | `editSizes` | `false` if an edit has no size, or a string if this is uncertain |
//! | `streaming`, `masks`, `compression`, `user` | `false` if the model does not support it |
//! | `maxN` | maximum images per request; larger numbers are split into several requests |
//! | `maxPartialImages`, `maxPromptCharacters`, `maxInputs`, `maxInputBytes`, `maxCompression` | maximum values |
//! | `maxInputsDoubt` | why more than one input image is uncertain |
//! | `options` | other options, each with `min`, `max`, `doubt` (a reason) and `operations` |
//! | `defaultQuality`, `defaultSize` | value of an omitted parameter, if certain |
//! | `retires`, `successor` | retirement date, and the replacement model |
//! | `mayRetire` | earlier retirement date of another source |
//! | `unconfirmed` | no source confirms that Azure offers the model |
//! | `tokens`, `prices` | per image, by quality and size: output tokens, and the price in millionths of a dollar |
//! | `pixelsPerToken` | output pixels per output token, without a table |
//! | `imagePrice`, `megapixelPrices` | price per image, or per started megapixel: `firstOutput`, `output`, `input`; in millionths of a dollar |
//! | `partialImageTokens` | output tokens per partial image |
//! | `rates` | millionths of a dollar per million tokens: `textInput`, `imageInput`, `output` (images), `textOutput` |
//! | `pricesAsOf` | date of `prices` and `rates` |
//!
//! A **choice** is an object with one property per value: `true` if the value is supported, a string if this is
//! uncertain (the string gives the reason and becomes a warning), `false` if it is not supported. `false` instead of a
//! choice means that the model does not accept the parameter. A list of strings is also a choice. If the property is
//! missing, the parameter is not checked.
//!
//! # Sources
//! Read in November 2026. Not verified against the live service.
//! - Choices, limits and sizes: Azure's specification 2025-04-01-preview and its v1 preview, Microsoft's how-to guide
//!   on image models, OpenAI's specification 2.3.0, `openai` 7.55 for Node.js. If the sources disagree, every value
//!   listed by one of them is allowed, with a string that names the source without it: WebP, a transparent background
//!   on gpt-image-2, quality `auto` for DALL·E.
//! - gpt-image-2.5: its tokens and prices come from invoices and measurements of September 2026. gpt-image-2.6 and
//!   `chatgpt-image-latest`: `openai` for Node.js only.
//! - MAI and FLUX: Microsoft's pages of 2026, clients of these services, and users' reports. MAI-Image-2.7 is known only
//!   from resellers and one client.
//! - `retires`: Microsoft's retirement schedule of September 2026. It does not list dall-e-2, so OpenAI's date
//!   is used. `mayRetire`: its July edition, and for FLUX a third-party list.
//! - `tokens`: Microsoft's overview and OpenAI's guide. For gpt-image-2 and 2.5 there is no table, only measured values,
//!   which follow no formula.
//! - `prices`: OpenAI's guide of 2026. DALL·E: OpenAI's price list of December 2023. Azure's prices differ by region
//!   and contract. gpt-image-1.5 at 1024x1024: measured in September 2026, more than its tokens. FLUX.2-pro: Azure's meters of August 2026; another list has $0.04 per image.
//! - `rates`: OpenAI's model pages if readable (mini), FACTS for gpt-image-2, otherwise third-party listings and common
//!   knowledge. Text output: BerriAI/litellm#31142. MAI-Image-2.7-Flash: computed from a reseller's prices. These are
//!   estimates, and the caller's `rates` take precedence.
//!
//! [RFC 7396]: https://www.rfc-editor.org/rfc/rfc7396

use std::borrow::Cow;
use std::sync::LazyLock;

use crate::decode::json::{Limits, Value};
use crate::errors::Failure;
use crate::models::service::Service;

const CATALOG: &str = include_str!("catalog.json");
/// Limits for the embedded catalog, which is 12 kB long.
const LIMITS: Limits = Limits { max_kept_bytes: 1024 * 1024, max_depth: 8 };
/// Name of the entry that applies to every model.
const EVERY_MODEL: &str = "*";
/// Maximum length of an `extends` chain. Also ends cycles.
const MAX_ANCESTORS: u32 = 8;

/// Rules of all models.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Catalog {
    /// Objects that map model names to rules. Each is merged over the previous ones.
    layers: Vec<Cow<'static, Value>>,
}

/// Built-in catalog, parsed once: a page may create a client for every call.
static BUILT_IN: LazyLock<Value> = LazyLock::new(built_in);

fn built_in() -> Value {
    let mut catalog = Value::parse(CATALOG.as_bytes(), LIMITS).unwrap_or(Value::Null);
    catalog.get_mut("models").map(std::mem::take).unwrap_or_default()
}

impl Default for Catalog {
    /// Returns the built-in catalog.
    fn default() -> Self {
        Self { layers: vec![Cow::Borrowed(&BUILT_IN)] }
    }
}

impl Catalog {
    /// Returns the built-in catalog with `extra` merged over it. `extra` has the same structure, and a `null` entry
    /// removes a model.
    ///
    /// # Errors
    /// `extra` has a different structure, or `extends` names an unknown model.
    pub fn with(extra: &Value) -> Result<Self, Failure> {
        let invalid = |message: String| Failure::invalid("catalog", message);
        let models = extra.get("models").unwrap_or(&Value::Null);
        let Some(members) = models.as_object() else {
            return Err(invalid("catalog must be an object with a models property that is an object.".into()));
        };
        let mut catalog = Self::default();
        catalog.layers.push(Cow::Owned(models.clone()));
        for (name, rules) in members {
            if *rules != Value::Null && rules.as_object().is_none() {
                return Err(invalid(format!("catalog.models[\"{name}\"] must be an object.")));
            }
            let base = rules.get("extends").filter(|base| **base != Value::Null);
            if base.is_some_and(|base| !base.as_str().is_some_and(|base| catalog.has(base))) {
                return Err(invalid(format!(
                    "catalog.models[\"{name}\"].extends must exactly match a model name in the catalog."
                )));
            }
        }
        Ok(catalog)
    }

    /// Returns the names of all entries, except the entry for all models.
    #[must_use]
    pub fn names(&self) -> Vec<&str> {
        let mut names: Vec<&str> = Vec::new();
        for (name, _) in self.layers.iter().filter_map(|layer| layer.as_object()).flatten() {
            if name != EVERY_MODEL && self.has(name) && !names.contains(&name.as_str()) {
                names.push(name);
            }
        }
        names
    }

    /// Returns the rules of a model. Uses the entry with its name, the entry without the date suffix
    /// (`gpt-image-2-2026-04-21`), or the longest matching prefix entry, in that order. For an unknown or unnamed
    /// model, only the rules for all models apply.
    #[must_use]
    pub fn model(&self, name: Option<&str>) -> Model<'_> {
        let name = name.map(str::trim).filter(|name| !name.is_empty());
        let entry = name.and_then(|name| self.find(name));
        let rules = self.rules(entry.unwrap_or(EVERY_MODEL), MAX_ANCESTORS);
        let is_exact = entry.is_some_and(|entry| !entry.ends_with('*'));
        Model { catalog: self, name: name.map(Into::into), is_known: entry.is_some(), is_exact, rules }
    }

    /// Returns the rules of a model of a service. If the model's own entry belongs to another service, the model is
    /// unknown, and only the rules for all models of the service apply.
    #[must_use]
    pub fn model_of(&self, service: Service, name: Option<&str>) -> Model<'_> {
        let model = self.model(name);
        if model.service() == service {
            return model;
        }
        let rules = self.rules(service.entry(), MAX_ANCESTORS);
        Model { name: None, is_known: false, is_exact: false, rules, ..model }
    }

    fn find(&self, name: &str) -> Option<&str> {
        let names = self.names();
        let exact = |name: &str| names.iter().copied().find(|known| known.eq_ignore_ascii_case(name));
        let by_beginning = || {
            let begins = |known: &&&str| {
                let beginning = known.strip_suffix('*').map(|stem| (name.get(..stem.len()), stem));
                beginning.is_some_and(|(start, stem)| start.is_some_and(|start| start.eq_ignore_ascii_case(stem)))
            };
            names.iter().filter(begins).max_by_key(|known| known.len()).copied()
        };
        exact(name).or_else(|| exact(without_date(name)?)).or_else(by_beginning)
    }

    /// Returns the rules for a name from all layers, lowest first.
    fn entry(&self, name: &str) -> Vec<&Value> {
        let mut entry = Vec::new();
        for rules in self.layers.iter().filter_map(|layer| layer.get(name)) {
            match rules {
                Value::Null => entry.clear(),
                rules => entry.push(rules),
            }
        }
        entry
    }

    fn has(&self, name: &str) -> bool {
        !self.entry(name).is_empty()
    }

    fn rules(&self, name: &str, ancestors: u32) -> Value {
        let entry = self.entry(name);
        let base = entry.iter().rev().find_map(|rules| rules.get("extends"));
        let mut rules = match ancestors.checked_sub(1) {
            Some(ancestors) if name != EVERY_MODEL => {
                self.rules(base.and_then(Value::as_str).unwrap_or(EVERY_MODEL), ancestors)
            }
            _ => Value::Object(Vec::new()),
        };
        for own in entry {
            patch(&mut rules, own);
        }
        rules
    }

    /// Returns `true` if any model lists the value in this choice.
    fn knows(&self, choice: &str, value: &str) -> bool {
        let lists = |rules: &&Value| members(rules.get(choice)).iter().any(|(known, _)| *known == value);
        self.names().into_iter().any(|name| self.entry(name).iter().any(lists))
    }
}

/// Applies a JSON Merge Patch.
fn patch(target: &mut Value, with: &Value) {
    let Value::Object(changes) = with else {
        *target = with.clone();
        return;
    };
    if target.as_object().is_none() {
        *target = Value::Object(Vec::new());
    }
    let Value::Object(members) = target else { return };
    for (name, change) in changes {
        if *change == Value::Null {
            members.retain(|(known, _)| known != name);
        } else if let Some((_, known)) = members.iter_mut().find(|(known, _)| known == name) {
            patch(known, change);
        } else {
            let mut value = Value::Null;
            patch(&mut value, change);
            members.push((name.clone(), value));
        }
    }
}

/// Returns the values of a choice with their level of support, without unsupported values.
fn members(choice: Option<&Value>) -> Vec<(&str, &Value)> {
    let mut members: Vec<(&str, &Value)> = match choice {
        Some(Value::Object(values)) => values.iter().map(|(value, works)| (value.as_str(), works)).collect(),
        Some(Value::Array(values)) => {
            values.iter().filter_map(|value| Some((value.as_str()?, &Value::Bool(true)))).collect()
        }
        _ => Vec::new(),
    };
    members.retain(|(_, works)| **works != Value::Bool(false));
    members
}

/// Removes a date suffix such as `-2026-04-21`.
fn without_date(name: &str) -> Option<&str> {
    let (stem, date) = name.split_at_checked(name.len().checked_sub(11)?)?;
    day(date.strip_prefix('-')?).map(|_| stem)
}

/// Converts a date such as `2026-04-21` to a day number with an arbitrary epoch.
pub(crate) fn day(date: &str) -> Option<u32> {
    let bytes = date.as_bytes();
    let number = |range: std::ops::Range<usize>| {
        let digits = bytes.get(range)?;
        let is_number = digits.iter().all(u8::is_ascii_digit);
        is_number.then(|| digits.iter().fold(0_u32, |number, digit| number * 10 + u32::from(digit - b'0')))
    };
    let (year, month, day) = (number(0..4)?, number(5..7)?, number(8..10)?);
    if bytes.len() != 10 || bytes.get(4) != Some(&b'-') || bytes.get(7) != Some(&b'-') || year == 0 {
        return None;
    }
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    // Years start in March, so the leap day is the last day.
    let (year, month) = if month < 3 { (year - 1, month + 9) } else { (year, month - 3) };
    Some(year * 365 + year / 4 - year / 100 + year / 400 + (month * 153 + 2) / 5 + day)
}

/// Rules of one model.
#[derive(Debug, Clone)]
pub struct Model<'a> {
    catalog: &'a Catalog,
    name: Option<String>,
    is_known: bool,
    is_exact: bool,
    rules: Value,
}

/// Support for a parameter value according to the catalog.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing<'a> {
    /// The catalog has no rule for the parameter.
    NoRule,
    /// The value is supported.
    Works,
    /// The value may not be supported, for the given reason.
    InDoubt(&'a str),
    /// The model does not accept the parameter.
    NoParameter,
    /// Only other models support the value, or it is explicitly unsupported.
    OfOthers,
    /// No model in the catalog lists the value.
    Unknown,
}

impl Model<'_> {
    /// Returns the requested model name.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// Returns `true` if the catalog has rules for this model beyond those for all models.
    #[must_use]
    pub fn is_known(&self) -> bool {
        self.is_known
    }

    /// Returns the service that runs the model.
    #[must_use]
    pub fn service(&self) -> Service {
        self.text("service").and_then(Service::named).unwrap_or_default()
    }

    /// Returns the confirmed models that are not retired on `today`, which may support what this model does not.
    pub(crate) fn alternatives(&self, today: &str) -> Vec<Self> {
        let names = self.catalog.names().into_iter().filter(|name| !name.ends_with('*'));
        let models = names.map(|name| self.catalog.model(Some(name)));
        let is_current = |model: &Self| model.text("retires").is_none_or(|date| date > today);
        models.filter(|model| is_current(model) && model.rule("unconfirmed").is_none()).collect()
    }

    /// Returns `true` if the catalog has an entry for this model, not only for a prefix of its name.
    #[must_use]
    pub fn is_exact(&self) -> bool {
        self.is_exact
    }

    /// Returns the maximum number of images per request.
    #[must_use]
    pub fn max_n(&self) -> Option<u64> {
        self.number("maxN")
    }

    /// Returns whether the model supports streaming, if known.
    #[must_use]
    pub fn streams(&self) -> Option<bool> {
        self.rule("streaming").and_then(Value::as_bool)
    }

    /// Returns the support for a value of a choice such as `qualities`.
    #[must_use]
    pub fn standing(&self, choice: &str, value: &str) -> Standing<'_> {
        let Some(rule) = self.rule(choice) else { return Standing::NoRule };
        if *rule == Value::Bool(false) {
            return Standing::NoParameter;
        }
        let is_ruled_out = rule.get(value) == Some(&Value::Bool(false));
        match self.listed(choice, value) {
            Some(standing) => standing,
            None if is_ruled_out || self.catalog.knows(choice, value) => Standing::OfOthers,
            None => Standing::Unknown,
        }
    }

    /// Returns the support for a value in the model's own choice, or `None` if it is not listed.
    pub(crate) fn listed(&self, choice: &str, value: &str) -> Option<Standing<'_>> {
        let (_, works) = members(self.rule(choice)).into_iter().find(|(known, _)| *known == value)?;
        Some(works.as_str().map_or(Standing::Works, Standing::InDoubt))
    }

    /// Returns the values of a choice that are certainly supported.
    pub fn values(&self, choice: &str) -> impl Iterator<Item = &str> {
        members(self.rule(choice)).into_iter().filter(|(_, works)| works.as_str().is_none()).map(|(value, _)| value)
    }

    /// Returns a property of the rules.
    #[must_use]
    pub fn rule(&self, name: &str) -> Option<&Value> {
        self.rules.get(name)
    }

    pub(crate) fn number(&self, name: &str) -> Option<u64> {
        self.rule(name).and_then(Value::as_u64)
    }

    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.rule(name).and_then(Value::as_str)
    }

    /// Returns the limit for all models, or the model's own limit if that is higher.
    pub(crate) fn limit_of_all(&self, name: &str) -> Option<u64> {
        let of_all = self.catalog.rules(EVERY_MODEL, MAX_ANCESTORS);
        self.number(name).max(of_all.get(name).and_then(Value::as_u64))
    }
}
