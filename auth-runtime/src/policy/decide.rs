//! Policies: decisions that an application makes in its own code.

use std::error::Error;
use std::fmt;

use http::request::Parts;

use super::step_up::StepUp;
use crate::request::Session;

/// A decision of the application's own, for `#[with_api_auth_required(policy = Type)]`. It runs after every other
/// requirement of the handler was met and before any other extractor; `S` is the router's state.
///
/// ```
/// use auth_runtime::policy::{Decision, Policy, PolicyError};
/// use auth_runtime::{Auth, Session};
/// use http::request::Parts;
///
/// struct OfficeHours;
///
/// impl Policy<Auth> for OfficeHours {
///     async fn decide(session: &Session, request: &Parts, _: &Auth) -> Result<Decision, PolicyError> {
///         let is_reading = request.method.is_safe();
///         let is_staff = session.user().get("staff") == Some(true.into());
///         Ok(if is_reading || is_staff { Decision::Allow } else { Decision::Deny })
///     }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no policy for a router with the state `{S}`",
    label = "does not implement `Policy<{S}>`",
    note = "write `impl Policy<{S}> for {Self}`, or `impl<S: Sync> Policy<S> for {Self}` for every state"
)]
pub trait Policy<S>: Send + Sync + 'static {
    /// Decides whether the request may reach the handler.
    ///
    /// # Errors
    ///
    /// The decision could not be made, because what it depends on failed. Answered with 503, never let through.
    fn decide(
        session: &Session,
        request: &Parts,
        state: &S,
    ) -> impl Future<Output = Result<Decision, PolicyError>> + Send;
}

/// What a [`Policy`] decides.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Decision {
    /// The request goes on.
    Allow,
    /// 403 `access_denied`.
    Deny,
    /// The user has to sign in again, in this way: 401 `insufficient_user_authentication` (RFC 9470). The challenge
    /// names what the handler's own requirements demand as well.
    StepUp(StepUp),
}

/// Why a [`Policy`] could not decide. Any error becomes one by `?`. The operator of the service sees it and its
/// causes in the log; the client gets 503 `policy_unavailable` and not a word of it.
pub struct PolicyError(Box<dyn Error + Send + Sync>);

impl<E: Into<Box<dyn Error + Send + Sync>>> From<E> for PolicyError {
    fn from(error: E) -> Self {
        Self(error.into())
    }
}

impl fmt::Display for PolicyError {
    /// The error and its causes, the outermost first.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)?;
        let mut cause = self.0.source();
        while let Some(error) = cause {
            write!(f, ": {error}")?;
            cause = error.source();
        }
        Ok(())
    }
}

impl fmt::Debug for PolicyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PolicyError({})", self.0)
    }
}

/// What policies answer.
pub type Decided = Result<Decision, PolicyError>;

/// The policies of one handler: `()`, one and the rest, or a generated type that stands for these.
pub trait Policies<S>: Send + Sync + 'static {
    /// The first decision that is not [`Decision::Allow`], or that.
    fn decide(
        session: &Session,
        request: &Parts,
        state: &S,
    ) -> impl Future<Output = Result<Decision, PolicyError>> + Send;
}

impl<S: Sync> Policies<S> for () {
    async fn decide(_: &Session, _: &Parts, _: &S) -> Result<Decision, PolicyError> {
        Ok(Decision::Allow)
    }
}

impl<S: Sync, P: Policy<S>, Rest: Policies<S>> Policies<S> for (P, Rest) {
    async fn decide(session: &Session, request: &Parts, state: &S) -> Result<Decision, PolicyError> {
        match P::decide(session, request, state).await? {
            Decision::Allow => Rest::decide(session, request, state).await,
            other => Ok(other),
        }
    }
}
