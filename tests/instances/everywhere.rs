//! What is done at one instance holds at all of them.

use std::path::Path;

use auth_tests::servers::{Postgres, Redis, RedisCluster};
use auth_tests::{Browser, Network, post_logout_token};
use http::{Method, StatusCode};

use crate::deployment::{ADA, Deployment, GRACE};

/// Everything that a user does, with any store.
async fn holds_everywhere(deployment: &Deployment) {
    let network = &deployment.network;
    let mut browser = deployment.signed_in(ADA).await;
    let before = browser.clone();
    for instance in &deployment.instances {
        assert_eq!(status(network, &browser, &instance.url("/api/protected")).await, StatusCode::OK);
        assert_eq!(
            status(network, &Browser::default(), &instance.url("/api/protected")).await,
            StatusCode::UNAUTHORIZED
        );
    }
    browser.send(network, Method::POST, &deployment.url("/auth/logout")).await;
    assert_eq!(browser.cookies.len(), 0);
    for instance in &deployment.instances {
        let status = status(network, &before, &instance.url("/api/protected")).await;
        assert_eq!(status, StatusCode::UNAUTHORIZED, "a cookie from before the sign-out");
    }

    let (here, there) = (deployment.signed_in(ADA).await, deployment.signed_in(ADA).await);
    let grace = deployment.signed_in(GRACE).await;
    let token = deployment.provider.logout_token(Some(ADA), None).unwrap();
    let told = post_logout_token(network, &deployment.instances[1].origin, &token).await;
    assert_eq!(told.status, StatusCode::OK, "{}", told.body);
    for instance in &deployment.instances {
        for (browser, expected) in
            [(&here, StatusCode::UNAUTHORIZED), (&there, StatusCode::UNAUTHORIZED), (&grace, StatusCode::OK)]
        {
            assert_eq!(status(network, browser, &instance.url("/api/protected")).await, expected);
        }
    }
    assert!(
        deployment.balancer.spread().iter().all(|count| *count >= 3),
        "{:?}",
        deployment.balancer.spread()
    );
}

async fn status(network: &Network, browser: &Browser, url: &str) -> StatusCode {
    browser.peek(network, url).await.status
}

#[tokio::test(flavor = "multi_thread")]
async fn bcl_15_and_ses_05_sessions_in_redis_hold_everywhere() {
    let redis = Redis::start().await;
    holds_everywhere(&Deployment::start(&[("SESSION_STORE", &redis.url())]).await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sessions_in_a_redis_cluster_hold_everywhere() {
    let cluster = RedisCluster::start().await;
    holds_everywhere(&Deployment::start(&[("SESSION_STORE", &cluster.urls().join(","))]).await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sessions_in_postgresql_hold_everywhere() {
    let postgres = Postgres::start().await;
    // All three find an empty database at once.
    holds_everywhere(&Deployment::start(&[("SESSION_STORE", &postgres.url())]).await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sessions_in_one_sqlite_file_hold_for_all_processes_of_a_machine() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("sessions.db");
    let store = format!("sqlite:{}", Path::display(&file));
    holds_everywhere(&Deployment::start(&[("SESSION_STORE", &store)]).await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sessions_in_cookies_end_everywhere_where_they_can_be_revoked() {
    let redis = Redis::start().await;
    holds_everywhere(&Deployment::start(&[("REVOCATION_STORE", &redis.url())]).await).await;
}
