//! Endpoint parsing, and the URL of each operation.
//!
//! Azure serves the Images API on two kinds of routes. On **v1** routes, the deployment is the `model` in the body, and
//! `api-version` is `preview` or absent. On **classic** routes, the deployment is part of the path, the body must not
//! contain `model`, and `api-version` is a date.
//!
//! A Foundry **project** serves agents and their responses under a separate path with different rules: its v1 routes do
//! not accept `api-version`, its agents always require one, and a date selects routes without `/v1`. Its resource
//! serves the Images API.
//!
//! MAI and FLUX models have routes of their own at the same resource.

use serde::Serialize;

use crate::errors::Failure;
use crate::http::percent;
use crate::http::secrets::may_hold_secret;

/// Default `api-version` of the v1 routes. Azure documents its image routes with it.
pub const V1_API_VERSION: &str = "preview";
/// Default `api-version` of the classic routes: the first version with edits, and the version for gpt-image.
pub const CLASSIC_API_VERSION: &str = "2025-04-01-preview";

/// Value of the `apiVersion` option.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum ApiVersion {
    /// Not set: uses the version in the endpoint, or the default of its routes.
    #[default]
    Default,
    /// Sends no `api-version`.
    None,
    /// Sends this version. A date selects the classic routes.
    Is(String),
}

/// Default `api-version` of a project's agents, unless the endpoint has a date.
const AGENTS_API_VERSION: &str = "v1";

/// Path of the MAI routes.
const MAI_PATH: &str = "/mai/v1";
/// Path of the FLUX routes, before the version.
const FLUX_PATH: &str = "/providers/blackforestlabs";
/// Versions of the v1 routes, which the MAI and FLUX routes do not have.
const V1_VERSIONS: [&str; 2] = ["v1", "latest"];
/// Default `api-version` of the FLUX routes.
const FLUX_API_VERSION: &str = "preview";

/// Placeholder for an unknown deployment in a URL.
const PLACEHOLDER: &str = "{deployment}";

/// An operation of the Images API.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    /// Generates images from a prompt.
    Generations,
    /// Edits images with a prompt.
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

