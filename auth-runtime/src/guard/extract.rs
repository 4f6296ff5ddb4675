//! The session's parts as handler parameters.

use axum::extract::{FromRef, FromRequestParts, MatchedPath, OptionalFromRequestParts};
use axum::response::{IntoResponse, Response};
use http::request::Parts;
use serde::de::DeserializeOwned;

#[cfg(feature = "testing")]
use super::audited::note_cacheable;
use super::authenticate::authenticate;
use super::checked::{AskedBy, Checked};
use super::identity_use::IdentityUse;
use crate::auth::Auth;
use crate::reject::{Rejection, RejectionKind, log_rejection, log_unguarded_session, respond_unstyled};
use crate::request::{Caller, Session};
use crate::session::{Claims, ClaimsMismatch, User};

/// Behind an attribute only: 500 and a line in the log elsewhere. Without a session, behind `optional` or `#[public]`: 401.
impl<S> FromRequestParts<S> for Session
where
    S: Send + Sync,
    Auth: FromRef<S>,
{
    type Rejection = Rejection;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Rejection> {
        let auth = Auth::from_ref(state);
        let caller = changing_caller(parts, &auth).await?;
        let refuse = |reason| Rejection::not_authenticated(reason, auth.rejections(), parts);
        caller.into_session().map_err(refuse)
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
        Ok(changing_caller(parts, &Auth::from_ref(state)).await?.into_session().ok())
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
        let caller = caller(parts, &auth).await?;
        let refuse = |reason| Rejection::not_authenticated(reason, auth.rejections(), parts);
        caller.into_session().map(|session| session.user()).map_err(refuse)
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
        let caller = caller(parts, &Auth::from_ref(state)).await?;
        Ok(caller.session().map(Session::user))
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

/// Behind the attribute in the service's style, and in the default one elsewhere: there neither hook nor request is at hand.
impl IntoResponse for ClaimsMismatch {
    fn into_response(self) -> Response {
        let kind = RejectionKind::ClaimsMismatch;
        log_rejection(kind);
        respond_unstyled(kind)
    }
}

/// Finds the caller for a handler that may change the session. Where nothing writes the session back, the change would be
/// lost.
async fn changing_caller(parts: &mut Parts, auth: &Auth) -> Result<Caller, Rejection> {
    if let Some(found) = Checked::find_written_back(parts, auth) {
        return found.caller(parts);
    }
    if IdentityUse::find(&parts.extensions).is_some_and(|identity| identity.writes_back()) {
        return caller_without_guard(parts, auth).await;
    }
    log_unguarded_session(parts.extensions.get().map(MatchedPath::as_str), auth.now());
    Err(Rejection::new(RejectionKind::InternalError, auth.rejections(), parts))
}

/// Finds the caller, whom the guard in front of the handler found if there is one.
async fn caller(parts: &mut Parts, auth: &Auth) -> Result<Caller, Rejection> {
    match Checked::find_written_back(parts, auth) {
        Some(found) => found.caller(parts),
        None => caller_without_guard(parts, auth).await,
    }
}

/// Finds the caller at the first question of a request, and tells the code that answers the request of the question.
async fn caller_without_guard(parts: &mut Parts, auth: &Auth) -> Result<Caller, Rejection> {
    let identity = IdentityUse::find(&parts.extensions);
    if let Some(identity) = &identity {
        identity.note(parts, auth);
    }
    #[cfg(feature = "testing")]
    if identity.is_none() {
        note_cacheable(&parts.extensions);
    }
    match (identity.filter(IdentityUse::writes_back), Checked::find(parts, auth)) {
        (None, Some(found)) => found.caller(parts),
        (None, None) => authenticate(parts, auth, AskedBy::Parameter).await,
        // What an extractor of other middleware read is not this handler's to change.
        (Some(writer), _) => {
            let caller = authenticate(parts, auth, AskedBy::WrittenParameter).await?;
            if let Some(session) = caller.session() {
                writer.note_session(auth, session);
            }
            Ok(caller)
        }
    }
}
