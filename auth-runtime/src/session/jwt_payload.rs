//! The claims of a JWT in a session.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use zeroize::Zeroizing;

use crate::json;

/// The payload of a JWT (RFC 7519 §3), read without a look at its signature.
///
/// The session is encrypted and authenticated, so only a service that holds the secret can have put the token there.
/// The sign-in has verified an ID token already; a check of its signature here would repeat that, and would fail as
/// soon as the provider has replaced its keys. An access token came from the provider over TLS and is made for APIs to
/// verify: this service never checks its signature, `aud` or `exp`, so `ClaimSources` says whether its claims count.
pub(crate) enum JwtPayload {
    /// There is no token, or it cannot be looked into because it is opaque or encrypted.
    Absent,
    /// The claims: a JSON object, which [`json::member`] looks into.
    Claims(Zeroizing<String>),
    /// The token has the form of a signed JWT, but its payload is no JSON object or is too large.
    Unreadable,
}

impl JwtPayload {
    /// Reads the second of the three parts of a JWS in compact serialization (RFC 7515 §3.1).
    pub(crate) fn read(token: Option<&str>) -> Self {
        let mut parts = token.unwrap_or_default().split('.');
        let (Some(_), Some(payload), Some(_), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Self::Absent;
        };
        claims(payload).map_or(Self::Unreadable, Self::Claims)
    }
}

fn claims(payload: &str) -> Option<Zeroizing<String>> {
    if payload.len() > MAX_PAYLOAD_CHARS {
        return None;
    }
    let bytes = Zeroizing::new(URL_SAFE_NO_PAD.decode(payload).ok()?);
    let text = Zeroizing::new(std::str::from_utf8(&bytes).ok()?.to_owned());
    json::for_each_member(&text, |_, _| Ok(())).ok()?;
    Some(text)
}

/// The longest payload that is decoded, in characters: longer than a session's cookies can hold together.
const MAX_PAYLOAD_CHARS: usize = 128 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    fn jwt(payload: &[u8]) -> String {
        format!("e30.{}.c2ln", URL_SAFE_NO_PAD.encode(payload))
    }

    fn is_unreadable(token: &str) -> bool {
        matches!(JwtPayload::read(Some(token)), JwtPayload::Unreadable)
    }

    #[test]
    fn the_claims_are_the_second_part_as_it_was_written() {
        let JwtPayload::Claims(claims) = JwtPayload::read(Some(&jwt(br#"{"acr":"gold", "n":1.0}"#))) else {
            panic!("a JWT")
        };
        assert_eq!(claims.as_str(), r#"{"acr":"gold", "n":1.0}"#);
    }

    #[test]
    fn what_is_no_signed_jwt_says_nothing() {
        for token in ["", "opaque", "a.b", "a.b.c.d", "a.b.c.d.e"] {
            assert!(matches!(JwtPayload::read(Some(token)), JwtPayload::Absent), "{token:?}");
        }
        assert!(matches!(JwtPayload::read(None), JwtPayload::Absent));
    }

    #[test]
    fn a_payload_that_is_no_object_in_strict_base64url_is_unreadable() {
        for payload in [&b"[]"[..], b"null", b"\"acr\"", b"{", b"{}{}", b"", b"\xff", b"{\"a\":\"\xff\"}"] {
            assert!(is_unreadable(&jwt(payload)), "{payload:?}");
        }
        for token in ["e30.e30=.x", "e30. e30.x", "e30.e3+.x", "e30.e31.x", "..", "a.\u{e4}.c"] {
            assert!(is_unreadable(token), "{token}");
        }
    }

    #[test]
    fn the_size_of_a_payload_is_bounded() {
        let sized = |spaces: usize| jwt(format!("{{{}}}", " ".repeat(spaces)).as_bytes());
        assert!(!is_unreadable(&sized(90_000)));
        assert!(is_unreadable(&sized(100_000)));
    }
}
