//! `cargo xtask bench`: figures, each a ratio of two that were measured in the same run.

mod benchmarks;
mod build;
mod compile;
mod handlers;
mod median;
mod report;

pub(crate) use build::build;
pub(crate) use compile::compile;
pub(crate) use report::report;
