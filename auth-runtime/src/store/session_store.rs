//! The trait of session stores, the outcome of an update, and the filter that finds the sessions of a user.

use std::fmt;
use std::sync::Arc;

use super::record::Record;
use crate::session::{Revision, StoreId};
use crate::shared::{KeyValueStore, StoreFuture};
use crate::time::Timestamp;

/// A store that keeps sessions under the keys that it is given.
///
/// Each operation on one record happens as a whole or not at all, also while other instances of the service use the
/// same store. An operation on many records takes them one by one.
///
/// A store needs no clock: the caller passes the time, a record says when it ends, and the caller ignores a record that
/// is past its end. Removing such records is the store's housekeeping. A store needs no timeout either: the caller
/// gives up an operation that takes too long ([`AuthBuilder::store_timeout`](crate::AuthBuilder::store_timeout)).
///
/// `testing::check_session_store` (feature `testing`) tests whether a store does all of this.
///
/// ```
/// use std::collections::HashMap;
/// use std::sync::Mutex;
/// use std::sync::atomic::{AtomicU64, Ordering};
///
/// use auth_runtime::store::{Record, Revision, SessionFilter, SessionStore, StoreFuture, StoreId, Update};
/// use auth_runtime::{Auth, Timestamp};
///
/// #[derive(Debug, Default)]
/// struct MapStore {
///     records: Mutex<HashMap<StoreId, Record>>,
///     writes: AtomicU64,
/// }
///
/// impl MapStore {
///     /// Gives the record a revision that no record had before.
///     fn revised(&self, record: Record) -> Record {
///         let write = self.writes.fetch_add(1, Ordering::Relaxed);
///         record.with_revision(Revision::new(write.to_string()))
///     }
/// }
///
/// impl SessionStore for MapStore {
///     fn name(&self) -> &'static str {
///         "map"
///     }
///
///     fn get<'a>(&'a self, id: &'a StoreId, _now: Timestamp) -> StoreFuture<'a, Option<Record>> {
///         Box::pin(async move { Ok(self.records.lock().unwrap().get(id).cloned()) })
///     }
///
///     fn create<'a>(&'a self, id: &'a StoreId, record: Record) -> StoreFuture<'a, ()> {
///         Box::pin(async move {
///             let record = self.revised(record);
///             self.records.lock().unwrap().insert(id.clone(), record);
///             Ok(())
///         })
///     }
///
///     fn update<'a>(&'a self, id: &'a StoreId, seen: &'a Revision, record: Record) -> StoreFuture<'a, Update> {
///         Box::pin(async move {
///             match self.records.lock().unwrap().get_mut(id) {
///                 None => Ok(Update::Absent),
///                 Some(there) if there.revision() != seen => Ok(Update::Changed),
///                 Some(there) => {
///                     *there = self.revised(record);
///                     Ok(Update::Done)
///                 }
///             }
///         })
///     }
///
///     fn touch<'a>(
///         &'a self,
///         id: &'a StoreId,
///         expires_at: Timestamp,
///         written_at: Timestamp,
///     ) -> StoreFuture<'a, bool> {
///         Box::pin(async move {
///             let mut records = self.records.lock().unwrap();
///             let Some(there) = records.get_mut(id) else { return Ok(false) };
///             let moved = Record::new(there.text(), expires_at, written_at);
///             *there = moved.with_revision(there.revision().clone()).with_index(there.index().clone());
///             Ok(true)
///         })
///     }
///
///     fn delete<'a>(&'a self, id: &'a StoreId) -> StoreFuture<'a, bool> {
///         Box::pin(async move { Ok(self.records.lock().unwrap().remove(id).is_some()) })
///     }
///
///     fn delete_by_logout_token<'a>(&'a self, scope: &'a SessionFilter) -> StoreFuture<'a, usize> {
///         Box::pin(async move {
///             let mut records = self.records.lock().unwrap();
///             let before = records.len();
///             records.retain(|_, record| !scope.covers(record));
///             Ok(before - records.len())
///         })
///     }
///
///     fn list<'a>(
///         &'a self,
///         scope: &'a SessionFilter,
///         now: Timestamp,
///     ) -> StoreFuture<'a, Vec<(StoreId, Record)>> {
///         Box::pin(async move {
///             let mut found = Vec::new();
///             for (id, record) in self.records.lock().unwrap().iter() {
///                 if scope.covers(record) && record.expires_at() > now {
///                     found.push((id.clone(), record.clone()));
///                 }
///             }
///             Ok(found)
///         })
///     }
/// }
///
/// # let secret = auth_runtime::__private::random_secret();
/// let auth = Auth::builder().secret(secret).session_store(MapStore::default()).build()?;
/// # Ok::<(), auth_runtime::ConfigError>(())
/// ```
pub trait SessionStore: fmt::Debug + Send + Sync + 'static {
    /// Returns the store's name in logs, traces and metrics, in lower case: `redis`.
    fn name(&self) -> &'static str;

    /// Returns the record with its [revision](Record::revision), or `None` if there is none.
    ///
    /// `None` signs a user out, so a store that cannot answer returns an error instead. A value that is no record is
    /// [`StoreError::unreadable`](crate::store::StoreError::unreadable), here and in the other operations on that key.
    /// `now` is for a store that knows how much longer it keeps a record, but not when the record ends.
    fn get<'a>(&'a self, id: &'a StoreId, now: Timestamp) -> StoreFuture<'a, Option<Record>>;

    /// Keeps a new record. The key is random and was never used before.
    fn create<'a>(&'a self, id: &'a StoreId, record: Record) -> StoreFuture<'a, ()>;

    /// Replaces the record if it is there and its revision is still the one that the caller has `seen`. An update never
    /// revives a deleted record, and never overwrites what another request wrote since, whatever happens at the same
    /// time.
    fn update<'a>(&'a self, id: &'a StoreId, seen: &'a Revision, record: Record) -> StoreFuture<'a, Update>;

    /// Sets [`expires_at`](Record::expires_at) and [`written_at`](Record::written_at) of the record if it is there, and
    /// returns whether it was. The text and the revision stay as they are at that moment, so a write of another request
    /// at the same time is not lost.
    fn touch<'a>(
        &'a self,
        id: &'a StoreId,
        expires_at: Timestamp,
        written_at: Timestamp,
    ) -> StoreFuture<'a, bool>;

    /// Removes the record if it is there, and returns whether it was. Of several requests that delete one record, one
    /// gets `true`.
    fn delete<'a>(&'a self, id: &'a StoreId) -> StoreFuture<'a, bool>;

    /// Removes every record that the scope covers ([`SessionFilter::covers`]) and returns how many it removed. The
    /// future is ready only when all of them are gone.
    fn delete_by_logout_token<'a>(&'a self, scope: &'a SessionFilter) -> StoreFuture<'a, usize>;

    /// Returns every record that the scope covers and that has not ended at `now`, with its key.
    fn list<'a>(
        &'a self,
        scope: &'a SessionFilter,
        now: Timestamp,
    ) -> StoreFuture<'a, Vec<(StoreId, Record)>>;

    /// Returns this store as a [`KeyValueStore`], if it is one. Then one instance at a time renews a session's tokens,
    /// without further configuration.
    fn key_values(self: Arc<Self>) -> Option<Arc<dyn KeyValueStore>> {
        None
    }

    /// Returns the store of the tombstones: the sessions that ended a moment ago, so that a sign-in that is under way
    /// at another instance does not begin one of them, and the logout tokens that were used.
    ///
    /// By default this is what [`key_values`](Self::key_values) returns. For `None` the tombstones are in the store of
    /// [`AuthBuilder::refresh_lease`](crate::AuthBuilder::refresh_lease), or else in each process's memory.
    fn tombstones(self: Arc<Self>) -> Option<Arc<dyn KeyValueStore>> {
        self.key_values()
    }
}

