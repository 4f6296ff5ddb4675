//! `auth.exchange_token()`: one token for another (RFC 8693).

use std::fmt;
use std::future::IntoFuture;
use std::pin::Pin;
use std::sync::Arc;

use axum::response::{IntoResponse, Response};
use http::StatusCode;
use secrecy::{ExposeSecret, SecretString};

use super::super::error::AccessTokenError;
use super::super::limits::Limits;
use super::super::select::union;
use crate::oidc::{TokenExchange, TokenType};
use crate::refresh::Refresher;
use crate::reject::{Refusal, RejectionKind, respond_unstyled};
use crate::time::Timestamp;

/// A request to exchange one token for another, to be awaited. [`Auth::exchange_token`](crate::Auth::exchange_token)
/// begins it.
///
/// ```no_run
/// # async fn example(auth: auth_runtime::Auth, token: &str) -> Result<(), auth_runtime::TokenExchangeError> {
/// let exchanged = auth
///     .exchange_token(token, "urn:ietf:params:oauth:token-type:access_token")
///     .scope("read:reports")
///     .parameter("reason", "support")
///     .await?;
/// assert!(exchanged.is_bearer());
/// # Ok(())
/// # }
/// ```
#[must_use = "an exchange does nothing unless awaited"]
pub struct TokenExchangeRequest {
    refresher: Option<Arc<Refresher>>,
    subject_token: SecretString,
    subject_token_type: String,
    scope: String,
    audience: Option<String>,
    organization: Option<String>,
    actor: Option<(SecretString, String)>,
    parameters: Vec<(String, String)>,
}

impl TokenExchangeRequest {
    pub(crate) fn new(
        refresher: Option<Arc<Refresher>>,
        subject_token: String,
        subject_token_type: String,
    ) -> Self {
        Self {
            refresher,
            subject_token: subject_token.into(),
            subject_token_type,
            scope: String::new(),
            audience: None,
            organization: None,
            actor: None,
            parameters: Vec::new(),
        }
    }

    /// Sets the API that the new token is for.
    pub fn audience(mut self, audience: impl Into<String>) -> Self {
        self.audience = Some(audience.into());
        self
    }

    /// Sets the scopes to ask for, separated by spaces, beside those that sign-in asks for.
    pub fn scope(mut self, scope: impl Into<String>) -> Self {
        self.scope = scope.into();
        self
    }

    /// Sets the organization that the new token is for.
    pub fn organization(mut self, organization: impl Into<String>) -> Self {
        self.organization = Some(organization.into());
        self
    }

    /// Sets the token of the party that acts on the subject's behalf, and the identifier of the token's type (RFC 8693
    /// §3).
    pub fn actor(mut self, token: impl Into<String>, token_type: impl Into<String>) -> Self {
        self.actor = Some((SecretString::from(token.into()), token_type.into()));
        self
    }

    /// Adds one more parameter. Parameters that have a method of their own, or identify this service, are left out.
    pub fn parameter(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.parameters.push((name.into(), value.into()));
        self
    }

    /// Checks the lengths of the parameters, since the application may take them from its caller.
    fn check_lengths(&self) -> Result<(), AccessTokenError> {
        let actor = self.actor.as_ref().map_or("", |(token, _)| token.expose_secret());
        let extra = self.parameters.iter().map(|(name, value)| name.len().saturating_add(value.len()));
        let mut limits = Limits::default()
            .scope(&self.scope)
            .name("audience", self.audience.as_deref())
            .name("organization", self.organization.as_deref())
            .text("subject_token", self.subject_token.expose_secret(), MAX_TOKEN_BYTES)
            .text("actor_token", actor, MAX_TOKEN_BYTES);
        if extra.fold(0, usize::saturating_add) > MAX_EXTRA_BYTES {
            limits = limits.broken("parameter");
        }
        limits.check()
    }

