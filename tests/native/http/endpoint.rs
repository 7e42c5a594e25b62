//! What an endpoint means.

use crate::support::cases;
use azure_image_client::errors::{Billed, Code, Failure};
use azure_image_client::http::endpoint::{ApiVersion, Endpoint, Operation, Resource, Routes};
use proptest::prelude::*;

fn parse(url: &str) -> Result<Endpoint, Failure> {
    Endpoint::parse(url, ApiVersion::Default)
}

fn generations(endpoint: &Endpoint) -> String {
    endpoint.url(Operation::Generations, "d", &[])
}

/// What a person may paste, what `apiVersion` is set to, and where generations go for a deployment `d`.
#[test]
fn every_form_of_an_endpoint_leads_to_the_right_url() {
    let default = || ApiVersion::Default;
    let is = |version: &str| ApiVersion::Is(version.into());
    let resource = "https://r.openai.azure.com";
    let v1 = "https://r.openai.azure.com/openai/v1/images/generations?api-version=preview";
    let classic = "https://r.openai.azure.com/openai/deployments/d/images/generations?api-version=2025-04-01-preview";
    let table = [
        // A resource.
        (resource.to_owned(), default(), v1),
        (format!("{resource}/"), default(), v1),
        (format!("{resource}//"), default(), v1),
        (format!("{resource}/openai"), default(), v1),
        (format!("{resource}/openai/"), default(), v1),
        (format!("{resource}#section"), default(), v1),
        (format!("{resource}?"), default(), v1),
        (resource.to_owned(), ApiVersion::None, "https://r.openai.azure.com/openai/v1/images/generations"),
        (resource.to_owned(), is("preview"), v1),
        (resource.to_owned(), is("v1"), "https://r.openai.azure.com/openai/v1/images/generations?api-version=v1"),
        (resource.to_owned(), is("2025-04-01-preview"), classic),
        (
            resource.to_owned(),
            is("2024-02-01"),
            "https://r.openai.azure.com/openai/deployments/d/images/generations?api-version=2024-02-01",
        ),
        (format!("{resource}?api-version=2025-04-01-preview"), default(), classic),
        (format!("{resource}/?API-Version=preview"), default(), v1),
        (format!("{resource}?api-version="), default(), "https://r.openai.azure.com/openai/v1/images/generations"),
        (format!("{resource}?api-version=v1"), is("preview"), v1),
        (
            format!("{resource}?api-version=v1"),
            ApiVersion::None,
            "https://r.openai.azure.com/openai/v1/images/generations",
        ),
        // The other hosts.
        (
            "https://r.cognitiveservices.azure.com".into(),
            default(),
            "https://r.cognitiveservices.azure.com/openai/v1/images/generations?api-version=preview",
        ),
        (
            "https://swedencentral.api.cognitive.microsoft.com/".into(),
            default(),
            "https://swedencentral.api.cognitive.microsoft.com/openai/v1/images/generations?api-version=preview",
        ),
        (
            "https://r.services.ai.azure.com/".into(),
            default(),
            "https://r.services.ai.azure.com/openai/v1/images/generations?api-version=preview",
        ),
        (
            "https://r.services.ai.azure.com/openai/v1/".into(),
            ApiVersion::None,
            "https://r.services.ai.azure.com/openai/v1/images/generations",
        ),
        // The v1 root, and what lies below it.
        (format!("{resource}/openai/v1"), default(), v1),
        (format!("{resource}/openai/v1/"), default(), v1),
        (format!("{resource}/openai/v1/images/generations"), default(), v1),
        (format!("{resource}/openai/v1/images/generations?api-version=preview"), default(), v1),
        (format!("{resource}/openai/v1/responses"), default(), v1),
        // A deployment, with more or less behind it.
        (format!("{resource}/openai/deployments/x"), default(), classic),
        (format!("{resource}/openai/deployments/x/"), default(), classic),
        (format!("{resource}/openai/deployments/x/images/generations"), default(), classic),
        (format!("{resource}/openai/deployments/x/images/edits?api-version=2025-04-01-preview"), default(), classic),
        (
            format!("{resource}/openai/deployments/x?api-version=2024-02-01"),
            default(),
            "https://r.openai.azure.com/openai/deployments/d/images/generations?api-version=2024-02-01",
        ),
        (format!("{resource}/openai/deployments/x?api-version=2024-02-01"), is("2025-04-01-preview"), classic),
        (format!("{resource}/openai/deployments"), is("2025-04-01-preview"), classic),
        (format!("{resource}/openai/deployments/"), default(), classic),
        // A proxy.
        (
            "https://app.example/api/azure".into(),
            default(),
            "https://app.example/api/azure/openai/v1/images/generations?api-version=preview",
        ),
        (
            "https://app.example/api/azure/".into(),
            is("2025-04-01-preview"),
            "https://app.example/api/azure/openai/deployments/d/images/generations?api-version=2025-04-01-preview",
        ),
        (
            "https://app.example/api/azure/openai/v1".into(),
            ApiVersion::None,
            "https://app.example/api/azure/openai/v1/images/generations",
        ),
        (
            "https://app.example/a/openai".into(),
            default(),
            "https://app.example/a/openai/v1/images/generations?api-version=preview",
        ),
        (
            "https://app.example/a/openai/deployments/x/images/generations".into(),
            default(),
            "https://app.example/a/openai/deployments/d/images/generations?api-version=2025-04-01-preview",
        ),
        (
            "https://apim.azure-api.net/openai/v10".into(),
            default(),
            "https://apim.azure-api.net/openai/v10/openai/v1/images/generations?api-version=preview",
        ),
        (
            "https://apim.azure-api.net/openai/v1-proxy/openai/v1/x".into(),
            default(),
            "https://apim.azure-api.net/openai/v1-proxy/openai/v1/images/generations?api-version=preview",
        ),
        (
            "https://apim.azure-api.net/myopenai".into(),
            default(),
            "https://apim.azure-api.net/myopenai/openai/v1/images/generations?api-version=preview",
        ),
        (
            "https://apim.azure-api.net/openai/deployments-x".into(),
            default(),
            "https://apim.azure-api.net/openai/deployments-x/openai/v1/images/generations?api-version=preview",
        ),
        // The URL of an operation in the form of a gateway.
        (
            "https://apim.azure-api.net/za/deployments/x/images/generations?api-version=2025-04-01-preview".into(),
            default(),
            "https://apim.azure-api.net/za/deployments/d/images/generations?api-version=2025-04-01-preview",
        ),
        (
            "https://apim.azure-api.net/deployments/x/images/edits".into(),
            default(),
            "https://apim.azure-api.net/deployments/d/images/generations?api-version=2025-04-01-preview",
        ),
        (
            "https://gateway.ai.cloudflare.com/v1/a/g/azure-openai/res/dep/images/generations?api-version=2025-04-01-preview"
                .into(),
            default(),
            "https://gateway.ai.cloudflare.com/v1/a/g/azure-openai/res/dep/images/generations?api-version=2025-04-01-preview",
        ),
        (
            "https://gw.example/azure/images/edits".into(),
            default(),
            "https://gw.example/azure/images/generations",
        ),
        (
            "https://gw.example/images/generations?api-version=preview".into(),
            default(),
            "https://gw.example/images/generations?api-version=preview",
        ),
        ("https://gw.example/azure/responses".into(), default(), "https://gw.example/azure/images/generations"),
        (
            "https://gw.example/v1/images/generations".into(),
            ApiVersion::None,
            "https://gw.example/v1/images/generations",
        ),
        (
            "https://app.example/deployments/azure".into(),
            default(),
            "https://app.example/deployments/azure/openai/v1/images/generations?api-version=preview",
        ),
        // The other clouds.
        (
            "https://r.openai.azure.us/openai/deployments/x/images/generations?api-version=2025-04-01-preview".into(),
            default(),
            "https://r.openai.azure.us/openai/deployments/d/images/generations?api-version=2025-04-01-preview",
        ),
        (
            "https://r.openai.azure.cn/openai/v1".into(),
            default(),
            "https://r.openai.azure.cn/openai/v1/images/generations?api-version=preview",
        ),
        // A project of Foundry.
        (
            "https://r.services.ai.azure.com/api/projects/p".into(),
            default(),
            "https://r.services.ai.azure.com/openai/v1/images/generations?api-version=preview",
        ),
        // This machine.
        (
            "http://localhost:8080".into(),
            default(),
            "http://localhost:8080/openai/v1/images/generations?api-version=preview",
        ),
        (
            "http://[::1]:8080/x/".into(),
            default(),
            "http://[::1]:8080/x/openai/v1/images/generations?api-version=preview",
        ),
    ];
    for (url, api_version, expected) in table {
        let shown = format!("{url} {api_version:?}");
        assert_eq!(generations(&Endpoint::parse(&url, api_version).unwrap()), expected, "{shown}");
    }
}

