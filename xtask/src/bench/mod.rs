//! `cargo xtask bench`: figures, each a ratio of two that were measured in the same run.

mod compile;
mod handlers;
mod median;

pub(crate) use compile::compile;
