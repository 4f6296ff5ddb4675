//! cargo-deny, in one known version: what its checks report differs between versions.

use std::fs;

use semver::Version;

use crate::invocation::Invocation;
use crate::layout::Layout;
use crate::version;

const WANTED: Version = Version::new(0, 20, 2);

pub(super) fn prepare(layout: &Layout) -> Result<(), String> {
    if is_installed(layout) {
        return Ok(());
    }
    println!("cargo-deny {WANTED} is not installed: building it takes a few minutes");
    // Its own build folder survives an interrupted run, so the next one continues; afterwards it is only ballast.
    let build = layout.tools().join("build");
    Invocation::of(&format!("cargo install cargo-deny --locked --version {WANTED} --root"))
        .arg(layout.tools().display().to_string())
        .env("CARGO_TARGET_DIR", &build)
        .run(layout)
        .map_err(|reason| format!("{reason}; install cargo-deny {WANTED} by hand"))?;
    let _ = fs::remove_dir_all(&build);
    if is_installed(layout) {
        Ok(())
    } else {
        Err(format!("cargo-deny {WANTED} was built but does not start: install it by hand"))
    }
}

fn is_installed(layout: &Layout) -> bool {
    // Ours comes first on the search path; a machine's own copy in the same version does as well.
    let found =
        Invocation::of("cargo-deny --version").answer(layout).and_then(|text| version::in_answer(&text));
    if let Some(found) = &found {
        println!("cargo-deny {found}");
    }
    found == Some(WANTED)
}
