//! The pushed authorization request: this server posts it, so that the browser carries a reference alone (RFC 9126).

use url::Url;

use super::discovery::Metadata;
use super::json_object::JsonObject;
use super::oauth_answer::Failure;
use super::token_endpoint::read_expires_in;
use super::transport::{Answer, RetryAfter, TransportError};

/// The longest `request_uri`, in bytes: long for a reference, short for a URL.
const MAX_REQUEST_URI_BYTES: usize = 2048;

/// The reason why the sign-in did not begin. There is no other way then: parameters that were to be hidden are
/// not sent in the URL.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum PushedAuthorizationError {
    #[error("the endpoint for pushed authorization requests: {0}")]
    Failed(#[from] Failure),
    #[error("the provider's metadata lack `pushed_authorization_request_endpoint`")]
    NotSupported,
}

/// A `request_uri`: the reference to a pushed request, good for one sign-in, at once.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct RequestUri(String);

/// Reads the reference in an answer (section 2.2).
pub(super) fn process_pushed_answer(answer: &Answer) -> Result<RequestUri, Failure> {
    // Section 2.2 asks for 201; some providers answer 200.
    if !matches!(answer.status.as_u16(), 200 | 201) {
        return Err(Failure::of(answer));
    }
    if answer.media_type != "application/json" {
        return Err(Failure::Invalid);
    }
    let object = JsonObject::parse(&answer.body).map_err(|_| Failure::Invalid)?;
    let request_uri = object.read::<String>("request_uri").ok().flatten().ok_or(Failure::Invalid)?;
    let expires_in = object.raw("expires_in").ok_or(Failure::Invalid)?;
    let is_over = read_expires_in(expires_in).map_err(|_| Failure::Invalid)? == 0;
    let fits = !request_uri.is_empty() && request_uri.len() <= MAX_REQUEST_URI_BYTES;
    if is_over || !fits || !request_uri.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(Failure::Invalid);
    }
    Ok(RequestUri(request_uri))
}

/// Returns the URL to send the browser to, with the client and the reference, and nothing else (section 4).
pub(super) fn pushed_authorization_url(metadata: &Metadata, client_id: &str, request: &RequestUri) -> Url {
    let mut url = metadata.authorization_endpoint.clone();
    url.query_pairs_mut().append_pair("client_id", client_id).append_pair("request_uri", &request.0);
    url
}

impl PushedAuthorizationError {
    /// Returns whether another attempt in a moment may help.
    pub(crate) fn is_temporary(&self) -> bool {
        matches!(self, Self::Failed(Failure::Unavailable { .. }))
    }

    /// Returns when to try again, if the provider said so.
    pub(super) fn retry_after(&self) -> Option<RetryAfter> {
        match self {
            Self::Failed(Failure::Unavailable { retry_after, .. }) => *retry_after,
            _ => None,
        }
    }

    /// Returns a stable code, for logs and metrics.
    pub(crate) fn code(&self) -> &'static str {
        match self {
            Self::Failed(Failure::Invalid) => "pushed_authorization_nonsense",
            Self::Failed(Failure::Refused { .. }) => "pushed_authorization_refused",
            Self::Failed(Failure::Unavailable { .. }) => "pushed_authorization_unavailable",
            Self::NotSupported => "pushed_authorization_not_supported",
        }
    }
}

impl From<TransportError> for PushedAuthorizationError {
    fn from(error: TransportError) -> Self {
        Self::Failed(error.into())
    }
}

#[cfg(test)]
mod tests {
    use http::StatusCode;
    use serde_json::{Value, json};

    use super::*;

    fn process(status: u16, media_type: &str, body: &str) -> Result<RequestUri, Failure> {
        process_pushed_answer(&Answer {
            status: StatusCode::from_u16(status).unwrap(),
            media_type: media_type.to_owned(),
            retry_after: None,
            body: body.into(),
        })
    }

    fn accepted(body: &Value) -> Result<RequestUri, Failure> {
        process(201, "application/json", &body.to_string())
    }

    #[test]
    fn s_par_2_a_reference_is_taken() {
        let body = json!({"request_uri": "urn:example:1", "expires_in": 60});
        assert_eq!(accepted(&body), Ok(RequestUri("urn:example:1".to_owned())));
        assert!(process(200, "application/json", &body.to_string()).is_ok());
    }

    #[test]
    fn s_par_2_an_answer_without_a_reference_makes_no_sense() {
        for body in [
            json!({"expires_in": 60}),
            json!({"request_uri": "", "expires_in": 60}),
            json!({"request_uri": 1, "expires_in": 60}),
            json!({"request_uri": "a b", "expires_in": 60}),
            json!({"request_uri": "a\r\nb", "expires_in": 60}),
            json!({"request_uri": "a".repeat(MAX_REQUEST_URI_BYTES + 1), "expires_in": 60}),
            json!({"request_uri": "urn:example:1"}),
            json!({"request_uri": "urn:example:1", "expires_in": 0}),
            json!({"request_uri": "urn:example:1", "expires_in": -1}),
            json!({"request_uri": "urn:example:1", "expires_in": "soon"}),
            json!(["urn:example:1"]),
            Value::Null,
        ] {
            assert_eq!(accepted(&body), Err(Failure::Invalid), "{body}");
        }
        let body = json!({"request_uri": "urn:example:1", "expires_in": 60}).to_string();
        for (status, media_type) in
            [(201, "text/html"), (201, ""), (204, "application/json"), (302, "application/json")]
        {
            assert_eq!(process(status, media_type, &body), Err(Failure::Invalid), "{status} {media_type}");
        }
    }

    #[test]
    fn s_par_2_a_refusal_and_an_outage_are_told_apart() {
        for (status, body, code) in [
            (503, "", "pushed_authorization_unavailable"),
            (500, "<html>", "pushed_authorization_unavailable"),
            (429, "", "pushed_authorization_unavailable"),
            (401, "{\"error\":\"invalid_client\"}", "pushed_authorization_refused"),
            (400, "{\"error\":\"invalid_request\"}", "pushed_authorization_refused"),
            (404, "<html>", "pushed_authorization_nonsense"),
        ] {
            let error = PushedAuthorizationError::from(process(status, "", body).unwrap_err());
            assert_eq!(error.code(), code, "{status}");
        }
    }
}