    async fn send(self) -> Result<ExchangedToken, TokenExchangeError> {
        let refresher = self.refresher.clone().ok_or(TokenExchangeError::VerifyOnly)?;
        if self.subject_token.expose_secret().is_empty() {
            return Err(TokenExchangeError::SubjectToken);
        }
        if !is_token_type(&self.subject_token_type) {
            return Err(TokenExchangeError::SubjectTokenType);
        }
        if self.actor.as_ref().is_some_and(|(_, token_type)| !is_token_type(token_type)) {
            return Err(TokenExchangeError::ActorTokenType);
        }
        self.check_lengths()?;
        let scope = union(&refresher.settings().scope, &self.scope);
        let exchange = TokenExchange {
            subject_token: &self.subject_token,
            subject_token_type: &self.subject_token_type,
            scope: Some(&scope),
            audience: self.audience.as_deref(),
            organization: self.organization.as_deref(),
            actor: self.actor.as_ref().map(|(token, token_type)| (token, token_type.as_str())),
            extra: &self.parameters,
        };
        let answer = refresher.provider().exchange_token(&exchange).await;
        let now = refresher.now();
        let tokens = answer.map_err(|error| AccessTokenError::of(&error, now))?;
        refresher.provider().note_grant(&scope, tokens.scope.as_deref());
        Ok(ExchangedToken {
            token: tokens.access_token,
            issued_token_type: tokens.issued_token_type,
            is_bearer: tokens.token_type == TokenType::Bearer,
            expires_at: tokens.expires_in.map(|seconds| now.saturating_add(seconds)),
            scope: tokens.scope,
            refresh_token: tokens.refresh_token,
        })
    }
}

/// The token that another token was exchanged for (RFC 8693 §2.2.1). No session keeps it. `Debug` shows no token.
///
/// ```
/// use auth_runtime::ExchangedToken;
///
/// fn authorization(exchanged: &ExchangedToken) -> Option<String> {
///     exchanged.is_bearer().then(|| format!("Bearer {}", exchanged.as_str()))
/// }
/// ```
#[derive(Clone)]
pub struct ExchangedToken {
    token: SecretString,
    issued_token_type: Option<String>,
    is_bearer: bool,
    expires_at: Option<Timestamp>,
    scope: Option<String>,
    refresh_token: Option<SecretString>,
}

impl ExchangedToken {
    /// Returns the token.
    pub fn as_str(&self) -> &str {
        self.token.expose_secret()
    }

    /// Returns the identifier of the token's type (RFC 8693 §3), if the provider sent it.
    pub fn issued_token_type(&self) -> Option<&str> {
        self.issued_token_type.as_deref()
    }

    /// Returns whether the token is a bearer access token. If not (`token_type` is `N_A`), it is no access token.
    pub fn is_bearer(&self) -> bool {
        self.is_bearer
    }

    /// Returns when the token expires; `None` when the provider did not say.
    pub fn expires_at(&self) -> Option<Timestamp> {
        self.expires_at
    }

    /// Returns the scopes that were granted, if the provider sent them. It need not if they are the requested ones.
    pub fn scope(&self) -> Option<&str> {
        self.scope.as_deref()
    }

    /// Returns the refresh token for the new token, if there is one.
    pub fn refresh_token(&self) -> Option<&str> {
        self.refresh_token.as_ref().map(ExposeSecret::expose_secret)
    }
}

/// The reason why a token was not exchanged.
///
/// ```
/// use auth_runtime::{AccessTokenError, TokenExchangeError};
///
/// assert_eq!(TokenExchangeError::SubjectToken.code(), "missing_subject_token");
/// let error = TokenExchangeError::from(AccessTokenError::InvalidResponse);
/// assert_eq!(error.code(), "exchange_failed");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TokenExchangeError {
    /// The actor token's type is no URI of 10 to 100 characters.
    #[error("the type of the actor token is no URI of 10 to 100 characters")]
    ActorTokenType,
    /// The provider did not give a token.
    #[error(transparent)]
    Exchange(#[from] AccessTokenError),
    /// There is no subject token.
    #[error("the subject token is missing")]
    SubjectToken,
    /// The subject token's type is no URI of 10 to 100 characters.
    #[error("the type of the subject token is no URI of 10 to 100 characters")]
    SubjectTokenType,
    /// The service only verifies sessions, so it has no client credentials.
    #[error("this service only verifies sessions, it does not exchange tokens")]
    VerifyOnly,
}

