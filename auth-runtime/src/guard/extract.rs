//! The session's parts as handler parameters.

use axum::extract::{FromRef, FromRequestParts, MatchedPath, OptionalFromRequestParts};
use axum::response::{IntoResponse, Response};
use http::request::Parts;
use serde::de::DeserializeOwned;

#[cfg(feature = "testing")]
use super::audited::note_cacheable;
use super::authenticate::{Checked, authenticate};
use super::identity_use::IdentityUse;
use crate::auth::Auth;
use crate::reject::{Rejection, RejectionKind, RejectionStyle, log_rejection, log_unguarded_session};
use crate::session::{Claims, ClaimsMismatch, Reason, Session, User};

/// Behind an attribute only: 500 and a line in the log elsewhere. Without a session, behind `optional` or `#[public]`: 401.
impl<S> FromRequestParts<S> for Session
where
    S: Send + Sync,
    Auth: FromRef<S>,
{
    type Rejection = Rejection;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Rejection> {
        let auth = Auth::from_ref(state);
        let session = session(parts, &auth).await?;
        session.map_err(|reason| Rejection::not_authenticated(reason, auth.rejections(), parts))
    }
}

/// Behind an attribute only: 500 and a line in the log elsewhere. Without a session, behind `optional` or `#[public]`: `None`.
impl<S> OptionalFromRequestParts<S> for Session
where
    S: Send + Sync,
    Auth: FromRef<S>,
{
    type Rejection = Rejection;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Option<Self>, Rejection> {
        Ok(session(parts, &Auth::from_ref(state)).await?.ok())
    }
}

/// Anywhere, read-only. Without a session: 401. With one, a request that a page of another site may have sent: 403, as
/// behind the attribute.
impl<S> FromRequestParts<S> for User
where
    S: Send + Sync,
    Auth: FromRef<S>,
{
    type Rejection = Rejection;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Rejection> {
        let auth = Auth::from_ref(state);
        let session = identity(parts, &auth).await?;
        let refuse = |reason| Rejection::not_authenticated(reason, auth.rejections(), parts);
        session.map(|session| session.user()).map_err(refuse)
    }
}

/// Anywhere, read-only. Without a session: `None`. With one, a request that a page of another site may have sent: 403, as
/// behind `optional`. When the session store fails: 503.
impl<S> OptionalFromRequestParts<S> for User
where
    S: Send + Sync,
    Auth: FromRef<S>,
{
    type Rejection = Rejection;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Option<Self>, Rejection> {
        let session = identity(parts, &Auth::from_ref(state)).await?;
        Ok(session.ok().map(|session| session.user()))
    }
}

/// Anywhere, read-only. As [`User`]; claims that do not fit: 403.
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

/// Finds the session for a handler that may change it. Where nothing writes the session back, the change would be lost.
async fn session(parts: &mut Parts, auth: &Auth) -> Result<Result<Session, Reason>, Rejection> {
    let is_written_back = Checked::find(parts, auth).is_some_and(Checked::is_written_back)
        || IdentityUse::find(&parts.extensions).is_some_and(|identity| identity.writes_back());
    if is_written_back {
        return identity(parts, auth).await;
    }
    log_unguarded_session(parts.extensions.get().map(MatchedPath::as_str), auth.now());
    Err(Rejection::new(RejectionKind::InternalError, auth.rejections(), parts))
}

/// Finds the session, which the guard in front of the handler read if there is one.
async fn identity(parts: &mut Parts, auth: &Auth) -> Result<Result<Session, Reason>, Rejection> {
    match Checked::find(parts, auth) {
        Some(checked) if checked.is_written_back() => checked.session(parts),
        _ => identity_without_guard(parts, auth).await,
    }
}

/// Reads the session at the first question of a request, and tells the code that answers the request of it.
async fn identity_without_guard(
    parts: &mut Parts,
    auth: &Auth,
) -> Result<Result<Session, Reason>, Rejection> {
    let identity = IdentityUse::find(&parts.extensions);
    if let Some(identity) = &identity {
        identity.note();
    }
    #[cfg(feature = "testing")]
    if identity.is_none() {
        note_cacheable(&parts.extensions);
    }
    let writer = identity.filter(IdentityUse::writes_back);
    let session = match Checked::find(parts, auth) {
        Some(checked) => checked.session(parts)?,
        None => authenticate(parts, auth, writer.is_some()).await?,
    };
    if let Some(writer) = writer {
        Checked::promise_write_back(parts);
        if let Ok(session) = &session {
            writer.note_session(auth, session);
        }
    }
    Ok(session)
}
