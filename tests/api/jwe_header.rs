//! Proves that the protected header chooses nothing: direct A256GCM without extensions, or no session.
//!
//! The containers are authentic under the header that they carry, so only the header can be what is refused; and
//! as the same header over a foreign key is refused for the same reason, it is refused before any decryption.

use auth_runtime::codec::Reason;
use auth_tests::{HEADER, IV, OTHER_SECRET, SECRET, seal_cbc_hmac, seal_raw, seal_wrapped, session};

use crate::refusal;

fn check_refused(headers: &[&str]) {
    for header in headers {
        for secret in [SECRET, OTHER_SECRET] {
            let value = seal_raw(secret, header.as_bytes(), session("auth0|ada", "").as_bytes(), IV);
            assert_eq!(refusal(&value), Some(Reason::Malformed), "{header}");
        }
    }
}

#[test]
fn hdr_01_alg_must_be_there_and_text() {
    check_refused(&[
        r#"{"enc":"A256GCM"}"#,
        r#"{"enc":"A256GCM","alg":null}"#,
        r#"{"enc":"A256GCM","alg":1}"#,
        r#"{"enc":"A256GCM","alg":["dir"]}"#,
        r#"{"enc":"A256GCM","alg":{"dir":1}}"#,
        r#"{"enc":"A256GCM","alg":""}"#,
        r#"{"enc":"A256GCM","alg":"DIR"}"#,
        r#"{"enc":"A256GCM","alg":"dir "}"#,
        r#"{"enc":"A256GCM","ALG":"dir"}"#,
    ]);
}

#[test]
fn hdr_02_none_is_refused() {
    check_refused(&[
        r#"{"alg":"none"}"#,
        r#"{"enc":"A256GCM","alg":"none"}"#,
        r#"{"enc":"none","alg":"dir"}"#,
        r#"{"enc":"A256GCM","alg":"NONE"}"#,
    ]);
}

#[test]
fn hdr_03_asymmetric_algorithms_are_refused() {
    check_refused(&[
        r#"{"enc":"A256GCM","alg":"RSA-OAEP"}"#,
        r#"{"enc":"A256GCM","alg":"RSA-OAEP-256"}"#,
        r#"{"enc":"A256GCM","alg":"RSA1_5"}"#,
        r#"{"enc":"A256GCM","alg":"ECDH-ES","epk":{"kty":"EC","crv":"P-256","x":"AA","y":"AA"}}"#,
        r#"{"enc":"A256GCM","alg":"ECDH-ES+A256KW","epk":{"kty":"OKP","crv":"X25519","x":"AA"}}"#,
    ]);
}

#[test]
fn hdr_04_a_password_and_its_count_are_refused() {
    check_refused(&[
        r#"{"enc":"A256GCM","alg":"PBES2-HS256+A128KW","p2c":2147483647,"p2s":"AAAA"}"#,
        r#"{"enc":"A256GCM","alg":"PBES2-HS512+A256KW","p2c":1e308,"p2s":"AAAA"}"#,
    ]);
}

#[test]
fn hdr_05_key_wrapping_is_refused_even_when_it_is_sound() {
    check_refused(&[
        r#"{"enc":"A256GCM","alg":"A256KW"}"#,
        r#"{"enc":"A256GCM","alg":"A128KW"}"#,
        r#"{"enc":"A256GCM","alg":"A256GCMKW","iv":"AAAAAAAAAAAAAAAA","tag":"AAAAAAAAAAAAAAAAAAAAAA"}"#,
    ]);
    let value = seal_wrapped(SECRET, session("auth0|ada", "").as_bytes());
    assert_eq!(refusal(&value), Some(Reason::Malformed));
}

