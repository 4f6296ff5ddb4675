//! The one place where a request becomes an authenticated one.

use http::HeaderMap;
use http::request::Parts;

use crate::auth::Auth;
use crate::cookie::{RequestCookies, SeenNames};
use crate::reject::{Kind, Rejection, log_refusal};
use crate::session::Session;

/// In a request's extensions: the session was read and checked by a guard, which will write it back.
#[derive(Clone, Debug)]
pub(super) struct Authenticated {
    pub(super) session: Session,
    by: Auth,
}

impl Authenticated {
    /// The session of a request that a guard of this very `auth` let in. What another one let in proves nothing.
    pub(super) fn find<'p>(parts: &'p Parts, auth: &Auth) -> Option<&'p Session> {
        let authenticated = parts.extensions.get::<Self>()?;
        authenticated.by.is_same(auth).then_some(&authenticated.session)
    }
}

/// What a session that is due to be rewritten needs beside itself.
pub(super) struct DueWrite {
    pub(super) session: Session,
    pub(super) connections: Vec<String>,
    pub(super) seen: SeenNames,
}

/// Reads the session and puts it into the request's extensions.
///
/// Gives what has to be written when the handler is done, if anything.
pub(super) fn authenticate(parts: &mut Parts, auth: &Auth) -> Result<Option<Box<DueWrite>>, Rejection> {
    let now = auth.now();
    let codec = auth.codec();
    let cookies = RequestCookies::of_request(&parts.headers, codec.cookie_name());
    let session = codec.read(&cookies, now).map_err(|reason| {
        log_refusal(reason, now);
        reject(Kind::NotAuthenticated, auth, &parts.headers)
    })?;
    if cookies.session.has_duplicates {
        tracing::warn!(
            target: "auth_runtime::security",
            "two different session cookies under one name: another path or domain sets one too, or somebody planted it"
        );
    }
    let due = codec.is_due(&session, now).then(|| {
        Box::new(DueWrite {
            session: session.clone(),
            connections: codec.read_connections(&cookies, now),
            seen: cookies.seen_names(codec.cookie_name()),
        })
    });
    parts.extensions.insert(Authenticated { session, by: auth.clone() });
    Ok(due)
}

/// Reads the session without any effect, for handlers that are not protected.
pub(super) fn peek(headers: &HeaderMap, auth: &Auth) -> Option<Session> {
    let cookies = RequestCookies::of_request(headers, auth.codec().cookie_name());
    let now = auth.now();
    auth.codec().read(&cookies, now).inspect_err(|reason| log_refusal(*reason, now)).ok()
}

pub(super) fn reject(kind: Kind, auth: &Auth, headers: &HeaderMap) -> Rejection {
    Rejection::new(kind, auth.realm().clone(), headers)
}
