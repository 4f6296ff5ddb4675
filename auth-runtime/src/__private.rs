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
