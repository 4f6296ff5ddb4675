//! Proves that an authentic container is not enough: what is inside must be a session that is not over.

use auth_runtime::codec::{ExpiresAt, Reason, SeenNames, SessionDocument};
use auth_tests::{NOW, SECRET, codec, owner, read, seal, session, time};

use crate::refusal;

/// What a verifying codec says to a cookie with this plaintext.
fn verdict(plaintext: impl AsRef<[u8]>) -> Option<Reason> {
    refusal(&seal(SECRET, plaintext))
}

/// The reference session with one piece of its text replaced.
fn with(piece: &str, other: &str) -> String {
    let text = session("u", "");
    assert!(text.contains(piece), "{piece}");
    text.replacen(piece, other, 1)
}

fn with_exp(exp: &str) -> String {
    with(&format!("\"exp\":{}", NOW + 80_000), &format!("\"exp\":{exp}"))
}

fn with_created(created: &str) -> String {
    with(&format!("\"createdAt\":{}", NOW - 1_000), &format!("\"createdAt\":{created}"))
}

#[test]
fn the_reference_session_is_accepted() {
    assert_eq!(verdict(session("u", "")), None);
}

#[test]
fn pay_01_a_session_without_exp_is_none() {
    assert_eq!(verdict(with(&format!(",\"exp\":{}", NOW + 80_000), "")), Some(Reason::WrongShape));
    for exp in ["null", "\"1790080000\"", "[]", "{}", "true"] {
        assert_eq!(verdict(with_exp(exp)), Some(Reason::WrongShape), "{exp}");
    }
}

#[test]
fn pay_04_a_fractional_exp_is_rounded_down() {
    let value = seal(SECRET, with_exp(&format!("{}.5", NOW + 100)));
    let session = read(&codec().build(), auth_tests::cookie(&value)).unwrap();
    assert_eq!(session.expires_at(), Some(time(NOW + 100)));
}

#[test]
fn pay_05_an_exp_beyond_all_limits_is_refused() {
    for exp in
        ["1e308", "1e999", "9007199254740993", "9223372036854775808", "18446744073709551616", "-1", "-1e999"]
    {
        assert_eq!(verdict(with_exp(exp)), Some(Reason::WrongShape), "{exp}");
    }
}

#[test]
fn pay_06_exp_has_fifteen_seconds_of_tolerance() {
    assert_eq!(verdict(with_exp(&(NOW - 14).to_string())), None);
    assert_eq!(verdict(with_exp(&(NOW - 15).to_string())), Some(Reason::Expired));
    assert_eq!(verdict(with_exp(&(NOW - 16).to_string())), Some(Reason::Expired));
    assert_eq!(verdict(with_exp("0")), Some(Reason::Expired));
}

#[test]
fn pay_07_a_session_of_the_future_is_refused() {
    assert_eq!(verdict(session("u", &format!(",\"nbf\":{}", NOW + 16))), Some(Reason::NotYetValid));
    assert_eq!(verdict(session("u", &format!(",\"nbf\":{}", NOW + 15))), None);
    for nbf in ["\"0\"", "null", "[]", "1e999"] {
        assert_eq!(verdict(session("u", &format!(",\"nbf\":{nbf}"))), Some(Reason::WrongShape), "{nbf}");
    }
}

#[test]
fn pay_08_iat_in_the_payload_is_ignored() {
    for iat in ["\"soon\"", "99999999999", "null", "-1", "1e999"] {
        assert_eq!(verdict(session("u", &format!(",\"iat\":{iat}"))), None, "{iat}");
    }
}

#[test]
fn pay_09_the_time_of_creation_is_a_whole_number_that_is_past() {
    assert_eq!(verdict(with(&format!(",\"createdAt\":{}", NOW - 1_000), "")), Some(Reason::WrongShape));
    for created in [
        "\"1789999000\"",
        "1789999000.5",
        "-1",
        "-0",
        "null",
        "true",
        "1e999",
        "[1]",
        &(NOW + 16).to_string(),
    ] {
        assert_eq!(verdict(with_created(created)), Some(Reason::WrongShape), "{created}");
    }
    assert_eq!(verdict(with_created(&(NOW + 15).to_string())), None);
}

#[test]
fn pay_10_an_owner_enforces_the_absolute_limit_whatever_exp_says() {
    let at = |age: i64| {
        let value = seal(SECRET, with_created(&(NOW - age).to_string()));
        read(&owner(), auth_tests::cookie(&value)).err()
    };
    assert_eq!(at(3 * 86_400 - 1), None);
    assert_eq!(at(3 * 86_400), Some(Reason::TooOld));
    assert_eq!(at(NOW), Some(Reason::TooOld));
}

#[test]
fn pay_11_only_an_object_can_be_a_session() {
    for text in ["", " ", "[]", "null", "\"x\"", "1", "true", "not json", "{", "}", "{}", "[{}]", "\0"] {
        assert_eq!(verdict(text), Some(Reason::WrongShape), "{text:?}");
    }
    assert_eq!(verdict(b"\xff\xfe\x00"), Some(Reason::WrongShape));
    assert_eq!(verdict(session("u", "").replace('u', "\u{1}")), Some(Reason::WrongShape));
}

