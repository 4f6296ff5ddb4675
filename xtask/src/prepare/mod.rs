//! What the checks need from the machine: looked for first, installed where that is possible, else one clear line.

mod bench_peers;
mod cargo_deny;
mod cargo_fuzz;
mod chromium;
mod debian;
mod gungraun_runner;
mod locked_packages;
mod nextjs_app;
mod node;
mod npm_packages;
mod postgresql;
mod redis;
mod rust_tools;
mod valgrind;
mod wrk;

use crate::layout::Layout;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Preparation {
    BenchPeers,
    CargoDeny,
    CargoFuzz,
    Chromium,
    GungraunRunner,
    NextjsApp,
    Node,
    NpmPackages,
    Postgresql,
    Redis,
    RustTools,
    SuitePackages,
    Valgrind,
    Wrk,
}

/// The error says what to install by hand.
pub(crate) fn prepare(preparation: Preparation, layout: &Layout) -> Result<(), String> {
    match preparation {
        Preparation::BenchPeers => bench_peers::prepare(layout),
        Preparation::CargoDeny => cargo_deny::prepare(layout),
        Preparation::CargoFuzz => cargo_fuzz::prepare(layout),
        Preparation::Chromium => chromium::prepare(layout),
        Preparation::GungraunRunner => gungraun_runner::prepare(layout),
        Preparation::NextjsApp => nextjs_app::prepare(layout),
        Preparation::Node => node::prepare(layout),
        Preparation::NpmPackages => npm_packages::prepare(layout),
        Preparation::Postgresql => postgresql::prepare(layout),
        Preparation::Redis => redis::prepare(layout),
        Preparation::RustTools => rust_tools::prepare(layout),
        Preparation::SuitePackages => locked_packages::prepare(layout),
        Preparation::Valgrind => valgrind::prepare(layout),
        Preparation::Wrk => wrk::prepare(layout),
    }
}
