//! Where requests go: what a given endpoint means, and the URL of each operation there.
//!
//! Azure serves the Images API on two kinds of route. On **v1** the deployment travels in the body as `model`, and
//! `api-version` is `preview` or absent. On the **classic** ones the deployment is part of the path, `model` must stay out
//! of the body, and `api-version` is a date.
//!
//! A Foundry **project** serves agents and the responses they make below a path of its own, by other rules: its v1 routes take
//! no `api-version`, its agents always want one, and a date selects routes without `/v1`. The images of the Images API are
//! made by its resource.

use std::fmt::Write as _;

use serde::Serialize;

use crate::errors::Failure;
use crate::http::secrets::may_hold_secret;

/// Sent to v1 routes unless the caller says otherwise: Azure documents its image routes with it.
pub const V1_API_VERSION: &str = "preview";
/// Sent to classic routes unless the caller says otherwise: the first version with edits, and the one for gpt-image.
pub const CLASSIC_API_VERSION: &str = "2025-04-01-preview";

/// What `apiVersion` was set to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum ApiVersion {
    /// Not set: what the endpoint says, or the default of its routes.
    #[default]
    Default,
    /// Send none.
    None,
    /// This one. A date selects the classic routes.
    Is(String),
}

/// What the agents of a project want as `api-version`, unless the endpoint's is a date.
const AGENTS_API_VERSION: &str = "v1";

/// Stands in a URL for a deployment that is not known.
const PLACEHOLDER: &str = "{deployment}";

/// An operation of the Images API.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    /// Images from a prompt.
    Generations,
    /// Images from a prompt and images.
    Edits,
}

impl Operation {
    fn path(self) -> &'static str {
        match self {
            Self::Generations => "images/generations",
            Self::Edits => "images/edits",
        }
    }
}

