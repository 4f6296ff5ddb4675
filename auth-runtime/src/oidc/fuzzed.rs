//! Tokens and the provider's answers, for the fuzz targets and for the bounds on the cost of the largest ones.

use http::StatusCode;

use super::discovery::process_discovery;
use super::id_token::{self, Occasion};
use super::issuer::Issuer;
use super::jwks::KeySet;
use super::pushed_authorization::process_pushed_answer;
use super::token_endpoint::{next_refresh_token, process_token_answer};
use super::token_exchange::process_exchange_answer;
use super::transport::Answer;
use super::{SignatureAlgorithm, logout_token};

/// A provider's keys.
#[derive(Debug)]
pub struct ProviderKeys(KeySet);

impl ProviderKeys {
    /// Reads a key set; `None` where there is no usable key.
    pub fn parse(json: &[u8]) -> Option<Self> {
        KeySet::parse(json).ok().map(Self)
    }

    /// Returns the keys' verdict on a signature with `algorithm`: good, bad, or no key for it.
    pub fn verify(&self, kid: Option<&str>, algorithm: SignatureAlgorithm, message: &[u8]) -> String {
        format!("{:?}", self.0.verify(kid, algorithm, message, &[0; 64]))
    }
}

/// An answer of the provider, in JSON.
#[derive(Debug)]
pub struct ProviderAnswer(Answer);

impl ProviderAnswer {
    /// Makes an answer with this status. `None` if there is no such status.
    pub fn new(status: u16, body: impl Into<Vec<u8>>) -> Option<Self> {
        let status = StatusCode::from_u16(status).ok()?;
        let media_type = "application/json".to_owned();
        Some(Self(Answer { status, media_type, retry_after: None, body: body.into() }))
    }

    /// Returns whether the answer has the metadata of the tokens' issuer.
    pub fn has_metadata(&self) -> bool {
        Issuer::parse(ISSUER, false).is_ok_and(|issuer| process_discovery(&self.0, &issuer, false).is_ok())
    }

    /// Returns whether the answer to a refresh or a code has tokens.
    pub fn has_tokens(&self) -> bool {
        let next = next_refresh_token(&self.0);
        process_token_answer(&self.0).is_ok_and(|tokens| tokens.refresh_token.is_some() == next.is_some())
    }

    /// Returns whether the answer has the token that another one was exchanged for.
    pub fn has_exchanged_token(&self) -> bool {
        process_exchange_answer(&self.0).is_ok()
    }

    /// Returns whether the answer says that a pushed authorization request was taken.
    pub fn has_request_uri(&self) -> bool {
        process_pushed_answer(&self.0).is_ok()
    }
}

/// The token that is expected.
#[derive(Clone, Copy, Debug)]
pub enum Kind<'a> {
    /// An ID token at the callback, with this nonce.
    SignIn {
        /// The nonce.
        nonce: &'a str,
        /// The highest age of the sign-in at the provider, in seconds.
        max_age: Option<u64>,
    },
    /// An ID token after a refresh, for this user.
    Refresh {
        /// The user.
        subject: &'a str,
    },
    /// A logout token.
    Logout {
        /// True if a token without `typ` is accepted too.
        allow_untyped: bool,
    },
}

/// The issuer of the tokens.
pub(crate) const ISSUER: &str = "https://id.example.com/";
/// The client that the tokens are for.
pub(crate) const CLIENT_ID: &str = "client";

/// Returns the claims of an accepted token, as JSON.
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
