//! What was typed after `cargo xtask`.

use std::ffi::OsString;
use std::fmt;

use crate::fuzz::DEFAULT_MINUTES;

/// What the user asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Command {
    Bench(Benchmark),
    /// All fuzz targets or one, for so many minutes each.
    Fuzz {
        target: Option<String>,
        minutes: u64,
    },
    Help,
    Test(Scope),
}

/// What is measured.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Benchmark {
    /// What the report is about: all of it, or what gives the figure of this name.
    Report { effort: Effort, only: Option<String> },
    /// What the largest inputs from outside cost.
    Bounds,
    /// What the attribute costs in compile time.
    Compile(Effort),
    /// Instruction counts under valgrind.
    Instructions(Counts),
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

/// How much is checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scope {
    /// What needs Rust alone.
    Quick,
    /// All of it, including what needs Node, npm and cargo-deny.
    Full,
}

/// Why the command line makes no sense.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Mistake {
    NoCommand,
    NoFigure,
    NoMinutes,
    UnknownArgument { command: &'static str, flag: &'static str, argument: String },
    UnknownBenchmark(String),
    UnknownCommand(String),
    UnknownFuzzArgument(String),
}

/// Reads the arguments; the program's own name is not among them.
pub(crate) fn parse(arguments: impl IntoIterator<Item = OsString>) -> Result<Command, Mistake> {
    let mut arguments = arguments.into_iter().map(|argument| argument.to_string_lossy().into_owned());
    match arguments.next().as_deref() {
        None => Err(Mistake::NoCommand),
        Some("help" | "--help" | "-h") => Ok(Command::Help),
        Some("bench") => parse_bench(arguments),
        Some("fuzz") => parse_fuzz(arguments),
        Some("test") => parse_test(arguments),
        Some(other) => Err(Mistake::UnknownCommand(other.to_owned())),
    }
}

fn parse_bench(arguments: impl Iterator<Item = String>) -> Result<Command, Mistake> {
    let mut arguments = arguments.peekable();
    if arguments.next_if(|argument| argument == "bounds").is_some() {
        return match arguments.next() {
            None => Ok(Command::Bench(Benchmark::Bounds)),
            Some(help) if is_help(&help) => Ok(Command::Help),
            Some(other) => Err(Mistake::UnknownBenchmark(format!("bounds {other}"))),
        };
    }
    if arguments.next_if(|argument| argument == "compile").is_some() {
        return flag_or_not("bench compile", QUICK, arguments, |quick| {
            Command::Bench(Benchmark::Compile(effort(quick)))
        });
    }
    if arguments.next_if(|argument| argument == "instructions").is_some() {
        return flag_or_not("bench instructions", "--record", arguments, |record| {
            Command::Bench(Benchmark::Instructions(if record { Counts::Record } else { Counts::Compare }))
        });
    }
    let (mut quick, mut only) = (false, None);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--quick" => quick = true,
            "--only" => only = Some(arguments.next().ok_or(Mistake::NoFigure)?),
            help if is_help(help) => return Ok(Command::Help),
            _ => return Err(Mistake::UnknownBenchmark(argument)),
        }
    }
    Ok(Command::Bench(Benchmark::Report { effort: effort(quick), only }))
}

fn parse_fuzz(mut arguments: impl Iterator<Item = String>) -> Result<Command, Mistake> {
    let (mut target, mut minutes) = (None, DEFAULT_MINUTES);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--minutes" => {
                let number = arguments.next().and_then(|number| number.parse().ok());
                minutes = number.filter(|minutes| *minutes > 0).ok_or(Mistake::NoMinutes)?;
            }
            help if is_help(help) => return Ok(Command::Help),
            name if target.is_none() && !name.starts_with('-') => target = Some(argument),
            _ => return Err(Mistake::UnknownFuzzArgument(argument)),
        }
    }
    Ok(Command::Fuzz { target, minutes })
}

fn effort(quick: bool) -> Effort {
    if quick { Effort::Quick } else { Effort::Full }
}

fn parse_test(arguments: impl Iterator<Item = String>) -> Result<Command, Mistake> {
    flag_or_not("test", QUICK, arguments, |quick| {
        Command::Test(if quick { Scope::Quick } else { Scope::Full })
    })
}

