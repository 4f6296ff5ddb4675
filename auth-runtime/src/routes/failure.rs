//! What can go wrong at the endpoints of the sign-in, by whose turn it is.

use http::StatusCode;

use crate::crypto::SealError;
use crate::oidc::{IdTokenError, ProviderError, TokenError};
use crate::session::{DocumentError, WriteError};
use crate::store::SaveError;

/// Why an endpoint of the sign-in fails. A client sees the code and a fixed sentence; the log sees the source.
#[derive(Debug, thiserror::Error)]
pub(super) enum Failure {
    /// The provider says that the user is not signed in.
    #[error("the provider refused the sign-in")]
    AuthorizationError,
    /// The answer to the browser's redirect is not one of RFC 6749 §4.1.2.
    #[error("the callback is malformed: {0}")]
    InvalidCallback(&'static str),
    /// A parameter of the sign-in has a value that cannot be meant.
    #[error("the sign-in's parameter `{0}` is malformed")]
    InvalidLogin(&'static str),
    /// The answer comes from another issuer than the one that was asked (RFC 9207).
    #[error("the callback names another issuer")]
    IssuerMismatch,
    /// There is no such sign-in under way in this browser.
    #[error("there is no sign-in under way that this answer belongs to")]
    InvalidState,
    /// The tokens came without an ID token (OpenID Connect Core 1.0 §3.1.3.3).
    #[error("the provider gave no ID token")]
    NoIdToken,
    /// The operating system gave no random bytes.
    #[error("the operating system gave no random bytes")]
    NoRandomness,
    #[error(transparent)]
    Provider(#[from] ProviderError),
    #[error(transparent)]
    Seal(#[from] SealError),
    /// The provider's own limit on the session is already reached.
    #[error("the provider's session is already over")]
    SessionExpired,
    #[error(transparent)]
    Session(#[from] SaveError),
}

impl Failure {
    pub(super) fn status(&self) -> StatusCode {
        match self {
            Self::AuthorizationError
            | Self::InvalidCallback(_)
            | Self::InvalidLogin(_)
            | Self::IssuerMismatch
            | Self::InvalidState => StatusCode::BAD_REQUEST,
            Self::SessionExpired => StatusCode::FORBIDDEN,
            Self::NoIdToken => StatusCode::BAD_GATEWAY,
            Self::Provider(error) => match error {
                ProviderError::Token(TokenError::InvalidGrant) => StatusCode::BAD_REQUEST,
                ProviderError::IdToken(_)
                | ProviderError::Token(TokenError::Nonsense | TokenError::Refused { .. }) => {
                    StatusCode::BAD_GATEWAY
                }
                _ => StatusCode::SERVICE_UNAVAILABLE,
            },
            Self::Session(SaveError::Store(_)) => StatusCode::SERVICE_UNAVAILABLE,
            Self::NoRandomness | Self::Seal(_) | Self::Session(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    pub(super) fn code(&self) -> &'static str {
        match self {
            Self::AuthorizationError => "authorization_error",
            Self::InvalidCallback(_) => "invalid_callback",
            Self::InvalidLogin(_) => "invalid_request",
            Self::IssuerMismatch => "issuer_mismatch",
            Self::InvalidState => "invalid_state",
            Self::SessionExpired => "session_expired",
            Self::NoIdToken | Self::Provider(ProviderError::IdToken(_)) => "invalid_id_token",
            Self::Provider(ProviderError::Token(_)) => "authorization_code_grant_error",
            Self::Provider(_) => "discovery_error",
            Self::NoRandomness | Self::Seal(_) | Self::Session(_) => "internal_error",
        }
    }

    /// The stable code of the rule that failed, for the log.
    pub(super) fn log_code(&self) -> &'static str {
        match self {
            Self::Provider(error) => error.code(),
            _ => self.code(),
        }
    }

    pub(super) fn description(&self) -> &'static str {
        match self {
            Self::AuthorizationError => "The sign-in was refused or cancelled",
            Self::InvalidCallback(_) | Self::IssuerMismatch => "The answer of the sign-in page is not valid",
            Self::InvalidLogin(_) => "A parameter of the sign-in is malformed",
            Self::InvalidState => {
                "This sign-in was not begun in this browser, or it took too long; begin it again"
            }
            Self::SessionExpired => "The session at the sign-in page is over; sign in again",
            Self::NoIdToken | Self::Provider(_) => "The sign-in could not be completed with the provider",
            Self::NoRandomness | Self::Seal(_) | Self::Session(_) => "The session could not be written",
        }
    }
}

impl From<IdTokenError> for Failure {
    fn from(error: IdTokenError) -> Self {
        Self::Provider(error.into())
    }
}

impl From<DocumentError> for Failure {
    fn from(error: DocumentError) -> Self {
        Self::Session(WriteError::from(error).into())
    }
}
