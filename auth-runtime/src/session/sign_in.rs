//! The session that a sign-in begins.

use serde_json::Value;
use zeroize::Zeroizing;

use super::document::{DocumentError, SessionDocument};
use crate::json::{self, ObjectWriter};
use crate::time::Timestamp;

/// The verified results of a sign-in.
pub(crate) struct SignIn<'a> {
    /// The raw JSON of the ID token's claims.
    pub(crate) claims: &'a str,
    pub(crate) access_token: &'a str,
    pub(crate) id_token: &'a str,
    pub(crate) refresh_token: Option<&'a str>,
    /// The granted scope.
    pub(crate) scope: Option<&'a str>,
    pub(crate) requested_scope: &'a str,
    pub(crate) audience: Option<&'a str>,
    /// The end of the access token, in unix seconds.
    pub(crate) expires_at: Option<i64>,
    /// The provider's id of its session.
    pub(crate) sid: Option<&'a str>,
    /// The time at which the provider wants the session ended, in unix seconds.
    pub(crate) session_expiry: Option<i64>,
}

impl SignIn<'_> {
    /// Returns the session's JSON without `exp`, its members in the order of the wire.
    pub(crate) fn into_document(self, now: Timestamp) -> Result<SessionDocument, DocumentError> {
        let text = |text: &str| Value::from(text).to_string();
        let mut document = Zeroizing::new(String::new());
        let mut session = ObjectWriter::begin(&mut document);
        {
            let mut user = session.object("user");
            json::for_each_member(self.claims, |claim, value| {
                if USER_CLAIMS.iter().any(|kept| claim.is(kept)) {
                    user.copy(claim, value.get());
                }
                Ok(())
            })
            .map_err(|_| DocumentError::of("user"))?;
            user.end();
        }
        {
            let mut token_set = session.object("tokenSet");
            token_set.member("accessToken", Some(&text(self.access_token)));
            token_set.member("idToken", Some(&text(self.id_token)));
            token_set.member("scope", self.scope.map(text).as_deref());
            token_set.member("requestedScope", Some(&text(self.requested_scope)));
            token_set.member("audience", self.audience.map(text).as_deref());
            token_set.member("refreshToken", self.refresh_token.map(text).as_deref());
            token_set.member("expiresAt", self.expires_at.map(|seconds| seconds.to_string()).as_deref());
            token_set.end();
        }
        {
            let mut internal = session.object("internal");
            internal.member("sid", self.sid.map(text).as_deref());
            internal.member("createdAt", Some(&now.as_unix().to_string()));
            let ceiling = self.session_expiry.map(|seconds| seconds.to_string());
            internal.member("sessionExpiresAt", ceiling.as_deref());
            internal.end();
        }
        session.end();
        SessionDocument::parse_sensitive(&document)
    }
}

/// Returns the user with those of [`USER_CLAIMS`] that a new ID token has. All other claims of the user stay.
pub(crate) fn refreshed_user(user: &str, claims: &str) -> Result<Zeroizing<String>, DocumentError> {
    let mut refreshed = Zeroizing::new(user.to_owned());
    for name in USER_CLAIMS {
        if let Some(value) = json::member(claims, name) {
            refreshed = json::with_member(&refreshed, name, Some(value)).ok_or(DocumentError::of("user"))?;
        }
    }
    Ok(refreshed)
}

/// The claims of the ID token that become the session's user; the rest stays in the ID token.
const USER_CLAIMS: [&str; 11] = [
    "sub",
    "name",
    "nickname",
    "given_name",
    "family_name",
    "picture",
    "email",
    "email_verified",
    "org_id",
    "act",
    "urn:auth0:my_org_current_user_permissions",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_has_its_members_in_the_order_of_the_wire() {
        let sign_in = SignIn {
            claims: r#"{"iss":"i","sub":"u","name":"A \"B\"","internal":1,"exp":5}"#,
            access_token: "at",
            id_token: "it",
            refresh_token: Some("rt"),
            scope: Some("openid"),
            requested_scope: "openid profile",
            audience: None,
            expires_at: Some(9),
            sid: Some("s"),
            session_expiry: None,
        };
        let document = sign_in.into_document(Timestamp::from_unix(7)).unwrap();
        assert_eq!(
            document.as_str(),
            r#"{"user":{"sub":"u","name":"A \"B\""},"tokenSet":{"accessToken":"at","idToken":"it","scope":"openid","requestedScope":"openid profile","refreshToken":"rt","expiresAt":9},"internal":{"sid":"s","createdAt":7}}"#
        );
    }
}
