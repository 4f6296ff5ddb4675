//! The benchmarks as a command. Each prints a figure per line, as JSON; `cargo xtask bench` runs them all.

use std::path::Path;
use std::process::ExitCode;

#[cfg(feature = "alternatives")]
use auth_benches::alternatives;
use auth_benches::{instructions, micro, npm_get, present, server, storm};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let number =
        |at: usize, default: u64| arguments.get(at).and_then(|text| text.parse().ok()).unwrap_or(default);
    let rounds = |default| usize::try_from(number(1, default)).unwrap_or(usize::MAX);
    match arguments.first().map(String::as_str) {
        #[cfg(feature = "alternatives")]
        Some("alternatives") => alternatives::run(rounds(200)),
        Some("beside-node") => server::beside_node(rounds(3), number(2, 3)),
        Some("instructions") => return instructions::command(arguments.get(1..).unwrap_or_default()),
        Some("memory") => server::memory(number(1, 10_000_000)),
        Some("micro") => micro::run(rounds(200)),
        Some("npm-get") => npm_get::run(rounds(200)),
        Some("present") => return show(&arguments),
        #[cfg(feature = "alternatives")]
        Some("redis") => alternatives::redis::run(rounds(5), number(2, 2)),
        Some("profile") => micro::profile(rounds(3_000), number(2, 1_000_000)),
        Some("protection") => server::protection(rounds(5), number(2, 2)),
        Some("serve") => server::serve(),
        #[cfg(feature = "alternatives")]
        Some("serve-redis") => alternatives::redis::serve(arguments.get(1..).unwrap_or_default()),
        Some("storm") => storm::run(1_000, 10),
        _ => {
            eprintln!("{USAGE}");
            return ExitCode::from(2);
        }
    }
    ExitCode::SUCCESS
}

fn show(arguments: &[String]) -> ExitCode {
    let [_, report, folder] = arguments else {
        eprintln!("{USAGE}");
        return ExitCode::from(2);
    };
    match present::present(Path::new(report), Path::new(folder)) {
        Ok(table) => {
            print!("{table}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{report}: {error}");
            ExitCode::FAILURE
        }
    }
}

const USAGE: &str = "\
usage: auth-benches COMMAND

  micro, alternatives, npm-get [ROUNDS]    one thread, one session after the other
  protection, beside-node [ROUNDS SECONDS] a server under load
  instructions [obstacle | record | cpu]   instruction counts under valgrind, beside the recorded ones
  memory [REQUESTS], storm
  redis [ROUNDS SECONDS]                   the same, with the sessions in Redis
  serve                                    the server alone
  profile [CHARS REPETITIONS]              one session over and over, for a profiler
  present REPORT FOLDER                    the report as a table, and as plots in the folder";
