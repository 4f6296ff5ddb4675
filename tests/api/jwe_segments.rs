//! Proves that the five segments of the container are taken in one spelling only.

use auth_runtime::codec::Reason;
use auth_tests::{
    CHUNK_CHARS, HEADER, IV, SECRET, chunk_pairs, cookie, minimal, seal, seal_raw, session, sign_v3, url64,
};

use crate::{refusal, refusal_of_header};

const HEADER_AT: usize = 0;
const KEY_AT: usize = 1;
const IV_AT: usize = 2;
const CIPHERTEXT_AT: usize = 3;
const TAG_AT: usize = 4;

/// The reference value with one segment put through `change`.
fn with_segment(at: usize, change: impl Fn(&str) -> String) -> String {
    let value = minimal();
    let mut parts: Vec<_> = value.split('.').map(str::to_owned).collect();
    parts[at] = change(&parts[at]);
    parts.join(".")
}

#[test]
fn the_reference_value_is_accepted() {
    assert_eq!(refusal(&minimal()), None);
}

#[test]
fn jwe_01_an_empty_value_is_no_cookie() {
    for header in ["__session=", "__session=;", "__session=; other=x", "__session__0="] {
        assert!(refusal_of_header(header).is_some(), "{header}");
    }
    assert_eq!(refusal_of_header("__session="), Some(Reason::NoCookie));
}

#[test]
fn s_jwe_1_there_are_exactly_five_parts() {
    let value = minimal();
    let parts: Vec<_> = value.split('.').collect();
    for count in (0..5).chain(6..9) {
        let other: Vec<_> = parts.iter().copied().cycle().take(count).collect();
        assert!(refusal(&other.join(".")).is_some(), "{count} parts");
    }
    for empty in [format!("{value}."), format!(".{value}"), "....".to_owned(), ".....".to_owned()] {
        assert_eq!(refusal(&empty), Some(Reason::Malformed), "{empty}");
    }
    assert_eq!(refusal(&parts.join(".")), None);
}

#[test]
fn jwe_05_and_s_jwe_1_an_encrypted_key_is_refused() {
    for key in ["AAAA", "A", "=", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"] {
        assert_eq!(refusal(&with_segment(KEY_AT, |_| key.to_owned())), Some(Reason::Malformed), "{key}");
    }
}

#[test]
fn jwe_06_an_empty_iv_is_refused() {
    assert_eq!(refusal(&with_segment(IV_AT, |_| String::new())), Some(Reason::Malformed));
}

#[test]
fn jwe_07_and_s_jwe_4_an_iv_of_another_length_is_refused() {
    for length in [1, 8, 11, 13, 16, 24, 1_000] {
        let iv: Vec<u8> = IV.iter().copied().cycle().take(length).collect();
        assert_eq!(refusal(&with_segment(IV_AT, |_| url64(&iv))), Some(Reason::Malformed), "{length}");
    }
}

#[test]
fn jwe_08_an_empty_ciphertext_is_refused_authentic_or_not() {
    assert_eq!(refusal(&with_segment(CIPHERTEXT_AT, |_| String::new())), Some(Reason::Undecryptable));
    assert_eq!(refusal(&seal(SECRET, "")), Some(Reason::WrongShape));
}

#[test]
fn jwe_10_and_s_jwe_4_a_prefix_of_the_right_tag_is_refused() {
    let tag = tag();
    for length in 0..16 {
        let short = with_segment(TAG_AT, |_| url64(&tag[..length]));
        assert_eq!(refusal(&short), Some(Reason::Malformed), "{length}");
    }
}

#[test]
fn jwe_11_and_s_jwe_4_a_longer_tag_is_refused() {
    for length in [17, 32] {
        let mut long = tag();
        long.resize(length, 0);
        assert_eq!(refusal(&with_segment(TAG_AT, |_| url64(&long))), Some(Reason::Malformed), "{length}");
    }
}

