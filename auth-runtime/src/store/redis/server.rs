//! The connection to one server, and the checks whether it still works.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use redis::aio::{ConnectionManager, ConnectionManagerConfig};
use redis::{Client, Cmd, ErrorKind, RedisError, ServerErrorKind};
use tokio::runtime::Handle;

use super::connection::{TIMEOUT, failed};
use crate::shared::StoreError;

/// A single server. The first operation connects. A new connection is made when the server is gone, does not answer, or
/// has become read-only.
#[derive(Clone)]
pub(super) struct Server(Arc<Inner>);

/// The client, and its connection if one is in use.
struct Inner {
    client: Client,
    current: Mutex<Option<Current>>,
}

/// The connection that is in use.
struct Current {
    manager: ConnectionManager,
    /// The time when the connection was made. It tells this connection from an earlier one.
    made: Instant,
    /// The time of the last answer.
    answered: Instant,
    /// True while a task waits for the answer to a ping on this connection.
    is_doubted: bool,
}

/// The connection for one operation. A caller that waits too long drops the operation before its answer. Then a task
/// sends a ping, since all later operations would wait in vain on a connection that is dead.
pub(super) struct Lease {
    server: Server,
    pub(super) manager: ConnectionManager,
    made: Instant,
    /// True if the operation had an answer or an error.
    is_settled: bool,
}

impl Server {
    pub(super) fn open(url: &str) -> Result<Self, StoreError> {
        let client = Client::open(url).map_err(|error| failed(&error))?;
        Ok(Self(Arc::new(Inner { client, current: Mutex::default() })))
    }

    /// Returns the connection. After a second without an answer on it, sends a ping first: a server closes idle
    /// connections, and so do proxies and firewalls on the way.
    pub(super) async fn lease(&self) -> Result<Lease, StoreError> {
        let (mut lease, is_fresh) = self.take()?;
        if is_fresh {
            return Ok(lease);
        }
        match ping(&mut lease.manager).await {
            Err(error) if is_lasting(&error) => {
                // This connection is dead: drop it, and take a new one.
                lease.settle(false);
                self.take().map(|(lease, _)| lease)
            }
            _ => Ok(lease),
        }
    }

    /// Returns the connection, and whether it had an answer within the last second.
    fn take(&self) -> Result<(Lease, bool), StoreError> {
        let mut place = self.current();
        let current = match &mut *place {
            Some(current) => current,
            place => place.insert(self.connect()?),
        };
        let lease = Lease {
            server: self.clone(),
            manager: current.manager.clone(),
            made: current.made,
            is_settled: false,
        };
        Ok((lease, current.answered.elapsed() < FRESH))
    }

    fn connect(&self) -> Result<Current, StoreError> {
        let config = ConnectionManagerConfig::new()
            .set_connection_timeout(Some(TIMEOUT))
            .set_response_timeout(Some(TIMEOUT))
            // One attempt is enough, so that a waiting request gets the error at once: the next operation tries again.
            .set_number_of_retries(0);
        let manager = ConnectionManager::new_lazy_with_config(self.0.client.clone(), config)
            .map_err(|error| failed(&error))?;
        let now = Instant::now();
        Ok(Current { manager, made: now, answered: now, is_doubted: false })
    }

    /// Notes whether the connection works. A connection that does not is dropped, so that no operation gets it again.
    fn note(&self, made: Instant, is_good: bool) {
        let mut place = self.current();
        match &mut *place {
            Some(current) if current.made == made && is_good => {
                current.answered = Instant::now();
                current.is_doubted = false;
            }
            Some(current) if current.made == made => *place = None,
            // Another operation has replaced the connection already.
            _ => {}
        }
    }

    /// Marks the connection as doubted. Returns whether the caller is the first to doubt it and has to send the ping.
    fn doubt(&self, made: Instant) -> bool {
        match &mut *self.current() {
            Some(current) if current.made == made => !std::mem::replace(&mut current.is_doubted, true),
            _ => false,
        }
    }

    /// Locks the connection. Nothing here can panic while the lock is held, so a poisoned value is still whole.
    fn current(&self) -> MutexGuard<'_, Option<Current>> {
        self.0.current.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Lease {
    /// Notes whether the connection works, and returns the server's answer or the error.
    pub(super) fn judge<T>(mut self, answer: Result<T, RedisError>) -> Result<T, StoreError> {
        self.settle(answer.as_ref().err().is_none_or(|error| !is_lasting(error)));
        answer.map_err(|error| failed(&error))
    }

    fn settle(&mut self, is_good: bool) {
        self.is_settled = true;
        self.server.note(self.made, is_good);
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        // Without a runtime there is no task to send a ping.
        let Ok(runtime) = Handle::try_current() else { return };
        // The operation had its answer, or another task sends a ping already.
        if self.is_settled || !self.server.doubt(self.made) {
            return;
        }
        let (server, mut manager, made) = (self.server.clone(), self.manager.clone(), self.made);
        runtime.spawn(async move {
            let answer = ping(&mut manager).await;
            server.note(made, answer.err().is_none_or(|error| !is_lasting(&error)));
        });
    }
}

/// Sends a ping. Without an answer within [`TIMEOUT`] it is an error.
async fn ping(manager: &mut ConnectionManager) -> Result<(), RedisError> {
    Cmd::new().arg("PING").query_async(manager).await
}

/// Returns whether the same connection would fail again after this error: the connection is broken, or the server
/// behind it is no longer a primary that takes writes.
fn is_lasting(error: &RedisError) -> bool {
    error.is_io_error()
        || error.is_unrecoverable_error()
        || matches!(error.kind(), ErrorKind::Server(ServerErrorKind::ReadOnly | ServerErrorKind::MasterDown))
}

/// The time after an answer for which a connection is used without a ping.
const FRESH: Duration = Duration::from_secs(1);
