//! Sessions in this process's memory.

use std::collections::{BTreeSet, HashMap};
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::record::Record;
use super::session_store::{LogoutScope, SessionStore, StoreFuture};
use crate::session::StoreId;

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
}

#[derive(Default)]
struct Records {
    by_id: HashMap<StoreId, Record>,
    /// The same records in the order in which they end.
    by_end: BTreeSet<(i64, StoreId)>,
}

impl MemoryStore {
    /// An empty store for 100,000 sessions.
    pub fn new() -> Self {
        Self::with_capacity(DEFAULT_CAPACITY)
    }

    /// An empty store for `capacity` sessions, at least one.
    pub fn with_capacity(capacity: usize) -> Self {
        Self { records: Mutex::default(), capacity: capacity.max(1) }
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
    fn get<'a>(&'a self, id: &'a StoreId) -> StoreFuture<'a, Option<Record>> {
        Box::pin(async move { Ok(self.records().by_id.get(id).cloned()) })
    }

    fn create<'a>(&'a self, id: &'a StoreId, record: Record) -> StoreFuture<'a, ()> {
        Box::pin(async move {
            let mut records = self.records();
            records.remove_ended(record.written_at());
            if records.by_id.len() >= self.capacity {
                records.remove_first_to_end();
            }
            records.insert(id, record);
            Ok(())
        })
    }

    fn update<'a>(&'a self, id: &'a StoreId, record: Record) -> StoreFuture<'a, bool> {
        Box::pin(async move {
            let mut records = self.records();
            let is_there = records.remove(id).is_some();
            if is_there {
                records.insert(id, record);
            }
            Ok(is_there)
        })
    }

    fn touch<'a>(&'a self, id: &'a StoreId, expires_at: i64, written_at: i64) -> StoreFuture<'a, bool> {
        Box::pin(async move {
            let mut records = self.records();
            let Some(mut record) = records.remove(id) else { return Ok(false) };
            record.move_end(expires_at, written_at);
            records.insert(id, record);
            Ok(true)
        })
    }

    fn delete<'a>(&'a self, id: &'a StoreId) -> StoreFuture<'a, ()> {
        Box::pin(async move {
            self.records().remove(id);
            Ok(())
        })
    }

    fn delete_by_logout_token<'a>(&'a self, scope: &'a LogoutScope) -> StoreFuture<'a, usize> {
        Box::pin(async move {
            let mut records = self.records();
            let covered = records.by_id.iter().filter(|(_, record)| scope.covers(record));
            let ids: Vec<StoreId> = covered.map(|(id, _)| id.clone()).collect();
            for id in &ids {
                records.remove(id);
            }
            Ok(ids.len())
        })
    }
}

impl Records {
    fn insert(&mut self, id: &StoreId, record: Record) {
        self.by_end.insert((record.expires_at(), id.clone()));
        self.by_id.insert(id.clone(), record);
    }

    fn remove(&mut self, id: &StoreId) -> Option<Record> {
        let record = self.by_id.remove(id)?;
        self.by_end.remove(&(record.expires_at(), id.clone()));
        Some(record)
    }

    fn remove_ended(&mut self, now: i64) {
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

/// At a few kilobytes each, some hundreds of megabytes.
const DEFAULT_CAPACITY: usize = 100_000;
