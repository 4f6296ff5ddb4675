//! The changes that a request makes to its session, until the request is done.

use zeroize::Zeroizing;

use crate::session::SessionDocument;

/// The changes to a session since it was read.
#[derive(Default)]
pub(crate) struct Changes {
    /// The session as it is now; `None` if nothing changed.
    pub(super) document: Option<SessionDocument>,
    /// The tokens of federated connections as they are now; `None` if nothing changed.
    pub(crate) connections: Option<Vec<Zeroizing<String>>>,
    /// The raw JSON of a new ID token's claims.
    pub(crate) new_claims: Option<Zeroizing<String>>,
    /// True if tokens were renewed.
    pub(crate) has_new_tokens: bool,
    /// True if the handler ended the session.
    pub(super) is_over: bool,
    /// True if the session cannot be changed any more: the handler is done.
    pub(super) is_closed: bool,
}

impl Changes {
    /// Returns whether the session is as it was read.
    pub(super) fn is_empty(&self) -> bool {
        self.document.is_none() && self.connections.is_none() && !self.is_over
    }

    /// Takes the changes and closes the session, since a later change would not be saved.
    pub(super) fn close(&mut self) -> Self {
        std::mem::replace(self, Self { is_closed: true, ..Self::default() })
    }
}
