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
        "the audience of API origin number {} (`api_origin_for`) is empty or longer than 2048 bytes: give the audience by which the provider knows the API", .index.saturating_add(1)
    )]
    ApiAudience {
        /// Position of the origin among all that were given, counted from 0.
        index: usize,
    },
    /// The origin of an API is not an https origin.
    #[error("API origin number {} (`api_origin`) is not an https origin: give scheme, host and port alone, such as https://api.example.com; for http in development, set AUTH0_ALLOW_INSECURE_REQUESTS=true", .index.saturating_add(1))]
    ApiOrigin {
        /// Position of the origin among all that were given, counted from 0.
        index: usize,
    },
    /// A parameter of the authorization request that the sign-in decides itself, or that has a method of its own.
    #[error(
        "`authorization_parameter` cannot set `{name}`, which the sign-in sets itself: remove the call, and set scope, audience and organization with `scope`, `audience` and `organization`"
    )]
    AuthorizationParameter {
        /// Name of the parameter.
        name: String,
    },
    /// Back-channel logout is switched on, and the sessions are in cookies that cannot be revoked, so the provider
    /// could not end one.
    #[error(
        "`backchannel_logout` is on, and the provider could not end sessions that only browsers hold: set `session_store` or `revocation`, or switch it off"
    )]
    BackchannelLogoutWithoutStore,
    /// The base path is not a plain path of this origin.
    #[error(
        "NEXT_PUBLIC_BASE_PATH (`base_path`) is not a plain path: set a path such as /app, without query, `%` or empty segment"
    )]
    BasePath,
    /// The base URL is not an http or https origin.
    #[error(
        "APP_BASE_URL (`base_url`) is not an origin: set scheme, host and port alone as browsers send them, such as https://app.example.com"
    )]
    BaseUrl,
    /// A variable of a switch is neither `true` nor `false`.
    #[error("{variable} is neither `true` nor `false`: set one of them, or unset the variable")]
    Boolean {
        /// Name of the environment variable.
        variable: &'static str,
    },
    /// A claim that requirements refer to has no name.
    #[error(
        "the claim of {datum} has an empty name: give the name of a claim to `ClaimSources::with_{datum}`, `permissions_claim` or `roles_claim`"
    )]
    ClaimName {
        /// `permissions`, `roles` or `scopes`.
        datum: &'static str,
    },
    /// A claim that requirements refer to has no source, so no session could meet one of them.
    #[error(
        "the claim of {datum} has no source: give at least one part of the session to `ClaimSources::with_{datum}`"
    )]
    ClaimSources {
        /// `authentication`, `permissions`, `roles` or `scopes`.
        datum: &'static str,
    },
    /// The algorithm of the application's key is unknown, or is not one to sign with.
    #[error(
        "AUTH0_CLIENT_ASSERTION_SIGNING_ALG is no algorithm to sign with: set `ES256`, `EdDSA`, `PS256` or `RS256`"
    )]
    ClientAssertionAlgorithm,
    /// The application's key cannot be read.
    #[error("AUTH0_CLIENT_ASSERTION_SIGNING_KEY (`client_assertion_key`): {reason}")]
    ClientAssertionKey {
        /// Reason why the key cannot be read.
        reason: String,
    },
    /// The application has more than one way to authenticate to the provider.
    #[error(
        "the application has more than one way to authenticate to the provider: keep one of AUTH0_CLIENT_SECRET (`client_secret`), AUTH0_CLIENT_ASSERTION_SIGNING_KEY (`client_assertion_key`) and `public_client`"
    )]
    ClientCredentials,
    /// An attribute of the session cookie is wrong, or does not go with another one or with the name.
    #[error("{setting}: {0}; {cure}", setting = setting_of(*.0), cure = cure_of(*.0))]
    CookieAttribute(AttributeError),
    /// Browsers would not send the session cookie to the endpoints of the sign-in.
    #[error(
        "browsers would not send the session cookie to {path}, which is outside of AUTH0_COOKIE_PATH (`cookie_path`): set a path that contains the sign-in's endpoints, such as /"
    )]
    CookiePath {
        /// Path of such an endpoint.
        path: String,
    },
    /// The session cookie's name is empty, or has a character that cookie names do not have.
    #[error("`cookie_name`: {0}; choose a name of letters, digits, `-` and `_`, such as __session")]
    CookieName(#[from] CookieNameError),
    /// The provider's domain is not a host or an issuer URL that can be used.
    #[error("AUTH0_DOMAIN (`domain`): {reason}")]
    Domain {
        /// Reason why the domain is refused.
        reason: String,
    },
    /// The HTTP client cannot be made, for example because this machine has no root certificates.
    #[error(
        "the HTTP client for AUTH0_DOMAIN cannot be made: {reason}; check that this machine has root certificates"
    )]
    HttpClient {
        /// Reason why there is no HTTP client.
        reason: String,
    },
    /// The HTTP timeout is zero, so no provider could answer.
    #[error(
        "`http_timeout` is zero, so no provider could answer: set a longer time, or leave it out for 5 seconds"
    )]
    HttpTimeout,
    /// A revocation is configured beside a session store. A session in a store ends with its record.
    #[error("`revocation` is for sessions in cookies, and `session_store` is set too: remove one of them")]
    RevocationBesideStore,
    /// A revocation is configured without the provider's domain, to which sessions that name no provider belong.
    #[error(
        "`revocation` needs the provider's domain, also in a service that only verifies: set AUTH0_DOMAIN (`domain`)"
    )]
    RevocationWithoutDomain,
    /// Records are to be encrypted, and there is no session store. Cookies are always encrypted.
    #[error(
        "`seal_records` is on, and there are no records without a session store: set `session_store`, or leave `seal_records` out"
    )]
    SealingWithoutStore,
    /// The time for a store's answer is zero.
    #[error(
        "`store_timeout` is zero, so no store could answer: set a longer time, or leave it out for 2 seconds"
    )]
    StoreTimeout,
    /// The time for a store's answer is not less than the time of the lease with which an instance may send a refresh
    /// token.
    #[error(
        "`store_timeout` is not less than the 5 seconds for which an instance may send a refresh token: set a shorter time"
    )]
    StoreTimeoutTooLong,
    /// The list of algorithms is empty, so no signature of the provider would ever be accepted.
    #[error(
        "`id_token_algorithms` is empty, so no ID token would be accepted: name the algorithms of your provider, or leave it out"
    )]
    IdTokenAlgorithms,
    /// The cookie's name has the prefix `__Host-`, which keeps sibling hosts from planting a session, and the cookies
    /// of v3 are read as well, which a sibling host can set.
    #[error(
        "`cookie_name` begins with `__Host-`, and `legacy_cookies` reads cookies of v3, which any sibling host can set: choose another name, or switch `legacy_cookies` off"
    )]
    LegacyBesideHostPrefix,
    /// An environment variable has a line break in it, which would count as part of the value.
    #[error("{variable} has a line break in it; write its value on one line, without one at the end")]
    LineBreak {
        /// Name of the environment variable.
        variable: &'static str,
    },
    /// The lifetime of sessions is less than a second, so that a session would be over before it begins.
    #[error(
        "`lifetime` is less than a second: set at least a second after the last use, and at least a second in all"
    )]
    Lifetime,
    /// A value that a service needs to own sessions is missing.
    #[error(
        "{variable} is missing: set it, since signing in needs AUTH0_DOMAIN, AUTH0_CLIENT_ID, AUTH0_CLIENT_SECRET (or a key) and APP_BASE_URL; for a service that only verifies sessions, call `verify_only`"
    )]
    Missing {
        /// Name of the environment variable.
        variable: &'static str,
    },
    /// The organization that users sign in to is empty.
    #[error(
        "`organization` is empty: give the id of an organization, or leave it out, so that users can sign in without one"
    )]
    Organization,
    /// The URL is not one that a sign-out can end at: an absolute http or https URL without user and fragment.
    #[error(
        "`post_logout_return_to`: a sign-out cannot end at {url:?}; give an absolute http or https URL without user and fragment"
    )]
    PostLogoutUrl {
        /// Text that was given.
        url: String,
    },
    /// The base URL is http and not on this machine, so the session cookie would travel unencrypted.
    #[error(
        "APP_BASE_URL (`base_url`) is http, so the session cookie would travel unencrypted: set an https URL; for http on another machine in development, set AUTH0_ALLOW_INSECURE_REQUESTS=true"
    )]
    PlainHttpBaseUrl,
    /// An environment variable begins or ends with a quotation mark, which would count as part of the value; for secrets,
    /// one of them is between a pair of such marks.
    #[error("{variable} has a quotation mark at an end of a value; write the value without quotes")]
    Quoted {
        /// Name of the environment variable.
        variable: &'static str,
    },
    /// The realm has a character that a header cannot hold.
    #[error("`realm` has a character that a header cannot hold: use printable ASCII alone")]
    Realm,
    /// The path of an endpoint is not a plain path of this origin.
    #[error(
        "the path of the route `{route}` (`{route}_path`{}) is not a plain path: set a path such as /auth/login, without query, `%` or empty segment",
        variable_of(route)
    )]
    RoutePath {
        /// Name of the endpoint.
        route: &'static str,
    },
    /// Two endpoints have the same path.
    #[error("the routes `{one}` and `{other}` have the same path: change `{one}_path` or `{other}_path`", one = routes[0], other = routes[1])]
    SamePath {
        /// Names of both endpoints.
        routes: [&'static str; 2],
    },
    /// `SameSite` is neither `lax` nor `strict` nor `none`.
    #[error("AUTH0_COOKIE_SAME_SITE has a value that browsers do not know: set `lax`, `strict` or `none`")]
    SameSite,
    /// The scope lacks `openid`, without which there is no ID token (OpenID Connect Core 1.0 §3.1.2.1).
    #[error("AUTH0_SCOPE (`scope`) lacks `openid`, without which there is no ID token: add it")]
    ScopeWithoutOpenid,
    /// No secret is configured.
    #[error(
        "AUTH0_SECRET is missing: make a secret with `openssl rand -hex 32`, and set the same one in every service of the application (`secret`)"
    )]
    SecretMissing,
    /// A secret is too weak, or there are too many.
    #[error("AUTH0_SECRET or AUTH0_SECRETS (`secret`, `previous_secret`): {0}; {cure}", cure = cure_of_secrets(.0))]
    Secrets(KeyRingError),
    /// `AUTH0_SECRETS` and `AUTH0_SECRET` are both set, and the first of the one is not the other.
    #[error(
        "AUTH0_SECRET is not the first secret of AUTH0_SECRETS: put it there, or unset one of the two variables"
    )]
    SecretsDisagree,
    /// The end of the previous secrets is not a number of seconds.
    #[error("AUTH0_PREVIOUS_SECRETS_UNTIL is not a time: set seconds since 1970, such as 1790000000")]
    SecretsUntil,
    /// Users would sign in at the provider of the feature `testing`, in a release build that is known to browsers by a
    /// public https origin.
    #[error(
        "the provider of the feature `testing`, where every visitor can sign in as any user, is configured in a release build for the public APP_BASE_URL (`base_url`) {origin}: build without the feature `testing` of auth-runtime and set AUTH0_DOMAIN, or set an origin on this machine, such as http://localhost:3000"
    )]
    TestingProvider {
        /// The application's own origin.
        origin: String,
    },
    /// A trusted origin is not an http or https origin.
    #[error(
        "trusted origin number {} (AUTH0_TRUSTED_ORIGINS, `trusted_origin`) is not an origin: set scheme, host and port alone as browsers send them, such as https://app.example.com, without wildcard", .index + 1
    )]
    TrustedOrigin {
        /// Position of the origin among all that were given, counted from 0.
        index: usize,
    },
}

