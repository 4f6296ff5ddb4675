//! A handler that demands a fresher sign-in than there is (RFC 9470).

use auth_runtime::testing::TestClock;
use http::StatusCode;
use serde_json::{Value, json};

use crate::scene::Scene;
use crate::tab::Page;

#[tokio::test]
async fn an_old_sign_in_is_challenged_and_a_fresh_one_passes() {
    let mut scene = Scene::new(json!({})).await;
    scene.signed_in().await;
    // Nobody asked the provider when the user was last seen, so nobody knows.
    assert_eq!(error_of(&scene.get("/transfer").await), "insufficient_user_authentication");
    // The challenge's own age is met by the sign-in of a moment ago.
    let page = scene.get("/auth/login?max_age=300&returnTo=/transfer").await;
    assert_eq!(page.body, "transferred", "{page:#?}");

    scene.world.clock.advance(400);
    assert_eq!(error_of(&scene.get("/transfer").await), "insufficient_user_authentication");

    // The provider knows the user, and asks all the same.
    scene.world.clock.set(TestClock::now().unix_seconds());
    let page = scene.get("/auth/login?max_age=0&returnTo=/transfer").await;
    let page = scene.log_in(&page, "ada").await;
    assert_eq!(page.body, "transferred", "{page:#?}");
}

fn error_of(page: &Page) -> Value {
    assert_eq!(page.status, StatusCode::UNAUTHORIZED, "{page:#?}");
    let refusal: Value = serde_json::from_str(&page.body).unwrap();
    refusal["error"].clone()
}
