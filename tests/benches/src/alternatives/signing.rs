//! Signed tokens, and keys for them that nobody else has.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeySize, PublicKeyComponents};
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _, RSA_PKCS1_SHA256, RsaKeyPair,
};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value, json};

/// A key of 2048 bits for RS256.
pub(super) struct Rsa(RsaKeyPair);

/// A key on P-256 for ES256.
pub(super) struct P256(EcdsaKeyPair);

impl Rsa {
    pub(super) fn new() -> Self {
        Self(RsaKeyPair::generate(KeySize::Rsa2048).expect("a key"))
    }

    /// Modulus and exponent.
    pub(super) fn public(&self) -> PublicKeyComponents<Vec<u8>> {
        PublicKeyComponents::from(self.0.public_key())
    }

    pub(super) fn sign(&self, claims: &Map<String, Value>) -> String {
        token("RS256", claims, |message| {
            let mut signature = vec![0; self.0.public_modulus_len()];
            self.0.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message, &mut signature).expect("signed");
            signature
        })
    }
}

impl P256 {
    pub(super) fn new() -> Self {
        Self(EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).expect("a key"))
    }

    /// The point, uncompressed.
    pub(super) fn public(&self) -> &[u8] {
        self.0.public_key().as_ref()
    }

    pub(super) fn sign(&self, claims: &Map<String, Value>) -> String {
        token("ES256", claims, |message| {
            self.0.sign(&SystemRandom::new(), message).expect("signed").as_ref().to_vec()
        })
    }
}

/// As it stands in tokens and in keys.
pub(super) fn base64url(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

fn token(algorithm: &str, claims: &Map<String, Value>, sign: impl FnOnce(&[u8]) -> Vec<u8>) -> String {
    let header = json!({ "alg": algorithm, "kid": KEY_ID, "typ": "JWT" }).to_string();
    let claims = Value::Object(claims.clone()).to_string();
    let message = format!("{}.{}", base64url(header), base64url(claims));
    let signature = base64url(sign(message.as_bytes()));
    format!("{message}.{signature}")
}

/// The name of the key. There is only one at a time.
pub(super) const KEY_ID: &str = "1";
