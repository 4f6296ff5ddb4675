//! What an application puts into a session can be read as nothing else, by whatever reader.

use std::collections::BTreeSet;
use std::sync::Arc;

use auth_runtime::store::{MemoryStore, SessionStore as _};
use auth_runtime::{Auth, AuthBuilder, Session, SessionChangeError, SessionDraft, with_api_auth_required};
use auth_tests::{World, time};
use axum::Router;
use axum::extract::Query;
use axum::routing::get;
use http::StatusCode;
use serde_json::{Value, json};

/// Every name that a reader looks for at the top of what one secret seals or one store keeps.
const INTERPRETED: [&str; 49] = [
    // The session, in a cookie or a record.
    "user",
    "tokenSet",
    "internal",
    "accessTokens",
    "connectionTokenSets",
    "exp",
    "nbf",
    // A record of v3.
    "header",
    "data",
    // A session of v3.
    "idToken",
    "accessToken",
    "accessTokenScope",
    "accessTokenExpiresAt",
    "refreshToken",
    "token_type",
    "iat",
    "uat",
    // Registered claims.
    "iss",
    "sub",
    "aud",
    "jti",
    // The cookie that names a record.
    "id",
    // The cookie of a sign-in under way.
    "nonce",
    "maxAge",
    "codeVerifier",
    "responseType",
    "state",
    "returnTo",
    "scope",
    "audience",
    "challengeMode",
    "originDomain",
    "originIssuer",
    "organization",
    "authSession",
    // Tokens.
    "expiresAt",
    "requestedScope",
    "connection",
    "loginHint",
    // An MFA token.
    "mfaToken",
    "mfaRequirements",
    "createdAt",
    // What is inside of `internal`, and beside what Redis keeps sealed.
    "sid",
    "sessionExpiresAt",
    "mcd",
    "sealed",
    // JavaScript.
    "__proto__",
    "constructor",
    "prototype",
];

/// What a user who may choose the name of a member would put there.
fn victim() -> Value {
    json!({ "iat": 1, "uat": 1, "exp": 9_000_000_000_u64, "user": { "sub": "victim" }, "sub": "victim" })
}

/// The name as it is, and with its letters written as escapes: a text of its own, of which nothing is decoded.
fn spellings(name: &str) -> [String; 3] {
    let escaped = |c: char| format!("\\u{:04x}", u32::from(c));
    let first = name.chars().next().map(escaped).unwrap_or_default();
    let rest: String = name.chars().skip(1).collect();
    [name.to_owned(), format!("{first}{rest}"), name.chars().map(escaped).collect()]
}

fn try_all(mut set: impl FnMut(&str, &Value) -> Result<(), SessionChangeError>) {
    for name in INTERPRETED {
        let [plain, spelled @ ..] = spellings(name);
        assert_eq!(set(&plain, &victim()), Err(SessionChangeError::Protected), "{name}");
        for other in spelled {
            set(&other, &victim()).unwrap();
        }
    }
}

fn try_in_hook(mut draft: SessionDraft) -> SessionDraft {
    try_all(|name, value| draft.set(name, value));
    draft
}

#[derive(serde::Deserialize)]
struct Chosen {
    name: String,
}

/// A handler that lets its user choose a name.
#[with_api_auth_required]
async fn set(session: Session, Query(chosen): Query<Chosen>) -> StatusCode {
    session.set(&chosen.name, &victim()).map_or(StatusCode::UNPROCESSABLE_ENTITY, |()| StatusCode::OK)
}

#[with_api_auth_required]
async fn set_all(session: Session) {
    try_all(|name, value| session.set(name, value));
}

#[with_api_auth_required]
async fn me() -> String {
    user.email().unwrap_or_default().into_owned()
}

#[with_api_auth_required]
async fn renew(session: Session) -> StatusCode {
    session.access_token().force_refresh().await.map_or(StatusCode::BAD_GATEWAY, |_| StatusCode::OK)
}

