//! Sessions in a store: what the cookie then holds, and what signing out means.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use auth_runtime::store::{
    MemoryStore, Record, Revision, SessionFilter, SessionStore, StoreError, StoreFuture, StoreId, Update,
};
use auth_runtime::testing::provider::{Endpoint, Fault};
use auth_runtime::{Auth, Session, User, with_api_auth_required};
use axum::routing::get;
use axum::{Extension, Router};
use http::StatusCode;
use http::header::SET_COOKIE;

use crate::world::{Browser, LIFETIME, World};
use auth_runtime::Timestamp;

#[with_api_auth_required]
async fn me() -> String {
    user.email().unwrap_or_default().into_owned()
}

#[with_api_auth_required]
async fn visit(session: Session) -> String {
    let visits: u64 = session.get("visits").unwrap().unwrap_or(0);
    session.set("visits", &(visits + 1)).unwrap();
    visits.to_string()
}

#[with_api_auth_required]
async fn leave(session: Session) -> StatusCode {
    session.sign_out().map_or(StatusCode::FORBIDDEN, |()| StatusCode::NO_CONTENT)
}

#[with_api_auth_required]
async fn renew(session: Session) -> StatusCode {
    session.access_token().await.map_or(StatusCode::BAD_GATEWAY, |_| StatusCode::OK)
}

#[with_api_auth_required(optional)]
async fn front() -> &'static str {
    if user.is_some() { "somebody" } else { "nobody" }
}

async fn open(user: Option<User>) -> &'static str {
    if user.is_some() { "somebody" } else { "nobody" }
}

fn routes() -> Router<Auth> {
    Router::new()
        .route("/me", get(me))
        .route("/visit", get(visit))
        .route("/leave", get(leave))
        .route("/renew", get(renew))
        .route("/front", get(front))
        .route("/open", get(open))
}

async fn world() -> World {
    World::with(routes(), |provider| provider, |auth| auth.session_store(MemoryStore::new())).await
}

#[tokio::test]
async fn the_cookie_names_a_record_and_holds_nothing_else() {
    let world = world().await;
    let mut browser = world.sign_in("ada@example.com").await;
    assert!(browser.header().len() < 300, "{}", browser.header());
    assert_eq!(world.get(&mut browser, "/me").await.body, "ada@example.com");
    for expected in ["0", "1", "2"] {
        assert_eq!(world.get(&mut browser, "/visit").await.body, expected);
    }
}

