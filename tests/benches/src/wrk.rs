//! Load by `wrk` on loopback, from the other core.

use std::path::Path;
use std::process::Command;

use serde::Deserialize;

use crate::peers::Running;
use crate::process::pinned;

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
    start(server, path, cookies, seconds, &[])
}

/// Sends about 10,000 requests over 64 connections, in a second.
pub fn run_slowly(server: &Running, path: &str, cookies: &str) -> Load {
    start(server, path, cookies, 1, &["--", "slow"])
}

fn start(server: &Running, path: &str, cookies: &str, seconds: u64, arguments: &[&str]) -> Load {
    let report = Path::new(env!("CARGO_MANIFEST_DIR")).join("peers/report.lua");
    let mut command: Command = pinned("wrk", LOAD_CORE);
    command.args(["--threads", "1", "--connections", "64", "--duration", &format!("{seconds}s")]);
    // Longer than any answer takes: a slow one is a slow one, and no failure.
    command.args(["--timeout", "60s", "--script"]);
    command.arg(report).args(["--header", &format!("Cookie: {cookies}")]);
    command.arg(format!("http://127.0.0.1:{}{path}", server.port)).args(arguments);
    let output = command.output().expect("wrk starts; Debian has it as the package wrk");
    let text = String::from_utf8_lossy(&output.stdout);
    let line = text.lines().find(|line| line.starts_with('{'));
    let load = line.and_then(|line| serde_json::from_str(line).ok());
    let load: Load =
        load.unwrap_or_else(|| panic!("wrk says {text}{}", String::from_utf8_lossy(&output.stderr)));
    assert!(load.failed == 0, "{load:?}");
    load
}

/// Where the load comes from. The servers have the other one.
const LOAD_CORE: &str = "1";
