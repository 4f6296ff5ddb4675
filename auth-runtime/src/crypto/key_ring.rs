//! The current secret and the previous ones: the first secret seals, all of them open.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use hkdf::Hkdf;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use zeroize::Zeroizing;

use super::cipher::Cipher;
use super::previous_secret::PreviousSecret;
use super::secret::{Secret, Weakness};
use crate::time::Timestamp;

/// The keys of one or more secrets, derived once. To rotate, put the new secret first. Remove the old secret when the
/// last cookie that it sealed has expired.
///
/// ```
/// use auth_runtime::codec::{KeyRing, Secret};
///
/// # let new = auth_runtime::__private::random_secret();
/// # let old = auth_runtime::__private::random_secret();
/// let ring = KeyRing::new([Secret::new(new), Secret::new(old)])?;
/// # Ok::<(), auth_runtime::codec::KeyRingError>(())
/// ```
#[derive(Clone)]
pub struct KeyRing {
    keys: Arc<[Keys]>,
    /// Number of encryptions with the current key since this process started, shared by all clones.
    sealed: Arc<AtomicU64>,
}

/// The keys that one secret yields. They wipe themselves when dropped.
pub(super) struct Keys {
    pub(super) content_encryption: Cipher,
    cookie_signing: Zeroizing<[u8; KEY_BYTES]>,
    /// The secret from which the keys for stores are derived.
    stores: Zeroizing<[u8; KEY_BYTES]>,
    /// The time from which on nothing that the keys sealed or signed is accepted.
    until: Option<Timestamp>,
}

impl KeyRing {
    /// Derives the keys of 1 to 4 secrets. The first secret seals, all of them open.
    ///
    /// # Errors
    ///
    /// There is no secret, there are too many, or a secret is weak.
    pub fn new(secrets: impl IntoIterator<Item = Secret>) -> Result<Self, KeyRingError> {
        Self::checked(&secrets.into_iter().map(PreviousSecret::from).collect::<Vec<_>>())
    }

    /// Derives the keys of the current secret, which seals, and of up to 3 previous secrets, which open until they end.
    ///
    /// # Errors
    ///
    /// There are too many secrets, or a secret is weak.
    ///
    /// ```
    /// use auth_runtime::codec::{KeyRing, Secret, Timestamp};
    /// use auth_runtime::previous_secret;
    ///
    /// # let new = auth_runtime::__private::random_secret();
    /// # let old = auth_runtime::__private::random_secret();
    /// let until = Timestamp::from_unix(1_790_000_000);
    /// let ring = KeyRing::rotating(Secret::new(new), [previous_secret(old).until(until)])?;
    /// # Ok::<(), auth_runtime::codec::KeyRingError>(())
    /// ```
    pub fn rotating(
        current: Secret,
        previous: impl IntoIterator<Item = PreviousSecret>,
    ) -> Result<Self, KeyRingError> {
        Self::checked(&std::iter::once(current.into()).chain(previous).collect::<Vec<_>>())
    }

    fn checked(secrets: &[PreviousSecret]) -> Result<Self, KeyRingError> {
        for (index, previous) in secrets.iter().enumerate() {
            if let Some(weakness) = previous.secret.weakness() {
                return Err(KeyRingError::Weak { index, weakness });
            }
        }
        Self::derive(secrets)
    }

    /// Like [`KeyRing::new`], but takes secrets of any strength. For tools that look into cookies which were
    /// sealed with a weak secret; a service has no use for it.
    ///
    /// # Errors
    ///
    /// There is no secret, or there are too many.
    ///
    /// ```
    /// use auth_runtime::codec::{KeyRing, Secret};
    ///
    /// assert!(KeyRing::new([Secret::new("short")]).is_err());
    /// assert!(KeyRing::danger_accept_weak_secrets([Secret::new("short")]).is_ok());
    /// ```
    pub fn danger_accept_weak_secrets(
        secrets: impl IntoIterator<Item = Secret>,
    ) -> Result<Self, KeyRingError> {
        Self::derive(&secrets.into_iter().map(PreviousSecret::from).collect::<Vec<_>>())
    }

    fn derive(secrets: &[PreviousSecret]) -> Result<Self, KeyRingError> {
        match secrets.len() {
            0 => Err(KeyRingError::Empty),
            1..=MAX_SECRETS => {
                Ok(Self { keys: secrets.iter().map(Keys::derive).collect(), sealed: Arc::default() })
            }
            count => Err(KeyRingError::TooMany { count }),
        }
    }

