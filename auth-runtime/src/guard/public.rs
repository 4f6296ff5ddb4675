//! The first parameter of every handler that is public on purpose.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use http::request::Parts;

/// What `#[public]` puts in front of a handler: it lets everybody through, and says so to those who list the routes.
#[derive(Clone, Copy, Debug)]
pub struct Public;

impl<S: Send + Sync> FromRequestParts<S> for Public {
    type Rejection = Infallible;

    async fn from_request_parts(_parts: &mut Parts, _state: &S) -> Result<Self, Infallible> {
        Ok(Self)
    }
}