/// A resource outside the Images API. The strings are IDs and names returned by the service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resource<'a> {
    /// URL for creating responses.
    Responses,
    /// A stored response.
    Response(&'a str),
    /// URL for canceling a response.
    ResponseCancel(&'a str),
    /// URL for creating conversations.
    Conversations,
    /// A conversation.
    Conversation(&'a str),
    /// URL for listing and uploading files.
    Files,
    /// Metadata of a file.
    File(&'a str),
    /// Content of a file.
    FileContent(&'a str),
    /// Content of a file in a container: the id of the container, and that of the file.
    ContainerFileContent(&'a str, &'a str),
    /// URL for listing and creating the agents of a project.
    Agents,
    /// An agent.
    Agent(&'a str),
    /// URL for listing and creating the versions of an agent. Creating a version also creates the agent if necessary.
    AgentVersions(&'a str),
    /// A version of an agent: the agent name, and the version.
    AgentVersion(&'a str, &'a str),
}

impl Resource<'_> {
    fn is_of_agents(self) -> bool {
        matches!(self, Self::Agents | Self::Agent(_) | Self::AgentVersions(_) | Self::AgentVersion(..))
    }

    /// Returns the path below the route root, with percent-encoded IDs.
    fn path(self) -> Result<String, Failure> {
        Ok(match self {
            Self::Responses => "/responses".into(),
            Self::Response(id) => format!("/responses/{}", segment("id", id)?),
            Self::ResponseCancel(id) => format!("/responses/{}/cancel", segment("id", id)?),
            Self::Conversations => "/conversations".into(),
            Self::Conversation(id) => format!("/conversations/{}", segment("id", id)?),
            Self::Files => "/files".into(),
            Self::File(id) => format!("/files/{}", segment("id", id)?),
            Self::FileContent(id) => format!("/files/{}/content", segment("id", id)?),
            Self::ContainerFileContent(container, id) => {
                format!("/containers/{}/files/{}/content", segment("containerId", container)?, segment("id", id)?)
            }
            Self::Agents => "/agents".into(),
            Self::Agent(name) => format!("/agents/{}", segment("name", name)?),
            Self::AgentVersions(name) => format!("/agents/{}/versions", segment("name", name)?),
            Self::AgentVersion(name, version) => {
                format!("/agents/{}/versions/{}", segment("name", name)?, segment("version", version)?)
            }
        })
    }
}

/// Encodes a string as one segment of a path.
fn segment(param: &str, text: &str) -> Result<String, Failure> {
    match text {
        "" => Err(Failure::invalid(param, format!("{param} is empty. Pass the {param} returned by the service."))),
        // URL parsers resolve dot segments, even percent-encoded ones.
        "." | ".." => Err(Failure::invalid(
            param,
            format!("{param} \"{text}\" is invalid. Pass the {param} returned by the service."),
        )),
        text => Ok(percent::encode(text)),
    }
}

/// A parsed endpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    origin: String,
    host: String,
    /// Path before the route: empty for a resource, or the path of a proxy.
    base_path: String,
    /// Path of the v1 routes below `base_path`: `/openai/v1`, or less if a gateway omits a part of it.
    v1_path: &'static str,
    /// Path of the deployments below `base_path` on the classic routes. `None` if `base_path` already contains the
    /// deployment, in the form of the gateway.
    deployments_path: Option<&'static str>,
    project: Option<String>,
    routes: Routes,
    /// The requested `api-version`, unless it belongs to the routes of Azure OpenAI.
    undated_version: Option<String>,
}

/// Interpretation of an endpoint, for diagnostics.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Description {
    /// Scheme, host and port.
    pub origin: String,
    /// `resource`: Azure OpenAI or AI Services. `project`: a Foundry project. `gateway`: any other host, assumed to
    /// forward requests to Azure.
    pub kind: &'static str,
    /// Kind of routes: `v1` or `classic`.
    pub routes: &'static str,
    /// The `api-version` query parameter, if sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub api_version: Option<String>,
    /// Deployment named in the endpoint.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deployment: Option<String>,
    /// Foundry project named in the endpoint.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub project: Option<String>,
    /// URL for image generations. `{deployment}` is a placeholder for an unknown deployment.
    pub generations_url: String,
    /// URL for creating responses.
    pub responses_url: String,
}

/// Kind of routes, with their parameters.
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
        /// Deployment named in the endpoint, if any.
        deployment: Option<String>,
    },
}

impl Endpoint {
    /// Parses an absolute URL, as serialized by a browser's `URL`.
    ///
    /// Accepts a resource (`https://my-resource.openai.azure.com`), its v1 root (`…/openai/v1`), a deployment on the
    /// classic routes (`…/openai/deployments/my-deployment`), or a MAI or FLUX route, each with or without a trailing
    /// route. Behind a gateway, also accepts the URL of an image operation in the form of the gateway, such as
    /// `…/my-prefix/deployments/my-deployment/images/generations`. Also accepts a Foundry project (`https://my-resource.services.ai.azure.com/api/projects/my-project`, whose resource serves the
    /// images). All of these can be below the path of a proxy (`https://my-app.example/api/azure`).
    ///
    /// # Errors
    /// The URL is not a supported endpoint. The message shows a valid one.
    pub fn parse(url: &str, api_version: ApiVersion) -> Result<Self, Failure> {
        let (scheme, rest) = url.split_once("://").ok_or_else(|| Self::unreadable(url))?;
        if !matches!(scheme, "https" | "http") {
            return Err(Self::unreadable(url));
        }
        let rest = rest.split_once('#').map_or(rest, |(before, _)| before);
        let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        if authority.contains('@') {
            // The message omits the URL, which may contain a password.
            return Err(Failure::invalid(
                "endpoint",
                "The endpoint must not contain a user name or password. Pass the credential separately.",
            ));
        }
        if authority.is_empty() {
            return Err(Self::unreadable(url));
        }
        let mut in_url = None;
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            if !name.eq_ignore_ascii_case("api-version") {
                // The message omits the value, which may be a key. It also omits a name that looks like a key, in case
                // nothing else was pasted.
                let parameter = if may_hold_secret(name) { String::new() } else { format!(" \"{name}\"") };
                return Err(Failure::invalid(
                    "endpoint",
                    format!(
                        "The endpoint has an unsupported query parameter{parameter}. Only api-version is allowed. Pass \
                         other parameters in extraQuery."
                    ),
                ));
            }
            in_url = Some(if value.is_empty() { ApiVersion::None } else { ApiVersion::Is(percent::decode(value)) });
        }
        let origin = format!("{scheme}://{authority}");
        let host = host_of(authority).to_ascii_lowercase();
        let path = path.trim_end_matches('/');
        if PORTALS.contains(&host.as_str()) {
            return Err(Failure::invalid(
                "endpoint",
                format!(
                    "The endpoint {origin} is a portal, not a resource. Copy the endpoint of your resource from the \
                     portal, such as https://my-resource.openai.azure.com."
                ),
            ));
        }
        // Azure's hosts have no base path. A path that starts with a route was pasted by mistake and is dropped.
        let is_service = is_service_host(&host);
        if let Some(failure) = other_operation(&origin, path, is_service) {
            return Err(failure);
        }
        let Path { base_path, v1_path, deployments_path, deployment, is_classic, project } =
            Path::read(path, is_service);
        let is_route = ["/openai", "/mai", "/providers"].into_iter().any(|route| base_path.starts_with(route));
        let base_path = if is_service && is_route { "" } else { base_path };
        if is_service && !base_path.is_empty() {
            let path = if may_hold_secret(base_path) { "a path".into() } else { format!("the path \"{base_path}\"") };
            return Err(Failure::invalid(
                "endpoint",
                format!("The endpoint has {path}, which Azure does not serve. Remove the path: {origin}"),
            ));
        }
        let api_version = match (api_version, in_url) {
            (ApiVersion::Default, Some(in_url)) => in_url,
            (given, _) => given,
        };
        let undated_version = match &api_version {
            ApiVersion::Is(version) if !is_date(version) && !V1_VERSIONS.contains(&version.as_str()) => {
                Some(version.clone())
            }
            _ => None,
        };
        // The URL of an operation is taken as it is.
        let is_fixed = deployments_path.is_none();
        let deployment = deployment.or_else(|| last_segment(base_path).filter(|_| is_fixed));
        let routes = match api_version {
            ApiVersion::Default if is_fixed => Routes::V1 { api_version: None },
            ApiVersion::Is(version) if is_date(&version) => Routes::Classic { api_version: version, deployment },
            ApiVersion::Default if is_classic => {
                Routes::Classic { api_version: CLASSIC_API_VERSION.into(), deployment }
            }
            _ if is_classic => {
                return Err(Failure::invalid(
                    "apiVersion",
                    "The endpoint contains a deployment, which requires a dated apiVersion. Set it, for example to \
                     2025-04-01-preview.",
                ));
            }
            ApiVersion::Is(version) => Routes::V1 { api_version: Some(version) },
            ApiVersion::None => Routes::V1 { api_version: None },
            ApiVersion::Default => Routes::V1 { api_version: Some(V1_API_VERSION.into()) },
        };
        Ok(Self {
            origin,
            host,
            base_path: base_path.into(),
            v1_path,
            deployments_path,
            project,
            routes,
            undated_version,
        })
    }

    /// Creates the error for a string that is not a URL.
    #[must_use]
    pub fn unreadable(text: &str) -> Failure {
        // The string may contain a password or a query, or be a credential passed as the endpoint.
        let is_address = text.contains(['.', '/', ' ']);
        let may_be_secret = !is_address || text.contains(['@', '?']) || may_hold_secret(text);
        let fault = match text {
            "" => "The endpoint is empty".into(),
            _ if may_be_secret => "The endpoint is invalid (value omitted: it may contain a secret)".into(),
            text => format!("The endpoint \"{text}\" is invalid"),
        };
        Failure::invalid(
            "endpoint",
            format!(
                "{fault}. Pass an absolute https URL, such as https://my-resource.openai.azure.com, or a path on the \
                 page's origin, such as /api/azure."
            ),
        )
    }

    /// Returns the URL of an operation on a deployment.
    #[must_use]
    pub fn url(&self, operation: Operation, deployment: &str, extra_query: &[(String, String)]) -> String {
        let path = operation.path();
        match &self.routes {
            Routes::V1 { .. } => self.route(&format!("{}/{path}", self.v1_path), extra_query),
            Routes::Classic { .. } => {
                let deployments = self.deployments_path;
                let deployment =
                    deployments.map(|deployments| format!("{deployments}/{}", percent::encode(deployment)));
                self.route(&format!("{}/{path}", deployment.unwrap_or_default()), extra_query)
            }
        }
    }

    /// Returns the URL of a MAI route, such as `images/generations`. Microsoft documents no `api-version` for it, so only
    /// a requested one is sent.
    #[must_use]
    pub fn mai_url(&self, operation: Operation, extra_query: &[(String, String)]) -> String {
        let path = format!("{MAI_PATH}/{}", operation.path());
        self.with_query(&path, self.undated_version.as_deref(), extra_query)
    }

    /// Returns the URL of a FLUX model. `path` is its last segment, such as `flux-2-pro`. The `api-version` is required.
    #[must_use]
    pub fn flux_url(&self, path: &str, extra_query: &[(String, String)]) -> String {
        let version = self.undated_version.as_deref().unwrap_or(FLUX_API_VERSION);
        self.with_query(&format!("{FLUX_PATH}/v1/{}", percent::encode(path)), Some(version), extra_query)
    }

    /// Returns the host if it is not documented to serve MAI and FLUX models.
    #[must_use]
    pub fn host_without_other_services(&self) -> Option<&str> {
        self.host.contains(".openai.azure.").then_some(self.host.as_str()).filter(|_| self.is_azure())
    }

    /// Returns the URL of the list of models.
    #[must_use]
    pub fn models_url(&self, extra_query: &[(String, String)]) -> String {
        match &self.routes {
            Routes::V1 { .. } => self.route(&format!("{}/models", self.v1_path), extra_query),
            Routes::Classic { .. } => self.route("/openai/models", extra_query),
        }
    }

    /// Returns the URL of a resource outside the Images API. `query` applies to this call, and `extra_query` to all
    /// calls.
    ///
    /// A resource always uses v1 routes here, even if its images use classic routes, which do not support the image
    /// tool.
    ///
    /// # Errors
    /// An invalid ID, or an agent resource if the endpoint is not a Foundry project.
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
                let project = format!("/api/projects/{}", percent::encode(project));
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

    /// Checks that the endpoint supports agents, which exist only in a Foundry project.
    ///
    /// # Errors
    /// The endpoint is not a Foundry project. The message shows a valid one.
    pub fn check_agents(&self) -> Result<(), Failure> {
        if self.project.is_some() { Ok(()) } else { Err(self.without_agents()) }
    }

    fn without_agents(&self) -> Failure {
        Failure::invalid(
            "endpoint",
            format!(
                "The endpoint {}{} does not support agents, which exist only in a Foundry project. Pass the project \
                 endpoint, such as https://my-resource.services.ai.azure.com/api/projects/my-project. For a proxy, \
                 append /api/projects/my-project to its path.",
                self.origin, self.base_path
            ),
        )
    }

    /// Returns `true` if agents are passed as `agent_reference` instead of `agent`. The v1 routes reject `agent`, and
    /// the dated routes require it.
    #[must_use]
    pub fn takes_agent_reference(&self) -> bool {
        matches!(self.routes, Routes::V1 { .. })
    }

    /// Returns `true` if the endpoint is known to be Azure, and not a compatible service.
    #[must_use]
    pub fn is_azure(&self) -> bool {
        self.project.is_some() || is_service_host(&self.host)
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
            url.push_str(&percent::encode(name));
            url.push('=');
            url.push_str(&percent::encode(value));
        };
        if let Some(version) = api_version {
            add("api-version", version);
        }
        for (name, value) in extra_query {
            add(name, value);
        }
        url
    }

    /// Describes how the endpoint was interpreted.
    #[must_use]
    pub fn describe(&self) -> Description {
        let (routes, api_version, deployment) = match &self.routes {
            Routes::V1 { api_version } => ("v1", api_version.clone(), None),
            Routes::Classic { api_version, deployment } => ("classic", Some(api_version.clone()), deployment.clone()),
        };
        let kind = match &self.project {
            Some(_) => "project",
            None if is_service_host(&self.host) => "resource",
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
            generations_url: url.replace(&percent::encode(PLACEHOLDER), PLACEHOLDER),
            // Fails only for an invalid ID or a missing project, and this resource needs neither.
            responses_url: self.resource_url(Resource::Responses, &[], &[]).unwrap_or_default(),
        }
    }

    /// Returns the default scope of access tokens in the cloud of the host. Microsoft documents
    /// `cognitiveservices.azure.com` for resources and `ai.azure.com` for projects. Its newest pages use `ai.azure.com` for
    /// both.
    #[must_use]
    pub fn default_scope(&self) -> &'static str {
        let is_in = |suffixes: &[&str]| suffixes.iter().any(|suffix| self.host.ends_with(suffix));
        match self.project {
            None if is_in(&US_GOVERNMENT) => "https://cognitiveservices.azure.us/.default",
            None if is_in(&CHINA) => "https://cognitiveservices.azure.cn/.default",
            None => "https://cognitiveservices.azure.com/.default",
            Some(_) if is_in(&US_GOVERNMENT) => "https://ai.azure.us/.default",
            Some(_) if is_in(&CHINA) => "https://ai.azure.cn/.default",
            Some(_) => "https://ai.azure.com/.default",
        }
    }

    /// Returns the deployment named in the endpoint.
    #[must_use]
    pub fn deployment(&self) -> Option<&str> {
        match &self.routes {
            Routes::Classic { deployment, .. } => deployment.as_deref(),
            Routes::V1 { .. } => None,
        }
    }

    /// Returns the kind of routes.
    #[must_use]
    pub fn routes(&self) -> &Routes {
        &self.routes
    }

    /// Returns the scheme, host and port.
    #[must_use]
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// Returns `true` if requests stay on this machine.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        let host = self.host.as_str();
        host == "localhost" || host.ends_with(".localhost") || host == "[::1]" || is_ipv4_loopback(host)
    }

    /// Returns `true` if requests are not encrypted.
    #[must_use]
    pub fn is_plain_http(&self) -> bool {
        self.origin.starts_with("http://")
    }
}

