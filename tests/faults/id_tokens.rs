//! ID tokens that somebody else made, or that are meant for something else, in an answer that is right otherwise.

use auth_runtime::testing::provider::ProviderKey;
use auth_tests::url64;
use http::StatusCode;
use serde_json::{Value, json};

use crate::fields::stranger;
use crate::judge::{Traffic, answer_problems};
use crate::table::{LONG, Outcome};
use crate::upstream::{CLIENT_ID, Endpoint, Upstream};
use crate::world::{ADA, GRACE, begin, fresh_app, who, world};

struct Forgery {
    name: String,
    row: &'static str,
    forge: Forge,
    is_fine: bool,
}

/// From the claims and the provider's key to the ID token.
type Forge = Box<dyn Fn(Value, &ProviderKey) -> Option<String> + Send + Sync>;

/// What becomes of an ID token on its way out of the provider.
struct Forgeries(Vec<Forgery>);

impl Forgeries {
    fn add(
        &mut self,
        row: &'static str,
        name: impl Into<String>,
        forge: impl Fn(Value, &ProviderKey) -> Option<String> + Send + Sync + 'static,
    ) {
        let forgery = Forgery { name: name.into(), row, forge: Box::new(forge), is_fine: false };
        self.0.push(forgery);
    }

    /// The last one is an honest token all the same.
    fn fine(&mut self) {
        self.0.last_mut().unwrap().is_fine = true;
    }

    /// One claim with another value.
    fn claim(&mut self, row: &'static str, claim: &'static str, value: Value) {
        let name = format!("{claim} = {:.40}", value.to_string());
        self.add(row, name, move |mut claims, key| {
            claims[claim] = value.clone();
            key.sign(&key.header("JWT"), &claims)
        });
    }

    /// One claim with a value that depends on the honest one.
    fn change(
        &mut self,
        row: &'static str,
        name: &'static str,
        claim: &'static str,
        change: impl Fn(&Value) -> Value + Send + Sync + 'static,
    ) {
        self.add(row, name, move |mut claims, key| {
            claims[claim] = change(&claims[claim]);
            key.sign(&key.header("JWT"), &claims)
        });
    }

    fn without(&mut self, row: &'static str, claim: &'static str) {
        self.add(row, format!("no {claim}"), move |mut claims, key| {
            claims.as_object_mut().unwrap().remove(claim);
            key.sign(&key.header("JWT"), &claims)
        });
    }

    /// One member of the header with another value.
    fn header(&mut self, row: &'static str, member: &'static str, value: Value) {
        let name = format!("header: {member} = {:.40}", value.to_string());
        self.add(row, name, move |claims, key| {
            let mut header = key.header("JWT");
            header[member] = value.clone();
            key.sign(&header, &claims)
        });
    }

