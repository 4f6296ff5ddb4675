//! gungraun-runner, which starts a benchmark under valgrind. It works with just one version of its library.

use std::fs;

use semver::Version;

use crate::invocation::Invocation;
use crate::layout::Layout;
use crate::version;

/// The same as in the manifests of the packages that count, which a test below compares.
const WANTED: Version = Version::new(0, 20, 0);

pub(super) fn prepare(layout: &Layout) -> Result<(), String> {
    if is_installed(layout) {
        return Ok(());
    }
    println!("gungraun-runner {WANTED} is not installed: building it takes a minute or two");
    // Its own build folder survives an interrupted run, so the next one continues; afterwards it is only
    // ballast.
    let build = layout.tools().join("build-gungraun-runner");
    // Unoptimized: valgrind does the work.
    Invocation::of(&format!("cargo install gungraun-runner --locked --debug --version {WANTED} --root"))
        .arg(layout.tools().display().to_string())
        .env("CARGO_TARGET_DIR", &build)
        .run(layout)
        .map_err(|reason| format!("{reason}; install gungraun-runner {WANTED} by hand"))?;
    let _ = fs::remove_dir_all(&build);
    if is_installed(layout) {
        Ok(())
    } else {
        Err(format!("gungraun-runner {WANTED} was built but does not start: install it by hand"))
    }
}

fn is_installed(layout: &Layout) -> bool {
    let answer = Invocation::of("gungraun-runner --version").answer(layout);
    let found = answer.and_then(|text| version::in_answer(&text));
    if let Some(found) = &found {
        println!("gungraun-runner {found}");
    }
    found == Some(WANTED)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn runner_and_library_have_the_same_version() {
        for package in ["tests/benches", "fuzz/bounds"] {
            let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(package).join("Cargo.toml");
            let manifest = fs::read_to_string(manifest).expect("the manifest is there");
            assert!(
                manifest.contains(&format!("gungraun = \"={WANTED}\"")),
                "{package}: gungraun is not pinned to {WANTED}"
            );
        }
    }
}
