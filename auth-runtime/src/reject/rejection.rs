//! Why a request does not reach its handler, as a response.

use std::fmt;

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use http::header::{ACCEPT, CACHE_CONTROL, CONTENT_TYPE, VARY, WWW_AUTHENTICATE};
use http::{HeaderMap, HeaderValue, StatusCode};

use super::challenge::Realm;

/// The refusal of a request, before its handler ran. As a response it names the rule that failed, never why it
/// failed: every cause of a 401 gives the same bytes.
///
/// A client that accepts `application/problem+json` gets RFC 9457 with the same members.
pub struct Rejection {
    kind: Kind,
    realm: Realm,
    is_problem: bool,
}

/// What is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The claims do not fit the type that the handler asks for.
    ClaimsMismatch,
    /// An extractor that needs the attribute is used without it: the service's own mistake.
    Misuse,
    /// Nobody is signed in.
    NotAuthenticated,
}

impl Rejection {
    pub(crate) fn new(kind: Kind, realm: Realm, request: &HeaderMap) -> Self {
        Self { kind, realm, is_problem: accepts_problem(request) }
    }

    /// The status of the response.
    pub fn status(&self) -> StatusCode {
        self.kind.status()
    }

    /// The stable error code, the member `error` of the body.
    pub fn code(&self) -> &'static str {
        self.kind.code()
    }
}

impl Kind {
    fn status(self) -> StatusCode {
        match self {
            Self::ClaimsMismatch => StatusCode::FORBIDDEN,
            Self::Misuse => StatusCode::INTERNAL_SERVER_ERROR,
            Self::NotAuthenticated => StatusCode::UNAUTHORIZED,
        }
    }

    fn code(self) -> &'static str {
        match self {
            Self::ClaimsMismatch => "claims_mismatch",
            Self::Misuse => "internal_error",
            Self::NotAuthenticated => "not_authenticated",
        }
    }

    fn title(self) -> &'static str {
        match self {
            Self::ClaimsMismatch => "Forbidden",
            Self::Misuse => "Internal Server Error",
            Self::NotAuthenticated => "Unauthorized",
        }
    }

    fn description(self) -> &'static str {
        match self {
            Self::ClaimsMismatch => "The user's claims do not have the form that this request needs",
            Self::Misuse => "The request could not be handled",
            Self::NotAuthenticated => "The user does not have an active session or is not authenticated",
        }
    }
}

impl IntoResponse for Rejection {
    fn into_response(self) -> Response {
        let (code, description) = (self.kind.code(), self.kind.description());
        // Codes, titles and descriptions are constants without a character that JSON escapes.
        let (content_type, body) = if self.is_problem {
            let (title, status) = (self.kind.title(), self.kind.status().as_u16());
            let members = format!(
                r#"{{"type":"about:blank","title":"{title}","status":{status},"error":"{code}","description":"{description}"}}"#
            );
            (PROBLEM_JSON, members)
        } else {
            ("application/json", format!(r#"{{"error":"{code}","description":"{description}"}}"#))
        };
        let mut response = Response::new(Body::from(body));
        *response.status_mut() = self.kind.status();
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
        headers.insert(VARY, HeaderValue::from_static("Cookie"));
        if self.kind == Kind::NotAuthenticated {
            headers.insert(WWW_AUTHENTICATE, self.realm.challenge());
        }
        response
    }
}

impl fmt::Debug for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Rejection").field(&self.code()).finish()
    }
}

impl fmt::Display for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.kind.description())
    }
}

impl std::error::Error for Rejection {}

/// Whether the client names `application/problem+json` among what it accepts, and not to exclude it.
fn accepts_problem(request: &HeaderMap) -> bool {
    let ranges = request.get_all(ACCEPT).iter().filter_map(|value| value.to_str().ok());
    ranges.flat_map(|value| value.split(',')).any(|range| {
        let mut parts = range.split(';').map(str::trim);
        let is_problem = parts.next().is_some_and(|name| name.eq_ignore_ascii_case(PROBLEM_JSON));
        let weight = parts.find_map(|parameter| parameter.strip_prefix("q="));
        is_problem && weight.and_then(|weight| weight.parse().ok()).unwrap_or(1.0_f32) > 0.0
    })
}

const PROBLEM_JSON: &str = "application/problem+json";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn problem_json_is_sent_only_to_those_who_ask() {
        let accepts = |accept: &'static str| {
            accepts_problem(&HeaderMap::from_iter([(ACCEPT, HeaderValue::from_static(accept))]))
        };
        assert!(accepts("application/problem+json"));
        assert!(accepts("text/html, application/Problem+JSON;q=0.5"));
        for other in ["*/*", "application/json", "application/problem+json;q=0", "application/problem+jsonx"]
        {
            assert!(!accepts(other), "{other}");
        }
    }
}