#[test]
fn jwe_12_padding_is_refused_on_every_segment() {
    for at in [HEADER_AT, KEY_AT, IV_AT, CIPHERTEXT_AT, TAG_AT] {
        for padding in ["=", "==", "===", "===="] {
            let padded = with_segment(at, |segment| format!("{segment}{padding}"));
            assert_eq!(refusal(&padded), Some(Reason::Malformed), "{at} {padding}");
        }
    }
}

#[test]
fn jwe_13_the_standard_alphabet_is_refused() {
    // Looks for values in which each of the two characters occurs in each segment that can hold it.
    for (ours, theirs) in [("-", "+"), ("_", "/")] {
        for at in [IV_AT, CIPHERTEXT_AT, TAG_AT] {
            let value = (0..=255)
                .map(|byte| seal_raw(SECRET, HEADER, session("auth0|ada", "").as_bytes(), [byte; 12]))
                .find(|value| value.split('.').nth(at).unwrap().contains(ours))
                .unwrap();
            assert_eq!(refusal(&value), None);
            let mut parts: Vec<_> = value.split('.').map(str::to_owned).collect();
            parts[at] = parts[at].replace(ours, theirs);
            assert_eq!(refusal(&parts.join(".")), Some(Reason::Malformed), "{theirs} in {at}");
        }
    }
}

