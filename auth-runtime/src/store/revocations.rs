//! Revocations: sessions in cookies that have ended before their time.
//!
//! ```text
//! revoked:sid:<SHA-256>      covers every session with this `sid` that began until the time of the entry
//! revoked:sub:<SHA-256>      covers every session of this user that began until the time of the entry
//! revoked:one:<SHA-256>      covers one session
//! revoked:not:<SHA-256>      spares one session that began after its user's other sessions had ended
//! ```
//!
//! The value of an entry is its time in unix seconds. An entry is kept for as long as a cookie that it covers may live.
//! The clock of the instance that began a session may be ahead, so an end covers some seconds more than its own time. A
//! value that cannot be read covers every session that the entry may be about, until that user's next sign-in.

use std::time::Duration;

use super::names::Names;
use super::record::RecordIndex;
use super::session_store::SessionFilter;
use crate::session::{CLOCK_TOLERANCE, VerifiedSession};
use crate::shared::{SharedValues, StoreError, change, log_unreadable};
use crate::time::Timestamp;

/// The revocations of sessions in cookies, in a store that the instances share.
#[derive(Debug)]
pub(crate) struct Revocations {
    values: SharedValues,
    names: Names,
    /// The time for which an entry is kept: the lifetime of the longest session, and the tolerance of the clocks.
    keep: Duration,
}

/// The store's value under the key of a revocation.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Noted {
    /// No entry.
    Nothing,
    /// An entry that covers sessions that began until this time.
    Until(Timestamp),
    /// A value that no instance of this service wrote.
    Unreadable,
}

impl Revocations {
    /// Returns the revocations in this store. `domain` is the provider of sessions without an issuer, and `keep` is the
    /// lifetime of the longest session.
    pub(crate) fn new(values: SharedValues, domain: Option<String>, keep: Duration) -> Self {
        let names = Names::new(domain);
        // An instance whose clock is behind accepts a cookie for longer.
        Self { values, names, keep: keep.saturating_add(Duration::from_secs(2 * CLOCK_TOLERANCE)) }
    }

    /// Returns whether the session has ended before its time.
    pub(crate) async fn covers(&self, session: &VerifiedSession) -> Result<bool, StoreError> {
        let index = RecordIndex::of(session.document().as_str());
        let created_at = session.created_at();
        let mut keys = vec![self.one(ONE, &index, created_at)];
        keys.extend(self.names.key(SID, &index, index.sid.as_deref()));
        let rest = keys.len();
        keys.extend(self.names.key(SUB, &index, index.sub.as_deref()));
        let now = session.read_at();
        let noted = self.read(&keys, now).await?;
        let mut places = noted.iter().enumerate();
        match places.find(|(_, noted)| noted.covers(created_at)) {
            None => Ok(false),
            // Only the user's entry covers later sessions by mistake, so only it can be answered by a sparing entry.
            Some((place, Noted::Until(until))) if place >= rest => {
                let spared = self.read(&[self.one(SPARED, &index, created_at)], now).await?;
                Ok(!spared.iter().any(|spared| matches!(spared, Noted::Until(spared) if spared >= until)))
            }
            Some(_) => Ok(true),
        }
    }

    /// Ends the sessions that the scope covers and that began until `until`.
    pub(super) async fn revoke(&self, scope: &SessionFilter, until: Timestamp) -> Result<(), StoreError> {
        let index =
            RecordIndex { iss: Some(scope.iss.clone()), sub: scope.sub.clone(), sid: scope.sid.clone() };
        let sid = self.names.key(SID, &index, index.sid.as_deref());
        // The `sid` names one session, the `sub` all of a user.
        match sid.or_else(|| self.names.key(SUB, &index, index.sub.as_deref())) {
            Some(key) => self.put(&key, until).await,
            None => Ok(()),
        }
    }

    /// Spares a session that began after its user's other sessions had ended, and that its time alone cannot tell from
    /// them. The next end of all of the user's sessions covers the spared session too.
    pub(super) async fn spare(&self, index: &RecordIndex, created_at: Timestamp) -> Result<(), StoreError> {
        let Some(key) = self.names.key(SUB, index, index.sub.as_deref()) else { return Ok(()) };
        let [Noted::Until(until)] = self.read(&[key], created_at).await?[..] else { return Ok(()) };
        // The session's time already shows that it began later.
        if created_at > until {
            return Ok(());
        }
        change(&self.values, &self.one(SPARED, index, created_at), self.keep, |there| {
            let is_spared = matches!(Noted::of(there, created_at), Noted::Until(there) if there >= until);
            Ok((!is_spared).then(|| until.as_unix().to_string()))
        })
        .await
    }

