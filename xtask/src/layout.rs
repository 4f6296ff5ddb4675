//! Where things are: the workspace, its target folder, and what is installed below that.

use std::env::{current_dir, var_os};
use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};

/// The folders that the steps work in; all are absolute when made by [`Layout::of_this_workspace`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Layout {
    pub(crate) root: PathBuf,
    pub(crate) target: PathBuf,
}

impl Layout {
    /// The workspace that this program was started in by cargo.
    pub(crate) fn of_this_workspace() -> io::Result<Self> {
        // Set by `cargo run`; what was true at compile time is the fallback for a binary that is started directly.
        let manifest_dir = var_os("CARGO_MANIFEST_DIR")
            .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
        let root = manifest_dir.join("..").canonicalize()?;
        // Cargo takes a relative CARGO_TARGET_DIR from where it was started, and so must we: the steps run elsewhere.
        let chosen = var_os("CARGO_TARGET_DIR").filter(|dir| !dir.is_empty());
        let chosen = match chosen {
            Some(dir) => Some(current_dir()?.join(dir)),
            None => None,
        };
        Ok(Self::at(&root, chosen))
    }

    pub(crate) fn at(root: &Path, target: Option<PathBuf>) -> Self {
        Self { root: root.to_owned(), target: target.unwrap_or_else(|| root.join("target")) }
    }

    /// Where `cargo install` puts the tools that only this project's checks use.
    pub(crate) fn tools(&self) -> PathBuf {
        self.target.join("tools")
    }

    /// The npm package that today's front ends use.
    pub(crate) fn peer(&self) -> PathBuf {
        self.target.join("interop")
    }

    /// The npm package's previous major version, which wrote the legacy cookies.
    pub(crate) fn peer_v3(&self) -> PathBuf {
        self.target.join("interop-v3")
    }

    /// The OpenID provider of the provider suite.
    pub(crate) fn provider(&self) -> PathBuf {
        self.target.join("provider")
    }

    /// What drives the browser.
    pub(crate) fn browser(&self) -> PathBuf {
        self.target.join("browser")
    }

    /// The Next.js app of the companion example.
    pub(crate) fn nextjs_app(&self) -> PathBuf {
        self.target.join("nextjs-companion")
    }

    /// What the benchmarks are built into, and where they report.
    pub(crate) fn bench(&self) -> PathBuf {
        self.target.join("bench")
    }

    /// The build for the tests of schedules, which has locks of its own.
    pub(crate) fn schedules(&self) -> PathBuf {
        self.target.join("schedules")
    }

    /// What the fuzz targets are built into, and what they find.
    pub(crate) fn fuzz(&self) -> PathBuf {
        self.target.join("fuzz")
    }

    /// The Next.js app that the benchmarks measure.
    pub(crate) fn bench_next_app(&self) -> PathBuf {
        self.bench().join("next-app")
    }

    /// A Node of our own, for a machine whose distribution has only one that is too old.
    pub(crate) fn own_node(&self) -> PathBuf {
        self.target.join("node")
    }

    /// The search path for programs: ours first.
    pub(crate) fn search_path(&self) -> OsString {
        let inherited = var_os("PATH").unwrap_or_default();
        let ours = [self.own_node().join("node_modules/.bin"), self.tools().join("bin")];
        // A path with a separator in it cannot be put on the list; then the inherited list has to do.
        std::env::join_paths(ours.into_iter().chain(std::env::split_paths(&inherited))).unwrap_or(inherited)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_installed_is_below_the_target_folder() {
        for layout in [
            Layout::at(Path::new("/project"), None),
            Layout::at(Path::new("/project"), Some(PathBuf::from("/elsewhere"))),
        ] {
            for folder in [
                layout.tools(),
                layout.peer(),
                layout.peer_v3(),
                layout.provider(),
                layout.browser(),
                layout.nextjs_app(),
                layout.bench_next_app(),
                layout.fuzz(),
                layout.own_node(),
            ] {
                assert!(folder.starts_with(&layout.target), "{folder:?}");
            }
        }
    }

    #[test]
    fn the_target_folder_is_the_usual_one_unless_chosen() {
        assert_eq!(Layout::at(Path::new("/project"), None).target, Path::new("/project/target"));
        let chosen = Layout::at(Path::new("/project"), Some(PathBuf::from("/elsewhere")));
        assert_eq!(chosen.target, Path::new("/elsewhere"));
    }
}
