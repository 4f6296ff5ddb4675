//! An access token that was given to the application.

use std::fmt;

use http::HeaderValue;
use zeroize::Zeroizing;

use crate::time::Timestamp;

/// An access token (RFC 6750). `Debug` does not show it, and it is wiped when dropped.
///
/// ```
/// # #[cfg(feature = "macros")] mod example {
/// use auth_runtime::{AccessTokenError, Session, with_api_auth_required};
///
/// #[with_api_auth_required]
/// async fn granted(session: Session) -> Result<String, AccessTokenError> {
///     let token = session.access_token().await?;
///     assert!(token.authorization().is_some_and(|value| value.is_sensitive()));
///     Ok(token.scope().unwrap_or_default().to_owned())
/// }
/// # }
/// ```
#[derive(Clone)]
pub struct AccessToken {
    pub(super) token: Zeroizing<String>,
    pub(super) expires_at: Option<Timestamp>,
    pub(super) scope: Option<String>,
    pub(super) audience: Option<String>,
    pub(super) token_type: Option<String>,
}

impl AccessToken {
    /// Returns the token.
    pub fn as_str(&self) -> &str {
        &self.token
    }

    /// Returns when the token expires; `None` when that is not known.
    pub fn expires_at(&self) -> Option<Timestamp> {
        self.expires_at
    }

    /// Returns the scopes that were granted, as one space-separated text (RFC 6749 §3.3).
    pub fn scope(&self) -> Option<&str> {
        self.scope.as_deref()
    }

    /// Returns the API that the token was requested for.
    pub fn audience(&self) -> Option<&str> {
        self.audience.as_deref()
    }

    /// Returns the token's type as the session has it: `bearer`, once the token was renewed.
    pub fn token_type(&self) -> Option<&str> {
        self.token_type.as_deref()
    }

    /// Returns the value of an `Authorization` header, marked sensitive; `None` for a token that no header can carry.
    pub fn authorization(&self) -> Option<HeaderValue> {
        let mut value = HeaderValue::try_from(format!("Bearer {}", self.as_str())).ok()?;
        value.set_sensitive(true);
        Some(value)
    }
}

impl fmt::Debug for AccessToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AccessToken").field("expires_at", &self.expires_at).finish_non_exhaustive()
    }
}