#[test]
fn the_url_of_a_gateways_operation_is_taken_as_it_is() {
    let url = "https://gateway.ai.cloudflare.com/v1/a/g/azure-openai/res/dep/images/generations?api-version=2025-04-01-preview";
    let endpoint = parse(url).unwrap();
    let description = endpoint.describe();
    assert_eq!((description.kind, description.generations_url.as_str()), ("gateway", url));
    assert_eq!((description.routes, description.deployment.as_deref()), ("classic", Some("dep")));
    assert_eq!(endpoint.url(Operation::Edits, "dep", &[]), url.replace("generations", "edits"));

    let endpoint =
        parse("https://apim.azure-api.net/za/deployments/gpt-image-2/images/generations?api-version=2024-02-01")
            .unwrap();
    assert_eq!(endpoint.deployment(), Some("gpt-image-2"));
    let responses = "https://apim.azure-api.net/za/v1/responses";
    assert_eq!(endpoint.resource_url(Resource::Responses, &[], &[]).unwrap(), responses);
    let endpoint = parse("https://gw.example/azure/images/generations").unwrap();
    assert_eq!(endpoint.resource_url(Resource::Responses, &[], &[]).unwrap(), "https://gw.example/azure/responses");
}

#[test]
fn the_url_of_another_operation_is_refused_with_what_to_write() {
    for (url, write) in [
        ("https://gw.example/v1/chat/completions", "Write https://gw.example/v1 instead"),
        ("https://gw.example/v1/chat/completions/", "Write https://gw.example/v1 instead"),
        ("https://gw.example/azure/v1/embeddings?api-version=v1", "Write https://gw.example/azure/v1 instead"),
        ("https://gw.example/x/chat/completions", "Write https://gw.example/x instead"),
        ("https://gw.example/za/deployments/gpt-4o/chat/completions", "Write https://gw.example/za instead"),
        ("https://gw.example/za/openai/deployments/gpt-4o/completions", "Write https://gw.example/za instead"),
        ("https://gateway.ai.cloudflare.com/v1/a/g/azure-openai/r/d/chat/completions", "/azure-openai/r/d instead"),
        (
            "https://r.openai.azure.com/openai/deployments/gpt-4o/chat/completions?api-version=2024-10-21",
            "Write https://r.openai.azure.com instead",
        ),
        ("https://r.openai.azure.com/openai/v1/chat/completions", "Write https://r.openai.azure.com instead"),
        ("https://r.services.ai.azure.com/models/chat/completions", "Write https://r.services.ai.azure.com instead"),
        ("https://r.services.ai.azure.us/openai/v1/embeddings", "Write https://r.services.ai.azure.us instead"),
    ] {
        let failure = parse(url).unwrap_err();
        assert_eq!((failure.code, failure.param.as_deref()), (Code::InvalidRequest, Some("endpoint")), "{url}");
        assert!(failure.message.contains(write), "{url}: {}", failure.message);
    }
    // A proxy may use any path.
    assert!(parse("https://app.example/messages").is_ok());
}

