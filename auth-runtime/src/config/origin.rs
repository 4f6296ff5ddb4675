//! Origins as settings name them.

use std::borrow::Cow;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use http::Uri;

/// The scheme, host and port of an application (RFC 6454 section 4).
#[derive(Clone, Debug)]
pub(super) struct Origin {
    /// The origin as browsers write it in `Origin`, without the scheme's default port.
    text: String,
    is_https: bool,
    is_loopback: bool,
}

impl Origin {
    /// Reads an origin; `None` when the text holds anything else.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let text = ascii(text.trim())?;
        // `Uri` drops a fragment without a word.
        let uri: Uri = if text.contains('#') { None } else { text.parse().ok() }?;
        if !matches!(uri.path(), "" | "/") || uri.query().is_some() {
            return None;
        }
        let scheme = uri.scheme_str()?.to_ascii_lowercase();
        let default_port: u16 = match scheme.as_str() {
            "https" => 443,
            "http" => 80,
            _ => return None,
        };
        let authority = uri.authority()?.as_str().to_ascii_lowercase();
        let host = uri.host()?.to_ascii_lowercase();
        // What is left is neither a user nor a port that does not fit.
        let port = match authority.strip_prefix(host.as_str())? {
            "" => default_port,
            // The standard library would read a sign, too.
            port => port.strip_prefix(':').filter(|port| !port.starts_with('+'))?.parse().ok()?,
        };
        let (host, is_loopback) = host_of_a_page(&host)?;
        let port = if port == default_port { String::new() } else { format!(":{port}") };
        Some(Self { text: format!("{scheme}://{host}{port}"), is_https: scheme == "https", is_loopback })
    }

    /// Returns the origin as browsers write it in `Origin`.
    pub(super) fn as_str(&self) -> &str {
        &self.text
    }

    pub(super) fn is_https(&self) -> bool {
        self.is_https
    }

    /// Returns whether the host is this machine, which browsers trust without TLS (Secure Contexts §3.1).
    pub(super) fn is_loopback(&self) -> bool {
        self.is_loopback
    }
}

/// Returns the text in ASCII, as browsers write a host with other letters.
#[cfg(feature = "oidc")]
fn ascii(text: &str) -> Option<Cow<'_, str>> {
    url::Url::parse(text).ok().map(|url| Cow::Owned(url.into()))
}

/// Returns the text if it is ASCII. The tables of all other letters are large, and a service that only verifies needs
/// them for nothing else: its operator writes such a host as `xn--...`.
#[cfg(not(feature = "oidc"))]
fn ascii(text: &str) -> Option<Cow<'_, str>> {
    text.is_ascii().then_some(Cow::Borrowed(text))
}

/// Returns the host as browsers write it, and whether it is this machine; `None` if no page can have this host.
fn host_of_a_page(host: &str) -> Option<(String, bool)> {
    if let Some(address) = host.strip_prefix('[') {
        let address: Ipv6Addr = address.strip_suffix(']')?.parse().ok()?;
        // Browsers write an IPv4 address in it otherwise than the standard library does, and no page needs it.
        let address = if address.to_ipv4_mapped().is_some() { None } else { Some(address) }?;
        return Some((format!("[{address}]"), IpAddr::V6(address).is_loopback()));
    }
    let mut labels = host.strip_suffix('.').unwrap_or(host).split('.');
    let is_label = |label: &str| {
        !label.is_empty() && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
    };
    if !labels.clone().all(is_label) {
        return None;
    }
    // A host that ends with a number is an address (URL Standard, host parsing).
    if labels.next_back()?.bytes().all(|byte| byte.is_ascii_digit()) {
        let address: Ipv4Addr = host.parse().ok()?;
        return Some((address.to_string(), IpAddr::V4(address).is_loopback()));
    }
    Some((host.to_owned(), host == "localhost" || host.ends_with(".localhost")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_written_as_browsers_write_it() {
        for (given, expected) in [
            ("HTTPS://App.Example.COM:443/", "https://app.example.com"),
            ("http://app.example.com:443", "http://app.example.com:443"),
            ("http://[0:0::1]:80", "http://[::1]"),
            ("https://a_b.example.", "https://a_b.example."),
            ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
            ("https://xn--bcher-kva.example", "https://xn--bcher-kva.example"),
        ] {
            assert_eq!(Origin::parse(given).unwrap().as_str(), expected, "{given}");
        }
    }

    #[test]
    fn a_host_that_no_page_has_is_none() {
        for host in [
            "*.example.com",
            "a..example",
            "1.2.3.4.5",
            "a.example.7",
            "[::1",
            "[1.2.3.4]",
            "[::ffff:127.0.0.1]",
            "app.example.com:65536",
            "app.example.com:x",
            "app.example.com:1:2",
            "app.example.com:+80",
            "user@app.example.com",
            "app.example.com%20",
        ] {
            assert!(Origin::parse(&format!("https://{host}")).is_none(), "{host}");
        }
    }

    #[test]
    fn this_machine_is_known_by_its_names_and_addresses() {
        for host in ["localhost", "app.localhost", "127.0.0.1", "127.8.9.1", "[::1]"] {
            assert!(Origin::parse(&format!("http://{host}:3000")).unwrap().is_loopback(), "{host}");
        }
        for host in ["localhost.example.com", "notlocalhost", "192.168.0.7", "[::2]", "127.example.com"] {
            assert!(!Origin::parse(&format!("http://{host}")).unwrap().is_loopback(), "{host}");
        }
    }
}
