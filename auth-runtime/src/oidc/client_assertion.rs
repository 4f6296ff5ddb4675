//! A client's proof that it holds its key (RFC 7523 section 2.2, `private_key_jwt`).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;

use super::signing_key::{SignError, SigningKey};
use crate::crypto::{Entropy, EntropyError};

pub(super) const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
/// The lifetime of an assertion, in seconds: long enough for one request.
const LIFETIME_SECONDS: u64 = 60;
/// Number of random bytes in `jti`: 256 bits.
const ID_BYTES: usize = 32;

/// The reason why there is no assertion.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum AssertionError {
    #[error(transparent)]
    Entropy(#[from] EntropyError),
    #[error(transparent)]
    Sign(#[from] SignError),
}

/// Signs an assertion for one request; `now` is in unix seconds.
pub(super) fn client_assertion(
    key: &SigningKey,
    client_id: &str,
    issuer: &str,
    now: i64,
) -> Result<String, AssertionError> {
    let id = Entropy::SYSTEM.bytes::<ID_BYTES>()?;
    let claims = json!({
        "jti": URL_SAFE_NO_PAD.encode(id),
        // The issuer is the only audience. Another provider could name this provider's endpoint as its own, and could
        // then present an assertion for that endpoint's URL to this provider.
        "aud": issuer,
        "exp": now.saturating_add_unsigned(LIFETIME_SECONDS),
        "iat": now,
        "nbf": now,
        "iss": client_id,
        "sub": client_id,
    });
    Ok(key.sign_jwt(&json!({"alg": key.algorithm().name()}), &claims)?)
}

impl AssertionError {
    /// Returns a stable code, for logs and metrics.
    pub(crate) fn code(self) -> &'static str {
        match self {
            Self::Entropy(_) => "client_assertion_entropy",
            Self::Sign(_) => "client_assertion_signature",
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use serde_json::Value;

    use super::*;

    fn parts(assertion: &str) -> [Value; 2] {
        let mut parts = assertion.split('.').map(|part| URL_SAFE_NO_PAD.decode(part).unwrap());
        [parts.next().unwrap(), parts.next().unwrap()].map(|json| serde_json::from_slice(&json).unwrap())
    }

    #[test]
    fn s_bcp_12_the_assertion_is_for_the_issuer_alone_and_for_a_minute() {
        let key = SigningKey::generate_for_tests();
        let assertion = client_assertion(&key, "client", "https://id.example.com/", 1_000).unwrap();
        let [header, mut claims] = parts(&assertion);
        assert_eq!(header, json!({"alg": "ES256"}));
        assert_eq!(claims["jti"].as_str().unwrap().len(), 43);
        claims["jti"] = Value::Null;
        let expected = json!({
            "jti": null,
            "aud": "https://id.example.com/",
            "exp": 1_060,
            "iat": 1_000,
            "nbf": 1_000,
            "iss": "client",
            "sub": "client",
        });
        assert_eq!(claims, expected);
    }

    #[test]
    fn s_bcp_12_every_assertion_has_an_identifier_of_its_own() {
        let key = SigningKey::generate_for_tests();
        let ids: HashSet<_> = (0..100)
            .map(|_| {
                let [_, claims] =
                    parts(&client_assertion(&key, "client", "https://id.example.com/", 0).unwrap());
                claims["jti"].as_str().unwrap().to_owned()
            })
            .collect();
        assert_eq!(ids.len(), 100);
    }
}
