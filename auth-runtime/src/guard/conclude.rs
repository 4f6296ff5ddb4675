//! What becomes of the session when its handler is done.

use crate::auth::Auth;
use crate::cookie::SetCookie;
use crate::session::{Changes, Session, SessionDraft, WriteError};
use crate::store::SaveError;

/// Saves what the handler changed, ends the session if the handler said so, or extends it if it is due.
///
/// Gives the cookies that say so to the browser.
pub(crate) async fn conclude(auth: &Auth, session: &Session) -> Result<Vec<SetCookie>, SaveError> {
    let is_changed = session.is_changed();
    let is_due =
        || async { auth.codec().is_due(session, auth.now()) && auth.hooks().before_roll(session).await };
    if !is_changed && !is_due().await {
        return Ok(Vec::new());
    }
    #[cfg(feature = "oidc")]
    crate::tokens::catch_up(session);
    let changes = session.take_changes();
    if changes.is_over {
        return sign_out(auth, session).await;
    }
    match save(auth, session, changes).await {
        // Nothing that the handler did is lost, so the browser may as well keep what it has.
        Err(error) if !is_changed && is_harmless(&error) => {
            tracing::error!(%error, "the session could not be extended");
            Ok(Vec::new())
        }
        lines => lines,
    }
}

async fn sign_out(auth: &Auth, session: &Session) -> Result<Vec<SetCookie>, SaveError> {
    #[cfg(feature = "oidc")]
    crate::tokens::forget(session);
    auth.sessions().end_in_request(session).await
}

async fn save(auth: &Auth, session: &Session, changes: Changes) -> Result<Vec<SetCookie>, SaveError> {
    let document = match changes.document {
        Some(document) if changes.has_new_tokens => {
            let draft =
                SessionDraft::new(document, changes.new_claims.as_ref().map(|claims| claims.as_str()));
            Some(auth.hooks().before_save(draft).await.into_document())
        }
        document => document,
    };
    let document = document.as_ref().unwrap_or_else(|| session.document());
    let connections = changes.connections.as_ref().unwrap_or(&session.request().connections);
    auth.sessions().save(session, document, connections, auth.now()).await
}

fn is_harmless(error: &SaveError) -> bool {
    matches!(error, SaveError::Store(_) | SaveError::Write(WriteError::SessionTooLarge { .. }))
}