impl TokenExchangeError {
    /// Returns the stable error code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::ActorTokenType => "invalid_actor_token_type",
            Self::Exchange(_) => "exchange_failed",
            Self::SubjectToken => "missing_subject_token",
            Self::SubjectTokenType => "invalid_subject_token_type",
            Self::VerifyOnly => "verify_only",
        }
    }
}

impl From<&TokenExchangeError> for Refusal {
    fn from(error: &TokenExchangeError) -> Self {
        // The handler usually has the token from its caller, so the caller is told what is wrong with it.
        let (status, description) = match error {
            TokenExchangeError::Exchange(error) => {
                return Self::from(error).with_code("exchange_failed");
            }
            TokenExchangeError::ActorTokenType => {
                (StatusCode::BAD_REQUEST, "The type of the actor token must be a URI of 10 to 100 characters")
            }
            TokenExchangeError::SubjectToken => (StatusCode::BAD_REQUEST, "The subject token is missing"),
            TokenExchangeError::SubjectTokenType => (
                StatusCode::BAD_REQUEST,
                "The type of the subject token must be a URI of 10 to 100 characters",
            ),
            TokenExchangeError::VerifyOnly => (
                StatusCode::INTERNAL_SERVER_ERROR,
                "This service only verifies sessions, it does not exchange tokens",
            ),
        };
        Self::new(RejectionKind::AccessTokenUnavailable, status, error.code(), description)
    }
}

/// Responds in the service's style ([`Rejection`](crate::Rejection)) behind the attribute, and in the default style
/// elsewhere.
impl IntoResponse for TokenExchangeError {
    fn into_response(self) -> Response {
        respond_unstyled(&self)
    }
}

impl IntoFuture for TokenExchangeRequest {
    type Output = Result<ExchangedToken, TokenExchangeError>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.send())
    }
}

impl fmt::Debug for TokenExchangeRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenExchangeRequest")
            .field("subject_token_type", &self.subject_token_type)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for ExchangedToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ExchangedToken")
            .field("issued_token_type", &self.issued_token_type)
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}

/// Returns whether the text is an absolute URI (RFC 8693 §3): a URN, or an http or https URL, of a length that Auth0
/// takes.
fn is_token_type(text: &str) -> bool {
    let is_uri = url::Url::parse(text).is_ok_and(|url| matches!(url.scheme(), "urn" | "http" | "https"));
    is_uri && (MIN_TYPE_CHARS..=MAX_TYPE_CHARS).contains(&text.chars().count())
}

/// The bytes of a subject token or actor token: as many as a token of the provider's own may have.
const MAX_TOKEN_BYTES: usize = 112_000;

/// The bytes of further parameters, names and values together: as many as a server takes of headers.
const MAX_EXTRA_BYTES: usize = 16 * 1_024;

/// Auth0's limits on the length of a token's type, in characters.
const MIN_TYPE_CHARS: usize = 10;
const MAX_TYPE_CHARS: usize = 100;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_type_is_a_uri_of_sensible_length() {
        assert!(is_token_type("urn:ietf:params:oauth:token-type:access_token"));
        assert!(is_token_type("https://example.com/legacy-token"));
        let long = format!("urn:{}", "x".repeat(97));
        for text in ["", "urn:a:b", "access_token", "javascript:alert(1)", "example.com/legacy-token", &long]
        {
            assert!(!is_token_type(text), "{text}");
        }
    }
}
