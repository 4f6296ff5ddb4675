//! A private key that signs JSON Web Tokens.

use std::fmt;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, RSA_PKCS1_SHA256, RSA_PSS_SHA256,
    RsaKeyPair,
};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use zeroize::Zeroizing;

use super::algorithm::SignatureAlgorithm;

/// A private key, and the one algorithm that it signs with. The backend wipes the key when it is dropped.
pub(crate) struct SigningKey {
    algorithm: SignatureAlgorithm,
    pair: KeyPair,
}

pub(crate) enum KeyPair {
    Ecdsa(EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
    Rsa(RsaKeyPair),
}

/// The reason why a text is not a key, without anything of the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum SigningKeyError {
    #[error(
        "the key is not PKCS#8 in PEM (`-----BEGIN PRIVATE KEY-----`): convert it with `openssl pkcs8 -topk8 -nocrypt`"
    )]
    NotPem,
    #[error("the key is not one for {}, or too short: set AUTH0_CLIENT_ASSERTION_SIGNING_ALG to the key's algorithm, or make another key", .0.name())]
    WrongKind(SignatureAlgorithm),
}

/// The error of a backend that did not sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the token could not be signed")]
pub(crate) struct SignError;

impl SigningKey {
    /// Reads PKCS#8 in PEM (RFC 7468 section 10), as `openssl genpkey` writes it.
    pub(crate) fn from_pem(
        pem: &SecretString,
        algorithm: SignatureAlgorithm,
    ) -> Result<Self, SigningKeyError> {
        let der = der(pem.expose_secret()).ok_or(SigningKeyError::NotPem)?;
        let wrong_kind = |_| SigningKeyError::WrongKind(algorithm);
        let pair = match algorithm {
            SignatureAlgorithm::ES256 => {
                let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &der);
                KeyPair::Ecdsa(pair.map_err(wrong_kind)?)
            }
            SignatureAlgorithm::EdDSA => {
                KeyPair::Ed25519(Ed25519KeyPair::from_pkcs8_maybe_unchecked(&der).map_err(wrong_kind)?)
            }
            SignatureAlgorithm::PS256 | SignatureAlgorithm::RS256 => {
                KeyPair::Rsa(RsaKeyPair::from_pkcs8(&der).map_err(wrong_kind)?)
            }
        };
        Ok(Self { algorithm, pair })
    }

    pub(crate) fn algorithm(&self) -> SignatureAlgorithm {
        self.algorithm
    }

    /// Signs a token in compact serialisation (RFC 7515 section 7.1). `header` has to name the algorithm.
    pub(crate) fn sign_jwt(&self, header: &Value, claims: &dyn fmt::Display) -> Result<String, SignError> {
        let message = format!(
            "{}.{}",
            URL_SAFE_NO_PAD.encode(header.to_string()),
            URL_SAFE_NO_PAD.encode(claims.to_string())
        );
        let signature = self.sign(message.as_bytes())?;
        Ok(format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature)))
    }

    /// Makes a new key, for tests and for the provider that tests have.
    #[cfg(any(test, feature = "testing"))]
    pub(crate) fn generate(algorithm: SignatureAlgorithm) -> Result<Self, SignError> {
        let pair = match algorithm {
            SignatureAlgorithm::ES256 => {
                EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).map(KeyPair::Ecdsa)
            }
            SignatureAlgorithm::EdDSA => Ed25519KeyPair::generate().map(KeyPair::Ed25519),
            SignatureAlgorithm::PS256 | SignatureAlgorithm::RS256 => {
                RsaKeyPair::generate(aws_lc_rs::rsa::KeySize::Rsa2048).map(KeyPair::Rsa)
            }
        };
        Ok(Self { algorithm, pair: pair.map_err(|_| SignError)? })
    }

    /// Returns the public half (RFC 7517), without `kid`.
    #[cfg(any(test, feature = "testing"))]
    pub(crate) fn public_jwk(&self) -> Value {
        use aws_lc_rs::signature::KeyPair as _;

        let text = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        let mut jwk = match &self.pair {
            KeyPair::Ecdsa(pair) => {
                // An uncompressed point (SEC 1 section 2.3.3): a byte that says so, then two halves of the same length.
                let point = pair.public_key().as_ref().get(1..).unwrap_or_default();
                let (x, y) = point.split_at(point.len() / 2);
                serde_json::json!({"kty": "EC", "crv": "P-256", "x": text(x), "y": text(y)})
            }
            KeyPair::Ed25519(pair) => {
                serde_json::json!({"kty": "OKP", "crv": "Ed25519", "x": text(pair.public_key().as_ref())})
            }
            KeyPair::Rsa(pair) => {
                let public = pair.public_key();
                let modulus = public.modulus().big_endian_without_leading_zero();
                let exponent = public.exponent().big_endian_without_leading_zero();
                serde_json::json!({"kty": "RSA", "n": text(modulus), "e": text(exponent)})
            }
        };
        if let Some(members) = jwk.as_object_mut() {
            members.insert("use".to_owned(), "sig".into());
            members.insert("alg".to_owned(), self.algorithm.name().into());
        }
        jwk
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SignError> {
        let random = SystemRandom::new();
        match &self.pair {
            KeyPair::Ecdsa(pair) => Ok(pair.sign(&random, message).map_err(|_| SignError)?.as_ref().to_vec()),
            KeyPair::Ed25519(pair) => Ok(pair.sign(message).as_ref().to_vec()),
            KeyPair::Rsa(pair) => {
                let padding = match self.algorithm {
                    SignatureAlgorithm::PS256 => &RSA_PSS_SHA256,
                    _ => &RSA_PKCS1_SHA256,
                };
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(padding, &random, message, &mut signature).map_err(|_| SignError)?;
                Ok(signature)
            }
        }
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKey").field("algorithm", &self.algorithm).finish_non_exhaustive()
    }
}

