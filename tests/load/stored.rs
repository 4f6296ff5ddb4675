//! Sessions in a store: what is deleted stays deleted, whatever is under way.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use auth_runtime::store::{
    MemoryStore, Record, Revision, SessionFilter, SessionStore, StoreError, StoreFuture, StoreId, Update,
};
use auth_runtime::testing::provider::Endpoint;
use auth_tests::{Answer, Browser, SECRET, seal, sign_v3};
use axum::body::Body;
use http::header::{CONTENT_TYPE, SET_COOKIE, WWW_AUTHENTICATE};
use http::{Method, Request, StatusCode};
use serde_json::Value;
use tokio::sync::watch;
use tower::ServiceExt as _;

use crate::world::{ADA, Load, token_of};
use auth_runtime::Timestamp;

/// A store that the test can look into, and let fail.
#[derive(Clone, Debug, Default)]
pub(crate) struct Store {
    records: Arc<MemoryStore>,
    /// The keys that were ever used, in order.
    keys: Arc<Mutex<Vec<String>>>,
    fails_to_update: Arc<AtomicBool>,
    updates: watch::Sender<usize>,
}

impl Store {
    /// Waits until that many records were written again, and not for ever.
    pub(crate) async fn updated(&self, count: usize) {
        let mut writes = self.updates.subscribe();
        let written = writes.wait_for(|updates| *updates >= count);
        tokio::time::timeout(Duration::from_secs(30), written).await.unwrap().unwrap();
    }
}

impl SessionStore for Store {
    fn name(&self) -> &'static str {
        "test"
    }

    fn get<'a>(&'a self, id: &'a StoreId, now: Timestamp) -> StoreFuture<'a, Option<Record>> {
        self.records.get(id, now)
    }

    fn create<'a>(&'a self, id: &'a StoreId, record: Record) -> StoreFuture<'a, ()> {
        self.keys.lock().unwrap().push(id.as_str().to_owned());
        self.records.create(id, record)
    }

    fn update<'a>(&'a self, id: &'a StoreId, seen: &'a Revision, record: Record) -> StoreFuture<'a, Update> {
        if self.fails_to_update.load(Ordering::SeqCst) {
            return Box::pin(async { Err(StoreError::new("the disk is full")) });
        }
        Box::pin(async move {
            let update = self.records.update(id, seen, record).await?;
            if update == Update::Done {
                self.updates.send_modify(|updates| *updates += 1);
            }
            Ok(update)
        })
    }

    fn touch<'a>(
        &'a self,
        id: &'a StoreId,
        expires_at: Timestamp,
        written_at: Timestamp,
    ) -> StoreFuture<'a, bool> {
        self.records.touch(id, expires_at, written_at)
    }

    fn delete<'a>(&'a self, id: &'a StoreId) -> StoreFuture<'a, bool> {
        self.records.delete(id)
    }

    fn list<'a>(
        &'a self,
        scope: &'a SessionFilter,
        now: Timestamp,
    ) -> StoreFuture<'a, Vec<(StoreId, Record)>> {
        self.records.list(scope, now)
    }

    fn delete_by_logout_token<'a>(&'a self, scope: &'a SessionFilter) -> StoreFuture<'a, usize> {
        self.records.delete_by_logout_token(scope)
    }
}

async fn world() -> (Load, Store) {
    let store = Store::default();
    let world = Load::with(|auth| auth.session_store(store.clone())).await;
    (world, store)
}

/// Nothing but removals, and at least one.
fn assert_clears(answer: &Answer) {
    let lines: Vec<_> = answer.set_cookies().collect();
    assert!(!lines.is_empty() && lines.iter().all(|line| line.contains("Max-Age=0")), "{lines:?}");
}