    /// Replaces the entries of a new session's user and `sid` that cannot be read. The new entries end every session
    /// that began before this one, and not this one.
    pub(super) async fn admit(&self, session: &str, created_at: Timestamp) -> Result<(), StoreError> {
        let index = RecordIndex::of(session);
        let sub = self.names.key(SUB, &index, index.sub.as_deref());
        let until = created_at.saturating_sub(1).as_unix().to_string();
        for key in sub.into_iter().chain(self.names.key(SID, &index, index.sid.as_deref())) {
            let keys = [key];
            if self.read(&keys, created_at).await? != [Noted::Unreadable] {
                continue;
            }
            for key in &keys {
                change(&self.values, key, self.keep, |there| {
                    // Another sign-in or a logout may have replaced the entry meanwhile.
                    Ok((!matches!(Noted::of(there, created_at), Noted::Until(_))).then(|| until.clone()))
                })
                .await?;
            }
        }
        Ok(())
    }

    /// Ends one session.
    pub(super) async fn revoke_one(&self, session: &VerifiedSession) -> Result<(), StoreError> {
        let index = RecordIndex::of(session.document().as_str());
        self.put(&self.one(ONE, &index, session.created_at()), session.created_at()).await
    }

    /// Writes the entry of an end. An end at about the time of the former end gets a later time than the former end, so
    /// that sessions that were spared from the former end are not spared from this one.
    async fn put(&self, key: &str, until: Timestamp) -> Result<(), StoreError> {
        change(&self.values, key, self.keep, |there| {
            let until = match Noted::of(there, until) {
                Noted::Until(there) if there >= until && there.seconds_since(until) <= CLOCK_TOLERANCE => {
                    there.saturating_add(1)
                }
                Noted::Until(there) if there > until => there,
                _ => until,
            };
            Ok(Some(until.as_unix().to_string()))
        })
        .await
    }

    /// Checks that the store answers.
    pub(super) async fn check(&self) -> Result<(), StoreError> {
        self.values.read(&["revoked:nobody".to_owned()]).await.map(|_| ())
    }

    /// Reads the values under the keys, in the keys' order.
    async fn read(&self, keys: &[String], now: Timestamp) -> Result<Vec<Noted>, StoreError> {
        match self.values.read(keys).await {
            // The store does not say which of the values cannot be read, so all of them count as unreadable.
            Err(error) if error.is_unreadable() => {
                log_unreadable(&error);
                Ok(vec![Noted::Unreadable; keys.len()])
            }
            values => Ok(values?.iter().map(|value| Noted::of(value.as_deref(), now)).collect()),
        }
    }

    /// Returns the key of an entry about one session, which its user, its `sid` and its time name together.
    fn one(&self, kind: &str, index: &RecordIndex, created_at: Timestamp) -> String {
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        let name = format!("{}\0{}\0{}", text(&index.sub), text(&index.sid), created_at.as_unix());
        self.names.key(kind, index, Some(&name)).unwrap_or_default()
    }
}

impl Noted {
    fn of(text: Option<&str>, now: Timestamp) -> Self {
        let latest = now.saturating_add(FAR_AHEAD).as_unix();
        match text.map(str::parse) {
            None => Self::Nothing,
            Some(Ok(until)) if until <= latest => Self::Until(Timestamp::from_unix(until)),
            Some(_) => Self::Unreadable,
        }
    }

    fn covers(self, created_at: Timestamp) -> bool {
        match self {
            Self::Nothing => false,
            Self::Until(until) => created_at <= until,
            // The value may say that the session has ended. The user's next sign-in replaces it.
            Self::Unreadable => true,
        }
    }
}

/// The longest time, in seconds, by which an entry may be ahead of the clock. No instance writes a time that is a day
/// ahead. Such a value, in milliseconds for instance, would end every session to come.
const FAR_AHEAD: u64 = 86_400;

// The kinds of entries: see the module's documentation.
const SID: &str = "revoked:sid";
const SUB: &str = "revoked:sub";
const ONE: &str = "revoked:one";
const SPARED: &str = "revoked:not";
