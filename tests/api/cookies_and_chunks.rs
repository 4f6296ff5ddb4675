//! Proves that a session is joined from exactly the cookies that were written for it, whatever stands beside them.

use auth_runtime::codec::{
    CookieAttributes, CookieName, Lifetime, Reason, RequestCookies, SameSite, SessionCodec, SessionDocument,
    SetCookie, WriteError,
};
use auth_tests::{
    CHUNK_CHARS, NOW, OTHER_SECRET, SECRET, chunk_pairs, chunked, codec, cookie, minimal, owner, read, seal,
    session, time,
};

use crate::{refusal, refusal_of_header};

/// A session of user `sub` that takes `chunks` cookies.
fn in_chunks(sub: &str, chunks: usize) -> Vec<String> {
    let value =
        seal(SECRET, session(sub, &format!(r#","x":"{}""#, "y".repeat(CHUNK_CHARS * 3 / 4 * (chunks - 1)))));
    let pairs = chunk_pairs(&value);
    assert_eq!(pairs.len(), chunks);
    pairs
}

fn subject(header: &str) -> Result<String, Reason> {
    read(&codec().build(), header).map(|session| session.user().sub().into_owned())
}

/// What an owner writes in answer to a request with this header: names set, and names removed.
fn rewritten(codec: &SessionCodec, header: &str, text: &str) -> (Vec<String>, Vec<String>) {
    let cookies = RequestCookies::scan([header.as_bytes()], codec.cookie_name());
    let document = SessionDocument::parse(text).unwrap();
    let lines = codec.write(&document, &[], &cookies.seen_names(), time(NOW)).unwrap();
    let names = |removed: bool| -> Vec<String> {
        let lines = lines.iter().filter(|line| line.value().is_empty() == removed);
        lines.map(|line| line.name().to_owned()).collect()
    };
    (names(false), names(true))
}

#[test]
fn chk_01_any_order_of_chunks_is_the_same_session() {
    let pairs = in_chunks("u", 6);
    let mut cases = 0;
    permute(pairs.clone(), 0, &mut |order| {
        assert_eq!(refusal_of_header(order.join("; ")), None);
        cases += 1;
    });
    assert_eq!(cases, 720);
}

fn permute(mut items: Vec<String>, from: usize, each: &mut impl FnMut(&[String])) {
    if from == items.len() {
        return each(&items);
    }
    for at in from..items.len() {
        items.swap(from, at);
        permute(items.clone(), from + 1, each);
        items.swap(from, at);
    }
}

#[test]
fn chk_02_a_missing_chunk_is_no_session() {
    let pairs = in_chunks("u", 5);
    for missing in 0..5 {
        let mut left = pairs.clone();
        left.remove(missing);
        let expected = if missing == 4 { Reason::Malformed } else { Reason::IncompleteChunks };
        assert_eq!(refusal_of_header(left.join("; ")), Some(expected), "{missing}");
    }
}

#[test]
fn chk_03_an_empty_extra_chunk_changes_nothing_and_the_next_write_removes_it() {
    let header = format!("{}; __session__4=", in_chunks("u", 4).join("; "));
    assert_eq!(refusal_of_header(&header), None);
    let (_, removed) = rewritten(&owner(), &header, &session("u", ""));
    assert!(removed.contains(&"__session__4".to_owned()), "{removed:?}");
}

#[test]
fn chk_05_a_huge_number_alone_is_no_session() {
    assert_eq!(refusal_of_header("__session__999999999=x"), Some(Reason::IncompleteChunks));
    assert_eq!(
        refusal_of_header(format!("{}; __session__999999999=x", chunk_pairs(&chunked()).join("; "))),
        Some(Reason::IncompleteChunks)
    );
}

#[test]
fn chk_06_numbers_beyond_any_integer_are_no_session() {
    for index in [
        "4294967295",
        "4294967296",
        "18446744073709551616",
        &format!("1{}", "0".repeat(21)),
        &"9".repeat(400),
    ] {
        for header in
            [format!("__session__{index}=x"), format!("__session__0={}; __session__{index}=x", minimal())]
        {
            assert_eq!(refusal_of_header(header), Some(Reason::IncompleteChunks), "{index}");
        }
    }
}

#[test]
fn chk_07_other_spellings_of_a_number_are_no_chunks() {
    let first = format!("__session__0={}", minimal());
    for alias in ["01", "00", "+1", "-1", "1 ", " 1", "\u{661}", "1e0", "0x1", "1.", "", "1_"] {
        assert_eq!(
            refusal_of_header(format!("{first}; __session__{alias}=x")),
            None,
            "{alias:?} is another cookie"
        );
        assert_eq!(
            refusal_of_header(format!("__session__{alias}={}", minimal())),
            Some(Reason::NoCookie),
            "{alias:?}"
        );
    }
}

#[test]
fn chk_08_an_alias_does_not_fill_a_gap() {
    let pairs = in_chunks("u", 3);
    for alias in ["__session__00", "__session__01"] {
        let second = pairs[1].replacen("__session__1", alias, 1);
        assert_eq!(
            refusal_of_header(format!("{}; {second}; {}", pairs[0], pairs[2])),
            Some(Reason::IncompleteChunks),
            "{alias}"
        );
    }
}

#[test]
fn chk_10_a_whole_cookie_wins_over_chunks_even_when_it_is_junk() {
    let chunks = chunk_pairs(&chunked()).join("; ");
    for junk in ["junk", "true", "a.b.c.d.e", &seal(OTHER_SECRET, session("u", ""))] {
        assert!(refusal_of_header(format!("__session={junk}; {chunks}")).is_some(), "{junk}");
        assert!(refusal_of_header(format!("{chunks}; __session={junk}")).is_some(), "{junk}");
    }
    assert!(refusal_of_header(format!("__session; {chunks}")).is_some(), "a name alone has the value `true`");
}

#[test]
fn chk_11_an_empty_whole_cookie_is_absent() {
    assert_eq!(refusal_of_header(format!("__session=; {}", chunk_pairs(&chunked()).join("; "))), None);
}

#[test]
fn chk_12_the_whole_cookie_wins_and_the_next_write_removes_the_chunks() {
    let header =
        format!("{}; __session={}", in_chunks("other", 3).join("; "), seal(SECRET, session("ada", "")));
    assert_eq!(subject(&header).as_deref(), Ok("ada"));
    let (set, removed) = rewritten(&owner(), &header, &session("ada", ""));
    assert_eq!(
        (set.len(), removed),
        (1, vec!["__session__0".into(), "__session__1".into(), "__session__2".into()])
    );
}

#[test]
fn chk_13_and_s_ck_6_of_two_cookies_with_one_name_only_the_last_is_read() {
    let (good, forged) = (minimal(), seal(OTHER_SECRET, session("u", "")));
    assert_eq!(refusal_of_header(format!("__session={forged}; __session={good}")), None);
    assert_eq!(
        refusal_of_header(format!("__session={good}; __session={forged}")),
        Some(Reason::Undecryptable)
    );
    assert_eq!(refusal_of_header(format!("__session={good}; __session=")), Some(Reason::NoCookie));
}

#[test]
fn chk_14_and_s_ck_6_of_two_sessions_the_last_counts_and_the_duplicate_is_noticed() {
    let header = format!(
        "__session={}; __session={}",
        seal(SECRET, session("first", "")),
        seal(SECRET, session("last", ""))
    );
    assert_eq!(subject(&header).as_deref(), Ok("last"));
    let cookies = RequestCookies::scan([header.as_bytes()], &CookieName::default());
    assert!(cookies.session.has_duplicates);
}

#[test]
fn chk_17_endless_headers_are_read_in_bounded_work() {
    let many = |pair: &dyn Fn(usize) -> String| (0..10_000).map(pair).collect::<Vec<_>>().join("; ");
    for header in [
        "x".repeat(1 << 20),
        ";".repeat(10_000),
        "; ".repeat(10_000),
        "=".repeat(1 << 20),
        "%".repeat(1 << 20),
        format!("__session={}", "%41".repeat(1 << 18)),
        many(&|index| format!("c{index}=v")),
        many(&|_| "__session=x".to_owned()),
        many(&|index| format!("__session__{index}=x")),
        many(&|index| format!("appSession.{index}=x")),
        many(&|index| format!("__FC_{index}=x")),
    ] {
        assert!(refusal_of_header(&header).is_some());
    }
}

#[test]
fn chk_17_what_a_request_can_make_us_remember_is_bounded() {
    let kinds = ["__session__", "appSession.", "__FC_"];
    let pairs = kinds.iter().flat_map(|kind| (0..10_000).map(move |index| format!("{kind}{index}=x")));
    let header = pairs.collect::<Vec<_>>().join("; ");
    let cookies = RequestCookies::scan([header.as_bytes()], &CookieName::default());
    let names = cookies.seen_names().names(&CookieName::default());
    for kind in kinds {
        let count = names.iter().filter(|name| name.starts_with(kind)).count();
        assert!((1..=64).contains(&count), "{kind} {count}");
    }
}

#[test]
fn chk_18_and_s_ck_5_cookies_without_a_name_or_value_are_ignored() {
    for header in [
        "",
        ";",
        "; ; ;",
        "=",
        "==",
        &format!("=__session={}", minimal()),
        &format!("= __session={}", minimal()),
    ] {
        assert_eq!(refusal_of_header(header), Some(Reason::NoCookie), "{header}");
    }
    assert_eq!(refusal_of_header("__session"), Some(Reason::Malformed), "its value is `true`");
}

#[test]
fn chk_19_names_are_compared_with_case() {
    for name in ["__SESSION", "__Session", "__SESSION__0", "__Session__0", "APPSESSION"] {
        assert_eq!(refusal_of_header(format!("{name}={}", minimal())), Some(Reason::NoCookie), "{name}");
    }
}

#[test]
fn chk_20_and_s_ck_9_names_are_never_decoded() {
    for name in ["%5F%5Fsession", "__sessio%6E", "__session__%30", "__session%5F%5F0"] {
        assert_eq!(refusal_of_header(format!("{name}={}", minimal())), Some(Reason::NoCookie), "{name}");
    }
}

#[test]
fn chk_21_lookalikes_are_other_cookies() {
    for name in [
        "__session_",
        "__session_0",
        "__sessionX__0",
        "x__session__0",
        "x__session",
        "__session ",
        "\t__session",
        "__session.0",
        "__session__",
        "__session__0__0",
    ] {
        assert_eq!(refusal_of_header(format!("{name}={}", minimal())), Some(Reason::NoCookie), "{name}");
    }
}

#[test]
fn chk_22_a_configured_name_is_literal() {
    for name in ["my.session", "a*", "$session", "a^b|c", "__session__0"] {
        let codec = codec().cookie_name(CookieName::new(name).unwrap()).build();
        assert!(read(&codec, format!("{name}={}", minimal())).is_ok(), "{name}");
        assert!(read(&codec, format!("{name}__0={}", minimal())).is_ok(), "{name}");
        for other in ["myxsession", "aaa", "__session", "a"] {
            assert_eq!(
                read(&codec, format!("{other}={}", minimal())).unwrap_err(),
                Reason::NoCookie,
                "{name} {other}"
            );
        }
    }
    for impossible in ["", "a(b)", "a b", "a;b", "a,b", "a=b", "a\"b", "a\r\nb", "é", "a/b", "a[0]"] {
        assert!(CookieName::new(impossible).is_err(), "{impossible:?}");
    }
}

#[test]
fn chk_23_chunks_of_v3_have_a_dot() {
    let header = br#"{"alg":"dir","enc":"A256GCM","uat":1789999000,"iat":1789999000,"exp":1790080000}"#;
    let value = auth_tests::seal_raw(SECRET, header, br#"{"user":{"sub":"u"}}"#, auth_tests::IV);
    let legacy = codec().legacy(true).build();
    assert!(read(&legacy, format!("appSession.0={value}")).is_ok());
    assert!(read(&legacy, format!("appSession={value}")).is_ok());
    for name in ["appSession__0", "appSession_0", "appSession.00", "appSession."] {
        assert_eq!(read(&legacy, format!("{name}={value}")).unwrap_err(), Reason::NoCookie, "{name}");
    }
}

#[test]
fn chk_24_chunks_of_two_sessions_do_not_make_one() {
    let (one, other) = (in_chunks("one", 2), in_chunks("two", 2));
    assert_eq!(one[1].len(), other[1].len());
    assert_eq!(refusal_of_header(format!("{}; {}", one[0], one[1])), None);
    assert_eq!(refusal_of_header(format!("{}; {}", one[0], other[1])), Some(Reason::Undecryptable));
    assert_eq!(refusal_of_header(format!("{}; {}", other[0], one[1])), Some(Reason::Undecryptable));
}

#[test]
fn chk_25_and_s_ck_4_a_shrunken_session_removes_every_other_chunk_with_the_same_attributes() {
    let attributes = CookieAttributes::default()
        .with_domain("example.com")
        .and_then(|attributes| attributes.with_path("/app"))
        .unwrap()
        .with_secure(true)
        .with_same_site(SameSite::Strict);
    let owner = codec().attributes(attributes).owner(Lifetime::default()).build();
    let header = format!("{}; __session__7=x; __session__99999=x", in_chunks("u", 4).join("; "));
    let cookies = RequestCookies::scan([header.as_bytes()], owner.cookie_name());
    let document = SessionDocument::parse(session("u", &format!(r#","x":"{}""#, "y".repeat(3_000)))).unwrap();
    let lines = owner.write(&document, &[], &cookies.seen_names(), time(NOW)).unwrap();
    let removed: Vec<_> =
        lines.iter().filter(|line| line.value().is_empty()).map(SetCookie::as_str).collect();
    let line = |index: &str| {
        format!(
            "__session__{index}=; Path=/app; Max-Age=0; Domain=example.com; Secure; HttpOnly; SameSite=strict"
        )
    };
    assert_eq!(removed, [line("2"), line("3"), line("7"), line("99999")]);
    assert_eq!(lines.len(), 6);
}

#[test]
fn chk_26_with_a_prefixed_name_the_twin_without_is_ignored() {
    let codec = codec().cookie_name(CookieName::new("__Host-session").unwrap()).build();
    let own = format!("__Host-session={}", seal(SECRET, session("ada", "")));
    let planted = cookie(&seal(SECRET, session("eve", "")));
    for header in [format!("{own}; {planted}"), format!("{planted}; {own}")] {
        assert_eq!(read(&codec, header).unwrap().user().sub(), "ada");
    }
    for twin in [planted.clone(), format!("session={}", minimal()), format!("__host-session={}", minimal())] {
        assert_eq!(read(&codec, twin).unwrap_err(), Reason::NoCookie);
    }
    assert_eq!(refusal(&minimal()), None);
}

#[test]
fn s_ck_8_a_session_that_no_reader_would_accept_is_not_written() {
    let codec = codec().owner(Lifetime::default()).build();
    let lines_for = |chars: usize| {
        let filler = "y".repeat(chars * 3 / 4);
        let document = SessionDocument::parse(session("u", &format!(r#","x":"{filler}""#))).unwrap();
        let cookies = RequestCookies::scan([b"".as_slice()], codec.cookie_name());
        codec.write(&document, &[], &cookies.seen_names(), time(NOW))
    };
    let lines = lines_for(CHUNK_CHARS * 32 - 1_000).unwrap();
    assert_eq!(lines.iter().filter(|line| !line.value().is_empty()).count(), 32);
    let pairs: Vec<_> = lines.iter().map(|line| format!("{}={}", line.name(), line.value())).collect();
    assert_eq!(read(&codec, pairs.join("; ")).unwrap().user().sub(), "u");
    assert_eq!(lines_for(CHUNK_CHARS * 32).unwrap_err(), WriteError::SessionTooLarge { chunks: 33 });
}
