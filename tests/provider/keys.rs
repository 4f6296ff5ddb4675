//! Signing keys come and go.

use serde_json::json;

use crate::world::World;

const JWKS: &str = "/.well-known/jwks.json";

#[tokio::test]
async fn a_sign_in_under_a_new_key_loads_the_keys_once_more() {
    let mut world = World::new(json!({ "forms": false })).await;
    for _ in 0..2 {
        assert_eq!(world.get("/auth/login?returnTo=/me").await.body, "ada@example.com");
    }
    assert_eq!(world.provider.requests(JWKS).await, 1, "known keys are not loaded again");

    // Past the pause between two loads.
    world.clock.advance(120);
    world.provider.control("rotate-keys", &json!({})).await;
    world.browser.forget_session();
    assert_eq!(world.get("/auth/login?returnTo=/me").await.body, "ada@example.com");
    assert_eq!(world.provider.requests(JWKS).await, 2);
}

#[tokio::test]
async fn a_session_outlives_the_key_that_its_id_token_was_signed_with() {
    let mut world = World::new(json!({})).await;
    world.signed_in().await;
    world.provider.control("rotate-keys", &json!({})).await;
    assert_eq!(world.get("/me").await.body, "ada@example.com");
}
