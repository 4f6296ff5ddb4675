use std::sync::LazyLock;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_SHA256, RSA_PKCS1_SHA512, RsaEncoding, RsaKeyPair};
use http::StatusCode;
use serde_json::{Value, json};
use sha2::{Digest, Sha256, Sha512};

use super::*;
use crate::oidc::jwks::process_jwks;
use crate::oidc::transport::Answer;

const NOW: i64 = 1_700_000_000;
const NONCE: &str = "pVgWfy1ZZ-8HgwGgkPAwxkD0HFVLbTCmaKBwjn0QZv4";
const ACCESS_TOKEN: &str = "the-access-token";

static KEY: LazyLock<RsaKeyPair> = LazyLock::new(|| RsaKeyPair::generate(KeySize::Rsa2048).unwrap());
static OTHER_KEY: LazyLock<RsaKeyPair> = LazyLock::new(|| RsaKeyPair::generate(KeySize::Rsa2048).unwrap());

fn jwk(key: &RsaKeyPair, kid: Option<&str>) -> Value {
    let part = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
    let public = key.public_key();
    let mut jwk = json!({
        "kty": "RSA",
        "use": "sig",
        "n": part(public.modulus().big_endian_without_leading_zero()),
        "e": part(public.exponent().big_endian_without_leading_zero()),
    });
    if let Some(kid) = kid {
        jwk["kid"] = json!(kid);
    }
    jwk
}

fn key_set(keys: &[Value]) -> KeySet {
    let body = json!({ "keys": keys }).to_string().into_bytes();
    process_jwks(&Answer {
        status: StatusCode::OK,
        media_type: "application/json".to_owned(),
        retry_after: None,
        body,
    })
    .unwrap()
}

fn signed_with(key: &RsaKeyPair, algorithm: &'static dyn RsaEncoding, header: &str, claims: &str) -> String {
    let message = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims));
    let mut signature = vec![0; key.public_modulus_len()];
    key.sign(algorithm, &SystemRandom::new(), message.as_bytes(), &mut signature).unwrap();
    format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
}

fn signed(header: &Value, claims: &str) -> String {
    signed_with(&KEY, &RSA_PKCS1_SHA256, &header.to_string(), claims)
}

fn header() -> Value {
    json!({"alg": "RS256", "typ": "JWT", "kid": "key-1"})
}

fn claims() -> Value {
    json!({
        "iss": "https://id.example.com/",
        "sub": "auth0|1",
        "aud": "client",
        "exp": NOW + 3600,
        "iat": NOW,
        "nonce": NONCE,
        "sid": "session-1",
    })
}

fn claims_with(name: &str, value: Value) -> Value {
    let mut claims = claims();
    claims[name] = value;
    claims
}

fn expected() -> Expected<'static> {
    Expected {
        issuer: "https://id.example.com/",
        client_id: "client",
        algorithms: DEFAULT_ALGORITHMS,
        access_token: ACCESS_TOKEN,
        occasion: Occasion::SignIn { nonce: NONCE, max_age: None },
    }
}

fn check(token: &str) -> Result<IdTokenClaims, IdTokenError> {
    validate(token, &expected(), &key_set(&[jwk(&KEY, Some("key-1"))]), NOW)
}

fn refusal(token: &str) -> IdTokenError {
    check(token).unwrap_err()
}

fn refusal_of(claims: &Value) -> IdTokenError {
    refusal(&signed(&header(), &claims.to_string()))
}

fn refusal_with(name: &str, value: Value) -> IdTokenError {
    refusal_of(&claims_with(name, value))
}

fn without(name: &str) -> Value {
    let mut claims = claims();
    claims.as_object_mut().unwrap().remove(name);
    claims
}

#[test]
fn a_good_token_is_accepted_and_read() {
    let found = check(&signed(&header(), &claims().to_string())).unwrap();
    assert_eq!(
        (found.iss(), found.sub(), found.sid()),
        ("https://id.example.com/", "auth0|1", Some("session-1"))
    );
    assert_eq!((found.exp(), found.iat(), found.auth_time()), (NOW + 3600, NOW, None));
    assert_eq!(found.nonce(), Some(NONCE));
    assert!(!format!("{found:?}").contains("auth0"));
}

