//! The responses of the endpoints, with the headers that all of them have.

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use http::header::{
    ALLOW, CONTENT_TYPE, LOCATION, REFERRER_POLICY, RETRY_AFTER, SET_COOKIE, X_CONTENT_TYPE_OPTIONS,
};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};

use super::failure::{Failure, WayOn};
use super::page::{self, Link};
use crate::auth::Auth;
use crate::cookie::SetCookie;
use crate::guard::{is_navigation, without_mark};
use crate::reject::{error_members, forbid_caching, log_sign_in_failure};

/// A redirect of the browser, and the cookies that go with it.
pub(super) struct Redirect {
    pub(super) location: String,
    pub(super) cookies: Vec<SetCookie>,
}

/// A failure, and the cookies that go with it nevertheless.
pub(super) struct Failed {
    pub(super) failure: Failure,
    pub(super) cookies: Vec<SetCookie>,
    /// Path, query and fragment at which the sign-in was to end, if known.
    pub(super) return_to: Option<String>,
}

impl<F: Into<Failure>> From<F> for Failed {
    fn from(failure: F) -> Self {
        Self { failure: failure.into(), cookies: Vec::new(), return_to: None }
    }
}

/// Answers with 303, so that the browser follows with GET and without the body (RFC 9700 §4.12), or explains the
/// failure.
pub(super) fn redirect(outcome: Result<Redirect, Failed>, auth: &Auth, request: &HeaderMap) -> Response {
    let Redirect { location, cookies } = match outcome {
        Ok(redirect) => redirect,
        Err(failed) => return explain(&failed, auth, request),
    };
    let Ok(location) = HeaderValue::from_str(&location) else {
        return explain(&Failure::Location.into(), auth, request);
    };
    finish((StatusCode::SEE_OTHER, [(LOCATION, location)]).into_response(), &cookies)
}

/// Answers a failure: with a page for a person, with JSON for a script. The failure is logged.
pub(super) fn explain(failed: &Failed, auth: &Auth, request: &HeaderMap) -> Response {
    let Failed { failure, cookies, return_to } = failed;
    let status = failure.status();
    let error = failure.provider_error();
    log_sign_in_failure(failure, failure.log_code(), error, status.is_server_error(), auth.now());
    let mut response = if is_navigation(request) {
        let link = way_on(failure, return_to.as_deref(), auth);
        page::message(failure.heading(), failure.description(), &link)
    } else {
        // Codes and descriptions are constants without a character that JSON escapes.
        json(format!("{{{}}}", error_members(failure.code(), failure.description())))
    };
    *response.status_mut() = status;
    if let Some(seconds) = failure.retry_after(auth.now()) {
        response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
    finish(response, cookies)
}

/// Returns the link that the page of a failure offers.
fn way_on(failure: &Failure, return_to: Option<&str>, auth: &Auth) -> Link {
    let root = auth.owner().map_or("/", |owner| owner.root.path());
    match failure.way_on() {
        WayOn::Application => Link { text: "Back to the application", target: root.to_owned() },
        WayOn::SignIn => {
            // This sign-in asks for no strength. If the page needs some, its guard has to be free to ask for it.
            let return_to = without_mark(return_to.unwrap_or(root));
            let query: String = url::form_urlencoded::byte_serialize(return_to.as_bytes()).collect();
            Link { text: "Sign in again", target: format!("{}?returnTo={query}", auth.login_path()) }
        }
    }
}

/// Answers with 204 and does nothing, for a request that the user has not asked for.
pub(super) fn no_content() -> Response {
    finish(StatusCode::NO_CONTENT.into_response(), &[])
}

/// Answers with 405 and the permitted methods (RFC 9110 §15.5.6).
pub(super) fn method_not_allowed(methods: &[&str]) -> Response {
    let mut response = StatusCode::METHOD_NOT_ALLOWED.into_response();
    if let Ok(methods) = HeaderValue::from_str(&methods.join(", ")) {
        response.headers_mut().insert(ALLOW, methods);
    }
    finish(response, &[])
}

/// Answers with a JSON text.
pub(super) fn json(text: impl Into<Body>) -> Response {
    ([(CONTENT_TYPE, "application/json")], text.into()).into_response()
}

/// Adds the cookies, and the headers that all these answers have: the answer is not stored, its type is not guessed,
/// its URL is not sent to the next page, and no page of another origin embeds it.
pub(super) fn finish(mut response: Response, cookies: &[SetCookie]) -> Response {
    let headers = response.headers_mut();
    headers.extend(cookies.iter().filter_map(SetCookie::to_header_value).map(|line| (SET_COOKIE, line)));
    forbid_caching(headers);
    // The URL of the callback has a code in it (RFC 9700 §4.2).
    headers.entry(REFERRER_POLICY).or_insert(HeaderValue::from_static("no-referrer"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(CROSS_ORIGIN_RESOURCE_POLICY, HeaderValue::from_static("same-origin"));
    response
}

/// The header of the Fetch standard, section 3.7.
const CROSS_ORIGIN_RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");