/// Portal hosts, whose URLs are often pasted by mistake.
const PORTALS: [&str; 8] = [
    "portal.azure.com",
    "ai.azure.com",
    "oai.azure.com",
    "www.ai.azure.com",
    "portal.azure.us",
    "ai.azure.us",
    "portal.azure.cn",
    "ai.azure.cn",
];

/// Host suffixes of Azure services, without the domain of the cloud.
const SERVICES: [&str; 4] = [".openai", ".cognitiveservices", ".services.ai", ".api.cognitive"];
/// Domains of the clouds.
const CLOUDS: [&str; 3] = [".azure.com", ".azure.us", ".azure.cn"];
/// Host suffixes of regional endpoints outside these domains.
const REGIONAL_HOSTS: [&str; 2] = [".api.cognitive.microsoft.com", ".api.cognitive.microsoft.us"];

/// Host suffixes of the US government cloud, including those of gateways.
const US_GOVERNMENT: [&str; 4] = [".azure.us", ".api.cognitive.microsoft.us", ".azure-api.us", ".azurewebsites.us"];
/// Host suffixes of the cloud in China, including those of gateways.
const CHINA: [&str; 3] = [".azure.cn", ".azure-api.cn", ".chinacloudsites.cn"];

/// Returns true if the host is an Azure service.
fn is_service_host(host: &str) -> bool {
    let mut names = CLOUDS.iter().filter_map(|cloud| host.strip_suffix(cloud));
    names.any(|name| SERVICES.iter().any(|service| name.ends_with(service)))
        || REGIONAL_HOSTS.iter().any(|regional| host.ends_with(regional))
}