#[test]
fn a_token_has_the_scope_of_the_cloud_of_the_host() {
    for (url, kind, scope) in [
        ("https://r.openai.azure.com", "resource", "https://cognitiveservices.azure.com/.default"),
        ("https://r.openai.azure.us", "resource", "https://cognitiveservices.azure.us/.default"),
        ("https://R.OpenAI.Azure.US", "resource", "https://cognitiveservices.azure.us/.default"),
        ("https://r.cognitiveservices.azure.us", "resource", "https://cognitiveservices.azure.us/.default"),
        ("https://virginia.api.cognitive.microsoft.us", "resource", "https://cognitiveservices.azure.us/.default"),
        ("https://r.openai.azure.cn", "resource", "https://cognitiveservices.azure.cn/.default"),
        ("https://chinaeast2.api.cognitive.azure.cn", "resource", "https://cognitiveservices.azure.cn/.default"),
        ("https://r.services.ai.azure.us", "resource", "https://cognitiveservices.azure.us/.default"),
        ("https://r.services.ai.azure.us/api/projects/p", "project", "https://ai.azure.us/.default"),
        ("https://r.services.ai.azure.cn/api/projects/p", "project", "https://ai.azure.cn/.default"),
        ("https://r.services.ai.azure.com/api/projects/p", "project", "https://ai.azure.com/.default"),
        ("https://gw.azure-api.us/x", "gateway", "https://cognitiveservices.azure.us/.default"),
        ("https://app.example/api", "gateway", "https://cognitiveservices.azure.com/.default"),
        ("https://azure.us.example", "gateway", "https://cognitiveservices.azure.com/.default"),
        ("https://r.azure.us", "gateway", "https://cognitiveservices.azure.us/.default"),
    ] {
        let endpoint = parse(url).unwrap();
        assert_eq!((endpoint.describe().kind, endpoint.default_scope()), (kind, scope), "{url}");
    }
    for portal in ["https://portal.azure.us", "https://ai.azure.us/x", "https://portal.azure.cn"] {
        assert!(parse(portal).unwrap_err().message.contains("is a portal"), "{portal}");
    }
}

#[test]
fn an_endpoint_without_a_version_of_its_own_gets_that_of_its_routes() {
    let routes = |url| parse(url).unwrap().routes().clone();
    assert_eq!(routes("https://r.openai.azure.com"), Routes::V1 { api_version: Some("preview".into()) });
    let classic = |deployment: Option<&str>| Routes::Classic {
        api_version: "2025-04-01-preview".into(),
        deployment: deployment.map(Into::into),
    };
    assert_eq!(routes("https://r.openai.azure.com/openai/deployments/x"), classic(Some("x")));
    assert_eq!(routes("https://r.openai.azure.com?api-version=2025-04-01-preview"), classic(None));
}

#[test]
fn the_deployment_in_an_endpoint_is_decoded() {
    let cases = [
        ("my-image_1.5", "my-image_1.5"),
        ("a%20b", "a b"),
        ("%C3%A9%e2%82%ac", "\u{E9}\u{20AC}"),
        ("100%", "100%"),
        ("%2", "%2"),
        ("%zz", "%zz"),
        ("%+5", "%+5"),
        ("%\u{E9}", "%\u{E9}"),
        ("a%2Fb", "a/b"),
        ("%FF", "\u{FFFD}"),
    ];
    for (written, meant) in cases {
        for rest in ["", "/", "/images/generations"] {
            let endpoint = parse(&format!("https://r.openai.azure.com/openai/deployments/{written}{rest}")).unwrap();
            let Routes::Classic { deployment, .. } = endpoint.routes() else { unreachable!() };
            assert_eq!(deployment.as_deref(), Some(meant), "{written}{rest}");
        }
    }
}

