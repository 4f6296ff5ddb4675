//! The one place where a request becomes an authenticated one.

use http::request::Parts;

use super::checked::{AskedBy, Checked, Cookies, Found};
use super::cross_site::refuse_cross_site;
use crate::auth::Auth;
use crate::reject::{Rejection, RejectionKind, log_refusal, log_store_error};
use crate::request::Caller;

/// Reads the session, checks which page sent the request, and keeps the session, or the reason why there is none, in
/// the request's extensions.
///
/// # Errors
///
/// [`SessionStoreUnavailable`](RejectionKind::SessionStoreUnavailable) where the session store failed;
/// [`CrossSiteRequest`](RejectionKind::CrossSiteRequest) where the request has a session and may have been sent by a
/// page of another site.
pub(super) async fn authenticate(
    parts: &mut Parts,
    auth: &Auth,
    asked_by: AskedBy,
) -> Result<Caller, Rejection> {
    let caller = peek(parts, auth).await?;
    let (by, cookies) = (auth.clone(), Cookies::of(&parts.headers));
    let is_in_front = asked_by == AskedBy::Guard;
    Checked::keep(parts, Found { caller: caller.clone(), by, cookies, asked_by, is_in_front });
    Ok(caller)
}

/// Finds the caller like [`authenticate`], but keeps nothing: the handler has no parameter that would ask for the
/// session.
///
/// # Errors
///
/// The errors of [`authenticate`].
pub(super) async fn peek(parts: &Parts, auth: &Auth) -> Result<Caller, Rejection> {
    let now = auth.now();
    match auth.callers().load(&parts.headers, now).await {
        Ok(caller @ Caller::SignedIn(_)) => refuse_cross_site(parts, auth).map(|()| caller),
        Ok(Caller::Anonymous(reason)) => {
            log_refusal(reason, now);
            Ok(Caller::Anonymous(reason))
        }
        Err(error) => {
            log_store_error(&error, now);
            Err(Rejection::new(RejectionKind::SessionStoreUnavailable, auth.rejections(), parts))
        }
    }
}
