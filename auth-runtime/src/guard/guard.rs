//! The first parameter of every protected handler.

use std::fmt;
use std::marker::PhantomData;

use axum::extract::{FromRef, FromRequestParts};
use axum::response::{IntoResponse, Response};
use http::request::Parts;

use super::authenticate::{authenticate, peek};
use super::authorize::authorize;
use super::checked::{AskedBy, Checked};
use super::guarded::{Guarded, HandlerStyle};
use super::sign_in::SignInRedirect;
use crate::auth::Auth;
use crate::policy::{Policies, Protection};
use crate::reject::Rejection;
use crate::request::{Caller, Session};
use crate::session::{Reason, User};
use crate::store::Saved;

/// The demand of the guard on a router's state, for compiler messages that say what is missing.
#[diagnostic::on_unimplemented(
    message = "the router's state `{Self}` has no `Auth`",
    label = "there is no `Auth` in this state",
    note = "keep an `Auth` in the state, and say where: `impl FromRef<{Self}> for Auth`",
    note = "the `impl` needs a state type of your own: instead of `Arc<Inner>` write `struct AppState(Arc<Inner>)`"
)]
pub trait ProvidesAuth {}

#[diagnostic::do_not_recommend]
impl<S> ProvidesAuth for S where Auth: FromRef<S> {}

/// The demand of the guard on a router's state, where rustc has to find out the state from the demand: from `Auth` it
/// can, from the state it cannot.
#[diagnostic::on_unimplemented(
    message = "the router's state `{S}` has no `Auth`",
    label = "the guard of this handler takes an `Auth` from the router's state",
    note = "keep an `Auth` in the state, and say where: `impl FromRef<{S}> for Auth`",
    note = "if `{S}` is not the state of your router, name the state: `#[axum::debug_handler(state = AppState)]`"
)]
pub trait ComesFrom<S>: FromRef<S> {}

#[diagnostic::do_not_recommend]
impl<S, T> ComesFrom<S> for T where T: FromRef<S> {}

/// The demands of a handler on the session. The attribute generates the types that implement it.
pub trait Requirements: Send + Sync + 'static {
    /// The options of the attribute.
    const PROTECTION: &'static Protection;

    /// True if no other parameter and no policy of the handler asks for the session.
    const IS_ALONE: bool = false;

    /// True if axum runs the inner handler before this one, as with `map_response`.
    const IS_AROUND: bool = false;

    /// The policies of the handler: `()`, or the generated type itself where there are policies.
    type Policies;
}

/// The demand that a user is signed in, and nothing more.
#[derive(Debug)]
pub struct SignedIn;

impl Requirements for SignedIn {
    const PROTECTION: &'static Protection = &Protection::SIGNED_IN;

    type Policies = ();
}

/// The demands of `R`, for a handler without other parameters and policies: no other code asks for the session.
#[derive(Debug)]
pub struct Alone<R>(PhantomData<fn() -> R>);

impl<R: Requirements> Requirements for Alone<R> {
    const PROTECTION: &'static Protection = R::PROTECTION;

    const IS_ALONE: bool = true;

    type Policies = R::Policies;
}

/// The demands of `R`, for a handler that gets the response of another one, which runs before it.
#[derive(Debug)]
pub struct Around<R>(PhantomData<fn() -> R>);

impl<R: Requirements> Requirements for Around<R> {
    const PROTECTION: &'static Protection = R::PROTECTION;

    const IS_AROUND: bool = true;

    type Policies = R::Policies;
}

/// The proof that the session was checked before any other parameter was extracted, since axum extracts parameters in
/// their order. Only the extraction of a guard makes one.
#[must_use]
pub struct Guard<R> {
    auth: Auth,
    session: Option<Session>,
    /// True if this guard read the session and so has to write it back.
    is_first: bool,
    style: Option<Box<HandlerStyle>>,
    requirements: PhantomData<fn() -> R>,
}

impl<R: Requirements> Guard<R> {
    /// Returns the user, for a handler without `optional`.
    ///
    /// # Panics
    ///
    /// There is no session. The attribute calls this for handlers that never run without one.
    pub fn user(&self) -> User {
        #[expect(clippy::unreachable, reason = "only `optional` lets somebody pass without a session")]
        self.user_if_any().unwrap_or_else(|| unreachable!("this handler never runs without a session"))
    }

    /// Returns the user, if there is a session.
    pub fn user_if_any(&self) -> Option<User> {
        self.session.as_ref().map(Session::user)
    }

