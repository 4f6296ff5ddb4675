//! The error of a policy that could not decide.

use std::error::Error;
use std::fmt;

use axum::response::{IntoResponse, Response};

/// The error of a [`Policy`](super::Policy) that could not decide. Any error becomes one by `?`. The log shows it and
/// its causes to the operator of the service, with the name of the policy. The client gets 503 `policy_unavailable` and
/// none of this text.
///
/// ```
/// use auth_runtime::policy::PolicyError;
///
/// fn limit(text: &str) -> Result<u32, PolicyError> {
///     Ok(text.parse::<u32>()?)
/// }
///
/// assert_eq!(limit("many").unwrap_err().to_string(), "invalid digit found in string");
/// ```
pub struct PolicyError {
    cause: Cause,
    /// The name of the policy's type, where it is known.
    policy: Option<&'static str>,
}

/// The cause, by who has to act.
enum Cause {
    /// Something that the policy depends on failed, such as a database: the operator has to act.
    Failed(Box<dyn Error + Send + Sync>),
    /// An extractor refused the request: the client has to send another one.
    Refused(Box<Response>),
}

impl PolicyError {
    /// Makes the refusal of an extractor which the policy asked. Its response becomes the answer, as if the extractor
    /// were a parameter of the handler, and nothing is logged.
    ///
    /// The parameters of a function with [`#[policy]`](macro@crate::policy::policy) need no such call.
    ///
    /// ```
    /// use auth_runtime::policy::PolicyError;
    /// use axum::extract::{FromRequestParts, Path};
    /// use http::request::Parts;
    ///
    /// async fn order_id(request: &mut Parts) -> Result<u64, PolicyError> {
    ///     let Path(id) = Path::from_request_parts(request, &()).await.map_err(PolicyError::refused)?;
    ///     Ok(id)
    /// }
    /// ```
    pub fn refused(rejection: impl IntoResponse) -> Self {
        Self { cause: Cause::Refused(Box::new(rejection.into_response())), policy: None }
    }

    /// Notes the policy, by the name of its type.
    pub(super) fn of(self, policy: &'static str) -> Self {
        Self { policy: Some(policy), ..self }
    }

    /// Returns the name of the policy's type, where it is known.
    pub(crate) fn policy(&self) -> Option<&'static str> {
        self.policy
    }

    /// Returns the response of the extractor that refused the request.
    ///
    /// # Errors
    ///
    /// The error itself, if no extractor refused the request.
    pub(crate) fn into_refusal(self) -> Result<Box<Response>, Self> {
        match self.cause {
            Cause::Refused(response) => Ok(response),
            Cause::Failed(_) => Err(self),
        }
    }
}

impl<E: Into<Box<dyn Error + Send + Sync>>> From<E> for PolicyError {
    fn from(error: E) -> Self {
        Self { cause: Cause::Failed(error.into()), policy: None }
    }
}

impl fmt::Display for PolicyError {
    /// Writes the error and its causes, the outermost first.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let failure = match &self.cause {
            Cause::Failed(failure) => failure,
            Cause::Refused(response) => {
                return write!(f, "an extractor refused the request with {}", response.status());
            }
        };
        write!(f, "{failure}")?;
        let mut cause = failure.source();
        while let Some(error) = cause {
            write!(f, ": {error}")?;
            cause = error.source();
        }
        Ok(())
    }
}

impl fmt::Debug for PolicyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.cause {
            Cause::Failed(failure) => write!(f, "PolicyError({failure})"),
            Cause::Refused(response) => write!(f, "PolicyError({})", response.status()),
        }
    }
}

#[cfg(test)]
mod tests {
    use http::StatusCode;

    use super::*;

    #[test]
    fn the_refusal_of_an_extractor_is_told_from_a_failure() {
        let refused = PolicyError::refused(StatusCode::BAD_REQUEST).of("owns_order");
        assert_eq!(refused.to_string(), "an extractor refused the request with 400 Bad Request");
        assert_eq!(refused.into_refusal().unwrap().status(), StatusCode::BAD_REQUEST);
        let failed = PolicyError::from("no connection").of("owns_order").into_refusal().unwrap_err();
        assert_eq!((failed.policy(), failed.to_string()), (Some("owns_order"), "no connection".to_owned()));
    }
}
