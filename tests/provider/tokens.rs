//! Access tokens that expire, and refresh tokens that rotate.

use http::StatusCode;
use serde_json::json;

use crate::scene::Scene;

const LIFETIME: u64 = 60;

async fn scene() -> Scene {
    let mut scene = Scene::new(json!({ "access_token_seconds": LIFETIME })).await;
    scene.signed_in().await;
    scene
}

#[tokio::test]
async fn a_token_that_is_good_is_taken_from_the_session() {
    let mut scene = scene().await;
    let first = scene.token().await.unwrap();
    assert_eq!(scene.token().await.unwrap(), first);
    assert_eq!(scene.world.provider.requests("/oauth/token").await, 0);
}

#[tokio::test]
async fn an_expired_token_is_refreshed_and_the_rotation_goes_on() {
    let mut scene = scene().await;
    let mut seen = vec![scene.token().await.unwrap()];
    for round in 1..=4 {
        scene.world.clock.advance(LIFETIME + 1);
        let token = scene.token().await.unwrap();
        assert!(!seen.contains(&token), "round {round} gave an old token");
        seen.push(token);
        assert_eq!(scene.world.provider.grants("refresh_token").await, round);
        assert_eq!(scene.get("/me").await.body, "ada@example.com");
    }
}

#[tokio::test]
async fn requests_with_the_old_cookie_get_the_settled_token() {
    let mut scene = scene().await;
    let old = scene.tab.session();
    scene.world.clock.advance(LIFETIME + 1);
    let token = scene.token().await.unwrap();
    scene.tab.restore(&old);
    assert_eq!(scene.token().await.unwrap(), token);
    assert_eq!(scene.world.provider.grants("refresh_token").await, 1);
}

#[tokio::test]
async fn a_refresh_token_used_twice_ends_the_grant_and_not_the_session() {
    let mut scene = scene().await;
    let stolen = scene.tab.session();
    scene.world.clock.advance(LIFETIME + 1);
    scene.token().await.unwrap();
    let current = scene.tab.session();

    // A process that knows nothing of the first refresh stands for a thief.
    let elsewhere = scene.second_instance().await;
    scene.tab.restore(&stolen);
    let page = scene.tab.get(&format!("{elsewhere}/token")).await;
    assert_eq!(page.status, StatusCode::UNAUTHORIZED, "{page:#?}");
    assert_eq!(page.set_cookies, [""; 0], "a failed refresh writes nothing");
    let revoked =
        scene.world.provider.log().await.iter().filter(|entry| entry["event"] == "grant.revoked").count();
    assert_eq!(revoked, 1);

    scene.tab.restore(&current);
    scene.world.clock.advance(LIFETIME + 1);
    assert_eq!(scene.token().await.unwrap_err().status, StatusCode::UNAUTHORIZED);
    assert_eq!(scene.get("/me").await.body, "ada@example.com");
}

#[tokio::test]
async fn a_provider_out_of_order_costs_a_503_and_nothing_else() {
    let mut scene = scene().await;
    scene.world.clock.advance(LIFETIME + 1);
    scene.world.provider.control("fault", &json!({ "path": "/oauth/token", "status": 503 })).await;
    let page = scene.token().await.unwrap_err();
    assert_eq!((page.status, page.set_cookies), (StatusCode::SERVICE_UNAVAILABLE, vec![]));
    assert_eq!(scene.get("/me").await.body, "ada@example.com");
    scene.token().await.unwrap();
}

#[tokio::test]
async fn a_refresh_is_good_after_the_provider_changed_its_keys() {
    let mut scene = scene().await;
    scene.world.clock.advance(LIFETIME + 1);
    scene.world.provider.control("rotate-keys", &json!({})).await;
    scene.token().await.unwrap();
    assert_eq!(scene.get("/me").await.body, "ada@example.com");
}
