//! The part of `Auth` for a service that owns its sessions: all sessions of a user, and tokens that are exchanged.

use super::Auth;
use crate::store::{SessionFilter, StoreError, UserSession, UserSessionsError};
use crate::tokens::TokenExchangeRequest;

impl Auth {
    /// Exchanges a token for another one (RFC 8693): `subject_token`, whose kind `subject_token_type` says by one of the
    /// identifiers of RFC 8693 §3, or by one that is agreed with the provider. Await it. No session is needed, and none
    /// is changed.
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

    /// The sessions that a user has in the [session store](crate::AuthBuilder::session_store), oldest first.
    ///
    /// ```no_run
    /// use auth_runtime::store::UserSessionsError;
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
    /// ```
    ///
    /// # Errors
    ///
    /// Sessions are in cookies, it is not known which provider's user is meant, or the store failed.
    pub async fn sessions_of(&self, sub: &str) -> Result<Vec<UserSession>, UserSessionsError> {
        let scope = self.all_of(sub).await?;
        self.sessions().list(&scope, self.now()).await
    }

    /// Ends one of the sessions that [`sessions_of`](Self::sessions_of) gave. Says whether it was still there.
    ///
    /// # Errors
    ///
    /// The store failed: the session may go on.
    pub async fn end_session(&self, session: &UserSession) -> Result<bool, UserSessionsError> {
        self.sessions().end_listed(session).await
    }

    /// Ends every session of a user, that of this request too: its cookies name nothing any more. With sessions in
    /// cookies this needs a [`revocation`](crate::AuthBuilder::revocation). Says how many there were, where a store can count
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
    /// Sessions are in cookies that cannot be revoked, it is not known which provider's user is meant, or the store
    /// failed: then some sessions may go on.
    pub async fn sign_out_everywhere(&self, sub: &str) -> Result<Option<usize>, UserSessionsError> {
        let scope = self.all_of(sub).await?;
        let (auth, now) = (self.clone(), self.now());
        // A handler whose client leaves must not stop this half-way.
        let ending = tokio::spawn(async move { auth.sessions().end_covered(&scope, now, now).await });
        let interrupted = || Some(Err(StoreError::new("ending a user's sessions was interrupted")));
        let ended = ending.await.unwrap_or_else(|_| interrupted());
        Ok(ended.ok_or(UserSessionsError::NoStore)??)
    }

    /// All sessions of one user of this service's provider, by the name that it calls itself.
    async fn all_of(&self, sub: &str) -> Result<SessionFilter, UserSessionsError> {
        let owner = self.owner().ok_or(UserSessionsError::NoProvider)?;
        let metadata = owner.client.metadata().await.map_err(|_| UserSessionsError::NoProvider)?;
        Ok(SessionFilter { iss: metadata.issuer.clone(), sub: Some(sub.to_owned()), sid: None })
    }
}
