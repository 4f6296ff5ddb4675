//! The responses of the endpoints: redirects that carry cookies, and failures.

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use http::header::{
    CACHE_CONTROL, CONTENT_TYPE, LOCATION, REFERRER_POLICY, SET_COOKIE, X_CONTENT_TYPE_OPTIONS,
};
use http::{HeaderValue, StatusCode};

use super::failure::Failure;
use crate::cookie::SetCookie;

/// What an endpoint answers.
pub(super) struct Reply(pub(super) Result<Redirect, Failed>);

/// Sends the browser elsewhere.
pub(super) struct Redirect {
    pub(super) location: String,
    pub(super) cookies: Vec<SetCookie>,
}

/// A failure, and the cookies that go with it all the same.
pub(super) struct Failed {
    pub(super) failure: Failure,
    pub(super) cookies: Vec<SetCookie>,
}

impl<F: Into<Failure>> From<F> for Failed {
    fn from(failure: F) -> Self {
        Self { failure: failure.into(), cookies: Vec::new() }
    }
}

impl IntoResponse for Reply {
    fn into_response(self) -> Response {
        let (mut response, cookies) = match self.0 {
            Ok(redirect) => (redirect_to(&redirect.location), redirect.cookies),
            Err(failed) => (explain(&failed.failure), failed.cookies),
        };
        let headers = response.headers_mut();
        headers.extend(cookies.iter().filter_map(SetCookie::to_header_value).map(|line| (SET_COOKIE, line)));
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
        // The URL of the callback holds a code (RFC 9700 §4.2).
        headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
        headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        response
    }
}

/// 303, so that the browser follows with GET and sends nothing along (RFC 9700 §4.12).
fn redirect_to(location: &str) -> Response {
    match HeaderValue::from_str(location) {
        Ok(location) => (StatusCode::SEE_OTHER, [(LOCATION, location)]).into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

fn explain(failure: &Failure) -> Response {
    let (code, description) = (failure.code(), failure.description());
    if failure.status().is_server_error() {
        tracing::error!(%failure, detail = failure.log_code(), "sign-in failed");
    } else {
        tracing::warn!(%failure, detail = failure.log_code(), "sign-in failed");
    }
    // Codes and descriptions are constants without a character that JSON escapes.
    let body = format!(r#"{{"error":"{code}","description":"{description}"}}"#);
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = failure.status();
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}
