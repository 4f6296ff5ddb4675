//! The failure of an exchange, as an entry keeps it for the requests that waited.

use serde::{Deserialize, Serialize};

use super::outcome::Purpose;
use crate::oidc::{ErrorCode, IdTokenError, ProviderError, RetryAfter, TokenError};
use crate::time::Timestamp;

/// An exchange that yielded nothing.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Failed<N> {
    pub(super) purpose: Purpose,
    /// The name of the exchange.
    pub(super) by: N,
    /// The time of the failure, in unix seconds.
    pub(super) at: i64,
    error: Failure,
}

#[derive(Clone, Serialize, Deserialize)]
enum Failure {
    InvalidGrant,
    IssuerChanged,
    /// The provider's answer makes no sense. Instances of the version before know this by the name `Nonsense`.
    #[serde(rename = "Nonsense")]
    Invalid,
    Refused {
        code: String,
        description: Option<String>,
    },
    SubjectChanged,
    Unavailable {
        /// The time from which on to ask again, in unix seconds.
        retry_at: Option<i64>,
        #[serde(default)]
        code: Option<String>,
    },
}

impl<N> Failed<N> {
    /// Notes that the exchange `by` for `purpose` ended with this error.
    pub(super) fn new(purpose: Purpose, by: N, error: &ProviderError, now: Timestamp) -> Self {
        Self { purpose, by, at: now.as_unix(), error: Failure::of(error, now) }
    }

    /// Returns the error, for a request that waited.
    pub(super) fn error(&self) -> ProviderError {
        self.error.error()
    }

    /// Returns whether sending the token or a successor is useless: the provider no longer takes them, or they are
    /// another user's or another provider's. A refusal for a connection says nothing about the refresh token.
    pub(super) fn is_final(&self) -> bool {
        match self.error {
            Failure::InvalidGrant => !self.purpose.is_of_connection(),
            Failure::SubjectChanged | Failure::IssuerChanged => true,
            Failure::Invalid | Failure::Refused { .. } | Failure::Unavailable { .. } => false,
        }
    }

    /// Returns whether the failure counts for its own purpose only.
    pub(super) fn is_of_its_purpose(&self) -> bool {
        !self.is_final() && !self.is_for_all()
    }

    /// Returns whether the failure counts for every purpose: it is not known whether the refresh token is spent.
    pub(super) fn is_for_all(&self) -> bool {
        matches!(self.error, Failure::Unavailable { .. } | Failure::Invalid)
    }
}

impl Failure {
    fn of(error: &ProviderError, now: Timestamp) -> Self {
        match error {
            ProviderError::Token(TokenError::InvalidGrant) => Self::InvalidGrant,
            ProviderError::Token(TokenError::Refused { code, description }) => {
                Self::Refused { code: code.as_str().to_owned(), description: description.clone() }
            }
            ProviderError::Token(TokenError::Unavailable { retry_after, code }) => {
                let retry_at = retry_after.map(|after| now.saturating_add(after.seconds(now.as_unix())));
                let code = code.as_ref().map(|code| code.as_str().to_owned());
                Self::Unavailable { retry_at: retry_at.map(Timestamp::as_unix), code }
            }
            ProviderError::IdToken(IdTokenError::SubjectChanged) => Self::SubjectChanged,
            ProviderError::IdToken(IdTokenError::IssuerChanged) => Self::IssuerChanged,
            ProviderError::Token(TokenError::Invalid) | ProviderError::IdToken(_) => Self::Invalid,
            _ => Self::Unavailable { retry_at: None, code: None },
        }
    }

    fn error(&self) -> ProviderError {
        match self {
            Self::InvalidGrant => TokenError::InvalidGrant.into(),
            Self::IssuerChanged => IdTokenError::IssuerChanged.into(),
            Self::SubjectChanged => IdTokenError::SubjectChanged.into(),
            Self::Refused { code, description } => match ErrorCode::parse(code) {
                Some(code) => TokenError::Refused { code, description: description.clone() }.into(),
                // A code that this version does not take for one.
                None => TokenError::Invalid.into(),
            },
            Self::Unavailable { retry_at, code } => TokenError::Unavailable {
                retry_after: retry_at.map(RetryAfter::At),
                code: code.as_deref().and_then(ErrorCode::parse),
            }
            .into(),
            Self::Invalid => TokenError::Invalid.into(),
        }
    }
}
