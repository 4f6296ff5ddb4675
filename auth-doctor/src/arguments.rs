//! The command line, read by hand: two commands and a handful of options.

use std::ffi::OsString;

/// The command that the user gave.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Command {
    Explain(ExplainArguments),
    ExplainJson,
    Help(&'static str),
    SealJson,
    Version,
}

/// The options of `explain`.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct ExplainArguments {
    pub(crate) cookie: CookieSource,
    /// Name of the session cookie, if it is not the default.
    pub(crate) cookie_name: Option<String>,
    /// Domain of the provider that the session must have been made for.
    pub(crate) domain: Option<String>,
    /// True if cookies of v3 are read too.
    pub(crate) legacy: bool,
    /// Time to judge at, in unix seconds; the clock's if `None`.
    pub(crate) now: Option<i64>,
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) enum CookieSource {
    Given(Vec<u8>),
    StandardInput,
}

/// Reads the command line.
///
/// # Errors
///
/// A mistake in the command line, with the text to write instead.
pub(crate) fn parse(arguments: &[OsString]) -> Result<Command, String> {
    let mut words = Words { rest: arguments };
    match words.next_word()?.as_deref() {
        Some("explain") => parse_explain(&mut words),
        Some("seal") => parse_seal(&mut words),
        Some("help" | "-h" | "--help") => Ok(Command::Help(HELP)),
        Some("-V" | "--version") => Ok(Command::Version),
        Some(other) => Err(format!(
            "there is no command `{other}`; the commands are `explain` and `seal`. `auth-doctor --help` shows how they are used"
        )),
        None => Err("no command is given; try `auth-doctor explain --cookie \"<Cookie header>\"`, or `auth-doctor --help`".to_owned()),
    }
}

fn parse_explain(words: &mut Words<'_>) -> Result<Command, String> {
    let (mut cookie, mut cookie_name, mut domain, mut now) = (None, None, None, None);
    let (mut legacy, mut json) = (Once::default(), Once::default());
    while let Some((option, value)) = words.next_option() {
        match option.as_str() {
            "--cookie" => once(&mut cookie, &option, words.value(&option, value)?)?,
            "--cookie-name" => once(&mut cookie_name, &option, words.text(&option, value)?)?,
            "--domain" => once(&mut domain, &option, words.text(&option, value)?)?,
            "--json" => json.set(&option, value.as_ref())?,
            "--legacy" => legacy.set(&option, value.as_ref())?,
            "--now" => {
                let text = words.text(&option, value)?;
                let seconds = text.parse().map_err(|_| {
                    format!(
                        "`--now {text}` is no time; give whole seconds since 1970, for example `--now 1790000000`"
                    )
                })?;
                once(&mut now, &option, seconds)?;
            }
            "-h" | "--help" => return Ok(Command::Help(HELP)),
            _ => {
                return Err(format!(
                    "`explain` has no option `{option}`; it has --cookie, --cookie-name, --domain, --json, --legacy and --now"
                ));
            }
        }
    }
    if json.0 {
        if cookie.is_some() || cookie_name.is_some() || domain.is_some() || now.is_some() || legacy.0 {
            return Err("with `--json` everything is read from standard input, one JSON object per line; leave the other options out".to_owned());
        }
        return Ok(Command::ExplainJson);
    }
    let cookie = match cookie {
        Some(given) if given == *b"-" => CookieSource::StandardInput,
        Some(given) => CookieSource::Given(given),
        None => {
            return Err("no cookie is given; write `--cookie \"<Cookie header>\"`, or `--cookie -` to read it from standard input".to_owned());
        }
    };
    Ok(Command::Explain(ExplainArguments { cookie, cookie_name, domain, legacy: legacy.0, now }))
}

fn parse_seal(words: &mut Words<'_>) -> Result<Command, String> {
    let mut json = Once::default();
    while let Some((option, value)) = words.next_option() {
        match option.as_str() {
            "--json" => json.set(&option, value.as_ref())?,
            "-h" | "--help" => return Ok(Command::Help(HELP)),
            _ => return Err(format!("`seal` has no option `{option}`; it has only --json")),
        }
    }
    if json.0 {
        Ok(Command::SealJson)
    } else {
        Err("`seal` works on JSON lines only; write `auth-doctor seal --json`".to_owned())
    }
}

/// The words of the command line that are still to be read.
struct Words<'a> {
    rest: &'a [OsString],
}

impl Words<'_> {
    fn next_raw(&mut self) -> Option<&OsString> {
        let (first, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(first)
    }

    fn next_word(&mut self) -> Result<Option<String>, String> {
        let Some(word) = self.next_raw() else { return Ok(None) };
        match word.to_str() {
            Some(word) => Ok(Some(word.to_owned())),
            None => Err(format!("the argument {} is not UTF-8", word.display())),
        }
    }

    /// Takes the next option, and its value when that is in the same word (`--cookie=…`).
    fn next_option(&mut self) -> Option<(String, Option<Vec<u8>>)> {
        let bytes = self.next_raw()?.as_encoded_bytes();
        let equals = bytes.iter().position(|byte| *byte == b'=').filter(|_| bytes.starts_with(b"--"));
        let (option, value) = match equals {
            Some(at) => (bytes.get(..at), bytes.get(at.saturating_add(1)..).map(<[u8]>::to_vec)),
            None => (Some(bytes), None),
        };
        Some((String::from_utf8_lossy(option.unwrap_or_default()).into_owned(), value))
    }

    fn value(&mut self, option: &str, value: Option<Vec<u8>>) -> Result<Vec<u8>, String> {
        let next = || self.next_raw().map(|word| word.as_encoded_bytes().to_vec());
        value.or_else(next).ok_or_else(|| format!("`{option}` needs a value after it"))
    }

    fn text(&mut self, option: &str, value: Option<Vec<u8>>) -> Result<String, String> {
        String::from_utf8(self.value(option, value)?)
            .map_err(|_| format!("the value of `{option}` is not UTF-8"))
    }
}