#[test]
fn claims_stay_as_written() {
    let text = format!(
        "{{ \"iss\":\"https://id.example.com/\",\"sub\":\"a\",\"aud\":[\"client\"],\"exp\":{},\"iat\":{NOW},\"nonce\":\"{NONCE}\",\"big\":123456789012345678901234567890,\"tiny\":1e999,\"internal\":{{\"__proto__\":1}} }}",
        NOW + 10
    );
    assert_eq!(check(&signed(&header(), &text)).unwrap().raw().get(), text);
}

#[test]
fn idt_01_unsigned_tokens_are_refused() {
    for alg in ["none", "NONE", "nOnE", ""] {
        let head = json!({"alg": alg, "kid": "key-1"}).to_string();
        let body = claims().to_string();
        let unsigned = format!("{}.{}.", URL_SAFE_NO_PAD.encode(&head), URL_SAFE_NO_PAD.encode(&body));
        assert_eq!(refusal(&unsigned), IdTokenError::Jwt(JwtError::Algorithm), "{alg}");
        assert_eq!(
            refusal(&signed_with(&KEY, &RSA_PKCS1_SHA256, &head, &body)),
            IdTokenError::Jwt(JwtError::Algorithm)
        );
    }
    assert_eq!(
        refusal(&signed(&json!({"kid": "key-1"}), &claims().to_string())),
        IdTokenError::Jwt(JwtError::ClaimMissing("alg"))
    );
    assert_eq!(
        refusal(&signed(&json!({"alg": ["RS256"]}), &claims().to_string())),
        IdTokenError::Jwt(JwtError::ClaimType("alg"))
    );
}

#[test]
fn idt_03_s_idt_1_and_s_8725_1_an_algorithm_outside_the_allow_list_is_refused() {
    for alg in ["RS512", "PS256", "ES256", "HS256", "EdDSA", "rs256", "RS256 "] {
        let head = json!({"alg": alg, "kid": "key-1"}).to_string();
        let token = signed_with(&KEY, &RSA_PKCS1_SHA512, &head, &claims().to_string());
        assert_eq!(refusal(&token), IdTokenError::Jwt(JwtError::Algorithm), "{alg}");
    }
    // The public key as an HMAC secret: the classic confusion.
    let message = format!(
        "{}.{}",
        URL_SAFE_NO_PAD.encode("{\"alg\":\"HS256\",\"kid\":\"key-1\"}"),
        URL_SAFE_NO_PAD.encode(claims().to_string())
    );
    let public_key = jwk(&KEY, None)["n"].as_str().unwrap().to_owned();
    let secret = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, public_key.as_bytes());
    let tag = aws_lc_rs::hmac::sign(&secret, message.as_bytes());
    let token = format!("{message}.{}", URL_SAFE_NO_PAD.encode(tag));
    assert_eq!(refusal(&token), IdTokenError::Jwt(JwtError::Algorithm));
}

#[test]
fn idt_04_s_idt_1_and_s_8725_2_a_wrong_signature_is_refused() {
    let good = signed(&header(), &claims().to_string());
    let (message, signature) = good.rsplit_once('.').unwrap();
    assert_eq!(refusal(&format!("{message}.")), IdTokenError::Jwt(JwtError::Signature));
    let mut bytes = URL_SAFE_NO_PAD.decode(signature).unwrap();
    let truncated = URL_SAFE_NO_PAD.encode(&bytes[..255]);
    assert_eq!(refusal(&format!("{message}.{truncated}")), IdTokenError::Jwt(JwtError::Signature));
    bytes[7] ^= 1;
    assert_eq!(
        refusal(&format!("{message}.{}", URL_SAFE_NO_PAD.encode(bytes))),
        IdTokenError::Jwt(JwtError::Signature)
    );
    let other = signed_with(&OTHER_KEY, &RSA_PKCS1_SHA256, &header().to_string(), &claims().to_string());
    assert_eq!(refusal(&other), IdTokenError::Jwt(JwtError::Signature));
    let swapped = claims_with("sub", json!("admin")).to_string();
    let (head, _) = message.split_once('.').unwrap();
    assert_eq!(
        refusal(&format!("{head}.{}.{signature}", URL_SAFE_NO_PAD.encode(swapped))),
        IdTokenError::Jwt(JwtError::Signature)
    );
}