#[test]
fn the_version_in_an_endpoint_is_decoded() {
    let endpoint = parse("https://r.openai.azure.com/?api-version=2025%2D04-01-preview").unwrap();
    assert_eq!(endpoint.describe().api_version.as_deref(), Some("2025-04-01-preview"));
    let given = ApiVersion::Is("a b".into());
    let url = generations(&Endpoint::parse("https://app.example", given).unwrap());
    assert_eq!(generations(&parse(&url).unwrap()), url);
}

#[test]
fn names_are_percent_encoded_into_the_url() {
    let classic = Endpoint::parse("https://r.openai.azure.com", ApiVersion::Is("2025-04-01-preview".into())).unwrap();
    assert_eq!(
        classic.url(
            Operation::Generations,
            "a b/../c?d#e%\u{E9}",
            &[("x y".into(), "1&2=3".into()), ("z".into(), String::new())]
        ),
        "https://r.openai.azure.com/openai/deployments/a%20b%2F..%2Fc%3Fd%23e%25%C3%A9/images/generations\
         ?api-version=2025-04-01-preview&x%20y=1%262%3D3&z="
    );
    let v1 = Endpoint::parse("https://r.openai.azure.com", ApiVersion::None).unwrap();
    let url = v1.url(Operation::Generations, "ignored", &[("subscription-key".into(), "k".into())]);
    assert_eq!(url, "https://r.openai.azure.com/openai/v1/images/generations?subscription-key=k");
}

#[test]
fn what_is_no_endpoint_is_refused_with_what_to_write_instead() {
    for url in [
        "",
        "r.openai.azure.com",
        "/api/azure",
        "//r.openai.azure.com",
        "ftp://r.openai.azure.com",
        "file:///x",
        "https://",
        "https:///x",
        "https://?x",
        "https:r",
        "data:,x",
    ] {
        let failure = parse(url).unwrap_err();
        assert_eq!((failure.code, failure.billed), (Code::InvalidRequest, Billed::No), "{url}");
        assert_eq!(failure.param.as_deref(), Some("endpoint"), "{url}");
        assert!(failure.message.contains("https://my-resource.openai.azure.com"), "{url}: {}", failure.message);
    }
}

#[test]
fn a_query_or_version_that_cannot_be_is_refused() {
    let failure = parse("https://r.openai.azure.com?api-version=v1&subscription-key=sesame").unwrap_err();
    assert_eq!(failure.param.as_deref(), Some("endpoint"));
    assert!(failure.message.contains("subscription-key") && failure.message.contains("extraQuery"));
    let no_dates =
        ["preview", "v1", "2025-04", "202-04-01", "x025-04-01", "2025-4-01", "2025-x4-01", "2025-04-1", "2025-04-x1"];
    let versions = no_dates.map(|version| ApiVersion::Is(version.into()));
    for version in versions.into_iter().chain([ApiVersion::None]) {
        let failure = Endpoint::parse("https://r.openai.azure.com/openai/deployments/x", version).unwrap_err();
        assert_eq!(failure.param.as_deref(), Some("apiVersion"));
        assert!(failure.message.contains("2025-04-01-preview"));
    }
}

#[test]
fn no_message_repeats_a_secret() {
    let secrets = [
        // Arguments in the wrong order, and a key in the place of a password or parameter.
        "0123456789abcdef0123456789abcdef",
        "1aBcDeFgHiJkLmNoPqRsTuVwXyZ0123456789aBcDeFgHiJkLmNoPqRsTuVwXyZ0123456789JQQJ99BKACYeBjFXJ3w3AAABACOGabcd",
        "eyJ0eXAiOiJKV1QiLCJhbGciOiJSUzI1NiJ9.eyJhdWQiOiJodHRwczovL2NvZ25pdGl2ZSJ9.c2lnbmF0dXJlLXNpZ25hdHVyZS1zaWc",
    ];
    for secret in secrets {
        for url in [
            secret.to_owned(),
            format!("Bearer {secret}"),
            format!("https://user:{secret}@r.openai.azure.com"),
            format!("https://{secret}@r.openai.azure.com"),
            format!("user:{secret}@r.openai.azure.com"),
            format!("r.openai.azure.com?api-key={secret}"),
            format!("https://r.openai.azure.com?api-key={secret}"),
            format!("https://r.openai.azure.com?code={secret}#x"),
            format!("https://r.openai.azure.com?{secret}"),
            format!("https://r.openai.azure.com?{secret}=="),
        ] {
            let message = parse(&url).unwrap_err().message.clone();
            let part = secret.split('.').next_back().unwrap();
            assert!(!message.contains(part), "{message}");
        }
    }
    assert!(
        Endpoint::unreadable("my-resource.openai.azure.com").message.contains("my-resource.openai.azure.com"),
        "but what helps"
    );
}

