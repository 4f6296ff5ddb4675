//! Reading and writing sessions, whichever of the two places they are kept in.

use std::sync::Arc;

use http::{HeaderMap, StatusCode};
use zeroize::Zeroizing;

use super::record::Record;
#[cfg(feature = "oidc")]
use super::session_store::LogoutScope;
use super::session_store::{SessionStore, StoreError};
use crate::cookie::{RequestCookies, SeenNames, SetCookie};
#[cfg(feature = "oidc")]
use crate::refresh::Refresher;
use crate::session::{
    InRequest, Mode, Origin, Reason, Session, SessionCodec, SessionDocument, StoreId, WriteError,
    join_connections,
};
use crate::time::Timestamp;

/// The sessions of a service: in cookies without a store, else in it.
#[derive(Debug)]
pub(crate) struct Sessions {
    codec: SessionCodec,
    store: Option<Arc<dyn SessionStore>>,
    #[cfg(feature = "oidc")]
    refresher: Option<Arc<Refresher>>,
}

/// Why a request has no session that could be used.
#[derive(Debug)]
pub(crate) enum LoadError {
    /// There is none.
    Absent(Reason),
    /// Whether there is one cannot be told. Never the same as absent: that would sign everybody out.
    Unavailable(StoreError),
}

/// Why a session was not written. The browser keeps what it has.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SaveError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Write(#[from] WriteError),
}

/// What became of a session that was to be written, with the cookies that say so to the browser.
#[derive(Debug)]
#[must_use]
pub(crate) enum Saved {
    /// It goes on.
    Kept(Vec<SetCookie>),
    /// It has ended, and its cookies are removed. Nothing that it stands for is given out any more.
    Over(Vec<SetCookie>),
}

/// How ending a session went: the cookies go in any case.
#[cfg(feature = "oidc")]
pub(crate) struct End {
    pub(crate) lines: Vec<SetCookie>,
    /// The record may still be there.
    pub(crate) failure: Option<StoreError>,
}

impl Sessions {
    pub(crate) fn new(codec: SessionCodec, store: Option<Arc<dyn SessionStore>>) -> Self {
        Self {
            codec,
            store,
            #[cfg(feature = "oidc")]
            refresher: None,
        }
    }

    /// Lets the sessions' tokens be renewed.
    #[cfg(feature = "oidc")]
    pub(crate) fn with_refresher(mut self, refresher: Arc<Refresher>) -> Self {
        self.refresher = Some(refresher);
        self
    }

    pub(crate) fn codec(&self) -> &SessionCodec {
        &self.codec
    }

    #[cfg(feature = "oidc")]
    pub(crate) fn refresher(&self) -> Option<&Arc<Refresher>> {
        self.refresher.as_ref()
    }

    /// The session of a request.
    pub(crate) async fn load(&self, headers: &HeaderMap, now: Timestamp) -> Result<Session, LoadError> {
        match &self.store {
            None => Ok(self.load_from_cookie(headers, now)?),
            // Boxed, so that a service without a store has no room for it in every handler's future.
            Some(store) => Box::pin(self.load_from_store(&**store, headers, now)).await,
        }
    }

    fn load_from_cookie(&self, headers: &HeaderMap, now: Timestamp) -> Result<Session, Reason> {
        let cookies = RequestCookies::of_request(headers, self.codec.cookie_name());
        let session = self.codec.read(&cookies, now)?;
        let connections = self.codec.open_connections(&cookies, now);
        Ok(self.in_request(session, None, connections, &cookies))
    }

    async fn load_from_store(
        &self,
        store: &dyn SessionStore,
        headers: &HeaderMap,
        now: Timestamp,
    ) -> Result<Session, LoadError> {
        let cookies = RequestCookies::of_request(headers, self.codec.cookie_name());
        let (id, origin) = self.codec.open_store_id(&cookies, now)?;
        let (session, connections) = self.read_stored(store, &id, origin, now).await?;
        Ok(self.in_request(session, Some(id), connections, &cookies))
    }

    fn in_request(
        &self,
        session: Session,
        id: Option<StoreId>,
        connections: Vec<Zeroizing<String>>,
        cookies: &RequestCookies<'_>,
    ) -> Session {
        if cookies.session.has_duplicates {
            tracing::warn!(
                target: "auth_runtime::security",
                "two different session cookies under one name: another path or domain sets one too, or somebody planted it"
            );
        }
        session.in_request(InRequest {
            seen: cookies.seen_names(),
            id,
            connections,
            is_writable: matches!(self.codec.mode(), Mode::Owner(_)),
            #[cfg(feature = "oidc")]
            refresher: self.refresher.clone(),
            ..InRequest::default()
        })
    }

    async fn read_stored(
        &self,
        store: &dyn SessionStore,
        id: &StoreId,
        origin: Origin,
        now: Timestamp,
    ) -> Result<(Session, Vec<Zeroizing<String>>), LoadError> {
        let record = store.get(id).await?.ok_or(Reason::NotInStore)?;
        let expires_at = Timestamp::from_unix(record.expires_at());
        // The store's housekeeping may be late. Each use moves the end, so a record that is past it was idle too long.
        if expires_at <= now {
            return Err(Reason::IdleTooLong.into());
        }
        Ok(self.codec.read_stored(record.json(), expires_at, origin, now)?)
    }

