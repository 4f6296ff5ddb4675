//! A user is asked to sign in again, and another user does.

use std::collections::BTreeSet;

use auth_runtime::AuthBuilder;
use auth_runtime::store::MemoryStore;
use auth_tests::{Noting, World};
use http::StatusCode;
use serde_json::Value;

use crate::world::configured;

const ADA: &str = "ada@example.com";
const GRACE: &str = "grace@example.com";

/// Every session holds something of its user that the application put there.
fn with_basket(builder: AuthBuilder) -> AuthBuilder {
    builder.on_login(|mut login| async move {
        let email = login.session().id_token_claim("email").unwrap();
        let basket = format!("the basket of {}", email.as_str().unwrap());
        login.session_mut().set("basket", &basket).unwrap();
        login.proceed()
    })
}

/// Another user answers the challenge that Ada's session could not meet.
async fn step_up_as_grace(world: &mut World) {
    let login = world.get("/auth/login?returnTo=/transfer&max_age=300&prompt=login").await;
    let back = world.provider.sign_in(login.location(), GRACE).unwrap();
    let answer = world.get(&back).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    assert_eq!(world.get("/me").await.body, GRACE);
}

#[tokio::test]
async fn ses_03_a_step_up_as_another_user_takes_nothing_of_the_first_ones_session() {
    let mut world = configured(with_basket).await;
    world.sign_in(ADA).await;
    let before = texts(&world.session(&world.browser));
    step_up_as_grace(&mut world).await;
    let after = world.session(&world.browser);
    assert_eq!(after["basket"], format!("the basket of {GRACE}"));
    assert_eq!(world.browser.names(), ["__session"]);
    // What both may have is what says nothing of a user.
    let shared: Vec<_> = texts(&after).intersection(&before).cloned().collect();
    assert_eq!(shared, ["openid profile email offline_access"]);
}

#[tokio::test]
async fn ses_03_the_first_ones_session_in_a_store_ends_with_a_step_up_as_another_user() {
    let store = Noting::default();
    let configure = |builder: AuthBuilder| with_basket(builder).session_store(store.clone());
    let mut world = configured(configure).await;
    world.sign_in(ADA).await;
    let adas = world.browser.cookies.clone();
    step_up_as_grace(&mut world).await;
    let records = store.noted().records;
    assert_eq!(records.len(), 1);
    for record in records.values() {
        assert!(record.text().contains(GRACE) && !record.text().contains(ADA), "one session of one user");
    }
    world.browser.cookies = adas;
    assert_eq!(world.get("/me").await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn ses_03_a_step_up_of_another_user_in_another_browser_changes_nothing_here() {
    let store = MemoryStore::new();
    let mut world = configured(|builder| builder.session_store(store)).await;
    world.sign_in(ADA).await;
    let adas = world.browser.cookies.clone();
    world.browser.cookies.clear();
    step_up_as_grace(&mut world).await;
    world.browser.cookies = adas;
    assert_eq!(world.get("/me").await.body, ADA);
}

/// Every text in the JSON, wherever it stands.
fn texts(json: &Value) -> BTreeSet<String> {
    match json {
        Value::String(text) => BTreeSet::from([text.clone()]),
        Value::Array(elements) => elements.iter().flat_map(texts).collect(),
        Value::Object(members) => members.values().flat_map(texts).collect(),
        _ => BTreeSet::new(),
    }
}
