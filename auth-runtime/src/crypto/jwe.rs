//! Compact JWE with direct A256GCM encryption (RFC 7516, RFC 7518 §5.3), sealed and opened.
//!
//! ```text
//! eyJlbmMiOiJBMjU2R0NNIiwiYWxnIjoiZGlyIn0 . . <iv, 12 bytes> . <ciphertext> . <tag, 16 bytes>
//! ```

use std::fmt;
use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::general_purpose::NO_PAD;
use base64::engine::simd::Simd;
use zeroize::Zeroizing;

use super::cipher::{IV_BYTES, TAG_BYTES};
use super::entropy::{Entropy, EntropyError};
use super::jose_header::{HEADER, ProtectedHeader, parse_header};
use super::key_ring::{KeyRing, Keys, MANY_SEALS_PER_KEY, MAX_SEALS_PER_KEY};
use crate::time::Timestamp;

/// The content of an authentic container.
///
/// ```
/// use auth_runtime::codec::*;
///
/// # let keys = KeyRing::new([Secret::new(auth_runtime::__private::random_secret())])?;
/// # let codec = SessionCodec::builder(keys.clone()).owner(Lifetime::default()).build();
/// # let now = Timestamp::from_unix(1_790_000_000);
/// # let session = r#"{"user":{"sub":"auth0|ada"},"tokenSet":{},"internal":{"createdAt":1790000000}}"#;
/// # let session = SessionDocument::parse(session)?;
/// # let lines = codec.write(&session, &[], &SeenNames::default(), now)?;
/// # let sealed = lines[0].value();
/// let opened = keys.open(sealed)?;
/// assert_eq!(opened.key_index, 0);
/// assert!(!opened.header.is_legacy());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Opened {
    /// The plaintext. It wipes itself when dropped.
    pub plaintext: Plaintext,
    /// The header, which the tag covers too.
    pub header: ProtectedHeader,
    /// The place in the ring of the secret that sealed it, counted from 0. Any secret but 0 is an old one.
    pub key_index: usize,
}

/// Decrypted text, wiped when dropped and never printed.
///
/// ```
/// use auth_runtime::codec::*;
///
/// # let keys = KeyRing::new([Secret::new(auth_runtime::__private::random_secret())])?;
/// # let codec = SessionCodec::builder(keys.clone()).owner(Lifetime::default()).build();
/// # let now = Timestamp::from_unix(1_790_000_000);
/// # let session = r#"{"user":{"sub":"auth0|ada"},"tokenSet":{},"internal":{"createdAt":1790000000}}"#;
/// # let session = SessionDocument::parse(session)?;
/// # let lines = codec.write(&session, &[], &SeenNames::default(), now)?;
/// # let sealed = lines[0].value();
/// let opened = keys.open(sealed)?;
/// assert!(opened.plaintext.text().is_some_and(|text| text.contains("auth0|ada")));
/// assert!(!format!("{:?}", opened.plaintext).contains("auth0|ada"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Plaintext(Zeroizing<Vec<u8>>);

impl Plaintext {
    /// Returns the text, for tools that explain what a container holds; `None` when it is not UTF-8.
    pub fn text(&self) -> Option<&str> {
        std::str::from_utf8(&self.0).ok()
    }

    /// Returns the bytes, for test vectors that are no text.
    #[cfg(test)]
    pub(super) fn into_bytes(self) -> Zeroizing<Vec<u8>> {
        self.0
    }

    /// Returns the text, or an error when the bytes are not UTF-8 (RFC 8725 §3.7).
    pub(crate) fn into_text(mut self) -> Result<Zeroizing<Box<str>>, NotText> {
        let bytes = std::mem::take(&mut *self.0);
        match String::from_utf8(bytes) {
            // The buffer has no spare capacity, so this moves nothing.
            Ok(text) => Ok(Zeroizing::new(text.into_boxed_str())),
            // The bytes were taken out of the buffer that wipes itself.
            Err(error) => {
                drop(Zeroizing::new(error.into_bytes()));
                Err(NotText)
            }
        }
    }
}

impl fmt::Debug for Plaintext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Plaintext({} bytes)", self.0.len())
    }
}

/// The error of a plaintext that is not UTF-8.
pub(crate) struct NotText;

