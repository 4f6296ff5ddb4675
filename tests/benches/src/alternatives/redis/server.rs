//! A Redis server of the benchmark's own, which keeps nothing.

use std::fs;
use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Ipv4Addr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::peers::{Ended, PATIENCE, free_port, spawn};
use crate::process::{LOAD_CORE, pinned};

/// On 127.0.0.1, and not on the core of the servers that ask it.
pub(super) struct Redis {
    port: u16,
    child: Ended,
    /// Behind the process, which is ended first.
    folder: Folder,
}

/// What has happened so far.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Counts {
    /// Keys that were asked for and were there.
    pub(super) found: u64,
    /// Keys that were changed.
    pub(super) written: u64,
}

impl Redis {
    pub(super) fn start() -> Self {
        // `taskset` would start all the same, and say less.
        if let Err(error) = Command::new(PROGRAM).arg("--version").stdout(Stdio::null()).status() {
            panic!("{PROGRAM} does not start ({error}); Debian has it as the package redis-server");
        }
        let (folder, port) = (Folder::new(), free_port());
        let mut command = pinned(PROGRAM, LOAD_CORE);
        command.args(["--bind", "127.0.0.1", "--port", &port.to_string(), "--daemonize", "no"]);
        command.args(["--save", "", "--appendonly", "no", "--logfile", LOG, "--dir"]).arg(&folder.0);
        let child = spawn(command.current_dir(&folder.0).stdin(Stdio::null()).stdout(Stdio::null()));
        Self { port, child, folder }.ready()
    }

    pub(super) fn port(&self) -> u16 {
        self.port
    }

    /// For files that may go with it.
    pub(super) fn folder(&self) -> &Path {
        &self.folder.0
    }

    pub(super) fn cpu_time(&self) -> Duration {
        self.child.cpu_time()
    }

    pub(super) fn counts(&self) -> Counts {
        let info = self.info().expect("it answered before");
        Counts {
            found: number(&info, "keyspace_hits"),
            // Nothing is ever saved here.
            written: number(&info, "rdb_changes_since_last_save"),
        }
    }

    /// Waits for this very process: for a moment, another one may have the port.
    fn ready(mut self) -> Self {
        let (started, pid) = (Instant::now(), u64::from(self.child.0.id()));
        while !self.info().is_ok_and(|info| number(&info, "process_id") == pid) {
            let has_ended = self.child.0.try_wait().is_ok_and(|status| status.is_some());
            if has_ended || started.elapsed() > PATIENCE {
                let log = fs::read_to_string(self.folder.0.join(LOG)).unwrap_or_default();
                panic!("{PROGRAM} does not answer on port {}:\n{log}", self.port);
            }
            thread::sleep(Duration::from_millis(10));
        }
        self
    }

    /// Everything that it tells of itself.
    fn info(&self) -> io::Result<String> {
        let mut connection = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port))?;
        connection.set_read_timeout(Some(PATIENCE))?;
        connection.write_all(b"INFO\r\n")?;
        let (mut answer, mut length) = (BufReader::new(connection), String::new());
        answer.read_line(&mut length)?;
        let length = length.trim_end().strip_prefix('$').and_then(|length| length.parse().ok());
        let mut info = vec![0; length.ok_or(io::ErrorKind::InvalidData)?];
        answer.read_exact(&mut info)?;
        Ok(String::from_utf8_lossy(&info).into_owned())
    }
}

impl Counts {
    pub(super) fn since(&self, before: &Self) -> Self {
        Self { found: self.found - before.found, written: self.written - before.written }
    }
}

fn number(info: &str, name: &str) -> u64 {
    let value = info.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':')?.parse().ok());
    value.unwrap_or_else(|| panic!("Redis does not tell {name}"))
}

/// A folder that does not outlive its value.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        let folder = std::env::temp_dir().join(format!("auth-benches-redis-{}", std::process::id()));
        fs::create_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
        Self(folder)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What is left is left in a folder for what may be lost.
        let _ = fs::remove_dir_all(&self.0);
    }
}

const PROGRAM: &str = "redis-server";
const LOG: &str = "redis.log";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_read_from_its_line_and_no_other() {
        let info = "# Stats\r\nkeyspace_hits_total:1\r\nkeyspace_hits:23\r\n";
        assert_eq!(number(info, "keyspace_hits"), 23);
    }

    #[test]
    #[ignore = "needs Redis"]
    fn it_answers_and_is_gone_in_the_end() {
        let redis = Redis::start();
        assert_eq!(redis.counts(), Counts { found: 0, written: 0 });
        let (port, folder) = (redis.port(), redis.folder().to_owned());
        drop(redis);
        assert!(TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_err() && !folder.exists());
    }
}
