//! Reading and writing sessions, whichever of the two places they are kept in.

#[cfg(feature = "oidc")]
use std::sync::Arc;

use http::{HeaderMap, StatusCode};
use zeroize::Zeroizing;

use super::record::Record;
use super::records::Records;
use super::revocations::Revocations;
#[cfg(feature = "oidc")]
use super::tombstones::{Tombstones, UnderWay};
use crate::cookie::{RequestCookies, SetCookie};
#[cfg(feature = "oidc")]
use crate::refresh::Refresher;
#[cfg(feature = "oidc")]
use crate::session::SessionDocument;
use crate::session::{InRequest, Mode, Reason, Session, SessionCodec, StoreId, WriteError};
use crate::shared::{StoreError, log_unreadable};
use crate::time::Timestamp;

/// The sessions of a service: in cookies without a store, else in it.
#[derive(Debug)]
pub(crate) struct Sessions {
    pub(super) codec: SessionCodec,
    pub(super) store: Option<Records>,
    pub(super) revocations: Option<Revocations>,
    /// There, where sessions can be ended from afar.
    #[cfg(feature = "oidc")]
    pub(super) tombstones: Option<Tombstones>,
    #[cfg(feature = "oidc")]
    pub(super) refresher: Option<Arc<Refresher>>,
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
    pub(crate) fn new(codec: SessionCodec, store: Option<Records>) -> Self {
        Self {
            codec,
            store,
            revocations: None,
            #[cfg(feature = "oidc")]
            tombstones: None,
            #[cfg(feature = "oidc")]
            refresher: None,
        }
    }

    /// Lets sessions in cookies end before their time.
    pub(crate) fn with_revocations(mut self, revocations: Revocations) -> Self {
        self.revocations = Some(revocations);
        self
    }

    /// Lets requests that are under way learn of sessions that have ended.
    #[cfg(feature = "oidc")]
    pub(crate) fn with_tombstones(mut self, tombstones: Option<Tombstones>) -> Self {
        self.tombstones = tombstones;
        self
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
        // Boxed, so that a service without a store has no room for it in every handler's future.
        match (&self.store, &self.revocations) {
            (None, None) => Ok(self.load_from_cookie(headers, now)?),
            (None, Some(revocations)) => Box::pin(self.load_unless_revoked(revocations, headers, now)).await,
            (Some(store), _) => Box::pin(self.load_from_store(store, headers, now)).await,
        }
    }

    async fn load_unless_revoked(
        &self,
        revocations: &Revocations,
        headers: &HeaderMap,
        now: Timestamp,
    ) -> Result<Session, LoadError> {
        let session = self.load_from_cookie(headers, now)?;
        if revocations.covers(&session).await? { Err(Reason::Revoked.into()) } else { Ok(session) }
    }

    pub(super) fn load_from_cookie(&self, headers: &HeaderMap, now: Timestamp) -> Result<Session, Reason> {
        let cookies = RequestCookies::of_request(headers, self.codec.cookie_name());
        let session = self.codec.read(&cookies, now)?;
        let connections = self.codec.open_connections(&cookies, &session, now);
        Ok(self.in_request(session, None, connections, &cookies))
    }

    async fn load_from_store(
        &self,
        store: &Records,
        headers: &HeaderMap,
        now: Timestamp,
    ) -> Result<Session, LoadError> {
        let cookies = RequestCookies::of_request(headers, self.codec.cookie_name());
        let (id, origin) = self.codec.open_store_id(&cookies, now)?;
        let record = match store.get(&id, now.as_unix()).await {
            // The browser must be able to sign in anew, so it isn't told to come back later.
            Err(error) if error.is_unreadable() => {
                log_unreadable(&error);
                return Err(Reason::UnreadableRecord.into());
            }
            record => record?.ok_or(Reason::NotInStore)?,
        };
        let expires_at = Timestamp::from_unix(record.expires_at());
        // The store's housekeeping may be late. Each use moves the end, so a record that is past it was idle too long.
        if expires_at <= now {
            return Err(Reason::IdleTooLong.into());
        }
        let (session, connections) = self.codec.read_stored(record.text(), expires_at, origin, now)?;
        Ok(self.in_request(session, Some((id, &record)), connections, &cookies))
    }

