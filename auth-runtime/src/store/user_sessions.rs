//! The sessions that a user has in a store.

use std::fmt;

use super::record::Record;
use crate::session::{StoreId, VerifiedSession};
use crate::shared::StoreError;
use crate::time::Timestamp;

/// One of the sessions of a user, for a page that lists them: [`Auth::sessions_of`](crate::Auth::sessions_of).
pub struct UserSession {
    key: StoreId,
    handle: String,
    sid: Option<String>,
    created_at: Timestamp,
    expires_at: Timestamp,
}

impl UserSession {
    /// `key` is what the store has it under, and `handle` what the hash of its id is.
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

    /// A name for it that may be shown to its user and comes back in a request to end it. Nobody gets the session with
    /// it.
    pub fn handle(&self) -> &str {
        &self.handle
    }

    /// The provider's name for it, if it has one.
    pub fn sid(&self) -> Option<&str> {
        self.sid.as_deref()
    }

    /// Returns when its user signed in.
    pub fn created_at(&self) -> Timestamp {
        self.created_at
    }

    /// Returns when it ends unless it is used.
    pub fn expires_at(&self) -> Timestamp {
        self.expires_at
    }
}

/// Why sessions could not be listed or ended.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum UserSessionsError {
    /// Cookies hold the sessions, and nobody knows how many there are. To end them a
    /// [`revocation`](crate::AuthBuilder::revocation) is needed.
    #[error(
        "sessions are in cookies: listing them needs a session_store, and ending them that or a revocation"
    )]
    NoStore,
    /// Users of different providers may have the same `sub`, and which provider this service has is not known: it only
    /// verifies sessions, or the provider's metadata cannot be had.
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
