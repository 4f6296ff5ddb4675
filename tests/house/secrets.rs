//! What holds a secret never shows it in `Debug`, also in the pretty form and inside other types.

use std::fmt::Debug;

use auth_runtime::codec::{
    CookieName, KeyRing, Lifetime, RequestCookies, Secret, SessionCodec, SessionDocument, SetCookie,
    Timestamp,
};
use auth_runtime::testing::{TestClock, cookie_header};
use auth_runtime::{Auth, AuthBuilder, Session};
use http::header::COOKIE;
use http::{HeaderMap, HeaderValue};
use serde_json::{Value, json};

const SECRET: &str = "5d2b8e71c94f06a3be17d08c62f9a4e3";
const CLIENT_SECRET: &str = "client-91f7a6d2";
const ACCESS_TOKEN: &str = "access-40c8be15";
const REFRESH_TOKEN: &str = "refresh-b72d93e0";
const ID_TOKEN: &str = "id-66e1f0c4";
const CONNECTION_TOKEN: &str = "connection-18d5a97b";
const EMAIL: &str = "ada@example.com";
const CUSTOM: &str = "custom-0be3c7f8";
const NOW: i64 = 1_790_000_000;

#[test]
fn keys_are_not_shown() {
    let ring = KeyRing::new([Secret::new(SECRET)]).unwrap();
    hides("Secret", &Secret::new(SECRET), &[SECRET]);
    hides("KeyRing", &ring, &[SECRET]);
    hides("SessionCodec", &SessionCodec::builder(ring.clone()).build(), &[SECRET]);
    hides("CodecBuilder", &SessionCodec::builder(ring), &[SECRET]);
}

#[test]
fn configuration_is_shown_without_its_secrets() {
    hides("AuthBuilder", &builder(), &[SECRET, CLIENT_SECRET]);
    hides("Auth", &builder().build().unwrap(), &[SECRET, CLIENT_SECRET]);
    let refused = Auth::builder().secret(&SECRET[..20]).client_secret(CLIENT_SECRET).build().unwrap_err();
    hides("ConfigError", &refused, &[&SECRET[..20], CLIENT_SECRET]);
    let shown = refused.to_string();
    assert!(!shown.contains(&SECRET[..20]) && !shown.contains(CLIENT_SECRET), "{shown}");
}

#[tokio::test]
async fn sessions_are_shown_without_tokens_and_claims() {
    let hidden = [ACCESS_TOKEN, REFRESH_TOKEN, ID_TOKEN, EMAIL, CUSTOM];
    let session = session();
    hides("SessionDocument", session.document(), &hidden);
    hides("Session", &session, &hidden);
    hides("User", &session.user(), &hidden);
    hides("TokenSet", &session.token_set(), &hidden);
    hides("AccessTokenRequest", &session.access_token(), &hidden);
    let token = session.access_token().await.unwrap();
    assert_eq!(token.as_str(), ACCESS_TOKEN);
    hides("AccessToken", &token, &hidden);
    hides("HeaderValue of the token", &token.authorization().unwrap(), &hidden);
    let misfit = session.user().claims::<Vec<u8>>().unwrap_err();
    hides("ClaimsMismatch", &misfit, &hidden);
}

#[test]
fn cookies_are_shown_without_their_values() {
    let auth = builder().build().unwrap();
    let lines = lines(&auth);
    let cookies = cookie_text(&lines);
    let values: Vec<&str> = lines.iter().map(SetCookie::value).filter(|value| !value.is_empty()).collect();
    assert!(values.len() >= 2, "a session and a connection: {lines:?}");
    hides("SetCookie", &lines, &values);

    let scanned = RequestCookies::scan([cookies.as_bytes()], &CookieName::default());
    assert!(scanned.session.is_present() && !scanned.connections.is_empty());
    hides("RequestCookies", &scanned, &values);
    hides("NamedValue", &scanned.session, &values);
    hides("ConnectionCookie", &scanned.connections, &values);
    hides("SeenNames", &scanned.seen_names(), &values);

    let opened = auth.codec().keys().open(values[0]).unwrap();
    hides("Opened", &opened, &[ACCESS_TOKEN, EMAIL]);
    hides("Plaintext", &opened.plaintext, &[ACCESS_TOKEN, EMAIL]);
}

#[test]
fn chunks_are_shown_without_their_values() {
    let scanned = RequestCookies::scan(
        [b"__session__0=first-half; __session__1=other-half".as_slice()],
        &CookieName::default(),
    );
    assert!(scanned.session.is_present());
    hides("RequestCookies", &scanned, &["first-half", "other-half"]);
    hides("ChunkSet", &scanned.session.chunks, &["first-half", "other-half"]);
}

#[test]
fn the_key_of_a_stored_session_is_not_shown() {
    let codec = SessionCodec::builder(KeyRing::new([Secret::new(SECRET)]).unwrap())
        .owner(Lifetime::default())
        .build();
    let now = Timestamp::from_unix(NOW);
    let seen = RequestCookies::default().seen_names();
    let (id, lines) = codec.write_store_id(None, now, &seen, now).unwrap();
    hides("StoreId", &id, &[id.as_str()]);
    hides("SetCookie", &lines, &[id.as_str(), lines[0].value()]);
}

/// Neither `{:?}` nor `{:#?}` contains any of `secrets`, not even the greater part of one.
fn hides(name: &str, value: &impl Debug, secrets: &[&str]) {
    for text in [format!("{value:?}"), format!("{value:#?}")] {
        for secret in secrets {
            let part = &secret[..secret.len().min(12)];
            assert!(!text.contains(part), "Debug of {name} shows {part}…:\n{text}");
        }
    }
}

fn builder() -> AuthBuilder {
    Auth::builder()
        .secret(SECRET)
        .domain("tenant.example.com")
        .client_id("client")
        .client_secret(CLIENT_SECRET)
        .base_url("https://app.example.com")
        .test_clock(&TestClock::at(NOW))
}

fn json() -> Value {
    json!({
        "user": { "sub": "auth0|ada", "email": EMAIL, "custom": CUSTOM },
        "tokenSet": {
            "accessToken": ACCESS_TOKEN, "refreshToken": REFRESH_TOKEN, "idToken": ID_TOKEN, "expiresAt": NOW + 600,
        },
        "internal": { "sid": CUSTOM, "createdAt": NOW },
        "custom": CUSTOM,
    })
}

fn session() -> Session {
    let auth = builder().build().unwrap();
    let mut headers = HeaderMap::new();
    let cookie = cookie_header(&auth, &json()).unwrap();
    headers.insert(COOKIE, HeaderValue::try_from(cookie).unwrap());
    let cookies = RequestCookies::of_request(&headers, auth.codec().cookie_name());
    auth.codec().read(&cookies, Timestamp::from_unix(NOW)).unwrap()
}

/// A session and the token of a connection, as they are written.
fn lines(auth: &Auth) -> Vec<SetCookie> {
    let document = SessionDocument::parse(json().to_string()).unwrap();
    let connection =
        json!({ "connection": "other", "accessToken": CONNECTION_TOKEN, "expiresAt": NOW + 600 });
    let seen = RequestCookies::default().seen_names();
    auth.codec().write(&document, &[connection.to_string()], &seen, Timestamp::from_unix(NOW)).unwrap()
}

/// The `Cookie` header of a browser that took the lines.
fn cookie_text(lines: &[SetCookie]) -> String {
    let pairs = lines.iter().map(|line| format!("{}={}", line.name(), line.value()));
    pairs.collect::<Vec<_>>().join("; ")
}
