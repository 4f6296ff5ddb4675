//! Counts of instructions and of allocations, which the noise of a machine does not touch: counted anew, and compared
//! with those that are checked in. Refusals are compared with their floors as well.

mod callgrind;
mod environment;
mod floors;
mod record;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

use environment::{Comparable, Environment};
use record::{Count, Counts, Record};

use crate::figure::Figure;

/// The command `auth-benches instructions`. What it is asked for is the first argument; without one it
/// compares.
pub fn command(arguments: &[String]) -> ExitCode {
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match arguments.as_slice() {
        [] => compare(),
        ["obstacle"] => obstacle(),
        ["record"] => record(),
        ["cpu"] => {
            println!("{}", environment::cpu());
            Ok(())
        }
        _ => Err(format!("usage: auth-benches instructions [obstacle | record | cpu]; not {arguments:?}")),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(reason) => {
            eprintln!("error: {reason}");
            ExitCode::FAILURE
        }
    }
}

/// Says what there is against comparing on this machine; nothing, if there is nothing.
fn obstacle() -> Result<(), String> {
    let recorded = Record::read(&file())?.environment;
    if let Comparable::Nothing(reason) = recorded.comparable(&Environment::of_this_machine()?) {
        println!("{reason}");
    }
    Ok(())
}

fn compare() -> Result<(), String> {
    let recorded = Record::read(&file())?;
    // First of all: what follows replaces the program that runs here.
    let environment = Environment::of_this_machine()?;
    let comparable = recorded.environment.comparable(&environment);
    let counts = count()?;
    let comparison = recorded.compare(&counts, comparable == Comparable::All);
    print!("{}\n{}", comparison.table(), floors::table(&counts));
    match &comparable {
        Comparable::All => {}
        Comparable::OursAlone(reason) => println!("\nWARNING: only the column `ours` is compared: {reason}"),
        Comparable::Nothing(reason) => return Err(reason.clone()),
    }
    if comparison.has_shrunk() {
        println!("\nSome counts shrank. So that they don't grow back unseen: {RECORD}");
    }
    comparison.verdict().map_err(|reason| format!("{reason}. If that is meant, say why and {RECORD}"))?;
    floors::verdict(&counts)
}

fn record() -> Result<(), String> {
    let environment = Environment::of_this_machine()?;
    let counts = count()?;
    let file = file();
    if let Ok(before) = Record::read(&file) {
        print!("{}", before.compare(&counts, before.environment == environment).table());
    }
    print!("\n{}", floors::table(&counts));
    let number = counts.len();
    fs::write(&file, Record { environment, counts }.to_text()).map_err(about(&file))?;
    println!("\n{number} counts are written to {}", file.display());
    Ok(())
}

/// Builds and runs the benchmark with each cipher.
fn count() -> Result<Counts, String> {
    let mut counts = Counts::new();
    for features in [&[][..], &["--features", "aws-lc-rs"][..]] {
        let lines = run_benchmark(features)?;
        for summary in lines.lines().filter(|line| line.starts_with('{')) {
            let (name, count) = callgrind::count(summary)?;
            counts.insert(name, count);
        }
    }
    if counts.is_empty() {
        return Err("the benchmark counted nothing".to_owned());
    }
    counts.extend(allocations()?);
    Ok(counts)
}

/// What a protected request allocates more than an unprotected one: how often, and how many bytes.
fn allocations() -> Result<Counts, String> {
    let lines = run(&["run", "--quiet", "--locked", "--profile", "instructions", "--bin", "allocations"])?;
    let mut counts = Counts::new();
    for line in lines.lines().filter(|line| line.starts_with('{')) {
        let figure: Figure = serde_json::from_str(line).map_err(|error| format!("allocations: {error}"))?;
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a count that is far below 2^53"
        )]
        let count = figure.value as u64;
        counts.insert(figure.name, Count { ours: count, all: count });
    }
    if counts.is_empty() { Err("no allocations were counted".to_owned()) } else { Ok(counts) }
}

/// What the benchmark says: a line of JSON for each function and size.
fn run_benchmark(features: &[&str]) -> Result<String, String> {
    let before = ["bench", "--quiet", "--locked", "--profile", "instructions", "--bench", "instructions"];
    let behind = ["--", "--output-format=json", "--nosummary"];
    run(&[&before[..], features, &behind[..]].concat())
}

/// What a command of cargo prints.
fn run(arguments: &[&str]) -> Result<String, String> {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.args(arguments).current_dir(env!("CARGO_MANIFEST_DIR")).stderr(Stdio::inherit());
    let output = cargo.output().map_err(|error| format!("cargo does not start: {error}"))?;
    if output.status.success() {
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    } else {
        Err(format!("`cargo {}` ended with {}", arguments.join(" "), output.status))
    }
}

/// Where the counts are checked in.
fn file() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("instructions.json")
}

/// An error that names the file.
fn about<E: std::fmt::Display>(file: &Path) -> impl Fn(E) -> String {
    move |error| format!("{}: {error}", file.display())
}

const RECORD: &str = "run `cargo xtask bench instructions --record`";
