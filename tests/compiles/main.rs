//! Everything that compiles with the attribute. What does not is in `ui/`.
//!
//! One program for all cases: a case is a module, and its test builds the router.

mod attributes;
mod body;
mod handler;
mod hygiene;
mod impl_block;
mod lints;
mod module;
mod options;
mod public;
mod routing;
mod signature;
