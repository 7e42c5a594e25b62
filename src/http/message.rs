//! HTTP messages as plain data.

/// A request that is ready to send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HttpRequest {
    /// HTTP method.
    pub method: Method,
    /// Absolute URL.
    pub url: String,
    /// Headers, with lowercase names.
    pub headers: Vec<(String, String)>,
    /// Request body.
    pub body: Body,
    /// `true` for the `no-cors` mode of `fetch`. The response is not read; browsers hide it if it has another origin.
    pub is_opaque: bool,
}

impl HttpRequest {
    /// Creates a request without a body.
    #[must_use]
    pub fn new(method: Method, url: String) -> Self {
        Self { method, url, headers: Vec::new(), body: Body::None, is_opaque: false }
    }

    /// Creates a POST request.
    #[must_use]
    pub fn post(url: String, body: Body) -> Self {
        Self { body, ..Self::new(Method::Post, url) }
    }
}

/// HTTP method.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// Reads a resource.
    Get,
    /// Creates a resource.
    Post,
    /// Deletes a resource.
    Delete,
}

/// Request body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Body {
    /// No body.
    None,
    /// A JSON document.
    Json(String),
    /// The parts of a JSON document between the input images, which the driver adds as base64.
    JsonWithImages(Vec<String>),
    /// Form fields. The driver adds the file.
    Form(Vec<(String, String)>),
    /// Form of an edit. The driver adds the images and the mask.
    Edit {
        /// The fields.
        fields: Vec<(String, String)>,
        /// The field name of the images.
        image_field: &'static str,
    },
}

/// Status and headers of a response.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Head {
    /// Status code; 0 if the browser hides it.
    pub status: u16,
    /// `retry-after-ms`, in milliseconds.
    pub retry_after_ms: Option<String>,
    /// `retry-after`, in seconds.
    pub retry_after: Option<String>,
    /// Request ID assigned by the service, if the browser can read it.
    pub request_id: Option<String>,
    /// `content-type`.
    pub content_type: Option<String>,
}

/// Authorization header of a request.
#[derive(Clone, PartialEq, Eq)]
pub struct Authorization {
    /// Header name in lowercase.
    pub header: &'static str,
    /// Header value.
    pub value: String,
    /// Key or token, which must not appear in messages.
    pub secret: String,
    /// `true` if the credential can provide a new token.
    pub can_refresh: bool,
}

impl std::fmt::Debug for Authorization {
    /// Omits the secret.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Authorization").field("header", &self.header).finish_non_exhaustive()
    }
}
