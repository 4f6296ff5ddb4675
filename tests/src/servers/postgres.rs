//! A `PostgreSQL` server with a cluster of its own.

use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::Duration;

use tempfile::TempDir;

use super::ports::on_a_free_port;
use super::process::{Patience, ServerProcess, Signal, new_folder};
use super::psql::PostgresSession;

/// A server on a port of 127.0.0.1, which it keeps over its restarts, as it does its data. Everybody may sign in as
/// `postgres` without a password.
#[derive(Debug)]
pub struct Postgres {
    process: ServerProcess,
    programs: PathBuf,
    port: u16,
}

impl Postgres {
    /// Starts one with an empty database.
    pub async fn start() -> Self {
        Self::start_with(&[]).await
    }

    /// Starts one with further arguments, which have the last word: `["-c", "max_connections=5"]`.
    pub async fn start_with(arguments: &[&str]) -> Self {
        let programs = programs();
        on_a_free_port(async |port| {
            let server = Self::spawn(&programs, port, arguments).await;
            server.until_ready().await.map(|()| server)
        })
        .await
    }

    /// Starts a standby, which has what `primary` has and follows it until it is [promoted](Self::promote).
    pub async fn start_standby_of(primary: &Self) -> Self {
        let programs = &primary.programs;
        let standby = on_a_free_port(async |port| {
            let (folder, owner) = folder().await;
            let mut copy = program(programs, "pg_basebackup");
            copy.args(["-h", "127.0.0.1", "-p", &primary.port.to_string(), "-U", "postgres", "-R"])
                .args(["--checkpoint=fast", "--no-sync", "-D"])
                .arg(folder.path().join(DATA));
            make(copy, owner).await;
            let server = Self::launch(programs, port, folder, owner, &[]);
            server.until_ready().await.map(|()| server)
        })
        .await;
        standby.until_it_has_all_of(primary).await;
        standby
    }

    /// Waits until this standby has all that was written to its primary before.
    pub async fn until_it_has_all_of(&self, primary: &Self) {
        let written = primary.sql("SELECT pg_current_wal_lsn()").await;
        let question = format!("SELECT pg_last_wal_replay_lsn() >= '{written}'");
        let patience = Patience::begins();
        while self.sql(&question).await != "t" {
            assert!(!patience.is_over(), "no replication:\n{}", self.process.log_tail());
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// Makes a standby a primary.
    pub async fn promote(&self) {
        assert_eq!(self.sql("SELECT pg_promote()").await, "t");
    }

    /// What a client is configured with.
    pub fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}/postgres", self.port)
    }

    /// The port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The process that listens. Each connection has one of its own, a child of this.
    pub fn process(&self) -> &ServerProcess {
        &self.process
    }

    /// Where the data and the configuration are.
    pub fn data(&self) -> PathBuf {
        self.process.folder().join(DATA)
    }

