//! The other parameters of a handler, whose refusals are answers of the handler too.

use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::response::{IntoResponse, Response};
use http::Extensions;
use http::request::Parts;

use super::authenticate::Checked;
use super::conclude::conclude_whoever_waits;
use super::guarded::Guarded;
use crate::auth::Auth;
use crate::session::Session;
use crate::store::Saved;

/// A parameter behind the guard, which is a `T`. If `T` refuses the request (400, 404, 413, 415, 422), the answer carries
/// the session's cookies and the cache headers, as the handler's own would.
#[derive(Clone, Copy, Debug)]
pub struct Behind<T>(pub T);

impl<S, T> FromRequestParts<S> for Behind<T>
where
    S: Send + Sync,
    T: FromRequestParts<S>,
{
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Response> {
        let response = match T::from_request_parts(parts, state).await {
            Ok(value) => return Ok(Self(value)),
            Err(rejection) => rejection.into_response(),
        };
        Err(Identity::find(&parts.extensions).finish(response).await)
    }
}

impl<S, T> FromRequest<S> for Behind<T>
where
    S: Send + Sync,
    T: FromRequest<S>,
{
    type Rejection = Response;

    async fn from_request(request: Request, state: &S) -> Result<Self, Response> {
        let identity = Identity::hand_on(request.extensions());
        let response = match T::from_request(request, state).await {
            Ok(value) => return Ok(Self(value)),
            Err(rejection) => rejection.into_response(),
        };
        Err(identity.finish(response).await)
    }
}

/// What is known of the caller when a parameter refuses the request.
enum Identity {
    /// Nothing asked for it: a public handler.
    Unasked,
    /// The answer depends on it.
    Asked,
    /// The session has to be written back with this answer, since its handler does not run.
    Pending(Auth, Session),
}

impl Identity {
    /// Looks in the request. Where the session belongs to middleware that has the request already, its guard writes the
    /// session back.
    fn find(extensions: &Extensions) -> Self {
        Self::pending_unless(extensions, Session::has_reached_handler)
    }

    /// Looks in the request before its last parameter takes it. A handler that gets the request may be middleware and
    /// hand it on to another handler, whose answer must not write the session of this one.
    fn hand_on(extensions: &Extensions) -> Self {
        Self::pending_unless(extensions, Session::reach_handler)
    }

    fn pending_unless(extensions: &Extensions, is_elsewhere: fn(&Session) -> bool) -> Self {
        match extensions.get::<Checked>().map(Checked::written_back) {
            None => Self::Unasked,
            Some(Some((auth, session))) if !is_elsewhere(session) => {
                Self::Pending(auth.clone(), session.clone())
            }
            Some(_) => Self::Asked,
        }
    }

    async fn finish(self, response: Response) -> Response {
        let lines = match self {
            Self::Unasked => return response,
            Self::Asked => Ok(Vec::new()),
            // Boxed, so that it takes no room in the future of every handler.
            Self::Pending(auth, session) => {
                Box::pin(conclude_whoever_waits(&auth, session)).await.map(Saved::into_lines)
            }
        };
        Guarded::new(response, lines, None).into_response()
    }
}
