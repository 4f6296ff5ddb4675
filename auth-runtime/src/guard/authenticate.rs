//! The one place where a request becomes an authenticated one.

use http::HeaderMap;
use http::request::Parts;

use super::checked::{Checked, Cookies, Found};
use super::cross_site::refuse_cross_site;
use crate::auth::Auth;
use crate::reject::{Rejection, RejectionKind, log_refusal, log_store_error};
use crate::session::{Reason, Session};
use crate::store::LoadError;

/// Reads the session, checks which page sent the request, and keeps the session or the reason why there is none in the
/// request's extensions. `is_written_back` says whether the code that answers the request writes the session back.
///
/// # Errors
///
/// The session store failed, or the request has a session and may have been sent by a page of another site.
pub(super) async fn authenticate(
    parts: &mut Parts,
    auth: &Auth,
    is_written_back: bool,
) -> Result<Result<Session, Reason>, Rejection> {
    let session = peek(parts, auth).await?;
    let (by, cookies) = (auth.clone(), Cookies::of(&parts.headers));
    Checked::keep(parts, Found { session: session.clone(), by, cookies, is_written_back });
    Ok(session)
}

/// Like [`authenticate`], but keeps nothing: the handler has no parameter that would ask for the session.
///
/// # Errors
///
/// As [`authenticate`].
pub(super) async fn peek(parts: &Parts, auth: &Auth) -> Result<Result<Session, Reason>, Rejection> {
    let session = look(&parts.headers, auth).await.map_err(|Unavailable| unavailable(parts, auth))?;
    if session.is_ok() {
        refuse_cross_site(parts, auth)?;
    }
    Ok(session)
}

struct Unavailable;

async fn look(headers: &HeaderMap, auth: &Auth) -> Result<Result<Session, Reason>, Unavailable> {
    let now = auth.now();
    match auth.sessions().load(headers, now).await {
        Ok(session) => Ok(Ok(session)),
        Err(LoadError::Absent(reason)) => {
            log_refusal(reason, now);
            Ok(Err(reason))
        }
        Err(LoadError::Unavailable(error)) => {
            log_store_error(&error, now);
            Err(Unavailable)
        }
    }
}

fn unavailable(parts: &Parts, auth: &Auth) -> Rejection {
    Rejection::new(RejectionKind::SessionStoreUnavailable, auth.rejections(), parts)
}
