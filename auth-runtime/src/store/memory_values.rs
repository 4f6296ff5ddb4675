//! Short texts in this process's memory, each with a time to live.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use zeroize::Zeroizing;

/// The values of a [`MemoryStore`](super::MemoryStore).
#[derive(Default)]
pub(super) struct Values(Mutex<Table>);

#[derive(Default)]
struct Table {
    values: HashMap<String, Value>,
    /// Number of values at which the expired values are removed.
    crowded: usize,
    /// The maximum number of values, if there is one. The value that ends first makes room for a new one.
    most: Option<usize>,
}

/// A text and its end.
struct Value {
    text: Zeroizing<String>,
    /// `None` if the end is later than an `Instant` can hold.
    ends: Option<Instant>,
}

impl Values {
    /// Returns a table for at most `most` values.
    pub(super) fn bounded(most: usize) -> Self {
        Self(Mutex::new(Table { most: Some(most), ..Table::default() }))
    }

    pub(super) fn read(&self, keys: &[String]) -> Vec<Option<String>> {
        let (table, now) = (self.table(), Instant::now());
        keys.iter().map(|key| table.get(key, now).map(str::to_owned)).collect()
    }

    pub(super) fn compare_and_swap(
        &self,
        key: &str,
        expected: Option<&str>,
        value: Option<&str>,
        ttl: Duration,
    ) -> bool {
        let (mut table, now) = (self.table(), Instant::now());
        if table.get(key, now) != expected {
            return false;
        }
        match value {
            None => {
                table.values.remove(key);
            }
            Some(text) => {
                table.make_room(key, now);
                let value = Value { text: Zeroizing::new(text.to_owned()), ends: now.checked_add(ttl) };
                table.values.insert(key.to_owned(), value);
            }
        }
        true
    }

    /// Locks the table. Nothing here can panic while the lock is held, so a poisoned table is still whole.
    fn table(&self) -> MutexGuard<'_, Table> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Table {
    fn get(&self, key: &str, now: Instant) -> Option<&str> {
        self.values.get(key).filter(|value| value.is_there(now)).map(|value| value.text.as_str())
    }

    /// Removes expired values where there are many, and the value that ends first where the table is full.
    fn make_room(&mut self, key: &str, now: Instant) {
        if self.values.len() >= self.crowded {
            self.values.retain(|_, value| value.is_there(now));
            self.crowded = self.values.len().saturating_mul(2).max(MIN_CROWDED);
        }
        if self.most.is_some_and(|most| self.values.len() >= most) && !self.values.contains_key(key) {
            // A value without an end is the last to go.
            let end = |value: &Value| (value.ends.is_none(), value.ends);
            let first = self.values.iter().min_by_key(|(_, value)| end(value)).map(|(key, _)| key.clone());
            first.map(|key| self.values.remove(&key));
        }
    }
}

impl Value {
    fn is_there(&self, now: Instant) -> bool {
        self.ends.is_none_or(|ends| ends > now)
    }
}

/// The least number of values at which the expired values are removed.
const MIN_CROWDED: usize = 1_024;

#[cfg(all(test, feature = "oidc"))]
mod tests {
    use super::*;

    #[test]
    fn dos_04_values_that_are_bounded_are_never_too_many() {
        let values = Values::bounded(3);
        let minutes = |minutes: u64| Duration::from_secs(60 * minutes);
        for (key, ttl) in [("long", 60), ("a", 10), ("b", 11), ("c", 12)] {
            assert!(values.compare_and_swap(key, None, Some("1"), minutes(ttl)));
        }
        // One that is there takes no place of another one.
        assert!(values.compare_and_swap("c", Some("1"), Some("2"), minutes(12)));
        assert_eq!(values.table().values.len(), 3);
        let keys = ["long", "a", "b", "c"].map(str::to_owned);
        let found = values.read(&keys).into_iter().map(|value| value.is_some()).collect::<Vec<_>>();
        assert_eq!(found, [true, false, true, true], "the one that ended first went first");
    }
}
