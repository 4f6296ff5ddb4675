//! The failures of the sign-in's endpoints, and the next step that each one offers to the user.

use http::StatusCode;

use crate::crypto::SealError;
use crate::oidc::{IdTokenError, ProviderError, TokenError};
use crate::session::{DocumentError, WriteError};
use crate::store::{SaveError, StoreError};
use crate::time::Timestamp;

/// The reason why an endpoint of the sign-in fails. The client sees the code and a fixed sentence; the log sees the
/// source.
#[derive(Debug, thiserror::Error)]
pub(super) enum Failure {
    /// The provider answered with an error (RFC 6749 §4.1.2.1), for example because the user cancelled.
    #[error("the provider refused the sign-in")]
    AuthorizationError {
        /// The error code, if the text in the answer has the form of one.
        error: Option<String>,
    },
    /// The browser has no transaction for the callback, and the user is signed in: this very answer or another one
    /// began the session.
    #[error("there is no sign-in under way, and the user is signed in")]
    AlreadySignedIn,
    /// The sign-out was posted without proof that a page of this application sent it.
    #[error("the sign-out was not asked for by a page of this application")]
    CrossSite,
    /// The application's `on_login` does not let this user in.
    #[error("the application denied the sign-in")]
    Denied,
    /// The query of the callback is not one of RFC 6749 §4.1.2.
    #[error("the callback is malformed: {0}")]
    InvalidCallback(&'static str),
    /// A parameter of `/auth/login` is too long, or has a value that cannot be meant.
    #[error("the sign-in's parameter `{0}` is malformed")]
    InvalidLogin(&'static str),
    /// The callback names another issuer than the configured one, or none where the provider always sends it (RFC
    /// 9207).
    #[error("the callback names another issuer")]
    IssuerMismatch,
    /// The browser has no transaction for the callback's `state`.
    #[error("there is no sign-in under way that this answer belongs to")]
    InvalidState,
    /// The URL of the redirect cannot be written in a header.
    #[error("the address to send the browser to cannot stand in a header")]
    Location,
    /// The provider advertises no end-session endpoint, and the configuration permits no other way to sign out.
    #[error("the provider advertises no end-session endpoint")]
    NoEndSessionEndpoint,
    /// The tokens came without an ID token (OpenID Connect Core 1.0 §3.1.3.3).
    #[error("the provider gave no ID token")]
    NoIdToken,
    /// The operating system gave no random bytes.
    #[error("the operating system gave no random bytes")]
    NoRandomness,
    /// The user signed in to another organization than the requested one, or to none.
    #[error("the ID token does not name the organization that was asked for")]
    OrganizationMismatch,
    #[error(transparent)]
    Provider(#[from] ProviderError),
    #[error(transparent)]
    Seal(#[from] SealError),
    /// The provider's own limit on the session is already reached, or the session was ended while the sign-in was under
    /// way.
    #[error("the provider's session is already over")]
    SessionExpired,
    #[error(transparent)]
    Session(#[from] SaveError),
    /// The browser drops its session cookie, but the store may still have the session.
    #[error("the session could not be removed from the store")]
    SessionNotEnded(#[source] StoreError),
    /// The session here has ended, but the one at the provider may go on. `None` if the provider's metadata did not
    /// arrive in time.
    #[error("the provider could not be asked where to sign out")]
    SignOutUnfinished(#[source] Option<ProviderError>),
}

/// The next step that the page of a failure offers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum WayOn {
    /// A link to the application's root.
    Application,
    /// A link to a new sign-in.
    SignIn,
}

impl Failure {
    /// Returns the failure for an error answer of the provider (RFC 6749 §4.1.2.1). `error` may be any text of an
    /// attacker: text that does not look like a code is not even logged.
    pub(super) fn authorization_error(error: &str) -> Self {
        let is_code_char = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
        let is_code = (1..=MAX_CODE_BYTES).contains(&error.len()) && error.bytes().all(is_code_char);
        Self::AuthorizationError { error: is_code.then(|| error.to_owned()) }
    }

    pub(super) fn status(&self) -> StatusCode {
        match self {
            Self::AlreadySignedIn
            | Self::AuthorizationError { .. }
            | Self::InvalidCallback(_)
            | Self::InvalidLogin(_)
            | Self::IssuerMismatch
            | Self::InvalidState
            | Self::OrganizationMismatch => StatusCode::BAD_REQUEST,
            Self::CrossSite | Self::Denied | Self::SessionExpired => StatusCode::FORBIDDEN,
            Self::NoIdToken => StatusCode::BAD_GATEWAY,
            Self::Provider(error) => match error {
                ProviderError::Token(TokenError::InvalidGrant) => StatusCode::BAD_REQUEST,
                ProviderError::PushedAuthorization(error) if !error.is_temporary() => StatusCode::BAD_GATEWAY,
                ProviderError::ClientAssertion(_) => StatusCode::INTERNAL_SERVER_ERROR,
                ProviderError::IdToken(_)
                | ProviderError::Token(TokenError::Invalid | TokenError::Refused { .. }) => {
                    StatusCode::BAD_GATEWAY
                }
                _ => StatusCode::SERVICE_UNAVAILABLE,
            },
            Self::Session(error) => error.status(),
            Self::SessionNotEnded(_) | Self::SignOutUnfinished(_) => StatusCode::SERVICE_UNAVAILABLE,
            Self::Location | Self::NoEndSessionEndpoint | Self::NoRandomness | Self::Seal(_) => {
                StatusCode::INTERNAL_SERVER_ERROR
            }
        }
    }

    /// Returns the stable code that the client sees.
    pub(super) fn code(&self) -> &'static str {
        match self {
            Self::AuthorizationError { .. } => "authorization_error",
            Self::CrossSite => "cross_site_request",
            Self::Denied => "access_denied",
            Self::InvalidCallback(_) => "invalid_callback",
            Self::InvalidLogin(_) => "invalid_request",
            Self::IssuerMismatch => "issuer_mismatch",
            Self::AlreadySignedIn | Self::InvalidState => "invalid_state",
            Self::NoEndSessionEndpoint | Self::SignOutUnfinished(_) => "sign_out_unfinished",
            Self::OrganizationMismatch => "organization_mismatch",
            Self::Session(SaveError::Store(_)) | Self::SessionNotEnded(_) => "session_store_unavailable",
            Self::SessionExpired => "session_expired",
            Self::NoIdToken | Self::Provider(ProviderError::IdToken(_)) => "invalid_id_token",
            Self::Provider(ProviderError::Token(_)) => "authorization_code_grant_error",
            Self::Provider(ProviderError::PushedAuthorization(_)) => "pushed_authorization_error",
            Self::Location
            | Self::NoRandomness
            | Self::Provider(ProviderError::ClientAssertion(_))
            | Self::Seal(_)
            | Self::Session(_) => "internal_error",
            Self::Provider(_) => "discovery_error",
        }
    }

    /// Returns the stable code of the rule that failed, for the log.
    pub(super) fn log_code(&self) -> &'static str {
        match self {
            Self::Provider(error) | Self::SignOutUnfinished(Some(error)) => error.code(),
            Self::NoEndSessionEndpoint => "no_end_session_endpoint",
            _ => self.code(),
        }
    }

    /// Returns the provider's own error code, for the log.
    pub(super) fn provider_error(&self) -> Option<&str> {
        match self {
            Self::AuthorizationError { error } => error.as_deref(),
            _ => None,
        }
    }

    /// Returns the number of seconds after which another attempt may succeed, if the provider named one.
    pub(super) fn retry_after(&self, now: Timestamp) -> Option<u64> {
        match self {
            Self::Provider(error) => error.retry_after(now.as_unix()),
            _ => None,
        }
    }

    /// Returns the title of the failure's page.
    pub(super) fn heading(&self) -> &'static str {
        match self {
            Self::AlreadySignedIn => "You are signed in",
            Self::AuthorizationError { .. } | Self::Denied => "You are not signed in",
            Self::InvalidState | Self::SessionExpired => "Please sign in again",
            Self::CrossSite => "You are still signed in",
            Self::NoEndSessionEndpoint | Self::SignOutUnfinished(_) => "You are signed out here",
            Self::SessionNotEnded(_) => "You are signed out in this browser",
            Self::OrganizationMismatch => "This is not the organization you were invited to",
            _ => "The sign-in failed",
        }
    }

    /// Returns a sentence or two that tell the user what happened and what to do.
    pub(super) fn description(&self) -> &'static str {
        match self {
            Self::AuthorizationError { .. } => "The sign-in was refused or cancelled.",
            Self::AlreadySignedIn => "This page of the sign-in has done its work, and works only once.",
            Self::Denied => "This application does not let you in with this account.",
            Self::CrossSite => "Another website asked to sign you out, and that was refused.",
            Self::InvalidCallback(_) | Self::IssuerMismatch => {
                "The answer of the sign-in service is not valid, so nothing was done."
            }
            Self::InvalidLogin(_) => "A parameter in the address of the sign-in is malformed.",
            Self::InvalidState => "This sign-in was not begun in this browser, or it took too long.",
            Self::NoEndSessionEndpoint | Self::SignOutUnfinished(_) => {
                "The sign-in service could not be told, so you may still be signed in there."
            }
            Self::OrganizationMismatch => {
                "You signed in to another organization than the one that was asked for."
            }
            Self::SessionNotEnded(_) => {
                "Your session could not be removed everywhere, because of a temporary fault."
            }
            Self::SessionExpired => "Your session at the sign-in service is already over.",
            Self::NoIdToken | Self::Provider(_) => {
                "The sign-in service did not answer as it should. Trying again in a moment may help."
            }
            Self::Location | Self::NoRandomness | Self::Seal(_) | Self::Session(_) => {
                "Your session could not be written. The mistake is on our side."
            }
        }
    }

    pub(super) fn way_on(&self) -> WayOn {
        match self {
            Self::AlreadySignedIn
            | Self::CrossSite
            | Self::Denied
            | Self::InvalidLogin(_)
            | Self::Location
            | Self::NoEndSessionEndpoint
            | Self::SessionNotEnded(_)
            | Self::SignOutUnfinished(_) => WayOn::Application,
            _ => WayOn::SignIn,
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

/// Bytes of the longest error code that is logged. The longest registered one has 34.
const MAX_CODE_BYTES: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cb_04_only_what_looks_like_a_code_is_logged() {
        for code in ["access_denied", "urn-x.1"] {
            assert_eq!(Failure::authorization_error(code).provider_error(), Some(code));
        }
        for text in ["", "<script>", "a b", "a\r\nb", "ä", "%41", &"a".repeat(65)] {
            let failure = Failure::authorization_error(text);
            assert_eq!(failure.provider_error(), None, "{text}");
            assert!(text.is_empty() || !failure.to_string().contains(text));
        }
    }
}
