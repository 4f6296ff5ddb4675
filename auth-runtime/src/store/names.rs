//! The keys under which stores note that a user's sessions, or one of them, have ended.

use sha2::{Digest as _, Sha256};
use url::Url;

use super::record::RecordIndex;
use crate::crypto::hexadecimal;

/// Names of users and sessions, each of its provider.
#[derive(Clone, Debug)]
pub(super) struct Names {
    /// The provider of sessions that do not say which one they are of.
    domain: Option<String>,
}

impl Names {
    pub(super) fn new(domain: Option<String>) -> Self {
        Self { domain }
    }

    /// `<kind>:<SHA-256 of the provider and the name>`, if there is a name. A session without an issuer belongs to the
    /// configured one.
    pub(super) fn key(&self, kind: &str, index: &RecordIndex, name: Option<&str>) -> Option<String> {
        let issuer = index.iss.as_ref().or(self.domain.as_ref()).map_or("", String::as_str);
        let text = format!("{}\0{}", bare(issuer), name?);
        Some(format!("{kind}:{}", hexadecimal(&Sha256::digest(text))))
    }
}

/// The domain as it is configured and the provider's name for itself are one, whatever the scheme, the default port and
/// the slash at the end.
fn bare(issuer: &str) -> String {
    let rest = issuer.split_once("://").map_or(issuer, |(_, rest)| rest);
    match Url::parse(&format!("https://{rest}")) {
        Ok(url) => {
            let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
            let path = url.path().trim_end_matches('/');
            format!("{}{port}{path}", url.host_str().unwrap_or_default())
        }
        Err(_) => rest.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_provider_is_the_same_one_however_it_is_written() {
        for issuer in ["https://Id.example.com/", "id.example.com", "https://id.example.com:443"] {
            assert_eq!(bare(issuer), "id.example.com", "{issuer}");
        }
        assert_eq!(bare("http://localhost:4010/"), "localhost:4010");
        assert_eq!(bare("https://id.example.com/realms/a/"), "id.example.com/realms/a");
        assert_eq!(bare(""), "");
    }
}
