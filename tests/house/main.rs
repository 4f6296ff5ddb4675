//! What the repository promises about itself: layers, sizes, secrets and text.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "every function here belongs to a test, and failing is how a test speaks"
)]

mod documents;
mod layers;
mod secrets;
mod sizes;
mod source;
mod text;

use std::path::{Path, PathBuf};

/// The crates that applications build on. Their code keeps to the layers and the sizes.
pub(crate) const LIBRARIES: [&str; 2] = ["auth-runtime", "auth-macros"];

pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_path_buf()
}

pub(crate) fn read(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}
