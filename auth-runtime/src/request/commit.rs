//! What becomes of a session when its request is done.

use std::sync::Arc;

use secrecy::{ExposeSecret, SecretString};
use tokio::runtime::Handle;
use tracing::Instrument as _;

use super::callers::Callers;
use super::changes::Changes;
use super::current::Session;
use crate::session::{DocumentError, Due, SessionDocument, SessionDraft, WriteError};
use crate::shared::StoreError;
use crate::store::{Content, SaveError, Saved};

impl Callers {
    /// Saves what the handler changed, ends the session if the handler said so, or extends it if it is due. Returns the
    /// cookies that say so to the browser. From then on the session does not change any more.
    ///
    /// A session is written once. Where sessions are in a store, the write has a task of its own, so that a client that
    /// disconnects does not interrupt it.
    ///
    /// Most sessions need nothing of that. What the others need is boxed, so that it takes no room in every handler's
    /// future.
    pub(crate) async fn commit(self: &Arc<Self>, session: Session) -> Result<Saved, SaveError> {
        if !session.begin_commit() {
            return Ok(Saved::Kept(Vec::new()));
        }
        let due = self.codec().due(session.verified(), self.now());
        if due == Due::Nothing && session.close_unchanged() {
            return Ok(Saved::Kept(Vec::new()));
        }
        Box::pin(self.write_back(session, due)).await
    }

    async fn write_back(self: &Arc<Self>, session: Session, due: Due) -> Result<Saved, SaveError> {
        if session.place().record.is_some()
            && let Ok(runtime) = Handle::try_current()
        {
            let callers = Arc::clone(self);
            let writing = async move { callers.write(&session, due).await };
            // The runtime is shutting down, or a hook of the application panicked.
            let interrupted = || StoreError::new("the session's write was interrupted");
            let written = runtime.spawn(writing.in_current_span()).await;
            return written.unwrap_or_else(|_| Err(interrupted().into()));
        }
        self.write(&session, due).await
    }

    async fn write(&self, session: &Session, due: Due) -> Result<Saved, SaveError> {
        let is_due = match due {
            Due::Nothing => false,
            Due::Reseal => true,
            Due::Roll => self.hooks.before_roll(session).await,
        };
        let changes = session.close();
        if changes.is_over {
            return self.sign_out(session).await;
        }
        if !changes.is_empty() {
            return self.save(session, changes).await;
        }
        if !is_due {
            return Ok(Saved::Kept(Vec::new()));
        }
        match self.extend(session).await {
            // Nothing that the handler did is lost, so the browser may as well keep what it has.
            Err(error) if error.keeps_session() => {
                tracing::error!(%error, "the session could not be extended");
                Ok(Saved::Kept(Vec::new()))
            }
            saved => saved,
        }
    }

    async fn sign_out(&self, session: &Session) -> Result<Saved, SaveError> {
        let lines = self.sessions.end_one(session.verified(), session.place()).await?;
        // Only then: a session that could not be ended goes on, and with it its tokens.
        session.forget_tokens().await;
        Ok(Saved::Over(lines))
    }

    /// In a store only the end of the record moves: what another request changed meanwhile stays. A cookie is written whole.
    async fn extend(&self, session: &Session) -> Result<Saved, SaveError> {
        if session.place().record.is_some() {
            self.sessions.touch(&session.as_read(), self.now()).await
        } else {
            self.save(session, Changes::default()).await
        }
    }

    async fn save(&self, session: &Session, changes: Changes) -> Result<Saved, SaveError> {
        let document = match changes.document {
            Some(document) if changes.has_new_tokens => {
                let claims = changes.new_claims.as_ref().map(|claims| claims.as_str());
                Some(self.hooks.before_save(SessionDraft::new(document, claims)).await.into_document())
            }
            document => document,
        };
        let document = document.as_ref().unwrap_or_else(|| session.document());
        // Last of all, since requests of one browser overlap.
        let newest = with_newest_refresh_token(session, document).await.map_err(WriteError::from)?;
        let document = newest.as_ref().unwrap_or(document);
        let connections = changes.connections.as_deref().unwrap_or_else(|| session.connections_as_read());
        self.sessions.save(&session.as_read(), Content { document, connections }, self.now()).await
    }

    /// Where sessions are in a store: writes down what a handler got for the session before it was given up, for its client
    /// has left. A refresh token that was spent for nothing would be the session's last.
    pub(crate) fn salvage(self: &Arc<Self>, session: Session) {
        let may_have_newest = || {
            let (refresher, own) = (session.refresher(), session.document().refresh_token());
            refresher.zip(own).is_some_and(|(refresher, own)| refresher.knows(&own))
        };
        if session.place().record.is_some()
            && session.begin_commit()
            && may_have_newest()
            && let Ok(runtime) = Handle::try_current()
        {
            let callers = Arc::clone(self);
            runtime.spawn(async move { callers.save_successor(&session).await });
        }
    }

    async fn save_successor(&self, session: &Session) {
        let (Some(refresher), Some(own)) = (session.refresher(), session.document().refresh_token()) else {
            return;
        };
        if refresher.settled_successor(&own).await.is_none() {
            return;
        }
        // Only the refresh token: what else the handler did is half done.
        if let Err(error) = self.save(session, Changes::default()).await {
            tracing::error!(%error, "a renewed refresh token could not be saved");
        }
    }
}

impl Session {
    /// Forgets what the session's refresh token was exchanged for, since its user has signed out. Returns the token that
    /// is good now, to be revoked.
    pub(crate) async fn forget_tokens(&self) -> Option<SecretString> {
        let own = self.with_current(SessionDocument::refresh_token)?;
        match self.refresher() {
            Some(refresher) => Some(refresher.forget(&own).await),
            None => Some(own),
        }
    }
}

/// Returns the session as it has to be written: with the successor of its refresh token, if another request got one
/// meanwhile. A spent token must not take the place of its successor in the browser.
///
/// For a cookie other instances are asked too. A record is compared with what they wrote anyway.
async fn with_newest_refresh_token(
    session: &Session,
    document: &SessionDocument,
) -> Result<Option<SessionDocument>, DocumentError> {
    let (Some(refresher), Some(own)) = (session.refresher(), document.refresh_token()) else {
        return Ok(None);
    };
    let newest = match session.place().record {
        Some(_) => refresher.successor(&own),
        None => Some(refresher.newest(&own).await),
    };
    let newest = newest.filter(|newest| newest.expose_secret() != own.expose_secret());
    newest.map(|newest| document.with_refresh_token(newest.expose_secret())).transpose()
}
