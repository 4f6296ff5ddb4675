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

/// Keeps sessions in memory: for one process, and until it ends. There are never more than
/// [`with_capacity`](MemoryStore::with_capacity) says; one more makes the session go that would have ended first.
///
/// ```
/// use auth_runtime::store::MemoryStore;
///
/// let store = MemoryStore::with_capacity(10_000);
/// # let _ = store;
/// ```
pub struct MemoryStore {
    records: Mutex<Records>,
    capacity: usize,
    values: Values,
}

#[derive(Default)]
struct Records {
    by_id: HashMap<StoreId, Record>,
    /// The same records in the order in which they end.
    by_end: BTreeSet<(Timestamp, StoreId)>,
    /// Counts the writes.
    revision: u64,
}

impl MemoryStore {
    /// An empty store for 100,000 sessions.
    pub fn new() -> Self {
        Self::with_capacity(DEFAULT_CAPACITY)
    }

    /// An empty store for `capacity` sessions, at least one.
    pub fn with_capacity(capacity: usize) -> Self {
        Self { records: Mutex::default(), capacity: capacity.max(1), values: Values::default() }
    }

    /// For values alone, and not for too many of them.
    pub(crate) fn for_tombstones() -> Self {
        Self { values: Values::bounded(MAX_TOMBSTONES), ..Self::with_capacity(1) }
    }

    /// Nothing here can panic while the lock is held, so a poisoned map is a whole one.
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
    /// In a state that no record here was in before.
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

/// At about 200 bytes each, two megabytes. A provider that ends more sessions within a quarter of an hour ends all of them.
const MAX_TOMBSTONES: usize = 10_000;

/// At a few kilobytes each, some hundreds of megabytes.
const DEFAULT_CAPACITY: usize = 100_000;