/// A store that several parts of the application share.
impl<S: SessionStore + ?Sized> SessionStore for Arc<S> {
    fn name(&self) -> &'static str {
        (**self).name()
    }

    fn get<'a>(&'a self, id: &'a StoreId, now: Timestamp) -> StoreFuture<'a, Option<Record>> {
        (**self).get(id, now)
    }

    fn create<'a>(&'a self, id: &'a StoreId, record: Record) -> StoreFuture<'a, ()> {
        (**self).create(id, record)
    }

    fn update<'a>(&'a self, id: &'a StoreId, seen: &'a Revision, record: Record) -> StoreFuture<'a, Update> {
        (**self).update(id, seen, record)
    }

    fn touch<'a>(
        &'a self,
        id: &'a StoreId,
        expires_at: Timestamp,
        written_at: Timestamp,
    ) -> StoreFuture<'a, bool> {
        (**self).touch(id, expires_at, written_at)
    }

    fn delete<'a>(&'a self, id: &'a StoreId) -> StoreFuture<'a, bool> {
        (**self).delete(id)
    }

    fn delete_by_logout_token<'a>(&'a self, scope: &'a SessionFilter) -> StoreFuture<'a, usize> {
        (**self).delete_by_logout_token(scope)
    }

    fn list<'a>(
        &'a self,
        scope: &'a SessionFilter,
        now: Timestamp,
    ) -> StoreFuture<'a, Vec<(StoreId, Record)>> {
        (**self).list(scope, now)
    }

    fn key_values(self: Arc<Self>) -> Option<Arc<dyn KeyValueStore>> {
        Arc::clone(&*self).key_values()
    }

    fn tombstones(self: Arc<Self>) -> Option<Arc<dyn KeyValueStore>> {
        Arc::clone(&*self).tombstones()
    }
}

