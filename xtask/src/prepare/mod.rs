//! What the checks need from the machine: looked for first, installed where that is possible, else one clear line.

mod cargo_deny;
mod chromium;
mod debian;
mod locked_packages;
mod nextjs_app;
mod node;
mod npm_packages;
mod rust_tools;

use crate::layout::Layout;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Preparation {
    CargoDeny,
    Chromium,
    NextjsApp,
    Node,
    NpmPackages,
    RustTools,
    SuitePackages,
}

/// The error says what to install by hand.
pub(crate) fn prepare(preparation: Preparation, layout: &Layout) -> Result<(), String> {
    match preparation {
        Preparation::CargoDeny => cargo_deny::prepare(layout),
        Preparation::Chromium => chromium::prepare(layout),
        Preparation::NextjsApp => nextjs_app::prepare(layout),
        Preparation::Node => node::prepare(layout),
        Preparation::NpmPackages => npm_packages::prepare(layout),
        Preparation::RustTools => rust_tools::prepare(layout),
        Preparation::SuitePackages => locked_packages::prepare(layout),
    }
}
