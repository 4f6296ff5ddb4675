//! A store in memory that notes what it is given.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use auth_runtime::store::{
    KeyValueStore, LogoutScope, MemoryStore, Record, RecordIndex, Revision, SessionStore, StoreFuture,
    StoreId, Update,
};

use crate::recorded::{Case, Kept, Value};

/// Clones are the same store.
#[derive(Clone, Debug, Default)]
pub(crate) struct Noting {
    inner: Arc<MemoryStore>,
    noted: Arc<Mutex<Noted>>,
}

#[derive(Default)]
struct Noted {
    records: BTreeMap<String, Kept>,
    values: BTreeMap<String, Value>,
    leases: BTreeMap<String, Value>,
}

impl Noting {
    /// What is there, and which leases were.
    pub(crate) fn note(&self, case: &mut Case) {
        let noted = self.noted();
        case.records.clone_from(&noted.records);
        case.values.clone_from(&noted.values);
        case.leases.clone_from(&noted.leases);
    }

    fn noted(&self) -> MutexGuard<'_, Noted> {
        self.noted.lock().unwrap()
    }

    fn keep(&self, id: &StoreId, record: &Record) {
        let RecordIndex { iss, sub, sid } = record.index().clone();
        let text = record.text().to_owned();
        let (expires_at, written_at) = (record.expires_at(), record.written_at());
        let kept = Kept { text, expires_at, written_at, iss, sub, sid };
        self.noted().records.insert(id.as_str().to_owned(), kept);
    }
}

impl SessionStore for Noting {
    fn name(&self) -> &'static str {
        "noting"
    }

    fn get<'a>(&'a self, id: &'a StoreId, now: i64) -> StoreFuture<'a, Option<Record>> {
        self.inner.get(id, now)
    }

    fn create<'a>(&'a self, id: &'a StoreId, record: Record) -> StoreFuture<'a, ()> {
        self.keep(id, &record);
        self.inner.create(id, record)
    }

    fn update<'a>(&'a self, id: &'a StoreId, seen: &'a Revision, record: Record) -> StoreFuture<'a, Update> {
        self.keep(id, &record);
        self.inner.update(id, seen, record)
    }

    fn touch<'a>(&'a self, id: &'a StoreId, expires_at: i64, written_at: i64) -> StoreFuture<'a, bool> {
        if let Some(kept) = self.noted().records.get_mut(id.as_str()) {
            (kept.expires_at, kept.written_at) = (expires_at, written_at);
        }
        self.inner.touch(id, expires_at, written_at)
    }

    fn delete<'a>(&'a self, id: &'a StoreId) -> StoreFuture<'a, bool> {
        self.noted().records.remove(id.as_str());
        self.inner.delete(id)
    }

    fn list<'a>(&'a self, scope: &'a LogoutScope, now: i64) -> StoreFuture<'a, Vec<(StoreId, Record)>> {
        self.inner.list(scope, now)
    }

    fn delete_by_logout_token<'a>(&'a self, scope: &'a LogoutScope) -> StoreFuture<'a, usize> {
        self.inner.delete_by_logout_token(scope)
    }
}

impl KeyValueStore for Noting {
    fn name(&self) -> &'static str {
        "noting"
    }

    fn read<'a>(&'a self, keys: &'a [String]) -> StoreFuture<'a, Vec<Option<String>>> {
        self.inner.read(keys)
    }

    fn replace<'a>(
        &'a self,
        key: &'a str,
        expected: Option<&'a str>,
        value: Option<&'a str>,
        ttl: Duration,
    ) -> StoreFuture<'a, bool> {
        Box::pin(async move {
            let is_replaced = self.inner.replace(key, expected, value, ttl).await?;
            let mut noted = self.noted();
            if is_replaced && let Some(text) = value {
                let value = Value { text: text.to_owned(), seconds: ttl.as_secs() };
                noted.values.insert(key.to_owned(), value);
            } else if is_replaced && let Some(released) = noted.values.remove(key) {
                noted.leases.insert(key.to_owned(), released);
            }
            Ok(is_replaced)
        })
    }
}

impl std::fmt::Debug for Noted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Noted").finish_non_exhaustive()
    }
}
