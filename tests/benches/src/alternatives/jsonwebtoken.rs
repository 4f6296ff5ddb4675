//! jsonwebtoken: an access token for an API, checked with a public key that lies ready.

use http::header::AUTHORIZATION;
use http::{HeaderMap, HeaderValue};
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::direct::Direct;
use super::input;
use super::signing::{P256, Rsa};
use crate::session::Sample;

/// `exp` is judged by the crate.
#[derive(Deserialize)]
struct Claims {
    sub: String,
}

/// With a key of 2048 bits, as most providers sign.
pub(super) fn rs256(sample: &Sample) -> Direct {
    let key = Rsa::new();
    let public = key.public();
    let public = DecodingKey::from_rsa_raw_components(&public.n, &public.e);
    direct("jsonwebtoken-rs256", Algorithm::RS256, public, &key.sign(&claims(sample)))
}

/// With P-256.
pub(super) fn es256(sample: &Sample) -> Direct {
    let key = P256::new();
    let public = DecodingKey::from_ec_der(key.public());
    direct("jsonwebtoken-es256", Algorithm::ES256, public, &key.sign(&claims(sample)))
}

fn claims(sample: &Sample) -> Map<String, Value> {
    let mut claims = input::claims(sample);
    claims.insert("exp".to_owned(), input::exp(sample));
    claims
}

fn direct(name: &'static str, algorithm: Algorithm, key: DecodingKey, token: &str) -> Direct {
    let validation = Validation::new(algorithm);
    Direct {
        name,
        valid: headers(token),
        tampered: headers(&input::tampered(token)),
        authenticate: Box::new(move |headers| {
            let token = headers.get(AUTHORIZATION)?.to_str().ok()?.strip_prefix("Bearer ")?;
            Some(decode::<Claims>(token, &key, &validation).ok()?.claims.sub.len())
        }),
    }
}

fn headers(token: &str) -> HeaderMap {
    let value = HeaderValue::from_str(&format!("Bearer {token}")).expect("tokens are a header value");
    HeaderMap::from_iter([(AUTHORIZATION, value)])
}
