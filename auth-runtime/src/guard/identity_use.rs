//! Whether an extractor took the caller's identity for a handler that no guard stands in front of.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use http::Extensions;
use http::request::Parts;

use super::guarded::HandlerStyle;
use crate::auth::Auth;
use crate::request::Session;

/// What extractors tell the code that answers the request: that they took the caller's identity, and the sessions
/// that they found. In a request's extensions, where there is no guard. Clones share it.
#[derive(Clone, Debug)]
pub(super) struct IdentityUse(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    is_taken: AtomicBool,
    found: Mutex<Found>,
    writes_back: bool,
}

#[derive(Debug, Default)]
struct Found {
    sessions: Vec<(Auth, Session)>,
    /// The style for refusals of the handler: that of the `Auth` which was asked first.
    style: Option<Box<HandlerStyle>>,
    /// Whether the handler that writes the sessions back has the request.
    has_reached_handler: bool,
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

    /// Notes that an extractor asks this `Auth` for the identity. The answer depends on it also where there is none.
    pub(super) fn note(&self, request: &Parts, auth: &Auth) {
        let is_first = !self.0.is_taken.swap(true, Ordering::AcqRel);
        if is_first && self.0.writes_back {
            self.found_so_far().style = HandlerStyle::of(request, auth);
        }
    }

    /// Takes the style for refusals of the handler, if they have it not already.
    pub(super) fn take_style(&self) -> Option<Box<HandlerStyle>> {
        self.found_so_far().style.take()
    }

    /// Notes the session that an extractor found.
    pub(super) fn note_session(&self, auth: &Auth, session: &Session) {
        let mut found = self.found_so_far();
        if found.has_reached_handler {
            session.reach_handler();
        }
        found.sessions.push((auth.clone(), session.clone()));
    }

    /// Notes that the handler which writes the sessions back has the request.
    pub(super) fn reach_handler(&self) {
        let mut found = self.found_so_far();
        found.has_reached_handler = true;
        for (_, session) in &found.sessions {
            session.reach_handler();
        }
    }

    /// Returns whether an extractor asked for the identity.
    pub(super) fn is_taken(&self) -> bool {
        self.0.is_taken.load(Ordering::Acquire)
    }

    /// The sessions that extractors found, each with the `Auth` that read it.
    pub(super) fn found(&self) -> Vec<(Auth, Session)> {
        self.found_so_far().sessions.clone()
    }

    /// Returns whether the code that answers the request writes a session back.
    pub(super) fn writes_back(&self) -> bool {
        self.0.writes_back
    }

    /// Nothing here can panic while the lock is held, so what a poisoned lock protects is whole.
    fn found_so_far(&self) -> MutexGuard<'_, Found> {
        self.0.found.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
