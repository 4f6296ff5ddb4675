//! The token endpoint: a code or a refresh token goes in, tokens come out (RFC 6749 sections 4.1.3, 5 and 6).

use http::StatusCode;
use secrecy::{ExposeSecret, SecretString};
use serde_json::value::RawValue;

use super::client::{Field, field};
use super::json_object::{JsonObject, NotAnObject, WrongType};
use super::oauth_answer::{ErrorCode, Failure};
use super::transport::{Answer, RetryAfter, TransportError};

/// The longest token, in bytes: as much as 32 cookie chunks hold.
const MAX_TOKEN_BYTES: usize = 112_000;
/// The longest `scope`, in bytes: far more than an access token names. Sessions and the records of refreshes keep it.
const MAX_SCOPE_BYTES: usize = 32 * 1_024;
/// The greatest `expires_in`: a year. A token that claims to live longer is renewed sooner, and no arithmetic
/// comes near an overflow.
const MAX_EXPIRES_IN_SECONDS: u64 = 31_536_000;

/// The tokens that the provider granted.
#[derive(Clone, Debug)]
pub(crate) struct TokenResponse {
    pub(crate) access_token: SecretString,
    /// Seconds from the answer to the end of the access token; `None` if the provider does not say.
    pub(crate) expires_in: Option<u64>,
    pub(crate) id_token: Option<SecretString>,
    /// The next refresh token, if refresh tokens rotate. Without it the old one stays good.
    pub(crate) refresh_token: Option<SecretString>,
    /// The granted scopes; absent if they are those asked for (RFC 6749 section 5.1).
    pub(crate) scope: Option<String>,
}

/// The reason why there are no tokens, sorted by who has to act.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum TokenError {
    /// The user has to sign in again.
    #[error("the provider no longer accepts the code or the refresh token")]
    InvalidGrant,
    /// The provider has to act: it sent an answer that makes no sense.
    #[error("the token endpoint's answer is invalid")]
    Invalid,
    /// The operator or the user has to act, as the code says.
    #[error("the provider refused the token request: {code}")]
    Refused {
        code: ErrorCode,
        /// `error_description`, for the log: cut, and free of control characters.
        description: Option<String>,
    },
    /// The endpoint may be available later. It is unknown whether the request took effect, so it is not repeated.
    #[error("the token endpoint is not available")]
    Unavailable { retry_after: Option<RetryAfter>, code: Option<ErrorCode> },
    /// This instance sent nothing, because its right to send the refresh token was over.
    #[error("the refresh token was not sent, since another instance may have sent it")]
    Withheld,
}

/// Returns the form that sends a code (RFC 6749 section 4.1.3, RFC 7636 section 4.5).
pub(super) fn code_fields<'a>(
    code: &'a str,
    redirect_uri: &'a str,
    code_verifier: &'a SecretString,
) -> Vec<Field<'a>> {
    vec![
        field("code", code),
        field("redirect_uri", redirect_uri),
        field("code_verifier", code_verifier.expose_secret()),
        field("grant_type", "authorization_code"),
    ]
}

/// Returns the form that sends a refresh token (RFC 6749 section 6). `audience` is the name of several
/// providers for the resource.
pub(super) fn refresh_fields<'a>(
    refresh_token: &'a SecretString,
    audience: Option<&'a str>,
    scope: Option<&'a str>,
) -> Vec<Field<'a>> {
    let mut fields = Vec::new();
    fields.extend(scope.map(|scope| field("scope", scope)));
    fields.extend(audience.map(|audience| field("audience", audience)));
    fields.push(field("refresh_token", refresh_token.expose_secret()));
    fields.push(field("grant_type", "refresh_token"));
    fields
}

/// Reads the tokens in an answer.
pub(super) fn process_token_answer(answer: &Answer) -> Result<TokenResponse, TokenError> {
    let object = granted(answer)?;
    let token_type = object.read::<String>("token_type")?.ok_or(TokenError::Invalid)?;
    // RFC 6749 section 7.1: a token of a kind that is not understood is not used.
    if !token_type.eq_ignore_ascii_case("bearer") {
        return Err(TokenError::Invalid);
    }
    Ok(TokenResponse {
        access_token: read_token(&object, "access_token")?.ok_or(TokenError::Invalid)?,
        expires_in: object.raw("expires_in").map(read_expires_in).transpose()?,
        id_token: read_token(&object, "id_token")?,
        refresh_token: read_token(&object, "refresh_token")?,
        scope: read_scope(&object)?,
    })
}