#[test]
fn idt_05_a_missing_kid_tries_the_keys_and_an_unknown_one_none() {
    let token = signed(&json!({"alg": "RS256"}), &claims().to_string());
    let (right, wrong) = (jwk(&KEY, Some("a")), jwk(&OTHER_KEY, Some("b")));
    for keys in [vec![right.clone()], vec![wrong.clone(), right.clone()], vec![jwk(&KEY, None)]] {
        validate(&token, &expected(), &key_set(&keys), NOW).unwrap();
    }
    assert_eq!(
        validate(&token, &expected(), &key_set(&[wrong]), NOW).unwrap_err(),
        IdTokenError::Jwt(JwtError::Signature)
    );
    for kid in ["other", "", "../../etc/passwd", "' OR 1", &"k".repeat(10_000)] {
        let token = signed(&json!({"alg": "RS256", "kid": kid}), &claims().to_string());
        assert_eq!(refusal(&token), IdTokenError::Jwt(JwtError::UnknownKey));
    }
    assert_eq!(
        refusal(&signed(&json!({"alg": "RS256", "kid": 1}), &claims().to_string())),
        IdTokenError::Jwt(JwtError::ClaimType("kid"))
    );
}

#[test]
fn jwk_03_of_keys_that_share_a_kid_both_are_tried() {
    let keys = key_set(&[jwk(&OTHER_KEY, Some("key-1")), jwk(&KEY, Some("key-1"))]);
    validate(&signed(&header(), &claims().to_string()), &expected(), &keys, NOW).unwrap();
}

#[test]
fn idt_06_and_s_8725_5_keys_in_the_header_are_not_used() {
    let mut head = header();
    head["jwk"] = jwk(&OTHER_KEY, Some("key-1"));
    head["jku"] = json!("https://evil.example.com/jwks");
    head["x5u"] = json!("https://evil.example.com/cert");
    head["x5c"] = json!(["AAAA"]);
    let forged = signed_with(&OTHER_KEY, &RSA_PKCS1_SHA256, &head.to_string(), &claims().to_string());
    assert_eq!(refusal(&forged), IdTokenError::Jwt(JwtError::Signature));
    check(&signed(&head, &claims().to_string())).unwrap();
}

#[test]
fn idt_07_s_idt_2_and_s_8725_5_another_issuer_is_refused() {
    for iss in [
        "https://id.example.com",
        "https://ID.example.com/",
        "http://id.example.com/",
        "https://id.example.com/a",
        "https://id.example.com:443/",
        "",
    ] {
        assert_eq!(refusal_with("iss", json!(iss)), IdTokenError::Jwt(JwtError::Issuer), "{iss}");
    }
    assert_eq!(
        refusal_with("iss", json!(["https://id.example.com/"])),
        IdTokenError::Jwt(JwtError::ClaimType("iss"))
    );
    assert_eq!(refusal_of(&without("iss")), IdTokenError::Jwt(JwtError::ClaimMissing("iss")));
}

#[test]
fn idt_08_s_idt_3_and_s_8725_5_another_audience_is_refused() {
    for aud in [
        json!("other"),
        json!(["client", "evil"]),
        json!([]),
        json!(vec!["x"; 10_000]),
        json!("Client"),
        json!(""),
    ] {
        assert_eq!(refusal_with("aud", aud.clone()), IdTokenError::Jwt(JwtError::Audience), "{aud}");
    }
    for aud in [json!(1), Value::Null, json!({"a": "client"}), json!([1, "client"])] {
        assert_eq!(refusal_with("aud", aud), IdTokenError::Jwt(JwtError::ClaimType("aud")));
    }
    assert_eq!(refusal_of(&without("aud")), IdTokenError::Jwt(JwtError::ClaimMissing("aud")));
}

#[test]
fn s_idt_4_the_authorized_party_is_this_client() {
    check(&signed(&header(), &claims_with("azp", json!("client")).to_string())).unwrap();
    assert_eq!(refusal_with("azp", json!("other")), IdTokenError::AuthorizedParty);
    assert_eq!(refusal_with("azp", json!(1)), IdTokenError::Jwt(JwtError::ClaimType("azp")));
    assert_eq!(
        refusal_with("aud", json!(["client", "client"])),
        IdTokenError::Jwt(JwtError::ClaimMissing("azp"))
    );
}

