//! A store in memory that notes what it is given.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use auth_runtime::Timestamp;
use auth_runtime::store::{
    KeyValueStore, MemoryStore, Record, RecordIndex, Revision, SessionFilter, SessionStore, StoreFuture,
    StoreId, Update,
};

/// Sessions, and what instances share. Clones are the same store.
#[derive(Clone, Debug, Default)]
pub struct Noting {
    inner: Arc<MemoryStore>,
    noted: Arc<Mutex<Noted>>,
}

/// What a store was given.
#[derive(Clone, Default)]
pub struct Noted {
    /// The records that are there, by their keys.
    pub records: BTreeMap<String, Record>,
    /// The values that are there, by their keys, and how long each is kept.
    pub values: BTreeMap<String, (String, Duration)>,
    /// The values that were there and were taken back, such as leases.
    pub taken_back: BTreeMap<String, (String, Duration)>,
    /// Every key, text and code that ever went through the store.
    pub everything: Vec<String>,
}

impl Noting {
    /// What is there, and what was.
    pub fn noted(&self) -> Noted {
        self.lock().clone()
    }

    fn lock(&self) -> MutexGuard<'_, Noted> {
        self.noted.lock().expect("no test panics while it holds this")
    }

    fn keep(&self, id: &StoreId, record: &Record) {
        let mut noted = self.lock();
        let RecordIndex { iss, sub, sid } = record.index().clone();
        noted.everything.extend([id.as_str().to_owned(), record.text().to_owned()]);
        noted.everything.extend([iss, sub, sid].into_iter().flatten());
        noted.records.insert(id.as_str().to_owned(), record.clone());
    }

    fn asked(&self, key: impl Into<String>) {
        self.lock().everything.push(key.into());
    }
}

impl SessionStore for Noting {
    fn name(&self) -> &'static str {
        "noting"
    }

    fn get<'a>(&'a self, id: &'a StoreId, now: Timestamp) -> StoreFuture<'a, Option<Record>> {
        self.asked(id.as_str());
        self.inner.get(id, now)
    }

    fn create<'a>(&'a self, id: &'a StoreId, record: Record) -> StoreFuture<'a, ()> {
        self.keep(id, &record);
        self.inner.create(id, record)
    }

    fn update<'a>(&'a self, id: &'a StoreId, seen: &'a Revision, record: Record) -> StoreFuture<'a, Update> {
        Box::pin(async move {
            let done = self.inner.update(id, seen, record.clone()).await?;
            if done == Update::Done {
                self.keep(id, &record);
            }
            Ok(done)
        })
    }

    fn touch<'a>(
        &'a self,
        id: &'a StoreId,
        expires_at: Timestamp,
        written_at: Timestamp,
    ) -> StoreFuture<'a, bool> {
        let mut noted = self.lock();
        if let Some(record) = noted.records.get_mut(id.as_str()) {
            let moved = Record::new(record.text(), expires_at, written_at);
            *record = moved.with_index(record.index().clone());
        }
        self.inner.touch(id, expires_at, written_at)
    }

    fn delete<'a>(&'a self, id: &'a StoreId) -> StoreFuture<'a, bool> {
        self.asked(id.as_str());
        self.lock().records.remove(id.as_str());
        self.inner.delete(id)
    }

    fn list<'a>(
        &'a self,
        scope: &'a SessionFilter,
        now: Timestamp,
    ) -> StoreFuture<'a, Vec<(StoreId, Record)>> {
        self.inner.list(scope, now)
    }

    fn delete_by_logout_token<'a>(&'a self, scope: &'a SessionFilter) -> StoreFuture<'a, usize> {
        self.inner.delete_by_logout_token(scope)
    }
}

impl KeyValueStore for Noting {
    fn name(&self) -> &'static str {
        "noting"
    }

    fn read<'a>(&'a self, keys: &'a [String]) -> StoreFuture<'a, Vec<Option<String>>> {
        self.lock().everything.extend(keys.iter().cloned());
        self.inner.read(keys)
    }

    fn compare_and_swap<'a>(
        &'a self,
        key: &'a str,
        expected: Option<&'a str>,
        value: Option<&'a str>,
        ttl: Duration,
    ) -> StoreFuture<'a, bool> {
        Box::pin(async move {
            let is_replaced = self.inner.compare_and_swap(key, expected, value, ttl).await?;
            let mut noted = self.lock();
            noted.everything.push(key.to_owned());
            noted.everything.extend(value.map(str::to_owned));
            if is_replaced && let Some(text) = value {
                noted.values.insert(key.to_owned(), (text.to_owned(), ttl));
            } else if is_replaced && let Some(taken_back) = noted.values.remove(key) {
                noted.taken_back.insert(key.to_owned(), taken_back);
            }
            Ok(is_replaced)
        })
    }
}

/// What a store holds is secret, also in the message of a test that fails.
impl fmt::Debug for Noted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Noted").field("records", &self.records.len()).finish_non_exhaustive()
    }
}
