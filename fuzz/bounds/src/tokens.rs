//! Tokens that the provider signed, tokens that it did not sign, and its keys.

use auth_runtime::fuzzing::{self, Kind, ProviderKeys};
use aws_lc_rs::signature::Ed25519KeyPair;

use crate::call::Call;
use crate::containers::url64;
use crate::provider::{CLIENT_ID, ISSUER, KEY, KEYS, NONCE, jwk, signed};
use crate::reference::NOW;
use crate::shapes;

/// The longest tokens, in characters.
const MAX_ID_TOKEN: usize = 112_000;
const MAX_LOGOUT_TOKEN: usize = 16 * 1_024;
/// The longest part of a session's token that is looked into, in characters.
const MAX_PAYLOAD: usize = 128 * 1_024;
/// The largest key set, and the most keys.
const MAX_JWKS: usize = 256 * 1_024;
const MAX_KEYS: u8 = 100;

const SIGN_IN: Kind<'_> = Kind::SignIn { nonce: NONCE, max_age: None };
const LOGOUT: Kind<'_> = Kind::Logout { allow_untyped: false };

/// An ID token at the callback, whose claims have this shape.
pub fn id_token(shape: &str) -> &'static Call {
    judged(shape, SIGN_IN, MAX_ID_TOKEN)
}

/// A logout token whose claims have this shape.
pub fn logout_token(shape: &str) -> &'static Call {
    judged(shape, LOGOUT, MAX_LOGOUT_TOKEN)
}

/// A logout token that names no key and that none of a hundred keys signed.
pub fn key_by_key(_: &str) -> &'static Call {
    let keys = (0..MAX_KEYS).map(|seed| {
        let key = Ed25519KeyPair::from_seed_unchecked(&[seed + 10; 32]).expect("32 bytes are a key");
        jwk(&key)
    });
    let set = format!(r#"{{"keys":[{}]}}"#, keys.collect::<Vec<_>>().join(","));
    let keys = ProviderKeys::parse(set.as_bytes()).expect("a key set");
    let token = token("members", LOGOUT, MAX_LOGOUT_TOKEN);
    Call::new(false, move || fuzzing::token(&token, LOGOUT, &keys, NOW).is_some())
}

/// A token of a session, whose claims have this shape.
pub fn claims(shape: &str) -> &'static Call {
    let (is_taken, chars) = match shape {
        "too_long" => (false, MAX_PAYLOAD + 4),
        _ => (true, MAX_PAYLOAD),
    };
    let shape = if is_taken { shape } else { "members" };
    let payload = url64(shapes::object(r#""a":0"#, shape, chars / 4 * 3).as_bytes());
    let token = format!("e30.{payload}.c2ln");
    Call::new(is_taken, move || fuzzing::has_claims(&token))
}

/// A key set of this shape.
pub fn key_set(shape: &str) -> &'static Call {
    let key = jwk(&KEY);
    let json = match shape {
        // As many entries as fit, none of them a key.
        "tiny_keys" => format!(r#"{{"keys":[0{}]}}"#, ",0".repeat((MAX_JWKS - 12) / 2)),
        // As many keys as are taken, each as large as fits. How long an RSA key may be, only the backend says when it verifies.
        "large_keys" => {
            let modulus = "A".repeat((MAX_JWKS / usize::from(MAX_KEYS) - 40) / 4 * 4);
            let key = format!(r#"{{"kty":"RSA","e":"AQAB","n":"{modulus}"}}"#);
            format!(r#"{{"keys":[{}]}}"#, vec![key; usize::from(MAX_KEYS)].join(","))
        }
        "members_of_a_key" => {
            let first = key.trim_matches(['{', '}']);
            format!(r#"{{"keys":[{}]}}"#, shapes::object(first, "members", MAX_JWKS - 12))
        }
        shape => shapes::object(&format!(r#""keys":[{key}]"#), shape, MAX_JWKS),
    };
    assert!(json.len() <= MAX_JWKS, "{} bytes", json.len());
    Call::new(shape != "tiny_keys", move || ProviderKeys::parse(json.as_bytes()).is_some())
}

fn judged(shape: &str, kind: Kind<'static>, chars: usize) -> &'static Call {
    let mut token = match shape {
        "too_long" => token("members", kind, chars + 2),
        "unsigned" => token("members", kind, chars),
        shape => token(shape, kind, chars),
    };
    if shape == "unsigned" {
        // Another signature of the right form.
        let signature = token.rfind('.').expect("it has three parts") + 1;
        let other = if token[signature..].starts_with('A') { "B" } else { "A" };
        token.replace_range(signature..=signature, other);
    }
    let is_taken = !matches!(shape, "too_long" | "unsigned" | "twice");
    Call::new(is_taken, move || fuzzing::token(&token, kind, &KEYS, NOW).is_some())
}

/// A signed token of just so many characters, or one less where base64 has no such length.
fn token(shape: &str, kind: Kind<'_>, chars: usize) -> String {
    let common = format!(r#""iss":"{ISSUER}","aud":"{CLIENT_ID}","sub":"a","iat":{NOW},"exp":{}"#, NOW + 60);
    let (header, first) = match kind {
        Kind::Logout { .. } => (
            r#"{"alg":"EdDSA","typ":"logout+jwt"}"#,
            format!(
                r#"{common},"jti":"j","events":{{"http://schemas.openid.net/event/backchannel-logout":{{}}}}"#
            ),
        ),
        _ => (r#"{"alg":"EdDSA","typ":"JWT"}"#, format!(r#"{common},"nonce":"{NONCE}""#)),
    };
    let envelope = signed(header.as_bytes(), b"").len();
    let claims = shapes::object(&first, shape, (chars - envelope) * 3 / 4);
    let token = signed(header.as_bytes(), claims.as_bytes());
    assert!(token.len().abs_diff(chars) <= 1, "{} characters", token.len());
    token
}
