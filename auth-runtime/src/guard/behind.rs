//! The other parameters of a protected handler, whose refusals get the same cookies and headers as its answer.

use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::response::{IntoResponse, Response};
use http::request::Parts;

use super::checked::Checked;
use super::guarded::{Guarded, HandlerStyle};
use super::identity_use::IdentityUse;
use crate::auth::Auth;
use crate::cookie::SetCookie;
use crate::request::Session;
use crate::store::SaveError;

/// A parameter behind the guard: a `T`. If `T` refuses the request (400, 404, 413, 415, 422), the answer carries the
/// session's cookies and the cache headers, as the handler's own answer would.
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
        Err(Owed::by(parts).finish(response).await)
    }
}

impl<S, T> FromRequest<S> for Behind<T>
where
    S: Send + Sync,
    T: FromRequest<S>,
{
    type Rejection = Response;

    async fn from_request(request: Request, state: &S) -> Result<Self, Response> {
        let (parts, body) = request.into_parts();
        let owed = Owed::by(&parts);
        let response = match T::from_request(Request::from_parts(parts, body), state).await {
            Ok(value) => return Ok(Self(value)),
            Err(rejection) => rejection.into_response(),
        };
        Err(owed.finish(response).await)
    }
}

/// The cookies, cache headers and style that a parameter's refusal needs, where a guard or an extractor looked for the
/// caller's identity. They are collected before the last parameter consumes the request. The record of `#[public]` is
/// shared, so it also shows that this parameter asks for the identity itself.
struct Owed {
    /// The callers that guards and extractors found.
    checked: Option<Checked>,
    /// The record of extractors behind `#[public]` or `NoStore`.
    public: Option<IdentityUse>,
    /// The style of the guard in front.
    style: Option<Box<HandlerStyle>>,
}

impl Owed {
    /// Collects them from a request.
    fn by(request: &Parts) -> Self {
        let checked = request.extensions.get::<Checked>();
        let style = checked.and_then(Checked::in_front).and_then(|auth| HandlerStyle::of(request, auth));
        Self { checked: checked.cloned(), public: IdentityUse::find(&request.extensions), style }
    }

    /// Adds them to the response of a parameter that refused the request.
    async fn finish(self, response: Response) -> Response {
        // Also where the extractor that asked refused the request, and the parameter made an answer of its own of that
        // refusal.
        let is_asked = self.checked.is_some() || self.public.as_ref().is_some_and(IdentityUse::is_taken);
        if !is_asked {
            return response;
        }
        let lines = match self.pending() {
            none if none.is_empty() => Ok(Vec::new()),
            // Boxed, so that it takes no room in the future of every handler.
            pending => Box::pin(commit_all(pending)).await,
        };
        let style = self.style.or_else(|| self.public.as_ref().and_then(IdentityUse::take_style));
        Guarded::new(response, lines, None).styled(style).into_response()
    }

    /// Returns the sessions that have to be written back with this answer, because no handler runs that would do it. A
    /// session is left out if it has reached a handler, such as middleware that calls this one: then the guard of that
    /// handler writes it back.
    fn pending(&self) -> Vec<(Auth, Session)> {
        let checked = self.checked.iter().flat_map(Checked::written_back);
        let checked = checked.map(|(auth, session)| (auth.clone(), session.clone()));
        let public = self.public.iter().flat_map(IdentityUse::found);
        checked.chain(public).filter(|(_, session)| !session.has_reached_handler()).collect()
    }
}

/// Writes each of these sessions back, and returns the cookies of all.
///
/// # Errors
///
/// The first write that failed.
pub(super) async fn commit_all(sessions: Vec<(Auth, Session)>) -> Result<Vec<SetCookie>, SaveError> {
    let (mut lines, mut failure) = (Vec::new(), None);
    for (auth, session) in sessions {
        match auth.callers().commit(session).await {
            Ok(saved) => lines.extend(saved.into_lines()),
            // The other sessions are written in spite of it.
            Err(error) => failure = failure.or(Some(error)),
        }
    }
    failure.map_or(Ok(lines), Err)
}
