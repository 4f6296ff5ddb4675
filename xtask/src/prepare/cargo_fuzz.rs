//! cargo-fuzz, which builds the fuzz targets, and the C++ compiler that libFuzzer needs.

use std::fs;

use semver::Version;

use super::debian;
use crate::invocation::Invocation;
use crate::layout::Layout;
use crate::version;

const WANTED: Version = Version::new(0, 13, 2);

pub(super) fn prepare(layout: &Layout) -> Result<(), String> {
    if !has_compiler(layout) {
        debian::install("g++", layout);
    }
    if !has_compiler(layout) {
        return Err("install a C++ compiler (Debian: g++)".to_owned());
    }
    if is_installed(layout) {
        return Ok(());
    }
    println!("cargo-fuzz {WANTED} is not installed: building it takes a minute or two");
    // Its own build folder survives an interrupted run, so the next one continues; afterwards it is only ballast.
    let build = layout.tools().join("build-cargo-fuzz");
    // Unoptimized: it starts cargo and nothing else.
    Invocation::of(&format!("cargo install cargo-fuzz --locked --debug --version {WANTED} --root"))
        .arg(layout.tools().display().to_string())
        .env("CARGO_TARGET_DIR", &build)
        .run(layout)
        .map_err(|reason| format!("{reason}; install cargo-fuzz {WANTED} by hand"))?;
    let _ = fs::remove_dir_all(&build);
    if is_installed(layout) {
        Ok(())
    } else {
        Err(format!("cargo-fuzz {WANTED} was built but does not start: install it by hand"))
    }
}

fn has_compiler(layout: &Layout) -> bool {
    // Under this name build scripts look for it.
    let answer = Invocation::of("c++ --version").answer(layout);
    println!("{}", answer.as_deref().and_then(|text| text.lines().next()).unwrap_or("c++ is missing"));
    answer.is_some()
}

fn is_installed(layout: &Layout) -> bool {
    let answer = Invocation::of("cargo fuzz --version").answer(layout);
    let found = answer.and_then(|text| version::in_answer(&text));
    if let Some(found) = &found {
        println!("cargo-fuzz {found}");
    }
    found == Some(WANTED)
}
