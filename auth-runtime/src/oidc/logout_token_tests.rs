use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::*;
use crate::oidc::signing_key::SigningKey;

const NOW: i64 = 1_700_000_000;

static KEY: LazyLock<SigningKey> = LazyLock::new(SigningKey::generate_for_tests);
static OTHER_KEY: LazyLock<SigningKey> = LazyLock::new(SigningKey::generate_for_tests);

fn keys() -> KeySet {
    let mut jwk = KEY.public_jwk();
    jwk["kid"] = json!("key-1");
    KeySet::parse(json!({ "keys": [jwk] }).to_string().as_bytes()).unwrap()
}

fn expected() -> Expected<'static> {
    Expected {
        issuer: "https://id.example.com/",
        client_id: "client",
        algorithms: &[SignatureAlgorithm::ES256],
        allow_untyped: false,
    }
}

fn header() -> Value {
    json!({"alg": "ES256", "typ": "logout+jwt", "kid": "key-1"})
}

fn claims() -> Value {
    json!({
        "iss": "https://id.example.com/",
        "aud": "client",
        "iat": NOW,
        "exp": NOW + 120,
        "jti": "token-1",
        "events": {LOGOUT_EVENT: {}},
        "sub": "auth0|1",
        "sid": "session-1",
    })
}

fn claims_with(name: &str, value: Value) -> Value {
    let mut claims = claims();
    claims[name] = value;
    claims
}

fn claims_without(names: &[&str]) -> Value {
    let mut claims = claims();
    for name in names {
        claims.as_object_mut().unwrap().remove(*name);
    }
    claims
}

fn judge(header: &Value, claims: &Value) -> Result<LogoutToken, LogoutTokenError> {
    validate(&KEY.sign_jwt(header, claims).unwrap(), &expected(), &keys(), NOW)
}

fn refusal(claims: &Value) -> LogoutTokenError {
    judge(&header(), claims).unwrap_err()
}

#[test]
fn a_good_token_is_accepted_and_read() {
    let found = judge(&header(), &claims()).unwrap();
    assert_eq!(found.iss, "https://id.example.com/");
    assert_eq!((found.sub.as_deref(), found.sid.as_deref()), (Some("auth0|1"), Some("session-1")));
    assert_eq!(found.jti(), "token-1");
    let printed = format!("{found:?}");
    assert!(!printed.contains("auth0") && !printed.contains("session-1"), "{printed}");
}

#[test]
fn bcl_04_what_is_not_signed_by_the_provider_is_refused() {
    let good = KEY.sign_jwt(&header(), &claims()).unwrap();
    let (message, _) = good.rsplit_once('.').unwrap();
    let refuse = |token: &str| validate(token, &expected(), &keys(), NOW).unwrap_err();
    for token in ["", "garbage", "a.b", message, &format!("{good}.x")] {
        assert_eq!(refuse(token), LogoutTokenError::Jwt(JwtError::Malformed), "{token}");
    }
    assert_eq!(refuse(&"a".repeat(MAX_TOKEN_BYTES + 1)), LogoutTokenError::Jwt(JwtError::TooLong));
    assert_eq!(refuse(&format!("{message}.")), LogoutTokenError::Jwt(JwtError::Signature));
    let forged = OTHER_KEY.sign_jwt(&header(), &claims()).unwrap();
    assert_eq!(refuse(&forged), LogoutTokenError::Jwt(JwtError::Signature));
    let unknown = json!({"alg": "ES256", "typ": "logout+jwt", "kid": "key-2"});
    assert_eq!(judge(&unknown, &claims()).unwrap_err(), LogoutTokenError::Jwt(JwtError::UnknownKey));
}

