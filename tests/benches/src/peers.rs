//! The programs of Node that are measured beside ours: the real npm package alone, in a bare server, and in Next.js.
//!
//! Each is a single process and ends with the value that stands for it. `INTEROP_PEER` names the folder that the package is
//! installed in, `BENCH_NEXT_APP` the built app; `cargo xtask bench` sets both. A peer that does not work ends the benchmark,
//! as a figure without it would mean nothing.

use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::json;

use crate::process::{SERVER_CORE, pinned};
use crate::session::SECRET;

/// The npm package's `get`, without a server.
pub struct Get {
    questions: ChildStdin,
    answers: BufReader<ChildStdout>,
    _child: Ended,
}

impl Get {
    /// Starts it, for requests with these cookies.
    ///
    /// # Panics
    ///
    /// Node is not there.
    #[must_use]
    pub fn start(cookies: &str) -> Self {
        let mut child = spawn(node(&program("get.mjs")).stdin(Stdio::piped()).stdout(Stdio::piped()));
        let questions = child.0.stdin.take().expect("it is piped");
        let answers = BufReader::new(child.0.stdout.take().expect("it is piped"));
        let mut get = Self { questions, answers, _child: child };
        get.tell(&json!({ "cookie": cookies, "secret": SECRET }).to_string());
        get
    }

    /// Reads the session so many times, and gives the nanoseconds that once took. The first call waits for the warm-up.
    ///
    /// # Panics
    ///
    /// The package does not find the session, or is not installed.
    pub fn nanoseconds(&mut self, reads: u32) -> f64 {
        self.tell(&reads.to_string());
        let line = next_line(&mut self.answers);
        line.parse().unwrap_or_else(|_| panic!("get.mjs does not answer, or not with a time: {line:?}"))
    }

    fn tell(&mut self, line: &str) {
        // If nobody listens any more, the answer will be missing, and that is where it is noticed.
        let _ = writeln!(self.questions, "{line}");
    }
}

/// A server that answers `/api/me`: 200 with a session, 401 without.
pub struct Running {
    /// On 127.0.0.1.
    pub port: u16,
    pub(crate) child: Ended,
}

/// Starts the bare server of `node:http` around the package's `get`.
///
/// # Panics
///
/// It does not start.
#[must_use]
pub fn start_http() -> Running {
    let mut command = node(&program("http.mjs"));
    // It ends when its input does, so the other end is kept open by the child's value.
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).env("AUTH0_SECRET", SECRET);
    let mut child = spawn(&mut command);
    let line = next_line(&mut BufReader::new(child.0.stdout.take().expect("it is piped")));
    let port = line.strip_prefix("listening ").and_then(|port| port.parse().ok());
    let port = port.unwrap_or_else(|| panic!("http.mjs does not say its port: {line:?}"));
    Running { port, child }.ready()
}

/// Starts Next.js with the app in this folder, which is built already.
///
/// # Panics
///
/// It does not start.
#[must_use]
pub fn start_next(app: &Path) -> Running {
    let port = free_port();
    // Its own program instead of npm's or a shell's, which would leave it running when they are ended.
    let mut command = node(&app.join("node_modules/next/dist/bin/next"));
    command.args(["start", "--hostname", "127.0.0.1", "--port", &port.to_string()]).current_dir(app);
    command.stdin(Stdio::null()).stdout(Stdio::null());
    command.envs([
        ("AUTH0_SECRET", SECRET),
        // Asked for by the package, but nobody is asked anything to read a session.
        ("AUTH0_DOMAIN", "tenant.invalid"),
        ("AUTH0_CLIENT_ID", "benchmark"),
        ("AUTH0_CLIENT_SECRET", "benchmark"),
        ("APP_BASE_URL", "http://localhost:3000"),
        ("NEXT_TELEMETRY_DISABLED", "1"),
    ]);
    Running { port, child: spawn(&mut command) }.ready()
}

