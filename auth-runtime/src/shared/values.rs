//! A store for what instances share, as the service uses it: within a time, and under the eyes of logs and metrics.

use std::sync::Arc;
use std::time::Duration;

use super::error::StoreError;
use super::key_value_store::KeyValueStore;
use super::observe::observe;

#[derive(Clone, Debug)]
pub(crate) struct SharedValues {
    store: Arc<dyn KeyValueStore>,
    timeout: Duration,
}

impl SharedValues {
    pub(crate) fn new(store: Arc<dyn KeyValueStore>, timeout: Duration) -> Self {
        Self { store, timeout }
    }

    /// The values under the keys, in their order.
    pub(crate) async fn read(&self, keys: &[String]) -> Result<Vec<Option<String>>, StoreError> {
        let values = observe(self.store.name(), "read", self.timeout, self.store.read(keys)).await?;
        // One too few would be taken for "nothing is there".
        if values.len() == keys.len() {
            Ok(values)
        } else {
            Err(StoreError::new("an answer for each key is missing"))
        }
    }

    /// Puts a value in the place of what is expected there, and says whether that was so.
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