/// Returns the setting that the error of an attribute is about.
fn setting_of(error: AttributeError) -> &'static str {
    match error {
        AttributeError::DomainCharacter { .. } | AttributeError::EmptyDomain => {
            "AUTH0_COOKIE_DOMAIN (`cookie_domain`)"
        }
        AttributeError::HostPrefix | AttributeError::SecurePrefix => "`cookie_name`",
        AttributeError::PathCharacter { .. } | AttributeError::RelativePath => {
            "AUTH0_COOKIE_PATH (`cookie_path`)"
        }
        AttributeError::SameSiteNoneWithoutSecure => "AUTH0_COOKIE_SAME_SITE (`cookie_same_site`)",
    }
}

/// Returns what to set instead of an attribute that is wrong.
fn cure_of(error: AttributeError) -> &'static str {
    match error {
        AttributeError::DomainCharacter { .. } => "set a host name, such as example.com",
        AttributeError::EmptyDomain => "leave it out for a cookie of this host alone",
        AttributeError::HostPrefix => {
            "set an https APP_BASE_URL or AUTH0_COOKIE_SECURE=true, and neither AUTH0_COOKIE_DOMAIN nor \
             AUTH0_COOKIE_PATH, or choose another name"
        }
        AttributeError::PathCharacter { .. } | AttributeError::RelativePath => {
            "set a plain path, such as /app"
        }
        AttributeError::SameSiteNoneWithoutSecure => "set an https APP_BASE_URL or AUTH0_COOKIE_SECURE=true",
        AttributeError::SecurePrefix => {
            "set an https APP_BASE_URL or AUTH0_COOKIE_SECURE=true, or choose another name"
        }
    }
}

