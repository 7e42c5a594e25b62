//! What is known of each model, as data: what it takes, how long it lives, what it costs.
//!
//! The data is `catalog.json`, which a caller extends or overrides ([`Catalog::with`]) for models that are newer than
//! this package, or for what a service has come to allow. Nothing here is a closed list: a model or value that the data does
//! not hold passes.
//!
//! `models` holds the rules of each model under its name. `"gpt-image-2.5-*"` stands for every model whose name begins so,
//! and `"*"` for all of them, known or not. Every entry builds on another, named by `extends`, or else on `"*"`: what both
//! have, it overrides member by member, and `null` removes a member ([RFC 7396]). An extension is laid over it the same way.
//!
//! | member | meaning |
//! |---|---|
//! | `operations` | choice of `generations`, `edits` |
//! | `sizes`, `qualities`, `outputFormats`, `backgrounds`, `moderations`, `inputFidelities`, `styles`, `responseFormats` | choices of the parameter's values |
//! | `freeSizes` | any size within `multiple`, `maxEdge`, `maxRatio` (long to short edge), `minPixels`, `maxPixels`; above `experimentalPixels` with a warning |
//! | `streaming`, `compression` | whether the model streams, and takes `outputCompression` |
//! | `maxN` | images of one request; more become several requests |
//! | `maxPartialImages`, `maxPromptCharacters`, `maxInputs`, `maxCompression` | largest values |
//! | `defaultQuality`, `defaultSize` | what an omitted parameter means, where that is sure |
//! | `retires`, `successor` | the day on which the model goes, and what to use instead |
//! | `unconfirmed` | no source says that Azure has the model |
//! | `tokens`, `prices` | of one image, by quality and size: output tokens, and millionths of a dollar |
//! | `partialImageTokens` | output tokens of each partial image |
//! | `rates` | millionths of a dollar for a million tokens: `textInput`, `imageInput`, `output` (images), `textOutput` |
//! | `pricesAsOf` | when `prices` and `rates` were read |
//!
//! A **choice** is an object with each value as a member: `true` where it works, a text where that is in doubt (the text says
//! why, and becomes a warning), `false` where it does not. `false` in the place of a choice: the model does not take the parameter. A list of texts
//! works too. Without the member there is no rule.
//!
//! # Sources
//! Read in November 2026; none was tried against the live service.
//! - Choices, limits and sizes: Azure's specification 2025-04-01-preview and its v1 preview, Microsoft's how-to on image
//!   models, OpenAI's specification 2.3.0, `openai` 7.55 for Node.js. Where they disagree, what any of them allows is allowed,
//!   with a text that says who does not: WebP, a transparent background on gpt-image-2, `auto` as quality of DALL·E.
//! - Qualities `xhigh` and `max`, models 2.5 and 2.6 and `chatgpt-image-latest`: `openai` 7.55 only.
//! - `retires`: Microsoft's retirement schedule of July 2026. It does not list dall-e-2, which has OpenAI's date.
//! - `tokens`: Microsoft's overview and OpenAI's guide. For gpt-image-2 there is no table, only points that users have
//!   quoted, which follow no formula.
//! - `prices`: OpenAI's guide of 2026; DALL·E: OpenAI's price list of December 2023. Azure's differ by region and contract.
//! - `rates`: OpenAI's model pages where they could be read (mini), FACTS for gpt-image-2, otherwise third-party listings and what
//!   was generally known; for text output BerriAI/litellm#31142; for 2.5 what its resellers quoted in September 2026. They are
//!   estimates, and `rates` of the caller go before them.
//!
//! [RFC 7396]: https://www.rfc-editor.org/rfc/rfc7396

use std::borrow::Cow;
use std::sync::LazyLock;

use crate::decode::json::{Limits, Value};
use crate::errors::Failure;

const CATALOG: &str = include_str!("catalog.json");
/// For the data above, which is 6 kB long.
const LIMITS: Limits = Limits { max_kept_bytes: 1024 * 1024, max_depth: 8 };
/// The entry that holds for every model.
const EVERY_MODEL: &str = "*";
/// Longest chain of `extends`. A circle ends there.
const MAX_ANCESTORS: u32 = 8;

/// The rules of all models.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Catalog {
    /// Objects with models as members, each laid over the ones before it.
    layers: Vec<Cow<'static, Value>>,
}

/// What this package knows, once for all catalogs: a page may make a client for every call.
static BUILT_IN: LazyLock<Value> = LazyLock::new(built_in);

fn built_in() -> Value {
    let mut catalog = Value::parse(CATALOG.as_bytes(), LIMITS).unwrap_or(Value::Null);
    catalog.get_mut("models").map(std::mem::take).unwrap_or_default()
}

