//! The settings of the cross-site check: from which pages a request may change something.

use super::builder::AuthBuilder;
use super::origin::Origin;
use super::problem::ConfigProblem;

/// The settings of the cross-site check, as given.
#[derive(Debug, Default)]
pub(super) struct CsrfSettings {
    trusted: Vec<String>,
    pub(super) allows_requests_without_origin: bool,
    pub(super) is_disabled: bool,
}

/// The settings of the cross-site check, checked. Origins are kept as browsers write them (RFC 6454 §6.2).
#[derive(Debug, Default)]
pub(crate) struct CsrfRules {
    base: Option<String>,
    trusted: Vec<String>,
    pub(crate) allows_requests_without_origin: bool,
    pub(crate) is_disabled: bool,
}

impl CsrfRules {
    /// Returns whether an origin is configured that an `Origin` header can be compared with.
    pub(crate) fn know_an_origin(&self) -> bool {
        self.base.is_some() || !self.trusted.is_empty()
    }

    /// Returns whether this is the service's own origin. Bytes are compared, since a browser writes an origin in one
    /// way only.
    pub(crate) fn is_base(&self, origin: &[u8]) -> bool {
        self.base.as_ref().is_some_and(|base| base.as_bytes() == origin)
    }

    /// Returns whether this is the origin of another service that may act for the signed-in user.
    pub(crate) fn is_trusted(&self, origin: &[u8]) -> bool {
        self.trusted.iter().any(|trusted| trusted.as_bytes() == origin)
    }
}

impl AuthBuilder {
    /// Adds an origin whose pages may change something for the signed-in user, such as a front end on a sibling host
    /// (`AUTH0_TRUSTED_ORIGINS`, separated by commas). The origin of the base URL need not be named.
    ///
    /// An attacker who controls a page of that origin can do all that the user can. Trust no host that others write to,
    /// and no http origin outside of development. `guide::cross_site_requests` says what is checked.
    ///
    /// ```
    /// use auth_runtime::Auth;
    ///
    /// # let secret = auth_runtime::__private::random_secret();
    /// let auth = Auth::builder()
    ///     .secret(secret)
    ///     .base_url("https://api.example.com")
    ///     .trusted_origin("https://app.example.com")
    ///     .build()?;
    /// # Ok::<(), auth_runtime::ConfigError>(())
    /// ```
    pub fn trusted_origin(mut self, origin: impl Into<String>) -> Self {
        self.csrf.trusted.push(origin.into());
        self
    }

    /// Accepts requests with an unsafe method that carry neither `Sec-Fetch-Site` nor `Origin`, for clients that are no
    /// browsers and send the session cookie. Off by default.
    ///
    /// Every current browser sends one of the two headers. A browser that sends neither is then protected by `SameSite`
    /// alone, so the log has a warning at start-up when this is on.
    ///
    /// ```
    /// use auth_runtime::Auth;
    ///
    /// # let secret = auth_runtime::__private::random_secret();
    /// let auth = Auth::builder().secret(secret).danger_allow_requests_without_origin(true).build()?;
    /// # Ok::<(), auth_runtime::ConfigError>(())
    /// ```
    pub fn danger_allow_requests_without_origin(mut self, allow: bool) -> Self {
        self.csrf.allows_requests_without_origin = allow;
        self
    }

    /// Switches the cross-site check off, for a service behind a component that protects it already. The log has a
    /// warning at start-up.
    ///
    /// ```
    /// use auth_runtime::Auth;
    ///
    /// # let secret = auth_runtime::__private::random_secret();
    /// let auth = Auth::builder().secret(secret).danger_disable_csrf_protection().build()?;
    /// # Ok::<(), auth_runtime::ConfigError>(())
    /// ```
    pub fn danger_disable_csrf_protection(mut self) -> Self {
        self.csrf.is_disabled = true;
        self
    }
}

impl CsrfSettings {
    /// Checks each trusted origin, and takes the service's own from the base URL.
    pub(super) fn check(self, base_url: Option<&Origin>, problems: &mut Vec<ConfigProblem>) -> CsrfRules {
        let mut trusted = Vec::with_capacity(self.trusted.len());
        for (index, text) in self.trusted.iter().enumerate() {
            match Origin::parse(text) {
                Some(origin) => trusted.push(origin.as_str().to_owned()),
                None => problems.push(ConfigProblem::TrustedOrigin { index }),
            }
        }
        CsrfRules {
            base: base_url.map(|origin| origin.as_str().to_owned()),
            trusted,
            allows_requests_without_origin: self.allows_requests_without_origin,
            is_disabled: self.is_disabled,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "c4e19b7250fd83a6e8b1d70f42956acb";

    #[test]
    fn csr_03_an_origin_is_kept_as_browsers_write_it() {
        for (given, expected) in [
            ("https://app.example.com", "https://app.example.com"),
            (" https://App.Example.COM:443/ ", "https://app.example.com"),
            ("http://localhost:80", "http://localhost"),
            ("http://localhost:3000", "http://localhost:3000"),
            #[cfg(feature = "oidc")]
            ("https://b\u{fc}cher.example", "https://xn--bcher-kva.example"),
            ("http://[0:0::1]:8080", "http://[::1]:8080"),
        ] {
            let rules = AuthBuilder::default().secret(SECRET).base_url(given).check().unwrap().csrf;
            assert!(rules.is_base(expected.as_bytes()), "{given}: {rules:?}");
            let rules = AuthBuilder::default().secret(SECRET).trusted_origin(given).check().unwrap().csrf;
            assert!(rules.is_trusted(expected.as_bytes()), "{given}: {rules:?}");
            assert!(!rules.is_base(expected.as_bytes()));
        }
    }

    #[test]
    fn what_is_no_origin_is_a_problem_at_start_up() {
        for text in [
            "",
            "*",
            "null",
            "app.example.com",
            "app.example.com:443",
            "https://*.example.com",
            "https://app.example.com/path",
            "https://app.example.com?",
            "https://app.example.com#",
            "https://user:hunter2@app.example.com",
            "https://app.example.com https://b.example.com",
            "ftp://app.example.com",
            "file:///",
            "https://",
        ] {
            let builder = AuthBuilder::default().secret(SECRET).trusted_origin("https://a.example");
            let error = builder.trusted_origin(text).check().unwrap_err();
            assert_eq!(error.problems(), [ConfigProblem::TrustedOrigin { index: 1 }], "{text}");
            assert!(error.to_string().contains("number 2") && !error.to_string().contains("hunter2"));
        }
    }

    #[test]
    fn the_environment_names_origins_with_commas() {
        let from = |value: &'static str| {
            let find = move |name: &str| (name == "AUTH0_TRUSTED_ORIGINS").then(|| value.to_owned());
            AuthBuilder::default().secret(SECRET).lookup(find).check()
        };
        let rules = from("https://a.example, https://b.example:8443").unwrap().csrf;
        assert_eq!(rules.trusted, ["https://a.example", "https://b.example:8443"]);
        assert!(!from("").unwrap().csrf.know_an_origin());
        let problems = from("https://a.example,,b.example").unwrap_err().problems().to_vec();
        assert_eq!(problems, [1, 2].map(|index| ConfigProblem::TrustedOrigin { index }));
    }

    #[test]
    fn the_protection_is_on_unless_it_is_switched_off() {
        let rules = AuthBuilder::default().secret(SECRET).check().unwrap().csrf;
        assert!(!rules.is_disabled && !rules.allows_requests_without_origin && !rules.know_an_origin());
    }
}