    /// Runs statements and gives the rows of their results: a line for each, with `|` between the columns.
    pub async fn sql(&self, statements: &str) -> String {
        let mut psql = self.psql();
        psql.args(["-c", statements]);
        let output = output(psql).await;
        assert!(output.status.success(), "{statements}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).trim_end().to_owned()
    }

    /// Runs statements in a session that stays open, with its transaction and its locks, until it is dropped.
    pub async fn session(&self, statements: &str) -> PostgresSession {
        let psql = self.psql();
        let statements = statements.to_owned();
        let session = tokio::task::spawn_blocking(move || PostgresSession::open(psql, &statements));
        session.await.expect("the statements can be run")
    }

    fn psql(&self) -> Command {
        let mut psql = program(&self.programs, "psql");
        psql.args(["-X", "-A", "-t", "-q", "-v", "ON_ERROR_STOP=1", "-h", "127.0.0.1", "-U", "postgres"])
            .args(["-p", &self.port.to_string(), "-d", "postgres"])
            .env("PGCONNECT_TIMEOUT", "20");
        psql
    }

    /// Connections stay open and new ones are accepted, but nothing is answered.
    pub fn pause(&self) {
        self.process.pause();
    }

    /// Ends the pause: what was sent in it is done now.
    pub fn resume(&self) {
        self.process.resume();
    }

    /// Ends it without a checkpoint, as in a crash, and its connections with it.
    pub fn kill(&self) {
        // After SIGKILL its children would live on for a moment, and its shared memory for good.
        self.process.end_with(Signal::QUIT);
    }

    /// Ends it in an orderly way. Connections are told and closed, not waited for.
    pub fn terminate(&self) {
        self.process.end_with(Signal::INT);
    }

    /// Starts it again on the same port with the same data.
    pub async fn restart(&self) {
        self.kill();
        self.process.start_again();
        self.until_ready().await.unwrap_or_else(|reason| panic!("{reason}"));
    }

    async fn spawn(programs: &Path, port: u16, arguments: &[&str]) -> Self {
        let (folder, owner) = folder().await;
        let mut initdb = program(programs, "initdb");
        initdb
            .args(["-A", "trust", "-U", "postgres", "-E", "UTF8", "--locale=C", "--no-sync", "-D"])
            .arg(folder.path().join(DATA));
        make(initdb, owner).await;
        Self::launch(programs, port, folder, owner, arguments)
    }

    fn launch(programs: &Path, port: u16, folder: TempDir, owner: Option<Owner>, arguments: &[&str]) -> Self {
        let mut command = program(programs, "postgres");
        command
            .args(["-p", &port.to_string(), "-c", "listen_addresses=127.0.0.1"])
            .args(["-c", "fsync=off", "-c", "max_connections=60", "-c"])
            .arg(format!("unix_socket_directories={}", folder.path().display()))
            .arg("-D")
            .arg(folder.path().join(DATA))
            .args(arguments);
        Owner::apply(owner, &mut command);
        let process = ServerProcess::start(command, folder, ADVICE);
        Self { process, programs: programs.to_owned(), port }
    }

    /// By the same file that `pg_ctl` reads: its first line is the process, the eighth the state.
    async fn until_ready(&self) -> Result<(), String> {
        let (file, pid) = (self.data().join("postmaster.pid"), self.process.pid().to_string());
        let is_ready = async || {
            let text = std::fs::read_to_string(&file).unwrap_or_default();
            let lines: Vec<_> = text.lines().map(str::trim).collect();
            lines.first() == Some(&pid.as_str()) && lines.get(7) == Some(&"ready")
        };
        self.process.until_ready(is_ready).await
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        self.kill();
    }
}

/// A folder for a server, and whose it is.
async fn folder() -> (TempDir, Option<Owner>) {
    let (folder, owner) = (new_folder("postgres"), Owner::of_servers().await);
    if let Some(owner) = owner {
        chown(folder.path(), Some(owner.user), Some(owner.group)).expect("root may");
    }
    (folder, owner)
}

/// Runs what makes the data.
async fn make(mut command: Command, owner: Option<Owner>) {
    Owner::apply(owner, &mut command);
    let name = command.get_program().display().to_string();
    let made = output(command).await;
    assert!(made.status.success(), "{name}: {}", String::from_utf8_lossy(&made.stderr));
}

/// Whom the server runs as where we are root, which it refuses to be.
#[derive(Clone, Copy, Debug)]
struct Owner {
    user: u32,
    group: u32,
}

impl Owner {
    async fn of_servers() -> Option<Self> {
        if !rustix::process::geteuid().is_root() {
            return None;
        }
        Some(Self { user: number_of("-u").await, group: number_of("-g").await })
    }

    fn apply(owner: Option<Self>, command: &mut Command) {
        if let Some(Self { user, group }) = owner {
            command.uid(user).gid(group);
        }
    }
}

async fn number_of(option: &str) -> u32 {
    let mut id = Command::new("id");
    id.args([option, "postgres"]);
    let text = output(id).await.stdout;
    let number = String::from_utf8_lossy(&text).trim().parse();
    number.unwrap_or_else(|_| panic!("there is no user postgres, whom root starts PostgreSQL as; {ADVICE}"))
}

/// Where the server's programs are: what `pg_config` says, else the newest of those that Debian has side by side.
fn programs() -> PathBuf {
    let told = Command::new("pg_config").arg("--bindir").output().ok();
    let told = told.map(|output| PathBuf::from(String::from_utf8_lossy(&output.stdout).trim()));
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut versions: Vec<u32> =
        versions.filter_map(|entry| entry.file_name().to_str()?.parse().ok()).collect();
    versions.sort_unstable();
    let versions = versions.iter().rev();
    let debian = versions.map(|version| PathBuf::from(format!("/usr/lib/postgresql/{version}/bin")));
    let has_server =
        |folder: &PathBuf| ["initdb", "postgres", "psql"].iter().all(|name| folder.join(name).is_file());
    told.into_iter()
        .chain(debian)
        .find(has_server)
        .unwrap_or_else(|| panic!("no PostgreSQL server; {ADVICE}"))
}

/// One of them, without what the environment says for other servers.
fn program(programs: &Path, name: &str) -> Command {
    let mut command = Command::new(programs.join(name));
    let is_for_others = |name: &std::ffi::OsString| name.to_string_lossy().starts_with("PG");
    for (name, _) in std::env::vars_os().filter(|(name, _)| is_for_others(name)) {
        command.env_remove(name);
    }
    command.env("LC_ALL", "C").current_dir("/");
    command
}

/// Without keeping the test's own tasks from running.
async fn output(mut command: Command) -> Output {
    let name = command.get_program().display().to_string();
    let output = tokio::task::spawn_blocking(move || command.output()).await.expect("it does not panic");
    output.unwrap_or_else(|error| panic!("{name} does not start ({error}); {ADVICE}"))
}

const DATA: &str = "data";
const ADVICE: &str = "install PostgreSQL's server (Debian: postgresql)";
