//! What the largest inputs from outside may cost: counted under valgrind, beside budgets that are part of the benchmark. The
//! inputs and the budgets are in `fuzz/bounds`; this starts it.

use crate::invocation::Invocation;
use crate::layout::Layout;
use crate::prepare::{Preparation, prepare};

/// The step of the full run. A budget that is exceeded makes it fail.
pub(crate) fn check(layout: &Layout) -> Invocation {
    Invocation::of(
        "cargo bench --quiet --locked --package auth-bounds --bench bounds -- --nosummary --parallel=auto",
    )
    .env("CARGO_TARGET_DIR", layout.fuzz())
    .env("RUSTFLAGS", "--cfg fuzzing")
    .in_folder(layout.root.join("fuzz"))
}

/// `cargo xtask bench bounds`: the same by itself.
pub(crate) fn bench(layout: &Layout) -> Result<String, String> {
    for preparation in [Preparation::Valgrind, Preparation::GungraunRunner] {
        prepare(preparation, layout)?;
    }
    check(layout).run(layout).map(|()| String::new())
}

#[cfg(test)]
mod tests {
    use std::path::{Path, PathBuf};

    use super::*;

    #[test]
    fn nothing_is_written_beside_the_sources() {
        let layout = Layout::at(Path::new("/project"), Some(PathBuf::from("/target")));
        let invocation = check(&layout).to_string();
        assert!(invocation.contains("CARGO_TARGET_DIR=\"/target/fuzz\""), "{invocation}");
        assert!(invocation.contains("RUSTFLAGS=\"--cfg fuzzing\""), "{invocation}");
    }
}
