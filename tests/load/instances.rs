//! Several instances that share nothing but a store: one refresh of a session in all of them.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use auth_runtime::store::{KeyValueStore, MemoryStore, StoreError, StoreFuture};
use auth_runtime::testing::provider::{Endpoint, Fault, ProviderBuilder};
use auth_tests::{Answer, Browser};
use axum::Router;
use http::header::{RETRY_AFTER, SET_COOKIE};
use http::{Method, StatusCode};
use tokio::task::JoinHandle;

use crate::failing::outage;
use crate::world::{ADA, Load, token_of};

/// Three instances with sessions in cookies. The first one is the world's own.
struct Deployment {
    world: Load,
    apps: Vec<Router>,
    store: Fallible,
}

/// A store that can be told to fail.
#[derive(Clone, Debug, Default)]
struct Fallible {
    values: Arc<MemoryStore>,
    is_down: Arc<AtomicBool>,
    /// All keys and values that were ever put there.
    written: Arc<Mutex<String>>,
}

impl KeyValueStore for Fallible {
    fn name(&self) -> &'static str {
        "test"
    }

    fn read<'a>(&'a self, keys: &'a [String]) -> StoreFuture<'a, Vec<Option<String>>> {
        self.answer(self.values.read(keys))
    }

    fn compare_and_swap<'a>(
        &'a self,
        key: &'a str,
        expected: Option<&'a str>,
        value: Option<&'a str>,
        ttl: Duration,
    ) -> StoreFuture<'a, bool> {
        self.written.lock().unwrap().extend([key, " ", value.unwrap_or_default(), "\n"]);
        self.answer(self.values.compare_and_swap(key, expected, value, ttl))
    }
}

impl Fallible {
    fn answer<'a, T: 'a>(&self, answer: StoreFuture<'a, T>) -> StoreFuture<'a, T> {
        if self.is_down.load(Ordering::SeqCst) {
            return Box::pin(async { Err(StoreError::new("no route to host")) });
        }
        answer
    }
}

impl Deployment {
    async fn new() -> Self {
        Self::of(|provider| provider).await
    }

    async fn of(of_provider: impl Fn(ProviderBuilder) -> ProviderBuilder) -> Self {
        let store = Fallible::default();
        let world = Load::of(of_provider, |auth| auth.refresh_lease(store.clone())).await;
        let other = || world.another_process(|auth| auth.refresh_lease(store.clone()));
        let apps = vec![world.app.clone(), other(), other()];
        Self { world, apps, store }
    }

    fn spawn(&self, number: usize, browser: &Browser, url: &str) -> JoinHandle<Answer> {
        let (app, browser, url) =
            (self.apps[number % self.apps.len()].clone(), browser.clone(), url.to_owned());
        tokio::spawn(async move { browser.ask(&app, Method::GET, &url).await })
    }

