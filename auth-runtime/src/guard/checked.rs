//! The callers that guards and extractors found in a request, for the guards and extractors behind them.

use http::header::COOKIE;
use http::request::Parts;
use http::{HeaderMap, HeaderValue};

use super::cross_site::refuse_cross_site;
use crate::auth::Auth;
use crate::reject::Rejection;
use crate::request::{Caller, Session};

/// The callers that were found in a request. They are in its extensions, so that each `Auth` authenticates a request
/// once. Clones of the request share the sessions.
#[derive(Clone)]
pub(super) struct Checked {
    first: Found,
    /// The findings of another `Auth`, or of the same one in other cookies. Nearly always empty.
    others: Vec<Found>,
}

/// The caller of a request. A session is kept only after the request passed the cross-site check.
#[derive(Clone)]
pub(super) struct Found {
    pub(super) caller: Caller,
    pub(super) by: Auth,
    pub(super) cookies: Cookies,
    pub(super) asked_by: AskedBy,
    /// True if the guard in front of the handler found the caller.
    pub(super) is_in_front: bool,
}

/// The code that asked for the caller first.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum AskedBy {
    /// A guard, which writes the session back.
    Guard,
    /// An extractor whose session no code writes back.
    Parameter,
    /// A parameter of a handler whose session is written back: one behind `#[public]`.
    WrittenParameter,
}

impl Checked {
    /// Finds the caller that this very `auth` found in the cookies which the request has now. A caller that was found
    /// otherwise proves nothing.
    pub(super) fn find<'p>(parts: &'p Parts, auth: &Auth) -> Option<&'p Found> {
        parts.extensions.get::<Self>()?.all().find(|found| found.is_of(auth, &parts.headers))
    }

    /// Finds the caller like [`Checked::find`], but only one whose session the code which answers the request writes
    /// back. A session that an extractor of other middleware found is not written back, and belongs to no guard.
    pub(super) fn find_written_back<'p>(parts: &'p Parts, auth: &Auth) -> Option<&'p Found> {
        Self::find(parts, auth).filter(|found| found.is_written_back())
    }

    /// Keeps a caller, in place of the one that the same `Auth` found before in the same cookies.
    pub(super) fn keep(parts: &mut Parts, found: Found) {
        let Some(checked) = parts.extensions.get_mut::<Self>() else {
            parts.extensions.insert(Self { first: found, others: Vec::new() });
            return;
        };
        // The latest guard is the one in front of the handler.
        if found.is_in_front {
            checked.all_mut().for_each(|old| old.is_in_front = false);
        }
        if let Some(old) = checked.all_mut().find(|old| old.is_of(&found.by, &parts.headers)) {
            *old = found;
            return;
        }
        checked.others.push(found);
    }

    /// Notes that a guard of this `Auth` stands in front of the handler, and did not have to look for the caller.
    pub(super) fn put_in_front(parts: &mut Parts, auth: &Auth) {
        if let Some(checked) = parts.extensions.get_mut::<Self>() {
            checked.all_mut().for_each(|found| found.is_in_front = found.is_of(auth, &parts.headers));
        }
    }

    /// Gives this handle to all extractors that ask for its session from now on.
    pub(super) fn hand_out(parts: &mut Parts, handle: &Session) {
        let Some(checked) = parts.extensions.get_mut::<Self>() else { return };
        for found in checked.all_mut() {
            if let Caller::SignedIn(session) = &mut found.caller
                && session.is_same(handle)
            {
                *session = handle.clone();
            }
        }
    }

    /// Returns whether an extractor that asks this `Auth` for the session gets this one.
    pub(super) fn is_judged(parts: &Parts, auth: &Auth, session: &Session) -> bool {
        let found = Self::find_written_back(parts, auth).and_then(|found| found.caller.session());
        found.is_some_and(|found| found.is_same(session))
    }

    /// Returns the `Auth` of the guard in front of the handler, if there is a guard.
    pub(super) fn in_front(&self) -> Option<&Auth> {
        self.all().find(|found| found.is_in_front).map(|found| &found.by)
    }

    /// Returns the sessions that the code which answers the request writes back, each with the `Auth` that read it.
    pub(super) fn written_back(&self) -> impl Iterator<Item = (&Auth, &Session)> {
        let found = self.all().filter(|found| found.is_written_back());
        found.filter_map(|found| Some((&found.by, found.caller.session()?)))
    }

    fn all(&self) -> impl Iterator<Item = &Found> {
        std::iter::once(&self.first).chain(&self.others)
    }

    fn all_mut(&mut self) -> impl Iterator<Item = &mut Found> {
        std::iter::once(&mut self.first).chain(&mut self.others)
    }
}

impl Found {
    /// Returns the sender of the request, if the request passes the cross-site check as it is now: middleware may have
    /// changed it.
    ///
    /// # Errors
    ///
    /// The request has a session, and may have been sent by a page of another site.
    pub(super) fn caller(&self, parts: &Parts) -> Result<Caller, Rejection> {
        if self.caller.session().is_some() {
            refuse_cross_site(parts, &self.by)?;
        }
        Ok(self.caller.clone())
    }

    /// Returns whether the code that answers the request writes the session back.
    fn is_written_back(&self) -> bool {
        self.asked_by != AskedBy::Parameter
    }

    /// Returns whether this `Auth` found the caller, in the cookies that the request has now.
    fn is_of(&self, auth: &Auth, headers: &HeaderMap) -> bool {
        self.by.is_same(auth) && self.cookies.are_those_of(headers)
    }
}

/// The values of `Cookie` in which a session was looked for. They share the bytes of the request's headers.
#[derive(Clone)]
pub(super) struct Cookies {
    first: Option<HeaderValue>,
    others: Vec<HeaderValue>,
}

impl Cookies {
    pub(super) fn of(headers: &HeaderMap) -> Self {
        let mut values = headers.get_all(COOKIE).iter().cloned();
        Self { first: values.next(), others: values.collect() }
    }

    /// Returns whether the request has the same cookies now.
    fn are_those_of(&self, headers: &HeaderMap) -> bool {
        let mut ours = self.first.iter().chain(&self.others).map(HeaderValue::as_bytes);
        let mut theirs = headers.get_all(COOKIE).iter().map(HeaderValue::as_bytes);
        loop {
            match (ours.next(), theirs.next()) {
                (None, None) => return true,
                // Mostly these are the very same bytes, which need not be compared.
                (Some(ours), Some(theirs)) if std::ptr::eq(ours, theirs) || ours == theirs => {}
                _ => return false,
            }
        }
    }
}
