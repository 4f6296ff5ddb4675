//! What the benchmarks share, and the benchmarks: each gives figures, every one of them a ratio of two that were measured in
//! the same run.

#[cfg(feature = "alternatives")]
pub mod alternatives;
pub mod app;
pub mod figure;
pub mod floor;
pub mod garbage;
pub mod instructions;
pub mod least;
pub mod micro;
pub mod npm_get;
pub mod one_core;
pub mod peers;
pub mod present;
pub mod process;
pub mod rounds;
pub mod server;
pub mod session;
pub mod storm;
pub mod wrk;
