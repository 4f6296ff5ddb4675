//! The revocation endpoint, at which a refresh token ends that is no longer needed (RFC 7009).

use secrecy::{ExposeSecret, SecretString};

use super::client::{Field, field};
use super::oauth_answer::Failure;
use super::transport::{Answer, TransportError};

/// The reason why the token may still be good. The user's sign-out does not depend on it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the revocation endpoint: {0}")]
pub(crate) struct RevocationError(#[from] pub(crate) Failure);

/// Returns the form that revokes a refresh token (section 2.1).
pub(super) fn revocation_fields(refresh_token: &SecretString) -> Vec<Field<'_>> {
    vec![field("token_type_hint", "refresh_token"), field("token", refresh_token.expose_secret())]
}

/// Reads the answer (section 2.2). The rest of a success is of no interest, and an unknown token is as good as revoked.
pub(super) fn process_revocation_answer(answer: &Answer) -> Result<(), RevocationError> {
    match answer.status.as_u16() {
        200 | 204 => Ok(()),
        _ => Err(Failure::of(answer).into()),
    }
}

impl RevocationError {
    /// Returns a stable code, for logs and metrics.
    pub(crate) fn code(&self) -> &'static str {
        match &self.0 {
            Failure::Invalid => "revocation_endpoint_nonsense",
            Failure::Refused { .. } => "revocation_endpoint_refused",
            Failure::Unavailable { .. } => "revocation_endpoint_unavailable",
        }
    }
}

impl From<TransportError> for RevocationError {
    fn from(error: TransportError) -> Self {
        Self(error.into())
    }
}

#[cfg(test)]
mod tests {
    use http::StatusCode;

    use super::*;

    fn process(status: u16, body: &str) -> Result<(), RevocationError> {
        process_revocation_answer(&Answer {
            status: StatusCode::from_u16(status).unwrap(),
            media_type: "application/json".to_owned(),
            retry_after: None,
            body: body.into(),
        })
    }

    #[test]
    fn s_7009_1_the_kind_of_token_is_named() {
        let token = SecretString::from("rt");
        assert_eq!(
            revocation_fields(&token),
            [field("token_type_hint", "refresh_token"), field("token", "rt")]
        );
    }

    #[test]
    fn s_7009_1_a_success_needs_no_content() {
        for body in ["", "{}", "<html>"] {
            assert_eq!(process(200, body), Ok(()));
        }
        assert_eq!(process(204, ""), Ok(()));
    }

    #[test]
    fn s_7009_1_a_failure_says_whose_it_is() {
        for (status, body, code) in [
            (503, "", "revocation_endpoint_unavailable"),
            (500, "{\"error\":\"invalid_client\"}", "revocation_endpoint_unavailable"),
            (429, "", "revocation_endpoint_unavailable"),
            (401, "{\"error\":\"invalid_client\"}", "revocation_endpoint_refused"),
            (400, "{\"error\":\"unsupported_token_type\"}", "revocation_endpoint_refused"),
            (404, "<html>", "revocation_endpoint_nonsense"),
            (302, "", "revocation_endpoint_nonsense"),
        ] {
            assert_eq!(process(status, body).unwrap_err().code(), code, "{status}");
        }
        assert_eq!(RevocationError::from(TransportError::Timeout).code(), "revocation_endpoint_unavailable");
    }
}
