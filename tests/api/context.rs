//! Proves that a cookie counts only for the purpose, mode, name and secret that it was made for.

use std::collections::HashSet;

use auth_runtime::codec::{
    KeyRing, KeyRingError, MAX_SECRETS, Reason, RequestCookies, Secret, SeenNames, SessionCodec,
    SessionDocument, Weakness,
};
use auth_tests::{
    IV, NOW, OTHER_SECRET, SECRET, codec, cookie, minimal, owner, read, ring, seal, seal_raw, session,
    sign_v3, time,
};

use crate::{refusal, refusal_of_header};

/// The reader of a session store's cookie.
fn store_id(codec: &SessionCodec, header: &str) -> Result<String, Reason> {
    let cookies = RequestCookies::scan([header.as_bytes()], codec.cookie_name());
    codec.read_store_id(&cookies, time(NOW)).map(|id| id.as_str().to_owned())
}

/// What the same secret seals for other purposes: a sign-in transaction, a connection's token, an id, an MFA token.
const OTHER_PURPOSES: [&str; 4] = [
    r#"{"nonce":"n","codeVerifier":"v","state":"s","returnTo":"/","exp":1790080000}"#,
    r#"{"accessToken":"at","connection":"google","expiresAt":1790080000,"exp":1790080000}"#,
    r#"{"id":"00112233445566778899aabbccddeeff","exp":1790080000}"#,
    r#"{"mfaToken":"t","audience":"a","createdAt":1790000000,"exp":1790080000}"#,
];

#[test]
fn ctx_02_and_s_8725_6_other_purposes_are_no_session_under_chunk_names() {
    for text in OTHER_PURPOSES {
        let value = seal(SECRET, text);
        assert_eq!(refusal(&value), Some(Reason::WrongShape), "{text}");
        let (start, end) = value.split_at(value.len() / 2);
        assert_eq!(
            refusal_of_header(format!("__session__0={start}; __session__1={end}")),
            Some(Reason::WrongShape),
            "{text}"
        );
    }
}

#[test]
fn ctx_04_a_connection_token_is_no_session_and_a_session_no_connection_token() {
    assert_eq!(refusal(&seal(SECRET, OTHER_PURPOSES[1])), Some(Reason::WrongShape));
    let values: Vec<_> =
        [minimal()].into_iter().chain(OTHER_PURPOSES.iter().map(|text| seal(SECRET, text))).collect();
    let header: Vec<_> =
        values.iter().zip(0..).map(|(value, index)| format!("__FC_{index}={value}")).collect();
    let header = header.join("; ");
    let codec = codec().build();
    let cookies = RequestCookies::scan([header.as_bytes()], codec.cookie_name());
    assert_eq!(codec.read_connections(&cookies, time(NOW)), [OTHER_PURPOSES[1]]);
    assert!(codec.read_connections(&cookies, time(1_790_080_015)).is_empty(), "it has an end of its own");
}

#[test]
fn ctx_08_the_cookie_of_a_store_is_no_session() {
    assert_eq!(refusal(&seal(SECRET, OTHER_PURPOSES[2])), Some(Reason::WrongShape));
}

