//! The sample users of the provider.

use std::fmt;

use serde_json::{Map, Value};

/// A user to sign in as.
///
/// ```
/// use auth_runtime::testing::provider::SampleUser;
///
/// let user = SampleUser::new("Ada Lovelace", "ada@example.com").claim("org_id", "org_1");
/// assert_eq!(user.sub(), "sample|ada");
/// assert_eq!(user.email(), "ada@example.com");
/// ```
#[derive(Clone)]
pub struct SampleUser {
    sub: String,
    name: String,
    email: String,
    /// The claims of the scope `profile`, beside the name.
    profile: Map<String, Value>,
    /// The claims of every scope.
    claims: Map<String, Value>,
}

impl SampleUser {
    /// Returns a user. The nickname and the `sub` come from the e-mail address, the first and last name from the name.
    pub fn new(name: impl Into<String>, email: impl Into<String>) -> Self {
        let (name, email) = (name.into(), email.into());
        let nickname = email.split('@').next().unwrap_or_default().to_owned();
        let sub = format!("sample|{nickname}");
        let mut profile = Map::new();
        profile.insert("nickname".to_owned(), nickname.into());
        if let Some((given, family)) = name.rsplit_once(' ') {
            profile.insert("given_name".to_owned(), given.into());
            profile.insert("family_name".to_owned(), family.into());
        }
        Self { sub, name, email, profile, claims: Map::new() }
    }

    /// Sets the `sub`, in the place of the one from the e-mail address.
    #[must_use]
    pub fn subject(mut self, sub: impl Into<String>) -> Self {
        self.sub = sub.into();
        self
    }

    /// Sets the URL of a picture. There is none by default, so that a page fetches nothing from other hosts.
    #[must_use]
    pub fn picture(mut self, url: impl Into<String>) -> Self {
        self.profile.insert("picture".to_owned(), Value::String(url.into()));
        self
    }

    /// Adds a claim to every scope, in the place of a claim of the same name. It replaces neither `sub` nor, in an ID
    /// token, the claims of the protocol (`iss`, `exp`, …).
    #[must_use]
    pub fn claim(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.claims.insert(name.into(), value.into());
        self
    }

    /// Returns the identifier: the claim `sub`.
    pub fn sub(&self) -> &str {
        &self.sub
    }

    /// Returns the full name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the e-mail address.
    pub fn email(&self) -> &str {
        &self.email
    }

    /// Returns the claims that come with the scope (`OpenID` Connect Core 1.0 section 5.4).
    pub(super) fn claims_for(&self, scope: &str) -> Map<String, Value> {
        let has = |wanted: &str| scope.split(' ').any(|token| token == wanted);
        let mut claims = Map::new();
        if has("profile") {
            claims.insert("name".to_owned(), self.name.as_str().into());
            claims.extend(self.profile.clone());
        }
        if has("email") {
            claims.insert("email".to_owned(), self.email.as_str().into());
            claims.insert("email_verified".to_owned(), true.into());
        }
        claims.extend(self.claims.clone());
        claims.insert("sub".to_owned(), self.sub.as_str().into());
        claims
    }
}

impl fmt::Debug for SampleUser {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SampleUser").field("sub", &self.sub).finish_non_exhaustive()
    }
}

pub(super) fn samples() -> Vec<SampleUser> {
    vec![
        SampleUser::new("Ada Lovelace", "ada@example.com"),
        SampleUser::new("Grace Hopper", "grace@example.com"),
        SampleUser::new("Alan Turing", "alan@example.com"),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn claims_follow_the_scope() {
        let user =
            SampleUser::new("Ada Lovelace", "ada@example.com").claim("role", "admin").claim("sub", "evil");
        let claims = user.claims_for("openid");
        assert_eq!(claims.len(), 2);
        assert_eq!(claims["sub"], "sample|ada");
        assert_eq!(claims["role"], "admin");
        let claims = user.claims_for("openid profile email");
        assert_eq!(claims["given_name"], "Ada");
        assert_eq!(claims["family_name"], "Lovelace");
        assert_eq!(claims["email_verified"], true);
    }
}
