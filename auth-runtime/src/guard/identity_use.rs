//! The record of whether an extractor took the caller's identity for a handler without a guard.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use http::Extensions;
use http::request::Parts;

use super::guarded::HandlerStyle;
use crate::auth::Auth;
use crate::request::Session;

/// The record that extractors keep for the code that answers the request: that they took the caller's identity, and the
/// sessions that they found. It is in a request's extensions, where there is no guard. Clones share it.
#[derive(Clone, Debug)]
pub(super) struct IdentityUse(Arc<Shared>);

#[derive(Debug)]
/// The record itself.
struct Shared {
    /// True once an extractor asked for the identity.
    is_taken: AtomicBool,
    found: Mutex<Found>,
    /// True if the code that answers the request writes the sessions back.
    writes_back: bool,
}

#[derive(Debug, Default)]
/// The findings of the extractors so far.
struct Found {
    /// The sessions that they found, each with the `Auth` that read it.
    sessions: Vec<(Auth, Session)>,
    /// The style for refusals of the handler, from the `Auth` that was asked first. Empty once it was taken.
    style: Option<Box<HandlerStyle>>,
    /// True once the handler has the request whose guard writes the sessions back.
    has_reached_handler: bool,
}

impl IdentityUse {
    /// Begins to watch the extractors of a request. `writes_back` is true if the code that answers the request will
    /// write back the sessions that they find.
    pub(super) fn watch(extensions: &mut Extensions, writes_back: bool) -> Self {
        let (is_taken, found) = Default::default();
        let watched = Self(Arc::new(Shared { is_taken, found, writes_back }));
        extensions.insert(watched.clone());
        watched
    }

    /// Finds the record of a request.
    pub(super) fn find(extensions: &Extensions) -> Option<Self> {
        extensions.get().cloned()
    }

    /// Notes that an extractor asks this `Auth` for the identity. The answer depends on the identity even where there
    /// is none.
    pub(super) fn note(&self, request: &Parts, auth: &Auth) {
        let is_first = !self.0.is_taken.swap(true, Ordering::AcqRel);
        // Only code that writes sessions back also puts the handler's refusals into the service's style.
        if is_first && self.0.writes_back {
            self.found_so_far().style = HandlerStyle::of(request, auth);
        }
    }

    /// Takes the style for refusals of the handler; `None` where they have it already.
    pub(super) fn take_style(&self) -> Option<Box<HandlerStyle>> {
        self.found_so_far().style.take()
    }

    /// Notes the session that an extractor found.
    pub(super) fn note_session(&self, auth: &Auth, session: &Session) {
        let mut found = self.found_so_far();
        // The handler's guard writes this session back too, although it was found later.
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

    /// Returns the sessions that extractors found, each with the `Auth` that read it.
    pub(super) fn found(&self) -> Vec<(Auth, Session)> {
        self.found_so_far().sessions.clone()
    }

    /// Returns whether the code that answers the request writes a session back.
    pub(super) fn writes_back(&self) -> bool {
        self.0.writes_back
    }

    /// Locks the findings. No code panics while the lock is held, so the data behind a poisoned lock are complete.
    fn found_so_far(&self) -> MutexGuard<'_, Found> {
        self.0.found.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
