//! The one place where a request becomes an authenticated one.

use http::HeaderMap;
use http::request::Parts;

use crate::auth::Auth;
use crate::reject::{Rejection, RejectionKind, log_refusal, log_store_error};
use crate::session::{Reason, Session};
use crate::store::LoadError;

/// In a request's extensions: a guard looked for the session. If there is one, the guard will write it back.
#[derive(Clone, Debug)]
pub(super) struct Checked {
    session: Result<Session, Reason>,
    by: Auth,
}

impl Checked {
    /// What a guard of this very `auth` found. What another one found proves nothing.
    pub(super) fn find<'p>(parts: &'p Parts, auth: &Auth) -> Option<&'p Result<Session, Reason>> {
        let checked = parts.extensions.get::<Self>()?;
        checked.by.is_same(auth).then_some(&checked.session)
    }
}

/// Reads the session and leaves it, or why there is none, in the request's extensions.
///
/// # Errors
///
/// Whether there is a session cannot be told, because the store failed.
pub(super) async fn authenticate(
    parts: &mut Parts,
    auth: &Auth,
) -> Result<Result<Session, Reason>, Rejection> {
    let session = look(&parts.headers, auth).await.map_err(|Unavailable| unavailable(parts, auth))?;
    parts.extensions.insert(Checked { session: session.clone(), by: auth.clone() });
    Ok(session)
}

/// Reads the session and leaves nothing behind: the handler is not protected, or nobody else will ask.
///
/// # Errors
///
/// As [`authenticate`].
pub(super) async fn peek(parts: &Parts, auth: &Auth) -> Result<Result<Session, Reason>, Rejection> {
    look(&parts.headers, auth).await.map_err(|Unavailable| unavailable(parts, auth))
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
