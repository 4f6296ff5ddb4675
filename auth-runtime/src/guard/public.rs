//! The first parameter of every handler that is public on purpose.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use http::request::Parts;

use super::conclude::conclude_whoever_waits;
#[cfg(feature = "oidc")]
use super::conclude::salvage;
use super::guarded::Guarded;
use super::identity_use::IdentityUse;
use crate::store::Saved;

/// What `#[public]` puts in front of a handler without parameters: it lets everybody through, and says so to the list of
/// routes.
#[derive(Clone, Copy, Debug)]
pub struct Public;

impl<S: Send + Sync> FromRequestParts<S> for Public {
    type Rejection = Infallible;

    async fn from_request_parts(_parts: &mut Parts, _state: &S) -> Result<Self, Infallible> {
        Ok(Self)
    }
}

/// What `#[public]` puts in front of a handler with parameters: it lets everybody through, and where one of the parameters
/// takes the caller's identity, it treats the answer as a guard with `optional` does.
#[derive(Debug)]
#[must_use]
pub struct PublicGuard(Option<IdentityUse>);

impl PublicGuard {
    /// Takes the handler's answer. If an extractor took the caller's identity, adds the session's cookies and the cache
    /// headers.
    pub async fn finish<T>(mut self, response: T) -> Guarded<T> {
        let Some(identity) = self.0.take().filter(IdentityUse::is_taken) else {
            return Guarded::unchanged(response);
        };
        let lines = match identity.found() {
            Some((auth, session)) => {
                conclude_whoever_waits(auth, session.clone()).await.map(Saved::into_lines)
            }
            None => Ok(Vec::new()),
        };
        Guarded::new(response, lines, None)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for PublicGuard {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Infallible> {
        Ok(Self(Some(IdentityUse::watch(&mut parts.extensions, true))))
    }
}

/// A handler that is given up before it is done, because its client has left.
#[cfg(feature = "oidc")]
impl Drop for PublicGuard {
    fn drop(&mut self) {
        if let Some((auth, session)) = self.0.as_ref().and_then(IdentityUse::found) {
            salvage(auth, session.clone());
        }
    }
}
