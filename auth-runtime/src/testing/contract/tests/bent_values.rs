//! A store for short texts in memory that can be bent in one way at a time.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard};
use std::time::{Duration, Instant};

use tokio::task::yield_now;

use crate::store::{KeyValueStore, StoreFuture};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Bend {
    Nothing,
    ComparesFolded,
    CutsLargeValues,
    EmptyForNone,
    EndedIsRacy,
    FoldsKeys,
    IgnoresExpected,
    KeepsFirstTime,
    NeverEnds,
    NoTimeIsForever,
    NothingByNothingIsFalse,
    PutIsRacy,
    PutReplaces,
    ReadsInItsOwnOrder,
    ReadsOnce,
    RefusalProlongs,
    RemovalIsRacy,
    RemovesAll,
    RemovesAnything,
    ReplacementIsRacy,
    ReplacesByRemoval,
    SameIsNoChange,
    TimeComesLater,
    TrimsValues,
    WholeSeconds,
}

/// Each with the clause that it breaks first.
pub(super) const BENDS: [(Bend, &str); 24] = [
    (Bend::EmptyForNone, "a key that was never written has no value"),
    (Bend::ReadsInItsOwnOrder, "values are read in the order of the keys, once for each"),
    (Bend::ReadsOnce, "values are read in the order of the keys, once for each"),
    (Bend::CutsLargeValues, "a value comes back byte for byte"),
    (Bend::TrimsValues, "a value comes back byte for byte"),
    (Bend::FoldsKeys, "keys are told apart, whatever characters they have"),
    (Bend::PutReplaces, "a value is put in the place of nothing only if there is none"),
    (Bend::ComparesFolded, "a value is replaced only by who knows it"),
    (Bend::IgnoresExpected, "a value is replaced only by who knows it"),
    (Bend::SameIsNoChange, "a value can be replaced by itself"),
    (Bend::RemovesAnything, "a value is removed once, and only by who knows it"),
    (Bend::NothingByNothingIsFalse, "nothing is replaced by nothing only where there is nothing"),
    (Bend::RemovesAll, "writing and removing a value leaves the others as they are"),
    (Bend::PutIsRacy, "of those who put a value at the same time, one does"),
    (Bend::ReplacementIsRacy, "of those who replace a value at the same time, one does"),
    (Bend::RemovalIsRacy, "of those who remove a value at the same time, one does"),
    (Bend::ReplacesByRemoval, "a value is there for its readers and taken for others while it is replaced"),
    (Bend::WholeSeconds, "a value is there until its time is over"),
    (Bend::NeverEnds, "a value ends, and its key is free again"),
    (Bend::KeepsFirstTime, "a replacement has a time of its own"),
    (Bend::RefusalProlongs, "a replacement that is refused prolongs nothing"),
    (Bend::EndedIsRacy, "of those who come when a value has ended, one takes its place"),
    (Bend::NoTimeIsForever, "a value that is given no time ends"),
    (Bend::TimeComesLater, "a value whose writer has left ends like any other"),
];

#[derive(Debug)]
pub(super) struct BentValues {
    bend: Bend,
    values: Mutex<BTreeMap<String, (String, Option<Instant>)>>,
}

impl BentValues {
    pub(super) fn new(bend: Bend) -> Self {
        Self { bend, values: Mutex::default() }
    }

    pub(super) fn keys(&self) -> Vec<String> {
        let is_there = |(_, ends): &&(String, Option<Instant>)| ends.is_none_or(|ends| ends > Instant::now());
        let values = self.values();
        values.iter().filter(|(_, value)| is_there(value)).map(|(key, _)| key.clone()).collect()
    }

    fn is(&self, bend: Bend) -> bool {
        self.bend == bend
    }

