//! Reference sessions and the codec that reads them.

use auth_runtime::Session;
use auth_runtime::codec::{
    CodecBuilder, KeyRing, Lifetime, Reason, RequestCookies, Secret, SessionCodec, Timestamp,
};

use crate::containers::seal;

/// The secret of the reference cookies.
pub const SECRET: &str = "9f1c0d6a5be2774c83d1f0a2b4c6e8d7a1b3c5d7e9f00112233445566778899a";

/// A secret that made none of them.
pub const OTHER_SECRET: &str = "a1b3c5d7e9f00112233445566778899a9f1c0d6a5be2774c83d1f0a2b4c6e8d7";

/// The header of every cookie that is written today.
pub const HEADER: &[u8] = br#"{"enc":"A256GCM","alg":"dir"}"#;

/// A fixed initialization vector, so that reference cookies are the same in every run.
pub const IV: [u8; 12] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11];

/// The time at which the tests take place.
pub const NOW: i64 = 1_790_000_000;

/// The length of a full chunk.
pub const CHUNK_CHARS: usize = 3_500;

/// A session of user `sub` with more members, each with its leading comma.
pub fn session(sub: &str, more: &str) -> String {
    let (created, exp) = (NOW - 1_000, NOW + 80_000);
    format!(
        r#"{{"user":{{"sub":"{sub}"}},"tokenSet":{{}},"internal":{{"sid":"s","createdAt":{created}}}{more},"exp":{exp}}}"#
    )
}

/// The cookie value of the smallest session.
pub fn minimal() -> String {
    seal(SECRET, session("auth0|ada", ""))
}

/// The cookie value of a session with profile and tokens, about 1.2 kB of JSON.
pub fn typical() -> String {
    let claims = r#","name":"Ada Lovelace","nickname":"ada","picture":"https://cdn.example/ada.png?s=48","email":"ada@example.com","email_verified":true"#;
    let tokens = format!(
        r#"{{"accessToken":"{}","idToken":"{}","scope":"openid profile email offline_access","refreshToken":"{}","expiresAt":{}}}"#,
        "at".repeat(32),
        "eyJhbGciOiJSUzI1NiJ9".repeat(36),
        "rt".repeat(23),
        NOW + 3_600
    );
    let text = session("auth0|ada", "");
    let text = text.replacen("\"auth0|ada\"", &format!("\"auth0|ada\"{claims}"), 1);
    seal(SECRET, text.replacen("\"tokenSet\":{}", &format!("\"tokenSet\":{tokens}"), 1))
}

/// The value of a session that takes two cookies.
pub fn chunked() -> String {
    seal(SECRET, session("auth0|ada", &format!(r#","cart":"{}""#, "item ".repeat(500))))
}

/// A `Cookie` header that holds the value, in chunks where it is too long for one cookie.
pub fn cookie(value: &str) -> String {
    if value.len() <= CHUNK_CHARS { format!("__session={value}") } else { chunk_pairs(value).join("; ") }
}

/// The chunks of a value as `name=value` pairs.
pub fn chunk_pairs(value: &str) -> Vec<String> {
    let chunks = value.as_bytes().chunks(CHUNK_CHARS).zip(0..);
    chunks.map(|(chunk, index)| format!("__session__{index}={}", String::from_utf8_lossy(chunk))).collect()
}

/// Keys of secrets of any strength.
pub fn ring(secrets: &[&str]) -> KeyRing {
    let secrets = secrets.iter().map(|secret| Secret::new(*secret));
    KeyRing::danger_accept_weak_secrets(secrets).expect("1 to 4 secrets")
}

/// A codec that verifies, with the reference secret.
pub fn codec() -> CodecBuilder {
    SessionCodec::builder(ring(&[SECRET]))
}

/// A codec that owns its sessions, with the default lifetime.
pub fn owner() -> SessionCodec {
    codec().owner(Lifetime::default()).build()
}

/// What a codec reads out of a header, now.
///
/// # Errors
///
/// There is no session in it, and why.
pub fn read(codec: &SessionCodec, header: impl AsRef<[u8]>) -> Result<Session, Reason> {
    codec.read(&RequestCookies::scan([header.as_ref()], codec.cookie_name()), time(NOW))
}

/// A point in time.
pub fn time(seconds: i64) -> Timestamp {
    Timestamp::from_unix(seconds)
}
