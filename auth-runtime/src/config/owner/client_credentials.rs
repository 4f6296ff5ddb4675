//! The credentials by which the application authenticates to the provider.

use std::sync::Arc;

use secrecy::{ExposeSecret as _, SecretString};

use super::super::builder::AuthBuilder;
use super::super::problem::ConfigProblem;
use crate::oidc::{ClientAuthentication, SignatureAlgorithm, SigningKey};

/// The credentials, as given: a secret, a key, or that there is neither.
#[derive(Debug, Default)]
pub(super) struct ClientCredentials {
    secret: Option<SecretString>,
    in_header: bool,
    key: Option<SecretString>,
    key_algorithm: Option<SignatureAlgorithm>,
    public: bool,
}

impl ClientCredentials {
    /// Returns whether credentials are given, which only a service that owns sessions has.
    pub(super) fn are_given(&self) -> bool {
        self.secret.is_some() || self.key.is_some() || self.public
    }

    /// Decides on the one method of client authentication. Where it returns `None`, `problems` says why.
    pub(super) fn check(self, problems: &mut Vec<ConfigProblem>) -> Option<ClientAuthentication> {
        let Self { secret, in_header, key, key_algorithm, public } = self;
        // An empty value counts as absent, as in the environment.
        let secret = secret.filter(|secret| !secret.expose_secret().is_empty());
        let key = key.filter(|key| !key.expose_secret().is_empty());
        match (secret, key, public) {
            (Some(secret), None, false) if in_header => Some(ClientAuthentication::SecretBasic(secret)),
            (Some(secret), None, false) => Some(ClientAuthentication::SecretPost(secret)),
            (None, Some(key), false) => {
                let algorithm = key_algorithm.unwrap_or(SignatureAlgorithm::RS256);
                match SigningKey::from_pem(&key, algorithm) {
                    Ok(key) => Some(ClientAuthentication::PrivateKeyJwt(Arc::new(key))),
                    Err(error) => {
                        problems.push(ConfigProblem::ClientAssertionKey { reason: error.to_string() });
                        None
                    }
                }
            }
            (None, None, true) => Some(ClientAuthentication::None),
            (None, None, false) => {
                problems.push(ConfigProblem::Missing { variable: "AUTH0_CLIENT_SECRET" });
                None
            }
            // More than one method, such as a secret beside a key.
            _ => {
                problems.push(ConfigProblem::ClientCredentials);
                None
            }
        }
    }
}

impl AuthBuilder {
    /// Sets the application's secret at the provider (`AUTH0_CLIENT_SECRET`).
    ///
    /// ```
    /// use auth_runtime::Auth;
    ///
    /// let builder = Auth::builder().client_id("client").client_secret("secret");
    /// ```
    pub fn client_secret(mut self, client_secret: impl Into<String>) -> Self {
        self.owner.client.credentials.secret = Some(SecretString::from(client_secret.into()));
        self
    }

    /// Sends the secret in the `Authorization` header (`client_secret_basic`). By default it is sent in the form
    /// (`client_secret_post`), which some providers refuse.
    ///
    /// ```
    /// use auth_runtime::Auth;
    ///
    /// let builder = Auth::builder().client_id("client").client_secret("secret").client_secret_basic();
    /// ```
    pub fn client_secret_basic(mut self) -> Self {
        self.owner.client.credentials.in_header = true;
        self
    }

    /// Sets the private key with which the application signs instead of sending a secret (`private_key_jwt`,
    /// `AUTH0_CLIENT_ASSERTION_SIGNING_KEY`): PKCS#8 in PEM, as `openssl genpkey` writes it.
    ///
    /// ```
    /// use auth_runtime::{Auth, ConfigProblem, SignatureAlgorithm};
    ///
    /// let builder = Auth::builder()
    ///     .client_id("client")
    ///     .client_assertion_key("not a key")
    ///     .client_assertion_algorithm(SignatureAlgorithm::ES256);
    /// // A key that cannot be read is found at start-up.
    /// let error = builder.build().unwrap_err();
    /// assert!(error.problems().iter().any(|problem| matches!(problem, ConfigProblem::ClientAssertionKey { .. })));
    /// ```
    pub fn client_assertion_key(mut self, pem: impl Into<String>) -> Self {
        self.owner.client.credentials.key = Some(SecretString::from(pem.into()));
        self
    }

    /// Sets the algorithm with which [that key](Self::client_assertion_key) signs
    /// (`AUTH0_CLIENT_ASSERTION_SIGNING_ALG`), RS256 by default.
    ///
    /// ```
    /// use auth_runtime::{Auth, SignatureAlgorithm};
    ///
    /// let builder = Auth::builder().client_id("client").client_assertion_algorithm(SignatureAlgorithm::ES256);
    /// ```
    pub fn client_assertion_algorithm(mut self, algorithm: SignatureAlgorithm) -> Self {
        self.owner.client.credentials.key_algorithm = Some(algorithm);
        self
    }

