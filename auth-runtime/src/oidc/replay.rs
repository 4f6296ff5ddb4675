//! Identifiers that are good once.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use sha2::{Digest, Sha256};

/// The most identifiers that are kept. A provider that ends so many sessions within minutes has ended all of them.
const MAX_ENTRIES: usize = 10_000;

/// The identifiers that were used, each until its token is too old to be accepted anyway. They are kept as hashes,
/// which have one size whatever the identifier.
#[derive(Debug, Default)]
pub(super) struct Used(Mutex<HashMap<[u8; 32], i64>>);

impl Used {
    /// Returns whether `id` was noted, and its time is not over; `now` is in unix seconds.
    pub(super) fn contains(&self, id: &str, now: i64) -> bool {
        self.lock().get(&hash(id)).is_some_and(|until| *until > now)
    }

    /// Remembers `id` until `until`; both times in unix seconds.
    pub(super) fn note(&self, id: &str, until: i64, now: i64) {
        let mut used = self.lock();
        used.retain(|_, until| *until > now);
        let key = hash(id);
        if used.len() >= MAX_ENTRIES && !used.contains_key(&key) {
            // Forgets the identifier that could be used again for the shortest time.
            let soonest = used.iter().min_by_key(|(_, until)| **until).map(|(key, _)| *key);
            soonest.map(|key| used.remove(&key));
        }
        used.insert(key, until);
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<[u8; 32], i64>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn hash(id: &str) -> [u8; 32] {
    Sha256::digest(id).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s_bcl_7_what_was_used_stays_so_until_its_time_is_over() {
        let used = Used::default();
        assert!(!used.contains("a", 0), "asking does not use it");
        assert!(!used.contains("a", 0));
        used.note("a", 100, 0);
        assert!(used.contains("a", 99));
        assert!(!used.contains("b", 99));
        assert!(!used.contains("a", 100));
        used.note("b", 200, 100);
        assert_eq!(used.lock().len(), 1);
    }

    #[test]
    fn dos_04_entries_are_never_too_many() {
        let used = Used::default();
        for i in 0..=MAX_ENTRIES {
            used.note(&i.to_string(), 1_000 + i64::try_from(i).unwrap(), 0);
        }
        assert_eq!(used.lock().len(), MAX_ENTRIES);
        assert!(used.contains(&MAX_ENTRIES.to_string(), 0));
        assert!(!used.contains("0", 0), "the one that ends soonest went first");
        used.note(&MAX_ENTRIES.to_string(), 100_000, 0);
        assert!(used.contains("1", 0), "one that is known takes no place of another");
    }
}