impl KeyRing {
    /// Opens a compact JWE with the first secret that fits, even if the secret has ended. This is for tools. A service
    /// uses its [`SessionCodec`](crate::codec::SessionCodec), which refuses a secret that has ended.
    ///
    /// Only `"alg":"dir"` with `"enc":"A256GCM"` is opened; the header cannot choose anything else
    /// (RFC 8725 §3.1).
    ///
    /// # Errors
    ///
    /// [`OpenError::Undecryptable`] if no secret of the ring sealed the container, and one of the other errors if the
    /// value is no such container.
    ///
    /// ```
    /// use auth_runtime::codec::{KeyRing, OpenError, Secret};
    ///
    /// # let secret = auth_runtime::__private::random_secret();
    /// let ring = KeyRing::new([Secret::new(secret)])?;
    /// assert_eq!(ring.open("no container").unwrap_err(), OpenError::Malformed);
    /// # Ok::<(), auth_runtime::codec::KeyRingError>(())
    /// ```
    pub fn open(&self, compact: impl AsRef<[u8]>) -> Result<Opened, OpenError> {
        self.open_bytes(compact.as_ref(), None)
    }

    /// Opens a compact JWE with the first secret that fits and has not ended by `now`.
    pub(crate) fn open_at(&self, compact: &[u8], now: Timestamp) -> Result<Opened, OpenError> {
        self.open_bytes(compact, Some(now))
    }

    fn open_bytes(&self, compact: &[u8], now: Option<Timestamp>) -> Result<Opened, OpenError> {
        if compact.len() > MAX_JWE_CHARS {
            return Err(OpenError::TooLarge);
        }
        self.open_any_size(compact, now)
    }

    /// Seals a text that a store keeps under `key`. Under another key the text does not open.
    pub(crate) fn seal_under(&self, key: &str, text: &str, entropy: Entropy) -> Result<String, SealError> {
        let bound = Zeroizing::new(format!("{key}\n{text}"));
        self.seal(bound.as_bytes(), entropy)
    }

    /// Opens the text that a store has under `key`. Its length is not limited, because no request can choose it.
    pub(crate) fn open_under(
        &self,
        key: &str,
        compact: &str,
        now: Timestamp,
    ) -> Result<Zeroizing<String>, OpenError> {
        let opened = self.open_any_size(compact.as_bytes(), Some(now))?.plaintext;
        let bound = opened.into_text().map_err(|NotText| OpenError::Malformed)?;
        let text = bound.strip_prefix(key).and_then(|rest| rest.strip_prefix('\n'));
        text.map(|text| Zeroizing::new(text.to_owned())).ok_or(OpenError::Undecryptable)
    }

    pub(super) fn open_any_size(&self, compact: &[u8], now: Option<Timestamp>) -> Result<Opened, OpenError> {
        let parts = Parts::split(compact).ok_or_else(|| fault(compact))?;
        let header = parse_header(parts.header)?;
        let (mut iv, mut tag) = ([0; IV_BYTES], [0; TAG_BYTES]);
        decode_exact(parts.iv, &mut iv).ok_or(OpenError::Malformed)?;
        decode_exact(parts.tag, &mut tag).ok_or(OpenError::Malformed)?;

        for (key_index, keys) in self.all().enumerate() {
            // A secret that has ended opens nothing, as if it were not in the ring.
            if now.is_some_and(|now| !keys.count_at(now)) {
                continue;
            }
            // Decoded anew for each secret, because a failed decryption may have changed the buffer.
            let mut buffer = decode(parts.ciphertext).ok_or(OpenError::Malformed)?;
            if keys.content_encryption.open(iv, parts.header, tag, &mut buffer).is_ok() {
                return Ok(Opened { plaintext: Plaintext(buffer), header, key_index });
            }
            // Cleared before it is dropped: spare capacity is wiped as one block, elements one by one.
            buffer.clear();
        }
        Err(OpenError::Undecryptable)
    }

    /// Seals `plaintext` with the current secret and a fresh initialization vector.
    pub(crate) fn seal(&self, plaintext: &[u8], entropy: Entropy) -> Result<String, SealError> {
        self.seal_under_header(HEADER, plaintext, entropy)
    }

    /// Like [`seal`](Self::seal), under `header`, which must be base64url and name direct A256GCM.
    pub(super) fn seal_under_header(
        &self,
        header: &str,
        plaintext: &[u8],
        entropy: Entropy,
    ) -> Result<String, SealError> {
        let keys = self.current().ok_or(SealError::Encryption)?;
        // Each message is logged once, when the count reaches it.
        match self.count_seal() {
            MANY_SEALS_PER_KEY => tracing::warn!(
                "this process has encrypted half as often with one secret as is safe; put a new secret first in AUTH0_SECRETS soon, and start again"
            ),
            MAX_SEALS_PER_KEY => tracing::error!(
                "this process has encrypted as often with one secret as is safe, and does so no more; put a new secret first in AUTH0_SECRETS, and start again"
            ),
            count if count > MAX_SEALS_PER_KEY => return Err(SealError::Exhausted),
            _ => {}
        }
        seal_with(keys, header, plaintext, entropy.bytes()?)
    }
}

