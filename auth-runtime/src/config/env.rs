//! The environment variables that set the builder, under the names that the npm package uses.

use std::cell::RefCell;

use super::builder::AuthBuilder;
use super::env_text;
use super::owner;
use super::problem::ConfigProblem;
use crate::cookie::SameSite;
use crate::crypto::PreviousSecret;
use crate::time::Timestamp;

impl AuthBuilder {
    /// Reads the settings that `lookup` finds under the names of environment variables. An empty value counts as unset.
    /// A value with a quotation mark at one of its ends or with a line break is a problem, except that a key in PEM has
    /// lines, and that a secret may have such a mark at one end.
    ///
    /// ```
    /// use auth_runtime::Auth;
    ///
    /// # let secret = auth_runtime::__private::random_secret();
    /// let settings = std::collections::HashMap::from([("AUTH0_SECRET", secret)]);
    /// let auth = Auth::builder().lookup(|name| settings.get(name).cloned()).build()?;
    /// # Ok::<(), auth_runtime::ConfigError>(())
    /// ```
    pub fn lookup(mut self, lookup: impl Fn(&str) -> Option<String>) -> Self {
        let problems = RefCell::new(Vec::new());
        let find = |name| {
            let text = lookup(name).filter(|text| !text.is_empty())?;
            let text = env_text::meant(name, &text, &mut problems.borrow_mut());
            Some(text).filter(|text| !text.is_empty())
        };
        self = self.look_up_secrets(&find);
        for (name, set) in TEXTS.iter().chain(owner::TEXTS) {
            if let Some(value) = find(name) {
                self = set(self, value);
            }
        }
        for (variable, set) in SWITCHES {
            match find(variable).as_deref() {
                None => {}
                Some("true") => self = set(self, true),
                Some("false") => self = set(self, false),
                Some(_) => self.problems.push(ConfigProblem::Boolean { variable }),
            }
        }
        // The front end sets its cookies at its base path, unless a path of their own is set.
        if let Some(path) = find("AUTH0_COOKIE_PATH").or_else(|| find("NEXT_PUBLIC_BASE_PATH")) {
            self = self.cookie_path(path);
        }
        if let Some(origins) = find("AUTH0_TRUSTED_ORIGINS") {
            self = origins.split(',').fold(self, Self::trusted_origin);
        }
        match find("AUTH0_COOKIE_SAME_SITE").map(|value| value.to_ascii_lowercase()).as_deref() {
            None => {}
            Some("lax") => self = self.cookie_same_site(SameSite::Lax),
            Some("strict") => self = self.cookie_same_site(SameSite::Strict),
            Some("none") => self = self.cookie_same_site(SameSite::None),
            Some(_) => self.problems.push(ConfigProblem::SameSite),
        }
        self.problems.extend(problems.take());
        self
    }

