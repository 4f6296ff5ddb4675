//! The sources of claims: where in a session each datum is found that requirements refer to.

use std::borrow::Cow;

/// A part of the session that holds claims.
///
/// ```
/// use auth_runtime::policy::{ClaimSource, ClaimSources};
///
/// // An API whose access tokens are JWTs with the permissions of the user.
/// let sources = ClaimSources::default().with_permissions("permissions", [ClaimSource::AccessToken]);
/// # let _ = sources;
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ClaimSource {
    /// The payload of the sign-in's access token, when that is a JWT (RFC 9068).
    AccessToken,
    /// The payload of the sign-in's ID token (OpenID Connect Core 1.0 §2).
    IdToken,
    /// The user's claims as the session keeps them, which [`User`](crate::User) shows.
    SessionUser,
    /// The session's own record of its tokens. It has no claims about the user. It has a `scope`: the scope that the
    /// provider said it had granted (RFC 6749 §5.1).
    TokenSet,
}

/// The name of the claim and the parts of the session, in order, for each datum that requirements refer to. The first
/// part that has the claim decides, whatever it says: a claim of another form than expected meets no requirement, and
/// no later part is asked.
///
/// | datum | claim | sources by default |
/// |---|---|---|
/// | `scopes(..)` | `scope`, one text with U+0020 between scopes | token set |
/// | `permissions(..)` | `permissions`, an array of strings | session user, ID token, access token |
/// | `roles(..)` | `roles`, an array of strings | session user, ID token, access token |
/// | `acr(..)`, `amr(..)`, `max_age` | `acr`, `amr`, `auth_time` (OpenID Connect Core 1.0 §2) | ID token, session user |
///
/// Two requirements are not configured here: `claim(..)` looks in the session user, then in the ID token, for the claim
/// that it names; `org` looks for `org_id` in the same places.
///
/// A token that is not a signed JWT (an opaque or an encrypted one) has no claims, so the next source is asked. A token
/// that has the form of a signed JWT but cannot be read decides and meets no requirement, since its claims are unknown.
///
/// Tokens are not verified again. The ID token was verified at the sign-in, and the access token is meant for an API to
/// verify. The `aud` and `exp` of an access token are not checked either: the claims of one that is for another API, or
/// that has expired, still count. Take rights from the access token only where that is right.
///
/// ```
/// use auth_runtime::Auth;
/// use auth_runtime::policy::{ClaimSource, ClaimSources};
///
/// # let secret = auth_runtime::__private::random_secret();
/// let sources = ClaimSources::default()
///     .with_roles("https://example.com/roles", [ClaimSource::IdToken])
///     .with_permissions("permissions", [ClaimSource::AccessToken]);
/// let auth = Auth::builder().secret(secret).claim_sources(sources).build()?;
/// # Ok::<(), auth_runtime::ConfigError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub struct ClaimSources {
    pub(super) authentication: Vec<ClaimSource>,
    pub(super) permissions: Lookup,
    pub(super) roles: Lookup,
    pub(super) scopes: Lookup,
}

/// A claim's name and the parts of the session to look for it, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Lookup {
    pub(super) claim: Cow<'static, str>,
    pub(super) sources: Vec<ClaimSource>,
}

impl Default for ClaimSources {
    fn default() -> Self {
        let lookup = |claim, sources: &[_]| Lookup { claim: Cow::Borrowed(claim), sources: sources.to_vec() };
        let rights = [ClaimSource::SessionUser, ClaimSource::IdToken, ClaimSource::AccessToken];
        Self {
            authentication: vec![ClaimSource::IdToken, ClaimSource::SessionUser],
            permissions: lookup("permissions", &rights),
            roles: lookup("roles", &rights),
            scopes: lookup("scope", &[ClaimSource::TokenSet]),
        }
    }
}

impl ClaimSources {
    /// Sets the sources of `acr`, `amr` and `auth_time`. The names of these claims are fixed.
    ///
    /// ```
    /// use auth_runtime::policy::{ClaimSource, ClaimSources};
    ///
    /// let sources = ClaimSources::default().with_authentication([ClaimSource::IdToken]);
    /// assert_ne!(sources, ClaimSources::default());
    /// ```
    pub fn with_authentication(mut self, sources: impl IntoIterator<Item = ClaimSource>) -> Self {
        self.authentication = sources.into_iter().collect();
        self
    }

    /// Sets the claim that holds the permissions, an array of strings, and its sources.
    pub fn with_permissions(
        mut self,
        claim: impl Into<String>,
        sources: impl IntoIterator<Item = ClaimSource>,
    ) -> Self {
        self.permissions = Lookup::new(claim, sources);
        self
    }

    /// Sets the claim that holds the roles, an array of strings, and its sources.
    pub fn with_roles(
        mut self,
        claim: impl Into<String>,
        sources: impl IntoIterator<Item = ClaimSource>,
    ) -> Self {
        self.roles = Lookup::new(claim, sources);
        self
    }

    /// Sets the claim that holds the scopes, one text with a space between scopes (RFC 6749 §3.3), and its sources.
    ///
    /// ```
    /// use auth_runtime::policy::{ClaimSource, ClaimSources};
    ///
    /// let sources = ClaimSources::default().with_scopes("scope", [ClaimSource::AccessToken]);
    /// assert_ne!(sources, ClaimSources::default());
    /// ```
    pub fn with_scopes(
        mut self,
        claim: impl Into<String>,
        sources: impl IntoIterator<Item = ClaimSource>,
    ) -> Self {
        self.scopes = Lookup::new(claim, sources);
        self
    }

    pub(crate) fn rename_permissions(&mut self, claim: String) {
        self.permissions.claim = Cow::Owned(claim);
    }

    pub(crate) fn rename_roles(&mut self, claim: String) {
        self.roles.claim = Cow::Owned(claim);
    }

    /// Returns the data whose claim has an empty name.
    pub(crate) fn nameless(&self) -> impl Iterator<Item = &'static str> {
        let lookups = self.lookups().into_iter();
        lookups.filter(|(_, lookup)| lookup.claim.is_empty()).map(|(datum, _)| datum)
    }

    /// Returns the data that have no source.
    pub(crate) fn sourceless(&self) -> impl Iterator<Item = &'static str> {
        let authentication = self.authentication.is_empty().then_some("authentication");
        let lookups = self.lookups().into_iter();
        let rights = lookups.filter(|(_, lookup)| lookup.sources.is_empty()).map(|(datum, _)| datum);
        authentication.into_iter().chain(rights)
    }

    fn lookups(&self) -> [(&'static str, &Lookup); 3] {
        [("permissions", &self.permissions), ("roles", &self.roles), ("scopes", &self.scopes)]
    }
}

impl Lookup {
    fn new(claim: impl Into<String>, sources: impl IntoIterator<Item = ClaimSource>) -> Self {
        Self { claim: Cow::Owned(claim.into()), sources: sources.into_iter().collect() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_datum_without_a_name_or_a_source_is_found() {
        let fine = ClaimSources::default();
        assert_eq!((fine.nameless().count(), fine.sourceless().count()), (0, 0));
        let bad = ClaimSources::default().with_authentication([]).with_roles("", []).with_scopes("scp", []);
        assert_eq!(bad.nameless().collect::<Vec<_>>(), ["roles"]);
        assert_eq!(bad.sourceless().collect::<Vec<_>>(), ["authentication", "roles", "scopes"]);
    }
}
