//! The settings of the sign-out: how users sign out at the provider, and where they arrive.

use url::Url;

use super::super::builder::AuthBuilder;
use super::super::problem::ConfigProblem;

/// The way in which the browser signs out at the provider, after its session here has ended.
///
/// ```
/// use auth_runtime::{Auth, LogoutStrategy};
///
/// # let secret = auth_runtime::__private::random_secret();
/// let auth = Auth::builder().secret(secret).logout_strategy(LogoutStrategy::Oidc).build()?;
/// # Ok::<(), auth_runtime::ConfigError>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum LogoutStrategy {
    /// The end-session endpoint if the provider advertises one, else `/v2/logout`, which every Auth0 tenant has.
    #[default]
    Auto,
    /// No sign-out at the provider: the user is signed out of this application alone. For providers without a sign-out.
    Local,
    /// The end-session endpoint (OpenID Connect RP-Initiated Logout 1.0). If the provider advertises none, the session
    /// here ends and the user is told that the one at the provider may not have.
    Oidc,
    /// The endpoint `/v2/logout` of Auth0, whatever the provider advertises.
    V2,
}

/// The settings of the sign-out, as given.
#[derive(Debug, Default)]
pub(super) struct SignOutSettings {
    return_to: Vec<String>,
    strategy: LogoutStrategy,
    /// True if the provider is not sent the ID token. The opposite of the setting, so that the default is `false`.
    without_id_token_hint: bool,
}

/// The settings of the sign-out, checked.
#[derive(Clone, Debug)]
pub(crate) struct SignOutOptions {
    pub(crate) return_to: Vec<PostLogoutUrl>,
    pub(crate) strategy: LogoutStrategy,
    pub(crate) id_token_hint: bool,
}

/// A URL that a sign-out may end at.
#[derive(Clone, Debug)]
pub(crate) struct PostLogoutUrl {
    /// The text as configured, because providers compare it byte for byte with the registered URL.
    pub(crate) text: String,
    pub(crate) url: Url,
}

impl AuthBuilder {
    /// Allows `/auth/logout?returnTo=...` to name this URL, which may be of another origin. Pages of this application
    /// are always allowed. The provider has to know the URL too.
    ///
    /// ```
    /// use auth_runtime::Auth;
    ///
    /// # let secret = auth_runtime::__private::random_secret();
    /// let auth = Auth::builder().secret(secret).post_logout_return_to("https://www.example.com/bye").build()?;
    /// # Ok::<(), auth_runtime::ConfigError>(())
    /// ```
    pub fn post_logout_return_to(mut self, url: impl Into<String>) -> Self {
        self.owner.sign_out.return_to.push(url.into());
        self
    }

    /// Sets how users sign out at the provider, [`LogoutStrategy::Auto`] by default.
    pub fn logout_strategy(mut self, strategy: LogoutStrategy) -> Self {
        self.owner.sign_out.strategy = strategy;
        self
    }

    /// Sets whether the browser takes the ID token to the provider at the sign-out (`id_token_hint`), so that the
    /// provider need not ask whom to sign out. On by default. The token holds the user's claims and travels in a URL,
    /// which servers may write into their logs. Without it, the provider gets its session id (`logout_hint`) and no
    /// token.
    ///
    /// ```
    /// use auth_runtime::Auth;
    ///
    /// # let secret = auth_runtime::__private::random_secret();
    /// let auth = Auth::builder().secret(secret).id_token_hint(false).build()?;
    /// # Ok::<(), auth_runtime::ConfigError>(())
    /// ```
    pub fn id_token_hint(mut self, id_token_hint: bool) -> Self {
        self.owner.sign_out.without_id_token_hint = !id_token_hint;
        self
    }
}

impl SignOutSettings {
    pub(super) fn check(self, problems: &mut Vec<ConfigProblem>) -> SignOutOptions {
        let mut return_to = Vec::new();
        for text in self.return_to {
            match Url::parse(&text) {
                Ok(url) if is_web(&url) => return_to.push(PostLogoutUrl { text, url }),
                _ => problems.push(ConfigProblem::PostLogoutUrl { url: text }),
            }
        }
        SignOutOptions { return_to, strategy: self.strategy, id_token_hint: !self.without_id_token_hint }
    }
}

/// Returns whether the URL is one of the web, without user and fragment.
fn is_web(url: &Url) -> bool {
    matches!(url.scheme(), "http" | "https")
        && url.username().is_empty()
        && url.password().is_none()
        && url.fragment().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rdr_14_a_sign_out_ends_at_a_web_page() {
        for text in
            ["", "/bye", "www.example.com", "javascript:alert(1)", "https://u@example.com/", "https://a/#b"]
        {
            let mut problems = Vec::new();
            let settings = SignOutSettings { return_to: vec![text.to_owned()], ..SignOutSettings::default() };
            settings.check(&mut problems);
            assert_eq!(problems, [ConfigProblem::PostLogoutUrl { url: text.to_owned() }]);
        }
    }
}