    /// Reads the secrets. `AUTH0_SECRETS` holds several, the current one first; `AUTH0_SECRET` holds one.
    /// `AUTH0_PREVIOUS_SECRETS_UNTIL` is the time at which all but the first of `AUTH0_SECRETS` end, in seconds since
    /// 1970.
    fn look_up_secrets(mut self, find: &impl Fn(&'static str) -> Option<String>) -> Self {
        let (one, several) = (find("AUTH0_SECRET"), find("AUTH0_SECRETS"));
        if let (Some(one), Some(several)) = (&one, &several) {
            // If both are set, they have to agree on the secret that encrypts.
            let first = several.split(',').next().map(crate::crypto::Secret::new);
            if !first.is_some_and(|first| first.equals(&crate::crypto::Secret::new(one.as_str()))) {
                self.problems.push(ConfigProblem::SecretsDisagree);
            }
        }
        let end = find("AUTH0_PREVIOUS_SECRETS_UNTIL").map(|end| end.parse().map(Timestamp::from_unix));
        if matches!(end, Some(Err(_))) {
            self.problems.push(ConfigProblem::SecretsUntil);
        }
        match (several, one, end) {
            (Some(several), _, Some(Ok(end))) => {
                // The first secret is the current one and has no end.
                let mut secrets = several.split(',');
                let current = secrets.next().into_iter().fold(self, Self::secret);
                secrets.fold(current, |builder, old| {
                    builder.previous_secret(PreviousSecret::new(old).until(end))
                })
            }
            (Some(several), _, _) => several.split(',').fold(self, Self::secret),
            (None, Some(one), _) => self.secret(one),
            (None, None, _) => self,
        }
    }
}

/// A method of the builder that takes a setting.
pub(super) type Set<T> = fn(AuthBuilder, T) -> AuthBuilder;

/// The variables that hold text, in every service.
const TEXTS: &[(&str, Set<String>)] = &[
    ("AUTH0_DOMAIN", AuthBuilder::domain),
    ("APP_BASE_URL", AuthBuilder::base_url),
    ("AUTH0_COOKIE_DOMAIN", AuthBuilder::cookie_domain),
    ("NEXT_PUBLIC_BASE_PATH", AuthBuilder::base_path),
    ("NEXT_PUBLIC_LOGIN_ROUTE", AuthBuilder::login_path),
];

/// The variables that are `true` or `false`.
const SWITCHES: &[(&str, Set<bool>)] = &[
    ("AUTH0_COOKIE_SECURE", AuthBuilder::cookie_secure),
    ("AUTH0_COOKIE_TRANSIENT", AuthBuilder::cookie_transient),
    ("AUTH0_SHARED_WITH_NEXTJS", AuthBuilder::shared_with_nextjs),
    ("AUTH0_ALLOW_INSECURE_REQUESTS", AuthBuilder::danger_allow_insecure_requests),
];

#[cfg(test)]
mod tests {
    use super::AuthBuilder;
    use crate::config::{ConfigError, ConfigProblem, Configured, Endpoint};
    use crate::crypto::{Entropy, KeyRing, KeyRingError, Secret, Weakness};
    #[cfg(feature = "oidc")]
    use crate::session::Lifetime;
    use crate::session::Mode;
    use crate::time::Timestamp;

    const SECRET: &str = "c4e19b7250fd83a6e8b1d70f42956acb";
    const OTHER: &str = "71d5e0c93a8f46b2b90e6c7fd1482a35";

    fn from(variables: &[(&str, &str)]) -> Result<Configured, ConfigError> {
        let find =
            |name: &str| variables.iter().find(|(known, _)| *known == name).map(|(_, v)| (*v).to_owned());
        AuthBuilder::default().lookup(find).check()
    }

    fn problems(variables: &[(&str, &str)]) -> Vec<ConfigProblem> {
        from(variables).unwrap_err().problems().to_vec()
    }

    #[test]
    fn a_secret_alone_makes_a_verifier() {
        let configured = from(&[("AUTH0_SECRET", SECRET)]).unwrap();
        assert_eq!(configured.callers.sessions.codec().mode(), Mode::VerifyOnly);
    }

    #[cfg(feature = "oidc")]
    #[test]
    fn everything_together_makes_an_owner() {
        let all = [
            ("AUTH0_SECRET", SECRET),
            ("AUTH0_DOMAIN", "tenant.eu.auth0.com"),
            ("AUTH0_CLIENT_ID", "id"),
            ("AUTH0_CLIENT_SECRET", "client secret"),
            ("APP_BASE_URL", "https://app.example.com"),
        ];
        let configured = from(&all).unwrap();
        assert_eq!(configured.callers.sessions.codec().mode(), Mode::Owner(Lifetime::default()));
        assert!(!format!("{configured:?}").contains("client secret"));
    }

    #[cfg(feature = "oidc")]
    #[test]
    fn part_of_an_owner_lists_what_is_missing() {
        let found = problems(&[("AUTH0_SECRET", SECRET), ("AUTH0_CLIENT_ID", "id")]);
        let missing = |variable| ConfigProblem::Missing { variable };
        assert_eq!(found, [missing("AUTH0_DOMAIN"), missing("APP_BASE_URL"), missing("AUTH0_CLIENT_SECRET")]);
    }