    /// The honest token as text, changed.
    fn text(
        &mut self,
        row: &'static str,
        name: &'static str,
        change: impl Fn(String) -> String + Send + Sync + 'static,
    ) {
        self.add(row, name, move |claims, key| key.sign(&key.header("JWT"), &claims).map(&change));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn idt_01_to_idt_18_no_forged_id_token_begins_a_session() {
    let world = world().await;
    let (mut wrong, mut refused, mut fine) = (Vec::new(), 0, 0);
    for Forgery { name, row, forge, is_fine } in forgeries(&world.provider).0 {
        let mut browser = world.browser.clone();
        let back = begin(&world, &mut browser).await;
        let app = fresh_app(&world, LONG);
        world.provider.provider.forge_id_tokens(forge);
        let before = Traffic::of(&world.provider);
        let answer = browser.get(&app, &back).await;

        let (mut problems, who) = (Vec::new(), who(&app, &browser).await);
        before.problems(&world.provider, &mut problems);
        let expected = if is_fine { Outcome::Fine } else { Outcome::Nonsense };
        answer_problems(&answer, expected, &mut problems);
        if who.as_deref() != Some(if is_fine { ADA } else { GRACE }) {
            problems.push(format!("signed in is {who:?}"));
        }
        if answer.status == StatusCode::BAD_GATEWAY {
            refused += 1;
        } else {
            fine += 1;
        }
        println!("{name:50}{row:10}{}", answer.status);
        wrong.extend(problems.into_iter().map(|problem| format!("{row} {name}: {problem}")));
    }
    println!("{refused} ID tokens refused, {fine} accepted");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(refused >= 60, "only {refused}");
}

fn forgeries(upstream: &Upstream) -> Forgeries {
    let mut forgeries = Forgeries(Vec::new());
    algorithms(&mut forgeries);
    signatures(&mut forgeries);
    keys(&mut forgeries, upstream);
    claims(&mut forgeries);
    times(&mut forgeries);
    shapes(&mut forgeries);
    forgeries
}

fn algorithms(forgeries: &mut Forgeries) {
    for alg in
        ["none", "NONE", "None", "", "RS512", "RS384", "PS256", "ES256", "EdDSA", "HS256", "rs256", "dir"]
    {
        forgeries.header(if alg.len() < 5 { "IDT-01" } else { "IDT-03" }, "alg", json!(alg));
    }
    forgeries.header("IDT-01", "alg", Value::Null);
    forgeries.header("IDT-01", "alg", json!(["RS256"]));
    forgeries.add("IDT-01", "none, without a signature", |claims, _| {
        Some(format!("{}.{}.", url64(br#"{"alg":"none"}"#), url64(claims.to_string().as_bytes())))
    });
}

fn signatures(forgeries: &mut Forgeries) {
    forgeries.text("IDT-04", "one character of the signature", |token| {
        let (before, signature) = token.rsplit_once('.').unwrap();
        let first = if signature.starts_with('A') { 'B' } else { 'A' };
        format!("{before}.{first}{}", &signature[1..])
    });
    forgeries.text("IDT-04", "half of the signature", |token| token[..token.len() - 100].to_owned());
    forgeries.text("IDT-04", "no signature", |token| format!("{}.", token.rsplit_once('.').unwrap().0));
    forgeries.text("IDT-04", "another payload under the signature", |token| {
        let parts: Vec<_> = token.split('.').collect();
        format!("{}.{}.{}", parts[0], url64(br#"{"sub":"auth0|ada"}"#), parts[2])
    });
    forgeries
        .add("IDT-04", "signed by a stranger", |claims, key| stranger().sign(&key.header("JWT"), &claims));
}

fn keys(forgeries: &mut Forgeries, upstream: &Upstream) {
    forgeries
        .add("IDT-05", "no kid, and one key", |claims, key| key.sign(&json!({ "alg": "RS256" }), &claims));
    forgeries.fine();
    let own_kid = upstream.provider.key().jwk()["kid"].as_str().unwrap().to_owned();
    let (with_nul, in_capitals) = (format!("{own_kid}\0"), own_kid.to_uppercase());
    for kid in ["unknown", "", "../../etc/passwd", "' OR 1", &with_nul, &in_capitals] {
        forgeries.header("IDT-05", "kid", json!(kid));
    }
    forgeries.header("IDT-05", "kid", json!("k".repeat(10_000)));
    forgeries.header("IDT-05", "kid", json!(1));
    let elsewhere = upstream.url(Endpoint::Elsewhere);
    for member in ["jku", "x5u"] {
        forgeries.header("IDT-06", member, json!(elsewhere));
        forgeries.fine();
    }
    let own = stranger();
    forgeries.add("IDT-06", "a key in the header", |claims, key| {
        let mut header = key.header("JWT");
        header["jwk"] = own.jwk();
        own.sign(&header, &claims)
    });
    let elsewhere = upstream.url(Endpoint::Elsewhere);
    forgeries.add("IDT-06", "a stranger's key with its address", move |claims, _| {
        let mut header = own.header("JWT");
        header["jku"] = json!(elsewhere);
        own.sign(&header, &claims)
    });
}

fn claims(forgeries: &mut Forgeries) {
    for claim in ["iss", "sub", "aud", "exp", "iat", "nonce"] {
        let row = match claim {
            "iss" => "IDT-07",
            "aud" => "IDT-08",
            "nonce" => "IDT-11",
            _ => "IDT-10",
        };
        forgeries.without(row, claim);
        for value in [Value::Null, json!(true), json!({}), json!("")] {
            forgeries.claim(row, claim, value);
        }
    }
    forgeries.change("IDT-07", "iss in an array", "iss", |iss| json!([iss]));
    forgeries.change("IDT-07", "iss with a slash", "iss", |iss| json!(format!("{}/", iss.as_str().unwrap())));
    forgeries.change("IDT-07", "iss with https", "iss", |iss| {
        json!(iss.as_str().unwrap().replace("http", "https"))
    });
    forgeries.change("IDT-07", "iss in capitals", "iss", |iss| json!(iss.as_str().unwrap().to_uppercase()));
    for value in [json!("another"), json!([]), json!([CLIENT_ID, "evil"]), json!(["evil"]), json!(1)] {
        forgeries.claim("IDT-08", "aud", value);
    }
    forgeries.claim("IDT-08", "aud", Value::Array((0..10_000).map(|i| json!(format!("a{i}"))).collect()));
    forgeries.claim("IDT-08", "aud", json!([CLIENT_ID]));
    forgeries.fine();
    forgeries.claim("IDT-08", "azp", json!("another"));
    forgeries.change("IDT-11", "half of the nonce", "nonce", |nonce| json!(nonce.as_str().unwrap()[..20]));
    forgeries.change("IDT-11", "the nonce in an array", "nonce", |nonce| json!([nonce]));
    forgeries.claim("IDT-11", "nonce", json!("another"));
    forgeries.claim("IDT-14", "at_hash", json!("AAAAAAAAAAAAAAAAAAAAAA"));
    forgeries.claim("IDT-14", "at_hash", json!(1));
    for value in [json!(1), json!("s".repeat(256)), json!("\u{0}"), json!("\u{fc}")] {
        forgeries.claim("IDT-10", "sub", value);
    }
    forgeries.add("IDT-18", "claims named like our own members", |mut claims, key| {
        claims["internal"] = json!({ "sid": "stolen", "createdAt": 1 });
        claims["tokenSet"] = json!({ "accessToken": "stolen" });
        claims["__proto__"] = json!({ "sub": "auth0|mallory" });
        claims["user"] = json!({ "sub": "auth0|mallory" });
        key.sign(&key.header("JWT"), &claims)
    });
    forgeries.fine();
}

fn times(forgeries: &mut Forgeries) {
    for value in [json!(0), json!(-1), json!("9999999999"), json!([9_999_999_999_u64])] {
        forgeries.claim("IDT-10", "exp", value);
    }
    forgeries.change("IDT-10", "over since a minute", "exp", |exp| json!(exp.as_i64().unwrap() - 3_661));
    for value in [json!(0), json!("1970"), json!(4_000_000_000_u64)] {
        forgeries.claim("IDT-10", "iat", value);
    }
    forgeries.claim("IDT-10", "nbf", json!(4_000_000_000_u64));
    forgeries.add("IDT-10", "exp = 1e999", |mut claims, key| {
        claims.as_object_mut().unwrap().remove("exp");
        key.sign(&key.header("JWT"), format!("{{\"exp\":1e999,{}", &claims.to_string()[1..]))
    });
}

fn shapes(forgeries: &mut Forgeries) {
    forgeries.text("IDT-15", "four parts", |token| format!("{token}.AAAA"));
    forgeries.text("IDT-15", "two parts", |token| token.rsplit_once('.').unwrap().0.to_owned());
    forgeries.text("IDT-15", "five parts", |token| format!("{token}.AAAA.AAAA"));
    forgeries.text("IDT-15", "padding", |token| format!("{token}="));
    forgeries.text("IDT-15", "not a token", |_| "token".to_owned());
    forgeries.add("IDT-15", "a token in a token", |claims, key| {
        let inner = key.sign(&key.header("JWT"), &claims)?;
        let mut header = key.header("JWT");
        header["cty"] = json!("JWT");
        key.sign(&header, format!("\"{inner}\""))
    });
    forgeries.add("IDT-15", "depth in a claim", |claims, key| {
        let (open, close) = ("[".repeat(20_000), "]".repeat(20_000));
        key.sign(&key.header("JWT"), format!("{{\"x\":{open}{close},{}", &claims.to_string()[1..]))
    });
    forgeries.add("IDT-15", "a claim twice", |claims, key| {
        key.sign(&key.header("JWT"), format!("{{\"sub\":\"auth0|mallory\",{}", &claims.to_string()[1..]))
    });
    forgeries.add("IDT-15", "5 MB", |mut claims, key| {
        claims["x"] = json!("x".repeat(5_000_000));
        key.sign(&key.header("JWT"), &claims)
    });
    for payload in ["null", "[]", "{}", "", "{"] {
        forgeries.add("IDT-15", format!("payload {payload:?}"), move |_, key| {
            key.sign(&key.header("JWT"), payload)
        });
    }
    for typ in ["logout+jwt", "at+jwt", "application/at+jwt", "LOGOUT+JWT", "secevent+jwt"] {
        forgeries.header("IDT-16", "typ", json!(typ));
    }
    forgeries.header("IDT-15", "crit", json!(["exp"]));
    forgeries.header("IDT-15", "crit", json!([]));
    // Without `crit`, what is not understood is ignored (RFC 7515 section 4): the signature is the provider's.
    forgeries.header("IDT-15", "b64", json!(false));
    forgeries.fine();
    forgeries.header("IDT-15", "zip", json!("DEF"));
    forgeries.fine();
}