impl Default for Catalog {
    /// What this package knows.
    fn default() -> Self {
        Self { layers: vec![Cow::Borrowed(&BUILT_IN)] }
    }
}

impl Catalog {
    /// What this package knows, with something of the same shape laid over it. A model that is `null` there is forgotten.
    ///
    /// # Errors
    /// Not of that shape, or `extends` names nothing.
    pub fn with(extra: &Value) -> Result<Self, Failure> {
        let invalid = |message: String| Failure::invalid("catalog", message);
        let models = extra.get("models").unwrap_or(&Value::Null);
        let Some(members) = models.as_object() else {
            return Err(invalid("catalog must be an object with the member models, itself an object.".into()));
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
                    "catalog.models[\"{name}\"].extends must name a model of the catalog, letter by letter."
                )));
            }
        }
        Ok(catalog)
    }

    /// The names of the entries, without the one for all models.
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

    /// The rules of a model: of its own entry, of the one without the date at the end of its name
    /// (`gpt-image-2-2026-04-21`), or of the longest entry that its name begins with. For an unknown model, and where none is
    /// named, the rules that hold for all.
    #[must_use]
    pub fn model(&self, name: Option<&str>) -> Model<'_> {
        let name = name.map(str::trim).filter(|name| !name.is_empty());
        let entry = name.and_then(|name| self.find(name));
        let rules = self.rules(entry.unwrap_or(EVERY_MODEL), MAX_ANCESTORS);
        Model { catalog: self, name: name.map(Into::into), is_known: entry.is_some(), rules }
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

    /// What the layers say of a name, the lowest first.
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

    /// Whether any model has the value among those of a choice.
    fn knows(&self, choice: &str, value: &str) -> bool {
        self.names().into_iter().any(|name| {
            let rules = self.rules(name, MAX_ANCESTORS);
            members(rules.get(choice)).iter().any(|(known, _)| *known == value)
        })
    }
}

/// JSON Merge Patch.
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

/// The values of a choice, and whether each works.
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

/// A name without `-2026-04-21` at its end.
fn without_date(name: &str) -> Option<&str> {
    let (stem, date) = name.split_at_checked(name.len().checked_sub(11)?)?;
    day(date.strip_prefix('-')?).map(|_| stem)
}

/// A date, `2026-04-21`, as a number of days from one that does not matter.
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
    // Years from March to February, so that the leap day is the last.
    let (year, month) = if month < 3 { (year - 1, month + 9) } else { (year, month - 3) };
    Some(year * 365 + year / 4 - year / 100 + year / 400 + (month * 153 + 2) / 5 + day)
}

/// The rules of one model.
#[derive(Debug, Clone)]
pub struct Model<'a> {
    catalog: &'a Catalog,
    name: Option<String>,
    is_known: bool,
    rules: Value,
}

/// What the catalog says of a value for a parameter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing<'a> {
    /// Nothing.
    NoRule,
    /// It works.
    Works,
    /// It may not work; why.
    InDoubt(&'a str),
    /// The model does not take the parameter.
    NoParameter,
    /// It works for other models only, or is said not to work.
    OfOthers,
    /// It has not been heard of for any model.
    Unknown,
}

impl Model<'_> {
    /// As it was asked for.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// Whether the catalog has rules for this model, beyond those for all.
    #[must_use]
    pub fn is_known(&self) -> bool {
        self.is_known
    }

    /// Images that one request can bring.
    #[must_use]
    pub fn max_n(&self) -> Option<u64> {
        self.number("maxN")
    }

    /// Whether the model streams, where that is known.
    #[must_use]
    pub fn streams(&self) -> Option<bool> {
        self.rule("streaming").and_then(Value::as_bool)
    }

    /// What is known of a value for the parameter whose values are this choice, such as `qualities`.
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

    /// Whether a value is in the model's own choice: that it works, or may.
    pub(crate) fn listed(&self, choice: &str, value: &str) -> Option<Standing<'_>> {
        let (_, works) = members(self.rule(choice)).into_iter().find(|(known, _)| *known == value)?;
        Some(works.as_str().map_or(Standing::Works, Standing::InDoubt))
    }

    /// The values of a choice that work beyond doubt.
    pub fn values(&self, choice: &str) -> impl Iterator<Item = &str> {
        members(self.rule(choice)).into_iter().filter(|(_, works)| works.as_str().is_none()).map(|(value, _)| value)
    }

    /// A member of the rules.
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

    /// The largest value of a limit for any model, which a single one may exceed.
    pub(crate) fn limit_of_all(&self, name: &str) -> Option<u64> {
        let of_all = self.catalog.rules(EVERY_MODEL, MAX_ANCESTORS);
        self.number(name).max(of_all.get(name).and_then(Value::as_u64))
    }
}
