//! `session.fetch()`: a request to an API with the user's access token.

use std::fmt;
use std::future::IntoFuture;
use std::pin::Pin;
use std::sync::Arc;

use axum::body::Bytes;
use axum::response::{IntoResponse, Response};
use http::header::{
    AUTHORIZATION, CONNECTION, CONTENT_LENGTH, COOKIE, EXPECT, HOST, PROXY_AUTHENTICATE, PROXY_AUTHORIZATION,
    SET_COOKIE, TE, TRAILER, TRANSFER_ENCODING, UPGRADE,
};
use http::{HeaderMap, HeaderName, StatusCode};

use super::super::access_token::AccessToken;
use super::super::error::AccessTokenError;
use super::super::request::AccessTokenRequest;
use crate::oidc::{MAX_BODY_BYTES, TransportError};
use crate::refresh::{NotSent, Refresher};
use crate::reject::{Refusal, RejectionKind, log_token_not_sent, respond_unstyled};
use crate::request::Session;

impl Session {
    /// Begins a request to an API with the user's access token, which is renewed first if need be. Await it; narrow the
    /// token before with an audience or a scope.
    ///
    /// The token goes only to an origin that [`api_origin`](crate::AuthBuilder::api_origin) or
    /// [`api_origin_for`](crate::AuthBuilder::api_origin_for) names. If the API answers 401, the request is sent once
    /// more, with a new token. No redirect is followed. Cookies are neither sent nor passed on. The answer is read
    /// whole, up to 1 MiB.
    ///
    /// ```
    /// # #[cfg(feature = "macros")] mod example {
    /// use auth_runtime::{FetchError, Session, with_api_auth_required};
    /// use axum::body::Bytes;
    /// use http::{Request, Response};
    ///
    /// #[with_api_auth_required]
    /// async fn orders(session: Session) -> Result<String, FetchError> {
    ///     let request = Request::get("https://api.example.com/orders").body(Bytes::new()).unwrap();
    ///     let answer = session.fetch(request).audience("https://api.example.com").await?;
    ///     Ok(format!("{} bytes", answer.body().len()))
    /// }
    /// # }
    /// ```
    pub fn fetch(&self, request: http::Request<Bytes>) -> FetchRequest {
        FetchRequest { token: self.access_token(), request }
    }
}

/// A request to an API, to be awaited.
///
/// ```
/// # #[cfg(feature = "macros")] mod example {
/// use auth_runtime::{FetchError, Session, with_api_auth_required};
/// use axum::body::Bytes;
///
/// #[with_api_auth_required]
/// async fn count(session: Session) -> Result<String, FetchError> {
///     let request = http::Request::get("https://api.example.com/orders").body(Bytes::new()).unwrap();
///     let answer = session.fetch(request).scope("read:orders").await?;
///     Ok(answer.status().to_string())
/// }
/// # }
/// ```
#[must_use = "a request does nothing unless awaited"]
pub struct FetchRequest {
    token: AccessTokenRequest,
    request: http::Request<Bytes>,
}

impl FetchRequest {
    /// Sets the API that the token is for (RFC 8707). By default it is the audience of the origin, if that has one, and
    /// else that of the sign-in.
    pub fn audience(mut self, audience: impl Into<String>) -> Self {
        self.token = self.token.audience(audience);
        self
    }

    /// Sets the scopes that the token must have been requested with, separated by spaces.
    pub fn scope(mut self, scope: impl Into<String>) -> Self {
        self.token = self.token.scope(scope);
        self
    }

    async fn send(self) -> Result<http::Response<Bytes>, FetchError> {
        let refresher = self.token.session.refresher().cloned();
        // A service that only verifies sessions has no origins to send tokens to.
        let refresher = refresher.ok_or(FetchError::Origin)?;
        let (mut token, mut request) = (self.token, self.request);
        let settings = refresher.settings();
        let origin = origin_of(request.uri());
        let (asked, default) = (token.audience.as_deref(), settings.audience.as_deref());
        // The origin is checked before a token is asked for.
        let permitted = match &origin {
            Some(origin) => settings.apis.audience(origin, asked, default),
            None => Err(NotSent::Origin),
        };
        if let Err(refused) = permitted {
            log_token_not_sent(origin.as_deref(), advice(refused, origin.is_some()), refresher.now());
        }
        if let Some(audience) = permitted? {
            token = token.audience(audience);
        }
        for name in NOT_FORWARDED {
            request.headers_mut().remove(name);
        }
        let first = token.clone().await?;
        let answer = call(&refresher, request.clone(), &first).await?;
        if answer.status() != StatusCode::UNAUTHORIZED {
            return Ok(answer);
        }
        // The provider may have withdrawn the token. Without another token the API's 401 is the answer.
        match token.force_refresh().await {
            Ok(newer) if newer.as_str() != first.as_str() => call(&refresher, request, &newer).await,
            _ => Ok(answer),
        }
    }
}

/// Returns what to do if the request was meant to be sent.
const fn advice(refused: NotSent, is_absolute: bool) -> &'static str {
    match refused {
        NotSent::Origin if is_absolute => {
            "if it is an API of yours, name the origin with `AuthBuilder::api_origin`"
        }
        NotSent::Origin => "the URL has to be absolute, without user name and password",
        NotSent::Audience => {
            "`AuthBuilder::api_origin_for` binds this origin, or the token's audience, to another: ask for the audience \
             of the API"
        }
    }
}