/// Paths of operations that generate no images.
const OTHER_OPERATIONS: [&str; 13] = [
    "/chat/completions",
    "/completions",
    "/embeddings",
    "/audio/speech",
    "/audio/transcriptions",
    "/audio/translations",
    "/realtime",
    "/assistants",
    "/threads",
    "/batches",
    "/moderations",
    "/messages",
    "/videos",
];

/// Returns the error of a URL that belongs to an operation without images.
fn other_operation(origin: &str, path: &str, is_service: bool) -> Option<Failure> {
    let (base, operation) =
        OTHER_OPERATIONS.iter().find_map(|operation| Some((path.strip_suffix(operation)?, *operation)))?;
    // A proxy may use any path. Only a route before the operation shows that it is one.
    let is_route = base.ends_with("/v1") || base.contains("/deployments/") || operation == "/chat/completions";
    if !is_service && !is_route {
        return None;
    }
    let root = base.find("/openai/").or_else(|| base.find("/deployments/")).and_then(|start| base.get(..start));
    let write = if is_service { "" } else { root.filter(|_| !base.ends_with("/v1")).unwrap_or(base) };
    let write = if may_hold_secret(write) { "the URL without it".into() } else { format!("{origin}{write}") };
    Some(Failure::invalid(
        "endpoint",
        format!(
            "The endpoint ends with {operation}, which is the URL of an operation that generates no images. Write {write} \
             instead."
        ),
    ))
}

