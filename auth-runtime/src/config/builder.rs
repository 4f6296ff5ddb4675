//! The builder behind [`Auth::builder`](crate::Auth::builder).

use std::sync::Arc;

use url::{Host, Url};

use super::csrf::{CsrfRules, CsrfSettings};
use super::guarding::{GuardSettings, Guarding};
use super::owner::{Owner, OwnerSettings};
use super::problem::{ConfigError, ConfigProblem};
use super::routes::{RoutePaths, RouteSettings};
use super::secrets::SecretSettings;
use super::stores::StoreSettings;
use crate::cookie::{AttributeError, CookieAttributes, CookieName, SameSite};
use crate::crypto::Entropy;
use crate::refresh::Refresher;
use crate::request::{Callers, Hooks};
use crate::session::{CodecBuilder, Lifetime, SessionCodec};
use crate::time::Clock;

/// Builds an [`Auth`](crate::Auth). What is configured decides what the service may do:
///
/// - only a secret, and perhaps a domain: it **verifies** sessions that another service owns;
/// - domain, client credentials and base URL as well: it **owns** sessions, so it signs in and rolls;
/// - [`verify_only`](AuthBuilder::verify_only) forces the first.
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
    pub(super) lifetime: Lifetime,
    legacy: bool,
    shared_with_nextjs: bool,
    pub(super) verify_only: bool,
    pub(super) guarding: GuardSettings,
    pub(super) routes: RouteSettings,
    pub(super) stores: StoreSettings,
    pub(super) hooks: Hooks,
    pub(super) csrf: CsrfSettings,
    pub(super) allow_insecure_requests: bool,
    pub(super) owner: OwnerSettings,
    pub(super) clock: Clock,
    entropy: Option<Entropy>,
    /// Problems that a face over this builder has already seen.
    pub(super) problems: Vec<ConfigProblem>,
}

impl AuthBuilder {
    /// The provider, a host or an issuer URL (`AUTH0_DOMAIN`).
    pub fn domain(mut self, domain: impl Into<String>) -> Self {
        self.domain = Some(domain.into());
        self
    }

    /// The application's own origin, as browsers see it (`APP_BASE_URL`). With https, cookies are `Secure`; plain http is
    /// for this machine. Unsafe requests of another origin are refused, unless it is a
    /// [`trusted_origin`](AuthBuilder::trusted_origin).
    pub fn base_url(mut self, base_url: impl Into<String>) -> Self {
        self.base_url = Some(base_url.into());
        self
    }

    /// The session cookie's name, `__session` by default.
    pub fn cookie_name(mut self, name: impl Into<String>) -> Self {
        self.cookie_name = Some(name.into());
        self
    }

    /// The session cookie's domain (`AUTH0_COOKIE_DOMAIN`); by default the host that sets it alone gets it back.
    pub fn cookie_domain(mut self, domain: impl Into<String>) -> Self {
        self.cookie_domain = Some(domain.into());
        self
    }

    /// The session cookie's path (`AUTH0_COOKIE_PATH`), `/` by default.
    pub fn cookie_path(mut self, path: impl Into<String>) -> Self {
        self.cookie_path = Some(path.into());
        self
    }

    /// Sets whether the session cookie goes over https only (`AUTH0_COOKIE_SECURE`); always, when the base URL is
    /// https.
    pub fn cookie_secure(mut self, secure: bool) -> Self {
        self.cookie_secure = Some(secure);
        self
    }

    /// Which cross-site requests carry the session cookie (`AUTH0_COOKIE_SAME_SITE`), `lax` by default.
    pub fn cookie_same_site(mut self, same_site: SameSite) -> Self {
        self.cookie_same_site = Some(same_site);
        self
    }

    /// Lets the browser forget the session cookie when it closes (`AUTH0_COOKIE_TRANSIENT`).
    pub fn cookie_transient(mut self, transient: bool) -> Self {
        self.cookie_transient = transient;
        self
    }

    /// How long sessions live: by default rolling, 1 day of inactivity, 3 days in all. For an owner only.
    pub fn lifetime(mut self, lifetime: Lifetime) -> Self {
        self.lifetime = lifetime;
        self
    }

    /// Reads the cookies of nextjs-auth0 v3 too. An owner replaces them at the first occasion.
    pub fn legacy_cookies(mut self, legacy: bool) -> Self {
        self.legacy = legacy;
        self
    }

