//! Sessions of nextjs-auth0 v3, translated into the session JSON of today.
//!
//! ```text
//! header  {"alg":"dir","enc":"A256GCM","uat":…,"iat":…,"exp":…}
//! payload {"user":{…},"idToken":…,"accessToken":…,"accessTokenScope":…,"accessTokenExpiresAt":…,"refreshToken":…}
//!   ->    {"user":{…},"tokenSet":{"idToken":…,"accessToken":…,"scope":…,"refreshToken":…,"expiresAt":…},
//!          "internal":{"sid":user.sid,"createdAt":iat}}
//! ```

use zeroize::Zeroizing;

use super::document::{DocumentError, SessionDocument};
use super::lifetime::{Lifetime, check_exp};
use super::reason::Reason;
use crate::crypto::ProtectedHeader;
use crate::json::{self, ObjectWriter};
use crate::time::Timestamp;

/// Translates the payload of a v3 session that was created at `created_at`.
pub(super) fn translate(payload: &str, created_at: Timestamp) -> Result<SessionDocument, DocumentError> {
    let user = json::member(payload, "user");
    let mut text = Zeroizing::new(String::with_capacity(payload.len().saturating_add(128)));
    let mut object = ObjectWriter::begin(&mut text);
    object.member("user", user);
    {
        let mut token_set = object.object("tokenSet");
        for (today, then) in TOKEN_MEMBERS {
            token_set.member(today, json::member(payload, then).filter(|raw| !json::is_null(raw)));
        }
        token_set.end();
    }
    {
        let mut internal = object.object("internal");
        internal.member("sid", user.and_then(|user| json::member(user, "sid")));
        internal.member("createdAt", Some(&created_at.as_unix().to_string()));
        internal.end();
    }
    object.end();
    SessionDocument::parse_sensitive(&text)
}

/// Enforces the times of a v3 header, as v3 itself did. `lifetime` is that of a service that owns its sessions.
pub(super) fn check_times(
    header: &ProtectedHeader,
    lifetime: Option<&Lifetime>,
    now: Timestamp,
) -> Result<LegacyTimes, Reason> {
    let created_at = header.iat.and_then(Timestamp::from_json_number).ok_or(Reason::WrongShape)?;
    let exp = header.exp.ok_or(Reason::WrongShape)?;
    check_exp(exp, now)?;
    // Only a service that owns its sessions knows how long they may be idle.
    if let Some(lifetime) = lifetime {
        let last_used = header.uat.and_then(Timestamp::from_json_number).ok_or(Reason::WrongShape)?;
        lifetime.check_idle(last_used, now)?;
    }
    let expires_at = Timestamp::from_json_number(exp).ok_or(Reason::WrongShape)?;
    Ok(LegacyTimes { created_at, expires_at })
}

/// The checked times of a v3 header: `iat` and `exp`.
pub(super) struct LegacyTimes {
    pub(super) created_at: Timestamp,
    pub(super) expires_at: Timestamp,
}

/// The members of a token set: today's name, and v3's name.
const TOKEN_MEMBERS: [(&str, &str); 5] = [
    ("idToken", "idToken"),
    ("accessToken", "accessToken"),
    ("scope", "accessTokenScope"),
    ("refreshToken", "refreshToken"),
    ("expiresAt", "accessTokenExpiresAt"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_v3_payload_becomes_a_session() {
        let payload = r#"{"user":{"sub":"u","sid":"s"},"accessToken":"a","accessTokenScope":"openid","accessTokenExpiresAt":7,"token_type":"Bearer","extra":1}"#;
        let document = translate(payload, Timestamp::from_unix(5)).unwrap();
        assert_eq!(
            document.as_str(),
            r#"{"user":{"sub":"u","sid":"s"},"tokenSet":{"accessToken":"a","scope":"openid","expiresAt":7},"internal":{"sid":"s","createdAt":5}}"#
        );
    }

    #[test]
    fn a_v3_payload_without_user_is_no_session() {
        assert_eq!(translate("{}", Timestamp::from_unix(5)).unwrap_err().member(), "user");
    }

    #[test]
    fn the_header_times_are_enforced() {
        let now = Timestamp::from_unix(1_000_000);
        let header = |iat, uat, exp| {
            let mut header = ProtectedHeader::default();
            (header.iat, header.uat, header.exp) = (Some(iat), Some(uat), exp);
            header
        };
        let lifetime = Lifetime::default();
        let check = |header: &ProtectedHeader, lifetime| check_times(header, lifetime, now).map(|_| ());
        assert_eq!(check(&header(1e6, 1e6, Some(1e6)), None), Ok(()));
        assert_eq!(check(&header(1e6, 1e6, Some(999_985.0)), None), Err(Reason::Expired));
        assert_eq!(check(&header(1e6, 1e6, None), None), Err(Reason::WrongShape));
        assert_eq!(check(&header(9e5, 9.136e5, Some(2e6)), Some(&lifetime)), Err(Reason::IdleTooLong));
        assert_eq!(check(&header(9e5, 9.137e5, Some(2e6)), Some(&lifetime)), Ok(()));
    }
}
