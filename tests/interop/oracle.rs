//! The process that asks the real npm packages.

use std::ffi::OsString;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::{Mutex, OnceLock};

use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use crate::json::ascii;
use crate::options::Options;

/// The one process of this run. It ends with its standard input, which ends with the run.
///
/// # Panics
///
/// It cannot be started.
pub(crate) fn oracle() -> &'static Oracle {
    static ORACLE: OnceLock<Result<Oracle, String>> = OnceLock::new();
    match ORACLE.get_or_init(Oracle::start) {
        Ok(oracle) => oracle,
        Err(why) => panic!("{why}; `cargo xtask test` installs what these tests need and runs them"),
    }
}

pub(crate) struct Oracle(Mutex<Pipes>);

struct Pipes {
    stdin: ChildStdin,
    stdout: BufReader<ChildStdout>,
    // Not waited for: see `oracle`.
    _child: Child,
}

#[derive(Deserialize)]
struct Answer {
    outcome: Option<String>,
    session: Option<Box<RawValue>>,
    #[serde(default)]
    set_cookie: Vec<String>,
    store: Option<Box<RawValue>>,
    value: Option<Box<RawValue>>,
    versions: Option<Value>,
    message: Option<String>,
    error: Option<String>,
}

/// What the package makes of a `Cookie` header.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Read {
    /// The session's JSON, as `JSON.stringify` writes it.
    Session(String),
    None,
    Throws(String),
}

impl Read {
    /// The session.
    ///
    /// # Errors
    ///
    /// There is none.
    pub(crate) fn session(self) -> Result<String, String> {
        match self {
            Self::Session(session) => Ok(session),
            other => Err(format!("the package reads {other:?}")),
        }
    }
}

/// What the package was asked to do, apart from the operation itself.
pub(crate) struct Request<'a> {
    pub(crate) options: &'a Options,
    pub(crate) header: &'a str,
    pub(crate) now: i64,
    /// Records by their id, for sessions in a store.
    pub(crate) store: Option<&'a str>,
}

impl Oracle {
    fn start() -> Result<Self, String> {
        let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let folder = |variable: &str, default: &str| -> OsString {
            let default = || workspace.join("target").join(default).into_os_string();
            std::env::var_os(variable).unwrap_or_else(default)
        };
        let script: PathBuf = workspace.join("tests/interop/oracle.mjs");
        let mut child = Command::new("node")
            .arg(script)
            .env("INTEROP_PEER", folder("INTEROP_PEER", "interop"))
            .env("INTEROP_PEER_V3", folder("INTEROP_PEER_V3", "interop-v3"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| format!("node does not start ({error})"))?;
        let (Some(stdin), Some(stdout)) = (child.stdin.take(), child.stdout.take()) else {
            return Err("node has no standard input and output".to_owned());
        };
        let stdout = BufReader::new(stdout);
        let oracle = Self(Mutex::new(Pipes { stdin, stdout, _child: child }));
        match oracle.exchange(r#"{"op":"versions","id":0}"#).map(|answer| answer.versions) {
            Some(Some(versions)) => println!("interop: {versions}"),
            _ => return Err("the npm packages are not installed".to_owned()),
        }
        Ok(oracle)
    }

    /// What the package makes of the cookies.
    pub(crate) fn read(&self, request: &Request<'_>) -> Read {
        let answer = self.ask("read", request, "");
        match answer.outcome.as_deref() {
            Some("session") => Read::Session(answer.session.unwrap().get().to_owned()),
            Some("none") => Read::None,
            _ => Read::Throws(answer.message.unwrap_or_default()),
        }
    }

    /// The `Set-Cookie` lines with which the package writes the session, and the store afterwards.
    pub(crate) fn write(&self, request: &Request<'_>, session: &str) -> (Vec<String>, Option<String>) {
        let answer = self.ask("write", request, &format!(",\"session\":{session}"));
        (answer.set_cookie, answer.store.map(|store| store.get().to_owned()))
    }

    /// The `Set-Cookie` lines with which the package ends the session.
    pub(crate) fn delete(&self, request: &Request<'_>) -> Vec<String> {
        self.ask("delete", request, "").set_cookie
    }

    /// As [`write`](Self::write), by the package's previous major version, for a session begun at `created_at`.
    pub(crate) fn write_v3(
        &self,
        request: &Request<'_>,
        session: &str,
        created_at: i64,
        id: &str,
    ) -> (Vec<String>, Option<String>) {
        let id = Value::from(id);
        let more = format!(r#","session":{session},"created_at":{created_at},"session_id":{id}"#);
        let mut legacy = request.options.clone();
        legacy.name = "appSession";
        let answer = self.ask("write_v3", &Request { options: &legacy, ..*request }, &more);
        (answer.set_cookie, answer.store.map(|store| store.get().to_owned()))
    }

    /// A cookie value with any header and payload.
    pub(crate) fn seal(&self, secret: &str, header: &str, payload: &str) -> String {
        let secret = Value::from(secret);
        let line =
            format!(r#"{{"op":"seal","id":0,"secret":{secret},"header":{header},"payload":{payload}}}"#);
        serde_json::from_str(self.must(&line).value.unwrap().get()).unwrap()
    }

    /// The JSON that JavaScript makes of some JSON.
    pub(crate) fn echo(&self, json: &str) -> String {
        let answer = self.must(&format!(r#"{{"op":"echo","id":0,"value":{json}}}"#));
        answer.value.unwrap().get().to_owned()
    }

    fn ask(&self, operation: &str, request: &Request<'_>, more: &str) -> Answer {
        let common = json!({
            "id": 0,
            "op": operation,
            "kind": if request.store.is_some() { "stateful" } else { "stateless" },
            "secret": request.options.secret,
            "cookie_name": request.options.name,
            "cookie_header": request.header,
            "now": request.now,
            "config": request.options.to_json(),
        });
        let common = common.to_string();
        let store = request.store.map(|store| format!(",\"store\":{store}")).unwrap_or_default();
        self.must(&format!("{}{store}{more}}}", common.strip_suffix('}').unwrap()))
    }

    fn must(&self, line: &str) -> Answer {
        let answer = self.exchange(line).expect("the oracle answers");
        assert!(answer.error.is_none(), "the oracle refuses the request: {:?}", answer.error);
        answer
    }

    fn exchange(&self, line: &str) -> Option<Answer> {
        let mut pipes = self.0.lock().unwrap();
        writeln!(pipes.stdin, "{}", ascii(line)).ok()?;
        let mut answer = String::new();
        pipes.stdout.read_line(&mut answer).ok()?;
        serde_json::from_str(&answer).ok()
    }
}
