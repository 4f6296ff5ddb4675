//! Sessions that end before their time, wherever they are kept.

use http::HeaderMap;

use super::records::Listed;
use super::session_store::LogoutScope;
use super::sessions::{End, Sessions};
use super::user_sessions::{UserSession, UserSessionsError};
use crate::cookie::RequestCookies;
use crate::session::{Origin, SessionDocument};
use crate::shared::StoreError;
use crate::time::Timestamp;

impl Sessions {
    /// Ends the session of a request.
    pub(crate) async fn end(&self, headers: &HeaderMap, now: Timestamp) -> End {
        let cookies = RequestCookies::of_request(headers, self.codec.cookie_name());
        let id = self.codec.open_store_id(&cookies, now).ok().map(|(id, _)| id);
        let lines = self.codec.clear(&cookies.seen_names());
        let failure = match (&self.store, &self.revocations) {
            (None, Some(revocations)) => match self.load_from_cookie(headers, now) {
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
        match self.load_from_cookie(headers, now) {
            Ok(former) if former.created_at() != document.created_at() => {
                revocations.revoke_one(&former).await
            }
            _ => Ok(()),
        }
    }

    /// Ends every session that the scope covers, and says how many there were where that is known; `None` where no
    /// session can be ended from afar: without a store and without revocations.
    pub(crate) async fn end_covered(
        &self,
        scope: &LogoutScope,
        now: Timestamp,
    ) -> Option<Result<Option<usize>, StoreError>> {
        match (&self.store, &self.revocations) {
            (Some(store), _) => Some(store.delete_by_logout_token(scope).await.map(Some)),
            (None, Some(revocations)) => Some(revocations.revoke(scope, now).await.map(|()| None)),
            (None, None) => None,
        }
    }

    /// The sessions that the scope covers. What opens and is no session is left out.
    pub(crate) async fn list(
        &self,
        scope: &LogoutScope,
        now: Timestamp,
    ) -> Result<Vec<UserSession>, UserSessionsError> {
        let store = self.store.as_ref().ok_or(UserSessionsError::NoStore)?;
        let mut sessions = Vec::new();
        for Listed { key, handle, record } in store.list(scope, now.as_unix()).await? {
            let end = Timestamp::from_unix(record.expires_at());
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
