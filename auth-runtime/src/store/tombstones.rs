//! Tombstones: sessions that ended a moment ago, for a sign-in that is about to begin one of them.
//!
//! ```text
//! ended:count            a number that each end raises
//! ended:sid:<SHA-256>    the number of the end, and the last second in which a session that it covers began
//! ended:sub:<SHA-256>    the same two numbers, for all sessions of a user
//! ended:token:<SHA-256>  a logout token that was used
//! ```
//!
//! An instance that ends sessions writes the tombstone first, raises the number second, and deletes the records last.
//! An instance that begins a session reads the number first, creates the record second, and reads the tombstones last.
//! So either the end finds the record, or the sign-in finds the tombstone. A tombstone whose number is not greater than
//! the number that was read first is of an earlier end. None of this depends on a clock.

use std::time::{Duration, Instant};

use sha2::{Digest as _, Sha256};

use super::names::Names;
use super::record::RecordIndex;
use super::session_store::SessionFilter;
use crate::crypto::hexadecimal;
use crate::shared::{SharedValues, StoreError, change, log_unreadable};
use crate::time::Timestamp;

/// The tombstones, in a store that the instances share or in this process's memory.
#[derive(Debug)]
pub(crate) struct Tombstones {
    values: SharedValues,
    names: Names,
}

/// A sign-in that is under way, with the state of the tombstones at its beginning.
#[derive(Clone, Copy, Debug)]
pub(crate) struct UnderWay {
    /// The number of the last end before the sign-in began.
    count: i64,
    /// The time when the sign-in began.
    since: Instant,
}

/// The tombstones of a session and of its user.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Found {
    sid: Option<Tombstone>,
    pub(super) sub: Option<Tombstone>,
}

/// The entry of one end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Tombstone {
    /// The number of the end.
    number: i64,
    /// The last second, in unix seconds, in which a covered session began.
    until: i64,
}

impl Tombstones {
    /// Returns the tombstones in this store. `domain` is the provider of sessions without an issuer.
    pub(crate) fn new(values: SharedValues, domain: Option<String>) -> Self {
        Self { values, names: Names::new(domain) }
    }

    /// Writes the tombstone of an end of the sessions that the scope covers and that began until `until`, and raises
    /// the number.
    pub(super) async fn write(
        &self,
        scope: &SessionFilter,
        until: Timestamp,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let index =
            RecordIndex { iss: Some(scope.iss.clone()), sub: scope.sub.clone(), sid: scope.sid.clone() };
        // The `sid` names one session, the `sub` all of a user.
        let Some(key) = self.sid_key(&index).or_else(|| self.sub_key(&index)) else { return Ok(()) };
        // At least the present time, so that the number goes on rising if the store has lost it.
        let number = self.count(now).await?.unwrap_or(0).saturating_add(1).max(now.as_unix());
        let new = Tombstone { number, until: until.as_unix() };
        change(&self.values, &key, KEEP, |there| {
            Ok(Some(Tombstone::parse(there, now).map_or(new, |there| there.or_later(new)).text()))
        })
        .await?;
        self.raise_count(number, now).await
    }

    /// Raises the number to that of a tombstone that was found, in case the writer of the tombstone failed to. Without
    /// it the user's next sign-in would be ended too.
    pub(super) async fn catch_up(&self, found: Found, now: Timestamp) -> Result<(), StoreError> {
        match found.sub {
            Some(tombstone) => self.raise_count(tombstone.number, now).await,
            None => Ok(()),
        }
    }

    async fn raise_count(&self, number: i64, now: Timestamp) -> Result<(), StoreError> {
        change(&self.values, COUNT, KEEP_COUNT, |there| {
            Ok(number_of(there, now).is_none_or(|there| there < number).then(|| number.to_string()))
        })
        .await
    }

    /// Returns the state of the tombstones for a sign-in that begins now. The caller asks before it sends the code to
    /// the provider.
    pub(super) async fn under_way(&self, now: Timestamp) -> Result<UnderWay, StoreError> {
        let since = Instant::now();
        // Where the number cannot be read, no tombstone counts as newer: the sign-in must not fail for it.
        Ok(UnderWay { count: self.count(now).await?.unwrap_or(i64::MAX), since })
    }

