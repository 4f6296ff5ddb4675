//! The trait of the handlers that say who may call them. The compiler decides which ones do.
//!
//! axum describes a handler's parameters by a tuple `(M, First, ...)`. Both attributes put a parameter of their own
//! first, so the type of the first one tells which attribute stands above the handler.

use axum::handler::Handler;

use super::access::Access;
use crate::guard::{Guard, Public, PublicGuard, Requirements};

/// A handler that carries [`#[with_api_auth_required]`](crate::with_api_auth_required) or `#[public]`.
///
/// Implemented for exactly these handlers; an application names it where a function of its own takes a handler. `T` and
/// `S` are those of axum's [`Handler`].
///
/// ```
/// use auth_runtime::routing::{AnnotatedHandler, MethodRouter, get};
///
/// fn read_only<H, T, S>(handler: H) -> MethodRouter<S>
/// where
///     H: AnnotatedHandler<T, S>,
///     T: 'static,
///     S: Clone + Send + Sync + 'static,
/// {
///     get(handler)
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "this is not a handler",
    label = "axum cannot call this",
    note = "a handler is an `async fn` whose parameters are extractors and whose result is a response",
    note = "`#[axum::debug_handler]` below `#[with_api_auth_required]` names the parameter or the result that is wrong",
    note = "a guarded handler also needs an `Auth` in the router's state: `impl FromRef<AppState> for Auth` if the state is a type of your own"
)]
pub trait AnnotatedHandler<T, S>: Handler<T, S> {
    /// The callers that the handler admits.
    const ACCESS: Access;
}

impl<H, T, S> AnnotatedHandler<T, S> for H
where
    H: Handler<T, S>,
    T: SaysWhoMayCall,
{
    const ACCESS: Access = T::ACCESS;
}

/// The `T` of axum's [`Handler`] if an attribute put the first parameter there. No other crate can name this trait.
#[diagnostic::on_unimplemented(
    message = "this handler does not say who may call it",
    label = "carries neither `#[with_api_auth_required]` nor `#[public]`",
    note = "add `#[with_api_auth_required]` above the handler, or `#[public]` to admit callers without a session"
)]
pub trait SaysWhoMayCall {
    /// The callers that a handler with these parameters admits.
    const ACCESS: Access;
}

/// A parameter that an attribute puts first.
pub trait FirstParameter {
    /// The callers that get past this parameter.
    const ACCESS: Access;
}

impl<R: Requirements> FirstParameter for Guard<R> {
    const ACCESS: Access = Access::Protected(R::PROTECTION);
}

impl FirstParameter for Public {
    const ACCESS: Access = Access::Public;
}

impl FirstParameter for PublicGuard {
    const ACCESS: Access = Access::Public;
}

/// Implements [`SaysWhoMayCall`] for one to sixteen parameters, as many as axum takes.
macro_rules! says_who_may_call {
    ($($other:ident)*) => {
        // Else the message would list these implementations instead of what to write.
        #[diagnostic::do_not_recommend]
        impl<M, First: FirstParameter, $($other),*> SaysWhoMayCall for (M, First, $($other,)*) {
            const ACCESS: Access = First::ACCESS;
        }
        says_who_may_call!(@fewer $($other)*);
    };
    (@fewer) => {};
    (@fewer $dropped:ident $($other:ident)*) => {
        says_who_may_call!($($other)*);
    };
}

says_who_may_call!(P2 P3 P4 P5 P6 P7 P8 P9 P10 P11 P12 P13 P14 P15 P16);