#[test]
fn bcl_04_and_s_bcl_2_the_algorithm_is_one_of_those_allowed() {
    for alg in ["none", "NONE", "", "HS256", "RS256", "EdDSA", "es256"] {
        let head = json!({"alg": alg, "typ": "logout+jwt", "kid": "key-1"});
        assert_eq!(judge(&head, &claims()).unwrap_err(), LogoutTokenError::Jwt(JwtError::Algorithm), "{alg}");
    }
    let body = URL_SAFE_NO_PAD.encode(claims().to_string());
    let head = URL_SAFE_NO_PAD.encode(json!({"alg": "none", "typ": "logout+jwt"}).to_string());
    let unsigned = validate(&format!("{head}.{body}."), &expected(), &keys(), NOW);
    assert_eq!(unsigned.unwrap_err(), LogoutTokenError::Jwt(JwtError::Algorithm));
}

#[test]
fn bcl_05_and_s_bcl_3_what_is_required_cannot_be_missing() {
    for name in ["iss", "aud", "iat", "exp", "jti", "events"] {
        assert_eq!(
            refusal(&claims_without(&[name])),
            LogoutTokenError::Jwt(JwtError::ClaimMissing(name)),
            "{name}"
        );
        let null = refusal(&claims_with(name, Value::Null));
        assert!(
            matches!(null, LogoutTokenError::Jwt(JwtError::ClaimType(_)) | LogoutTokenError::Events),
            "{name}: {null}"
        );
    }
}

#[test]
fn bcl_06_the_token_is_fresh() {
    let issued = |iat| judge(&header(), &claims_with("iat", json!(iat))).map(drop);
    assert_eq!(issued(NOW - MAX_AGE_SECONDS), Ok(()));
    assert_eq!(issued(NOW + LEEWAY_SECONDS), Ok(()));
    for iat in [NOW - MAX_AGE_SECONDS - 1, NOW - 31_536_000, 0, i64::MIN] {
        assert_eq!(issued(iat), Err(LogoutTokenError::Jwt(JwtError::IssuedTooLongAgo)), "{iat}");
    }
    for iat in [NOW + LEEWAY_SECONDS + 1, NOW + 31_536_000, i64::MAX] {
        assert_eq!(issued(iat), Err(LogoutTokenError::Jwt(JwtError::IssuedInFuture)), "{iat}");
    }
    for iat in [json!("1700000000"), json!(1.5), json!([NOW])] {
        assert_eq!(refusal(&claims_with("iat", iat)), LogoutTokenError::Jwt(JwtError::ClaimType("iat")));
    }
}

#[test]
fn bcl_07_the_token_is_ours_and_not_expired() {
    let expires = |exp| judge(&header(), &claims_with("exp", json!(exp))).map(drop);
    assert_eq!(expires(NOW - LEEWAY_SECONDS + 1), Ok(()));
    assert_eq!(expires(NOW - LEEWAY_SECONDS), Err(LogoutTokenError::Jwt(JwtError::Expired)));
    for aud in [json!("other"), json!(["client", "other"]), json!([]), json!("Client")] {
        assert_eq!(refusal(&claims_with("aud", aud)), LogoutTokenError::Jwt(JwtError::Audience));
    }
    judge(&header(), &claims_with("aud", json!(["client"]))).unwrap();
    for iss in ["https://other.example.com/", "https://id.example.com", "HTTPS://id.example.com/", ""] {
        assert_eq!(
            refusal(&claims_with("iss", json!(iss))),
            LogoutTokenError::Jwt(JwtError::Issuer),
            "{iss}"
        );
    }
}

#[test]
fn bcl_08_and_s_bcl_5_a_nonce_makes_it_another_token() {
    for nonce in [json!("n"), json!(""), Value::Null, json!(1)] {
        assert_eq!(refusal(&claims_with("nonce", nonce)), LogoutTokenError::Nonce);
    }
}

#[test]
fn bcl_09_and_s_bcl_5_it_says_whose_session_is_over() {
    for name in ["sub", "sid"] {
        judge(&header(), &claims_without(&[name])).unwrap();
    }
    assert_eq!(refusal(&claims_without(&["sub", "sid"])), LogoutTokenError::Subject);
    for name in ["sub", "sid", "jti"] {
        for value in ["", &"a".repeat(10_000), &"a".repeat(256), "a\nb", "ä"] {
            assert_eq!(refusal(&claims_with(name, json!(value))), LogoutTokenError::Identifier(name));
        }
        for value in [json!(1), Value::Null, json!(["a"]), json!({})] {
            assert_eq!(refusal(&claims_with(name, value)), LogoutTokenError::Jwt(JwtError::ClaimType(name)));
        }
        judge(&header(), &claims_with(name, json!("a".repeat(255)))).unwrap();
    }
}

