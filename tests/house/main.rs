//! What the repository promises about itself: layers, sizes, secrets, text, and which tests there are.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "every function here belongs to a test, and failing is how a test speaks"
)]

mod documents;
mod examples;
mod inputs;
mod layers;
mod names;
mod register;
mod secrets;
mod security;
mod sizes;
mod source;
mod text;

use std::path::{Path, PathBuf};
use std::process::Command;

/// The crates that applications build on. Their code keeps to the layers and the sizes.
pub(crate) const LIBRARIES: [&str; 2] = ["auth-runtime", "auth-macros"];

pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_path_buf()
}

pub(crate) fn read(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// What git knows, the lock file excepted.
pub(crate) fn tracked_files() -> Vec<String> {
    let output = Command::new("git").arg("ls-files").current_dir(root()).output().expect("git runs");
    assert!(output.status.success(), "git ls-files: {}", String::from_utf8_lossy(&output.stderr));
    let paths = String::from_utf8(output.stdout).unwrap();
    let exists = |path: &&str| root().join(path).is_file();
    paths.lines().filter(|path| *path != "Cargo.lock").filter(exists).map(str::to_owned).collect()
}

pub(crate) fn has_extension(path: &str, extension: &str) -> bool {
    Path::new(path).extension().is_some_and(|found| found == extension)
}
