//! The provider's signing key, which is made at its start and dropped at its end.

use std::fmt;
use std::io;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::oidc::{SignatureAlgorithm, SigningKey};

/// A key that signs tokens: the provider's own, or that of a stranger in a test of forged tokens.
///
/// ```
/// use auth_runtime::SignatureAlgorithm;
/// use auth_runtime::testing::provider::ProviderKey;
///
/// # fn main() -> std::io::Result<()> {
/// let stranger = ProviderKey::generate(SignatureAlgorithm::ES256)?;
/// let token = stranger.sign(&stranger.header("JWT"), r#"{"sub":"sample|ada"}"#).unwrap();
/// assert_eq!(token.split('.').count(), 3);
/// assert_eq!(stranger.jwk()["kty"], "EC");
/// # Ok(())
/// # }
/// ```
pub struct ProviderKey {
    key: SigningKey,
    kid: String,
}

impl ProviderKey {
    /// Makes a key.
    ///
    /// # Errors
    ///
    /// No key can be made.
    pub fn generate(algorithm: SignatureAlgorithm) -> io::Result<Self> {
        let key = SigningKey::generate(algorithm).map_err(io::Error::other)?;
        let kid = URL_SAFE_NO_PAD.encode(Sha256::digest(key.public_jwk().to_string()));
        Ok(Self { key, kid })
    }

    pub(super) fn algorithm(&self) -> SignatureAlgorithm {
        self.key.algorithm()
    }

    /// Returns the public half, as a member of a key set (RFC 7517).
    pub fn jwk(&self) -> Value {
        let mut jwk = self.key.public_jwk();
        if let Some(members) = jwk.as_object_mut() {
            members.insert("kid".to_owned(), self.kid.as_str().into());
        }
        jwk
    }

    /// Returns the header of a token of the kind `typ` that this key signs.
    pub fn header(&self, typ: &str) -> Value {
        json!({"alg": self.algorithm().name(), "typ": typ, "kid": self.kid})
    }

    /// Returns a signed JSON Web Token with this header and payload, whatever they say. `None` if the cryptography
    /// fails.
    pub fn sign(&self, header: &Value, payload: impl fmt::Display) -> Option<String> {
        self.key.sign_jwt(header, &payload).ok()
    }

    /// Returns `at_hash`, the hash of an access token (`OpenID` Connect Core 1.0 section 3.1.3.6).
    pub(super) fn access_token_hash(&self, access_token: &str) -> String {
        let digest = self.algorithm().digest(access_token);
        let (left_half, _) = digest.split_at(digest.len() / 2);
        URL_SAFE_NO_PAD.encode(left_half)
    }
}

impl fmt::Debug for ProviderKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProviderKey").field("kid", &self.kid).finish_non_exhaustive()
    }
}

/// Returns 256 random bits as text, for codes and tokens. `None` if there is no source of random bytes.
pub(super) fn random_text() -> Option<String> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).ok()?;
    Some(URL_SAFE_NO_PAD.encode(bytes))
}
