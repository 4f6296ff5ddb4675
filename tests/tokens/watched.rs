//! A session store whose records a test looks at and changes behind the service's back, and that counts what it is asked.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use auth_runtime::Timestamp;
use auth_runtime::store::{
    KeyValueStore, MemoryStore, Record, Revision, SessionFilter, SessionStore, StoreError, StoreFuture,
    StoreId, Update,
};
use auth_tests::time;
use sha2::{Digest as _, Sha256};

#[derive(Clone, Debug, Default)]
pub(crate) struct Watched {
    inner: Arc<MemoryStore>,
    asked: Arc<AtomicUsize>,
    last_asked: Arc<Mutex<Option<StoreId>>>,
    /// Keys of which the store says that what is there can't be read.
    unreadable: Arc<Mutex<Vec<StoreId>>>,
    keeps_what_is_deleted: Arc<AtomicBool>,
}

impl Watched {
    /// How often a record was asked for, changed or removed.
    pub(crate) fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }

    /// The key that was asked for last.
    pub(crate) fn last_asked(&self) -> Option<StoreId> {
        self.last_asked.lock().unwrap().clone()
    }

    /// Something else is under the key from now on.
    pub(crate) fn make_unreadable(&self, id: &StoreId) {
        self.unreadable.lock().unwrap().push(id.clone());
    }

    /// Lets every deletion fail.
    pub(crate) fn refuse_deletions(&self) {
        self.keeps_what_is_deleted.store(true, Ordering::SeqCst);
    }

    pub(crate) async fn record(&self, id: &StoreId) -> Option<Record> {
        self.inner.get(id, time(0)).await.unwrap()
    }

    /// What can be put there by who can write to the store.
    pub(crate) async fn put(&self, id: &StoreId, record: Record) {
        self.inner.delete(id).await.unwrap();
        self.inner.create(id, record).await.unwrap();
    }

    /// The same text, and another end in the column that the store keeps it in.
    pub(crate) async fn move_end(&self, id: &StoreId, expires_at: Timestamp) {
        assert!(self.inner.touch(id, expires_at, time(0)).await.unwrap());
    }

    fn answer<'a, T: Send + 'a>(&'a self, id: &StoreId, inner: StoreFuture<'a, T>) -> StoreFuture<'a, T> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        *self.last_asked.lock().unwrap() = Some(id.clone());
        let is_unreadable = self.unreadable.lock().unwrap().contains(id);
        Box::pin(async move {
            if is_unreadable { Err(StoreError::unreadable("the key holds a list")) } else { inner.await }
        })
    }
}

impl SessionStore for Watched {
    fn name(&self) -> &'static str {
        "watched"
    }

    fn get<'a>(&'a self, id: &'a StoreId, now: Timestamp) -> StoreFuture<'a, Option<Record>> {
        self.answer(id, self.inner.get(id, now))
    }

    fn create<'a>(&'a self, id: &'a StoreId, record: Record) -> StoreFuture<'a, ()> {
        self.inner.create(id, record)
    }

    fn update<'a>(&'a self, id: &'a StoreId, seen: &'a Revision, record: Record) -> StoreFuture<'a, Update> {
        self.answer(id, self.inner.update(id, seen, record))
    }

    fn touch<'a>(
        &'a self,
        id: &'a StoreId,
        expires_at: Timestamp,
        written_at: Timestamp,
    ) -> StoreFuture<'a, bool> {
        self.answer(id, self.inner.touch(id, expires_at, written_at))
    }

    fn delete<'a>(&'a self, id: &'a StoreId) -> StoreFuture<'a, bool> {
        if self.keeps_what_is_deleted.load(Ordering::SeqCst) {
            return Box::pin(async { Err(StoreError::new("connection refused")) });
        }
        self.answer(id, self.inner.delete(id))
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

    fn key_values(self: Arc<Self>) -> Option<Arc<dyn KeyValueStore>> {
        Some(Arc::clone(&self.inner) as Arc<dyn KeyValueStore>)
    }
}

/// What a sealed record is kept under.
pub(crate) fn hashed(id: &StoreId) -> StoreId {
    StoreId::from_store(hexadecimal(id.as_str()))
}

/// The SHA-256 of a text, in hexadecimal.
pub(crate) fn hexadecimal(text: &str) -> String {
    Sha256::digest(text).iter().map(|byte| format!("{byte:02x}")).collect()
}