/// Something beside the Images API that an endpoint serves. The texts are ids and names, as the service gave them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resource<'a> {
    /// Where responses are made.
    Responses,
    /// A response that was stored.
    Response(&'a str),
    /// Where a response is cancelled.
    ResponseCancel(&'a str),
    /// Where conversations are begun.
    Conversations,
    /// A conversation.
    Conversation(&'a str),
    /// All files, and where they are uploaded.
    Files,
    /// What is known of a file.
    File(&'a str),
    /// All agents of a project, and where they are made.
    Agents,
    /// An agent.
    Agent(&'a str),
    /// The versions of an agent, and where they are made, with the agent if need be.
    AgentVersions(&'a str),
    /// A version of an agent: its name, and the version.
    AgentVersion(&'a str, &'a str),
}

impl Resource<'_> {
    fn is_of_agents(self) -> bool {
        matches!(self, Self::Agents | Self::Agent(_) | Self::AgentVersions(_) | Self::AgentVersion(..))
    }

    /// Below the routes, ids percent-encoded.
    fn path(self) -> Result<String, Failure> {
        Ok(match self {
            Self::Responses => "/responses".into(),
            Self::Response(id) => format!("/responses/{}", segment("id", id)?),
            Self::ResponseCancel(id) => format!("/responses/{}/cancel", segment("id", id)?),
            Self::Conversations => "/conversations".into(),
            Self::Conversation(id) => format!("/conversations/{}", segment("id", id)?),
            Self::Files => "/files".into(),
            Self::File(id) => format!("/files/{}", segment("id", id)?),
            Self::Agents => "/agents".into(),
            Self::Agent(name) => format!("/agents/{}", segment("name", name)?),
            Self::AgentVersions(name) => format!("/agents/{}/versions", segment("name", name)?),
            Self::AgentVersion(name, version) => {
                format!("/agents/{}/versions/{}", segment("name", name)?, segment("version", version)?)
            }
        })
    }
}

/// A text as one segment of a path.
fn segment(param: &str, text: &str) -> Result<String, Failure> {
    match text {
        "" => Err(Failure::invalid(param, format!("{param} is empty. Pass the one that the service gave."))),
        // Within a path they would lead elsewhere, even percent-encoded.
        "." | ".." => Err(Failure::invalid(param, format!("{param} is \"{text}\", which the service never gives."))),
        text => Ok(encode(text)),
    }
}

/// An endpoint that was understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    origin: String,
    host: String,
    /// What stands before the routes' own path: empty for a resource, the path of a proxy.
    base_path: String,
    /// The path of the v1 routes below it: `/openai/v1`, or `/v1` where a gateway leaves the rest out.
    v1_path: &'static str,
    project: Option<String>,
    routes: Routes,
}

/// How an endpoint was understood, for people to check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Description {
    /// Scheme, host and port.
    pub origin: String,
    /// `resource`: Azure OpenAI or AI Services. `project`: a Foundry project. `gateway`: anything else, which is taken to
    /// pass requests on to Azure.
    pub kind: &'static str,
    /// `v1` or `classic`.
    pub routes: &'static str,
    /// What is sent as `api-version`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub api_version: Option<String>,
    /// The deployment that the endpoint itself names.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deployment: Option<String>,
    /// The Foundry project that the endpoint names.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub project: Option<String>,
    /// Where a generation is sent. `{deployment}` stands for one that was not named yet.
    pub generations_url: String,
    /// Where a response is asked for.
    pub responses_url: String,
}

/// The kind of route, with what goes with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Routes {
    /// `/openai/v1/…`
    V1 {
        /// The query parameter `api-version`, if it is sent.
        api_version: Option<String>,
    },
    /// `/openai/deployments/{deployment}/…`
    Classic {
        /// The query parameter `api-version`.
        api_version: String,
        /// The deployment that the endpoint itself named.
        deployment: Option<String>,
    },
}

impl Endpoint {
    /// Understands an absolute URL, as a browser's `URL` writes it.
    ///
    /// Taken are: a resource (`https://my-resource.openai.azure.com`), its v1 root (`…/openai/v1`), a deployment on the
    /// classic routes (`…/openai/deployments/my-deployment`), each with or without what follows it, a Foundry project
    /// (`https://my-resource.services.ai.azure.com/api/projects/my-project`, whose resource then serves the images), and any
    /// of them behind the path of a proxy (`https://my-app.example/api/azure`).
    ///
    /// # Errors
    /// It is not such a URL; the message says what to write instead.
    pub fn parse(url: &str, api_version: ApiVersion) -> Result<Self, Failure> {
        let (scheme, rest) = url.split_once("://").ok_or_else(|| Self::unreadable(url))?;
        if !matches!(scheme, "https" | "http") {
            return Err(Self::unreadable(url));
        }
        let rest = rest.split_once('#').map_or(rest, |(before, _)| before);
        let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        if authority.contains('@') {
            // Not repeated in the message: it may hold a password.
            return Err(Failure::invalid(
                "endpoint",
                "The endpoint must not hold a user name or password. Pass the credential apart.",
            ));
        }
        if authority.is_empty() {
            return Err(Self::unreadable(url));
        }
        let mut in_url = None;
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            if !name.eq_ignore_ascii_case("api-version") {
                // The value is not repeated: it may be a key. So may the name, where somebody pasted nothing else.
                let parameter = if may_hold_secret(name) { String::new() } else { format!(" \"{name}\"") };
                return Err(Failure::invalid(
                    "endpoint",
                    format!(
                        "The endpoint has the query parameter{parameter}. Only api-version may stand there; pass others as extraQuery."
                    ),
                ));
            }
            in_url = Some(if value.is_empty() { ApiVersion::None } else { ApiVersion::Is(decode(value)) });
        }
        let origin = format!("{scheme}://{authority}");
        let host = host_of(authority).to_ascii_lowercase();
        let path = path.trim_end_matches('/');
        if PORTALS.contains(&host.as_str()) {
            return Err(Failure::invalid(
                "endpoint",
                format!(
                    "The endpoint {origin} is a portal for people, not a resource. Copy the endpoint that it shows for your \
                     resource, such as https://my-resource.openai.azure.com."
                ),
            ));
        }
        let Path { base_path, v1_path, deployment, is_classic, project } = Path::read(path);
        // Azure's own hosts have nothing else; what stands before `/openai` there was pasted by mistake.
        let is_service = SERVICE_HOSTS.iter().any(|service| host.ends_with(service));
        let base_path = if is_service && base_path.starts_with("/openai") { "" } else { base_path };
        if is_service && !base_path.is_empty() {
            let path = if may_hold_secret(base_path) { "a path".into() } else { format!("the path \"{base_path}\"") };
            return Err(Failure::invalid(
                "endpoint",
                format!("The endpoint has {path}, below which Azure serves no images. Leave it out: {origin}"),
            ));
        }
        let api_version = match (api_version, in_url) {
            (ApiVersion::Default, Some(in_url)) => in_url,
            (given, _) => given,
        };
        let routes = match api_version {
            ApiVersion::Is(version) if is_date(&version) => Routes::Classic { api_version: version, deployment },
            ApiVersion::Default if is_classic => {
                Routes::Classic { api_version: CLASSIC_API_VERSION.into(), deployment }
            }
            _ if is_classic => {
                return Err(Failure::invalid(
                    "apiVersion",
                    "The endpoint names a deployment in its path; such routes need a dated apiVersion, for example \
                     2025-04-01-preview.",
                ));
            }
            ApiVersion::Is(version) => Routes::V1 { api_version: Some(version) },
            ApiVersion::None => Routes::V1 { api_version: None },
            ApiVersion::Default => Routes::V1 { api_version: Some(V1_API_VERSION.into()) },
        };
        Ok(Self { origin, host, base_path: base_path.into(), v1_path, project, routes })
    }

    /// The failure for a text that is no URL at all.
    #[must_use]
    pub fn unreadable(text: &str) -> Failure {
        // A password, a query, or the credential in the place of the endpoint.
        let is_address = text.contains(['.', '/', ' ']);
        let may_be_secret = !is_address || text.contains(['@', '?']) || may_hold_secret(text);
        let text = match text {
            "" => "empty.",
            _ if may_be_secret => "not repeated here, since it may hold a secret.",
            text => text,
        };
        Failure::invalid(
            "endpoint",
            format!(
                "The endpoint must be an absolute https URL, such as https://my-resource.openai.azure.com, or a path of the \
                 page's own origin, such as /api/azure. It is: {text}"
            ),
        )
    }

    /// The URL of an operation on a deployment.
    #[must_use]
    pub fn url(&self, operation: Operation, deployment: &str, extra_query: &[(String, String)]) -> String {
        let path = operation.path();
        match &self.routes {
            Routes::V1 { .. } => self.route(&format!("{}/{path}", self.v1_path), extra_query),
            Routes::Classic { .. } => {
                self.route(&format!("/openai/deployments/{}/{path}", encode(deployment)), extra_query)
            }
        }
    }

    /// The URL of the list of models.
    #[must_use]
    pub fn models_url(&self, extra_query: &[(String, String)]) -> String {
        match &self.routes {
            Routes::V1 { .. } => self.route(&format!("{}/models", self.v1_path), extra_query),
            Routes::Classic { .. } => self.route("/openai/models", extra_query),
        }
    }

    /// The URL of something beside the Images API, with the `query` of the call and what the caller adds to every call.
    ///
    /// On a resource these are v1 routes, whatever routes its images take: the older ones do not have the image tool.
    ///
    /// # Errors
    /// An id that cannot be one, and agents where the endpoint is not that of a project.
    pub fn resource_url(
        &self,
        resource: Resource<'_>,
        query: &[(String, String)],
        extra_query: &[(String, String)],
    ) -> Result<String, Failure> {
        let path = resource.path()?;
        let dated = match &self.routes {
            Routes::Classic { api_version, .. } => Some(api_version.as_str()),
            Routes::V1 { .. } => None,
        };
        let (root, api_version) = match (&self.project, &self.routes) {
            (None, _) if resource.is_of_agents() => return Err(self.without_agents()),
            (None, Routes::V1 { api_version }) => (self.v1_path.into(), api_version.as_deref()),
            (None, Routes::Classic { .. }) => (self.v1_path.into(), None),
            (Some(project), _) => {
                let project = format!("/api/projects/{}", encode(project));
                match dated {
                    _ if resource.is_of_agents() => (project, Some(dated.unwrap_or(AGENTS_API_VERSION))),
                    Some(_) => (format!("{project}/openai"), dated),
                    None => (format!("{project}/openai/v1"), None),
                }
            }
        };
        let query = [query, extra_query].concat();
        Ok(self.with_query(&format!("{root}{path}"), api_version, &query))
    }

    /// Whether there are agents, which only a Foundry project has.
    ///
    /// # Errors
    /// There are none; the message says what to pass instead.
    pub fn check_agents(&self) -> Result<(), Failure> {
        if self.project.is_some() { Ok(()) } else { Err(self.without_agents()) }
    }

    fn without_agents(&self) -> Failure {
        Failure::invalid(
            "endpoint",
            format!(
                "The endpoint {}{} has no agents: they live in a Foundry project. Pass the project's endpoint, such as \
                 https://my-resource.services.ai.azure.com/api/projects/my-project (behind a proxy, its path with \
                 /api/projects/my-project at the end).",
                self.origin, self.base_path
            ),
        )
    }

    /// Whether an agent is named as `agent_reference`, and not as `agent`, which the newer routes refuse and the dated ones
    /// want.
    #[must_use]
    pub fn takes_agent_reference(&self) -> bool {
        matches!(self.routes, Routes::V1 { .. })
    }

    /// Whether it is known to be Azure that answers, and not something else that speaks like it.
    #[must_use]
    pub fn is_azure(&self) -> bool {
        self.project.is_some() || SERVICE_HOSTS.iter().any(|host| self.host.ends_with(host))
    }

    fn route(&self, path: &str, extra_query: &[(String, String)]) -> String {
        let api_version = match &self.routes {
            Routes::V1 { api_version } => api_version.as_deref(),
            Routes::Classic { api_version, .. } => Some(api_version.as_str()),
        };
        self.with_query(path, api_version, extra_query)
    }

    fn with_query(&self, path: &str, api_version: Option<&str>, extra_query: &[(String, String)]) -> String {
        let mut url = format!("{}{}{path}", self.origin, self.base_path);
        let mut separator = '?';
        let mut add = |name: &str, value: &str| {
            url.push(std::mem::replace(&mut separator, '&'));
            url.push_str(&encode(name));
            url.push('=');
            url.push_str(&encode(value));
        };
        if let Some(version) = api_version {
            add("api-version", version);
        }
        for (name, value) in extra_query {
            add(name, value);
        }
        url
    }

    /// How the endpoint was understood.
    #[must_use]
    pub fn describe(&self) -> Description {
        let (routes, api_version, deployment) = match &self.routes {
            Routes::V1 { api_version } => ("v1", api_version.clone(), None),
            Routes::Classic { api_version, deployment } => ("classic", Some(api_version.clone()), deployment.clone()),
        };
        let kind = match &self.project {
            Some(_) => "project",
            None if SERVICE_HOSTS.iter().any(|host| self.host.ends_with(host)) => "resource",
            None => "gateway",
        };
        let url = self.url(Operation::Generations, deployment.as_deref().unwrap_or(PLACEHOLDER), &[]);
        Description {
            origin: self.origin.clone(),
            kind,
            routes,
            api_version,
            deployment,
            project: self.project.clone(),
            generations_url: url.replace(&encode(PLACEHOLDER), PLACEHOLDER),
            // Only an id or the lack of a project could be wrong with it.
            responses_url: self.resource_url(Resource::Responses, &[], &[]).unwrap_or_default(),
        }
    }

    /// What a token is asked for unless the caller says otherwise. Microsoft's pages name the first for resources and the
    /// second for projects (the newest ones name it for both).
    #[must_use]
    pub fn default_scope(&self) -> &'static str {
        if self.project.is_none() {
            "https://cognitiveservices.azure.com/.default"
        } else {
            "https://ai.azure.com/.default"
        }
    }

    /// The kind of route.
    #[must_use]
    pub fn routes(&self) -> &Routes {
        &self.routes
    }

    /// Scheme, host and port.
    #[must_use]
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// Whether requests stay on this machine.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        let host = self.host.as_str();
        host == "localhost" || host.ends_with(".localhost") || host == "[::1]" || is_ipv4_loopback(host)
    }

    /// Whether what is sent can be read on the way.
    #[must_use]
    pub fn is_plain_http(&self) -> bool {
        self.origin.starts_with("http://")
    }
}

