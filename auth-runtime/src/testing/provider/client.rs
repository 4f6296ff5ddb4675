//! The authentication of the client that sends a form (RFC 6749 section 2.3, RFC 7523 section 3).

use std::collections::HashMap;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use http::header::AUTHORIZATION;
use http::{HeaderMap, HeaderValue};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use subtle::ConstantTimeEq;
use url::form_urlencoded;

use super::server::Shared;
use crate::oidc::{KeySet, SignatureAlgorithm, SigningKey, Verdict};

pub(super) type Form = HashMap<String, String>;

const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
/// The longest lifetime of an assertion, in seconds.
const MAX_ASSERTION_SECONDS: i64 = 60;

/// The credentials with which the client authenticates.
pub(super) enum Credentials {
    /// Assertions that the client signs, checked with its public key.
    Key { keys: KeySet, algorithm: SignatureAlgorithm },
    /// No credentials: the client is public, and PKCE alone protects the code.
    Public,
    /// A secret, in the form or in the header.
    Secret(SecretString),
}

impl Credentials {
    /// Returns the credentials of a client with this key. Only the public half is kept. `None` if that half cannot be
    /// parsed.
    pub(super) fn of_key(key: &SigningKey) -> Option<Self> {
        let keys = KeySet::parse(json!({"keys": [key.public_jwk()]}).to_string().as_bytes()).ok()?;
        Some(Self::Key { keys, algorithm: key.algorithm() })
    }

    /// Returns `token_endpoint_auth_methods_supported` (`OpenID` Connect Discovery 1.0 section 3).
    pub(super) fn methods(&self) -> &'static [&'static str] {
        match self {
            Self::Key { .. } => &["private_key_jwt"],
            Self::Public => &["none"],
            Self::Secret(_) => &["client_secret_post", "client_secret_basic"],
        }
    }
}

/// Returns whether the client of this provider sent the form. A form that authenticates in two ways is refused.
pub(super) fn is_the_client(shared: &Shared, headers: &HeaderMap, form: &Form) -> bool {
    let names_us = form.get("client_id") == Some(&shared.client_id);
    let ways = [
        headers.contains_key(AUTHORIZATION),
        form.contains_key("client_secret"),
        form.contains_key("client_assertion"),
    ];
    match (&shared.credentials, ways) {
        (Credentials::Key { keys, algorithm }, [false, false, true]) => {
            names_us && is_assertion(shared, keys, *algorithm, form)
        }
        (Credentials::Public, [false, false, false]) => names_us,
        (Credentials::Secret(secret), [true, false, false]) => headers
            .get(AUTHORIZATION)
            .and_then(basic_credentials)
            .is_some_and(|(id, given)| id == shared.client_id && is_equal(&given, secret)),
        (Credentials::Secret(secret), [false, true, false]) => {
            names_us && form.get("client_secret").is_some_and(|given| is_equal(given, secret))
        }
        _ => false,
    }
}

fn is_equal(given: &str, secret: &SecretString) -> bool {
    given.as_bytes().ct_eq(secret.expose_secret().as_bytes()).into()
}

fn basic_credentials(value: &HeaderValue) -> Option<(String, String)> {
    let (scheme, encoded) = value.to_str().ok()?.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let pair = String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?;
    let (id, secret) = pair.split_once(':')?;
    Some((form_decoded(id)?, form_decoded(secret)?))
}

fn form_decoded(text: &str) -> Option<String> {
    form_urlencoded::parse(text.as_bytes()).next().map(|(decoded, _)| decoded.into_owned())
}

fn is_assertion(shared: &Shared, keys: &KeySet, algorithm: SignatureAlgorithm, form: &Form) -> bool {
    let is_jwt = form.get("client_assertion_type").is_some_and(|kind| kind == ASSERTION_TYPE);
    let claims = form.get("client_assertion").and_then(|text| verified(text, keys, algorithm));
    is_jwt && claims.is_some_and(|claims| is_for_us(shared, &claims))
}

fn verified(assertion: &str, keys: &KeySet, algorithm: SignatureAlgorithm) -> Option<Value> {
    let (message, signature) = assertion.rsplit_once('.')?;
    let (header, payload) = message.split_once('.')?;
    let json = |part: &str| serde_json::from_slice::<Value>(&URL_SAFE_NO_PAD.decode(part).ok()?).ok();
    let named = json(header)?.get("alg")?.as_str() == Some(algorithm.name());
    let signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
    let verdict = keys.verify(None, algorithm, message.as_bytes(), &signature);
    (named && verdict == Verdict::Good).then(|| json(payload)).flatten()
}

/// Returns whether the claims are of an assertion by the client for this provider alone, which is valid now and was not
/// used before.
fn is_for_us(shared: &Shared, claims: &Value) -> bool {
    let text = |name: &str| claims.get(name).and_then(Value::as_str);
    let time = |name: &str| claims.get(name).and_then(Value::as_i64);
    let now = shared.now();
    let parties = [("iss", &shared.client_id), ("sub", &shared.client_id), ("aud", &shared.issuer)];
    let is_current = time("exp")
        .is_some_and(|exp| exp > now && exp.saturating_sub(now) <= MAX_ASSERTION_SECONDS)
        && time("nbf").is_none_or(|nbf| nbf <= now);
    parties.iter().all(|(name, expected)| text(name) == Some(expected.as_str()))
        && is_current
        && text("jti").is_some_and(|jti| shared.state.lock().is_new_assertion(jti, now))
}
