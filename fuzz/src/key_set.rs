//! A provider's key set.

use auth_runtime::SignatureAlgorithm;
use auth_runtime::fuzzing::ProviderKeys;
use serde_json::Value;

const MAX_KEYS: usize = 100;

/// A set without a usable key is none, and no made-up signature is good.
pub fn key_set(data: &[u8]) {
    let Some(keys) = ProviderKeys::parse(data) else { return };
    if let Ok(value) = serde_json::from_slice::<Value>(data) {
        let all = value["keys"].as_array().expect("it has keys");
        assert!((1..=MAX_KEYS).contains(&all.len()), "{} keys", all.len());
        let is_usable = |key: &Value| {
            matches!(key["kty"].as_str(), Some("RSA" | "EC" | "OKP"))
                && matches!(key["use"].as_str(), None | Some("sig"))
        };
        assert!(all.iter().any(is_usable));
    }
    let algorithms = [
        SignatureAlgorithm::ES256,
        SignatureAlgorithm::EdDSA,
        SignatureAlgorithm::PS256,
        SignatureAlgorithm::RS256,
    ];
    for algorithm in algorithms {
        for kid in [None, Some("a")] {
            assert_ne!(keys.verify(kid, algorithm, b"message"), "Good");
        }
    }
}