#[test]
fn hdr_06_another_cipher_with_the_same_key_is_refused_even_when_it_is_sound() {
    check_refused(&[r#"{"enc":"A128CBC-HS256","alg":"dir"}"#]);
    let value = seal_cbc_hmac(SECRET, session("auth0|ada", "").as_bytes());
    assert_eq!(refusal(&value), Some(Reason::Malformed));
}

#[test]
fn hdr_07_other_content_encryption_is_refused() {
    check_refused(&[
        r#"{"enc":"A128GCM","alg":"dir"}"#,
        r#"{"enc":"A192GCM","alg":"dir"}"#,
        r#"{"enc":"A256CBC-HS512","alg":"dir"}"#,
        r#"{"enc":"XC20P","alg":"dir"}"#,
        r#"{"enc":"a256gcm","alg":"dir"}"#,
        r#"{"enc":null,"alg":"dir"}"#,
        r#"{"alg":"dir"}"#,
        r#"{"alg":"A256GCM","enc":"dir"}"#,
    ]);
}

#[test]
fn hdr_08_and_s_jwe_3_compression_is_refused_before_decryption() {
    check_refused(&[
        r#"{"enc":"A256GCM","alg":"dir","zip":"DEF"}"#,
        r#"{"enc":"A256GCM","alg":"dir","zip":"GZ"}"#,
        r#"{"enc":"A256GCM","alg":"dir","zip":null}"#,
        r#"{"enc":"A256GCM","alg":"dir","\u007aip":"DEF"}"#,
    ]);
    // A stored block that says it repeats: what it would inflate to is never asked.
    let bomb = [&[0x4b, 0x4c, 0x1c, 0x05, 0xa3, 0x60][..], &[0; 1_000]].concat();
    let value = seal_raw(SECRET, br#"{"enc":"A256GCM","alg":"dir","zip":"DEF"}"#, &bomb, IV);
    assert_eq!(refusal(&value), Some(Reason::Malformed));
}

#[test]
fn hdr_09_and_s_jwe_3_critical_extensions_are_refused() {
    check_refused(&[
        r#"{"enc":"A256GCM","alg":"dir","crit":[]}"#,
        r#"{"enc":"A256GCM","alg":"dir","crit":["exp"],"exp":1}"#,
        r#"{"enc":"A256GCM","alg":"dir","crit":["b64"],"b64":true}"#,
        r#"{"enc":"A256GCM","alg":"dir","crit":["unknown"],"unknown":1}"#,
        r#"{"enc":"A256GCM","alg":"dir","crit":"exp"}"#,
        r#"{"enc":"A256GCM","alg":"dir","crit":null}"#,
        r#"{"enc":"A256GCM","alg":"dir","cri\u0074":["x"]}"#,
    ]);
}

#[test]
fn hdr_10_an_unencoded_payload_is_refused() {
    check_refused(&[
        r#"{"enc":"A256GCM","alg":"dir","b64":false}"#,
        r#"{"enc":"A256GCM","alg":"dir","b64":true}"#,
    ]);
}

#[test]
fn hdr_12_and_s_jwe_2_a_member_that_is_there_twice_is_refused() {
    check_refused(&[
        r#"{"alg":"dir","enc":"A256GCM","alg":"none"}"#,
        r#"{"alg":"none","enc":"A256GCM","alg":"dir"}"#,
        r#"{"alg":"dir","enc":"A256GCM","alg":"dir"}"#,
        r#"{"alg":"dir","enc":"A256GCM","\u0061lg":"dir"}"#,
        r#"{"alg":"dir","enc":"A256GCM","kid":"a","kid":"b"}"#,
    ]);
}

#[test]
fn hdr_13_and_s_jwe_2_a_header_is_exactly_one_object() {
    check_refused(&[
        r#"["dir","A256GCM"]"#,
        "null",
        r#""dir""#,
        "1",
        "{}",
        "",
        "{",
        "\u{feff}{\"enc\":\"A256GCM\",\"alg\":\"dir\"}",
        r#"{"enc":"A256GCM","alg":"dir"}x"#,
        r#"{"enc":"A256GCM","alg":"dir"}{}"#,
        r#"{"enc":"A256GCM","alg":"dir",}"#,
        r#"{"enc":"A256GCM","alg":"dir"/* */}"#,
        "{\"enc\":\"A256GCM\",\"alg\":\"dir\"} //",
        "{'enc':'A256GCM','alg':'dir'}",
        "{\"enc\":\"A256GCM\",\"alg\":\"dir\"}\0",
    ]);
    let not_text = b"{\"enc\":\"A256GCM\",\"alg\":\"dir\",\"x\":\"\xff\"}";
    let value = seal_raw(SECRET, not_text, session("auth0|ada", "").as_bytes(), IV);
    assert_eq!(refusal(&value), Some(Reason::Malformed));
    let deep = format!(r#"{{"enc":"A256GCM","alg":"dir","x":{}{}}}"#, "[".repeat(20_000), "]".repeat(20_000));
    let value = seal_raw(SECRET, deep.as_bytes(), session("auth0|ada", "").as_bytes(), IV);
    assert!(refusal(&value).is_none_or(|reason| reason == Reason::Malformed), "and no stack overflow");
}

#[test]
fn hdr_17_and_s_jwe_5_order_spacing_and_known_companions_do_not_matter() {
    for header in [
        &String::from_utf8_lossy(HEADER),
        r#"{"alg":"dir","enc":"A256GCM"}"#,
        r#" { "alg" : "dir" , "enc" : "A256GCM" } "#,
        "{\n\t\"enc\":\"A256GCM\",\r\n\"alg\":\"dir\"}",
        r#"{"typ":"JWT","alg":"dir","enc":"A256GCM","kid":"1","cty":"json"}"#,
        r#"{"\u0061lg":"\u0064ir","enc":"A256GCM"}"#,
    ] {
        let value = seal_raw(SECRET, header.as_bytes(), session("auth0|ada", "").as_bytes(), IV);
        assert_eq!(refusal(&value), None, "{header}");
    }
}
