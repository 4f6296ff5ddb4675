//! A provider that fails while many wait for it.

use std::time::Duration;

use auth_tests::upstream::{Behaviour, Endpoint, Step, json_answer, whole_answer};
use http::header::{RETRY_AFTER, SET_COOKIE};
use http::{Method, StatusCode};

use crate::world::{ADA, TOKEN_LIFETIME, World, token_of};

#[tokio::test]
async fn a_failure_is_shared_by_those_who_wait_and_then_forgotten() {
    let world = World::new().await;
    let browser = world.with_an_expired_token().await;
    let outage = whole_answer("503 Later", "Retry-After: 7\r\n", "");
    world.upstream.set(Endpoint::Token, Behaviour::bytes(outage)).await;
    world.upstream.hold(Endpoint::Token);
    let requests: Vec<_> = (0..100).map(|_| world.spawn(&browser, Method::GET, "/token")).collect();
    world.begun(100).await;
    world.upstream.release(Endpoint::Token);
    for request in requests {
        let answer = request.await.unwrap();
        assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE, "{}", answer.body);
        assert_eq!(answer.headers[RETRY_AFTER], "7");
        assert!(!answer.headers.contains_key(SET_COOKIE));
    }
    assert_eq!(world.refreshes().len(), 1);
    world.upstream.heal().await;
    world.clock.advance(7);
    token_of(&world.ask(&browser, "/token").await);
    assert_eq!(world.refreshes().len(), 2);
}

/// One user after the other wants a token, while the provider wants to be left alone.
#[tokio::test]
async fn tok_04_refreshes_wait_as_long_as_the_provider_says_and_a_minute_at_most() {
    let world = World::new().await;
    let mut browsers = Vec::new();
    for number in 0..5 {
        browsers.push(world.signed_in(&format!("user-{number}")).await);
    }
    for (status, said, pause) in [
        ("429 Slow", "60".to_owned(), 60),
        ("503 Later", "7".to_owned(), 7),
        ("503 Later", "Thu, 01 Jan 2099 00:00:00 GMT".to_owned(), 60),
        ("429 Slow", "3600".to_owned(), 60),
    ] {
        world.expire();
        let before = world.refreshes().len();
        let outage = whole_answer(status, &format!("Retry-After: {said}\r\n"), "");
        world.upstream.set(Endpoint::Token, Behaviour::bytes(outage)).await;
        let mut first = None;
        for number in 0..50 {
            let answer = world.ask(&browsers[number % 5], "/token").await;
            assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE, "{}", answer.body);
            assert!(!answer.headers.contains_key(SET_COOKIE));
            let left: u64 = answer.headers[RETRY_AFTER].to_str().unwrap().parse().unwrap();
            let first = *first.get_or_insert(left);
            assert!(left <= first && left + 5 > first, "{left} of {first}");
        }
        assert_eq!(world.refreshes().len(), before + 1, "{status} {said}");
        world.upstream.heal().await;
        world.clock.advance(pause - 2);
        let answer = world.ask(&browsers[0], "/token").await;
        assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE, "{status} {said}");
        assert_eq!(world.refreshes().len(), before + 1, "{status} {said}");

        // A code lives a minute, and its user is waiting.
        let newcomer = world.signed_in(&format!("newcomer-{before}")).await;
        token_of(&world.ask(&newcomer, "/token").await);

        world.clock.advance(2);
        for browser in &mut browsers {
            token_of(&browser.get(&world.app, "/token").await);
        }
    }
    // What was answered 429 or 503 is good still, so it was sent again.
    assert_eq!(world.upstream.provider().reused(), 0, "a spent refresh token was sent again");
}

