//! The project's own commands, run as `cargo xtask …`.
//!
//! The plan (what is checked) is data in `plan`; the runner (in which order, what stops what) knows nothing of the
//! checks; `prepare` installs what a check needs and this machine lacks.

#![expect(clippy::print_stdout, reason = "what a command-line tool has to say goes to standard output")]
#![expect(clippy::print_stderr, reason = "what went wrong is told on standard error")]

mod advisories;
mod args;
mod bench;
mod bounds;
mod comments;
mod documentation;
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

use args::{Arguments, Benchmark, Command, Scope};
use clap::Parser as _;
use layout::Layout;

fn main() -> ExitCode {
    let Arguments { command } = Arguments::parse();
    let layout = match Layout::of_this_workspace() {
        Ok(layout) => layout,
        Err(error) => {
            eprintln!("error: the workspace's folder cannot be found: {error}");
            return ExitCode::from(2);
        }
    };
    match command {
        Command::Test { scope } => test(scope, &layout),
        Command::Bench { benchmark: Some(benchmark), .. } => say(bench(benchmark, &layout)),
        Command::Bench { benchmark: None, effort, only } => {
            say(bench::report(effort, only.as_deref(), &layout))
        }
        Command::Fuzz { target, minutes } => say(fuzz::long(target.as_deref(), minutes, &layout)),
        Command::Comments { count, seed } => say(comments::draw(count, seed, &layout)),
    }
}

fn test(scope: Scope, layout: &Layout) -> ExitCode {
    let steps = plan::plan(scope, layout);
    let results = runner::run(&steps, |action| step::perform(action, layout));
    print!("\n{}", report::table(&results));
    if report::all_passed(&results) { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn bench(benchmark: Benchmark, layout: &Layout) -> Result<String, String> {
    match benchmark {
        Benchmark::Build => bench::build(layout),
        Benchmark::Compile { effort } => bench::compile(effort, layout),
        Benchmark::Instructions { counts } => instructions::bench(counts, layout),
        Benchmark::Bounds => bounds::bench(layout),
    }
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