#[test]
fn pay_12_nothing_may_follow_the_object() {
    for rest in ["x", "{}", "\0", "//", ",", "]"] {
        assert_eq!(verdict(session("u", "") + rest), Some(Reason::WrongShape), "{rest:?}");
    }
    assert_eq!(verdict(session("u", "").repeat(2)), Some(Reason::WrongShape));
}

#[test]
fn pay_14_a_byte_order_mark_is_refused() {
    assert_eq!(verdict(format!("\u{feff}{}", session("u", ""))), Some(Reason::WrongShape));
    let utf_16: Vec<u8> = session("u", "").encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(verdict(utf_16), Some(Reason::WrongShape));
}

#[test]
fn pay_15_a_subject_is_clean_text_and_other_members_need_not_be() {
    for sub in [r"\ud800", r"a\u0000b", r"\udc00\ud800", r"a\u001fb", r"\u0085"] {
        assert_eq!(verdict(session(sub, "")), Some(Reason::WrongShape), "{sub}");
    }
    assert_eq!(verdict(session("u", r#","cut":"\ud83e","\ud83e":"\u0000""#)), None);
    assert_eq!(verdict(with(r#""sub":"u""#, r#""sub":"u","name":"\ud83e""#)), None);
}

#[test]
fn pay_16_a_session_without_user_is_none() {
    assert_eq!(verdict(with(r#""user":{"sub":"u"},"#, "")), Some(Reason::WrongShape));
    for user in ["null", "[]", "\"u\"", "1", "{}", r#"{"sub":null}"#, r#"{"Sub":"u"}"#] {
        assert_eq!(verdict(with(r#"{"sub":"u"}"#, user)), Some(Reason::WrongShape), "{user}");
    }
}

#[test]
fn pay_18_a_subject_is_text_of_reasonable_length() {
    for sub in [
        "1",
        "\"\"",
        "true",
        "[\"u\"]",
        "{}",
        r#""a\nb""#,
        r#""\u007f""#,
        &format!("\"{}\"", "x".repeat(10_240)),
    ] {
        assert_eq!(
            verdict(with(r#""sub":"u""#, &format!("\"sub\":{sub}"))),
            Some(Reason::WrongShape),
            "{sub:.40}"
        );
    }
    assert_eq!(verdict(session(&"é".repeat(255), "")), None);
    assert_eq!(verdict(session(&"é".repeat(256), "")), Some(Reason::WrongShape));
}

#[test]
fn pay_20_a_member_of_the_session_that_is_there_twice_makes_it_none() {
    for twice in [
        r#","user":{"sub":"admin"}"#,
        r#","exp":1790080000"#,
        r#","internal":{"createdAt":1789999000}"#,
        r#","tokenSet":{}"#,
        r#","nbf":1,"nbf":1"#,
        r#","\u0075ser":{"sub":"admin"}"#,
        r#","e\u0078p":1790080000"#,
    ] {
        assert_eq!(verdict(session("u", twice)), Some(Reason::WrongShape), "{twice}");
    }
    // Inside the user's claims the last one wins, as in JavaScript, for every way to read them.
    let value = seal(SECRET, with(r#""sub":"u""#, r#""sub":"first","sub":"last""#));
    let session = read(&codec().build(), auth_tests::cookie(&value)).unwrap();
    assert_eq!(session.user().sub(), "last");
}

#[test]
fn pay_22_an_expiry_that_is_no_time_costs_the_token_and_never_the_session() {
    for (expires_at, expected) in [
        ("1e400", ExpiresAt::Invalid),
        ("-1", ExpiresAt::Invalid),
        ("\"soon\"", ExpiresAt::Invalid),
        ("\"NaN\"", ExpiresAt::Invalid),
        ("{}", ExpiresAt::Invalid),
        ("99999999999999999999", ExpiresAt::Invalid),
        ("null", ExpiresAt::Unknown),
        ("\"1790003600\"", ExpiresAt::At(time(1_790_003_600))),
        ("1790003600.5", ExpiresAt::At(time(1_790_003_600))),
    ] {
        let value =
            seal(SECRET, with(r#""tokenSet":{}"#, &format!(r#""tokenSet":{{"expiresAt":{expires_at}}}"#)));
        let session = read(&codec().build(), auth_tests::cookie(&value)).unwrap();
        assert_eq!(session.token_set().expires_at(), expected, "{expires_at}");
    }
}

#[test]
fn pay_23_a_payload_that_is_too_large_is_refused_unread() {
    let keys: Vec<_> = (0..1_000_000).map(|index| format!("\"{index}\":0")).collect();
    for members in [format!(",{}", keys.join(",")), format!(r#","x":"{}""#, "y".repeat(1 << 20))] {
        let value = seal(SECRET, session("u", &members));
        assert_eq!(crate::refusal_of_header(format!("__session={value}")), Some(Reason::TooLarge));
    }
    // What still fits may have as many members and levels as it likes.
    let keys: Vec<_> = (0..9_000).map(|index| format!("\"{index}\":0")).collect();
    assert_eq!(verdict(session("u", &format!(",{}", keys.join(",")))), None);
    let deep = format!(",\"x\":{}{}", "[".repeat(30_000), "]".repeat(30_000));
    assert_eq!(verdict(session("u", &deep)), None);
}

#[test]
fn pay_25_members_of_another_type_make_it_none() {
    for token_set in ["[]", "null", "\"x\"", "1"] {
        assert_eq!(
            verdict(with(r#""tokenSet":{}"#, &format!("\"tokenSet\":{token_set}"))),
            Some(Reason::WrongShape),
            "{token_set}"
        );
    }
    assert_eq!(verdict(with(r#","tokenSet":{}"#, "")), Some(Reason::WrongShape));
    for access_tokens in ["{}", "\"x\"", "1", "true"] {
        assert_eq!(
            verdict(session("u", &format!(",\"accessTokens\":{access_tokens}"))),
            Some(Reason::WrongShape),
            "{access_tokens}"
        );
    }
    assert_eq!(verdict(session("u", ",\"accessTokens\":null")), None);
    let internal = format!(r#"{{"sid":"s","createdAt":{}}}"#, NOW - 1_000);
    for other in ["null", "[]", "\"x\"", "{}"] {
        assert_eq!(verdict(with(&internal, other)), Some(Reason::WrongShape), "{other}");
    }
}

#[test]
fn pay_27_a_record_of_another_shape_is_no_session() {
    let codec = codec().legacy(true).build();
    let whole = session("u", "");
    for record in [
        "",
        "null",
        "[]",
        "{}",
        "1",
        r#"{"header":{},"data":{}}"#,
        r#"{"header":{"iat":1},"data":null}"#,
        r#"{"header":{"iat":"1","exp":9e9},"data":{"user":{"sub":"u"}}}"#,
        r#"{"header":{"iat":1,"uat":1,"exp":2},"data":{"user":{"sub":"u"}}}"#,
    ] {
        assert!(codec.read_record(record, time(NOW)).is_err(), "{record}");
    }
    for length in 0..whole.len() {
        assert!(codec.read_record(&whole[..length], time(NOW)).is_err(), "{length}");
    }
    assert!(codec.read_record(&whole, time(NOW)).is_ok());
    let v3 = r#"{"header":{"iat":1789990000,"uat":1789990000,"exp":1790080000},"data":{"user":{"sub":"u"}}}"#;
    assert!(codec.read_record(v3, time(NOW)).is_ok());
    let without = auth_tests::codec().build();
    assert_eq!(without.read_record(v3, time(NOW)).unwrap_err(), Reason::LegacyDisabled);
}

#[test]
fn pay_28_the_ceiling_of_the_provider_ends_a_session() {
    let at = |ceiling: &str| {
        verdict(with("\"sid\":\"s\"", &format!("\"sid\":\"s\",\"sessionExpiresAt\":{ceiling}")))
    };
    for (ceiling, expected) in [
        ("1790000031", None),
        ("1790000030", Some(Reason::CeilingReached)),
        ("0", Some(Reason::CeilingReached)),
        ("-1", Some(Reason::CeilingReached)),
        ("null", None),
        ("\"1790000031\"", Some(Reason::WrongShape)),
        ("1790000031000", Some(Reason::WrongShape)),
        ("1e999", Some(Reason::WrongShape)),
        ("[]", Some(Reason::WrongShape)),
        ("true", Some(Reason::WrongShape)),
    ] {
        assert_eq!(at(ceiling), expected, "{ceiling}");
    }
}

#[test]
fn pay_11_a_text_that_is_no_json_is_not_written_and_nothing_panics() {
    let codec = owner();
    let write = |text: &str| codec.write_json(text, &SeenNames::default(), time(NOW)).is_ok();
    let good = session("auth0|ada", "");
    assert!(write(&good));
    for broken in [r"\é", r"\🦀", r"\u00é", r"\u+12é", r"\ud83eé", r"\ud83e\é", r"\"] {
        for text in [
            good.replace("auth0|ada", broken),
            good.replace("user", broken),
            broken.to_owned(),
            format!("{good}{broken}"),
        ] {
            assert!(!write(&text), "{text}");
        }
    }
    // Two numbers do not become one.
    assert!(!write(&good.replacen('{', r#"{"a":1 2,"#, 1)));
}

#[test]
fn pay_05_sessions_are_written_at_any_time() {
    let codec = owner();
    let document = SessionDocument::parse(session("auth0|ada", "")).unwrap();
    for now in [i64::MIN, -1, 0, NOW, 253_402_300_740, 253_402_300_799, 253_402_300_800, i64::MAX] {
        let seen = SeenNames::default();
        let lines = codec.write(&document, &["{\"a\":1}".to_owned()], &seen, time(now)).unwrap();
        let (_, named) = codec.write_store_id(None, time(now), &seen, time(now)).unwrap();
        for line in lines.iter().chain(&named) {
            assert!(line.as_str().is_ascii() && line.as_str().contains("; Max-Age="), "{}", line.as_str());
        }
    }
}