#[test]
fn jwe_14_spare_bits_must_be_zero() {
    let mut cases = 0;
    for length in 0..3 {
        let value = seal(SECRET, session("auth0|ada", &format!(r#","x":"{}""#, "y".repeat(length))));
        assert_eq!(refusal(&value), None);
        for at in [HEADER_AT, CIPHERTEXT_AT, TAG_AT] {
            let parts: Vec<_> = value.split('.').collect();
            let spare_bits = match parts[at].len() % 4 {
                2 => 4,
                3 => 2,
                _ => 0,
            };
            for noise in 1..1_usize << spare_bits {
                let (start, last) = parts[at].split_at(parts[at].len() - 1);
                let digit = ALPHABET.find(last).unwrap() | noise;
                let noisy = format!("{start}{}", &ALPHABET[digit..=digit]);
                let mut parts: Vec<_> = parts.clone();
                parts[at] = &noisy;
                assert_eq!(refusal(&parts.join(".")), Some(Reason::Malformed), "segment {at}, noise {noise}");
                cases += 1;
            }
        }
    }
    assert_eq!(cases, 3 * (3 + 15) + 15 + 3, "header and tag thrice, each length of ciphertext once");
}

#[test]
fn jwe_15_white_space_is_refused_inside_and_after() {
    let value = minimal();
    for space in [" ", "\t", "\r", "\n", "\r\n"] {
        for at in [0, 10, value.find("..").unwrap(), value.len() / 2, value.len()] {
            let (start, end) = value.split_at(at);
            assert!(refusal(&format!("{start}{space}{end}")).is_some(), "{space:?} at {at}");
        }
        assert!(refusal_of_header(format!("__session={value}{space}; theme=dark")).is_some(), "{space:?}");
    }
}

#[test]
fn jwe_16_values_are_percent_decoded_exactly_once() {
    let value = minimal();
    let percent = |text: &str| text.bytes().map(|byte| format!("%{byte:02X}")).collect::<String>();
    for decoded_once in [value.replace('.', "%2E"), value.replace('.', "%2e"), percent(&value)] {
        assert_eq!(refusal_of_header(format!("__session={decoded_once}")), None, "{decoded_once}");
        assert_eq!(refusal_of_header(format!("__session__0={decoded_once}")), None, "{decoded_once}");
    }
    for refused in
        [value.replace('.', "%252E"), format!("{value}%3D"), format!("{value}%00"), percent(&percent(&value))]
    {
        assert!(refusal_of_header(format!("__session={refused}")).is_some(), "{refused}");
    }
}

#[test]
fn jwe_18_bytes_that_no_token_has_are_refused_everywhere() {
    let value = minimal().into_bytes();
    for byte in (0x80..=0xFF).chain([0x00, 0x7F]) {
        for at in [0, value.len() / 2, value.len()] {
            let mut header = b"__session=".to_vec();
            header.extend_from_slice(&value[..at]);
            header.push(byte);
            header.extend_from_slice(&value[at..]);
            assert!(refusal_of_header(&header).is_some(), "{byte:#x} at {at}");
        }
    }
    assert!(refusal_of_header((0..=255).collect::<Vec<u8>>()).is_some());
}

#[test]
fn jwe_19_a_length_that_no_bytes_have_is_refused() {
    for at in [HEADER_AT, IV_AT, CIPHERTEXT_AT, TAG_AT] {
        let odd = with_segment(at, |segment| {
            let length = segment.len() / 4 * 4;
            format!("{}A", &segment[..length])
        });
        assert_eq!(odd.split('.').nth(at).unwrap().len() % 4, 1);
        assert_eq!(refusal(&odd), Some(Reason::Malformed), "{at}");
    }
}

#[test]
fn jwe_24_what_is_longer_than_any_session_is_refused_before_it_is_decoded() {
    // Not base64url at all, so anything that looked inside would say "malformed".
    for length in [112_001, 1 << 20, 10 << 20] {
        let whole = format!("__session={}", "!".repeat(length));
        assert_eq!(refusal_of_header(whole), Some(Reason::TooLarge), "{length}");
    }
    // The largest session that fits is read, and one character more is too large, authentic or not.
    let empty = seal(SECRET, session("auth0|ada", r#","x":"""#)).len();
    let fill = (112_000 - empty) / 4 * 3;
    let largest = (fill..fill + 4)
        .map(|fill| seal(SECRET, session("auth0|ada", &format!(r#","x":"{}""#, "y".repeat(fill)))))
        .rfind(|value| value.len() <= 112_000)
        .unwrap();
    assert!(largest.len() > 111_990, "{}", largest.len());
    assert_eq!(refusal_of_header(format!("__session={largest}")), None);
    assert_eq!(chunk_pairs(&largest).len(), 32);
    assert_eq!(refusal(&largest), None);
    let larger = seal(SECRET, session("auth0|ada", &format!(r#","x":"{}""#, "y".repeat(fill + 10))));
    assert_eq!(refusal_of_header(format!("__session={larger}")), Some(Reason::TooLarge));
    assert_eq!(chunk_pairs(&larger).len(), 33);
    assert_eq!(refusal(&larger), Some(Reason::TooLarge));
    let padded = chunk_pairs(&"!".repeat(CHUNK_CHARS * 32 + 1)).join("; ");
    assert_eq!(refusal_of_header(padded), Some(Reason::TooLarge));
}

#[test]
fn jwe_26_a_signed_token_is_no_session() {
    let payload = url64(session("auth0|ada", "").as_bytes());
    let legacy = auth_tests::codec().legacy(true).build();
    for header in [r#"{"alg":"HS256"}"#, r#"{"alg":"none"}"#, r#"{"alg":"dir","enc":"A256GCM"}"#] {
        let token = format!("{}.{payload}.{}", url64(header.as_bytes()), url64(&[7; 32]));
        assert_eq!(refusal(&token), Some(Reason::Malformed), "{header}");
        assert_eq!(auth_tests::read(&legacy, cookie(&token)).unwrap_err(), Reason::Malformed, "{header}");
    }
    // A right signature makes it no session either, where sessions are sealed.
    assert_eq!(refusal(&sign_v3(SECRET, "__session", "id")), Some(Reason::Malformed));
}

fn tag() -> Vec<u8> {
    use base64::Engine as _;
    let value = minimal();
    base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(value.rsplit('.').next().unwrap()).unwrap()
}

const ALPHABET: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