#[tokio::test]
async fn race_01_a_rolling_write_does_not_revive_a_session_that_was_ended_meanwhile() {
    let (world, _) = world().await;
    let mut browser = world.signed_in(ADA).await;
    // Long enough that the next answer extends the session.
    world.clock.advance(10 * 3_600);
    let slow = world.spawn(&browser, Method::GET, "/slow");
    world.begun(1).await;
    let before = browser.clone();
    browser.send(&world.app, Method::POST, "/auth/logout").await;
    assert_eq!(browser.cookies.len(), 0);
    world.open_the_gate();

    let answer = slow.await.unwrap();
    assert_eq!(answer.body, ADA, "the request was in time");
    assert_clears(&answer);
    assert_eq!(world.ask(&before, "/me").await.status, StatusCode::UNAUTHORIZED);
}

/// The cookie that v3 would have made for the newest record.
fn v3_cookie(store: &Store) -> Browser {
    let key = store.keys.lock().unwrap().last().unwrap().clone();
    Browser::with("__session", sign_v3(SECRET, "__session", &key))
}

#[tokio::test]
async fn race_01_a_session_of_v3_is_not_revived_under_a_new_key() {
    let store = Store::default();
    let world = Load::with(|auth| auth.session_store(store.clone()).legacy_cookies(true)).await;
    world.signed_in(ADA).await;
    let browser = v3_cookie(&store);
    let slow = world.spawn(&browser, Method::GET, "/slow");
    world.begun(1).await;
    browser.clone().send(&world.app, Method::POST, "/auth/logout").await;
    world.open_the_gate();

    let answer = slow.await.unwrap();
    assert_eq!(answer.body, ADA, "the request was in time");
    assert_eq!(answer.set_cookies().count(), 0);
    assert_eq!(store.keys.lock().unwrap().len(), 1, "a record was made for a session that is over");
    assert_eq!(world.ask(&browser, "/me").await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_session_of_v3_that_lives_gets_a_new_key_and_the_old_one_is_dead() {
    let store = Store::default();
    let world = Load::with(|auth| auth.session_store(store.clone()).legacy_cookies(true)).await;
    world.signed_in(ADA).await;
    let mut browser = v3_cookie(&store);
    let old = browser.clone();
    assert_eq!(browser.get(&world.app, "/me").await.body, ADA);
    assert_eq!(world.ask(&browser, "/me").await.body, ADA);
    assert_eq!(world.ask(&old, "/me").await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(store.keys.lock().unwrap().len(), 2);
}

#[tokio::test]
async fn extending_a_session_keeps_what_another_request_wrote_meanwhile() {
    let (world, _) = world().await;
    let mut browser = world.signed_in(ADA).await;
    // Long enough that the next answer extends the session.
    world.clock.advance(10 * 3_600);
    let slow = world.spawn(&browser, Method::GET, "/slow");
    world.begun(1).await;
    assert_eq!(world.ask(&browser, "/note?text=hello").await.body, "");
    world.open_the_gate();
    browser.keep(&slow.await.unwrap());
    assert_eq!(world.ask(&browser, "/note").await.body, "hello");
    // And it was extended.
    world.clock.advance(20 * 3_600);
    assert_eq!(world.ask(&browser, "/me").await.body, ADA);
}

#[tokio::test]
async fn race_01_the_same_request_extends_a_session_that_lives() {
    let (world, _) = world().await;
    let browser = world.signed_in(ADA).await;
    world.clock.advance(10 * 3_600);
    let slow = world.spawn(&browser, Method::GET, "/slow");
    world.begun(1).await;
    world.open_the_gate();
    assert!(slow.await.unwrap().headers.contains_key(SET_COOKIE));
}

#[tokio::test]
async fn race_03_a_session_that_the_provider_ends_while_its_token_is_renewed_stays_ended() {
    let (world, store) = world().await;
    let mut browser = world.with_an_expired_token().await;
    world.provider.hold(Endpoint::Token);
    let renewing = world.spawn(&browser, Method::GET, "/token");
    world.refreshing(1).await;
    let scope =
        SessionFilter { iss: world.provider.issuer().to_owned(), sub: Some(ADA.to_owned()), sid: None };
    assert_eq!(store.records.delete_by_logout_token(&scope).await.unwrap(), 1);
    world.provider.release(Endpoint::Token);

    let answer = renewing.await.unwrap();
    browser.keep(&answer);
    let mut brought = Browser::default();
    brought.keep(&answer);
    for cookies in [browser, brought] {
        assert_eq!(world.ask(&cookies, "/me").await.status, StatusCode::UNAUTHORIZED);
    }
}

/// What the provider sends when it ends the sessions of a user.
async fn end_by_provider(world: &Load, user: &str) -> StatusCode {
    let token = world.provider.logout_token(Some(user), None).unwrap();
    let request = Request::post("/auth/backchannel-logout")
        .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Body::from(format!("logout_token={token}")))
        .unwrap();
    world.app.clone().oneshot(request).await.unwrap().status()
}

#[tokio::test]
async fn race_03_a_logout_token_that_arrives_while_a_token_is_renewed_is_final() {
    let store = Store::default();
    let world = Load::with(|auth| auth.session_store(store.clone()).backchannel_logout(true)).await;
    let browser = world.with_an_expired_token().await;
    world.provider.hold(Endpoint::Token);
    let renewing = world.spawn(&browser, Method::GET, "/token");
    world.refreshing(1).await;
    assert_eq!(end_by_provider(&world, ADA).await, StatusCode::OK);
    world.provider.release(Endpoint::Token);

    assert_clears(&renewing.await.unwrap());
    assert_eq!(store.keys.lock().unwrap().len(), 1, "no other record was made");
    for path in ["/me", "/token"] {
        assert_eq!(world.ask(&browser, path).await.status, StatusCode::UNAUTHORIZED);
    }
    assert_eq!(world.refreshes().len(), 1);
}

#[tokio::test]
async fn race_03_a_page_gets_no_token_of_a_session_that_was_ended_while_it_was_renewed() {
    let store = Store::default();
    let world = Load::with(|auth| {
        auth.session_store(store.clone()).backchannel_logout(true).access_token_endpoint(true)
    })
    .await;
    let browser = world.with_an_expired_token().await;
    world.provider.hold(Endpoint::Token);
    let renewing = world.spawn(&browser, Method::GET, "/auth/access-token");
    world.refreshing(1).await;
    assert_eq!(end_by_provider(&world, ADA).await, StatusCode::OK);
    world.provider.release(Endpoint::Token);

    let answer = renewing.await.unwrap();
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{}", answer.body);
    let body: Value = serde_json::from_str(&answer.body).unwrap();
    assert_eq!(body["error"]["code"], "missing_session");
    assert!(answer.headers.contains_key(WWW_AUTHENTICATE));
    assert_clears(&answer);
}

#[tokio::test]
async fn race_12_a_page_is_told_to_come_back_when_its_new_token_cannot_be_kept() {
    let store = Store::default();
    let world = Load::with(|auth| auth.session_store(store.clone()).access_token_endpoint(true)).await;
    let browser = world.with_an_expired_token().await;
    store.fails_to_update.store(true, Ordering::SeqCst);
    let answer = world.ask(&browser, "/auth/access-token").await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE, "{}", answer.body);
    assert!(answer.body.contains("session_not_saved") && !answer.body.contains("disk"), "{}", answer.body);
    assert!(!answer.headers.contains_key(SET_COOKIE));
}

#[tokio::test]
async fn a_sign_out_while_a_token_is_renewed_is_final() {
    let (world, _) = world().await;
    let mut browser = world.with_an_expired_token().await;
    let before = browser.clone();
    world.provider.hold(Endpoint::Token);
    let renewing = world.spawn(&browser, Method::GET, "/token");
    world.refreshing(1).await;
    browser.send(&world.app, Method::POST, "/auth/logout").await;
    world.provider.release(Endpoint::Token);
    browser.keep(&renewing.await.unwrap());
    assert_eq!(browser.cookies.len(), 0);
    assert_eq!(world.ask(&before, "/token").await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(world.refreshes().len(), 1);
}

/// Without a store a cookie that was copied before the sign-out can still be read; the tokens that were renewed under
/// it are not handed out to it any more.
#[tokio::test]
async fn race_02_after_a_sign_out_no_renewed_token_is_given_to_the_old_cookie() {
    let world = Load::new().await;
    let old = world.with_an_expired_token().await;
    let mut browser = old.clone();
    let renewed = browser.get(&world.app, "/token").await;
    browser.send(&world.app, Method::POST, "/auth/logout").await;
    let answer = world.ask(&old, "/token").await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{}", answer.body);
    assert!(!answer.body.contains(token_of(&renewed)));
}

#[tokio::test]
async fn ses_02_and_s_sm_3_an_identifier_that_the_client_chose_is_never_adopted() {
    let (world, _) = world().await;
    let chosen = "00112233445566778899aabbccddeeff";
    let end = world.clock.unix_seconds() + 80_000;
    // Sealed with the secret itself, which no client has: the identifier is still not one that this service gave.
    let cookie = seal(SECRET, format!(r#"{{"id":"{chosen}","exp":{end}}}"#));
    let planted = Browser::with("__session", &cookie);
    assert_eq!(world.ask(&planted, "/me").await.status, StatusCode::UNAUTHORIZED);
    let mut browser = planted.clone();
    world.sign_in_with(&mut browser, ADA).await;
    assert_eq!(world.ask(&browser, "/me").await.body, ADA);
    assert_ne!(browser.cookies["__session"], cookie);
    assert_eq!(
        world.ask(&planted, "/me").await.status,
        StatusCode::UNAUTHORIZED,
        "the chosen one is signed in"
    );
}

#[tokio::test]
async fn ses_05_a_cookie_from_before_the_sign_out_is_worth_nothing() {
    let (world, _) = world().await;
    let mut browser = world.signed_in(ADA).await;
    let stolen = browser.clone();
    assert_eq!(world.ask(&stolen, "/me").await.body, ADA);
    browser.send(&world.app, Method::POST, "/auth/logout").await;
    assert_eq!(world.ask(&stolen, "/me").await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn ses_01_a_new_sign_in_ends_the_session_before_it() {
    let (world, _) = world().await;
    let mut browser = world.signed_in("auth0|grace").await;
    let before = browser.clone();
    world.sign_in_with(&mut browser, ADA).await;
    assert_eq!(world.ask(&browser, "/me").await.body, ADA);
    assert_eq!(world.ask(&before, "/me").await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn race_12_a_rotated_token_that_cannot_be_written_is_an_error_and_not_lost() {
    let (world, store) = world().await;
    let browser = world.with_an_expired_token().await;
    store.fails_to_update.store(true, Ordering::SeqCst);
    let answer = world.ask(&browser, "/token").await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE, "{}", answer.body);
    assert!(!answer.headers.contains_key(SET_COOKIE));
    assert!(!answer.body.contains("disk"), "{}", answer.body);

    store.fails_to_update.store(false, Ordering::SeqCst);
    token_of(&world.ask(&browser, "/token").await);
    world.expire();
    token_of(&world.ask(&browser, "/token").await);
    assert_eq!(world.refreshes().len(), 2);
    world.assert_nothing_was_sent_twice();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn race_04_with_a_store_too_a_hundred_requests_make_one_token_request() {
    let (world, _) = world().await;
    let browser = world.with_an_expired_token().await;
    let requests: Vec<_> = (0..100).map(|_| world.spawn(&browser, Method::GET, "/token")).collect();
    let mut tokens = std::collections::BTreeSet::new();
    for request in requests {
        tokens.insert(token_of(&request.await.unwrap()).to_owned());
    }
    assert_eq!((tokens.len(), world.refreshes().len()), (1, 1));
    world.expire();
    token_of(&world.ask(&browser, "/token").await);
    world.assert_nothing_was_sent_twice();
}
