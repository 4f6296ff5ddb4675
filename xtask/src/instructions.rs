//! Instruction counts under valgrind, beside those that are checked in. What is counted, and what is made of
//! it, is in `tests/benches`; this starts it.

use crate::args::Counts;
use crate::invocation::Invocation;
use crate::layout::Layout;
use crate::prepare::{Preparation, prepare};
use crate::step::Outcome;

/// Counts and compares. It is neither a success nor a failure if the recorded counts are those of another
/// compiler or of another kind of processor.
pub(crate) fn compare(layout: &Layout) -> Outcome {
    match command("obstacle", layout).listen(layout) {
        Ok(obstacle) if obstacle.trim().is_empty() => Outcome::from(command("", layout).run(layout)),
        Ok(obstacle) => Outcome::NotChecked(obstacle.trim().to_owned()),
        Err(reason) => Outcome::Failed(reason),
    }
}

/// `cargo xtask bench instructions`: the same by itself, or the counts are written to the file that is
/// checked in.
pub(crate) fn bench(counts: Counts, layout: &Layout) -> Result<String, String> {
    for preparation in [Preparation::Valgrind, Preparation::GungraunRunner] {
        prepare(preparation, layout)?;
    }
    let outcome = match counts {
        Counts::Compare => compare(layout),
        Counts::Record => Outcome::from(command("record", layout).run(layout)),
    };
    match outcome {
        Outcome::Passed => Ok(String::new()),
        Outcome::Failed(reason) | Outcome::NotChecked(reason) => Err(reason),
    }
}

/// The unit tests of the benchmarks' package, which is a workspace of its own.
pub(crate) fn tests(layout: &Layout) -> Invocation {
    cargo("test --quiet --locked --lib", layout)
}

/// A subcommand of `auth-benches instructions`.
fn command(name: &str, layout: &Layout) -> Invocation {
    cargo(&format!("run --quiet --locked --bin auth-benches -- instructions {name}"), layout)
}

fn cargo(arguments: &str, layout: &Layout) -> Invocation {
    let (command, arguments) = arguments.split_once(' ').unwrap_or((arguments, ""));
    Invocation::of(&format!("cargo {command} --profile instructions {arguments}"))
        .env("CARGO_TARGET_DIR", layout.bench())
        .in_folder(layout.root.join("tests/benches"))
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::{Path, PathBuf};

    use super::*;

    #[test]
    fn nothing_is_written_beside_the_sources() {
        let layout = Layout::at(Path::new("/project"), Some(PathBuf::from("/target")));
        assert_eq!(
            command("record", &layout).to_string(),
            "CARGO_TARGET_DIR=\"/target/bench\" cargo run --profile instructions --quiet --locked --bin auth-benches \
             -- instructions record"
        );
    }

    /// Else the counts would no longer be compared, and only a line in the summary would say so.
    #[test]
    fn the_recorded_counts_are_those_of_the_pinned_compiler() {
        let read = |path: &str| {
            let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path);
            fs::read_to_string(path).expect("the file is there")
        };
        let toolchain = read("rust-toolchain.toml");
        let pinned =
            toolchain.lines().find_map(|line| line.strip_prefix("channel = ")).expect("it is pinned");
        let counts = read("tests/benches/instructions.json");
        assert!(
            counts.contains(&format!("\"rustc\": {pinned}")),
            "the counts are not those of rustc {pinned}: run `cargo xtask bench instructions --record`"
        );
    }
}
