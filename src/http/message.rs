//! HTTP messages as plain data.

/// A request, ready to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HttpRequest {
    /// The method.
    pub method: Method,
    /// The absolute URL.
    pub url: String,
    /// The headers; names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Body,
    /// Whether the response is not read: the `no-cors` mode of `fetch`.
    pub is_opaque: bool,
}

impl HttpRequest {
    /// A request without a body.
    #[must_use]
    pub fn new(method: Method, url: String) -> Self {
        Self { method, url, headers: Vec::new(), body: Body::None, is_opaque: false }
    }
}

/// A method.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// Reads.
    Get,
    /// Creates.
    Post,
    /// Deletes.
    Delete,
}

/// A body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Body {
    /// No body.
    None,
    /// A JSON document.
    Json(String),
    /// The fields of a form. The driver adds the files.
    Form(Vec<(String, String)>),
}

/// The head of a response.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Head {
    /// The status code; 0 for an opaque response.
    pub status: u16,
    /// `retry-after-ms`, in milliseconds.
    pub retry_after_ms: Option<String>,
    /// `retry-after`, in seconds.
    pub retry_after: Option<String>,
    /// The service's id of the request, if the browser may read it.
    pub request_id: Option<String>,
}

/// What signs a request.
#[derive(Clone, PartialEq, Eq)]
pub struct Authorization {
    /// The name of the header, in lower case.
    pub header: &'static str,
    /// The value of the header.
    pub value: String,
    /// The key or token, which must not be repeated.
    pub secret: String,
    /// Whether the credential can provide another one.
    pub can_refresh: bool,
}

impl std::fmt::Debug for Authorization {
    /// Without the secret.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Authorization").field("header", &self.header).finish_non_exhaustive()
    }
}