    /// Returns the keys that seal.
    pub(super) fn current(&self) -> Option<&Keys> {
        self.keys.first()
    }

    /// Returns the keys of all secrets, those of the current one first.
    pub(super) fn all(&self) -> impl Iterator<Item = &Keys> {
        self.keys.iter()
    }

    /// Counts an encryption and returns its number.
    ///
    /// The count is this process's own: another process with the same secret has its own count.
    pub(super) fn count_seal(&self) -> u64 {
        self.sealed.fetch_add(1, Ordering::Relaxed).saturating_add(1)
    }

    /// Returns when the secret at `key_index` ends, if it ends.
    pub(crate) fn end_of(&self, key_index: usize) -> Option<Timestamp> {
        self.keys.get(key_index).and_then(|keys| keys.until)
    }

    /// Returns the number of secrets.
    pub(crate) fn len(&self) -> usize {
        self.keys.len()
    }

    /// Derives other keys for what stores keep, of the same secrets in the same order.
    pub(crate) fn for_stores(&self) -> Self {
        let keys = self.keys.iter().map(|keys| Keys::derive_from(&*keys.stores, keys.until)).collect();
        Self { keys, sealed: Arc::default() }
    }

    /// Returns a code for `text` with each secret (HMAC-SHA-256). Equal texts have equal codes, and only a holder of
    /// the secret can tell which text a code is of. Codes of one `kind` tell nothing of the codes of another.
    pub(crate) fn codes(&self, kind: &str, text: &str) -> Vec<String> {
        let code = |keys: &Keys| {
            let mac = mac(&keys.cookie_signing, [kind, "\0", text])?;
            Some(hexadecimal(&mac.finalize().into_bytes()))
        };
        self.keys.iter().filter_map(code).collect()
    }

    /// Returns the value of a cookie that nextjs-auth0 v3 signed: `<value>.<signature>`, exactly two parts.
    ///
    /// The signature is that of a flattened JWS with unencoded payload (RFC 7797) over `<name>=<value>`.
    pub(crate) fn verify_signed<'v>(&self, name: &str, signed: &'v str, now: Timestamp) -> Option<&'v str> {
        if signed.len() > MAX_SIGNED_CHARS {
            return None;
        }
        let (value, signature) = signed.split_once('.')?;
        if value.is_empty() || signature.contains('.') {
            return None;
        }
        let mut bytes = [0; KEY_BYTES];
        super::jwe::decode_exact(signature.as_bytes(), &mut bytes)?;
        self.keys.iter().any(|keys| keys.count_at(now) && keys.signs(name, value, &bytes)).then_some(value)
    }
}

impl Keys {
    fn derive(previous: &PreviousSecret) -> Self {
        Self::derive_from(previous.secret.expose(), previous.until)
    }

    fn derive_from(secret: &[u8], until: Option<Timestamp>) -> Self {
        let hkdf = Hkdf::<Sha256>::new(None, secret);
        let content_encryption = expand(&hkdf, CONTENT_ENCRYPTION_INFO);
        Self {
            content_encryption: Cipher::new(&content_encryption),
            cookie_signing: expand(&hkdf, COOKIE_SIGNING_INFO),
            stores: expand(&hkdf, STORES_INFO),
            until,
        }
    }

    /// Returns whether a value that these keys sealed or signed is still accepted.
    pub(super) fn count_at(&self, now: Timestamp) -> bool {
        self.until.is_none_or(|until| now < until)
    }

    /// Returns whether `signature` is that of the cookie `name` with this value.
    fn signs(&self, name: &str, value: &str, signature: &[u8; KEY_BYTES]) -> bool {
        let mac = mac(&self.cookie_signing, [SIGNED_COOKIE_HEADER, ".", name, "=", value]);
        mac.is_some_and(|mac| mac.verify_slice(signature).is_ok())
    }
}

/// Begins the HMAC-SHA-256 of the parts, one after the other.
fn mac<P: AsRef<[u8]>>(
    key: &Zeroizing<[u8; KEY_BYTES]>,
    parts: impl IntoIterator<Item = P>,
) -> Option<Hmac<Sha256>> {
    let mut mac = Hmac::<Sha256>::new_from_slice(&**key).ok()?;
    for part in parts {
        mac.update(part.as_ref());
    }
    Some(mac)
}

