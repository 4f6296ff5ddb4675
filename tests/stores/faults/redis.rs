//! Redis and its faults.

use std::sync::Arc;
use std::time::Duration;

use auth_runtime::store::{RedisStore, StoreId};
use auth_tests::servers::{Connection, FaultyProxy, Mode, Redis};

use super::table::{EITHER, EMPTY, Expected, Fault, OUTAGE, READS, REMOVES, SHORT, WELL};
use super::target::{DELAY, HOUR, PASSWORD, Target};
use crate::instance::AnyStore;

pub(crate) struct FaultyRedis {
    server: Redis,
    proxy: FaultyProxy,
    /// Connections that were there before the fault.
    held: Vec<Connection>,
    replica: Option<Redis>,
}

impl Target for FaultyRedis {
    const NAME: &'static str = "redis";

    async fn start() -> Self {
        let password = format!(">{PASSWORD}");
        let server = Redis::start_with(&["--user", "app", "on", &password, "~*", "+@all"]).await;
        let proxy = FaultyProxy::before(server.port()).await;
        Self { server, proxy, held: Vec::new(), replica: None }
    }

    async fn store(&self) -> AnyStore {
        store(self.proxy.port())
    }

    async fn beside(&self) -> AnyStore {
        store(self.server.port())
    }

    async fn prepare(&mut self, fault: Fault) {
        match fault {
            Fault::NotReady => {
                // Loading is slow enough then, and the server says so in between.
                self.configure("rdbcompression", "no").await;
                self.configure("loading-process-events-interval-bytes", "1024").await;
                self.configure("key-load-delay", "20000").await;
                self.server.command(&["DEBUG", "POPULATE", "500", "filler", "2048"]).await.accepted();
            }
            Fault::FailedOver => {
                let replica = Redis::start_replica_of(&self.server).await;
                let password = format!(">{PASSWORD}");
                let user = ["ACL", "SETUSER", "app", "on", &password, "~*", "+@all"];
                replica.command(&user).await.accepted();
                self.replica = Some(replica);
            }
            _ => {}
        }
    }

    async fn strike(&mut self, fault: Fault) {
        match fault {
            Fault::Killed => {
                self.server.kill();
                self.proxy.set(Mode::Refuse).await;
            }
            Fault::Restarted => self.server.restart().await,
            Fault::Paused => self.server.pause(),
            Fault::BlackHole => self.proxy.set(Mode::BlackHole).await,
            Fault::RequestLost => self.proxy.set(Mode::DropRequests).await,
            Fault::ReplyLost => self.proxy.set(Mode::DropReplies).await,
            Fault::ReplyCut => self.proxy.set(Mode::CutReplies(3)).await,
            Fault::Garbage => self.proxy.set(Mode::Garbage).await,
            Fault::TooSlow => self.proxy.set(Mode::Delay(SHORT * 2)).await,
            Fault::Slow => self.proxy.set(Mode::Delay(DELAY)).await,
            Fault::ReadOnly => self.run(&["REPLICAOF", "127.0.0.1", "1"]).await,
            Fault::WritesHeld => self.run(&["CLIENT", "PAUSE", "60000", "WRITE"]).await,
            Fault::NoSpace => self.configure("maxmemory", "1").await,
            Fault::Forbidden => self.run(&["ACL", "SETUSER", "app", "-@all"]).await,
            Fault::PasswordChanged => {
                self.run(&["ACL", "SETUSER", "app", "resetpass", ">another"]).await;
                self.run(&["CLIENT", "KILL", "USER", "app"]).await;
            }
            Fault::TooManyConnections => self.have_no_room().await,
            Fault::NotReady => self.load_slowly().await,
            Fault::Contended => self.run_a_script_on_and_on().await,
            Fault::FailedOver => self.fail_over().await,
        }
    }

