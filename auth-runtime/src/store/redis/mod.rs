//! The session store in Redis.
//!
//! ```text
//! <prefix><id>                      the record: the session's JSON, for as long as the session lives
//! index:<prefix>sub:<SHA-256>       the ids of a user's sessions, each with the second in which the session ends
//! index:<prefix>sid:<SHA-256>       the ids of the sessions with one `sid`, each with the same second
//! shared:<prefix><key>              the values that instances share beside sessions
//! ```
//!
//! A record has the form that a session store of nextjs-auth0 keeps, so both can use the same records.

mod connection;
mod index;
mod record;
mod scripts;
mod server;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use redis::{Cmd, Pipeline};

use self::connection::Connection;
use super::record::Record;
use super::session_store::{SessionFilter, SessionStore, Update};
use crate::session::{Revision, StoreId};
use crate::shared::{KeyValueStore, StoreError, StoreFuture};
use crate::time::Timestamp;

/// A store in Redis, or in a server with the same protocol: one server, a primary behind a host name, or a cluster.
///
/// The first operation connects. Clones share the connection.
///
/// ```
/// use auth_runtime::Auth;
/// use auth_runtime::store::RedisStore;
///
/// # let secret = auth_runtime::__private::random_secret();
/// let store = RedisStore::new("redis://127.0.0.1:6379")?.with_prefix("shop:");
/// let auth = Auth::builder().secret(secret).session_store(store).build()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct RedisStore {
    connection: Arc<Connection>,
    prefix: Arc<str>,
}

impl RedisStore {
    /// Returns a store on one server: `redis://user:password@host:port/database`, or with TLS `rediss://`.
    ///
    /// # Errors
    ///
    /// The URL has not this form.
    pub fn new(url: &str) -> Result<Self, StoreError> {
        Ok(Self::with(Connection::server(url)?))
    }

    /// Returns a store on a cluster, which is found through any of these nodes.
    ///
    /// ```
    /// use auth_runtime::store::RedisStore;
    ///
    /// let store = RedisStore::cluster(&["redis://10.0.0.1:6379", "redis://10.0.0.2:6379"])?;
    /// # Ok::<(), auth_runtime::store::StoreError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// The list is empty, or contains a text that is no URL of a server.
    pub fn cluster(urls: &[&str]) -> Result<Self, StoreError> {
        Ok(Self::with(Connection::cluster(urls)?))
    }

    /// Sets the prefix of the records' keys, `session:` by default. Each of the applications that share a server needs
    /// its own prefix.
    #[must_use]
    pub fn with_prefix(mut self, prefix: &str) -> Self {
        self.prefix = prefix.into();
        self
    }

    fn with(connection: Connection) -> Self {
        Self { connection: Arc::new(connection), prefix: DEFAULT_PREFIX.into() }
    }

    fn key(&self, id: &StoreId) -> String {
        format!("{}{}", self.prefix, id.as_str())
    }

    fn shared_key(&self, key: &str) -> String {
        format!("shared:{}{key}", self.prefix)
    }

    async fn find(&self, id: &StoreId, now: Timestamp) -> Result<Option<Record>, StoreError> {
        let key = self.key(id);
        let mut pipeline = Pipeline::new();
        pipeline.cmd("GET").arg(&key).cmd("PTTL").arg(&key);
        let (value, left): (Option<Vec<u8>>, i64) = self.connection.pipeline(&pipeline).await?;
        let text = value.map(record::text_of).transpose()?;
        Ok(text.and_then(|text| record::read(text, left, now)))
    }

    async fn replace_record(
        &self,
        id: &StoreId,
        seen: &Revision,
        record: &Record,
    ) -> Result<Update, StoreError> {
        // The index before the record, so that a session that is there can always be found.
        self.note(id, record.index(), record.expires_at(), record.written_at()).await?;
        let (text, left) = (record::text(record), milliseconds(record.ttl()));
        let arguments = [seen.as_str().as_bytes(), text.as_bytes(), left.as_bytes()];
        match self.connection.script(&scripts::UPDATE, &self.key(id), &arguments).await? {
            Some(true) => Ok(Update::Done),
            Some(false) => Ok(Update::Changed),
            None => Ok(Update::Absent),
        }
    }
}

