//! Everything that compiles with the attribute. What does not is in `ui/`.
//!
//! One program for all cases: a case is a module, and its test builds the router. A case that is about lints says so itself.

#![allow(
    unreachable_pub,
    unused_qualifications,
    clippy::all,
    clippy::panic,
    clippy::pedantic,
    clippy::todo,
    clippy::unwrap_used,
    reason = "these are handlers as users write them, and this workspace's own lints are not theirs"
)]

mod attributes;
mod body;
mod handler;
mod hygiene;
mod impl_block;
pub mod lints;
mod module;
mod options;
mod public;
mod routing;
mod signature;
