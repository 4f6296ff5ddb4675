//! The project's own commands, run as `cargo xtask …`.
//!
//! The plan (what is checked) is data in `plan`; the runner (in which order, what stops what) knows nothing of the
//! checks; `prepare` installs what a check needs and this machine lacks.

#![expect(clippy::print_stdout, reason = "what a command-line tool has to say goes to standard output")]
#![expect(clippy::print_stderr, reason = "a mistyped command is answered on standard error")]

mod advisories;
mod args;
mod bench;
mod bounds;
mod fuzz;
mod help;
mod instructions;
mod invocation;
mod layout;
mod plan;
mod prepare;
mod report;
mod runner;
mod step;
mod version;

use std::process::ExitCode;

use args::{Benchmark, Command, Scope};
use layout::Layout;

fn main() -> ExitCode {
    match args::parse(std::env::args_os().skip(1)) {
        Ok(Command::Help) => {
            print!("{}", help::text());
            ExitCode::SUCCESS
        }
        Ok(Command::Bench(benchmark)) => in_workspace(|layout| bench(benchmark, layout)),
        Ok(Command::Fuzz { target, minutes }) => {
            in_workspace(|layout| say(fuzz::long(target.as_deref(), minutes, layout)))
        }
        Ok(Command::Test(scope)) => in_workspace(|layout| test(scope, layout)),
        Err(mistake) => {
            eprintln!("error: {mistake}\n\n{}", help::USAGE);
            ExitCode::from(2)
        }
    }
}

fn in_workspace(command: impl FnOnce(&Layout) -> ExitCode) -> ExitCode {
    match Layout::of_this_workspace() {
        Ok(layout) => command(&layout),
        Err(error) => {
            eprintln!("error: the workspace's folder cannot be found: {error}");
            ExitCode::from(2)
        }
    }
}

fn test(scope: Scope, layout: &Layout) -> ExitCode {
    let steps = plan::plan(scope, layout);
    let results = runner::run(&steps, |action| step::perform(action, layout));
    print!("\n{}", report::table(&results));
    if report::all_passed(&results) { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn bench(benchmark: Benchmark, layout: &Layout) -> ExitCode {
    let summary = match benchmark {
        Benchmark::Bounds => bounds::bench(layout),
        Benchmark::Compile(effort) => bench::compile(effort, layout),
        Benchmark::Instructions(counts) => instructions::bench(counts, layout),
        Benchmark::Report { effort, only } => bench::report(effort, only.as_deref(), layout),
    };
    say(summary)
}

fn say(summary: Result<String, String>) -> ExitCode {
    match summary {
        Ok(summary) => {
            print!("\n{summary}");
            ExitCode::SUCCESS
        }
        Err(reason) => {
            eprintln!("error: {reason}");
            ExitCode::FAILURE
        }
    }
}