    #[cfg(feature = "oidc")]
    #[test]
    fn an_owner_needs_a_cookie_that_reaches_its_endpoints() {
        let found = problems(&[
            ("AUTH0_SECRET", SECRET),
            ("AUTH0_DOMAIN", "tenant.eu.auth0.com"),
            ("AUTH0_CLIENT_ID", "id"),
            ("AUTH0_CLIENT_SECRET", "client secret"),
            ("APP_BASE_URL", "https://app.example.com"),
            ("NEXT_PUBLIC_BASE_PATH", "/app"),
            ("AUTH0_COOKIE_PATH", "/app/auth/login"),
        ]);
        assert_eq!(found, [ConfigProblem::CookiePath { path: "/app/auth/callback".to_owned() }]);
    }

    #[cfg(feature = "oidc")]
    #[test]
    fn s_bcl_10_sessions_that_only_browsers_hold_cannot_be_ended_from_afar() {
        let owner = || {
            let builder = AuthBuilder::default().secret(SECRET).domain("tenant.eu.auth0.com").client_id("id");
            builder
                .client_secret("client secret")
                .base_url("https://app.example.com")
                .backchannel_logout(true)
        };
        let problems = owner().check().unwrap_err();
        assert_eq!(problems.problems(), [ConfigProblem::BackchannelLogoutWithoutStore]);
        assert!(owner().session_store(crate::store::MemoryStore::new()).check().is_ok());
    }

    #[test]
    fn chk_26_the_cookies_of_v3_do_not_undo_a_host_prefix() {
        let builder = AuthBuilder::default().secret(SECRET).cookie_name("__Host-session").cookie_secure(true);
        let error = builder.legacy_cookies(true).check().unwrap_err();
        assert_eq!(error.problems(), [ConfigProblem::LegacyBesideHostPrefix]);
    }

    #[test]
    fn every_weak_secret_is_named() {
        assert_eq!(problems(&[("AUTH0_SECRETS", "short,alsoshort")]).len(), 2);
    }

    #[test]
    fn key_04_a_bad_secret_of_several_is_named_by_its_place() {
        for (secrets, until, number) in [
            (format!("{SECRET},short"), "", 2),
            (format!("{SECRET},short"), "1790000000", 2),
            (format!("{SECRET},{OTHER},short"), "1790000000", 3),
            (format!("{SECRET},"), "", 2),
            (format!("short,{SECRET}"), "", 1),
        ] {
            // Beside the list, the single secret is not counted.
            for one in ["", secrets.split(',').next().unwrap()] {
                let found = problems(&[
                    ("AUTH0_SECRETS", &secrets),
                    ("AUTH0_PREVIOUS_SECRETS_UNTIL", until),
                    ("AUTH0_SECRET", one),
                ]);
                let [problem] = &found[..] else { panic!("{secrets}: {found:?}") };
                let said = problem.to_string();
                let expected = format!(
                    "AUTH0_SECRET or AUTH0_SECRETS (`secret`, `previous_secret`): secret number {number} is too weak: "
                );
                assert!(said.starts_with(&expected), "{secrets} {until}: {said}");
            }
        }
    }

    #[test]
    fn everything_wrong_is_said_at_once() {
        let found = problems(&[
            ("AUTH0_SECRET", "short"),
            ("APP_BASE_URL", "app.example.com"),
            ("AUTH0_COOKIE_SECURE", "yes"),
            ("AUTH0_COOKIE_SAME_SITE", "sometimes"),
            ("AUTH0_COOKIE_DOMAIN", "a;b"),
            ("AUTH0_COOKIE_PATH", "app"),
        ]);
        assert_eq!(found.len(), 6, "{found:?}");
        let weakness = Weakness::TooShort { bytes: 5 };
        assert!(found.contains(&ConfigProblem::Secrets(KeyRingError::Weak { index: 0, weakness })));
    }

    #[test]
    fn the_sign_in_is_below_the_base_path_of_the_front_end() {
        for (base_path, expected) in [("", "/auth/login"), ("/app", "/app/auth/login"), ("/", "/auth/login")]
        {
            let configured = from(&[("AUTH0_SECRET", SECRET), ("NEXT_PUBLIC_BASE_PATH", base_path)]).unwrap();
            assert_eq!(configured.paths.of(Endpoint::Login), expected);
        }
    }

