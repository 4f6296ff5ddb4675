//! A refresh token that was replaced is not lost, whatever else goes wrong: the next request goes on from its successor.

use auth_runtime::testing::provider::{Endpoint, Fault};
use auth_tests::Browser;
use axum::Router;
use http::header::SET_COOKIE;
use http::{Method, StatusCode};
use serde_json::json;

use crate::stored::Store;
use crate::world::{ADA, Load, token_of};

/// Here, and then at a process that knows nothing but what the browser has.
async fn goes_on(world: &Load, mut browser: Browser) {
    token_of(&browser.get(&world.app, "/token").await);
    world.expire();
    goes_on_elsewhere(world, &browser, &world.another_process(|auth| auth)).await;
}

async fn goes_on_elsewhere(world: &Load, browser: &Browser, elsewhere: &Router) {
    let answer = browser.ask(elsewhere, Method::GET, "/token").await;
    token_of(&answer);
    world.assert_nothing_was_sent_twice();
}

#[tokio::test]
async fn an_answer_that_makes_no_sense_but_has_the_next_refresh_token() {
    for name in ["token_type", "expires_in", "scope", "access_token"] {
        let world = Load::new().await;
        let mut browser = world.with_an_expired_token().await;
        world.provider.fault(Endpoint::Token, Fault::change(move |answer| answer[name] = json!({})));
        let answer = browser.get(&world.app, "/token").await;
        assert_eq!(answer.status, StatusCode::BAD_GATEWAY, "{name}: {}", answer.body);
        assert!(!answer.headers.contains_key(SET_COOKIE), "{name}: a failed refresh changes nothing");
        world.provider.heal();
        goes_on(&world, browser).await;
    }
}

#[tokio::test]
async fn an_id_token_that_is_not_valid() {
    let world = Load::new().await;
    let mut browser = world.with_an_expired_token().await;
    world.provider.forge_id_tokens(|mut claims, key| {
        claims["aud"] = json!("somebody else");
        key.sign(&key.header("JWT"), &claims)
    });
    let answer = browser.get(&world.app, "/token").await;
    assert_eq!(answer.status, StatusCode::BAD_GATEWAY);
    assert!(!answer.headers.contains_key(SET_COOKIE), "a failed refresh changes nothing");
    world.provider.heal();
    goes_on(&world, browser).await;
}

#[tokio::test]
async fn an_outcome_that_is_older_than_the_refresh_token() {
    let world = Load::new().await;
    let (first, second) = ("/token?audience=https://a.example.com", "/token?audience=https://b.example.com");
    let mut browser = world.signed_in(ADA).await;
    // Its answer never arrives, so the browser has the second one's refresh token and not the first one's token.
    world.ask(&browser, first).await;
    token_of(&browser.get(&world.app, second).await);
    token_of(&browser.get(&world.app, first).await);
    assert_eq!(world.refreshes().len(), 2, "the first outcome is still good");
    world.expire();
    goes_on_elsewhere(&world, &browser, &world.another_process(|auth| auth)).await;
}

#[tokio::test]
async fn a_client_that_leaves_where_sessions_are_in_a_store() {
    let store = Store::default();
    let world = Load::with(|auth| auth.session_store(store.clone())).await;
    let browser = world.with_an_expired_token().await;
    world.provider.hold(Endpoint::Token);
    let leaving = world.spawn(&browser, Method::GET, "/token");
    world.refreshing(1).await;
    leaving.abort();
    assert!(leaving.await.unwrap_err().is_cancelled());
    world.provider.release(Endpoint::Token);

    // The exchange and the write after it go on by themselves.
    let elsewhere = world.another_process(|auth| auth.session_store(store.clone()));
    store.updated(1).await;
    goes_on_elsewhere(&world, &browser, &elsewhere).await;
}

#[tokio::test]
async fn a_handler_that_does_not_wait_for_its_token_where_sessions_are_in_a_store() {
    // The second one's answer saves what the handler changed, before there is a new refresh token.
    for (url, writes_before) in [("/impatient", 0), ("/impatient?changed", 1)] {
        let store = Store::default();
        let world = Load::with(|auth| auth.session_store(store.clone())).await;
        let browser = world.with_an_expired_token().await;
        world.provider.hold(Endpoint::Token);
        let answer = world.ask(&browser, url).await;
        assert_eq!((answer.status, answer.body.as_str()), (StatusCode::OK, "no token yet"), "{url}");
        store.updated(writes_before).await;
        world.provider.release(Endpoint::Token);

        // The answer is long gone, and the exchange and the write after it go on.
        let elsewhere = world.another_process(|auth| auth.session_store(store.clone()));
        store.updated(writes_before + 1).await;
        goes_on_elsewhere(&world, &browser, &elsewhere).await;
    }
}

#[tokio::test]
async fn tok_03_a_failure_is_shared_by_all_who_waited_whatever_they_wanted() {
    let world = Load::new().await;
    let browser = world.with_an_expired_token().await;
    world.provider.fault(Endpoint::Token, Fault::disconnect());
    world.provider.hold(Endpoint::Token);
    let waiting: Vec<_> = (0..8)
        .map(|number| {
            let url = format!("/token?audience=https://api-{number}.example.com");
            world.spawn(&browser, Method::GET, &url)
        })
        .collect();
    world.begun(8).await;
    world.refreshing(1).await;
    world.provider.release(Endpoint::Token);
    for answer in waiting {
        assert_eq!(answer.await.unwrap().status, StatusCode::SERVICE_UNAVAILABLE);
    }
    assert_eq!(world.provider.requests(Endpoint::Token), 2, "the sign-in's and one more");
}

#[tokio::test]
async fn s_ref_1_tokens_of_somebody_else_end_the_session() {
    for (name, value) in [("sub", json!("auth0|mallory")), ("iss", json!("https://evil.example.com/"))] {
        let world = Load::new().await;
        let mut browser = world.with_an_expired_token().await;
        let late = browser.clone();
        let value = value.clone();
        world.provider.forge_id_tokens(move |mut claims, key| {
            claims[name] = value.clone();
            key.sign(&key.header("JWT"), &claims)
        });
        let answer = browser.get(&world.app, "/token").await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{name}: {}", answer.body);
        assert!(answer.body.contains("session_over"), "{name}: {}", answer.body);
        assert_eq!(browser.cookies.len(), 0, "{name}");

        // Who comes late with the old cookie sends nothing any more, and its session ends too.
        let sent = world.refreshes().len();
        let answer = world.ask(&late, "/token").await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{name}: {}", answer.body);
        assert!(answer.headers.contains_key(SET_COOKIE), "{name}");
        assert_eq!(world.refreshes().len(), sent, "{name}");
    }
}

#[tokio::test]
async fn s_ref_1_tokens_of_somebody_else_are_not_taken_for_want_of_the_key_either() {
    let world = Load::new().await;
    let mut browser = world.with_an_expired_token().await;
    world.provider.forge_id_tokens(|mut claims, key| {
        claims["sub"] = json!("auth0|mallory");
        let mut header = key.header("JWT");
        header["kid"] = json!("the-next-key");
        key.sign(&header, &claims)
    });
    let answer = browser.get(&world.app, "/token").await;
    assert!(!answer.status.is_success(), "{}", answer.body);
    assert!(!answer.headers.contains_key(SET_COOKIE));
    world.provider.heal();
    goes_on(&world, browser).await;
}
