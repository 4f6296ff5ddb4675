//! The redirect to the sign-in, for pages (the option `login`).

use axum::extract::OriginalUri;
use axum::response::{IntoResponse, Response};
use http::header::{LOCATION, VARY};
use http::request::Parts;
use http::{HeaderValue, Method, StatusCode, Uri};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::navigation::{VARIES, is_navigation, is_prefetch};
use crate::auth::Auth;
use crate::reject::forbid_caching;

/// The redirect of a browser that opens a page to the sign-in, which sends it back to the page afterwards.
#[derive(Debug)]
pub struct SignInRedirect(HeaderValue);

impl SignInRedirect {
    /// Makes the redirect for a user who opens a page. A script, an image, a form or a prefetch could do nothing with
    /// the page of the sign-in, so for these it returns `None` and the answer is the 401.
    pub(super) fn offer(request: &Parts, auth: &Auth) -> Option<Self> {
        let is_navigation = request.method == Method::GET && is_navigation(&request.headers);
        if !is_navigation || is_prefetch(&request.headers) {
            return None;
        }
        // Inside of a nested router the URI is shortened (axum's `nest`), and the browser has to come back to the
        // complete one.
        let uri = request.extensions.get::<OriginalUri>().map_or(&request.uri, |OriginalUri(uri)| uri);
        let location = match return_to(uri) {
            Some(return_to) => {
                let return_to = utf8_percent_encode(return_to, COMPONENT);
                format!("{}?returnTo={return_to}", auth.login_path())
            }
            // The browser arrives at the application's root after the sign-in.
            None => auth.login_path().to_owned(),
        };
        HeaderValue::try_from(location).ok().map(Self)
    }
}

impl IntoResponse for SignInRedirect {
    fn into_response(self) -> Response {
        let mut response = (StatusCode::SEE_OTHER, [(LOCATION, self.0)]).into_response();
        response.headers_mut().insert(VARY, HeaderValue::from_static(VARIES));
        forbid_caching(response.headers_mut());
        response
    }
}

/// Returns the path and query to come back to; `None` for one that a browser would take for another host (RFC 3986
/// §4.2), and for one that the sign-in would find too long.
fn return_to(uri: &Uri) -> Option<&str> {
    let return_to = uri.path_and_query()?.as_str();
    let is_path = return_to.starts_with('/') && !return_to.starts_with("//") && !return_to.contains('\\');
    (is_path && return_to.len() <= MAX_RETURN_TO_BYTES).then_some(return_to)
}

/// The characters that `encodeURIComponent` of JavaScript encodes.
const COMPONENT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'!')
    .remove(b'~')
    .remove(b'*')
    .remove(b'\'')
    .remove(b'(')
    .remove(b')');

/// The length in bytes up to which the sign-in keeps the page to return to.
const MAX_RETURN_TO_BYTES: usize = 2_048;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rdr_02_no_place_to_return_to_is_another_host() {
        let of = |uri: &str| uri.parse::<Uri>().map(|uri| return_to(&uri).map(str::to_owned));
        assert_eq!(of("/a/b?c=d&e=%2F").unwrap().unwrap(), "/a/b?c=d&e=%2F");
        assert_eq!(of("https://evil.com/a?b").unwrap().unwrap(), "/a?b");
        assert_eq!(of("/").unwrap().unwrap(), "/");
        for uri in ["//evil.com/", "///evil.com", "/\\evil.com", "*", "https://app.example.com//evil.com"] {
            // What is no URI at all never gets this far.
            assert_eq!(of(uri).ok().flatten(), None, "{uri}");
        }
        assert_eq!(of(&format!("/{}", "a".repeat(MAX_RETURN_TO_BYTES))).unwrap(), None);
    }
}
