//! `Auth`: everything configured, in one handle that lives in the router's state.

use std::fmt;
use std::sync::Arc;

#[cfg(feature = "oidc")]
use crate::config::RoutePaths;
use crate::config::{AuthBuilder, ConfigError, Configured, CsrfRules, Endpoint, warn_of};
use crate::policy::ClaimSources;
use crate::reject::RejectionStyle;
use crate::request::Callers;
use crate::session::{Mode, SessionCodec};
use crate::store::Sessions;
#[cfg(feature = "oidc")]
use crate::store::{LogoutScope, StoreError, UserSession, UserSessionsError};
use crate::time::Timestamp;
#[cfg(feature = "oidc")]
use crate::tokens::TokenExchangeRequest;

/// The configured authentication of a service: a cheap handle for the router's state.
///
/// A handler with `#[with_api_auth_required]` finds it there by [`FromRef`](axum::extract::FromRef). It is the
/// state itself, or a member of it:
///
/// ```
/// use auth_runtime::Auth;
/// use axum::extract::FromRef;
///
/// #[derive(Clone)]
/// struct AppState {
///     auth: Auth,
/// }
///
/// impl FromRef<AppState> for Auth {
///     fn from_ref(state: &AppState) -> Self {
///         state.auth.clone()
///     }
/// }
/// ```
#[derive(Clone)]
pub struct Auth(Arc<Configured>);

impl Auth {
    /// A builder, for a configuration that is not in the environment.
    pub fn builder() -> AuthBuilder {
        AuthBuilder::default()
    }

    /// Reads the configuration from environment variables, under the names that the npm package uses:
    /// `AUTH0_SECRET` or `AUTH0_SECRETS` (with `AUTH0_PREVIOUS_SECRETS_UNTIL`), `AUTH0_DOMAIN`, `AUTH0_CLIENT_ID`, `AUTH0_CLIENT_SECRET` (or
    /// `AUTH0_CLIENT_ASSERTION_SIGNING_KEY` with `AUTH0_CLIENT_ASSERTION_SIGNING_ALG`), `APP_BASE_URL`,
    /// `NEXT_PUBLIC_BASE_PATH`, `NEXT_PUBLIC_LOGIN_ROUTE`, `NEXT_PUBLIC_PROFILE_ROUTE`,
    /// `NEXT_PUBLIC_ACCESS_TOKEN_ROUTE`, `AUTH0_AUDIENCE`, `AUTH0_SCOPE`, `AUTH0_COOKIE_DOMAIN`, `AUTH0_COOKIE_PATH`
    /// (else the base path), `AUTH0_COOKIE_SECURE`, `AUTH0_COOKIE_SAME_SITE`, `AUTH0_COOKIE_TRANSIENT`,
    /// `AUTH0_SHARED_WITH_NEXTJS`, `AUTH0_TRUSTED_ORIGINS`, `AUTH0_ALLOW_INSECURE_REQUESTS`. An empty variable counts as unset. No network is used.
    ///
    /// # Errors
    ///
    /// Everything that is wrong with the configuration, at once.
    ///
    /// ```no_run
    /// let auth = auth_runtime::Auth::from_env()?;
    /// # Ok::<(), auth_runtime::ConfigError>(())
    /// ```
    pub fn from_env() -> Result<Self, ConfigError> {
        #[expect(clippy::disallowed_methods, reason = "the one face that reads the process's environment")]
        let lookup = |name: &str| std::env::var(name).ok();
        Self::builder().lookup(lookup).build()
    }

    /// Whether this service signs users in and writes sessions, or only verifies those of another one.
    pub fn owns_sessions(&self) -> bool {
        matches!(self.codec().mode(), Mode::Owner(_))
    }

    /// The codec behind the session cookie. It reads what a cookie says and asks nobody: neither a session store nor
    /// whether a session was revoked.
    pub fn codec(&self) -> &SessionCodec {
        self.sessions().codec()
    }