fn seal_with(keys: &Keys, header: &str, plaintext: &[u8], iv: [u8; IV_BYTES]) -> Result<String, SealError> {
    let mut buffer = Zeroizing::new(plaintext.to_vec());
    let tag = keys
        .content_encryption
        .seal(iv, header.as_bytes(), &mut buffer)
        .map_err(|_| SealError::Encryption)?;
    // The ciphertext is no secret, so it needs no wipe.
    let ciphertext = std::mem::take(&mut *buffer);

    let mut compact = String::with_capacity(header.len() + 64 + plaintext.len().div_ceil(3) * 4);
    compact.push_str(header);
    compact.push_str("..");
    BASE64URL.encode_string(iv, &mut compact);
    compact.push('.');
    BASE64URL.encode_string(&ciphertext, &mut compact);
    compact.push('.');
    BASE64URL.encode_string(tag, &mut compact);
    Ok(compact)
}

/// The five parts of a compact JWE (RFC 7516 §7.1), of which the second is empty with `"alg":"dir"` (§5.1 step 6).
struct Parts<'a> {
    header: &'a [u8],
    iv: &'a [u8],
    ciphertext: &'a [u8],
    tag: &'a [u8],
}

impl<'a> Parts<'a> {
    /// Splits by the lengths that vector and tag must have, so that the long ciphertext is not searched for dots. A dot
    /// in it is refused later, because it is no base64url.
    fn split(compact: &'a [u8]) -> Option<Self> {
        let (header, rest) = split_header(compact)?;
        let (iv, rest) = rest.strip_prefix(b"..")?.split_at_checked(base64_chars(IV_BYTES))?;
        let rest = rest.strip_prefix(b".")?;
        let (rest, tag) = rest.split_at_checked(rest.len().checked_sub(base64_chars(TAG_BYTES))?)?;
        Some(Self { header, iv, ciphertext: rest.strip_suffix(b".")?, tag })
    }
}

/// Splits a compact JWE at its first dot.
pub(super) fn split_header(compact: &[u8]) -> Option<(&[u8], &[u8])> {
    compact.split_at_checked(memchr::memchr(b'.', compact)?)
}

/// Returns the error of a value that cannot be split. Another algorithm may have made parts of other lengths, so an
/// error of the header comes first.
fn fault(compact: &[u8]) -> OpenError {
    let header = split_header(compact).map(|(header, _)| parse_header(header));
    header.and_then(Result::err).unwrap_or(OpenError::Malformed)
}

/// Decodes strict, canonical base64url without padding (RFC 4648 §5): no white space, no spare bits.
pub(super) fn decode(encoded: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let mut bytes = Zeroizing::new(vec![0; decoded_bytes(encoded)]);
    decode_exact(encoded, &mut bytes)?;
    Some(bytes)
}

/// Returns the number of bytes that the characters stand for.
pub(super) const fn decoded_bytes(encoded: &[u8]) -> usize {
    encoded.len() / 4 * 3 + encoded.len() % 4 * 3 / 4
}

/// Decodes characters that must fill `bytes` exactly. Characters of another number are not read.
pub(super) fn decode_exact(encoded: &[u8], bytes: &mut [u8]) -> Option<()> {
    if encoded.len() != base64_chars(bytes.len()) {
        return None;
    }
    let written = BASE64URL.decode_slice(encoded, bytes).ok()?;
    (written == bytes.len()).then_some(())
}

/// Returns the number of characters that `bytes` bytes become.
const fn base64_chars(bytes: usize) -> usize {
    (bytes * 4).div_ceil(3)
}

/// The base64url engine. It picks its instruction set once, when it is first used.
pub(super) static BASE64URL: LazyLock<Simd> = LazyLock::new(|| Simd::url_safe(NO_PAD));

