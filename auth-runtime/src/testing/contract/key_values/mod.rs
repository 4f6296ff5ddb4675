//! The contract of a [`KeyValueStore`].

mod ends;
mod races;
mod values;

use std::time::Duration;

use super::breach::{Breach, Kept, demand, same, same_text};
use super::trial::{Suite, Trial};
use crate::store::KeyValueStore;

pub(super) const SUITE: Suite<dyn KeyValueStore> = Suite {
    clauses: &[values::CLAUSES, races::CLAUSES],
    patient: ends::CLAUSES,
    tidy: |trial| Box::pin(trial.tidy()),
};

type Clause = super::trial::Clause<dyn KeyValueStore>;
type Values<'s> = Trial<'s, dyn KeyValueStore>;

impl Values<'_> {
    async fn tidy(&self) {
        for key in self.take_made() {
            let Ok(mut there) = self.store.read(std::slice::from_ref(&key)).await else { continue };
            if let Some(value) = there.pop().flatten() {
                let _ = self.store.compare_and_swap(&key, Some(&value), None, Duration::ZERO).await;
            }
        }
    }

    fn key(&self) -> String {
        self.named(self.fresh())
    }

    fn named(&self, key: String) -> String {
        self.note(&key);
        key
    }

    async fn read(&self, keys: &[String]) -> Kept<Vec<Option<String>>> {
        self.store.read(keys).await.map_err(|error| Breach::failed("read", error))
    }

    async fn value(&self, key: &str) -> Kept<Option<String>> {
        let mut values = self.read(&[key.to_owned()]).await?;
        same("read of one key, values", &values.len(), &1)?;
        Ok(values.pop().flatten())
    }

    async fn compare_and_swap(
        &self,
        key: &str,
        expected: Option<&str>,
        value: Option<&str>,
        ttl: Duration,
    ) -> Kept<bool> {
        let replaced = self.store.compare_and_swap(key, expected, value, ttl).await;
        replaced.map_err(|error| Breach::failed("compare_and_swap", error))
    }

    /// Puts a value, and demands that there was none.
    async fn put(&self, key: &str, value: &str, ttl: Duration) -> Kept {
        let replaced = self.compare_and_swap(key, None, Some(value), ttl).await?;
        same("replace of nothing where there is nothing", &replaced, &true)
    }

    async fn replaced(&self, key: &str, expected: &str, value: &str, ttl: Duration) -> Kept {
        let replaced = self.compare_and_swap(key, Some(expected), Some(value), ttl).await?;
        same("replace of the value that is there", &replaced, &true)
    }

    async fn refused(&self, key: &str, expected: Option<&str>, value: Option<&str>) -> Kept {
        let replaced = self.compare_and_swap(key, expected, value, MINUTE).await?;
        same("replace of what is not there", &replaced, &false)
    }

    async fn has(&self, key: &str, expected: &str) -> Kept {
        match self.value(key).await? {
            Some(value) => same_text(&value, expected),
            None => Err(Breach::new("the value from read", "none")),
        }
    }

    async fn has_none(&self, key: &str) -> Kept {
        demand(self.value(key).await?.is_none(), "no value from read", || "one".to_owned())
    }
}

const MINUTE: Duration = Duration::from_secs(60);
const DAY: Duration = Duration::from_secs(86_400);