#[test]
fn bcl_10_and_s_bcl_6_the_event_is_an_object() {
    for events in [
        json!({}),
        json!([LOGOUT_EVENT]),
        json!(LOGOUT_EVENT),
        json!({"http://schemas.openid.net/event/other": {}}),
        json!({"http://schemas.openid.net/event/backchannel-logout/": {}}),
        json!({LOGOUT_EVENT: null}),
        json!({LOGOUT_EVENT: []}),
        json!({LOGOUT_EVENT: "x"}),
        json!({LOGOUT_EVENT: true}),
    ] {
        assert_eq!(refusal(&claims_with("events", events.clone())), LogoutTokenError::Events, "{events}");
    }
    judge(&header(), &claims_with("events", json!({LOGOUT_EVENT: {"a": 1}, "other": 1}))).unwrap();
}

#[test]
fn bcl_11_and_s_bcl_4_the_type_is_that_of_a_logout_token() {
    let typed = |typ: Option<&str>, allow_untyped| {
        let mut head = header();
        match typ {
            Some(typ) => head["typ"] = json!(typ),
            None => drop(head.as_object_mut().unwrap().remove("typ")),
        }
        let token = KEY.sign_jwt(&head, &claims()).unwrap();
        validate(&token, &Expected { allow_untyped, ..expected() }, &keys(), NOW).map(drop)
    };
    for typ in ["logout+jwt", "Logout+JWT", "application/logout+jwt"] {
        assert_eq!(typed(Some(typ), false), Ok(()), "{typ}");
        assert_eq!(typed(Some(typ), true), Ok(()), "{typ}");
    }
    for typ in [None, Some("JWT"), Some("jwt")] {
        assert_eq!(typed(typ, false), Err(LogoutTokenError::Jwt(JwtError::Type)), "{typ:?}");
        assert_eq!(typed(typ, true), Ok(()), "{typ:?}");
    }
    for typ in ["at+jwt", "application/at+jwt", "dpop+jwt", "secevent+jwt", ""] {
        for allow_untyped in [false, true] {
            assert_eq!(typed(Some(typ), allow_untyped), Err(LogoutTokenError::Jwt(JwtError::Type)), "{typ}");
        }
    }
}

#[test]
fn bcl_11_and_s_8725_6_an_id_token_is_no_logout_token() {
    let id_token = json!({
        "iss": "https://id.example.com/", "sub": "auth0|1", "aud": "client",
        "exp": NOW + 3600, "iat": NOW, "nonce": "n", "sid": "session-1", "jti": "token-1",
    });
    let token = KEY.sign_jwt(&json!({"alg": "ES256", "typ": "JWT", "kid": "key-1"}), &id_token).unwrap();
    for (allow_untyped, error) in [
        (false, LogoutTokenError::Jwt(JwtError::Type)),
        (true, LogoutTokenError::Jwt(JwtError::ClaimMissing("events"))),
    ] {
        let found = validate(&token, &Expected { allow_untyped, ..expected() }, &keys(), NOW);
        assert_eq!(found.unwrap_err(), error);
    }
}

#[test]
fn s_bcl_7_a_token_is_remembered_for_as_long_as_it_could_be_used() {
    for (iat, exp) in [(NOW, NOW + 120), (NOW, NOW + 31_536_000), (NOW - 200, NOW + 10)] {
        let mut body = claims_with("iat", json!(iat));
        body["exp"] = json!(exp);
        let token = KEY.sign_jwt(&header(), &body).unwrap();
        let at = |now| validate(&token, &expected(), &keys(), now);
        let end = at(NOW).unwrap().too_old_at();
        assert!(at(end - 1).is_ok(), "{iat} {exp}");
        assert!(at(end).is_err(), "{iat} {exp}");
    }
}
