//! A store for shared values as the service uses it: with a timeout, traces and metrics.

use std::sync::Arc;
use std::time::Duration;

use super::error::StoreError;
use super::key_value_store::KeyValueStore;
use super::observe::observe;

/// A store for shared values, with the timeout of its operations.
#[derive(Clone, Debug)]
pub(crate) struct SharedValues {
    store: Arc<dyn KeyValueStore>,
    timeout: Duration,
}

impl SharedValues {
    pub(crate) fn new(store: Arc<dyn KeyValueStore>, timeout: Duration) -> Self {
        Self { store, timeout }
    }

    /// Returns the values under the keys, in the keys' order.
    pub(crate) async fn read(&self, keys: &[String]) -> Result<Vec<Option<String>>, StoreError> {
        let values = observe(self.store.name(), "read", self.timeout, self.store.read(keys)).await?;
        // A missing answer would be taken for a missing value, so it is an error.
        if values.len() == keys.len() {
            Ok(values)
        } else {
            Err(StoreError::new("an answer for each key is missing"))
        }
    }

    /// Puts a value in the place of the expected one, if that is the present value. Returns whether it did.
    pub(crate) async fn compare_and_swap(
        &self,
        key: &str,
        expected: Option<&str>,
        value: Option<&str>,
        ttl: Duration,
    ) -> Result<bool, StoreError> {
        let answer = self.store.compare_and_swap(key, expected, value, ttl);
        observe(self.store.name(), "compare_and_swap", self.timeout, answer).await
    }
}
