//! Sessions as front ends make them, and stranger.

use crate::json::with_member;
use crate::options::Options;
use crate::oracle::Oracle;
use crate::random::Random;

pub(crate) struct Generated {
    /// The session's JSON, without connections. It may have an `exp` from an earlier life.
    pub(crate) text: String,
    /// The elements of `connectionTokenSets`.
    pub(crate) connections: Vec<String>,
    pub(crate) created_at: i64,
}

impl Generated {
    /// A session that the options let live at `now`. Every 25th is as small as can be.
    pub(crate) fn draw(case: u64, random: &mut Random, options: &Options, now: i64) -> Self {
        let created_at = now - random.seconds(options.absolute.min(options.inactivity) - 100);
        if case.is_multiple_of(25) {
            let text = format!(
                r#"{{"user":{{"sub":"u"}},"tokenSet":{{}},"internal":{{"createdAt":{created_at}}},"pad":""}}"#
            );
            return Self { text, connections: Vec::new(), created_at };
        }
        let mut members = vec![
            format!(r#""user":{}"#, user(random)),
            format!(r#""tokenSet":{}"#, token_set(random)),
            format!(r#""internal":{}"#, internal(random, created_at)),
            r#""pad":"""#.to_owned(),
        ];
        if random.one_in(3) {
            let tokens: Vec<_> = (0..random.below(4)).map(|_| access_token(random)).collect();
            members.push(format!(r#""accessTokens":[{}]"#, tokens.join(",")));
        }
        if random.one_in(4) {
            members.push(format!(r#""exp":{}"#, now - 5));
        }
        for index in 0..random.below(4) {
            members.push(format!(r#""x{index}":{}"#, value(random, 4)));
        }
        if random.one_in(4) {
            members.push(format!(r#""":{}"#, value(random, 1)));
        }
        if random.one_in(8) {
            members.push(format!(r#""deep":{}{}{}"#, "[".repeat(50), value(random, 1), "]".repeat(50)));
        }
        if random.one_in(2) {
            random.shuffle(&mut members);
        }
        let connections = match random.below(8) {
            0 => 12,
            count @ 1..=3 => count,
            _ => 0,
        };
        Self {
            text: format!("{{{}}}", members.join(",")),
            connections: (0..connections).map(|_| connection(random)).collect(),
            created_at,
        }
    }

    /// The session in the spelling of JavaScript.
    pub(crate) fn spelled_by(mut self, oracle: &Oracle) -> Self {
        self.text = oracle.echo(&self.text);
        self
    }

    /// Fills the session up until its sealed form has as many characters as case number `case` asks for.
    /// `sealed_text` is the JSON that would be sealed now.
    pub(crate) fn fill(&mut self, case: u64, random: &mut Random, sealed_text: &str) {
        if case.is_multiple_of(25) {
            return;
        }
        let wanted = plaintext_bytes(wanted_chars(case, random));
        let pad = "x".repeat(wanted.saturating_sub(sealed_text.len()));
        self.text = padded(&self.text, &pad);
    }

    /// The session as an application has it, with its connections inside.
    pub(crate) fn whole(&self) -> String {
        crate::json::with_connections(&self.text, &self.connections)
    }
}

/// The session with another filling.
pub(crate) fn padded(text: &str, pad: &str) -> String {
    with_member(text, "pad", &format!("\"{pad}\""))
}

/// How long a sealed text of `bytes` is: header, initialisation vector, tag and dots, and the text itself.
pub(crate) fn sealed_chars(bytes: usize) -> usize {
    SEALED_FRAME + (bytes * 4).div_ceil(3)
}

/// Returns whether the length of this case is exact to the character.
pub(crate) fn is_boundary(case: u64) -> bool {
    matches!(case / 12 % 4, 0 | 1)
}

/// Goes through 1 to 12 chunks; of each, the longest, the shortest, and any between.
fn wanted_chars(case: u64, random: &mut Random) -> usize {
    let chunks = 1 + usize::try_from(case % 12).unwrap();
    match case / 12 % 4 {
        0 => chunks * CHUNK,
        1 => (chunks - 1) * CHUNK + 1,
        _ => (chunks - 1) * CHUNK + 1 + random.below(CHUNK),
    }
}

fn plaintext_bytes(chars: usize) -> usize {
    chars.saturating_sub(SEALED_FRAME) * 3 / 4
}

fn user(random: &mut Random) -> String {
    let subjects =
        ["auth0|ada", "google-oauth2|1234567890", "auth0|\u{5d0}\u{5d3}\u{5d4}", "s\u{f8}r\u{1f980}"];
    let mut members = vec![format!(r#""sub":"{}""#, random.pick(&subjects))];
    for claim in ["name", "nickname", "email", "picture", "org_id"] {
        if random.one_in(2) {
            members.push(format!(r#""{claim}":{}"#, string(random)));
        }
    }
    members.extend((0..random.below(5)).map(|_| format!("{}:{}", key(random), value(random, 3))));
    random.shuffle(&mut members);
    format!("{{{}}}", members.join(","))
}

fn token_set(random: &mut Random) -> String {
    let mut members = Vec::new();
    for (name, raw) in [
        ("accessToken", string(random)),
        ("idToken", r#""eyJhbGciOiJSUzI1NiJ9.e30.c2ln""#.to_owned()),
        ("scope", r#""openid profile email""#.to_owned()),
        ("refreshToken", string(random)),
        ("expiresAt", expires_at(random)),
        ("token_type", r#""bearer""#.to_owned()),
        ("later", value(random, 2)),
    ] {
        if !random.one_in(3) {
            members.push(format!(r#""{name}":{raw}"#));
        }
    }
    format!("{{{}}}", members.join(","))
}

fn internal(random: &mut Random, created_at: i64) -> String {
    let mut members = vec![format!(r#""sid":{}"#, string(random)), format!(r#""createdAt":{created_at}"#)];
    if random.one_in(4) {
        members.push(r#""sessionExpiresAt":4102441200.5"#.to_owned());
    }
    if random.one_in(4) {
        members
            .push(r#""mcd":{"domain":"login.example.com","issuer":"https://login.example.com/"}"#.to_owned());
    }
    if random.one_in(4) {
        members.push(format!(r#""more":{}"#, value(random, 2)));
    }
    random.shuffle(&mut members);
    format!("{{{}}}", members.join(","))
}

fn access_token(random: &mut Random) -> String {
    format!(
        r#"{{"accessToken":{},"expiresAt":{},"audience":"https://api.example.com","scope":"read:a","x":{}}}"#,
        string(random),
        expires_at(random),
        value(random, 2)
    )
}

fn connection(random: &mut Random) -> String {
    let exp = if random.one_in(3) { r#""exp":7,"# } else { "" };
    format!(
        r#"{{"accessToken":{},{exp}"expiresAt":{},"connection":"google-oauth2","x":{}}}"#,
        string(random),
        expires_at(random),
        value(random, 2)
    )
}

fn expires_at(random: &mut Random) -> String {
    random.pick(&["1790003600", "1790003600.25", "\"1790003600\"", "null", "-1", "1.79e9"]).to_owned()
}

fn value(random: &mut Random, depth: usize) -> String {
    match random.below(if depth == 0 { 4 } else { 6 }) {
        0 => string(random),
        1 => random.pick(&NUMBERS).to_owned(),
        2 => random.next().to_string(),
        3 => (random.pick(&["true", "false", "null", "[]", "{}"])).to_owned(),
        4 => {
            let elements: Vec<_> = (0..random.below(4)).map(|_| value(random, depth - 1)).collect();
            format!("[{}]", elements.join(","))
        }
        _ => {
            let members: Vec<_> = (0..random.below(4))
                .map(|_| format!("{}:{}", key(random), value(random, depth - 1)))
                .collect();
            format!("{{{}}}", members.join(","))
        }
    }
}

/// The name of a member. Two of one object may be the same, or numbers, which JavaScript puts first.
fn key(random: &mut Random) -> String {
    format!("\"{}\"", random.pick(&KEYS))
}

fn string(random: &mut Random) -> String {
    let parts: Vec<_> = (0..random.below(12)).map(|_| random.pick(&PARTS)).collect();
    format!("\"{}\"", parts.concat())
}

const CHUNK: usize = 3500;
const SEALED_FRAME: usize = 81;

const KEYS: [&str; 12] = [
    "",
    "a b",
    "roles",
    "https://example.com/claims",
    "__proto__",
    "constructor",
    "10",
    "2",
    "\u{e9}\u{1f980}",
    r"\u0000",
    r#"\"quoted\""#,
    "exp",
];

/// Pieces of JSON strings: scripts, marks, what line readers and HTML stumble over, and halves of pairs.
const PARTS: [&str; 26] = [
    "Ada",
    "Zo\u{eb}",
    "\u{5e9}\u{5dc}\u{5d5}\u{5dd}",
    "\u{645}\u{631}\u{62d}\u{628}\u{627}",
    "\u{65e5}\u{672c}\u{8a9e}",
    "e\u{301}\u{327}",
    "\u{1f980}",
    "\u{1f468}\u{200d}\u{1f469}\u{200d}\u{1f467}",
    "\u{202e}",
    "\u{2028}\u{2029}",
    "\u{feff}",
    "\u{fffd}",
    "\u{7f}\u{80}",
    r"\u0000",
    r"\u001f",
    r"\ud83e\udd80",
    r"\ud83e",
    r"\udd80",
    r"\uDBFF ",
    r"\u00fc\/",
    r"\u2028",
    r"\n\r\t\b\f",
    r#"\"\\"#,
    "</script>",
    "; Path=/; a=b",
    "%00%zz",
];

const NUMBERS: [&str; 20] = [
    "0",
    "-0",
    "-1",
    "1.0",
    "1.50",
    "-2.5",
    "0.1",
    "0.30000000000000004",
    "1e3",
    "1E-7",
    "-1.5e+20",
    "1e21",
    "123456789012345680000",
    "9007199254740993",
    "-9007199254740993",
    "18446744073709551616",
    "1e400",
    "5e-324",
    "1e-400",
    "3.141592653589793238462643383279",
];
