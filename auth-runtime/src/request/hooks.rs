//! The application's hooks for sessions that are about to be saved or extended.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;

use super::current::Session;
use crate::session::SessionDraft;

/// The hooks that the application has set.
#[derive(Clone, Default)]
pub(crate) struct Hooks {
    pub(crate) before_save: Option<Arc<BeforeSave>>,
    pub(crate) before_roll: Option<Arc<BeforeRoll>>,
}

type BeforeSave = dyn Fn(SessionDraft) -> Pin<Box<dyn Future<Output = SessionDraft> + Send>> + Send + Sync;
type BeforeRoll = dyn Fn(Session) -> Pin<Box<dyn Future<Output = bool> + Send>> + Send + Sync;

impl Hooks {
    /// Returns the draft as the application wants it saved.
    pub(crate) async fn before_save(&self, draft: SessionDraft) -> SessionDraft {
        match &self.before_save {
            Some(hook) => hook(draft).await,
            None => draft,
        }
    }

    /// Returns whether the application lets the session be extended.
    pub(crate) async fn before_roll(&self, session: &Session) -> bool {
        match &self.before_roll {
            Some(hook) => hook(session.clone()).await,
            None => true,
        }
    }
}

impl fmt::Debug for Hooks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hooks")
            .field("before_save", &self.before_save.is_some())
            .field("before_roll", &self.before_roll.is_some())
            .finish()
    }
}
