//! The paths of the sign-in's endpoints.

use super::builder::AuthBuilder;
use super::owner::ENDPOINTS;
use super::problem::ConfigProblem;

/// An endpoint of the sign-in. A service that only verifies sessions has none of them, and still has to know the path
/// at which another service signs users in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Endpoint {
    AccessToken,
    BackchannelLogout,
    Callback,
    Login,
    Logout,
    Profile,
}

/// The paths, as given.
#[derive(Debug, Default)]
pub(super) struct RouteSettings {
    base_path: Option<String>,
    paths: Vec<(Endpoint, String)>,
}

/// The paths, checked: each is a path of this origin, and no two are equal.
#[derive(Clone, Debug)]
pub(crate) struct RoutePaths {
    base_path: String,
    paths: Vec<(Endpoint, String)>,
}

impl AuthBuilder {
    /// Sets the path below which the application is, if that is not the root of its origin (`NEXT_PUBLIC_BASE_PATH`).
    /// The base path is put before the path of every endpoint, and so before the path of the redirect URI that the provider
    /// has to know.
    ///
    /// [`Auth::routes`](crate::Auth::routes) has the complete paths. Merge it into the outermost router, not into a
    /// router that is nested at the base path. Browsers see the base path too, so a proxy in front must not remove it.
    ///
    /// ```
    /// use auth_runtime::Auth;
    ///
    /// # let secret = auth_runtime::__private::random_secret();
    /// // The sign-in is at /shop/auth/login.
    /// let auth = Auth::builder().secret(secret).base_path("/shop").build()?;
    /// # Ok::<(), auth_runtime::ConfigError>(())
    /// ```
    pub fn base_path(mut self, path: impl Into<String>) -> Self {
        self.routes.base_path = Some(path.into());
        self
    }

    /// Sets the path of the sign-in below the [base path](AuthBuilder::base_path), `/auth/login` by default
    /// (`NEXT_PUBLIC_LOGIN_ROUTE`).
    ///
    /// The attribute's option `login` sends browsers there. In a service that only verifies sessions, it is the sign-in
    /// of the service that owns them.
    ///
    /// ```
    /// use auth_runtime::Auth;
    ///
    /// # let secret = &auth_runtime::__private::random_secret();
    /// let auth = Auth::builder().secret(secret).login_path("/sign-in").build()?;
    ///
    /// assert!(Auth::builder().secret(secret).login_path("https://other.example/").build().is_err());
    /// # Ok::<(), auth_runtime::ConfigError>(())
    /// ```
    pub fn login_path(self, path: impl Into<String>) -> Self {
        self.path(Endpoint::Login, path)
    }

    /// Sets the path of an endpoint, in place of an earlier one.
    pub(super) fn path(mut self, endpoint: Endpoint, path: impl Into<String>) -> Self {
        self.routes.paths.retain(|(other, _)| *other != endpoint);
        self.routes.paths.push((endpoint, path.into()));
        self
    }
}

impl Endpoint {
    /// Returns the name by which a problem calls the endpoint.
    fn name(self) -> &'static str {
        match self {
            Self::AccessToken => "access_token",
            Self::BackchannelLogout => "backchannel_logout",
            Self::Callback => "callback",
            Self::Login => "login",
            Self::Logout => "logout",
            Self::Profile => "profile",
        }
    }

    /// Returns the path that the npm package uses.
    fn default_path(self) -> &'static str {
        match self {
            Self::AccessToken => "/auth/access-token",
            Self::BackchannelLogout => "/auth/backchannel-logout",
            Self::Callback => "/auth/callback",
            Self::Login => "/auth/login",
            Self::Logout => "/auth/logout",
            Self::Profile => "/auth/profile",
        }
    }
}

impl RouteSettings {
    /// Checks each path, and puts the base path before it.
    pub(super) fn check(self, problems: &mut Vec<ConfigProblem>) -> RoutePaths {
        let base_path = self.base_path.as_deref().unwrap_or_default().trim_end_matches('/');
        if !base_path.is_empty() && !is_path(base_path) {
            problems.push(ConfigProblem::BasePath);
        }
        let mut paths: Vec<(Endpoint, String)> = Vec::new();
        for endpoint in ENDPOINTS {
            let given = self.paths.iter().find(|(of, _)| of == endpoint).map(|(_, path)| path.as_str());
            let path = given.unwrap_or(endpoint.default_path());
            if !is_path(path) {
                problems.push(ConfigProblem::RoutePath { route: endpoint.name() });
            }
            let path = format!("{base_path}{path}");
            if let Some((other, _)) = paths.iter().find(|(_, other)| is_same(other, &path)) {
                problems.push(ConfigProblem::SamePath { routes: [other.name(), endpoint.name()] });
            }
            paths.push((*endpoint, path));
        }
        RoutePaths { base_path: base_path.to_owned(), paths }
    }
}

impl RoutePaths {
    /// Returns the complete path of an endpoint, the base path included.
    pub(crate) fn of(&self, endpoint: Endpoint) -> &str {
        let found = self.paths.iter().find(|(of, _)| *of == endpoint);
        // Without the feature `oidc` only the path of the sign-in is known.
        found.map_or(endpoint.default_path(), |(_, path)| path)
    }
}

