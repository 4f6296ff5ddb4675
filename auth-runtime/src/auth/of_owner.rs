//! The part of `Auth` for a service that owns its sessions: the sessions of a user, and the exchange of tokens.

use super::Auth;
use crate::store::{SessionFilter, StoreError, UserSession, UserSessionsError};
use crate::tokens::TokenExchangeRequest;

impl Auth {
    /// Exchanges a token for another one (RFC 8693). `subject_token_type` is the kind of `subject_token`: an identifier
    /// of RFC 8693 §3, or one that is agreed with the provider. Await the returned request. No session is needed, and
    /// none is changed.
    ///
    /// ```no_run
    /// # async fn example(auth: auth_runtime::Auth, token: &str) -> Result<(), auth_runtime::TokenExchangeError> {
    /// let exchanged = auth
    ///     .exchange_token(token, "urn:ietf:params:oauth:token-type:access_token")
    ///     .audience("https://api.example.com")
    ///     .await?;
    /// assert!(exchanged.is_bearer());
    /// # Ok(())
    /// # }
    /// ```
    pub fn exchange_token(
        &self,
        subject_token: impl Into<String>,
        subject_token_type: impl Into<String>,
    ) -> TokenExchangeRequest {
        let refresher = self.sessions().refresher().cloned();
        TokenExchangeRequest::new(refresher, subject_token.into(), subject_token_type.into())
    }

    /// Returns the sessions that a user has in the [session store](crate::AuthBuilder::session_store), oldest first.
    ///
    /// ```no_run
    /// # #[cfg(feature = "macros")] mod example {
    /// use auth_runtime::{Auth, Session, with_api_auth_required};
    /// use axum::extract::State;
    ///
    /// /// Where else the user is signed in, as text.
    /// #[with_api_auth_required]
    /// async fn elsewhere(session: Session, State(auth): State<Auth>) -> Result<String, String> {
    ///     let all = auth.sessions_of(&session.user().sub()).await.map_err(|error| error.to_string())?;
    ///     let others = all.iter().filter(|other| !other.is(&session));
    ///     Ok(others.map(|other| format!("{} since {}\n", other.handle(), other.created_at())).collect())
    /// }
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`NoStore`](UserSessionsError::NoStore) where sessions are in cookies;
    /// [`NoProvider`](UserSessionsError::NoProvider) where the service has no provider of its own or the provider's
    /// metadata cannot be fetched; [`Store`](UserSessionsError::Store) where the store failed.
    pub async fn sessions_of(&self, sub: &str) -> Result<Vec<UserSession>, UserSessionsError> {
        let scope = self.all_of(sub).await?;
        self.sessions().list(&scope, self.now()).await
    }

    /// Ends one of the sessions that [`sessions_of`](Self::sessions_of) returned. Returns whether the session was still
    /// there.
    ///
    /// ```no_run
    /// # async fn example(auth: auth_runtime::Auth) -> Result<(), auth_runtime::store::UserSessionsError> {
    /// for session in auth.sessions_of("auth0|ada").await? {
    ///     auth.end_session(&session).await?;
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`NoStore`](UserSessionsError::NoStore) where this service has no session store;
    /// [`Store`](UserSessionsError::Store) where the store failed, and the session may go on.
    pub async fn end_session(&self, session: &UserSession) -> Result<bool, UserSessionsError> {
        self.sessions().end_listed(session).await
    }

    /// Ends every session of a user, also the session of this request. With sessions in cookies this needs a
    /// [`revocation`](crate::AuthBuilder::revocation). Returns how many sessions there were, where the store can count
    /// them. The user stays signed in at the provider.
    ///
    /// ```no_run
    /// # async fn example(auth: auth_runtime::Auth) -> Result<(), auth_runtime::store::UserSessionsError> {
    /// auth.sign_out_everywhere("auth0|ada").await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`NoStore`](UserSessionsError::NoStore) where sessions are in cookies that cannot be revoked;
    /// [`NoProvider`](UserSessionsError::NoProvider) where the service has no provider of its own or the provider's
    /// metadata cannot be fetched; [`Store`](UserSessionsError::Store) where the store failed, and some sessions may go
    /// on.
    pub async fn sign_out_everywhere(&self, sub: &str) -> Result<Option<usize>, UserSessionsError> {
        let scope = self.all_of(sub).await?;
        let (auth, now) = (self.clone(), self.now());
        // A handler is dropped when its client disconnects, and this must not stop half-way.
        let ending = tokio::spawn(async move { auth.sessions().end_covered(&scope, now, now).await });
        let interrupted = || Some(Err(StoreError::new("ending a user's sessions was interrupted")));
        let ended = ending.await.unwrap_or_else(|_| interrupted());
        Ok(ended.ok_or(UserSessionsError::NoStore)??)
    }

    /// Logs once that a service which only verifies has no endpoints, and which settings it lacks.
    pub(crate) fn say_that_there_are_no_endpoints(&self) {
        self.0.says_no_endpoints.call_once(|| {
            tracing::warn!(
                "this service only verifies sessions, so `routes()` is empty and no path signs users in: that needs \
                 AUTH0_DOMAIN, AUTH0_CLIENT_ID, AUTH0_CLIENT_SECRET (or a key) and APP_BASE_URL, and no verify_only()"
            );
        });
    }

    /// Returns the filter for all sessions of a user of this service's provider, by the issuer in the provider's
    /// metadata.
    async fn all_of(&self, sub: &str) -> Result<SessionFilter, UserSessionsError> {
        let owner = self.owner().ok_or(UserSessionsError::NoProvider)?;
        let metadata = owner.client.metadata().await.map_err(|_| UserSessionsError::NoProvider)?;
        Ok(SessionFilter { iss: metadata.issuer.clone(), sub: Some(sub.to_owned()), sid: None })
    }
}
