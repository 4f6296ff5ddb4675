//! An `OpenID` provider inside the process, for tests and for a first look without an account anywhere.
//!
//! It speaks the real protocol with real signatures: authorization code with PKCE, rotating refresh tokens, logout. What
//! it doesn't have is passwords: its sign-in page offers sample users, and one click signs in as one of them. So it
//! listens on the loopback interface only.

mod authorize;
mod client;
mod issue;
mod keys;
mod logout;
mod page;
mod server;
mod state;
mod token;
mod userinfo;
mod users;

use std::fmt;
use std::io;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::net::TcpListener;
use tokio::sync::oneshot;

pub use users::SampleUser;

use keys::SigningKey;
use server::Shared;
use state::State;

/// Short enough to see a refresh happen, long enough not to be bothered by it.
const DEFAULT_TOKEN_LIFETIME: Duration = Duration::from_secs(3600);
const DEFAULT_CLIENT_ID: &str = "sample-client";
const DEFAULT_CLIENT_SECRET: &str = "sample-client-secret";

/// Where a provider in this process begins: [`Provider::builder`].
///
/// ```
/// use auth_runtime::testing::provider::{Provider, SampleUser};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> std::io::Result<()> {
/// let provider = Provider::builder()
///     .redirect_uri("http://localhost:3000/auth/callback")
///     .user(SampleUser::new("Ada Lovelace", "ada@example.com").claim("role", "admin"))
///     .start()
///     .await?;
/// assert!(provider.issuer().starts_with("http://localhost:"));
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Provider(());

/// A provider that is not running yet.
///
/// ```
/// use std::time::Duration;
/// use auth_runtime::testing::provider::Provider;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> std::io::Result<()> {
/// let provider = Provider::builder()
///     .client("my-client", "my-secret")
///     .token_lifetime(Duration::from_secs(1))
///     .start()
///     .await?;
/// assert_eq!(provider.client_id(), "my-client");
/// # Ok(())
/// # }
/// ```
pub struct ProviderBuilder {
    port: u16,
    client_id: String,
    client_secret: String,
    redirect_uris: Vec<String>,
    post_logout_redirect_uris: Vec<String>,
    users: Vec<SampleUser>,
    token_lifetime: Duration,
    token_delay: Duration,
    rotates_refresh_tokens: bool,
    clock: Clock,
}

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
    shared: Arc<Shared>,
    /// The server, kept-alive connections included, ends when this is dropped.
    _running: oneshot::Sender<()>,
}

/// Unix seconds.
type Clock = Box<dyn Fn() -> i64 + Send + Sync>;

impl Provider {
    /// On a free port, with one client, the sample users Ada, Grace and Alan, and tokens that live an hour.
    pub fn builder() -> ProviderBuilder {
        ProviderBuilder {
            port: 0,
            client_id: DEFAULT_CLIENT_ID.to_owned(),
            client_secret: DEFAULT_CLIENT_SECRET.to_owned(),
            redirect_uris: Vec::new(),
            post_logout_redirect_uris: Vec::new(),
            users: Vec::new(),
            token_lifetime: DEFAULT_TOKEN_LIFETIME,
            token_delay: Duration::ZERO,
            rotates_refresh_tokens: true,
            clock: Box::new(system_time),
        }
    }
}

impl ProviderBuilder {
    /// Listens there, instead of on a free port.
    #[must_use]
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// The one client it knows.
    #[must_use]
    pub fn client(mut self, id: impl Into<String>, secret: impl Into<String>) -> Self {
        self.client_id = id.into();
        self.client_secret = secret.into();
        self
    }

    /// Where a sign-in may return to; compared byte for byte.
    #[must_use]
    pub fn redirect_uri(mut self, uri: impl Into<String>) -> Self {
        self.redirect_uris.push(uri.into());
        self
    }

    /// Where a sign-out may return to; compared byte for byte.
    #[must_use]
    pub fn post_logout_redirect_uri(mut self, uri: impl Into<String>) -> Self {
        self.post_logout_redirect_uris.push(uri.into());
        self
    }