    fn values(&self) -> MutexGuard<'_, BTreeMap<String, (String, Option<Instant>)>> {
        self.values.lock().unwrap()
    }

    fn key(&self, key: &str) -> String {
        if self.is(Bend::FoldsKeys) { key.to_lowercase() } else { key.to_owned() }
    }

    fn get(&self, key: &str) -> Option<String> {
        let values = self.values();
        let there = values.get(key).filter(|(_, ends)| ends.is_none_or(|ends| ends > Instant::now()));
        let value = there.map(|(value, _)| value.clone());
        if self.is(Bend::EmptyForNone) { Some(value.unwrap_or_default()) } else { value }
    }

    fn read(&self, keys: &[String]) -> Vec<Option<String>> {
        let mut keys: Vec<String> = keys.iter().map(|key| self.key(key)).collect();
        match self.bend {
            Bend::ReadsInItsOwnOrder => keys.sort(),
            Bend::ReadsOnce => {
                let mut seen = std::collections::HashSet::new();
                keys.retain(|key| seen.insert(key.clone()));
            }
            _ => {}
        }
        keys.iter().map(|key| self.get(key)).collect()
    }

    async fn compare_and_swap(
        &self,
        key: &str,
        expected: Option<&str>,
        value: Option<&str>,
        ttl: Duration,
    ) -> bool {
        let key = self.key(key);
        let (there, has_ended) = (self.get(&key), self.values().contains_key(&key));
        let fits = match (self.bend, expected, value) {
            (Bend::PutReplaces, None, Some(_)) => true,
            (Bend::IgnoresExpected, Some(_), Some(_)) | (Bend::RemovesAnything, Some(_), None) => {
                there.is_some()
            }
            (Bend::ComparesFolded, Some(expected), _) => {
                there.as_ref().is_some_and(|there| there.eq_ignore_ascii_case(expected))
            }
            (Bend::SameIsNoChange, Some(expected), Some(value)) if expected == value => false,
            (Bend::NothingByNothingIsFalse, None, None) => false,
            _ => there.as_deref() == expected,
        };
        if !fits {
            if self.is(Bend::RefusalProlongs)
                && there.is_some()
                && let Some((_, ends)) = self.values().get_mut(&key)
            {
                *ends = Instant::now().checked_add(ttl);
            }
            return false;
        }
        let is_racy = match self.bend {
            Bend::EndedIsRacy => there.is_none() && has_ended,
            Bend::PutIsRacy => expected.is_none(),
            Bend::RemovalIsRacy => value.is_none(),
            Bend::ReplacementIsRacy => expected.is_some() && value.is_some(),
            _ => false,
        };
        if is_racy {
            yield_now().await;
        }
        if self.is(Bend::TimeComesLater) {
            self.put(key.clone(), value, Duration::MAX);
            yield_now().await;
        }
        if self.is(Bend::ReplacesByRemoval) && expected.is_some() {
            self.put(key.clone(), None, ttl);
            yield_now().await;
        }
        self.put(key, value, ttl);
        true
    }

    fn put(&self, key: String, value: Option<&str>, ttl: Duration) {
        let mut values = self.values();
        let Some(value) = value else {
            if self.is(Bend::RemovesAll) {
                values.clear();
            }
            values.remove(&key);
            return;
        };
        let value = match self.bend {
            Bend::CutsLargeValues => value.chars().take(65_535).collect(),
            Bend::TrimsValues => value.trim().to_owned(),
            _ => value.to_owned(),
        };
        let ends = match self.bend {
            Bend::KeepsFirstTime => match values.get(&key) {
                Some((_, Some(ends))) if *ends > Instant::now() => Some(*ends),
                _ => Instant::now().checked_add(ttl),
            },
            Bend::NeverEnds => None,
            Bend::NoTimeIsForever if ttl.is_zero() => None,
            Bend::WholeSeconds => Instant::now().checked_add(Duration::from_secs(ttl.as_secs())),
            _ => Instant::now().checked_add(ttl),
        };
        values.insert(key, (value, ends));
    }
}

impl KeyValueStore for BentValues {
    fn name(&self) -> &'static str {
        "bent"
    }

    fn read<'a>(&'a self, keys: &'a [String]) -> StoreFuture<'a, Vec<Option<String>>> {
        Box::pin(async move {
            yield_now().await;
            Ok(self.read(keys))
        })
    }

    fn compare_and_swap<'a>(
        &'a self,
        key: &'a str,
        expected: Option<&'a str>,
        value: Option<&'a str>,
        ttl: Duration,
    ) -> StoreFuture<'a, bool> {
        Box::pin(async move {
            yield_now().await;
            Ok(self.compare_and_swap(key, expected, value, ttl).await)
        })
    }
}
