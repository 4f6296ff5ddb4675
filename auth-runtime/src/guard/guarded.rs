//! The answer of a protected handler, with the session's cookies and cache headers.

use axum::response::{IntoResponse, Response};
use http::header::{CACHE_CONTROL, EXPIRES, PRAGMA, SET_COOKIE, VARY};
use http::{HeaderMap, HeaderValue, StatusCode};

use crate::cookie::SetCookie;
use crate::session::WriteError;

/// A protected handler's answer. `#[with_api_auth_required]` puts it around the declared return type, which
/// stays visible; it is a response whenever that type is one.
///
/// On the way out it adds `Cache-Control: private, no-store` and `Vary: Cookie`, and the session's cookies where
/// they are due. Rejections of later extractors do not pass through here and have neither.
#[derive(Debug)]
#[must_use]
pub struct Guarded<R> {
    response: R,
    lines: Result<Vec<SetCookie>, WriteError>,
}

impl<R> Guarded<R> {
    pub(super) fn new(response: R, lines: Result<Vec<SetCookie>, WriteError>) -> Self {
        Self { response, lines }
    }

    /// The handler's own answer.
    pub fn into_inner(self) -> R {
        self.response
    }
}

impl<R: IntoResponse> IntoResponse for Guarded<R> {
    fn into_response(self) -> Response {
        let lines = match self.lines {
            Ok(lines) => lines,
            Err(error) => {
                tracing::error!(%error, "the session could not be written, so the answer is withheld");
                let mut response = StatusCode::INTERNAL_SERVER_ERROR.into_response();
                forbid_caching(response.headers_mut());
                return response;
            }
        };
        let mut response = self.response.into_response();
        for line in &lines {
            // A line is made of checked names and base64url, so it always is a header value.
            if let Some(value) = line.to_header_value() {
                response.headers_mut().append(SET_COOKIE, value);
            }
        }
        forbid_caching(response.headers_mut());
        response
    }
}

/// What one user may see must not be stored where another one finds it, whatever the handler said.
fn forbid_caching(headers: &mut HeaderMap) {
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
    headers.remove(EXPIRES);
    headers.remove(PRAGMA);
    let varies = |value: &HeaderValue| {
        let names = value.to_str().unwrap_or_default();
        names.split(',').any(|name| matches!(name.trim(), "*") || name.trim().eq_ignore_ascii_case("cookie"))
    };
    if !headers.get_all(VARY).iter().any(varies) {
        headers.append(VARY, HeaderValue::from_static("Cookie"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cch_01_a_public_answer_becomes_private() {
        let answer = ([(CACHE_CONTROL, "public, max-age=60"), (EXPIRES, "0"), (VARY, "Accept")], "ok");
        let response = Guarded::new(answer, Ok(Vec::new())).into_response();
        assert_eq!(response.headers()[CACHE_CONTROL], "private, no-store");
        assert!(!response.headers().contains_key(EXPIRES));
        let vary: Vec<_> = response.headers().get_all(VARY).iter().collect();
        assert_eq!(vary, ["Accept", "Cookie"]);
    }

    #[test]
    fn vary_is_not_repeated() {
        let nested = Guarded::new(Guarded::new("ok", Ok(Vec::new())), Ok(Vec::new()));
        assert_eq!(nested.into_response().headers().get_all(VARY).iter().count(), 1);
    }

    #[test]
    fn key_08_an_answer_whose_session_cannot_be_written_is_withheld() {
        let response = Guarded::new("secret", Err(WriteError::VerifyOnly)).into_response();
        assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
        assert!(!response.headers().contains_key(SET_COOKIE));
    }
}