#[test]
fn idt_10_and_s_idt_5_times_are_whole_numbers() {
    for name in ["exp", "iat"] {
        assert_eq!(refusal_of(&without(name)), IdTokenError::Jwt(JwtError::ClaimMissing(name)));
        for value in [json!("1700000000"), json!(1_700_000_000.5), Value::Null, json!(true), json!(u64::MAX)]
        {
            assert_eq!(refusal_with(name, value), IdTokenError::Jwt(JwtError::ClaimType(name)));
        }
        let huge = claims_with(name, json!("@")).to_string().replace("\"@\"", "1e999");
        assert_eq!(refusal(&signed(&header(), &huge)), IdTokenError::Jwt(JwtError::ClaimType(name)));
    }
    assert_eq!(refusal_with("nbf", json!("1")), IdTokenError::Jwt(JwtError::ClaimType("nbf")));
    assert_eq!(refusal_with("auth_time", json!("1")), IdTokenError::Jwt(JwtError::ClaimType("auth_time")));
}

#[test]
fn idt_10_and_s_idt_5_times_have_a_minute_of_leeway_and_no_more() {
    let accepted =
        |name, value: i64| check(&signed(&header(), &claims_with(name, json!(value)).to_string())).is_ok();
    assert!(accepted("exp", NOW - 59));
    assert_eq!(refusal_with("exp", json!(NOW - 60)), IdTokenError::Jwt(JwtError::Expired));
    assert_eq!(refusal_with("exp", json!(i64::MIN)), IdTokenError::Jwt(JwtError::Expired));
    assert!(accepted("exp", i64::MAX));
    assert!(accepted("iat", NOW + 60));
    assert_eq!(refusal_with("iat", json!(NOW + 61)), IdTokenError::Jwt(JwtError::IssuedInFuture));
    assert_eq!(refusal_with("iat", json!(i64::MAX)), IdTokenError::Jwt(JwtError::IssuedInFuture));
    assert!(accepted("iat", NOW - MAX_AGE_SECONDS));
    assert_eq!(
        refusal_with("iat", json!(NOW - MAX_AGE_SECONDS - 1)),
        IdTokenError::Jwt(JwtError::IssuedTooLongAgo)
    );
    assert_eq!(refusal_with("iat", json!(0)), IdTokenError::Jwt(JwtError::IssuedTooLongAgo));
    assert!(accepted("nbf", NOW + 60));
    assert_eq!(refusal_with("nbf", json!(NOW + 61)), IdTokenError::Jwt(JwtError::NotYetValid));
}

#[test]
fn idt_11_and_s_idt_6_another_nonce_is_refused() {
    assert_eq!(refusal_of(&without("nonce")), IdTokenError::Jwt(JwtError::ClaimMissing("nonce")));
    assert_eq!(refusal_with("nonce", json!([NONCE])), IdTokenError::Jwt(JwtError::ClaimType("nonce")));
    for nonce in ["", "other", &NONCE[..42], &format!("{NONCE}A"), &NONCE.to_lowercase()] {
        assert_eq!(refusal_with("nonce", json!(nonce)), IdTokenError::Nonce, "{nonce}");
    }
}

#[test]
fn s_idt_7_auth_time_is_held_against_max_age() {
    let keys = key_set(&[jwk(&KEY, Some("key-1"))]);
    let judge = |claims: &Value, max_age| {
        let occasion = Occasion::SignIn { nonce: NONCE, max_age: Some(max_age) };
        validate(&signed(&header(), &claims.to_string()), &Expected { occasion, ..expected() }, &keys, NOW)
            .map(drop)
    };
    assert_eq!(judge(&claims(), 0), Err(IdTokenError::Jwt(JwtError::ClaimMissing("auth_time"))));
    assert_eq!(judge(&claims_with("auth_time", json!(NOW - 60)), 0), Ok(()));
    assert_eq!(judge(&claims_with("auth_time", json!(NOW - 61)), 0), Err(IdTokenError::AuthTimeTooOld));
    assert_eq!(judge(&claims_with("auth_time", json!(NOW - 360)), 300), Ok(()));
    assert_eq!(judge(&claims_with("auth_time", json!(NOW - 361)), 300), Err(IdTokenError::AuthTimeTooOld));
    assert_eq!(judge(&claims_with("auth_time", json!(NOW)), u64::MAX), Ok(()));
}

