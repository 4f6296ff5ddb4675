//! The application's hook for sign-ins.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;

use super::super::builder::AuthBuilder;
use crate::session::SessionDraft;

/// A sign-in that the provider has confirmed, before its session begins. The application turns it into a
/// [`LoginDecision`].
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

/// The application's decision on a sign-in, made by [`NewLogin::proceed`], [`NewLogin::redirect_to`] or
/// [`NewLogin::deny`].
///
/// ```
/// use auth_runtime::{LoginDecision, NewLogin};
///
/// async fn decide(login: NewLogin) -> LoginDecision {
///     match login.session().claim("org_id") {
///         Some(org_id) if org_id == "org_abc" => login.proceed(),
///         _ => login.deny(),
///     }
/// }
/// ```
#[must_use]
pub struct LoginDecision(Decision);

/// The content of a [`LoginDecision`].
pub(crate) enum Decision {
    /// The session begins, and the browser goes to `place`, or else to the page that the sign-in began with.
    Begin {
        session: SessionDraft,
        place: Option<String>,
    },
    Deny,
}

type OnLogin = dyn Fn(NewLogin) -> Pin<Box<dyn Future<Output = LoginDecision> + Send>> + Send + Sync;

/// The hook, if the application has one.
#[derive(Clone, Default)]
pub(crate) struct LoginHook(Option<Arc<OnLogin>>);

impl AuthBuilder {
    /// Sets the hook that is asked about each sign-in before its session begins, and that decides on it.
    ///
    /// The hook [`before_save`](AuthBuilder::before_save) is asked after this one, about the session that is to be
    /// saved.
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

    /// Returns the session that is about to begin. [`SessionDraft::id_token_claim`] reads every claim of the ID token.
    pub fn session(&self) -> &SessionDraft {
        &self.session
    }

    /// Returns the session that is about to begin, for a change.
    pub fn session_mut(&mut self) -> &mut SessionDraft {
        &mut self.session
    }

    /// Returns the path, query and fragment of the page to which the browser goes after the sign-in.
    pub fn return_to(&self) -> &str {
        &self.return_to
    }

    /// Returns whether the provider gave a refresh token, so that access tokens can be renewed.
    pub fn has_refresh_token(&self) -> bool {
        self.has_refresh_token
    }

    /// Begins the session, and sends the browser to the page that the sign-in began with.
    pub fn proceed(self) -> LoginDecision {
        LoginDecision(Decision::Begin { session: self.session, place: None })
    }

    /// Begins the session, and sends the browser to another page of this application. A path that leads to another
    /// origin or to an endpoint of the sign-in becomes the application's root.
    pub fn redirect_to(self, path: impl Into<String>) -> LoginDecision {
        LoginDecision(Decision::Begin { session: self.session, place: Some(path.into()) })
    }

    /// Begins no session: the answer is 403 `access_denied`, as a page for a browser and as JSON for a script. A
    /// session that the browser had before goes on.
    pub fn deny(self) -> LoginDecision {
        LoginDecision(Decision::Deny)
    }
}

impl LoginHook {
    /// Asks the hook. Without one, every sign-in proceeds.
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
