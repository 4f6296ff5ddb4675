//! What a session store has to do.

use std::error::Error;
use std::fmt;
use std::pin::Pin;

use super::record::Record;
use crate::session::StoreId;

/// Keeps sessions under keys that it is given. Every operation is on one record and happens as a whole or not at all.
///
/// A store needs no clock: a record says when it ends, and a reader does not believe one that is past its end. Removing
/// such records is the store's housekeeping.
///
/// ```
/// use auth_runtime::Auth;
/// use auth_runtime::store::MemoryStore;
///
/// # let secret = "9f1c0d6a5be2774c83d1f0a2b4c6e8d7";
/// let auth = Auth::builder().secret(secret).session_store(MemoryStore::new()).build()?;
/// # Ok::<(), auth_runtime::ConfigError>(())
/// ```
pub trait SessionStore: fmt::Debug + Send + Sync + 'static {
    /// The record, or `None` if there is none. The answer "none" signs somebody out, so it is never given for want of
    /// an answer.
    fn get<'a>(&'a self, id: &'a StoreId) -> StoreFuture<'a, Option<Record>>;

    /// Keeps a new record. The key is random and was never used before.
    fn create<'a>(&'a self, id: &'a StoreId, record: Record) -> StoreFuture<'a, ()>;

    /// Replaces a record if it is there, and says whether it was. One that was deleted is never revived, whatever
    /// happens at the same time.
    fn update<'a>(&'a self, id: &'a StoreId, record: Record) -> StoreFuture<'a, bool>;

    /// Moves the end of a record if it is there, and says whether it was: [`expires_at`](Record::expires_at) and
    /// [`written_at`](Record::written_at) become what is given. Its JSON stays what it is at that moment, so that
    /// nothing is lost of what another request writes at the same time.
    fn touch<'a>(&'a self, id: &'a StoreId, expires_at: i64, written_at: i64) -> StoreFuture<'a, bool>;

    /// Removes the record if it is there.
    fn delete<'a>(&'a self, id: &'a StoreId) -> StoreFuture<'a, ()>;

    /// Removes every record that the scope covers ([`LogoutScope::covers`]) and says how many there were. Only when all
    /// of them are gone is it done.
    fn delete_by_logout_token<'a>(&'a self, scope: &'a LogoutScope) -> StoreFuture<'a, usize>;
}

/// The future of a store's operation.
pub type StoreFuture<'a, T> = Pin<Box<dyn Future<Output = Result<T, StoreError>> + Send + 'a>>;

/// Whose sessions the provider has ended (OpenID Connect Back-Channel Logout 1.0 §2.4).
#[derive(Clone, PartialEq, Eq)]
pub struct LogoutScope {
    /// The provider.
    pub iss: String,
    /// All sessions of this user, unless `sid` names one of them.
    pub sub: Option<String>,
    /// The session that the provider calls so.
    pub sid: Option<String>,
}

impl LogoutScope {
    /// Whether this record is one of them. A record that does not say which provider it comes from is of the one that
    /// this service has.
    ///
    /// ```
    /// use auth_runtime::store::{LogoutScope, Record};
    ///
    /// let session = r#"{"user":{"sub":"ada"},"tokenSet":{},"internal":{"sid":"s1","createdAt":1}}"#;
    /// let record = Record::new(session.to_owned(), 60, 0);
    /// let scope = |sub: Option<&str>, sid: Option<&str>| LogoutScope {
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
        let is = |wanted: &Option<String>, own: Option<&str>| match wanted {
            None => true,
            Some(wanted) => own == Some(wanted.as_str()),
        };
        (self.sub.is_some() || self.sid.is_some())
            && record.issuer().is_none_or(|issuer| issuer == self.iss)
            && is(&self.sub, record.sub())
            && is(&self.sid, record.sid())
    }
}

/// A store could not do what it was asked. The client is told 503; the log, the cause.
#[derive(Debug)]
pub struct StoreError(Box<dyn Error + Send + Sync>);

impl StoreError {
    /// The cause is for the log: it names no key and no part of a record.
    pub fn new(cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self(cause.into())
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the session store failed: {}", self.0)
    }
}

impl Error for StoreError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&*self.0)
    }
}

/// Who signed out is personal data.
impl fmt::Debug for LogoutScope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LogoutScope").field("iss", &self.iss).finish_non_exhaustive()
    }
}
