//! Refusals: what is to blame, and the response that says so without saying too much.

mod challenge;
mod log;
mod rejection;

pub use self::rejection::Rejection;

pub(crate) use self::challenge::Realm;
pub(crate) use self::log::log_refusal;
pub(crate) use self::rejection::Kind;
