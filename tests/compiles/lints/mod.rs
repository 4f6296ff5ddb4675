//! Strict crates: generated code trips no lint.

pub mod forbid_warnings;
pub mod requirements;
pub mod targets;
