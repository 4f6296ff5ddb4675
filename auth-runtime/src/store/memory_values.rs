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
}

struct Value {
    text: Zeroizing<String>,
    /// `None` is later than any clock shows.
    ends: Option<Instant>,
}

impl Values {
    pub(super) fn read(&self, keys: &[String]) -> Vec<Option<String>> {
        let (table, now) = (self.table(), Instant::now());
        keys.iter().map(|key| table.get(key, now).map(str::to_owned)).collect()
    }

    pub(super) fn replace(
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
                table.make_room(now);
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

    fn make_room(&mut self, now: Instant) {
        if self.values.len() >= self.crowded {
            self.values.retain(|_, value| value.is_there(now));
            self.crowded = self.values.len().saturating_mul(2).max(MIN_CROWDED);
        }
    }
}

impl Value {
    fn is_there(&self, now: Instant) -> bool {
        self.ends.is_none_or(|ends| ends > now)
    }
}

const MIN_CROWDED: usize = 1_024;