#[test]
fn a_text_that_is_no_address_is_repeated_only_where_it_can_be_no_secret() {
    let hidden = "The endpoint is invalid (value omitted: it may contain a secret)";
    let (of_24, of_25) = (format!("https//{}", "a".repeat(24)), format!("https//{}", "a".repeat(25)));
    for (given, shown) in [
        ("", "The endpoint is empty"),
        ("r.openai.azure.com", "The endpoint \"r.openai.azure.com\" is invalid"),
        ("https//r", "The endpoint \"https//r\" is invalid"),
        ("my resource", "The endpoint \"my resource\" is invalid"),
        (&of_24, &format!("The endpoint \"{of_24}\" is invalid")),
        (&of_25, hidden),
        ("abc123", hidden),
        ("me@r.openai.azure.com", hidden),
        ("r.openai.azure.com?k=1", hidden),
    ] {
        let message = Endpoint::unreadable(given).message.clone();
        assert_eq!(message.split_once(". Pass an absolute").unwrap().0, shown, "{given}");
    }
}

#[test]
fn user_names_are_refused_only_in_the_place_of_user_names() {
    for url in
        ["https://me@r.openai.azure.com", "https://me:pw@r.openai.azure.com/openai/v1", "https://@r.openai.azure.com"]
    {
        assert!(parse(url).unwrap_err().message.contains("user name"), "{url}");
    }
    assert!(parse("https://app.example/@azure").is_ok());
}

#[test]
fn only_this_machine_is_loopback() {
    let table = [
        ("http://localhost", true),
        ("http://LOCALHOST:8080/x", true),
        ("http://app.localhost:1", true),
        ("http://127.0.0.1:8080", true),
        ("http://127.255.1.2", true),
        ("https://[::1]:443/x", true),
        ("http://localhost.example.com", false),
        ("http://notlocalhost", false),
        ("http://127.0.0.1.example.com", false),
        ("http://127.example.com", false),
        ("http://127.0.0.256", false),
        ("http://127.0.0", false),
        ("http://127.0.0.+1", false),
        ("http://128.0.0.1", false),
        ("http://[::2]", false),
        ("http://[::1:0]", false),
        ("http://0.0.0.0", false),
        ("http://192.168.0.1", false),
        ("https://r.openai.azure.com", false),
    ];
    for (url, expected) in table {
        let endpoint = parse(url).unwrap();
        assert_eq!(endpoint.is_loopback(), expected, "{url}");
        assert_eq!(endpoint.is_plain_http(), url.starts_with("http:"), "{url}");
    }
}

#[test]
fn the_origin_is_scheme_host_and_port() {
    assert_eq!(
        parse("https://r.openai.azure.com/openai/v1?api-version=v1#x").unwrap().origin(),
        "https://r.openai.azure.com"
    );
    assert_eq!(parse("http://localhost:8080/x").unwrap().origin(), "http://localhost:8080");
}

proptest! {
    #![proptest_config(cases(256))]

    #[test]
    fn any_text_is_read_or_refused_without_a_panic(
        tokens in prop::collection::vec(prop::sample::select(TOKENS), 0..10),
        version in any::<String>(),
    ) {
        let url = tokens.concat();
        for version in [ApiVersion::Default, ApiVersion::None, ApiVersion::Is(version)] {
            if let Ok(endpoint) = Endpoint::parse(&url, version) {
                let url = generations(&endpoint);
                prop_assert!(url.starts_with(endpoint.origin()));
                prop_assert!(!endpoint.origin().contains('@'));
                prop_assert!(url.contains("/images/generations"));
                let _ = endpoint.is_loopback();
            }
        }
    }
}

const TOKENS: &[&str] = &[
    "https://",
    "http://",
    "host",
    "/",
    "?",
    "#",
    "=",
    "&",
    "%",
    "@",
    "/@",
    ":",
    "]",
    "[",
    "openai",
    "/openai",
    "/openai/v1",
    "/openai/deployments/",
    "\u{E9}",
    "api-version",
    "2025-04-01",
    "%C3",
    "..",
];

