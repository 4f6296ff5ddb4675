//! The caller of a request, and the caller's session from its load to its commit.
//!
//! ```text
//! load: cookies | store | cookies that may be revoked -> who calls
//! current: what the handler does with it: get, set, sign_out, access_token
//! commit: roll due? ask the hook. Then: signed out -> end it; changed -> newest refresh token, save or merge;
//!         due -> extend it
//! ```

mod caller;
mod callers;
mod changes;
mod commit;
mod current;
mod hooks;
mod load;
#[cfg(test)]
mod tests;
mod without_request;

pub use self::current::Session;

pub(crate) use self::caller::Caller;
pub(crate) use self::callers::Callers;
pub(crate) use self::hooks::Hooks;
