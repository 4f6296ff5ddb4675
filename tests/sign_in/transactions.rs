//! The cookie between the two halves of a sign-in.

use auth_runtime::testing::provider::Endpoint;
use auth_tests::parameter;
use http::header::SET_COOKIE;
use http::{Method, StatusCode};

use crate::world::{configured, world};

#[tokio::test]
async fn s_bcp_2_a_callback_belongs_to_the_browser_that_began() {
    let mut world = world().await;
    let back = world.begin("/auth/login", "ada@example.com").await;
    world.browser.cookies.clear();
    assert_eq!(world.get(&back).await.status, StatusCode::BAD_REQUEST);
    assert_eq!(world.browser.names(), [""; 0]);
}

#[tokio::test]
async fn ctx_05_a_session_is_no_transaction() {
    let mut world = world().await;
    world.sign_in("ada@example.com").await;
    let session = world.browser.cookies["__session"].clone();
    world.browser.plant("__txn_X", session);
    let answer = world.get("/auth/callback?state=X&code=c").await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    assert!(!answer.headers.contains_key(SET_COOKIE));
}

#[tokio::test]
async fn ctx_07_a_transaction_under_anothers_name_is_none() {
    let mut world = world().await;
    let first = world.begin("/auth/login", "ada@example.com").await;
    let second = world.begin("/auth/login", "ada@example.com").await;
    let name = |url: &str| format!("__txn_{}", parameter(url, "state").unwrap());
    let stolen = world.browser.cookies[&name(&first)].clone();
    world.browser.plant(&name(&second), stolen);
    assert_eq!(world.get(&second).await.status, StatusCode::BAD_REQUEST);
    assert!(!world.browser.cookies.contains_key("__session"));
}

#[tokio::test]
async fn chk_26_a_transaction_that_a_host_beside_planted_is_not_read() {
    let mut world = configured(|builder| builder.cookie_secure(true)).await;
    // The attacker begins a sign-in of their own and keeps the way back.
    let back = world.begin("/auth/login", "grace@example.com").await;
    let name = format!("__Host-__txn_{}", parameter(&back, "state").unwrap());
    let value = world.browser.cookies.remove(&name).unwrap();
    assert_eq!(world.browser.names(), [""; 0]);
    // For the domain that both hosts are below, browsers take the cookie without the prefix alone.
    world.browser.plant(&name.replace("__Host-", ""), &value);
    let answer = world.get(&back).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    assert!(answer.body.contains("invalid_state"), "{}", answer.body);
    assert!(!answer.headers.contains_key(SET_COOKIE));
    assert_eq!(world.provider.requests(Endpoint::Token), 0);
    assert!(!world.browser.cookies.contains_key("__session"));

    // The one with the prefix is the visitor's own.
    world.browser.plant(&name, value);
    assert_eq!(world.get(&back).await.status, StatusCode::SEE_OTHER);
    assert_eq!(world.get("/me").await.body, "grace@example.com");
    assert!(
        !world.browser.cookies.keys().any(|name| name.starts_with("__Host-")),
        "{:?}",
        world.browser.names()
    );
}

#[tokio::test]
async fn ctx_04_a_transaction_is_no_session() {
    let mut world = world().await;
    world.get("/auth/login").await;
    let transaction = world.browser.cookies.values().next().unwrap().clone();
    world.browser.plant("__session", transaction);
    assert_eq!(world.get("/me").await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn csr_10_sign_ins_that_are_never_finished_do_not_fill_the_headers() {
    let mut world = world().await;
    for round in 0..1_000 {
        let long = format!("/auth/login?returnTo=/{}", "a".repeat(round));
        world.send_with(Method::GET, &long, &[("sec-fetch-site", "cross-site")]).await;
        let bytes: usize =
            world.browser.cookies.iter().map(|(name, value)| name.len() + value.len() + 1).sum();
        assert!(
            world.browser.cookies.len() <= 6 && bytes <= 3_500,
            "{} cookies, {bytes} bytes",
            world.browser.cookies.len()
        );
    }
    world.sign_in("ada@example.com").await;
    assert_eq!(world.get("/me").await.body, "ada@example.com");
}

#[tokio::test]
async fn a_strict_session_cookie_does_not_keep_the_sign_in_from_coming_back() {
    let mut world = world().await;
    world.reconfigure(|builder| builder.cookie_same_site(auth_runtime::codec::SameSite::Strict));
    let login = world.get("/auth/login").await;
    let line = login.headers[SET_COOKIE].to_str().unwrap();
    assert!(line.starts_with("__txn_") && line.ends_with("; SameSite=lax"), "{line}");
}

#[tokio::test]
async fn a_newer_sign_in_pushes_out_the_oldest_and_still_works() {
    let mut world = world().await;
    let oldest = world.begin("/auth/login", "ada@example.com").await;
    // The time in the cookie counts, and not the place in the header.
    let name = format!("__txn_{}", parameter(&oldest, "state").unwrap());
    let (time, sealed) = world.browser.cookies[&name]
        .split_once("%3A")
        .map(|(time, it)| (time.to_owned(), it.to_owned()))
        .unwrap();
    let earlier = time.parse::<i64>().unwrap() - 60;
    world.browser.plant(&name, format!("{earlier}%3A{sealed}"));
    let mut others = Vec::new();
    while world.browser.cookies.contains_key(&name) {
        others.push(world.begin("/auth/login", "grace@example.com").await);
        assert!(others.len() < 10);
    }
    assert_eq!(world.get(&oldest).await.status, StatusCode::BAD_REQUEST);
    for back in &others {
        assert_eq!(world.get(back).await.status, StatusCode::SEE_OTHER);
    }
}

#[tokio::test]
async fn s_ck_1_a_place_too_long_to_remember_is_forgotten_and_not_the_sign_in() {
    let mut world = world().await;
    // In JSON each of them takes two bytes.
    let long = format!("/auth/login?returnTo=/?{}", "%5C".repeat(1_900));
    let back = world.begin(&long, "ada@example.com").await;
    let sizes = world.browser.cookies.iter().map(|(name, value)| name.len() + value.len() + 1);
    assert!(sizes.max().unwrap() <= 4_096);
    let answer = world.get(&back).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    assert_eq!(answer.location(), "http://localhost:3000/");
    assert_eq!(world.get("/me").await.body, "ada@example.com");
}

#[tokio::test]
async fn what_was_asked_for_counts_and_not_what_is_configured_by_now() {
    let mut world = world().await;
    let back = world.begin("/auth/login", "ada@example.com").await;
    world.reconfigure(|auth| {
        auth.scope("openid profile write:everything").audience("https://other.example.com")
    });
    world.get(&back).await;
    let session = world.session(&world.browser);
    assert_eq!(session["tokenSet"]["requestedScope"], "openid profile email offline_access");
    assert!(session["tokenSet"].get("audience").is_none(), "{}", session["tokenSet"]);
    assert!(!session["tokenSet"]["scope"].to_string().contains("write:everything"));
}