    /// Returns the tombstones of the session and of its user.
    pub(super) async fn find(&self, index: &RecordIndex, now: Timestamp) -> Result<Found, StoreError> {
        let (sid, sub) = (self.sid_key(index), self.sub_key(index));
        let keys: Vec<String> = sid.iter().chain(&sub).cloned().collect();
        let mut found = self.read(&keys).await?.unwrap_or_default().into_iter();
        let mut next = |key: &Option<String>| {
            key.as_ref().and_then(|_| Tombstone::parse(found.next().flatten().as_deref(), now))
        };
        Ok(Found { sid: next(&sid), sub: next(&sub) })
    }

    /// Returns whether any instance has used the logout token.
    pub(super) async fn is_used(&self, token: &str) -> Result<bool, StoreError> {
        Ok(self.values.read(&[token_key(token)]).await?.iter().any(Option::is_some))
    }

    /// Notes that the logout token was used, for the time `ttl` in which it would be accepted.
    pub(super) async fn note_used(&self, token: &str, ttl: Duration) -> Result<(), StoreError> {
        self.values.compare_and_swap(&token_key(token), None, Some("used"), ttl).await.map(|_| ())
    }

    /// Returns the number of the last end: 0 before the first, `None` if it cannot be read.
    async fn count(&self, now: Timestamp) -> Result<Option<i64>, StoreError> {
        let there = self.read(&[COUNT.to_owned()]).await?;
        Ok(there.and_then(|mut there| number_of(there.pop().flatten().as_deref(), now)))
    }

    /// Reads the values under the keys, in the keys' order; `None` if one of them cannot be read, so that a user can
    /// sign in whatever the store holds there.
    async fn read(&self, keys: &[String]) -> Result<Option<Vec<Option<String>>>, StoreError> {
        match self.values.read(keys).await {
            Err(error) if error.is_unreadable() => {
                log_unreadable(&error);
                Ok(None)
            }
            values => values.map(Some),
        }
    }

    fn sid_key(&self, index: &RecordIndex) -> Option<String> {
        self.names.key("ended:sid", index, index.sid.as_deref())
    }

    fn sub_key(&self, index: &RecordIndex) -> Option<String> {
        self.names.key("ended:sub", index, index.sub.as_deref())
    }
}

impl Found {
    /// Returns whether the session that this sign-in would begin ended while the sign-in was under way. A tombstone of
    /// the `sid` covers the session whenever it was written, since the provider gives no `sid` twice.
    pub(super) fn ends(&self, under_way: UnderWay) -> bool {
        let is_newer = |tombstone: Tombstone| tombstone.number > under_way.count;
        // After so long a tombstone may have been written and have expired since the sign-in began.
        under_way.since.elapsed() > LONGEST_SIGN_IN || self.sid.is_some() || self.sub.is_some_and(is_newer)
    }

    /// Returns whether a session that began at this time has ended.
    pub(super) fn covers(&self, created_at: Timestamp) -> bool {
        self.sid.is_some() || self.sub.is_some_and(|tombstone| created_at.as_unix() <= tombstone.until)
    }
}

impl Tombstone {
    /// Parses a value. Returns `None` for no value, and for a text that no instance of this service wrote.
    fn parse(text: Option<&str>, now: Timestamp) -> Option<Self> {
        let (number, until) = text?.split_once(' ')?;
        let number = number_of(Some(number), now)?;
        Some(Self { number, until: until.parse().ok()? })
    }

    fn text(self) -> String {
        format!("{} {}", self.number, self.until)
    }

    fn or_later(self, other: Self) -> Self {
        Self { number: self.number.max(other.number), until: self.until.max(other.until) }
    }
}

