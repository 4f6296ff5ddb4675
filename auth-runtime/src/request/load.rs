//! The load of a request's session, by the request's cookies.

use http::HeaderMap;

use super::caller::Caller;
use super::callers::Callers;
use super::current::{InRequest, Session};
use crate::cookie::RequestCookies;
use crate::session::{Connections, Mode, Reason, VerifiedSession};
use crate::shared::{StoreError, log_unreadable};
use crate::store::{Place, Records, Revocations};
use crate::time::Timestamp;

/// The reason why no session was loaded.
enum LoadError {
    /// There is no session.
    Absent(Reason),
    /// A store failed, so it is not known whether there is a session.
    Unavailable(StoreError),
}

impl Callers {
    /// Loads the session of a request.
    ///
    /// # Errors
    ///
    /// A store failed, so it is not known whether there is a session. A caller that takes this for no session lets a
    /// failing store sign out all users.
    pub(crate) async fn load(&self, headers: &HeaderMap, now: Timestamp) -> Result<Caller, StoreError> {
        // Boxed, so that a service without a store has no room for it in every handler's future.
        let loaded = match (self.sessions.store(), self.sessions.revocations()) {
            (None, None) => self.load_from_cookie(headers, now).map_err(LoadError::Absent),
            (None, Some(revocations)) => Box::pin(self.load_unless_revoked(revocations, headers, now)).await,
            (Some(store), _) => Box::pin(self.load_from_store(store, headers, now)).await,
        };
        match loaded {
            Ok(session) => Ok(Caller::SignedIn(session)),
            Err(LoadError::Absent(reason)) => Ok(Caller::Anonymous(reason)),
            Err(LoadError::Unavailable(error)) => Err(error),
        }
    }

    fn load_from_cookie(&self, headers: &HeaderMap, now: Timestamp) -> Result<Session, Reason> {
        let cookies = RequestCookies::of_request(headers, self.codec().cookie_name());
        let session = self.codec().verify(&cookies, now)?;
        cookies.warn_of_duplicates();
        let connections = self.codec().connections(&cookies);
        Ok(self.with_request(session, connections, Place::of_cookies(&cookies)))
    }

    /// Loads the session from the cookie, unless it was revoked.
    async fn load_unless_revoked(
        &self,
        revocations: &Revocations,
        headers: &HeaderMap,
        now: Timestamp,
    ) -> Result<Session, LoadError> {
        let session = self.load_from_cookie(headers, now)?;
        let is_revoked = revocations.covers(session.verified()).await?;
        if is_revoked { Err(Reason::Revoked.into()) } else { Ok(session) }
    }

    /// Loads the session from the record that the cookie names.
    async fn load_from_store(
        &self,
        store: &Records,
        headers: &HeaderMap,
        now: Timestamp,
    ) -> Result<Session, LoadError> {
        let cookies = RequestCookies::of_request(headers, self.codec().cookie_name());
        let (id, origin) = self.codec().open_store_id(&cookies, now)?;
        let record = match store.get(&id, now).await {
            // The browser must be able to sign in anew, so it isn't told to come back later.
            Err(error) if error.is_unreadable() => {
                log_unreadable(&error);
                return Err(Reason::UnreadableRecord.into());
            }
            record => record?.ok_or(Reason::NotInStore)?,
        };
        let expires_at = record.expires_at();
        // The store may be late to remove a record that has ended.
        if expires_at <= now {
            return Err(Reason::IdleTooLong.into());
        }
        let (session, connections) = self.codec().read_stored(record.text(), expires_at, origin, now)?;
        cookies.warn_of_duplicates();
        Ok(self.with_request(session, connections, Place::of_record(&cookies, id, &record)))
    }

    fn with_request(&self, session: VerifiedSession, connections: Connections, place: Place) -> Session {
        Session::new(
            session,
            InRequest {
                place,
                connections,
                is_writable: matches!(self.codec().mode(), Mode::Owner(_)),
                refresher: self.sessions.refresher().cloned(),
            },
        )
    }
}

impl From<Reason> for LoadError {
    fn from(reason: Reason) -> Self {
        Self::Absent(reason)
    }
}

impl From<StoreError> for LoadError {
    fn from(error: StoreError) -> Self {
        Self::Unavailable(error)
    }
}
