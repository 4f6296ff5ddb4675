//! The provider ends sessions by itself (OpenID Connect Back-Channel Logout 1.0).

use auth_runtime::store::MemoryStore;
use http::StatusCode;
use serde_json::{Value, json};

use crate::world::World;

const PATH: &str = "/auth/backchannel-logout";

async fn world(settings: Value) -> World {
    let mut world = World::configured(settings, |builder| {
        builder.session_store(MemoryStore::new()).backchannel_logout(true)
    })
    .await;
    world.signed_in().await;
    world
}

/// A logout token of the provider's, posted as the provider does.
async fn end(world: &mut World, members: Value) -> StatusCode {
    let token = world.provider.control("logout-token", &members).await;
    let token = token["logout_token"].as_str().unwrap().to_owned();
    let body =
        url::form_urlencoded::Serializer::new(String::new()).append_pair("logout_token", &token).finish();
    let request = reqwest::Client::new().post(format!("{}{PATH}", world.origin));
    let request = request.header("content-type", "application/x-www-form-urlencoded").body(body);
    request.send().await.unwrap().status()
}

#[tokio::test]
async fn a_sign_out_at_the_provider_ends_the_session_here() {
    let mut world = world(json!({})).await;
    // In a tab that belongs to the provider alone: this application is told by the provider, not by the browser.
    let issuer = world.provider.issuer.clone();
    let page = world.browser.get(&format!("{issuer}/oidc/logout")).await;
    world.browser.submit(&page, &[]).await;
    let log = world.provider.log().await;
    let told = log.iter().find(|entry| entry["sent"].as_str().is_some_and(|url| url.ends_with(PATH)));
    assert_eq!(told.expect("the provider tells the application")["status"], 200, "{log:#?}");
    assert!(!world.browser.session().is_empty(), "the browser was told nothing");
    assert_eq!(world.get("/me").await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn s_bcl_a_logout_token_of_the_provider_ends_that_users_sessions() {
    let mut world = world(json!({})).await;
    assert_eq!(end(&mut world, json!({ "sub": "grace" })).await, StatusCode::OK);
    assert_eq!(world.get("/me").await.body, "ada@example.com");
    assert_eq!(end(&mut world, json!({ "sub": "ada" })).await, StatusCode::OK);
    assert_eq!(world.get("/me").await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn bcl_05_to_bcl_10_a_logout_token_that_is_bad_in_one_respect_ends_nothing() {
    let mut world = world(json!({})).await;
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
        assert_eq!(end(&mut world, members).await, StatusCode::BAD_REQUEST, "{bad}");
    }
    assert_eq!(world.get("/me").await.body, "ada@example.com");
}

#[tokio::test]
async fn a_session_that_was_ended_does_not_come_back_with_a_refresh() {
    let mut world = world(json!({ "access_token_seconds": 60 })).await;
    world.clock.advance(61);
    assert_eq!(end(&mut world, json!({ "sub": "ada" })).await, StatusCode::OK);
    assert_eq!(world.token().await.unwrap_err().status, StatusCode::UNAUTHORIZED);
    assert_eq!(world.provider.grants("refresh_token").await, 0);
}