#[test]
fn the_description_says_how_an_endpoint_was_understood() {
    let is = |version: &str| ApiVersion::Is(version.into());
    let table = [
        ("https://r.openai.azure.com", ApiVersion::Default, ("resource", "v1", Some("preview"), None, None)),
        ("https://r.cognitiveservices.azure.com", ApiVersion::None, ("resource", "v1", None, None, None)),
        ("https://r.openai.azure.com", is("2024-02-01"), ("resource", "classic", Some("2024-02-01"), None, None)),
        (
            "https://r.openai.azure.com/openai/deployments/my%20d/images/edits?api-version=2025-04-01-preview",
            ApiVersion::Default,
            ("resource", "classic", Some("2025-04-01-preview"), Some("my d"), None),
        ),
        (
            "https://r.services.ai.azure.com/api/projects/my-project",
            ApiVersion::Default,
            ("project", "v1", Some("preview"), None, Some("my-project")),
        ),
        ("https://apim.azure-api.net/images", ApiVersion::Default, ("gateway", "v1", Some("preview"), None, None)),
        ("http://localhost:5173/api/azure", ApiVersion::Default, ("gateway", "v1", Some("preview"), None, None)),
    ];
    for (url, version, expected) in table {
        let it = Endpoint::parse(url, version).unwrap().describe();
        let read = (it.kind, it.routes, it.api_version.as_deref(), it.deployment.as_deref(), it.project.as_deref());
        assert_eq!(read, expected, "{url}");
    }
    let placeholder = Endpoint::parse("https://r.openai.azure.com", is("2024-02-01")).unwrap().describe();
    assert_eq!(
        placeholder.generations_url,
        "https://r.openai.azure.com/openai/deployments/{deployment}/images/generations?api-version=2024-02-01"
    );
}

#[test]
fn a_gateway_may_serve_the_v1_routes_without_openai_in_the_path() {
    for url in ["https://gateway.example/v1", "https://gateway.example/v1/images/generations"] {
        assert_eq!(
            generations(&parse(url).unwrap()),
            "https://gateway.example/v1/images/generations?api-version=preview"
        );
    }
}

#[test]
fn the_address_of_a_portal_is_no_endpoint() {
    for url in ["https://portal.azure.com/#home", "https://ai.azure.com/build/overview", "https://oai.azure.com/"] {
        let failure = parse(url).unwrap_err();
        assert_eq!((failure.code, failure.param.as_deref()), (Code::InvalidRequest, Some("endpoint")));
        assert!(failure.message.contains("portal"), "{}", failure.message);
    }
}

#[test]
fn the_scope_follows_the_endpoint() {
    let scope = |url: &str| parse(url).unwrap().default_scope();
    assert_eq!(scope("https://r.openai.azure.com"), "https://cognitiveservices.azure.com/.default");
    assert_eq!(scope("https://r.services.ai.azure.com/api/projects/p"), "https://ai.azure.com/.default");
}

#[test]
fn the_path_of_a_proxy_is_kept_whatever_it_is_called() {
    for (url, expected) in [
        (
            "https://app.example/api/v1/azure",
            "https://app.example/api/v1/azure/openai/v1/images/generations?api-version=preview",
        ),
        (
            "https://app.example/api/projects/42/azure",
            "https://app.example/api/projects/42/azure/openai/v1/images/generations?api-version=preview",
        ),
        (
            "https://app.example/api/projects/42/azure/openai/v1",
            "https://app.example/api/projects/42/azure/openai/v1/images/generations?api-version=preview",
        ),
        (
            "https://r.openai.azure.com/openai/responses",
            "https://r.openai.azure.com/openai/v1/images/generations?api-version=preview",
        ),
    ] {
        assert_eq!(generations(&parse(url).unwrap()), expected);
    }
}

#[test]
fn a_path_that_azure_does_not_serve_is_refused_on_its_own_hosts() {
    let word = "abcdefghijklmnopqrstuvwx".to_owned();
    for (url, named) in [
        ("https://r.openai.azure.com/foo".to_owned(), "has the path \"/foo\""),
        ("https://r.services.ai.azure.com/models".to_owned(), "has the path \"/models\""),
        (format!("https://r.openai.azure.com/{word}/{word}"), "has the path \"/abc"),
        // It may be a key, which nobody is to see.
        (format!("https://r.openai.azure.com/{word}y"), "has a path, which"),
    ] {
        let failure = parse(&url).unwrap_err();
        assert_eq!((failure.code, failure.param.as_deref()), (Code::InvalidRequest, Some("endpoint")), "{url}");
        assert!(failure.message.contains(named), "{}", failure.message);
        assert!(failure.message.contains("Remove the path: https://r."), "{}", failure.message);
    }
}

