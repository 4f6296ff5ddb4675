//! The answer of a store, and the error in its place.

use std::error::Error;
use std::fmt;
use std::pin::Pin;

/// The future of a store's operation.
///
/// ```
/// use auth_runtime::store::StoreFuture;
///
/// fn is_empty(text: &str) -> StoreFuture<'_, bool> {
///     Box::pin(async move { Ok(text.is_empty()) })
/// }
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// assert!(is_empty("").await.unwrap());
/// # });
/// ```
pub type StoreFuture<'a, T> = Pin<Box<dyn Future<Output = Result<T, StoreError>> + Send + 'a>>;

/// The error of a store. Either the store did not do what it was asked, and the client gets a 503; or the store
/// answered, and its value under the key [cannot be read](Self::unreadable). The cause is for the log.
///
/// ```
/// use auth_runtime::store::StoreError;
///
/// let error = StoreError::new("connection refused");
/// assert_eq!(error.to_string(), "the store failed: connection refused");
/// ```
#[derive(Debug)]
pub struct StoreError {
    cause: Box<dyn Error + Send + Sync>,
    /// True if the store answered with a value that cannot be read.
    has_answered: bool,
    /// The name of the store and the operation, if they are known.
    of: Option<(&'static str, &'static str)>,
}

impl StoreError {
    /// Returns the error of a store that failed. The cause is for the log: it must not name a key or a part of a
    /// record.
    pub fn new(cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self { cause: cause.into(), has_answered: false, of: None }
    }

    /// Returns the error of a store that answered with a value that cannot be read, now or later, because another
    /// program wrote it. A session record of that kind counts as no session, so that the user can sign in again. Every
    /// other error leaves open whether there is a session. The cause must not name a key or a part of a record.
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

    /// Returns whether the store answered with a value that cannot be read.
    pub fn is_unreadable(&self) -> bool {
        self.has_answered
    }

    /// Returns the name of the store and the operation; empty texts where they are not known.
    pub(crate) fn place(&self) -> (&'static str, &'static str) {
        self.of.unwrap_or_default()
    }

    /// Returns the error with the name of the store and the operation.
    pub(super) fn of(mut self, store: &'static str, operation: &'static str) -> Self {
        self.of = Some((store, operation));
        self
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = if self.has_answered { "holds a value that cannot be read" } else { "failed" };
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
