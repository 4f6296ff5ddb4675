//! Short texts in this process's memory, each for a while.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use zeroize::Zeroizing;

#[derive(Default)]
pub(super) struct Values(Mutex<Table>);

#[derive(Default)]
struct Table {
    values: HashMap<String, Value>,
    /// With so many of them, those that are over make room.
    crowded: usize,
    /// There are no more of them than that: the one that ends first makes room.
    most: Option<usize>,
}

struct Value {
    text: Zeroizing<String>,
    /// `None` is later than any clock shows.
    ends: Option<Instant>,
}

impl Values {
    /// Room for so many values.
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

    /// Nothing here can panic while the lock is held, so a poisoned table is a whole one.
    fn table(&self) -> MutexGuard<'_, Table> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Table {
    fn get(&self, key: &str, now: Instant) -> Option<&str> {
        self.values.get(key).filter(|value| value.is_there(now)).map(|value| value.text.as_str())
    }

    fn make_room(&mut self, key: &str, now: Instant) {
        if self.values.len() >= self.crowded {
            self.values.retain(|_, value| value.is_there(now));
            self.crowded = self.values.len().saturating_mul(2).max(MIN_CROWDED);
        }
        if self.most.is_some_and(|most| self.values.len() >= most) && !self.values.contains_key(key) {
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
