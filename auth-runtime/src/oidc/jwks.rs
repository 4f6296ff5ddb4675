//! The provider's public keys (RFC 7517).

use std::time::Duration;

use jsonwebtoken::DecodingKey;
use jsonwebtoken::crypto::aws_lc::DEFAULT_PROVIDER as AWS_LC;
use serde::Deserialize;
use serde_json::value::RawValue;
use url::Url;

use super::algorithm::SignatureAlgorithm;
use super::cache::LoadError;
use super::transport::{Answer, Transport, TransportError};
use crate::json;

/// The largest key set, in bytes. Providers publish a handful of keys of about 2 KiB; a hundred of them fit.
pub(crate) const MAX_JWKS_BYTES: usize = 256 * 1024;
/// The most keys in a set. A set with more is refused, because no provider needs so many.
const MAX_KEYS: usize = 100;
/// The largest number of keys that are tried for one signature. If a token names no key, every key for its algorithm is
/// tried, and an attacker can send such a logout token. Providers whose tokens name no key have one or two keys.
const MAX_TRIED: usize = 16;
/// The time for which a key set is fresh: as long as the metadata that name the set.
pub(crate) const JWKS_TTL: Duration = Duration::from_secs(600);
/// The least time between two fetches because of an unknown `kid`, which any sender of a token can invent.
pub(crate) const UNKNOWN_KEY_COOL_DOWN: Duration = Duration::from_secs(30);

/// The keys of a set that can verify a signature.
#[derive(Clone, Debug)]
pub(crate) struct KeySet {
    keys: Vec<VerificationKey>,
}

#[derive(Clone, Debug)]
struct VerificationKey {
    kid: Option<String>,
    alg: Option<String>,
    key: DecodingKey,
}

/// The reason why there is no key set.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum JwksError {
    #[error("the provider's key set is not the JSON object it has to be")]
    Malformed,
    #[error("the provider's key set has no key that could verify a signature")]
    NoUsableKey,
    #[error("the provider's keys could not be fetched for a day, and the cached ones are too old")]
    Outdated,
    #[error("the provider answered the request for its keys with status {0}")]
    Status(u16),
    #[error("the provider's key set has more than {MAX_KEYS} keys")]
    TooManyKeys,
    #[error("the provider's keys could not be fetched: {0}")]
    Transport(#[from] TransportError),
}

/// The keys' verdict on a signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Good,
    Bad,
    /// No key of the set is for this signature. A newer set may have such a key.
    NoKey,
}

/// Fetches and reads the key set.
pub(crate) async fn fetch_jwks(transport: &Transport, jwks_uri: &Url) -> Result<KeySet, JwksError> {
    process_jwks(&transport.get_json(jwks_uri, MAX_JWKS_BYTES).await?)
}

/// Reads the key set in an answer. A key that this crate does not understand is skipped (RFC 7517 section 5).
pub(crate) fn process_jwks(answer: &Answer) -> Result<KeySet, JwksError> {
    if answer.status.as_u16() != 200 {
        return Err(JwksError::Status(answer.status.as_u16()));
    }
    KeySet::parse(&answer.body)
}

impl KeySet {
    pub(crate) fn parse(body: &[u8]) -> Result<Self, JwksError> {
        let text = std::str::from_utf8(body).map_err(|_| JwksError::Malformed)?;
        let set: Set<'_> = json::read_object(text).ok_or(JwksError::Malformed)?;
        if set.keys.len() > MAX_KEYS {
            return Err(JwksError::TooManyKeys);
        }
        let keys: Vec<_> = set.keys.iter().filter_map(|key| read_key(key)).collect();
        // A set without keys verifies nothing, and must not take the place of a set that can.
        if keys.is_empty() {
            return Err(JwksError::NoUsableKey);
        }
        Ok(Self { keys })
    }

    /// Verifies a signature with the keys that `kid` and `algorithm` leave: normally one. Without `kid`, or when
    /// several keys share it, up to [`MAX_TRIED`] keys are tried.
    pub(crate) fn verify(
        &self,
        kid: Option<&str>,
        algorithm: SignatureAlgorithm,
        message: &[u8],
        signature: &[u8],
    ) -> Verdict {
        let backend = algorithm.backend();
        let mut candidates = self
            .keys
            .iter()
            .filter(|key| kid.is_none() || key.kid.as_deref() == kid)
            .filter(|key| key.key.family() == backend.family())
            .filter(|key| key.alg.as_ref().is_none_or(|alg| alg == algorithm.name()))
            .take(MAX_TRIED)
            .peekable();
        if candidates.peek().is_none() {
            return Verdict::NoKey;
        }
        let signature = signature.to_vec();
        let good = candidates.any(|candidate| {
            // The backend is named here, because another dependency may have installed the process-wide default.
            (AWS_LC.verifier_factory)(&backend, &candidate.key)
                .is_ok_and(|verifier| verifier.verify(message, &signature).is_ok())
        });
        if good { Verdict::Good } else { Verdict::Bad }
    }

    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        self.keys.len()
    }
}

