//! What a page is told of who is signed in.

use http::StatusCode;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, VARY, WWW_AUTHENTICATE};

use crate::world::{configured, world};

#[tokio::test]
async fn cch_03_the_user_is_told_and_never_stored() {
    let mut world = world().await;
    world.sign_in("ada@example.com").await;
    let answer = world.get("/auth/profile").await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.headers[CONTENT_TYPE], "application/json");
    assert_eq!(answer.headers[CACHE_CONTROL], "private, no-store");
    assert_eq!(answer.headers[VARY], "Cookie");
    let user: serde_json::Value = answer.json();
    assert_eq!(user["email"], "ada@example.com");
    assert!(user.get("exp").is_none() && user.get("iss").is_none(), "{user}");
}

#[tokio::test]
async fn nobody_has_no_profile() {
    let mut world = configured(|builder| builder.realm("orders")).await;
    let answer = world.get("/auth/profile").await;
    assert_eq!((answer.status, answer.body.as_str()), (StatusCode::UNAUTHORIZED, ""));
    assert_eq!(answer.headers[WWW_AUTHENTICATE], "Bearer realm=\"orders\"");
    assert_eq!(answer.headers[CACHE_CONTROL], "private, no-store");
    world.browser.plant("__session", "forged");
    assert_eq!(world.get("/auth/profile").await.status, StatusCode::UNAUTHORIZED);

    let mut world = configured(|builder| builder.no_content_profile(true)).await;
    let answer = world.get("/auth/profile").await;
    assert_eq!((answer.status, answer.body.as_str()), (StatusCode::NO_CONTENT, ""));
    assert_eq!(answer.headers[CACHE_CONTROL], "private, no-store");
}
