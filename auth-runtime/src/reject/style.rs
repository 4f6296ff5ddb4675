//! The style in which a service puts refusals into responses.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::response::Response;
use http::header::SET_COOKIE;
use http::request::Parts;
use http::{HeaderMap, HeaderValue};

use super::by_handler::Unstyled;
use super::challenge::Realm;
use super::rejection::Rejection;
use crate::cookie::{CookieName, RequestCookies};

/// The settings of a service about its refusals.
#[derive(Clone, Debug, Default)]
pub(crate) struct RejectionStyle {
    pub(crate) realm: Realm,
    /// True if every client gets RFC 9457, not only a client that names it in `Accept`.
    pub(crate) problem_json: bool,
    /// True if a client is told why it is not authenticated.
    pub(crate) expose_reasons: bool,
    pub(crate) hook: Option<RejectionHook>,
    /// The session cookie, which no refusal sets or removes, whatever the hook does.
    pub(crate) session_cookie: CookieName,
}

/// The application's hook for refused requests.
#[derive(Clone)]
pub(crate) struct RejectionHook {
    hook: Arc<Hook>,
    has_warned: Arc<AtomicBool>,
}

type Hook = dyn Fn(&Rejection, &Parts) -> Response + Send + Sync;

impl RejectionHook {
    pub(crate) fn new(hook: impl Fn(&Rejection, &Parts) -> Response + Send + Sync + 'static) -> Self {
        Self { hook: Arc::new(hook), has_warned: Arc::default() }
    }

    /// Returns the hook's response without cookies of the session. A hook that sets such a cookie is a mistake in the
    /// program, so one line in the log says it, not one for each request.
    pub(super) fn answer(&self, rejection: &Rejection, request: &Parts, session: &CookieName) -> Response {
        let mut response = (self.hook)(rejection, request);
        // If the hook answers with an error of this crate, no guard asks the hook again.
        response.extensions_mut().remove::<Unstyled>();
        let has_dropped = drop_session_cookies(response.headers_mut(), session);
        if has_dropped && !self.has_warned.swap(true, Ordering::Relaxed) {
            tracing::warn!(
                target: "auth_runtime::security",
                "the hook `on_rejection` sets the session cookie in a refusal, which is not sent: remove it from the hook"
            );
        }
        response
    }
}

/// Removes the `Set-Cookie` lines of session cookies. Returns whether there was one.
fn drop_session_cookies(headers: &mut HeaderMap, session: &CookieName) -> bool {
    let lines: Vec<_> = headers.get_all(SET_COOKIE).iter().cloned().collect();
    let kept: Vec<_> = lines.iter().filter(|line| !sets_session_cookie(line, session)).collect();
    let has_dropped = kept.len() < lines.len();
    if has_dropped {
        headers.remove(SET_COOKIE);
        for line in kept {
            headers.append(SET_COOKIE, line.clone());
        }
    }
    has_dropped
}

/// Returns whether the browser would send the cookie back as a part of a session. The name is what stands before `=`,
/// without the spaces around it (RFC 6265 §5.2).
fn sets_session_cookie(line: &HeaderValue, session: &CookieName) -> bool {
    let is_end = |byte: &u8| matches!(byte, b'=' | b';');
    let name = line.as_bytes().split(is_end).next().unwrap_or_default().trim_ascii();
    let pair = [name, b"=x"].concat();
    let cookies = RequestCookies::scan([pair.as_slice()], session);
    cookies.session.is_present() || cookies.legacy.is_present()
}

impl fmt::Debug for RejectionHook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RejectionHook")
    }
}
