//! The access token for a page, where the application wants that.

use auth_runtime::testing::provider::Endpoint;
use auth_tests::{Answer, TOKEN_LIFETIME, World};
use http::header::{CACHE_CONTROL, CONTENT_TYPE, SET_COOKIE, WWW_AUTHENTICATE};
use http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::failing_store::FailingStore;

use crate::world::configured;

const PATH: &str = "/auth/access-token";

async fn world() -> World {
    configured(|builder| builder.access_token_endpoint(true)).await
}

fn json_of(answer: &Answer) -> Value {
    assert_eq!(answer.headers[CONTENT_TYPE], "application/json");
    assert_eq!(answer.headers[CACHE_CONTROL], "private, no-store");
    answer.json()
}

fn code_of(answer: &Answer) -> String {
    let body = json_of(answer);
    assert!(body["error"]["message"].is_string(), "{body}");
    body["error"]["code"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn asvs_10_1_1_it_is_not_there_unless_it_is_wanted() {
    let mut world = crate::world::world().await;
    world.sign_in("ada@example.com").await;
    assert_eq!(world.get(PATH).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn cch_03_a_page_gets_the_token_and_nobody_keeps_it() {
    let mut world = world().await;
    world.sign_in("ada@example.com").await;
    let answer = world.send_with(Method::GET, PATH, &[("sec-fetch-site", "same-origin")]).await;
    assert_eq!(answer.status, StatusCode::OK);
    let body = json_of(&answer);
    assert_eq!(body["token"].as_str().unwrap().matches('.').count(), 2, "{body}");
    assert_eq!(body["scope"], "openid profile email offline_access");
    assert_eq!(body["expires_at"], world.clock.unix_seconds() + 60);
    assert_eq!(body["expires_in"], 60);
    assert!(!answer.headers.contains_key(SET_COOKIE), "nothing changed");
}

#[tokio::test]
async fn nobody_gets_none() {
    let mut world = configured(|builder| builder.access_token_endpoint(true).realm("orders")).await;
    // Who nobody is does not depend on the page that asks.
    for site in ["same-origin", "cross-site"] {
        let answer = world.send_with(Method::GET, PATH, &[("sec-fetch-site", site)]).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{site}");
        assert_eq!(answer.headers[WWW_AUTHENTICATE], "Bearer realm=\"orders\"");
        assert_eq!(code_of(&answer), "missing_session");
    }
    world.browser.plant("__session", "forged");
    let answer = world.get(PATH).await;
    assert_eq!((answer.status, code_of(&answer).as_str()), (StatusCode::UNAUTHORIZED, "missing_session"));
    assert_eq!(world.browser.names(), ["__session"]);
}

#[tokio::test]
async fn dos_04_a_page_that_asks_for_too_much_is_400() {
    let mut world = world().await;
    world.sign_in("ada@example.com").await;
    for (name, value) in [("scope", "s%20".repeat(5_000)), ("audience", "a".repeat(2_049))] {
        let path = format!("{PATH}?{name}={value}");
        let answer = world.send_with(Method::GET, &path, &[("sec-fetch-site", "same-origin")]).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{name}: {}", answer.body);
        assert_eq!(code_of(&answer), "parameter_too_long");
        assert!(!answer.headers.contains_key(SET_COOKIE), "{name}");
    }
}

#[tokio::test]
async fn csr_02_pages_of_other_origins_get_none() {
    let mut world = world().await;
    world.sign_in("ada@example.com").await;
    for headers in [
        &[("sec-fetch-site", "cross-site")][..],
        &[("sec-fetch-site", "same-site")],
        &[("origin", "https://evil.com")],
        &[("origin", "null")],
        &[("sec-fetch-site", "same-origin"), ("origin", "https://evil.com")],
    ] {
        let answer = world.send_with(Method::GET, PATH, headers).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{headers:?}");
        assert_eq!(code_of(&answer), "cross_site_request");
    }
    for headers in [&[][..], &[("sec-fetch-site", "none")], &[("origin", "http://localhost:3000")]] {
        assert_eq!(world.send_with(Method::GET, PATH, headers).await.status, StatusCode::OK, "{headers:?}");
    }
    assert_eq!(world.send(Method::POST, PATH).await.status, StatusCode::METHOD_NOT_ALLOWED);
}

#[tokio::test]
async fn a_token_that_has_expired_is_renewed_and_kept() {
    let mut world = world().await;
    world.sign_in("ada@example.com").await;
    let first = json_of(&world.get(PATH).await);
    world.clock.advance(TOKEN_LIFETIME);
    let answer = world.get(PATH).await;
    let second = json_of(&answer);
    assert_ne!(first["token"], second["token"]);
    assert_eq!(second["expires_in"], 60);
    assert!(second["token_type"].as_str().unwrap().eq_ignore_ascii_case("bearer"), "{second}");
    assert!(answer.headers.contains_key(SET_COOKIE));
    assert_eq!(json_of(&world.get(PATH).await)["token"], second["token"]);
    assert_eq!(world.provider.requests(Endpoint::Token), 2);
}

#[tokio::test]
async fn another_audience_has_a_token_of_its_own() {
    let mut world = world().await;
    world.sign_in("ada@example.com").await;
    let own = json_of(&world.get(PATH).await);
    let path = format!("{PATH}?audience=https%3A%2F%2Fapi.example.com&scope=openid&mergeScopes=false");
    let other = json_of(&world.get(&path).await);
    assert_ne!(own["token"], other["token"]);
    assert_eq!(other["scope"], "openid");
    assert_eq!(json_of(&world.get(&path).await)["token"], other["token"]);
    assert_eq!(json_of(&world.get(PATH).await)["token"], own["token"]);
}

#[tokio::test]
async fn without_a_refresh_token_an_expired_one_is_the_end() {
    let mut world = configured(|builder| builder.access_token_endpoint(true).scope("openid email")).await;
    world.sign_in("ada@example.com").await;
    world.clock.advance(TOKEN_LIFETIME);
    let answer = world.get(PATH).await;
    assert_eq!(
        (answer.status, code_of(&answer).as_str()),
        (StatusCode::UNAUTHORIZED, "missing_refresh_token")
    );
    assert_eq!(answer.headers[WWW_AUTHENTICATE], "Bearer realm=\"api\"");
    assert_eq!(world.browser.names(), ["__session"]);
}

#[tokio::test]
async fn a_provider_that_does_not_answer_is_not_the_users_fault() {
    let mut world = world().await;
    world.sign_in("ada@example.com").await;
    world.clock.advance(TOKEN_LIFETIME);
    world.reconfigure(|builder| builder.domain("http://localhost:9").access_token_endpoint(true));
    let answer = world.get(PATH).await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(code_of(&answer), "failed_to_refresh_token");
    assert_eq!(world.browser.names(), ["__session"]);
}

#[tokio::test]
async fn a_store_that_is_down_is_not_the_same_as_nobody() {
    let store = FailingStore::default();
    let mut world =
        configured(|builder| builder.access_token_endpoint(true).session_store(store.clone())).await;
    world.sign_in("ada@example.com").await;
    store.fail(true);
    let answer = world.get(PATH).await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(json_of(&answer)["error"]["code"], json!("session_store_unavailable"));
}
