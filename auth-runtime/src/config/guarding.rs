//! The part of the configuration that the guard goes by: where rights are taken from, and how it refuses.

use axum::response::Response;
use http::request::Parts;

use super::builder::AuthBuilder;
use super::problem::ConfigProblem;
use crate::cookie::CookieName;
use crate::policy::ClaimSources;
use crate::reject::{Realm, Rejection, RejectionHook, RejectionStyle};

/// What the guard goes by, as given.
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

/// What the guard goes by, checked.
#[derive(Debug)]
pub(crate) struct Guarding {
    pub(crate) sources: ClaimSources,
    pub(crate) rejections: RejectionStyle,
}

impl AuthBuilder {
    /// The claim that holds the user's permissions, `permissions` by default. It is looked for in the session
    /// user, the ID token and the access token, in this order, unless
    /// [`claim_sources`](AuthBuilder::claim_sources) says otherwise.
    pub fn permissions_claim(mut self, claim: impl Into<String>) -> Self {
        self.guarding.permissions_claim = Some(claim.into());
        self
    }

    /// The claim that holds the user's roles, `roles` by default. It is looked for where permissions are.
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

    /// From which parts of the session each datum is taken that requirements speak about.
    pub fn claim_sources(mut self, sources: ClaimSources) -> Self {
        self.guarding.sources = sources;
        self
    }

    /// The protection space that 401 responses name, `api` by default. An error of this crate that becomes a response without
    /// passing the attribute names the default.
    pub fn realm(mut self, realm: impl Into<String>) -> Self {
        self.guarding.realm = Some(realm.into());
        self
    }

    /// Answers every refusal as `application/problem+json` (RFC 9457), also where a handler behind the attribute returns an
    /// error of this crate. Off by default: then only those get it who accept it by name.
    pub fn problem_json(mut self, problem_json: bool) -> Self {
        self.guarding.problem_json = problem_json;
        self
    }

    /// Answers refused requests in the application's own way. The hook is told the typed rejection and the head of
    /// the request, and gives the response; [`Rejection::default_response`] is at hand for the rest.
    ///
    /// The hook is asked when a refusal becomes a response: one by the attribute, by the extractors [`User`](crate::User),
    /// [`Claims`](crate::Claims) and [`Session`](crate::Session), or where a session could not be saved. It is also asked when
    /// a handler behind the attribute, or a parameter of one, returns an error of this crate, such as an
    /// [`AccessTokenError`](crate::AccessTokenError) or a [`FetchError`](crate::FetchError). Then the hook's response takes
    /// the place of the handler's, but for cookies that the handler set. If the application gave the error's answer another
    /// status, media type or body, that answer is the application's own and stays. By then the handler has run and its
    /// session is saved: a hook that panics loses the cookies.
    ///
    /// Three things are not left to the hook. The answer is `private, no-store` with `Vary: Cookie`. A 401 that lacks
    /// `WWW-Authenticate` gets its challenge, and so does an `insufficient_scope` that stays a 403. A `Set-Cookie` for the
    /// session's cookie or one of its chunks is not sent, and the first such is a warning in the log.
    ///
    /// Two answers do not pass the hook: a redirect to the sign-in (`login`), which is no refusal, and what the endpoints
    /// below `/auth` say, which the browser code of `nextjs-auth0` reads. A service with a hook keeps a copy of each
    /// request's head until its handler has answered.
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

    /// For development: the body of a 401 tells the client why there is no session, in a member `reason`. Whoever
    /// tries to forge a session learns from it, so it is off by default, and a warning at start-up when it is on.
    pub fn danger_expose_reasons(mut self, expose: bool) -> Self {
        self.guarding.expose_reasons = expose;
        self
    }
}

impl GuardSettings {
    pub(super) fn check(
        self,
        cookie_name: &CookieName,
        problems: &mut Vec<ConfigProblem>,
    ) -> Option<Guarding> {
        let found = problems.len();
        let mut sources = self.sources;
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
