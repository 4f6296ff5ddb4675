//! The session's parts as handler parameters.

use axum::extract::{FromRef, FromRequestParts, MatchedPath, OptionalFromRequestParts};
use axum::response::{IntoResponse, Response};
use http::request::Parts;
use serde::de::DeserializeOwned;

use super::authenticate::{Checked, peek};
use crate::auth::Auth;
use crate::reject::{Rejection, RejectionKind, RejectionStyle, log_rejection, log_unguarded_session};
use crate::session::{Claims, ClaimsMismatch, Reason, Session, User};

/// Only behind the attribute: 500 and a line in the log elsewhere. Behind `optional` and without a session: 401.
impl<S> FromRequestParts<S> for Session
where
    S: Send + Sync,
    Auth: FromRef<S>,
{
    type Rejection = Rejection;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Rejection> {
        let auth = Auth::from_ref(state);
        let session = guarded(parts, &auth)?;
        session.map_err(|reason| Rejection::not_authenticated(reason, auth.rejections(), parts))
    }
}

/// Only behind the attribute: 500 and a line in the log elsewhere. Behind `optional` and without a session: `None`.
impl<S> OptionalFromRequestParts<S> for Session
where
    S: Send + Sync,
    Auth: FromRef<S>,
{
    type Rejection = Rejection;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Option<Self>, Rejection> {
        Ok(guarded(parts, &Auth::from_ref(state))?.ok())
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
        let user = user(parts, &auth).await?;
        user.map_err(|reason| Rejection::not_authenticated(reason, auth.rejections(), parts))
    }
}

/// Anywhere, read-only. Without a session: `None`; when the session store fails: 503.
impl<S> OptionalFromRequestParts<S> for User
where
    S: Send + Sync,
    Auth: FromRef<S>,
{
    type Rejection = Rejection;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Option<Self>, Rejection> {
        Ok(user(parts, &Auth::from_ref(state)).await?.ok())
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
            let kind = RejectionKind::ClaimsMismatch;
            log_rejection(kind);
            Rejection::new(kind, Auth::from_ref(state).rejections(), parts)
        })
    }
}

/// Outside of a request there is no hook to ask, and the default is sent.
impl IntoResponse for ClaimsMismatch {
    fn into_response(self) -> Response {
        let kind = RejectionKind::ClaimsMismatch;
        log_rejection(kind);
        Rejection::without_request(kind, &RejectionStyle::default()).into_response()
    }
}

/// What the guard in front of this handler found. Without a guard, what happens to the session would be lost.
fn guarded(parts: &Parts, auth: &Auth) -> Result<Result<Session, Reason>, Rejection> {
    if let Some(session) = Checked::find(parts, auth) {
        return Ok(session.clone());
    }
    log_unguarded_session(parts.extensions.get().map(MatchedPath::as_str), auth.now());
    Err(Rejection::new(RejectionKind::InternalError, auth.rejections(), parts))
}

async fn user(parts: &Parts, auth: &Auth) -> Result<Result<User, Reason>, Rejection> {
    let session = match Checked::find(parts, auth) {
        Some(session) => session.clone(),
        None => peek(parts, auth).await?,
    };
    Ok(session.map(|session| session.user()))
}
