//! The parameters of the authorization request that are configured, besides scope and audience.

use super::super::builder::AuthBuilder;
use super::super::problem::ConfigProblem;
use crate::oidc::is_reserved_parameter;

/// The parameters of every authorization request.
#[derive(Clone, Debug, Default)]
pub(crate) struct SignInOptions {
    /// Further parameters, each with its name and value.
    pub(crate) parameters: Vec<(String, String)>,
    /// The organization that users sign in to unless a sign-in names another one.
    pub(crate) organization: Option<String>,
    /// True if the request goes to the provider directly (RFC 9126) instead of through the browser.
    pub(crate) pushed_authorization_requests: bool,
}

impl AuthBuilder {
    /// Adds a parameter to every authorization request, such as `prompt` or one that only this provider knows.
    ///
    /// A user can give another value for `login_hint`, `screen_hint`, `ui_locales`, `connection`, `invitation` and
    /// `acr_values` in the query of `/auth/login`, and that value is sent instead. A parameter that has a method of its
    /// own here, or that the sign-in itself decides (`state`, `redirect_uri` and so on), is refused when the
    /// configuration is built.
    ///
    /// ```
    /// use auth_runtime::Auth;
    ///
    /// # let secret = &auth_runtime::__private::random_secret();
    /// let auth = Auth::builder().secret(secret).authorization_parameter("prompt", "consent").build()?;
    ///
    /// assert!(Auth::builder().secret(secret).authorization_parameter("state", "mine").build().is_err());
    /// # Ok::<(), auth_runtime::ConfigError>(())
    /// ```
    pub fn authorization_parameter(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.owner.sign_in.parameters.push((name.into(), value.into()));
        self
    }

    /// Sets the organization that users sign in to, by its id or name, unless the request to `/auth/login` names
    /// another one (`/auth/login?organization=...`).
    ///
    /// The ID token must name the organization that was asked for, else there is no session. This setting chooses where
    /// users sign in and keeps no user out, because every user can ask for another organization. To admit the users of
    /// one organization alone, let handlers demand `org("...")`.
    ///
    /// ```
    /// use auth_runtime::Auth;
    ///
    /// # let secret = auth_runtime::__private::random_secret();
    /// let auth = Auth::builder().secret(secret).organization("org_abc").build()?;
    /// # Ok::<(), auth_runtime::ConfigError>(())
    /// ```
    pub fn organization(mut self, organization: impl Into<String>) -> Self {
        self.owner.sign_in.organization = Some(organization.into());
        self
    }

    /// Sends authorization requests to the provider directly, and only a reference to them through the browser (RFC
    /// 9126). Off by default. When it is on and the provider has no such endpoint, signing in fails.
    ///
    /// ```
    /// use auth_runtime::Auth;
    ///
    /// # let secret = auth_runtime::__private::random_secret();
    /// let auth = Auth::builder().secret(secret).pushed_authorization_requests(true).build()?;
    /// # Ok::<(), auth_runtime::ConfigError>(())
    /// ```
    pub fn pushed_authorization_requests(mut self, pushed: bool) -> Self {
        self.owner.sign_in.pushed_authorization_requests = pushed;
        self
    }
}

impl SignInOptions {
    pub(super) fn check(&self, problems: &mut Vec<ConfigProblem>) {
        for (name, _) in &self.parameters {
            if name.is_empty() || name == "organization" || is_reserved_parameter(name) {
                problems.push(ConfigProblem::AuthorizationParameter { name: name.clone() });
            }
        }
        if self.organization.as_ref().is_some_and(String::is_empty) {
            problems.push(ConfigProblem::Organization);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s_bcp_14_what_the_sign_in_decides_cannot_be_configured_away() {
        for name in
            ["", "state", "redirect_uri", "request_uri", "scope", "audience", "max_age", "organization"]
        {
            let mut problems = Vec::new();
            let parameters = vec![(name.to_owned(), "x".to_owned())];
            SignInOptions { parameters, ..SignInOptions::default() }.check(&mut problems);
            assert_eq!(problems, [ConfigProblem::AuthorizationParameter { name: name.to_owned() }]);
        }
        let mut problems = Vec::new();
        let parameters = vec![("prompt".to_owned(), "consent".to_owned())];
        SignInOptions { parameters, ..SignInOptions::default() }.check(&mut problems);
        assert_eq!(problems, []);
    }
}