#[tokio::test]
async fn ses_05_a_cookie_replayed_after_sign_out_is_nobodys() {
    let world = world().await;
    let mut browser = world.sign_in("ada@example.com").await;
    let stolen = browser.clone();
    assert_eq!(world.get(&mut browser, "/leave").await.status, StatusCode::NO_CONTENT);
    assert_eq!(world.peek(&stolen, "/me").await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn ses_01_a_sign_in_takes_a_new_key_and_the_old_one_is_dead() {
    let world = world().await;
    let first = world.sign_in("ada@example.com").await;
    let mut browser = first.clone();
    let login = world.get(&mut browser, "/auth/login").await;
    let location = login.headers[http::header::LOCATION].to_str().unwrap().to_owned();
    let callback = world.provider.sign_in(&location, "grace@example.com").unwrap();
    world.get(&mut browser, callback.strip_prefix("http://localhost:3000").unwrap()).await;
    assert_ne!(browser.header(), first.header());
    assert_eq!(world.get(&mut browser, "/me").await.body, "grace@example.com");
    assert_eq!(world.peek(&first, "/me").await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn race_01_a_late_write_never_revives_a_session() {
    let world = world().await;
    let browser = world.sign_in("ada@example.com").await;
    world.clock.advance(LIFETIME);
    world.provider.fault(Endpoint::Token, Fault::late(std::time::Duration::from_millis(200)));
    // The request is under way when the user signs out elsewhere.
    let (late, ()) = tokio::join!(world.peek(&browser, "/renew"), async {
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        world.peek(&browser, "/leave").await;
    });
    assert_eq!(late.status, StatusCode::OK);
    let lines: Vec<_> = late.headers.get_all(SET_COOKIE).iter().collect();
    let clears = |line: &&http::HeaderValue| line.to_str().unwrap().contains("Max-Age=0");
    assert!(!lines.is_empty() && lines.iter().all(clears), "{lines:?}");
    assert_eq!(world.peek(&browser, "/me").await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn ses_10_sto_03_and_s_nist_3_a_session_that_is_not_used_ends_to_the_second() {
    for (idle, status) in [(86_399, StatusCode::OK), (86_400, StatusCode::UNAUTHORIZED)] {
        let world = world().await;
        let mut browser = world.sign_in("ada@example.com").await;
        world.clock.advance(idle);
        assert_eq!(world.get(&mut browser, "/me").await.status, status, "{idle}");
    }
}

/// A store that can be told to fail.
#[derive(Debug)]
struct Failing {
    inner: MemoryStore,
    fails: Arc<AtomicBool>,
}

impl Failing {
    async fn answer<T>(&self, answer: StoreFuture<'_, T>) -> Result<T, StoreError> {
        if self.fails.load(Ordering::SeqCst) {
            return Err(StoreError::new("the database is on fire"));
        }
        answer.await
    }
}

impl SessionStore for Failing {
    fn name(&self) -> &'static str {
        "test"
    }

    fn get<'a>(&'a self, id: &'a StoreId, now: Timestamp) -> StoreFuture<'a, Option<Record>> {
        Box::pin(self.answer(self.inner.get(id, now)))
    }

    fn create<'a>(&'a self, id: &'a StoreId, record: Record) -> StoreFuture<'a, ()> {
        Box::pin(self.answer(self.inner.create(id, record)))
    }

    fn update<'a>(&'a self, id: &'a StoreId, seen: &'a Revision, record: Record) -> StoreFuture<'a, Update> {
        Box::pin(self.answer(self.inner.update(id, seen, record)))
    }

    fn touch<'a>(
        &'a self,
        id: &'a StoreId,
        expires_at: Timestamp,
        written_at: Timestamp,
    ) -> StoreFuture<'a, bool> {
        Box::pin(self.answer(self.inner.touch(id, expires_at, written_at)))
    }

    fn delete<'a>(&'a self, id: &'a StoreId) -> StoreFuture<'a, bool> {
        Box::pin(self.answer(self.inner.delete(id)))
    }

    fn list<'a>(
        &'a self,
        scope: &'a SessionFilter,
        now: Timestamp,
    ) -> StoreFuture<'a, Vec<(StoreId, Record)>> {
        Box::pin(self.answer(self.inner.list(scope, now)))
    }

    fn delete_by_logout_token<'a>(&'a self, scope: &'a SessionFilter) -> StoreFuture<'a, usize> {
        Box::pin(self.answer(self.inner.delete_by_logout_token(scope)))
    }
}

#[tokio::test]
async fn a_store_that_fails_is_503_and_nobody_is_taken_for_a_stranger() {
    let fails = Arc::new(AtomicBool::new(false));
    let store = Failing { inner: MemoryStore::new(), fails: Arc::clone(&fails) };
    let world = World::with(routes(), |provider| provider, |auth| auth.session_store(store)).await;
    let mut browser = world.sign_in("ada@example.com").await;
    world.auth.check().await.unwrap();
    fails.store(true, Ordering::SeqCst);
    for path in ["/me", "/front", "/open"] {
        let answer = world.get(&mut browser, path).await;
        assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE, "{path}");
        assert!(answer.body.contains("session_store_unavailable"), "{path}: {}", answer.body);
        assert!(!answer.body.contains("fire") && !answer.headers.contains_key(SET_COOKIE), "{path}");
        assert!(!world.peek(&Browser::default(), path).await.status.is_server_error(), "{path}");
    }
    assert!(world.auth.check().await.is_err());
    fails.store(false, Ordering::SeqCst);
    assert_eq!(world.get(&mut browser, "/me").await.body, "ada@example.com");
}

/// Changes the session, and then the store fails.
#[with_api_auth_required]
async fn order(session: Session, Extension(fails): Extension<Arc<AtomicBool>>) -> &'static str {
    session.set("order", &1).unwrap();
    fails.store(true, Ordering::SeqCst);
    "done"
}

#[tokio::test]
async fn a_change_that_the_store_does_not_take_is_not_answered_as_done() {
    let fails = Arc::new(AtomicBool::new(false));
    let store = Failing { inner: MemoryStore::new(), fails: Arc::clone(&fails) };
    let routes = routes().route("/order", get(order).layer(Extension(Arc::clone(&fails))));
    let world = World::with(routes, |provider| provider, |auth| auth.session_store(store)).await;
    let browser = world.sign_in("ada@example.com").await;
    let answer = world.peek(&browser, "/order").await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(
        answer.body,
        r#"{"error":"session_not_saved","description":"The session could not be saved"}"#
    );
}