    /// Whether all that this service depends on answers: the provider's metadata and keys, and the session store. For
    /// a readiness probe; what was fetched is kept for the first sign-in.
    ///
    /// ```no_run
    /// # async fn start() -> Result<(), Box<dyn std::error::Error>> {
    /// let auth = auth_runtime::Auth::from_env()?;
    /// auth.check().await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// The first of them that does not.
    pub async fn check(&self) -> Result<(), CheckError> {
        #[cfg(feature = "oidc")]
        if let Some(owner) = self.owner() {
            owner.client.check().await.map_err(|error| CheckError::Provider { reason: error.to_string() })?;
        }
        self.sessions().check().await.map_err(|error| CheckError::SessionStore { reason: error.to_string() })
    }

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
    #[cfg(feature = "oidc")]
    pub fn exchange_token(
        &self,
        subject_token: impl Into<String>,
        subject_token_type: impl Into<String>,
    ) -> TokenExchangeRequest {
        let refresher = self.sessions().refresher().cloned();
        TokenExchangeRequest::new(refresher, subject_token.into(), subject_token_type.into())
    }

    /// The sessions that a user has in the [session store](AuthBuilder::session_store), oldest first.
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
    #[cfg(feature = "oidc")]
    pub async fn sessions_of(&self, sub: &str) -> Result<Vec<UserSession>, UserSessionsError> {
        let scope = self.all_of(sub).await?;
        self.sessions().list(&scope, self.now()).await
    }

    /// Ends one of the sessions that [`sessions_of`](Self::sessions_of) gave. Says whether it was still there.
    ///
    /// # Errors
    ///
    /// The store failed: the session may go on.
    #[cfg(feature = "oidc")]
    pub async fn end_session(&self, session: &UserSession) -> Result<bool, UserSessionsError> {
        self.sessions().end_listed(session).await
    }

    /// Ends every session of a user, that of this request too: its cookies name nothing any more. With sessions in
    /// cookies this needs a [`revocation`](AuthBuilder::revocation). Says how many there were, where a store can count
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
    #[cfg(feature = "oidc")]
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
    #[cfg(feature = "oidc")]
    async fn all_of(&self, sub: &str) -> Result<LogoutScope, UserSessionsError> {
        let owner = self.owner().ok_or(UserSessionsError::NoProvider)?;
        let metadata = owner.client.metadata().await.map_err(|_| UserSessionsError::NoProvider)?;
        Ok(LogoutScope { iss: metadata.issuer.clone(), sub: Some(sub.to_owned()), sid: None })
    }

    /// Whether both are handles of one configuration.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.0.callers.clock.now()
    }

    /// Where requirements take their data from.
    pub(crate) fn claim_sources(&self) -> &ClaimSources {
        &self.0.guarding.sources
    }

    pub(crate) fn rejections(&self) -> &RejectionStyle {
        &self.0.guarding.rejections
    }

    /// Where a browser is sent to sign in.
    pub(crate) fn login_path(&self) -> &str {
        self.0.paths.of(Endpoint::Login)
    }

    #[cfg(feature = "oidc")]
    pub(crate) fn paths(&self) -> &RoutePaths {
        &self.0.paths
    }

    /// Which requests count as the application's own.
    pub(crate) fn csrf(&self) -> &CsrfRules {
        &self.0.csrf
    }

    #[cfg(feature = "oidc")]
    pub(crate) fn owner(&self) -> Option<&crate::config::Owner> {
        self.0.owner.as_ref()
    }

    /// What the application says of sessions that are about to be saved.
    #[cfg(feature = "oidc")]
    pub(crate) fn hooks(&self) -> &crate::request::Hooks {
        &self.0.callers.hooks
    }

    /// Where sessions are kept.
    pub(crate) fn sessions(&self) -> &Sessions {
        &self.0.callers.sessions
    }

    /// Who calls, and what becomes of a caller's session.
    pub(crate) fn callers(&self) -> &Arc<Callers> {
        &self.0.callers
    }
}

/// What [`Auth::check`] found wanting.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CheckError {
    /// The provider does not answer, or not as it should.
    #[error("the provider: {reason}")]
    Provider {
        /// What is wrong.
        reason: String,
    },
    /// The session store does not answer.
    #[error("{reason}")]
    SessionStore {
        /// What is wrong.
        reason: String,
    },
}

impl AuthBuilder {
    /// Checks the whole configuration. No network is used. One warning names every setting that is on and has `danger` in
    /// its name.
    ///
    /// # Errors
    ///
    /// Everything that is wrong with it, at once.
    pub fn build(self) -> Result<Auth, ConfigError> {
        let dangers = self.dangers();
        let configured = self.check()?;
        warn_of(&dangers);
        Ok(Auth(Arc::new(configured)))
    }
}

impl fmt::Debug for Auth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Auth").field("owns_sessions", &self.owns_sessions()).finish_non_exhaustive()
    }
}
