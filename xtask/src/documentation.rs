//! The documentation as docs.rs builds it, and the pages that have to be in it.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::invocation::Invocation;
use crate::layout::Layout;

/// Builds the documentation without a warning, and looks for its pages.
pub(crate) fn check(layout: &Layout) -> Result<(), String> {
    let rustdoc = write_rustdoc(layout).map_err(|error| format!("rustdoc cannot be prepared: {error}"))?;
    Invocation::of("cargo doc --workspace --no-deps --all-features")
        .env("RUSTDOC", rustdoc)
        .env("RUSTDOCFLAGS", "-D warnings --cfg docsrs")
        .run(layout)?;
    let pages =
        expected_pages(&layout.root).map_err(|error| format!("the pages cannot be listed: {error}"))?;
    let built = layout.target.join("doc/auth_runtime");
    let missing: Vec<_> = pages
        .into_iter()
        .filter(|page| {
            !fs::read_to_string(built.join(&page.file)).is_ok_and(|html| html.contains(&page.says))
        })
        .map(|page| format!("{} does not say {:?}", page.file.display(), page.says))
        .collect();
    if missing.is_empty() { Ok(()) } else { Err(missing.join("; ")) }
}

/// A page that readers at docs.rs are sent to.
#[derive(Debug, PartialEq, Eq)]
struct Page {
    /// Below the folder of auth-runtime's documentation.
    file: PathBuf,
    /// Some text that is on it.
    says: String,
}

/// Writes the rustdoc of docs.rs: the pinned one, with the unstable features of the nightly one. The variable is for
/// rustdoc alone, because build scripts look at it as well, and everything would be compiled anew.
fn write_rustdoc(layout: &Layout) -> io::Result<PathBuf> {
    let script = layout.tools().join("rustdoc-as-docs-rs");
    fs::create_dir_all(layout.tools())?;
    fs::write(&script, "#!/bin/sh\nRUSTC_BOOTSTRAP=1 exec rustdoc \"$@\"\n")?;
    make_executable(&script)?;
    Ok(script)
}

#[cfg(unix)]
fn make_executable(script: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(script, fs::Permissions::from_mode(0o755))
}

#[cfg(not(unix))]
fn make_executable(_: &Path) -> io::Result<()> {
    Ok(())
}

/// Returns a page for each text of the guide, and the stores that are behind features.
fn expected_pages(root: &Path) -> io::Result<Vec<Page>> {
    let docs = root.join("auth-runtime/docs");
    let mut pages = Vec::new();
    for folder in [docs.join("options"), docs] {
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            if path.extension().is_some_and(|extension| extension == "md") {
                pages.push(guide_page(&path, &fs::read_to_string(&path)?));
            }
        }
    }
    pages.extend(["RedisStore", "PostgresStore", "SqliteStore"].map(|store| Page {
        file: format!("store/struct.{store}.html").into(),
        says: "Available on <strong>crate feature".to_owned(),
    }));
    Ok(pages)
}

/// Returns the page of a text of the guide. Its first words are on it, whatever became of the markup.
fn guide_page(path: &Path, text: &str) -> Page {
    let name = path.file_stem().unwrap_or_default();
    let words = text.split(|char: char| !char.is_alphanumeric() && char != ' ').map(str::trim);
    let says = words.max_by_key(|words| words.len().min(30)).unwrap_or_default().to_owned();
    Page { file: Path::new("guide").join(name).join("index.html"), says }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_text_of_the_guide_has_a_page() {
        let page =
            guide_page(Path::new("/p/docs/options/max_age.md"), "# `max_age`\n\nHow long *ago* it may be.\n");
        assert_eq!(page.file, Path::new("guide/max_age/index.html"));
        assert_eq!(page.says, "it may be");
    }

    #[test]
    fn the_pages_are_those_of_the_guide_and_of_the_stores() {
        let pages = expected_pages(&Path::new(env!("CARGO_MANIFEST_DIR")).join("..")).unwrap();
        for file in [
            "guide/max_age/index.html",
            "guide/cross_site_requests/index.html",
            "store/struct.RedisStore.html",
        ] {
            assert!(pages.iter().any(|page| page.file == Path::new(file) && !page.says.is_empty()), "{file}");
        }
    }
}
