//! Several instances of one service: processes of the quickstart behind one address, with a real store and a provider
//! that counts.
//!
//! `cargo xtask test` installs what this needs: `redis-server` and `PostgreSQL`.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test that cannot go on fails, and counts are for whoever asks for them with --nocapture"
)]

mod balancer;
mod deployment;
mod everywhere;
mod refreshing;