impl SessionStore for RedisStore {
    fn name(&self) -> &'static str {
        NAME
    }

    fn get<'a>(&'a self, id: &'a StoreId, now: Timestamp) -> StoreFuture<'a, Option<Record>> {
        Box::pin(self.find(id, now))
    }

    fn create<'a>(&'a self, id: &'a StoreId, record: Record) -> StoreFuture<'a, ()> {
        Box::pin(async move {
            self.note(id, record.index(), record.expires_at(), record.written_at()).await?;
            let mut set = Cmd::new();
            set.arg("SET").arg(self.key(id)).arg(record::text(&record).as_bytes());
            set.arg("PX").arg(milliseconds(record.ttl()));
            self.connection.command(&set).await
        })
    }

    fn update<'a>(&'a self, id: &'a StoreId, seen: &'a Revision, record: Record) -> StoreFuture<'a, Update> {
        Box::pin(async move { self.replace_record(id, seen, &record).await })
    }

    fn touch<'a>(
        &'a self,
        id: &'a StoreId,
        expires_at: Timestamp,
        written_at: Timestamp,
    ) -> StoreFuture<'a, bool> {
        Box::pin(async move {
            let Some(record) = self.find(id, written_at).await? else { return Ok(false) };
            self.note(id, record.index(), expires_at, written_at).await?;
            let mut expire = Cmd::new();
            let left = Record::new("", expires_at, written_at).ttl();
            expire.arg("PEXPIRE").arg(self.key(id)).arg(milliseconds(left));
            self.connection.command(&expire).await
        })
    }

    fn delete<'a>(&'a self, id: &'a StoreId) -> StoreFuture<'a, bool> {
        Box::pin(async move {
            let mut delete = Cmd::new();
            delete.arg("GETDEL").arg(self.key(id));
            let value: Option<Vec<u8>> = self.connection.command(&delete).await?;
            let Some(value) = value else { return Ok(false) };
            // A value that is no text does not say in which indexes it is.
            let record = record::text_of(value).ok().and_then(|text| record::read(text, 0, NO_TIME));
            let Some(record) = record else { return Ok(true) };
            // The session has ended. An id that stays in an index goes when its time is over.
            if let Err(error) = self.forget(id, record.index()).await {
                tracing::debug!(%error, store = "redis", operation = "delete", "an ended session is still in the index of its user, until its time is over");
            }
            Ok(true)
        })
    }

    fn delete_by_logout_token<'a>(&'a self, scope: &'a SessionFilter) -> StoreFuture<'a, usize> {
        Box::pin(async move {
            let mut deleted = 0_usize;
            // In chunks: if the caller gives up before all are gone, the next attempt has less to do.
            for ids in self.noted(scope).await?.chunks(index::AT_ONCE) {
                for (id, record) in self.find_all(ids, NO_TIME).await? {
                    if scope.covers(&record) && self.delete(&id).await? {
                        deleted = deleted.saturating_add(1);
                    }
                }
            }
            Ok(deleted)
        })
    }

    fn list<'a>(
        &'a self,
        scope: &'a SessionFilter,
        now: Timestamp,
    ) -> StoreFuture<'a, Vec<(StoreId, Record)>> {
        Box::pin(async move {
            let mut found = Vec::new();
            for ids in self.noted(scope).await?.chunks(index::AT_ONCE) {
                found.extend(self.find_all(ids, now).await?);
            }
            // An index may name records that have changed since, and ignores the issuer.
            found.retain(|(_, record)| scope.covers(record) && record.expires_at() > now);
            Ok(found)
        })
    }

    fn key_values(self: Arc<Self>) -> Option<Arc<dyn KeyValueStore>> {
        Some(self)
    }
}

impl KeyValueStore for RedisStore {
    fn name(&self) -> &'static str {
        NAME
    }

    fn read<'a>(&'a self, keys: &'a [String]) -> StoreFuture<'a, Vec<Option<String>>> {
        Box::pin(async move {
            let mut pipeline = Pipeline::new();
            let mut values: Vec<Option<Vec<u8>>> = Vec::with_capacity(keys.len());
            for key in keys {
                if self.connection.is_cluster() {
                    // The keys are on different nodes, and a pipeline goes to one node.
                    let mut get = Cmd::new();
                    get.arg("GET").arg(self.shared_key(key));
                    values.push(self.connection.command(&get).await?);
                } else {
                    pipeline.cmd("GET").arg(self.shared_key(key));
                }
            }
            if !pipeline.is_empty() {
                values = self.connection.pipeline(&pipeline).await?;
            }
            values.into_iter().map(|value| value.map(record::text_of).transpose()).collect()
        })
    }

    fn compare_and_swap<'a>(
        &'a self,
        key: &'a str,
        expected: Option<&'a str>,
        value: Option<&'a str>,
        ttl: Duration,
    ) -> StoreFuture<'a, bool> {
        Box::pin(async move {
            let is_some = |text: Option<&str>| if text.is_some() { "1" } else { "0" };
            let (left, key) = (milliseconds(ttl), self.shared_key(key));
            let arguments = [
                is_some(expected),
                expected.unwrap_or_default(),
                is_some(value),
                value.unwrap_or_default(),
                &left,
            ];
            self.connection.script(&scripts::REPLACE, &key, &arguments.map(str::as_bytes)).await
        })
    }
}

/// Returns the time to live in milliseconds, at least 1: the server refuses 0, and an expired value may be there for a
/// moment.
fn milliseconds(ttl: Duration) -> String {
    ttl.as_millis().clamp(1, MAX_MILLISECONDS).to_string()
}

impl fmt::Debug for RedisStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisStore").field("prefix", &self.prefix).finish_non_exhaustive()
    }
}

const NAME: &str = "redis";
/// The time for reading a record whose end does not matter.
const NO_TIME: Timestamp = Timestamp::from_unix(0);
const DEFAULT_PREFIX: &str = "session:";

/// The longest time to live, in milliseconds: a thousand years. The server refuses a time that overflows when it is
/// added to the present time.
const MAX_MILLISECONDS: u128 = 31_536_000_000_000;
