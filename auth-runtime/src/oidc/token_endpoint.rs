//! The token endpoint: a code or a refresh token goes in, tokens come out (RFC 6749 sections 4.1.3, 5 and 6).

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::StatusCode;
use secrecy::{ExposeSecret, SecretString};
use serde_json::value::RawValue;
use url::Url;
use url::form_urlencoded::byte_serialize;
use zeroize::Zeroizing;

use super::json_object::{JsonObject, NotAnObject, WrongType};
use super::transport::{Answer, RetryAfter, Transport, TransportError};

/// As much as 32 cookie chunks hold. What is longer could not be kept.
const MAX_TOKEN_BYTES: usize = 112_000;
/// A year. What claims to live longer is asked about again sooner; no arithmetic comes near an overflow.
const MAX_EXPIRES_IN_SECONDS: u64 = 31_536_000;
/// The longest registered code has 32 characters.
const MAX_ERROR_CODE_CHARS: usize = 64;
const MAX_DESCRIPTION_CHARS: usize = 256;

/// How this client proves who it is (OpenID Connect Core 1.0 section 9).
#[derive(Clone, Debug)]
pub(crate) enum ClientAuthentication {
    /// `none`: a public client, protected by PKCE alone.
    None,
    /// `client_secret_basic`: in a header.
    SecretBasic(SecretString),
    /// `client_secret_post`: in the form. What the npm package does.
    SecretPost(SecretString),
}

/// The client as the provider knows it.
#[derive(Clone, Debug)]
pub(crate) struct Client {
    pub(crate) id: String,
    pub(crate) authentication: ClientAuthentication,
}

/// A form, and the header that goes with it. Borrowed, so that no secret is copied.
pub(crate) struct TokenRequest<'a> {
    fields: Vec<(&'static str, &'a str)>,
    authorization: Option<SecretString>,
}

/// What the provider granted.
#[derive(Clone, Debug)]
pub(crate) struct TokenResponse {
    pub(crate) access_token: SecretString,
    /// Seconds from now; `None` if the provider doesn't say.
    pub(crate) expires_in: Option<u64>,
    pub(crate) id_token: Option<SecretString>,
    /// The next one, if they rotate; the old one stays good otherwise.
    pub(crate) refresh_token: Option<SecretString>,
    /// Absent if it is what was asked for (RFC 6749 section 5.1).
    pub(crate) scope: Option<String>,
}

/// Why there are no tokens, by whose turn it is to act.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum TokenError {
    /// The user's: sign in again.
    #[error("the provider no longer accepts the code or the refresh token")]
    InvalidGrant,
    /// The provider's: it answers, but this is no answer.
    #[error("the token endpoint's answer makes no sense")]
    Nonsense,
    /// The operator's or the user's, as the code says.
    #[error("the provider refused the token request: {code}")]
    Refused {
        code: ErrorCode,
        /// For the log. Cut, and free of control characters.
        description: Option<String>,
    },
    /// Nobody's, for the moment. Whether the request took effect is unknown, so it is not repeated.
    #[error("the token endpoint is not available")]
    Unavailable { retry_after: Option<RetryAfter>, code: Option<ErrorCode> },
}

/// An `error` in the grammar of RFC 6749 section 5.2, and short: fit for a log line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ErrorCode(String);

/// RFC 6749 section 4.1.3, RFC 7636 section 4.5.
pub(crate) fn code_request<'a>(
    client: &'a Client,
    code: &'a str,
    redirect_uri: &'a str,
    code_verifier: &'a SecretString,
) -> TokenRequest<'a> {
    client.authenticate(vec![
        ("code", code),
        ("redirect_uri", redirect_uri),
        ("code_verifier", code_verifier.expose_secret()),
        ("grant_type", "authorization_code"),
    ])
}

/// RFC 6749 section 6. `audience` is what several providers call the resource.
pub(crate) fn refresh_request<'a>(
    client: &'a Client,
    refresh_token: &'a SecretString,
    audience: Option<&'a str>,
    scope: Option<&'a str>,
) -> TokenRequest<'a> {
    let mut fields = Vec::new();
    fields.extend(scope.map(|scope| ("scope", scope)));
    fields.extend(audience.map(|audience| ("audience", audience)));
    fields.push(("refresh_token", refresh_token.expose_secret()));
    fields.push(("grant_type", "refresh_token"));
    client.authenticate(fields)
}

/// Sends once. A failure says nothing about whether the provider acted on it.
pub(crate) async fn request_tokens(
    transport: &Transport,
    token_endpoint: &Url,
    request: &TokenRequest<'_>,
) -> Result<TokenResponse, TokenError> {
    let answer = transport.post_form(token_endpoint, &request.fields, request.authorization.as_ref()).await?;
    process_token_answer(&answer)
}

pub(crate) fn process_token_answer(answer: &Answer) -> Result<TokenResponse, TokenError> {
    match answer.status {
        StatusCode::OK => read_tokens(answer),
        status if status.is_server_error() || is_temporary(status) => Err(TokenError::Unavailable {
            retry_after: answer.retry_after,
            code: read_refusal(answer).map(|(code, _)| code),
        }),
        status if status.is_client_error() => match read_refusal(answer) {
            Some((code, _)) if code.as_str() == "invalid_grant" => Err(TokenError::InvalidGrant),
            Some((code, description)) => Err(TokenError::Refused { code, description }),
            None => Err(TokenError::Nonsense),
        },
        _ => Err(TokenError::Nonsense),
    }
}

impl ClientAuthentication {
    /// The method of a client that has, or has not, a secret.
    pub(crate) fn with_secret(secret: Option<SecretString>) -> Self {
        secret.map_or(Self::None, Self::SecretPost)
    }
}

