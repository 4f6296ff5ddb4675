//! The endpoints of the sign-in: their paths, and the switches of those that are optional.

use super::super::builder::AuthBuilder;
use super::super::routes::Endpoint;

/// The switches of the endpoints.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct RouteSwitches {
    /// True if `/auth/access-token` exists.
    pub(crate) access_token_endpoint: bool,
    /// True if `/auth/backchannel-logout` exists.
    pub(crate) backchannel_logout: bool,
    /// True if `/auth/profile` answers 204 instead of 401 without a session.
    pub(crate) no_content_profile: bool,
}

/// The endpoints, in the order in which a problem names two that have the same path.
pub(in crate::config) const ENDPOINTS: &[Endpoint] = &[
    Endpoint::Login,
    Endpoint::Callback,
    Endpoint::Logout,
    Endpoint::Profile,
    Endpoint::AccessToken,
    Endpoint::BackchannelLogout,
];

impl AuthBuilder {
    /// Sets the path to which the provider sends the browser back, below the [base path](AuthBuilder::base_path),
    /// `/auth/callback` by default. With the base URL before it, it is the redirect URI that the provider has to know.
    ///
    /// ```
    /// use auth_runtime::Auth;
    ///
    /// # let secret = auth_runtime::__private::random_secret();
    /// // The provider has to know https://app.example.com/signed-in.
    /// let auth =
    ///     Auth::builder().secret(secret).base_url("https://app.example.com").callback_path("/signed-in").build()?;
    /// # Ok::<(), auth_runtime::ConfigError>(())
    /// ```
    pub fn callback_path(self, path: impl Into<String>) -> Self {
        self.path(Endpoint::Callback, path)
    }

    /// Sets the path of the sign-out below the [base path](AuthBuilder::base_path), `/auth/logout` by default.
    ///
    /// ```
    /// use auth_runtime::Auth;
    ///
    /// # let secret = &auth_runtime::__private::random_secret();
    /// let auth = Auth::builder().secret(secret).logout_path("/leave").build()?;
    ///
    /// // This is the path of the sign-in.
    /// assert!(Auth::builder().secret(secret).logout_path("/auth/login").build().is_err());
    /// # Ok::<(), auth_runtime::ConfigError>(())
    /// ```
    pub fn logout_path(self, path: impl Into<String>) -> Self {
        self.path(Endpoint::Logout, path)
    }

    /// Sets the path of the endpoint that tells a page who is signed in, below the [base path](AuthBuilder::base_path),
    /// `/auth/profile` by default (`NEXT_PUBLIC_PROFILE_ROUTE`).
    ///
    /// ```
    /// use auth_runtime::Auth;
    ///
    /// # let secret = auth_runtime::__private::random_secret();
    /// let auth = Auth::builder().secret(secret).profile_path("/me").build()?;
    /// # Ok::<(), auth_runtime::ConfigError>(())
    /// ```
    pub fn profile_path(self, path: impl Into<String>) -> Self {
        self.path(Endpoint::Profile, path)
    }

    /// Sets the path of the endpoint that gives a page an access token, below the [base path](AuthBuilder::base_path),
    /// `/auth/access-token` by default (`NEXT_PUBLIC_ACCESS_TOKEN_ROUTE`). The endpoint exists only with
    /// [`access_token_endpoint`](AuthBuilder::access_token_endpoint).
    ///
    /// ```
    /// use auth_runtime::Auth;
    ///
    /// # let secret = auth_runtime::__private::random_secret();
    /// let auth =
    ///     Auth::builder().secret(secret).access_token_endpoint(true).access_token_path("/auth/token").build()?;
    /// # Ok::<(), auth_runtime::ConfigError>(())
    /// ```
    pub fn access_token_path(self, path: impl Into<String>) -> Self {
        self.path(Endpoint::AccessToken, path)
    }

    /// Sets the path at which the provider ends sessions, below the [base path](AuthBuilder::base_path),
    /// `/auth/backchannel-logout` by default. The endpoint exists only with
    /// [`backchannel_logout`](AuthBuilder::backchannel_logout).
    ///
    /// ```
    /// use auth_runtime::Auth;
    ///
    /// # let secret = auth_runtime::__private::random_secret();
    /// let auth = Auth::builder().secret(secret).backchannel_logout_path("/auth/ended").build()?;
    /// # Ok::<(), auth_runtime::ConfigError>(())
    /// ```
    pub fn backchannel_logout_path(self, path: impl Into<String>) -> Self {
        self.path(Endpoint::BackchannelLogout, path)
    }

    /// Sets whether there is an endpoint that gives pages of this application an access token. Off by default: a script
    /// that an attacker injects into a page gets what the page gets, so tokens are better kept on the server.
    ///
    /// `GET /auth/access-token` takes `audience`, `scope` and `mergeScopes=false`. It answers
    /// `{"token":"...","scope":"...","expires_at":1,"expires_in":1,"token_type":"bearer"}` or
    /// `{"error":{"message":"...","code":"..."}}`, as the npm package's browser code reads them. When the provider asks
    /// for another factor (`mfa_required`), the body is flat and has no `mfa_token`: the user has to sign in again.
    ///
    /// ```
    /// use auth_runtime::Auth;
    ///
    /// # let secret = auth_runtime::__private::random_secret();
    /// let auth = Auth::builder().secret(secret).access_token_endpoint(true).build()?;
    /// # Ok::<(), auth_runtime::ConfigError>(())
    /// ```
    pub fn access_token_endpoint(mut self, enabled: bool) -> Self {
        self.owner.switches.access_token_endpoint = enabled;
        self
    }

    /// Sets whether the provider may end sessions (OpenID Connect Back-Channel Logout 1.0), for example when the user
    /// signs out of another application or is blocked. Off by default. It needs a
    /// [`session_store`](AuthBuilder::session_store) or a [`revocation`](AuthBuilder::revocation), and the provider has
    /// to know the endpoint's URL.
    ///
    /// ```
    /// use auth_runtime::Auth;
    /// use auth_runtime::store::MemoryStore;
    ///
    /// # let secret = auth_runtime::__private::random_secret();
    /// let auth = Auth::builder()
    ///     .secret(secret)
    ///     .session_store(MemoryStore::new())
    ///     .backchannel_logout(true)
    ///     .build()?;
    /// # Ok::<(), auth_runtime::ConfigError>(())
    /// ```
    pub fn backchannel_logout(mut self, enabled: bool) -> Self {
        self.owner.switches.backchannel_logout = enabled;
        self
    }

    /// Sets whether the profile endpoint answers a browser without a session with 204 instead of 401, which browsers
    /// show in the console as an error. Off by default.
    ///
    /// ```
    /// use auth_runtime::Auth;
    ///
    /// # let secret = auth_runtime::__private::random_secret();
    /// let auth = Auth::builder().secret(secret).no_content_profile(true).build()?;
    /// # Ok::<(), auth_runtime::ConfigError>(())
    /// ```
    pub fn no_content_profile(mut self, no_content: bool) -> Self {
        self.owner.switches.no_content_profile = no_content;
        self
    }
}
