//! A secret that was the current one before a planned change, and what it can still do.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use auth_runtime::codec::{SeenNames, SessionDocument};
use auth_runtime::store::MemoryStore;
use auth_runtime::testing::provider::Endpoint;
use auth_runtime::{Auth, Session, previous_secret, with_api_auth_required};
use auth_tests::{Browser, World};
use axum::routing::get;
use axum::{Extension, Router};
use http::StatusCode;
use http::header::SET_COOKIE;

/// How often the handler ran.
type Runs = Arc<AtomicUsize>;

#[with_api_auth_required]
async fn me(session: Session, Extension(runs): Extension<Runs>) -> String {
    runs.fetch_add(1, Ordering::SeqCst);
    format!("{} {}", session.user().sub(), session.created_at().as_unix())
}

#[with_api_auth_required]
async fn note(session: Session) -> &'static str {
    session.set("note", &"n").unwrap();
    "noted"
}

fn routes(runs: &Runs) -> Router<Auth> {
    Router::new().route("/me", get(me)).route("/note", get(note)).layer(Extension(Arc::clone(runs)))
}

/// Long after every change, so that only what the test says ends a session.
const YEAR: u64 = 365 * 86_400;

fn rotated(world: &World, until: u64) -> World {
    let end = world.now().saturating_add(until);
    world.with_new_secret(|auth, old| auth.previous_secret(previous_secret(old).until(end)))
}

#[tokio::test]
async fn key_03_what_a_previous_secret_sealed_is_sealed_anew_until_its_end() {
    let runs = Runs::default();
    let old = World::new(routes(&runs)).await;
    let browser = old.signed_in("ada@example.com").await;
    let new = rotated(&old, 60);
    let signed_in = old.session(&browser)["internal"]["createdAt"].clone();

    new.clock.advance(59);
    let mut resealed = browser.clone();
    let answer = resealed.get(&new, "/me").await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    assert_eq!(new.session(&resealed)["internal"]["createdAt"], signed_in);
    assert_eq!(old.foreign_codec().keys().open(&resealed.cookies["__session"]).unwrap_err(), undecryptable());

    new.clock.advance(1);
    assert_eq!(runs.load(Ordering::SeqCst), 1);
    let refused = browser.peek(&new, "/me").await;
    assert_eq!(refused.status, StatusCode::UNAUTHORIZED);
    assert!(!refused.headers.contains_key(SET_COOKIE));
    assert_eq!(runs.load(Ordering::SeqCst), 1, "the handler did not run");
    assert_eq!(resealed.get(&new, "/me").await.status, StatusCode::OK, "what was sealed anew goes on");
}

fn undecryptable() -> auth_runtime::codec::OpenError {
    auth_runtime::codec::OpenError::Undecryptable
}

#[tokio::test]
async fn key_03_a_session_sealed_anew_ends_at_its_sign_in_plus_the_absolute_limit_whatever_rolls() {
    for path in ["/me", "/note"] {
        let runs = Runs::default();
        let old = World::new(routes(&runs)).await;
        let browser = old.signed_in("ada@example.com").await;
        let new = rotated(&old, YEAR);
        // The old cookie is brought again and again, as a thief would, and what came of it is used.
        let mut resealed = browser.clone();
        // The last extension is too small to be worth a cookie.
        for hours in 1..70 {
            new.clock.advance(3_600);
            assert_eq!(resealed.get(&new, path).await.status, StatusCode::OK, "{path} {hours}");
            if hours < 24 {
                let mut again = browser.clone();
                assert_eq!(again.get(&new, path).await.status, StatusCode::OK, "{path} {hours}");
                let end = new.session(&again)["exp"].as_u64().unwrap();
                let signed_in = new.session(&again)["internal"]["createdAt"].as_u64().unwrap();
                assert!(end <= signed_in + 3 * 86_400);
            }
        }
        new.clock.advance(3 * 3_600);
        assert_eq!(resealed.peek(&new, path).await.status, StatusCode::UNAUTHORIZED, "{path}");
    }
}

#[tokio::test]
async fn key_03_a_forger_with_the_old_secret_gains_no_more_than_the_absolute_limit_after_its_end() {
    let runs = Runs::default();
    let old = World::new(routes(&runs)).await;
    let new = rotated(&old, 60);
    let end = new.now().saturating_add(60);
    let forge = |created_at: auth_runtime::codec::Timestamp| {
        let text = format!(
            r#"{{"user":{{"sub":"eve"}},"tokenSet":{{}},"internal":{{"sid":"s","createdAt":{}}}}}"#,
            created_at.as_unix()
        );
        let document = SessionDocument::parse(text).unwrap();
        let lines = old.foreign_codec().write(&document, &[], &SeenNames::default(), created_at).unwrap();
        Browser::with("__session", lines[0].value())
    };
    new.clock.advance(59);
    // Fifteen seconds of tolerance between clocks are not fifteen seconds more for a forger.
    for created_at in [end, end.saturating_add(1), end.saturating_add(14)] {
        assert_eq!(forge(created_at).peek(&new, "/me").await.status, StatusCode::UNAUTHORIZED);
    }
    let mut latest = forge(end.saturating_sub(1));
    assert_eq!(latest.get(&new, "/me").await.status, StatusCode::OK);
    for _ in 0..4 {
        new.clock.advance(18 * 3_600 - 1);
        latest.get(&new, "/note").await;
    }
    new.clock.set(end.as_unix() + 3 * 86_400 - 1);
    assert_eq!(latest.peek(&new, "/me").await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn key_03_a_sign_in_that_began_under_a_previous_secret_ends_before_its_end_only() {
    for (seconds, status) in [(59, StatusCode::SEE_OTHER), (60, StatusCode::BAD_REQUEST)] {
        let runs = Runs::default();
        let old = World::new(routes(&runs)).await;
        let mut browser = Browser::default();
        let back = old.begin_with(&mut browser, "/auth/login", "ada@example.com").await;
        let new = rotated(&old, 60);
        new.clock.advance(seconds);
        let answer = browser.get(&new, &back).await;
        assert_eq!(answer.status, status, "{}", answer.body);
        assert_eq!(browser.header().contains("__session="), status == StatusCode::SEE_OTHER);
        let exchanged = usize::from(status == StatusCode::SEE_OTHER);
        assert_eq!(new.provider.requests(Endpoint::Token), exchanged);
    }
}

#[tokio::test]
async fn key_03_a_cookie_that_names_a_record_ends_with_its_secret() {
    let runs = Runs::default();
    let store = Arc::new(MemoryStore::new());
    let old = World::configured(routes(&runs), |auth| auth.session_store(Arc::clone(&store))).await;
    let browser = old.signed_in("ada@example.com").await;
    let end = old.now().saturating_add(60);
    let new = old.with_new_secret(|auth, secret| {
        auth.session_store(Arc::clone(&store)).previous_secret(previous_secret(secret).until(end))
    });
    new.clock.advance(59);
    let mut resealed = browser.clone();
    assert_eq!(resealed.get(&new, "/me").await.status, StatusCode::OK);
    new.clock.advance(1);
    assert_eq!(browser.peek(&new, "/me").await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(resealed.peek(&new, "/me").await.status, StatusCode::OK);
}
