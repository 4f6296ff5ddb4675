//! One refresh of a session in the whole deployment.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use auth_runtime::testing::provider::{Endpoint, Fault};
use auth_tests::servers::{Postgres, Redis};
use auth_tests::{Answer, Browser};
use http::{Method, StatusCode};
use serde_json::Value;
use tokio::task::JoinHandle;

use crate::deployment::Deployment;

/// Calls the external API, for which the session's token has to be good.
fn spawn(deployment: &Deployment, browser: &Browser, url: String) -> JoinHandle<Answer> {
    let (network, browser) = (deployment.network.clone(), browser.clone());
    tokio::spawn(async move { browser.peek(&network, &url).await })
}

/// The token that the external API was called with.
fn token_of(answer: &Answer) -> String {
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    let body: Value = serde_json::from_str(&answer.body).unwrap();
    body["token"].as_str().unwrap().to_owned()
}

async fn one_refresh_for_500(deployment: &Deployment, what: &str) {
    let mut browser = deployment.with_an_expired_token().await;
    deployment.provider.hold(Endpoint::Token);
    let before = deployment.provider.requests(Endpoint::Token);
    let url = deployment.url("/api/external-data");
    let requests: Vec<_> = (0..500).map(|_| spawn(deployment, &browser, url.clone())).collect();
    deployment.another_arrives(before).await;
    // Time for the others to send it too, if they would.
    tokio::time::sleep(Duration::from_millis(500)).await;
    deployment.provider.release(Endpoint::Token);
    let (mut tokens, mut last) = (BTreeSet::new(), None);
    for request in requests {
        let answer = request.await.unwrap();
        tokens.insert(token_of(&answer));
        last = Some(answer);
    }
    assert_eq!((deployment.refreshes(), tokens.len()), (1, 1));
    // Any instance goes on from what the last answer brought.
    browser.keep(&last.unwrap());
    for instance in &deployment.instances {
        let answer = browser.peek(&deployment.network, &instance.url("/api/external-data")).await;
        assert!(tokens.contains(&token_of(&answer)));
    }
    assert_eq!(deployment.refreshes(), 1);
    deployment.assert_nothing_was_sent_twice();
    println!("{what}: 500 requests at instances {:?}: 1 token request", deployment.balancer.spread());
}

#[tokio::test(flavor = "multi_thread")]
async fn race_05_500_requests_make_one_token_request_with_sessions_in_redis() {
    let redis = Redis::start().await;
    let deployment = Deployment::start(&[("SESSION_STORE", &redis.url())]).await;
    one_refresh_for_500(&deployment, "sessions in Redis").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn race_05_500_requests_make_one_token_request_with_sessions_in_postgresql() {
    let postgres = Postgres::start().await;
    let deployment = Deployment::start(&[("SESSION_STORE", &postgres.url())]).await;
    one_refresh_for_500(&deployment, "sessions in PostgreSQL").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn race_05_500_requests_make_one_token_request_with_sessions_in_cookies() {
    let redis = Redis::start().await;
    let deployment = Deployment::start(&[("REFRESH_LEASE_STORE", &redis.url())]).await;
    one_refresh_for_500(&deployment, "sessions in cookies, lease in Redis").await;
}

/// The instance that sends the refresh token is killed before the provider has done anything with it.
async fn a_crashed_holder_is_taken_over(shared: &[(&str, &str)], what: &str) {
    let deployment = Deployment::start(shared).await;
    let browser = deployment.with_an_expired_token().await;
    deployment.provider.fault(Endpoint::Token, Fault::silence());
    let before = deployment.provider.requests(Endpoint::Token);
    let holder = &deployment.instances[0];
    let doomed = {
        let (network, browser) = (deployment.network.clone(), browser.clone());
        let url = holder.url("/api/external-data");
        tokio::spawn(async move { browser.try_ask(&network, Method::GET, &url).await })
    };
    deployment.another_arrives(before).await;
    let others: Vec<_> = (0..100)
        .map(|number| {
            spawn(&deployment, &browser, deployment.instances[1 + number % 2].url("/api/external-data"))
        })
        .collect();
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(deployment.provider.requests(Endpoint::Token), before + 1, "somebody did not wait");

    holder.process.kill();
    let killed_at = Instant::now();
    deployment.provider.heal();
    let mut tokens = BTreeSet::new();
    for other in others {
        tokens.insert(token_of(&other.await.unwrap()));
    }
    let took = killed_at.elapsed();
    assert!(doomed.await.unwrap().is_err(), "it was killed");
    // That of the one who was killed, and one more.
    assert_eq!((deployment.refreshes(), tokens.len()), (2, 1));
    assert!(took < Duration::from_secs(15), "{took:?}");
    deployment.assert_nothing_was_sent_twice();
    println!(
        "{what}: holder killed in mid-refresh, taken over after {took:.1?}; 100 requests, 1 more token request"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn race_08_a_crashed_holder_is_taken_over_with_sessions_in_redis() {
    let redis = Redis::start().await;
    a_crashed_holder_is_taken_over(&[("SESSION_STORE", &redis.url())], "sessions in Redis").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn race_08_a_crashed_holder_is_taken_over_with_sessions_in_postgresql() {
    let postgres = Postgres::start().await;
    a_crashed_holder_is_taken_over(&[("SESSION_STORE", &postgres.url())], "sessions in PostgreSQL").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn race_08_a_crashed_holder_is_taken_over_with_sessions_in_cookies() {
    let redis = Redis::start().await;
    a_crashed_holder_is_taken_over(&[("REFRESH_LEASE_STORE", &redis.url())], "sessions in cookies").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_holder_that_stands_still_for_a_while_does_no_harm() {
    let redis = Redis::start().await;
    let deployment = Deployment::start(&[("SESSION_STORE", &redis.url())]).await;
    let browser = deployment.with_an_expired_token().await;
    deployment.provider.hold(Endpoint::Token);
    let before = deployment.provider.requests(Endpoint::Token);
    let slow = spawn(&deployment, &browser, deployment.instances[0].url("/api/external-data"));
    deployment.another_arrives(before).await;
    // Shorter than the lease: nobody takes over.
    deployment.instances[0].process.pause();
    let others: Vec<_> = (1..3)
        .map(|number| spawn(&deployment, &browser, deployment.instances[number].url("/api/external-data")))
        .collect();
    tokio::time::sleep(Duration::from_millis(2_500)).await;
    deployment.instances[0].process.resume();
    deployment.provider.release(Endpoint::Token);
    let mut tokens = BTreeSet::from([token_of(&slow.await.unwrap())]);
    for other in others {
        tokens.insert(token_of(&other.await.unwrap()));
    }
    assert_eq!((deployment.refreshes(), tokens.len()), (1, 1));
    deployment.assert_nothing_was_sent_twice();
}