    fn in_request(
        &self,
        session: Session,
        stored: Option<(StoreId, &Record)>,
        connections: Vec<Zeroizing<String>>,
        cookies: &RequestCookies<'_>,
    ) -> Session {
        if cookies.session.has_duplicates {
            tracing::warn!(
                target: "auth_runtime::security",
                "two different session cookies under one name: another path or domain sets one too, or somebody planted it"
            );
        }
        let (id, record) = stored.unzip();
        session.in_request(InRequest {
            seen: cookies.seen_names(),
            id,
            revision: record.map(|record| record.revision().clone()).unwrap_or_default(),
            generation: record.and_then(Record::generation),
            connections,
            is_writable: matches!(self.codec.mode(), Mode::Owner(_)),
            #[cfg(feature = "oidc")]
            refresher: self.refresher.clone(),
            ..InRequest::default()
        })
    }

    /// Begins a session: under a key that nobody knew before, and with what the browser had removed (OWASP ASVS 7.2.4).
    /// `None` if the provider or the user ended it while its sign-in was under way: then it is not there.
    /// It does not depend on what that was, or whether it can be read.
    #[cfg(feature = "oidc")]
    pub(crate) async fn begin(
        &self,
        document: &SessionDocument,
        headers: &HeaderMap,
        now: Timestamp,
        under_way: Option<UnderWay>,
    ) -> Result<Option<Vec<SetCookie>>, SaveError> {
        let cookies = RequestCookies::of_request(headers, self.codec.cookie_name());
        let seen = cookies.seen_names();
        let Some(store) = &self.store else {
            if self.has_ended(document, under_way).await? {
                return Ok(None);
            }
            self.revoke_former(document, headers, now).await?;
            // What cannot be read of the revocations would end this session too.
            if let Some(revocations) = &self.revocations
                && let Err(error) = revocations.admit(document.as_str(), document.created_at()).await
            {
                // Each request asks the same store again.
                tracing::debug!(%error, "whether the revocations can be read is not known");
            }
            return Ok(Some(self.codec.write_all(document, &[], &seen, now)?));
        };
        let (id, lines) = self.codec.write_store_id(None, document.created_at(), &seen, now)?;
        store.create(&id, &self.record(document, &[], now)?).await?;
        // Only now: an end that comes later finds the record.
        if self.remove_if(self.has_ended(document, under_way).await, store, &id).await? {
            return Ok(None);
        }
        if let Ok((old, _)) = self.codec.open_store_id(&cookies, now)
            && let Err(error) = store.delete(&old).await
        {
            // The new session is there, and to take it back would leave the browser with the old one.
            tracing::error!(%error, "a sign-in could not end the session before it, which ends at its time");
        }
        Ok(Some(lines))
    }

    /// Whether the stores answer; without one there is nothing to ask.
    pub(crate) async fn check(&self) -> Result<(), SaveError> {
        #[cfg(feature = "oidc")]
        if let Some(refresher) = &self.refresher {
            refresher.check_shared().await?;
        }
        if let Some(revocations) = &self.revocations {
            revocations.check().await?;
        }
        if let Some(store) = &self.store {
            let nobodys = self.codec.new_store_id()?;
            store.get(&nobodys, 0).await?;
        }
        Ok(())
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
    /// Whether what the browser and the store have is as good as before, so that a session in which nothing changed may
    /// as well stay as it is.
    pub(crate) fn keeps_session(&self) -> bool {
        match self {
            Self::Store(_) => true,
            Self::Write(error) => error.is_too_large(),
        }
    }

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
