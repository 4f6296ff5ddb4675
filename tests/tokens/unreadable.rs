//! What a store has and nobody can read: no session, and nothing that keeps a user from signing in.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use auth_runtime::store::{KeyValueStore, MemoryStore, Record, StoreError, StoreFuture};
use auth_runtime::{AccessTokenError, Auth, AuthBuilder, Session, with_api_auth_required};
use auth_tests::{Answer, Browser, TOKEN_LIFETIME, World, time};
use axum::Router;
use axum::routing::get;
use http::StatusCode;
use http::header::SET_COOKIE;

use crate::watched::{Watched, hashed, hexadecimal};

#[with_api_auth_required]
async fn me() -> String {
    user.email().unwrap_or_default().into_owned()
}

#[with_api_auth_required(optional)]
async fn front() -> &'static str {
    if user.is_some() { "somebody" } else { "nobody" }
}

#[with_api_auth_required]
async fn token(session: Session) -> Result<String, AccessTokenError> {
    Ok(session.access_token().await?.as_str().to_owned())
}

/// Changes the session, whose record cannot be read any more when it is to be written.
#[with_api_auth_required]
async fn change(session: Session, axum::Extension(store): axum::Extension<Watched>) -> &'static str {
    session.set("order", &1).unwrap();
    let key = store.last_asked().unwrap();
    store.make_unreadable(&key);
    "done"
}

#[with_api_auth_required]
async fn leave(session: Session, axum::Extension(store): axum::Extension<Watched>) -> &'static str {
    session.sign_out().unwrap();
    let key = store.last_asked().unwrap();
    store.make_unreadable(&key);
    "bye"
}

fn routes(store: &Watched) -> Router<Auth> {
    Router::new()
        .route("/me", get(me))
        .route("/front", get(front))
        .route("/token", get(token))
        .route("/change", get(change))
        .route("/leave", get(leave))
        .layer(axum::Extension(store.clone()))
}

async fn world(store: &Watched, configure: impl FnOnce(AuthBuilder) -> AuthBuilder) -> World {
    let kept = store.clone();
    World::configured(routes(store), |auth| configure(auth.session_store(kept))).await
}

fn assert_removes_the_session(answer: &Answer) {
    let lines: Vec<_> = answer.set_cookies().collect();
    let removal = |line: &&str| line.starts_with("__session=") && line.contains("Max-Age=0");
    assert!(!lines.is_empty() && lines.iter().all(removal), "{lines:?}");
}

/// Nobody is signed in, signing in works, and so does signing out.
async fn is_nobody_and_can_sign_in(world: &World, browser: &Browser) {
    let answer = browser.peek(&world, "/me").await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{}", answer.body);
    assert!(!answer.headers.contains_key(SET_COOKIE));
    assert_eq!(browser.peek(&world, "/front").await.body, "nobody");
    assert_eq!(browser.peek(&world, "/auth/profile").await.status, StatusCode::UNAUTHORIZED);

    let mut leaving = browser.clone();
    let answer = leaving.get(&world, "/auth/logout").await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    assert!(leaving.cookies.is_empty());

    let mut again = browser.clone();
    let answer = world.sign_in_with(&mut again, "grace@example.com").await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    assert_eq!(again.get(&world, "/me").await.body, "grace@example.com");
    assert_eq!(again.get(&world, "/auth/logout").await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn a_record_that_the_store_cannot_read_is_no_session_and_blocks_no_sign_in() {
    let store = Watched::default();
    let world = world(&store, |auth| auth).await;
    let browser = world.signed_in("ada@example.com").await;
    store.make_unreadable(&world.store_id(&browser));
    is_nobody_and_can_sign_in(&world, &browser).await;
}

#[tokio::test]
async fn a_record_that_is_not_sealed_is_no_session_in_a_store_of_sealed_ones() {
    let store = Watched::default();
    let world = world(&store, |auth| auth.seal_records(true)).await;
    let now = world.clock.unix_seconds();
    let session = r#"{"user":{"sub":"victim"},"tokenSet":{},"internal":{"sid":"s","createdAt":NOW}}"#;
    let session = session.replace("NOW", &now.to_string());
    for text in [&session, "", "null", "eyJhbGciOiJkaXIifQ..a.b.c", "\u{0}"] {
        let browser = world.signed_in("ada@example.com").await;
        let key = hashed(&world.store_id(&browser));
        assert!(store.record(&key).await.is_some());
        store.put(&key, Record::new(text, time(now + 3_600), time(now))).await;
        is_nobody_and_can_sign_in(&world, &browser).await;
    }
}

#[tokio::test]
async fn atk_03_a_record_that_is_no_session_blocks_no_sign_in() {
    let store = Watched::default();
    let world = world(&store, |auth| auth).await;
    let now = world.clock.unix_seconds();
    for text in ["", "null", "[]", "{", r#"{"user":null}"#, "eyJhbGciOiJkaXIifQ..a.b.c"] {
        let browser = world.signed_in("ada@example.com").await;
        let key = world.store_id(&browser);
        store.put(&key, Record::new(text, time(now + 3_600), time(now))).await;
        is_nobody_and_can_sign_in(&world, &browser).await;
        assert!(store.record(&key).await.is_none(), "it is gone with the sign-out: {text}");
    }
}

#[tokio::test]
async fn a_record_that_became_unreadable_during_its_request_is_one_that_is_gone() {
    for (path, body) in [("/change", "done"), ("/leave", "bye")] {
        let store = Watched::default();
        let world = world(&store, |auth| auth).await;
        let browser = world.signed_in("ada@example.com").await;
        let answer = browser.peek(&world, path).await;
        assert_eq!((answer.status, answer.body.as_str()), (StatusCode::OK, body));
        assert_removes_the_session(&answer);
    }
}

#[tokio::test]
async fn a_sign_in_does_not_depend_on_the_end_of_the_session_before_it() {
    let store = Watched::default();
    let world = world(&store, |auth| auth).await;
    let mut browser = world.signed_in("ada@example.com").await;
    let before = browser.clone();
    store.refuse_deletions();
    let answer = world.sign_in_with(&mut browser, "grace@example.com").await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    assert_eq!(browser.get(&world, "/me").await.body, "grace@example.com");
    assert_ne!(world.store_id(&browser), world.store_id(&before));
    // A sign-out does: the user was told that it is done.
    assert_eq!(browser.get(&world, "/auth/logout").await.status, StatusCode::SERVICE_UNAVAILABLE);
}

/// What instances share, of which some can't be read when the test says so, until it is replaced.
#[derive(Clone, Debug, Default)]
struct Spoiled {
    inner: Arc<MemoryStore>,
    is_active: Arc<AtomicBool>,
    /// A text that means nothing; `None` if the store itself cannot read it.
    text: Option<&'static str>,
}

const SPOILED: &str = "revoked:sub:";

impl Spoiled {
    fn is_active(&self, key: &str) -> bool {
        key.starts_with(SPOILED) && self.is_active.load(Ordering::SeqCst)
    }
}

impl KeyValueStore for Spoiled {
    fn name(&self) -> &'static str {
        "spoiled"
    }

    fn read<'a>(&'a self, keys: &'a [String]) -> StoreFuture<'a, Vec<Option<String>>> {
        Box::pin(async move {
            let mut values = self.inner.read(keys).await?;
            for (value, _) in values.iter_mut().zip(keys).filter(|(_, key)| self.is_active(key)) {
                let Some(text) = self.text else {
                    return Err(StoreError::unreadable("a key holds another type of value"));
                };
                *value = Some(text.to_owned());
            }
            Ok(values)
        })
    }

    fn compare_and_swap<'a>(
        &'a self,
        key: &'a str,
        expected: Option<&'a str>,
        value: Option<&'a str>,
        ttl: Duration,
    ) -> StoreFuture<'a, bool> {
        Box::pin(async move {
            if !self.is_active(key) {
                return self.inner.compare_and_swap(key, expected, value, ttl).await;
            }
            if expected != self.text {
                return Ok(false);
            }
            self.is_active.store(false, Ordering::SeqCst);
            self.inner.compare_and_swap(key, None, value, ttl).await
        })
    }
}