fn expand(hkdf: &Hkdf<Sha256>, info: &[u8]) -> Zeroizing<[u8; KEY_BYTES]> {
    let mut key = Zeroizing::new([0; KEY_BYTES]);
    #[expect(clippy::expect_used, reason = "HKDF-SHA-256 gives up to 255 * 32 bytes (RFC 5869 §2.3)")]
    hkdf.expand(info, &mut *key).expect("32 bytes can be expanded");
    key
}

impl fmt::Debug for KeyRing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyRing").field("secrets", &self.keys.len()).finish_non_exhaustive()
    }
}

/// Returns the bytes in lower-case hexadecimal digits.
pub(crate) fn hexadecimal(bytes: &[u8]) -> String {
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 0xf]);
    digits.filter_map(|digit| char::from_digit(digit.into(), 16)).collect()
}

/// The reason why secrets make no key ring.
///
/// ```
/// use auth_runtime::codec::{KeyRing, KeyRingError};
///
/// assert_eq!(KeyRing::new([]).unwrap_err(), KeyRingError::Empty);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyRingError {
    /// There is no secret.
    #[error("no secret is given")]
    Empty,
    /// There are more than [`MAX_SECRETS`]: each secret costs a decryption for every foreign cookie.
    #[error("{count} secrets are given; at most {MAX_SECRETS} can be tried for each cookie")]
    TooMany {
        /// Number of secrets.
        count: usize,
    },
    /// A secret can be guessed.
    #[error("secret number {} is too weak: {weakness}", index.saturating_add(1))]
    Weak {
        /// The place of the weak secret, counted from 0.
        index: usize,
        /// The reason why the secret is weak.
        weakness: Weakness,
    },
}

/// The most secrets in a ring: each one is tried on a cookie that none of them sealed.
pub const MAX_SECRETS: usize = 4;

/// The most encryptions with one key that random 96-bit initialization vectors allow (NIST SP 800-38D §8.3).
pub(super) const MAX_SEALS_PER_KEY: u64 = 1 << 32;

/// The number of encryptions at which a warning asks for the next secret.
pub(super) const MANY_SEALS_PER_KEY: u64 = MAX_SEALS_PER_KEY / 2;

pub(super) const KEY_BYTES: usize = 32;
const CONTENT_ENCRYPTION_INFO: &[u8] = b"JWE CEK";
const COOKIE_SIGNING_INFO: &[u8] = b"JWS Cookie Signing";
const STORES_INFO: &[u8] = b"auth-runtime stores";

/// The longest signed cookie that is verified, in characters: an id, which v3 made of 32, and a signature of 43. The
/// MAC of a long value would cost more than anything else that a stranger can send.
const MAX_SIGNED_CHARS: usize = 512;

