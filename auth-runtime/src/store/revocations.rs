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
//! instance that began a session may be ahead, so an end covers some seconds more than its own time.

use std::time::Duration;

use super::names::Names;
use super::record::RecordIndex;
#[cfg(feature = "oidc")]
use super::session_store::LogoutScope;
use crate::session::{CLOCK_TOLERANCE, Session};
use crate::shared::{SharedValues, StoreError, change};
use crate::time::Timestamp;

#[derive(Debug)]
pub(crate) struct Revocations {
    values: SharedValues,
    names: Names,
    /// How long the longest session lives.
    keep: Duration,
}

impl Revocations {
    /// `domain` is the provider of sessions that do not say which one they are of, and `keep` how long the longest session
    /// lives.
    pub(crate) fn new(values: SharedValues, domain: Option<String>, keep: Duration) -> Self {
        let names = Names::new(domain);
        // A reader whose clock is behind believes in a cookie for longer.
        Self { values, names, keep: keep.saturating_add(Duration::from_secs(2 * CLOCK_TOLERANCE)) }
    }

    /// Whether the session has ended before its time.
    pub(super) async fn covers(&self, session: &Session) -> Result<bool, StoreError> {
        let index = RecordIndex::of(session.document().as_str());
        let created_at = session.created_at();
        let sub = self.names.key(SUB, &index, index.sub.as_deref());
        let mut keys = vec![self.one(ONE, &index, created_at)];
        keys.extend(self.names.key(SID, &index, index.sid.as_deref()));
        let rest = keys.len();
        keys.extend(sub);
        let until = self.values.read(&keys).await?;
        let until: Vec<_> = until.iter().map(|until| time(until.as_deref())).collect::<Result<_, _>>()?;
        let mut places = until.iter().enumerate();
        match places.find(|(_, until)| until.is_some_and(|until| created_at <= until)) {
            None => Ok(false),
            Some((place, _)) if place < rest => Ok(true),
            Some((_, until)) => {
                let spared = self.values.read(&[self.one(SPARED, &index, created_at)]).await?;
                Ok(time(spared.first().and_then(Option::as_deref))? < *until)
            }
        }
    }

    /// Ends what the scope covers, as far as it was begun until `until`.
    #[cfg(feature = "oidc")]
    pub(super) async fn revoke(&self, scope: &LogoutScope, until: Timestamp) -> Result<(), StoreError> {
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
    #[cfg(feature = "oidc")]
    pub(super) async fn spare(&self, index: &RecordIndex, created_at: Timestamp) -> Result<(), StoreError> {
        let Some(key) = self.names.key(SUB, index, index.sub.as_deref()) else { return Ok(()) };
        let until = self.values.read(&[key]).await?;
        let Some(until) = time(until.first().and_then(Option::as_deref))? else { return Ok(()) };
        if created_at > until {
            return Ok(());
        }
        change(&self.values, &self.one(SPARED, index, created_at), self.keep, |there| {
            Ok((time(there)? < Some(until)).then(|| until.as_unix().to_string()))
        })
        .await
    }

    /// Ends one session.
    pub(super) async fn revoke_one(&self, session: &Session) -> Result<(), StoreError> {
        let index = RecordIndex::of(session.document().as_str());
        self.put(&self.one(ONE, &index, session.created_at()), session.created_at()).await
    }

    /// An end that is about as late as the one before it is noted as a later one: sessions that were spared from that one
    /// are not spared from this.
    async fn put(&self, key: &str, until: Timestamp) -> Result<(), StoreError> {
        change(&self.values, key, self.keep, |there| {
            let until = match time(there)? {
                Some(there) if there >= until && there.seconds_since(until) <= CLOCK_TOLERANCE => {
                    there.saturating_add(1)
                }
                Some(there) if there > until => there,
                _ => until,
            };
            Ok(Some(until.as_unix().to_string()))
        })
        .await
    }

    /// Whether the store answers.
    pub(super) async fn check(&self) -> Result<(), StoreError> {
        self.values.read(&["revoked:nobody".to_owned()]).await.map(|_| ())
    }

    fn one(&self, kind: &str, index: &RecordIndex, created_at: Timestamp) -> String {
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        let name = format!("{}\0{}\0{}", text(&index.sub), text(&index.sid), created_at.as_unix());
        self.names.key(kind, index, Some(&name)).unwrap_or_default()
    }
}

fn time(text: Option<&str>) -> Result<Option<Timestamp>, StoreError> {
    let time = text.map(|text| text.parse().map(Timestamp::from_unix)).transpose();
    time.map_err(|_| StoreError::new("a revocation is no time"))
}

const SID: &str = "revoked:sid";
const SUB: &str = "revoked:sub";
const ONE: &str = "revoked:one";
const SPARED: &str = "revoked:not";
