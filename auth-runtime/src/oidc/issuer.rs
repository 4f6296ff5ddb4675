//! The provider's name, as configured.

use std::fmt;
use std::net::IpAddr;

use url::{Host, Url};

/// The URL under which a provider publishes its metadata (OpenID Connect Discovery 1.0 section 4).
///
/// The `issuer` in the metadata has to be the same URL. From then on the metadata's spelling counts.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Issuer {
    url: Url,
}

/// The reason why a configured issuer is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum IssuerError {
    #[error("the domain is empty: write the provider's host, such as `tenant.eu.auth0.com`")]
    Empty,
    #[error(
        "`{0}` is a bare host with a port or a path: write the complete URL, such as `https://id.example.com/realm`"
    )]
    HostWithMore(String),
    #[error("the issuer is an IP address (`{0}`), for which no certificate vouches: write a host name")]
    IpAddress(IpAddr),
    #[error(
        "the issuer's host `{0}` is this machine: for development, set AUTH0_ALLOW_INSECURE_REQUESTS=true"
    )]
    Loopback(String),
    #[error(
        "the issuer's host `{0}` ends in `.local`, which any machine of the local network can claim: write another host name"
    )]
    MulticastName(String),
    #[error(
        "this is neither a host nor an http or https URL ({0}): write the provider's host, such as `tenant.eu.auth0.com`"
    )]
    NotAUrl(String),
    #[error("`http` is for an issuer on this machine only; `{0}` has to be reached by `https`")]
    PlainHttp(String),
    #[error("the issuer has a query or a fragment, which is never part of its name: remove it")]
    QueryOrFragment,
    #[error("the issuer contains a user name or a password: remove it")]
    UserInfo,
}

impl Issuer {
    /// Reads a host (`tenant.auth0.com`) or a URL (`https://id.example.com/realm`). `http` in a URL without a port becomes
    /// `https`.
    ///
    /// `allow_insecure` admits this machine, by name or by address, and plain `http` to it. It admits other IP
    /// addresses too, in a URL with `https`.
    pub(crate) fn parse(input: &str, allow_insecure: bool) -> Result<Self, IssuerError> {
        let input = input.trim();
        if input.is_empty() {
            return Err(IssuerError::Empty);
        }
        let mut url = if input.contains("://") {
            Url::parse(input).map_err(|_| not_a_url(input))?
        } else {
            bare_host(input)?
        };
        // First of all, since the other reasons contain parts of the input.
        if !url.username().is_empty() || url.password().is_some() {
            return Err(IssuerError::UserInfo);
        }
        if !matches!(url.scheme(), "http" | "https") {
            return Err(not_a_url(input));
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(IssuerError::QueryOrFragment);
        }
        let loopback = check_host(&url, allow_insecure)?;
        if url.scheme() == "http" {
            // Plain `http` is never used without `allow_insecure`, so the same host is asked by `https`. A port that was
            // named for `http` does not answer `https`.
            if !allow_insecure && url.port().is_none() {
                url.set_scheme("https").map_err(|()| IssuerError::NotAUrl(input.to_owned()))?;
            } else if !loopback {
                return Err(IssuerError::PlainHttp(url.authority().to_owned()));
            }
        }
        Ok(Self { url })
    }

    /// Returns the URL, with a `/` after a bare host.
    pub(crate) fn as_str(&self) -> &str {
        self.url.as_str()
    }

    pub(crate) fn url(&self) -> &Url {
        &self.url
    }

    /// Returns the URL of the metadata, which is appended to the path (OpenID Connect Discovery 1.0 section 4.1),
    /// unlike in RFC 8414.
    pub(crate) fn metadata_url(&self) -> Url {
        let mut url = self.url.clone();
        let path = format!("{}/.well-known/openid-configuration", url.path().trim_end_matches('/'));
        url.set_path(&path);
        url
    }
}

impl IssuerError {
    /// Returns a stable code, for logs.
    #[cfg_attr(not(test), expect(dead_code, reason = "a refused configuration shows the sentence so far"))]
    pub(crate) fn code(&self) -> &'static str {
        match self {
            Self::Empty => "issuer_empty",
            Self::HostWithMore(_) => "issuer_host_with_more",
            Self::IpAddress(_) => "issuer_ip_address",
            Self::Loopback(_) => "issuer_loopback",
            Self::MulticastName(_) => "issuer_multicast_name",
            Self::NotAUrl(_) => "issuer_not_a_url",
            Self::PlainHttp(_) => "issuer_plain_http",
            Self::QueryOrFragment => "issuer_query_or_fragment",
            Self::UserInfo => "issuer_user_info",
        }
    }
}

impl fmt::Debug for Issuer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Issuer").field(&self.as_str()).finish()
    }
}

impl fmt::Display for Issuer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Reads a host without a scheme as an https URL.
fn bare_host(input: &str) -> Result<Url, IssuerError> {
    if let Ok(address) = input.parse::<IpAddr>() {
        return Err(IssuerError::IpAddress(address));
    }
    if input.contains('@') {
        return Err(IssuerError::UserInfo);
    }
    if input.contains(['?', '#']) {
        return Err(IssuerError::QueryOrFragment);
    }
    if input.contains(['/', ':', '\\']) {
        return Err(IssuerError::HostWithMore(input.to_owned()));
    }
    Url::parse(&format!("https://{input}/")).map_err(|_| not_a_url(input))
}

