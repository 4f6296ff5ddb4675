//! npm packages of the suites and examples that have a lock file: exactly what it names, below the target folder.

use std::fs;
use std::io;
use std::path::Path;

use crate::invocation::Invocation;
use crate::layout::Layout;

/// What the provider suite and the browser suite run.
pub(super) fn prepare(layout: &Layout) -> Result<(), String> {
    install(&layout.root.join("tests/provider"), &layout.provider(), layout)?;
    install(&layout.root.join("tests/browser"), &layout.browser(), layout)
}

/// Installs what the lock file in `source` names into `folder`, unless just that is there already.
pub(super) fn install(source: &Path, folder: &Path, layout: &Layout) -> Result<(), String> {
    if is_installed(source, folder) {
        println!("{} is up to date", folder.display());
        return Ok(());
    }
    // The copy of the lock file is what a later run compares, so it must not outlive an interrupted installation.
    let _ = fs::remove_file(folder.join(COMPLETE));
    copy_manifests(source, folder)
        .map_err(|error| format!("the manifests cannot be copied to {}: {error}", folder.display()))?;
    // Node and the browser come from elsewhere: nothing here needs a script of a package.
    Invocation::of("npm ci --no-audit --no-fund --ignore-scripts")
        .in_folder(folder.to_owned())
        .run(layout)
        .map_err(|reason| format!("{reason}; the packages are named in {}", source.display()))?;
    if is_installed(source, folder) {
        Ok(())
    } else {
        Err(format!(
            "npm did not install what {} names: remove {} and run again",
            source.join(LOCK).display(),
            folder.display()
        ))
    }
}

fn is_installed(source: &Path, folder: &Path) -> bool {
    let is_same = |name: &str| match (fs::read(source.join(name)), fs::read(folder.join(name))) {
        (Ok(wanted), Ok(found)) => wanted == found,
        _ => false,
    };
    folder.join(COMPLETE).is_file() && is_same(MANIFEST) && is_same(LOCK)
}

fn copy_manifests(source: &Path, folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    for name in [MANIFEST, LOCK] {
        fs::copy(source.join(name), folder.join(name))?;
    }
    Ok(())
}

const MANIFEST: &str = "package.json";
const LOCK: &str = "package-lock.json";
/// npm writes this file last, so an installation that was interrupted has none.
const COMPLETE: &str = "node_modules/.package-lock.json";

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    /// Everything with a lock file.
    const LOCKED: [&str; 3] = ["tests/provider", "tests/browser", "examples/nextjs-companion"];

    fn source(folder: &str) -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(folder)
    }

    #[test]
    fn manifests_pin_and_lock_files_name_no_registry() {
        for folder in LOCKED {
            let manifest = fs::read_to_string(source(folder).join(MANIFEST)).expect("the manifest is there");
            assert!(!manifest.contains(['^', '~', '*']), "{folder} leaves a version open");
            let lock = fs::read_to_string(source(folder).join(LOCK)).expect("the lock file is there");
            assert!(lock.contains("\"integrity\""), "{folder} locks nothing");
            assert!(!lock.contains("\"resolved\""), "{folder} names a registry");
        }
    }

    #[test]
    fn what_changed_is_installed_again() {
        let folder = tempfile::tempdir().expect("a folder");
        let (from, to) = (folder.path().join("from"), folder.path().join("to"));
        fs::create_dir_all(&from).expect("a folder");
        fs::create_dir_all(to.join("node_modules")).expect("a folder");
        for name in [MANIFEST, LOCK] {
            fs::write(from.join(name), "{}").expect("a file");
        }
        assert!(!is_installed(&from, &to));
        copy_manifests(&from, &to).expect("copied");
        assert!(!is_installed(&from, &to), "npm was interrupted");
        fs::write(to.join(COMPLETE), "{}").expect("a file");
        assert!(is_installed(&from, &to));
        fs::write(from.join(LOCK), "{ }").expect("a file");
        assert!(!is_installed(&from, &to));
    }
}
