//! The least that a refusal takes: what cannot be left out before a value of so many bytes is known to be forged. The
//! header is searched once, as many characters are decoded, and one tag is checked for the one configured secret.

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use base64::Engine as _;
use base64::engine::general_purpose::NO_PAD;
use base64::engine::simd::Simd;
use http::HeaderMap;

/// The work that a header of the same length takes at least.
pub struct Least {
    key: LessSafeKey,
    base64url: Simd,
    encoded: String,
}

impl Least {
    /// For these headers.
    pub fn of(headers: &HeaderMap) -> Self {
        let characters: usize = headers.values().map(http::HeaderValue::len).sum();
        let key = UnboundKey::new(&AES_256_GCM, &[3; 32]).expect("32 bytes");
        let encoded = "A".repeat(characters / 4 * 4);
        Self { key: LessSafeKey::new(key), base64url: Simd::url_safe(NO_PAD), encoded }
    }

    /// One round. Gives how many separators there are, so that they are counted.
    pub fn run(&self, headers: &HeaderMap) -> usize {
        let separators =
            headers.values().map(|value| memchr::memchr_iter(b';', value.as_bytes()).count()).sum();
        let mut buffer = self.base64url.decode(&self.encoded).expect("base64url");
        let nonce = Nonce::assume_unique_for_key([0; 12]);
        let opened = self.key.open_in_place_separate_tag(nonce, Aad::empty(), &[0; 16], &mut buffer);
        assert!(opened.is_err(), "nobody sealed this");
        separators
    }
}
