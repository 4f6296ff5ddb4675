//! The whole sign-in against a real OpenID provider: npm's `oidc-provider` with login and consent forms, in a process of
//! its own for each test. `cargo xtask test` installs it.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking, and its helpers are outside the functions that clippy takes for tests"
)]

mod backchannel;
mod keys;
mod logout;
mod process;
mod scene;
mod sign_in;
mod step_up;
mod tab;
mod tokens;
