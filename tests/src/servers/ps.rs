//! A process and its children, as `ps` lists them.

use std::process::Command;

use rustix::process::{Pid, Signal, kill_process};

/// One line of the list.
#[derive(Debug)]
pub(super) struct Listed {
    pid: i32,
    parent: i32,
    state: char,
}

/// The process and its children, without those that have ended.
pub(super) fn family(leader: u32) -> Vec<Listed> {
    let leader = i32::try_from(leader).expect("a process id");
    let output = Command::new("ps").args(["-A", "-o", "pid=,ppid=,state="]).output();
    let output =
        output.unwrap_or_else(|error| panic!("ps does not start ({error}); install it (Debian: procps)"));
    let text = String::from_utf8_lossy(&output.stdout);
    let is_family = |listed: &Listed| listed.pid == leader || listed.parent == leader;
    text.lines()
        .filter_map(Listed::of_line)
        .filter(|listed| is_family(listed) && listed.state != 'Z')
        .collect()
}

/// Some may have ended since they were listed.
pub(super) fn send_to_family(leader: u32, signal: Signal) {
    for listed in family(leader) {
        if let Some(pid) = Pid::from_raw(listed.pid) {
            let _ = kill_process(pid, signal);
        }
    }
}

impl Listed {
    fn of_line(line: &str) -> Option<Self> {
        let mut words = line.split_whitespace();
        Some(Self {
            pid: words.next()?.parse().ok()?,
            parent: words.next()?.parse().ok()?,
            state: words.next()?.chars().next()?,
        })
    }

    pub(super) fn is_stopped(&self) -> bool {
        matches!(self.state, 'T' | 't')
    }
}
