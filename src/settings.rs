//! The checked settings of a client.

use std::cell::RefCell;

use crate::decode::stream::Limits;
use crate::errors::Failure;
use crate::http::endpoint::Endpoint;
use crate::http::retry::RetryPolicy;
use crate::http::secrets::Secrets;
use crate::http::token::TokenCache;
use crate::models::catalog::{Catalog, Model};
use crate::models::cost::Rates;
use crate::models::validate::{Severity, ValidationProblem};

/// Default timeout, in milliseconds. The slowest observed response took 394 seconds, and an abandoned request may be billed.
pub const TIMEOUT_MS: u32 = 600_000;
/// Default number of parallel requests of a call. Browsers open six connections to a host over HTTP/1.1.
pub const MAX_PARALLEL_REQUESTS: u32 = 4;

/// The settings of a client, apart from the credential and what only a browser has.
#[derive(Debug)]
pub struct Settings {
    /// The base of all URLs.
    pub endpoint: Endpoint,
    /// The default deployment.
    pub deployment: Option<String>,
    /// The default deployment of the image generation tool.
    pub image_deployment: Option<String>,
    /// The model behind the deployment.
    pub model: Option<String>,
    /// The known models.
    pub catalog: Catalog,
    /// What happens to a request that the catalog rejects.
    pub validation: Validation,
    /// The caller's prices, which override those of the catalog.
    pub rates: Rates,
    /// The timeouts of a request.
    pub timeouts: Timeouts,
    /// Which requests are retried, and when.
    pub retries: RetryPolicy,
    /// Maximum number of parallel requests of a call.
    pub max_parallel_requests: u32,
    /// Additional headers of every request.
    pub extra_headers: Vec<(String, String)>,
    /// Additional query parameters of every request.
    pub extra_query: Vec<(String, String)>,
    /// Limits on responses.
    pub limits: Limits,
    /// The tokens of the credential.
    pub tokens: RefCell<TokenCache>,
    /// The models and agents whose responses the service refused to stream.
    pub not_streaming: RefCell<Vec<String>>,
}

/// Timeouts in milliseconds; 0 disables one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeouts {
    /// For the token, and for the headers of a response.
    pub answer: u32,
    /// Between two chunks of a response.
    pub idle: u32,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self { answer: TIMEOUT_MS, idle: TIMEOUT_MS }
    }
}

/// What happens to a request that the catalog rejects.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Validation {
    /// It is refused.
    #[default]
    Error,
    /// It is sent, and the result has a warning.
    Warn,
    /// It is not checked.
    Off,
}

impl Settings {
    /// The default settings for an endpoint.
    #[must_use]
    pub fn new(endpoint: Endpoint) -> Self {
        Self {
            endpoint,
            deployment: None,
            image_deployment: None,
            model: None,
            catalog: Catalog::default(),
            validation: Validation::default(),
            rates: Rates::default(),
            timeouts: Timeouts::default(),
            retries: RetryPolicy::default(),
            max_parallel_requests: MAX_PARALLEL_REQUESTS,
            extra_headers: Vec::new(),
            extra_query: Vec::new(),
            limits: Limits::default(),
            tokens: RefCell::default(),
            not_streaming: RefCell::default(),
        }
    }

    /// The model of a request. `named`: the model that the request names.
    pub fn model_of(&self, named: Option<&str>) -> Model<'_> {
        self.catalog.model(named.or(self.model.as_deref()))
    }

    /// The prices of a request. `named`: the model that the request names.
    #[must_use]
    pub fn rates_of(&self, named: Option<&str>) -> Rates {
        self.rates.or(Rates::of(&self.model_of(named)))
    }

    /// The prices of the images of a response. `named`: the model or deployment that the response names.
    #[must_use]
    pub fn rates_of_response(&self, named: Option<&str>) -> Rates {
        self.rates_of(named.filter(|name| self.catalog.model(Some(name)).is_known()))
    }

    /// The secrets in the caller's own headers and query parameters.
    #[must_use]
    pub fn secrets(&self) -> Secrets {
        let mut secrets = Secrets::default();
        for (name, value) in self.extra_headers.iter().chain(&self.extra_query) {
            secrets.add_value(name, value);
        }
        secrets
    }

    /// Validates a request as [`Settings::validation`] says. Returns the warnings.
    ///
    /// # Errors
    /// All errors among the problems, in one message.
    pub fn check(&self, problems: impl FnOnce() -> Vec<ValidationProblem>) -> Result<Vec<ValidationProblem>, Failure> {
        let mut problems = match self.validation {
            Validation::Off => Vec::new(),
            Validation::Error | Validation::Warn => problems(),
        };
        let mut errors = problems.iter().filter(|problem| problem.severity == Severity::Error).peekable();
        if self.validation == Validation::Error
            && let Some(first) = errors.peek()
        {
            let param = first.param.clone();
            let messages: Vec<&str> = errors.map(|problem| problem.message.as_str()).collect();
            return Err(Failure::invalid(&param, messages.join(" ")));
        }
        for problem in &mut problems {
            problem.severity = Severity::Warning;
        }
        Ok(problems)
    }
}
