//! The parameters and the answer of a function with `#[policy]`.

use axum::extract::FromRequestParts;
use http::request::Parts;

use super::decide::{Decided, Decision};
use super::error::PolicyError;

/// A parameter of a function with [`#[policy]`](macro@crate::policy::policy): any extractor that reads the head of the request.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no parameter of a policy for a router with the state `{S}`",
    label = "is not extracted from the head of a request",
    note = "a policy never reads the body: take `User`, `Path`, `Query`, `State` or another `FromRequestParts<{S}>`, and check the body in the handler"
)]
pub trait PolicyParameter<S>: Sized {
    /// Extracts the parameter.
    ///
    /// # Errors
    ///
    /// The refusal of the extractor.
    fn extract(request: &mut Parts, state: &S) -> impl Future<Output = Result<Self, PolicyError>> + Send;
}

#[diagnostic::do_not_recommend]
impl<S: Sync, T: FromRequestParts<S>> PolicyParameter<S> for T {
    async fn extract(request: &mut Parts, state: &S) -> Result<Self, PolicyError> {
        T::from_request_parts(request, state).await.map_err(PolicyError::refused)
    }
}

/// The answer of a function with [`#[policy]`](macro@crate::policy::policy).
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no answer of a policy",
    label = "is neither `Decision<T>` nor `Result<Decision<T>, E>`",
    note = "write `-> Decision`, `-> Decision<T>` with the value that the handler takes as `Permitted<T>`, or `-> Result<Decision<T>, E>` with an error for the log"
)]
pub trait PolicyAnswer {
    /// The value that the policy loads.
    type Value: Send + 'static;

    /// Returns the decision.
    ///
    /// # Errors
    ///
    /// The error of the function.
    fn into_decided(self) -> Decided<Self::Value>;
}

impl<T: Send + 'static> PolicyAnswer for Decision<T> {
    type Value = T;

    fn into_decided(self) -> Decided<T> {
        Ok(self)
    }
}

impl<T: Send + 'static, E> PolicyAnswer for Result<Decision<T>, E>
where
    PolicyError: From<E>,
{
    type Value = T;

    fn into_decided(self) -> Decided<T> {
        Ok(self?)
    }
}
