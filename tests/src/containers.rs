//! Containers made from the ciphers directly.

use aes_gcm::aead::AeadInOut as _;
use aes_gcm::aes::cipher::BlockCipherEncrypt as _;
use aes_gcm::aes::{Aes128, Aes256};
use aes_gcm::{Aes256Gcm, KeyInit as _};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hkdf::Hkdf;
use hmac::{Hmac, Mac as _};
use sha2::Sha256;

use crate::reference::{HEADER, IV};

/// A compact JWE with direct A256GCM encryption, whatever its header claims.
pub fn seal_raw(secret: &str, header_json: &[u8], plaintext: &[u8], iv: [u8; 12]) -> String {
    let header = url64(header_json);
    let cipher = Aes256Gcm::new(&derive(secret).into());
    let mut buffer = plaintext.to_vec();
    let tag = cipher
        .encrypt_inout_detached(&iv.into(), header.as_bytes(), buffer.as_mut_slice().into())
        .expect("the message is short");
    format!("{header}..{}.{}.{}", url64(&iv), url64(&buffer), url64(&tag))
}

/// A session cookie's value with this plaintext.
pub fn seal(secret: &str, plaintext: impl AsRef<[u8]>) -> String {
    seal_raw(secret, HEADER, plaintext.as_ref(), IV)
}

/// `"alg":"A256KW"` over a content key of its own, sound to a reader that would follow the header (RFC 3394).
pub fn seal_wrapped(secret: &str, plaintext: &[u8]) -> String {
    let content_key = [7; 32];
    let header = url64(br#"{"alg":"A256KW","enc":"A256GCM"}"#);
    let mut buffer = plaintext.to_vec();
    let tag = Aes256Gcm::new(&content_key.into())
        .encrypt_inout_detached(&IV.into(), header.as_bytes(), buffer.as_mut_slice().into())
        .expect("the message is short");
    let wrapped = wrap(&derive(secret), &content_key);
    format!("{header}.{}.{}.{}.{}", url64(&wrapped), url64(&IV), url64(&buffer), url64(&tag))
}

/// `"enc":"A128CBC-HS256"` with the same 32 bytes of key, sound to a reader that would follow the header
/// (RFC 7518 §5.2).
pub fn seal_cbc_hmac(secret: &str, plaintext: &[u8]) -> String {
    let key = derive(secret);
    let (mac_key, cipher_key) = key.split_at(16);
    let header = url64(br#"{"alg":"dir","enc":"A128CBC-HS256"}"#);
    let iv = [9_u8; 16];

    let cipher = Aes128::new_from_slice(cipher_key).expect("16 bytes");
    let padding = 16 - plaintext.len() % 16;
    let mut padded = plaintext.to_vec();
    padded.resize(plaintext.len() + padding, u8::try_from(padding).expect("at most 16"));
    let mut previous = iv;
    for block in padded.chunks_mut(16) {
        let mut state: [u8; 16] = std::array::from_fn(|at| block[at] ^ previous[at]);
        cipher.encrypt_block((&mut state).into());
        block.copy_from_slice(&state);
        previous = state;
    }
    let mut mac = Hmac::<Sha256>::new_from_slice(mac_key).expect("any length");
    let header_bits = (header.len() as u64 * 8).to_be_bytes();
    for part in [header.as_bytes(), &iv, &padded, &header_bits] {
        mac.update(part);
    }
    let tag = mac.finalize().into_bytes();
    format!("{header}..{}.{}.{}", url64(&iv), url64(&padded), url64(&tag[..16]))
}

/// The protected header and the plaintext of a compact JWE that this key made.
pub fn unseal(key: [u8; 32], compact: &str) -> (String, String) {
    let parts: Vec<_> = compact.split('.').collect();
    let bytes = |part: &str| URL_SAFE_NO_PAD.decode(part).expect("base64url");
    let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
    let (iv, mut buffer, tag) = (bytes(parts[2]), bytes(parts[3]), bytes(parts[4]));
    let (iv, tag): ([u8; 12], [u8; 16]) = (iv.try_into().unwrap(), tag.try_into().unwrap());
    Aes256Gcm::new(&key.into())
        .decrypt_inout_detached(&iv.into(), parts[0].as_bytes(), buffer.as_mut_slice().into(), &tag.into())
        .expect("the key made it");
    (text(bytes(parts[0])), text(buffer))
}

fn wrap(key: &[u8; 32], content_key: &[u8; 32]) -> Vec<u8> {
    let cipher = Aes256::new(key.into());
    let mut check = [0xA6; 8];
    let mut blocks: Vec<[u8; 8]> = content_key.chunks(8).map(|block| block.try_into().unwrap()).collect();
    let count = blocks.len() as u64;
    for round in 0..6 {
        for (block, number) in blocks.iter_mut().zip(1..) {
            let mut state = [0; 16];
            state[..8].copy_from_slice(&check);
            state[8..].copy_from_slice(block);
            cipher.encrypt_block((&mut state).into());
            let step: u64 = count * round + number;
            let high = u64::from_be_bytes(state[..8].try_into().unwrap()) ^ step;
            check = high.to_be_bytes();
            block.copy_from_slice(&state[8..]);
        }
    }
    [&check[..], &blocks.concat()].concat()
}

/// The value of a cookie that v3 signed (RFC 7797 over `name=value`).
pub fn sign_v3(secret: &str, name: &str, value: &str) -> String {
    let header = url64(br#"{"alg":"HS256","b64":false,"crit":["b64"]}"#);
    let mut mac = Hmac::<Sha256>::new_from_slice(&derive_signing(secret)).expect("any length");
    mac.update(format!("{header}.{name}={value}").as_bytes());
    format!("{value}.{}", url64(&mac.finalize().into_bytes()))
}

/// The key that encrypts.
pub fn derive(secret: &str) -> [u8; 32] {
    expand(secret.as_bytes(), b"JWE CEK")
}

/// The key that encrypts what stores keep.
pub fn derive_for_stores(secret: &str) -> [u8; 32] {
    expand(&expand(secret.as_bytes(), b"auth-runtime stores"), b"JWE CEK")
}

/// The key that v3 signed with.
pub fn derive_signing(secret: &str) -> [u8; 32] {
    expand(secret.as_bytes(), b"JWS Cookie Signing")
}

fn expand(secret: &[u8], info: &[u8]) -> [u8; 32] {
    let mut key = [0; 32];
    Hkdf::<Sha256>::new(None, secret).expand(info, &mut key).expect("32 bytes can be expanded");
    key
}

/// The payload of a JWT, unverified.
pub fn payload(jwt: &str) -> serde_json::Value {
    let part = jwt.split('.').nth(1).expect("a JWT");
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).expect("base64url")).expect("JSON")
}

/// base64url without padding.
pub fn url64(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}
