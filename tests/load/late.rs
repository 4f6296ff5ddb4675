//! Requests that come with a session that has been replaced meanwhile.

use auth_runtime::testing::provider::Endpoint;
use http::{Method, StatusCode};

use crate::world::{Load, token_of};

#[tokio::test]
async fn race_07_a_request_with_the_old_cookie_gets_the_new_token() {
    let world = Load::new().await;
    let old = world.with_an_expired_token().await;
    let first = world.ask(&old, "/token").await;
    for _ in 0..10 {
        let late = world.ask(&old, "/token").await;
        assert_eq!(token_of(&late), token_of(&first));
        // And the session that goes with it: whichever answer arrives last, the browser can go on.
        let mut browser = old.clone();
        browser.keep(&late);
        assert_eq!(token_of(&world.ask(&browser, "/token").await), token_of(&first));
    }
    assert_eq!(world.refreshes().len(), 1);
    world.assert_nothing_was_sent_twice();
}

#[tokio::test]
async fn race_07_and_s_bcp_7_a_late_request_goes_on_from_the_newest_refresh_token() {
    let world = Load::new().await;
    let oldest = world.with_an_expired_token().await;
    let mut seen = Vec::new();
    for round in 1..=5 {
        let answer = world.ask(&oldest, "/token").await;
        assert!(!seen.contains(&answer.body), "an expired token was given again");
        assert_eq!(world.refreshes().len(), round);
        seen.push(answer.body);
        world.expire();
    }
    world.assert_nothing_was_sent_twice();
}

#[tokio::test]
async fn race_07_old_and_new_cookies_mix_without_harm() {
    let world = Load::new().await;
    let mut generations = vec![world.with_an_expired_token().await];
    for round in 0..4 {
        let mut newest = generations[round].clone();
        newest.keep(&world.ask(&generations[round], "/token").await);
        generations.push(newest);
        world.expire();
        let requests: Vec<_> = (0..40)
            .map(|number| world.spawn(&generations[number % generations.len()], Method::GET, "/token"))
            .collect();
        let mut tokens = std::collections::BTreeSet::new();
        for request in requests {
            tokens.insert(token_of(&request.await.unwrap()).to_owned());
        }
        assert_eq!(tokens.len(), 1, "{tokens:?}");
        world.expire();
    }
    world.assert_nothing_was_sent_twice();
}

#[tokio::test]
async fn a_token_that_is_demanded_fresh_is_newer_than_the_demand() {
    let world = Load::new().await;
    let browser = world.signed_in("auth0|ada").await;
    let mut seen = std::collections::BTreeSet::new();
    for _ in 0..5 {
        let answer = world.ask(&browser, "/token?fresh=true").await;
        assert!(seen.insert(token_of(&answer).to_owned()));
    }
    // Those who demand one at the same time are content with one.
    world.provider.hold(Endpoint::Token);
    let requests: Vec<_> = (0..50).map(|_| world.spawn(&browser, Method::GET, "/token?fresh=true")).collect();
    world.begun(55).await;
    world.provider.release(Endpoint::Token);
    for request in requests {
        assert_eq!(request.await.unwrap().status, StatusCode::OK);
    }
    assert_eq!(world.refreshes().len(), 6);
    world.assert_nothing_was_sent_twice();
}
