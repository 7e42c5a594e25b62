//! Validated settings of a client.

use std::cell::{Cell, RefCell};

use crate::decode::stream::Limits;
use crate::errors::Failure;
use crate::errors::judge::Judge;
use crate::http::endpoint::Endpoint;
use crate::http::retry::RetryPolicy;
use crate::http::secrets::Secrets;
use crate::http::token::TokenCache;
use crate::models::catalog::{Catalog, Model};
use crate::models::cost::Rates;
use crate::models::service::Service;
use crate::models::validate::{Severity, ValidationProblem};
use crate::queue::Queue;

/// Default timeout, in milliseconds. The slowest observed response took 394 s, and an abandoned request may be billed.
pub const TIMEOUT_MS: u32 = 600_000;
/// Default maximum number of parallel long requests. Browsers open 6 connections per host over HTTP/1.1, and the last
/// one stays free for short requests.
pub const MAX_PARALLEL_REQUESTS: u32 = 5;

/// Settings of a client, except for the credential and browser objects.
#[derive(Debug)]
pub struct Settings {
    /// The endpoint, the base of all URLs.
    pub endpoint: Endpoint,
    /// The default deployment.
    pub deployment: Option<String>,
    /// The default deployment of the image generation tool.
    pub image_deployment: Option<String>,
    /// The model of the deployment.
    pub model: Option<String>,
    /// The service of the deployment, which overrides that of the model.
    pub service: Option<Service>,
    /// The model catalog.
    pub catalog: Catalog,
    /// The validation mode.
    pub validation: Validation,
    /// Custom prices, which override the prices of the catalog.
    pub rates: Rates,
    /// The timeouts of a request.
    pub timeouts: Timeouts,
    /// The retry policy.
    pub retries: RetryPolicy,
    /// The queue of the long requests of all calls.
    pub queue: Queue,
    /// Additional headers of every request.
    pub extra_headers: Vec<(String, String)>,
    /// Additional query parameters of every request.
    pub extra_query: Vec<(String, String)>,
    /// Size limits of responses.
    pub limits: Limits,
    /// Cached tokens of the credential.
    pub tokens: RefCell<TokenCache>,
    /// The models and agents whose responses the service refused to stream.
    pub not_streaming: RefCell<Vec<String>>,
    /// The judge of errors, once its code is loaded.
    pub judge: Cell<Option<&'static dyn Judge>>,
}

/// Timeouts, in milliseconds; 0 disables a timeout.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeouts {
    /// Maximum time until a token or the headers of a response arrive.
    pub answer: u32,
    /// Maximum time between two chunks of a response.
    pub idle: u32,
    /// Maximum time of the whole call.
    pub total: u32,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self { answer: TIMEOUT_MS, idle: TIMEOUT_MS, total: 0 }
    }
}

/// Handling of a request that the model catalog rejects.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Validation {
    /// Refuses the request.
    #[default]
    Error,
    /// Sends the request and adds a warning to the result.
    Warn,
    /// Disables validation.
    Off,
}

impl Settings {
    /// Creates the default settings for an endpoint.
    #[must_use]
    pub fn new(endpoint: Endpoint) -> Self {
        Self {
            endpoint,
            deployment: None,
            image_deployment: None,
            model: None,
            service: None,
            catalog: Catalog::default(),
            validation: Validation::default(),
            rates: Rates::default(),
            timeouts: Timeouts::default(),
            retries: RetryPolicy::default(),
            queue: Queue::new(MAX_PARALLEL_REQUESTS),
            extra_headers: Vec::new(),
            extra_query: Vec::new(),
            limits: Limits::default(),
            tokens: RefCell::default(),
            not_streaming: RefCell::default(),
            judge: Cell::default(),
        }
    }

    /// Returns the model behind the deployment of an image request. The arguments are the parameters of the request.
    ///
    /// The model of the request counts, then that of the client. A deployment's name is used as a model's name if it is
    /// the name of a MAI or FLUX model, or if it belongs to another service than the model of the client.
    pub fn model_behind(&self, model: Option<&str>, deployment: Option<&str>, service: Option<Service>) -> Model<'_> {
        let of_client = is_set(self.model.as_deref());
        let names_model = |deployment: &&str| {
            let (named, client) = (self.catalog.model(Some(deployment)), self.catalog.model(of_client));
            let is_other = named.service() != client.service();
            named.is_known() && (is_other || (named.is_exact() && named.service() != Service::OpenAi))
        };
        let deployment = is_set(deployment);
        let of_request = is_set(model).or_else(|| deployment.filter(names_model));
        let default = is_set(self.deployment.as_deref()).or(self.endpoint.deployment());
        let default = default.filter(|_| deployment.is_none()).filter(names_model);
        // The name of a model or deployment in the request is more specific than the service of the client.
        let service = service.or(self.service.filter(|_| of_request.is_none()));
        let name = of_request.or(of_client).or(default);
        match service {
            Some(service) => self.catalog.model_of(service, name),
            None => self.catalog.model(name),
        }
    }

    /// Returns the prices of the images in a response. `named` is the model or deployment in the response.
    #[must_use]
    pub fn rates_of_response(&self, named: Option<&str>) -> Rates {
        let named = self.catalog.model(named);
        let of_client = self.model_behind(None, None, None);
        let model = if named.is_known() || of_client.service() != Service::OpenAi { named } else { of_client };
        self.rates.or(Rates::of(&model))
    }

    /// Returns the secrets in the additional headers and query parameters.
    #[must_use]
    pub fn secrets(&self) -> Secrets {
        let mut secrets = Secrets::default();
        for (name, value) in self.extra_headers.iter().chain(&self.extra_query) {
            secrets.add_value(name, value);
        }
        secrets
    }

    /// Validates a request according to [`Settings::validation`]. Returns the warnings.
    ///
    /// # Errors
    /// At least one problem is an error. The message contains all of them.
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

/// Returns a name unless it is empty.
fn is_set(name: Option<&str>) -> Option<&str> {
    name.map(str::trim).filter(|name| !name.is_empty())
}