/// The folder of the Next.js app, as `BENCH_NEXT_APP` names it.
///
/// # Panics
///
/// It is not set, or nothing is built there.
#[must_use]
pub fn next_app() -> PathBuf {
    let app = std::env::var_os("BENCH_NEXT_APP").map(PathBuf::from);
    let app = app.expect("BENCH_NEXT_APP is not set: it names the folder of the built Next.js app");
    assert!(app.join(".next/BUILD_ID").is_file(), "no Next.js app is built in {}", app.display());
    app
}

impl Running {
    /// Sees that it lets these cookies pass, and nobody without them.
    ///
    /// # Panics
    ///
    /// It does not.
    pub fn check(&self, cookies: &str) {
        let answer = |cookies| status(self.port, cookies).expect("it answered before");
        assert_eq!(answer(cookies), 200, "with the session");
        assert_eq!(answer("theme=dark"), 401, "without a session");
    }

    pub(crate) fn ready(mut self) -> Self {
        let started = Instant::now();
        while status(self.port, "theme=dark").is_err() {
            if let Ok(Some(status)) = self.child.0.try_wait() {
                panic!("the server ended with {status}");
            }
            assert!(started.elapsed() < PATIENCE, "no server answers on port {} of 127.0.0.1", self.port);
            thread::sleep(Duration::from_millis(20));
        }
        self
    }
}

/// The status that `GET /api/me` with these cookies is answered with, on a connection of its own.
///
/// # Errors
///
/// Nobody answers on that port, or not in HTTP.
pub fn status(port: u16, cookies: &str) -> io::Result<u16> {
    let mut connection = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
    connection.set_read_timeout(Some(PATIENCE))?;
    write!(
        connection,
        "GET /api/me HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\ncookie: {cookies}\r\nconnection: close\r\n\r\n"
    )?;
    let mut answer = Vec::new();
    connection.read_to_end(&mut answer)?;
    status_in(&answer).ok_or_else(|| io::ErrorKind::InvalidData.into())
}

fn status_in(answer: &[u8]) -> Option<u16> {
    let code = answer.strip_prefix(b"HTTP/1.1 ")?.get(..3)?;
    std::str::from_utf8(code).ok()?.parse().ok()
}

/// A process that does not outlive its value.
pub(crate) struct Ended(pub(crate) Child);

impl Drop for Ended {
    fn drop(&mut self) {
        // It may have ended by itself, and then there is nothing to do.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn node(program: &Path) -> Command {
    let mut command = pinned("node", SERVER_CORE);
    command.arg(program).env("NODE_ENV", "production");
    command
}

fn program(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("peers").join(name)
}

pub(crate) fn spawn(command: &mut Command) -> Ended {
    Ended(command.spawn().unwrap_or_else(|error| panic!("{command:?} cannot be started: {error}")))
}

/// Empty when there is none.
pub(crate) fn next_line(lines: &mut BufReader<ChildStdout>) -> String {
    let mut line = String::new();
    let _ = lines.read_line(&mut line);
    line.trim_end().to_owned()
}

/// Free a moment ago, for a program that does not say which port it got.
pub(crate) fn free_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port is free");
    listener.local_addr().expect("it is bound").port()
}

/// Far longer than any of them takes to start.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::Sample;

    #[test]
    #[ignore = "needs Node, and what `cargo xtask bench` installs"]
    fn the_servers_let_the_session_pass_and_nobody_else() {
        let cookies = Sample::of(1_200).header;
        for start in [start_http, || start_next(&next_app())] {
            let server = start();
            server.check(&cookies);
            let port = server.port;
            drop(server);
            assert!(status(port, &cookies).is_err(), "it is still there");
        }
    }

    #[test]
    fn a_status_is_read_from_its_line_and_nothing_else() {
        assert_eq!(status_in(b"HTTP/1.1 401 Unauthorized\r\n\r\n"), Some(401));
        for other in ["", "HTTP/1.1 ", "HTTP/1.1 2", "HTTP/1.1 abc", "200 OK"] {
            assert_eq!(status_in(other.as_bytes()), None, "{other}");
        }
    }
}
