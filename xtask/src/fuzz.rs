//! The fuzz targets: built by cargo-fuzz, then each one run by itself. What they hold inputs against is in `fuzz/`.
//!
//! Without a sanitizer: `unsafe_code` is forbidden in every crate that an input is parsed by, so there is little that one
//! could find beyond the panics, everything is built and run in half the time, and the pinned toolchain can do all of it
//! (a sanitizer takes options that are not stable). Debug assertions and checks for overflow are on.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use crate::invocation::Invocation;
use crate::layout::Layout;
use crate::report::duration;
use crate::step::Outcome;

/// In the full run, for each target.
const SECONDS_IN_CI: u64 = 10;
/// What a long run takes for each target unless it is told.
pub(crate) const DEFAULT_MINUTES: u64 = 10;
/// libFuzzer says of an input that takes as long as that, in seconds, that it is a fault.
const TIMEOUT: u64 = 10;
/// More than any input has to have, less than slows a target down.
const MAX_INPUT_BYTES: usize = 16 * 1024;

/// One target's run, as libFuzzer sums it up.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Summary {
    executions: u64,
    /// Edges of the program that were reached.
    coverage: u64,
    /// The same, told apart by how often.
    features: u64,
    corpus: u64,
}

/// The step of the full run: the corpus that is checked in, and some seconds more.
pub(crate) fn check(layout: &Layout) -> Outcome {
    let check = || -> Result<(), String> {
        let targets = targets(layout)?;
        build(None, layout).run(layout)?;
        let mut faults = Vec::new();
        for target in &targets {
            match run(target, SECONDS_IN_CI, layout) {
                Ok(Summary { executions, coverage, features, corpus }) => println!(
                    "{target}: {executions} executions, coverage {coverage} ({features} features), corpus {corpus}"
                ),
                Err(reason) => faults.push(reason),
            }
        }
        if faults.is_empty() { Ok(()) } else { Err(faults.join("; ")) }
    };
    Outcome::from(check())
}

/// `cargo xtask fuzz`: all targets or one, one after the other, with the figures of two thirds of the time and of all of
/// it. A target whose last third reached something new has not been run for long enough.
pub(crate) fn long(only: Option<&str>, minutes: u64, layout: &Layout) -> Result<String, String> {
    crate::prepare::prepare(crate::prepare::Preparation::CargoFuzz, layout)?;
    let mut targets = targets(layout)?;
    if let Some(only) = only {
        targets.retain(|target| target == only);
        if targets.is_empty() {
            return Err(format!(
                "there is no target `{only}`: give the name of a file in fuzz/fuzz_targets, without `.rs`"
            ));
        }
    }
    build(only, layout).run(layout)?;
    let seconds = minutes.saturating_mul(60).max(3);
    let mut rows = Vec::new();
    for target in &targets {
        println!("{target}: {}", duration(Duration::from_secs(seconds)));
        let early = run(target, seconds / 3 * 2, layout);
        let late = early.clone().and_then(|_| run(target, seconds / 3, layout));
        rows.push(row(target, &early, &late));
    }
    let mut lines = HEAD.to_owned();
    lines.push_str(&rows.concat());
    Ok(lines)
}

/// The lints of the fuzz workspace, which sees the runtime as its targets do.
pub(crate) fn clippy(layout: &Layout) -> Invocation {
    Invocation::of("cargo clippy --locked --workspace --lib --bins --benches -- -D warnings")
        .env("CARGO_TARGET_DIR", layout.fuzz())
        .env("RUSTFLAGS", "--cfg fuzzing")
        .in_folder(layout.root.join("fuzz"))
}

