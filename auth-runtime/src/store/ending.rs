//! Sessions that end before their time, wherever they are kept.

use std::time::Duration;

use http::HeaderMap;

use super::record::RecordIndex;
use super::records::{Listed, Records};
use super::session_store::SessionFilter;
use super::sessions::{End, Sessions};
use super::tombstones::UnderWay;
use super::user_sessions::{UserSession, UserSessionsError};
use crate::cookie::RequestCookies;
use crate::json;
use crate::session::{CLOCK_TOLERANCE, Origin, SessionDocument, StoreId};
use crate::shared::StoreError;
use crate::time::Timestamp;

impl Sessions {
    /// Ends the session of a request.
    pub(crate) async fn end(&self, headers: &HeaderMap, now: Timestamp) -> End {
        let cookies = RequestCookies::of_request(headers, self.codec.cookie_name());
        let id = self.codec.open_store_id(&cookies, now).ok().map(|(id, _)| id);
        let lines = self.codec.clear(&cookies.seen_names());
        let failure = match (&self.store, &self.revocations) {
            (None, Some(revocations)) => match self.codec.verify(&cookies, now) {
                Ok(session) => revocations.revoke_one(&session).await.err(),
                Err(_) => None,
            },
            _ => self.delete(id.as_ref()).await.err(),
        };
        End { lines, failure }
    }

    /// Ends the session of a browser that begins another one, where cookies can be revoked. One of the very same second
    /// could not be told from the new one.
    pub(super) async fn revoke_former(
        &self,
        document: &SessionDocument,
        headers: &HeaderMap,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let Some(revocations) = &self.revocations else { return Ok(()) };
        let cookies = RequestCookies::of_request(headers, self.codec.cookie_name());
        cookies.warn_of_duplicates();
        match self.codec.verify(&cookies, now) {
            Ok(former) if !is_same_sign_in(former.document(), document) => {
                revocations.revoke_one(&former).await
            }
            _ => Ok(()),
        }
    }

    /// What a sign-in that begins now has to know at its end, where sessions can be ended from afar.
    pub(crate) async fn sign_in_under_way(&self, now: Timestamp) -> Result<Option<UnderWay>, StoreError> {
        match &self.tombstones {
            Some(tombstones) => tombstones.under_way(now).await.map(Some),
            None => Ok(None),
        }
    }

    /// Returns whether the session of a sign-in ended while that was under way. One of a user whose sessions have ended
    /// a moment before is known to be a later one, and spared where only its time could tell it from those.
    pub(super) async fn has_ended(
        &self,
        document: &SessionDocument,
        under_way: Option<UnderWay>,
    ) -> Result<bool, StoreError> {
        let (Some(tombstones), Some(under_way)) = (&self.tombstones, under_way) else { return Ok(false) };
        let (index, now) = (RecordIndex::of(document.as_str()), document.created_at());
        let mut found = tombstones.find(&index, now).await?;
        if let (Some(revocations), Some(_), false) = (&self.revocations, found.sub, found.ends(under_way)) {
            revocations.spare(&index, now).await?;
            // What it is spared from may be an end that came meanwhile.
            found = tombstones.find(&index, now).await?;
        }
        if found.ends(under_way) {
            tombstones.catch_up(found, now).await?;
            return Ok(true);
        }
        Ok(false)
    }

    /// Returns whether an old session that is about to get a new key has ended.
    pub(super) async fn has_ended_before(
        &self,
        document: &SessionDocument,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let Some(tombstones) = &self.tombstones else { return Ok(false) };
        let found = tombstones.find(&RecordIndex::of(document.as_str()), now).await?;
        Ok(found.covers(document.created_at()))
    }

    /// Takes back a record that nobody may use, also when it is not known whether somebody may.
    pub(super) async fn remove_if(
        &self,
        has_ended: Result<bool, StoreError>,
        store: &Records,
        id: &StoreId,
    ) -> Result<bool, StoreError> {
        if !matches!(has_ended, Ok(false)) {
            store.delete(id).await?;
        }
        has_ended
    }

    /// Ends every session that the scope covers and that was there at `asked_at`, and says how many there were where that
    /// is known; `None` where no session can be ended from afar: without a store and without revocations.
    ///
    /// The provider's name for a session is that of no later one. A user may have begun another session since, which is
    /// left alone if it began clearly after `asked_at`: clocks do not agree to the second.
    pub(crate) async fn end_covered(
        &self,
        scope: &SessionFilter,
        asked_at: Timestamp,
        now: Timestamp,
    ) -> Option<Result<Option<usize>, StoreError>> {
        if self.store.is_none() && self.revocations.is_none() {
            return None;
        }
        // The provider's clock may be ahead, and no session is begun later than now.
        let asked_at = if scope.sid.is_some() { asked_at.max(now) } else { asked_at.min(now) };
        Some(self.end_until(scope, asked_at.saturating_add(CLOCK_TOLERANCE), now).await)
    }

