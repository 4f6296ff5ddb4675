//! What was typed after `cargo xtask`.

use std::ffi::OsString;
use std::fmt;

/// What the user asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Command {
    Help,
    Test(Scope),
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
    UnknownArgument { command: &'static str, argument: String },
    UnknownCommand(String),
}

/// Reads the arguments; the program's own name is not among them.
pub(crate) fn parse(arguments: impl IntoIterator<Item = OsString>) -> Result<Command, Mistake> {
    let mut arguments = arguments.into_iter().map(|argument| argument.to_string_lossy().into_owned());
    match arguments.next().as_deref() {
        None => Err(Mistake::NoCommand),
        Some("help" | "--help" | "-h") => Ok(Command::Help),
        Some("test") => parse_test(arguments),
        Some(other) => Err(Mistake::UnknownCommand(other.to_owned())),
    }
}

fn parse_test(arguments: impl Iterator<Item = String>) -> Result<Command, Mistake> {
    let mut scope = Scope::Full;
    for argument in arguments {
        match argument.as_str() {
            "--quick" => scope = Scope::Quick,
            "--help" | "-h" => return Ok(Command::Help),
            _ => return Err(Mistake::UnknownArgument { command: "test", argument }),
        }
    }
    Ok(Command::Test(scope))
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoCommand => f.write_str("a command is missing after `cargo xtask`"),
            Self::UnknownArgument { command, argument } => {
                write!(
                    f,
                    "`cargo xtask {command}` does not know the argument `{argument}`; it takes `--quick` or nothing"
                )
            }
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
    fn both_scopes_and_help_are_understood() {
        assert_eq!(parsed("test"), Ok(Command::Test(Scope::Full)));
        assert_eq!(parsed("test --quick"), Ok(Command::Test(Scope::Quick)));
        for line in ["help", "--help", "-h", "test --help", "test --quick -h"] {
            assert_eq!(parsed(line), Ok(Command::Help), "{line}");
        }
    }

    #[test]
    fn what_is_not_understood_is_named() {
        assert_eq!(parsed(""), Err(Mistake::NoCommand));
        for (line, culprit) in
            [("tset", "`tset`"), ("test --fast", "`--fast`"), ("test --quick all", "`all`")]
        {
            let message = parsed(line).expect_err(line).to_string();
            assert!(message.contains(culprit), "{message}");
        }
    }
}
