//! AES-256-GCM, by the crate that the features choose: `aes-gcm`, or the faster `aws-lc-rs`. Both give the same
//! bytes.

use zeroize::Zeroizing;

use super::key_ring::KEY_BYTES;

/// The length of an initialization vector: 96 bits, neither more nor less (RFC 7518 §5.3).
pub(super) const IV_BYTES: usize = 12;
/// The length of a tag: 128 bits, neither more nor less (RFC 7518 §5.3).
pub(super) const TAG_BYTES: usize = 16;

/// The failure of the cipher: the tag was not made for this message and key, or the message is too
/// long to be encrypted.
pub(super) struct CipherError;

#[cfg(feature = "aws-lc-rs")]
pub(super) use with_aws_lc_rs::Cipher;

#[cfg(not(feature = "aws-lc-rs"))]
pub(super) use with_aes_gcm::Cipher;

#[cfg(not(feature = "aws-lc-rs"))]
mod with_aes_gcm {
    use aes_gcm::aead::AeadInOut as _;
    use aes_gcm::{Aes256Gcm, KeyInit as _};

    use super::{CipherError, IV_BYTES, KEY_BYTES, TAG_BYTES, Zeroizing};

    /// A key, ready for use. It wipes itself when dropped.
    pub(in crate::crypto) struct Cipher(pub(in crate::crypto) Aes256Gcm);

    impl Cipher {
        pub(in crate::crypto) fn new(key: &Zeroizing<[u8; KEY_BYTES]>) -> Self {
            Self(Aes256Gcm::new((&**key).into()))
        }

        /// Decrypts in place. After an error the content of the buffer must not be used.
        pub(in crate::crypto) fn open(
            &self,
            iv: [u8; IV_BYTES],
            header: &[u8],
            tag: [u8; TAG_BYTES],
            buffer: &mut [u8],
        ) -> Result<(), CipherError> {
            let opened = self.0.decrypt_inout_detached(&iv.into(), header, buffer.into(), &tag.into());
            opened.map_err(|_| CipherError)
        }

        /// Encrypts in place, and returns the tag.
        pub(in crate::crypto) fn seal(
            &self,
            iv: [u8; IV_BYTES],
            header: &[u8],
            buffer: &mut [u8],
        ) -> Result<[u8; TAG_BYTES], CipherError> {
            let tag = self.0.encrypt_inout_detached(&iv.into(), header, buffer.into());
            tag.map(Into::into).map_err(|_| CipherError)
        }
    }
}

#[cfg(feature = "aws-lc-rs")]
mod with_aws_lc_rs {
    use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};

    use super::{CipherError, IV_BYTES, KEY_BYTES, TAG_BYTES, Zeroizing};

    /// A key, ready for use. The library wipes what it frees.
    pub(in crate::crypto) struct Cipher(LessSafeKey);

    impl Cipher {
        pub(in crate::crypto) fn new(key: &Zeroizing<[u8; KEY_BYTES]>) -> Self {
            #[expect(clippy::expect_used, reason = "the key is as long as the algorithm wants it")]
            let key = UnboundKey::new(&AES_256_GCM, &**key).expect("32 bytes are a key");
            Self(LessSafeKey::new(key))
        }

        /// Decrypts in place. After an error the content of the buffer must not be used.
        pub(in crate::crypto) fn open(
            &self,
            iv: [u8; IV_BYTES],
            header: &[u8],
            tag: [u8; TAG_BYTES],
            buffer: &mut [u8],
        ) -> Result<(), CipherError> {
            let nonce = Nonce::assume_unique_for_key(iv);
            let opened = self.0.open_in_place_separate_tag(nonce, Aad::from(header), &tag, buffer);
            opened.map(drop).map_err(|_| CipherError)
        }

        /// Encrypts in place, and returns the tag.
        pub(in crate::crypto) fn seal(
            &self,
            iv: [u8; IV_BYTES],
            header: &[u8],
            buffer: &mut [u8],
        ) -> Result<[u8; TAG_BYTES], CipherError> {
            let nonce = Nonce::assume_unique_for_key(iv);
            let tag = self.0.seal_in_place_separate_tag(nonce, Aad::from(header), buffer);
            tag.ok().and_then(|tag| tag.as_ref().try_into().ok()).ok_or(CipherError)
        }
    }
}
