//! The errors of endpoints to which a client authenticates (RFC 6749 section 5.2, and the RFCs that refer to it).

use std::fmt;

use http::StatusCode;

use super::json_object::JsonObject;
use super::transport::{Answer, RetryAfter, TransportError};

/// The longest error code that is read, in characters. The longest registered code has 32.
const MAX_ERROR_CODE_CHARS: usize = 64;
/// The most characters of a description that are kept.
const MAX_DESCRIPTION_CHARS: usize = 256;

/// The failure of a request to an endpoint, sorted by who has to act.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum Failure {
    /// The provider has to act: it sent an answer that makes no sense.
    #[error("its answer is invalid")]
    Invalid,
    /// The operator or the user has to act, as the code says.
    #[error("it refused the request: {code}")]
    Refused {
        code: ErrorCode,
        /// `error_description`, for the log: cut, and free of control characters.
        description: Option<String>,
    },
    /// The endpoint may be available later. It is unknown whether the request took effect, so it is not repeated.
    #[error("it is not available")]
    Unavailable { retry_after: Option<RetryAfter>, code: Option<ErrorCode> },
}

/// An `error` in the grammar of RFC 6749 section 5.2, and short: fit for a log line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ErrorCode(String);

impl Failure {
    /// Reads the failure in an answer that is not a success.
    pub(super) fn of(answer: &Answer) -> Self {
        match answer.status {
            // An outage, or a limit on requests: waiting may help.
            status if status.is_server_error() || is_temporary(status) => Self::Unavailable {
                retry_after: answer.retry_after,
                code: read_refusal(answer).map(|(code, _)| code),
            },
            status if status.is_client_error() => match read_refusal(answer) {
                Some((code, description)) => Self::Refused { code, description },
                // Without an error code nothing says who has to act.
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

/// Sorts the errors by whether waiting helps.
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
