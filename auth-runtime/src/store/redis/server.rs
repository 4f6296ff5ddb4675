//! One server, and the connection to it that is in use.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use redis::aio::{ConnectionManager, ConnectionManagerConfig};
use redis::{Client, Cmd, ErrorKind, RedisError, ServerErrorKind};
use tokio::runtime::Handle;

use super::connection::{TIMEOUT, failed};
use crate::shared::StoreError;

/// Connects when it is first used, and anew when the server is gone, does not answer, or may not be written to any more.
#[derive(Clone)]
pub(super) struct Server(Arc<Inner>);

struct Inner {
    client: Client,
    current: Mutex<Option<Current>>,
}

struct Current {
    manager: ConnectionManager,
    /// Tells it from those before it.
    made: Instant,
    /// When it was last known to be good.
    answered: Instant,
    /// Somebody waits whether it still is.
    is_doubted: bool,
}

/// The connection for as long as one operation takes. Whoever asks may leave before the answer is there, because it took
/// too long: then somebody has to see whether one ever comes, for else all who come later would wait in vain too.
pub(super) struct Lease {
    server: Server,
    pub(super) manager: ConnectionManager,
    made: Instant,
    is_settled: bool,
}

impl Server {
    pub(super) fn open(url: &str) -> Result<Self, StoreError> {
        let client = Client::open(url).map_err(|error| failed(&error))?;
        Ok(Self(Arc::new(Inner { client, current: Mutex::default() })))
    }

    /// A server closes connections that nobody uses, and so does much of what may be on the way to it. Who comes after a
    /// while looks first.
    pub(super) async fn lease(&self) -> Result<Lease, StoreError> {
        let (mut lease, is_fresh) = self.take()?;
        if is_fresh {
            return Ok(lease);
        }
        match ping(&mut lease.manager).await {
            Err(error) if is_lasting(&error) => {
                lease.settle(false);
                self.take().map(|(lease, _)| lease)
            }
            _ => Ok(lease),
        }
    }

    /// The connection, and whether it was good a moment ago.
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
            // The next operation tries again, so one attempt is enough: whoever waits is told at once.
            .set_number_of_retries(0);
        let manager = ConnectionManager::new_lazy_with_config(self.0.client.clone(), config)
            .map_err(|error| failed(&error))?;
        let now = Instant::now();
        Ok(Current { manager, made: now, answered: now, is_doubted: false })
    }

    /// Notes whether the connection is good. Nobody gets one again that is not.
    fn note(&self, made: Instant, is_good: bool) {
        let mut place = self.current();
        match &mut *place {
            Some(current) if current.made == made && is_good => {
                current.answered = Instant::now();
                current.is_doubted = false;
            }
            Some(current) if current.made == made => *place = None,
            _ => {}
        }
    }

    /// Returns whether this is the first who doubts a connection that is in use.
    fn doubt(&self, made: Instant) -> bool {
        match &mut *self.current() {
            Some(current) if current.made == made => !std::mem::replace(&mut current.is_doubted, true),
            _ => false,
        }
    }

    /// Nothing here can panic while the lock is held, so what is poisoned is whole.
    fn current(&self) -> MutexGuard<'_, Option<Current>> {
        self.0.current.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Lease {
    /// What the server answered, or that it did not.
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
        let Ok(runtime) = Handle::try_current() else { return };
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

/// An error after [`TIMEOUT`], if there is no answer.
async fn ping(manager: &mut ConnectionManager) -> Result<(), RedisError> {
    Cmd::new().arg("PING").query_async(manager).await
}

/// After some errors the same connection would only fail again: the server behind it is not the one that it was.
fn is_lasting(error: &RedisError) -> bool {
    error.is_io_error()
        || error.is_unrecoverable_error()
        || matches!(error.kind(), ErrorKind::Server(ServerErrorKind::ReadOnly | ServerErrorKind::MasterDown))
}

/// A connection that answered this long ago is taken to be there.
const FRESH: Duration = Duration::from_secs(1);
