//! The trait of stores for the short texts that instances share beside sessions.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::error::StoreFuture;

/// A store that keeps short texts under keys, each for a time: the lease of the instance that renews a token, the
/// tokens that it got, the revocations of sessions.
///
/// Each operation on a key happens as a whole or not at all, also while other instances use the same store. Times are
/// durations by the store's own clock, so the clocks of the instances need not agree. A value whose time is over is not
/// there.
///
/// `testing::check_key_value_store` (feature `testing`) tests whether a store does all of this.
///
/// ```
/// use std::time::Duration;
///
/// use auth_runtime::store::{KeyValueStore, MemoryStore};
///
/// # async fn example() -> Result<(), auth_runtime::store::StoreError> {
/// let (store, minute) = (MemoryStore::new(), Duration::from_secs(60));
/// assert!(store.compare_and_swap("lease", None, Some("first"), minute).await?);
/// assert!(!store.compare_and_swap("lease", None, Some("second"), minute).await?);
/// assert_eq!(store.read(&["lease".to_owned()]).await?, [Some("first".to_owned())]);
/// # Ok(())
/// # }
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(example()).unwrap();
/// ```
pub trait KeyValueStore: fmt::Debug + Send + Sync + 'static {
    /// Returns the store's name in logs, traces and metrics, in lower case: `redis`.
    fn name(&self) -> &'static str;

    /// Returns the values under the keys, in the keys' order, with `None` where there is no value.
    fn read<'a>(&'a self, keys: &'a [String]) -> StoreFuture<'a, Vec<Option<String>>>;

    /// Puts `value` in the place of `expected`, for the time `ttl`, if `expected` is the present value. Returns whether
    /// it did. `None` as `expected` means that there is no value; `None` as `value` removes it.
    fn compare_and_swap<'a>(
        &'a self,
        key: &'a str,
        expected: Option<&'a str>,
        value: Option<&'a str>,
        ttl: Duration,
    ) -> StoreFuture<'a, bool>;
}

/// A store that several parts of the application share.
impl<S: KeyValueStore + ?Sized> KeyValueStore for Arc<S> {
    fn name(&self) -> &'static str {
        (**self).name()
    }

    fn read<'a>(&'a self, keys: &'a [String]) -> StoreFuture<'a, Vec<Option<String>>> {
        (**self).read(keys)
    }

    fn compare_and_swap<'a>(
        &'a self,
        key: &'a str,
        expected: Option<&'a str>,
        value: Option<&'a str>,
        ttl: Duration,
    ) -> StoreFuture<'a, bool> {
        (**self).compare_and_swap(key, expected, value, ttl)
    }
}