    /// Offers this user. The first call replaces the sample users.
    #[must_use]
    pub fn user(mut self, user: SampleUser) -> Self {
        self.users.push(user);
        self
    }

    /// How long access and ID tokens are good for.
    #[must_use]
    pub fn token_lifetime(mut self, lifetime: Duration) -> Self {
        self.token_lifetime = lifetime;
        self
    }

    /// How long the token endpoint keeps each answer back, after it has done what it was asked for: long enough for a
    /// second request to arrive meanwhile, or for a caller to give up.
    ///
    /// ```
    /// use std::time::Duration;
    /// use auth_runtime::testing::provider::Provider;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> std::io::Result<()> {
    /// let provider = Provider::builder().token_delay(Duration::from_millis(50)).start().await?;
    /// // From here on, such as after a sign-in, it answers at once, or later.
    /// provider.delay_tokens(Duration::ZERO);
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn token_delay(mut self, delay: Duration) -> Self {
        self.token_delay = delay;
        self
    }

    /// Whether each refresh token is good for one use and brings the next one, as by default. Used a second time, it
    /// takes all tokens of its sign-in with it. Otherwise the first one stays good.
    ///
    /// ```
    /// use auth_runtime::testing::provider::Provider;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> std::io::Result<()> {
    /// let provider = Provider::builder().rotate_refresh_tokens(false).start().await?;
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn rotate_refresh_tokens(mut self, rotate: bool) -> Self {
        self.rotates_refresh_tokens = rotate;
        self
    }

    /// What time it is, in unix seconds; the system's time unless set.
    #[must_use]
    pub fn clock(mut self, clock: impl Fn() -> i64 + Send + Sync + 'static) -> Self {
        self.clock = Box::new(clock);
        self
    }

    /// Makes a key and listens on 127.0.0.1.
    ///
    /// # Errors
    ///
    /// When the port is taken, or no key can be made.
    pub async fn start(self) -> io::Result<RunningProvider> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, self.port)).await?;
        let issuer = format!("http://localhost:{}", listener.local_addr()?.port());
        let users = if self.users.is_empty() { users::samples() } else { self.users };
        let shared = Arc::new(Shared {
            issuer,
            client_id: self.client_id,
            client_secret: self.client_secret.into(),
            users,
            token_lifetime: i64::try_from(self.token_lifetime.as_secs()).unwrap_or(i64::MAX),
            rotates_refresh_tokens: self.rotates_refresh_tokens,
            key: SigningKey::generate()?,
            clock: self.clock,
            state: State::new(self.redirect_uris, self.post_logout_redirect_uris, self.token_delay),
        });
        let router = server::router(Arc::clone(&shared));
        let (running, stopped) = oneshot::channel::<()>();
        tokio::spawn(async move {
            let until_dropped = async move {
                // Nothing is ever sent: what arrives is the end of the sender.
                let _ = stopped.await;
            };
            // It never fails: an error while accepting is waited out.
            let _ = axum::serve(listener, router).with_graceful_shutdown(until_dropped).await;
        });
        Ok(RunningProvider { shared, _running: running })
    }
}

impl RunningProvider {
    /// What to configure as the domain. It is plain http, so insecure requests have to be allowed.
    pub fn issuer(&self) -> &str {
        &self.shared.issuer
    }

    /// What to configure as the client id.
    pub fn client_id(&self) -> &str {
        &self.shared.client_id
    }

    /// What to configure as the client secret.
    pub fn client_secret(&self) -> &str {
        use secrecy::ExposeSecret as _;
        self.shared.client_secret.expose_secret()
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
}

impl fmt::Debug for ProviderBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProviderBuilder")
            .field("port", &self.port)
            .field("client_id", &self.client_id)
            .field("users", &self.users)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for RunningProvider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RunningProvider").field("issuer", &self.shared.issuer).finish_non_exhaustive()
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "a provider stands for another machine, which has its own clock"
)]
fn system_time() -> i64 {
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since_epoch.as_secs()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests;
