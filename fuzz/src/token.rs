//! Tokens of the provider, signed with a key that the target holds, so that inputs reach the claims.

use auth_runtime::codec::object_members;
use auth_runtime::fuzzing::{self, Kind};
use aws_lc_rs::signature::{ED25519, KeyPair as _, UnparsedPublicKey};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

use crate::provider::{CLIENT_ID, ISSUER, KEY, KEYS, NONCE, signed};
use crate::reference::NOW;

const SUBJECT: &str = "auth0|ada";
const LEEWAY: i64 = 60;

/// An ID token, at the callback or after a refresh.
pub fn id_token(data: &[u8]) {
    let [choice, rest @ ..] = data else { return };
    let kind = match choice % 4 {
        0 => Kind::SignIn { nonce: NONCE, max_age: None },
        1 => Kind::SignIn { nonce: NONCE, max_age: Some(300) },
        _ => Kind::Refresh { subject: SUBJECT },
    };
    judge(rest, kind, choice & 4 != 0, |header, claims| {
        assert!(matches!(lower(&header["typ"]).as_deref(), None | Some("jwt")));
        assert!(claims.get("events").is_none());
        check_times(claims, 3_600);
        match kind {
            Kind::SignIn { max_age, .. } => {
                assert_eq!(claims["nonce"], NONCE);
                let oldest = max_age.map(|age| NOW - LEEWAY - i64::try_from(age).expect("short"));
                assert!(oldest.is_none_or(|oldest| claims["auth_time"].as_i64() >= Some(oldest)));
            }
            _ => assert_eq!(claims["sub"], SUBJECT),
        }
        let sub = claims["sub"].as_str().expect("it has a subject");
        assert!((1..=255).contains(&sub.len()) && sub.bytes().all(|byte| matches!(byte, b' '..=b'~')));
        assert!(claims.get("azp").is_none_or(|azp| azp == CLIENT_ID));
        assert!(claims["aud"].as_array().is_none_or(|all| all.len() < 2 || claims.get("azp").is_some()));
    });
}

/// A logout token.
pub fn logout_token(data: &[u8]) {
    let [choice, rest @ ..] = data else { return };
    let allow_untyped = choice % 2 == 1;
    judge(rest, Kind::Logout { allow_untyped }, choice & 4 != 0, |header, claims| {
        let name = lower(&header["typ"]);
        assert!(
            name.as_deref() == Some("logout+jwt")
                || allow_untyped && matches!(name.as_deref(), None | Some("jwt"))
        );
        check_times(claims, 300);
        assert!(claims.get("nonce").is_none());
        assert!(claims["events"]["http://schemas.openid.net/event/backchannel-logout"].is_object());
        assert!(claims["sub"].is_string() || claims["sid"].is_string());
        assert!(claims["jti"].as_str().is_some_and(|jti| !jti.is_empty() && jti.len() <= 255));
    });
}

/// `header NUL claims`, signed; or without NUL the claims alone, under a usual header. `is_raw`: the token as it stands.
fn judge(data: &[u8], kind: Kind<'_>, is_raw: bool, check: impl FnOnce(&Value, &Value)) {
    let token = if is_raw {
        let Ok(text) = std::str::from_utf8(data) else { return };
        text.to_owned()
    } else {
        let usual: &[u8] = match kind {
            Kind::Logout { .. } => br#"{"alg":"EdDSA","typ":"logout+jwt"}"#,
            _ => br#"{"alg":"EdDSA","typ":"JWT"}"#,
        };
        let (header, claims) = match data.iter().position(|byte| *byte == 0) {
            Some(end) => (&data[..end], &data[end + 1..]),
            None => (usual, data),
        };
        signed(header, claims)
    };
    let Some(accepted) = fuzzing::token(&token, kind, &KEYS, NOW) else { return };

    let parts: Vec<_> = token.split('.').collect();
    let [header, claims, signature] = parts.as_slice() else { panic!("a token has three parts") };
    let decoded = |part: &str| URL_SAFE_NO_PAD.decode(part).expect("it is base64url");
    let message = token.rsplit_once('.').expect("it has parts").0.as_bytes();
    let key = UnparsedPublicKey::new(&ED25519, KEY.public_key().as_ref());
    assert!(key.verify(message, &decoded(signature)).is_ok(), "it is not authentic");

    let header: Value = serde_json::from_slice(&decoded(header)).expect("it is JSON");
    assert_eq!(header["alg"], "EdDSA");
    assert!(header.get("crit").is_none() && header.get("cty").is_none());
    let text = String::from_utf8(decoded(claims)).expect("it is text");
    // A number beyond what this parser reads is the one thing that it refuses.
    let Ok(claims) = serde_json::from_str::<Value>(&text) else { return };
    let members = object_members(&text).expect("it is an object");
    assert_eq!(claims.as_object().map(serde_json::Map::len), Some(members.len()), "a claim is there twice");
    assert_eq!(claims["iss"], ISSUER);
    match &claims["aud"] {
        Value::Array(all) => assert!(!all.is_empty() && all.iter().all(|one| one == CLIENT_ID)),
        one => assert_eq!(one, CLIENT_ID),
    }
    let accepted: Value = serde_json::from_str(&accepted).expect("claims are JSON");
    for name in ["iss", "sub", "sid", "jti"] {
        assert_eq!(accepted.get(name).filter(|value| !value.is_null()), claims.get(name), "{name}");
    }
    check(&header, &claims);
}

fn check_times(claims: &Value, max_age: i64) {
    let time = |name: &str| claims[name].as_i64();
    assert!(time("exp").is_some_and(|exp| exp > NOW - LEEWAY));
    assert!(time("iat").is_some_and(|iat| iat <= NOW + LEEWAY && iat >= NOW - max_age));
    assert!(claims.get("nbf").is_none_or(|nbf| nbf.as_i64().is_some_and(|nbf| nbf <= NOW + LEEWAY)));
}

fn lower(value: &Value) -> Option<String> {
    let name = value.as_str()?.to_ascii_lowercase();
    Some(name.strip_prefix("application/").unwrap_or(&name).to_owned())
}
