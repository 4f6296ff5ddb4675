//! The settings of a service that owns its sessions: it signs users in.

mod client_credentials;
mod endpoints;
mod login_hook;
mod sign_in;
mod sign_out;
mod tokens;

use std::sync::Arc;
use std::time::Duration;

use url::Url;

use self::client_credentials::ClientCredentials;
use self::endpoints::RouteSwitches;
use self::login_hook::LoginHook;
use self::sign_in::SignInOptions;
use self::sign_out::{SignOutOptions, SignOutSettings};
use self::tokens::TokenChoices;
use super::builder::AuthBuilder;
use super::env::Set;
use super::owning::{Owning, ServiceContext};
use super::problem::ConfigProblem;
use super::routes::Endpoint;
use crate::oidc::{
    Client, DEFAULT_ALGORITHMS, DEFAULT_DEADLINE, Issuer, ProviderClient, ProviderConfig, SignatureAlgorithm,
};
use crate::refresh::Refresher;

pub use self::login_hook::{LoginDecision, NewLogin};
pub use self::sign_out::LogoutStrategy;

pub(super) use self::endpoints::ENDPOINTS;
pub(crate) use self::login_hook::Decision;

/// The settings of a service that owns its sessions, as given.
#[derive(Debug, Default)]
pub(super) struct OwnerSettings {
    client: ClientSettings,
    sign_in: SignInOptions,
    sign_out: SignOutSettings,
    on_login: LoginHook,
    tokens: TokenChoices,
    switches: RouteSwitches,
}

/// The application's registration at the provider, as given.
#[derive(Debug, Default)]
struct ClientSettings {
    id: Option<String>,
    credentials: ClientCredentials,
    audience: Option<String>,
    scope: Option<String>,
    http_timeout: Option<Duration>,
    algorithms: Option<Vec<SignatureAlgorithm>>,
    allow_untyped_logout_tokens: bool,
}

/// The settings for signing users in, checked.
#[derive(Debug)]
pub(crate) struct Owner {
    pub(crate) client: Arc<ProviderClient>,
    pub(crate) base_url: Url,
    /// The application's root: the base URL and the base path.
    pub(crate) root: Url,
    redirect_uri: String,
    pub(crate) scope: String,
    pub(crate) audience: Option<String>,
    pub(crate) sign_in: SignInOptions,
    pub(crate) sign_out: SignOutOptions,
    pub(crate) switches: RouteSwitches,
    pub(crate) on_login: LoginHook,
}

impl Owner {
    /// Checks that the provider's metadata and keys can be fetched.
    ///
    /// # Errors
    ///
    /// The reason why they cannot.
    pub(crate) async fn check(&self) -> Result<(), String> {
        self.client.check().await.map_err(|error| error.to_string())
    }

    /// Returns the URL to which the provider sends the browser back. It is made from the configuration alone, never
    /// from a request.
    pub(crate) fn redirect_uri(&self) -> &str {
        &self.redirect_uri
    }
}

impl AuthBuilder {
    /// Sets the application's identifier at the provider (`AUTH0_CLIENT_ID`).
    ///
    /// ```
    /// use auth_runtime::Auth;
    ///
    /// # let secret = auth_runtime::__private::random_secret();
    /// let auth = Auth::builder()
    ///     .secret(secret)
    ///     .domain("tenant.eu.auth0.com")
    ///     .base_url("https://app.example.com")
    ///     .client_id("client")
    ///     .client_secret("secret")
    ///     .build()?;
    /// assert!(auth.owns_sessions());
    /// # Ok::<(), auth_runtime::ConfigError>(())
    /// ```
    pub fn client_id(mut self, client_id: impl Into<String>) -> Self {
        self.owner.client.id = Some(client_id.into());
        self
    }

    /// Sets the API for which a sign-in asks an access token (`AUTH0_AUDIENCE`).
    ///
    /// ```
    /// use auth_runtime::Auth;
    ///
    /// # let secret = auth_runtime::__private::random_secret();
    /// let auth = Auth::builder().secret(secret).audience("https://api.example.com").build()?;
    /// # Ok::<(), auth_runtime::ConfigError>(())
    /// ```
    pub fn audience(mut self, audience: impl Into<String>) -> Self {
        self.owner.client.audience = Some(audience.into());
        self
    }