    #[test]
    fn s_nist_6_an_origin_without_tls_is_this_machine_unless_that_is_permitted() {
        let with = |url: &str, insecure: &str| {
            let variables = [
                ("AUTH0_SECRET", SECRET),
                ("APP_BASE_URL", url),
                ("AUTH0_ALLOW_INSECURE_REQUESTS", insecure),
            ];
            from(&variables).map(|_| ())
        };
        for url in
            ["http://localhost:3000", "http://127.0.0.1:3000", "http://[::1]:3000", "http://app.localhost"]
        {
            assert!(with(url, "false").is_ok(), "{url}");
        }
        for url in ["http://app.example.com", "http://localhost.example.com", "http://192.168.0.7"] {
            let error = with(url, "false").unwrap_err();
            assert_eq!(error.problems(), [ConfigProblem::PlainHttpBaseUrl], "{url}");
            assert!(with(url, "true").is_ok(), "{url}");
        }
    }

    #[test]
    fn s_bcp_11_a_provider_without_tls_is_refused_at_start_up_by_every_kind_of_service() {
        let verifier = vec![("AUTH0_SECRET", SECRET)];
        let owner = [
            verifier.clone(),
            vec![
                ("AUTH0_CLIENT_ID", "id"),
                ("AUTH0_CLIENT_SECRET", "client secret"),
                ("APP_BASE_URL", "https://app.example.com"),
            ],
        ];
        for service in [verifier, owner.concat()] {
            for (domain, insecure, is_refused) in [
                ("http://id.example.com:8080", "false", true),
                ("http://id.example.com:8080/realm", "false", true),
                ("http://id.example.com:8080", "true", true),
                ("http://id.example.com", "true", true),
                ("http://localhost:3001", "true", false),
                // The same host is asked by https, as the npm package does.
                ("http://id.example.com", "false", false),
                ("https://id.example.com:8080", "false", false),
                // This is the port that `http` has in any case.
                ("http://id.example.com:80", "false", false),
                ("http://id.example.com:80", "true", true),
                ("https://id.example.com:80", "true", false),
                ("http://id.example.com:", "false", false),
                ("http://id.example.com:443", "false", true),
                ("http://localhost", "false", true),
                ("https://localhost:3001", "false", true),
                ("localhost", "false", true),
                ("localhost", "true", false),
                ("http://LOCALHOST.:3001", "true", false),
                ("http://a.localhost:3001", "true", false),
                ("http://localhost.example.com", "true", true),
                ("localhost.example.com", "false", true),
                ("http://127.1:3001", "true", false),
                ("http://127.1:3001", "false", true),
                ("http://0x7f.1:3001", "true", false),
                ("http://2130706433", "true", false),
                ("http://0177.0.0.1", "true", false),
                ("http://127.0.0.0.1", "true", true),
                ("http://256.1", "true", true),
                ("http://[::1]:3001", "true", false),
                ("http://[::2]:3001", "true", true),
                ("http://192.168.0.7", "true", true),
                ("https://10.0.0.1", "false", true),
                ("https://10.0.0.1", "true", false),
                ("10.0.0.1", "true", true),
                ("printer.local", "true", true),
                ("id.example.com/realm", "false", true),
                ("id.example.com:8443", "false", true),
                ("id.example.com?a", "false", true),
                ("https://id.example.com/#a", "false", true),
                ("https://id.example.com:x", "false", true),
                ("ftp://id.example.com", "false", true),
                ("https://", "false", true),
                ("a b", "false", true),
            ] {
                let where_to = [("AUTH0_DOMAIN", domain), ("AUTH0_ALLOW_INSECURE_REQUESTS", insecure)];
                let variables = [service.as_slice(), where_to.as_slice()].concat();
                let found = from(&variables).err().map(|error| error.problems().to_vec()).unwrap_or_default();
                let is_named = matches!(&found[..], [ConfigProblem::Domain { .. }]);
                assert!(is_named == is_refused && found.len() <= 1, "{domain} {insecure}: {found:?}");
                let says = |text: &str| found.iter().all(|problem| problem.to_string().contains(text));
                assert!(!domain.starts_with("http://id.") || says("https"), "{found:?}");
            }
        }
    }

