//! A provider at work, as a test sees it.

use std::fmt;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use http::StatusCode;
use secrecy::ExposeSecret as _;
use serde_json::Value;
use tokio::sync::oneshot;

use super::authorize;
use super::client::Credentials;
use super::keys::ProviderKey;
use super::logout;
use super::server::Shared;
use super::users::SampleUser;

/// A provider that listens. Dropping it stops it.
///
/// ```
/// use auth_runtime::testing::provider::Provider;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> std::io::Result<()> {
/// let provider = Provider::builder().start().await?;
/// // The port of the application is known by now.
/// provider.allow_redirect_uri("http://localhost:3000/auth/callback");
/// # Ok(())
/// # }
/// ```
pub struct RunningProvider {
    pub(super) shared: Arc<Shared>,
    /// The server, kept-alive connections included, ends when this is dropped.
    _running: oneshot::Sender<()>,
}

impl RunningProvider {
    pub(super) fn new(shared: Arc<Shared>, running: oneshot::Sender<()>) -> Self {
        Self { shared, _running: running }
    }

    /// What to configure as the domain. It is plain http, so insecure requests have to be allowed.
    pub fn issuer(&self) -> &str {
        &self.shared.issuer
    }

    /// What to configure as the client id.
    pub fn client_id(&self) -> &str {
        &self.shared.client_id
    }

    /// What to configure as the client secret; empty for a client that has none.
    pub fn client_secret(&self) -> &str {
        match &self.shared.credentials {
            Credentials::Secret(secret) => secret.expose_secret(),
            Credentials::Key { .. } | Credentials::Public => "",
        }
    }

    /// Whom the sign-in page offers.
    pub fn users(&self) -> &[SampleUser] {
        &self.shared.users
    }

    /// One more place where a sign-in may return to.
    pub fn allow_redirect_uri(&self, uri: impl Into<String>) {
        self.shared.state.lock().redirect_uris.push(uri.into());
    }

    /// One more place where a sign-out may return to.
    pub fn allow_post_logout_redirect_uri(&self, uri: impl Into<String>) {
        self.shared.state.lock().post_logout_redirect_uris.push(uri.into());
    }

    /// From now on the token endpoint keeps each answer back for so long.
    pub fn delay_tokens(&self, delay: Duration) {
        self.shared.state.lock().token_delay = delay;
    }

    /// How many requests this path has had so far, whatever was answered. A path that does not exist has none.
    ///
    /// ```
    /// use auth_runtime::testing::provider::Provider;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> std::io::Result<()> {
    /// let provider = Provider::builder().start().await?;
    /// // Whatever the application does: without a sign-in it asks for no tokens.
    /// assert_eq!(provider.requests("/oauth/token"), 0);
    /// # Ok(())
    /// # }
    /// ```
    pub fn requests(&self, path: &str) -> usize {
        self.shared.state.lock().requests(path)
    }

    /// From now on this path does nothing and answers with this status, such as 503; `None` lets it work again.
    ///
    /// ```
    /// use auth_runtime::testing::provider::Provider;
    /// use axum::http::StatusCode;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> std::io::Result<()> {
    /// let provider = Provider::builder().start().await?;
    /// provider.set_outage("/oauth/token", Some(StatusCode::SERVICE_UNAVAILABLE));
    /// // Whatever the application does meanwhile, it keeps its sessions.
    /// provider.set_outage("/oauth/token", None);
    /// # Ok(())
    /// # }
    /// ```
    pub fn set_outage(&self, path: &str, status: Option<StatusCode>) {
        self.shared.state.lock().set_outage(path, status);
    }

