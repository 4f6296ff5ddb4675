//! The place where a session is kept, for the request that writes it back.

use zeroize::Zeroizing;

use super::record::Record;
use crate::cookie::{RequestCookies, SeenNames};
use crate::session::{DocumentError, Revision, SessionDocument, StoreId, VerifiedSession, join_connections};

/// The place where a request found its session.
#[derive(Default)]
pub(crate) struct Place {
    /// The names of the session cookies that the request carried: a write removes the ones that it does not replace.
    pub(crate) seen: SeenNames,
    /// The record of the session store, where there is a store.
    pub(crate) record: Option<RecordPlace>,
}

/// A record, as it was when a request read it.
pub(crate) struct RecordPlace {
    pub(crate) id: StoreId,
    pub(super) revision: Revision,
    /// The generation that the record was sealed with; `None` if records are not sealed.
    pub(super) generation: Option<u64>,
}

/// The content of a session, as it is kept.
#[derive(Clone, Copy)]
pub(crate) struct Content<'s> {
    pub(crate) document: &'s SessionDocument,
    /// The tokens of federated connections, each a raw JSON object.
    pub(crate) connections: &'s [Zeroizing<String>],
}

/// A session as a request read it.
#[derive(Clone, Copy)]
pub(crate) struct AsRead<'s> {
    pub(crate) session: &'s VerifiedSession,
    pub(crate) content: Content<'s>,
    pub(crate) place: &'s Place,
}

impl Place {
    /// Returns the place of a session that is in cookies.
    pub(crate) fn of_cookies(cookies: &RequestCookies<'_>) -> Self {
        Self { seen: cookies.seen_names(), record: None }
    }

    /// Returns the place of a session that is in a record.
    pub(crate) fn of_record(cookies: &RequestCookies<'_>, id: StoreId, record: &Record) -> Self {
        let (revision, generation) = (record.revision().clone(), record.generation());
        Self { seen: cookies.seen_names(), record: Some(RecordPlace { id, revision, generation }) }
    }
}

impl Content<'_> {
    /// Returns the session's JSON with the tokens of federated connections in it, as a record has them.
    pub(super) fn joined(&self) -> Result<Zeroizing<String>, DocumentError> {
        join_connections(self.document.as_str(), self.connections)
    }
}