/// Sends the request with the token.
async fn call(
    refresher: &Arc<Refresher>,
    mut request: http::Request<Bytes>,
    token: &AccessToken,
) -> Result<http::Response<Bytes>, FetchError> {
    let authorization = token.authorization().ok_or(FetchError::Token(AccessTokenError::InvalidResponse))?;
    request.headers_mut().insert(AUTHORIZATION, authorization);
    let mut answer = refresher.provider().transport().call(request, MAX_BODY_BYTES).await?;
    strip(answer.headers_mut());
    Ok(answer)
}

/// Removes the headers that belong to the connection (RFC 9110 §7.6.1), and cookies, which a browser would take for
/// this application's own.
fn strip(headers: &mut HeaderMap) {
    for name in HOP_BY_HOP.iter().chain([&SET_COOKIE]) {
        headers.remove(name);
    }
}

/// Returns the URL's origin as browsers write it. `None` if the URL is not absolute, or has a user name or a password.
fn origin_of(uri: &http::Uri) -> Option<String> {
    let url = url::Url::parse(&uri.to_string()).ok()?;
    let has_user = !url.username().is_empty() || url.password().is_some();
    (!has_user).then(|| url.origin().ascii_serialization())
}

impl IntoFuture for FetchRequest {
    type Output = Result<http::Response<Bytes>, FetchError>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.send())
    }
}

impl fmt::Debug for FetchRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FetchRequest").field("token", &self.token).finish_non_exhaustive()
    }
}

/// The reason why a request to an API has no answer.
///
/// ```
/// use auth_runtime::{AccessTokenError, FetchError};
///
/// let error = FetchError::from(AccessTokenError::Missing);
/// assert_eq!(error.code(), "missing_access_token");
/// assert_eq!(FetchError::Unavailable.code(), "api_unavailable");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FetchError {
    /// The API's answer cannot be read: it is too large or breaks off.
    #[error("the answer of the API is too large or breaks off")]
    Answer,
    /// The origin is for tokens of another audience, or the audience belongs to another origin.
    #[error("no access token for this audience may be sent to this origin")]
    Audience,
    /// The URL is not of an origin that access tokens may be sent to, or the service only verifies sessions.
    #[error("no access token may be sent to this origin: name it with `api_origin`")]
    Origin,
    /// There is no access token.
    #[error(transparent)]
    Token(#[from] AccessTokenError),
    /// The API does not answer.
    #[error("the API does not answer at the moment")]
    Unavailable,
}

impl FetchError {
    /// Returns the stable error code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Answer => "bad_api_answer",
            Self::Audience => "audience_not_of_origin",
            Self::Origin => "origin_not_configured",
            Self::Token(error) => error.code(),
            Self::Unavailable => "api_unavailable",
        }
    }
}

impl From<NotSent> for FetchError {
    fn from(refused: NotSent) -> Self {
        match refused {
            NotSent::Audience => Self::Audience,
            NotSent::Origin => Self::Origin,
        }
    }
}

impl From<TransportError> for FetchError {
    fn from(error: TransportError) -> Self {
        match error {
            TransportError::BodyTooLarge | TransportError::Interrupted | TransportError::Redirected => {
                Self::Answer
            }
            TransportError::Connect | TransportError::Setup | TransportError::Timeout => Self::Unavailable,
        }
    }
}

impl From<&FetchError> for Refusal {
    fn from(error: &FetchError) -> Self {
        let (status, description) = match error {
            FetchError::Token(error) => return Self::from(error),
            FetchError::Answer => (StatusCode::BAD_GATEWAY, "The answer of the API cannot be read"),
            FetchError::Audience => (
                StatusCode::INTERNAL_SERVER_ERROR,
                "No access token for this audience may be sent to this address",
            ),
            FetchError::Origin => {
                (StatusCode::INTERNAL_SERVER_ERROR, "No access token may be sent to this address")
            }
            FetchError::Unavailable => {
                (StatusCode::SERVICE_UNAVAILABLE, "The API does not answer at the moment")
            }
        };
        Self::new(RejectionKind::ApiUnavailable, status, error.code(), description)
    }
}

/// Responds in the service's style ([`Rejection`](crate::Rejection)) behind the attribute, and in the default style
/// elsewhere.
impl IntoResponse for FetchError {
    fn into_response(self) -> Response {
        respond_unstyled(&self)
    }
}

/// The headers of an answer that belong to the connection.
const HOP_BY_HOP: [HeaderName; 7] =
    [CONNECTION, PROXY_AUTHENTICATE, PROXY_AUTHORIZATION, TE, TRAILER, TRANSFER_ENCODING, UPGRADE];

/// The headers that a handler may have copied from its own request and that no API is to see.
const NOT_FORWARDED: [HeaderName; 12] = [
    AUTHORIZATION,
    CONNECTION,
    CONTENT_LENGTH,
    COOKIE,
    EXPECT,
    HOST,
    PROXY_AUTHENTICATE,
    PROXY_AUTHORIZATION,
    TE,
    TRAILER,
    TRANSFER_ENCODING,
    UPGRADE,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s_bff_5_only_a_configured_origin_is_named() {
        let apis = ["https://api.example.com", "https://other.example.com:8443"];
        let is_named = |uri: &'static str| {
            origin_of(&http::Uri::from_static(uri)).is_some_and(|origin| apis.contains(&origin.as_str()))
        };
        assert!(is_named("https://api.example.com/orders?x=1"));
        assert!(is_named("https://API.example.com:443/"));
        assert!(is_named("https://other.example.com:8443/"));
        for uri in [
            "http://api.example.com/",
            "https://api.example.com.evil.example/",
            "https://evil.example/https://api.example.com/",
            "https://other.example.com/",
            "https://user@api.example.com/",
            "/orders",
        ] {
            assert!(!is_named(uri), "{uri}");
        }
    }
}