/// Pages that people copy the address of.
const PORTALS: [&str; 4] = ["portal.azure.com", "ai.azure.com", "oai.azure.com", "www.ai.azure.com"];

/// The hosts of Azure's own services.
const SERVICE_HOSTS: [&str; 4] =
    [".openai.azure.com", ".cognitiveservices.azure.com", ".api.cognitive.microsoft.com", ".services.ai.azure.com"];

/// The path of an endpoint, taken apart.
struct Path<'a> {
    /// What stands before the routes' own path.
    base_path: &'a str,
    v1_path: &'static str,
    deployment: Option<String>,
    is_classic: bool,
    project: Option<String>,
}

impl<'a> Path<'a> {
    fn read(path: &'a str) -> Self {
        let path = path.trim_end_matches('/');
        let split_at = |root: &str| {
            path.match_indices(root).find_map(|(start, _)| {
                let (base, rest) = path.split_at(start);
                let below = rest.strip_prefix(root)?;
                (below.is_empty() || below.starts_with('/')).then_some((base, below))
            })
        };
        let first = |below: &str| below.split('/').nth(1).filter(|name| !name.is_empty()).map(decode);
        let read = Self { base_path: path, v1_path: "/openai/v1", deployment: None, is_classic: false, project: None };
        if let Some((base_path, below)) = split_at("/openai/deployments") {
            return Self { base_path, deployment: first(below), is_classic: true, ..read };
        }
        // A proxy may have such a path of its own: it is a project's where nothing follows but its routes.
        let is_project =
            |below: &str| matches!(below.split('/').nth(2), None | Some("openai" | "agents" | "applications"));
        if let Some((base_path, below)) = split_at("/api/projects")
            && is_project(below)
        {
            return Self { base_path, project: first(below), ..read };
        }
        if let Some((base_path, _)) = split_at("/openai/v1") {
            return Self { base_path, ..read };
        }
        if let Some((base_path, below)) = split_at("/v1")
            && (below.is_empty() || below.starts_with("/images") || below.starts_with("/responses"))
        {
            return Self { base_path, v1_path: "/v1", ..read };
        }
        Self { base_path: path.strip_suffix("/openai").unwrap_or(path), ..read }
    }
}