/// The reason why a value could not be opened. It tells nothing of the plaintext.
///
/// ```
/// use auth_runtime::codec::{KeyRing, OpenError, Secret};
///
/// # let secret = auth_runtime::__private::random_secret();
/// let ring = KeyRing::new([Secret::new(secret)])?;
/// assert_eq!(ring.open("A".repeat(112_001)).unwrap_err(), OpenError::TooLarge);
/// # Ok::<(), auth_runtime::codec::KeyRingError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// The value is no compact JWE of five parts in canonical base64url.
    #[error("not a compact JWE")]
    Malformed,
    /// The value is longer than any session that would be written into cookies.
    #[error("longer than {MAX_JWE_CHARS} characters")]
    TooLarge,
    /// No secret of the ring authenticates the value: another secret sealed it, or the value was changed.
    #[error("no configured secret opens it")]
    Undecryptable,
    /// The header asks for another algorithm than direct A256GCM, or for an extension.
    #[error("the header asks for an algorithm or extension other than direct A256GCM")]
    UnsupportedHeader,
}

/// The reason why a value could not be sealed.
///
/// ```
/// use auth_runtime::codec::SealError;
///
/// fn needs_another_secret(error: SealError) -> bool {
///     matches!(error, SealError::Exhausted)
/// }
/// assert!(!needs_another_secret(SealError::Encryption));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SealError {
    /// The cipher refused the message.
    #[error("the message could not be encrypted")]
    Encryption,
    /// The operating system gave no random bytes to encrypt with.
    #[error(transparent)]
    Entropy(#[from] EntropyError),
    /// This process has encrypted as often with the current secret as is safe (NIST SP 800-38D §8.3).
    #[error("the secret has encrypted as often as is safe; put a new secret first, and start again")]
    Exhausted,
}

