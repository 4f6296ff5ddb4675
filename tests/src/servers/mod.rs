//! Real database servers for tests, each a process of its own with its data in a folder that goes with it, and a
//! proxy that stands between them and the application.
//!
//! What is started here ends when it is dropped. What is not dropped, because a `static` keeps it or the test was
//! killed, ends soon after the test program.

#![expect(clippy::panic, reason = "a server that does not start says why, and what to install")]

mod door;
mod guardian;
mod ports;
mod postgres;
mod process;
mod proxy;
mod ps;
mod psql;
mod redis;
mod redis_cluster;
mod relay;
mod resp;

pub(crate) use door::Door;
/// A free port of 127.0.0.1.
pub use ports::free as free_port;
/// A `PostgreSQL` server.
pub use postgres::Postgres;
/// A server's process, and the signals that can be sent to it.
pub use process::{ServerProcess, Signal};
/// A TCP proxy that can be made to misbehave, and the ways.
pub use proxy::{FaultyProxy, Mode};
/// A session with such a server that stays open.
pub use psql::PostgresSession;
/// A Redis server.
pub use redis::Redis;
/// A Redis Cluster of three masters.
pub use redis_cluster::RedisCluster;
/// Redis' own protocol: a connection, and what it answers.
pub use resp::{Connection, Reply};
