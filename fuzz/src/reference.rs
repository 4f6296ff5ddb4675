//! Keys and times that all properties share.

use std::sync::LazyLock;

use auth_runtime::codec::{KeyRing, Lifetime, Secret, SessionCodec, Timestamp};

/// The secret of the reference vectors, so that their cookies are authentic here.
pub(crate) const SECRET: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
/// Another secret, for services, which take no printed one.
pub(crate) const SERVICE_SECRET: &str = "c4e19b7250fd83a6e8b1d70f42956acb";
/// The header of every container that is written.
pub(crate) const HEADER: &[u8] = br#"{"enc":"A256GCM","alg":"dir"}"#;
/// A fixed vector, so that an input is the same container in every run.
pub(crate) const IV: [u8; 12] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11];
/// When the reference vectors take place.
pub(crate) const NOW: i64 = 1_790_000_000;

pub(crate) static KEYS: LazyLock<KeyRing> = LazyLock::new(|| {
    let secrets = [SECRET, SERVICE_SECRET].map(Secret::new);
    KeyRing::danger_accept_weak_secrets(secrets).expect("two secrets")
});

/// Owns its sessions, which v3 may have written.
pub(crate) static OWNER: LazyLock<SessionCodec> =
    LazyLock::new(|| SessionCodec::builder(KEYS.clone()).owner(Lifetime::default()).legacy(true).build());

/// Only verifies, and knows nothing of v3.
pub(crate) static VERIFIER: LazyLock<SessionCodec> =
    LazyLock::new(|| SessionCodec::builder(KEYS.clone()).build());

pub(crate) fn now() -> Timestamp {
    Timestamp::from_unix(NOW)
}
