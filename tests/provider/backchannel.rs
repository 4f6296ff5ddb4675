//! The provider ends sessions by itself (OpenID Connect Back-Channel Logout 1.0).

use auth_runtime::store::MemoryStore;
use auth_tests::{Network, post_logout_token};
use http::StatusCode;
use serde_json::{Value, json};

use crate::scene::Scene;

const PATH: &str = "/auth/backchannel-logout";

async fn scene(settings: Value) -> Scene {
    let mut scene = Scene::configured(settings, |builder| {
        builder.session_store(MemoryStore::new()).backchannel_logout(true)
    })
    .await;
    scene.signed_in().await;
    scene
}

/// A logout token of the provider's, posted as the provider does.
async fn end(scene: &mut Scene, members: Value) -> StatusCode {
    let token = scene.world.provider.control("logout-token", &members).await;
    let token = token["logout_token"].as_str().unwrap();
    post_logout_token(&Network::default(), &scene.world.origin, token).await.status
}

#[tokio::test]
async fn a_sign_out_at_the_provider_ends_the_session_here() {
    let mut scene = scene(json!({})).await;
    // In a tab that belongs to the provider alone: this application is told by the provider, not by the browser.
    let issuer = scene.world.provider.issuer.clone();
    let page = scene.tab.get(&format!("{issuer}/oidc/logout")).await;
    scene.tab.submit(&page, &[]).await;
    let log = scene.world.provider.log().await;
    let told = log.iter().find(|entry| entry["sent"].as_str().is_some_and(|url| url.ends_with(PATH)));
    assert_eq!(told.expect("the provider tells the application")["status"], 200, "{log:#?}");
    assert!(!scene.tab.session().is_empty(), "the browser was told nothing");
    assert_eq!(scene.get("/me").await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn s_bcl_a_logout_token_of_the_provider_ends_that_users_sessions() {
    let mut scene = scene(json!({})).await;
    assert_eq!(end(&mut scene, json!({ "sub": "grace" })).await, StatusCode::OK);
    assert_eq!(scene.get("/me").await.body, "ada@example.com");
    assert_eq!(end(&mut scene, json!({ "sub": "ada" })).await, StatusCode::OK);
    assert_eq!(scene.get("/me").await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn bcl_05_to_bcl_10_a_logout_token_that_is_bad_in_one_respect_ends_nothing() {
    let mut scene = scene(json!({})).await;
    for bad in [
        json!({ "aud": "another-client" }),
        json!({ "iss": "http://localhost:1" }),
        json!({ "nonce": "n" }),
        json!({ "events": null }),
        json!({ "events": {} }),
        json!({ "jti": null }),
        json!({ "iat": 1 }),
        json!({ "iat": null }),
        json!({ "exp": 1 }),
        json!({ "sub": null, "sid": null }),
    ] {
        let mut members = json!({ "sub": "ada" });
        for (name, value) in bad.as_object().unwrap() {
            members[name] = value.clone();
        }
        assert_eq!(end(&mut scene, members).await, StatusCode::BAD_REQUEST, "{bad}");
    }
    assert_eq!(scene.get("/me").await.body, "ada@example.com");
}

#[tokio::test]
async fn a_session_that_was_ended_does_not_come_back_with_a_refresh() {
    let mut scene = scene(json!({ "access_token_seconds": 60 })).await;
    scene.world.clock.advance(61);
    assert_eq!(end(&mut scene, json!({ "sub": "ada" })).await, StatusCode::OK);
    assert_eq!(scene.token().await.unwrap_err().status, StatusCode::UNAUTHORIZED);
    assert_eq!(scene.world.provider.grants("refresh_token").await, 0);
}
