//! The Next.js app that the benchmarks measure, built beside the companion example and with its packages.

use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::Path;

use super::{locked_packages, nextjs_app};
use crate::layout::Layout;

/// Builds it, unless just that is there already.
pub(super) fn prepare(layout: &Layout) -> Result<(), String> {
    let (companion, packages) = (layout.root.join("examples/nextjs-companion"), layout.nextjs_app());
    locked_packages::install(&companion, &packages, layout)?;
    let (source, folder) = (layout.root.join("tests/benches/peers/next-app"), layout.bench_next_app());
    let lock = packages.join("package-lock.json");
    // The link leads nowhere when the target folder was moved, and then the build is of no use either.
    if is_built(&source, &folder, &lock) && folder.join(PACKAGES).is_dir() {
        println!("{} is up to date", folder.display());
        return Ok(());
    }
    // What a later run compares must not outlive an interrupted build.
    let _ = fs::remove_file(folder.join(BUILT_WITH));
    copy(&source, &folder)
        .and_then(|()| link(&packages.join(PACKAGES), &folder.join(PACKAGES)))
        .map_err(|error| format!("the app cannot be copied to {}: {error}", folder.display()))?;
    nextjs_app::build(&folder, layout)?;
    fs::copy(&lock, folder.join(BUILT_WITH))
        .map(drop)
        .map_err(|error| format!("{} cannot be written: {error}", folder.join(BUILT_WITH).display()))
}

fn copy(source: &Path, folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    nextjs_app::copy_sources(&SOURCES, source, folder)
}

/// The packages take hundreds of megabytes, so the app has none of its own.
fn link(packages: &Path, link: &Path) -> io::Result<()> {
    if link.is_symlink() {
        fs::remove_file(link)?;
    }
    symlink(packages, link)
}

#[cfg(unix)]
use std::os::unix::fs::symlink;

#[cfg(not(unix))]
fn symlink(_: &Path, _: &Path) -> io::Result<()> {
    Err(io::Error::new(io::ErrorKind::Unsupported, "the benchmarks run where there are symbolic links"))
}

/// Of these files and with these packages.
fn is_built(source: &Path, folder: &Path, lock: &Path) -> bool {
    is_same(lock, &folder.join(BUILT_WITH))
        && SOURCES.iter().all(|name| is_same(&source.join(name), &folder.join(name)))
}

/// Also below a folder: the same names, and the same bytes in each.
fn is_same(wanted: &Path, found: &Path) -> bool {
    if !wanted.is_dir() {
        return matches!((fs::read(wanted), fs::read(found)), (Ok(wanted), Ok(found)) if wanted == found);
    }
    match (names(wanted), names(found)) {
        (Ok(names), Ok(others)) => {
            names == others && names.iter().all(|name| is_same(&wanted.join(name), &found.join(name)))
        }
        _ => false,
    }
}

fn names(folder: &Path) -> io::Result<Vec<OsString>> {
    let mut names: Vec<_> =
        fs::read_dir(folder)?.map(|entry| Ok(entry?.file_name())).collect::<io::Result<_>>()?;
    names.sort_unstable();
    Ok(names)
}

/// What the app consists of.
const SOURCES: [&str; 2] = ["app", "next.config.mjs"];
const PACKAGES: &str = "node_modules";
/// The lock file of the packages that the app was built with. Written last, so a build that was interrupted has none.
const BUILT_WITH: &str = ".next/built-with.json";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_changed_is_built_again() {
        let root = tempfile::tempdir().expect("a folder");
        let [source, folder, lock] = ["from", "to", "lock"].map(|name| root.path().join(name));
        let route = Path::new("app/api/me/route.js");
        fs::create_dir_all(source.join("app/api/me")).expect("a folder");
        for file in [&source.join(route), &source.join("next.config.mjs"), &lock] {
            fs::write(file, "1").expect("a file");
        }
        let is_built = || is_built(&source, &folder, &lock);
        let build = || {
            copy(&source, &folder).expect("copied");
            fs::create_dir_all(folder.join(".next")).expect("a folder");
            fs::copy(&lock, folder.join(BUILT_WITH)).expect("copied");
        };
        assert!(!is_built());
        build();
        assert!(is_built());

        fs::write(source.join(route), "2").expect("a file");
        assert!(!is_built(), "a file changed");
        build();
        fs::write(source.join("app/layout.js"), "1").expect("a file");
        assert!(!is_built(), "a file came");
        build();
        fs::remove_file(source.join("app/layout.js")).expect("removed");
        assert!(!is_built(), "a file went");
        build();
        fs::write(&lock, "2").expect("a file");
        assert!(!is_built(), "the packages are others");
        build();
        assert!(is_built());
        fs::remove_file(folder.join(BUILT_WITH)).expect("removed");
        assert!(!is_built(), "the build was interrupted");
    }

    #[cfg(unix)]
    #[test]
    fn the_link_to_the_packages_can_be_made_again() {
        let root = tempfile::tempdir().expect("a folder");
        let [old, new, symlink] = ["old", "new", "link"].map(|name| root.path().join(name));
        for packages in [&old, &new] {
            fs::create_dir_all(packages).expect("a folder");
            link(packages, &symlink).expect("linked");
        }
        assert_eq!(fs::read_link(&symlink).expect("a link"), new);
    }

    #[test]
    fn every_source_is_there() {
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/benches/peers/next-app");
        let mut found = names(&source).expect("the app is there");
        // Of an app that was started where it stands.
        found.retain(|name| name != PACKAGES && name != ".next");
        assert_eq!(found, SOURCES);
    }
}
