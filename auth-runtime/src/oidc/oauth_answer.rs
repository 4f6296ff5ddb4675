//! What endpoints that a client authenticates to say when they say no (RFC 6749 section 5.2, and those that refer to it).

use std::fmt;

use http::StatusCode;

use super::json_object::JsonObject;
use super::transport::{Answer, RetryAfter, TransportError};

/// The longest registered code has 32 characters.
const MAX_ERROR_CODE_CHARS: usize = 64;
const MAX_DESCRIPTION_CHARS: usize = 256;

/// Why an endpoint did not do what it was asked, by whose turn it is to act.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum Failure {
    /// The provider's: it answers, but this is no answer.
    #[error("its answer makes no sense")]
    Invalid,
    /// The operator's or the user's, as the code says.
    #[error("it refused the request: {code}")]
    Refused {
        code: ErrorCode,
        /// For the log. Cut, and free of control characters.
        description: Option<String>,
    },
    /// Nobody's, for the moment. Whether the request took effect is unknown, so it is not repeated.
    #[error("it is not available")]
    Unavailable { retry_after: Option<RetryAfter>, code: Option<ErrorCode> },
}

/// An `error` in the grammar of RFC 6749 section 5.2, and short: fit for a log line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ErrorCode(String);

impl Failure {
    /// What an answer means that is not a success.
    pub(super) fn of(answer: &Answer) -> Self {
        match answer.status {
            status if status.is_server_error() || is_temporary(status) => Self::Unavailable {
                retry_after: answer.retry_after,
                code: read_refusal(answer).map(|(code, _)| code),
            },
            status if status.is_client_error() => match read_refusal(answer) {
                Some((code, description)) => Self::Refused { code, description },
                None => Self::Invalid,
            },
            _ => Self::Invalid,
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

/// By whether waiting helps.
impl From<TransportError> for Failure {
    fn from(error: TransportError) -> Self {
        match error {
            TransportError::BodyTooLarge | TransportError::Redirected => Self::Invalid,
            TransportError::Connect
            | TransportError::Interrupted
            | TransportError::Setup
            | TransportError::Timeout => Self::Unavailable { retry_after: None, code: None },
        }
    }
}

fn is_temporary(status: StatusCode) -> bool {
    matches!(status, StatusCode::TOO_MANY_REQUESTS | StatusCode::REQUEST_TIMEOUT)
}

fn read_refusal(answer: &Answer) -> Option<(ErrorCode, Option<String>)> {
    let object = JsonObject::parse(&answer.body).ok()?;
    let code = ErrorCode::parse(&object.read::<String>("error").ok()??)?;
    let description = object.read::<String>("error_description").ok().flatten();
    Some((code, description.map(|text| shorten(&text))))
}

fn shorten(description: &str) -> String {
    description.chars().filter(|c| !c.is_control()).take(MAX_DESCRIPTION_CHARS).collect()
}
