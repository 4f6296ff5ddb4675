//! What a session has of the request that it came with, and what the request's handler changed of it.

use std::sync::atomic::AtomicBool;
use std::sync::{Mutex, MutexGuard, PoisonError};

use zeroize::Zeroizing;

use super::document::SessionDocument;
use super::store_id::{Revision, StoreId};
use crate::cookie::SeenNames;
#[cfg(feature = "oidc")]
use crate::refresh::Refresher;

/// What is needed to write a session where it came from. Empty for a session that came from no request.
#[derive(Default)]
pub(crate) struct InRequest {
    /// Its cookies of ours, for what a write has to remove.
    pub(crate) seen: SeenNames,
    /// The record of the session store, where there is a store.
    pub(crate) id: Option<StoreId>,
    /// The state of the record that the session was read from.
    pub(crate) revision: Revision,
    /// What was counted up to when that record was sealed, where records are sealed.
    pub(crate) generation: Option<u64>,
    /// The tokens of federated connections, each a raw JSON object.
    pub(crate) connections: Vec<Zeroizing<String>>,
    /// Whether the service may write this session at all.
    pub(crate) is_writable: bool,
    /// What renews its tokens.
    #[cfg(feature = "oidc")]
    pub(crate) refresher: Option<std::sync::Arc<Refresher>>,
    pub(crate) changes: Mutex<Changes>,
    /// Whether the handler behind the session's guard has the request.
    pub(crate) has_reached_handler: AtomicBool,
    /// Whether the session is being written back, or was.
    pub(crate) is_concluding: AtomicBool,
}

/// What happened to a session since it was read.
#[derive(Default)]
pub(crate) struct Changes {
    /// The session as it is now.
    pub(crate) document: Option<SessionDocument>,
    /// The tokens of federated connections as they are now.
    pub(crate) connections: Option<Vec<Zeroizing<String>>>,
    /// The raw JSON of a new ID token's claims.
    pub(crate) new_claims: Option<Zeroizing<String>>,
    /// Tokens were renewed.
    pub(crate) has_new_tokens: bool,
    /// The user signed out.
    pub(crate) is_over: bool,
    /// Whether anything can be changed.
    pub(super) state: ChangeState,
}

/// Whether a request's session can be changed.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum ChangeState {
    #[default]
    Open,
    /// Not for now: it is not decided yet whether the handler runs.
    Suspended,
    /// No more: the handler is done.
    Closed,
}

impl Changes {
    pub(crate) fn is_empty(&self) -> bool {
        self.document.is_none() && self.connections.is_none() && !self.is_over
    }
}

impl InRequest {
    /// Nothing here can panic while the lock is held, so poisoned changes are whole ones.
    pub(super) fn changes(&self) -> MutexGuard<'_, Changes> {
        self.changes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
