//! What becomes of the session when its handler is done.

#[cfg(feature = "oidc")]
use tracing::Instrument as _;

use crate::auth::Auth;
use crate::cookie::SetCookie;
#[cfg(feature = "oidc")]
use crate::session::WriteError;
use crate::session::{Changes, Due, Session, SessionDraft};
#[cfg(feature = "oidc")]
use crate::shared::StoreError;
use crate::store::{SaveError, Saved};

/// Saves what the handler changed, ends the session if the handler said so, or extends it if it is due.
///
/// Gives the cookies that say so to the browser. From then on the session does not change any more.
///
/// Most sessions need nothing of that. What the others need is boxed, so that it takes no room in every handler's future.
pub(crate) async fn conclude(auth: &Auth, session: &Session) -> Result<Saved, SaveError> {
    let is_due = match auth.codec().due(session, auth.now()) {
        Due::Nothing => false,
        Due::Reseal => true,
        Due::Roll => Box::pin(auth.hooks().before_roll(session)).await,
    };
    let changes = session.close();
    if changes.is_over {
        return Box::pin(sign_out(auth, session)).await;
    }
    if !changes.is_empty() {
        return Box::pin(save(auth, session, changes)).await;
    }
    if !is_due {
        return Ok(Saved::Kept(Vec::new()));
    }
    match Box::pin(extend(auth, session)).await {
        // Nothing that the handler did is lost, so the browser may as well keep what it has.
        Err(error) if error.keeps_session() => {
            tracing::error!(%error, "the session could not be extended");
            Ok(Saved::Kept(Vec::new()))
        }
        saved => saved,
    }
}

/// Like [`conclude`], but once for a session, and where sessions are in a store in a task of its own, so that a client
/// that disconnects does not interrupt the write.
pub(crate) async fn conclude_whoever_waits(auth: &Auth, session: Session) -> Result<Saved, SaveError> {
    if !session.begin_conclusion() {
        return Ok(Saved::Kept(Vec::new()));
    }
    #[cfg(feature = "oidc")]
    if session.request().id.is_some()
        && let Ok(runtime) = tokio::runtime::Handle::try_current()
    {
        let auth = auth.clone();
        let concluding = async move { conclude(&auth, &session).await };
        let concluded = runtime.spawn(concluding.in_current_span());
        // The runtime is shutting down, or a hook of the application panicked.
        let interrupted = || StoreError::new("the session's write was interrupted");
        return concluded.await.unwrap_or_else(|_| Err(interrupted().into()));
    }
    conclude(auth, &session).await
}

/// Like [`conclude_whoever_waits`], for each of these sessions. Gives the cookies of all.
pub(super) async fn conclude_all(sessions: Vec<(Auth, Session)>) -> Result<Vec<SetCookie>, SaveError> {
    let (mut lines, mut failure) = (Vec::new(), None);
    for (auth, session) in sessions {
        match conclude_whoever_waits(&auth, session).await {
            Ok(saved) => lines.extend(saved.into_lines()),
            // The other sessions are written all the same.
            Err(error) => failure = failure.or(Some(error)),
        }
    }
    failure.map_or(Ok(lines), Err)
}

/// Where sessions are in a store: writes down what a handler got for the session before it was given up, for its client
/// has left. A refresh token that was spent for nothing would be the session's last.
#[cfg(feature = "oidc")]
pub(super) fn salvage(auth: &Auth, session: Session) {
    let is_stored = session.request().id.is_some();
    if is_stored
        && session.begin_conclusion()
        && let Ok(runtime) = tokio::runtime::Handle::try_current()
    {
        runtime.spawn(save_successor(auth.clone(), session));
    }
}

#[cfg(feature = "oidc")]
async fn save_successor(auth: Auth, session: Session) {
    if !crate::tokens::has_successor(&session).await {
        return;
    }
    // Only the refresh token: what else the handler did is half done.
    if let Err(error) = save(&auth, &session, Changes::default()).await {
        tracing::error!(%error, "a renewed refresh token could not be saved");
    }
}

async fn sign_out(auth: &Auth, session: &Session) -> Result<Saved, SaveError> {
    let lines = auth.sessions().end_in_request(session).await?;
    // Only then: a session that could not be ended goes on, and with it its tokens.
    #[cfg(feature = "oidc")]
    crate::tokens::forget(session).await;
    Ok(Saved::Over(lines))
}

/// In a store only the end of the record moves: what another request changed meanwhile stays. A cookie is written whole.
async fn extend(auth: &Auth, session: &Session) -> Result<Saved, SaveError> {
    if session.request().id.is_some() {
        auth.sessions().touch(session, auth.now()).await
    } else {
        save(auth, session, Changes::default()).await
    }
}

async fn save(auth: &Auth, session: &Session, changes: Changes) -> Result<Saved, SaveError> {
    let document = match changes.document {
        Some(document) if changes.has_new_tokens => {
            let draft =
                SessionDraft::new(document, changes.new_claims.as_ref().map(|claims| claims.as_str()));
            Some(auth.hooks().before_save(draft).await.into_document())
        }
        document => document,
    };
    let document = document.as_ref().unwrap_or_else(|| session.document());
    // Last of all, since requests of one browser overlap.
    #[cfg(feature = "oidc")]
    let newest = crate::tokens::with_newest(session, document).await.map_err(WriteError::from)?;
    #[cfg(feature = "oidc")]
    let document = newest.as_ref().unwrap_or(document);
    let connections = changes.connections.as_ref().unwrap_or(&session.request().connections);
    auth.sessions().save(session, document, connections, auth.now()).await
}
