//! What stands in front of a protected handler, and what takes its answer.

mod authenticate;
mod extract;
#[expect(clippy::module_inception, reason = "the type that the room is named for")]
mod guard;
mod guarded;

pub use self::guard::{Guard, Requirements, SignedIn};
pub use self::guarded::Guarded;
