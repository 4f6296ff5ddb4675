//! Session stores, each in front of a real server.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that cannot go on fails"
)]

mod cluster;
mod contents;
mod contract;
mod faults;
mod gate;
mod instance;
mod log;
mod postgres;
mod redis;
mod sealed;
mod tls;
mod unreadable;
