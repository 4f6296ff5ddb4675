//! A session store that fails, or takes its time, when it is told to.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use auth_runtime::Timestamp;
use auth_runtime::store::{
    MemoryStore, Record, Revision, SessionFilter, SessionStore, StoreError, StoreFuture, StoreId, Update,
};
use tokio::sync::watch;

#[derive(Clone, Debug, Default)]
pub(crate) struct FailingStore {
    inner: Arc<MemoryStore>,
    is_down: Arc<AtomicBool>,
    deletions: Deletions,
    ids: Arc<Mutex<Vec<String>>>,
}

/// Those that logout tokens ask for.
#[derive(Clone, Debug, Default)]
struct Deletions {
    are_held: watch::Sender<bool>,
    begun: watch::Sender<usize>,
    done: watch::Sender<usize>,
}

impl FailingStore {
    pub(crate) fn fail(&self, is_down: bool) {
        self.is_down.store(is_down, Ordering::SeqCst);
    }

    /// Lets deletions by logout token begin and not end, or end.
    pub(crate) fn hold_deletions(&self, are_held: bool) {
        self.deletions.are_held.send_replace(are_held);
    }

    /// Waits until that many deletions by logout token have begun.
    pub(crate) async fn deletions_begun(&self, count: usize) {
        self.deletions.begun.subscribe().wait_for(|begun| *begun >= count).await.unwrap();
    }

    /// Waits until that many deletions by logout token have ended.
    pub(crate) async fn deletions_done(&self, count: usize) {
        self.deletions.done.subscribe().wait_for(|done| *done >= count).await.unwrap();
    }

    /// The keys of all records that were ever made, in their order.
    pub(crate) fn ids(&self) -> Vec<String> {
        self.ids.lock().unwrap().clone()
    }

    fn answer<'a, T: Send + 'a>(&'a self, inner: StoreFuture<'a, T>) -> StoreFuture<'a, T> {
        let is_down = self.is_down.load(Ordering::SeqCst);
        Box::pin(
            async move { if is_down { Err(StoreError::new("connection refused")) } else { inner.await } },
        )
    }
}

impl SessionStore for FailingStore {
    fn name(&self) -> &'static str {
        "test"
    }

    fn get<'a>(&'a self, id: &'a StoreId, now: Timestamp) -> StoreFuture<'a, Option<Record>> {
        self.answer(self.inner.get(id, now))
    }

    fn create<'a>(&'a self, id: &'a StoreId, record: Record) -> StoreFuture<'a, ()> {
        self.ids.lock().unwrap().push(id.as_str().to_owned());
        self.answer(self.inner.create(id, record))
    }

    fn update<'a>(&'a self, id: &'a StoreId, seen: &'a Revision, record: Record) -> StoreFuture<'a, Update> {
        self.answer(self.inner.update(id, seen, record))
    }

    fn touch<'a>(
        &'a self,
        id: &'a StoreId,
        expires_at: Timestamp,
        written_at: Timestamp,
    ) -> StoreFuture<'a, bool> {
        self.answer(self.inner.touch(id, expires_at, written_at))
    }

    fn delete<'a>(&'a self, id: &'a StoreId) -> StoreFuture<'a, bool> {
        self.answer(self.inner.delete(id))
    }

    fn list<'a>(
        &'a self,
        scope: &'a SessionFilter,
        now: Timestamp,
    ) -> StoreFuture<'a, Vec<(StoreId, Record)>> {
        self.answer(self.inner.list(scope, now))
    }

    fn delete_by_logout_token<'a>(&'a self, scope: &'a SessionFilter) -> StoreFuture<'a, usize> {
        Box::pin(async move {
            self.deletions.begun.send_modify(|begun| *begun += 1);
            self.deletions.are_held.subscribe().wait_for(|are_held| !are_held).await.unwrap();
            let deleted = self.answer(self.inner.delete_by_logout_token(scope)).await;
            self.deletions.done.send_modify(|done| *done += 1);
            deleted
        })
    }
}
