//! Keeps what is compared on one core.
//!
//! Node hands its cryptography to threads of its own. Between cores each handing over takes as long as the other core's
//! queue is: on a busy machine the package looked twice as slow, which is no merit of ours.

use std::process::{Command, Stdio};

/// Keeps the calling process and those it starts from now on on the first core that it may use. To be called before there
/// are further threads, which would stay where they are. Says so where that is not possible.
pub fn stay() {
    let pid = std::process::id().to_string();
    let kept = first_core().is_some_and(|core| {
        let mut taskset = Command::new("taskset");
        taskset.args(["--cpu-list", "--pid", &core, &pid]).stdout(Stdio::null());
        taskset.status().is_ok_and(|status| status.success())
    });
    if !kept {
        eprintln!("taskset is missing: what runs beside this may move the figures");
    }
}

fn first_core() -> Option<String> {
    first_core_in(&std::fs::read_to_string("/proc/self/status").ok()?)
}

fn first_core_in(status: &str) -> Option<String> {
    let list = status.lines().find_map(|line| line.strip_prefix("Cpus_allowed_list:"))?.trim();
    let core = list.split([',', '-']).next()?;
    (!core.is_empty()).then(|| core.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_core_is_read_from_any_list() {
        let first = |list| first_core_in(&format!("Threads:\t1\nCpus_allowed_list:\t{list}\n"));
        for (list, core) in [("0-1", "0"), ("2,4-7", "2"), ("3", "3"), ("12-15", "12")] {
            assert_eq!(first(list).as_deref(), Some(core));
        }
        assert_eq!(first(""), None);
        assert_eq!(first_core_in("Threads:\t1\n"), None);
    }
}
