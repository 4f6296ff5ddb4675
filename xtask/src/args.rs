//! The command line of `cargo xtask`.

use clap::builder::{BoolValueParser, TypedValueParser};
use clap::{ArgAction, Parser, Subcommand};

use crate::comments::DEFAULT_COUNT;
use crate::fuzz::DEFAULT_MINUTES;
use crate::help;

// What stands above a command or an option is what its help says. The usages are written out, since clap would sum up
// what may be given as `[OPTIONS]` and `[COMMAND]`; a test compares them with what there is.

/// The project's own commands
#[derive(Debug, PartialEq, Eq, Parser)]
#[command(
    bin_name = "cargo xtask",
    override_usage = "cargo xtask <test|bench|fuzz|comments|help>",
    after_help = "`cargo xtask test --help` lists all steps of `test`.",
    arg_required_else_help = false
)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What the user asks for.
#[derive(Debug, PartialEq, Eq, Subcommand)]
pub(crate) enum Command {
    /// Run every check of the project, as CI does
    #[command(override_usage = "cargo xtask test [--quick]", after_help = help::steps())]
    Test {
        /// Run only those checks that need Rust alone
        #[arg(long = "quick", action = ArgAction::SetTrue, value_parser = flag(Scope::Quick, Scope::Full))]
        scope: Scope,
    },
    /// Measure every figure of docs/performance.md, or what is named
    #[command(
        override_usage = "cargo xtask bench [--quick] [--only <NAME>]\n       \
                          cargo xtask bench <build|compile|instructions|bounds>",
        args_conflicts_with_subcommands = true
    )]
    Bench {
        #[command(subcommand)]
        benchmark: Option<Benchmark>,
        /// Take fewer rounds
        #[arg(long = "quick", action = ArgAction::SetTrue, value_parser = flag(Effort::Quick, Effort::Full))]
        effort: Effort,
        /// Measure one benchmark, or what gives the figure of this name
        #[arg(long, value_name = "NAME")]
        only: Option<String>,
    },
    /// Run all fuzz targets or one, and sum up what they reached
    #[command(override_usage = "cargo xtask fuzz [TARGET] [--minutes <N>]")]
    Fuzz {
        /// The name of a file in `fuzz/fuzz_targets`, without its ending
        target: Option<String>,
        /// Minutes that each target runs
        #[arg(long, value_name = "N", default_value_t = DEFAULT_MINUTES, value_parser = at_least_one)]
        minutes: u64,
    },
    /// Draw doc comments of the shipped code at random, to be read with fresh eyes
    #[command(override_usage = "cargo xtask comments [--count <N>] [--seed <N>]")]
    Comments {
        /// How many comments
        #[arg(long, value_name = "N", default_value_t = DEFAULT_COUNT)]
        count: usize,
        /// The number that an earlier draw printed, to draw the same comments again
        #[arg(long, value_name = "N")]
        seed: Option<u64>,
    },
}

/// A benchmark that runs by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Subcommand)]
pub(crate) enum Benchmark {
    /// Measure what a first build costs, beside that of a bare axum application
    Build,
    /// Measure what the attribute adds to `cargo check`
    #[command(override_usage = "cargo xtask bench compile [--quick]")]
    Compile {
        /// Take fewer rounds
        #[arg(long = "quick", action = ArgAction::SetTrue, value_parser = flag(Effort::Quick, Effort::Full))]
        effort: Effort,
    },
    /// Compare instruction counts with the recorded ones
    #[command(override_usage = "cargo xtask bench instructions [--record]")]
    Instructions {
        /// Record the counts instead, as those to compare with from now on
        #[arg(long = "record", action = ArgAction::SetTrue, value_parser = flag(Counts::Record, Counts::Compare))]
        counts: Counts,
    },
    /// Count what the largest inputs from outside cost, and compare it with their budgets
    Bounds,
}

/// The extent of a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scope {
    /// What needs Rust alone.
    Quick,
    /// All of it, including what needs Node, npm and cargo-deny.
    Full,
}

/// How long a measurement may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Effort {
    /// Few rounds.
    Quick,
    /// As many rounds as a figure needs that is written down.
    Full,
}

/// What becomes of instruction counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Counts {
    /// They are compared with the recorded ones.
    Compare,
    /// They are the ones to compare with from now on.
    Record,
}

/// Reads a number that is not zero.
fn at_least_one(text: &str) -> Result<u64, &'static str> {
    text.parse().ok().filter(|number| *number > 0).ok_or("give a whole number, at least 1")
}

