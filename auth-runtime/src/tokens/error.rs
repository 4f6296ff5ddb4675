//! The reason why there is no access token.

use std::borrow::Cow;
use std::fmt;

use axum::response::{IntoResponse, Response};
use http::StatusCode;

use crate::reject::{Refusal, RejectionKind, respond_unstyled};
use crate::session::SessionChangeError;

/// The reason why a session yields no access token. As a response its status says what to do about it:
///
/// - 400: the request for the token has a parameter that is too long.
/// - 401: the user has to sign in again.
/// - 403: this user does not get this token.
/// - 500: the session could not be changed.
/// - 502: the provider refuses this service, or its answer is invalid.
/// - 503: the provider does not answer at the moment.
///
/// The response is that of every [`Rejection`](crate::Rejection), of the kind
/// [`AccessTokenUnavailable`](crate::RejectionKind::AccessTokenUnavailable). The provider's own words are at hand in
/// [`provider_refusal`](AccessTokenError::provider_refusal), and its code is the member `cause` of the body.
///
/// ```
/// use auth_runtime::AccessTokenError;
///
/// let error = AccessTokenError::Unavailable { retry_after: Some(7) };
/// assert_eq!(error.status(), 503);
/// assert_eq!(error.code(), "failed_to_refresh_token");
/// assert_eq!(error.retry_after(), Some(7));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AccessTokenError {
    /// The session's token for this audience and scope has expired, and this service does not renew tokens.
    #[error("the access token has expired, and this service does not renew tokens")]
    Expired,
    /// The session has no token for this audience and scope, and this service does not fetch any.
    #[error("the session has no access token for this audience and scope, and this service fetches none")]
    Missing,
    /// There is no token that is good, and no refresh token to fetch one with (RFC 6749 §6).
    #[error("the access token has expired or is missing, and there is no refresh token")]
    MissingRefreshToken,
    /// The provider's answer is invalid.
    #[error("the provider's answer is invalid")]
    InvalidResponse,
    /// The provider refused (RFC 6749 §5.2).
    #[error("the provider refused to give an access token: {0}")]
    Refused(ProviderRefusal),
    /// The session could not keep the token, or could not be ended.
    #[error("the access token could not be kept in the session")]
    SessionNotChanged(#[from] SessionChangeError),
    /// The refresh token yielded the tokens of another user or provider, so the session ended (OpenID Connect Core 1.0
    /// §12.2).
    #[error("the session is over")]
    SessionOver,
    /// A parameter of the request is longer than this service sends to a provider.
    #[error("the parameter `{parameter}` of the request for a token is too long")]
    TooLong {
        /// The name of the parameter, such as `scope`.
        parameter: &'static str,
    },
    /// The provider does not answer at the moment.
    #[error("the provider does not answer at the moment")]
    Unavailable {
        /// The seconds after which to ask again, if the provider said so.
        retry_after: Option<u64>,
    },
}

/// The refusal of a provider (RFC 6749 §5.2): `error`, in the grammar of the RFC, and `error_description`, cut to 256
/// characters and without control characters. The description is the provider's text: for a log, not for a page.
///
/// ```
/// use auth_runtime::{AccessTokenError, ProviderRefusal};
///
/// fn has_to_step_up(error: &AccessTokenError) -> bool {
///     error.provider_refusal().map(ProviderRefusal::error) == Some("mfa_required")
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProviderRefusal {
    error: String,
    error_description: Option<String>,
}

impl ProviderRefusal {
    pub(super) fn new(error: String, error_description: Option<String>) -> Self {
        Self { error, error_description }
    }

    /// Returns the provider's error code, such as `invalid_grant`.
    pub fn error(&self) -> &str {
        &self.error
    }

    /// Returns the provider's explanation.
    pub fn error_description(&self) -> Option<&str> {
        self.error_description.as_deref()
    }
}

