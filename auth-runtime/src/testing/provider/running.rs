//! The handle on a running provider.

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

/// A running provider. Dropping it stops the provider.
///
/// ```
/// use auth_runtime::testing::provider::Provider;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> std::io::Result<()> {
/// let provider = Provider::builder().start().await?;
/// // The application can start after the provider: then its port is known.
/// provider.allow_redirect_uri("http://localhost:3000/auth/callback");
/// provider.allow_post_logout_redirect_uri("http://localhost:3000/");
/// provider.send_logout_tokens_to("http://localhost:3000/auth/backchannel-logout");
/// assert_eq!(provider.users().len(), 3);
/// # Ok(())
/// # }
/// ```
pub struct RunningProvider {
    pub(super) shared: Arc<Shared>,
    /// The sender whose drop stops the server, its kept-alive connections included.
    _running: oneshot::Sender<()>,
}

impl RunningProvider {
    pub(super) fn new(shared: Arc<Shared>, running: oneshot::Sender<()>) -> Self {
        Self { shared, _running: running }
    }

    /// Returns the issuer, to be configured as the domain. Its scheme is `http`, so the application has to allow
    /// insecure requests.
    pub fn issuer(&self) -> &str {
        &self.shared.issuer
    }

    /// Returns the client id.
    pub fn client_id(&self) -> &str {
        &self.shared.client_id
    }

    /// Returns the client secret; an empty text for a client without one.
    pub fn client_secret(&self) -> &str {
        match &self.shared.credentials {
            Credentials::Secret(secret) => secret.expose_secret(),
            Credentials::Key { .. } | Credentials::Public => "",
        }
    }

    /// Returns the users that the sign-in page offers.
    pub fn users(&self) -> &[SampleUser] {
        &self.shared.users
    }

    /// Registers another redirect URI, to which a sign-in may return.
    pub fn allow_redirect_uri(&self, uri: impl Into<String>) {
        self.shared.state.lock().redirect_uris.push(uri.into());
    }

    /// Registers another URI to which a sign-out may return.
    pub fn allow_post_logout_redirect_uri(&self, uri: impl Into<String>) {
        self.shared.state.lock().post_logout_redirect_uris.push(uri.into());
    }

    /// Sets the time for which the token endpoint delays each answer from now on.
    pub fn delay_tokens(&self, delay: Duration) {
        self.shared.state.lock().token_delay = delay;
    }

    /// Returns the number of requests to this path so far, whatever the answers were; 0 for a path without a route.
    ///
    /// ```
    /// use auth_runtime::testing::provider::Provider;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> std::io::Result<()> {
    /// let provider = Provider::builder().start().await?;
    /// // No user has signed in, so the application has requested no tokens.
    /// assert_eq!(provider.requests("/oauth/token"), 0);
    /// # Ok(())
    /// # }
    /// ```
    pub fn requests(&self, path: &str) -> usize {
        self.shared.state.lock().requests(path)
    }

    /// Lets this path fail from now on: it does nothing and answers with this status, such as 503. `None` lets it work
    /// again.
    ///
    /// ```
    /// use auth_runtime::testing::provider::Provider;
    /// use axum::http::StatusCode;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> std::io::Result<()> {
    /// let provider = Provider::builder().start().await?;
    /// provider.set_outage("/oauth/token", Some(StatusCode::SERVICE_UNAVAILABLE));
    /// // Here the test checks that the application keeps its sessions.
    /// provider.set_outage("/oauth/token", None);
    /// # Ok(())
    /// # }
    /// ```
    pub fn set_outage(&self, path: &str, status: Option<StatusCode>) {
        self.shared.state.lock().set_outage(path, status);
    }

    /// Replaces the signing key. From now on the provider signs with the new key, and publishes that key alone.
    ///
    /// # Errors
    ///
    /// No key can be made.
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

    /// Signs a user in, as a browser does with an authorization URL and the user with the sign-in page. Returns the URL
    /// of the application's callback, with `code` and `state` or with `error`. `None` if the provider would show an
    /// error page, or knows no user with this e-mail address.
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

    /// Sets the URI to which the provider sends logout tokens from now on.
    pub fn send_logout_tokens_to(&self, uri: impl Into<String>) {
        self.shared.state.lock().backchannel_logout_uri = Some(uri.into());
    }

    /// Ends all sessions of the user with this e-mail address, revokes their tokens, and sends the application a logout
    /// token. Returns the status of the application's answer. `None` if the application does not answer or has no URI
    /// for logout tokens, or if there is no such user.
    ///
    /// ```
    /// use auth_runtime::testing::provider::Provider;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> std::io::Result<()> {
    /// let provider = Provider::builder().start().await?;
    /// // No application listens yet.
    /// assert_eq!(provider.sign_out("ada@example.com").await, None);
    /// # Ok(())
    /// # }
    /// ```
    pub async fn sign_out(&self, email: &str) -> Option<u16> {
        let user = self.shared.users.iter().position(|user| user.email() == email)?;
        logout::end_sessions_of(&self.shared, user).await
    }

    /// Returns a logout token as the application would get it at the end of the session `sid`, or of all sessions of
    /// `sub`. Each call returns a new token. `None` if the cryptography fails.
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

    /// Signs any claims with this provider's key, as a token of the kind `typ`. A test can make tokens with it that no
    /// provider should issue. `None` if the cryptography fails.
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
