//! The end of a session, begun on either side.

use http::StatusCode;
use serde_json::json;

use crate::scene::Scene;

#[tokio::test]
async fn a_sign_out_here_ends_the_session_at_the_provider() {
    let mut scene = Scene::new(json!({ "confirm_logout": true })).await;
    scene.signed_in().await;
    let origin = scene.world.origin.clone();
    let page = scene.tab.post(&format!("{origin}/auth/logout"), &[]).await;
    assert!(page.body.contains("Sign out?"), "{page:#?}");
    let asked = page.url.query().unwrap();
    assert!(asked.contains("id_token_hint=") && asked.contains("post_logout_redirect_uri="), "{asked}");
    // Over here, whatever the user says over there.
    assert_eq!(scene.tab.session(), []);

    let page = scene.tab.submit(&page, &[("logout", "yes")]).await;
    assert_eq!((page.url.as_str(), page.body.as_str()), (format!("{origin}/").as_str(), "home"));
    assert_eq!(scene.get("/me").await.status, StatusCode::UNAUTHORIZED);
    let page = scene.get("/auth/login").await;
    assert!(page.body.contains("<h1>Sign in</h1>"), "the provider asks again");
}

#[tokio::test]
async fn who_stays_signed_in_at_the_provider_is_signed_out_here() {
    let mut scene = Scene::new(json!({ "confirm_logout": true })).await;
    scene.signed_in().await;
    let page = scene.tab.post(&format!("{}/auth/logout", scene.world.origin), &[]).await;
    scene.tab.submit(&page, &[]).await;
    assert_eq!(scene.get("/me").await.status, StatusCode::UNAUTHORIZED);
    // The provider ends what it granted to this application, and knows the user still.
    let page = scene.get("/auth/login?returnTo=/me").await;
    assert_eq!(scene.consent(&page).await.body, "ada@example.com");
}