    /// Declares an application without credentials of its own: PKCE alone protects its sign-in.
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
    ///     .public_client()
    ///     .build()?;
    /// assert!(auth.owns_sessions());
    /// # Ok::<(), auth_runtime::ConfigError>(())
    /// ```
    pub fn public_client(mut self) -> Self {
        self.owner.client.credentials.public = true;
        self
    }

    /// Sets the algorithm by its name, as the environment has it.
    pub(super) fn client_assertion_algorithm_name(mut self, name: impl Into<String>) -> Self {
        if let Some(algorithm) = SignatureAlgorithm::from_name(&name.into()) {
            return self.client_assertion_algorithm(algorithm);
        }
        self.problems.push(ConfigProblem::ClientAssertionAlgorithm);
        self
    }
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use super::*;

    /// For P-256.
    static KEY: LazyLock<String> = LazyLock::new(|| SigningKey::generate_for_tests().to_pem());

    fn check(
        set: impl FnOnce(AuthBuilder) -> AuthBuilder,
    ) -> Result<ClientAuthentication, Vec<ConfigProblem>> {
        let mut builder = set(AuthBuilder::default());
        let mut problems = std::mem::take(&mut builder.problems);
        let found = std::mem::take(&mut builder.owner.client.credentials).check(&mut problems);
        if problems.is_empty() { Ok(found.unwrap()) } else { Err(problems) }
    }

    fn from_environment(variables: &[(&str, &str)]) -> Result<ClientAuthentication, Vec<ConfigProblem>> {
        check(|builder| {
            builder.lookup(|name| {
                variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
            })
        })
    }

    #[test]
    fn a_secret_goes_where_it_is_told() {
        let found = check(|builder| builder.client_secret("s")).unwrap();
        assert!(matches!(found, ClientAuthentication::SecretPost(_)));
        let found = check(|builder| builder.client_secret_basic().client_secret("s")).unwrap();
        assert!(matches!(found, ClientAuthentication::SecretBasic(_)));
    }

    #[test]
    fn a_key_is_read_at_start_up() {
        let key = ("AUTH0_CLIENT_ASSERTION_SIGNING_KEY", KEY.as_str());
        let found = from_environment(&[key, ("AUTH0_CLIENT_ASSERTION_SIGNING_ALG", "ES256")]).unwrap();
        let ClientAuthentication::PrivateKeyJwt(found) = found else { panic!("{found:?}") };
        assert_eq!(found.algorithm(), SignatureAlgorithm::ES256);
        for (key, algorithm) in [(KEY.as_str(), ""), (&KEY, "PS256"), (&KEY, "EdDSA"), ("hunter2", "ES256")] {
            let variables = [
                ("AUTH0_CLIENT_ASSERTION_SIGNING_KEY", key),
                ("AUTH0_CLIENT_ASSERTION_SIGNING_ALG", algorithm),
            ];
            let problems = from_environment(&variables).unwrap_err();
            assert!(matches!(problems[..], [ConfigProblem::ClientAssertionKey { .. }]), "{problems:?}");
            assert!(!format!("{} {problems:?}", problems[0]).contains("hunter2"));
        }
    }

    #[test]
    fn an_unknown_algorithm_is_named() {
        for name in ["HS256", "none", "es256"] {
            let variables = [("AUTH0_CLIENT_SECRET", "s"), ("AUTH0_CLIENT_ASSERTION_SIGNING_ALG", name)];
            assert_eq!(from_environment(&variables).unwrap_err(), [ConfigProblem::ClientAssertionAlgorithm]);
        }
    }

    #[test]
    fn two_ways_at_once_are_one_too_many() {
        let both = [("AUTH0_CLIENT_SECRET", "s"), ("AUTH0_CLIENT_ASSERTION_SIGNING_KEY", KEY.as_str())];
        assert_eq!(from_environment(&both).unwrap_err(), [ConfigProblem::ClientCredentials]);
        let public = check(|builder| builder.public_client().client_secret("s"));
        assert_eq!(public.unwrap_err(), [ConfigProblem::ClientCredentials]);
        let public = check(|builder| builder.public_client().client_assertion_key(KEY.as_str()));
        assert_eq!(public.unwrap_err(), [ConfigProblem::ClientCredentials]);
    }

    #[test]
    fn nothing_at_all_has_to_be_said() {
        assert_eq!(
            check(|builder| builder).unwrap_err(),
            [ConfigProblem::Missing { variable: "AUTH0_CLIENT_SECRET" }]
        );
        assert!(matches!(check(AuthBuilder::public_client), Ok(ClientAuthentication::None)));
    }

    #[test]
    fn neither_secret_nor_key_is_printed() {
        let line = KEY.lines().nth(1).unwrap();
        let builder = AuthBuilder::default().client_secret("hunter2").client_assertion_key(KEY.as_str());
        let printed = format!("{builder:?}");
        assert!(!printed.contains(line) && !printed.contains("hunter2"));
        let found = check(|builder| {
            builder.client_assertion_key(KEY.as_str()).client_assertion_algorithm(SignatureAlgorithm::ES256)
        });
        assert!(!format!("{found:?}").contains(line));
    }
}
