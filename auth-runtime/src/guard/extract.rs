//! The session's parts as handler parameters.

use axum::extract::{FromRef, FromRequestParts, OptionalFromRequestParts};
use axum::response::{IntoResponse, Response};
use http::request::Parts;
use serde::de::DeserializeOwned;

use super::authenticate::{Authenticated, peek, reject};
use crate::auth::Auth;
use crate::reject::{Kind, Realm, Rejection};
use crate::session::{Claims, ClaimsMismatch, Session, User};

/// Only behind the attribute: 500 and a line in the log elsewhere.
impl<S: Send + Sync> FromRequestParts<S> for Session {
    type Rejection = Rejection;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Rejection> {
        if let Some(authenticated) = parts.extensions.get::<Authenticated>() {
            return Ok(authenticated.session.clone());
        }
        tracing::error!(
            path = parts.uri.path(),
            "a handler takes `Session` but does not carry #[with_api_auth_required]"
        );
        Err(Rejection::new(Kind::Misuse, Realm::default(), &parts.headers))
    }
}

/// Anywhere, read-only. Without a session: 401.
impl<S> FromRequestParts<S> for User
where
    S: Send + Sync,
    Auth: FromRef<S>,
{
    type Rejection = Rejection;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Rejection> {
        let auth = Auth::from_ref(state);
        if let Some(session) = Authenticated::find(parts, &auth) {
            return Ok(session.user());
        }
        match peek(&parts.headers, &auth) {
            Some(session) => Ok(session.user()),
            None => Err(reject(Kind::NotAuthenticated, &auth, &parts.headers)),
        }
    }
}

/// Anywhere, read-only. Without a session: `None`.
impl<S> OptionalFromRequestParts<S> for User
where
    S: Send + Sync,
    Auth: FromRef<S>,
{
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Option<Self>, Self::Rejection> {
        let user = <Self as FromRequestParts<S>>::from_request_parts(parts, state).await;
        Ok(user.ok())
    }
}

/// Anywhere, read-only. Without a session: 401; claims that do not fit: 403.
impl<S, T> FromRequestParts<S> for Claims<T>
where
    S: Send + Sync,
    Auth: FromRef<S>,
    T: DeserializeOwned,
{
    type Rejection = Rejection;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Rejection> {
        let user = <User as FromRequestParts<S>>::from_request_parts(parts, state).await?;
        user.claims().map(Claims).map_err(|_| {
            tracing::warn!(target: "auth_runtime::refusal", reason = "claims_mismatch", "claims refused");
            reject(Kind::ClaimsMismatch, &Auth::from_ref(state), &parts.headers)
        })
    }
}

impl IntoResponse for ClaimsMismatch {
    fn into_response(self) -> Response {
        Rejection::new(Kind::ClaimsMismatch, Realm::default(), &http::HeaderMap::new()).into_response()
    }
}
