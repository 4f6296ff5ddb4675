//! What a browser brings back of a sign-in that is under way.

use std::sync::LazyLock;

use auth_runtime::codec::Timestamp;
use auth_runtime::{Auth, fuzzing};
use http::header::COOKIE;
use http::{HeaderMap, HeaderValue};
use serde_json::Value;

use crate::containers::seal_raw;
use crate::reference::{HEADER, IV, SERVICE_SECRET};
use crate::service;

const STATE: &str = "s";
/// RFC 6265: what is removed in one answer has a bound.
const MAX_REMOVED: usize = 64;

static AUTH: LazyLock<Auth> = LazyLock::new(|| service::builder().build().expect("a whole configuration"));

/// The first byte says whether the rest is a transaction's content, which is sealed, or a `Cookie` header.
pub fn transaction(data: &[u8]) {
    match data {
        [b'c', rest @ ..] => cookies(rest),
        [_, rest @ ..] => sealed(rest),
        [] => {}
    }
}

/// Both under today's name and under that of cookies which no other host can set.
fn headers(value: &str) -> HeaderMap {
    let text = format!("__txn_{STATE}={value}; __Host-__txn_{STATE}={value}");
    HeaderMap::from_iter([(COOKIE, HeaderValue::from_str(&text).expect("it is ASCII"))])
}

fn sealed(content: &[u8]) {
    let value = format!("1%3A{}", seal_raw(SERVICE_SECRET, HEADER, content, IV));
    let headers = headers(&value);
    assert!(fuzzing::recalled("other", &headers, &AUTH).is_none());
    let Some(found) = fuzzing::recalled(STATE, &headers, &AUTH) else { return };
    let Ok(value) = serde_json::from_slice::<Value>(content) else { return };
    assert_eq!(value["state"], STATE);
    assert_eq!(value["responseType"], "code");
    assert_eq!(value["nonce"], found.nonce);
    assert_eq!(value["codeVerifier"], found.code_verifier);
    assert_eq!(value["returnTo"], found.return_to);
    assert!(found.max_age.is_none_or(|age| value["maxAge"].as_u64() == Some(age)));
    assert!(
        value
            .get("originIssuer")
            .is_none_or(|issuer| !issuer.is_string() || issuer == "https://id.example.com/")
    );
    #[expect(clippy::cast_precision_loss, reason = "the clock is far below 2^53")]
    let before = (Timestamp::now().as_unix() - 1) as f64;
    assert!(value["exp"].as_f64().is_some_and(|exp| exp > before), "it is over");
}

fn cookies(header: &[u8]) {
    let Ok(value) = HeaderValue::from_bytes(header) else { return };
    let headers = HeaderMap::from_iter([(COOKIE, value)]);
    assert!(fuzzing::recalled(STATE, &headers, &AUTH).is_none(), "none of these is authentic");
    let removed = fuzzing::transactions(&headers, &AUTH).removed;
    assert!(removed.len() <= MAX_REMOVED, "{} lines", removed.len());
    for (at, name) in removed.iter().enumerate() {
        assert!(name.contains("__txn_") && !removed[..at].contains(name), "{name}");
        let sent = headers[COOKIE].as_bytes();
        assert!(sent.windows(name.len()).any(|window| window == name.as_bytes()), "{name} was not sent");
    }
}
