//! Sessions in cookies that have ended before their time.
//!
//! ```text
//! revoked:sid:<SHA-256>      every session that the provider calls so and that was begun until then
//! revoked:sub:<SHA-256>      every session of a user that was begun until then
//! revoked:one:<SHA-256>      one session
//! revoked:not:<SHA-256>      one session that began after its user's others had ended, whatever the clocks say
//! ```
//!
//! Each says until when, in unix seconds, and is kept for as long as a cookie may live that it is about. The clock of the
//! instance that began a session may be ahead, so an end covers some seconds more than its own time. A value that cannot
//! be read covers every session that it may be about, until that user's next sign-in.

use std::time::Duration;

use super::names::Names;
use super::record::RecordIndex;
use super::session_store::SessionFilter;
use crate::session::{CLOCK_TOLERANCE, VerifiedSession};
use crate::shared::{SharedValues, StoreError, change, log_unreadable};
use crate::time::Timestamp;

#[derive(Debug)]
pub(crate) struct Revocations {
    values: SharedValues,
    names: Names,
    /// How long the longest session lives.
    keep: Duration,
}

/// The store's value under the key of a revocation.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Noted {
    Nothing,
    Until(Timestamp),
    /// Another program's value, or one that was tampered with.
    Unreadable,
}

impl Revocations {
    /// `domain` is the provider of sessions that do not say which one they are of, and `keep` how long the longest session
    /// lives.
    pub(crate) fn new(values: SharedValues, domain: Option<String>, keep: Duration) -> Self {
        let names = Names::new(domain);
        // A reader whose clock is behind believes in a cookie for longer.
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
            // Only an end of all of a user's sessions spares those that began after it.
            Some((place, Noted::Until(until))) if place >= rest => {
                let spared = self.read(&[self.one(SPARED, &index, created_at)], now).await?;
                Ok(!spared.iter().any(|spared| matches!(spared, Noted::Until(spared) if spared >= until)))
            }
            Some(_) => Ok(true),
        }
    }

    /// Ends what the scope covers, as far as it was begun until `until`.
    pub(super) async fn revoke(&self, scope: &SessionFilter, until: Timestamp) -> Result<(), StoreError> {
        let index =
            RecordIndex { iss: Some(scope.iss.clone()), sub: scope.sub.clone(), sid: scope.sid.clone() };
        let sid = self.names.key(SID, &index, index.sid.as_deref());
        match sid.or_else(|| self.names.key(SUB, &index, index.sub.as_deref())) {
            Some(key) => self.put(&key, until).await,
            None => Ok(()),
        }
    }

    /// Lets a session be, that is known to have begun after its user's others had ended: by its time alone it could not
    /// be told from them. The next end of all of them covers it.
    pub(super) async fn spare(&self, index: &RecordIndex, created_at: Timestamp) -> Result<(), StoreError> {
        let Some(key) = self.names.key(SUB, index, index.sub.as_deref()) else { return Ok(()) };
        let [Noted::Until(until)] = self.read(&[key], created_at).await?[..] else { return Ok(()) };
        if created_at > until {
            return Ok(());
        }
        change(&self.values, &self.one(SPARED, index, created_at), self.keep, |there| {
            let is_spared = matches!(Noted::of(there, created_at), Noted::Until(there) if there >= until);
            Ok((!is_spared).then(|| until.as_unix().to_string()))
        })
        .await
    }

    /// Replaces the revocations of a new session's user that cannot be read: from then on they end every session that was
    /// begun before it, and not this one.
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
                    // Another sign-in, or a logout, may have put it right meanwhile.
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

    /// Notes an end. One that is about as late as the end before it is noted as a later one: sessions that were spared from
    /// that are not spared from this.
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

    /// Asks whether the store answers.
    pub(super) async fn check(&self) -> Result<(), StoreError> {
        self.values.read(&["revoked:nobody".to_owned()]).await.map(|_| ())
    }

    /// The values under the keys, in their order.
    async fn read(&self, keys: &[String], now: Timestamp) -> Result<Vec<Noted>, StoreError> {
        match self.values.read(keys).await {
            // The store does not say which of them it is.
            Err(error) if error.is_unreadable() => {
                log_unreadable(&error);
                Ok(vec![Noted::Unreadable; keys.len()])
            }
            values => Ok(values?.iter().map(|value| Noted::of(value.as_deref(), now)).collect()),
        }
    }

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
            // It may say that the session has ended. The user signs in anew, and that puts it right.
            Self::Unreadable => true,
        }
    }
}

/// An end lies in the past, or by another clock a little ahead. One that is a day ahead is not ours, such as one in
/// milliseconds: it would end every session to come.
const FAR_AHEAD: u64 = 86_400;

const SID: &str = "revoked:sid";
const SUB: &str = "revoked:sub";
const ONE: &str = "revoked:one";
const SPARED: &str = "revoked:not";