fn host_of(authority: &str) -> &str {
    if let Some(end) = authority.find(']') {
        return authority.get(..=end).unwrap_or(authority);
    }
    authority.split_once(':').map_or(authority, |(host, _)| host)
}

/// `127.0.0.0/8`. A browser's `URL` has already written the address with four decimal numbers.
fn is_ipv4_loopback(host: &str) -> bool {
    // `parse` alone would take `+1` as well, which may stand in a name.
    let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit()) && text.parse::<u8>().is_ok();
    host.starts_with("127.") && host.split('.').count() == 4 && host.split('.').all(is_number)
}

/// `2025-04-01-preview`, `2024-02-01`
fn is_date(version: &str) -> bool {
    let mut parts = version.splitn(4, '-').map(|part| (part.len(), part.bytes().all(|byte| byte.is_ascii_digit())));
    parts.next() == Some((4, true)) && parts.next() == Some((2, true)) && parts.next() == Some((2, true))
}

/// A text as it stands in a path or query: percent-encoded, but for the unreserved characters of RFC 3986.
pub(crate) fn encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

fn decode(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((byte, tail)) = rest.split_first() {
        let escaped = match rest {
            [b'%', high, low, ..] => hexadecimal(*high).zip(hexadecimal(*low)),
            _ => None,
        };
        bytes.push(escaped.map_or(*byte, |(high, low)| (high << 4) | low));
        rest = if escaped.is_some() { rest.get(3..).unwrap_or_default() } else { tail };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn hexadecimal(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}
