//! Identifiers that are good once.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use sha2::{Digest, Sha256};

/// A provider that ends that many sessions within minutes has ended all of them.
const MAX_ENTRIES: usize = 10_000;

/// What was seen, until it is too old to be accepted for another reason. Entries are hashes: of one size, whatever the
/// identifier.
#[derive(Debug, Default)]
pub(super) struct SeenOnce(Mutex<HashMap<[u8; 32], i64>>);

impl SeenOnce {
    /// Whether `id` is new. It is remembered until `until`; both times in unix seconds.
    pub(super) fn is_first(&self, id: &str, until: i64, now: i64) -> bool {
        let mut seen = self.lock();
        seen.retain(|_, until| *until > now);
        let key = hash(id);
        if seen.contains_key(&key) {
            return false;
        }
        if seen.len() >= MAX_ENTRIES {
            // The one that could be used again for the shortest time.
            let soonest = seen.iter().min_by_key(|(_, until)| **until).map(|(key, _)| *key);
            soonest.map(|key| seen.remove(&key));
        }
        seen.insert(key, until);
        true
    }

    /// Lets `id` be new again.
    pub(super) fn forget(&self, id: &str) {
        self.lock().remove(&hash(id));
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
    fn s_bcl_7_what_was_seen_is_not_new_until_its_time_is_over() {
        let seen = SeenOnce::default();
        assert!(seen.is_first("a", 100, 0));
        assert!(!seen.is_first("a", 100, 99));
        assert!(seen.is_first("b", 100, 99));
        assert!(seen.is_first("a", 200, 100));
        assert_eq!(seen.lock().len(), 1);
    }

    #[test]
    fn what_is_forgotten_is_new_again() {
        let seen = SeenOnce::default();
        assert!(seen.is_first("a", 100, 0));
        seen.forget("a");
        assert!(seen.is_first("a", 100, 0));
    }

    #[test]
    fn dos_04_entries_are_never_too_many() {
        let seen = SeenOnce::default();
        for i in 0..=MAX_ENTRIES {
            assert!(seen.is_first(&i.to_string(), 1_000 + i64::try_from(i).unwrap(), 0));
        }
        assert_eq!(seen.lock().len(), MAX_ENTRIES);
        assert!(!seen.is_first(&MAX_ENTRIES.to_string(), 100_000, 0));
        assert!(seen.is_first("0", 100_000, 0), "the one that ends soonest went first");
    }
}