    /// Sets the scope that a sign-in asks for (`AUTH0_SCOPE`), by default `openid profile email offline_access`. It
    /// must contain `openid`.
    ///
    /// ```
    /// use auth_runtime::Auth;
    ///
    /// # let secret = auth_runtime::__private::random_secret();
    /// let auth = Auth::builder().secret(secret).scope("openid profile read:orders").build()?;
    /// # Ok::<(), auth_runtime::ConfigError>(())
    /// ```
    pub fn scope(mut self, scope: impl Into<String>) -> Self {
        self.owner.client.scope = Some(scope.into());
        self
    }

    /// Sets how long one exchange with the provider may take, from the first byte sent to the last byte read: 5 seconds
    /// by default. A sign-in takes two or three of them.
    ///
    /// ```
    /// use std::time::Duration;
    /// use auth_runtime::Auth;
    ///
    /// let builder = Auth::builder().http_timeout(Duration::from_secs(2));
    /// ```
    pub fn http_timeout(mut self, timeout: Duration) -> Self {
        self.owner.client.http_timeout = Some(timeout);
        self
    }

    /// Sets the algorithms with which the provider may sign ID tokens and logout tokens, RS256 alone by default. A
    /// token with another algorithm is refused, whatever its header says.
    ///
    /// ```
    /// use auth_runtime::{Auth, SignatureAlgorithm};
    ///
    /// // While a provider moves from one to the other.
    /// let builder =
    ///     Auth::builder().id_token_algorithms([SignatureAlgorithm::RS256, SignatureAlgorithm::ES256]);
    /// ```
    pub fn id_token_algorithms(mut self, algorithms: impl IntoIterator<Item = SignatureAlgorithm>) -> Self {
        self.owner.client.algorithms = Some(algorithms.into_iter().collect());
        self
    }

    /// Accepts logout tokens that are not marked as such (`typ` absent or `JWT` instead of `logout+jwt`), for a
    /// provider that is older than the recommendation. All other rules for logout tokens still hold.
    ///
    /// ```
    /// use auth_runtime::Auth;
    ///
    /// let builder = Auth::builder().danger_allow_untyped_logout_tokens(true);
    /// ```
    pub fn danger_allow_untyped_logout_tokens(mut self, allow: bool) -> Self {
        self.owner.client.allow_untyped_logout_tokens = allow;
        self
    }
}

impl OwnerSettings {
    /// Checks the owner's part, if the configuration has one. An incomplete part is a problem that names what is
    /// missing.
    pub(super) fn check(
        self,
        service: ServiceContext<'_>,
        problems: &mut Vec<ConfigProblem>,
    ) -> Option<Owning> {
        let (switches, mut tokens) = (self.switches, self.tokens);
        let settings = Self { tokens: TokenChoices::default(), ..self };
        let (paths, clock) = (service.paths, service.clock);
        let (cookie_path, lifetime) = (service.cookie_path, service.lifetime);
        let (allow_insecure, can_end) = (service.allow_insecure, service.can_end_from_afar);
        let owner = settings.owner(service, problems);
        tokens.check(allow_insecure, problems);
        // The settings of tokens are checked before, so that a wrong one is found without an owner too.
        let owner = owner?;
        // Browsers would not send the session cookie to this endpoint.
        if let Some(path) = paths.outside_of(cookie_path) {
            problems.push(ConfigProblem::CookiePath { path: path.to_owned() });
        }
        if lifetime.is_over_at_once() {
            problems.push(ConfigProblem::Lifetime);
        }
        if switches.backchannel_logout && !can_end {
            problems.push(ConfigProblem::BackchannelLogoutWithoutStore);
        }
        let refresher = Refresher::new(Arc::clone(&owner.client), clock.clone(), tokens.settings(&owner));
        Some(Owning { owner, refresher })
    }

