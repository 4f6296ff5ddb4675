//! The handle on a running provider.

use std::fmt;
use std::io;
use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use secrecy::ExposeSecret as _;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::authorize;
use super::client::Credentials;
use super::keys::ProviderKey;
use super::logout;
use super::server::{self, Shared};
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
    port: u16,
    /// The server; `None` while connections are refused.
    serving: Mutex<Option<Serving>>,
}

/// A server that accepts connections.
struct Serving {
    /// The sender whose drop stops the server, its kept-alive connections included.
    running: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

impl RunningProvider {
    pub(super) fn new(shared: Arc<Shared>, listener: TcpListener, port: u16) -> Self {
        let serving = Mutex::new(Some(Serving::begin(listener, &shared)));
        Self { shared, port, serving }
    }

    /// Returns the port that the provider listens on.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Returns the issuer, to be configured as the domain. Its scheme is `http`, so the application has to allow
    /// insecure requests.
    pub fn issuer(&self) -> &str {
        &self.shared.issuer
    }

    /// Refuses connections from now on, and closes those that are kept alive. The provider keeps what it knows.
    ///
    /// ```
    /// use auth_runtime::testing::provider::Provider;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> std::io::Result<()> {
    /// let provider = Provider::builder().start().await?;
    /// provider.refuse_connections().await;
    /// // Here the test checks that the application keeps its sessions.
    /// provider.accept_connections().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn refuse_connections(&self) {
        let serving = self.serving().take();
        if let Some(Serving { running, task }) = serving {
            drop(running);
            task.abort();
            // The listener is gone when the task is.
            let _ = task.await;
        }
    }

    /// Accepts connections again.
    ///
    /// # Errors
    ///
    /// Another program has taken the port meanwhile.
    pub async fn accept_connections(&self) -> io::Result<()> {
        if self.serving().is_none() {
            let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, self.port)).await?;
            *self.serving() = Some(Serving::begin(listener, &self.shared));
        }
        Ok(())
    }

    fn serving(&self) -> MutexGuard<'_, Option<Serving>> {
        self.serving.lock().unwrap_or_else(PoisonError::into_inner)
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

    /// Returns the present signing key.
    pub fn key(&self) -> Arc<ProviderKey> {
        self.shared.key()
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
        let key = self.key();
        key.sign(&key.header(typ), claims)
    }
}

impl Serving {
    fn begin(listener: TcpListener, shared: &Arc<Shared>) -> Self {
        let router = server::router(Arc::clone(shared));
        let (running, stopped) = oneshot::channel::<()>();
        let until_dropped = async move {
            // No value is ever sent: the receiver is woken when the sender is dropped.
            let _ = stopped.await;
        };
        let server = axum::serve(listener, router).with_graceful_shutdown(until_dropped);
        // The server never fails: after an error of `accept` it tries again.
        Self { running, task: tokio::spawn(async move { drop(server.await) }) }
    }
}

impl fmt::Debug for RunningProvider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RunningProvider").field("issuer", &self.shared.issuer).finish_non_exhaustive()
    }
}