/// An endpoint, what `apiVersion` is set to, and where its models are listed.
#[test]
fn the_list_of_models_stands_beside_the_images() {
    let default = || ApiVersion::Default;
    let is = |version: &str| ApiVersion::Is(version.into());
    let resource = "https://r.openai.azure.com";
    let table = [
        (resource, default(), "https://r.openai.azure.com/openai/v1/models?api-version=preview"),
        (resource, ApiVersion::None, "https://r.openai.azure.com/openai/v1/models"),
        (resource, is("v1"), "https://r.openai.azure.com/openai/v1/models?api-version=v1"),
        (resource, is("2024-02-01"), "https://r.openai.azure.com/openai/models?api-version=2024-02-01"),
        (
            "https://r.openai.azure.com/openai/v1/images/edits",
            default(),
            "https://r.openai.azure.com/openai/v1/models?api-version=preview",
        ),
        (
            "https://r.openai.azure.com/openai/deployments/x/images/generations",
            default(),
            "https://r.openai.azure.com/openai/models?api-version=2025-04-01-preview",
        ),
        (
            "https://r.services.ai.azure.com/api/projects/p",
            default(),
            "https://r.services.ai.azure.com/openai/v1/models?api-version=preview",
        ),
        ("https://gateway.example/v1", default(), "https://gateway.example/v1/models?api-version=preview"),
        ("https://gateway.example/v1/images/generations", ApiVersion::None, "https://gateway.example/v1/models"),
        ("https://gateway.example/a/v1", default(), "https://gateway.example/a/v1/models?api-version=preview"),
        (
            "https://gateway.example/v1",
            is("2024-02-01"),
            "https://gateway.example/openai/models?api-version=2024-02-01",
        ),
        (
            "https://app.example/api/azure",
            default(),
            "https://app.example/api/azure/openai/v1/models?api-version=preview",
        ),
        (
            "https://app.example/a/openai/deployments/x",
            default(),
            "https://app.example/a/openai/models?api-version=2025-04-01-preview",
        ),
        ("http://localhost:8080/", ApiVersion::None, "http://localhost:8080/openai/v1/models"),
    ];
    let extra = [("a b".to_owned(), "1&2=3".to_owned()), ("z".to_owned(), String::new())];
    for (url, api_version, expected) in table {
        let endpoint = Endpoint::parse(url, api_version).unwrap();
        assert_eq!(endpoint.models_url(&[]), expected, "{url}");
        let separator = if expected.contains('?') { '&' } else { '?' };
        assert_eq!(endpoint.models_url(&extra), format!("{expected}{separator}a%20b=1%262%3D3&z="), "{url}");
    }
}

fn resource(endpoint: &Endpoint, resource: Resource<'_>) -> Result<String, Failure> {
    endpoint.resource_url(resource, &[], &[])
}

/// An endpoint, what `apiVersion` is set to, where responses are made, and where agents are.
#[test]
fn responses_and_agents_go_where_the_endpoint_serves_them() {
    let default = || ApiVersion::Default;
    let is = |version: &str| ApiVersion::Is(version.into());
    let r = "https://r.openai.azure.com";
    let p = "https://r.services.ai.azure.com/api/projects/p";
    let v1 = "https://r.services.ai.azure.com/api/projects/p/openai/v1/responses";
    let agents = Some("https://r.services.ai.azure.com/api/projects/p/agents?api-version=v1");
    let dated = "https://r.services.ai.azure.com/api/projects/p/openai/responses?api-version=2025-11-15-preview";
    let dated_agents = Some("https://r.services.ai.azure.com/api/projects/p/agents?api-version=2025-11-15-preview");
    let table = [
        (r.to_owned(), default(), "https://r.openai.azure.com/openai/v1/responses?api-version=preview", None),
        (r.to_owned(), ApiVersion::None, "https://r.openai.azure.com/openai/v1/responses", None),
        (r.to_owned(), is("v1"), "https://r.openai.azure.com/openai/v1/responses?api-version=v1", None),
        // The image tool is on the v1 routes only, and a date is none of their versions.
        (r.to_owned(), is("2025-04-01-preview"), "https://r.openai.azure.com/openai/v1/responses", None),
        (format!("{r}/openai/deployments/x"), default(), "https://r.openai.azure.com/openai/v1/responses", None),
        (
            "https://r.services.ai.azure.com".into(),
            ApiVersion::None,
            "https://r.services.ai.azure.com/openai/v1/responses",
            None,
        ),
        // A project, and addresses below it that a page shows.
        (p.to_owned(), default(), v1, agents),
        (format!("{p}/"), is("preview"), v1, agents),
        (p.to_owned(), ApiVersion::None, v1, agents),
        (p.to_owned(), is("v1"), v1, agents),
        (p.to_owned(), is("2025-11-15-preview"), dated, dated_agents),
        (format!("{p}/openai/v1/responses"), default(), v1, agents),
        (format!("{p}/openai/responses?api-version=2025-11-15-preview"), default(), dated, dated_agents),
        (format!("{p}/agents/painter/versions?api-version=v1"), default(), v1, agents),
        (
            "https://r.services.ai.azure.com/api/projects/_project".into(),
            default(),
            "https://r.services.ai.azure.com/api/projects/_project/openai/v1/responses",
            Some("https://r.services.ai.azure.com/api/projects/_project/agents?api-version=v1"),
        ),
        (
            "https://r.services.ai.azure.com/api/projects/p/applications/a/protocols/openai/responses".into(),
            default(),
            v1,
            agents,
        ),
        (
            "https://r.services.ai.azure.com/api/projects/my%20p".into(),
            default(),
            "https://r.services.ai.azure.com/api/projects/my%20p/openai/v1/responses",
            Some("https://r.services.ai.azure.com/api/projects/my%20p/agents?api-version=v1"),
        ),
        // A proxy, before a resource and before a project.
        (
            "https://app.example/api/azure".into(),
            default(),
            "https://app.example/api/azure/openai/v1/responses?api-version=preview",
            None,
        ),
        (
            "https://app.example/azure/api/projects/p".into(),
            default(),
            "https://app.example/azure/api/projects/p/openai/v1/responses",
            Some("https://app.example/azure/api/projects/p/agents?api-version=v1"),
        ),
        (
            "http://localhost:8080/api/projects/p/agents".into(),
            default(),
            "http://localhost:8080/api/projects/p/openai/v1/responses",
            Some("http://localhost:8080/api/projects/p/agents?api-version=v1"),
        ),
        ("https://gateway.example/v1".into(), ApiVersion::None, "https://gateway.example/v1/responses", None),
        (
            "https://gateway.example/v1/responses".into(),
            default(),
            "https://gateway.example/v1/responses?api-version=preview",
            None,
        ),
    ];
    for (url, api_version, responses, agents) in table {
        let endpoint = Endpoint::parse(&url, api_version).unwrap();
        assert_eq!(resource(&endpoint, Resource::Responses).unwrap(), responses, "{url}");
        assert_eq!(endpoint.describe().responses_url, responses, "{url}");
        assert_eq!(resource(&endpoint, Resource::Agents).ok().as_deref(), agents, "{url}");
        assert_eq!(endpoint.check_agents().is_ok(), agents.is_some(), "{url}");
        assert_eq!(endpoint.is_azure(), agents.is_some() || url.contains(".azure.com"), "{url}");
        assert_eq!(endpoint.takes_agent_reference(), !responses.contains("=2025") && !is_classic(&endpoint), "{url}");
    }
}

