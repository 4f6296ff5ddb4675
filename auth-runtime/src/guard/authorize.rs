//! Whether a signed-in user may do what the request asks.

use http::request::Parts;

use super::guard::Requirements;
use crate::auth::Auth;
use crate::policy::{Decision, Policies, Refused, StepUp, evaluate};
use crate::reject::{Rejection, RejectionKind, log_policy_error, log_rejection};
use crate::request::Session;

/// Judges a session by what `R` demands. `is_first` says whether the guard that asks is the one that writes the session.
///
/// The requirements first, then the policies: these may cost something, and nobody who lacks a right reaches them.
pub(super) async fn authorize<R, S>(
    session: &Session,
    parts: &Parts,
    auth: &Auth,
    state: &S,
    is_first: bool,
) -> Result<(), Rejection>
where
    R: Requirements,
    R::Policies: Policies<S>,
    S: Sync,
{
    let refuse = |refused| {
        let rejection = Rejection::new(refused, auth.rejections(), parts);
        log_rejection(rejection.kind());
        rejection
    };
    evaluate(R::PROTECTION, session.verified(), auth.claim_sources(), auth.now()).map_err(refuse)?;
    let suspended = Suspended::of(session, is_first);
    match R::Policies::decide(session, parts, state).await {
        Ok(Decision::Allow) => {
            suspended.resume();
            Ok(())
        }
        Ok(Decision::Deny) => Err(refuse(Refused::AccessDenied)),
        Ok(Decision::StepUp(wanted)) => {
            // One sign-in should do for all that the handler demands. Each `any` is met at this point.
            let demanded = StepUp::for_all(R::PROTECTION.requirements, &|_| false);
            let step_up = demanded.into_iter().fold(wanted, StepUp::and);
            Err(refuse(Refused::UserAuthentication(step_up)))
        }
        Err(error) => {
            log_policy_error(&error, auth.now());
            Err(Rejection::new(RejectionKind::PolicyUnavailable, auth.rejections(), parts))
        }
    }
}

/// A session that policies decide on. What they changed would be lost if the answer is a refusal, so nothing can be changed.
///
/// Where another guard writes the session, that one's handler may run already: for it, the session is open again after
/// a refusal too, or if this request is given up.
struct Suspended<'s> {
    session: &'s Session,
    is_first: bool,
}

impl<'s> Suspended<'s> {
    fn of(session: &'s Session, is_first: bool) -> Self {
        session.suspend();
        Self { session, is_first }
    }

    fn resume(mut self) {
        self.is_first = false;
    }
}

impl Drop for Suspended<'_> {
    fn drop(&mut self) {
        if !self.is_first {
            self.session.resume();
        }
    }
}
