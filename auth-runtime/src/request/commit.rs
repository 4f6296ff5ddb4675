//! The end of a request: its session is saved, ended, extended, or left as it is.

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
    /// cookies for the browser. Only the first call writes and gets cookies. From then on the session does not change
    /// any more.
    ///
    /// Most sessions need no write. The write is boxed, so that it takes no room in every handler's future.
    pub(crate) async fn commit(self: &Arc<Self>, session: Session) -> Result<Saved, SaveError> {
        if !session.begin_commit() {
            return Ok(Saved::Kept(Vec::new()));
        }
        let due = self.codec().due(session.verified(), self.now());
        if due == Due::Nothing && session.close_unchanged() {
            self.save_successor_later(session);
            return Ok(Saved::Kept(Vec::new()));
        }
        Box::pin(self.write_in_own_task(session, due)).await
    }

    /// Writes the session. A record is written in a task of its own, so that a client that disconnects does not
    /// interrupt the write.
    async fn write_in_own_task(self: &Arc<Self>, session: Session, due: Due) -> Result<Saved, SaveError> {
        // Cookies go out with the response, so nothing is left to write if the client disconnects.
        let (true, Ok(runtime)) = (session.place().record.is_some(), Handle::try_current()) else {
            return self.write(&session, due).await;
        };
        let callers = Arc::clone(self);
        let writing = async move {
            let written = callers.write(&session, due).await;
            // The handler stopped waiting for an exchange, whose refresh token the record still needs.
            if session.has_exchange_under_way() {
                callers.save_successor_later(session);
            }
            written
        };
        // The runtime is shutting down, or a hook of the application panicked.
        let interrupted = || StoreError::new("the session's write was interrupted");
        let written = runtime.spawn(writing.in_current_span()).await;
        written.unwrap_or_else(|_| Err(interrupted().into()))
    }

    /// Closes the session, and ends, saves or extends it.
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
            // The handler changed nothing, so nothing is lost: the browser keeps the cookies that it has.
            Err(error) if error.keeps_session() => {
                tracing::error!(%error, "the session could not be extended, so it ends at the time it had before");
                Ok(Saved::Kept(Vec::new()))
            }
            saved => saved,
        }
    }

    /// Ends the session, and then forgets its tokens.
    async fn sign_out(&self, session: &Session) -> Result<Saved, SaveError> {
        let lines = self.sessions.end_one(session.verified(), session.place()).await?;
        // Only after the end: a session that could not be ended goes on, and needs its tokens.
        session.forget_tokens().await;
        Ok(Saved::Over(lines))
    }

    /// Extends the session. Of a record only the end is moved, so that the changes of another request stay. A cookie is
    /// written whole.
    async fn extend(&self, session: &Session) -> Result<Saved, SaveError> {
        if session.place().record.is_some() {
            self.sessions.touch(&session.as_read(), self.now()).await
        } else {
            self.save(session, Changes::default()).await
        }
    }

    /// Saves the session with its changes. The hook is called only if tokens were renewed.
    async fn save(&self, session: &Session, changes: Changes) -> Result<Saved, SaveError> {
        let document = match changes.document {
            Some(document) if changes.has_new_tokens => {
                let claims = changes.new_claims.as_ref().map(|claims| claims.as_str());
                Some(self.hooks.before_save(SessionDraft::new(document, claims)).await.into_document())
            }
            document => document,
        };
        let document = document.as_ref().unwrap_or_else(|| session.document());
        // Last of all, since another request may renew the refresh token meanwhile.
        let newest = with_newest_refresh_token(session, document).await.map_err(WriteError::from)?;
        let document = newest.as_ref().unwrap_or(document);
        let connections = changes.connections.as_deref().unwrap_or_else(|| session.connections_as_read());
        self.sessions.save(&session.as_read(), Content { document, connections }, self.now()).await
    }

    /// Saves the successor of the refresh token for a handler that was dropped because its client disconnected.
    /// Otherwise the record would keep a token that is spent. Does nothing for sessions in cookies.
    pub(crate) fn salvage(self: &Arc<Self>, session: Session) {
        if session.place().record.is_none() || !session.begin_commit() {
            return;
        }
        // From here on no clone of the session sends the token. The handler's other changes are incomplete, so they are
        // not saved.
        session.close();
        self.save_successor_later(session);
    }

    /// Saves the new refresh token once the exchange ends that this request asked for, if sessions are in a store. The
    /// handler may have given up waiting for the exchange.
    fn save_successor_later(self: &Arc<Self>, session: Session) {
        if session.place().record.is_none() || !session.has_begun_exchange() {
            return;
        }
        let Ok(runtime) = Handle::try_current() else { return };
        let callers = Arc::clone(self);
        runtime.spawn(async move { callers.save_successor(&session).await }.in_current_span());
    }

    /// Waits for the exchange to end, and saves the successor of the refresh token, if there is one.
    async fn save_successor(&self, session: &Session) {
        let (Some(refresher), Some(own)) = (session.refresher(), session.document().refresh_token()) else {
            return;
        };
        if refresher.settled_successor(&own).await.is_none() {
            return;
        }
        if let Err(error) = self.save(session, Changes::default()).await {
            tracing::error!(%error, "a renewed refresh token could not be saved, so its user may have to sign in again");
        }
    }
}

impl Session {
    /// Forgets the outcomes of the session's refresh token, since the user has signed out. Returns the newest token, to
    /// be revoked.
    pub(crate) async fn forget_tokens(&self) -> Option<SecretString> {
        let own = self.with_current(SessionDocument::refresh_token)?;
        match self.refresher() {
            Some(refresher) => Some(refresher.forget(&own).await),
            None => Some(own),
        }
    }
}

/// Returns the session with the successor of its refresh token, if another request got one meanwhile; else `None`. A
/// spent token must not take the place of its successor in the browser.
///
/// For a cookie, this also asks the other instances. For a record it need not: the store notices what they wrote.
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
