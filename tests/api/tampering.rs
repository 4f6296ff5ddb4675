//! Proves by exhaustion that an authentic cookie stands no change at all: every bit, every length, every character.
//!
//! Three cookies: the smallest, a typical one, and one in two chunks.

use auth_runtime::codec::{Reason, SessionCodec};
use auth_tests::{chunked, codec, cookie, minimal, read, typical, url64};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// The cookies and their lengths, on which the numbers of cases rest.
fn references() -> [(String, usize); 3] {
    let references = [(minimal(), MINIMAL), (typical(), TYPICAL), (chunked(), CHUNKED)];
    let lengths: Vec<_> = references.iter().map(|(value, _)| value.len()).collect();
    assert_eq!(lengths, [MINIMAL, TYPICAL, CHUNKED]);
    for (value, _) in &references {
        assert!(read(&codec().build(), cookie(value)).is_ok());
    }
    references
}

/// How many of the changed values are accepted is none; gives how many there were.
fn check_refused(codec: &SessionCodec, changed: impl Iterator<Item = String>) -> usize {
    changed
        .inspect(|value| {
            let outcome = read(codec, cookie(value));
            assert!(outcome.is_err(), "accepted: {value}");
        })
        .count()
}

#[test]
fn jwe_20_and_s_bff_4_every_flipped_bit_is_refused() {
    let codec = codec().build();
    let mut cases = 0;
    for (value, _) in references() {
        let parts: Vec<_> = value.split('.').collect();
        for at in [0, 2, 3, 4] {
            let bytes = URL_SAFE_NO_PAD.decode(parts[at]).unwrap();
            for bit in 0..bytes.len() * 8 {
                let mut flipped = bytes.clone();
                flipped[bit / 8] ^= 1 << (bit % 8);
                let flipped = url64(&flipped);
                let mut parts = parts.clone();
                parts[at] = &flipped;
                let reason = read(&codec, cookie(&parts.join("."))).err();
                let expected: &[_] = if at == 0 {
                    &[Reason::Malformed, Reason::Undecryptable]
                } else {
                    &[Reason::Undecryptable]
                };
                assert!(
                    reason.is_some_and(|reason| expected.contains(&reason)),
                    "bit {bit} of part {at}: {reason:?}"
                );
                cases += 1;
            }
        }
    }
    assert_eq!(cases, BITS);
}

#[test]
fn jwe_21_every_other_character_in_every_place_is_refused() {
    let codec = codec().build();
    let mut cases = 0;
    for (value, length) in references() {
        let changed = (0..length).flat_map(|at| ALL.iter().map(move |other| (at, *other)));
        let changed = changed.filter(|(at, other)| value.as_bytes()[*at] != *other);
        cases += check_refused(&codec, changed.map(|(at, other)| replaced(&value, at..at + 1, &[other])));
    }
    // A dot that is replaced by itself is no case, and 63 of the 64 characters are others.
    let characters = MINIMAL + TYPICAL + CHUNKED;
    assert_eq!(cases, characters * (64 + ILLEGAL.len()) - characters);
}

#[test]
fn jwe_22_every_truncation_is_refused() {
    let codec = codec().build();
    let mut cases = 0;
    for (value, length) in references() {
        cases += check_refused(&codec, (0..length).map(|end| value[..end].to_owned()));
        cases += check_refused(&codec, (1..length).map(|start| value[start..].to_owned()));
    }
    assert_eq!(cases, 2 * (MINIMAL + TYPICAL + CHUNKED) - 3);
}

#[test]
fn jwe_22_every_insertion_of_one_character_is_refused() {
    let codec = codec().build();
    let mut cases = 0;
    for (value, length) in references() {
        let inserted = (0..=length).flat_map(|at| ALL.iter().map(move |other| (at, *other)));
        cases += check_refused(&codec, inserted.map(|(at, other)| replaced(&value, at..at, &[other])));
    }
    assert_eq!(cases, (MINIMAL + TYPICAL + CHUNKED + 3) * (64 + ILLEGAL.len()));
}

#[test]
fn jwe_22_every_removal_and_every_swap_of_neighbours_is_refused() {
    let codec = codec().build();
    for (value, length) in references() {
        check_refused(&codec, (0..length).map(|at| replaced(&value, at..at + 1, &[])));
        let bytes = value.as_bytes();
        let swaps = (1..length).filter(|at| bytes[at - 1] != bytes[*at]);
        check_refused(&codec, swaps.map(|at| replaced(&value, at - 1..at + 1, &[bytes[at], bytes[at - 1]])));
    }
}

fn replaced(value: &str, range: std::ops::Range<usize>, other: &[u8]) -> String {
    let mut changed = value.to_owned();
    changed.replace_range(range, std::str::from_utf8(other).unwrap());
    changed
}

const MINIMAL: usize = 221;
const TYPICAL: usize = 1_659;
const CHUNKED: usize = 3_568;
/// The bits of header, initialization vector, ciphertext and tag of all three.
const BITS: usize = 32_592;

/// Characters that no canonical value holds at that place. A dot is legal elsewhere; a semicolon is not among
/// them, for behind the last character it ends the cookie as it should.
const ILLEGAL: [u8; 12] = *b"=+/. \t\r\n%,\"\0";

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// Every character of the alphabet and the illegal ones.
const ALL: [u8; 64 + ILLEGAL.len()] = {
    let mut all = [0; 64 + ILLEGAL.len()];
    let mut at = 0;
    while at < all.len() {
        all[at] = if at < 64 { ALPHABET[at] } else { ILLEGAL[at - 64] };
        at += 1;
    }
    all
};
