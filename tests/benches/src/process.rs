//! Processes on a core of their own, and what they cost.

use std::fs;
use std::io::BufReader;
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::peers::{Ended, Running, next_line, spawn};

/// Where servers run, each as the only one that is busy.
pub(crate) const SERVER_CORE: &str = "0";

/// Where the load comes from, and whatever else is not to take a server's time.
pub(crate) const LOAD_CORE: &str = "1";

/// A command that runs on one core.
pub(crate) fn pinned(program: &str, core: &str) -> Command {
    let mut command = Command::new("taskset");
    command.args(["--cpu-list", core, program]);
    command
}

/// Starts our server, which is this program again.
#[must_use]
pub fn start_ours() -> Running {
    start_serving(&["serve"])
}

/// Starts this program with a command that serves, and says on which port.
pub(crate) fn start_serving(command: &[&str]) -> Running {
    let program = std::env::current_exe().expect("a program knows where it is");
    let mut server = pinned(&program.to_string_lossy(), SERVER_CORE);
    let mut child = spawn(server.args(command).stdin(Stdio::null()).stdout(Stdio::piped()));
    let line = next_line(&mut BufReader::new(child.0.stdout.take().expect("it is piped")));
    let port = line.strip_prefix("listening ").and_then(|port| port.parse().ok());
    Running { port: port.unwrap_or_else(|| panic!("the server says {line:?}")), child }.ready()
}

impl Running {
    /// The time that the process was running on a core.
    pub(crate) fn cpu_time(&self) -> Duration {
        self.child.cpu_time()
    }

    /// The memory that the process has in use.
    pub(crate) fn resident_kilobytes(&self) -> f64 {
        let status = self.child.proc_file("status");
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let number = line.and_then(|line| line.split_whitespace().next()?.parse().ok());
        number.expect("the memory in use is in the process's status")
    }
}

impl Ended {
    /// The time that the process was running on a core.
    pub(crate) fn cpu_time(&self) -> Duration {
        let stat = self.proc_file("stat");
        // Behind the name, which is in parentheses and may hold anything (proc_pid_stat(5), fields 14 and 15).
        let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
        let ticks: u64 = fields.iter().skip(11).take(2).filter_map(|ticks| ticks.parse::<u64>().ok()).sum();
        Duration::from_millis(ticks * 1_000 / TICKS_PER_SECOND)
    }

    fn proc_file(&self, name: &str) -> String {
        let path = format!("/proc/{}/{name}", self.0.id());
        fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
    }
}

/// What Linux counts a process's time in, as it shows it.
const TICKS_PER_SECOND: u64 = 100;