/// Says what a flag means where it is given, and where it is not.
fn flag<T: Copy + Send + Sync + 'static>(given: T, absent: T) -> impl TypedValueParser<Value = T> {
    BoolValueParser::new().map(move |is_given| if is_given { given } else { absent })
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;
    use clap::error::{Error, ErrorKind};

    use super::*;

    fn parsed(line: &str) -> Result<Command, Error> {
        let words = ["xtask"].into_iter().chain(line.split_whitespace());
        Arguments::try_parse_from(words).map(|arguments| arguments.command)
    }

    #[test]
    fn every_command_is_understood() {
        let report = |effort, only: Option<&str>| Command::Bench {
            benchmark: None,
            effort,
            only: only.map(str::to_owned),
        };
        let part =
            |benchmark| Command::Bench { benchmark: Some(benchmark), effort: Effort::Full, only: None };
        let fuzz =
            |target: Option<&str>, minutes| Command::Fuzz { target: target.map(str::to_owned), minutes };
        for (line, command) in [
            ("bench", report(Effort::Full, None)),
            ("bench --quick", report(Effort::Quick, None)),
            ("bench --only micro --quick", report(Effort::Quick, Some("micro"))),
            ("bench compile", part(Benchmark::Compile { effort: Effort::Full })),
            ("bench compile --quick", part(Benchmark::Compile { effort: Effort::Quick })),
            ("bench bounds", part(Benchmark::Bounds)),
            ("bench instructions", part(Benchmark::Instructions { counts: Counts::Compare })),
            ("bench instructions --record", part(Benchmark::Instructions { counts: Counts::Record })),
            ("fuzz", fuzz(None, DEFAULT_MINUTES)),
            ("fuzz container", fuzz(Some("container"), DEFAULT_MINUTES)),
            ("fuzz --minutes 3", fuzz(None, 3)),
            ("fuzz container --minutes 60", fuzz(Some("container"), 60)),
            ("comments", Command::Comments { count: DEFAULT_COUNT, seed: None }),
            ("comments --seed 7 --count 3", Command::Comments { count: 3, seed: Some(7) }),
            ("test", Command::Test { scope: Scope::Full }),
            ("test --quick", Command::Test { scope: Scope::Quick }),
        ] {
            assert_eq!(parsed(line).expect(line), command, "{line}");
        }
    }

    #[test]
    fn help_is_to_be_had_everywhere() {
        for line in [
            "help",
            "--help",
            "-h",
            "test --help",
            "test --quick -h",
            "bench -h",
            "bench --quick --help",
            "bench bounds --help",
            "bench compile --help",
            "bench instructions -h",
            "fuzz --help",
            "comments --help",
        ] {
            let help = parsed(line).expect_err(line);
            assert_eq!((help.kind(), help.exit_code()), (ErrorKind::DisplayHelp, 0), "{line}");
        }
    }

    #[test]
    fn what_is_not_understood_is_named() {
        for (line, culprit) in [
            ("", "subcommand"),
            ("tset", "'tset'"),
            ("test --fast", "'--fast'"),
            ("test --quick all", "'all'"),
            ("bench speed", "'speed'"),
            ("bench --only", "'--only <NAME>'"),
            ("bench --quick compile", "'compile'"),
            ("bench bounds --quick", "'--quick'"),
            ("bench compile fast", "'fast'"),
            ("bench instructions --quick", "'--quick'"),
            ("fuzz --minutes", "'--minutes <N>'"),
            ("fuzz --minutes 0", "'--minutes <N>': give a whole number, at least 1"),
            ("fuzz --minutes -1", "'-1'"),
            ("fuzz --minutes soon", "'--minutes <N>': give a whole number, at least 1"),
            ("fuzz container cookie_header", "'cookie_header'"),
            ("fuzz --hours 1", "'--hours'"),
            ("comments --seed x", "'--seed <N>'"),
        ] {
            let mistake = parsed(line).expect_err(line);
            let message = mistake.to_string();
            assert!(message.starts_with("error: ") && message.contains(culprit), "{message}");
            assert_eq!(mistake.exit_code(), 2, "{line}");
        }
    }

    #[test]
    fn a_mistake_is_answered_with_what_is_possible() {
        fn examine(line: &str, command: &clap::Command) {
            let message = parsed(&format!("{line} --nonsense")).expect_err(line).to_string();
            assert!(message.contains(&format!("Usage: cargo xtask{line}")), "{message}");
            let options = command.get_arguments().filter_map(clap::Arg::get_long);
            for name in options.chain(command.get_subcommands().map(clap::Command::get_name)) {
                assert!(name == "help" || message.contains(name), "`{name}` is not in: {message}");
            }
            for subcommand in command.get_subcommands() {
                examine(&format!("{line} {}", subcommand.get_name()), subcommand);
            }
        }
        let command = Arguments::command();
        command.clone().debug_assert();
        examine("", &command);
    }
}
