//! From the login route through the provider's forms to a session.

use http::StatusCode;
use serde_json::{Value, json};

use crate::scene::Scene;

#[tokio::test]
async fn a_user_signs_in_consents_and_is_known() {
    let mut scene = Scene::new(json!({})).await;
    assert_eq!(scene.get("/me").await.status, StatusCode::UNAUTHORIZED);
    let page = scene.sign_in("ada").await;
    assert_eq!((page.status, page.body.as_str()), (StatusCode::OK, "ada@example.com"));
    assert_eq!(page.url.as_str(), format!("{}/me", scene.world.origin));
    let claims: Value = serde_json::from_str(&scene.get("/claims").await.body).unwrap();
    assert_eq!(claims["sub"], "ada");
    assert_eq!(claims["name"], "Ada Lovelace");
    assert_eq!(claims["picture"], "https://cdn.example/ada.png");
    assert_eq!(scene.world.provider.grants("authorization_code").await, 1);
}

#[tokio::test]
async fn who_is_known_to_the_provider_sees_no_form_the_next_time() {
    let mut scene = Scene::new(json!({})).await;
    scene.signed_in().await;
    scene.tab.forget_session();
    let page = scene.get("/auth/login?returnTo=/me").await;
    assert_eq!(page.body, "ada@example.com");
}

#[tokio::test]
async fn who_cancels_is_not_signed_in_and_can_try_again() {
    let mut scene = Scene::new(json!({})).await;
    let page = scene.get("/auth/login?returnTo=/me").await;
    let page = scene.tab.submit(&page, &[("cancel", "yes")]).await;
    assert_eq!(page.status, StatusCode::BAD_REQUEST);
    assert!(page.url.path() == "/auth/callback" && page.url.query().unwrap().contains("error=access_denied"));
    assert_eq!(scene.tab.session(), []);
    assert_eq!(scene.sign_in("ada").await.body, "ada@example.com");
}

#[tokio::test]
async fn ses_01_another_users_sign_in_replaces_the_session_whole() {
    let mut scene = Scene::new(json!({})).await;
    scene.signed_in().await;
    let ada = scene.tab.session();
    let page = scene.get("/auth/login?max_age=0&returnTo=/me").await;
    let page = scene.log_in(&page, "grace").await;
    // The provider first signs the other user out, by a form that sends itself.
    let page = scene.tab.submit(&page, &[]).await;
    assert_eq!(scene.consent(&page).await.body, "grace@example.com");
    assert_ne!(scene.tab.session(), ada);
    let claims: Value = serde_json::from_str(&scene.get("/claims").await.body).unwrap();
    assert_eq!((&claims["sub"], &claims["name"]), (&json!("grace"), &json!("Grace Hopper")));
}

#[tokio::test]
async fn a_code_is_good_once() {
    let mut scene = Scene::new(json!({})).await;
    let page = scene.sign_in("ada").await;
    let callback = page.visited.iter().find(|url| url.path() == "/auth/callback").unwrap().clone();
    let page = scene.tab.get(callback.as_str()).await;
    assert_eq!(page.status, StatusCode::BAD_REQUEST);
    assert_eq!(
        scene.world.provider.requests("/oauth/token").await,
        1,
        "the second time nobody asks the provider"
    );
    assert_eq!(scene.get("/me").await.body, "ada@example.com");
}

#[tokio::test]
async fn a_token_endpoint_out_of_order_signs_nobody_in_and_the_next_try_does() {
    for fault in [json!({ "status": 500 }), json!({ "status": 200, "body": "{}" }), json!({ "drop": true })] {
        let mut scene = Scene::new(json!({ "forms": false })).await;
        let mut planned = fault.clone();
        planned["path"] = json!("/oauth/token");
        scene.world.provider.control("fault", &planned).await;
        let page = scene.get("/auth/login?returnTo=/me").await;
        assert!(page.status.is_server_error(), "{fault}: {page:#?}");
        assert_eq!(scene.tab.session(), [], "{fault}");
        assert_eq!(scene.get("/auth/login?returnTo=/me").await.body, "ada@example.com", "{fault}");
    }
}

#[tokio::test]
async fn s_par_1_and_s_par_3_the_request_goes_to_the_provider_directly() {
    let wanted = Scene::configured(json!({}), |builder| builder.pushed_authorization_requests(true));
    // Nobody configured it here: the provider's metadata demand it.
    let demanded = Scene::new(json!({ "require_par": true }));
    for mut scene in [wanted.await, demanded.await] {
        let page = scene.sign_in("ada").await;
        assert_eq!(page.body, "ada@example.com");
        assert_eq!(scene.world.provider.requests("/oauth/par").await, 1);
        scene.tab.forget_session();
        let page = scene.get("/auth/login").await;
        let asked = page.visited.iter().find(|url| url.path() == "/authorize").unwrap();
        let mut names: Vec<_> = asked.query_pairs().map(|(name, _)| name.into_owned()).collect();
        names.sort();
        assert_eq!(names, ["client_id", "request_uri"]);
    }
}
