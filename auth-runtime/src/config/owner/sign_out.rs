//! How users sign out at the provider, and where they arrive.

use url::Url;

use super::super::builder::AuthBuilder;
use super::super::problem::ConfigProblem;

/// How the browser signs out at the provider after its session here has ended.
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
    /// Not at all: the user is signed out of this application, and stays signed in at the provider. For providers
    /// without a sign-out.
    Local,
    /// The end-session endpoint (OpenID Connect RP-Initiated Logout 1.0). If the provider advertises none, the session
    /// here ends and the user is told that the one at the provider may not have.
    Oidc,
    /// `/v2/logout` of Auth0, whatever is advertised.
    V2,
}

/// The settings as given.
#[derive(Debug, Default)]
pub(super) struct SignOutSettings {
    return_to: Vec<String>,
    strategy: LogoutStrategy,
    without_id_token_hint: bool,
}

/// How to sign out, checked.
#[derive(Clone, Debug)]
pub(crate) struct SignOutOptions {
    pub(crate) return_to: Vec<PostLogoutUrl>,
    pub(crate) strategy: LogoutStrategy,
    pub(crate) id_token_hint: bool,
}

/// A URL that a sign-out may end at.
#[derive(Clone, Debug)]
pub(crate) struct PostLogoutUrl {
    /// As configured, because providers compare it byte for byte with what is registered.
    pub(crate) text: String,
    pub(crate) url: Url,
}

impl AuthBuilder {
    /// Allows `/auth/logout?returnTo=...` to name this URL, which may be one of another origin. Pages of this
    /// application are always allowed. The provider has to know the URL too.
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

    /// How users sign out at the provider.
    pub fn logout_strategy(mut self, strategy: LogoutStrategy) -> Self {
        self.owner.sign_out.strategy = strategy;
        self
    }

    /// Sets whether the sign-out shows the provider the ID token, so that it need not ask whom to sign out. On by
    /// default. The token holds the user's claims and travels in a URL, which servers may write into their logs;
    /// without it the provider is told its own session id alone (`logout_hint`).
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
