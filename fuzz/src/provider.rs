//! The provider: its key, and what is signed with it.

use std::sync::LazyLock;

use auth_runtime::fuzzing::ProviderKeys;
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};

use crate::containers::url64;

pub(crate) const ISSUER: &str = "https://id.example.com/";
pub(crate) const CLIENT_ID: &str = "client";
pub(crate) const NONCE: &str = "n";

/// Any 32 bytes are a key.
pub(crate) static KEY: LazyLock<Ed25519KeyPair> =
    LazyLock::new(|| Ed25519KeyPair::from_seed_unchecked(&[7; 32]).expect("32 bytes are a key"));
pub(crate) static KEYS: LazyLock<ProviderKeys> = LazyLock::new(|| {
    let set = format!(r#"{{"keys":[{}]}}"#, jwk(&KEY));
    ProviderKeys::parse(set.as_bytes()).expect("a key set")
});

/// The public half of a key (RFC 8037 section 2).
pub(crate) fn jwk(key: &Ed25519KeyPair) -> String {
    let x = url64(key.public_key().as_ref());
    format!(r#"{{"kty":"OKP","crv":"Ed25519","x":"{x}","alg":"EdDSA"}}"#)
}

/// A token with this header and these claims, whatever they are.
pub(crate) fn signed(header: &[u8], claims: &[u8]) -> String {
    let message = format!("{}.{}", url64(header), url64(claims));
    format!("{message}.{}", url64(KEY.sign(message.as_bytes()).as_ref()))
}