    async fn end_until(
        &self,
        scope: &SessionFilter,
        until: Timestamp,
        now: Timestamp,
    ) -> Result<Option<usize>, StoreError> {
        let noted = match &self.tombstones {
            Some(tombstones) => tombstones.write(scope, until, now).await,
            None => Ok(()),
        };
        let ended = match (&self.store, &self.revocations) {
            (Some(store), _) if now <= until => store.delete_by_logout_token(scope).await.map(Some),
            (Some(store), _) => delete_until(store, scope, until, now).await.map(Some),
            (None, Some(revocations)) => revocations.revoke(scope, until).await.map(|()| None),
            (None, None) => Ok(None),
        };
        // A store that is full takes no tombstone, and still deletes. Whoever asked is told to ask again all the same.
        noted.and(ended)
    }

    /// Returns whether a logout token has done its work already. `token` is its name, with that of its issuer.
    pub(crate) async fn is_token_used(&self, token: &str) -> Result<bool, StoreError> {
        match &self.tombstones {
            Some(tombstones) => tombstones.is_used(token).await,
            None => Ok(false),
        }
    }

    /// Notes that a logout token has done its work. It would be accepted for `seconds` more.
    pub(crate) async fn note_used_token(&self, token: &str, seconds: u64) -> Result<(), StoreError> {
        let Some(tombstones) = &self.tombstones else { return Ok(()) };
        // By the clock of another instance it may be accepted for longer.
        let ttl = Duration::from_secs(seconds.saturating_add(2 * CLOCK_TOLERANCE));
        tombstones.note_used(token, ttl).await
    }

    /// The sessions that the scope covers. What opens and is no session is left out.
    pub(crate) async fn list(
        &self,
        scope: &SessionFilter,
        now: Timestamp,
    ) -> Result<Vec<UserSession>, UserSessionsError> {
        let store = self.store.as_ref().ok_or(UserSessionsError::NoStore)?;
        let mut sessions = Vec::new();
        for Listed { key, handle, record } in store.list(scope, now).await? {
            let end = record.expires_at();
            if let Ok((session, _)) = self.codec.read_stored(record.text(), end, Origin::default(), now) {
                sessions.push(UserSession::new(key, handle, &record, &session));
            }
        }
        sessions.sort_by_key(UserSession::created_at);
        Ok(sessions)
    }

    /// Ends one of the sessions that were listed, and says whether it was still there.
    pub(crate) async fn end_listed(&self, session: &UserSession) -> Result<bool, UserSessionsError> {
        let store = self.store.as_ref().ok_or(UserSessionsError::NoStore)?;
        Ok(store.delete_listed(session.key()).await?)
    }
}

/// Deletes the records that the scope covers and that were begun until `until`. For a scope that came late: a user may have
/// signed in again since.
async fn delete_until(
    store: &Records,
    scope: &SessionFilter,
    until: Timestamp,
    now: Timestamp,
) -> Result<usize, StoreError> {
    let Ok(listed) = store.list(scope, now.saturating_sub(CLOCK_TOLERANCE)).await else {
        // What cannot be read may be one of them. A store that is down says so here too.
        return store.delete_by_logout_token(scope).await;
    };
    let mut deleted = 0_usize;
    for Listed { key, record, .. } in listed {
        let is_later = created_at(record.text()).is_some_and(|created_at| created_at > until);
        if !is_later && store.delete_listed(&key).await? {
            deleted = deleted.saturating_add(1);
        }
    }
    Ok(deleted)
}

/// When a record's session was begun, if it says so where today's sessions do.
fn created_at(record: &str) -> Option<Timestamp> {
    let internal = json::member(record, "internal")?;
    json::member(internal, "createdAt").and_then(json::number).and_then(Timestamp::from_json_number)
}

/// Returns whether both are of one user's one sign-in, as far as a revocation can tell.
fn is_same_sign_in(one: &SessionDocument, other: &SessionDocument) -> bool {
    one.created_at() == other.created_at() && RecordIndex::of(one.as_str()) == RecordIndex::of(other.as_str())
}
