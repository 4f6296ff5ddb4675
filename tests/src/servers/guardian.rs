//! What ends a server whose test program is gone.

use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// A shell that waits for the end of its input, which comes when this program has ended in any way.
#[derive(Debug)]
pub(super) struct Guardian {
    shell: Child,
}

impl Guardian {
    /// Watches over a process and the folder that belongs to it.
    pub(super) fn of(pid: u32, folder: &Path) -> Self {
        let shell = Command::new("sh")
            .args(["-c", SCRIPT, "guardian", &pid.to_string()])
            .arg(folder)
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            // Out of the group that a terminal interrupts.
            .process_group(0)
            .spawn()
            .expect("there is a shell");
        Self { shell }
    }
}

impl Drop for Guardian {
    /// Before its input ends, which it would act on.
    fn drop(&mut self) {
        let _ = self.shell.kill();
        let _ = self.shell.wait();
    }
}

/// Orderly first, since what is killed leaves shared memory behind.
const SCRIPT: &str = r#"
read -r _
family="$1 $(ps -A -o pid=,ppid= | awk -v parent="$1" '$2 == parent { print $1 }')"
kill -CONT $family
kill -INT "$1"
sleep 1
kill -KILL $family
rm -rf -- "$2"
"#;
