//! Strict crates: generated code trips no lint.

pub mod checks;
pub mod forbid_warnings;
pub mod requirements;
pub mod targets;
