//! The builder behind [`Auth::builder`](crate::Auth::builder).

use std::sync::{Arc, Once};

use super::csrf::{CsrfRules, CsrfSettings};
use super::guarding::{GuardSettings, Guarding};
use super::origin::Origin;
use super::owner::{Owner, OwnerSettings};
use super::owning::{Owning, ServiceContext};
use super::problem::{ConfigError, ConfigProblem};
#[cfg(feature = "testing")]
use super::release;
use super::routes::{RoutePaths, RouteSettings};
use super::secrets::SecretSettings;
use super::stores::StoreSettings;
use crate::cookie::{AttributeError, CookieAttributes, CookieName, SameSite};
use crate::crypto::Entropy;
use crate::request::{Callers, Hooks};
use crate::session::{CodecBuilder, Lifetime, SessionCodec};
use crate::time::Clock;

/// A builder of an [`Auth`](crate::Auth). The settings decide what the service may do:
///
/// - With a secret alone, or a secret and a domain, the service **verifies** sessions that another service owns.
/// - With domain, client credentials and base URL as well, it **owns** sessions: it signs users in and extends
///   sessions.
/// - [`verify_only`](AuthBuilder::verify_only) makes it verify, whatever else is configured.
///
/// ```
/// use auth_runtime::Auth;
///
/// # let secret = auth_runtime::__private::random_secret();
/// let auth = Auth::builder().secret(secret).domain("tenant.eu.auth0.com").build()?;
/// # Ok::<(), auth_runtime::ConfigError>(())
/// ```
#[derive(Debug, Default)]
#[must_use]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own, set by a method of its own")]
pub struct AuthBuilder {
    pub(super) secrets: SecretSettings,
    pub(super) domain: Option<String>,
    base_url: Option<String>,
    cookie_name: Option<String>,
    cookie_domain: Option<String>,
    cookie_path: Option<String>,
    cookie_secure: Option<bool>,
    cookie_same_site: Option<SameSite>,
    cookie_transient: bool,
    lifetime: Lifetime,
    legacy: bool,
    shared_with_nextjs: bool,
    verify_only: bool,
    pub(super) guarding: GuardSettings,
    pub(super) routes: RouteSettings,
    pub(super) stores: StoreSettings,
    pub(super) hooks: Hooks,
    pub(super) csrf: CsrfSettings,
    pub(super) allow_insecure_requests: bool,
    pub(super) owner: OwnerSettings,
    clock: Clock,
    entropy: Option<Entropy>,
    /// True if users sign in at a provider of the feature `testing`.
    #[cfg(feature = "testing")]
    has_testing_provider: bool,
    /// The problems that were found while settings were read from the environment.
    pub(super) problems: Vec<ConfigProblem>,
}

impl AuthBuilder {
    /// Sets the provider: a host or an issuer URL (`AUTH0_DOMAIN`).
    ///
    /// ```
    /// use auth_runtime::Auth;
    ///
    /// # let secret = auth_runtime::__private::random_secret();
    /// let auth = Auth::builder().secret(secret).domain("https://id.example.com/realm").build()?;
    /// # Ok::<(), auth_runtime::ConfigError>(())
    /// ```
    pub fn domain(mut self, domain: impl Into<String>) -> Self {
        self.domain = Some(domain.into());
        self
    }

    /// Sets the application's own origin, as browsers see it (`APP_BASE_URL`). With https, cookies are `Secure`; plain
    /// http is for a host on this machine. A request with an unsafe method and a session is refused if it comes from
    /// another origin that is no [`trusted_origin`](AuthBuilder::trusted_origin). Without the feature `oidc`, a host with
    /// other letters than ASCII has to be written as browsers send it, `xn--...`.
    ///
    /// ```
    /// use auth_runtime::Auth;
    ///
    /// # let secret = &auth_runtime::__private::random_secret();
    /// let auth = Auth::builder().secret(secret).base_url("https://app.example.com").build()?;
    ///
    /// assert!(Auth::builder().secret(secret).base_url("https://app.example.com/shop").build().is_err());
    /// # Ok::<(), auth_runtime::ConfigError>(())
    /// ```
    pub fn base_url(mut self, base_url: impl Into<String>) -> Self {
        self.base_url = Some(base_url.into());
        self
    }

    /// Sets the session cookie's name, `__session` by default.
    ///
    /// ```
    /// use auth_runtime::Auth;
    ///
    /// # let secret = auth_runtime::__private::random_secret();
    /// let auth = Auth::builder().secret(secret).cookie_name("app_session").build()?;
    /// assert_eq!(auth.codec().cookie_name().as_str(), "app_session");
    /// # Ok::<(), auth_runtime::ConfigError>(())
    /// ```
    pub fn cookie_name(mut self, name: impl Into<String>) -> Self {
        self.cookie_name = Some(name.into());
        self
    }

