//! The first parameter of every handler that is public on purpose.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use http::request::Parts;

use super::behind::commit_all;
use super::guarded::Guarded;
use super::identity_use::IdentityUse;

/// The first parameter of a `#[public]` handler without parameters of its own. It lets every request pass, and marks
/// the handler as public in the list of routes.
#[derive(Clone, Copy, Debug)]
pub struct Public;

impl<S: Send + Sync> FromRequestParts<S> for Public {
    type Rejection = Infallible;

    async fn from_request_parts(_parts: &mut Parts, _state: &S) -> Result<Self, Infallible> {
        Ok(Self)
    }
}

/// The first parameter of a `#[public]` handler with parameters of its own. It lets every request pass. If one of the
/// parameters takes the caller's identity, it treats the answer as a guard with `optional` does.
///
/// `IS_AROUND` is true if axum runs the inner handler before this one, as with `map_response`.
#[derive(Debug)]
#[must_use]
pub struct PublicGuard<const IS_AROUND: bool = false>(Option<IdentityUse>);

impl<const IS_AROUND: bool> PublicGuard<IS_AROUND> {
    /// Notes that the handler's body runs. From then on this guard writes back the sessions that extractors find; code
    /// that the body calls does not.
    pub fn enter(&self) {
        if let Some(identity) = &self.0 {
            identity.reach_handler();
        }
    }

    /// Takes the handler's answer. If an extractor took the caller's identity, adds the session's cookies and the cache
    /// headers.
    pub async fn finish<T>(mut self, response: T) -> Guarded<T> {
        let Some(identity) = self.0.take().filter(IdentityUse::is_taken) else {
            // No parameter took the identity, so the answer does not depend on the caller.
            return Guarded::unchanged(response);
        };
        let lines = match identity.found() {
            none if none.is_empty() => Ok(Vec::new()),
            // Boxed, so that it takes no room in the future of every public handler.
            found => Box::pin(commit_all(found)).await,
        };
        Guarded::new(response, lines, None).styled(identity.take_style())
    }
}

impl<S: Send + Sync, const IS_AROUND: bool> FromRequestParts<S> for PublicGuard<IS_AROUND> {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Infallible> {
        let guard = Self(Some(IdentityUse::watch(&mut parts.extensions, true)));
        if IS_AROUND {
            guard.enter();
        }
        Ok(guard)
    }
}

/// Saves a renewed refresh token if the handler is dropped before its end, because its client has disconnected.
impl<const IS_AROUND: bool> Drop for PublicGuard<IS_AROUND> {
    fn drop(&mut self) {
        for (auth, session) in self.0.as_ref().map(IdentityUse::found).unwrap_or_default() {
            auth.callers().salvage(session);
        }
    }
}
