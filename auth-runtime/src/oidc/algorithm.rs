//! Signature algorithms under the names of JSON Web Algorithms (RFC 7518 section 3.1, RFC 8037 section 3.1).

use jsonwebtoken::Algorithm;
use sha2::{Digest, Sha256, Sha512};

/// An algorithm that signs tokens. All of them have a public key: a shared secret never verifies a token here.
///
/// ```
/// use auth_runtime::{Auth, SignatureAlgorithm};
///
/// // A provider that signs with elliptic curves.
/// let builder = Auth::builder().id_token_algorithms([SignatureAlgorithm::ES256]);
/// assert_eq!(SignatureAlgorithm::ES256.name(), "ES256");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SignatureAlgorithm {
    /// ECDSA on P-256 with SHA-256.
    ES256,
    /// Ed25519.
    EdDSA,
    /// RSASSA-PSS with SHA-256.
    PS256,
    /// RSASSA-PKCS1-v1_5 with SHA-256, which every provider supports (OpenID Connect Core 1.0 section 15.1).
    RS256,
}

impl SignatureAlgorithm {
    /// Returns the name in a token's `alg`.
    pub fn name(self) -> &'static str {
        match self {
            Self::ES256 => "ES256",
            Self::EdDSA => "EdDSA",
            Self::PS256 => "PS256",
            Self::RS256 => "RS256",
        }
    }

    /// Returns the algorithm of this name, compared as written: `rs256` is not RS256, and `none` is no algorithm.
    pub(crate) fn from_name(name: &str) -> Option<Self> {
        ALL.into_iter().find(|algorithm| algorithm.name() == name)
    }

    pub(super) fn backend(self) -> Algorithm {
        match self {
            Self::ES256 => Algorithm::ES256,
            Self::EdDSA => Algorithm::EdDSA,
            Self::PS256 => Algorithm::PS256,
            Self::RS256 => Algorithm::RS256,
        }
    }

    /// Returns the hash for `at_hash`, made with the hash function of the signature (OpenID Connect Core 1.0 section
    /// 3.1.3.6). For Ed25519 that is SHA-512, which RFC 8032 section 5.1 builds on and the OpenID libraries agree upon.
    pub(crate) fn digest(self, text: &str) -> Vec<u8> {
        match self {
            Self::ES256 | Self::PS256 | Self::RS256 => Sha256::digest(text).to_vec(),
            Self::EdDSA => Sha512::digest(text).to_vec(),
        }
    }
}

const ALL: [SignatureAlgorithm; 4] = [
    SignatureAlgorithm::ES256,
    SignatureAlgorithm::EdDSA,
    SignatureAlgorithm::PS256,
    SignatureAlgorithm::RS256,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_as_written() {
        for algorithm in ALL {
            assert_eq!(SignatureAlgorithm::from_name(algorithm.name()), Some(algorithm));
            assert_eq!(format!("{:?}", algorithm.backend()), algorithm.name());
        }
        for name in ["none", "NONE", "", "rs256", "RS256 ", "HS256", "RS512", "Ed25519"] {
            assert_eq!(SignatureAlgorithm::from_name(name), None, "{name}");
        }
    }
}