/// The outcome of [`SessionStore::update`].
///
/// ```
/// use auth_runtime::Timestamp;
/// use auth_runtime::store::{MemoryStore, Record, Revision, SessionStore, StoreId, Update};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), auth_runtime::store::StoreError> {
/// let (store, id) = (MemoryStore::new(), StoreId::from_store("a"));
/// let record = Record::new("{}", Timestamp::from_unix(60), Timestamp::from_unix(0));
/// assert_eq!(store.update(&id, &Revision::default(), record.clone()).await?, Update::Absent);
/// store.create(&id, record.clone()).await?;
/// assert_eq!(store.update(&id, &Revision::default(), record).await?, Update::Changed);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "a store has to give one of them, and there are no others")]
pub enum Update {
    /// The record was replaced.
    Done,
    /// The record has another revision: another request changed it since. The update changed nothing.
    Changed,
    /// The record is not there. The update made none.
    Absent,
}

/// A filter for sessions by provider, user and session id, with the members of a logout token (OpenID Connect
/// Back-Channel Logout 1.0 §2.4). `Debug` shows the issuer alone.
///
/// ```
/// use auth_runtime::store::SessionFilter;
///
/// let iss = "https://id.example.com/".to_owned();
/// let of_user = SessionFilter { iss, sub: Some("auth0|ada".to_owned()), sid: None };
/// assert!(!format!("{of_user:?}").contains("ada"));
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct SessionFilter {
    /// The provider, as the claim `iss` names it.
    pub iss: String,
    /// The user, as the claim `sub` names them. Without a `sid` all of the user's sessions are meant.
    pub sub: Option<String>,
    /// The session, as the provider's claim `sid` names it.
    pub sid: Option<String>,
}

impl SessionFilter {
    /// Returns whether the filter covers the record. A record without an issuer belongs to the provider of this
    /// service. A filter without `sub` and `sid` covers nothing.
    ///
    /// ```
    /// use auth_runtime::Timestamp;
    /// use auth_runtime::store::{Record, SessionFilter};
    ///
    /// let session = r#"{"user":{"sub":"ada"},"tokenSet":{},"internal":{"sid":"s1","createdAt":1}}"#;
    /// let (made, ends) = (Timestamp::from_unix(0), Timestamp::from_unix(60));
    /// let record = Record::new(session.to_owned(), ends, made);
    /// let scope = |sub: Option<&str>, sid: Option<&str>| SessionFilter {
    ///     iss: "https://id.example.com/".to_owned(),
    ///     sub: sub.map(str::to_owned),
    ///     sid: sid.map(str::to_owned),
    /// };
    /// assert!(scope(Some("ada"), None).covers(&record));
    /// assert!(scope(Some("ada"), Some("s1")).covers(&record));
    /// assert!(!scope(Some("ada"), Some("s2")).covers(&record));
    /// assert!(!scope(Some("grace"), None).covers(&record));
    /// assert!(!scope(None, None).covers(&record));
    /// ```
    pub fn covers(&self, record: &Record) -> bool {
        let index = record.index();
        let is = |wanted: &Option<String>, own: Option<&str>| match wanted {
            None => true,
            Some(wanted) => own == Some(wanted.as_str()),
        };
        (self.sub.is_some() || self.sid.is_some())
            && index.iss.as_ref().is_none_or(|issuer| *issuer == self.iss)
            && is(&self.sub, index.sub.as_deref())
            && is(&self.sid, index.sid.as_deref())
    }
}

/// `sub` and `sid` are personal data, so only the issuer is shown.
impl fmt::Debug for SessionFilter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionFilter").field("iss", &self.iss).finish_non_exhaustive()
    }
}
