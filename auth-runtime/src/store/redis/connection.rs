//! The connection to one server, or to a cluster.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use redis::aio::{ConnectionLike, ConnectionManager, ConnectionManagerConfig};
use redis::cluster::ClusterClient;
use redis::cluster_async::ClusterConnection;
use redis::{
    Client, Cmd, ErrorKind, FromRedisValue, Pipeline, RedisError, RedisFuture, Script, ServerErrorKind, Value,
};
use tokio::sync::OnceCell;

use crate::shared::StoreError;

/// Connects when it is first used, and anew when the server is gone, does not answer, or may not be written to any more.
#[expect(clippy::large_enum_variant, reason = "a store has one of it, behind a pointer")]
pub(super) enum Connection {
    Server { client: Client, manager: Mutex<Option<ConnectionManager>> },
    Cluster { client: ClusterClient, connection: OnceCell<ClusterConnection> },
}

/// A handle on one of the two, for as long as one operation takes.
#[derive(Clone)]
pub(super) enum Handle {
    Server(ConnectionManager),
    Cluster(ClusterConnection),
}

impl Connection {
    pub(super) fn server(url: &str) -> Result<Self, StoreError> {
        let client = Client::open(url).map_err(|error| failed(&error))?;
        Ok(Self::Server { client, manager: Mutex::new(None) })
    }

    pub(super) fn cluster(urls: &[&str]) -> Result<Self, StoreError> {
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
        let mut handle = self.handle().await?;
        let answer = command.query_async(&mut handle).await;
        self.judge(answer)
    }

    pub(super) async fn pipeline<T: FromRedisValue>(&self, pipeline: &Pipeline) -> Result<T, StoreError> {
        let mut handle = self.handle().await?;
        let answer = pipeline.query_async(&mut handle).await;
        self.judge(answer)
    }

    /// Runs a script on one key. It is sent by its hash, and as a whole where the server does not know it.
    pub(super) async fn script<T: FromRedisValue>(
        &self,
        script: &Script,
        key: &str,
        arguments: &[&[u8]],
    ) -> Result<T, StoreError> {
        let mut handle = self.handle().await?;
        let mut invocation = script.key(key);
        for argument in arguments {
            invocation.arg(*argument);
        }
        let answer = invocation.invoke_async(&mut handle).await;
        self.judge(answer)
    }

    async fn handle(&self) -> Result<Handle, StoreError> {
        match self {
            Self::Server { client, manager } => {
                let mut manager = manager.lock().unwrap_or_else(PoisonError::into_inner);
                if let Some(manager) = &*manager {
                    return Ok(Handle::Server(manager.clone()));
                }
                let config = ConnectionManagerConfig::new()
                    .set_connection_timeout(Some(TIMEOUT))
                    .set_response_timeout(Some(TIMEOUT))
                    // The next operation tries again, so one attempt is enough: whoever waits is told at once.
                    .set_number_of_retries(0);
                let made = ConnectionManager::new_lazy_with_config(client.clone(), config)
                    .map_err(|error| failed(&error))?;
                *manager = Some(made.clone());
                Ok(Handle::Server(made))
            }
            Self::Cluster { client, connection } => {
                let connect = client.get_async_connection();
                let connection = connection.get_or_try_init(|| connect).await;
                connection.cloned().map(Handle::Cluster).map_err(|error| failed(&error))
            }
        }
    }

    /// After some errors the same connection would only fail again: the server behind it is not the one that it was.
    fn judge<T>(&self, answer: Result<T, RedisError>) -> Result<T, StoreError> {
        answer.map_err(|error| {
            if let Self::Server { manager, .. } = self
                && is_lasting(&error)
            {
                *manager.lock().unwrap_or_else(PoisonError::into_inner) = None;
            }
            failed(&error)
        })
    }
}

fn is_lasting(error: &RedisError) -> bool {
    error.is_io_error()
        || error.is_unrecoverable_error()
        || matches!(error.kind(), ErrorKind::Server(ServerErrorKind::ReadOnly | ServerErrorKind::MasterDown))
}

impl ConnectionLike for Handle {
    fn req_packed_command<'a>(&'a mut self, command: &'a Cmd) -> RedisFuture<'a, Value> {
        match self {
            Self::Server(manager) => manager.req_packed_command(command),
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
            Self::Server(manager) => manager.req_packed_commands(pipeline, offset, count),
            Self::Cluster(connection) => connection.req_packed_commands(pipeline, offset, count),
        }
    }

    fn get_db(&self) -> i64 {
        match self {
            Self::Server(manager) => manager.get_db(),
            Self::Cluster(connection) => connection.get_db(),
        }
    }
}

/// What went wrong, in words that hold no key, no value and no password.
fn failed(error: &RedisError) -> StoreError {
    StoreError::new(Failed { category: error.category().to_owned(), code: error.code().map(str::to_owned) })
}

#[derive(Debug, thiserror::Error)]
#[error("{category}{}", code.as_deref().map(|code| format!(" ({code})")).unwrap_or_default())]
struct Failed {
    category: String,
    code: Option<String>,
}

/// Shorter than what a request waits for a store by default, so that the log says which part was slow.
const TIMEOUT: Duration = Duration::from_millis(1_500);

/// A node that is gone is noticed by the first one.
const CLUSTER_RETRIES: u32 = 3;
