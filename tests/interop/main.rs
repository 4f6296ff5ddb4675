//! Cookies travel both ways between us and the real npm packages.
//!
//! The packages run in one process of Node, behind `oracle.mjs`; `cargo xtask test` installs them. Every case is
//! drawn from its number. To repeat the one that a mismatch names:
//!
//! ```text
//! INTEROP_CASE=17 cargo test -p auth-tests --features interop --test interop
//! ```

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a test fails by panicking, and its helpers are outside the functions that clippy takes for tests"
)]

mod generate;
mod jar;
mod json;
mod legacy;
mod options;
mod oracle;
mod ours_to_theirs;
mod random;
mod refused;
mod removal;
mod report;
mod rolling;
mod store;
mod theirs_to_ours;
