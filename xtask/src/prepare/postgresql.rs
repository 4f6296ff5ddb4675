//! The programs of `PostgreSQL`, which the tests of session stores make clusters of their own with.

use std::fs::read_dir;
use std::path::{Path, PathBuf};

use super::debian;
use crate::invocation::Invocation;
use crate::layout::Layout;

/// Any version that is still maintained will do. A server that runs already is neither needed nor touched.
pub(super) fn prepare(layout: &Layout) -> Result<(), String> {
    if is_there(layout) {
        return Ok(());
    }
    debian::install("postgresql procps", layout);
    if is_there(layout) {
        Ok(())
    } else {
        Err("install PostgreSQL's server and ps (Debian: postgresql, procps), or put its `pg_config` into the path"
            .to_owned())
    }
}

fn is_there(layout: &Layout) -> bool {
    let folder = folders(layout).into_iter().find(|folder| has_programs(folder));
    match &folder {
        Some(folder) => println!("PostgreSQL in {}", folder.display()),
        None => println!("PostgreSQL's server is missing"),
    }
    folder.is_some() && Invocation::of("which ps").answer(layout).is_some()
}

/// `tests/src/servers/postgres.rs` looks in the same places.
fn folders(layout: &Layout) -> Vec<PathBuf> {
    let told = Invocation::of("pg_config --bindir").answer(layout).map(PathBuf::from);
    let versions = read_dir(DEBIAN).into_iter().flatten().flatten();
    told.into_iter().chain(versions.map(|version| version.path().join("bin"))).collect()
}

fn has_programs(folder: &Path) -> bool {
    ["initdb", "postgres", "psql"].iter().all(|name| folder.join(name).is_file())
}

/// Debian keeps the versions side by side, out of the path.
const DEBIAN: &str = "/usr/lib/postgresql";
