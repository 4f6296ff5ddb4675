//! What a store answers, or why it does not.

use std::error::Error;
use std::fmt;
use std::pin::Pin;

/// The future of a store's operation.
pub type StoreFuture<'a, T> = Pin<Box<dyn Future<Output = Result<T, StoreError>> + Send + 'a>>;

/// A store could not do what it was asked. The client is told 503; the log, the cause.
#[derive(Debug)]
pub struct StoreError {
    cause: Box<dyn Error + Send + Sync>,
    /// The store and what it was asked.
    of: Option<(&'static str, &'static str)>,
}

impl StoreError {
    /// The cause is for the log: it names no key and no part of a record.
    pub fn new(cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self { cause: cause.into(), of: None }
    }

    /// The same error, of this store at this operation.
    pub(super) fn of(mut self, store: &'static str, operation: &'static str) -> Self {
        self.of = Some((store, operation));
        self
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.of {
            Some((store, operation)) => {
                write!(f, "the store {store} failed at {operation}: {}", self.cause)
            }
            None => write!(f, "the store failed: {}", self.cause),
        }
    }
}

impl Error for StoreError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&*self.cause)
    }
}
