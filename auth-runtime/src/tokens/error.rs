//! Why there is no access token.

use axum::response::{IntoResponse, Response};
use http::header::{CACHE_CONTROL, CONTENT_TYPE, VARY, WWW_AUTHENTICATE};
use http::{HeaderValue, StatusCode};

/// Why a session yields no access token. As a response it tells the browser to sign in again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AccessTokenError {
    /// The session's token for this audience and scope has expired.
    #[error("The access token has expired; the user has to sign in again")]
    Expired,
    /// The session has no token for this audience and scope.
    #[error("The session has no access token for the requested audience and scope")]
    Missing,
}

impl AccessTokenError {
    /// The stable error code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Expired => "access_token_expired",
            Self::Missing => "missing_access_token",
        }
    }
}

impl IntoResponse for AccessTokenError {
    fn into_response(self) -> Response {
        // Code and description are constants without a character that JSON escapes.
        let body = format!(r#"{{"error":"{}","description":"{self}"}}"#, self.code());
        let headers = [
            (CONTENT_TYPE, HeaderValue::from_static("application/json")),
            (CACHE_CONTROL, HeaderValue::from_static("private, no-store")),
            (VARY, HeaderValue::from_static("Cookie")),
            (WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"api\"")),
        ];
        (StatusCode::UNAUTHORIZED, headers, body).into_response()
    }
}