impl LoadError for JwksError {
    fn outdated() -> Self {
        Self::Outdated
    }
}

impl JwksError {
    /// Returns a stable code, for logs and metrics.
    pub(crate) fn code(&self) -> &'static str {
        match self {
            Self::Malformed => "jwks_malformed",
            Self::NoUsableKey => "jwks_no_usable_key",
            Self::Outdated => "jwks_outdated",
            Self::Status(_) => "jwks_status",
            Self::TooManyKeys => "jwks_too_many_keys",
            Self::Transport(error) => error.code(),
        }
    }
}

#[derive(Deserialize)]
struct Set<'a> {
    #[serde(borrow)]
    keys: Vec<&'a RawValue>,
}

/// The members of a key that are read. Private and symmetric members have no field here, so they are not read at all.
#[derive(Deserialize)]
struct Jwk {
    kty: String,
    kid: Option<String>,
    alg: Option<String>,
    #[serde(rename = "use")]
    public_key_use: Option<String>,
    key_ops: Option<Vec<String>>,
    /// The modulus of an RSA key, whose exponent is `e` (RFC 7518 section 6.3.1).
    n: Option<String>,
    e: Option<String>,
    /// The name of an elliptic curve, with the point in `x` and `y` (RFC 7518 section 6.2.1, RFC 8037 section 2).
    crv: Option<String>,
    x: Option<String>,
    y: Option<String>,
}

/// Reads a key. `None` if the key is for another purpose, or of a kind that verifies nothing here.
fn read_key(raw: &RawValue) -> Option<VerificationKey> {
    let jwk: Jwk = json::read_object(raw.get())?;
    if jwk.public_key_use.as_deref().is_some_and(|purpose| purpose != "sig") {
        return None;
    }
    if jwk.key_ops.as_ref().is_some_and(|operations| !operations.iter().any(|name| name == "verify")) {
        return None;
    }
    let key = match (jwk.kty.as_str(), jwk.crv.as_deref()) {
        ("RSA", _) => DecodingKey::from_rsa_components(jwk.n.as_deref()?, jwk.e.as_deref()?).ok()?,
        ("EC", Some("P-256")) => {
            DecodingKey::from_ec_components(jwk.x.as_deref()?, jwk.y.as_deref()?).ok()?
        }
        ("OKP", Some("Ed25519")) => DecodingKey::from_ed_components(jwk.x.as_deref()?).ok()?,
        _ => return None,
    };
    Some(VerificationKey { kid: jwk.kid, alg: jwk.alg, key })
}

#[cfg(test)]
mod tests {
    use http::StatusCode;
    use serde_json::{Value, json};

    use super::*;

    fn process(body: impl Into<Vec<u8>>) -> Result<KeySet, JwksError> {
        process_jwks(&Answer {
            status: StatusCode::OK,
            media_type: "application/json".to_owned(),
            retry_after: None,
            body: body.into(),
        })
    }

    fn key(kid: &str) -> Value {
        json!({"kty": "RSA", "kid": kid, "n": "AQAB", "e": "AQAB"})
    }

    #[test]
    fn jwk_02_too_many_keys_are_refused_and_a_hundred_are_not() {
        let keys: Vec<_> = (0..101).map(|i| key(&i.to_string())).collect();
        assert_eq!(process(json!({"keys": keys}).to_string()).unwrap_err(), JwksError::TooManyKeys);
        assert_eq!(process(json!({"keys": keys[..100]}).to_string()).unwrap().len(), 100);
    }

    #[test]
    fn dos_07_a_token_that_names_no_key_is_tried_with_so_many_keys_and_no_more() {
        use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
        use base64::Engine as _;

        let pair = |seed: u8| Ed25519KeyPair::from_seed_unchecked(&[seed; 32]).unwrap();
        let jwk = |seed: u8| {
            let x = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(pair(seed).public_key());
            json!({"kty": "OKP", "crv": "Ed25519", "x": x, "kid": seed.to_string()})
        };
        let message = b"header.claims";
        let signature = pair(0).sign(message);
        // The right key comes last.
        let verdict = |others: u8, kid| {
            let keys: Vec<_> = (1..=others).chain([0]).map(jwk).collect();
            let set = process(json!({"keys": keys}).to_string()).unwrap();
            set.verify(kid, SignatureAlgorithm::EdDSA, message, signature.as_ref())
        };
        let most = u8::try_from(MAX_TRIED).unwrap();
        assert_eq!(verdict(most - 1, None), Verdict::Good);
        assert_eq!(verdict(most, None), Verdict::Bad);
        assert_eq!(verdict(most, Some("0")), Verdict::Good);
    }

