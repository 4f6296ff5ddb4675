//! Access tokens that expire, and refresh tokens that rotate.

use http::StatusCode;
use serde_json::json;

use crate::world::World;

const LIFETIME: u64 = 60;

async fn world() -> World {
    let mut world = World::new(json!({ "access_token_seconds": LIFETIME })).await;
    world.signed_in().await;
    world
}

#[tokio::test]
async fn a_token_that_is_good_is_taken_from_the_session() {
    let mut world = world().await;
    let first = world.token().await.unwrap();
    assert_eq!(world.token().await.unwrap(), first);
    assert_eq!(world.provider.requests("/oauth/token").await, 0);
}

#[tokio::test]
async fn an_expired_token_is_refreshed_and_the_rotation_goes_on() {
    let mut world = world().await;
    let mut seen = vec![world.token().await.unwrap()];
    for round in 1..=4 {
        world.clock.advance(LIFETIME + 1);
        let token = world.token().await.unwrap();
        assert!(!seen.contains(&token), "round {round} gave an old token");
        seen.push(token);
        assert_eq!(world.provider.grants("refresh_token").await, round);
        assert_eq!(world.get("/me").await.body, "ada@example.com");
    }
}

#[tokio::test]
async fn requests_with_the_old_cookie_get_the_settled_token() {
    let mut world = world().await;
    let old = world.browser.session();
    world.clock.advance(LIFETIME + 1);
    let token = world.token().await.unwrap();
    world.browser.restore(&old);
    assert_eq!(world.token().await.unwrap(), token);
    assert_eq!(world.provider.grants("refresh_token").await, 1);
}

#[tokio::test]
async fn a_refresh_token_used_twice_ends_the_grant_and_not_the_session() {
    let mut world = world().await;
    let stolen = world.browser.session();
    world.clock.advance(LIFETIME + 1);
    world.token().await.unwrap();
    let current = world.browser.session();

    // A process that knows nothing of the first refresh stands for a thief.
    let elsewhere = world.second_instance().await;
    world.browser.restore(&stolen);
    let page = world.browser.get(&format!("{elsewhere}/token")).await;
    assert_eq!(page.status, StatusCode::UNAUTHORIZED, "{page:#?}");
    assert_eq!(page.set_cookies, [""; 0], "a failed refresh writes nothing");
    let revoked = world.provider.log().await.iter().filter(|entry| entry["event"] == "grant.revoked").count();
    assert_eq!(revoked, 1);

    world.browser.restore(&current);
    world.clock.advance(LIFETIME + 1);
    assert_eq!(world.token().await.unwrap_err().status, StatusCode::UNAUTHORIZED);
    assert_eq!(world.get("/me").await.body, "ada@example.com");
}

#[tokio::test]
async fn a_provider_out_of_order_costs_a_503_and_nothing_else() {
    let mut world = world().await;
    world.clock.advance(LIFETIME + 1);
    world.provider.control("fault", &json!({ "path": "/oauth/token", "status": 503 })).await;
    let page = world.token().await.unwrap_err();
    assert_eq!((page.status, page.set_cookies), (StatusCode::SERVICE_UNAVAILABLE, vec![]));
    assert_eq!(world.get("/me").await.body, "ada@example.com");
    world.token().await.unwrap();
}

#[tokio::test]
async fn a_refresh_is_good_after_the_provider_changed_its_keys() {
    let mut world = world().await;
    world.clock.advance(LIFETIME + 1);
    world.provider.control("rotate-keys", &json!({})).await;
    world.token().await.unwrap();
    assert_eq!(world.get("/me").await.body, "ada@example.com");
}
