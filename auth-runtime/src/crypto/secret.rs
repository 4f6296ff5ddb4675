//! The secret from which every key is derived, and what makes one too weak.

use std::fmt;

use secrecy::{ExposeSecret, SecretString};

use super::entropy::Entropy;
use super::key_ring::hexadecimal;

/// A session secret, used verbatim as text: hexadecimal digits are not decoded.
///
/// ```
/// use auth_runtime::codec::Secret;
///
/// let secret = Secret::new("a value from `openssl rand -hex 32`");
/// assert_eq!(format!("{secret:?}"), "Secret([REDACTED])");
/// ```
#[derive(Clone)]
pub struct Secret(SecretString);

impl Secret {
    /// Takes the text as it is.
    pub fn new(text: impl Into<String>) -> Self {
        Self(SecretString::from(text.into()))
    }

    /// Returns why this secret is refused, if it is.
    ///
    /// ```
    /// use auth_runtime::codec::{Secret, Weakness};
    ///
    /// assert_eq!(Secret::new("short").weakness(), Some(Weakness::TooShort { bytes: 5 }));
    /// ```
    pub fn weakness(&self) -> Option<Weakness> {
        let text = self.0.expose_secret();
        if text.len() < MIN_SECRET_BYTES {
            return Some(Weakness::TooShort { bytes: text.len() });
        }
        let mut seen = [false; 256];
        for byte in text.bytes() {
            if let Some(seen) = seen.get_mut(usize::from(byte)) {
                *seen = true;
            }
        }
        if seen.iter().filter(|seen| **seen).count() < MIN_DISTINCT_BYTES {
            return Some(Weakness::TooUniform);
        }
        if PRINTED_SECRETS.contains(&text.trim()) {
            return Some(Weakness::Printed);
        }
        None
    }

    /// Returns whether white space surrounds the secret. The white space is part of the secret, and rarely meant to be.
    ///
    /// ```
    /// use auth_runtime::codec::Secret;
    ///
    /// assert!(Secret::new("copied with a line break\n").has_outer_white_space());
    /// ```
    pub fn has_outer_white_space(&self) -> bool {
        let text = self.0.expose_secret();
        text.trim().len() != text.len()
    }

    /// Returns whether both secrets have the same text, compared in constant time.
    pub(crate) fn equals(&self, other: &Self) -> bool {
        subtle::ConstantTimeEq::ct_eq(self.expose(), other.expose()).into()
    }

    pub(super) fn expose(&self) -> &[u8] {
        self.0.expose_secret().as_bytes()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret([REDACTED])")
    }
}

/// The reason why a secret is refused at start-up.
///
/// ```
/// use auth_runtime::codec::{Secret, Weakness};
///
/// assert_eq!(Secret::new("a".repeat(64)).weakness(), Some(Weakness::TooUniform));
/// # let text = auth_runtime::__private::random_secret();
/// assert_eq!(Secret::new(text).weakness(), None);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Weakness {
    /// The secret is printed in this project's documentation, so every reader has it.
    Printed,
    /// The secret has fewer than 32 bytes.
    TooShort {
        /// Number of bytes.
        bytes: usize,
    },
    /// The secret has fewer than 8 different bytes.
    TooUniform,
}

impl fmt::Display for Weakness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Printed => f.write_str("it is printed in the documentation, so it is no secret"),
            Self::TooShort { bytes } => {
                write!(f, "it has {bytes} bytes; at least {MIN_SECRET_BYTES} are needed")
            }
            Self::TooUniform => {
                write!(f, "it has fewer than {MIN_DISTINCT_BYTES} different bytes, so it can be guessed")
            }
        }
    }
}

/// The least number of bytes in a secret: AES-256 needs 256 bits of key material (RFC 8725 §3.5: sufficient entropy).
const MIN_SECRET_BYTES: usize = 32;

/// The least number of different bytes in a secret. `openssl rand -hex 32` gives fewer about once in 10^19 tries.
const MIN_DISTINCT_BYTES: usize = 8;

/// Returns a new secret: 256 random bits in hexadecimal digits.
///
/// # Panics
///
/// Where the operating system gives no random bytes.
#[expect(clippy::expect_used, reason = "an example or a test cannot go on without")]
pub fn random_secret() -> String {
    hexadecimal(&Entropy::SYSTEM.bytes::<32>().expect("the operating system gives random bytes"))
}

/// The values that the documentation shows or has shown, also in lines that only its source shows.
const PRINTED_SECRETS: [&str; 7] = [
    "a value from `openssl rand -hex 32`",
    "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
    "use [openssl rand -hex 32] to generate a 32 bytes value",
    "9f1c0d6a5be2774c83d1f0a2b4c6e8d7",
    "7d1f0a2b4c6e8d79f1c0d6a5be2774c8",
    // The header of a cookie, and the code challenge of RFC 7636 appendix B.
    "eyJlbmMiOiJBMjU2R0NNIiwiYWxnIjoiZGlyIn0",
    "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s_8725_3_weak_secrets_are_named_for_their_weakness() {
        let weakness = |text: &str| Secret::new(text).weakness();
        assert_eq!(weakness("short"), Some(Weakness::TooShort { bytes: 5 }));
        assert_eq!(weakness(&"ab".repeat(32)), Some(Weakness::TooUniform));
        for printed in PRINTED_SECRETS {
            assert_eq!(weakness(printed), Some(Weakness::Printed));
            assert_eq!(
                weakness(&format!(" {printed}\n")),
                Some(Weakness::Printed),
                "white space hides nothing"
            );
        }
        assert_eq!(weakness("c4e19b7250fd83a6e8b1d70f42956acb"), None);
    }

    #[test]
    fn key_06_outer_white_space_is_seen_and_kept() {
        let secret = Secret::new("c4e19b7250fd83a6e8b1d70f42956acb\n");
        assert!(secret.has_outer_white_space());
        assert_eq!(secret.expose().last(), Some(&b'\n'));
    }
}