    /// Builds the owner; `None` where the service only verifies, or where a setting is wrong.
    fn owner(self, service: ServiceContext<'_>, problems: &mut Vec<ConfigProblem>) -> Option<Owner> {
        let Self { mut client, sign_in, sign_out, on_login, switches, .. } = self;
        let ServiceContext { domain, base_url, paths, verify_only, allow_insecure, clock, .. } = service;
        let issuer = domain.and_then(|domain| issuer(domain, allow_insecure, problems));
        sign_in.check(problems);
        let sign_out = sign_out.check(problems);
        // Neither a client id nor credentials: the service only verifies sessions.
        if verify_only || (client.id.is_none() && !client.credentials.are_given()) {
            return None;
        }
        let scope = client.scope(problems);
        let deadline = client.deadline(problems);
        let algorithms = client.algorithms(problems);
        let ClientSettings { id, credentials, audience, allow_untyped_logout_tokens, .. } = client;
        // An empty value counts as absent, as in the environment.
        let id = id.filter(|id| !id.is_empty());
        let present = [
            ("AUTH0_DOMAIN", domain.is_some()),
            ("AUTH0_CLIENT_ID", id.is_some()),
            // A base URL that is given and wrong has its own problem already.
            ("APP_BASE_URL", base_url.is_some() || problems.contains(&ConfigProblem::BaseUrl)),
        ];
        let missing = present.into_iter().filter(|(_, is_present)| !is_present);
        problems.extend(missing.map(|(variable, _)| ConfigProblem::Missing { variable }));

        let authentication = credentials.check(problems);

        let (issuer, id, authentication) = (issuer?, id?, authentication?);
        let base_url = Url::parse(base_url?.as_str()).ok()?;
        let config = ProviderConfig {
            issuer,
            client: Client { id, authentication },
            allow_insecure,
            deadline,
            algorithms,
            allow_untyped_logout_tokens,
            clock: clock.clone(),
        };
        match ProviderClient::new(config) {
            Ok(client) => Some(Owner {
                client: Arc::new(client),
                root: with_path(&base_url, paths.root()),
                redirect_uri: with_path(&base_url, paths.of(Endpoint::Callback)).into(),
                base_url,
                scope,
                audience,
                sign_in,
                sign_out,
                switches,
                on_login,
            }),
            Err(error) => {
                problems.push(ConfigProblem::HttpClient { reason: error.to_string() });
                None
            }
        }
    }

    pub(super) fn allows_untyped_logout_tokens(&self) -> bool {
        self.client.allow_untyped_logout_tokens
    }
}

impl ClientSettings {
    fn scope(&mut self, problems: &mut Vec<ConfigProblem>) -> String {
        let scope = self.scope.take().unwrap_or_else(|| DEFAULT_SCOPE.to_owned());
        if !scope.split(' ').any(|scope| scope == "openid") {
            problems.push(ConfigProblem::ScopeWithoutOpenid);
        }
        scope
    }

    fn deadline(&self, problems: &mut Vec<ConfigProblem>) -> Duration {
        let deadline = self.http_timeout.unwrap_or(DEFAULT_DEADLINE);
        if deadline.is_zero() {
            problems.push(ConfigProblem::HttpTimeout);
        }
        deadline
    }

    fn algorithms(&mut self, problems: &mut Vec<ConfigProblem>) -> Vec<SignatureAlgorithm> {
        let algorithms = self.algorithms.take().unwrap_or_else(|| DEFAULT_ALGORITHMS.to_vec());
        if algorithms.is_empty() {
            problems.push(ConfigProblem::IdTokenAlgorithms);
        }
        algorithms
    }
}

fn issuer(domain: &str, allow_insecure: bool, problems: &mut Vec<ConfigProblem>) -> Option<Issuer> {
    let issuer = Issuer::parse(domain, allow_insecure);
    issuer.map_err(|error| problems.push(ConfigProblem::Domain { reason: error.to_string() })).ok()
}

fn with_path(base_url: &Url, path: &str) -> Url {
    let mut url = base_url.clone();
    url.set_path(path);
    url
}

/// The variables of an owner that hold text.
pub(super) const TEXTS: &[(&str, Set<String>)] = &[
    ("NEXT_PUBLIC_PROFILE_ROUTE", AuthBuilder::profile_path),
    ("NEXT_PUBLIC_ACCESS_TOKEN_ROUTE", AuthBuilder::access_token_path),
    ("AUTH0_CLIENT_ID", AuthBuilder::client_id),
    ("AUTH0_CLIENT_SECRET", AuthBuilder::client_secret),
    ("AUTH0_CLIENT_ASSERTION_SIGNING_KEY", AuthBuilder::client_assertion_key),
    ("AUTH0_CLIENT_ASSERTION_SIGNING_ALG", AuthBuilder::client_assertion_algorithm_name),
    ("AUTH0_AUDIENCE", AuthBuilder::audience),
    ("AUTH0_SCOPE", AuthBuilder::scope),
];

/// The scopes for the claims in `user` and for a refresh token.
const DEFAULT_SCOPE: &str = "openid profile email offline_access";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_timeout_of_nothing_is_a_problem() {
        let build = |timeout| {
            AuthBuilder::default()
                .secret("c4e19b7250fd83a6e8b1d70f42956acb")
                .domain("tenant.example.com")
                .client_id("client")
                .client_secret("secret")
                .base_url("https://app.example.com")
                .http_timeout(timeout)
                .build()
        };
        assert_eq!(build(Duration::ZERO).unwrap_err().problems(), [ConfigProblem::HttpTimeout]);
        build(Duration::from_millis(1)).unwrap();
    }
}
