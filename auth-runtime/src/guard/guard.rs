//! The first parameter of every protected handler.

use std::fmt;
use std::marker::PhantomData;

use axum::extract::{FromRef, FromRequestParts};
use http::request::Parts;

use super::authenticate::{Authenticated, DueWrite, authenticate};
use super::guarded::Guarded;
use crate::auth::Auth;
use crate::reject::Rejection;
use crate::session::WriteError;

/// What a handler demands of the session beyond being there. Implemented by generated markers.
pub trait Requirements: Send + Sync + 'static {}

/// Somebody is signed in; nothing more is demanded.
#[derive(Debug)]
pub struct SignedIn;

impl Requirements for SignedIn {}

/// Proof that the session was checked before any other parameter was looked at, for axum extracts parameters
/// in their order. Only its extraction makes one.
#[must_use]
pub struct Guard<R> {
    auth: Auth,
    due: Option<Box<DueWrite>>,
    requirements: PhantomData<fn() -> R>,
}

impl<R: Requirements> Guard<R> {
    /// Takes the handler's answer and adds what belongs to the session: cookies and cache headers.
    #[expect(clippy::unused_async, reason = "a session store writes before the response leaves")]
    pub async fn finish<T>(self, response: T) -> Guarded<T> {
        let Some(due) = self.due else { return Guarded::new(response, Ok(Vec::new())) };
        let lines = match self.auth.write_back(&due.session, &due.connections, &due.seen) {
            // Nothing in the session changed, so the browser may as well keep the cookie that it has.
            Err(error @ WriteError::SessionTooLarge { .. }) => {
                tracing::error!(%error, "the session could not be extended");
                Ok(Vec::new())
            }
            lines => lines,
        };
        Guarded::new(response, lines)
    }
}

impl<S, R> FromRequestParts<S> for Guard<R>
where
    S: Send + Sync,
    Auth: FromRef<S>,
    R: Requirements,
{
    type Rejection = Rejection;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Rejection> {
        let auth = Auth::from_ref(state);
        // A handler with two attributes has two guards. The first one reads the session, and writes it.
        let due = match Authenticated::find(parts, &auth) {
            Some(_) => None,
            None => authenticate(parts, &auth)?,
        };
        Ok(Self { auth, due, requirements: PhantomData })
    }
}

impl<R> fmt::Debug for Guard<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Guard")
    }
}
