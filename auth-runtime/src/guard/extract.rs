//! The extractors that give a handler the session or a part of it.

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

/// Works behind an attribute only; elsewhere the answer is 500, with a line in the log. Without a session, behind
/// `optional` or `#[public]`, the answer is 401.
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

/// Works behind an attribute only; elsewhere the answer is 500, with a line in the log. Without a session, behind
/// `optional` or `#[public]`, it is `None`.
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

/// Works anywhere and is read-only. Without a session the answer is 401. With a session, a request that a page of
/// another site may have sent gets 403, as behind the attribute.
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

/// Works anywhere and is read-only. Without a session it is `None`. With a session, a request that a page of another
/// site may have sent gets 403, as behind `optional`. If the session store failed, the answer is 503.
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

/// Works like [`User`]. Claims that do not fit `T` get 403.
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

/// The response is in the service's style behind the attribute. Elsewhere it has the default style, since neither the
/// hook nor the request is at hand.
impl IntoResponse for ClaimsMismatch {
    fn into_response(self) -> Response {
        let kind = RejectionKind::ClaimsMismatch;
        log_rejection(kind);
        respond_unstyled(kind)
    }
}

/// Finds the caller for a handler that may change the session. If no code writes the session back, the change would be
/// lost, so such a request is refused.
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

/// Finds the caller for a handler that only reads. If there is a guard in front, it found the caller already.
async fn caller(parts: &mut Parts, auth: &Auth) -> Result<Caller, Rejection> {
    match Checked::find_written_back(parts, auth) {
        Some(found) => found.caller(parts),
        None => caller_without_guard(parts, auth).await,
    }
}

/// Finds the caller at the first question of a request, and notes the question for the code that answers the request.
async fn caller_without_guard(parts: &mut Parts, auth: &Auth) -> Result<Caller, Rejection> {
    let identity = IdentityUse::find(&parts.extensions);
    if let Some(identity) = &identity {
        identity.note(parts, auth);
    }
    // Neither a guard nor `NoStore` adds cache headers to this answer.
    #[cfg(feature = "testing")]
    if identity.is_none() {
        note_cacheable(&parts.extensions);
    }
    match (identity.filter(IdentityUse::writes_back), Checked::find(parts, auth)) {
        (None, Some(found)) => found.caller(parts),
        (None, None) => authenticate(parts, auth, AskedBy::Parameter).await,
        // A session that an extractor of other middleware read is not this handler's to change.
        (Some(writer), _) => {
            let caller = authenticate(parts, auth, AskedBy::WrittenParameter).await?;
            if let Some(session) = caller.session() {
                writer.note_session(auth, session);
            }
            Ok(caller)
        }
    }
}