fn once<T>(place: &mut Option<T>, option: &str, value: T) -> Result<(), String> {
    match place.replace(value) {
        None => Ok(()),
        Some(_) => Err(format!("`{option}` is given twice; give it once")),
    }
}

/// An option without a value.
#[derive(Default)]
struct Once(bool);

impl Once {
    fn set(&mut self, option: &str, value: Option<&Vec<u8>>) -> Result<(), String> {
        if value.is_some() {
            return Err(format!("`{option}` takes no value; write it alone"));
        }
        if std::mem::replace(&mut self.0, true) {
            return Err(format!("`{option}` is given twice; give it once"));
        }
        Ok(())
    }
}

const HELP: &str = "\
Explains why a session cookie is accepted or refused.

EXAMPLE
    Copy the `Cookie` header of the refused request from the browser's developer tools, and run:

    AUTH0_SECRET=<the service's secret> auth-doctor explain --cookie \"__session=eyJ...\"

USAGE
    auth-doctor explain --cookie \"<Cookie header>\" [OPTIONS]
    auth-doctor explain --json
    auth-doctor seal --json

EXPLAIN
    --cookie <HEADER>      What the browser sent after `Cookie: `; `-` reads it from standard input
    --cookie-name <NAME>   The name of the session cookie  [default: __session]
    --domain <DOMAIN>      Refuse sessions made for another domain of the provider
    --legacy               Read the cookies of nextjs-auth0 v3 too
    --now <SECONDS>        Judge as of this time, in seconds since 1970  [default: the clock]

    The secret is read from the variable AUTH0_SECRET, or up to 4 secrets from AUTH0_SECRETS, separated by
    commas. The report shows no token, only its length, and claims by name and size, only `sub` in full.

JSON LINES
    explain --json   {\"id\",\"mode\",\"secrets\",\"cookie_name\",\"legacy\",\"now\",\"domain\",\"cookie_header\",\"store\"}
                  -> {\"id\",\"outcome\",\"reason\",\"session\",\"warnings\"}
    seal --json      {\"id\",\"op\",\"secret\",\"cookie_name\",\"now\",\"session\",\"is_new\",\"request_cookie_header\",\"config\"}
                  -> {\"id\",\"set_cookie\",\"store\"}

    For programs: one JSON object per line on standard input, one answer per line, in order. The answer to a
    line that cannot be read is {\"id\",\"error\"}. `explain --json` prints whole sessions with their tokens, so
    keep its output secret.

OTHER
    -h, --help       This text
    -V, --version    The version

EXIT CODES
    0  accepted
    1  refused
    2  called wrongly, or the input or output failed
";

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(words: &[&str]) -> Result<Command, String> {
        parse(&words.iter().map(OsString::from).collect::<Vec<_>>())
    }

    #[test]
    fn values_stand_after_the_option_or_in_it() {
        let expected = ExplainArguments {
            cookie: CookieSource::Given(b"a=b".to_vec()),
            cookie_name: Some("n".to_owned()),
            domain: None,
            legacy: true,
            now: Some(5),
        };
        for words in [
            &["explain", "--cookie", "a=b", "--cookie-name", "n", "--legacy", "--now", "5"][..],
            &["explain", "--now=5", "--legacy", "--cookie-name=n", "--cookie=a=b"],
        ] {
            assert_eq!(parsed(words).unwrap(), Command::Explain(clone(&expected)));
        }
    }

    fn clone(arguments: &ExplainArguments) -> ExplainArguments {
        let CookieSource::Given(cookie) = &arguments.cookie else { panic!("a given cookie") };
        ExplainArguments {
            cookie: CookieSource::Given(cookie.clone()),
            cookie_name: arguments.cookie_name.clone(),
            domain: arguments.domain.clone(),
            ..*arguments
        }
    }

    #[test]
    fn a_mistake_is_told_with_what_to_write() {
        for (words, told) in [
            (&[][..], "no command"),
            (&["explian"], "`explain` and `seal`"),
            (&["explain"], "--cookie -"),
            (&["explain", "--cookie"], "needs a value"),
            (&["explain", "--cookies", "x"], "no option `--cookies`"),
            (&["explain", "x"], "no option `x`"),
            (&["explain", "--cookie", "x", "--now", "soon"], "seconds since 1970"),
            (&["explain", "--cookie", "x", "--cookie", "y"], "twice"),
            (&["explain", "--legacy", "--legacy"], "twice"),
            (&["explain", "--legacy=yes"], "takes no value"),
            (&["explain", "--json", "--cookie", "x"], "standard input"),
            (&["seal"], "seal --json"),
            (&["seal", "--now", "5"], "only --json"),
        ] {
            let mistake = parsed(words).unwrap_err();
            assert!(mistake.contains(told), "{words:?}: {mistake}");
        }
    }

    #[test]
    fn help_and_version_are_found() {
        assert_eq!(parsed(&["--help"]).unwrap(), Command::Help(HELP));
        assert_eq!(parsed(&["explain", "--help"]).unwrap(), Command::Help(HELP));
        assert_eq!(parsed(&["--version"]).unwrap(), Command::Version);
        assert_eq!(parsed(&["seal", "--json"]).unwrap(), Command::SealJson);
    }
}
