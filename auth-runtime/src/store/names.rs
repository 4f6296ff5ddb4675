//! The keys of the entries that say that a user's sessions, or one of them, have ended.

use http::Uri;
use sha2::{Digest as _, Sha256};

use super::record::RecordIndex;
use crate::crypto::hexadecimal;

/// The builder of keys from the names of users and sessions, which are unique at their provider.
#[derive(Clone, Debug)]
pub(super) struct Names {
    /// The configured provider, to which sessions without an issuer belong.
    domain: Option<String>,
}

impl Names {
    pub(super) fn new(domain: Option<String>) -> Self {
        Self { domain }
    }

    /// Returns `<kind>:<SHA-256 of the provider and the name>`, or `None` without a name. A session without an issuer
    /// belongs to the configured issuer.
    pub(super) fn key(&self, kind: &str, index: &RecordIndex, name: Option<&str>) -> Option<String> {
        let issuer = index.iss.as_ref().or(self.domain.as_ref()).map_or("", String::as_str);
        let text = format!("{}\0{}", bare(issuer), name?);
        Some(format!("{kind}:{}", hexadecimal(&Sha256::digest(text))))
    }
}

/// Returns the issuer without the scheme, the default port and the slash at the end, so that the configured domain and
/// the provider's name for itself give one key.
fn bare(issuer: &str) -> String {
    let rest = issuer.split_once("://").map_or(issuer, |(_, rest)| rest);
    let Ok(uri) = Uri::try_from(format!("https://{rest}")) else { return rest.to_owned() };
    let host = uri.host().unwrap_or_default().to_ascii_lowercase();
    let port = uri.port_u16().filter(|port| *port != 443).map(|port| format!(":{port}")).unwrap_or_default();
    format!("{host}{port}{}", uri.path().trim_end_matches('/'))
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
