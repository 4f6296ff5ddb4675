//! The provider's metadata (OpenID Connect Discovery 1.0), checked before any URL in them is used.

use std::net::{IpAddr, Ipv6Addr};
use std::time::Duration;

use serde::Deserialize;
use url::{Host, Url};

use super::cache::LoadError;
use super::issuer::Issuer;
use super::transport::{Answer, MAX_BODY_BYTES, Transport, TransportError};
use crate::json;

/// The time for which metadata are fresh: the npm package's `discoveryCache.ttl`.
pub(crate) const METADATA_TTL: Duration = Duration::from_secs(600);

/// The provider's endpoints and requirements. Every URL is checked: it may be requested or redirected to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Metadata {
    /// The issuer as the provider spells it: `iss` has to equal it byte for byte.
    pub(crate) issuer: String,
    pub(crate) authorization_endpoint: Url,
    pub(crate) token_endpoint: Url,
    pub(crate) jwks_uri: Url,
    pub(crate) end_session_endpoint: Option<Url>,
    pub(crate) userinfo_endpoint: Option<Url>,
    pub(crate) revocation_endpoint: Option<Url>,
    pub(crate) pushed_authorization_request_endpoint: Option<Url>,
    /// True if the provider refuses a request that was not pushed (RFC 9126 section 5).
    pub(crate) require_pushed_authorization_requests: bool,
    /// True if every authorization response has `iss`: a response without it is a forgery (RFC 9207).
    pub(crate) authorization_response_iss_parameter_supported: bool,
}

