//! The Next.js app of `examples/nextjs-companion`, built below the target folder from a copy of its files.

use std::fs;
use std::io;
use std::path::Path;

use super::locked_packages;
use crate::invocation::Invocation;
use crate::layout::Layout;

pub(super) fn prepare(layout: &Layout) -> Result<(), String> {
    let (source, folder) = (layout.root.join("examples/nextjs-companion"), layout.nextjs_app());
    locked_packages::install(&source, &folder, layout)?;
    copy_sources(&SOURCES, &source, &folder)
        .map_err(|error| format!("the app cannot be copied to {}: {error}", folder.display()))?;
    build(&folder, layout)
}

/// Builds the app in this folder, which has its packages.
pub(super) fn build(folder: &Path, layout: &Layout) -> Result<(), String> {
    Invocation::of("node node_modules/next/dist/bin/next build")
        .env("NEXT_TELEMETRY_DISABLED", "1")
        .in_folder(folder.to_owned())
        .run(layout)
}

/// Copies the files and folders of these names. A file that is gone from a folder goes from the copy as well, or it
/// would still be a page.
pub(super) fn copy_sources(names: &[&str], source: &Path, folder: &Path) -> io::Result<()> {
    names.iter().try_for_each(|name| copy(&source.join(name), &folder.join(name)))
}

fn copy(from: &Path, to: &Path) -> io::Result<()> {
    if !from.is_dir() {
        return fs::copy(from, to).map(drop);
    }
    if to.exists() {
        fs::remove_dir_all(to)?;
    }
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        copy(&entry.path(), &to.join(entry.file_name()))?;
    }
    Ok(())
}

/// What the app consists of, beside its manifest.
const SOURCES: [&str; 4] = ["app", "lib", "next.config.mjs", "proxy.js"];
