//! The problems that a configuration can have.

use std::fmt;

use crate::cookie::{AttributeError, CookieNameError};
use crate::crypto::KeyRingError;

/// All problems of a configuration, at once.
///
/// ```
/// use auth_runtime::{Auth, ConfigProblem};
///
/// let error = Auth::builder().realm("two\nlines").build().unwrap_err();
/// assert_eq!(error.problems(), [ConfigProblem::SecretMissing, ConfigProblem::Realm]);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigError {
    problems: Vec<ConfigProblem>,
}

impl ConfigError {
    pub(super) fn new(problems: Vec<ConfigProblem>) -> Self {
        Self { problems }
    }

    /// Returns the problems, in the order in which the configuration is read.
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

/// A problem of a configuration. It never holds a secret.
///
/// ```
/// use auth_runtime::{Auth, ConfigProblem};
///
/// let error = Auth::builder().build().unwrap_err();
/// assert_eq!(error.problems(), [ConfigProblem::SecretMissing]);
/// assert!(error.problems()[0].to_string().contains("AUTH0_SECRET is missing"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigProblem {
    /// The audience of an API is empty or too long.
    #[error(
        "API origin number {} must be named with an audience of 1 to 2048 bytes", .index.saturating_add(1)
    )]
    ApiAudience {
        /// Position of the origin among all that were given, counted from 0.
        index: usize,
    },
    /// The origin of an API is not an https origin.
    #[error("API origin number {} must be one origin such as https://api.example.com; http needs AUTH0_ALLOW_INSECURE_REQUESTS", .index.saturating_add(1))]
    ApiOrigin {
        /// Position of the origin among all that were given, counted from 0.
        index: usize,
    },
    /// A parameter of the authorization request that the sign-in decides itself, or that has a method of its own.
    #[error("the authorization parameter `{name}` cannot be set in this way")]
    AuthorizationParameter {
        /// Name of the parameter.
        name: String,
    },
    /// Back-channel logout is switched on, and the sessions are in cookies that cannot be revoked, so the provider
    /// could not end one.
    #[error(
        "backchannel_logout needs a session_store or a revocation: without one, browsers hold the sessions"
    )]
    BackchannelLogoutWithoutStore,
    /// The base path is not a plain path of this origin.
    #[error("NEXT_PUBLIC_BASE_PATH must be a plain path such as /app: no query, no `%`, no empty segment")]
    BasePath,
    /// The base URL is not an http or https origin.
    #[error("APP_BASE_URL must be one origin such as https://app.example.com, without path, query or user")]
    BaseUrl,
    /// A variable of a switch is neither `true` nor `false`.
    #[error("{variable} must be `true` or `false`")]
    Boolean {
        /// Name of the environment variable.
        variable: &'static str,
    },
    /// A claim that requirements refer to has no name.
    #[error("the claim of {datum} has no name")]
    ClaimName {
        /// `permissions`, `roles` or `scopes`.
        datum: &'static str,
    },
    /// A claim that requirements refer to has no source, so no session could meet one of them.
    #[error("the claim of {datum} has no source; name at least one part of the session")]
    ClaimSources {
        /// `authentication`, `permissions`, `roles` or `scopes`.
        datum: &'static str,
    },
    /// The algorithm of the application's key is unknown, or is not one to sign with.
    #[error("AUTH0_CLIENT_ASSERTION_SIGNING_ALG must be `ES256`, `EdDSA`, `PS256` or `RS256`")]
    ClientAssertionAlgorithm,
    /// The application's key cannot be read.
    #[error("AUTH0_CLIENT_ASSERTION_SIGNING_KEY: {reason}")]
    ClientAssertionKey {
        /// Reason why the key cannot be read.
        reason: String,
    },
    /// The application has more than one way to authenticate to the provider.
    #[error(
        "AUTH0_CLIENT_SECRET and AUTH0_CLIENT_ASSERTION_SIGNING_KEY exclude each other, and a public client has neither"
    )]
    ClientCredentials,
    /// An attribute of the session cookie is wrong, or does not go with another one or with the name.
    #[error("{0} (AUTH0_COOKIE_*)")]
    CookieAttribute(AttributeError),
    /// Browsers would not send the session cookie to the endpoints of the sign-in.
    #[error("AUTH0_COOKIE_PATH must contain the sign-in's endpoints, and {path} is outside of it")]
    CookiePath {
        /// Path of such an endpoint.
        path: String,
    },
    /// The session cookie's name is empty, or has a character that cookie names do not have.
    #[error(transparent)]
    CookieName(#[from] CookieNameError),
    /// The provider's domain is not a host or an issuer URL that can be used.
    #[error("AUTH0_DOMAIN: {reason}")]
    Domain {
        /// Reason why the domain is refused.
        reason: String,
    },
    /// The HTTP client cannot be made, for example because this machine has no root certificates.
    #[error("the HTTP client for AUTH0_DOMAIN cannot be made: {reason}")]
    HttpClient {
        /// Reason why there is no HTTP client.
        reason: String,
    },
    /// The HTTP timeout is zero, so no provider could answer.
    #[error("the HTTP timeout must not be zero")]
    HttpTimeout,
    /// A revocation is configured beside a session store. A session in a store ends with its record.
    #[error("revocation is for sessions in cookies: with a session_store there is nothing for it to do")]
    RevocationBesideStore,
    /// A revocation is configured without the provider's domain, to which sessions that name no provider belong.
    #[error("revocation needs the domain of the provider, also in a service that only verifies")]
    RevocationWithoutDomain,
    /// Records are to be encrypted, and there is no session store. Cookies are always encrypted.
    #[error("seal_records needs a session_store: there are no records without one")]
    SealingWithoutStore,
    /// The time for a store's answer is zero.
    #[error("store_timeout is zero: no store could answer")]
    StoreTimeout,
    /// The time for a store's answer is not less than the time of the lease with which an instance may send a refresh
    /// token.
    #[error("store_timeout must be less than the 5 seconds for which an instance may send a refresh token")]
    StoreTimeoutTooLong,
    /// The list of algorithms is empty, so no signature of the provider would ever be accepted.
    #[error("the list of algorithms for ID tokens is empty")]
    IdTokenAlgorithms,
    /// The cookie's name has the prefix `__Host-`, which keeps sibling hosts from planting a session, and the cookies
    /// of v3 are read as well, which a sibling host can set.
    #[error(
        "a cookie named `__Host-…` and the cookies of v3 exclude each other: any sibling host can set those"
    )]
    LegacyBesideHostPrefix,
    /// An environment variable has a line break in it, which would count as part of the value.
    #[error("{variable} has a line break in it; write its value on one line, without one at the end")]
    LineBreak {
        /// Name of the environment variable.
        variable: &'static str,
    },
    /// The lifetime of sessions is less than a second, so that a session would be over before it begins.
    #[error("a session's lifetime must be at least a second, both after its last use and in all")]
    Lifetime,
    /// A value that a service needs to own sessions is missing.
    #[error(
        "{variable} is missing; signing in needs AUTH0_DOMAIN, AUTH0_CLIENT_ID, AUTH0_CLIENT_SECRET (or a key) and APP_BASE_URL"
    )]
    Missing {
        /// Name of the environment variable.
        variable: &'static str,
    },
    /// The organization that users sign in to is empty.
    #[error("the organization is empty; leave it out for users of any")]
    Organization,
    /// The URL is not one that a sign-out can end at: an absolute http or https URL without user and fragment.
    #[error("{url:?} is not an absolute http or https URL that a sign-out can end at")]
    PostLogoutUrl {
        /// Text that was given.
        url: String,
    },
    /// The base URL is http and not on this machine, so the session cookie would travel unencrypted.
    #[error(
        "APP_BASE_URL must be https; http is allowed on this machine, and elsewhere only with AUTH0_ALLOW_INSECURE_REQUESTS"
    )]
    PlainHttpBaseUrl,
    /// An environment variable begins or ends with a quotation mark, which would count as part of the value.
    #[error("{variable} begins or ends with a quotation mark; write its value without quotes")]
    Quoted {
        /// Name of the environment variable.
        variable: &'static str,
    },
    /// The realm has a character that a header cannot hold.
    #[error("the realm must be printable ASCII")]
    Realm,
    /// The path of an endpoint is not a plain path of this origin.
    #[error(
        "the path of the route `{route}` must be a plain path such as /auth/{route}: no query, no `%`, no empty segment"
    )]
    RoutePath {
        /// Name of the endpoint.
        route: &'static str,
    },
    /// Two endpoints have the same path.
    #[error("the routes `{}` and `{}` have the same path", routes[0], routes[1])]
    SamePath {
        /// Names of both endpoints.
        routes: [&'static str; 2],
    },
    /// `SameSite` is neither `lax` nor `strict` nor `none`.
    #[error("AUTH0_COOKIE_SAME_SITE must be `lax`, `strict` or `none`")]
    SameSite,
    /// The scope lacks `openid`, without which there is no ID token (OpenID Connect Core 1.0 §3.1.2.1).
    #[error("AUTH0_SCOPE must contain `openid`")]
    ScopeWithoutOpenid,
    /// No secret is configured.
    #[error(
        "AUTH0_SECRET is missing; make one with `openssl rand -hex 32` and give every service of the application the same"
    )]
    SecretMissing,
    /// A secret is too weak, or there are too many.
    #[error("AUTH0_SECRET or AUTH0_SECRETS: {0}")]
    Secrets(KeyRingError),
    /// `AUTH0_SECRETS` and `AUTH0_SECRET` are both set, and the first of the one is not the other.
    #[error(
        "AUTH0_SECRETS and AUTH0_SECRET are both set; the first of AUTH0_SECRETS must equal AUTH0_SECRET, or one of them must go"
    )]
    SecretsDisagree,
    /// The end of the previous secrets is not a number of seconds.
    #[error("AUTH0_PREVIOUS_SECRETS_UNTIL must be a time in seconds since 1970, such as 1790000000")]
    SecretsUntil,
    /// A trusted origin is not an http or https origin.
    #[error(
        "trusted origin number {} (AUTH0_TRUSTED_ORIGINS) must be one origin such as https://app.example.com, without wildcard, path, query or user", .index + 1
    )]
    TrustedOrigin {
        /// Position of the origin among all that were given, counted from 0.
        index: usize,
    },
}
