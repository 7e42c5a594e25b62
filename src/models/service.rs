//! Services that generate images. Each has its own protocol.

/// Image service of a deployment, which depends on its model.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Service {
    /// Azure OpenAI: gpt-image and DALL·E models.
    #[default]
    OpenAi,
    /// Microsoft AI: MAI-Image models.
    Mai,
    /// Black Forest Labs: FLUX models.
    Flux,
}

impl Service {
    /// Returns the service with this name, which the catalog and the `service` option use.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        [Self::OpenAi, Self::Mai, Self::Flux].into_iter().find(|service| service.name() == name)
    }

    /// Returns the name of the service.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::OpenAi => "openai",
            Self::Mai => "mai",
            Self::Flux => "flux",
        }
    }

    /// Returns the catalog entry with the rules for all models of the service.
    #[must_use]
    pub fn entry(self) -> &'static str {
        match self {
            Self::OpenAi => "*",
            Self::Mai => "mai-image*",
            Self::Flux => "flux*",
        }
    }
}