    /// Sets the session cookie's domain (`AUTH0_COOKIE_DOMAIN`). By default browsers send the cookie only to the host
    /// that set it.
    ///
    /// ```
    /// use auth_runtime::Auth;
    ///
    /// # let secret = auth_runtime::__private::random_secret();
    /// let auth = Auth::builder().secret(secret).cookie_domain("example.com").build()?;
    /// # Ok::<(), auth_runtime::ConfigError>(())
    /// ```
    pub fn cookie_domain(mut self, domain: impl Into<String>) -> Self {
        self.cookie_domain = Some(domain.into());
        self
    }

    /// Sets the session cookie's path (`AUTH0_COOKIE_PATH`), `/` by default.
    ///
    /// ```
    /// use auth_runtime::Auth;
    ///
    /// # let secret = &auth_runtime::__private::random_secret();
    /// let auth = Auth::builder().secret(secret).cookie_path("/shop").build()?;
    ///
    /// assert!(Auth::builder().secret(secret).cookie_path("shop").build().is_err());
    /// # Ok::<(), auth_runtime::ConfigError>(())
    /// ```
    pub fn cookie_path(mut self, path: impl Into<String>) -> Self {
        self.cookie_path = Some(path.into());
        self
    }

    /// Sets whether browsers send the session cookie over https only (`AUTH0_COOKIE_SECURE`). With a base URL of https
    /// they always do.
    ///
    /// ```
    /// use auth_runtime::Auth;
    ///
    /// # let secret = auth_runtime::__private::random_secret();
    /// let auth = Auth::builder().secret(secret).cookie_secure(true).build()?;
    /// # Ok::<(), auth_runtime::ConfigError>(())
    /// ```
    pub fn cookie_secure(mut self, secure: bool) -> Self {
        self.cookie_secure = Some(secure);
        self
    }

    /// Sets which cross-site requests carry the session cookie (`AUTH0_COOKIE_SAME_SITE`), `lax` by default.
    ///
    /// `strict` does not go together with pages that send a browser to the sign-in: on its way back from the provider the
    /// browser withholds the cookie. See [the option `login`](crate::guide::login#not-with-samesitestrict).
    ///
    /// ```
    /// use auth_runtime::{Auth, SameSite};
    ///
    /// # let secret = &auth_runtime::__private::random_secret();
    /// let builder = || Auth::builder().secret(secret).cookie_same_site(SameSite::None);
    /// assert!(builder().cookie_secure(true).build().is_ok());
    /// // Browsers drop such a cookie.
    /// assert!(builder().cookie_secure(false).build().is_err());
    /// ```
    pub fn cookie_same_site(mut self, same_site: SameSite) -> Self {
        self.cookie_same_site = Some(same_site);
        self
    }

    /// Makes the browser drop the session cookie when it closes (`AUTH0_COOKIE_TRANSIENT`).
    ///
    /// ```
    /// use auth_runtime::Auth;
    ///
    /// # let secret = auth_runtime::__private::random_secret();
    /// let auth = Auth::builder().secret(secret).cookie_transient(true).build()?;
    /// # Ok::<(), auth_runtime::ConfigError>(())
    /// ```
    pub fn cookie_transient(mut self, transient: bool) -> Self {
        self.cookie_transient = transient;
        self
    }

    /// Sets how long sessions live, in a service that owns them. By default a session ends 1 day after its last use,
    /// and at most 3 days after the sign-in.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use auth_runtime::{Auth, Lifetime};
    ///
    /// # let secret = auth_runtime::__private::random_secret();
    /// let lifetime = Lifetime::rolling(Duration::from_secs(1_800), Duration::from_secs(8 * 3_600));
    /// let auth = Auth::builder().secret(secret).lifetime(lifetime).build()?;
    /// # Ok::<(), auth_runtime::ConfigError>(())
    /// ```
    pub fn lifetime(mut self, lifetime: Lifetime) -> Self {
        self.lifetime = lifetime;
        self
    }

    /// Reads the cookies of nextjs-auth0 v3 too. A service that owns sessions replaces such a cookie at the first
    /// request that carries one.
    ///
    /// ```
    /// use auth_runtime::Auth;
    ///
    /// # let secret = auth_runtime::__private::random_secret();
    /// let auth = Auth::builder().secret(secret).legacy_cookies(true).build()?;
    /// # Ok::<(), auth_runtime::ConfigError>(())
    /// ```
    pub fn legacy_cookies(mut self, legacy: bool) -> Self {
        self.legacy = legacy;
        self
    }