fn routes() -> Router<Auth> {
    Router::new()
        .route("/set", get(set))
        .route("/set-all", get(set_all))
        .route("/me", get(me))
        .route("/renew", get(renew))
}

/// Hooks that try all of it too.
fn hooked(auth: AuthBuilder) -> AuthBuilder {
    auth.on_login(|mut login| async move {
        try_all(|name, value| login.session_mut().set(name, value));
        login.proceed()
    })
    .before_save(|draft| async move { try_in_hook(draft) })
}

/// The names at the top of a session, decoded as every reader decodes them.
fn names(session: &str) -> BTreeSet<String> {
    let session: Value = serde_json::from_str(session).unwrap();
    session.as_object().unwrap().keys().cloned().collect()
}

fn assert_only_the_logins(session: &str, of_login: &BTreeSet<String>) {
    let interpreted: BTreeSet<String> = INTERPRETED.map(str::to_owned).into();
    let found: BTreeSet<String> = names(session).intersection(&interpreted).cloned().collect();
    assert_eq!(&found, of_login);
    let session: Value = serde_json::from_str(session).unwrap();
    assert_eq!(session["user"]["email"], "ada@example.com");
}

#[tokio::test]
async fn atk_01_nothing_that_a_reader_interprets_can_be_set_by_a_handler_or_a_hook() {
    let of_login: BTreeSet<String> = ["user", "tokenSet", "internal", "exp"].map(str::to_owned).into();
    let world = World::configured(routes(), hooked).await;
    let mut browser = world.signed_in("ada@example.com").await;
    assert_only_the_logins(&world.session(&browser).to_string(), &of_login);
    for path in ["/set-all", "/renew"] {
        assert_eq!(browser.get(&world, path).await.status, StatusCode::OK, "{path}");
        assert_only_the_logins(&world.session(&browser).to_string(), &of_login);
    }
    assert_eq!(browser.get(&world, "/me").await.body, "ada@example.com");
}

#[tokio::test]
async fn atk_01_a_user_who_chooses_the_name_of_a_member_stays_who_they_are() {
    let store = Arc::new(MemoryStore::new());
    let configure = |auth: AuthBuilder| auth.session_store(Arc::clone(&store)).legacy_cookies(true);
    let world = World::configured(routes(), configure).await;
    let mut browser = world.signed_in("ada@example.com").await;
    let before = store.get(&world.store_id(&browser), time(0)).await.unwrap().unwrap().text().to_owned();
    for name in INTERPRETED {
        let answer = browser.get(&world, &format!("/set?name={name}")).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{name}");
    }
    let after = store.get(&world.store_id(&browser), time(0)).await.unwrap().unwrap();
    assert_eq!(after.text(), before);
    assert_eq!(browser.get(&world, "/me").await.body, "ada@example.com");
}

/// Two requests that change one session at a time, of which one has what an older version let it set.
#[tokio::test]
async fn atk_01_a_merge_of_two_requests_brings_no_such_member_in() {
    let store = Arc::new(MemoryStore::new());
    let configure = |auth: AuthBuilder| hooked(auth).session_store(Arc::clone(&store)).legacy_cookies(true);
    let world = World::configured(routes(), configure).await;
    let browser = world.signed_in("ada@example.com").await;
    let requests = ["/set?name=a", "/set-all", "/renew", "/set?name=b", "/set-all", "/renew"].map(|path| {
        let (world, browser) = (world.clone(), browser.clone());
        tokio::spawn(async move { browser.peek(&world, path).await.status })
    });
    for request in requests {
        assert_eq!(request.await.unwrap(), StatusCode::OK);
    }
    let record = store.get(&world.store_id(&browser), time(0)).await.unwrap().unwrap();
    let of_login: BTreeSet<String> = ["user", "tokenSet", "internal"].map(str::to_owned).into();
    assert_only_the_logins(record.text(), &of_login);
    assert!(names(record.text()).is_superset(&["a", "b"].map(str::to_owned).into()));
}
