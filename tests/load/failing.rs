//! A provider that fails while many wait for it.

use std::time::Duration;

use auth_runtime::testing::provider::{Endpoint, Fault};
use http::header::{CONTENT_TYPE, RETRY_AFTER, SET_COOKIE};
use http::{Method, StatusCode};

use crate::world::{ADA, Load, TOKEN_LIFETIME, token_of};

/// An answer that asks for patience.
pub(crate) fn outage(status: StatusCode, retry_after: &'static str) -> Fault {
    Fault::answer((status, [(RETRY_AFTER, retry_after)]))
}

#[tokio::test]
async fn a_failure_is_shared_by_those_who_wait_and_then_forgotten() {
    let world = Load::new().await;
    let browser = world.with_an_expired_token().await;
    world.provider.fault(Endpoint::Token, outage(StatusCode::SERVICE_UNAVAILABLE, "7"));
    world.provider.hold(Endpoint::Token);
    let requests: Vec<_> = (0..100).map(|_| world.spawn(&browser, Method::GET, "/token")).collect();
    world.begun(100).await;
    world.provider.release(Endpoint::Token);
    for request in requests {
        let answer = request.await.unwrap();
        assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE, "{}", answer.body);
        assert_eq!(answer.headers[RETRY_AFTER], "7");
        assert!(!answer.headers.contains_key(SET_COOKIE));
    }
    assert_eq!(world.refreshes().len(), 1);
    world.provider.heal();
    world.clock.advance(7);
    token_of(&world.ask(&browser, "/token").await);
    assert_eq!(world.refreshes().len(), 2);
}

/// One user after the other wants a token, while the provider wants to be left alone.
#[tokio::test]
async fn tok_04_refreshes_wait_as_long_as_the_provider_says_and_a_minute_at_most() {
    let world = Load::new().await;
    let mut browsers = Vec::new();
    for number in 0..5 {
        browsers.push(world.signed_in(&format!("user-{number}")).await);
    }
    for (status, said, pause) in [
        (StatusCode::TOO_MANY_REQUESTS, "60", 60),
        (StatusCode::SERVICE_UNAVAILABLE, "7", 7),
        (StatusCode::SERVICE_UNAVAILABLE, "Thu, 01 Jan 2099 00:00:00 GMT", 60),
        (StatusCode::TOO_MANY_REQUESTS, "3600", 60),
    ] {
        world.expire();
        let before = world.refreshes().len();
        world.provider.fault(Endpoint::Token, outage(status, said));
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
        world.provider.heal();
        world.clock.advance(pause - 2);
        let answer = world.ask(&browsers[0], "/token").await;
        assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE, "{status} {said}");
        assert_eq!(world.refreshes().len(), before + 1, "{status} {said}");

        // A code lives a minute, and its user is waiting.
        let newcomer = world.signed_in(&format!("user-{}", 100 + before)).await;
        token_of(&world.ask(&newcomer, "/token").await);

        world.clock.advance(2);
        for browser in &mut browsers {
            token_of(&browser.get(&world.app, "/token").await);
        }
    }
    // What was answered 429 or 503 is good still, so it was sent again.
    assert_eq!(world.provider.reused_refresh_tokens(), 0, "a spent refresh token was sent again");
}

#[tokio::test]
async fn tok_14_that_a_refresh_token_is_over_is_asked_once() {
    let world = Load::new().await;
    let browser = world.with_an_expired_token().await;
    world.provider.fault(Endpoint::Token, Fault::error(StatusCode::BAD_REQUEST, "invalid_grant"));
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
    let world = Load::with(|auth| auth.token_refresh_buffer(Duration::from_secs(600))).await;
    let mut browser = world.signed_in(ADA).await;
    let first = token_of(&world.ask(&browser, "/token").await).to_owned();
    assert_eq!(world.refreshes(), []);

    world.clock.advance(TOKEN_LIFETIME - 300);
    let gives_the_first = async || {
        let answer = world.ask(&browser, "/token").await;
        assert_eq!(token_of(&answer), first);
        assert!(!answer.headers.contains_key(SET_COOKIE));
    };
    world.provider.refuse_connections().await;
    gives_the_first().await;
    world.provider.accept_connections().await.unwrap();
    for fault in [
        Fault::answer(StatusCode::INTERNAL_SERVER_ERROR),
        Fault::disconnect(),
        Fault::answer(([(CONTENT_TYPE, "application/json")], "{}")),
    ] {
        world.provider.fault(Endpoint::Token, fault);
        gives_the_first().await;
    }
    world.provider.heal();
    let answer = browser.get(&world.app, "/token").await;
    assert_ne!(token_of(&answer), first);

    // Once it is over, there is nothing to fall back on.
    world.expire();
    world.provider.fault(Endpoint::Token, Fault::answer(StatusCode::INTERNAL_SERVER_ERROR));
    assert_eq!(world.ask(&browser, "/token").await.status, StatusCode::SERVICE_UNAVAILABLE);
}

/// The provider did what it was asked for, and its answer got lost: nobody knows, so nothing is sent again by itself.
#[tokio::test]
async fn tok_03_an_answer_that_gets_lost_is_not_asked_for_again() {
    let world = Load::new().await;
    let browser = world.with_an_expired_token().await;
    world.provider.fault(Endpoint::Token, Fault::lost());
    let answer = world.ask(&browser, "/token").await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE, "{}", answer.body);
    assert_eq!(world.refreshes().len(), 1);
    world.provider.heal();
    // The next request tries, and the provider takes it for theft; the user is told to sign in and is not signed out.
    let answer = world.ask(&browser, "/token").await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{}", answer.body);
    assert!(!answer.headers.contains_key(SET_COOKIE));
    assert_eq!(world.ask(&browser, "/me").await.body, ADA);
}

#[tokio::test]
async fn tok_17_and_race_12_a_token_that_no_session_can_hold_is_an_error_and_loses_nothing() {
    let world = Load::new().await;
    let browser = world.with_an_expired_token().await;
    world.provider.forge_id_tokens(|mut claims, key| {
        claims.as_object_mut().unwrap().remove("at_hash");
        key.sign(&key.header("JWT"), &claims)
    });
    let huge = Fault::change(|answer| {
        answer["access_token"] = "a".repeat(111_000).into();
        answer["expires_in"] = 1.into();
    });
    world.provider.fault(Endpoint::Token, huge);
    let answer = world.ask(&browser, "/token").await;
    assert!(answer.status.is_server_error(), "{}", answer.status);
    assert!(!answer.headers.contains_key(SET_COOKIE));
    assert_eq!(world.ask(&browser, "/me").await.body, ADA);

    world.provider.heal();
    world.clock.advance(2);
    token_of(&world.ask(&browser, "/token").await);
    world.assert_nothing_was_sent_twice();
}
