//! Request options that only some services have.

use crate::decimal::{of_thousandths, scaled};
use crate::decode::json::Value;

/// Options of MAI and FLUX models. `None` uses the default of the service.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ServiceOptions {
    /// Aspect ratio, such as `16:9`.
    pub aspect_ratio: Option<String>,
    /// True to let the model choose the aspect ratio.
    pub auto_aspect_ratio: Option<bool>,
    /// Prompt adherence, in thousandths.
    pub guidance: Option<u32>,
    /// True to let the service extend the prompt.
    pub prompt_upsampling: Option<bool>,
    /// Tolerance of the content filter. Higher values are less strict.
    pub safety_tolerance: Option<u32>,
    /// Seed. The same request with the same seed generates a similar image.
    pub seed: Option<u32>,
    /// Number of inference steps.
    pub steps: Option<u32>,
    /// True to let the model search the web.
    pub web_grounding: Option<bool>,
}

/// Option that is set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ServiceOption {
    /// JavaScript name, which the catalog also uses.
    pub param: &'static str,
    /// Name in the request body.
    pub member: &'static str,
    /// The value.
    pub value: OptionValue,
}

/// Value of an option.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OptionValue {
    /// True or false.
    Flag(bool),
    /// Number, in thousandths.
    Number(u32),
    /// Whole number.
    Whole(u32),
}

impl OptionValue {
    /// Returns the value in the request body.
    #[must_use]
    pub fn to_json(self) -> Value {
        match self {
            Self::Flag(flag) => Value::from(flag),
            Self::Number(thousandths) => Value::Number(of_thousandths(thousandths).into()),
            Self::Whole(number) => Value::from(number),
        }
    }

    /// Returns the number in thousandths. A flag has none.
    fn thousandths(self) -> Option<u64> {
        match self {
            Self::Flag(_) => None,
            Self::Number(thousandths) => Some(thousandths.into()),
            Self::Whole(number) => Some(u64::from(number).saturating_mul(1000)),
        }
    }

    /// Returns the nearest limit of the catalog rule if the value is outside its range.
    #[must_use]
    pub fn outside(self, rule: &Value) -> Option<String> {
        let number = self.thousandths()?;
        let limit = |name| match rule.get(name) {
            Some(Value::Number(text)) => scaled(text, 1000).map(u64::from),
            _ => None,
        };
        let limit = match (limit("min"), limit("max")) {
            (Some(min), _) if number < min => min,
            (_, Some(max)) if number > max => max,
            _ => return None,
        };
        u32::try_from(limit).ok().map(of_thousandths)
    }
}

impl ServiceOptions {
    /// Returns the options that are set, except the aspect ratio, which is part of the size.
    pub fn set(&self) -> impl Iterator<Item = ServiceOption> {
        let flag = |value: Option<bool>| value.map(OptionValue::Flag);
        let whole = |value: Option<u32>| value.map(OptionValue::Whole);
        [
            ("seed", "seed", whole(self.seed)),
            ("guidance", "guidance", self.guidance.map(OptionValue::Number)),
            ("steps", "steps", whole(self.steps)),
            ("safetyTolerance", "safety_tolerance", whole(self.safety_tolerance)),
            ("promptUpsampling", "prompt_upsampling", flag(self.prompt_upsampling)),
            ("autoAspectRatio", "auto_aspect_ratio", flag(self.auto_aspect_ratio)),
            ("webGrounding", "web_grounding", flag(self.web_grounding)),
        ]
        .into_iter()
        .filter_map(|(param, member, value)| Some(ServiceOption { param, member, value: value? }))
    }
}
