//! Where in a session each datum is taken from that requirements speak about.

use std::borrow::Cow;

/// A part of the session that holds claims.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ClaimSource {
    /// The payload of the sign-in's access token, when that is a JWT (RFC 9068).
    AccessToken,
    /// The payload of the sign-in's ID token (OpenID Connect Core 1.0 §2).
    IdToken,
    /// The user's claims as the session keeps them: what [`User`](crate::User) gives.
    SessionUser,
    /// The session's own record of its tokens. It has a `scope`, which is what the provider said it had granted
    /// (RFC 6749 §5.1), and no claims about the user.
    TokenSet,
}

/// Under which name, and from which parts of the session in which order, each datum is taken that requirements
/// speak about. The first part that has the claim at all decides, whatever it says: a claim of another form than
/// expected meets nothing, and no later part is asked.
///
/// | datum | claim | sources by default |
/// |---|---|---|
/// | `scopes(..)` | `scope`, one text with U+0020 between scopes | token set |
/// | `permissions(..)` | `permissions`, an array of strings | session user, ID token, access token |
/// | `roles(..)` | `roles`, an array of strings | session user, ID token, access token |
/// | `acr(..)`, `amr(..)`, `max_age` | `acr`, `amr`, `auth_time` (OpenID Connect Core 1.0 §2) | ID token, session user |
///
/// Two are not configured here: `claim(..)` asks the session user, then the ID token, under the name that is
/// written; and `org` asks them for `org_id`.
///
/// A token that is no signed JWT (an opaque one, an encrypted one) has no claims, so the next source is asked. One
/// that looks like a signed JWT but cannot be read may have said anything: it decides, and meets nothing.
///
/// Tokens are not verified again: the ID token was at the sign-in, and the access token is made for others to verify.
/// In particular nobody looks at the `aud` and `exp` of an access token: one that is meant for another API, or that has expired since, still says what it says. Take rights
/// from it only where that is right.
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
    /// Where `acr`, `amr` and `auth_time` are taken from; their names are fixed.
    pub fn with_authentication(mut self, sources: impl IntoIterator<Item = ClaimSource>) -> Self {
        self.authentication = sources.into_iter().collect();
        self
    }

    /// Where permissions are taken from: an array of strings.
    pub fn with_permissions(
        mut self,
        claim: impl Into<String>,
        sources: impl IntoIterator<Item = ClaimSource>,
    ) -> Self {
        self.permissions = Lookup::new(claim, sources);
        self
    }

    /// Where roles are taken from: an array of strings.
    pub fn with_roles(
        mut self,
        claim: impl Into<String>,
        sources: impl IntoIterator<Item = ClaimSource>,
    ) -> Self {
        self.roles = Lookup::new(claim, sources);
        self
    }

    /// Where scopes are taken from: one text with a space between scopes (RFC 6749 §3.3).
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

    /// The data that are taken under an empty name.
    pub(crate) fn nameless(&self) -> impl Iterator<Item = &'static str> {
        let lookups = self.lookups().into_iter();
        lookups.filter(|(_, lookup)| lookup.claim.is_empty()).map(|(datum, _)| datum)
    }

    /// The data that are taken from nowhere.
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
