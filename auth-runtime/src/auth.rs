//! `Auth`, the handle on the service's configuration, which is in the router's state.

#[cfg(feature = "oidc")]
mod of_owner;

use std::fmt;
use std::sync::Arc;

use crate::config::{AuthBuilder, ConfigError, Configured, CsrfRules, Endpoint, Owner, RoutePaths, warn_of};
use crate::policy::ClaimSources;
use crate::reject::RejectionStyle;
use crate::request::{Callers, Hooks};
use crate::session::{Mode, SessionCodec};
use crate::store::Sessions;
use crate::time::Timestamp;

/// The configured authentication of a service: a handle for the router's state, which is cheap to clone.
///
/// A handler with `#[with_api_auth_required]` finds it there by [`FromRef`](axum::extract::FromRef). The state is an
/// `Auth`, or has one as a member:
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
    /// Returns a builder, for a configuration that is not in the environment.
    ///
    /// ```
    /// use auth_runtime::Auth;
    ///
    /// # let secret = auth_runtime::__private::random_secret();
    /// let auth = Auth::builder().secret(secret).build()?;
    /// // There are no client credentials, so this service verifies sessions that another one owns.
    /// assert!(!auth.owns_sessions());
    /// # Ok::<(), auth_runtime::ConfigError>(())
    /// ```
    pub fn builder() -> AuthBuilder {
        AuthBuilder::default()
    }

    /// Reads the configuration from environment variables, under the names that the npm package uses: `AUTH0_SECRET` or
    /// `AUTH0_SECRETS` (with `AUTH0_PREVIOUS_SECRETS_UNTIL`), `AUTH0_DOMAIN`, `AUTH0_CLIENT_ID`, `AUTH0_CLIENT_SECRET`
    /// (or `AUTH0_CLIENT_ASSERTION_SIGNING_KEY` with `AUTH0_CLIENT_ASSERTION_SIGNING_ALG`), `APP_BASE_URL`,
    /// `NEXT_PUBLIC_BASE_PATH`, `NEXT_PUBLIC_LOGIN_ROUTE`, `NEXT_PUBLIC_PROFILE_ROUTE`,
    /// `NEXT_PUBLIC_ACCESS_TOKEN_ROUTE`, `AUTH0_AUDIENCE`, `AUTH0_SCOPE`, `AUTH0_COOKIE_DOMAIN`, `AUTH0_COOKIE_PATH`
    /// (else the base path), `AUTH0_COOKIE_SECURE`, `AUTH0_COOKIE_SAME_SITE`, `AUTH0_COOKIE_TRANSIENT`,
    /// `AUTH0_SHARED_WITH_NEXTJS`, `AUTH0_TRUSTED_ORIGINS`, `AUTH0_ALLOW_INSECURE_REQUESTS`. An empty variable counts
    /// as unset. No network is used.
    ///
    /// # Errors
    ///
    /// All problems of the configuration, at once.
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

    /// Returns whether this service owns sessions: it signs users in and writes sessions. Otherwise it verifies the
    /// sessions of another service.
    pub fn owns_sessions(&self) -> bool {
        matches!(self.codec().mode(), Mode::Owner(_))
    }

    /// Returns the codec of the session cookie. It reads a cookie alone: it asks no session store, and does not know
    /// whether a session was revoked.
    ///
    /// ```
    /// use auth_runtime::Auth;
    ///
    /// # let secret = auth_runtime::__private::random_secret();
    /// let auth = Auth::builder().secret(secret).build()?;
    /// assert_eq!(auth.codec().cookie_name().as_str(), "__session");
    /// # Ok::<(), auth_runtime::ConfigError>(())
    /// ```
    pub fn codec(&self) -> &SessionCodec {
        self.sessions().codec()
    }

    /// Checks that what this service depends on answers: the provider's metadata and keys if the service signs users
    /// in, and the stores that are configured. It is for a readiness probe. The fetched metadata and keys are kept for
    /// the first sign-in.
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
    /// The first of them that does not answer.
    pub async fn check(&self) -> Result<(), CheckError> {
        // A service that only verifies sessions asks its provider nothing.
        if let Some(owner) = self.owner() {
            owner.check().await.map_err(|reason| CheckError::Provider { reason })?;
        }
        self.sessions().check().await.map_err(|error| CheckError::SessionStore { reason: error.to_string() })
    }

    /// Returns whether both are handles of one configuration.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.0.callers.clock.now()
    }

    /// Returns the parts of the session that requirements take their data from.
    pub(crate) fn claim_sources(&self) -> &ClaimSources {
        &self.0.guarding.sources
    }

    pub(crate) fn rejections(&self) -> &RejectionStyle {
        &self.0.guarding.rejections
    }

    /// Returns the path to which a browser is sent to sign in.
    pub(crate) fn login_path(&self) -> &str {
        self.0.paths.of(Endpoint::Login)
    }

    pub(crate) fn paths(&self) -> &RoutePaths {
        &self.0.paths
    }

    /// Returns the rules of the cross-site check.
    pub(crate) fn csrf(&self) -> &CsrfRules {
        &self.0.csrf
    }

    pub(crate) fn owner(&self) -> Option<&Owner> {
        self.0.owner.as_ref()
    }

    /// Returns the application's hooks for sessions that are about to be saved or extended.
    pub(crate) fn hooks(&self) -> &Hooks {
        &self.0.callers.hooks
    }

    /// Returns the access to sessions, wherever they are kept.
    pub(crate) fn sessions(&self) -> &Sessions {
        &self.0.callers.sessions
    }

    /// Returns the part of the configuration that loads the sessions of callers and writes them back.
    pub(crate) fn callers(&self) -> &Arc<Callers> {
        &self.0.callers
    }
}

/// The part that did not answer when [`Auth::check`] asked it.
///
/// ```no_run
/// use auth_runtime::{Auth, CheckError};
///
/// # async fn example(auth: Auth) {
/// match auth.check().await {
///     Ok(()) => println!("ready"),
///     Err(CheckError::Provider { reason }) => println!("the provider: {reason}"),
///     Err(error) => println!("not ready: {error}"),
/// }
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CheckError {
    /// The provider does not answer, or its answer cannot be used.
    #[error("the provider: {reason}")]
    Provider {
        /// Reason, for a log.
        reason: String,
    },
    /// A store does not answer.
    #[error("{reason}")]
    SessionStore {
        /// Reason, for a log.
        reason: String,
    },
}

impl AuthBuilder {
    /// Checks the whole configuration and builds an [`Auth`]. No network is used. One warning in the log names every
    /// setting that is on and has `danger` in its name. Another warning says that the feature `testing` is compiled into
    /// a release build.
    ///
    /// ```
    /// use auth_runtime::Auth;
    ///
    /// assert!(Auth::builder().build().unwrap_err().to_string().contains("AUTH0_SECRET is missing"));
    /// ```
    ///
    /// # Errors
    ///
    /// All problems of the configuration, at once.
    pub fn build(self) -> Result<Auth, ConfigError> {
        let dangers = self.dangers();
        let configured = self.check()?;
        warn_of(&dangers);
        #[cfg(feature = "testing")]
        crate::config::warn_of_testing();
        Ok(Auth(Arc::new(configured)))
    }
}

impl fmt::Debug for Auth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Auth").field("owns_sessions", &self.owns_sessions()).finish_non_exhaustive()
    }
}
