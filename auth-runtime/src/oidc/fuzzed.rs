//! Tokens for the fuzz targets.

use super::id_token::{self, Occasion};
use super::jwks::KeySet;
use super::{SignatureAlgorithm, logout_token};

/// A provider's keys.
#[derive(Debug)]
pub struct ProviderKeys(KeySet);

impl ProviderKeys {
    /// Reads a key set; `None` where there is no usable key.
    pub fn parse(json: &[u8]) -> Option<Self> {
        KeySet::parse(json).ok().map(Self)
    }

    /// What the keys say of a signature with `algorithm`: good, bad, or none for it.
    pub fn verify(&self, kid: Option<&str>, algorithm: SignatureAlgorithm, message: &[u8]) -> String {
        format!("{:?}", self.0.verify(kid, algorithm, message, &[0; 64]))
    }
}

/// Which token it is to be.
#[derive(Clone, Copy, Debug)]
pub enum Kind<'a> {
    /// At the callback, with this nonce.
    SignIn {
        /// The nonce.
        nonce: &'a str,
        /// The highest age of the sign-in at the provider.
        max_age: Option<u64>,
    },
    /// After a refresh, for this user.
    Refresh {
        /// The user.
        subject: &'a str,
    },
    /// A logout token.
    Logout {
        /// Whether it may lack its type.
        allow_untyped: bool,
    },
}

/// Who issues the tokens, and for whom.
pub(crate) const ISSUER: &str = "https://id.example.com/";
pub(crate) const CLIENT_ID: &str = "client";

/// The claims of an accepted token, as JSON.
pub(crate) fn token(token: &str, kind: Kind<'_>, keys: &ProviderKeys, now: i64) -> Option<String> {
    let algorithms = &[SignatureAlgorithm::EdDSA];
    let occasion = match kind {
        Kind::SignIn { nonce, max_age } => Occasion::SignIn { nonce, max_age },
        Kind::Refresh { subject } => {
            Occasion::Refresh { subject, issuer: Some(ISSUER), auth_time: Some(1), nonce: Some("n") }
        }
        Kind::Logout { allow_untyped } => {
            let expected =
                logout_token::Expected { issuer: ISSUER, client_id: CLIENT_ID, algorithms, allow_untyped };
            let token = logout_token::validate(token, &expected, &keys.0, now).ok()?;
            let claims = serde_json::json!({
                "iss": token.iss, "sub": token.sub, "sid": token.sid, "jti": token.jti(), "until": token.too_old_at(),
            });
            return Some(claims.to_string());
        }
    };
    let expected = id_token::Expected {
        issuer: ISSUER,
        client_id: CLIENT_ID,
        algorithms,
        access_token: "access-token",
        occasion,
    };
    let claims = id_token::validate(token, &expected, &keys.0, now).ok()?;
    Some(claims.raw().get().to_owned())
}
