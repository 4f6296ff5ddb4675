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
    copy_sources(&source, &folder)
        .map_err(|error| format!("the app cannot be copied to {}: {error}", folder.display()))?;
    Invocation::of("node node_modules/next/dist/bin/next build")
        .env("NEXT_TELEMETRY_DISABLED", "1")
        .in_folder(folder)
        .run(layout)
}

/// A file that is gone from the source goes from the copy as well, or it would still be a page.
fn copy_sources(source: &Path, folder: &Path) -> io::Result<()> {
    for name in SOURCES {
        let (from, to) = (source.join(name), folder.join(name));
        if from.is_dir() {
            if to.exists() {
                fs::remove_dir_all(&to)?;
            }
            fs::create_dir_all(&to)?;
            for entry in fs::read_dir(&from)? {
                let entry = entry?;
                fs::copy(entry.path(), to.join(entry.file_name()))?;
            }
        } else {
            fs::copy(from, to)?;
        }
    }
    Ok(())
}

/// What the app consists of, beside its manifest; the folders have none below them.
const SOURCES: [&str; 4] = ["app", "lib", "next.config.mjs", "proxy.js"];