    async fn heal(&mut self, fault: Fault) {
        match fault {
            Fault::Killed => {
                self.server.restart().await;
                self.proxy.set(Mode::Forward).await;
            }
            Fault::Restarted | Fault::FailedOver => {}
            Fault::Paused => self.server.resume(),
            Fault::ReadOnly => self.run(&["REPLICAOF", "NO", "ONE"]).await,
            Fault::WritesHeld => self.run(&["CLIENT", "UNPAUSE"]).await,
            Fault::NoSpace => self.configure("maxmemory", "0").await,
            Fault::Forbidden => self.run(&["ACL", "SETUSER", "app", "+@all"]).await,
            Fault::PasswordChanged => {
                let password = format!(">{PASSWORD}");
                self.run(&["ACL", "SETUSER", "app", "resetpass", &password]).await;
            }
            Fault::TooManyConnections => {
                self.held[0].command(&["CONFIG", "SET", "maxclients", "1000"]).await.unwrap();
            }
            Fault::NotReady => {
                self.configure("key-load-delay", "0").await;
                // The answer to the reload.
                self.held[0].next().await.unwrap();
            }
            Fault::Contended => self.run(&["SCRIPT", "KILL"]).await,
            _ => self.proxy.set(Mode::Forward).await,
        }
        self.held.clear();
    }

    fn expected(fault: Fault) -> Expected {
        match fault {
            Fault::Restarted => EMPTY,
            Fault::Slow => WELL,
            Fault::ReadOnly | Fault::WritesHeld => READS,
            Fault::NoSpace => REMOVES,
            Fault::FailedOver => EITHER,
            _ => OUTAGE,
        }
    }

    fn keeps(fault: Fault) -> bool {
        !matches!(fault, Fault::Killed | Fault::Restarted)
    }

    async fn age(&self, id: &StoreId) {
        let key = format!("session:{}", id.as_str());
        self.run(&["PEXPIRE", &key, &HOUR.as_millis().to_string()]).await;
    }
}

impl FaultyRedis {
    async fn run(&self, command: &[&str]) {
        self.server.command(command).await.accepted();
    }

    async fn configure(&self, name: &str, value: &str) {
        self.run(&["CONFIG", "SET", name, value]).await;
    }

    async fn have_no_room(&mut self) {
        let mut own = self.server.connect().await.unwrap();
        own.command(&["CONFIG", "SET", "maxclients", "1"]).await.unwrap().accepted();
        own.command(&["CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"]).await.unwrap().accepted();
        self.held.push(own);
    }

    async fn load_slowly(&mut self) {
        let mut own = self.server.connect().await.unwrap();
        own.send(&["DEBUG", "RELOAD"]).await.unwrap();
        self.held.push(own);
        self.until_it_says("LOADING").await;
    }

    async fn run_a_script_on_and_on(&mut self) {
        self.configure("busy-reply-threshold", "1").await;
        let mut own = self.server.connect().await.unwrap();
        own.send(&["EVAL", "while true do end", "0"]).await.unwrap();
        self.held.push(own);
        self.until_it_says("BUSY").await;
    }

    async fn until_it_says(&self, code: &str) {
        while !self.server.command(&["PING"]).await.text().starts_with(code) {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// The old primary is a replica now, and its connections stay open.
    async fn fail_over(&mut self) {
        let replica = self.replica.take().unwrap();
        let offset = async |server: &Redis| {
            let info = server.info("replication").await;
            let is_offset = |line: &&str| line.starts_with("master_repl_offset:");
            info.lines().find(is_offset).map(str::to_owned)
        };
        while offset(&replica).await != offset(&self.server).await {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        replica.command(&["REPLICAOF", "NO", "ONE"]).await.accepted();
        self.proxy.lead_to(replica.port());
        self.run(&["REPLICAOF", "127.0.0.1", &replica.port().to_string()]).await;
        self.replica = Some(std::mem::replace(&mut self.server, replica));
    }
}

fn store(port: u16) -> AnyStore {
    Arc::new(RedisStore::new(&format!("redis://app:{PASSWORD}@127.0.0.1:{port}")).unwrap())
}
