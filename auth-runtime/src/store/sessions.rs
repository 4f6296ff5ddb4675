//! The sessions of a service, whichever of the two places they are kept in.

use std::sync::Arc;

use http::HeaderMap;
use http::StatusCode;

use super::place::Content;
use super::records::Records;
use super::revocations::Revocations;
use super::tombstones::{Tombstones, UnderWay};
use crate::cookie::RequestCookies;
use crate::cookie::SetCookie;
use crate::refresh::Refresher;
use crate::session::SessionDocument;
use crate::session::{SessionCodec, WriteError};
use crate::shared::StoreError;
use crate::time::Timestamp;

/// The sessions of a service: in cookies without a store, else in it.
#[derive(Debug)]
pub(crate) struct Sessions {
    pub(super) codec: SessionCodec,
    pub(super) store: Option<Records>,
    pub(super) revocations: Option<Revocations>,
    /// There, where sessions can be ended from afar.
    pub(super) tombstones: Option<Tombstones>,
    pub(super) refresher: Option<Arc<Refresher>>,
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
pub(crate) struct End {
    pub(crate) lines: Vec<SetCookie>,
    /// The record may still be there.
    pub(crate) failure: Option<StoreError>,
}

impl Sessions {
    pub(crate) fn new(codec: SessionCodec, store: Option<Records>) -> Self {
        Self { codec, store, revocations: None, tombstones: None, refresher: None }
    }

    /// Lets sessions in cookies end before their time.
    pub(crate) fn with_revocations(mut self, revocations: Revocations) -> Self {
        self.revocations = Some(revocations);
        self
    }

    /// Lets requests that are under way learn of sessions that have ended.
    pub(crate) fn with_tombstones(mut self, tombstones: Option<Tombstones>) -> Self {
        self.tombstones = tombstones;
        self
    }

    /// Lets the sessions' tokens be renewed.
    pub(crate) fn with_refresher(mut self, refresher: Arc<Refresher>) -> Self {
        self.refresher = Some(refresher);
        self
    }

    pub(crate) fn codec(&self) -> &SessionCodec {
        &self.codec
    }

    pub(crate) fn store(&self) -> Option<&Records> {
        self.store.as_ref()
    }

    pub(crate) fn revocations(&self) -> Option<&Revocations> {
        self.revocations.as_ref()
    }

    pub(crate) fn refresher(&self) -> Option<&Arc<Refresher>> {
        self.refresher.as_ref()
    }

    /// Begins a session: under a key that nobody knew before, and with what the browser had removed (OWASP ASVS 7.2.4).
    /// `None` if the provider or the user ended it while its sign-in was under way: then it is not there.
    /// It does not depend on what that was, or whether it can be read.
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
        store.create(&id, &self.record(Content { document, connections: &[] }, now)?).await?;
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

    /// Asks whether the stores answer; without one there is nothing to ask.
    pub(crate) async fn check(&self) -> Result<(), SaveError> {
        if let Some(refresher) = &self.refresher {
            refresher.check_shared().await?;
        }
        if let Some(revocations) = &self.revocations {
            revocations.check().await?;
        }
        if let Some(store) = &self.store {
            let nobodys = self.codec.new_store_id()?;
            store.get(&nobodys, Timestamp::from_unix(0)).await?;
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
    /// Returns whether what the browser and the store have is as good as before, so that a session in which nothing
    /// changed may as well stay as it is.
    pub(crate) fn keeps_session(&self) -> bool {
        match self {
            Self::Store(_) => true,
            Self::Write(error) => error.is_too_large(),
        }
    }

    /// Returns the status of the answer: whether this service is at fault, or its store does not answer.
    pub(crate) fn status(&self) -> StatusCode {
        match self {
            Self::Store(_) => StatusCode::SERVICE_UNAVAILABLE,
            Self::Write(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }
}