#[tokio::test]
async fn tok_14_that_a_refresh_token_is_over_is_asked_once() {
    let world = World::new().await;
    let browser = world.with_an_expired_token().await;
    let over = json_answer(400, r#"{"error":"invalid_grant"}"#);
    world.upstream.set(Endpoint::Token, Behaviour::bytes(over)).await;
    for _ in 0..20 {
        let answer = world.ask(&browser, "/token").await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{}", answer.body);
        assert!(!answer.headers.contains_key(SET_COOKIE), "the session's cookie was touched");
        let other = world.ask(&browser, "/token?audience=https://b.example").await;
        assert_eq!(other.status, StatusCode::UNAUTHORIZED);
    }
    assert_eq!(world.refreshes().len(), 1);
    assert_eq!(world.ask(&browser, "/me").await.body, ADA, "the session keeps its user");
}

#[tokio::test]
async fn a_token_that_is_still_good_is_given_when_it_cannot_be_renewed_early() {
    let world = World::with(|auth| auth.token_refresh_buffer(Duration::from_secs(600))).await;
    let mut browser = world.signed_in(ADA).await;
    let first = token_of(&world.ask(&browser, "/token").await).to_owned();
    assert_eq!(world.refreshes(), []);

    world.clock.advance(TOKEN_LIFETIME - 300);
    for behaviour in [
        Behaviour::Refuse,
        Behaviour::bytes(whole_answer("500 No", "", "")),
        Behaviour::instead(|_| vec![Step::Reset]),
        Behaviour::bytes(json_answer(200, "{}")),
    ] {
        world.upstream.set(Endpoint::Token, behaviour).await;
        let answer = world.ask(&browser, "/token").await;
        assert_eq!(token_of(&answer), first);
        assert!(!answer.headers.contains_key(SET_COOKIE));
    }
    world.upstream.heal().await;
    let answer = browser.get(&world.app, "/token").await;
    assert_ne!(token_of(&answer), first);

    // Once it is over, there is nothing to fall back on.
    world.expire();
    world.upstream.set(Endpoint::Token, Behaviour::bytes(whole_answer("500 No", "", ""))).await;
    assert_eq!(world.ask(&browser, "/token").await.status, StatusCode::SERVICE_UNAVAILABLE);
}

/// The provider did what it was asked for, and its answer got lost: nobody knows, so nothing is sent again by itself.
#[tokio::test]
async fn tok_03_an_answer_that_gets_lost_is_not_asked_for_again() {
    let world = World::new().await;
    let browser = world.with_an_expired_token().await;
    world.upstream.set(Endpoint::Token, Behaviour::after(|_| vec![Step::Reset])).await;
    let answer = world.ask(&browser, "/token").await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE, "{}", answer.body);
    assert_eq!(world.refreshes().len(), 1);
    world.upstream.heal().await;
    // The next request tries, and the provider takes it for theft; the user is told to sign in and is not signed out.
    let answer = world.ask(&browser, "/token").await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{}", answer.body);
    assert!(!answer.headers.contains_key(SET_COOKIE));
    assert_eq!(world.ask(&browser, "/me").await.body, ADA);
}

#[tokio::test]
async fn tok_17_and_race_12_a_token_that_no_session_can_hold_is_an_error_and_loses_nothing() {
    let world = World::new().await;
    let browser = world.with_an_expired_token().await;
    world.upstream.provider().forge_id_tokens(|mut claims, key| {
        claims.as_object_mut().unwrap().remove("at_hash");
        key.sign(&key.header(), &claims.to_string())
    });
    let huge = Behaviour::after(|body| {
        let mut answer: serde_json::Value = serde_json::from_str(body).unwrap();
        answer["access_token"] = "a".repeat(111_000).into();
        answer["expires_in"] = 1.into();
        vec![Step::Send(json_answer(200, answer.to_string()))]
    });
    world.upstream.set(Endpoint::Token, huge).await;
    let answer = world.ask(&browser, "/token").await;
    assert!(answer.status.is_server_error(), "{}", answer.status);
    assert!(!answer.headers.contains_key(SET_COOKIE));
    assert_eq!(world.ask(&browser, "/me").await.body, ADA);

    world.upstream.heal().await;
    world.clock.advance(2);
    token_of(&world.ask(&browser, "/token").await);
    world.assert_nothing_was_sent_twice();
}
