//! Whether a signed-in user may do what the request asks.

use http::request::Parts;

use super::guard::Requirements;
use crate::auth::Auth;
use crate::policy::{Decision, Policies, Refused, StepUp, evaluate};
use crate::reject::{Rejection, RejectionKind, log_policy_error, log_rejection};
use crate::session::Session;

/// The requirements first, then the policies: these may cost something, and nobody who lacks a right reaches them.
pub(super) async fn authorize<R, S>(
    session: &Session,
    parts: &Parts,
    auth: &Auth,
    state: &S,
) -> Result<(), Rejection>
where
    R: Requirements,
    R::Policies: Policies<S>,
    S: Sync,
{
    let refuse = |refused| {
        let rejection = Rejection::refused(refused, auth.rejections(), parts);
        log_rejection(rejection.kind());
        rejection
    };
    evaluate(R::PROTECTION, session, auth.claim_sources(), auth.now()).map_err(refuse)?;
    // What a policy changed would be lost if the answer is a refusal.
    session.set_closed(true);
    match R::Policies::decide(session, parts, state).await {
        Ok(Decision::Allow) => {
            session.set_closed(false);
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
