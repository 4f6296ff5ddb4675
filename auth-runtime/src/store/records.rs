//! A session store as the sessions use it: with a timeout, with traces and metrics, and sealed if so configured.

use std::sync::Arc;
use std::time::Duration;

use super::record::Record;
use super::sealing::Sealing;
use super::session_store::SessionFilter;
use super::session_store::{SessionStore, Update};
use crate::crypto::{Entropy, KeyRing};
use crate::session::{Revision, StoreId};
use crate::shared::{StoreError, log_unreadable, next_attempt, observe};
use crate::time::Timestamp;

/// A session store with its timeout and its sealing. To every operation but [`get`](Records::get), a record that cannot
/// be read is absent.
#[derive(Debug)]
pub(crate) struct Records {
    store: Arc<dyn SessionStore>,
    timeout: Duration,
    sealing: Option<Sealing>,
}

/// A record that was found by its user or its session id.
pub(super) struct Listed {
    /// The store's key of the record.
    pub(super) key: StoreId,
    /// The hash of the session's id, which may be shown.
    pub(super) handle: String,
    pub(super) record: Record,
}

impl Records {
    pub(crate) fn new(store: Arc<dyn SessionStore>, timeout: Duration) -> Self {
        Self { store, timeout, sealing: None }
    }

    /// Seals the records with these keys, which are derived for stores.
    pub(crate) fn sealed(mut self, keys: KeyRing, entropy: Entropy) -> Self {
        self.sealing = Some(Sealing::new(keys, entropy));
        self
    }

    /// Returns the record. It may be past its end, since the store's housekeeping may be late.
    ///
    /// # Errors
    ///
    /// The store failed, or its value under the key [cannot be read](StoreError::is_unreadable).
    pub(crate) async fn get(&self, id: &StoreId, now: Timestamp) -> Result<Option<Record>, StoreError> {
        let id = self.key(id);
        let record = self.observe("get", self.store.get(&id, now)).await?;
        record.map(|record| self.open(&id, record, now)).transpose()
    }

    /// Returns the record like [`get`](Self::get), and `None` for a record that cannot be read.
    pub(super) async fn get_readable(
        &self,
        id: &StoreId,
        now: Timestamp,
    ) -> Result<Option<Record>, StoreError> {
        readable(self.get(id, now).await, None)
    }

    pub(super) async fn create(&self, id: &StoreId, record: &Record) -> Result<(), StoreError> {
        let id = self.key(id);
        let record = self.seal(&id, record)?;
        self.observe("create", self.store.create(&id, record)).await
    }

    pub(super) async fn update(
        &self,
        id: &StoreId,
        seen: &Revision,
        record: &Record,
    ) -> Result<Update, StoreError> {
        let id = self.key(id);
        let record = self.seal(&id, record)?;
        readable(self.observe("update", self.store.update(&id, seen, record)).await, Update::Absent)
    }

    /// Moves the end of a record, and returns whether the record was there. `seen` is the generation of the record that
    /// the session was read from.
    pub(super) async fn touch(
        &self,
        id: &StoreId,
        seen: Option<u64>,
        end: Timestamp,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        if self.sealing.is_some() {
            return Box::pin(self.seal_anew(id, seen, end, now)).await;
        }
        readable(self.observe("touch", self.store.touch(id, end, now)).await, false)
    }

    /// Moves the end of a sealed record: reads the record, and seals its present text with the new end. Repeats that
    /// where another request wrote meanwhile, so that its write is kept.
    async fn seal_anew(
        &self,
        id: &StoreId,
        seen: Option<u64>,
        end: Timestamp,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let mut attempt = 0;
        loop {
            let Some(there) = self.get_readable(id, now).await? else { return Ok(false) };
            // A record that has ended is not revived, and one that was put back is not prolonged.
            if there.expires_at() <= now || there.is_older_than(seen) {
                return Ok(false);
            }
            let next = there.generation().map(|generation| generation.saturating_add(1));
            let record = Record::new(there.text(), end, now).with_generation(next);
            match self.update(id, there.revision(), &record).await? {
                Update::Done => return Ok(true),
                Update::Absent => return Ok(false),
                Update::Changed => next_attempt(&mut attempt).await?,
            }
        }
    }

    pub(super) async fn delete(&self, id: &StoreId) -> Result<bool, StoreError> {
        self.delete_listed(&self.key(id)).await
    }

    /// Removes a record by the store's own key, and returns whether the record was there.
    pub(super) async fn delete_listed(&self, key: &StoreId) -> Result<bool, StoreError> {
        readable(self.observe("delete", self.store.delete(key)).await, false)
    }

    pub(super) async fn delete_by_logout_token(&self, scope: &SessionFilter) -> Result<usize, StoreError> {
        let mut deleted = 0_usize;
        for scope in self.scopes(scope) {
            let answer = self.store.delete_by_logout_token(&scope);
            deleted = deleted.saturating_add(self.observe("delete_by_logout_token", answer).await?);
        }
        Ok(deleted)
    }

    /// Returns every record that the scope covers and that has not ended at `now`.
    pub(super) async fn list(
        &self,
        scope: &SessionFilter,
        now: Timestamp,
    ) -> Result<Vec<Listed>, StoreError> {
        let mut found = Vec::new();
        for scope in self.scopes(scope) {
            for (key, record) in self.observe("list", self.store.list(&scope, now)).await? {
                // The store's key of a sealed record is already the hash of the session's id.
                let is_hashed = self.sealing.is_some();
                let handle = if is_hashed { key.as_str().to_owned() } else { key.handle() };
                // A record that cannot be read is left out, and the other records are still listed.
                let Some(record) = readable(self.open(&key, record, now).map(Some), None)? else { continue };
                // The sealed end may be earlier than the end that the store has for the record.
                if record.expires_at() <= now {
                    continue;
                }
                // A record that was sealed with a newer secret meanwhile is found by both secrets' codes.
                found.retain(|other: &Listed| other.key != key);
                found.push(Listed { key, handle, record });
            }
        }
        Ok(found)
    }

    async fn observe<T>(
        &self,
        operation: &'static str,
        answer: impl Future<Output = Result<T, StoreError>>,
    ) -> Result<T, StoreError> {
        observe(self.store.name(), operation, self.timeout, answer).await
    }

    fn key(&self, id: &StoreId) -> StoreId {
        if self.sealing.is_some() { Sealing::id(id) } else { id.clone() }
    }

    fn seal(&self, key: &StoreId, record: &Record) -> Result<Record, StoreError> {
        self.sealing.as_ref().map_or_else(|| Ok(record.clone()), |sealing| sealing.seal(key, record))
    }

    fn open(&self, key: &StoreId, record: Record, now: Timestamp) -> Result<Record, StoreError> {
        match &self.sealing {
            Some(sealing) => sealing.open(key, &record, now),
            None => Ok(record),
        }
    }

    fn scopes(&self, scope: &SessionFilter) -> Vec<SessionFilter> {
        self.sealing.as_ref().map_or_else(|| vec![scope.clone()], |sealing| sealing.scopes(scope))
    }
}

/// Returns `nothing` in the place of an answer that cannot be read, and logs the error.
fn readable<T>(answer: Result<T, StoreError>, nothing: T) -> Result<T, StoreError> {
    match answer {
        Err(error) if error.is_unreadable() => {
            log_unreadable(&error);
            Ok(nothing)
        }
        answer => answer,
    }
}
