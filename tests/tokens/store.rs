//! Sessions in a store: what the cookie then holds, and what signing out means.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use auth_runtime::store::{
    MemoryStore, Record, Revision, SessionFilter, SessionStore, StoreError, StoreFuture, StoreId, Update,
};
use auth_runtime::testing::provider::{Endpoint, Fault};
use auth_runtime::{Auth, Session, User, with_api_auth_required};
use auth_tests::{Browser, TOKEN_LIFETIME, World};
use axum::routing::get;
use axum::{Extension, Router};
use http::StatusCode;
use http::header::SET_COOKIE;

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
    World::configured(routes(), |auth| auth.session_store(MemoryStore::new())).await
}

#[tokio::test]
async fn the_cookie_names_a_record_and_holds_nothing_else() {
    let world = world().await;
    let mut browser = world.signed_in("ada@example.com").await;
    assert!(browser.header().len() < 300, "{}", browser.header());
    assert_eq!(browser.get(&world, "/me").await.body, "ada@example.com");
    for expected in ["0", "1", "2"] {
        assert_eq!(browser.get(&world, "/visit").await.body, expected);
    }
}

#[tokio::test]
async fn ses_05_a_cookie_replayed_after_sign_out_is_nobodys() {
    let world = world().await;
    let mut browser = world.signed_in("ada@example.com").await;
    let stolen = browser.clone();
    assert_eq!(browser.get(&world, "/leave").await.status, StatusCode::NO_CONTENT);
    assert_eq!(stolen.peek(&world, "/me").await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn ses_01_a_sign_in_takes_a_new_key_and_the_old_one_is_dead() {
    let world = world().await;
    let first = world.signed_in("ada@example.com").await;
    let mut browser = first.clone();
    world.sign_in_with(&mut browser, "grace@example.com").await;
    assert_ne!(browser.header(), first.header());
    assert_eq!(browser.get(&world, "/me").await.body, "grace@example.com");
    assert_eq!(first.peek(&world, "/me").await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn race_01_a_late_write_never_revives_a_session() {
    let world = world().await;
    let browser = world.signed_in("ada@example.com").await;
    world.clock.advance(TOKEN_LIFETIME);
    world.provider.fault(Endpoint::Token, Fault::late(std::time::Duration::from_millis(200)));
    // The request is under way when the user signs out elsewhere.
    let (late, ()) = tokio::join!(browser.peek(&world, "/renew"), async {
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        browser.peek(&world, "/leave").await;
    });
    assert_eq!(late.status, StatusCode::OK);
    let lines: Vec<_> = late.set_cookies().collect();
    assert!(!lines.is_empty() && lines.iter().all(|line| line.contains("Max-Age=0")), "{lines:?}");
    assert_eq!(browser.peek(&world, "/me").await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn ses_10_sto_03_and_s_nist_3_a_session_that_is_not_used_ends_to_the_second() {
    for (idle, status) in [(86_399, StatusCode::OK), (86_400, StatusCode::UNAUTHORIZED)] {
        let world = world().await;
        let mut browser = world.signed_in("ada@example.com").await;
        world.clock.advance(idle);
        assert_eq!(browser.get(&world, "/me").await.status, status, "{idle}");
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
    let world = World::configured(routes(), |auth| auth.session_store(store)).await;
    let mut browser = world.signed_in("ada@example.com").await;
    world.auth.check().await.unwrap();
    fails.store(true, Ordering::SeqCst);
    for path in ["/me", "/front", "/open"] {
        let answer = browser.get(&world, path).await;
        assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE, "{path}");
        assert!(answer.body.contains("session_store_unavailable"), "{path}: {}", answer.body);
        assert!(!answer.body.contains("fire") && !answer.headers.contains_key(SET_COOKIE), "{path}");
        assert!(!Browser::default().peek(&world, path).await.status.is_server_error(), "{path}");
    }
    assert!(world.auth.check().await.is_err());
    fails.store(false, Ordering::SeqCst);
    assert_eq!(browser.get(&world, "/me").await.body, "ada@example.com");
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
    let world = World::configured(routes, |auth| auth.session_store(store)).await;
    let browser = world.signed_in("ada@example.com").await;
    let answer = browser.peek(&world, "/order").await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(
        answer.body,
        r#"{"error":"session_not_saved","description":"The session could not be saved"}"#
    );
}