    /// Says that a Next.js application writes these sessions too (`AUTH0_SHARED_WITH_NEXTJS`), off by default. It is
    /// for a service that owns sessions. Such a service then also reads cookies with tokens of federated connections
    /// (`__FC_n`) that are not bound to the session that they came with. This service binds each such cookie that it
    /// writes. A service that only verifies reads both kinds in any case.
    ///
    /// ```
    /// use auth_runtime::Auth;
    ///
    /// let builder = Auth::builder().shared_with_nextjs(true);
    /// ```
    pub fn shared_with_nextjs(mut self, shared: bool) -> Self {
        self.shared_with_nextjs = shared;
        self
    }

    /// Makes the service verify sessions and never write one, whatever else is configured: for a companion of the
    /// service that owns them.
    ///
    /// ```
    /// # #[cfg(feature = "oidc")] {
    /// use auth_runtime::Auth;
    ///
    /// # let secret = auth_runtime::__private::random_secret();
    /// let auth = Auth::builder()
    ///     .secret(secret)
    ///     .domain("tenant.eu.auth0.com")
    ///     .client_id("client")
    ///     .client_secret("secret")
    ///     .verify_only()
    ///     .build()?;
    /// assert!(!auth.owns_sessions());
    /// # }
    /// # Ok::<(), auth_runtime::ConfigError>(())
    /// ```
    pub fn verify_only(mut self) -> Self {
        self.verify_only = true;
        self
    }

    /// Permits, for development (`AUTH0_ALLOW_INSECURE_REQUESTS`): an issuer on this machine, also over http; a base
    /// URL of http that is not on this machine; and APIs over http, to which access tokens are sent. The log has a
    /// warning at start-up.
    ///
    /// ```
    /// use auth_runtime::Auth;
    ///
    /// # let secret = &auth_runtime::__private::random_secret();
    /// let builder = || Auth::builder().secret(secret).base_url("http://app.test:3000");
    /// assert!(builder().build().is_err());
    /// assert!(builder().danger_allow_insecure_requests(true).build().is_ok());
    /// ```
    pub fn danger_allow_insecure_requests(mut self, allow: bool) -> Self {
        self.allow_insecure_requests = allow;
        self
    }

    #[cfg(feature = "testing")]
    pub(crate) fn clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    #[cfg(feature = "testing")]
    pub(crate) fn entropy(mut self, entropy: Entropy) -> Self {
        self.entropy = Some(entropy);
        self
    }

