//! Where requests go: what a given endpoint means, and the URL of each operation there.
//!
//! Azure serves the Images API on two kinds of route. On **v1** the deployment travels in the body as `model`, and
//! `api-version` is `preview` or absent. On the **classic** ones the deployment is part of the path, `model` must stay out
//! of the body, and `api-version` is a date.

use std::fmt::Write as _;

use super::error::Failure;

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

/// An operation of the Images API.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    /// Pictures from a prompt.
    Generations,
}

impl Operation {
    fn path(self) -> &'static str {
        match self {
            Self::Generations => "images/generations",
        }
    }
}

/// An endpoint that was understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    origin: String,
    host: String,
    /// What stands before the routes' own path: empty for a resource, the path of a proxy.
    base_path: String,
    routes: Routes,
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
    /// classic routes (`…/openai/deployments/my-deployment`, with or without what follows it), and any of them behind the
    /// path of a proxy (`https://my-app.example/api/azure`).
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
                // The value is not repeated: it may be a key.
                return Err(Failure::invalid(
                    "endpoint",
                    format!(
                        "The endpoint has the query parameter \"{name}\". Only api-version may stand there; pass others as extraQuery."
                    ),
                ));
            }
            in_url = Some(if value.is_empty() { ApiVersion::None } else { ApiVersion::Is(value.into()) });
        }
        let origin = format!("{scheme}://{authority}");
        let host = host_of(authority).to_ascii_lowercase();
        let path = path.trim_end_matches('/');
        let (base_path, deployment, is_classic) = split_path(path);
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
        Ok(Self { origin, host, base_path: base_path.into(), routes })
    }

    /// The failure for a text that is no URL at all.
    #[must_use]
    pub fn unreadable(text: &str) -> Failure {
        // A password, a query, or the credential in the place of the endpoint.
        let is_long = |run: &str| run.len() > 24;
        let may_be_secret = text.contains(['@', '?']) || text.split(|c: char| !c.is_ascii_alphanumeric()).any(is_long);
        let text = if may_be_secret { "not repeated here, since it may hold a secret" } else { text };
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
        let Self { origin, base_path, .. } = self;
        let path = operation.path();
        let (mut url, api_version) = match &self.routes {
            Routes::V1 { api_version } => (format!("{origin}{base_path}/openai/v1/{path}"), api_version.as_deref()),
            Routes::Classic { api_version, .. } => {
                let deployment = encode(deployment);
                (format!("{origin}{base_path}/openai/deployments/{deployment}/{path}"), Some(api_version.as_str()))
            }
        };
        let api_version = api_version.map(|version| ("api-version", version));
        let extra = extra_query.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        for (index, (name, value)) in api_version.into_iter().chain(extra).enumerate() {
            let separator = if index == 0 { '?' } else { '&' };
            let _ = write!(url, "{separator}{}={}", encode(name), encode(value));
        }
        url
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

/// What stands before the routes' own path, the deployment that it names, and whether it is that of the classic routes.
fn split_path(path: &str) -> (&str, Option<String>, bool) {
    let path = path.trim_end_matches('/');
    let split_at = |root: &str| {
        path.match_indices(root).find_map(|(start, _)| {
            let (base, rest) = path.split_at(start);
            let below = rest.strip_prefix(root)?;
            (below.is_empty() || below.starts_with('/')).then_some((base, below))
        })
    };
    if let Some((base, below)) = split_at("/openai/deployments") {
        let deployment = below.split('/').nth(1).filter(|name| !name.is_empty());
        return (base, deployment.map(decode), true);
    }
    let base = match split_at("/openai/v1") {
        Some((base, _)) => base,
        None => path.strip_suffix("/openai").unwrap_or(path),
    };
    (base, None, false)
}

fn host_of(authority: &str) -> &str {
    if let Some(end) = authority.find(']') {
        return authority.get(..=end).unwrap_or(authority);
    }
    authority.split_once(':').map_or(authority, |(host, _)| host)
}

/// `127.0.0.0/8`. A browser's `URL` has already written the address with four decimal numbers.
fn is_ipv4_loopback(host: &str) -> bool {
    let mut numbers = host.split('.').map(str::parse::<u8>);
    host.split('.').count() == 4 && numbers.next() == Some(Ok(127)) && numbers.all(|number| number.is_ok())
}

/// `2025-04-01-preview`, `2024-02-01`
fn is_date(version: &str) -> bool {
    let mut parts = version.splitn(4, '-').map(|part| (part.len(), part.bytes().all(|byte| byte.is_ascii_digit())));
    parts.next() == Some((4, true)) && parts.next() == Some((2, true)) && parts.next() == Some((2, true))
}

/// Percent-encodes everything but the unreserved characters of RFC 3986.
fn encode(text: &str) -> String {
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