fn is_classic(endpoint: &Endpoint) -> bool {
    matches!(endpoint.routes(), Routes::Classic { .. })
}

#[test]
fn everything_else_stands_below_with_its_ids_percent_encoded() {
    let project = parse("https://r.services.ai.azure.com/api/projects/p").unwrap();
    let table = [
        (Resource::Response("resp_1"), "/openai/v1/responses/resp_1"),
        (Resource::Response("a/../b?c#d%"), "/openai/v1/responses/a%2F..%2Fb%3Fc%23d%25"),
        (Resource::ResponseCancel("r 1"), "/openai/v1/responses/r%201/cancel"),
        (Resource::Conversations, "/openai/v1/conversations"),
        (Resource::Conversation("conv_1"), "/openai/v1/conversations/conv_1"),
        (Resource::Files, "/openai/v1/files"),
        (Resource::File("file-\u{E9}"), "/openai/v1/files/file-%C3%A9"),
        (Resource::FileContent("file-1"), "/openai/v1/files/file-1/content"),
        (Resource::ContainerFileContent("cntr_1", "a/b"), "/openai/v1/containers/cntr_1/files/a%2Fb/content"),
        (Resource::Agent("painter"), "/agents/painter?api-version=v1"),
        (Resource::AgentVersions("a b"), "/agents/a%20b/versions?api-version=v1"),
        (Resource::AgentVersion("painter", "3"), "/agents/painter/versions/3?api-version=v1"),
    ];
    for (what, expected) in table {
        let root = "https://r.services.ai.azure.com/api/projects/p";
        assert_eq!(resource(&project, what).unwrap(), format!("{root}{expected}"));
    }
    let query = [("stream".to_owned(), "true".to_owned()), ("starting_after".into(), "5".into())];
    let extra = [("a b".to_owned(), "1&2=3".to_owned())];
    assert_eq!(
        project.resource_url(Resource::Response("r"), &query, &extra).unwrap(),
        "https://r.services.ai.azure.com/api/projects/p/openai/v1/responses/r?stream=true&starting_after=5&a%20b=1%262%3D3"
    );
    assert_eq!(
        project.resource_url(Resource::Agents, &[("limit".into(), "100".into())], &[]).unwrap(),
        "https://r.services.ai.azure.com/api/projects/p/agents?api-version=v1&limit=100"
    );
}

#[test]
fn an_id_that_would_lead_elsewhere_is_refused() {
    let project = parse("https://r.services.ai.azure.com/api/projects/p").unwrap();
    for id in ["", ".", ".."] {
        for (what, param) in [
            (Resource::Response(id), "id"),
            (Resource::ResponseCancel(id), "id"),
            (Resource::Conversation(id), "id"),
            (Resource::File(id), "id"),
            (Resource::FileContent(id), "id"),
            (Resource::ContainerFileContent(id, "file"), "containerId"),
            (Resource::ContainerFileContent("container", id), "id"),
            (Resource::Agent(id), "name"),
            (Resource::AgentVersions(id), "name"),
            (Resource::AgentVersion(id, "1"), "name"),
            (Resource::AgentVersion("a", id), "version"),
        ] {
            let failure = resource(&project, what).unwrap_err();
            assert_eq!((failure.code, failure.param.as_deref()), (Code::InvalidRequest, Some(param)), "{what:?}");
        }
    }
}

#[test]
fn where_there_are_no_agents_the_failure_says_what_to_pass() {
    for url in ["https://r.openai.azure.com", "https://r.services.ai.azure.com", "https://app.example/api/azure"] {
        let failure = parse(url).unwrap().check_agents().unwrap_err();
        assert_eq!((failure.code, failure.param.as_deref()), (Code::InvalidRequest, Some("endpoint")), "{url}");
        assert!(failure.message.contains(url) && failure.message.contains("/api/projects/my-project"), "{url}");
    }
}
