//! What instances have in common beside sessions.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::error::StoreFuture;

/// Keeps short texts under keys for a while: who renews a token at the moment, what came of it, which sessions are
/// revoked. Each operation on a key happens as a whole or not at all, whichever instances work with the same store.
///
/// Times are durations by the store's own clock, so that the clocks of the instances need not agree. What is over is not
/// there.
///
/// Whether a store keeps all of this can be tested: `testing::check_key_value_store`, with the feature `testing`.
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
    /// What logs, traces and metrics call it, in lower case: `redis`.
    fn name(&self) -> &'static str;

    /// The values under the keys, in the keys' order, `None` where there is none.
    fn read<'a>(&'a self, keys: &'a [String]) -> StoreFuture<'a, Vec<Option<String>>>;

    /// Puts `value` in the place of `expected`, for the time `ttl`, and says whether it did: only if `expected` is what
    /// is there. `None` stands for nothing, in the one as in the other.
    fn compare_and_swap<'a>(
        &'a self,
        key: &'a str,
        expected: Option<&'a str>,
        value: Option<&'a str>,
        ttl: Duration,
    ) -> StoreFuture<'a, bool>;
}

/// A store that several parts of a service use.
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
