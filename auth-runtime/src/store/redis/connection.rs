//! The connection to one server or to a cluster.

use std::time::Duration;

use redis::aio::ConnectionLike;
use redis::cluster::ClusterClient;
use redis::cluster_async::ClusterConnection;
use redis::{Cmd, FromRedisValue, Pipeline, RedisError, RedisFuture, Script, Value};
use tokio::sync::OnceCell;

use super::server::{self, Server};
use crate::shared::StoreError;

/// The connection to one server or to a cluster.
#[expect(clippy::large_enum_variant, reason = "a store has one of it, behind a pointer")]
pub(super) enum Connection {
    Server(Server),
    Cluster { client: ClusterClient, connection: OnceCell<ClusterConnection> },
}

/// A handle on the connection for one operation.
enum Lease {
    Server(server::Lease),
    Cluster(ClusterConnection),
}

impl Connection {
    pub(super) fn server(url: &str) -> Result<Self, StoreError> {
        choose_cryptography();
        Ok(Self::Server(Server::open(url)?))
    }

    pub(super) fn cluster(urls: &[&str]) -> Result<Self, StoreError> {
        choose_cryptography();
        let client = ClusterClient::builder(urls.iter().copied())
            .connection_timeout(TIMEOUT)
            .response_timeout(TIMEOUT)
            .retries(CLUSTER_RETRIES)
            .build()
            .map_err(|error| failed(&error))?;
        Ok(Self::Cluster { client, connection: OnceCell::new() })
    }

    pub(super) fn is_cluster(&self) -> bool {
        matches!(self, Self::Cluster { .. })
    }

    pub(super) async fn command<T: FromRedisValue>(&self, command: &Cmd) -> Result<T, StoreError> {
        let mut lease = self.lease().await?;
        let answer = command.query_async(&mut lease).await;
        lease.judge(answer)
    }

    pub(super) async fn pipeline<T: FromRedisValue>(&self, pipeline: &Pipeline) -> Result<T, StoreError> {
        let mut lease = self.lease().await?;
        let answer = pipeline.query_async(&mut lease).await;
        lease.judge(answer)
    }

    /// Runs a script on one key. The client sends the script's hash, and its text if the server does not know the hash.
    pub(super) async fn script<T: FromRedisValue>(
        &self,
        script: &Script,
        key: &str,
        arguments: &[&[u8]],
    ) -> Result<T, StoreError> {
        let mut lease = self.lease().await?;
        let mut invocation = script.key(key);
        for argument in arguments {
            invocation.arg(*argument);
        }
        let answer = invocation.invoke_async(&mut lease).await;
        lease.judge(answer)
    }

    async fn lease(&self) -> Result<Lease, StoreError> {
        match self {
            Self::Server(server) => Ok(Lease::Server(server.lease().await?)),
            Self::Cluster { client, connection } => {
                // One connection for all operations: it reconnects by itself.
                let connect = client.get_async_connection();
                let connection = connection.get_or_try_init(|| connect).await;
                connection.cloned().map(Lease::Cluster).map_err(|error| failed(&error))
            }
        }
    }
}

impl Lease {
    fn judge<T>(self, answer: Result<T, RedisError>) -> Result<T, StoreError> {
        match self {
            Self::Server(lease) => lease.judge(answer),
            Self::Cluster(_) => answer.map_err(|error| failed(&error)),
        }
    }
}

impl ConnectionLike for Lease {
    fn req_packed_command<'a>(&'a mut self, command: &'a Cmd) -> RedisFuture<'a, Value> {
        match self {
            Self::Server(lease) => lease.manager.req_packed_command(command),
            Self::Cluster(connection) => connection.req_packed_command(command),
        }
    }

    fn req_packed_commands<'a>(
        &'a mut self,
        pipeline: &'a Pipeline,
        offset: usize,
        count: usize,
    ) -> RedisFuture<'a, Vec<Value>> {
        match self {
            Self::Server(lease) => lease.manager.req_packed_commands(pipeline, offset, count),
            Self::Cluster(connection) => connection.req_packed_commands(pipeline, offset, count),
        }
    }

    fn get_db(&self) -> i64 {
        match self {
            Self::Server(lease) => lease.manager.get_db(),
            Self::Cluster(connection) => connection.get_db(),
        }
    }
}

/// Chooses the cryptography of TLS connections, since rustls chooses none where a program has several libraries for it.
/// A library that the application chose before stays.
fn choose_cryptography() {
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
}

/// Returns the error in words that hold no key, no value and no password.
pub(super) fn failed(error: &RedisError) -> StoreError {
    if is_of_another_type(error) {
        return StoreError::unreadable("a key holds another type of value");
    }
    StoreError::new(Failed { category: error.category().to_owned(), code: error.code().map(str::to_owned) })
}

/// Returns whether the server answered that the key holds a value of another type, which another program wrote.
fn is_of_another_type(error: &RedisError) -> bool {
    let errors = error.clone().into_server_errors();
    errors.is_some_and(|errors| {
        !errors.is_empty() && errors.iter().all(|(_, error)| error.code() == WRONG_TYPE)
    })
}

#[derive(Debug, thiserror::Error)]
#[error("{category}{}", code.as_deref().map(|code| format!(" ({code})")).unwrap_or_default())]
struct Failed {
    category: String,
    code: Option<String>,
}

/// The timeout of a connection and of an answer: shorter than a request waits for a store by default, so that the log
/// names the slow part.
pub(super) const TIMEOUT: Duration = Duration::from_millis(1_500);

/// The server's error code for a value of another type than the command needs.
const WRONG_TYPE: &str = "WRONGTYPE";

/// The number of retries in a cluster, so that an operation can find the successor of a node that is gone.
const CLUSTER_RETRIES: u32 = 3;