    /// Says that a Next.js application writes these sessions too (`AUTH0_SHARED_WITH_NEXTJS`), off by default. For an owner:
    /// its tokens of federated connections (`__FC_n`) are then read although nothing binds them to the session that they
    /// came with. What this service writes is bound to its session in any case, and a service that only verifies reads
    /// both.
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

    /// Only verifies sessions, whatever else is configured: for a companion of the service that owns them.
    pub fn verify_only(mut self) -> Self {
        self.verify_only = true;
        self
    }

    /// Permits an http issuer on loopback, and an http origin of the application elsewhere, for development
    /// (`AUTH0_ALLOW_INSECURE_REQUESTS`).
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

    /// Checks the whole configuration.
    pub(crate) fn check(mut self) -> Result<Configured, ConfigError> {
        let mut problems = std::mem::take(&mut self.problems);
        let keys = std::mem::take(&mut self.secrets).check(&mut problems);
        let base_url = self.origin(&mut problems);
        let (name, attributes) = self.cookie(base_url.as_ref(), &mut problems);
        if self.legacy && name.has_host_prefix() {
            problems.push(ConfigProblem::LegacyBesideHostPrefix);
        }
        let guarding = std::mem::take(&mut self.guarding).check(&name, &mut problems);
        self.stores.check(self.domain.is_some(), &mut problems);
        let csrf = std::mem::take(&mut self.csrf).check(base_url.as_ref(), &mut problems);
        let domain = self.domain.as_deref().map(bare_domain);
        let paths = std::mem::take(&mut self.routes).check(&mut problems);
        let owning = self.check_owner(base_url, &paths, &attributes, &mut problems);
        // Without one of the two there is a problem that says so.
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
        })
    }

    fn owning(&self, codec: CodecBuilder) -> CodecBuilder {
        codec.owner(self.lifetime).bind_connections(self.shared_with_nextjs)
    }

    fn origin(&mut self, problems: &mut Vec<ConfigProblem>) -> Option<Url> {
        let origin = parse_origin(&self.base_url.take()?);
        match &origin {
            None => problems.push(ConfigProblem::BaseUrl),
            // Without TLS the session's cookie could not be `Secure`, and anybody on the way could read it.
            Some(url) if url.scheme() == "http" && !is_loopback(url) && !self.allow_insecure_requests => {
                problems.push(ConfigProblem::PlainHttpBaseUrl);
            }
            Some(_) => {}
        }
        origin
    }

    fn cookie(
        &mut self,
        base_url: Option<&Url>,
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
        let is_https = base_url.is_some_and(|url| url.scheme() == "https");
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
        if problems.len() == found {
            let errors = attributes.check(&name).err().unwrap_or_default();
            problems.extend(errors.into_iter().map(ConfigProblem::CookieAttribute));
        }
        (name, attributes)
    }
}

/// The part of a service that owns its sessions, checked.
pub(super) struct Owning {
    pub(super) owner: Owner,
    pub(super) refresher: Refresher,
}

/// What an [`Auth`](crate::Auth) is made of, all of it checked.
#[derive(Debug)]
pub(crate) struct Configured {
    pub(crate) callers: Arc<Callers>,
    pub(crate) guarding: Guarding,
    pub(crate) paths: RoutePaths,
    pub(crate) csrf: CsrfRules,
    pub(crate) owner: Option<Owner>,
}

/// The scheme, host and port of an application, or `None` when the text is anything else.
pub(super) fn parse_origin(text: &str) -> Option<Url> {
    let url = Url::parse(text.trim()).ok()?;
    let is_origin = matches!(url.scheme(), "http" | "https")
        && url.path() == "/"
        && url.query().is_none()
        && url.fragment().is_none()
        && url.username().is_empty()
        && url.password().is_none();
    is_origin.then_some(url)
}

/// This machine, as browsers take it for trustworthy without TLS (Secure Contexts §3.1).
fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// The domain as sessions name it: the host in lower case, and the path where an issuer URL has one.
fn bare_domain(text: &str) -> String {
    let text = text.trim();
    let text = text.split_once("://").map_or(text, |(_, rest)| rest).trim_end_matches('/');
    match text.split_once('/') {
        Some((host, path)) => format!("{}/{path}", host.to_ascii_lowercase()),
        None => text.to_ascii_lowercase(),
    }
}