/// Returns the last segment of a path.
fn last_segment(path: &str) -> Option<String> {
    path.rsplit('/').next().filter(|segment| !segment.is_empty()).map(percent::decode)
}

/// Components of an endpoint path.
struct Path<'a> {
    /// Path before the route.
    base_path: &'a str,
    v1_path: &'static str,
    deployments_path: Option<&'static str>,
    deployment: Option<String>,
    is_classic: bool,
    project: Option<String>,
}

impl<'a> Path<'a> {
    /// Reads a path. `is_service`: of an Azure service, which has only the documented routes.
    fn read(path: &'a str, is_service: bool) -> Self {
        let path = path.trim_end_matches('/');
        let split_at = |root: &str| {
            path.match_indices(root).find_map(|(start, _)| {
                let (base, rest) = path.split_at(start);
                let below = rest.strip_prefix(root)?;
                (below.is_empty() || below.starts_with('/')).then_some((base, below))
            })
        };
        let first = |below: &str| below.split('/').nth(1).filter(|name| !name.is_empty()).map(percent::decode);
        let read = Self {
            base_path: path,
            v1_path: "/openai/v1",
            deployments_path: Some("/openai/deployments"),
            deployment: None,
            is_classic: false,
            project: None,
        };
        if let Some((base_path, below)) = split_at("/openai/deployments") {
            return Self { base_path, deployment: first(below), is_classic: true, ..read };
        }
        let is_image_route = |below: &str| below.split('/').nth(2) == Some("images");
        if let Some((base_path, below)) =
            split_at("/deployments").filter(|(_, below)| !is_service && is_image_route(below))
        {
            let deployments_path = Some("/deployments");
            return Self {
                base_path,
                v1_path: "/v1",
                deployments_path,
                deployment: first(below),
                is_classic: true,
                ..read
            };
        }
        // A proxy may use the same path. It is a project's path only if nothing or a project route follows it.
        let is_project = |below: &str| {
            matches!(below.split('/').nth(2), None | Some("openai" | "agents" | "applications" | "mai" | "providers"))
        };
        if let Some((base_path, below)) = split_at("/api/projects")
            && is_project(below)
        {
            return Self { base_path, project: first(below), ..read };
        }
        if let Some((base_path, _)) = ["/openai/v1", MAI_PATH, FLUX_PATH].into_iter().find_map(split_at) {
            return Self { base_path, ..read };
        }
        if let Some((base_path, below)) = split_at("/v1")
            && (below.is_empty() || below.starts_with("/images") || below.starts_with("/responses"))
        {
            return Self { base_path, v1_path: "/v1", ..read };
        }
        let operation = ["/images/generations", "/images/edits", "/responses"];
        if let Some(base_path) = operation.into_iter().find_map(|operation| path.strip_suffix(operation))
            && !is_service
        {
            return Self { base_path, v1_path: "", deployments_path: None, ..read };
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

/// Matches `127.0.0.0/8`. A browser's `URL` has already normalized the IP address to four decimal numbers.
fn is_ipv4_loopback(host: &str) -> bool {
    // `parse` alone also accepts `+1`, which can be part of a host name.
    let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit()) && text.parse::<u8>().is_ok();
    host.starts_with("127.") && host.split('.').count() == 4 && host.split('.').all(is_number)
}

/// Matches versions such as `2025-04-01-preview` and `2024-02-01`.
fn is_date(version: &str) -> bool {
    let mut parts = version.splitn(4, '-').map(|part| (part.len(), part.bytes().all(|byte| byte.is_ascii_digit())));
    parts.next() == Some((4, true)) && parts.next() == Some((2, true)) && parts.next() == Some((2, true))
}