    /// Writes a session back where it came from: `document` and `connections` are what it has become.
    pub(crate) async fn save(
        &self,
        session: &Session,
        document: &SessionDocument,
        connections: &[Zeroizing<String>],
        now: Timestamp,
    ) -> Result<Saved, SaveError> {
        let request = session.request();
        let (Some(store), Some(id)) = (&self.store, &request.id) else {
            return Ok(Saved::Kept(self.codec.write_all(document, connections, &request.seen, now)?));
        };
        let record = self.record(document, connections, now)?;
        if !store.update(id, record.clone()).await? {
            // Somebody signed out meanwhile. A late write must not bring the session back.
            return Ok(Saved::Over(self.codec.clear(&request.seen)));
        }
        if session.origin().is_legacy {
            // What v3 signed is not sealed, so its key is not kept.
            let lines = self.create(&**store, document, record, &request.seen, now).await?;
            store.delete(id).await?;
            return Ok(Saved::Kept(lines));
        }
        let (_, lines) =
            self.codec.write_store_id(Some(id.clone()), document.created_at(), &request.seen, now)?;
        Ok(Saved::Kept(lines))
    }

    /// Extends a session in which nothing changed. What other requests wrote into its record meanwhile stays.
    pub(crate) async fn touch(&self, session: &Session, now: Timestamp) -> Result<Saved, SaveError> {
        let (document, request) = (session.document(), session.request());
        let (Some(store), Some(id), false) = (&self.store, &request.id, session.origin().is_legacy) else {
            return self.save(session, document, &request.connections, now).await;
        };
        let end = self.end_of(document, now)?;
        if !store.touch(id, end.as_unix(), now.as_unix()).await? {
            return Ok(Saved::Over(self.codec.clear(&request.seen)));
        }
        let (_, lines) =
            self.codec.write_store_id(Some(id.clone()), document.created_at(), &request.seen, now)?;
        Ok(Saved::Kept(lines))
    }

    /// Begins a session: under a key that nobody knew before, and with what the browser had removed (OWASP ASVS 7.2.4).
    #[cfg(feature = "oidc")]
    pub(crate) async fn begin(
        &self,
        document: &SessionDocument,
        headers: &HeaderMap,
        now: Timestamp,
    ) -> Result<Vec<SetCookie>, SaveError> {
        let cookies = RequestCookies::of_request(headers, self.codec.cookie_name());
        let seen = cookies.seen_names();
        let Some(store) = &self.store else {
            return Ok(self.codec.write_all(document, &[], &seen, now)?);
        };
        let lines = self.create(&**store, document, self.record(document, &[], now)?, &seen, now).await?;
        if let Ok((old, _)) = self.codec.open_store_id(&cookies, now) {
            store.delete(&old).await?;
        }
        Ok(lines)
    }

    /// Ends the session of a request.
    #[cfg(feature = "oidc")]
    pub(crate) async fn end(&self, headers: &HeaderMap, now: Timestamp) -> End {
        let cookies = RequestCookies::of_request(headers, self.codec.cookie_name());
        let id = self.codec.open_store_id(&cookies, now).ok().map(|(id, _)| id);
        let lines = self.codec.clear(&cookies.seen_names());
        End { lines, failure: self.delete(id.as_ref()).await.err() }
    }

    /// Ends a session whose handler said so.
    pub(crate) async fn end_in_request(&self, session: &Session) -> Result<Vec<SetCookie>, SaveError> {
        let request = session.request();
        self.delete(request.id.as_ref()).await?;
        Ok(self.codec.clear(&request.seen))
    }

    /// Ends every session that the provider's logout token covers; `None` without a store, where no session can be
    /// ended from afar.
    #[cfg(feature = "oidc")]
    pub(crate) async fn end_by_logout_token(&self, scope: &LogoutScope) -> Option<Result<usize, StoreError>> {
        Some(self.store.as_ref()?.delete_by_logout_token(scope).await)
    }

    /// Whether the store answers; without one there is nothing to ask.
    pub(crate) async fn check(&self) -> Result<(), SaveError> {
        if let Some(store) = &self.store {
            let nobodys = self.codec.new_store_id()?;
            store.get(&nobodys).await?;
        }
        Ok(())
    }

    async fn create(
        &self,
        store: &dyn SessionStore,
        document: &SessionDocument,
        record: Record,
        seen: &SeenNames,
        now: Timestamp,
    ) -> Result<Vec<SetCookie>, SaveError> {
        let (id, lines) = self.codec.write_store_id(None, document.created_at(), seen, now)?;
        store.create(&id, record).await?;
        Ok(lines)
    }

    async fn delete(&self, id: Option<&StoreId>) -> Result<(), StoreError> {
        match (&self.store, id) {
            (Some(store), Some(id)) => store.delete(id).await,
            _ => Ok(()),
        }
    }

    fn record(
        &self,
        document: &SessionDocument,
        connections: &[Zeroizing<String>],
        now: Timestamp,
    ) -> Result<Record, WriteError> {
        let end = self.end_of(document, now)?;
        let json = join_connections(document.as_str(), connections)?;
        Ok(Record::new(json.as_str(), end.as_unix(), now.as_unix()))
    }

    /// When a session that is used now ends unless it is used again.
    fn end_of(&self, document: &SessionDocument, now: Timestamp) -> Result<Timestamp, WriteError> {
        let Mode::Owner(lifetime) = self.codec.mode() else { return Err(WriteError::VerifyOnly) };
        Ok(now.saturating_add(lifetime.remaining(document.created_at(), now).as_secs()))
    }
}

impl Saved {
    /// The cookies, whatever became of the session.
    pub(crate) fn into_lines(self) -> Vec<SetCookie> {
        match self {
            Self::Kept(lines) | Self::Over(lines) => lines,
        }
    }
}

impl SaveError {
    /// Whether it is this service that is at fault, or its store that does not answer.
    pub(crate) fn status(&self) -> StatusCode {
        match self {
            Self::Store(_) => StatusCode::SERVICE_UNAVAILABLE,
            Self::Write(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
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
