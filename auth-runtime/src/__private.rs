//! Items that the expansions of `#[with_api_auth_required]` name, and the examples in the documentation. Not for use by
//! hand: these items change without notice.

#[cfg(feature = "macros")]
pub use auth_macros::__behind as behind;
pub use http::request::Parts;

pub use crate::crypto::random_secret;
pub use crate::guard::{
    Alone, Around, Behind, Guard, Guarded, PermittedBy, ProvidesAuth, Public, PublicGuard, Requirements,
    SignedIn,
};
#[cfg(feature = "utoipa")]
pub use crate::openapi::Refusals;
pub use crate::policy::{
    ClaimValue, Decided, Dropped, ExactlyOneLoads, HandedTo, Loads, Policies, Policy, PolicyAnswer,
    PolicyParameter, Protection, Recipient, Requirement,
};
pub use crate::request::Session;
pub use crate::session::User;

/// The types that axum passes to middleware itself, behind the parameters that it extracts from the request.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is neither axum's `Next` nor its `Response`",
    label = "axum would extract this from the request",
    note = "a last parameter of this name is taken for what axum hands to middleware: rename the type, or put another parameter behind it"
)]
pub trait HandedByAxum {}

impl HandedByAxum for axum::middleware::Next {}

impl<B> HandedByAxum for http::Response<B> {}

/// Compiles for a type that axum passes to middleware itself: an expansion names it, so that rustc reports other types.
pub fn handed_by_axum<T: HandedByAxum>() {}

/// Compiles if exactly one policy in the list loads what a parameter of the type `P` takes: an expansion names it, so that
/// rustc reports other types.
pub fn exactly_one_loads<Policies: ExactlyOneLoads<P, Place>, P, Place>() {}

/// Stands for a value of any type in a place that is never reached, and so fixes the type of a handler's body.
///
/// # Panics
///
/// Always; generated code calls it in a branch that is not taken.
#[expect(clippy::unreachable, reason = "generated code calls it in `if false` alone")]
pub fn never<T>() -> T {
    unreachable!("this branch is never taken")
}

/// A value that is asked whether it is a future, by `__auth_runtime_verdict`.
///
/// The method is called on `&&&Value`. The compiler then looks at [`IsFuture`] first, at [`IsCallable`] next, and at
/// [`IsOther`] if neither is implemented.
#[derive(Debug)]
pub struct Value<T>(pub T);

/// The verdict about a future.
#[derive(Debug)]
pub struct Future;

/// The verdict about a function, closure or pointer to one that returns a future when it is called.
#[derive(Debug)]
pub struct Handler;

/// The verdict about all other values.
#[derive(Debug)]
pub struct Other;

/// The values that are futures.
pub trait IsFuture {
    /// Says that the value is a future.
    fn __auth_runtime_verdict(&self) -> Future {
        Future
    }
}

impl<T: core::future::Future> IsFuture for &&Value<T> {}

/// The values that return a future when they are called with `Arguments`.
pub trait IsCallable<Arguments> {
    /// Says that the value can be called.
    fn __auth_runtime_verdict(&self) -> Handler {
        Handler
    }
}

/// All values.
pub trait IsOther {
    /// Says that the value is something else than a future.
    fn __auth_runtime_verdict(&self) -> Other {
        Other
    }
}

impl<T> IsOther for Value<T> {}

macro_rules! callable {
    ($($argument:ident)*) => {
        impl<T, R, $($argument),*> IsCallable<($($argument,)*)> for &Value<T>
        where
            T: FnOnce($($argument),*) -> R,
            R: core::future::Future,
        {
        }
    };
}

// axum calls handlers with up to 16 arguments.
callable!();
callable!(A);
callable!(A B);
callable!(A B C);
callable!(A B C D);
callable!(A B C D E);
callable!(A B C D E F);
callable!(A B C D E F G);
callable!(A B C D E F G H);
callable!(A B C D E F G H I);
callable!(A B C D E F G H I J);
callable!(A B C D E F G H I J K);
callable!(A B C D E F G H I J K L);
callable!(A B C D E F G H I J K L M);
callable!(A B C D E F G H I J K L M N);
callable!(A B C D E F G H I J K L M N O);
callable!(A B C D E F G H I J K L M N O P);

/// The verdict about what a function may return without `#[helper]`.
#[diagnostic::on_unimplemented(
    message = "this function returns a future, so a router could take it as a handler without a guard",
    label = "returns a future, or a function that returns one",
    note = "only an `async fn` of a module or of `impl Type {{ ... }}` can be guarded: write one, with `#[public]` if everybody may call it",
    note = "if this is no handler, put `#[helper]` on it"
)]
pub trait ReturnsNoFuture {}

#[diagnostic::do_not_recommend]
impl ReturnsNoFuture for Other {}

/// Compiles for a function that returns no future.
pub fn returns_no_future<V: ReturnsNoFuture>(_: V) {}

/// The verdict about what a constant or static may hold without `#[helper]`.
#[diagnostic::on_unimplemented(
    message = "this holds a function that returns a future, so a router could take it as a handler without a guard",
    label = "holds a future, or a function that returns one",
    note = "only an `async fn` can be guarded: write one instead",
    note = "if this is no handler, put `#[helper]` on it"
)]
pub trait HoldsNoHandler {}

#[diagnostic::do_not_recommend]
impl HoldsNoHandler for Other {}

/// Compiles for a constant that holds no function which returns a future.
pub fn holds_no_handler<V: HoldsNoHandler>(_: V) {}