    /// Signs with a new key from now on, and publishes that one alone.
    ///
    /// # Errors
    ///
    /// When no key can be made.
    ///
    /// ```
    /// use auth_runtime::testing::provider::Provider;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> std::io::Result<()> {
    /// let provider = Provider::builder().start().await?;
    /// provider.replace_key()?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn replace_key(&self) -> io::Result<()> {
        self.shared.replace_key(ProviderKey::generate(self.shared.key().algorithm())?);
        Ok(())
    }

    /// What a browser does with an authorization URL, and a user with the sign-in page: the URL of the application's
    /// callback, with `code` and `state` or with `error`. `None` if the provider would show an error page, or if it
    /// knows no user with this e-mail address.
    ///
    /// ```
    /// use auth_runtime::testing::provider::Provider;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> std::io::Result<()> {
    /// let callback = "http://localhost:3000/auth/callback";
    /// let provider = Provider::builder().redirect_uri(callback).start().await?;
    /// // In a test this URL is the `Location` that the application's login route answers with.
    /// let url = format!(
    ///     "{}/authorize?client_id={}&redirect_uri={callback}&response_type=code&scope=openid&state=s\
    ///      &code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256",
    ///     provider.issuer(),
    ///     provider.client_id(),
    /// );
    /// let back = provider.sign_in(&url, "ada@example.com").unwrap();
    /// assert!(back.starts_with("http://localhost:3000/auth/callback?code="));
    /// # Ok(())
    /// # }
    /// ```
    pub fn sign_in(&self, authorization_url: &str, email: &str) -> Option<String> {
        let (_, query) = authorization_url.split_once('?')?;
        let user = self.shared.users.iter().position(|user| user.email() == email)?;
        authorize::decide(&self.shared, query, user)
    }

    /// From now on the application hears there that a session has ended; its port is known by now.
    pub fn send_logout_tokens_to(&self, uri: impl Into<String>) {
        self.shared.state.lock().backchannel_logout_uri = Some(uri.into());
    }

    /// Ends all sessions of the user with this e-mail address, takes back their tokens, and tells the application, which
    /// answers with this status. `None` if it does not answer or wants to hear nothing, or if there is no such user.
    ///
    /// ```
    /// use auth_runtime::testing::provider::Provider;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> std::io::Result<()> {
    /// let provider = Provider::builder().start().await?;
    /// // Nobody listens yet.
    /// assert_eq!(provider.sign_out("ada@example.com").await, None);
    /// # Ok(())
    /// # }
    /// ```
    pub async fn sign_out(&self, email: &str) -> Option<u16> {
        let user = self.shared.users.iter().position(|user| user.email() == email)?;
        logout::end_sessions_of(&self.shared, user).await
    }

    /// What the application would be sent at the end of the session `sid`, or of all sessions of `sub`: a new token with
    /// each call. `None` if the cryptography fails.
    ///
    /// ```
    /// use auth_runtime::testing::provider::Provider;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> std::io::Result<()> {
    /// let provider = Provider::builder().start().await?;
    /// let token = provider.logout_token(Some("sample|ada"), None).unwrap();
    /// assert_eq!(token.split('.').count(), 3);
    /// # Ok(())
    /// # }
    /// ```
    pub fn logout_token(&self, sub: Option<&str>, sid: Option<&str>) -> Option<String> {
        logout::logout_token(&self.shared, sub, sid)
    }

    /// Any claims under this provider's signature, as a token of the kind `typ`: for what a provider should never say.
    /// `None` if the cryptography fails.
    ///
    /// ```
    /// use auth_runtime::testing::provider::Provider;
    /// use serde_json::json;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> std::io::Result<()> {
    /// let provider = Provider::builder().start().await?;
    /// let token = provider.sign("logout+jwt", &json!({ "iss": "https://elsewhere.example.com/" })).unwrap();
    /// assert_eq!(token.split('.').count(), 3);
    /// # Ok(())
    /// # }
    /// ```
    pub fn sign(&self, typ: &str, claims: &Value) -> Option<String> {
        self.shared.key().sign(typ, claims)
    }
}

impl fmt::Debug for RunningProvider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RunningProvider").field("issuer", &self.shared.issuer).finish_non_exhaustive()
    }
}