/// Returns the refusal of a text that cannot be read. Such a text may have a password in any place before an `@`, so it is
/// not shown then.
fn not_a_url(input: &str) -> IssuerError {
    if input.contains('@') { IssuerError::UserInfo } else { IssuerError::NotAUrl(input.to_owned()) }
}

/// Returns whether the host is this machine.
fn check_host(url: &Url, allow_insecure: bool) -> Result<bool, IssuerError> {
    let (loopback, refusal) = match url.host() {
        None => return Err(IssuerError::NotAUrl(url.as_str().to_owned())),
        Some(Host::Ipv4(address)) => (address.is_loopback(), IssuerError::IpAddress(address.into())),
        Some(Host::Ipv6(address)) => (address.is_loopback(), IssuerError::IpAddress(address.into())),
        Some(Host::Domain(name)) => {
            let name = name.trim_end_matches('.');
            // RFC 6762: anyone on the link may answer for such a name.
            if matches!(name.rsplit_once('.'), Some((_, "local"))) {
                return Err(IssuerError::MulticastName(name.to_owned()));
            }
            if !is_localhost(name) {
                return Ok(false);
            }
            // `localhost.example.com` may be another machine, so no plain `http` is sent to it.
            (!name.starts_with("localhost."), IssuerError::Loopback(name.to_owned()))
        }
    };
    if allow_insecure { Ok(loopback) } else { Err(refusal) }
}

/// Returns whether the name is of this machine (RFC 6761 section 6.3), or is `localhost.*`, which some machines map to
/// themselves as well.
fn is_localhost(name: &str) -> bool {
    name == "localhost" || name.ends_with(".localhost") || name.starts_with("localhost.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_and_its_url_are_the_same_issuer() {
        for input in [
            "Tenant.EU.auth0.com",
            " tenant.eu.auth0.com ",
            "https://tenant.eu.auth0.com",
            "http://TENANT.eu.auth0.com/",
        ] {
            let issuer = Issuer::parse(input, false).unwrap();
            assert_eq!(issuer.as_str(), "https://tenant.eu.auth0.com/", "{input}");
        }
    }

    #[test]
    fn a_path_stays_as_written() {
        for input in ["https://id.example.com/oauth2/default", "https://id.example.com/oauth2/default/"] {
            let issuer = Issuer::parse(input, false).unwrap();
            assert_eq!(issuer.as_str(), input);
            assert_eq!(
                issuer.metadata_url().as_str(),
                "https://id.example.com/oauth2/default/.well-known/openid-configuration"
            );
        }
    }

    #[test]
    fn what_is_not_an_issuer_says_why() {
        let cases = [
            ("", "issuer_empty"),
            ("  ", "issuer_empty"),
            ("tenant.auth0.com/path", "issuer_host_with_more"),
            ("tenant.auth0.com:8443", "issuer_host_with_more"),
            ("10.0.0.1", "issuer_ip_address"),
            ("::1", "issuer_ip_address"),
            ("https://10.0.0.1/", "issuer_ip_address"),
            ("https://0x7f.1/", "issuer_ip_address"),
            ("https://[::1]/", "issuer_ip_address"),
            ("localhost", "issuer_loopback"),
            ("https://localhost/", "issuer_loopback"),
            ("https://localhost./", "issuer_loopback"),
            ("localhost.example.com", "issuer_loopback"),
            ("a.localhost", "issuer_loopback"),
            ("printer.local", "issuer_multicast_name"),
            ("http://tenant.auth0.com:8080", "issuer_plain_http"),
            ("ftp://tenant.auth0.com", "issuer_not_a_url"),
            ("https://", "issuer_not_a_url"),
            ("a b", "issuer_not_a_url"),
            ("https://tenant.auth0.com/?a=b", "issuer_query_or_fragment"),
            ("https://tenant.auth0.com/#a", "issuer_query_or_fragment"),
            ("tenant.auth0.com?a", "issuer_query_or_fragment"),
            ("https://user@tenant.auth0.com/", "issuer_user_info"),
            ("https://:pw@tenant.auth0.com/", "issuer_user_info"),
            ("user@tenant.auth0.com", "issuer_user_info"),
            ("user:pw@tenant.auth0.com:8443/path", "issuer_user_info"),
            ("user:pw@tenant.auth0.com?a", "issuer_user_info"),
            ("ftp://user:pw@tenant.auth0.com", "issuer_user_info"),
            ("a:b://user:pw@tenant.auth0.com", "issuer_user_info"),
            ("https://user:pw@tenant.auth0.com:port", "issuer_user_info"),
            ("https://tenant.auth0.com:port", "issuer_not_a_url"),
        ];
        for (input, code) in cases {
            assert_eq!(Issuer::parse(input, false).unwrap_err().code(), code, "{input}");
        }
    }

    #[test]
    fn s_bcp_11_insecure_admits_this_machine_and_http_to_it_alone() {
        for input in
            ["http://localhost:3001", "http://127.0.0.1:3001", "http://[::1]:3001", "https://localhost"]
        {
            Issuer::parse(input, true).unwrap();
        }
        assert_eq!(Issuer::parse("http://localhost:3001", true).unwrap().as_str(), "http://localhost:3001/");
        for input in ["http://tenant.auth0.com", "http://192.168.0.7", "http://localhost.example.com"] {
            assert_eq!(Issuer::parse(input, true).unwrap_err().code(), "issuer_plain_http", "{input}");
        }
        assert_eq!(Issuer::parse("a.local", true).unwrap_err().code(), "issuer_multicast_name");
    }
}
