//! The compiler's message about a router that is served before it is converted.

use std::convert::Infallible;
use std::future::Ready;
use std::task::{Context, Poll};

use tower_service::Service;

use super::router::Router;

/// The demand that a router can be served as it is. No router of this crate meets it.
#[diagnostic::on_unimplemented(
    message = "`{R}` is not a router of axum yet, so it cannot be served",
    label = "convert this router first: `axum::Router::from(router)`",
    note = "to serve the router: `axum::serve(listener, axum::Router::from(router))`",
    note = "if the router still lacks its state: `axum::Router::from(router.with_state(state))`"
)]
pub trait Serves<R> {
    /// The answer of no router.
    type Answer;

    /// Exists for no router.
    fn never<T>() -> T;
}

/// Stands for axum in the demand. With the router itself there, rustc would leave out the message.
#[derive(Debug)]
pub struct Axum;

/// Never applies: it is here for the message of [`Serves`].
#[doc(hidden)]
impl<S, R> Service<R> for Router<S>
where
    Axum: Serves<Self>,
{
    type Response = <Axum as Serves<Self>>::Answer;
    type Error = Infallible;
    type Future = Ready<Result<Self::Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Axum::never()
    }

    fn call(&mut self, _: R) -> Self::Future {
        Axum::never()
    }
}