#[tokio::test]
async fn a_revocation_that_cannot_be_read_ends_what_was_begun_before_and_nothing_after_it() {
    // The last one would be a time in milliseconds.
    for text in [None, Some("not a time"), Some("1790000000000")] {
        let values = Spoiled { text, ..Spoiled::default() };
        let shared = values.clone();
        let routes = routes(&Watched::default());
        let world = World::configured(routes, |auth| auth.revocation(shared)).await;
        let browser = world.signed_in("ada@example.com").await;
        values.is_active.store(true, Ordering::SeqCst);
        let answer = browser.peek(&world, "/me").await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "it may have said that the session is over");

        world.clock.advance(5);
        let mut again = browser.clone();
        let answer = world.sign_in_with(&mut again, "ada@example.com").await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
        assert_eq!(again.get(&world, "/me").await.body, "ada@example.com");
        assert_eq!(browser.peek(&world, "/me").await.status, StatusCode::UNAUTHORIZED);
        // And it can be revoked as ever.
        world.clock.advance(5);
        let stolen = again.clone();
        assert_eq!(again.get(&world, "/auth/logout").await.status, StatusCode::SEE_OTHER);
        assert_eq!(stolen.peek(&world, "/me").await.status, StatusCode::UNAUTHORIZED);
    }
}

#[tokio::test]
async fn what_cannot_be_read_of_a_refresh_token_costs_its_user_a_sign_in_and_no_more() {
    let values = Arc::new(MemoryStore::new());
    let shared = Arc::clone(&values);
    let routes = routes(&Watched::default());
    let world = World::configured(routes, |auth| auth.refresh_lease(shared)).await;
    let mut browser = world.signed_in("ada@example.com").await;
    let refresh_token = world.session(&browser)["tokenSet"]["refreshToken"].as_str().unwrap().to_owned();
    let key = format!("refresh:{}", hexadecimal(&refresh_token));
    assert!(values.compare_and_swap(&key, None, Some("nonsense"), Duration::from_secs(600)).await.unwrap());

    world.clock.advance(TOKEN_LIFETIME);
    let requests = world.token_requests();
    let answer = browser.get(&world, "/token").await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{}", answer.body);
    assert_eq!(world.token_requests(), requests, "a token of which nothing is known is not sent");
    assert_eq!(browser.get(&world, "/me").await.body, "ada@example.com");

    let mut leaving = browser.clone();
    assert_eq!(leaving.get(&world, "/auth/logout").await.status, StatusCode::SEE_OTHER);
    assert_eq!(world.sign_in_with(&mut browser, "ada@example.com").await.status, StatusCode::SEE_OTHER);
    world.clock.advance(TOKEN_LIFETIME);
    assert_eq!(browser.get(&world, "/token").await.status, StatusCode::OK);
}
