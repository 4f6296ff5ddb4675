//! Proves for random input what the other tests prove for chosen input: no bytes in a `Cookie` header make the reader
//! panic, and a session keeps every member that it does not know, byte for byte.
//!
//! The generator is seeded, so a failure comes again.

use auth_runtime::codec::{RequestCookies, SeenNames, SessionCodec};
use auth_tests::{
    IV, NOW, SECRET, canonical, codec, cookie, minimal, owner, read, ring, seal, seal_raw, session, time,
    typical,
};

/// Xorshift: enough disorder for tests, and the same in every run.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.next() % limit as u64).unwrap()
    }

    fn pick<'t, T: ?Sized>(&mut self, from: &[&'t T]) -> &'t T {
        from[self.below(from.len())]
    }
}

#[test]
fn no_bytes_in_a_cookie_header_make_a_reader_panic() {
    let (value, long) = (minimal(), typical());
    let pieces: Vec<&[u8]> = vec![
        b"__session",
        b"__session__",
        b"appSession",
        b"appSession.",
        b"__FC_",
        b"=",
        b"; ",
        b";",
        b" ",
        b".",
        b"..",
        b"0",
        b"1",
        b"31",
        b"32",
        b"99999999999999999999",
        b"%",
        b"%4",
        b"%41",
        b"%ff",
        b"%00",
        b"%E2%82%AC",
        b"\"",
        b",",
        b"\xff",
        b"\xe2\x82",
        b"\0",
        b"\r\n",
        b"\t",
        b"true",
        b"eyJlbmMiOiJBMjU2R0NNIiwiYWxnIjoiZGlyIn0",
        value.as_bytes(),
        &value.as_bytes()[..100],
        &value.as_bytes()[100..],
        long.as_bytes(),
        &long.as_bytes()[..700],
    ];
    let codecs = [
        codec().build(),
        codec().legacy(true).domain("d").build(),
        owner(),
        SessionCodec::builder(ring(&["a", "b", "c", SECRET])).legacy(true).build(),
    ];
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    let mut accepted = 0;
    for round in 0..30_000 {
        let mut header = Vec::new();
        for _ in 0..random.below(12) {
            header.extend_from_slice(random.pick(&pieces));
        }
        if round % 3 == 0 {
            for _ in 0..random.below(20) {
                header.push(random.next().to_le_bytes()[0]);
            }
        }
        if round % 5 == 0 {
            header.splice(0..0, format!("{}; ", cookie(&value)).into_bytes());
        }
        let codec = &codecs[round % codecs.len()];
        let cookies = RequestCookies::scan([&*header], codec.cookie_name());
        let seen = cookies.seen_names();
        accepted += usize::from(codec.read(&cookies, time(NOW)).is_ok());
        let _ = codec.read_store_id(&cookies, time(NOW));
        let _ = codec.read_connections(&cookies, time(NOW));
        for line in codec.clear(&seen) {
            assert!(line.as_str().bytes().all(|byte| (b' '..=b'~').contains(&byte)), "{line:?}");
        }
    }
    assert!(accepted > 10, "some are sessions, or the generator is too wild: {accepted}");
}

#[test]
fn no_times_make_a_reader_panic() {
    let mut random = Random(7);
    let times = [
        i64::MIN,
        i64::MIN + 1,
        -1,
        0,
        1,
        NOW - 15,
        NOW,
        NOW + 15,
        253_402_300_799,
        253_402_300_800,
        i64::MAX - 1,
        i64::MAX,
    ];
    let spelled: Vec<String> = times
        .iter()
        .map(ToString::to_string)
        .chain(["1e400".into(), "1e-400".into(), "0.1".into(), "-0".into()])
        .collect();
    for _ in 0..20_000 {
        let mut number = || spelled[random.below(spelled.len())].clone();
        let text = format!(
            r#"{{"user":{{"sub":"u"}},"tokenSet":{{"expiresAt":{}}},"internal":{{"createdAt":{},"sessionExpiresAt":{}}},"nbf":{},"exp":{}}}"#,
            number(),
            number(),
            number(),
            number(),
            number()
        );
        let header = cookie(&seal(SECRET, text));
        let now = time(times[random.below(times.len())]);
        let owner = owner();
        let cookies = RequestCookies::scan([header.as_bytes()], owner.cookie_name());
        if let Ok(session) = owner.read(&cookies, now) {
            let _ = session.token_set().expires_at();
            owner.write(session.document(), &[], &SeenNames::default(), now).unwrap();
        }
    }
}

