//! The redirect to the sign-in, for pages (`login`).

use axum::extract::OriginalUri;
use axum::response::{IntoResponse, Response};
use http::header::{LOCATION, VARY};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Method, StatusCode, Uri};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::auth::Auth;
use crate::reject::{accepts, forbid_caching};

/// Sends a browser that wants a page to the sign-in, which brings it back.
#[derive(Debug)]
pub struct SignInRedirect(HeaderValue);

impl SignInRedirect {
    /// For a person in front of a browser. A script, another page's picture, a form or a prefetch could do nothing
    /// with the sign-in's page, so it gets the 401.
    pub(super) fn offer(request: &Parts, auth: &Auth) -> Option<Self> {
        let is_navigation = request.method == Method::GET && is_navigation(&request.headers);
        if !is_navigation || is_prefetch(&request.headers) {
            return None;
        }
        // A nested router sees a shortened path (axum's `nest`); the browser has to come back to the whole one.
        let uri = request.extensions.get::<OriginalUri>().map_or(&request.uri, |OriginalUri(uri)| uri);
        let location = match return_to(uri) {
            Some(return_to) => {
                let return_to = utf8_percent_encode(return_to, COMPONENT);
                format!("{}?returnTo={return_to}", auth.login_path())
            }
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

/// The path and query to come back to. None that a browser would take for another host (RFC 3986 §4.2), and none
/// that the sign-in would find too long.
fn return_to(uri: &Uri) -> Option<&str> {
    let return_to = uri.path_and_query()?.as_str();
    let is_path = return_to.starts_with('/') && !return_to.starts_with("//") && !return_to.contains('\\');
    (is_path && return_to.len() <= MAX_RETURN_TO_BYTES).then_some(return_to)
}

/// Fetch Metadata says it; a browser that does not send it says what it wants to show.
fn is_navigation(headers: &HeaderMap) -> bool {
    let is = |name, expected| headers.get_all(name).iter().all(|value| value == expected);
    if headers.contains_key(SEC_FETCH_MODE) {
        is(SEC_FETCH_MODE, "navigate") && is(SEC_FETCH_DEST, "document")
    } else {
        accepts(headers, "text/html")
    }
}

fn is_prefetch(headers: &HeaderMap) -> bool {
    let is_announced = |name: &&str| {
        let values = headers.get_all(*name).iter().filter_map(|value| value.to_str().ok());
        let mut tokens = values.flat_map(|value| value.split([';', ',']));
        tokens.any(|token| token.trim().eq_ignore_ascii_case("prefetch"))
    };
    PREFETCH_PURPOSES.iter().any(is_announced)
        || PREFETCH_MARKS.iter().any(|name| headers.contains_key(*name))
}

const SEC_FETCH_MODE: &str = "sec-fetch-mode";
const SEC_FETCH_DEST: &str = "sec-fetch-dest";

/// Headers that say `prefetch`: the standard's, and those that browsers sent before it.
const PREFETCH_PURPOSES: &[&str] = &["sec-purpose", "purpose", "x-purpose", "x-moz"];

/// Headers of Next.js that mark a prefetch by being there.
const PREFETCH_MARKS: &[&str] = &["next-router-prefetch", "x-middleware-prefetch"];

/// Every header that [`SignInRedirect::offer`] looks at (RFC 9110 §12.5.5).
const VARIES: &str = "Cookie, Accept, Sec-Fetch-Mode, Sec-Fetch-Dest, Sec-Purpose, Purpose, X-Purpose, X-Moz, \
                      Next-Router-Prefetch, X-Middleware-Prefetch";

/// As `encodeURIComponent` of JavaScript does it.
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

/// The sign-in forgets a longer one.
const MAX_RETURN_TO_BYTES: usize = 2_048;

#[cfg(test)]
mod tests {
    use http::header::ACCEPT;

    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (name.parse().unwrap(), HeaderValue::from_static(value))).collect()
    }

    #[test]
    fn grd_05_only_a_navigation_is_one() {
        for pairs in [
            &[("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "document")][..],
            &[("sec-fetch-mode", "navigate")],
            &[("accept", "text/html,application/xhtml+xml,*/*;q=0.8")],
        ] {
            assert!(is_navigation(&headers(pairs)), "{pairs:?}");
        }
        for pairs in [
            &[][..],
            &[("sec-fetch-mode", "cors"), ("accept", "text/html")],
            &[("sec-fetch-mode", "no-cors"), ("sec-fetch-dest", "image"), ("accept", "text/html")],
            &[("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "iframe")],
            &[("sec-fetch-mode", "Navigate")],
            &[("sec-fetch-mode", "")],
            &[("accept", "*/*")],
            &[("accept", "application/json")],
            &[("accept", "text/html;q=0")],
            &[("sec-fetch-dest", "document")],
        ] {
            assert!(!is_navigation(&headers(pairs)), "{pairs:?}");
        }
    }

    #[test]
    fn grd_05_a_prefetch_is_no_navigation() {
        for pair in [
            ("purpose", "prefetch"),
            ("sec-purpose", "prefetch;prerender"),
            ("sec-purpose", "prefetch; anonymous-client-ip"),
            ("x-moz", "Prefetch"),
            ("next-router-prefetch", "1"),
            ("x-middleware-prefetch", ""),
        ] {
            assert!(is_prefetch(&headers(&[pair])), "{pair:?}");
        }
        assert!(!is_prefetch(&headers(&[("purpose", "preview"), ("sec-purpose", "")])));
        let varies = VARIES.to_ascii_lowercase();
        for name in PREFETCH_PURPOSES.iter().chain(PREFETCH_MARKS).chain(&[SEC_FETCH_MODE, SEC_FETCH_DEST]) {
            assert!(varies.split(", ").any(|varied| varied == *name), "{name}");
        }
        assert!(varies.contains(ACCEPT.as_str()));
    }

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
