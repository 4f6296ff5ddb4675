//! The sessions that a user has in a store.

use std::fmt;

use super::record::Record;
use crate::session::{StoreId, VerifiedSession};
use crate::shared::StoreError;
use crate::time::Timestamp;

/// A session of a user, for a page that lists the user's sessions: [`Auth::sessions_of`](crate::Auth::sessions_of).
///
/// ```no_run
/// # #[cfg(feature = "oidc")]
/// # async fn example(auth: auth_runtime::Auth) -> Result<(), auth_runtime::store::UserSessionsError> {
/// for session in auth.sessions_of("auth0|ada").await? {
///     println!("{}: {} to {}", session.handle(), session.created_at(), session.expires_at());
/// }
/// # Ok(())
/// # }
/// ```
pub struct UserSession {
    key: StoreId,
    handle: String,
    sid: Option<String>,
    created_at: Timestamp,
    expires_at: Timestamp,
}

impl UserSession {
    /// Returns the session of a record. `key` is the store's key of the record, and `handle` is the hash of the
    /// session's id.
    pub(super) fn new(key: StoreId, handle: String, record: &Record, session: &VerifiedSession) -> Self {
        Self {
            key,
            handle,
            sid: record.index().sid.clone(),
            created_at: session.created_at(),
            expires_at: record.expires_at(),
        }
    }

    pub(super) fn key(&self) -> &StoreId {
        &self.key
    }

    /// Returns a name for the session that the application may show to the user, and that a request to end the session
    /// sends back. A client that knows the handle cannot use the session with it.
    pub fn handle(&self) -> &str {
        &self.handle
    }

    /// Returns the provider's name for the session, if it has one.
    pub fn sid(&self) -> Option<&str> {
        self.sid.as_deref()
    }

    /// Returns the time when the user signed in.
    pub fn created_at(&self) -> Timestamp {
        self.created_at
    }

    /// Returns the time when the session ends unless it is used.
    pub fn expires_at(&self) -> Timestamp {
        self.expires_at
    }
}

/// The reasons why the sessions of a user could not be listed or ended.
///
/// ```
/// # #[cfg(feature = "oidc")] mod example {
/// use auth_runtime::Auth;
/// use auth_runtime::store::UserSessionsError;
///
/// # pub async fn main() -> Result<(), auth_runtime::ConfigError> {
/// # let secret = auth_runtime::__private::random_secret();
/// // This service only verifies sessions: it does not know the provider.
/// let auth = Auth::builder().secret(secret).build()?;
/// assert!(matches!(auth.sessions_of("auth0|ada").await, Err(UserSessionsError::NoProvider)));
/// # Ok(())
/// # }
/// # }
/// # #[cfg(feature = "oidc")]
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(example::main()).unwrap();
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum UserSessionsError {
    /// The sessions are in cookies, so the service cannot list them. To end them it needs a
    /// [`revocation`](crate::AuthBuilder::revocation).
    #[error(
        "sessions are in cookies: listing them needs a session_store, and ending them that or a revocation"
    )]
    NoStore,
    /// The service only verifies sessions, or the provider's metadata cannot be fetched. Without the issuer a `sub` is
    /// ambiguous, since users of different providers may have the same one.
    #[error("it is not known which provider's user is meant")]
    NoProvider,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl fmt::Debug for UserSession {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UserSession")
            .field("created_at", &self.created_at)
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}
