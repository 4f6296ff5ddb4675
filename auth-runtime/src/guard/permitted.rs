//! The parameter that takes what a policy of the handler loaded.

use std::marker::PhantomData;

use axum::extract::{FromRef, FromRequestParts};
use http::request::Parts;

use crate::auth::Auth;
use crate::policy::{Permitted, take};
use crate::reject::{Rejection, RejectionKind, log_missing_value};

/// A parameter `P` that takes what a policy loaded for the handler with the demands `H`. The attribute puts it around
/// [`Permitted`], and checks that exactly one policy of the handler loads such a value.
#[derive(Debug)]
pub struct PermittedBy<H, P> {
    /// The parameter as written.
    pub permitted: P,
    handler: PhantomData<fn() -> H>,
}

impl<S, H, T> FromRequestParts<S> for PermittedBy<H, Permitted<T>>
where
    S: Send + Sync,
    Auth: FromRef<S>,
    H: 'static,
    T: Send + 'static,
{
    type Rejection = Rejection;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Rejection> {
        if let Some(permitted) = take::<H, T>(&parts.extensions) {
            return Ok(Self { permitted, handler: PhantomData });
        }
        // Two parameters take the same value, or code in between removed the request's extensions.
        let auth = Auth::from_ref(state);
        log_missing_value(std::any::type_name::<T>(), auth.now());
        Err(Rejection::new(RejectionKind::InternalError, auth.rejections(), parts))
    }
}
