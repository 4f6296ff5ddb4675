//! Origins as settings name them.

use url::{Host, Url};

/// Reads the scheme, host and port of an application; `None` when the text holds anything else.
pub(super) fn parse_origin(text: &str) -> Option<Url> {
    let url = Url::parse(text.trim()).ok()?;
    let is_origin = matches!(url.scheme(), "http" | "https")
        && url.path() == "/"
        && url.query().is_none()
        && url.fragment().is_none()
        && url.username().is_empty()
        && url.password().is_none();
    is_origin.then_some(url)
}

/// Returns whether the URL's host is this machine, which browsers trust without TLS (Secure Contexts §3.1).
pub(super) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}