    /// Notes that the handler's body runs. From then on this guard writes the session back. Code that the body calls,
    /// such as a handler behind middleware or the parts of a batch, does not.
    pub fn enter(&self) {
        if let Some(session) = &self.session {
            session.reach_handler();
        }
    }

    /// Takes the handler's answer and adds the session's cookies and the cache headers.
    pub async fn finish<T>(mut self, response: T) -> Guarded<T> {
        let lines = match self.take_own_session() {
            Some(session) => self.auth.callers().commit(session).await.map(Saved::into_lines),
            None => Ok(Vec::new()),
        };
        Guarded::new(response, lines, R::PROTECTION.cache).styled(self.style.take())
    }
}

impl<R> Guard<R> {
    /// Takes the session, if this guard has to write it back.
    fn take_own_session(&mut self) -> Option<Session> {
        self.session.take().filter(|_| self.is_first)
    }
}

impl<S, R> FromRequestParts<S> for Guard<R>
where
    S: Send + Sync,
    Auth: ComesFrom<S>,
    R: Requirements,
    R::Policies: Policies<S>,
{
    type Rejection = TurnedAway;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, TurnedAway> {
        let auth = Auth::from_ref(state);
        // A handler with two attributes has two guards. The first one reads the session and writes it back; each one
        // judges it by its own requirements. A guard takes no session from an extractor of middleware.
        let (caller, is_first) = match Checked::find_written_back(parts, &auth) {
            Some(found) => {
                let caller = found.caller(parts)?;
                Checked::put_in_front(parts, &auth);
                (caller, false)
            }
            None if R::IS_ALONE => (peek(parts, &auth).await?, true),
            None => (authenticate(parts, &auth, AskedBy::Guard).await?, true),
        };
        let session = match caller {
            Caller::SignedIn(session) => {
                let authorized = authorize::<R, S>(&session, parts, &auth, state).await;
                authorized.map_err(|refusal| refusal.or_sign_in(&session, R::PROTECTION, parts, &auth))?;
                Some(session)
            }
            Caller::Anonymous(_) if R::PROTECTION.admits_anybody() => None,
            Caller::Anonymous(reason) => {
                return Err(TurnedAway::without_session(reason, R::PROTECTION, parts, &auth));
            }
        };
        let style = HandlerStyle::of(parts, &auth);
        let guard = Self { auth, session, is_first, style, requirements: PhantomData };
        // The inner handler runs before this handler's body, so this guard has to claim the session here.
        if R::IS_AROUND {
            guard.enter();
        }
        Ok(guard)
    }
}

/// Saves a renewed refresh token if the handler is dropped before its end, because its client has disconnected.
impl<R> Drop for Guard<R> {
    fn drop(&mut self) {
        if let Some(session) = self.take_own_session() {
            self.auth.callers().salvage(session);
        }
    }
}

/// The answer to a request that a guard does not let through.
#[derive(Debug)]
pub enum TurnedAway {
    /// A refusal.
    Rejected(Rejection),
    /// The response of an extractor that a policy asked.
    Extractor(Box<Guarded<Response>>),
    /// A redirect to the sign-in.
    SignIn(SignInRedirect),
}

impl TurnedAway {
    fn without_session(reason: Reason, protection: &Protection, parts: &Parts, auth: &Auth) -> Self {
        let redirect = if protection.login { SignInRedirect::offer(protection, parts, auth) } else { None };
        match redirect {
            Some(redirect) => Self::SignIn(redirect),
            None => Self::Rejected(Rejection::not_authenticated(reason, auth.rejections(), parts)),
        }
    }

    /// Leads a browser to the sign-in where a stronger one could help, and else leaves the refusal as it is.
    fn or_sign_in(self, session: &Session, protection: &Protection, parts: &Parts, auth: &Auth) -> Self {
        let Self::Rejected(rejection) = &self else { return self };
        let step_up = rejection.step_up().filter(|_| protection.login);
        let began = session.verified().document().created_at();
        let redirect = step_up.and_then(|step_up| SignInRedirect::offer_step_up(step_up, began, parts, auth));
        redirect.map_or(self, Self::SignIn)
    }
}

impl From<Rejection> for TurnedAway {
    fn from(rejection: Rejection) -> Self {
        Self::Rejected(rejection)
    }
}

impl IntoResponse for TurnedAway {
    fn into_response(self) -> Response {
        let response = match self {
            Self::Rejected(rejection) => rejection.into_response(),
            Self::Extractor(response) => response.into_response(),
            Self::SignIn(redirect) => redirect.into_response(),
        };
        #[cfg(feature = "testing")]
        let response = super::audited::refused_by_guard(response);
        response
    }
}

impl<R> fmt::Debug for Guard<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Guard")
    }
}
