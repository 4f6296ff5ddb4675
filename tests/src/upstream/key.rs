//! Keys that sign ID tokens.

use std::fmt;
use std::sync::{Arc, OnceLock};

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_SHA256, RsaKeyPair};
use serde_json::{Value, json};

use crate::url64;

/// An RSA key and its name.
pub struct SigningKey {
    pair: RsaKeyPair,
    kid: String,
}

/// The key of every provider in this process: making one takes longer than most tests.
pub fn shared_key() -> Arc<SigningKey> {
    static KEY: OnceLock<Arc<SigningKey>> = OnceLock::new();
    Arc::clone(KEY.get_or_init(|| Arc::new(SigningKey::generate("key-1"))))
}

impl SigningKey {
    /// Makes a key.
    pub fn generate(kid: &str) -> Self {
        let pair = RsaKeyPair::generate(KeySize::Rsa2048).expect("a key");
        Self { pair, kid: kid.to_owned() }
    }

    /// The public half, as a member of a key set.
    pub fn jwk(&self) -> Value {
        json!({
            "kty": "RSA",
            "use": "sig",
            "alg": "RS256",
            "kid": self.kid,
            "n": url64(self.pair.public_key().modulus().big_endian_without_leading_zero()),
            "e": url64(self.pair.public_key().exponent().big_endian_without_leading_zero()),
        })
    }

    /// The header that goes with this key.
    pub fn header(&self) -> Value {
        json!({ "alg": "RS256", "typ": "JWT", "kid": self.kid })
    }

    /// A JWT with any header, signed with RS256 whatever the header says.
    pub fn sign(&self, header: &Value, claims: &str) -> String {
        let message = format!("{}.{}", url64(header.to_string().as_bytes()), url64(claims.as_bytes()));
        let mut signature = vec![0; self.pair.public_modulus_len()];
        self.pair
            .sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message.as_bytes(), &mut signature)
            .expect("a signature");
        format!("{message}.{}", url64(&signature))
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKey").field("kid", &self.kid).finish_non_exhaustive()
    }
}
