//! The names of members that the application cannot set in a session.
//!
//! A service seals sessions, the cookies of sign-ins under way, tokens of federated connections and the ids of records
//! with the same secret, and may share its store with nextjs-auth0. A member of the application at the top of a session
//! must mean nothing to any reader of these, so the lists below name every member that a reader looks for there.

/// Returns whether the member belongs to the login: the application can neither set nor remove it.
pub(super) fn belongs_to_login(name: &str) -> bool {
    LOGIN.contains(&name)
}

/// Returns whether any reader gives the member a meaning. The application cannot set such a member, but it can remove a
/// member that an older version let it set, unless that belongs to the login.
pub(super) fn is_interpreted(name: &str) -> bool {
    belongs_to_login(name) || READ_ELSEWHERE.iter().any(|(_, names)| names.contains(&name))
}

/// The members that a session itself is made of: `outline.rs`, `connections.rs` and `merge.rs`.
const LOGIN: [&str; 7] =
    ["user", "tokenSet", "internal", "accessTokens", "connectionTokenSets", "exp", "nbf"];

/// The other readers, and the names that each of them looks for.
const READ_ELSEWHERE: [(&str, &[&str]); 9] = [
    ("a record of v3, by the readers of v3 and v4 of nextjs-auth0 and by `record.rs`", &["header", "data"]),
    (
        "a session of v3: `legacy.rs`",
        &[
            "idToken",
            "accessToken",
            "accessTokenScope",
            "accessTokenExpiresAt",
            "refreshToken",
            "token_type",
            "iat",
            "uat",
        ],
    ),
    (
        "registered claims (RFC 7519 §4.1), by the library that opens cookies for nextjs-auth0",
        &["iss", "sub", "aud", "exp", "nbf", "iat", "jti"],
    ),
    ("the cookie that names a record: `store_id.rs`, nextjs-auth0", &["id"]),
    (
        "the cookie of a sign-in under way: `routes/transaction.rs`, nextjs-auth0",
        &[
            "nonce",
            "maxAge",
            "codeVerifier",
            "responseType",
            "state",
            "returnTo",
            "scope",
            "audience",
            "challengeMode",
            "originDomain",
            "originIssuer",
            "organization",
            "authSession",
        ],
    ),
    (
        "tokens, alone in a cookie or as an element of a list: `connections.rs`, `token_set.rs`, nextjs-auth0",
        &["accessToken", "expiresAt", "scope", "requestedScope", "audience", "connection", "loginHint"],
    ),
    ("the MFA token of nextjs-auth0", &["mfaToken", "mfaRequirements", "createdAt"]),
    (
        "members of `internal`, and what a record is found by: `store/record.rs`, `store/redis/record.rs`",
        &["sid", "createdAt", "sessionExpiresAt", "mcd", "sealed"],
    ),
    // Where such an object is copied member by member, these names can reach an object's prototype.
    ("JavaScript, by which nextjs-auth0 handles all of these", &["__proto__", "constructor", "prototype"]),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::{SessionChangeError, SessionDocument, SessionDraft};

    const SESSION: &str = r#"{"user":{"sub":"u"},"tokenSet":{},"internal":{"createdAt":1},"NAME":7}"#;

    fn names() -> impl Iterator<Item = &'static str> {
        let elsewhere = READ_ELSEWHERE.iter().flat_map(|(_, names)| names.iter().copied());
        LOGIN.into_iter().chain(elsewhere)
    }

    #[test]
    fn nothing_that_a_reader_interprets_can_be_set() {
        for name in names() {
            let text = SESSION.replace(",\"NAME\":7", "");
            let mut draft = SessionDraft::new(SessionDocument::parse(text.clone()).unwrap(), None);
            assert_eq!(draft.set(name, &1), Err(SessionChangeError::Protected), "{name}");
            assert_eq!(draft.into_document().as_str(), text, "{name}");
        }
    }

    #[test]
    fn what_an_older_version_let_the_application_set_is_read_and_can_be_removed() {
        for name in names().filter(|name| !belongs_to_login(name)) {
            let mut draft =
                SessionDraft::new(SessionDocument::parse(SESSION.replace("NAME", name)).unwrap(), None);
            assert_eq!(draft.get::<u8>(name).unwrap(), Some(7), "{name}");
            draft.remove(name).unwrap();
            assert_eq!(draft.into_document().as_str(), SESSION.replace(",\"NAME\":7", ""), "{name}");
        }
    }
}