#[test]
fn idt_14_and_s_idt_9_at_hash_belongs_to_the_access_token() {
    let hash = |text: &str| URL_SAFE_NO_PAD.encode(&Sha256::digest(text)[..16]);
    check(&signed(&header(), &claims_with("at_hash", json!(hash(ACCESS_TOKEN))).to_string())).unwrap();
    assert_eq!(refusal_with("at_hash", json!(hash("other"))), IdTokenError::AccessTokenHash);
    assert_eq!(refusal_with("at_hash", json!("")), IdTokenError::AccessTokenHash);
    assert_eq!(refusal_with("at_hash", json!(1)), IdTokenError::Jwt(JwtError::ClaimType("at_hash")));
    // The hash of Ed25519 is SHA-512.
    let long = URL_SAFE_NO_PAD.encode(&Sha512::digest("a")[..32]);
    assert_eq!(check_access_token_hash(&long, "a", SignatureAlgorithm::EdDSA), Ok(()));
    for (at_hash, algorithm) in [(hash("a"), SignatureAlgorithm::EdDSA), (long, SignatureAlgorithm::ES256)] {
        assert_eq!(check_access_token_hash(&at_hash, "a", algorithm), Err(IdTokenError::AccessTokenHash));
    }
}

#[test]
fn idt_15_what_is_not_three_parts_of_json_is_refused() {
    let good = signed(&header(), &claims().to_string());
    for token in [
        "",
        ".",
        "..",
        "a.b.c",
        "....",
        &format!("{good}.x"),
        &format!("x.{good}"),
        &good[1..],
        &format!("{good}="),
        &good.replace('.', " ."),
    ] {
        assert_eq!(refusal(token), IdTokenError::Jwt(JwtError::Malformed), "{token}");
    }
    assert_eq!(refusal(&"a".repeat(5_000_000)), IdTokenError::Jwt(JwtError::TooLong));
    for body in ["[]", "null", "\"x\"", "", "{", "{\"iss\":1,\"iss\":1}"] {
        assert_eq!(refusal(&signed(&header(), body)), IdTokenError::Jwt(JwtError::Malformed), "{body}");
    }
    let twice = claims().to_string().replacen('{', "{\"sub\":\"admin\",", 1);
    assert_eq!(refusal(&signed(&header(), &twice)), IdTokenError::Jwt(JwtError::Malformed));
    let deep = claims_with("x", json!("@"))
        .to_string()
        .replace("\"@\"", &format!("{}{}", "[".repeat(500), "]".repeat(500)));
    assert_eq!(refusal(&signed(&header(), &deep)), IdTokenError::Jwt(JwtError::Malformed));
    let head = "{\"alg\":\"RS256\",\"alg\":\"RS256\",\"kid\":\"key-1\"}";
    assert_eq!(
        refusal(&signed_with(&KEY, &RSA_PKCS1_SHA256, head, &claims().to_string())),
        IdTokenError::Jwt(JwtError::Malformed)
    );
}

#[test]
fn idt_15_and_s_8725_2_a_header_that_demands_more_is_refused() {
    let with = |name: &str, value: Value| {
        let mut head = header();
        head[name] = value;
        refusal(&signed(&head, &claims().to_string()))
    };
    assert_eq!(with("crit", json!(["b64"])), IdTokenError::Jwt(JwtError::CriticalExtension));
    assert_eq!(with("crit", json!([])), IdTokenError::Jwt(JwtError::CriticalExtension));
    assert_eq!(with("cty", json!("JWT")), IdTokenError::Jwt(JwtError::Type));
}

#[test]
fn idt_16_s_idt_11_and_s_8725_6_a_token_of_another_kind_is_refused() {
    for typ in ["logout+jwt", "at+jwt", "application/at+jwt", "dpop+jwt", "token-introspection+jwt", ""] {
        let head = json!({"alg": "RS256", "typ": typ, "kid": "key-1"});
        assert_eq!(
            refusal(&signed(&head, &claims().to_string())),
            IdTokenError::Jwt(JwtError::Type),
            "{typ}"
        );
    }
    check(&signed(&json!({"alg": "RS256", "typ": "jwt", "kid": "key-1"}), &claims().to_string())).unwrap();
    let events = json!({"http://schemas.openid.net/event/backchannel-logout": {}});
    assert_eq!(refusal_with("events", events), IdTokenError::Jwt(JwtError::Type));
}

#[test]
fn s_idt_10_the_subject_is_an_identifier() {
    for sub in ["", &"a".repeat(256), "a\r\nb", "ä", "a\0"] {
        assert_eq!(refusal_with("sub", json!(sub)), IdTokenError::Subject);
    }
    assert_eq!(refusal_with("sub", json!(7)), IdTokenError::Jwt(JwtError::ClaimType("sub")));
    assert_eq!(refusal_of(&without("sub")), IdTokenError::Jwt(JwtError::ClaimMissing("sub")));
    check(&signed(&header(), &claims_with("sub", json!("a".repeat(255))).to_string())).unwrap();
}