/// Decodes the one PEM block that the text has to be.
fn der(pem: &str) -> Option<Zeroizing<Vec<u8>>> {
    let base64 = pem.trim().strip_prefix(BEGIN)?.strip_suffix(END)?;
    let base64 = Zeroizing::new(base64.chars().filter(|c| !c.is_ascii_whitespace()).collect::<String>());
    STANDARD.decode(base64.as_bytes()).ok().map(Zeroizing::new)
}

const BEGIN: &str = "-----BEGIN PRIVATE KEY-----";
const END: &str = "-----END PRIVATE KEY-----";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::oidc::jwks::{KeySet, Verdict};

    impl SigningKey {
        /// Fast to make.
        pub(crate) fn generate_for_tests() -> Self {
            Self::generate(SignatureAlgorithm::ES256).unwrap()
        }

        pub(crate) fn to_pem(&self) -> String {
            use aws_lc_rs::encoding::{AsDer as _, Pkcs8V1Der};

            let der = match &self.pair {
                KeyPair::Ecdsa(pair) => pair.to_pkcs8v1().unwrap().as_ref().to_vec(),
                KeyPair::Ed25519(pair) => pair.to_pkcs8v1().unwrap().as_ref().to_vec(),
                KeyPair::Rsa(pair) => {
                    let der: Pkcs8V1Der<'static> = pair.as_der().unwrap();
                    der.as_ref().to_vec()
                }
            };
            let base64 = STANDARD.encode(der);
            let lines: Vec<_> =
                base64.as_bytes().chunks(64).map(|line| str::from_utf8(line).unwrap()).collect();
            format!("{BEGIN}\n{}\n{END}\n", lines.join("\n"))
        }
    }

    fn all() -> [SignatureAlgorithm; 4] {
        [
            SignatureAlgorithm::ES256,
            SignatureAlgorithm::EdDSA,
            SignatureAlgorithm::PS256,
            SignatureAlgorithm::RS256,
        ]
    }

    #[test]
    fn a_key_survives_its_text_and_signs_for_its_public_half_alone() {
        for algorithm in all() {
            let (key, other) =
                (SigningKey::generate(algorithm).unwrap(), SigningKey::generate(algorithm).unwrap());
            let read = SigningKey::from_pem(&key.to_pem().into(), algorithm).unwrap();
            let signature = read.sign(b"message").unwrap();
            let verdict = |key: &SigningKey, message: &[u8]| {
                let set = serde_json::json!({"keys": [key.public_jwk()]}).to_string();
                KeySet::parse(set.as_bytes()).unwrap().verify(None, algorithm, message, &signature)
            };
            assert_eq!(verdict(&key, b"message"), Verdict::Good, "{algorithm:?}");
            assert_eq!(verdict(&key, b"other"), Verdict::Bad, "{algorithm:?}");
            assert_eq!(verdict(&other, b"message"), Verdict::Bad, "{algorithm:?}");
            let pem = key.to_pem();
            let line = pem.lines().nth(1).unwrap();
            assert!(!format!("{read:?}").contains(&line[..20]));
        }
    }

    #[test]
    fn a_key_of_another_kind_is_refused() {
        let keys = [SignatureAlgorithm::ES256, SignatureAlgorithm::EdDSA, SignatureAlgorithm::RS256]
            .map(|algorithm| SigningKey::generate(algorithm).unwrap());
        for key in &keys {
            for algorithm in all() {
                let found = SigningKey::from_pem(&key.to_pem().into(), algorithm);
                let same_kind = std::mem::discriminant(&key.pair)
                    == std::mem::discriminant(&SigningKey::generate(algorithm).unwrap().pair);
                assert_eq!(found.is_ok(), same_kind, "{:?} {algorithm:?}", key.algorithm);
            }
        }
    }

    #[test]
    fn what_is_not_a_key_is_refused_without_repeating_it() {
        let pem = SigningKey::generate_for_tests().to_pem();
        for text in [
            "",
            "hunter2",
            &pem.replace("PRIVATE KEY", "RSA PRIVATE KEY"),
            &pem.replace("PRIVATE KEY", "PUBLIC KEY"),
            &pem.replace("-----END PRIVATE KEY-----", ""),
            &pem.replace(BEGIN, &format!("{BEGIN}!")),
        ] {
            let error = SigningKey::from_pem(&text.into(), SignatureAlgorithm::ES256).unwrap_err();
            assert_eq!(error, SigningKeyError::NotPem);
        }
        let truncated = format!("{BEGIN}\nAAAA\n{END}");
        let error = SigningKey::from_pem(&truncated.into(), SignatureAlgorithm::ES256).unwrap_err();
        assert_eq!(error, SigningKeyError::WrongKind(SignatureAlgorithm::ES256));
        assert!(!error.to_string().contains("AAAA"));
        // One line, as an environment variable may hold it.
        let one_line: String = pem.lines().collect();
        SigningKey::from_pem(&one_line.into(), SignatureAlgorithm::ES256).unwrap();
    }
}
