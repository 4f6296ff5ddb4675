//! Ending sessions before their time, in cookies and in a store.

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
    /// Ends the session that the request's cookies name, by the user's sign-out.
    pub(crate) async fn end(&self, headers: &HeaderMap, now: Timestamp) -> End {
        let cookies = RequestCookies::of_request(headers, self.codec.cookie_name());
        let id = self.codec.open_store_id(&cookies, now).ok().map(|(id, _)| id);
        let lines = self.codec.clear(&cookies.seen_names());
        let failure = match (&self.store, &self.revocations) {
            (None, Some(revocations)) => match self.codec.verify(&cookies, now) {
                Ok(session) => revocations.revoke_one(&session).await.err(),
                // Cookies that do not verify hold no session to revoke.
                Err(_) => None,
            },
            _ => self.delete(id.as_ref()).await.err(),
        };
        End { lines, failure }
    }

    /// Ends the former session of a browser that begins a new one, where sessions in cookies can be revoked. A former
    /// session of the same second and the same names is left alone, since its revocation would cover the new one too.
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

    /// Returns the state of the tombstones for a sign-in that begins now, to compare with at its end. `None` where
    /// sessions cannot be ended from afar.
    pub(crate) async fn sign_in_under_way(&self, now: Timestamp) -> Result<Option<UnderWay>, StoreError> {
        match &self.tombstones {
            Some(tombstones) => tombstones.under_way(now).await.map(Some),
            None => Ok(None),
        }
    }

    /// Returns whether the session of a sign-in ended while the sign-in was under way.
    ///
    /// A session that began after its user's other sessions were ended goes on. If sessions are in cookies and its time
    /// alone cannot show that it is a later one, it is spared from the revocation.
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
            // Another end may have come between the first look and the sparing: the session is not spared from that.
            found = tombstones.find(&index, now).await?;
        }
        if found.ends(under_way) {
            tombstones.catch_up(found, now).await?;
            return Ok(true);
        }
        Ok(false)
    }

    /// Returns whether a session of v3 that is about to get a new key has ended.
    pub(super) async fn has_ended_before(
        &self,
        document: &SessionDocument,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let Some(tombstones) = &self.tombstones else { return Ok(false) };
        let found = tombstones.find(&RecordIndex::of(document.as_str()), now).await?;
        Ok(found.covers(document.created_at()))
    }

    /// Removes a new record if its session has ended, and also if the tombstones could not be read. Returns
    /// `has_ended`.
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

    /// Ends every session that the scope covers and that was there at `asked_at`. Returns how many there were, or
    /// `Some(Ok(None))` where the number is not known, or `None` where no session can be ended from afar: without a
    /// store
    /// and without revocations.
    ///
    /// A scope with a `sid` covers its session whenever it began, since the provider gives no `sid` twice. A scope of a
    /// user leaves sessions alone that began clearly after `asked_at`, by more than the clocks may differ.
    pub(crate) async fn end_covered(
        &self,
        scope: &SessionFilter,
        asked_at: Timestamp,
        now: Timestamp,
    ) -> Option<Result<Option<usize>, StoreError>> {
        if self.store.is_none() && self.revocations.is_none() {
            return None;
        }
        // A `sid` names one session whenever it began. Else the provider's clock may be ahead, and no session begins
        // later than now.
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
            // No session can have begun after `until` yet, so none has to be looked at.
            (Some(store), _) if now <= until => store.delete_by_logout_token(scope).await.map(Some),
            (Some(store), _) => delete_until(store, scope, until, now).await.map(Some),
            (None, Some(revocations)) => revocations.revoke(scope, until).await.map(|()| None),
            (None, None) => Ok(None),
        };
        // A full store takes no tombstone, and still deletes. The error tells the caller to ask again.
        noted.and(ended)
    }

    /// Returns whether a logout token was used before. `token` is its name: the issuer, the client id and the `jti`.
    pub(crate) async fn is_token_used(&self, token: &str) -> Result<bool, StoreError> {
        match &self.tombstones {
            Some(tombstones) => tombstones.is_used(token).await,
            None => Ok(false),
        }
    }

    /// Notes that a logout token was used. The token would be accepted for `seconds` more.
    pub(crate) async fn note_used_token(&self, token: &str, seconds: u64) -> Result<(), StoreError> {
        let Some(tombstones) = &self.tombstones else { return Ok(()) };
        // By the clock of another instance the token may be accepted for longer.
        let ttl = Duration::from_secs(seconds.saturating_add(2 * CLOCK_TOLERANCE));
        tombstones.note_used(token, ttl).await
    }

    /// Returns the sessions that the scope covers, oldest first. A record that opens but holds no session is left out.
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

    /// Ends a session that was listed, and returns whether it was still there.
    pub(crate) async fn end_listed(&self, session: &UserSession) -> Result<bool, UserSessionsError> {
        let store = self.store.as_ref().ok_or(UserSessionsError::NoStore)?;
        Ok(store.delete_listed(session.key()).await?)
    }
}

/// Deletes the records that the scope covers and whose sessions began until `until`, and returns how many it deleted.
/// An end that arrives late must spare the sessions of a user who has signed in again since.
async fn delete_until(
    store: &Records,
    scope: &SessionFilter,
    until: Timestamp,
    now: Timestamp,
) -> Result<usize, StoreError> {
    let Ok(listed) = store.list(scope, now.saturating_sub(CLOCK_TOLERANCE)).await else {
        // A record that cannot be read may be one of them, so all are deleted. A store that is down fails here too.
        return store.delete_by_logout_token(scope).await;
    };
    let mut deleted = 0_usize;
    for Listed { key, record, .. } in listed {
        // A record that does not say when it began is deleted too.
        let is_later = created_at(record.text()).is_some_and(|created_at| created_at > until);
        if !is_later && store.delete_listed(&key).await? {
            deleted = deleted.saturating_add(1);
        }
    }
    Ok(deleted)
}

/// Returns the time when a record's session began, if its JSON has it in `internal.createdAt`.
fn created_at(record: &str) -> Option<Timestamp> {
    let internal = json::member(record, "internal")?;
    json::member(internal, "createdAt").and_then(json::number).and_then(Timestamp::from_json_number)
}

/// Returns whether a revocation of one of the sessions would cover the other one too: both have one time and one index.
fn is_same_sign_in(one: &SessionDocument, other: &SessionDocument) -> bool {
    one.created_at() == other.created_at() && RecordIndex::of(one.as_str()) == RecordIndex::of(other.as_str())
}
