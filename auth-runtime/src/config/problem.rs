//! What is wrong with a configuration.

use std::fmt;

use crate::cookie::{AttributeError, CookieNameError};
use crate::crypto::KeyRingError;

/// Everything that is wrong with a configuration, at once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigError {
    problems: Vec<ConfigProblem>,
}

impl ConfigError {
    pub(super) fn new(problems: Vec<ConfigProblem>) -> Self {
        Self { problems }
    }

    /// What is wrong, in the order in which the configuration is read.
    pub fn problems(&self) -> &[ConfigProblem] {
        &self.problems
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the configuration of auth-runtime is wrong:")?;
        for problem in &self.problems {
            write!(f, "\n  - {problem}")?;
        }
        Ok(())
    }
}

impl std::error::Error for ConfigError {}

/// One thing that is wrong with a configuration. No secret is ever in it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigProblem {
    /// An API's audience is none.
    #[error(
        "API origin number {} must be named with an audience of 1 to 2048 bytes", .index.saturating_add(1)
    )]
    ApiAudience {
        /// Which one, from 0, of all origins.
        index: usize,
    },
    /// An API's origin is none.
    #[error("API origin number {} must be one https origin such as https://api.example.com", .index.saturating_add(1))]
    ApiOrigin {
        /// Which one, from 0.
        index: usize,
    },
    /// A parameter of the authorization request that the sign-in decides itself, or that has a method of its own.
    #[error("the authorization parameter `{name}` cannot be set in this way")]
    AuthorizationParameter {
        /// The parameter.
        name: String,
    },
    /// Sessions that only browsers hold cannot be ended from afar.
    #[error(
        "backchannel_logout needs a session_store or a revocation: without one, browsers hold the sessions"
    )]
    BackchannelLogoutWithoutStore,
    /// The base path is none of this origin.
    #[error("NEXT_PUBLIC_BASE_PATH must be a plain path such as /app: no query, no `%`, no empty segment")]
    BasePath,
    /// The base URL is not an absolute http or https URL of an origin.
    #[error("APP_BASE_URL must be one origin such as https://app.example.com, without path, query or user")]
    BaseUrl,
    /// A switch is neither on nor off.
    #[error("{variable} must be `true` or `false`")]
    Boolean {
        /// The environment variable.
        variable: &'static str,
    },
    /// A claim that requirements speak about has no name.
    #[error("the claim of {datum} has no name")]
    ClaimName {
        /// `permissions`, `roles` or `scopes`.
        datum: &'static str,
    },
    /// A claim that requirements speak about is looked for nowhere, so nobody could ever meet one.
    #[error("the claim of {datum} has no source; name at least one part of the session")]
    ClaimSources {
        /// `authentication`, `permissions`, `roles` or `scopes`.
        datum: &'static str,
    },
    /// The algorithm of the application's key is none that it can sign with.
    #[error("AUTH0_CLIENT_ASSERTION_SIGNING_ALG must be `ES256`, `EdDSA`, `PS256` or `RS256`")]
    ClientAssertionAlgorithm,
    /// The application's key cannot be read.
    #[error("AUTH0_CLIENT_ASSERTION_SIGNING_KEY: {reason}")]
    ClientAssertionKey {
        /// What is wrong with it.
        reason: String,
    },
    /// The application has more than one way to prove to the provider who it is.
    #[error(
        "AUTH0_CLIENT_SECRET and AUTH0_CLIENT_ASSERTION_SIGNING_KEY exclude each other, and a public client has neither"
    )]
    ClientCredentials,
    /// The cookie's attributes do not go together.
    #[error("{0} (AUTH0_COOKIE_*)")]
    CookieAttribute(AttributeError),
    /// Browsers would not send the session cookie to the endpoints of the sign-in.
    #[error("AUTH0_COOKIE_PATH must contain the sign-in's endpoints, and {path} is outside of it")]
    CookiePath {
        /// The path of such an endpoint.
        path: String,
    },
    /// The cookie's name is none.
    #[error(transparent)]
    CookieName(#[from] CookieNameError),
    /// The issuer's domain is none.
    #[error("AUTH0_DOMAIN: {reason}")]
    Domain {
        /// What is wrong with it.
        reason: String,
    },
    /// The HTTP client cannot be made, for example because this machine has no root certificates.
    #[error("the HTTP client for AUTH0_DOMAIN cannot be made: {reason}")]
    HttpClient {
        /// What is wrong.
        reason: String,
    },
    /// No provider answers in no time.
    #[error("the HTTP timeout must be longer than nothing")]
    HttpTimeout,
    /// A session in a store is ended there.
    #[error("revocation is for sessions in cookies: with a session_store there is nothing for it to do")]
    RevocationBesideStore,
    /// Sessions that do not name their provider could not be told to be of this one.
    #[error("revocation needs the domain of the provider, also in a service that only verifies")]
    RevocationWithoutDomain,
    /// What is in cookies is sealed anyway.
    #[error("seal_records needs a session_store: there are no records without one")]
    SealingWithoutStore,
    /// No store could answer in no time.
    #[error("store_timeout is zero: no store could answer")]
    StoreTimeout,
    /// A store that answers so late cannot say in time which instance may send a refresh token.
    #[error("store_timeout must be less than the 5 seconds for which an instance may send a refresh token")]
    StoreTimeoutTooLong,
    /// No signature of the provider would ever be accepted.
    #[error("the list of algorithms for ID tokens is empty")]
    IdTokenAlgorithms,
    /// A name with the prefix `__Host-` keeps sibling hosts from planting a session; v3's name would let them in.
    #[error(
        "a cookie named `__Host-…` and the cookies of v3 exclude each other: any sibling host can set those"
    )]
    LegacyBesideHostPrefix,
    /// A session would be over before it begins.
    #[error("a session's lifetime must be at least a second, both after its last use and in all")]
    Lifetime,
    /// An owner of sessions needs a value that is not there.
    #[error(
        "{variable} is missing; signing in needs AUTH0_DOMAIN, AUTH0_CLIENT_ID, AUTH0_CLIENT_SECRET (or a key) and APP_BASE_URL"
    )]
    Missing {
        /// The environment variable.
        variable: &'static str,
    },
    /// The organization that users sign in to is empty.
    #[error("the organization is empty; leave it out for users of any")]
    Organization,
    /// A sign-out cannot end there.
    #[error("{url:?} is not an absolute http or https URL that a sign-out can end at")]
    PostLogoutUrl {
        /// What was given.
        url: String,
    },
    /// The base URL is http and not of this machine, so the session's cookie would travel in the open.
    #[error(
        "APP_BASE_URL must be https; http is for this machine, and elsewhere for those who set AUTH0_ALLOW_INSECURE_REQUESTS"
    )]
    PlainHttpBaseUrl,
    /// The realm cannot stand in a header.
    #[error("the realm must be printable ASCII")]
    Realm,
    /// The path of an endpoint is none of this origin.
    #[error(
        "the path of the route `{route}` must be a plain path such as /auth/{route}: no query, no `%`, no empty segment"
    )]
    RoutePath {
        /// The endpoint.
        route: &'static str,
    },
    /// Two endpoints would be at one path.
    #[error("the routes `{}` and `{}` have the same path", routes[0], routes[1])]
    SamePath {
        /// Both endpoints.
        routes: [&'static str; 2],
    },
    /// `SameSite` is none of the three.
    #[error("AUTH0_COOKIE_SAME_SITE must be `lax`, `strict` or `none`")]
    SameSite,
    /// The scope lacks `openid`, without which there is no ID token (OpenID Connect Core 1.0 §3.1.2.1).
    #[error("AUTH0_SCOPE must contain `openid`")]
    ScopeWithoutOpenid,
    /// There is no secret.
    #[error(
        "AUTH0_SECRET is missing; make one with `openssl rand -hex 32` and give every service of the application the same"
    )]
    SecretMissing,
    /// The secrets do not make a key ring.
    #[error("AUTH0_SECRET: {0}")]
    Secrets(KeyRingError),
    /// Both ways to give secrets are used, and they differ.
    #[error(
        "AUTH0_SECRETS and AUTH0_SECRET are both set; the first of AUTH0_SECRETS must equal AUTH0_SECRET, or one of them must go"
    )]
    SecretsDisagree,
    /// The end of the previous secrets is no time.
    #[error("AUTH0_PREVIOUS_SECRETS_UNTIL must be a time in seconds since 1970, such as 1790000000")]
    SecretsUntil,
    /// A trusted origin is none.
    #[error(
        "trusted origin number {} (AUTH0_TRUSTED_ORIGINS) must be one origin such as https://app.example.com, without wildcard, path, query or user", .index + 1
    )]
    TrustedOrigin {
        /// Its place among those that were given, counted from 0.
        index: usize,
    },
}
