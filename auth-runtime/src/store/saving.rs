//! What requests changed of sessions, written back to where those are kept.

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
    /// Writes a session back where it came from: `content` is what it has become.
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
            Update::Changed => {
                let base = read.content.joined().map_err(WriteError::from)?;
                let newest = self.newest_refresh_token(document).await;
                let newest = newest.as_ref().map(ExposeSecret::expose_secret);
                let change = Change { base: &base, record: &record, seen: *generation };
                write_merged(store, id, change, newest, now).await?
            }
        };
        if !is_kept {
            // Somebody signed out meanwhile. A late write must not bring the session back.
            return Ok(Saved::Over(self.codec.clear(seen)));
        }
        let (_, lines) = self.codec.write_store_id(Some(id.clone()), document.created_at(), seen, now)?;
        Ok(Saved::Kept(lines))
    }

    /// What v3 signed is not sealed, so its key is not kept. Whoever deletes the old record has the new one: not somebody
    /// who comes when it was signed out, nor the second of two requests. Such a one sets no cookie and removes none: the
    /// first of the two may have given the browser one.
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
        // An end that was looking for records meanwhile may have found the old one alone.
        if self.remove_if(self.has_ended_before(document, now).await, store, &id).await? {
            return Ok(Saved::Over(Vec::new()));
        }
        if store.delete(old).await? {
            return Ok(Saved::Kept(lines));
        }
        store.delete(&id).await?;
        Ok(Saved::Over(Vec::new()))
    }

    /// Extends a session in which nothing changed. What other requests wrote into its record meanwhile stays.
    pub(crate) async fn touch(&self, read: &AsRead<'_>, now: Timestamp) -> Result<Saved, SaveError> {
        let (document, seen) = (read.content.document, &read.place.seen);
        let (Some(store), Some(RecordPlace { id, generation, .. }), false) =
            (&self.store, &read.place.record, read.session.origin().is_legacy)
        else {
            return self.save(read, read.content, now).await;
        };
        let end = self.end_of(document, now)?;
        if !store.touch(id, *generation, end, now).await? {
            return Ok(Saved::Over(self.codec.clear(seen)));
        }
        let (_, lines) = self.codec.write_store_id(Some(id.clone()), document.created_at(), seen, now)?;
        Ok(Saved::Kept(lines))
    }

    /// Ends a session whose handler said so.
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

    /// Returns the refresh token to go on with, as far as any instance knows.
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

    /// When a session that is used now ends unless it is used again.
    fn end_of(&self, document: &SessionDocument, now: Timestamp) -> Result<Timestamp, WriteError> {
        let Mode::Owner(lifetime) = self.codec.mode() else { return Err(WriteError::VerifyOnly) };
        let end = now.saturating_add(lifetime.remaining(document.created_at(), now).as_secs());
        Ok(end.min(Timestamp::MAX_SENSIBLE))
    }
}

/// A user may make a session grow, by what an application keeps of requests, and every request reads all of it.
pub(super) fn check_size(record: &str) -> Result<(), WriteError> {
    match record.len() {
        bytes if bytes > MAX_RECORD_BYTES => Err(WriteError::RecordTooLarge { bytes }),
        _ => Ok(()),
    }
}
