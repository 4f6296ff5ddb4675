//! The floor: what no reader of such a cookie can do without, by the fastest parts known, and nothing else.
//!
//! The value lies ready in its parts and its header is not looked at, the plaintext has a buffer of its own because a request
//! outlives the function but is never wiped, and what the JSON says is not judged.

use std::borrow::Cow;

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::hkdf::{HKDF_SHA256, KeyType, Salt};
use base64::Engine as _;
use base64::engine::general_purpose::NO_PAD;
use base64::engine::simd::Simd;
use serde::Deserialize;
use serde_json::value::RawValue;

/// Decodes, decrypts and parses one sealed value, over and over.
pub struct Floor {
    key: LessSafeKey,
    base64url: Simd,
    header: String,
    iv: String,
    ciphertext: String,
    tag: String,
}

/// The session's parts, borrowed.
#[derive(Deserialize)]
#[expect(dead_code, reason = "they are parsed, not used")]
struct Parts<'a> {
    #[serde(borrow)]
    user: User<'a>,
    #[serde(borrow, rename = "tokenSet")]
    token_set: &'a RawValue,
    #[serde(borrow, rename = "accessTokens")]
    access_tokens: Option<&'a RawValue>,
    internal: Internal,
    exp: f64,
}

#[derive(Deserialize)]
#[expect(dead_code, reason = "they are parsed, not used")]
struct User<'a> {
    #[serde(borrow)]
    sub: Cow<'a, str>,
}

#[derive(Deserialize)]
struct Internal {
    #[serde(rename = "createdAt")]
    created_at: i64,
}

impl Floor {
    /// `sealed` is a value that `key` made.
    pub fn new(key: &[u8; 32], sealed: &str) -> Self {
        let parts: Vec<String> = sealed.split('.').map(str::to_owned).collect();
        let [header, _, iv, ciphertext, tag] = parts.try_into().expect("five parts");
        let key = UnboundKey::new(&AES_256_GCM, key).expect("32 bytes");
        let base64url = Simd::url_safe(NO_PAD);
        Self { key: LessSafeKey::new(key), base64url, header, iv, ciphertext, tag }
    }

    /// One round.
    pub fn run(&self) -> i64 {
        let (mut iv, mut tag) = ([0; 12], [0; 16]);
        self.base64url.decode_slice(&self.iv, &mut iv).expect("base64url");
        self.base64url.decode_slice(&self.tag, &mut tag).expect("base64url");
        let mut buffer = self.base64url.decode(&self.ciphertext).expect("base64url");
        let (nonce, header) = (Nonce::assume_unique_for_key(iv), Aad::from(&self.header));
        let opened = self.key.open_in_place_separate_tag(nonce, header, &tag, &mut buffer);
        let text = std::str::from_utf8(opened.expect("authentic")).expect("text");
        let parts: Parts<'_> = serde_json::from_str(text).expect("a session");
        parts.internal.created_at
    }

    /// The other direction, from text that lies ready.
    pub fn seal(&self, json: &str) -> String {
        let mut iv = [0; 12];
        getrandom::fill(&mut iv).expect("random bytes");
        let mut buffer = json.as_bytes().to_vec();
        let (nonce, header) = (Nonce::assume_unique_for_key(iv), Aad::from(&self.header));
        let tag = self.key.seal_in_place_separate_tag(nonce, header, &mut buffer).expect("not too long");
        let mut compact = String::with_capacity(buffer.len() * 4 / 3 + 100);
        compact.push_str(&self.header);
        compact.push_str("..");
        self.base64url.encode_string(iv, &mut compact);
        compact.push('.');
        self.base64url.encode_string(&buffer, &mut compact);
        compact.push('.');
        self.base64url.encode_string(tag, &mut compact);
        compact
    }
}

/// The key that a secret yields for the session's cookie.
pub fn key(secret: &str) -> [u8; 32] {
    struct Length;
    impl KeyType for Length {
        fn len(&self) -> usize {
            32
        }
    }
    let mut key = [0; 32];
    let pseudorandom = Salt::new(HKDF_SHA256, &[]).extract(secret.as_bytes());
    pseudorandom.expand(&[b"JWE CEK"], Length).and_then(|output| output.fill(&mut key)).expect("32 bytes");
    key
}
