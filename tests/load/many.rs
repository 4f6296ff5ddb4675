//! A thousand at once.

use std::collections::BTreeSet;

use auth_runtime::testing::provider::Endpoint;
use auth_tests::{Answer, payload};
use http::{Method, StatusCode};

use crate::world::{ADA, Load, token_of};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn race_04_a_thousand_requests_of_one_session_make_one_token_request() {
    let world = Load::new().await;
    let mut browser = world.with_an_expired_token().await;
    world.provider.hold(Endpoint::Token);
    let requests: Vec<_> = (0..1_000).map(|_| world.spawn(&browser, Method::GET, "/token")).collect();
    world.begun(1_000).await;
    world.refreshing(1).await;
    world.provider.release(Endpoint::Token);
    let (mut tokens, mut answers) = (BTreeSet::new(), Vec::new());
    for request in requests {
        let answer = request.await.unwrap();
        tokens.insert(token_of(&answer).to_owned());
        answers.push(answer);
    }
    assert_eq!(world.refreshes().len(), 1);
    assert_eq!(tokens.len(), 1, "{tokens:?}");
    // Whichever of the answers arrives last, the browser goes on from it.
    for answer in [&answers[0], &answers[500], &answers[999]] {
        browser.keep(answer);
        assert_eq!(token_of(&world.ask(&browser, "/token").await), tokens.first().unwrap());
    }
    world.expire();
    world.ask(&browser, "/token").await;
    assert_eq!(world.refreshes().len(), 2);
    world.assert_nothing_was_sent_twice();
    println!("1,000 requests of one session: 1 token request");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn race_10_a_thousand_sessions_make_a_thousand_token_requests_and_share_nothing() {
    let world = Load::new().await;
    let mut browsers = Vec::new();
    for number in 0..1_000 {
        browsers.push(world.signed_in(&format!("user-{number}")).await);
    }
    world.expire();
    let requests: Vec<_> =
        (0..3_000).map(|number| world.spawn(&browsers[number % 1_000], Method::GET, "/token")).collect();
    let mut tokens = BTreeSet::new();
    for (number, request) in requests.into_iter().enumerate() {
        let answer = request.await.unwrap();
        assert_is_of(&answer, &format!("user-{}", number % 1_000));
        tokens.insert(token_of(&answer).to_owned());
        browsers[number % 1_000].keep(&answer);
    }
    assert_eq!((world.refreshes().len(), tokens.len()), (1_000, 1_000));
    // What the browsers were given is theirs, and good.
    for (number, browser) in browsers.iter().enumerate() {
        let answer = world.ask(browser, "/token").await;
        assert_is_of(&answer, &format!("user-{number}"));
        assert!(tokens.contains(token_of(&answer)));
    }
    assert_eq!(world.refreshes().len(), 1_000);
    world.assert_nothing_was_sent_twice();
    println!("3,000 requests of 1,000 sessions: 1,000 token requests, 0 values crossed");
}

fn assert_is_of(answer: &Answer, user: &str) {
    assert!(answer.body.starts_with(&format!("{user} ")), "{user}: {}", answer.body);
    assert_eq!(payload(token_of(answer))["sub"], user);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn race_10_two_sessions_of_one_user_share_nothing_either() {
    let world = Load::new().await;
    let (here, there) = (world.signed_in(ADA).await, world.signed_in(ADA).await);
    world.expire();
    let (here, there) = tokio::join!(world.ask(&here, "/token"), world.ask(&there, "/token"));
    assert_ne!(token_of(&here), token_of(&there));
    assert_eq!(world.refreshes().len(), 2);
    world.assert_nothing_was_sent_twice();
}

#[tokio::test]
async fn nobody_without_a_session_makes_a_token_request() {
    let world = Load::new().await;
    let mut browser = world.with_an_expired_token().await;
    browser.cookies.values_mut().for_each(|value| value.truncate(100));
    for _ in 0..100 {
        assert_eq!(world.ask(&browser, "/token").await.status, StatusCode::UNAUTHORIZED);
    }
    assert_eq!(world.refreshes(), []);
}
