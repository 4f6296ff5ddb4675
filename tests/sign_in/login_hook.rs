//! The application's own word on a sign-in.

use auth_runtime::testing::provider::{ProviderBuilder, SampleUser};
use auth_runtime::{LoginDecision, NewLogin};
use auth_tests::{ORIGIN, World};
use http::StatusCode;
use serde_json::Value;

use crate::world::{configured, with_provider};

/// Grace may not; Alan has to be welcomed; everybody else gets in, with something of their ID token.
async fn decide(mut login: NewLogin) -> LoginDecision {
    assert!(login.has_refresh_token());
    let email = login.session().claim("email").unwrap();
    if email == "grace@example.com" {
        return login.deny();
    }
    if email == "alan@example.com" {
        let place = format!("/welcome?then={}", login.return_to());
        return login.redirect_to(place);
    }
    let roles = login.session().id_token_claim("roles").unwrap_or(Value::Null);
    login.session_mut().set_claim("roles", &roles).unwrap();
    login.session_mut().set("greeting", &"hello").unwrap();
    login.proceed()
}

async fn world() -> World {
    let provider = |provider: ProviderBuilder| {
        provider
            .user(SampleUser::new("Ada Lovelace", "ada@example.com").claim("roles", "admin"))
            .user(SampleUser::new("Grace Hopper", "grace@example.com"))
            .user(SampleUser::new("Alan Turing", "alan@example.com"))
    };
    with_provider(provider, |builder| builder.on_login(decide)).await
}

#[tokio::test]
async fn the_application_adds_to_a_session_that_begins() {
    let mut world = world().await;
    let answer = world.sign_in("ada@example.com").await;
    assert_eq!((answer.status, answer.location()), (StatusCode::SEE_OTHER, "http://localhost:3000/"));
    let user: Value = world.get("/auth/profile").await.json();
    assert_eq!(user["roles"], "admin");
}

#[tokio::test]
async fn whom_the_application_denies_gets_no_session() {
    let mut world = world().await;
    world.sign_in("ada@example.com").await;
    let before = world.browser.cookies["__session"].clone();
    let back = world.begin("/auth/login", "grace@example.com").await;
    let answer = world.visit(&back).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    assert!(answer.body.contains("<h1>You are not signed in</h1>"), "{}", answer.body);
    assert!(answer.body.contains(">Back to the application</a>"), "{}", answer.body);
    assert_eq!(world.browser.names(), ["__session"]);
    assert_eq!(world.browser.cookies["__session"], before);

    let answer = world.sign_in("grace@example.com").await;
    assert!(answer.body.contains("\"error\":\"access_denied\""), "{}", answer.body);
}

#[tokio::test]
async fn the_application_sends_somebody_to_another_page_of_its_own() {
    let mut world = world().await;
    let back = world.begin("/auth/login?returnTo=/orders", "alan@example.com").await;
    assert_eq!(world.get(&back).await.location(), "http://localhost:3000/welcome?then=/orders");
    assert_eq!(world.get("/me").await.body, "alan@example.com");
}

#[tokio::test]
async fn rdr_04_even_the_application_sends_nobody_to_another_origin() {
    for place in ["//evil.com", "https://evil.com/", "/\\evil.com", "/auth/logout", "javascript:alert(1)"] {
        let mut world =
            configured(|builder| builder.on_login(move |login| async move { login.redirect_to(place) }))
                .await;
        let answer = world.sign_in("ada@example.com").await;
        assert_eq!(answer.location(), format!("{ORIGIN}/"), "{place}");
    }
}

#[tokio::test]
async fn before_save_has_the_last_word_on_what_is_saved() {
    let mut world = configured(|builder| {
        builder
            .on_login(|mut login| async move {
                login.session_mut().set_claim("greeting", &"hello").unwrap();
                login.proceed()
            })
            .before_save(|mut session| async move {
                let greeting = session.claim("greeting").unwrap_or_default();
                session.set_claim("greeting", &format!("{} again", greeting.as_str().unwrap())).unwrap();
                session
            })
    })
    .await;
    world.sign_in("ada@example.com").await;
    let user: Value = world.get("/auth/profile").await.json();
    assert_eq!(user["greeting"], "hello again");
}
