//! What a session store has to do.

use std::fmt;
use std::sync::Arc;

use super::record::Record;
use crate::session::{Revision, StoreId};
use crate::shared::{KeyValueStore, StoreFuture};
use crate::time::Timestamp;

/// Keeps sessions under keys that it is given. What an operation does to a record happens as a whole or not at all,
/// whichever other instances of the service work with the same store. Those on many records take them one by one.
///
/// A store needs no clock: it is told the time, a record says when it ends, and a reader does not believe one that is
/// past its end. Removing such records is the store's housekeeping. It needs no patience either: an operation that takes
/// too long is given up ([`AuthBuilder::store_timeout`](crate::AuthBuilder::store_timeout)).
///
/// Whether a store keeps all of this can be tested: `testing::check_session_store`, with the feature `testing`.
///
/// ```
/// use auth_runtime::Auth;
/// use auth_runtime::store::MemoryStore;
///
/// # let secret = auth_runtime::__private::random_secret();
/// let auth = Auth::builder().secret(secret).session_store(MemoryStore::new()).build()?;
/// # Ok::<(), auth_runtime::ConfigError>(())
/// ```
pub trait SessionStore: fmt::Debug + Send + Sync + 'static {
    /// What logs, traces and metrics call it, in lower case: `redis`.
    fn name(&self) -> &'static str;

    /// The record, with its [revision](Record::revision), or `None` if there is none. The answer "none" signs somebody
    /// out, so it is never given for want of an answer. Where something is there that can't be read as a record, it is
    /// [`StoreError::unreadable`](crate::store::StoreError::unreadable), as for the other operations on that key. `now` is for a store that knows how long a
    /// record is still kept and not when that began.
    fn get<'a>(&'a self, id: &'a StoreId, now: Timestamp) -> StoreFuture<'a, Option<Record>>;

    /// Keeps a new record. The key is random and was never used before.
    fn create<'a>(&'a self, id: &'a StoreId, record: Record) -> StoreFuture<'a, ()>;

    /// Replaces a record if it is there and still what was `seen` of it. One that was deleted is never revived, and what
    /// somebody else wrote is never lost, whatever happens at the same time.
    fn update<'a>(&'a self, id: &'a StoreId, seen: &'a Revision, record: Record) -> StoreFuture<'a, Update>;

    /// Moves the end of a record if it is there, and says whether it was: [`expires_at`](Record::expires_at) and
    /// [`written_at`](Record::written_at) become what is given. Its text stays what it is at that moment, and so does
    /// its revision: nothing is lost of what another request writes at the same time.
    fn touch<'a>(
        &'a self,
        id: &'a StoreId,
        expires_at: Timestamp,
        written_at: Timestamp,
    ) -> StoreFuture<'a, bool>;

    /// Removes the record if it is there, and says whether it was: of several who delete one record, one is told so.
    fn delete<'a>(&'a self, id: &'a StoreId) -> StoreFuture<'a, bool>;

    /// Removes every record that the scope covers ([`SessionFilter::covers`]) and says how many there were. Only when all
    /// of them are gone is it done.
    fn delete_by_logout_token<'a>(&'a self, scope: &'a SessionFilter) -> StoreFuture<'a, usize>;

    /// Every record that the scope covers and that has not ended at `now`, with its key.
    fn list<'a>(
        &'a self,
        scope: &'a SessionFilter,
        now: Timestamp,
    ) -> StoreFuture<'a, Vec<(StoreId, Record)>>;

    /// The same store for what instances have in common beside sessions, if it can keep that too. Then one instance at a
    /// time renews a session's tokens without more being configured.
    fn key_values(self: Arc<Self>) -> Option<Arc<dyn KeyValueStore>> {
        None
    }

    /// Where it is noted for a while which sessions the provider has ended, so that a sign-in that is under way at another
    /// instance does not begin one of them, and which logout tokens have done their work. By default that is what
    /// [`key_values`](Self::key_values) gives; without it each process notes these for itself.
    fn tombstones(self: Arc<Self>) -> Option<Arc<dyn KeyValueStore>> {
        self.key_values()
    }
}

/// A store that several parts of a service use.
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

/// What became of a record that was to be replaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "a store has to give one of them, and there are no others")]
pub enum Update {
    /// It was.
    Done,
    /// Somebody else has changed it since. It is as they left it.
    Changed,
    /// It is not there, and is not made.
    Absent,
}

/// Whose sessions the provider has ended (OpenID Connect Back-Channel Logout 1.0 §2.4).
#[derive(Clone, PartialEq, Eq)]
pub struct SessionFilter {
    /// The provider.
    pub iss: String,
    /// All sessions of this user, unless `sid` names one of them.
    pub sub: Option<String>,
    /// The session that the provider calls so.
    pub sid: Option<String>,
}

impl SessionFilter {
    /// Returns whether this record is one of them. A record that does not say which provider it comes from is of the
    /// one that this service has.
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

/// Who signed out is personal data.
impl fmt::Debug for SessionFilter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionFilter").field("iss", &self.iss).finish_non_exhaustive()
    }
}