/// Parses the number of an end: 0 for no value, `None` for a text that no instance of this service can have written.
fn number_of(text: Option<&str>, now: Timestamp) -> Option<i64> {
    let latest = now.saturating_add(FAR_AHEAD).as_unix();
    text.map_or(Some(0), |text| text.parse().ok().filter(|number| *number <= latest))
}

fn token_key(token: &str) -> String {
    format!("ended:token:{}", hexadecimal(&Sha256::digest(token)))
}

/// The key of the number that each end raises.
const COUNT: &str = "ended:count";

/// The longest time that a sign-in may take from the code to the session: in between are the requests to the provider
/// and the application's hooks.
const LONGEST_SIGN_IN: Duration = Duration::from_secs(10 * 60);

/// The time for which a tombstone is kept: longer than a sign-in may take.
const KEEP: Duration = Duration::from_secs(15 * 60);

/// The longest time, in seconds, by which a number may be ahead of the clock. Numbers begin with the time and rise by
/// one with each end. A number that is a year ahead is of no instance, and would be newer than every end to come.
const FAR_AHEAD: u64 = 365 * 86_400;

/// The time for which the number is kept: longer than a tombstone, so that no number is given again while a tombstone
/// has it.
const KEEP_COUNT: Duration = Duration::from_secs(60 * 60);

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::store::{KeyValueStore as _, MemoryStore};

    const NOW: Timestamp = Timestamp::from_unix(1_790_000_000);

    fn tombstones(store: &Arc<MemoryStore>) -> Tombstones {
        let values = SharedValues::new(Arc::clone(store) as _, Duration::from_secs(2));
        Tombstones::new(values, Some("id.example.com".to_owned()))
    }

    fn scope(sub: Option<&str>, sid: Option<&str>) -> SessionFilter {
        let text = |text: Option<&str>| text.map(str::to_owned);
        SessionFilter { iss: "https://id.example.com/".to_owned(), sub: text(sub), sid: text(sid) }
    }

    fn index(sub: &str, sid: &str) -> RecordIndex {
        RecordIndex { iss: None, sub: Some(sub.to_owned()), sid: Some(sid.to_owned()) }
    }

    #[tokio::test]
    async fn bcl_an_end_is_of_the_sign_ins_that_were_under_way_and_of_no_later_one() {
        let store = Arc::new(MemoryStore::new());
        // Two instances, and one second.
        let (here, there) = (tombstones(&store), tombstones(&store));
        let before = here.under_way(NOW).await.unwrap();
        there.write(&scope(Some("ada"), None), NOW, NOW).await.unwrap();
        let after = here.under_way(NOW).await.unwrap();
        let found = here.find(&index("ada", "s1"), NOW).await.unwrap();
        assert!(found.ends(before) && !found.ends(after));
        assert!(!here.find(&index("grace", "s1"), NOW).await.unwrap().ends(before));
        // Another one's end makes nobody's else.
        there.write(&scope(Some("grace"), None), NOW, NOW).await.unwrap();
        assert!(!here.find(&index("ada", "s1"), NOW).await.unwrap().ends(after));
        // The next one of the same user is another one, also by a clock that is behind.
        there.write(&scope(Some("ada"), None), NOW, NOW.saturating_sub(86_400)).await.unwrap();
        assert!(here.find(&index("ada", "s1"), NOW).await.unwrap().ends(after));
    }

    #[tokio::test]
    async fn bcl_a_session_that_has_ended_never_begins_again_and_another_one_of_its_user_does() {
        let store = Arc::new(MemoryStore::new());
        let tombstones = tombstones(&store);
        tombstones.write(&scope(Some("ada"), Some("s1")), NOW, NOW).await.unwrap();
        let after = tombstones.under_way(NOW).await.unwrap();
        assert!(tombstones.find(&index("ada", "s1"), NOW).await.unwrap().ends(after));
        assert!(!tombstones.find(&index("ada", "s2"), NOW).await.unwrap().ends(after));
    }

    #[tokio::test]
    async fn an_old_session_is_covered_up_to_the_second() {
        let store = Arc::new(MemoryStore::new());
        let tombstones = tombstones(&store);
        tombstones.write(&scope(Some("ada"), None), NOW, NOW).await.unwrap();
        let found = tombstones.find(&index("ada", "s1"), NOW).await.unwrap();
        assert!(found.covers(NOW) && !found.covers(NOW.saturating_add(1)));
    }

    #[tokio::test]
    async fn bcl_17_what_cannot_be_read_keeps_nobody_from_signing_in_and_hides_no_later_end() {
        let store = Arc::new(MemoryStore::new());
        let tombstones = tombstones(&store);
        let junk = |key: String| {
            let store = Arc::clone(&store);
            async move { store.compare_and_swap(&key, None, Some("junk"), KEEP).await.unwrap() }
        };
        assert!(junk(COUNT.to_owned()).await);
        assert!(junk(tombstones.sub_key(&index("ada", "s1")).unwrap()).await);
        let before = tombstones.under_way(NOW).await.unwrap();
        assert!(!tombstones.find(&index("ada", "s1"), NOW).await.unwrap().ends(before));
        // The next end of the user puts both right.
        tombstones.write(&scope(Some("ada"), None), NOW, NOW).await.unwrap();
        let after = tombstones.under_way(NOW).await.unwrap();
        assert!(!tombstones.find(&index("ada", "s1"), NOW).await.unwrap().ends(after));
        tombstones.write(&scope(Some("ada"), None), NOW, NOW).await.unwrap();
        assert!(tombstones.find(&index("ada", "s1"), NOW).await.unwrap().ends(after));
    }

    #[tokio::test]
    async fn bcl_17_an_end_that_was_interrupted_ends_one_sign_in_and_not_the_next() {
        let store = Arc::new(MemoryStore::new());
        let tombstones = tombstones(&store);
        let before = tombstones.under_way(NOW).await.unwrap();
        // Whoever wrote it was gone before the number was raised.
        let key = tombstones.sub_key(&index("ada", "s1")).unwrap();
        let text = Tombstone { number: NOW.as_unix(), until: NOW.as_unix() }.text();
        assert!(store.compare_and_swap(&key, None, Some(&text), KEEP).await.unwrap());
        let found = tombstones.find(&index("ada", "s1"), NOW).await.unwrap();
        assert!(found.ends(before));
        tombstones.catch_up(found, NOW).await.unwrap();
        let after = tombstones.under_way(NOW).await.unwrap();
        assert!(!tombstones.find(&index("ada", "s1"), NOW).await.unwrap().ends(after));
    }

    #[tokio::test]
    async fn bcl_17_a_number_that_no_instance_wrote_keeps_nobody_from_signing_in() {
        let store = Arc::new(MemoryStore::new());
        let tombstones = tombstones(&store);
        let key = tombstones.sub_key(&index("ada", "s1")).unwrap();
        let text = format!("{} 0", i64::MAX);
        assert!(store.compare_and_swap(&key, None, Some(&text), KEEP).await.unwrap());
        assert!(store.compare_and_swap(COUNT, None, Some(&i64::MAX.to_string()), KEEP).await.unwrap());
        let under_way = tombstones.under_way(NOW).await.unwrap();
        assert!(!tombstones.find(&index("ada", "s1"), NOW).await.unwrap().ends(under_way));
        // The next end puts both right.
        tombstones.write(&scope(Some("ada"), None), NOW, NOW).await.unwrap();
        let under_way = tombstones.under_way(NOW).await.unwrap();
        tombstones.write(&scope(Some("ada"), None), NOW, NOW).await.unwrap();
        assert!(tombstones.find(&index("ada", "s1"), NOW).await.unwrap().ends(under_way));
    }

    #[test]
    fn a_sign_in_that_took_too_long_is_not_believed() {
        let Some(since) = Instant::now().checked_sub(LONGEST_SIGN_IN + Duration::from_secs(1)) else {
            return;
        };
        assert!(Found::default().ends(UnderWay { count: 0, since }));
        assert!(!Found::default().ends(UnderWay { count: 0, since: Instant::now() }));
    }
}
