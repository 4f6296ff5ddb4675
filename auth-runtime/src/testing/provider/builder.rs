//! The configuration of a provider before it starts.

use std::collections::HashMap;
use std::fmt;
use std::io;
use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use secrecy::SecretString;
use tokio::net::TcpListener;
use tokio::sync::watch;
use url::Url;

use super::client::Credentials;
use super::endpoint::Endpoint;
use super::keys::ProviderKey;
use super::running::RunningProvider;
use super::server::Shared;
use super::state::State;
use super::users::{self, SampleUser};
use crate::oidc::{SignatureAlgorithm, SigningKey};

/// The default lifetime of access and ID tokens.
const DEFAULT_TOKEN_LIFETIME: Duration = Duration::from_secs(3600);
const DEFAULT_CLIENT_ID: &str = "sample-client";
const DEFAULT_CLIENT_SECRET: &str = "sample-client-secret";
/// The time that the application has to answer a logout token.
const REQUEST_DEADLINE: Duration = Duration::from_secs(5);

/// The configuration of a provider that is not running yet.
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
    issuer: Option<String>,
    endpoint_urls: HashMap<Endpoint, String>,
    client_id: String,
    credentials: Given,
    redirect_uris: Vec<String>,
    post_logout_redirect_uris: Vec<String>,
    backchannel_logout_uri: Option<String>,
    front_ends: Vec<String>,
    users: Vec<SampleUser>,
    token_lifetime: Duration,
    rotates_refresh_tokens: bool,
    requires_pushed_requests: bool,
    acr_values: Vec<String>,
    authenticated_ago: Duration,
    algorithm: SignatureAlgorithm,
    clock: Clock,
}

/// The source of the provider's time, in unix seconds.
pub(super) type Clock = Box<dyn Fn() -> i64 + Send + Sync>;

/// The client's credentials before they are checked.
enum Given {
    Key(SecretString, SignatureAlgorithm),
    Nothing,
    Secret(SecretString),
}

impl ProviderBuilder {
    pub(super) fn new() -> Self {
        Self {
            port: 0,
            issuer: None,
            endpoint_urls: HashMap::new(),
            client_id: DEFAULT_CLIENT_ID.to_owned(),
            credentials: Given::Secret(DEFAULT_CLIENT_SECRET.into()),
            redirect_uris: Vec::new(),
            post_logout_redirect_uris: Vec::new(),
            backchannel_logout_uri: None,
            front_ends: Vec::new(),
            users: Vec::new(),
            token_lifetime: DEFAULT_TOKEN_LIFETIME,
            rotates_refresh_tokens: true,
            requires_pushed_requests: false,
            acr_values: Vec::new(),
            authenticated_ago: Duration::ZERO,
            algorithm: SignatureAlgorithm::RS256,
            clock: Box::new(system_time),
        }
    }

    /// Listens on this port instead of a free one.
    #[must_use]
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// Sets the issuer, in the place of `http://localhost:PORT`: the URL of a proxy in front of the provider, for instance.
    ///
    /// ```
    /// use auth_runtime::testing::provider::{Endpoint, Provider};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> std::io::Result<()> {
    /// let provider = Provider::builder()
    ///     .issuer("http://localhost:8080")
    ///     .endpoint_url(Endpoint::Token, "http://localhost:8081/oauth/token")
    ///     .start()
    ///     .await?;
    /// assert_eq!(provider.issuer(), "http://localhost:8080");
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn issuer(mut self, url: impl Into<String>) -> Self {
        self.issuer = Some(url.into());
        self
    }

    /// Sets the URL that the metadata name for an endpoint, such as that of a proxy in front of this endpoint alone.
    #[must_use]
    pub fn endpoint_url(mut self, endpoint: Endpoint, url: impl Into<String>) -> Self {
        self.endpoint_urls.insert(endpoint, url.into());
        self
    }

    /// Sets the provider's only client, with a secret that it sends in the form or in the header.
    #[must_use]
    pub fn client(mut self, id: impl Into<String>, secret: impl Into<String>) -> Self {
        self.client_id = id.into();
        self.credentials = Given::Secret(secret.into().into());
        self
    }

    /// Sets the provider's only client, with the private key that the client signs with (PKCS#8 in PEM). Only the
    /// public half is kept.
    ///
    /// ```
    /// use auth_runtime::SignatureAlgorithm;
    /// use auth_runtime::testing::provider::Provider;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> std::io::Result<()> {
    /// let builder = Provider::builder().client_key("client", "not a key", SignatureAlgorithm::ES256);
    /// assert!(builder.start().await.is_err());
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn client_key(
        mut self,
        id: impl Into<String>,
        pem: impl Into<String>,
        algorithm: SignatureAlgorithm,
    ) -> Self {
        self.client_id = id.into();
        self.credentials = Given::Key(pem.into().into(), algorithm);
        self
    }

