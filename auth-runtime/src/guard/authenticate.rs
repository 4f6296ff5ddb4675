//! The one place where a request becomes an authenticated one.

use http::request::Parts;
use http::{HeaderMap, Method};

use super::cross_site::refuse_cross_site;
use crate::auth::Auth;
use crate::reject::{Rejection, RejectionKind, log_refusal, log_store_error};
use crate::session::{Reason, Session};
use crate::store::LoadError;

/// The session of a request, or the reason why there is none. Kept in the request's extensions, so that a request is
/// authenticated once. A session is kept only after the request passed the cross-site check.
#[derive(Clone, Debug)]
pub(super) struct Checked {
    session: Result<Session, Reason>,
    by: Auth,
    /// The method that the request had at the check. Middleware may change it afterwards.
    judged: Method,
    /// Whether the code that answers the request writes the session back.
    is_written_back: bool,
}

impl Checked {
    /// Finds what this very `auth` found. What another one found proves nothing.
    pub(super) fn find<'p>(parts: &'p Parts, auth: &Auth) -> Option<&'p Self> {
        parts.extensions.get::<Self>().filter(|checked| checked.by.is_same(auth))
    }

    /// Gives the session. A request whose method changed after the check is checked again.
    ///
    /// # Errors
    ///
    /// The request has a session, and may have been sent by a page of another site.
    pub(super) fn session(&self, parts: &Parts) -> Result<Result<Session, Reason>, Rejection> {
        if self.session.is_ok() && self.judged != parts.method {
            refuse_cross_site(parts, &self.by)?;
        }
        Ok(self.session.clone())
    }

    /// Whether the code that answers the request writes the session back.
    pub(super) fn is_written_back(&self) -> bool {
        self.is_written_back
    }

    /// Notes that the code that answers the request writes the session back.
    pub(super) fn promise_write_back(parts: &mut Parts) {
        if let Some(checked) = parts.extensions.get_mut::<Self>() {
            checked.is_written_back = true;
        }
    }

    /// The session, if the code that answers the request writes it back, with the `Auth` that read it.
    pub(super) fn written_back(&self) -> Option<(&Auth, &Session)> {
        let session = self.session.as_ref().ok().filter(|_| self.is_written_back)?;
        Some((&self.by, session))
    }
}

/// Reads the session, checks which page sent the request, and keeps the session or the reason why there is none in the
/// request's extensions.
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
    let (by, judged) = (auth.clone(), parts.method.clone());
    parts.extensions.insert(Checked { session: session.clone(), by, judged, is_written_back });
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
