//! The application's own word on who signs in.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;

use super::super::builder::AuthBuilder;
use crate::session::SessionDraft;

/// A sign-in that the provider has confirmed, before its session begins. What is made of it is a [`LoginDecision`].
///
/// ```
/// use auth_runtime::{LoginDecision, NewLogin};
///
/// async fn decide(login: NewLogin) -> LoginDecision {
///     match login.session().id_token_claim("email_verified") {
///         Some(verified) if verified == true => login.proceed(),
///         _ => login.redirect_to("/verify-your-address"),
///     }
/// }
/// ```
pub struct NewLogin {
    session: SessionDraft,
    return_to: String,
    has_refresh_token: bool,
}

/// What becomes of a sign-in: [`NewLogin::proceed`], [`NewLogin::redirect_to`] or [`NewLogin::deny`] make one.
#[must_use]
pub struct LoginDecision(Decision);

pub(crate) enum Decision {
    /// The session begins, and the browser goes where it wanted to, or to this place.
    Begin {
        session: SessionDraft,
        place: Option<String>,
    },
    Deny,
}

type OnLogin = dyn Fn(NewLogin) -> Pin<Box<dyn Future<Output = LoginDecision> + Send>> + Send + Sync;

/// The hook, if there is one.
#[derive(Clone, Default)]
pub(crate) struct LoginHook(Option<Arc<OnLogin>>);

impl AuthBuilder {
    /// Is asked about each sign-in before its session begins, and decides what becomes of it.
    ///
    /// [`before_save`](AuthBuilder::before_save) is asked after it, about what is to be saved.
    ///
    /// ```
    /// use auth_runtime::Auth;
    ///
    /// # async fn is_blocked(_: Option<serde_json::Value>) -> bool { false }
    /// # let secret = auth_runtime::__private::random_secret();
    /// let auth = Auth::builder()
    ///     .secret(secret)
    ///     .on_login(|mut login| async move {
    ///         if is_blocked(login.session().claim("sub")).await {
    ///             return login.deny();
    ///         }
    ///         let _ = login.session_mut().set("visits", &1);
    ///         login.proceed()
    ///     })
    ///     .build()?;
    /// # Ok::<(), auth_runtime::ConfigError>(())
    /// ```
    pub fn on_login<F>(mut self, hook: impl Fn(NewLogin) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = LoginDecision> + Send + 'static,
    {
        self.owner.on_login = LoginHook(Some(Arc::new(move |login| Box::pin(hook(login)))));
        self
    }
}

impl NewLogin {
    pub(crate) fn new(session: SessionDraft, return_to: String, has_refresh_token: bool) -> Self {
        Self { session, return_to, has_refresh_token }
    }

    /// The session that is about to begin, with every claim of the ID token.
    pub fn session(&self) -> &SessionDraft {
        &self.session
    }

    /// The same, to be changed.
    pub fn session_mut(&mut self) -> &mut SessionDraft {
        &mut self.session
    }

    /// The path, query and fragment that the user wants to end at.
    pub fn return_to(&self) -> &str {
        &self.return_to
    }

    /// Returns whether the provider gave a refresh token, so that access tokens can be renewed.
    pub fn has_refresh_token(&self) -> bool {
        self.has_refresh_token
    }

    /// The session begins, and the browser goes where it wanted to.
    pub fn proceed(self) -> LoginDecision {
        LoginDecision(Decision::Begin { session: self.session, place: None })
    }

    /// The session begins, and the browser goes to another page of this application. What leads elsewhere, or into the
    /// sign-in again, becomes the application's root.
    pub fn redirect_to(self, path: impl Into<String>) -> LoginDecision {
        LoginDecision(Decision::Begin { session: self.session, place: Some(path.into()) })
    }

    /// No session begins: 403 `access_denied`, as a page for a person and as JSON for a script. A session that the
    /// browser had before goes on.
    pub fn deny(self) -> LoginDecision {
        LoginDecision(Decision::Deny)
    }
}

impl LoginHook {
    pub(crate) async fn decide(&self, login: NewLogin) -> Decision {
        match &self.0 {
            Some(hook) => hook(login).await.0,
            None => login.proceed().0,
        }
    }
}

impl fmt::Debug for LoginHook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("LoginHook").field(&self.0.is_some()).finish()
    }
}

impl fmt::Debug for NewLogin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewLogin")
            .field("session", &self.session)
            .field("has_refresh_token", &self.has_refresh_token)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for LoginDecision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let decision = match &self.0 {
            Decision::Begin { place: None, .. } => "proceed",
            Decision::Begin { place: Some(_), .. } => "redirect",
            Decision::Deny => "deny",
        };
        f.debug_tuple("LoginDecision").field(&decision).finish()
    }
}
