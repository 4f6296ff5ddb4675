//! The policies: decisions that an application makes in its own code.

use http::request::Parts;

use super::error::PolicyError;
use super::handover::Recipient;
use super::step_up::StepUp;
use crate::request::Session;

/// A decision of the application's own, for `#[with_api_auth_required(policy = Type)]`. `S` is the router's state. The
/// policy is asked after every other requirement of the handler is met, and before any parameter of the handler is
/// extracted.
///
/// Mostly [`#[policy]`](macro@crate::policy::policy) on an `async fn` implements it. By hand it is implemented for a type that
/// decides on the session and the head of the request as they are:
///
/// ```
/// use auth_runtime::policy::{Decided, Decision, Loads, Policy};
/// use auth_runtime::{Auth, Session};
/// use http::request::Parts;
///
/// struct OfficeHours;
///
/// impl Loads for OfficeHours {
///     type Value = ();
/// }
///
/// impl Policy<Auth> for OfficeHours {
///     async fn decide(session: &Session, request: &mut Parts, _: &Auth) -> Decided {
///         let is_reading = request.method.is_safe();
///         let is_staff = session.user().get("staff") == Some(true.into());
///         Ok(Decision::allow_if(is_reading || is_staff))
///     }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no policy for a router with the state `{S}`",
    label = "does not implement `Policy<{S}>`",
    note = "write `#[policy]` on an `async fn`, or implement `Policy<{S}>` for `{Self}`"
)]
pub trait Policy<S>: Loads {
    /// Decides whether the request may reach the handler. `session` is the one that the guard has validated. A change
    /// of `request` is seen by the handler's parameters.
    ///
    /// # Errors
    ///
    /// Any error for which no decision can be made, such as a failed query. The request is then answered with 503 and
    /// never reaches the handler. [`PolicyError::refused`] is the refusal of an extractor, which is the answer.
    fn decide(
        session: &Session,
        request: &mut Parts,
        state: &S,
    ) -> impl Future<Output = Decided<Self::Value>> + Send;
}

/// The type of the value that a policy loads, whatever the router's state is.
///
/// ```
/// use auth_runtime::policy::{Decision, Loads, policy};
///
/// struct Order;
///
/// #[policy]
/// async fn may_order() -> Decision<Order> {
///     Decision::Allow(Order)
/// }
///
/// fn loads<P: Loads<Value = Order>>() {}
/// loads::<may_order>();
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no policy",
    label = "does not implement `Loads`, which says what the policy loads",
    note = "write `#[policy]` on an `async fn`, or implement `Loads` and `Policy` for `{Self}`"
)]
pub trait Loads {
    /// The value that [`Decision::Allow`] holds, which the handler takes as [`Permitted`](super::Permitted). `()` where
    /// there is none.
    type Value: Send + 'static;
}

/// The decision of a [`Policy`]. `T` is the value that the policy loaded for the handler.
///
/// ```
/// use std::time::Duration;
///
/// use auth_runtime::policy::{Decision, StepUp};
///
/// // A large transfer needs a sign-in of the last five minutes.
/// fn judge(amount: u32) -> Decision {
///     if amount < 1_000 {
///         return Decision::Allow(());
///     }
///     Decision::StepUp(StepUp::default().with_max_age(Duration::from_secs(300)))
/// }
///
/// assert_eq!(judge(10), Decision::Allow(()));
/// ```
///
/// A client can tell [`Deny`](Self::Deny) from [`NotFound`](Self::NotFound). Where it should not learn that a resource
/// of another user exists, a policy answers `NotFound` for both.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Decision<T = ()> {
    /// The request may reach the handler, which may take this value as [`Permitted`](super::Permitted).
    Allow(T),
    /// The request is answered with 403 `access_denied`.
    Deny,
    /// The request is answered with 404 `not_found`.
    NotFound,
    /// The user has to sign in again in this way: 401 `insufficient_user_authentication` (RFC 9470). The challenge also
    /// names the demands of the handler's own requirements.
    StepUp(StepUp),
}

impl Decision {
    /// Allows the request if `condition` holds, and denies it otherwise.
    ///
    /// ```
    /// use auth_runtime::policy::Decision;
    ///
    /// assert_eq!(Decision::allow_if(1 < 2), Decision::Allow(()));
    /// assert_eq!(Decision::allow_if(2 < 1), Decision::Deny);
    /// ```
    pub fn allow_if(condition: bool) -> Self {
        if condition { Self::Allow(()) } else { Self::Deny }
    }
}

/// The answer of a policy.
pub type Decided<T = ()> = Result<Decision<T>, PolicyError>;

/// The policies of one handler: `()`, a policy and the rest, or a type that the attribute generates. Applications
/// implement [`Policy`].
pub trait Policies<S> {
    /// True if there is no policy, so that nothing has to be asked.
    const ARE_NONE: bool = false;

    /// Returns the first decision that is not [`Decision::Allow`], or `Allow` if each policy allows the request. `R`
    /// receives the values that the policies loaded.
    ///
    /// # Errors
    ///
    /// The error of the first policy that cannot decide. The policies behind it are not asked.
    fn decide<R: Recipient>(
        session: &Session,
        request: &mut Parts,
        state: &S,
    ) -> impl Future<Output = Decided> + Send;
}

impl<S: Sync> Policies<S> for () {
    const ARE_NONE: bool = true;

    async fn decide<R: Recipient>(_: &Session, _: &mut Parts, _: &S) -> Decided {
        Ok(Decision::Allow(()))
    }
}

impl<S, P, Rest> Policies<S> for (P, Rest)
where
    S: Sync,
    P: Policy<S>,
    Rest: Policies<S>,
{
    async fn decide<R: Recipient>(session: &Session, request: &mut Parts, state: &S) -> Decided {
        let decision = P::decide(session, request, state).await;
        match decision.map_err(|error| error.of(std::any::type_name::<P>()))? {
            Decision::Allow(value) => {
                R::receive(request, value);
                Rest::decide::<R>(session, request, state).await
            }
            Decision::Deny => Ok(Decision::Deny),
            Decision::NotFound => Ok(Decision::NotFound),
            Decision::StepUp(wanted) => Ok(Decision::StepUp(wanted)),
        }
    }
}
