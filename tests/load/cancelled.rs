//! Clients that disconnect: the server drops what it does for them, wherever it stands.

use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use auth_runtime::testing::provider::Endpoint;
use http::{Method, StatusCode};

use crate::world::{Load, token_of};

#[tokio::test]
async fn race_08_who_disconnects_while_a_token_is_renewed_loses_nothing() {
    let world = Load::new().await;
    let old = world.with_an_expired_token().await;
    world.provider.hold(Endpoint::Token);
    let leader = world.spawn(&old, Method::GET, "/token");
    world.refreshing(1).await;
    leader.abort();
    assert!(leader.await.unwrap_err().is_cancelled());
    world.provider.release(Endpoint::Token);

    let next = world.ask(&old, "/token").await;
    assert_eq!(world.refreshes().len(), 1, "the refresh token was sent again");
    let mut browser = old.clone();
    browser.keep(&next);
    world.expire();
    assert_ne!(token_of(&world.ask(&browser, "/token").await), token_of(&next));
    world.assert_nothing_was_sent_twice();
}

#[tokio::test]
async fn race_08_followers_get_what_the_leader_left_behind() {
    let world = Load::new().await;
    let old = world.with_an_expired_token().await;
    world.provider.hold(Endpoint::Token);
    let leader = world.spawn(&old, Method::GET, "/token");
    world.refreshing(1).await;
    let followers: Vec<_> = (0..100).map(|_| world.spawn(&old, Method::GET, "/token")).collect();
    world.begun(101).await;
    leader.abort();
    for quitter in followers.iter().step_by(3) {
        quitter.abort();
    }
    world.provider.release(Endpoint::Token);
    let mut served = 0;
    for follower in followers {
        if let Ok(answer) = follower.await {
            token_of(&answer);
            served += 1;
        }
    }
    assert_eq!((served, world.refreshes().len()), (66, 1));
    world.assert_nothing_was_sent_twice();
}

/// Whatever number of steps the server has made for the client that leaves, the next request gets a token, and no
/// refresh token is sent twice.
#[tokio::test]
async fn m10_a_request_can_be_dropped_at_every_await() {
    let world = Load::new().await;
    let mut dropped_unfinished = 0;
    for (steps, lingers) in (0..20).flat_map(|steps| [(steps, false), (steps, true)]) {
        let browser = world.signed_in(&format!("user-{steps}")).await;
        world.expire();
        let before = world.refreshes().len();
        if !finishes_within(steps, lingers, world.ask(&browser, "/token")).await {
            dropped_unfinished += 1;
        }
        let answer = world.ask(&browser, "/token").await;
        assert_eq!(
            answer.status,
            StatusCode::OK,
            "dropped after {steps} steps, lingering: {lingers}: {}",
            answer.body
        );
        assert_eq!(world.refreshes().len(), before + 1, "dropped after {steps} steps, lingering: {lingers}");
    }
    assert!(dropped_unfinished >= 2, "only {dropped_unfinished} were dropped before their end");
    world.assert_nothing_was_sent_twice();
}

/// The same for the callback: a code is sent once, and who began again is signed in.
#[tokio::test]
async fn m10_a_callback_can_be_dropped_at_every_await() {
    let world = Load::new().await;
    for (steps, lingers) in (0..20).flat_map(|steps| [(steps, false), (steps, true)]) {
        let mut browser = auth_tests::Browser::default();
        let login = browser.get(&world.app, "/auth/login").await;
        let back = world.provider.sign_in(login.location(), "auth0|ada").unwrap();
        finishes_within(steps, lingers, world.ask(&browser, &back)).await;
        world.sign_in_with(&mut browser, "auth0|ada").await;
        assert_eq!(
            world.ask(&browser, "/me").await.status,
            StatusCode::OK,
            "dropped after {steps} steps, lingering: {lingers}"
        );
    }
}

/// Drops the future after that many polls, and says whether it was done by then. If it `lingers`, others get on with
/// their work before it is dropped.
async fn finishes_within<T>(polls: usize, lingers: bool, future: impl Future<Output = T>) -> bool {
    let mut future = pin!(future);
    let mut left = polls;
    let is_done = poll_fn(|context| {
        if left == 0 {
            return Poll::Ready(false);
        }
        left -= 1;
        match future.as_mut().poll(context) {
            Poll::Ready(_) => Poll::Ready(true),
            Poll::Pending if left == 0 => Poll::Ready(false),
            Poll::Pending => Poll::Pending,
        }
    })
    .await;
    if lingers {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    is_done
}