    #[cfg(feature = "testing")]
    #[cfg_attr(
        not(any(feature = "oidc", test)),
        expect(dead_code, reason = "the provider needs the feature `oidc`")
    )]
    pub(crate) fn testing_provider(mut self) -> Self {
        self.has_testing_provider = true;
        self
    }

    /// Checks the whole configuration, and names every problem at once.
    pub(crate) fn check(mut self) -> Result<Configured, ConfigError> {
        let mut problems = std::mem::take(&mut self.problems);
        let keys = std::mem::take(&mut self.secrets).check(&mut problems);
        let base_url = self.origin(&mut problems);
        let (name, attributes) = self.cookie(base_url.as_ref(), &mut problems);
        // A sibling host can set a cookie of v3, which the prefix is there to prevent.
        if self.legacy && name.has_host_prefix() {
            problems.push(ConfigProblem::LegacyBesideHostPrefix);
        }
        let guarding = std::mem::take(&mut self.guarding).check(&name, &mut problems);
        self.stores.check(self.domain.is_some(), &mut problems);
        let csrf = std::mem::take(&mut self.csrf).check(base_url.as_ref(), &mut problems);
        let domain = self.domain.as_deref().map(bare_domain);
        let paths = std::mem::take(&mut self.routes).check(&mut problems);
        let owning = std::mem::take(&mut self.owner).check(
            ServiceContext {
                domain: self.domain.as_deref(),
                base_url,
                paths: &paths,
                cookie_path: attributes.path(),
                lifetime: self.lifetime,
                verify_only: self.verify_only,
                allow_insecure: self.allow_insecure_requests,
                can_end_from_afar: self.stores.can_end_from_afar(),
                clock: &self.clock,
            },
            &mut problems,
        );
        // Where a part is missing, `problems` already says why.
        let (Some(keys), Some(guarding), true) = (keys, guarding, problems.is_empty()) else {
            return Err(ConfigError::new(problems));
        };

        let entropy = self.entropy.unwrap_or(Entropy::SYSTEM);
        let codec = SessionCodec::builder(keys).cookie_name(name).attributes(attributes).entropy(entropy);
        let codec = if owning.is_some() { self.owning(codec) } else { codec };
        let codec = codec.legacy(self.legacy);
        let codec = domain.iter().fold(codec, CodecBuilder::domain).build();
        // One ring for all stores, which counts what all of them encrypt.
        let store_keys = codec.keys().for_stores();
        let leases = self.stores.leases(&store_keys, entropy, &self.clock);
        let sessions = self.stores.sessions(codec, &store_keys, entropy, domain, self.lifetime);
        let (owner, sessions) = match owning {
            Some(Owning { owner, refresher }) => {
                (Some(owner), sessions.with_refresher(refresher.with_shared(leases)))
            }
            None => (None, sessions),
        };
        Ok(Configured {
            callers: Arc::new(Callers { sessions, hooks: self.hooks, clock: self.clock }),
            guarding,
            paths,
            csrf,
            owner,
            says_no_endpoints: Once::new(),
        })
    }

    /// Lets the codec write sessions.
    fn owning(&self, codec: CodecBuilder) -> CodecBuilder {
        codec.owner(self.lifetime).bind_connections(self.shared_with_nextjs)
    }

    /// Checks the base URL; `None` if there is none, or none that is an origin.
    fn origin(&mut self, problems: &mut Vec<ConfigProblem>) -> Option<Origin> {
        let origin = Origin::parse(&self.base_url.take()?);
        match &origin {
            None => problems.push(ConfigProblem::BaseUrl),
            // Without TLS the session cookie could not be `Secure`, and anyone on the network path could read it.
            Some(origin) if !origin.is_https() && !origin.is_loopback() && !self.allow_insecure_requests => {
                problems.push(ConfigProblem::PlainHttpBaseUrl);
            }
            Some(_) => {}
        }
        #[cfg(feature = "testing")]
        if self.has_testing_provider {
            problems.extend(release::problem_of_provider(release::is_release(), origin.as_ref()));
        }
        origin
    }

    /// Checks the cookie's name and its attributes, alone and together.
    fn cookie(
        &mut self,
        base_url: Option<&Origin>,
        problems: &mut Vec<ConfigProblem>,
    ) -> (CookieName, CookieAttributes) {
        let name = match self.cookie_name.take().map(CookieName::new) {
            None => CookieName::default(),
            Some(Ok(name)) => name,
            Some(Err(error)) => {
                problems.push(error.into());
                CookieName::default()
            }
        };
        let is_https = base_url.is_some_and(Origin::is_https);
        let mut attributes = CookieAttributes::default()
            .with_secure(is_https || self.cookie_secure.unwrap_or(false))
            .with_transient(self.cookie_transient);
        if let Some(same_site) = self.cookie_same_site {
            attributes = attributes.with_same_site(same_site);
        }
        let found = problems.len();
        let mut keep_valid = |before: CookieAttributes, after: Result<CookieAttributes, AttributeError>| {
            after.unwrap_or_else(|error| {
                problems.push(ConfigProblem::CookieAttribute(error));
                before
            })
        };
        if let Some(domain) = self.cookie_domain.take() {
            attributes = keep_valid(attributes.clone(), attributes.with_domain(domain));
        }
        if let Some(path) = self.cookie_path.take() {
            attributes = keep_valid(attributes.clone(), attributes.with_path(path));
        }
        // Attributes that are wrong by themselves are not compared with the name as well.
        if problems.len() == found {
            let errors = attributes.check(&name).err().unwrap_or_default();
            problems.extend(errors.into_iter().map(ConfigProblem::CookieAttribute));
        }
        (name, attributes)
    }
}

/// The parts of an [`Auth`](crate::Auth), all of them checked.
#[derive(Debug)]
pub(crate) struct Configured {
    pub(crate) callers: Arc<Callers>,
    pub(crate) guarding: Guarding,
    pub(crate) paths: RoutePaths,
    pub(crate) csrf: CsrfRules,
    pub(crate) owner: Option<Owner>,
    /// Spent once the log says that there are no endpoints.
    #[cfg_attr(
        not(feature = "oidc"),
        expect(dead_code, reason = "without the feature `oidc` there are none")
    )]
    pub(crate) says_no_endpoints: Once,
}

/// Returns the domain as sessions name it: the host in lower case, and the path where an issuer URL has one.
fn bare_domain(text: &str) -> String {
    let text = text.trim();
    let text = text.split_once("://").map_or(text, |(_, rest)| rest).trim_end_matches('/');
    match text.split_once('/') {
        Some((host, path)) => format!("{}/{path}", host.to_ascii_lowercase()),
        None => text.to_ascii_lowercase(),
    }
}