impl AccessTokenError {
    /// Returns the stable error code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Expired => "access_token_expired",
            Self::Missing => "missing_access_token",
            Self::MissingRefreshToken => "missing_refresh_token",
            Self::InvalidResponse | Self::Refused(_) | Self::Unavailable { .. } => "failed_to_refresh_token",
            Self::SessionNotChanged(_) => "session_not_saved",
            Self::SessionOver => "session_over",
            Self::TooLong { .. } => "parameter_too_long",
        }
    }

    /// Returns the text for the client. The provider's words, and the reason why the session could not be changed, are
    /// for a log.
    fn description(&self) -> Cow<'static, str> {
        Cow::Borrowed(match self {
            Self::Expired => "The access token has expired; the user has to sign in again",
            Self::Missing => "The session has no access token for the requested audience and scope",
            Self::MissingRefreshToken => {
                "The access token has expired or is missing, and there is no refresh token"
            }
            Self::InvalidResponse => "The provider's answer is invalid",
            Self::Refused(_) => "The provider refused to give an access token",
            Self::SessionNotChanged(_) => "The access token could not be kept in the session",
            Self::SessionOver => "The session is over; the user has to sign in again",
            Self::TooLong { parameter } => {
                return Cow::Owned(format!(
                    "The parameter `{parameter}` of the request for a token is too long"
                ));
            }
            Self::Unavailable { .. } => "The provider does not answer at the moment",
        })
    }

    /// Returns the status of the response.
    pub fn status(&self) -> StatusCode {
        match self {
            Self::Expired | Self::Missing | Self::MissingRefreshToken | Self::SessionOver => {
                StatusCode::UNAUTHORIZED
            }
            Self::InvalidResponse => StatusCode::BAD_GATEWAY,
            Self::Refused(refusal) => refusal.status(),
            Self::SessionNotChanged(_) => StatusCode::INTERNAL_SERVER_ERROR,
            Self::TooLong { .. } => StatusCode::BAD_REQUEST,
            Self::Unavailable { .. } => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    /// Returns the provider's refusal, if it refused.
    pub fn provider_refusal(&self) -> Option<&ProviderRefusal> {
        match self {
            Self::Refused(refusal) => Some(refusal),
            _ => None,
        }
    }

    /// Returns the seconds after which to ask again, if the provider said so.
    pub fn retry_after(&self) -> Option<u64> {
        match self {
            Self::Unavailable { retry_after } => *retry_after,
            _ => None,
        }
    }
}

impl ProviderRefusal {
    /// Returns the status: 401 if the user has to act at the provider, 403 if this user does not get this token, and
    /// 502 if the service's operator has to act.
    fn status(&self) -> StatusCode {
        match self.error.as_str() {
            "invalid_grant"
            | "login_required"
            | "interaction_required"
            | "consent_required"
            | "account_selection_required" => StatusCode::UNAUTHORIZED,
            "access_denied" | "invalid_scope" | "invalid_target" | "mfa_required" | "unauthorized_client" => {
                StatusCode::FORBIDDEN
            }
            // The service's own credentials or request are at fault: its caller cannot mend that.
            _ => StatusCode::BAD_GATEWAY,
        }
    }
}

impl From<&AccessTokenError> for Refusal {
    fn from(error: &AccessTokenError) -> Self {
        let kind = RejectionKind::AccessTokenUnavailable;
        Self::new(kind, error.status(), error.code(), error.description())
            .caused_by(error.provider_refusal().map(ProviderRefusal::error))
            .retry_after(error.retry_after())
    }
}

/// Responds in the service's style ([`Rejection`](crate::Rejection)) behind the attribute, and in the default style
/// elsewhere.
impl IntoResponse for AccessTokenError {
    fn into_response(self) -> Response {
        respond_unstyled(&self)
    }
}

impl fmt::Display for ProviderRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.error)
    }
}

#[cfg(test)]
mod tests {
    use http::header::{RETRY_AFTER, WWW_AUTHENTICATE};

    use super::*;

    fn refused(code: &str) -> AccessTokenError {
        AccessTokenError::Refused(ProviderRefusal {
            error: code.to_owned(),
            error_description: Some("because".to_owned()),
        })
    }

    #[test]
    fn tok_16_a_refusal_says_whose_turn_it_is_and_keeps_the_providers_word() {
        for (code, status) in [
            ("invalid_grant", 401),
            ("interaction_required", 401),
            ("mfa_required", 403),
            ("invalid_target", 403),
            ("invalid_client", 502),
            ("something_else", 502),
        ] {
            assert_eq!(refused(code).status().as_u16(), status, "{code}");
            assert_eq!(refused(code).provider_refusal().unwrap().error(), code);
        }
        let refusal = refused("mfa_required").provider_refusal().cloned().unwrap();
        assert_eq!(refusal.error_description(), Some("because"));
    }

    #[test]
    fn tok_04_retry_after_is_passed_on() {
        let error = AccessTokenError::Unavailable { retry_after: Some(7) };
        let response = error.into_response();
        assert_eq!(response.status(), 503);
        assert_eq!(response.headers()[RETRY_AFTER], "7");
        assert!(!response.headers().contains_key(WWW_AUTHENTICATE));
    }
}
