//! A server's process: started, signalled, ended, and never left behind.

use std::fs::File;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, MutexGuard};
use std::time::{Duration, Instant};

use rustix::process::{Pid, kill_process};
use tempfile::TempDir;

use super::guardian::Guardian;
use super::ps::{family, send_to_family};

pub use rustix::process::Signal;

/// A process with a folder of its own, in which it runs and its output is kept. Both end when this is dropped.
#[derive(Debug)]
pub struct ServerProcess {
    life: Mutex<Life>,
    folder: TempDir,
}

#[derive(Debug)]
struct Life {
    command: Command,
    child: Child,
    /// Gone as soon as there is nothing to watch over.
    guardian: Option<Guardian>,
    advice: &'static str,
}

impl ServerProcess {
    /// Runs the command. `advice` says how to install the program.
    pub fn start(mut command: Command, folder: TempDir, advice: &'static str) -> Self {
        command.current_dir(folder.path()).stdin(Stdio::null());
        let (child, guardian) = spawn(&mut command, folder.path(), advice);
        let life = Life { command, child, guardian: Some(guardian), advice };
        Self { life: Mutex::new(life), folder }
    }

    /// Runs the same command in the same folder, after the process has ended.
    pub fn start_again(&self) {
        let mut life = self.life();
        assert!(life.has_ended(), "the server still runs");
        let advice = life.advice;
        let (child, guardian) = spawn(&mut life.command, self.folder.path(), advice);
        life.child = child;
        life.guardian = Some(guardian);
    }

    /// The number of the process, also after its end.
    pub fn pid(&self) -> u32 {
        self.life().child.id()
    }

    /// Its working directory, which is removed with it.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Returns whether the process has not ended; a paused one has not.
    pub fn is_running(&self) -> bool {
        !self.life().has_ended()
    }

    /// The last lines of what it wrote.
    pub fn log_tail(&self) -> String {
        let text = std::fs::read(log_file(self.folder.path())).unwrap_or_default();
        let text = String::from_utf8_lossy(&text);
        let lines: Vec<_> = text.lines().collect();
        lines[lines.len().saturating_sub(30)..].join("\n")
    }

    /// Sends a signal to the process, not to its children.
    pub fn signal(&self, signal: Signal) {
        assert!(self.life().send(signal), "the server has ended:\n{}", self.log_tail());
    }

    /// Stops the process and its children in the middle of what they do. Returns when all stand still.
    pub fn pause(&self) {
        self.signal(Signal::STOP);
        let patience = Patience::begins();
        // Twice, since a child may have been made while the first list was.
        for _ in 0..2 {
            while family(self.pid()).iter().any(|listed| !listed.is_stopped()) {
                send_to_family(self.pid(), Signal::STOP);
                assert!(!patience.is_over(), "the server does not stop");
                std::thread::sleep(Duration::from_millis(2));
            }
        }
    }

    /// Lets the process and its children go on.
    pub fn resume(&self) {
        self.signal(Signal::CONT);
        send_to_family(self.pid(), Signal::CONT);
    }

    /// Ends the process at once, by SIGKILL. Returns when it is gone.
    pub fn kill(&self) {
        self.end_with(Signal::KILL);
    }

    /// Asks the process to end, by SIGTERM. Returns when it is gone.
    pub fn terminate(&self) {
        self.end_with(Signal::TERM);
    }

    /// Sends this signal and waits for the end, which is forced where it does not come.
    pub(super) fn end_with(&self, signal: Signal) {
        let mut life = self.life();
        if signal != Signal::KILL && !life.has_ended() {
            // What is paused would not act on it.
            send_to_family(life.child.id(), Signal::CONT);
        }
        let patience = Patience::begins();
        life.send(signal);
        while signal != Signal::KILL && !life.has_ended() && !patience.is_over() {
            std::thread::sleep(Duration::from_millis(2));
        }
        life.send(Signal::KILL);
        let _ = life.child.wait();
        life.guardian = None;
    }

    /// Waits until the server answers. The error is a sentence and the end of the log.
    pub(super) async fn until_ready(&self, is_ready: impl AsyncFn() -> bool) -> Result<(), String> {
        let patience = Patience::begins();
        loop {
            if !self.is_running() {
                return Err(format!("the server has ended:\n{}", self.log_tail()));
            }
            if tokio::time::timeout(Duration::from_secs(2), is_ready()).await.unwrap_or(false) {
                return Ok(());
            }
            if patience.is_over() {
                return Err(format!("the server does not answer:\n{}", self.log_tail()));
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    fn life(&self) -> MutexGuard<'_, Life> {
        // A panic of one test must not keep another from ending the process.
        self.life.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

impl Drop for ServerProcess {
    fn drop(&mut self) {
        self.kill();
    }
}

impl Life {
    fn has_ended(&mut self) -> bool {
        self.child.try_wait().expect("it is our child").is_some()
    }

    /// Returns whether it was still there. Its number is nobody else's until its end has been noticed.
    fn send(&mut self, signal: Signal) -> bool {
        let is_there = !self.has_ended();
        if is_there {
            kill_process(Pid::from_child(&self.child), signal).expect("it is our child");
        }
        is_there
    }
}

fn spawn(command: &mut Command, folder: &Path, advice: &str) -> (Child, Guardian) {
    let log = File::options().create(true).append(true).open(log_file(folder)).expect("the folder is ours");
    command.stdout(log.try_clone().expect("a second handle")).stderr(log);
    let child = command.spawn().unwrap_or_else(|error| {
        panic!("{} does not start ({error}); {advice}", command.get_program().display())
    });
    let guardian = Guardian::of(child.id(), folder);
    (child, guardian)
}

fn log_file(folder: &Path) -> std::path::PathBuf {
    folder.join("server.log")
}

/// A folder with a unique name below the system's folder for temporary ones.
pub(super) fn new_folder(name: &str) -> TempDir {
    TempDir::with_prefix(format!("auth-tests-{name}-")).expect("temporary folders can be made")
}

/// How long anything of a server may take. By a clock that tests can't stop.
#[derive(Clone, Copy, Debug)]
pub(super) struct Patience(Instant);

impl Patience {
    pub(super) fn begins() -> Self {
        Self(Instant::now())
    }

    pub(super) fn is_over(self) -> bool {
        self.0.elapsed() > Duration::from_secs(20)
    }
}