/// The reason why there are no metadata.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum DiscoveryError {
    #[error("`{0}` in the provider's metadata lies in an address range that is closed to requests")]
    EndpointAddress(&'static str),
    #[error("`{0}` in the provider's metadata is not an https URL")]
    EndpointNotHttps(&'static str),
    #[error("the metadata are for another issuer than the configured one")]
    IssuerMismatch,
    #[error("the provider's metadata are not the JSON object they have to be")]
    Malformed,
    #[error("the provider's metadata lack `{0}`")]
    Missing(&'static str),
    #[error("the provider's metadata could not be fetched for a day, and the cached copy is too old")]
    Outdated,
    #[error("the provider answered the request for its metadata with status {0}")]
    Status(u16),
    #[error("the provider's metadata could not be fetched: {0}")]
    Transport(#[from] TransportError),
}

/// Fetches and checks the metadata.
pub(crate) async fn discover(
    transport: &Transport,
    issuer: &Issuer,
    allow_insecure: bool,
) -> Result<Metadata, DiscoveryError> {
    let answer = transport.get_json(&discovery_request(issuer), MAX_BODY_BYTES).await?;
    process_discovery(&answer, issuer, allow_insecure)
}

/// Returns the URL of the metadata.
pub(crate) fn discovery_request(issuer: &Issuer) -> Url {
    issuer.metadata_url()
}

/// Reads the metadata in an answer, and checks the issuer and every URL.
pub(crate) fn process_discovery(
    answer: &Answer,
    expected: &Issuer,
    allow_insecure: bool,
) -> Result<Metadata, DiscoveryError> {
    if answer.status.as_u16() != 200 {
        return Err(DiscoveryError::Status(answer.status.as_u16()));
    }
    let text = std::str::from_utf8(&answer.body).map_err(|_| DiscoveryError::Malformed)?;
    let document: Document = json::read_object(text).ok_or(DiscoveryError::Malformed)?;
    let issuer = document.issuer.ok_or(DiscoveryError::Missing("issuer"))?;
    // Compared as URLs, so that `https://host` and `https://host/` agree; providers differ in the slash.
    if Url::parse(&issuer).ok().as_ref() != Some(expected.url()) {
        return Err(DiscoveryError::IssuerMismatch);
    }
    let endpoint = |name, value: Option<String>| -> Result<Option<Url>, DiscoveryError> {
        value.map(|value| check_endpoint(name, &value, allow_insecure)).transpose()
    };
    let required = |name, value| endpoint(name, value)?.ok_or(DiscoveryError::Missing(name));
    Ok(Metadata {
        issuer,
        authorization_endpoint: required("authorization_endpoint", document.authorization_endpoint)?,
        token_endpoint: required("token_endpoint", document.token_endpoint)?,
        jwks_uri: required("jwks_uri", document.jwks_uri)?,
        end_session_endpoint: endpoint("end_session_endpoint", document.end_session_endpoint)?,
        userinfo_endpoint: endpoint("userinfo_endpoint", document.userinfo_endpoint)?,
        revocation_endpoint: endpoint("revocation_endpoint", document.revocation_endpoint)?,
        pushed_authorization_request_endpoint: endpoint(
            "pushed_authorization_request_endpoint",
            document.pushed_authorization_request_endpoint,
        )?,
        require_pushed_authorization_requests: document
            .require_pushed_authorization_requests
            .unwrap_or(false),
        authorization_response_iss_parameter_supported: document
            .authorization_response_iss_parameter_supported
            .unwrap_or(false),
    })
}

impl DiscoveryError {
    /// Returns a stable code, for logs and metrics.
    pub(crate) fn code(&self) -> &'static str {
        match self {
            Self::EndpointAddress(_) => "metadata_endpoint_address",
            Self::EndpointNotHttps(_) => "metadata_endpoint_not_https",
            Self::IssuerMismatch => "metadata_issuer_mismatch",
            Self::Malformed => "metadata_malformed",
            Self::Missing(_) => "metadata_incomplete",
            Self::Outdated => "metadata_outdated",
            Self::Status(_) => "metadata_status",
            Self::Transport(error) => error.code(),
        }
    }
}

impl LoadError for DiscoveryError {
    fn outdated() -> Self {
        Self::Outdated
    }
}

/// The metadata as they come, unchecked. Serde refuses a member that occurs twice.
#[derive(Deserialize)]
struct Document {
    issuer: Option<String>,
    authorization_endpoint: Option<String>,
    token_endpoint: Option<String>,
    jwks_uri: Option<String>,
    end_session_endpoint: Option<String>,
    userinfo_endpoint: Option<String>,
    revocation_endpoint: Option<String>,
    pushed_authorization_request_endpoint: Option<String>,
    require_pushed_authorization_requests: Option<bool>,
    authorization_response_iss_parameter_supported: Option<bool>,
}

/// Checks the URL of an endpoint. The metadata choose where this server sends its requests, so they must not
/// choose its own network.
fn check_endpoint(name: &'static str, value: &str, allow_insecure: bool) -> Result<Url, DiscoveryError> {
    let url = Url::parse(value).map_err(|_| DiscoveryError::EndpointNotHttps(name))?;
    let scheme_is_fine = url.scheme() == "https" || (allow_insecure && url.scheme() == "http");
    // RFC 6749 sections 3.1 and 3.2: no fragment. User information would become an `Authorization` header.
    if !scheme_is_fine || url.fragment().is_some() || !url.username().is_empty() || url.password().is_some() {
        return Err(DiscoveryError::EndpointNotHttps(name));
    }
    if !allow_insecure && is_internal(url.host().as_ref()) {
        return Err(DiscoveryError::EndpointAddress(name));
    }
    Ok(url)
}

/// Returns whether the host is this machine or its network: loopback, link-local, private and other special addresses
/// (RFC 6890), and names that end in `localhost` or `local`.
fn is_internal(host: Option<&Host<&str>>) -> bool {
    match host {
        None => true,
        Some(Host::Domain(name)) => {
            let name = name.trim_end_matches('.');
            let last_label = name.rsplit('.').next();
            matches!(last_label, Some("localhost" | "local"))
        }
        Some(Host::Ipv4(address)) => is_internal_address((*address).into()),
        Some(Host::Ipv6(address)) => is_internal_address((*address).into()),
    }
}

fn is_internal_address(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => {
            let [first, second, ..] = address.octets();
            address.is_loopback()
                || address.is_private()
                || address.is_link_local()
                || address.is_broadcast()
                || address.is_multicast()
                || first == 0
                // RFC 6598: shared between a carrier and its customers.
                || (first == 100 && (64..128).contains(&second))
        }
        IpAddr::V6(address) => {
            address.is_loopback()
                || address.is_unspecified()
                || address.is_unique_local()
                || address.is_unicast_link_local()
                || address.is_multicast()
                || embedded_ipv4(address).is_some_and(|v4| is_internal_address(v4.into()))
        }
    }
}

/// Returns the IPv4 address inside of an IPv6 address. Mapped and compatible addresses have one (RFC 4291 section
/// 2.5.5), and so have those of NAT64 (RFC 6052).
fn embedded_ipv4(address: Ipv6Addr) -> Option<std::net::Ipv4Addr> {
    if let [0x64, 0xff9b, 0, 0, 0, 0, high, low] = address.segments() {
        let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
        return Some([a, b, c, d].into());
    }
    address.to_ipv4()
}

#[cfg(test)]
mod tests {
    use http::StatusCode;
    use serde_json::{Value, json};

    use super::*;

    fn document() -> Value {
        json!({
            "issuer": "https://id.example.com/",
            "authorization_endpoint": "https://id.example.com/authorize",
            "token_endpoint": "https://tokens.example.net/oauth/token",
            "jwks_uri": "https://id.example.com/jwks",
        })
    }

    fn answer(status: u16, body: impl Into<Vec<u8>>) -> Answer {
        Answer {
            status: StatusCode::from_u16(status).unwrap(),
            media_type: "application/json".to_owned(),
            retry_after: None,
            body: body.into(),
        }
    }

    fn process(document: &Value) -> Result<Metadata, DiscoveryError> {
        let issuer = Issuer::parse("id.example.com", false).unwrap();
        process_discovery(&answer(200, document.to_string()), &issuer, false)
    }

    fn with(name: &str, value: Value) -> Value {
        let mut document = document();
        document[name] = value;
        document
    }

    #[test]
    fn jwk_06_other_public_hosts_are_accepted() {
        let metadata = process(&document()).unwrap();
        assert_eq!(metadata.token_endpoint.as_str(), "https://tokens.example.net/oauth/token");
        assert_eq!(metadata.end_session_endpoint, None);
    }

    #[test]
    fn the_issuer_is_compared_as_an_url_and_kept_as_written() {
        assert_eq!(
            process(&with("issuer", json!("https://id.example.com"))).unwrap().issuer,
            "https://id.example.com"
        );
        for other in [
            "https://evil.example.com/",
            "https://id.example.com/a",
            "http://id.example.com/",
            "https://id.example.com/?a",
            "id.example.com",
            "",
        ] {
            assert_eq!(
                process(&with("issuer", json!(other))),
                Err(DiscoveryError::IssuerMismatch),
                "{other}"
            );
        }
    }

    #[test]
    fn jwk_06_what_is_required_cannot_be_missing() {
        for name in ["issuer", "authorization_endpoint", "token_endpoint", "jwks_uri"] {
            assert_eq!(process(&with(name, Value::Null)), Err(DiscoveryError::Missing(name)));
        }
    }

    #[test]
    fn jwk_06_endpoints_are_https() {
        for url in [
            "http://id.example.com/jwks",
            "file:///etc/passwd",
            "/jwks",
            "javascript:alert(1)",
            "https://a@id.example.com/",
            "https://id.example.com/#a",
        ] {
            for name in [
                "jwks_uri",
                "end_session_endpoint",
                "userinfo_endpoint",
                "authorization_endpoint",
                "revocation_endpoint",
                "pushed_authorization_request_endpoint",
            ] {
                assert_eq!(
                    process(&with(name, json!(url))),
                    Err(DiscoveryError::EndpointNotHttps(name)),
                    "{url}"
                );
            }
        }
    }

    #[test]
    fn jwk_06_endpoints_are_not_inside_our_network() {
        for host in [
            "169.254.169.254",
            "127.0.0.1",
            "0x7f.1",
            "0.0.0.0",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.1",
            "100.64.0.1",
            "[::1]",
            "[::]",
            "[fe80::1]",
            "[fd00::1]",
            "[::ffff:127.0.0.1]",
            "[::127.0.0.1]",
            "[64:ff9b::a9fe:a9fe]",
            "localhost",
            "a.localhost",
            "localhost.",
            "printer.local",
        ] {
            let found = process(&with("jwks_uri", json!(format!("https://{host}/jwks"))));
            assert_eq!(found, Err(DiscoveryError::EndpointAddress("jwks_uri")), "{host}");
        }
        process(&with("jwks_uri", json!("https://8.8.8.8/jwks"))).unwrap();
    }

    #[test]
    fn insecure_mode_admits_http_and_this_machine() {
        let issuer = Issuer::parse("http://localhost:3001", true).unwrap();
        let document = json!({
            "issuer": "http://localhost:3001",
            "authorization_endpoint": "http://localhost:3001/authorize",
            "token_endpoint": "http://127.0.0.1:3001/oauth/token",
            "jwks_uri": "http://localhost:3001/jwks",
        });
        let metadata = process_discovery(&answer(200, document.to_string()), &issuer, true).unwrap();
        assert_eq!(metadata.issuer, "http://localhost:3001");
    }

    #[test]
    fn jwk_06_what_is_not_an_answer_is_no_metadata() {
        let issuer = Issuer::parse("id.example.com", false).unwrap();
        // The members in the order in which this module declares them.
        let https = |path: &str| format!("https://id.example.com/{path}");
        let array = serde_json::json!([
            https(""),
            https("a"),
            https("t"),
            https("k"),
            null,
            null,
            null,
            null,
            null,
            null,
        ]);
        let array = array.to_string();
        let bodies = ["", "null", "[]", "<html>", "{\"issuer\":1}", "{\"issuer\":\"a\",\"issuer\":\"b\"}"];
        for body in bodies.into_iter().chain([array.as_str()]) {
            let found = process_discovery(&answer(200, body), &issuer, false).unwrap_err();
            assert!(matches!(found, DiscoveryError::Malformed), "{body}: {found}");
        }
        assert_eq!(
            process_discovery(&answer(503, document().to_string()), &issuer, false),
            Err(DiscoveryError::Status(503))
        );
    }
}
