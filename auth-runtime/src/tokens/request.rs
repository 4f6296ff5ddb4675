//! `session.access_token()`: a request for an access token.

use std::fmt;
use std::future::IntoFuture;
use std::pin::Pin;

use super::access_token::AccessToken;
use super::error::AccessTokenError;
use super::limits::Limits;
use super::renewal::{complete, renew};
use super::select::{Held, Wanted, select};
use crate::request::Session;
use crate::time::Timestamp;

impl Session {
    /// Begins a request for the access token for an API. Await it; narrow it before with an audience or a scope.
    ///
    /// If the session holds a token that is good, the request yields it. Otherwise the service fetches one with the
    /// session's refresh token, once for all requests that want the same at that time, and keeps it in the session. A
    /// service that only verifies sessions fetches nothing: there the error is [`AccessTokenError::Expired`] or
    /// [`AccessTokenError::Missing`].
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
        AccessTokenRequest {
            session: self.clone(),
            audience: None,
            scope: String::new(),
            merge_scopes: true,
            force_refresh: false,
        }
    }
}

/// A request for an access token, to be awaited.
///
/// ```
/// # #[cfg(feature = "macros")] mod example {
/// use auth_runtime::{AccessTokenError, Session, with_api_auth_required};
///
/// #[with_api_auth_required]
/// async fn report(session: Session) -> Result<String, AccessTokenError> {
///     let request = session.access_token().audience("https://api.example.com");
///     let token = request.scope("read:reports").merge_scopes(false).await?;
///     Ok(format!("a token of {} characters", token.as_str().len()))
/// }
/// # }
/// ```
#[derive(Clone)]
#[must_use = "a request for a token does nothing unless awaited"]
pub struct AccessTokenRequest {
    pub(super) session: Session,
    pub(super) audience: Option<String>,
    pub(super) scope: String,
    pub(super) merge_scopes: bool,
    pub(super) force_refresh: bool,
}

impl AccessTokenRequest {
    /// Sets the API that the token is for (RFC 8707), in at most 2,048 bytes. By default it is that of the sign-in.
    pub fn audience(mut self, audience: impl Into<String>) -> Self {
        self.audience = Some(audience.into());
        self
    }

    /// Sets the scopes that the token must have been requested with beside those that sign-in asks for. They are
    /// separated by spaces, in at most 8,192 bytes. The provider may grant fewer; [`AccessToken::scope`] says which.
    pub fn scope(mut self, scope: impl Into<String>) -> Self {
        self.scope = scope.into();
        self
    }

    /// Sets whether the scopes that sign-in asks for are requested here too; by default they are.
    pub fn merge_scopes(mut self, merge: bool) -> Self {
        self.merge_scopes = merge;
        self
    }

    /// Fetches a new token even though the session holds one that is good, such as after an API refused it. Without a
    /// refresh token the request yields the token at hand.
    pub fn force_refresh(mut self) -> Self {
        self.force_refresh = true;
        self
    }

    fn wanted(&self) -> Wanted {
        let wanted = Wanted {
            asked_audience: self.audience.clone(),
            asked_scope: self.scope.clone(),
            ..Wanted::default()
        };
        complete(wanted, self)
    }
}

/// Returns the token at hand, if it is good, where no other can be fetched.
pub(super) fn good_or_expired(held: Held, now: Timestamp) -> Result<AccessToken, AccessTokenError> {
    let token = held.token.ok_or(AccessTokenError::Missing)?;
    let is_good = !held.has_nonsense_expiry && token.expires_at.is_none_or(|end| end > now);
    if is_good { Ok(token) } else { Err(AccessTokenError::Expired) }
}

impl IntoFuture for AccessTokenRequest {
    type Output = Result<AccessToken, AccessTokenError>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            // Long parameters are refused before anything is computed from them.
            Limits::default().scope(&self.scope).name("audience", self.audience.as_deref()).check()?;
            let wanted = self.wanted();
            let held = self.session.with_current(|session| select(session, &wanted));
            if let Some(refresher) = self.session.refresher().cloned() {
                return renew(&self, &wanted, held, &refresher).await;
            }
            // This service only verifies sessions, so it can only give the token that the session holds.
            good_or_expired(held, self.session.verified().read_at())
        })
    }
}

impl fmt::Debug for AccessTokenRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AccessTokenRequest")
            .field("audience", &self.audience)
            .field("scope", &self.scope)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::{Origin, SessionDocument, VerifiedSession};

    const NOW: i64 = 1_790_000_000;

    fn session(token_set: &str) -> Session {
        let text =
            format!(r#"{{"user":{{"sub":"u"}},"tokenSet":{token_set},"internal":{{"createdAt":{NOW}}}}}"#);
        let document = SessionDocument::parse(text).unwrap();
        let verified = VerifiedSession::new(document, None, Origin::default(), Timestamp::from_unix(NOW));
        Session::without_request(verified)
    }

    #[tokio::test]
    async fn an_expired_token_is_not_given() {
        for expires_at in ["1790000000", "\"1789999999\"", "\"soon\"", "-1"] {
            let session = session(&format!(r#"{{"accessToken":"a","expiresAt":{expires_at}}}"#));
            assert_eq!(session.access_token().await.unwrap_err(), AccessTokenError::Expired, "{expires_at}");
        }
        let session = session(r#"{"accessToken":"a","expiresAt":1790000001}"#);
        assert_eq!(session.access_token().await.unwrap().as_str(), "a");
    }

    #[tokio::test]
    async fn debug_and_headers_do_not_leak_the_token() {
        let token = session(r#"{"accessToken":"hunter2"}"#).access_token().await.unwrap();
        assert!(!format!("{token:?} {:?}", token.authorization()).contains("hunter2"));
    }
}