    #[test]
    fn log_01_the_password_in_a_providers_url_is_never_printed() {
        for domain in [
            "https://ada:hunter2@id.example.com",
            "http://ada:hunter2@id.example.com:8080",
            "http://ada:hunter2@localhost:8080",
            "https://:hunter2@10.0.0.1",
            "ftp://ada:hunter2@id.example.com",
            "https://ada:hunter2@id.example.com:port",
            "https://ada:hunter2@id example.com",
            "https:///ada:hunter2@id.example.com",
            "https:\\\\ada:hunter2@id.example.com",
            "https://ada:hunter2/@id.example.com",
            "mailto:x://ada:hunter2@id.example.com",
            "x:y://z/ada:hunter2@id.example.com",
            "ada:hunter2@id.example.com",
            "ada:hunter2@id.example.com/realm?a",
            "ada:hunter2@[::1",
        ] {
            for insecure in ["false", "true"] {
                let variables = [
                    ("AUTH0_SECRET", SECRET),
                    ("AUTH0_DOMAIN", domain),
                    ("AUTH0_ALLOW_INSECURE_REQUESTS", insecure),
                ];
                let error = from(&variables).unwrap_err();
                assert!(matches!(error.problems(), [ConfigProblem::Domain { .. }]), "{domain} {error:?}");
                assert!(!format!("{error} {error:?}").contains("hunter2"), "{domain}: {error}");
            }
        }
    }

    #[cfg(feature = "oidc")]
    #[test]
    fn empty_credentials_are_none() {
        let owner = |id: &str, secret: &str| {
            let builder = AuthBuilder::default().secret(SECRET).domain("tenant.eu.auth0.com");
            let builder = builder.base_url("https://app.example.com").client_id(id).client_secret(secret);
            builder.check().map_err(|error| error.problems().to_vec())
        };
        assert!(owner("id", "client secret").is_ok());
        let missing = |variable| ConfigProblem::Missing { variable };
        assert_eq!(owner("", "client secret").unwrap_err(), [missing("AUTH0_CLIENT_ID")]);
        assert_eq!(owner("id", "").unwrap_err(), [missing("AUTH0_CLIENT_SECRET")]);
    }

    #[test]
    fn an_empty_variable_is_unset() {
        assert_eq!(problems(&[("AUTH0_SECRET", "")]), [ConfigProblem::SecretMissing]);
    }

    #[test]
    fn several_secrets_replace_one_unless_they_disagree() {
        let both = format!("{SECRET},{OTHER}");
        assert!(from(&[("AUTH0_SECRETS", &both)]).is_ok());
        assert!(from(&[("AUTH0_SECRETS", &both), ("AUTH0_SECRET", SECRET)]).is_ok());
        let disagreeing = problems(&[("AUTH0_SECRETS", &both), ("AUTH0_SECRET", OTHER)]);
        assert_eq!(disagreeing, [ConfigProblem::SecretsDisagree]);
    }

    #[test]
    fn key_03_previous_secrets_end_when_the_environment_says_so() {
        let sealed = KeyRing::new([Secret::new(OTHER)]).unwrap().seal(b"x", Entropy::SYSTEM).unwrap();
        let both = format!("{SECRET},{OTHER}");
        let opens = |now| {
            let variables = [("AUTH0_SECRETS", &*both), ("AUTH0_PREVIOUS_SECRETS_UNTIL", "1790000000")];
            let configured = from(&variables).unwrap();
            configured
                .callers
                .sessions
                .codec()
                .keys()
                .open_at(sealed.as_bytes(), Timestamp::from_unix(now))
                .is_ok()
        };
        assert!(opens(1_789_999_999));
        assert!(!opens(1_790_000_000));
        let found = problems(&[("AUTH0_SECRETS", &both), ("AUTH0_PREVIOUS_SECRETS_UNTIL", "tomorrow")]);
        assert_eq!(found, [ConfigProblem::SecretsUntil]);
    }

    #[test]
    fn a_cookie_that_browsers_would_drop_is_refused() {
        let found = problems(&[("AUTH0_SECRET", SECRET), ("AUTH0_COOKIE_SAME_SITE", "None")]);
        assert!(matches!(found[..], [ConfigProblem::CookieAttribute(_)]), "{found:?}");
    }

    #[test]
    fn no_secret_is_ever_printed() {
        let error = from(&[("AUTH0_SECRET", "hunter2hunter2")]).unwrap_err();
        assert!(!format!("{error} {error:?}").contains("hunter2"));
    }
}