    async fn ask(&self, number: usize, browser: &Browser, url: &str) -> Answer {
        browser.ask(&self.apps[number], Method::GET, url).await
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn race_05_500_requests_at_three_instances_make_one_token_request() {
    let all = Deployment::new().await;
    let mut browser = all.world.with_an_expired_token().await;
    all.world.provider.hold(Endpoint::Token);
    let requests: Vec<_> = (0..500).map(|number| all.spawn(number, &browser, "/token")).collect();
    all.world.refreshing(1).await;
    // Time for the others to send it too, if they would.
    tokio::time::sleep(Duration::from_millis(300)).await;
    all.world.provider.release(Endpoint::Token);
    let (mut tokens, mut last) = (BTreeSet::new(), None);
    for request in requests {
        let answer = request.await.unwrap();
        tokens.insert(token_of(&answer).to_owned());
        last = Some(answer);
    }
    assert_eq!((all.world.refreshes().len(), tokens.len()), (1, 1));
    // Whatever instance gave it, the browser goes on from it at any other.
    browser.keep(&last.unwrap());
    all.world.expire();
    for number in 0..3 {
        token_of(&all.ask(number, &browser, "/token").await);
    }
    assert_eq!(all.world.refreshes().len(), 2);
    all.world.assert_nothing_was_sent_twice();
    println!("500 requests of one session at 3 instances: 1 token request");
}

#[tokio::test]
async fn race_07_an_old_cookie_goes_on_from_the_newest_token_at_any_instance() {
    let all = Deployment::new().await;
    let old = all.world.with_an_expired_token().await;
    let mut browser = old.clone();
    for number in 0..3 {
        let answer = all.ask(number, &browser, "/token").await;
        browser.keep(&answer);
        all.world.expire();
    }
    assert_eq!(all.world.refreshes().len(), 3);
    // Three exchanges behind, at an instance that made only one of them.
    let answer = all.ask(1, &old, "/token").await;
    token_of(&answer);
    assert_eq!(all.world.refreshes().len(), 4);
    // What it was given is what the others have too.
    let (mut first, mut second) = (old.clone(), browser.clone());
    first.keep(&answer);
    second.keep(&all.ask(2, &browser, "/token").await);
    all.world.expire();
    let tokens = [all.ask(0, &first, "/token").await, all.ask(2, &second, "/token").await];
    assert_eq!(token_of(&tokens[0]), token_of(&tokens[1]));
    assert_eq!(all.world.refreshes().len(), 5);
    all.world.assert_nothing_was_sent_twice();
}

#[tokio::test]
async fn race_10_tokens_for_different_apis_come_one_after_the_other_and_are_not_mixed_up() {
    let all = Deployment::new().await;
    let browser = all.world.with_an_expired_token().await;
    let urls = ["/token", "/token?audience=https://a.example", "/token?audience=https://b.example"];
    let requests: Vec<_> = (0..30).map(|number| all.spawn(number, &browser, urls[number % 7 % 3])).collect();
    let mut tokens = BTreeSet::new();
    for request in requests {
        tokens.insert(token_of(&request.await.unwrap()).to_owned());
    }
    assert_eq!((all.world.refreshes().len(), tokens.len()), (3, 3), "{tokens:?}");
    all.world.assert_nothing_was_sent_twice();
}

#[tokio::test]
async fn a_refresh_token_that_does_not_rotate_is_good_for_all_instances() {
    let all = Deployment::of(|provider| provider.rotate_refresh_tokens(false)).await;
    let browser = all.world.with_an_expired_token().await;
    for number in [0, 1, 2, 0] {
        token_of(&all.ask(number, &browser, "/token").await);
        token_of(&all.ask(number, &browser, "/token?audience=https://a.example").await);
    }
    assert_eq!(all.world.refreshes().len(), 2);
}

#[tokio::test]
async fn a_failure_is_shared_by_those_who_wait_at_other_instances_and_then_forgotten() {
    let all = Deployment::new().await;
    let browser = all.world.with_an_expired_token().await;
    all.world.provider.fault(Endpoint::Token, outage(StatusCode::SERVICE_UNAVAILABLE, "7"));
    all.world.provider.hold(Endpoint::Token);
    let requests: Vec<_> = (0..30).map(|number| all.spawn(number, &browser, "/token")).collect();
    all.world.refreshing(1).await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    all.world.provider.release(Endpoint::Token);
    for request in requests {
        let answer = request.await.unwrap();
        assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE, "{}", answer.body);
        assert_eq!(answer.headers[RETRY_AFTER], "7");
        assert!(!answer.headers.contains_key(SET_COOKIE));
    }
    assert_eq!(all.world.refreshes().len(), 1);
    all.world.provider.heal();
    all.world.clock.advance(7);
    token_of(&all.ask(2, &browser, "/token").await);
}

#[tokio::test]
async fn tok_14_that_a_refresh_token_is_over_is_asked_once_in_the_deployment() {
    let all = Deployment::new().await;
    let browser = all.world.with_an_expired_token().await;
    all.world.provider.fault(Endpoint::Token, Fault::error(StatusCode::BAD_REQUEST, "invalid_grant"));
    for number in [0, 1, 2, 0, 1, 2] {
        let answer = all.ask(number, &browser, "/token").await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{}", answer.body);
    }
    assert_eq!(all.world.refreshes().len(), 1);
}

#[tokio::test]
async fn without_the_store_no_refresh_token_is_sent_and_afterwards_it_works_again() {
    let all = Deployment::new().await;
    let browser = all.world.with_an_expired_token().await;
    all.store.is_down.store(true, Ordering::SeqCst);
    for number in 0..3 {
        let answer = all.ask(number, &browser, "/token").await;
        assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE, "{}", answer.body);
        assert_eq!(all.ask(number, &browser, "/me").await.body, ADA, "the session itself needs no store");
    }
    assert_eq!(all.world.refreshes(), []);
    all.store.is_down.store(false, Ordering::SeqCst);
    token_of(&all.ask(1, &browser, "/token").await);
    assert_eq!(all.world.refreshes().len(), 1);
}

#[tokio::test]
async fn a_renewed_token_is_not_lost_when_the_others_cannot_be_told_of_it() {
    let all = Deployment::new().await;
    let mut browser = all.world.with_an_expired_token().await;
    all.world.provider.hold(Endpoint::Token);
    let request = all.spawn(0, &browser, "/token");
    all.world.refreshing(1).await;
    all.store.is_down.store(true, Ordering::SeqCst);
    all.world.provider.release(Endpoint::Token);
    let answer = request.await.unwrap();
    token_of(&answer);
    browser.keep(&answer);
    all.store.is_down.store(false, Ordering::SeqCst);
    all.world.expire();
    token_of(&all.ask(1, &browser, "/token").await);
    all.world.assert_nothing_was_sent_twice();
}

#[tokio::test]
async fn race_03_what_is_renewed_while_the_user_signs_out_elsewhere_is_revoked_and_given_to_nobody() {
    let all = Deployment::new().await;
    let browser = all.world.with_an_expired_token().await;
    all.world.provider.hold(Endpoint::Token);
    let request = all.spawn(0, &browser, "/token");
    all.world.refreshing(1).await;
    // The provider hears of the sign-out only after the exchange.
    all.world.provider.fault(Endpoint::Revocation, Fault::disconnect());
    browser.clone().send(&all.apps[1], Method::POST, "/auth/logout").await;
    all.world.provider.fault(Endpoint::Revocation, None);
    all.world.provider.release(Endpoint::Token);
    let answer = request.await.unwrap();
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{}", answer.body);
    // Whoever has the old cookie gets nothing of it either.
    assert_eq!(all.ask(2, &browser, "/token").await.status, StatusCode::UNAUTHORIZED);
    let sent = all.world.refreshes()[0]["refresh_token"].clone();
    let revocations = || all.world.provider.received(Endpoint::Revocation);
    let is_newest_revoked = || revocations().iter().any(|form| form["token"] != sent);
    for _ in 0..500 {
        if is_newest_revoked() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert!(is_newest_revoked(), "{:?}", revocations());
    all.world.assert_nothing_was_sent_twice();
}

#[tokio::test]
async fn what_is_shared_cannot_be_read_in_the_store() {
    let all = Deployment::new().await;
    let browser = all.world.with_an_expired_token().await;
    let token = token_of(&all.ask(0, &browser, "/token").await).to_owned();
    let sent = all.world.refreshes()[0]["refresh_token"].clone();
    let written = all.store.written.lock().unwrap();
    assert!(written.contains("refresh:") && written.contains("lease:"), "{written}");
    assert!(!written.contains(&token) && !written.contains(&sent), "{written}");
    assert!(!written.contains(ADA), "{written}");
}
