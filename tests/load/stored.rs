//! Sessions in a store: what is deleted stays deleted, whatever is under way.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use auth_runtime::store::{LogoutScope, MemoryStore, Record, SessionStore, StoreError, StoreFuture, StoreId};
use auth_tests::upstream::Endpoint;
use auth_tests::{Browser, seal};
use http::header::SET_COOKIE;
use http::{Method, StatusCode};
use tokio::sync::watch;

use crate::world::{ADA, SECRET, World, token_of};

/// A store that the test can look into, and let fail.
#[derive(Clone, Debug, Default)]
pub(crate) struct Store {
    records: Arc<MemoryStore>,
    fails_to_update: Arc<AtomicBool>,
    updates: watch::Sender<usize>,
}

impl Store {
    /// Waits until that many records were written again.
    pub(crate) async fn updated(&self, count: usize) {
        self.updates.subscribe().wait_for(|updates| *updates >= count).await.unwrap();
    }
}

impl SessionStore for Store {
    fn get<'a>(&'a self, id: &'a StoreId) -> StoreFuture<'a, Option<Record>> {
        self.records.get(id)
    }

    fn create<'a>(&'a self, id: &'a StoreId, record: Record) -> StoreFuture<'a, ()> {
        self.records.create(id, record)
    }

    fn update<'a>(&'a self, id: &'a StoreId, record: Record) -> StoreFuture<'a, bool> {
        if self.fails_to_update.load(Ordering::SeqCst) {
            return Box::pin(async { Err(StoreError::new("the disk is full")) });
        }
        Box::pin(async move {
            let is_there = self.records.update(id, record).await?;
            self.updates.send_modify(|updates| *updates += 1);
            Ok(is_there)
        })
    }

    fn delete<'a>(&'a self, id: &'a StoreId) -> StoreFuture<'a, ()> {
        self.records.delete(id)
    }

    fn delete_by_logout_token<'a>(&'a self, scope: &'a LogoutScope) -> StoreFuture<'a, usize> {
        self.records.delete_by_logout_token(scope)
    }
}

async fn world() -> (World, Store) {
    let store = Store::default();
    let world = World::with(|auth| auth.session_store(store.clone())).await;
    (world, store)
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
    browser.keep(&answer);
    assert_eq!(browser.cookies.len(), 0, "the late answer brought a cookie back");
    assert_eq!(world.ask(&before, "/me").await.status, StatusCode::UNAUTHORIZED);
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
    world.upstream.hold(Endpoint::Token);
    let renewing = world.spawn(&browser, Method::GET, "/token");
    world.refreshing(1).await;
    let scope = LogoutScope { iss: world.upstream.issuer(), sub: Some(ADA.to_owned()), sid: None };
    assert_eq!(store.records.delete_by_logout_token(&scope).await.unwrap(), 1);
    world.upstream.release(Endpoint::Token);

    let answer = renewing.await.unwrap();
    browser.keep(&answer);
    let mut brought = Browser::default();
    brought.keep(&answer);
    for cookies in [browser, brought] {
        assert_eq!(world.ask(&cookies, "/me").await.status, StatusCode::UNAUTHORIZED);
    }
}

#[tokio::test]
async fn a_sign_out_while_a_token_is_renewed_is_final() {
    let (world, _) = world().await;
    let mut browser = world.with_an_expired_token().await;
    let before = browser.clone();
    world.upstream.hold(Endpoint::Token);
    let renewing = world.spawn(&browser, Method::GET, "/token");
    world.refreshing(1).await;
    browser.send(&world.app, Method::POST, "/auth/logout").await;
    world.upstream.release(Endpoint::Token);
    browser.keep(&renewing.await.unwrap());
    assert_eq!(browser.cookies.len(), 0);
    assert_eq!(world.ask(&before, "/token").await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(world.refreshes().len(), 1);
}

/// Without a store a cookie that was copied before the sign-out can still be read; the tokens that were renewed under
/// it are not handed out to it any more.
#[tokio::test]
async fn race_02_after_a_sign_out_no_renewed_token_is_given_to_the_old_cookie() {
    let world = World::new().await;
    let old = world.with_an_expired_token().await;
    let mut browser = old.clone();
    let renewed = browser.get(&world.app, "/token").await;
    browser.send(&world.app, Method::POST, "/auth/logout").await;
    let answer = world.ask(&old, "/token").await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{}", answer.body);
    assert!(!answer.body.contains(token_of(&renewed)));
}

#[tokio::test]
async fn ses_02_an_identifier_that_the_client_chose_is_never_adopted() {
    let (world, _) = world().await;
    let chosen = "00112233445566778899aabbccddeeff";
    let end = world.clock.unix_seconds() + 80_000;
    // Sealed with the secret itself, which no client has: the identifier is still not one that this service gave.
    let cookie = seal(SECRET, format!(r#"{{"id":"{chosen}","exp":{end}}}"#));
    let planted = Browser { cookies: [("__session".to_owned(), cookie.clone())].into() };
    assert_eq!(world.ask(&planted, "/me").await.status, StatusCode::UNAUTHORIZED);
    let mut browser = planted.clone();
    world.sign_in(&mut browser, ADA).await;
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
    world.sign_in(&mut browser, ADA).await;
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