/// The arguments of a command that takes a flag or nothing.
fn flag_or_not(
    command: &'static str,
    flag: &'static str,
    arguments: impl Iterator<Item = String>,
    make: impl Fn(bool) -> Command,
) -> Result<Command, Mistake> {
    let mut is_set = false;
    for argument in arguments {
        match argument.as_str() {
            given if given == flag => is_set = true,
            help if is_help(help) => return Ok(Command::Help),
            _ => return Err(Mistake::UnknownArgument { command, flag, argument }),
        }
    }
    Ok(make(is_set))
}

const QUICK: &str = "--quick";

fn is_help(argument: &str) -> bool {
    matches!(argument, "--help" | "-h")
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoCommand => f.write_str("a command is missing after `cargo xtask`"),
            Self::NoFigure => f.write_str("the name of a benchmark or of a figure is missing after `--only`"),
            Self::NoMinutes => f.write_str("a number of minutes, at least 1, is missing after `--minutes`"),
            Self::UnknownArgument { command, flag, argument } => {
                write!(
                    f,
                    "`cargo xtask {command}` does not know the argument `{argument}`; it takes `{flag}` or nothing"
                )
            }
            Self::UnknownBenchmark(argument) => write!(
                f,
                "`cargo xtask bench` does not know `{argument}`; it takes `bounds`, `compile`, `instructions`, `--quick` and `--only NAME`"
            ),
            Self::UnknownFuzzArgument(argument) => write!(
                f,
                "`cargo xtask fuzz` does not know `{argument}`; it takes the name of a target and `--minutes N`"
            ),
            Self::UnknownCommand(command) => write!(f, "there is no command `{command}`"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(line: &str) -> Result<Command, Mistake> {
        parse(line.split_whitespace().map(OsString::from))
    }

    #[test]
    fn every_command_is_understood() {
        let report = |effort, only: Option<&str>| {
            Ok(Command::Bench(Benchmark::Report { effort, only: only.map(str::to_owned) }))
        };
        assert_eq!(parsed("bench"), report(Effort::Full, None));
        assert_eq!(parsed("bench --quick"), report(Effort::Quick, None));
        assert_eq!(parsed("bench --only micro --quick"), report(Effort::Quick, Some("micro")));
        assert_eq!(parsed("bench compile"), Ok(Command::Bench(Benchmark::Compile(Effort::Full))));
        assert_eq!(parsed("bench compile --quick"), Ok(Command::Bench(Benchmark::Compile(Effort::Quick))));
        assert_eq!(parsed("bench bounds"), Ok(Command::Bench(Benchmark::Bounds)));
        let instructions = |counts| Ok(Command::Bench(Benchmark::Instructions(counts)));
        assert_eq!(parsed("bench instructions"), instructions(Counts::Compare));
        assert_eq!(parsed("bench instructions --record"), instructions(Counts::Record));
        let fuzz =
            |target: Option<&str>, minutes| Ok(Command::Fuzz { target: target.map(str::to_owned), minutes });
        assert_eq!(parsed("fuzz"), fuzz(None, DEFAULT_MINUTES));
        assert_eq!(parsed("fuzz container"), fuzz(Some("container"), DEFAULT_MINUTES));
        assert_eq!(parsed("fuzz --minutes 3"), fuzz(None, 3));
        assert_eq!(parsed("fuzz container --minutes 60"), fuzz(Some("container"), 60));
        assert_eq!(parsed("test"), Ok(Command::Test(Scope::Full)));
        assert_eq!(parsed("test --quick"), Ok(Command::Test(Scope::Quick)));
        for line in [
            "help",
            "--help",
            "-h",
            "test --help",
            "test --quick -h",
            "bench -h",
            "bench bounds --help",
            "bench compile --help",
            "fuzz --help",
        ] {
            assert_eq!(parsed(line), Ok(Command::Help), "{line}");
        }
    }

    #[test]
    fn what_is_not_understood_is_named() {
        assert_eq!(parsed(""), Err(Mistake::NoCommand));
        for (line, culprit) in [
            ("tset", "`tset`"),
            ("test --fast", "`--fast`"),
            ("test --quick all", "`all`"),
            ("bench speed", "`speed`"),
            ("bench --only", "`--only`"),
            ("bench bounds --quick", "`bounds --quick`"),
            ("bench compile fast", "`fast`"),
            ("bench instructions --quick", "`--record`"),
            ("fuzz --minutes", "`--minutes`"),
            ("fuzz --minutes 0", "`--minutes`"),
            ("fuzz container cookie_header", "`cookie_header`"),
            ("fuzz --hours 1", "`--hours`"),
        ] {
            let message = parsed(line).expect_err(line).to_string();
            assert!(message.contains(culprit), "{message}");
        }
    }
}
