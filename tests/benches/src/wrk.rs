//! Load by `wrk` on loopback, from the other core.

use std::path::Path;
use std::process::Command;

use serde::Deserialize;

use crate::peers::Running;
use crate::process::{LOAD_CORE, pinned};

/// What a run found.
#[derive(Clone, Copy, Debug, Deserialize)]
pub struct Load {
    /// Answers that came.
    pub requests: u64,
    /// How long the run took.
    pub microseconds: u64,
    /// Answers that were no success.
    pub refused: u64,
    /// What broke on the way: connections, reads, writes, time-outs.
    pub failed: u64,
    /// The median of the answers' times in microseconds.
    pub p50: u64,
    /// 99 of 100 were faster, in microseconds.
    pub p99: u64,
    /// 999 of 1,000 were faster, in microseconds.
    pub p999: u64,
}

impl Load {
    /// Answers per second.
    #[expect(clippy::cast_precision_loss, reason = "far below 2^53")]
    pub fn per_second(&self) -> f64 {
        self.requests as f64 / self.microseconds as f64 * 1e6
    }
}

/// Sends requests with these cookies over 64 connections for so many seconds.
pub fn run(server: &Running, path: &str, cookies: &str, seconds: u64) -> Load {
    start(server, path, &Plan { header: Some(&header(cookies)), connections: 64, seconds, arguments: &[] })
}

/// Sends about 10,000 requests over 64 connections, in a second.
pub fn run_slowly(server: &Running, path: &str, cookies: &str) -> Load {
    start(
        server,
        path,
        &Plan { header: Some(&header(cookies)), connections: 64, seconds: 1, arguments: &["slow"] },
    )
}

/// Sends requests over so many connections for so many seconds. They take turns with the lines of the file, each of which is
/// what stands in a `Cookie` header.
pub fn run_in_turns(server: &Running, path: &str, file: &Path, connections: u32, seconds: u64) -> Load {
    let file = file.to_string_lossy();
    start(server, path, &Plan { header: None, connections, seconds, arguments: &["cookies", &file] })
}

/// What `wrk` is started with.
struct Plan<'p> {
    header: Option<&'p str>,
    connections: u32,
    seconds: u64,
    /// Of the script.
    arguments: &'p [&'p str],
}

fn header(cookies: &str) -> String {
    format!("Cookie: {cookies}")
}

fn start(server: &Running, path: &str, plan: &Plan<'_>) -> Load {
    let report = Path::new(env!("CARGO_MANIFEST_DIR")).join("peers/report.lua");
    let mut command: Command = pinned("wrk", LOAD_CORE);
    command.args(["--threads", "1", "--connections", &plan.connections.to_string()]);
    command.args(["--duration", &format!("{}s", plan.seconds)]);
    // Longer than any answer takes: a slow one is a slow one, and no failure.
    command.args(["--timeout", "60s", "--script"]);
    command.arg(report).args(plan.header.iter().flat_map(|header| ["--header", header]));
    command.arg(format!("http://127.0.0.1:{}{path}", server.port)).arg("--").args(plan.arguments);
    let output = command.output().expect("wrk starts; Debian has it as the package wrk");
    let text = String::from_utf8_lossy(&output.stdout);
    let line = text.lines().find(|line| line.starts_with('{'));
    let load = line.and_then(|line| serde_json::from_str(line).ok());
    let load: Load =
        load.unwrap_or_else(|| panic!("wrk says {text}{}", String::from_utf8_lossy(&output.stderr)));
    assert!(load.failed == 0, "{load:?}");
    load
}