/// The names of the files in `fuzz/fuzz_targets`.
fn targets(layout: &Layout) -> Result<Vec<String>, String> {
    let folder = layout.root.join("fuzz/fuzz_targets");
    let entries = fs::read_dir(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let name = |path: PathBuf| Some(path.file_name()?.to_str()?.strip_suffix(".rs")?.to_owned());
    let mut targets: Vec<_> = entries.filter_map(|entry| name(entry.ok()?.path())).collect();
    targets.sort();
    if targets.is_empty() {
        Err(format!("there is no fuzz target in {}", folder.display()))
    } else {
        Ok(targets)
    }
}

fn build(only: Option<&str>, layout: &Layout) -> Invocation {
    Invocation::of(&format!("cargo fuzz build --sanitizer none {}", only.unwrap_or_default()))
        .env("CARGO_TARGET_DIR", layout.fuzz())
        .in_folder(layout.root.join("fuzz"))
}

/// Runs one target for so many seconds. What it finds goes below the target folder; the corpus that is checked in is only
/// read.
fn run(target: &str, seconds: u64, layout: &Layout) -> Result<Summary, String> {
    let found = layout.fuzz().join("corpus").join(target);
    let artifacts = layout.fuzz().join("artifacts").join(target);
    for folder in [&found, &artifacts] {
        fs::create_dir_all(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    }
    let program = layout.fuzz().join(host(layout)?).join("release").join(target);
    let mut invocation = Invocation::of("").in_folder(layout.root.join("fuzz"));
    invocation.program = program.display().to_string();
    invocation = invocation
        .arg(found.display().to_string())
        .arg(layout.root.join("fuzz/corpus").join(target).display().to_string())
        .arg(format!("-max_total_time={seconds}"))
        .arg(format!("-timeout={TIMEOUT}"))
        .arg(format!("-max_len={MAX_INPUT_BYTES}"))
        .arg("-print_final_stats=1")
        .arg(format!("-artifact_prefix={}/", artifacts.display()));
    let (result, log) = invocation.overhear(layout)?;
    if let Err(reason) = result {
        print!("{}", tail(&log));
        return Err(format!("{target}: {reason}; the input is in {}", artifacts.display()));
    }
    Summary::read(&log).ok_or_else(|| format!("{target}: libFuzzer printed no summary of its run"))
}

impl Summary {
    fn read(log: &str) -> Option<Self> {
        let last = log.lines().rev().find(|line| line.contains(" cov: "))?;
        let after = |label: &str| {
            let (_, rest) = last.split_once(label)?;
            rest.split(|char: char| !char.is_ascii_digit()).next()?.parse().ok()
        };
        let executions = log.lines().find_map(|line| line.strip_prefix("stat::number_of_executed_units:"))?;
        Some(Self {
            executions: executions.trim().parse().ok()?,
            coverage: after(" cov: ")?,
            features: after(" ft: ")?,
            corpus: after(" corp: ")?,
        })
    }
}

fn row(target: &str, early: &Result<Summary, String>, late: &Result<Summary, String>) -> String {
    match (early, late) {
        (Ok(early), Ok(late)) => format!(
            "| {target} | {} | {} | {} / {} | {} / {} | none |\n",
            early.executions.saturating_add(late.executions),
            late.corpus,
            early.coverage,
            early.features,
            late.coverage,
            late.features,
        ),
        (_, Err(reason)) | (Err(reason), _) => format!("| {target} | | | | | {reason} |\n"),
    }
}

const HEAD: &str = "| target | executions | corpus | coverage / features at 2/3 | at the end | faults |\n|---|---|---|---|---|---|\n";

fn tail(log: &str) -> String {
    let lines: Vec<_> = log.lines().collect();
    let start = lines.len().saturating_sub(40);
    lines.get(start..).unwrap_or_default().iter().flat_map(|line| [line, "\n"]).collect()
}

/// This machine's kind, which cargo-fuzz builds for by name, so that build scripts are not instrumented.
fn host(layout: &Layout) -> Result<String, String> {
    let answer = Invocation::of("rustc -vV").answer(layout);
    let host = |text: String| Some(text.lines().find_map(|line| line.strip_prefix("host: "))?.to_owned());
    answer
        .and_then(host)
        .ok_or_else(|| "`rustc -vV` names no host: check that the pinned toolchain is installed".to_owned())
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    const LOG: &str = "\
INFO: seed corpus: files: 2 min: 1b max: 1b total: 2b rss: 30Mb
#3\tINITED cov: 10 ft: 11 corp: 1/1b exec/s: 0 rss: 30Mb
#4096\tpulse  cov: 12 ft: 20 corp: 3/9b lim: 4 exec/s: 2048 rss: 31Mb
#9000\tDONE   cov: 15 ft: 27 corp: 4/13b lim: 4 exec/s: 900 rss: 31Mb
Done 9000 runs in 10 second(s)
stat::number_of_executed_units: 9000
stat::average_exec_per_sec:     818
";

    #[test]
    fn a_run_is_summed_up() {
        let expected = Summary { executions: 9_000, coverage: 15, features: 27, corpus: 4 };
        assert_eq!(Summary::read(LOG), Some(expected));
        assert_eq!(Summary::read("error: no such file"), None);
    }

    #[test]
    fn a_fault_is_in_the_table() {
        let summary = Summary::read(LOG);
        let (good, bad) = (Ok(summary.expect("a summary")), Err("container: exit status: 77".to_owned()));
        assert_eq!(row("a", &good, &good), "| a | 18000 | 4 | 15 / 27 | 15 / 27 | none |\n");
        for row in [row("a", &good, &bad), row("a", &bad, &bad)] {
            assert!(row.contains("exit status: 77") && row.matches('|').count() == 7, "{row}");
        }
    }

    /// A target that is no program would never be run, and a program without a corpus begins with nothing.
    #[test]
    fn every_target_is_built_and_has_a_corpus() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let targets = targets(&Layout::at(&root, None)).expect("there are targets");
        let manifest = fs::read_to_string(root.join("fuzz/Cargo.toml")).expect("the manifest is there");
        for target in &targets {
            assert!(manifest.contains(&format!("\nname = \"{target}\"\n")), "{target} is no program");
            let corpus = fs::read_dir(root.join("fuzz/corpus").join(target)).expect(target);
            assert!(corpus.count() > 0, "{target} has no corpus");
        }
        assert!(targets.len() >= 8, "{targets:?}");
        assert_eq!(manifest.matches("[[bin]]").count(), targets.len());
    }

    #[test]
    fn the_corpora_stay_small() {
        let corpora = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/corpus");
        let (mut files, mut bytes) = (0, 0);
        for corpus in fs::read_dir(corpora).expect("there are corpora") {
            for file in fs::read_dir(corpus.expect("an entry").path()).expect("a folder") {
                files += 1;
                bytes += file.expect("an entry").metadata().expect("a file").len();
            }
        }
        assert!(files <= 1_000 && bytes <= 300 * 1024, "{files} files, {bytes} bytes: minimize them");
    }

    #[test]
    fn nothing_is_written_beside_the_sources() {
        let layout = Layout::at(Path::new("/project"), Some(PathBuf::from("/target")));
        for invocation in [build(Some("container"), &layout), clippy(&layout)] {
            assert!(invocation.to_string().contains("CARGO_TARGET_DIR=\"/target/fuzz\""), "{invocation}");
        }
    }
}