    /// Sets the provider's only client, without credentials: PKCE alone protects the code.
    ///
    /// ```
    /// use auth_runtime::testing::provider::Provider;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> std::io::Result<()> {
    /// let provider = Provider::builder().public_client("client").start().await?;
    /// assert_eq!(provider.client_secret(), "");
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn public_client(mut self, id: impl Into<String>) -> Self {
        self.client_id = id.into();
        self.credentials = Given::Nothing;
        self
    }

    /// Registers a redirect URI, to which a sign-in may return. It is compared byte for byte.
    #[must_use]
    pub fn redirect_uri(mut self, uri: impl Into<String>) -> Self {
        self.redirect_uris.push(uri.into());
        self
    }

    /// Registers a URI to which a sign-out may return. It is compared byte for byte.
    ///
    /// ```
    /// use auth_runtime::testing::provider::Provider;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> std::io::Result<()> {
    /// let provider = Provider::builder()
    ///     .redirect_uri("http://localhost:3000/auth/callback")
    ///     .post_logout_redirect_uri("http://localhost:3000/")
    ///     .backchannel_logout_uri("http://localhost:3000/auth/backchannel-logout")
    ///     .start()
    ///     .await?;
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn post_logout_redirect_uri(mut self, uri: impl Into<String>) -> Self {
        self.post_logout_redirect_uris.push(uri.into());
        self
    }

    /// Sets the URI to which the provider sends logout tokens when a session ends (`OpenID` Connect Back-Channel Logout
    /// 1.0).
    #[must_use]
    pub fn backchannel_logout_uri(mut self, uri: impl Into<String>) -> Self {
        self.backchannel_logout_uri = Some(uri.into());
        self
    }

    /// Allows redirects to this origin after the sign-in: that of a front end to which the application leads the browser
    /// from its callback. The `Content-Security-Policy` of the sign-in page names the allowed origins, and browsers stop
    /// at a redirect to any other. The origins of registered redirect URIs are allowed without this.
    ///
    /// ```
    /// use auth_runtime::testing::provider::Provider;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> std::io::Result<()> {
    /// // The API signs users in on port 3000, and leads them to the front end on port 5173.
    /// let provider = Provider::builder()
    ///     .redirect_uri("http://localhost:3000/auth/callback")
    ///     .front_end("http://localhost:5173")
    ///     .start()
    ///     .await?;
    /// # drop(provider);
    ///
    /// // An origin has no path.
    /// assert!(Provider::builder().front_end("http://localhost:5173/app").start().await.is_err());
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn front_end(mut self, origin: impl Into<String>) -> Self {
        self.front_ends.push(origin.into());
        self
    }

    /// Refuses authorization requests that were not pushed (RFC 9126), and says so in the metadata.
    ///
    /// ```
    /// use auth_runtime::testing::provider::Provider;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> std::io::Result<()> {
    /// let provider = Provider::builder().require_pushed_requests().start().await?;
    /// // The browser would see an error page.
    /// let url = format!("{}/authorize?client_id={}", provider.issuer(), provider.client_id());
    /// assert_eq!(provider.sign_in(&url, "ada@example.com"), None);
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn require_pushed_requests(mut self) -> Self {
        self.requires_pushed_requests = true;
        self
    }

    /// Sets the algorithm that signs the tokens, RS256 by default.
    ///
    /// ```
    /// use auth_runtime::SignatureAlgorithm;
    /// use auth_runtime::testing::provider::Provider;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> std::io::Result<()> {
    /// let provider = Provider::builder().signing_algorithm(SignatureAlgorithm::EdDSA).start().await?;
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn signing_algorithm(mut self, algorithm: SignatureAlgorithm) -> Self {
        self.algorithm = algorithm;
        self
    }

    /// Adds a user to the sign-in page. The first call replaces the sample users.
    #[must_use]
    pub fn user(mut self, user: SampleUser) -> Self {
        self.users.push(user);
        self
    }

    /// Sets the lifetime of access and ID tokens, one hour by default.
    #[must_use]
    pub fn token_lifetime(mut self, lifetime: Duration) -> Self {
        self.token_lifetime = lifetime;
        self
    }

    /// Sets whether refresh tokens rotate, as they do by default. A refresh token that rotates is valid once and is
    /// replaced by the next one; a second use of it revokes all tokens of its sign-in. A refresh token that does not
    /// rotate stays valid.
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

