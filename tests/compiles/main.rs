//! The cases that compile with the attribute. The cases that must not compile are in `ui/`.
//!
//! All cases are one program. Each case is a module, and its test builds the router. A case about lints sets the lints
//! itself.

#![allow(
    unreachable_pub,
    unused_qualifications,
    clippy::all,
    clippy::panic,
    clippy::pedantic,
    clippy::todo,
    clippy::unwrap_used,
    reason = "the handlers are written as users write them, and users do not have this workspace's lints"
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
