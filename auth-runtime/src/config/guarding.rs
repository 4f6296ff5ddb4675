//! The settings of the guard: where rights are taken from, and how requests are refused.

use axum::response::Response;
use http::request::Parts;

use super::builder::AuthBuilder;
use super::problem::ConfigProblem;
use crate::cookie::CookieName;
use crate::policy::ClaimSources;
use crate::reject::{Realm, Rejection, RejectionHook, RejectionStyle};

/// The settings of the guard, as given.
#[derive(Debug, Default)]
pub(super) struct GuardSettings {
    sources: ClaimSources,
    permissions_claim: Option<String>,
    roles_claim: Option<String>,
    realm: Option<String>,
    problem_json: bool,
    pub(super) expose_reasons: bool,
    hook: Option<RejectionHook>,
}

/// The settings of the guard, checked.
#[derive(Debug)]
pub(crate) struct Guarding {
    pub(crate) sources: ClaimSources,
    pub(crate) rejections: RejectionStyle,
}

impl AuthBuilder {
    /// Sets the claim that holds the user's permissions, `permissions` by default. It is looked for in the session
    /// user, the ID token and the access token, in this order, unless [`claim_sources`](AuthBuilder::claim_sources)
    /// says otherwise.
    ///
    /// ```
    /// use auth_runtime::Auth;
    ///
    /// # let secret = auth_runtime::__private::random_secret();
    /// let auth = Auth::builder().secret(secret).permissions_claim("https://example.com/permissions").build()?;
    /// # Ok::<(), auth_runtime::ConfigError>(())
    /// ```
    pub fn permissions_claim(mut self, claim: impl Into<String>) -> Self {
        self.guarding.permissions_claim = Some(claim.into());
        self
    }

    /// Sets the claim that holds the user's roles, `roles` by default. It is looked for where permissions are.
    ///
    /// ```
    /// use auth_runtime::Auth;
    ///
    /// # let secret = auth_runtime::__private::random_secret();
    /// let auth = Auth::builder().secret(secret).roles_claim("https://example.com/roles").build()?;
    /// # Ok::<(), auth_runtime::ConfigError>(())
    /// ```
    pub fn roles_claim(mut self, claim: impl Into<String>) -> Self {
        self.guarding.roles_claim = Some(claim.into());
        self
    }

    /// Sets the parts of the session from which the data for requirements are taken.
    ///
    /// ```
    /// use auth_runtime::Auth;
    /// use auth_runtime::policy::{ClaimSource, ClaimSources};
    ///
    /// # let secret = auth_runtime::__private::random_secret();
    /// let sources = ClaimSources::default().with_roles("groups", [ClaimSource::IdToken]);
    /// let auth = Auth::builder().secret(secret).claim_sources(sources).build()?;
    /// # Ok::<(), auth_runtime::ConfigError>(())
    /// ```
    pub fn claim_sources(mut self, sources: ClaimSources) -> Self {
        self.guarding.sources = sources;
        self
    }

    /// Sets the protection space that 401 responses name, `api` by default. An error of this crate that becomes a
    /// response without passing the attribute names the default.
    ///
    /// ```
    /// use auth_runtime::Auth;
    ///
    /// # let secret = &auth_runtime::__private::random_secret();
    /// let auth = Auth::builder().secret(secret).realm("orders").build()?;
    ///
    /// assert!(Auth::builder().secret(secret).realm("two\nlines").build().is_err());
    /// # Ok::<(), auth_runtime::ConfigError>(())
    /// ```
    pub fn realm(mut self, realm: impl Into<String>) -> Self {
        self.guarding.realm = Some(realm.into());
        self
    }

    /// Answers every refusal as `application/problem+json` (RFC 9457), also where a handler behind the attribute
    /// returns an error of this crate. Off by default: then a client gets this form if its `Accept` header names it and
    /// does not prefer `application/json`.
    ///
    /// ```
    /// use auth_runtime::Auth;
    ///
    /// # let secret = auth_runtime::__private::random_secret();
    /// let auth = Auth::builder().secret(secret).problem_json(true).build()?;
    /// # Ok::<(), auth_runtime::ConfigError>(())
    /// ```
    pub fn problem_json(mut self, problem_json: bool) -> Self {
        self.guarding.problem_json = problem_json;
        self
    }

