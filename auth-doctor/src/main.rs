//! Explains why a session cookie is accepted or refused.
//!
//! `explain` is for a person with a 401; `explain --json` and `seal --json` are for programs that compare this
//! implementation of the cookie with another one.

mod arguments;
mod configuration;
mod contents;
mod explain;
mod explain_json;
mod findings;
mod header;
mod json_lines;
mod report;
mod seal_json;
mod secrets;
mod text;
mod times;

use std::io::{self, Read, Write};
use std::process::ExitCode;

use arguments::{Command, CookieSource, ExplainArguments};
use auth_runtime::codec::Timestamp;
use secrets::Secrets;

/// The session was accepted, or the program did what it was asked.
const ACCEPTED: u8 = 0;
/// The session was refused.
const REFUSED: u8 = 1;
/// The program was called wrongly, or could not read its input or write its output.
const USAGE: u8 = 2;

fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args_os().skip(1).collect();
    let mut stdout = io::stdout().lock();
    let outcome = match arguments::parse(&arguments) {
        Ok(Command::Help(text)) => {
            stdout.write_all(text.as_bytes()).map(|()| ACCEPTED).map_err(Failure::from)
        }
        Ok(Command::Version) => writeln!(stdout, "auth-doctor {}", env!("CARGO_PKG_VERSION"))
            .map(|()| ACCEPTED)
            .map_err(Failure::from),
        Ok(Command::ExplainJson) => answer_lines(&mut stdout, explain_json::answer),
        Ok(Command::SealJson) => answer_lines(&mut stdout, seal_json::answer),
        Ok(Command::Explain(arguments)) => explain(&arguments, &mut stdout),
        Err(mistake) => Err(Failure::Usage(mistake)),
    };
    match outcome {
        Ok(code) => ExitCode::from(code),
        // The reader of the output has closed the pipe, as `head` does when it has enough.
        Err(Failure::Io(error)) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::from(ACCEPTED),
        Err(failure) => {
            let message = match failure {
                Failure::Usage(text) => text,
                Failure::Io(error) => format!("could not read or write: {error}"),
            };
            // If standard error is closed, there is no other place for the message.
            let _ = writeln!(io::stderr(), "auth-doctor: {message}");
            ExitCode::from(USAGE)
        }
    }
}

fn explain(arguments: &ExplainArguments, out: &mut impl Write) -> Result<u8, Failure> {
    let secrets = Secrets::from_variables(environment).map_err(Failure::Usage)?;
    let header = match &arguments.cookie {
        CookieSource::Given(header) => header.clone(),
        CookieSource::StandardInput => {
            let mut bytes = Vec::new();
            io::stdin().take(MAX_HEADER_BYTES).read_to_end(&mut bytes)?;
            bytes
        }
    };
    let now = arguments.now.map_or_else(Timestamp::now, Timestamp::from_unix);
    let (report, is_accepted) =
        explain::explain(arguments, &header, &secrets, now).map_err(Failure::Usage)?;
    out.write_all(report.to_string().as_bytes())?;
    Ok(if is_accepted { ACCEPTED } else { REFUSED })
}

fn answer_lines(out: &mut impl Write, answer: json_lines::Answer) -> Result<u8, Failure> {
    json_lines::run(&mut io::stdin().lock(), out, answer)?;
    Ok(ACCEPTED)
}

#[expect(clippy::disallowed_methods, reason = "the one place where the doctor reads its environment")]
fn environment(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// The reason why the program ends without an answer.
enum Failure {
    Io(io::Error),
    Usage(String),
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

/// Bytes of standard input that are read as a header. No server accepts a header of this size.
const MAX_HEADER_BYTES: u64 = 16 * 1024 * 1024;