#[test]
fn ctx_09_a_session_with_an_id_names_no_record() {
    let codec = codec().build();
    assert_eq!(
        store_id(&codec, &cookie(&seal(SECRET, OTHER_PURPOSES[2]))).as_deref(),
        Ok("00112233445566778899aabbccddeeff")
    );
    for text in [
        session("u", r#","id":"00112233445566778899aabbccddeeff""#),
        OTHER_PURPOSES[0].replace("nonce", "id"),
    ] {
        assert_eq!(store_id(&codec, &cookie(&seal(SECRET, text))), Err(Reason::WrongShape));
    }
    for text in [
        r#"{"id":"a"}"#,
        r#"{"id":"a","exp":"1790080000"}"#,
        r#"{"id":"","exp":1790080000}"#,
        r#"{"id":["a"],"exp":1790080000}"#,
        r#"{"id":"a","id":"b","exp":1790080000}"#,
    ] {
        assert_eq!(store_id(&codec, &cookie(&seal(SECRET, text))), Err(Reason::WrongShape), "{text}");
    }
    assert_eq!(
        store_id(&codec, &cookie(&seal(SECRET, r#"{"id":"a","exp":1789999985}"#))),
        Err(Reason::Expired)
    );
}

/// A v3 cookie's value with these times in its header.
fn v3(times: &str) -> String {
    let header = format!(r#"{{"alg":"dir","enc":"A256GCM"{times}}}"#);
    seal_raw(SECRET, header.as_bytes(), br#"{"user":{"sub":"u","sid":"s"},"accessToken":"at"}"#, IV)
}

const V3_TIMES: &str = r#","uat":1789999000,"iat":1789990000,"exp":1790080000"#;

#[test]
fn ctx_10_v3_cookies_are_read_only_where_that_is_switched_on() {
    let (off, on) = (codec().build(), codec().legacy(true).build());
    for name in ["appSession", "__session"] {
        let header = format!("{name}={}", v3(V3_TIMES));
        assert_eq!(read(&off, &header).unwrap_err(), Reason::LegacyDisabled, "{name}");
        assert_eq!(read(&on, &header).unwrap().user().sub(), "u", "{name}");
    }
    let v4_under_the_old_name = format!("appSession={}", minimal());
    assert_eq!(read(&off, &v4_under_the_old_name).unwrap_err(), Reason::LegacyDisabled);
}

#[test]
fn ctx_10_the_times_of_a_v3_header_are_enforced() {
    let on = codec().legacy(true).build();
    let at = |times: &str| read(&on, format!("appSession={}", v3(times))).err();
    for (times, expected) in [
        (V3_TIMES, None),
        (r#","uat":1789999000,"iat":1789990000,"exp":1789999985"#, Some(Reason::Expired)),
        (r#","uat":1789999000,"iat":1789990000"#, Some(Reason::WrongShape)),
        (r#","uat":1789999000,"iat":1789990000,"exp":"1790080000""#, Some(Reason::WrongShape)),
        (r#","uat":1789999000,"iat":1790000016,"exp":1790080000"#, Some(Reason::WrongShape)),
        (r#","uat":1789999000,"iat":-5,"exp":1790080000"#, Some(Reason::WrongShape)),
        (r#","uat":1789999000,"iat":0,"exp":1790080000"#, Some(Reason::WrongShape)),
        (r#","uat":1789999000,"iat":1e999,"exp":1790080000"#, Some(Reason::WrongShape)),
        (r#","uat":1789999000,"iat":"1789990000","exp":1790080000"#, Some(Reason::WrongShape)),
    ] {
        assert_eq!(at(times), expected, "{times}");
    }
    let owner = codec().legacy(true).owner(auth_runtime::codec::Lifetime::default()).build();
    let idle = r#","uat":1789900000,"iat":1789890000,"exp":1790080000"#;
    assert_eq!(read(&owner, format!("appSession={}", v3(idle))).unwrap_err(), Reason::IdleTooLong);
}

#[test]
fn ctx_11_a_signed_cookie_has_exactly_two_parts() {
    let on = codec().legacy(true).build();
    let signed = sign_v3(SECRET, "appSession", "some-id");
    let (id, signature) = signed.split_once('.').unwrap();
    assert_eq!(store_id(&on, &format!("appSession={signed}")).as_deref(), Ok("some-id"));
    for value in [
        format!("{signed}.extra.parts"),
        format!("{signed}."),
        format!(".{signature}"),
        id.to_owned(),
        format!("{id}."),
        format!("{id}.{signature}="),
        format!("{id}.{}", &signature[1..]),
        format!("{id}x.{signature}"),
        format!("{id}.{}", auth_tests::url64(&[0; 32])),
        sign_v3(OTHER_SECRET, "appSession", "some-id"),
    ] {
        assert!(store_id(&on, &format!("appSession={value}")).is_err(), "{value}");
    }
}

#[test]
fn ctx_12_a_signature_counts_for_one_cookie_name_only() {
    let on = codec().legacy(true).build();
    for name in ["session", "__session", "appSession.0", "appsession", ""] {
        assert!(
            store_id(&on, &format!("appSession={}", sign_v3(SECRET, name, "some-id"))).is_err(),
            "{name}"
        );
    }
}

#[test]
fn ctx_13_a_signed_cookie_is_refused_where_v3_is_switched_off() {
    let off = codec().build();
    for name in ["appSession", "__session"] {
        assert!(store_id(&off, &format!("{name}={}", sign_v3(SECRET, name, "some-id"))).is_err(), "{name}");
    }
}

#[test]
fn ctx_14_and_ctx_15_a_session_for_another_domain_is_refused() {
    let codec = codec().domain("tenant.example").build();
    let at = |mcd: &str| {
        let text = session("u", "").replacen("\"sid\":\"s\"", &format!("\"sid\":\"s\",\"mcd\":{mcd}"), 1);
        read(&codec, cookie(&seal(SECRET, text))).err()
    };
    for (mcd, expected) in [
        (r#"{"domain":"tenant.example"}"#, None),
        ("null", None),
        (r#"{"domain":"other.example"}"#, Some(Reason::DomainMismatch)),
        (r#"{"domain":"TENANT.example"}"#, Some(Reason::DomainMismatch)),
        (r#"{"domain":"tenant.example."}"#, Some(Reason::DomainMismatch)),
        (r#"{"domain":""}"#, Some(Reason::DomainMismatch)),
        (r#"{"domain":null}"#, Some(Reason::DomainMismatch)),
        (r#"{"domain":["tenant.example"]}"#, Some(Reason::DomainMismatch)),
        ("{}", Some(Reason::DomainMismatch)),
        ("[]", Some(Reason::DomainMismatch)),
        ("1", Some(Reason::DomainMismatch)),
    ] {
        assert_eq!(at(mcd), expected, "{mcd}");
    }
    // A session that names no domain counts for every service with the secret: secrets are not to be shared.
    assert!(read(&codec, cookie(&minimal())).is_ok());
}

#[test]
fn key_01_another_secret_opens_nothing() {
    let other = SessionCodec::builder(ring(&[OTHER_SECRET])).build();
    for value in [minimal(), auth_tests::typical(), auth_tests::chunked()] {
        assert_eq!(read(&other, cookie(&value)).unwrap_err(), Reason::Undecryptable);
    }
}

#[test]
fn key_03_a_secret_that_was_removed_opens_nothing() {
    let value = minimal();
    for (secrets, expected) in [
        (&[OTHER_SECRET, SECRET][..], None),
        (&["1", "2", "3", SECRET], None),
        (&[OTHER_SECRET], Some(Reason::Undecryptable)),
        (&["1", "2", "3"], Some(Reason::Undecryptable)),
    ] {
        assert_eq!(read(&SessionCodec::builder(ring(secrets)).build(), cookie(&value)).err(), expected);
    }
}

#[test]
fn key_04_more_than_four_secrets_are_refused() {
    let secrets = |count: usize| (0..count).map(|index| Secret::new(format!("{SECRET}{index}")));
    assert_eq!(MAX_SECRETS, 4);
    assert!(KeyRing::new(secrets(4)).is_ok());
    for count in [5, 16] {
        assert_eq!(KeyRing::new(secrets(count)).unwrap_err(), KeyRingError::TooMany { count });
    }
    assert_eq!(KeyRing::new([]).unwrap_err(), KeyRingError::Empty);
    let weak = KeyRing::new([Secret::new(SECRET), Secret::new("short")]).unwrap_err();
    assert_eq!(weak, KeyRingError::Weak { index: 1, weakness: Weakness::TooShort { bytes: 5 } });
}

#[test]
fn key_06_a_secret_is_used_verbatim() {
    let spelled = [
        SECRET.to_owned(),
        format!("{SECRET}\n"),
        format!(" {SECRET}"),
        SECRET.to_uppercase(),
        format!("\"{SECRET}\""),
    ];
    for (made, read_with) in spelled.iter().flat_map(|made| spelled.iter().map(move |other| (made, other))) {
        let codec = SessionCodec::builder(ring(&[read_with])).build();
        let outcome = read(&codec, cookie(&seal(made, session("u", ""))));
        assert_eq!(outcome.is_ok(), made == read_with, "{made:?} {read_with:?}");
    }
    // Hexadecimal text is text, not the bytes that it spells.
    let bytes: String = SECRET
        .as_bytes()
        .chunks(2)
        .map(|pair| char::from(u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap()))
        .collect();
    assert_eq!(refusal(&seal(&bytes, session("u", ""))), Some(Reason::Undecryptable));
    assert!(Secret::new(format!("{SECRET}\n")).has_outer_white_space());
}

#[test]
fn key_07_no_initialization_vector_comes_twice() {
    let (owner, document) = (owner(), SessionDocument::parse(session("u", "")).unwrap());
    let mut seen = HashSet::new();
    for _ in 0..10_000 {
        let lines = owner.write(&document, &[], &SeenNames::default(), time(NOW)).unwrap();
        assert!(seen.insert(lines[0].value().split('.').nth(2).unwrap().to_owned()));
    }
}

#[test]
fn key_12_no_type_that_a_log_may_show_tells_a_secret_or_a_claim() {
    let codec = codec().build();
    let header = cookie(&auth_tests::typical());
    let cookies = RequestCookies::scan([header.as_bytes()], codec.cookie_name());
    let session = codec.read(&cookies, time(NOW)).unwrap();
    let lines = owner().write(session.document(), &[], &SeenNames::default(), time(NOW)).unwrap();
    let shown = format!(
        "{codec:?} {cookies:?} {session:?} {:?} {:?} {:?} {:?} {lines:?} {:?}",
        session.document(),
        session.user(),
        session.token_set(),
        Secret::new(SECRET),
        codec.keys().open(header.split_once('=').unwrap().1).unwrap()
    );
    for secret in [SECRET, "ada@example.com", "Ada", "atatat", "rtrtrt", "eyJhbGci", &header[20..60]] {
        assert!(!shown.contains(secret), "{secret}: {shown}");
    }
}
