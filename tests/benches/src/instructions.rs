//! Instruction counts, which the noise of a machine does not touch: counted anew, and compared with those
//! that are checked in.

mod callgrind;
mod environment;
mod record;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

use environment::{Comparable, Environment};
use record::{Counts, Record};

/// The command `auth-benches instructions`. What it is asked for is the first argument; without one it
/// compares.
pub fn run(arguments: &[String]) -> ExitCode {
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
    let comparison = recorded.compare(&count()?, comparable == Comparable::All);
    print!("{}", comparison.table());
    match &comparable {
        Comparable::All => {}
        Comparable::OursAlone(reason) => println!("\nWARNING: only the column `ours` is compared: {reason}"),
        Comparable::Nothing(reason) => return Err(reason.clone()),
    }
    if comparison.has_shrunk() {
        println!("\nSome counts shrank. So that they don't grow back unseen: {RECORD}");
    }
    comparison.verdict().map_err(|reason| format!("{reason}. If that is meant, say why and {RECORD}"))
}

fn record() -> Result<(), String> {
    let environment = Environment::of_this_machine()?;
    let counts = count()?;
    let file = file();
    if let Ok(before) = Record::read(&file) {
        print!("{}", before.compare(&counts, before.environment == environment).table());
    }
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
    if counts.is_empty() { Err("the benchmark counted nothing".to_owned()) } else { Ok(counts) }
}

/// What the benchmark says: a line of JSON for each function and size.
fn run_benchmark(features: &[&str]) -> Result<String, String> {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo
        .args(["bench", "--quiet", "--locked", "--profile", "instructions", "--bench", "instructions"])
        .args(features)
        .args(["--", "--output-format=json", "--nosummary"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .stderr(Stdio::inherit());
    let output = cargo.output().map_err(|error| format!("cargo does not start: {error}"))?;
    if output.status.success() {
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    } else {
        Err(format!("`cargo bench --bench instructions` ended with {}", output.status))
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
