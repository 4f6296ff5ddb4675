//! `cargo xtask bench`: every figure of the report, in one go.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use super::benchmarks::{BENCHMARKS, Benchmark, Runs};
use crate::args::Effort;
use crate::invocation::Invocation;
use crate::layout::Layout;
use crate::prepare;

/// Builds the benchmarks, runs them one after the other, and gives the report as a table for people. The figures go into
/// `bench/report.json` in the target folder, and the plots beside it.
pub(crate) fn report(effort: Effort, only: Option<&str>, layout: &Layout) -> Result<String, String> {
    let chosen = choose(only)?;
    install(&chosen, layout)?;
    let programs = Programs::build(layout)?;
    let started = Instant::now();
    let (mut figures, mut failures) = (Vec::new(), Vec::new());
    for (number, benchmark) in (1..).zip(&chosen) {
        println!("\n[{number}/{}] {}: {}", chosen.len(), benchmark.name, benchmark.purpose);
        for program in programs.for_benchmark(benchmark) {
            match invocation(program, benchmark, effort, layout).listen(layout) {
                Ok(answer) => {
                    figures.extend(answer.lines().inspect(|line| println!("  {line}")).map(str::to_owned));
                }
                // The others may still tell something.
                Err(reason) => failures.push(format!("{}: {reason}", benchmark.name)),
            }
        }
    }
    println!("\nmeasured in {} s", started.elapsed().as_secs());
    let folder = layout.bench();
    let report = folder.join("report.json");
    fs::write(&report, format!("[\n{}\n]\n", figures.join(",\n")))
        .map_err(|error| format!("{} cannot be written: {error}", report.display()))?;
    let paths = [&report, &folder].map(|path| path.display().to_string());
    let present = Invocation {
        program: programs.default.display().to_string(),
        arguments: ["present".to_owned()].into_iter().chain(paths).collect(),
        variables: Vec::new(),
        folder: None,
    };
    let table = present.listen(layout)?;
    if failures.is_empty() {
        return Ok(table);
    }
    println!("\n{table}");
    Err(failures.join("\n       "))
}

fn choose(only: Option<&str>) -> Result<Vec<Benchmark>, String> {
    let Some(name) = only else { return Ok(BENCHMARKS.to_vec()) };
    let chosen: Vec<_> = BENCHMARKS.into_iter().filter(|benchmark| benchmark.is_called(name)).collect();
    if chosen.is_empty() {
        let names: Vec<_> = BENCHMARKS.iter().map(|benchmark| benchmark.name).collect();
        return Err(format!(
            "nothing measures `{name}`; there are {}, and the figures' names",
            names.join(", ")
        ));
    }
    Ok(chosen)
}

fn install(chosen: &[Benchmark], layout: &Layout) -> Result<(), String> {
    let mut done = Vec::new();
    for preparation in chosen.iter().flat_map(|benchmark| benchmark.needs) {
        if !done.contains(preparation) {
            prepare::prepare(*preparation, layout)?;
            done.push(*preparation);
        }
    }
    Ok(())
}

fn invocation(program: &Path, benchmark: &Benchmark, effort: Effort, layout: &Layout) -> Invocation {
    let arguments = [benchmark.name].into_iter().chain(benchmark.arguments(effort).split_whitespace());
    Invocation {
        program: program.display().to_string(),
        arguments: arguments.map(str::to_owned).collect(),
        variables: vec![
            ("INTEROP_PEER", layout.peer().into_os_string()),
            ("BENCH_NEXT_APP", layout.bench_next_app().into_os_string()),
        ],
        folder: None,
    }
}

/// The benchmarks, built with one cipher and with the other.
struct Programs {
    default: PathBuf,
    aws_lc_rs: PathBuf,
    /// It counts allocations, which costs time, so it is a program of its own.
    allocations: PathBuf,
}

impl Programs {
    fn build(layout: &Layout) -> Result<Self, String> {
        println!("building the benchmarks, once with each cipher");
        let aws_lc_rs = build("auth-benches", "alternatives,aws-lc-rs", "aws-lc-rs", layout)?;
        let default = build("auth-benches", "alternatives", "aes-gcm", layout)?;
        let allocations = build("allocations", "alternatives", "allocations", layout)?;
        Ok(Self { default, aws_lc_rs, allocations })
    }

    fn for_benchmark(&self, benchmark: &Benchmark) -> Vec<&PathBuf> {
        match benchmark.runs {
            Runs::CountingAllocations => vec![&self.allocations],
            Runs::WithTheDefault => vec![&self.default],
            Runs::WithBoth => vec![&self.default, &self.aws_lc_rs],
        }
    }
}

/// Gives the program, put aside: the next build writes over where cargo leaves it.
fn build(program: &str, features: &str, name: &str, layout: &Layout) -> Result<PathBuf, String> {
    let folder = layout.bench();
    Invocation::of("cargo build --release --manifest-path tests/benches/Cargo.toml --bin")
        .arg(program)
        .arg("--features")
        .arg(features)
        .env("CARGO_TARGET_DIR", &folder)
        .run(layout)?;
    let aside = folder.join("programs").join(name);
    fs::create_dir_all(folder.join("programs"))
        .and_then(|()| fs::copy(folder.join("release").join(program), &aside))
        .map_err(|error| format!("{} cannot be written: {error}", aside.display()))?;
    Ok(aside)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_measures_is_an_error_that_names_what_there_is() {
        let error = choose(Some("speed")).expect_err("there is none");
        assert!(error.contains("`speed`") && error.contains("micro"), "{error}");
        assert_eq!(choose(Some("storm")).map(|chosen| chosen.len()), Ok(1));
        assert_eq!(choose(None).map(|chosen| chosen.len()), Ok(BENCHMARKS.len()));
    }
}
