//! From the login route through the provider's forms to a session.

use http::StatusCode;
use serde_json::{Value, json};

use crate::world::World;

#[tokio::test]
async fn a_user_signs_in_consents_and_is_known() {
    let mut world = World::new(json!({})).await;
    assert_eq!(world.get("/me").await.status, StatusCode::UNAUTHORIZED);
    let page = world.sign_in("ada").await;
    assert_eq!((page.status, page.body.as_str()), (StatusCode::OK, "ada@example.com"));
    assert_eq!(page.url.as_str(), format!("{}/me", world.origin));
    let claims: Value = serde_json::from_str(&world.get("/claims").await.body).unwrap();
    assert_eq!(claims["sub"], "ada");
    assert_eq!(claims["name"], "Ada Lovelace");
    assert_eq!(claims["picture"], "https://cdn.example/ada.png");
    assert_eq!(world.provider.grants("authorization_code").await, 1);
}

#[tokio::test]
async fn who_is_known_to_the_provider_sees_no_form_the_next_time() {
    let mut world = World::new(json!({})).await;
    world.signed_in().await;
    world.browser.forget_session();
    let page = world.get("/auth/login?returnTo=/me").await;
    assert_eq!(page.body, "ada@example.com");
}

#[tokio::test]
async fn who_cancels_is_not_signed_in_and_can_try_again() {
    let mut world = World::new(json!({})).await;
    let page = world.get("/auth/login?returnTo=/me").await;
    let page = world.browser.submit(&page, &[("cancel", "yes")]).await;
    assert_eq!(page.status, StatusCode::BAD_REQUEST);
    assert!(page.url.path() == "/auth/callback" && page.url.query().unwrap().contains("error=access_denied"));
    assert_eq!(world.browser.session(), []);
    assert_eq!(world.sign_in("ada").await.body, "ada@example.com");
}

#[tokio::test]
async fn ses_01_another_users_sign_in_replaces_the_session_whole() {
    let mut world = World::new(json!({})).await;
    world.signed_in().await;
    let ada = world.browser.session();
    let page = world.get("/auth/login?max_age=0&returnTo=/me").await;
    let page = world.log_in(&page, "grace").await;
    // The provider first signs the other user out, by a form that sends itself.
    let page = world.browser.submit(&page, &[]).await;
    assert_eq!(world.consent(&page).await.body, "grace@example.com");
    assert_ne!(world.browser.session(), ada);
    let claims: Value = serde_json::from_str(&world.get("/claims").await.body).unwrap();
    assert_eq!((&claims["sub"], &claims["name"]), (&json!("grace"), &json!("Grace Hopper")));
}

#[tokio::test]
async fn a_code_is_good_once() {
    let mut world = World::new(json!({})).await;
    let page = world.sign_in("ada").await;
    let callback = page.visited.iter().find(|url| url.path() == "/auth/callback").unwrap().clone();
    let page = world.browser.get(callback.as_str()).await;
    assert_eq!(page.status, StatusCode::BAD_REQUEST);
    assert_eq!(world.provider.requests("/oauth/token").await, 1, "the second time nobody asks the provider");
    assert_eq!(world.get("/me").await.body, "ada@example.com");
}

#[tokio::test]
async fn a_token_endpoint_out_of_order_signs_nobody_in_and_the_next_try_does() {
    for fault in [json!({ "status": 500 }), json!({ "status": 200, "body": "{}" }), json!({ "drop": true })] {
        let mut world = World::new(json!({ "forms": false })).await;
        let mut planned = fault.clone();
        planned["path"] = json!("/oauth/token");
        world.provider.control("fault", &planned).await;
        let page = world.get("/auth/login?returnTo=/me").await;
        assert!(page.status.is_server_error(), "{fault}: {page:#?}");
        assert_eq!(world.browser.session(), [], "{fault}");
        assert_eq!(world.get("/auth/login?returnTo=/me").await.body, "ada@example.com", "{fault}");
    }
}

#[tokio::test]
async fn s_par_1_and_s_par_3_the_request_goes_to_the_provider_directly() {
    let wanted = World::configured(json!({}), |builder| builder.pushed_authorization_requests(true));
    // Nobody configured it here: the provider's metadata demand it.
    let demanded = World::new(json!({ "require_par": true }));
    for mut world in [wanted.await, demanded.await] {
        let page = world.sign_in("ada").await;
        assert_eq!(page.body, "ada@example.com");
        assert_eq!(world.provider.requests("/oauth/par").await, 1);
        world.browser.forget_session();
        let page = world.get("/auth/login").await;
        let asked = page.visited.iter().find(|url| url.path() == "/authorize").unwrap();
        let mut names: Vec<_> = asked.query_pairs().map(|(name, _)| name.into_owned()).collect();
        names.sort();
        assert_eq!(names, ["client_id", "request_uri"]);
    }
}
