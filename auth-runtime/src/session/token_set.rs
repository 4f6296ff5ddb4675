//! The tokens that a session holds.

use std::borrow::Cow;
use std::fmt;

use secrecy::SecretString;
use serde_json::Value;
use zeroize::Zeroizing;

use super::document::{DocumentError, SessionDocument};
use crate::json;
use crate::time::Timestamp;

/// The tokens of the sign-in. A member of another type than expected counts as absent; it never costs the
/// session. `Debug` shows the access token's length and end only.
///
/// ```
/// # #[cfg(feature = "macros")] mod example {
/// use auth_runtime::{Session, with_api_auth_required};
///
/// #[with_api_auth_required]
/// async fn may_be_renewed(session: Session) -> String {
///     session.token_set().refresh_token().is_some().to_string()
/// }
/// # }
/// ```
pub struct TokenSet<'s>(&'s str);

impl<'s> TokenSet<'s> {
    pub(crate) fn new(raw: &'s str) -> Self {
        Self(raw)
    }

    /// Returns the tokens of a session's sign-in.
    pub(crate) fn of(session: &'s SessionDocument) -> Self {
        Self(session.token_set())
    }

    /// Returns the access token.
    pub fn access_token(&self) -> Option<Cow<'s, str>> {
        self.text("accessToken")
    }

    /// Returns the audience that the access token was requested for.
    pub fn audience(&self) -> Option<Cow<'s, str>> {
        self.text("audience")
    }

    /// Returns when the access token expires. A session may hold a JSON number or numeric text here.
    pub fn expires_at(&self) -> ExpiresAt {
        let Some(raw) = json::member(self.0, "expiresAt").filter(|raw| !json::is_null(raw)) else {
            return ExpiresAt::Unknown;
        };
        let seconds = json::number(raw).or_else(|| json::string(raw)?.trim().parse().ok());
        match seconds.and_then(Timestamp::from_json_number) {
            Some(time) => ExpiresAt::At(time),
            None => ExpiresAt::Invalid,
        }
    }

    /// Returns the ID token.
    pub fn id_token(&self) -> Option<Cow<'s, str>> {
        self.text("idToken")
    }

    /// Returns the refresh token.
    pub fn refresh_token(&self) -> Option<Cow<'s, str>> {
        self.text("refreshToken")
    }

    /// Returns the scope that was requested.
    pub fn requested_scope(&self) -> Option<Cow<'s, str>> {
        self.text("requestedScope")
    }

    /// Returns the scope that was granted, as one space-separated text.
    pub fn scope(&self) -> Option<Cow<'s, str>> {
        self.text("scope")
    }

    /// Returns the type of the access token, as the session has it.
    pub fn token_type(&self) -> Option<Cow<'s, str>> {
        self.text("token_type")
    }

    /// Returns a member that is a string.
    pub(super) fn text(&self, name: &str) -> Option<Cow<'s, str>> {
        json::member(self.0, name).and_then(json::string)
    }
}

/// The end of an access token, as far as the session says.
///
/// ```
/// use auth_runtime::{ExpiresAt, Session, Timestamp};
///
/// fn is_good(session: &Session, now: Timestamp) -> bool {
///     match session.token_set().expires_at() {
///         ExpiresAt::At(end) => end > now,
///         ExpiresAt::Invalid => false,
///         ExpiresAt::Unknown => true,
///     }
/// }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "a value is a time, no time, or absent")]
pub enum ExpiresAt {
    /// The token expires at this time.
    At(Timestamp),
    /// The session holds a value that is no time, so the token counts as expired.
    Invalid,
    /// The session does not say, or says `null`.
    Unknown,
}

impl SessionDocument {
    /// Returns the refresh token, if there is one and it is not empty.
    pub(crate) fn refresh_token(&self) -> Option<SecretString> {
        let token = TokenSet::of(self).refresh_token().filter(|token| !token.is_empty())?;
        Some(SecretString::from(token.into_owned()))
    }

    /// Returns the session with another refresh token.
    pub(crate) fn with_refresh_token(&self, token: &str) -> Result<Self, DocumentError> {
        let raw = Zeroizing::new(Value::from(token).to_string());
        let token_set = json::with_member(self.token_set(), "refreshToken", Some(&raw));
        self.with_member("tokenSet", Some(&token_set.ok_or(DocumentError::of("tokenSet"))?))
    }
}

impl fmt::Debug for TokenSet<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenSet")
            .field("access_token_chars", &self.access_token().map(|token| token.len()))
            .field("expires_at", &self.expires_at())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pay_22_an_expiry_that_is_no_time_means_expired() {
        let at = |raw: &str| TokenSet::new(&format!(r#"{{"expiresAt":{raw}}}"#)).expires_at();
        for raw in ["1e400", "-5", "\"soon\"", "\"\"", "true", "[]", "\"NaN\"", "\"Infinity\""] {
            assert_eq!(at(raw), ExpiresAt::Invalid, "{raw}");
        }
        for raw in ["1790003600", "1790003600.9", "\"1790003600\""] {
            assert_eq!(at(raw), ExpiresAt::At(Timestamp::from_unix(1_790_003_600)), "{raw}");
        }
        assert_eq!(at("null"), ExpiresAt::Unknown);
        assert_eq!(TokenSet::new("{}").expires_at(), ExpiresAt::Unknown);
    }

    #[test]
    fn a_token_of_another_type_is_absent() {
        assert_eq!(TokenSet::new(r#"{"accessToken":5}"#).access_token(), None);
    }
}
