//! The endpoints of the sign-in: where they are, and which of them there are.

use super::super::builder::AuthBuilder;
use super::super::routes::Endpoint;

/// The switches of the endpoints.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct RouteSwitches {
    pub(crate) access_token_endpoint: bool,
    pub(crate) backchannel_logout: bool,
    pub(crate) no_content_profile: bool,
}

/// The endpoints, in the order in which two that have the same path are named.
pub(in crate::config) const ENDPOINTS: &[Endpoint] = &[
    Endpoint::Login,
    Endpoint::Callback,
    Endpoint::Logout,
    Endpoint::Profile,
    Endpoint::AccessToken,
    Endpoint::BackchannelLogout,
];

impl AuthBuilder {
    /// The path to which the provider sends the browser back, below the [base path](AuthBuilder::base_path),
    /// `/auth/callback` by default. With the base URL before it, it is the redirect URI that the provider has to know.
    pub fn callback_path(self, path: impl Into<String>) -> Self {
        self.path(Endpoint::Callback, path)
    }

    /// The path of the sign-out below the [base path](AuthBuilder::base_path), `/auth/logout` by default.
    pub fn logout_path(self, path: impl Into<String>) -> Self {
        self.path(Endpoint::Logout, path)
    }

    /// The path below the [base path](AuthBuilder::base_path) that tells a page who is signed in, `/auth/profile` by
    /// default (`NEXT_PUBLIC_PROFILE_ROUTE`).
    pub fn profile_path(self, path: impl Into<String>) -> Self {
        self.path(Endpoint::Profile, path)
    }

    /// The path below the [base path](AuthBuilder::base_path) that gives a page an access token,
    /// `/auth/access-token` by default (`NEXT_PUBLIC_ACCESS_TOKEN_ROUTE`). It is there only when it is
    /// [switched on](AuthBuilder::access_token_endpoint).
    pub fn access_token_path(self, path: impl Into<String>) -> Self {
        self.path(Endpoint::AccessToken, path)
    }

    /// The path below the [base path](AuthBuilder::base_path) at which the provider ends sessions,
    /// `/auth/backchannel-logout` by default. It is there only when it is
    /// [switched on](AuthBuilder::backchannel_logout).
    pub fn backchannel_logout_path(self, path: impl Into<String>) -> Self {
        self.path(Endpoint::BackchannelLogout, path)
    }

    /// Sets whether there is an endpoint that gives pages of this application an access token. Off by default: a
    /// script that somebody smuggles into a page gets what the page gets, so tokens are better kept on the server.
    ///
    /// `GET /auth/access-token` takes `audience`, `scope` and `mergeScopes=false`, and answers
    /// `{"token":"...","scope":"...","expires_at":1,"expires_in":1,"token_type":"bearer"}` or
    /// `{"error":{"message":"...","code":"..."}}`, as the npm package's browser code reads them. When the provider asks for
    /// another factor (`mfa_required`), the body is flat and has no `mfa_token`: the user has to sign in again.
    pub fn access_token_endpoint(mut self, enabled: bool) -> Self {
        self.owner.switches.access_token_endpoint = enabled;
        self
    }

    /// Sets whether the provider may end sessions by itself (OpenID Connect Back-Channel Logout 1.0), such as when
    /// somebody signs out of another application or is blocked. Off by default. It needs a
    /// [`session_store`](AuthBuilder::session_store), and the provider has to know the endpoint's URL.
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

    /// Sets whether the profile endpoint answers somebody who is not signed in with 204 instead of 401, which
    /// browsers write into the console as an error. Off by default.
    pub fn no_content_profile(mut self, no_content: bool) -> Self {
        self.owner.switches.no_content_profile = no_content;
        self
    }
}
