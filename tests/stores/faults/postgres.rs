//! `PostgreSQL` and its faults.

use std::sync::Arc;

use auth_runtime::store::{PostgresStore, StoreId};
use auth_tests::servers::{FaultyProxy, Mode, Postgres, PostgresSession, Signal};

use super::table::{EITHER, Expected, Fault, OUTAGE, READS, SHORT, WELL};
use super::target::{DELAY, HOUR, MARKER, PASSWORD, Target};
use crate::instance::AnyStore;

pub(crate) struct FaultyPostgres {
    server: Postgres,
    proxy: FaultyProxy,
    /// What holds locks, or keeps the server from ending.
    held: Option<PostgresSession>,
    standby: Option<Postgres>,
}

impl Target for FaultyPostgres {
    const NAME: &'static str = "postgresql";

    async fn start() -> Self {
        let server = Postgres::start().await;
        server.sql(&format!("CREATE ROLE app LOGIN PASSWORD '{PASSWORD}'; {GRANT_SCHEMA}")).await;
        let proxy = FaultyProxy::before(server.port()).await;
        let target = Self { server, proxy, held: None, standby: None };
        target.beside().await;
        target.server.sql(FUNCTION).await;
        target
    }

    async fn store(&self) -> AnyStore {
        store(self.proxy.port()).await
    }

    async fn beside(&self) -> AnyStore {
        store(self.server.port()).await
    }

    async fn prepare(&mut self, fault: Fault) {
        if fault == Fault::FailedOver {
            self.standby = Some(Postgres::start_standby_of(&self.server).await);
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
            Fault::ReadOnly => self.read_only("SET default_transaction_read_only = on").await,
            Fault::WritesHeld => {
                let lock = "BEGIN; LOCK TABLE auth_sessions, auth_values IN EXCLUSIVE MODE";
                self.held = Some(self.server.session(lock).await);
            }
            Fault::NoSpace => self.refuse_writes("53100").await,
            Fault::Contended => self.refuse_writes("40001").await,
            Fault::Forbidden => self.run("REVOKE ALL ON auth_sessions, auth_values FROM app").await,
            Fault::PasswordChanged => self.lock_out("NOLOGIN").await,
            Fault::TooManyConnections => self.lock_out("CONNECTION LIMIT 0").await,
            Fault::NotReady => {
                // It ends when the last one has gone, and lets nobody in.
                self.held = Some(self.server.session("SELECT 1").await);
                self.run(CLOSE).await;
                self.server.process().signal(Signal::TERM);
            }
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
            Fault::ReadOnly => self.read_only("RESET default_transaction_read_only").await,
            Fault::WritesHeld => self.held = None,
            Fault::NoSpace | Fault::Contended => {
                self.run("DROP TRIGGER fault ON auth_sessions; DROP TRIGGER fault ON auth_values").await;
            }
            Fault::Forbidden => self.run("GRANT ALL ON auth_sessions, auth_values TO app").await,
            Fault::PasswordChanged => self.run("ALTER ROLE app LOGIN").await,
            Fault::TooManyConnections => self.run("ALTER ROLE app CONNECTION LIMIT -1").await,
            Fault::NotReady => {
                self.server.restart().await;
                self.held = None;
            }
            _ => self.proxy.set(Mode::Forward).await,
        }
    }

    fn expected(fault: Fault) -> Expected {
        match fault {
            Fault::Restarted | Fault::FailedOver => EITHER,
            Fault::Slow => WELL,
            Fault::ReadOnly | Fault::WritesHeld | Fault::NoSpace | Fault::Contended => READS,
            _ => OUTAGE,
        }
    }

    fn keeps(_: Fault) -> bool {
        true
    }

    async fn age(&self, id: &StoreId) {
        let (id, hour) = (id.as_str(), HOUR.as_secs());
        self.run(&format!("UPDATE auth_sessions SET expires_at = written_at + {hour} WHERE id = '{id}'"))
            .await;
    }
}

impl FaultyPostgres {
    async fn run(&self, statements: &str) {
        self.server.sql(statements).await;
    }

    /// Of every session, also of those that are open.
    async fn read_only(&self, setting: &str) {
        self.run(&format!("ALTER SYSTEM {setting}")).await;
        self.run("SELECT pg_reload_conf()").await;
        let expected = if setting.starts_with("SET") { "on" } else { "off" };
        while self.server.sql("SHOW default_transaction_read_only").await != expected {}
    }

    /// The error's text quotes what it should not, as a server's may.
    async fn refuse_writes(&self, code: &str) {
        for table in ["auth_sessions", "auth_values"] {
            self.run(&format!(
                "CREATE TRIGGER fault BEFORE INSERT OR UPDATE OR DELETE ON {table} \
                 FOR EACH STATEMENT EXECUTE FUNCTION refuse('{code}', '{MARKER}')"
            ))
            .await;
        }
    }

    async fn lock_out(&self, how: &str) {
        self.run(&format!("ALTER ROLE app {how}")).await;
        self.run(CLOSE).await;
    }

    async fn fail_over(&mut self) {
        let standby = self.standby.take().unwrap();
        standby.until_it_has_all_of(&self.server).await;
        self.server.kill();
        standby.promote().await;
        self.proxy.lead_to(standby.port());
        self.server = standby;
    }
}

async fn store(port: u16) -> AnyStore {
    let url = format!("postgres://app:{PASSWORD}@127.0.0.1:{port}/postgres");
    Arc::new(PostgresStore::connect(&url).await.unwrap())
}

const GRANT_SCHEMA: &str = "GRANT CREATE, USAGE ON SCHEMA public TO app";
const CLOSE: &str = "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE usename = 'app'";
const FUNCTION: &str = "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
    RAISE EXCEPTION '% is in the way', TG_ARGV[1] USING ERRCODE = TG_ARGV[0]; END $$";
