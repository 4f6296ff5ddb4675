//! A store that keeps each thing for a time to live by its own clock, and does not know when that began.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard};
use std::time::{Duration, Instant};

use tokio::task::yield_now;

use crate::store::{
    KeyValueStore, Record, RecordIndex, Revision, SessionFilter, SessionStore, StoreFuture, StoreId, Update,
};
use crate::time::{Timestamp, at};

#[derive(Debug, Default)]
pub(super) struct Remaining {
    kept: Mutex<HashMap<String, Kept>>,
}

#[derive(Clone, Debug)]
struct Kept {
    text: String,
    index: RecordIndex,
    ends: Instant,
}

impl Kept {
    fn new(record: &Record) -> Self {
        Self {
            text: record.text().to_owned(),
            index: record.index().clone(),
            ends: Instant::now() + record.ttl(),
        }
    }

    /// In whole seconds, rounded.
    fn record(&self, now: Timestamp) -> Record {
        let left = self.ends.saturating_duration_since(Instant::now()) + Duration::from_millis(500);
        let ends = now.saturating_add(left.as_secs());
        let record = Record::new(self.text.as_str(), ends, now).with_index(self.index.clone());
        record.with_revision(Revision::new(self.text.as_str()))
    }
}

impl Remaining {
    fn kept(&self) -> MutexGuard<'_, HashMap<String, Kept>> {
        let mut kept = self.kept.lock().unwrap();
        kept.retain(|_, kept| kept.ends > Instant::now());
        kept
    }
}

impl SessionStore for Remaining {
    fn name(&self) -> &'static str {
        "remaining"
    }

    fn get<'a>(&'a self, id: &'a StoreId, now: Timestamp) -> StoreFuture<'a, Option<Record>> {
        answer(move || self.kept().get(id.as_str()).map(|kept| kept.record(now)))
    }

    fn create<'a>(&'a self, id: &'a StoreId, record: Record) -> StoreFuture<'a, ()> {
        answer(move || drop(self.kept().insert(id.as_str().to_owned(), Kept::new(&record))))
    }

    fn update<'a>(&'a self, id: &'a StoreId, seen: &'a Revision, record: Record) -> StoreFuture<'a, Update> {
        answer(move || match self.kept().get_mut(id.as_str()) {
            None => Update::Absent,
            Some(kept) if kept.text != seen.as_str() => Update::Changed,
            Some(kept) => {
                *kept = Kept::new(&record);
                Update::Done
            }
        })
    }

    fn touch<'a>(
        &'a self,
        id: &'a StoreId,
        expires_at: Timestamp,
        written_at: Timestamp,
    ) -> StoreFuture<'a, bool> {
        let ttl = Record::new("", expires_at, written_at).ttl();
        answer(move || {
            self.kept().get_mut(id.as_str()).map(|kept| kept.ends = Instant::now() + ttl).is_some()
        })
    }

    fn delete<'a>(&'a self, id: &'a StoreId) -> StoreFuture<'a, bool> {
        answer(move || self.kept().remove(id.as_str()).is_some())
    }

    fn delete_by_logout_token<'a>(&'a self, scope: &'a SessionFilter) -> StoreFuture<'a, usize> {
        answer(move || {
            let mut kept = self.kept();
            let before = kept.len();
            kept.retain(|_, kept| !scope.covers(&kept.record(at(0))));
            before - kept.len()
        })
    }

    fn list<'a>(
        &'a self,
        scope: &'a SessionFilter,
        now: Timestamp,
    ) -> StoreFuture<'a, Vec<(StoreId, Record)>> {
        answer(move || {
            let kept = self.kept();
            let records = kept.iter().map(|(id, kept)| (StoreId::from_store(id.as_str()), kept.record(now)));
            records.filter(|(_, record)| scope.covers(record)).collect()
        })
    }
}

impl KeyValueStore for Remaining {
    fn name(&self) -> &'static str {
        "remaining"
    }

    fn read<'a>(&'a self, keys: &'a [String]) -> StoreFuture<'a, Vec<Option<String>>> {
        answer(move || {
            let kept = self.kept();
            keys.iter().map(|key| kept.get(key).map(|kept| kept.text.clone())).collect()
        })
    }

    fn compare_and_swap<'a>(
        &'a self,
        key: &'a str,
        expected: Option<&'a str>,
        value: Option<&'a str>,
        ttl: Duration,
    ) -> StoreFuture<'a, bool> {
        answer(move || {
            let mut kept = self.kept();
            if kept.get(key).map(|kept| kept.text.as_str()) != expected {
                return false;
            }
            kept.remove(key);
            if let Some(value) = value {
                // Counted in seconds, as by a store that has no less.
                let ends = Instant::now() + Duration::from_secs(ttl.as_secs().saturating_add(1));
                let value = Kept { text: value.to_owned(), index: RecordIndex::default(), ends };
                kept.insert(key.to_owned(), value);
            }
            true
        })
    }
}

/// The way there and the way back.
fn answer<'a, T: Send + 'a>(answer: impl FnOnce() -> T + Send + 'a) -> StoreFuture<'a, T> {
    Box::pin(async move {
        yield_now().await;
        let answer = answer();
        yield_now().await;
        Ok(answer)
    })
}
