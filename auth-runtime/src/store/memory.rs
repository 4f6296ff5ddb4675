//! Sessions in this process's memory.

use std::collections::{BTreeSet, HashMap};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::memory_values::Values;
use super::record::Record;
use super::session_store::{SessionFilter, SessionStore, Update};
use crate::session::{Revision, StoreId};
use crate::shared::{KeyValueStore, StoreFuture};
use crate::time::Timestamp;

/// A store in the memory of one process, until the process ends. It holds at most
/// [`with_capacity`](MemoryStore::with_capacity) sessions. A new session beyond that removes the session that would
/// have ended first.
///
/// ```
/// use auth_runtime::Auth;
/// use auth_runtime::store::MemoryStore;
///
/// # let secret = auth_runtime::__private::random_secret();
/// let store = MemoryStore::with_capacity(10_000);
/// let auth = Auth::builder().secret(secret).session_store(store).build()?;
/// # Ok::<(), auth_runtime::ConfigError>(())
/// ```
pub struct MemoryStore {
    records: Mutex<Records>,
    capacity: usize,
    values: Values,
}

/// The records, by key and by end.
#[derive(Default)]
struct Records {
    by_id: HashMap<StoreId, Record>,
    /// The keys of the records, in the order in which the records end.
    by_end: BTreeSet<(Timestamp, StoreId)>,
    /// Number of writes. It is the revision of the record that was written last.
    revision: u64,
}

impl MemoryStore {
    /// Returns an empty store for 100,000 sessions.
    pub fn new() -> Self {
        Self::with_capacity(DEFAULT_CAPACITY)
    }

    /// Returns an empty store for `capacity` sessions, at least one.
    pub fn with_capacity(capacity: usize) -> Self {
        Self { records: Mutex::default(), capacity: capacity.max(1), values: Values::default() }
    }

    /// Returns a store for tombstones, with a bounded number of values.
    pub(crate) fn for_tombstones() -> Self {
        Self { values: Values::bounded(MAX_TOMBSTONES), ..Self::with_capacity(1) }
    }

    /// Locks the records. Nothing here can panic while the lock is held, so a poisoned map is still whole.
    fn records(&self) -> MutexGuard<'_, Records> {
        self.records.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for MemoryStore {
    fn default() -> Self {
        Self::new()
    }
}

impl SessionStore for MemoryStore {
    fn name(&self) -> &'static str {
        NAME
    }

    fn get<'a>(&'a self, id: &'a StoreId, _now: Timestamp) -> StoreFuture<'a, Option<Record>> {
        Box::pin(async move { Ok(self.records().by_id.get(id).cloned()) })
    }

    fn create<'a>(&'a self, id: &'a StoreId, record: Record) -> StoreFuture<'a, ()> {
        Box::pin(async move {
            let mut records = self.records();
            // Ended records make room before a live one has to.
            records.remove_ended(record.written_at());
            if records.by_id.len() >= self.capacity {
                records.remove_first_to_end();
            }
            records.insert_anew(id, record);
            Ok(())
        })
    }

    fn update<'a>(&'a self, id: &'a StoreId, seen: &'a Revision, record: Record) -> StoreFuture<'a, Update> {
        Box::pin(async move {
            let mut records = self.records();
            match records.by_id.get(id) {
                None => Ok(Update::Absent),
                Some(there) if there.revision() != seen => Ok(Update::Changed),
                Some(_) => {
                    // Also from the order of ends, where the old end stands.
                    records.remove(id);
                    records.insert_anew(id, record);
                    Ok(Update::Done)
                }
            }
        })
    }

    fn touch<'a>(
        &'a self,
        id: &'a StoreId,
        expires_at: Timestamp,
        written_at: Timestamp,
    ) -> StoreFuture<'a, bool> {
        Box::pin(async move {
            let mut records = self.records();
            let Some(mut record) = records.remove(id) else { return Ok(false) };
            record.move_end(expires_at, written_at);
            records.insert(id, record);
            Ok(true)
        })
    }

    fn delete<'a>(&'a self, id: &'a StoreId) -> StoreFuture<'a, bool> {
        Box::pin(async move { Ok(self.records().remove(id).is_some()) })
    }

    fn delete_by_logout_token<'a>(&'a self, scope: &'a SessionFilter) -> StoreFuture<'a, usize> {
        Box::pin(async move {
            let mut records = self.records();
            let ids: Vec<StoreId> = records.covered(scope).map(|(id, _)| id.clone()).collect();
            for id in &ids {
                records.remove(id);
            }
            Ok(ids.len())
        })
    }

    fn list<'a>(
        &'a self,
        scope: &'a SessionFilter,
        now: Timestamp,
    ) -> StoreFuture<'a, Vec<(StoreId, Record)>> {
        Box::pin(async move {
            let records = self.records();
            let covered = records.covered(scope).filter(|(_, record)| record.expires_at() > now);
            Ok(covered.map(|(id, record)| (id.clone(), record.clone())).collect())
        })
    }

    // Not as `key_values`: no other instance could see a lease in this process's memory.
    fn tombstones(self: Arc<Self>) -> Option<Arc<dyn KeyValueStore>> {
        Some(self)
    }
}

impl KeyValueStore for MemoryStore {
    fn name(&self) -> &'static str {
        NAME
    }

    fn read<'a>(&'a self, keys: &'a [String]) -> StoreFuture<'a, Vec<Option<String>>> {
        Box::pin(async move { Ok(self.values.read(keys)) })
    }

    fn compare_and_swap<'a>(
        &'a self,
        key: &'a str,
        expected: Option<&'a str>,
        value: Option<&'a str>,
        ttl: Duration,
    ) -> StoreFuture<'a, bool> {
        Box::pin(async move { Ok(self.values.compare_and_swap(key, expected, value, ttl)) })
    }
}

impl Records {
    /// Inserts a record with a revision that no record here had before.
    fn insert_anew(&mut self, id: &StoreId, record: Record) {
        self.revision = self.revision.wrapping_add(1);
        let revision = Revision::new(self.revision.to_string());
        self.insert(id, record.with_revision(revision));
    }

    fn insert(&mut self, id: &StoreId, record: Record) {
        self.by_end.insert((record.expires_at(), id.clone()));
        self.by_id.insert(id.clone(), record);
    }

    fn remove(&mut self, id: &StoreId) -> Option<Record> {
        let record = self.by_id.remove(id)?;
        self.by_end.remove(&(record.expires_at(), id.clone()));
        Some(record)
    }

    fn covered(&self, scope: &SessionFilter) -> impl Iterator<Item = (&StoreId, &Record)> {
        self.by_id.iter().filter(move |(_, record)| scope.covers(record))
    }

    fn remove_ended(&mut self, now: Timestamp) {
        while self.by_end.first().is_some_and(|(end, _)| *end <= now) {
            self.remove_first_to_end();
        }
    }

    fn remove_first_to_end(&mut self) {
        if let Some((_, id)) = self.by_end.pop_first() {
            self.by_id.remove(&id);
        }
    }
}

impl fmt::Debug for MemoryStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryStore").field("capacity", &self.capacity).finish_non_exhaustive()
    }
}

const NAME: &str = "memory";

/// The maximum number of tombstones: about two megabytes, at 200 bytes each.
const MAX_TOMBSTONES: usize = 10_000;

/// The default number of sessions: some hundreds of megabytes, at a few kilobytes each.
const DEFAULT_CAPACITY: usize = 100_000;