/// The header of a v3 signature: base64url of `{"alg":"HS256","b64":false,"crit":["b64"]}`.
const SIGNED_COOKIE_HEADER: &str = "eyJhbGciOiJIUzI1NiIsImI2NCI6ZmFsc2UsImNyaXQiOlsiYjY0Il19";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::{Entropy, SealError};

    const SECRET: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    const NOW: Timestamp = Timestamp::from_unix(1_790_000_000);

    fn ring() -> KeyRing {
        KeyRing::danger_accept_weak_secrets([Secret::new(SECRET)]).unwrap()
    }

    #[test]
    fn both_keys_of_the_reference_secret_are_derived() {
        let hkdf = Hkdf::<Sha256>::new(None, SECRET.as_bytes());
        let first = |info| u128::from_be_bytes(*expand(&hkdf, info).first_chunk().unwrap());
        let last = |info| u128::from_be_bytes(*expand(&hkdf, info).last_chunk().unwrap());
        assert_eq!(first(CONTENT_ENCRYPTION_INFO), 0x4867_9de1_98d6_c71a_096b_ce60_e169_d148);
        assert_eq!(last(CONTENT_ENCRYPTION_INFO), 0x5a45_ec6c_1ee2_1d6e_dc36_e102_86e6_a040);
        assert_eq!(first(COOKIE_SIGNING_INFO), 0x5c57_594c_c1e8_a949_fa8b_1e57_705a_4e8e);
        assert_eq!(last(COOKIE_SIGNING_INFO), 0xe76c_1d5c_e1e0_8524_0dab_abe5_078c_41f3);
    }

    const SIGNED: &str = "my-session-id.031h6y8-J7bX3i_uYKxxXVf6kgNtZcbR29yu9lFbnG8";

    #[test]
    fn a_signed_cookie_yields_its_value() {
        assert_eq!(ring().verify_signed("appSession", SIGNED, NOW), Some("my-session-id"));
    }

    #[test]
    fn ctx_11_a_signed_cookie_has_exactly_two_parts() {
        for value in [format!("{SIGNED}.x"), format!("a.{SIGNED}"), "my-session-id".into(), String::new()] {
            assert_eq!(ring().verify_signed("appSession", &value, NOW), None, "{value}");
        }
    }

    #[test]
    fn dos_07_an_endless_signed_cookie_is_not_looked_at() {
        use base64::Engine as _;
        let sign = |value: &str| {
            let ring = ring();
            let keys = ring.current().unwrap();
            let mut mac = Hmac::<Sha256>::new_from_slice(&*keys.cookie_signing).unwrap();
            mac.update(format!("{SIGNED_COOKIE_HEADER}.appSession={value}").as_bytes());
            let code = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes());
            ring.verify_signed("appSession", &format!("{value}.{code}"), NOW).is_some()
        };
        assert!(sign("my-session-id"));
        let longest = MAX_SIGNED_CHARS - 44;
        assert!(sign(&"x".repeat(longest)));
        assert!(!sign(&"x".repeat(longest + 1)));
    }

    #[test]
    fn key_03_a_signature_of_a_previous_secret_counts_until_its_end() {
        let new = Secret::new("71d5e0c93a8f46b2b90e6c7fd1482a35");
        let verifies = |old: PreviousSecret| {
            let ring = KeyRing::derive(&[new.clone().into(), old]).unwrap();
            ring.verify_signed("appSession", SIGNED, NOW).is_some()
        };
        let old = PreviousSecret::new(SECRET);
        assert!(verifies(old.clone()));
        assert!(verifies(old.clone().until(NOW.saturating_add(1))));
        assert!(!verifies(old.clone().until(NOW)));
        assert!(!verifies(old.until(NOW.saturating_sub(1))));
    }

    #[test]
    fn ctx_12_a_signature_holds_for_one_cookie_name() {
        assert_eq!(ring().verify_signed("__session", SIGNED, NOW), None);
    }

    #[test]
    fn key_04_more_than_four_secrets_are_refused() {
        let secrets = (0..16).map(|n| Secret::new(format!("c4e19b7250fd83a6e8b1d70f42956ac{n:x}")));
        assert_eq!(KeyRing::new(secrets).unwrap_err(), KeyRingError::TooMany { count: 16 });
        assert_eq!(KeyRing::new([]).unwrap_err(), KeyRingError::Empty);
    }

    #[test]
    fn a_weak_secret_anywhere_in_the_ring_is_refused() {
        let strong = Secret::new("c4e19b7250fd83a6e8b1d70f42956acb");
        let error = KeyRing::new([strong, Secret::new("x")]).unwrap_err();
        assert_eq!(error, KeyRingError::Weak { index: 1, weakness: Weakness::TooShort { bytes: 1 } });
    }

    #[test]
    fn key_10_and_s_jwe_6_no_secret_encrypts_more_often_than_is_safe() {
        let ring = ring();
        let last = ring.seal(b"{}", Entropy::SYSTEM).unwrap();
        ring.sealed.store(MAX_SEALS_PER_KEY - 1, Ordering::Relaxed);
        // Clones count together, stores by themselves.
        ring.clone().seal(b"{}", Entropy::SYSTEM).unwrap();
        for _ in 0..3 {
            assert_eq!(ring.seal(b"{}", Entropy::SYSTEM).unwrap_err(), SealError::Exhausted);
        }
        ring.for_stores().seal(b"{}", Entropy::SYSTEM).unwrap();
        assert!(ring.open(last.as_bytes()).is_ok(), "what is there is still read");
        assert!(SealError::Exhausted.to_string().contains("put a new secret first"));
    }

    #[test]
    fn key_13_keys_live_in_types_that_wipe_themselves() {
        fn wipes<T: zeroize::ZeroizeOnDrop>(_: &T) {}
        let ring = ring();
        // The other cipher's memory is wiped by its library.
        #[cfg(not(feature = "aws-lc-rs"))]
        wipes(&ring.keys[0].content_encryption.0);
        let Keys { content_encryption: _, cookie_signing, stores, until: _ } = &ring.keys[0];
        wipes(cookie_signing);
        wipes(stores);
        assert!(!format!("{ring:?}").contains("48679d"));
    }
}

#[cfg(test)]
#[path = "wycheproof_tests.rs"]
mod wycheproof_tests;