/// The longest session in cookies, in characters: 32 chunks of 3,500.
pub(crate) const MAX_JWE_CHARS: usize = 112_000;

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::crypto::Secret;

    const SECRET: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
    const IV: [u8; IV_BYTES] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11];

    fn ring(secrets: &[&str]) -> KeyRing {
        KeyRing::danger_accept_weak_secrets(secrets.iter().map(|text| Secret::new(*text))).unwrap()
    }

    fn opened(ring: &KeyRing, compact: &str) -> Result<String, OpenError> {
        ring.open(compact)
            .map(|opened| opened.plaintext.into_text().unwrap_or_else(|_| panic!("text")).to_string())
    }

    #[test]
    fn a_fixed_iv_gives_the_reference_value() {
        let sealed = seal_with(
            ring(&[SECRET]).current().unwrap(),
            HEADER,
            br#"{"id":"00112233445566778899aabbccddeeff","exp":4102444800}"#,
            IV,
        );
        assert_eq!(
            sealed.unwrap(),
            "eyJlbmMiOiJBMjU2R0NNIiwiYWxnIjoiZGlyIn0..AAECAwQFBgcICQoL.vbUvJkfg4nPqqGtA8NBYXy7u5tcatnhhdxFRvoe_yd_DC09f3v1phKIPghEfb7bb6JMtnULqxPklYg.CVtyzyobRKQfj0tWOCmf0g"
        );
    }

    #[test]
    fn every_secret_reads_and_the_first_one_writes() {
        let old = ring(&["old"]).seal(b"hello", Entropy::SYSTEM).unwrap();
        let rotated = ring(&["new", "old"]);
        assert_eq!(opened(&rotated, &old).unwrap(), "hello");
        assert_eq!(rotated.open(&old).unwrap().key_index, 1);
        let new = rotated.seal(b"hello", Entropy::SYSTEM).unwrap();
        assert_eq!(opened(&ring(&["new"]), &new).unwrap(), "hello");
    }

    #[test]
    fn key_01_and_key_03_a_secret_that_is_not_there_opens_nothing() {
        let sealed = ring(&["old"]).seal(b"hello", Entropy::SYSTEM).unwrap();
        assert_eq!(opened(&ring(&["new"]), &sealed), Err(OpenError::Undecryptable));
    }

    #[test]
    fn key_03_a_previous_secret_opens_until_its_end_and_never_seals() {
        let (new, old) = ("71d5e0c93a8f46b2b90e6c7fd1482a35", "c4e19b7250fd83a6e8b1d70f42956acb");
        let sealed = KeyRing::new([Secret::new(old)]).unwrap().seal(b"hello", Entropy::SYSTEM).unwrap();
        let end = Timestamp::from_unix(1_790_000_000);
        let ring = KeyRing::rotating(Secret::new(new), [crate::previous_secret(old).until(end)]).unwrap();
        let at = |now| ring.open_at(sealed.as_bytes(), now).map(|opened| opened.key_index);
        assert_eq!(at(end.saturating_sub(1)), Ok(1));
        assert_eq!(at(end), Err(OpenError::Undecryptable));
        assert_eq!(at(Timestamp::from_unix(i64::MAX)), Err(OpenError::Undecryptable));
        // A tool still says what it is.
        assert_eq!(ring.open(&sealed).unwrap().key_index, 1);
        // The current one has no end.
        let sealed = ring.seal(b"hello", Entropy::SYSTEM).unwrap();
        assert_eq!(ring.open_at(sealed.as_bytes(), end).unwrap().key_index, 0);
        // Keys for stores end with their secret.
        let stores = ring.for_stores();
        let old = KeyRing::new([Secret::new(old)]).unwrap().for_stores();
        let sealed = old.seal_under("k", "v", Entropy::SYSTEM).unwrap();
        let at = |now| stores.open_under("k", &sealed, now).map(|text| text.to_string());
        assert_eq!(at(end.saturating_sub(1)).as_deref(), Ok("v"));
        assert_eq!(at(end), Err(OpenError::Undecryptable));
    }

    #[test]
    fn key_07_no_iv_is_used_twice() {
        let ring = ring(&[SECRET]);
        let mut seen = HashSet::new();
        for _ in 0..20_000 {
            let sealed = ring.seal(b"x", Entropy::SYSTEM).unwrap();
            let iv = sealed.split('.').nth(2).unwrap().to_owned();
            assert!(seen.insert(iv), "an initialization vector came twice");
        }
    }

    /// As many as a busy service makes in hours. By the birthday bound two of 96 random bits are equal with a chance of
    /// 2^-57; of 40 random bits they would be with a chance of a third, and of 32 for certain.
    #[test]
    fn key_07_a_million_initialization_vectors_differ() {
        let ring = ring(&[SECRET]);
        let mut seen = HashSet::with_capacity(1_000_000);
        let iv = || {
            let sealed = ring.seal(b"", Entropy::SYSTEM).unwrap();
            let (mut iv, parts) = ([0; IV_BYTES], Parts::split(sealed.as_bytes()).unwrap());
            decode_exact(parts.iv, &mut iv).unwrap();
            iv
        };
        assert!((0..1_000_000).all(|_| seen.insert(iv())), "an initialization vector came twice");
        // And no byte of them stands still.
        for at in 0..IV_BYTES {
            let values: HashSet<u8> = seen.iter().take(10_000).map(|iv| iv[at]).collect();
            assert_eq!(values.len(), 256, "byte {at}");
        }
    }

    #[test]
    fn key_13_a_plaintext_lives_in_a_type_that_wipes_itself() {
        fn wipes<T: zeroize::ZeroizeOnDrop>(_: &T) {}
        let ring = ring(&[SECRET]);
        let sealed = ring.seal(b"hello", Entropy::SYSTEM).unwrap();
        let Plaintext(bytes) = ring.open(&sealed).unwrap().plaintext;
        wipes(&bytes);
        wipes(&ring.open(&sealed).unwrap().plaintext.into_text().unwrap_or_else(|_| panic!("text")));
        let bound = ring.seal_under("key", "hello", Entropy::SYSTEM).unwrap();
        wipes(&ring.open_under("key", &bound, Timestamp::from_unix(0)).unwrap());
    }

    #[test]
    fn key_08_without_randomness_nothing_is_sealed() {
        let error = ring(&[SECRET]).seal(b"x", Entropy::BROKEN).unwrap_err();
        assert!(matches!(error, SealError::Entropy(_)));
    }

    #[test]
    fn hdr_06_another_algorithm_is_named_whatever_the_lengths_of_its_parts() {
        let ring = ring(&[SECRET]);
        let header = BASE64URL.encode(br#"{"alg":"dir","enc":"A256CBC-HS512"}"#);
        let (iv, tag) = (BASE64URL.encode([0; 16]), BASE64URL.encode([0; 32]));
        let compact = format!("{header}..{iv}.AAAA.{tag}");
        assert_eq!(opened(&ring, &compact), Err(OpenError::UnsupportedHeader));
        assert_eq!(opened(&ring, &compact.replace(&header, HEADER)), Err(OpenError::Malformed));
    }

    #[test]
    fn s_8725_4_a_plaintext_that_is_not_utf_8_is_no_text() {
        let ring = ring(&[SECRET]);
        let sealed = ring.seal(b"\xff\xfe", Entropy::SYSTEM).unwrap();
        assert!(ring.open(&sealed).unwrap().plaintext.into_text().is_err());
    }
}
