//! Strict crates: generated code trips no lint.

mod forbid_warnings;
mod requirements;
mod targets;