    #[test]
    fn jwk_02_what_is_not_a_key_set_is_refused() {
        for body in [
            "",
            "null",
            "[]",
            "<html></html>",
            "{}",
            "{\"keys\":null}",
            "{\"keys\":{}}",
            "\u{feff}{\"keys\":[]}",
            "{\"keys\":[],\"keys\":[]}",
            "[[{\"kty\":\"RSA\",\"n\":\"AQAB\",\"e\":\"AQAB\"}]]",
        ] {
            assert_eq!(process(body).unwrap_err(), JwksError::Malformed, "{body}");
        }
    }

    #[test]
    fn jwk_02_an_array_is_no_key() {
        // The members of a key in the order in which this module declares them.
        let array = json!(["RSA", "a", null, null, null, "AQAB", "AQAB", null, null, null]);
        let set = |keys: &[&Value]| process(json!({ "keys": keys }).to_string());
        assert_eq!(set(&[&array]).unwrap_err(), JwksError::NoUsableKey);
        assert_eq!(set(&[&array, &key("b")]).unwrap().len(), 1);
    }

    #[test]
    fn a_status_other_than_200_is_no_key_set() {
        let answer = Answer {
            status: StatusCode::NOT_FOUND,
            media_type: String::new(),
            retry_after: None,
            body: b"{\"keys\":[]}".to_vec(),
        };
        assert_eq!(process_jwks(&answer).unwrap_err(), JwksError::Status(404));
    }

    #[test]
    fn idt_05_keys_for_other_purposes_are_skipped() {
        let with = |name: &str, value: Value| {
            let mut key = key("a");
            key[name] = value;
            key
        };
        let skipped = [
            with("use", json!("enc")),
            with("key_ops", json!(["encrypt"])),
            with("kty", json!("oct")),
            with("kty", json!("EC")),
            json!({"kty": "EC", "crv": "P-256", "x": "AQAB"}),
            json!({"kty": "EC", "crv": "P-384", "x": "AQAB", "y": "AQAB"}),
            json!({"kty": "EC", "crv": "secp256k1", "x": "AQAB", "y": "AQAB"}),
            json!({"kty": "OKP", "crv": "Ed448", "x": "AQAB"}),
            json!({"kty": "OKP", "crv": "X25519", "x": "AQAB"}),
            json!({"kty": "OKP", "x": "AQAB"}),
            with("n", Value::Null),
            with("n", json!("not base64url!")),
            json!(1),
            Value::Null,
        ];
        for skipped in skipped {
            let set = json!({"keys": [skipped]}).to_string();
            assert_eq!(process(set.as_str()).unwrap_err(), JwksError::NoUsableKey, "{set}");
            assert_eq!(process(json!({"keys": [skipped, key("b")]}).to_string()).unwrap().len(), 1);
        }
        assert_eq!(process("{\"keys\":[]}").unwrap_err(), JwksError::NoUsableKey);
        let kept = [with("use", json!("sig")), with("key_ops", json!(["verify"])), with("x5c", json!(["a"]))];
        assert_eq!(process(json!({"keys": kept}).to_string()).unwrap().len(), 3);
    }

    #[test]
    fn idt_05_and_s_8725_1_only_keys_that_the_header_leaves_are_tried() {
        let mut other_alg = key("b");
        other_alg["alg"] = json!("RS512");
        let set = process(json!({"keys": [key("a"), other_alg]}).to_string()).unwrap();
        let verdict = |kid, algorithm| set.verify(kid, algorithm, b"message", b"signature");
        assert_eq!(verdict(Some("a"), SignatureAlgorithm::RS256), Verdict::Bad);
        assert_eq!(verdict(None, SignatureAlgorithm::RS256), Verdict::Bad);
        assert_eq!(verdict(Some("b"), SignatureAlgorithm::RS256), Verdict::NoKey);
        assert_eq!(verdict(Some("A"), SignatureAlgorithm::RS256), Verdict::NoKey);
        assert_eq!(verdict(Some(""), SignatureAlgorithm::RS256), Verdict::NoKey);
        assert_eq!(verdict(Some("a"), SignatureAlgorithm::ES256), Verdict::NoKey);
        assert_eq!(verdict(Some("a"), SignatureAlgorithm::EdDSA), Verdict::NoKey);
    }

    #[test]
    fn idt_04_a_key_that_is_no_point_of_its_curve_verifies_nothing() {
        for (key, algorithm) in [
            (json!({"kty": "EC", "crv": "P-256", "x": "AQAB", "y": "AQAB"}), SignatureAlgorithm::ES256),
            (json!({"kty": "OKP", "crv": "Ed25519", "x": "AQAB"}), SignatureAlgorithm::EdDSA),
            (json!({"kty": "OKP", "crv": "Ed25519", "x": ""}), SignatureAlgorithm::EdDSA),
        ] {
            let set = process(json!({"keys": [key]}).to_string()).unwrap();
            assert_eq!(set.verify(None, algorithm, b"message", &[0; 64]), Verdict::Bad, "{key}");
        }
    }
}

#[cfg(test)]
#[path = "wycheproof_tests.rs"]
mod wycheproof_tests;
