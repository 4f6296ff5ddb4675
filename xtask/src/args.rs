//! What was typed after `cargo xtask`.

use std::ffi::OsString;
use std::fmt;

/// What the user asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Command {
    Bench(Benchmark),
    Help,
    Test(Scope),
}

/// What is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Benchmark {
    /// What the attribute costs in compile time.
    Compile(Effort),
}

/// How long a measurement may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Effort {
    /// Few rounds.
    Quick,
    /// As many rounds as a figure needs that is written down.
    Full,
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
    NoBenchmark,
    NoCommand,
    UnknownArgument { command: &'static str, argument: String },
    UnknownBenchmark(String),
    UnknownCommand(String),
}

/// Reads the arguments; the program's own name is not among them.
pub(crate) fn parse(arguments: impl IntoIterator<Item = OsString>) -> Result<Command, Mistake> {
    let mut arguments = arguments.into_iter().map(|argument| argument.to_string_lossy().into_owned());
    match arguments.next().as_deref() {
        None => Err(Mistake::NoCommand),
        Some("help" | "--help" | "-h") => Ok(Command::Help),
        Some("bench") => parse_bench(arguments),
        Some("test") => parse_test(arguments),
        Some(other) => Err(Mistake::UnknownCommand(other.to_owned())),
    }
}

fn parse_bench(mut arguments: impl Iterator<Item = String>) -> Result<Command, Mistake> {
    match arguments.next() {
        None => Err(Mistake::NoBenchmark),
        Some(argument) if is_help(&argument) => Ok(Command::Help),
        Some(name) if name == "compile" => quick_or_not("bench compile", arguments, |quick| {
            Command::Bench(Benchmark::Compile(if quick { Effort::Quick } else { Effort::Full }))
        }),
        Some(other) => Err(Mistake::UnknownBenchmark(other)),
    }
}

fn parse_test(arguments: impl Iterator<Item = String>) -> Result<Command, Mistake> {
    quick_or_not("test", arguments, |quick| Command::Test(if quick { Scope::Quick } else { Scope::Full }))
}

/// The arguments of a command that takes `--quick` or nothing.
fn quick_or_not(
    command: &'static str,
    arguments: impl Iterator<Item = String>,
    make: impl Fn(bool) -> Command,
) -> Result<Command, Mistake> {
    let mut quick = false;
    for argument in arguments {
        match argument.as_str() {
            "--quick" => quick = true,
            help if is_help(help) => return Ok(Command::Help),
            _ => return Err(Mistake::UnknownArgument { command, argument }),
        }
    }
    Ok(make(quick))
}

fn is_help(argument: &str) -> bool {
    matches!(argument, "--help" | "-h")
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoBenchmark => {
                f.write_str("what to measure is missing after `cargo xtask bench`: write `compile`")
            }
            Self::NoCommand => f.write_str("a command is missing after `cargo xtask`"),
            Self::UnknownArgument { command, argument } => {
                write!(
                    f,
                    "`cargo xtask {command}` does not know the argument `{argument}`; it takes `--quick` or nothing"
                )
            }
            Self::UnknownBenchmark(name) => write!(f, "there is no benchmark `{name}`; there is `compile`"),
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
        assert_eq!(parsed("bench compile"), Ok(Command::Bench(Benchmark::Compile(Effort::Full))));
        assert_eq!(parsed("bench compile --quick"), Ok(Command::Bench(Benchmark::Compile(Effort::Quick))));
        assert_eq!(parsed("test"), Ok(Command::Test(Scope::Full)));
        assert_eq!(parsed("test --quick"), Ok(Command::Test(Scope::Quick)));
        for line in
            ["help", "--help", "-h", "test --help", "test --quick -h", "bench -h", "bench compile --help"]
        {
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
            ("bench", "`compile`"),
            ("bench speed", "`speed`"),
            ("bench compile fast", "`fast`"),
        ] {
            let message = parsed(line).expect_err(line).to_string();
            assert!(message.contains(culprit), "{message}");
        }
    }
}