#[test]
fn a_session_keeps_what_it_does_not_know_byte_for_byte() {
    let mut random = Random(42);
    let owner = owner();
    for round in 0..2_000 {
        let text = random_session(&mut random);
        let value = seal_raw(SECRET, br#"{"enc":"A256GCM","alg":"dir"}"#, text.as_bytes(), IV);
        let first =
            read(&owner, cookie(&value)).unwrap_or_else(|reason| panic!("round {round}: {reason}: {text}"));
        assert_eq!(first.document().as_str(), text);

        let lines = owner.write(first.document(), &[], &SeenNames::default(), time(NOW)).unwrap();
        let header: Vec<_> = lines.iter().map(|line| format!("{}={}", line.name(), line.value())).collect();
        let second = read(&owner, header.join("; ")).unwrap();
        let exp = |time: i64| format!("\"exp\":{time}");
        let expected = text.replacen(&exp(NOW + 80_000), &exp(NOW + 86_400), 1);
        assert_eq!(second.document().as_str(), expected, "round {round}");
        assert_ne!(expected, text);
        assert_eq!(canonical(second.document().user()), canonical(first.document().user()));
    }
}

/// A session with random members before, between and after those that every session has.
fn random_session(random: &mut Random) -> String {
    let mut members = vec![
        format!("\"user\":{{\"sub\":\"u\"{}}}", random_members(random, "c")),
        format!("\"tokenSet\":{{\"accessToken\":\"at\"{}}}", random_members(random, "t")),
        format!("\"internal\":{{\"createdAt\":{}{}}}", NOW - 1_000, random_members(random, "i")),
        format!("\"exp\":{}", NOW + 80_000),
    ];
    for index in 0..random.below(8) {
        let at = random.below(members.len() + 1);
        let member = format!(
            "\"m{index}{}\":{}",
            random.pick(&["", "\\ud83e", "\\u0000", "é", "__proto__"]),
            random_value(random, 0)
        );
        members.insert(at, member);
    }
    format!("{{{}}}", members.join(random.pick(&[",", " , ", ",\n"])))
}

fn random_members(random: &mut Random, prefix: &str) -> String {
    (0..random.below(4)).map(|index| format!(",\"{prefix}{index}\":{}", random_value(random, 0))).collect()
}

fn random_value(random: &mut Random, depth: usize) -> String {
    match random.below(if depth > 4 { 6 } else { 8 }) {
        0 => random.pick(&["null", "true", "false"]).to_owned(),
        1 => random
            .pick(&[
                "0",
                "-0",
                "1.0",
                "1.50",
                "1e3",
                "1E+3",
                "-0.000",
                "1e400",
                "9007199254740993",
                "123456789012345678901234567890",
                "5e-324",
            ])
            .to_owned(),
        2 => random.next().to_string(),
        3 => random
            .pick(&[
                "\"\"",
                r#""\ud83e""#,
                r#""\udfff \ud83e""#,
                r#""\u0000\u001f""#,
                "\"🦀\u{2028}\"",
                r#""\/\"\\""#,
                r#""</script>""#,
            ])
            .to_owned(),
        4 => format!("\"{}\"", "x".repeat(random.below(2_000))),
        5 => format!("{}{}", "[".repeat(300), "]".repeat(300)),
        6 => {
            let items: Vec<_> = (0..random.below(4)).map(|_| random_value(random, depth + 1)).collect();
            format!("[{}]", items.join(random.pick(&[",", ", "])))
        }
        _ => {
            let members: Vec<_> = (0..random.below(4))
                .map(|index| format!("\"k{index}\": {}", random_value(random, depth + 1)))
                .collect();
            format!("{{{}}}", members.join(","))
        }
    }
}

#[test]
fn the_generator_makes_what_it_should() {
    assert!(session("u", "").contains("\"exp\""));
    let mut random = Random(42);
    let sessions: String = (0..50).map(|_| random_session(&mut random)).collect();
    for piece in [r"\ud83e", "1e400", "9007199254740993", "[[[[", "🦀"] {
        assert!(sessions.contains(piece), "{piece}");
    }
}