/// Reads the refresh token that takes the place of the one that was sent. It is read apart from the rest of the answer:
/// even if the rest makes no sense, the refresh token that was sent may be spent.
pub(super) fn next_refresh_token(answer: &Answer) -> Option<SecretString> {
    read_token(&granted(answer).ok()?, "refresh_token").ok()?
}

/// Returns the object of an answer that is a success (RFC 6749 section 5.1).
pub(super) fn granted(answer: &Answer) -> Result<JsonObject<'_>, TokenError> {
    if answer.status != StatusCode::OK {
        return Err(Failure::of(answer).into());
    }
    // The page of a proxy can have status 200 as well.
    if answer.media_type != "application/json" {
        return Err(TokenError::Invalid);
    }
    Ok(JsonObject::parse(&answer.body)?)
}

impl TokenResponse {
    /// Returns the time in unix seconds at which the access token ends.
    pub(crate) fn expires_at(&self, now: i64) -> Option<i64> {
        self.expires_in.map(|seconds| now.saturating_add_unsigned(seconds))
    }
}

impl TokenError {
    /// Returns a stable code, for logs and metrics.
    pub(crate) fn code(&self) -> &'static str {
        match self {
            Self::InvalidGrant => "invalid_grant",
            Self::Invalid => "token_endpoint_nonsense",
            Self::Refused { .. } => "token_endpoint_refused",
            Self::Unavailable { .. } => "token_endpoint_unavailable",
            Self::Withheld => "refresh_token_withheld",
        }
    }
}

impl From<Failure> for TokenError {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Invalid => Self::Invalid,
            // The code or the refresh token has ended or was revoked (RFC 6749 section 5.2): only the
            // user can get another.
            Failure::Refused { code, .. } if code.as_str() == "invalid_grant" => Self::InvalidGrant,
            Failure::Refused { code, description } => Self::Refused { code, description },
            Failure::Unavailable { retry_after, code } => Self::Unavailable { retry_after, code },
        }
    }
}

impl From<TransportError> for TokenError {
    fn from(error: TransportError) -> Self {
        Failure::from(error).into()
    }
}

impl From<NotAnObject> for TokenError {
    fn from(_: NotAnObject) -> Self {
        Self::Invalid
    }
}

impl From<WrongType> for TokenError {
    fn from(_: WrongType) -> Self {
        Self::Invalid
    }
}

/// Reads a token: printable ASCII without spaces, because the token becomes part of a header.
pub(super) fn read_token(object: &JsonObject<'_>, name: &str) -> Result<Option<SecretString>, TokenError> {
    let Some(token) = object.read::<String>(name)? else { return Ok(None) };
    let fits = !token.is_empty() && token.len() <= MAX_TOKEN_BYTES;
    if fits && token.bytes().all(|byte| byte.is_ascii_graphic()) {
        Ok(Some(token.into()))
    } else {
        Err(TokenError::Invalid)
    }
}

/// Reads the scopes that were granted, as one text.
pub(super) fn read_scope(object: &JsonObject<'_>) -> Result<Option<String>, TokenError> {
    let scope = object.read::<String>("scope")?;
    match scope {
        Some(scope) if scope.len() > MAX_SCOPE_BYTES => Err(TokenError::Invalid),
        scope => Ok(scope),
    }
}

/// Reads a number of seconds, or the text of a number, as the npm package accepts. A negative number becomes 0, a
/// fraction is dropped, and a number above [`MAX_EXPIRES_IN_SECONDS`] is cut.
pub(super) fn read_expires_in(value: &RawValue) -> Result<u64, TokenError> {
    let text = value.get().trim_matches('"');
    let is_number = text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'.' | b'e' | b'E' | b'+' | b'-'));
    let number: f64 = text.parse().map_err(|_| TokenError::Invalid)?;
    // Rust reads `inf` and `nan` as numbers too.
    if !is_number {
        return Err(TokenError::Invalid);
    }
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a cast of a float saturates: below zero is zero, and the rest is cut right here"
    )]
    Ok((number as u64).min(MAX_EXPIRES_IN_SECONDS))
}

#[cfg(test)]
#[path = "token_endpoint_tests.rs"]
mod tests;