/// Returns what to do about secrets that make no key ring.
fn cure_of_secrets(error: &KeyRingError) -> &'static str {
    match error {
        KeyRingError::Empty | KeyRingError::Weak { .. } => "make a secret with `openssl rand -hex 32`",
        KeyRingError::TooMany { .. } => "remove the oldest",
    }
}

/// Returns the variable that sets the path of this route, after the name of the method; nothing where there is none.
fn variable_of(route: &str) -> &'static str {
    match route {
        "access_token" => ", NEXT_PUBLIC_ACCESS_TOKEN_ROUTE",
        "login" => ", NEXT_PUBLIC_LOGIN_ROUTE",
        "profile" => ", NEXT_PUBLIC_PROFILE_ROUTE",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::Weakness;

    #[test]
    fn a_problem_of_a_cookie_or_a_secret_names_the_setting_and_the_cure() {
        let same_site = ConfigProblem::CookieAttribute(AttributeError::SameSiteNoneWithoutSecure);
        let weak = KeyRingError::Weak { index: 1, weakness: Weakness::TooUniform };
        let cases = [
            (
                same_site,
                "AUTH0_COOKIE_SAME_SITE (`cookie_same_site`): SameSite=None needs Secure; set an https APP_BASE_URL or AUTH0_COOKIE_SECURE=true",
            ),
            (
                ConfigProblem::Secrets(weak),
                "AUTH0_SECRET or AUTH0_SECRETS (`secret`, `previous_secret`): secret number 2 is too weak: it has fewer than 8 different bytes, so it can be guessed; make a secret with `openssl rand -hex 32`",
            ),
            (
                ConfigProblem::RoutePath { route: "login" },
                "the path of the route `login` (`login_path`, NEXT_PUBLIC_LOGIN_ROUTE) is not a plain path: set a path such as /auth/login, without query, `%` or empty segment",
            ),
            (
                ConfigProblem::RoutePath { route: "callback" },
                "the path of the route `callback` (`callback_path`) is not a plain path: set a path such as /auth/login, without query, `%` or empty segment",
            ),
        ];
        for (problem, expected) in cases {
            assert_eq!(problem.to_string(), expected);
        }
    }
}
