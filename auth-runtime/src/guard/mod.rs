//! What stands in front of a protected handler, and what takes its answer.

mod authenticate;
mod authorize;
mod conclude;
mod cross_site;
mod extract;
#[expect(clippy::module_inception, reason = "the type that the room is named for")]
mod guard;
mod guarded;
mod public;
mod sign_in;

pub use self::guard::{Guard, ProvidesAuth, Requirements, SignedIn};
pub use self::guarded::Guarded;
pub use self::public::Public;
