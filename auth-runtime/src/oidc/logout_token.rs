//! The logout token: the provider says, server to server, that a session is over (OpenID Connect Back-Channel Logout 1.0).

use super::algorithm::SignatureAlgorithm;
use super::json_object::JsonObject;
use super::jwks::KeySet;
use super::jws::{
    JwtError, Kind, LEEWAY_SECONDS, Times, audience, check_audience, optional, required, verify,
};

/// A handful of short claims.
const MAX_TOKEN_BYTES: usize = 16 * 1024;
/// Section 4 advises "preferably at most two minutes in the future" for `exp`. This is for providers with less hurry.
const MAX_AGE_SECONDS: i64 = 300;
/// OpenID Connect Core 1.0 section 2, for `sub`; session and token identifiers are no longer.
const MAX_IDENTIFIER_BYTES: usize = 255;
const LOGOUT_EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";

/// Whose sessions are over. Only [`validate`] makes one.
pub(crate) struct LogoutToken {
    pub(crate) iss: String,
    /// All sessions of this user, unless `sid` names one.
    pub(crate) sub: Option<String>,
    pub(crate) sid: Option<String>,
    jti: String,
    times: Times,
}

/// What the token has to agree with.
#[derive(Clone, Copy)]
pub(super) struct Expected<'a> {
    /// From the metadata, not from the configuration.
    pub(super) issuer: &'a str,
    pub(super) client_id: &'a str,
    pub(super) algorithms: &'a [SignatureAlgorithm],
    /// Whether a token may leave out that it is a logout token, or call itself a `JWT`.
    pub(super) allow_untyped: bool,
}

/// Which rule the token breaks. A claim's value is in none of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum LogoutTokenError {
    #[error("`events` does not say that this is a logout token")]
    Events,
    #[error("`{0}` is not an identifier")]
    Identifier(&'static str),
    #[error(transparent)]
    Jwt(#[from] JwtError),
    #[error("`nonce` is there, which a logout token never has")]
    Nonce,
    #[error("the token was used before")]
    Replayed,
    #[error("neither `sub` nor `sid` is there")]
    Subject,
}

/// Checks everything of section 2.6 but whether the token was used before. `now` in unix seconds.
pub(super) fn validate(
    token: &str,
    expected: &Expected<'_>,
    keys: &KeySet,
    now: i64,
) -> Result<LogoutToken, LogoutTokenError> {
    let kind = if expected.allow_untyped { UNTYPED } else { TYPED };
    let payload = verify(token, kind, expected.algorithms, keys)?;
    let object = payload.object()?;
    let iss = required::<String>(&object, "iss")?;
    if iss != expected.issuer {
        return Err(JwtError::Issuer.into());
    }
    check_audience(&audience(&object)?, expected.client_id)?;
    let times = Times::read(&object)?;
    times.check(MAX_AGE_SECONDS, now)?;
    check_events(&object)?;
    if object.contains("nonce") {
        return Err(LogoutTokenError::Nonce);
    }
    let (sub, sid) = (identifier(&object, "sub")?, identifier(&object, "sid")?);
    if sub.is_none() && sid.is_none() {
        return Err(LogoutTokenError::Subject);
    }
    let jti = identifier(&object, "jti")?.ok_or(JwtError::ClaimMissing("jti"))?;
    Ok(LogoutToken { iss, sub, sid, jti, times })
}

impl LogoutToken {
    pub(super) fn jti(&self) -> &str {
        &self.jti
    }

    /// What it is called among all tokens of all providers to all clients.
    pub(crate) fn name(&self, client_id: &str) -> String {
        format!("{}\0{client_id}\0{}", self.iss, self.jti)
    }

    /// Unix seconds.
    pub(crate) fn issued_at(&self) -> i64 {
        self.times.iat
    }

    /// Unix seconds; from then on the token is refused anyway.
    pub(crate) fn too_old_at(&self) -> i64 {
        let by_exp = self.times.exp.saturating_add(LEEWAY_SECONDS);
        let by_iat = self.times.iat.saturating_add(MAX_AGE_SECONDS).saturating_add(1);
        by_exp.min(by_iat)
    }
}

impl LogoutTokenError {
    /// Stable, for logs and metrics.
    pub(crate) fn code(self) -> &'static str {
        match self {
            Self::Events => "logout_token_events",
            Self::Identifier(_) => "logout_token_identifier",
            Self::Jwt(error) => error.codes().logout_token,
            Self::Nonce => "logout_token_nonce",
            Self::Replayed => "logout_token_replayed",
            Self::Subject => "logout_token_subject",
        }
    }
}

/// Identifiers are personal data.
impl std::fmt::Debug for LogoutToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LogoutToken")
            .field("sub", &self.sub.is_some())
            .field("sid", &self.sid.is_some())
            .finish_non_exhaustive()
    }
}

/// Section 2.4: what the type is for is that no other token passes for this one.
const TYPED: Kind =
    Kind { max_bytes: MAX_TOKEN_BYTES, accepts_type: |name| matches!(name, Some("logout+jwt")) };
/// Before the type was recommended.
const UNTYPED: Kind = Kind {
    max_bytes: MAX_TOKEN_BYTES,
    accepts_type: |name| matches!(name, None | Some("jwt" | "logout+jwt")),
};

/// The event's value is an object, and empty by custom.
fn check_events(object: &JsonObject<'_>) -> Result<(), LogoutTokenError> {
    let events = object.raw("events").ok_or(JwtError::ClaimMissing("events"))?;
    let events = JsonObject::parse(events.get().as_bytes()).map_err(|_| LogoutTokenError::Events)?;
    let event = events.raw(LOGOUT_EVENT).ok_or(LogoutTokenError::Events)?;
    JsonObject::parse(event.get().as_bytes()).map(drop).map_err(|_| LogoutTokenError::Events)
}

fn identifier(object: &JsonObject<'_>, name: &'static str) -> Result<Option<String>, LogoutTokenError> {
    let Some(text) = optional::<String>(object, name)? else { return Ok(None) };
    let fits = !text.is_empty() && text.len() <= MAX_IDENTIFIER_BYTES;
    if fits && text.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
        Ok(Some(text))
    } else {
        Err(LogoutTokenError::Identifier(name))
    }
}

#[cfg(test)]
#[path = "logout_token_tests.rs"]
mod tests;
