//! The provider's signing key, which is made at its start and dropped at its end.

use std::io;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::oidc::{SignatureAlgorithm, SigningKey};

/// The provider's signing key.
pub(super) struct ProviderKey {
    key: SigningKey,
    kid: String,
}

impl ProviderKey {
    pub(super) fn generate(algorithm: SignatureAlgorithm) -> io::Result<Self> {
        let key = SigningKey::generate(algorithm).map_err(io::Error::other)?;
        let kid = URL_SAFE_NO_PAD.encode(Sha256::digest(key.public_jwk().to_string()));
        Ok(Self { key, kid })
    }

    pub(super) fn algorithm(&self) -> SignatureAlgorithm {
        self.key.algorithm()
    }

    /// Returns the key set with the public half (RFC 7517).
    pub(super) fn jwks(&self) -> Value {
        let mut jwk = self.key.public_jwk();
        if let Some(members) = jwk.as_object_mut() {
            members.insert("kid".to_owned(), self.kid.as_str().into());
        }
        json!({ "keys": [jwk] })
    }

    /// Returns a signed JSON Web Token of the kind `typ`. `None` if the cryptography fails.
    pub(super) fn sign(&self, typ: &str, claims: &Value) -> Option<String> {
        let header = json!({"alg": self.algorithm().name(), "typ": typ, "kid": self.kid});
        self.key.sign_jwt(&header, claims).ok()
    }

    /// Returns `at_hash`, the hash of an access token (`OpenID` Connect Core 1.0 section 3.1.3.6).
    pub(super) fn access_token_hash(&self, access_token: &str) -> String {
        let digest = self.algorithm().digest(access_token);
        let (left_half, _) = digest.split_at(digest.len() / 2);
        URL_SAFE_NO_PAD.encode(left_half)
    }
}

/// Returns 256 random bits as text, for codes and tokens. `None` if there is no source of random bytes.
pub(super) fn random_text() -> Option<String> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).ok()?;
    Some(URL_SAFE_NO_PAD.encode(bytes))
}
