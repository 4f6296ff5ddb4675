//! Answers that are JSON objects and have a wrong member.

use auth_runtime::SignatureAlgorithm;
use auth_runtime::testing::provider::ProviderKey;
use auth_tests::front::{Behaviour, json_answer, whole_answer};
use serde_json::{Value, json};

use crate::matrix::{Lane, check};
use crate::raw::{MARKER, error, rewritten};
use crate::table::Fault;
use crate::table::Outcome::{self, Fine, Nonsense, Refused, TooLarge, Unavailable};
use crate::upstream::{Endpoint, Upstream};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn jwk_06_metadata_with_a_wrong_member() {
    let at_least = 60;
    check(&[Lane::DiscoveryAtLogin, Lane::DiscoveryAtCallback], metadata, at_least).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn jwk_02_and_jwk_03_key_sets_with_a_wrong_member() {
    check(&[Lane::Jwks], key_sets, 20).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tok_09_10_11_13_14_and_16_tokens_with_a_wrong_member() {
    check(&[Lane::Code], tokens, 60).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tok_09_10_11_and_13_renewed_tokens_with_a_wrong_member() {
    check(&[Lane::Refresh], renewed_tokens, 60).await;
}

/// As at the sign-in, except that there need not be an ID token (OpenID Connect Core 1.0 section 12.2). Refusals have
/// a test of their own.
fn renewed_tokens(upstream: &Upstream, endpoint: Endpoint) -> Vec<Fault> {
    let mut faults = tokens(upstream, endpoint);
    let is_tried_elsewhere = ["a token of several chunks", "no refresh_token"];
    faults.retain(|fault| fault.rows != "TOK-16" && !is_tried_elsewhere.contains(&fault.name.as_str()));
    for fault in faults.iter_mut().filter(|fault| fault.name == "no id_token") {
        fault.token = Fine;
    }
    faults
}

fn fault(name: impl Into<String>, rows: &'static str, outcome: Outcome, behaviour: Behaviour) -> Fault {
    Fault {
        name: name.into(),
        rows,
        behaviour,
        document: outcome,
        token: outcome,
        hangs: false,
        lasts: false,
    }
}

/// One member with another value.
fn set(name: &str, value: Value) -> Behaviour {
    let name = name.to_owned();
    rewritten(move |body| {
        let mut object: Value = serde_json::from_str(body).unwrap();
        object[&name] = value.clone();
        object.to_string().into_bytes()
    })
}

/// One member with a value that is only text, such as a number of any length.
fn set_raw(name: &str, value: &str) -> Behaviour {
    let (name, value) = (name.to_owned(), value.to_owned());
    rewritten(move |body| {
        let mut object: Value = serde_json::from_str(body).unwrap();
        object.as_object_mut().unwrap().remove(&name);
        format!("{{\"{name}\":{value},{}", &object.to_string()[1..]).into_bytes()
    })
}

fn without(name: &str) -> Behaviour {
    let name = name.to_owned();
    rewritten(move |body| {
        let mut object: Value = serde_json::from_str(body).unwrap();
        object.as_object_mut().unwrap().remove(&name);
        object.to_string().into_bytes()
    })
}

/// Values that are no text.
fn wrong_types() -> [(&'static str, Value); 5] {
    [
        ("null", Value::Null),
        ("a number", json!(1)),
        ("a boolean", json!(true)),
        ("an array", json!(["https://a.example"])),
        ("an object", json!({ "a": "b" })),
    ]
}

fn metadata(upstream: &Upstream, _: Endpoint) -> Vec<Fault> {
    let mut faults = Vec::new();
    for name in ["issuer", "authorization_endpoint", "token_endpoint", "jwks_uri"] {
        faults.push(fault(format!("no {name}"), "JWK-06", Unavailable, without(name)));
        for (kind, value) in wrong_types() {
            faults.push(fault(format!("{name} is {kind}"), "JWK-06", Unavailable, set(name, value)));
        }
        for value in [
            "",
            "/relative",
            "file:///etc/passwd",
            "javascript:alert(1)",
            "ftp://127.0.0.1/",
            "http://user:word@127.0.0.1/",
            "http://127.0.0.1/#fragment",
            "//127.0.0.1/",
            "http://",
        ] {
            faults.push(fault(
                format!("{name} is {value:?}"),
                "JWK-06",
                Unavailable,
                set(name, json!(value)),
            ));
        }
    }
    let issuer = upstream.provider.issuer();
    for (name, value) in [
        ("another issuer", upstream.url(Endpoint::Elsewhere)),
        ("the issuer with a path", format!("{issuer}/a")),
        ("the issuer with a query", format!("{issuer}/?a")),
        ("the issuer with https", issuer.replace("http:", "https:")),
    ] {
        faults.push(fault(name, "JWK-06", Unavailable, set("issuer", json!(value))));
    }
    for name in ["end_session_endpoint", "revocation_endpoint"] {
        faults.push(fault(format!("no {name}"), "JWK-06", Fine, without(name)));
        faults.push(fault(format!("{name} is a number"), "JWK-06", Unavailable, set(name, json!(1))));
        faults.push(fault(format!("{name} is a file"), "JWK-06", Unavailable, set(name, json!("file:///a"))));
    }
    let iss = "authorization_response_iss_parameter_supported";
    faults.push(fault("iss_parameter_supported is text", "JWK-06", Unavailable, set(iss, json!("true"))));
    faults
}

fn key_sets(upstream: &Upstream, _: Endpoint) -> Vec<Fault> {
    let key = upstream.provider.key().jwk();
    let stranger = stranger().jwk();
    let with = |name: &str, value: Value| {
        let mut changed = key.clone();
        changed[name] = value;
        changed
    };
    let mut faults = vec![fault("no keys", "JWK-02", Unavailable, without("keys"))];
    for (kind, value) in wrong_types().into_iter().filter(|(kind, _)| *kind != "an array") {
        faults.push(fault(format!("keys is {kind}"), "JWK-02", Unavailable, set("keys", value)));
    }
    let many = |count: usize| Value::Array(vec![stranger.clone(); count]);
    let elsewhere = upstream.url(Endpoint::Elsewhere);
    for (name, rows, outcome, keys) in [
        ("10,000 keys", "JWK-02", Unavailable, Value::Array(vec![json!({ "kty": "RSA" }); 10_000])),
        ("101 keys", "JWK-02", Unavailable, many(101)),
        ("an empty set", "JWK-02", Unavailable, json!([])),
        ("a set of other values", "JWK-02", Unavailable, json!([1, null, "x", [], {}])),
        (
            "symmetric keys alone",
            "JWK-02",
            Unavailable,
            json!([{ "kty": "oct", "kid": key["kid"], "k": "AAAA" }]),
        ),
        ("a key without its modulus", "JWK-02", Unavailable, json!([with("n", Value::Null)])),
        ("a modulus of nonsense", "JWK-02", Unavailable, json!([with("n", json!("!!!"))])),
        ("a key for encryption", "JWK-02", Unavailable, json!([with("use", json!("enc"))])),
        ("a key for another algorithm", "IDT-03", Nonsense, json!([with("alg", json!("RS512"))])),
        ("another provider's key", "IDT-04", Nonsense, json!([stranger])),
        (
            "the name with another key",
            "JWK-03",
            Nonsense,
            json!([{
                "kty": "RSA", "kid": key["kid"], "n": stranger["n"], "e": stranger["e"],
            }]),
        ),
        (
            "the name with two keys",
            "JWK-03",
            Fine,
            json!([{
            "kty": "RSA", "kid": key["kid"], "n": stranger["n"], "e": stranger["e"],
        }, key]),
        ),
        ("the key among others", "JWK-02", Fine, json!([1, { "kty": "oct" }, stranger, key])),
        ("a key with an address", "IDT-06", Fine, json!([with("x5u", json!(elsewhere))])),
        ("a key without a name", "IDT-05", Nonsense, json!([with("kid", Value::Null)])),
        ("100 keys, the last one fits", "JWK-02", Fine, {
            let mut keys = vec![stranger.clone(); 99];
            keys.push(key.clone());
            json!(keys)
        }),
    ] {
        let mut fault = fault(name, rows, outcome, set("keys", keys));
        // Keys that could verify something, though not this; they are asked for again after a cool-down.
        fault.lasts = outcome == Nonsense;
        faults.push(fault);
    }
    faults
}

fn tokens(upstream: &Upstream, _: Endpoint) -> Vec<Fault> {
    // Access tokens are changed below, and their hash would give that away.
    upstream.provider.forge_id_tokens(|mut claims, key| {
        claims.as_object_mut().unwrap().remove("at_hash");
        key.sign(&key.header("JWT"), &claims)
    });
    let mut faults = Vec::new();
    for name in ["access_token", "token_type", "id_token", "refresh_token", "scope"] {
        let rows = if name == "token_type" { "TOK-10" } else { "TOK-09" };
        for (kind, value) in wrong_types() {
            faults.push(fault(format!("{name} is {kind}"), rows, Nonsense, set(name, value)));
        }
    }
    for name in ["access_token", "id_token", "refresh_token"] {
        for (kind, value) in [
            ("empty", String::new()),
            ("a line break inside", "a\r\nX-Injected: b".to_owned()),
            ("a space inside", "a b".to_owned()),
            ("an umlaut inside", "t\u{f6}ken".to_owned()),
            ("a NUL inside", "a\0b".to_owned()),
            ("200 KB", "a".repeat(200_000)),
            ("10 MB", "a".repeat(10_000_000)),
        ] {
            faults.push(fault(format!("{name}: {kind}"), "TOK-09", Nonsense, set(name, json!(value))));
        }
    }
    for (name, outcome) in [("access_token", Nonsense), ("token_type", Nonsense), ("id_token", Nonsense)] {
        faults.push(fault(format!("no {name}"), "TOK-09", outcome, without(name)));
    }
    for name in ["refresh_token", "expires_in", "scope"] {
        faults.push(fault(format!("no {name}"), "TOK-09", Fine, without(name)));
    }
    for (value, outcome) in [
        ("bearer", Fine),
        ("BEARER", Fine),
        ("mac", Nonsense),
        ("DPoP", Nonsense),
        ("N_A", Nonsense),
        ("", Nonsense),
    ] {
        faults.push(fault(
            format!("token_type {value:?}"),
            "TOK-10",
            outcome,
            set("token_type", json!(value)),
        ));
    }
    for value in ["0", "-1", "3600.5", "1e18", "1e999", "-1e999", "\"3600\"", "99999999999999999999999"] {
        faults.push(fault(format!("expires_in {value}"), "TOK-11", Fine, set_raw("expires_in", value)));
    }
    for value in ["null", "true", "[]", "{}", "\"soon\"", "\"\"", "\"NaN\"", "\"inf\""] {
        faults.push(fault(format!("expires_in {value}"), "TOK-11", Nonsense, set_raw("expires_in", value)));
    }
    faults.push(fault(
        "a token of several chunks",
        "TOK-13",
        Fine,
        set("access_token", json!("a".repeat(50_000))),
    ));
    let large = set("access_token", json!("a".repeat(111_000)));
    faults.push(fault("more than a session holds", "TOK-13", TooLarge, large));
    refusals(&mut faults);
    faults
}

fn refusals(faults: &mut Vec<Fault>) {
    for (status, code, outcome) in [
        ("400 No", "invalid_grant", Refused),
        ("403 No", "invalid_grant", Refused),
        ("401 No", "invalid_client", Nonsense),
        ("400 No", "invalid_request", Nonsense),
        ("400 No", "unauthorized_client", Nonsense),
        ("403 No", "mfa_required", Nonsense),
        ("400 No", "interaction_required", Nonsense),
        ("400 No", "made_up_by_the_provider", Nonsense),
        ("400 No", "<script>", Nonsense),
        ("400 No", "invalid_grant\\u0000", Nonsense),
        ("400 No", "", Nonsense),
    ] {
        faults.push(fault(format!("{} {code}", &status[..3]), "TOK-16", outcome, error(status, "", code)));
    }
    let long = format!(r#"{{"error":"access_denied","error_description":"{}"}}"#, MARKER.repeat(50_000));
    let answer = Behaviour::bytes(json_answer(400, long));
    faults.push(fault("a description of 800 KB", "TOK-16", Nonsense, answer));
    for body in
        [r#"{"error":1}"#, r#"{"error":null}"#, r#"["invalid_grant"]"#, r#""invalid_grant""#, "invalid_grant"]
    {
        let answer = whole_answer("400 No", "Content-Type: application/json\r\n", body);
        faults.push(fault(format!("400 {body}"), "TOK-16", Nonsense, Behaviour::bytes(answer)));
    }
}

/// The key of somebody else.
pub(crate) fn stranger() -> &'static ProviderKey {
    static KEY: std::sync::OnceLock<ProviderKey> = std::sync::OnceLock::new();
    KEY.get_or_init(|| ProviderKey::generate(SignatureAlgorithm::RS256).unwrap())
}
