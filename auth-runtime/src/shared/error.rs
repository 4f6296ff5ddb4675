//! What a store answers, or why it does not.

use std::error::Error;
use std::fmt;
use std::pin::Pin;

/// The future of a store's operation.
pub type StoreFuture<'a, T> = Pin<Box<dyn Future<Output = Result<T, StoreError>> + Send + 'a>>;

/// A store could not do what it was asked, and the client is told 503; or the store answered, and what it has under the
/// key [cannot be read](Self::unreadable). The cause is for the log.
#[derive(Debug)]
pub struct StoreError {
    cause: Box<dyn Error + Send + Sync>,
    /// The store answered, with something that can't be read.
    has_answered: bool,
    /// The store and what it was asked.
    of: Option<(&'static str, &'static str)>,
}

impl StoreError {
    /// The cause is for the log: it names no key and no part of a record.
    pub fn new(cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self { cause: cause.into(), has_answered: false, of: None }
    }

    /// For a store that answered: what it has under this one key can't be read, now or later, because something else
    /// wrote it. A session record of that kind counts as no session, so that its browser can sign in anew; every other
    /// error leaves open whether there is a session. The cause names no key and no part of a record.
    ///
    /// ```
    /// use auth_runtime::store::StoreError;
    ///
    /// assert!(StoreError::unreadable("the key holds a list").is_unreadable());
    /// assert!(!StoreError::new("connection refused").is_unreadable());
    /// ```
    pub fn unreadable(cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self { has_answered: true, ..Self::new(cause) }
    }

    /// Returns whether the store answered with something that can't be read.
    pub fn is_unreadable(&self) -> bool {
        self.has_answered
    }

    /// The store and what it was asked, empty where that is not known.
    pub(crate) fn place(&self) -> (&'static str, &'static str) {
        self.of.unwrap_or_default()
    }

    /// The same error, of this store at this operation.
    pub(super) fn of(mut self, store: &'static str, operation: &'static str) -> Self {
        self.of = Some((store, operation));
        self
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = if self.has_answered { "has what cannot be read" } else { "failed" };
        match self.of {
            Some((store, operation)) => {
                write!(f, "the store {store} {what} at {operation}: {}", self.cause)
            }
            None => write!(f, "the store {what}: {}", self.cause),
        }
    }
}

impl Error for StoreError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&*self.cause)
    }
}
