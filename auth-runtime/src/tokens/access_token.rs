//! `session.access_token()`.

use std::fmt;
use std::future::{IntoFuture, Ready, ready};

use http::HeaderValue;
use zeroize::Zeroizing;

use super::error::AccessTokenError;
use super::select::select;
use crate::session::{ExpiresAt, Session};
use crate::time::Timestamp;

impl Session {
    /// The access token for an API. Await it; narrow it before with an audience or a scope.
    ///
    /// The token is the one that the session holds. One that has expired is not renewed: the answer is
    /// [`AccessTokenError::Expired`].
    ///
    /// ```
    /// # #[cfg(feature = "macros")] mod example {
    /// use auth_runtime::{AccessTokenError, Session, with_api_auth_required};
    ///
    /// #[with_api_auth_required]
    /// async fn report(session: Session) -> Result<String, AccessTokenError> {
    ///     let token = session.access_token().audience("https://api.example.com").await?;
    ///     Ok(format!("a token of {} characters", token.as_str().len()))
    /// }
    /// # }
    /// ```
    pub fn access_token(&self) -> AccessTokenRequest {
        AccessTokenRequest { session: self.clone(), audience: None, scope: String::new() }
    }
}

/// A request for an access token, to be awaited.
#[derive(Debug)]
#[must_use = "a request for a token does nothing unless awaited"]
pub struct AccessTokenRequest {
    session: Session,
    audience: Option<String>,
    scope: String,
}

impl AccessTokenRequest {
    /// The API that the token is for (RFC 8707). By default that of the sign-in.
    pub fn audience(mut self, audience: impl Into<String>) -> Self {
        self.audience = Some(audience.into());
        self
    }

    /// The scopes that the token must have been asked for with, separated by spaces. What was granted may be less;
    /// [`Session::scopes`] says what.
    pub fn scope(mut self, scope: impl Into<String>) -> Self {
        self.scope = scope.into();
        self
    }

    fn resolve(&self) -> Result<AccessToken, AccessTokenError> {
        let token_set = select(&self.session, self.audience.as_deref(), &self.scope);
        let token_set = token_set.ok_or(AccessTokenError::Missing)?;
        let token = token_set.access_token().filter(|token| !token.is_empty());
        let token = token.ok_or(AccessTokenError::Missing)?.into_owned();
        let expires_at = match token_set.expires_at() {
            ExpiresAt::At(time) if time <= self.session.read_at() => return Err(AccessTokenError::Expired),
            ExpiresAt::Nonsense => return Err(AccessTokenError::Expired),
            ExpiresAt::At(time) => Some(time),
            ExpiresAt::Unknown => None,
        };
        Ok(AccessToken { token: Zeroizing::new(token), expires_at })
    }
}

impl IntoFuture for AccessTokenRequest {
    type Output = Result<AccessToken, AccessTokenError>;
    type IntoFuture = Ready<Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        ready(self.resolve())
    }
}

/// An access token (RFC 6750). `Debug` does not show it, and it is wiped when dropped.
#[derive(Clone)]
pub struct AccessToken {
    token: Zeroizing<String>,
    expires_at: Option<Timestamp>,
}

impl AccessToken {
    /// The token.
    pub fn as_str(&self) -> &str {
        &self.token
    }

    /// When it expires; `None` when the provider did not say.
    pub fn expires_at(&self) -> Option<Timestamp> {
        self.expires_at
    }

    /// The value of an `Authorization` header, marked sensitive; `None` for a token that no header can carry.
    pub fn authorization(&self) -> Option<HeaderValue> {
        let mut value = HeaderValue::try_from(format!("Bearer {}", self.as_str())).ok()?;
        value.set_sensitive(true);
        Some(value)
    }
}

impl fmt::Debug for AccessToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AccessToken").field("expires_at", &self.expires_at).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::SessionDocument;

    const NOW: i64 = 1_790_000_000;

    fn session(token_set: &str, more: &str) -> Session {
        let text = format!(
            r#"{{"user":{{"sub":"u"}},"tokenSet":{token_set},"internal":{{"createdAt":{NOW}}}{more}}}"#
        );
        let document = SessionDocument::parse(text).unwrap();
        Session::new(document, None, crate::session::Origin::default(), Timestamp::from_unix(NOW))
    }

    fn token(request: &AccessTokenRequest) -> Result<String, AccessTokenError> {
        request.resolve().map(|token| token.as_str().to_owned())
    }

    #[test]
    fn the_token_of_the_sign_in_is_the_default() {
        let session = session(r#"{"accessToken":"a","expiresAt":1790000001}"#, "");
        assert_eq!(token(&session.access_token()).unwrap(), "a");
    }

    #[test]
    fn a_token_for_one_audience_is_never_given_for_another() {
        let more = r#","accessTokens":[{"accessToken":"b","audience":"B","expiresAt":1790000001}]"#;
        let session = session(r#"{"accessToken":"a","audience":"A","expiresAt":1790000001}"#, more);
        assert_eq!(token(&session.access_token().audience("A")).unwrap(), "a");
        assert_eq!(token(&session.access_token().audience("B")).unwrap(), "b");
        assert_eq!(token(&session.access_token().audience("C")), Err(AccessTokenError::Missing));
    }

    #[test]
    fn the_token_with_the_fewest_scopes_that_suffice_is_taken() {
        let more = r#","accessTokens":[
            {"accessToken":"wide","audience":"B","scope":"r w d","requestedScope":"r w d"},
            {"accessToken":"narrow","audience":"B","scope":"r w","requestedScope":"r w"}]"#;
        let session = session("{}", more);
        assert_eq!(token(&session.access_token().audience("B").scope("r")).unwrap(), "narrow");
        assert_eq!(token(&session.access_token().audience("B").scope("d")).unwrap(), "wide");
        assert_eq!(token(&session.access_token().audience("B").scope("x")), Err(AccessTokenError::Missing));
    }

    #[test]
    fn an_expired_token_is_not_given() {
        for expires_at in ["1790000000", "\"1789999999\"", "\"soon\"", "-1"] {
            let session = session(&format!(r#"{{"accessToken":"a","expiresAt":{expires_at}}}"#), "");
            assert_eq!(token(&session.access_token()), Err(AccessTokenError::Expired), "{expires_at}");
        }
    }

    #[test]
    fn debug_and_headers_do_not_leak_the_token() {
        let token = session(r#"{"accessToken":"hunter2"}"#, "").access_token().resolve().unwrap();
        assert!(!format!("{token:?} {:?}", token.authorization()).contains("hunter2"));
    }
}
