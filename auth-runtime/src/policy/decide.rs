//! The policies: decisions that an application makes in its own code.

use std::error::Error;
use std::fmt;

use http::request::Parts;

use super::step_up::StepUp;
use crate::request::Session;

/// A decision of the application's own, for `#[with_api_auth_required(policy = Type)]`. It runs after every other
/// requirement of the handler is met and before any other extractor runs. `S` is the router's state.
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
    /// Any error for which no decision can be made, such as a failed query. The request is then answered with 503 and
    /// never reaches the handler.
    fn decide(
        session: &Session,
        request: &Parts,
        state: &S,
    ) -> impl Future<Output = Result<Decision, PolicyError>> + Send;
}

/// The decision of a [`Policy`].
///
/// ```
/// use std::time::Duration;
///
/// use auth_runtime::policy::{Decided, Decision, StepUp};
///
/// // A large transfer needs a sign-in of the last five minutes.
/// fn judge(amount: u32) -> Decided {
///     if amount < 1_000 {
///         return Ok(Decision::Allow);
///     }
///     Ok(Decision::StepUp(StepUp::default().with_max_age(Duration::from_secs(300))))
/// }
///
/// assert_eq!(judge(10)?, Decision::Allow);
/// # Ok::<(), auth_runtime::policy::PolicyError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Decision {
    /// The request may reach the handler.
    Allow,
    /// The request is answered with 403 `access_denied`.
    Deny,
    /// The user has to sign in again in this way: 401 `insufficient_user_authentication` (RFC 9470). The challenge also
    /// names the demands of the handler's own requirements.
    StepUp(StepUp),
}

/// The error of a [`Policy`] that could not decide. Any error becomes one by `?`. The log shows it and its causes to
/// the operator of the service. The client gets 503 `policy_unavailable` and none of this text.
///
/// ```
/// use auth_runtime::policy::PolicyError;
///
/// fn limit(text: &str) -> Result<u32, PolicyError> {
///     Ok(text.parse::<u32>()?)
/// }
///
/// assert_eq!(limit("many").unwrap_err().to_string(), "invalid digit found in string");
/// ```
pub struct PolicyError(Box<dyn Error + Send + Sync>);

impl<E: Into<Box<dyn Error + Send + Sync>>> From<E> for PolicyError {
    fn from(error: E) -> Self {
        Self(error.into())
    }
}

impl fmt::Display for PolicyError {
    /// Writes the error and its causes, the outermost first.
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

/// The answer of a policy.
pub type Decided = Result<Decision, PolicyError>;

/// The policies of one handler: `()`, a policy and the rest, or a type that the attribute generates. Applications
/// implement [`Policy`].
pub trait Policies<S>: Send + Sync + 'static {
    /// Returns the first decision that is not [`Decision::Allow`], or `Allow` if each policy allows the request.
    ///
    /// # Errors
    ///
    /// The error of the first policy that cannot decide. The policies behind it are not asked.
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