    /// Sets the application's own way to answer refused requests. The hook gets the typed rejection and the head of the
    /// request, and returns the response. For the cases that it leaves alone it can return
    /// [`Rejection::default_response`].
    ///
    /// The hook is asked when a refusal becomes a response: that of the attribute, or of the extractors
    /// [`User`](crate::User), [`Claims`](crate::Claims) and [`Session`](crate::Session), or that of a session which
    /// could not be saved.
    ///
    /// The hook is also asked when a handler behind the attribute, or a parameter of such a handler, returns an error
    /// of this crate, such as an [`AccessTokenError`](crate::AccessTokenError) or a [`FetchError`](crate::FetchError).
    /// The hook's response then takes the place of the handler's; only the cookies that the handler set are kept. If
    /// the application gave the error's answer another status, media type or body, that answer is the application's own
    /// and stays. At this point the handler has run and its session is saved, so a hook that panics loses the cookies.
    ///
    /// Three things are not left to the hook:
    ///
    /// - The answer is `private, no-store` with `Vary: Cookie`.
    /// - A 401 without `WWW-Authenticate` gets its challenge, and so does an `insufficient_scope` that stays a 403.
    /// - A `Set-Cookie` for the session cookie or one of its chunks is removed. The log has a warning the first time.
    ///
    /// Two answers do not pass the hook: the redirect to the sign-in (`login`), which is no refusal, and the answers of
    /// the endpoints below `/auth`, which the browser code of `nextjs-auth0` reads. A service with a hook keeps a copy
    /// of the head of each protected request until the handler has answered.
    ///
    /// ```
    /// use auth_runtime::{Auth, RejectionKind};
    /// use axum::response::{Html, IntoResponse};
    ///
    /// # let secret = auth_runtime::__private::random_secret();
    /// let auth = Auth::builder()
    ///     .secret(secret)
    ///     .on_rejection(|rejection, request| match rejection.kind() {
    ///         RejectionKind::InsufficientRoles if request.uri.path().starts_with("/admin") => {
    ///             (rejection.status(), Html("<h1>For administrators</h1>")).into_response()
    ///         }
    ///         _ => rejection.default_response(),
    ///     })
    ///     .build()?;
    /// # Ok::<(), auth_runtime::ConfigError>(())
    /// ```
    pub fn on_rejection(
        mut self,
        hook: impl Fn(&Rejection, &Parts) -> Response + Send + Sync + 'static,
    ) -> Self {
        self.guarding.hook = Some(RejectionHook::new(hook));
        self
    }

    /// Tells the client in the body of a 401 why there is no session, in a member `reason`. It is for development and
    /// off by default, since an attacker who tries to forge a session learns from it. The log has a warning at start-up
    /// when it is on.
    ///
    /// ```
    /// use auth_runtime::Auth;
    ///
    /// # let secret = auth_runtime::__private::random_secret();
    /// let auth = Auth::builder().secret(secret).danger_expose_reasons(true).build()?;
    /// # Ok::<(), auth_runtime::ConfigError>(())
    /// ```
    pub fn danger_expose_reasons(mut self, expose: bool) -> Self {
        self.guarding.expose_reasons = expose;
        self
    }
}

impl GuardSettings {
    /// Checks the settings of the guard; `None` if one of them is wrong.
    pub(super) fn check(
        self,
        cookie_name: &CookieName,
        problems: &mut Vec<ConfigProblem>,
    ) -> Option<Guarding> {
        let found = problems.len();
        let mut sources = self.sources;
        // Applied here, so that a claim keeps its name whether it is named before or after `claim_sources`.
        if let Some(claim) = self.permissions_claim {
            sources.rename_permissions(claim);
        }
        if let Some(claim) = self.roles_claim {
            sources.rename_roles(claim);
        }
        problems.extend(sources.nameless().map(|datum| ConfigProblem::ClaimName { datum }));
        problems.extend(sources.sourceless().map(|datum| ConfigProblem::ClaimSources { datum }));
        let realm = match self.realm.as_deref().map(Realm::new) {
            None => Realm::default(),
            Some(Some(realm)) => realm,
            Some(None) => {
                problems.push(ConfigProblem::Realm);
                Realm::default()
            }
        };
        if problems.len() > found {
            return None;
        }
        let rejections = RejectionStyle {
            realm,
            problem_json: self.problem_json,
            expose_reasons: self.expose_reasons,
            hook: self.hook,
            session_cookie: cookie_name.clone(),
        };
        Some(Guarding { sources, rejections })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::ClaimSource;

    const SECRET: &str = "c4e19b7250fd83a6e8b1d70f42956acb";

    fn problems(builder: AuthBuilder) -> Vec<ConfigProblem> {
        builder.secret(SECRET).check().unwrap_err().problems().to_vec()
    }

    #[test]
    fn claims_without_a_name_or_a_source_are_refused_at_start_up() {
        let sources =
            ClaimSources::default().with_scopes("", [ClaimSource::TokenSet]).with_authentication([]);
        let builder = AuthBuilder::default().claim_sources(sources).permissions_claim("").roles_claim("");
        assert_eq!(
            problems(builder),
            [
                ConfigProblem::ClaimName { datum: "permissions" },
                ConfigProblem::ClaimName { datum: "roles" },
                ConfigProblem::ClaimName { datum: "scopes" },
                ConfigProblem::ClaimSources { datum: "authentication" },
            ]
        );
    }

    #[test]
    fn a_claim_keeps_its_name_whichever_is_said_first() {
        let sources = || ClaimSources::default().with_roles("groups", [ClaimSource::IdToken]);
        let expected = ClaimSources::default().with_roles("r", [ClaimSource::IdToken]);
        for builder in [
            AuthBuilder::default().roles_claim("r").claim_sources(sources()),
            AuthBuilder::default().claim_sources(sources()).roles_claim("r"),
        ] {
            assert_eq!(builder.secret(SECRET).check().unwrap().guarding.sources, expected);
        }
    }
}
