//! A session store that fails when it is told to.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use auth_runtime::store::{LogoutScope, MemoryStore, Record, SessionStore, StoreError, StoreFuture, StoreId};

#[derive(Clone, Debug, Default)]
pub(crate) struct FailingStore {
    inner: Arc<MemoryStore>,
    is_down: Arc<AtomicBool>,
}

impl FailingStore {
    pub(crate) fn fail(&self, is_down: bool) {
        self.is_down.store(is_down, Ordering::SeqCst);
    }

    fn answer<'a, T: Send + 'a>(&'a self, inner: StoreFuture<'a, T>) -> StoreFuture<'a, T> {
        let is_down = self.is_down.load(Ordering::SeqCst);
        Box::pin(
            async move { if is_down { Err(StoreError::new("connection refused")) } else { inner.await } },
        )
    }
}

impl SessionStore for FailingStore {
    fn get<'a>(&'a self, id: &'a StoreId) -> StoreFuture<'a, Option<Record>> {
        self.answer(self.inner.get(id))
    }

    fn create<'a>(&'a self, id: &'a StoreId, record: Record) -> StoreFuture<'a, ()> {
        self.answer(self.inner.create(id, record))
    }

    fn update<'a>(&'a self, id: &'a StoreId, record: Record) -> StoreFuture<'a, bool> {
        self.answer(self.inner.update(id, record))
    }

    fn delete<'a>(&'a self, id: &'a StoreId) -> StoreFuture<'a, ()> {
        self.answer(self.inner.delete(id))
    }

    fn delete_by_logout_token<'a>(&'a self, scope: &'a LogoutScope) -> StoreFuture<'a, usize> {
        self.answer(self.inner.delete_by_logout_token(scope))
    }
}
