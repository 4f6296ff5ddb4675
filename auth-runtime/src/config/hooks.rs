//! The hooks of the application for sessions that are about to be saved or extended.

use std::sync::Arc;

use super::builder::AuthBuilder;
use crate::request::Session;
use crate::session::SessionDraft;

impl AuthBuilder {
    /// Sets the hook that is asked before a session is saved, if a sign-in made the session or the request renewed its
    /// tokens. It returns the session to save. It is not asked when a handler alone changed the session, or when only
    /// its lifetime is extended.
    ///
    /// ```
    /// use auth_runtime::Auth;
    ///
    /// # let secret = auth_runtime::__private::random_secret();
    /// let auth = Auth::builder()
    ///     .secret(secret)
    ///     .before_save(|mut session| async move {
    ///         if let Some(roles) = session.id_token_claim("https://example.com/roles") {
    ///             let _ = session.set_claim("roles", &roles);
    ///         }
    ///         session
    ///     })
    ///     .build()?;
    /// # Ok::<(), auth_runtime::ConfigError>(())
    /// ```
    pub fn before_save<F>(mut self, hook: impl Fn(SessionDraft) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = SessionDraft> + Send + 'static,
    {
        self.hooks.before_save = Some(Arc::new(move |draft| Box::pin(hook(draft))));
        self
    }

    /// Sets the hook that is asked before a session is extended because it was used. It returns whether the session is
    /// extended.
    ///
    /// ```
    /// use auth_runtime::Auth;
    ///
    /// # let secret = auth_runtime::__private::random_secret();
    /// let auth = Auth::builder()
    ///     .secret(secret)
    ///     .before_roll(|session| async move { session.user().org_id().is_none() })
    ///     .build()?;
    /// # Ok::<(), auth_runtime::ConfigError>(())
    /// ```
    pub fn before_roll<F>(mut self, hook: impl Fn(Session) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = bool> + Send + 'static,
    {
        self.hooks.before_roll = Some(Arc::new(move |session| Box::pin(hook(session))));
        self
    }
}