    /// Sets the authentication context classes in which the provider can authenticate a user, none by default. A
    /// sign-in is in the first class of its `acr_values` that is among these, and its ID token says so (`acr`). It is in
    /// no class where none of them is, as `acr_values` permits (`OpenID` Connect Core 1.0 section 3.1.2.1).
    ///
    /// ```
    /// use auth_runtime::testing::provider::Provider;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> std::io::Result<()> {
    /// let provider = Provider::builder().acr_values(["phr"]).start().await?;
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn acr_values<T: Into<String>>(mut self, values: impl IntoIterator<Item = T>) -> Self {
        self.acr_values = values.into_iter().map(Into::into).collect();
        self
    }

    /// Makes the provider ignore `max_age`: its ID tokens say that the user was authenticated so long before the
    /// sign-in (`auth_time`). By default every sign-in authenticates the user.
    ///
    /// ```
    /// use std::time::Duration;
    /// use auth_runtime::testing::provider::Provider;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> std::io::Result<()> {
    /// let provider = Provider::builder().ignore_max_age(Duration::from_secs(3600)).start().await?;
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn ignore_max_age(mut self, authenticated_ago: Duration) -> Self {
        self.authenticated_ago = authenticated_ago;
        self
    }

    /// Sets the provider's clock, in unix seconds. The default is the system's clock.
    ///
    /// ```
    /// use auth_runtime::testing::TestClock;
    /// use auth_runtime::testing::provider::Provider;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> std::io::Result<()> {
    /// let clock = TestClock::now();
    /// let of_provider = clock.clone();
    /// let provider = Provider::builder().clock(move || of_provider.unix_seconds()).start().await?;
    /// clock.advance(3600);
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn clock(mut self, clock: impl Fn() -> i64 + Send + Sync + 'static) -> Self {
        self.clock = Box::new(clock);
        self
    }

    /// Makes the signing key and listens on 127.0.0.1.
    ///
    /// # Errors
    ///
    /// The port is taken, no key can be made, the client's key cannot be read, or a front end is no http or https origin.
    pub async fn start(self) -> io::Result<RunningProvider> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, self.port)).await?;
        let port = listener.local_addr()?.port();
        let users = if self.users.is_empty() { users::samples() } else { self.users };
        let shared = Arc::new(Shared {
            issuer: self.issuer.unwrap_or_else(|| format!("http://localhost:{port}")),
            endpoint_urls: self.endpoint_urls,
            client_id: self.client_id,
            credentials: self.credentials.check()?,
            users,
            token_lifetime: i64::try_from(self.token_lifetime.as_secs()).unwrap_or(i64::MAX),
            rotates_refresh_tokens: self.rotates_refresh_tokens,
            requires_pushed_requests: self.requires_pushed_requests,
            front_ends: self.front_ends.iter().map(|text| origin(text)).collect::<io::Result<_>>()?,
            acr_values: self.acr_values,
            authenticated_ago: i64::try_from(self.authenticated_ago.as_secs()).unwrap_or(i64::MAX),
            key: Mutex::new(Arc::new(ProviderKey::generate(self.algorithm)?)),
            http: http_client()?,
            clock: self.clock,
            state: State::new(
                self.redirect_uris,
                self.post_logout_redirect_uris,
                self.backchannel_logout_uri,
            ),
            faults: watch::Sender::default(),
        });
        Ok(RunningProvider::new(shared, listener, port))
    }
}

impl Given {
    fn check(self) -> io::Result<Credentials> {
        match self {
            Self::Key(pem, algorithm) => {
                let key = SigningKey::from_pem(&pem, algorithm).map_err(io::Error::other)?;
                Credentials::of_key(&key)
                    .ok_or_else(|| io::Error::other("the client's public key cannot be read"))
            }
            Self::Nothing => Ok(Credentials::Public),
            Self::Secret(secret) => Ok(Credentials::Secret(secret)),
        }
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

/// Returns the origin as browsers write it.
fn origin(text: &str) -> io::Result<String> {
    let url = Url::parse(text).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
    let origin = url.map(|url| (url.origin().ascii_serialization(), url));
    // Anything beside the origin would be in the URL too: a path, a query or a user.
    let origin = origin.filter(|(origin, url)| url.as_str().strip_suffix('/') == Some(origin));
    origin.map(|(origin, _)| origin).ok_or_else(|| {
        let message = format!(
            "the front end {text:?} is not an origin: give scheme, host and port alone, such as http://localhost:5173"
        );
        io::Error::new(io::ErrorKind::InvalidInput, message)
    })
}

fn http_client() -> io::Result<reqwest::Client> {
    let client = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none());
    client.timeout(REQUEST_DEADLINE).build().map_err(io::Error::other)
}

#[expect(
    clippy::disallowed_methods,
    reason = "a provider stands for another machine, which has its own clock"
)]
fn system_time() -> i64 {
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since_epoch.as_secs()).unwrap_or(i64::MAX)
}
