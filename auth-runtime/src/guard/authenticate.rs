//! The one place where a request becomes an authenticated one.

use http::HeaderMap;
use http::request::Parts;

use crate::auth::Auth;
use crate::cookie::{RequestCookies, SeenNames};
use crate::reject::log_refusal;
use crate::session::{Reason, Session};

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

/// What a session that is due to be rewritten needs beside itself.
pub(super) struct DueWrite {
    pub(super) session: Session,
    pub(super) connections: Vec<String>,
    pub(super) seen: SeenNames,
}

/// Reads the session and leaves it, or why there is none, in the request's extensions.
///
/// Gives it, and what has to be written when the handler is done, if anything.
pub(super) fn authenticate(
    parts: &mut Parts,
    auth: &Auth,
) -> (Result<Session, Reason>, Option<Box<DueWrite>>) {
    let now = auth.now();
    let codec = auth.codec();
    let cookies = RequestCookies::of_request(&parts.headers, codec.cookie_name());
    let session = codec.read(&cookies, now).inspect_err(|reason| log_refusal(*reason, now));
    let due = session.as_ref().ok().filter(|session| codec.is_due(session, now)).map(|session| {
        Box::new(DueWrite {
            session: session.clone(),
            connections: codec.read_connections(&cookies, now),
            seen: cookies.seen_names(codec.cookie_name()),
        })
    });
    if session.is_ok() && cookies.session.has_duplicates {
        tracing::warn!(
            target: "auth_runtime::security",
            "two different session cookies under one name: another path or domain sets one too, or somebody planted it"
        );
    }
    parts.extensions.insert(Checked { session: session.clone(), by: auth.clone() });
    (session, due)
}

/// Reads the session without any effect, for handlers that are not protected.
pub(super) fn peek(headers: &HeaderMap, auth: &Auth) -> Result<Session, Reason> {
    let cookies = RequestCookies::of_request(headers, auth.codec().cookie_name());
    let now = auth.now();
    auth.codec().read(&cookies, now).inspect_err(|reason| log_refusal(*reason, now))
}
