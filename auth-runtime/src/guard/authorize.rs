//! The check whether a signed-in user may do what the request asks.

use axum::response::Response;
use http::request::Parts;

use super::checked::Checked;
use super::guard::{Requirements, TurnedAway};
use super::guarded::{Guarded, HandlerStyle};
use crate::auth::Auth;
use crate::policy::{Decision, Dropped, Policies, Refused, StepUp, evaluate};
use crate::reject::{Rejection, RejectionKind, log_changed_identity, log_policy_error, log_rejection};
use crate::request::Session;

/// Judges a session by what `R` demands.
///
/// The requirements are judged first and the policies last: a policy may be expensive, and no user who lacks a right
/// reaches one.
///
/// # Errors
///
/// The refusal for the first requirement or policy that is not met, the response of an extractor that a policy asked,
/// 503 if a policy could not decide, or 500 if the request has another identity than before the policies.
pub(super) async fn authorize<R, S>(
    session: &Session,
    parts: &mut Parts,
    auth: &Auth,
    state: &S,
) -> Result<(), TurnedAway>
where
    R: Requirements,
    R::Policies: Policies<S>,
    S: Sync,
{
    evaluate(R::PROTECTION, session.verified(), auth.claim_sources(), auth.now())
        .map_err(|refused| refuse(refused, parts, auth))?;
    if R::Policies::ARE_NONE {
        return Ok(());
    }
    ask_policies::<R, S>(session, parts, auth, state).await
}

/// Asks the policies of `R`. They read the session and cannot change it: a change would be lost if the answer is a
/// refusal. Other handlers that share the session, and run already, can change it meanwhile.
async fn ask_policies<R, S>(
    session: &Session,
    parts: &mut Parts,
    auth: &Auth,
    state: &S,
) -> Result<(), TurnedAway>
where
    R: Requirements,
    R::Policies: Policies<S>,
    S: Sync,
{
    let read_only = session.read_only();
    Checked::hand_out(parts, &read_only);
    // A handler whose parameters take values names itself as their recipient.
    match R::Policies::decide::<Dropped>(&read_only, parts, state).await {
        // An extractor of a policy can change the request.
        Ok(Decision::Allow(())) if !Checked::is_judged(parts, auth, session) => {
            log_changed_identity(R::PROTECTION.policies, auth.now());
            Err(Rejection::new(RejectionKind::InternalError, auth.rejections(), parts).into())
        }
        Ok(Decision::Allow(())) => {
            // The handler runs next and may change the session.
            Checked::hand_out(parts, session);
            Ok(())
        }
        Ok(Decision::Deny) => Err(refuse(Refused::AccessDenied, parts, auth)),
        Ok(Decision::NotFound) => Err(refuse(Refused::NotFound, parts, auth)),
        Ok(Decision::StepUp(wanted)) => {
            // One sign-in should satisfy all that the handler demands. Each `any` is met at this point, so none of them
            // is open.
            let demanded = StepUp::for_all(R::PROTECTION.requirements, &|_| false);
            let step_up = demanded.into_iter().fold(wanted, StepUp::and);
            Err(refuse(Refused::UserAuthentication(step_up), parts, auth))
        }
        Err(error) => match error.into_refusal() {
            Ok(response) => Err(refuse_as_extractor(*response, parts, auth)),
            Err(failure) => {
                log_policy_error(&failure, auth.now());
                Err(Rejection::new(RejectionKind::PolicyUnavailable, auth.rejections(), parts).into())
            }
        },
    }
}

fn refuse(refused: Refused, parts: &Parts, auth: &Auth) -> TurnedAway {
    let rejection = Rejection::new(refused, auth.rejections(), parts);
    log_rejection(rejection.kind());
    rejection.into()
}

/// Makes the answer of an extractor that refused the request: with the headers and the style that it has as a parameter
/// of a handler, and without a session cookie, since the guard refuses the caller.
fn refuse_as_extractor(response: Response, parts: &Parts, auth: &Auth) -> TurnedAway {
    let style = HandlerStyle::of(parts, auth);
    TurnedAway::Extractor(Box::new(Guarded::new(response, Ok(Vec::new()), None).styled(style)))
}
