//! Whether an extractor took the caller's identity for a handler that no guard stands in front of.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use http::Extensions;

use crate::auth::Auth;
use crate::session::Session;

/// What extractors tell the code that answers the request: that they took the caller's identity, and the session that
/// they found. In a request's extensions, where there is no guard. Clones share it.
#[derive(Clone, Debug)]
pub(super) struct IdentityUse(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    is_taken: AtomicBool,
    found: OnceLock<(Auth, Session)>,
    writes_back: bool,
}

impl IdentityUse {
    /// Begins to watch the extractors of a request. `writes_back` says whether the code that answers the request will
    /// write a session back that they found.
    pub(super) fn watch(extensions: &mut Extensions, writes_back: bool) -> Self {
        let (is_taken, found) = Default::default();
        let watched = Self(Arc::new(Shared { is_taken, found, writes_back }));
        extensions.insert(watched.clone());
        watched
    }

    /// Finds what watches the extractors of a request.
    pub(super) fn find(extensions: &Extensions) -> Option<Self> {
        extensions.get().cloned()
    }

    /// Notes that an extractor asks for the identity. The answer depends on it also where there is none.
    pub(super) fn note(&self) {
        self.0.is_taken.store(true, Ordering::Release);
    }

    /// Notes the session that an extractor found.
    pub(super) fn note_session(&self, auth: &Auth, session: &Session) {
        self.0.found.get_or_init(|| (auth.clone(), session.clone()));
    }

    /// Whether an extractor asked for the identity.
    pub(super) fn is_taken(&self) -> bool {
        self.0.is_taken.load(Ordering::Acquire)
    }

    /// The session that an extractor found, with the `Auth` that read it.
    pub(super) fn found(&self) -> Option<&(Auth, Session)> {
        self.0.found.get()
    }

    /// Whether the code that answers the request writes a session back.
    pub(super) fn writes_back(&self) -> bool {
        self.0.writes_back
    }
}
