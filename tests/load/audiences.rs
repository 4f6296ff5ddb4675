//! Tokens for several APIs from one refresh token that is good once.

use std::collections::BTreeSet;

use auth_tests::payload;
use http::Method;

use crate::world::{ADA, Load, token_of};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tok_17_tokens_for_several_apis_at_once_never_send_one_refresh_token_twice() {
    let world = Load::new().await;
    let browser = world.with_an_expired_token().await;
    let url = |number: usize| format!("/token?audience=https://api-{}.example", number % 20);
    let requests: Vec<_> = (0..200).map(|number| world.spawn(&browser, Method::GET, &url(number))).collect();
    let (mut tokens, mut browsers) = (BTreeSet::new(), Vec::new());
    for (number, request) in requests.into_iter().enumerate() {
        let answer = request.await.unwrap();
        let claims = payload(token_of(&answer));
        let audience = format!("https://api-{}.example", number % 20);
        assert_eq!((&claims["sub"], &claims["aud"]), (&ADA.into(), &audience.into()));
        tokens.insert(token_of(&answer).to_owned());
        let mut next = browser.clone();
        next.keep(&answer);
        browsers.push(next);
    }
    assert_eq!((tokens.len(), world.refreshes().len()), (20, 20));
    // Each answer carried a session of its own, and any of them may be the one that the browser has kept.
    for (number, browser) in browsers.iter().enumerate().step_by(7) {
        let answer = world.ask(browser, &url(number)).await;
        assert!(tokens.contains(token_of(&answer)), "{}", answer.body);
    }
    world.expire();
    let requests: Vec<_> = browsers
        .iter()
        .enumerate()
        .map(|(number, browser)| world.spawn(browser, Method::GET, &url(number)))
        .collect();
    for request in requests {
        token_of(&request.await.unwrap());
    }
    assert_eq!(world.refreshes().len(), 40);
    world.assert_nothing_was_sent_twice();
}

#[tokio::test]
async fn tok_17_a_token_is_kept_for_the_audience_that_was_asked_for() {
    let world = Load::new().await;
    let mut browser = world.signed_in("auth0|ada").await;
    for audience in ["https://a.example", "https://b.example"] {
        let url = format!("/token?audience={audience}");
        let first = browser.get(&world.app, &url).await;
        let again = browser.get(&world.app, &url).await;
        assert_eq!(token_of(&first), token_of(&again));
        assert_eq!(payload(token_of(&first))["aud"], audience);
    }
    let own = payload(token_of(&browser.get(&world.app, "/token").await));
    assert!(!own["aud"].as_str().unwrap().contains(".example"), "{own}");
    assert_eq!(world.refreshes().len(), 2);
    world.assert_nothing_was_sent_twice();
}