fn judge_refreshed(claims: &Value, occasion: Occasion<'_>) -> Result<(), IdTokenError> {
    let keys = key_set(&[jwk(&KEY, Some("key-1"))]);
    let token = signed(&header(), &claims.to_string());
    validate(&token, &Expected { occasion, ..expected() }, &keys, NOW).map(drop)
}

fn refresh_of(subject: &str) -> Occasion<'_> {
    Occasion::Refresh { subject, issuer: None, auth_time: None, nonce: None }
}

#[test]
fn s_ref_1_a_refreshed_token_is_of_the_same_user() {
    assert_eq!(judge_refreshed(&without("nonce"), refresh_of("auth0|1")), Ok(()));
    for subject in ["auth0|2", "auth0|", "auth0|11", "Auth0|1", ""] {
        let found = judge_refreshed(&without("nonce"), refresh_of(subject));
        assert_eq!(found, Err(IdTokenError::SubjectChanged), "{subject}");
    }
}

#[test]
fn s_ref_1_a_refreshed_token_is_of_the_same_issuer() {
    let from = |issuer| {
        let occasion =
            Occasion::Refresh { subject: "auth0|1", issuer: Some(issuer), auth_time: None, nonce: None };
        judge_refreshed(&without("nonce"), occasion)
    };
    assert_eq!(from("https://id.example.com/"), Ok(()));
    for issuer in ["https://id.example.com", "https://old.example.com/", ""] {
        assert_eq!(from(issuer), Err(IdTokenError::IssuerChanged), "{issuer}");
    }
    let other = claims_with("iss", json!("https://other.example.com/"));
    let known = Occasion::Refresh {
        subject: "auth0|1",
        issuer: Some("https://id.example.com/"),
        auth_time: None,
        nonce: None,
    };
    assert_eq!(judge_refreshed(&other, known), Err(IdTokenError::IssuerChanged));
    assert_eq!(judge_refreshed(&other, refresh_of("auth0|1")), Err(IdTokenError::Jwt(JwtError::Issuer)));
}

#[test]
fn s_ref_1_a_refreshed_token_is_of_the_same_sign_in() {
    let since = |auth_time, claims: &Value| {
        judge_refreshed(
            claims,
            Occasion::Refresh { subject: "auth0|1", issuer: None, auth_time, nonce: None },
        )
    };
    let claims_since = claims_with("auth_time", json!(NOW - 500));
    assert_eq!(since(Some(NOW - 500), &claims_since), Ok(()));
    assert_eq!(since(None, &claims_since), Ok(()));
    assert_eq!(since(Some(NOW - 500), &claims()), Ok(()));
    assert_eq!(since(Some(NOW - 501), &claims_since), Err(IdTokenError::AuthTimeChanged));
    assert_eq!(since(Some(NOW), &claims_since), Err(IdTokenError::AuthTimeChanged));
}

#[test]
fn s_ref_1_the_nonce_of_a_refreshed_token_is_absent_or_the_same() {
    let after = |nonce, claims: &Value| {
        judge_refreshed(
            claims,
            Occasion::Refresh { subject: "auth0|1", issuer: None, auth_time: None, nonce },
        )
    };
    assert_eq!(after(Some(NONCE), &without("nonce")), Ok(()));
    assert_eq!(after(Some(NONCE), &claims()), Ok(()));
    assert_eq!(after(None, &claims()), Ok(()));
    assert_eq!(after(Some("other"), &claims()), Err(IdTokenError::Nonce));
    assert_eq!(after(Some(&NONCE[..10]), &claims()), Err(IdTokenError::Nonce));
}

#[test]
fn a_session_expiry_that_makes_no_sense_is_none() {
    let read = |value| {
        check(&signed(&header(), &claims_with("session_expiry", value).to_string())).unwrap().session_expiry()
    };
    assert_eq!(read(json!(NOW + 100)), Some(NOW + 100));
    assert_eq!(read(json!(1.5)), Some(1));
    for value in [json!(0), json!(-1), json!(10_000_000_000_i64), json!("1700000000"), Value::Null, json!([])]
    {
        assert_eq!(read(value), None);
    }
}
