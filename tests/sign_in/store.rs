//! The sign-in with sessions in a store.

use auth_tests::{NAVIGATION, World};
use http::{Method, StatusCode};

use crate::failing_store::FailingStore;
use crate::world::configured;

async fn world(store: &FailingStore) -> World {
    let store = store.clone();
    configured(|builder| builder.session_store(store)).await
}

#[tokio::test]
async fn ses_01_and_s_sm_4_a_new_sign_in_ends_the_session_before_it() {
    let mut world = world(&FailingStore::default()).await;
    world.sign_in("ada@example.com").await;
    let before = world.browser.cookies["__session"].clone();
    world.sign_in("grace@example.com").await;
    let after = world.browser.cookies["__session"].clone();
    assert_eq!(world.get("/me").await.body, "grace@example.com");
    assert_ne!(before, after);
    // Whoever planted or stole the older one has nothing.
    world.browser.plant("__session", before);
    assert_eq!(world.get("/me").await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn ses_02_and_s_sm_3_a_key_that_the_browser_brings_is_never_adopted() {
    let mut world = world(&FailingStore::default()).await;
    world.sign_in("ada@example.com").await;
    let known = world.browser.cookies["__session"].clone();
    world.sign_out("/auth/logout").await;
    // An authentic cookie whose record is gone.
    world.browser.plant("__session", known.clone());
    world.sign_in("grace@example.com").await;
    assert_ne!(world.browser.cookies["__session"], known);
    world.browser.plant("__session", known);
    assert_eq!(world.get("/me").await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn ses_05_and_s_nist_2_after_a_sign_out_the_cookie_is_nobodys() {
    let mut world = world(&FailingStore::default()).await;
    world.sign_in("ada@example.com").await;
    let stolen = world.browser.cookies["__session"].clone();
    let answer = world.sign_out("/auth/logout").await;
    assert!(answer.location().contains("logout_hint="), "{}", answer.location());
    world.browser.plant("__session", stolen);
    assert_eq!(world.get("/auth/profile").await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_store_that_is_down_signs_nobody_in_and_says_so() {
    let store = FailingStore::default();
    let mut world = world(&store).await;
    let back = world.begin("/auth/login", "ada@example.com").await;
    store.fail(true);
    let answer = world.visit(&back).await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(world.browser.names(), [""; 0]);
}

#[tokio::test]
async fn a_store_that_is_down_is_not_the_same_as_nobody() {
    let store = FailingStore::default();
    let mut world = world(&store).await;
    world.sign_in("ada@example.com").await;
    store.fail(true);
    let answer = world.get("/auth/profile").await;
    assert_eq!((answer.status, answer.body.as_str()), (StatusCode::SERVICE_UNAVAILABLE, ""));
    assert_eq!(world.browser.names(), ["__session"]);
}

#[tokio::test]
async fn ses_07_signing_out_of_a_store_that_is_down_clears_the_browser_and_says_so() {
    let store = FailingStore::default();
    let mut world = world(&store).await;
    world.sign_in("ada@example.com").await;
    store.fail(true);
    let form = [&NAVIGATION[..], &[("sec-fetch-site", "same-origin")]].concat();
    let answer = world.send_with(Method::POST, "/auth/logout", &form).await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(answer.body.contains("<h1>You are signed out in this browser</h1>"), "{}", answer.body);
    assert_eq!(world.browser.names(), [""; 0]);
}
