//! What expansions of `#[with_api_auth_required]` name. Not for use by hand: it changes without notice.

pub use axum::extract::FromRef;

pub use crate::auth::Auth;
pub use crate::guard::{Guard, Guarded, Requirements, SignedIn};
pub use crate::session::User;

/// A value of any type, for a place that is never reached: it fixes the type of a handler's body.
///
/// # Panics
///
/// Always; generated code calls it in a branch that is not taken.
#[expect(clippy::unreachable, reason = "generated code calls it in `if false` alone")]
pub fn never<T>() -> T {
    unreachable!("this branch is never taken")
}
