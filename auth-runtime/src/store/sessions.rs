//! The sessions of a service, in cookies or in a store: how one begins, and whether the stores answer.

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

/// The sessions of a service. They are in its store, or in cookies if it has none.
#[derive(Debug)]
pub(crate) struct Sessions {
    pub(super) codec: SessionCodec,
    pub(super) store: Option<Records>,
    pub(super) revocations: Option<Revocations>,
    /// `Some` where sessions can be ended from afar.
    pub(super) tombstones: Option<Tombstones>,
    pub(super) refresher: Option<Arc<Refresher>>,
}

/// The reasons why a session was not written. The browser keeps the cookies that it has.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SaveError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Write(#[from] WriteError),
}

/// The outcome of writing a session, with the `Set-Cookie` lines for the browser.
#[derive(Debug)]
#[must_use]
pub(crate) enum Saved {
    /// The session goes on.
    Kept(Vec<SetCookie>),
    /// The session has ended. The lines remove its cookies, and the service gives out nothing of the session any more.
    Over(Vec<SetCookie>),
}

/// The outcome of ending a session. The cookies are removed in any case.
pub(crate) struct End {
    /// The `Set-Cookie` lines that remove the cookies.
    pub(crate) lines: Vec<SetCookie>,
    /// The store's error, if it failed. The record may still be there, or the revocation may be missing.
    pub(crate) failure: Option<StoreError>,
}

impl Sessions {
    pub(crate) fn new(codec: SessionCodec, store: Option<Records>) -> Self {
        Self { codec, store, revocations: None, tombstones: None, refresher: None }
    }

    /// Sets the revocations, by which sessions in cookies end before their time.
    pub(crate) fn with_revocations(mut self, revocations: Revocations) -> Self {
        self.revocations = Some(revocations);
        self
    }

    /// Sets the tombstones, by which a sign-in that is under way learns that its session has ended.
    pub(crate) fn with_tombstones(mut self, tombstones: Option<Tombstones>) -> Self {
        self.tombstones = tombstones;
        self
    }

    /// Sets the refresher, which renews the sessions' tokens.
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

    /// Begins a session under a new key, and removes the session that the browser had before (OWASP ASVS 7.2.4). The
    /// new session begins whatever the old one was, also if the old one cannot be read.
    ///
    /// Returns `None` if the provider or the user ended the session while its sign-in was under way. Then there is no
    /// session.
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
            // A revocation that cannot be read covers every session of its user, also this new one.
            if let Some(revocations) = &self.revocations
                && let Err(error) = revocations.admit(document.as_str(), document.created_at()).await
            {
                // No reason to refuse the sign-in: each later request reads the same revocations.
                tracing::debug!(%error, "whether the revocations can be read is not known");
            }
            return Ok(Some(self.codec.write_all(document, &[], &seen, now)?));
        };
        let (id, lines) = self.codec.write_store_id(None, document.created_at(), &seen, now)?;
        store.create(&id, &self.record(Content { document, connections: &[] }, now)?).await?;
        // After the record was created: an end that comes later finds the record and deletes it.
        if self.remove_if(self.has_ended(document, under_way).await, store, &id).await? {
            return Ok(None);
        }
        if let Ok((old, _)) = self.codec.open_store_id(&cookies, now)
            && let Err(error) = store.delete(&old).await
        {
            // The new session is there. Removing it would leave the browser with the old session.
            tracing::error!(%error, "the session before a sign-in could not be deleted from the store, so it ends at its own time");
        }
        Ok(Some(lines))
    }

    /// Checks that every configured store answers.
    pub(crate) async fn check(&self) -> Result<(), SaveError> {
        if let Some(refresher) = &self.refresher {
            refresher.check_shared().await?;
        }
        if let Some(revocations) = &self.revocations {
            revocations.check().await?;
        }
        if let Some(store) = &self.store {
            // A random key that no session has: reading it shows that the store answers.
            let nobodys = self.codec.new_store_id()?;
            store.get(&nobodys, Timestamp::from_unix(0)).await?;
        }
        Ok(())
    }
}

impl Saved {
    /// Returns the `Set-Cookie` lines of either outcome.
    pub(crate) fn into_lines(self) -> Vec<SetCookie> {
        match self {
            Self::Kept(lines) | Self::Over(lines) => lines,
        }
    }
}

impl SaveError {
    /// Returns whether the browser's cookies and the store's record are as good as before the failed write. Then a
    /// session in which nothing changed can stay as it is.
    pub(crate) fn keeps_session(&self) -> bool {
        match self {
            Self::Store(_) => true,
            Self::Write(error) => error.is_too_large(),
        }
    }

    /// Returns the status of the answer: 503 if the store failed, 500 if this service could not write the session.
    pub(crate) fn status(&self) -> StatusCode {
        match self {
            Self::Store(_) => StatusCode::SERVICE_UNAVAILABLE,
            Self::Write(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }
}
