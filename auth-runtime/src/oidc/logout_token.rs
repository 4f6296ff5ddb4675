//! The logout token, by which the provider tells this service that a session is over (OpenID Connect
//! Back-Channel Logout 1.0).

use super::algorithm::SignatureAlgorithm;
use super::json_object::JsonObject;
use super::jwks::KeySet;
use super::jws::{
    JwtError, Kind, LEEWAY_SECONDS, Times, audience, check_audience, optional, required, verify,
};

/// The longest logout token, in bytes: it has a handful of short claims.
const MAX_TOKEN_BYTES: usize = 16 * 1024;
/// The highest age of a logout token, in seconds from `iat`. Section 4 advises "preferably at most two minutes in the
/// future" for `exp`; slower providers get more.
const MAX_AGE_SECONDS: i64 = 300;
/// The longest `sub`, in bytes (OpenID Connect Core 1.0 section 2), and the longest `sid` and `jti`.
const MAX_IDENTIFIER_BYTES: usize = 255;
const LOGOUT_EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";

/// A validated logout token, which names the sessions that are over. Only [`validate`] makes one.
pub(crate) struct LogoutToken {
    pub(crate) iss: String,
    /// The user whose sessions are all over, unless `sid` names a session.
    pub(crate) sub: Option<String>,
    pub(crate) sid: Option<String>,
    jti: String,
    times: Times,
}

/// The values that the token has to agree with.
#[derive(Clone, Copy)]
pub(super) struct Expected<'a> {
    /// The issuer from the metadata, not from the configuration.
    pub(super) issuer: &'a str,
    pub(super) client_id: &'a str,
    pub(super) algorithms: &'a [SignatureAlgorithm],
    /// True if a token may have no `typ`, or the `typ` `JWT`.
    pub(super) allow_untyped: bool,
}

/// The rule that the token breaks, without the value of any claim.
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

/// Validates a logout token by section 2.6, but does not check whether it was used before. `now` is in unix seconds.
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
    // Section 2.4 prohibits `nonce`, so that no logout token passes for an ID token.
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

    /// Returns the token's name, which is unique among all tokens of all providers to all clients.
    pub(crate) fn name(&self, client_id: &str) -> String {
        format!("{}\0{client_id}\0{}", self.iss, self.jti)
    }

    /// Returns `iat`, in unix seconds.
    pub(crate) fn issued_at(&self) -> i64 {
        self.times.iat
    }

    /// Returns the time in unix seconds from which on the token is refused because of its age.
    pub(crate) fn too_old_at(&self) -> i64 {
        let by_exp = self.times.exp.saturating_add(LEEWAY_SECONDS);
        let by_iat = self.times.iat.saturating_add(MAX_AGE_SECONDS).saturating_add(1);
        by_exp.min(by_iat)
    }
}

impl LogoutTokenError {
    /// Returns a stable code, for logs and metrics.
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

/// Shows which identifiers are there: the identifiers themselves are personal data.
impl std::fmt::Debug for LogoutToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LogoutToken")
            .field("sub", &self.sub.is_some())
            .field("sid", &self.sid.is_some())
            .finish_non_exhaustive()
    }
}

/// A token with the `typ` of logout tokens, so that no token of another kind passes for one (section 2.4).
const TYPED: Kind =
    Kind { max_bytes: MAX_TOKEN_BYTES, accepts_type: |name| matches!(name, Some("logout+jwt")) };
/// A token with or without that `typ`, as providers sent it before the `typ` was recommended.
const UNTYPED: Kind = Kind {
    max_bytes: MAX_TOKEN_BYTES,
    accepts_type: |name| matches!(name, None | Some("jwt" | "logout+jwt")),
};

/// Checks that the logout event is there. Its value is an object, and empty by custom.
fn check_events(object: &JsonObject<'_>) -> Result<(), LogoutTokenError> {
    let events = object.raw("events").ok_or(JwtError::ClaimMissing("events"))?;
    let events = JsonObject::parse(events.get().as_bytes()).map_err(|_| LogoutTokenError::Events)?;
    let event = events.raw(LOGOUT_EVENT).ok_or(LogoutTokenError::Events)?;
    JsonObject::parse(event.get().as_bytes()).map(drop).map_err(|_| LogoutTokenError::Events)
}

/// Reads an identifier: printable ASCII, and not too long.
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