impl RoutePaths {
    /// Returns whether the path is that of an endpoint, in any spelling that browsers and servers may use.
    pub(crate) fn contains(&self, path: &str) -> bool {
        self.paths.iter().any(|(_, known)| is_same(known, path))
    }

    /// Returns the path of the application's root.
    pub(super) fn root(&self) -> &str {
        if self.base_path.is_empty() { "/" } else { &self.base_path }
    }

    /// Returns the path of the first endpoint to which browsers would not send a cookie with this path (RFC 6265
    /// §5.1.4).
    pub(super) fn outside_of(&self, cookie_path: &str) -> Option<&str> {
        let is_inside = |path: &str| {
            path.strip_prefix(cookie_path)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('/') || cookie_path.ends_with('/'))
        };
        // The provider itself calls this endpoint, without a cookie.
        let paths = self.paths.iter().filter(|(of, _)| *of != Endpoint::BackchannelLogout);
        paths.map(|(_, path)| path.as_str()).find(|path| !is_inside(path))
    }
}

/// Returns whether a server or a proxy may take both for one path: the case of letters and a slash at the end do not
/// count.
fn is_same(path: &str, other: &str) -> bool {
    path.trim_end_matches('/').eq_ignore_ascii_case(other.trim_end_matches('/'))
}

/// Returns whether the text is an absolute path (RFC 3986 §3.3) that has one spelling and no captures, and that
/// browsers cannot take for another host.
fn is_path(text: &str) -> bool {
    let is_path_char = |c: char| {
        c.is_ascii_alphanumeric() || matches!(c, '/' | '-' | '.' | '_' | '~' | '!' | '+' | ':' | '@')
    };
    let Some(rest) = text.strip_prefix('/') else { return false };
    let rest = rest.strip_suffix('/').unwrap_or(rest);
    // The router refuses a segment that begins with a colon, the former notation of a capture.
    let is_segment = |segment: &str| !matches!(segment, "" | "." | "..") && !segment.starts_with(':');
    rest.split('/').all(is_segment) && text.chars().all(is_path_char)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "c4e19b7250fd83a6e8b1d70f42956acb";

    fn problems(builder: AuthBuilder) -> Vec<ConfigProblem> {
        builder.secret(SECRET).check().unwrap_err().problems().to_vec()
    }

    const NO_PATHS: &[&str] = &[
        "login",
        "//evil.com",
        "/a//b",
        "/\\evil.com",
        "https://evil.com/",
        "/a b",
        "/a\r\nb",
        "/a?b",
        "/a#b",
        "/ä",
        "/a/../b",
        "/.",
        "/%61",
        "/{id}",
        "/:id",
        "/a/:id/b",
        "/*",
    ];

    #[test]
    fn rdr_02_the_sign_in_is_a_path_of_this_origin() {
        for path in NO_PATHS.iter().chain(&["", "/"]) {
            let expected = [ConfigProblem::RoutePath { route: "login" }];
            assert_eq!(problems(AuthBuilder::default().login_path(*path)), expected, "{path}");
        }
        for path in ["/sign-in", "/app/sign-in", "/a.b/c_d~e/"] {
            let configured = AuthBuilder::default().secret(SECRET).login_path(path).check().unwrap();
            assert_eq!(configured.paths.of(Endpoint::Login), path);
        }
    }

    #[test]
    fn rdr_02_the_base_path_is_a_path_of_this_origin() {
        for path in NO_PATHS {
            assert_eq!(
                problems(AuthBuilder::default().base_path(*path)),
                [ConfigProblem::BasePath],
                "{path}"
            );
        }
        for (path, expected) in [("", "/auth/login"), ("/", "/auth/login"), ("/a/b/", "/a/b/auth/login")] {
            let configured = AuthBuilder::default().secret(SECRET).base_path(path).check().unwrap();
            assert_eq!(configured.paths.of(Endpoint::Login), expected);
        }
    }

    #[cfg(feature = "oidc")]
    #[test]
    fn two_endpoints_have_two_paths() {
        for path in ["/auth/login", "/auth/login/", "/Auth/Login"] {
            let expected = [ConfigProblem::SamePath { routes: ["login", "logout"] }];
            assert_eq!(problems(AuthBuilder::default().logout_path(path)), expected, "{path}");
        }
    }

    #[cfg(feature = "oidc")]
    #[test]
    fn a_cookie_reaches_what_is_below_its_path() {
        let settings = RouteSettings { base_path: Some("/shop".to_owned()), ..RouteSettings::default() };
        let paths = settings.check(&mut Vec::new());
        for inside in ["/", "/shop", "/shop/", "/shop/auth", "/shop/auth/"] {
            assert_eq!(paths.outside_of(inside), None, "{inside}");
        }
        for outside in ["/sho", "/shop/a", "/auth", "/shop/auth/login"] {
            assert!(paths.outside_of(outside).is_some(), "{outside}");
        }
    }
}
