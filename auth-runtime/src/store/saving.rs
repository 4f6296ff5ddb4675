//! Writing the sessions that requests changed back to the cookies or the store.

use secrecy::{ExposeSecret, SecretString};

use super::place::{AsRead, Content, Place, RecordPlace};
use super::record::Record;
use super::records::Records;
use super::session_store::Update;
use super::sessions::{SaveError, Saved, Sessions};
use super::writing::{Change, write_merged};
use crate::cookie::{SeenNames, SetCookie};
use crate::session::{MAX_RECORD_BYTES, Mode, SessionDocument, StoreId, VerifiedSession, WriteError};
use crate::shared::StoreError;
use crate::time::Timestamp;

impl Sessions {
    /// Writes a session back to the place that it was read from. `content` is the session as the request left it.
    pub(crate) async fn save(
        &self,
        read: &AsRead<'_>,
        content: Content<'_>,
        now: Timestamp,
    ) -> Result<Saved, SaveError> {
        let (document, seen) = (content.document, &read.place.seen);
        let (Some(store), Some(RecordPlace { id, revision, generation })) = (&self.store, &read.place.record)
        else {
            return Ok(Saved::Kept(self.codec.write_all(document, content.connections, seen, now)?));
        };
        let next = generation.map(|generation| generation.saturating_add(1));
        let record = self.record(content, now)?.with_generation(next);
        if read.session.origin().is_legacy {
            return self.migrate(store, id, document, record, seen, now).await;
        }
        let is_kept = match store.update(id, revision, &record).await? {
            Update::Done => true,
            Update::Absent => false,
            // Another request wrote the record since: put the changes of this request on top of it.
            Update::Changed => {
                let base = read.content.joined().map_err(WriteError::from)?;
                let newest = self.newest_refresh_token(document).await;
                let newest = newest.as_ref().map(ExposeSecret::expose_secret);
                let change = Change { base: &base, record: &record, seen: *generation };
                write_merged(store, id, change, newest, now).await?
            }
        };
        if !is_kept {
            // The session was ended meanwhile. A late write must not revive it.
            return Ok(Saved::Over(self.codec.clear(seen)));
        }
        let (_, lines) = self.codec.write_store_id(Some(id.clone()), document.created_at(), seen, now)?;
        Ok(Saved::Kept(lines))
    }

    /// Moves a session of v3 to a new key. v3 signed the cookie with the old key and did not seal it, so the old key is
    /// not kept.
    ///
    /// The request that deletes the old record keeps the new one. A request that finds the old record deleted, because
    /// the user signed out or another request was first, removes its new record again. It neither sets nor removes a
    /// cookie, since the first request may have given the browser a cookie.
    async fn migrate(
        &self,
        store: &Records,
        old: &StoreId,
        document: &SessionDocument,
        record: Record,
        seen: &SeenNames,
        now: Timestamp,
    ) -> Result<Saved, SaveError> {
        if store.get_readable(old, now).await?.is_none() {
            return Ok(Saved::Over(Vec::new()));
        }
        let (id, lines) = self.codec.write_store_id(None, document.created_at(), seen, now)?;
        store.create(&id, &record).await?;
        // An end that listed the records meanwhile may have found the old record and not the new one.
        if self.remove_if(self.has_ended_before(document, now).await, store, &id).await? {
            return Ok(Saved::Over(Vec::new()));
        }
        if store.delete(old).await? {
            return Ok(Saved::Kept(lines));
        }
        // Another request deleted the old record first.
        store.delete(&id).await?;
        Ok(Saved::Over(Vec::new()))
    }

    /// Extends a session in which nothing changed. Writes of other requests to its record are kept.
    pub(crate) async fn touch(&self, read: &AsRead<'_>, now: Timestamp) -> Result<Saved, SaveError> {
        let (document, seen) = (read.content.document, &read.place.seen);
        let (Some(store), Some(RecordPlace { id, generation, .. }), false) =
            (&self.store, &read.place.record, read.session.origin().is_legacy)
        else {
            // A cookie holds its own end, and a session of v3 has to move: both are written as a whole.
            return self.save(read, read.content, now).await;
        };
        let end = self.end_of(document, now)?;
        if !store.touch(id, *generation, end, now).await? {
            return Ok(Saved::Over(self.codec.clear(seen)));
        }
        let (_, lines) = self.codec.write_store_id(Some(id.clone()), document.created_at(), seen, now)?;
        Ok(Saved::Kept(lines))
    }

    /// Ends the session of a request whose handler asked for it. Returns the `Set-Cookie` lines that remove its
    /// cookies.
    pub(crate) async fn end_one(
        &self,
        session: &VerifiedSession,
        place: &Place,
    ) -> Result<Vec<SetCookie>, SaveError> {
        match (&self.store, &self.revocations) {
            (None, Some(revocations)) => revocations.revoke_one(session).await?,
            _ => self.delete(place.record.as_ref().map(|record| &record.id)).await?,
        }
        Ok(self.codec.clear(&place.seen))
    }

    pub(super) async fn delete(&self, id: Option<&StoreId>) -> Result<(), StoreError> {
        match (&self.store, id) {
            (Some(store), Some(id)) => store.delete(id).await.map(|_| ()),
            _ => Ok(()),
        }
    }

    /// Returns the newest refresh token that any instance knows, or `None` if the session has none.
    async fn newest_refresh_token(&self, document: &SessionDocument) -> Option<SecretString> {
        let own = document.refresh_token()?;
        Some(self.refresher.as_ref()?.newest(&own).await)
    }

    pub(super) fn record(&self, content: Content<'_>, now: Timestamp) -> Result<Record, WriteError> {
        let end = self.end_of(content.document, now)?;
        let json = content.joined()?;
        check_size(&json)?;
        Ok(Record::new(json.as_str(), end, now))
    }

    /// Returns the time when a session that is used now ends unless it is used again.
    fn end_of(&self, document: &SessionDocument, now: Timestamp) -> Result<Timestamp, WriteError> {
        let Mode::Owner(lifetime) = self.codec.mode() else { return Err(WriteError::VerifyOnly) };
        let end = now.saturating_add(lifetime.remaining(document.created_at(), now).as_secs());
        Ok(end.min(Timestamp::MAX_SENSIBLE))
    }
}

/// Refuses a record of more than 1 MiB. A user can make a session grow if the application keeps parts of requests in
/// it, and every request reads the whole record.
pub(super) fn check_size(record: &str) -> Result<(), WriteError> {
    match record.len() {
        bytes if bytes > MAX_RECORD_BYTES => Err(WriteError::RecordTooLarge { bytes }),
        _ => Ok(()),
    }
}