impl Client {
    fn authenticate<'a>(&'a self, mut fields: Vec<(&'static str, &'a str)>) -> TokenRequest<'a> {
        let mut authorization = None;
        match &self.authentication {
            ClientAuthentication::None => fields.push(("client_id", &self.id)),
            ClientAuthentication::SecretBasic(secret) => authorization = Some(basic(&self.id, secret)),
            ClientAuthentication::SecretPost(secret) => {
                fields.extend([("client_id", self.id.as_str()), ("client_secret", secret.expose_secret())]);
            }
        }
        TokenRequest { fields, authorization }
    }
}

impl TokenResponse {
    /// Unix seconds at which the access token ends.
    pub(crate) fn expires_at(&self, now: i64) -> Option<i64> {
        self.expires_in.map(|seconds| now.saturating_add_unsigned(seconds))
    }
}

impl TokenError {
    /// Stable, for logs and metrics.
    pub(crate) fn code(&self) -> &'static str {
        match self {
            Self::InvalidGrant => "invalid_grant",
            Self::Nonsense => "token_endpoint_nonsense",
            Self::Refused { .. } => "token_endpoint_refused",
            Self::Unavailable { .. } => "token_endpoint_unavailable",
        }
    }
}

impl ErrorCode {
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let in_grammar = |c| matches!(c, ' ' | '!' | '#'..='[' | ']'..='~');
        let fits = !text.is_empty() && text.len() <= MAX_ERROR_CODE_CHARS && text.chars().all(in_grammar);
        fits.then(|| Self(text.to_owned()))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<TransportError> for TokenError {
    fn from(error: TransportError) -> Self {
        match error {
            TransportError::BodyTooLarge | TransportError::Redirected => Self::Nonsense,
            TransportError::Connect
            | TransportError::Interrupted
            | TransportError::Setup
            | TransportError::Timeout => Self::Unavailable { retry_after: None, code: None },
        }
    }
}

impl From<NotAnObject> for TokenError {
    fn from(_: NotAnObject) -> Self {
        Self::Nonsense
    }
}

impl From<WrongType> for TokenError {
    fn from(_: WrongType) -> Self {
        Self::Nonsense
    }
}

/// RFC 6749 section 2.3.1: both halves form-encoded first, so that a colon in one of them is no separator.
fn basic(id: &str, secret: &SecretString) -> SecretString {
    let id: String = byte_serialize(id.as_bytes()).collect();
    let secret = Zeroizing::new(byte_serialize(secret.expose_secret().as_bytes()).collect::<String>());
    let pair = Zeroizing::new(format!("{id}:{}", *secret));
    format!("Basic {}", STANDARD.encode(pair.as_bytes())).into()
}

fn is_temporary(status: StatusCode) -> bool {
    matches!(status, StatusCode::TOO_MANY_REQUESTS | StatusCode::REQUEST_TIMEOUT)
}

fn read_tokens(answer: &Answer) -> Result<TokenResponse, TokenError> {
    // RFC 6749 section 5.1. A page from a proxy has status 200 as well.
    if answer.media_type != "application/json" {
        return Err(TokenError::Nonsense);
    }
    let object = JsonObject::parse(&answer.body)?;
    let token_type: String = object.read("token_type")?.ok_or(TokenError::Nonsense)?;
    // RFC 6749 section 7.1: a token of a kind that is not understood is not used.
    if !token_type.eq_ignore_ascii_case("bearer") {
        return Err(TokenError::Nonsense);
    }
    Ok(TokenResponse {
        access_token: read_token(&object, "access_token")?.ok_or(TokenError::Nonsense)?,
        expires_in: object.raw("expires_in").map(read_expires_in).transpose()?,
        id_token: read_token(&object, "id_token")?,
        refresh_token: read_token(&object, "refresh_token")?,
        scope: object.read("scope")?,
    })
}

/// Printable ASCII without spaces: the token becomes part of a header.
fn read_token(object: &JsonObject<'_>, name: &str) -> Result<Option<SecretString>, TokenError> {
    let Some(token) = object.read::<String>(name)? else { return Ok(None) };
    let fits = !token.is_empty() && token.len() <= MAX_TOKEN_BYTES;
    if fits && token.bytes().all(|byte| byte.is_ascii_graphic()) {
        Ok(Some(token.into()))
    } else {
        Err(TokenError::Nonsense)
    }
}

/// A number, or the text of one, as the npm package accepts. Negative is expired; fractions are dropped; huge is cut.
fn read_expires_in(value: &RawValue) -> Result<u64, TokenError> {
    let text = value.get().trim_matches('"');
    let is_number = text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'.' | b'e' | b'E' | b'+' | b'-'));
    let number: f64 = text.parse().map_err(|_| TokenError::Nonsense)?;
    if !is_number {
        return Err(TokenError::Nonsense);
    }
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a cast of a float saturates: below zero is zero, and the rest is cut right here"
    )]
    Ok((number as u64).min(MAX_EXPIRES_IN_SECONDS))
}

/// RFC 6749 section 5.2.
fn read_refusal(answer: &Answer) -> Option<(ErrorCode, Option<String>)> {
    let object = JsonObject::parse(&answer.body).ok()?;
    let code = ErrorCode::parse(&object.read::<String>("error").ok()??)?;
    let description = object.read::<String>("error_description").ok().flatten();
    Some((code, description.map(|text| shorten(&text))))
}

fn shorten(description: &str) -> String {
    description.chars().filter(|c| !c.is_control()).take(MAX_DESCRIPTION_CHARS).collect()
}

#[cfg(test)]
#[path = "token_endpoint_tests.rs"]
mod tests;
