//! A Redis server without persistence.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use super::ports::on_a_free_port;
use super::process::{Patience, ServerProcess, new_folder};
use super::resp::{Connection, Reply};

/// A server on a port of 127.0.0.1, which it keeps over its restarts.
#[derive(Debug)]
pub struct Redis {
    process: ServerProcess,
    port: u16,
    password: Option<String>,
}

impl Redis {
    /// Starts one with nothing in it.
    pub async fn start() -> Self {
        Self::start_with(&[]).await
    }

    /// Starts one with further arguments, which have the last word: `["--maxmemory", "1mb"]`. With `--requirepass`,
    /// [`command`](Self::command) uses the password.
    pub async fn start_with(arguments: &[&str]) -> Self {
        on_a_free_port(async |port| {
            let server = Self::spawn(port, arguments);
            server.until_ready().await.map(|()| server)
        })
        .await
    }

    /// Starts a replica and waits until it has what `master` has. It stays one when the master is gone.
    pub async fn start_replica_of(master: &Self) -> Self {
        let port = master.port.to_string();
        let mut arguments = vec!["--replicaof", "127.0.0.1", &port];
        if let Some(password) = &master.password {
            arguments.extend(["--masterauth", password, "--requirepass", password]);
        }
        let replica = Self::start_with(&arguments).await;
        let patience = Patience::begins();
        while !replica.info("replication").await.contains("master_link_status:up") {
            assert!(!patience.is_over(), "no replication:\n{}", replica.process.log_tail());
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        replica
    }

    /// What a client is configured with; without a password.
    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// The port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The process.
    pub fn process(&self) -> &ServerProcess {
        &self.process
    }

    /// The working directory.
    pub fn folder(&self) -> &Path {
        self.process.folder()
    }

    /// Connections stay open and new ones are accepted, but nothing is answered.
    pub fn pause(&self) {
        self.process.pause();
    }

    /// Ends the pause: what was sent in it is done now.
    pub fn resume(&self) {
        self.process.resume();
    }

    /// Ends it without warning.
    pub fn kill(&self) {
        self.process.kill();
    }

    /// Ends it in an orderly way.
    pub fn terminate(&self) {
        self.process.terminate();
    }

    /// Starts it again on the same port, with nothing in it.
    pub async fn restart(&self) {
        self.kill();
        self.process.start_again();
        self.until_ready().await.unwrap_or_else(|reason| panic!("{reason}"));
    }

    /// Sends one command on a connection of its own. An error of the command is a [`Reply::Error`].
    pub async fn command(&self, words: &[&str]) -> Reply {
        let reply = async { self.connect().await?.command(words).await };
        let reply = tokio::time::timeout(Duration::from_secs(20), reply).await.expect("Redis answers");
        reply.unwrap_or_else(|error| panic!("{words:?}: {error}\n{}", self.process.log_tail()))
    }

    /// Opens a connection, signed in where there is a password.
    ///
    /// # Errors
    ///
    /// The server is not there.
    pub async fn connect(&self) -> std::io::Result<Connection> {
        let mut connection = Connection::open(self.port).await?;
        if let Some(password) = &self.password {
            connection.command(&["AUTH", password]).await?;
        }
        Ok(connection)
    }

    /// A section of what `INFO` tells.
    pub async fn info(&self, section: &str) -> String {
        self.command(&["INFO", section]).await.accepted().to_owned()
    }

    fn spawn(port: u16, arguments: &[&str]) -> Self {
        let folder = new_folder("redis");
        let mut command = Command::new("redis-server");
        command
            .args(["--port", &port.to_string(), "--bind", "127.0.0.1", "--daemonize", "no"])
            .args(["--save", "", "--appendonly", "no", "--rdb-del-sync-files", "yes"])
            // A replica would otherwise wait five seconds for others to come.
            .args(["--repl-diskless-sync-delay", "0"])
            .args(["--enable-debug-command", "local"])
            .arg("--dir")
            .arg(folder.path())
            .args(arguments);
        let process = ServerProcess::start(command, folder, "install redis-server (Debian: redis-server)");
        let password = arguments.windows(2).find(|pair| pair[0] == "--requirepass");
        Self { process, port, password: password.map(|pair| pair[1].to_owned()) }
    }

    /// Until this very process answers: for a moment, another one may have the port.
    async fn until_ready(&self) -> Result<(), String> {
        let expected = format!("process_id:{}\r\n", self.process.pid());
        let ask = async || {
            let mut connection = self.connect().await?;
            let pong = connection.command(&["PING"]).await?;
            let info = connection.command(&["INFO", "server"]).await?;
            std::io::Result::Ok((pong, info))
        };
        let is_ready = async || match ask().await {
            Ok((pong, info)) => pong.text() == "PONG" && info.text().contains(&expected),
            Err(_) => false,
        };
        self.process.until_ready(is_ready).await
    }
}
