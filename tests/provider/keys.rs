//! Signing keys come and go.

use serde_json::json;

use crate::scene::Scene;

const JWKS: &str = "/.well-known/jwks.json";

#[tokio::test]
async fn a_sign_in_under_a_new_key_loads_the_keys_once_more() {
    let mut scene = Scene::new(json!({ "forms": false })).await;
    for _ in 0..2 {
        assert_eq!(scene.get("/auth/login?returnTo=/me").await.body, "ada@example.com");
    }
    assert_eq!(scene.world.provider.requests(JWKS).await, 1, "known keys are not loaded again");

    // Past the pause between two loads.
    scene.world.clock.advance(120);
    scene.world.provider.control("rotate-keys", &json!({})).await;
    scene.tab.forget_session();
    assert_eq!(scene.get("/auth/login?returnTo=/me").await.body, "ada@example.com");
    assert_eq!(scene.world.provider.requests(JWKS).await, 2);
}

#[tokio::test]
async fn a_session_outlives_the_key_that_its_id_token_was_signed_with() {
    let mut scene = Scene::new(json!({})).await;
    scene.signed_in().await;
    scene.world.provider.control("rotate-keys", &json!({})).await;
    assert_eq!(scene.get("/me").await.body, "ada@example.com");
}
