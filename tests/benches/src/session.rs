//! The sessions that are measured: of a certain length on the wire, with what real ones hold.

use auth_runtime::codec::{
    KeyRing, Lifetime, Secret, SeenNames, SessionCodec, SessionDocument, SetCookie, Timestamp,
};
use http::header::COOKIE;
use http::{HeaderMap, HeaderValue};

/// The secret that every benchmark seals with.
pub const SECRET: &str = "4a7d1ed414474e4033ac29ccb8653d9b0f6a1c88e25b73d9f1e2c3b4a5968778";

/// The lengths of the session cookie's value that are measured, in characters.
pub const SIZES: [(&str, usize); 4] = [("1kB", 1_000), ("3kB", 3_000), ("9kB", 9_000), ("36kB", 36_000)];

/// A session whose sealed value has `chars` characters, as the cookies of a browser.
pub struct Sample {
    /// The session's JSON, `exp` included.
    pub json: String,
    /// The sealed value, chunks joined.
    pub sealed: String,
    /// The session's cookies among five others.
    pub header: String,
}

impl Sample {
    /// Makes one at the present.
    pub fn of(chars: usize) -> Self {
        let now = Timestamp::now();
        let json = session_json(chars, now);
        let codec = codec();
        let document = SessionDocument::parse(json.clone()).expect("a session");
        let lines = codec.write(&document, &[], &SeenNames::default(), now).expect("it can be sealed");
        let pairs: Vec<_> = lines.iter().map(|line| format!("{}={}", line.name(), line.value())).collect();
        let sealed: String = lines.iter().map(SetCookie::value).collect();
        assert!(sealed.len().abs_diff(chars) <= 4, "{} characters instead of {chars}", sealed.len());
        Self { json, sealed, header: format!("{BEFORE}; {}; {BEHIND}", pairs.join("; ")) }
    }

    /// The headers of a request with these cookies.
    pub fn headers(&self) -> HeaderMap {
        headers(&self.header)
    }

    /// The same cookies with a session value that nobody sealed: every character is as before, but for some in the
    /// tag. Of all garbage this costs most, since nothing but the decryption can tell.
    pub fn garbage(&self) -> String {
        let tag = self.sealed.rsplit('.').next().expect("five parts");
        let forged: String = tag.chars().rev().collect();
        // The last character of a tag has spare bits that must be zero, so it stays in its place.
        let forged = format!("{}{}", &forged[1..], &tag[tag.len() - 1..]);
        self.header.replace(tag, &forged)
    }
}

/// A request's headers with one `Cookie` header.
pub fn headers(cookies: &str) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(COOKIE, HeaderValue::from_str(cookies).expect("cookies are a header value"));
    headers
}

/// A codec that reads and writes.
pub fn codec() -> SessionCodec {
    let keys = KeyRing::new([Secret::new(SECRET)]).expect("a strong secret");
    SessionCodec::builder(keys).owner(Lifetime::default()).build()
}

fn session_json(chars: usize, now: Timestamp) -> String {
    let plaintext = (chars - ENVELOPE_CHARS) * 3 / 4;
    let (created_at, exp) = (now.as_unix(), now.as_unix() + 86_400);
    let more = (plaintext / 4_000) * 2;
    let tokens: Vec<_> = (0..more).map(|number| access_token_json(number, now)).collect();
    let assemble = |access_token: &str| {
        format!(
            r#"{{"user":{USER},"tokenSet":{{"accessToken":"{access_token}","scope":"openid profile email offline_access","requestedScope":"openid profile email offline_access","refreshToken":"v1.MRrtQpN8s2yYc0Zk3bXw7uLh5Jf9aEdT","expiresAt":{exp},"token_type":"Bearer"}},"accessTokens":[{}],"internal":{{"sid":"t1fIPRrmHpFJzPkCq0WVXb6s7GdyuKLa","createdAt":{created_at}}},"exp":{exp}}}"#,
            tokens.join(",")
        )
    };
    let rest = plaintext.checked_sub(assemble("").len()).expect("long enough for a session");
    assemble(&token_text(rest))
}

/// A further access token, as the npm package keeps those for other audiences.
fn access_token_json(number: usize, now: Timestamp) -> String {
    format!(
        r#"{{"audience":"https://api-{number}.example.com","scope":"read:reports write:reports","requestedScope":"read:reports","accessToken":"{}","expiresAt":{}}}"#,
        token_text(1_400),
        now.as_unix() + 3_600
    )
}

/// Text such as tokens are made of.
fn token_text(chars: usize) -> String {
    const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    (0..chars).map(|at| char::from(ALPHABET[(at * 37 + at / 64) % ALPHABET.len()])).collect()
}

const USER: &str = r#"{"sub":"auth0|5f7c8ec7c33c6c004bbafe82","name":"Ada Lovelace","nickname":"ada","email":"ada@example.com","email_verified":true,"picture":"https://s.gravatar.com/avatar/7d6ab0b9d6a0c1e2f3?s=480&d=identicon","org_id":"org_9ybsU1dN2dKfDkBi"}"#;

const BEFORE: &str = "_ga=GA1.1.1468972035.1731840212; theme=dark; NEXT_LOCALE=en-GB";
const BEHIND: &str =
    "_ga_9XJ0QZ7W1K=GS1.1.1731840212.4.1.1731841032.60.0.0; intercom-device-id-x1=5c1f7a34-91a8-4a5c-8f0e";

/// Header, initialization vector, tag and dots of a compact JWE with direct A256GCM.
const ENVELOPE_CHARS: usize = 39 + 16 + 22 + 4;
