//! The provider's endpoints.

/// An endpoint of the provider, for a test that counts its requests or lets it fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Endpoint {
    /// The page on which a user signs in (RFC 6749 section 3.1).
    Authorization,
    /// The key set (RFC 7517).
    Keys,
    /// The page on which a user signs out (`OpenID` Connect RP-Initiated Logout 1.0).
    Logout,
    /// The metadata (`OpenID` Connect Discovery 1.0).
    Metadata,
    /// The endpoint that takes pushed authorization requests (RFC 9126).
    PushedRequest,
    /// The revocation endpoint (RFC 7009).
    Revocation,
    /// The token endpoint (RFC 6749 section 3.2).
    Token,
    /// The userinfo endpoint (`OpenID` Connect Core 1.0 section 5.3).
    UserInfo,
}

impl Endpoint {
    const ALL: [Self; 8] = [
        Self::Authorization,
        Self::Keys,
        Self::Logout,
        Self::Metadata,
        Self::PushedRequest,
        Self::Revocation,
        Self::Token,
        Self::UserInfo,
    ];

    /// Returns the path at this provider.
    pub fn path(self) -> &'static str {
        match self {
            Self::Authorization => "/authorize",
            Self::Keys => "/.well-known/jwks.json",
            Self::Logout => "/oidc/logout",
            Self::Metadata => "/.well-known/openid-configuration",
            Self::PushedRequest => "/oauth/par",
            Self::Revocation => "/oauth/revoke",
            Self::Token => "/oauth/token",
            Self::UserInfo => "/userinfo",
        }
    }

    /// Returns the endpoint at this path.
    pub(super) fn at(path: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|endpoint| endpoint.path() == path)
    }
}
